"""The usual network of these tests: a client with several lines, a router on each, and a gateway.

                        10.1.N.0/24, fd01:0:0:N::/64     10.2.N.0/24, fd02:0:0:N::/64
    192.168.1.0/24                                                                       198.51.100.0/24
    fd03::/64       +--------+ eth1   .2    .1 +---------+ .2    .1 wan1 +-------------+ 2001:db8:100::/64
    +-----+         |        |-----------------| router1 |---------------| gateway     |.1           .2+------+
    | lan |---------| client | eth2            +---------+          wan2 | 203.0.113.1 |---------------| inet |
    +-----+.23    .1|        |-----------------| router2 |---------------| 2001:db8::1 |net0           +------+
                lan0+--------+      ...        +---------+      ...      +-------------+

    lan and inet are there when a test asks for them. inet knows no way to the tunnel's addresses: it answers those
    whom the gateway stands in for. In the tunnel the gateway is 10.77.0.1 and fd77::1.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from netlab.endpoint import Endpoint, make_key
from netlab.namespace import Namespace, join
from netlab.running import wait_for

GATEWAY_V4, GATEWAY_V6 = "203.0.113.1", "2001:db8::1"
INNER_GATEWAY_V4, INNER_GATEWAY_V6 = "10.77.0.1", "fd77::1"
INET_V4, INET_V6 = "198.51.100.2", "2001:db8:100::2"
LAN_V4, LAN_V6 = "192.168.1.23", "fd03::23"


@dataclass
class Line:
    """How one access line is made."""

    mtu: int = 1500  # between client and router
    core_mtu: int = 1500  # between router and gateway
    v4: bool = True
    v6: bool = True
    nat: bool = False  # the router translates IPv4


class Lab:
    """The network, its endpoints and a folder for their files; everything goes when the `with` block ends."""

    def __init__(self, *lines: Line, lan: bool = False, inet: bool = False):
        self.folder = Path(tempfile.mkdtemp(prefix="sennit-netns-"))
        self.lines = list(lines) or [Line()]
        self._namespaces: list[Namespace] = []
        self._endpoints: list[Endpoint] = []
        self._closers = []
        try:
            self._build(lan, inet)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, kind, error, _):
        if error is not None:
            self._print_logs()
        self.close()

    def close(self) -> None:
        for closer in [*self._closers, *(e.close for e in self._endpoints), *(n.close for n in self._namespaces)]:
            closer()
        shutil.rmtree(self.folder, ignore_errors=True)

    def namespace(self, name: str) -> Namespace:
        self._namespaces.append(Namespace(name))
        return self._namespaces[-1]

    def keep(self, thing):
        """Closes it at the end, before the namespaces go."""
        self._closers.append(thing.close)
        return thing

    def key(self, name: str) -> str:
        """The public key of an endpoint, made at the first call."""
        public = self.folder / f"{name}.pub"
        if not public.exists():
            public.write_text(make_key(self.folder / f"{name}.key"))
        return public.read_text()

    def endpoint(self, role: str, name: str, host: Namespace, *arguments: object) -> Endpoint:
        self.key(name)
        made = Endpoint(role, name, host, self.folder, ["--key", self.folder / f"{name}.key", *arguments])
        self._endpoints.append(made)
        return made

    def make_gateway(self, *arguments: object, peers: dict | None = None) -> Endpoint:
        """A gateway for these peers: the addresses and networks of each, by name."""
        words = ["--address", f"{INNER_GATEWAY_V4}/24", "--address", f"{INNER_GATEWAY_V6}/64"]
        for name, places in (peers or {"home": f"10.77.0.2,fd77::2"}).items():
            words += ["--peer", ",".join(filter(None, [f"{name}={self.key(name)}", places]))]
        return self.endpoint("gateway", "gateway", self.gateway, *words, *arguments)

    def make_client(self, *arguments: object, name: str = "home", host: Namespace | None = None,
                    links: list | None = None, gateways: tuple = (f"{GATEWAY_V4}:6000", f"[{GATEWAY_V6}]:6000")) -> Endpoint:
        words = ["--gateway-key", self.key("gateway")]
        for address in gateways:
            words += ["--gateway", address]
        for link in links or [f"eth{n}" for n in range(1, len(self.lines) + 1)]:
            words += ["--link", link]
        return self.endpoint("client", name, host or self.client, *words, *arguments)

    def start(self, *client_arguments: object, gateway: tuple = (), peers: dict | None = None,
              up: int | None = None, links: list | None = None) -> tuple[Endpoint, Endpoint]:
        """A gateway and a client that are up over so many paths, by default one a line."""
        server = self.make_gateway(*gateway, peers=peers).start()
        server.wait_ready()
        client = self.make_client(*client_arguments, links=links).start()
        wait_up(client, len(self.lines) if up is None else up)
        return server, client

    def set_nat(self, number: int, ports: str = "20000-29999") -> None:
        """Makes router NUMBER translate its client's addresses to its own, with these ports."""
        router = self.routers[number - 1]
        router.nft(f"""add table ip nat
            flush table ip nat
            add chain ip nat post {{ type nat hook postrouting priority srcnat; }}
            add rule ip nat post oifname "wan" meta l4proto udp masquerade to :{ports}
            add rule ip nat post oifname "wan" masquerade""")

    def drop_silently(self, number: int) -> None:
        """Line NUMBER loses everything, and nobody is told."""
        self.routers[number - 1].nft("""add table inet lossy
            add chain inet lossy forward { type filter hook forward priority 0; policy drop; }""")

    def stop_dropping(self, number: int) -> None:
        self.routers[number - 1].nft("delete table inet lossy")

    def add_client_side(self, number: int) -> None:
        """Makes the client's interface of line NUMBER, as at the start."""
        line, router = self.lines[number - 1], self.routers[number - 1]
        join(self.client, f"eth{number}", router, "home", line.mtu)
        self.address_client_side(number)
        _address(router, "home", line, f"10.1.{number}.1/24", f"fd01:0:0:{number}::1/64")

    def address_client_side(self, number: int, host: str = "2") -> None:
        """Gives the client's end its addresses and default routes."""
        line, interface = self.lines[number - 1], f"eth{number}"
        _address(self.client, interface, line, f"10.1.{number}.{host}/24", f"fd01:0:0:{number}::{host}/64")
        if line.v4:
            self.client.ip(f"route replace default via 10.1.{number}.1 dev {interface} metric {number}")
        if line.v6:
            self.client.ip(f"-6 route replace default via fd01:0:0:{number}::1 dev {interface} metric {number}")

    def add_host(self, name: str) -> Namespace:
        """Another host on the first line's home side, as 10.1.1.3, with an interface eth0 of its own."""
        host, router = self.namespace(name), self.routers[0]
        index = len(self._namespaces)
        join(host, "eth0", router, f"host{index}")
        host.ip(f"addr add 10.3.{index}.2/24 dev eth0")
        router.ip(f"addr add 10.3.{index}.1/24 dev host{index}")
        host.ip(f"route add default via 10.3.{index}.1")
        self.gateway.ip(f"route add 10.3.{index}.0/24 via 10.2.1.2")
        return host

    def _build(self, lan: bool, inet: bool) -> None:
        self.client, self.gateway = self.namespace("client"), self.namespace("gateway")
        self.gateway.ip(f"addr add {GATEWAY_V4}/32 dev lo")
        self.gateway.ip(f"addr add {GATEWAY_V6}/128 dev lo nodad")
        self.routers = []
        for number, line in enumerate(self.lines, 1):
            self._build_line(number, line)
        if lan:
            self.lan = self.namespace("lan")
            _attach(self.client, "lan0", self.lan, "192.168.1.1", LAN_V4, 24, "fd03::1", LAN_V6)
            self.lan.ip("route add default via 192.168.1.1")
            self.lan.ip("-6 route add default via fd03::1")
        if inet:
            self.inet = self.namespace("inet")
            _attach(self.gateway, "net0", self.inet, "198.51.100.1", INET_V4, 24, "2001:db8:100::1", INET_V6)

    def _build_line(self, number: int, line: Line) -> None:
        router = self.namespace(f"router{number}")
        self.routers.append(router)
        for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            router.set_sysctl(key, 1)
        join(router, "wan", self.gateway, f"wan{number}", line.core_mtu)
        self.add_client_side(number)
        _address(router, "wan", line, f"10.2.{number}.2/24", f"fd02:0:0:{number}::2/64")
        _address(self.gateway, f"wan{number}", line, f"10.2.{number}.1/24", f"fd02:0:0:{number}::1/64")
        if line.v4:
            router.ip(f"route add {GATEWAY_V4} via 10.2.{number}.1")
            self.gateway.ip(f"route add 10.1.{number}.0/24 via 10.2.{number}.2")
        if line.v6:
            router.ip(f"-6 route add {GATEWAY_V6} via fd02:0:0:{number}::1")
            self.gateway.ip(f"-6 route add fd01:0:0:{number}::/64 via fd02:0:0:{number}::2")
        if line.nat:
            self.set_nat(number)

    def _print_logs(self) -> None:
        for endpoint in self._endpoints:
            print(f"--- {endpoint.name}, the last lines of its log\n{endpoint.last_lines(25)}", flush=True)
            if endpoint.is_running():
                print(f"--- its status\n{endpoint.ask('status', check=False).stdout}", flush=True)
        if os.environ.get("KEEP_LAB"):
            input("the network is kept until Enter is pressed")


def wait_up(client: Endpoint, links: int, seconds: float = 8) -> None:
    wait_for(lambda: client.is_up(links), seconds, f"{client.name} is up over {links} paths")


def _address(host: Namespace, interface: str, line: Line, v4: str, v6: str) -> None:
    if line.v4:
        host.ip(f"addr replace {v4} dev {interface}")
    if line.v6:
        host.ip(f"addr replace {v6} dev {interface} nodad")


def _attach(near: Namespace, interface: str, far: Namespace, near_v4: str, far_v4: str, length: int,
            near_v6: str, far_v6: str) -> None:
    join(near, interface, far, "eth0")
    for host, device, v4, v6 in ((near, interface, near_v4, near_v6), (far, "eth0", far_v4, far_v6)):
        host.ip(f"addr add {v4}/{length} dev {device}")
        host.ip(f"addr add {v6}/64 dev {device} nodad")
