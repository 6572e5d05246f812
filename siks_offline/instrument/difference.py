"""How two questionnaires differ, in plain Indonesian, for whoever decides about the newer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.instrument.schema import Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from siks_offline.instrument.schema import Element, Instrument

_RULES = ("relevant", "required", "constraint", "calculation", "choice_filter", "read_only")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `kind` is a key of [beda] in texts.toml; `name` a question or a code list.

    Kinds: tambah, hapus, tanya, jenis, tempat; kode_tambah, kode_hapus, kode_ganti for code lists;
    relevant, required, constraint, calculation, choice_filter, read_only for rules.
    """

    kind: str
    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The difference in words."""
        return texts.text(f"beda.{self.kind}", nama=self.name, **self.facts)


def compare(old: Instrument, new: Instrument) -> tuple[Difference, ...]:
    """Return every difference that a person who fills or reads the forms could notice.

    New questions first, then dropped and changed ones in form order, then the code lists.
    """
    return (*_questions(old, new), *_lists(old, new))


def _questions(old: Instrument, new: Instrument) -> Iterator[Difference]:
    for name, element in new.elements.items():
        if name not in old.elements:
            yield Difference("tambah", name, {"tanya": _words(element)})
    for name, element in old.elements.items():
        if name not in new.elements:
            yield Difference("hapus", name, {"tanya": _words(element)})
    for name, element in new.elements.items():
        if name in old.elements:
            yield from _changed(name, old, new, old.elements[name], element)


def _changed(
    name: str, old: Instrument, new: Instrument, before: Element, after: Element
) -> Iterator[Difference]:
    words = _words(after)
    if before.label != after.label:
        yield Difference("tanya", name, {"dulu": _words(before), "kini": words})
    if old.owner[name] != new.owner[name]:
        yield Difference("tempat", name, {"tanya": words})
    if _kind(before) != _kind(after):
        yield Difference("jenis", name, {"tanya": words})
    for rule in _RULES:
        if getattr(before, rule, "") != getattr(after, rule, ""):
            yield Difference(rule, name, {"tanya": words})


def _lists(old: Instrument, new: Instrument) -> Iterator[Difference]:
    """Compare the lists that questions of both use, each pair once."""
    told: set[tuple[str, str]] = set()
    for name, question in new.questions.items():
        before = old.questions.get(name)
        if before is None or not (before.list_name and question.list_name):
            continue
        pair = (before.list_name, question.list_name)
        if pair in told:
            continue
        told.add(pair)
        meant = {choice.code: choice.label for choice in old.options(name)}
        means = {choice.code: choice.label for choice in new.options(name)}
        facts = {"tanya": _words(question)}
        for code in dict.fromkeys((*means, *meant)):
            at = {**facts, "kode": code, "dulu": meant.get(code, ""), "kini": means.get(code, "")}
            if code not in meant:
                yield Difference("kode_tambah", question.list_name, at)
            elif code not in means:
                yield Difference("kode_hapus", question.list_name, at)
            elif meant[code] != means[code]:
                yield Difference("kode_ganti", question.list_name, at)


def _words(element: Element) -> str:
    return element.label or element.name


def _kind(element: Element) -> str:
    return element.type if isinstance(element, Question) else type(element).__name__
