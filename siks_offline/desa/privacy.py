"""Duties of the law on personal data: unmasking with a reason, a lost device, a person's data."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from siks_offline import nik as niks
from siks_offline import texts
from siks_offline.desa import rights
from siks_offline.errors import StoreError
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village
    from siks_offline.instrument.schema import Instrument
    from siks_offline.progress import Progress

LEAST_REASON: Final = 5
ADULT: Final = 18
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@rights.action
def reveal(village: Village, reason: str, now: datetime) -> None:
    """Note why the numbers of people are shown whole on the screen until it is locked.

    Raises StoreError E_REASON_SHORT for no reason at all, E_AUDIT when it cannot be noted.
    """
    with village.store.write() as session:
        _note(session, village, now, "pribadi.buka", "", {"alasan": _reason(reason)})


@rights.action
def incident(
    village: Village,
    path: Path,
    now: datetime,
    *,
    device: str = "",
    when: str = "",
    how: str = "",
    progress: Progress = silent,
) -> int:
    """Write the report of a lost device with this village on it; return its households.

    It names the kinds of data and every household, numbers masked: the subjects are told by name.
    Empty facts are lines to fill by pen. Raises FileError, StoreError.
    """
    from siks_offline.db import attachments, audit, households, ledger
    from siks_offline.export import files, privacy_paper

    with village.store.read() as session:
        ids = households.find(session, order="rt")
        lines = households.lines(session, ids)
        people, children = _people(session, now)
        photos = len(attachments.every(session))
        copied = audit.latest(session, "desa.cadangkan")
        sent = [one.at for one in ledger.exports(session)[:1]]
    rows = [
        (one.rt, one.nama_krt, niks.mask(one.nik_krt), str(one.anggota)) for one in lines.values()
    ]
    told = privacy_paper.Incident(
        village=village.nama_desa,
        kode_desa=village.kode_desa,
        account=village.account,
        device=device,
        when=when,
        how=how,
        encrypted_since="",
        last_copy=_day(copied),
        last_export=_day(sent[0] if sent else ""),
        households=len(rows),
        people=people,
        children=children,
        photos=photos,
        rows=rows,
        practice=village.practice,
    )
    files.write_whole(path, privacy_paper.incident(told, progress).pdf(progress), private=True)
    with village.store.write() as session:
        _note(session, village, now, "pribadi.insiden", "", {"rumah_tangga": len(rows)})
    return len(rows)


@rights.action
def subject(
    village: Village,
    number: str,
    path: Path,
    reason: str,
    now: datetime,
    progress: Progress = silent,
) -> str:
    """Write all that is kept of the person with a NIK, for that person; return the name.

    Raises StoreError E_REASON_SHORT, E_PERSON_UNKNOWN when nobody here has that NIK; FileError.
    """
    from siks_offline.db import households
    from siks_offline.export import files, privacy_paper

    why = _reason(reason)
    wanted = niks.clean(number)
    with village.store.read() as session:
        found = households.with_nik(session, wanted) if wanted else []
        if not found:
            raise StoreError("E_PERSON_UNKNOWN")
        told = privacy_paper.Subject(
            village=f"{village.nama_desa} ({village.kode_desa})",
            name=found[0].person.nama,
            nik=wanted,
            asked_for=why,
            printed=f"{now.astimezone():%d-%m-%Y %H.%M}",
            households=[
                (heading, answers)
                for one in found
                for heading, answers in _kept_of(village, session, one.household_id, wanted)
            ],
            history=_history(session, [one.household_id for one in found]),
            sent=_sent(session, [one.household_id for one in found]),
            practice=village.practice,
        )
    files.write_whole(path, privacy_paper.subject(told, progress).pdf(progress), private=True)
    with village.store.write() as session:
        for one in found:
            _note(session, village, now, "pribadi.cetak", one.household_id, {"alasan": why})
    return told.name


def _kept_of(
    village: Village, session: Session, household_id: str, wanted: str
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return (heading, pairs of question and answer) of each place that knows the person."""
    from siks_offline.db import drafts, households, visits
    from siks_offline.desa.visit import unflatten

    line = households.line(session, household_id)
    where = ", ".join(filter(None, (line.nama_krt, line.alamat) if line else ()))
    kept: list[tuple[str, list[tuple[str, str]]]] = []
    sources: list[tuple[str, Instrument, Mapping[str, Any]]] = []
    prelist = households.prelist_answers(session, household_id)
    if prelist:
        sources.append(("prelist", village.instrument, prelist))
    for one in visits.of_household(session, household_id):
        instrument = village.instrument_of(session, (one.instrument_id, one.instrument_version))
        sources.append((one.period, instrument, one.answers))
    for name in drafts.versions(session, household_id):
        draft = drafts.read(session, household_id, *name)
        if draft is not None:
            instrument = village.instrument_of(session, name)
            rows = unflatten(draft.rows, tuple(instrument.repeats))
            sources.append(("draf", instrument, rows))
    for source, instrument, answers in sources:
        words = texts.text(f"data_diri.sumber.{source}") if source in {"prelist", "draf"} else ""
        heading = words or texts.text("data_diri.sumber.kunjungan", periode=source)
        kept.append((f"{heading}: {where}", list(_pairs(instrument, answers, wanted))))
    return kept


