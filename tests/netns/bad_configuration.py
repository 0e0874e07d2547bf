#!/usr/bin/python3 -B
"""What is wrong in a configuration is told with file, line, key and what is allowed, and nothing is changed.

    +------+
    | host |   the file is checked and refused; there is no network
    +------+
"""

import shutil
import tempfile
from pathlib import Path

from netlab import snapshot
from netlab.endpoint import environment, make_key, sennit
from netlab.namespace import Namespace
from netlab.running import SENNIT, expect, run_tests, test

KEY = "MFUd4TDdVOcqVLDbuTHqRs8ax1MZk0Fc8RD+3mmpC2c="
GATEWAY = "[gateway]\nprivate_key_file = 'a.key'\n"  # two lines
CLIENT = f"[client]\nprivate_key_file = 'a.key'\ngateway = '192.0.2.1:6000'\ngateway_public_key = '{KEY}'\n"  # four lines
LINK = "[[link]]\ninterface = 'eth0'\n"

# A file, and what is said about it behind the file's name.
CASES = [
    ("", ["1: has none of the tables that say what it configures; allowed: one of [gateway], [client] and [shaper]"]),
    ("[gateway]\n[client]\n", ["2: has both [gateway] and [client]; allowed: one of [gateway], [client] and [shaper]"]),
    (GATEWAY + "lisen = '0.0.0.0:6000'\n",
     ["3: gateway.lisen: is not a known key; did you mean 'listen'? allowed: private_key_file, listen, masquerade, workers, control, "
      "state or log_level"]),
    (GATEWAY + "[tunel]\nmtu = 1400\n",
     ["3: tunel: is not a known table; did you mean 'tunnel'? allowed: gateway, tunnel, peer, shaping, policy, device, filter or profile"]),
    (GATEWAY + "[tunnel]\nmtu = 12\n", ["4: tunnel.mtu: '12' is out of range; allowed: auto, or 576 to 65535"]),
    (GATEWAY + "[tunnel]\nmode = 'fast'\n",
     ["4: tunnel.mode: 'fast' is not a mode; allowed: aggregate, flow, redundant or failover"]),
    (GATEWAY + "[tunnel]\naddress = '10.77.0.0/24'\n",
     ["4: tunnel.address: '10.77.0.0/24' is a network, not an address in it; allowed: a unicast address with a length, as in "
      "10.77.0.1/24 or fd00::1/64"]),
    (GATEWAY + "listen = [\n  '0.0.0.0:6000',\n  'nowhere',\n]\n",
     ["5: gateway.listen: 'nowhere' is not an address with a port; allowed: ADDR:PORT or ADDR:PORT-PORT with ports 1 to 65535, "
      "at most 256 of them, IPv6 in brackets"]),
    (GATEWAY + "[[peer]]\nname = 'home'\npublic_key = 'x'\n",
     ["5: peer.public_key: 'x' is not a public key; allowed: 44 characters of base64, as `sennit pubkey` prints"]),
    (GATEWAY + f"[[peer]]\nname = 'a'\npublic_key = '{KEY}'\naddress = '10.99.0.2'\n",
     ["6: peer.address: 10.99.0.2 lies outside the tunnel's network; allowed: an address in 10.77.0.0/24, or a network behind "
      "the client in networks"]),
    (GATEWAY + f"[[peer]]\nname = 'a'\npublic_key = '{KEY}'\n[[peer]]\nname = 'b'\npublic_key = '{KEY}'\n",
     [f"8: peer.public_key: '{KEY}' belongs to the peer 'a' of line 3 already; give each its own"]),
    (GATEWAY + "[shaping]\nbackend = 'tc'\n",
     ["4: shaping.backend: tc shapes between the tunnel and another interface; name it with --masquerade IFACE"]),
    (GATEWAY + "[[device]]\nname = 'phone'\n", ["3: device.match: is missing; give an address, a network, a MAC address or default"]),
    (GATEWAY + "[[device]]\nmatch = '10.77.0.2'\ndown = 'loss=101%'\n",
     ["5: device.down: loss: '101%' is out of range; allowed: 0% to 100%, as in 0.1%"]),
    (CLIENT, ["1: client.link: is missing; add a [[link]] table to the file or give --link IFACE"]),
    (CLIENT + LINK + "up = '20mbps'\n",
     ["7: link.up: '20mbps' has the unknown unit 'mbps'; allowed: auto, or 1bit to 1000gbit with the unit bit, kbit, mbit or "
      "gbit, as in 500kbit or 1.5mbit"]),
    (CLIENT + LINK + "up = 20\n", ["7: link.up: is an integer; allowed: a string"]),
    (CLIENT + LINK + "sockets = 33\n", ["7: link.sockets: '33' is out of range; allowed: 1 to 32"]),
    (CLIENT + LINK + "backup = 'yes'\n", ["7: link.backup: is a string; allowed: true or false"]),
    (CLIENT + LINK + "[[device]]\nmatch = '192.168.1.23'\nbackend = 'tc'\n",
     ["9: device.backend: 'tc' does not run on a client; allowed: tunnel"]),
    (CLIENT + LINK + LINK, ["7: link.name: 'eth0' names two links; give each its own name"]),
    (CLIENT + "[tunnel]\nroute = ['defaut']\n" + LINK,
     ["6: tunnel.route: 'defaut' is not a network; allowed: default, or a network, as in 192.168.1.0/24 or fd00:1::/64"]),
    (CLIENT.replace("a.key", "open.key") + LINK, ["2: client.private_key_file: {folder}/open.key: others than its owner have access to "
                                           "this key; run `chmod 600 {folder}/open.key`"]),
    ("[client]\ngateway = 1\n[tunnel]\nmtu = 1\n" + LINK + "cost = -1\n",
     ["1: client.private_key_file: is missing; give it in the file or as --key FILE (`sennit keygen -o FILE` makes one)",
      "1: client.gateway_public_key: is missing; give it in the file or as --gateway-key PUBKEY",
      "2: client.gateway: is an integer; allowed: a string or an array of strings",
      "4: tunnel.mtu: '1' is out of range; allowed: auto, or 576 to 65535",
      "7: link.cost: '-1' is not a cost; allowed: 0 to 4294967295"]),
]

