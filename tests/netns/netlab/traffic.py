"""Real traffic between two namespaces: pings, checked TCP transfers, and a steady stream that shows how long it was cut."""

import errno
import hashlib
import socket
import struct
import threading
import time
from random import Random

from netlab.namespace import Namespace
from netlab.running import Failure, expect, wait_for

_PIECE = 1 << 16
_UDP_SEGMENT = 103
_SO_RCVBUFFORCE = 33
_IP_FREEBIND = 15  # an echo may wait at an address that its host gets later


def family_of(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def ping(host: Namespace, address: str, size: int | None = None, wait: float = 1, source: str | None = None) -> bool:
    """Whether one ping is answered; SIZE is that of the IP packet, sent with DF."""
    words = ["ping", "-n", "-c", 1, "-W", wait]
    if size is not None:
        words += ["-M", "do", "-s", size - (48 if ":" in address else 28)]
    if source:
        words += ["-I", source]
    return host.run(*words, address, check=False).returncode == 0


def expect_ping(host: Namespace, address: str, seconds: float = 5, **options) -> None:
    wait_for(lambda: ping(host, address, **options), seconds, f"{host.short} gets an answer from {address} {options or ''}")


def transfer(source: Namespace, target: Namespace, address: str, size: int, seconds: float = 20, port: int = 5001,
             midway=None) -> float:
    """Sends SIZE bytes over TCP, checks every one of them, and returns the goodput in bits/s; calls MIDWAY at half of them."""
    listener = _listen(target, address, port)
    received = {}
    thread = threading.Thread(target=_receive, args=(listener, seconds, received), daemon=True)
    thread.start()
    started = time.monotonic()
    try:
        digest = _send(source, address, port, size, seconds, midway)
    except OSError as error:
        raise Failure(f"TCP from {source.short} to {address}: {error}") from None
    finally:
        thread.join(seconds)
        listener.close()
    expect(received.get("digest") == digest, f"TCP from {source.short} to {address}: what arrived is not what was sent {received}")
    return size * 8 / (received["at"] - started)


def datagrams_answered(source: Namespace, echo: "Echo", sizes: list, seconds: float = 3) -> int:
    """How many UDP datagrams of these sizes come back from an echo as they were."""
    with source:
        link = socket.socket(family_of(echo.address), socket.SOCK_DGRAM)
    with link:
        link.settimeout(0.5)
        waiting = {Random(size).randbytes(size) for size in sizes}
        end = time.monotonic() + seconds
        for payload in list(waiting):
            link.sendto(payload, (echo.address, echo.port))
        while waiting and time.monotonic() < end:
            try:
                waiting.discard(link.recv(_PIECE))
            except TimeoutError:
                continue
    return len(sizes) - len(waiting)


def expect_burst(source: Namespace, target: Namespace, address: str, size: int, runs: int, run: int = 1) -> None:
    """Sends RUNS times RUN numbered datagrams of SIZE bytes and expects them all, whole and in order.

    More than one a run are given to the kernel at once to be cut (UDP_SEGMENT); the last of each run is shorter.
    """
    sizes = [size] * (run - 1) + [(size + 1) // 2 if run > 1 else size]
    _expect_runs(source, target, address, [[_numbered(first + i, size) for i, size in enumerate(sizes)]
                                           for first in range(0, runs * run, run)])


def expect_datagrams(source: Namespace, target: Namespace, address: str, sizes: list) -> None:
    """Sends numbered datagrams of these sizes and expects them all, whole and in order."""
    _expect_runs(source, target, address, [[_numbered(number, size)] for number, size in enumerate(sizes)])


def _expect_runs(source: Namespace, target: Namespace, address: str, runs: list, seconds: float = 3, port: int = 5002) -> None:
    with target:
        sink = socket.socket(family_of(address), socket.SOCK_DGRAM)
    with source:
        link = socket.socket(family_of(address), socket.SOCK_DGRAM)
    with sink, link:
        sink.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 8 << 20)
        sink.settimeout(seconds)
        sink.bind((address, port))
        link.connect((address, port))
        for run in runs:
            _send_run(link, run)
        for number, expected in enumerate(datagram for run in runs for datagram in run):
            what = f"UDP from {source.short} to {address}, datagram {number} of {sum(map(len, runs))}"
            try:
                found = sink.recv(_PIECE)
            except TimeoutError:
                raise Failure(f"{what}: {len(expected)} bytes did not arrive") from None
            told = f"{len(found)} of {len(expected)} bytes, {found[:8].hex()} for {expected[:8].hex()}"
            expect(found == expected, f"{what}: {told}")


def _numbered(number: int, size: int) -> bytes:
    return (number.to_bytes(4, "little") + Random(number).randbytes(size))[:size]


def _send_run(link: socket.socket, datagrams: list) -> None:
    try:
        cut = [(socket.IPPROTO_UDP, _UDP_SEGMENT, struct.pack("=H", len(datagrams[0])))] if len(datagrams) > 1 else []
        link.sendmsg([b"".join(datagrams)], cut)
    except OSError as error:
        if error.errno != errno.EIO:  # before Linux 6.11 of a device that does no checksums
            raise
        for datagram in datagrams:
            link.send(datagram)


class Echo:
    """Sends every UDP datagram back; remembers the senders' addresses."""

    def __init__(self, host: Namespace, address: str, port: int = 7):
        self.address, self.port = address, port
        self.senders: set[str] = set()
        with host:
            self._socket = socket.socket(family_of(address), socket.SOCK_DGRAM)
            self._socket.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
            self._socket.bind((address, port))
        self._socket.settimeout(0.2)
        self._running = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._running = False
        self._thread.join(2)
        self._socket.close()

    def _run(self) -> None:
        while self._running:
            try:
                payload, sender = self._socket.recvfrom(_PIECE)
                self.senders.add(sender[0])
                self._socket.sendto(payload, sender)
            except OSError:
                continue


class Stream:
    """Sends a numbered datagram every 10 ms to an echo and remembers which were answered."""

    INTERVAL = 0.01
    STEADY = 20  # this many answers in a row are traffic again

    def __init__(self, source: Namespace, echo: Echo):
        with source:
            self._socket = socket.socket(family_of(echo.address), socket.SOCK_DGRAM)
        self._target = (echo.address, echo.port)
        self._sent: list[float] = []
        self._answered: list[bool] = []
        self._running = True
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._send, self._receive)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._running = False
        for thread in self._threads:
            thread.join(2)
        self._socket.close()

    def cut_after(self, moment: float, seconds: float) -> float:
        """How long after MOMENT the first of many datagrams in a row was sent that came through again; fails after SECONDS."""
        first = wait_for(lambda: self._first_of_a_run(moment), seconds + 1, "the stream is answered again")
        cut = self._sent[first] - moment
        expect(cut <= seconds, f"the stream was cut for {cut:.2f} s, more than {seconds:g} s")
        return cut

    def wait_steady(self, seconds: float = 5) -> None:
        self.cut_after(time.monotonic(), seconds)

    def answered_share(self, start: float, end: float) -> float:
        """Share of the datagrams sent between two moments that were answered."""
        answers = [answer for sent, answer in zip(list(self._sent), self._answered) if start <= sent < end]
        return sum(answers) / max(1, len(answers))

    def _first_of_a_run(self, moment: float) -> int | None:
        run = 0
        for index in range(len(self._answered)):
            run = run + 1 if self._sent[index] >= moment and self._answered[index] else 0
            if run == self.STEADY:
                return index - self.STEADY + 1
        return None

    def _send(self) -> None:
        while self._running:
            number = len(self._sent)
            self._answered.append(False)
            self._sent.append(time.monotonic())
            try:
                self._socket.sendto(number.to_bytes(4, "big") + bytes(60), self._target)
            except OSError:
                pass
            time.sleep(self.INTERVAL)

    def _receive(self) -> None:
        self._socket.settimeout(0.2)
        while self._running:
            try:
                payload = self._socket.recv(_PIECE)
                self._answered[int.from_bytes(payload[:4], "big")] = True
            except OSError:
                continue


def _listen(target: Namespace, address: str, port: int) -> socket.socket:
    with target:
        listener = socket.socket(family_of(address), socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
    listener.listen(1)
    return listener


def _send(source: Namespace, address: str, port: int, size: int, seconds: float, midway) -> str:
    with source:
        link = socket.socket(family_of(address), socket.SOCK_STREAM)
    random, digest = Random(size), hashlib.sha256()
    with link:
        link.settimeout(seconds)
        link.connect((address, port))
        for start in range(0, size, _PIECE):
            if midway and 2 * start >= size:
                midway()
                midway = None
            piece = random.randbytes(min(_PIECE, size - start))
            digest.update(piece)
            link.sendall(piece)
        link.shutdown(socket.SHUT_WR)
    return digest.hexdigest()


def _receive(listener: socket.socket, seconds: float, received: dict) -> None:
    digest = hashlib.sha256()
    listener.settimeout(seconds)
    try:
        link, _ = listener.accept()
        with link:
            link.settimeout(seconds)
            while piece := link.recv(_PIECE):
                digest.update(piece)
    except OSError as error:
        received["error"] = str(error)
        return
    received.update(digest=digest.hexdigest(), at=time.monotonic())
