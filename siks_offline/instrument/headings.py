"""The heading row of a sheet: which column is what, in which language, and which is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.instrument import vocabulary as words
from siks_offline.model import CellIssue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from siks_offline.instrument.sheets import Row, Sheet

_OWN = re.compile(r"x_|[$_]")
"""How headings begin that are the author's own or a form builder's: nobody reads them."""
_IDLE = ("hxl",)
_INDONESIAN = re.compile(r"\(id\)$|^id$|indonesia", re.IGNORECASE)


def issue(sheet: str, row: int, column: str, code: str, **facts: object) -> CellIssue:
    """Make the fault of a cell, its words taken from ``galat.<code>``."""
    return CellIssue(
        sheet, row, column, code,
        texts.text(f"galat.{code}.pesan", **facts), texts.text(f"galat.{code}.tindakan", **facts),
    )  # fmt: skip


@dataclass(slots=True)
class Columns:
    """What the headings of a sheet mean.

    `letters`: our column name to its letter, for faults. `headings`: our name to the headings that
    give its words, the best language first.
    """

    letters: dict[str, str] = field(default_factory=dict)
    headings: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    """Headings of XLSForm outside the subset, to their remedy: a fault once a cell is filled."""

    def values(self, row: Row) -> dict[str, str]:
        """Return the cells of a row by our names; an empty translation gives way to the next."""
        found = {}
        for name, headings in self.headings.items():
            for heading in headings:
                text = row.cells.get(heading)
                if text:
                    found[name] = text
                    break
        return found


def read(sheet: Sheet, language: str, issues: list[CellIssue]) -> Columns:
    """Read the headings of the survey; faults go to the list."""
    columns = Columns()
    tongues: dict[str, dict[str, str]] = {}
    for heading, letter in sheet.columns.items():
        ours, rest = words.column(heading)
        if ours in words.TRANSLATED:
            if rest in tongues.setdefault(ours, {}):
                issues.append(_twice(sheet, letter, heading))
            tongues[ours].setdefault(rest, heading)
        elif (ours in words.COLUMNS or ours == "kind") and not rest:
            if ours in columns.headings:
                issues.append(_twice(sheet, letter, heading))
            columns.headings.setdefault(ours, [heading])
        elif ours in words.REFUSED_COLUMNS:
            columns.refused[heading] = words.REFUSED_COLUMNS[ours]
            continue
        elif _OWN.match(ours) or ours in _IDLE:
            continue
        else:
            saran = words.near(ours, words.COLUMNS)
            issues.append(issue(sheet.name, 1, letter, "E_FORM_COLUMN", isi=heading, saran=saran))
            continue
        columns.letters.setdefault(ours, letter)
    for ours, found in tongues.items():
        columns.headings[ours] = [found[tongue] for tongue in best(found, language)]
        columns.letters[ours] = sheet.columns[columns.headings[ours][0]]
    issues += [_twice(sheet, letter, heading) for heading, letter in sheet.twice]
    absent = [name for name in ("type", "name") if name not in columns.letters]
    issues += [issue(sheet.name, 1, "A", "E_FORM_NO_COLUMN", isi=name) for name in absent]
    return columns


def _twice(sheet: Sheet, letter: str, heading: str) -> CellIssue:
    return issue(sheet.name, 1, letter, "E_FORM_COLUMN_TWICE", isi=heading)


def best(tongues: Iterable[str], language: str) -> list[str]:
    """Return languages, "" for the plain column, the one we show first.

    The workbook's default language, then Indonesian, then the plain column, then as they stand.
    """

    def rank(tongue: str) -> int:
        if tongue and tongue == language:
            return 0
        return 1 if _INDONESIAN.search(tongue) else 3 if tongue else 2

    return sorted(tongues, key=rank)


def settings(sheet: Sheet | None, issues: list[CellIssue]) -> dict[str, str]:
    """Read the settings; form_id and version are wanted, for records name them."""
    found = dict.fromkeys(("form_title", "form_id", "version", "default_language"), "")
    row = sheet.rows[0] if sheet is not None and sheet.rows else None
    if sheet is None or row is None:
        issues.append(issue("settings", 1, "A", "E_FORM_NO_SHEET", lembar="settings"))
        return found
    letters: dict[str, str] = {}
    for heading, letter in sheet.columns.items():
        name = words.folded(heading).replace(" ", "_")
        ours = words.SETTINGS.get(name, "")
        if ours:
            letters.setdefault(ours, letter)
            found[ours] = found[ours] or row.get(heading)
        elif (
            name.partition("::")[0] not in words.IDLE_SETTINGS
            and not _OWN.match(name)
            and row.get(heading)
        ):
            saran = words.near(name, words.SETTINGS)
            issues.append(issue(sheet.name, 1, letter, "E_FORM_COLUMN", isi=heading, saran=saran))
    for name in ("form_id", "version"):
        if not found[name]:
            letter = letters.get(name, "A")
            issues.append(issue("settings", row.number, letter, "E_FORM_SETTING", isi=name))
    found["form_title"] = found["form_title"] or found["form_id"]
    return found


SHEETS = ("survey", "choices", "settings")


def sheets(found: Mapping[str, Sheet], issues: list[CellIssue]) -> None:
    """Refuse sheets whose content would be lost: outside the subset, or with a misspelt name."""
    for name, sheet in found.items():
        if name in words.REFUSED_SHEETS:
            if sheet.filled:
                cara = texts.text(f"isian.ganti_jenis.{words.REFUSED_SHEETS[name]}")
                issues.append(issue(sheet.name, 1, "A", "E_FORM_SHEET", isi=sheet.name, cara=cara))
            continue
        saran = "" if name in SHEETS else words.near(name, SHEETS)
        if saran in SHEETS and saran not in found:
            issues.append(
                issue(sheet.name, 1, "A", "E_FORM_SHEET_NAME", isi=sheet.name, saran=saran)
            )
