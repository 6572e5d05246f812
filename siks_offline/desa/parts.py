"""How an export is cut into files that a medium takes, each a bundle of its own.

The lines are packed first, each once, and cut by what they weigh then; photos are stored as they
are and fill what is left. So a file comes close to what the medium takes and never beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siks_offline.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siks_offline.db.attachments import Stored
    from siks_offline.export.cutting import Cutter
    from siks_offline.export.packing import Packed

TARGETS: Final = {"surel": 18_000_000, "wa": 16_000_000, "usb": 64 << 20}
"""Bytes of a file: below mail's usual 25 MB after base64, what messengers take, one for sticks."""
MOST_ATTACHMENTS: Final = 8_900
_ENTRY: Final = 640
"""Most bytes that one attachment costs beside its own: zip header, directory, manifest line."""
_FIXED: Final = 16 << 10
"""Manifest, signature, zip and age headers, whatever is in the file."""
_SEALED: Final = 16 / (1 << 16)


@dataclass(frozen=True, slots=True)
class Part:
    """What goes into one file: packed records, and these attachments."""

    records: tuple[Packed, ...]
    attachments: tuple[Stored, ...]
    size: int
    """Bytes that the file will not exceed."""

    @property
    def visits(self) -> int:
        """How many revisions are in it."""
        return sum(
            one.line["rows"] for one in self.records if one.header.name == "records/visits.ndjson"
        )


class _Bin:
    """A part that is being filled."""

    def __init__(self) -> None:
        self.records: list[Packed] = []
        self.attachments: list[Stored] = []
        self.used = 0

    def closed(self) -> Part:
        size = int(self.used * (1 + _SEALED)) + _FIXED
        return Part(tuple(self.records), tuple(self.attachments), size)


def plan(
    visits: Cutter, last: Sequence[Packed], attachments: Sequence[Stored], target: int
) -> tuple[Part, ...]:
    """Return the parts of an export, at least one; the records of `last` go into the last.

    Photos fill up the parts of the visits before they open parts of their own. Raises FileError
    E_PHOTO_PART for a photo that no file of this size takes.
    """
    room = int((target - _FIXED) / (1 + _SEALED))
    for one in attachments:
        if one.size + _ENTRY > room:
            raise FileError("E_PHOTO_PART", ukuran=one.size, paling_besar=target)
    bins: list[_Bin] = []
    while visits.more or not bins:
        bins.append(_Bin())
        cut = visits.cut(room)
        bins[-1].records.append(cut)
        bins[-1].used = cut.header.packed
    at = 0
    for one in attachments:
        weight = one.size + _ENTRY
        while bins[at].used + weight > room or len(bins[at].attachments) >= MOST_ATTACHMENTS:
            at += 1
            if at == len(bins):
                bins.append(_Bin())
        bins[at].attachments.append(one)
        bins[at].used += weight
    for records in last:
        if bins[-1].used and bins[-1].used + records.header.packed > room:
            bins.append(_Bin())
        bins[-1].records.append(records)
        bins[-1].used += records.header.packed
    return tuple(one.closed() for one in bins)
