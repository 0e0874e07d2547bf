"""The table of a run over emulated lines, and what is demanded of ours in it."""

import statistics
from dataclasses import dataclass, field

from lines import Scenario
from report import demand, markdown, number

Key = tuple[str, str, str]  # scenario, contender, congestion control ("" for what has none)
_LATE = 1.0  # ms: an emulator that is so late has no CPU
_COLUMNS = {
    "idle RTT": lambda of: number(of("idle"), 1),
    "up": lambda of: number(of("rate up"), 2), "share ": lambda of: number(of("share up"), 3),
    "RTT up": lambda of: _pair(of("loaded up"), of("loaded p99 up")), "modem up": lambda of: number(of("modem up"), 1),
    "down": lambda of: number(of("rate down"), 2), "share": lambda of: number(of("share down"), 3),
    "RTT down": lambda of: _pair(of("loaded down"), of("loaded p99 down")), "modem down": lambda of: number(of("modem down"), 1),
    "both": lambda of: _pair(of("part up"), of("part down"), 2, " + "), "share both": lambda of: number(of("share both"), 3),
    "RTT both": lambda of: _pair(of("loaded both"), of("loaded p99 both")), "modem both": lambda of: number(of("modem both"), 1),
    "stall ms": lambda of: number(of("stall"), 0), "silence ms": lambda of: number(of("silence"), 0),
    "lost": lambda of: number(of("lost"), 0), "back s": lambda of: number(of("back"), 1),
}


@dataclass
class Results:
    """Every figure of every round."""

    figures: dict[Key, list[dict[str, float]]] = field(default_factory=dict)

    def add(self, key: Key, figures: dict[str, float]) -> None:
        self.figures.setdefault(key, []).append(figures)

    def median(self, scenario: str, contender: str, control: str, what: str) -> float | None:
        """Of the rounds; idle times are those of every congestion control."""
        rounds = [*self.figures.get((scenario, contender, control), []), *self.figures.get((scenario, contender, ""), [])]
        values = [figures[what] for figures in rounds if what in figures]
        return statistics.median(values) if values else None

    def late(self) -> list[str]:
        """A sentence for every measurement in which the emulator was late: it measured the machine."""
        return [f"{scenario}, {contender} {control}: the emulator was late by {value:.1f} ms (p99), the machine is too busy"
                for (scenario, contender, control), rounds in self.figures.items() for figures in rounds
                for what, value in figures.items() if what.startswith("late ") and value > _LATE]


def table(results: Results, scenarios: list[Scenario], titles: dict[str, str]) -> str:
    """A row for each scenario, contender and congestion control; columns without a figure are left out."""
    rows = []
    for scenario in scenarios:
        for contender, control in dict.fromkeys((key[1], key[2]) for key in results.figures if key[0] == scenario.name and key[2]):
            of = lambda what, key=(scenario.name, contender, control): results.median(*key, what)
            rows.append([scenario.name, titles[contender], control, *(cell(of) for cell in _COLUMNS.values())])
    used = [index for index in range(3 + len(_COLUMNS)) if index < 3 or any(row[index] != "–" for row in rows)]
    head = ["lines", "", "flow", *(name.strip() for name in _COLUMNS)]
    lines = [head, ["---"] * 3 + ["---:"] * len(_COLUMNS), *rows]
    return markdown([[line[index] for index in used] for line in lines])


def demands(results: Results, scenarios: list[Scenario], ours: str = "sennit", alone: tuple[str, ...] = ("sennit-best", "plain")) -> str:
    """What is demanded of ours, what it reached, and whether that is enough; nothing where ours was not measured."""
    lines = [["lines", "", "demanded", "measured", "met"], ["---", "---", "---:", "---:", "---"]]
    for scenario in scenarios:
        for control in dict.fromkeys(key[2] for key in results.figures if key[:2] == (scenario.name, ours) and key[2]):
            of = lambda what, key=(scenario.name, ours, control): results.median(*key, what)
            best = next((each for each in alone if (scenario.name, each, control) in results.figures), None)
            of_best = lambda what, best=best, key=(scenario.name, control): results.median(key[0], best, key[1], what) if best else None
            of_without = lambda what, key=(scenario.without, ours, control): results.median(*key, what)
            found = [*_shares(scenario, of), *_latencies(scenario, of), *_beside(scenario, of, of_best, of_without), *_cut(scenario, of)]
            lines += [[scenario.name, *row] for row in found]
            for row in lines[-len(found):] if found else []:
                row[1] = f"{control}: {row[1]}"
    return markdown(lines) if len(lines) > 2 else ""


def _shares(scenario: Scenario, of) -> list[list[str]]:
    if scenario.demanded is None:
        return []
    return [_least(f"share {way}", scenario.demanded, of(f"share {way}")) for way in scenario.ways]


def _latencies(scenario: Scenario, of) -> list[list[str]]:
    if scenario.is_cut:
        return []
    best = scenario.lines[0].rtt
    rows = [_most("idle RTT", best + 1, of("idle"))]
    for way in scenario.ways:
        rows += [_most(f"RTT {way}, median", best + 10, of(f"loaded {way}")), _most(f"RTT {way}, p99", best + 40, of(f"loaded p99 {way}")),
                 _most(f"queue in the modem, {way}", 15, of(f"modem {way}"))]
    return rows


def _beside(scenario: Scenario, of, of_best, of_without) -> list[list[str]]:
    """Never below the best line alone; a bad line costs little."""
    rows = []
    for way in scenario.ways if not scenario.is_cut else ():
        for name, least, other in (("best line alone", 0.995, of_best), ("the same without the bad line", 0.98, of_without)):
            mine, theirs = of(f"rate {way}"), other(f"rate {way}")
            if mine is not None and theirs:
                rows.append(_least(f"{way} ÷ {name}", least, mine / theirs))
    mine, theirs = of("idle"), of_without("idle")
    if mine is not None and theirs is not None:
        rows.append(_most("idle RTT − the same without the bad line", 1, mine - theirs))
    return rows


def _cut(scenario: Scenario, of) -> list[list[str]]:
    if not scenario.is_cut:
        return []
    return [_most("longest silence, ms", 300, of("silence")), _most("pings lost", 10, of("lost")),
            _most("back to the full rate, s", 3, of("back"))]


def _least(what: str, limit: float, value: float | None) -> list[str]:
    return demand(what, f"≥ {limit:.3g}", [] if value is None else [value], value is not None and value >= limit)


def _most(what: str, limit: float, value: float | None) -> list[str]:
    return demand(what, f"≤ {limit:.0f}", [] if value is None else [value], value is not None and value <= limit)


def _pair(a: float | None, b: float | None, digits: int = 0, between: str = " / ") -> str:
    return "–" if a is None or b is None else f"{a:.{digits}f}{between}{b:.{digits}f}"
