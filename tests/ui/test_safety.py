"""The trail, the bin, the check, the log and the way back from a copy: all by keys alone."""

from __future__ import annotations

import shutil
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest

from siks_offline.desa import backup, copies, visit, wastebin
from siks_offline.errors import FileError
from siks_offline.ui import dialogs, incidents, keeper
from siks_offline.ui.main_window import MainWindow
from siks_offline.ui.restore_dialog import RecoveryDialog, RestoreDialog
from tests.ui import worlds
from tests.ui.conftest import HOUSEHOLD, Key, Operator
from tests.ui.screen_checks import cut, nameless
from tests.ui.test_access import settle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

SIZES = ((1366, 728), (1093, 550))
PAGES = ("riwayat", "sampah", "periksa_data", "log", "pribadi")


def say_yes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer every question with its Enter; return what was asked."""
    asked: list[str] = []

    def yes(talk: dialogs.Talk) -> int:
        asked.append(talk.heading.text())
        return int(dialogs.Talk.DialogCode.Accepted)

    monkeypatch.setattr(dialogs.Talk, "exec", yes)
    return asked


def open_page(desk: Operator, name: str, argument: object = None) -> Any:
    desk.window.show_page(name, argument)
    settle(desk)
    return desk.window.pages[name]


def village(desk: Operator) -> Any:
    assert desk.window.desk is not None
    return desk.window.desk.village


@pytest.mark.parametrize("size", SIZES)
def test_pages_of_safety_have_names_and_whole_words(desk: Operator, size: tuple[int, int]) -> None:
    """Each at each size: named for a screen reader, nothing cut, the caret on what is wanted."""
    worlds.begin(village(desk), HOUSEHOLD.format(1))
    worlds.begin(village(desk), HOUSEHOLD.format(2))
    visit.drop_draft(village(desk), HOUSEHOLD.format(1), worlds.NOW)
    desk.window.resize(*size)
    for name in (*PAGES, "pengaturan", "beranda"):
        open_page(desk, name)
        assert nameless(desk.window) == [], name
        assert cut(desk.window) == [], name
    open_page(desk, "riwayat", HOUSEHOLD.format(2))
    assert cut(desk.window) == []


def test_settings_lead_to_each_page_and_escape_leads_back(desk: Operator) -> None:
    """A key opens each, Esc returns."""
    for name in (*PAGES, "akun", "instrumen"):
        settings = open_page(desk, "pengaturan")
        settings.doors[name].setFocus()
        desk.press(Key.Space)
        assert desk.window.current is desk.window.pages[name]
        desk.press(Key.Escape)
        assert desk.window.current is settings


def test_a_discarded_draft_can_be_taken_back_for_ten_seconds(
    desk: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the list by Ctrl+H, thrown away after asking, back with Alt+Z."""
    household = HOUSEHOLD.format(4)
    worlds.begin(village(desk), household)
    desk.window.status._offered.setInterval(600_000)  # a busy machine takes its time
    page = open_page(desk, "prelist")
    row = page.model.row_of(household)
    page.table.setFocus()
    page.table.selectRow(row)
    desk.press(Qt.Key.Key_H, Key.Control)
    settle(desk)
    told = desk.window.pages["riwayat"]
    assert desk.window.current is told
    asked = say_yes(monkeypatch)
    told.drop.setFocus()  # type: ignore[attr-defined]
    desk.press(Key.Space)
    settle(desk)
    assert len(asked) == 1
    assert [one.kind for one in wastebin.items(village(desk))] == ["draf"]
    assert desk.window.status.undo.isVisible()
    desk.window.activateWindow()  # as when a question on top of it goes
    desk.until(desk.window.isActiveWindow)
    desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.AltModifier)
    desk.until(lambda: wastebin.items(village(desk)) == [])
    assert visit.open_visit(village(desk), household, worlds.NOW).line.kerja == "draf"
    assert not desk.window.status.undo.isVisible()


def test_the_offer_to_take_back_goes_by_itself(desk: Operator) -> None:
    """After its time there is nothing to press, and Alt+Z does nothing."""
    taken: list[int] = []
    status = desk.window.status
    status.offer("Dibuang.", lambda: taken.append(1))
    assert status.undo.isVisible()
    status._offered.timeout.emit()
    assert not status.undo.isVisible()
    desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.AltModifier)
    assert taken == []


