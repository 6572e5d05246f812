"""The light tree that expressions are evaluated over."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TEXT = "#text"
"""Name of a node that stands for text beside elements; a leaf keeps its text in itself."""

DOCUMENT = "#document"
"""Name of a node above the root element; a tree may do without one."""


class Node:
    """One element: a group, a repeat instance or a question with its answer as text."""

    __slots__ = ("attributes", "children", "name", "parent", "text")

    def __init__(self, name: str, text: str = "", parent: Node | None = None) -> None:
        self.name = name
        self.text = text
        self.parent = parent
        self.children: list[Node] = []
        self.attributes: dict[str, Node] | None = None

    def __repr__(self) -> str:
        return f"<Node {self.name} {self.text!r} {len(self.children)} children>"

    def append(self, child: Node) -> Node:
        """Put a child at the end and return it."""
        child.parent = self
        self.children.append(child)
        return child

    def add_attribute(self, name: str, text: str) -> Node:
        """Give the element an attribute: a node too, so that sets may hold it, named @name."""
        if self.attributes is None:
            self.attributes = {}
        attribute = self.attributes[name] = Node("@" + name, text, self)
        return attribute

    def string_value(self) -> str:
        """Return the text of the node and of everything below it, in document order."""
        if not self.children:
            return self.text
        return self.text + "".join(child.string_value() for child in self.children)

    def root(self) -> Node:
        """Return the topmost node."""
        node = self
        while node.parent is not None:
            node = node.parent
        return node


Nodes: TypeAlias = list[Node]


def document(node: Node) -> Node:
    """Return the node above the root element, made on the spot when the tree has none."""
    top = node.root()
    if top.name == DOCUMENT:
        return top
    above = Node(DOCUMENT)
    above.children.append(top)
    return above


def position_among_siblings(node: Node) -> int:
    """Return the place of a node among the siblings of its name, from 1."""
    if node.parent is None:
        return 1
    place = 0
    name = node.name
    for sibling in node.parent.children:
        if sibling.name == name:
            place += 1
        if sibling is node:
            return place
    return 1


# --- axes: each yields nodes in the order of the axis (reverse axes: nearest first) -------------


def _child(node: Node) -> Iterable[Node]:
    return node.children


def _self(node: Node) -> Iterable[Node]:
    return (node,)


def _parent(node: Node) -> Iterable[Node]:
    return () if node.parent is None else (node.parent,)


def _descendant(node: Node) -> Iterator[Node]:
    waiting = node.children[::-1]
    while waiting:
        below = waiting.pop()
        yield below
        waiting.extend(reversed(below.children))


def _descendant_or_self(node: Node) -> Iterator[Node]:
    yield node
    yield from _descendant(node)


def _ancestor(node: Node) -> Iterator[Node]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _ancestor_or_self(node: Node) -> Iterator[Node]:
    yield node
    yield from _ancestor(node)


def _place(node: Node) -> int:
    """Return the index among all children of the parent, or -1 for an attribute."""
    if node.parent is not None:
        for index, sibling in enumerate(node.parent.children):
            if sibling is node:
                return index
    return -1


def _following_sibling(node: Node) -> Iterable[Node]:
    place = _place(node)
    return () if place < 0 or node.parent is None else node.parent.children[place + 1 :]


def _preceding_sibling(node: Node) -> Iterable[Node]:
    place = _place(node)
    return () if place < 0 or node.parent is None else node.parent.children[:place][::-1]


def _following(node: Node) -> Iterator[Node]:
    here: Node | None = node
    if node.parent is not None and _place(node) < 0:  # an attribute: its element's content follows
        here = node.parent
        yield from _descendant(here)
    while here is not None:
        for sibling in _following_sibling(here):
            yield from _descendant_or_self(sibling)
        here = here.parent


def _preceding(node: Node) -> Iterator[Node]:
    here: Node | None = node.parent if node.parent is not None and _place(node) < 0 else node
    while here is not None:
        for sibling in _preceding_sibling(here):
            yield from reversed(list(_descendant_or_self(sibling)))
        here = here.parent


def _attribute(node: Node) -> Iterable[Node]:
    return () if node.attributes is None else node.attributes.values()


AXES: dict[str, Callable[[Node], Iterable[Node]]] = {
    "child": _child,
    "self": _self,
    "parent": _parent,
    "descendant": _descendant,
    "descendant-or-self": _descendant_or_self,
    "ancestor": _ancestor,
    "ancestor-or-self": _ancestor_or_self,
    "following-sibling": _following_sibling,
    "preceding-sibling": _preceding_sibling,
    "following": _following,
    "preceding": _preceding,
    "attribute": _attribute,
}
REVERSE = frozenset({"ancestor", "ancestor-or-self", "preceding", "preceding-sibling"})
LEVEL_KEEPING = frozenset(
    {"child", "self", "parent", "attribute", "following-sibling", "preceding-sibling"}
)
"""Axes that lead from nodes of one depth to nodes of one depth, hence never to nested ones."""


def in_document_order(nodes: Nodes) -> Nodes:
    """Return the nodes once each, in document order (attributes before children)."""
    once = list(dict.fromkeys(nodes))
    if len(once) < 2:
        return once
    places: dict[int, dict[Node, int]] = {}

    def key(node: Node) -> list[int]:
        path = []
        while node.parent is not None:
            parent = node.parent
            index = places.get(id(parent))
            if index is None:
                index = {child: place for place, child in enumerate(parent.children)}
                for place, attribute in enumerate((parent.attributes or {}).values()):
                    index[attribute] = place - len(parent.attributes or {})
                places[id(parent)] = index
            path.append(index.get(node, -1))
            node = parent
        path.reverse()
        return path

    return sorted(once, key=key)
