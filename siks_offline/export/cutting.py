"""Lines packed once and cut on the way: each records file as full as its room allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siks_offline.export.manifest import LARGEST_RECORDS
from siks_offline.export.packing import RecordFile, pack_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from siks_offline.export.packing import Packed
    from siks_offline.export.staging import Staging

HELD: Final = 96 << 10
"""Most bytes that zlib keeps back at its usual memory: one block of symbols, not yet given out."""


class Cutter:
    """A run of canonical lines that is cut into records files of one name."""

    def __init__(
        self,
        name: str,
        lines: Iterable[bytes],
        spool: Staging,
        advance: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._name = name
        self._lines = iter(lines)
        self._spool = spool
        self._advance = advance
        self._next = next(self._lines, None)
        self._count = 0
        self._packed = 0
        self._loose = 0

    @property
    def more(self) -> bool:
        """Whether lines are left."""
        return self._next is not None

    def cut(self, room: int) -> Packed:
        """Pack as many of the next lines as `room` bytes and the format take for certain.

        One line is taken in any case, so that a run comes to its end. Raises as
        `packing.entries`.
        """
        self._count += 1
        self._packed = self._loose = 0
        record = RecordFile(self._name, self._fitting(room))
        stretch = f"{self._name}/{self._count}"
        return pack_records(
            record, self._spool, self._advance, stretch=stretch, weighed=self._weigh
        )

    def _weigh(self, packed: int) -> None:
        if packed != self._packed:
            self._packed, self._loose = packed, 0

    def _fitting(self, room: int) -> Iterator[bytes]:
        """Yield lines while what is packed, held back and still loose stays within the room."""
        size = 0
        while (line := self._next) is not None:
            weight = len(line) + 1
            if size and (
                self._packed + HELD + self._loose + weight > room or size + weight > LARGEST_RECORDS
            ):
                return
            size += weight
            self._loose += weight
            self._next = next(self._lines, None)
            yield line
