"""The rows of a workbook's sheets become the tree of an instrument, or a list of faults."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.errors import AnswersError
from siks_offline.instrument import headings, lists
from siks_offline.instrument import vocabulary as words
from siks_offline.instrument.fields import FIELDS
from siks_offline.instrument.headings import issue
from siks_offline.instrument.schema import (
    Choice,
    Element,
    Group,
    Instrument,
    Question,
    Repeat,
    is_rule,
)
from siks_offline.instrument.vocabulary import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from siks_offline.instrument.headings import Columns
    from siks_offline.instrument.sheets import Row, Sheet
    from siks_offline.model import CellIssue

MAX_DEPTH = 12
MAX_ELEMENTS = 4_000
"""Questions, groups and repeats; DTKS has some 300, the largest surveys of countries 3,000."""
MAX_REPEATS = 2
"""Repeats around one another: a member's screen shows its own as grids, and there it ends."""
MAX_ISSUES = 200
"""Faults after which reading stops: whoever has so many mends the first ones first."""

EXPRESSIONS = (
    "required", "read_only", "relevant", "constraint", "calculation", "choice_filter", "count",
)  # fmt: skip
"""Expressions of an element, by our names of them; `count` stands in column repeat_count."""
_SINGLE = ("select_one", "select_multiple", "begin_group", "begin_repeat")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_YES = {"yes": "yes", "true": "yes", "true()": "yes", "no": "", "false": "", "false()": ""}
_TRUTH = {"yes": "true()", "true": "true()", "no": "false()", "false": "false()"}
"""What pyxform makes of a rule that is one such word."""
_REGEX_ARGUMENT = re.compile(r"""regex\(\s*\.\s*,\s*(['"])(.*?)\1\s*\)""")
_DIGITS_ONLY = re.compile(r"[\^$()|\[\]{}0-9,\-?]+")


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
    warnings: list[CellIssue]
    id: str = ""
    version: str = ""


def read(sheets: Mapping[str, Sheet], sha256: str) -> Reading:
    """Build the instrument out of the sheets survey, choices and settings.

    Nothing is guessed: what is not in the subset is a fault that names the cell.
    """
    issues: list[CellIssue] = []
    warnings: list[CellIssue] = []
    headings.sheets(sheets, issues)
    survey = sheets.get("survey")
    if survey is None or not survey.rows:
        issues.append(issue("survey", 1, "A", "E_FORM_NO_SHEET", lembar="survey"))
        return Reading(None, issues, {}, warnings)
    settings = headings.settings(sheets.get("settings"), issues)
    language = settings["default_language"]
    columns = headings.read(survey, language, issues)
    choices = lists.read(sheets.get("choices"), language, issues, MAX_ISSUES)
    tree = _Tree(survey, columns, choices, issues, warnings)
    children = tree.read()
    found = Reading(
        None, issues, columns.letters, warnings, settings["form_id"], settings["version"]
    )
    if not issues:
        used = {n for n in _lists(children) if n}
        found.instrument = Instrument(
            settings["form_id"], settings["version"], settings["form_title"], sha256, children,
            {n: tree.choices[n] for n in tree.choices if n in used},
        )  # fmt: skip
    return found


def _lists(children: Iterable[Element]) -> Iterable[str]:
    for element in children:
        if isinstance(element, Question):
            yield element.list_name
        else:
            yield from _lists(element.children)


