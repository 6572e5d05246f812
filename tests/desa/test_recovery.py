"""A damaged village comes back from its newest good copy, with what could still be read of it."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest

from siks_offline.db import attachments, audit, drafts, records
from siks_offline.db import proposals as stored
from siks_offline.desa import (
    accounts,
    backup,
    checkup,
    copies,
    households,
    meeting,
    notes,
    periods,
    proposals,
    recovery,
    returns,
    salvaging,
    versions,
    visit,
)
from siks_offline.errors import SiksError, StoreError
from tests.desa.kept_village import ACCOUNT, PASSPHRASE, folder, made
from tests.desa.test_versions import LATER, NOW, OLD, drafted, finish, newer
from tests.dinsos.world import PNG
from tests.scenarios import hall

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.meeting import ProposalLine

__all__ = ["folder", "made"]


def opened(folder: Path) -> Village:
    return accounts.open_village(folder, ACCOUNT, PASSPHRASE)


@pytest.fixture
def worked(folder: Path) -> Path:
    """After the last copy one household was completed, one begun, one draft went on."""
    with opened(folder) as village:
        copies.keep(village, "masuk", NOW)
        assert finish(village, drafted(village, 5), LATER).done
        drafted(village, 6)
        older = households.find(village, kerja="draf", order="seq")[0]
        state = visit.open_visit(village, older, LATER)
        state.state.set("alamat", "SESUDAH CADANGAN")
        visit.save_draft(village, older, state.snapshot(), None, LATER)
    return folder


def damage(folder: Path, *, first: bool = False, part: float = 0.5) -> None:
    """Overwrite one page of the file, or all of its first pages."""
    path = folder / "app.db"
    content = bytearray(path.read_bytes())
    at = 0 if first else int(len(content) * part) // 4096 * 4096
    content[at : at + 4096] = bytes(4096)
    path.write_bytes(bytes(content))


def picture(folder: Path) -> dict[str, str]:
    """Every file of the folder by what it holds."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {"kunci.lock", "masuk.json"}
    }


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_whatever_page_is_lost_nothing_of_the_copy_is(worked: Path, part: float) -> None:
    """The copy is back whole, the damaged file lies aside, and what is said is true."""
    damage(worked, part=part)
    broken = hashlib.sha256((worked / "app.db").read_bytes()).hexdigest()
    [choice] = recovery.choices(worked)
    done = recovery.put_back(worked, choice.path, ACCOUNT, PASSPHRASE, LATER)
    assert done.copy.households == 3
    aside = worked / done.aside
    assert hashlib.sha256((aside / "app.db").read_bytes()).hexdigest() == broken
    with opened(worked) as village:
        assert checkup.check(village).findings == ()
        lines = households.lines(village, households.find(village))
        assert len(lines) == done.households
        assert sum(one.kerja == "selesai" for one in lines.values()) == 2 + done.saved.visits
        with village.store.read() as session:
            assert audit.latest(session, "desa.selamatkan")


def lose_search(worked: Path, statement: str = "SELECT 1") -> None:
    """Zero the search's first page, after some other statement."""
    from sqlalchemy import text

    from siks_offline.db import engine

    with opened(worked) as village:
        key = village.keys.current
    store = engine.open_village(worked / "app.db", key)
    with store.write() as session:
        session.execute(text(statement))
        root = session.scalar(
            text("SELECT rootpage FROM sqlite_master WHERE name = 'household_search'")
        )
    store.close()
    content = bytearray((worked / "app.db").read_bytes())
    content[(root - 1) * 4096 : root * 4096] = bytes(4096)
    (worked / "app.db").write_bytes(bytes(content))


def test_what_was_written_since_the_copy_is_saved(worked: Path) -> None:
    """A lost page of the search takes neither the completed visit nor the draft that went on."""
    lose_search(worked)
    [choice] = recovery.choices(worked)
    done = recovery.put_back(worked, choice.path, ACCOUNT, PASSPHRASE, LATER)
    assert (done.saved.visits, done.saved.drafts) == (1, 2)
    with opened(worked) as village:
        draft = households.find(village, kerja="draf", order="seq")[0]
        with village.store.read() as session:
            kept = drafts.read(session, draft, *OLD)
        assert kept is not None
        assert kept.rows["alamat"] == "SESUDAH CADANGAN"
        assert len(households.find(village, kerja="selesai")) == 3
        assert checkup.check(village).findings == ()


