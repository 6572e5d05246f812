"""Lines of records/proposals, moves, musdes and verdicts.ndjson: one revision each.

`sha256` = SHA-256(prefix + RFC 8785 form of the line without `sha256`); of several revisions of a
record id the highest stands (docs/spec/siks-bundle.md section 5).
"""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any, Final

from siks_offline.errors import BundleError
from siks_offline.export import canonical, records, shapes
from siks_offline.export.identity import NAMESPACE
from siks_offline.export.manifest import LARGEST_LINE
from siks_offline.meeting import AUDIT, COLUMNS, GROUPS, MOVES, UNFIT

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Final = ("moves", "musdes", "proposals", "verdicts")
_PREFIX: Final = {
    "moves": b"siks-move/1\n",
    "musdes": b"siks-musdes/1\n",
    "proposals": b"siks-proposal/1\n",
    "verdicts": b"siks-verdict/1\n",
}


def musdes_id(kode_desa: str, period: str) -> str:
    """Return the record id of a period's musyawarah, the same on every device of a village."""
    return str(uuid.uuid5(NAMESPACE, f"musdes/{kode_desa}/{period}"))


def verdict_id(household_id: str, period: str) -> str:
    """Return the record id of what was said of a household in a period."""
    return str(uuid.uuid5(NAMESPACE, f"verdict/{household_id}/{period}"))


def seal(kind: str, body: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return the hash and the canonical line of a record, held against its schema.

    Raises BundleError E_RECORD_SCHEMA.
    """
    raw = canonical.dumps(dict(body))
    sha256 = hashlib.sha256(_PREFIX[kind] + raw).hexdigest()
    line = canonical.dumps(canonical.loads(raw) | {"sha256": sha256})
    if len(line) >= LARGEST_LINE:
        raise BundleError("E_RECORD_SCHEMA", bagian="panjang baris")
    check(kind, canonical.loads(line))
    return sha256, line


def check(kind: str, line: Any) -> tuple[str, bytes]:
    """Return the hash of a received line and the bytes hashed.

    A line whose value is a BundleError (an unreadable one) raises that error; every other fault is
    BundleError E_RECORD_SCHEMA with the place as `bagian`.
    """
    if isinstance(line, BundleError):
        raise line
    shapes.check(line, _SHAPES[kind], "E_RECORD_SCHEMA")
    rest = {key: value for key, value in line.items() if key != "sha256"}
    try:
        raw = canonical.dumps(rest)
    except BundleError as fault:
        raise BundleError("E_RECORD_SCHEMA", bagian=fault.facts["sebab"]) from None
    found = hashlib.sha256(_PREFIX[kind] + raw).hexdigest()
    if found != line["sha256"]:
        raise BundleError("E_RECORD_SCHEMA", bagian="sha256")
    wanted = _wanted_id(kind, line)
    if wanted not in ("", line["record_id"]):
        raise BundleError("E_RECORD_SCHEMA", bagian="record_id")
    return found, raw


def _wanted_id(kind: str, line: Mapping[str, Any]) -> str:
    """Return the one id that a record of this kind may have; empty where the sender chooses."""
    if kind == "musdes":
        return musdes_id(line["kode_desa"], line["period"])
    if kind == "verdicts":
        return verdict_id(line["household_id"], line["period"])
    return ""


# The schemas -----------------------------------------------------------------------------------

_line = shapes.words(200, line_feed=False)
_code = shapes.text(r"[0-9]?")
_COMMON = {
    "kode_desa": shapes.kode_desa,
    "period": shapes.period,
    "record_id": shapes.uuid,
    "revision": shapes.integer(1, records.HIGHEST_REVISION),
    "sha256": shapes.sha256,
}
_maybe_uuid = shapes.text(r"([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?")
_attachments = shapes.each(
    shapes.members(
        {
            "kind": shapes.text(r"[A-Z0-9-]{1,40}"),
            "path": shapes.words(200, line_feed=False),
            "sha256": shapes.sha256,
        }
    ),
    most=100,
)


def _maybe_moment(value: Any, where: str) -> None:
    if value != "":
        shapes.moment(value, where)


_proposal = shapes.members(
    _COMMON
    | {
        "answers": records.answers_shape,
        "at": shapes.moment,
        "attachments": _attachments,
        "by": shapes.words(100, line_feed=False),
        "confirmations": shapes.each(
            shapes.members({"path": _line, "reason": shapes.words(), "rule": _line}), most=500
        ),
        "criteria": shapes.each(shapes.text(r"[a-z0-9_]{1,40}"), most=100),
        "door": shapes.one_of("loket", "daring", "kunjungan"),
        "household_id": shapes.uuid,
        "instrument": shapes.members(
            {"id": shapes.text(r"[A-Za-z0-9_.-]{1,60}"), "version": shapes.text(r"[ -~]{1,40}")}
        ),
        "number": shapes.integer(1),
        "persons": shapes.each(shapes.uuid, most=100),
        "registrar": _line,
    }
)

_verdict = shapes.members(
    _COMMON
    | {
        "able": _code,
        "at": shapes.moment,
        "by": shapes.words(100, line_feed=False),
        "disabled": _code,
        "household_id": shapes.uuid,
        "idbdt": shapes.words(60, line_feed=False),
        "note": shapes.words(500),
        "reason": _code,
        "sitting_id": _maybe_uuid,
        "source": shapes.one_of("prelist", "usulan"),
        "standing": _code,
        "status": shapes.one_of("1", "2", "3", "4"),
        "twin": _maybe_uuid,
        "working": _code,
    }
)

_attendee = shapes.members(
    {
        "group": shapes.one_of(*GROUPS),
        "name": _line,
        "post": _line,
        "sex": shapes.one_of("L", "P"),
    }
)


def _audit(value: Any, where: str) -> None:
    if type(value) is not dict or not set(value) <= set(AUDIT):
        raise shapes.Mismatch(where)
    for name, answer in value.items():
        shapes.words(500)(answer, f"{where}.{name}")


_sitting = shapes.members(
    {
        "attendees": shapes.each(_attendee, most=1000),
        "audit": _audit,
        "date": shapes.text(r"[0-9]{4}-[01][0-9]-[0-3][0-9]"),
        "hour": shapes.text(r"([0-2][0-9]:[0-5][0-9])?"),
        "id": shapes.uuid,
        "leader": _line,
        "leader_post": _line,
        "number": shapes.integer(1, 1000),
        "place": _line,
    }
)

_musdes = shapes.members(
    _COMMON
    | {
        "at": shapes.moment,
        "by": shapes.words(100, line_feed=False),
        "closed_at": _maybe_moment,
        "counts": shapes.members({name: shapes.integer() for name in COLUMNS}),
        "reopened": shapes.words(500),
        "sittings": shapes.each(_sitting, most=100),
        "way": shapes.one_of("musyawarah", "sptjm"),
    },
    added={
        "documents": shapes.each(
            shapes.members({"kind": shapes.text(r"[a-z0-9-]{1,40}"), "sha256": shapes.sha256}),
            most=100,
        )
    },
)

_move = shapes.members(
    _COMMON
    | {
        "at": shapes.moment,
        "by": shapes.words(100, line_feed=False),
        "household_id": shapes.uuid,
        "kind": shapes.one_of(*MOVES),
        "note": shapes.words(500),
        "other": _maybe_uuid,
        "person_id": _maybe_uuid,
        "reason": shapes.one_of("", *UNFIT),
    }
)

_SHAPES: Final = {
    "moves": _move, "musdes": _musdes, "proposals": _proposal, "verdicts": _verdict
}  # fmt: skip
