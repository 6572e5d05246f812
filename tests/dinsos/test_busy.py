"""Whoever else is at work at the same time: what cannot be done now is told by its name."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.db import engine, faults
from siks_offline.db import office as store_office
from siks_offline.dinsos import receipts, receive
from siks_offline.dinsos.gate import OfficeGate
from siks_offline.errors import BundleError, FileError, StoreError
from siks_offline.export import files
from tests.dinsos.world import NOW, paired, take

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.db.engine import Store
    from siks_offline.dinsos.office import Office


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores that wait for another writer a moment only."""
    monkeypatch.setattr(engine, "BUSY_MS", 150)


def _another(made: Office) -> Store:
    """The store opened once more, as by another command."""
    where = made.store.path or made.store.engine.url.render_as_string(hide_password=False)
    return engine.open_office(where, made.store.key)


def test_another_writer_is_told_and_nothing_is_changed(made: Office, tmp_path: Path) -> None:
    """While another command writes, a file waits, is told E_DB_BUSY and can come again."""
    village = paired(made, tmp_path / "desa")
    good = village.send([village.visit()])
    bad = tmp_path / "rusak.siks"
    bad.write_bytes(good.read_bytes()[:-1])
    with _another(made) as other, other.write() as session:
        lines = len(store_office.audit_lines(session))
        for path in (good, bad):
            with pytest.raises(StoreError) as told:
                take(made, path)
            assert told.value.code == "E_DB_BUSY"
        with pytest.raises(StoreError) as told:
            receipts.issue(made, village.device, NOW)
        assert told.value.code == "E_DB_BUSY"
        with made.store.read() as reading:
            assert len(store_office.audit_lines(reading)) == lines
    assert not list((made.folder / "arsip").glob(".*"))
    assert take(made, good).hasil == "diterima"
    with pytest.raises(BundleError):
        take(made, bad)


def test_a_file_taken_in_meanwhile_is_known(
    made: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two commands judge the same file at once: the second finds it done."""
    village = paired(made, tmp_path / "desa")
    path = village.send([village.visit()])
    take(made, path)
    monkeypatch.setattr(OfficeGate, "imported", lambda *_: False)
    again = take(made, path)
    assert (again.hasil, again.accepted) == ("sudah", 1)


def test_an_id_taken_meanwhile_is_refused(
    made: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two commands judge two files of one id at once: the second is refused, and leaves nothing."""
    village = paired(made, tmp_path / "desa")
    one = "00000000-0000-4000-8000-000000000001"
    take(made, village.send([village.visit(1)], bundle_id=one))
    kept = sorted((made.folder / "arsip").iterdir())
    monkeypatch.setattr(OfficeGate, "bundle_hash", lambda *_: None)
    with pytest.raises(BundleError) as told:
        take(made, village.send([village.visit(2)], bundle_id=one))
    assert told.value.code == "E_ID_CONFLICT"
    assert sorted((made.folder / "arsip").iterdir()) == kept
    with made.store.read() as session:
        assert store_office.audit_lines(session)[-1]["action"] == "berkas.tolak"


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "E_DISK_FULL"), (errno.EMFILE, "E_FILE")]
)
def test_an_archive_that_takes_nothing_is_told(
    made: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    """An original, or a receipt, that cannot be put in its place is told by a code."""
    village = paired(made, tmp_path / "desa")
    take(made, village.send([village.visit(1)]))
    path = village.send([village.visit(2)])

    def fail(*_: Any) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(files, "_replace", fail)
    for work in (
        lambda: receive.accept(made, path, NOW),
        lambda: receipts.issue(made, village.device, NOW),
    ):
        with pytest.raises(FileError) as told:
            work()
        assert told.value.code == code


@pytest.mark.parametrize("number", [5, 6, 15, 261, 517])
def test_every_kind_of_lock_is_one_code(number: int) -> None:
    """BUSY, LOCKED and PROTOCOL of SQLite, and their extended codes, are E_DB_BUSY."""
    fault = Exception()
    fault.sqlite_errorcode = number  # type: ignore[attr-defined]
    assert faults.code_of(fault) == "E_DB_BUSY"
