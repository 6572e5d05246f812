"""What must be true of a village after the power came back, whatever moment it went."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from siks_offline.desa.handover import OUTBOX
from siks_offline.errors import SiksError
from siks_offline.paths import UNFINISHED
from tests.crash import world
from tests.crash.acts import UNKNOWN
from tests.crash.disk import Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tests.crash.disk import Call, Tree

_PASSING = (".part", ".baru", "-wal", "-shm", "-journal", ".lock")
_SIGNS = ("belum-ditutup", UNFINISHED)
"""Files that say something by being there, not by what is in them."""
_DATABASE = "app.db"
_KEYS = re.compile(r"(rusak-\d+/)?(app\.db(-wal|-journal)?|kunci-\d+\.age|akun/\w+\.age|belum-\w+)")
"""Files of a village's folder that opening its database depends on."""


_NUMBERED = re.compile(rf"{world.STICK}/siks-\d+-(\d+)-\w+\.siks")


class Left:
    """What is left of the world: its files as they are known, and the folder they are laid in."""

    def __init__(self, tree: Tree, place: Path, *, laid: bool = False) -> None:
        self.tree = tree
        self._place = place
        self._laid = laid

    @classmethod
    def of(cls, folder: Path) -> Left:
        """What lies in a folder, which is judged where it is."""
        tree: Tree = {
            path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_bytes()
            for path in folder.rglob("*")
        }
        return cls(tree, folder, laid=True)

    def folder(self) -> Path:
        """The folder with these files in it, as no reader before has left them."""
        if not self._laid:
            lay(self.tree, self._place)
        return self._place

    def whole(self, village: str) -> bool:
        """Whether the program shows this folder as a village."""
        return f"{village}/siks.json" in self.tree and f"{village}/{UNFINISHED}" not in self.tree

    def likeness(self, village: str) -> int:
        """Hash of all that opening a village's database depends on."""
        start = f"{village}/"
        return hash(
            tuple(
                (name, hash(bytes(content)))
                for name, content in sorted(self.tree.items())
                if content is not None
                and name.startswith(start)
                and _KEYS.fullmatch(name, len(start))
            )
        )


