"""How much work a household took: seconds and numbers of keys, by account and day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert

from siks_offline.db.tables import VisitRow
from siks_offline.db.tables_entry import Effort, Keying

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Worked:
    """What an account did: households completed, seconds and keys, fields keyed twice, wrong."""

    account: str
    households: int
    seconds: int
    keys: int
    fields: int
    wrong: int


def add(
    session: Session, household_id: str, account: str, day: str, *, seconds: int, keys: int
) -> None:
    """Add work on a household to what that day already has."""
    row = insert(Effort).values(
        household_id=household_id, account=account, day=day, seconds=seconds, keys=keys
    )
    more = {"seconds": Effort.seconds + seconds, "keys": Effort.keys + keys}
    session.execute(
        row.on_conflict_do_update(index_elements=["household_id", "account", "day"], set_=more)
    )


def of_day(session: Session, day: str) -> tuple[int, int]:
    """Return the seconds and keys of everybody on a day."""
    query = select(func.sum(Effort.seconds), func.sum(Effort.keys)).where(Effort.day == day)
    seconds, keys = session.execute(query).one()
    return seconds or 0, keys or 0


def completed_between(session: Session, start: str, end: str) -> int:
    """Return how many households were last completed from one moment to before another."""
    query = select(func.count()).select_from(VisitRow)
    between = query.where(VisitRow.completed_at >= start, VisitRow.completed_at < end)
    return session.scalar(between) or 0


def of_households(session: Session) -> dict[str, int]:
    """Return the seconds that each household took, of all accounts and days."""
    query = select(Effort.household_id, func.sum(Effort.seconds)).group_by(Effort.household_id)
    return dict(session.execute(query).all())


def by_account(session: Session, period: str) -> list[Worked]:
    """Return what each account did, by name; households are those of the period it completed."""
    done = select(VisitRow.completed_by, func.count()).where(
        VisitRow.period == period, VisitRow.sha256 != ""
    )
    homes = dict(session.execute(done.group_by(VisitRow.completed_by)).all())
    work = {
        account: (seconds, keys)
        for account, seconds, keys in session.execute(
            select(Effort.account, func.sum(Effort.seconds), func.sum(Effort.keys)).group_by(
                Effort.account
            )
        )
    }
    faults = {
        account: (fields, wrong)
        for account, fields, wrong in session.execute(
            select(Keying.first_by, func.sum(Keying.fields), func.sum(Keying.wrong)).group_by(
                Keying.first_by
            )
        )
    }
    return [
        Worked(
            account,
            homes.get(account, 0),
            *work.get(account, (0, 0)),
            *faults.get(account, (0, 0)),
        )
        for account in sorted({*homes, *work, *faults})
    ]
