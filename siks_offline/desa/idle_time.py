"""After how many minutes without a key a village's window locks itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siks_offline.desa.rights import action

if TYPE_CHECKING:
    from datetime import datetime

    from siks_offline.desa.village import Village

KEY: Final = "kunci_menit"
"""Name of the fact that keeps the minutes."""
SHORTEST, USUAL, LONGEST = 1, 5, 30


def parse(kept: str) -> int:
    """Read the minutes as they are kept; what is not understood is as usual."""
    return min(LONGEST, max(SHORTEST, int(kept))) if kept.isascii() and kept.isdigit() else USUAL


@action
def keep(village: Village, wanted: int, now: datetime) -> int:
    """Keep the minutes for everybody of this village, as near to what is wanted as allowed."""
    from siks_offline.db import audit, meta
    from siks_offline.export.canonical import stamp

    kept = min(LONGEST, max(SHORTEST, wanted))
    with village.store.write() as session:
        meta.put(session, KEY, str(kept))
        audit.append(
            session,
            at=stamp(now),
            account=village.account,
            action="desa.kunci-menit",
            detail={"menit": kept},
        )
    village.idle_minutes = kept
    return kept
