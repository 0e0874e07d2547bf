#!/usr/bin/env python3
"""Runs clang-tidy over src/, remembering in BUILD/tidy which inputs were clean.

A verdict is keyed by a hash of the file, of every project header it includes (transitively), of .clang-tidy and of the
tool's version, so that an unchanged file costs nothing and a changed one is always checked.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
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


def key_of(path: Path, version: bytes) -> str:
    digest = hashlib.sha256(version + (ROOT / ".clang-tidy").read_bytes())
    for part in sorted(closure(path, set())):
        digest.update(str(part.relative_to(ROOT)).encode() + b"\0" + part.read_bytes())
    return digest.hexdigest()


def without_precompiled_headers(build: Path) -> None:
    """Writes BUILD/tidy/compile_commands.json: gcc's precompiled headers mean nothing to clang."""
    commands = json.loads((build / "compile_commands.json").read_text())
    for entry in commands:
        entry["command"] = re.sub(r"-Winvalid-pch|-include \S*cmake_pch\.hxx", "", entry["command"])
    (build / "tidy" / "compile_commands.json").write_text(json.dumps(commands))


def check(path: Path, build: Path, version: bytes) -> str:
    """The complaints about one file; empty when it is clean."""
    stamp = build / "tidy" / key_of(path, version)
    if stamp.exists():
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
    without_precompiled_headers(build)
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
    files = sorted((ROOT / "src").rglob("*.cpp"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = [text for text in pool.map(lambda path: check(path, build, version), files) if text]
    print("\n".join(complaints))
    print(f"{len(files)} files, {len(complaints)} with complaints")
    return 1 if complaints or not files else 0


if __name__ == "__main__":
    sys.exit(main())
