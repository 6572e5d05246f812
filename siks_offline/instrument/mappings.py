"""What answers of one questionnaire mean in another: resources/pemetaan.toml, and what is equal.

An answer is taken over only where its meaning is certain: the same question with the same words
for the same code, or a line of the table. Anything else is asked again; nothing is guessed.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from siks_offline import paths
from siks_offline.instrument.schema import SELECTS, Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siks_offline.instrument.schema import Choice, Instrument


@dataclass(frozen=True, slots=True)
class Carried:
    """Answers in the shape of another questionnaire, and what was left behind."""

    answers: dict[str, Any]
    again: tuple[str, ...]
    """Paths of the questionnaire that was left, in form order."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the table: the question's name on the other side, and its codes or None."""

    name: str
    codes: Mapping[str, str] | None


@dataclass(slots=True)
class _Answers:
    """Answers while they are carried over."""

    values: dict[str, Any] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)


@cache
def _table() -> Mapping[str, Any]:
    with (paths.resources() / "pemetaan.toml").open("rb") as file:
        return tomllib.load(file)


def code_of(source: str, question: str, code: str) -> str | None:
    """Return what a code of a named source means in DTKS; None where that is not certain.

    Sources are the tables [sumber.*]. Raises KeyError for a source or question that has none.
    """
    codes: Mapping[str, str] = _table()["sumber"][source][question]
    return codes.get(code)


def carry(answers: Mapping[str, Any], old: Instrument, new: Instrument) -> Carried:
    """Return answers given under one questionnaire as far as they hold in another.

    Answers in the shape of DATA.md; calculations are left out, they are worked out again.
    """
    lines = _lines(old, new)
    found = _Answers()
    _carry(answers, "", old, new, lines, found)
    return Carried(found.values, tuple(found.again))


def known(answers: Mapping[str, Any], instrument: Instrument) -> dict[str, Any]:
    """Return those answers whose questions an instrument has, as a prelist of any version needs."""
    found: dict[str, Any] = {}
    for name, value in answers.items():
        if name not in instrument.elements or instrument.owner[name]:
            continue
        if name not in instrument.repeats:
            found[name] = value
        elif not isinstance(value, str):
            found[name] = [
                {n: v for n, v in one.items() if instrument.owner.get(n) == name} for one in value
            ]
    return found


def _carry(
    answers: Mapping[str, Any],
    prefix: str,
    old: Instrument,
    new: Instrument,
    lines: Mapping[str, _Line],
    found: _Answers,
) -> None:
    for name, value in answers.items():
        question = old.elements.get(name)
        if isinstance(value, str):
            if not isinstance(question, Question) or not question.answerable:
                continue
            there, text = _answer(question, value, old, new, lines)
            if text:
                found.values[there] = text
            elif value:
                found.again.append(prefix + name)
        elif name in new.repeats and new.owner[name] == old.owner.get(name):
            members = []
            for number, one in enumerate(value, start=1):
                member = _Answers(again=found.again)
                _carry(one, f"{prefix}{name}[{number}].", old, new, lines, member)
                members.append(member.values)
            found.values[name] = members
        else:
            found.again.append(prefix + name)


def _answer(
    question: Question, text: str, old: Instrument, new: Instrument, lines: Mapping[str, _Line]
) -> tuple[str, str]:
    """Return the name and text of an answer in the new questionnaire; text "" to ask again."""
    name = question.name
    line = lines.get(name)
    there = line.name if line is not None else name
    target = new.elements.get(there)
    if (
        not isinstance(target, Question)
        or not target.answerable
        or not _fits(question.type, target.type, text)
        or new.owner[there] != old.owner[name]
    ):
        return there, ""
    if question.type not in SELECTS:
        return there, text
    if line is not None and line.codes is not None:
        codes = line.codes
    else:
        codes = _same_codes(old.options(name), new.options(there))
    chosen = text.split() if question.type == "select_multiple" else [text]
    carried = [codes.get(code, "") for code in chosen]
    return there, " ".join(carried) if all(carried) else ""


def _fits(old: str, new: str, text: str) -> bool:
    """Whether an answer of one type is one of another: the same, or a whole number either way."""
    return old == new or ({old, new} == {"integer", "decimal"} and text.isdecimal())


def _same_codes(old: tuple[Choice, ...], new: tuple[Choice, ...]) -> dict[str, str]:
    """Return the codes of two lists that keep their meaning; yes and no whatever their pair."""
    if _is_yes_no(old) and _is_yes_no(new):
        there = {_letters(choice.label): choice.code for choice in new}
        return {choice.code: there[_letters(choice.label)] for choice in old}
    meanings = {choice.code: _letters(choice.label) for choice in new}
    return {
        choice.code: choice.code
        for choice in old
        if meanings.get(choice.code) == _letters(choice.label)
    }


def _is_yes_no(choices: tuple[Choice, ...]) -> bool:
    return sorted(_letters(choice.label) for choice in choices) == ["tidak", "ya"]


def _letters(words: str) -> str:
    return "".join(letter for letter in words.casefold() if letter.isalnum())


def _lines(old: Instrument, new: Instrument) -> dict[str, _Line]:
    """Return the table's lines between two questionnaires; a version's over those of its id."""
    between: Mapping[str, Any] = _table()["antar"]
    found: dict[str, _Line] = {}
    for ours in (old.id, f"{old.id}/{old.version}"):
        for theirs in (new.id, f"{new.id}/{new.version}"):
            for name, line in between.get(ours, {}).get(theirs, {}).items():
                found[name] = _Line(line.get("ke", name), line.get("kode"))
            for name, line in between.get(theirs, {}).get(ours, {}).items():
                found.setdefault(line.get("ke", name), _back(name, line))
    return found


def _back(name: str, line: Mapping[str, Any]) -> _Line:
    """Return a line read from right to left: only codes that one code alone became."""
    codes: Mapping[str, str] | None = line.get("kode")
    if codes is None:
        return _Line(name, None)
    became = list(codes.values())
    return _Line(
        name,
        {
            there: here
            for here, there in codes.items()
            if became.count(there) == 1 and here not in line.get("searah", ())
        },
    )
