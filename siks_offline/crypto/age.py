"""The age v1 file format: X25519 recipients and passphrases, as streams.

Source: C2SP age.md. Armor, hybrid and plugin recipients are not part of it: armor is refused,
stanzas of an unknown type are passed over. Plaintext leaves a reader only after the tag of its
chunk is verified; whoever stops before the end must not use what was read.
"""

from __future__ import annotations

import hmac
import io
import os
import re
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from siks_offline.crypto import bech32, stanza, stream
from siks_offline.crypto.stanza import Header, Pushback, Stanza
from siks_offline.errors import BundleError, SecretError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from siks_offline.crypto.stanza import Source

_X25519 = "X25519"
_SCRYPT = "scrypt"
_X25519_LABEL = b"age-encryption.org/v1/X25519"
_SCRYPT_LABEL = b"age-encryption.org/v1/scrypt"
_FILE_KEY = 16
_SALT = 16
_FIELD = 2**255 - 19
_WORK_FACTOR = re.compile(r"[1-9][0-9]*")


def _derived(secret: bytes, salt: bytes, label: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=label).derive(secret)


class Identity:
    """An X25519 secret key that opens what was sealed to its recipient."""

    __slots__ = ("_key", "_public", "recipient")

    def __init__(self, secret: bytes) -> None:
        self._key = X25519PrivateKey.from_private_bytes(secret)
        self._public = self._key.public_key().public_bytes_raw()
        self.recipient = bech32.encode("age", self._public)

    @classmethod
    def generate(cls) -> Self:
        """Return a new one."""
        return cls(os.urandom(32))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `AGE-SECRET-KEY-1...`; SecretError E_KEY_FORMAT."""
        try:
            prefix, secret = bech32.decode(text)
        except ValueError:
            raise SecretError("E_KEY_FORMAT") from None
        if prefix != "age-secret-key-" or text != text.upper() or len(secret) != 32:
            raise SecretError("E_KEY_FORMAT")
        return cls(secret)

    def __str__(self) -> str:
        return bech32.encode("age-secret-key-", self._key.private_bytes_raw()).upper()

    def __repr__(self) -> str:
        return f"Identity({self.recipient})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.recipient == other.recipient

    def __hash__(self) -> int:
        return hash(self.recipient)

    def _file_key(self, offered: Stanza) -> bytes | None:
        share = stanza.from_plain64(offered.arguments[0].encode("ascii"))
        try:
            shared = self._key.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:  # the shared secret is all zero: the share is a low-order point
            raise BundleError("E_AGE_HEADER") from None
        return _unwrapped(_derived(shared, share + self._public, _X25519_LABEL), offered.body)


def _point(recipient: str) -> bytes:
    try:
        prefix, point = bech32.decode(recipient)
    except ValueError:
        raise BundleError("E_KEY_FORMAT") from None
    if prefix != "age" or recipient != recipient.lower() or len(point) != 32:
        raise BundleError("E_KEY_FORMAT")
    return point


def check_recipient(text: str) -> None:
    """Refuse a recipient that nobody, or everybody, could open files of.

    Raises BundleError: E_KEY_FORMAT when it is no `age1...` text, E_KEY_WEAK for a low-order point
    (RFC 7748 section 6.1) and for a coordinate that is not written in its one canonical way.
    """
    point = _point(text)
    if int.from_bytes(point, "little") >= _FIELD:
        raise BundleError("E_KEY_WEAK")
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(point))
    except ValueError:
        raise BundleError("E_KEY_WEAK") from None


# --- writing -------------------------------------------------------------------------------------


def _wrapped_for(recipient: str, file_key: bytes) -> Stanza:
    check_recipient(recipient)
    point = _point(recipient)
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(point))
    key = _derived(shared, share + point, _X25519_LABEL)
    body = ChaCha20Poly1305(key).encrypt(bytes(12), file_key, None)
    return Stanza(_X25519, (stanza.plain64(share).decode("ascii"),), body)


def _wrapped_with(passphrase: str, file_key: bytes, work_factor: int) -> Stanza:
    salt = os.urandom(_SALT)
    key = _stretched(passphrase, salt, work_factor)
    body = ChaCha20Poly1305(key).encrypt(bytes(12), file_key, None)
    return Stanza(_SCRYPT, (stanza.plain64(salt).decode("ascii"), str(work_factor)), body)


def _stretched(passphrase: str, salt: bytes, work_factor: int) -> bytes:
    scrypt = Scrypt(salt=_SCRYPT_LABEL + salt, length=32, n=2**work_factor, r=8, p=1)
    try:
        return scrypt.derive(passphrase.encode("utf-8"))
    except MemoryError:
        raise SecretError("E_MEMORY", megabita=2**work_factor // 1024) from None


class SealWriter:
    """Encrypts what is written to it; only `close` makes the file whole.

    As a context manager it closes at the end of the block, but not when the block raised: what was
    written then stays a truncated file that no reader accepts. `out` is left open.
    """

    def __init__(self, out: BinaryIO, file_key: bytes, stanzas: tuple[Stanza, ...]) -> None:
        header = stanza.written(stanzas)
        mac = hmac.digest(_derived(file_key, b"", b"header"), header, "sha256")
        nonce = os.urandom(stream.NONCE)
        stream.write_all(out, header + b" " + stanza.plain64(mac) + b"\n" + nonce)
        self._chunks = stream.ChunkWriter(_derived(file_key, nonce, b"payload"), out)
        self._closed = False

    def write(self, content: bytes) -> int:
        """Take plaintext of any length and return that length."""
        if self._closed:
            raise ValueError("written to after close")
        self._chunks.write(content)
        return len(content)

    def close(self) -> None:
        """Seal the last chunk; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._chunks.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        if kind is None:
            self.close()


