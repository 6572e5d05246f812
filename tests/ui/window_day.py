"""A day at the window in a program of its own: `python -m tests.ui.window_day FOLDER`.

Signs in to the village of a practice world, looks at every page, types in a household, locks.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from siks_offline.desa import households
from siks_offline.latihan import world
from siks_offline.ui import theme
from siks_offline.ui.main_window import PAGES, VISIT, MainWindow
from tests.ui.grab import settle

TYPED = "Dusun Jendela"


def main(folder: str) -> None:
    app = QApplication([])
    theme.apply(app)
    window = MainWindow(Path(folder), lambda: datetime.now(UTC))
    window.show()
    window.sign_in.passphrase.setText(world.PASSPHRASE)
    window.sign_in.sign_in()
    for _ in range(600):
        settle(window)
        if window.desk is not None:
            break
    assert window.desk is not None
    settle(window)
    first = households.find(window.desk.village)[0]
    for name in PAGES:
        window.show_page(name, first if name == VISIT else None)
        settle(window)
        if name == VISIT:
            page = window.pages[VISIT]
            page.form.go("alamat")  # type: ignore[attr-defined]
            QTest.keyClicks(page.form.focusWidget(), TYPED)  # type: ignore[attr-defined]
            settle(window)
    window.show_page("beranda")
    window.lock()
    settle(window)
    assert window.desk is None
    window.close()
    print(f"{len(PAGES)} halaman")


if __name__ == "__main__":
    main(sys.argv[1])
