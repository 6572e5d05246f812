"""The matrix of screens: `python -m tests.ui.layar FOLDER`, drawn and looked through.

Each page x (1366x768, 1366x768 with text of 150 %, 1093x550) x (light, dark, high contrast) x
(an empty village, a typical one); the visit also with 20 members, the longest words and many
issues; every dialog and wizard (tests/ui/scenes.py, tests/ui/doors.py). What a program can see of a
screen is checked; the pictures are for people. `--ukuran`, `--warna`, `--bagian` draw a part.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget

from siks_offline.desa import visit
from siks_offline.desa.preferences import LOOKS, Preferences
from siks_offline.latihan import world
from siks_offline.ui import theme
from siks_offline.ui.main_window import FORMS, PAGES, MainWindow
from tests.ui import doors, grab, scenes, screen_checks, typist, worlds

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ui.scenes import Scene

SIZES = {"1366": (1366, 728, 100), "1366-150": (1366, 728, 150), "1093": (1093, 550, 100)}
"""Name -> width and height of the window, size of text in percent."""
PARTS = ("kunjungan", "halaman", "adegan", "pintu")
LONG = scenes.LONG


class Matrix:
    """Draws screens into a folder and notes what is wrong with them."""

    def __init__(self, folder: Path, sizes: list[str], looks: list[str]) -> None:
        self.folder = folder
        self.sizes = sizes
        self.looks = looks
        self.screens = 0
        self.face = ""
        self.room = (0, 0)
        self.faults: dict[str, list[str]] = {}

    def through(self, window: MainWindow, fill: Callable[[str], None]) -> None:
        """Wear each look at each size and let `fill` show its screens."""
        assert window.desk is not None
        for look in self.looks:
            for name in self.sizes:
                width, height, percent = SIZES[name]
                window.desk.village.preferences = Preferences(text_size=percent, look=look)
                window.restyle()
                window.resize(width, height)
                self.face, self.room = f"{name}-{look}", (width, height)
                fill(self.face)

    def take(self, window: MainWindow, name: str) -> None:
        """Draw the window and look through it."""
        grab.settle(window)
        self.look(name, window)

    def look(self, name: str, widget: QWidget) -> None:
        """Draw what is in front and look through it."""
        picture = widget.grab().toImage()
        picture.save(str(self.folder / f"{name}.png"))
        self.screens += 1
        found = screen_checks.faults(widget, picture)
        if widget.width() > self.room[0] or widget.height() > self.room[1]:
            found.append(f"beyond: {widget.width()}x{widget.height()}")
        if found:
            self.faults[name] = found
            print(name, *found, sep="\n    ", flush=True)


def pages(matrix: Matrix, window: MainWindow, content: str) -> None:
    """Every page of a village."""

    def fill(face: str) -> None:
        for name in PAGES:
            if name not in FORMS:
                window.show_page(name)
                matrix.take(window, f"{name}-{content}-{face}")

    matrix.through(window, fill)


def visits(matrix: Matrix, window: MainWindow, ids: dict[str, str]) -> None:
    """The visit of each of these households: its beginning, the roster, a person."""
    page: Any = window.pages["kunjungan"]

    def fill(face: str) -> None:
        nonlocal page
        page = window.pages["kunjungan"]
        for content, id_ in ids.items():
            window.show_page("kunjungan", id_)
            typist.until(partial(_is_open, page, id_))
            form = page.form
            places = {one: at for at, one in enumerate(form.places())}
            for name in ("blok1", "blok3", "anggota", "orang"):
                at = next(
                    one
                    for one in places
                    if form.sections[one.section].name == ("anggota" if name == "orang" else name)
                    and one.person == (name == "orang")
                )
                form.go_to_place(at)
                if content == "masalah":
                    page.check()
                    form.go_to_place(at)
                matrix.take(window, f"kunjungan-{name}-{content}-{face}")

    matrix.through(window, fill)


def played(matrix: Matrix, window: MainWindow, practice: Path, drafts: dict[str, str]) -> None:
    """Every dialog, and pages with something on them."""

    def look(name: str, widget: QWidget) -> None:
        matrix.look(f"{name}-{matrix.face}", widget)

    stage = scenes.Stage(window, practice, look)
    stage.drafts = drafts
    scenes.furnish(stage, practice)

    def fill(_face: str) -> None:
        for name, scene in scenes.SCENES.items():
            stage.run(name, scene)

    matrix.through(window, fill)


def before(matrix: Matrix, made: doors.Doors) -> None:
    """What is seen before anybody is signed in; the first page keeps the face it was built in."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)

    def look(window: MainWindow, name: str, scene: Scene) -> None:
        size, colours = matrix.face.rsplit("-", 1)
        width, height, percent = SIZES[size]
        theme.use(app, text_size=percent, look=colours)
        window.resize(width, height)
        matrix.room = (width, height)
        window.sign_in.hide()  # as a lock does, which brings the page back in the face of the desk
        window.sign_in.show()

        def seen(suffix: str, widget: QWidget) -> None:
            matrix.look(f"{suffix}-{matrix.face}", widget)

        scenes.Stage(window, made.folder, seen).run(name, scene)
        theme.use(app, text_size=100, look="terang")

    for colours in matrix.looks:
        for size in matrix.sizes:
            matrix.face = f"{size}-{colours}"
            doors.play(made, look)


