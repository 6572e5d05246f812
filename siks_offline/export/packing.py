"""The first pass of a bundle: pack and hash each entry, records into an encrypted spool."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline.errors import BundleError
from siks_offline.export import archive, lines, manifest, padding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from siks_offline.export.padding import Pad
    from siks_offline.export.staging import Staging


@dataclass(frozen=True, slots=True)
class RecordFile:
    """Lines of records/<name>.ndjson; `rows` is a guess that only progress uses.

    A line given as bytes is canonical already and comes without its line feed.
    """

    name: str
    lines: Iterable[Mapping[str, Any] | list[Any] | bytes]
    rows: int = 0


@dataclass(frozen=True, slots=True)
class AttachmentFile:
    """A photo or scan, named by its content; `read` is called twice and gives the same bytes."""

    sha256: str
    extension: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Packed:
    """An entry after the first pass: its zip header, its manifest line, its packed bytes."""

    header: archive.Header
    line: dict[str, Any]
    blocks: Callable[[], Iterable[bytes]]


def entries(
    records: Sequence[RecordFile | Packed],
    attachments: Sequence[AttachmentFile],
    spool: Staging,
    advance: Callable[[int], None],
) -> list[Packed]:
    """Return the entries of a bundle in their order; `advance` is told the rows done.

    Records that were packed before stay as they are. Raises BundleError E_RECORD_SCHEMA,
    E_ENTRY_HASH, E_TOO_LARGE; FileError of the spool's medium.
    """
    packed = [
        one if isinstance(one, Packed) else pack_records(one, spool, advance) for one in records
    ]
    for attachment in attachments:
        packed.append(_pack_attachment(attachment))
        advance(1)
    packed.sort(key=lambda entry: entry.header.name)
    return packed


def pack_records(
    record: RecordFile,
    spool: Staging,
    advance: Callable[[int], None],
    *,
    stretch: str = "",
    weighed: Callable[[int], None] = lambda _: None,
) -> Packed:
    """Pack the lines of one records file into a stretch of the spool, by default its path.

    `weighed` is told the packed bytes so far after each block of lines. Raises as `entries`.
    """
    path = f"records/{record.name}.ndjson"
    stretch = stretch or path
    digest = hashlib.sha256()
    crc = size = rows = packed = 0

    def fill(write: Callable[[bytes], object]) -> None:
        nonlocal crc, size, rows, packed
        machine = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)

        def out(data: bytes) -> None:
            nonlocal packed
            if data:
                packed += len(data)
                write(data)

        for count, block in lines.write(record.lines):
            digest.update(block)
            crc = zlib.crc32(block, crc)
            size += len(block)
            rows += count
            out(machine.compress(block))
            weighed(packed)
            advance(count)
        out(machine.flush())

    spool.put(stretch, fill)
    if size > manifest.LARGEST_RECORDS:
        raise BundleError("E_TOO_LARGE")
    if size > manifest.LARGEST_RATIO * packed:
        packed = _pack_loosely(stretch, size, spool)
    return Packed(
        archive.Header(path, archive.DEFLATED, crc, packed, size),
        {
            "media_type": manifest.NDJSON,
            "path": path,
            "rows": rows,
            "sha256": digest.hexdigest(),
            "size": size,
        },
        lambda: spool.blocks(stretch),
    )


def _pack_loosely(stretch: str, size: int, spool: Staging) -> int:
    """Pack again what shrank so much that readers take it for a bomb; return the packed size.

    Huffman codes alone never shrink to less than an eighth.
    """
    packed = 0
    before = spool.blocks(stretch)

    def fill(write: Callable[[bytes], object]) -> None:
        nonlocal packed
        machine = zlib.compressobj(
            6, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_HUFFMAN_ONLY
        )
        for block in archive.inflate(before, size, stretch):
            data = machine.compress(block)
            packed += len(data)
            write(data)
        data = machine.flush()
        packed += len(data)
        write(data)

    spool.put(stretch, fill)
    return packed


def _pack_attachment(attachment: AttachmentFile) -> Packed:
    content = attachment.read()
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise BundleError("E_ENTRY_HASH", entri=attachment.sha256)
    if len(content) > manifest.LARGEST_ATTACHMENT:
        raise BundleError("E_TOO_LARGE")
    path = f"attachments/{attachment.sha256}.{attachment.extension}"
    size = len(content)
    return Packed(
        archive.Header(path, archive.STORED, zlib.crc32(content), size, size),
        {
            "media_type": manifest.MEDIA[attachment.extension],
            "path": path,
            "rows": 0,
            "sha256": attachment.sha256,
            "size": size,
        },
        lambda: _one(attachment.read),
    )


def _one(read: Callable[[], bytes]) -> Iterator[bytes]:
    """Read only when asked, so that no more than one attachment stands in memory."""
    yield read()


def pad_entry(pad: Pad) -> Packed:
    """Return the entry of a pad with newly drawn content."""
    content, header, sha256 = padding.draw(pad)
    return Packed(header, pad_line(pad, sha256), lambda: padding.blocks(content, pad.empty))


def pad_line(pad: Pad, sha256: str = "0" * 64) -> dict[str, Any]:
    """Return a pad's line in the manifest, of its final length."""
    return {
        "media_type": manifest.NDJSON,
        "path": padding.PATH,
        "rows": pad.rows,
        "sha256": sha256,
        "size": pad.size,
    }
