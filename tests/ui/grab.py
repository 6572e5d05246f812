"""Every page as a picture: `python -m tests.ui.grab FOLDER`, to be looked at by a person.

Each page is drawn at the two sizes that the laptops of villages have.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from siks_offline.desa import arrivals, backup, entitlements, handover, households, matching
from siks_offline.desa.preferences import Preferences
from siks_offline.errors import StoreError
from siks_offline.latihan import world
from siks_offline.ui import dialogs, key_card, theme
from siks_offline.ui.ceremony_dialog import CeremonyDialog
from siks_offline.ui.form_view import Place
from siks_offline.ui.handover_page import KEY_CEREMONIES
from siks_offline.ui.import_dialog import ImportDialog
from siks_offline.ui.main_window import MainWindow
from siks_offline.ui.pairing_dialog import STEPS, PairingDialog
from tests.ui import worlds

if TYPE_CHECKING:
    from siks_offline.desa.village import Village
    from siks_offline.ui.visit_page import VisitPage

OTHER_VILLAGE = "3509122004"
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


def walk(camera: Camera, practice: Path) -> None:
    """Visit every page in the order a person would."""
    window = camera.window
    camera.take("1-masuk")
    window.sign_in.passphrase.setText("salah")
    window.sign_in.sign_in()
    while window.sign_in._task is not None:
        settle(window)
    camera.take("1-masuk-salah")
    join(camera, practice)
    window.sign_in.passphrase.setText(world.PASSPHRASE)
    window.sign_in.sign_in()
    while window.desk is None:
        settle(window)
    settle(window)
    village = window.desk.village
    hand_over(village, practice)
    fresh = households.find(village, kerja="belum")
    worlds.begin(village, fresh[1])
    window.show_page("beranda")
    camera.take("2-beranda")
    window.show_page("prelist")
    camera.take("3-prelist")
    prelist: Any = window.pages["prelist"]
    prelist.import_file(practice / "lain.xlsx")
    settle(window)
    [dialog] = window.findChildren(ImportDialog)
    camera.take("3-prelist-impor", dialog)
    dialog.reject()
    window.activateWindow()
    window.show_page("kunjungan", fresh[0])
    settle(window)
    page: VisitPage = window.pages["kunjungan"]  # type: ignore[assignment]
    form = page.form
    assert form is not None
    camera.take("4-kunjungan-awal")
    form.go("tanggal_verivali")
    QTest.keyClicks(form.focusWidget(), "20112026")
    form.apply(form.state.set("hasil_verivali", "1"))
    for number, section in enumerate(form.sections):
        form.go_to_place(Place(number, 0))
        if section.name == "blok3":
            form.go("sumber_airminum")
            QTest.keyClicks(form.focusWidget(), "77")
            form.commit()
        camera.take(f"5-bagian-{number:02}-{section.name.strip('+')}")
        if section.person:
            answer_person(form, section.repeat)
            form.go_to_place(Place(number, 0))
            camera.take(f"5-bagian-{number:02}-terisi")
            form.go_to_place(Place(number, 1))
            camera.take(f"5-bagian-{number:02}-orang")
    page.check()
    camera.take("6-periksa")
    window.show_page("kunjungan", households.find(village, kerja="selesai")[0])
    camera.take("6-selesai")
    window.show_page("serah_terima")
    camera.take("7-serah-terima")
    give_back(village, households.find(village, kerja="selesai")[:3])
    window.show_page("beranda")
    window.show_page("serah_terima")
    camera.take("7-serah-terima-kembali")
    hold_ceremonies(camera, practice)
    lists_of_others(camera, practice, village)
    window.show_page("pengaturan")
    camera.take("8-pengaturan")
    card = key_card.KeyCard(window)
    card.show()
    camera.take("9-kartu", card)
    card.close()
    for name, size, look in (
        ("125", 125, "terang"),
        ("gelap", 100, "gelap"),
        ("biasa", 100, "terang"),
    ):
        village.preferences = Preferences(text_size=size, look=look)
        window.restyle()
        settle(window)
        for page_name in ("beranda", "prelist", "serah_terima", "pengaturan"):
            window.show_page(page_name)
            if name != "biasa":
                camera.take(f"{name}-{page_name}")
        window.show_page("kunjungan", fresh[0])
        settle(window)
        open_form = window.pages["kunjungan"].form  # type: ignore[attr-defined]
        for number, section in enumerate(open_form.sections):
            if name != "biasa" and section.name in {"blok3", "anggota", "foto"}:
                open_form.go_to_place(Place(number, 0))
                camera.take(f"{name}-kunjungan-{section.name}")
    talk = dialogs.ReasonTalk(window, "Status kawin di bawah 19 tahun: periksa ulang.")
    talk.show()
    camera.take("9-alasan", talk)
    talk.close()
    fault = dialogs.faults_talk(window, StoreError("E_SECOND_COPY", folder="desa"))
    fault.show()
    camera.take("9-galat", fault)
    fault.close()


def lists_of_others(camera: Camera, practice: Path, village: Village) -> None:
    """Load what Dukcapil says and who gets what; look at matching, status and reports."""
    window = camera.window
    ids = households.find(village)[:6]
    lines = [line for line in households.lines(village, ids).values() if line.nik_krt]
    said = practice / "padan.csv"
    rows = [f"'{one.nik_krt};{one.nama_krt};'{one.nik_krt};{one.nama_krt} A" for one in lines]
    said.write_text("\n".join(["NIK;NAMA;DUK_NIK;DUK_NAMA_LGKP", *rows]) + "\n")
    matching.load(village, matching.preview(village, said), worlds.NOW)
    listed = practice / "penetapan.csv"
    rows = [f"'{one.nik_krt};{one.nama_krt};{one.rt};{one.rw};2;YA" for one in lines]
    listed.write_text("\n".join(["NIK;NAMA;RT;RW;DESIL;PKH", *rows]) + "\n")
    entitlements.load(village, entitlements.preview(village, listed), worlds.NOW)
    window.show_page("pemadanan")
    settle(window)
    camera.take("7-pemadanan")
    window.show_page("cek_status", lines[0].nama_krt.split()[0])
    settle(window)
    settle(window)
    camera.take("7-cek-status")
    window.show_page("laporan")
    settle(window)
    camera.take("7-laporan")
    report: Any = window.pages["laporan"]
    report.chart.setChecked(True)
    camera.take("7-laporan-grafik")


def join(camera: Camera, practice: Path) -> None:
    """Go through the steps that join another village."""
    from siks_offline.dinsos import office, pairing

    file = practice / "lain.siksundang"
    with office.open_office(practice / "dinsos", world.PASSPHRASE) as store:
        letter = pairing.invite(store, OTHER_VILLAGE, file, worlds.NOW)
    dialog = PairingDialog(camera.window, practice / "desa-lain", worlds.now)
    dialog.show()
    for number, step in enumerate(STEPS):
        if step == "undangan":
            dialog.take_file(file)
        elif step == "kode":
            dialog.code.setText(letter.code[:-1] + "?")
            dialog.go_on()
            dialog.code.setText(letter.code)
        elif step == "akun":
            dialog.passphrase.setText(world.PASSPHRASE)
            dialog.again.setText(world.PASSPHRASE)
        elif step == "ulang":
            written = dialog.joining.recovery_code.split("-")
            for line, group in zip(dialog.groups, dialog.joining.groups, strict=True):
                line.setText(written[group - 1])
        camera.take(f"1-pasang-{number}-{step}", dialog)
        if step == "simpan":
            dialog.save_to(practice / "daftar.siks")
            while dialog.step == step:
                settle(camera.window)
        elif step != STEPS[-1]:
            dialog.go_on()
    dialog.close()


def hold_ceremonies(camera: Camera, practice: Path) -> None:
    """Open every ceremony of the page, and go on where nothing is asked."""
    window = camera.window
    page: Any = window.pages["serah_terima"]

    def front() -> CeremonyDialog:
        settle(window)
        return next(one for one in page.findChildren(CeremonyDialog) if one.isVisible())

    page.begin_export()
    dialog = front()
    camera.take("7-ekspor-1", dialog)
    dialog._lines["semua"].setChecked(True)
    dialog._lines["paspor"].setChecked(True)
    dialog.go_on()
    dialog = front()
    dialog.choose("folder", str(practice / "usb"))
    camera.take("7-ekspor-2", dialog)
    dialog.go_on()
    camera.take("7-ekspor-3", front())
    front().accept()
    for name, begin in (
        ("usb", page._look_at_stick),
        ("suara", page._hear),
        *((one, partial(page.begin_keys, one)) for one in KEY_CEREMONIES),
    ):
        begin()
        camera.take(f"7-{name}", front())
        front().reject()


def give_back(village: Village, ids: list[str]) -> None:
    """Let the Dinsos have sent some households back."""
    from siks_offline.db import households as stored

    said = "NIK anggota 2 sama dengan NIK di desa lain; periksa kartu keluarga yang asli."
    rejected = stored.States(
        kerja="dikembalikan", kirim="ditolak", komentar=said, komentar_jalur="anggota[2].nik"
    )
    held = stored.States(kirim="ditahan", komentar="Menunggu pemeriksaan pendamping.")
    with village.store.write() as session:
        stored.set_states(session, {ids[0]: rejected, ids[1]: rejected, ids[2]: held})


def hand_over(village: Village, practice: Path) -> None:
    """Send what is completed, let the Dinsos answer, and send once more."""
    from siks_offline.dinsos import office, receipts, receive

    sent = handover.export(village, practice / "usb", worlds.NOW)
    with office.open_office(practice / "dinsos", world.PASSPHRASE) as store:
        arrival = receive.accept(store, sent.parts[0].path, worlds.NOW)
        [answer] = receipts.deliver(store, [arrival], practice / "balasan", worlds.NOW).values()
    arrivals.accept(village, answer, worlds.NOW)
    handover.export(village, practice / "usb", worlds.NOW, everything=True)
    backup.write(village, practice / "usb" / "cadangan.siksbak", worlds.NOW)


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
        practice = Path(root) / "latihan"
        world.build(practice, households=60, percent=30, seed=5, now=worlds.NOW)
        world.build(Path(root) / "lain", households=5, seed=6, now=worlds.NOW, load=False)
        (Path(root) / "lain" / "prelist.xlsx").rename(practice / "lain.xlsx")
        window = MainWindow(practice / "desa", worlds.now)
        window.show()
        window.activateWindow()
        try:
            walk(Camera(folder, window), practice)
        finally:
            window.close()


if __name__ == "__main__":
    main()
