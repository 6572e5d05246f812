"""How long the list of the musyawarah takes to open in a village of 10,000 households.

    python tests/bench/bench_musyawarah.py [--rumah-tangga 10000] [--ulang 15] [--dunia DIR]

From the wish to the first painted lines with the count above them, against the list of households
of the same village (at most 1.5 times) and against 300 ms of processor; then one verdict until it
is on the disk, closing with every verdict frozen, and the berita acara with all annexes as PDF
against 10 s of processor. `--dunia` names a practice world that is there already.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import measure

WANTED_MS = 300
PAPER_S = 10


def timed(work: object) -> float:
    """Milliseconds of one call."""
    begun = time.perf_counter()
    work()  # type: ignore[operator]
    return (time.perf_counter() - begun) * 1000


def main() -> int:
    """Measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rumah-tangga", type=int, default=10_000, metavar="N")
    parser.add_argument("--ulang", type=int, default=15, metavar="N")
    parser.add_argument("--dunia", type=Path, metavar="DIR")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = options.dunia or Path(folder) / "dunia"
        if options.dunia is None:
            measure.practice(world, options.rumah_tangga, 0)
        return run(world, options.ulang)


def run(world: Path, times: int) -> int:
    """Open the village in a window and measure."""
    import os

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtWidgets import QApplication

    from siks_offline.desa import accounts, closing, documents, final_list, meeting
    from siks_offline.meeting import Verdict
    from siks_offline.ui import theme
    from siks_offline.ui.main_window import MainWindow

    app = QApplication([])
    theme.apply(app)

    def now() -> datetime:
        return datetime.now(UTC)

    village = accounts.open_village(world / "desa", "operator", measure.PASSPHRASE)
    window = MainWindow(world / "desa", now)
    window.resize(1366, 728)
    window.show()
    window.enter(village)

    def settle() -> None:
        assert window.desk is not None
        while True:
            window.desk.pool.waitForDone()
            QCoreApplication.processEvents()
            if not window.desk.pool.activeThreadCount():
                return

    settle()

    def open_list(name: str) -> None:
        page: object = window.pages[name]
        page._stale = True  # type: ignore[attr-defined]
        window.show_page(name)
        model = page.model  # type: ignore[attr-defined]
        while model.rowCount() == 0 or model.line_at(0) is None:
            settle()
        page.grab()  # type: ignore[attr-defined]

    found: dict[str, list[float]] = {"musyawarah": [], "prelist": []}
    processor: list[float] = []
    for _ in range(times):
        for name, taken in found.items():
            window.pages[name].model.show([])  # type: ignore[attr-defined]
            begun = time.process_time()
            taken.append(timed(lambda name=name: open_list(name)))
            if name == "musyawarah":
                processor.append((time.process_time() - begun) * 1000)
    ids = final_list.ids(village, "awal")
    said = Verdict("", "", "1", able="2", working="1", standing="6", disabled="2")
    verdicts = [
        timed(lambda id_=id_: meeting.decide(village, id_, said, now())) for id_ in ids[:50]
    ]
    rest = timed(lambda: meeting.decide_rest(village, now()))
    close = timed(lambda: closing.close(village, now(), way="sptjm"))
    begun = time.process_time()
    paper = world / "berita-acara.pdf"
    pages = documents.write(village, "berita-acara", paper, now()).pages
    printed = time.process_time() - begun
    window.close()
    agenda, prelist = (measure.median(found[name]) for name in ("musyawarah", "prelist"))
    spent = measure.median(processor)
    return measure.report(
        [
            measure.Line(
                "agenda until painted", agenda, prelist, "the list of households", 1.5, "ms"
            ),
            measure.Line("agenda, processor", spent, WANTED_MS, "what it may take", 1.0, "ms"),
            measure.Line(
                "one verdict on disk", measure.median(verdicts), agenda, "agenda", None, "ms"
            ),
            measure.Line("the rest found", rest, agenda, "agenda", None, "ms"),
            measure.Line("closing, verdicts frozen", close, agenda, "agenda", None, "ms"),
            measure.Line(
                "berita acara, annexes, processor", printed, PAPER_S, "what it may take", 1.0, "s"
            ),
        ],
        rumah_tangga=len(ids),
        halaman=pages,
    )


if __name__ == "__main__":
    sys.exit(main())
