"""What stands beside an open form: remarks on it, who else has these numbers, how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from siks_offline.desa import rights
from siks_offline.instrument import fields, promoted
from siks_offline.instrument.numbering import split_label
from siks_offline.model import Issue
from siks_offline.texts import text
from siks_offline.ui import dialogs, remark_talk
from siks_offline.ui.effort_meter import EffortMeter
from siks_offline.ui.likeness_watch import LikenessWatch, asked
from siks_offline.ui.moments import age
from siks_offline.ui.standing import place_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.db.notes import Remark
    from siks_offline.desa.likeness import Alike
    from siks_offline.desa.village import Village
    from siks_offline.desa.visit import OpenVisit
    from siks_offline.instrument.engine import Effects
    from siks_offline.model import Changes
    from siks_offline.progress import Progress
    from siks_offline.ui.form_view import FormView
    from siks_offline.ui.question_row import Answer
    from siks_offline.ui.visit_page import VisitPage

FLAG, RETURN = "bendera", "kembali"


class VisitAids(QObject):
    """Belongs to the visit page; begins and ends with each household."""

    def __init__(self, page: VisitPage) -> None:
        super().__init__(page)
        self._page = page
        self._visit: OpenVisit | None = None
        self._form: FormView | None = None
        self._meter = EffortMeter()
        self._alike: list[Alike] = []
        self._remarks: dict[str, str] = {}
        """Path -> words of its open remarks; the rows of the form look into it."""
        self._kept: tuple[Remark, ...] = ()
        self._wanted: list[tuple[str, str]] = []
        """What a supervisor wants put right and has not sent yet."""
        self._before = ""
        self.watch = LikenessWatch(page.desk, self)
        self.watch.found.connect(self._show_alike)
        page.panel.noted.connect(self._go_to_remark)
        page.panel.settled.connect(self._settle)

    # --- with the form ----------------------------------------------------------------------------

    def serve(self, form: FormView) -> None:
        """Listen to a form that has no screen yet."""
        form.made.connect(self._made)
        form.typing.connect(self._typing)
        form.arrived.connect(self._arrived)
        form.answered.connect(self._answered)

    def begin(self, visit: OpenVisit, form: FormView) -> None:
        """Stand beside a form whose household is another one now."""
        self._visit, self._form = visit, form
        self._wanted = []
        self._kept = visit.remarks if self._page.REMARKS else ()
        self._show_remarks()
        self.watch.begin()

    def end(self) -> None:
        """Keep how long the household took."""
        seconds, keys = self._meter.take()
        if self._visit is None:
            return
        id_, now = self._visit.line.id, self._page.desk.now()
        self._visit = self._form = None
        self._show_alike([])
        if keys and self._page.REMARKS:

            def work(village: Village, _progress: Progress) -> None:
                from siks_offline.desa import pace

                pace.record(village, id_, seconds, keys, now)

            self._page.desk.start(self._page.desk.task(work))

    def refresh(self, changes: Changes) -> None:
        """Follow what changed in the village."""
        self.watch.refresh(changes)

    def _made(self, answer: Answer) -> None:
        answer.remarks = self._remarks
        answer.editor.pressed.connect(self._pressed)

    def _answered(self, effects: Effects) -> None:
        """Say how old somebody is as soon as their birth date is answered."""
        state = self._visit.state if self._visit is not None else None
        for path in effects.values:
            place, _, name = path.rpartition(".")
            if state is None or name != promoted.BIRTH_DATE:
                continue
            years = age(state.value(path), state.today)
            if years is not None:
                who = state.value(f"{place}.{promoted.NAMA}") if place else ""
                who = who or text("ui.umum.tanpa_nama")
                self._page.said.emit(text("ui.kunjungan.umur_siapa", nama=who, umur=years))

    def _pressed(self) -> None:
        self._meter.count()

    # --- who else ---------------------------------------------------------------------------------

    def _typing(self, path: str, words: str) -> None:
        if self._visit is not None:
            self.watch.ask(asked(self._visit.state, path, words), self._visit.line.id)

    def _arrived(self, path: str) -> None:
        if self._visit is not None:
            self.watch.ask(asked(self._visit.state, path), self._visit.line.id)

    def _show_alike(self, found: list[Alike]) -> None:
        self._alike = found if self._visit is not None else []
        words = [
            text(
                f"ui.kunjungan.kembar.{one.why}",
                nama=one.seat.nama or text("ui.umum.tanpa_nama"),
                lahir=fields.FIELDS["date"].format(one.seat.tanggal_lahir),
                rumah=one.seat.home,
            )
            for one in self._alike[:2]
        ]
        if words:
            words.append(text("ui.kunjungan.kembar.buka"))
        self._page.panel.show_alike("\n".join(words))

    def open_other(self) -> None:
        """Open the household of the like person; there, go back to where one came from."""
        here = self._visit.line.id if self._visit is not None else ""
        if self._alike:
            self._before, there = here, self._alike[0].seat.household_id
            if not self._page.REMARKS:  # what is open is a proposal: the household is elsewhere
                self._page.wanted.emit("kunjungan", there)
                return
            self._page.open(there)
            self._page.said.emit(text("ui.kunjungan.kembar.dibuka"))
        elif self._before and self._before != here:
            there, self._before = self._before, ""
            self._page.open(there)
        else:
            self._page.said.emit(text("ui.kunjungan.kembar.tidak_ada"))

    # --- remarks ----------------------------------------------------------------------------------

    def note(self) -> None:
        """Note something on the question that the caret is in."""
        path = self._here()
        if self._visit is None or path is None:
            return
        words = self._ask("catatan", path)
        if words:
            self._add(path, words, flag=False)

    def flag(self) -> None:
        """Flag the question that the caret is in, or take its flag down."""
        path = self._here()
        if self._visit is None or path is None:
            return
        mine = [one for one in self._kept if one.kind == FLAG and one.path == path]
        if mine:
            self._settle(mine[0])
        else:
            self._add(path, "", flag=True)

    def want(self) -> None:
        """Say what is to be put right in the question that the caret is in, to send it later."""
        path = self._here()
        if self._visit is None or path is None or not self._may_return():
            return
        words = self._ask(RETURN, path)
        if words:
            self._wanted.append((path, words))
            self._show_remarks()
            self._page.said.emit(text("ui.kunjungan.kembalikan.tercatat", jumlah=len(self._wanted)))
        self._page.back_to_form()

    def send_back(self) -> None:
        """Return the household with everything that was said of it."""
        if self._visit is None or not self._may_return():
            return
        if not self._wanted:
            self._page.said.emit(text("ui.kunjungan.kembalikan.belum"))
            return
        id_, wanted, now = self._visit.line.id, tuple(self._wanted), self._page.desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import returns

            return returns.send_back(village, id_, wanted, now)

        self._start(work, self._sent_back)

    def approve(self) -> None:
        """Let the revision in front go: a second person looked it through."""
        if self._visit is None or not self._may_judge():
            return
        id_, now = self._visit.line.id, self._page.desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import reviews

            return reviews.approve(village, id_, now)

        self._start(work, self._approved)

    def _approved(self, changes: Changes) -> None:
        name = self._visit.line.nama_krt if self._visit is not None else ""
        self._page.changed.emit(changes)
        self._page.said.emit(text("ui.kunjungan.kembalikan.diperiksa", nama=name))
        self._page.wanted.emit("pengawasan", None)

    def _sent_back(self, changes: Changes) -> None:
        name = self._visit.line.nama_krt if self._visit is not None else ""
        self._page.changed.emit(changes)
        self._page.said.emit(text("ui.kunjungan.kembalikan.sudah", nama=name))
        self._page.leave()

    def _may_judge(self) -> bool:
        if not self._page.REMARKS:
            return False
        if self._visit is None or not rights.may(self._page.desk.village.role, "returns.send_back"):
            self._page.said.emit(text("ui.kunjungan.kembalikan.bukan_peran"))
            return False
        return True

    def _may_return(self) -> bool:
        if self._visit is None or not self._may_judge():
            return False
        if self._visit.line.kerja != "selesai":
            self._page.said.emit(text("ui.kunjungan.kembalikan.belum_selesai"))
            return False
        return True

    def _here(self) -> str | None:
        form = self._form
        if form is None or form.current is None or not self._page.REMARKS:
            return None
        return form.current.path

    def _ask(self, kind: str, path: str) -> str:
        assert self._visit is not None
        number, words = split_label(self._visit.state.label(path))
        return remark_talk.ask(
            self._page,
            text(f"ui.kunjungan.{kind}.judul"),
            f"{number} {words}".strip(),
            text(f"ui.kunjungan.{kind}.simpan"),
        )

    def _add(self, path: str, words: str, *, flag: bool) -> None:
        assert self._visit is not None
        id_, now = self._visit.line.id, self._page.desk.now()

        def work(village: Village, _progress: Progress) -> tuple[Remark, ...]:
            from siks_offline.desa import notes

            notes.add(village, id_, path, words, now, flag=flag)
            return notes.of_household(village, id_)

        self._start(work, self._keep)

    def _settle(self, remark: Remark) -> None:
        if self._visit is None or not remark.number:
            return
        id_, now = self._visit.line.id, self._page.desk.now()

        def work(village: Village, _progress: Progress) -> tuple[Remark, ...]:
            from siks_offline.desa import notes

            notes.settle(village, id_, remark.number, now)
            return notes.of_household(village, id_)

        self._start(work, self._keep)

    def removed(self, entry: str) -> None:
        """Let the remarks follow a member that was taken out."""
        if self._visit is None or not self._kept:
            return
        id_, now = self._visit.line.id, self._page.desk.now()

        def work(village: Village, _progress: Progress) -> tuple[Remark, ...]:
            from siks_offline.desa import notes

            notes.member_removed(village, id_, entry, now)
            return notes.of_household(village, id_)

        self._start(work, self._keep)

    def _start(
        self, work: Callable[[Village, Progress], object], then: Callable[..., None]
    ) -> None:
        task = self._page.desk.task(work)
        task.finished.connect(then)
        task.failed.connect(self._failed)
        self._page.desk.start(task)

    def _failed(self, error: Exception) -> None:
        dialogs.say(self._page, error)
        self._page.back_to_form()

    def _keep(self, remarks: tuple[Remark, ...]) -> None:
        if self._visit is None or any(o.household_id != self._visit.line.id for o in remarks):
            return
        self._kept = remarks
        self._show_remarks()
        self._page.back_to_form()

    def _show_remarks(self) -> None:
        if self._visit is None or self._form is None:
            return
        shown = [*self._kept, *self._pending()]
        self._remarks.clear()
        for one in shown:
            words = self._words(one)
            before = self._remarks.get(one.path)
            self._remarks[one.path] = f"{before}\n{words}" if before else words
        self._page.panel.show_remarks(
            [(one, self._place(one.path), self._words(one)) for one in shown]
        )
        self._form.look_again()

    def _pending(self) -> list[Remark]:
        """What is not sent yet, as remarks without author and number."""
        if self._visit is None or not self._wanted:
            return []
        from siks_offline.db.notes import Remark

        id_ = self._visit.line.id
        return [Remark(0, id_, path, RETURN, words, "", "", "", "") for path, words in self._wanted]

    def _place(self, path: str) -> str:
        assert self._visit is not None
        return place_of(Issue(path, "", "konfirmasi", ""), path, self._visit.state)

    @staticmethod
    def _words(remark: Remark) -> str:
        key = f"ui.kunjungan.{remark.kind}.{'kata' if remark.author else 'belum_dikirim'}"
        return text(key, akun=remark.author, isi=remark.words)

    def _go_to_remark(self, remark: Remark) -> None:
        if self._form is not None and not self._form.go(remark.path):
            self._page.back_to_form()
