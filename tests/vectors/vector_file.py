"""Writes a file of test vectors, or checks that the committed one is what would be written."""

import json
import pathlib
import sys

SKIPPED = 77


def skip(reason):
    """Ends the program as a skipped test, aloud."""
    print(f"SKIP: {reason}", flush=True)
    sys.exit(SKIPPED)


def write_or_check(name, content):
    """Writes `content` to the file `name` beside the scripts; with --check, compares instead."""
    path = pathlib.Path(__file__).with_name(name)
    text = json.dumps(content, indent=2) + "\n"
    if "--check" not in sys.argv[1:]:
        path.write_text(text)
    elif path.read_text() != text:
        sys.exit(f"{path} is not what {sys.argv[0]} writes: run it and commit the result")
