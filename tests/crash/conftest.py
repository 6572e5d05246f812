"""The village to crash, built once; strace is what shows a program's calls."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.crash import world

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def origin() -> Iterator[Path]:
    """The world that every run begins with, in memory: thousands of states are laid beside it."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    folder = tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None, prefix="siks-padam-")
    try:
        world.build(Path(folder) / "asal")
        world.remember_scrypt()
        yield Path(folder) / "asal"
    finally:
        shutil.rmtree(folder)
