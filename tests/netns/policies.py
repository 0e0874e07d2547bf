#!/usr/bin/python3 -B
"""Policies of a configuration file: which packets go over which link, and how. The network is netlab.lab's."""

from pathlib import Path

from netlab.endpoint import Endpoint
from netlab.lab import INNER_GATEWAY_V4, Lab, Line
from netlab.running import expect, note, run_tests, test
from netlab.traffic import Echo, datagrams_answered, transfer

V4 = Line(v6=False)
CLIENT_V4 = "10.77.0.2"
SIZE = 1_000_000


def write(lab: Lab, role: str, *policies: str) -> Path:
    file = lab.folder / f"{role}.toml"
    file.write_text(f"[{role}]\n" + "".join(f"[[policy]]\n{policy}\n" for policy in policies))
    return file


def sent_by(endpoint: Endpoint, act) -> dict:
    """Bytes that each link carried away from ENDPOINT meanwhile."""
    before = {name: path["tx"]["bytes"] for name, path in endpoint.paths().items()}
    act()
    return {name: path["tx"]["bytes"] - before[name] for name, path in endpoint.paths().items()}


@test
def what_a_policy_matches_keeps_to_its_link_at_either_end():
    with Lab(V4, V4) as lab:
        policy = "match = { protocol = 'tcp', port = [5001] }\nlink = 'eth2'"
        server, client = lab.start("-c", write(lab, "client", policy), gateway=("-c", write(lab, "gateway", policy)),
                                   links=["eth1", "eth2,cost=9"])
        for source, target, address, sender in ((lab.client, lab.gateway, INNER_GATEWAY_V4, client),
                                                (lab.gateway, lab.client, CLIENT_V4, server)):
            matched = sent_by(sender, lambda: transfer(source, target, address, SIZE, port=5001))
            other = sent_by(sender, lambda: transfer(source, target, address, SIZE, port=5002))
            note(f"{sender.name}: port 5001 {matched}, port 5002 {other}")
            expect(matched["eth2"] > SIZE > 10 * matched["eth1"], f"port 5001 goes over eth2: {matched}")
            expect(other["eth1"] > 0.9 * SIZE, f"port 5002 goes over the cheaper one: {other}")


@test
def a_class_may_be_doubled_while_the_rest_is_not():
    with Lab(V4, V4) as lab:
        policy = "match = { protocol = 'udp', port = 7, address = '10.77.0.0/24' }\nmode = 'redundant'"
        server, client = lab.start("-c", write(lab, "client", policy), "--mode", "failover")
        echo = lab.keep(Echo(lab.gateway, INNER_GATEWAY_V4))
        doubled = sent_by(client, lambda: expect(datagrams_answered(lab.client, echo, list(range(1000, 1050))) == 50, "all are answered"))
        plain = sent_by(client, lambda: transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, SIZE))
        note(f"UDP {doubled}, TCP {plain}")
        expect(min(doubled.values()) > 50_000, f"each link carries every datagram: {doubled}")
        expect(plain["eth1"] > SIZE > 10 * plain["eth2"], f"TCP keeps to the first: {plain}")
        expect(server.peer()["reorder"]["duplicates"] >= 45, f"second copies go no further: {server.peer()['reorder']}")


if __name__ == "__main__":
    run_tests()
