"""The number of a question on paper, taken from its label: one rule for screen, paper and lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from siks_offline.instrument.schema import Question

_NUMBER = re.compile(r"^((?:R\.)?(?:\d{1,3}[a-z]?\d?|[a-z]|[IVX]{1,4}|[A-Z]))\.\s+")
_UNIT = re.compile(r"\s*\(([a-z][^()]{0,7})\)$")
MEASURED = frozenset({"integer", "decimal"})


def split_label(label: str) -> tuple[str, str]:
    """Split "7a. Sumber air minum" into the number on the paper and the words."""
    found = _NUMBER.match(label)
    return (found[1], label[found.end() :]) if found else ("", label)


def unit_of(question: Question) -> tuple[str, str]:
    """Return the words of a question without its number and unit, and the unit of a measure."""
    _, words = split_label(question.label)
    unit = _UNIT.search(words) if question.type in MEASURED else None
    return (words[: unit.start()], unit[1]) if unit else (words, "")
