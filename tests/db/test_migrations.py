"""Files are made and brought up by the same steps, to exactly the schema of the models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, inspect, text

from siks_offline.db import engine, every_table, meta, migrate
from siks_offline.errors import StoreError
from tests.db.conftest import KEY

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import MetaData

HISTORIES = [
    pytest.param(engine.DESA, every_table.VILLAGE, id="desa"),
    pytest.param(engine.DINSOS, every_table.OFFICE, id="dinsos"),
]


def schema(connection: Connection, history: engine.History) -> dict[str, Any]:
    """All that SQLite knows of a schema, in a form in which equal schemas are equal."""
    found: dict[str, Any] = {}
    inspector = inspect(connection)
    for table in inspector.get_table_names():
        if table == history.version_table:
            continue
        for pragma in ("table_xinfo", "foreign_key_list"):
            rows = connection.execute(text(f"PRAGMA {pragma}({table})")).mappings().all()
            leave = {"cid", "id"}  # positions differ after a column was added
            found[f"{pragma} {table}"] = sorted(
                str({k: v for k, v in row.items() if k not in leave}) for row in rows
            )
        found[f"indexes {table}"] = sorted(
            str((i["name"], i["unique"], i["column_names"])) for i in inspector.get_indexes(table)
        )
        found[f"unique {table}"] = sorted(
            str((c["name"], c["column_names"])) for c in inspector.get_unique_constraints(table)
        )
        found[f"checks {table}"] = sorted(
            str((c["name"], c["sqltext"])) for c in inspector.get_check_constraints(table)
        )
    for name, sql in connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    ):
        found[f"trigger {name}"] = re.sub(r"\s+", " ", sql)
    return found


@pytest.mark.parametrize(("history", "metadata"), HISTORIES)
def test_the_steps_lead_to_the_models(
    tmp_path: Path, history: engine.History, metadata: MetaData
) -> None:
    """A migrated file has the schema that the program's queries expect, triggers included."""
    modelled = engine.file_engine(tmp_path / "model.db", KEY, keep=False)
    with modelled.execution_options(siks_write=True).begin() as connection:
        metadata.create_all(connection)
        expected = schema(connection, history)
    with (
        engine._create_file(tmp_path / "langkah.db", KEY, history) as store,
        store.read() as session,
    ):
        assert schema(session.connection(), history) == expected
        assert migrate.differences(session.connection(), history, metadata) == []
    assert len(expected) > 20


@pytest.mark.parametrize(("history", "metadata"), HISTORIES)
def test_the_newest_step_is_the_version_the_program_knows(
    history: engine.History, metadata: MetaData
) -> None:
    """A step that was added is also run: opening compares this number only."""
    del metadata
    steps = list(migrate.scripts(history).walk_revisions())
    assert migrate.head(history) == history.version == len(steps)
    assert sorted(step.revision for step in steps) == [
        f"{number:04}" for number in range(1, len(steps) + 1)
    ]


@pytest.fixture
def older(village: engine.Store, village_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A closed file that the program takes for one of the version before."""
    with village.write() as session:
        meta.put(session, "a", "1")
    village.close()
    newer = engine.History("desa", engine.DESA.version + 1, engine.DESA.application_id)
    monkeypatch.setattr(engine, "DESA", newer)
    return village_path


def test_an_older_file_is_copied_before_it_is_brought_up(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a migration stands a copy of the file as it was."""

    def step(connection: Connection, history: engine.History) -> None:
        connection.exec_driver_sql("CREATE TABLE baru (a)")
        connection.exec_driver_sql(
            f"UPDATE {history.version_table} SET version_num = '{history.version:04}'"
        )

    monkeypatch.setattr(migrate, "upgrade", step)
    with engine.open_village(older, KEY) as store, store.read() as session:
        assert session.scalar(text("SELECT count(*) FROM baru")) == 0
        assert meta.get(session, "a") == "1"
    monkeypatch.undo()
    before = older.with_name(f"app-skema-{engine.DESA.version}.db")
    with engine.open_village(before, KEY) as store, store.read() as session:
        assert meta.get(session, "a") == "1"


def test_a_file_of_every_released_version_opens(tmp_path: Path) -> None:
    """Whatever version wrote a village file, this program brings it up and loses nothing."""
    for version in range(1, engine.DESA.version):
        path = tmp_path / f"versi-{version}.db"
        history = engine.History("desa", version, engine.DESA.application_id)
        made = engine.file_engine(path, KEY, keep=False)
        with made.execution_options(siks_write=True).begin() as connection:
            connection.exec_driver_sql(f"PRAGMA application_id={history.application_id}")
            migrate.upgrade(connection, history, f"{version:04}")
            connection.exec_driver_sql("INSERT INTO meta VALUES ('period', '2026-1')")
        made.dispose()
        with engine.open_village(path, KEY) as store, store.read() as session:
            assert engine.stored_version(session.connection(), engine.DESA) == engine.DESA.version
            assert meta.get(session, "period") == "2026-1"
            assert migrate.differences(session.connection(), engine.DESA, every_table.VILLAGE) == []


def test_a_failing_step_leaves_the_file_as_it_was(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A migration that stops half-way leaves none of its tables behind."""

    def step(connection: Connection, _history: engine.History) -> None:
        connection.exec_driver_sql("CREATE TABLE setengah (a)")
        connection.exec_driver_sql("DELETE FROM meta")
        raise StoreError("E_DISK_FULL")

    monkeypatch.setattr(migrate, "upgrade", step)
    with pytest.raises(StoreError):
        engine.open_village(older, KEY)
    monkeypatch.undo()
    with engine.open_village(older, KEY) as store, store.read() as session:
        assert meta.get(session, "a") == "1"
        assert not inspect(session.connection()).has_table("setengah")
