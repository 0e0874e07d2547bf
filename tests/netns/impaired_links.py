#!/usr/bin/python3 -B
"""A bundle of bad lines on a desk: the client's links are good, and made worse on purpose.

                  eth1 10.1.1.2    +---------+ wan1
    +--------+---------------------| router1 |---------+-------------+
    | client |                     +---------+         | gateway     |
    |        |    eth2 10.1.2.2    +---------+ wan2    | 203.0.113.1 |
    +--------+---------------------| router2 |---------+-------------+
                                   +---------+
"""

import contextlib
import json

from netlab.flows import Flow
from netlab.lab import GATEWAY_V4, INNER_GATEWAY_V4, Lab, Line
from netlab.running import expect, note, run_tests, test, wait_for


@contextlib.contextmanager
def pair(*links: str):
    """A gateway and a client with two links that are up."""
    with Lab(Line(), Line()) as lab:
        _, lab.home = lab.start(links=list(links) or None)
        yield lab


def links_of(client) -> dict:
    return {link["name"]: link for link in json.loads(client.ask("link", "list", "--json").stdout)}


def rtt(client, link: str) -> float:
    return client.paths()[link]["rtt_ms"]


@test
def a_delay_of_a_link_shows_in_its_path_alone_and_goes_when_it_is_cleared():
    with pair() as lab:
        lab.home.ask("link", "set", "eth1", "impair_up=delay=30ms", "impair_down=delay=20ms")
        # An idle line is asked once a second, and its round trip is smoothed.
        wait_for(lambda: 43 < rtt(lab.home, "eth1") < 56, 25, "the path over eth1 takes 50 ms")
        expect(rtt(lab.home, "eth2") < 10, f"the other takes {rtt(lab.home, 'eth2')} ms")
        impair = links_of(lab.home)["eth1"]["impair"]
        expect(impair["up"]["set"] == {"delay_ms": 30}, f"it is listed: {impair}")
        expect(impair["up"]["achieved"]["delay_ms"] >= 30, f"with what was achieved: {impair['up']}")
        lab.home.ask("link", "set", "eth1", "impair=none")
        wait_for(lambda: rtt(lab.home, "eth1") < 10, 25, "the path over eth1 is as quick as before")
        expect(links_of(lab.home)["eth1"]["impair"] == {"down": {}, "up": {}}, "nothing is left of it")


@test
def two_links_with_rates_give_the_sum_in_both_directions():
    """The second line comes so from the command line, the first one is changed while running."""
    with pair("eth1", "eth2,impair=rate=10mbit delay=10ms") as lab:
        lab.home.ask("link", "set", "eth1", "impair=rate=10mbit delay=20ms")
        for way in ("down", "up"):
            got = Flow(lab.client, lab.gateway, INNER_GATEWAY_V4, way, 12, control="bbr").wait().rate(4, 12)
            note(f"{way}: {got:.2f} Mbit/s of 10 + 10")
            # More than one alone can; how near to the sum depends on what else the machine does.
            expect(11 <= got <= 20, f"{way} {got:.2f} Mbit/s of 20")
        achieved = links_of(lab.home)["eth1"]["impair"]["up"]["achieved"]
        expect(achieved["rate"] <= 10.1e6, f"no more than its rate passes eth1: {achieved['rate']}")


@test
def a_profile_in_the_file_holds_from_the_start():
    with Lab(Line()) as lab:
        lab.make_gateway().start().wait_ready()
        file = lab.folder / "home.toml"
        lab.key("home")
        file.write_text(f"""[client]
private_key_file = "home.key"
gateway = "{GATEWAY_V4}:6000"
gateway_public_key = "{lab.key("gateway")}"
[[link]]
interface = "eth1"
impair = "slow"
[profile.slow]
down = "delay=15ms"
up = {{ delay = "25ms", loss = "0.1%" }}
""")
        lab.home = lab.endpoint("client", "home", lab.client, "-c", file).start()
        wait_for(lambda: lab.home.is_up(1), 10, "the client is up")
        wait_for(lambda: 39 < rtt(lab.home, "eth1") < 46, 20, "the path takes 40 ms")


@test
def wrong_values_are_refused_and_change_nothing():
    with pair() as lab:
        lab.home.ask("link", "set", "eth1", "impair=delay=5ms")
        before = links_of(lab.home)["eth1"]
        for change, word in (("impair=delay=5", "delay"), ("impair_up=loss=101%", "loss"), ("impair=nosuch", "nosuch")):
            done = lab.home.ask("link", "set", "eth1", "cost=7", change, check=False)
            expect(done.returncode == 2, f"{change} leaves with {done.returncode}")
            expect(word in done.stderr and "allowed" in done.stderr, f"{change}: {done.stderr}")
        after = links_of(lab.home)["eth1"]
        expect(after["cost"] == before["cost"], "the key beside it was not applied either")
        expect(after["impair"]["up"]["set"] == {"delay_ms": 5}, f"the impairment stays: {after['impair']}")


if __name__ == "__main__":
    run_tests()
