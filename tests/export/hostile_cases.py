"""What a hostile writer sends, by the words for it, with the code it is refused by."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.errors import BundleError
from siks_offline.export import bundle
from tests.export.hostile import Forge, Member, World, packed_zip, sha, visits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.export.hostile import OfficeGate

LINE = b'{"nama":"Bu Sari"}'
JPG = b"\xff\xd8\xff" + b"photo"


def forge(world: World, **changes: Any) -> Forge:
    photo = Member(f"attachments/{sha(JPG)}.jpg", JPG)
    return Forge(world, **{"members": [photo, visits(LINE)]} | changes)


def refusal(path: Path, gate: OfficeGate) -> str:
    """The code a bundle is refused with; staging must be empty afterwards."""
    staging = path.parent / "staging"
    staging.mkdir(exist_ok=True)
    with pytest.raises(BundleError) as caught, bundle.open_bundle(path, gate, staging):
        pass
    assert list(staging.iterdir()) == []
    return caught.value.code


# The archive -----------------------------------------------------------------------------------

BIG = Member("records/visits.ndjson", b'"' + b"0" * 2_000_000 + b'"\n')


def _with(**changes: Any) -> Callable[[World], Forge]:
    return lambda world: forge(world, **changes)


def _visits(**changes: Any) -> Callable[[World], Forge]:
    """The records entry lies in the zip; the manifest tells the truth about its content."""
    return lambda world: forge(
        world, members=[Member("records/visits.ndjson", LINE + b"\n", **changes)]
    )


def _swapped(world: World) -> Forge:
    made = forge(world)
    entries = made.manifest()["entries"]
    return forge(world, members=made.members[::-1], edit=lambda of: of.update(entries=entries))


def _missing(world: World) -> Forge:
    entries = forge(world).manifest()
    return forge(world, members=forge(world).members[:1],
                 edit=lambda of: of.update(entries=entries["entries"], counts=entries["counts"]))  # fmt: skip


def _extra(name: str) -> Callable[[World], Forge]:
    def make(world: World) -> Forge:
        honest = forge(world)
        of = honest.manifest()
        return forge(world, members=[*honest.members, Member(name, LINE + b"\n")],
                     edit=lambda found: found.update(entries=of["entries"], counts=of["counts"]))  # fmt: skip

    return make


def _other_content(world: World) -> Forge:
    of = forge(world, members=[visits(b'{"nama":"Bu Rina"}')]).manifest()
    return forge(
        world, members=[visits(LINE)], edit=lambda found: found.update(entries=of["entries"])
    )


def _entry(**changes: Any) -> Callable[[World], Forge]:
    """The manifest lies about the records entry."""

    def edit(of: dict[str, Any]) -> None:
        of["entries"][-1].update(changes)

    return lambda world: forge(world, edit=edit)


def _deflate(data: bytes, *, end: bool = True) -> bytes:
    machine = zlib.compressobj(6, zlib.DEFLATED, -15)
    return machine.compress(data) + machine.flush(zlib.Z_FINISH if end else zlib.Z_SYNC_FLUSH)


def _head(change: Callable[[list[Member]], list[Member]]) -> Callable[[World], Forge]:
    return _with(head=change)


ARCHIVES: dict[str, tuple[Callable[[World], Forge], str]] = {
    "bytes before": (_with(prefix=b"MZ"), "E_ZIP_PROFILE"),
    "bytes behind": (_with(tail=b"\0"), "E_ZIP_STRUCTURE"),
    "a second archive behind": (_with(tail=packed_zip([visits(LINE)])), "E_ZIP_STRUCTURE"),
    "utf-8 flag": (_visits(flags=0x800), "E_ZIP_STRUCTURE"),
    "data descriptor flag": (_visits(flags=8), "E_ZIP_STRUCTURE"),
    "encrypted flag": (_visits(flags=1), "E_ZIP_STRUCTURE"),
    "another date": (_visits(date=0x5A21), "E_ZIP_STRUCTURE"),
    "another version": (_visits(version=45), "E_ZIP_STRUCTURE"),
    "extra field": (_visits(extra=b"\x01\x00\x00\x00"), "E_ZIP_STRUCTURE"),
    "stored records": (_visits(method=0), "E_ZIP_STRUCTURE"),
    "bzip2": (_visits(method=12, packed=b"BZh9"), "E_ZIP_STRUCTURE"),
    "wrong crc": (_visits(crc=1), "E_ZIP_STRUCTURE"),
    "not in the directory": (_visits(in_directory=False), "E_ZIP_STRUCTURE"),
    "deflate goes on behind its end": (_visits(packed=_deflate(LINE + b"\n") + b"\0"), "E_ZIP_STRUCTURE"),
    "deflate without an end": (_visits(packed=_deflate(LINE + b"\n", end=False)), "E_ZIP_STRUCTURE"),
    "broken deflate": (_visits(packed=b"\xff\xff\xff"), "E_ZIP_STRUCTURE"),
    "inflates to more": (_visits(packed=_deflate(LINE + b"\nx")), "E_ENTRY_SIZE"),
    "inflates to less": (_visits(packed=_deflate(LINE)), "E_ENTRY_SIZE"),
    "header tells another size": (_visits(size=7), "E_ENTRY_SIZE"),
    "header tells 4 GiB": (_visits(size=0xFFFFFFFF), "E_ENTRY_SIZE"),
    "inflates to 1000 times": (_with(members=[BIG]), "E_ENTRY_RATIO"),
    "a bomb behind a small size": (_visits(packed=_deflate(bytes(50_000_000))), "E_ENTRY_SIZE"),
    "another content": (_other_content, "E_ENTRY_HASH"),
    "entries swapped": (_swapped, "E_ENTRY_MISSING"),
    "entry missing": (_missing, "E_ENTRY_MISSING"),
    "entry twice": (_extra("records/visits.ndjson"), "E_ENTRY_EXTRA"),
    "entry nobody listed": (_extra("records/zzz.ndjson"), "E_ENTRY_EXTRA"),
    "key set behind the records": (_extra("keyset.json"), "E_ENTRY_NAME"),
    "traversal": (_extra("../evil"), "E_ENTRY_NAME"),
    "reserved name": (_extra("CON"), "E_ENTRY_NAME"),
    "absolute name": (_extra("/etc/passwd"), "E_ENTRY_NAME"),
    "stream name": (_extra("records/a:b.ndjson"), "E_ENTRY_NAME"),
    "name of other letters": (_extra("records/é.ndjson"), "E_ENTRY_NAME"),
    "name of 300 letters": (_extra("x" * 300), "E_ZIP_STRUCTURE"),
    "a folder": (_extra("records/"), "E_ENTRY_NAME"),
    "rows told wrong": (_entry(rows=2), "E_MANIFEST_SCHEMA"),
    "last line without an end": (_with(members=[Member("records/visits.ndjson", LINE)]), "E_ENTRY_SIZE"),
    "manifest second": (_head(lambda two: two[::-1]), "E_ENTRY_ORDER"),
    "manifest twice": (_head(lambda two: [two[0], *two]), "E_ENTRY_ORDER"),
    "no signature": (_head(lambda two: two[:1]), "E_ENTRY_ORDER"),
    "nothing at all": (_head(lambda _: []), "E_ENTRY_ORDER"),
    "deflated manifest": (_head(lambda two: [Member("manifest.json", two[0].content, method=8), two[1]]), "E_ZIP_PROFILE"),
    "manifest crc": (_head(lambda two: [Member("manifest.json", two[0].content, crc=0), two[1]]), "E_ZIP_PROFILE"),
    "manifest of 5 MiB": (_head(lambda two: [Member("manifest.json", bytes(5 << 20)), two[1]]), "E_TOO_LARGE"),
}  # fmt: skip


# The manifest ----------------------------------------------------------------------------------


def setting(*path: Any) -> Callable[[dict[str, Any]], None]:
    *to, name, value = path

    def edit(of: dict[str, Any]) -> None:
        for step in to:
            of = of[step]
        of[name] = value

    return edit


MANIFESTS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown member": ({"edit": setting("note", "x")}, "E_MANIFEST_SCHEMA"),
    "unknown member deep": ({"edit": setting("chain", "note", "x")}, "E_MANIFEST_SCHEMA"),
    "member missing": ({"edit": lambda of: of.pop("audit")}, "E_MANIFEST_SCHEMA"),
    "number for text": ({"edit": setting("period", 2026)}, "E_MANIFEST_SCHEMA"),
    "true for a number": ({"edit": setting("chain", "seq", True)}, "E_MANIFEST_SCHEMA"),
    "seq 0": ({"edit": setting("chain", "seq", 0)}, "E_MANIFEST_SCHEMA"),
    "prev at seq 1": ({"edit": setting("chain", "prev", "b" * 64)}, "E_MANIFEST_SCHEMA"),
    "no prev at seq 2": ({"edit": setting("chain", "seq", 2)}, "E_MANIFEST_SCHEMA"),
    "capital hex": ({"edit": setting("chain", "after", "B" * 64)}, "E_MANIFEST_SCHEMA"),
    "a date that is none": ({"edit": setting("created_at", "2026-02-30T00:00:00Z")}, "E_MANIFEST_SCHEMA"),
    "line feed": ({"edit": setting("period", "2026-Q4\n")}, "E_MANIFEST_SCHEMA"),
    "entry path": ({"edit": setting("entries", 1, "path", "records/../x.ndjson")}, "E_MANIFEST_SCHEMA"),
    "entries out of order": ({"edit": lambda of: of["entries"].reverse()}, "E_MANIFEST_SCHEMA"),
    "entry twice": ({"edit": lambda of: of["entries"].append(of["entries"][-1])}, "E_MANIFEST_SCHEMA"),
    "attachment named by another hash": ({"edit": setting("entries", 0, "sha256", "0" * 64)}, "E_MANIFEST_SCHEMA"),
    "another media type": ({"edit": setting("entries", 0, "media_type", "application/pdf")}, "E_MANIFEST_SCHEMA"),
    "counts": ({"edit": setting("counts", "attachments", 0)}, "E_MANIFEST_SCHEMA"),
    "inventory": ({"edit": setting("inventory", {"rows": 1, "sha256": "0" * 64})}, "E_MANIFEST_SCHEMA"),
    "part 2 of 1": ({"edit": setting("part", "i", 2)}, "E_MANIFEST_SCHEMA"),
    "enc out of order": ({"edit": lambda of: of["recipient"]["enc"].reverse()}, "E_MANIFEST_SCHEMA"),
    "a list": ({"raw": lambda _: b"[]"}, "E_MANIFEST_SCHEMA"),
    "another format": ({"edit": setting("format", "siks-bundle/2")}, "E_FORMAT_UNSUPPORTED"),
    "a records file of 300 MB": ({"edit": setting("entries", 1, "size", 300_000_000)}, "E_TOO_LARGE"),
    "an attachment of 40 MB": ({"edit": setting("entries", 0, "size", 40_000_000)}, "E_TOO_LARGE"),
    "spaces": ({"raw": lambda raw: raw.replace(b",", b", ")}, "E_MANIFEST_CANON"),
    "a line behind": ({"raw": lambda raw: raw + b"\n"}, "E_MANIFEST_CANON"),
    "duplicate key": ({"raw": lambda raw: raw[:-1] + b',"type":"visits"}'}, "E_MANIFEST_CANON"),
    "NaN": ({"raw": lambda raw: raw.replace(b'"seq":1', b'"seq":NaN')}, "E_MANIFEST_CANON"),
    "1e999": ({"raw": lambda raw: raw.replace(b'"seq":1', b'"seq":1e999')}, "E_MANIFEST_CANON"),
    "a fraction": ({"raw": lambda raw: raw.replace(b'"seq":1', b'"seq":1.0')}, "E_MANIFEST_CANON"),
    "5,000 digits": ({"raw": lambda raw: raw.replace(b'"seq":1', b'"seq":1' + b"0" * 5000)}, "E_MANIFEST_CANON"),
    "depth 100,000": ({"raw": lambda _: b"[" * 100_000 + b"]" * 100_000}, "E_MANIFEST_CANON"),
    "half a character": ({"raw": lambda raw: raw.replace(b'"2026-Q4"', b'"\\ud800"')}, "E_MANIFEST_CANON"),
    "not UTF-8": ({"raw": lambda raw: raw.replace(b'"2026-Q4"', b'"\xff"')}, "E_MANIFEST_CANON"),
    "another type than signed": ({"namespace": "siks.enrolment.v1"}, "E_TYPE_MISMATCH"),
    "a namespace of elsewhere": ({"namespace": "siks.receipt.v1"}, "E_SIG_NAMESPACE"),
    "signed for git": ({"namespace": "git"}, "E_SIG_NAMESPACE"),
    "another sender": ({"edit": setting("sender", "id", "desa:3509122004")}, "E_SENDER_MISMATCH"),
    "another device": ({"edit": setting("sender", "device", "0" * 8 + "-0000-0000-0000-000000000009")}, "E_SENDER_MISMATCH"),
    "another key named": ({"edit": setting("sender", "key", "SHA256:" + "A" * 43)}, "E_SENDER_MISMATCH"),
    "another recipient": ({"edit": setting("recipient", "id", "dinsos:3510")}, "E_RECIPIENT_MISMATCH"),
    "practice": ({"edit": setting("practice", True)}, "E_PRACTICE"),
}  # fmt: skip
