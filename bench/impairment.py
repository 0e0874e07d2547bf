#!/usr/bin/python3 -B
"""How true an impaired device is on this machine, with real clocks: the error of its delay, the rates that datagrams and TCP get, and what a
delay costs one TCP flow, and what ten thousand devices cost a packet.

    +--------+ eth1  +---------+ wan  wan1 +-------------+
    | client |-------| router1 |-----------|   gateway   |    `device set 10.77.0.2` at the gateway
    +--------+       +---------+           +-------------+

SENNIT=build/release/src/sennit bench/impairment.py [--part delay|rate|tcp|flow|many]... Clocks are the kernel's (SO_TIMESTAMPNS) and the sender's, of
one machine. A delay's error is one way's time, less the delay, less the median of the way without impairment. Rates up to 100 Mbit/s are those of
datagrams at their receiver, higher ones those of TCP as the device counts them; both in IP bytes over ten seconds. The most in 10 ms is the busiest
window that begins at any arrival, as a share of one packet and the rate's 10 ms. TCP's rates are what the application got.
"""

import argparse
import json
import os
import socket
import statistics
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
TCP_RATES = ("1mbit", "10mbit", "100mbit")
WINDOW = 0.01
PLACES, MANY = "10.78.0.0/16", "rate=100mbit delay=5ms loss=1%"
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


def most_in_a_window(moments: list[float], size: int, rate: float) -> float:
    """Of what one packet and the rate allow in the window, in bytes."""
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= WINDOW:
            first += 1
        most = max(most, last - first + 1)
    return most * size / (size + rate * WINDOW / 8)


def datagram_rate(lab: Lab, rate: float) -> tuple[float, float]:
    """The rate, and the most in a window. A fifth more than the rate is sent; the queue of 250 ms is full after two seconds."""
    payload = 100 if rate < 1e6 else 1372
    every = (payload + 28) * 8 / rate / 1.2
    outcome = probe(lab.gateway, lab.client, INNER, round(12 / every), every, payload)
    began = outcome.arrivals[0][2]
    full = type(outcome)(outcome.sent, [a for a in outcome.arrivals if 2 <= a[2] - began < 12], 0)
    return full.rate(payload + 28), most_in_a_window([at for _, _, at in full.arrivals], payload + 28, rate)


def transfer_rate(lab: Lab) -> float:
    flows = [Flow(lab.client, lab.gateway, INNER_GATEWAY_V4, "down", 13)]
    time.sleep(2)
    first, began = delivered(lab), time.monotonic()
    time.sleep(10)
    last, ended = delivered(lab), time.monotonic()
    for flow in flows:
        flow.wait()
    return 8 * (last - first) / (ended - began)


def with_down(lab: Lab, settings: str, measure):
    """What is measured while packets to the client have these settings."""
    lab.server.ask("device", "set", INNER, "--down", settings)
    try:
        return measure()
    finally:
        lab.server.ask("device", "clear", INNER)


def tcp(lab: Lab, seconds: float, control: str = "cubic", begin: float = 2) -> float:
    """bit/s that the application at the client gets, from the second BEGIN on."""
    return 1e6 * Flow(lab.client, lab.gateway, INNER_GATEWAY_V4, "down", seconds, control).wait().rate(begin, seconds)


def print_delays(lab: Lab) -> None:
    print("| delay | way without it | error: median | 99 % below |\n|---|---|---|---|", flush=True)
    for milliseconds in (1, 20, 200):
        base, median, high = delay_error(lab, milliseconds)
        print(f"| {milliseconds} ms | {base:.3f} ms | {median:.3f} ms | {high:.3f} ms |", flush=True)


def print_rates(lab: Lab) -> None:
    print("| rate | achieved | most in 10 ms |\n|---|---|---|", flush=True)
    for text in RATES:
        rate, most = bits(text), "-"
        if rate <= 1e8:
            got, share = with_down(lab, f"rate={text}", lambda: datagram_rate(lab, rate))
            most = f"{100 * share:.1f} %"
        else:
            got = with_down(lab, f"rate={text}", lambda: transfer_rate(lab))
        print(f"| {text} | {100 * got / rate:.2f} % | {most} |", flush=True)


