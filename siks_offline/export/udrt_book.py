"""Completed visits as the ministry's two tables, UDRT and UDART: the way back of its layout.

The columns are those of resources/tata-letak.toml. Which question fills a column is asked of the
layout that reads such a workbook, so that what is written here is read there as the same answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from siks_offline.export import layouts, sheet_writer
from siks_offline.export.answers_sheets import inert
from siks_offline.export.layouts import FACT
from siks_offline.export.sheet_writer import NAME, TEXT
from siks_offline.instrument import fields, promoted
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from siks_offline.export.layouts import Column
    from siks_offline.export.sheet_writer import Cell
    from siks_offline.instrument.schema import Choice, Instrument
    from siks_offline.model import Answers
    from siks_offline.progress import Progress

HOUSEHOLDS, MEMBERS = "UDRT", "UDART"
_OWN_ID = "id_hh"
"""Column that ties the rows of a household together that has no IDBDT yet."""
_LINES = {True: ("3", "4"), False: ("1", "2")}
_WIDTH = 14


class Household(NamedTuple):
    """One completed visit to write: the household's own id, its IDBDT if any, its answers."""

    id: str
    idbdt: str
    answers: Answers


class Written(NamedTuple):
    """What was written; `unlisted` households have no IDBDT."""

    households: int
    members: int
    unlisted: int


def mapped(instrument: Instrument) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the questions of households, and of members, that have a column."""
    found = []
    for sheet in ("rumah_tangga", "anggota"):
        columns = _columns(sheet, instrument)
        found.append(tuple(one.target for one in columns if one.question is not None))
    return found[0], found[1]


def write(
    path: Path,
    instrument: Instrument,
    households: Iterable[Household],
    progress: Progress = silent,
) -> Written:
    """Write completed visits, whole or not at all; every cell is text. Raises FileError."""
    titles = layouts.written_columns()
    count = members = unlisted = 0
    progress(0, 0)
    with sheet_writer.Pages() as pages:
        home, people = (
            _Table(pages, title, titles[part], _columns(part, instrument))
            for title, part in ((HOUSEHOLDS, "rumah_tangga"), (MEMBERS, "anggota"))
        )
        for one in households:
            facts = _facts(one)
            home.append(one.answers, facts)
            for number, member in enumerate(promoted.members(one.answers), start=1):
                own = {f"{FACT}nomor": str(number), f"{FACT}umur": member.get(promoted.AGE, "")}
                people.append(member, facts | own)
                members += 1
            count += 1
            unlisted += not one.idbdt
            progress(count, 0)
        pages.save(path)
    progress(count, count)
    return Written(count, members, unlisted)


def _facts(one: Household) -> dict[str, str]:
    """What a row says beside its answers: facts of the layout by name, columns by `=` and name."""
    cards = [card.get(promoted.FAMILY_NO_KK, "") for card in one.answers.get("kk", ())]
    facts = {f"{FACT}{part}": one.answers.get(part, "") for part, _ in promoted.BPS_PARTS}
    facts[f"{FACT}no_kk"] = cards[0] if cards else ""
    facts[f"{FACT}idbdt"] = facts[promoted.IDBDT] = one.idbdt
    if not one.idbdt:
        facts[f"={_OWN_ID}"] = one.id
    return facts


def _columns(part: str, instrument: Instrument) -> tuple[Column, ...]:
    found = layouts.recognise(layouts.written_columns()[part], 1, instrument)
    if found is None:
        return ()
    return found.household or found.member


class _Table:
    """One of the two sheets while its rows come."""

    def __init__(
        self,
        pages: sheet_writer.Pages,
        title: str,
        titles: Sequence[str],
        columns: Sequence[Column],
    ) -> None:
        self._page = pages.add(title, [_WIDTH] * len(titles))
        self._page.append((NAME, one) for one in titles)
        self._fill: list[Callable[[Mapping[str, Any], Mapping[str, str]], str]] = [
            _nothing(f"={one}") for one in titles
        ]
        lines = layouts.lines_of_three()
        for column in columns:
            self._fill[column.index] = _filled(column, column.target in lines)

    def append(self, answers: Mapping[str, Any], facts: Mapping[str, str]) -> None:
        """Add the row of a household or a member."""
        self._page.append(_cell(fill(answers, facts)) for fill in self._fill)


def _cell(text: str) -> Cell:
    return (TEXT, inert(text)) if text else None


def _nothing(name: str) -> Callable[[Mapping[str, Any], Mapping[str, str]], str]:
    return lambda _, facts: facts.get(name, "")


def _filled(column: Column, three: bool) -> Callable[[Mapping[str, Any], Mapping[str, str]], str]:
    target, question = column.target, column.question
    if question is None:
        return lambda _, facts: facts.get(target, "")
    if layouts.is_yes_no(column.choices):
        pair = dict(zip((one.code for one in column.choices), _LINES[three], strict=True))
        return lambda answers, _: pair.get(answers.get(target, ""), answers.get(target, ""))
    if question.type == "select_multiple":
        return lambda answers, _: summed(answers.get(target, ""), column.choices)
    return lambda answers, facts: answers.get(target) or facts.get(target, "")


def summed(answer: str, choices: Sequence[Choice]) -> str:
    """Return several codes as the sum that the ministry writes, where their list is of bits."""
    codes = answer.split()
    if not codes or not all(code.isdigit() for code in codes):
        return answer
    total = str(sum(map(int, codes)))
    return total if set(fields.codes_of_sum(total, choices).split()) == set(codes) else answer
