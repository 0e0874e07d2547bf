#!/usr/bin/python3 -B
"""The emulated access lines of the other tests do what they are told: measured by datagrams that the kernel stamps.

    +--------+ eth1 10.1.1.2     +-------+     10.1.1.1 wan1 +---------+
    | client |-------------------| lines |-------------------| gateway |
    +--------+                   +-------+                   +---------+
     sends numbered datagrams     emulator        notes when each arrived
"""

import contextlib
import math
import shutil
import socket
import statistics
import struct
import tempfile
import threading
import time
from pathlib import Path

from netlab.emulated_line import GATEWAY, AccessLine, EmulatedLines
from netlab.namespace import Namespace
from netlab.running import expect, go_before_others, note, run_tests, test

_SO_TIMESTAMPNS = 35
_SO_RCVBUFFORCE = 33
_PORT = 5010
_HEADERS = 28  # IPv4 and UDP
_99_PERCENT = 2.576  # standard deviations of the two-sided interval


@contextlib.contextmanager
def laid(up, seed=1):
    """A line with these conditions upwards."""
    folder, hosts = Path(tempfile.mkdtemp(prefix="sennit-netns-")), []
    try:
        hosts += [Namespace("client"), Namespace("gateway")]
        with contextlib.closing(EmulatedLines(*hosts, folder, [AccessLine(up)], seed)) as lines:
            yield lines
    finally:
        for host in hosts:
            host.close()
        shutil.rmtree(folder, ignore_errors=True)


class Sink:
    """Notes number, kernel time and size of every datagram that arrives at the gateway."""

    def __init__(self, lines):
        self.arrivals: list[tuple[int, float, int]] = []
        with lines.gateway:
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 64 << 20)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.bind((GATEWAY, _PORT))
        self._socket.settimeout(0.1)
        self._running = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        self._running = False
        self._thread.join(5)
        self._socket.close()

    def _run(self):
        while self._running:
            with contextlib.suppress(TimeoutError):
                payload, control, _, _ = self._socket.recvmsg(2048, 64)
                seconds, nanoseconds = struct.unpack("=qq", control[0][2][:16])
                self.arrivals.append((int.from_bytes(payload[:4], "big"), seconds + nanoseconds / 1e9, len(payload) + _HEADERS))


def send(lines, count, every, size=1500):
    """Sends so many datagrams at this interval (s); returns when each was sent and those that arrived."""
    with lines.client:
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.connect((GATEWAY, _PORT))
    sent, filling = [], bytes(size - _HEADERS - 4)
    with link, contextlib.closing(Sink(lines)) as sink:
        start = time.time()
        for number in range(count):
            while (left := start + number * every - time.time()) > 0:
                time.sleep(left)
            sent.append(time.time())
            link.send(number.to_bytes(4, "big") + filling)
        wait_quiet(sink)
    return sent, sink.arrivals


def wait_quiet(sink, seconds=0.5):
    """Waits until nothing more arrives."""
    known, since = -1, time.time()
    while time.time() - since < seconds:
        if len(sink.arrivals) != known:
            known, since = len(sink.arrivals), time.time()
        time.sleep(0.02)


def rate_of(arrivals):
    """Mean rate of those after the first one, in bits/s of IP packets."""
    return 8 * sum(size for _, _, size in arrivals[1:]) / (arrivals[-1][1] - arrivals[0][1])


def delays(sent, arrivals):
    """One-way delays in ms."""
    return [1000 * (at - sent[number]) for number, at, _ in arrivals]


def expect_about(value, wanted, share, what):
    note(f"{what}: {value:g}, wanted {wanted:g}")
    expect(abs(value / wanted - 1) <= share, f"{what} is {value:g}, not {wanted:g} within {share:.0%}")


def expect_share(hits, count, probability, what):
    """The share lies in the 99 % interval of the binomial distribution; the seed makes the outcome the same every time."""
    reach = _99_PERCENT * math.sqrt(probability * (1 - probability) / count)
    note(f"{what}: {hits / count:.4f}, wanted {probability:g} ± {reach:.4f}")
    expect(abs(hits / count - probability) <= reach, f"{what} is {hits / count:.4f}, not {probability:g} ± {reach:.4f}")


def expect_in_order(arrivals):
    numbers = [number for number, _, _ in arrivals]
    expect(numbers == sorted(set(numbers)), "in order, none twice")


@test
def a_line_carries_its_rate_and_no_more():
    for megabits, size in ((1, 300), (20, 1500), (100, 1500)):
        with laid(f"rate={megabits}mbit queue=300ms") as lines:
            every = 8 * size / (1.2e6 * megabits)
            before, began = lines.cpu_seconds(), time.time()
            _, arrivals = send(lines, int(2 / every), every, size)
            cpu = (lines.cpu_seconds() - before) / (time.time() - began - 0.5)
            expect_about(rate_of(arrivals), megabits * 1e6, 0.01, f"rate of a {megabits} Mbit/s line (a {cpu:.2f} core)")
            expect_in_order(arrivals)


