"""Asks what becomes of answers that the disk did not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog

from siks_offline.errors import SiksError
from siks_offline.texts import text
from siks_offline.ui import dialogs

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from siks_offline.ui.draft_saver import DraftSaver


def may_forget(parent: QWidget | None) -> bool:
    """Ask before a household is left whose last answers are not kept; Enter and Esc stay."""
    talk = dialogs.Talk(
        parent,
        text("ui.kunjungan.tinggalkan"),
        text("ui.kunjungan.tinggalkan_akibat"),
        icon="confirm",
    )
    talk.add_button(text("ui.kunjungan.tinggalkan_ya"), 1)
    talk.add_button(text("ui.kunjungan.kembali_isian"), 0, primary=True)
    return talk.exec() == QDialog.DialogCode.Accepted


def settle(parent: QWidget | None, saver: DraftSaver) -> None:
    """Try as long as the person wishes; Esc tries again, and only the named button lets go."""
    error = saver.trouble
    if error is None:
        return
    known = isinstance(error, SiksError)
    talk = dialogs.Talk(
        parent,
        text("ui.kunjungan.tertinggal"),
        str(error) if known else text("ui.dialog.kesalahan_tindakan"),
        icon="fault",
    )
    talk.add_button(text("ui.kunjungan.buang_ketikan"), 1)
    talk.add_button(text("ui.kunjungan.coba_lagi"), 0, primary=True)
    if talk.exec() == QDialog.DialogCode.Accepted:
        saver.give_up()
    else:
        saver.again()
