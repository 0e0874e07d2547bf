#!/bin/sh
# Shows Sennit at work on this machine alone: builds it, lays two emulated access lines between a home and a gateway,
# starts both ends as a user would, and measures what the tunnel carries. Nothing is left behind.
#   sudo scripts/demo.sh        SENNIT=PROGRAM skips the build and shows that program instead
set -eu
cd "$(dirname "$0")/.."

adsl_mbit=20
lte_mbit=10
seconds=3 # of each transfer
tun=demo$$

fail() {
  echo "demo.sh: $*" >&2
  exit 1
}
[ "$(id -u)" -eq 0 ] || fail "network namespaces need root; run sudo scripts/demo.sh"

scripts/deps.sh
if [ -z "${SENNIT:-}" ]; then
  echo "Building (the first time takes some minutes) …"
  mkdir -p build
  if ! { cmake --preset release && cmake --build --preset release; } >build/demo-build.log 2>&1; then
    tail -n 30 build/demo-build.log >&2
    fail "the build failed, see build/demo-build.log"
  fi
  SENNIT=build/release/src/sennit
fi
[ -x "$SENNIT" ] || fail "$SENNIT is not a program"

home=sennit-demo$$-home
gateway=sennit-demo$$-gateway
folder=$(mktemp -d)
pids=
clean_up() {
  status=$?
  trap - EXIT INT TERM
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for pid in $pids; do wait "$pid" 2>/dev/null || true; done
  ip netns delete "$home" 2>/dev/null || true
  ip netns delete "$gateway" 2>/dev/null || true
  if [ "$status" -ne 0 ]; then
    for log in "$folder"/*.log; do
      [ -s "$log" ] && { echo "--- ${log##*/}"; tail -n 20 "$log"; } >&2
    done
    echo "demo.sh: the demo FAILED" >&2
  fi
  rm -rf "$folder"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# line NAME NUMBER MBIT: an access line between home and gateway, of that rate in both directions.
# Offloads are off, so that packets are as large as on a real line.
line() {
  ip link add name "$1" netns "$home" type veth peer name "$1" netns "$gateway"
  for end in "$home 2" "$gateway 1"; do
    # shellcheck disable=SC2086  # name and number
    set -- "$1" "$2" "$3" $end
    ip -n "$4" addr add "10.1.$2.$5/24" dev "$1"
    ip -n "$4" link set "$1" up
    ip netns exec "$4" ethtool -K "$1" tso off gso off gro off >/dev/null
    tc -n "$4" qdisc add dev "$1" root tbf rate "$3mbit" burst 16kB latency 50ms
  done
}

at_home() { ip netns exec "$home" "$@"; }
sennit_home() { "$SENNIT" "$@" --control "$folder/home.sock"; }

# ask EXPRESSION: a Python expression over the client's status.
ask() {
  sennit_home status --json | python3 -c "
import json, sys
status = json.load(sys.stdin)
paths = {p['link']: p for peer in status['peers'] for p in peer['paths']}
print($1)"
}

# wait_until WHAT EXPRESSION: polls the client's status for at most 10 seconds.
wait_until() {
  for _ in $(seq 100); do
    [ "$(ask "$2" 2>/dev/null)" = True ] && return
    sleep 0.1
  done
  fail "$1 did not happen within 10 seconds"
}

# goodput [-R]: Mbit/s of one TCP connection through the tunnel, as the receiver counts it.
goodput() {
  ip netns exec "$gateway" iperf3 --server --one-off --bind 10.77.0.1 >"$folder/iperf3-server.log" 2>&1 &
  server=$!
  pids="$pids $server"
  for _ in $(seq 50); do
    ip netns exec "$gateway" ss -Hltn 'sport = :5201' | grep -q . && break
    sleep 0.05
  done
  at_home timeout $((seconds + 15)) iperf3 --json --client 10.77.0.1 --time "$seconds" "$@" >"$folder/iperf3.json" ||
    fail "iperf3 failed: $(cat "$folder/iperf3.json")"
  wait "$server" || fail "the iperf3 server failed"
  python3 -c "
import json, sys
print(round(json.load(open(sys.argv[1]))['end']['sum_received']['bits_per_second'] / 1e6, 1))" "$folder/iperf3.json"
}

