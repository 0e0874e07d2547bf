"""What a host's network looks like, in a form that can be compared: nothing in it changes by itself."""

import json
from pathlib import Path

from netlab.namespace import Namespace
from netlab.running import Failure

_SYSCTLS = ("forwarding", "rp_filter", "accept_ra", "disable_ipv6", "src_valid_mark")
# Counters, lifetimes and numbers that the kernel gives anew.
_VOLATILE = {"stats", "stats64", "valid_life_time", "preferred_life_time", "metainfo", "handle", "packets", "bytes", "expires"}


def take(host: Namespace) -> dict:
    """Links, addresses, routes, rules, nftables and sysctls of a host."""
    seen = {line: host.ip_json(line) for line in (
        "link show", "addr show", "-4 route show table all", "-6 route show table all", "-4 rule show", "-6 rule show")}
    seen["nft"] = json.loads(host.run("nft", "-j", "list", "ruleset").stdout)
    seen["sysctl"] = _sysctls(host)
    return _without_volatile(seen)


def expect_same(before: dict, after: dict, when: str) -> None:
    for key, value in before.items():
        if value != after[key]:
            raise Failure(f"{when}, `{key}` differs:\n{_difference(value, after[key])}")


def _sysctls(host: Namespace) -> dict:
    values = {}
    with host:
        for family in ("ipv4", "ipv6"):
            for key in _SYSCTLS:
                for file in sorted(Path(f"/proc/sys/net/{family}/conf").glob(f"*/{key}")):
                    values[str(file)] = file.read_text().strip()
        values["ip_forward"] = Path("/proc/sys/net/ipv4/ip_forward").read_text().strip()
    return values


def _without_volatile(value):
    if isinstance(value, dict):
        return {key: _without_volatile(inner) for key, inner in value.items() if key not in _VOLATILE}
    if isinstance(value, list):
        return [_without_volatile(inner) for inner in value]
    return value


def _difference(before, after) -> str:
    """The items of two lists or dicts that only one of them has."""
    def items(value):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return {json.dumps(pair if isinstance(value, dict) else pair[1], sort_keys=True) for pair in pairs}
    gone, new = items(before) - items(after), items(after) - items(before)
    return "\n".join([*(f"  - {each}" for each in sorted(gone)), *(f"  + {each}" for each in sorted(new))])
