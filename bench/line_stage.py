"""A client and a gateway that are joined by emulated access lines, for one contender at a time."""

from pathlib import Path

from lines import Scenario
from netlab.emulated_line import EmulatedLines
from stage import Stage

_SEED = 1


class LineStage(Stage):
    def __init__(self, scenario: Scenario, emulator: Path):
        self.scenario = scenario
        self.lines: EmulatedLines | None = None
        self._emulator = emulator
        super().__init__(wires=len(scenario.lines))

    def close(self) -> None:
        super().close()
        if self.lines:
            self.lines.close()

    def _connect(self) -> None:
        emulated = [line.emulated(self.scenario.queue) for line in self.scenario.lines]
        self.lines = EmulatedLines(self.client, self.gateway, self.folder, emulated, _SEED, str(self._emulator))
        self.wires = [f"eth{number}" for number in range(1, len(emulated) + 1)]
        for host in (self.client, self.gateway):
            host.set_sysctl("net.ipv4.tcp_no_metrics_save", 1)  # a flow knows nothing of the one before
