"""A disk that forgets: what a row of system calls leaves behind when the power goes.

The strictest reading of POSIX: bytes are safe once their file was synced, names once their folder
was. Until then a write may be lost, kept although an earlier one was lost, or torn at a sector; a
name may be missing although the file's bytes are safe.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

SECTOR = 512
ROOT = 0
Manner = Literal["killed", "nothing", "prefix", "mixed"]
"""What became of what was not synced: all of it kept (the program died, not the machine), none,
the first so many with the last one torn, or any of it in any order."""
MANNERS: tuple[tuple[Manner, float], ...] = (
    ("mixed", 0.55),
    ("prefix", 0.25),
    ("nothing", 0.12),
    ("killed", 0.08),
)


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes put into a file."""

    inode: int
    at: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file made this long."""

    inode: int
    size: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name given to a file or folder, taken from `before` (folder, name) when it was renamed."""

    folder: int
    name: str
    inode: int
    before: tuple[int, str] | None = None
    made: bool = False
    """Whether this makes a folder."""


@dataclass(frozen=True, slots=True)
class Unname:
    """A name removed."""

    folder: int
    name: str


@dataclass(frozen=True, slots=True)
class Sync:
    """A file or folder told to be safe, and the disk's word that it is."""

    inode: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the program told its person at this point; the text of one line."""

    words: str


Call = Write | Cut | Name | Unname | Sync | Told
Tree = dict[str, bytes | bytearray | None]
"""Path to content; None is a folder."""


class Disk:
    """What is safe, and what still waits in memory, after the calls taken so far."""

    def __init__(self, files: dict[int, bytes], folders: dict[int, dict[str, int]]) -> None:
        self.files = {inode: bytearray(content) for inode, content in files.items()}
        self.folders = {inode: dict(entries) for inode, entries in folders.items()}
        self.waiting: list[Write | Cut | Name | Unname] = []

    def take(self, call: Call) -> None:
        """Let one more call happen."""
        if isinstance(call, Sync):
            mine, rest = [], []
            for one in self.waiting:
                (mine if call.inode in _touched(one) else rest).append(one)
            self.waiting = rest
            for one in mine:
                _apply(one, self.files, self.folders)
        elif not isinstance(call, Told):
            self.waiting.append(call)

    def cut(self, rng: random.Random, manner: Manner) -> Tree:
        """Return the files and folders found after the power comes back."""
        kept = list(_kept(self.waiting, rng, manner))
        touched = {one.inode for one in kept if isinstance(one, Write | Cut)}
        files = self.files | {inode: bytearray(self.files.get(inode, b"")) for inode in touched}
        folders = self.folders
        if any(isinstance(one, Name | Unname) for one in kept):
            folders = {inode: dict(entries) for inode, entries in folders.items()}
        for one in kept:
            _apply(one, files, folders)
        return dict(_walk(ROOT, "", files, folders))

    def whole(self) -> Tree:
        """Return the files as the program itself sees them now: nothing is lost."""
        import random

        return self.cut(random.Random(0), "killed")


def _touched(call: Write | Cut | Name | Unname) -> tuple[int, ...]:
    """The file or folder whose sync makes a call safe; a move is safe where it arrived."""
    return (call.inode,) if isinstance(call, Write | Cut) else (call.folder,)


def _apply(
    call: Write | Cut | Name | Unname,
    files: dict[int, bytearray],
    folders: dict[int, dict[str, int]],
) -> None:
    if isinstance(call, Write):
        content = files.setdefault(call.inode, bytearray())
        if len(content) < call.at:
            content.extend(bytes(call.at - len(content)))
        content[call.at : call.at + len(call.content)] = call.content
    elif isinstance(call, Cut):
        content = files.setdefault(call.inode, bytearray())
        del content[call.size :]
        content.extend(bytes(call.size - len(content)))
    elif isinstance(call, Name):
        folders.setdefault(call.folder, {})[call.name] = call.inode
        if call.made:
            folders.setdefault(call.inode, {})
        if call.before is not None:
            folder, name = call.before
            if folders.get(folder, {}).get(name) == call.inode:
                del folders[folder][name]
    else:
        folders.get(call.folder, {}).pop(call.name, None)


def _kept(
    waiting: list[Write | Cut | Name | Unname], rng: random.Random, manner: Manner
) -> Iterable[Write | Cut | Name | Unname]:
    """Which waiting calls reached the disk, torn ones as the parts that did."""
    if manner == "killed":
        yield from waiting
    elif manner == "prefix":
        end = rng.randrange(len(waiting) + 1)
        yield from waiting[:end]
        if end < len(waiting) and isinstance(waiting[end], Write):
            yield from _torn(waiting[end], rng)  # type: ignore[arg-type]
    elif manner == "mixed":
        # Journals keep the order of names; cheap media keep none.
        ordered = rng.random() < 0.5
        names = sum(isinstance(one, Name | Unname) for one in waiting)
        left = rng.randrange(names + 1) if ordered else 0
        for one in waiting:
            if isinstance(one, Name | Unname):
                left -= 1
                if left >= 0 if ordered else rng.random() < 0.5:
                    yield one
                continue
            drawn = rng.random()
            if drawn < 0.45:
                continue
            if drawn < 0.75 or isinstance(one, Cut):
                yield one
            else:
                yield from _torn(one, rng)


def _torn(write: Write, rng: random.Random) -> Iterable[Write]:
    """The sectors of a write that reached the disk, each by chance."""
    start = 0
    while start < len(write.content):
        end = start + SECTOR - (write.at + start) % SECTOR
        if rng.random() < 0.5:
            yield Write(write.inode, write.at + start, write.content[start:end])
        start = end


def _walk(
    folder: int, path: str, files: dict[int, bytearray], folders: dict[int, dict[str, int]]
) -> Iterable[tuple[str, bytes | bytearray | None]]:
    for name, inode in folders.get(folder, {}).items():
        here = f"{path}{name}"
        if inode in folders:
            yield here, None
            yield from _walk(inode, f"{here}/", files, folders)
        else:
            yield here, files.get(inode, b"")


def settled(
    files: dict[int, bytes], folders: dict[int, dict[str, int]], calls: list[Call]
) -> dict[str, set[int]]:
    """Return, for each path, the hashes of every content that was given this name complete.

    Complete is what a file holds when it is renamed to its name, or held before the first call.
    """
    disk = Disk(files, folders)
    found: dict[str, set[int]] = defaultdict(set)
    for path, content in disk.whole().items():
        if content is not None:
            found[path].add(hash(bytes(content)))
    for call in calls:
        if isinstance(call, Sync | Told):
            continue
        _apply(call, disk.files, disk.folders)
        if isinstance(call, Name):
            for path, content in _named(call, disk):
                found[path].add(hash(bytes(content)))
    return found


def _named(call: Name, disk: Disk) -> Iterable[tuple[str, bytes | bytearray]]:
    """Paths and contents of what just got a name by a rename; none for what was just created."""
    if call.before is None:
        return
    above = {
        child: (folder, name)
        for folder, names in disk.folders.items()
        for name, child in names.items()
    }
    parts = [call.name]
    at = call.folder
    while at != ROOT:
        if at not in above:
            return
        at, name = above[at]
        parts.append(name)
    path = "/".join(reversed(parts))
    if call.inode in disk.folders:
        for inner, content in _walk(call.inode, f"{path}/", disk.files, disk.folders):
            if content is not None:
                yield inner, content
    else:
        yield path, disk.files.get(call.inode, b"")
