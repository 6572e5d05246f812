"""Every transaction of the village bears a line of its trail, or is explained here."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from siks_offline import desa

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EXPLAINED = {
    "arrivals._foresee": "is taken back: it only tells what an answer would change",
    "checkup.look": "counts openings",
    "copies._keep": "counts days and notes what a copy holds; the copy has its own line",
    "copies._thin": "forgets a copy that had its line when it was made",
    "first_run.keep_left": "notes the next step of a ceremony",
    "keyring.settle": "finishes what has its line, and notes a file that its owner opened",
    "pace.record": "adds to counts of keys and seconds",
    "preferences.keep": "keeps how a person likes the window",
    "resume.keep": "keeps a draft through visit.keep, which notes its beginning",
    "resume.leave": "forgets where the caret stood",
    "salvaging.save": "undone as a whole by recovery, whose line follows it",
    "second_keying._seed": "draws a seed once",
    "sending.naming": "takes a number; what it is for has its line",
    "sending.give_back": "gives the number back",
    "staff.add": "notes the file of an account that has its line by then",
    "staff.replace_keys": "under way for reset and recovery, which have their lines",
    "staff.replace_recovery": "under way for a change of the code, which has its line",
    "visit.complete": "through revision.store, which writes the line",
}
"""Functions that write without a line of their own, and why that is right."""


def calls(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            yield ast.unparse(one.func)


def notes(
    node: ast.AST, functions: Mapping[str, ast.FunctionDef], seen: frozenset[str] = frozenset()
) -> bool:
    """Whether a line is written here, or by a function of the same module that is called here."""
    for called in calls(node):
        name = called.rpartition(".")[2]
        if called == "audit.append" or name in {"note", "_note"}:
            return True
        if name in functions.keys() - seen and notes(functions[name], functions, seen | {name}):
            return True
    return False


def unnoted(source: str, module: str) -> Iterator[str]:
    """Functions with a transaction in which no line is written."""
    functions = {
        one.name: one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef)
    }
    for name, function in functions.items():
        inner = {one for one in ast.walk(function) if isinstance(one, ast.FunctionDef)} - {function}
        theirs = {part for one in inner for part in ast.walk(one)}
        for block in ast.walk(function):
            if not isinstance(block, ast.With) or block in theirs:
                continue
            opened = " ".join(ast.unparse(one.context_expr) for one in block.items)
            if "store.write()" in opened and not notes(block, functions):
                yield f"{module}.{name}"


def test_every_transaction_bears_its_line_or_is_explained() -> None:
    """A write that nobody notes fails here, and so does an explanation of what is gone."""
    found = {
        name
        for path in sorted(Path(desa.__path__[0]).glob("*.py"))
        for name in unnoted(path.read_text(encoding="utf-8"), path.stem)
    }
    assert found == set(EXPLAINED)


def test_a_write_without_a_line_is_seen() -> None:
    """Its own line, one by a helper, and none."""
    head = "def {name}(village):\n    with village.store.write() as session:\n        {body}\n"
    source = head.format(name="lacking", body="households.put(session)")
    source += head.format(name="own", body="audit.append(session)")
    source += head.format(name="helped", body="_tell(session)")
    source += "def _tell(session):\n    audit.append(session)\n"
    assert list(unnoted(source, "contoh")) == ["contoh.lacking"]
