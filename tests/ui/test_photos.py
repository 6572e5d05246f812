"""A photo is attached by keys, by a dropped and by a pasted file, and shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import QFileDialog

from siks_offline.desa import photos
from siks_offline.export import picture
from siks_offline.ui import dialogs
from siks_offline.ui.photo_editor import PICTURE, PhotoEditor
from siks_offline.ui.photos import MOST_SIDE
from tests.export.test_picture import exif, segment
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


def telephone(width: int, height: int, turned: int) -> bytes:
    """A photo as a telephone takes it: large, lying on its side, with the place of the house."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    painter.fillRect(
        0, 0, width // 4, height // 4, QColor(0xCC, 0, 0)
    )  # which corner is the upper left
    painter.end()
    held = QBuffer()
    held.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(held, "JPG")  # type: ignore[call-overload]
    content = bytes(held.data().data())
    return (
        content[:2]
        + segment(0xE1, b"Exif\0\0" + exif(-8.1689, 113.702, turned=turned))
        + content[2:]
    )


def test_a_large_photo_is_kept_small_upright_and_without_its_place(
    visit: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Downscaled, turned, stripped; where the house is becomes the answer that it is."""
    file = tmp_path / "IMG_2071.jpg"
    file.write_bytes(telephone(2400, 1200, turned=6))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    visit.press(Qt.Key.Key_Space)
    attached(visit)
    assert visit.window.desk is not None
    content = photos.content(visit.window.desk.village, answer(visit))
    assert content is not None
    assert picture.place(content) is None
    assert b"HP X" not in content
    kept = QImage.fromData(content)
    assert (kept.width(), kept.height()) == (MOST_SIDE // 2, MOST_SIDE)
    assert kept.pixelColor(kept.width() - 20, 20).red() > 180  # turned to the right
    assert kept.pixelColor(kept.width() - 20, 20).green() < 80
    assert kept.pixelColor(20, 20).green() > 200
    state = visit.form.state
    assert (state.value("lat"), state.value("long")) == ("-8.1689", "113.702")


def test_a_place_that_was_answered_is_left_alone(
    visit: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person typed stands; and where a KTP was photographed says nothing of the house."""
    file = tmp_path / "foto.jpg"
    file.write_bytes(telephone(64, 48, turned=1))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    state = visit.form.state
    visit.form.go("foto_ktp")
    visit.press(Qt.Key.Key_Space)
    visit.until(lambda: state.value("foto_ktp"))
    assert (state.value("lat"), state.value("long")) == ("", "")
    visit.form.apply(state.set("long", "113.5"))
    visit.form.go(QUESTION)
    visit.press(Qt.Key.Key_Space)
    attached(visit)
    assert (state.value("lat"), state.value("long")) == ("", "113.5")


def test_the_nine_kinds_of_photos_each_have_their_line(visit: Operator) -> None:
    """F-RUMAH to F-JAMBAN (FIELD.md): each is asked once and takes a file by key, drop and paste."""
    rows = visit.form.front.rows.values()
    lines = [row for row in rows if isinstance(row.editor, PhotoEditor)]
    kinds = "RUMAH KRT KTP KK LANTAI DINDING ATAP DAPUR JAMBAN"
    assert [row.row.question.kind for row in lines] == [f"F-{one}" for one in kinds.split()]
    assert all(row.editor.acceptDrops() and row.editor.accessibleName() for row in lines)
