"""What passes at an interface, recorded by tcpdump and judged by tshark: a second opinion on every checksum."""

import signal
import subprocess
import time
from pathlib import Path

from netlab.namespace import Namespace, command
from netlab.running import expect, wait_for

_CHECKS = ("ip.checksum.status", "tcp.checksum.status", "udp.checksum.status")
_REPEATS = ("tcp.analysis.out_of_order", "tcp.analysis.retransmission")
_FIELDS = ("frame.number", "ip.src", "ipv6.src", "tcp.flags", "tcp.checksum", "tcp.len", "udp.length", *_CHECKS, *_REPEATS)
_QUIET = 0.2  # seconds without growth: all is written
_BAD = {"0", "Bad"}
_OTHER_ZERO = "0xffff"


class Capture:
    """Records what comes in at an interface, from its making until it is read."""

    def __init__(self, host: Namespace, interface: str, folder: Path, pattern: str):
        folder.mkdir(exist_ok=True)
        self._file, self._log = folder / "capture.pcap", folder / "capture.log"
        words = ["ip", "netns", "exec", host.name, "tcpdump", "-n", "-U", "--immediate-mode", "-B", 65536, "-Z", "root",
                 "-i", interface, "-Q", "in", "-w", self._file, pattern]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stderr=log)
        wait_for(lambda: "listening on" in self._log.read_text(), 5, f"tcpdump listens: {self._log.read_text()}")

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def read(self) -> list[dict]:
        """Ends the recording; the fields of each packet, those that it has."""
        self._wait_written()
        self._process.send_signal(signal.SIGINT)
        self._process.wait(10)
        expect("\n0 packets dropped by kernel" in self._log.read_text(), f"tcpdump saw everything: {self._log.read_text()}")
        words = ["tshark", "-n", "-r", self._file, "-T", "fields", "-E", "occurrence=f"]
        words += [word for protocol in ("ip", "tcp", "udp") for word in ("-o", f"{protocol}.check_checksum:TRUE")]
        words += [word for field in _FIELDS for word in ("-e", field)]
        lines = command(*words).stdout.splitlines()
        return [{name: value for name, value in zip(_FIELDS, line.split("\t")) if value} for line in lines]

    def _wait_written(self) -> None:
        """tcpdump leaves unwritten what it has not yet read when it is ended."""
        size = -1
        while size != (size := self._file.stat().st_size):
            time.sleep(_QUIET)


def with_bad_checksum(packets: list[dict]) -> list[dict]:
    """All that tshark calls bad, but TCP's 0xffff: of zero's two forms the unusual one, which kernels write as well."""
    checks = [_CHECKS if packet.get("tcp.checksum") != _OTHER_ZERO else _CHECKS[:1] for packet in packets]
    return [packet for packet, those in zip(packets, checks) if any(packet.get(check) in _BAD for check in those)]


def out_of_turn(packets: list[dict]) -> list[dict]:
    """TCP segments that came later than their place in the stream, or again."""
    return [packet for packet in packets if any(repeat in packet for repeat in _REPEATS)]


def payloads(packets: list[dict], protocol: str) -> int:
    """How many packets carry payload of TCP or UDP."""
    length, header = ("tcp.len", 0) if protocol == "tcp" else ("udp.length", 8)
    return sum(int(packet.get(length, 0)) > header for packet in packets)
