"""A photo is attached by keys, by a dropped and by a pasted file, and shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from siks_offline.desa import photos
from siks_offline.ui import dialogs
from siks_offline.ui.photo_editor import PICTURE, PhotoEditor
from tests.ui.conftest import Key, Operator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUESTION = "foto_rumah"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture as a telephone would leave it on a stick."""
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.fill(0x3366AA)
    path = tmp_path / "rumah.jpg"
    assert image.save(str(path))
    return path


@pytest.fixture
def visit(desk: Operator) -> Operator:
    """A person with the caret in a photo question."""
    desk.open_household(4)
    desk.form.apply(desk.form.state.set("hasil_verivali", "1"))
    assert desk.form.go(QUESTION)
    return desk


def line(person: Operator) -> PhotoEditor:
    editor = person.form.front.rows[QUESTION].editor
    assert isinstance(editor, PhotoEditor)
    return editor


def answer(person: Operator) -> str:
    return person.form.state.value(QUESTION)


def attached(person: Operator) -> None:
    """Wait until the photo is the answer and its picture is drawn."""
    person.until(lambda: answer(person) and not line(person).picture.pixmap().isNull())


def test_space_chooses_a_photo_and_enter_goes_on(
    visit: Operator, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Space attaches what is chosen and shows it small; Enter goes to the next line."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(photo), ""))
    visit.press(Qt.Key.Key_Space)
    attached(visit)
    assert answer(visit).endswith(".jpg")
    assert "JPG" in line(visit).text()
    picture = line(visit).picture.pixmap()
    assert picture.width() <= PICTURE.width()
    assert line(visit).remove.isVisible()
    assert visit.window.desk is not None
    assert photos.content(visit.window.desk.village, answer(visit))
    visit.press(Key.Enter)
    assert visit.here not in ("", QUESTION)


def test_a_cancelled_choice_changes_nothing(
    visit: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a file nothing happens; Tab goes on."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    visit.press(Qt.Key.Key_Space)
    assert answer(visit) == ""
    visit.press(Key.Tab)
    assert visit.here != QUESTION


def test_a_dropped_file_is_attached(visit: Operator, photo: Path) -> None:
    """Drag and drop does what Space does."""
    brought = QMimeData()
    brought.setUrls([QUrl.fromLocalFile(str(photo))])
    line(visit).dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            brought,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    attached(visit)
    assert answer(visit).endswith(".jpg")


@pytest.fixture
def copied(photo: Path) -> Iterator[None]:
    """A file on the clipboard, which may not outlive Python: it holds an object of Python's."""
    brought = QMimeData()
    brought.setUrls([QUrl.fromLocalFile(str(photo))])
    QGuiApplication.clipboard().setMimeData(brought)
    yield
    QGuiApplication.clipboard().clear()


@pytest.mark.usefixtures("copied")
def test_a_pasted_file_is_attached_and_taken_away(
    visit: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+V brings the copied file; Del asks and takes the photo out of the answers."""
    visit.press(Qt.Key.Key_V, Key.Control)
    attached(visit)
    monkeypatch.setattr(dialogs, "ask", lambda *_: True)
    visit.press(Qt.Key.Key_Delete)
    assert answer(visit) == ""
    assert not line(visit).remove.isVisible()


def test_a_pasted_picture_is_attached(visit: Operator) -> None:
    """Ctrl+V brings a picture that another program copied, without a file."""
    image = QImage(320, 200, QImage.Format.Format_RGB32)
    image.fill(0x996633)
    QGuiApplication.clipboard().setImage(image)
    visit.press(Qt.Key.Key_V, Key.Control)
    attached(visit)
    QGuiApplication.clipboard().clear()
    assert answer(visit).endswith(".png")


def test_what_is_no_photo_is_refused_calmly(
    visit: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of another kind is refused in words with its code; the answer stays empty."""
    other = tmp_path / "surat.jpg"
    other.write_bytes(b"bukan foto")
    said: list[str] = []
    monkeypatch.setattr(dialogs, "say", lambda _parent, error: said.append(error.code))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(other), ""))
    visit.press(Qt.Key.Key_Space)
    visit.until(lambda: said)
    assert said == ["E_PHOTO_KIND"]
    assert answer(visit) == ""


def test_a_photo_stays_when_the_household_is_opened_again(
    visit: Operator, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The photo is part of the draft; its picture comes back from the village's own file."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(photo), ""))
    visit.press(Qt.Key.Key_Space)
    attached(visit)
    name = answer(visit)
    photo.unlink()
    visit.window.show_page("prelist")
    visit.open_household(4)
    visit.form.go(QUESTION)
    attached(visit)
    assert answer(visit) == name
