"""The village to crash, built once; strace is what shows a program's calls."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.crash import campaign, world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


@pytest.fixture(scope="session")
def recorded(origin: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., campaign.Run]:
    """Record an act, or give the recording that another test has asked for."""
    known: dict[tuple[str, str], campaign.Run] = {}

    def run(name: str, weakness: str = "") -> campaign.Run:
        if (name, weakness) not in known:
            folder = tmp_path_factory.mktemp("rekaman")
            known[name, weakness] = campaign.run(name, origin, folder, weakness)
        return known[name, weakness]

    return run
