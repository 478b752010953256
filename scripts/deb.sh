#!/usr/bin/env bash
# Makes the Debian package out of a built binary.
# usage: scripts/deb.sh [BINARY] [FOLDER]   (target/release/vidicon, target/debian)
set -eu
cd "$(dirname "$0")/.."
binary=${1:-target/release/vidicon}
out=${2:-target/debian}
command -v dpkg-deb >/dev/null || { echo "dpkg-deb is missing (Debian: apt-get install dpkg)" >&2; exit 1; }
[ -x "$binary" ] || { echo "$binary is not built yet: make build" >&2; exit 1; }

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
arch=$(dpkg --print-architecture)
tree=$(mktemp -d "${TMPDIR:-/tmp}/vidicon-deb.XXXXXX")
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

install -D -m 755 "$binary" "$tree/usr/bin/vidicon"
install -d "$tree/lib/systemd/system" "$tree/etc/vidicon" "$tree/usr/lib/sysctl.d" "$tree/usr/share/doc/vidicon" "$tree/DEBIAN"
sed 's#@BINARY@#/usr/bin/vidicon#; s# vidicon.socket$##; /^# With the socket/d; /^After=vidicon.socket/d' \
    packaging/vidicon.service >"$tree/lib/systemd/system/vidicon.service"
# no address yet, so that the page of first steps may set it
sed 's#@LISTEN@#127.0.0.1:9000#; s|^public_url = .*|\# public_url = "https://video.example.org"|' packaging/vidicon.toml >"$tree/etc/vidicon/vidicon.toml"
install -m 644 packaging/sysctl.conf "$tree/usr/lib/sysctl.d/60-vidicon.conf"
install -m 644 LICENSE "$tree/usr/share/doc/vidicon/copyright"
install -m 644 packaging/nginx.conf packaging/Caddyfile "$tree/usr/share/doc/vidicon/"
chmod 644 "$tree/lib/systemd/system/vidicon.service"
chmod 640 "$tree/etc/vidicon/vidicon.toml"
# what the binary was linked with: an older system refuses the package instead of failing at the first start
libc=$(grep -ao 'GLIBC_2\.[0-9]*' "$binary" | sort -uV | tail -n 1 | cut -d_ -f2)
sed "s/@VERSION@/$version/; s/@ARCH@/$arch/; s/@LIBC@/$libc/" packaging/debian/control >"$tree/DEBIAN/control"
install -m 755 packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm "$tree/DEBIAN/"
install -m 644 packaging/debian/conffiles "$tree/DEBIAN/"

mkdir -p "$out"
# DEB_COMPRESSION=none: for tests, which only look inside
dpkg-deb --root-owner-group -Z"${DEB_COMPRESSION:-xz}" --build "$tree" "$out/vidicon_${version}_$arch.deb"
