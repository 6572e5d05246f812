"""Ed25519 signatures in the SSHSIG format, as `ssh-keygen -Y sign` writes them.

Source: OpenSSH PROTOCOL.sshsig; BUNDLE profile: only ssh-ed25519 and sha512, reserved empty,
canonical base64 in 70 columns, nothing before or after. Ed25519 of RFC 8032 comes from
`cryptography`; the points that it would let pass are refused here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import struct
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from siks_offline.errors import BundleError

LIMIT = 4 * 1024
_BEGIN = b"-----BEGIN SSH SIGNATURE-----\n"
_END = b"-----END SSH SIGNATURE-----\n"
_COLUMNS = 70
_PREAMBLE = b"SSHSIG"
_ALGORITHM = b"ssh-ed25519"
_HASH = b"sha512"

_FIELD = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _FIELD) % _FIELD
_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
# y of every point whose order divides 8; the sign of x does not change the order
_LOW_ORDER = frozenset({0, 1, _FIELD - 1, _ORDER_8, _FIELD - _ORDER_8})


def _string(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def _public_blob(public: bytes) -> bytes:
    return _string(_ALGORITHM) + _string(public)


def _signed(message: bytes, namespace: str) -> bytes:
    """Return the bytes that the key signs: never the message itself."""
    digest = hashlib.sha512(message).digest()
    return (
        _PREAMBLE
        + _string(namespace.encode("ascii"))
        + _string(b"")
        + _string(_HASH)
        + _string(digest)
    )


def check_public(public: bytes) -> None:
    """Refuse a key under which anybody could sign, or that has two spellings.

    Raises BundleError E_KEY_WEAK for low-order points, a y not below 2^255 - 19, and bytes that are
    no point of the curve; E_KEY_FORMAT for another length than 32.
    """
    if len(public) != 32:
        raise BundleError("E_KEY_FORMAT")
    y = int.from_bytes(public, "little") & (1 << 255) - 1
    if y >= _FIELD or y in _LOW_ORDER or not _on_curve(y):
        raise BundleError("E_KEY_WEAK")


def _on_curve(y: int) -> bool:
    """Whether x^2 = (y^2 - 1) / (d y^2 + 1) has a root (RFC 8032 section 5.1.3)."""
    square = y * y % _FIELD
    x_square = (square - 1) * pow(_D * square + 1, -1, _FIELD) % _FIELD
    return pow(x_square, (_FIELD - 1) // 2, _FIELD) == 1


class SigningKey:
    """An Ed25519 secret key; `public` is its 32 bytes, `seed` the secret 32."""

    __slots__ = ("_key", "public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> Self:
        """Return a new one."""
        return cls.from_seed(os.urandom(32))

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Return the key of a 32-byte seed."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def seed(self) -> bytes:
        """The secret 32 bytes."""
        return self._key.private_bytes_raw()

    def __repr__(self) -> str:
        return f"SigningKey({fingerprint(self.public)})"

    def sign(self, message: bytes, namespace: str) -> bytes:
        """Return the signature file over a message; the same input gives the same bytes."""
        raw = self._key.sign(_signed(message, namespace))
        blob = (
            _PREAMBLE
            + struct.pack(">I", 1)
            + _string(_public_blob(self.public))
            + _string(namespace.encode("ascii"))
            + _string(b"")
            + _string(_HASH)
            + _string(_string(_ALGORITHM) + _string(raw))
        )
        return _armored(blob)


def _armored(blob: bytes) -> bytes:
    text = base64.b64encode(blob)
    lines = [text[at : at + _COLUMNS] + b"\n" for at in range(0, len(text), _COLUMNS)]
    return _BEGIN + b"".join(lines) + _END


@dataclass(frozen=True, slots=True)
class Signature:
    """A parsed signature that nothing is known about yet; `raw` is R and S, 64 bytes."""

    public: bytes
    namespace: str
    raw: bytes


class _Fields:
    """Takes the fields of a blob one by one, naming the one that is wrong."""

    def __init__(self, blob: bytes) -> None:
        self._rest = blob

    def take(self, size: int, field: str) -> bytes:
        if len(self._rest) < size:
            raise _format(field)
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def string(self, field: str) -> bytes:
        return self.take(int.from_bytes(self.take(4, field), "big"), field)

    def expect(self, expected: bytes, field: str) -> None:
        if self.string(field) != expected:
            raise _format(field)

    def end(self, field: str) -> None:
        if self._rest:
            raise _format(field)


def _format(field: str) -> BundleError:
    return BundleError("E_SIG_FORMAT", bagian=field)


def parse(data: bytes) -> Signature:
    """Read a signature file strictly; nothing is verified.

    Raises BundleError E_SIG_FORMAT with the part that is wrong as the fact `bagian`.
    """
    if len(data) > LIMIT:
        raise _format("panjang")
    if not data.startswith(_BEGIN) or not data.endswith(b"\n" + _END):
        raise _format("bingkai")
    try:
        text = data[len(_BEGIN) : -len(_END)].replace(b"\n", b"")
        blob = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise _format("base64") from None
    if _armored(blob) != data:
        raise _format("base64")
    fields = _Fields(blob)
    if fields.take(6, "pembuka") != _PREAMBLE:
        raise _format("pembuka")
    if fields.take(4, "versi") != b"\0\0\0\1":
        raise _format("versi")
    public = _key_string(fields.string("kunci"), "kunci", 32)
    namespace = fields.string("ruang nama")
    if not namespace or not all(33 <= code <= 126 for code in namespace):
        raise _format("ruang nama")
    fields.expect(b"", "cadangan")
    fields.expect(_HASH, "hash")
    raw = _key_string(fields.string("tanda tangan"), "tanda tangan", 64)
    fields.end("sisa")
    return Signature(public, namespace.decode("ascii"), raw)


def _key_string(content: bytes, field: str, size: int) -> bytes:
    fields = _Fields(content)
    fields.expect(_ALGORITHM, field)
    inner = fields.string(field)
    fields.end(field)
    if len(inner) != size:
        raise _format(field)
    return inner


def verify(signature: Signature, message: bytes) -> None:
    """Check that the key of the signature signed this message under its namespace.

    Raises BundleError E_KEY_WEAK, or E_SIG_BAD: also for S not below the group's order and for an R
    with a y not below 2^255 - 19 (RFC 8032 section 5.1.7, strictly).
    """
    check_public(signature.public)
    r_y = int.from_bytes(signature.raw[:32], "little") & (1 << 255) - 1
    s = int.from_bytes(signature.raw[32:], "little")
    if r_y >= _FIELD or s >= _ORDER:
        raise BundleError("E_SIG_BAD")
    key = Ed25519PublicKey.from_public_bytes(signature.public)
    try:
        key.verify(signature.raw, _signed(message, signature.namespace))
    except InvalidSignature:
        raise BundleError("E_SIG_BAD") from None


def fingerprint(public: bytes) -> str:
    """Return `SHA256:...` as `ssh-keygen -l` shows it."""
    digest = hashlib.sha256(_public_blob(public)).digest()
    return "SHA256:" + base64.b64encode(digest).rstrip(b"=").decode("ascii")


def openssh(public: bytes) -> str:
    """Return `ssh-ed25519 AAAA...` as it stands in a public key file."""
    return "ssh-ed25519 " + base64.b64encode(_public_blob(public)).decode("ascii")


def from_openssh(text: str) -> bytes:
    """Return the 32 bytes of `ssh-ed25519 AAAA... [comment]`; BundleError E_KEY_FORMAT."""
    words = text.split(maxsplit=2)
    try:
        public = base64.b64decode(words[1], validate=True)[-32:]
    except (IndexError, ValueError):
        raise BundleError("E_KEY_FORMAT") from None
    if words[:2] != openssh(public).split() or len(public) != 32:
        raise BundleError("E_KEY_FORMAT")
    return public
