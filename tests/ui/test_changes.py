"""Households through time, the next period, a proposal that came back: by keys only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from siks_offline.db import records
from siks_offline.desa import history, moves, proposals
from siks_offline.ui import dialogs
from siks_offline.ui.change_dialog import ChangeDialog
from siks_offline.ui.household_choice import HouseholdChoice
from siks_offline.ui.papers_dialog import PapersDialog
from siks_offline.ui.period_dialog import PeriodTalk
from tests.scenarios import hall
from tests.ui import worlds
from tests.ui.conftest import HOUSEHOLD
from tests.ui.test_musyawarah import settle, type_into

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.village import Village
    from tests.ui.conftest import Operator

FIRST, SECOND = HOUSEHOLD.format(1), HOUSEHOLD.format(2)
CTRL = Qt.KeyboardModifier.ControlModifier


def village_of(desk: Operator) -> Village:
    assert desk.window.desk is not None
    return desk.window.desk.village


def open_changes(desk: Operator, household_id: str) -> ChangeDialog:
    """Go to a household of the prelist and press Ctrl+T."""
    desk.window.show_page("prelist")
    settle(desk)
    page: Any = desk.window.pages["prelist"]
    page.table.selectRow(page.model.row_of(household_id))
    QTest.keyClick(page.table, Qt.Key.Key_T, CTRL)
    settle(desk)
    dialog: ChangeDialog = desk.window.findChildren(ChangeDialog)[-1]
    return dialog


def give_members(desk: Operator) -> None:
    """Let the index know who lives in the first households."""
    from siks_offline.db import households
    from siks_offline.model import Person

    with village_of(desk).store.write() as session:
        for home in (FIRST, SECOND):
            line = households.line(session, home)
            assert line is not None
            facts = households.Facts(nama_krt=line.nama_krt, alamat=line.alamat, anggota=2)
            people = [
                Person(f"{home[:24]}{home[-1]}{nth:011}", "", f"{home[-1]}" * 16, f"A{nth}", "", "")
                for nth in range(2)
            ]
            households.refresh(session, home, facts, people)


def test_a_member_moves_after_it_was_told(desk: Operator) -> None:
    """Space marks who, a search finds where to, F12 does it, and the trail knows."""
    give_members(desk)
    dialog = open_changes(desk, FIRST)
    assert not dialog.do.isEnabled()
    QTest.keyClick(dialog.members, Qt.Key.Key_Space)
    QTest.keyClick(dialog.target, Qt.Key.Key_Space)
    settle(desk)
    [choice] = dialog.findChildren(HouseholdChoice)
    QTest.keyClicks(choice.words, worlds.name(2))
    QTest.qWait(150)
    settle(desk)
    QTest.keyClick(choice.words, Qt.Key.Key_Return)
    settle(desk)
    assert dialog.do.isEnabled()
    assert "2 orang menjadi 1" in dialog.foretold.text()
    assert moves.read(village_of(desk), FIRST).line.anggota == 2
    QTest.keyClick(dialog, Qt.Key.Key_F12)
    settle(desk)
    village = village_of(desk)
    assert (moves.read(village, FIRST).line.anggota, moves.read(village, SECOND).line.anggota) == (
        1, 3,
    )  # fmt: skip
    assert "Memindahkan anggota" in history.of_household(village, FIRST)[0].words


def test_digits_choose_what_happens_and_why(desk: Operator) -> None:
    """4, then the reason's digit; `lainnya` wants own words before it can be done."""
    dialog = open_changes(desk, FIRST)
    QTest.keyClicks(dialog.kinds, "4")
    QTest.keyClicks(dialog.reasons, "7")
    assert not dialog.do.isEnabled()
    QTest.keyClicks(dialog.note, "rumah dijual")
    assert dialog.do.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_F12)
    settle(desk)
    [told] = moves.read(village_of(desk), FIRST).told
    assert (told.kind, told.reason, told.note) == ("tidak_layak", "lainnya", "rumah dijual")


def test_a_family_is_marked_with_one_key(desk: Operator) -> None:
    """K marks everybody of the card; nobody can split off a whole household."""
    give_members(desk)
    dialog = open_changes(desk, FIRST)
    QTest.keyClick(dialog.members, Qt.Key.Key_K)
    assert len(dialog.going()) == 2
    QTest.keyClicks(dialog.kinds, "2")
    settle(desk)
    assert not dialog.do.isEnabled()
    assert "Tidak ada anggota" in dialog.foretold.text()


