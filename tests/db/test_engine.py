"""A village file is encrypted, whole or refused, and never half-written."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from siks_offline import texts
from siks_offline.db import copies, engine, households, meta
from siks_offline.errors import StoreError
from tests.db.conftest import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

NIK = "3509120000000011"


def refused(path: Path, key: bytes = KEY) -> str:
    with pytest.raises(StoreError) as caught:
        engine.open_village(path, key).close()
    assert texts.has(f"galat.{caught.value.code}.pesan")
    return caught.value.code


def flip(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 0x10
    path.write_bytes(content)


@pytest.fixture
def filled(village: engine.Store, village_path: Path, listed: Callable[..., households.Listed]):
    """A closed village file of a hundred households."""
    with village.write() as session:
        households.upsert_many(session, [listed(n) for n in range(100)])
    village.close()
    return village_path


def test_each_pooled_connection_keeps_what_it_acknowledged(village: engine.Store) -> None:
    """A power cut loses no committed household: synchronous=FULL on every connection."""
    expected = {
        "synchronous": 2,
        "journal_mode": "wal",
        "foreign_keys": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
        "busy_timeout": 5000,
        "mmap_size": 0,
        "temp_store": 2,
    }
    for _ in range(2):  # the second time the connection comes out of the pool
        with village.read() as first, village.read() as second:
            for session in (first, second):
                for name, value in expected.items():
                    assert session.scalar(text(f"PRAGMA {name}")) == value, name


def test_nothing_of_a_failed_action_remains(village: engine.Store) -> None:
    """One transaction an action: what is raised inside leaves nothing, tables neither."""
    with pytest.raises(RuntimeError), village.write() as session:  # noqa: PT012
        meta.put(session, "a", "1")
        session.execute(text("CREATE TABLE sisa (a)"))
        raise RuntimeError
    with village.read() as session:
        assert meta.every(session) == {}
        assert session.scalar(text("SELECT count(*) FROM sqlite_master WHERE name='sisa'")) == 0


def test_a_reading_session_cannot_write(village: engine.Store) -> None:
    """A view can never change what it shows."""
    with pytest.raises(StoreError), village.read() as session:
        meta.put(session, "a", "1")
    with village.write() as session:
        meta.put(session, "a", "1")


def test_a_reading_session_is_one_snapshot(village: engine.Store) -> None:
    """An export sees one moment, whatever is saved meanwhile."""
    with village.read() as reader:
        assert meta.get(reader, "a") is None
        with village.write() as writer:
            meta.put(writer, "a", "1")
        assert meta.get(reader, "a") is None
    with village.read() as reader:
        assert meta.get(reader, "a") == "1"


def test_two_writers_wait_for_each_other(village_path: Path, village: engine.Store) -> None:
    """Two programs on one file wait; nobody sees "database is locked", nothing is lost."""
    failures: list[BaseException] = []

    def count_up(store: engine.Store) -> None:
        try:
            for _ in range(40):
                with store.write() as session:
                    meta.put(session, "n", str(int(meta.get(session, "n") or 0) + 1))
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    with engine.open_village(village_path, KEY) as other:
        threads = [threading.Thread(target=count_up, args=(s,)) for s in (village, other, village)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    with village.read() as session:
        assert meta.get(session, "n") == "120"


def test_a_writer_that_never_ends_is_reported(
    village: engine.Store, village_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting has an end, with a remedy instead of a traceback."""
    monkeypatch.setattr(engine, "BUSY_MS", 50)
    with (
        engine.open_village(village_path, KEY) as other,
        village.write(),
        pytest.raises(StoreError) as caught,
        other.write(),
    ):
        pass
    assert caught.value.code == "E_DB_BUSY"


