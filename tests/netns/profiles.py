#!/usr/bin/python3 -B
"""Every stock profile, each for a device of its own, in real pings and transfers; they are all set at the same time.

    +--------+ eth1  +---------+ wan1 +-------------+
    | client |-------| router1 |------|   gateway   |    `device set 10.78.0.N --profile NAME` at the gateway
    +--------+       +---------+      +-------------+
    10.78.0.1 ... .N                  10.77.0.1
"""

import contextlib
import json
import math
import os
import selectors
import socket
import statistics
import struct
import threading
import time
from dataclasses import dataclass, field

from netlab.flows import Flow
from netlab.lab import INNER_GATEWAY_V4, Lab, Line
from netlab.namespace import Namespace
from netlab.running import expect, note, run_tests, test

PLACES = "10.78.0.0/24"
PING = 84  # bytes of IP
FASTEST_DATAGRAMS = 10.5e6  # quicker ones are left to TCP
MSS = 1388  # bytes of a segment
LONGEST_WAIT = 3  # s for the last answers
LATENESS = 15  # ms that a machine with other work may add to a ping
_PORT = 5004
_SO_TIMESTAMPNS, _SO_RCVBUFFORCE = 35, 33
_ECHO = struct.Struct("!BBHHH")  # type, code, checksum, identifier, sequence number (RFC 792)
_ECHO_REPLY, _ECHO_REQUEST = 0, 8


@dataclass
class Device:
    """A profile, and what the endpoint says that it has set for it; rates in bit/s, times in ms."""

    profile: str
    address: str
    down: dict
    up: dict

    def sum_of(self, take) -> float:
        return take(self.down) + take(self.up)

    @property
    def fastest(self) -> float:
        """What no ping may be quicker than. What is reordered does not wait."""
        return self.sum_of(lambda way: 0 if "reorder" in way else max(0, way.get("delay_ms", 0) - way.get("jitter_ms", 0)))

    @property
    def slowest(self) -> float:
        return self.sum_of(lambda way: way.get("delay_ms", 0) + way.get("jitter_ms", 0) + (8000 * PING / way["rate"] if "rate" in way else 0))

    @property
    def is_cut(self) -> bool:
        return self.down.get("loss") == 1


@contextlib.contextmanager
def devices():
    """A gateway and a client that has an address for each profile, which is set for it."""
    with Lab(Line()) as lab:
        lab.server, lab.home = lab.start("--network", PLACES, peers={"home": f"10.77.0.2,fd77::2,{PLACES}"})
        names = [profile["name"] for profile in json.loads(lab.server.ask("profile", "list", "--json").stdout)]
        places = {f"10.78.0.{number}": name for number, name in enumerate(names, 1)}
        for address, name in places.items():
            lab.client.ip(f"addr add {address}/32 dev lo")
            lab.server.ask("device", "set", address, "--profile", name)
        told = {device["match"]: device for device in lab.server.status()["devices"]}
        expect([told[address]["profile"] for address in places] == names, "each has its profile")
        yield lab, [Device(name, address, told[address]["down"].get("set", {}), told[address]["up"].get("set", {}))
                    for address, name in places.items()]


@dataclass
class Stream:
    """Datagrams at half as much again as the rate, from one address to another; when they arrived."""

    name: str
    source: str
    target: str
    set: dict
    seconds: float
    arrivals: list = field(default_factory=list)

    def __post_init__(self):
        self.rate = self.set.get("rate", 2e6)
        self.size = 128 if self.rate < 1.5e5 else 500 if self.rate < 1e6 else 1400  # bytes of IP
        self.every = 8 * self.size / self.rate / 1.5

    def open(self, source, target) -> None:
        with target:
            self.sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with source:
            self.link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sink.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 22)
        self.sink.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        port = _PORT + int(self.source.split(".")[-1])
        self.sink.bind((self.target, port))
        self.link.bind((self.source, 0))
        self.link.connect((self.target, port))

    def check(self, began: float) -> str:
        """What arrives when the queue has filled, beside what the line carries and loses."""
        latest = (self.set.get("delay_ms", 0) + self.set.get("jitter_ms", 0)) / 1000
        steady = [at for at in self.arrivals if began + latest + self.seconds / 4 <= at < began + self.seconds]
        loss = self.set.get("loss", 0)
        if loss == 1:
            expect(not self.arrivals, f"{self.name}: {len(self.arrivals)} arrive")
            return "nothing arrives"
        expect(len(steady) > 20, f"{self.name}: {len(self.arrivals)} arrive")
        span = steady[-1] - steady[0]
        got = (len(steady) - 1) * 8 * self.size / span
        rate = self.rate * (1 if "rate" in self.set else 1.5)  # without one all that is sent passes
        asked = rate * (1 - loss) * (1 - self.set.get("corrupt", 0)) * (1 + self.set.get("duplicate", 0))
        doubt = 0.02 + 2 * self.set.get("jitter_ms", 0) / 1000 / span
        doubt += _most_of(len(steady) * (loss + self.set.get("corrupt", 0) + self.set.get("duplicate", 0))) / len(steady)
        expect(abs(got / asked - 1) < doubt, f"{self.name}: {got:.0f} bit/s, not {asked:.0f} within {100 * doubt:.1f} %")
        return f"{got / asked:.3f}"