# Arguments of a client, and what is said about them.
WRONG_ARGUMENTS = [
    (["--link", "eth0,up=20mbps"], "--link: up: '20mbps' has the unknown unit 'mbps'; allowed: auto, or 1bit"),
    (["--link", "eth0,colour=red"], "--link: 'colour=red' is not a part of a link; allowed: IFACE[,name=NAME]"),
    (["--rout", "default"], "'--rout' is not an option of sennit client; did you mean --route? "),
    (["--mtu"], "--mtu: the value is missing; `sennit client --help` shows what is allowed"),
]


class Host:
    """A namespace and a folder with a good key and one that others can read."""

    def __enter__(self):
        self.namespace = Namespace("host")
        self.folder = Path(tempfile.mkdtemp(prefix="sennit-netns-"))
        for name in ("a", "open"):
            make_key(self.folder / f"{name}.key")
        (self.folder / "open.key").chmod(0o644)
        return self

    def __exit__(self, *_):
        self.namespace.close()
        shutil.rmtree(self.folder)


@test
def each_error_names_file_line_key_and_what_is_allowed():
    with Host() as host:
        wrong = []
        for number, (text, expected) in enumerate(CASES):
            file = host.folder / f"case{number}.toml"
            file.write_text(text)
            done = sennit("check", file, check=False)
            told = done.stderr.strip().replace("sennit: ", "").splitlines()
            wanted = [f"{file}:{line.format(folder=host.folder)}" for line in expected]
            if told != wanted or done.returncode != 2:
                wrong.append(f"case {number}, status {done.returncode}:\n    told   {told}\n    wanted {wanted}")
        expect(not wrong, f"{len(wrong)} of {len(CASES)}\n" + "\n".join(wrong))


@test
def a_bad_configuration_changes_nothing():
    with Host() as host:
        before = snapshot.take(host.namespace)
        for number, (text, _) in enumerate(CASES):
            file = host.folder / f"case{number}.toml"
            file.write_text(text)
            role = "client" if "[client]" in text else "gateway"
            state, control = host.folder / "state", host.folder / "control.sock"
            done = host.namespace.run(SENNIT, role, "-c", file, "--state", state, "--control", control, check=False,
                                      env=environment(), timeout=10)
            expect(done.returncode == 2 and done.stderr, f"case {number}: status {done.returncode}, {done.stderr}")
            expect(not control.exists(), f"case {number}: no control socket")
        snapshot.expect_same(before, snapshot.take(host.namespace), "afterwards")


@test
def wrong_arguments_are_told_likewise():
    with Host() as host:
        for arguments, expected in WRONG_ARGUMENTS:
            done = sennit("client", *arguments, check=False, cwd=host.folder)
            expect(done.returncode == 2 and expected in done.stderr, f"{arguments}: status {done.returncode}, told {done.stderr}")


@test
def a_good_file_passes_the_check():
    with Host() as host:
        for name, text in (("gateway", GATEWAY), ("client", CLIENT + LINK)):
            file = host.folder / f"{name}.toml"
            file.write_text(text)
            done = sennit("check", file, check=False)
            expect(done.returncode == 0 and done.stdout == f"{file}: ok\n" and not done.stderr, f"{name}: {done}")
        for name in ("gateway", "client", "shaper"):
            example = Path(__file__).parents[2] / "conf" / f"{name}.example.toml"
            text = example.read_text().replace("gateway.key", "a.key").replace("home.key", "a.key")
            (host.folder / example.name).write_text(text)
            done = sennit("check", host.folder / example.name, check=False)
            expect(done.returncode == 0, f"{example.name}: {done}")


@test
def a_missing_key_file_is_a_note_in_a_check_and_an_error_at_the_start():
    with Host() as host:
        file = host.folder / "client.toml"
        file.write_text(CLIENT.replace("a.key", "none.key") + LINK)
        key = host.folder / "none.key"
        done = sennit("check", file, check=False)
        note = f"note: {file}:2: client.private_key_file: {key} does not exist yet; make one there with `sennit keygen -o {key}`\n"
        expect(done.returncode == 0 and done.stdout == f"{file}: ok\n" and done.stderr == note, f"check: {done}")
        done = host.namespace.run(SENNIT, "client", "-c", file, "--state", host.folder / "state", check=False,
                                  env=environment(), timeout=10)
        error = f"{key}: cannot read the key: No such file or directory; make one with `sennit keygen -o {key}`"
        expect(done.returncode == 2 and error in done.stderr, f"client: {done}")


if __name__ == "__main__":
    run_tests()
