"""Instruments already read and checked, kept under the hash of their workbook.

A kept one is two lines: the SHA-256 of the second, and that second line, JSON. What a power cut or
a bad disk left of it is told by the hash and read from the workbook again.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from siks_offline.instrument.schema import Choice, Element, Group, Instrument, Question, Repeat
from siks_offline.paths import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FORMAT = 4
"""Raised whenever the meaning of a kept instrument, or what the loader checks, changes."""
_MAKERS = {"Question": Question, "Group": Group, "Repeat": Repeat}


def kept(folder: Path, sha256: str) -> Instrument | None:
    """Return the instrument of a workbook's hash; None when it is not there or not whole."""
    try:
        said, _, content = _path(folder, sha256).read_bytes().partition(b"\n")
        if said != _hash(content):
            return None
        found = json.loads(content)
        if found["sha256"] != sha256:
            return None
        choices = {
            name: tuple(
                Choice(code, label, tuple(map(tuple, extra))) for code, label, extra in rows
            )
            for name, rows in found["choices"].items()
        }
        return Instrument(
            found["id"], found["version"], found["title"], sha256,
            _elements(found["children"]), choices,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(folder: Path, instrument: Instrument) -> None:
    """Keep an instrument. A folder that takes nothing costs time only, so it is no error."""
    path = _path(folder, instrument.sha256)
    content = {
        "id": instrument.id,
        "version": instrument.version,
        "title": instrument.title,
        "sha256": instrument.sha256,
        "choices": {
            name: [(c.code, c.label, c.columns) for c in rows]
            for name, rows in instrument.choices.items()
        },
        "children": [_dumped(element) for element in instrument.children],
    }
    line = json.dumps(content, ensure_ascii=False).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(_hash(line) + b"\n" + line)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(folder)
    except OSError:
        return


def _path(folder: Path, sha256: str) -> Path:
    return folder / f"instrumen-{FORMAT}-{sha256}.json"


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _dumped(element: Element) -> dict[str, Any]:
    cells = {k: v for k, v in asdict(element).items() if v and k != "children"}
    cells["_"] = type(element).__name__
    if not isinstance(element, Question):
        cells["children"] = [_dumped(child) for child in element.children]
    return cells


def _elements(rows: Iterable[dict[str, Any]]) -> tuple[Element, ...]:
    found = []
    for row in rows:
        make = _MAKERS[row.pop("_")]
        row.setdefault("label", "")
        if "children" in row:
            row["children"] = _elements(row["children"])
        found.append(make(**row))
    return tuple(found)
