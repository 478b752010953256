#!/usr/bin/env bash
# Installs what a target of the Makefile needs and says what it cannot install.
# usage: scripts/setup.sh run|test|lint|bench
# On Debian and its children missing packages come from apt; elsewhere they are named. Nothing missing: a few ms.
set -eu
cd "$(dirname "$0")/.."
purpose=${1:-run}

say() { printf '%s\n' "setup: $*" >&2; }

# a command that must be there, and the Debian package that has it
wanted_commands() {
    echo "cc build-essential"
    echo "pkg-config pkg-config"
    echo "ffmpeg ffmpeg"
    echo "ffprobe ffmpeg"
    case $purpose in
    test)
        echo "chromium chromium"
        echo "python3 python3"
        echo "openssl openssl"
        echo "pebble pebble"
        echo "slapd slapd"
        echo "nginx nginx-light"
        echo "caddy caddy"
        ;;
    bench)
        echo "python3 python3"
        echo "wrk wrk"
        echo "nginx nginx-light"
        ;;
    esac
}

postgres_is_there() {
    command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

missing_packages() {
    wanted_commands | while read -r command package; do
        case $command:$PATH in
        nginx:* | slapd:*) [ -x "/usr/sbin/$command" ] && continue ;;
        esac
        command -v "$command" >/dev/null 2>&1 || echo "$package"
    done
    case $purpose in
    test | bench)
        postgres_is_there || echo postgresql
        python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || echo python3-venv
        [ "$purpose" = test ] || python3 -c 'import cryptography' >/dev/null 2>&1 || echo python3-cryptography
        ;;
    esac
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
    if ! command -v apt-get >/dev/null 2>&1; then
        say "please install (Debian's names): $*"
        exit 1
    fi
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
        say "please run as root: apt-get install -y $*"
        exit 1
    fi
    say "installing $*"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

check_toolchains() {
    if ! command -v cargo >/dev/null 2>&1; then
        say "Rust is missing: 1.95 or newer, see https://rustup.rs"
        exit 1
    fi
    if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
        say "Node is missing: version 20 or newer with npm (Debian 13: apt-get install nodejs npm; the one of Debian 12 is older)"
        exit 1
    fi
}

# npm ci, again only when the lock file has changed
install_node_packages() {
    local folder=$1 stamp=$1/node_modules/.installed
    [ -f "$folder/package-lock.json" ] || return 0
    cmp -s "$folder/package-lock.json" "$stamp" && return 0
    say "installing the packages of $folder"
    (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error >&2)
    cp "$folder/package-lock.json" "$stamp"
}

# a Python environment with the pinned tools, made again only when the list has changed
install_python_packages() {
    local list=$1 venv=$2
    cmp -s "$list" "$venv/installed.txt" && return 0
    say "installing the Python tools of $list"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$list" >&2
    cp "$list" "$venv/installed.txt"
}

check_toolchains
packages=$(missing_packages | sort -u | tr '\n' ' ')
# shellcheck disable=SC2086 # one word for each package
[ -z "${packages// /}" ] || install_packages $packages
install_node_packages web
if [ "$purpose" = test ]; then
    install_node_packages tests/browser
    install_node_packages tests/peers/oidc
    install_node_packages tests/peers/saml
    install_node_packages tests/peers/clients
    install_python_packages tests/peers/requirements.txt target/venv
fi
