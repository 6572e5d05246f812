"""A newer questionnaire: shown in words, drafts carried over with a way back, who needs more."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl.reader.excel
import pytest

from siks_offline import paths
from siks_offline.db import drafts, engine, visits
from siks_offline.desa import revision, versions, visit
from siks_offline.desa.village import FolderLock, Village
from siks_offline.desa.village_folder import VillageFolder
from siks_offline.errors import SiksError, WorkbookError
from siks_offline.instrument import checks, difference, load
from siks_offline.latihan import people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DESA = "3509122003"
SHIPPED = paths.resources() / "instrumen" / "dtks-2020.xlsx"
OLD, NEW = ("dtks", "2020.1"), ("dtks", "2020.2")


def newer(path: Path, version: str = "2020.2", also: Callable[[Any], None] | None = None) -> Path:
    """The shipped workbook of another version: a question more, one less, one code that changed."""
    book: Any = openpyxl.reader.excel.load_workbook(SHIPPED)  # type: ignore[no-untyped-call]
    survey, choices = book["survey"], book["choices"]
    heads = {cell.value: cell.column for cell in survey[1]}
    rows = {survey.cell(row, heads["name"]).value: row for row in range(2, survey.max_row + 1)}
    survey.cell(rows["alamat"], heads["label"], "6. Alamat lengkap")
    for row in range(2, choices.max_row + 1):
        listing, code = choices.cell(row, 1).value, choices.cell(row, 2).value
        if (listing, str(code)) == ("fasbab", "3"):
            choices.cell(row, 3, "MCK komunal")
    choices.append(["lantai", "11", "Vinil"])
    survey.delete_rows(rows["nopesertapbdt"])
    at = rows["ada_kapal"]
    survey.insert_rows(at)
    for head, text in (
        ("type", "select_one ya_tidak"),
        ("name", "ada_wifi"),
        ("label", "p. Internet wifi"),
        ("required", "yes"),
    ):
        survey.cell(at, heads[head], text)
    if also is not None:
        also(survey)
    setting = book["settings"]
    setting.cell(2, [cell.value for cell in setting[1]].index("version") + 1, version)
    book.save(path)
    return path


def open_village(folder: Path, *, key: bytes, new: bool = False) -> Village:
    """A village as its account has opened it; the keystore is no matter here."""
    folder.mkdir(exist_ok=True)
    about = VillageFolder(folder, DESA, "Sumberejo", True, ("operator",))
    opening = engine.create_village if new else engine.open_village
    store = opening(folder / "app.db", key)
    keys: Any = None
    facts = {"bps": "3509120003", "period": "2026-Q4"}
    return Village(about, "operator", "admin", store, keys, FolderLock(folder), facts)


KEY = os.urandom(32)


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    with open_village(tmp_path / "desa", key=KEY, new=True) as made:
        yield made


def answers_of(number: int) -> dict[str, Any]:
    """A practice household whose answers do not meet the code that changes its meaning."""
    answers = people.household(number, 7, DESA, NOW.date(), "3509120003").answers
    return {**answers, "fasbab": "1", "kloset": "1", "nopesertapbdt": "PBDT-1"}


def drafted(village: Village, number: int, **changes: str) -> str:
    """A household with a whole draft."""
    household_id, _ = visit.add_household(village, NOW + timedelta(seconds=number))
    rows = visit.flatten({**answers_of(number), **changes})
    visit.save_draft(village, household_id, visit.Written(rows, (), OLD), None, NOW)
    return household_id


def finish(village: Village, household_id: str, now: datetime) -> revision.Completed:
    """Complete a visit, soft checks confirmed."""
    state = visit.open_visit(village, household_id, now).state
    for issue in checks.issues(state):
        if issue.level == "konfirmasi":
            state.confirm(issue.path, issue.rule, "diperiksa")
    return visit.complete(village, household_id, state, now)


def test_the_difference_is_told_in_plain_words(tmp_path: Path) -> None:
    """Each difference is one sentence; two equal questionnaires have none."""
    old, new = load.load_shipped("dtks"), load.load(newer(tmp_path / "baru.xlsx"))
    told = [(one.kind, one.name) for one in difference.compare(old, new)]
    assert told == [
        ("tambah", "ada_wifi"),
        ("hapus", "nopesertapbdt"),
        ("tanya", "alamat"),
        ("kode_tambah", "lantai"),
        ("kode_ganti", "fasbab"),
    ]
    words = [one.sentence for one in difference.compare(old, new)]
    assert words[0] == 'Baru: "p. Internet wifi" (ada_wifi).'
    assert "dulu berarti Umum, kini MCK komunal" in words[4]
    assert not any("{" in one for one in words)
    assert difference.compare(old, load.load(SHIPPED)) == ()
    whole = difference.compare(old, load.load_shipped("regsosek"))
    assert all("{nama}" not in one.sentence for one in whole)


def test_changed_rules_are_told(tmp_path: Path) -> None:
    """A skip rule, a limit and a duty that changed each have a sentence of their own."""

    def change(survey: Any) -> None:
        heads = {cell.value: cell.column for cell in survey[1]}
        for row in range(2, survey.max_row + 1):
            name = survey.cell(row, heads["name"]).value
            if name == "jumlah_kamar":
                survey.cell(row, heads["constraint"], ". >= 0 and . <= 20")
                survey.cell(row, heads["relevant"], "${luas_lantai} > 20")
                survey.cell(row, heads["required"], "no")

    new = load.load(newer(tmp_path / "baru.xlsx", also=change))
    kinds = {
        one.kind
        for one in difference.compare(load.load_shipped("dtks"), new)
        if one.name == "jumlah_kamar"
    }
    assert kinds == {"relevant", "constraint", "required"}


def test_a_preview_writes_nothing(village: Village, tmp_path: Path) -> None:
    """Looking tells what would come, and leaves questionnaire and drafts as they are."""
    whole = drafted(village, 1)
    asked_again = drafted(village, 2, fasbab="3")
    found = versions.preview(village, newer(tmp_path / "baru.xlsx"), NOW)
    assert (found.drafts, found.in_use) == (2, False)
    assert found.again == 3  # twice a question that is gone, once a code that means another thing
    assert [(one.household_id, one.paths) for one in found.needs] == [
        (whole, ("ada_wifi",)),
        (asked_again, ("ada_wifi", "fasbab")),
    ]
    assert versions.sentences(found.needs) == (
        "1 rumah tangga perlu 1 jawaban lagi",
        "1 rumah tangga perlu 2 jawaban lagi",
    )
    assert village.instrument.version == "2020.1"
    with village.store.read() as session:
        assert drafts.versions(session, whole) == [OLD]


def test_drafts_come_over_and_can_go_back(village: Village, tmp_path: Path) -> None:
    """Installed, a draft is the same but for what has no meaning; gone back, it is as it was."""
    household_id = drafted(village, 1)
    before = visit.open_visit(village, household_id, NOW).state.answers()
    versions.install(village, versions.preview(village, newer(tmp_path / "b.xlsx"), NOW), NOW)
    assert village.instrument.version == "2020.2"
    opened = visit.open_visit(village, household_id, NOW)
    assert opened.state.instrument.version == "2020.2"
    carried = {k: v for k, v in before.items() if k != "nopesertapbdt"}
    assert opened.state.answers() == carried
    opened.state.set("ada_wifi", "2")
    opened.state.set("catatan", "ditulis di versi baru")
    visit.save_draft(village, household_id, opened.snapshot(), None, LATER)
    assert versions.needing(village, NOW) == ()
    with village.store.read() as session:
        assert sorted(drafts.versions(session, household_id)) == [OLD, NEW]
    versions.go_back(village, LATER)
    again = visit.open_visit(village, household_id, LATER).state
    assert (again.instrument.version, again.answers()) == ("2020.1", before)
    with pytest.raises(WorkbookError):  # the workbook of a version never changes
        versions.preview(village, newer(tmp_path / "c.xlsx", also=lambda s: s.delete_rows(9)), NOW)


def test_the_old_draft_goes_when_the_new_one_is_completed(village: Village, tmp_path: Path) -> None:
    """The way back ends with completion; the revision names the version it was given under."""
    household_id = drafted(village, 1)
    versions.install(village, versions.preview(village, newer(tmp_path / "b.xlsx"), NOW), NOW)
    stopped = finish(village, household_id, LATER)
    assert [issue.path for issue in stopped.issues] == ["ada_wifi"]
    opened = visit.open_visit(village, household_id, LATER)
    opened.state.set("ada_wifi", "1")
    visit.save_draft(village, household_id, opened.snapshot(), None, LATER)
    assert finish(village, household_id, LATER).done
    with village.store.read() as session:
        assert drafts.versions(session, household_id) == []
        current = visits.current(session, household_id, village.period)
    assert current is not None
    assert (current.instrument_id, current.instrument_version) == NEW


def test_completed_visits_keep_their_version_until_taken_up(
    village: Village, tmp_path: Path
) -> None:
    """A visit completed before opens as it was answered; taken up anew it needs one answer."""
    household_id = drafted(village, 1)
    assert finish(village, household_id, NOW).done
    versions.install(village, versions.preview(village, newer(tmp_path / "b.xlsx"), NOW), NOW)
    opened = visit.open_visit(village, household_id, LATER)
    assert opened.state.instrument.version == "2020.1"
    assert opened.state.value("nopesertapbdt") == "PBDT-1"
    assert not [i for i in checks.issues(opened.state) if i.level == "keras"]
    needs = versions.needing(village, LATER)
    assert [(one.household_id, one.paths) for one in needs] == [(household_id, ("ada_wifi",))]

    versions.renew(village, household_id, LATER)
    renewed = visit.open_visit(village, household_id, LATER)
    assert renewed.state.instrument.version == "2020.2"
    renewed.state.set("ada_wifi", "2")
    visit.save_draft(village, household_id, renewed.snapshot(), None, LATER)
    done = finish(village, household_id, LATER)
    assert (done.done, done.revision) == (True, 2)
    assert versions.needing(village, LATER) == ()
    with village.store.read() as session:
        lines = [one.line for one in visits.every_revision(session)]
    assert ['"version":"2020.1"' in lines[0], '"version":"2020.2"' in lines[1]] == [True, True]


def test_a_correction_of_an_old_visit_stays_with_its_version(
    village: Village, tmp_path: Path
) -> None:
    """Mending a completed visit without taking it up anew asks nothing new."""
    household_id = drafted(village, 1)
    assert finish(village, household_id, NOW).done
    versions.install(village, versions.preview(village, newer(tmp_path / "b.xlsx"), NOW), NOW)
    opened = visit.open_visit(village, household_id, LATER)
    opened.state.set("catatan", "diperbaiki")
    visit.save_draft(village, household_id, opened.snapshot(), None, LATER)
    again = visit.open_visit(village, household_id, LATER)
    assert (again.state.instrument.version, again.state.value("catatan")) == (
        "2020.1",
        "diperbaiki",
    )
    assert finish(village, household_id, LATER).done


def test_the_questionnaire_is_there_after_the_program_ends(tmp_path: Path) -> None:
    """It lies in the village's own encrypted file: workbook and choice survive."""
    folder = tmp_path / "desa"
    workbook = newer(tmp_path / "baru.xlsx")
    with open_village(folder, key=KEY, new=True) as village:
        household_id = drafted(village, 1)
        versions.install(village, versions.preview(village, workbook, NOW), NOW)
        assert versions.preview(village, workbook, NOW).in_use
    sha256 = load.load(workbook).sha256
    content = workbook.read_bytes()
    workbook.unlink()
    for kept in paths.cache().glob("instrumen-*"):
        kept.unlink()
    with open_village(folder, key=KEY) as village:
        assert (village.instrument.version, village.instrument.sha256) == ("2020.2", sha256)
        assert visit.open_visit(village, household_id, NOW).state.value("ada_wifi") == ""
    assert content[:64] not in (folder / "app.db").read_bytes()


