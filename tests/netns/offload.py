#!/usr/bin/python3 -B
"""Whatever is cut and joined on the way, every packet that leaves the tunnel is the one that entered it.

    +--------+ eth1   +---------+   wan1 +-------------+ net0   eth0 +--------+
    | client |--------| router1 |--------| gateway     |-------------| server |
    +--------+  ...   +---------+  ...   | 203.0.113.1 |             +--------+
     inner 10.77.0.2, fd77::2            +-------------+             198.51.100.2, 2001:db8:100::2

    net0 cuts, joins and checksums nothing, so the kernel does it for all that the gateway forwards; eth0 of the server
    does, unless a test says otherwise: what it sends comes to the gateway in superpackets.
"""

import fcntl
import select
import socket
import struct
import threading
import time

from netlab.capture import Capture, out_of_turn, payloads, with_bad_checksum
from netlab.lab import INET_V4, INET_V6, LAN_V4, LAN_V6, Lab, Line, wait_up
from netlab.running import expect, need_tools, note, run_tests, test, wait_for
from netlab.traffic import expect_burst, expect_datagrams, expect_ping, transfer

CLIENT_V4, CLIENT_V6 = "10.77.0.2", "fd77::2"
ROUTES = ("--route", "198.51.100.0/24", "--route", "2001:db8:100::/64")
OFFLOADS = ("auto", "off", "tun", "udp")
LARGEST_V6_UDP = 1372  # in the 1420 bytes that fit through a line of 1500
SIZES = (1, 200, 1000, LARGEST_V6_UDP)
RUN = 32
TRANSFER = 2_000_000
SEGMENTS = TRANSFER // 1400  # at least so many packets carry a transfer

_NEVER = ("bad_offload", "tun_refused", "malformed_frame", "not_ip", "send_refused")
_SO_NO_CHECK = 11
_SIOCATMARK = 0x8905
_TCP_INFO_OPTIONS, _TCPI_OPT_ECN = 5, 8


def make_lab(*lines, lan=False):
    need_tools("ethtool")
    lab = Lab(*(lines or [Line()]), inet=True, lan=lan)
    for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
        lab.gateway.set_sysctl(key, 1)
    lab.gateway.set_offloads("net0", "off")
    lab.inet.ip("route add 10.77.0.0/24 via 198.51.100.1")
    lab.inet.ip("-6 route add fd77::/64 via 2001:db8:100::1")
    return lab


def wait_full_size(*endpoints):
    for endpoint in endpoints:
        wait_for(lambda e=endpoint: e.status()["tunnel"]["mtu"] >= LARGEST_V6_UDP + 48, 5, f"{endpoint.name}'s MTU is full-grown")


def start(lab, client="auto", gateway="auto"):
    server, home = lab.start(*ROUTES, "--offload", client, gateway=("--offload", gateway))
    wait_full_size(server, home)
    return server, home


def ways(lab):
    return [(lab.client, lab.inet, INET_V4), (lab.inet, lab.client, CLIENT_V4),
            (lab.client, lab.inet, INET_V6), (lab.inet, lab.client, CLIENT_V6)]


def sending_interfaces(lab):
    """For each direction: source, target and address of what is sent, and the host and interface that send it over the line."""
    return [(lab.client, lab.inet, INET_V4, lab.client, "eth1"), (lab.inet, lab.client, CLIENT_V6, lab.gateway, "wan1")]


def expect_offload(endpoint, asked):
    """Status shows what was asked for, and nothing else is on."""
    told = endpoint.status()["tunnel"]["offload"]
    tun, udp = asked in ("auto", "tun"), asked in ("auto", "udp")
    expect((told["tun"] != "off") == tun and (told["udp_send"], told["udp_receive"]) == (("on", "on") if udp else ("off", "off")),
           f"{endpoint.name} with --offload {asked}: {told}")


def expect_sound(*endpoints):
    """No end made a packet that a kernel or the other end refuses."""
    for endpoint in endpoints:
        found = {reason: count for reason, count in endpoint.drops().items() if reason in _NEVER}
        expect(not found, f"{endpoint.name} dropped {found}")


