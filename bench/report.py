"""The Markdown that a run of the bench prints: medians for each setting, what is demanded of them, and on what they were measured."""

import os
import platform
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from contenders import Contender

_COLUMNS = {"tcp1 up": ("TCP up", 2), "tcp1 down": ("TCP down", 2), "tcp4 up": ("4 flows up", 2), "tcp4 down": ("4 flows down", 2),
            "cpu1": ("CPU s/GB", 2), "own cpu1": ("tunnel's own", 2), "udp": ("UDP 200 B kpps", 0), "udp loss": ("flood loss %", 1),
            "udp loss below": ("loss at 0.9 %", 3), "udp tunnel loss": ("of it the tunnel's", 3), "ping": ("ping ms", 3)}
_FOES = (("openvpn", "OpenVPN"), ("tinc", "tinc"), ("fastd", "fastd"))


@dataclass
class Setting:
    """One way to lay the wires, and what every contender reached on them, round by round."""

    title: str
    segmented: bool = False
    wires: int = 1
    figures: dict[str, list[dict[str, float]]] = field(default_factory=dict)

    def add(self, contender: str, figures: dict[str, float]) -> None:
        self.figures.setdefault(contender, []).append(figures)

    def median(self, contender: str, key: str) -> float | None:
        values = [figures[key] for figures in self.figures.get(contender, []) if key in figures]
        return statistics.median(values) if values else None

    def ratios(self, key: str, ours: str, theirs: str, other: "Setting | None" = None, other_key: str = "") -> list[float]:
        """Ours against theirs: up and down for a TCP key, else one figure; none where one of the two is missing."""
        found = []
        for way in (" up", " down") if key.startswith("tcp") else ("",):
            a, b = self.median(ours, key + way), (other or self).median(theirs, (other_key or key) + way)
            if a is not None and b:
                found.append(a / b)
        return found


@dataclass(frozen=True)
class Roles:
    """Which of our builds a demand speaks of; None where none was given."""

    accelerated: str | None
    libsodium: str | None
    cipher_off: str | None


def choose_roles(names: list[str]) -> Roles:
    """By the presets' names; a build of another name counts as the accelerated one if it is the first."""
    def named(name: str) -> str | None:
        return name if name in names else None
    rest = [name for name in names if name not in ("release-libsodium", "bench-cipher-off")]
    return Roles(named("release") or next(iter(rest), None), named("release-libsodium"), named("bench-cipher-off"))


def table(setting: Setting, contenders: Iterable[Contender]) -> str:
    """Medians, a row for each contender; columns without a figure are left out."""
    rows = [each for each in contenders if each.name in setting.figures]
    columns = [key for key in _COLUMNS if any(setting.median(each.name, key) is not None for each in rows)]
    lines = [["", *(_COLUMNS[key][0] for key in columns)], ["---", *("---:" for _ in columns)]]
    lines += [[each.label, *(number(setting.median(each.name, key), _COLUMNS[key][1]) for key in columns)] for each in rows]
    return f"### {setting.title}\n\n{markdown(lines)}"


def demands(settings: list[Setting], roles: Roles) -> str:
    """What is demanded, what was reached (TCP: up, down) and whether all of it is enough."""
    lines = [["", "demanded", "measured", "met"], ["---", "---:", "---:", "---"]]
    plain = next((each for each in settings if not each.segmented and each.wires == 1), None)
    if plain:
        lines += _plain_demands(plain, roles)
    for setting in settings:
        if setting.segmented:
            lines += _segmented_demands(setting, roles)
        elif setting.wires > 1 and plain:
            ratios = setting.ratios("tcp1", roles.accelerated, roles.accelerated, plain)
            lines.append(_at_least(f"TCP, {setting.wires} links ÷ one link", 0.85, ratios))
    return f"### What is demanded\n\n{markdown(lines)}"


