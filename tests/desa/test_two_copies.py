"""Two programs at one village: the second is told so, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.db import engine, meta
from siks_offline.desa import accounts
from siks_offline.errors import SiksError
from tests.scenarios.broken import is_root
from tests.ui import worlds

if TYPE_CHECKING:
    from pathlib import Path

WRITES = 40
NOBODY = 65534
HOLDER = """
import sqlcipher3.dbapi2 as driver, sys, time
found = driver.connect(sys.argv[1], isolation_level=None)
found.execute(f"PRAGMA key = \\"x'{sys.argv[2]}'\\"")
found.execute("BEGIN IMMEDIATE")
print("dipegang", flush=True)
time.sleep(float(sys.argv[3]))
found.execute("ROLLBACK")
"""
OPENER = """
import json, sys
from siks_offline.desa import accounts
from siks_offline.errors import SiksError
try:
    accounts.open_village(__import__("pathlib").Path(sys.argv[1]), "operator", "latihan").close()
    print(json.dumps({"kode": ""}))
except SiksError as error:
    print(json.dumps({"kode": error.code, "pesan": error.message, "tindakan": error.remedy}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small village, closed."""
    worlds.make_village(tmp_path / "desa", households=2).close()
    return tmp_path / "desa"


def opened_elsewhere(folder: Path) -> dict[str, Any]:
    """What another program is told that opens the village."""
    done = subprocess.run(
        [sys.executable, "-c", OPENER, str(folder)], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_second_program_gets_a_message(folder: Path) -> None:
    """Another program, or another person of the same computer, reads a sentence; the first goes on."""
    with accounts.open_village(folder, "operator", "latihan") as village:
        told = opened_elsewhere(folder)
        assert told["kode"] == "E_SECOND_COPY"
        assert told["pesan"]
        assert told["tindakan"]
        with village.store.write() as session:
            meta.put(session, "percobaan", "1")
    assert opened_elsewhere(folder)["kode"] == ""


def told_as_nobody(folder: Path) -> dict[str, str]:
    """What another person of the same computer is told, whom the system knows by another number."""
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child only reads, and ends
        child = os.fork()
    if child == 0:
        said = {"kode": "dibuka"}
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            accounts.open_village(folder, "operator", "latihan")
        except SiksError as error:
            said = {"kode": error.code, "pesan": error.message, "tindakan": error.remedy}
        except BaseException as error:  # noqa: BLE001 - that is the finding
            said = {"kode": repr(error)}
        os.write(theirs, json.dumps(said).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as reader:
        found: dict[str, str] = json.loads(reader.read())
    os.waitpid(child, 0)
    return found


@pytest.mark.skipif(not is_root(), reason="only root can be another person")
def test_another_user_of_the_computer_gets_a_message(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A folder that is not theirs, and one shared with them that is open: a sentence each time."""
    accounts.open_village(folder, "operator", "latihan").close()  # all that is used is loaded
    ours = tmp_path_factory.getbasetemp().parent
    for one in folder.parents:
        if one.is_relative_to(ours):
            one.chmod(one.stat().st_mode | 0o011)
        elif not one.stat().st_mode & 0o001:
            pytest.skip(f"nobody else may look into {one}")
    found = told_as_nobody(folder)
    assert found["kode"] == "E_NO_RIGHTS"
    assert found["pesan"]
    with accounts.open_village(folder, "operator", "latihan") as village:
        for one in (folder, *folder.rglob("*")):
            one.chmod(0o777 if one.is_dir() else 0o666)
        found = told_as_nobody(folder)
        assert found["kode"] == "E_SECOND_COPY"
        assert found["tindakan"]
        with village.store.write() as session:
            meta.put(session, "percobaan", "1")
    assert opened_elsewhere(folder)["kode"] == ""


def hold(folder: Path, key: bytes, seconds: float) -> subprocess.Popen[str]:
    """Another program that holds the file, as a virus scanner or a copying tool may."""
    words = [sys.executable, "-c", HOLDER, str(folder / "app.db"), key.hex(), str(seconds)]
    holder = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "dipegang\n"
    return holder


def test_a_short_lock_is_waited_out(folder: Path) -> None:
    """A file held for a moment delays a commit and loses nothing."""
    with accounts.open_village(folder, "operator", "latihan") as village:
        with hold(folder, village.store.key, 1), village.store.write() as session:
            meta.put(session, "percobaan", "1")
        with village.store.read() as session:
            assert meta.get(session, "percobaan") == "1"


def test_a_long_lock_is_told_and_the_next_try_succeeds(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file held for longer than anybody waits is told in words, never as a driver's error."""
    monkeypatch.setattr(engine, "BUSY_MS", 200)
    with accounts.open_village(folder, "operator", "latihan") as village:
        with hold(folder, village.store.key, 30) as holder:
            with pytest.raises(SiksError) as told, village.store.write() as session:
                meta.put(session, "percobaan", "1")
            holder.kill()
        assert told.value.code == "E_DB_BUSY"
        assert "locked" not in told.value.message
        with village.store.write() as session:
            meta.put(session, "percobaan", "2")


def test_two_writers_lose_nothing(folder: Path) -> None:
    """The desk and the copy that runs beside it write in turn; every commit is there."""
    with accounts.open_village(folder, "operator", "latihan") as village:

        def write(name: str) -> None:
            for number in range(WRITES):
                with village.store.write() as session:
                    meta.put(session, f"{name}.{number}", "1")

        threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        with village.store.read() as session:
            kept = [key for key in meta.every(session) if key[:2] in {"a.", "b."}]
        assert len(kept) == 2 * WRITES
