"""How many keys a household costs in the real window, against the fewest that could do it.

    python tests/bench/bench_tombol.py [--rumah-tangga 20] [--seed 3] [--rinci]

Synthetic households of 1 to 20 members are typed from their papers into new households, by keys
alone. The least is the sum of all field lengths and 1 for each field of varying length (UX.md,
C6); a field that the paper leaves empty has the length 0. At most 1.15 times that, with the caret
moving on by itself; without that the figure is only told. F12 is a key of the household.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import measure
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from siks_offline.desa import households, visit
from siks_offline.instrument import checks
from siks_offline.model import Changes
from siks_offline.ui import theme
from siks_offline.ui.main_window import MainWindow
from tests.ui import typist, worlds

KEY_SECONDS, DECISION_SECONDS = 0.28, 1.35
"""A key and a decision in the keystroke-level model (UX.md, C6); one decision a field."""
TARGET = 1.15
REASON = "sudah diperiksa pada dokumen keluarga"


def sign_in(root: Path) -> MainWindow:
    """Open the window on a village, signed in."""
    window = MainWindow(root, worlds.now)
    window.resize(1366, 728)
    window.show()
    window.activateWindow()
    typist.until(window.isActiveWindow)
    window.sign_in.passphrase.setText(worlds.PASSPHRASE)
    window.sign_in.sign_in()
    typist.until(lambda: window.desk is not None)
    assert window.guard is not None
    window.guard.end()  # it listens at the screen's own window, where these keys do not pass
    return window


def keep(window: MainWindow, paper: dict[str, Any], *, advance: bool) -> tuple[Any, typist.Cost]:
    """Add a household, type its paper, keep it by F12; return the typist and the least."""
    assert window.desk is not None
    village, page = window.desk.village, window.pages["kunjungan"]
    village.preferences = replace(village.preferences, auto_advance=advance)
    id_, changes = visit.add_household(village, worlds.NOW)
    assert isinstance(changes, Changes)
    window.show_page("kunjungan", id_)
    typist.until(
        lambda: (
            page.visit is not None and page.visit.line.id == id_ and page.form.current is not None
        )
    )
    form = page.form
    before = {
        path: form.state.value(path) for path in typist.asked_paths(form) if form.state.value(path)
    }
    person = typist.Typist(window, paper)
    person.fill()
    cost = typist.least(form, before)
    for issue in checks.issues(form.state):
        if issue.level == "konfirmasi":
            form.apply(form.state.confirm(issue.path, issue.rule, REASON))
    left = [f"{one.path}: {one.message}" for one in checks.issues(form.state)]
    assert not left, left
    person.keys += 1
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_F12)
    typist.until(lambda: households.lines(village, [id_])[id_].kerja == "selesai")
    typist.until(lambda: page.visit is None or page.visit.line.id != id_)
    return person, cost


def main() -> int:
    """Type the households twice, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rumah-tangga", type=int, default=20, metavar="N")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--rinci", action="store_true", help="say what the other keys were")
    options = parser.parse_args()
    app = QApplication(["bench_tombol"])
    theme.apply(app)
    watch = typist.watched()
    totals = {True: 0, False: 0}
    lowest, asked, empty, astray = 0, 0, 0, 0
    spent: dict[str, int] = {}
    print("members  fields  empty  least  keys  ratio  without advance  ratio  predicted min")
    with tempfile.TemporaryDirectory() as folder:
        worlds.make_village(Path(folder) / "desa", 1).close()
        window = sign_in(Path(folder))
        for number in range(options.rumah_tangga):
            members = number % 20 + 1
            paper = typist.paper(members, options.seed, number)
            found = {on: keep(window, paper, advance=on) for on in (True, False)}
            person, cost = found[True]
            slow = found[False][0]
            for on in found:
                totals[on] += found[on][0].keys
            lowest += cost.keys + cost.empty
            asked += cost.fields
            empty += cost.empty
            for what, keys in person.spent.items():
                spent[what] = spent.get(what, 0) + keys
            astray += len(person.out_of_order)
            for step in person.out_of_order:
                print("against the eye:", step)
            fewest = cost.keys + cost.empty
            minutes = (person.keys * KEY_SECONDS + cost.fields * DECISION_SECONDS) / 60
            print(
                f"{members:7}  {cost.fields:6}  {cost.empty:5}  {fewest:5}  {person.keys:4}"
                f"  {person.keys / fewest:5.3f}  {slow.keys:15}  {slow.keys / fewest:5.3f}"
                f"  {minutes:13.1f}",
                flush=True,
            )
        window.close()
    if options.rinci:
        print(spent)
    each = options.rumah_tangga
    missed = measure.report(
        [
            measure.Line(
                "keys per household", totals[True] / each, lowest / each,
                "least that could do it", TARGET, "keys",
            ),
            measure.Line(
                "the same keys", totals[True] / each, (lowest - empty) / each,
                "least of the answered fields alone", TARGET, "keys",
            ),
            measure.Line(
                "the same without moving on by itself", totals[False] / each, lowest / each,
                "least that could do it", None, "keys",
            ),
        ],
        rumah_tangga=each, isian=asked, tetikus=watch.mouse, melawan_mata=astray, lain=spent,
    )  # fmt: skip
    return int(missed or watch.mouse > 0 or astray > 0)


if __name__ == "__main__":
    sys.exit(main())
