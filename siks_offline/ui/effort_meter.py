"""Counts keys and the seconds between them while a household is typed, and nothing else."""

from __future__ import annotations

from time import monotonic

PAUSE = 60.0
"""Seconds without a key after which the person was doing something else."""


class EffortMeter:
    """Knows how many keys there were and how long they took; never which keys."""

    def __init__(self) -> None:
        self.keys = 0
        self._seconds = 0.0
        self._last: float | None = None

    def count(self) -> None:
        """Count one key."""
        now = monotonic()
        if self._last is not None and now - self._last <= PAUSE:
            self._seconds += now - self._last
        self._last = now
        self.keys += 1

    def take(self) -> tuple[int, int]:
        """Return seconds and keys since the last time, and begin anew."""
        taken = (round(self._seconds), self.keys)
        self.keys, self._seconds, self._last = 0, 0.0, None
        return taken
