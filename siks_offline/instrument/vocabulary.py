"""The words of XLSForm that the loader takes, and those it refuses by name.

docs/instrumen.md is written for authors from these tables; a test keeps the two together.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TYPES: Mapping[str, str] = {
    "text": "text", "string": "text", "integer": "integer", "int": "integer",
    "decimal": "decimal", "date": "date", "calculate": "calculate", "note": "note",
    "image": "image", "photo": "image", "file": "file", "geopoint": "geopoint", "gps": "geopoint",
}  # fmt: skip
"""Spelling in a workbook (underscores read as blanks) to our name of the type."""

SELECTS: Mapping[str, str] = {
    "select one": "select_one", "select one from": "select_one", "select1": "select_one",
    "add select one prompt using": "select_one",
    "select multiple": "select_multiple", "select all that apply": "select_multiple",
    "select all that apply from": "select_multiple",
    "add select multiple prompt using": "select_multiple",
}  # fmt: skip
"""Spellings that a code list follows."""

OR_OTHER = ("or_other", "or other", "or specify other")
OTHER = "other"
"""The code that or_other adds to a list."""

FIRST_OPENED: Mapping[str, str] = {
    "start": "once(format-date-time(now(), '%Y-%m-%dT%H:%M:%S'))",
    "today": "once(format-date(today(), '%Y-%m-%d'))",
}
"""What a phone records by itself and we work out: the moment a visit was first opened."""

REFUSED_TYPES: Mapping[str, str] = {
    "end": "metadata", "deviceid": "metadata", "imei": "metadata", "subscriberid": "metadata",
    "simserial": "metadata", "phonenumber": "metadata", "username": "metadata",
    "email": "metadata", "audit": "metadata",
    "start-geopoint": "telepon", "background-audio": "telepon", "background-geopoint": "telepon",
    "phone number": "nomor", "time": "jam", "datetime": "jam", "barcode": "barcode",
    "range": "range", "rank": "rank",
    "acknowledge": "setuju", "trigger": "setuju", "audio": "berkas", "video": "berkas",
    "geotrace": "titik", "geoshape": "titik", "hidden": "hitungan", "osm": "titik",
    "select one external": "daftar", "select one from file": "daftar",
    "select multiple from file": "daftar", "csv-external": "daftar", "xml-external": "daftar",
    "cascading select": "daftar", "begin loop": "ulang", "end loop": "ulang", "include": "sisip",
}  # fmt: skip
"""Types of XLSForm outside the subset, to the remedy under ``isian.ganti_jenis``."""

BRACKETS: Mapping[str, tuple[str, str]] = {
    f"{word} {spelled}": (word, kind)
    for word in ("begin", "end")
    for spelled, kind in (
        ("group", "group"), ("repeat", "repeat"), ("lgroup", "repeat"), ("looped group", "repeat"),
    )
}  # fmt: skip

COLUMNS: Mapping[str, str] = {
    name: name
    for name in (
        "type", "name", "label", "hint", "required", "read_only", "relevant", "constraint",
        "constraint_message", "calculation", "default", "choice_filter", "appearance",
        "parameters", "repeat_count",
    )
}  # fmt: skip
ALIASES: Mapping[str, str] = {
    "command": "type", "tag": "name", "value": "name", "caption": "label",
    "readonly": "read_only", "relevance": "relevant", "calculate": "calculation",
    "constraining_message": "constraint_message", "jr:constraintmsg": "constraint_message",
    "count": "repeat_count", "jr:count": "repeat_count", "x_kind": "kind",
}  # fmt: skip
TRANSLATED = ("label", "hint", "constraint_message")

REFUSED_COLUMNS: Mapping[str, str] = {
    "required_message": "pesan", "requiredmsg": "pesan", "jr:requiredmsg": "pesan",
    "guidance_hint": "petunjuk", "image": "gambar", "big-image": "gambar", "audio": "gambar",
    "video": "gambar", "media": "gambar", "trigger": "pemicu", "disabled": "mati",
    "save_to": "entitas", "save_incomplete": "telepon", "autoplay": "gambar", "rows": "baris",
    "body": "tampilan", "control": "tampilan", "bind": "bind", "instance": "bind",
    "intent": "telepon", "noapperrorstring": "pesan", "no_app_error_string": "pesan",
    "compact_tag": "sms", "sms_field": "sms", "sms_option": "sms", "sms_separator": "sms",
    "sms_allow_media": "sms", "sms_date_format": "sms", "sms_datetime_format": "sms",
    "sms_response": "sms", "choice_filter_external": "daftar", "query": "daftar",
}  # fmt: skip
"""Columns of XLSForm outside the subset, to the remedy under ``isian.ganti_kolom``."""

LIST_COLUMNS: Mapping[str, str] = {
    "list_name": "list_name", "name": "name", "label": "label", "value": "name",
    "caption": "label",
}  # fmt: skip
REFUSED_LIST_COLUMNS = ("image", "big-image", "audio", "video", "media")

SETTINGS: Mapping[str, str] = {
    "form_title": "form_title", "set_form_title": "form_title", "title": "form_title",
    "form_id": "form_id", "set_form_id": "form_id", "id_string": "form_id",
    "version": "version", "default_language": "default_language",
}  # fmt: skip
IDLE_SETTINGS = (
    "instance_name", "style", "submission_url", "auto_send", "auto_delete", "public_key",
    "namespaces", "name", "allow_choice_duplicates", "instance_xmlns", "sms_keyword",
    "sms_separator", "sms_allow_media", "sms_date_format", "sms_datetime_format", "prefix",
    "delimiter", "omit_instanceid", "client_editable", "attribute", "clean_text_values",
)  # fmt: skip
"""Settings for sending and phones: read over, for nothing is sent that way here."""
REFUSED_SHEETS: Mapping[str, str] = {
    "external_choices": "daftar", "entities": "entitas", "cascades": "daftar", "osm": "titik",
}  # fmt: skip

APPEARANCES = frozenset(
    {
        "minimal", "quick", "compact", "quickcompact", "columns", "columns-pack", "no-buttons",
        "horizontal", "horizontal-compact", "vertical", "likert", "label", "list-nolabel", "list",
        "table-list", "field-list", "autocomplete", "multiline", "numbers", "thousands-sep",
        "no-calendar", "nolabel", "month-year", "year",
    }
)  # fmt: skip
"""Words about looks: allowed, and without effect, for the window has one way of typing.

