"""A flow over UDP with loss recovery and congestion control of its own, as QUIC has them, to be measured as a TCP flow is.

RFC 9002 for the detection of loss (3 packets, 9/8 of a round trip) and the probe timeout, RFC 9438 (CUBIC) for the window,
RFC 9000, section 13.2 for when to acknowledge: every second packet, what comes out of order at once. Pacing at 5/4 of the
window a round trip. Nothing is encrypted, and no lost packet is sent again: another one takes its place.
"""

import contextlib
import select
import socket
import struct
import threading
import time

from netlab.flows import Arrivals
from netlab.namespace import Namespace

_PORT = 5211
_NUMBER = struct.Struct("!Q")
_RANGES = 32  # in one acknowledgement
_ACK_DELAY = 0.025
_THRESHOLD = 3
_BURST = 10  # packets that may leave at once
_FIRST_WINDOW, _LEAST_WINDOW = 10.0, 2.0
_BETA, _C = 0.7, 0.4


class QuicFlow(Arrivals):
    """Sends packets of SIZE bytes of payload for SECONDS; WAY "up" to the gateway, "down" to the client."""

    def __init__(self, client: Namespace, gateway: Namespace, address: str, way: str, seconds: float, size: int):
        port = _PORT + (way == "down")
        with gateway:
            far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with client:
            near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        far.bind((address, port))
        near.connect((address, port))
        near.send(b"")
        far.settimeout(5)
        far.connect(far.recvfrom(1)[1])
        source, target = (near, far) if way == "up" else (far, near)
        super().__init__(seconds)
        self._threads = [threading.Thread(target=work, daemon=True)
                         for work in (_Sender(source, size, self._end).run, lambda: self._receive(target))]
        for thread in self._threads:
            thread.start()

    def _receive(self, link: socket.socket) -> None:
        ranges, unacknowledged, since = [], 0, 0.0
        with link:
            while (now := time.monotonic()) < self._end:
                left = since + _ACK_DELAY - now if unacknowledged else 0.2
                if left > 0 and select.select([link], [], [], left)[0]:
                    packet = link.recv(2048)
                    now = time.monotonic()
                    self._arrivals.append((now, len(packet)))
                    in_order = _note(ranges, _NUMBER.unpack_from(packet)[0])
                    since = since if unacknowledged else now
                    unacknowledged += 1
                    if unacknowledged < 2 and in_order:
                        continue
                if unacknowledged:
                    link.send(b"".join(_NUMBER.pack(edge) for each in ranges[-_RANGES:] for edge in each))
                    unacknowledged = 0


def _note(ranges: list[list[int]], number: int) -> bool:
    """Adds a packet's number to the ranges received, the highest last; whether it is the next one."""
    if not ranges or number > ranges[-1][1]:
        follows = not ranges or number == ranges[-1][1] + 1
        if ranges and follows:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
        return follows
    at = len(ranges) - 1
    while at >= 0 and ranges[at][0] > number:
        at -= 1
    if at >= 0 and number <= ranges[at][1]:
        return False
    ranges.insert(at + 1, [number, number])
    for lower in (at + 1, at):
        if 0 <= lower < len(ranges) - 1 and ranges[lower][1] + 1 == ranges[lower + 1][0]:
            ranges[lower][1] = ranges.pop(lower + 1)[1]
    return False


