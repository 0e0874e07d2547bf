#!/usr/bin/python3 -B
"""Ten profiles, configured against measured: by the tunnel, by tc through `sennit shaper`, and by plain tc as one would type it; and
what TCP gets of two rates. Towards the device only. Run by scripts/shaping_table.sh in the emulated machine; prints two tables in
Markdown, and ends with status 1 where tc is not what it is by hand, or TCP gets too little."""

import json
import math
import re
import socket
import statistics
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "netns"))

from netlab.endpoint import sennit
from netlab.flows import Flow
from netlab.lab import INET_V4, Lab, Line
from netlab.running import expect
from netlab.traffic import expect_ping
from shaper_lab import DEVICE, INET, ShaperLab

PROFILES = ("atc-edge-average", "atc-edge-lossy", "atc-3g-average", "atc-3g-good", "atc-dsl", "atc-cable", "android-umts",
            "comcast-dsl-poor", "lighthouse-mobile-slow-4g", "nlc-very-bad")
UNITS = {"kbit": 1e3, "mbit": 1e6, "ms": 1.0, "s": 1e3, "%": 0.01}
SIZE = 1000  # bytes of an IP packet
MEAN_SIZE = 500  # of those of which some are lost
SMALL_SIZE = 60  # of those whose delay is measured
DELAYS = {True: 600, False: 60}  # so many where the delay varies, and where it does not
LOSSES = {True: 3000, False: 200}  # so many where some are lost, and where none is
APART = 0.1  # seconds between small ones: more than any jitter, so that none has to wait to keep the order
RATE_SECONDS = 10
TCP_SECONDS = {1: 12, 10: 5}  # by the rate in Mbit/s
TCP_LEAST = 0.93  # of the rate

# How far apart tc and tc by hand may be.
RATE_TOLERANCE = 0.005
DELAY_TOLERANCE = 0.3  # ms, for a delay that does not vary
DEVIATIONS = 3.9  # of what chance explains: 99.99 %


def value(options: str, key: str) -> float:
    """A number of the options in bit/s, ms or 1; 0 where the key is not there."""
    found = re.search(rf"(?:^| ){key}=([\d.]+)(kbit|mbit|ms|s|%)", options)
    return float(found[1]) * UNITS[found[2]] if found else 0.0


class Arrivals:
    """Datagrams that arrive at a host, with the time that each took: the clock is the same everywhere here."""

    def __init__(self, host, address: str):
        with host:
            self._sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sink.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)  # SO_RCVBUFFORCE
        self._sink.bind((address, 5003))
        self._sink.settimeout(0.2)
        self._is_over = False
        self.seen: list[tuple[float, int, float]] = []
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        while not self._is_over:
            try:
                data = self._sink.recv(2000)
            except TimeoutError:
                continue
            now = time.monotonic()
            self.seen.append((now, len(data) + 28, now - float(data[:20])))

    def close(self) -> None:
        self._is_over = True
        self._thread.join()
        self._sink.close()


def send(host, address: str, size: int, rate: float, count: int) -> None:
    """COUNT datagrams of SIZE bytes with headers, at RATE bit/s."""
    with host:
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with link:
        began = time.monotonic()
        for number in range(count):
            wait = began + number * size * 8 / rate - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            link.sendto(f"{time.monotonic():020.9f}".encode().ljust(size - 28), (address, 5003))


@dataclass
class Measured:
    rate: float  # bit/s
    delay: float  # ms
    loss: float


def sent_and_seen(arrivals: Arrivals, settle: float, *how: object) -> list[tuple[float, int, float]]:
    """What arrives of what send() sends, until all that comes has come."""
    arrivals.seen.clear()
    send(*how)
    time.sleep(settle)
    return list(arrivals.seen)


def measure(source, target, address: str, options: str) -> Measured:
    rate, delay, jitter = (value(options, key) for key in ("rate", "delay", "jitter"))
    settle = (delay + jitter) / 1000 + 0.6
    arrivals = Arrivals(target, address)
    small = sent_and_seen(arrivals, settle, source, address, SMALL_SIZE, 8 * SMALL_SIZE / APART, DELAYS[jitter > 0])
    count = LOSSES[value(options, "loss") > 0]
    middle = sent_and_seen(arrivals, settle, source, address, MEAN_SIZE, min(rate * 0.6, 2e6), count)
    # Half again as much as the line takes, so that it is never idle.
    began = time.monotonic()
    large = sent_and_seen(arrivals, settle + 0.5, source, address, SIZE, rate * 1.5, round(rate * 1.5 * (RATE_SECONDS + settle) / 8 / SIZE))
    arrivals.close()
    inside = [(at, size) for at, size, _ in large if began + settle <= at <= began + settle + RATE_SECONDS]
    span = inside[-1][0] - inside[0][0]
    return Measured(8 * sum(size for _, size in inside[1:]) / span, 1000 * statistics.mean(took for _, _, took in small),
                    1 - len(middle) / count)


def by_hand(options: str) -> list[str]:
    """What one would type, for the interface towards the device; the rate is that of IP packets, as ours."""
    rate, delay, jitter, loss = (value(options, key) for key in ("rate", "delay", "jitter", "loss"))
    queue = round(rate * (delay + jitter) / 1000 / 8 / MEAN_SIZE) + max(10, round(rate * 0.25 / 8 / 1500))
    return ["qdisc add dev lan0 root handle 1: stab overhead -14 linklayer ethernet htb default 10",
            f"class add dev lan0 parent 1: classid 1:10 htb rate {rate:.0f}bit",
            f"qdisc add dev lan0 parent 1:10 netem limit {queue} delay {delay}ms {jitter}ms loss {100 * loss}%"]