@test
def every_byte_arrives_whatever_the_two_ends_offload():
    with make_lab() as lab:
        for at_gateway in OFFLOADS:
            server = lab.make_gateway("--offload", at_gateway).start()
            server.wait_ready()
            for at_client in OFFLOADS:
                client = lab.make_client(*ROUTES, "--offload", at_client).start()
                wait_up(client, 1)
                wait_full_size(server, client)
                expect_offload(client, at_client)
                expect_offload(server, at_gateway)
                for source, target, address in ways(lab):
                    transfer(source, target, address, TRANSFER)
                    for size in SIZES:
                        expect_burst(source, target, address, size, runs=40)
                        expect_burst(source, target, address, size, runs=3, run=RUN)
                expect_sound(client, server)
                client.stop()
            server.stop()
        for host in (lab.client, lab.inet):
            wrong = {protocol: host.counter(protocol, "InCsumErrors") for protocol in ("Tcp", "Udp")}
            expect(not any(wrong.values()), f"the kernel of {host.short} met wrong checksums: {wrong}")


def crossing(lab, source, action):
    """How many packets enter the tunnel at the source's end and leave it at the other one meanwhile; uncut ones count once."""
    near, far = (lab.client, lab.gateway) if source is lab.client else (lab.gateway, lab.client)
    before = near.interface_packets("sennit0")[1], far.interface_packets("sennit0")[0]
    action()
    return near.interface_packets("sennit0")[1] - before[0], far.interface_packets("sennit0")[0] - before[1]


@test
def superpackets_cross_the_device_where_that_is_asked_for_and_nowhere_else():
    with make_lab() as lab:
        for offload in ("auto", "off"):
            server, client = start(lab, offload, offload)
            is_on = {"TCP": offload == "auto", "UDP": client.status()["tunnel"]["offload"]["tun"] == "tcp+udp"}
            for source, target, address in ways(lab):
                for protocol, single, action in (
                        ("TCP", SEGMENTS, lambda: transfer(source, target, address, TRANSFER)),
                        ("UDP", 10 * RUN, lambda: expect_burst(source, target, address, 1000, runs=10, run=RUN))):
                    counts = crossing(lab, source, action)
                    note(f"{offload}, {protocol} to {address}: {counts[0]} packets entered, {counts[1]} left")
                    for count in counts:
                        expect((count < single / 2) == is_on[protocol], f"{count} packets for {single}")
            client.stop()
            server.stop()


@test
def a_second_opinion_finds_no_bad_checksum_and_nothing_out_of_turn():
    need_tools("tcpdump", "tshark")
    for at_client, at_gateway in (("auto", "auto"), ("auto", "udp"), ("udp", "auto"), ("off", "off")):
        with make_lab() as lab:
            lab.inet.set_offloads("eth0", "off")
            server, client = start(lab, at_client, at_gateway)
            capture = lab.keep(Capture(lab.inet, "eth0", lab.folder, "tcp or udp"))
            repeated = lab.client.counter("Tcp", "RetransSegs")
            for source, target, address in ways(lab)[::2]:
                transfer(source, target, address, TRANSFER)
                for size in SIZES:
                    expect_burst(source, target, address, size, runs=3, run=RUN)
            repeated = lab.client.counter("Tcp", "RetransSegs") - repeated
            packets = capture.read()
            tcp, udp = payloads(packets, "tcp"), payloads(packets, "udp")
            note(f"{at_client} to {at_gateway}: {tcp} TCP segments, {udp} UDP datagrams, {repeated} sent again by the client's kernel")
            expect(tcp >= 2 * SEGMENTS and udp == 2 * len(SIZES) * 3 * RUN, "all were captured, each by itself")
            expect(not with_bad_checksum(packets), f"bad checksums: {with_bad_checksum(packets)[:5]}")
            verified = sum(packet.get("tcp.checksum.status") in ("1", "Good") for packet in packets)
            expect(verified >= 2 * SEGMENTS, f"tshark computed the checksums: {verified}")
            late = out_of_turn(packets)
            expect(len(late) <= repeated, f"{len(late)} out of turn, {repeated} sent again: {late[:5]}")


def lone_datagrams(source, target, address):
    """Datagrams of middling size, none of which can be part of a superpacket."""
    for number in range(20):
        expect_datagrams(source, target, address, [700 + 10 * number])


