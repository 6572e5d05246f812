"""Finds a question by the number that the paper gives it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from siks_offline.ui.layout import Grid, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from siks_offline.ui.form_view import Place
    from siks_offline.ui.layout import Item, Section

_ROMAN = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_PARTS = re.compile(r"^(?:blok\s*)?([ivx]+|[0-9]+)[.\s]+(?:r\.)?([0-9a-z]+)$")


def find(sections: Sequence[Section], words: str, here: Place) -> list[str]:
    """Return the paths that carry a number, those of this section first, then onwards and round.

    "7a" is looked for everywhere; "III.7a" and "3.7a" only in that section. A person's question is
    that of the person whose screen is in front, else of the first.
    """
    wanted = words.strip().casefold().removeprefix("r.").rstrip(".")
    if not wanted:
        return []
    order = [*range(here.section, len(sections)), *range(here.section)]
    found = _in(sections, order, wanted, here)
    parts = _PARTS.match(wanted)
    if not found and parts:
        block = _roman(parts[1])
        inside = [at for at in order if _roman(_short(sections[at].number)) == block]
        found = _in(sections, inside, parts[2], here)
    return found


def _in(sections: Sequence[Section], order: Sequence[int], wanted: str, here: Place) -> list[str]:
    found = []
    for at in order:
        section = sections[at]
        person = here.person if at == here.section and here.person else 1
        found += [name for number, name in _rows(section.items) if _short(number) == wanted]
        found += [
            f"{section.repeat}[{person}].{name}"
            for number, name in _rows(section.person)
            if _short(number) == wanted
        ]
    return found


def _rows(items: Sequence[Item]) -> Iterator[tuple[str, str]]:
    for item in items:
        if isinstance(item, Row):
            yield item.number, item.name
        elif isinstance(item, Grid):
            for column in item.columns:
                yield column.number, f"{item.repeat}[1].{column.name}"


def _short(number: str) -> str:
    return number.casefold().removeprefix("r.").rstrip(".")


def _roman(number: str) -> str:
    return _ROMAN[int(number)] if number.isdigit() and int(number) < len(_ROMAN) else number
