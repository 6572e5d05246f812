"""Composition root of the window: arguments, log, theme, main window, check of itself.

Paint first, import after: before the sign-in page is painted only Qt and light modules are
imported, neither dataclasses nor datetime; SQLAlchemy, cryptography and the rest follow on a
thread.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QApplication

from siks_offline import paths
from siks_offline.errors import SiksError
from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.main_window import MainWindow

if TYPE_CHECKING:
    from datetime import datetime

PASSPHRASE_VARIABLE = "SIKS_KATA_SANDI"  # noqa: S105 - a name, not a secret
REFUSED = 3
CHECK_LIMIT_MS = 120_000


def warm_up() -> None:
    """Import what the database and Beranda need, then the other pages, while the person reads."""
    # What sign-in waits for comes first, so the order is not the alphabet's.
    for module in (
        "crypto.keystore", "db.engine", "desa.accounts", "desa.households", "desa.handover",
        "desa.backup", "ui.frame", "ui.home_page", "ui.prelist_page", "instrument.load",
        "ui.visit_page", "ui.handover_page", "ui.settings_page",
    ):  # fmt: skip
        import_module(f"siks_offline.{module}")


class WarmUp(QObject):
    """Starts the imports once, after the first paint."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.thread_of_imports = threading.Thread(target=warm_up, daemon=True, name="impor")
        window.sign_in.painted.connect(self.begin)

    def begin(self) -> None:
        """Give the paint a turn to reach the screen, then import; collect garbage again."""
        gc.enable()
        QTimer.singleShot(0, self, self._start)

    def _start(self) -> None:
        if not self.thread_of_imports.is_alive():
            self.thread_of_imports.start()


def since_start_ms() -> float:
    """Milliseconds since the operating system started this process."""
    if sys.platform == "win32":
        import ctypes

        times = [ctypes.c_ulonglong() for _ in range(4)]
        kernel = ctypes.windll.kernel32
        kernel.GetProcessTimes(kernel.GetCurrentProcess(), *(ctypes.byref(t) for t in times))
        begun = times[0].value / 10_000_000 - 11_644_473_600
        return (time.time() - begun) * 1000
    stat = Path("/proc/self/stat").read_text(encoding="ascii")
    ticks = int(stat.rpartition(")")[2].split()[19])
    begun = ticks / os.sysconf("SC_CLK_TCK")
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - begun) * 1000


