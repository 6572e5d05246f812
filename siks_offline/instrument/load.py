"""From a workbook, or its cache, to a checked instrument."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from siks_offline import paths, texts
from siks_offline.errors import WorkbookError
from siks_offline.instrument import cache as shelf
from siks_offline.instrument import graph, sheets, survey
from siks_offline.instrument.expr import ExprError, parse
from siks_offline.instrument.headings import issue
from siks_offline.instrument.lexer import (
    MAX_LENGTH,
    REFERENCE,
    PatternError,
    TooLongError,
    UnknownFunctionError,
)
from siks_offline.instrument.schema import is_rule
from siks_offline.instrument.vocabulary import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from siks_offline.instrument.schema import Element, Instrument
    from siks_offline.model import CellIssue

SHIPPED: Mapping[str, str] = {
    "dtks": "dtks-2020.xlsx",
    "regsosek": "regsosek-2022.xlsx",
    "usulan": "usulan-2022.xlsx",
}
"""Instruments that come with the program: id to workbook in resources/instrumen."""


MAX_RULES = 100_000
"""Characters of all rules of a workbook together; those of Regsosek have some 11,000."""

_CELLS = {"count": "repeat_count"}
"""Our names of rules that stand in a column of another name."""
_REFUSED_FUNCTIONS = frozenset(
    {
        "instance", "pulldata", "random", "randomize", "uuid", "digest", "area", "distance",
        "property", "version", "geofence", "base64-decode", "extract-signed", "intersects",
        "id", "lang", "namespace-uri", "jr:itext",
    }
)  # fmt: skip
MAX_NAMES = 8
"""Names of a circle that a message lists."""


class InstrumentRefused(WorkbookError):  # noqa: N818 - the workbook is refused; nothing broke
    """A workbook that is no instrument; `issues` has every fault that was found."""

    def __init__(self, issues: Iterable[CellIssue]) -> None:
        self.issues = tuple(issues)
        first = self.issues[0]
        super().__init__(first.code, lembar=first.sheet, baris=first.row, kolom=first.column)

    @property
    def message(self) -> str:
        """The first fault, with its place."""
        first = self.issues[0]
        return texts.text("isian.letak", **self.facts, pesan=first.message)

    @property
    def remedy(self) -> str:
        """What to do about the first fault."""
        return self.issues[0].remedy


class Report(NamedTuple):
    """What there is to say about a workbook; id and version are empty where it has none."""

    id: str
    version: str
    questions: int
    issues: tuple[CellIssue, ...]
    warnings: tuple[CellIssue, ...] = ()
    """What works here but is idle, or means something else in other programs."""


def load(path: Path, *, cache: Path | None = None) -> Instrument:
    """Return the instrument of a workbook; `cache` is a folder of instruments already read.

    Raises InstrumentRefused naming the cell, WorkbookError E_FORM_* for a file that is no
    workbook of a reasonable size, FileError E_FILE.
    """
    content, sha256 = sheets.read_bytes(path)
    return from_bytes(content, sha256, path.name, cache=cache)


def from_bytes(
    content: bytes, sha256: str, name: str = "", *, cache: Path | None = None
) -> Instrument:
    """Return the instrument of a workbook's bytes and their hash; raises what `load` raises."""
    if cache is not None:
        kept = shelf.kept(cache, sha256)
        if kept is not None:
            return kept
    reading = survey.read(sheets.read_sheets(content, name), sha256)
    if reading.instrument is None:
        raise InstrumentRefused(reading.issues)
    faults = faults_of(reading.instrument, reading.columns)
    if faults:
        raise InstrumentRefused(faults)
    if cache is not None:
        shelf.keep(cache, reading.instrument)
    return reading.instrument


@lru_cache(maxsize=8)
def load_shipped(instrument_id: str) -> Instrument:
    """Return an instrument that comes with the program, read once.

    Raises WorkbookError E_INSTRUMENT_UNKNOWN.
    """
    return load(shipped_path(instrument_id), cache=paths.cache())


def shipped_path(instrument_id: str) -> Path:
    """Return where the workbook of an instrument of this program lies.

    Raises WorkbookError E_INSTRUMENT_UNKNOWN.
    """
    name = SHIPPED.get(instrument_id)
    if name is None:
        raise WorkbookError("E_INSTRUMENT_UNKNOWN", isi=instrument_id)
    return paths.resources() / "instrumen" / name


def check(path: Path) -> Report:
    """Return the id, version, number of questions and every fault of a workbook.

    Raises what `load` raises for a file that cannot be read as a workbook at all.
    """
    content, sha256 = sheets.read_bytes(path)
    reading = survey.read(sheets.read_sheets(content, path.name), sha256)
    faults, warnings, questions = reading.issues, reading.warnings, 0
    if reading.instrument is not None:
        faults = faults_of(reading.instrument, reading.columns)
        questions = len(reading.instrument.questions)
        if not faults:
            warnings += _warnings_of(reading.instrument, reading.columns)
    return Report(
        reading.id, reading.version, questions, tuple(faults), tuple(warnings[: survey.MAX_ISSUES])
    )


