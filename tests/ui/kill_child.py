"""A window that is typed into until somebody kills it: `python -m tests.ui.kill_child ROOT LOG`.

After each key a line of JSON tells what the window holds, after each F12 that a household is kept
and after each keeping of a draft what was kept: from then on the person has been told.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from siks_offline.desa import visit
from siks_offline.instrument import checks
from siks_offline.instrument.engine import FormState
from siks_offline.ui import theme
from siks_offline.ui.main_window import MainWindow
from tests.ui import typist, worlds

HOUSEHOLDS = 6
PACE = 0.02
"""Seconds between two keys: faster than a person, so that a kill falls into more of them."""
LEFT_OUT = (
    *("alamat", "nama_sls", "petugas_verivali", "nama_responden", "sta_bangunan", "luas_lantai"),
    *("ada_tabung_gas", "ada_ac", "ada_tv", "ada_emas", "jumlah_sapi", "sta_kks", "catatan"),
)
"""What the drafts of the village still lack; the window is given it key by key."""


def paper(number: int) -> dict[str, Any]:
    """Return the paper of one of the households."""
    found = typist.paper(number % 3 + 1, seed=3, number=number)
    return {**found, "catatan": f"Rumah nomor {number} di ujung gang dekat musala"}


def build(folder: Path) -> list[str]:
    """Make a village whose drafts lack little; return their households."""
    village = worlds.make_village(folder, 1)
    found = []
    for number in range(HOUSEHOLDS):
        id_, _ = visit.add_household(village, worlds.NOW)
        opened = visit.open_visit(village, id_, worlds.NOW)
        whole = FormState(village.instrument, {**opened.state.answers(), **paper(number)},
                          now=worlds.NOW)  # fmt: skip
        for issue in checks.issues(whole):
            whole.confirm(issue.path, issue.rule, "sudah diperiksa pada dokumen keluarga")
        for name in LEFT_OUT:
            whole.set(name, "")
        opened.state = whole
        visit.save_draft(village, id_, opened.snapshot(), None, worlds.NOW)
        found.append(id_)
    village.close()
    return found


def digest(household_id: str, rows: dict[str, str], typing: tuple[str, str] | None) -> str:
    """Return a fingerprint of a draft: its household, answers and half-typed field."""
    answers = sorted((path, value) for path, value in rows.items() if value)
    whole = json.dumps([household_id, answers, list(typing) if typing else None])
    return hashlib.sha256(whole.encode()).hexdigest()


class Told:
    """Writes lines that outlive the process."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def __call__(self, what: str, **facts: object) -> None:
        line = json.dumps({"what": what, "at": time.monotonic(), **facts})
        os.write(self._file, line.encode() + b"\n")


def sign_in(root: Path) -> MainWindow:
    """Open the window and sign in."""
    window = MainWindow(root, worlds.now)
    window.resize(1366, 728)
    window.show()
    window.activateWindow()
    typist.until(window.isActiveWindow)
    window.sign_in.passphrase.setText(worlds.PASSPHRASE)
    window.sign_in.sign_in()
    home: Any = None
    typist.until(lambda: window.desk is not None)
    home = window.pages["beranda"]
    typist.until(lambda: home._survey is not None)
    return window


class Recorder:
    """Looks at the open household after each key."""

    def __init__(self, window: MainWindow, tell: Told) -> None:
        self.window = window
        self.tell = tell
        self._saver: object = None

    def look(self, what: str = "key") -> None:
        """Tell what the window holds now; the keeper of this household tells what it kept."""
        page: Any = self.window.pages["kunjungan"]
        if page.saver is None:
            return
        held = page.saver._visit.snapshot().rows
        typing = page.saver._typing
        id_ = page.visit.line.id
        here = page.form.current.path if page.form.current else ""
        self.tell(what, id=id_, here=here, typing=typing, digest=digest(id_, held, typing))
        if self._saver is not page.saver:
            self._saver = page.saver
            page.saver.saved.connect(lambda _: self.tell("kept", id=id_))

    def rest(self) -> None:
        """Look, then let the window work until the next key."""
        self.look()
        end = time.monotonic() + PACE
        while True:
            QCoreApplication.processEvents()
            if time.monotonic() >= end:
                return
            time.sleep(0.002)


def main() -> None:
    """Type household after household."""
    root, log, *ids = sys.argv[1:]
    tell = Told(Path(log))
    app = QApplication(["kill_child"])
    theme.apply(app)
    window = sign_in(Path(root))
    recorder = Recorder(window, tell)
    page: Any = window.pages["kunjungan"]
    window.show_page("kunjungan", ids[0])
    tell("ready")
    while True:
        typist.until(lambda: page.visit is not None and page.form.current is not None)
        id_ = page.visit.line.id
        if id_ not in ids:
            break
        recorder.look("opened")
        typist.Typist(window, paper(ids.index(id_)), rest=recorder.rest).fill()
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_F12)
        tell("asked", id=id_)
        while page.visit is not None and page.visit.line.id == id_:
            QCoreApplication.processEvents()
            time.sleep(0.002)
        tell("done", id=id_)
    tell("end")
    time.sleep(60)


if __name__ == "__main__":
    main()
