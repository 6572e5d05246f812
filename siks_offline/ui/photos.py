"""Brings photos into an open visit and their pictures out, on the thread of the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QSize, Qt, Signal

from siks_offline.instrument import promoted
from siks_offline.texts import text
from siks_offline.ui import dialogs
from siks_offline.ui.photo_editor import PICTURE, PhotoEditor

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

    from siks_offline.desa.village import Village
    from siks_offline.export.picture import Place
    from siks_offline.progress import Progress
    from siks_offline.ui.form_view import FormView
    from siks_offline.ui.page import Desk
    from siks_offline.ui.question_row import Answer

MOST_SIDE = 1_600
"""Pixels of a kept photo's longer side: a KTP that fills it is read with ease."""
MOST_BYTES = 600 << 10
"""A photo of this size that needs no turning is kept as it came."""
QUALITY = 82
POINT = "geopoint"
DOCUMENTS = frozenset({"F-KTP", "F-KK"})
"""Kinds of photos that may be taken anywhere: where that was says nothing of the house."""
LARGEST_SIDE = 20_000
"""Pixels; a picture that claims more is not drawn."""


class Attached(NamedTuple):
    """A photo that is kept now, for the question of a path of a household."""

    household_id: str
    path: str
    answer: str
    place: Place | None
    """Where it was taken, if that tells of the house."""


class Drawn(NamedTuple):
    """The small picture of an answer; None when it is not here or cannot be drawn."""

    answer: str
    image: QImage | None


