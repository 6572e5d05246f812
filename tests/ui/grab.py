"""Every page as a picture: `python -m tests.ui.grab FOLDER`, to be looked at by a person.

Each page is drawn at the two sizes that the laptops of villages have.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from siks_offline.ui import dialogs, theme
from siks_offline.ui.form_view import Place
from siks_offline.ui.main_window import MainWindow
from tests.ui import worlds

if TYPE_CHECKING:
    from siks_offline.ui.visit_page import VisitPage

SIZES = ((1366, 728), (1093, 550))
"""What a full-screen window has of 1366x768, at 100 % and at 125 %."""


def settle(window: MainWindow) -> None:
    """Let the database thread and the signals it sent come to rest."""
    for _ in range(6):
        if window.desk is not None:
            window.desk.pool.waitForDone()
        QCoreApplication.processEvents()
        loop = QEventLoop()
        QTimer.singleShot(15, loop.quit)
        loop.exec()


class Camera:
    """Draws a widget into numbered files, once for each size."""

    def __init__(self, folder: Path, window: MainWindow) -> None:
        self.folder = folder
        self.window = window

    def take(self, name: str, widget: QWidget | None = None) -> None:
        """Draw the window, or a dialog of it, at each size."""
        for width, height in SIZES:
            if widget is None:
                self.window.resize(width, height)
            settle(self.window)
            (widget or self.window).grab().save(str(self.folder / f"{name}-{width}.png"))
            if widget is not None:
                return


def walk(camera: Camera) -> None:
    """Visit every page in the order a person would."""
    window = camera.window
    camera.take("1-masuk")
    window.sign_in.passphrase.setText("salah")
    window.sign_in.sign_in()
    while window.sign_in._task is not None:
        settle(window)
    camera.take("1-masuk-salah")
    window.sign_in.passphrase.setText(worlds.PASSPHRASE)
    window.sign_in.sign_in()
    while window.desk is None:
        settle(window)
    settle(window)
    village = window.desk.village
    worlds.begin(village, "00000000-0000-4000-8000-000000000003")
    window.show_page("beranda")
    camera.take("2-beranda")
    window.show_page("prelist")
    camera.take("3-prelist")
    window.show_page("kunjungan", "00000000-0000-4000-8000-000000000004")
    settle(window)
    page: VisitPage = window.pages["kunjungan"]  # type: ignore[assignment]
    form = page.form
    assert form is not None
    camera.take("4-kunjungan-awal")
    for number, section in enumerate(form.sections):
        form.go_to_place(Place(number, 0))
        if section.name == "blok2":
            form.go("hasil_verivali")
            QTest.keyClicks(form.focusWidget(), "1")
        camera.take(f"5-bagian-{number:02}-{section.name.strip('+')}")
        if section.person:
            answer_person(form, section.repeat)
            form.go_to_place(Place(number, 0))
            camera.take(f"5-bagian-{number:02}-terisi")
            form.go_to_place(Place(number, 1))
            camera.take(f"5-bagian-{number:02}-orang")
    page.check()
    camera.take("6-periksa")
    window.show_page("serah_terima")
    camera.take("7-serah-terima")
    window.show_page("pengaturan")
    camera.take("8-pengaturan")
    talk = dialogs.ReasonTalk(window, "Status kawin di bawah 19 tahun: periksa ulang.")
    talk.show()
    camera.take("9-alasan", talk)
    talk.close()
    from siks_offline.errors import StoreError

    talk = dialogs.faults_talk(window, StoreError("E_SECOND_COPY", folder="desa"))
    talk.show()
    camera.take("9-galat", talk)
    talk.close()


def answer_person(form: object, repeat: str) -> None:
    """Give the members what a roster asks, with one thing wrong."""
    state = form.state  # type: ignore[attr-defined]
    for number in range(1, state.count(repeat) + 1):
        for question, value in (
            ("sta_keberadaan_art", "1"),
            ("jnskel", "1" if number == 1 else "2"),
            ("tgllahir", f"1{number}07{1960 + 9 * number}"),
            ("hub_krt", "1" if number < 3 else "3"),
        ):
            path = f"{repeat}[{number}].{question}"
            form.apply(state.set(path, value))  # type: ignore[attr-defined]


def main() -> None:
    """Draw into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication(["grab"])
    assert isinstance(app, QApplication)
    theme.apply(app)
    with tempfile.TemporaryDirectory() as root:
        worlds.make_village(Path(root) / "sukamaju", households=60).close()
        window = MainWindow(Path(root), worlds.now)
        window.show()
        window.activateWindow()
        try:
            walk(Camera(folder, window))
        finally:
            window.close()


if __name__ == "__main__":
    main()
