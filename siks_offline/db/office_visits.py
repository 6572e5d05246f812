"""Revisions of visits in the office store: load them fast, find heads, conflicts, duplicates."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.dialects import sqlite

from siks_offline.db import faults
from siks_offline.db import office_tables as t
from siks_offline.db.office import Row, rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Table
    from sqlalchemy.orm import Session

CHUNK = 500


def known(session: Session, hashes: Sequence[str]) -> dict[str, str | None]:
    """Return which of these revisions are here, with their outcomes; at most CHUNK hashes."""
    connection = session.connection()
    # Straight to the driver: a statement of so many values costs SQLAlchemy more than the store.
    if connection.dialect.name == "postgresql":
        query = "SELECT sha256, outcome FROM revisions WHERE sha256 = ANY(%s)"
        return dict(connection.exec_driver_sql(query, (list(hashes),)).all())
    query = "SELECT sha256, outcome FROM revisions WHERE sha256 IN (SELECT value FROM json_each(?))"
    return dict(connection.exec_driver_sql(query, (json.dumps(list(hashes)),)).all())


_LAST_NUMBER = select(func.max(t.revisions.c.number))


def add_revisions(
    session: Session,
    revisions: Sequence[Mapping[str, Any]],
    parents: Sequence[Mapping[str, Any]],
    persons: Sequence[Mapping[str, Any]],
    photos: Sequence[Mapping[str, Any]],
) -> None:
    """Insert revisions that are not here yet, with what hangs on them, all by their `sha256`."""
    connection = session.connection()
    last = connection.scalar(_LAST_NUMBER) or 0
    numbers = {row["sha256"]: number for number, row in enumerate(revisions, last + 1)}
    many: tuple[tuple[Table, Sequence[Mapping[str, Any]]], ...] = (
        (t.revisions, revisions),
        (t.parents, parents),
        (t.persons, persons),
        (t.photos, photos),
    )
    for table, found in many:
        if found:
            numbered = table in {t.revisions, t.persons}
            names = tuple(one.name for one in table.columns)[numbered:]
            values: Iterable[tuple[Any, ...]] = map(itemgetter(*names), found)
            if numbered:
                values = (
                    (numbers[row["sha256"]], *rest) for row, rest in zip(found, values, strict=True)
                )
            _insert(connection, table, values)


def note_outcomes(session: Session, outcomes: Mapping[str, str]) -> None:
    """Note what visits came to that were taken in before this was noted, by revision."""
    r = t.revisions
    for sha256, outcome in outcomes.items():
        unknown = (r.c.sha256 == sha256) & r.c.outcome.is_(None)
        session.execute(update(r).where(unknown).values(outcome=outcome))


def _insert(connection: Connection, table: Table, found: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows of all columns, straight through the driver: COPY where the server has it.

    Texts and counts need no conversion on the way, and a look at each value costs more than the
    insertion itself.
    """
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        columns = ",".join(one.name for one in table.columns)
        with (
            faults.told(),
            driver.cursor() as cursor,
            cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as out,
        ):
            out.write("".join(map(_copied, found)))
        return
    connection.exec_driver_sql(_insertion(table), list(found))


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copied(values: tuple[Any, ...]) -> str:
    """Return a row of texts and counts as COPY reads it: a tab between, four characters escaped.

    https://www.postgresql.org/docs/current/sql-copy.html, "Text Format".
    """
    line = "\t".join(map(str, values))
    if (
        line.count("\t") >= len(values)
        or "\\" in line
        or "\n" in line
        or "\r" in line
        or None in values
    ):
        line = "\t".join("\\N" if one is None else str(one).translate(_ESCAPED) for one in values)
    return line + "\n"


@cache
def _insertion(table: Table) -> str:
    """Return SQLite's statement that inserts a row of all columns, in their order."""
    return insert(table).compile(dialect=sqlite.dialect(paramstyle="qmark")).string


def add_attachment(session: Session, row: Mapping[str, Any]) -> None:
    """Note that a village has sent an attachment; the first file that held it stays named."""
    a = t.attachments.c
    same = (a.kode_desa == row["kode_desa"]) & (a.sha256 == row["sha256"])
    if session.scalar(select(a.sha256).where(same)) is None:
        session.execute(insert(t.attachments), dict(row))


def forget_attachments(session: Session, files: set[str]) -> None:
    """Forget the attachments whose bytes lay in these files, so that they are asked for again."""
    for sha256 in sorted(files):
        gone = t.attachments.c.file_sha256 == sha256
        session.execute(delete(t.attachments).where(gone))


def attachments_of(session: Session, kode_desa: str) -> set[str]:
    """Return hashes of the attachments that a village has sent."""
    a = t.attachments.c
    return set(session.scalars(select(a.sha256).where(a.kode_desa == kode_desa)))


