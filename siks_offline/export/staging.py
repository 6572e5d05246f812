"""Room on disk for what a bundle holds, under a key that only this memory knows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from siks_offline.crypto import age
from siks_offline.export import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

BLOCK = 1 << 16
MOST_KEPT = 4 << 20
"""Plain bytes of one staging that stay in memory."""


class Window:
    """A stretch of an open file, read as if it were a file of its own."""

    def __init__(self, file: BinaryIO, offset: int, length: int) -> None:
        self._file = file
        self._at = offset
        self._end = offset + length

    def read(self, size: int = -1, /) -> bytes:
        """Return up to size bytes; all that is left for a negative size."""
        left = self._end - self._at
        self._file.seek(self._at)
        data = self._file.read(left if size < 0 else min(size, left))
        self._at += len(data)
        return data


class _End:
    """The end of a file, wherever a reader of it has moved to meanwhile."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes, /) -> int:
        self._file.seek(0, 2)
        return self._file.write(data)


class Staging:
    """Named stretches of bytes in one temporary file, each an age file to a key of this memory.

    The file has no name where the system allows that, and is gone when it is closed or when the
    program dies; what would be left of it without the key tells its size and nothing else.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder if folder is not None else Path(tempfile.gettempdir())
        self._identity = age.Identity.generate()
        with files.errors(self._folder):
            self._file = cast("BinaryIO", tempfile.TemporaryFile(dir=folder, prefix="siks-"))  # noqa: SIM115 - closed by close
        self._places: dict[str, tuple[int, int]] = {}
        self._kept: dict[str, list[bytes]] = {}
        self._room = MOST_KEPT

    def keep(self, name: str, size: int) -> list[bytes] | None:
        """Return where to put the plain blocks of a small stretch, None where it must be `put`.

        They stay in memory: sealing and unpacking them once more would take longer than all else.
        """
        if size > self._room:
            return None
        self._room -= size
        return self._kept.setdefault(name, [])

    def kept(self, name: str) -> list[bytes] | None:
        """Return the blocks of a stretch that was kept."""
        return self._kept.get(name)

    def put(self, name: str, fill: Callable[[Callable[[bytes], object]], None]) -> None:
        """Let `fill` write the bytes of a new stretch through the function it is given."""
        with files.errors(self._folder):
            start = self._file.seek(0, 2)
            end = _End(self._file)
            with age.seal(cast("BinaryIO", end), [self._identity.recipient]) as out:
                fill(out.write)
            self._places[name] = (start, self._file.seek(0, 2) - start)

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a stretch."""
        with files.errors(self._folder):
            source = age.unseal(Window(self._file, *self._places[name]), [self._identity])
            while data := source.read(BLOCK):
                yield data

    def close(self) -> None:
        """Give the room back; nothing can be read afterwards."""
        self._file.close()
        self._kept.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
