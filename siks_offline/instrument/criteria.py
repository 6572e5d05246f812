"""Exclusion criteria of a region: conditions over answers that advise the musyawarah.

They are data (resources/kriteria.toml, or a file of the region); the program decides nothing by
them. Each is told with the answers that show it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from siks_offline import paths
from siks_offline.errors import SiksError
from siks_offline.instrument import promoted
from siks_offline.instrument.expr import ExprError, Expression, parse
from siks_offline.instrument.fields import FIELDS
from siks_offline.instrument.numbering import split_label
from siks_offline.instrument.schema import SELECTS
from siks_offline.meeting import Criterion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from siks_offline.instrument.engine import FormState


@dataclass(frozen=True, slots=True)
class Rule:
    """One criterion; `when` by instrument id, `each` the repeat whose members it looks at."""

    id: str
    words: str
    when: Mapping[str, Expression]
    each: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """The criteria of a region, and whether those judged able are visited all the same."""

    name: str
    code: str
    visits_able: bool
    rules: tuple[Rule, ...]


def of_village(kode_desa: str, own: str = "") -> Region:
    """Return the criteria of a village: those of its region with the longest code.

    `own` is the text of the region's own file, asked before the program's. Raises SiksError
    E_CRITERIA for a text that is none.
    """
    found = [*(read(own) if own else ()), *_shipped()]
    fitting = [one for one in found if kode_desa.startswith(one.code)]
    return max(fitting, key=lambda one: len(one.code), default=Region("", "", False, ()))


@lru_cache(maxsize=1)
def _shipped() -> tuple[Region, ...]:
    return read((paths.resources() / "kriteria.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=4)
def read(text: str) -> tuple[Region, ...]:
    """Return the regions of a file. Raises SiksError E_CRITERIA with the place."""
    try:
        regions = tomllib.loads(text)["daerah"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise SiksError("E_CRITERIA", bagian=str(error)[:80]) from None
    found = []
    for name, one in regions.items():
        try:
            found.append(
                Region(
                    str(one["nama"]),
                    str(one["kode"]),
                    bool(one.get("mampu_dikunjungi", False)),
                    tuple(_rule(each) for each in one.get("kriteria", ())),
                )
            )
        except (KeyError, TypeError, AttributeError, ExprError) as error:
            raise SiksError("E_CRITERIA", bagian=f"{name}: {error}"[:80]) from None
    return tuple(found)


def _rule(one: Mapping[str, Any]) -> Rule:
    return Rule(
        str(one["id"]),
        str(one["teks"]),
        {str(name): parse(str(source)) for name, source in one["bila"].items()},
        str(one.get("setiap", "")),
        tuple(str(name) for name in one.get("karena", ())),
    )


def met(state: FormState, region: Region) -> tuple[Criterion, ...]:
    """Return the criteria that answers meet now, each with what shows it.

    A criterion that an instrument cannot answer is left out.
    """
    known = state.instrument.elements
    found = []
    for rule in region.rules:
        when = rule.when.get(state.instrument.id)
        if when is None or any(name not in known for name in when.references):
            continue
        because = tuple(_because(state, rule, when))
        if because:
            found.append(Criterion(rule.id, rule.words, because))
    return tuple(found)


def _because(state: FormState, rule: Rule, when: Expression) -> Iterator[tuple[str, str]]:
    places = [""]
    if rule.each:
        if rule.each not in state.instrument.repeats:
            return
        places = [f"{rule.each}[{n}]" for n in range(1, state.count(rule.each) + 1)]
    for place in places:
        if state.holds(when, place):
            shown = list(_shown(state, rule, place))
            yield from shown or [(rule.words, "")]


def _shown(state: FormState, rule: Rule, place: str) -> Iterator[tuple[str, str]]:
    """Words of question and answer; a member's name stands before the answer."""
    for name in rule.because:
        question = state.instrument.questions.get(name)
        if question is None:
            continue
        path = f"{place}.{name}" if place else name
        value = state.value(path)
        if question.type in SELECTS:
            words = state.instrument.label_of(name, value)
        else:
            words = FIELDS[question.type].format(value)
        who = state.value(f"{place}.{promoted.NAMA}") if place else ""
        label = split_label(question.label)[1]
        yield label, f"{who}: {words}" if who else words
