"""Where resources, data and logs lie, whether run from source or frozen; names made durable."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Final

UNFINISHED: Final = "belum-selesai"
"""Name of a file in a folder that is still being made; with it, a folder is nobody's data yet."""


def resources() -> Path:
    """Folder of the instrument workbooks, texts, fonts and templates that ship with the program."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return Path(frozen) / "resources"
    return Path(__file__).resolve().parent.parent / "resources"


def data() -> Path:
    """Folder whose sub-folders are villages, one each; made by whoever writes the first."""
    override = os.environ.get("SIKS_DATA")
    if override:
        return Path(override)
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA", str(Path.home() / "AppData" / "Local")))
        return root / "SIKS Offline"
    root = Path(os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local" / "share")))
    return root / "siks-offline"


def logs() -> Path:
    """Folder of the program's own log, which holds no personal data."""
    return data() / "log"


def cache() -> Path:
    """Folder of what can be made again, such as parsed instruments."""
    return data() / "cache"


def sync_folder(folder: Path) -> None:
    """Make names given or taken in a folder durable; Windows does so by itself.

    Some media refuse it, which is no fault of the file. Raises OSError.
    """
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(handle)