def seal(out: BinaryIO, recipients: Sequence[str]) -> SealWriter:
    """Write the header for these `age1...` recipients and return the writer of the plaintext.

    Raises BundleError E_KEY_FORMAT, E_KEY_WEAK; ValueError for no recipients at all.
    """
    if not recipients:
        raise ValueError("no recipients")
    file_key = os.urandom(_FILE_KEY)
    return SealWriter(out, file_key, tuple(_wrapped_for(one, file_key) for one in recipients))


def encrypt(plain: bytes, recipients: Sequence[str]) -> bytes:
    """Return the age file of a short plaintext."""
    out = io.BytesIO()
    with seal(out, recipients) as writer:
        writer.write(plain)
    return out.getvalue()


def encrypt_with_passphrase(plain: bytes, passphrase: str, work_factor: int = 17) -> bytes:
    """Return the age file of a short plaintext that a passphrase opens; scrypt N = 2^work_factor.

    The passphrase is taken as it stands, as `age -p` takes it.
    """
    file_key = os.urandom(_FILE_KEY)
    out = io.BytesIO()
    offered = _wrapped_with(passphrase, file_key, work_factor)
    with SealWriter(out, file_key, (offered,)) as writer:
        writer.write(plain)
    return out.getvalue()


# --- reading -------------------------------------------------------------------------------------


def _unwrapped(key: bytes, body: bytes) -> bytes | None:
    try:
        return ChaCha20Poly1305(key).decrypt(bytes(12), body, None)
    except InvalidTag:
        return None


def _check_form(header: Header) -> None:
    """Refuse stanzas of the types we know that are not written as their type asks."""
    for offered in header.stanzas:
        count = {_X25519: 1, _SCRYPT: 2}.get(offered.kind)
        if count is None:
            continue
        if len(offered.arguments) != count or len(offered.body) != _FILE_KEY + stream.TAG:
            raise BundleError("E_AGE_HEADER")
        try:
            first = stanza.from_plain64(offered.arguments[0].encode("ascii"))
        except ValueError:
            raise BundleError("E_AGE_HEADER") from None
        if len(first) != (32 if offered.kind == _X25519 else _SALT):
            raise BundleError("E_AGE_HEADER")
        if offered.kind == _SCRYPT and (
            len(header.stanzas) > 1 or not _WORK_FACTOR.fullmatch(offered.arguments[1])
        ):
            raise BundleError("E_AGE_HEADER")


def _work_factor(offered: Stanza) -> int:
    """Return the work factor of a scrypt stanza, capped: a number of any length is compared."""
    text = offered.arguments[1]
    return int(text) if len(text) < 4 else 9999


def _read_header(source: Source) -> tuple[Header, Pushback]:
    lines = Pushback(source)
    header = stanza.read(lines)
    _check_form(header)
    return header, lines


def stanza_types(source: Source) -> tuple[str, ...]:
    """Return the types of a file's stanzas in order; no key is needed and nothing is verified.

    Raises BundleError: E_NOT_BUNDLE, E_ARMORED, E_AGE_VERSION, E_AGE_HEADER.
    """
    header, _ = _read_header(source)
    return tuple(offered.kind for offered in header.stanzas)


