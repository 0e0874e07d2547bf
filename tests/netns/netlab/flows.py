"""Traffic of which every arrival is noted: a TCP connection that sends as fast as it may, and pings at a steady pace."""

import itertools
import re
import socket
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass

from netlab.namespace import Namespace, end_with_parent

_PIECE = 1 << 18
_PORT = 5201
_PATIENCE = 5  # seconds for the connection
_STEP = 0.25  # seconds over which a rate is looked at
_SO_MAX_PACING_RATE = 47


class Arrivals:
    """What a flow's receiver got in SECONDS from now, and when; the moments are in seconds since it began."""

    def __init__(self, seconds: float):
        self.began = time.monotonic()
        self._end = self.began + seconds
        self._arrivals: list[tuple[float, int]] = []
        self._threads: list[threading.Thread] = []

    def wait(self) -> "Arrivals":
        """Until it has ended."""
        for thread in self._threads:
            thread.join(max(0, self._end - time.monotonic()) + _PATIENCE)
        return self

    def is_running(self) -> bool:
        return time.monotonic() < self._end

    def rate(self, begin: float, end: float) -> float:
        """Mbit/s received between two moments."""
        received = sum(size for at, size in list(self._arrivals) if begin <= at - self.began < end)
        return 8e-6 * received / (end - begin)

    def longest_stall(self, begin: float, end: float) -> float:
        """ms between two arrivals, or to the end."""
        moments = [begin, *(at - self.began for at, _ in self._arrivals if begin <= at - self.began < end), end]
        return 1000 * max(b - a for a, b in zip(moments, moments[1:]))

    def time_until(self, rate: float, begin: float, end: float) -> float:
        """Seconds from a moment until it has this rate, infinite where it has not before the end."""
        at = begin
        while at + _STEP <= end:
            if self.rate(at, at + _STEP) >= rate:
                return at - begin
            at += _STEP / 5
        return float("inf")


class Flow(Arrivals):
    """A TCP connection that the client opens, for SECONDS; WAY "up" sends to the gateway, "down" to the client; LIMIT in Mbit/s."""

    def __init__(self, client: Namespace, gateway: Namespace, address: str, way: str, seconds: float, control: str = "cubic",
                 protocol: int = socket.IPPROTO_TCP, limit: float | None = None):
        port = _PORT + (way == "down")
        with gateway:
            self._listener = _socket(control, protocol)  # MPTCP's further flows need it too
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((address, port))
        self._listener.listen(1)
        with client:
            near = _socket(control, protocol)
        near.connect((address, port))
        far, _ = self._listener.accept()
        source, target = (near, far) if way == "up" else (far, near)
        if limit:
            source.setsockopt(socket.SOL_SOCKET, _SO_MAX_PACING_RATE, round(125_000 * limit))
        super().__init__(seconds)
        self._threads = [threading.Thread(target=work, args=(end,), daemon=True)
                         for work, end in ((self._send, source), (self._receive, target))]
        for thread in self._threads:
            thread.start()

    def wait(self) -> "Flow":
        super().wait()
        self._listener.close()
        return self

    def _send(self, link: socket.socket) -> None:
        data = bytes(_PIECE)
        link.settimeout(0.2)
        while time.monotonic() < self._end:
            try:
                link.send(data)
            except TimeoutError:
                continue
            except OSError:
                break
        _abort(link)

    def _receive(self, link: socket.socket) -> None:
        buffer = bytearray(_PIECE)
        link.settimeout(0.2)
        with link:
            while time.monotonic() < self._end:
                try:
                    size = link.recv_into(buffer)
                except TimeoutError:
                    continue
                except OSError:
                    break
                if not size:
                    break
                self._arrivals.append((time.monotonic(), size))


def _socket(control: str, protocol: int) -> socket.socket:
    link = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    link.settimeout(_PATIENCE)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, control.encode())
    return link


def _abort(link: socket.socket) -> None:
    """What is not sent by now is not measured."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    link.close()


@dataclass(frozen=True)
class Answers:
    """The pings of a while."""

    asked: int
    times: list[float]  # ms
    arrivals: list[float]  # s, of the wall clock

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def p99(self) -> float:
        return sorted(self.times)[int(0.99 * (len(self.times) - 1))]

    @property
    def lost(self) -> int:
        return self.asked - len(self.times)

    @property
    def longest_silence(self) -> float:
        """ms between two answers."""
        return 1000 * max((b - a for a, b in zip(self.arrivals, self.arrivals[1:])), default=0)


class Pings:
    """`ping` in the background."""

    # Left to itself it draws one by chance, and takes the answers to another that drew the same for its own.
    _identifiers = itertools.count(1)

    def __init__(self, host: Namespace, address: str, seconds: float, every: float = 0.01, source: str | None = None):
        words = ["ip", "netns", "exec", host.name, "ping", "-n", "-D", "-e", next(self._identifiers), "-i", every, "-c", round(seconds / every), "-W", 1,
                 *(("-I", source) if source else ()), address]
        self._process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL, text=True, preexec_fn=end_with_parent)

    def wait(self) -> Answers | None:
        """None where nothing was answered."""
        text, _ = self._process.communicate()
        found = [(float(at), float(took)) for at, took in re.findall(r"^\[([\d.]+)\] \d+ bytes from .* time=([\d.]+)", text, re.M)]
        asked = re.search(r"(\d+) packets transmitted", text)
        if not found or not asked:
            return None
        return Answers(int(asked[1]), [took for _, took in found], sorted(at for at, _ in found))
