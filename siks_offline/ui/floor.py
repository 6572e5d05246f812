"""The desk of ceremonies that happen before any village is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from siks_offline.ui.page import Desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from siks_offline.desa.village import Village


class Floor(Desk):
    """A clock and a thread for work; its ceremonies know that there is no village."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(cast("Village", None), now)

    def close(self) -> None:
        """Let what is queued finish."""
        self.pool.waitForDone()
        self.deleteLater()
