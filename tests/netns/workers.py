#!/usr/bin/python3 -B
"""A gateway whose peers are spread over threads (`--workers`). The network is that of clients.py, with a third client."""

import json
from pathlib import Path

from netlab.flows import Pings
from netlab.lab import INNER_GATEWAY_V4, Lab, wait_up
from netlab.running import expect, run_tests, test, wait_for
from netlab.traffic import expect_ping, transfer

PEERS = {"home": "10.77.0.2", "other": "10.77.0.3", "third": "10.77.0.4"}


def start_three(lab, workers, *gateway):
    """The gateway, whose host forwards, and by name the clients, up, with their hosts."""
    lab.gateway.set_sysctl("net.ipv4.ip_forward", 1)
    server = lab.make_gateway("--workers", workers, *gateway, peers=PEERS).start()
    server.wait_ready()
    hosts = {"home": lab.client, "other": lab.add_host("other"), "third": lab.add_host("third")}
    clients = {}
    for name, host in hosts.items():
        clients[name] = lab.make_client(name=name, host=host, links=["eth1" if name == "home" else "eth0"]).start()
    for client in clients.values():
        wait_up(client, 1)
    return server, clients, hosts


def expect_answers(hosts):
    for host in hosts.values():
        expect_ping(host, INNER_GATEWAY_V4)


def threads_of(endpoint):
    """The main thread and those that are workers by their names."""
    names = [path.read_text() for path in Path(f"/proc/{endpoint.process.pid}/task").glob("*/comm")]
    return 1 + sum(name.startswith("worker-") for name in names)


def peer_of(server, name):
    return next(peer for peer in server.status()["peers"] if peer["name"] == name)


@test
def all_reach_the_gateway_and_each_other():
    with Lab() as lab:
        server, _, hosts = start_three(lab, 2)
        expect(threads_of(server) == 2, f"two threads: {threads_of(server)}")
        expect_answers(hosts)
        for host in hosts.values():
            transfer(host, lab.gateway, INNER_GATEWAY_V4, 3_000_000)
        for name, address in PEERS.items():
            transfer(lab.gateway, hosts[name], address, 3_000_000)
        for source, target in (("home", "other"), ("other", "third"), ("third", "home"), ("home", "third")):
            transfer(hosts[source], hosts[target], PEERS[target], 1_000_000)
        status = server.status()
        expect({peer["name"]: peer["state"] for peer in status["peers"]} == dict.fromkeys(PEERS, "up"), "all are up in status")
        for peer in status["peers"]:
            expect(peer["rx"]["bytes"] > 3_000_000 and peer["tx"]["bytes"] > 3_000_000, f"{peer['name']} has its traffic: {peer}")
        unwanted = {reason: count for reason, count in status["drops"].items()
                    if reason in ("unknown_session", "bad_tag", "worker_busy", "no_peer", "peer_down", "bad_handshake")}
        expect(not any(unwanted.values()), f"nothing was lost between the workers: {unwanted}")


@test
def more_workers_than_peers_are_not_started():
    with Lab() as lab:
        server, _, hosts = start_three(lab, 8)
        expect(threads_of(server) == 3, f"three threads: {threads_of(server)}")
        expect_answers(hosts)


@test
def what_nobody_answers_reaches_its_peer():
    # The kernel knows of no answers that would tell it the queue: half of these come to the wrong worker.
    with Lab() as lab:
        server, _, hosts = start_three(lab, 3)
        before = {name: peer_of(server, name)["tx"]["packets"] for name in PEERS}
        script = ("import socket\n"
                  "for port in range(2000, 2300):\n"
                  "    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:\n"
                  "        for address in ('10.77.0.2', '10.77.0.3', '10.77.0.4'): s.sendto(b'x' * 1000, (address, port))\n")
        for host in hosts.values():
            host.nft("add table inet quiet\nadd chain inet quiet in { type filter hook input priority 0; }\n"
                     "add rule inet quiet in udp dport 2000-2299 counter drop")
        lab.gateway.run("python3", "-c", script)
        for name in PEERS:
            wait_for(lambda: peer_of(server, name)["tx"]["packets"] - before[name] >= 300, 3, f"{name} was sent all 300")
        for name, host in hosts.items():
            wait_for(lambda: "packets 300" in host.run("nft", "list", "ruleset").stdout, 3, f"{name} has got all 300")


