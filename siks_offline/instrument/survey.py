"""The rows of a workbook's three sheets become the tree of an instrument, or a list of faults."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.errors import AnswersError
from siks_offline.instrument.fields import FIELDS
from siks_offline.instrument.schema import (
    Choice,
    Element,
    Group,
    Instrument,
    Question,
    Repeat,
    is_rule,
)
from siks_offline.model import CellIssue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from siks_offline.instrument.sheets import Row, Sheet

MAX_EXPRESSION = 8_000
MAX_DEPTH = 12
MAX_ISSUES = 200
"""Faults after which reading stops: whoever has so many mends the first ones first."""

TYPES = {
    "text": "text", "string": "text", "integer": "integer", "int": "integer",
    "decimal": "decimal", "date": "date", "select_one": "select_one", "select one": "select_one",
    "select_multiple": "select_multiple", "select multiple": "select_multiple",
    "select all that apply": "select_multiple", "calculate": "calculate", "note": "note",
    "image": "image", "photo": "image", "file": "file", "geopoint": "geopoint",
}  # fmt: skip
"""Spelling in a workbook to our name of the type; the second spellings are pyxform's."""
BRACKETS = ("begin group", "end group", "begin repeat", "end repeat")

COLUMNS = {
    "type": "type", "name": "name", "label": "label", "hint": "hint", "required": "required",
    "read_only": "read_only", "readonly": "read_only", "relevant": "relevant",
    "relevance": "relevant", "constraint": "constraint",
    "constraint_message": "constraint_message", "constraint message": "constraint_message",
    "calculation": "calculation", "calculate": "calculation", "default": "default",
    "choice_filter": "choice_filter", "appearance": "appearance", "parameters": "parameters",
    "x_kind": "kind",
}  # fmt: skip
TRANSLATED = ("label", "hint", "constraint_message")
EXPRESSIONS = ("required", "read_only", "relevant", "constraint", "calculation", "choice_filter")
SETTINGS = ("form_title", "form_id", "version", "default_language")
_IGNORED_SETTINGS = ("title", "id_string", "instance_name", "style", "namespaces")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_YES = {"yes": "yes", "true": "yes", "true()": "yes", "no": "", "false": "", "false()": ""}
_REGEX_ARGUMENT = re.compile(r"""regex\(\s*\.\s*,\s*(['"])(.*?)\1\s*\)""")
_DIGITS_ONLY = re.compile(r"[\^$()|\[\]{}0-9,\-?]+")


def issue(sheet: str, row: int, column: str, code: str, **facts: object) -> CellIssue:
    """Make the fault of a cell, its words taken from ``galat.<code>``."""
    return CellIssue(
        sheet, row, column, code,
        texts.text(f"galat.{code}.pesan", **facts), texts.text(f"galat.{code}.tindakan", **facts),
    )  # fmt: skip


def near(word: str, words: Iterable[str]) -> str:
    """Return the nearest of the known words, for a suggestion; all of them where none is near."""
    known = sorted(set(words))
    found = difflib.get_close_matches(word, known, 1, 0.6)
    return found[0] if found else ", ".join(known)


@dataclass(slots=True)
class _Open:
    """A group or repeat whose end row has not come yet."""

    kind: str
    values: Mapping[str, str]
    row: int
    children: list[Element] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """What reading a workbook gave: an instrument unless a fault stands in the way."""

    instrument: Instrument | None
    issues: list[CellIssue]
    columns: Mapping[str, str]
    """Our name of a survey column to its letter, so that later faults can point at it."""


def read(sheets: Mapping[str, Sheet], sha256: str) -> Reading:
    """Build the instrument out of the sheets survey, choices and settings.

    Nothing is guessed: what is not in the subset is a fault that names the cell.
    """
    issues: list[CellIssue] = []
    survey = sheets.get("survey")
    if survey is None or not survey.rows:
        issues.append(issue("survey", 1, "A", "E_FORM_NO_SHEET", lembar="survey"))
        return Reading(None, issues, {})
    settings = _settings(sheets.get("settings"), issues)
    language = settings.get("default_language", "")
    columns, renamed = _columns(survey, language, issues)
    choices = _choices(sheets.get("choices"), language, issues)
    children = _Tree(survey, columns, renamed, choices, issues).read()
    if issues:
        return Reading(None, issues, columns)
    used = {n for n in _lists(children) if n}
    instrument = Instrument(
        settings["form_id"], settings["version"], settings["form_title"], sha256, children,
        {n: c for n, c in choices.items() if n in used},
    )  # fmt: skip
    return Reading(instrument, issues, columns)


def _lists(children: Iterable[Element]) -> Iterable[str]:
    for element in children:
        if isinstance(element, Question):
            yield element.list_name
        else:
            yield from _lists(element.children)


