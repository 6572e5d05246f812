"""The sheets that answers of an instrument need: one for households, one for each repeat."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline.export import canonical
from siks_offline.export.sheet_scan import MAX_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siks_offline.instrument.schema import Instrument, Question

KEY, NUMBER, SEAL = "id rumah tangga", "nomor urut", "cap jawaban"
"""Headers of columns that are no questions; names of questions hold no blanks."""
HOUSEHOLDS, CODES = "rumah tangga", "daftar kode"
HEADS = 2
"""Rows above the answers: names, then labels."""
MOST_COLUMNS = 250
"""Questions on one sheet; more go on a sheet of the same name with a number behind it."""
MOST_ROWS = MAX_ROWS - HEADS

_LONGEST_TITLE = 31
_RESERVED = frozenset({"history", CODES, HOUSEHOLDS})
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LOOKALIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title, the repeat whose members are its rows, the questions of its columns."""

    title: str
    repeat: str
    columns: tuple[Question, ...]
    first: bool
    """Whether it is the first sheet of its repeat: the one whose rows count."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Headers before the questions."""
        if self.repeat:
            return (KEY, NUMBER)
        return (KEY, SEAL) if self.first else (KEY,)


def plan(instrument: Instrument) -> tuple[Sheet, ...]:
    """Return the sheets of an instrument: households first, then its repeats in form order.

    Notes hold no value and have no column; calculations have one.
    """
    taken = set(_RESERVED)
    sheets: list[Sheet] = []
    for repeat in ("", *instrument.repeats):
        title = _title(repeat, taken) if repeat else HOUSEHOLDS
        asked = tuple(one for one in instrument.questions_of(repeat) if one.type != "note")
        for start in range(0, max(len(asked), 1), MOST_COLUMNS):
            here = title if not start else _title(title, taken)
            sheets.append(Sheet(here, repeat, asked[start : start + MOST_COLUMNS], not start))
    return tuple(sheets)


def _title(name: str, taken: set[str]) -> str:
    """Return a title that Excel takes, unlike all others but for case."""
    title, number = name[:_LONGEST_TITLE], 1
    while title.casefold() in taken:
        number += 1
        mark = f" ({number})"
        title = name[: _LONGEST_TITLE - len(mark)] + mark
    taken.add(title.casefold())
    return title


def seal(answers: Mapping[str, Any]) -> str:
    """Return sixteen letters that tell whether answers are still the ones that were written."""
    text = json.dumps(answers, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# --- text that a cell cannot hold as it is --------------------------------------------------------


def guarded(text: str) -> str:
    """Return a text whose every character comes back from a cell.

    Reading takes blanks at the ends and control characters away, composes what is not NFC: such
    characters become `_xHHHH_`, as Excel itself writes what XML cannot hold.
    """
    if text.isascii() and text.isprintable() and "_x" not in text and text.strip() == text:
        return text
    text = _LOOKALIKE.sub("_x005F_", text)
    middle = text.strip()
    if not middle:
        return _escaped(text)
    head, _, tail = text.partition(middle)
    if _FORBIDDEN.search(middle) or canonical.normalise_text(middle) != (middle, False):
        whole = unicodedata.is_normalized("NFC", middle)
        middle = "".join(
            one
            if (one.isascii() or whole)
            and canonical.normalise_text(one) == (one, False)
            and not _FORBIDDEN.match(one)
            else _escaped(one)
            for one in middle
        )
    return _escaped(head) + middle + _escaped(tail)


def _escaped(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass")
    return "".join(f"_x{units[at]:02X}{units[at + 1]:02X}_" for at in range(0, len(units), 2))


def unguarded(text: str) -> str:
    """Return the text that `guarded` was given."""
    if "_x" not in text:
        return text
    spelt = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return spelt.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")


def inert(text: str) -> str:
    """Return a text as the XML of a cell holds it: what looks like an escape is escaped."""
    if "_x" in text:
        text = _LOOKALIKE.sub("_x005F_", text)
    return text if text.isprintable() else _FORBIDDEN.sub("", text)
