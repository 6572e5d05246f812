"""Every screen of the signed-in window besides the bare pages: filled pages, dialogs, wizards.

A scene is a generator: what it does before a `yield` brings a screen to the front, what it yields
is the screen's name. tests.ui.layar draws them, tests/ui/test_access.py walks them for readers.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QTabWidget, QWidget

from siks_offline import paths
from siks_offline.db import households as stored
from siks_offline.db import meta, records
from siks_offline.db.keyings import Difference
from siks_offline.desa import (
    account_ceremonies,
    first_run,
    history,
    households,
    inventory,
    notes,
    proposals,
    resume,
    rivals,
    second_keying,
    staff,
    visit,
    wastebin,
)
from siks_offline.errors import SiksError, StoreError
from siks_offline.export import receipt
from siks_offline.model import Changes
from siks_offline.ui import ceremony_dialog, dialogs, incidents, keying_dialog, masking
from siks_offline.ui.handover_page import KEY_CEREMONIES
from tests.scenarios import hall
from tests.ui import grab, typist, worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.ui.main_window import MainWindow

    Scene = Callable[["Stage"], Iterator[str]]

LONG = "ABIMANYU KARTIKANINGTYAS WIRYOATMODJO NATADININGRAT HADIKUSUMANINGRAT"
"""Longer than any name on a card; sixty letters and more must not break a screen."""
REMARK = "Angka di kertas tidak terbaca; tanyakan lagi kepada ketua RT sebelum dikirim."


class Stage:
    """A signed-in window, the files that scenes bring, and who looks at each screen."""

    def __init__(
        self, window: MainWindow, files: Path, take: Callable[[str, QWidget], None]
    ) -> None:
        self.window = window
        self.files = files
        self.take = take
        self.scene = ""
        self.drafts: dict[str, str] = {}
        """Households to open, by what is hard about them (tests.ui.layar.prepare)."""

    @property
    def village(self) -> Village:
        """The village that is open."""
        assert self.window.desk is not None
        return self.window.desk.village

    def page(self, name: str, argument: object = None) -> Any:
        """Bring a page to the front and let it read."""
        self.window.show_page(name, argument)
        grab.settle(self.window)
        return self.window.pages[name]

    def visit(self, id_: str) -> Any:
        """Open a household."""
        self.window.show_page("kunjungan", id_)
        page: Any = self.window.pages["kunjungan"]
        typist.until(lambda: page.visit is not None and page.visit.line.id == id_)
        typist.until(lambda: page.form is not None and page.form.current is not None)
        return page

    def run(self, name: str, scene: Scene) -> None:
        """Play a scene; talks that wait for an answer are looked at and closed."""
        self.scene = name

        def waited(talk: QDialog) -> int:
            return self._waited(talk)

        kinds = (QDialog, dialogs.Talk)  # the tests have forbidden the second to wait
        waits = [kind.exec for kind in kinds]
        for kind in kinds:
            kind.exec = waited  # type: ignore[method-assign, assignment]
        try:
            for suffix in scene(self):
                grab.settle(self.window)
                self.take(f"{name}-{suffix}", QApplication.activeModalWidget() or self.window)
        finally:
            for kind, before in zip(kinds, waits, strict=True):
                kind.exec = before  # type: ignore[method-assign]
            self.clear()

    def clear(self) -> None:
        """Close what stands open over the window."""
        for _ in range(9):
            front = QApplication.activeModalWidget()
            if front is None:
                break
            if isinstance(front, QDialog):
                front.done(0)
            grab.settle(self.window)
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        self.window.activateWindow()

    def _waited(self, talk: QDialog) -> int:
        talk.open()
        QApplication.processEvents()
        self.take(f"{self.scene}-tanya-{type(talk).__name__}", talk)
        talk.done(0)
        return 0


# --- what a busy village looks like ---------------------------------------------------------------


def furnish(stage: Stage, practice: Path) -> None:
    """Let the village have sent, got answers, thrown away, been noted, keyed twice, been listed."""
    village = stage.village
    done = households.find(village, kerja="selesai")
    first = second_keying.paper(village, done[1])
    typed = {path: visit.open_visit(village, done[1], worlds.NOW).state.value(path)
             for path in first.paths}  # fmt: skip
    typed[first.paths[-1]] = "9" if typed[first.paths[-1]] != "9" else "8"
    with suppress(SiksError):
        second_keying.compare(village, first.sha256, "acak", typed, worlds.NOW)
    grab.hand_over(village, practice)
    grab.give_back(village, done[:3])
    with village.store.write() as session:
        seen = stored.Facts(
            nama_krt=LONG, alamat=f"Jl. {LONG}", rt="001", rw="001", nik_krt="3509122207730001"
        )
        stored.refresh(session, households.find(village, kerja="belum")[0], seen, [])
    for number in (1, 2):
        hall.propose(village, hall.family(number, village.kode_desa), worlds.NOW)
    for line in proposals.lines(village)[:1]:
        with village.store.write() as session:
            head = records.head(session, line.id)
            assert head is not None
            said = records.Told("rejected", "", "Foto KK tidak terbaca.", "answers.alamat")
            records.told(session, {head.sha256: said})
    hall.sit(village, worlds.NOW)
    fresh = households.find(village, kerja="belum")
    for id_ in fresh[3:6]:
        worlds.begin(village, id_)
        visit.drop_draft(village, id_, worlds.NOW)
    new, _ = visit.add_household(village, worlds.NOW)
    wastebin.throw_household(village, new, worlds.NOW)
    for name, role in (("sri_wahyuni", "operator"), ("pemeriksa.kecamatan", "pemeriksa")):
        staff.add(village, name, role, worlds.NOW)
    notes.add(village, stage.drafts["biasa"], "alamat", REMARK, worlds.NOW)
    stage.window.spread(Changes(prelist=True, households=frozenset(done), accounts=True))


def load_lists(stage: Stage) -> tuple[Path, Path]:
    """Write what Dukcapil and the regency said of some, and give both files."""
    lines = [
        line
        for line in households.lines(stage.village, households.find(stage.village)[:9]).values()
        if line.nik_krt
    ]
    said, listed = stage.files / "padan.csv", stage.files / "penetapan.csv"
    rows = [f"'{one.nik_krt};{one.nama_krt};'{one.nik_krt};{one.nama_krt} A" for one in lines]
    said.write_text("\n".join(["NIK;NAMA;DUK_NIK;DUK_NAMA_LGKP", *rows]) + "\n")
    rows = [f"'{one.nik_krt};{one.nama_krt};{one.rt};{one.rw};2;YA" for one in lines]
    listed.write_text("\n".join(["NIK;NAMA;RT;RW;DESIL;PKH", *rows]) + "\n")
    return said, listed


# --- pages with something on them -----------------------------------------------------------------


def first_page(stage: Stage) -> Iterator[str]:
    """Beranda after a program that ended in the middle of a field."""
    id_ = stage.drafts["biasa"]
    opened = visit.open_visit(stage.village, id_, worlds.NOW)
    typing = ("alamat", "Jl. Mel")
    resume.keep(stage.village, id_, opened.snapshot(), typing, "alamat", worlds.NOW)
    page = stage.page("beranda")
    page.kept.show_left(resume.left_open(stage.village))
    yield "lanjut"
    page.kept._look()
    resume.leave(stage.village, id_)
    page.kept.show_left(None)


def lists(stage: Stage) -> Iterator[str]:
    """Searches, lists from outside, what was found by a check, bars instead of figures."""
    page = stage.page("prelist", "cari")
    page.words.setText("gunawan 001")
    yield "cari"
    page.words.setText("tidak ada orang begini")
    yield "tidak-ada"
    page.words.setText("")
    said, listed = load_lists(stage)
    for name, path in (("pemadanan", said), ("cek_status", listed)):
        page = stage.page(name)
        page.load(path)
        yield f"muat-{name}"
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and dialog.agree.isEnabled():  # type: ignore[attr-defined]
            dialog.agree.click()  # type: ignore[attr-defined]
            grab.settle(stage.window)
        stage.clear()
        stage.page(name)
        yield name
    stage.page("cek_status", "an")
    yield "cek-status-jawab"
    stage.page("periksa_data").check()
    page = stage.window.pages["periksa_data"]
    typist.until(lambda: page._task is None)
    yield "periksa-data"
    page = stage.page("laporan")
    for at in range(page.kind.count()):
        page.kind.setCurrentIndex(at)
        yield f"laporan-{at}"
    page.chart.setChecked(True)
    yield "laporan-grafik"
    page.chart.setChecked(False)
    page.kind.setCurrentIndex(0)
    stage.page("usulan").show_criteria()
    yield "kriteria"


def counter(stage: Stage) -> Iterator[str]:
    """A proposal: the one that came back, its form from the first to the last section."""
    line = next(one for one in proposals.lines(stage.village) if one.answer)
    page = stage.page("usulan_isi", line.id)
    yield "kembali"
    for number in range(len(page.form.sections)):
        page.form.go_to_place(typist_place(number))
        yield f"bagian-{number}"


def typist_place(section: int, person: int = 0) -> Any:
    """A place of the form."""
    from siks_offline.ui.form_view import Place

    return Place(section, person)


def household(stage: Stage) -> Iterator[str]:
    """A visit with everything beside the questions: codes, notes, a photo, someone alike."""
    page = stage.visit(stage.drafts["biasa"])
    form = page.form
    form.go("sumber_airminum")
    page.keys.codes()
    yield "kode"
    page.back_to_form()
    form.go("alamat")
    yield "catatan-ada"
    page.panel.show_alike(f"{LONG} memakai NIK ini di rumah tangga SITI AMINAH. F11 membukanya.")
    yield "mirip"
    page.panel.show_alike("")
    form.apply(form.state.set("hasil_verivali", "1"))
    form.go("foto_rumah")
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.fill(0x3366AA)
    page.photos.attach("foto_rumah", image)
    yield "foto"
    stage.window.status.offer("Draf NUR HIDAYAH (RT 003) masuk Sampah.", partial(int, 0))
    yield "batalkan"
    stage.window.status._withdraw()
    for talk in (page.keys.help, page.aids.note, page.keys.go_to_number, page.keys.remove_entry):
        talk()
    form.go("anggota[1].nama")
    page.keys.remove_entry()
    page.print_papers()
    yield "cetak"
    stage.clear()
    stage.visit(households.find(stage.village, kerja="selesai")[4])
    yield "selesai"
    stage.visit(households.find(stage.village, kerja="dikembalikan")[0])
    yield "dikembalikan"
    page = stage.page("prelist")
    page.filter.setCurrentText("Perlu diperbaiki")
    grab.settle(stage.window)
    yield "prelist-dikembalikan"
    page.filter.setCurrentIndex(0)
    twice = households.find(stage.village, kerja="selesai")[3]
    _rival(stage.village, twice)
    stage.visit(twice)
    yield "isian-ganda"
    stage.page("serah_terima")
    yield "serah-isian-ganda"
    with stage.village.store.write() as session:
        meta.put(session, inventory.ASKED, "1")
    stage.window.spread(Changes(handover=True))
    grab.settle(stage.window)
    yield "serah-daftar-diminta"


def _rival(village: Village, household_id: str) -> None:
    """What a receipt says of a household of which the Dinsos has an isian from elsewhere too."""
    visit_id = "0197a3c2-0000-7000-8000-000000000001"
    told = receipt.Rival(
        household_id, village.period, visit_id, 1, "ab" * 32, "jumlah_keluarga sumber_airminum"
    )
    with village.store.write() as session:
        rivals.note(session, [told], "satu", 1)


# --- talks and dialogs ----------------------------------------------------------------------------


def talks(stage: Stage) -> Iterator[str]:
    """Short talks: a reason, a fault, the key card, a program that failed, work that takes long."""
    window = stage.window
    window._show_keys()
    told = (
        ("alasan", dialogs.ReasonTalk(window, "Status kawin di bawah 19 tahun: periksa ulang.")),
        ("samar", masking.WhyTalk(window)),
        ("galat", dialogs.faults_talk(window, StoreError("E_SECOND_COPY", folder="desa"))),
        ("kejadian", dialogs.bug_talk(window, "K-20261122-034200")),
        ("panjang", dialogs.Talk(window, LONG, f"{LONG}. " * 5, icon="confirm")),
    )
    for name, talk in told:
        if name in {"kejadian", "panjang"}:
            incidents.Incidents(window)._with_report(talk, "K-20261122-034200")
        talk.open()
        yield name
        stage.clear()
    incidents.Incidents(window).tell_crash()
    task = window.desk.task(lambda _village, _progress: None)  # type: ignore[union-attr]
    waiting = dialogs.Waiting(window, "Membaca prelist.xlsx ...", task)
    waiting.progress(3120, 8400)
    waiting.open()
    yield "menunggu"
    waiting._ended()


def changes(stage: Stage) -> Iterator[str]:
    """Ctrl+T, with each thing that may happen, and the choice of another household."""
    page = stage.page("prelist")
    page.table.selectRow(page.model.row_of(households.find(stage.village, kerja="selesai")[5]))
    page.change_household()
    grab.settle(stage.window)
    dialog: Any = QApplication.activeModalWidget()
    for at in range(dialog.kinds.count()):
        dialog.kinds.setCurrentRow(at)
        yield str(at)
    dialog.kinds.setCurrentRow(0)
    dialog.choose_target()
    yield "tujuan"
    QTest.keyClicks(QApplication.activeModalWidget().words, "an")  # type: ignore[union-attr]
    typist.until(lambda: QApplication.activeModalWidget().hits.count() > 0)  # type: ignore[union-attr]
    yield "tujuan-cari"


def meeting(stage: Stage) -> Iterator[str]:
    """What the musyawarah opens: a sitting with its three leaves, officers, papers, its end."""
    page = stage.page("musyawarah")
    yield "agenda"
    for known in ("", page.meeting.sittings[0].id):
        page.acts.edit_sitting(known)
        grab.settle(stage.window)
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        [leaves] = dialog.findChildren(QTabWidget)
        for at in range(leaves.count()):
            leaves.setCurrentIndex(at)
            yield f"sidang-{'lama' if known else 'baru'}-{at}"
        stage.clear()
    page.acts.assign()
    yield "petugas"
    stage.clear()
    page.acts.print_()
    yield "surat"
    stage.clear()
    page.acts.decide_rest()
    page.acts.begin_close()


def imports(stage: Stage) -> Iterator[str]:
    """Previews of a prelist, a workbook that is none, one that is in use."""
    stage.page("prelist").import_file(stage.files / "lain.xlsx")
    yield "prelist"
    stage.clear()
    page = stage.page("instrumen")
    page.choose(paths.resources() / "instrumen" / "dtks-2020.xlsx")
    yield "instrumen-sama"
    stage.clear()
    page.choose(stage.files / "lain.xlsx")
    yield "instrumen-salah"
    stage.clear()
    stage.page("pengaturan").open_period()
    yield "periode"


def second(stage: Stage) -> Iterator[str]:
    """The supervisor's page, a second keying and the question which of two is right."""
    page = stage.page("pengawasan")
    yield "halaman"
    done = households.find(stage.village, kerja="selesai")[4]
    paper = second_keying.paper(stage.village, done)
    due = second_keying.Due(done, paper.sha256, "acak", "rekan")
    keying_dialog.KeyingDialog(page.desk, due, "SITI AMINAH, RT 001, RW 001", page).open()
    yield "ketik-ulang"
    stage.clear()
    one = Difference(paper.paths[0], "3509122207730001", "3509122207730011", None)
    keying_dialog.RightTalk(stage.window, paper, one).open()
    yield "mana"


