"""What a Dinsos sends a village, as bytes: a type by the first, then its files by name.

The files of a bundle are parted by a zero byte, which no line of records may hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siks_offline.export import canonical, lines, list_lines, outside_lists, prelist_lines, records
from siks_offline.export import receipt as receipts
from tests.export.hostile import NOW, sha

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INVITE = "0190f1c2-7d3a-7b10-9c55-0a1b2c3d4e5f"

ANSWERS: dict[str, tuple[tuple[str, ...], Callable[[Any], object]]] = {
    "receipt": (
        tuple(f"receipt{end}" for end in ("", "-choices", "-lacks", "-missing", "-prelist", "-visits")),
        lambda opened: receipts.read(opened).rivals(),
    ),
    "prelist": (
        (prelist_lines.LINES, prelist_lines.HEAD),
        lambda opened: (prelist_lines.read_head(opened), list(prelist_lines.read(opened))),
    ),
    **{kind: ((kind, f"{kind}-head"), list_lines.read) for kind in list_lines.TYPES},
}  # fmt: skip


class _Answer:
    """As much of an opened bundle as readers of records ask for."""

    def __init__(self, kind: str, files: dict[str, bytes]) -> None:
        self.manifest = {"type": kind}
        self._files = files

    def lines(self, name: str) -> Iterator[tuple[int, Any, bytes]]:
        return lines.read([self._files.get(name, b"")])


def answer(data: bytes) -> None:
    kind = sorted(ANSWERS)[data[0] % len(ANSWERS) if data else 0]
    names, read = ANSWERS[kind]
    read(_Answer(kind, dict(zip(names, data[1:].split(b"\0"), strict=False))))


def answer_seeds() -> list[bytes]:
    receipt = receipts.Receipt(
        bundles=(
            receipts.BundleResult(INVITE, sha(b"m"), INVITE, 3, NOW, "partly", 1, 0, 1, "E_SCOPE"),
        ),
        visits=(receipts.VisitResult(INVITE, INVITE, sha(b"v"), "rejected", "E_SCOPE"),),
        missing=((INVITE, 2),),
        lacked_visits=(receipts.LackedVisit(INVITE, 1, records.short_hash(sha(b"x"))),),
        prelist=(1, sha(b"p")),
        choices=(receipts.Rival(INVITE, "2026-Q4", INVITE, 2, sha(b"r"), "nama").choice(),),
    )
    head = prelist_lines.Head("3509122003", 1, 1)
    home = prelist_lines.Household(INVITE, "1", {"nama_krt": "SITI"}, [INVITE])
    row = {"nik": "3509125507000001", "nama": "SITI"}
    listed = [
        list_lines.write(
            list_lines.Head(kind, "3509122003", "daftar.csv", "2026-Q4", 1),
            [outside_lists.ListRow("daftar", 1, row)],
        )
        for kind in ("dukcapil", "penetapan")
    ]
    files = {
        "receipt": receipts.write(receipt),
        "prelist": prelist_lines.write(head, [home.line()]),
        "matching": listed[0],
        "determination": listed[1],
    }
    seeds = []
    for number, kind in enumerate(sorted(ANSWERS)):
        named = {
            one.name: b"".join(canonical.dumps(value) + b"\n" for value in one.lines)
            for one in files[kind]
        }
        parts = [named.get(name, b"") for name in ANSWERS[kind][0]]
        seeds.append(bytes([number]) + b"\0".join(parts))
    return seeds
