#!/usr/bin/python3 -B
"""`sennit shaper` on a plain router, as far as this kernel goes: rates, queues, marks and whose qdiscs they are. What needs
netem is tested under Debian's kernel (tests/vm/shaping.py). The topology is drawn in shaper_lab.py."""

import contextlib
import json
import os
import re
import statistics
import threading
import time

from netlab import snapshot
from netlab.flows import Flow
from netlab.lab import INET_V4, Lab, Line
from netlab.running import expect, note, run_tests, test, wait_for
from netlab.traffic import expect_ping, transfer
from shaper_lab import DEVICE, DEVICE_V6, INET, INET_V6, OTHER, ShaperLab, shaping_lab

FOREIGN = """table inet of_somebody_else {
    set addresses { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }; }
    chain forward { type filter hook forward priority filter; ip saddr @addresses drop; meta mark set 7; }
}"""
MOST_MS = 5  # for set, change or clear of one device
OVER_TIME = int(os.environ.get("DEVICES_OVER_TIME", 500))  # devices that come and go; 70000 are more than there are marks


def expect_unchanged(before: dict, after: dict, when: str) -> None:
    for what, text in before.items():
        expect(after[what] == text, f"{when}: {what} was\n{text}\nand is\n{after[what]}")


def forty_devices(network: str) -> str:
    return "".join(f"[[device]]\nmatch = '{network}.{n}'\ndown = 'rate=1mbit'\nup = 'rate=1mbit'\n" for n in range(20, 60))


def rate_of_phone(lab: ShaperLab) -> str:
    return next(iter(lab.classes("lan0").values()))["rate"]


@test
def tcp_gets_the_rate_that_is_set_in_each_direction():
    with shaping_lab() as lab:
        shaper = lab.start()
        shaper.ask("device", "set", DEVICE, "--down", "rate=10mbit", "--up", "rate=1mbit")
        for way, rate in (("down", 10), ("up", 1)):
            got = Flow(lab.device, lab.inet, INET, way, 7).wait().rate(2, 7)
            note(f"{way}: {got:.3f} Mbit/s of {rate}")
            expect(0.93 * rate <= got <= rate, f"{way} {got:.3f} Mbit/s of {rate}")
        shaper.ask("device", "clear", DEVICE)
        expect(transfer(lab.device, lab.inet, INET, 20_000_000) > 30e6, "cleared, it is quick again")


@test
def a_device_is_an_address_or_a_network_of_either_family_and_the_longest_prefix_wins():
    with shaping_lab() as lab:
        shaper = lab.start()
        rates = {"default": 40, "192.168.1.0/24": 20, DEVICE: 5, "fd03::/64": 10}
        for device, rate in rates.items():
            shaper.ask("device", "set", device, "--down", f"rate={rate}mbit")
        for source, address in ((DEVICE, INET), (OTHER, INET), (DEVICE_V6, INET_V6)):
            expect_ping(lab.device, address, source=source)
        time.sleep(1.5)
        sent = {device: lab.show(device)["down"]["achieved"]["packets"] for device in rates}
        expect(sent[DEVICE] == 1 and sent["192.168.1.0/24"] == 1, f"each packet is of one device: {sent}")
        expect(sent["fd03::/64"] >= 1 and sent["default"] <= 2, f"the default has what is nobody's: {sent}")
        expect(lab.show("default")["backend"] == "tc", "it tells by what it is done")


@test
def other_traffic_and_the_router_itself_are_left_alone():
    with shaping_lab() as lab:
        lab.start().ask("device", "set", DEVICE, "--down", "rate=100kbit", "--up", "rate=100kbit")
        expect(transfer(lab.router, lab.device, DEVICE, 10_000_000) > 30e6, "from the router itself")
        lab.shaper.ask("device", "set", DEVICE, "--down", "rate=20kbit")
        before = lab.classes("wan0")
        expect_ping(lab.device, INET, source=OTHER)
        expect(lab.classes("wan0") == before, "another device is in no class")