def test_going_back_carries_what_was_begun_since(village: Village, tmp_path: Path) -> None:
    """A household begun under the newer questionnaire is not lost by going back."""
    versions.install(village, versions.preview(village, newer(tmp_path / "b.xlsx"), NOW), NOW)
    household_id, _ = visit.add_household(village, NOW)
    opened = visit.open_visit(village, household_id, NOW)
    opened.state.set("alamat", "Jalan Melati 5")
    opened.state.set("ada_wifi", "1")
    visit.save_draft(village, household_id, opened.snapshot(), None, NOW)
    versions.go_back(village, LATER)
    state = visit.open_visit(village, household_id, LATER).state
    assert state.instrument.version == "2020.1"
    assert state.value("alamat") == "Jalan Melati 5"
    versions.go_back(village, LATER)  # and forth again
    assert visit.open_visit(village, household_id, LATER).state.value("ada_wifi") == "1"


def test_a_village_that_was_given_none_has_no_way_back(village: Village) -> None:
    with pytest.raises(WorkbookError) as refused:
        versions.go_back(village, NOW)
    assert refused.value.code == "E_INSTRUMENT_FIRST"


def test_taking_up_anew_never_goes_over_what_was_typed_since(
    village: Village, tmp_path: Path
) -> None:
    """A draft of a completed visit was carried over and gone on with: it stays as it is."""
    home = drafted(village, 1)
    assert finish(village, home, NOW).done
    opened = visit.open_visit(village, home, NOW)
    opened.state.set("alamat", "DIPERBAIKI")
    visit.save_draft(village, home, opened.snapshot(), None, NOW)
    versions.install(village, versions.preview(village, newer(tmp_path / "b.xlsx"), NOW), NOW)
    opened = visit.open_visit(village, home, LATER)
    opened.state.set("nama_responden", "PENJAWAB BARU")
    visit.save_draft(village, home, opened.snapshot(), None, LATER)
    assert [need.household_id for need in versions.needing(village, LATER)] == [home]
    assert not versions.renew(village, home, LATER).households
    state = visit.open_visit(village, home, LATER).state
    assert (state.value("alamat"), state.value("nama_responden")) == ("DIPERBAIKI", "PENJAWAB BARU")


def test_taking_up_anew_carries_a_draft_of_the_old_questionnaire(
    village: Village, tmp_path: Path
) -> None:
    """What is typed is newer than what was completed; somebody else's is theirs."""
    home = drafted(village, 1)
    assert finish(village, home, NOW).done
    versions.install(village, versions.preview(village, newer(tmp_path / "b.xlsx"), NOW), NOW)
    opened = visit.open_visit(village, home, LATER)
    assert opened.state.instrument.version == OLD[1]
    opened.state.set("alamat", "DIPERBAIKI")
    visit.save_draft(village, home, opened.snapshot(), None, LATER)
    village.account = "budi"
    with pytest.raises(SiksError) as other:
        versions.renew(village, home, LATER)
    assert other.value.code == "E_DRAFT_OTHER"
    village.account = "operator"
    assert versions.renew(village, home, LATER).households
    state = visit.open_visit(village, home, LATER).state
    assert (state.instrument.version, state.value("alamat")) == (NEW[1], "DIPERBAIKI")
