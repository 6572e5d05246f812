"""Files that come to the window are offered first, never taken unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from siks_offline.ui import dialogs
from tests.ui.conftest import HOUSEHOLD, Key

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


def test_a_dropped_file_is_asked_about(
    desk: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dropping a .siks asks; No leaves everything as it was; Yes checks it and says why not."""
    page: Any = desk.window.pages["serah_terima"]
    desk.window.show_page("serah_terima")
    file = tmp_path / "jawaban.siks"
    file.write_bytes(b"bukan bundel")
    asked: list[tuple[str, ...]] = []
    said: list[Any] = []
    monkeypatch.setattr(dialogs, "ask", lambda _parent, *words: asked.append(words))
    monkeypatch.setattr(dialogs, "say", lambda _parent, error: said.append(error))
    event, _held = dropped(file)
    page.dropEvent(event)
    assert "jawaban.siks" in asked[0][0]
    assert said == []
    monkeypatch.setattr(dialogs, "ask", lambda *_: True)
    page.dropEvent(event)
    desk.until(lambda: said)
    assert said[0].code == "E_NOT_PAIRED"


def test_other_files_are_not_taken(desk: Operator, tmp_path: Path) -> None:
    """A picture or a document let go over the page is no bundle and nothing is asked."""
    page: Any = desk.window.pages["serah_terima"]
    event, _held = dropped(tmp_path / "foto.jpg")
    assert page._dropped(event) is None


def test_a_file_given_at_the_start_is_offered_after_sign_in(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A double-clicked .siks waits for the passphrase, then is asked about, never imported."""
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(dialogs, "ask", lambda _parent, *words: asked.append(words))
    operator.window.open_file(tmp_path / "jawaban.siks")
    operator.sign_in()
    assert operator.window.current is operator.window.pages["serah_terima"]
    assert len(asked) == 1


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


def test_what_came_back_is_listed_and_enter_opens_the_question(desk: Operator) -> None:
    """Given back comes before held, each with the comment; Enter leads to the very question."""
    page: Any = desk.window.pages["serah_terima"]
    desk.window.show_page("serah_terima")
    desk.until(page.due.text)
    assert not page.returned.isVisible()
    given_back(desk, 4, "ditahan", "Menunggu pemeriksaan")
    given_back(desk, 7, "ditolak", "Nama kepala rumah tangga salah tulis", "nama_krt")
    desk.window.show_page("beranda")
    desk.window.show_page("serah_terima")
    desk.until(lambda: page.returned.rowCount() == 2)
    assert page.returned.isVisible()
    assert page.returned.item(0, 3).text() == "Nama kepala rumah tangga salah tulis"
    assert page.returned.item(1, 3).text() == "Menunggu pemeriksaan"
    page.returned.setFocus()
    desk.press(Key.Enter)
    desk.until(lambda: desk.visit.visit is not None and desk.here == "nama_krt")
    assert desk.visit.visit is not None
    assert desk.visit.visit.line.id == HOUSEHOLD.format(7)
    assert "salah tulis" in desk.visit.office.text()
