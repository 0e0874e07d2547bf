#!/usr/bin/env python3
"""Writes the seed corpus of the fuzz targets that read wire bytes; with --check, compares instead.

Messages, fields and frames are the vectors of tests/vectors. Inner packets are built here. The corpora of other
targets (config, impair_options) are written by hand and left alone.
"""

import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors"


def read_vectors(path):
    """The named byte strings of one vector file; its format is told at the head of wire-outer.txt."""
    vectors = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = vectors.setdefault(line[1 : line.index("]")], bytearray())
        elif line and not line.startswith("#"):
            for word in line.split("|")[0].split():
                if word.startswith("x"):
                    current += current[-1:] * (int(word[1:]) - 1)
                else:
                    current += bytes.fromhex(word)
    return {name: bytes(data) for name, data in vectors.items()}


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


SOURCE = {4: bytes([192, 0, 2, 1]), 6: bytes.fromhex("20010db8") + bytes(11) + b"\1"}
DESTINATION = {4: bytes([198, 51, 100, 2]), 6: bytes.fromhex("20010db8") + bytes(11) + b"\2"}


def ipv4(protocol, payload, fragmentation=0x4000):
    fixed = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(payload), 1, fragmentation, 64, protocol)
    addresses = SOURCE[4] + DESTINATION[4]
    return fixed + struct.pack("!H", checksum(fixed + b"\0\0" + addresses)) + addresses + payload


def ipv6(next_header, payload):
    return struct.pack("!IHBB", 0x60000000, len(payload), next_header, 64) + SOURCE[6] + DESTINATION[6] + payload


