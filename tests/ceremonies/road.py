"""A village and its Dinsos that go through the years, in words of ceremonies."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from siks_offline.desa import pairing, revision
from siks_offline.dinsos import office as offices
from siks_offline.dinsos import pairing as office_pairing
from siks_offline.dinsos import receipts, receive
from siks_offline.errors import SiksError
from siks_offline.instrument import checks
from siks_offline.instrument.engine import FormState
from siks_offline.latihan import people, world
from tests.scenarios.scenario import PASSPHRASE, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.dinsos.office import Office


KODE = "3509122003"
BPS = world.practice_bps(KODE)
FAMILIES = [people.household(index, 7, KODE, world.TODAY, BPS) for index in range(6)]


class Road(Scenario):
    """A scenario that can be gone on with in a copy, and whose clock can be set forward."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kode_desa = KODE
        self.url = None
        self.stick = folder / "usb"
        self._now = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)

    @contextmanager
    def office(self) -> Iterator[Office]:
        folder = self.folder / "dinsos"
        with offices.open_office(folder, PASSPHRASE, account="dinsos") as office:
            yield office

    def wait(self, **amount: float) -> None:
        self._now += timedelta(**amount)

    def complete(self, number: int) -> str:
        """Complete a household of the prelist without typing; return its id."""
        with self.village() as village:
            return completed(village, number, self.now)

    def sent(self) -> Path:
        (path,) = self.pack()
        return path

    def answered(self) -> None:
        """Take to the village whatever the office has for it now."""
        target = self.stick / f"balasan-{self.now.timestamp():.0f}.siksbalas"
        with self.office() as office:
            receipts.return_file(office, target, self.now)
        self.accept(target)

    def invite(self, folder: str = "desa") -> tuple[Path, str, pairing.Paired]:
        """A new letter and file, and the enrolment that answers them."""
        undangan = self.stick / f"undangan-{self.now.timestamp():.0f}.siksundang"
        with self.office() as office:
            invited = office_pairing.invite(office, KODE, undangan, self.now)
        paired = pairing.pair(
            self.folder / folder,
            undangan,
            letter_code=invited.code,
            account="operator",
            passphrase=PASSPHRASE,
            target=self.stick / f"pendaftaran-{self.now.timestamp():.0f}.siks",
            now=self.now,
        )
        return undangan, invited.code, paired

    def approve(self, enrolment: Path, by: str = "dinsos") -> Path | None:
        with self.office() as office:
            receive.accept(office, enrolment, self.now)
            return office_pairing.approve(office, KODE, by, self.now)

    def states(self) -> set[str]:
        return {line.kirim for line in self.lines().values()}


def completed(village: Village, number: int, now: datetime) -> str:
    from siks_offline.export import identity

    family = FAMILIES[number]
    household_id = identity.household_id(KODE, family.idbdt)
    state = FormState(village.instrument, family.answers, now=now)
    for issue in checks.issues(state):
        if issue.level == "konfirmasi":
            state.confirm(issue.path, issue.rule, "sudah diperiksa di lapangan")
    with village.store.write() as session:
        revision.store(session, village, household_id, state, now, visit_id=identity.uuid7(now))
    return household_id


def refused(code: str) -> pytest.RaisesExc[SiksError]:
    return pytest.raises(SiksError, check=lambda fault: fault.code == code)