def machine(contenders: Iterable[Contender], rounds: int, seconds: float, load: float) -> str:
    """On what and how it was measured."""
    cpu = next((line.split(": ")[1] for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "?")
    control = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    versions = dict.fromkeys(each.version for each in contenders if each.version)
    return (f"{os.cpu_count()} × {cpu}, Linux {platform.release()}, TCP {control}; median of {rounds}, {seconds:g} s a measurement; "
            f"others used {load:.0f} % of the CPU before the start.\n\nVersions: {', '.join(versions)}.")


def _plain_demands(plain: Setting, roles: Roles) -> list[list[str]]:
    fast, sodium = roles.accelerated, roles.libsodium
    return [
        _at_least("TCP, accelerated ÷ wireguard-go", 3.0, plain.ratios("tcp1", fast, "wireguard-go")),
        _at_least("TCP, libsodium ÷ wireguard-go", 1.8, plain.ratios("tcp1", sodium, "wireguard-go")),
        *(_at_least(f"TCP, accelerated ÷ {label}", 12, plain.ratios("tcp1", fast, name)) for name, label in _FOES),
        _at_least("TCP, accelerated ÷ plain veth", 0.42, plain.ratios("tcp1", fast, "veth")),
        _at_least("TCP, accelerated ÷ cipher off", 0.85, plain.ratios("tcp1", fast, roles.cipher_off)),
        _at_least("TCP, accelerated, four flows ÷ one", 1.0, plain.ratios("tcp4", fast, fast, other_key="tcp1")),
        _at_least("UDP 200 B, accelerated ÷ wireguard-go", 3.5, plain.ratios("udp", fast, "wireguard-go")),
        _at_least("UDP 200 B, accelerated ÷ OpenVPN", 2.0, plain.ratios("udp", fast, "openvpn")),
        _at_most("UDP 200 B at 0.9 × of that, the tunnel's loss %", 0, _values(plain.median(fast, "udp tunnel loss"))),
        _at_most("CPU s/GB, accelerated ÷ wireguard-go", 0.30, plain.ratios("cpu1", fast, "wireguard-go")),
        _at_most("CPU s/GB, libsodium ÷ wireguard-go", 0.55, plain.ratios("cpu1", sodium, "wireguard-go")),
        *_ping_demands(plain, fast),
    ]


def _ping_demands(plain: Setting, ours: str | None) -> list[list[str]]:
    own, bare = plain.median(ours, "ping"), plain.median("veth", "ping")
    peers = [plain.median(name, "ping") for name in ("wireguard-go", "wireguard-go-old", *(name for name, _ in _FOES))]
    quickest = min((each for each in peers if each is not None), default=None)
    return [_at_most("idle ping − plain veth, ms", 0.12, _values(_both(own, bare, lambda a, b: a - b))),
            _at_most("idle ping ÷ the quickest tunnel's", 1.0, _values(_both(own, quickest, lambda a, b: a / b)))]


def _segmented_demands(setting: Setting, roles: Roles) -> list[list[str]]:
    fast = roles.accelerated
    return [_at_least("segmented wire: TCP, accelerated ÷ wireguard-go", 2.5, setting.ratios("tcp1", fast, "wireguard-go")),
            _at_least("segmented wire: TCP, accelerated ÷ plain veth", 0.40, setting.ratios("tcp1", fast, "veth"))]


def _both(a: float | None, b: float | None, join: Callable[[float, float], float]) -> float | None:
    return None if a is None or b is None else join(a, b)


def _values(value: float | None) -> list[float]:
    return [] if value is None else [value]


def _at_least(what: str, demanded: float, measured: list[float]) -> list[str]:
    return demand(what, f"≥ {demanded:.2f}", measured, all(each >= demanded for each in measured))


def _at_most(what: str, demanded: float, measured: list[float]) -> list[str]:
    return demand(what, f"≤ {demanded:.2f}", measured, all(each <= demanded for each in measured))


def demand(what: str, demanded: str, measured: list[float], met: bool) -> list[str]:
    """A row about one demand; one that was not measured is neither met nor missed."""
    return [what, demanded, ", ".join(f"{each:.3f}" if abs(each) < 1 else f"{each:.2f}" for each in measured) or "not measured",
            ("yes" if met else "**no**") if measured else "–"]


def number(value: float | None, digits: int) -> str:
    """With so many digits; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def markdown(lines: list[list[str]]) -> str:
    """A table of a head, a line of dashes that says how columns are aligned, and rows."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    def cell(line: int, column: int) -> str:
        text, width = lines[line][column], widths[column]
        if line == 1:
            return "-" * (width - 1) + text[-1]
        return text.rjust(width) if lines[1][column].endswith(":") else text.ljust(width)
    return "\n".join("| " + " | ".join(cell(line, column) for column in range(len(widths))) + " |" for line in range(len(lines)))
