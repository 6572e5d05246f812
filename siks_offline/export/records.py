"""One revision of one visit as a line of records/visits.ndjson, and the inventory of such lines."""

from __future__ import annotations

import base64
import hashlib
import re
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
    its bytes: where they are known to be canonical, they mostly show the shape by themselves, and
    what is hashed is cut out of them.
    """
    if isinstance(line, BundleError):
        raise line
    hashed = _cut(line, raw)
    if hashed is None:
        shapes.check(line, _visit, "E_RECORD_SCHEMA")
        rest = {key: value for key, value in line.items() if key != "sha256"}
        hashed = canonical.dumps(rest, checked=True)
    if (line["revision"] == 1) != (not line["parents"]):
        raise BundleError("E_RECORD_SCHEMA", bagian="parents")
    found = hashlib.sha256(_PREFIX + hashed).hexdigest()
    if found != line["sha256"]:
        raise BundleError("E_RECORD_SCHEMA", bagian="sha256")
    return found, hashed


def _cut(line: Any, raw: bytes) -> bytes | None:
    """Return the canonical form of a sound line without its hash, None in any doubt of the line.

    Canonical bytes end with the members behind `answers`, in their order. Where these match to the
    last brace they are members of the line itself, and only `answers` can stand before them.
    """
    if type(raw) is not canonical.Canonical or type(line) is not dict or line.keys() != _NAMES:
        return None
    tail = _TAIL.fullmatch(raw, raw.rfind(b',"attachments":['))
    parents = line["parents"]
    if (
        tail is None
        or line["revision"] > HIGHEST_REVISION
        or len(parents) > MOST_PARENTS
        or parents != sorted(set(parents))
        or any(len(line[name]) > most for name, most in _MOST.items())
    ):
        return None
    try:
        canonical.moment(line["completed_at"])
        answers = line["answers"]
        if not (_no_long_text(raw, tail.start()) and _texts_and_lists(answers)):
            answers_shape(answers, "")
    except (BundleError, shapes.Mismatch):
        return None
    start, end = tail.span(1)
    return raw[:start] + raw[end:]


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
    answers = list(value.values())
    if _short(answers):
        return
    for name in [name for name, answer in value.items() if type(answer) is list]:
        for number, instance in enumerate(value[name], start=1):
            if type(instance) is not dict or not _short(instance.values()):
                answers_shape(instance, f"{where}.{name[:60]}[{number}]")
    if _short([answer for answer in answers if type(answer) is not list]):
        return
    for name, answer in value.items():
        if type(answer) is list:
            continue
        if type(answer) is not str or len(answer) > canonical.LONGEST_TEXT:
            raise shapes.Mismatch(f"{where}.{name[:60]}")


def _no_long_text(raw: bytes, end: int) -> bool:
    """Whether canonical bytes surely hold no text over the limit up to a place.

    A longer one has no quote in it and covers at least one such half.
    """
    half = canonical.LONGEST_TEXT // 2
    return all(raw.find(b'"', at, at + half) >= 0 for at in range(0, end, half))


def _texts_and_lists(value: Any) -> bool:
    """Whether a value is what `answers_shape` asks for, however long its texts."""
    if type(value) is not dict:
        return False
    for found in [answer for answer in value.values() if type(answer) is not str]:
        if type(found) is not list or not all(map(_texts_and_lists, found)):
            return False
    return True


def _short(answers: Iterable[Any]) -> bool:
    """Whether all are texts, together within the limit of one, as nearly always."""
    try:
        return len("".join(answers)) <= canonical.LONGEST_TEXT
    except TypeError:
        return False


_MOST = {"attachments": 1000, "confirmations": 2000, "persons": 1000}
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
            most=_MOST["attachments"],
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
            most=_MOST["confirmations"],
        ),
        "household_id": shapes.uuid,
        "idbdt": shapes.words(60, line_feed=False),
        "instrument": shapes.members(
            {"id": shapes.text(r"[A-Za-z0-9_.-]{1,60}"), "version": shapes.text(r"[ -~]{1,40}")}
        ),
        "kode_desa": shapes.kode_desa,
        "parents": shapes.ascending(shapes.each(shapes.sha256, most=MOST_PARENTS)),
        "period": shapes.period,
        "persons": shapes.each(shapes.uuid, most=_MOST["persons"]),
        "revision": shapes.integer(1, HIGHEST_REVISION),
        "sha256": shapes.sha256,
        "visit_id": shapes.uuid,
    }
)

# The same but for `answers`, as canonical bytes: ASCII without escapes and control characters.
_NAMES = {
    "answers", "attachments", "completed_at", "completed_by", "confirmations", "household_id",
    "idbdt", "instrument", "kode_desa", "parents", "period", "persons", "revision", "sha256",
    "visit_id",
}  # fmt: skip
_UUID, _SHA256 = rf'"{shapes.UUID}"', rf'"{shapes.SHA256}"'


def _words(longest: int) -> str:
    return rf'"[^"]{{0,{longest}}}"'


def _list(item: str) -> str:
    return rf"\[(?:{item}(?:,{item})*)?\]"


_PHOTO = rf'\{{"kind":"[A-Z0-9-]{{1,40}}","path":{_words(200)},"sha256":{_SHA256}\}}'
_REASON = rf'\{{"path":{_words(200)},"reason":{_words(4000)},"rule":{_words(100)}\}}'
_TAIL = re.compile(
    (
        rf',"attachments":{_list(_PHOTO)},"completed_at":"[^"]{{20}}","completed_by":{_words(100)}'
        rf',"confirmations":{_list(_REASON)},"household_id":{_UUID},"idbdt":{_words(60)}'
        rf',"instrument":\{{"id":"[A-Za-z0-9_.-]{{1,60}}","version":"[^"]{{1,40}}"\}}'
        rf',"kode_desa":"{shapes.KODE_DESA}","parents":{_list(_SHA256)},"period":"{shapes.PERIOD}"'
        rf',"persons":{_list(_UUID)},"revision":[1-9][0-9]{{0,6}}(,"sha256":{_SHA256})'
        rf',"visit_id":{_UUID}\}}'
    ).encode()
)
