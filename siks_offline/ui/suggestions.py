"""What a NIK says of its owner, proposed where the answer is still empty, never answered by itself.

Source: UX.md, birth date and sex from digits 7 to 12, confirmed by Enter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.errors import AnswersError
from siks_offline.instrument import fields, promoted
from siks_offline.nik import Nik

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from siks_offline.instrument.engine import FormState

SEX_CODES = {"L": "1", "P": "2"}
"""Sex as a NIK has it -> code of the questionnaires."""
FOLLOWERS = (promoted.BIRTH_DATE, promoted.SEX)


def suggestion(state: FormState, path: str, today: date) -> str:
    """Return the words that may be proposed for an empty answer; "" for none."""
    place, _, name = path.rpartition(".")
    if name not in FOLLOWERS or state.value(path) or not state.relevant(path):
        return ""
    source = f"{place}.{promoted.NIK}" if place else promoted.NIK
    if state.instrument.owner.get(promoted.NIK) != state.instrument.owner.get(name):
        return ""
    try:
        nik = Nik.parse(state.value(source))
    except AnswersError:
        return ""
    if name == promoted.SEX:
        code = SEX_CODES[nik.sex]
        return code if any(choice.code == code for choice in state.choices(path)) else ""
    born = nik.birth_date(today)
    return fields.FIELDS["date"].format(born.isoformat()) if born is not None else ""


def followers(changed: Iterable[str]) -> set[str]:
    """Return the paths whose proposal may be another one after these answers changed."""
    found: set[str] = set()
    for path in changed:
        place, dot, name = path.rpartition(".")
        if name == promoted.NIK:
            found.update(f"{place}{dot}{one}" for one in FOLLOWERS)
    return found
