"""How fast the work goes: today, what is left, and by account; told as help, not as a ranking.

Only counts are kept: seconds with pauses left out, and how many keys, never which.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from siks_offline.desa.rights import action

if TYPE_CHECKING:
    from siks_offline.db.effort import Worked
    from siks_offline.desa.village import Village

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Today:
    """Households completed today, seconds at work today, households not completed yet."""

    done: int
    seconds: int
    left: int

    @property
    def per_hour(self) -> float:
        """Households an hour of work; 0 before there is enough to tell."""
        return self.done * HOUR / self.seconds if self.seconds >= HOUR // 6 and self.done else 0.0

    @property
    def hours_left(self) -> float:
        """Hours of work that are left at today's pace; 0 when nobody can tell."""
        return self.left / self.per_hour if self.per_hour else 0.0


@action
def record(village: Village, household_id: str, seconds: int, keys: int, now: datetime) -> None:
    """Add seconds of work and a number of keys to a household's count of today."""
    from siks_offline.db import effort

    if seconds <= 0 and keys <= 0:
        return
    day = now.astimezone().date().isoformat()
    with village.store.write() as session:
        effort.add(session, household_id, village.account, day, seconds=seconds, keys=keys)


@action
def today(village: Village, now: datetime) -> Today:
    """Return how far the village came on the local day of this moment."""
    from siks_offline.db import effort, households
    from siks_offline.export.canonical import stamp

    local = now.astimezone()
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0)
    end = begin + timedelta(days=1)
    with village.store.read() as session:
        done = effort.completed_between(
            session, stamp(begin.astimezone(UTC)), stamp(end.astimezone(UTC))
        )
        seconds, _ = effort.of_day(session, local.date().isoformat())
        counts = households.counts(session)
    return Today(done, seconds, counts.total - counts.kerja.get("selesai", 0))


@action
def by_account(village: Village) -> list[Worked]:
    """Return what each account did in this period, by name."""
    from siks_offline.db import effort

    with village.store.read() as session:
        return effort.by_account(session, village.period)
