"""Where a person was when the program ended without their leave, so that they go on there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siks_offline.desa.rights import action

if TYPE_CHECKING:
    from datetime import datetime

    from siks_offline.desa.village import Village
    from siks_offline.desa.visit import Written
    from siks_offline.model import Changes

NEWEST: Final = 6
"""How many of the answers kept last are shown to a person who wants to look."""


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """A draft whose household nobody left in order."""

    household_id: str
    nama_krt: str
    path: str
    """The question the caret stood at when the draft was kept last."""
    label: str
    typed: str
    """What was half typed there."""
    at: str
    """UTC moment of the last keeping, as text."""
    answers: int
    newest: tuple[tuple[str, str], ...]
    """Labels and answers kept last, the newest first; codes with what they mean."""


def key(account: str) -> str:
    """Return the name of the fact that says what an account has open."""
    return f"sedang.{account}"


@action
def keep(
    village: Village,
    household_id: str,
    written: Written,
    typing: tuple[str, str] | None,
    here: str,
    now: datetime,
) -> Changes:
    """Keep a draft as visit.save_draft does, and with it where the caret stands."""
    from siks_offline.db import meta
    from siks_offline.desa import visit

    with village.store.write() as session:
        changes = visit.keep(session, village, household_id, written, typing, now)
        meta.put(session, key(village.account), json.dumps([household_id, here]))
    return changes


@action
def leave(village: Village, household_id: str) -> None:
    """Note that the household was left in order."""
    from siks_offline.db import meta

    with village.store.read() as session:
        kept = meta.get(session, key(village.account))
    if kept is None or json.loads(kept)[0] != household_id:
        return
    with village.store.write() as session:
        meta.put(session, key(village.account), None)


@action
def left_open(village: Village) -> LeftOpen | None:
    """Return the draft that this account had open when the program ended, if it is there still."""
    from siks_offline.db import drafts, households, meta
    from siks_offline.instrument import fields

    with village.store.read() as session:
        kept = meta.get(session, key(village.account))
        if kept is None:
            return None
        instrument = village.instrument
        id_, here = json.loads(kept)
        draft = drafts.read(session, id_, instrument.id, instrument.version)
        line = households.lines(session, [id_]).get(id_)
        if draft is None or line is None or draft.author != village.account:
            return None
        newest = drafts.newest(session, id_, instrument.id, instrument.version, NEWEST)
    path, typed = draft.typing or (here, "")
    questions = instrument.questions

    def named(path: str) -> str:
        question = questions.get(path.rpartition(".")[2])
        return question.label if question is not None else ""

    def told(path: str, answer: str) -> str:
        name = path.rpartition(".")[2]
        codes = answer.split() if instrument.options(name) else ()
        meant = ", ".join(instrument.label_of(name, code) for code in codes)
        return f"{fields.line(questions[name], answer)} {meant}".strip()

    return LeftOpen(
        household_id=id_,
        nama_krt=line.nama_krt,
        path=path,
        label=named(path),
        typed=typed,
        at=draft.at,
        answers=len(draft.rows),
        newest=tuple(
            (named(one), told(one, value))
            for one, value in newest
            if one.rpartition(".")[2] in questions
        ),
    )
