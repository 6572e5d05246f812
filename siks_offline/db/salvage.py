"""What can still be read of a damaged file: rows of pages that hold, whatever the others are.

Read only, page by page as far as references lead; a page that fails ends one row, never the rest.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

from siks_offline.db import engine as engines
from siks_offline.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_COLUMNS: Final = {
    "revision": ("seq", "sha256", "visit_id", "revision", "line"),
    "draft": (
        *("household_id", "instrument_id", "instrument_version", "author", "at"),
        *("typing_path", "typing_text", "confirmations", "sha256"),
    ),
    "draft_value": ("household_id", "instrument_id", "instrument_version", "path", "value"),
    "attachment": ("sha256", "extension", "kind", "household_id", "content"),
    "household": ("seq", "id", "idbdt", "source"),
}


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
        return tuple(name for name in _COLUMNS[table] if name in there)

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
