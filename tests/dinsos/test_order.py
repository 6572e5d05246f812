"""Import is a function of the set of files: order, repetition, damage and crashes change nothing."""

from __future__ import annotations

import json
import random
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline import cli
from siks_offline.dinsos import receive, report
from siks_offline.errors import BundleError
from tests.dinsos.district import District, Sent, digest, listing, of_files
from tests.dinsos.killed import Killer
from tests.dinsos.world import NOW, PASSPHRASE, take

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.dinsos.office import Office

RUNS, RUNS_LONG = 30, 1000
KILLS_PER_RUN = 3


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    return District(tmp_path_factory.mktemp("kabupaten"))


@pytest.fixture(scope="module")
def killer(district: District) -> Iterator[Killer]:
    if sys.platform == "win32":
        pytest.skip("a child that is forked needs POSIX")
    found = Killer(district.keys)
    yield found
    found.close()


def damaged(path: Path, folder: Path, noise: random.Random) -> Path:
    """A copy of a file that lost its end or had one bit turned."""
    raw = bytearray(path.read_bytes())
    if noise.random() < 0.5:
        del raw[noise.randrange(len(raw)) :]
    else:
        raw[noise.randrange(len(raw))] ^= 1 << noise.randrange(8)
    copy = folder / f"rusak-{noise.getrandbits(32):08x}"
    copy.write_bytes(raw)
    return copy


def journey(chosen: list[Sent], folder: Path, noise: random.Random) -> tuple[list[Path], set[Path]]:
    """Every chosen file at least once, some twice, damaged copies between, in any order."""
    paths = [one.path for one in chosen]
    again = [path for path in paths if noise.random() < 0.1]
    bad = [damaged(path, folder, noise) for path in paths if noise.random() < 0.1]
    way = [*paths, *again, *bad]
    noise.shuffle(way)
    return way, set(bad)


def travel(made: Office, way: list[Path], bad: set[Path]) -> None:
    for path in way:
        if path in bad:
            with pytest.raises(BundleError):
                take(made, path)
        else:
            take(made, path)


def imported(made: Office, files: list[Sent]) -> list[Sent]:
    """The files that the store says it has taken in."""
    from siks_offline.db import office_bundles

    with made.store.read() as session:
        here = {row["manifest_sha256"] for row in office_bundles.links(session)}
    return [one for one in files if one.manifest_sha256 in here]


def left_behind(folder: Path) -> list[str]:
    """What lies in the office's folder and should not."""
    return [
        *(path.name for path in (folder / "staging").iterdir()),
        *(path.name for path in (folder / "arsip").glob(".*")),
    ]


def interrupted(
    district: District, killer: Killer, folder: Path, way: list[Path], noise: random.Random
) -> None:
    """Import in children that are killed; after each death the store is whole."""
    rest = way
    for _ in range(KILLS_PER_RUN):
        answer = killer.run(folder, rest, delay=noise.uniform(0, 0.01 * len(rest)))
        with district.keys.open(folder) as made:
            here = imported(made, district.files)
            paths = {str(one.path) for one in here}
            assert set(answer["done"]) <= paths, "what was told done is gone"
            assert listing(made) == digest(of_files(here)), "half a file stands in the store"


def test_the_same_set_gives_the_same_list(
    district: District, killer: Killer, tmp_path: Path, long_form: bool
) -> None:
    """Files of 30 villages dropped, shuffled, repeated and damaged, with kills in a tenth of runs.

    The list of households is what the files that arrived come to by the rule, whatever their way.
    """
    for run in range(RUNS_LONG if long_form else RUNS):
        noise = random.Random(run)
        lost = noise.choice((0.0, 0.3, 0.7))
        chosen = [one for one in district.files if noise.random() >= lost]
        folder = tmp_path / str(run)
        made = district.copy(folder)
        way, bad = journey(chosen, tmp_path, noise)
        if run % 10 == 4:
            made.close()
            interrupted(district, killer, folder, way, noise)
            made = district.keys.open(folder)
        travel(made, way, bad)
        rows = report.households(made)
        assert rows == of_files(chosen), run
        assert digest(rows) == digest(of_files(chosen))
        made.close()
        if run % 10 != 4:
            assert left_behind(folder) == []
        shutil.rmtree(folder)
        for path in bad:
            path.unlink()


