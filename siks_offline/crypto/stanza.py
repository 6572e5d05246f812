"""The header of an age v1 file: stanzas and the line of its MAC, read strictly.

Source: C2SP age.md, "Header". Nothing is decrypted here.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siks_offline.errors import BundleError

if TYPE_CHECKING:
    from typing import Protocol

    class Source(Protocol):
        """Anything bytes are read from, forward only."""

        def read(self, size: int, /) -> bytes:
            """Return at most `size` bytes; none at the end."""


MAGIC = b"age-encryption.org/v1"
HEADER_LIMIT = 32 * 1024
_ARMOR = b"-----BEGIN AGE ENCRYPTED FILE-----"
_FAMILY = b"age-encryption.org/"
_COLUMNS = 64


@dataclass(frozen=True, slots=True)
class Stanza:
    """One way to the file key: a type, its arguments and a body."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """A whole header; `signed` is what the MAC covers, from the first byte to `---`."""

    stanzas: tuple[Stanza, ...]
    signed: bytes
    mac: bytes


def plain64(content: bytes) -> bytes:
    """Base64 without padding."""
    return base64.b64encode(content).rstrip(b"=")


def from_plain64(text: bytes) -> bytes:
    """Decode base64 without padding; ValueError unless it is the one way to write the bytes."""
    try:
        content = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise ValueError("base64") from None
    if plain64(content) != text:
        raise ValueError("base64")
    return content


def written(stanzas: tuple[Stanza, ...]) -> bytes:
    """Return the header of these stanzas up to and including the `---` that the MAC follows."""
    lines = [MAGIC]
    for stanza in stanzas:
        lines.append(" ".join(("->", stanza.kind, *stanza.arguments)).encode("ascii"))
        body = plain64(stanza.body)
        lines += [body[at : at + _COLUMNS] for at in range(0, len(body) + 1, _COLUMNS)]
    return b"\n".join(lines) + b"\n---"


class Pushback:
    """A source whose lines are taken first; what was read too far comes back as ordinary bytes."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._held = bytearray()
        self.taken = bytearray()  # every byte handed out as a line so far

    def peek(self, size: int) -> bytes:
        """Look at up to `size` bytes without taking them."""
        while len(self._held) < size:
            more = self._source.read(max(size - len(self._held), 4096))
            if not more:
                break
            self._held += more
        return bytes(self._held[:size])

    def line(self) -> bytes:
        """Take one line without its LF; E_AGE_HEADER when the header ends or grows too long."""
        end, looked = -1, 0
        while end < 0:
            end = self._held.find(b"\n", looked)
            if end < 0:
                looked = len(self._held)
                if len(self.taken) + looked > HEADER_LIMIT:
                    break
                more = self._source.read(4096)
                if not more:
                    break
                self._held += more
        if end < 0 or len(self.taken) + end + 1 > HEADER_LIMIT:
            raise BundleError("E_AGE_HEADER")
        line = bytes(self._held[:end])
        self.taken += self._held[: end + 1]
        del self._held[: end + 1]
        return line

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes, fewer only at the end of the source."""
        if not self._held:
            first = self._source.read(size)
            if len(first) == size or not first:
                return first
            self._held += first
        while len(self._held) < size:
            more = self._source.read(size - len(self._held))
            if not more:
                break
            self._held += more
        content = bytes(self._held[:size])
        del self._held[:size]
        return content


def _body(lines: Pushback) -> bytes:
    text = b""
    while True:
        line = lines.line()
        if len(line) > _COLUMNS:
            raise BundleError("E_AGE_HEADER")
        text += line
        if len(line) < _COLUMNS:
            return from_plain64(text)


def _stanza(line: bytes, lines: Pushback) -> Stanza:
    words = line[3:].split(b" ")
    if not all(word and all(33 <= code <= 126 for code in word) for word in words):
        raise BundleError("E_AGE_HEADER")
    kind, *arguments = (word.decode("ascii") for word in words)
    return Stanza(kind, tuple(arguments), _body(lines))


def read(lines: Pushback) -> Header:
    """Take the header off a source, leaving it at the first byte of the payload.

    Raises BundleError: E_NOT_BUNDLE, E_ARMORED, E_AGE_VERSION, E_AGE_HEADER.
    """
    start = lines.peek(1024)
    if start.lstrip(b" \t\r\n").startswith(_ARMOR):
        raise BundleError("E_ARMORED")
    if not start.startswith(_FAMILY):
        raise BundleError("E_NOT_BUNDLE")
    version = lines.line()
    if version != MAGIC:
        raise BundleError("E_AGE_HEADER" if version == MAGIC + b"\r" else "E_AGE_VERSION")
    stanzas: list[Stanza] = []
    try:
        while (line := lines.line()).startswith(b"-> "):
            stanzas.append(_stanza(line, lines))
        if not stanzas or not line.startswith(b"--- "):
            raise BundleError("E_AGE_HEADER")
        mac = from_plain64(line[4:])
    except ValueError:
        raise BundleError("E_AGE_HEADER") from None
    if len(mac) != 32:
        raise BundleError("E_AGE_HEADER")
    return Header(tuple(stanzas), bytes(lines.taken[: -len(line) - 1]) + b"---", mac)
