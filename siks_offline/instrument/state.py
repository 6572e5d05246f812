"""The answers of one visit as a tree of cells that expressions can walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.errors import AnswersError
from siks_offline.instrument.nodes import Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siks_offline.instrument.graph import Program, Spec


LEAF: list[Node] = []
"""The children of every question: none, ever."""


class Cell(Node):
    """An element in one visit: once for the household, once for each member.

    `text` (of the node) is the value that rules see: empty while the element is skipped. `answer`
    is what a person gave and is kept. `asked` is meant for gates: whether they are open; `seen`
    is what the element's gate said when its value was last worked out. `outer` is the gate around
    it. `inside` is set for the node of a member (and of the household): the scope it opens.
    """

    __slots__ = ("answer", "asked", "fault", "gate", "inside", "outer", "scope", "seen", "spec")

    attributes = None  # answers have none, so it takes no room in a cell

    def __init__(self, spec: Spec, scope: Scope, parent: Node | None, outer: Cell | None) -> None:
        # What Node.__init__ does, without the call: a visit has hundreds of these.
        self.name = spec.name
        self.text = ""
        self.parent = parent
        self.children = LEAF if spec.question is not None else []
        self.spec = spec
        self.scope = scope
        self.outer: Cell = self if outer is None else outer
        self.gate: Cell = self if outer is None or spec.gate is spec else outer
        self.answer = ""
        self.asked = False
        self.seen = False
        self.fault: Fault | None = None
        self.inside: Scope | None = None

    @property
    def path(self) -> str:
        """Where it stands: "alamat", "anggota[2].nama"; of a member's node "anggota[2]"."""
        return self.inside.path if self.inside is not None else self.scope.prefix + self.spec.name


class Fault:
    """What is wrong with a cell, before it is put in words."""

    __slots__ = ("hard", "rule", "text")

    def __init__(self, rule: str, text: str = "", hard: bool = True) -> None:
        self.rule = rule
        self.text = text
        self.hard = hard

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fault) and (self.rule, self.text, self.hard) == (
            other.rule,
            other.text,
            other.hard,
        )

    __hash__ = None  # type: ignore[assignment]


class Scope:
    """The cells of the household, or of one member of a repeat.

    `prefix` is what stands before a name in the paths of this scope.
    """

    __slots__ = ("cells", "members", "node", "parent", "path", "prefix", "repeat")

    def __init__(self, repeat: Spec, parent: Scope | None, node: Cell | None, path: str) -> None:
        self.repeat = repeat
        self.parent = parent
        self.node = node
        self.cells: dict[Spec, Cell] = {}
        self.members: dict[Spec, list[Scope]] = {}
        self.move(path)

    def move(self, path: str) -> None:
        """Give the scope its path; a member's number falls when one before it goes."""
        self.path = path
        self.prefix = f"{path}." if path else ""


