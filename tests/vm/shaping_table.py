#!/usr/bin/python3 -B
"""Ten profiles, configured against measured: by the tunnel, by tc through `sennit shaper`, and by plain tc as one would type it. Towards
the device only. Run by scripts/shaping_table.sh in the emulated machine; prints a table in Markdown."""

import json
import re
import socket
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "netns"))

from netlab.endpoint import sennit
from netlab.lab import Lab, Line
from netlab.running import expect
from netlab.traffic import expect_ping
from shaper_lab import DEVICE, ShaperLab

PROFILES = ("atc-edge-average", "atc-edge-lossy", "atc-3g-average", "atc-3g-good", "atc-dsl", "atc-cable", "android-umts",
            "comcast-dsl-poor", "lighthouse-mobile-slow-4g", "nlc-very-bad")
UNITS = {"kbit": 1e3, "mbit": 1e6, "ms": 1.0, "s": 1e3, "%": 0.01}
SIZE = 1000  # bytes of an IP packet
MEAN_SIZE = 500  # of those of which some are lost
LOSSES = 2000  # at most so many
LOSS_SECONDS = 4
RATE_SECONDS = 3


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


def measured(source, target, address: str, options: str) -> tuple[float, float, float]:
    """Rate in bit/s, delay in ms, loss of 1."""
    rate, delay = value(options, "rate"), value(options, "delay")
    settle = delay / 1000 + value(options, "jitter") / 1000 + 0.6
    arrivals = Arrivals(target, address)
    # Small ones far below the rate: each is delayed by the delay and its own time on the line.
    send(source, address, 60, min(rate / 8, 30e3), 80)
    time.sleep(settle)
    delays = [took for _, _, took in arrivals.seen]
    own_time = 74 * 8 / rate if rate else 0
    arrivals.seen.clear()
    pace = min(rate * 0.6, 2e6)
    count = round(min(LOSSES, pace * LOSS_SECONDS / 8 / MEAN_SIZE))
    send(source, address, MEAN_SIZE, pace, count)
    time.sleep(settle)
    lost = 1 - len(arrivals.seen) / count
    arrivals.seen.clear()
    # Half again as much as the line takes, so that it is never idle.
    began = time.monotonic()
    send(source, address, SIZE, rate * 1.5, max(20, round(rate * 1.5 * (RATE_SECONDS + settle) / 8 / SIZE)))
    ended = time.monotonic()
    inside = [(at, size) for at, size, _ in arrivals.seen if began + settle <= at <= ended]
    span = inside[-1][0] - inside[0][0]
    got = 8 * sum(size for _, size in inside[1:]) / span
    time.sleep(settle + 0.5)
    arrivals.close()
    return got, 1000 * (statistics.mean(delays) - own_time), lost


def by_hand(options: str) -> list[str]:
    """What one would type, for the interface towards the device."""
    rate, delay, jitter, loss = (value(options, key) for key in ("rate", "delay", "jitter", "loss"))
    queue = round(rate * (delay + jitter) / 1000 / 8 / MEAN_SIZE) + max(10, round(rate * 0.25 / 8 / 1500))
    return ["qdisc add dev lan0 root handle 1: htb default 10",
            f"class add dev lan0 parent 1: classid 1:10 htb rate {rate:.0f}bit",
            f"qdisc add dev lan0 parent 1:10 netem limit {queue} delay {delay}ms {jitter}ms loss {100 * loss}%"]


def profiles() -> dict[str, str]:
    known = {p["name"]: p["down"] for p in json.loads(sennit("profile", "list", "--json").stdout)}
    return {name: known[name] for name in PROFILES}


def through_tunnel(chosen: dict[str, str]) -> dict:
    with Lab(Line()) as lab:
        server, _ = lab.start()
        found = {}
        for name, options in chosen.items():
            server.ask("device", "set", "10.77.0.2", "--down", options)
            found[name] = measured(lab.gateway, lab.client, "10.77.0.2", options)
        return found


def through_tc(chosen: dict[str, str]) -> dict:
    found = {}
    for name, options in chosen.items():
        with ShaperLab() as lab:
            lab.start()
            lab.set(options)
            found[name] = measured(lab.inet, lab.device, DEVICE, options)
    return found


def through_hand_made(chosen: dict[str, str]) -> dict:
    found = {}
    for name, options in chosen.items():
        with ShaperLab() as lab:
            expect_ping(lab.inet, DEVICE)  # the neighbours' addresses would be delayed, too
            for words in by_hand(options):
                lab.router.run("tc", *words.split())
            found[name] = measured(lab.inet, lab.device, DEVICE, options)
    return found


def main() -> None:
    chosen = profiles()
    expect(len(chosen) == 10, "ten profiles")
    results = [way(chosen) for way in (through_tunnel, through_tc, through_hand_made)]
    print("| profile, down | rate, kbit/s: set | tunnel | tc | by hand | delay, ms: set | tunnel | tc | by hand | loss: set | tunnel | tc | by hand |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for name, options in chosen.items():
        rates, delays, losses = ([one[name][what] for one in results] for what in range(3))
        cells = [f"{name}", f"{value(options, 'rate') / 1e3:.0f}", *(f"{r / 1e3:.0f}" for r in rates),
                 f"{value(options, 'delay'):g}", *(f"{d:.1f}" for d in delays),
                 f"{100 * value(options, 'loss'):g} %", *(f"{100 * loss:.1f} %" for loss in losses)]
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
