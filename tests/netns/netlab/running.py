"""Runs the tests of one file, prints a line a test, and says aloud what cannot run here."""

import enum
import faulthandler
import os
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

from netlab.namespace import PATIENCE, sweep_namespaces

SKIPPED = 77
SENNIT = os.environ.get("SENNIT") or str(Path(__file__).parents[3] / "build/asan/src/sennit")
_NEEDED_TOOLS = ("ip", "nft", "ping")
_LONG = 150  # seconds after which a test says where it is: one that hangs is killed without a word

_tests = []


class Failure(Exception):
    """What a test expected and did not find."""


class Skip(Exception):
    """Why a test cannot run here."""


class Outcome(enum.Enum):
    """What became of a test."""

    PASSED = enum.auto()
    FAILED = enum.auto()
    SKIPPED = enum.auto()


def test(function):
    """Registers a test; its name is a sentence about behaviour."""
    _tests.append(function)
    return function


def expect(condition: object, message: str) -> None:
    if not condition:
        raise Failure(message)


def need_tools(*names: str) -> None:
    """Skips the test aloud where a program that only it needs is not installed."""
    missing = [name for name in names if not shutil.which(name)]
    if missing:
        raise Skip(f"not installed: {', '.join(missing)} (scripts/deps.sh installs them)")


def go_before_others() -> bool:
    """What this process starts and measures does not wait for the CPU behind other work of the machine, where that is allowed."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        return False
    return True


def wait_for(condition, seconds: float, what: str, interval: float = 0.02):
    """Polls until the condition holds and returns its value; fails when it does not in time."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {seconds:g} s")
        time.sleep(interval)


def note(text: str) -> None:
    """Prints a measurement beside the test's line."""
    print(f"      {text}", flush=True)


def run_tests() -> None:
    """Runs the file's tests, all or those whose names hold a word of the command line, and exits."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    _skip_all_unless_possible()
    sweep_namespaces()
    chosen = [t for t in _tests if not sys.argv[1:] or any(word in t.__name__ for word in sys.argv[1:])]
    outcomes = [_run(each) for each in chosen]
    failed, skipped = outcomes.count(Outcome.FAILED), outcomes.count(Outcome.SKIPPED)
    print(f"{outcomes.count(Outcome.PASSED)} of {len(chosen)} passed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed or not chosen else SKIPPED if skipped == len(chosen) else 0)


def _run(function) -> Outcome:
    sentence = function.__name__.replace("_", " ")
    started = time.monotonic()
    faulthandler.dump_traceback_later(_LONG)
    try:
        function()
    except Skip as reason:
        print(f"SKIP: {sentence}: {reason}", flush=True)
        return Outcome.SKIPPED
    except Exception as error:
        print(f"FAIL  {sentence} ({time.monotonic() - started:.1f} s): {error}", flush=True)
        if not isinstance(error, Failure):
            traceback.print_exc(file=sys.stdout)
        return Outcome.FAILED
    finally:
        faulthandler.cancel_dump_traceback_later()
    print(f"ok    {sentence} ({time.monotonic() - started:.1f} s)", flush=True)
    return Outcome.PASSED


def _skip_all_unless_possible() -> None:
    missing = [tool for tool in _NEEDED_TOOLS if not shutil.which(tool)]
    if os.geteuid() != 0:
        reason = "network namespaces need root"
    elif missing:
        reason = f"not installed: {', '.join(missing)} (scripts/deps.sh installs them)"
    elif not os.path.exists("/dev/net/tun"):
        reason = "/dev/net/tun is missing"
    elif not os.access(SENNIT, os.X_OK):
        print(f"FAIL  {SENNIT} is not a program; build it or name it in the environment variable SENNIT")
        sys.exit(1)
    else:
        return
    print(f"SKIP: {reason}")
    sys.exit(SKIPPED)
