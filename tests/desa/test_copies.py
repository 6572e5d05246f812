"""The village copies itself when something changed, keeps what a clock cannot take, tells in time."""

from __future__ import annotations

import threading
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from siks_offline.db import audit, copy_list
from siks_offline.desa import accounts, backup, copies, households, visit, wastebin
from siks_offline.errors import Cancelled, SiksError
from tests.desa.kept_village import ACCOUNT, PASSPHRASE, folder, made, village
from tests.desa.test_versions import LATER, NOW, drafted

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.desa.village import Village

__all__ = ["folder", "made", "village"]


def names(village: Village) -> list[str]:
    return [one.path.name for one in copies.kept(village.folder)]


def test_a_copy_is_made_only_when_something_changed(village: Village) -> None:
    """An action or a kept draft is a change; looking is none, and neither is a copy."""
    assert copies.keep(village, "masuk", NOW) is not None
    assert copies.keep(village, "berkala", LATER) is None
    backup.write(village, village.folder / "lain" / "x.siksbak", LATER)
    households.find(village)
    assert copies.keep(village, "berkala", LATER) is None
    [draft] = households.find(village, kerja="draf")
    opened = visit.open_visit(village, draft, LATER)
    opened.state.set("alamat", "JALAN BARU")
    visit.save_draft(village, draft, opened.snapshot(), None, LATER + timedelta(minutes=1))
    about = copies.keep(village, "berkala", LATER)
    assert about is not None
    assert (about.number, about.households, about.completed, about.drafts) == (3, 3, 2, 1)
    assert names(village) == ["000003-h0001-berkala.siksbak", "000001-h0001-masuk.siksbak"]
    with village.store.read() as session:
        assert [one.own for one in copy_list.every(session)] == [True, False, True]


def test_a_copy_that_was_taken_away_is_made_again(village: Village) -> None:
    """The list in the file is not believed when the copy itself is gone."""
    copies.keep(village, "masuk", NOW)
    for one in copies.kept(village.folder):
        one.path.unlink()
    assert copies.keep(village, "berkala", NOW) is not None


def test_a_copy_opens_in_an_empty_machine(village: Village, tmp_path: Path) -> None:
    """What the village made by itself is a whole backup, and says what it holds without a key."""
    copies.keep(village, "masuk", NOW)
    [one] = copies.kept(village.folder)
    said = backup.about(one.path)
    assert (said.households, said.completed, said.drafts, said.why) == (3, 2, 1, "masuk")
    assert backup.marker(one.path)["akun"] == [ACCOUNT]
    assert backup.restore(one.path, tmp_path / "baru", ACCOUNT, PASSPHRASE, LATER) == 3


def test_a_copy_can_be_stopped_and_leaves_nothing(village: Village) -> None:
    """Stopped at any turn there is neither a half copy nor a line that tells of one."""

    for turns in (0, 1):
        left = turns

        def stop(_done: int, _total: int) -> None:
            nonlocal left
            if left == 0:
                raise Cancelled
            left -= 1

        with pytest.raises(Cancelled):
            copies.keep(village, "masuk", NOW, stop)
        assert sorted(village.folder.glob("cadangan*/**/*")) == []
        assert not (village.folder / "cadangan.db.baru").exists()
    with village.store.read() as session:
        assert audit.latest(session, backup.OWN_ACTION) == ""
    assert copies.keep(village, "masuk", NOW) is not None


def test_fail_closed_no_copy_without_its_line(village: Village, tmp_path: Path) -> None:
    """A copy that the trail cannot tell of is not there, and an earlier one of its name stays."""
    target = tmp_path / "x.siksbak"
    target.write_bytes(b"yang lama")
    with village.store.write() as session:
        session.execute(
            text("CREATE TRIGGER penuh BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'x'); END")
        )
    with pytest.raises(SiksError) as caught:
        backup.write(village, target, NOW)
    assert caught.value.code == "E_AUDIT"
    assert target.read_bytes() == b"yang lama"
    assert [path.name for path in tmp_path.glob("x.*")] == ["x.siksbak"]