@test
def what_was_there_is_put_back_after_sigterm_and_after_a_kill():
    with shaping_lab() as lab:
        lab.router.nft(FOREIGN)
        lab.router.ip("rule add fwmark 7 lookup main")
        for interface in ("lan0", "wan0"):
            lab.router.set_offloads(interface, "on", "gro")
        before = lab.snapshot()
        shaper = lab.start()
        shaper.ask("device", "set", DEVICE, "--down", "rate=10mbit")
        different = {what for what, text in lab.snapshot().items() if text != before[what]}
        expect({"qdisc lan0", "class lan0", "nft", "offloads lan0", "offloads wan0"} <= different, f"changed: {different}")
        expect("ip rules" not in different, "ip rules are left alone")
        expect_ping(lab.device, INET)
        expect([one["packets"] for one in lab.classes("lan0").values()] == [1], "it is shaped although somebody sets marks")
        shaper.stop()
        expect_unchanged(before, lab.snapshot(), "after SIGTERM")
        lab.restart()
        expect(lab.show(DEVICE)["down"]["set"] == {"rate": 10_000_000}, "the device is remembered")
        shaper.kill()
        lab.restart()
        expect(len(lab.classes("lan0")) == 1, "the killed run's classes are gone")
        shaper.stop()
        expect_unchanged(before, lab.snapshot(), "after a kill, a start and SIGTERM")
        lab.restart()
        kill_amid_changes(lab)
        lab.restart()
        shaper.stop()
        expect_unchanged(before, lab.snapshot(), "after a kill amid changes, a start and SIGTERM")


def kill_amid_changes(lab: ShaperLab) -> None:
    """Ends the shaper while devices are set and cleared as fast as it goes."""
    control, done = lab.control, []

    def change() -> None:
        # Until nobody answers.
        with contextlib.suppress(OSError, ValueError):
            while True:
                device = f"10.10.0.{len(done) % 200 + 1}"
                control.ask("device-set", device=device, down="rate=1mbit", up="rate=1mbit")
                if len(done) % 3 == 0:
                    control.ask("device-clear", device=device)
                done.append(device)

    changing = threading.Thread(target=change)
    changing.start()
    wait_for(lambda: len(done) >= 50, 10, "changes are made")
    lab.shaper.kill()
    changing.join()


@test
def an_interface_that_is_made_again_is_shaped_again():
    with shaping_lab() as lab:
        shaper = lab.start()
        shaper.ask("device", "set", DEVICE, "--down", "rate=5mbit")
        lab.router.ip("link delete lan0")
        shaper.ask("device", "set", OTHER, "--down", "rate=7mbit")
        lab.connect_device()
        wait_for(lambda: {one["rate"] for one in lab.classes("lan0").values()} == {"5Mbit", "7Mbit"}, 3, "both have their classes")
        got = Flow(lab.device, lab.inet, INET, "down", 5).wait().rate(1, 5)
        note(f"{got:.3f} Mbit/s of 5")
        expect(0.93 * 5 <= got <= 1.03 * 5, f"{got:.3f} Mbit/s of 5")
        wait_for(lambda: lab.show(DEVICE)["down"]["achieved"]["packets"] > 1000, 2, "and it is counted")


@test
def an_interface_that_is_renamed_stays_shaped_and_is_given_back_under_its_new_name():
    def rename(interface: str, name: str) -> None:
        lab.router.ip(f"link set {interface} down")
        lab.router.ip(f"link set {interface} name {name}")
        lab.router.ip(f"link set {name} up")
        if interface == "wan0":
            lab.inet.ip("neigh flush all")

    with shaping_lab() as lab:
        for interface in ("lan0", "wan0"):
            lab.router.set_offloads(interface, "on", "gro")
        before = lab.snapshot()
        shaper = lab.start()
        shaper.ask("device", "set", DEVICE, "--down", "rate=5mbit", "--up", "rate=8mbit")
        rename("lan0", "lan9")
        rename("wan0", "wan9")
        lab.router.ip("link add lan0 type veth peer name far1")
        got = Flow(lab.device, lab.inet, INET, "down", 4).wait().rate(1, 4)
        note(f"{got:.3f} Mbit/s of 5")
        expect(0.93 * 5 <= got <= 1.03 * 5, f"{got:.3f} Mbit/s of 5")
        shaper.ask("device", "set", DEVICE, "--down", "rate=2mbit")
        shaper.ask("device", "set", OTHER, "--down", "rate=7mbit")
        expect({one["rate"] for one in lab.classes("lan9").values()} == {"2Mbit", "7Mbit"}, f"{lab.classes('lan9')}")
        expect(not lab.classes("lan0"), "who takes its name is somebody else")
        got = Flow(lab.device, lab.inet, INET, "up", 4).wait().rate(1, 4)
        expect(0.93 * 8 <= got <= 1.03 * 8, f"{got:.3f} Mbit/s of 8")
        expect("lan0 is named lan9 now" in shaper.log.read_text(), "it says so")
        shaper.kill()
        lab.shaper.arguments[:4] = ["--lan", "lan9", "--wan", "wan9"]
        lab.restart()
        expect(not lab.classes("lan9"), "the killed run's tree is gone; its devices were kept for lan0")
        shaper.stop()
        lab.router.ip("link delete lan0")
        rename("lan9", "lan0")
        rename("wan9", "wan0")
        expect_unchanged(before, lab.snapshot(), "after two names, a kill, a start and SIGTERM")


