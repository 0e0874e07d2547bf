"""A host on the same wire as the client: it sees every frame, and may send any frame."""

import base64
import hashlib
import itertools
import os
import select
import socket
import struct
import threading
import time

from netlab.namespace import Namespace

_ETH_P_ALL, _ETH_P_IP, _UDP = 0x0003, 0x0800, 17
_FRAME = 1 << 16
_INITIATION_LENGTH = 400  # the shortest that a gateway takes


class Tap:
    """A raw socket at an interface: records UDP frames over IPv4, and sends frames."""

    def __init__(self, host: Namespace, interface: str):
        with host:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        self._socket.bind((interface, 0))
        self.hardware = self._socket.getsockname()[4]

    def close(self) -> None:
        self._socket.close()

    def record(self, seconds: float, port: int, most: int = 5000) -> list[bytes]:
        """UDP frames to PORT that pass within SECONDS."""
        frames, end = [], time.monotonic() + seconds
        while len(frames) < most and (left := end - time.monotonic()) > 0:
            if not select.select([self._socket], [], [], left)[0]:
                break
            frame = self._socket.recv(_FRAME)
            if _is_udp_to(frame, port):
                frames.append(frame)
        return frames

    def send(self, frame: bytes) -> None:
        try:
            self._socket.send(frame)
        except OSError:
            pass  # the interface's queue is full


def payload_of(frame: bytes) -> bytes:
    """The UDP payload of a frame."""
    length = struct.unpack_from("!H", frame, 38)[0]
    return frame[42 : 34 + length]


def forged(frame: bytes, hardware: bytes, payload: bytes, source: bytes | None = None, port: int | None = None) -> bytes:
    """The frame with another payload, sent by this hardware address and, where given, from another address and port.

    There is no UDP checksum, as IPv4 allows: in a recorded frame it is not computed yet.
    """
    ip = bytearray(frame[14:34])
    struct.pack_into("!H", ip, 2, 28 + len(payload))
    struct.pack_into("!H", ip, 10, 0)
    if source:
        ip[12:16] = source
    struct.pack_into("!H", ip, 10, _checksum(ip))
    sender = struct.unpack_from("!H", frame, 34)[0] if port is None else port
    udp = struct.pack("!HHHH", sender, struct.unpack_from("!H", frame, 36)[0], 8 + len(payload), 0)
    return frame[:6] + hardware + frame[12:14] + bytes(ip) + udp + payload


def initiation(gateway_key: str, mac2: bytes = bytes(16)) -> bytes:
    """A handshake initiation of valid form and valid mac1 (docs/protocol.md, section 2.1) by somebody whom nobody knows."""
    key = hashlib.blake2b(b"Sennit mac1" + base64.b64decode(gateway_key), digest_size=32).digest()
    head = bytes([0x20]) + os.urandom(3) + bytes([1, 0, 0, 0])
    body = head + os.urandom(_INITIATION_LENGTH - len(head) - 32)
    return body + hashlib.blake2b(body, digest_size=16, key=key).digest() + mac2


class Flood:
    """Repeats frames until stopped: as fast as it can, or so many a second."""

    def __init__(self, tap: Tap, frames: list[bytes], rate: float | None = None):
        self.sent = 0
        self._tap, self._frames, self._rate, self._running = tap, frames, rate, True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._running = False
        self._thread.join(5)

    def _run(self) -> None:
        began = time.monotonic()
        for frame in itertools.cycle(self._frames):
            while self._rate and self._running and self.sent > self._rate * (time.monotonic() - began):
                time.sleep(0.001)
            if not self._running:
                return
            self._tap.send(frame)
            self.sent += 1


def _is_udp_to(frame: bytes, port: int) -> bool:
    return (len(frame) > 42 and struct.unpack_from("!H", frame, 12)[0] == _ETH_P_IP and frame[23] == _UDP
            and struct.unpack_from("!H", frame, 36)[0] == port)


def _checksum(header: bytes) -> int:
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
