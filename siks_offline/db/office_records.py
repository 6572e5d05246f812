"""Proposals, verdicts and musyawarahs in the office store, and the count of its villages."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from siks_offline.db import office_tables as t
from siks_offline.db import office_tables_meeting as m
from siks_offline.db.office import Row, rows
from siks_offline.db.office_visits import CHUNK, is_head
from siks_offline.period import begins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session


def add(session: Session, found: Sequence[Mapping[str, Any]]) -> None:
    """Insert records; those that are here change nothing."""
    fresh = {row["sha256"]: dict(row) for row in found}
    hashes = list(fresh)
    of = m.records.c.sha256
    for start in range(0, len(hashes), CHUNK):
        part = hashes[start : start + CHUNK]
        for sha256 in session.scalars(select(of).where(of.in_(part))):
            fresh.pop(sha256, None)
    if fresh:
        session.execute(insert(m.records), list(fresh.values()))


def add_documents(session: Session, found: Sequence[Mapping[str, Any]]) -> None:
    """Note the signed papers that a manifest names; it is loaded once only."""
    if found:
        session.execute(insert(m.documents), [dict(row) for row in found])


def keys(session: Session, kode_desa: str) -> Iterator[tuple[str, int, str]]:
    """Yield (record id, revision, hash) of all records of a village."""
    of = m.records.c
    query = select(of.record_id, of.revision, of.sha256).where(of.kode_desa == kode_desa)
    for row in session.execute(query).yield_per(1000):
        yield row.record_id, row.revision, row.sha256


def heads(session: Session, kind: str, period: str) -> dict[tuple[str, str], Row]:
    """Return what stands of a kind and period by (village, record id).

    Of several revisions the highest, and of two devices' same one that of the higher hash: the
    same for every order in which files came.
    """
    of = m.records.c
    query = select(m.records).where(of.kind == kind, of.period == period)
    return {
        (row["kode_desa"], row["record_id"]): row
        for row in rows(session, query.order_by(of.revision, of.sha256))
    }


def forked(session: Session, period: str) -> set[tuple[str, str]]:
    """Return (village, record id) of which two devices sent different revisions of one number."""
    of = m.records.c
    query = select(of.kode_desa, of.record_id, of.revision).where(of.period == period)
    seen: set[tuple[str, str, int]] = set()
    twice: set[tuple[str, str]] = set()
    for kode, record_id, revision in session.execute(query):
        if (kode, record_id, revision) in seen:
            twice.add((kode, record_id))
        seen.add((kode, record_id, revision))
    return twice


def named_papers(session: Session) -> dict[tuple[str, str], tuple[str, str]]:
    """Return (kind, period) of the signed papers that musyawarahs name, by (village, hash).

    Of all revisions: what was signed before a musyawarah was opened again stays known.
    """
    of = m.records.c
    query = select(of.kode_desa, of.period, of.body).where(of.kind == "musdes")
    return {
        (kode, one["sha256"]): (one["kind"], period)
        for kode, period, body in session.execute(query.order_by(of.revision, of.sha256))
        for one in json.loads(body).get("documents", ())
    }


def changes(session: Session, period: str) -> dict[str, Counter[tuple[str, str]]]:
    """Count what became of households between visits, by village: (kind, reason) to number.

    A split or merge counts as one, however many persons went.
    """
    of = m.records.c
    query = select(of.kode_desa, of.status, of.reason, of.household_id, of.body)
    seen: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    found: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    chosen = query.where(of.kind == "moves", of.period == period)
    for kode, kind, reason, home, body in session.execute(chosen):
        if kind in ("pecah", "gabung"):
            whole = (kind, home, json.loads(body)["other"])
            if whole in seen[kode]:
                continue
            seen[kode].add(whole)
        found[kode][kind, reason] += 1
    return found


def documents(session: Session, period: str) -> list[Row]:
    """Return the papers that manifests of a period name: kode_desa, kind, sha256, once each."""
    of = m.documents.c
    query = select(of.kode_desa, of.kind, of.sha256).where(of.period == period).distinct()
    return rows(session, query.order_by(of.kode_desa, of.kind, of.sha256))


def periods(session: Session) -> list[str]:
    """Return the periods of which anything came, ascending."""
    found = set(session.scalars(select(t.revisions.c.period).distinct()))
    found |= set(session.scalars(select(m.records.c.period).distinct()))
    return sorted(found, key=begins)


def awaited(session: Session) -> Iterator[tuple[str, str]]:
    """Yield (village, household) of the newest prelist of every village."""
    of = t.prelist_households.c
    query = select(of.kode_desa, of.household_id)
    for row in session.execute(query).yield_per(5000):
        yield row.kode_desa, row.household_id


def visits(session: Session, period: str) -> Iterator[Row]:
    """Yield the heads of a period's visits: village, household, hash, IDBDT, status, outcome.

    `outcome` is None for one taken in before outcomes were noted; several heads of a household
    follow each other, the one that stands last.
    """
    of = t.revisions.c
    query = (
        select(
            of.kode_desa, of.household_id, of.sha256, of.idbdt, of.status_rumahtangga, of.outcome
        )
        .where(of.period == period, is_head())
        .order_by(of.kode_desa, of.household_id, of.revision, of.sha256)
    )  # fmt: skip
    for row in session.execute(query).yield_per(5000):
        yield dict(row._mapping)
