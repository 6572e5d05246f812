"""Answers being written: kept as rows of (path, value), by one author at a time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from siks_offline.db import tables
from siks_offline.errors import StoreError
from siks_offline.model import Confirmation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it stands. `typing` is the half-typed field: (path, text)."""

    author: str
    at: str
    rows: Mapping[str, str]
    confirmations: tuple[Confirmation, ...]
    typing: tuple[str, str] | None


def read(
    session: Session, household_id: str, instrument_id: str, instrument_version: str
) -> Draft | None:
    """Return the draft of a household under one instrument version, or None."""
    key = (household_id, instrument_id, instrument_version)
    row = tables.Draft
    columns = (row.author, row.at, row.typing_path, row.typing_text, row.confirmations)
    found = session.execute(select(*columns).where(*_of(row, key))).first()
    if found is None:
        return None
    author, at, path, text, confirmations = found
    return Draft(
        author=author,
        at=at,
        rows=_rows(session, key),
        confirmations=tuple(Confirmation(**each) for each in confirmations),
        typing=None if path is None else (path, text),
    )


def of_households(session: Session, ids: Sequence[str]) -> dict[str, dict[tuple[str, str], Draft]]:
    """Return the drafts of some households by instrument id and version, newest draft first."""
    row, value = tables.Draft, tables.DraftValue
    key = (row.household_id, row.instrument_id, row.instrument_version)
    columns = (*key, row.author, row.at, row.typing_path, row.typing_text, row.confirmations)
    of_value = (value.household_id, value.instrument_id, value.instrument_version)
    written: dict[tuple[str, str, str], dict[str, str]] = {}
    chosen = select(*of_value, value.path, value.value).where(value.household_id.in_(ids))
    for household_id, name, version, path, text in session.execute(chosen.order_by(value.path)):
        written.setdefault((household_id, name, version), {})[path] = text
    found: dict[str, dict[tuple[str, str], Draft]] = {}
    kept = select(*columns).where(row.household_id.in_(ids)).order_by(row.at.desc())
    for household_id, name, version, author, at, path, text, confirmations in session.execute(kept):
        found.setdefault(household_id, {})[name, version] = Draft(
            author=author,
            at=at,
            rows=written.get((household_id, name, version), {}),
            confirmations=tuple(Confirmation(**each) for each in confirmations),
            typing=None if path is None else (path, text),
        )
    return found


def households(session: Session) -> list[str]:
    """Return the households that have drafts, sorted."""
    row = tables.Draft
    return list(session.scalars(select(row.household_id).distinct().order_by(row.household_id)))


def versions(session: Session, household_id: str) -> list[tuple[str, str]]:
    """Return the instruments, as id and version, a household has drafts of, newest draft first."""
    row = tables.Draft
    found = select(row.instrument_id, row.instrument_version)
    newest = found.where(row.household_id == household_id).order_by(row.at.desc())
    return [(name, version) for name, version in session.execute(newest)]


def newest(
    session: Session, household_id: str, instrument_id: str, instrument_version: str, most: int
) -> list[tuple[str, str]]:
    """Return the paths and answers that were kept last, the newest first."""
    row = tables.DraftValue
    key = (household_id, instrument_id, instrument_version)
    found = select(row.path, row.value).where(*_of(row, key), row.value != "")
    latest = found.order_by(row.at.desc(), row.path).limit(most)
    return [(path, value) for path, value in session.execute(latest)]


def save(
    session: Session,
    household_id: str,
    instrument_id: str,
    instrument_version: str,
    *,
    rows: Mapping[str, str],
    author: str,
    at: str,
    typing: tuple[str, str] | None = None,
    confirmations: Sequence[Confirmation] = (),
) -> frozenset[str]:
    """Make the stored draft equal to `rows`; only rows that differ are written.

    Returns the paths that were written or removed. Raises StoreError E_DRAFT_OTHER while the
    draft belongs to somebody else; `take_over` is how a person takes it.
    """
    key = (household_id, instrument_id, instrument_version)
    row = tables.Draft
    said = [{"path": c.path, "reason": c.reason, "rule": c.rule} for c in confirmations]
    owner = session.scalar(select(row.author).where(*_of(row, key)))
    if owner is not None and owner != author:
        raise StoreError("E_DRAFT_OTHER", akun=owner)
    state = {
        "author": author,
        "at": at,
        "typing_path": typing[0] if typing else None,
        "typing_text": typing[1] if typing else "",
        "confirmations": said,
        "sha256": fingerprint(rows, typing, said),
    }
    if owner is None:
        session.execute(insert(row).values(**_named(key), **state))
    else:
        session.execute(update(row).where(*_of(row, key)).values(**state))
    stored = _rows(session, key)
    gone = stored.keys() - rows.keys()
    changed = [path for path, value in rows.items() if stored.get(path) != value]
    value_row = tables.DraftValue
    removed = [*gone, *(path for path in changed if path in stored)]
    for start in range(0, len(removed), 500):
        chosen = value_row.path.in_(removed[start : start + 500])
        session.execute(delete(value_row).where(*_of(value_row, key), chosen))
    if changed:
        fresh = {**_named(key), "author": author, "at": at}
        session.execute(
            insert(value_row), [{**fresh, "path": path, "value": rows[path]} for path in changed]
        )
    return frozenset(gone).union(changed)


