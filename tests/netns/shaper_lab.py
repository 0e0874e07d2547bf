"""A plain router whose devices `sennit shaper` impairs; used by shaper.py here and by tests/vm.

    +--------+ eth0                lan0 +--------+ wan0               eth0 +------+
    | device |--------------------------| router |-------------------------| inet |
    +--------+ 192.168.1.23     192.168.1.1     198.51.100.1  198.51.100.2 +------+
               .24, .25 …  fd03::23     fd03::1   2001:db8:100::1 … ::2

The hosts send packets of their real size, as what comes over a cable: superpackets would be impaired as one packet.
"""

import contextlib
import json
import re
import shutil
import socket
import tempfile
import time
from pathlib import Path

from netlab.endpoint import Endpoint
from netlab.namespace import Namespace, join
from netlab.running import Skip, expect, wait_for

DEVICE, OTHER, DEVICE_V6 = "192.168.1.23", "192.168.1.24", "fd03::23"
INET, INET_V6 = "198.51.100.2", "2001:db8:100::2"


_DIRECT = re.compile(r'"direct_packets_stat":\d+,?')


class Control:
    """Speaks to the control socket itself: starting the program for each of many requests would take longer than they do."""

    def __init__(self, path: Path):
        self._path = str(path)

    def ask(self, command: str, **arguments) -> dict:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self._path)
            connection.sendall(json.dumps({"command": command, "arguments": arguments}).encode() + b"\n")
            answer = json.loads(connection.makefile().readline())
        expect(answer["ok"], f"{command} {arguments} is done: {answer}")
        return answer

    def timed(self, command: str, **arguments) -> float:
        """How many ms the answer takes."""
        began = time.monotonic()
        self.ask(command, **arguments)
        return 1000 * (time.monotonic() - began)


class ShaperLab:
    """The three hosts, and a shaper that start() starts; everything goes when the `with` block ends."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sennit-shaper-"))
        self._closers = [lambda: shutil.rmtree(self.folder, ignore_errors=True)]
        self.device, self.router, self.inet = (self._host(name) for name in ("device", "router", "inet"))
        self.connect_device()
        join(self.inet, "eth0", self.router, "wan0")
        self._address(self.router, "wan0", "198.51.100.1/24", "2001:db8:100::1/64")
        self._address(self.inet, "eth0", f"{INET}/24", f"{INET_V6}/64")
        self._finish(self.inet, "198.51.100.1", "2001:db8:100::1")
        for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            self.router.set_sysctl(key, 1)
        self.shaper = Endpoint("shaper", "shaper", self.router, self.folder, ["--lan", "lan0", "--wan", "wan0"])
        self._closers.append(self.shaper.close)

    def __enter__(self) -> "ShaperLab":
        return self

    def __exit__(self, kind, error, _):
        if error is not None and self.shaper.log.exists():
            print(self.shaper.last_lines(20))
        for closer in reversed(self._closers):
            closer()

    def connect_device(self) -> None:
        """The cable between the device and lan0, with addresses; anew where it was deleted."""
        join(self.device, "eth0", self.router, "lan0")
        self._address(self.device, "eth0", f"{DEVICE}/24", f"{OTHER}/24", f"{DEVICE_V6}/64")
        self._address(self.router, "lan0", "192.168.1.1/24", "fd03::1/64")
        self._finish(self.device, "192.168.1.1", "fd03::1")

    def start(self, *arguments: object) -> Endpoint:
        self.shaper.arguments += arguments
        self.restart()
        return self.shaper

    @property
    def control(self) -> Control:
        return Control(self.shaper.control)

    def set(self, down: str | None = None, up: str | None = None, device: str = DEVICE) -> None:
        """Impairs a device."""
        given = {way: options for way, options in (("down", down), ("up", up)) if options is not None}
        self.control.ask("device-set", device=device, **given)

    def is_ready(self) -> bool:
        """Whether the shaper answers."""
        expect(self.shaper.is_running(), f"the shaper runs: {self.shaper.last_lines(4)}")
        with contextlib.suppress(OSError):
            return self.control.ask("status")["ok"]
        return False

    def restart(self) -> None:
        self.shaper.start()
        wait_for(self.is_ready, 30, "the shaper answers")

    def tc(self, line: str) -> list:
        """What `tc -j -s LINE` tells on the router."""
        return json.loads(self.router.run("tc", "-j", "-s", *line.split()).stdout or "[]")

    def snapshot(self) -> dict:
        """Everything of the router that a shaper could change, without counters."""
        show = {f"{what} {dev}": _DIRECT.sub("", self.router.run("tc", "-j", what, "show", "dev", dev).stdout)
                for what in ("qdisc", "class", "filter") for dev in ("lan0", "wan0")}
        for dev in ("lan0", "wan0"):
            show[f"offloads {dev}"] = self.router.run("ethtool", "-k", dev).stdout
        rules = "".join(self.router.ip(f"{family} rule show") for family in ("-4", "-6"))
        return {**show, "ip rules": rules, "nft": self.router.run("nft", "-j", "-s", "list", "ruleset").stdout}

    def leaf(self, interface: str) -> dict:
        """The only leaf of ours on an interface."""
        return next(q for q in self.tc(f"qdisc show dev {interface}") if q.get("parent", "").startswith("5e77:"))

    def classes(self, interface: str) -> dict:
        """The HTB classes of an interface by their handles: what was sent, and the rate as tc writes it. (Its JSON is text here.)"""
        text = self.router.run("tc", "-s", "class", "show", "dev", interface).stdout
        found = re.findall(r"class htb (\S+) .*?rate (\S+) .*?\n Sent (\d+) bytes (\d+) pkt \(dropped (\d+)", text)
        return {handle: {"rate": rate, "bytes": int(size), "packets": int(packets), "drops": int(drops)}
                for handle, rate, size, packets, drops in found}

    def show(self, device: str) -> dict:
        return json.loads(self.shaper.ask("device", "show", device, "--json").stdout)

    def _host(self, name: str) -> Namespace:
        host = Namespace(name)
        self._closers.append(host.close)
        return host

    @staticmethod
    def _finish(host: Namespace, v4: str, v6: str) -> None:
        host.ip(f"-4 route add default via {v4}")
        host.ip(f"-6 route add default via {v6}")
        host.set_offloads("eth0", "off", "tso", "gso", "gro")

    @staticmethod
    def _address(host: Namespace, interface: str, *addresses: str) -> None:
        for address in addresses:
            host.ip(f"addr add {address} dev {interface}")


def shaping_lab() -> ShaperLab:
    """Skips the test where this kernel cannot shape at all."""
    lab = ShaperLab()
    done = lab.router.run("tc", "qdisc", "add", "dev", "lo", "root", "handle", "1:", "htb", check=False)
    if done.returncode != 0:
        lab.__exit__(None, None, None)
        raise Skip(f"this kernel has no HTB: {done.stderr.strip()}")
    return lab
