"""Days of work, counted: how much time has passed where no clock can be trusted.

A clock that jumps ten years ahead shows one new day, and one that falls back to a day already seen
shows none. So what waits thirty days waits through thirty days on which somebody worked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

_META: Final = "hari.dilihat"
_REMEMBERED: Final = 400
"""Days by which a clock that goes back and forth is recognised."""


def today(session: Session, now: datetime) -> int:
    """Return the number of today's day of work, counting it when it is new."""
    from siks_offline.db import meta

    count, seen = _read(session)
    day = f"{now:%Y-%m-%d}"
    if day in seen:
        return count
    seen = [*seen, day][-_REMEMBERED:]
    meta.put(session, _META, json.dumps({"jumlah": count + 1, "hari": seen}))
    return count + 1


def counted(session: Session) -> int:
    """Return how many days of work were counted so far."""
    return _read(session)[0]


def _read(session: Session) -> tuple[int, list[str]]:
    from siks_offline.db import meta

    kept = meta.get(session, _META)
    if not kept:
        return 0, []
    found = json.loads(kept)
    return int(found["jumlah"]), list(found["hari"])
