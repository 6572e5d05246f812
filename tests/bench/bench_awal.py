"""How long a person takes from an empty laptop to Beranda, by the keystroke-level model.

    python tests/bench/bench_awal.py

The real window is led by keys through the whole first run: the village by its name, the first
account, the recovery code on paper and typed back, a colleague let in, a copy in a second place.
What the machine takes is measured; what a person takes is reckoned from what was typed and shown
(Card, Moran and Newell 1983): a key of a slow typist 0.5 s, of codes and passphrases 0.75 s, a
decision 1.35 s a step, all that is shown read at 200 words a minute, a code copied by hand as where
there is no printer 1.5 s a character, 20 s to choose a folder. At most five minutes together.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import measure
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from siks_offline.ui import theme
from siks_offline.ui.ceremony_dialog import CeremonyDialog
from siks_offline.ui.main_window import MainWindow
from tests.ui import typist, worlds

KEY, CODE_KEY, DECISION = 0.5, 0.75, 1.35
WORDS_A_SECOND = 200 / 60
WRITTEN = 1.5
"""Seconds to copy a character of a code with a pen, looked at again and again."""
COPIED_BY_HAND = {"pemulihan", "kode"}
FOLDER_CHOSEN = 20.0
"""Seconds in the system's own talk for a folder."""
SECRET_STEPS = {"admin", "ulang"}
LIMIT = 300.0
SECRET = "gunung teduh sambil menanam cabai"


class Newcomer:
    """Types what each step wants and keeps account of it."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.keys = self.words = self.steps = 0
        self.typing = self.writing = self.machine = 0.0

    @property
    def dialog(self) -> CeremonyDialog | None:
        """The ceremony on the screen."""
        found = [one for one in QApplication.topLevelWidgets() if isinstance(one, CeremonyDialog)]
        return next((one for one in found if one.isVisible()), None)

    def answer(self, name: str, typed: str) -> None:
        """Wait for a step, read it, type into it; a line feed is Enter, a tab Tab."""
        begun = time.perf_counter()
        typist.until(lambda: self.stands_at(name))
        self.machine += time.perf_counter() - begun
        assert self.dialog is not None
        labels = self.dialog.findChildren(QLabel)
        self.words += sum(len(one.text().split()) for one in labels if one.isVisible())
        self.steps += 1
        if "--rinci" in sys.argv:
            print(name, [one.text() for one in labels if one.isVisible()], file=sys.stderr)
        self.keys += len(typed)
        self.typing += len(typed) * (CODE_KEY if name in SECRET_STEPS else KEY)
        if name in COPIED_BY_HAND:
            self.writing += WRITTEN * len(str(self.dialog.ceremony.facts["kode"]).replace("-", ""))
        for character in typed:
            begun = time.perf_counter()
            widget: QWidget = self.dialog.focusWidget() or self.dialog
            if character in "\n\t":
                key = Qt.Key.Key_Enter if character == "\n" else Qt.Key.Key_Tab
                QTest.keyClick(widget, key)
            else:
                QTest.keyClicks(widget, character)
            self.machine += time.perf_counter() - begun

    def stands_at(self, name: str) -> bool:
        """Whether a step is shown and may be answered."""
        shown = self.dialog
        return shown is not None and shown.ceremony.step.name == name and shown.next.isEnabled()

    @property
    def person(self) -> float:
        """Seconds of typing, deciding, reading and work by hand."""
        return self.typing + self.writing + self.steps * DECISION + self.words / WORDS_A_SECOND


def first_run(window: MainWindow, second_place: Path) -> Newcomer:
    """Lead a newcomer from the notice to Beranda."""
    person = Newcomer(window)
    window.sign_in.begin()
    person.answer("tujuan", "\n")
    person.answer("asal", "\n")
    person.answer("cari", "sumberejo ambulu\n")
    person.answer("pilih", "1\n")
    person.answer("admin", f"ani\t{SECRET}\t{SECRET}\n")
    person.answer("pemulihan", "\n")
    typist.until(lambda: person.stands_at("ulang"))
    assert person.dialog is not None
    facts = person.dialog.ceremony.facts
    code = str(facts["kode"]).split("-")
    first, second = (code[int(facts[which]) - 1].lower() for which in ("satu", "dua"))
    person.answer("ulang", f"{first}\t{second}\n")
    person.answer("selesai", "\n")
    person.answer("operator", "budi\n")
    person.answer("kode", "\n")
    typist.until(lambda: person.stands_at("cadangan"))
    assert person.dialog is not None
    person.dialog.choose("tempat", str(second_place))  # the system's own talk is no part of ours
    person.writing += FOLDER_CHOSEN
    person.answer("cadangan", "\n")
    person.answer("latihan", "\n")
    person.answer("selesai", "\n")
    typist.until(lambda: window.desk is not None and person.dialog is None)
    return person


def main() -> int:
    """Go through it once, print what it takes."""
    app = QApplication([])
    theme.apply(app)
    with tempfile.TemporaryDirectory(prefix="siks-awal-") as folder:
        second_place = Path(folder) / "usb"
        second_place.mkdir()
        window = MainWindow(Path(folder) / "data", worlds.now)
        window.resize(1366, 728)
        window.show()
        window.activateWindow()
        typist.until(window.isActiveWindow)
        person = first_run(window, second_place)
        assert window.desk is not None
        assert not window.desk.village.first_run, "something of the first run is left"
        assert list(second_place.glob("*.siksbak")), "no copy was written"
        window.close()
    return measure.report(
        [
            measure.Line(
                "first run", person.person + person.machine, LIMIT, "five minutes", 1.0, "s"
            )
        ],
        keys=person.keys,
        steps=person.steps,
        words=person.words,
        typing_s=round(person.typing),
        reading_s=round(person.words / WORDS_A_SECOND),
        by_hand_s=round(person.writing),
        machine_s=round(person.machine, 1),
    )


if __name__ == "__main__":
    sys.exit(main())