# measure TITLE: a line of the table; goes to the variables up and down.
measure() {
  up=$(goodput)
  down=$(goodput -R)
  printf '  %-22s %9s Mbit/s %9s Mbit/s\n' "$1" "$up" "$down"
}

cat <<PICTURE

Two lines between a home and a gateway, on this machine; neither end is told their rates:

    +--------+  adsl  $adsl_mbit Mbit/s   10.1.1.0/24   +---------+
    |        |--------------------------------|         |
    |  home  |                                | gateway |
    |        |--------------------------------|         |
    +--------+  lte   $lte_mbit Mbit/s   10.1.2.0/24   +---------+
    10.77.0.2 ========== the tunnel ========== 10.77.0.1

PICTURE

ip netns add "$home"
ip netns add "$gateway"
for host in "$home" "$gateway"; do ip -n "$host" link set lo up; done
line adsl 1 "$adsl_mbit"
line lte 2 "$lte_mbit"
ip -n "$gateway" addr add 203.0.113.1/32 dev lo
ip -n "$home" route add 203.0.113.1 via 10.1.1.1 dev adsl metric 1
ip -n "$home" route add 203.0.113.1 via 10.1.2.1 dev lte metric 2

gateway_key=$("$SENNIT" keygen -o "$folder/gateway.key")
home_key=$("$SENNIT" keygen -o "$folder/home.key")

echo "Starting both ends:"
echo "  gateway$ sennit gateway --key gateway.key --peer home=$home_key"
echo "  home$    sennit client --key home.key --gateway 203.0.113.1:6000 --gateway-key $gateway_key \\"
echo "               --link adsl --link lte"
ip netns exec "$gateway" "$SENNIT" gateway --key "$folder/gateway.key" --peer "home=$home_key" --tun "$tun" \
  --control "$folder/gateway.sock" --state "$folder/gateway.state" >"$folder/gateway.log" 2>&1 &
pids="$pids $!"
ip netns exec "$home" "$SENNIT" client --key "$folder/home.key" --gateway 203.0.113.1:6000 --gateway-key "$gateway_key" \
  --link adsl --link lte --tun "$tun" \
  --control "$folder/home.sock" --state "$folder/home.state" >"$folder/home.log" 2>&1 &
pids="$pids $!"
wait_until "the tunnel over both lines" "{n: p['state'] for n, p in paths.items()} == {'adsl': 'up', 'lte': 'up'}"
echo "Up over both lines; the MTU inside is $(ask "status['tunnel']['mtu']")."
echo

echo "Ping through the tunnel:"
at_home ping -n -c 3 -i 0.2 -W 2 10.77.0.1 | sed -n 's/^/  /; /bytes from\|rtt/p'
echo

printf 'One TCP connection, %s s each:      home -> gateway  gateway -> home\n' "$seconds"
for pair in "adsl lte" "lte adsl"; do
  alone=${pair% *}
  other=${pair#* }
  sennit_home link down "$other" >/dev/null
  measure "$alone alone"
  sennit_home link up "$other" >/dev/null
  wait_until "$other coming back" "paths.get('$other', {}).get('state') == 'up'"
done
before=$(ask "{n: (p['tx']['bytes'], p['rx']['bytes']) for n, p in paths.items()}")
measure "both lines"
echo

echo "What each line carried of the last transfer:"
ask "'\n'.join('  %-6s sent %6.1f MB, received %6.1f MB' % (n, (p['tx']['bytes'] - ${before}[n][0]) / 1e6,
     (p['rx']['bytes'] - ${before}[n][1]) / 1e6) for n, p in sorted(paths.items()))"
[ "$(ask "all(p['tx']['bytes'] - ${before}[n][0] > 100000 and p['rx']['bytes'] - ${before}[n][1] > 100000
     for n, p in paths.items())")" = True ] || fail "a line carried nothing"
for rate in "$up" "$down"; do
  [ "${rate%.*}" -ge 1 ] || fail "a transfer over both lines reached $rate Mbit/s only"
done
echo
echo "Goodput over both lines: $up Mbit/s up, $down Mbit/s down, of $((adsl_mbit + lte_mbit)) Mbit/s that the lines have together."

for pid in $pids; do
  kill "$pid" 2>/dev/null || continue
  wait "$pid" || fail "an endpoint did not end well"
done
pids=
echo "Both ends are stopped, the namespaces are deleted. README.md tells how to do this with two machines."
