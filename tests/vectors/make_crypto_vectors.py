#!/usr/bin/python3
"""Writes crypto.json: what docs/protocol.md derives from keys, computed without Sennit's code and without libsodium.

BLAKE2b comes from hashlib, ChaCha20-Poly1305 from python3-cryptography; HChaCha20, which makes XChaCha20 of it
(draft-irtf-cfrg-xchacha), is written out below. With --check: fails when the committed file differs.
"""

import hashlib
import ipaddress
import struct

from vector_file import skip, write_or_check

try:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
except ImportError as missing:
    skip(f"{missing} (install python3-cryptography)")

GATEWAY_PUBLIC_KEY = bytes.fromhex("31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62")
SPLIT_KEY = bytes(range(32))
COOKIE_SECRET = bytes(range(0x60, 0x80))
NONCE = bytes(range(0xA0, 0xB8))


def blake2b(data, size, key=b""):
    return hashlib.blake2b(data, digest_size=size, key=key).digest()


def hchacha20(key, nonce):
    """A key for ChaCha20 from a key and the first 16 bytes of a 24-byte nonce."""
    state = list(struct.unpack("<4I8I4I", b"expand 32-byte k" + key + nonce))

    def add_xor_rotate(target, source, other, bits):
        state[target] = (state[target] + state[source]) & 0xFFFFFFFF
        mixed = state[other] ^ state[target]
        state[other] = ((mixed << bits) | (mixed >> (32 - bits))) & 0xFFFFFFFF

    def quarter_round(a, b, c, d):
        add_xor_rotate(a, b, d, 16)
        add_xor_rotate(c, d, b, 12)
        add_xor_rotate(a, b, d, 8)
        add_xor_rotate(c, d, b, 7)

    for _ in range(10):
        for column in range(4):
            quarter_round(column, 4 + column, 8 + column, 12 + column)
        for diagonal in range(4):
            quarter_round(diagonal, 4 + (diagonal + 1) % 4, 8 + (diagonal + 2) % 4, 12 + (diagonal + 3) % 4)
    return struct.pack("<8I", *state[:4], *state[12:])


def xchacha20poly1305(key, nonce, associated, plaintext):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])).encrypt(bytes(4) + nonce[16:], plaintext, associated)


def transport_key(cipher):
    key = blake2b(b"Sennit " + cipher.encode(), 32, SPLIT_KEY)
    return {"cipher": cipher, "split_key": SPLIT_KEY.hex(), "transport_key": key.hex()}


def mac1(message):
    key = blake2b(b"Sennit mac1" + GATEWAY_PUBLIC_KEY, 32)
    return {
        "receiver_public_key": GATEWAY_PUBLIC_KEY.hex(),
        "key": key.hex(),
        "message": message.hex(),
        "mac1": blake2b(message, 16, key).hex(),
    }


def mac2(message):
    cookie = bytes(range(0x10, 0x20))
    return {"cookie": cookie.hex(), "message": message.hex(), "mac2": blake2b(message, 16, cookie).hex()}


def cookie(address, port):
    sender = ipaddress.ip_address(address).packed + struct.pack(">H", port)
    text = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return {
        "secret": COOKIE_SECRET.hex(),
        "sender": text,
        "hashed": sender.hex(),
        "cookie": blake2b(sender, 16, COOKIE_SECRET).hex(),
    }


def cookie_reply():
    key = blake2b(b"Sennit cookie" + GATEWAY_PUBLIC_KEY, 32)
    initiation_mac1 = bytes(range(0x30, 0x40))
    sealed_cookie = bytes(range(0x50, 0x60))
    return {
        "gateway_public_key": GATEWAY_PUBLIC_KEY.hex(),
        "key": key.hex(),
        "nonce": NONCE.hex(),
        "mac1": initiation_mac1.hex(),
        "cookie": sealed_cookie.hex(),
        "sealed": xchacha20poly1305(key, NONCE, initiation_mac1, sealed_cookie).hex(),
    }


def nonce(path, counter):
    return {"path": path, "counter": counter, "nonce": struct.pack(">IQ", path, counter).hex()}


def main():
    # The example of draft-irtf-cfrg-xchacha, section 2.2.1, so that the route itself is checked.
    assert hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927")) == bytes.fromhex(
        "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"
    )
    content = {
        "meaning": {
            "transport_key": "docs/protocol.md 2.4: a key of Split() bound to the cipher",
            "mac1": "docs/protocol.md 2.1: key from the receiver's public key; mac over what is in front of it",
            "mac2": "docs/protocol.md 3: keyed by the cookie",
            "cookie": "docs/protocol.md 3: of the sender's address bytes and port, keyed by the gateway's secret",
            "cookie_reply": "docs/protocol.md 3: the cookie sealed for the sender of the initiation with this mac1",
            "nonce": "docs/protocol.md 4: path id, then the full counter",
        },
        "transport_key": [transport_key("chacha20poly1305"), transport_key("aes256gcm")],
        "mac1": [mac1(b""), mac1(bytes(range(200)))],
        "mac2": [mac2(b""), mac2(bytes(range(216)))],
        "cookie": [cookie("192.0.2.7", 40001), cookie("2001:db8::7", 6000)],
        "cookie_reply": [cookie_reply()],
        "nonce": [nonce(0, 0), nonce(1, 2), nonce(31, 0x0102030405060708)],
    }
    write_or_check("crypto.json", content)


main()
