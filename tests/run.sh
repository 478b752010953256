#!/usr/bin/env bash
# Runs the parts of the test suite, all of them even when one fails, and ends with one line: 'N passed, N failed'.
# The peers wait for one another half of their time: they run beside the parts that keep the processors busy, and
# print when they are done. The browser's part measures times, so it has the machine for itself.
# usage: tests/run.sh [rust] [postgres] [s3] [web] [browser] [peers]   (no name: all)
set -u
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- rust postgres s3 web browser peers
export CARGO_TERM_COLOR=never
logs=$(mktemp -d "${TMPDIR:-/tmp}/vidicon-tests.XXXXXX")
trap 'rm -rf "$logs"' EXIT

# Every part builds the whole workspace: with one crate alone its libraries would have other features, and be built again.
build() { cargo test --workspace --locked --no-run; }

run_rust() { cargo test --workspace --locked --no-fail-fast; }

# The same tests of the program and of the database layer, on the other database and with another ffmpeg: the newest one
# that PyPI has, so that both ends of what sites run are tried.
run_postgres() {
    PATH="$(newest_ffmpeg):$PATH" tests/postgres.sh env TEST_DATABASE=postgres \
        cargo test --workspace --locked --test it --test db --no-fail-fast
}

# the folder in which it is called ffmpeg
newest_ffmpeg() {
    local folder=$PWD/target/newest-ffmpeg
    mkdir -p "$folder"
    ln -sfn "$(target/venv/bin/python -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())')" "$folder/ffmpeg"
    echo "$folder"
}

# the promises of the storage again, on a second S3 server
run_s3() { crates/base/tests/peers/with-moto cargo test --workspace --locked --test storage second_server; }

run_web() { npm test --prefix web; }

run_browser() {
    build && VIDICON_BIN="$PWD/target/debug/vidicon" npm test --prefix tests/browser
}

run_peers() {
    build &&
        VIDICON_BIN="$PWD/target/debug/vidicon" tests/postgres.sh crates/base/tests/peers/with-moto \
            target/venv/bin/python -m unittest discover -v -s tests/peers -p '*_test.py'
}

# passed and failed of one part's output: cargo test, node's runner, Python's unittest
count() {
    awk '
        /^test result: / {
            for (i = 2; i <= NF; i++) { if ($i == "passed;") passed += $(i - 1); if ($i == "failed;") failed += $(i - 1) }
        }
        /^(# |ℹ )pass [0-9]+$/ { passed += $3 }
        /^(# |ℹ )fail [0-9]+$/ { failed += $3 }
        /^Ran [0-9]+ tests? in / { ran += $2 }
        /^FAILED \(|^OK \(/ {
            line = $0
            while (match(line, /(failures|errors|skipped)=[0-9]+/)) {
                split(substr(line, RSTART, RLENGTH), pair, "=")
                if (pair[1] == "skipped") ran -= pair[2]; else bad += pair[2]
                line = substr(line, RSTART + RLENGTH)
            }
        }
        END { print passed + ran - bad, failed + bad }
    ' "$1"
}

# the output of a part goes to its log; its status and its seconds lie beside it
run_part() {
    local started
    started=$(date +%s)
    (set -o pipefail; "run_$1")
    echo "$? $(($(date +%s) - started))" >"$logs/$1.ended"
}

run_here() {
    printf '\n==> %s\n' "$1"
    run_part "$1" 2>&1 | tee "$logs/$1"
}

wants() { case " $parts " in *" $1 "*) ;; *) return 1 ;; esac }

parts="$*" beside=
if wants peers && { wants rust || wants postgres; }; then
    printf '\n==> build\n'
    build && { run_part peers >"$logs/peers" 2>&1 & beside=$!; }
fi
for part in rust postgres s3 web; do
    if wants "$part"; then run_here "$part"; fi
done
if [ -n "$beside" ]; then
    wait "$beside"
    printf '\n==> peers\n'
    cat "$logs/peers"
elif wants peers; then
    run_here peers
fi
if wants browser; then run_here browser; fi

total_passed=0 total_failed=0 summary=
for part in "$@"; do
    status=1 seconds=0
    if [ -f "$logs/$part.ended" ]; then read -r status seconds <"$logs/$part.ended"; fi
    read -r passed failed <<<"$(count "$logs/$part" 2>/dev/null || echo 0 0)"
    # a part that broke before it could count counts as one failure
    if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
    if [ $((passed + failed)) = 0 ]; then failed=1; echo "$part ran no test"; fi
    total_passed=$((total_passed + passed)) total_failed=$((total_failed + failed))
    summary+=$(printf '\n%-9s %5d passed %3d failed %5d s' "$part" "$passed" "$failed" "$seconds")
done

printf '%s\n\n%d passed, %d failed\n' "$summary" "$total_passed" "$total_failed"
[ "$total_failed" = 0 ]