def _is_open(page: Any, household_id: str) -> bool:
    return page.visit is not None and page.visit.line.id == household_id


def _is_in(window: MainWindow) -> bool:
    return window.desk is not None


def prepare(window: MainWindow) -> dict[str, str]:
    """Add the households that are hard to show; return them by what is hard about them."""
    assert window.desk is not None
    village = window.desk.village
    found = {}
    for content, paper in (
        ("biasa", typist.paper(4, 3)),
        ("20", typist.paper(20, 3)),
        ("terpanjang", typist.paper(2, 3)),
        ("masalah", typist.paper(3, 3)),
    ):
        id_, changes = visit.add_household(village, worlds.NOW)
        opened = visit.open_visit(village, id_, worlds.NOW)
        state = type(opened.state)(
            village.instrument, {**opened.state.answers(), **paper}, now=worlds.NOW
        )
        if content == "terpanjang":
            for name in ("nama_krt", "alamat", "nama_sls", "catatan"):
                state.set(name, f"{LONG} {LONG}")
            for number in (1, 2):
                state.set(f"anggota[{number}].nama", LONG)
        if content == "masalah":
            for path in ("anggota[1].nik", "anggota[2].nik", "nama_krt", "alamat", "lantai"):
                state.set(path, "9" if path.endswith("nik") else "")
            for name in ("jumlah_kamar", "sumber_airminum", "sta_bangunan"):
                state.set(name, "99")
        opened.state = state
        visit.save_draft(village, id_, opened.snapshot(), None, worlds.NOW)
        window.spread(changes)
        found[content] = id_
    return found


def main() -> int:
    """Draw, look through, say what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.ui.layar", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ukuran", nargs="*", default=list(SIZES), choices=SIZES)
    parser.add_argument("--warna", nargs="*", default=list(LOOKS), choices=LOOKS)
    parser.add_argument("--bagian", nargs="*", default=list(PARTS), choices=PARTS)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    app = QApplication(["layar"])
    theme.apply(app)
    matrix = Matrix(options.folder, options.ukuran, options.warna)
    with tempfile.TemporaryDirectory() as root:
        practice = Path(root) / "latihan"
        world.build(practice, households=60, percent=30, seed=5, now=worlds.NOW)
        worlds.make_village(Path(root) / "kosong" / "desa", 0).close()
        world.build(Path(root) / "lain", households=5, seed=6, now=worlds.NOW, load=False)
        (Path(root) / "lain" / "prelist.xlsx").rename(practice / "lain.xlsx")
        if "pintu" in options.bagian:
            before(matrix, doors.build(Path(root) / "pintu", practice))
        for content, folder in (("biasa", practice / "desa"), ("kosong", Path(root) / "kosong")):
            if not {"kunjungan", "halaman", "adegan"} & set(options.bagian):
                break
            window = MainWindow(folder, worlds.now)
            window.show()
            window.activateWindow()
            window.sign_in.passphrase.setText(world.PASSPHRASE)
            window.sign_in.sign_in()
            typist.until(partial(_is_in, window))
            assert window.guard is not None
            window.guard.end()
            drafts = prepare(window) if content == "biasa" else {}
            if "kunjungan" in options.bagian and drafts:
                visits(matrix, window, drafts)
            if "adegan" in options.bagian and drafts:
                played(matrix, window, practice, drafts)
            if "halaman" in options.bagian:
                pages(matrix, window, content)
            theme.use(app, text_size=100, look="terang")
            window.close()
    kinds: dict[str, int] = {}
    for found in matrix.faults.values():
        for one in found:
            kind = one.split(":")[0].split(" ")[0]
            kinds[kind] = kinds.get(kind, 0) + 1
    print(f"{matrix.screens} screens, {len(matrix.faults)} with faults: {kinds}")
    return int(bool(matrix.faults))


if __name__ == "__main__":
    sys.exit(main())
