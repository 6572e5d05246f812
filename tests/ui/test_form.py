"""Filling a form with keys alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from siks_offline.desa.revision import Completed
from siks_offline.instrument import checks
from siks_offline.model import Changes
from siks_offline.texts import text
from siks_offline.ui.form_view import Place
from tests.ui import worlds
from tests.ui.conftest import HOUSEHOLD, Key, Operator

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from siks_offline.instrument.engine import FormState


@pytest.fixture
def visit(desk: Operator) -> Operator:
    """A person with a household of four open."""
    desk.open_household(4)
    return desk


def state(operator: Operator) -> FormState:
    return operator.form.state


def test_a_code_moves_on_by_itself(visit: Operator) -> None:
    """A digit that can be no longer code chooses the option and goes to the next question."""
    visit.form.go("apakah_mampu")
    visit.type("2")
    assert state(visit).value("apakah_mampu") == "2"
    assert visit.here == "ada_art_bekerja"


def test_a_code_that_could_be_longer_waits(visit: Operator) -> None:
    """With codes 1 and 10 a typed 1 waits: Enter takes it, another digit makes it 10."""
    state(visit).set("hasil_verivali", "1")
    visit.form.go("lantai")
    visit.type("1")
    assert visit.here == "lantai"
    visit.press(Key.Enter)
    assert state(visit).value("lantai") == "1"
    assert visit.here == "dinding"
    visit.form.go("lantai")
    visit.type("10")
    assert state(visit).value("lantai") == "10"
    assert visit.here == "dinding"


def test_a_code_that_is_none_stays_put(visit: Operator) -> None:
    """An unknown code keeps the caret, marks the row at once and opens no dialog."""
    visit.form.go("apakah_mampu")
    visit.type("7")
    visit.press(Key.Up)
    row = visit.form.front.rows["apakah_mampu"]
    assert row.note.isVisible()
    assert "7" in row.note.text()


def test_a_date_is_eight_digits(visit: Operator) -> None:
    """ddmmyyyy moves on when full and is shown with its marks."""
    visit.form.go("tanggal_verivali")
    visit.type("20112026")
    assert state(visit).value("tanggal_verivali") == "2026-11-20"
    assert visit.form.front.rows["tanggal_verivali"].editor.text() == "20-11-2026"
    assert visit.here != "tanggal_verivali"


def test_steps_follow_the_eye(visit: Operator) -> None:
    """Enter, Tab and Down go on; Shift+Tab and Up go back; skipped questions are passed over."""
    visit.form.go("apakah_mampu")
    for key in (Key.Enter, Key.Tab, Key.Down):
        visit.press(key)
    forward = visit.here
    visit.press(Key.BackTab)
    visit.press(Key.Up)
    visit.press(Key.Up)
    assert visit.here == "apakah_mampu"
    assert forward not in ("", "status_pekerjaan_krt")


def test_escape_never_discards(visit: Operator) -> None:
    """Esc in a half-typed field leaves the text and the caret where they are."""
    visit.form.go("nopesertapkh")
    visit.type("12")
    visit.press(Key.Escape)
    assert visit.here == "nopesertapkh"
    assert visit.form.current is not None
    assert visit.form.current.editor.text() == "12"


def test_what_is_skipped_stays_in_its_place_with_the_reason(visit: Operator) -> None:
    """An irrelevant question is dimmed and says why; its answer is kept until completion."""
    visit.form.go("ada_art_bekerja")
    visit.type("1")
    visit.type("1")
    row = visit.form.front.rows["status_pekerjaan_krt"]
    assert state(visit).value("status_pekerjaan_krt") == "1"
    visit.form.go("ada_art_bekerja")
    visit.type("2")
    assert row.frame.isVisible()
    assert not row.editor.isVisible()
    assert row.behind.text()
    assert state(visit).value("status_pekerjaan_krt") == "1"


def test_f4_goes_to_the_next_empty_question(visit: Operator) -> None:
    """F4 walks what is wanted and empty, in the order of the eye, round the end."""
    visit.form.go_to_place(Place(0, 0))
    visit.press(Key.F4)
    first = visit.here
    assert state(visit).required(first)
    assert state(visit).value(first) == ""
    visit.press(Key.F4)
    assert visit.here != first


def test_f6_goes_section_by_section(visit: Operator) -> None:
    """F6 and Shift+F6 go to the next and previous section that is asked."""
    visit.form.go_to_place(Place(0, 0))
    visit.press(Key.F6)
    assert visit.form.place.section == 1
    visit.press(Key.F6, Key.Shift)
    assert visit.form.place.section == 0


def test_the_roster_comes_first_then_each_person(visit: Operator) -> None:
    """F8 shows all members as a grid; behind its last cell comes the first person's screen."""
    visit.form.apply(state(visit).set("hasil_verivali", "1"))
    visit.press(Key.F8)
    assert visit.here == "anggota[1].nama"
    roster = visit.form.place
    assert roster.person == 0
    cells = visit.form.front.grids["anggota"].cells()
    assert [cell.row.name for cell in cells][:2] == ["nama", "nik"]
    visit.form._focus(visit.form.front.stops()[-1])
    visit.press(Key.Tab)
    assert visit.form.place == Place(roster.section, 1)
    assert visit.here.startswith("anggota[1].")


