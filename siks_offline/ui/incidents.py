"""What nobody expected: logged without personal data, told once and calmly, kept for a report.

A traceback is written as frames and kinds of errors: neither values nor messages of exceptions are
kept, for a message may quote what somebody typed.
"""

from __future__ import annotations

import faulthandler
import logging
import platform
import re
import secrets
import sys
import threading
from contextlib import suppress
from copy import copy
from functools import cache
from logging.handlers import RotatingFileHandler
from typing import IO, TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QObject, Qt, QtMsgType, Signal, qInstallMessageHandler

from siks_offline import __version__, paths
from siks_offline.errors import SiksError, frames
from siks_offline.nik import mask
from siks_offline.texts import text

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from siks_offline.ui.main_window import MainWindow

LOG_FILE: Final = "siks-offline.log"
CRASH_FILE: Final = "macet.log"
LOG_SIZE: Final = 1_000_000
KEPT_LOGS: Final = 3
REPORT_LINES: Final = 400
_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ ([A-Z]+) (.*)", re.DOTALL)
_WEIGHTS: Final = {
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

log = logging.getLogger("siks_offline")


class MaskedFormatter(logging.Formatter):
    """Log lines without personal data: long numbers masked, tracebacks without any message."""

    def format(self, record: logging.LogRecord) -> str:
        """Format as usual, then mask NIK, No KK and telephone numbers."""
        own = copy(record)
        own.exc_text = None  # another formatter may have left its own words there
        return mask(super().format(own))

    def formatException(self, ei: object) -> str:
        """Give frames and kinds of errors, of a SiksError its code."""
        error = ei[1] if isinstance(ei, tuple) else None
        return "\n".join(frames(error)) if isinstance(error, BaseException) else ""


@cache
def start_log() -> Path:
    """Write the program's log beside the data, from the first call on; no personal data."""
    folder = paths.logs()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / LOG_FILE
    handler = RotatingFileHandler(file, maxBytes=LOG_SIZE, backupCount=KEPT_LOGS, encoding="utf-8")
    handler.setFormatter(MaskedFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return file


def newest_lines(most: int) -> list[tuple[str, str, str]]:
    """Return entries of the log as (moment, weight, words with what follows), newest first."""
    found: list[tuple[str, str, str]] = []
    folder = paths.logs()
    for name in [*(f"{LOG_FILE}.{n}" for n in range(KEPT_LOGS, 0, -1)), LOG_FILE]:
        with suppress(OSError):
            for line in (folder / name).read_text("utf-8", errors="replace").splitlines():
                begun = _LINE.match(line)
                if begun:
                    found.append((begun[1], begun[2], begun[3]))
                elif found:
                    at, weight, words = found[-1]
                    found[-1] = (at, weight, f"{words}\n{line}")
    return found[::-1][:most]


def report_name(now: datetime) -> str:
    """Return the name under which a report is proposed to be saved."""
    return text("ui.kejadian.nama", hari=f"{now.astimezone():%Y-%m-%d}")


def write_report(path: Path, number: str) -> None:
    """Write what helps to find a fault, and nothing of anybody's data. Raises FileError."""
    import PySide6

    from siks_offline.export import files

    head = [
        f"SIKS Offline {__version__}",
        f"Python {platform.python_version()}, PySide {PySide6.__version__}",
        f"{platform.system()} {platform.release()} {platform.machine()}",
        number,
        "",
    ]
    crash = paths.logs() / f"{CRASH_FILE}.1"
    lines = [f"{at} {weight} {words}" for at, weight, words in newest_lines(REPORT_LINES)]
    with suppress(OSError):
        lines += ["", crash.read_text("utf-8", errors="replace")]
    files.write_whole(path, mask("\n".join([*head, *lines]) + "\n").encode())


class Incidents(QObject):
    """Takes what nothing else caught, from any thread, and shows one dialog at a time."""

    _happened = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._showing = False
        self._crashes: IO[str] | None = None
        self._happened.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take the place of Python's own hooks and of Qt's messages."""
        sys.excepthook = self.caught
        threading.excepthook = self._in_thread
        qInstallMessageHandler(_from_qt)

    def watch_crashes(self) -> bool:
        """Let a crash of the interpreter itself be written down; whether the last run had one."""
        self.end()
        folder = paths.logs()
        crashed = False
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / CRASH_FILE
            if file.exists() and file.stat().st_size:
                crashed = True
                file.replace(file.with_name(f"{CRASH_FILE}.1"))
            self._crashes = file.open("w", encoding="utf-8")
            faulthandler.enable(self._crashes)
        return crashed

    def end(self) -> None:
        """Watch no longer."""
        if self._crashes is not None:
            faulthandler.disable()
            self._crashes.close()
            self._crashes = None

    def tell_crash(self) -> None:
        """Say that the program stopped by itself last time."""
        from siks_offline.ui import dialogs

        talk = dialogs.Talk(
            self._window, text("ui.kejadian.macet"), text("ui.kejadian.macet_lalu"), icon="note"
        )
        self._with_report(talk, "")
        talk.exec()

    def caught(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        """Log it; show it, unless one is already shown. A SiksError says its own words."""
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.quit()
            return
        number = new_number()
        with suppress(OSError):
            start_log()
        log.critical("Incident %s", number, exc_info=(kind, error, trace))
        if threading.current_thread() is threading.main_thread():
            self._show((number, error))
        else:
            self._happened.emit((number, error))

    def _in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            self.caught(args.exc_type, args.exc_value, args.exc_traceback)

    def _show(self, happened: tuple[str, BaseException]) -> None:
        number, error = happened
        if self._showing:
            return  # a second fault inside the dialog of the first is in the log
        self._showing = True
        try:
            self._keep_draft()
            from siks_offline.ui import dialogs

            if isinstance(error, SiksError):
                dialogs.say(self._window, error)
            else:
                talk = dialogs.bug_talk(self._window, number)
                self._with_report(talk, number)
                talk.exec()
        except Exception:
            log.exception("Incident %s could not be shown", number)
        finally:
            self._showing = False

    def _keep_draft(self) -> None:
        """Let what is typed reach the disk before anybody thinks about what happened."""
        page = self._window.current
        try:
            if page is not None:
                page.may_leave()
        except Exception:
            log.exception("The draft could not be kept")

    def _with_report(self, talk: object, number: str) -> None:
        from siks_offline.ui import dialogs
        from siks_offline.ui.plain import button

        assert isinstance(talk, dialogs.Talk)
        save = button(text("ui.kejadian.simpan_tombol"), icon="export")
        save.clicked.connect(lambda: self._choose_place(talk, number))
        talk.buttons.addWidget(save)
        talk.add_button(text("ui.dialog.tutup"), 1, primary=True)

    def _choose_place(self, talk: object, number: str) -> None:
        from pathlib import Path

        from PySide6.QtWidgets import QFileDialog

        from siks_offline.ui import dialogs

        assert isinstance(talk, dialogs.Talk)
        path, _ = QFileDialog.getSaveFileName(
            talk,
            text("ui.kejadian.simpan"),
            text("ui.kejadian.nama", hari=number or "macet"),
            text("ui.kejadian.jenis"),
        )
        if not path:
            return
        try:
            write_report(Path(path), number)
        except SiksError as error:
            talk.detail.setText(f"{error.message} {error.remedy}")
        else:
            talk.detail.setText(text("ui.log.tersimpan", berkas=Path(path).name))


def new_number() -> str:
    """Return a number under which an incident is found in the log: day-free, short to read out."""
    return f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()


def _from_qt(kind: QtMsgType, _context: object, message: str) -> None:
    weight = _WEIGHTS.get(kind)
    if weight is not None:
        log.log(weight, "Qt: %s", mask(message))
