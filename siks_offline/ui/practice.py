"""A practice world made by the `siks` command, started from the window that knows no office."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from siks_offline.desa.village_folder import list_villages
from siks_offline.errors import UsageError

if TYPE_CHECKING:
    from siks_offline.progress import Progress

FOLDER: Final = "latihan-5-menit"
HOUSEHOLDS: Final = 12


def command() -> list[str] | None:
    """Return how `siks` is started from here; None where the program came without it."""
    if getattr(sys, "frozen", False):
        beside = Path(sys.executable).with_name("siks").with_suffix(Path(sys.executable).suffix)
        return [str(beside)] if beside.is_file() else None
    return [sys.executable, "-m", "siks_offline.cli"]


def make(root: Path, _progress: Progress) -> Path:
    """Return the folder of a practice world under a root, made if it is not there yet.

    Raises UsageError E_PRACTICE_COMMAND when `siks` is not here or does not do it.
    """
    folder = root / FOLDER
    if list_villages(folder):
        return folder
    start = command()
    if start is None:
        raise UsageError("E_PRACTICE_COMMAND", folder=str(folder))
    done = subprocess.run(
        [*start, "latihan", str(folder), "--rumah-tangga", str(HOUSEHOLDS)],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode or not list_villages(folder):
        raise UsageError("E_PRACTICE_COMMAND", folder=str(folder))
    return folder