def fingerprint(
    rows: Mapping[str, str],
    typing: tuple[str, str] | None,
    confirmations: Sequence[Mapping[str, str]],
) -> str:
    """Return the SHA-256 of all that a draft holds, lower-case hex."""
    held = [rows, typing, confirmations]
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()


def mark_incomplete(
    session: Session, household_id: str, instrument_id: str, instrument_version: str, sha256: str
) -> None:
    """Say what a draft once held: until somebody writes on, it is told to lack something."""
    key = (household_id, instrument_id, instrument_version)
    row = tables.Draft
    session.execute(update(row).where(*_of(row, key)).values(sha256=sha256))


def broken(session: Session) -> Iterator[str]:
    """Yield the households of which a draft does not hold what it was kept with."""
    row, value = tables.Draft, tables.DraftValue
    key = (row.household_id, row.instrument_id, row.instrument_version)
    of_value = (value.household_id, value.instrument_id, value.instrument_version)
    found = select(*key, row.typing_path, row.typing_text, row.confirmations, row.sha256)
    drafted = session.execute(found.where(row.sha256 != "").order_by(*key)).all()
    chosen = select(*of_value, value.path, value.value).order_by(*of_value)
    rows = session.execute(chosen.execution_options(yield_per=5_000))
    groups = groupby(rows, key=lambda one: tuple(one[:3]))
    name, answers = next(groups, (None, iter(())))
    for *wanted, path, text, confirmations, sha256 in drafted:
        while name is not None and name < tuple(wanted):
            name, answers = next(groups, (None, iter(())))
        mine = {one[3]: one[4] for one in answers} if name == tuple(wanted) else {}
        typing = None if path is None else (path, text)
        if fingerprint(mine, typing, confirmations) != sha256:
            yield wanted[0]


def values(
    session: Session,
    household_id: str,
    instrument_id: str,
    instrument_version: str,
    paths: Iterable[str],
) -> dict[str, str]:
    """Return the drafted answers at a few paths; those without one are absent."""
    row = tables.DraftValue
    key = (household_id, instrument_id, instrument_version)
    found = select(row.path, row.value).where(*_of(row, key), row.path.in_(list(paths)))
    return dict(session.execute(found).all())


def households_with(session: Session) -> frozenset[str]:
    """Return the households that somebody is writing about."""
    return frozenset(session.scalars(select(tables.Draft.household_id)))


def require_own(session: Session, household_id: str, account: str) -> None:
    """Raise StoreError E_DRAFT_OTHER where a household's draft is somebody else's."""
    row = tables.Draft
    others = select(row.author).where(row.household_id == household_id, row.author != account)
    owner = session.scalar(others.limit(1))
    if owner is not None:
        raise StoreError("E_DRAFT_OTHER", akun=owner)


def take_over(session: Session, household_id: str, account: str) -> str | None:
    """Make an account the author of a household's drafts; return who was, None without a draft."""
    row = tables.Draft
    chosen = row.household_id == household_id
    before = session.scalar(select(row.author).where(chosen))
    if before is not None:
        session.execute(update(row).where(chosen).values(author=account))
    return before


def drop(session: Session, household_id: str) -> bool:
    """Delete a household's drafts of every instrument version; whether there was one."""
    session.execute(delete(tables.DraftValue).where(tables.DraftValue.household_id == household_id))
    gone = delete(tables.Draft).where(tables.Draft.household_id == household_id)
    return bool(session.execute(gone.returning(tables.Draft.household_id)).all())


def _rows(session: Session, key: tuple[str, str, str]) -> dict[str, str]:
    row = tables.DraftValue.__table__.c  # not of the class: rows by the hundred come faster
    found = select(row.path, row.value).where(*_of(row, key)).order_by(row.path)
    return dict(session.execute(found).all())


def _named(key: tuple[str, str, str]) -> dict[str, str]:
    names = ("household_id", "instrument_id", "instrument_version")
    return dict(zip(names, key, strict=True))


def _of(row: Any, key: tuple[str, str, str]) -> Iterable[ColumnElement[bool]]:
    """Return the conditions that name one draft; `row` has its columns."""
    return (
        row.household_id == key[0],
        row.instrument_id == key[1],
        row.instrument_version == key[2],
    )
