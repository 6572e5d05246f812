"""Copies that the village makes of itself: when, which stay, and when one should leave the house.

They lie in `cadangan/` under the key of the village. Which stay is told by their numbers and by
counted days of work (desa/days.py) that stand in their names, never by a clock.
"""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from siks_offline.desa import backup, days, rights
from siks_offline.desa.village_folder import MARKER
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress

Why = Literal["masuk", "berkala", "impor", "versi", "kunci", "ekspor"]
FOLDER: Final = "cadangan"
SUFFIX: Final = ".siksbak"
NEWEST, DAILY, WEEKLY = 10, 7, 4
NEVER_DELETED: Final = 3
DAYS_UNTIL_NUDGE: Final = 3
MOST_BYTES: Final = 2 << 30
"""Of all copies in the folder beside the newest three; a large village keeps fewer."""
_MARK: Final = "cadangan.tanda"
_EXPORTED: Final = "cadangan.ekspor"
_NAME = re.compile(r"(\d{6,})-h(\d{4,})-[a-z]+\.siksbak")
_DAYS_A_WEEK: Final = 7

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """A copy in the village's folder, as its name tells; `day` is a counted day of work."""

    number: int
    day: int
    path: Path


@dataclass(frozen=True, slots=True)
class Standing:
    """When copies were last made; `days_alone` are days of work since one left the house."""

    own_at: str
    away_at: str
    days_alone: int

    @property
    def nudge(self) -> bool:
        """Whether it is time to carry a copy to another place."""
        return self.days_alone >= DAYS_UNTIL_NUDGE


def kept(folder: Path) -> list[Kept]:
    """Return the copies in a village's folder, newest first; needs no passphrase."""
    found = []
    with suppress(OSError):
        for path in (folder / FOLDER).glob(f"*{SUFFIX}"):
            named = _NAME.fullmatch(path.name)
            if named:
                found.append(Kept(int(named[1]), int(named[2]), path))
    return sorted(found, reverse=True)


@rights.action
def keep(
    village: Village, why: Why, now: datetime, progress: Progress = silent
) -> backup.About | None:
    """Make a copy in the village's own folder if anything changed since the last; thin the rest.

    None when nothing had changed. Raises FileError, StoreError, Cancelled.
    """
    with village.quiet:
        return _keep(village, why, now, progress)


def _keep(village: Village, why: Why, now: datetime, progress: Progress) -> backup.About | None:
    from siks_offline.db import copy_list, households, ledger, meta

    if not (village.folder / MARKER).is_file():
        return None  # a village that is still being made
    with village.store.write() as session:
        days.today(session, now)
        if why == "impor" and not households.counts(session).total:
            return None  # nothing that an import could spoil
        mark = copy_list.mark(session, (backup.OWN_ACTION, backup.ACTION))
        every = copy_list.every(session)
        listed = [one for one in every if one.own]
        same = meta.get(session, _MARK) == mark
        sent = [one.manifest_sha256 for one in ledger.exports(session)[:1]]
    here = kept(village.folder)
    if same and here and listed and here[0].path.name == listed[0].name:
        return None
    numbers = [one.number for one in here] + [one.number for one in every]
    number = 1 + max(numbers, default=0)
    _thin(village, room_for=1)
    with village.store.read() as session:
        day = days.counted(session)
    path = village.folder / FOLDER / f"{number:06}-h{day:04}-{why}{SUFFIX}"
    about = backup.keep_at(village, path, now, why=why, own=True, number=number, progress=progress)
    with village.store.write() as session:
        meta.put(session, _MARK, mark)
        if sent:
            meta.put(session, _EXPORTED, sent[0])
    _thin(village)
    return about


@rights.action
def keep_quietly(village: Village, why: Why, now: datetime) -> None:
    """Make a copy after work that is done already: what stops it goes to the log, not to a person.

    Beranda shows how old the newest copy is.
    """
    from siks_offline.errors import SiksError

    try:
        keep(village, why, now)
    except SiksError as error:
        log.warning("No copy after %s: %s", why, error.code)


@rights.action
def exported_since(village: Village) -> bool:
    """Whether something left for the office after the newest copy of the village's own folder."""
    from siks_offline.db import ledger, meta

    with village.store.read() as session:
        sent = [one.manifest_sha256 for one in ledger.exports(session)[:1]]
        return sent != [] and meta.get(session, _EXPORTED) != sent[0]


@rights.action
def standing(village: Village) -> Standing:
    """Return when copies were last made, and for how long none has left the house."""
    from siks_offline.db import copy_list

    with village.store.read() as session:
        today = days.counted(session)
        listed = copy_list.every(session)
    own = next((one for one in listed if one.own), None)
    away = next((one for one in listed if not one.own), None)
    since = away.day if away else min((one.day for one in listed), default=today)
    return Standing(own.at if own else "", away.at if away else "", today - since)


def spare(found: Sequence[Kept], sizes: dict[str, int] | None = None) -> list[Kept]:
    """Return which of these copies may go: newest ten, seven days and four weeks stay.

    `sizes`: bytes by name. The newest three stay whatever else is said.
    """
    ordered = sorted(found, reverse=True)
    stay = set(ordered[:NEWEST])
    stay |= _newest_of_each(ordered, 1, DAILY) | _newest_of_each(ordered, _DAYS_A_WEEK, WEEKLY)
    total = 0
    for one in sorted(stay, reverse=True)[NEVER_DELETED:]:
        total += (sizes or {}).get(one.path.name, 0)
        if total > MOST_BYTES:
            stay.discard(one)
    return [one for one in ordered if one not in stay]


def _newest_of_each(ordered: Iterable[Kept], length: int, most: int) -> set[Kept]:
    """Return the newest copy of each of the newest so many spans of days."""
    newest: dict[int, Kept] = {}
    for one in ordered:
        newest.setdefault(one.day // length, one)
    return {newest[span] for span in sorted(newest, reverse=True)[:most]}


def _thin(village: Village, *, room_for: int = 0) -> None:
    """Delete what may go; where the disk lacks room for more copies, all but the newest three."""
    import shutil

    from siks_offline.db import copy_list

    here = kept(village.folder)
    sizes = {}
    for one in here:
        with suppress(OSError):
            sizes[one.path.name] = one.path.stat().st_size
    gone = spare(here, sizes)
    if room_for and here:
        with suppress(OSError):
            wanted = 3 * room_for * sizes.get(here[0].path.name, 0)
            if shutil.disk_usage(village.folder).free < wanted:
                gone = here[NEVER_DELETED:]
    if len(here) - len(gone) >= NEVER_DELETED:
        gone += [Kept(0, 0, path) for path in village.folder.glob("app-skema-*.db")]
    deleted = []
    for one in gone:
        with suppress(OSError):
            one.path.unlink()
            deleted.append(one.path.name)
    if deleted:
        with village.store.write() as session:
            copy_list.forget(session, deleted)