def _pairs(
    instrument: Instrument, answers: Mapping[str, Any], wanted: str
) -> list[tuple[str, str]]:
    """Return the household's answers, and of its members those of the person alone."""
    pairs = []
    order = {name: place for place, name in enumerate(instrument.elements)}
    for name in sorted(answers, key=lambda one: order.get(one, len(order))):
        value = answers[name]
        if isinstance(value, str):
            pairs.append((_label(instrument, name), _said(instrument, name, value)))
            continue
        for member in value:
            if wanted in member.values():
                pairs += _pairs(instrument, member, wanted)
    return pairs


def _label(instrument: Instrument, name: str) -> str:
    question = instrument.questions.get(name)
    return (question.label if question is not None else "") or name


def _said(instrument: Instrument, name: str, value: str) -> str:
    question = instrument.questions.get(name)
    if question is not None and question.list_name:
        return ", ".join(instrument.label_of(name, code) for code in value.split())
    return value


def _history(session: Session, ids: Sequence[str]) -> list[tuple[str, str, str]]:
    import json

    from siks_offline.db import audit
    from siks_offline.desa import history

    return [
        (
            _day(one.at),
            one.account,
            history.words_of(one.action, one.subject, json.loads(one.detail)),
        )
        for household_id in ids
        for one in audit.lines(session, subject=household_id)
    ]


def _sent(session: Session, ids: Sequence[str]) -> list[str]:
    from siks_offline.db import ledger

    found = []
    for household_id in ids:
        for revision, sha256, result in ledger.household_receipts(session, household_id):
            if ledger.exported(session, [sha256]):
                answer = texts.text(f"data_diri.jawaban.{result.result if result else 'belum'}")
                found.append(texts.text("data_diri.terkirim", revisi=revision, jawaban=answer))
    return found


def _people(session: Session, now: datetime) -> tuple[int, int]:
    """Return how many people the index knows, and how many of them are children."""
    from siks_offline.db import people

    today = now.astimezone().date()
    limit = date(today.year - ADULT, today.month, min(today.day, 28)).isoformat()
    return people.counts(session, limit)


def _reason(reason: str) -> str:
    words = " ".join(reason.split())
    if len(words) < LEAST_REASON:
        raise StoreError("E_REASON_SHORT", paling_sedikit=LEAST_REASON)
    return words[:200]


def _day(at: str) -> str:
    return f"{at[8:10]}-{at[5:7]}-{at[:4]}" if _DATE.match(at) else texts.text("ui.umum.belum_ada")


def _note(
    session: Session,
    village: Village,
    now: datetime,
    action: str,
    subject_of: str,
    detail: Mapping[str, Any],
) -> None:
    from siks_offline.db import audit
    from siks_offline.export.canonical import stamp

    at, account = stamp(now), village.account
    audit.append(session, at=at, account=account, action=action, subject=subject_of, detail=detail)
