"""Network namespaces with names of this process, and the links between them."""

import ctypes
import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

# In the emulated machine the clock runs on while a program or a kernel module is read from outside.
PATIENCE = 30 if "DEBIAN_KERNEL_RUN" in os.environ else 1
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_PREFIX = "sennit"
_OFFLOADS = ("tx", "tso", "gso", "gro", "tx-udp-segmentation")
_ENDS = re.compile(rf"^{_PREFIX}(\d+)-")


def command(*words: object, check: bool = True, timeout: float = 30 * PATIENCE, **options) -> subprocess.CompletedProcess:
    """Runs a program to its end; raises with what it wrote when it fails."""
    texts = [str(word) for word in words]
    done = subprocess.run(texts, capture_output=True, text=True, timeout=timeout, **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"`{' '.join(texts)}` failed with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done


def end_with_parent() -> None:
    """In a child before its exec: a run that is killed leaves no process behind."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def sweep_namespaces() -> None:
    """Deletes the namespaces of runs that were killed."""
    for name in os.listdir("/run/netns") if os.path.isdir("/run/netns") else []:
        owner = _ENDS.match(name)
        if owner and not os.path.exists(f"/proc/{owner[1]}"):
            command("ip", "netns", "delete", name, check=False)


class Namespace:
    """One host. `with namespace:` moves the calling thread into it, so that sockets made there belong to it."""

    _home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    def __init__(self, name: str):
        self.short = name
        self.name = f"{_PREFIX}{os.getpid()}-{name}"
        command("ip", "netns", "add", self.name)
        self._fd = os.open(f"/run/netns/{self.name}", os.O_RDONLY | os.O_CLOEXEC)
        for key in ("all", "default"):
            self.set_sysctl(f"net.ipv6.conf.{key}.accept_dad", 0)
        self.ip("link set lo up")

    def close(self) -> None:
        os.close(self._fd)
        command("ip", "netns", "delete", self.name, check=False)

    def __enter__(self):
        _set_namespace(self._fd)
        return self

    def __exit__(self, *_):
        _set_namespace(self._home)

    def run(self, *words: object, **options) -> subprocess.CompletedProcess:
        """Runs a program in this namespace."""
        return command("ip", "netns", "exec", self.name, *words, **options)

    def ip(self, line: str, check: bool = True) -> str:
        """`ip LINE` in this namespace."""
        return command("ip", "-n", self.name, *line.split(), check=check).stdout

    def ip_json(self, line: str) -> list:
        """What `ip -j LINE` tells."""
        return json.loads(command("ip", "-j", "-n", self.name, *line.split()).stdout or "[]")

    def nft(self, rules: str) -> None:
        """Applies nftables rules."""
        self.run("nft", "-f", "-", input=rules)

    def packets_counted(self, counter: str) -> int:
        """What a named counter of nftables stands at: "FAMILY TABLE NAME"."""
        text = self.run("nft", "list", "counter", *counter.split()).stdout
        return int(text.split("packets ")[1].split()[0])

    def sysctl(self, key: str) -> str:
        with self:
            return _sysctl_path(key).read_text().strip()

    def set_sysctl(self, key: str, value: object) -> None:
        with self:
            _sysctl_path(key).write_text(str(value))

    def set_offloads(self, interface: str, state: str, *features: str) -> None:
        """Switches what an interface does for the kernel "on" or "off": by default checksums, segmentation and joining."""
        words = [word for feature in features or _OFFLOADS for word in (feature, state)]
        self.run("ethtool", "-K", interface, *words)

    def interface_packets(self, interface: str) -> tuple[int, int]:
        """Packets received and sent by an interface; one that is still to be cut counts once."""
        stats = self.ip_json(f"-s link show dev {interface}")[0]["stats64"]
        return stats["rx"]["packets"], stats["tx"]["packets"]

    def counter(self, group: str, name: str) -> int:
        """One of the kernel's counters of this host: counter("Tcp", "RetransSegs"), as nstat lists them."""
        with self:
            lines = Path("/proc/net/snmp").read_text().splitlines() + Path("/proc/net/netstat").read_text().splitlines()
        names, values = (line.split() for line in lines if line.startswith(f"{group}:"))
        return int(values[names.index(name)])

    def interface_bytes(self, interface: str) -> tuple[int, int]:
        """Bytes received and sent by an interface, link headers included."""
        stats = self.ip_json(f"-s link show dev {interface}")[0]["stats64"]
        return stats["rx"]["bytes"], stats["tx"]["bytes"]


def join(a: Namespace, a_interface: str, b: Namespace, b_interface: str, mtu: int = 1500) -> None:
    """Lays a cable between two hosts. Superpackets cross it uncut unless set_offloads() says otherwise."""
    command("ip", "-n", a.name, "link", "add", "name", a_interface, "mtu", mtu, "type", "veth",
            "peer", "name", b_interface, "mtu", mtu, "netns", b.name)
    for host, interface in ((a, a_interface), (b, b_interface)):
        host.ip(f"link set {interface} up")


def _sysctl_path(key: str) -> Path:
    return Path("/proc/sys") / key.replace(".", "/")


def _set_namespace(fd: int) -> None:
    if _libc.setns(fd, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), f"setns in thread {threading.current_thread().name}")
