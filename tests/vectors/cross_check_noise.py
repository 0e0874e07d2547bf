#!/usr/bin/python3
"""Lets Sennit's Noise handshake and dissononce's talk to each other, each in both roles, with random keys.

usage: cross_check_noise.py NOISE_PEER [ROUNDS]

NOISE_PEER is the test program noise_peer.cpp. Every round has its own keys, payloads and prologue; every third one is IK (no
pre-shared key), the others IKpsk2. Exit status 77: dissononce is not installed, nothing was checked.
"""

import os
import random
import subprocess
import sys

from dissononce_peer import DissononcePeer, public_key


class SennitPeer:
    """noise_peer as a child process: hexadecimal lines in and out."""

    def __init__(self, program, role, *setting):
        self.process = subprocess.Popen(
            [program, role], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        for value in setting:
            self.send(value)

    def send(self, value):
        self.process.stdin.write(("-" if value is None else value.hex()) + "\n")

    def receive(self):
        """None when the peer refused what it was sent and went."""
        line = self.process.stdout.readline()
        return bytes.fromhex(line) if line else None

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(timeout=10)


class Round:
    """What one handshake starts from."""

    def __init__(self, number):
        self.psk = None if number % 3 == 0 else os.urandom(32)
        self.prologue = os.urandom(random.randrange(0, 40))
        self.client, self.gateway = os.urandom(32), os.urandom(32)
        self.initiation, self.response = os.urandom(random.randrange(0, 400)), os.urandom(random.randrange(0, 400))


def expect(got, wanted, what):
    if got != wanted:
        sys.exit(f"{what}: {got!r} is not {wanted!r}")


def expect_same_end(sennit, other):
    for what, wanted in zip(["key to responder", "key to initiator"], other.keys()):
        expect(sennit.receive(), wanted, what)
    expect(sennit.receive(), other.handshake_hash(), "handshake hash")
    expect(sennit.close(), 0, "exit status")


def sennit_initiates(program, r):
    gateway = public_key(r.gateway)
    sennit = SennitPeer(program, "initiator", r.prologue, r.client, r.psk, gateway, r.initiation)
    other = DissononcePeer(r.prologue, r.gateway, r.psk, os.urandom(32))
    expect(other.read(sennit.receive()), r.initiation, "payload of the initiation")
    expect(other.remote_static(), public_key(r.client), "initiator's static key")
    sennit.send(other.write(r.response))
    expect(sennit.receive(), r.response, "payload of the response")
    expect_same_end(sennit, other)


def sennit_responds(program, r):
    sennit = SennitPeer(program, "responder", r.prologue, r.gateway, r.psk)
    other = DissononcePeer(r.prologue, r.client, r.psk, os.urandom(32), public_key(r.gateway))
    sennit.send(other.write(r.initiation))
    expect(sennit.receive(), public_key(r.client), "initiator's static key")
    expect(sennit.receive(), r.initiation, "payload of the initiation")
    sennit.send(r.response)
    expect(other.read(sennit.receive()), r.response, "payload of the response")
    expect_same_end(sennit, other)


def sennit_refuses_a_flipped_bit(program, r):
    sennit = SennitPeer(program, "responder", r.prologue, r.gateway, r.psk)
    other = DissononcePeer(r.prologue, r.client, r.psk, os.urandom(32), public_key(r.gateway))
    message = bytearray(other.write(r.initiation))
    # Bit 7 of a public key's last byte is ignored by X25519, but not by the hash over the message.
    message[random.randrange(len(message))] ^= 1 << random.randrange(8)
    sennit.send(message)
    expect(sennit.receive(), None, "answer to a damaged initiation")
    expect(sennit.close(), 1, "exit status after a damaged initiation")


def main():
    program = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 12
    for number in range(rounds):
        for check in [sennit_initiates, sennit_responds, sennit_refuses_a_flipped_bit]:
            check(program, Round(number))
    print(f"{rounds} handshakes in each role agreed with dissononce")


main()