def tcp(version, flags, options):
    def segment(check):
        offset = (5 + len(options) // 4) << 4
        return struct.pack("!HHIIBBHHH", 1000, 2000, 1, 2, offset, flags, 65535, check, 0) + options

    pseudo = SOURCE[version] + DESTINATION[version] + struct.pack("!II", 20 + len(options), 6)
    return segment(checksum(pseudo + segment(0)))


def udp(data):
    return struct.pack("!HHHH", 3000, 4000, 8 + len(data), 0) + data


def inner_packets():
    syn, ack = 0x02, 0x10
    mss_first = bytes([2, 4, 5, 180, 1, 3, 3, 7])
    mss_odd = bytes([1, 2, 4, 5, 180, 3, 3, 7])
    options_header = lambda following: bytes([following, 0, 1, 4, 0, 0, 0, 0])
    fragment_header = lambda following, low: bytes([following, 0, 0, low, 0, 0, 0, 9])
    packets = {
        "v4-syn": ipv4(6, tcp(4, syn, mss_first)),
        "v4-syn-odd": ipv4(6, tcp(4, syn, mss_odd)),
        "v4-syn-ack": ipv4(6, tcp(4, syn | ack, mss_first)),
        "v4-udp": ipv4(17, udp(b"data")),
        "v4-echo": ipv4(1, bytes([8, 0, 0, 0, 0, 1, 0, 2])),
        "v4-unreachable": ipv4(1, bytes([3, 4, 0, 0, 0, 0, 5, 120])),
        "v4-later-fragment": ipv4(17, bytes(16), 0x2001),
        "v6-syn": ipv6(6, tcp(6, syn, mss_first)),
        "v6-syn-behind-options": ipv6(60, options_header(6) + tcp(6, syn, mss_odd)),
        "v6-first-fragment": ipv6(44, fragment_header(17, 1) + udp(b"data")),
        "v6-later-fragment": ipv6(44, fragment_header(17, 9) + bytes(16)),
        "v6-chain": ipv6(0, options_header(43) + options_header(51) + bytes([17, 1]) + bytes(10) + udp(b"data")),
        "v6-echo": ipv6(58, bytes([128, 0, 0, 0, 0, 1, 0, 2])),
    }
    mtu = struct.pack("!H", 1400)
    return {name: mtu + packet for name, packet in packets.items()}


def tunnel_inputs(frames, outer):
    """Sequences of path and deed, pause, length and frame, as tunnel_fuzz.cpp reads them; and datagrams behind a pause and a length."""
    def sealed(path, pause, frame):
        return struct.pack("!BBH", path, pause, len(frame)) + frame

    inner = ipv4(17, struct.pack("!HHHH", 1000, 2000, 8, 0))
    data = struct.pack("!BBHI", 1, 0, 5, 7) + inner
    opened = struct.pack("!BBHI", 1, 2, 5, 8) + inner
    no_transport = struct.pack("!BBHI", 1, 2, 5, 9) + ipv4(1, bytes([8, 0, 0, 0, 0, 1, 0, 2]))
    copies = struct.pack("!BBHI", 1, 1, 5, 7) + inner
    halves = [struct.pack("!BBHI", 3, flags, 5, 9) + part for flags, part in ((0, inner[:16]), (0x81, inner[16:]))]
    inputs = {f"frame-{name}": sealed(0, 10, frame) for name, frame in frames.items()}
    inputs["conversation"] = b"".join(
        sealed(path, 50, frame) for path in (0, 1) for frame in (*frames.values(), data, copies, copies, opened, no_transport, *halves))
    report, give = 0x80, 0xC0
    alive = [sealed(path, 1, data) for path in (0, 1)]
    turns = [sealed(deed | path, pause, bytes(size)) for size in (1200, 100, 1400) for deed, pause in ((give, 1), (report, 25)) for path in (0, 1)]
    # A report is 4 bytes behind the frame's start: path, marks, missing, reserved, highest …
    changed = [sealed(report, 25, bytes([0, 0, 0, 0, 0, 0, count, 0, 0, 0, 0, low])) for count in (0, 1) for low in (0, 1, 7)]
    inputs["reports"] = b"".join((*alive, *turns, *changed, *turns, sealed(give, 200, bytes(1000)), sealed(1, 250, data)))
    inputs["datagrams"] = b"".join(struct.pack("!BH", 1, len(message)) + message for message in outer.values())
    return inputs


def superpacket_inputs():
    """Offloads with a packet to cut, and packets to join, as superpacket_fuzz.cpp reads them."""
    none, cut_tcp, cut_udp, join = range(4)
    ack, push, congestion = 0x10, 0x08, 0x80
    timestamps = bytes([1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2])
    data = bytes(range(250))

    def cut(segmentation, size, start, offset, packet):
        return struct.pack("!BHHH", segmentation, size, start, offset) + packet

    def stream(version, packet_of, flags=1):
        packets = []
        for index in range(5):
            packet = bytearray(packet_of(index))
            if version == 4:
                packet[4:6] = struct.pack("!H", index)
            packets.append(struct.pack("!BH", flags, len(packet)) + packet)
        return bytes([join, 2]) + b"".join(packets)

    def segment(version, index):
        flags = ack | (push if index == 3 else 0)
        header = bytearray(tcp(version, flags, timestamps))
        header[4:8] = struct.pack("!I", 100 * index)
        return bytes(header) + data[:100 if index < 4 else 30]

    return {
        "whole-udp": cut(none, 0, 20, 6, ipv4(17, udp(data))),
        "v4-tcp": cut(cut_tcp, 100, 20, 16, ipv4(6, tcp(4, ack | push | congestion, timestamps) + data)),
        "v6-tcp": cut(cut_tcp, 100, 40, 16, ipv6(6, tcp(6, ack | push, b"") + data)),
        "v4-udp": cut(cut_udp, 100, 20, 6, ipv4(17, udp(data))),
        "v6-udp": cut(cut_udp, 7, 40, 6, ipv6(17, udp(data))),
        "v4-tcp-stream": stream(4, lambda index: ipv4(6, segment(4, index))),
        "v6-tcp-stream": stream(6, lambda index: ipv6(6, segment(6, index))),
        "v4-udp-stream": stream(4, lambda index: ipv4(17, udp(data[:100]))),
        "v4-tcp-open": stream(4, lambda index: ipv4(6, segment(4, index)), flags=3),
        "v6-udp-open": stream(6, lambda index: ipv6(17, udp(data[:100])), flags=3),
        "v6-udp-stream": stream(6, lambda index: ipv6(17, udp(data[:100 - 20 * (index == 2)]))),
    }


def corpora():
    frames = read_vectors(VECTORS / "wire-frames.txt")
    outer = read_vectors(VECTORS / "wire-outer.txt")
    return {
        "tunnel": tunnel_inputs(frames, outer),
        "outer": outer,
        "handshake_fields": read_vectors(VECTORS / "wire-handshake-fields.txt"),
        "frames": frames,
        "inner_packet": inner_packets(),
        "superpacket": superpacket_inputs(),
    }


def stored(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*")}


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name in stored(folder).keys() - files.keys():
        (folder / name).unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)


def main():
    wanted = {HERE / "corpus" / target: files for target, files in corpora().items()}
    if sys.argv[1:] != ["--check"]:
        for folder, files in wanted.items():
            write(folder, files)
        return 0
    stale = [folder.name for folder, files in wanted.items() if stored(folder) != files]
    if stale:
        print(f"make_corpus.py: run it again: {', '.join(stale)} differ from the vectors", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
