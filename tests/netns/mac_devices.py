#!/usr/bin/python3 -B
"""Devices by MAC address: hosts of a LAN whose addresses change, behind a client and behind a shaper. Two hosts share the
cable of netlab.lab's `lan`, and of shaper_lab's `device`: the second has an interface of its own on it.

    +-------+ eth0      lan0 +------------------+
    | phone |-------+--------| client or router |---- …
    +-------+       |        +------------------+
    | tablet |------+ eth0
    +--------+
"""

import contextlib
import json
import time

from netlab.flows import Flow, Pings
from netlab.lab import INNER_GATEWAY_V4, LAN_V4, LAN_V6, Lab
from netlab.namespace import Namespace
from netlab.running import expect, note, run_tests, test, wait_for
from netlab.traffic import expect_ping, transfer
from shaper_lab import DEVICE, DEVICE_V6, INET, INET_V6, OTHER, shaping_lab

PHONE, TABLET = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
NEW_V4, NEW_V6, TABLET_V4 = "192.168.1.77", "fd03::77", "192.168.1.99"
INNER_GATEWAY_V6 = "fd77::1"
MARGIN_MS = 60
LANS = "192.168.1.0/24,fd03::/64"


@contextlib.contextmanager
def second_host(phone: Namespace):
    """The tablet, with an address of its own, on the phone's cable; the phone gets its MAC address."""
    tablet = Namespace("tablet")
    try:
        phone.ip(f"link set eth0 address {PHONE}")
        phone.ip("link add link eth0 name tablet0 type macvlan mode bridge")
        phone.ip(f"link set tablet0 netns {tablet.name} name eth0 address {TABLET}")
        tablet.ip("link set eth0 up")
        give(tablet, TABLET_V4)
        yield tablet
    finally:
        tablet.close()


def give(host: Namespace, *addresses: str) -> None:
    """Gives a host addresses as DHCP does, and a route of the family out of the LAN."""
    for address in addresses:
        family, length, router = (6, 64, "fd03::1") if ":" in address else (4, 24, "192.168.1.1")
        host.ip(f"-{family} addr replace {address}/{length} dev eth0" + (" nodad" if family == 6 else ""))
        host.ip(f"-{family} route replace default via {router}")


def take(host: Namespace, *addresses: str) -> None:
    for address in addresses:
        host.ip(f"addr del {address}/{64 if ':' in address else 24} dev eth0")


def show(endpoint, device: str) -> dict:
    return json.loads(endpoint.ask("device", "show", device, "--json").stdout)


def expect_addresses(endpoint, device: str, *addresses: str) -> None:
    wait_for(lambda: show(endpoint, device)["addresses"] == sorted(addresses), 3,
             f"{device} has {addresses}, not {show(endpoint, device)['addresses']}")


def expect_delay(host: Namespace, address: str, delay: float) -> None:
    """Tells delays from each other, on a busy machine too; netns.devices asks how exact they are."""
    answers = Pings(host, address, 1).wait()
    expect(answers, f"{host.short} gets answers from {address}")
    note(f"{host.short} to {address}: {answers.median:.1f} ms")
    expect(delay <= answers.median <= delay + MARGIN_MS, f"ping from {host.short} to {address} takes {answers.median:.2f} ms, not {delay:g}")


def expect_rates(lab) -> None:
    for way, rate in (("down", 10), ("up", 5)):
        got = Flow(lab.device, lab.inet, INET, way, 4).wait().rate(2, 4)
        note(f"{way}: {got:.2f} Mbit/s of {rate}")
        expect(0.9 * rate <= got <= rate, f"{way}: {got:.2f} Mbit/s of {rate}")


@contextlib.contextmanager
def client_with_lan(*arguments: object):
    with Lab(lan=True) as lab, second_host(lab.lan) as lab.tablet:
        for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            lab.client.set_sysctl(key, 1)
        lab.server, lab.home = lab.start("--network", "192.168.1.0/24", "--network", "fd03::/64", *arguments,
                                         peers={"home": f"10.77.0.2,fd77::2,{LANS}"})
        yield lab


