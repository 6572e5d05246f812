"""The keys of the visit page, each with what it does (UX.md, C2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from siks_offline.desa import preferences
from siks_offline.texts import text
from siks_offline.ui import dialogs, household_acts, key_card, numbers, question_help

if TYPE_CHECKING:
    from siks_offline.ui.form_view import FormView
    from siks_offline.ui.visit_page import VisitPage


class VisitKeys(QObject):
    """Actions that work wherever the caret is on the page."""

    def __init__(self, page: VisitPage) -> None:
        super().__init__(page)
        self._page = page
        for keys, slot in (
            ("F1", self.help),
            ("F2", self.codes),
            ("F4", self.next_empty),
            ("F5", self.next_issue),
            ("F6", self.next_section),
            ("Shift+F6", self.previous_section),
            ("F7", self.add_entry),
            ("F8", self.roster),
            ("Shift+F8", self.other_order),
            ("F9", page.check),
            ("F12", page.complete),
            ("Ctrl+S", page.save),
            ("PgDown", self.next_person),
            ("PgUp", self.previous_person),
            ("Ctrl+Del", self.remove_entry),
            ("Ctrl+G", self.go_to_number),
            ("F11", page.aids.open_other),
            ("Ctrl+K", page.aids.note),
            ("Ctrl+B", page.aids.flag),
            ("Ctrl+R", page.aids.want),
            ("Ctrl+Return", page.aids.send_back),
            ("Ctrl+Y", page.aids.approve),
            (household_acts.CHANGE, page.change_household),
            (household_acts.PRINT, page.print_papers),
        ):
            action = QAction(page)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(slot)
            page.addAction(action)

    @property
    def form(self) -> FormView | None:
        """The form in front, if a household is open."""
        return self._page.form

    def codes(self) -> None:
        """Go to the list of codes of this question."""
        self._page.panel.enter_codes()

    def help(self) -> None:
        """Tell everything about the question that the caret is in."""
        page = self._page
        if self.form is not None and self.form.current is not None and page.visit is not None:
            question_help.show(page, page.visit.state, self.form.current)
            page.back_to_form()

    def next_empty(self) -> None:
        """Go to the next question that wants an answer."""
        if self.form is not None and not self.form.next_empty():
            self._page.said.emit(text("ui.kunjungan.tidak_ada_kosong"))

    def next_issue(self) -> None:
        """Go to the next question with something wrong."""
        if self.form is not None and not self.form.next_issue():
            self._page.said.emit(text("ui.kunjungan.tidak_ada_masalah"))

    def next_section(self) -> None:
        """Go to the next section."""
        if self.form is not None:
            self.form.step_section(1)

    def previous_section(self) -> None:
        """Go to the section before."""
        if self.form is not None:
            self.form.step_section(-1)

    def add_entry(self) -> None:
        """Add a member, or an entry to the grid in front."""
        if not self._page.may("visit.save_draft"):
            self._page.said.emit(text("ui.kunjungan.hanya_baca"))
            return
        repeat = self.form.repeat_here() if self.form is not None else ""
        if self.form is not None and repeat:
            self.form.add_entry(repeat)

    def roster(self) -> None:
        """Go to the members as a grid."""
        if self.form is not None:
            self.form.show_roster()

    def other_order(self) -> None:
        """Ask members block by block, or one whole person after another; the account keeps it."""
        page = self._page
        village, here = page.desk.village, page.place()
        if here is None or not page.may_leave():
            return
        wanted = replace(village.preferences, by_block=not village.preferences.by_block)
        village.preferences = wanted
        page.desk.start(page.desk.task(lambda kept, _progress: preferences.keep(kept, wanted)))
        page.open(here)
        word = "blok" if wanted.by_block else "orang"
        page.said.emit(text(f"ui.kunjungan.urutan.{word}"))

    def nothing_left(self) -> None:
        """Say that there is nothing to take back."""
        self._page.said.emit(text("ui.kunjungan.semua_diurungkan"))

    def go_to_number(self) -> None:
        """Ask for a question's number and go there."""
        number = key_card.ask_number(self._page) if self.form is not None else ""
        form = self.form
        if form is None or not number:
            return
        if not any(form.go(path) for path in numbers.find(form.sections, number, form.place)):
            self._page.said.emit(text("ui.kartu.tidak_ada", nomor=number))
            self._page.back_to_form()

    def next_person(self) -> None:
        """Go to the next person."""
        if self.form is not None:
            self.form.step_person(1)

    def previous_person(self) -> None:
        """Go to the person before."""
        if self.form is not None:
            self.form.step_person(-1)

    def remove_entry(self) -> None:
        """Take the entry out that the caret is in, after asking."""
        if not self._page.may("visit.save_draft"):
            self._page.said.emit(text("ui.kunjungan.hanya_baca"))
            return
        entry = self.form.entry_here() if self.form is not None else ""
        if self.form is None or not entry:
            return
        if dialogs.ask(
            self._page,
            text("ui.kunjungan.hapus_tanya", nomor=entry.partition("[")[2].rstrip("]")),
            text("ui.kunjungan.hapus_akibat"),
            text("ui.kunjungan.hapus_ya"),
        ):
            self.form.remove_entry(entry)
            self._page.aids.removed(entry)
