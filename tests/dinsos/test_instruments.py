"""A questionnaire the office does not know: held, installed, let in, and answers held to it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline import paths
from siks_offline.db import office_bundles
from siks_offline.dinsos import backup, instruments, report
from siks_offline.errors import WorkbookError
from siks_offline.instrument import load
from siks_offline.instrument.load import InstrumentRefused
from siks_offline.instrument.misfit import misfit
from tests.dinsos.world import PASSPHRASE, later, paired, take
from tests.instrument.forms import NOW, row, write

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.dinsos.office import Office
    from tests.dinsos.world import TestVillage

SURVEY = [
    row("text", "nama_krt"),
    row("begin repeat", "anggota"),
    row("text", "nama"),
    row("select_one yn", "hadir"),
    row("begin repeat", "usaha"),
    row("integer", "omzet"),
    row("end repeat"),
    row("end repeat"),
]
ANSWERS: dict[str, Any] = {
    "nama_krt": "SITI",
    "anggota": [{"nama": "SITI", "hadir": "1", "usaha": [{"omzet": "5"}, {"omzet": "7"}]}],
}


def workbook(folder: Path, version: str = "1", *more: dict[str, str]) -> Path:
    """A questionnaire that no program ships."""
    settings = {"form_id": "uji", "version": version, "form_title": "Uji"}
    return write(folder / f"uji-{version}.xlsx", [*SURVEY, *more], settings=settings)


def waiting(made: Office, village: TestVillage, path: Path, *answers: dict[str, Any]) -> Any:
    """Send visits of that questionnaire, which the office does not know yet."""
    visits = [
        village.visit(number, answers=one, persons=[], instrument=("uji", "1"))
        for number, one in enumerate(answers, 1)
    ]
    named = {"id": "uji", "version": "1", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    return take(made, village.send(visits, instrument=named))


def test_what_waited_goes_in_once_the_workbook_is_there(made: Office, tmp_path: Path) -> None:
    """Held, then taken in whole; the workbook is kept by its hash and known from then on."""
    village, path = paired(made, tmp_path / "desa"), workbook(tmp_path)
    arrival = waiting(made, village, path, ANSWERS)
    assert (arrival.hasil, arrival.kode) == ("ditahan", "H_INSTRUMENT_UNKNOWN")
    done = instruments.install(made, path, later(hours=1))
    assert (done.id, done.version, done.new, done.released) == ("uji", "1", True, 1)
    assert [row["status"] for row in report.households(made)] == ["diterima"]
    kept = instruments.read(made, "uji", "1", done.sha256)
    assert kept is not None
    assert kept.sha256 == done.sha256
    again = instruments.install(made, path, later(hours=2))
    assert (again.new, again.released) == (False, 0)
    assert ("uji", "1", True) in {(k.id, k.version, k.content) for k in instruments.listed(made)}


def test_answers_the_workbook_cannot_have_are_set_aside(made: Office, tmp_path: Path) -> None:
    """Each line is held to its own questionnaire; the sound ones go in, the others say where."""
    village, path = paired(made, tmp_path / "desa"), workbook(tmp_path)
    instruments.install(made, path, later(hours=1))
    odd: dict[str, dict[str, Any]] = {
        "answers.alamat": {"alamat": "JALAN"},
        "answers.nama": {"nama": "SITI"},
        "answers.anggota": {"anggota": "SITI"},
        "answers.anggota[1].hadir": {"anggota": [{"hadir": "9"}]},
        "answers.anggota[1].usaha[2].omzet": {"anggota": [{"usaha": [{}, {"omzet": "1,5"}]}]},
    }
    arrival = waiting(made, village, path, ANSWERS, *odd.values())
    assert (arrival.hasil, arrival.accepted, arrival.rejected) == ("sebagian", 1, len(odd))
    with made.store.read() as session:
        results = office_bundles.results(session, arrival.manifest_sha256)
    assert [r["path"] for r in results if r["code"] == "E_RECORD_SCHEMA"] == list(odd)


def test_a_workbook_is_refused_as_everywhere(made: Office, tmp_path: Path) -> None:
    """The loader judges it; another one under a known name and version is refused, shipped too."""
    wrong = write(tmp_path / "salah.xlsx", [row("range", "x")])
    with pytest.raises(InstrumentRefused) as refused:
        instruments.install(made, wrong, NOW)
    assert refused.value.issues[0].row == 2
    instruments.install(made, workbook(tmp_path), NOW)
    with pytest.raises(WorkbookError) as same:
        instruments.install(made, workbook(tmp_path, "1", row("text", "lagi")), NOW)
    assert same.value.code == "E_INSTRUMENT_SAME"
    other = write(
        tmp_path / "dtks.xlsx",
        SURVEY,
        settings={"form_id": "dtks", "version": load.load_shipped("dtks").version},
    )
    with pytest.raises(WorkbookError):
        instruments.install(made, other, NOW)
    instruments.install(made, paths.resources() / "instrumen" / "dtks-2020.xlsx", NOW)


def test_a_changed_workbook_in_the_folder_is_noticed(made: Office, tmp_path: Path) -> None:
    """What lies in the folder counts only while its hash is the one that was given."""
    done = instruments.install(made, workbook(tmp_path), NOW)
    kept = made.folder / instruments.FOLDER / f"{done.sha256}.xlsx"
    kept.write_bytes(kept.read_bytes() + b" ")
    with pytest.raises(WorkbookError) as damaged:
        instruments.read(made, "uji", "1", done.sha256)
    assert damaged.value.code == "E_INSTRUMENT_DAMAGED"


@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
def test_a_copy_of_the_office_holds_its_workbooks(made: Office, tmp_path: Path) -> None:
    """An office made of its copy checks the same questionnaires."""
    done = instruments.install(made, workbook(tmp_path), NOW)
    backup.write(made, tmp_path / "salinan.siksdinsos", later(hours=1))
    backup.restore(tmp_path / "salinan.siksdinsos", tmp_path / "lain", PASSPHRASE, later(hours=2))
    assert (tmp_path / "lain" / instruments.FOLDER / f"{done.sha256}.xlsx").exists()


@pytest.mark.parametrize("name", ["dtks", "regsosek"])
def test_every_answer_of_a_finished_form_fits(name: str) -> None:
    """What the engine calls final is never a misfit."""
    from siks_offline.instrument.engine import FormState
    from siks_offline.latihan import people

    instrument = load.load_shipped(name)
    for number in range(30):
        found = people.household(number, 3, "3509122003", NOW.date()).answers
        known = (
            {k: v for k, v in found.items() if instrument.owner.get(k) == ""}
            if (name == "dtks")
            else {}
        )
        final = FormState(instrument, known, now=NOW).answers(final=True)
        assert misfit(instrument, final) == ""


def test_a_record_of_an_earlier_program_is_taken(made: Office, tmp_path: Path) -> None:
    """Where only the name of a questionnaire is on record nothing is said of its answers."""
    from siks_offline.db import office as store_office

    village = paired(made, tmp_path / "desa")
    with made.store.write() as session:
        store_office.know_instrument(session, "a" * 64, "dtks", "2018.1", "2026-11-01T00:00:00Z")
    visit = village.visit(1, answers={"lama": "1"}, persons=[], instrument=("dtks", "2018.1"))
    named = {"id": "dtks", "version": "2018.1", "sha256": "a" * 64}
    assert take(made, village.send([visit], instrument=named)).hasil == "diterima"
