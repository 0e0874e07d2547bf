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

_WIRE = 1500  # bytes of a full packet on every line
_TCP_HEADERS = 52  # IPv4, TCP and its timestamps
_MPTCP_OPTION = 20  # bytes of its data sequence signal in a full packet
_FLOWS = 8  # that one MPTCP connection may have beside its first


@dataclass(frozen=True)
class LineContender:
    name: str
    title: str
    start: Callable[[LineStage], str]  # returns the gateway's address
    payload: Callable[[LineStage], float]  # TCP's share of the bytes of a full packet on the wire
    protocol: int = socket.IPPROTO_TCP


def line_contenders(program: Path) -> list[LineContender]:
    return [
        LineContender("sennit", "**Sennit, all lines**", lambda stage: start_sennit(stage, program, _links(stage)),
                      lambda stage: _tunnel_payload(stage, program)),
        LineContender("sennit-best", "Sennit, best line", lambda stage: start_sennit(stage, program, _links(stage)[:1]),
                      lambda stage: _tunnel_payload(stage, program)),
        LineContender("plain", "best line, no tunnel", lambda _: GATEWAY, lambda _: (_WIRE - _TCP_HEADERS) / _WIRE),
        LineContender("mptcp", "kernel MPTCP, no tunnel", _start_mptcp, lambda _: (_WIRE - _TCP_HEADERS - _MPTCP_OPTION) / _WIRE,
                      socket.IPPROTO_MPTCP),
    ]


def _links(stage: LineStage) -> list[str]:
    return [",".join(filter(None, [wire, line.told])) for wire, line in zip(stage.wires, stage.scenario.lines)]


def _tunnel_payload(stage: LineStage, program: Path) -> float:
    status = json.loads(command(program, "status", "--json", "--control", stage.folder / "client.sock").stdout)
    return (status["tunnel"]["mtu"] - _TCP_HEADERS) / _WIRE


def _start_mptcp(stage: LineStage) -> str:
    """The client opens a flow over each further line."""
    for host in (stage.client, stage.gateway):
        host.ip(f"mptcp limits set subflow {_FLOWS} add_addr_accepted {_FLOWS}")
    for number, wire in enumerate(stage.wires[1:], 2):
        stage.client.ip(f"mptcp endpoint add 10.1.{number}.2 dev {wire} subflow")
    return GATEWAY