def test_answers_that_a_saved_draft_lost_are_told_until_it_is_gone_on_with(worked: Path) -> None:
    """A row that cannot be read leaves a draft that says so, and one that is kept anew is whole."""
    lose_search(worked, "DELETE FROM draft_value WHERE value = 'SESUDAH CADANGAN'")
    [choice] = recovery.choices(worked)
    recovery.put_back(worked, choice.path, ACCOUNT, PASSPHRASE, LATER)
    with opened(worked) as village:
        [draft, _] = households.find(village, kerja="draf", order="seq")
        [found] = checkup.check(village).findings
        assert (found.kind, found.subject) == ("draf", draft)
        assert draft in found.words
        state = visit.open_visit(village, draft, LATER)
        visit.save_draft(village, draft, state.snapshot(), None, LATER)
        assert checkup.check(village).findings == ()


@pytest.mark.parametrize("how", ["first", "empty", "missing", "text"])
def test_a_file_of_which_nothing_is_left_comes_back_from_the_copy(worked: Path, how: str) -> None:
    """No first page, no bytes, no file, another file: the copy alone."""
    path = worked / "app.db"
    if how == "first":
        damage(worked, first=True)
    elif how == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if how == "empty" else b"bukan basis data" * 999)
    with pytest.raises(SiksError) as caught:
        opened(worked)
    assert caught.value.code in recovery.CODES
    [choice] = recovery.choices(worked)
    done = recovery.put_back(worked, choice.path, ACCOUNT, PASSPHRASE, LATER)
    assert (done.households, done.saved) == (3, salvaging.Saved())
    with opened(worked) as village:
        assert len(households.find(village)) == 3


def test_a_damaged_keystore_comes_back_too(worked: Path) -> None:
    """Keys are in every copy; without them the best of files is lost."""
    (worked / "akun" / f"{ACCOUNT}.age").write_bytes(b"rusak")
    with pytest.raises(SiksError) as caught:
        opened(worked)
    assert caught.value.code in recovery.CODES
    [choice] = recovery.choices(worked)
    recovery.put_back(worked, choice.path, ACCOUNT, PASSPHRASE, LATER)
    opened(worked).close()


