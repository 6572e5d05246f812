"""Backups at either end, files lost on the way, answers that never come: nothing is lost."""

from __future__ import annotations

import copy
import random
import shutil
import sys
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.dinsos import rebuild, receipts, report
from siks_offline.export import bundle, receipt
from siks_offline.export.records import inventory_attachment, inventory_visit, short_hash
from tests.dinsos.district import (
    KABUPATEN,
    OfficeKeys,
    digest,
    listing,
    photo,
    register,
    standing,
    village_of,
)
from tests.dinsos.killed import Killer
from tests.dinsos.test_receipts import VillageGate
from tests.dinsos.world import NOW, TestVillage, later, make_office, take

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


VILLAGES, ACTIONS = 3, 40
RUNS, RUNS_LONG = 6, 200


@dataclass
class Desa:
    """A village as the specification has it: it sends what no receipt confirms, and an inventory.

    `sent` are, by manifest, the revisions and photos that a file held.
    """

    village: TestVillage
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    photos: dict[str, int] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    sent: dict[str, set[str]] = field(default_factory=dict)
    rivals: tuple[receipt.Rival, ...] = ()
    """Heads that the newest answer told of, where several stand for one household."""

    def snapshot(self) -> Desa:
        return Desa(
            copy.copy(self.village),
            dict(self.lines),
            dict(self.photos),
            set(self.confirmed),
            {key: set(value) for key, value in self.sent.items()},
            self.rivals,
        )

    def restored(self) -> Desa:
        """The backup come back to life: a new stream that says where it left off."""
        back = self.snapshot()
        here = back.village
        here.after, here.prev, here.seq = here.prev or here.after, None, 0
        here.stream = str(uuid.uuid4())
        return back

    def heads(self) -> list[dict[str, Any]]:
        named = {parent for one in self.lines.values() for parent in one["parents"]}
        return [one for sha256, one in self.lines.items() if sha256 not in named]

    def complete(self, number: int, noise: random.Random) -> None:
        """Complete a household, or correct it: the next revision names all that stand."""
        before = [one for one in self.heads() if one["idbdt"] == f"{number:014}"]
        named = {parent for one in self.lines.values() for parent in one["parents"]}
        beside = [
            one
            for one in self.rivals
            if before and one.household_id == before[0]["household_id"]
            if one.sha256 not in named and one.sha256 not in self.lines
        ]
        pictures = sorted({p["sha256"] for one in before for p in one["attachments"]})
        if noise.random() < 0.4:
            shot = noise.randrange(10**6)
            sha256, _ = photo(shot)
            self.photos[sha256] = shot
            pictures = [sha256]
        changes: dict[str, Any] = {"completed_by": f"operator {noise.randrange(10**9)}"}
        if before:
            changes |= {
                "revision": 1
                + max(*(one["revision"] for one in before), *(one.revision for one in beside), 0),
                "parents": [*(one["sha256"] for one in before), *(one.sha256 for one in beside)],
            }
        line = self.village.visit(number, attachments=pictures, **changes)
        self.lines[line["sha256"]] = line

    def due(self) -> set[str]:
        return {*self.lines, *self.photos} - self.confirmed

    def export(self, *, everything: bool = False) -> Path | None:
        wanted = {*self.lines, *self.photos} if everything else self.due()
        if not wanted:
            return None
        lines = [one for sha256, one in self.lines.items() if sha256 in wanted]
        files = [photo(shot)[1] for sha256, shot in self.photos.items() if sha256 in wanted]
        inventory = [
            *(inventory_visit(v["visit_id"], v["revision"], v["sha256"]) for v in self.heads()),
            *(inventory_attachment(sha256) for sha256 in self.photos),
        ]
        path = self.village.send(lines, files, inventory=inventory)
        self.sent[self.village.prev or ""] = wanted
        return path

    def accept(self, path: Path, staging: Path) -> int:
        """Read an answer; return how many revisions were asked for that were thought safe."""
        with bundle.open_bundle(path, VillageGate(self.village), staging) as opened:
            found = receipt.read(opened)
            self.village.acks = {
                "manifest_sha256": opened.manifest_sha256,
                "seq": opened.manifest["chain"]["seq"],
            }
        self.rivals = found.rivals()
        for one in found.bundles:
            if one.result == "accepted":
                self.confirmed |= self.sent.get(one.manifest_sha256, set())
        lacking = {lacked.short for lacked in found.lacked_visits}
        back = {sha256 for sha256 in self.lines if short_hash(sha256) in lacking}
        asked = len(back & self.confirmed)
        self.confirmed -= back | set(found.lacked_attachments)
        return asked


