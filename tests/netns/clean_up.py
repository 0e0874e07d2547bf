#!/usr/bin/python3 -B
"""Whatever an endpoint changed in its host is as before when it has gone.

    +-----+ lan0 +--------+ eth1  +---------+  wan1 +---------+ net0 +------+
    | lan |------| client |-------| router1 |-------| gateway |------| inet |
    +-----+      +--------+       +---------+       +---------+      +------+
                 routes, addresses                  forwarding, masquerading beside a table of somebody else
"""

import shutil
import signal
import subprocess

from netlab import snapshot
from netlab.lab import INET_V4, Lab, Line, wait_up
from netlab.namespace import end_with_parent
from netlab.running import SENNIT, expect, run_tests, test, wait_for
from netlab.traffic import expect_ping

FOREIGN = """table inet of_somebody_else {
    chain post { type nat hook postrouting priority 100; oifname "net0" ip saddr 192.0.2.1 masquerade; }
    set addresses { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }; }
}"""


def prepare(lab):
    """Both endpoints with everything that they can change, the hosts' states before, and a table that is not ours."""
    for host in (lab.client, lab.gateway):
        host.nft(FOREIGN)
    server = lab.make_gateway("--masquerade", "net0")
    client = lab.make_client("--route", "default", "--network", "192.168.1.0/24")
    return server, client, snapshot.take(lab.client), snapshot.take(lab.gateway)


def run_both(lab, server, client):
    server.start().wait_ready()
    client.start()
    wait_up(client, 1)
    expect_ping(lab.client, INET_V4)


def expect_as_before(lab, server, client, client_before, gateway_before, when):
    snapshot.expect_same(client_before, snapshot.take(lab.client), f"client {when}")
    snapshot.expect_same(gateway_before, snapshot.take(lab.gateway), f"gateway {when}")
    for endpoint in (server, client):
        expect(not endpoint.control.exists(), f"{endpoint.name}: its control socket is there {when}")


@test
def everything_is_as_before_after_sigterm():
    with Lab(Line(), lan=True, inet=True) as lab:
        server, client, *before = prepare(lab)
        run_both(lab, server, client)
        during = snapshot.take(lab.gateway)
        expect(during["nft"] != before[1]["nft"] and during["sysctl"]["ip_forward"] == "1", "something was changed at all")
        client.stop()
        server.stop()
        expect_as_before(lab, server, client, *before, "after SIGTERM")


@test
def everything_is_as_before_after_sigint_and_sighup():
    with Lab(Line(), lan=True, inet=True) as lab:
        server, client, *before = prepare(lab)
        for number in (signal.SIGINT, signal.SIGHUP):
            run_both(lab, server, client)
            for endpoint in (server, client):
                endpoint.process.send_signal(number)
                wait_for(lambda: not endpoint.is_running(), 5, f"{endpoint.name} ends")
                expect(endpoint.process.returncode == 0, f"{endpoint.name}: status {endpoint.process.returncode}")
            expect_as_before(lab, server, client, *before, f"after {number.name}")


@test
def everything_is_as_before_when_nobody_reads_the_log():
    with Lab(Line(), lan=True, inet=True) as lab:
        server, _, _, before = prepare(lab)
        words = ["ip", "netns", "exec", lab.gateway.name, SENNIT, "gateway", *map(str, server.arguments)]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=end_with_parent)
        wait_for(lambda: snapshot.take(lab.gateway)["sysctl"]["ip_forward"] == "1", 5, "the gateway runs")
        process.stderr.close()
        process.send_signal(signal.SIGTERM)
        expect(process.wait(5) == 0, f"it ends with {process.returncode}")
        snapshot.expect_same(before, snapshot.take(lab.gateway), "afterwards")


@test
def an_endpoint_that_is_told_to_stop_while_it_starts_leaves_nothing():
    with Lab(Line(), lan=True, inet=True) as lab:
        server, client, *before = prepare(lab)
        for endpoint in (server, client):
            for milliseconds in endpoint.interrupted_starts(120):
                expect_as_before(lab, server, client, *before, f"{endpoint.name}, SIGTERM after {milliseconds} ms")


@test
def everything_is_as_before_although_the_state_folders_were_removed():
    with Lab(Line(), lan=True, inet=True) as lab:
        server, client, *before = prepare(lab)
        run_both(lab, server, client)
        shutil.rmtree(client.state)
        shutil.rmtree(server.state)
        client.stop()
        server.stop()
        expect_as_before(lab, server, client, *before, "after the state folders were removed, and SIGTERM")


@test
def an_interface_that_was_renamed_meanwhile_has_its_own_settings_back():
    with Lab(Line(v6=False), Line(v6=False)) as lab:
        lab.client.set_sysctl("net.ipv4.conf.eth1.rp_filter", 1)
        _, client = lab.start("--network", "192.168.1.0/24")
        expect(lab.client.sysctl("net.ipv4.conf.eth1.rp_filter") == "2", "the filter was loosened")
        for line in ("down", "name wan0"):
            lab.client.ip(f"link set eth1 {line}")
        client.stop()
        expect(lab.client.sysctl("net.ipv4.conf.wan0.rp_filter") == "1", "the filter is strict again")
        expect(lab.client.sysctl("net.ipv4.conf.wan0.forwarding") == "0", "it forwards no more")


@test
def what_a_killed_run_left_is_cleaned_by_the_next_one():
    with Lab(Line(), lan=True, inet=True) as lab:
        server, client, *before = prepare(lab)
        run_both(lab, server, client)
        client.kill()
        server.kill()
        run_both(lab, server, client)
        client.stop()
        server.stop()
        expect_as_before(lab, server, client, *before, "after kill -9, one restart and SIGTERM")


@test
def a_start_that_fails_leaves_nothing():
    with Lab(Line(), lan=True, inet=True) as lab:
        server, client, *before = prepare(lab)
        server.arguments += ["--listen", "192.0.2.99:6000"]
        server.start()
        wait_for(lambda: not server.is_running(), 5, "a gateway with an address that is not its host's ends")
        expect(server.process.returncode == 1 and "192.0.2.99" in server.last_lines(2), f"and says why: {server.last_lines(3)}")
        expect_as_before(lab, server, client, *before, "after a start that failed")


@test
def an_interface_that_somebody_else_made_is_not_taken():
    with Lab() as lab:
        lab.client.ip("tuntap add sennit0 mode tun")
        server, client, client_before, _ = prepare(lab)
        client.start()
        wait_for(lambda: not client.is_running(), 5, "a client whose interface is there already ends")
        expect(client.process.returncode == 1 and "sennit0" in client.last_lines(2), f"and says why: {client.last_lines(3)}")
        snapshot.expect_same(client_before, snapshot.take(lab.client), "afterwards")


@test
def two_endpoints_on_one_host_do_not_disturb_each_other():
    with Lab(Line(), lan=True, inet=True) as lab:
        server, client, _, before = prepare(lab)
        state = lab.folder / "shared.state"
        second = lab.endpoint("gateway", "second", lab.gateway, "--listen", "0.0.0.0:7000", "--tun", "sennit1",
                              "--address", "10.78.0.1/24", "--masquerade", "net0")
        for each in (server, second):
            each.arguments += ["--state", state]
        run_both(lab, server, client)
        second.start().wait_ready()
        server.stop()
        expect(lab.gateway.sysctl("net.ipv4.ip_forward") == "1", "the second still forwards")
        second.stop()
        snapshot.expect_same(before, snapshot.take(lab.gateway), "after both have gone")


if __name__ == "__main__":
    run_tests()
