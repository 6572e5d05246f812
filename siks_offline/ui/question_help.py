"""Everything about one question in one talk: words, how it is typed, what it allows, its codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.instrument import special
from siks_offline.instrument.numbering import split_label
from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.choices import Lines
from siks_offline.ui.dialogs import Talk
from siks_offline.ui.editors import SHARED
from siks_offline.ui.plain import PlainLabel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from siks_offline.instrument.engine import FormState
    from siks_offline.ui.question_row import Answer

MOST_SEEN = 8
"""Codes that the list shows before it scrolls."""


def sentences(state: FormState, path: str, answer: Answer) -> list[str]:
    """Return what there is to tell of a question, the nearest first."""
    question = answer.row.question
    looks = question.appearance.split()
    found = [state.hint(path)]
    if not state.relevant(path):
        found.append(text("ui.kunjungan.bantuan.dilewati", sebab=state.why_not(path)))
    found.append(
        text("ui.kunjungan.wajib" if state.required(path) else "ui.kunjungan.boleh_kosong")
    )
    found.append(text(f"ui.kunjungan.bantuan.cara.{question.type}"))
    if question.type == "date" and ("year" in looks or "month-year" in looks):
        word = "tahun" if "year" in looks else "bulan"
        found.append(text(f"ui.kunjungan.bantuan.sebagian.{word}"))
    for kind, code in special.answers(state.instrument, question.name).items():
        found.append(text(f"ui.kunjungan.bantuan.khusus.{kind}", kode=code))
    if question.name in SHARED:
        found.append(text("ui.kunjungan.bantuan.sama"))
    found.append(question.constraint_message)
    found.append(answer.complaint(state))
    return [one for one in dict.fromkeys(found) if one]


class QuestionHelp(Talk):
    """The help on a question; Enter and Esc go back to it."""

    def __init__(self, parent: QWidget | None, state: FormState, answer: Answer) -> None:
        number, words = split_label(state.label(answer.path))
        super().__init__(parent, f"{number} {words}".strip(), icon="note")
        for sentence in sentences(state, answer.path, answer):
            self.words.addWidget(PlainLabel(sentence, wrap=True))
        choices = state.choices(answer.path)
        if choices:
            codes = Lines()
            codes.setAccessibleName(text("ui.kunjungan.daftar_kode"))
            for one in choices:
                codes.addItem(text("ui.kunjungan.bantuan.kode", kode=one.code, arti=one.label))
            codes.setFixedHeight(theme.px(32) * min(len(choices), MOST_SEEN) + 6)
            self.words.addWidget(codes)
        name = text("ui.kunjungan.bantuan.asal", nama=answer.row.name)
        self.words.addWidget(PlainLabel(name, tone="secondary", face="small"))
        self.add_button(text("ui.dialog.tutup"), 1, primary=True)


def show(parent: QWidget | None, state: FormState, answer: Answer) -> None:
    """Show the help until it is closed."""
    QuestionHelp(parent, state, answer).exec()
