"""A practice world to break: copied for each test, and what must still be there afterwards."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import cli, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PASSPHRASE = "latihan"
PASSING = ("kunci.lock", "app.db-wal", "app.db-shm", "masuk.json", "masuk.lock", "belum-ditutup")
"""Files that are there only while a store is open."""


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def refused(self) -> str:
        """The code of a refusal that keeps every promise: one object, clear words, no traceback."""
        assert self.code == 3, self
        fault = self.value["galat"]
        assert list(self.value) == ["galat"]
        assert sorted(fault) == ["kode", "pesan", "tindakan"]
        assert self.err == ""
        clear(fault)
        return str(fault["kode"])


def clear(fault: dict[str, str]) -> None:
    """A fault that a person can act on: its own words, no placeholder, no bug."""
    assert fault["kode"] != "E_BUG", fault
    for part in ("pesan", "tindakan"):
        assert fault[part], fault
        assert "{" not in fault[part], fault
        assert "Traceback" not in fault[part]
        assert "Errno" not in fault[part]
    assert texts.has(f"galat.{fault['kode']}.pesan")


def siks(*words: object, json_: bool = True) -> Said:
    """Run one command in this process, as a terminal would."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main([*map(str, words), *(["--json"] if json_ else [])])
    assert "Traceback" not in err.getvalue()
    return Said(code, out.getvalue(), err.getvalue())


def files(folder: Path, *, but: tuple[str, ...] = ()) -> dict[str, str]:
    """Every file and folder under a folder with the hash of what it holds."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.name in but:
            continue
        name = path.relative_to(folder).as_posix()
        found[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
    return found


@dataclass
class World:
    """A village and its Dinsos in a folder of a test's own."""

    folder: Path

    @property
    def desa(self) -> Path:
        return self.folder / "desa"

    @property
    def dinsos(self) -> Path:
        return self.folder / "dinsos"

    @property
    def prelist(self) -> Path:
        return self.folder / "prelist.xlsx"

    @property
    def sent(self) -> Path:
        """A bundle that the village exported."""
        return self.folder / "usb" / "kiriman.siks"

    @property
    def receipt(self) -> Path:
        """The answer of the Dinsos to it, which the village has not seen."""
        return self.folder / "usb" / "balasan.siks"

    def content(self) -> tuple[str, str]:
        """What the two offices hold: their lists as a hash each."""
        homes = siks("desa", "daftar", self.desa)
        kept = siks("dinsos", "daftar", self.dinsos, "--rumah-tangga")
        assert homes.code == kept.code == 0, (homes, kept)
        return (
            hashlib.sha256(homes.out.encode()).hexdigest(),
            hashlib.sha256(kept.out.encode()).hexdigest(),
        )

    @contextlib.contextmanager
    def untouched(self, *but: str) -> Iterator[None]:
        """Hold that a block leaves the same files with the same bytes, the databases too.

        `but` are paths that may differ, such as a store that notes in its trail what it refused.
        """
        before = {k: v for k, v in files(self.folder, but=PASSING).items() if k not in but}
        yield
        after = {k: v for k, v in files(self.folder, but=PASSING).items() if k not in but}
        changed = {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
        assert not changed, changed


def build(folder: Path) -> World:
    """Make a world once: four households, two completed, exported, received, not yet answered."""
    made = siks("latihan", folder, "--rumah-tangga", 4, "--terisi", 50)
    assert made.code == 0, made
    world = World(folder)
    stick = folder / "usb"
    stick.mkdir()
    sent = siks("desa", "ekspor", world.desa, "--ke", stick)
    assert sent.code == 0, sent
    Path(sent.value["berkas"][0]).rename(world.sent)
    taken = siks("dinsos", "terima", world.dinsos, world.sent, "--tanda-terima", stick)
    assert taken.code == 0, taken
    Path(taken.value["berkas"][0]["tanda_terima"]).rename(world.receipt)
    return world


def copied(world: World, folder: Path) -> World:
    """A world of a test's own, in a moment: nothing in it knows where it lies."""
    shutil.copytree(world.folder, folder, symlinks=True)
    return World(folder)


# --- workbooks -----------------------------------------------------------------------------------


def book(path: Path, *rows: list[Any]) -> Path:
    """A workbook of one sheet."""
    import openpyxl

    made = openpyxl.Workbook()
    page = made.active
    for row in rows:
        page.append(row)
    made.save(path)
    return path


def altered(source: Path, target: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The same workbook with its parts changed."""
    with (
        zipfile.ZipFile(source) as before,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for entry in before.infolist():
            after.writestr(entry.filename, change(entry.filename, before.read(entry)))
    return target


def is_root() -> bool:
    """Whether file modes mean nothing to this process."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
