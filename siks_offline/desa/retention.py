"""Masa simpan: how long files that nobody works with any more stay in the village's folder.

Counted in days of work (desa/days.py) from the day a file was first found to be done with: sealed
files that the Dinsos accepted, damaged files that were moved aside, copies made before another
schema. What people entered is not theirs to delete here: it stays until the village is given up.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from siks_offline.desa import days, rights
from siks_offline.errors import StoreError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village

CHOICES: Final = (30, 90, 365, 0)
"""Days of work; 0 keeps them for ever, which is what a new village does."""
_DAYS: Final = "simpan.hari"
_SEEN: Final = "simpan.lihat"


@rights.action
def kept_days(village: Village) -> int:
    """Return for how many days of work such files stay; 0 for ever."""
    from siks_offline.db import meta

    with village.store.read() as session:
        return int(meta.get(session, _DAYS) or 0)


@rights.action
def keep_for(village: Village, wanted: int, now: datetime) -> None:
    """Set how long they stay. Raises StoreError E_RETENTION for any other number."""
    from siks_offline.db import audit, meta
    from siks_offline.export.canonical import stamp

    if wanted not in CHOICES:
        raise StoreError("E_RETENTION")
    with village.store.write() as session:
        before = meta.get(session, _DAYS) or "0"
        meta.put(session, _DAYS, str(wanted))
        audit.append(
            session,
            at=stamp(now),
            account=village.account,
            action="pribadi.simpan",
            detail={"sebelum": int(before), "sesudah": wanted},
        )


@rights.action
def sweep(village: Village, now: datetime) -> int:
    """Delete what has stayed long enough; return how many files and folders went.

    The newest folder of a damaged file stays until another one follows it.
    """
    from siks_offline.db import audit, meta
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        today = days.today(session, now)
        seen: dict[str, int] = json.loads(meta.get(session, _SEEN) or "{}")
        found = _done(village, session)
        done = {path.relative_to(village.folder).as_posix(): path for path in found}
        seen = {name: seen.get(name, today) for name in done}
        wanted = int(meta.get(session, _DAYS) or 0)
        old = [name for name, day in seen.items() if wanted and today - day >= wanted]
        for name in old:
            _delete(done[name])
            del seen[name]
        meta.put(session, _SEEN, json.dumps(seen))
        if old:
            audit.append(
                session,
                at=stamp(now),
                account=village.account,
                action="pribadi.hapus",
                detail={"jumlah": len(old)},
            )
    return len(old)


def _done(village: Village, session: Session) -> list[Path]:
    """Return what nobody works with any more."""
    from siks_offline.db import ledger
    from siks_offline.desa.handover import OUTBOX

    accepted = [
        village.folder / OUTBOX / one.file_name
        for one in ledger.exports(session)
        if one.status == "accepted"
    ]
    aside = sorted(
        (path for path in village.folder.glob("rusak-*") if path.name[6:].isdigit()),
        key=lambda path: int(path.name[6:]),
    )
    return [path for path in (*accepted, *aside[:-1]) if path.exists()]


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
