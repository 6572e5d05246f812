"""What the file can say of its own soundness: pages, references, and rows that belong together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import exists, func, select, text

from siks_offline.db import households, ledger, meta, tables
from siks_offline.db.tables_bin import BinPhoto
from siks_offline.model import Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.orm import Session


FACTS: Final = ("bps", "instance", "kode_desa", "nama_desa", "period", "practice")
"""Kept under these names when a village is made (desa/accounts.py)."""


@dataclass(frozen=True, slots=True)
class Register:
    """A household as the lists know it, with what it must agree with.

    `line` is the canonical text of its newest revision, empty before the first; `answers` and
    `fingerprint` are the prelist's, None without one.
    """

    id: str
    source: str
    idbdt: str | None
    kerja: str
    kirim: str
    revisi: int
    facts: households.Facts
    persons: tuple[Person, ...]
    words: str | None
    answers: str | None
    fingerprint: str | None
    line: str
    drafts: int
    result: str | None


def orphans(session: Session) -> list[tuple[str, str]]:
    """Return (table, table it refers to) of every row whose reference leads nowhere."""
    found = session.execute(text("PRAGMA foreign_key_check"))
    return [(str(row[0]), str(row[2])) for row in found]


def counts(session: Session) -> dict[str, int]:
    """Return how many rows the steps of a check will go through."""
    asked = {
        "revisi": tables.Revision,
        "kunjungan": tables.VisitRow,
        "rumah_tangga": tables.Household,
        "jejak": tables.AuditLine,
        "lampiran": tables.AttachmentRow,
    }
    return {
        name: session.scalar(select(func.count()).select_from(table)) or 0
        for name, table in asked.items()
    }


def revisions(session: Session) -> Iterator[tuple[str, str, int, str]]:
    """Yield (hash, visit id, number, line) of every revision, visit by visit in order."""
    row = tables.Revision
    found = select(row.sha256, row.visit_id, row.revision, row.line)
    ordered = found.order_by(row.visit_id, row.revision).execution_options(yield_per=200)
    yield from session.execute(ordered)


def visits(session: Session) -> Iterator[tuple[Mapping[str, Any], str | None]]:
    """Yield every visit's newest state as stored, and the line of the revision it names."""
    row, line = tables.core(tables.VisitRow), tables.Revision.line
    found = select(row, line).outerjoin(tables.Revision, tables.Revision.sha256 == row.c.sha256)
    for one in session.execute(found.execution_options(yield_per=200)).mappings():
        yield {name: one[name] for name in row.c.keys()}, one["line"]  # noqa: SIM118 - a row


def visits_without_revision(session: Session) -> list[str]:
    """Return the visits of which no revision is there at all."""
    row = tables.VisitRow
    some = exists().where(tables.Revision.visit_id == row.visit_id)
    return list(session.scalars(select(row.visit_id).where(~some)))


def register(session: Session) -> Iterator[Register]:
    """Yield every household with what lists, search, prelist and its newest visit say of it."""
    house, person = tables.core(tables.Household), tables.PersonIndex
    search, prelist = tables.HouseholdSearch, tables.HouseholdPrelist
    newest = (
        select(tables.Revision.line, tables.Revision.sha256)
        .join(tables.VisitRow, tables.VisitRow.visit_id == tables.Revision.visit_id)
        .where(tables.VisitRow.household_id == house.c.id)
        .order_by(tables.Revision.seq.desc())
        .limit(1)
    )
    line = newest.with_only_columns(tables.Revision.line).scalar_subquery()
    newest_hash = newest.with_only_columns(tables.Revision.sha256).scalar_subquery()
    said = (
        select(tables.RevisionResult.result)
        .where(tables.RevisionResult.sha256 == newest_hash)
        .scalar_subquery()
    )
    drafted = (
        select(func.count())
        .select_from(tables.Draft)
        .where(tables.Draft.household_id == house.c.id)
        .scalar_subquery()
    )
    found = (
        select(
            house, search.words, prelist.answers, prelist.fingerprint,
            line.label("line"), drafted.label("drafts"), said.label("result"),
        )
        .outerjoin(search, search.seq == house.c.seq)
        .outerjoin(prelist, prelist.household_id == house.c.id)
        .order_by(house.c.seq)
    )  # fmt: skip
    for start in session.execute(found.execution_options(yield_per=500)).mappings().partitions():
        ids = [row["id"] for row in start]
        members: dict[str, list[Person]] = {id_: [] for id_ in ids}
        columns = [getattr(person, name) for name in Person.__dataclass_fields__]
        chosen = select(person.household_id, *columns).where(person.household_id.in_(ids))
        for household_id, *values in session.execute(
            chosen.order_by(person.household_id, person.position)
        ):
            members[household_id].append(Person(*values))
        for row in start:
            yield Register(
                id=row["id"], source=row["source"], idbdt=row["idbdt"], kerja=row["kerja"],
                kirim=row["kirim"], revisi=row["revisi"],
                facts=households.Facts(
                    **{name: row[name] for name in households.Facts.__dataclass_fields__}
                ),
                persons=tuple(members[row["id"]]), words=row["words"], answers=row["answers"],
                fingerprint=row["fingerprint"], line=row["line"] or "", drafts=row["drafts"],
                result=row["result"],
            )  # fmt: skip


