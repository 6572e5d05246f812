"""The page of one household's visit: sections, questions, help with issues, the draft's keeper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from siks_offline.errors import SiksError
from siks_offline.instrument import promoted
from siks_offline.texts import text
from siks_offline.ui import dialogs, household_acts, people, side_panel, theme
from siks_offline.ui.compass import decided_names
from siks_offline.ui.draft_saver import DraftSaver
from siks_offline.ui.form_shelf import FormShelf
from siks_offline.ui.form_view import Place
from siks_offline.ui.last_answers import LastAnswers
from siks_offline.ui.layout import ordered
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.photos import Photos
from siks_offline.ui.plain import PlainLabel
from siks_offline.ui.section_rail import Standing
from siks_offline.ui.side_panel import SidePanel
from siks_offline.ui.standing import take_account
from siks_offline.ui.stranded import may_forget, settle
from siks_offline.ui.visit_aids import VisitAids
from siks_offline.ui.visit_header import SHOWN, VisitHeader
from siks_offline.ui.visit_keys import VisitKeys

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent

    from siks_offline.desa.revision import Completed
    from siks_offline.desa.village import Village
    from siks_offline.desa.visit import OpenVisit
    from siks_offline.instrument.engine import Effects
    from siks_offline.model import Changes, Issue
    from siks_offline.progress import Progress
    from siks_offline.ui.form_view import FormView
    from siks_offline.ui.layout import Section
    from siks_offline.ui.section_rail import SectionRail

ROOMY = 1_200
PATIENCE_MS = 200
"""How long a household may take to be read before the page is painted without it."""
OTHERS_DRAFT = "E_DRAFT_OTHER"
ENTER = "visit.save_draft"
"""The right to fill; without it the visit is read."""


class VisitPage(Page):
    """Opens one household at a time; what is typed is kept before another is opened."""

    NAME = "kunjungan"
    KEYS = "ui.kunjungan.tombol"
    REMARKS = True
    """Whether what is opened is a household of the list, on which remarks are kept."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.visit: OpenVisit | None = None
        self.form: FormView | None = None
        self.rail: SectionRail | None = None
        self.saver: DraftSaver | None = None
        self._opening = self._return = ""
        self._strict = False
        self._busy = False
        self._told = False
        self._before: dict[str, str] = {}
        self._sections: tuple[Section, ...] = ()
        self.header = VisitHeader()
        self.header.left.connect(self.leave)
        self.header.checked.connect(self.check)
        self.header.completed.connect(self.complete)
        self.panel = SidePanel()
        self.panel.picked.connect(self._picked)
        self.panel.asked.connect(self._asked)
        self.panel.left.connect(self.back_to_form)
        self.office = PlainLabel(wrap=True)
        self.office.setObjectName("officeNote")
        self.office.hide()
        self.middle = QWidget()
        self.middle.setObjectName("surface")
        self._middle = QVBoxLayout(self.middle)
        self._middle.setContentsMargins(0, 0, 0, 0)
        self._middle.setSpacing(0)
        self._middle.addWidget(self.office)
        self._line = QHBoxLayout()
        self._line.setSpacing(0)
        self._line.addWidget(self.middle, 1)
        self._line.addWidget(self.panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(self._line, 1)
        self.aids = VisitAids(self)
        self.keys = VisitKeys(self)
        self.last = LastAnswers(self)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._release)
        self.photos = Photos(desk, self)
        self.photos.said.connect(self.said)
        self.shelf = FormShelf(self)
        if self.REMARKS:
            self.shelf.begin()

    @property
    def fills(self) -> bool:
        """Whether who is signed in answers here; else the caret walks, for remarks need a place."""
        return self.may(ENTER)

    # --- the page's contract ----------------------------------------------------------------------

    def open(self, argument: object = None) -> None:
        """Open a household's visit by its id, or by what `place` returned."""
        self._return = ""
        if isinstance(argument, tuple):
            argument, self._return = argument
        if not isinstance(argument, str):
            return
        self._hold()
        self._close_form()
        self._opening = argument
        task = self.desk.task(self.reading(argument))
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def place(self) -> object:
        """Return the household and the question in front."""
        return (self.visit.line.id, self._where()) if self.visit is not None else None

    def _where(self) -> str:
        return self.form.current.path if self.form and self.form.current else ""

    def reading(self, id_: str) -> Callable[[Village, Progress], OpenVisit]:
        """Return the work that opens what an id names."""
        now = self.desk.now()

        def work(village: Village, _progress: Progress) -> OpenVisit:
            from siks_offline.desa import visit

            return visit.open_visit(village, id_, now)

        return work

    def completing(self, visit: OpenVisit) -> Callable[[Village, Progress], Any]:
        """Return the work that completes what is open; its answer goes to `completed`."""
        state, id_, now = visit.state, visit.line.id, self.desk.now()

        def work(village: Village, _progress: Progress) -> tuple[Completed, str]:
            from siks_offline.desa import households
            from siks_offline.desa import visit as visits

            done = visits.complete(village, id_, state, now)
            return done, (households.next_open(village) or "") if done.done else ""

        return work

    def saver_of(self, visit: OpenVisit) -> DraftSaver:
        """Return the keeper of what is typed."""
        return DraftSaver(self.desk, visit, self)

    def refresh(self, changes: Changes) -> None:
        """Nothing but this page changes the open household; others may be like its members."""
        self.aids.refresh(changes)

    def may_leave(self) -> bool:
        """Keep what is typed; it is queued for the disk before any other work."""
        if self._busy:
            return False
        troubled = self.saver is not None and self.saver.trouble is not None
        if troubled and not may_forget(self):
            self.back_to_form()
            return False
        self._keep()
        if self.saver is not None:
            self.saver.may_go = troubled
        return True

    def part(self) -> bool:
        """Keep what is typed, as far as the disk takes it; nobody is there to be asked."""
        if self._busy:
            return False
        self._keep()
        if self.saver is not None:
            self.saver.may_go = True
        return True

    def _keep(self) -> None:
        if self.form is not None:
            self.form.commit()
        if self.saver is not None:
            self.saver.leave()

    # --- actions ----------------------------------------------------------------------------------

    def leave(self) -> None:
        """Go back to the list."""
        self.wanted.emit("prelist", None)

    def save(self) -> None:
        """Keep what is typed now."""
        if self.form is not None and self.saver is not None:
            self.form.commit()
            self.saver.save()

    def change_household(self) -> None:
        """Let members move, the household split, merge, or be noted as fit no longer."""
        if self.visit is not None and self.REMARKS:
            self.save()
            household_acts.change(self, self.visit.line.id, self.open)

    def print_papers(self) -> None:
        """Print the filled form of the household, as far as it is answered."""
        if self.visit is not None:
            self.save()
            household_acts.print_papers(self, ("isian",), self.visit.line.id)

    def check(self) -> None:
        """Say everything that is wrong, empty answers too, and go to the list of it."""
        if self.form is None:
            return
        self.form.commit()
        self._set_strict(strict=True)
        if not self.panel.enter_issues():
            self.said.emit(text("ui.kunjungan.periksa_bersih"))
            self.back_to_form()

    def complete(self) -> None:
        """Complete the visit if nothing is wrong; else keep the draft and say what is."""
        visit, form, saver = self.visit, self.form, self.saver
        if visit is None or form is None or saver is None or self._busy:
            return
        if not self.may(ENTER):
            self.said.emit(text("ui.kunjungan.hanya_baca"))
            return
        form.commit()
        saver.stop()
        self._busy = True
        self.setEnabled(False)
        task = self.desk.task(self.completing(visit))
        task.finished.connect(self.completed)
        task.failed.connect(self._not_completed)
        self.desk.start(task)

    def _show(self, visit: OpenVisit) -> None:
        if visit.line.id != self._opening:
            return
        if visit.draft_author not in ("", self.desk.village.account) and not self.may(ENTER):
            self.said.emit(text("ui.kunjungan.draf_orang", akun=visit.draft_author))
            self.leave()
            return
        if visit.draft_author and visit.draft_author != self.desk.village.account:
            self._offer_take_over(visit)
            return
        self._build(visit)
        self._open_where_left(visit)

    def _build(self, visit: OpenVisit) -> None:
        self.visit = visit
        state = visit.state
        self._strict = False
        by_block = self.desk.village.preferences.by_block
        self._sections = ordered(state.instrument, by_block=by_block)
        locked = frozenset() if visit.status_editable else decided_names(state.instrument)
        self.saver = self.saver_of(visit)
        self.saver.saved.connect(self._saved)
        self.saver.failed.connect(self._save_failed)
        self.saver.stranded.connect(self._stranded)
        self.saver.changed.connect(self.changed)
        self.saver.where = self._where
        today = self.desk.now().astimezone().date()
        self.form, self.rail = self.shelf.take(state, self._sections, today, locked)
        self.form.before = self._before
        self.form.auto_advance = self.desk.village.preferences.auto_advance
        self.photos.begin(self.form, visit.line.id)
        self.aids.begin(visit, self.form)
        self._show_whose(visit)
        self.last.read()
        self.only_for(ENTER, self.header.complete)
        self.header.show_kept("", kept=True)
        self.office.setVisible(bool(visit.comment))
        self.office.setText(text("ui.kunjungan.catatan_dinsos", isi=visit.comment))

    def _show_whose(self, visit: OpenVisit) -> None:
        self.header.show_visit(visit)

    def connect_form(self, form: FormView, rail: SectionRail) -> None:
        """Take a new form and its rail onto the page."""
        rail.chosen.connect(self._choose_place)
        self.photos.serve(form)
        self.aids.serve(form)
        form.arrived.connect(self._arrived)
        form.placed.connect(self._placed)
        form.answered.connect(self._answered)
        form.typing.connect(self._typing)
        form.ended.connect(self._ended)
        form.exhausted.connect(self.keys.nothing_left)
        form.cleaned.connect(self._cleaned)
        self._line.insertWidget(0, rail)
        self._middle.addWidget(form, 1)

    def _open_where_left(self, visit: OpenVisit) -> None:
        """Go to the half-typed field, to what the office marked, or to the first empty question."""
        form, rail = self.form, self.rail
        assert form is not None
        assert rail is not None
        if visit.typing is not None:
            form.put_typing(*visit.typing)
            self.said.emit(text("ui.kunjungan.dilanjutkan"))
        elif self._return and form.go(self._return):
            pass  # where the person was when the window locked
        elif not (visit.comment_path and form.go(visit.comment_path)) and not (
            visit.draft_author and form.next_empty()
        ):
            form.go_to_place(Place(0, 0))
        self._take_account()
        rail.fit(narrow=self._narrow())
        rail.show()
        form.show()
        form.show_caret()
        self._release()

    def _hold(self) -> None:
        """Leave on the screen what is there until the household can be shown whole."""
        self.setUpdatesEnabled(False)
        self._patience.start()

    def _release(self) -> None:
        self._patience.stop()
        self.setUpdatesEnabled(True)

    def _offer_take_over(self, visit: OpenVisit) -> None:
        self._release()
        if not dialogs.ask(
            self,
            text("ui.kunjungan.draf_orang", akun=visit.draft_author),
            text("ui.kunjungan.draf_orang_akibat"),
            text("ui.kunjungan.ambil_alih"),
        ):
            self.leave()
            return
        id_, now = visit.line.id, self.desk.now()

        def work(village: Village, _progress: Progress) -> OpenVisit:
            from siks_offline.desa import visit as visits

            visits.take_over(village, id_, now)
            return visits.open_visit(village, id_, now)

        task = self.desk.task(work)
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def completed(self, answer: tuple[Completed, str]) -> None:
        """Go on to the next household, or say what stops this one."""
        done, next_id = answer
        self._busy = False
        self.setEnabled(True)
        self.changed.emit(done.changes)
        if not done.done:
            self._set_strict(strict=True)
            self.said.emit(text("ui.kunjungan.belum_selesai", jumlah=len(done.issues)))
            self.panel.enter_issues()
            return
        name = self.visit.line.nama_krt if self.visit else ""
        self._close_form()
        key = "selesai_hapus" if done.cleared else "sudah_selesai"
        self.said.emit(
            text(
                f"ui.kunjungan.{key}",
                nama=name or text("ui.umum.tanpa_nama"),
                jumlah=len(done.cleared),
            )
        )
        if next_id:
            self.open(next_id)
        else:
            self.wanted.emit("beranda", None)

    def _not_completed(self, error: Exception) -> None:
        self._busy = False
        self.setEnabled(True)
        if self.saver is not None:
            self.saver.answer()
        dialogs.say(self, error)
        self.back_to_form()

    def _saved(self, at: str) -> None:
        self._told = False
        self._take_account()  # keeping a draft also asked the village about its NIKs
        if self.saver is None or not self.saver.unsaved:
            self.header.show_kept(text("ui.kunjungan.tersimpan", jam=at), kept=True)

    def _save_failed(self, error: Exception) -> None:
        self.header.show_kept(text("ui.kunjungan.belum_tersimpan"), kept=False)
        if isinstance(error, SiksError) and error.code == OTHERS_DRAFT and self.visit:
            self.open(self.visit.line.id)
            return
        if not self._told:  # once: every further key tries again, and the line above says so
            self._told = True
            dialogs.say(self, error)

    def _stranded(self, saver: DraftSaver) -> None:
        settle(self, saver)

    def _failed(self, error: Exception) -> None:
        self._release()
        dialogs.say(self, error)
        self.leave()

    # --- the form says ----------------------------------------------------------------------------

    def _arrived(self, path: str) -> None:
        if self.visit is not None:
            self.panel.show_question(self.visit.state, path)
            self.last.show(path)

    def _placed(self, section: int, person: int) -> None:
        if self.rail is None or self.form is None or self.visit is None:
            return
        shown = self._sections[section]
        named = people.names(self.visit.state, shown.repeat) if shown.person else []
        self.rail.show_people(section, named)
        self.rail.show_place(section, person)

    def _typing(self, path: str, words: str) -> None:
        if self.saver is not None:
            self.saver.type(path, words)

    def _answered(self, effects: Effects) -> None:
        if self.saver is None or self.form is None:
            return
        current = self.form.current
        self.saver.answer(current.path if current else None)
        self._take_account()
        if current is not None:
            self._arrived(current.path)
        moved = {path.rpartition(".")[2] for path in effects.values}
        if effects.structure or promoted.NAMA in moved:
            self._placed(*self.form.place)
        if self.visit is not None and (effects.structure or moved & SHOWN):
            self._show_whose(self.visit)

    def _cleaned(self) -> None:
        self.said.emit(text("ui.kunjungan.huruf_dibuang"))

    def _ended(self) -> None:
        self.said.emit(text("ui.kunjungan.ujung"))
        self.header.complete.setFocus()

    def _take_account(self) -> None:
        if self.form is None or self.visit is None or self.rail is None:
            return
        account = take_account(self.visit.state, self._sections, self.form.compass)
        self.rail.show_standings(
            [
                Standing(one.asked, one.empty, one.issues + self._strict * one.empty)
                for one in account.sections
            ]
        )
        self.header.show_progress(account.percent)
        shown = (*account.issues, *account.empties) if self._strict else account.issues
        issues = sorted(shown, key=lambda issue: account.order[id(issue)])
        places = {at: account.places[id(issue)] for at, issue in enumerate(issues)}
        self.panel.show_issues(issues, places)

    def _set_strict(self, *, strict: bool) -> None:
        self._strict = strict
        if self.form is not None:
            self.form.set_strict(strict)
        self._take_account()

    def _picked(self, code: str) -> None:
        form = self.form
        if form is None or form.current is None or self.visit is None:
            return
        editor = form.current.editor
        if form.current.row.type == "select_multiple":
            codes = editor.text().split()
            codes = [c for c in codes if c != code] if code in codes else [*codes, code]
            editor.setText(" ".join(codes))
            form.commit()
            editor.setFocus()
            return
        editor.setText(code)
        editor.setFocus()
        form.step(1)

    def _asked(self, issue: Issue) -> None:
        form = self.form
        if form is None or self.visit is None:
            return
        if issue.level == "konfirmasi" and self.may(ENTER):
            reason = dialogs.ask_reason(self, issue.message)
            if reason is not None:
                form.apply(self.visit.state.confirm(issue.path, issue.rule, reason))
                if not self.panel.enter_issues():
                    self.back_to_form()
                return
        form.go_to_issue(issue)

    def back_to_form(self) -> None:
        """Give the caret back to the question it was in."""
        if self.form is None:
            return
        current = self.form.current
        if current is None:
            self.form.go_to_place(self.form.place)
        else:
            current.editor.setFocus()

    def _choose_place(self, section: int, person: int) -> None:
        if self.form is not None:
            self.form.go_to_place(Place(section, person))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the questions more room where the window is narrow."""
        super().resizeEvent(event)
        self.panel.setFixedWidth(
            theme.px(side_panel.NARROW if self._narrow() else side_panel.WIDTH)
        )
        if self.rail is not None:
            self.rail.fit(narrow=self._narrow())

    def _narrow(self) -> bool:
        return self.width() < theme.px(ROOMY)

    def _close_form(self) -> None:
        self._before = self.form.shared() if self.form else self._before
        self.aids.end()
        if self.form is not None and self.rail is not None:
            self.form.hide()  # with its caret, which answers what is half typed
            self.rail.hide()
        if self.saver is not None:
            self.saver.end()
        if self.form is not None and self.rail is not None:
            self.shelf.put(self.form, self.rail)
        self.form = self.rail = self.saver = self.visit = None
        self.office.hide()
