"""Opening the next period: which, what it would do, and only then done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from siks_offline.texts import text
from siks_offline.ui import dialogs
from siks_offline.ui.choices import Choices
from siks_offline.ui.dialogs import Talk, grouped
from siks_offline.ui.plain import PlainLabel

if TYPE_CHECKING:
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
        self.choices.setEnabled(False)
        period, now = self.choices.chosen, self._desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import periods

            return periods.open_period(village, period, now)

        task = self._desk.task(work)
        task.finished.connect(self._done)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def _done(self, changes: Changes) -> None:
        self.accept()
        self.opened.emit(changes, self.choices.chosen)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self.choices.setEnabled(True)
        dialogs.say(self, error)


def outlook(village: Village, _progress: Progress) -> Outlook:
    """Read what opening the next period would do; what the talk is made of."""
    from siks_offline.desa import periods

    return periods.outlook(village)


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