def _most_of(expected: float) -> float:
    """How far a count of rare events may be from what is expected of it (Poisson), once in some 100,000 counts: there are dozens in a run."""
    return 4 * math.sqrt(expected) + 4 if expected else 0


def run_streams(lab, streams: list[Stream]) -> float:
    """All at the same time; returns when they began, by the wall clock."""
    done = threading.Event()
    selector = selectors.DefaultSelector()
    for stream in streams:
        down = stream.source == INNER_GATEWAY_V4
        stream.open(*((lab.gateway, lab.client) if down else (lab.client, lab.gateway)))
        selector.register(stream.sink, selectors.EVENT_READ, stream)

    def receive() -> None:
        while not done.is_set():
            for key, _ in selector.select(0.1):
                _, ancillary, _, _ = key.fileobj.recvmsg(2048, 64)
                seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
                key.data.arrivals.append(seconds + nanoseconds / 1e9)

    receiver = threading.Thread(target=receive, daemon=True)
    receiver.start()
    began, wall, sent = time.monotonic(), time.time(), {id(stream): 0 for stream in streams}
    longest = max(stream.seconds for stream in streams)
    while (passed := time.monotonic() - began) < longest:
        for stream in streams:
            while sent[id(stream)] * stream.every <= min(passed, stream.seconds):
                sent[id(stream)] += 1
                stream.link.send(bytes(stream.size - 28))
        time.sleep(0.002)
    done.set()
    receiver.join()
    for stream in streams:
        stream.sink.close()
        stream.link.close()
    return wall


def ping_all(host: Namespace, addresses: list[str], asked: int, every: float) -> dict[str, list[float]]:
    """Asks each address so many times, EVERY so many seconds; the ms that the first intact answer to each took.

    iputils' ping takes the time of the request from its answer. Where an impairment altered that, it is wrong, and ping may wait for a
    lost answer for twice as long as it has seen one take, which is years then.
    """
    identifier, sent, took = os.getpid() & 0xFFFF, {}, {address: [] for address in addresses}
    with host:
        link = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    with link:
        link.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 22)
        link.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        began = time.monotonic()
        for number in range(asked):
            for address in addresses:
                sent[address, number] = time.time_ns()
                link.sendto(_echo_request(identifier, number), (address, 0))
            _take_answers(link, identifier, sent, took, began + (number + 1) * every)
        _take_answers(link, identifier, sent, took, time.monotonic() + LONGEST_WAIT)
    return took


def _take_answers(link: socket.socket, identifier: int, sent: dict, took: dict, until: float) -> None:
    while (left := until - time.monotonic()) > 0:
        link.settimeout(left)
        try:
            packet, ancillary, _, (address, _) = link.recvmsg(2048, 64)
        except TimeoutError:
            return
        message = packet[4 * (packet[0] & 0xF):]
        if len(message) != PING - 20 or _internet_checksum(message):
            continue
        kind, _, _, whose, number = _ECHO.unpack_from(message)
        if kind == _ECHO_REPLY and whose == identifier and (at := sent.pop((address, number), None)):
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
            took[address].append((seconds * 1_000_000_000 + nanoseconds - at) / 1e6)


