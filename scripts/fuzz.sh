#!/usr/bin/env bash
# Throws invented bytes at what reads other servers' documents and headers, each target for so many seconds.
# usage: scripts/fuzz.sh [seconds]
# Needs rustup: the compiler is the nightly one, and cargo-fuzz is built once and kept for later clones.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
version=0.13.2
tools=${XDG_CACHE_HOME:-$HOME/.cache}/vidicon/cargo-fuzz-$version

case $seconds in
'' | *[!0-9]*)
    echo "fuzz: '$seconds' is no number of seconds" >&2
    exit 2
    ;;
esac
if ! command -v rustup >/dev/null 2>&1; then
    echo "fuzz: rustup is missing, see https://rustup.rs" >&2
    exit 1
fi
if ! rustup toolchain list | grep -q '^nightly'; then
    echo "fuzz: installing the nightly compiler" >&2
    rustup toolchain install nightly --profile minimal >&2
fi
if ! [ -x "$tools/bin/cargo-fuzz" ]; then
    echo "fuzz: building cargo-fuzz $version, once" >&2
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_TARGET_DIR="$PWD/target/cargo-fuzz" \
        cargo install cargo-fuzz --version "$version" --locked --quiet --root "$tools"
    rm -rf target/cargo-fuzz
fi

# What has to be read begins with what is really sent.
for target in $(cd fuzz/fuzz_targets && printf '%s\n' *.rs); do
    target=${target%.rs}
    corpus=target/fuzz-corpus/$target
    mkdir -p "$corpus"
    [ "$target" != activity ] || cp -n fixtures/fediverse/*.json "$corpus/"
    echo "fuzz: $target for $seconds seconds" >&2
    PATH=$tools/bin:$PATH cargo +nightly fuzz run --target-dir target/fuzz "$target" "$corpus" -- \
        -max_total_time="$seconds" -verbosity=0 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
done