def draw(content: bytes, largest: QSize) -> QImage | None:
    """Read a picture no larger than wanted; None for what is none."""
    from PySide6.QtCore import QBuffer, QByteArray
    from PySide6.QtGui import QImageReader

    held = QByteArray(content)
    source = QBuffer(held)
    reader = QImageReader(source)
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > LARGEST_SIDE:
        return None
    reader.setScaledSize(size.scaled(largest, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else image


def png(image: QImage) -> bytes:
    """Return a picture of the clipboard as a file's bytes."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QImageWriter

    held = QByteArray()
    target = QBuffer(held)
    target.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(target, QByteArray(b"PNG")).write(image)
    return bytes(held.data())


def lightened(content: bytes) -> bytes:
    """Return a photo upright and no larger than MOST_SIDE; what cannot be read comes back as is."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QColor, QImage, QImageIOHandler, QImageReader, QImageWriter, QPainter

    held = QByteArray(content)
    source = QBuffer(held)
    reader = QImageReader(source)
    reader.setAutoTransform(True)
    size = reader.size()
    longest = max(size.width(), size.height())
    if not size.isValid() or longest > LARGEST_SIDE:
        return content
    turned = reader.transformation() != QImageIOHandler.Transformation.TransformationNone
    if longest <= MOST_SIDE and len(content) <= MOST_BYTES and not turned:
        return content
    if longest > MOST_SIDE:
        most = QSize(MOST_SIDE, MOST_SIDE)
        reader.setScaledSize(size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        return content
    paper = QImage(image.size(), QImage.Format.Format_RGB32)
    paper.fill(QColor("white"))
    painter = QPainter(paper)
    painter.drawImage(0, 0, image)
    painter.end()
    light = QByteArray()
    target = QBuffer(light)
    target.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(target, QByteArray(b"JPEG"))
    writer.setQuality(QUALITY)
    writer.write(paper)
    return bytes(light.data())


class Photos(QObject):
    """The photos of a page: asks for files, keeps them, gives their pictures to the lines."""

    said = Signal(str)
    """A sentence for the status line."""

    def __init__(self, desk: Desk, page: QWidget) -> None:
        super().__init__(page)
        self._desk = desk
        self._form: FormView
        self._household_id = ""
        self._editors: list[PhotoEditor] = []
        self._pictures: dict[str, QImage | None] = {}

    def serve(self, form: FormView) -> None:
        """Listen to a form that has no screen yet."""
        self._editors.clear()
        form.made.connect(self.adopt)

    def begin(self, form: FormView, household_id: str) -> None:
        """Belong to the visit of a household that the form shows from now on."""
        self._form, self._household_id = form, household_id
        self._pictures.clear()

    def adopt(self, answer: Answer) -> None:
        """Serve a line of the form, if it is one for a photo."""
        editor = answer.editor
        if not isinstance(editor, PhotoEditor):
            return
        self._editors.append(editor)
        editor.asked.connect(self._ask)
        editor.offered.connect(self._offered)
        editor.removed.connect(self._remove)
        editor.answered.connect(self._picture)

    def attach(self, path: str, photo: Path | QImage) -> None:
        """Keep a file, or a picture of the clipboard, as the photo of a question."""
        household_id, now = self._household_id, self._desk.now()
        question, form = path.rpartition(".")[2], self._form.state.instrument

        def work(village: Village, _progress: Progress) -> Attached:
            from siks_offline.desa import photos
            from siks_offline.export import picture

            content = photos.read(photo) if isinstance(photo, Path) else png(photo)
            name = photo.name if isinstance(photo, Path) else ""
            light = lightened(content)
            kept = photos.attach(
                village, household_id, question, light, now, instrument=form, name=name
            )
            asked = form.questions.get(question)
            tells = asked is not None and asked.kind not in DOCUMENTS
            return Attached(household_id, path, kept, picture.place(content) if tells else None)

        task = self._desk.task(work)
        task.finished.connect(self._attached)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def _here(self) -> str:
        """Path of the line that asks; a click into its buttons brings the caret first."""
        sender = self.sender()
        if isinstance(sender, PhotoEditor) and not sender.hasFocus():
            sender.setFocus()
        return self._form.current.path if self._form.current is not None else ""

    def _ask(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        path = self._here()
        name, _ = QFileDialog.getOpenFileName(
            self._form, text("ui.foto.pilih_berkas"), "", text("ui.foto.jenis_berkas")
        )
        if name and path:
            self.attach(path, Path(name))

    def _offered(self, photo: Path | QImage | None) -> None:
        path = self._here()
        if photo is None:
            dialogs.tell(
                self._form, text("ui.foto.bukan_berkas"), text("ui.foto.bantuan"), icon="note"
            )
        elif path:
            self.attach(path, photo)

    def _remove(self) -> None:
        path = self._here()
        if path and dialogs.ask(
            self._form,
            text("ui.foto.hapus_tanya"),
            text("ui.foto.hapus_akibat"),
            text("ui.foto.hapus_ya"),
        ):
            self._answer(path, "")

    def _attached(self, done: Attached) -> None:
        if done.household_id != self._household_id:
            return  # it was left meanwhile
        self._answer(done.path, done.answer)
        if done.place is not None:
            self._keep_place(done.place)

    def _keep_place(self, place: Place) -> None:
        """Answer where the house is, if that is asked and nobody answered it yet."""
        state = self._form.state
        known = state.instrument.questions
        answers = {promoted.LATITUDE: place.latitude, promoted.LONGITUDE: place.longitude}
        if not all(name in known for name in answers):
            point = next((q.name for q in state.instrument.questions_of() if q.type == POINT), "")
            answers = {point: f"{place.latitude} {place.longitude}"} if point else {}
        if any(state.instrument.owner[n] or state.value(n) for n in answers) or not answers:
            return
        if not all(state.relevant(name) and not state.read_only(name) for name in answers):
            return
        for name, answer in answers.items():
            self._answer(name, answer)
        self.said.emit(text("ui.foto.koordinat", lintang=place.latitude, bujur=place.longitude))

    def _answer(self, path: str, answer: str) -> None:
        from siks_offline.errors import AnswersError

        try:
            effects = self._form.state.set(path, answer)
        except AnswersError as error:  # a member that is gone meanwhile
            dialogs.say(self._form, error)
            return
        self._form.apply(effects)

    def _failed(self, error: Exception) -> None:
        dialogs.say(self._form, error)

    def _picture(self, answer: str) -> None:
        if answer in self._pictures:
            self._drawn(Drawn(answer, self._pictures[answer]))
            return

        def work(village: Village, _progress: Progress) -> Drawn:
            from siks_offline.desa import photos

            content = photos.content(village, answer)
            return Drawn(answer, draw(content, PICTURE) if content else None)

        task = self._desk.task(work)
        task.finished.connect(self._drawn)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def _drawn(self, drawn: Drawn) -> None:
        self._pictures[drawn.answer] = drawn.image
        for editor in self._editors:
            editor.show_picture(*drawn)
