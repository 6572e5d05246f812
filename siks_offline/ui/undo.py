"""What was answered in this household, one answer after another, so that it can be taken back."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

MOST = 500


@dataclass(frozen=True, slots=True)
class Step:
    """An answer that was given at a path, and what stood there before."""

    path: str
    before: str


class Undo:
    """The answers of one opening of a form, newest last."""

    def __init__(self) -> None:
        self._steps: deque[Step] = deque(maxlen=MOST)

    def __len__(self) -> int:
        return len(self._steps)

    def note(self, path: str, before: str) -> None:
        """Remember what stood at a path before it was answered anew."""
        self._steps.append(Step(path, before))

    def take(self) -> Step | None:
        """Return the newest step and forget it; None when all was taken back."""
        return self._steps.pop() if self._steps else None

    def forget(self, repeat: str) -> None:
        """Forget the answers of a repeat: its entries have other numbers now."""
        kept = [step for step in self._steps if not step.path.startswith(f"{repeat}[")]
        self._steps = deque(kept, maxlen=MOST)
