#!/usr/bin/env bash
# Signs a release: the programs under their names, a list with their digests, and the list's signature. All of
# it lies in one folder, which any web server can give out; `vidicon update` takes it from there.
# usage: scripts/release.sh KEY SECURE_FROM FOLDER PROGRAM...
#   KEY          the private key; openssl genpkey -algorithm ed25519 -out release.key makes one
#   SECURE_FROM  the oldest version without a known hole
#   PROGRAM      target/release/vidicon, or ARCHITECTURE=PATH for one of another processor
set -euo pipefail
[ $# -ge 4 ] || { sed -n '2,7s/^# //p' "$0" >&2; exit 2; }
key=$1 secure_from=$2 out=$3
shift 3
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$(dirname "$0")/../Cargo.toml" | head -n 1)
version=${RELEASE_VERSION:-$version}
mkdir -p "$out"
files=
for program in "$@"; do
    case $program in
        *=*) arch=${program%%=*} path=${program#*=} ;;
        *) arch=$(uname -m) path=$program ;;
    esac
    name=vidicon-$version-$arch
    install -m 755 "$path" "$out/$name"
    digest=$(sha256sum "$out/$name" | cut -d' ' -f1)
    files="$files${files:+, }\"$arch\": {\"name\": \"$name\", \"sha256\": \"$digest\", \"size\": $(stat -c %s "$out/$name")}"
done
printf '{"version": "%s", "secure_from": "%s", "files": {%s}}\n' "$version" "$secure_from" "$files" >"$out/release.json"
openssl pkeyutl -sign -rawin -inkey "$key" -in "$out/release.json" | base64 -w0 >"$out/release.json.sig"
echo "Release $version is in $out. Its public key, for the setting update.key:"
openssl pkey -in "$key" -pubout -outform DER | tail -c 32 | base64
