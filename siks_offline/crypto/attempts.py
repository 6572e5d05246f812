"""How long an account has to wait before its next try at signing in.

Kept in a small file beside the keystore, outside the encrypted database: numbers of wrong tries
and when the last was, on the machine's running time. That time starts again with the machine and
no clock that a person sets moves it; after a start the whole wait begins anew. So neither a restart
nor a clock set forward or back shortens a wait. Deleting the file does, as copying the folder
would: what slows a copied folder is scrypt (docs/threat-model.md).
"""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from siks_offline.crypto import _whole
from siks_offline.errors import SecretError

if TYPE_CHECKING:
    from collections.abc import Callable

FILE: Final = "masuk.json"
FREE: Final = 5
LONGEST: Final = 300
"""Seconds; the wait doubles from one second after the free tries."""
OTHERS: Final = "_lain"
"""Under this name count tries for accounts that are not there: what was typed is never kept."""
_UPTIME: Final = Path("/proc/uptime")
_Opened = TypeVar("_Opened")


def running_seconds() -> float:
    """Return seconds since the machine started; no clock that a person sets moves them.

    Read from the kernel where it tells: a program that fakes the clock of another fakes
    time.monotonic as well.
    """
    try:
        return float(_UPTIME.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return time.monotonic()


def wait_after(failed: int) -> int:
    """Return the seconds between this many wrong tries and the next."""
    return 0 if failed < FREE else min(LONGEST, 1 << min(failed - FREE, 30))


def counted(folder: Path, name: str, unlock: Callable[[], _Opened]) -> _Opened:
    """Try to open a keystore, and count it: who is not let in waits longer each time.

    An account that is not there is refused as a wrong passphrase is. Use it only while no other
    program tries. Raises SecretError E_PASSPHRASE, E_RECOVERY_CODE, E_SIGN_IN_WAIT; FileError.
    """
    tries = Attempts(folder)
    tries.begin(name)
    try:
        opened = unlock()
    except SecretError as fault:
        if fault.code not in {"E_PASSPHRASE", "E_ACCOUNT_UNKNOWN", "E_RECOVERY_CODE"}:
            raise
        wait = tries.failed(name)
        if wait:
            raise SecretError("E_SIGN_IN_WAIT", detik=wait) from None
        code = "E_RECOVERY_CODE" if fault.code == "E_RECOVERY_CODE" else "E_PASSPHRASE"
        raise SecretError(code) from None
    tries.succeeded(name)
    return opened


class Attempts:
    """The tries of one data folder. Use it only while the folder's lock is held."""

    def __init__(self, folder: Path, running: Callable[[], float] = running_seconds) -> None:
        self._path = folder / FILE
        self._running = running

    def begin(self, name: str) -> None:
        """Count a try before it is made, so that killing the program makes it no free one.

        Raises SecretError E_SIGN_IN_WAIT when the wait is not over yet; FileError.
        """
        kept = self._kept()
        failed, since = kept.get(name, (0, 0.0))
        now = self._running()
        left = wait_after(failed) - (now - since)
        if now < since:  # the machine was started since: the whole wait begins here
            left = wait_after(failed)
            self._keep(kept | {name: (failed, now)})
        if left > 0:
            raise SecretError("E_SIGN_IN_WAIT", detik=math.ceil(left))
        self._keep(kept | {name: (failed + 1, now)})

    def failed(self, name: str) -> int:
        """Count the wait from now, when the try was seen to be wrong; return its seconds."""
        kept = self._kept()
        failed, _ = kept.get(name, (1, 0.0))
        self._keep(kept | {name: (failed, self._running())})
        return wait_after(failed)

    def succeeded(self, name: str) -> None:
        """Forget the wrong tries of an account that got in."""
        kept = self._kept()
        if kept.pop(name, None) is not None:
            self._keep(kept)

    def _kept(self) -> dict[str, tuple[int, float]]:
        raw = _whole.read(self._path)
        try:
            found: Any = json.loads(raw or b"{}")
            return {
                str(name): (max(0, int(failed)), float(since))
                for name, (failed, since) in found.items()
            }
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            return {}

    def _keep(self, kept: dict[str, tuple[int, float]]) -> None:
        content = json.dumps(kept, sort_keys=True).encode()
        _whole.write(self._path, content, lambda written: written == content)