def test_no_nik_is_readable_in_any_file(
    village: engine.Store, village_path: Path, listed: Callable[..., households.Listed]
) -> None:
    """A stolen laptop gives away no NIK and no name: neither the file, its -wal nor a copy."""
    with village.write() as session:
        households.upsert_many(session, [listed(1, nama_krt="ZZUJI NAMA")])
    copy = village_path.with_name("salinan.db")
    engine.backup(village, copy)
    held = {p.name: p.read_bytes() for p in village_path.parent.iterdir()}
    assert {"app.db", "app.db-wal", "salinan.db"} <= held.keys()
    for name, content in held.items():
        assert not content.startswith(b"SQLite format 3"), name
        for secret in (NIK, "ZZUJI"):
            assert secret.encode() not in content, name
            assert secret.encode("utf-16-le") not in content, name


def test_the_key_is_nowhere_in_an_error(village: engine.Store) -> None:
    """Neither the key nor a NIK reaches a log through an error of the store."""
    with pytest.raises(Exception) as caught, village.write() as session:
        session.execute(text("INSERT INTO meta VALUES (:a, NULL)"), {"a": NIK})
    assert NIK not in str(caught.value)
    assert KEY.hex() not in repr(village.engine) + repr(village.engine.url) + str(caught.value)


def test_a_wrong_key_is_refused(filled: Path) -> None:
    """Another village's key opens nothing, and nothing changes."""
    before = filled.read_bytes()
    assert refused(filled, bytes(32)) == "E_DB_KEY"
    assert refused(filled, b"short") == "E_DB_KEY"
    assert filled.read_bytes() == before


def test_a_foreign_file_is_refused(tmp_path: Path, filled: Path) -> None:
    """What is no village file is called so: plain SQLite, a photo, an office store, nothing."""
    plain = tmp_path / "plain.db"
    with sqlite3.connect(plain) as connection:
        connection.execute("CREATE TABLE meta (a)")
    connection.close()
    photo = tmp_path / "foto.jpg"
    photo.write_bytes(b"\xff\xd8\xff" + os.urandom(10_000))
    other = tmp_path / "lain.db"
    raw = engine.file_engine(other, KEY, keep=False)
    with raw.connect().execution_options(siks_write=True) as made:
        made.exec_driver_sql("CREATE TABLE apa (a)")
        made.commit()
    raw.dispose()
    assert refused(plain) == "E_DB_FOREIGN"
    assert refused(photo) == "E_DB_FOREIGN"
    assert refused(other) == "E_DB_FOREIGN"
    assert refused(tmp_path / "tiada.db") == "E_DB_MISSING"
    assert not (tmp_path / "tiada.db").exists()


