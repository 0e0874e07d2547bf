#!/usr/bin/python3 -B
"""A gateway with several addresses, of which some are dead; and one that is gone for a while. The network is netlab.lab's."""

import time

from netlab.endpoint import Endpoint
from netlab.lab import GATEWAY_V4, GATEWAY_V6, INNER_GATEWAY_V4, Lab, Line, wait_up
from netlab.running import expect, note, run_tests, test, wait_for
from netlab.traffic import expect_ping, ping

DEAD_V4, DEAD_V6 = "203.0.113.77", "2001:db8::77"
ELSEWHERE = "192.0.2.1"  # where only a default route leads


def swallow(lab: Lab, *dead: str) -> None:
    """What is sent to these addresses is lost, and nobody is told."""
    for router in lab.routers:
        rules = "\n".join(f"add rule inet dead forward {'ip6' if ':' in each else 'ip'} daddr {each} drop" for each in dead)
        router.nft(f"add table inet dead\nadd chain inet dead forward {{ type filter hook forward priority -10; }}\n{rules}")
        router.ip("route add 203.0.113.0/24 dev wan")
        router.ip("-6 route add 2001:db8::/64 dev wan")


def seconds_to_start(*addresses: str) -> float:
    """Until both paths are up of a client that looks for its gateway at these addresses."""
    with Lab(Line(), Line()) as lab:
        swallow(lab, DEAD_V4, DEAD_V6)
        lab.make_gateway().start().wait_ready()
        client = lab.make_client(gateways=addresses)
        began = time.monotonic()
        client.start()
        wait_up(client, 2)
        took = time.monotonic() - began
        expect_ping(lab.client, INNER_GATEWAY_V4)
        return took


@test
def dead_addresses_of_the_gateway_cost_less_than_a_second_at_the_start():
    live = f"{GATEWAY_V4}:6000"
    alone = seconds_to_start(live)
    for dead in ([f"{DEAD_V4}:6000"], [f"[{DEAD_V6}]:6000"], [f"[{DEAD_V6}]:6000", f"{DEAD_V4}:6000", f"[{GATEWAY_V6}]:6001"]):
        took = seconds_to_start(*dead, live)
        note(f"{len(dead)} dead before the live one: {took:.2f} s, alone {alone:.2f} s")
        expect(took < alone + 0.9, f"{dead}: {took:.2f} s")


def device_to(lab: Lab, address: str) -> str:
    return lab.client.ip_json(f"route get {address}")[0]["dev"]


def expect_way(lab: Lab, address: str, device: str, seconds: float) -> float:
    """Waits until the client's packets to ADDRESS leave by DEVICE; how long that took."""
    began = time.monotonic()
    wait_for(lambda: device_to(lab, address) == device, seconds, f"{address} is reached by {device}")
    return time.monotonic() - began


def warnings(client: Endpoint) -> list:
    return [line for line in client.log.read_text().splitlines() if "directly" in line]


@test
def hosts_go_out_directly_while_the_gateway_is_gone_where_that_is_asked_for():
    with Lab() as lab:
        neighbour = lab.add_host("neighbour")
        address = neighbour.ip_json("addr show dev eth0")[0]["addr_info"][0]["local"]
        server, client = lab.start("--route", "default", "--route", "172.16.0.0/12", "--fallback", "direct", "--fallback-after", "2s")
        expect_way(lab, ELSEWHERE, "sennit0", 2)
        server.kill()
        took = expect_way(lab, ELSEWHERE, "eth1", 10)
        note(f"directly after {took:.1f} s")
        expect(took > 2, f"not before the gateway was silent for 2 s: {took:.1f} s")
        expect_ping(lab.client, address)
        expect(device_to(lab, "172.16.0.1") == "sennit0", "other routes stay")
        expect(len(warnings(client)) == 1, f"a warning says so: {warnings(client)}")
        server.start()
        note(f"into the tunnel again after {expect_way(lab, ELSEWHERE, 'sennit0', 10):.1f} s")
        expect_ping(lab.client, INNER_GATEWAY_V4)


@test
def nothing_leaves_beside_the_tunnel_while_the_gateway_is_gone_unless_that_is_asked_for():
    with Lab() as lab:
        server, client = lab.start("--route", "default")
        server.kill()
        wait_for(lambda: client.peer()["state"] == "down", 5, "the gateway is gone")
        end = time.monotonic() + 4
        while time.monotonic() < end:
            expect(device_to(lab, ELSEWHERE) == "sennit0", "the default route stays")
            time.sleep(0.2)
        expect(not ping(lab.client, GATEWAY_V6, wait=0.5), "nothing is answered")


if __name__ == "__main__":
    run_tests()
