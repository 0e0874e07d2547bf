#!/usr/bin/python3 -B
"""Packet filters: what is dropped, let through, counted and copied, at the gateway whose device the client is. The network is netlab.lab's."""

import contextlib
import json
import os
import socket
import time
from collections import Counter

from netlab.endpoint import Endpoint, sennit
from netlab.lab import INNER_GATEWAY_V4, Lab, Line
from netlab.pcapng import read_pcapng
from netlab.running import expect, note, run_tests, test, wait_for
from netlab.traffic import expect_ping, ping, transfer

HOME, HOME_V6, OTHER = "10.77.0.2", "fd77::2", "10.77.0.9"
CONFIGURED = f"""[gateway]
[[device]]
name = "home"
match = "{HOME}"
[[device]]
name = "other"
match = "{OTHER}"
"""


@contextlib.contextmanager
def pair(*filters: str):
    """A gateway with the devices `home`, the client, and `other`, and with these filters; and a client that is up."""
    with Lab(Line()) as lab:
        file = lab.folder / "gateway.toml"
        file.write_text(CONFIGURED + "".join(f"[[filter]]\n{text}\n" for text in filters))
        lab.server, lab.home = lab.start(gateway=("-c", file))
        yield lab


def datagrams(source, target, address: str, port: int, count: int, size: int = 100) -> list[bytes]:
    """What arrives of COUNT numbered datagrams."""
    with target:
        sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with source:
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    arrived = []
    with sink, link:
        sink.bind((address, port))
        for number in range(count):
            link.sendto(number.to_bytes(4, "big") + bytes(size - 4), (address, port))
            time.sleep(0.001)
        sink.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            while True:
                arrived.append(sink.recv(2000))
    return arrived


def listed(endpoint: Endpoint) -> list[dict]:
    return json.loads(endpoint.ask("filter", "list", "--json").stdout)


def add(endpoint: Endpoint, *words: object) -> int:
    return int(endpoint.ask("filter", "add", *words).stdout)


@test
def filters_of_the_file_drop_and_let_through_in_their_order():
    with pair('device = "home"\ndirection = "down"\nmatch = { protocol = "udp", port = "5000-5009" }\naction = "allow"',
              'device = "home"\nmatch = { protocol = "udp" }\naction = "drop"') as lab:
        expect(len(datagrams(lab.gateway, lab.client, HOME, 5005, 20)) == 20, "what is allowed arrives")
        expect(not datagrams(lab.gateway, lab.client, HOME, 5010, 20), "another port does not")
        expect(not datagrams(lab.client, lab.gateway, INNER_GATEWAY_V4, 5005, 20), "nor the other direction")
        expect_ping(lab.client, INNER_GATEWAY_V4)
        allowed, dropped = listed(lab.server)
        expect(allowed["packets"] == 20 and allowed["bytes"] == 20 * 128, f"{allowed}")
        expect(dropped["packets"] == 40, f"{dropped}")
        status = lab.server.status()
        expect(status["drops"]["filtered"] == 40, f"drops have their reason: {status['drops']}")
        expect(status["filters"] == [allowed, dropped], "status has them too")
        shown = {device["name"]: device["filters"] for device in status["devices"]}
        expect(shown == {"home": [allowed, dropped], "other": []}, "and each device its own")
        expect("drop" in lab.server.ask("device", "show", "home").stdout, "for people too")
        expect("port=5000-5009" in lab.server.ask("status").stdout, "for people too")


@test
def filters_come_and_go_while_a_transfer_runs():
    with pair() as lab:
        count = add(lab.server, "action=count", "protocol=tcp", "direction=down")
        expect(transfer(lab.gateway, lab.client, HOME, 3_000_000) > 0, "a transfer passes")
        counted = listed(lab.server)[0]
        note(f"{counted['packets']} packets, {counted['bytes']} bytes for a transfer of 3,000,000")
        expect(3_000_000 < counted["bytes"] < 3_500_000 and counted["packets"] > 2000, f"superpackets count as what they stand for: {counted}")
        drop = add(lab.server, "device=home", "action=drop")
        expect(not ping(lab.client, INNER_GATEWAY_V4), "everything is dropped")
        lab.server.ask("filter", "delete", drop)
        expect_ping(lab.client, INNER_GATEWAY_V4)
        expect([each["number"] for each in listed(lab.server)] == [count], "one is left")
        lab.server.ask("filter", "clear")
        expect(listed(lab.server) == [], "none is left")


@test
def a_duplicate_meets_the_other_devices_impairment_and_goes_where_the_original_goes():
    with pair() as lab:
        lab.server.ask("device", "set", "other", "--down", "delay=100ms", "--up", "loss=100%")
        add(lab.server, "device=home", "protocol=udp", "action=duplicate", "to=other")
        arrived = datagrams(lab.gateway, lab.client, HOME, 5005, 50)
        expect(set(Counter(arrived).values()) == {2} and len(arrived) == 100, f"every one twice: {len(arrived)}")
        expect(len(datagrams(lab.client, lab.gateway, INNER_GATEWAY_V4, 5005, 50)) == 50, "of the other direction the copies are lost")
        other = json.loads(lab.server.ask("device", "show", "other", "--json").stdout)
        expect(100 <= other["down"]["achieved"]["delay_ms"] < 200, f"the copies are delayed: {other['down']}")
        expect(other["down"]["achieved"]["packets"] == 50 and other["up"]["achieved"]["lost"] == 50, f"{other}")
        expect(transfer(lab.gateway, lab.client, HOME, 1_000_000) > 0, "TCP is not matched and goes on")


