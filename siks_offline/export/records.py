"""One revision of one visit as a line of records/visits.ndjson, and the inventory of such lines."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from siks_offline.errors import BundleError
from siks_offline.export import canonical, shapes
from siks_offline.export.manifest import LARGEST_LINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from siks_offline.model import Answers, Attachment, Confirmation

MOST_PARENTS = 8
HIGHEST_REVISION = 1_000_000
_PREFIX = b"siks-visit/1\n"
_MAGIC = {
    "jpg": (b"\xff\xd8\xff",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "pdf": (b"%PDF-",),
    "webp": (b"RIFF",),
}


def build(
    *,
    visit_id: str,
    household_id: str,
    idbdt: str,
    kode_desa: str,
    period: str,
    revision: int,
    parents: Iterable[str],
    answers: Answers,
    persons: Sequence[str],
    instrument: tuple[str, str],
    completed_at: datetime,
    completed_by: str,
    attachments: Iterable[Attachment] = (),
    confirmations: Iterable[Confirmation] = (),
) -> dict[str, Any]:
    """Return the line of a completed revision, its hash included, held against the schema.

    `answers` in the shape of storage (texts, and lists of objects of texts), `persons` the ids of
    anggota[1..n], `instrument` (id, version). Raises BundleError E_RECORD_SCHEMA.
    """
    line: dict[str, Any] = {
        "answers": answers,
        "attachments": [
            {"kind": one.kind, "path": one.path, "sha256": one.sha256} for one in attachments
        ],
        "completed_at": canonical.stamp(completed_at),
        "completed_by": completed_by,
        "confirmations": [
            {"path": one.path, "reason": one.reason, "rule": one.rule} for one in confirmations
        ],
        "household_id": household_id,
        "idbdt": idbdt,
        "instrument": {"id": instrument[0], "version": instrument[1]},
        "kode_desa": kode_desa,
        "parents": sorted(parents),
        "period": period,
        "persons": list(persons),
        "revision": revision,
        "visit_id": visit_id,
    }
    line["sha256"] = hash_of(line)
    # Once more from its own bytes: what is stored is what a receiver will read.
    raw = canonical.dumps(line)
    if len(raw) >= LARGEST_LINE:
        raise BundleError("E_RECORD_SCHEMA", bagian="panjang baris")
    line = canonical.loads(raw)
    check(line)
    return line


def hash_of(line: Mapping[str, Any]) -> str:
    """Return the hash of a line: SHA-256 over a prefix and its RFC 8785 form without `sha256`."""
    rest = {key: value for key, value in line.items() if key != "sha256"}
    try:
        raw = canonical.dumps(rest)
    except BundleError as fault:
        raise BundleError("E_RECORD_SCHEMA", bagian=fault.facts["sebab"]) from None
    return hashlib.sha256(_PREFIX + raw).hexdigest()


def check(line: Any) -> str:
    """Return the hash of a received line that keeps schema, limits and hash.

    A line whose value is a BundleError (an unreadable one) raises that error; every other fault is
    BundleError E_RECORD_SCHEMA with the place as `bagian`. What the answers say is judged by the
    instrument, not here.
    """
    if isinstance(line, BundleError):
        raise line
    shapes.check(line, _visit, "E_RECORD_SCHEMA")
    try:
        canonical.check_values(line)
    except BundleError as fault:
        raise BundleError("E_RECORD_SCHEMA", bagian=fault.facts["sebab"]) from None
    if (line["revision"] == 1) != (not line["parents"]):
        raise BundleError("E_RECORD_SCHEMA", bagian="parents")
    found = hash_of(line)
    if found != line["sha256"]:
        raise BundleError("E_RECORD_SCHEMA", bagian="sha256")
    return found


def received(line: Any, raw: bytes = b"") -> tuple[str, bytes]:
    """Do as `check` for a line that `Opened.lines` gave; return its hash and the bytes hashed.

    Such a line kept the value rules when it was read, so they are not looked at again. `raw` are
    its bytes: where they are known to be canonical, what is hashed is cut out of them.
    """
    if isinstance(line, BundleError):
        raise line
    shapes.check(line, _visit, "E_RECORD_SCHEMA")
    if (line["revision"] == 1) != (not line["parents"]):
        raise BundleError("E_RECORD_SCHEMA", bagian="parents")
    hashed = _cut(line, raw)
    if hashed is None:
        rest = {key: value for key, value in line.items() if key != "sha256"}
        hashed = canonical.dumps(rest, checked=True)
    found = hashlib.sha256(_PREFIX + hashed).hexdigest()
    if found != line["sha256"]:
        raise BundleError("E_RECORD_SCHEMA", bagian="sha256")
    return found, hashed


def _cut(line: Mapping[str, Any], raw: bytes) -> bytes | None:
    """Return the canonical form of a line without its hash from its bytes, None in any doubt."""
    if type(raw) is not canonical.Canonical:
        return None
    own = b',"sha256":"' + line["sha256"].encode() + b'"'
    before, found, behind = raw.partition(own)
    # An attachment of that very hash cannot be, but would be a member of the same name.
    return before + behind if found and own not in behind else None


def check_scope(line: Mapping[str, Any], sender_id: str) -> None:
    """Refuse with BundleError E_SCOPE a record of another village than its sender's."""
    if f"desa:{line['kode_desa']}" != sender_id:
        raise BundleError("E_SCOPE", kode_desa=line["kode_desa"])


