"""The choices sheet: code lists with their labels and the columns that filters ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.instrument import headings, vocabulary
from siks_offline.instrument.schema import Choice

if TYPE_CHECKING:
    from siks_offline.instrument.sheets import Sheet
    from siks_offline.model import CellIssue


def read(
    sheet: Sheet | None, language: str, issues: list[CellIssue], most: int
) -> dict[str, tuple[Choice, ...]]:
    """Return the code lists by name; faults go to the list, of which at most `most` are kept."""
    if sheet is None:
        return {}
    letters, labels, extra = _columns(sheet, language, issues)
    for name in ("list_name", "name"):
        if name not in letters:
            if sheet.rows:
                issues.append(headings.issue(sheet.name, 1, "A", "E_FORM_NO_COLUMN", isi=name))
            return {}
    lists: dict[str, list[Choice]] = {}
    seen: set[tuple[str, str]] = set()
    column = sheet.columns[letters["name"]]
    for row in sheet.rows:
        name, code = row.get(letters["list_name"]), row.get(letters["name"])
        if len(issues) >= most:
            break
        if not name:
            continue
        if not code or " " in code:
            issues.append(
                headings.issue(sheet.name, row.number, column, "E_FORM_CODE", isi=code, daftar=name)
            )
        elif (name, code) in seen:
            issues.append(
                headings.issue(
                    sheet.name, row.number, column, "E_FORM_CODE_TWICE", isi=code, daftar=name
                )
            )
        seen.add((name, code))
        label = next((row.get(heading) for heading in labels if row.get(heading)), code)
        columns = tuple((h, t) for h, t in row.cells.items() if h in extra)
        lists.setdefault(name, []).append(Choice(code, label, columns))
    return {name: tuple(rows) for name, rows in lists.items()}


def _columns(
    sheet: Sheet, language: str, issues: list[CellIssue]
) -> tuple[dict[str, str], list[str], set[str]]:
    """Return our names to headings, the label's headings by language, and the filter columns."""
    found: dict[str, str] = {}
    tongues: dict[str, str] = {}
    extra: set[str] = set()
    for heading, letter in sheet.columns.items():
        base, _, rest = heading.partition("::")
        if not rest and ":" in heading:
            base, _, rest = heading.partition(":")
        word = vocabulary.folded(base).replace(" ", "_")
        ours = vocabulary.LIST_COLUMNS.get(word, "")
        if word in vocabulary.REFUSED_LIST_COLUMNS:
            number = next((row.number for row in sheet.rows if row.get(heading)), 0)
            if number:
                cara = texts.text("isian.ganti_kolom.gambar")
                issues.append(
                    headings.issue(
                        sheet.name, number, letter, "E_FORM_COLUMN_REFUSED", isi=heading, cara=cara
                    )
                )
        elif ours == "label":
            tongues.setdefault(rest.strip(), heading)
        elif ours and not rest:
            found.setdefault(ours, heading)
        else:
            extra.add(heading)
    for heading, letter in sheet.twice:
        issues.append(headings.issue(sheet.name, 1, letter, "E_FORM_COLUMN_TWICE", isi=heading))
    labels = [tongues[tongue] for tongue in headings.best(tongues, language)]
    return found, labels, extra