class Week:
    """A week of a small district: an office, its villages, the files on their way, the backups."""

    def __init__(
        self, folder: Path, template: Path, keys: OfficeKeys, seed: int, killer: Killer | None
    ) -> None:
        self.noise = random.Random(seed)
        self.killer = killer
        self.folder, self.keys = folder, keys
        self.at = folder / "kantor"
        shutil.copytree(template, self.at)
        self.office = keys.open(self.at)
        self.desa = []
        for number in range(VILLAGES):
            kode = f"{KABUPATEN}12{2001 + number:04}"
            self.desa.append(Desa(village_of(self.office.keyset, folder / kode, kode)))
            register(self.office, self.desa[-1].village)
        self.underway: list[Path] = []
        self.carried: dict[Path, tuple[dict[str, Any], dict[str, int]]] = {}
        """Revisions and photos that each file truly holds."""
        self.answers: list[tuple[int, Path]] = []
        self.holds: list[Desa] = [one.snapshot() for one in self.desa]
        """What the office has taken in, village by village; goes back with its backup."""
        self.healed = self.killed = 0
        self.village_backups = [one.snapshot() for one in self.desa]
        self.office_backup = self._save_office()

    def _save_office(self) -> tuple[Path, list[Desa]]:
        self.office.close()
        target = self.folder / f"cadangan-{uuid.uuid4().hex}"
        shutil.copytree(self.at, target)
        self.office = self.keys.open(self.at)
        return target, [one.snapshot() for one in self.holds]

    def act(self) -> None:
        number = self.noise.randrange(VILLAGES)
        here = self.desa[number]
        what = self.noise.choices(
            ("isi", "ekspor", "terima", "jawab", "baca", "cadangan desa", "pulih desa",
             "cadangan dinsos", "pulih dinsos"),
            (24, 24, 30, 18, 18, 3, 2, 2, 2),
        )[0]  # fmt: skip
        match what:
            case "isi":
                here.complete(self.noise.randrange(1, 4), self.noise)
            case "ekspor":
                path = self.export(number, everything=self.noise.random() < 0.1)
                if path is not None and self.noise.random() < 0.8:  # else the stick was lost
                    self.underway.append(path)
            case "terima" if self.underway:
                self.noise.shuffle(self.underway)
                path = self.underway[-1]
                if self.noise.random() < 0.8:  # else it is kept, and comes again
                    self.underway.pop()
                self.take(path)
            case "jawab":
                self.answers.append((number, self.answer(number)))
            case "baca" if self.answers:
                number, path = self.answers.pop(self.noise.randrange(len(self.answers)))
                self.desa[number].accept(path, self.folder)
            case "cadangan desa":
                self.village_backups[number] = here.snapshot()
            case "pulih desa":
                self.desa[number] = self.village_backups[number].restored()
            case "cadangan dinsos":
                self.office_backup = self._save_office()
            case "pulih dinsos":
                self.restore_office()

    def take(self, path: Path) -> None:
        if self.killer is not None:  # the import is cut off at any of its steps, then tried again
            self.office.close()
            answer = self.killer.run(self.at, [path], at=self.noise.randrange(1, 120))
            self.killed += answer["killed"]
            self.office = self.keys.open(self.at)
        arrival = take(self.office, path, later(hours=1))
        assert arrival.hasil in {"diterima", "sudah"}
        number = next(n for n, one in enumerate(self.desa) if path.parent == one.village.folder)
        visits, pictures = self.carried[path]
        self.holds[number].lines |= visits
        self.holds[number].photos |= pictures

    def export(self, number: int, *, everything: bool = False) -> Path | None:
        here = self.desa[number]
        path = here.export(everything=everything)
        if path is not None:
            inside = here.sent[here.village.prev or ""]
            self.carried[path] = (
                {sha256: one for sha256, one in here.lines.items() if sha256 in inside},
                {sha256: one for sha256, one in here.photos.items() if sha256 in inside},
            )
        return path

    def answer(self, number: int) -> Path:
        return receipts.issue(self.office, self.desa[number].village.device, NOW).path

    def restore_office(self) -> None:
        backup, holds = self.office_backup
        self.office.close()
        kept = [(number, self._aside(path)) for number, path in self.answers]
        shutil.rmtree(self.at)
        shutil.copytree(backup, self.at)
        self.answers = kept
        self.office = self.keys.open(self.at)
        self.holds = [one.snapshot() for one in holds]
        if self.noise.random() < 0.5:
            rebuild.rebuild(self.office, later(hours=2))

    def _aside(self, path: Path) -> Path:
        """An answer on its way outlives the office that wrote it."""
        return shutil.copy(path, self.folder / f"jawaban-{uuid.uuid4().hex}")

    def heal(self) -> None:
        """Life goes on: each village sends one more household, and then what it is asked for."""
        for here in self.desa:
            here.complete(9, self.noise)
        for _ in range(3):
            for number, here in enumerate(self.desa):
                path = self.export(number)
                if path is not None:
                    self.take(path)
                self.healed += here.accept(self.answer(number), self.folder)

    def merge(self) -> None:
        """A person completes again each household of which an answer told several heads."""
        for number, here in enumerate(self.desa):
            here.accept(self.answer(number), self.folder)
            ours = {one["household_id"]: int(one["idbdt"]) for one in here.heads()}
            for household_id in sorted({one.household_id for one in here.rivals} & ours.keys()):
                here.complete(ours[household_id], self.noise)
            path = self.export(number)
            if path is not None:
                self.take(path)

    def expected(self) -> list[dict[str, Any]]:
        visits = [v for one in (*self.holds, *self.desa) for v in one.lines.values()]
        pictures = [
            (one.village.kode, sha256) for one in (*self.holds, *self.desa) for sha256 in one.photos
        ]
        return standing(visits, pictures)


