"""Bring a store to the schema of this program through its Alembic history.

The only importer of Alembic; imported only for a new store or one of an older version. Steps are
`migrations/<history>/versions/NNNN_name.py` with revision "NNNN", found beside this module also in
a frozen build, which carries them as plain files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData

    from siks_offline.db.engine import History


def scripts(history: History) -> ScriptDirectory:
    """Return the steps of one history."""
    folder = Path(__file__).resolve().parent / "migrations" / history.name
    return ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])


def head(history: History) -> int:
    """Return the version that the newest step leads to."""
    return int(scripts(history).get_current_head() or 0)


def upgrade(connection: Connection, history: History, to: str = "head") -> None:
    """Run the missing steps, as far as `to`, inside the caller's transaction."""
    steps = scripts(history)

    def missing(revision: Any, _context: Any) -> Any:
        return steps._upgrade_revs(to, revision)

    with EnvironmentContext(Config(), steps, fn=missing) as environment:
        environment.configure(
            connection=connection, version_table=history.version_table, transactional_ddl=True
        )
        environment.run_migrations()


def differences(connection: Connection, history: History, metadata: MetaData) -> list[Any]:
    """Return how the migrated schema differs from the models; tests hold it empty."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": history.version_table,
            "compare_type": True,
            "compare_server_default": True,
        },
    )
    return list(compare_metadata(context, metadata))