def test_the_bin_gives_back_with_enter(desk: Operator) -> None:
    """The newest lies on top and the caret on it."""
    for number in (1, 2):
        worlds.begin(village(desk), HOUSEHOLD.format(number))
        visit.drop_draft(village(desk), HOUSEHOLD.format(number), worlds.NOW)
    page = open_page(desk, "sampah")
    assert page.table.rowCount() == 2
    desk.press(Key.Enter)
    settle(desk)
    assert page.table.rowCount() == 1
    assert visit.open_visit(village(desk), HOUSEHOLD.format(2), worlds.NOW).line.kerja == "draf"


def test_periksa_data_says_whole_and_tells_each_finding(desk: Operator) -> None:
    """Enter begins; a copy altered on the disk is a row with words."""
    copies.keep(village(desk), "masuk", worlds.NOW)
    page = open_page(desk, "periksa_data")
    assert page.empty.isVisible()
    assert "Mulai periksa" in page.empty.text()
    desk.press(Key.Space)
    desk.until(lambda: page._task is None)
    assert page.table.rowCount() == 0
    assert page.empty.text() == "Tidak ada temuan."
    assert "60 rumah tangga" in page.lead.text()
    [one] = copies.kept(village(desk).folder)
    one.path.write_bytes(one.path.read_bytes()[:-1] + b"x")
    desk.press(Key.Space)
    desk.until(lambda: page._task is None and page.table.rowCount())
    assert one.path.name in page.table.item(0, 0).text()
    assert not page.empty.isVisible()


