"""The questionnaires an office can check: those of the program, and workbooks it was given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siks_offline.db import office as store_office
from siks_offline.errors import WorkbookError
from siks_offline.export import canonical, files

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.dinsos.office import Office
    from siks_offline.instrument.schema import Instrument

FOLDER = "instrumen"
"""Where the workbooks lie, by hash. They hold nobody's data; the hash says they are whole."""
SHIPPED = ("dtks", "regsosek", "usulan")
"""Instruments that come with the program."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A workbook that the office was given; `released` files waited for it and were judged now."""

    id: str
    version: str
    sha256: str
    new: bool
    released: int


@dataclass(frozen=True, slots=True)
class Known:
    """An instrument of this office; `content` tells whether its workbook is at hand."""

    id: str
    version: str
    sha256: str
    known_at: str
    content: bool


def install(office: Office, path: Path, now: datetime) -> Installed:
    """Take a workbook in after the loader's check, then look at what was held for it.

    Raises what `instrument.load.load` raises; WorkbookError E_INSTRUMENT_SAME where the office
    knows another workbook of that id and version.
    """
    from siks_offline import paths
    from siks_offline.dinsos import held
    from siks_offline.instrument import load, sheets

    content, sha256 = sheets.read_bytes(path)
    found = load.from_bytes(content, sha256, path.name, cache=paths.cache())
    with office.store.read() as session:
        rows = store_office.instruments(session)
    names = {(row["id"], row["version"]): row["sha256"] for row in rows}
    names |= {(name, version): sha for name, version, sha in shipped()}
    if names.get((found.id, found.version), sha256) != sha256:
        raise WorkbookError("E_INSTRUMENT_SAME", isi=found.id, versi=found.version)
    _keep(office, sha256, content)
    with office.store.write() as session:
        at = canonical.stamp(now)
        new = store_office.know_instrument(session, sha256, found.id, found.version, at)
        if new:
            subject = f"{found.id}/{found.version}"
            office.record(session, now, "instrumen.pasang", subject, sha256=sha256)
    return Installed(found.id, found.version, sha256, new, held.retry(office, now))


def shipped() -> list[tuple[str, str, str]]:
    """Return (id, version, sha256) of the instruments that come with this program."""
    from siks_offline.instrument.load import load_shipped

    return [(one.id, one.version, one.sha256) for one in map(load_shipped, SHIPPED)]


def keep_shipped(office: Office, name: str) -> None:
    """Lay a workbook of this program beside those that were given.

    The next program brings another version, and answers of this one must be held to it still.
    """
    from siks_offline.instrument import load, sheets

    content, sha256 = sheets.read_bytes(load.shipped_path(name))
    _keep(office, sha256, content)


def _keep(office: Office, sha256: str, content: bytes) -> None:
    kept = _place(office, sha256)
    with files.errors(kept):
        files.make_folder(kept.parent, 0o700)
    files.write_whole(kept, content, private=True)


def _place(office: Office, sha256: str) -> Path:
    return office.folder / FOLDER / f"{sha256}.xlsx"


def listed(office: Office) -> list[Known]:
    """Return the instruments that this office knows, by id and version."""
    with office.store.read() as session:
        rows = store_office.instruments(session)
    ours = {sha256 for *_, sha256 in shipped()}
    return [
        Known(
            row["id"],
            row["version"],
            row["sha256"],
            row["known_at"],
            row["sha256"] in ours or _place(office, row["sha256"]).exists(),
        )
        for row in rows
    ]


def read(office: Office, name: str, version: str, sha256: str) -> Instrument | None:
    """Return a questionnaire; None where its workbook is not at hand.

    Raises WorkbookError E_INSTRUMENT_DAMAGED where the workbook is not the one that was given.
    """
    from siks_offline import paths
    from siks_offline.instrument import load, sheets

    if name in SHIPPED and load.load_shipped(name).sha256 == sha256:
        return load.load_shipped(name)
    kept = _place(office, sha256)
    if not kept.exists():
        return None
    content, found = sheets.read_bytes(kept)
    if found != sha256:
        raise WorkbookError("E_INSTRUMENT_DAMAGED", isi=name, versi=version)
    return load.from_bytes(content, sha256, kept.name, cache=paths.cache())
