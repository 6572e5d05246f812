"""The questionnaire as frozen values: questions, groups, repeats and code lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SELECTS = frozenset({"select_one", "select_multiple"})
SILENT = frozenset({"calculate", "note"})
"""Types that a person never answers."""


def is_rule(default: str) -> bool:
    """Whether a default is worked out, such as today(), rather than taken as it stands."""
    return "(" in default or "${" in default


@dataclass(frozen=True, slots=True)
class Choice:
    """One code of a list and what it means; `columns` are further cells a filter may ask for."""

    code: str
    label: str
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the survey that holds a value or shows a note. Expressions are source texts.

    `required` is "", "yes" or an expression; `kind` names what a photo shows (F-RUMAH ...);
    `digits` says that the constraint lets nothing but digits through, so blanks and dots that
    people type for reading may go; `row` is the row of the survey sheet.
    """

    name: str
    type: str
    label: str
    row: int
    hint: str = ""
    required: str = ""
    read_only: str = ""
    relevant: str = ""
    constraint: str = ""
    constraint_message: str = ""
    calculation: str = ""
    default: str = ""
    choice_filter: str = ""
    appearance: str = ""
    parameters: str = ""
    list_name: str = ""
    kind: str = ""
    digits: bool = False

    @property
    def answerable(self) -> bool:
        """Whether a person, not a calculation, gives its value."""
        return self.type not in SILENT

    @property
    def soft(self) -> bool:
        """Whether it is a note that warns and may be confirmed with a reason."""
        return self.type == "note" and self.required != "yes" and self.name.startswith("w_")

    @property
    def hard(self) -> bool:
        """Whether it is a note that forbids completion while it shows."""
        return self.type == "note" and self.required == "yes"


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that stand and are skipped together; answers do not nest by it."""

    name: str
    label: str
    row: int
    hint: str = ""
    relevant: str = ""
    appearance: str = ""
    children: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeat:
    """Rows asked once for each member of a list; answers nest under its name.

    `count` is an expression of how many members there are; "" where the operator adds them.
    """

    name: str
    label: str
    row: int
    hint: str = ""
    relevant: str = ""
    appearance: str = ""
    children: tuple[Element, ...] = ()
    count: str = ""


Element: TypeAlias = Question | Group | Repeat


@dataclass(frozen=True, slots=True, eq=False)
class Instrument:
    """A questionnaire of one version; `sha256` is the hash of the workbook it came from."""

    id: str
    version: str
    title: str
    sha256: str
    children: tuple[Element, ...]
    choices: Mapping[str, tuple[Choice, ...]]
    elements: Mapping[str, Element] = field(init=False, compare=False, repr=False)
    """Every group, repeat and question by name, in form order."""
    owner: Mapping[str, str] = field(init=False, compare=False, repr=False)
    """Name of the repeat in which each element's values lie; "" outside every repeat."""

    def __post_init__(self) -> None:
        elements: dict[str, Element] = {}
        owner: dict[str, str] = {}

        def walk(children: tuple[Element, ...], repeat: str) -> None:
            for element in children:
                elements[element.name] = element
                owner[element.name] = repeat
                if isinstance(element, Repeat):
                    walk(element.children, element.name)
                elif isinstance(element, Group):
                    walk(element.children, repeat)

        walk(self.children, "")
        object.__setattr__(self, "elements", elements)
        object.__setattr__(self, "owner", owner)

    @property
    def questions(self) -> Mapping[str, Question]:
        """Every question by name, in form order, notes and calculations included."""
        return {n: e for n, e in self.elements.items() if isinstance(e, Question)}

    @property
    def repeats(self) -> Mapping[str, Repeat]:
        """Every repeat by name, in form order."""
        return {n: e for n, e in self.elements.items() if isinstance(e, Repeat)}

    def options(self, name: str) -> tuple[Choice, ...]:
        """Return the whole code list of a question; empty where it has none."""
        element = self.elements[name]
        list_name = element.list_name if isinstance(element, Question) else ""
        return self.choices.get(list_name, ())

    def label_of(self, name: str, code: str) -> str:
        """Return what a code means for a question; the code itself where the list lacks it."""
        return next((c.label for c in self.options(name) if c.code == code), code)

    def questions_of(self, repeat: str = "") -> Iterator[Question]:
        """Yield the questions whose values lie in one repeat, or at household level."""
        for name, element in self.elements.items():
            if isinstance(element, Question) and self.owner[name] == repeat:
                yield element
