"""Numbered datagrams from one namespace to another, and what an impairment made of them.

Each carries its number, the time at which it was sent, and a pattern. The receiver is a process of its own and takes the kernel's time of
arrival, so that delays hold no Python. Datagrams have no UDP checksum: what was damaged arrives, and is recognised by its checksum of ours.
"""

import os
import pickle
import socket
import statistics
import struct
import time
import zlib
from dataclasses import dataclass

_PORT = 5010
_HEAD = struct.Struct("!IIq")  # checksum, number, nanoseconds
_SO_NO_CHECK, _SO_TIMESTAMPNS, _SO_RCVBUFFORCE = 11, 35, 33
_TAIL = 1.5  # seconds for the last one, beside the delay


@dataclass
class Outcome:
    """What arrived of SENT datagrams: in the order of arrival (number, delay in ms, moment in s), and damaged ones beside."""

    sent: int
    arrivals: list
    damaged: int

    @property
    def numbers(self) -> list:
        return [number for number, _, _ in self.arrivals]

    @property
    def delays(self) -> list:
        return [delay for _, delay, _ in self.arrivals]

    @property
    def lost(self) -> float:
        return 1 - (len(set(self.numbers)) + self.damaged) / self.sent

    @property
    def duplicated(self) -> float:
        return (len(self.numbers) - len(set(self.numbers))) / self.sent

    @property
    def corrupted(self) -> float:
        return self.damaged / self.sent

    @property
    def overtaking(self) -> float:
        """The share of those that came before an earlier one."""
        least = float("inf")
        overtook = 0
        for number in reversed(self.numbers):
            overtook += number > least
            least = min(least, number)
        return overtook / max(1, len(self.numbers))

    @property
    def mean_burst(self) -> float:
        """How many are lost in a row; 0 where none is."""
        seen = set(self.numbers)
        bursts, before = 0, True
        for number in range(self.sent):
            bursts += before and number not in seen
            before = number in seen
        return (self.sent - len(seen)) / bursts if bursts else 0

    @property
    def mean(self) -> float:
        return statistics.fmean(self.delays)

    @property
    def deviation(self) -> float:
        return statistics.pstdev(self.delays)

    def quantile(self, share: float) -> float:
        return sorted(self.delays)[min(len(self.delays) - 1, int(share * len(self.delays)))]

    @property
    def correlation(self) -> float:
        """Of the delays of neighbours, in the order of sending."""
        by_number = dict(zip(self.numbers, self.delays))
        pairs = [(by_number[n], by_number[n + 1]) for n in by_number if n + 1 in by_number]
        return statistics.correlation([a for a, _ in pairs], [b for _, b in pairs])

    def rate(self, size: int) -> float:
        """bit/s between the first and the last arrival, of packets of SIZE bytes."""
        first, last = self.arrivals[0][2], self.arrivals[-1][2]
        return (len(self.arrivals) - 1) * size * 8 / (last - first)


def probe(source, target, address: str, count: int, every: float, payload: int = 200, longest: float = 0.5) -> Outcome:
    """Sends COUNT datagrams from SOURCE to ADDRESS in TARGET, one EVERY so many seconds; none takes LONGER than that."""
    with target:
        sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 24)
    sink.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    sink.bind((address, _PORT))
    with source:
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.setsockopt(socket.SOL_SOCKET, _SO_NO_CHECK, 1)
    link.connect((address, _PORT))
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(_receive(sink, longest + _TAIL), pipe)
        os._exit(0)
    os.close(writer)
    sink.close()
    _send(link, count, every, payload)
    with os.fdopen(reader, "rb") as pipe:
        arrivals, damaged = pickle.load(pipe)
    os.waitpid(child, 0)
    link.close()
    return Outcome(count, arrivals, damaged)


def _send(link: socket.socket, count: int, every: float, payload: int) -> None:
    filling = bytes(payload - _HEAD.size)
    began = time.monotonic()
    for number in range(count):
        wait = began + number * every - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        rest = struct.pack("!Iq", number, time.time_ns()) + filling
        link.send(struct.pack("!I", zlib.crc32(rest)) + rest)


def _receive(sink: socket.socket, patience: float) -> tuple:
    sink.settimeout(patience)
    arrivals, damaged = [], 0
    while True:
        try:
            data, ancillary, _, _ = sink.recvmsg(2048, 64)
        except TimeoutError:
            return arrivals, damaged
        seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
        checksum, number, sent = _HEAD.unpack_from(data)
        if checksum != zlib.crc32(data[4:]):
            damaged += 1
            continue
        came = seconds * 10**9 + nanoseconds
        arrivals.append((number, (came - sent) / 1e6, came / 1e9))
