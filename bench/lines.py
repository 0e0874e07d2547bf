"""The access lines over which aggregation is compared. The first line of a scenario is its best."""

from dataclasses import dataclass

from netlab.emulated_line import AccessLine


@dataclass(frozen=True)
class Line:
    """A line's rates in Mbit/s and what else it is like, the same both ways."""

    up: float
    down: float
    rtt: float  # ms
    more: str = ""  # further words of link_emulator/conditions.hpp
    told: str = ""  # what the user says of it behind --link

    def emulated(self, queue: float) -> AccessLine:
        return AccessLine.of(self.up, self.down, self.rtt, queue, self.more)


@dataclass(frozen=True)
class Scenario:
    name: str
    lines: tuple[Line, ...]
    title: str
    queue: float = 100  # ms in front of each line
    ways: tuple[str, ...] = ("up", "down")  # one after the other; "both": at the same time
    demanded: float | None = None  # the least share
    is_cut: bool = False  # the best line falls silent under load
    without: str = ""  # the scenario that has the same lines without the bad one

    def sum(self, way: str) -> float:
        """Mbit/s of all lines together."""
        return sum({"up": line.up, "down": line.down, "both": line.up + line.down}[way] for line in self.lines)


def _same(rate: float, rtt: float, **more: str) -> Line:
    return Line(rate, rate, rtt, **more)


_QUICK, _SLOW = _same(20, 30), _same(10, 80)

SCENARIOS = (
    Scenario("20+10", (_QUICK, _SLOW), "20 Mbit/s 30 ms + 10 Mbit/s 80 ms", demanded=0.96),
    Scenario("100+30", (_same(100, 10), _same(30, 60)), "100 Mbit/s 10 ms + 30 Mbit/s 60 ms, queues of 60 ms", queue=60,
             demanded=0.95),
    Scenario("adsl", (Line(1.3, 12, 30), Line(1, 8, 40)), "ADSL 12/1.3 30 ms + 8/1 40 ms, both ways at once", ways=("both",),
             demanded=0.94),
    Scenario("90+35", (_same(90, 8), _same(35, 60)), "90 Mbit/s 8 ms + 35 Mbit/s 60 ms", demanded=0.95),
    Scenario("4x20", 4 * (_same(20, 40),), "four of 20 Mbit/s 40 ms", demanded=0.96),
    *(Scenario(f"loss{share}", (_QUICK, _same(10, 80, more=f"loss={share}%")), f"20+10, the second loses {share} %", demanded=least)
      for share, least in ((1, 0.95), (2, 0.93), (5, 0.88))),
    Scenario("told", (_QUICK, _same(4, 80, told="up=10mbit,down=10mbit")), "20+10, the second is told 10 and has 4 Mbit/s"),
    Scenario("bad", (_QUICK, _SLOW, _same(0.05, 700, more="loss=10% queue=2s")), "20+10 and one of 50 kbit/s, 700 ms, 10 % loss",
             without="20+10"),
    Scenario("cut", (_QUICK, _SLOW), "20+10, the first is silent for 3 s under load", ways=("up",), is_cut=True),
)
