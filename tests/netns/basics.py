#!/usr/bin/python3 -B
"""What a new user tries first, over one line.

    +--------+ eth1 10.1.1.2   +---------+    wan1 +-------------+
    | client |-----------------| router1 |---------| gateway     |
    +--------+ fd01:0:0:1::2   +---------+         | 203.0.113.1 |
     inner 10.77.0.2, fd77::2                      +-------------+ inner 10.77.0.1, fd77::1
"""

import json
import subprocess
import time

from netlab.endpoint import environment, sennit
from netlab.lab import GATEWAY_V4, GATEWAY_V6, INNER_GATEWAY_V4, INNER_GATEWAY_V6, Lab, Line, wait_up
from netlab.running import SENNIT, expect, need_tools, note, run_tests, test, wait_for
from netlab.traffic import Echo, datagrams_answered, expect_ping, ping, transfer

CLIENT_V4, CLIENT_V6 = "10.77.0.2", "fd77::2"
BOTH_WAYS = [("client", INNER_GATEWAY_V4), ("gateway", CLIENT_V4), ("client", INNER_GATEWAY_V6), ("gateway", CLIENT_V6)]

NUMBER = (int, float)
TRAFFIC = {"packets": int, "bytes": int, "rate": NUMBER, "rate_max": NUMBER}
MAYBE = (int, float, type(None))
PATH = {"id": int, "link": str, "interface": str, "local": str, "remote": str, "state": str, "mtu": int, "rtt_ms": MAYBE,
        "rtt_min_ms": MAYBE, "tx_queue_delay_ms": MAYBE, "rx_queue_delay_ms": MAYBE, "loss": NUMBER, "tx": TRAFFIC,
        "rx": TRAFFIC, "capacity_tx": NUMBER, "capacity_rx": NUMBER,
        "capacity_tx_max": NUMBER, "capacity_rx_max": NUMBER, "saturated_tx": bool, "saturated_rx": bool}
PEER = {"name": str, "state": str, "handshake_age_s": MAYBE, "cipher": str, "addresses": [str], "tx": TRAFFIC, "rx": TRAFFIC,
        "queue": {"packets": int, "bytes": int, "delay_ms": NUMBER, "drops": int, "marks": int, "superseded": int},
        "reorder": {"held": int, "late": int, "lost": int, "recovered": int, "duplicates": int}, "paths": [PATH]}
STATUS = {"role": str, "version": str, "uptime_s": NUMBER,
          "tunnel": {"name": str, "mtu": int, "addresses": [str], "mode": str,
                     "offload": {"tun": str, "udp_send": str, "udp_receive": str}}, "peers": [PEER], "devices": [], "drops": {}}


def expect_shape(value, shape, place="status"):
    """Every key of the shape is there, with its type."""
    if isinstance(shape, dict):
        expect(isinstance(value, dict), f"{place} is no object: {value!r}")
        for key, inner in shape.items():
            expect(key in value, f"{place}.{key} is missing")
            expect_shape(value[key], inner, f"{place}.{key}")
    elif isinstance(shape, list):
        expect(isinstance(value, list), f"{place} is no list: {value!r}")
        for item in value:
            expect_shape(item, shape[0] if shape else object, f"{place}[]")
    else:
        good = isinstance(value, shape) and (shape is bool or shape is object or not isinstance(value, bool))
        expect(good, f"{place} is {value!r}, not {shape}")


def is_path_up(client):
    return [path["state"] for path in client.peer()["paths"]] == ["up"]


