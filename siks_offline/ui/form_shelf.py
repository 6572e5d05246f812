"""Keeps the form of the last household for the next, and makes the first before it is wanted.

Making the widgets of a form takes several times as long as showing another household in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from siks_offline.ui import layout
from siks_offline.ui.form_view import FormView
from siks_offline.ui.section_rail import SectionRail

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from siks_offline.desa.village import Village
    from siks_offline.instrument.engine import FormState
    from siks_offline.progress import Progress
    from siks_offline.ui.layout import Section
    from siks_offline.ui.visit_page import VisitPage

READY_MS = 2_000
"""After the page was made, until its first form is: the pages that one sees go first."""
USUAL_MEMBERS = 6
"""Lines of the first roster; a larger family gets the others when it is there."""
NEW = "visit.new_state"
"""The right to what the first form is made of."""


class FormShelf(QObject):
    """Serves one page, which connects each form that is made here."""

    def __init__(self, page: VisitPage) -> None:
        super().__init__(page)
        self._page = page
        self._kept: tuple[FormView, SectionRail] | None = None
        self._asked = False

    def begin(self) -> None:
        """Make the first form after a while, if no household is opened before."""
        QTimer.singleShot(READY_MS, self, self._ask)

    def take(
        self, state: FormState, sections: Sequence[Section], today: date, locked: frozenset[str]
    ) -> tuple[FormView, SectionRail]:
        """Return form and rail for a household, hidden: those that are here where they fit."""
        self._asked = True
        kept, self._kept = self._kept, None
        read_only = not self._page.fills
        if kept is not None:
            form, rail = kept
            if form.sections is sections and form.read_only is read_only:
                form.fill(state, today, locked)
                return kept
            form.deleteLater()  # not unparented: that would style every widget of it once more
            rail.deleteLater()
        form, rail = FormView(state, sections, today, locked), SectionRail(sections)
        form.read_only = read_only
        form.hide()
        rail.hide()
        self._page.connect_form(form, rail)
        return form, rail

    def put(self, form: FormView, rail: SectionRail) -> None:
        """Keep what showed a household, with nothing of it said any more."""
        form.rest()
        self._kept = (form, rail)

    def _ask(self) -> None:
        desk = self._page.desk
        if self._asked or not self._page.may(NEW):
            return
        now = desk.now()

        def work(village: Village, _progress: Progress) -> FormState:
            from siks_offline.desa import visit

            state = visit.new_state(village, now)
            for section in layout.sections(village.instrument):
                if section.repeat and not state.counted(section.repeat):
                    for _ in range(USUAL_MEMBERS):
                        state.add(section.repeat)
            return state

        task = desk.task(work)
        task.finished.connect(self._make)
        desk.start(task)

    def _make(self, state: FormState) -> None:
        if self._asked:
            return
        desk = self._page.desk
        by_block = desk.village.preferences.by_block
        sections = layout.ordered(state.instrument, by_block=by_block)
        today = desk.now().astimezone().date()
        self._kept = self.take(state, sections, today, frozenset())