def revision_keys(session: Session, kode_desa: str) -> Iterator[tuple[str, int, str]]:
    """Yield (visit id, revision, hash) of all revisions of a village."""
    r = t.revisions.c
    found = session.execute(
        select(r.visit_id, r.revision, r.sha256).where(r.kode_desa == kode_desa)
    ).yield_per(1000)
    for row in found:
        yield row.visit_id, row.revision, row.sha256


def is_head() -> ColumnElement[bool]:
    """No other revision of the same household and period names it as parent, of whichever visit.

    Only the same village's own counts: one village cannot hide what another sent.
    """
    child = t.revisions.alias("child")
    return ~exists(
        select(1)
        .select_from(t.parents.join(child, child.c.sha256 == t.parents.c.sha256))
        .where(
            t.parents.c.parent == t.revisions.c.sha256,
            child.c.household_id == t.revisions.c.household_id,
            child.c.period == t.revisions.c.period,
            child.c.kode_desa == t.revisions.c.kode_desa,
        )
    )


def heads(session: Session, kode_desa: str | None = None) -> list[Row]:
    """Return every head: the revisions that stand, several for a visit when they conflict."""
    r = t.revisions.c
    query = select(
        r.kode_desa, r.household_id, r.visit_id, r.period, r.revision, r.sha256
    ).where(is_head())  # fmt: skip
    if kode_desa is not None:
        query = query.where(r.kode_desa == kode_desa)
    order = (r.kode_desa, r.household_id, r.period, r.visit_id, r.revision, r.sha256)
    return rows(session, query.order_by(*order))


def rivals(session: Session, kode_desa: str) -> list[Row]:
    """Return the heads of a village's households of which several stand in one period.

    Rows household_id, period, visit_id, revision, sha256, body; those of a household together.
    """
    r = t.revisions.c
    several = (
        select(r.household_id, r.period)
        .where(r.kode_desa == kode_desa)
        .group_by(r.household_id, r.period)
        .having(func.count() > 1)
        .subquery()
    )
    same = (several.c.household_id == r.household_id) & (several.c.period == r.period)
    query = (
        select(r.household_id, r.period, r.visit_id, r.revision, r.sha256)
        .join(several, same)
        .where(r.kode_desa == kode_desa, is_head())
        .order_by(r.household_id, r.period, r.sha256)
    )
    found = rows(session, query)
    count = Counter((one["household_id"], one["period"]) for one in found)
    return [
        dict(one) | {"body": body(session, one["sha256"])}
        for one in found
        if count[one["household_id"], one["period"]] > 1
    ]


def pending_photos(session: Session) -> set[str]:
    """Return hashes of heads that name an attachment which has not come."""
    here = exists().where(
        t.attachments.c.kode_desa == t.revisions.c.kode_desa,
        t.attachments.c.sha256 == t.photos.c.attachment,
    )
    query = (
        select(t.photos.c.sha256)
        .join(t.revisions, t.revisions.c.sha256 == t.photos.c.sha256)
        .where(~here, is_head())
        .distinct()
    )
    return set(session.scalars(query))


def body(session: Session, sha256: str) -> str | None:
    """Return the whole of one revision, as its hash was made of."""
    return session.scalar(select(t.revisions.c.body).where(t.revisions.c.sha256 == sha256))


def household_counts(session: Session) -> dict[str, int]:
    """Return how many households of each village have arrived."""
    r = t.revisions.c
    query = select(r.kode_desa, func.count(r.household_id.distinct())).group_by(r.kode_desa)
    return dict(session.execute(query).all())


def household_total(session: Session) -> int:
    """Return how many households have arrived."""
    return sum(household_counts(session).values())


def awaited(session: Session) -> dict[str, int]:
    """Return how many households of each village's newest prelist have not arrived."""
    p, r = t.prelist_households.c, t.revisions.c
    came = exists().where(r.kode_desa == p.kode_desa, r.household_id == p.household_id)
    query = select(p.kode_desa, func.count()).where(~came).group_by(p.kode_desa)
    return dict(session.execute(query).all())


def shared_niks(session: Session) -> list[Row]:
    """Return NIK that stand in heads of more than one household: nik, kode_desa, visit_id.

    Decrypted data of the office's own store; a village learns only that its own visit is one.
    """
    p, r = t.persons.c, t.revisions.c
    of_heads = (
        select(p.nik, r.kode_desa, r.household_id, r.visit_id, r.period)
        .join(t.revisions, r.number == p.revision)
        .where(p.nik != "", is_head())
        .cte("of_heads")
    )
    twice = (
        select(of_heads.c.nik)
        .group_by(of_heads.c.nik)
        .having(func.count((of_heads.c.kode_desa + of_heads.c.household_id).distinct()) > 1)
    )
    query = (
        select(of_heads.c.nik, of_heads.c.kode_desa, of_heads.c.household_id, of_heads.c.visit_id)
        .where(of_heads.c.nik.in_(twice))
        .distinct()
        .order_by(of_heads.c.nik, of_heads.c.kode_desa, of_heads.c.visit_id)
    )
    return rows(session, query)
