"""Two offices and one operator, without Qt: the words in which the scenarios are told."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from siks_offline.desa import accounts, arrivals, handover, households, pairing, prelist, visit
from siks_offline.dinsos import office as offices
from siks_offline.dinsos import pairing as office_pairing
from siks_offline.dinsos import receipts, receive
from siks_offline.instrument import checks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.dinsos.office import Office

PASSPHRASE = "latihan"


class Scenario:
    """A practice village and its Dinsos in a folder; time goes on by a minute an action."""

    def __init__(self, folder: Path, kode_desa: str, *, url: str | None = None) -> None:
        self.folder = folder
        self.kode_desa = kode_desa
        self.url = url
        self.stick = folder / "usb"
        self.stick.mkdir(parents=True)
        self._now = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
        self._open: visit.OpenVisit | None = None

    @property
    def now(self) -> datetime:
        self._now += timedelta(minutes=1)
        return self._now

    @contextmanager
    def village(self) -> Iterator[Village]:
        with accounts.open_village(self.folder / "desa", "operator", PASSPHRASE) as village:
            yield village

    @contextmanager
    def office(self) -> Iterator[Office]:
        with offices.open_office(self.folder / "dinsos", PASSPHRASE, url=self.url) as office:
            yield office

    def pair(self) -> None:
        """Invitation, letter, enrolment, approval, first receipt."""
        office, _ = offices.create(
            self.folder / "dinsos",
            self.kode_desa[:4],
            PASSPHRASE,
            self.now,
            practice=True,
            url=self.url,
        )
        invitation = self.stick / "undangan.siksundang"
        with office:
            invited = office_pairing.invite(office, self.kode_desa, invitation, self.now)
        pairing.pair(
            self.folder / "desa",
            invitation,
            letter_code=invited.code,
            account="operator",
            passphrase=PASSPHRASE,
            target=self.stick / "pendaftaran.siks",
            now=self.now,
        )
        with self.office() as office:
            assert (
                receive.accept(office, self.stick / "pendaftaran.siks", self.now).jenis
                == "enrolment"
            )
            receipt = office_pairing.approve(office, self.kode_desa, "dinsos", self.now)
        with self.village() as village:
            arrivals.accept(village, receipt, self.now)

    def load(self, book: Path, *, bind: bool = False) -> prelist.Preview:
        """Load a prelist workbook, after looking at what it would do."""
        with self.village() as village:
            found = prelist.preview(village, book, bind=bind)
            prelist.load(village, found, self.now)
        return found

    def fill(self, household_id: str, answers: dict[str, str]) -> visit.Completed:
        """Open a household, answer, let the draft be saved, complete."""
        with self.village() as village:
            opened = visit.open_visit(village, household_id, self.now)
            for path, text in answers.items():
                opened.state.set(path, text)
                visit.save_draft(village, household_id, opened.snapshot(), None, self.now)
            for issue in checks.issues(opened.state):
                if issue.level == "konfirmasi":
                    opened.state.confirm(issue.path, issue.rule, "sudah diperiksa di lapangan")
            return visit.complete(village, household_id, opened.state, self.now)

    def pack(self, *, everything: bool = False) -> list[Path]:
        """Export to the stick."""
        with self.village() as village:
            return self.pack_in(village, everything=everything)

    def pack_in(self, village: Village, **how: bool) -> list[Path]:
        """Export to the stick from a village that is open."""
        done = handover.export(village, self.stick, self.now, **how)
        return [part.path for part in done.parts]

    def receive(self, file: Path) -> tuple[receive.Arrival, Path]:
        """Take a file in at the Dinsos and put its receipt on the stick."""
        with self.office() as office:
            arrival = receive.accept(office, file, self.now)
            told = receipts.deliver(office, [arrival], self.stick, self.now)
        return arrival, told[arrival.manifest_sha256]

    def accept(self, file: Path) -> arrivals.Accepted:
        """Take the Dinsos' answer in at the village."""
        with self.village() as village:
            return arrivals.accept(village, file, self.now)

    def lines(self) -> dict[str, Any]:
        """Rows of the village's list by id."""
        with self.village() as village:
            return dict(households.lines(village, households.find(village)))
