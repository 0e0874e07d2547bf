#!/usr/bin/python3 -B
"""Lines that take less than 1500 bytes, and routers that do not say so.

    +--------+ eth1   home +---------+ wan    wan1 +-------------+
    | client |-------------| router1 |-------------| gateway     |
    +--------+   mtu       +---------+   core_mtu  +-------------+
     inner 10.77.0.2, fd77::2                       inner 10.77.0.1, fd77::1

A datagram costs 32 bytes, UDP 8, IPv4 20 or IPv6 40: an inner packet of MTU - 60 or MTU - 80 bytes fits.
"""

import time

from netlab.lab import INNER_GATEWAY_V4, INNER_GATEWAY_V6, Lab, Line, wait_up
from netlab.running import expect, note, run_tests, test, wait_for
from netlab.traffic import expect_ping, ping, transfer

COST_V4, COST_V6 = 60, 80
BOTH_WAYS = (("client", INNER_GATEWAY_V4), ("gateway", "10.77.0.2"))


def wait_mtu(endpoint, mtu, seconds=5):
    wait_for(lambda: endpoint.status()["tunnel"]["mtu"] == mtu, seconds,
             f"{endpoint.name}'s MTU, now {endpoint.status()['tunnel']['mtu']}, is {mtu}")


def silence_icmp(lab):
    """Routers and end hosts keep to themselves that a packet was too big."""
    for host in (*lab.routers, lab.gateway, lab.client):
        host.nft("""add table inet black_hole
            add chain inet black_hole out { type filter hook output priority 0; }
            add rule inet black_hole out oifname != "sennit0" icmp type destination-unreachable drop
            add rule inet black_hole out oifname != "sennit0" icmpv6 type packet-too-big drop""")


@test
def the_tunnels_mtu_follows_the_links():
    for mtu in (1492, 1400, 1280):
        with Lab(Line(mtu=mtu, v6=False)) as lab:
            server, client = lab.start()
            for endpoint in (client, server):
                wait_mtu(endpoint, mtu - COST_V4) if mtu > 1340 else None
            for host, address in BOTH_WAYS:
                expect_ping(getattr(lab, host), address, size=mtu - COST_V4)
            transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, 500_000)
            note(f"link {mtu}: tunnel {client.status()['tunnel']['mtu']}")


@test
def a_smaller_mtu_in_mid_path_is_found_without_icmp():
    for core in (1400, 1300):
        with Lab(Line(core_mtu=core, v6=False)) as lab:
            silence_icmp(lab)
            server, client = lab.start()
            began = time.monotonic()
            for host, address in BOTH_WAYS:
                wait_for(lambda: ping(getattr(lab, host), address, size=core - COST_V4 - 8), 8, f"{host}: nearly full packets pass")
            transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, 500_000)
            transfer(lab.gateway, lab.client, "10.77.0.2", 500_000)
            for endpoint in (client, server):
                wait_for(lambda: core - 8 <= endpoint.peer()["paths"][0]["mtu"] <= core, 15,
                         f"{endpoint.name} finds the path's MTU, now {endpoint.peer()['paths'][0]['mtu']}")
            note(f"core {core}: found {time.monotonic() - began:.1f} s after both were up")


@test
def an_mtu_that_changes_while_running_is_followed():
    with Lab(Line(v6=False)) as lab:
        server, client = lab.start()
        wait_mtu(client, 1440)
        lab.client.ip("link set eth1 mtu 1400")
        lab.routers[0].ip("link set home mtu 1400")
        wait_mtu(client, 1340)
        for host, address in BOTH_WAYS:
            expect_ping(getattr(lab, host), address, size=1340, seconds=8)
        lab.client.ip("link set eth1 mtu 1500")
        lab.routers[0].ip("link set home mtu 1500")
        wait_mtu(client, 1440)
        expect_ping(lab.client, INNER_GATEWAY_V4, size=1440, seconds=8)


@test
def an_mtu_below_that_of_v6_can_be_set():
    with Lab(Line(v6=False)) as lab:
        inner = ("--address", f"{INNER_GATEWAY_V4}/24", "--peer", f"home={lab.key('home')},10.77.0.2")
        server = lab.endpoint("gateway", "gateway", lab.gateway, "--mtu", 576, *inner).start()
        server.wait_ready()
        client = lab.make_client("--mtu", 576).start()
        wait_up(client, 1)
        expect_ping(lab.client, INNER_GATEWAY_V4, size=576)
        expect(not ping(lab.client, INNER_GATEWAY_V4, size=577), "more is refused")


@test
def a_tunnel_that_grows_into_v6_gets_no_address_of_the_kernels():
    with Lab(Line(mtu=1200, core_mtu=1200, v6=False)) as lab:
        server = lab.endpoint("gateway", "gateway", lab.gateway, "--address", f"{INNER_GATEWAY_V4}/24",
                              "--peer", f"home={lab.key('home')},10.77.0.2").start()
        server.wait_ready()
        client = lab.make_client().start()
        wait_up(client, 1)
        wait_mtu(client, 1200 - COST_V4)
        for host, interface in ((lab.client, "eth1"), (lab.routers[0], "home"), (lab.routers[0], "wan"), (lab.gateway, "wan1")):
            host.ip(f"link set {interface} mtu 1500")
        wait_mtu(client, 1500 - COST_V4)
        wait_for(lambda: not lab.client.ip("-6 addr show dev sennit0"), 1, "no address of IPv6")


@test
def a_router_that_shrinks_while_running_is_noticed():
    with Lab(Line(v6=False)) as lab:
        lab.start()
        expect_ping(lab.client, INNER_GATEWAY_V4, size=1440)
        silence_icmp(lab)
        lab.routers[0].ip("link set wan mtu 1380")
        lab.gateway.ip("link set wan1 mtu 1380")
        transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, 300_000, seconds=25)


@test
def inner_v6_passes_over_a_link_of_1280():
    for line, cost in ((Line(mtu=1280, v6=False), COST_V4), (Line(mtu=1280, v4=False), COST_V6)):
        with Lab(line) as lab:
            lab.start()
            expect_ping(lab.client, INNER_GATEWAY_V6)
            expect_ping(lab.gateway, "fd77::2")
            # IPv6 promises 1280 bytes on every link: what does not fit whole goes in fragments of ours.
            expect_ping(lab.client, INNER_GATEWAY_V6, size=1280)
            expect_ping(lab.gateway, "fd77::2", size=1280)
            expect_ping(lab.client, INNER_GATEWAY_V4, size=1280 - cost)
            transfer(lab.client, lab.gateway, INNER_GATEWAY_V6, 500_000)


@test
def links_of_unlike_mtu_carry_what_fits_them():
    with Lab(Line(v6=False), Line(mtu=1400, v6=False)) as lab:
        _, client = lab.start()
        for host, address in BOTH_WAYS:
            expect_ping(getattr(lab, host), address, size=client.status()["tunnel"]["mtu"])
        transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, 2_000_000)
        transfer(lab.gateway, lab.client, "10.77.0.2", 2_000_000)


@test
def an_mtu_set_by_hand_is_kept():
    with Lab(Line(v6=False)) as lab:
        server, client = lab.start("--mtu", "1300", gateway=("--mtu", "1300"))
        for endpoint in (client, server):
            wait_mtu(endpoint, 1300, 1)
        expect_ping(lab.client, INNER_GATEWAY_V4, size=1300)
        expect(not ping(lab.client, INNER_GATEWAY_V4, size=1301), "more is refused")


if __name__ == "__main__":
    run_tests()
