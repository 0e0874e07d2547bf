"""Access lines between two hosts, emulated by tests/netns/link_emulator in a namespace of its own.

    +--------+ eth1 10.1.1.2            +-------+            10.1.1.1 wan1 +---------+
    | client |--------------------home1-| lines |-core1--------------------| gateway |
    |        | eth2 10.1.2.2            |       |            10.1.2.1 wan2 |         |
    |        |--------------------home2-|       |-core2--------------------|         |
    +--------+           ...            +-------+            ...           +---------+

Frames cross the namespace `lines` as the emulator lets them; nothing else connects the two ends. Offloads are off, so
that frames are no larger than the MTU and hold their checksums, and neighbours are known for good, so that a line that
loses packets does not lose its neighbour. The client reaches the gateway's 10.1.1.1 over every line, by source address.
"""

import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from netlab.namespace import Namespace, end_with_parent, join
from netlab.running import SENNIT

GATEWAY, CLIENT = "10.1.1.1", "10.1.1.2"
LINK_EMULATOR = os.environ.get("LINK_EMULATOR") or str(
    Path(SENNIT).resolve().parents[1] / "tests/netns/link_emulator/link_emulator")
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class AccessLine:
    """One line, in the words of link_emulator/conditions.hpp."""

    up: str = ""
    down: str = ""
    mtu: int = 1500

    @classmethod
    def of(cls, up: float, down: float, rtt: float, queue: float = 100, more: str = "") -> "AccessLine":
        """A line of these rates (Mbit/s), round-trip time and queue (ms), and with these further words both ways."""
        both = f"delay={round(500 * rtt)}us queue={queue:g}ms {more}"
        return cls(f"rate={round(1000 * up)}kbit {both}", f"rate={round(1000 * down)}kbit {both}")


class EmulatedLines:
    """Lays the lines between two hosts and controls them by number, from 1; SEED makes their decisions repeatable."""

    def __init__(self, client: Namespace, gateway: Namespace, folder: Path, lines: list[AccessLine], seed: int = 1,
                 program: str = LINK_EMULATOR):
        self.client, self.gateway = client, gateway
        self._process: subprocess.Popen | None = None
        self._control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._middle = Namespace("lines")
        try:
            for number, line in enumerate(lines, 1):
                self._lay(number, line.mtu)
            self._start(program, folder, len(lines), seed)
            for number, line in enumerate(lines, 1):
                self.set(number, "up", line.up)
                self.set(number, "down", line.down)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._control.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._middle.close()

    def set(self, number: int, way: str, words: str) -> None:
        """Changes the conditions of a line; WAY is up, down or both."""
        self._ask(f"line{number} {way} {words}")

    def statistics(self, number: int) -> dict[str, dict[str, float]]:
        """What the line did in each direction since this was last asked; times in ms, bytes without Ethernet's header."""
        ways = (line.split() for line in self._ask(f"line{number} stats").splitlines()[1:])
        return {way: {key: float(value) for key, value in (word.split("=") for word in words)} for way, *words in ways}

    def cpu_seconds(self) -> float:
        """What the emulator has worked; it includes what the kernel did to deliver the frames."""
        return sum(map(int, Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])) / _TICK

    def _ask(self, command: str) -> str:
        self._control.send(command.encode())
        answer = self._control.recv(1 << 16).decode()
        if not answer.startswith("ok"):
            raise RuntimeError(f"link_emulator, {command}: {answer or 'it has ended'}")
        return answer

    def _lay(self, number: int, mtu: int) -> None:
        near, far = (self.client, f"eth{number}", f"home{number}"), (self.gateway, f"wan{number}", f"core{number}")
        for host, interface, inside in (near, far):
            host.set_sysctl("net.ipv4.conf.all.rp_filter", 0)
            join(host, interface, self._middle, inside, mtu)
            for owner, device in ((host, interface), (self._middle, inside)):
                owner.set_sysctl(f"net.ipv6.conf.{device}.disable_ipv6", 1)
                owner.set_sysctl(f"net.ipv4.conf.{device}.rp_filter", 0)
                owner.set_offloads(device, "off")
        self.client.ip(f"addr add 10.1.{number}.2/24 dev eth{number}")
        self.gateway.ip(f"addr add 10.1.{number}.1/24 dev wan{number}")
        self._introduce(self.client, f"eth{number}", f"10.1.{number}.1", self.gateway, f"wan{number}")
        self._introduce(self.gateway, f"wan{number}", f"10.1.{number}.2", self.client, f"eth{number}")
        if number == 1:
            self.client.ip(f"route add {GATEWAY} dev eth1 metric 1")
        else:
            self.client.ip(f"route add {GATEWAY} via 10.1.{number}.1 dev eth{number} metric {number}")
            self.client.ip(f"route add default via 10.1.{number}.1 dev eth{number} table {100 + number}")
            self.client.ip(f"rule add from 10.1.{number}.2 table {100 + number}")

    def _introduce(self, host: Namespace, interface: str, address: str, other: Namespace, other_interface: str) -> None:
        hardware = other.ip_json(f"link show dev {other_interface}")[0]["address"]
        host.ip(f"neigh replace {address} lladdr {hardware} dev {interface} nud permanent")

    def _start(self, program: str, folder: Path, count: int, seed: int) -> None:
        path = folder / "lines.sock"
        names = [f"line{number}=home{number},core{number}" for number in range(1, count + 1)]
        self._process = subprocess.Popen(
            ["ip", "netns", "exec", self._middle.name, program, str(seed), str(path), *names],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=end_with_parent)
        if self._process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"{program} did not start")
        self._control.settimeout(5)
        self._control.connect(str(path))
