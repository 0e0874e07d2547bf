#!/usr/bin/python3 -B
"""An attacker on the client's own wire: sees all, sends anything. It must cost little, move nothing and gain nothing.

    +--------+ eth1    +--------+ wire3                 +-------------+
    | client |---------| switch |-----------------------| gateway     |
    +--------+ .2      | bridge |                  .1   | 203.0.113.1 |
    +----------+ eth0  |        | 10.1.1.0/24           +-------------+
    | attacker |-------|        |
    +----------+ .66   +--------+
"""

import os
import random
import socket
import time

from netlab.attacker import Flood, Tap, forged, initiation, payload_of
from netlab.lab import GATEWAY_V4, INNER_GATEWAY_V4, Lab, wait_up
from netlab.namespace import join
from netlab.running import expect, note, run_tests, test, wait_for
from netlab.traffic import Echo, Stream, expect_ping, transfer

PORT = 6000
SECONDS = 3
SEALED, SPARE = 4, 8  # type of a sealed datagram; recorded datagrams of other types
LEAST_SHARE = 0.5  # of the stream, on a machine whose cores the flood, both ends and other tests share
MOST_GROWTH_KIB = 48 * 1024  # a sanitizer keeps freed memory for a while


class Wire(Lab):
    """The network drawn above."""

    def _build(self, lan, inet):
        self.client, self.gateway = self.namespace("client"), self.namespace("gateway")
        self.switch, self.attacker = self.namespace("switch"), self.namespace("attacker")
        self.routers = []
        self.switch.ip("link add name br0 type bridge")
        self.switch.ip("link set br0 up")
        for number, (host, interface, address) in enumerate(((self.client, "eth1", "10.1.1.2/24"),
                                                             (self.attacker, "eth0", "10.1.1.66/24"),
                                                             (self.gateway, "wan1", "10.1.1.1/24"))):
            join(host, interface, self.switch, f"wire{number + 1}")
            self.switch.ip(f"link set wire{number + 1} master br0")
            host.ip(f"addr add {address} dev {interface}")
        self.gateway.ip(f"addr add {GATEWAY_V4}/32 dev lo")
        for host in (self.client, self.attacker):
            host.ip("route add default via 10.1.1.1")
        self.tap = self.keep(Tap(self.attacker, "eth0"))
        self.watch = self.keep(Tap(self.switch, "wire3"))

    def start_flowing(self):
        self.server, self.home = self.start()
        self.stream = self.keep(Stream(self.client, self.keep(Echo(self.gateway, INNER_GATEWAY_V4))))
        self.stream.wait_steady()

    def frames(self, count=40, port=PORT):
        """Sealed datagrams to the gateway, or to another port, as the switch saw them."""
        frames = [f for f in self.watch.record(3, port, count + SPARE) if payload_of(f)[0] >> 5 == SEALED][:count]
        expect(len(frames) == count, f"{count} frames were recorded: {len(frames)}")
        return frames

    def from_attacker(self, frame, payload, port=4000):
        """A datagram of the attacker under its own address."""
        return forged(frame, self.tap.hardware, payload, socket.inet_aton("10.1.1.66"), port)

    def as_sender(self, frame, payload):
        """A datagram of the attacker under the address and port of the frame's sender."""
        return forged(frame, self.tap.hardware, payload)


def attack(lab, name, frames, reasons, target=None, seconds=SECONDS):
    """Floods the gateway, or the client; expects that it is counted, costs bounded memory, is not answered with more, and that
    traffic goes on."""
    target = target or lab.server
    drops, memory = target.drops(), target.resident_kib()
    got, gave = lab.attacker.interface_bytes("eth0")
    remote = lab.server.peer()["paths"][0]["remote"]
    began = time.monotonic()
    flood = Flood(lab.tap, frames)
    time.sleep(seconds)
    share = lab.stream.answered_share(began + 0.3, time.monotonic() - 0.5)
    flood.close()
    after = {reason: target.drops().get(reason, 0) - drops.get(reason, 0) for reason in reasons}
    got_after, gave_after = lab.attacker.interface_bytes("eth0")
    note(f"{name}: {flood.sent / seconds:.0f} a second, counted {after}, {share:.0%} of the stream answered meanwhile, "
         f"attacker got {got_after - got} bytes for {gave_after - gave}, memory {target.resident_kib() - memory:+} KiB")
    expect(sum(after.values()) > 100, f"{name}: counted: {target.drops()}")
    expect(got_after - got <= gave_after - gave, f"{name}: no answer is larger than what was sent")
    expect(target.resident_kib() - memory < MOST_GROWTH_KIB, f"{name}: memory is bounded")
    expect(share > LEAST_SHARE, f"{name}: traffic goes on meanwhile: {share:.0%}")
    expect(lab.server.peer()["paths"][0]["remote"] == remote, f"{name}: no path was moved")
    lab.stream.wait_steady()


@test
def garbage_of_any_kind_is_counted_and_harms_nothing():
    with Wire() as lab:
        lab.start_flowing()
        frame, dice = lab.frames(1)[0], random.Random(1)
        def forge(payload):
            return lab.from_attacker(frame, payload)
        garbage = [forge(dice.randbytes(dice.randrange(0, 1400))) for _ in range(300)]
        typed = [forge(bytes([dice.randrange(8) << 5]) + dice.randbytes(dice.randrange(0, 1400))) for _ in range(300)]
        attack(lab, "garbage", garbage + typed,
               ["too_short", "unknown_type", "unknown_session", "bad_version", "bad_mac", "bad_tag"])
        lab.home.stop()
        lab.server.stop()


