"""Facts, key sets, instruments and the audit chain of the office store."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from siks_offline.db import office_tables as t
from siks_offline.db import office_tables_meeting as m

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Insert, Select, Table
    from sqlalchemy.orm import Session

Row = dict[str, Any]


def rows(session: Session, statement: Select[Any], **values: Any) -> list[Row]:
    """Return the rows of a query, with values for its parameters, as plain dicts."""
    return [dict(row) for row in session.execute(statement, values).mappings()]


def one(session: Session, statement: Select[Any], **values: Any) -> Row | None:
    """Return the first row of a query as a plain dict, or None."""
    row = session.execute(statement, values).mappings().first()
    return None if row is None else dict(row)


@cache
def insertion(table: Table) -> Insert:
    """Return the statement that inserts into a table; making it costs more than a row."""
    return insert(table)


def add(session: Session, table: Table, row: Mapping[str, Any]) -> None:
    """Insert one row."""
    session.execute(insertion(table), dict(row))


def fact(session: Session, name: str, default: str = "") -> str:
    """Return one fact of the office."""
    return session.scalar(select(t.facts.c.value).where(t.facts.c.name == name)) or default


def facts(session: Session) -> dict[str, str]:
    """Return all facts of the office."""
    found = session.execute(select(t.facts.c.name, t.facts.c.value))
    return {row.name: row.value for row in found}


def set_fact(session: Session, name: str, value: str) -> None:
    """Write one fact of the office."""
    changed = session.execute(update(t.facts).where(t.facts.c.name == name).values(value=value))
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        add(session, t.facts, {"name": name, "value": value})


FLOOR = "versi.lantai"
"""Fact: a number that no version of before a restore can have reached."""


def next_version(session: Session, last: int) -> int:
    """Return the number of the next key set or prelist.

    An office made of its copy does not know what it had sent since: villages may hold higher ones,
    and to them the next in its own count would be an old one.
    """
    return max(last + 1, int(fact(session, FLOOR, "0")))


def add_keyset(session: Session, row: Mapping[str, Any]) -> None:
    """Keep a signed key set of this office."""
    add(session, t.keysets, row)


def keyset(session: Session) -> Row | None:
    """Return the newest key set: version, sha256, raw, signature."""
    return one(session, select(t.keysets).order_by(t.keysets.c.version.desc()).limit(1))


def know_instrument(session: Session, sha256: str, name: str, version: str, at: str) -> bool:
    """Record an instrument that this office can check; tell whether it is new."""
    if session.scalar(select(t.instruments.c.id).where(t.instruments.c.sha256 == sha256)):
        return False
    row = {"sha256": sha256, "id": name, "version": version, "known_at": at}
    add(session, t.instruments, row)
    return True


_INSTRUMENTS = select(t.instruments).order_by(t.instruments.c.id, t.instruments.c.version)


def instruments(session: Session) -> list[Row]:
    """Return the instruments known here."""
    return rows(session, _INSTRUMENTS)


# The audit chain -------------------------------------------------------------------------------


_NEWEST_LINE = select(t.audit).order_by(t.audit.c.seq.desc()).limit(1)


def record(session: Session, at: str, actor: str, action: str, subject: str, **what: Any) -> None:
    """Append one line to the audit chain; never a NIK, a name or another answer."""
    last = one(session, _NEWEST_LINE)
    line = {
        "seq": 1 if last is None else last["seq"] + 1,
        "at": at,
        "actor": actor,
        "action": action,
        "subject": subject,
        "facts": json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        "prev": "" if last is None else last["hash"],
    }
    add(session, t.audit, {**line, "hash": _audit_hash(line)})


def _audit_hash(line: Mapping[str, Any]) -> str:
    fields = ("seq", "at", "actor", "action", "subject", "facts", "prev")
    text = json.dumps([line[name] for name in fields], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"siks-audit-dinsos/1\n" + text.encode()).hexdigest()


def audit_lines(session: Session) -> list[Row]:
    """Return the audit chain, oldest first."""
    return rows(session, select(t.audit).order_by(t.audit.c.seq))


def broken_audit(lines: Iterable[Mapping[str, Any]]) -> int | None:
    """Return the number of the first line that the chain does not carry, or None."""
    prev = ""
    for seq, line in enumerate(lines, 1):
        if line["seq"] != seq or line["prev"] != prev or line["hash"] != _audit_hash(line):
            return int(line["seq"])
        prev = line["hash"]
    return None


def audit_head(session: Session) -> str:
    """Return the hash of the newest audit line, empty when there is none."""
    newest = select(t.audit.c.hash).order_by(t.audit.c.seq.desc()).limit(1)
    return session.scalar(newest) or ""


# Rebuilding ------------------------------------------------------------------------------------


def forget_imports(session: Session) -> int:
    """Delete everything that importing the archive again brings back; return visits forgotten.

    Registry, decisions, key sets, prelists, receipts and the audit chain stay: they are what
    people decided and what was sent.
    """
    before = session.scalar(select(func.count()).select_from(t.revisions)) or 0
    for table in (
        m.documents,
        m.records,
        t.photos,
        t.persons,
        t.parents,
        t.revisions,
        t.results,
        t.attachments,
        t.inventories,
        t.bundles,
    ):
        session.execute(delete(table))
    return before