def test_a_recovery_that_stops_leaves_what_was_there(
    worked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong passphrase, a bad copy, a failure at the last step: every file is as it was."""
    damage(worked)
    before = picture(worked)
    [choice] = recovery.choices(worked)
    with pytest.raises(SiksError):
        recovery.put_back(worked, choice.path, ACCOUNT, "bukan ini", LATER)
    assert picture(worked) == before

    def fail(*_: object) -> None:
        raise StoreError("E_DISK_FULL")

    monkeypatch.setattr(salvaging, "save", fail)
    with pytest.raises(SiksError) as caught:
        recovery.put_back(worked, choice.path, ACCOUNT, PASSPHRASE, LATER)
    assert caught.value.code == "E_DISK_FULL"
    assert picture(worked) == before


def test_damaged_and_foreign_copies_are_not_offered(worked: Path, tmp_path: Path) -> None:
    """The newest good one comes first; one that is broken is not among them."""
    with opened(worked) as village:
        copies.keep(village, "berkala", LATER)
    newest, older = copies.kept(worked)
    assert [one.path for one in recovery.choices(worked)] == [newest.path, older.path]
    content = bytearray(newest.path.read_bytes())
    content[len(content) // 2] ^= 1
    newest.path.write_bytes(bytes(content))
    assert [one.path for one in recovery.choices(worked)] == [older.path]
    strange = tmp_path / "lain.siksbak"
    strange.write_bytes(b"PK")
    assert [one.path for one in recovery.choices(worked, strange)] == [older.path]


def proposed(village: Village) -> list[ProposalLine]:
    with village.store.read() as session:
        return stored.lines(session, village.period)


def test_proposals_the_musyawarah_and_photos_come_over_too(folder: Path) -> None:
    """A family at the counter, a sitting, a verdict and a photo, all of after the last copy."""
    with opened(folder) as village:
        copies.keep(village, "masuk", NOW)
        done = hall.propose(village, hall.family(1, village.kode_desa), LATER)
        assert done.done
        begun, _ = proposals.begin(village, LATER)
        hall.sit(village, LATER)
        home = households.find(village, kerja="selesai")[0]
        hall.say(village, home, "2", LATER, reason="2")
        with village.store.write() as session:
            photo = attachments.put(session, home, "F-RUMAH", "png", PNG)
        before = proposed(village), meeting.read(village)
        verdicts = meeting.lines(village, [home])
    lose_search(folder)
    [choice] = recovery.choices(folder)
    saved = recovery.put_back(folder, choice.path, ACCOUNT, PASSPHRASE, LATER).saved
    assert (saved.proposals, saved.words, saved.photos) == (2, 2, 1)
    with opened(folder) as village:
        assert (proposed(village), meeting.read(village)) == before
        assert meeting.lines(village, [home]) == verdicts
        assert proposals.open_proposal(village, begun, LATER).id == begun
        family = next(one for one in proposed(village) if one.state == "terdaftar")
        assert visit.open_visit(village, family.household_id, LATER).state.value("nama_krt")
        with village.store.read() as session:
            assert attachments.content(session, photo) == PNG
            assert [one.kind for one in records.due(session, "proposals")] == ["proposals"]
        assert checkup.check(village).findings == ()


def test_the_questionnaire_and_the_period_of_after_the_copy_come_over(
    folder: Path, tmp_path: Path
) -> None:
    """Drafts under a workbook that the copy lacks open; visits are of the period they were made in."""
    with opened(folder) as village:
        for home in households.find(village, kerja="draf"):
            visit.drop_draft(village, home, NOW)
        copies.keep(village, "masuk", NOW)
        book = newer(tmp_path / "b.xlsx")
        versions.install(village, versions.preview(village, book, NOW), NOW)
        periods.open_period(village, "2026-11", LATER)
        begun, _ = visit.add_household(village, LATER)
        state = visit.open_visit(village, begun, LATER)
        state.state.set("alamat", "JALAN BARU")
        visit.save_draft(village, begun, state.snapshot(), None, LATER)
        before = households.counts(village).kerja, village.period, village.instrument.version
    lose_search(folder)
    [choice, *_] = [one for one in recovery.choices(folder) if one.about.why == "masuk"]
    recovery.put_back(folder, choice.path, ACCOUNT, PASSPHRASE, LATER)
    with opened(folder) as village:
        after = households.counts(village).kerja, village.period, village.instrument.version
        assert after == before
        assert visit.open_visit(village, begun, LATER).state.value("alamat") == "JALAN BARU"


def test_a_copy_of_where_the_work_went_on_is_not_overwritten(folder: Path, tmp_path: Path) -> None:
    """The damaged file is older than such a copy: of two answers the copy's stands."""
    with opened(folder) as village:
        assert hall.propose(village, hall.family(1, village.kode_desa), NOW).done
        home = households.find(village, kerja="selesai")[0]
        hall.say(village, home, "4", NOW, able="2")
        draft = households.find(village, kerja="draf", order="seq")[0]
    other, stick = tmp_path / "lain", tmp_path / "usb.siksbak"
    shutil.copytree(folder, other)
    with opened(other) as village:
        hall.say(village, home, "2", LATER, reason="2")
        state = visit.open_visit(village, draft, LATER)
        state.state.set("alamat", "JALAN BARU")
        visit.save_draft(village, draft, state.snapshot(), None, LATER)
        backup.write(village, stick, LATER)
    lose_search(folder)
    recovery.put_back(folder, stick, ACCOUNT, PASSPHRASE, LATER)
    with opened(folder) as village:
        verdict = meeting.lines(village, [home])[home].verdict
        assert verdict is not None
        assert verdict.status == "2"
        assert visit.open_visit(village, draft, LATER).state.value("alamat") == "JALAN BARU"


def test_what_a_supervisor_wanted_put_right_is_still_wanted(folder: Path) -> None:
    """The word comes over, and with it the household is given back again."""
    with opened(folder) as village:
        copies.keep(village, "masuk", NOW)
        home = households.find(village, kerja="selesai")[0]
        village.account, village.role = "cici", "pemeriksa"
        returns.send_back(village, home, [("alamat", "salah ketik, lihat kertas")], LATER)
    lose_search(folder)
    [choice] = recovery.choices(folder)
    recovery.put_back(folder, choice.path, ACCOUNT, PASSPHRASE, LATER)
    with opened(folder) as village:
        assert households.find(village, kerja="dikembalikan") == [home]
        [said] = notes.of_household(village, home)
        assert (said.path, said.words) == ("alamat", "salah ketik, lihat kertas")