@pytest.fixture(scope="module")
def kept_office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, OfficeKeys]:
    folder = tmp_path_factory.mktemp("kantor") / "dinsos"
    with make_office(folder) as made:
        keys = OfficeKeys(
            made.store.key, made.keys.signing.seed, tuple(map(str, made.keys.identities))
        )
    return folder, keys


@pytest.fixture(scope="module")
def killer(kept_office: tuple[Path, OfficeKeys]) -> Iterator[Killer | None]:
    if sys.platform == "win32":  # a child that is forked needs POSIX; the weeks pass without
        yield None
        return
    found = Killer(kept_office[1])
    yield found
    found.close()


def test_no_restored_backup_loses_a_household(
    kept_office: tuple[Path, OfficeKeys], tmp_path: Path, killer: Killer | None, long_form: bool
) -> None:
    """After any week of losses and restores, what anyone still held stands at the office.

    The office's copy of last week and a village's own are both put back at any moment; files and
    answers are lost, late, repeated; in a tenth of the weeks every import is killed first. Then each village sends one more household, and no more than
    it is asked for.
    """
    template, keys = kept_office
    healed = conflicts = killed = 0
    for run in range(RUNS_LONG if long_form else RUNS):
        folder = tmp_path / str(run)
        folder.mkdir()
        week = Week(folder, template, keys, run, killer if run % 10 == 4 else None)
        for _ in range(ACTIONS):
            week.act()
        if run % 2:
            week.restore_office()
        week.heal()
        healed += week.healed
        killed += week.killed
        rows = report.households(week.office)
        assert rows == week.expected(), run
        assert listing(week.office) == digest(week.expected())
        assert all(not here.due() for here in week.desa), "a village waits for a receipt for ever"
        conflicts += sum(row["status"] == "konflik" for row in rows)
        week.merge()
        rows = report.households(week.office)
        assert rows == week.expected(), run
        assert "konflik" not in {row["status"] for row in rows}
        week.office.close()
        shutil.rmtree(folder)
    assert healed, "no answer ever asked for what was lost"
    assert killed or killer is None, "no import was ever killed"
    assert conflicts, "no week ever ended with two heads to merge"
