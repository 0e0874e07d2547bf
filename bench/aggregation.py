#!/usr/bin/env python3
"""Sennit over several unequal access lines, beside its best line alone and the kernel's MPTCP: one table.

    +--------+ eth1 10.1.1.2            +-------+            10.1.1.1 wan1 +---------+
    | client |--------------------------| lines |--------------------------| gateway |
    |        | eth2 10.1.2.2            |       |            10.1.2.1 wan2 |         |
    |        |--------------------------|       |--------------------------|         |
    +--------+           ...            +-------+            ...           +---------+
     tunnel's .2                         emulator                           tunnel's .1

Rounds are interleaved: each contender gets fresh namespaces, starts anew, is measured alone, and is gone before the next.
Nobody is told a rate, but where the scenario is about that.
Share = goodput ÷ (sum of the lines' rates × TCP payload ÷ wire bytes of a full packet).
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path.append(str(ROOT / "tests/netns"))  # has netlab

import line_report
from build import build
from line_contenders import QUIC, LineContender, line_contenders
from line_measurements import LineMeter
from line_stage import LineStage
from lines import SCENARIOS, Scenario
from measurements import background_load
from netlab.namespace import sweep_namespaces
from netlab.running import go_before_others
from stage import Unusable

CONTENDERS = ("sennit", "sennit-best", "plain", "mptcp")
CONTROLS = ("cubic", "bbr", QUIC)
QUIET = 15  # per cent of the CPU


def main() -> None:
    options = parse_options()
    if options.list:
        print("\n".join(f"{each.name:8} {each.title}" for each in SCENARIOS))
        return
    fail_unless_possible()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("aggregation.py: terminated"))
    sweep_namespaces()
    program, emulator = programs(options)
    load = background_load(1)
    if load > QUIET:
        print(f"aggregation.py: others use {load:.0f} % of the CPU", file=sys.stderr)
    if not go_before_others():
        print("aggregation.py: no real-time priority here: other work of this machine counts", file=sys.stderr)
    scenarios = [each for each in SCENARIOS if not options.only or each.name in options.only]
    contenders = [each for each in line_contenders(program) if each.name in options.contenders]
    results = line_report.Results()
    try:
        for number in range(1, options.rounds + 1):
            for scenario in scenarios:
                for contender in contenders:
                    print(f"round {number} of {options.rounds}, {scenario.name}: {contender.name}", file=sys.stderr, flush=True)
                    run(scenario, contender, emulator, options, results)
    except KeyboardInterrupt:
        print("aggregation.py: interrupted; the table holds what was measured", file=sys.stderr)
    text = "\n\n".join(filter(None, [line_report.table(results, scenarios, {each.name: each.title for each in contenders}),
                                      line_report.demands(results, scenarios), *results.late()]))
    print(f"\n{text}")
    if options.output:
        options.output.write_text(text + "\n")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Sennit over several emulated access lines, as Markdown. Root.")
    parser.add_argument("--only", nargs="+", choices=[each.name for each in SCENARIOS], metavar="SCENARIO",
                        help="[all]; --list names them")
    parser.add_argument("--with", nargs="+", dest="contenders", choices=CONTENDERS, default=CONTENDERS, help="[all]")
    parser.add_argument("--tcp", nargs="+", choices=CONTROLS, default=["cubic"],
                        help="congestion control of the flows; quic: a UDP flow with its own [cubic]")
    parser.add_argument("--ways", nargs="+", choices=("up", "down", "both"), help="[as the scenario says]")
    parser.add_argument("--rounds", type=int, default=3, help="[3]")
    parser.add_argument("--seconds", type=float, default=8, help="of a flow; its first quarter is not counted [8]")
    parser.add_argument("--sennit", type=Path, metavar="PROGRAM", help="[builds the preset release]")
    parser.add_argument("--emulator", type=Path, metavar="PROGRAM", help="[that of the same build, or else of the preset release]")
    parser.add_argument("--output", type=Path, metavar="FILE", help="writes the Markdown there too")
    parser.add_argument("--list", action="store_true", help="names the scenarios")
    return parser.parse_args()


def fail_unless_possible() -> None:
    absent = [tool for tool in ("ip", "ping", "ethtool") if not shutil.which(tool)]
    if os.geteuid() != 0:
        sys.exit("aggregation.py: network namespaces need root")
    if absent:
        sys.exit(f"aggregation.py: not installed: {', '.join(absent)}; scripts/deps.sh installs them")


def programs(options: argparse.Namespace) -> tuple[Path, Path]:
    """Sennit and the emulator, built where none is given."""
    place = Path("tests/netns/link_emulator/link_emulator")
    program = options.sennit.resolve() if options.sennit else build("release", "sennit", "link_emulator") / "src/sennit"
    emulator = options.emulator or program.parents[1] / place
    if not emulator.exists():
        emulator = build("release", "link_emulator") / place
    return program, emulator.resolve()


def run(scenario: Scenario, contender: LineContender, emulator: Path, options: argparse.Namespace,
        results: line_report.Results) -> None:
    """Starts a contender, measures it and adds its figures."""
    def add(control: str, figures: dict[str, float]) -> None:
        results.add((scenario.name, contender.name, control), figures)
        told = ", ".join(f"{key} {value:.3f}" for key, value in figures.items())
        print(f"    {f'{control}: ' if control else ''}{told}", file=sys.stderr, flush=True)
    with LineStage(scenario, emulator) as stage:
        try:
            address = contender.start(stage)
            stage.wait_answer(address)
            meter = LineMeter(stage, contender, address, options.seconds)
            add("", meter.idle())
            for control in filter(contender.carries, options.tcp):
                if scenario.is_cut:
                    add(control, meter.cut(control))
                for way in () if scenario.is_cut else options.ways or scenario.ways:
                    add(control, meter.load(way, control))
        except (Unusable, RuntimeError, OSError, subprocess.SubprocessError) as reason:
            print(f"    left out: {reason}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
