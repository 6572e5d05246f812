"""A whole day of a village and its Dinsos by their commands: what every hostile world must allow."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.scenarios import broken
from tests.scenarios.broken import World, siks

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_KK = "3509120101100018"
NIK = "3509125701900017"
NAME = "ZZUJI<img src=x>"
TYPED = "ZZDRAF"


def build(folder: Path) -> World:
    """A paired practice village of four households, two of them completed and sent."""
    return broken.build(folder)


def walk(world: World, base: Path, name: str = NAME) -> dict[str, object]:
    """Everything of a day: list, draft, receipt, export, import, copy, restore, report, trail.

    Returns what each command answered, by the command's words.
    """
    stick = world.folder / "usb"
    said: dict[str, object] = {}

    def do(*words: object) -> dict[str, object]:
        answer = siks(*words)
        assert answer.code in {0, 1}, (words, answer)  # 1: done, and something is left to mend
        said[" ".join(map(str, words[:2]))] = answer.value
        return answer.value

    listed = broken.book(
        base / "tambahan.xlsx",
        ["NIK", "No KK", "Nama", "Alamat", "RT", "RW"],
        [NIK, NO_KK, name, "Dusun Krajan", "001", "002"],
    )
    assert do("desa", "impor", world.desa, listed)["ditambah"] == 1
    (home,) = _rows(do("desa", "daftar", world.desa, "--cari", NIK))
    lines = base / "jawaban.jsonl"
    lines.write_text(json.dumps({"rumah_tangga": home["id"], "jawaban": {"alamat": TYPED}}) + "\n")
    assert do("desa", "isi", world.desa, lines)["disimpan"] == 1
    do("desa", "terima", world.desa, world.receipt)
    sent = do("desa", "ekspor", world.desa, "--semua", "--ke", stick)
    for file in _texts(sent["berkas"]):
        do("dinsos", "terima", world.dinsos, file, "--tanda-terima", stick)
    do("desa", "cadangkan", world.desa, "--ke", stick / "cadangan.siksbak")
    do("desa", "pulihkan", stick / "cadangan.siksbak", base / "pulih")
    do("dinsos", "laporan", world.dinsos, "--ke", stick / "laporan.html")
    for file in (listed, lines, world.folder / "prelist.xlsx"):
        file.unlink(missing_ok=True)
    return said


def _rows(answer: dict[str, object]) -> Sequence[dict[str, str]]:
    rows = answer["rumah_tangga"]
    assert isinstance(rows, list)
    return rows


def _texts(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(one) for one in value]


if __name__ == "__main__":  # a day in a program of its own: python -m tests.scenarios.day FOLDER
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    print(json.dumps(walk(build(place / "latihan"), place), default=str))