@test
def a_checksum_that_one_kernel_left_open_is_not_computed_for_the_other():
    need_tools("tcpdump", "tshark")
    for at_client, at_gateway in (("auto", "auto"), ("auto", "off"), ("off", "auto")):
        with make_lab() as lab:
            server, client = start(lab, at_client, at_gateway)
            is_open = (at_client, at_gateway) == ("auto", "auto")
            for source, target, address, receiver in ((lab.client, lab.inet, INET_V4, lab.gateway), (lab.inet, lab.client, CLIENT_V6, lab.client)):
                capture = lab.keep(Capture(receiver, "sennit0", lab.folder, "udp"))
                lone_datagrams(source, target, address)
                packets = capture.read()
                bad = len(with_bad_checksum(packets))
                expect(len(packets) == 20 and bad == (20 if is_open else 0),
                       f"{at_client} to {at_gateway}, {address}: {bad} of {len(packets)} come out of the tunnel without checksum")
            expect_sound(client, server)


@test
def forwarded_translated_or_not_every_packet_leaves_with_its_checksum():
    """Hosts behind both ends; nothing that forwards to them computes a checksum in its device."""
    need_tools("tcpdump", "tshark")
    for masquerade in ((), ("--masquerade", "net0")):
        with make_lab(lan=True) as lab:
            for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
                lab.client.set_sysctl(key, 1)
            lab.client.set_offloads("lan0", "off")
            if not masquerade:
                lab.inet.ip("route add 192.168.1.0/24 via 198.51.100.1")
                lab.inet.ip("-6 route add fd03::/64 via 2001:db8:100::1")
            server, client = lab.start(*ROUTES, "--network", "192.168.1.0/24", "--network", "fd03::/64", gateway=masquerade,
                                       peers={"home": "10.77.0.2,fd77::2,192.168.1.0/24,fd03::/64"})
            wait_full_size(server, client)
            captures = [lab.keep(Capture(host, "eth0", lab.folder / host.short, "tcp or udp")) for host in (lab.lan, lab.inet)]
            there = [(lab.lan, lab.inet, INET_V4), (lab.lan, lab.inet, INET_V6)]
            back = [(lab.inet, lab.lan, LAN_V4), (lab.inet, lab.lan, LAN_V6)]
            transfers = there if masquerade else there + back
            for source, target, address in transfers:
                transfer(source, target, address, TRANSFER)
                for size in SIZES:
                    expect_burst(source, target, address, size, runs=3, run=RUN)
                lone_datagrams(source, target, address)
            for host, capture in zip((lab.lan, lab.inet), captures):
                packets = capture.read()
                note(f"{' '.join(masquerade) or 'routed'}: {len(packets)} packets at {host.short}")
                came = sum(int(packet.get("tcp.len") or 0) for packet in packets)
                expected = TRANSFER * sum(target is host for _, target, _ in transfers)
                expect(packets and came >= expected, f"{host.short}: {came} bytes were captured of {expected}")
                expect(not with_bad_checksum(packets), f"{host.short}: bad checksums: {with_bad_checksum(packets)[:5]}")
            left_out = server.peer()["queue"]["superseded"]
            expect(left_out > 100, f"acknowledgements that came together went as one: {left_out} were left out")
            expect_sound(client, server)


def learn_path_mtu(host, address):
    """The first fragments over IPv6 are too big for the tunnel: the gateway tells the server so."""
    host.run("ping", "-n", "-c", 1, "-W", 0.2, "-s", 3000, address, check=False)


@test
def pings_of_full_size_and_fragments_pass():
    with make_lab() as lab:
        _, client = start(lab)
        mtu = client.status()["tunnel"]["mtu"]
        for host, address in ((lab.client, INET_V4), (lab.inet, CLIENT_V4), (lab.client, INET_V6), (lab.inet, CLIENT_V6)):
            expect_ping(host, address, size=mtu)
            learn_path_mtu(host, address)
            # Twenty at once: fragments of many packets of the same two hosts.
            done = host.run("ping", "-n", "-c", 20, "-l", 20, "-W", 1, "-s", 3000, address, check=False).stdout
            expect(" 0% packet loss" in done and "wrong data" not in done, f"fragments from {host.short} to {address}: {done}")


