#!/usr/bin/python3 -B
"""Links with a quota: what they carry is counted over restarts, and when it is used up others go first. The network is netlab.lab's."""

import json
import time

from netlab.endpoint import Endpoint
from netlab.lab import INNER_GATEWAY_V4, Lab, Line
from netlab.running import expect, note, run_tests, test, wait_for
from netlab.traffic import Echo, Stream, transfer

V4 = Line(v6=False)


def link(client: Endpoint, name: str) -> dict:
    return next(each for each in json.loads(client.ask("link", "list", "--json").stdout) if each["name"] == name)


def expect_state(client: Endpoint, name: str, state: str) -> None:
    wait_for(lambda: client.paths()[name]["state"] == state, 4, f"{name} is {state}")


def carried(lab: Lab, client: Endpoint, size: int) -> dict:
    """Bytes of a transfer that each link carried."""
    before = {name: path["tx"]["bytes"] for name, path in client.paths().items()}
    transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, size)
    return {name: path["tx"]["bytes"] - before[name] for name, path in client.paths().items()}


@test
def a_link_whose_quota_is_used_up_carries_nothing_while_another_is_up():
    with Lab(V4, V4) as lab:
        server, client = lab.start(links=["eth1,quota=1MB", "eth2,cost=1"])
        expect(link(client, "eth1")["quota_bytes"] == 1_000_000, f"the quota is shown: {link(client, 'eth1')}")
        sent = carried(lab, client, 3_000_000)
        expect(sent["eth1"] > 1_000_000, f"eth1 is cheaper and has a quota: {sent}")
        expect_state(client, "eth1", "backup")
        wait_for(lambda: server.paths()["eth1"]["state"] == "backup", 2, "the gateway knows it, too")
        sent = carried(lab, client, 2_000_000)
        note(f"after that: {sent}")
        expect(sent["eth1"] < 50_000, f"eth1 is spent: {sent}")
        expect("quota" in client.log.read_text(), "the log says so")


@test
def a_spent_link_is_used_when_no_other_is_up():
    with Lab(V4, V4) as lab:
        _, client = lab.start(links=["eth1,quota=0B", "eth2,backup"], up=0)
        expect_state(client, "eth1", "backup")
        sent = carried(lab, client, 500_000)
        expect(sent["eth1"] < 50_000 < sent["eth2"], f"a backup with its quota left comes before a spent link: {sent}")
        stream = lab.keep(Stream(lab.client, lab.keep(Echo(lab.gateway, INNER_GATEWAY_V4))))
        stream.wait_steady()
        cut = time.monotonic()
        lab.drop_silently(2)
        note(f"the spent link took over after {stream.cut_after(cut, 3):.2f} s")


@test
def what_a_link_has_carried_is_counted_over_a_restart_and_a_quota_can_be_raised():
    with Lab(V4, V4) as lab:
        _, client = lab.start(links=["eth1,quota=1MB", "eth2,cost=1"])
        carried(lab, client, 3_000_000)
        expect_state(client, "eth1", "backup")
        used = link(client, "eth1")["quota_used_bytes"]
        client.restart()
        client.wait_ready()
        expect_state(client, "eth1", "backup")
        again = link(client, "eth1")["quota_used_bytes"]
        note(f"{used} bytes used, {again} after a restart")
        expect(again >= used, f"{used} bytes were used, and {again} are remembered")
        client.ask("link", "set", "eth1", "quota=1GB")
        expect_state(client, "eth1", "up")


if __name__ == "__main__":
    run_tests()
