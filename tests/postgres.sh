#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own: a fresh cluster in a temporary folder, on a free loopback port,
# gone when the command ends. The command finds it in TEST_POSTGRES_URL.
# usage: tests/postgres.sh COMMAND…
set -eu

[ $# -gt 0 ] || { echo "usage: tests/postgres.sh COMMAND…" >&2; exit 2; }

bin=$(dirname "$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)")
[ -x "$bin/initdb" ] || { echo "PostgreSQL is not installed (Debian: apt-get install postgresql)" >&2; exit 1; }

folder=$(mktemp -d "${TMPDIR:-/tmp}/vidicon-postgres.XXXXXX")
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

# PostgreSQL refuses to run as root, so root lends it to Debian's user of that name
as_owner() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

stop() {
    trap - EXIT INT TERM
    as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'stop; exit 130' INT TERM

printf '%s\n' "$password" >"$folder/password"
[ "$(id -u)" != 0 ] || chown -R postgres "$folder"
as_owner "$bin/initdb" -D "$folder/data" -U vidicon --auth=md5 --pwfile="$folder/password" \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
cat >>"$folder/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
max_connections = 200
shared_buffers = ${POSTGRES_SHARED_BUFFERS:-128MB}
fsync = ${POSTGRES_FSYNC:-off}
synchronous_commit = ${POSTGRES_FSYNC:-off}
full_page_writes = ${POSTGRES_FSYNC:-off}
max_wal_size = 4GB
CONF

# the port is tried, not looked up: another program may take it in between
for attempt in 1 2 3 4 5 6 7 8; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    if as_owner "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -o "-p $port" start >/dev/null 2>&1; then
        started=yes
        break
    fi
done
[ "${started:-}" = yes ] || { cat "$folder/log" >&2; echo "PostgreSQL did not start in $attempt attempts" >&2; exit 1; }

export TEST_POSTGRES_URL="postgres://vidicon:$password@127.0.0.1:$port/postgres"
status=0
"$@" || status=$?
exit "$status"