@test
def a_client_impairs_all_addresses_of_a_mac_address_and_follows_them():
    with client_with_lan() as lab:
        lab.home.ask("device", "set", PHONE.upper().replace(":", "-"), "--down", "delay=100ms", "--up", "delay=70ms")
        expect(show(lab.home, PHONE)["match"] == PHONE, "it is shown in lower case with colons")
        for address in (INNER_GATEWAY_V4, INNER_GATEWAY_V6):
            expect_ping(lab.lan, address)
            expect_delay(lab.lan, address, 170)
        expect_addresses(lab.home, PHONE, LAN_V4, LAN_V6)
        lanes = show(lab.home, PHONE)
        for way, delay in (("down", 100), ("up", 70)):
            achieved = lanes[way]["achieved"]
            expect(achieved["packets"] >= 200, f"{way}: both families share one lane: {achieved}")
            expect(delay <= achieved["delay_ms"] < delay + MARGIN_MS, f"{way} is delayed by {achieved['delay_ms']} ms, not {delay}")
        expect_ping(lab.tablet, INNER_GATEWAY_V4)
        expect_delay(lab.tablet, INNER_GATEWAY_V4, 0)
        take(lab.lan, LAN_V4, LAN_V6)
        give(lab.lan, NEW_V4, NEW_V6)
        for address in (INNER_GATEWAY_V4, INNER_GATEWAY_V6):
            expect_ping(lab.lan, address)
            expect_delay(lab.lan, address, 170)
        take(lab.tablet, TABLET_V4)
        give(lab.tablet, LAN_V4)
        expect_ping(lab.tablet, INNER_GATEWAY_V4)
        wait_for(lambda: LAN_V4 not in show(lab.home, PHONE)["addresses"], 5, "the old address is the tablet's")
        expect_delay(lab.tablet, INNER_GATEWAY_V4, 0)
        expect_delay(lab.lan, INNER_GATEWAY_V4, 170)


@test
def a_device_by_address_wins_over_one_by_mac_address_and_that_over_a_network():
    with client_with_lan() as lab:
        for address in (INNER_GATEWAY_V4, INNER_GATEWAY_V6):
            expect_ping(lab.lan, address)
        lab.home.ask("device", "set", "192.168.1.0/24", "--down", "delay=100ms")
        lab.home.ask("device", "set", PHONE, "--down", "delay=200ms")
        expect_delay(lab.lan, INNER_GATEWAY_V4, 200)
        lab.home.ask("device", "set", LAN_V4, "--down", "delay=300ms")
        expect_delay(lab.lan, INNER_GATEWAY_V4, 300)
        expect_delay(lab.lan, INNER_GATEWAY_V6, 200)
        expect_addresses(lab.home, PHONE, LAN_V6)
        lab.home.ask("device", "clear", LAN_V4)
        expect_delay(lab.lan, INNER_GATEWAY_V4, 200)
        expect_addresses(lab.home, PHONE, LAN_V4, LAN_V6)
        lab.home.ask("device", "clear", PHONE)
        expect_delay(lab.lan, INNER_GATEWAY_V4, 100)


@test
def a_mac_address_that_nobody_has_seen_is_a_device_without_addresses():
    with client_with_lan() as lab:
        lab.home.ask("device", "set", "02:00:00:00:00:77", "--down", "delay=100ms")
        expect(show(lab.home, "02:00:00:00:00:77")["addresses"] == [], "it has none")
        for group in ("ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb"):
            done = lab.home.ask("device", "set", group, "--down", "delay=100ms", check=False)
            expect(done.returncode == 2 and "is the MAC address of a group" in done.stderr, f"{group}: {done.stderr}")
        done = lab.server.ask("device", "set", PHONE, "--down", "delay=100ms", check=False)
        expect(done.returncode == 2 and "name the device at the client" in done.stderr, f"at the gateway: {done.stderr}")


@test
def a_file_a_timeline_and_a_restart_know_mac_addresses():
    with Lab(lan=True) as lab, second_host(lab.lan):
        lab.client.set_sysctl("net.ipv4.ip_forward", 1)
        file = lab.folder / "devices.toml"
        file.write_text(f'[client]\n[[device]]\nname = "phone"\nmatch = "{PHONE.upper()}"\ndown = "delay=100ms"\n')
        timeline = lab.folder / "timeline.toml"
        timeline.write_text(f'[[step]]\nat = "0s"\ndevice = "{PHONE}"\ndown = "delay=300ms"\n')
        _, home = lab.start("-c", file, "--network", "192.168.1.0/24", peers={"home": "10.77.0.2,fd77::2,192.168.1.0/24"})
        expect_ping(lab.lan, INNER_GATEWAY_V4)
        expect_delay(lab.lan, INNER_GATEWAY_V4, 100)
        home.ask("device", "play", timeline)
        expect_delay(lab.lan, INNER_GATEWAY_V4, 300)
        home.ask("device", "set", PHONE, "--down", "delay=200ms")
        home.stop()
        home.start()
        expect_ping(lab.lan, INNER_GATEWAY_V4, seconds=10)
        expect_delay(lab.lan, INNER_GATEWAY_V4, 200)
        expect(show(home, "phone")["match"] == PHONE, "the set of before the restart is kept")


