#!/usr/bin/python3 -B
"""Two lines carry one tunnel's traffic.

                  eth1 10.1.1.2    +---------+ wan1
    +--------+---------------------| router1 |---------+-------------+
    | client |                     +---------+         | gateway     |
    |        |    eth2 10.1.2.2    +---------+ wan2    | 203.0.113.1 |
    +--------+---------------------| router2 |---------+-------------+
                                   +---------+
"""

import time

from netlab.lab import GATEWAY_V4, GATEWAY_V6, INNER_GATEWAY_V4, INNER_GATEWAY_V6, Lab, Line
from netlab.running import expect, note, run_tests, test, wait_for
from netlab.traffic import Echo, Stream, expect_ping, transfer

SIZE = 6_000_000
LINK_HEADER = 14


def interface_counts(lab, client):
    """Per link: bytes sent as the kernel saw them, and as status tells them."""
    def sent():
        return {link: lab.client.interface_bytes(link)[1] for link in ("eth1", "eth2")}

    def counts():
        kernel, told = sent(), {link: path["tx"] for link, path in client.paths().items()}
        return (kernel, told) if sent() == kernel else None

    return wait_for(counts, 10, "nothing is sent while the counters are read")


@test
def both_links_carry_traffic_and_status_agrees_with_the_kernel():
    with Lab(Line(v6=False), Line(v6=False)) as lab:
        for link in ("eth1", "eth2"):  # a veth counts a run of datagrams that it does not cut as one packet
            lab.client.set_offloads(link, "off", "tx-udp-segmentation")
        server, client = lab.start()
        kernel_before, told_before = interface_counts(lab, client)
        goodput = transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, SIZE)
        transfer(lab.gateway, lab.client, "10.77.0.2", SIZE)
        kernel, told = interface_counts(lab, client)
        note(f"goodput {goodput / 1e6:.0f} Mbit/s")
        for link in ("eth1", "eth2"):
            sent = kernel[link] - kernel_before[link]
            packets = told[link]["packets"] - told_before[link]["packets"]
            counted = told[link]["bytes"] - told_before[link]["bytes"]
            note(f"{link}: {sent} bytes by the kernel, {counted} by status, {packets} packets")
            per_packet = (sent - counted) / max(packets, 1)
            expect(0 <= per_packet <= LINK_HEADER + 60, f"{link}: {per_packet:.1f} bytes a packet apart")
        seen = {path["link"]: path["rx"]["bytes"] for path in server.peer()["paths"]}
        # No link is full, so how they share is the scheduler's affair: aggregation.py fills them.
        expect(sum(seen.values()) > SIZE, f"the gateway received all of it: {seen}")


@test
def a_link_with_v6_only_works_beside_one_with_v4_only():
    with Lab(Line(v6=False), Line(v4=False)) as lab:
        _, client = lab.start()
        remotes = {link: path["remote"] for link, path in client.paths().items()}
        expect(remotes == {"eth1": f"{GATEWAY_V4}:6000", "eth2": f"[{GATEWAY_V6}]:6000"}, f"each its own family: {remotes}")
        for address in (INNER_GATEWAY_V4, INNER_GATEWAY_V6):
            transfer(lab.client, lab.gateway, address, 2_000_000)
        states = {link: path["state"] for link, path in client.paths().items()}
        expect(set(states.values()) <= {"up", "lossy"}, f"both are up: {states}")
        lab.client.ip("link set eth1 down")
        transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, 2_000_000)


@test
def several_sockets_and_a_range_of_ports_make_several_paths():
    with Lab() as lab:
        server = lab.make_gateway("--listen", "0.0.0.0:6000-6003").start()
        server.wait_ready()
        client = lab.make_client(links=["eth1,sockets=4"], gateways=(f"{GATEWAY_V4}:6000-6003",)).start()
        wait_for(lambda: client.is_up(4), 8, "four paths are up")
        remotes = {path["remote"] for path in client.peer()["paths"]}
        locals_ = {path["local"] for path in client.peer()["paths"]}
        expect(len(locals_) == 4 and len(remotes) == 4, f"each has its own ports: {locals_} {remotes}")
        transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, 1_000_000)


@test
def modes_spread_packets_as_they_say():
    for mode in ("redundant", "failover", "flow"):
        with Lab(Line(v6=False), Line(v6=False)) as lab:
            server, client = lab.start("--mode", mode, gateway=("--mode", mode))
            before = {link: path["tx"]["bytes"] for link, path in client.paths().items()}
            transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, 1_000_000)
            sent = {link: path["tx"]["bytes"] - before[link] for link, path in client.paths().items()}
            note(f"{mode}: {sent}")
            most, least = max(sent.values()), min(sent.values())
            if mode == "redundant":
                expect(least > 950_000, f"{mode}: every link carries everything: {sent}")
                expect(server.peer()["reorder"]["duplicates"] > 500, "second copies are counted")
            else:
                expect(most > 950_000 and least < 200_000, f"{mode}: one connection keeps to one link: {sent}")
            if mode == "failover":
                expect(sent["eth1"] > 950_000, f"{mode}: that is the first as configured: {sent}")


@test
def mode_flow_spreads_many_connections_over_both_links():
    with Lab(Line(v6=False), Line(v6=False)) as lab:
        _, client = lab.start("--mode", "flow", gateway=("--mode", "flow"))
        before = {link: path["tx"]["bytes"] for link, path in client.paths().items()}
        for connection in range(20):
            transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, 100_000, port=5001 + connection)
        sent = {link: path["tx"]["bytes"] - before[link] for link, path in client.paths().items()}
        note(f"flow: {sent}")
        # Each goes by a hash that is anew in each run: all on one link, or but one, once in 25,000 runs.
        expect(min(sent.values()) > 190_000, f"both links carry some of 20 connections: {sent}")


@test
def a_backup_link_carries_traffic_only_when_the_other_is_dead():
    with Lab(Line(v6=False), Line(v6=False)) as lab:
        server, client = lab.start(links=["eth1", "eth2,backup"], up=1)
        wait_for(lambda: client.paths().get("eth2", {}).get("state") == "backup", 5, "eth2 is the backup")
        before = client.paths()["eth2"]["tx"]["bytes"]
        transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, 500_000)
        carried = client.paths()["eth2"]["tx"]["bytes"] - before
        expect(carried < 50_000, f"the backup is quiet: {carried} bytes")
        stream = lab.keep(Stream(lab.client, lab.keep(Echo(lab.gateway, INNER_GATEWAY_V4))))
        stream.wait_steady()
        cut = time.monotonic()
        lab.drop_silently(1)
        note(f"the backup took over after {stream.cut_after(cut, 3):.2f} s")


if __name__ == "__main__":
    run_tests()