# --- what only the whole tree can tell ------------------------------------------------------------


def faults_of(instrument: Instrument, columns: Mapping[str, str]) -> list[CellIssue]:
    """Return faults of the rules: unreadable, naming what is not there, waiting in a circle."""
    heavy = _overweight(instrument, columns)
    if heavy is not None:
        return [heavy]
    faults: list[CellIssue] = []
    for element in instrument.elements.values():
        if len(faults) >= survey.MAX_ISSUES:
            return faults
        for column, source in _rules(element):
            faults += _fault_of_rule(instrument, columns, element, column, source)
        for column in ("label", "hint", "constraint_message"):
            words = getattr(element, column, "")
            for name in REFERENCE.findall(words):
                if name not in instrument.elements:
                    faults.append(_unknown(instrument, columns, element, column, name))
    if faults:
        return faults
    try:
        graph.program(instrument)
    except graph.TangledError as error:
        element = instrument.elements[error.args[0]]
        faults.append(issue("survey", element.row, "A", "E_FORM_TANGLED", isi=element.name))
    except graph.CycleFoundError as error:
        element = instrument.elements[error.names[0]]
        column = "calculation" if getattr(element, "calculation", "") else "relevant"
        named = error.names[:MAX_NAMES] + ("…",) * (len(error.names) > MAX_NAMES)
        names = " → ".join((*named, error.names[0]))
        faults.append(
            issue("survey", element.row, columns.get(column, "A"), "E_FORM_CYCLE", isi=names)
        )
    return faults


def _overweight(instrument: Instrument, columns: Mapping[str, str]) -> CellIssue | None:
    """Return the fault of the rule with which all rules together grow too long to be read."""
    weight = 0
    for element in instrument.elements.values():
        for column, source in _rules(element):
            weight += len(source)
            if weight > MAX_RULES:
                letter = columns.get(_CELLS.get(column, column), "A")
                return issue("survey", element.row, letter, "E_FORM_LONG_ALL", batas=MAX_RULES)
    return None


def _warnings_of(instrument: Instrument, columns: Mapping[str, str]) -> list[CellIssue]:
    """Return patterns that mean something else elsewhere: here the whole text must match."""
    found = []
    for element in instrument.elements.values():
        for column, source in _rules(element):
            for pattern in parse(source).patterns:
                if not (pattern.startswith("^") and pattern.endswith("$")):
                    letter = columns.get(_CELLS.get(column, column), "A")
                    found.append(
                        issue("survey", element.row, letter, "W_FORM_REGEX", isi=pattern[:80])
                    )
    return found


def _rules(element: Element) -> Iterable[tuple[str, str]]:
    for column in survey.EXPRESSIONS:
        source = getattr(element, column, "")
        if source and not (source == "yes" and column in ("required", "read_only")):
            yield column, source
    default = getattr(element, "default", "")
    if is_rule(default):
        yield "default", default


def _fault_of_rule(
    instrument: Instrument, columns: Mapping[str, str], element: Element, column: str, source: str
) -> Iterable[CellIssue]:
    try:
        rule = parse(source)
    except ExprError as error:
        yield _unread(element.row, columns.get(_CELLS.get(column, column), "A"), source, error)
        return
    if column == "count" and rule.uses_paths:
        yield issue("survey", element.row, columns.get("repeat_count", "A"), "E_FORM_COUNT")
    for name in rule.references:
        if name not in instrument.elements:
            yield _unknown(instrument, columns, element, column, name)


def _unread(row: int, letter: str, source: str, error: ExprError) -> CellIssue:
    if isinstance(error, UnknownFunctionError):
        if error.name in _REFUSED_FUNCTIONS:
            return issue("survey", row, letter, "E_FORM_FUNCTION_REFUSED", isi=error.name)
        saran = f"{error.near}()" if error.near else "selected(), if(), concat(), count()"
        return issue("survey", row, letter, "E_FORM_FUNCTION", isi=error.name[:60], saran=saran)
    if isinstance(error, TooLongError):
        return issue("survey", row, letter, "E_FORM_LONG", batas=MAX_LENGTH)
    if isinstance(error, PatternError):
        return issue("survey", row, letter, "E_FORM_PATTERN")
    near = source[error.position : error.position + 20] or "…"
    return issue("survey", row, letter, "E_FORM_EXPRESSION", posisi=error.position + 1, isi=near)


def _unknown(
    instrument: Instrument, columns: Mapping[str, str], element: Element, column: str, name: str
) -> CellIssue:
    return issue(
        "survey", element.row, columns.get(_CELLS.get(column, column), "A"), "E_FORM_REFERENCE",
        isi=name, saran=near(name, instrument.elements)[:200],
    )  # fmt: skip
