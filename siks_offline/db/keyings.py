"""What a second keying of completed visits found, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, literal_column, select, update

from siks_offline.db.tables import VisitRow
from siks_offline.db.tables_entry import Keying, KeyingDifference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

RANDOM, FAST, RISKY = "acak", "cepat", "risiko"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of two keyings; `right` is None until somebody looked at the paper."""

    path: str
    first: str
    second: str
    right: str | None


@dataclass(frozen=True, slots=True)
class Keyed:
    """A visit that was keyed twice."""

    sha256: str
    household_id: str
    reason: str
    first_by: str
    second_by: str
    at: str
    fields: int
    wrong: int
    differing: int


_KEYED = tuple(getattr(Keying, name) for name in Keyed.__dataclass_fields__)
_DIFFERENCE = tuple(getattr(KeyingDifference, name) for name in Difference.__dataclass_fields__)


def heads(session: Session, period: str) -> list[tuple[str, str, str, int]]:
    """Return the completed visits of a period that were never keyed twice, by household id.

    Each as (household id, hash, completed by, how many soft checks were confirmed).
    """
    keyed = select(Keying.household_id)
    row = VisitRow
    query = select(
        row.household_id,
        row.sha256,
        row.completed_by,
        func.json_array_length(row.confirmations),
    ).where(row.period == period, row.sha256 != "", row.household_id.not_in(keyed))
    return [
        (household_id, sha256, by, confirmed or 0)
        for household_id, sha256, by, confirmed in session.execute(query.order_by(row.household_id))
    ]


def store(session: Session, keyed: Keyed, differences: Sequence[Difference]) -> None:
    """Store a second keying and where it differs."""
    session.execute(
        insert(Keying).values(**{name: getattr(keyed, name) for name in Keyed.__dataclass_fields__})
    )
    if differences:
        session.execute(
            insert(KeyingDifference),
            [
                {
                    "sha256": keyed.sha256,
                    "path": one.path,
                    "first": one.first,
                    "second": one.second,
                    "right": one.right,
                }
                for one in differences
            ],
        )


def find(session: Session, sha256: str) -> Keyed | None:
    """Return the second keying of a revision, or None."""
    row = session.execute(select(*_KEYED).where(Keying.sha256 == sha256)).first()
    return Keyed(*row) if row is not None else None


def waiting(session: Session) -> list[Keyed]:
    """Return the keyings with differences that nobody has looked at, oldest first."""
    query = select(*_KEYED).where(Keying.differing > 0)
    return [Keyed(*row) for row in session.execute(query.order_by(Keying.at, Keying.sha256))]


def differences(session: Session, sha256: str) -> tuple[Difference, ...]:
    """Return all differences of a keying in form order, as they were stored."""
    query = select(*_DIFFERENCE).where(KeyingDifference.sha256 == sha256)
    return tuple(
        Difference(*row) for row in session.execute(query.order_by(literal_column("rowid")))
    )


def settle(session: Session, sha256: str, path: str, right: str, *, wrong: bool) -> int:
    """Say what is right; return how many differences of the keying still wait."""
    row = KeyingDifference
    session.execute(update(row).where(row.sha256 == sha256, row.path == path).values(right=right))
    counted = update(Keying).where(Keying.sha256 == sha256)
    values = {"differing": Keying.differing - 1, "wrong": Keying.wrong + int(wrong)}
    return int(session.execute(counted.values(**values).returning(Keying.differing)).scalar_one())


def totals(session: Session) -> dict[str, tuple[int, int, int, int]]:
    """Return, by reason, how many keyings, fields, fields wrong at first, and still waiting."""
    query = select(
        Keying.reason,
        func.count(),
        func.sum(Keying.fields),
        func.sum(Keying.wrong),
        func.sum(Keying.differing),
    ).group_by(Keying.reason)
    return {
        reason: (keyings, fields or 0, wrong or 0, left or 0)
        for reason, keyings, fields, wrong, left in session.execute(query)
    }
