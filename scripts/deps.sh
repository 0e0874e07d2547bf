#!/bin/sh
# Installs everything Sennit needs to build, test and run the demo, from Debian's own packages. Idempotent.
set -eu

packages='
  build-essential g++ clang clang-format clang-tidy libclang-rt-14-dev llvm lld
  cmake ninja-build ccache pkg-config git ca-certificates
  libboost1.81-dev libsodium-dev libnl-3-dev libnl-route-3-dev libnftables-dev libcap-ng-dev libsqlite3-dev
  libspdlog-dev libcli11-dev libtomlplusplus-dev nlohmann-json3-dev
  libgtest-dev libgmock-dev libbenchmark-dev
  iproute2 iputils-ping nftables ethtool iperf3 procps util-linux
  tcpdump tshark gcovr python3 python3-dissononce python3-cryptography man-db
'
# The fast AES-256-GCM is x86's alone.
[ "$(dpkg --print-architecture)" != amd64 ] || packages="$packages libipsec-mb-dev"

# For the tests under Debian's own kernel; where they cannot be had, those tests are skipped.
optional='qemu-system-x86 busybox-static cpio kmod xz-utils'

is_installed() {
  dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'
}

missing=
for package in $packages; do
  is_installed "$package" || missing="$missing $package"
done
missing_optional=
for package in $optional; do
  is_installed "$package" || missing_optional="$missing_optional $package"
done
[ -n "$missing$missing_optional" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  [ -n "$missing" ] || exit 0
  echo "deps.sh: these packages are missing and only root can install them:$missing" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086  # the lists are meant to be split
[ -z "$missing" ] || apt-get install -q -y --no-install-recommends $missing
# shellcheck disable=SC2086
[ -z "$missing_optional" ] || apt-get install -q -y --no-install-recommends $missing_optional ||
  echo "deps.sh: not to be had here, so the tests under Debian's kernel are skipped:$missing_optional" >&2
