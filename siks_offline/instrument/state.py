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
    is what the element's gate said when its value was last worked out.
    """

    __slots__ = ("answer", "asked", "fault", "gate", "outer", "path", "scope", "seen", "spec")

    def __init__(self, spec: Spec, scope: Scope, parent: Node | None, path: str) -> None:
        # What Node.__init__ does, without the call: a visit has hundreds of these.
        self.name = spec.name
        self.text = ""
        self.parent = parent
        self.children = [] if spec.question is None else LEAF
        self.attributes = None
        self.spec = spec
        self.scope = scope
        self.path = path
        self.gate: Cell = self
        self.outer: Cell = self
        self.answer = ""
        self.asked = False
        self.seen = False
        self.fault: Fault | None = None


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
    """The cells of the household, or of one member of a repeat."""

    __slots__ = ("cells", "members", "node", "parent", "path", "repeat")

    def __init__(self, repeat: Spec, parent: Scope | None, node: Cell | None, path: str) -> None:
        self.repeat = repeat
        self.parent = parent
        self.node = node
        self.path = path
        self.cells: dict[Spec, Cell] = {}
        self.members: dict[Spec, list[Scope]] = {}

    @property
    def prefix(self) -> str:
        """What stands before a name in the paths of this scope."""
        return f"{self.path}." if self.path else ""


class Tree:
    """All cells of a visit, found by path or by spec; knows nothing of rules."""

    def __init__(self, program: Program) -> None:
        self.program = program
        root = Scope(program.root, None, None, "")
        top = Cell(program.root, root, None, "")
        top.name = "data"
        top.asked = True
        root.node = top
        root.cells[program.root] = top
        self.root = root
        self.top = top
        self.by_path: dict[str, Cell] = {}
        self._fill(root, program.root, top)

    def _fill(self, scope: Scope, spec: Spec, parent: Cell) -> None:
        """Make the cells below an element; members of a repeat come later, one by one.

        A repeat's own cell stands for all its members (it carries their relevance) and is no
        node of the tree; each member has a node of the repeat's name.
        """
        cells, by_path, prefix, children = scope.cells, self.by_path, scope.prefix, parent.children
        for child in spec.inner:
            path = prefix + child.name
            cells[child] = cell = Cell(child, scope, parent, path)
            outer = cell.outer = cells.get(child.outer) or self.gate(scope, child.outer)
            if child.gate is not child:
                cell.gate = outer
            if child.element is None:
                continue
            by_path[path] = cell
            if child.repeat:
                scope.members[child] = []
            else:
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
        node = Cell(holder.spec, holder.scope, holder.parent, path)
        node.gate = holder.gate
        scope.node = node
        assert isinstance(holder.parent, Cell)
        siblings = holder.parent.children
        siblings.insert(self._place(holder, siblings, members), node)
        members.append(scope)
        self.by_path[path] = node
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
        self.by_path.pop(scope.path, None)
        for cell in scope.cells.values():
            self.by_path.pop(cell.path, None)
        for members in scope.members.values():
            for member in members:
                self._forget(member)

    def _rename(self, scope: Scope, path: str) -> None:
        self._forget(scope)
        self._place_under(scope, path)

    def _place_under(self, scope: Scope, path: str) -> None:
        scope.path = path
        assert scope.node is not None
        scope.node.path = path
        self.by_path[path] = scope.node
        for spec, cell in scope.cells.items():
            cell.path = scope.prefix + spec.name
            if spec.element is not None:
                self.by_path[cell.path] = cell
        for spec, members in scope.members.items():
            for place, member in enumerate(members, 1):
                self._place_under(member, f"{scope.cells[spec].path}[{place}]")

    def cell(self, path: str) -> Cell:
        """Return the cell of a path. Raises AnswersError E_ANSWER_NAME."""
        found = self.by_path.get(path)
        if found is None:
            raise AnswersError("E_ANSWER_NAME", jalur=path, instrumen=self.program.instrument.id)
        return found

    def holder(self, path: str) -> Cell:
        """Return the own cell of a repeat by its path ("anggota"). Raises E_ANSWER_NAME."""
        found = self.cell(path)
        if not found.spec.repeat or path.endswith("]"):
            raise AnswersError("E_ANSWER_NAME", jalur=path, instrumen=self.program.instrument.id)
        return found

    def member(self, path: str) -> tuple[Cell, int]:
        """Return the repeat's own cell and the number of a member's path ("anggota[2]")."""
        name, bracket, rest = path.rpartition("[")
        found = self.cell(path)
        if not bracket or not found.spec.repeat:
            raise AnswersError("E_ANSWER_NAME", jalur=path, instrumen=self.program.instrument.id)
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

    def resolve(self, name: str, node: Node) -> list[Node]:
        """Return what ${name} means as seen from a node: the shape expressions ask for.

        The same member's answer is always there, empty while it is skipped; among all members'
        answers those skipped are left out, so that a sum has nothing blank in it.
        """
        spec: Spec = node.spec  # type: ignore[attr-defined] # every node of this tree is a Cell
        there, up, down = spec.targets.get(name) or self.program.target(spec, name)
        here: Scope = node.scope  # type: ignore[attr-defined]
        if not up and not down and not there.repeat:
            return [here.cells[there]]
        for _ in range(up):
            here = here.parent  # type: ignore[assignment]
        if not down:
            if there.repeat:
                return [m.node for m in here.members[there] if m.node and m.node.gate.asked]
            return [here.cells[there]]
        if there.repeat:
            return [
                m.node
                for cell in self._under(here, down, there)
                for m in cell.scope.members[there]
                if m.node and m.node.gate.asked
            ]
        return [cell for cell in self._under(here, down, there) if cell.gate.asked]