class UnsealReader:
    """The verified plaintext of an age file, forward only.

    `stanzas` are the types in the header, `identity` the one that opened it (None: a passphrase).
    A fault is raised again at every later read: after it there is nothing more to have.
    """

    def __init__(
        self,
        file_key: bytes,
        header: Header,
        source: Pushback,
        identity: Identity | None,
    ) -> None:
        mac = hmac.digest(_derived(file_key, b"", b"header"), header.signed, "sha256")
        if not hmac.compare_digest(mac, header.mac):
            raise BundleError("E_AGE_MAC")
        nonce = source.read(stream.NONCE)
        if len(nonce) != stream.NONCE:
            raise BundleError("E_AGE_HEADER")
        self.stanzas = tuple(offered.kind for offered in header.stanzas)
        self.identity = identity
        self._chunks = stream.chunks(_derived(file_key, nonce, b"payload"), source)
        self._held = memoryview(b"")
        self._fault: BundleError | None = None

    def _next(self) -> bytes:
        if self._fault is not None:
            raise self._fault
        try:
            return next(self._chunks, b"")
        except BundleError as fault:
            self._fault = fault
            raise

    def read(self, size: int = -1, /) -> bytes:
        """Return exactly `size` bytes, fewer only at the verified end; all that is left for -1.

        Raises BundleError: E_CORRUPT, E_TRUNCATED.
        """
        if size < 0:
            return b"".join(self)
        if size <= len(self._held):
            taken, self._held = self._held[:size], self._held[size:]
            return bytes(taken)
        parts = [self._held]
        missing = size - len(self._held)
        self._held = memoryview(b"")
        while missing and (chunk := memoryview(self._next())):
            parts.append(chunk[:missing])
            self._held = chunk[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)

    def __iter__(self) -> Iterator[bytes]:
        """Yield what is left, a verified chunk at a time."""
        if self._held:
            held, self._held = bytes(self._held), memoryview(b"")
            yield held
        while chunk := self._next():
            yield chunk


def _opened(
    header: Header, identities: Sequence[Identity], passphrases: Sequence[str], highest: int
) -> tuple[bytes, Identity | None]:
    """Return the file key and the identity that yielded it."""
    for offered in header.stanzas:
        if offered.kind == _X25519:
            for identity in identities:
                if (file_key := identity._file_key(offered)) is not None:
                    return file_key, identity
        elif offered.kind == _SCRYPT and passphrases:
            work_factor = _work_factor(offered)
            if work_factor > highest:
                raise BundleError("E_AGE_HEADER")
            salt = stanza.from_plain64(offered.arguments[0].encode("ascii"))
            for passphrase in passphrases:
                key = _stretched(passphrase, salt, work_factor)
                if (file_key := _unwrapped(key, offered.body)) is not None:
                    return file_key, None
    raise BundleError("E_NOT_FOR_US")


def unseal(
    source: Source,
    identities: Sequence[Identity],
    passphrases: Sequence[str] = (),
    *,
    highest_work_factor: int = 22,
) -> UnsealReader:
    """Verify a file's header with our keys and return the reader of its plaintext.

    `source` needs only `read`, and is read to its end: bytes after the last chunk are a fault.
    Without passphrases scrypt never runs. Raises BundleError: E_NOT_BUNDLE, E_ARMORED,
    E_AGE_VERSION, E_AGE_HEADER, E_NOT_FOR_US, E_AGE_MAC.
    """
    header, lines = _read_header(source)
    file_key, identity = _opened(header, identities, passphrases, highest_work_factor)
    return UnsealReader(file_key, header, lines, identity)


def decrypt(data: bytes, identities: Sequence[Identity]) -> bytes:
    """Return the whole plaintext of a short file, or raise as `unseal` and its reader do."""
    return unseal(io.BytesIO(data), identities).read()


def decrypt_with_passphrase(
    data: bytes, passphrase: str, *, lowest: int = 16, highest: int = 20
) -> bytes:
    """Return the whole plaintext of a short file that one passphrase opens.

    Raises SecretError E_KEYSTORE_PARAM before scrypt runs when the work factor is out of bounds,
    E_PASSPHRASE when the passphrase does not open it, and BundleError when the file is damaged.
    """
    header, lines = _read_header(io.BytesIO(data))
    if header.stanzas[0].kind != _SCRYPT:
        raise BundleError("E_AGE_HEADER")
    if not lowest <= _work_factor(header.stanzas[0]) <= highest:
        raise SecretError("E_KEYSTORE_PARAM")
    try:
        file_key, _ = _opened(header, (), (passphrase,), highest)
    except BundleError as fault:
        if fault.code == "E_NOT_FOR_US":
            raise SecretError("E_PASSPHRASE") from None
        raise
    return UnsealReader(file_key, header, lines, None).read()
