"""Files that come to the window are offered first, never taken unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from siks_offline.ui import dialogs, incoming
from siks_offline.ui.ceremony_dialog import CeremonyDialog
from siks_offline.ui.sent_households import FILTERS
from tests.ui import worlds
from tests.ui.conftest import HOUSEHOLD, Key
from tests.ui.screen_checks import cut, nameless

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.ui.conftest import Operator


def dropped(path: Path) -> tuple[QDropEvent, QMimeData]:
    """A file let go over the page."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    return event, data


def shown(desk: Operator, page: Any) -> Any:
    """The wizard that is open over a page, once its first step is drawn."""
    desk.until(
        lambda: any(d.isVisible() and d.stack.count() for d in page.findChildren(CeremonyDialog))
    )
    return next(d for d in page.findChildren(CeremonyDialog) if d.isVisible())


def test_a_dropped_file_that_is_none_of_ours_says_so(
    desk: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anything let go over the window is looked at first; what it is not is said by name."""
    file = tmp_path / "jawaban.siks"
    file.write_bytes(b"bukan bundel")
    said: list[Any] = []
    monkeypatch.setattr(dialogs, "say", lambda _parent, error: said.append(error))
    event, _held = dropped(file)
    desk.window.dropEvent(event)
    desk.until(lambda: said)
    assert said[0].code == "E_NOT_BUNDLE"


def test_a_dropped_workbook_opens_the_preview_of_prelists(desk: Operator, tmp_path: Path) -> None:
    """An .xlsx goes to the same preview as one that was chosen by hand."""
    from siks_offline.latihan import people
    from siks_offline.latihan.world import TODAY, practice_bps
    from siks_offline.ui.import_dialog import ImportDialog

    assert desk.window.desk is not None
    kode = desk.window.desk.village.kode_desa
    book = tmp_path / "prelist.xlsx"
    people.write_prelist(book, [people.household(1, 7, kode, TODAY, practice_bps(kode))])
    event, _held = dropped(book)
    desk.window.dropEvent(event)
    assert desk.window.current is not None
    page = desk.window.current
    desk.until(lambda: page.findChildren(ImportDialog))
    [preview] = page.findChildren(ImportDialog)
    desk.until(preview.counts.isVisible)
    preview.reject()


def test_other_files_are_not_taken(tmp_path: Path) -> None:
    """A picture or a document let go over the window is no file of ours."""
    for name in ("foto.jpg", "surat.pdf", "berkas"):
        event, _held = dropped(tmp_path / name)
        assert incoming.dropped(event) is None
    for name in ("a.siks", "B.SIKSBALAS", "c.siksundang", "d.xlsx"):
        event, _held = dropped(tmp_path / name)
        assert incoming.dropped(event) == tmp_path / name


def test_an_invitation_dropped_before_sign_in_begins_a_pairing(
    operator: Operator, tmp_path: Path
) -> None:
    """The wizard of joining opens with the invitation read; another file waits for sign-in."""
    from siks_offline.dinsos import office as offices
    from siks_offline.dinsos import pairing
    from siks_offline.ui.pairing_dialog import PairingDialog

    file = tmp_path / "u.siksundang"
    made, _ = offices.create(tmp_path / "dinsos", "3509", "latihan", worlds.NOW, practice=True)
    with made:
        pairing.invite(made, "3509122005", file, worlds.NOW)
    event, _held = dropped(file)
    operator.window.dropEvent(event)
    [dialog] = operator.window.findChildren(PairingDialog)
    assert "3509122005" in dialog.invited.text()
    dialog.close()


def test_a_file_given_at_the_start_is_looked_at_after_sign_in(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A double-clicked .siks waits for the passphrase, then is judged, never imported."""
    said: list[Any] = []
    monkeypatch.setattr(dialogs, "say", lambda _parent, error: said.append(error))
    file = tmp_path / "jawaban.siks"
    file.write_bytes(b"bukan bundel")
    operator.window.open_file(file)
    operator.sign_in()
    assert operator.window.current is operator.window.pages["serah_terima"]
    operator.until(lambda: said)
    assert said[0].code == "E_NOT_BUNDLE"


def test_ceremonies_are_reached_and_left_by_keys(desk: Operator) -> None:
    """Tab comes to every button, the menu of keys opens each ceremony, Esc leaves it untouched."""
    page: Any = desk.window.pages["serah_terima"]
    desk.window.show_page("serah_terima")
    desk.until(page.due.text)
    page.export.setEnabled(True)
    page.export.setFocus()
    seen = []
    for _ in range(12):
        seen.append(desk.focus())
        desk.press(Key.Tab)
    for button in (page.export, page.accept, page.keys, page.households.table):
        assert button in seen
    for name in ("pasang_ulang", "hilang", "akar"):
        page.begin_keys(name)
        dialog = shown(desk, page)
        assert nameless(dialog) == [], name
        assert cut(dialog) == [], name
        QTest.keyClick(dialog, Key.Escape)
        assert not dialog.isVisible()
        desk.until(lambda: not page.findChildren(CeremonyDialog))


def test_what_is_wrong_stands_below_the_step(desk: Operator) -> None:
    """A village without a Dinsos can renew nothing: the step says so and stays."""
    page: Any = desk.window.pages["serah_terima"]
    desk.window.show_page("serah_terima")
    page.begin_keys("perbarui")
    dialog = shown(desk, page)
    QTest.keyClick(dialog, Key.Enter)
    desk.until(dialog.note.isVisible)
    assert "E_NOT_PAIRED" in dialog.note.text()
    assert dialog.ceremony.number == 1
    QTest.keyClick(dialog, Key.Escape)


def given_back(person: Operator, number: int, kirim: str, comment: str, path: str = "") -> None:
    """Leave a household behind as an answer of the Dinsos would."""
    from siks_offline.db import households

    assert person.window.desk is not None
    states = households.States(
        kerja="dikembalikan" if kirim == "ditolak" else "selesai",
        kirim=kirim,  # type: ignore[arg-type]
        komentar=comment,
        komentar_jalur=path,
    )
    with person.window.desk.village.store.write() as session:
        households.set_states(session, {HOUSEHOLD.format(number): states})


def test_every_household_is_listed_and_enter_opens_the_question(desk: Operator) -> None:
    """All stand there with their state, given back and held first; Enter leads to the question."""
    page: Any = desk.window.pages["serah_terima"]
    given_back(desk, 4, "ditahan", "Menunggu pemeriksaan")
    given_back(desk, 7, "ditolak", "Nama kepala rumah tangga salah tulis", "nama_krt")
    desk.window.show_page("serah_terima")
    listed = page.households
    desk.until(lambda: listed.model.rowCount() == 60)
    titles = [column.order for column in listed.model.columns]

    def cell(row: int, name: str) -> str:
        return str(listed.model.index(row, titles.index(name)).data() or "")

    desk.until(lambda: cell(0, "kirim"))
    assert (cell(0, "kirim"), cell(1, "kirim"), cell(2, "kirim")) == ("Ditolak", "Ditahan", "Belum")
    assert cell(0, "komentar") == "Nama kepala rumah tangga salah tulis"
    assert cell(1, "komentar") == "Menunggu pemeriksaan"
    assert "2" in page.tabs.tabText(0)
    listed.filter.setCurrentIndex(FILTERS.index("ditahan"))
    desk.until(lambda: listed.model.rowCount() == 1)
    listed.filter.setCurrentIndex(FILTERS.index("kembali"))
    desk.until(lambda: listed.model.rowCount() == 2)
    listed.table.selectRow(0)
    listed.table.setFocus()
    desk.press(Key.Enter)
    desk.until(lambda: desk.visit.visit is not None and desk.here == "nama_krt")
    assert desk.visit.visit is not None
    assert desk.visit.visit.line.id == HOUSEHOLD.format(7)
    assert "salah tulis" in desk.visit.office.text()
