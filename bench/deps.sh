#!/bin/sh
# Installs the tunnels that bench/compare.py measures Sennit beside, from Debian's own packages. Root; idempotent.
#
# wireguard-go's quick version (UDP GSO/GRO) is only in bookworm-backports. It is unpacked into a folder of its own, found through a
# private apt configuration, so that neither the system's sources nor its packages change:
#   SENNIT_BENCH_CACHE   that folder [~/.cache/sennit-bench]
set -eu

packages='openvpn openssl tinc fastd wireguard-go wireguard-tools iperf3 iproute2 iputils-ping ethtool python3'
cache=${SENNIT_BENCH_CACHE:-${HOME:-/root}/.cache/sennit-bench}
mirror=http://deb.debian.org/debian
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

missing=
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "deps.sh: these packages are missing and only root can install them:$missing" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  # shellcheck disable=SC2086  # the list is meant to be split
  apt-get install -q -y --no-install-recommends $missing
fi

[ ! -x "$cache/backports/usr/bin/wireguard-go" ] || exit 0
apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$apt/etc" "$apt/lists/partial" "$apt/archives/partial" "$cache"
cat >"$apt/etc/backports.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: bookworm-backports
Components: main
Signed-By: $keyring
SOURCES

# private_apt WORDS…: apt-get that knows only bookworm-backports.
private_apt() {
  apt-get -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$apt/etc" -o Dir::Etc::Preferences=/dev/null \
    -o Dir::Etc::PreferencesParts=/dev/null -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt" -o APT::Sandbox::User=root "$@"
}
if private_apt update && (cd "$apt" && private_apt -t bookworm-backports download wireguard-go); then
  rm -rf "$cache/backports.new"
  dpkg-deb -x "$apt"/wireguard-go_*.deb "$cache/backports.new"
  dpkg-deb -f "$apt"/wireguard-go_*.deb Version >"$cache/backports.new/version"
  rm -rf "$cache/backports"
  mv "$cache/backports.new" "$cache/backports"
else
  echo "deps.sh: bookworm-backports is out of reach; compare.py leaves its wireguard-go out" >&2
fi
