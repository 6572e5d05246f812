"""How long work reports how far it is, and learns that it should stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Called with (done, total); may raise errors.Cancelled, after which nothing done remains."""


def silent(_done: int, _total: int) -> None:
    """Report to nobody."""


def each(items: Iterable[T], total: int, progress: Progress, every: int = 50) -> Iterator[T]:
    """Yield the items, reporting before the first, after every so many and after the last."""
    progress(0, total)
    done = 0
    for item in items:
        yield item
        done += 1
        if done % every == 0:
            progress(done, total)
    progress(done, total)
