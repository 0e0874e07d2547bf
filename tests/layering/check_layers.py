#!/usr/bin/env python3
"""Checks the house: which folder of src includes which, and where each library may be used.

The table is that of docs/architecture.md. Any other edge, any library outside its folders, and any cycle is an error.
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
    "inbound": {"base", "wire", "crypto", "link"},
    "control": {"base", "wire", "crypto", "link"},
    "tunnel": {"base", "wire", "crypto", "link", "outbound", "inbound", "control", "device", "impair"},
    "config": {"base", "crypto", "impair"},
    "api": {"base"},
    "shell": {"base", "crypto", "device", "impair", "link", "outbound", "wire", "tunnel", "io", "config", "api"},
    "client": {"base", "crypto", "link", "outbound", "wire", "tunnel", "io", "config", "api", "shell"},
    "server": {"base", "crypto", "impair", "link", "outbound", "wire", "tunnel", "io", "config", "api", "shell"},
    "main": {"base", "crypto", "io", "config", "api", "shell", "client", "server"},
}

SHELLS = {"shell", "client", "server", "main"}

# pattern of an include -> the only folders that may have it
QUARANTINE = {
    r"sodium": {"crypto"},
    r"intel-ipsec-mb": {"crypto"},
    r"CLI/": {"config"},
    r"toml\+\+|toml\.hpp": {"config"},
    r"boost/endian/": {"crypto", "wire"},
    r"boost/(?!endian/)": {"io", "api", "shell", "client", "server"},
    r"netlink/|linux/(rtnetlink|netlink|if_link|pkt_)": {"io", "server"},
    r"nftables/": {"io", "server"},
    r"cap-ng": {"io"},
    r"nlohmann/": {"api", "shell", "io", "client", "server", "main"},
    r"spdlog/": SHELLS,
    r"sqlite3": {"shell"},
    r"sys/socket\.h|sys/epoll\.h|fcntl\.h|unistd\.h": {"base", "io", "api", "config"} | SHELLS,
    r"<thread>|<mutex>|<iostream>|<print>": {"io", "api", "config"} | SHELLS,
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def folder_of(path: Path, src: Path) -> str:
    parts = path.relative_to(src).parts
    if len(parts) == 1:
        return "main"
    return parts[1] if parts[0] == "common" else parts[0]


def check_file(path: Path, src: Path) -> list[str]:
    folder = folder_of(path, src)
    if folder not in ALLOWED:
        return [f"{path}: folder '{folder}' is not in the table"]
    errors = []
    for quote, name in INCLUDE.findall(path.read_text()):
        target = name.split("/")[0]
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


def self_test(tmp: Path) -> None:
    """The checker must be able to fail."""
    bad = tmp / "common" / "wire"
    bad.mkdir(parents=True)
    (bad / "x.cpp").write_text('#include "tunnel/peer.hpp"\n#include <sodium.h>\n')
    found = check_file(bad / "x.cpp", tmp)
    assert len(found) == 2, found


def main() -> int:
    import tempfile

    with tempfile.TemporaryDirectory() as tmp:
        self_test(Path(tmp))
    src = Path(sys.argv[1])
    files = sorted(p for p in src.rglob("*") if p.suffix in {".hpp", ".cpp"})
    errors = [error for path in files for error in check_file(path, src)]
    if cycle := find_cycle():
        errors.append("the table has a cycle: " + " -> ".join(cycle))
    print("\n".join(errors))
    print(f"{len(files)} files, {len(errors)} errors")
    return 1 if errors or not files else 0


if __name__ == "__main__":
    sys.exit(main())