class _Tree:
    """Reads the survey rows into a tree, in one pass."""

    def __init__(
        self,
        sheet: Sheet,
        columns: Columns,
        choices: Mapping[str, tuple[Choice, ...]],
        issues: list[CellIssue],
        warnings: list[CellIssue],
    ) -> None:
        self.sheet, self.columns = sheet, columns
        self.choices, self.issues, self.warnings = dict(choices), issues, warnings
        self.names: dict[str, int] = {}

    def fault(self, row: int, column: str, code: str, **facts: object) -> None:
        """Note a fault of a survey cell."""
        letter = self.columns.letters.get(column, "A")
        self.issues.append(issue(self.sheet.name, row, letter, code, **facts))

    def read(self) -> tuple[Element, ...]:
        """Return the top of the tree; faults go to the list."""
        stack = [_Open("", {}, 0)]
        for row in self.sheet.rows:
            if len(self.issues) >= MAX_ISSUES:
                break
            if len(self.names) >= MAX_ELEMENTS:
                self.fault(row.number, "name", "E_FORM_MANY", batas=MAX_ELEMENTS)
                break
            values = self.columns.values(row)
            self._refused(row)
            spelled = words.folded(values.get("type", "").replace("_", " "))
            word, kind = words.BRACKETS.get(spelled, ("", ""))
            if not spelled:
                if values.get("name"):
                    saran = near("text", words.TYPES)
                    self.fault(row.number, "type", "E_FORM_TYPE", isi="", saran=saran)
            elif word == "begin":
                self._name(row, values)
                self._about(row, kind, values)
                if len(stack) > MAX_DEPTH:
                    self.fault(row.number, "type", "E_FORM_DEPTH", batas=MAX_DEPTH)
                around = [o.values.get("name", "") for o in stack if o.kind == "repeat"]
                if kind == "repeat" and len(around) >= MAX_REPEATS:
                    self.fault(
                        row.number, "type", "E_FORM_REPEAT_DEEP", isi=values.get("name", ""),
                        saran=around[-1],
                    )  # fmt: skip
                stack.append(_Open(kind, values, row.number))
            elif word == "end":
                self._close(stack, kind, row.number)
            else:
                stack[-1].children += self._question(row, values)
        for opened in stack[1:]:
            self.fault(
                opened.row, "type", "E_FORM_BEGIN",
                isi=opened.values.get("name", ""), jenis=opened.kind,
            )  # fmt: skip
        return tuple(stack[0].children)

    def _refused(self, row: Row) -> None:
        """Refuse what stands in a column outside the subset, once a column."""
        for heading in [h for h in self.columns.refused if row.cells.get(h)]:
            cara = texts.text(f"isian.ganti_kolom.{self.columns.refused.pop(heading)}")
            letter = self.sheet.columns[heading]
            self.issues.append(
                issue(
                    self.sheet.name, row.number, letter, "E_FORM_COLUMN_REFUSED",
                    isi=heading, cara=cara,
                )
            )  # fmt: skip

    def _close(self, stack: list[_Open], kind: str, row: int) -> None:
        if len(stack) == 1 or stack[-1].kind != kind:
            wanted = f"end {stack[-1].kind}" if len(stack) > 1 else "-"
            self.fault(row, "type", "E_FORM_END", isi=f"end {kind}", saran=wanted)
            return
        opened = stack.pop()
        v = opened.values
        cells = (
            v.get("name", ""), v.get("label", ""), opened.row, v.get("hint", ""), _rule(v),
            v.get("appearance", ""), tuple(opened.children),
        )  # fmt: skip
        element: Element = (
            Repeat(*cells, count=v.get("repeat_count", "")) if kind == "repeat" else Group(*cells)
        )
        stack[-1].children.append(element)

    def _name(self, row: Row, values: Mapping[str, str]) -> str:
        name = values.get("name", "")
        if not _NAME.fullmatch(name):
            self.fault(row.number, "name", "E_FORM_NAME", isi=name[:80])
        else:
            self._take(row, name)
        return name

    def _take(self, row: Row, name: str) -> None:
        if name in self.names:
            self.fault(row.number, "name", "E_FORM_NAME_TWICE", isi=name, dulu=self.names[name])
        else:
            self.names[name] = row.number

    def _about(self, row: Row, kind: str, values: Mapping[str, str]) -> None:
        """Refuse columns that say nothing about a kind of row, and words nobody reads."""
        for column in values:
            if column in ("type", "name") or words.applies(kind, column):
                continue
            facts = {"isi": column, "jenis": kind}
            if column in words.IDLE.get(kind, ()):
                letter = self.columns.letters[column]
                self.warnings.append(
                    issue(self.sheet.name, row.number, letter, "W_FORM_IDLE", **facts)
                )
            else:
                self.fault(row.number, column, "E_FORM_MISPLACED", **facts)
        for word in values.get("appearance", "").split():
            if not words.is_look(word):
                saran = near(word, words.APPEARANCES)
                self.fault(row.number, "appearance", "E_FORM_LOOK", isi=word[:60], saran=saran)
                break
        known = words.PARAMETERS.get(kind, ())
        for pair in re.split(r"[\s,;]+", re.sub(r"\s*=\s*", "=", values.get("parameters", ""))):
            name, _, value = pair.partition("=")
            if pair and (name.lower() not in known or not value.isdigit()):
                saran = ", ".join(f"{one}=…" for one in known) or "-"
                self.fault(row.number, "parameters", "E_FORM_PARAMETER", isi=pair[:60], saran=saran)

    def _question(self, row: Row, values: dict[str, str]) -> list[Element]:
        """Return the question of a row, with its text for other answers where it has one."""
        kind, list_name, other = self._type(row, values)
        name = self._name(row, values)
        if not kind:
            return []
        self._about(row, kind, values)
        calculation = _TRUTH.get(values.get("calculation", ""), values.get("calculation", ""))
        if kind == "calculate" and not calculation:
            self.fault(row.number, "calculation", "E_FORM_NO_CALCULATION", isi=name)
        elif kind != "calculate" and not values.get("label") and not values.get("hint"):
            self.fault(row.number, "label", "E_FORM_LABEL", isi=name)
        flags = {
            column: _YES.get(values.get(column, "").lower(), values.get(column, ""))
            for column in ("required", "read_only")
        }
        if kind == "note" and flags["required"] not in ("", "yes"):
            self.fault(row.number, "required", "E_FORM_NOTE", isi=name)
        if list_name and list_name not in self.choices:
            saran = near(list_name, self.choices)[:200]
            self.fault(row.number, "type", "E_FORM_LIST", isi=list_name, saran=saran)
        elif other:
            self._other(row, name, list_name, values)
        self._default(row, kind, values.get("default", ""), self.choices.get(list_name, ()))
        constraint = _TRUTH.get(values.get("constraint", ""), values.get("constraint", ""))
        question = Question(
            name, kind, values.get("label", ""), row.number, values.get("hint", ""),
            flags["required"], flags["read_only"], _rule(values),
            constraint, values.get("constraint_message", ""), calculation,
            values.get("default", ""), values.get("choice_filter", ""),
            values.get("appearance", ""), values.get("parameters", ""), list_name,
            values.get("kind", ""), kind == "text" and digits_only(constraint),
        )  # fmt: skip
        if not other:
            return [question]
        return [
            question,
            Question(
                f"{name}_{words.OTHER}", "text", texts.text("isian.lainnya.tanya"), row.number,
                relevant=f"selected(${{{name}}}, '{words.OTHER}')",
            ),
        ]  # fmt: skip

    def _other(self, row: Row, name: str, list_name: str, values: Mapping[str, str]) -> None:
        """Do what or_other asks for, as pyxform does: a code more, and a text behind."""
        if values.get("choice_filter"):
            self.fault(row.number, "choice_filter", "E_FORM_OTHER_FILTER")
        codes = self.choices[list_name]
        if not any(choice.code == words.OTHER for choice in codes):
            label = texts.text("isian.lainnya.kode")
            self.choices[list_name] = (*codes, Choice(words.OTHER, label))
        self._take(row, f"{name}_{words.OTHER}")

    def _default(self, row: Row, kind: str, default: str, choices: tuple[Choice, ...]) -> None:
        if not default or is_rule(default):
            return
        try:
            answer = FIELDS[kind].parse(default)
        except AnswersError:
            answer = ""
        codes = {choice.code for choice in choices}
        if not answer or (codes and not codes.issuperset(answer.split())):
            self.fault(row.number, "default", "E_FORM_DEFAULT", isi=default[:80])

    def _type(self, row: Row, values: dict[str, str]) -> tuple[str, str, bool]:
        """Return our type, the code list and whether or_other stands behind it.

        ("", "", False) where the type is none of ours. What a phone records becomes a calculation.
        """
        written = values["type"]
        plain = words.folded(written)
        spaced = words.folded(plain.replace("_", " "))
        if spaced in words.TYPES:
            return words.TYPES[spaced], "", False
        if plain in words.FIRST_OPENED:
            values["calculation"] = words.FIRST_OPENED[plain]
            values.pop("label", None)
            return "calculate", "", False
        for spelled in sorted(words.SELECTS, key=len, reverse=True):
            parts = written.split()
            spaces = [" ".join(parts[:n]).replace("_", " ") for n in range(1, len(parts) + 1)]
            length = next((n for n, s in enumerate(spaces, 1) if words.folded(s) == spelled), 0)
            rest = " ".join(parts[length + 1 :]).lower()
            if length and len(parts) > length and (not rest or rest in words.OR_OTHER):
                return words.SELECTS[spelled], parts[length], bool(rest)
        refused = next(
            (t for t in (plain, spaced, " ".join(spaced.split()[:4]), " ".join(spaced.split()[:3]),
                         " ".join(spaced.split()[:2]), *spaced.split()[:1])
             if t in words.REFUSED_TYPES), "",
        )  # fmt: skip
        if refused:
            cara = texts.text(f"isian.ganti_jenis.{words.REFUSED_TYPES[refused]}")
            self.fault(row.number, "type", "E_FORM_TYPE_REFUSED", isi=written[:80], cara=cara)
        else:
            first = spaced.partition(" ")[0]
            several = first in ("select", "begin", "end", "add")
            known = [*words.SELECTS, *words.BRACKETS] if several else [*words.TYPES, *_SINGLE]
            saran = near(spaced if several else first, known)
            self.fault(row.number, "type", "E_FORM_TYPE", isi=written[:80], saran=saran)
        return "", "", False


def _rule(values: Mapping[str, str]) -> str:
    relevant = values.get("relevant", "")
    return _TRUTH.get(relevant.lower(), relevant)


def digits_only(constraint: str) -> bool:
    """Whether a constraint asks a whole match of a pattern that lets nothing but digits through."""
    found = _REGEX_ARGUMENT.match(constraint.strip())
    return bool(found and _DIGITS_ONLY.fullmatch(found[2]))
