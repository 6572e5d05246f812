"""A wrong clock: the whole day works, order comes from numbers, the person is told calmly."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from siks_offline.db import audit, office_visits
from siks_offline.desa import handover, surroundings, visit
from siks_offline.export import identity
from siks_offline.instrument import checks
from siks_offline.instrument.engine import FormState
from siks_offline.latihan import people, world
from siks_offline.texts import text
from tests.scenarios.broken import PASSPHRASE
from tests.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from siks_offline.desa.surroundings import Surroundings

ROOT = Path(__file__).resolve().parents[2]
BPS = world.practice_bps(world.KODE_DESA)
HOMES = [people.household(n, 1, world.KODE_DESA, world.TODAY, BPS) for n in range(2)]
CLOCKS = {
    "2001": "@2001-03-04 05:06:07",
    "the 32-bit edge": "@2038-01-19 03:14:00",
    "ten years on": "+10y",
}


@pytest.mark.long
@pytest.mark.parametrize("clock", CLOCKS)
def test_a_whole_day_under_another_clock(clock: str, tmp_path: Path, long_form: bool) -> None:
    """List, draft, receipt, export, import, copy, restore and report, whatever year it is."""
    if shutil.which("faketime") is None:
        pytest.skip("faketime is not installed")
    if clock == "ten years on" and not long_form:
        pytest.skip("in the long form")
    command = ["faketime", "-f", CLOCKS[clock], sys.executable, "-m", "tests.scenarios.day"]
    done = subprocess.run(
        [*command, str(tmp_path / "hari")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SIKS_KATA_SANDI": PASSPHRASE, "SIKS_DATA": str(tmp_path / "data")},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert len(said) >= 8


@pytest.fixture
def road(tmp_path: Path) -> Scenario:
    """A paired village with a list of three."""
    made = Scenario(tmp_path, world.KODE_DESA)
    made.pair()
    people.write_prelist(tmp_path / "prelist.xlsx", HOMES)
    made.load(tmp_path / "prelist.xlsx", bind=True)
    return made


def told(road: Scenario, now: datetime) -> Surroundings:
    """What Beranda would say of the clock."""
    with road.village() as village:
        return surroundings.look(village, now)


def complete(road: Scenario, number: int, alamat: str) -> int:
    """Complete a visit with another address; return its revision."""
    with road.village() as village:
        now = road.now
        answers = {**HOMES[number].answers, "alamat": alamat}
        state = FormState(village.instrument, answers, now=now)
        for issue in checks.issues(state):
            if issue.level == "konfirmasi":
                state.confirm(issue.path, issue.rule, "sudah diperiksa di lapangan")
        id_ = identity.household_id(world.KODE_DESA, HOMES[number].idbdt)
        done = visit.complete(village, id_, state, now)
        assert done.done, done.issues
        return done.revision


def test_the_clock_falls_back_a_day_in_mid_session(road: Scenario) -> None:
    """Numbers go on, both files are taken in, the later answer wins, and Beranda says so."""
    assert complete(road, 0, "Sebelum") == 1
    (first,) = road.pack()
    assert told(road, road.now).clock == ""
    road._now -= timedelta(days=1)
    assert told(road, road.now).clock == "mundur"
    assert complete(road, 0, "Sesudah") == 2  # later, although the clock says earlier
    (second,) = road.pack()
    # An action under the wrong clock does not hide that it is wrong.
    assert told(road, road.now).clock == "mundur"
    with road.village() as village:
        assert [line.seq for line in handover.exports(village)] == [3, 2]  # newest first
    road._now += timedelta(days=2)
    for file in (second, first):  # the newer one arrives first
        assert road.receive(file)[0].hasil == "diterima"
    with road.office() as office, office.store.read() as session:
        (head,) = office_visits.heads(session, world.KODE_DESA)
        line = json.loads(office_visits.body(session, str(head["sha256"])) or "")
    assert line["answers"]["alamat"] == "Sesudah"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(2001, 3, 4, tzinfo=UTC), "mundur"),
        (datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), "maju"),
        (datetime(2026, 11, 21, tzinfo=UTC), ""),
    ],
)
def test_a_clock_that_cannot_be_right_is_told(road: Scenario, now: datetime, said: str) -> None:
    """Before the program was made, or years after the last note; never a refusal."""
    assert told(road, now).clock == said
    if said:
        words = text(f"ui.beranda.jam.{said}", kini="1", terakhir="2")
        assert words.endswith(".")


def test_years_ahead_once_are_forgotten(road: Scenario) -> None:
    """After some work under the right clock a jump of the past is no reason for a banner."""
    right = road.now
    road._now = datetime(2038, 1, 1, tzinfo=UTC)
    complete(road, 0, "Jauh")
    assert told(road, right).clock == "mundur"
    road._now = right
    with road.village() as village:
        for _ in range(surroundings.NOTES):
            with village.store.write() as session:
                audit.append(session, account="operator", action="x", at="2026-11-20T03:00:00Z")
    assert told(road, road.now).clock == ""
