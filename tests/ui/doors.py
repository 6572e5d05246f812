"""Scenes before anybody is signed in: the first page, and the wizards that open from it.

They are played like those of tests/ui/scenes.py, on the folders that `build` makes.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtWidgets import QApplication

from siks_offline.crypto import codes
from siks_offline.desa import accounts, backup, copies, staff
from siks_offline.dinsos import office, pairing
from siks_offline.latihan import world
from siks_offline.ui.main_window import MainWindow
from siks_offline.ui.pairing_dialog import STEPS, PairingDialog
from siks_offline.ui.restore_dialog import RecoveryDialog, RestoreDialog
from tests.ui import grab, typist, worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.ui.scenes import Scene, Stage

WORDS = "gunung teduh sambil menanam cabai"
OTHER_VILLAGE = "3509122004"


class Doors(NamedTuple):
    """Folders and codes that the scenes go in by."""

    folder: Path
    """Where scenes may leave things; each needs places that are not there yet."""
    root: Path
    """A root with one whole village."""
    broken: Path
    """A village with a copy, of which then a page was lost."""
    copy: Path
    invitation: Path
    code: str
    """What the invitation asks for."""
    recovery: str
    first: str
    """First code of an account that nobody entered yet."""


def build(folder: Path, practice: Path) -> Doors:
    """Make what the scenes stand before; `practice` has the office that invites."""
    recovery = codes.recovery_code()
    root, copy, invitation = folder / "utuh", folder / "c.siksbak", folder / "desa.siksundang"
    drawn, codes.recovery_code = codes.recovery_code, lambda: recovery
    try:
        village = worlds.make_village(root / "sukamaju")
    finally:
        codes.recovery_code = drawn
    with village:
        backup.write(village, copy, worlds.NOW)
        copies.keep(village, "masuk", worlds.NOW)
    broken = folder / "rusak" / "sukamaju"
    shutil.copytree(root / "sukamaju", broken)
    content = bytearray((broken / "app.db").read_bytes())
    content[:4096] = bytes(4096)
    (broken / "app.db").write_bytes(bytes(content))
    with accounts.open_village(root / "sukamaju", worlds.ACCOUNT, worlds.PASSPHRASE) as village:
        first = staff.add(village, "sri_wahyuni", "operator", worlds.NOW).code
    with office.open_office(practice / "dinsos", world.PASSPHRASE) as store:
        letter = pairing.invite(store, OTHER_VILLAGE, invitation, worlds.NOW)
    return Doors(folder, root, broken, copy, invitation, letter.code, recovery, first)


class Scenes:
    """The scenes of one set of folders; each uses what the ones before left as it was."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self._places = 0

    def all(self) -> dict[str, tuple[Path, Scene]]:
        """Name of each scene -> the root that its window stands on, and the scene."""
        whole, empty = self.doors.root, self.doors.folder / "kosong"
        return {
            "masuk": (whole, self.sign_in),
            "baru": (empty, self.first_run),
            "lupa": (whole, self.rescue),
            "pasang": (empty, self.join),
            "pulih": (empty, self.restore),
            "rusak": (self.doors.broken.parent, self.recover),
        }

    def sign_in(self, stage: Stage) -> Iterator[str]:
        """The first page, a wrong passphrase, the passphrase that a first code asks for."""
        page = stage.window.sign_in
        yield "awal"
        page.passphrase.setText("salah")
        page.sign_in()
        typist.until(lambda: page._task is None)
        yield "salah"
        page.account.setCurrentText("sri_wahyuni")
        page.passphrase.setText(self.doors.first)
        page.sign_in()
        typist.until(lambda: page.first is not None)
        assert page.first is not None
        page.first.fresh.setText("kata sandi")
        yield "kode-pertama"

    def first_run(self, stage: Stage) -> Iterator[str]:
        """A new village, up to the moment at which it would be made."""
        yield "awal"
        stage.window.sign_in.begin()
        typed = {
            "cari": {"nama": "sumber"},
            "pilih": {"nomor": "1"},
            "admin": {"akun": "ani", "baru": WORDS, "ulang": WORDS},
        }
        yield from self._steps(stage, typed, "ulang")

    def rescue(self, stage: Stage) -> Iterator[str]:
        """A forgotten passphrase, up to the new code that is typed back."""
        stage.window.sign_in.account.setCurrentText(worlds.ACCOUNT)
        stage.window.sign_in._rescue()
        typed = {
            "kode": {"pemulihan": self.doors.recovery},
            "sandi": {"baru": WORDS, "ulang": WORDS},
        }
        yield from self._steps(stage, typed, "ulang")

    def _steps(self, stage: Stage, typed: dict[str, dict[str, str]], last: str) -> Iterator[str]:
        for _ in range(12):
            grab.settle(stage.window)
            dialog: Any = QApplication.activeModalWidget()
            typist.until(lambda dialog=dialog: dialog._task is None and dialog.stack.count())
            step = dialog.ceremony.step.name
            for name, words in typed.get(step, {}).items():
                dialog._lines[name].setText(words)
            yield step
            if step == last:
                dialog.go_on()
                yield f"{step}-salah"
                return
            dialog.go_on()

    def join(self, stage: Stage) -> Iterator[str]:
        """An invitation of the Dinsos, to the letter that goes back."""
        dialog = PairingDialog(stage.window, self._fresh(), worlds.now)
        dialog.open()
        for step in STEPS:
            if step == "undangan":
                yield "undangan-belum"
                dialog.take_file(self.doors.invitation)
            elif step == "kode":
                dialog.code.setText(self.doors.code[:-1] + "?")
                dialog.go_on()
                yield f"{step}-salah"
                dialog.code.setText(self.doors.code)
            elif step == "akun":
                dialog.passphrase.setText(WORDS)
                dialog.again.setText(WORDS)
            elif step == "ulang":
                written = dialog.joining.recovery_code.split("-")
                for line, group in zip(dialog.groups, dialog.joining.groups, strict=True):
                    line.setText(written[group - 1])
            yield step
            if step == "simpan":
                dialog.save_to(self._fresh().with_suffix(".siks"))
                typist.until(lambda: dialog.step != "simpan" or dialog.note.isVisible())
            elif step != STEPS[-1]:
                dialog.go_on()

    def restore(self, stage: Stage) -> Iterator[str]:
        """A copy into an empty machine."""
        dialog = RestoreDialog(stage.window, self._fresh(), worlds.now)
        dialog.open()
        yield "berkas"
        dialog.take_file(self.doors.copy)
        yield "isi"
        dialog.go_on()
        dialog.passphrase.setText("bukan ini")
        dialog.go_on()
        typist.until(dialog.note.isVisible)
        yield "salah"
        dialog.passphrase.setText(worlds.PASSPHRASE)
        dialog.go_on()
        typist.until(lambda: dialog.step == "selesai")
        yield "selesai"

    def recover(self, stage: Stage) -> Iterator[str]:
        """A damaged village comes back from its copy."""
        folder = self._fresh()
        shutil.copytree(self.doors.broken, folder)
        dialog = RecoveryDialog(stage.window.sign_in, folder, worlds.ACCOUNT, worlds.now)
        dialog.open()
        typist.until(dialog.next.isEnabled)
        yield "pilih"
        dialog.passphrase.setText("bukan ini")
        dialog.go_on()
        typist.until(dialog.note.isVisible)
        yield "salah"
        dialog.passphrase.setText(worlds.PASSPHRASE)
        dialog.go_on()
        typist.until(lambda: dialog._finished)
        yield "selesai"

    def _fresh(self) -> Path:
        self._places += 1
        return self.doors.folder / f"tempat-{self._places}"


def play(
    doors: Doors,
    look: Callable[[MainWindow, str, Scene], None],
) -> None:
    """Open a window for each scene and let `look` play it there."""
    for number, (name, (root, scene)) in enumerate(Scenes(doors).all().items()):
        own = doors.folder / f"akar-{number}"
        shutil.rmtree(own, ignore_errors=True)
        if root.exists():
            shutil.copytree(root, own)  # a wrong passphrase is remembered
        window = MainWindow(own, worlds.now)
        window.show()
        window.activateWindow()
        look(window, name, scene)
        window.close()
        window.deleteLater()
