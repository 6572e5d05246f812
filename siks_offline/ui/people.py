"""What the members of a household are called on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.instrument import promoted
from siks_offline.texts import text
from siks_offline.ui.moments import age

if TYPE_CHECKING:
    from datetime import date

    from siks_offline.instrument.engine import FormState


def names(state: FormState, repeat: str) -> list[str]:
    """Return the names of all entries of a repeat, in order."""
    named = state.instrument.owner.get(promoted.NAMA) == repeat
    return [
        (state.value(f"{repeat}[{number}].{promoted.NAMA}") if named else "")
        or text("ui.umum.tanpa_nama")
        for number in range(1, state.count(repeat) + 1)
    ]


def title(state: FormState, repeat: str, number: int, today: date) -> str:
    """Return who an entry is: number, name, and age where a birth date is asked."""
    name, birth = (
        state.value(f"{repeat}[{number}].{one}")
        if state.instrument.owner.get(one) == repeat
        else ""
        for one in (promoted.NAMA, promoted.BIRTH_DATE)
    )
    words = text("ui.kunjungan.orang", nomor=number, nama=name or text("ui.umum.tanpa_nama"))
    years = age(birth, today)
    return words if years is None else text("ui.kunjungan.berumur", orang=words, umur=years)