@test
def nothing_overtakes_a_datagram_that_cannot_be_joined():
    with make_lab() as lab:
        start(lab)
        for source, target, address in ways(lab):
            learn_path_mtu(source, address)
            expect_datagrams(source, target, address, 20 * [1000, 1000, 1000, 0, 1000, 1000])
            expect_datagrams(source, target, address, 20 * [1000, 1000, 1000, 3000, 1000, 1000])


@test
def datagrams_without_checksum_keep_none():
    with make_lab() as lab:
        start(lab)
        for source, target, address in ways(lab)[:2]:
            with target:
                sink = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
            with source:
                link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            with sink, link:
                sink.settimeout(2)
                sink.bind((address, 0))
                link.setsockopt(socket.SOL_SOCKET, _SO_NO_CHECK, 1)
                sent = [number.to_bytes(4, "big") * 250 for number in range(50)]
                for payload in sent:
                    link.sendto(payload, (address, 5003))
                seen = [packet[20:] for packet in (sink.recv(2000) for _ in sent)]
            expect([datagram[8:] for datagram in seen] == sent, f"{source.short} to {target.short}: each by itself and in order")
            expect({datagram[6:8] for datagram in seen} == {bytes(2)}, f"{source.short} to {target.short}: no checksum was added")


@test
def urgent_data_stays_where_it_was_in_the_stream():
    before, after = bytes(range(256)) * 2000, bytes(reversed(range(256))) * 2000
    with make_lab() as lab:
        start(lab)
        for source, target, address in ways(lab):
            read, marks = read_urgent(source, target, address, before, after)
            expect(read == before + b"!" + after, f"{source.short} to {address}: the stream is whole")
            expect(marks == {len(before)}, f"{source.short} to {address}: the mark is at {marks}, not {len(before)}")


