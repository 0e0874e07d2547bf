#!/usr/bin/python3 -B
"""netem beside Sennit: the same parameters, the same packets, both distributions in one table. For a kernel that has netem.

    +--------+ eth1  +---------+ wan  wan1 +-------------+    netem: at the gateway's wan1, packets to 10.1.1.2
    | client |-------| router1 |-----------|   gateway   |    Sennit: `device set` at the gateway, packets to 10.77.0.2
    +--------+       +---------+           +-------------+

scripts/compare_netem.sh runs this under Debian's kernel. What a way takes without impairment (its median) is taken off its delays.
"""

import argparse
import math
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path.append(str(ROOT / "tests/netns"))  # has netlab

from netlab.lab import Lab, Line
from netlab.numbered import Outcome, probe
from netlab.running import wait_for

OUTER, INNER = "10.1.1.2", "10.77.0.2"
PATIENCE = 120  # seconds; an emulated machine takes its time
PARETO_999 = 2 / math.sqrt(3) * (1000 ** (1 / 3) - 3 / 2)  # where 0.1 % of shape 3 lie beyond, in deviations


@dataclass
class Case:
    """One setting for both, and what is looked at: (name, what was asked for, how it is measured, how it is written)."""

    netem: str
    sennit: str
    looks: list
    count: int = 2000
    every: float = 0.004
    payload: int = 200


def ms(name, asked, take):
    return (name, f"{asked:.2f} ms", take, lambda value: f"{value:.2f} ms")


def share(name, asked, take):
    return (name, f"{100 * asked:.2f} %", take, lambda value: f"{100 * value:.2f} %")


def number(name, asked, take):
    return (name, f"{asked:.2f}", take, lambda value: f"{value:.2f}")


def delays(mean, deviation, overtaking=None):
    looks = [ms("mean", mean, lambda o: o.mean), ms("deviation", deviation, lambda o: o.deviation)]
    if overtaking is not None:
        looks.append(share("overtaking", overtaking, lambda o: o.overtaking))
    return looks


def losses(lost, burst):
    return [share("lost", lost, lambda o: o.lost), number("mean burst", burst, lambda o: o.mean_burst)]


def markov_burst(p, rho):
    return 1 / ((1 - p) * (1 - rho))


CASES = [
    Case("delay 60ms", "delay=60ms", [*delays(60, 0), ms("99 % below", 60, lambda o: o.quantile(0.99))]),
    Case("delay 60ms 10ms", "delay=60ms jitter=10ms", delays(60, 10 / math.sqrt(3), 0)),
    Case("delay 60ms 10ms", "delay=60ms jitter=10ms order=netem", delays(60, 10 / math.sqrt(3))),
    Case("delay 60ms 10ms 50%", "delay=60ms jitter=10ms delay-correlation=50% order=netem",
         [*delays(60, 10 / math.sqrt(3)), number("correlation", 0.5, lambda o: o.correlation)], 8000),
    Case("delay 60ms 10ms distribution normal", "delay=60ms jitter=10ms distribution=normal order=netem", delays(60, 10)),
    Case("delay 60ms 10ms distribution pareto", "delay=60ms jitter=10ms distribution=pareto order=netem",
         [*delays(60, 10), ms("99.9 % below", 60 + 10 * PARETO_999, lambda o: o.quantile(0.999))], 20_000, 0.001),
    Case("loss 5%", "loss=5%", losses(0.05, 1 / 0.95), 12_000, 0.001),
    Case("loss 5% 25%", "loss=5% loss-correlation=25%", losses(0.05, markov_burst(0.05, 0.25)), 12_000, 0.001),
    Case("loss 10% 50%", "loss=10% loss-correlation=50%", losses(0.10, markov_burst(0.1, 0.5)), 12_000, 0.001),
    Case("loss gemodel 1% 10%", "loss-model=gilbert-elliott 1% 10%", losses(1 / 11, 10), 12_000, 0.001),
    Case("loss state 2% 40%", "loss-model=states 2% 40%", losses(0.02 / 0.42, 2.5), 12_000, 0.001),
    Case("duplicate 5%", "duplicate=5%", [share("duplicated", 0.05, lambda o: o.duplicated)], 8000, 0.001),
    Case("corrupt 5%", "corrupt=5%", [share("damaged", 0.05, lambda o: o.corrupted + o.lost)], 8000, 0.001),
    Case("delay 20ms reorder 25%", "delay=20ms reorder=25%", [share("at once", 0.25, lambda o: sum(d < 10 for d in o.delays) / len(o.delays))]),
    # netem counts the 14 bytes of the Ethernet header, so that of 1 Mbit/s 0.987 are IP; and the tunnel's own probes share its line.
    Case("rate 1mbit", "rate=1mbit queue=2s", [("rate", "1.000 Mbit/s", lambda o: o.rate(1028), lambda v: f"{v / 1e6:.3f} Mbit/s")],
         500, 0.004, 1000),
]


def without(outcome: Outcome, base: float) -> Outcome:
    return Outcome(outcome.sent, [(n, d - base, at) for n, d, at in outcome.arrivals], outcome.damaged)


class Stage:
    """Both ways, and what they take when nothing is impaired."""

    def __init__(self, lab: Lab):
        self.lab = lab
        self.server = lab.make_gateway().start()
        self.server.wait_ready(PATIENCE)
        home = lab.make_client().start()
        wait_for(home.is_up, PATIENCE, "the tunnel is up")
        self.base = {address: self.run(address, Case("", "", [], 1000)).quantile(0.5) for address in (OUTER, INNER)}

    def run(self, address: str, case: Case) -> Outcome:
        return probe(self.lab.gateway, self.lab.client, address, case.count, case.every, case.payload)

    def with_netem(self, case: Case) -> Outcome:
        self.lab.gateway.run("tc", "qdisc", "add", "dev", "wan1", "root", "netem", *case.netem.split())
        try:
            return without(self.run(OUTER, case), self.base[OUTER])
        finally:
            self.lab.gateway.run("tc", "qdisc", "del", "dev", "wan1", "root")

    def with_sennit(self, case: Case) -> Outcome:
        # A device keeps its seed while the gateway runs: without one of its own each case would meet the same chance.
        self.server.ask("device", "set", INNER, "--down", f"{case.sennit} seed={CASES.index(case)}")
        try:
            return without(self.run(INNER, case), self.base[INNER])
        finally:
            self.server.ask("device", "clear", INNER)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="", help="only cases whose settings hold one of these texts, divided by commas")
    only = options.parse_args().only.split(",")
    where = "in an emulated machine" if os.environ.get("DEBIAN_KERNEL_RUN") else "on this machine"
    with Lab(Line()) as lab:
        stage = Stage(lab)
        print(f"Linux {platform.release()} {where}. Without impairment: {stage.base[OUTER]:.2f} ms to the kernel, "
              f"{stage.base[INNER]:.2f} ms through the tunnel (medians, taken off below).\n")
        print("| netem | Sennit | | asked for | netem | Sennit |\n|---|---|---|---|---|---|", flush=True)
        for case in CASES:
            if not any(text in f"{case.netem} {case.sennit}" for text in only):
                continue
            theirs, ours = stage.with_netem(case), stage.with_sennit(case)
            first = True
            for name, asked, take, write in case.looks:
                settings = f"`{case.netem}` | `{case.sennit}`" if first else " | "
                print(f"| {settings} | {name} | {asked} | {write(take(theirs))} | {write(take(ours))} |", flush=True)
                first = False


if __name__ == "__main__":
    main()
