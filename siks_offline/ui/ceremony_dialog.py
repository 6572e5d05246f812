"""Any ceremony as a wizard: its steps are drawn from what it says of itself, and done by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QListWidgetItem,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from siks_offline.model import Changes
from siks_offline.texts import has, text
from siks_offline.ui import dialogs, icons, theme
from siks_offline.ui.choices import Lines
from siks_offline.ui.plain import PlainLabel, button, literal
from siks_offline.ui.strength import Strength
from siks_offline.ui.wizard import Wizard, broken, entry_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.desa.ceremony import Ceremony, Field, Row
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk, Page
    from siks_offline.ui.task import Task

ICONS: Final = {"done": "done", "confirm": "confirm", "fault": "fault", "note": "note"}
ROWS_SHOWN: Final = 6


class CeremonyDialog(Wizard):
    """Shows the step that a ceremony stands at; its work is done on the database thread."""

    changed = Signal(Changes)
    """What the ceremony touched, once, after its last step is reached."""

    def __init__(self, parent: QWidget, desk: Desk, make: Callable[[Village], Ceremony]) -> None:
        self.ceremony = make(desk.village)
        super().__init__(parent, text(f"ui.upacara.{self.ceremony.NAME}.judul"))
        self._desk = desk
        self._task: Task | None = None
        self._first: QWidget = self.next
        self._lines: dict[str, QWidget] = {}
        self.chosen: dict[str, str] = {}
        self.rows = Lines()
        self.bar = QProgressBar()
        self.heading.setText(text(f"ui.upacara.{self.ceremony.NAME}.judul"))
        self._run(lambda ceremony, _: ceremony.begin(desk.now()), self._begun)

    # --- the ways on, back and out ----------------------------------------------------------------

    def go_on(self) -> None:
        """Ask for what is missing, else let the ceremony do this step."""
        if self._task is not None:
            return
        ceremony = self.ceremony
        if ceremony.ended:
            self.accept()
            return
        self.note.hide()
        typed = self._typed()
        field = ceremony.missing(typed)
        if field is not None:
            self._ask_for(field)
            if self.chosen.get(field.name) and ceremony.missing(self._typed()) is None:
                self.next.setFocus()
            return
        now = self._desk.now()
        self._run(lambda one, progress: one.go_on(typed, now, progress), self._arrived)

    def go_back(self) -> None:
        """Show the step before."""
        if self._task is None and self.ceremony.may_go_back:
            self.ceremony.go_back()
            self._show()

    def reject(self) -> None:
        """Esc leaves the wizard; while work is done it asks the work to stop."""
        if self._task is not None:
            self._task.cancel()
        elif self.ceremony.ended:
            self.accept()
        else:
            super().reject()

    def choose(self, name: str, value: str) -> None:
        """Take the file or folder of a field."""
        self.chosen[name] = value
        shown = self._lines[name]
        assert isinstance(shown, PlainLabel)
        shown.setText(value)
        self.next.setFocus()

    # --- work -------------------------------------------------------------------------------------

    def _run(
        self, work: Callable[[Ceremony, Progress], None], then: Callable[[object], None]
    ) -> None:
        ceremony = self.ceremony
        self._task = self._desk.task(lambda _village, progress: work(ceremony, progress))
        self._task.finished.connect(then)
        self._task.failed.connect(self._failed)
        self._task.cancelled.connect(self._stopped)
        self._task.progressed.connect(self._progressed)
        self.busy(working=True, words="")
        self.cancel.setEnabled(True)
        self._desk.start(self._task)

    def _progressed(self, done: int, total: int) -> None:
        self.bar.setVisible(bool(total))
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def _begun(self, _: object) -> None:
        self._rest()
        self._show()

    def _arrived(self, _: object) -> None:
        self._rest()
        self._show()
        if self.ceremony.ended and self.ceremony.changes != Changes():
            self.changed.emit(self.ceremony.changes)

    def _stopped(self) -> None:
        self._rest()

    def _failed(self, error: Exception) -> None:
        started = bool(self._lines) or self.stack.count()
        self._rest()
        if not started:  # not even the first step could be told
            dialogs.say(self.parentWidget(), error)
            super().reject()
            return
        self._show(keep=True)
        self.refuse(error, self._first)

    def _rest(self) -> None:
        self._task = None
        self.bar.hide()
        self.busy(working=False, words=self._next_words())

    # --- drawing ----------------------------------------------------------------------------------

    def _key(self, of: str) -> str:
        return f"ui.upacara.{self.ceremony.NAME}.{self.ceremony.step.name}.{of}"

    def _next_words(self) -> str:
        if self.ceremony.ended:
            return text("ui.pasang.tutup")
        own = self._key("lanjut")
        return text(own) if has(own) else text("ui.pasang.lanjut")

    def _show(self, *, keep: bool = False) -> None:
        """Draw the step; with `keep` what was typed into it stays."""
        ceremony = self.ceremony
        typed = self._typed() if keep else {}
        self.show_count(ceremony.number, len(ceremony.STEPS))
        self.heading.setText(text(self._key("judul"), **ceremony.facts))
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.STEP // 2)
        column.addWidget(PlainLabel(text(self._key("isi"), **ceremony.facts), wrap=True))
        column.addSpacing(theme.STEP)
        self._lines, self._first = {}, self.next
        if not keep:
            self.chosen = {}
        for field in ceremony.step.fields:
            self._draw(field, column)
        if ceremony.step.shows:
            shown = PlainLabel(broken(str(ceremony.facts[ceremony.step.shows])), face="title")
            shown.setObjectName("officeNote")
            shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(shown)
        if ceremony.rows:
            self._draw_rows(ceremony.rows, column)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(text("ui.pasang.bekerja"))
        self.bar.setTextVisible(False)
        self.bar.hide()
        column.addWidget(self.bar)
        column.addStretch(1)
        for old in reversed(range(self.stack.count())):
            if (gone := self.stack.widget(old)) is not None:
                self.stack.removeWidget(gone)
                gone.deleteLater()
        self.stack.addWidget(page)
        self._fill(typed)
        self.note.hide()
        self.back.setVisible(ceremony.may_go_back)
        self.cancel.setVisible(not ceremony.ended)
        self.next.setText(self._next_words())
        self._first.setFocus()
        self.fit()

    def _draw(self, field: Field, column: QVBoxLayout) -> None:
        words = text(self._key(field.name))
        if field.kind == "tick":
            tick = QCheckBox(literal(words))
            tick.setAccessibleName(words)
            self._lines[field.name] = tick
            column.addWidget(tick)
            return
        label = PlainLabel(words)
        column.addWidget(label)
        if field.kind in ("line", "secret", "new_secret"):
            typed = entry_line(words, hidden=field.kind != "line")
            label.setBuddy(typed)
            self._lines[field.name] = typed
            column.addWidget(typed)
            if field.kind == "new_secret":
                column.addWidget(Strength(typed, self.ceremony.near))
            self._lead(typed)
        elif field.kind == "choice":
            box = QWidget()
            inside = QVBoxLayout(box)
            inside.setContentsMargins(0, 0, 0, theme.STEP)
            inside.setSpacing(theme.STEP // 2)
            for name in field.choices:
                choice = QRadioButton(literal(text(self._key(f"{field.name}_{name}"))))
                choice.setObjectName(name)
                choice.setAccessibleName(choice.text())
                choice.setChecked(name == field.choices[0])
                inside.addWidget(choice)
            self._lines[field.name] = box
            column.addWidget(box)
            self._lead(box.findChildren(QRadioButton)[0])
        else:
            pick = button(text(f"ui.upacara.pilih.{field.kind}"), icon="folder")
            pick.setAccessibleName(f"{words}: {pick.text()}")
            pick.clicked.connect(lambda: self._ask_for(field))
            shown = PlainLabel(self.ceremony.facts.get(f"usul_{field.name}", ""), wrap=True)
            if shown.text():
                self.chosen[field.name] = shown.text()
            self._lines[field.name] = shown
            column.addWidget(pick)
            column.addWidget(shown)
            self._lead(self.next if shown.text() or field.optional else pick)

    def _lead(self, widget: QWidget) -> None:
        """Let the caret begin here, unless an earlier field has it."""
        if self._first is self.next:
            self._first = widget

    def _draw_rows(self, rows: tuple[Row, ...], column: QVBoxLayout) -> None:
        found = Lines()
        found.setObjectName("issues")
        found.setAccessibleName(self.heading.text())
        found.setWordWrap(True)
        found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        told = any(row.tone != "note" for row in rows)  # else a sign before each says nothing
        for row in rows:
            tone = getattr(theme.colours, row.tone if row.tone != "note" else "accent")
            sign = icons.icon(ICONS[row.tone], tone) if told else QIcon()
            found.addItem(QListWidgetItem(sign, row.words))
        found.setFixedHeight(theme.px(52) * min(len(rows), ROWS_SHOWN // 2) + theme.px(12))
        self.rows = found
        column.addWidget(found)

    def _typed(self) -> dict[str, str]:
        """Return what the fields of this step hold."""
        found = dict(self.chosen)
        for name, widget in self._lines.items():
            if isinstance(widget, QCheckBox):
                found[name] = "1" if widget.isChecked() else ""
            elif isinstance(widget, PlainLabel):
                continue
            elif choices := widget.findChildren(QRadioButton):
                found[name] = next(one.objectName() for one in choices if one.isChecked())
            else:
                found[name] = widget.text()  # type: ignore[attr-defined]
        return found

    def _fill(self, typed: dict[str, str]) -> None:
        for name, widget in self._lines.items():
            value = typed.get(name)
            if value is None:
                continue
            if isinstance(widget, QCheckBox):
                widget.setChecked(bool(value))
            elif choices := widget.findChildren(QRadioButton):
                for one in choices:
                    one.setChecked(one.objectName() == value)
            else:
                widget.setText(value)  # type: ignore[attr-defined]

    def _ask_for(self, field: Field) -> None:
        """Put the caret into a line, or open the talk that chooses a file or folder."""
        widget = self._lines[field.name]
        if field.kind not in ("open", "save", "folder"):
            self.ask_for(widget, text(self._key(field.name)))
            return
        heading, kinds = text(self._key(field.name)), text("ui.upacara.jenis_berkas")
        if field.kind == "folder":
            found = QFileDialog.getExistingDirectory(self, heading)
        elif field.kind == "open":
            found, _ = QFileDialog.getOpenFileName(self, heading, "", kinds)
        else:
            name = str(self.ceremony.facts.get("nama_berkas", ""))
            found, _ = QFileDialog.getSaveFileName(self, heading, name, kinds)
        if found:
            self.choose(field.name, found)


def hold(page: Page, make: Callable[[Village], Ceremony]) -> CeremonyDialog:
    """Open a ceremony over a page, which tells the others what it changed."""
    dialog = CeremonyDialog(page, page.desk, make)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.changed.connect(page.changed)
    dialog.open()
    return dialog