def check_attachment(extension: str, content: bytes) -> None:
    """Refuse with BundleError E_ATTACHMENT_TYPE bytes that do not begin as their type does."""
    if not content.startswith(_MAGIC.get(extension, ())) or (
        extension == "webp" and content[8:12] != b"WEBP"
    ):
        raise BundleError("E_ATTACHMENT_TYPE", jenis=extension)


# The inventory ---------------------------------------------------------------------------------


def short_hash(sha256: str) -> str:
    """Return the first 16 bytes of a hash in base64url without padding."""
    return base64.urlsafe_b64encode(bytes.fromhex(sha256)[:16]).rstrip(b"=").decode()


def inventory_visit(visit_id: str, revision: int, sha256: str) -> list[Any]:
    """Return the inventory line of a head."""
    return [visit_id, revision, short_hash(sha256)]


def inventory_attachment(sha256: str) -> list[Any]:
    """Return the inventory line of an attachment of this device."""
    return ["att", sha256]


def parse_inventory(value: Any) -> tuple[str, int, str] | str:
    """Return (visit id, revision, short hash), or the SHA-256 of an attachment.

    Raises BundleError E_RECORD_SCHEMA.
    """
    if isinstance(value, BundleError):
        raise value
    if type(value) is list and len(value) == 2 and value[0] == "att":
        shapes.check(value[1], shapes.sha256, "E_RECORD_SCHEMA")
        return str(value[1])
    if type(value) is not list or len(value) != 3:
        raise BundleError("E_RECORD_SCHEMA", bagian="inventory")
    shapes.check(value[0], shapes.uuid, "E_RECORD_SCHEMA")
    shapes.check(value[1], shapes.integer(1), "E_RECORD_SCHEMA")
    shapes.check(value[2], _short_hash, "E_RECORD_SCHEMA")
    return value[0], value[1], value[2]


_short_hash = shapes.text(r"[A-Za-z0-9_-]{22}")


# The schema ------------------------------------------------------------------------------------


def answers_shape(value: Any, where: str) -> None:
    """Texts by question name, and lists of objects of the same kind by repeat name."""
    if type(value) is not dict:
        raise shapes.Mismatch(where)
    if _TEXT.issuperset(map(type, value.values())):
        _texts(value, where)
        return
    repeats = [(name, answer) for name, answer in value.items() if type(answer) is list]
    for name, answer in repeats:
        for number, instance in enumerate(answer, start=1):
            answers_shape(instance, f"{where}.{name[:60]}[{number}]")
    if repeats:
        rest = value.copy()
        for name, _ in repeats:
            del rest[name]
        _texts(rest, where)
    else:
        _texts(value, where)


_TEXT = frozenset({str})


def _texts(answers: Mapping[str, Any], where: str) -> None:
    found = answers.values()
    if _TEXT.issuperset(map(type, found)):
        # Together within the limit of one, as nearly always, or each by itself.
        if len("".join(found)) <= canonical.LONGEST_TEXT:
            return
        if max(map(len, found)) <= canonical.LONGEST_TEXT:
            return
    for name, answer in answers.items():
        if type(answer) is not str or len(answer) > canonical.LONGEST_TEXT:
            raise shapes.Mismatch(f"{where}.{name[:60]}")


_visit = shapes.members(
    {
        "answers": answers_shape,
        "attachments": shapes.each(
            shapes.members(
                {
                    "kind": shapes.text(r"[A-Z0-9-]{1,40}"),
                    "path": shapes.words(200, line_feed=False),
                    "sha256": shapes.sha256,
                }
            ),
            most=1000,
        ),
        "completed_at": shapes.moment,
        "completed_by": shapes.words(100, line_feed=False),
        "confirmations": shapes.each(
            shapes.members(
                {
                    "path": shapes.words(200, line_feed=False),
                    "reason": shapes.words(),
                    "rule": shapes.words(100, line_feed=False),
                }
            ),
            most=2000,
        ),
        "household_id": shapes.uuid,
        "idbdt": shapes.words(60, line_feed=False),
        "instrument": shapes.members(
            {"id": shapes.text(r"[A-Za-z0-9_.-]{1,60}"), "version": shapes.text(r"[ -~]{1,40}")}
        ),
        "kode_desa": shapes.kode_desa,
        "parents": shapes.ascending(shapes.each(shapes.sha256, most=MOST_PARENTS)),
        "period": shapes.period,
        "persons": shapes.each(shapes.uuid, most=1000),
        "revision": shapes.integer(1, HIGHEST_REVISION),
        "sha256": shapes.sha256,
        "visit_id": shapes.uuid,
    }
)