@test
def a_policy_that_names_a_device_by_mac_address_follows_its_addresses():
    with Lab(lan=True) as lab, second_host(lab.lan) as tablet:
        lab.client.set_sysctl("net.ipv4.ip_forward", 1)
        file = lab.folder / "policies.toml"
        file.write_text(f'[client]\n[[device]]\nname = "phone"\nmatch = "{PHONE}"\n'
                        '[[policy]]\nmatch = { device = "phone" }\nmode = "redundant"\n')
        _, home = lab.start("-c", file, "--network", "192.168.1.0/24", peers={"home": "10.77.0.2,fd77::2,192.168.1.0/24"})
        expect_ping(tablet, INNER_GATEWAY_V4)
        expect(show(home, "phone")["addresses"] == [], "the phone has not been seen")
        expect_ping(lab.lan, INNER_GATEWAY_V4)
        expect_addresses(home, "phone", LAN_V4)


@test
def a_shaper_shapes_all_addresses_of_a_mac_address_and_follows_them():
    with shaping_lab() as lab, second_host(lab.device) as tablet:
        shaper = lab.start()
        take(lab.device, OTHER)
        shaper.ask("device", "set", PHONE, "--down", "rate=10mbit", "--up", "rate=5mbit")
        expect(show(shaper, PHONE)["addresses"] == [], "no address of it is known yet")
        for address in (INET, INET_V6):
            expect_ping(lab.device, address)
        expect_addresses(shaper, PHONE, DEVICE, DEVICE_V6)
        expect_rates(lab)
        for way, rate, ends in (("down", 10, (lab.inet, lab.device, DEVICE_V6)), ("up", 5, (lab.device, lab.inet, INET_V6))):
            got = transfer(*ends, 2_000_000) / 1e6
            note(f"{way} over IPv6: {got:.2f} Mbit/s of {rate}")
            expect(0.6 * rate <= got <= 1.05 * rate, f"{way} over IPv6: {got:.2f} Mbit/s of {rate}")
        expect(len(lab.classes("lan0")) == 1 and len(lab.classes("wan0")) == 1, "both families share one class a direction")
        take(lab.device, DEVICE)
        give(lab.device, NEW_V4)
        expect_ping(lab.device, INET)
        take(tablet, TABLET_V4)
        give(tablet, DEVICE)
        expect_ping(tablet, INET)
        wait_for(lambda: DEVICE not in show(shaper, PHONE)["addresses"], 5, "the old address is the tablet's")
        expect_addresses(shaper, PHONE, NEW_V4, DEVICE_V6)
        expect_rates(lab)
        free = Flow(tablet, lab.inet, INET, "down", 3).wait().rate(1, 3)
        note(f"the tablet with the old address: {free:.0f} Mbit/s")
        expect(free > 30, f"the tablet is not shaped: {free:.1f} Mbit/s")
        shaper.ask("device", "clear", PHONE)
        rules = lab.router.run("nft", "list", "ruleset").stdout
        expect(NEW_V4 not in rules and DEVICE_V6 not in rules, f"no mark is left: {rules}")


@test
def another_devices_flow_loses_nothing_while_addresses_move():
    with shaping_lab() as lab, second_host(lab.device):
        shaper = lab.start()
        shaper.ask("device", "set", DEVICE, "--down", "rate=20mbit")
        for mac in (PHONE, TABLET):
            shaper.ask("device", "set", mac, "--down", "rate=1mbit", "--up", "rate=1mbit")
        flow = Flow(lab.device, lab.inet, INET, "down", 6)
        time.sleep(1)
        moves = 0
        while flow.is_running():
            for mac in (PHONE, TABLET):
                lab.router.ip(f"neigh replace 192.168.1.200 lladdr {mac} dev lan0 nud permanent")
                wait_for(lambda: "192.168.1.200" in show(shaper, mac)["addresses"], 2, f"{mac} has the address")
                moves += 1
        rate = flow.wait().rate(1, 6)
        note(f"{moves} moves; the other device meanwhile: {rate:.2f} Mbit/s of 20")
        expect(moves >= 10 and rate >= 0.93 * 20, f"{moves} moves, {rate:.2f} Mbit/s of 20")


if __name__ == "__main__":
    run_tests()