def trail(stage: Stage) -> Iterator[str]:
    """The history of one household, what lies in the bin, a log with lines."""
    done = households.find(stage.village, kerja="selesai")[0]
    assert history.of_household(stage.village, done)
    stage.page("riwayat", done)
    yield "rumah-tangga"
    stage.page("sampah")
    yield "sampah"
    page = stage.page("log")
    full = "siks_offline.desa.backup: folder cadangan penuh"
    page._show([("2026-11-22 03:42:00", "WARNING", full)] * 3)
    yield "log"


# --- ceremonies -----------------------------------------------------------------------------------


def ceremonies(stage: Stage) -> Iterator[str]:
    """Each ceremony of files, keys and accounts, up to where something of outside is wanted."""
    page = stage.page("serah_terima")
    page.begin_export()
    grab.settle(stage.window)
    dialog: Any = QApplication.activeModalWidget()
    yield "ekspor-1"
    for name in ("semua", "paspor"):
        if isinstance(dialog._lines.get(name), QCheckBox):
            dialog._lines[name].setChecked(True)
    dialog.go_on()
    grab.settle(stage.window)
    if "folder" in dialog._lines:
        dialog.choose("folder", str(stage.files))
        yield "ekspor-2"
        dialog.go_on()
        yield "ekspor-3"
    stage.clear()
    begins: list[tuple[str, Callable[[], object]]] = [
        ("usb", page._look_at_stick),
        ("suara", page._hear),
        *((one, partial(page.begin_keys, one)) for one in KEY_CEREMONIES),
    ]
    people = stage.page("akun")
    for name in ("AddAccount", "ChangePassphrase", "Recovery"):
        kind = getattr(account_ceremonies, name)
        begins.append((name, partial(ceremony_dialog.hold, people, kind)))
    again = partial(account_ceremonies.ResetAccount, name="sri_wahyuni")
    begins.append(("ResetAccount", partial(ceremony_dialog.hold, people, again)))
    for name, begin in begins:
        begin()
        yield name
        stage.clear()
    ceremony_dialog.hold(stage.page("beranda"), first_run.Settling)
    grab.settle(stage.window)
    for _ in range(len(first_run.Settling.STEPS)):
        dialog = QApplication.activeModalWidget()
        if dialog is None or dialog.ceremony.ended:
            break
        yield f"siapkan-{dialog.ceremony.step.name}"
        dialog.go_on()
        grab.settle(stage.window)


SCENES: dict[str, Scene] = {
    "beranda": first_page,
    "daftar": lists,
    "loket": counter,
    "kunjungan_lain": household,
    "bincang": talks,
    "perubahan": changes,
    "musyawarah_lain": meeting,
    "impor": imports,
    "ulang": second,
    "jejak": trail,
    "upacara": ceremonies,
}
"""Every scene of the signed-in window by name."""
