"""Instruments already read and checked, kept as JSON under the hash of their workbook."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from siks_offline.instrument.schema import Choice, Element, Group, Instrument, Question, Repeat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FORMAT = 2
"""Raised whenever the meaning of a kept instrument, or what the loader checks, changes."""
_MAKERS = {"Question": Question, "Group": Group, "Repeat": Repeat}


def kept(folder: Path, sha256: str) -> Instrument | None:
    """Return the instrument of a workbook's hash; None when it is not there or not whole."""
    try:
        found = json.loads(_path(folder, sha256).read_bytes())
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
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        part.replace(path)
    except OSError:
        return


def _path(folder: Path, sha256: str) -> Path:
    return folder / f"instrumen-{FORMAT}-{sha256}.json"


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
