"""Lists that the Dinsos signs for one village: matching results and determinations, as records.

A bundle of type `matching` or `determination` has `records/<type>-head.ndjson`, one line {"kind",
"kode_desa", "name", "period", "rows"}, and `records/<type>.ndjson`, a line a row {"row", "values"}:
the row's number in the list it came from, and pairs [field, text], ascending (outside_lists).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from siks_offline.errors import BundleError
from siks_offline.export import outside_lists, shapes
from siks_offline.export.bundle import RecordFile
from siks_offline.export.outside_lists import ListRow, OutsideList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siks_offline.export.opening import Opened
    from siks_offline.export.outside_lists import Kind

MATCHING: Final = "matching"
DETERMINATION: Final = "determination"
TYPES: Final = (MATCHING, DETERMINATION)


@dataclass(frozen=True, slots=True)
class Head:
    """What a list says of itself; `period` is empty where the list has none."""

    kind: Kind
    kode_desa: str
    name: str
    period: str
    rows: int


def type_of(kind: Kind) -> str:
    """Return the type of the bundle in which a kind of list travels."""
    return MATCHING if kind in outside_lists.MATCHING else DETERMINATION


def write(head: Head, rows: Sequence[ListRow]) -> list[RecordFile]:
    """Return the records files of a list. Raises BundleError E_RECORD_SCHEMA."""
    value = {name: getattr(head, name) for name in Head.__dataclass_fields__}
    shapes.check(value, _head, "E_RECORD_SCHEMA")
    lines = [
        {"row": row.number, "values": [list(pair) for pair in sorted(row.values.items())]}
        for row in rows
    ]
    for line in lines:
        shapes.check(line, _row, "E_RECORD_SCHEMA")
    kind = type_of(head.kind)
    return [RecordFile(f"{kind}-head", [value], 1), RecordFile(kind, lines, len(lines))]


def read(opened: Opened) -> tuple[Head, OutsideList]:
    """Return the list of an opened bundle.

    Any faulty line refuses the whole with BundleError E_RECORD_SCHEMA: its sender is the Dinsos.
    """
    kind = opened.manifest["type"]
    heads = [value for _, value, _ in opened.lines(f"{kind}-head")]
    if len(heads) != 1:
        raise BundleError("E_RECORD_SCHEMA", bagian=f"{kind}-head")
    shapes.check(heads[0], _head, "E_RECORD_SCHEMA")
    head = Head(**heads[0])
    found = OutsideList(head.kind)
    for _, value, _ in opened.lines(kind):
        if isinstance(value, BundleError):
            raise value
        shapes.check(value, _row, "E_RECORD_SCHEMA")
        found.rows.append(ListRow(kind, value["row"], dict(value["values"])))
    if type_of(head.kind) != kind or len(found.rows) != head.rows:
        raise BundleError("E_RECORD_SCHEMA", bagian=kind)
    return head, found


_head = shapes.members(
    {
        "kind": shapes.one_of(*outside_lists.MATCHING, *outside_lists.DETERMINING),
        "kode_desa": shapes.kode_desa,
        "name": shapes.words(200, line_feed=False),
        "period": shapes.text(r"([0-9]{4}-(Q[1-4]|[0-9]{2}))?"),
        "rows": shapes.integer(),
    }
)


def _pair(value: Any, where: str) -> None:
    shapes.each(shapes.words(line_feed=False), most=2, least=2)(value, where)
    shapes.text(r"[a-z_]{1,40}(:[A-Z0-9-]{1,20})?")(value[0], where)


_row = shapes.members({"row": shapes.integer(1), "values": shapes.each(_pair, most=60, least=1)})
