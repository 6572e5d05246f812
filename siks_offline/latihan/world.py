"""A practice village and its practice Dinsos, paired and ready."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from siks_offline.desa import accounts as desa_accounts
from siks_offline.desa import arrivals, prelist, revision
from siks_offline.desa import pairing as desa_pairing
from siks_offline.dinsos import office as offices
from siks_offline.dinsos import pairing as dinsos_pairing
from siks_offline.dinsos import receive
from siks_offline.errors import UsageError
from siks_offline.export import files, identity
from siks_offline.instrument import checks, promoted
from siks_offline.latihan import people
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress

KODE_DESA: Final = "3509122003"
ACCOUNT: Final = "operator"
PASSPHRASE: Final = "latihan"  # noqa: S105 - known to all: it guards made-up people only
MOST: Final = 100_000
TODAY: Final = date(2026, 10, 1)
"""Day on which practice visits end, whatever the clock says: a seed gives the same people."""
_BATCH: Final = 200
_REASON: Final = "sudah diperiksa pada dokumen keluarga"


@dataclass(frozen=True, slots=True)
class World:
    """What was made: `households` in the prelist, `completed` of them filled."""

    kode_kab: str
    kode_desa: str
    households: int
    persons: int
    completed: int
    account: str
    prelist: Path


def build(
    folder: Path,
    *,
    households: int = 50,
    percent: int = 0,
    seed: int = 1,
    kode_desa: str = KODE_DESA,
    load: bool = True,
    now: datetime,
    progress: Progress = silent,
) -> World:
    """Make `folder/dinsos`, `folder/desa` and `folder/prelist.xlsx`.

    The same seed gives the same households, ids and answers; keys are new each time. Raises
    StoreError E_FOLDER_TAKEN, UsageError E_LATIHAN_JUMLAH, E_KODE_WILAYAH; then nothing remains.
    """
    if not (0 <= households <= MOST and 0 <= percent <= 100) or (percent and not load):
        raise UsageError("E_LATIHAN_JUMLAH", paling_banyak=MOST)
    with files.new_folder(folder):
        return _build(folder, households, percent, seed, kode_desa, load, now, progress)


def _build(
    folder: Path,
    households: int,
    percent: int,
    seed: int,
    kode_desa: str,
    load: bool,
    now: datetime,
    progress: Progress,
) -> World:
    from siks_offline import wilayah

    kode = wilayah.parse(kode_desa)
    _pair(folder, kode, now)
    bps = practice_bps(kode)
    found = [people.household(index, seed, kode, TODAY, bps) for index in range(households)]
    book = folder / "prelist.xlsx"
    people.write_prelist(book, found)
    filled = round(households * percent / 100)
    with desa_accounts.open_village(folder / "desa", ACCOUNT, PASSPHRASE) as village:
        if load and households:
            prelist.load(village, prelist.preview(village, book, bind=True), now)
            _fill(village, found[:filled], seed, now, progress)
    return World(
        kode_kab=kode[:4],
        kode_desa=kode,
        households=households,
        persons=sum(len(promoted.members(one.answers)) for one in found),
        completed=filled,
        account=ACCOUNT,
        prelist=book,
    )


def _pair(folder: Path, kode: str, now: datetime) -> None:
    """Let the two offices go through the whole ceremony, as real ones do."""
    invitation = folder / "undangan.siksundang"
    enrolment = folder / "pendaftaran.siks"
    try:
        office, _ = offices.create(folder / "dinsos", kode[:4], PASSPHRASE, now, practice=True)
        with office:
            invited = dinsos_pairing.invite(office, kode, invitation, now)
            desa_pairing.pair(
                folder / "desa",
                invitation,
                letter_code=invited.code,
                account=ACCOUNT,
                passphrase=PASSPHRASE,
                target=enrolment,
                now=now,
            )
            receive.accept(office, enrolment, now)
            receipt = dinsos_pairing.approve(office, kode, offices.ACCOUNT, now)
            assert receipt is not None  # a new office asks one person
            with desa_accounts.open_village(folder / "desa", ACCOUNT, PASSPHRASE) as village:
                arrivals.accept(village, receipt, now)
    finally:
        invitation.unlink(missing_ok=True)
        enrolment.unlink(missing_ok=True)


def _fill(
    village: Village, found: list[people.Household], seed: int, now: datetime, progress: Progress
) -> None:
    from siks_offline.instrument.engine import FormState

    instrument = village.instrument
    ids = _visit_ids(seed)
    progress(0, len(found))
    for start in range(0, len(found), _BATCH):
        part = found[start : start + _BATCH]
        with village.store.write() as session:
            for one in part:
                state = FormState(instrument, one.answers, now=now)
                for issue in checks.issues(state):
                    if issue.level == "konfirmasi":
                        state.confirm(issue.path, issue.rule, _REASON)
                household_id = identity.household_id(village.kode_desa, one.idbdt)
                revision.store(session, village, household_id, state, now, visit_id=next(ids))
        progress(start + len(part), len(found))


def practice_bps(kode_desa: str) -> str:
    """Return a BPS code made up for practice: ten digits in the parts 2+2+3+3.

    It is no real village's: a BPS code never follows from a Kemendagri code (INSTRUMENT section 5),
    so real ones come with the prelist or the pairing.
    """
    return f"{kode_desa[:6]}0{kode_desa[7:]}"


def _visit_ids(seed: int) -> Iterator[str]:
    """Ids in the form of UUIDv7 that depend on the seed alone."""
    drawn = random.Random(f"siks-latihan-visit/{seed}")  # noqa: S311 - practice data, no secret
    while True:
        bits = drawn.getrandbits(128)
        bits = bits & ~(0xF << 76) | 0x7 << 76
        bits = bits & ~(0x3 << 62) | 0x2 << 62
        yield str(uuid.UUID(int=bits))
