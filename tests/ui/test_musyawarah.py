"""The musyawarah and the counter, by keys only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from siks_offline.desa import final_list, meeting, proposals
from siks_offline.ui import dialogs
from siks_offline.ui.household_choice import HouseholdChoice
from siks_offline.ui.officers_dialog import OfficersDialog
from siks_offline.ui.sitting_dialog import SittingDialog
from tests.scenarios import hall

if TYPE_CHECKING:
    from siks_offline.ui.meeting_page import MeetingPage
    from tests.ui.conftest import Operator


def settle(desk: Operator) -> None:
    assert desk.window.desk is not None
    for _ in range(5):
        desk.window.desk.pool.waitForDone()
        QTest.qWait(10)


@pytest.fixture
def page(desk: Operator) -> MeetingPage:
    desk.window.show_page("musyawarah")
    settle(desk)
    return desk.window.pages["musyawarah"]  # type: ignore[return-value]


def type_into(desk: Operator, keys: str) -> None:
    for key in keys:
        target = desk.focus()
        QTest.keyClicks(target, key)


def test_five_digits_decide_a_household_and_the_next_comes(
    desk: Operator, page: MeetingPage
) -> None:
    """1 found, 2 not able, 1 works, 6 as what, 2 no disability: kept, and the list goes on."""
    first = page.model.id_at(0)
    page.table.setFocus()
    type_into(desk, "1")
    assert desk.focus() is page.panel.fields["able"]
    type_into(desk, "2162")
    settle(desk)
    assert page.table.currentIndex().row() == 1
    assert desk.focus() is page.table
    assert desk.window.desk is not None
    said = meeting.lines(desk.window.desk.village, [first])[first].verdict
    assert said is not None
    assert (said.status, said.able, said.working, said.standing, said.disabled) == (
        "1", "2", "1", "6", "2",
    )  # fmt: skip


def test_not_found_asks_only_why(desk: Operator, page: MeetingPage) -> None:
    """Two digits are enough; a letter does nothing; Backspace takes the word back."""
    first = page.model.id_at(0)
    page.table.setFocus()
    type_into(desk, "2")
    type_into(desk, "x1")
    settle(desk)
    assert desk.window.desk is not None
    village = desk.window.desk.village
    assert meeting.lines(village, [first])[first].column == "pindah"
    page.table.selectRow(0)
    QTest.keyClick(page.table, Qt.Key.Key_Backspace)
    settle(desk)
    assert meeting.lines(village, [first])[first].column == "belum"


def test_a_double_asks_of_which(
    desk: Operator, page: MeetingPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other household is chosen by its name, and Enter keeps the verdict."""
    shown: list[HouseholdChoice] = []

    def remember(self: HouseholdChoice) -> None:
        shown.append(self)

    monkeypatch.setattr(HouseholdChoice, "open", remember)
    first = page.model.id_at(0)
    page.table.setFocus()
    type_into(desk, "3")
    (dialog,) = shown
    settle(desk)
    QTest.keyClick(dialog.words, Qt.Key.Key_Return)
    settle(desk)
    assert desk.window.desk is not None
    line = meeting.lines(desk.window.desk.village, [first])[first]
    assert line.column == "ganda"
    assert line.verdict is not None
    assert line.verdict.twin not in ("", first)