def test_damage_is_named_and_never_a_traceback(filled: Path, tmp_path: Path) -> None:
    """A truncated or altered file gives E_DB_DAMAGED at opening, at reading or at the check."""
    size = filled.stat().st_size
    pages = size // engine.PAGE
    damaged = tmp_path / "rusak.db"
    for cut in (1, 500, engine.PAGE, engine.PAGE + 7, size // 2, size - engine.PAGE, size - 1, 0):
        damaged.write_bytes(filled.read_bytes()[:cut])
        assert found(damaged) in {"E_DB_DAMAGED", "E_DB_FOREIGN", "E_DB_KEY"}, cut
        if cut >= 2 * engine.PAGE:
            assert found(damaged) == "E_DB_DAMAGED", cut
    for page in range(pages):
        shutil.copyfile(filled, damaged)
        flip(damaged, page * engine.PAGE + 20 + page * 37 % 4000)
        assert found(damaged) == "E_DB_DAMAGED", page


def found(path: Path) -> str:
    """The code with which a file is refused, at opening or by the check of all its pages."""
    with pytest.raises(StoreError) as caught:
        copies.verify(path, KEY, engine.DESA)
    code = caught.value.code
    try:
        with engine.open_village(path, KEY) as store, store.read() as session:
            for name in copies.counts(session.connection()):
                session.execute(text(f"SELECT * FROM {name}")).all()
    except StoreError as error:
        code = error.code
    assert code == caught.value.code
    return code


def test_a_file_of_a_newer_program_is_not_touched(filled: Path) -> None:
    """An older program refuses rather than damage what it does not know."""
    with engine.open_village(filled, KEY) as store, store.write() as session:
        session.execute(text("UPDATE siks_desa_skema SET version_num = '9999'"))
    before = filled.read_bytes()
    assert refused(filled) == "E_DB_NEWER"
    assert filled.read_bytes() == before


def test_opening_a_current_file_never_loads_the_migrations(filled: Path) -> None:
    """Signing in does not wait for Alembic."""
    program = (
        "import sys; from pathlib import Path; from siks_offline.db import engine;"
        f"engine.open_village(Path({str(filled)!r}), bytes(range(32))).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    root = Path(engine.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=root)
    assert done.returncode == 0


def test_a_file_that_exists_is_never_made_anew(filled: Path) -> None:
    """Making a village never overwrites one."""
    before = filled.read_bytes()
    with pytest.raises(StoreError) as caught:
        engine.create_village(filled, KEY)
    assert caught.value.code == "E_DB_EXISTS"
    assert filled.read_bytes() == before


def test_a_village_half_made_leaves_no_file(
    village_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First start interrupted: the next one begins from nothing."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(engine.os, "replace", fail)
    with pytest.raises(StoreError) as caught:
        engine.create_village(village_path, KEY)
    assert caught.value.code == "E_DISK_FULL"
    assert list(village_path.parent.iterdir()) == []


def test_a_full_disk_is_told_and_loses_nothing(
    village: engine.Store, listed: Callable[..., households.Listed]
) -> None:
    """When the disk fills the action fails as a whole, and works again after room is made."""
    with village.write() as session:
        households.upsert_many(session, [listed(1)])
        used = session.scalar(text("PRAGMA page_count"))
    many = [listed(n) for n in range(2, 400)]
    with village.write() as session:
        session.execute(text(f"PRAGMA max_page_count = {used + 2}"))
        with pytest.raises(StoreError) as caught:
            households.upsert_many(session, many)
        session.rollback()
    assert caught.value.code == "E_DISK_FULL"
    with village.write() as session:
        session.execute(text("PRAGMA max_page_count = 1000000"))
        assert households.counts(session).total == 1
        households.upsert_many(session, many)
        assert households.counts(session).total == 399


def test_a_file_that_cannot_be_deleted_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of an attempt may be another program's at that moment."""

    def refuse(_path: Path, *, missing_ok: bool = False) -> None:
        raise PermissionError(errno.EACCES, "held", str(missing_ok))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StoreError) as caught:
        engine.create_village(tmp_path / "app.db", KEY)
    assert caught.value.code == "E_NO_RIGHTS"


def test_a_cipher_that_has_no_answer_is_told(
    village: engine.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that a broken disk kept back ends the action as an input/output error."""

    def without_answer(_connection: object) -> None:
        raise MemoryError

    monkeypatch.setattr(village.engine.dialect, "do_commit", without_answer)
    with pytest.raises(StoreError) as caught, village.write() as session:
        session.execute(text("SELECT 1"))
    assert caught.value.code == "E_DB_IO"


def test_a_copy_is_whole_encrypted_and_verified(filled: Path, tmp_path: Path) -> None:
    """A backup holds what the -wal holds, opens with the same key, and leaves no half file."""
    target = tmp_path / "cadangan" / "a.db"
    target.parent.mkdir()
    with engine.open_village(filled, KEY) as store:
        with store.write() as session:
            meta.put(session, "hanya-di-wal", "1")
        assert engine.backup(store, target)["household"] == 100
    assert [p.name for p in target.parent.iterdir()] == ["a.db"]
    with engine.open_village(target, KEY) as copy, copy.read() as session:
        assert meta.get(session, "hanya-di-wal") == "1"
        assert households.counts(session).total == 100
    assert refused(target, bytes(32)) == "E_DB_KEY"


@pytest.mark.parametrize("at", [1, 2], ids=["before the copy", "after it"])
def test_what_goes_away_while_a_copy_is_made_is_no_damage(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """A draft that ends between the count and the copy, or the copy and the count, is in order."""
    counted = copies._counts_of
    times = iter(range(1, 3))

    def and_meanwhile(store: engine.Store) -> dict[str, int]:
        meanwhile = next(times) == at
        if meanwhile and at == 2:
            forget(store)
        found = counted(store)
        if meanwhile and at == 1:
            forget(store)
        return found

    def forget(store: engine.Store) -> None:
        with store.write() as session:
            meta.put(session, "sebentar", None)

    monkeypatch.setattr(copies, "_counts_of", and_meanwhile)
    with engine.open_village(filled, KEY) as store:
        with store.write() as session:
            meta.put(session, "sebentar", "1")
        assert engine.backup(store, tmp_path / "a.db")["household"] == 100


def test_a_copy_that_cannot_be_written_changes_nothing(filled: Path, tmp_path: Path) -> None:
    """An older good backup survives a failed newer one."""
    target = tmp_path / "cadangan.db"
    target.write_bytes(b"yang lama")
    with engine.open_village(filled, KEY) as store:
        with pytest.raises(StoreError):
            engine.backup(store, tmp_path / "tiada" / "a.db")
        original = copies.verify
        try:
            copies.verify = lambda *_: {"household": 99}
            with pytest.raises(StoreError) as caught:
                engine.backup(store, target)
        finally:
            copies.verify = original
    assert caught.value.code == "E_DB_DAMAGED"
    assert target.read_bytes() == b"yang lama"
    assert not target.with_name("cadangan.db.part").exists()


LIMITED = """
import resource, signal, sys
from pathlib import Path
from siks_offline.db import attachments, engine, households
from siks_offline.errors import StoreError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path(sys.argv[1])
store = engine.create_village(folder / "app.db", bytes(32))
with store.write() as session:
    households.upsert_many(session, [households.Listed(id="a", facts=households.Facts())])
said = []
for limit in range(4096, 700_000, 60_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for action in (
        lambda session: attachments.put(session, "a", "F", "jpg", b"%6d" % limit * 90_000),
        lambda session: engine.backup(store, folder / "cadangan.db"),
    ):
        try:
            with store.write() as session:
                action(session)
        except StoreError as error:
            said.append(error.code)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
with store.write() as session:
    assert households.counts(session).total == 1
    attachments.put(session, "a", "F", "jpg", bytes(500_000))
assert engine.backup(store, folder / "cadangan.db")["household"] == 1
store.close()
assert set(said) == {"E_DISK_FULL"}, said
assert len(said) > 5, said
assert sorted(p.name for p in folder.iterdir()) == ["app.db", "cadangan.db"]
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is one of POSIX")
def test_a_file_that_may_not_grow_is_told_as_a_full_disk(tmp_path: Path) -> None:
    """A quota fails like a full disk: a clear message, old data intact, usable afterwards."""
    root = Path(engine.__file__).parents[2]
    program = [sys.executable, "-c", LIMITED, str(tmp_path)]
    done = subprocess.run(program, check=False, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on sizes is POSIX's")
@pytest.mark.parametrize("room", [4_096, 100_000])
def test_a_change_of_the_key_on_a_full_disk_is_told_and_leaves_the_file(
    village: engine.Store, village_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """The driver says only that the key could not be changed; the person reads that it is full."""
    import resource
    import signal

    give, before = copies._give_key, resource.getrlimit(resource.RLIMIT_FSIZE)

    def on_a_full_disk(path: Path, old: bytes, new: bytes) -> None:
        told = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
        try:
            give(path, old, new)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, told)

    monkeypatch.setattr(copies, "_give_key", on_a_full_disk)
    with pytest.raises(StoreError) as caught:
        copies.rekey(village, bytes(32))
    assert caught.value.code == "E_DISK_FULL"
    assert village.key == KEY
    village.close()
    engine.open_village(village_path, KEY).close()
    assert [path.name for path in village_path.parent.glob("*.part*")] == []