@test
def a_bridge_and_its_ports_join_no_packets_while_it_is_shaped():
    with shaping_lab() as lab:
        joins = lambda interface: "generic-receive-offload: on" in lab.router.run("ethtool", "-k", interface).stdout
        lab.router.ip("link add br0 type bridge")
        lab.router.ip("link set lan0 master br0")
        lab.router.set_offloads("lan0", "on", "gro")
        lab.shaper.arguments[1] = "br0"
        shaper = lab.start()
        expect(not joins("br0") and not joins("lan0"), "neither joins packets")
        shaper.stop()
        expect(joins("br0") and joins("lan0"), "both do again")


@test
def somebodys_qdiscs_are_refused_or_taken_over_and_made_again():
    with shaping_lab() as lab:
        for words in ("qdisc add dev lan0 root handle 1: htb default 10", "class add dev lan0 parent 1: classid 1:1 htb rate 90mbit",
                      "class add dev lan0 parent 1:1 classid 1:10 htb rate 40mbit ceil 90mbit burst 20k",
                      "qdisc add dev lan0 parent 1:10 handle 10: bfifo limit 50000",
                      "qdisc add dev wan0 root handle 2: tbf rate 50mbit burst 50k latency 20ms"):
            lab.router.run("tc", *words.split())
        before = lab.snapshot()
        lab.shaper.start()
        expect(lab.shaper._wait(5) == 1, "it ends with status 1")
        expect("--take-over" in lab.shaper.last_lines(1), f"the remedy is named: {lab.shaper.last_lines(1)}")
        expect_unchanged(before, lab.snapshot(), "when it was refused")
        lab.start("--take-over")
        expect(lab.tc("qdisc show dev lan0")[0]["handle"] == "5e77:", "ours is there")
        lab.shaper.stop()
        expect_unchanged(before, lab.snapshot(), "after SIGTERM")
        lab.restart()
        lab.shaper.kill()
        lab.restart()
        lab.shaper.stop()
        expect_unchanged(before, lab.snapshot(), "after a kill, a start and SIGTERM")


@test
def what_tc_cannot_do_is_refused_by_name_and_changes_nothing():
    with shaping_lab() as lab:
        shaper = lab.start()
        shaper.ask("device", "set", DEVICE, "--down", "rate=10mbit")
        before = lab.snapshot()
        trace = lab.folder / "trace"
        trace.write_text("1\n2\n")
        for options, name in ((f"trace={trace}", "trace"), ("rate=1mbit outage=1s/1s", "outage"), ("loss=1% seed=1", "seed"),
                              ("rate=1mbit aqm=codel", "aqm"), ("rate=1mbit overhead=ptm", "overhead"),
                              ("delay=1ms jitter=1ms delay-correlation=10%", "delay-correlation"),
                              ("rate=1mbit aqm=fq_codel delay=5ms", "aqm")):
            done = shaper.ask("device", "set", DEVICE, "--down", options, check=False)
            expect(done.returncode == 2 and name in done.stderr, f"{options}: {done.returncode} {done.stderr}")
        expect_unchanged(before, lab.snapshot(), "when all was refused")
        expect(lab.show(DEVICE)["down"]["set"] == {"rate": 10_000_000}, "the device is as it was")


@test
def a_table_that_somebody_deleted_is_there_again_with_the_next_change():
    with shaping_lab() as lab:
        lab.start()
        lab.set(down="rate=10mbit")
        marked = lab.router.run("nft", "list", "ruleset").stdout
        lab.router.run("nft", "flush", "ruleset")
        lab.set(down="rate=20mbit", device="192.168.1.99")
        ruleset = lab.router.run("nft", "list", "ruleset").stdout
        expect(f"{DEVICE} :" in marked and f"{DEVICE} :" in ruleset, f"the mark of before is there: {ruleset}")
        expect("192.168.1.99 :" in ruleset, f"and the new one: {ruleset}")


