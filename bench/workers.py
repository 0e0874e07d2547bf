#!/usr/bin/env python3
"""A gateway with one worker beside one with as many as it has clients: prints medians as Markdown.

    +---------+ wire1 10.1.1.2   10.1.1.1 +---------+
    | client  |---------------------------|         |
    +---------+                           | gateway |
    | client2 |---------------------------|         |
    +---------+ wire2 10.1.2.2   10.1.2.1 +---------+
        ...                                tunnel's 10.77.0.1, an iperf3 server a client

All clients send, or receive, at the same time. CPU seconds a gigabyte are those of the whole machine, iperf3 included.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path.append(str(ROOT / "tests/netns"))  # has netlab

from build import build
from measurements import background_load, busy_seconds
from netlab.emulated_line import GATEWAY
from netlab.namespace import command, sweep_namespaces
from stage import Stage, Unusable

INNER_GATEWAY = "10.77.0.1"
_FIRST_PORT = 5201


def main() -> None:
    options = parse_options()
    if os.geteuid() != 0:
        sys.exit("workers.py: network namespaces need root")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("workers.py: terminated"))
    sweep_namespaces()
    program = options.sennit or build("release", "sennit") / "src/sennit"
    figures: dict[int, dict[str, list[float]]] = {1: {}, options.clients: {}}
    load = background_load()
    for turn in range(1, options.rounds + 1):
        for workers in figures if turn % 2 else reversed(figures):
            print(f"round {turn} of {options.rounds}: {workers} worker(s)", flush=True)
            for key, value in measure(program, workers, options).items():
                figures[workers].setdefault(key, []).append(value)
    print(f"\n| workers, {options.clients} clients | Gbit/s up | Gbit/s down | CPU s/GB up | CPU s/GB down |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for workers, measured in figures.items():
        print("| " + " | ".join([str(workers), *(f"{statistics.median(values):.2f}" for values in measured.values())]) + " |")
    print(f"\n{os.cpu_count()} processors, medians of {options.rounds}, {options.seconds} s each; others used {load:.0f} % of the CPU before the start.")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="One worker beside several, as Markdown. Root.")
    parser.add_argument("--sennit", type=Path, metavar="PROGRAM", help="[builds the preset release]")
    parser.add_argument("--clients", type=int, choices=range(2, 9), default=2, help="[2]")
    parser.add_argument("--rounds", type=int, default=5, help="[5]")
    parser.add_argument("--seconds", type=int, default=3, help="of one measurement [3]")
    return parser.parse_args()


def measure(program: Path, workers: int, options: argparse.Namespace) -> dict[str, float]:
    """Gbit/s of all clients together and CPU seconds a gigabyte, both ways."""
    with Stage() as stage:
        hosts = [stage.client, *(stage.add_client(number) for number in range(2, options.clients + 1))]
        start(stage, program, workers, hosts)
        for number in range(len(hosts)):
            stage.run(stage.gateway, f"iperf3-{number}", "iperf3", "--server", "--port", _FIRST_PORT + number)
        rates, costs = {}, {}
        for way, words in (("up", []), ("down", ["--reverse"])):
            busy = busy_seconds()
            running = [transfer(host, _FIRST_PORT + number, options.seconds, words) for number, host in enumerate(hosts)]
            told = [json.loads(process.communicate(timeout=options.seconds + 15)[0]) for process in running]
            seconds = busy_seconds() - busy
            received = [each["end"]["sum_received"] for each in told]
            rates[f"Gbit/s {way}"] = sum(each["bits_per_second"] for each in received) / 1e9
            costs[f"CPU {way}"] = seconds / (sum(each["bytes"] for each in received) / 1e9)
        return rates | costs


def start(stage: Stage, program: Path, workers: int, hosts: list) -> None:
    """The gateway and its clients, up."""
    names = ["gateway", *(f"client{number}" for number in range(1, len(hosts) + 1))]
    keys = {name: command(program, "keygen", "-o", stage.folder / f"{name}.key").stdout.strip() for name in names}
    own = {name: ["--key", stage.folder / f"{name}.key", "--control", stage.folder / f"{name}.sock",
                  "--state", stage.folder / f"{name}.state"] for name in names}
    peers = [word for number, name in enumerate(names[1:], 2) for word in ("--peer", f"{name}={keys[name]},10.77.0.{number}")]
    stage.run(stage.gateway, "gateway", program, "gateway", *own["gateway"], "--workers", workers, *peers)
    for number, (name, host) in enumerate(zip(names[1:], hosts), 1):
        stage.run(host, name, program, "client", *own[name], "--gateway", f"{GATEWAY}:6000", "--gateway-key", keys["gateway"],
                  "--link", f"wire{number}")
    for host in hosts:
        stage.wait_until(lambda: host.run("ping", "-n", "-c", 1, "-W", 1, INNER_GATEWAY, check=False).returncode == 0,
                         f"{INNER_GATEWAY} answers {host.short}")


def transfer(host, port: int, seconds: int, words: list[str]) -> subprocess.Popen:
    return subprocess.Popen(["ip", "netns", "exec", host.name, "iperf3", "--json", "--client", INNER_GATEWAY, "--port", str(port),
                             "--time", str(seconds), "--connect-timeout", "3000", *words],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


if __name__ == "__main__":
    try:
        main()
    except Unusable as reason:
        sys.exit(f"workers.py: {reason}")
