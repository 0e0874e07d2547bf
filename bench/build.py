"""Builds of this source tree by its CMake presets."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def build(preset: str, *targets: str) -> Path:
    """Builds the targets; returns the build folder."""
    print(f"building {preset}", file=sys.stderr, flush=True)
    for words in (["cmake", "--preset", preset], ["cmake", "--build", "--preset", preset, "--target", *targets]):
        if subprocess.run(words, cwd=ROOT, stdout=subprocess.DEVNULL).returncode != 0:
            sys.exit(f"`{' '.join(words)}` failed")
    return ROOT / "build" / preset
