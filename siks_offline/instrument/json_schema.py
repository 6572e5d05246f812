"""JSON Schema (2020-12) of one line of visits.ndjson whose answers are those of an instrument."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from siks_offline.instrument.lexer import REFERENCE
from siks_offline.instrument.reasons import split
from siks_offline.instrument.schema import Repeat

if TYPE_CHECKING:
    from siks_offline.instrument.schema import Instrument, Question

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LONGEST = 4000
_PATTERNS = {
    "integer": r"^-?(0|[1-9][0-9]{0,17})$",
    "decimal": r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{0,11}[1-9])?$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "geopoint": r"^-?[0-9.]+( -?[0-9.]+){1,3}$",
}
_WHOLE = re.compile(r"""regex\(\.,\s*(?:'(\^[^']*\$)'|"(\^[^"]*\$)")\)""")
_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_SHA256 = "^[0-9a-f]{64}$"
_SIMPLE = re.compile(r"(?:[\w\[\]{}().,*+?|^$ '`/:@&-]|\\[.d])*")
"""Patterns that mean the same in every dialect of regular expressions."""


def schema(instrument: Instrument) -> dict[str, Any]:
    """Return the schema of a completed visit as DATA.md describes it.

    It says what an answer may look like, not which answers fit each other: rules of the workbook
    stand in `$comment`. Every member of `answers` is optional, since questions are skipped.
    """
    return {
        "$schema": DIALECT,
        "$id": f"urn:siks-offline:visit:{instrument.id}:{instrument.version}",
        "title": instrument.title,
        "$comment": f"sha256 {instrument.sha256}",
        "type": "object",
        "additionalProperties": False,
        "required": [*sorted(_RECORD), "answers", "instrument"],
        "properties": {
            **_RECORD,
            "instrument": _object(
                {"id": {"const": instrument.id}, "version": {"const": instrument.version}}
            ),
            "answers": _answers(instrument, ""),
        },
    }


def _object(members: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": sorted(members),
        "properties": members,
        **more,
    }


def _text(longest: int = _LONGEST, **more: Any) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest, **more}


_MOMENT = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"}
_RECORD: dict[str, Any] = {
    "attachments": {
        "type": "array",
        "items": _object(
            {
                "kind": _text(40, pattern="^[A-Z0-9-]{1,40}$"),
                "path": _text(200),
                "sha256": _text(64, pattern=_SHA256),
            }
        ),
    },
    "completed_at": _MOMENT,
    "completed_by": _text(100),
    "confirmations": {
        "type": "array",
        "items": _object({"path": _text(200), "reason": _text(), "rule": _text(100)}),
    },
    "household_id": _text(36, pattern=_UUID),
    "idbdt": _text(60),
    "kode_desa": _text(10, pattern="^[0-9]{10}$"),
    "parents": {
        "type": "array",
        "maxItems": 8,
        "uniqueItems": True,
        "items": _text(64, pattern=_SHA256),
    },
    "period": _text(7, pattern="^[0-9]{4}-(Q[1-4]|0[1-9]|1[0-2])$"),
    "persons": {"type": "array", "items": _text(36, pattern=_UUID)},
    "revision": {"type": "integer", "minimum": 1},
    "sha256": _text(64, pattern=_SHA256),
    "visit_id": _text(36, pattern=_UUID),
}


def _answers(instrument: Instrument, repeat: str) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, element in instrument.elements.items():
        if instrument.owner[name] != repeat:
            continue
        if isinstance(element, Repeat):
            members[name] = {
                "title": _words(element.label) or name,
                "type": "array",
                "items": _answers(instrument, name),
            }
        elif name in instrument.questions and instrument.questions[name].type != "note":
            members[name] = _answer(instrument, instrument.questions[name])
    return {"type": "object", "additionalProperties": False, "properties": members}


def _answer(instrument: Instrument, question: Question) -> dict[str, Any]:
    found: dict[str, Any] = {"title": _words(question.label) or question.name, "type": "string"}
    if question.hint:
        found["description"] = _words(question.hint)
    rules = [
        f"{column}: {source}"
        for column in ("relevant", "required", "constraint", "calculation")
        if (source := getattr(question, column))
    ]
    if rules:
        found["$comment"] = "; ".join(rules)
    codes = instrument.options(question.name)
    if question.type == "select_one" and codes:
        found["oneOf"] = [{"const": one.code, "title": _words(one.label)} for one in codes]
    elif question.type == "select_multiple" and codes:
        one = "|".join(re.escape(choice.code) for choice in codes)
        found["pattern"] = f"^({one})( ({one}))*$"
    else:
        found |= {"minLength": 1, "maxLength": _LONGEST}
        if pattern := _pattern(question):
            found["pattern"] = pattern
        if question.type == "date":
            found["format"] = "date"
    if question.read_only == "yes" or question.type == "calculate":
        found["readOnly"] = True
    return found


def _pattern(question: Question) -> str:
    """Return the pattern of a type, or one that a constraint asks for beside other things."""
    if question.type in _PATTERNS:
        return _PATTERNS[question.type]
    if question.type != "text" or len(split(question.constraint, "or")) > 1:
        return ""
    for part in split(question.constraint, "and"):
        whole = _WHOLE.fullmatch(part)
        pattern = (whole[1] or whole[2]) if whole else ""
        if pattern and _SIMPLE.fullmatch(pattern):
            return str(pattern)
    return ""


def _words(text: str) -> str:
    return REFERENCE.sub("…", text)
