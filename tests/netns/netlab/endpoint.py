"""A running `sennit gateway` or `sennit client`, watched through what it promises: its exit status, log and control socket."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from netlab.namespace import PATIENCE, Namespace, command, end_with_parent
from netlab.running import SENNIT, Failure, expect, wait_for

# What was freed is kept for a while by the address sanitizer: little enough of it that growing memory shows.
_SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:quarantine_size_mb=16", "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
               "TSAN_OPTIONS": "halt_on_error=0"}
USABLE = ("up", "lossy")  # states of a path that carries traffic
_REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:", "WARNING: ThreadSanitizer")


def environment() -> dict:
    return {**_SANITIZERS, **os.environ}


def sennit(*words: object, check: bool = True, **options) -> subprocess.CompletedProcess:
    """Runs a command of the program under test to its end."""
    return command(SENNIT, *words, check=check, env=environment(), **options)


def make_key(file: Path) -> str:
    """Makes a private key; returns the public one."""
    return sennit("keygen", "-o", file).stdout.strip()


class Follower:
    """`sennit status --watch --json`, with an interval that is longer than any test: what comes, comes because it happened."""

    def __init__(self, endpoint: "Endpoint"):
        self.events: list = []
        words = [SENNIT, "status", "--json", "--watch=3600", "--control", str(endpoint.control)]
        self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment())
        self.first = json.loads(self._process.stdout.readline())
        threading.Thread(target=self._read, daemon=True).start()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(5)

    def _read(self) -> None:
        for line in self._process.stdout:
            self.events += json.loads(line)["events"]


class Endpoint:
    """A gateway or client in a namespace. Its arguments stay the same over restarts."""

    def __init__(self, role: str, name: str, host: Namespace, folder: Path, arguments: list):
        self.role, self.name, self.host = role, name, host
        self.control = folder / f"{name}.sock"
        self.state = folder / f"{name}.state"
        self.log = folder / f"{name}.log"
        self.arguments = [*arguments, "--control", self.control, "--state", self.state]
        self.process: subprocess.Popen | None = None

    def start(self) -> "Endpoint":
        words = ["ip", "netns", "exec", self.host.name, SENNIT, self.role, *map(str, self.arguments)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(),
                                            preexec_fn=end_with_parent)
        return self

    def stop(self, seconds: float = 8) -> None:
        """Ends it as systemd would, and expects that it ends well."""
        self.process.send_signal(signal.SIGTERM)
        code = self._wait(seconds)
        expect(code == 0, f"{self.name} ended with status {code} after SIGTERM")
        self.expect_no_report()

    def kill(self) -> None:
        self.process.kill()
        self._wait(5)

    def interrupted_starts(self, longest: int) -> Iterator[int]:
        """Starts it again and again, a SIGTERM a little later each time; gives after how many ms, once it has ended."""
        for milliseconds in range(0, longest, 8):
            self.start()
            time.sleep(milliseconds / 1000)
            self.process.send_signal(signal.SIGTERM)
            status = self.process.wait(10 * PATIENCE)
            # Before anything is acquired, the signal itself ends the program.
            expect(status in (0, -signal.SIGTERM), f"{self.name}: status {status} after {milliseconds} ms")
            yield milliseconds

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """Ends it in any case; for the end of a test."""
        if self.process and self.process.poll() is None:
            self.kill()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def expect_no_report(self) -> None:
        """Fails when a sanitizer found something."""
        text = self.log.read_text(errors="replace")
        found = [report for report in _REPORTS if report in text]
        expect(not found, f"{self.name}: {found}")

    def ask(self, *words: object, check: bool = True) -> subprocess.CompletedProcess:
        """A command of the program that speaks to this endpoint."""
        return sennit(*words, "--control", self.control, check=check)

    def status(self) -> dict:
        return json.loads(self.ask("status", "--json").stdout)

    def try_status(self) -> dict | None:
        """None while it does not answer; fails when it has ended."""
        if not self.is_running():
            raise Failure(f"{self.name} ended with status {self.process.returncode}: {self.last_lines(8)}")
        done = self.ask("status", "--json", check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def wait_ready(self, seconds: float = 5) -> dict:
        return wait_for(self.try_status, seconds, f"{self.name} answers at its control socket")

    def peer(self, name: str | None = None) -> dict:
        """The status of one peer, by default the only one."""
        peers = self.status()["peers"]
        return next(p for p in peers if name is None or p["name"] == name)

    def paths(self) -> dict:
        """State of each path by the name of its link."""
        return {path["link"]: path for path in self.peer()["paths"]}

    def is_up(self, links: int = 1) -> bool:
        """Whether every peer is up over at least so many paths."""
        status = self.try_status()
        return bool(status) and all(
            p["state"] == "up" and sum(path["state"] in USABLE for path in p["paths"]) >= links for p in status["peers"])

    def drops(self) -> dict:
        return self.status()["drops"]

    def resident_kib(self) -> int:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0])

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def last_lines(self, count: int) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-count:])

    def _wait(self, seconds: float) -> int:
        try:
            return self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure(f"{self.name} did not end within {seconds:g} s") from None
