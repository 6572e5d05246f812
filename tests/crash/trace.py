"""Run a program under strace and read from the log what it did to the files below one folder."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tests.crash.disk import ROOT, Call, Cut, Name, Sync, Told, Unname, Write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CALLS = (
    "openat,open,creat,lseek,write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,ftruncate,truncate,"
    "rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,symlink,symlinkat,"
    "sendfile,copy_file_range,fallocate"
)
_LINE = re.compile(r"^(\d+) +(.*)$")
_RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
_CALL = re.compile(r"^(\w+)\((.*)\) += (-?\d+)")
_HEX = re.compile(r"\\x([0-9a-f]{2})")
_FD = re.compile(r"^(?:AT_FDCWD|\d+)(?:<([^>]*)>)?(\(deleted\))?$")


class Unmodelled(Exception):  # noqa: N818 - it says what it is
    """A call that changes files in a way this reader does not know."""


def program(module: str, *words: str) -> list[str]:
    """The command that runs a module of ours."""
    return [sys.executable, "-m", module, *words]


def record(command: Sequence[str], log: Path) -> None:
    """Run a command to its end under strace. Raises RuntimeError with its output if it fails."""
    watched = ["strace", "-f", "-y", "-qq", "-xx", "-s", "16777216", "--seccomp-bpf"]
    done = subprocess.run(
        [*watched, "-e", f"trace={CALLS}", "-o", str(log), *command],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def snapshot(root: Path) -> tuple[dict[int, bytes], dict[int, dict[str, int]]]:
    """Files and folders below a folder, as a Disk takes them."""
    files: dict[int, bytes] = {}
    folders: dict[int, dict[str, int]] = {}
    count = ROOT

    def walk(folder: Path, inode: int) -> None:
        nonlocal count
        folders[inode] = {}
        for one in sorted(folder.iterdir()):
            count += 1
            folders[inode][one.name] = count
            if one.is_dir():
                walk(one, count)
            else:
                files[count] = one.read_bytes()

    walk(root, ROOT)
    return files, folders


def calls(log: Path, root: Path, folders: dict[int, dict[str, int]], spoken: Path) -> list[Call]:
    """What the logged program did below `root`; lines it wrote to `spoken` are what it told."""
    reader = _Reader(root, folders, spoken)
    return [
        call
        for name, words, result in _entries(log, root, spoken)
        for call in reader.read(name, words, result)
    ]


def _entries(log: Path, *below: Path) -> Iterator[tuple[str, str, int]]:
    """Whole calls that succeeded and name something below these paths, in order of their ends."""
    begun: dict[str, str] = {}
    needles = ["".join(f"\\x{byte:02x}" for byte in str(path).encode()) for path in below]
    with log.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            parts = _LINE.match(line)
            if parts is None:
                continue
            thread, rest = parts[1], parts[2]
            if rest.endswith("<unfinished ...>"):
                begun[thread] = rest.removesuffix("<unfinished ...>").rstrip()
                continue
            resumed = _RESUMED.match(rest)
            if resumed:
                rest = begun.pop(thread, "") + resumed[2]
            if not any(needle in rest for needle in needles):
                continue
            call = _CALL.match(rest)
            if call and int(call[3]) >= 0:
                yield call[1], call[2], int(call[3])


class _Reader:
    """Follows names, so that each call is told of the file it meant."""

    def __init__(self, root: Path, folders: dict[int, dict[str, int]], spoken: Path) -> None:
        self._root = PurePosixPath(root)
        self._spoken = str(spoken)
        self._folders = {inode: dict(entries) for inode, entries in folders.items()}
        self._next = 1 + max(
            [*self._folders, *(i for names in folders.values() for i in names.values())]
        )
        self._at: dict[int, int] = {}

    def read(self, name: str, words: str, result: int) -> Iterator[Call]:
        """Give the changes of one call."""
        parts = _split(words)
        if name in {"openat", "open", "creat"}:
            yield from self._open(name, parts)
        elif name == "lseek":
            inode = self._of(_path(parts[0]))
            if inode is not None:
                self._at[inode] = result
        elif name in {"write", "pwrite64"}:
            yield from self._write(name, parts, result)
        elif name in {"fsync", "fdatasync"}:
            inode = self._of(_path(parts[0]))
            if inode is not None:
                yield Sync(inode)
        elif name == "ftruncate":
            inode = self._of(_path(parts[0]))
            if inode is not None:
                yield Cut(inode, int(parts[1]))
        elif name.startswith("rename"):
            yield from self._rename(parts)
        elif name in {"unlink", "unlinkat", "rmdir"}:
            folder, leaf = self._place(parts[:2] if name == "unlinkat" else parts[:1])
            if folder is not None and leaf in self._folders[folder]:
                del self._folders[folder][leaf]
                yield Unname(folder, leaf)
        elif name in {"mkdir", "mkdirat"}:
            folder, leaf = self._place(parts[:2] if name == "mkdirat" else parts[:1])
            if folder is not None:
                inode = self._fresh()
                self._folders[inode] = {}
                self._folders[folder][leaf] = inode
                yield Name(folder, leaf, inode, made=True)
        elif any(self._place([part])[0] is not None for part in parts if "/" in _text(part)):
            raise Unmodelled(f"{name}({words[:200]})")

    def _open(self, name: str, parts: list[str]) -> Iterator[Call]:
        place = parts[:2] if name == "openat" else parts[:1]
        flags = "O_CREAT|O_TRUNC" if name == "creat" else parts[len(place)]
        if "O_CREAT" not in flags and "O_TRUNC" not in flags:
            return
        folder, leaf = self._place(place)
        if folder is None:
            return
        inode = self._folders[folder].get(leaf)
        if inode is None:
            inode = self._fresh()
            self._folders[folder][leaf] = inode
            yield Name(folder, leaf, inode)
        if "O_APPEND" in flags:
            raise Unmodelled(f"{leaf} is written at its end")
        if "O_TRUNC" in flags:
            yield Cut(inode, 0)
        self._at[inode] = 0

    def _write(self, name: str, parts: list[str], result: int) -> Iterator[Call]:
        path = _path(parts[0])
        content = bytes.fromhex("".join(_HEX.findall(parts[1])))[:result]
        if path == self._spoken:
            for line in content.decode().splitlines():
                yield Told(line)
            return
        inode = self._of(path)
        if inode is None:
            return
        if name == "pwrite64":
            yield Write(inode, int(parts[3]), content)
        else:  # a file has one writer at a time here, so its place is known by the file
            at = self._at.get(inode, 0)
            self._at[inode] = at + len(content)
            yield Write(inode, at, content)

    def _rename(self, parts: list[str]) -> Iterator[Call]:
        wide = len(parts) >= 4
        from_, leaf = self._place(parts[:2] if wide else parts[:1])
        to, name = self._place(parts[2:4] if wide else parts[1:2])
        if from_ is None or to is None:
            raise Unmodelled("a rename across the edge of the watched folder")
        inode = self._folders[from_].pop(leaf)
        self._folders[to][name] = inode
        yield Name(to, name, inode, (from_, leaf))

    def _fresh(self) -> int:
        self._next += 1
        return self._next

    def _place(self, parts: list[str]) -> tuple[int | None, str]:
        """Folder and leaf of a path given as one word, or as folder descriptor and word."""
        path = PurePosixPath(_text(parts[-1]))
        if len(parts) == 2 and not path.is_absolute():
            path = PurePosixPath(_path(parts[0]) or "/") / path
        if not path.is_relative_to(self._root) or path == self._root:
            return None, ""
        folder = ROOT
        *above, leaf = path.relative_to(self._root).parts
        for name in above:
            found = self._folders.get(folder, {}).get(name)
            if found is None:
                return None, ""
            folder = found
        return (folder, leaf) if folder in self._folders else (None, "")

    def _of(self, path: str | None) -> int | None:
        """The file or folder at a path below the watched one."""
        if path is None:
            return None
        if path == str(self._root):
            return ROOT
        folder, leaf = self._place([f'"{path}"'])
        return None if folder is None else self._folders[folder].get(leaf)


def _split(words: str) -> list[str]:
    """Arguments of a call; all texts are hex, so that no comma hides in one."""
    return [word.strip() for word in words.split(",")]


def _text(word: str) -> str:
    """A quoted path, given in hex or plainly."""
    inner = word.strip('"')
    return _HEX.sub(lambda found: chr(int(found[1], 16)), inner) if "\\x" in inner else inner


def _path(word: str) -> str | None:
    """The path that strace tells of a descriptor; None when the file has no name any more."""
    found = _FD.match(word)
    return _text(found[1]) if found and found[1] and not found[2] else None