class Tree:
    """All cells of a visit, found by path or by spec; knows nothing of rules."""

    def __init__(self, program: Program) -> None:
        self.program = program
        root = Scope(program.root, None, None, "")
        top = Cell(program.root, root, None, None)
        top.name = "data"
        top.asked = True
        top.inside = root
        root.node = top
        root.cells[program.root] = top
        self.root = root
        self.top = top
        self.scopes: dict[str, Scope] = {}
        """The members by path; the household is not among them."""
        self._fill(root, program.root, top)

    def _fill(self, scope: Scope, spec: Spec, parent: Cell) -> None:
        """Make the cells below an element; members of a repeat come later, one by one.

        A repeat's own cell stands for all its members (it carries their relevance) and is no
        node of the tree; each member has a node of the repeat's name.
        """
        cells, children = scope.cells, parent.children
        outer: Cell | None = None
        for child in spec.inner:
            if outer is None or child.outer is not outer.spec:
                outer = cells.get(child.outer) or self.gate(scope, child.outer)
            cells[child] = cell = Cell(child, scope, parent, outer)
            if child.question is not None:
                children.append(cell)
            elif child.repeat:
                scope.members[child] = []
            elif child.element is not None:
                children.append(cell)
                if child.inner:
                    self._fill(scope, child, cell)

    def gate(self, scope: Scope, gate: Spec) -> Cell:
        """Return the cell of a gate as seen from a scope inside it."""
        here: Scope | None = scope
        while here is not None:
            if gate in here.cells:
                return here.cells[gate]
            here = here.parent
        raise KeyError(gate.name)

    def holder_of(self, turn: Cell) -> Cell:
        """Return the repeat's own cell, given the gate of one of its members."""
        above, repeat = turn.scope.parent, turn.spec.parent
        assert above is not None and repeat is not None  # noqa: PT018
        return above.cells[repeat]

    def add(self, holder: Cell) -> Scope:
        """Add an empty member at the end of a repeat, given the repeat's own cell."""
        members = holder.scope.members[holder.spec]
        path = f"{holder.path}[{len(members) + 1}]"
        scope = Scope(holder.spec, holder.scope, None, path)
        node = Cell(holder.spec, holder.scope, holder.parent, None)
        node.gate = holder.gate
        node.inside = scope
        scope.node = node
        assert isinstance(holder.parent, Cell)
        siblings = holder.parent.children
        siblings.insert(self._place(holder, siblings, members), node)
        members.append(scope)
        self.scopes[path] = scope
        self._fill(scope, holder.spec, node)
        if holder.spec.turn is not None:
            node.gate = scope.cells[holder.spec.turn]
        return scope

    def _place(self, holder: Cell, siblings: list[Node], members: list[Scope]) -> int:
        """Return where a new member's node belongs among its siblings, in form order."""
        if members and members[-1].node is not None:
            return siblings.index(members[-1].node) + 1
        index = holder.spec.index
        for place, sibling in enumerate(siblings):
            if isinstance(sibling, Cell) and sibling.spec.index > index:
                return place
        return len(siblings)

    def remove(self, holder: Cell, number: int) -> Scope:
        """Take the member of this number (from 1) out; those behind it move up a place."""
        members = holder.scope.members[holder.spec]
        gone = members.pop(number - 1)
        assert isinstance(holder.parent, Cell) and gone.node is not None  # noqa: PT018
        holder.parent.children.remove(gone.node)
        self._forget(gone)
        for place, scope in enumerate(members[number - 1 :], number):
            self._rename(scope, f"{holder.path}[{place}]")
        return gone

    def _forget(self, scope: Scope) -> None:
        self.scopes.pop(scope.path, None)
        for members in scope.members.values():
            for member in members:
                self._forget(member)

    def _rename(self, scope: Scope, path: str) -> None:
        self._forget(scope)
        self._place_under(scope, path)

    def _place_under(self, scope: Scope, path: str) -> None:
        scope.move(path)
        self.scopes[path] = scope
        for spec, members in scope.members.items():
            for place, member in enumerate(members, 1):
                self._place_under(member, f"{scope.cells[spec].path}[{place}]")

    def find(self, path: str) -> Cell | None:
        """Return the cell of a path, the node of a member's; None where there is none."""
        if path.endswith("]"):
            member = self.scopes.get(path)
            return member.node if member is not None else None
        place, mark, name = path.rpartition("].")
        scope = self.scopes.get(f"{place}]") if mark else self.root
        spec = self.program.by_name.get(name)
        return scope.cells.get(spec) if scope is not None and spec is not None else None

    def cell(self, path: str) -> Cell:
        """Return the cell of a path. Raises AnswersError E_ANSWER_NAME."""
        found = self.find(path)
        if found is None:
            raise AnswersError("E_ANSWER_NAME", jalur=path, instrumen=self.program.instrument.id)
        return found

    def faulty(self) -> bool:
        """Whether anything is wrong anywhere."""
        return any(
            cell.fault is not None
            for scope in (self.root, *self.scopes.values())
            for cell in scope.cells.values()
        )

    def holder(self, path: str) -> Cell:
        """Return the own cell of a repeat by its path ("anggota"). Raises E_ANSWER_NAME."""
        found = self.cell(path)
        if not found.spec.repeat or found.inside is not None:
            raise AnswersError("E_ANSWER_NAME", jalur=path, instrumen=self.program.instrument.id)
        return found

    def member(self, path: str) -> tuple[Cell, int]:
        """Return the repeat's own cell and the number of a member's path ("anggota[2]")."""
        if path not in self.scopes:
            raise AnswersError("E_ANSWER_NAME", jalur=path, instrumen=self.program.instrument.id)
        name, _, rest = path.rpartition("[")
        return self.cell(name), int(rest.rstrip("]"))

    def reach(self, here: Scope, up: int, down: tuple[Spec, ...], spec: Spec) -> Sequence[Cell]:
        """Return the cells of a spec after climbing so many repeats and going down these."""
        for _ in range(up):
            assert here.parent is not None
            here = here.parent
        return self._under(here, down, spec)

    def _under(self, scope: Scope, down: tuple[Spec, ...], spec: Spec) -> Sequence[Cell]:
        if not down:
            return (scope.cells[spec],)
        scopes = scope.members[down[0]]
        for repeat in down[1:]:
            scopes = [member for one in scopes for member in one.members[repeat]]
        return [member.cells[spec] for member in scopes]

    def all_of(self, spec: Spec) -> Sequence[Cell]:
        """Return every cell of a spec, in form order."""
        return self._under(self.root, spec.homes, spec)

    def lone(self, name: str, node: Node) -> Cell | None:
        """Return the one cell that ${name} means as seen from a node; None for all members'."""
        try:
            spec: Spec = node.spec  # type: ignore[attr-defined]
            here: Scope = node.scope  # type: ignore[attr-defined]
        except AttributeError:
            return self.lone(name, self._around(node))
        there, up, down = spec.targets.get(name) or self.program.target(spec, name)
        if down or there.repeat:
            return None
        while up:
            here = here.parent  # type: ignore[assignment]
            up -= 1
        return here.cells[there]

    def _around(self, node: Node) -> Cell:
        """Return the cell of a node: its own, for the text of an answer that answer's."""
        while not isinstance(node, Cell):
            if node.parent is None:
                return self.top
            node = node.parent
        return node

    def resolve(self, name: str, node: Node) -> list[Node]:
        """Return what ${name} means as seen from a node: the shape expressions ask for.

        The same member's answer is always there, empty while it is skipped; among all members'
        answers those skipped are left out, so that a sum has nothing blank in it.
        """
        only = self.lone(name, node)
        if only is not None:
            return [only]
        cell = self._around(node)
        there, up, down = cell.spec.targets[name]
        here = cell.scope
        for _ in range(up):
            here = here.parent  # type: ignore[assignment]
        if not down:
            return [m.node for m in here.members[there] if m.node and m.node.gate.asked]
        if there.repeat:
            return [
                m.node
                for cell in self._under(here, down, there)
                for m in cell.scope.members[there]
                if m.node and m.node.gate.asked
            ]
        return [cell for cell in self._under(here, down, there) if cell.gate.asked]
