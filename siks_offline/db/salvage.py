"""What can still be read of a damaged file: rows of pages that hold, whatever the others are.

Read only, page by page as far as references lead; a page that fails ends one row, never the rest.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy.exc import IntegrityError

from siks_offline.db import engine as engines
from siks_offline.db import every_table
from siks_offline.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

_COLUMNS: Final = {
    "revision": ("seq", "sha256", "visit_id", "revision", "line"),
    "draft": (
        *("household_id", "instrument_id", "instrument_version", "author", "at"),
        *("typing_path", "typing_text", "confirmations", "sha256"),
    ),
    "draft_value": ("household_id", "instrument_id", "instrument_version", "path", "value"),
    "household": ("seq", "id", "idbdt", "source"),
}
WHOLE: Final = {
    "instrument": ("sha256",),
    "attachment": ("sha256",),
    "proposal": ("proposal_id",),
    "sitting": ("sitting_id",),
    "verdict": ("household_id", "period"),
    "meeting": ("period",),
    "document": ("sha256",),
    "record": ("sha256",),
    "note": ("household_id", "path", "kind", "author", "at"),
}
"""Tables whose rows are brought over as they are, and the columns by which one is known."""
_OWN_NUMBER: Final = {"instrument": "number", "record": "seq", "note": "number"}


def _damage() -> tuple[type[Exception], ...]:
    import sqlcipher3.dbapi2

    dbapi2: Any = sqlcipher3.dbapi2  # a compiled module without type stubs
    return (dbapi2.DatabaseError,)


_DAMAGE: Final = _damage()
_REFUSED: Final[tuple[type[Exception], ...]] = (StoreError, *_DAMAGE)


class Wreck:
    """A damaged file, opened to read what holds; use as a context manager."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._engine = engines.file_engine(path, key, keep=False, pragmas=())
        self._raw: Any = self._engine.raw_connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):
            self._raw.close()
        self._engine.dispose()

    def rows(self, table: str, where: str = "", *values: Any) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table that can be read; by their numbers where a scan fails.

        `where` is the name of a column that equals the one value.
        """
        columns = self._columns(table)
        names = ", ".join(columns)
        # Nothing here comes from outside: tables and columns are those named above.
        condition = f" WHERE {where} = ?" if where else ""
        statement = f"SELECT rowid, {names} FROM {table}{condition} ORDER BY rowid"  # noqa: S608
        seen: set[int] = set()
        try:
            cursor = self._raw.cursor()
            for row in cursor.execute(statement, values):
                seen.add(row[0])
                yield dict(zip(columns, row[1:], strict=True))
        except Exception as error:
            if not isinstance(error, _DAMAGE):
                raise
        else:
            return
        for number in self._numbers(table, where, values):
            if number in seen:
                continue
            one = f"SELECT {names} FROM {table} WHERE rowid = ?"  # noqa: S608 - as above
            with suppress(*_DAMAGE):
                row = self._raw.cursor().execute(one, (number,)).fetchone()
                if row is not None:
                    yield dict(zip(columns, row, strict=True))

    def _columns(self, table: str) -> tuple[str, ...]:
        """Return what to read of a table: a file that an older program left lacks some of it."""
        known = self._raw.cursor().execute("SELECT name FROM pragma_table_info(?)", (table,))
        there = {name for (name,) in known}
        return tuple(name for name in _wanted(table) if name in there)

    def _numbers(self, table: str, where: str, values: tuple[Any, ...]) -> range:
        """Return the numbers that rows of a table may have."""
        if where:
            return range(0)
        with suppress(*_DAMAGE):
            statement = f"SELECT max(rowid) FROM {table}"  # noqa: S608 - as above
            last = self._raw.cursor().execute(statement).fetchone()
            return range(1, (last[0] or 0) + 1)
        del values
        return range(1, 200_000)


def _wanted(table: str) -> Sequence[str]:
    found = _COLUMNS.get(table)
    return every_table.VILLAGE.tables[table].columns.keys() if found is None else found


def bring(session: Session, table: str, row: Mapping[str, Any], *, later: bool) -> bool:
    """Store a row of a table of WHOLE unless it stands so already; tell whether it did not.

    Of two rows that of the damaged file counts only where that is `later` than the copy. A row
    that the store refuses, as where a household is missing, is passed over.
    """
    if "content" in row and hashlib.sha256(row["content"]).hexdigest() != row["sha256"]:
        return False
    values = {name: value for name, value in row.items() if name != _OWN_NUMBER.get(table)}
    names, known = list(values), WHOLE[table]
    same = " AND ".join(f"{name} = ?" for name in known)
    by = tuple(values[name] for name in known)
    connection = session.connection()
    # Nothing here comes from outside: tables and columns are those of the models.
    look = f"SELECT {', '.join(names)} FROM {table} WHERE {same}"  # noqa: S608
    asked = connection.exec_driver_sql(look, by).first()
    if asked is not None and (not later or tuple(asked) == tuple(values.values())):
        return False
    if asked is None:
        places = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"  # noqa: S608
        words: tuple[Any, ...] = tuple(values.values())
    else:
        changes = ", ".join(f"{name} = ?" for name in names)
        statement = f"UPDATE {table} SET {changes} WHERE {same}"  # noqa: S608
        words = (*values.values(), *by)
    with suppress(IntegrityError), session.begin_nested():
        connection.exec_driver_sql(statement, words)
        return True
    return False


def open_wreck(path: Path, key: bytes) -> Wreck | None:
    """Open a damaged file, or return None where not even its first page can be read."""
    if not path.is_file() or path.stat().st_size == 0:
        return None
    wreck = None
    try:
        wreck = Wreck(path, key)
        wreck._raw.cursor().execute("SELECT count(*) FROM sqlite_master").fetchone()
    except _REFUSED:
        if wreck is not None:
            wreck.__exit__()
        return None
    return wreck
