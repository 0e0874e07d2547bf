#!/usr/bin/python3 -B
"""How true an impaired device is on this machine, with real clocks: the error of its delay, and the rates that it gets.

    +--------+ eth1  +---------+ wan  wan1 +-------------+
    | client |-------| router1 |-----------|   gateway   |    `device set 10.77.0.2` at the gateway
    +--------+       +---------+           +-------------+

SENNIT=build/release/src/sennit bench/impairment.py [RATE...]. Clocks are the kernel's (SO_TIMESTAMPNS) and the sender's, of one machine. A delay's
error is one way's time, less the delay, less the median of the way without impairment. Rates up to 10 Mbit/s are those of datagrams at their
receiver, higher ones those of TCP as the device counts them; both in IP bytes over ten seconds.
"""

import json
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path.append(str(ROOT / "tests/netns"))  # has netlab

from netlab.flows import Flow
from netlab.lab import INNER_GATEWAY_V4, Lab, Line
from netlab.numbered import probe

INNER = "10.77.0.2"
RATES = ("20kbit", "100kbit", "1mbit", "10mbit", "100mbit", "1gbit")
UNITS = {"kbit": 1e3, "mbit": 1e6, "gbit": 1e9}


def bits(rate: str) -> float:
    return float(rate[:-4]) * UNITS[rate[-4:]]


def delay_error(lab: Lab, milliseconds: float, seconds: float = 10, every: float = 0.001) -> tuple[float, float, float]:
    """Median of the way without impairment; median and 99th percentile of the error with it, as absolute values, ms."""
    count = round(seconds / every)
    base = probe(lab.gateway, lab.client, INNER, count, every).quantile(0.5)
    lab.server.ask("device", "set", INNER, "--down", f"delay={milliseconds}ms")
    outcome = probe(lab.gateway, lab.client, INNER, count, every)
    lab.server.ask("device", "clear", INNER)
    errors = sorted(abs(delay - milliseconds - base) for delay in outcome.delays)
    return base, errors[len(errors) // 2], errors[int(0.99 * len(errors))]


def delivered(lab: Lab) -> int:
    return json.loads(lab.server.ask("device", "show", INNER, "--json").stdout)["down"]["achieved"]["bytes"]


def datagram_rate(lab: Lab, rate: float) -> float:
    """A fifth more than the rate is sent; the queue of 250 ms is full after two seconds."""
    payload = 100 if rate < 1e6 else 1372
    every = (payload + 28) * 8 / rate / 1.2
    outcome = probe(lab.gateway, lab.client, INNER, round(12 / every), every, payload)
    began = outcome.arrivals[0][2]
    return type(outcome)(outcome.sent, [a for a in outcome.arrivals if 2 <= a[2] - began < 12], 0).rate(payload + 28)


def transfer_rate(lab: Lab) -> float:
    flows = [Flow(lab.client, lab.gateway, INNER_GATEWAY_V4, "down", 13)]
    time.sleep(2)
    first, began = delivered(lab), time.monotonic()
    time.sleep(10)
    last, ended = delivered(lab), time.monotonic()
    for flow in flows:
        flow.wait()
    return 8 * (last - first) / (ended - began)


def rate_of(lab: Lab, text: str) -> float:
    lab.server.ask("device", "set", INNER, "--down", f"rate={text}")
    try:
        return datagram_rate(lab, bits(text)) if bits(text) <= 1e7 else transfer_rate(lab)
    finally:
        lab.server.ask("device", "clear", INNER)


def main() -> None:
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors: figures hold for an idle machine\n")
    with Lab(Line()) as lab:
        lab.server, _ = lab.start()
        print("| delay | way without it | error: median | 99 % below |\n|---|---|---|---|", flush=True)
        for milliseconds in (1, 20, 200):
            base, median, high = delay_error(lab, milliseconds)
            print(f"| {milliseconds} ms | {base:.3f} ms | {median:.3f} ms | {high:.3f} ms |", flush=True)
        print("\n| rate | achieved |\n|---|---|", flush=True)
        for rate in sys.argv[1:] or RATES:
            print(f"| {rate} | {100 * rate_of(lab, rate) / bits(rate):.2f} % |", flush=True)


if __name__ == "__main__":
    main()