class _Sender:
    """RFC 9002's sender; the window counts packets."""

    def __init__(self, link: socket.socket, size: int, end: float):
        self._link, self._size, self._end = link, size, end
        self._next = 0
        self._flying: dict[int, float] = {}  # when each was sent
        self._largest = -1
        self._smoothed, self._variation, self._latest = 0.0, 0.0, 0.0
        self._cubic = _Cubic()
        self._recovery_began = -1.0
        self._heard = time.monotonic()
        self._probes = 0
        self._tokens, self._tokens_at = float(_BURST), time.monotonic()

    def run(self) -> None:
        self._link.setblocking(False)
        with self._link:
            while (now := time.monotonic()) < self._end:
                self._hear(now)
                self._probe(now)
                wait = self._send(now)
                select.select([self._link], [], [], min(wait, 0.01))

    def _hear(self, now: float) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            while acknowledgement := self._link.recv(2048):
                edges = [edge for edge, in _NUMBER.iter_unpack(acknowledgement)]
                self._take(list(zip(edges[::2], edges[1::2])), now)
        self._detect(now)

    def _take(self, ranges: list[tuple[int, int]], now: float) -> None:
        lowest = next(iter(self._flying), self._next)
        acknowledged = [number for low, high in ranges for number in range(max(low, lowest), high + 1) if number in self._flying]
        if not acknowledged:
            return
        if (newest := max(acknowledged)) > self._largest:
            self._largest = newest
            self._measure(now - self._flying[newest])
        sent = [self._flying.pop(number) for number in acknowledged]
        self._heard, self._probes = now, 0
        self._cubic.grow(sum(at > self._recovery_began for at in sent), now, self._smoothed)

    def _measure(self, took: float) -> None:
        self._latest = took
        if not self._smoothed:
            self._smoothed, self._variation = took, took / 2
        self._variation += (abs(self._smoothed - took) - self._variation) / 4
        self._smoothed += (took - self._smoothed) / 8

    def _detect(self, now: float) -> None:
        """Who was overtaken by three, or by a round trip and an eighth, is lost."""
        lost = []
        for number, at in self._flying.items():
            if number > self._largest:
                break
            if number <= self._largest - _THRESHOLD or now - at > 1.125 * max(self._smoothed, self._latest):
                lost.append(number)
        newest = max((self._flying.pop(number) for number in lost), default=-1.0)
        if newest > self._recovery_began:
            self._recovery_began = now
            self._cubic.shrink(now)

    def _probe(self, now: float) -> None:
        timeout = (self._smoothed + max(4 * self._variation, 0.001) + _ACK_DELAY if self._smoothed else 1) * 2**self._probes
        if self._flying and now - self._heard > timeout:
            self._heard = now
            self._probes += 1
            self._transmit(now)

    def _send(self, now: float) -> float:
        """Sends what window and pacing allow; returns after how many seconds there may be more."""
        pace = 1.25 * self._cubic.window / (self._smoothed or 0.1)
        self._tokens = min(self._tokens + pace * (now - self._tokens_at), float(_BURST))
        self._tokens_at = now
        while self._tokens >= 1 and len(self._flying) < self._cubic.window:
            self._tokens -= 1
            if not self._transmit(now):
                break
        return max((1 - self._tokens) / pace, 0.0005) if len(self._flying) < self._cubic.window else 1

    def _transmit(self, now: float) -> bool:
        try:
            self._link.send(_NUMBER.pack(self._next) + bytes(self._size - _NUMBER.size))
        except OSError:
            return False
        self._flying[self._next] = now
        self._next += 1
        return True


class _Cubic:
    def __init__(self):
        self.window = _FIRST_WINDOW
        self._threshold = float("inf")
        self._highest = 0.0  # the window before the last loss
        self._since = 0.0
        self._reno = 0.0

    def grow(self, acknowledged: int, now: float, round_trip: float) -> None:
        if self.window < self._threshold:
            self.window += acknowledged
            return
        knee = (self._highest * (1 - _BETA) / _C) ** (1 / 3)
        target = _C * (now - self._since + round_trip - knee) ** 3 + self._highest
        self._reno += 3 * (1 - _BETA) / (1 + _BETA) * acknowledged / self.window
        target = max(min(target, 1.5 * self.window), self._reno)
        self.window += max(0.0, target - self.window) * acknowledged / self.window

    def shrink(self, now: float) -> None:
        self._highest = self.window if self.window >= self._highest else self.window * (1 + _BETA) / 2
        self.window = max(_LEAST_WINDOW, self.window * _BETA)
        self._threshold, self._since, self._reno = self.window, now, self.window
