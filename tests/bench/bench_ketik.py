"""How fast the window answers: a key on the screen, another section, another household.

    python tests/bench/bench_ketik.py [--ulang 60] [--prosesor]

A household of 20 members in the real window. Key to paint: from the key to the end of the painting
it causes, p95 at most 50 ms; another section at most 150 ms; a household opened from the list at
most 150 ms (p95), the first of them a few seconds after the sign-in. The baselines of the same run:
a bare QLineEdit's key to paint, and as many bare QLineEdits as the roster has, filled and shown.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import measure
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGridLayout, QLineEdit, QStackedWidget, QWidget

from siks_offline.desa import visit
from siks_offline.ui import theme
from siks_offline.ui.main_window import PAGES
from tests.ui import kill_child, typist, worlds

if TYPE_CHECKING:
    from collections.abc import Callable

KEY_MS, SECTION_MS, OPEN_MS = 50.0, 150.0, 150.0
MEMBERS = 20
COLUMNS = 6
READY_S = 3.0
"""Seconds that a person looks at Beranda before the first household."""
CLOCK = time.process_time if "--prosesor" in sys.argv else time.perf_counter


def timed(act: Callable[[], object]) -> float:
    """Return the milliseconds of an act with everything that it has painted."""
    QCoreApplication.processEvents()
    begun = CLOCK()
    act()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
    QCoreApplication.processEvents()
    return (CLOCK() - begun) * 1000


class Bare(QStackedWidget):
    """Two grids of bare lines: one is filled and shown in place of the other."""

    def __init__(self) -> None:
        super().__init__()
        for _ in range(2):
            leaf = QWidget()
            grid = QGridLayout(leaf)
            for at in range(MEMBERS * COLUMNS):
                grid.addWidget(QLineEdit(), at // COLUMNS, at % COLUMNS)
            self.addWidget(leaf)

    def turn(self) -> None:
        """Fill the other grid with new words and show it."""
        other = self.widget(1 - self.currentIndex())
        for number, line in enumerate(other.findChildren(QLineEdit)):
            line.setText(f"{line.text()[-3:]}{number}")
        self.setCurrentWidget(other)


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


def main() -> int:
    """Measure by turns, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ulang", type=int, default=60, metavar="N")
    parser.add_argument(
        "--prosesor", action="store_true", help="processor time: for a machine that is busy"
    )
    options = parser.parse_args()
    app = QApplication(["bench_ketik"])
    theme.apply(app)
    bare, leaves = QLineEdit(), Bare()
    bare.show()
    leaves.show()
    with tempfile.TemporaryDirectory() as folder:
        village = worlds.make_village(Path(folder) / "desa", 60)
        ids = []
        for number in range(2):
            id_, _ = visit.add_household(village, worlds.NOW)
            opened = visit.open_visit(village, id_, worlds.NOW)
            answers = {**opened.state.answers(), **typist.paper(MEMBERS, 3, number)}
            opened.state = type(opened.state)(village.instrument, answers, now=worlds.NOW)
            visit.save_draft(village, id_, opened.snapshot(), None, worlds.NOW)
            ids.append(id_)
        village.close()
        window = kill_child.sign_in(Path(folder))
        assert window.guard is not None
        window.guard.end()
        typist.until(lambda: len(window.pages) == len(PAGES))  # built while nobody works
        page: Any = window.pages["kunjungan"]
        resting = time.monotonic() + READY_S
        typist.until(lambda: time.monotonic() > resting)
        names = ("bare", "grid", "key", "section", "open")
        found: dict[str, list[float]] = {name: [] for name in names}

        def there(id_: str) -> bool:
            return bool(page.visit is not None and page.visit.line.id == id_ and page.form.current)

        for number in range(options.ulang):
            id_ = ids[number % 2]

            def opening(wanted: str = id_) -> None:
                window.show_page("kunjungan", wanted)
                while not there(wanted):
                    QCoreApplication.processEvents()
                    time.sleep(0.0005)  # as the program's own loop waits: not spinning

            window.show_page("prelist")
            typist.until(window.pages["prelist"].isVisible)
            assert window.desk is not None
            window.desk.pool.waitForDone()
            found["open"].append(timed(opening))
            form = page.form
            for path in ("catatan", "anggota[20].nama", "alamat", "jumlah_kamar"):
                form.go(path)
                for key in "12":
                    found["bare"].append(timed(lambda key=key: QTest.keyClicks(bare, key)))
                    found["key"].append(
                        timed(lambda key=key: QTest.keyClicks(window.focusWidget(), key))
                    )
                found["key"].append(
                    timed(lambda: QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return))
                )
            form.go("rt")
            for _ in range(4):
                found["grid"].append(timed(leaves.turn))
                found["section"].append(
                    timed(lambda: QTest.keyClick(window.focusWidget(), Qt.Key.Key_F6))
                )
        window.close()
    line, grid = (p95(found["bare"]), "bare QLineEdit"), (p95(found["grid"]), "bare QLineEdits")
    bases = {"key": line, "section": grid, "open": grid}
    limits = {"key": KEY_MS, "section": SECTION_MS, "open": OPEN_MS}
    words = {"key": "key to paint", "section": "another section", "open": "opening a household"}
    code = measure.report(
        [
            measure.Line(f"{words[one]} p95", p95(found[one]), *bases[one], None, "ms")
            for one in limits
        ],
        batas_ms=limits,
        median_ms={one: round(statistics.median(found[one]), 1) for one in found},
    )
    missed = {one: round(p95(found[one])) for one, most in limits.items() if p95(found[one]) > most}
    for one, most in limits.items():
        told = "MISSED" if one in missed else "kept"
        print(f"{words[one]}: p95 {p95(found[one]):.1f} ms, limit {most:.0f} ms, {told}")
    print(json.dumps({"melewati": missed, "pertama_ms": round(found["open"][0], 1)}))
    return int(bool(code or missed))


if __name__ == "__main__":
    sys.exit(main())