@test
def packets_of_all_kinds_pass_both_ways():
    with Lab() as lab:
        started = time.monotonic()
        server, client = lab.start()
        note(f"up {time.monotonic() - started:.2f} s after the gateway was started")
        for host, address in BOTH_WAYS:
            expect_ping(getattr(lab, host), address)
        for source, target, address in ((lab.client, lab.gateway, INNER_GATEWAY_V4), (lab.gateway, lab.client, CLIENT_V4),
                                        (lab.client, lab.gateway, INNER_GATEWAY_V6), (lab.gateway, lab.client, CLIENT_V6)):
            goodput = transfer(source, target, address, 4_000_000)
            note(f"TCP {source.short} -> {address}: {goodput / 1e6:.0f} Mbit/s, every byte as sent")
        sizes = [0, 1, 100, 512, 1200, 1392]
        for source, target, address in ((lab.client, lab.gateway, INNER_GATEWAY_V4), (lab.gateway, lab.client, CLIENT_V6)):
            echo = lab.keep(Echo(target, address))
            expect(datagrams_answered(source, echo, sizes) == len(sizes), f"UDP from {source.short} to {address}")
        for endpoint in (client, server):
            endpoint.stop()


@test
def full_size_packets_pass_with_df_over_v4():
    with Lab(Line(v6=False)) as lab:
        server, client = lab.start()
        for endpoint in (client, server):
            mtu = wait_for(lambda e=endpoint: (m := e.status()["tunnel"]["mtu"]) >= 1440 and m, 5, f"{endpoint.name}'s MTU is at least 1440")
            note(f"{endpoint.name}: mtu {mtu}")
        for host, address in BOTH_WAYS:
            expect_ping(getattr(lab, host), address, size=1440)
            expect(not ping(getattr(lab, host), address, size=1441), f"1441 bytes with DF to {address} are refused")


@test
def full_size_packets_pass_with_df_over_v6():
    with Lab(Line(v4=False)) as lab:
        server, client = lab.start()
        expect(client.peer()["paths"][0]["remote"] == f"[{GATEWAY_V6}]:6000", "the path leads over IPv6")
        for endpoint in (client, server):
            wait_for(lambda e=endpoint: e.status()["tunnel"]["mtu"] >= 1420, 5, f"{endpoint.name}'s MTU is at least 1420")
        for host, address in BOTH_WAYS:
            expect_ping(getattr(lab, host), address, size=1420)


@test
def status_tells_what_it_promises():
    with Lab() as lab:
        server, client = lab.start()
        expect_ping(lab.client, INNER_GATEWAY_V4)
        wait_for(lambda: client.peer()["paths"][0]["rtt_ms"], 3, "a round-trip time is known")
        for endpoint, role in ((client, "client"), (server, "gateway")):
            status = endpoint.status()
            expect_shape(status, STATUS)
            expect(status["role"] == role, f"role {status['role']}")
        tunnel = client.status()["tunnel"]
        expect({f"{CLIENT_V4}/24", f"{CLIENT_V6}/64"} <= set(tunnel["addresses"]), f"the addresses are assigned: {tunnel}")
        path = client.peer()["paths"][0]
        expect(path["interface"] == "eth1" and path["link"] == "eth1" and path["mtu"] == 1500, f"the path is described: {path}")
        expect(path["remote"] in (f"{GATEWAY_V4}:6000", f"[{GATEWAY_V6}]:6000"), f"its remote address: {path['remote']}")
        seen = server.peer()["paths"][0]
        expect(seen["link"] == "eth1", f"the gateway knows the link's name: {seen}")
        expect("gateway" in client.ask("status").stdout, "status without --json names the peer")


@test
def status_can_be_watched():
    with Lab() as lab:
        _, client = lab.start()
        words = [SENNIT, "status", "--json", "--watch=0.2", "--control", str(client.control)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment()) as watch:
            decoder, text, seen = json.JSONDecoder(), "", []
            while len(seen) < 3 and (line := watch.stdout.readline()):
                text += line
                try:
                    seen.append(decoder.raw_decode(text.lstrip())[0]["uptime_s"])
                    text = ""
                except json.JSONDecodeError:
                    continue
            watch.terminate()
        expect(len(seen) == 3 and seen == sorted(set(seen)), f"three objects, each later than the one before: {seen}")


