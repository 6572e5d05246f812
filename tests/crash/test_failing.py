"""When a call fails or the disk is full: a clear word, the old data whole, and work goes on."""

from __future__ import annotations

import json
import subprocess
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.crash import acts, failing, trace
from tests.scenarios.broken import is_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.long
SLOW = ("first-run", "restore", "passphrase", "reset")
"""Acts that work out scrypt anew each time."""


@pytest.fixture(scope="module")
def ask(origin: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Give one job to a program that has everything loaded."""
    folder = tmp_path_factory.mktemp("gagal")
    words = trace.program("tests.crash.failing", str(origin), str(folder))
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stderr is not None
        if server.stdout.readline() != "siap\n":
            pytest.fail(server.stderr.read())

        def one(name: str, **job: Any) -> dict[str, Any]:
            print(json.dumps({"name": name, **job}), file=server.stdin, flush=True)
            found: dict[str, Any] = json.loads(server.stdout.readline())
            return found

        yield one
        server.stdin.close()


def numbers(name: str, error: str, *, long_form: bool) -> Iterator[int]:
    """Which call fails: every one in the long form, one that differs by act in the short one."""
    if long_form:
        return count(1)
    drawn = sum(map(ord, name + error))
    return iter([1 + drawn % (7 if name in SLOW else 41)])


@pytest.mark.parametrize("error", failing.FAULTS)
@pytest.mark.parametrize("name", acts.NAMES)
def test_a_failing_call_is_told_and_breaks_nothing(
    ask: Callable[..., Any], name: str, error: str, long_form: bool
) -> None:
    """Whichever call fails, a SiksError says so, what was told is there, the next try succeeds."""
    found = {}
    for number in numbers(name, error, long_form=long_form):
        answer = ask(name, error=error, number=number)
        if not answer["failed"]:
            break
        if answer["faults"]:
            found[number] = answer
    assert not found


@pytest.mark.parametrize("name", acts.NAMES)
def test_a_file_that_may_not_grow_is_a_full_disk(
    ask: Callable[..., Any], name: str, long_form: bool
) -> None:
    """A limit on sizes cuts writes short in the middle; it is told as a full disk."""
    sizes = range(1_000, 800_000, 16_000) if long_form else (5_000, 300_000)
    for limit in sizes[: 1 if name in SLOW and not long_form else None]:
        answer = ask(name, limit=limit)
        assert answer["faults"] == [], limit
        assert answer["ended"] in {"", "E_DISK_FULL", "E_DB_IO"}, limit


@pytest.mark.skipif(not is_root(), reason="only root mounts a small disk")
@pytest.mark.parametrize("name", ["save", "autosave", "export", "backup", "import", "restore"])
def test_a_full_disk_loses_nothing(ask: Callable[..., Any], name: str, long_form: bool) -> None:
    """On a disk of few bytes an act ends whole or not at all, and succeeds once there is room."""
    for left in range(4_096, 800_000, 16_384) if long_form else (65_536,):
        answer = ask(name, left=left)
        assert answer["faults"] == [], left
        assert answer["ended"] in {"", "E_DISK_FULL"}, left
