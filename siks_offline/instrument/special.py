"""Which answers of a question mean "tidak tahu" and "menolak": the instrument's own, or none.

A code list says so in a column `khusus` of its choices sheet (tidak_tahu or menolak), else by a
label that says nothing but this (texts.toml, `isian.khusus`). A question without a list says so in
`parameters`: ``tidak_tahu=98 menolak=99``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from siks_offline.texts import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siks_offline.instrument.schema import Choice, Instrument

UNKNOWN: Final = "tidak_tahu"
REFUSED: Final = "menolak"
KINDS: Final = (UNKNOWN, REFUSED)
COLUMN: Final = "khusus"
_PAIR = re.compile(r"([\w-]+)\s*=\s*(\d+)")


@lru_cache(maxsize=2048)
def answers(instrument: Instrument, name: str) -> Mapping[str, str]:
    """Return the special answers of a question: kind to code, for those kinds that it has."""
    question = instrument.questions.get(name)
    if question is None:
        return {}
    choices = instrument.options(name)
    if not choices:
        given = {key.lower(): value for key, value in _PAIR.findall(question.parameters)}
        return {kind: given[kind] for kind in KINDS if kind in given}
    found: dict[str, str] = {}
    for choice in choices:
        kind = _kind(choice)
        if kind:
            found.setdefault(kind, choice.code)
    return found


def _kind(choice: Choice) -> str:
    marked = dict(choice.columns).get(COLUMN, "").strip().lower()
    if marked:
        return marked if marked in KINDS else ""
    label = " ".join(re.sub(r"[^\w\s]", " ", choice.label.casefold()).split())
    return next((kind for kind in KINDS if label in text(f"isian.khusus.{kind}").split("|")), "")
