"""What is known of a village's folder without a passphrase.

Light on purpose: the sign-in page is painted with this alone (ui/sign_in_page.py).
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from siks_offline.errors import FileError, StoreError
from siks_offline.paths import UNFINISHED

if TYPE_CHECKING:
    from pathlib import Path

MARKER = "siks.json"
FORMAT = "siks-desa/1"


class VillageFolder(NamedTuple):
    """What can be known of a village's folder without a passphrase."""

    path: Path
    kode_desa: str
    nama_desa: str
    practice: bool
    accounts: tuple[str, ...]


def read_folder(path: Path) -> VillageFolder:
    """Read the marker of a village folder.

    Raises StoreError E_NOT_VILLAGE when the folder holds no village, E_OFFICE_FOLDER when it is
    the folder of a Dinsos, E_FOLDER_UNFINISHED when a power cut left it half made; FileError
    E_NO_RIGHTS.
    """
    with suppress(OSError):  # a place that cannot be looked at is told of below
        if (path / UNFINISHED).exists():
            from siks_offline.export import files

            files.check_finished(path)
    try:
        marker = json.loads((path / MARKER).read_text(encoding="utf-8"))
        form = marker["format"]
    except PermissionError:
        raise FileError("E_NO_RIGHTS", nama=path.name) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise StoreError("E_NOT_VILLAGE", folder=str(path)) from None
    if form != FORMAT:
        raise StoreError("E_OFFICE_FOLDER", folder=str(path))
    keystores = [path, *(sign.parent for sign in path.glob(f"rusak-*/{UNFINISHED}"))]
    accounts = {  # those of a stopped recovery as well: signing in brings them back (desa/aside.py)
        file.stem
        for keystore in keystores
        for file in (keystore / "akun").glob("*.age")
        if not file.name.startswith("_")
    }
    return VillageFolder(
        path=path,
        kode_desa=str(marker.get("kode_desa", "")),
        nama_desa=str(marker.get("nama_desa", "")),
        practice=bool(marker.get("latihan", False)),
        accounts=tuple(sorted(accounts)),
    )


def list_villages(root: Path) -> list[VillageFolder]:
    """Villages under a folder: the folder itself, or its sub-folders, in order of name."""
    found = []
    folders = [root, *sorted(root.iterdir())] if root.is_dir() else []
    for folder in folders:
        if (folder / MARKER).is_file():
            with suppress(StoreError):
                found.append(read_folder(folder))
    return found
