#!/usr/bin/env python3
"""Sennit beside its rivals on one machine: prints medians, what is demanded of them, and on what they were measured, as Markdown.

    +--------+ wire1 10.1.1.2              10.1.1.1 wire1 +---------+
    | client |-------------- veth, MTU 1500 --------------| gateway |
    |        | wire2 10.1.2.2              10.1.2.1 wire2 |         |
    |        |-------------- with --links 4 --------------|         |
    +--------+                  ...                       +---------+
     tunnel's .2                                           tunnel's .1, iperf3 server

In every round each contender gets two fresh namespaces, starts, is measured alone, and is gone before the next one starts.
Contenders, daemons and iperf3 share the same cores. CPU seconds a gigabyte are those of the whole machine, iperf3 included.
iperf3 works all flows of a test in one thread.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path.append(str(ROOT / "tests/netns"))  # has netlab

import contenders
import report
from build import build
from contenders import Contender
from measurements import Meter, background_load
from netlab.namespace import sweep_namespaces
from report import Setting
from stage import Stage, Unusable

PRESETS = ("release", "release-libsodium", "bench-cipher-off")
MEASUREMENTS = ("ping", "tcp1", "tcp4", "udp")
RIVALS = ("veth", "wireguard-go", "wireguard-go-old", "openvpn", "tinc", "fastd")
ON_SEGMENTED = ("veth", "wireguard-go")  # those whom a demand names there; our builds come too
QUIET = 5  # per cent of the CPU
TOOLS = ("ip", "ping", "iperf3", "ethtool", "wg", "openssl")


def main() -> None:
    options = parse_options()
    fail_unless_possible()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("compare.py: terminated"))
    sweep_namespaces()
    ours = [contenders.sennit(name, program) for name, program in options.sennit or built_presets()]
    rivals, missing = contenders.rivals()
    for sentence in missing:
        print(f"compare.py: {sentence}", file=sys.stderr)
    everyone = [*ours, *(rival for rival in rivals if rival.name in options.rivals)]
    settings, load = make_settings(options), background_load()
    if load > QUIET:
        print(f"compare.py: others use {load:.0f} % of the CPU: trust no figure, and least of all CPU s/GB", file=sys.stderr)
    try:
        for number in range(1, options.rounds + 1):
            for setting in settings:
                run_round(setting, taking_part(setting, everyone), options, f"round {number} of {options.rounds}")
    except KeyboardInterrupt:
        sys.exit("compare.py: interrupted")
    text = "\n\n".join([
        *(report.table(setting, everyone) for setting in settings),
        report.demands(settings, report.choose_roles([each.name for each in ours])),
        report.machine(everyone, options.rounds, options.seconds, load)])
    print(f"\n{text}")
    if options.output:
        options.output.write_text(text + "\n")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Sennit beside its rivals, as Markdown. Root.")
    parser.add_argument("--sennit", action="append", type=named_program, metavar="NAME=PROGRAM",
                        help=f"repeatable; a build of ours [builds the presets {', '.join(PRESETS)}]")
    parser.add_argument("--rivals", nargs="*", choices=RIVALS, default=RIVALS, help="[all]")
    parser.add_argument("--measure", nargs="+", choices=MEASUREMENTS, default=MEASUREMENTS, help="[all]; tcp1 tells the CPU cost too")
    parser.add_argument("--wire", choices=("default", "segmented", "both"), default="both",
                        help="segmented: TCP once more over veth without USO and TSO [both]")
    parser.add_argument("--links", type=int, default=4, metavar="N", help="TCP once more over N links; 1 leaves it out [4]")
    parser.add_argument("--rounds", type=int, default=3, help="[3]")
    parser.add_argument("--seconds", type=int, default=4, help="of one measurement [4]")
    parser.add_argument("--quick", action="store_true", help="one round of 1 s on the default wire, to see that all of it works")
    parser.add_argument("--output", type=Path, metavar="FILE", help="writes the Markdown there too")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.wire, options.links = 1, 1, "default", 1
    return options


def named_program(text: str) -> tuple[str, Path]:
    name, _, program = text.partition("=")
    path = Path(program).resolve()
    if not name or not os.access(path, os.X_OK):
        raise argparse.ArgumentTypeError(f"{text}: not NAME=PROGRAM, or not a program")
    return name, path


def fail_unless_possible() -> None:
    absent = [tool for tool in TOOLS if not shutil.which(tool)]
    if os.geteuid() != 0:
        sys.exit("compare.py: network namespaces need root")
    if absent:
        sys.exit(f"compare.py: not installed: {', '.join(absent)}; bench/deps.sh installs them")


def built_presets() -> list[tuple[str, Path]]:
    """Builds those of our presets that there are."""
    known = {preset["name"] for preset in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]}
    return [(preset, build(preset, "sennit") / "src/sennit") for preset in filter(known.__contains__, PRESETS)]


def make_settings(options: argparse.Namespace) -> list[Setting]:
    settings = []
    if options.wire != "segmented" or options.links > 1:
        settings.append(Setting("One veth of MTU 1500"))
    if options.wire != "default":
        settings.append(Setting("Segmented wire: the veth's USO and TSO off, GRO on", segmented=True))
    if options.links > 1:
        settings.append(Setting(f"{options.links} links, a veth each", wires=options.links))
    return settings


def taking_part(setting: Setting, everyone: list[Contender]) -> list[Contender]:
    """On the plain wire all; else our builds and whom a demand names."""
    if setting.wires > 1:
        return [each for each in everyone if each.ours]
    return [each for each in everyone if not setting.segmented or each.ours or each.name in ON_SEGMENTED]


def run_round(setting: Setting, everyone: list[Contender], options: argparse.Namespace, title: str) -> None:
    chosen = [each for each in options.measure if each.startswith("tcp") or not (setting.segmented or setting.wires > 1)]
    for contender in everyone if chosen else []:
        print(f"{title}, {setting.title}: {contender.name}", flush=True)
        with Stage(setting.segmented, setting.wires) as stage:
            try:
                meter = start(contender, stage, options.seconds)
            except (Unusable, RuntimeError, OSError, subprocess.SubprocessError) as reason:
                print(f"    left out: {reason}", flush=True)
                continue
            for measurement in chosen:
                measure(contender, meter, measurement, setting)


def start(contender: Contender, stage: Stage, seconds: int) -> Meter:
    address = contender.start(stage)
    stage.wait_answer(address)
    return Meter(stage, address, seconds)


def measure(contender: Contender, meter: Meter, measurement: str, setting: Setting) -> None:
    """Adds a round's figures to the setting and prints them."""
    try:
        figures = {"ping": meter.ping, "tcp1": lambda: meter.tcp(1), "tcp4": lambda: meter.tcp(4),
                   "udp": lambda: meter.udp(contender.ours)}[measurement]()
    except (Unusable, OSError, ValueError) as reason:
        print(f"    {measurement} has no figure: {reason}", flush=True)
        return
    setting.add(contender.name, figures)
    print("    " + ", ".join(f"{key} {value:.3f}" for key, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