@test
def a_client_that_roams_keeps_its_session():
    with Lab() as lab:
        server, clients, hosts = start_three(lab, 2)
        before = {name: client.peer()["handshake_age_s"] for name, client in clients.items()}
        lab.client.ip("addr del 10.1.1.2/24 dev eth1")
        lab.client.ip("addr del fd01:0:0:1::2/64 dev eth1")
        lab.address_client_side(1, "77")
        expect_ping(lab.client, INNER_GATEWAY_V4)
        wait_for(lambda: "77" in peer_of(server, "home")["paths"][0]["remote"], 3, "the gateway follows")
        expect(clients["home"].peer()["handshake_age_s"] > before["home"], "without a new handshake")


@test
def a_device_is_impaired_by_its_peers_worker():
    with Lab() as lab:
        server, _, hosts = start_three(lab, 3)
        for name, address in PEERS.items():
            server.ask("device", "set", address, "--down", "delay=40ms")
            answers = Pings(hosts[name], INNER_GATEWAY_V4, 0.3).wait()
            expect(answers and answers.median > 40, f"{name} is delayed: {answers and answers.median}")
            shown = json.loads(server.ask("device", "show", address, "--json").stdout)
            expect(shown["down"]["achieved"]["packets"] >= 20, f"what was delayed is counted: {shown}")
        refused = server.ask("device", "set", "10.77.0.0/24", "--down", "delay=40ms", check=False)
        expect(refused.returncode != 0 and "several workers" in refused.stderr, f"one over all of them is refused: {refused.stderr}")
        expect("10.77.0.0/24" not in server.ask("device", "list").stdout, "and not kept")


@test
def a_configured_device_over_several_workers_is_refused_at_the_start():
    with Lab() as lab:
        file = lab.folder / "gateway.toml"
        file.write_text("[gateway]\n[[device]]\nname = 'all'\nmatch = '10.77.0.0/24'\ndown = 'delay=40ms'\n")
        server = lab.make_gateway("--workers", 3, "-c", file, peers=PEERS).start()
        expect(server.process.wait(10) == 2, "it does not start")
        expect("gateway.toml:4: device.match: 10.77.0.0/24 has packets of peers of several workers" in server.last_lines(5),
               f"{server.last_lines(5)}")


@test
def filters_count_over_all_workers():
    with Lab() as lab:
        server, _, hosts = start_three(lab, 2)
        server.ask("filter", "add", "protocol=icmp", "action=count")
        expect_answers(hosts)
        wait_for(lambda: server.status()["filters"][0]["packets"] >= 6, 2, "requests and answers of all three are counted")


@test
def a_port_that_another_program_has_is_refused():
    with Lab() as lab:
        server, _, _ = start_three(lab, 2)
        second = lab.endpoint("gateway", "second", lab.gateway, "--workers", 2, "--tun", "sennit1", "--address", "10.78.0.1/24",
                              "--peer", f"home={lab.key('home')}", "--peer", f"other={lab.key('other')}")
        second.start()
        wait_for(lambda: not second.is_running(), 5, "it ends")
        expect("stop the program that holds it" in second.last_lines(5), f"it says why: {second.last_lines(5)}")
        expect(server.is_running(), "the first goes on")


@test
def it_ends_at_once_and_leaves_nothing():
    with Lab() as lab:
        server, _, hosts = start_three(lab, 3)
        expect_answers(hosts)
        server.stop()
        expect("sennit0" not in lab.gateway.run("ip", "link").stdout, "the interface is gone")
        server.start()
        server.wait_ready()
        expect_answers(hosts)
        server.kill()
        server.start()
        server.wait_ready()
        expect_answers(hosts)


@test
def a_deleted_interface_ends_it_with_a_reason():
    with Lab() as lab:
        server, _, _ = start_three(lab, 3)
        lab.gateway.ip("link del sennit0")
        wait_for(lambda: not server.is_running(), 5, "it ends")
        expect("was deleted by somebody else" in server.last_lines(5), f"it says why: {server.last_lines(5)}")


if __name__ == "__main__":
    run_tests()