@test
def what_the_kernel_refuses_is_not_set_and_not_remembered():
    with shaping_lab() as lab:
        shaper = lab.start()
        lab.set(down="rate=10mbit")
        lab.router.run("tc", "qdisc", "del", "dev", "wan0", "root")
        for device in (DEVICE, "192.168.1.99"):
            done = shaper.ask("device", "set", device, "--down", "rate=20mbit", "--up", "rate=5mbit", check=False)
            expect(done.returncode == 1 and "refuses" in done.stderr, f"{device}: {done.returncode} {done.stderr}")
        for _ in range(2):
            devices = shaper.status()["devices"]
            expect([d["match"] for d in devices] == [DEVICE], f"{devices}")
            expect(devices[0]["down"]["set"] == {"rate": 10_000_000} and devices[0]["up"] == {}, f"{devices}")
            shaper.stop()
            lab.restart()


@test
def a_thousand_devices_are_set_changed_and_cleared_in_5_ms_each_and_disturb_nobody():
    with shaping_lab() as lab:
        shaper = lab.start()
        control = lab.control
        control.ask("device-set", device=DEVICE, down="rate=20mbit")
        for number in range(1000):
            control.ask("device-set", device=f"10.9.{number // 250}.{number % 250 + 1}", down="rate=1mbit", up="rate=1mbit")
        flow = Flow(lab.device, lab.inet, INET, "down", 6)
        time.sleep(1)
        took = {"set": [], "change": [], "clear": []}
        while flow.is_running():
            for number in range(20):
                device = f"10.10.0.{number + 1}"
                took["set"].append(control.timed("device-set", device=device, down="rate=1mbit", up="rate=1mbit"))
                took["change"].append(control.timed("device-set", device=device, down="rate=2mbit"))
                took["clear"].append(control.timed("device-clear", device=device))
        flow.wait()
        rate = flow.rate(1, 6)
        note(f"TCP of another device meanwhile: {rate:.2f} Mbit/s of 20")
        expect(rate >= 0.93 * 20, f"{rate:.2f} Mbit/s of 20")
        for what, times in took.items():
            note(f"{what}: median {statistics.median(times):.2f} ms, 99 % in {statistics.quantiles(times, n=100)[98]:.2f} ms")
            expect(statistics.median(times) <= MOST_MS, f"{what} took {statistics.median(times):.2f} ms")
        wait_for(lambda: len(lab.classes("lan0")) == 1001, 5, "the classes of cleared devices go")
        marks = lambda: re.findall(r"\S+ : 0x5e77\S+", lab.router.run("nft", "list", "table", "inet", "sennit_shaper_5flan0").stdout)
        expect(len(marks()) == 2001, f"{len(marks())} marks for 1000 devices with two and one with one")
        shaper.ask("device", "clear", "--all")
        wait_for(lambda: not lab.classes("lan0"), 5, "all classes go")
        for number in range(OVER_TIME):
            device = f"10.{20 + number // 65536}.{number // 256 % 256}.{number % 256}"
            control.ask("device-set", device=device, down="rate=1mbit", up="rate=1mbit")
            control.ask("device-clear", device=device)
        wait_for(lambda: not lab.classes("lan0"), 5, "all classes go")
        expect(not marks(), f"no mark is left: {marks()}")


@test
def a_shaper_of_a_file_has_its_devices_and_profiles_from_the_start():
    with shaping_lab() as lab:
        file = lab.folder / "shaper.toml"
        file.write_text(f"""[shaper]
lan = "lan0"
wan = "wan0"
[profile.slow]
down = "rate=2mbit"
up = {{ rate = "1mbit" }}
[[device]]
name = "phone"
match = "{DEVICE}"
profile = "slow"
""")
        lab.shaper.arguments = ["-c", file, *lab.shaper.arguments[4:]]
        status = lab.start().status()
        expect(status["role"] == "shaper" and [d["name"] for d in status["devices"]] == ["phone"], json.dumps(status))
        expect(rate_of_phone(lab) == "2Mbit", f"{lab.classes('lan0')}")
        lab.shaper.ask("device", "set", "phone", "--down", "rate=3mbit", "--for", "1s")
        expect(rate_of_phone(lab) == "3Mbit", "it is set")
        wait_for(lambda: rate_of_phone(lab) == "2Mbit", 3, "and ends")
        links = lab.shaper.ask("link", "list", check=False)
        expect(links.returncode == 2 and "a shaper has no links; see `sennit device list`" in links.stderr, links.stderr)


