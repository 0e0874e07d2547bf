"""What is compared over emulated lines: ours over all and over the best, the best without a tunnel, and the kernel's MPTCP."""

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contenders import start_sennit
from line_stage import LineStage
from netlab.emulated_line import GATEWAY
from netlab.namespace import command

QUIC = "quic"  # in the place of TCP's congestion control
WIRE = 1500  # bytes of a full packet on every line
_TCP_HEADERS = 52  # IPv4, TCP and its timestamps
_UDP_HEADERS = 28
_MPTCP_OPTION = 20  # bytes of its data sequence signal in a full packet
_FLOWS = 8  # that one MPTCP connection may have beside its first


@dataclass(frozen=True)
class LineContender:
    name: str
    title: str
    start: Callable[[LineStage], str]  # returns the gateway's address
    mtu: Callable[[LineStage], int]  # of the largest packet that fills one packet on the wire
    protocol: int = socket.IPPROTO_TCP

    def carries(self, control: str) -> bool:
        """MPTCP is TCP alone."""
        return control != QUIC or self.protocol != socket.IPPROTO_MPTCP

    def tcp_payload(self, stage: LineStage) -> int:
        """Bytes in a full packet."""
        return self.mtu(stage) - _TCP_HEADERS - (_MPTCP_OPTION if self.protocol == socket.IPPROTO_MPTCP else 0)

    def udp_payload(self, stage: LineStage) -> int:
        return self.mtu(stage) - _UDP_HEADERS


def line_contenders(program: Path) -> list[LineContender]:
    def mtu(stage: LineStage) -> int:
        status = json.loads(command(program, "status", "--json", "--control", stage.folder / "client.sock").stdout)
        return status["tunnel"]["mtu"]
    return [
        LineContender("sennit", "**Sennit, all lines**", lambda stage: start_sennit(stage, program, _links(stage)), mtu),
        LineContender("sennit-best", "Sennit, best line", lambda stage: start_sennit(stage, program, _links(stage)[:1]), mtu),
        LineContender("plain", "best line, no tunnel", lambda _: GATEWAY, lambda _: WIRE),
        LineContender("mptcp", "kernel MPTCP, no tunnel", _start_mptcp, lambda _: WIRE, socket.IPPROTO_MPTCP),
    ]


def _links(stage: LineStage) -> list[str]:
    return [",".join(filter(None, [wire, line.told])) for wire, line in zip(stage.wires, stage.scenario.lines)]


def _start_mptcp(stage: LineStage) -> str:
    """The client opens a flow over each further line."""
    for host in (stage.client, stage.gateway):
        host.ip(f"mptcp limits set subflow {_FLOWS} add_addr_accepted {_FLOWS}")
    for number, wire in enumerate(stage.wires[1:], 2):
        stage.client.ip(f"mptcp endpoint add 10.1.{number}.2 dev {wire} subflow")
    return GATEWAY
