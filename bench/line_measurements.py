"""What is measured of one contender over emulated lines. Figures are named "what way", so that reports need no structure."""

import time

from line_contenders import QUIC, WIRE, LineContender
from line_stage import LineStage
from netlab.flows import Answers, Arrivals, Flow, Pings
from netlab.quic_flow import QuicFlow
from stage import Unusable

_OMITTED = 0.25  # share of a flow's time in which it finds its rate
_IDLE = 1.5  # seconds of pings
_SETTLE = 0.3
_CUT = 3.0  # seconds of silence
_BACK = 0.9  # of the rate before is "back"


class LineMeter:
    def __init__(self, stage: LineStage, contender: LineContender, address: str, seconds: float):
        self._stage, self._contender, self._address, self._seconds = stage, contender, address, seconds
        self._lateness = 0.0  # of the emulator, ms

    def idle(self) -> dict[str, float]:
        """Round-trip times without load."""
        time.sleep(_SETTLE)
        answers = Pings(self._stage.client, self._address, _IDLE).wait()
        if not answers:
            raise Unusable("no ping is answered")
        return {"idle": answers.median, "idle p99": answers.p99}

    def load(self, way: str, control: str) -> dict[str, float]:
        """Goodput of a flow that way, or of one each way, and the round-trip times beside it."""
        self._take_queues()
        flows = {each: self._flow(each, control, self._seconds) for each in (("up", "down") if way == "both" else (way,))}
        begin = _OMITTED * self._seconds
        time.sleep(begin)
        answers = Pings(self._stage.client, self._address, self._seconds - begin - _SETTLE).wait()
        rates = {each: flow.wait().rate(begin, self._seconds) for each, flow in flows.items()}
        figures = {f"rate {way}": sum(rates.values()), f"modem {way}": self._take_queues(*flows)}
        figures[f"share {way}"] = figures[f"rate {way}"] / (self._stage.scenario.sum(way) * self._payload(control))
        figures |= {f"part {each}": rate for each, rate in rates.items() if way == "both"}
        figures |= {f"late {way}": self._lateness}
        if answers:
            figures |= {f"loaded {way}": answers.median, f"loaded p99 {way}": answers.p99}
        return figures

    def cut(self, control: str) -> dict[str, float]:
        """The best line falls silent in the middle of an upload, and comes back."""
        before = max(self._seconds / 2, 2)
        whole = before + _CUT + max(self._seconds / 2, 4)
        flow = self._flow("up", control, whole)
        time.sleep(before - 0.5)
        pings = Pings(self._stage.client, self._address, 0.5 + _CUT + 1)
        time.sleep(0.5)
        fell = time.monotonic() - flow.began
        self._stage.lines.set(1, "both", "silence=on")
        time.sleep(_CUT)
        rose = time.monotonic() - flow.began
        self._stage.lines.set(1, "both", "silence=off")
        answers = pings.wait()
        flow.wait()
        full = flow.rate(fell / 2, fell)
        return {**_silence(answers), "stall": flow.longest_stall(fell, rose), "rate up": full,
                "rate cut": flow.rate(fell + 0.5, rose), "back": flow.time_until(_BACK * full, rose, whole)}

    def _flow(self, way: str, control: str, seconds: float) -> Arrivals:
        stage, contender = self._stage, self._contender
        try:
            if control == QUIC:
                return QuicFlow(stage.client, stage.gateway, self._address, way, seconds, contender.udp_payload(stage))
            return Flow(stage.client, stage.gateway, self._address, way, seconds, control, contender.protocol)
        except OSError as error:
            raise Unusable(f"no connection: {error}") from None

    def _payload(self, control: str) -> float:
        """Payload's share of the bytes of a full packet on the wire."""
        if control == QUIC:
            return self._contender.udp_payload(self._stage) / WIRE
        return self._contender.tcp_payload(self._stage) / WIRE

    def _take_queues(self, *ways: str) -> float:
        """Median time in ms that packets waited in front of the worst line since this was last asked."""
        told = [self._stage.lines.statistics(number) for number in range(1, len(self._stage.wires) + 1)]
        self._lateness = max(line[way]["late_p99"] for line in told for way in line)
        return max((line[way]["wait_median"] for line in told for way in ways), default=0)


def _silence(answers: Answers | None) -> dict[str, float]:
    return {"silence": answers.longest_silence, "lost": answers.lost} if answers else {}