@test
def a_gateway_shapes_its_clients_by_the_kernel_when_asked_to():
    shaping_lab().__exit__(None, None, None)
    with Lab(Line(), inet=True) as lab:
        for host, interface in ((lab.inet, "eth0"), (lab.gateway, "net0")):
            host.set_offloads(interface, "off", "tso", "gso", "gro")
        server, _ = lab.start("--route", "default", gateway=("--masquerade", "net0", "--shaping", "tc"))
        server.ask("device", "set", "10.77.0.2", "--down", "rate=10mbit", "--up", "rate=5mbit")
        for way, rate in (("down", 10), ("up", 5)):
            got = Flow(lab.client, lab.inet, INET_V4, way, 7).wait().rate(2, 7)
            note(f"{way}: {got:.3f} Mbit/s of {rate}")
            expect(0.93 * rate <= got <= rate, f"{way} {got:.3f} Mbit/s of {rate}")
        device = server.status()["devices"][0]
        expect(device["backend"] == "tc" and device["down"]["achieved"]["packets"] > 1000, f"{device}")
        before = lab.gateway.run("tc", "qdisc", "show", "dev", "net0").stdout
        server.stop()
        expect("htb" in before and "htb" not in lab.gateway.run("tc", "qdisc", "show", "dev", "net0").stdout, "its root goes with it")


@test
def a_device_moves_between_the_back_ends_and_keeps_its_rate():
    shaping_lab().__exit__(None, None, None)
    with Lab(Line(), inet=True) as lab:
        for host, interface in ((lab.inet, "eth0"), (lab.gateway, "net0")):
            host.set_offloads(interface, "off", "tso", "gso", "gro")
        server, _ = lab.start("--route", "default", gateway=("--masquerade", "net0", "--shaping", "tc"))
        server.ask("device", "set", "10.77.0.2", "--down", "rate=10mbit", "--up", "rate=10mbit")
        for way in ("down", "up"):
            flow = Flow(lab.client, lab.inet, INET_V4, way, 12)
            for moment, backend in ((4, "tunnel"), (8, "tc")):
                time.sleep(max(0, flow.began + moment - time.monotonic()))
                server.ask("device", "set", "10.77.0.2", "--backend", backend)
                expect(server.status()["devices"][0]["backend"] == backend, f"{server.status()['devices']}")
            flow.wait()
            rates = [flow.rate(begin, begin + 3) for begin in (1, 5, 9)]
            note(f"{way}: {', '.join(f'{rate:.2f}' for rate in rates)} Mbit/s of 10 by tc, tunnel, tc")
            expect(all(0.85 * 10 <= rate <= 1.05 * 10 for rate in rates), f"{way} {rates} Mbit/s of 10")
        time.sleep(2.5)
        expect(len(lab.gateway.run("tc", "class", "show", "dev", "net0").stdout.splitlines()) == 1, "one class has been left")
        server.ask("device", "set", "10.77.0.2", "--backend", "tunnel")
        wait_for(lambda: not lab.gateway.run("tc", "class", "show", "dev", "net0").stdout, 5, "its class goes when it is empty")
        done = server.ask("device", "set", "10.77.0.2", "--backend", "tc", "--down", "outage=1s/1s", check=False)
        expect(done.returncode == 2 and "--backend tunnel" in done.stderr, f"the remedy is named: {done.stderr}")
        server.ask("device", "set", "10.77.0.2", "--down", "outage=1s/1s")
        server.stop()
        server.start()
        wait_for(lambda: server.ask("status", check=False).returncode == 0, 10, "the gateway answers")
        expect(server.status()["devices"][0]["backend"] == "tunnel", "it is remembered who has the device")


@test
def a_shaper_that_is_told_to_stop_while_it_starts_leaves_nothing():
    with shaping_lab() as lab:
        before = lab.snapshot()
        configuration = lab.folder / "shaper.toml"
        configuration.write_text(f"[shaper]\nlan = 'lan0'\nwan = 'wan0'\n{forty_devices('192.168.1')}")
        lab.shaper.arguments += ["-c", configuration]
        for milliseconds in lab.shaper.interrupted_starts(160):
            expect_unchanged(before, lab.snapshot(), f"SIGTERM after {milliseconds} ms")


@test
def a_gateway_that_is_told_to_stop_while_it_shapes_its_devices_leaves_nothing():
    shaping_lab().__exit__(None, None, None)
    with Lab(Line(), inet=True) as lab:
        before = snapshot.take(lab.gateway)
        configuration = lab.folder / "gateway.toml"
        configuration.write_text(f"[gateway]\nmasquerade = 'net0'\n[shaping]\nbackend = 'tc'\n{forty_devices('10.77.0')}")
        for milliseconds in lab.endpoint("gateway", "gateway", lab.gateway, "-c", configuration).interrupted_starts(160):
            snapshot.expect_same(before, snapshot.take(lab.gateway), f"SIGTERM after {milliseconds} ms")


if __name__ == "__main__":
    run_tests()