def _echo_request(identifier: int, number: int) -> bytes:
    rest = bytes(PING - 28)
    checksum = _internet_checksum(_ECHO.pack(_ECHO_REQUEST, 0, 0, identifier, number) + rest)
    return _ECHO.pack(_ECHO_REQUEST, 0, checksum, identifier, number) + rest


def _internet_checksum(data: bytes) -> int:
    """Of an even number of bytes (RFC 1071); 0 where they hold their own."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def groups_of(streams: list[Stream], most: float) -> list[list[Stream]]:
    """The slow ones together, and no group with more bits a second than this."""
    groups, rate = [[]], 0
    for stream in sorted(streams, key=lambda s: (s.rate, s.name)):
        if rate + stream.rate > most:
            groups.append([])
            rate = 0
        groups[-1].append(stream)
        rate += stream.rate
    return groups


@test
def every_stock_profile_shows_in_real_pings():
    with devices() as (lab, all_devices):
        expect(len(all_devices) >= 80, f"{len(all_devices)} profiles")
        answers = ping_all(lab.gateway, [device.address for device in all_devices], 16, 0.5)
        above = []
        for device in all_devices:
            times = answers[device.address]
            expect((not times) == device.is_cut, f"{device.profile}: {times}")
            if not times:
                continue
            median = statistics.median(times)
            expect(min(times) >= device.fastest, f"{device.profile}: {min(times)} ms, quicker than {device.fastest}")
            expect(median <= device.slowest + LATENESS, f"{device.profile}: median {median} ms, slower than {device.slowest}")
            above.append(median - device.slowest if "jitter_ms" not in device.down else 0)
        note(f"{len(all_devices)} profiles, {len(above)} of them answered; without jitter a ping takes at the median "
             f"{statistics.median(above):.1f}, at most {max(above):.1f} ms more than what is set")


@test
def every_stock_profile_shows_in_real_transfers_of_datagrams():
    with devices() as (lab, all_devices):
        streams = []
        for device in all_devices:
            for way, source, target, name in ((device.down, INNER_GATEWAY_V4, device.address, "down"), (device.up, device.address, INNER_GATEWAY_V4, "up")):
                stream = Stream(f"{device.profile} {name}", source, target, way, 12 if way.get("rate", 1e9) < 1.5e5 else 3)
                if stream.rate <= FASTEST_DATAGRAMS:
                    streams.append(stream)
        shares = []
        for group in groups_of(streams, 2 * FASTEST_DATAGRAMS):
            began = run_streams(lab, group)
            shares += [stream.check(began) for stream in group]
        numbers = sorted(float(share) for share in shares if share[0].isdigit())
        note(f"{len(streams)} directions, {len(numbers)} of them not cut: {numbers[0]:.3f} to {numbers[-1]:.3f} of what is set, "
             f"half of them within {statistics.median(abs(n - 1) for n in numbers):.4f}")


@test
def the_quick_stock_profiles_show_in_tcp():
    with devices() as (lab, all_devices):
        for device in all_devices:
            rate = device.down.get("rate", 0)
            if rate <= FASTEST_DATAGRAMS:
                continue
            # Flow's client is who connects: here the gateway, and the device is who listens.
            is_lossy = "loss" in device.down
            seconds = 6 if is_lossy else 3
            flow = Flow(lab.gateway, lab.client, device.address, "up", seconds, "bbr" if is_lossy else "cubic")
            flow.wait()
            # What waited for something lost comes at once when that has come again: the most can be told of all the time only.
            whole, steady = 1e6 * flow.rate(0, seconds), 1e6 * flow.rate(seconds / 2, seconds)
            note(f"{device.profile}: {steady / 1e6:.1f} of {rate / 1e6:g} Mbit/s, {whole / 1e6:.1f} from the start")
            expect(whole <= rate, f"{device.profile}: {whole:.0f} bit/s of {rate:.0f}")
            least = min(0.5 * rate, 15e6)
            if is_lossy:  # early losses may hold the flow back for all of its time: what they leave to Reno (Mathis et al. 1997) is sure
                least = min(least, 8 * MSS / (device.slowest / 1000) * math.sqrt(1.5 / device.down["loss"]))
            expect(steady >= least, f"{device.profile}: {steady:.0f} bit/s of {rate:.0f}, {least:.0f} at least")


if __name__ == "__main__":
    run_tests()
