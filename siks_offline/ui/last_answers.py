"""What the last period's visit answered, beside this one's; carried over only when wished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from siks_offline.instrument import fields
from siks_offline.texts import text
from siks_offline.ui import dialogs

if TYPE_CHECKING:
    from siks_offline.desa.periods import Last
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes
    from siks_offline.progress import Progress
    from siks_offline.ui.visit_page import VisitPage

KEYS = "Ctrl+J"


class LastAnswers(QObject):
    """Serves one visit page: a line under the help of each question, and one key for all."""

    def __init__(self, page: VisitPage) -> None:
        super().__init__(page)
        self._page = page
        self.found: Last | None = None
        action = QAction(page)
        action.setShortcut(QKeySequence(KEYS))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(self.carry_over)
        page.addAction(action)

    def read(self) -> None:
        """Ask what the last period's visit of the open household answered."""
        self.found = None
        visit = self._page.visit
        if visit is None:
            return
        id_ = visit.line.id

        def work(village: Village, _progress: Progress) -> tuple[str, Last | None]:
            from siks_offline.desa import periods

            return id_, periods.last(village, id_)

        task = self._page.desk.task(work)
        task.finished.connect(self._read)
        task.failed.connect(self._failed)
        self._page.desk.start(task)

    def show(self, path: str) -> None:
        """Show what this question was answered with last time, under its help."""
        visit, last = self._page.visit, self.found
        answer = last.answers.get(path, "") if last is not None else ""
        if visit is None or last is None or not answer:
            self._page.panel.show_last("")
            return
        name = path.rpartition(".")[2]
        instrument = visit.state.instrument
        question = instrument.questions.get(name)
        words = fields.show(question, answer, instrument.options(name)) if question else answer
        key = "ui.kunjungan.periode_lalu" if visit.revision else "ui.kunjungan.periode_lalu_salin"
        self._page.panel.show_last(text(key, periode=last.period, jawaban=words))

    def carry_over(self) -> None:
        """Take all answers of the last period into a draft of this one, after asking."""
        visit, last = self._page.visit, self.found
        if visit is None or last is None:
            self._page.said.emit(text("ui.kunjungan.tanpa_periode_lalu"))
            return
        if not dialogs.ask(
            self._page,
            text("ui.kunjungan.salin_tanya", periode=last.period),
            text("ui.kunjungan.salin_akibat", jumlah=len(last.answers), lagi=len(last.again)),
            text("ui.kunjungan.salin_ya"),
        ):
            return
        id_, now = visit.line.id, self._page.desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import periods

            return periods.carry_over(village, id_, now)

        task = self._page.desk.task(work)
        task.finished.connect(self._carried)
        task.failed.connect(self._failed)
        self._page.desk.start(task)

    def _read(self, answer: tuple[str, Last | None]) -> None:
        id_, found = answer
        page = self._page
        if page.visit is None or page.visit.line.id != id_:
            return
        self.found = found
        if page.form is not None and page.form.current is not None:
            self.show(page.form.current.path)

    def _carried(self, changes: Changes) -> None:
        page = self._page
        page.changed.emit(changes)
        if page.visit is not None:
            page.open(page.visit.line.id)

    def _failed(self, error: Exception) -> None:
        dialogs.say(self._page, error)
