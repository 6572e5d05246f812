"""An office of an earlier program keeps what it took in when this one opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, column, insert, table

from siks_offline.db import (
    engine,
    every_table,
    migrate,
    office_bundles,
    office_records,
    office_visits,
)
from siks_offline.instrument import promoted

if TYPE_CHECKING:
    from pathlib import Path

KEY = bytes(range(32))
OLD = engine.History("dinsos", 3, engine.DINSOS.application_id)


def put(connection: Connection, name: str, *rows: dict[str, Any]) -> None:
    connection.execute(insert(table(name, *map(column, rows[0]))), list(rows))


def revision(sha256: str, kode_desa: str, number: int) -> dict[str, Any]:
    texts = (
        "instrument_id", "instrument_version", "completed_at", "completed_by", "no_kk", "nik_krt",
        "nama_krt", "alamat", "dusun", "rt", "rw", "status_rumahtangga",
    )  # fmt: skip
    return {
        **dict.fromkeys(texts, ""),
        "sha256": sha256,
        "visit_id": f"kunjungan-{kode_desa}",
        "household_id": f"rumah-{kode_desa}",
        "kode_desa": kode_desa,
        "period": "2026-Q4",
        "revision": number,
        "idbdt": "1",
        "anggota": 1,
        "body": f'{{"{promoted.ALAMAT}":"{sha256}"}}',
    }


def bundle(manifest: str, result: str) -> dict[str, Any]:
    texts = (
        "file_sha256", "type", "sender", "kode_desa", "device", "public", "stream", "created_at",
        "received_at", "period", "code",
    )  # fmt: skip
    numbers = ("seq", "visits", "accepted", "held", "rejected", "size")
    return {
        **dict.fromkeys(texts, ""),
        **dict.fromkeys(numbers, 1),
        "manifest_sha256": manifest,
        "bundle_id": manifest,
        "result": result,
        "manifest": b"{}",
    }


def refused(manifest: str, code: str) -> dict[str, Any]:
    row = dict.fromkeys(("visit_id", "sha256", "comment", "path"), "")
    return row | {"manifest_sha256": manifest, "line": 1, "result": "rejected", "code": code}


@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_an_older_office_keeps_its_visits(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Revisions, their parents, members, photos and outcomes stand as before on either store."""
    target: Any = tmp_path / "app.db"
    if kind == "postgresql":
        target = request.getfixturevalue("postgresql")()
        made = engine._server_engine(target)
    else:
        made = engine.file_engine(target, KEY, keep=False)
    with made.execution_options(siks_write=True).begin() as connection:
        if kind == "sqlite":
            connection.exec_driver_sql(f"PRAGMA application_id={OLD.application_id}")
        migrate.upgrade(connection, OLD, "0003")
        put(connection, "revisions", *(revision(*one) for one in (("b", "1", 1), ("a", "1", 2))))
        put(connection, "revisions", revision("c", "2", 1))
        put(connection, "parents", {"sha256": "a", "parent": "b"})
        put(
            connection,
            "persons",
            *(
                dict.fromkeys(("no_kk", "nama", "tanggal_lahir", "jenis_kelamin"), "")
                | {"sha256": sha256, "nth": nth, "person_id": f"{sha256}{nth}", "nik": nik}
                for sha256, nth, nik in (
                    ("a", 1, "77"),
                    ("a", 2, ""),
                    ("b", 1, "8"),
                    ("c", 1, "77"),
                )
            ),
        )
        photo = {"sha256": "c", "nth": 1, "attachment": "f", "kind": "F-RUMAH", "path": ""}
        put(connection, "photos", photo)
        put(connection, "outcomes", {"sha256": "a", "outcome": "selesai"})
        put(connection, "bundles", bundle("m1", "partly"), bundle("m2", "partly"))
        put(connection, "results", refused("m1", "E_RECORD_INSTRUMENT"), refused("m2", "E_SCOPE"))
    made.dispose()
    with engine.open_office(target, KEY) as store, store.write() as session:
        connection = session.connection()
        assert engine.stored_version(connection, engine.DINSOS) == engine.DINSOS.version
        assert migrate.differences(connection, engine.DINSOS, every_table.OFFICE) == []
        assert [row["sha256"] for row in office_visits.heads(session)] == ["a", "c"]
        assert [row["kode_desa"] for row in office_visits.shared_niks(session)] == ["1", "2"]
        assert office_visits.pending_photos(session) == {"c"}
        assert [row["manifest_sha256"] for row in office_bundles.waiting(session)] == ["m1"]
        assert not office_bundles.being_rebuilt(session)
        assert office_visits.body(session, "b") == revision("b", "1", 1)["body"]
        assert office_visits.known(session, ["a", "b", "x"]) == {"a": "selesai", "b": None}
        office_visits.note_outcomes(session, {"c": "pindah", "a": "ganda"})
        came_to = {
            row["sha256"]: row["outcome"] for row in office_records.visits(session, "2026-Q4")
        }
        assert came_to == {"a": "selesai", "c": "pindah"}
        office_visits.add_revisions(session, [revision("d", "3", 1) | {"outcome": ""}], [], [], [])
        assert len(office_visits.heads(session)) == 3


@pytest.mark.postgresql
def test_texts_reach_a_server_as_they_are(postgresql: Any) -> None:
    """A tab, a line break, a backslash or the sign of nothing in a text comes out as it went in."""
    odd = ["a\tb", "a\nb", "\\N", "\\", "\r", "", "é", "a\\tb"]
    rows = [revision(f"{nth}", "1", 1) | {"alamat": text} for nth, text in enumerate(odd)]
    rows[0]["outcome"] = None
    with engine.create_office(postgresql()) as store, store.write() as session:
        every = [{"outcome": text} | row for text, row in zip(odd, rows, strict=True)]
        office_visits.add_revisions(session, every, [], [], [])
        known = office_visits.known(session, [row["sha256"] for row in rows])
        assert known == {row["sha256"]: row["outcome"] for row in every}