def test_several_heads_are_kept(district: District, tmp_path: Path) -> None:
    """Where two hands corrected the same revision, or visited twice, both stand.

    A revision that names them both stands alone, of whichever of the visits it is.
    """
    with district.copy(tmp_path / "kantor") as made:
        travel(made, [one.path for one in district.files], set())
        rows = report.households(made)
    heads: dict[str, set[str]] = {}
    for row in rows:
        heads.setdefault(f"{row['kode_desa']} {row['id']}", set()).add(row["status"])
    conflicts = [statuses for statuses in heads.values() if "konflik" in statuses]
    assert conflicts, "the district of this test has no conflict"
    assert all(statuses == {"konflik"} for statuses in conflicts)
    merged = [one for one in district.files if any(v["revision"] == 3 for v in one.visits)]
    assert merged
    gone = {parent for one in merged for v in one.visits for parent in v["parents"]}
    assert not gone & {row["sha256"] for row in rows}
    twice = [one for one in district.files if len({v["visit_id"] for v in one.visits}) == 1]
    made_one = {v["household_id"] for one in twice for v in one.visits if len(v["parents"]) == 2}
    assert made_one
    assert all(len(heads[key]) == 1 for key in heads if key.split()[1] in made_one)


def test_the_command_prints_that_list(
    district: District, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    """`siks dinsos daftar --rumah-tangga --json` of two offices that went two ways is one text."""
    monkeypatch.setenv("SIKS_KATA_SANDI", PASSPHRASE)
    told = []
    chosen = district.files[:12]
    for way in (chosen, chosen[::-1]):
        folder = tmp_path / str(len(told))
        with district.copy(folder) as made:
            travel(made, [one.path for one in way], set())
        capsys.readouterr()
        assert cli.main(["dinsos", "daftar", str(folder), "--rumah-tangga", "--json"]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    assert json.loads(told[0])["rumah_tangga"] == of_files(chosen)


def test_killed_at_every_step(
    district: District, killer: Killer, tmp_path: Path, long_form: bool
) -> None:
    """A child that dies at its nth statement, commit, fsync or rename leaves all or nothing.

    What it had told done is there, and importing again ends as if nothing had happened.
    """
    two = [one for one in district.files if len(one.visits) >= 2][1:3]
    before = of_files([])
    died = 0
    step = 1
    while True:
        folder = tmp_path / str(step)
        shutil.copytree(district.template, folder)
        answer = killer.run(folder, [one.path for one in two], at=step)
        with district.keys.open(folder) as made:
            here = imported(made, two)
            rows = report.households(made)
            assert rows == (of_files(here) if here else before), step
            assert {str(one.path) for one in here} >= set(answer["done"]), step
            travel(made, [one.path for one in two], set())
            assert report.households(made) == of_files(two), step
        shutil.rmtree(folder)
        if not answer["killed"]:
            break
        died += 1
        step += 1 if long_form else 7
    assert died >= (40 if long_form else 5)


def test_an_exception_at_every_step(district: District, tmp_path: Path, long_form: bool) -> None:
    """Whatever fails in the middle, the store holds a file whole or not at all, and so the disk."""
    from sqlalchemy import event

    class Stop(BaseException):
        pass

    one = district.files[1]
    step, stopped = 1, 0
    while True:
        made = district.copy(tmp_path / str(step))
        left = step

        def reached(*_: Any) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Stop

        event.listen(made.store.engine, "before_cursor_execute", reached)
        try:
            receive.accept(made, one.path, NOW)
            ended = True
        except Stop:
            ended = False
            stopped += 1
        finally:
            event.remove(made.store.engine, "before_cursor_execute", reached)
        assert report.households(made) in ([], of_files([one]))
        take(made, one.path)
        assert report.households(made) == of_files([one])
        assert left_behind(made.folder) == []
        made.close()
        if ended:
            break
        step += 1 if long_form else 3
    assert stopped >= 4
