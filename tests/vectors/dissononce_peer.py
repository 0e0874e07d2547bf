"""One end of a Noise handshake, by dissononce: an implementation that shares no code with Sennit.

Debian packages it for the system's interpreter (python3-dissononce), so the scripts name /usr/bin/python3.
"""

from vector_file import skip

try:
    from dissononce.cipher.chachapoly import ChaChaPolyCipher
    from dissononce.dh.x25519.private import PrivateKey
    from dissononce.dh.x25519.x25519 import X25519DH
    from dissononce.extras.dh.dangerous.dh_nogen import NoGenDH
    from dissononce.hash.blake2b import Blake2bHash
    from dissononce.processing.handshakepatterns.interactive.IK import IKHandshakePattern
    from dissononce.processing.impl.cipherstate import CipherState
    from dissononce.processing.impl.handshakestate import HandshakeState
    from dissononce.processing.impl.symmetricstate import SymmetricState
    from dissononce.processing.modifiers.psk import PSKPatternModifier
except ImportError as missing:
    skip(f"{missing} (install python3-dissononce and use /usr/bin/python3)")


def public_key(private):
    """The X25519 public key of 32 private bytes."""
    return X25519DH().generate_keypair(PrivateKey(private)).public.data


class DissononcePeer:
    """IK without a pre-shared key, IKpsk2 with one; 25519, ChaChaPoly, BLAKE2b."""

    def __init__(self, prologue, static, psk, ephemeral, remote_static=None):
        """`remote_static` is known to the initiator alone: giving it chooses the role."""
        curve = X25519DH()
        symmetric = SymmetricState(CipherState(ChaChaPolyCipher()), Blake2bHash())
        self.noise = HandshakeState(symmetric, NoGenDH(curve, PrivateKey(ephemeral)))
        pattern = IKHandshakePattern()
        self.noise.initialize(
            pattern if psk is None else PSKPatternModifier(2).modify(pattern),
            remote_static is not None,
            prologue,
            s=curve.generate_keypair(PrivateKey(static)),
            rs=None if remote_static is None else curve.create_public(remote_static),
            psks=None if psk is None else [psk],
        )
        self.ciphers = None

    def write(self, payload):
        """The next handshake message."""
        message = bytearray()
        self.ciphers = self.noise.write_message(payload, message)
        return bytes(message)

    def read(self, message):
        """The payload of the other end's message; dissononce raises when it is not authentic."""
        payload = bytearray()
        self.ciphers = self.noise.read_message(message, payload)
        return bytes(payload)

    def keys(self):
        """After the handshake: the two keys of Split(). dissononce shows them nowhere else."""
        return [cipher._key for cipher in self.ciphers]

    def handshake_hash(self):
        return self.noise.symmetricstate.get_handshake_hash()

    def remote_static(self):
        return self.noise.rs.data
