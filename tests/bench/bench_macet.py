"""The longest time the window stands still while a village is exported.

`python -m tests.bench.bench_macet [--rumah-tangga N] [--foto MB] [--dunia DIR]` makes a filled
practice village (or copies DIR/desa), opens it in the real window without a screen, goes through
the wizard of the export, and prints the longest gap between two beats of a timer of 10 ms on the UI
thread: while nothing else is done, and during the export. Target: 100 ms. On Linux it also prints
the longest gaps less the time that the UI thread was ready to run and other programs had the
processor, which is what a quiet machine would show at most.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("SIKS_KATA_SANDI", "latihan")

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from siks_offline.desa import accounts
from siks_offline.ui import theme
from siks_offline.ui.ceremony_dialog import CeremonyDialog
from siks_offline.ui.main_window import PAGES, MainWindow
from tests.bench import measure

if TYPE_CHECKING:
    from collections.abc import Callable

BEAT_MS = 10
TARGET_MS = 100.0
PHOTO = 400_000


def waited() -> float:
    """Milliseconds that this thread was ready to run and did not; 0 where the system does not say.

    https://docs.kernel.org/scheduler/sched-stats.html, the second figure of schedstat.
    """
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e6
    except (OSError, IndexError):
        return 0.0


class Heart:
    """Beats on the UI thread and keeps its longest gap, in milliseconds."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._clock = QElapsedTimer()
        self.gaps: list[float] = []
        self.own: list[float] = []
        self._waited = 0.0

    def start(self) -> None:
        self.gaps, self.own = [], []
        self._waited = waited()
        self._clock.start()
        self._timer.start()

    def stop(self) -> None:
        self._beat()
        self._timer.stop()

    def _beat(self) -> None:
        gap, now = self._clock.nsecsElapsed() / 1e6, waited()
        self.gaps.append(gap)
        self.own.append(gap - (now - self._waited))
        self._waited = now
        self._clock.restart()


def turn(until: Callable[[], object], seconds: float = 900) -> None:
    """Let events pass until something holds."""
    end = time.monotonic() + seconds
    while not until():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.monotonic() > end:
            sys.exit("nothing came of it")


def add_photos(folder: Path, megabytes: int) -> None:
    """Put photos of noise into a village."""
    from siks_offline.db import attachments, visits

    noise = random.Random(7)
    with accounts.open_village(folder, "", "latihan") as village, village.store.write() as session:
        ids = [one.household_id for one in visits.every_revision(session)]
        for number in range(megabytes * 1_000_000 // PHOTO):
            content = b"\xff\xd8\xff" + noise.randbytes(PHOTO)
            attachments.put(session, ids[number % len(ids)], "F-RUMAH", "jpg", content)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rumah-tangga", type=int, default=2_000)
    words.add_argument("--foto", type=int, default=40)
    words.add_argument("--dunia", type=Path)
    words.add_argument("--ukuran", choices=("usb", "surel", "wa"), default="usb")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        os.environ["SIKS_DATA"] = str(place / "data")
        if asked.dunia is None:
            measure.practice(place / "dunia", asked.rumah_tangga, 100)
        else:
            (place / "dunia").mkdir()
            shutil.copytree(asked.dunia / "desa", place / "dunia" / "desa")
        if asked.foto:
            add_photos(place / "dunia" / "desa", asked.foto)
        return beat(place, asked.ukuran)


def beat(place: Path, ukuran: str) -> int:
    app = QApplication([])
    theme.apply(app)
    from datetime import UTC, datetime

    window = MainWindow(place / "dunia" / "desa", lambda: datetime.now(UTC))
    window.show()
    alive = QTimer(window)  # so that waiting for events comes to an end
    alive.start(BEAT_MS)
    window.sign_in.passphrase.setText("latihan")
    window.sign_in.sign_in()
    turn(lambda: window.desk is not None)
    turn(lambda: len(window.pages) == len(PAGES))
    window.show_page("serah_terima")
    page = window.pages["serah_terima"]
    desk = window.desk
    assert desk is not None
    desk.pool.waitForDone()
    heart = Heart()
    heart.start()
    still = time.monotonic() + 2
    turn(lambda: time.monotonic() > still)
    heart.stop()
    quiet = max(heart.gaps)
    page.begin_export()  # type: ignore[attr-defined]
    [dialog] = page.findChildren(CeremonyDialog)
    turn(dialog.stack.count)
    for choice in dialog._lines["ukuran"].children():
        if choice.objectName() == ukuran:
            choice.setChecked(True)  # type: ignore[attr-defined]
    dialog.go_on()
    turn(lambda: dialog._task is None)
    dialog.choose("folder", str(place / "usb"))
    heart.start()
    begun = time.perf_counter()
    dialog.go_on()
    turn(lambda: dialog._task is None)
    heart.stop()
    seconds = time.perf_counter() - begun
    files = sorted((place / "usb").glob("*.siks"))
    longest = sorted(heart.gaps)[-5:]
    households = dialog.ceremony.facts.get("jumlah")
    window.close()
    if not files:
        sys.exit("nothing was exported")
    return measure.report(
        [
            measure.Line(
                f"longest gap, export of {households}", longest[-1], TARGET_MS, "allowed", 1.0, "ms"
            )
        ],
        terpanjang_ms=[round(one, 1) for one in longest],
        tanpa_antre_ms=[round(one, 1) for one in sorted(heart.own)[-5:]],
        diam_ms=round(quiet, 1),
        ekspor_s=round(seconds, 1),
        berkas=[file.stat().st_size for file in files],
    )


if __name__ == "__main__":
    sys.exit(main())
