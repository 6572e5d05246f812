"""Opening the next period: which, what it would do, and only then done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from siks_offline.texts import text
from siks_offline.ui import dialogs
from siks_offline.ui.choices import Choices
from siks_offline.ui.dialogs import Talk, grouped
from siks_offline.ui.plain import PlainLabel

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from siks_offline.desa.periods import Outlook
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

RIGHT = "periods.open_period"


class PeriodTalk(Talk):
    """Offers the periods that may follow, by digit, under what opening one would do."""

    opened = Signal(object, str)
    """The Changes, and the period that is open now."""

    def __init__(self, desk: Desk, found: Outlook, parent: QWidget | None) -> None:
        super().__init__(
            parent, text("ui.periode.mana", periode=found.period), _foretell(found), icon="confirm"
        )
        self._desk = desk
        self._busy = False
        self.choices = Choices(text("ui.periode.judul"))
        for number, period in enumerate(found.following, 1):
            kind = "triwulan" if "Q" in period else "bulan"
            words = text(f"ui.periode.{kind}", nomor=number, periode=period)
            self.choices.add(words, period)
        self.choices.setCurrentRow(0)
        self.choices.fit()
        if not found.drafts:
            self.choices.itemActivated.connect(self._yes)
        self.words.addWidget(self.choices)
        if found.drafts:
            stops = text("ui.periode.kira_draf", jumlah=grouped(found.drafts))
            self.words.addWidget(PlainLabel(stops, wrap=True, tone="fault"))
        self.add_button(text("ui.dialog.batal"), 0)
        if not found.drafts:
            self.add_button(text("ui.periode.buka_ya"), 1, primary=True)
        self.choices.setFocus()

    def _yes(self, *_: object) -> None:
        if self._busy:
            return
        self._busy = True
        period, now = self.choices.chosen, self._desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import periods

            return periods.open_period(village, period, now)

        def done(changes: Changes) -> None:
            self.accept()
            self.opened.emit(changes, period)

        _run(self._desk, work, done, self._failed)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        dialogs.say(self, error)


def ask(desk: Desk, parent: QWidget, then: Callable[[Changes, str], None]) -> None:
    """Read what opening the next period would do, and offer it."""

    def work(village: Village, _progress: Progress) -> Outlook:
        from siks_offline.desa import periods

        return periods.outlook(village)

    def show(found: Outlook) -> None:
        talk = PeriodTalk(desk, found, parent)
        talk.opened.connect(then)
        talk.open()

    _run(desk, work, show, lambda error: dialogs.say(parent, error))


def _foretell(found: Outlook) -> str:
    lines = [
        text(
            "ui.periode.kira", rumah=grouped(found.households), selesai=grouped(found.done)
        )
    ]  # fmt: skip
    if found.taken:
        lines.append(text("ui.periode.kira_usulan", jumlah=grouped(found.taken)))
    if found.undecided:
        lines.append(text("ui.periode.kira_terbuka", periode=found.period))
    if found.unsettled:
        lines.append(text("ui.periode.kira_belum_kirim", jumlah=grouped(found.unsettled)))
    return "\n".join(lines)


def _run(
    desk: Desk,
    work: Callable[[Village, Progress], Any],
    then: Callable[[Any], None],
    wrong: Callable[[Exception], None],
) -> None:
    task = desk.task(work)
    task.finished.connect(then)
    task.failed.connect(wrong)
    desk.start(task)