def profiles() -> dict[str, str]:
    known = {p["name"]: p["down"] for p in json.loads(sennit("profile", "list", "--json").stdout)}
    return {name: known[name] for name in PROFILES}


def tcp(client, far, address: str, rate: int) -> float:
    """The share of the rate that one connection gets, from its start."""
    seconds = TCP_SECONDS[rate]
    return Flow(client, far, address, "down", seconds).wait().rate(0, seconds) / rate


class Tunnel:
    name = "tunnel"

    def measure(self, chosen: dict[str, str]) -> dict[str, Measured]:
        with Lab(Line()) as lab:
            server, _ = lab.start()
            found = {}
            for name, options in chosen.items():
                server.ask("device", "set", "10.77.0.2", "--down", options)
                found[name] = measure(lab.gateway, lab.client, "10.77.0.2", options)
                # A wire here: a packet takes its own time on it, and with tc a bucket, which is full.
                found[name].delay -= 1000 * 8 * SMALL_SIZE / value(options, "rate")
            return found

    def tcp(self, rate: int) -> float:
        with Lab(Line(), inet=True) as lab:
            for host, interface in ((lab.inet, "eth0"), (lab.gateway, "net0")):
                host.set_offloads(interface, "off", "tso", "gso", "gro")
            server, _ = lab.start("--route", "default", gateway=("--masquerade", "net0"))
            server.ask("device", "set", "10.77.0.2", "--down", f"rate={rate}mbit delay=10ms")
            return tcp(lab.client, lab.inet, INET_V4, rate)


class Shaped:
    """Each profile on a router of its own, which `prepare` shapes."""

    def prepare(self, lab: ShaperLab, options: str) -> None:
        raise NotImplementedError

    def measure(self, chosen: dict[str, str]) -> dict[str, Measured]:
        found = {}
        for name, options in chosen.items():
            with ShaperLab() as lab:
                expect_ping(lab.inet, DEVICE)  # the neighbours' addresses would be delayed, too
                self.prepare(lab, options)
                found[name] = measure(lab.inet, lab.device, DEVICE, options)
        return found

    def tcp(self, rate: int) -> float:
        with ShaperLab() as lab:
            self.prepare(lab, f"rate={rate}mbit delay=10ms")
            return tcp(lab.device, lab.inet, INET, rate)


class Tc(Shaped):
    name = "tc"

    def prepare(self, lab: ShaperLab, options: str) -> None:
        lab.start()
        lab.set(options)


class ByHand(Shaped):
    name = "by hand"

    def prepare(self, lab: ShaperLab, options: str) -> None:
        for words in by_hand(options):
            lab.router.run("tc", *words.split())


WAYS = (Tunnel(), Tc(), ByHand())


def row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def print_profiles(chosen: dict[str, str], results: list[dict[str, Measured]]) -> None:
    names = [way.name for way in WAYS]
    row("profile, down", "rate, kbit/s: set", *names, "delay, ms: set", *names, "loss: set", *names)
    print("|---" * 13 + "|")
    for name, options in chosen.items():
        ways = [one[name] for one in results]
        row(name, f"{value(options, 'rate') / 1e3:.0f}", *(f"{way.rate / 1e3:.0f}" for way in ways),
            f"{value(options, 'delay'):g}", *(f"{way.delay:.1f}" for way in ways),
            f"{100 * value(options, 'loss'):g} %", *(f"{100 * way.loss:.2f} %" for way in ways))


def difference(options: str, tc: Measured, hand: Measured) -> str:
    """In what tc is not what it is by hand; empty: in nothing."""
    jitter, loss = value(options, "jitter"), value(options, "loss")
    # Of a difference of two means; an even distribution's deviation is its half width by the root of three.
    delay_most = DELAY_TOLERANCE + DEVIATIONS * jitter / math.sqrt(3) * math.sqrt(2 / DELAYS[jitter > 0])
    loss_most = DEVIATIONS * math.sqrt(2 * loss * (1 - loss) / LOSSES[loss > 0])
    return ", ".join(what for what, is_so in (("rate", abs(tc.rate / hand.rate - 1) > RATE_TOLERANCE),
                                              ("delay", abs(tc.delay - hand.delay) > delay_most),
                                              ("loss", abs(tc.loss - hand.loss) > loss_most)) if is_so)


def main() -> None:
    chosen = profiles()
    expect(len(chosen) == 10, "ten profiles")
    results = [way.measure(chosen) for way in WAYS]
    print_profiles(chosen, results)
    print()
    row("one TCP connection, down, delay 10 ms", *(way.name for way in WAYS))
    print("|---" * 4 + "|")
    shares = {rate: [way.tcp(rate) for way in WAYS] for rate in TCP_SECONDS}
    for rate, got in shares.items():
        row(f"{rate} Mbit/s", *(f"{100 * share:.1f} %" for share in got))
    wrong = [f"{name}: {what} of tc and of tc by hand" for name, options in chosen.items()
             if (what := difference(options, results[1][name], results[2][name]))]
    wrong += [f"TCP by {way.name} at {rate} Mbit/s" for rate, got in shares.items() for way, share in zip(WAYS[:2], got) if share < TCP_LEAST]
    print("\n".join(["", *wrong]) if wrong else "\ntc is what it is by hand, within the tolerance.")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