@test
def truncated_and_flipped_copies_are_counted_and_harm_nothing():
    with Wire() as lab:
        lab.start_flowing()
        dice = random.Random(2)
        mutants = []
        for frame in lab.frames():
            payload = payload_of(frame)
            mutants += [lab.as_sender(frame, payload[: dice.randrange(len(payload))]) for _ in range(4)]
            for _ in range(4):
                flipped = bytearray(payload)
                flipped[dice.randrange(len(payload))] ^= 1 << dice.randrange(8)
                mutants.append(lab.as_sender(frame, bytes(flipped)))
        attack(lab, "truncated and flipped, under the client's address", mutants,
               ["too_short", "unknown_type", "unknown_session", "bad_tag", "bad_version", "bad_mac"])


@test
def replayed_datagrams_are_counted_and_move_nothing():
    with Wire() as lab:
        lab.start_flowing()
        frames = lab.frames()
        expect_ping(lab.client, INNER_GATEWAY_V4)
        attack(lab, "replayed under the client's address", [lab.as_sender(f, payload_of(f)) for f in frames], ["replayed"])
        attack(lab, "replayed under the attacker's", [lab.from_attacker(f, payload_of(f)) for f in frames], ["replayed"])


@test
def a_client_is_as_hard_to_impress_as_a_gateway():
    with Wire() as lab:
        lab.start_flowing()
        port = int(lab.home.peer()["paths"][0]["local"].rpartition(":")[2])
        frames, dice = lab.frames(port=port), random.Random(4)
        wrong = [lab.as_sender(f, bytes([dice.randrange(8) << 5]) + dice.randbytes(dice.randrange(1400))) for f in frames * 5]
        attack(lab, "garbage to the client, under the gateway's address", wrong,
               ["too_short", "unknown_type", "unknown_session", "bad_handshake", "bad_version", "bad_tag"], lab.home)
        replayed = [lab.as_sender(f, payload_of(f)) for f in frames]
        attack(lab, "replayed to the client", replayed, ["replayed"], lab.home)


@test
def datagrams_that_are_too_large_are_dropped():
    with Wire() as lab:
        lab.start_flowing()
        big = bytes([0x80]) + random.Random(3).randbytes(9000)
        drops = sum(lab.server.drops().values())
        with lab.attacker, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            end = time.monotonic() + 1
            while time.monotonic() < end:
                sender.sendto(big, (GATEWAY_V4, PORT))
        note(f"{sum(lab.server.drops().values()) - drops} counted")
        expect(sum(lab.server.drops().values()) - drops > 100, "they are counted")
        lab.stream.wait_steady()
        transfer(lab.client, lab.gateway, INNER_GATEWAY_V4, 500_000)


@test
def a_flood_of_valid_initiations_does_not_keep_a_client_out():
    with Wire() as lab:
        lab.start_flowing()
        frame = lab.frames(1)[0]
        key = lab.key("gateway")
        # Without a cookie, and with one that is guessed, which costs the gateway more.
        flood = [lab.from_attacker(frame, initiation(key, mac2), port)
                 for port in range(2000, 2150) for mac2 in (bytes(16), os.urandom(16))]
        attack(lab, "initiations", flood, ["cookie_required", "rate_limited", "bad_handshake"])
        # The gateway, not the machine, is what is tried: at a rate that leaves the cores time, and far above its limit of 100.
        running = Flood(lab.tap, flood, rate=4000)
        try:
            lab.home.kill()
            started = time.monotonic()
            lab.home.start()
            wait_up(lab.home, 1, 10)
            note(f"during a flood of 4000 a second a client that starts is up after {time.monotonic() - started:.2f} s")
        finally:
            running.close()
        lab.stream.wait_steady()


@test
def a_replayed_initiation_moves_no_session():
    with Wire() as lab:
        lab.server = lab.make_gateway().start()
        lab.server.wait_ready()
        lab.home = lab.make_client().start()
        hello = next(f for f in lab.watch.record(5, PORT, 50) if payload_of(f)[0] == 0x20)
        wait_up(lab.home, 1)
        lab.stream = lab.keep(Stream(lab.client, lab.keep(Echo(lab.gateway, INNER_GATEWAY_V4))))
        lab.stream.wait_steady()
        time.sleep(max(0, 5.5 - lab.home.status()["uptime_s"]))  # exact copies are answered for 5 s
        got, gave = lab.attacker.interface_bytes("eth0")
        age = lab.server.peer()["handshake_age_s"]
        for _ in range(50):
            lab.tap.send(lab.from_attacker(hello, payload_of(hello)))
        wait_for(lambda: lab.server.drops().get("replayed_handshake", 0) >= 5, 2, "they are counted")
        now_got, now_gave = lab.attacker.interface_bytes("eth0")
        expect(now_got - got <= now_gave - gave, "no answer is larger than what was sent")
        expect(lab.server.peer()["handshake_age_s"] > age, "the session stays")
        lab.stream.wait_steady()


if __name__ == "__main__":
    run_tests()
