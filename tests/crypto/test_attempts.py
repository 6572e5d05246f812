"""Guessing at the sign-in: each wrong try costs more time, and nothing shortens the wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siks_offline.crypto.attempts import FILE, FREE, LONGEST, Attempts, running_seconds, wait_after
from siks_offline.errors import SecretError

if TYPE_CHECKING:
    from pathlib import Path


class Machine:
    """A machine whose running time the test decides."""

    def __init__(self) -> None:
        self.running = 1000.0

    def __call__(self) -> float:
        return self.running


def guess(folder: Path, machine: Machine, name: str = "ani") -> int:
    """Make one wrong try in a new program; return the seconds it was told to wait, or 0."""
    tries = Attempts(folder, machine)
    try:
        tries.begin(name)
    except SecretError as refused:
        return int(refused.facts["detik"])
    tries.failed(name)
    return 0


def test_lockout_doubles_from_one_second_to_five_minutes(tmp_path: Path) -> None:
    """Five tries are free; then one second, two, four, at most five minutes, never an end."""
    machine = Machine()
    for _ in range(FREE):
        assert guess(tmp_path, machine) == 0
    for seconds in (1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
        assert guess(tmp_path, machine) == seconds
        machine.running += seconds - 0.01
        assert guess(tmp_path, machine) == 1
        machine.running += 0.02
        assert guess(tmp_path, machine) == 0
    assert wait_after(10**9) == LONGEST


def test_lockout_outlives_a_restart_of_the_machine(tmp_path: Path) -> None:
    """After a start of the machine, whose running time begins again, the whole wait begins anew."""
    machine = Machine()
    for _ in range(FREE + 3):
        guess(tmp_path, machine)
        machine.running += 5
    assert guess(tmp_path, machine) > 0 or guess(tmp_path, machine) > 0
    machine.running = 2.0
    assert guess(tmp_path, machine) >= 4
    machine.running += 3
    assert 0 < guess(tmp_path, machine) <= 5


def test_lockout_is_each_accounts_own(tmp_path: Path) -> None:
    """Who guesses at one account does not shut out another; getting in forgets the tries."""
    machine = Machine()
    for _ in range(FREE):
        guess(tmp_path, machine)
    assert guess(tmp_path, machine) > 0
    assert guess(tmp_path, machine, "budi") == 0
    machine.running += 1
    tries = Attempts(tmp_path, machine)
    tries.begin("ani")
    tries.succeeded("ani")
    assert guess(tmp_path, machine) == 0


def test_a_killed_try_is_no_free_one(tmp_path: Path) -> None:
    """A try counts before its passphrase is looked at, so ending the program gains nothing."""
    machine = Machine()
    for _ in range(FREE):
        Attempts(tmp_path, machine).begin("ani")
    assert guess(tmp_path, machine) == 1


@pytest.mark.parametrize(
    "damage", [b"", b"[]", b"{", b'{"ani": 3}', b'{"ani": [1e999, "x"]}', b"\xff"]
)
def test_a_damaged_file_shuts_nobody_out(tmp_path: Path, damage: bytes) -> None:
    """Whatever the file holds, an account can be tried."""
    (tmp_path / FILE).write_bytes(damage)
    assert guess(tmp_path, Machine()) == 0


@settings(max_examples=60)
@given(steps=st.lists(st.one_of(st.floats(-1e9, 1e9), st.just(0.0)), max_size=20))
def test_no_jump_of_the_running_time_shortens_a_wait(
    tmp_path_factory: pytest.TempPathFactory, steps: list[float]
) -> None:
    """Back in time means a new start of the machine: the wait is whole again, never negative."""
    folder = tmp_path_factory.mktemp("masuk")
    machine = Machine()
    for _ in range(FREE + 4):
        Attempts(folder, machine)._keep({"ani": (FREE + 4, machine.running)})
    for step in steps:
        machine.running = max(0.0, machine.running - abs(step))
        assert 1 <= guess(folder, machine) <= wait_after(FREE + 4)


def test_the_running_time_goes_on() -> None:
    """It is the machine's own, and does not stand still or run back."""
    first = running_seconds()
    assert 0 < first <= running_seconds()
