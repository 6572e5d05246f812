"""What a visit came to, by name: codes differ between versions (resources/hasil-kunjungan.toml)."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from siks_offline import paths
from siks_offline.instrument import promoted

if TYPE_CHECKING:
    from collections.abc import Mapping

Outcome = Literal["selesai", "tidak_ditemukan", "pindah", "bagian", "menolak", "ganda", ""]
COLUMN: Final[Mapping[str, str]] = {
    "selesai": "a",
    "tidak_ditemukan": "b",
    "pindah": "c",
    "ganda": "d",
    "bagian": "d",
    "menolak": "e",
}
"""Column of the district's Berita Acara (FIELD.md 3.5); a new proposal that is done stands in f."""


@cache
def _table() -> Mapping[str, Any]:
    with (paths.resources() / "hasil-kunjungan.toml").open("rb") as file:
        return tomllib.load(file)


def of_visit(instrument: tuple[str, str], answers: Mapping[str, Any]) -> str:
    """Return what a visit came to; empty where its code has no name."""
    name, version = instrument
    known = _table().get(f"{name}/{version}") or _table().get(name)
    if known is None:
        return ""
    return str(known["kode"].get(promoted.said(answers, known["pertanyaan"]), ""))
