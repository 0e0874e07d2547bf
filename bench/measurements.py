"""What is measured on a stage that is up. Each function adds its figures to those of one contender; one that fails adds none."""

import json
import os
import re
import statistics
import subprocess
import time
from pathlib import Path

from stage import Stage, Unusable

_TICK = os.sysconf("SC_CLK_TCK")
_UDP_PAYLOAD = 200
_UDP_SOCKET = 1 << 20  # of iperf3, so that a moment without the CPU does not count as the tunnel's loss
_SETTLE = 0.3  # seconds of quiet before a measurement


class Meter:
    """Measures one contender through its ADDRESS; DAEMONS are the processes of the tunnel."""

    def __init__(self, stage: Stage, address: str, seconds: float):
        self._stage, self._address, self._seconds = stage, address, seconds
        self._daemons = stage.pids()
        stage.run(stage.gateway, "iperf3-server", "iperf3", "--server")
        time.sleep(_SETTLE)

    def ping(self) -> dict[str, float]:
        """Median round-trip time of the idle tunnel in ms."""
        done = self._stage.client.run("ping", "-n", "-i", 0.01, "-c", 200, "-W", 1, self._address, check=False)
        times = [float(each) for each in re.findall(r"time=([\d.]+)", done.stdout)]
        if len(times) < 100:
            raise Unusable(f"{len(times)} of 200 pings are answered")
        return {"ping": statistics.median(times)}

    def tcp(self, flows: int) -> dict[str, float]:
        """Gbit/s received in both directions and, on the way up, what a gigabyte costs."""
        figures = {}
        for direction, words in (("up", []), ("down", ["--reverse"])):
            machine, own = busy_seconds(), _process_seconds(self._daemons)
            told = self._iperf3("--omit", 1, "--parallel", flows, *words)
            gigabytes = sum(interval["sum"]["bytes"] for interval in told["intervals"]) / 1e9
            figures[f"tcp{flows} {direction}"] = told["end"]["sum_received"]["bits_per_second"] / 1e9
            if direction == "up" and gigabytes:
                figures[f"cpu{flows}"] = (busy_seconds() - machine) / gigabytes
                figures[f"own cpu{flows}"] = (_process_seconds(self._daemons) - own) / gigabytes
        return figures

    def udp(self, ours: bool) -> dict[str, float]:
        """Thousand packets/s that arrive of a flood, the flood's loss and, for OURS, the loss at 0.9 times of what arrived."""
        received, loss, _ = self._udp_flow("0")
        figures = {"udp": received / 1e3, "udp loss": loss}
        if ours:
            _, figures["udp loss below"], figures["udp tunnel loss"] = self._udp_flow(f"{0.9 * received * _UDP_PAYLOAD * 8:.0f}")
        return figures

    def _udp_flow(self, rate: str) -> tuple[float, float, float]:
        """Packets received a second, the loss in per cent, and what of it is not iperf3's own: it may get too little of the CPU to
        empty its socket, of however many bytes. Without --omit, which iperf3 3.12 counts wrongly for UDP."""
        before = self._found_receiver_full()
        words = ("--udp", "--length", _UDP_PAYLOAD, "--bitrate", rate, "--window", _UDP_SOCKET)
        total = self._iperf3(*words)["end"]["sum"]
        sent, lost = max(1, total["packets"]), total["lost_packets"]
        on_the_way = max(0, lost - (self._found_receiver_full() - before))
        return (sent - lost) / total["seconds"], 100 * lost / sent, 100 * on_the_way / sent

    def _found_receiver_full(self) -> int:
        """Datagrams that found the socket full of a program that has ended since; the tunnel's daemon, which has not, is left out."""
        def read(file: str) -> list[list[str]]:
            return [line.split() for line in self._stage.gateway.run("cat", f"/proc/net/{file}").stdout.splitlines()]
        names, values = (line for line in read("snmp") if line[0] == "Udp:")
        of_open_sockets = sum(int(line[-1]) for file in ("udp", "udp6") for line in read(file)[1:])
        return int(dict(zip(names, values))["RcvbufErrors"]) - of_open_sockets

    def _iperf3(self, *words: object) -> dict:
        time.sleep(_SETTLE)
        try:
            done = self._stage.client.run("iperf3", "--json", "--client", self._address, "--time", self._seconds, *words,
                                          check=False, timeout=self._seconds + 15)
        except subprocess.TimeoutExpired:
            raise Unusable("iperf3 does not end") from None
        told = json.loads(done.stdout or "{}")
        if done.returncode != 0 or "error" in told:
            raise Unusable(f"iperf3: {told.get('error') or done.stderr.strip()}")
        return told


def busy_seconds() -> float:
    """CPU seconds that all cores have worked since the machine's start, without what other guests took."""
    user, nice, system, _idle, _wait, irq, softirq = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + softirq) / _TICK


def background_load(seconds: float = 2) -> float:
    """Share of all cores in per cent that others use."""
    before = busy_seconds()
    time.sleep(seconds)
    return 100 * (busy_seconds() - before) / seconds / (os.cpu_count() or 1)


def _process_seconds(pids: list[int]) -> float:
    return sum(sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])) for pid in pids) / _TICK