def peak_memory_mb() -> float:
    """Most memory this process has held so far."""
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        class Counters(ctypes.Structure):
            _fields_ = (
                ("cb", wintypes.DWORD),
                ("faults", wintypes.DWORD),
                ("peak", ctypes.c_size_t),
                *((f"other{i}", ctypes.c_size_t) for i in range(7)),
            )

        counters = Counters()
        counters.cb = ctypes.sizeof(counters)
        process = ctypes.windll.kernel32.GetCurrentProcess()
        ctypes.windll.psapi.GetProcessMemoryInfo(process, ctypes.byref(counters), counters.cb)
        return counters.peak / 1_048_576
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Opened(QObject):
    """What follows the first paint of a window that stays: log, hooks, a word about a crash."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def begin(self) -> None:
        """Give the paint a turn first."""
        QTimer.singleShot(0, self, self._begin)

    def _begin(self) -> None:
        from siks_offline.ui import incidents

        incidents.start_log()
        watch = incidents.Incidents(self._window)
        watch.install()
        if watch.watch_crashes():
            watch.tell_crash()


class SelfCheck(QObject):
    """Starts, paints, signs in when it may, measures, prints one JSON object, ends."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._passphrase = os.environ.get(PASSPHRASE_VARIABLE, "")
        self._begun = 0.0
        self.result: dict[str, Any] = {
            "halaman_masuk_ms": None,
            "beranda_ms": None,
            "masuk_ke_beranda_ms": None,
            "memori_mb": None,
        }
        self.code = 0
        window.sign_in.painted.connect(self._painted)
        window.sign_in.refused.connect(self._refused)
        window.ready.connect(self._ready)
        QTimer.singleShot(CHECK_LIMIT_MS, self, self._too_long)

    def _painted(self) -> None:
        self.result["halaman_masuk_ms"] = round(since_start_ms())
        QTimer.singleShot(0, self, self._sign_in)

    def _sign_in(self) -> None:
        page = self._window.sign_in
        if not self._passphrase or page.villages.count() == 0:
            self._end()
            return
        page.passphrase.setText(self._passphrase)
        self._begun = time.perf_counter()
        page.sign_in()

    def _ready(self) -> None:
        from siks_offline.ui.home_page import HomePage

        home = self._window.pages["beranda"]
        assert isinstance(home, HomePage)
        home.shown.connect(self._home_shown)

    def _home_shown(self) -> None:
        home = self._window.pages["beranda"]
        home.repaint()
        self.result["beranda_ms"] = round(since_start_ms())
        self.result["masuk_ke_beranda_ms"] = round((time.perf_counter() - self._begun) * 1000)
        self._end()

    def _refused(self, error: Exception) -> None:
        if isinstance(error, SiksError):
            words = {"kode": error.code, "pesan": error.message, "tindakan": error.remedy}
        else:
            words = {"kode": type(error).__name__, "pesan": text("ui.dialog.kesalahan")}
        self.result = {"galat": words}
        self.code = REFUSED
        self._end()

    def _too_long(self) -> None:
        self.code = REFUSED
        self._end()

    def _end(self) -> None:
        if "memori_mb" in self.result:
            self.result["memori_mb"] = round(peak_memory_mb(), 1)
        if sys.stdout is not None:  # the frozen window has none on Windows unless it is redirected
            sys.stdout.write(json.dumps(self.result) + "\n")
            sys.stdout.flush()
        self._window.close()
        QCoreApplication.exit(self.code)


class Options(NamedTuple):
    """What the window was started with."""

    data: Path | None = None
    periksa_diri: bool = False
    berkas: Path | None = None


def parse(arguments: list[str]) -> Options:
    """Read the command line of the window; argparse is loaded only for what is out of the usual."""
    usual = Options()
    words = iter(arguments)
    for word in words:
        if word == "--periksa-diri":
            usual = usual._replace(periksa_diri=True)
        elif word == "--data" and usual.data is None:
            usual = usual._replace(data=Path(next(words, "-")))
        elif usual.berkas is None:
            usual = usual._replace(berkas=Path(word))
        else:
            return _parse_unusual(arguments)
    strange = [path for path in (usual.data, usual.berkas) if path and path.name.startswith("-")]
    return _parse_unusual(arguments) if strange else usual


def _parse_unusual(arguments: list[str]) -> Options:
    import argparse

    parser = argparse.ArgumentParser(prog="siks-offline", description=text("ui.perintah.jendela"))
    parser.add_argument("--data", type=Path, metavar="DIR", help=text("ui.perintah.data"))
    parser.add_argument("--periksa-diri", action="store_true", help=text("ui.perintah.periksa"))
    parser.add_argument("berkas", nargs="?", type=Path, metavar="FILE")
    found = parser.parse_args(arguments)
    return Options(found.data, found.periksa_diri, found.berkas)


def now() -> datetime:
    """Return the present moment, read here and nowhere below."""
    from datetime import UTC, datetime

    return datetime.now(UTC)


def main(arguments: list[str]) -> int:
    """Show the window until it is closed."""
    options = parse(arguments)
    app = QApplication(["siks-offline", *theme.STYLE])
    app.setApplicationName("SIKS Offline")
    theme.prepare(app)
    window = MainWindow(options.data or paths.data(), now)
    theme.finish(app)
    if options.berkas:
        window.open_file(options.berkas)
    warm = WarmUp(window)
    if options.periksa_diri:
        check = SelfCheck(window)
        window.show()
        code = app.exec()
        warm.thread_of_imports.join()
        return check.code or code
    window.sign_in.painted.connect(Opened(window).begin)
    if window.sign_in.empty and not options.berkas:
        window.sign_in.painted.connect(window.sign_in.begin)
    window.show()
    return app.exec()