@test
def links_are_listed_and_switched_by_hand():
    with Lab(Line(), Line()) as lab:
        _, client = lab.start(links=["eth1,name=adsl,up=1mbit", "eth2,name=lte,cost=3"])
        links = {link["name"]: link for link in json.loads(client.ask("link", "list", "--json").stdout)}
        expect(links["adsl"]["up"] == 1_000_000 and links["lte"]["cost"] == 3, f"the list: {links}")
        expect("adsl" in client.ask("link", "list").stdout, "the list for readers")
        client.ask("link", "down", "lte")
        wait_for(lambda: client.paths()["adsl"]["state"] == "up" and client.paths().get("lte", {}).get("state", "down") == "down",
                 2, "lte is down")
        expect_ping(lab.client, INNER_GATEWAY_V4)
        client.ask("link", "up", "lte")
        wait_for(lambda: client.paths()["lte"]["state"] == "up", 3, "lte is up again")
        client.ask("link", "set", "lte", "cost=7", "up=2mbit")
        links = {link["name"]: link for link in json.loads(client.ask("link", "list", "--json").stdout)}
        expect(links["lte"]["cost"] == 7 and links["lte"]["up"] == 2_000_000, f"the change: {links}")
        unknown = client.ask("link", "down", "dsl", check=False)
        expect(unknown.returncode in (1, 2) and "dsl" in unknown.stderr, f"an unknown link is named: {unknown}")


@test
def exit_statuses_are_as_promised():
    with Lab() as lab:
        def code(*words):
            done = sennit(*words, check=False, cwd=lab.folder)
            if done.returncode:
                expect(done.stderr.strip() and not done.stdout.strip(), f"{words}: the error goes to standard error: {done}")
            return done.returncode

        key = lab.folder / "a.key"
        expect(code("--help") == 0 and code("--version") == 0 and code("client", "--help") == 0, "help and version: 0")
        expect(code("keygen", "-o", key) == 0 and code("pubkey", key) == 0, "keys: 0")
        expect(code("keygen", "-o", key) == 1, "a key is not overwritten: 1")
        expect(code() == 2 and code("statsu") == 2 and code("status", "--jsn") == 2 and code("link") == 2, "wrong usage: 2")
        expect(code("gateway", "--key", lab.folder / "none") == 2, "a key that is missing: 2")
        expect(code("status", "--control", lab.folder / "none.sock") == 3, "nobody at the control socket: 3")
        expect(code("link", "list", "--control", lab.folder / "none.sock") == 3, "nobody at the control socket: 3")
        lab.make_gateway().start().wait_ready()
        busy = lab.make_gateway("--tun", "other0")
        busy.arguments += ["--control", lab.folder / "busy.sock", "--state", lab.folder / "busy.state"]
        busy.start()
        wait_for(lambda: not busy.is_running(), 5, "a gateway whose port is taken ends")
        expect(busy.process.returncode == 1, f"its status is 1, not {busy.process.returncode}: {busy.last_lines(3)}")


@test
def doctor_tells_what_the_machine_can_do():
    with Lab() as lab:
        text = lab.client.run(SENNIT, "doctor", env=environment(), check=False)
        expect(text.returncode in (0, 1) and "tun" in text.stdout.lower(), f"the text: {text}")
        done = lab.client.run(SENNIT, "doctor", "--json", env=environment(), check=False)
        expect(json.loads(done.stdout), "the JSON is not empty")


@test
def doctor_says_when_nobody_takes_what_it_tells():
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([SENNIT, "doctor"], stdout=full, stderr=subprocess.PIPE, text=True, env=environment(), check=False)
    expect(done.returncode == 1 and "standard output" in done.stderr, f"{done.returncode}: {done.stderr}")


@test
def doctor_without_privileges_says_what_it_could_not_try_and_nothing_else():
    need_tools("setpriv")
    words = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", SENNIT, "doctor", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, env=environment(), check=False)
    findings = {each["name"]: each for each in json.loads(done.stdout)["findings"]}
    expect(findings["nftables"]["found"] == "cannot be tried" and not done.stderr, f"{findings['nftables']} {done.stderr}")


@test
def the_control_socket_is_not_for_everybody():
    with Lab() as lab:
        server = lab.make_gateway().start()
        server.wait_ready()
        mode = server.control.stat().st_mode & 0o777
        expect(mode & 0o007 == 0, f"its mode is {mode:o}")


if __name__ == "__main__":
    run_tests()
