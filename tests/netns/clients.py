#!/usr/bin/python3 -B
"""Several clients at one gateway.

    +--------+ eth1 10.1.1.2   +---------+
    | client |-----------------|         |     wan1 +-------------+
    +--------+ inner 10.77.0.2 | router1 |----------| gateway     |
    +--------+                 |         |          | 203.0.113.1 |
    | other  |-----------------|         |          +-------------+ inner 10.77.0.1
    +--------+ eth0 10.3.N.2   +---------+
               inner 10.77.0.3
"""

import socket

from netlab.lab import INNER_GATEWAY_V4, Lab, wait_up
from netlab.running import expect, run_tests, test, wait_for
from netlab.traffic import Echo, datagrams_answered, expect_ping, transfer

PEERS = {"home": "10.77.0.2", "other": "10.77.0.3"}


def start_two(lab, peers):
    """A gateway whose host forwards, and both clients, up."""
    lab.gateway.set_sysctl("net.ipv4.ip_forward", 1)
    server = lab.make_gateway(peers=peers).start()
    server.wait_ready()
    other_host = lab.add_host("other")
    clients = [lab.make_client().start(), lab.make_client(name="other", host=other_host, links=["eth0"]).start()]
    for client in clients:
        wait_up(client, 1)
    return server, *clients, other_host


def inner_v4(client):
    return next(a.split("/")[0] for a in client.status()["tunnel"]["addresses"] if "." in a)


@test
def two_clients_reach_the_gateway_and_each_other():
    with Lab() as lab:
        server, home, other, other_host = start_two(lab, PEERS)
        for host in (lab.client, other_host):
            expect_ping(host, INNER_GATEWAY_V4)
        expect_ping(lab.client, "10.77.0.3")
        transfer(lab.client, other_host, "10.77.0.3", 1_000_000)
        transfer(other_host, lab.client, "10.77.0.2", 1_000_000)
        expect({p["name"]: p["state"] for p in server.status()["peers"]} == {"home": "up", "other": "up"}, "both are up in status")


@test
def a_client_that_forges_anothers_inner_address_is_dropped_and_counted():
    with Lab() as lab:
        server, _, _, other_host = start_two(lab, PEERS)
        echo = lab.keep(Echo(lab.gateway, INNER_GATEWAY_V4))
        other_host.ip("addr add 10.77.0.2/32 dev sennit0")
        with other_host, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger:
            forger.bind(("10.77.0.2", 0))
            for _ in range(25):
                forger.sendto(b"I am home", (INNER_GATEWAY_V4, 7))
        wait_for(lambda: server.drops().get("source_not_allowed", 0) >= 25, 2, "25 forged packets are counted")
        expect(not echo.senders, f"none of them came through: {echo.senders}")
        expect(datagrams_answered(lab.client, echo, [33]) == 1, "whose address it is still has its traffic")


@test
def a_client_that_the_gateway_does_not_know_gets_no_answer():
    with Lab() as lab:
        server = lab.make_gateway(peers={"home": ""}).start()
        server.wait_ready()
        host = lab.add_host("stranger")
        stranger = lab.make_client(name="stranger", host=host, links=["eth0"]).start()
        wait_for(lambda: server.drops().get("unknown_peer", 0) >= 2, 5, "its initiations are counted")
        expect(stranger.peer()["state"] != "up", "it is not connected")
        expect(host.interface_bytes("eth0")[0] < 1000, "nothing was sent to it")


@test
def assigned_addresses_are_kept_when_the_gateway_restarts():
    with Lab() as lab:
        server, home, other, other_host = start_two(lab, {"home": "", "other": ""})
        first, second = inner_v4(home), inner_v4(other)
        expect(first != second and first.startswith("10.77.0.") and second.startswith("10.77.0."), f"assigned: {first}, {second}")
        expect_ping(lab.client, second)
        other.stop()
        server.restart()
        server.wait_ready()
        expect_ping(lab.client, INNER_GATEWAY_V4)
        other.start()
        wait_up(other, 1)
        expect((inner_v4(home), inner_v4(other)) == (first, second), "both have the addresses from before")
        expect_ping(lab.client, second)


@test
def a_client_that_roams_to_another_address_keeps_its_session():
    with Lab() as lab:
        server, client = lab.start()
        transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, 200_000)
        before = server.peer()["tx"]["packets"]
        lab.client.ip("addr del 10.1.1.2/24 dev eth1")
        lab.client.ip("addr del fd01:0:0:1::2/64 dev eth1")
        lab.address_client_side(1, "77")
        expect_ping(lab.client, INNER_GATEWAY_V4)
        wait_for(lambda: ".77" in server.peer()["paths"][0]["remote"] or "::77" in server.peer()["paths"][0]["remote"], 3,
                 "the gateway follows")
        expect(server.peer()["tx"]["packets"] > before, "the counters went on")


if __name__ == "__main__":
    run_tests()