def read_urgent(source, target, address, before, after):
    """Sends an urgent byte between the two; what was read, and where the urgent mark was seen."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with target:
        listener = socket.create_server((address, 5004), family=family)
    with source:
        link = socket.socket(family, socket.SOCK_STREAM)
    with listener, link:
        link.settimeout(5)
        link.connect((address, 5004))
        reader = listener.accept()[0]
        sender = threading.Thread(target=send_urgent, args=(link, before, after), daemon=True)
        sender.start()
        read, marks = b"", set()
        with reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
            while True:
                expect(select.select([reader], [], [], 5)[0], f"nothing more came after {len(read)} bytes")
                if struct.unpack("=i", fcntl.ioctl(reader, _SIOCATMARK, bytes(4)))[0]:
                    marks.add(len(read))
                piece = reader.recv(1 << 16)
                if not piece:
                    break
                read += piece
        sender.join(5)
    return read, marks


def send_urgent(link, before, after):
    link.sendall(before)
    link.send(b"!", socket.MSG_OOB)
    link.sendall(after)
    link.shutdown(socket.SHUT_WR)


ANSWERS = """add table inet answers
    add counter inet answers seen
    add counter inet answers uncut
    add chain inet answers {hook} {{ type filter hook {hook} priority 0; }}
    add rule inet answers {hook} tcp flags & (syn | cwr) == cwr counter name seen meta length > 1500 counter name uncut"""


@test
def congestion_marks_pass_and_are_answered_as_often_as_the_sender_did():
    with make_lab() as lab:
        start(lab)
        for host, hook in ((lab.client, "output"), (lab.inet, "input")):
            host.set_sysctl("net.ipv4.tcp_ecn", 1)
            host.set_sysctl("net.ipv4.tcp_congestion_control", "reno")
            host.nft(ANSWERS.format(hook=hook))
        lab.client.nft("""add table inet congested
            add chain inet congested out { type filter hook output priority mangle; }
            add rule inet congested out oifname "sennit0" tcp dport 5001 ip ecn ect0 numgen inc mod 40 0 ip ecn set ce""")
        with lab.inet:
            listener = socket.create_server((INET_V4, 5005))
        with lab.client, listener, socket.create_connection((INET_V4, 5005), 5) as link:
            options = link.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 100)[_TCP_INFO_OPTIONS]
        expect(options & _TCPI_OPT_ECN, "ECN is negotiated through the tunnel")
        transfer(lab.client, lab.inet, INET_V4, 4 * TRANSFER)
        marked, told = lab.inet.counter("IpExt", "InCEPkts"), lab.client.counter("TcpExt", "TCPDeliveredCE")
        sent, heard = (host.packets_counted("inet answers seen") for host in (lab.client, lab.inet))
        uncut = lab.client.packets_counted("inet answers uncut")
        note(f"{marked} marks at the server, echoed for {told} segments, {sent} answers sent, {uncut} uncut, {heard} heard")
        expect(marked > 0 and told > 0 and uncut > 0, "marks, their echoes and answers on packets to be cut arrive")
        expect(heard == sent, "each answer arrives once")


def refusals(*endpoints):
    return [endpoint.drops().get("send_refused", 0) for endpoint in endpoints]


@test
def an_interface_that_loses_its_offloads_costs_no_packet():
    with make_lab() as lab:
        server, client = start(lab)
        for source, target, address, host, interface in sending_interfaces(lab):
            before = refusals(client, server)
            host.set_offloads(interface, "off", "tx")
            transfer(source, target, address, TRANSFER)
            expect_burst(source, target, address, 1000, runs=3, run=RUN)
            for state in ("on", "off", "on"):
                transfer(source, target, address, 4 * TRANSFER, midway=lambda s=state: host.set_offloads(interface, s, "tx"))
            after = refusals(client, server)
            expect(before == after, f"{interface}: send_refused of client and gateway grew from {before} to {after}")


@test
def a_run_that_the_kernel_refuses_goes_out_datagram_by_datagram():
    with make_lab(Line(v6=False)) as lab:
        server, client = start(lab)
        for source, target, address, host, interface in sending_interfaces(lab):
            before = refusals(client, server)
            # Not yet cut, a run is longer than any packet of the line.
            transfer(source, target, address, 4 * TRANSFER, midway=lambda: host.nft(f"""add table ip refuse
                add counter ip refuse runs
                add chain ip refuse out {{ type filter hook output priority 0; }}
                add rule ip refuse out oifname "{interface}" meta length > 1500 counter name runs drop"""))
            expect_burst(source, target, address, 1000, runs=3, run=RUN)
            refused = host.packets_counted("ip refuse runs")
            after = refusals(client, server)
            note(f"{interface}: {refused} runs were refused")
            expect(refused > 0, "the kernel refused runs")
            expect(before == after, f"{interface}: send_refused of client and gateway grew from {before} to {after}")


@test
def an_mtu_that_shrinks_under_a_transfer_does_not_end_it():
    for offload, direction in (("udp", 0), ("udp", 1), ("auto", 0), ("auto", 1)):
        with make_lab() as lab:
            endpoints = start(lab, offload, offload)
            source, target, address, host, interface = sending_interfaces(lab)[direction]
            seconds = time.monotonic()
            transfer(source, target, address, 4 * TRANSFER, midway=lambda: host.ip(f"link set {interface} mtu 1400"))
            seconds = time.monotonic() - seconds
            transfer(source, target, address, TRANSFER)
            refused, mtus = refusals(*endpoints), [endpoint.status()["tunnel"]["mtu"] for endpoint in endpoints]
            note(f"{offload}, {interface}: {seconds:.2f} s, gateway and client: send_refused {refused}, mtu {mtus}")
            expect(sum(refused) > 0, "datagrams were too big for the interface")
            for size in SIZES[:3]:
                expect_burst(source, target, address, size, runs=3, run=RUN)


@test
def four_links_together_deliver_every_byte():
    with make_lab(*[Line() for _ in range(4)]) as lab:
        _, client = start(lab)
        for source, target, address in ways(lab):
            note(f"{source.short} to {address}: {transfer(source, target, address, 4 * TRANSFER) / 1e6:.0f} Mbit/s")
        sent = {link: path["tx"]["bytes"] for link, path in client.paths().items()}
        expect(len(sent) == 4 and all(sent.values()), f"each link carries its share: {sent}")


if __name__ == "__main__":
    run_tests()