def ever_drafted(session: Session) -> frozenset[str]:
    """Return the households that somebody ever began, by the trail."""
    row = tables.AuditLine
    return frozenset(session.scalars(select(row.subject).where(row.action == "kunjungan.draf")))


def photos(session: Session) -> Iterator[tuple[str, bool]]:
    """Yield (hash, whether the content is that) of every photo, those in the bin too."""
    for row in (tables.AttachmentRow, BinPhoto):
        names = session.scalars(select(row.sha256)).all()
        for sha256 in names:
            content = session.scalar(select(row.content).where(row.sha256 == sha256).limit(1))
            yield sha256, hashlib.sha256(content or b"").hexdigest() == sha256


def other_hashes(session: Session) -> list[str]:
    """Return the names of tables of which a row's content is not what its hash says."""
    wrong = []
    for name, row, content in (
        ("instrument", tables.InstrumentRow, tables.InstrumentRow.content),
        ("keyset", tables.KeySetRow, tables.KeySetRow.raw),
    ):
        for sha256, value in session.execute(select(row.sha256, content)):
            if hashlib.sha256(value).hexdigest() != sha256:
                wrong.append(name)
    return wrong


def stray_draft_values(session: Session) -> list[str]:
    """Return the households that have drafted answers without a draft."""
    value, draft = tables.DraftValue, tables.Draft
    same = exists().where(
        draft.household_id == value.household_id,
        draft.instrument_id == value.instrument_id,
        draft.instrument_version == value.instrument_version,
    )
    return list(session.scalars(select(value.household_id).where(~same).distinct()))


def incomplete_exports(session: Session) -> list[int]:
    """Return the numbers of bundles of visits whose list of contents lacks rows."""
    row = tables.ExportRow
    asked: list[int] = []
    for table, told in (
        (tables.ExportVisit, row.visits),
        (tables.ExportAttachment, row.attachments),
    ):
        listed = (
            select(func.count())
            .select_from(table)
            .where(table.manifest_sha256 == row.manifest_sha256)
            .scalar_subquery()
        )
        asked += session.scalars(select(row.seq).where(row.type == "visits", told != listed)).all()
    return sorted(set(asked))


def missing_exports(session: Session) -> list[tuple[str, int]]:
    """Return (stream, number) of bundles that the stream counts and no row tells of.

    Numbers that a power cut left without a bundle are known and none of these.
    """
    found = []
    begun = ledger.reserved(session)
    for stream, following in session.execute(
        select(tables.StreamRow.stream, tables.StreamRow.next_seq)
    ):
        told = set(
            session.scalars(select(tables.ExportRow.seq).where(tables.ExportRow.stream == stream))
        )
        told |= {seq for of, seq in begun if of == stream}
        found += [(stream, seq) for seq in range(1, following) if seq not in told]
    return found


def missing_arrivals(session: Session) -> list[str]:
    """Return the bundles that the trail tells of as taken in and no row knows."""
    line = tables.AuditLine
    known = exists().where(tables.ArrivalRow.bundle_id == line.subject)
    told = select(line.subject).where(line.action.startswith("serah.terima."), ~known)
    return list(session.scalars(told.order_by(line.seq)))


def missing_facts(session: Session) -> list[str]:
    """Return the facts that the trail's first day tells of and this village lacks."""
    made = select(exists().where(tables.AuditLine.action == "desa.buat"))
    return sorted(set(FACTS) - meta.every(session).keys()) if session.scalar(made) else []
