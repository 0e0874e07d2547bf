#!/usr/bin/env python3
"""Runs clang-tidy over src/, remembering in the user's cache (~/.cache/sennit-tidy) which inputs were clean.

A verdict is keyed by a hash of the file and its compile command, of every project header it includes (transitively), of
.clang-tidy and of the versions of all packages, so that an unchanged file costs nothing, in another clone neither, and
a changed one is always checked. Verdicts that nobody asked for in 30 days are forgotten.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sennit-tidy"
KEEP = 30 * 24 * 3600  # seconds
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def closure(path: Path, seen: set[Path]) -> set[Path]:
    if path in seen:
        return seen
    seen.add(path)
    for name in INCLUDE.findall(path.read_text()):
        for base in (ROOT / "src/common", ROOT / "src"):
            if (base / name).is_file():
                closure(base / name, seen)
                break
    return seen


def key_of(path: Path, command: str, surroundings: bytes) -> str:
    digest = hashlib.sha256(surroundings + (ROOT / ".clang-tidy").read_bytes() + command.encode())
    for part in sorted(closure(path, set())):
        digest.update(str(part.relative_to(ROOT)).encode() + b"\0" + part.read_bytes())
    return digest.hexdigest()


def compile_commands(build: Path) -> dict[str, str]:
    """Of each file, as they are in every clone. Writes BUILD/tidy/compile_commands.json, which clang-tidy reads, without
    what means nothing to clang: gcc's precompiled headers."""
    commands = json.loads((build / "compile_commands.json").read_text())
    for entry in commands:
        entry["command"] = re.sub(r"-Winvalid-pch|-fpch-preprocess|-include \S*cmake_pch\.hxx", "", entry["command"])
    (build / "tidy" / "compile_commands.json").write_text(json.dumps(commands))
    return {entry["file"]: entry["command"].replace(str(build), "BUILD").replace(str(ROOT), "ROOT") for entry in commands}


def installed_packages() -> bytes:
    if not shutil.which("dpkg-query"):
        return b""
    return subprocess.run(["dpkg-query", "-W"], capture_output=True, check=True).stdout


def forget_old_verdicts() -> None:
    for stamp in CACHE.iterdir():
        if stamp.stat().st_mtime < time.time() - KEEP:
            stamp.unlink(missing_ok=True)


def check(path: Path, build: Path, key: str) -> str:
    """The complaints about one file; empty when it is clean."""
    stamp = CACHE / key
    if stamp.exists():
        stamp.touch()
        return ""
    # The tool is clang: options that only gcc knows are left to the compiler.
    command = ["clang-tidy", "--quiet", "--warnings-as-errors=*", "--extra-arg=-Wno-unknown-warning-option",
               "-p", str(build / "tidy"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        stamp.touch()
        return ""
    return done.stdout + (done.stderr if not done.stdout else "")


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    (build / "tidy").mkdir(exist_ok=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    forget_old_verdicts()
    commands = compile_commands(build)
    surroundings = installed_packages() + subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
    files = sorted((ROOT / "src").rglob("*.cpp"))
    keys = {path: key_of(path, commands.get(str(path), ""), surroundings) for path in files}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = [text for text in pool.map(lambda path: check(path, build, keys[path]), files) if text]
    print("\n".join(complaints))
    print(f"{len(files)} files, {len(complaints)} with complaints")
    return 1 if complaints or not files else 0


if __name__ == "__main__":
    sys.exit(main())
