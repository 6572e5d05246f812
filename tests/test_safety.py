"""Searches of the acceptance table that need no test of their own are kept true by every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.safety import CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.safety import Finding

SEARCHES = [
    pytest.param(part, id=check.number)
    for check in CHECKS
    for part in check.parts
    if part.__qualname__.startswith("absent.")
]


@pytest.mark.parametrize("search", SEARCHES)
def test_the_source_has_nothing_that_is_not_explained(search: Callable[[], Finding]) -> None:
    """S8, S10, S11: what is there is explained, and what is explained is there."""
    good, said = search()
    assert good, said
