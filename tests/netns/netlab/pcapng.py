"""Reads the pcapng files that sennit writes."""

import struct
from pathlib import Path


def read_pcapng(file: Path) -> list[tuple[int, int, bytes]]:
    """Interface, direction (1: inbound) and bytes of each packet."""
    data, offset, packets = file.read_bytes(), 0, []
    while offset < len(data):
        kind, length = struct.unpack_from("<II", data, offset)
        if kind == 6:
            interface, _, _, size = struct.unpack_from("<IIII", data, offset + 8)
            packet = data[offset + 28:offset + 28 + size]
            flags = struct.unpack_from("<HHI", data, offset + 28 + (size + 3) // 4 * 4)
            packets.append((interface, flags[2], packet))
        offset += length
    return packets
