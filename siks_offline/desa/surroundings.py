"""What around the program may do harm: a disk that fills up, a clock that is wrong."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from siks_offline.desa.rights import action

if TYPE_CHECKING:
    from siks_offline.desa.village import Village

LEAST_FREE: Final = 500 << 20
"""Bytes below which the disk is told to be nearly full: a village, its export and a copy fit."""
BACK: Final = timedelta(hours=1)
AHEAD: Final = timedelta(days=400)
"""From the latest moment noted: a clock further back, or so much further ahead, is not believed."""
MADE: Final = "2026-11-01T00:00:00Z"
"""No clock is right that shows a day before this program was made."""
NOTES: Final = 50
"""Lines of the trail among which the latest moment is looked for: a clock that once was years ahead
is forgotten with them."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Bytes free where the village lies (-1 unknown), and whether the clock is believed."""

    free: int
    clock: Literal["", "mundur", "maju"]
    noted_at: str
    """Latest moment among the newest lines of the trail, or when the program was made."""

    @property
    def disk_low(self) -> bool:
        """Whether the disk is nearly full."""
        return 0 <= self.free < LEAST_FREE


@action
def look(village: Village, now: datetime) -> Surroundings:
    """Look at the disk and hold the clock against what was noted last."""
    from siks_offline.db import audit
    from siks_offline.export.canonical import moment

    try:
        free = shutil.disk_usage(village.folder).free
    except OSError:
        free = -1
    with village.store.read() as session:
        noted = max([MADE, *(line.at for line in audit.lines(session, newest=NOTES))])
    clock: Literal["", "mundur", "maju"] = ""
    since = now - moment(noted)
    if since < -BACK:
        clock = "mundur"
    elif since > AHEAD and noted != MADE:
        clock = "maju"
    return Surroundings(free, clock, noted)
