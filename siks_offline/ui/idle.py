"""Notices that nobody is at the machine: no key and no mouse for a while, or the machine asleep.

Listens at the windows themselves, where only what the person does arrives, not at every event of
every widget: typing stays as fast as it was.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractNativeEventFilter, QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from PySide6.QtGui import QWindow

TICK_MS: Final = 1000
ASLEEP_S: Final = 30.0
"""Ticks further apart than this, by a clock that runs while the machine sleeps: it slept."""
_BY_PERSON: Final = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)


class IdleWatch(QObject):
    """Tells once when the machine was left alone for the set minutes; begin() starts it anew."""

    left = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.minutes = 5
        self._last = 0.0
        self._tick = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.look)
        self._windows: list[QWindow] = []
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusWindowChanged.connect(self._listen)
        self._session = SessionFilter(self)
        if sys.platform == "win32":
            app.installNativeEventFilter(self._session)

    def begin(self, minutes: int) -> None:
        """Watch from now on."""
        self.minutes = minutes
        self._last = self._tick = _awake()
        self._listen(QGuiApplication.focusWindow())
        if sys.platform == "win32" and (window := QGuiApplication.focusWindow()) is not None:
            _ask_for_session(int(window.winId()))
        self._timer.start()

    def end(self) -> None:
        """Watch no more."""
        self._timer.stop()

    def look(self) -> None:
        """Tell when nobody was here long enough, or when the machine slept meanwhile."""
        now = _awake()
        slept = now - self._tick > ASLEEP_S
        self._tick = now
        if self._timer.isActive() and (slept or now - self._last >= self.minutes * 60):
            self.left.emit()

    def gone(self) -> None:
        """Tell at once: the person locked the machine or sent it to sleep."""
        if self._timer.isActive():
            self.left.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Remember when the person did something."""
        if event.type() in _BY_PERSON:
            self._last = _awake()
        return super().eventFilter(watched, event)

    def _listen(self, window: QWindow | None) -> None:
        if window is not None:
            window.removeEventFilter(self)
            window.installEventFilter(self)


def _awake() -> float:
    """Return seconds of a clock that nobody sets and that goes on while the machine sleeps."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


# --- Windows says so itself ----------------------------------------------------------------------

WM_POWERBROADCAST: Final = 0x0218
PBT_APMSUSPEND: Final = 0x0004
WM_WTSSESSION_CHANGE: Final = 0x02B1
WTS_SESSION_LOCK: Final = 0x7


class SessionFilter(QAbstractNativeEventFilter):
    """Hears from Windows that the session is locked or the machine goes to sleep."""

    def __init__(self, watch: IdleWatch) -> None:
        super().__init__()
        self._watch = watch

    def nativeEventFilter(self, kind: Any, message: Any) -> object:
        """Look at one message of Windows; nothing is swallowed."""
        if bytes(kind) in (b"windows_generic_MSG", b"windows_dispatcher_MSG"):
            import ctypes.wintypes

            told = ctypes.wintypes.MSG.from_address(int(message))
            if (told.message, told.wParam) in {
                (WM_POWERBROADCAST, PBT_APMSUSPEND),
                (WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK),
            }:
                QTimer.singleShot(0, self._watch, self._watch.gone)
        return False, 0


def _ask_for_session(window: int) -> None:
    """Ask Windows to tell a window when the session is locked; it does not unasked."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.wtsapi32.WTSRegisterSessionNotification(window, 0)
