#!/usr/bin/python3 -B
"""Lines that die, change and come back while a stream of datagrams runs; how long it was cut is measured.

                  eth1 10.1.1.2    +---------+ wan1
    +--------+---------------------| router1 |---------+-------------+
    | client |                     +---------+         | gateway     |
    |        |    eth2 10.1.2.2    +---------+ wan2    | 203.0.113.1 |
    +--------+---------------------| router2 |---------+-------------+
     Stream sends every 10 ms      +---------+           Echo answers
"""

import contextlib
import shutil
import time

from netlab.endpoint import USABLE
from netlab.lab import GATEWAY_V4, INNER_GATEWAY_V4, Lab, Line, wait_up
from netlab.running import expect, note, run_tests, test, wait_for
from netlab.traffic import Echo, Stream, expect_ping

V4 = Line(v6=False)
NAT = Line(v6=False, nat=True)


@contextlib.contextmanager
def flowing(*lines, arguments=()):
    """A lab with a stream through the tunnel that is answered steadily."""
    with Lab(*lines) as lab:
        lab.server, lab.home = lab.start(*arguments)
        lab.stream = lab.keep(Stream(lab.client, lab.keep(Echo(lab.gateway, INNER_GATEWAY_V4))))
        lab.stream.wait_steady()
        yield lab


def expect_back(lab, event, seconds, what):
    """Lets EVENT happen and expects traffic again within SECONDS of it."""
    moment = time.monotonic()
    event()
    note(f"{what}: traffic again {lab.stream.cut_after(moment, seconds):.2f} s after it began")


def expect_dead(lab, link, seconds=3):
    wait_for(lambda: lab.home.paths().get(link, {}).get("state", "down") == "down", seconds, f"{link} is down")


def expect_alive(lab, link, seconds=3):
    wait_for(lambda: lab.home.paths().get(link, {}).get("state") in USABLE, seconds, f"{link} is up")


def expect_carrying(lab, link, other):
    """The link carries the stream when the OTHER is gone. Both at once: a stream so thin has one of them."""
    expect_back(lab, lambda: lab.client.ip(f"link set {other} down"), 1.5, f"{other} down, {link} carries")


@test
def an_interface_that_goes_down_and_up_again_is_used_again():
    with flowing(V4, V4) as lab:
        expect_back(lab, lambda: lab.client.ip("link set eth1 down"), 1, "eth1 down")
        expect_dead(lab, "eth1")
        lab.client.ip("link set eth1 up")
        lab.address_client_side(1)
        expect_alive(lab, "eth1")
        expect_carrying(lab, "eth1", "eth2")


def link_state(client, name):
    return next(link["state"] for link in client.status()["links"] if link["name"] == name)


@test
def an_interface_is_used_again_although_nothing_can_be_journalled():
    with Lab(V4, V4) as lab:
        lab.client.set_sysctl("net.ipv4.conf.eth2.rp_filter", 1)
        _, client = lab.start()
        files = client.open_files()
        shutil.rmtree(client.state)
        lab.client.ip("link set eth2 down")
        wait_for(lambda: link_state(client, "eth2") == "absent", 3, "eth2 is gone")
        lab.client.ip("link set eth2 up")
        lab.address_client_side(2)
        wait_for(lambda: link_state(client, "eth2") == "up", 3, "eth2 is there")
        expect("stays strict" in client.last_lines(10), "that its filter stays strict is said")
        wait_for(lambda: client.open_files() == files, 3, "no socket is left open")


@test
def an_interface_that_is_deleted_and_made_again_is_used_again():
    with flowing(V4, V4) as lab:
        expect_back(lab, lambda: lab.client.ip("link del eth1"), 1, "eth1 deleted")
        expect_dead(lab, "eth1")
        lab.add_client_side(1)
        expect_alive(lab, "eth1")
        expect_carrying(lab, "eth1", "eth2")


@test
def the_only_interface_may_vanish_and_return():
    with flowing(V4) as lab:
        lab.client.ip("link del eth1")
        time.sleep(0.5)
        expect_back(lab, lambda: lab.add_client_side(1), 3, "the only line returned")


@test
def an_address_that_changes_cuts_nothing_for_long():
    with flowing(V4) as lab:
        def renew():
            lab.client.ip("addr del 10.1.1.2/24 dev eth1")
            lab.address_client_side(1, "99")
        expect_back(lab, renew, 3, "the only line has another address")
        wait_for(lambda: lab.home.paths()["eth1"]["local"].startswith("10.1.1.99:"), 2, "status tells it")


@test
def a_nat_that_forgets_and_maps_anew_cuts_nothing_for_long():
    with flowing(NAT) as lab:
        before = lab.server.peer()["paths"][0]["remote"]

        def rebind():
            # The mapping of a flow lives as long as its entry; taking the line's address away ends it.
            lab.routers[0].ip("addr del 10.2.1.2/24 dev wan")
            lab.set_nat(1, "40000-49999")
            lab.routers[0].ip("addr add 10.2.1.2/24 dev wan")
            lab.routers[0].ip(f"route replace {GATEWAY_V4} via 10.2.1.1")
        expect_back(lab, rebind, 3, "NAT rebinding")
        after = lab.server.peer()["paths"][0]["remote"]
        note(f"the gateway followed from {before} to {after}")
        expect(after != before, "the gateway follows the new port")


@test
def a_line_that_loses_everything_in_silence_is_left():
    with flowing(V4, V4) as lab:
        expect_back(lab, lambda: lab.drop_silently(1), 1.5, "silent loss on eth1")
        expect_dead(lab, "eth1")
        lab.stop_dropping(1)
        expect_alive(lab, "eth1")
        expect_carrying(lab, "eth1", "eth2")


@test
def a_first_line_that_is_dead_at_the_start_does_not_matter():
    with Lab(V4, V4) as lab:
        lab.drop_silently(1)
        started = time.monotonic()
        lab.start(up=1)
        note(f"up {time.monotonic() - started:.2f} s after the start")
        expect_ping(lab.client, INNER_GATEWAY_V4)


@test
def a_line_that_is_missing_at_the_start_joins_later():
    with Lab(V4, V4) as lab:
        lab.client.ip("link del eth1")
        _, client = lab.start(up=1)
        expect_ping(lab.client, INNER_GATEWAY_V4)
        lab.add_client_side(1)
        wait_for(lambda: client.is_up(2), 3, "both paths are up")


@test
def a_client_waits_for_a_gateway_that_starts_later():
    with Lab(V4) as lab:
        client = lab.make_client()
        server = lab.make_gateway()
        client.start().wait_ready()
        time.sleep(1)
        server.start()
        wait_up(client, 1, 4)
        expect_ping(lab.client, INNER_GATEWAY_V4)


def restart_after_kill(endpoint):
    endpoint.kill()
    endpoint.start()


@test
def a_gateway_that_restarts_is_found_again():
    with flowing(V4, V4) as lab:
        expect_back(lab, lab.server.restart, 4, "gateway restarted")
        expect_back(lab, lambda: restart_after_kill(lab.server), 4, "gateway killed and started")
        wait_for(lambda: lab.home.is_up(2), 3, "both paths are up")


@test
def a_client_that_restarts_is_known_again():
    with flowing(V4, V4) as lab:
        expect_back(lab, lab.home.restart, 4, "client restarted")
        expect_back(lab, lambda: restart_after_kill(lab.home), 4, "client killed and started")
        wait_for(lambda: lab.home.is_up(2) and lab.server.is_up(2), 3, "both paths are up at both ends")
        for endpoint in (lab.home, lab.server):
            endpoint.stop()


if __name__ == "__main__":
    run_tests()
