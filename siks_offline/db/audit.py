r"""Who did what when: append-only and hash-chained; an action that cannot be noted fails.

hash = SHA-256("siks-audit/1\n" + JSON array [seq, at, account, action, subject, detail, prev])
with prev the hash of the line before, empty at seq 1. Details name records by id and hold no NIK:
a run of 16 digits is masked before it is written.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError

from siks_offline.db.tables import AuditLine, json_text
from siks_offline.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import RowMapping
    from sqlalchemy.orm import Session

_NIK = re.compile(r"(?<![0-9a-fA-F])[0-9]{12}([0-9]{4})(?![0-9a-fA-F])")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the trail; `detail` is JSON text."""

    seq: int
    at: str
    account: str
    action: str
    subject: str
    detail: str
    prev: str
    hash: str


def append(
    session: Session,
    *,
    account: str,
    action: str,
    at: str,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> str:
    """Note an action in the transaction that does it; return the new head.

    Raises StoreError E_AUDIT when the line cannot be written, which undoes the action.
    """
    try:
        seq, prev = head(session)
        values = {
            "seq": seq + 1,
            "at": at,
            "account": account,
            "action": action,
            "subject": _masked(subject),
            "detail": _masked(json_text(dict(detail or {}))),
            "prev": prev,
        }
        values["hash"] = _hash(values)
        session.execute(insert(AuditLine).values(**values))
    except (SQLAlchemyError, TypeError, ValueError) as error:
        raise StoreError("E_AUDIT") from error
    return str(values["hash"])


def head(session: Session) -> tuple[int, str]:
    """Return the number and hash of the last line; (0, "") before the first."""
    last = select(AuditLine.seq, AuditLine.hash).order_by(AuditLine.seq.desc()).limit(1)
    row = session.execute(last).first()
    return (0, "") if row is None else row


def latest(session: Session, action: str) -> str:
    """Return when an action was last taken; empty when it never was."""
    last = (
        select(AuditLine.at)
        .where(AuditLine.action == action)
        .order_by(AuditLine.seq.desc())
        .limit(1)
    )
    return session.scalar(last) or ""


def lines(
    session: Session,
    *,
    newest: int | None = None,
    subject: str = "",
    account: str = "",
    below: int | None = None,
) -> list[Line]:
    """Return the trail, newest line first, at most so many; of a subject or an account only.

    `below` goes on after the line of that number.
    """
    found = select(AuditLine.__table__).order_by(AuditLine.seq.desc()).limit(newest)
    if subject:
        found = found.where(AuditLine.subject == subject)
    if account:
        found = found.where(AuditLine.account == account)
    if below is not None:
        found = found.where(AuditLine.seq < below)
    return [Line(**row) for row in session.execute(found).mappings()]


def accounts(session: Session) -> list[str]:
    """Return the accounts that ever acted, sorted."""
    return list(session.scalars(select(AuditLine.account).distinct().order_by(AuditLine.account)))


def verify(session: Session, known: Mapping[int, str] | None = None) -> int | None:
    """Return the number of the first line that was altered, moved or removed; None when whole.

    `known` are heads noted elsewhere, such as in signed exports: they find a trail whose end was
    cut off or which was written anew, which the chain by itself cannot.
    """
    expected = dict(known or {})
    before, prev = 0, ""
    for line in _ascending(session):
        seq = int(line["seq"])
        whole = seq == before + 1 and line["prev"] == prev and line["hash"] == _hash(line)
        if not whole or expected.pop(seq, line["hash"]) != line["hash"]:
            return min(seq, before + 1)
        before, prev = seq, str(line["hash"])
    expected.pop(0, None)
    return min(expected, default=None)


def _ascending(session: Session) -> Iterator[RowMapping]:
    found = select(AuditLine.__table__).order_by(AuditLine.seq)
    yield from session.execute(found.execution_options(yield_per=1000)).mappings()


def _hash(line: RowMapping | dict[str, Any]) -> str:
    parts = [line[n] for n in ("seq", "at", "account", "action", "subject", "detail", "prev")]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(b"siks-audit/1\n" + text.encode()).hexdigest()


def _masked(text: str) -> str:
    return _NIK.sub(r"NIK\1", text)