def test_the_next_period_is_told_and_opened(desk: Operator) -> None:
    """A digit chooses the month instead of the quarter; the window shows the new period."""
    desk.window.show_page("pengaturan")
    settle(desk)
    page: Any = desk.window.pages["pengaturan"]
    QTest.keyClick(page.next_period, Qt.Key.Key_Space)
    settle(desk)
    [talk] = desk.window.findChildren(PeriodTalk)
    assert "60 rumah tangga" in talk.detail.text()
    assert village_of(desk).period == "2026-Q4"
    QTest.keyClicks(talk.choices, "2")
    QTest.keyClick(talk.choices, Qt.Key.Key_Return)
    settle(desk)
    assert village_of(desk).period == "2026-11"
    assert "2026-11" in page.period_words.text()


def test_a_proposal_that_came_back_is_mended(
    desk: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list says why, the form says it again at its question, F12 sends it anew."""
    village = village_of(desk)
    hall.propose(village, hall.family(1, village.kode_desa), worlds.NOW)
    (line,) = proposals.lines(village)
    with village.store.write() as session:
        head = records.head(session, line.id)
        assert head is not None
        said = records.Told("rejected", "", "Foto KK tidak terbaca.", "answers.alamat")
        records.told(session, {head.sha256: said})
    desk.window.show_page("musyawarah")
    settle(desk)
    meeting: Any = desk.window.pages["musyawarah"]
    assert meeting.proposals.text() == "Usulan (1 kembali)"
    desk.window.show_page("usulan")
    settle(desk)
    assert desk.window.rail.buttons["musyawarah"].isChecked(), "the way here"
    page: Any = desk.window.pages["usulan"]
    assert page.table.item(0, 7).text() == "Dikembalikan"
    assert "Foto KK tidak terbaca." in page.told.text()
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    settle(desk)
    form: Any = desk.window.pages["usulan_isi"]
    assert "Foto KK tidak terbaca." in form.office.text()
    assert form.form.current.path == "alamat"
    monkeypatch.setattr(dialogs, "tell", lambda *_: None)
    type_into(desk, "Jl. Melati 7")
    desk.press(Qt.Key.Key_F12)
    settle(desk)
    (line,) = proposals.lines(village)
    assert (line.revision, line.answer) == (2, "")


@pytest.mark.parametrize(("name", "kind"), [("kunjungan", "isian"), ("usulan_isi", "tanda-usulan")])
def test_papers_of_one_are_a_key_away(
    name: str, kind: str, desk: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Ctrl+P on the visit prints its filled form, on a proposal its receipt."""
    village, target = village_of(desk), tmp_path / "kertas.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    monkeypatch.setattr(dialogs, "tell", lambda *_: None)
    hall.propose(village, hall.family(1, village.kode_desa), worlds.NOW)
    (line,) = proposals.lines(village)
    desk.window.show_page(name, FIRST if name == "kunjungan" else line.id)
    settle(desk)
    desk.press(Qt.Key.Key_P, CTRL)
    settle(desk)
    [dialog] = desk.window.findChildren(PapersDialog)
    assert dialog.kind == kind
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    settle(desk)
    assert target.read_bytes().startswith(b"%PDF-")


def test_the_regions_criteria_are_shown_and_taken(desk: Operator, tmp_path: Path) -> None:
    """What holds here is a list to read; an admin takes the region's own file."""
    own = tmp_path / "jember.toml"
    own.write_text(
        """[daerah.jember]
nama = "Jember"
kode = "3509"
mampu_dikunjungi = false
[[daerah.jember.kriteria]]
id = "rumah"
teks = "Tidak punya tempat tinggal tetap"
karena = ["t01"]
bila.usulan = "${t01} = '2'"
"""
    )
    desk.window.show_page("usulan")
    settle(desk)
    page: Any = desk.window.pages["usulan"]
    QTest.keyClick(page.criteria, Qt.Key.Key_Space)
    settle(desk)
    [talk] = page.findChildren(dialogs.Talk)
    assert "Memiliki mobil" in talk.detail.text()
    talk.reject()
    page.take_criteria(own)
    settle(desk)
    talk = page.findChildren(dialogs.Talk)[-1]
    assert talk.heading.text() == "Kriteria daerah: Jember"
    assert proposals.criteria_here(village_of(desk)).rules[0].id == "rumah"
