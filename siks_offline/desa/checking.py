"""The whole village held against its questionnaires."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from siks_offline.desa import visit
from siks_offline.desa.neighbours import Neighbours
from siks_offline.desa.rights import action
from siks_offline.instrument import checks, rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village
    from siks_offline.instrument.schema import Instrument
    from siks_offline.meeting import Verdict
    from siks_offline.model import Answers, Confirmation, Issue

_TOGETHER = 100
"""Households that are read, and whose NIKs are looked up, at once."""


@action
def check_all(village: Village, now: datetime) -> tuple[int, list[tuple[str, Issue]]]:
    """Check every household that was begun; (how many, (household id, issue) in list order).

    What is checked is its draft, as opening it would show it, else what was completed.
    """
    from siks_offline.db import meeting

    begun = _begun(village)
    found: dict[str, tuple[Issue, ...]] = {}
    with village.store.read() as session:
        closed = meeting.standing(session, village.period).closed_at
        said = meeting.verdicts(session, village.period) if closed else {}
        for start in range(0, len(begun), _TOGETHER):
            found.update(_checked(session, village, begun[start : start + _TOGETHER], said, now))
    for household_id in begun:
        if household_id not in found:
            found[household_id] = checks.issues(visit.open_visit(village, household_id, now).state)
    return len(begun), [(id_, issue) for id_ in begun for issue in found[id_]]


def _checked(
    session: Session,
    village: Village,
    ids: Sequence[str],
    said: Mapping[str, Verdict],
    now: datetime,
) -> Iterator[tuple[str, tuple[Issue, ...]]]:
    """Yield some households with their issues; one without any answers of its own is left out."""
    from siks_offline.db import neighbours
    from siks_offline.instrument.engine import FormState

    found = list(_given(session, village, ids))
    niks = {one.household_id: rules.niks(one.answers) for one in found}
    holders = neighbours.holders(session, [nik for own in niks.values() for nik in own])
    for one in found:
        household_id = one.household_id
        state = FormState(one.instrument, one.answers, now=now, confirmations=one.confirmations)
        if one.draft and household_id in said:
            visit.fill_head(state, said[household_id])
        lookup = Neighbours(household_id)
        lookup.hear(holders, niks[household_id])
        yield household_id, checks.issues(state, lookup)


class _Given(NamedTuple):
    """The answers of a household, with their questionnaire and what was confirmed."""

    household_id: str
    instrument: Instrument
    answers: Answers
    confirmations: tuple[Confirmation, ...]
    draft: bool


def _given(session: Session, village: Village, ids: Sequence[str]) -> Iterator[_Given]:
    from siks_offline.db import drafts, visits

    drafted = drafts.of_households(session, ids)
    completed = visits.of_households(session, village.period, ids)
    for household_id in ids:
        current, kept = completed.get(household_id), drafted.get(household_id)
        if kept is not None:
            name = visit.preferred(tuple(kept), village.instrument, current)
            instrument, draft = village.instrument_of(session, name), kept[name]
            known = draft.confirmations or (current.confirmations if current else ())
            answers = visit.unflatten(draft.rows, tuple(instrument.repeats))
            yield _Given(household_id, instrument, answers, known, draft=True)
        elif current is not None and current.answers:
            name = (current.instrument_id, current.instrument_version)
            instrument, known = village.instrument_of(session, name), current.confirmations
            yield _Given(household_id, instrument, current.answers, known, draft=False)


def _begun(village: Village) -> list[str]:
    from siks_offline.db import households

    with village.store.read() as session:
        return [
            household_id
            for kerja in ("draf", "selesai", "dikembalikan")
            for household_id in households.find(session, kerja=kerja, order="seq")
        ]
