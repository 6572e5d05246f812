"""The payload of an age v1 file: 64 KiB chunks of ChaCha20-Poly1305 (STREAM).

Source: C2SP age.md, "Payload". A chunk's nonce is an 11-byte big-endian counter and a byte that
is 1 in the last chunk only; the last chunk is empty only when the whole plaintext is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from siks_offline.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from siks_offline.crypto.stanza import Source

CHUNK = 64 * 1024
TAG = 16
NONCE = 16


def _nonce(counter: int, *, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def chunks(key: bytes, source: Source) -> Iterator[bytes]:
    """Yield each chunk's plaintext once its tag is verified, in order.

    `source.read(n)` must return n bytes except at its end. Raises BundleError: E_CORRUPT, and
    E_TRUNCATED where the missing end can be told from damage.
    """
    cipher = ChaCha20Poly1305(key)
    counter = 0
    sealed = source.read(CHUNK + TAG)
    while True:
        following = source.read(CHUNK + TAG) if len(sealed) == CHUNK + TAG else b""
        last = not following
        if len(sealed) < TAG:
            raise BundleError("E_TRUNCATED")
        if len(sealed) == TAG and counter:
            raise BundleError("E_CORRUPT")
        try:
            plain = cipher.decrypt(_nonce(counter, last=last), sealed, None)
        except InvalidTag:
            raise BundleError(_fault(cipher, counter, sealed, last=last)) from None
        yield plain
        if last:
            return
        counter += 1
        sealed = following


def _fault(cipher: ChaCha20Poly1305, counter: int, sealed: bytes, *, last: bool) -> str:
    """Name what is wrong with a chunk that its tag refuses.

    A whole inner chunk at the end of the file means that the rest is missing.
    """
    if not last:
        return "E_CORRUPT"
    try:
        cipher.decrypt(_nonce(counter, last=False), sealed, None)
    except InvalidTag:
        return "E_CORRUPT"
    return "E_TRUNCATED"


class ChunkWriter:
    """Seals what is written to it into chunks; the last one is sealed by `finish`."""

    def __init__(self, key: bytes, out: BinaryIO) -> None:
        self._cipher = ChaCha20Poly1305(key)
        self._out = out
        self._held = bytearray()  # at most one chunk waits: whether it is the last is not known yet
        self._counter = 0

    def write(self, content: bytes) -> None:
        """Take plaintext of any length."""
        rest = memoryview(content)
        if self._held:
            missing = CHUNK - len(self._held)
            self._held += rest[:missing]
            rest = rest[missing:]
            if not rest:
                return
            self._seal(self._held, last=False)
            self._held = bytearray()
        while len(rest) > CHUNK:
            self._seal(rest[:CHUNK], last=False)
            rest = rest[CHUNK:]
        self._held += rest

    def finish(self) -> None:
        """Seal the last chunk."""
        self._seal(self._held, last=True)
        self._held = bytearray()

    def _seal(self, plain: bytes | bytearray | memoryview, *, last: bool) -> None:
        write_all(self._out, self._cipher.encrypt(_nonce(self._counter, last=last), plain, None))
        self._counter += 1


def write_all(out: BinaryIO, content: bytes) -> None:
    """Write every byte; an unbuffered file may take fewer than it is given."""
    while (written := out.write(content)) < len(content):
        content = content[written:]