def print_tcp(lab: Lab) -> None:
    print("| TCP through `rate=` | cubic | bbr |\n|---|---|---|", flush=True)
    for text in TCP_RATES:
        got = [with_down(lab, f"rate={text}", lambda: tcp(lab, 12, control)) for control in ("cubic", "bbr")]
        print(f"| {text} | {got[0] / bits(text):.3f} | {got[1] / bits(text):.3f} |", flush=True)


def print_one_flow(lab: Lab, runs: int = 5) -> None:
    """In turns, so that both see the machine in the same state; medians. CUBIC leaves its slow start early where a round trip takes a
    millisecond, and needs some seconds more for the window of a quick line."""
    free, delayed = [], []
    for _ in range(runs):
        free.append(tcp(lab, 6))
        delayed.append(with_down(lab, "delay=1ms", lambda: tcp(lab, 14, begin=10)))
    free, delayed = statistics.median(free), statistics.median(delayed)
    print(f"| one TCP flow | not impaired | `delay=1ms` | share |\n|---|---|---|---|\n"
          f"| median of {runs} | {free / 1e9:.2f} Gbit/s | {delayed / 1e9:.2f} Gbit/s | {delayed / free:.2f} |", flush=True)


def set_devices(lab: Lab, count: int) -> None:
    """The first COUNT addresses of PLACES, by one connection to the control socket."""
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(lab.server.control))
        answers = control.makefile()
        for number in range(count):
            wanted = {"device": place(number), "down": MANY}
            control.sendall(json.dumps({"command": "device-set", "arguments": wanted}).encode() + b"\n")
            assert json.loads(answers.readline())["ok"]


def place(number: int) -> str:
    return f"10.78.{number // 250}.{number % 250 + 1}"


def processor_time(lab: Lab) -> float:
    """Seconds that the gateway has used."""
    fields = Path(f"/proc/{lab.server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cost(lab: Lab, busy: int, seconds: float = 8, rate: int = 15_000) -> float:
    """Microseconds of the gateway's processor time a packet, of packets that go to so many devices in turn."""
    with lab.gateway:
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    targets = [(place(number), 5010) for number in range(busy)]
    before, began, sent = processor_time(lab), time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        while sent < passed * rate:
            link.sendto(bytes(200), targets[sent * 7919 % busy])
            sent += 1
        time.sleep(0.001)
    link.close()
    return 1e6 * (processor_time(lab) - before) / sent


def print_many() -> None:
    """A gateway of its own for each row: first one device, then ten thousand with one of them busy, then all."""
    print(f"| devices with `{MANY}` | of them with traffic | processor time a packet | of that with one |\n|---|---|---|---|", flush=True)
    first = None
    for count, busy in ((1, 1), (10_000, 1), (10_000, 100), (10_000, 10_000)):
        with Lab(Line()) as lab:
            lab.server, _ = lab.start("--network", PLACES, peers={"home": f"10.77.0.2,fd77::2,{PLACES}"})
            lab.client.ip(f"route add local {PLACES} dev lo")
            set_devices(lab, count)
            took = statistics.median(cost(lab, busy, 4) for _ in range(3))
        first = first or took
        print(f"| {count} | {busy} | {took:.2f} us | {took / first:.2f} |", flush=True)


def with_lab(print_part):
    def run() -> None:
        with Lab(Line()) as lab:
            lab.server, _ = lab.start()
            print_part(lab)
    return run


PARTS = {"delay": with_lab(print_delays), "rate": with_lab(print_rates), "tcp": with_lab(print_tcp), "flow": with_lab(print_one_flow), "many": print_many}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--part", action="append", choices=PARTS, help="only this part; repeatable")
    parts = options.parse_args().part or PARTS
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors: figures hold for an idle machine", flush=True)
    for part in parts:
        print(flush=True)
        PARTS[part]()


if __name__ == "__main__":
    main()