def test_copies_are_kept_beside_the_work(desk: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """After sign-in one is made; its age is on the first page; nothing waits for it."""
    assert desk.window.desk is not None
    kept = keeper.Keeper(desk.window.desk)
    kept.changed.connect(desk.window.spread)
    kept.sign_in()
    desk.until(lambda: copies.kept(village(desk).folder))
    desk.until(lambda: kept._task is None)
    settle(desk)
    home: Any = open_page(desk, "beranda")
    assert home.own_words.text()
    monkeypatch.setattr(copies, "keep", lambda *_: (_ for _ in ()).throw(FileError("E_DISK_FULL")))
    kept._keep("berkala")
    desk.until(lambda: kept._task is None)  # told to the log, not to the person


def test_after_three_days_alone_the_first_page_asks_for_a_stick(desk: Operator) -> None:
    """Days of work, not of the calendar."""
    from datetime import timedelta

    for day in range(5):
        wastebin.tidy(village(desk), worlds.NOW + timedelta(days=day))
        copies.keep(village(desk), "masuk", worlds.NOW)
    home: Any = open_page(desk, "beranda")
    assert "4 hari kerja" in home.backup_words.text()
    assert "USB" in home.backup_words.text()


def last(window: QWidget, kind: type) -> Any:
    return window.findChildren(kind)[-1]


def test_a_copy_is_restored_into_an_empty_machine(root: Path, tmp_path: Path, qtbot: QtBot) -> None:
    """From the first page, with keys: the file, what it holds, the passphrase, and in."""
    from siks_offline.desa import accounts

    stick = tmp_path / "usb" / "c.siksbak"
    with accounts.open_village(root / "sukamaju", worlds.ACCOUNT, worlds.PASSPHRASE) as made:
        backup.write(made, stick, worlds.NOW)
    window = MainWindow(tmp_path / "kosong", worlds.now)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.sign_in.restore.setFocus()
    QTest.keyClick(window.sign_in.restore, Key.Space)
    dialog: RestoreDialog = last(window, RestoreDialog)
    dialog.take_file(stick)
    assert "60 rumah tangga" in dialog.holds.text()
    assert nameless(dialog) == []
    QTest.keyClick(dialog.focusWidget(), Key.Enter)
    assert dialog.step == "akun"
    QTest.keyClicks(dialog.focusWidget(), "bukan ini")
    QTest.keyClick(dialog.focusWidget(), Key.Enter)
    qtbot.waitUntil(dialog.note.isVisible, timeout=30_000)
    dialog.passphrase.clear()
    QTest.keyClicks(dialog.passphrase, worlds.PASSPHRASE)
    QTest.keyClick(dialog.passphrase, Key.Enter)
    qtbot.waitUntil(lambda: dialog.step == "selesai", timeout=30_000)
    assert cut(dialog) == []
    QTest.keyClick(dialog.focusWidget(), Key.Enter)
    assert window.sign_in.villages.count() == 1
    window.close()


def damaged(root: Path) -> Path:
    """A village with a copy, of which then a page is lost."""
    from siks_offline.desa import accounts

    folder = root / "sukamaju"
    with accounts.open_village(folder, worlds.ACCOUNT, worlds.PASSPHRASE) as made:
        copies.keep(made, "masuk", worlds.NOW)
        worlds.begin(made, HOUSEHOLD.format(3))
    content = bytearray((folder / "app.db").read_bytes())
    content[:4096] = bytes(4096)
    (folder / "app.db").write_bytes(bytes(content))
    return folder


def test_a_damaged_village_comes_back_with_keys(root: Path, operator: Operator) -> None:
    """The refusal opens the recovery screen; Enter on the newest copy, passphrase, Enter."""
    folder = damaged(root)
    window = operator.window
    window.sign_in.passphrase.setFocus()
    operator.type(worlds.PASSPHRASE)
    operator.press(Key.Enter)
    operator.until(lambda: window.findChildren(RecoveryDialog))
    dialog: RecoveryDialog = last(window, RecoveryDialog)
    operator.until(dialog.next.isEnabled)
    assert "60 rumah tangga" in dialog.list.item(0).text()
    assert nameless(dialog) == []
    operator.until(lambda: cut(dialog) == [])
    assert dialog.focusWidget() is dialog.passphrase
    QTest.keyClicks(dialog.passphrase, worlds.PASSPHRASE)
    QTest.keyClick(dialog.passphrase, Key.Enter)
    operator.until(lambda: dialog._finished)
    assert "60 rumah tangga" in dialog.words.text()
    assert cut(dialog) == []
    QTest.keyClick(dialog.focusWidget(), Key.Enter)
    assert (folder / "rusak-1" / "app.db").exists()
    window.sign_in.passphrase.clear()
    operator.sign_in()


def test_a_damaged_village_without_a_copy_says_so(root: Path, operator: Operator) -> None:
    """Never a traceback: the caret stands on the way to a copy elsewhere, Esc leaves all as it is."""
    folder = damaged(root)
    shutil.rmtree(folder / "cadangan")
    window = operator.window
    window.sign_in.passphrase.setFocus()
    operator.type(worlds.PASSPHRASE)
    operator.press(Key.Enter)
    operator.until(lambda: window.findChildren(RecoveryDialog))
    dialog: RecoveryDialog = last(window, RecoveryDialog)
    operator.until(lambda: dialog.focusWidget() is dialog.other)
    assert not dialog.next.isEnabled()
    QTest.keyClick(dialog.other, Key.Escape)
    assert not (folder / "rusak-1").exists()


# --- faults nobody expected ---


@pytest.fixture
def watch(desk: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> incidents.Incidents:
    """The hooks of the window, its log in a folder of the test."""
    monkeypatch.setenv("SIKS_DATA", str(tmp_path / "milik"))
    incidents.start_log.cache_clear()
    before = (sys.excepthook, threading.excepthook)
    qt_messages = incidents.qInstallMessageHandler(None)
    made = incidents.Incidents(desk.window)
    made.install()
    yield made  # type: ignore[misc]
    sys.excepthook, threading.excepthook = before
    made.end()
    incidents.qInstallMessageHandler(qt_messages)


def shows(monkeypatch: pytest.MonkeyPatch, then: Callable[[Any], None] | None = None) -> list[Any]:
    shown: list[Any] = []

    def show(talk: dialogs.Talk) -> int:
        shown.append(talk)
        if then is not None:
            then(talk)
        return 1

    monkeypatch.setattr(dialogs.Talk, "exec", show)
    return shown


def test_a_fault_in_a_thread_is_shown_once_and_saved_without_personal_data(
    watch: incidents.Incidents,
    desk: Operator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A number on the dialog and in the log; the report has neither NIK nor name nor value."""
    shown = shows(monkeypatch)

    def fail() -> None:
        name = "SITI AMINAH"
        raise ValueError(f"{name} 3509120101010001")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    desk.until(lambda: shown)
    report = tmp_path / "laporan.txt"
    incidents.write_report(report, "X")
    words = report.read_text("utf-8")
    assert "SITI" not in words
    assert "3509120101010001" not in words
    assert "ValueError" in words
    assert "test_safety.py" in words
    number = words.partition("Incident ")[2].split()[0]
    assert number in shown[0].detail.text()


def test_a_second_fault_inside_the_dialog_does_not_open_another(
    watch: incidents.Incidents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes to the log; the person sees one calm dialog, and the draft was kept before it."""
    second = RuntimeError("kedua")
    shown = shows(monkeypatch, lambda _: watch.caught(RuntimeError, second, None))
    watch.caught(RuntimeError, RuntimeError("pertama"), None)
    assert len(shown) == 1
    weights = [weight for _, weight, _ in incidents.newest_lines(10)]
    assert weights.count("CRITICAL") == 2

    def broken(_: dialogs.Talk) -> int:
        raise RuntimeError("dialog rusak")

    monkeypatch.setattr(dialogs.Talk, "exec", broken)
    watch.caught(RuntimeError, RuntimeError("ketiga"), None)  # nothing is raised


def test_the_draft_is_kept_before_a_fault_is_shown(
    watch: incidents.Incidents, desk: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was typed a moment ago is on the disk while the dialog is read."""
    from siks_offline.db import drafts

    desk.open_household(4)
    desk.form.go("alamat")
    desk.type("JALAN TERAKHIR")
    kept: list[str] = []

    def look(_: dialogs.Talk) -> None:
        village(desk).store  # noqa: B018 - the village is still open
        assert desk.window.desk is not None
        desk.window.desk.pool.waitForDone()
        with village(desk).store.read() as session:
            draft = drafts.read(session, HOUSEHOLD.format(4), "dtks", "2020.1")
        assert draft is not None
        kept.append(draft.rows.get("alamat", "") + str(draft.typing))

    shows(monkeypatch, look)
    watch.caught(RuntimeError, RuntimeError("x"), None)
    assert "JALAN TERAKHIR" in kept[0]


def test_a_crash_of_the_last_run_is_told_and_reported(
    watch: incidents.Incidents, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What faulthandler wrote is in the report; a run that ended well says nothing."""
    assert not watch.watch_crashes()
    watch.end()
    folder = tmp_path / "milik" / "log"
    (folder / incidents.CRASH_FILE).write_text("Fatal Python error: Segmentation fault\n")
    again = incidents.Incidents(watch._window)
    assert again.watch_crashes()
    shown = shows(monkeypatch)
    again.tell_crash()
    assert len(shown) == 1
    incidents.write_report(tmp_path / "r.txt", "")
    again.end()
    assert "Segmentation fault" in (tmp_path / "r.txt").read_text()
    QCoreApplication.processEvents()


def test_the_log_viewer_shows_newest_first(watch: incidents.Incidents, desk: Operator) -> None:
    """A line a row, the chosen one whole below; the log never grows beyond its files."""
    incidents.start_log()
    incidents.log.warning("pertama")
    incidents.log.warning("NIK 3509120101010001 kedua")
    page = open_page(desk, "log")
    assert "kedua" in page.table.item(0, 2).text()
    assert page.table.item(0, 1).text() == "Peringatan"
    assert "3509120101010001" not in page.detail.text()


# --- numbers of people ---


def test_numbers_are_whole_only_after_a_reason_and_until_the_lock(
    desk: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+M asks why, the trail keeps it, Ctrl+M or the lock masks them again."""
    from siks_offline.desa import history
    from siks_offline.ui import masking

    number = "3509120101010001"
    assert masking.shown(number) == "****** ****** 0001"
    asked = say_yes(monkeypatch)
    monkeypatch.setattr(masking.WhyTalk, "reason", "Mencocokkan kartu keluarga")
    desk.press(Qt.Key.Key_M, Key.Control)
    desk.until(masking.revealed)
    assert len(asked) == 1
    assert masking.shown(number) == "350912 010101 0001"
    assert "Mencocokkan kartu keluarga" in history.of_account(village(desk))[0].words
    settle(desk)
    desk.window.header.numbers.setFocus()
    desk.press(Key.Space)
    desk.until(lambda: not masking.revealed())
    monkeypatch.setattr(masking, "_whole", True)
    desk.window.lock()
    desk.until(lambda: not masking.revealed())


def test_the_page_of_personal_data_writes_both_papers(desk: Operator, tmp_path: Path) -> None:
    """The report with one press; a person's data with NIK and reason, then the lines are empty."""
    from siks_offline.db import households as stored

    page = open_page(desk, "pribadi")
    assert desk.focus() is page.incident
    page.save_incident(tmp_path / "i.pdf")
    desk.until((tmp_path / "i.pdf").exists)
    with village(desk).store.read() as session:
        persons = [p for n in range(60) for p in stored.persons(session, HOUSEHOLD.format(n))]
    assert nameless(desk.window) == []
    if not persons:
        return
    page.number.setText(persons[0].nik)
    page.reason.setText("Diminta sendiri")
    page.save_subject(tmp_path / "d.pdf")
    desk.until(lambda: not page.number.text())
    assert (tmp_path / "d.pdf").exists()
