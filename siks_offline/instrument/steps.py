"""Location paths: steps along axes, name tests and predicates, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.instrument import nodes as tree
from siks_offline.instrument.code import Code, Context, truth
from siks_offline.instrument.nodes import Node, in_document_order
from siks_offline.instrument.values import to_boolean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from siks_offline.instrument.code import Run


class Step:
    """One step: an axis, a test of nodes, and predicates; or the step that '//' stands for."""

    __slots__ = ("axis", "name", "predicates", "slashes", "test")

    def __init__(
        self, axis: str, name: str, predicates: list[Code], *, slashes: bool = False
    ) -> None:
        self.slashes = slashes
        self.axis = axis
        self.name = name
        self.predicates = predicates
        self.test = _test(axis, name)


def _test(axis: str, name: str) -> Callable[[Node], bool] | None:
    """Return the test of a step, None where every node passes."""
    if name == "node()":
        return None
    if name == "text()":
        return lambda node: node.name == tree.TEXT
    if name.endswith("()"):  # comment() and processing-instruction(): the tree has none
        return lambda _node: False
    if axis == "attribute":
        return None if name == "*" else lambda node: node.name == "@" + name
    if name == "*":
        return lambda node: node.name[0] not in "#@"
    if name.endswith(":*"):
        prefix = name[:-1]
        return lambda node: node.name.startswith(prefix)
    return lambda node: node.name == name


def _select(step: Step) -> Callable[[Node, Context], list[Node]]:
    """Return a closure giving the nodes of a step from one node, in document order."""
    walk = tree.AXES[step.axis]
    test, name, predicates = step.test, step.name, step.predicates
    reverse = step.axis in tree.REVERSE
    if (
        name in ("text()", "node()")
        and not step.slashes
        and step.axis in ("child", "descendant", "descendant-or-self")
    ):
        walk = _with_leaf_text(walk)

    def select(node: Node, context: Context) -> list[Node]:
        found = list(walk(node))
        context.meter.spend(len(found))
        kept = found if test is None else [one for one in found if test(one)]
        for predicate in predicates:
            kept = filtered(kept, predicate, context)
        if reverse:
            kept.reverse()
        return kept

    if step.axis == "child" and not predicates and test is not None and "(" not in name:
        if name == "*":
            return select

        def named(node: Node, context: Context) -> list[Node]:
            context.meter.spend(len(node.children))
            return [one for one in node.children if one.name == name]

        return named
    if step.axis == "parent" and not predicates and test is None:
        return lambda node, _context: [] if node.parent is None else [node.parent]
    if step.axis == "self" and not predicates and test is None:
        return lambda node, _context: [node]
    return select


def _with_leaf_text(
    walk: Callable[[Node], Iterable[Node]],
) -> Callable[[Node], Iterable[Node]]:
    """Let an axis also meet the text that an element keeps in itself, as a node of its own."""
    own_first = walk is not tree.AXES["descendant-or-self"]

    def own(node: Node) -> Iterator[Node]:
        if node.text and node.name[0] not in "#@":
            yield Node(tree.TEXT, node.text, node)

    def wider(node: Node) -> Iterator[Node]:
        if own_first:
            yield from own(node)
        for below in walk(node):
            yield below
            if walk is not tree.AXES["child"]:
                yield from own(below)

    return wider


def filtered(found: list[Node], predicate: Code, context: Context) -> list[Node]:
    """Keep the nodes for which a predicate holds; a number asks for that position."""
    fixed = predicate.constant
    if isinstance(fixed, float):
        place = int(fixed) if fixed == fixed and abs(fixed) < 1e9 else 0  # noqa: PLR0124
        return [found[place - 1]] if place == fixed and 0 < place <= len(found) else []
    inner = context.at(context.node)
    inner.size = len(found)
    kept = []
    if predicate.kind in ("truth", "text", "nodes"):
        holds = truth(predicate)
        for inner.position, inner.node in enumerate(found, 1):
            if holds(inner):
                kept.append(inner.node)
        return kept
    run = predicate.run
    for inner.position, inner.node in enumerate(found, 1):
        value = run(inner)
        if isinstance(value, float):
            if float(value) == inner.position:
                kept.append(inner.node)
        elif to_boolean(value):
            kept.append(inner.node)
    return kept


def filtering(base: Code, predicate: Code) -> Code:
    """Return the code of an expression with a predicate behind it."""
    run = base.run

    def keep(context: Context) -> list[Node]:
        return filtered(list(run(context)), predicate, context)  # type: ignore[arg-type]

    return Code("nodes", keep)


def path(start: Run, steps: list[Step]) -> Code:
    """Return the code of steps from the nodes that a closure gives.

    Nodes that lie at one depth cannot come out of order or twice below them; after any other axis
    the outcome is put in document order.
    """
    level = True
    moves: list[tuple[Callable[[Node, Context], list[Node]], bool]] = []
    for step in steps:
        simple = level and step.axis in ("child", "self", "attribute")
        moves.append((_select(step), simple))
        level = level and step.axis in tree.LEVEL_KEEPING

    def walk(context: Context) -> list[Node]:
        here: list[Node] = start(context)  # type: ignore[assignment]
        for select, simple in moves:
            if len(here) == 1:
                here = select(here[0], context)
            else:
                there = [one for node in here for one in select(node, context)]
                here = there if simple else in_document_order(there)
        return here

    return Code("nodes", walk)


def joined(parts: list[Code]) -> Code:
    """Return the code of a union."""
    runs = [part.run for part in parts]

    def union(context: Context) -> list[Node]:
        return in_document_order([node for run in runs for node in run(context)])  # type: ignore[union-attr, misc]

    return Code("nodes", union)
