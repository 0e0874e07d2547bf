"""The tunnels that are compared: how each is set up on a stage. Every `start` returns the gateway's address inside the tunnel.

Rivals run as Debian ships them, with AEAD or the quickest cipher they offer, and with larger buffers where they have an option for it.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from netlab.emulated_line import CLIENT, GATEWAY
from netlab.namespace import Namespace, command
from stage import Stage

CACHE = Path(os.environ.get("SENNIT_BENCH_CACHE") or Path.home() / ".cache/sennit-bench")
_BUFFER = 4 << 20


@dataclass(frozen=True)
class Contender:
    name: str  # what the command line and the ratios call it
    label: str  # its row in the table
    start: Callable[[Stage], str]
    version: str
    ours: bool = False


def sennit(name: str, program: Path) -> Contender:
    """One build of Sennit."""
    version = command(program, "--version").stdout.split("\n")[0]
    return Contender(name, f"**Sennit {name}**", lambda stage: start_sennit(stage, program, stage.wires), version, ours=True)


def rivals() -> tuple[list[Contender], list[str]]:
    """Those that are installed, and a sentence about each that is not."""
    found, missing = [Contender("veth", "plain veth, no tunnel", lambda _: GATEWAY, "")], []
    for name, label, program, start, version in (
            ("wireguard-go", "wireguard-go with GSO/GRO", CACHE / "backports/usr/bin/wireguard-go", _start_wireguard,
             _backport_version),
            ("wireguard-go-old", "wireguard-go of bookworm", "wireguard-go", _start_wireguard, _package_version("wireguard-go")),
            ("openvpn", "OpenVPN AES-256-GCM", "openvpn", _start_openvpn, _package_version("openvpn")),
            ("tinc", "tinc aes-256-cbc, sha256", "tincd", _start_tinc, _package_version("tinc")),
            ("fastd", "fastd salsa2012+umac", "fastd", _start_fastd, _package_version("fastd"))):
        path = shutil.which(program)
        if path:
            found.append(Contender(name, label, lambda stage, path=path, start=start: start(stage, path), version()))
        else:
            missing.append(f"{name} is not installed; bench/deps.sh installs it")
    return found, missing


def _package_version(package: str) -> Callable[[], str]:
    return lambda: f"{package} {command('dpkg-query', '-W', '-f=${Version}', package, check=False).stdout}"


def _backport_version() -> str:
    return f"wireguard-go {(CACHE / 'backports/version').read_text().strip()}"


def start_sennit(stage: Stage, program: Path, links: list[str]) -> str:
    """Both ends, with these values of --link; up over all of them."""
    keys = {role: command(program, "keygen", "-o", stage.folder / f"{role}.key").stdout.strip() for role in ("gateway", "client")}
    own = {role: ["--key", stage.folder / f"{role}.key", "--control", stage.folder / f"{role}.sock",
                  "--state", stage.folder / f"{role}.state"] for role in keys}
    stage.run(stage.gateway, "gateway", program, "gateway", *own["gateway"], "--peer", f"client={keys['client']},10.77.0.2")
    stage.run(stage.client, "client", program, "client", *own["client"], "--gateway", f"{GATEWAY}:6000",
              "--gateway-key", keys["gateway"], *(word for link in links for word in ("--link", link)))
    stage.wait_until(lambda: _paths_up(program, stage.folder / "client.sock") == len(links), "all paths are up")
    return "10.77.0.1"


def _paths_up(program: Path, control: Path) -> int:
    done = command(program, "status", "--json", "--control", control, check=False)
    if done.returncode != 0:
        return 0
    return sum(path["state"] in ("up", "lossy") for peer in json.loads(done.stdout)["peers"] for path in peer["paths"])


def _start_wireguard(stage: Stage, program: str) -> str:
    """The two daemons share /var/run/wireguard, where a socket bears the interface's name."""
    ends = ((stage.gateway, "gateway", f"wgs{os.getpid()}g"), (stage.client, "client", f"wgs{os.getpid()}c"))
    public = {}
    for host, role, interface in ends:
        private = command("wg", "genkey").stdout
        (stage.folder / f"{role}.key").write_text(private)
        public[role] = command("wg", "pubkey", input=private).stdout.strip()
        stage.run(host, role, program, "--foreground", interface, LOG_LEVEL="error", WG_PROCESS_FOREGROUND="1")
    sockets = [Path(f"/var/run/wireguard/{interface}.sock") for *_, interface in ends]
    stage.wait_until(lambda: all(socket.exists() for socket in sockets), "wireguard-go is up")
    for (host, role, interface), peer, inner, rest in zip(
            ends, ("client", "gateway"), ("10.78.0.1", "10.78.0.2"), (["listen-port", 51820], [])):
        way = ["endpoint", f"{GATEWAY}:51820"] if role == "client" else []
        host.run("wg", "set", interface, "private-key", stage.folder / f"{role}.key", *rest,
                 "peer", public[peer], "allowed-ips", "10.78.0.0/24", *way)
        _address(host, interface, inner, mtu=1420)
    return "10.78.0.1"


