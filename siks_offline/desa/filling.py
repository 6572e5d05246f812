"""Answers from a file of JSON lines, each the answers of one household (CLI.md, `desa isi`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline.desa import visit
from siks_offline.desa.rights import action
from siks_offline.errors import AnswersError, SiksError
from siks_offline.instrument import checks
from siks_offline.model import Confirmation, Issue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.instrument.engine import FormState
    from siks_offline.instrument.schema import Instrument

MEMBERS = frozenset({"rumah_tangga", "jawaban", "konfirmasi", "selesai"})
MOST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of one line: `result` is disimpan, selesai or ditolak."""

    number: int
    id: str
    result: str
    issues: tuple[Issue, ...]
    cleared: tuple[str, ...] = ()
    """Paths of answers that went with completion, for their questions are not asked."""


@action
def fill(village: Village, path: Path, now: datetime) -> list[Filled]:
    """Take each line in turn; a refused line leaves its household as it was.

    Raises FileError when the file cannot be read.
    """
    found = []
    for number, raw in _lines(path):
        try:
            found.append(_one(village, number, raw, now))
        except SiksError as error:
            issue = Issue("", error.code, "keras", f"{error.message} {error.remedy}".strip())
            found.append(Filled(number, "", "ditolak", (issue,)))
    return found


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    from siks_offline.export import files

    with files.errors(path, reading=True), path.open("rb") as file:
        number = 0
        while raw := file.readline(MOST_LINE + 1):
            number += 1
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            if raw.strip():
                yield number, raw


def _one(village: Village, number: int, raw: bytes, now: datetime) -> Filled:
    line = _parsed(raw)
    household_id = line.get("rumah_tangga")
    changes = _checked(village.instrument, line.get("jawaban", {}))
    confirmations = _confirmations(line.get("konfirmasi", ()))
    if household_id is None:
        # Found in the field: it is entered only after its line went onto an empty form.
        _apply(visit.new_state(village, now), changes, confirmations)
        household_id, _ = visit.add_household(village, now)
    opened = visit.open_visit(village, household_id, now)
    state = opened.state
    _apply(state, changes, confirmations)
    if line.get("selesai", False):
        done = visit.complete(village, household_id, state, now)
        result = "selesai" if done.done else "disimpan"
        return Filled(number, household_id, result, done.issues, done.cleared)
    visit.save_draft(village, household_id, opened.snapshot(), None, now)
    return Filled(number, household_id, "disimpan", checks.issues(state))


def _parsed(raw: bytes) -> Mapping[str, Any]:
    from siks_offline.export import canonical

    if len(raw) > MOST_LINE:
        raise AnswersError("E_LINE_SHAPE")
    try:
        line = canonical.loads(raw)
    except SiksError:
        raise AnswersError("E_LINE_SHAPE") from None
    if not isinstance(line, Mapping) or not line.keys() <= MEMBERS:
        raise AnswersError("E_LINE_SHAPE")
    # A misspelt member must not add a household: null is said, never meant.
    if not isinstance(line.get("rumah_tangga", 0), str | None):
        raise AnswersError("E_LINE_SHAPE")
    return line


def _checked(instrument: Instrument, answers: Any, repeat: str = "") -> dict[str, Any]:
    """Return answers as texts, None for those to clear; refuse names a person does not answer."""
    if not isinstance(answers, Mapping):
        raise AnswersError("E_LINE_SHAPE")
    checked: dict[str, Any] = {}
    for name, value in answers.items():
        if instrument.owner.get(name) != repeat:
            raise AnswersError("E_QUESTION_UNKNOWN", nama=name)
        if name in instrument.repeats:
            if not isinstance(value, list):
                raise AnswersError("E_LINE_SHAPE")
            checked[name] = [_checked(instrument, one, name) for one in value]
            continue
        question = instrument.questions.get(name)
        if question is None:
            raise AnswersError("E_QUESTION_UNKNOWN", nama=name)
        if not question.answerable:
            raise AnswersError("E_QUESTION_CALCULATED", nama=name)
        checked[name] = _text(name, value)
    return checked


def _text(name: str, value: Any) -> str | None:
    from siks_offline.export import canonical

    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise AnswersError("E_ANSWER_KIND", nama=name)
    return canonical.normalise_text(str(value))[0]


def _confirmations(found: Any) -> list[Confirmation]:
    if not isinstance(found, list | tuple):
        raise AnswersError("E_LINE_SHAPE")
    confirmations = []
    for one in found:
        if not isinstance(one, Mapping) or not all(
            isinstance(one.get(name, ""), str) for name in ("aturan", "jalur", "alasan")
        ):
            raise AnswersError("E_LINE_SHAPE")
        confirmations.append(
            Confirmation(one.get("jalur", ""), one.get("aturan", ""), one.get("alasan", ""))
        )
    return confirmations


def _apply(state: FormState, changes: Mapping[str, Any], confirmations: list[Confirmation]) -> None:
    _answer(state, changes, "")
    for one in confirmations:
        state.confirm(one.path, one.rule, one.reason)


def _answer(state: FormState, changes: Mapping[str, Any], prefix: str) -> None:
    """Set answers of the household, or of a member; a list takes the place of all members.

    Single answers come first, for one of them may say how many members there are.
    """
    lists = {name: value for name, value in changes.items() if isinstance(value, list)}
    for name, value in changes.items():
        if name not in lists:
            state.set(prefix + name, value)
    for name, members in lists.items():
        path = prefix + name
        if state.counted(path):
            if len(members) > state.count(path):
                raise AnswersError("E_REPEAT_COUNTED", jalur=path)
        else:
            while state.count(path):
                state.remove(f"{path}[{state.count(path)}]")
            for _ in members:
                state.add(path)
        for number, member in enumerate(members, start=1):
            _answer(state, member, f"{path}[{number}].")