def test_a_member_is_added_and_removed_by_keys(
    visit: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F7 adds a line and puts the caret into its first cell; Ctrl+Del takes it out after asking."""
    from siks_offline.ui import dialogs

    visit.form.apply(state(visit).set("hasil_verivali", "1"))
    visit.press(Key.F8)
    before = state(visit).count("anggota")
    visit.press(Key.F7)
    assert state(visit).count("anggota") == before + 1
    assert visit.here == f"anggota[{before + 1}].nama"
    visit.type("BARU")
    monkeypatch.setattr(dialogs, "ask", lambda *_: True)
    from PySide6.QtCore import Qt

    visit.press(Qt.Key.Key_Delete, Key.Control)
    assert state(visit).count("anggota") == before
    assert "BARU" not in [state(visit).value(f"anggota[{n}].nama") for n in range(1, before + 1)]


def test_the_code_list_takes_words(visit: Operator) -> None:
    """F2 opens the codes; words filter them; Enter chooses and goes on."""
    visit.form.apply(state(visit).set("hasil_verivali", "1"))
    visit.form.go("sumber_airminum")
    visit.press(Key.F2)
    visit.type("hujan")
    visit.press(Key.Enter)
    chosen = state(visit).value("sumber_airminum")
    assert "hujan" in state(visit).instrument.label_of("sumber_airminum", chosen).lower()
    assert visit.here != "sumber_airminum"


def test_checking_lists_everything_and_enter_jumps(visit: Operator) -> None:
    """F9 goes to the list of issues, empty answers with them; Enter goes to the question."""
    visit.press(Key.F9)
    panel = visit.visit.panel
    assert panel.issues.count() == len(checks.issues(state(visit)))
    assert panel.issues.hasFocus()
    issue = panel._issues[0]
    visit.press(Key.Enter)
    assert visit.here == issue.path


def test_completion_tells_how_many_answers_went_with_it(visit: Operator) -> None:
    """Answers to questions that are skipped go at completion, and the status line says so."""
    line = visit.visit.visit.line if visit.visit.visit else None
    assert line is not None
    gone = ("anggota[1].sta_hamil", "ada_ac")
    visit.visit.completed((Completed((), gone, 1, "0" * 64, Changes()), ""))
    said = text("ui.kunjungan.selesai_hapus", nama=line.nama_krt, jumlah=len(gone))
    assert visit.window.status.said.text() == said


def test_a_soft_check_takes_a_reason(visit: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that may stand is confirmed with a reason and then is no issue any more."""
    from siks_offline.ui import dialogs

    form = visit.form
    for path, value in (
        ("hasil_verivali", "1"),
        ("tanggal_verivali", "2026-11-20"),
        ("anggota[1].sta_keberadaan_art", "1"),
        ("anggota[1].jnskel", "1"),
        ("anggota[1].tgllahir", "1960-01-01"),
    ):
        form.apply(state(visit).set(path, value))
    [issue] = [i for i in state(visit).issues() if i.rule == "w_nik_tgl"]
    monkeypatch.setattr(dialogs, "ask_reason", lambda *_: "Sesuai dokumen")
    visit.visit._asked(issue)
    assert "w_nik_tgl" not in [i.rule for i in state(visit).issues()]
    assert state(visit).confirmations[0].reason == "Sesuai dokumen"


def test_what_is_half_typed_is_kept_within_a_second(visit: Operator, qtbot: QtBot) -> None:
    """A second after the first key the disk holds the half-typed field: a kill loses no more."""
    from siks_offline.desa import visit as visits

    saver = visit.visit.saver
    assert saver is not None
    assert saver._timer.interval() < 1_000
    visit.form.go("nopesertapkh")
    with qtbot.waitSignal(saver.saved, timeout=5_000):
        visit.type("PKH-0")
    assert visit.window.desk is not None
    found = visits.open_visit(visit.window.desk.village, HOUSEHOLD.format(4), worlds.NOW)
    assert found.typing == ("nopesertapkh", "PKH-0")


def test_the_first_unsaved_key_starts_the_second(visit: Operator) -> None:
    """Further keys do not put the save off: the timer runs from the first one."""
    saver = visit.visit.saver
    assert saver is not None
    visit.form.go("nopesertapkh")
    visit.type("P")
    visit.until(lambda: saver._timer.remainingTime() < saver._timer.interval() - 20)
    left = saver._timer.remainingTime()
    visit.type("K")
    assert saver._timer.remainingTime() <= left


def test_after_a_kill_the_caret_is_back_where_it_was(visit: Operator) -> None:
    """The program returns to the same question with the same half-typed text."""
    from siks_offline.desa import visit as visits

    assert visit.window.desk is not None
    village = visit.window.desk.village
    opened = visits.open_visit(village, HOUSEHOLD.format(7), worlds.NOW)
    visits.save_draft(
        village, HOUSEHOLD.format(7), opened.snapshot(), ("nopesertapkh", "PKH-0"), worlds.NOW
    )
    visit.open_household(7)
    visit.until(lambda: visit.here == "nopesertapkh")
    assert visit.form.current is not None
    assert visit.form.current.editor.text() == "PKH-0"


def test_leaving_keeps_what_is_typed(visit: Operator) -> None:
    """Going to another page saves first, without asking and without waiting for the second."""
    visit.form.go("nama_krt")
    visit.type("SITI BARU")
    visit.window.show_page("beranda")
    visit.open_household(4)
    assert state(visit).value("nama_krt") == "SITI BARU"


def test_a_visit_with_issues_stays_a_draft(visit: Operator) -> None:
    """F12 with something wrong completes nothing, keeps the draft and lists what is wrong."""
    visit.form.go("apakah_mampu")
    visit.type("2")
    visit.press(Key.F12)
    visit.until(lambda: visit.visit.isEnabled() and visit.visit.panel.issues.hasFocus())
    assert visit.visit.panel.issues.count() > 0
    visit.window.show_page("prelist")
    visit.open_household(4)
    assert visit.visit.visit is not None
    assert visit.visit.visit.line.kerja == "draf"
    assert state(visit).value("apakah_mampu") == "2"


def test_a_short_visit_is_completed_by_keys(visit: Operator) -> None:
    """A household that refuses: the questions that are asked, F12, and the next one opens."""
    for path, keys in (
        ("apakah_mampu", "2"),
        ("ada_art_bekerja", "2"),
        ("ada_art_cacat", "2"),
        ("jenis_kelamin_krt", "2"),
        ("tanggal_verivali", "20112026"),
        ("petugas_verivali", "JOKO WIDODO"),
        ("hasil_verivali", "5"),
    ):
        visit.form.go(path)
        visit.type(keys)
    visit.form.commit()
    assert [f"{i.path} {i.message}" for i in state(visit).issues()] == []
    visit.press(Key.F12)
    visit.until(
        lambda: visit.visit.visit is not None and visit.visit.visit.line.id != HOUSEHOLD.format(4)
    )
    from siks_offline.desa import households

    assert visit.window.desk is not None
    visit.window.desk.pool.waitForDone()
    line = households.lines(visit.window.desk.village, [HOUSEHOLD.format(4)])[HOUSEHOLD.format(4)]
    assert (line.kerja, line.revisi) == ("selesai", 1)


def test_status_is_read_only_once_decided(desk: Operator) -> None:
    """After the musyawarah nobody types the status at the head of the visit."""
    from siks_offline.desa import closing, meeting
    from siks_offline.meeting import Sitting

    assert desk.window.desk is not None
    village = desk.window.desk.village
    first = Sitting("", "", 0, "Balai desa", "2026-11-20", "", "Ketua", "")
    meeting.put_sitting(village, first, worlds.NOW)
    meeting.decide_rest(village, worlds.NOW)
    closing.close(village, worlds.NOW)
    desk.open_household(4)
    row = desk.form.front.rows["status_rumahtangga"]
    assert not row.may_be_typed(state(desk))
    assert not row.editor.isVisible()
    assert not desk.form.front.rows["apakah_mampu"].may_be_typed(state(desk))


def test_what_the_office_says_leads_to_the_question(desk: Operator) -> None:
    """A household sent back opens at the question it is about, with the comment over the form."""
    from siks_offline.db import households

    assert desk.window.desk is not None
    village = desk.window.desk.village
    with village.store.write() as session:
        households.set_states(
            session,
            {
                HOUSEHOLD.format(4): households.States(
                    kerja="dikembalikan", komentar="Periksa alamat.", komentar_jalur="alamat"
                )
            },
        )
    desk.open_household(4)
    assert desk.here == "alamat"
    assert desk.visit.office.isVisible()
    assert "Periksa alamat." in desk.visit.office.text()


def test_coming_back_to_the_window_replaces_nothing(visit: Operator) -> None:
    """What was half typed before another window came in front is added to, not replaced."""
    from PySide6.QtCore import QEvent, Qt
    from PySide6.QtGui import QFocusEvent
    from PySide6.QtWidgets import QApplication

    visit.form.go("nopesertapkh")
    visit.type("PKH")
    editor = visit.focus()
    away = Qt.FocusReason.ActiveWindowFocusReason
    QApplication.sendEvent(editor, QFocusEvent(QEvent.Type.FocusOut, away))
    QApplication.sendEvent(editor, QFocusEvent(QEvent.Type.FocusIn, away))
    visit.type("1")
    assert editor.property("text") == "PKH1"


def test_a_full_disk_is_told_once(visit: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """While drafts cannot be kept the header says so; the dialog comes once, not at every key."""
    from siks_offline.desa import resume
    from siks_offline.errors import FileError
    from siks_offline.ui import dialogs

    def refuse(*_: object) -> None:
        raise FileError("E_DISK_FULL", path="desa")

    told: list[object] = []
    monkeypatch.setattr(resume, "keep", refuse)
    monkeypatch.setattr(dialogs, "say", lambda _parent, error: told.append(error))
    visit.form.go("nopesertapkh")
    for key in "12":
        visit.type(key)
        visit.until(lambda: not visit.visit.saver._timer.isActive())  # type: ignore[union-attr]
        assert visit.window.desk is not None
        visit.window.desk.pool.waitForDone()
        visit.until(lambda: told)
    monkeypatch.setattr(dialogs.Talk, "exec", lambda _: 1)  # the window closes all the same
    assert len(told) == 1
    assert visit.visit.header.kept.text()
