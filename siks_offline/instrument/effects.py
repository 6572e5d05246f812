"""What one change of a visit moved."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effects:
    """Paths that one change touched; a view repaints these and nothing else.

    `values`: answers and calculations; `relevance`: asked or skipped now; `issues`: an issue came,
    went or changed; `structure`: repeats that won or lost a member; `looks`: words, required mark,
    read-only mark or code list may differ.
    """

    values: frozenset[str] = frozenset()
    relevance: frozenset[str] = frozenset()
    issues: frozenset[str] = frozenset()
    structure: frozenset[str] = frozenset()
    looks: frozenset[str] = frozenset()

    def __or__(self, other: Effects) -> Effects:
        """Return what this and another change moved together."""
        return Effects(
            self.values | other.values, self.relevance | other.relevance,
            self.issues | other.issues, self.structure | other.structure,
            self.looks | other.looks,
        )  # fmt: skip


class Moved:
    """Effects while they gather."""

    __slots__ = ("issues", "looks", "relevance", "structure", "values")

    def __init__(self) -> None:
        self.values: set[str] = set()
        self.relevance: set[str] = set()
        self.issues: set[str] = set()
        self.structure: set[str] = set()
        self.looks: set[str] = set()

    def done(self) -> Effects:
        """Return what gathered, frozen."""
        return Effects(
            frozenset(self.values), frozenset(self.relevance), frozenset(self.issues),
            frozenset(self.structure), frozenset(self.looks),
        )  # fmt: skip
