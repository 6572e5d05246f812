"""The plaintext of a bundle, walked once from its first byte to its proven end.

The writer walks what it writes with the same code that the reader walks what it receives with.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline.crypto import sshsig
from siks_offline.errors import BundleError
from siks_offline.export import archive, manifest
from siks_offline.export.keyset import SignedKeySet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from siks_offline.export.staging import Staging
    from siks_offline.progress import Progress

MANIFEST, SIGNATURE = "manifest.json", "manifest.json.sig"
KEYSET, KEYSET_SIGNATURE = "keyset.json", "keyset.json.sig"
KEYSET_SECOND = "keyset.json.sig2"


@dataclass(frozen=True, slots=True)
class Head:
    """The first two entries: the manifest's raw bytes and its signature, not yet judged."""

    raw: bytes
    signature: sshsig.Signature

    @property
    def sha256(self) -> str:
        """Of the manifest's bytes: the bundle's identity in chains and receipts."""
        return hashlib.sha256(self.raw).hexdigest()


class Walk:
    """One forward pass: `head`, then perhaps `keyset`, then `entries`; each once, in this order."""

    def __init__(self, source: archive.Source) -> None:
        self._archive = archive.ArchiveReader(source, "E_ZIP_PROFILE")
        self._ahead: archive.Header | None = None
        self._peeked = False

    def head(self) -> Head:
        """Read the manifest and its signature; nothing is verified, the manifest not parsed.

        Raises BundleError E_ZIP_PROFILE, E_ENTRY_ORDER, E_TOO_LARGE, E_SIG_FORMAT.
        """
        raw = self._named(MANIFEST, manifest.LARGEST_MANIFEST)
        signature = self._named(SIGNATURE, manifest.LARGEST_SIGNATURE)
        return Head(raw, sshsig.parse(signature))

    def keyset(self) -> SignedKeySet | None:
        """Read the carried key set, if there is one; nothing is verified."""
        raw = self._perhaps(KEYSET, manifest.LARGEST_KEYSET)
        if raw is None:
            return None
        signature = self._named(KEYSET_SIGNATURE, manifest.LARGEST_SIGNATURE)
        second = self._perhaps(KEYSET_SECOND, manifest.LARGEST_SIGNATURE)
        return SignedKeySet(raw, signature, second or b"")

    def entries(self, of: Mapping[str, Any], staging: Staging | None, progress: Progress) -> None:
        """Hold the rest against a manifest of good signature; stage the packed bytes.

        Progress counts entries. Raises BundleError E_ENTRY_NAME, E_ENTRY_MISSING, E_ENTRY_EXTRA,
        E_ENTRY_SIZE, E_ENTRY_RATIO, E_ENTRY_HASH, E_ZIP_STRUCTURE.
        """
        expected = of["entries"]
        paths = {entry["path"] for entry in expected}
        seen: set[str] = set()
        for done, entry in enumerate(expected):
            progress(done, len(expected))
            header = self._next()
            if header is None:
                raise BundleError("E_ENTRY_MISSING", entri=entry["path"])
            if header.name != entry["path"]:
                raise _unexpected(header.name, entry["path"], paths - seen)
            seen.add(header.name)
            self._entry(header, entry, staging)
        extra = self._next()
        if extra is not None:
            raise _unexpected(extra.name, "", set())
        progress(len(expected), len(expected))

    def _peek(self) -> None:
        if not self._peeked:
            self._archive.code = "E_ZIP_STRUCTURE"
            self._ahead = self._archive.next()
            self._peeked = True

    def _next(self) -> archive.Header | None:
        self._peek()
        self._peeked = False
        return self._ahead

    def _perhaps(self, name: str, limit: int) -> bytes | None:
        """Read the next entry if it bears a name."""
        self._peek()
        if self._ahead is None or self._ahead.name != name:
            return None
        self._peeked = False
        return self._archive.content(self._ahead, limit)

    def _named(self, name: str, limit: int) -> bytes:
        header = self._archive.next()
        if header is None or header.name != name:
            raise BundleError("E_ENTRY_ORDER")
        return self._archive.content(header, limit)

    def _entry(
        self, header: archive.Header, entry: Mapping[str, Any], staging: Staging | None
    ) -> None:
        path, size = entry["path"], entry["size"]
        deflated = manifest.is_records(path)
        if header.method != (archive.DEFLATED if deflated else archive.STORED):
            raise BundleError("E_ZIP_STRUCTURE")
        if header.size != size:
            raise BundleError("E_ENTRY_SIZE", entri=path)
        if size > manifest.LARGEST_RATIO * header.packed:
            raise BundleError("E_ENTRY_RATIO", entri=path)
        check = _Check(header, entry)

        def fill(write: Callable[[bytes], object]) -> None:
            packed = _through(self._archive.packed(), write)
            for plain in archive.inflate(packed, size, path) if deflated else packed:
                check.take(plain)
                if kept is not None:
                    kept.append(plain)

        kept = staging.keep(path, size) if staging is not None and deflated else None
        if staging is None or kept is not None:
            fill(lambda _: None)
        else:
            staging.put(path, fill)
        check.finish(count_rows=deflated)


def _through(blocks: Iterator[bytes], write: Callable[[bytes], object]) -> Iterator[bytes]:
    for block in blocks:
        write(block)
        yield block


def _unexpected(name: str, wanted: str, still_to_come: set[str]) -> BundleError:
    if not manifest.is_records(name) and manifest.attachment_of(name) is None:
        return BundleError("E_ENTRY_NAME", entri=name[:80])
    if name in still_to_come:
        return BundleError("E_ENTRY_MISSING", entri=wanted)
    return BundleError("E_ENTRY_EXTRA", entri=name)


class _Check:
    """What the plain bytes of one entry must come to."""

    def __init__(self, header: archive.Header, entry: Mapping[str, Any]) -> None:
        self._header = header
        self._entry = entry
        self._hash = hashlib.sha256()
        self._crc = 0
        self._rows = 0
        self._last = b"\n"

    def take(self, plain: bytes) -> None:
        self._hash.update(plain)
        self._crc = zlib.crc32(plain, self._crc)
        self._rows += plain.count(b"\n")
        self._last = plain[-1:]

    def finish(self, *, count_rows: bool) -> None:
        path = self._entry["path"]
        if self._hash.hexdigest() != self._entry["sha256"]:
            raise BundleError("E_ENTRY_HASH", entri=path)
        if self._crc != self._header.crc:
            raise BundleError("E_ZIP_STRUCTURE")
        if count_rows and (self._rows != self._entry["rows"] or self._last != b"\n"):
            raise BundleError("E_ENTRY_SIZE", entri=path)
