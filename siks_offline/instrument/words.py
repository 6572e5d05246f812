"""What the instrument says about a cell: its labels with answers filled in, its issue in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.errors import AnswersError
from siks_offline.instrument import members
from siks_offline.instrument.fields import FIELDS
from siks_offline.instrument.lexer import REFERENCE
from siks_offline.instrument.state import Cell
from siks_offline.model import Issue

if TYPE_CHECKING:
    from siks_offline.instrument.evaluation import Evaluation
    from siks_offline.instrument.state import Tree

REQUIRED, SHAPE, CODE, LIMIT = "wajib", "bentuk", "kode", "batas"
"""Rules every question has; other rules are the names of notes."""


def filled(tree: Tree, source: str, cell: Cell) -> str:
    """Return words with the answers of their ${names} in place, as seen from a cell."""
    if "${" not in source:
        return source
    return REFERENCE.sub(lambda found: _shown(tree, found[1], cell), source)


def _shown(tree: Tree, name: str, cell: Cell) -> str:
    shown = []
    for node in tree.resolve(name, cell):
        question = node.spec.question if isinstance(node, Cell) else None
        if question is None:
            continue
        kind = "decimal" if question.type == "calculate" else question.type
        shown.append(FIELDS[kind].format(node.text))
    return ", ".join(text for text in shown if text)


def issue(work: Evaluation, cell: Cell) -> Issue | None:
    """Return what is wrong with a cell, in words.

    The path of a note's issue is the member it speaks of ("" for the household) and its rule the
    note's name: so a confirmation names it.
    """
    fault, question = cell.fault, cell.spec.question
    if fault is None:
        return None
    if question is None:
        label = cell.spec.element.label if cell.spec.element else ""
        words = texts.text("isian.banyak", isi=label or cell.spec.name, batas=members.MOST)
        return Issue(cell.path, fault.rule, "keras", words)
    if question.type == "note":
        message = filled(work.tree, question.label, cell)
        return Issue(cell.scope.path, fault.rule, "keras" if fault.hard else "konfirmasi", message)
    return Issue(cell.path, fault.rule, "keras", _complaint(work, cell))


def _complaint(work: Evaluation, cell: Cell) -> str:
    fault, question = cell.fault, cell.spec.question
    assert fault is not None
    assert question is not None
    if fault.rule == LIMIT and question.constraint_message:
        return filled(work.tree, question.constraint_message, cell)
    if fault.rule == CODE:
        codes = ", ".join(choice.code for choice in work.choices(cell))
        return texts.text("isian.kode", isi=fault.text, daftar=codes)
    if fault.rule == SHAPE:
        try:
            FIELDS[question.type].parse(fault.text)
        except AnswersError as error:
            return f"{error.message} {error.remedy}"
    return texts.text("isian.wajib" if fault.rule == REQUIRED else "isian.batas")
