"""How the whole form stands: per section what is empty or wrong, and how much is answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siks_offline.instrument import checks, promoted
from siks_offline.instrument.numbering import split_label
from siks_offline.texts import text
from siks_offline.ui.compass import Compass, Spot
from siks_offline.ui.layout import Grid, Row
from siks_offline.ui.question_row import REQUIRED
from siks_offline.ui.section_rail import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from siks_offline.instrument.engine import FormState
    from siks_offline.model import Issue
    from siks_offline.ui.layout import Section

_ENTRY = re.compile(r"\[(\d+)\]")
_LAST = Spot(9_999, 0, 0, 0, 0)
LONGEST_LABEL = 44


@dataclass(frozen=True, slots=True)
class Account:
    """Taken in one walk over the issues; `order` and `places` go by the identity of an issue."""

    sections: tuple[Standing, ...]
    issues: tuple[Issue, ...]
    empties: tuple[Issue, ...]
    places: Mapping[int, str]
    order: Mapping[int, Spot]
    percent: int


def take_account(state: FormState, sections: Sequence[Section], compass: Compass) -> Account:
    """Count what is empty, wrong and answered."""
    empties, issues = [], []
    places: dict[int, str] = {}
    order: dict[int, Spot] = {}
    empty_in, wrong_in = [0] * len(sections), [0] * len(sections)
    for issue in checks.issues(state):
        path = next(compass.paths_of(issue, state), "")
        spot = compass.spot(path) if path else None
        places[id(issue)] = place_of(issue, path, state)
        order[id(issue)] = spot or _LAST
        if issue.rule == REQUIRED or _too_early(issue, path, state):
            empties.append(issue)
            if spot is not None:
                empty_in[spot.section] += 1
        else:
            issues.append(issue)
            if spot is not None:
                wrong_in[spot.section] += 1
    asked, answered = [], 0
    for section in sections:
        some = False
        for path in _paths(section, state):
            if state.relevant(path):
                some = True
                answered += bool(state.value(path))
        asked.append(some or any(state.relevant(g.repeat) for g in _grids(section)))
    wanted = answered + len(empties)
    return Account(
        tuple(Standing(*one) for one in zip(asked, empty_in, wrong_in, strict=True)),
        tuple(issues),
        tuple(empties),
        places,
        order,
        round(100 * answered / wanted) if wanted else 0,
    )


def _too_early(issue: Issue, path: str, state: FormState) -> bool:
    """Whether a check across questions waits for the first of them to be answered."""
    return path != issue.path and bool(path) and not state.value(path)


def place_of(issue: Issue, path: str, state: FormState) -> str:
    """Return where an issue is, in words: the person's number, the question's words."""
    entry = _ENTRY.search(issue.path)
    question = ""
    if path and path == issue.path:
        number, words = split_label(state.label(path))
        if len(words) > LONGEST_LABEL:
            words = f"{words[:LONGEST_LABEL].rsplit(' ', 1)[0]} …"
        question = f"{number} {words}".strip()
    if entry:
        repeat = issue.path[: entry.start()]
        name = ""
        if state.instrument.owner.get(promoted.NAMA) == repeat:
            name = state.value(f"{repeat}[{entry[1]}].{promoted.NAMA}")
        key = "ui.kunjungan.tempat_orang" if name else "ui.kunjungan.tempat_baris"
        return text(key, nomor=entry[1], nama=name, tanya=question).strip(" ·")
    return question or text("ui.kunjungan.tempat_rumah")


def _grids(section: Section) -> Iterator[Grid]:
    return (item for item in section.items if isinstance(item, Grid))


def _paths(section: Section, state: FormState) -> Iterator[str]:
    for item in section.items:
        if isinstance(item, Row):
            yield item.name
        elif isinstance(item, Grid):
            for number in range(1, state.count(item.repeat) + 1):
                for row in item.columns:
                    yield f"{item.repeat}[{number}].{row.name}"
    if section.person:
        for number in range(1, state.count(section.repeat) + 1):
            for item in section.person:
                if isinstance(item, Row):
                    yield f"{section.repeat}[{number}].{item.name}"
