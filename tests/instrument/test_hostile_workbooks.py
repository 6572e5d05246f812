"""A hostile workbook is refused in little memory, and its cell is named (issue 3)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.instrument.hostile_workbooks import HOSTILE, MEGABYTES, tried

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_DATA and /proc")


@pytest.mark.parametrize(
    ("make", "code", "place"), HOSTILE, ids=lambda x: getattr(x, "__name__", None)
)
def test_it_is_refused_in_little_memory_naming_the_cell(
    tmp_path: Path, make: Callable[[Path], Path], code: str, place: str
) -> None:
    """Bombs, entities, far cells, rings, long rules, patterns: each by name, in 150 MB at most."""
    said, _seconds, megabytes = tried(make(tmp_path / "jahat.xlsx"))
    assert any(one.startswith(code) and place in one for one in said), said[:3]
    assert megabytes < MEGABYTES
