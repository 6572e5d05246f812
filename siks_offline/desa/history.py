"""Riwayat: the trail told in words, of one household, of one operator, or of all."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from siks_offline import texts
from siks_offline.desa import rights
from siks_offline.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from siks_offline.db.audit import Line
    from siks_offline.desa.village import Village
    from siks_offline.instrument.schema import Instrument

PAGE: Final = 200
"""Lines told at once; the next ones are asked for by the number of the last."""
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MASKED = re.compile(r"NIK(\d{4})")
_PLACE = re.compile(r"([a-z0-9_]+)\[(\d+)\]\.(.+)")


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the trail as a person reads it; `changes` are sentences of before and after."""

    seq: int
    at: str
    account: str
    words: str
    household_id: str
    household: str
    """What the list calls the household; empty when the line is about something else."""
    changes: tuple[str, ...]


@rights.action
def accounts(village: Village) -> list[str]:
    """Return everybody who ever acted here, sorted."""
    from siks_offline.db import audit

    with village.store.read() as session:
        return audit.accounts(session)


@rights.action
def of_household(village: Village, household_id: str, below: int | None = None) -> list[Told]:
    """Return what was done about one household, newest first.

    Raises StoreError E_HOUSEHOLD_UNKNOWN for one that neither the list nor the trail knows.
    """
    from siks_offline.db import audit, households

    with village.store.read() as session:
        lines = audit.lines(session, newest=PAGE, subject=household_id, below=below)
        if not lines and below is None and households.line(session, household_id) is None:
            raise StoreError("E_HOUSEHOLD_UNKNOWN", id=household_id)
        return _told(village, session, lines)


@rights.action
def of_account(village: Village, account: str = "", below: int | None = None) -> list[Told]:
    """Return what one account did, or all of them, newest first."""
    from siks_offline.db import audit

    with village.store.read() as session:
        lines = audit.lines(session, newest=PAGE, account=account, below=below)
        return _told(village, session, lines)


def _told(village: Village, session: Session, lines: Iterable[Line]) -> list[Told]:
    from siks_offline.db import households

    every = list(lines)
    ids = {one.subject for one in every if _ID.fullmatch(one.subject)}
    known = households.lines(session, sorted(ids))
    instrument = village.instrument
    found = []
    for one in every:
        detail = json.loads(one.detail)
        house = known.get(one.subject)
        name = ""
        if house is not None:
            name = ", ".join(filter(None, (house.nama_krt, house.alamat)))
        found.append(
            Told(
                seq=one.seq,
                at=one.at,
                account=one.account,
                words=words_of(one.action, one.subject, detail),
                household_id=one.subject if house is not None else "",
                household=name,
                changes=tuple(_changes(instrument, detail)),
            )
        )
    return found


def words_of(action: str, subject: str, detail: Mapping[str, Any]) -> str:
    """Return the sentence of an action; one that has none yet is named as it is written."""
    key = f"jejak.{action.replace('-', '_')}"
    if not texts.has(key):
        return texts.text("jejak.lain", tindakan=action)
    facts = {name: _plain(value) for name, value in detail.items()}
    return " ".join(texts.text(key, **{"tentang": subject, **facts}).split())


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value) if value is not None else ""


def _changes(instrument: Instrument, detail: Mapping[str, Any]) -> Iterable[str]:
    moved = detail.get("perubahan")
    if not isinstance(moved, dict):
        return
    for path, pair in moved.items():
        before, after = (_answer(instrument, path, value) for value in pair)
        yield texts.text(
            "jejak.perubahan", tanya=_question(instrument, path), sebelum=before, sesudah=after
        )


def _question(instrument: Instrument, path: str) -> str:
    """Return what a form calls a place: the question's label, and whose it is."""
    placed = _PLACE.fullmatch(path)
    name = placed[3] if placed else path
    question = instrument.questions.get(name)
    label = (question.label if question is not None else "") or name
    return texts.text("jejak.tempat", tanya=label, nomor=placed[2]) if placed else label


def _answer(instrument: Instrument, path: str, value: str) -> str:
    """Return an answer as people read it: the words of a code, the kept text of all else."""
    if not value:
        return texts.text("jejak.kosong")
    name = path.rpartition(".")[2]
    question = instrument.questions.get(name)
    if question is not None and question.list_name:
        return ", ".join(instrument.label_of(name, code) for code in value.split())
    return _MASKED.sub(r"…\1", value)