def lay(tree: Tree, folder: Path) -> None:
    """Put a state on the disk, in a folder emptied before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in tree.items():
        path = folder / name
        if content is None:
            path.mkdir(mode=0o700)
        elif not name.endswith("-shm"):  # SQLite makes it anew for the first who opens
            path.write_bytes(content)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a village's file says once it is opened with the driver alone."""

    refused: str = ""
    wrong: tuple[str, ...] = ()
    digest: str = ""
    sent: tuple[tuple[str, str], ...] = ()
    following: int = 0
    """The number that the next bundle would bear."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a state; empty lists when nothing is."""

    lost: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Everything found, as `kind: what`."""
        return [
            f"{kind}: {what}"
            for kind in ("lost", "partial", "broken")
            for what in getattr(self, kind)
        ]


class Judge:
    """Knows every state that a recorded run went through, and which the person had been told of."""

    def __init__(
        self,
        calls: Sequence[Call],
        settled: dict[str, set[int]] | None,
        before: dict[str, str],
        villages: Iterable[str],
    ) -> None:
        self._settled = settled
        self._villages = tuple(villages)
        self._began = set(before)
        self._known: dict[tuple[str, tuple[str, ...], int], _Opened] = {}
        self._states = {name: [digest] for name, digest in before.items()}
        for call in calls:
            if isinstance(call, Told):
                told = json.loads(call.words)
                if "state" in told:
                    self._states.setdefault(told["of"], []).append(told["state"])

    def knowing(self, settled: dict[str, set[int]]) -> Judge:
        """The same judge, who also takes these contents of files for whole ones."""
        judge = copy(self)
        assert self._settled is not None
        judge._settled = {
            name: self._settled.get(name, set()) | settled.get(name, set())
            for name in self._settled.keys() | settled.keys()
        }
        return judge

    def judge(self, left: Left, told: Sequence[str], *, sign_in: bool = True) -> Verdict:
        """Open what is left and compare; `sign_in` also goes the program's own way, and writes."""
        verdict = Verdict()
        heard = [json.loads(words) for words in told]
        self._files(left, heard, verdict)
        passphrase = next((one["passphrase"] for one in heard[::-1] if "passphrase" in one), None)
        words = (passphrase,) if passphrase else (world.world.PASSPHRASE, world.NEW_WORDS)
        codes = _codes(left, heard)
        whole = [name for name in self._villages if left.whole(name)]
        for name in self._villages:
            promised = name in self._began or any(one.get("village") == name for one in heard)
            if name in whole:
                self._village(left, name, words, codes, heard, verdict)
            elif promised:
                verdict.lost.append(f"{name} is no village")
        if sign_in or verdict.faults:
            folder = left.folder()
            for name in whole:
                _as_the_program_does(folder / name, words, verdict)
        return verdict

    def _files(self, left: Left, heard: list[dict[str, Any]], verdict: Verdict) -> None:
        """No file under its own name is half, and those told of are there."""
        unfinished = tuple(f"{name}/" for name in self._villages if not left.whole(name))
        for name, content in left.tree.items():
            if self._settled is None:
                break  # nobody knows which contents are whole
            leaf = name.rpartition("/")[2]
            passing = leaf.endswith(_PASSING) or leaf.startswith(_DATABASE) or leaf in _SIGNS
            if content is None or passing or "/masuk/" in name or name.startswith(unfinished):
                continue
            if hash(bytes(content)) not in self._settled.get(name, ()):
                verdict.partial.append(f"{name} is half written")
        for one in heard:
            for name in one.get("files", ()):
                if left.tree.get(name) is None:
                    verdict.lost.append(f"{name} is not there")

    def _village(
        self,
        left: Left,
        name: str,
        words: tuple[str, ...],
        codes: tuple[str, ...],
        heard: list[dict[str, Any]],
        verdict: Verdict,
    ) -> None:
        states = self._states.get(name, [])
        least = sum(one.get("of") == name for one in heard) - (name not in self._began)
        key = (name, words + codes, left.likeness(name))
        if key not in self._known:
            self._known[key] = self._open(left.folder() / name, words, codes)
        found = self._known[key]
        if found.refused:
            verdict.broken.append(f"{name}: the keystore says {found.refused}")
            return
        if found.wrong:
            verdict.broken.append(f"{name}: {found.wrong[0]}")
        elif UNKNOWN in states:
            pass  # some state could not be read, so this one may be it
        elif found.digest not in states:
            verdict.partial.append(f"{name}: a state that never was")
        elif len(states) - 1 - states[::-1].index(found.digest) < least:
            verdict.lost.append(f"{name}: {least} commits told, fewer are there")
        for file, sha256 in found.sent:
            content = left.tree.get(f"{name}/{OUTBOX}/{file}")
            if content is None or hashlib.sha256(content).hexdigest() != sha256:
                verdict.lost.append(f"{file} is told to be sent and is not there")
        for path in left.tree:
            number = _NUMBERED.fullmatch(path)
            if number and name in self._began and int(number[1]) >= found.following:
                verdict.broken.append(f"{path} has a number that the next file bears too")

    def _open(self, folder: Path, words: tuple[str, ...], codes: tuple[str, ...]) -> _Opened:
        from siks_offline.crypto import keystore

        try:
            keys = _any_of(words, lambda word: keystore.unlock(folder, "operator", word))
            if codes:
                _any_of(codes, lambda code: keystore.unlock_with_recovery(folder, code))
        except SiksError as error:
            return _Opened(refused=error.code)
        sent: list[tuple[str, str]] = []
        following = 0
        connection = world.connect_with(folder / _DATABASE, keys.keys)
        try:
            digest = world.digest(connection)
            if folder.name in self._began:  # a restored village has the record without the files
                said = "SELECT file_name, file_sha256 FROM export WHERE type = 'visits'"
                sent = connection.execute(said).fetchall()
                numbers = connection.execute("SELECT max(next_seq) FROM stream").fetchone()
                following = numbers[0] or 0
            # cipher_integrity_check reads the file alone, whose pages may be newer in the -wal.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            wrong = [
                line
                for pragma in ("integrity_check", "cipher_integrity_check")
                for (line,) in connection.execute(f"PRAGMA {pragma}").fetchall()
                if line != "ok"
            ]
        except Exception as error:  # noqa: BLE001 - whatever the driver says of it
            return _Opened(wrong=(str(error),))
        finally:
            connection.close()
        return _Opened("", tuple(wrong), digest, tuple(map(tuple, sent)), following)


def is_whole(folder: Path) -> bool:
    """Whether the program shows this folder as a village."""
    return (folder / "siks.json").is_file() and not (folder / UNFINISHED).exists()


def _codes(left: Left, heard: list[dict[str, Any]]) -> tuple[str, ...]:
    """Recovery codes of which one must open: the one told, before that either; often none."""
    told = tuple(one["code"] for one in heard if "code" in one)
    return told or tuple(bytes(left.tree.get(world.CODES) or b"").decode().split())


def _any_of(words: Sequence[str], open_: Any) -> Any:
    """The first that opens. Raises what the last one said."""
    for word in words[:-1]:
        try:
            return open_(word)
        except SiksError:
            continue
    return open_(words[-1])


def _as_the_program_does(folder: Path, words: Sequence[str], verdict: Verdict) -> None:
    """Sign in, verify the trail, and go on working."""
    from siks_offline.db import audit, meta

    try:
        with _any_of(words, lambda word: world.opened(folder, word)) as village:
            with village.store.read() as session:
                line = audit.verify(session)
            with village.store.write() as session:
                meta.put(session, "percobaan", "1")
    except SiksError as error:
        verdict.broken.append(f"{folder.name}: {error.code}")
        return
    if line is not None:
        verdict.broken.append(f"{folder.name}: the trail breaks at line {line}")
    left = [path.name for path in folder.rglob("*.part")]
    if left:
        verdict.partial.append(f"{folder.name}: {left[0]} stays behind")


def content_of(folder: Path) -> dict[str, str]:
    """Hash of all that each village below a folder holds."""
    from siks_offline.crypto import keystore

    found = {}
    for marker in folder.glob("*/siks.json"):
        keys = keystore.unlock(marker.parent, "operator", world.world.PASSPHRASE)
        connection = world.connect(marker.parent / _DATABASE, keys.current)
        found[marker.parent.name] = world.digest(connection)
        connection.close()
    return found
