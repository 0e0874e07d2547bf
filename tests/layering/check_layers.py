#!/usr/bin/env python3
"""Checks the house: which folder of src includes which, and where each library may be used.

Any edge but those of the table, any library outside its folders, any cycle, any edge of the table that nobody uses, and any
difference between the table and that of docs/architecture.md is an error.
"""

import re
import sys
from pathlib import Path

# folder -> folders it may include besides itself
ALLOWED = {
    "base": set(),
    "wire": {"base"},
    "crypto": {"base"},
    "link": {"base"},
    "impair": {"base"},
    "device": {"base", "wire", "impair"},
    "io": {"base"},
    "outbound": {"base", "wire", "crypto", "link"},
    "inbound": {"base", "wire", "crypto"},
    "control": {"base", "wire", "crypto", "link"},
    "tunnel": {"base", "wire", "crypto", "link", "outbound", "inbound", "control", "device", "impair"},
    "config": {"base", "crypto", "impair"},
    "api": {"base"},
    "shell": {"base", "wire", "crypto", "impair", "device", "tunnel", "io", "config", "api"},
    "client": {"base", "tunnel", "io", "config", "api", "shell"},
    "tc": {"base", "impair", "io"},
    "server": {"base", "crypto", "tunnel", "io", "config", "api", "shell", "tc"},
    "main": {"base", "crypto", "config", "shell", "client", "server"},
}

# pattern of an include -> the only folders that may have it
QUARANTINE = {
    r"sodium": {"crypto"},
    r"intel-ipsec-mb": {"crypto"},
    r"CLI/": {"config"},
    r"toml\+\+|toml\.hpp": {"config"},
    r"boost/endian/": {"crypto", "wire"},
    r"boost/algorithm/hex": {"base"},
    r"boost/(?!endian/|algorithm/hex)": {"io", "api", "shell", "client", "server"},
    r"netlink/|linux/(rtnetlink|netlink|if_link|pkt_)": {"io", "tc"},
    r"nftables/": {"io"},
    r"cap-ng": {"io"},
    r"nlohmann/": {"api", "shell", "client", "server"},
    r"spdlog/": {"shell", "client", "server"},
    r"sqlite3": {"shell"},
    r"sys/socket\.h|sys/epoll\.h|fcntl\.h|unistd\.h": {"base", "io", "api", "config", "shell", "tc"},
    r"<thread>|<mutex>|<iostream>|<print>": {"shell", "client", "tc", "main"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def folder_of(path: Path, src: Path) -> str:
    parts = path.relative_to(src).parts
    if len(parts) == 1:
        return "main"
    return folder_named("/".join(parts[1:] if parts[0] == "common" else parts))


def folder_named(name: str) -> str:
    """The folder of a file as an include names it."""
    return "tc" if name.startswith("server/tc/") else name.split("/")[0]


def check_file(path: Path, src: Path, used: set[tuple[str, str]]) -> list[str]:
    """What is wrong with one file; `used` grows by the edges that it uses."""
    folder = folder_of(path, src)
    if folder not in ALLOWED:
        return [f"{path}: folder '{folder}' is not in the table"]
    errors = []
    for quote, name in INCLUDE.findall(path.read_text()):
        target = folder_named(name)
        if quote == '"':
            used.add((folder, target))
        if quote == '"' and target != folder and target not in ALLOWED[folder]:
            errors.append(f"{path}: {folder} may not include {name}")
        spelled = f"<{name}>" if quote == "<" else name
        for pattern, folders in QUARANTINE.items():
            if re.search(pattern, spelled) and quote == "<" and folder not in folders:
                errors.append(f"{path}: {name} belongs to {', '.join(sorted(folders))} only")
    return errors


def find_cycle() -> list[str] | None:
    def visit(folder, trail):
        if folder in trail:
            return trail[trail.index(folder):] + [folder]
        for target in ALLOWED[folder]:
            if cycle := visit(target, trail + [folder]):
                return cycle
        return None

    return next((cycle for folder in ALLOWED if (cycle := visit(folder, []))), None)


def idle_edges(used: set[tuple[str, str]]) -> list[str]:
    edges = [(folder, target) for folder, targets in ALLOWED.items() for target in sorted(targets)]
    return [f"{folder} may include {target}, and does not" for folder, target in edges if (folder, target) not in used]


def check_document(text: str) -> list[str]:
    """docs/architecture.md has a line `folder  <- the folders that it may include` for each."""
    lines = dict(re.findall(r"^    (\w+) +<- (.*)$", text, re.MULTILINE))
    told = {folder: set(targets.split()) for folder, targets in lines.items()}
    wrong = [folder for folder in ALLOWED if told.get(folder, set()) != ALLOWED[folder]]
    return [f"docs/architecture.md: what '{folder}' may include is not what this table says" for folder in wrong]


def self_test(tmp: Path) -> None:
    """The checker must be able to fail."""
    for folder, include in ("common/wire", "tunnel/peer.hpp"), ("server/tc", "server/router.hpp"):
        bad = tmp / folder
        bad.mkdir(parents=True)
        (bad / "x.cpp").write_text(f'#include "{include}"\n#include <sodium.h>\n')
        found = check_file(bad / "x.cpp", tmp, set())
        assert len(found) == 2, found
    assert idle_edges(set()) and check_document("    wire  <- crypto\n")


def main() -> int:
    import tempfile

    with tempfile.TemporaryDirectory() as tmp:
        self_test(Path(tmp))
    src = Path(sys.argv[1])
    files = sorted(p for p in src.rglob("*") if p.suffix in {".hpp", ".cpp"})
    used: set[tuple[str, str]] = set()
    errors = [error for path in files for error in check_file(path, src, used)]
    errors += idle_edges(used) + check_document((src.parent / "docs/architecture.md").read_text())
    if cycle := find_cycle():
        errors.append("the table has a cycle: " + " -> ".join(cycle))
    print("\n".join(errors))
    print(f"{len(files)} files, {len(errors)} errors")
    return 1 if errors or not files else 0


if __name__ == "__main__":
    sys.exit(main())
