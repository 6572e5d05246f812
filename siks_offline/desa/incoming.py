"""What kind of file somebody brought, told by its content and never by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from siks_offline.desa.rights import action

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.desa.village import Village

Sort = Literal["buku", "undangan", "prelist", "jawaban"]


def is_invitation(path: Path) -> bool:
    """Whether a file is an invitation of a Dinsos. Raises FileError."""
    from siks_offline.errors import BundleError
    from siks_offline.export import bundle

    try:
        return bool(bundle.outline(path)["jenis"] == "siksundang")
    except BundleError:
        return False


@action
def sort(village: Village, path: Path, now: datetime) -> Sort:
    """Say by which door a file comes in: a workbook, an invitation, a prelist, another answer.

    What is no file of ours is taken for a workbook, whose reader names what is wrong with it.
    Raises as `arrivals.look`.
    """
    from siks_offline.desa import arrivals
    from siks_offline.errors import BundleError
    from siks_offline.export import bundle

    try:
        jenis = bundle.outline(path)["jenis"]
    except BundleError:
        if arrivals.is_bundle(path) or path.suffix.lower() not in {".xlsx", ".xlsm", ".xls"}:
            raise
        return "buku"
    if jenis == "siksundang":
        return "undangan"
    kinds = {one.kind for one in arrivals.look(village, path, now)}
    return "prelist" if kinds == {"prelist"} else "jawaban"
