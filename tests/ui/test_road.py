"""The road of one household through the window, with keys alone, to the receipt and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from siks_offline import cli
from siks_offline.desa import handover, households
from siks_offline.export import identity
from siks_offline.instrument import checks
from siks_offline.latihan import people, world
from siks_offline.ui import dialogs
from siks_offline.ui.ceremony_dialog import CeremonyDialog
from siks_offline.ui.main_window import MainWindow
from tests.ui.conftest import Key, Operator
from tests.ui.typist import Typist

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

NOW = datetime(2026, 11, 22, 3, 42, tzinfo=UTC)
SEED = 3
MOST_STOPS = 2_000


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    """A practice village with its Dinsos, paired; nothing filled yet."""
    folder = tmp_path / "latihan"
    world.build(folder, households=6, seed=SEED, now=NOW)
    return folder


@pytest.fixture
def clerk(practice: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    """A clerk signed in to the practice village; what dialogs say is only noted."""
    made = MainWindow(practice / "desa", lambda: NOW)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=5_000)
    person = Operator(made, qtbot)
    person.told = []  # type: ignore[attr-defined]
    note = person.told.append  # type: ignore[attr-defined]
    monkeypatch.setattr(dialogs, "tell", lambda _parent, *words: note(words))
    monkeypatch.setattr(dialogs, "say", lambda _parent, error: note((str(error),)))
    person.sign_in()
    yield person
    made.close()
    made.deleteLater()


def receive(practice: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Let the Dinsos take a file in and write its receipt, by the command line."""
    capsys.readouterr()
    code = cli.main(
        ["dinsos", "terima", str(practice / "dinsos"), str(file),
         "--tanda-terima", str(practice / "balasan"), "--json"]
    )  # fmt: skip
    assert code == 0
    return json.loads(capsys.readouterr().out)["berkas"][0]


def through(clerk: Operator, page: Any, steps: int) -> None:
    """Press Enter through the wizard over a page until its last step, and close it."""

    def dialog() -> Any:
        return next((d for d in page.findChildren(CeremonyDialog) if d.isVisible()), None)

    clerk.until(lambda: dialog() is not None and dialog().stack.count())
    wizard = dialog()
    for _ in range(MOST_STOPS):
        clerk.until(lambda: wizard._task is None)
        if wizard.ceremony.ended:
            break
        QTest.keyClick(wizard.focusWidget(), Key.Enter)
    assert wizard.ceremony.number == steps
    QTest.keyClick(wizard.focusWidget(), Key.Enter)
    clerk.until(lambda: dialog() is None)


def test_from_the_paper_to_the_receipt(
    clerk: Operator,
    practice: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Sign in, open from the list, fill by keys, complete, export, receive, accept: diterima."""
    monkeypatch.setenv("SIKS_KATA_SANDI", world.PASSPHRASE)
    papers = [
        people.household(
            index, SEED, world.KODE_DESA, world.TODAY, world.practice_bps(world.KODE_DESA)
        )
        for index in range(6)
    ]
    paper = next(one for one in papers if len(one.answers["anggota"]) >= 3)
    id_ = identity.household_id(world.KODE_DESA, paper.idbdt)
    assert clerk.window.desk is not None
    village = clerk.window.desk.village
    name = households.lines(village, [id_])[id_].nama_krt

    clerk.press(Qt.Key.Key_F3)
    prelist: Any = clerk.window.pages["prelist"]
    clerk.until(lambda: prelist.model.rowCount() == 6)
    clerk.type(name)
    clerk.until(lambda: prelist.model.rowCount() == 1)
    clerk.press(Key.Enter)
    clerk.until(lambda: clerk.visit.visit is not None and clerk.form.current is not None)
    assert clerk.visit.visit is not None
    assert clerk.visit.visit.line.id == id_

    Typist(clerk.window, paper.answers).fill()
    state = clerk.form.state
    for issue in [one for one in checks.issues(state) if one.level == "konfirmasi"]:
        clerk.form.apply(state.confirm(issue.path, issue.rule, "Sesuai dokumen yang dilihat"))
    assert [f"{one.path} {one.rule} {one.message}" for one in checks.issues(state)] == []
    clerk.press(Key.F12)
    clerk.until(lambda: clerk.visit.visit is not None and clerk.visit.visit.line.id != id_)

    out = practice / "usb"
    out.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(out))
    clerk.press(Qt.Key.Key_E, Key.Control)
    page: Any = clerk.window.pages["serah_terima"]
    through(clerk, page, 3)
    [file] = out.glob("*.siks")
    assert households.lines(village, [id_])[id_].kirim == "dikirim"
    assert (handover.due(village), handover.waiting(village)) == (1, 1)

    answer = receive(practice, file, capsys)
    assert (answer["hasil"], answer["diterima"]) == ("diterima", 1)
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_: (str(answer["tanda_terima"]), "")
    )
    page.accept.setFocus()
    clerk.press(Key.Space)
    through(clerk, page, 2)
    assert households.lines(village, [id_])[id_].kirim == "diterima"
    assert (handover.due(village), handover.waiting(village)) == (0, 0)
    clerk.until(lambda: page.files.rowCount() == 1)


def test_a_prelist_comes_in_through_its_preview(
    clerk: Operator, practice: Path, qtbot: QtBot
) -> None:
    """The preview says that nothing is new in a file already loaded; nothing can be written."""
    from siks_offline.ui.import_dialog import ImportDialog

    prelist: Any = clerk.window.pages["prelist"]
    clerk.window.show_page("prelist")
    prelist.import_file(practice / "prelist.xlsx")
    [dialog] = clerk.window.findChildren(ImportDialog)
    clerk.until(lambda: dialog._preview is not None)
    assert dialog._preview.counts.dilewati == 6
    assert not dialog.agree.isEnabled()
    assert dialog.issues.rowCount() == 6
    assert dialog.issues.item(0, 3).text()
    dialog.reject()
