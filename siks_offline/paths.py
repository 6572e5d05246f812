"""Where resources, data and logs lie, whether run from source or frozen."""

from __future__ import annotations

import os
import sys
from pathlib import Path


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
