"""Kills of the real window at random moments: `python -m tests.ui.kills [--kali 500]`.

Each time a window is typed into in a process of its own, killed, and opened again. What was told
as kept must be there, the draft must be one that the window really held, on the right household,
and the card of the first page must lead to the right question and text.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from siks_offline.desa import households, visit
from siks_offline.ui import theme
from tests.ui import kill_child, typist, worlds

LONGEST = 8.0
"""Seconds of typing before the kill, at most."""
MOST_LOST = 1.0
"""Seconds of typing that a kill may take."""
HOME = Path(__file__).resolve().parents[2]


@dataclass
class Verdict:
    """What one kill did."""

    keys: int = 0
    done: int = 0
    offered: bool = False
    lost: float = 0.0
    """Seconds between the first key that is gone and the kill."""
    faults: list[str] = field(default_factory=list)


def kill_once(base: Path, ids: list[str], folder: Path, after: float) -> Verdict:
    """Copy a village, type into it, kill the window after so many seconds, judge what is left."""
    root, log, words = folder / "data", folder / "log", folder / "words"
    shutil.copytree(base, root)
    with words.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.ui.kill_child", str(root), str(log), *ids],
            cwd=HOME,
            env={**os.environ, "PYTHONPATH": str(HOME)},
            stderr=out,
        )
    try:
        typist.until(lambda: child.poll() is not None or _typed_into(log))
        time.sleep(after)
        if child.poll() is not None:
            raise RuntimeError(
                f"ended with {child.returncode}: {words.read_text(errors='replace')}"
            )
    finally:
        child.kill()
        killed = time.monotonic()
        child.wait()
    return judge(root, records(log), killed)


def _typed_into(log: Path) -> bool:
    return any(one["what"] == "opened" for one in records(log))


def records(log: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a log."""
    if not log.exists():
        return []
    lines = log.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines]


def judge(root: Path, told: list[dict[str, Any]], killed: float) -> Verdict:
    """Open the village again and compare it with what the window had told."""
    held = [one for one in told if one["what"] in ("opened", "key")]
    done = [one["id"] for one in told if one["what"] == "done"]
    found = Verdict(keys=len(held), done=len(done))
    window = kill_child.sign_in(root)
    try:
        assert window.desk is not None
        village = window.desk.village
        lines = households.lines(village, [*done, held[-1]["id"]])
        lost = [id_ for id_ in done if lines[id_].kerja != "selesai"]
        found.faults += [f"{id_} was completed and is not" for id_ in lost]
        card = window.pages["beranda"].kept  # type: ignore[attr-defined]
        found.offered = card.isVisible()
        left = card._left
        id_ = left.household_id if left is not None else held[-1]["id"]
        if left is None and lines[id_].kerja == "selesai":
            return found  # the kill came between the disk and the telling
        opened = visit.open_visit(village, id_, worlds.NOW)
        rows = dict(opened.snapshot().rows)
        kept = kill_child.digest(id_, rows, opened.typing)
        same = [at for at, one in enumerate(held) if one["digest"] == kept]
        if not same:
            found.faults.append(f"the draft of {id_} is none that the window held")
            return found
        gone = held[same[-1] + 1 :]
        found.lost = max(0.0, killed - gone[0]["at"]) if gone else 0.0
        last_kept = [one["at"] for one in told if one["what"] == "kept" and one["id"] == id_]
        if left is None and last_kept:
            found.faults.append(f"{id_} had a kept draft and is not offered")
        if left is not None:
            _go_on(window, found, left, opened.typing)
    finally:
        window.close()
        window.deleteLater()
    return found


def _go_on(window: Any, found: Verdict, left: Any, typing: tuple[str, str] | None) -> None:
    """Press Lanjutkan and look where it leads."""
    page = window.pages["kunjungan"]
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    typist.until(lambda: page.visit is not None and page.form.current is not None)
    if page.visit.line.id != left.household_id:
        found.faults.append("Lanjutkan leads to another household")
    if page.form.current.path != left.path:
        found.faults.append(f"Lanjutkan leads to {page.form.current.path}, not {left.path}")
    if typing is not None and page.form.current.editor.text() != typing[1]:
        found.faults.append(f"{typing} is {page.form.current.editor.text()}")


def main() -> int:
    """Kill as often as asked, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.ui.kills", description=__doc__)
    parser.add_argument("--kali", type=int, default=500, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    app = QApplication(["kills"])
    theme.apply(app)
    chance = random.Random(options.seed)
    seen: list[Verdict] = []
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "asal"
        ids = kill_child.build(base / "desa")
        for number in range(options.kali):
            place = Path(folder) / str(number)
            place.mkdir()
            verdict = kill_once(base, ids, place, chance.uniform(0, LONGEST))
            seen.append(verdict)
            shutil.rmtree(place)
            lost = max(one.lost for one in seen)
            faults = sum(len(one.faults) for one in seen)
            print(
                f"{number + 1} kills, {sum(one.done for one in seen)} completed, "
                f"{sum(one.offered for one in seen)} drafts offered, {faults} faults, "
                f"most lost {lost:.2f} s, over {MOST_LOST:g} s: "
                f"{sum(one.lost > MOST_LOST for one in seen)}",
                *verdict.faults,
                flush=True,
            )
    return int(any(one.faults or one.lost > MOST_LOST for one in seen))


if __name__ == "__main__":
    sys.exit(main())