def _settings(sheet: Sheet | None, issues: list[CellIssue]) -> dict[str, str]:
    row = sheet.rows[0] if sheet is not None and sheet.rows else None
    found = {n: row.get(n) for n in SETTINGS} if row else dict.fromkeys(SETTINGS, "")
    if row is None:
        issues.append(issue("settings", 1, "A", "E_FORM_NO_SHEET", lembar="settings"))
        return found
    for name in ("form_id", "version"):
        if not found[name]:
            column = sheet.columns.get(name, "A") if sheet else "A"
            issues.append(issue("settings", 2, column, "E_FORM_SETTING", isi=name))
    found["form_title"] = found["form_title"] or found["form_id"]
    return found


def _columns(
    sheet: Sheet, language: str, issues: list[CellIssue]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return our column name to letter, and the sheet's heading to our column name."""
    letters: dict[str, str] = {}
    renamed: dict[str, str] = {}
    for heading, letter in sheet.columns.items():
        base, _, tongue = heading.partition("::")
        base = base.strip().lower()
        if heading in COLUMNS:
            ours = COLUMNS[heading]
        elif tongue and base in TRANSLATED:
            ours = base if _spoken(base, tongue.strip(), language, sheet) else ""
        elif heading.startswith("x_"):
            ours = ""  # a column of the author's own, for people
        else:
            issues.append(
                issue(
                    sheet.name,
                    1,
                    letter,
                    "E_FORM_COLUMN",
                    isi=heading,
                    saran=near(heading, COLUMNS),
                )
            )
            continue
        if ours:
            letters.setdefault(ours, letter)
            renamed[heading] = ours
    absent = (ours for ours in ("type", "name") if ours not in letters)
    issues.extend(issue(sheet.name, 1, "A", "E_FORM_NO_COLUMN", isi=ours) for ours in absent)
    return letters, renamed


def _spoken(base: str, tongue: str, language: str, sheet: Sheet) -> bool:
    """Whether this translation is the one we show: the default language, Indonesian, the first."""
    if base in sheet.columns:
        return False
    tongues = [
        h.partition("::")[2].strip()
        for h in sheet.columns
        if h.partition("::")[0].strip().lower() == base and "::" in h
    ]
    own = next((t for t in tongues if re.search(r"\(id\)$|^id$|indonesia", t, re.IGNORECASE)), "")
    chosen = language if language in tongues else own or tongues[0]
    return tongue == chosen


def _choices(
    sheet: Sheet | None, language: str, issues: list[CellIssue]
) -> dict[str, tuple[Choice, ...]]:
    lists: dict[str, list[Choice]] = {}
    if sheet is None:
        return {}
    label = next(
        (
            h
            for h in sheet.columns
            if h == "label"
            or (
                h.lower().startswith("label::") and _spoken("label", h[7:].strip(), language, sheet)
            )
        ),
        "",
    )
    listing = "list_name" if "list_name" in sheet.columns else "list name"
    for heading in (listing, "name"):
        if heading not in sheet.columns:
            issues.append(issue(sheet.name, 1, "A", "E_FORM_NO_COLUMN", isi=heading))
            return {}
    seen: set[tuple[str, str]] = set()
    for row in sheet.rows:
        name, code = row.get(listing), row.get("name")
        if len(issues) >= MAX_ISSUES:
            break
        if not name:
            continue
        column = sheet.columns["name"]
        if not code or " " in code:
            issues.append(
                issue(sheet.name, row.number, column, "E_FORM_CODE", isi=code, daftar=name)
            )
        elif (name, code) in seen:
            issues.append(
                issue(sheet.name, row.number, column, "E_FORM_CODE_TWICE", isi=code, daftar=name)
            )
        seen.add((name, code))
        extra = tuple(
            (h, t)
            for h, t in row.cells.items()
            if h not in (listing, "name", label) and "::" not in h
        )
        lists.setdefault(name, []).append(Choice(code, row.get(label) or code, extra))
    return {name: tuple(rows) for name, rows in lists.items()}


class _Tree:
    """Reads the survey rows into a tree, in one pass."""

    def __init__(
        self,
        sheet: Sheet,
        columns: Mapping[str, str],
        renamed: Mapping[str, str],
        choices: Mapping[str, tuple[Choice, ...]],
        issues: list[CellIssue],
    ) -> None:
        self.sheet, self.columns, self.renamed = sheet, columns, renamed
        self.choices, self.issues = choices, issues
        self.names: dict[str, int] = {}

    def fault(self, row: int, column: str, code: str, **facts: object) -> None:
        """Note a fault of a survey cell."""
        self.issues.append(
            issue(self.sheet.name, row, self.columns.get(column, "A"), code, **facts)
        )

    def read(self) -> tuple[Element, ...]:
        """Return the top of the tree; faults go to the list."""
        stack = [_Open("", {}, 0)]
        for row in self.sheet.rows:
            if len(self.issues) >= MAX_ISSUES:
                break
            values = {self.renamed[h]: t for h, t in row.cells.items() if h in self.renamed}
            spelled = " ".join(values.get("type", "").replace("_", " ").split()).lower()
            if not spelled:
                if values.get("name"):
                    self.fault(row.number, "type", "E_FORM_TYPE", isi="", saran=near("text", TYPES))
            elif spelled in ("begin group", "begin repeat"):
                self._name(row, values)
                if len(stack) > MAX_DEPTH:
                    self.fault(row.number, "type", "E_FORM_DEPTH", batas=MAX_DEPTH)
                stack.append(_Open(spelled[6:], values, row.number))
            elif spelled in ("end group", "end repeat"):
                self._close(stack, spelled[4:], row.number)
            else:
                question = self._question(row, values)
                if question is not None:
                    stack[-1].children.append(question)
        for opened in stack[1:]:
            self.fault(
                opened.row, "type", "E_FORM_BEGIN",
                isi=opened.values.get("name", ""), jenis=opened.kind,
            )  # fmt: skip
        return tuple(stack[0].children)

    def _close(self, stack: list[_Open], kind: str, row: int) -> None:
        if len(stack) == 1 or stack[-1].kind != kind:
            wanted = f"end {stack[-1].kind}" if len(stack) > 1 else "-"
            self.fault(row, "type", "E_FORM_END", isi=f"end {kind}", saran=wanted)
            return
        opened = stack.pop()
        make = Repeat if kind == "repeat" else Group
        v = opened.values
        element: Element = make(
            v.get("name", ""), v.get("label", ""), opened.row, v.get("hint", ""),
            v.get("relevant", ""), v.get("appearance", ""), tuple(opened.children),
        )  # fmt: skip
        stack[-1].children.append(element)

    def _name(self, row: Row, values: Mapping[str, str]) -> str:
        name = values.get("name", "")
        if not _NAME.fullmatch(name):
            self.fault(row.number, "name", "E_FORM_NAME", isi=name)
        elif name in self.names:
            self.fault(row.number, "name", "E_FORM_NAME_TWICE", isi=name, dulu=self.names[name])
        else:
            self.names[name] = row.number
        for column in EXPRESSIONS:
            if len(values.get(column, "")) > MAX_EXPRESSION:
                self.fault(row.number, column, "E_FORM_LONG", batas=MAX_EXPRESSION)
        return name

    def _question(self, row: Row, values: dict[str, str]) -> Question | None:
        kind, list_name = self._type(row, values["type"])
        name = self._name(row, values)
        if not kind:
            return None
        if list_name and list_name not in self.choices:
            self.fault(
                row.number,
                "type",
                "E_FORM_LIST",
                isi=list_name,
                saran=near(list_name, self.choices),
            )
        calculation = values.get("calculation", "")
        if kind == "calculate" and not calculation:
            self.fault(row.number, "calculation", "E_FORM_NO_CALCULATION", isi=name)
        flags = {
            column: _YES.get(values.get(column, "").lower(), values.get(column, ""))
            for column in ("required", "read_only")
        }
        self._default(row, kind, values.get("default", ""), self.choices.get(list_name, ()))
        return Question(
            name, kind, values.get("label", ""), row.number, values.get("hint", ""),
            flags["required"], flags["read_only"], values.get("relevant", ""),
            values.get("constraint", ""), values.get("constraint_message", ""), calculation,
            values.get("default", ""), values.get("choice_filter", ""),
            values.get("appearance", ""), values.get("parameters", ""), list_name,
            values.get("kind", ""),
            kind == "text" and digits_only(values.get("constraint", "")),
        )  # fmt: skip

    def _default(self, row: Row, kind: str, default: str, choices: tuple[Choice, ...]) -> None:
        if not default or is_rule(default):
            return
        try:
            answer = FIELDS[kind].parse(default)
        except AnswersError:
            answer = ""
        codes = {choice.code for choice in choices}
        if not answer or (codes and not codes.issuperset(answer.split())):
            self.fault(row.number, "default", "E_FORM_DEFAULT", isi=default)

    def _type(self, row: Row, written: str) -> tuple[str, str]:
        """Return our type and the code list; ("", "") where the type is none of ours."""
        words = written.split()
        plain = " ".join(words).lower()
        if plain in TYPES and not TYPES[plain].startswith("select"):
            return TYPES[plain], ""
        for spelled, ours in TYPES.items():
            length = len(spelled.split())
            if ours.startswith("select") and " ".join(words[:length]).lower() == spelled:
                if len(words) == length + 1:
                    return ours, words[-1]
                if words[length + 1 :] == ["or_other"]:
                    self.fault(row.number, "type", "E_FORM_OR_OTHER", isi=written)
                    return "", ""
        saran = near(words[0].lower(), [*TYPES, *BRACKETS])
        self.fault(row.number, "type", "E_FORM_TYPE", isi=written, saran=saran)
        return "", ""


def digits_only(constraint: str) -> bool:
    """Whether a constraint asks a whole match of a pattern that lets nothing but digits through."""
    found = _REGEX_ARGUMENT.match(constraint.strip())
    return bool(found and _DIGITS_ONLY.fullmatch(found[2]))
