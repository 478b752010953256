#!/usr/bin/env bash
# Licences, bans and sources of every dependency; advisories too where their database can be read.
# cargo-deny is built once, without optimisation (under two minutes on two cores), and kept for later clones.
set -eu
cd "$(dirname "$0")/.."
version=0.20.2
tools=${XDG_CACHE_HOME:-$HOME/.cache}/vidicon/cargo-deny-$version

if ! [ -x "$tools/bin/cargo-deny" ]; then
    echo "deny: building cargo-deny $version, once" >&2
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_TARGET_DIR="$PWD/target/cargo-deny" \
        cargo install cargo-deny --version "$version" --locked --no-default-features --quiet --root "$tools"
    rm -rf target/cargo-deny
fi

"$tools/bin/cargo-deny" --locked check licenses bans sources

database=${CARGO_HOME:-$HOME/.cargo}/advisory-dbs
if timeout 120 "$tools/bin/cargo-deny" --locked fetch db >/dev/null 2>&1; then
    "$tools/bin/cargo-deny" --locked check --disable-fetch advisories
elif [ -n "$(ls -A "$database"/*/crates 2>/dev/null)" ]; then
    echo "deny: the advisory database could not be renewed, the copy on this machine is used" >&2
    "$tools/bin/cargo-deny" --locked check --disable-fetch advisories
else
    echo "deny: advisories NOT checked, their database cannot be reached from here and there is no copy" >&2
fi