def test_closing_leads_to_the_signed_paper(
    desk: Operator, page: MeetingPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """The rest found, closed as SPTJM, scan attached: the line above says what is still wanted."""
    asked: list[str] = []

    def agree(_parent: object, heading: str, *_: str) -> bool:
        asked.append(heading)
        return True

    monkeypatch.setattr(dialogs, "ask", agree)
    page.acts.decide_rest()
    settle(desk)
    page.acts.begin_close()
    settle(desk)
    assert len(asked) == 2
    assert page.meeting is not None
    assert page.meeting.closed
    assert not page.panel.isEnabled()
    wanting = page.standing.text()
    scan = tmp_path / "sptjm.pdf"
    scan.write_bytes(hall.PDF)
    page.acts.attach(scan)
    settle(desk)
    assert page.meeting.signed
    assert page.standing.text() != wanting


def test_a_sitting_is_kept_from_its_dialog(desk: Operator, page: MeetingPage) -> None:
    """Facts, those present and an auditor's answer are typed and kept together."""
    assert desk.window.desk is not None
    dialog = SittingDialog(desk.window.desk, None, page)
    told = {"place": "Balai desa", "date": "2026-11-20", "hour": "9.30", "leader": "Suparman"}
    for name, words in told.items():
        QTest.keyClicks(dialog.facts[name], words)
    dialog.add_person()
    item = dialog.people.item(0, 0)
    assert item is not None
    item.setText("Lestari")
    QTest.keyClicks(dialog.answers["mk14"], "ya")
    dialog.keep()
    settle(desk)
    (kept,) = meeting.read(desk.window.desk.village).sittings
    assert (kept.hour, kept.attendees[0].name, kept.audit) == ("09:30", "Lestari", {"mk14": "ya"})


def test_a_family_is_registered_at_the_counter(
    desk: Operator, page: MeetingPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+B twice begins a proposal; what is typed is kept; F12 says what is missing."""
    said: list[str] = []
    monkeypatch.setattr(dialogs, "tell", lambda _p, heading, _d="", **_: said.append(heading))
    page.table.setFocus()
    QTest.keyClick(desk.focus(), Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    settle(desk)
    window = desk.window
    assert window.current is window.pages["usulan"]
    window.pages["usulan"].begin_one()  # type: ignore[attr-defined]
    settle(desk)
    form: Any = window.pages["usulan_isi"]
    assert window.current is form
    assert form.form is not None
    assert window.desk is not None
    told = hall.family(1, window.desk.village.kode_desa)
    for path in ("no_kk", "nama_krt", "alamat"):
        form.form.apply(form.form.state.set(path, told[path]))
    form.save()
    settle(desk)
    (line,) = proposals.lines(window.desk.village)
    assert (line.state, line.nama_krt) == ("draf", told["nama_krt"])
    form.complete()
    settle(desk)
    assert form.form is not None, "something is missing, so it stays open"
    for name, value in told.items():
        if isinstance(value, str):
            form.form.apply(form.form.state.set(name, value))
    for number, member in enumerate(told["anggota"], 1):
        form.form.apply(form.form.state.add("anggota"))
        for name, value in member.items():
            form.form.apply(form.form.state.set(f"anggota[{number}].{name}", value))
    for issue in form.form.state.issues():
        if issue.level == "konfirmasi":
            form.form.apply(form.form.state.confirm(issue.path, issue.rule, "sudah dicocokkan"))
    form.complete()
    settle(desk)
    assert said, [issue.message for issue in form.form.state.issues()] if form.form else ""
    assert proposals.lines(window.desk.village)[0].state == "terdaftar"


def test_a_scanner_types_a_number_and_the_household_opens(desk: Operator) -> None:
    """Twelve digits with Enter on the list of households lead to the visit."""
    window = desk.window
    assert window.desk is not None
    row = final_list.rows(window.desk.village, "awal")[5]
    window.show_page("prelist", "cari")
    settle(desk)
    words = window.pages["prelist"].words  # type: ignore[attr-defined]
    QTest.keyClicks(words, row.barcode)
    QTest.keyClick(words, Qt.Key.Key_Return)
    settle(desk)
    assert desk.visit.visit is not None
    assert desk.visit.visit.line.id == row.line.id


def test_a_scanned_number_marks_its_household_on_the_agenda(
    desk: Operator, page: MeetingPage
) -> None:
    """While the list is gone through, a paper form leads to its line."""
    assert desk.window.desk is not None
    row = final_list.rows(desk.window.desk.village, "awal")[7]
    page.filter.setCurrentIndex(3)
    settle(desk)
    QTest.keyClicks(page.words, row.barcode)
    QTest.keyClick(page.words, Qt.Key.Key_Return)
    settle(desk)
    line = page.line()
    assert line is not None
    assert line.id == row.line.id


def test_an_rt_gets_its_officer(desk: Operator, page: MeetingPage) -> None:
    """The name typed beside an RT stands with its households on the list to print."""
    assert desk.window.desk is not None
    village = desk.window.desk.village
    meeting.decide_rest(village, desk.window.desk.now())
    dialog = OfficersDialog(page)
    settle(desk)
    field = dialog.table.cellWidget(0, 3)
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "Sri Wahyuni")
    dialog.keep()
    settle(desk)
    rw, rt, officer, count = final_list.officers(village)[0]
    assert (officer, count > 0) == ("Sri Wahyuni", True)
    named = [one for one in final_list.rows(village) if one.officer]
    assert len(named) == count, (rw, rt)
