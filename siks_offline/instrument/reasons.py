"""Why a question is skipped, in a few Indonesian words built from its rule."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.instrument import fields
from siks_offline.instrument.expr import Expression, parse
from siks_offline.instrument.lexer import REFERENCE, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.instrument.graph import Spec
    from siks_offline.instrument.state import Cell, Tree

_ATOM = re.compile(
    r"""\$\{\s*([\w.-]+)\s*\}\s*(=|!=|<=|>=|<|>)\s*(?:'([^']*)'|"([^"]*)"|(-?[\d.]+))"""
)
_IF_ONE = re.compile(r"if\((.*),\s*1\s*,\s*0\s*\)", re.DOTALL)
_NUMBER = re.compile(r"^(?:R\.)?(\d{1,3}[a-z]?\d?)\.?\s+(.*)", re.DOTALL)
_WORDS = {
    "=": "bukan", "!=": "berkode", ">=": "kurang", "<=": "lebih", ">": "paling", "<": "sedikit",
}  # fmt: skip
_LABEL = 48
_DEPTH = 4


def why_not(cell: Cell, tree: Tree, truth: Callable[[Expression, Cell], bool]) -> str:
    """Return why a cell is skipped: the outermost of its gates that is shut gives the reason.

    `truth` works an expression out at a cell. Shape: "dilewati: R.1a bukan 1".
    """
    shut = cell.gate
    while shut.spec.parent is not None:
        gate = shut.outer
        if gate.asked:
            break
        shut = gate
    element, repeat = shut.spec.element, shut.spec.parent
    if element is None and repeat is not None:
        holder = tree.holder_of(shut)
        return texts.text("isian.dilewati.berlebih", tanya=called(repeat), isi=holder.text)
    return _Why(tree, truth).reason(element.relevant if element else "", shut, 0)


@lru_cache(maxsize=1024)
def _parsed(source: str) -> Expression:
    return parse(source)


@lru_cache(maxsize=1024)
def split(source: str, word: str) -> tuple[str, ...]:
    """Cut an expression at a word (and, or) that stands outside all brackets."""
    parts: list[str] = []
    depth = start = 0
    for token in tokens(source):
        if token.kind == "symbol" and token.text in "([":
            depth += 1
        elif token.kind == "symbol" and token.text in ")]":
            depth -= 1
        elif depth == 0 and token.kind == "name" and token.text == word:
            parts.append(source[start : token.position].strip())
            start = token.position + len(word)
    parts.append(source[start:].strip())
    return tuple(parts)


def _bare(source: str) -> str:
    """Take brackets off that hold the whole expression."""
    source = source.strip()
    while source.startswith("(") and source.endswith(")"):
        depth = 0
        for token in tokens(source):
            if token.kind == "symbol":
                depth += (token.text == "(") - (token.text == ")")
            if depth == 0:
                if token.position != len(source) - 1:
                    return source
                break
        source = source[1:-1].strip()
    return source


class _Why:
    """Puts the first part of a rule that does not hold into words."""

    def __init__(self, tree: Tree, truth: Callable[[Expression, Cell], bool]) -> None:
        self.tree = tree
        self.truth = truth

    def reason(self, source: str, cell: Cell, depth: int) -> str:
        """Return why a rule does not hold at a cell."""
        source = _bare(source)
        ways = split(source, "or")
        if len(ways) > 1:
            return self._none_of(ways, cell, depth)
        parts = split(source, "and")
        if len(parts) > 1:
            for part in parts:
                if not self.truth(_parsed(part), cell):
                    return self.reason(part, cell, depth)
        found = _ATOM.fullmatch(source)
        if found is None:
            return texts.text("isian.dilewati.lain")
        return self._atom(found, cell, depth)

    def _none_of(self, ways: tuple[str, ...], cell: Cell, depth: int) -> str:
        """Reason for a choice of codes of one question; other choices give their first way's."""
        atoms = [_ATOM.fullmatch(_bare(way)) for way in ways]
        first = atoms[0]
        if first is None or not all(a and a[1] == first[1] and a[2] == "=" for a in atoms):
            return self.reason(ways[0], cell, depth)
        codes = [_literal(atom) for atom in atoms if atom]
        joint = "isian.atau" if len(codes) == 2 else "isian.dan_atau"
        listed = texts.text(joint, kiri=", ".join(codes[:-1]), kanan=codes[-1])
        return self._worded("bukan", first[1], cell, listed)

    def _atom(self, atom: re.Match[str], cell: Cell, depth: int) -> str:
        name, sign, literal = atom[1], atom[2], _literal(atom)
        there, up, down = self.tree.program.target(cell.spec, name)
        if not down and sign == "=" and literal == "1" and depth < _DEPTH and there.question:
            # A yes-or-no calculation says nothing to people; the condition inside it does.
            inside = _IF_ONE.fullmatch(there.question.calculation.strip())
            if inside:
                calculated = self.tree.reach(cell.scope, up, down, there)[0]
                return self.reason(inside[1], calculated, depth + 1)
        if literal == "":
            return self._worded("terisi" if sign == "=" else "kosong", name, cell, "")
        return self._worded(_WORDS[sign], name, cell, literal)

    def _worded(self, words: str, name: str, cell: Cell, literal: str) -> str:
        there, up, down = self.tree.program.target(cell.spec, name)
        if there.question is None:
            return texts.text("isian.dilewati.lain")
        if not down and words not in ("terisi", "kosong", "berkode"):
            asked = self.tree.reach(cell.scope, up, down, there)[0]
            words = words if asked.text else "kosong"
        if there.question.type == "date":
            literal = fields.FIELDS["date"].format(literal)
        return texts.text(f"isian.dilewati.{words}", tanya=called(there), isi=literal)


def _literal(atom: re.Match[str]) -> str:
    return next((group for group in atom.groups()[2:] if group is not None), "")


def called(spec: Spec) -> str:
    """Return what people call a question: its number on paper, else its label cut short."""
    label = spec.element.label if spec.element is not None else ""
    label = REFERENCE.sub("…", label)
    found = _NUMBER.match(label)
    if found:
        member = bool(spec.homes) and len(found[1]) < 3
        return texts.text("isian.nomor_anggota" if member else "isian.nomor", nomor=found[1])
    if not label:
        return spec.name
    return f"“{label}”" if len(label) <= _LABEL else f"“{label[:_LABEL].rsplit(' ', 1)[0]} …”"
