#!/usr/bin/python3 -B
"""What lies behind the two ends: a LAN behind the client, the internet behind the gateway.

                     +--------+ eth1   +---------+   wan1 +-------------+
    +-----+      lan0|        |--------| router1 |--------|             | net0 198.51.100.1        +------+
    | lan |----------| client |        +---------+        |   gateway   |--------------------------| inet |
    +-----+          |        | eth2   +---------+   wan2 | 203.0.113.1 |          198.51.100.2    +------+
    192.168.1.23     |        |--------| router2 |--------|             |     knows no inner address
                     +--------+        +---------+        +-------------+
"""

from netlab.lab import GATEWAY_V4, INET_V4, INET_V6, INNER_GATEWAY_V4, LAN_V4, LAN_V6, Lab, Line
from netlab.running import expect, note, run_tests, test
from netlab.traffic import Echo, datagrams_answered, expect_ping, ping, transfer

LANS = "192.168.1.0/24,fd03::/64"


def forward(host):
    host.set_sysctl("net.ipv4.ip_forward", 1)
    host.set_sysctl("net.ipv6.conf.all.forwarding", 1)


@test
def a_lan_behind_the_client_is_reached_through_the_tunnel():
    with Lab(lan=True) as lab:
        forward(lab.client)
        lab.start("--network", "192.168.1.0/24", "--network", "fd03::/64", peers={"home": f"10.77.0.2,fd77::2,{LANS}"})
        for address in (LAN_V4, LAN_V6):
            expect_ping(lab.gateway, address)
            transfer(lab.gateway, lab.lan, address, 1_000_000)
        for address in (INNER_GATEWAY_V4, "fd77::1"):
            transfer(lab.lan, lab.gateway, address, 1_000_000)


@test
def a_network_that_the_gateway_does_not_allow_is_not_routed():
    with Lab(lan=True) as lab:
        forward(lab.client)
        server, _ = lab.start("--network", "192.168.1.0/24")
        expect_ping(lab.client, INNER_GATEWAY_V4)
        expect(not ping(lab.gateway, LAN_V4, wait=0.5), "nothing leads to the LAN")
        expect(not ping(lab.lan, INNER_GATEWAY_V4, wait=0.5), "and nothing comes from it")
        expect(server.drops().get("source_not_allowed", 0) > 0, f"which is counted: {server.drops()}")


@test
def a_default_route_leads_everything_but_the_tunnel_through_the_tunnel():
    with Lab(Line(), Line(), inet=True, lan=True) as lab:
        forward(lab.client)
        _, client = lab.start("--route", "default", "--network", "192.168.1.0/24", gateway=("--masquerade", "net0"),
                              peers={"home": f"10.77.0.2,fd77::2,192.168.1.0/24"})
        seen = lab.keep(Echo(lab.inet, INET_V4))
        expect_ping(lab.client, INET_V4)
        expect_ping(lab.client, INET_V6)
        expect(datagrams_answered(lab.client, seen, [10, 1000]) == 2, "UDP reaches the internet")
        expect(datagrams_answered(lab.lan, seen, [20, 1200]) == 2, "UDP of the LAN reaches the internet")
        expect(seen.senders == {"198.51.100.1"}, f"the internet sees the gateway's address only: {seen.senders}")
        note(f"TCP from the LAN: {transfer(lab.lan, lab.inet, INET_V4, 4_000_000) / 1e6:.0f} Mbit/s")
        routed = lab.client.ip_json(f"route get {GATEWAY_V4} oif eth2")[0]
        expect(routed["dev"] == "eth2", f"the tunnel's own packets keep to their link: {routed}")
        before = {link: path["tx"]["bytes"] for link, path in client.paths().items()}
        transfer(lab.client, lab.inet, INET_V4, 4_000_000)
        sent = {link: path["tx"]["bytes"] - before[link] for link, path in client.paths().items()}
        expect(4_000_000 < sum(sent.values()) < 4_800_000, f"each byte left once: {sent}")


@test
def a_route_leads_only_its_prefix_through_the_tunnel():
    with Lab(inet=True) as lab:
        lab.start("--route", "198.51.100.0/24", gateway=("--masquerade", "net0"))
        expect_ping(lab.client, INET_V4)
        expect(lab.client.ip_json(f"route get {INET_V4}")[0]["dev"] == "sennit0", "the prefix is routed")
        expect(lab.client.ip_json("route get 192.0.2.1")[0]["dev"] == "eth1", "nothing else is")


@test
def tcp_that_crosses_gets_segments_that_fit():
    with Lab(inet=True, lan=True) as lab:
        forward(lab.client)
        lab.start("--route", "default", gateway=("--masquerade", "net0"), peers={"home": f"10.77.0.2,fd77::2,{LANS}"})
        # Nobody learns a path MTU by ICMP here: only the segment size that both ends are told keeps packets small enough.
        for host in (lab.client, lab.gateway):
            host.nft("""add table inet quiet
                add chain inet quiet out { type filter hook output priority 0; }
                add rule inet quiet out icmp type destination-unreachable drop
                add rule inet quiet out icmpv6 type packet-too-big drop""")
        lab.lan.set_sysctl("net.ipv4.tcp_mtu_probing", 0)
        transfer(lab.lan, lab.inet, INET_V4, 2_000_000)
        lab.inet.ip("route add 192.168.1.0/24 via 198.51.100.1")
        transfer(lab.inet, lab.lan, LAN_V4, 2_000_000)


if __name__ == "__main__":
    run_tests()