@test
def duplicates_go_to_a_file_which_is_whole_when_the_filter_goes():
    with pair() as lab:
        file = lab.folder / "copies.pcapng"
        number = add(lab.server, "device=home", "protocol=udp,tcp", "action=duplicate", f"to={file}")
        expect(len(datagrams(lab.gateway, lab.client, HOME, 5005, 200)) == 200, "the originals arrive")
        expect(len(datagrams(lab.client, lab.gateway, INNER_GATEWAY_V4, 5006, 100)) == 100, "the originals arrive")
        wait_for(lambda: len(read_pcapng(file)) == 300, 3, "the file grows by itself")
        expect(transfer(lab.gateway, lab.client, HOME, 5_000_000) > 0, "a transfer passes")
        matched = listed(lab.server)[0]
        lab.server.ask("filter", "delete", number)
        packets = read_pcapng(file)
        flags = [flag for _, flag, data in packets if len(data) == 128]
        expect((flags.count(1), flags.count(2)) == (200, 100), "with their directions")
        expect(len(packets) + matched["missed"] == matched["packets"], f"{len(packets)} of {matched}")
        sizes = sum(len(data) for _, _, data in packets)
        expect(matched["missed"] or sizes == matched["bytes"], f"superpackets are cut: {sizes} bytes of {matched['bytes']}")
        expect(os.stat(file).st_mode & 0o077 == 0, "for its owner alone")


@test
def what_is_added_outlives_a_restart_and_a_kill_and_what_is_deleted_does_not():
    with pair('device = "home"\naction = "count"') as lab:
        file = lab.folder / "copies.pcapng"
        lab.server.ask("device", "set", HOME_V6, "--down", "delay=1ms")
        drop = add(lab.server, "device=home", "protocol=udp", "port=5005,5010-5019", "direction=down", "action=drop")
        copy = add(lab.server, "device=home", "protocol=udp", "port=5006", "action=duplicate", f"to={file}")
        add(lab.server, f"device={HOME_V6}", "protocol=icmp", "action=drop")
        lab.server.ask("device", "clear", HOME_V6)
        known = ("number", "device", "direction", "match", "action", "to")
        before = [[each[key] for key in known] for each in listed(lab.server)]
        expect(len(before) == 4, f"one of the file and three more: {before}")

        def expect_as_before(number: int) -> None:
            wait_for(lab.server.is_up, 15, "the tunnel is up again")
            expect([[each[key] for key in known] for each in listed(lab.server)] == before, f"as before: {listed(lab.server)}")
            expect(not datagrams(lab.gateway, lab.client, HOME, 5012, 20), "still dropped")
            expect(len(datagrams(lab.gateway, lab.client, HOME, 5006, 20)) == 20, "another port is not")
            expect_ping(lab.client, INNER_GATEWAY_V4)
            expect(not ping(lab.client, "fd77::1"), "a device that was cleared is still one for its filter")
            wait_for(lambda: len(read_pcapng(file)) == number, 3, f"the file has {number} packets")

        expect_as_before(20)
        lab.server.restart()
        lab.server.wait_ready()
        expect_as_before(40)
        lab.server.kill()
        lab.server.start().wait_ready()
        expect_as_before(60)

        for number in (1, drop):
            lab.server.ask("filter", "delete", number)
        lab.server.kill()
        lab.server.start().wait_ready()
        wait_for(lab.server.is_up, 15, "the tunnel is up again")
        expect([each["number"] for each in listed(lab.server)] == [1, copy, copy + 1], "the file's is there again, the deleted one is not")
        expect(len(datagrams(lab.gateway, lab.client, HOME, 5012, 20)) == 20, "what it dropped passes")
        expect(add(lab.server, "action=count") == copy + 2, "no number is given twice")
        lab.server.ask("filter", "clear")
        lab.server.restart()
        lab.server.wait_ready()
        expect([each["number"] for each in listed(lab.server)] == [1], "the file's alone")


@test
def a_filter_that_cannot_be_had_any_more_is_told_and_waits():
    with pair() as lab:
        number = add(lab.server, "device=other", "action=drop")
        file = lab.folder / "gateway.toml"
        whole = file.read_text()
        lab.server.stop()
        file.write_text(whole.replace('name = "other"', 'name = "another"'))
        lab.server.start().wait_ready()
        expect(listed(lab.server) == [], "it is not there")
        expect(f"filter {number} of an earlier run is not there: 'other' is not a device" in lab.server.last_lines(30), "and the log says why")
        lab.server.stop()
        file.write_text(whole)
        lab.server.start().wait_ready()
        expect([each["number"] for each in listed(lab.server)] == [number], "it is there again")


@test
def what_cannot_be_is_refused_with_status_2_or_1_and_changes_nothing():
    with pair() as lab:
        link = lab.folder / "link.pcapng"
        link.symlink_to(lab.folder / "elsewhere")
        for words, status, says in ((("add", "device=fone", "action=drop"), 2, "'fone' is not a device"),
                                    (("add", f"device={INNER_GATEWAY_V4}", "action=drop"), 2, "is not a device"),
                                    (("add", "port=0", "action=drop"), 2, "port: '0'"),
                                    (("add", "action=duplicate", "to=fone"), 2, "'fone' is not a device"),
                                    (("add", "action=duplicate", "to=/nowhere/a.pcapng"), 1, "cannot be written"),
                                    (("add", "action=duplicate", f"to={link}"), 1, "cannot be written"),
                                    (("delete", "7"), 2, "there is no filter 7")):
            done = lab.server.ask("filter", *words, check=False)
            expect(done.returncode == status and says in done.stderr and done.stderr.count("\n") == 1, f"{words}: {done.returncode} {done.stderr!r}")
        expect(listed(lab.server) == [], "nothing was added")
        expect(sennit("filter", "list", "--control", lab.folder / "nobody.sock", check=False).returncode == 3, "without an endpoint: 3")


if __name__ == "__main__":
    run_tests()
