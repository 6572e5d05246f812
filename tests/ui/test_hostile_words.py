"""A name that holds markup is a name on every page: nothing reads it, nothing is fetched."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication, QLabel, QTextEdit, QWidget

from siks_offline.db import households as stored
from siks_offline.desa import accounts, households
from siks_offline.ui.main_window import PAGES, VISIT
from siks_offline.ui.plain import TIP_LETTERS, tip
from tests.ui import worlds

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.conftest import Operator

NAME = '<img src="file:///x.png"><b>ZZUJI</b> &lt;'
NAMES = (
    NAME,
    "ZZUJI A\u202eB\u200fC\u2066D\ufeff",
    "ZZUJI\x00\x07\x1b[31m\x9f",
    "PANJANG " * 125_000,
)
"""As an older program might have left them: no way in that cleans them is trusted here."""


@pytest.fixture
def root(made_village: Path, tmp_path: Path) -> Path:
    """The village, every household named with markup, marks of direction, controls or a megabyte."""
    target = tmp_path / "data"
    shutil.copytree(made_village, target)
    folder = target / "sukamaju"
    with accounts.open_village(folder, worlds.ACCOUNT, worlds.PASSPHRASE) as village:
        ids = households.find(village)
        with village.store.write() as session:
            for number, id_ in enumerate(ids):
                name = NAMES[number % len(NAMES)]
                facts = stored.Facts(nama_krt=name, alamat=name, rt="001", rw="001")
                stored.refresh(session, id_, facts, [])
    return target


def rich(widget: QWidget) -> bool:
    """Whether a widget would read markup in its words."""
    if isinstance(widget, QLabel):
        return bool(widget.text()) and widget.textFormat() != Qt.TextFormat.PlainText
    if isinstance(widget, QTextEdit):
        return widget.acceptRichText() and not widget.isReadOnly()
    hint = widget.toolTip()  # a tip guesses, so words of data are escaped in one piece of markup
    return "ZZUJI" in hint and not (hint.startswith("<span>") and "<" not in hint[6:-7])


def test_no_page_reads_markup(desk: Operator) -> None:
    """Every widget of every page, after each was shown with hostile names, keeps plain text."""
    village = desk.window.desk
    assert village is not None
    first = households.find(village.village)[0]
    shown = 0
    for name in PAGES:
        desk.window.show_page(name, first if name == VISIT else None)
        desk.until(lambda: desk.window.desk is not None and desk.window.desk.pool.waitForDone(0))
        QApplication.processEvents()
        found = [one for one in QApplication.allWidgets() if rich(one)]
        assert not found, (name, [(type(one), one.toolTip()) for one in found])
        shown += sum(
            "ZZUJI" in one.text() for one in QApplication.allWidgets() if isinstance(one, QLabel)
        )
    assert shown


@pytest.mark.parametrize("words", [*NAMES, "&amp;", "<p>", "</span><b>ZZUJI</b>"])
def test_a_tip_shows_words_as_they_are(qapp: QApplication, words: str) -> None:
    """What a person reads in a tip is what is stored, whatever Qt would take it for."""
    document = QTextDocument()
    document.setHtml(tip(words))
    shown = document.toPlainText()
    wanted = words if len(words) <= TIP_LETTERS else words[:TIP_LETTERS] + "…"
    assert shown.split() == wanted.split()
    assert "</span" not in tip(words)[6:-7]