@test
def a_datagram_needs_the_delay_and_no_more():
    with laid("delay=30ms") as lines:
        sent, arrivals = send(lines, 300, 0.005)
        expect(len(arrivals) == len(sent), "all arrive")
        late = [delay - 30 for delay in delays(sent, arrivals)]
        told = lines.statistics(1)["up"]
        note(f"late by {statistics.median(late):.3f} ms, at most {max(late):.3f}; the emulator's part {told['late_median']:.3f}")
        expect(min(late) >= -0.05, f"none is early: {min(late):.3f} ms")
        expect(statistics.median(late) <= 1, f"they are late by {statistics.median(late):.3f} ms")


@test
def jitter_spreads_the_delays_and_keeps_the_order():
    with laid("delay=10ms jitter=20ms") as lines:
        sent, arrivals = send(lines, 300, 0.01)
        expect_in_order(arrivals)
        tenths = statistics.quantiles(delays(sent, arrivals), n=10)
        note(f"a tenth of the delays are below {tenths[0]:.1f} ms, another above {tenths[-1]:.1f}")
        expect(10 < tenths[0] < 18 and 27 < tenths[-1] < 31, "the delays fill the range from 10 to 30 ms")


@test
def random_loss_has_its_share():
    count = 20_000
    for percent in (1, 10):
        with laid(f"loss={percent}%", seed=7) as lines:
            _, arrivals = send(lines, count, 0, 100)
            expect(lines.statistics(1)["up"]["lost"] == count - len(arrivals), "the emulator counts them")
            expect_share(count - len(arrivals), count, percent / 100, f"loss of {percent} %")


@test
def bursts_have_their_share_and_length():
    count, enter, leave = 20_000, 0.01, 0.2
    with laid("gilbert-elliott=1%/20%", seed=7) as lines:
        _, arrivals = send(lines, count, 0, 100)
        lost, numbers = count - len(arrivals), [number for number, _, _ in arrivals]
        bursts = sum(b - a > 1 for a, b in zip(numbers, numbers[1:]))
        # Beginnings of bursts are nearly independent of each other, packets are not.
        expect_share(bursts, round(count * leave / (enter + leave)), enter, "packets after which a burst begins")
        expect_about(lost / bursts, 1 / leave, 0.2, "packets a burst")


@test
def a_full_queue_drops_its_tail():
    for limit in ("queue=50ms", "queue=62500B"):
        with laid(f"rate=10mbit {limit}") as lines:
            sent, arrivals = send(lines, 1000, 0.0006)
            found, told = delays(sent, arrivals), lines.statistics(1)["up"]
            note(f"{limit}: median delay {statistics.median(found):.1f} ms, median wait {told['wait_median']:.1f} ms")
            expect(told["overflowed"] == len(sent) - len(arrivals) > 300, f"dropped are {told['overflowed']:.0f}")
            expect(48 < statistics.median(found) < 53, f"the queue holds 50 ms: {statistics.median(found):.1f}")
            expect(45 < told["wait_median"] < 51, f"it stands full: {told['wait_median']:.1f} ms")


@test
def a_policer_drops_and_never_delays():
    with laid("policer=10mbit policer-burst=15kB") as lines:
        sent, arrivals = send(lines, 3000, 0.0006)
        told = lines.statistics(1)["up"]
        expect_about(rate_of(arrivals[10:]), 10e6, 0.03, "rate behind the policer")
        expect(told["policed"] == len(sent) - len(arrivals), "the emulator counts them")
        note(f"median delay {statistics.median(delays(sent, arrivals)):.3f} ms")
        expect(statistics.median(delays(sent, arrivals)) < 1, "nothing waits")


@test
def in_silence_nothing_arrives_and_then_all_does():
    with laid("delay=10ms") as lines:
        for words, arriving in (("silence=on", 0), ("silence=off", 50)):
            lines.set(1, "both", words)
            _, arrivals = send(lines, 50, 0.002)
            expect(len(arrivals) == arriving, f"{words}: {len(arrivals)} arrive")
        expect(lines.statistics(1)["up"]["silenced"] == 50, "the emulator counts them")


@test
def a_change_of_rate_holds_for_those_who_wait_already():
    with laid("rate=1mbit queue=10s") as lines:
        timer = threading.Timer(0.5, lambda: lines.set(1, "up", "rate=10mbit"))
        timer.start()
        sent, arrivals = send(lines, 100, 0.0001)
        last = arrivals[-1][1] - sent[0]
        expect(len(arrivals) == 100, "none is lost")
        # 1.2 Mbit: half a second at 1 Mbit/s, the rest at 10.
        expect(0.55 < last < 0.62, f"the last one arrives after {last:.3f} s, not 0.57")


@test
def a_setting_that_is_refused_changes_nothing():
    with laid("delay=20ms") as lines:
        for words in ("delay=1ms loss=2", "delay=1ms colour=red", "gilbert-elliott=1%"):
            with contextlib.suppress(RuntimeError):
                lines.set(1, "up", words)
                expect(False, f"{words} was taken")
        sent, arrivals = send(lines, 20, 0.002)
        expect(min(delays(sent, arrivals)) > 19, "the delay is the one before")


if __name__ == "__main__":
    go_before_others()
    run_tests()
