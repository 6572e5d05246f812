"""What must be true of a village after the power came back, whatever moment it went."""

from __future__ import annotations

import hashlib
import json
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

    from tests.crash.disk import Call

_PASSING = (".part", ".baru", "-wal", "-shm", "-journal", ".lock")
_SIGNS = ("belum-ditutup",)
"""Files that say something by being there, not by what is in them."""
_DATABASE = "app.db"


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

    def judge(self, folder: Path, told: Sequence[str], *, sign_in: bool = True) -> Verdict:
        """Open what is left and compare; `sign_in` also goes the program's own way, and writes."""
        verdict = Verdict()
        heard = [json.loads(words) for words in told]
        self._files(folder, heard, verdict)
        passphrase = next((one["passphrase"] for one in heard[::-1] if "passphrase" in one), None)
        for name in self._villages:
            promised = name in self._began or any(one.get("village") == name for one in heard)
            if not is_whole(folder / name):
                if promised:
                    verdict.lost.append(f"{name} is no village")
                continue
            states = self._states.get(name, [])
            told_states = sum(one.get("of") == name for one in heard)
            least = told_states - (name not in self._began)
            words = [passphrase] if passphrase else [world.world.PASSPHRASE, world.NEW_WORDS]
            self._village(folder / name, words, states, least, verdict)
            if sign_in or verdict.faults:
                _as_the_program_does(folder / name, words, verdict)
        return verdict

    def _files(self, folder: Path, heard: list[dict[str, Any]], verdict: Verdict) -> None:
        """No file under its own name is half, and those told of are there."""
        made = [folder / name for name in self._villages]
        unfinished = [path for path in made if not is_whole(path)]
        for path in folder.rglob("*"):
            name = path.relative_to(folder).as_posix()
            passing = path.name.endswith(_PASSING) or path.name.startswith(_DATABASE)
            if path.is_dir() or passing or path.name in _SIGNS:
                continue
            if "/masuk/" in name or any(path.is_relative_to(one) for one in unfinished):
                continue
            if self._settled is None:
                continue  # nobody knows which contents are whole
            if hash(path.read_bytes()) not in self._settled.get(name, ()):
                verdict.partial.append(f"{name} is half written")
        for one in heard:
            for name in one.get("files", ()):
                if not (folder / name).is_file():
                    verdict.lost.append(f"{name} is not there")

    def _village(
        self,
        folder: Path,
        words: Sequence[str],
        states: list[str],
        least: int,
        verdict: Verdict,
    ) -> None:
        from siks_offline.crypto import keystore

        try:
            keys = _any_of(words, lambda word: keystore.unlock(folder, "operator", word))
        except SiksError as error:
            verdict.broken.append(f"{folder.name}: the keystore says {error.code}")
            return
        sent: list[tuple[str, str]] = []
        connection = world.connect_with(folder / _DATABASE, keys.keys)
        try:
            digest = world.digest(connection)
            if folder.name in self._began:  # a restored village has the record without the files
                said = "SELECT file_name, file_sha256 FROM export WHERE type = 'visits'"
                sent = connection.execute(said).fetchall()
            # cipher_integrity_check reads the file alone, whose pages may be newer in the -wal.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            wrong = [
                line
                for pragma in ("integrity_check", "cipher_integrity_check")
                for (line,) in connection.execute(f"PRAGMA {pragma}").fetchall()
                if line != "ok"
            ]
        except Exception as error:  # noqa: BLE001 - whatever the driver says of it
            wrong = [str(error)]
            digest = ""
        finally:
            connection.close()
        if wrong:
            verdict.broken.append(f"{folder.name}: {wrong[0]}")
        elif UNKNOWN in states:
            pass  # some state could not be read, so this one may be it
        elif digest not in states:
            verdict.partial.append(f"{folder.name}: a state that never was")
        elif len(states) - 1 - states[::-1].index(digest) < least:
            verdict.lost.append(f"{folder.name}: {least} commits told, fewer are there")
        for name, sha256 in sent:
            file = folder / OUTBOX / name
            if not file.is_file() or _sha256(file) != sha256:
                verdict.lost.append(f"{name} is told to be sent and is not there")


def is_whole(folder: Path) -> bool:
    """Whether the program shows this folder as a village."""
    return (folder / "siks.json").is_file() and not (folder / UNFINISHED).exists()


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


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
