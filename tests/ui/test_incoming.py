"""Files of a real Dinsos dropped on the window: each shows what it would do before it does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtTest import QTest

from siks_offline.desa import handover, households
from siks_offline.dinsos import office as offices
from siks_offline.dinsos import pairing, prelist, receipts, receive
from siks_offline.latihan import people, world
from siks_offline.ui.ceremony_dialog import CeremonyDialog
from siks_offline.ui.import_dialog import ImportDialog
from siks_offline.ui.main_window import MainWindow
from tests.ui import worlds
from tests.ui.conftest import Key, Operator
from tests.ui.screen_checks import cut, nameless
from tests.ui.test_handover import dropped, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice village with its Dinsos, some households completed and sent."""
    folder = tmp_path_factory.mktemp("jatuh") / "dunia"
    world.build(folder, households=6, percent=50, now=worlds.NOW)
    return folder


@pytest.fixture
def clerk(made: Path, qtbot: QtBot) -> Iterator[Operator]:
    window = MainWindow(made / "desa", worlds.now)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5_000)
    person = Operator(window, qtbot)
    person.sign_in()
    yield person
    window.close()
    window.deleteLater()


def drop(clerk: Operator, path: Path) -> Any:
    """Let a file go over the page that is open; return that page."""
    event, _held = dropped(path)
    clerk.window.dropEvent(event)
    return clerk.window.current


def test_each_file_shows_what_it_would_do(clerk: Operator, made: Path, tmp_path: Path) -> None:
    """A prelist its households, a return file its counts, an invitation the way to pair again."""
    assert clerk.window.desk is not None
    village = clerk.window.desk.village
    sent = handover.export(village, tmp_path / "usb", worlds.NOW)
    papers = [
        people.household(index, 1, world.KODE_DESA, world.TODAY, village.bps) for index in range(9)
    ]
    people.write_prelist(tmp_path / "baru.xlsx", papers)
    with offices.open_office(made / "dinsos", world.PASSPHRASE) as office:
        receive.accept(office, sent.parts[0].path, worlds.NOW)
        receipts.return_file(office, tmp_path / "b.siksbalas", worlds.NOW)
        found = prelist.read(tmp_path / "baru.xlsx", world.KODE_DESA, bind=True)
        prelist.make(
            office,
            world.KODE_DESA,
            found.households,
            tmp_path / "p.siks",
            worlds.NOW,
            bps=found.bps,
        )
        pairing.invite(office, world.KODE_DESA, tmp_path / "u.siksundang", worlds.NOW)
    page = drop(clerk, tmp_path / "b.siksbalas")
    wizard = shown(clerk, page)
    assert "3 diterima" in wizard.rows.item(0).text()
    assert nameless(wizard) == []
    assert cut(wizard) == []
    assert len(households.find(village, kirim="diterima")) == 0
    QTest.keyClick(wizard.focusWidget(), Key.Enter)
    clerk.until(lambda: wizard.ceremony.ended and wizard._task is None)
    assert len(households.find(village, kirim="diterima")) == 3
    QTest.keyClick(wizard.focusWidget(), Key.Enter)
    clerk.until(lambda: not page.findChildren(CeremonyDialog))
    page = drop(clerk, tmp_path / "p.siks")
    clerk.until(lambda: page.findChildren(ImportDialog))
    [preview] = page.findChildren(ImportDialog)
    clerk.until(preview.counts.isVisible)
    assert preview._preview is not None
    before = len(households.find(village))
    assert preview._preview.counts.ditambah == 9 - before
    QTest.keyClick(preview.focusWidget(), Key.Enter)
    clerk.until(lambda: len(households.find(village)) == 9)
    page = drop(clerk, tmp_path / "u.siksundang")
    wizard = shown(clerk, page)
    assert wizard.chosen["berkas"].endswith("u.siksundang")
    QTest.keyClick(wizard.focusWidget(), Key.Enter)
    clerk.until(lambda: wizard.ceremony.number == 2)
    QTest.keyClick(wizard, Key.Escape)
