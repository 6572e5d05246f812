"""Many power cuts around one action: record it once, cut it anywhere, judge what is left."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.crash import trace, world
from tests.crash.acts import ACTS
from tests.crash.disk import MANNERS, Disk, Told, Tree, settled
from tests.crash.judge import Judge, Left, Verdict, content_of, lay

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from tests.crash.disk import Call, Manner

SIGN_IN = 10


@dataclass(frozen=True, slots=True)
class Run:
    """One recorded action: the world before it, and the calls it made."""

    name: str
    files: dict[int, bytes]
    folders: dict[int, dict[str, int]]
    calls: list[Call]
    judge: Judge

    def disk(self) -> Disk:
        """The disk before the first call."""
        return Disk(self.files, self.folders)


@dataclass
class Result:
    """What a campaign found."""

    name: str
    states: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict, where: str) -> None:
        """Count one state."""
        self.states += 1
        for kind in ("lost", "partial", "broken"):
            self.kinds[kind] += bool(getattr(verdict, kind))
        if verdict.faults:
            self.faults.append(f"{where}: {'; '.join(verdict.faults)}")

    def __str__(self) -> str:
        found = ", ".join(f"{self.kinds[kind]} {kind}" for kind in ("lost", "partial", "broken"))
        bound = f"; below {3 / self.states:.2%} (95 %)" if self.states and not self.faults else ""
        return f"{self.name}: {self.states} states, {found}{bound}"


class Mismatch(Exception):  # noqa: N818 - it says what it is
    """The model of the disk and the disk itself differ: the log was misread."""


def run(name: str, origin: Path, folder: Path, weakness: str = "") -> Run:
    """Record one action in a copy of the world `origin`, below `folder`."""
    act = ACTS[name]
    root = folder / "jalan"
    copy_world(origin, root)
    with world.profile(root):
        act.prepare(root)
        before = content_of(root)
    return record(name, root, folder, before, [world.DESA, act.village], weakness)


def record(
    name: str,
    root: Path,
    folder: Path,
    before: dict[str, str],
    villages: list[str],
    weakness: str = "",
) -> Run:
    """Record an action in a folder as it stands, and prove that the log was read rightly."""
    files, folders = trace.snapshot(root)
    words, log = folder / "kata", folder / "log"
    trace.record(trace.program("tests.crash.acts", name, str(root), str(words), weakness), log)
    calls = trace.calls(log, root, folders, words)
    log.unlink()
    disk = Disk(files, folders)
    for call in calls:
        disk.take(call)
    compare(disk.whole(), root)
    known = settled(files, folders, calls)
    judge = Judge(calls, known, before, dict.fromkeys(villages))
    return Run(name, files, folders, calls, judge)


def compare(tree: Tree, root: Path) -> None:
    """Hold that the model has exactly the files that the disk has. Raises Mismatch."""
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if name.endswith("-shm"):
            continue
        known = tree.get(name, b"?")
        if name not in tree or (path.is_file() and known != path.read_bytes()):
            raise Mismatch(name)
    for name in tree:
        if not (root / name).exists() and not name.endswith("-shm"):
            raise Mismatch(name)


def states(
    run: Run, count: int, seed: int, manner: Manner | None = None
) -> Iterator[tuple[Tree, list[str], str]]:
    """Give crash states: what is left, what had been told by then, and where the cut was."""
    rng = random.Random(f"{run.name}/{seed}")
    last = len(run.calls)
    told_at = [at for at, call in enumerate(run.calls, 1) if isinstance(call, Told)]
    cuts = sorted(
        min(last, rng.choice(told_at) + rng.randrange(3))
        if told_at and rng.random() < 0.3
        else rng.randint(1, last)
        for _ in range(count)
    )
    disk, at, told = run.disk(), 0, []
    for cut in cuts:
        for call in run.calls[at:cut]:
            disk.take(call)
            if isinstance(call, Told):
                told.append(call.words)
        at = cut
        names = [name for name, _ in MANNERS]
        chosen = manner or rng.choices(names, [weight for _, weight in MANNERS])[0]
        yield disk.cut(rng, chosen), list(told), f"cut at {cut} of {last}, {chosen}"


def copy_world(origin: Path, root: Path) -> None:
    """Begin with the world as it was built."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(origin, root)


def campaign(
    run: Run,
    count: int,
    folder: Path,
    seed: int = 1,
    manner: Manner | None = None,
    until: Collection[str] = (),
) -> Result:
    """Judge so many crash states of a run; one in so many also by signing in and writing.

    It ends early when each kind of fault in `until` was found.
    """
    result = Result(run.name)
    place = folder / "keadaan"
    with world.profile(place):
        for tree, told, where in states(run, count, seed, manner):
            sign_in = result.states % SIGN_IN == 0
            result.add(run.judge.judge(Left(tree, place), told, sign_in=sign_in), where)
            if until and all(result.kinds[kind] for kind in until):
                break
    shutil.rmtree(place, ignore_errors=True)
    return result


def twice(run: Run, first: int, second: int, folder: Path, seed: int = 2) -> Result:
    """Cut the power, sign in, and cut it again while the program recovers.

    What the person had been told before the first cut must still be there after the second.
    """
    result = Result(f"{run.name}, twice")
    root = folder / "pulihan"
    for number, (tree, told, where) in enumerate(states(run, first, seed)):
        lay(tree, root)
        files, folders = trace.snapshot(root)
        words, log = folder / "kata", folder / "log"
        trace.record(trace.program("tests.crash.acts", "reopen", str(root), str(words)), log)
        calls = trace.calls(log, root, folders, words)
        if not calls:
            continue
        judge = run.judge.knowing(settled(files, folders, calls))
        again = Run("reopen", files, folders, calls, judge)
        place = folder / "keadaan"
        with world.profile(place):
            for inner, _, later in states(again, second, seed + number):
                verdict = judge.judge(Left(inner, place), told)
                result.add(verdict, f"{where}, then {later}")
    shutil.rmtree(folder / "keadaan", ignore_errors=True)
    shutil.rmtree(root, ignore_errors=True)
    return result
