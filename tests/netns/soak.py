#!/usr/bin/python3 -B
"""Random trouble for SOAK_SECONDS (default 40), from the seed SOAK_SEED: at the end traffic flows and nothing has leaked.

                  eth1 10.1.1.2    +---------+ wan1
    +--------+---------------------| router1 |---------+-------------+
    | client |    eth2 10.1.2.2    +---------+ wan2    | gateway     |
    |        |---------------------| router2 |---------|             |
    |        |    eth3 (v6 only)   +---------+ wan3    | 203.0.113.1 |
    +--------+---------------------| router3 |---------+-------------+
                                   +---------+
"""

import os
import time
from random import Random

from netlab.lab import INNER_GATEWAY_V4, Lab, Line, wait_up
from netlab.running import expect, note, run_tests, test, wait_for
from netlab.traffic import Echo, Stream, expect_ping, transfer

SECONDS = float(os.environ.get("SOAK_SECONDS", "40"))
SEED = int(os.environ.get("SOAK_SEED") or time.time())
LINES = (Line(v6=False, nat=True), Line(mtu=1400), Line(v4=False))
SETTLED = 12  # seconds until all paths are up after the last trouble


class Trouble:
    """One kind of trouble a method; each leaves its line alive or repairs it later."""

    def __init__(self, lab, server, client, dice):
        self.lab, self.server, self.client, self.dice = lab, server, client, dice
        self.repairs = {}
        self.happened = {}

    def strike(self):
        kind = self.dice.choices(("flap", "delete", "renumber", "silence", "resize", "restart_client", "restart_gateway", "kill"),
                                 (6, 4, 4, 4, 2, 1, 1, 1))[0]
        number = self.dice.randint(1, len(LINES))
        if number in self.repairs and not kind.startswith(("restart", "kill")):
            self.repairs.pop(number)()
        else:
            getattr(self, kind)(number)
            self.happened[kind] = self.happened.get(kind, 0) + 1

    def repair_all(self):
        while self.repairs:
            self.repairs.popitem()[1]()

    def flap(self, number):
        self.lab.client.ip(f"link set eth{number} down")
        def repair():
            self.lab.client.ip(f"link set eth{number} up")
            self.lab.address_client_side(number)
        self.repairs[number] = repair

    def delete(self, number):
        self.lab.client.ip(f"link del eth{number}")
        self.repairs[number] = lambda: self.lab.add_client_side(number)

    def renumber(self, number):
        self.lab.client.ip(f"addr flush dev eth{number}")
        self.lab.address_client_side(number, str(self.dice.randint(10, 99)))

    def silence(self, number):
        self.lab.drop_silently(number)
        self.repairs[number] = lambda: self.lab.stop_dropping(number)

    def resize(self, number):
        mtu = self.dice.choice((1500, 1400, 1340))
        self.lab.client.ip(f"link set eth{number} mtu {mtu}")
        self.lab.routers[number - 1].ip(f"link set home mtu {mtu}")

    def restart_client(self, _):
        self.client.restart()

    def restart_gateway(self, _):
        self.server.restart()

    def kill(self, _):
        endpoint = self.dice.choice((self.server, self.client))
        endpoint.kill()
        endpoint.expect_no_report()
        endpoint.start()


@test
def random_trouble_ends_with_traffic_and_without_a_leak():
    note(f"{SECONDS:g} s, SOAK_SEED={SEED}")
    with Lab(*LINES) as lab:
        server, client = lab.start()
        files = [endpoint.open_files() for endpoint in (server, client)]
        stream = lab.keep(Stream(lab.client, lab.keep(Echo(lab.gateway, INNER_GATEWAY_V4))))
        stream.wait_steady()
        trouble, began = Trouble(lab, server, client, Random(SEED)), time.monotonic()
        while time.monotonic() < began + SECONDS:
            time.sleep(trouble.dice.uniform(0.2, 1.5))
            trouble.strike()
        answered = stream.answered_share(began, time.monotonic())
        trouble.repair_all()
        wait_up(client, len(LINES), SETTLED)
        stream.wait_steady()
        note(f"{trouble.happened}; {answered:.0%} of the stream was answered meanwhile")
        for address in (INNER_GATEWAY_V4, "fd77::1"):
            expect_ping(lab.client, address)
            transfer(lab.client, lab.gateway, address, 1_000_000)
        wait_for(lambda: [e.open_files() for e in (server, client)] == files, 3,
                 f"as many files are open as at the start ({files}), not {[e.open_files() for e in (server, client)]}")
        stuck = [i["ifname"] for i in lab.client.ip_json("link show") if i["ifname"] not in ("lo", "sennit0", "eth1", "eth2", "eth3")]
        expect(not stuck, f"no interface is left over: {stuck}")
        for endpoint in (client, server):
            endpoint.stop()


if __name__ == "__main__":
    run_tests()
