"""What became of households and persons between visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from siks_offline.db.tables import HouseholdPrelist, VisitRow, json_text
from siks_offline.db.tables_meeting import MoveRow
from siks_offline.period import begins, month

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Move:
    """One change: kind pindah_anggota, pecah, gabung or tidak_layak.

    `subject` is the household it happened to, `other` the one a person went to, `person_id` who.
    """

    period: str
    kind: str
    subject: str
    person_id: str = ""
    other: str = ""
    reason: str = ""
    note: str = ""
    by: str = ""
    at: str = ""


_MOVE = tuple(getattr(MoveRow, name) for name in Move.__dataclass_fields__)


def add(session: Session, one: Move) -> None:
    """Note a change; none is ever altered."""
    number = (session.scalar(select(func.max(MoveRow.number))) or 0) + 1
    values = {name: getattr(one, name) for name in Move.__dataclass_fields__}
    session.execute(insert(MoveRow).values(number=number, **values))


def of_household(session: Session, household_id: str) -> list[Move]:
    """Return the changes of a household, whichever side it was on, oldest first."""
    row = MoveRow
    found = select(*_MOVE).where((row.subject == household_id) | (row.other == household_id))
    return [Move(*values) for values in session.execute(found.order_by(row.number))]


def of_period(session: Session, period: str) -> list[Move]:
    """Return the changes of a period, oldest first."""
    found = select(*_MOVE).where(MoveRow.period == period).order_by(MoveRow.number)
    return [Move(*values) for values in session.execute(found)]


def last_visit(
    session: Session, household_id: str, before: str
) -> tuple[str, str, str, Mapping[str, Any]] | None:
    """Return (period, instrument id, version, answers) of the visit before a period, or None.

    Periods are compared by the month they begin in.
    """
    row = VisitRow
    columns = (row.period, row.instrument_id, row.instrument_version, row.answers)
    found = [
        one
        for one in session.execute(select(*columns).where(row.household_id == household_id))
        if month(one[0]) < month(before)
    ]
    newest = max(found, key=lambda one: begins(one[0]), default=None)
    return None if newest is None else (newest[0], newest[1], newest[2], newest[3])


def put_answers(session: Session, household_id: str, answers: Mapping[str, Any]) -> None:
    """Store what a household's next visit starts from."""
    text = json_text(dict(answers))
    row = upsert(HouseholdPrelist).values(household_id=household_id, answers=text, fingerprint="")
    # The mark of the last import stays: the same list again brings nothing back.
    change = row.on_conflict_do_update(index_elements=["household_id"], set_={"answers": text})
    session.execute(change)
