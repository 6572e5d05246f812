"""The signed table of contents of a bundle: made, read and held against its schema."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline import __version__
from siks_offline.errors import BundleError
from siks_offline.export import canonical, shapes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

FORMAT = "siks-bundle/1"
TYPES = ("visits", "enrolment", "prelist", "receipt", "keyset", "matching", "determination")
FROM_DINSOS = frozenset({"prelist", "receipt", "keyset", "matching", "determination"})

MIB = 1 << 20
LARGEST_FILE = 512 * MIB
LARGEST_FILE_EVER = 2048 * MIB
LARGEST_MANIFEST = 4 * MIB
LARGEST_KEYSET = 64 << 10
LARGEST_SIGNATURE = 4 << 10
LARGEST_SUM = 1024 * MIB
LARGEST_ATTACHMENT = 32 * MIB
LARGEST_RECORDS = 256 * MIB
LARGEST_LINE = 256 << 10
LARGEST_RATIO = 100
MOST_ENTRIES_WRITTEN = 9_000
MOST_ENTRIES_READ = 10_000
MOST_RECIPIENTS = 8

NDJSON = "application/x-ndjson"
MEDIA = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
}
_records_path = re.compile(r"records/[a-z0-9-]{1,40}\.ndjson")
_attachment_path = re.compile(r"attachments/([0-9a-f]{64})\.(jpg|png|webp|pdf)")
COUNTED = ("musdes", "proposals", "visits")


def namespace(kind: str) -> str:
    """Return the signature namespace of a bundle type."""
    return f"siks.{kind}.v1"


def is_records(path: str) -> bool:
    """Whether an entry holds record lines."""
    return _records_path.fullmatch(path) is not None


def attachment_of(path: str) -> str | None:
    """Return the SHA-256 that an attachment's name claims, None for other names."""
    found = _attachment_path.fullmatch(path)
    return found[1] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All of a manifest that the sender decides; the rest follows from what is packed.

    `enc` are the age1... recipients, `prev` and `after` manifest hashes of the stream, `acks` and
    `audit` {"manifest_sha256", "seq"} and {"head", "seq"}, `documents` pairs (kind, sha256), `part`
    (export_id, i, n) with the bundle as its own only part by default, `keyset` (version, sha256),
    which a carried key set answers by itself.
    """

    type: str
    bundle_id: str
    created_at: datetime
    sender_id: str
    device: str
    recipient_id: str
    enc: Sequence[str]
    stream: str
    seq: int
    prev: str | None
    period: str
    after: str | None = None
    practice: bool = False
    instrument: Mapping[str, str] | None = None
    acks: Mapping[str, Any] | None = None
    audit: Mapping[str, Any] | None = None
    documents: Sequence[tuple[str, str]] = ()
    part: tuple[str, int, int] | None = None
    keyset: tuple[int, str] | None = None


def build(
    draft: Draft, key: str, entries: Sequence[Mapping[str, Any]], keyset: tuple[int, str]
) -> dict[str, Any]:
    """Return the manifest of a draft that is sealed with these entries, held against the schema.

    `key` is the signer's SHA256 fingerprint; `entries` ascend by path.
    """
    rows = {entry["path"]: entry for entry in entries}
    inventory = rows.get("records/inventory.ndjson")
    counts = {name: rows.get(f"records/{name}.ndjson", {"rows": 0})["rows"] for name in COUNTED}
    counts["attachments"] = sum(1 for path in rows if attachment_of(path))
    export_id, number, of = draft.part or (draft.bundle_id, 1, 1)
    manifest = {
        "acks": None if draft.acks is None else dict(draft.acks),
        "app": {"name": "siks-offline", "version": __version__},
        "audit": None if draft.audit is None else dict(draft.audit),
        "bundle_id": draft.bundle_id,
        "chain": {
            "after": draft.after,
            "prev": draft.prev,
            "seq": draft.seq,
            "stream": draft.stream,
        },
        "counts": counts,
        "created_at": canonical.stamp(draft.created_at),
        "documents": [{"kind": kind, "sha256": sha256} for kind, sha256 in draft.documents],
        "entries": [dict(entry) for entry in entries],
        "format": FORMAT,
        "instrument": None if draft.instrument is None else dict(draft.instrument),
        "inventory": inventory and {"rows": inventory["rows"], "sha256": inventory["sha256"]},
        "keyset": {"sha256": keyset[1], "version": keyset[0]},
        "part": {"export_id": export_id, "i": number, "n": of},
        "period": draft.period,
        "practice": draft.practice,
        "recipient": {"enc": sorted(draft.enc), "id": draft.recipient_id},
        "sender": {"device": draft.device, "id": draft.sender_id, "key": key},
        "type": draft.type,
    }
    check(manifest)
    return manifest


def parse(data: bytes, of_namespace: str) -> tuple[dict[str, Any], bool]:
    """Return the manifest of bytes whose signature is good, and whether all its text is NFC.

    Raises BundleError E_MANIFEST_CANON, E_MANIFEST_SCHEMA, E_FORMAT_UNSUPPORTED, E_TYPE_MISMATCH,
    and for sizes that a reader does not take E_TOO_LARGE.
    """
    try:
        manifest = canonical.loads(data, canonical=True)
    except BundleError as fault:
        raise BundleError("E_MANIFEST_CANON", **fault.facts) from None
    if type(manifest) is not dict:
        raise BundleError("E_MANIFEST_SCHEMA", bagian="-")
    if manifest.get("format") != FORMAT:
        raise BundleError("E_FORMAT_UNSUPPORTED")
    normal = check(manifest)
    if namespace(manifest["type"]) != of_namespace:
        raise BundleError("E_TYPE_MISMATCH")
    return manifest, normal


def check(manifest: Any) -> bool:
    """Hold a manifest against the schema and the limits; tell whether all its text is NFC."""
    shapes.check(manifest, _manifest, "E_MANIFEST_SCHEMA")
    try:
        normal = canonical.check_values(manifest, line_feed=False)
    except BundleError:
        raise BundleError("E_MANIFEST_SCHEMA", bagian="-") from None
    _check_entries(manifest)
    return normal


def _check_entries(manifest: dict[str, Any]) -> None:
    total = 0
    rows = dict.fromkeys(COUNTED, 0) | {"attachments": 0}
    inventory = None
    for number, entry in enumerate(manifest["entries"]):
        path, size = entry["path"], entry["size"]
        total += size
        sha256 = attachment_of(path)
        if sha256 is None:
            wrong = entry["media_type"] != NDJSON
            largest = LARGEST_RECORDS
            name = path[len("records/") : -len(".ndjson")]
            if name in COUNTED:
                rows[name] = entry["rows"]
            elif name == "inventory":
                inventory = {"rows": entry["rows"], "sha256": entry["sha256"]}
        else:
            extension = path.rpartition(".")[2]
            wrong = (
                entry["media_type"] != MEDIA[extension]
                or entry["rows"] != 0
                or entry["sha256"] != sha256
            )
            largest = LARGEST_ATTACHMENT
            rows["attachments"] += 1
        if wrong:
            raise BundleError("E_MANIFEST_SCHEMA", bagian=f"entries[{number}]")
        if size > largest:
            raise BundleError("E_TOO_LARGE")
    if total > LARGEST_SUM:
        raise BundleError("E_TOO_LARGE")
    if manifest["counts"] != rows:
        raise BundleError("E_MANIFEST_SCHEMA", bagian="counts")
    if manifest["inventory"] != inventory:
        raise BundleError("E_MANIFEST_SCHEMA", bagian="inventory")
    if (manifest["chain"]["prev"] is None) != (manifest["chain"]["seq"] == 1):
        raise BundleError("E_MANIFEST_SCHEMA", bagian="chain.prev")
    if manifest["part"]["i"] > manifest["part"]["n"]:
        raise BundleError("E_MANIFEST_SCHEMA", bagian="part")


def _entries(value: Any, where: str) -> None:
    _each_entry(value, where)
    paths = [entry["path"] for entry in value]
    if any(first >= second for first, second in itertools.pairwise(paths)):
        raise shapes.Mismatch(where)


_each_entry = shapes.each(
    shapes.members(
        {
            "media_type": shapes.one_of(NDJSON, *MEDIA.values()),
            "path": shapes.text(f"{_records_path.pattern}|{_attachment_path.pattern}"),
            "rows": shapes.integer(),
            "sha256": shapes.sha256,
            "size": shapes.integer(),
        }
    ),
    most=MOST_ENTRIES_READ,
)

_manifest = shapes.members(
    {
        "acks": shapes.nullable(
            shapes.members({"manifest_sha256": shapes.sha256, "seq": shapes.integer(1)})
        ),
        "app": shapes.members(
            {
                "name": shapes.text(r"[a-z0-9-]{1,40}"),
                "version": shapes.text(r"[0-9A-Za-z.+-]{1,40}"),
            }
        ),
        "audit": shapes.nullable(shapes.members({"head": shapes.sha256, "seq": shapes.integer()})),
        "bundle_id": shapes.uuid,
        "chain": shapes.members(
            {
                "after": shapes.nullable(shapes.sha256),
                "prev": shapes.nullable(shapes.sha256),
                "seq": shapes.integer(1),
                "stream": shapes.uuid,
            }
        ),
        "counts": shapes.members({name: shapes.integer() for name in ("attachments", *COUNTED)}),
        "created_at": shapes.moment,
        "documents": shapes.each(
            shapes.members({"kind": shapes.text(r"[a-z0-9-]{1,40}"), "sha256": shapes.sha256}),
            most=1000,
        ),
        "entries": _entries,
        "format": shapes.one_of(FORMAT),
        "instrument": shapes.nullable(shapes.instrument),
        "inventory": shapes.nullable(
            shapes.members({"rows": shapes.integer(), "sha256": shapes.sha256})
        ),
        "keyset": shapes.members({"sha256": shapes.sha256, "version": shapes.integer(1)}),
        "part": shapes.members(
            {
                "export_id": shapes.uuid,
                "i": shapes.integer(1, 10_000),
                "n": shapes.integer(1, 10_000),
            }
        ),
        "period": shapes.period,
        "practice": shapes.boolean,
        "recipient": shapes.members(
            {
                "enc": shapes.ascending(
                    shapes.each(shapes.recipient, least=1, most=MOST_RECIPIENTS)
                ),
                "id": shapes.party,
            }
        ),
        "sender": shapes.members(
            {"device": shapes.uuid, "id": shapes.party, "key": shapes.fingerprint}
        ),
        "type": shapes.one_of(*TYPES),
    }
)
