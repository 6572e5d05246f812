"""No parser breaks on any bytes: what campaigns found stays found, and noise goes on looking."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import FOUND, TARGETS

HOME = Path(__file__).resolve().parents[2]
SLOWEST = 10
CAMPAIGN = 60


@pytest.mark.parametrize("name", TARGETS)
def test_sound_inputs_are_taken(name: str) -> None:
    """The seeds reach the inside of a parser: the first one is taken without a fault."""
    assert TARGETS[name].fault_of(TARGETS[name].seeds()[0], ()) is None


@pytest.mark.parametrize(
    "path", sorted(FOUND.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_what_was_found_stays_mended(path: Path) -> None:
    """Every input that once broke a parser is now taken or refused by name."""
    target = TARGETS[path.parent.name]
    assert target.fault_of(path.read_bytes(), target.allowed) is None


def spoilt(seed: bytes, noise: random.Random) -> bytes:
    """A seed after a few changes: bytes turned, cut out, doubled, moved, texts put in."""
    data = bytearray(seed)
    for _ in range(noise.randrange(1, 5)):
        if not data:
            break
        at, length = noise.randrange(len(data)), noise.randrange(1, 9)
        how = noise.randrange(5)
        if how == 0:
            data[at] ^= 1 << noise.randrange(8)
        elif how == 1:
            del data[at : at + length]
        elif how == 2:
            data[at:at] = data[at : at + length * noise.choice((1, 30))]
        elif how == 3:
            data[at : at + length] = noise.randbytes(length)
        else:
            word = noise.choice(
                (b'"', b"\\u202e", b"-0", b"1e999", b"{", b"[", b"\0", b"\xff" * 4, b" ")
            )
            data[at:at] = word
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
def test_noise_breaks_nothing(name: str, long_form: bool) -> None:
    """Spoilt seeds and bytes of any kind raise SiksError or nothing."""
    target = TARGETS[name]
    seeds = target.seeds()
    slow = name in {"bundel", "xlsform", "xlsform-sel"}

    @settings(
        max_examples=(20 if slow else 100) * (20 if long_form else 1),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.integers(0, 2**32), st.one_of(st.none(), st.binary(max_size=200)))
    def look(number: int, other: bytes | None) -> None:
        noise = random.Random(number)
        data = spoilt(noise.choice(seeds), noise) if other is None else other
        assert target.fault_of(data, target.allowed) is None

    look()


@pytest.mark.long
@pytest.mark.parametrize("name", TARGETS)
def test_campaign(name: str, long_form: bool, tmp_path: Path) -> None:
    """A minute of noise that is led by what the code does, in the long form."""
    pytest.importorskip("atheris", reason="atheris is not installed (dependency group fuzz)")
    if not long_form:
        pytest.skip("campaigns run with --long")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", name, "--seconds", str(CAMPAIGN), "--corpus", str(tmp_path / "benih")],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    assert not list((tmp_path / "benih-temuan").iterdir())
