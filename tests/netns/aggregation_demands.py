#!/usr/bin/python3 -B
"""What aggregation must reach over unequal, lossy and failing lines, with no rate told. The network is that of aggregation.py.

The rates are low, so that a build with sanitizers reaches them too; bench/aggregation.py measures higher ones. What asks for goodput or times
needs a quiet machine, whose host is quiet too, and is run by hand; ctest runs the others.
"""

import contextlib
import time

from netlab.emulated_line import AccessLine
from netlab.flows import Pings
from netlab.lab import INNER_GATEWAY_V4
from netlab.line_lab import LineLab
from netlab.quic_flow import QuicFlow
from netlab.running import expect, go_before_others, note, run_tests, test, wait_for

FAST, SLOW = AccessLine.of(12, 12, rtt=30), AccessLine.of(6, 6, rtt=80)
BAD = AccessLine.of(0.05, 0.05, rtt=700, queue=2000, more="loss=10%")
WAYS = ("up", "down")


@contextlib.contextmanager
def running(*lines, up=None):
    """A lab with both endpoints; lab.home is the client."""
    with LineLab(*lines) as lab:
        lab.server, lab.home = lab.start(up=up)
        yield lab


def expect_goodput(lab, way, least, what):
    goodput = lab.goodput(way)
    note(f"{what}, {way}: {goodput:.2f} Mbit/s, wanted {least:.2f}")
    expect(goodput >= least, f"{what}, {way}: {goodput:.2f} Mbit/s, less than {least:.2f}")


def expect_latency(answers, median, p99, what):
    note(f"{what}: median {answers.median:.1f} ms, p99 {answers.p99:.1f}; wanted {median} and {p99}")
    expect(answers.median <= median and answers.p99 <= p99, f"{what}: median {answers.median:.1f} ms, p99 {answers.p99:.1f}")


@test
def an_idle_ping_takes_the_best_line():
    with running(SLOW, FAST) as lab:
        expect_latency(lab.pings(2), 31, 35, "idle")


@test
def unequal_lines_add_up():
    with running(FAST, SLOW) as lab:
        for way in WAYS:
            expect_goodput(lab, way, 0.9 * lab.ceiling(18, lab.home), "12 + 6 Mbit/s")


@test
def a_udp_flow_with_its_own_congestion_control_has_both_lines():
    with running(FAST, SLOW) as lab:
        size = lab.home.status()["tunnel"]["mtu"] - 28
        for way in WAYS:
            goodput = QuicFlow(lab.client, lab.gateway, INNER_GATEWAY_V4, way, 6, size).wait().rate(1.5, 6)
            note(f"{way}: {goodput:.2f} Mbit/s of {18 * size / 1500:.2f}")
            expect(goodput >= 0.9 * 18 * size / 1500, f"{way}: {goodput:.2f} Mbit/s of {18 * size / 1500:.2f}")


@test
def a_ping_is_not_held_up_by_a_transfer():
    with running(FAST, SLOW) as lab:
        for way in WAYS:
            flow = lab.flow(way, 6)
            time.sleep(1.5)
            lab.emulated.statistics(1)
            expect_latency(lab.pings(4), 40, 70, f"beside a transfer {way}")
            standing = lab.emulated.statistics(1)[way]["wait_median"]
            flow.wait()
            note(f"{way}: {standing:.1f} ms stand in the modem")
            expect(standing <= 15, f"{way}: {standing:.1f} ms stand in the modem")


@test
def a_line_that_loses_packets_adds_to_the_bundle():
    with running(FAST, AccessLine.of(6, 6, rtt=80, more="loss=2%")) as lab:
        for way in WAYS:
            expect_goodput(lab, way, 1.1 * lab.ceiling(12, lab.home), "12 + 6 Mbit/s that loses 2 %")


@test
def a_bad_line_costs_next_to_nothing():
    with running(FAST, SLOW) as lab:
        goodput, idle = {way: lab.goodput(way) for way in WAYS}, lab.pings(2).median
    with running(FAST, SLOW, BAD, up=2) as lab:
        expect_latency(lab.pings(2), idle + 1, idle + 5, "idle, with the bad line")
        for way in WAYS:
            expect_goodput(lab, way, 0.98 * goodput[way], "with the bad line")


@test
def the_best_line_may_fall_silent_under_load():
    with running(FAST, SLOW) as lab:
        flow = lab.flow("up", 14)
        time.sleep(4)
        pings = Pings(lab.client, INNER_GATEWAY_V4, 5)
        time.sleep(1)
        fell = time.monotonic() - flow.began
        lab.emulated.set(1, "both", "silence=on")
        time.sleep(3)
        lab.emulated.set(1, "both", "silence=off")
        answers = pings.wait()
        back = flow.wait().time_until(0.9 * flow.rate(fell / 2, fell), fell + 3, 14)
        note(f"silent for {answers.longest_silence:.0f} ms, {answers.lost} pings lost, full rate after {back:.1f} s")
        expect(answers.longest_silence <= 300 and answers.lost <= 10, f"{answers.longest_silence:.0f} ms, {answers.lost} lost")
        expect(back <= 3, f"full rate {back:.1f} s after the line is back")


LINKS = {
    "a deep buffer": AccessLine.of(12, 12, rtt=30, queue=1000),
    "a policer": AccessLine(*2 * ["policer=12mbit policer-burst=30kB delay=15ms"]),
    "a lossy radio": AccessLine.of(12, 12, rtt=30, more="loss=1%"),
}


def state(lab):
    """What the client says of its only line: capacity in Mbit/s, whether it is saturated."""
    path = lab.home.paths()["eth1"]
    return path["capacity_tx"] / 1e6, path["saturated_tx"]


def expect_capacity(lab, megabits, seconds):
    wait_for(lambda: abs(state(lab)[0] / megabits - 1) <= 0.08, seconds, f"the capacity is {megabits} Mbit/s within 8 %")


@test
def a_line_is_told_saturated_when_it_is_and_not_before():
    for name, line in LINKS.items():
        with running(line) as lab:
            expect(not state(lab)[1], f"{name}: saturated while idle")
            calm = lab.flow("up", 5, limit=4)
            while calm.is_running():
                expect(not state(lab)[1], f"{name}: saturated at a third of its rate")
                time.sleep(0.1)
            calm.wait()
            full = lab.flow("up", 5)
            wait_for(lambda: state(lab)[1], 1, f"{name}: saturated")
            expect_capacity(lab, 12, 3)
            full.wait()
            note(f"{name}: {state(lab)[0]:.2f} Mbit/s")


@test
def the_capacity_follows_a_line_that_halves_and_doubles():
    with running(AccessLine.of(12, 12, rtt=30)) as lab:
        flow = lab.flow("up", 16)
        for megabits in (12, 6, 12):
            lab.emulated.set(1, "both", f"rate={megabits}mbit")
            expect_capacity(lab, megabits, 3)
            time.sleep(1)
        flow.wait()


if __name__ == "__main__":
    go_before_others()
    run_tests()
