"""A client and a gateway that are joined by emulated access lines (emulated_line.py draws them), and what flows between them."""

from netlab.emulated_line import GATEWAY, EmulatedLines
from netlab.endpoint import Endpoint
from netlab.flows import Answers, Flow, Pings
from netlab.lab import INNER_GATEWAY_V4, Lab
from netlab.running import expect

_TCP_HEADERS = 52  # IPv4, TCP and its timestamps
_OMITTED = 0.25  # share of a flow's time in which it finds its rate


class LineLab(Lab):
    """Lab's endpoints over emulated lines (AccessLine)."""

    def make_client(self, *arguments: object, gateways: tuple = (f"{GATEWAY}:6000",), **options) -> Endpoint:
        return super().make_client(*arguments, gateways=gateways, **options)

    def flow(self, way: str, seconds: float, **options) -> Flow:
        """A TCP flow through the tunnel."""
        return Flow(self.client, self.gateway, INNER_GATEWAY_V4, way, seconds, **options)

    def goodput(self, way: str, seconds: float = 6) -> float:
        """Mbit/s of one TCP flow through the tunnel that has found its rate."""
        return self.flow(way, seconds).wait().rate(_OMITTED * seconds, seconds)

    def pings(self, seconds: float) -> Answers:
        """Pings through the tunnel, 100 a second."""
        answers = Pings(self.client, INNER_GATEWAY_V4, seconds).wait()
        expect(answers, "pings are answered")
        return answers

    def ceiling(self, megabits: float, client: Endpoint) -> float:
        """The most that TCP through the tunnel can have of lines of this rate."""
        return megabits * (client.status()["tunnel"]["mtu"] - _TCP_HEADERS) / 1500

    def _build(self, lan: bool, inet: bool) -> None:
        self.client, self.gateway = self.namespace("client"), self.namespace("gateway")
        self.emulated = self.keep(EmulatedLines(self.client, self.gateway, self.folder, self.lines))
