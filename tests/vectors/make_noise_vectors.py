#!/usr/bin/python3
"""Writes noise-ikpsk2.json: handshakes as Sennit performs them, computed by dissononce.

The prologue is Sennit's (docs/protocol.md, section 2), the payloads are handshake fields (section 2.3). The layout is the one in
which Noise test vectors are published. With --check: fails when the committed file differs.
"""

from dissononce_peer import DissononcePeer, public_key
from vector_file import write_or_check

INITIATOR_STATIC = bytes(range(0x01, 0x21))
INITIATOR_EPHEMERAL = bytes(range(0x41, 0x61))
RESPONDER_STATIC = bytes(range(0x81, 0xA1))
RESPONDER_EPHEMERAL = bytes(range(0xC1, 0xE1))

# "Sennit v1", then the initiation's header: type 1, sender's index 0x0a0b0c, version 1, reserved.
PROLOGUE = b"Sennit v1" + bytes.fromhex("200a0b0c" "01000000")
TIMESTAMP = bytes.fromhex("8108" "17979cfe362a0000")
BOTH_CIPHERS = bytes.fromhex("820103")
AES_CHOSEN = bytes.fromhex("820102")
INDEX = bytes.fromhex("8303" "0d0e0f")
ADDRESS = bytes.fromhex("0405" "18" "0a4d0002")
PADDING = bytes.fromhex("00ff") + bytes(255)

TRANSPORT = [b"client speaks first", b"gateway answers", b"", bytes(range(100))]


def vector(meaning, psk, initiation_payload, response_payload):
    remote = public_key(RESPONDER_STATIC)
    initiator = DissononcePeer(PROLOGUE, INITIATOR_STATIC, psk, INITIATOR_EPHEMERAL, remote)
    responder = DissononcePeer(PROLOGUE, RESPONDER_STATIC, psk, RESPONDER_EPHEMERAL)
    messages = []
    for sender, receiver, payload in [
        (initiator, responder, initiation_payload),
        (responder, initiator, response_payload),
    ]:
        message = sender.write(payload)
        assert receiver.read(message) == payload
        messages.append({"payload": payload.hex(), "ciphertext": message.hex()})
    assert initiator.keys() == responder.keys()
    for i, payload in enumerate(TRANSPORT):
        sealed = initiator.ciphers[i % 2].encrypt_with_ad(b"", payload)
        messages.append({"payload": payload.hex(), "ciphertext": sealed.hex()})
    return {
        "meaning": meaning,
        "protocol_name": initiator.noise.protocol_name,
        "init_prologue": PROLOGUE.hex(),
        "init_psks": [psk.hex()],
        "init_static": INITIATOR_STATIC.hex(),
        "init_ephemeral": INITIATOR_EPHEMERAL.hex(),
        "init_remote_static": remote.hex(),
        "resp_prologue": PROLOGUE.hex(),
        "resp_psks": [psk.hex()],
        "resp_static": RESPONDER_STATIC.hex(),
        "resp_ephemeral": RESPONDER_EPHEMERAL.hex(),
        "handshake_hash": initiator.handshake_hash().hex(),
        "split_keys": [key.hex() for key in initiator.keys()],
        "messages": messages,
    }


def main():
    asked = TIMESTAMP + BOTH_CIPHERS + ADDRESS + PADDING
    answered = AES_CHOSEN + INDEX + ADDRESS
    vectors = [
        vector("no pre-shared key configured: 32 zero bytes", bytes(32), asked, answered),
        vector("a pre-shared key", bytes(range(0xE0, 0x100)), asked, answered),
        vector("empty payloads", bytes(range(0xE0, 0x100)), b"", b""),
    ]
    write_or_check("noise-ikpsk2.json", {"vectors": vectors})


main()