def _start_openvpn(stage: Stage, program: str) -> str:
    for role in ("gateway", "client"):
        command("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 2,
                "-subj", f"/CN={role}", "-keyout", stage.folder / f"{role}.key", "-out", stage.folder / f"{role}.crt")
    common = ("--dev tun --proto udp --cipher AES-256-GCM --data-ciphers AES-256-GCM --tun-mtu 1500 --disable-dco --txqueuelen 1000 "
              f"--sndbuf {_BUFFER} --rcvbuf {_BUFFER}").split()
    for host, role, other, words in (
            (stage.gateway, "gateway", "client", "--lport 1194 --tls-server --dh none --ifconfig 10.79.0.1 10.79.0.2"),
            (stage.client, "client", "gateway", f"--nobind --remote {GATEWAY} 1194 --tls-client --ifconfig 10.79.0.2 10.79.0.1")):
        stage.run(host, role, program, *common, *words.split(), "--cert", stage.folder / f"{role}.crt",
                  "--key", stage.folder / f"{role}.key", "--peer-fingerprint", _fingerprint(stage.folder / f"{other}.crt"))
    return "10.79.0.1"


def _fingerprint(certificate: Path) -> str:
    return command("openssl", "x509", "-in", certificate, "-noout", "-fingerprint", "-sha256").stdout.strip().split("=")[1]


def _start_tinc(stage: Stage, program: str) -> str:
    """The cipher and digest are tinc's own choice."""
    for role, outer, inner, more in (("gateway", GATEWAY, "10.80.0.1", ""), ("client", CLIENT, "10.80.0.2", "ConnectTo = gateway\n")):
        folder = stage.folder / role
        (folder / "hosts").mkdir(parents=True)
        (folder / "tinc.conf").write_text(f"Name = {role}\nAddressFamily = ipv4\nUDPRcvBuf = {_BUFFER}\nUDPSndBuf = {_BUFFER}\n"
                                          f"ReplayWindow = 512\n{more}")
        (folder / "hosts" / role).write_text(f"Address = {outer}\nSubnet = {inner}/32\n")
        (folder / "tinc-up").write_text(f"#!/bin/sh\nip addr add {inner}/24 dev $INTERFACE\nip link set $INTERFACE up\n")
        (folder / "tinc-up").chmod(0o755)
        command(program, "-c", folder, "-K2048", stdin=subprocess.DEVNULL)
    for role, other in (("gateway", "client"), ("client", "gateway")):
        shutil.copy(stage.folder / other / "hosts" / other, stage.folder / role / "hosts")
    for host, role in ((stage.gateway, "gateway"), (stage.client, "client")):
        stage.run(host, role, program, "-c", stage.folder / role, "-D", f"--pidfile={stage.folder / role}.pid")
    return "10.80.0.1"


def _start_fastd(stage: Stage, program: str) -> str:
    """Only the client calls: fastd 22 keeps two different sessions when both ends call at the same time."""
    keys = {role: _fastd_keys(program) for role in ("gateway", "client")}
    for host, role, other, inner, remote in ((stage.gateway, "gateway", "client", "10.81.0.1", ""),
                                             (stage.client, "client", "gateway", "10.81.0.2", f"remote {GATEWAY}:10000;")):
        configuration = stage.folder / f"{role}.conf"
        configuration.write_text(f"""mode tun;
interface "fastd0";
method "salsa2012+umac";
mtu 1426;
bind any:10000;
secret "{keys[role][0]}";
on up "ip addr add {inner}/24 dev $INTERFACE; ip link set $INTERFACE up";
peer "{other}" {{ key "{keys[other][1]}"; {remote} }}
""")
        stage.run(host, role, program, "--config", configuration)
    return "10.81.0.1"


def _fastd_keys(program: str) -> tuple[str, str]:
    """A secret and its public key."""
    words = dict(line.split(": ") for line in command(program, "--generate-key").stdout.splitlines() if ": " in line)
    return words["Secret"], words["Public"]


def _address(host: Namespace, interface: str, inner: str, mtu: int) -> None:
    host.ip(f"addr add {inner}/24 dev {interface}")
    host.ip(f"link set {interface} mtu {mtu} up")