But month-year and year let a date be without its day, or without day and month (fields.py).
"""
_APPEARANCE_NUMBERED = re.compile(
    r"(?:w\d{1,2}|columns-\d{1,2}|compact-\d{1,2}|quickcompact-\d{1,2})"
)

_SPECIAL = ("tidak_tahu", "menolak")
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "text": ("rows", *_SPECIAL),
    "integer": _SPECIAL,
    "decimal": _SPECIAL,
    "image": ("max-pixels",),
}
"""Parameters a type may have: of size, and which number stands for an answer nobody has."""

APPLIES: Mapping[str, frozenset[str]] = {
    "group": frozenset({"label", "hint", "relevant", "appearance"}),
    "repeat": frozenset({"label", "hint", "relevant", "appearance", "repeat_count"}),
    "note": frozenset({"label", "hint", "relevant", "appearance", "required", "read_only"}),
    "calculate": frozenset({"label", "hint", "relevant", "appearance", "calculation", "kind"}),
}  # fmt: skip
"""Columns that say something about a kind of row; for other kinds all but `LISTED`."""
IDLE: Mapping[str, frozenset[str]] = {
    "note": frozenset({"constraint", "constraint_message", "kind", "parameters"}),
    "calculate": frozenset({"required", "read_only", "constraint", "constraint_message"}),
}
"""Columns that ODK too reads over for a kind of row: a warning, no fault."""


def near(word: str, words: Iterable[str]) -> str:
    """Return the nearest of the known words, for a suggestion; all of them where none is near."""
    known = sorted(set(words))
    found = difflib.get_close_matches(word, known, 1, 0.6)
    return found[0] if found else ", ".join(known)


def folded(heading: str) -> str:
    """Return a heading or type as the tables spell it: small letters, single blanks."""
    return " ".join(heading.lower().split())


def column(heading: str) -> tuple[str, str]:
    """Cut a heading into our column name, or the word that stands for it, and its language.

    ``bind::relevant`` and ``control::appearance`` are ``relevant`` and ``appearance``; one colon
    stands for two before a language, as old workbooks write it.
    """
    base, _, rest = heading.partition("::")
    if not rest and ":" in heading and not folded(heading).startswith("jr:"):
        base, _, rest = heading.partition(":")
    word = folded(base).replace(" ", "_")
    if word in ("bind", "control", "body") and rest:
        inner = folded(rest).replace(" ", "_").lstrip(":")
        ours = ALIASES.get(inner, COLUMNS.get(inner, ""))
        return (ours, "") if ours else (word, inner)
    return ALIASES.get(word, word), rest.strip()


def applies(kind: str, name: str) -> bool:
    """Whether a column says something about a kind of row."""
    if kind in APPLIES:
        return name in APPLIES[kind]
    if name == "choice_filter":
        return kind.startswith("select")
    return name != "repeat_count"


def is_look(word: str) -> bool:
    """Whether a word of an appearance is one of those allowed."""
    return word in APPEARANCES or _APPEARANCE_NUMBERED.fullmatch(word) is not None