def test_before_an_import_a_copy_is_made(village: Village, tmp_path: Path) -> None:
    """Even of an import that then goes wrong; what was there before it is in the copy."""
    from siks_offline.desa import answers_book

    book = tmp_path / "buku.xlsx"
    answers_book.write(village, book, NOW)
    answers_book.load(village, book, LATER)
    assert names(village) == ["000001-h0001-impor.siksbak"]


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=120),
    st.integers(0, 40),
)
def test_thinning_keeps_what_it_promises(steps: list[int], size: int) -> None:
    """The newest ten, the newest of seven days and of four weeks; the newest three whatever."""
    day, found = 1, []
    for number, step in enumerate(steps, start=1):
        day += step
        found.append(copies.Kept(number, day, Path(f"{number:06}-h{day:04}-masuk.siksbak")))
    gone = copies.spare(found)
    left = [one for one in found if one not in gone]
    assert left[-10:] == found[-10:]
    days = sorted({one.day for one in found}, reverse=True)[:7]
    for wanted in days:
        assert max(one.number for one in found if one.day == wanted) in {o.number for o in left}
    weeks = sorted({one.day // 7 for one in found}, reverse=True)[:4]
    for wanted in weeks:
        newest = max(one.number for one in found if one.day // 7 == wanted)
        assert newest in {o.number for o in left}
    assert len(left) <= 10 + 7 + 4
    sizes = {one.path.name: size << 27 for one in found}
    fewer = [one for one in found if one not in copies.spare(found, sizes)]
    assert fewer[-3:] == found[-3:]
    assert sum(sizes[o.path.name] for o in fewer[:-3]) <= copies.MOST_BYTES


def test_no_clock_takes_the_newest_copies(village: Village) -> None:
    """2001, 2038 and back: numbers go on, and the newest copies are the last ones made."""
    made_at = []
    for year in (2026, 2001, 2038, 1990, 2026):
        drafted(village, 10 + len(made_at))
        about = copies.keep(village, "masuk", NOW.replace(year=year))
        assert about is not None
        made_at.append(about.number)
    assert made_at == [1, 2, 3, 4, 5]
    assert [one.number for one in copies.kept(village.folder)] == [5, 4, 3, 2, 1]


def test_after_three_days_of_work_a_copy_should_leave_the_house(village: Village) -> None:
    """Copies beside the file do not count; one written elsewhere ends the nudge."""
    wastebin.tidy(village, NOW)
    copies.keep(village, "masuk", NOW)
    for day in (1, 2):
        wastebin.tidy(village, NOW + timedelta(days=day))
        assert not copies.standing(village).nudge
    wastebin.tidy(village, NOW + timedelta(days=3))
    assert copies.standing(village).nudge
    backup.write(village, village.folder.parent / "usb" / "c.siksbak", NOW + timedelta(days=3))
    assert not copies.standing(village).nudge


def test_a_copy_altered_on_its_stick_is_refused(village: Village, tmp_path: Path) -> None:
    """Flipped bytes, a strange entry, a cut: no folder is left behind."""
    target = tmp_path / "x.siksbak"
    backup.write(village, target, NOW)
    whole = target.read_bytes()
    at = whole.index(b"app.db") + 50_000
    hostile = {
        "bit": whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :],
        "cut": whole[: len(whole) // 2],
        "none": b"",
    }
    for name, content in hostile.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(SiksError) as caught:
            backup.restore(path, tmp_path / "baru", ACCOUNT, PASSPHRASE, LATER)
        assert caught.value.code == "E_BACKUP_DAMAGED"
        assert not (tmp_path / "baru").exists()
    with zipfile.ZipFile(target, "a") as packed:
        packed.writestr("../jahat", "x")
    with pytest.raises(SiksError):
        backup.restore(target, tmp_path / "baru", ACCOUNT, PASSPHRASE, LATER)
    assert not (tmp_path / "jahat").exists()


def test_an_unclean_end_is_looked_into(folder: Path) -> None:
    """Closed, the folder is unmarked; killed, the next opening looks the file through."""
    mark = folder / "belum-ditutup"
    with accounts.open_village(folder, ACCOUNT, PASSPHRASE):
        assert mark.exists()
    assert not mark.exists()
    file = folder / "app.db"
    content = bytearray(file.read_bytes())
    content[-5000] ^= 1  # a page that nothing reads at sign-in
    file.write_bytes(bytes(content))
    accounts.open_village(folder, ACCOUNT, PASSPHRASE).close()
    mark.touch()
    with pytest.raises(SiksError) as caught:
        accounts.open_village(folder, ACCOUNT, PASSPHRASE)
    assert caught.value.code == "E_DB_DAMAGED"
    assert mark.exists(), "and the opening after that looks again"


def test_two_copies_at_a_time_do_not_write_through_each_other(
    village: Village, tmp_path: Path
) -> None:
    """One by hand, two by the program, at once: each whole, each with a number of its own."""
    faults: list[Exception] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - told below
            faults.append(error)

    works: list[Callable[[], object]] = [
        lambda: copies.keep(village, "masuk", NOW),
        lambda: backup.write(village, tmp_path / "x.siksbak", NOW),
        lambda: copies.keep(village, "berkala", LATER),
    ]
    threads = [threading.Thread(target=run, args=(one,)) for one in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert backup.sound(tmp_path / "x.siksbak")
    assert all(backup.sound(one.path) for one in copies.kept(village.folder))
    with village.store.read() as session:
        numbers = [one.number for one in copy_list.every(session)]
    assert len(numbers) == len(set(numbers)) == 2
