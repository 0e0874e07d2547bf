#!/bin/sh
# TCP through Sennit and through OpenVPN, on the same rig in the same run: prints the medians and their ratio.
#
#     +--------+ wire 10.1.1.2              10.1.1.1 wire +---------+
#     | client |------------ one veth, MTU 1500 ----------| gateway |
#     +--------+                                          +---------+
#     sennit 10.77.0.2, openvpn 10.88.0.2        sennit 10.77.0.1, openvpn 10.88.0.1
#
#   sudo bench/openvpn.sh [ROUNDS] [SECONDS]      default 3 rounds of 4 s; SENNIT=PROGRAM skips the build
# OpenVPN as Debian has it: UDP, AES-256-GCM, tun-mtu 1500, no kernel module. Both run side by side, one is measured at a time.
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-3}
seconds=${2:-4}

fail() {
  echo "openvpn.sh: $*" >&2
  exit 1
}
[ "$(id -u)" -eq 0 ] || fail "network namespaces need root"
for tool in openvpn openssl iperf3; do
  command -v $tool >/dev/null || fail "$tool is not installed; scripts/deps.sh installs it"
done
if [ -z "${SENNIT:-}" ]; then
  cmake --preset release >/dev/null
  cmake --build --preset release
  SENNIT=build/release/src/sennit
fi

client=sennit-bench$$-client
gateway=sennit-bench$$-gateway
folder=$(mktemp -d)
pids=
clean_up() {
  status=$?
  trap - EXIT INT TERM
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for pid in $pids; do wait "$pid" 2>/dev/null || true; done
  ip netns delete "$client" 2>/dev/null || true
  ip netns delete "$gateway" 2>/dev/null || true
  if [ "$status" -ne 0 ]; then tail -n 10 "$folder"/*.log >&2 || true; fi
  rm -rf "$folder"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# run HOST NAME COMMAND…: starts a program in the background.
run() {
  host=$1
  log=$folder/$2.log
  shift 2
  ip netns exec "$host" "$@" >"$log" 2>&1 &
  pids="$pids $!"
}

ip netns add "$client"
ip netns add "$gateway"
ip link add name wire netns "$client" type veth peer name wire netns "$gateway"
for end in "$client 2" "$gateway 1"; do
  ip -n "${end% *}" link set lo up
  ip -n "${end% *}" addr add "10.1.1.${end#* }/24" dev wire
  ip -n "${end% *}" link set wire up
done

gateway_key=$("$SENNIT" keygen -o "$folder/gateway.key")
client_key=$("$SENNIT" keygen -o "$folder/client.key")
run "$gateway" sennit-gateway "$SENNIT" gateway --key "$folder/gateway.key" --peer "client=$client_key,10.77.0.2" \
  --control "$folder/gateway.sock" --state "$folder/gateway.state"
run "$client" sennit-client "$SENNIT" client --key "$folder/client.key" --gateway 10.1.1.1:6000 --gateway-key "$gateway_key" \
  --link wire --control "$folder/client.sock" --state "$folder/client.state"

for name in gateway client; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$name" \
    -keyout "$folder/$name.pem" -out "$folder/$name.crt" 2>/dev/null
done
fingerprint() { openssl x509 -in "$folder/$1.crt" -noout -fingerprint -sha256 | sed 's/.*=//'; }
common="--dev tun --proto udp --cipher AES-256-GCM --data-ciphers AES-256-GCM --tun-mtu 1500 --disable-dco --verb 3"
# shellcheck disable=SC2086  # the options are meant to be split
run "$gateway" openvpn-gateway openvpn $common --lport 1194 --tls-server --dh none --ifconfig 10.88.0.1 10.88.0.2 \
  --cert "$folder/gateway.crt" --key "$folder/gateway.pem" --peer-fingerprint "$(fingerprint client)"
# shellcheck disable=SC2086
run "$client" openvpn-client openvpn $common --nobind --remote 10.1.1.1 1194 --tls-client --ifconfig 10.88.0.2 10.88.0.1 \
  --cert "$folder/client.crt" --key "$folder/client.pem" --peer-fingerprint "$(fingerprint gateway)"

for address in 10.77.0.1 10.88.0.1; do
  tries=0
  until ip netns exec "$client" ping -n -c 1 -W 1 "$address" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 15 ] || fail "$address does not answer"
    sleep 0.5
  done
done
run "$gateway" iperf3-server iperf3 --server
sleep 0.5

# measure TUNNEL ADDRESS DIRECTION [-R]: adds a figure in Mbit/s to the results.
measure() {
  tunnel=$1
  address=$2
  direction=$3
  shift 3
  ip netns exec "$client" timeout $((seconds + 15)) iperf3 --json --client "$address" --time "$seconds" --omit 1 "$@" \
    >"$folder/iperf3.json" || fail "iperf3 through $tunnel failed: $(cat "$folder/iperf3.json")"
  python3 -c "
import json, sys
rate = json.load(open(sys.argv[1]))['end']['sum_received']['bits_per_second'] / 1e6
print('$tunnel', '$direction', round(rate))" "$folder/iperf3.json" | tee -a "$folder/results"
}

for round in $(seq "$rounds"); do
  echo "round $round of $rounds (Mbit/s):"
  measure sennit 10.77.0.1 up
  measure openvpn 10.88.0.1 up
  measure sennit 10.77.0.1 down -R
  measure openvpn 10.88.0.1 down -R
done

python3 - "$folder/results" <<'TABLE'
import statistics, sys
figures = {}
for line in open(sys.argv[1]):
    tunnel, direction, rate = line.split()
    figures.setdefault((tunnel, direction), []).append(int(rate))
median = {key: statistics.median(rates) for key, rates in figures.items()}
print(f"\n{'medians, Mbit/s':18}{'Sennit':>10}{'OpenVPN':>10}{'ratio':>8}")
for direction, name in (("up", "client -> gateway"), ("down", "gateway -> client")):
    ours, theirs = median["sennit", direction], median["openvpn", direction]
    print(f"{name:18}{ours:10.0f}{theirs:10.0f}{ours / theirs:8.2f}")
TABLE
