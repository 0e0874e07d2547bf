"""Two hosts and the wires between them, for one contender at a time; what it starts and makes is gone when its `with` block ends."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from netlab.emulated_line import GATEWAY
from netlab.namespace import Namespace, end_with_parent, join



class Unusable(Exception):
    """Why a contender cannot be measured."""


@contextlib.contextmanager
def _undisturbed():
    """^C and its like wait until this block has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Stage:
    """A client and a gateway that are joined by WIRES veth pairs; when SEGMENTED, nothing larger than the MTU crosses them."""

    def __init__(self, segmented: bool = False, wires: int = 1):
        self.wires = [f"wire{number}" for number in range(1, wires + 1)]
        self._segmented = segmented
        self.folder = Path(tempfile.mkdtemp(prefix="sennit-bench-"))
        self._hosts: list[Namespace] = []
        self._processes: dict[str, subprocess.Popen] = {}
        try:
            with _undisturbed():
                self.client, self.gateway = self._host("client"), self._host("gateway")
                self._connect()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes and takes the hosts down."""
        with _undisturbed():
            for process in self._processes.values():
                process.terminate()
            for process in self._processes.values():
                _reap(process)
            for host in self._hosts:
                host.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, host: Namespace, name: str, *words: object, **environment: str) -> None:
        """Starts a program in the background."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                ["ip", "netns", "exec", host.name, *map(str, words)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **environment}, start_new_session=True, preexec_fn=end_with_parent)

    def pids(self) -> list[int]:
        return [process.pid for process in self._processes.values()]

    def wait_until(self, condition, what: str, seconds: float = 15) -> None:
        """Polls until the condition holds; a process that ends meanwhile, or too much time, makes the contender unusable."""
        end = time.monotonic() + seconds
        while not condition():
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise Unusable(f"{name} ended with status {process.returncode}: {self._last_line(name)}")
            if time.monotonic() > end:
                raise Unusable(f"{what}: not within {seconds:g} s; {'; '.join(map(self._last_line, self._processes))}")
            time.sleep(0.1)

    def wait_answer(self, address: str) -> None:
        self.wait_until(lambda: self.client.run("ping", "-n", "-c", 1, "-W", 1, address, check=False).returncode == 0,
                        f"{address} answers")

    def _host(self, name: str) -> Namespace:
        host = Namespace(name)
        self._hosts.append(host)
        for scope in ("all", "default"):
            host.set_sysctl(f"net.ipv4.conf.{scope}.rp_filter", 0)
        return host

    def _connect(self) -> None:
        """Joins the two hosts by their wires."""
        for number, wire in enumerate(self.wires, 1):
            self._lay(self.client, number, wire)

    def add_client(self, number: int) -> Namespace:
        """One more client, with wire NUMBER of its own to the gateway."""
        host = self._host(f"client{number}")
        self._lay(host, number, f"wire{number}")
        return host

    def _lay(self, client: Namespace, number: int, wire: str) -> None:
        join(client, wire, self.gateway, wire)
        client.ip(f"addr add 10.1.{number}.2/24 dev {wire}")
        self.gateway.ip(f"addr add 10.1.{number}.1/24 dev {wire}")
        if number > 1:
            client.ip(f"route add {GATEWAY} via 10.1.{number}.1 dev {wire} metric {number}")
        if self._segmented:
            for host in self._hosts:
                host.run("ethtool", "-K", wire, "tso", "off", "tx-udp-segmentation", "off", "gro", "on")

    def _last_line(self, name: str) -> str:
        lines = (self.folder / f"{name}.log").read_text(errors="replace").splitlines()
        return f"{name}: {lines[-1] if lines else 'no output'}"


def _reap(process: subprocess.Popen) -> None:
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
