"""When Python may look for garbage in cycles: never over all the program while work is done.

One look over everything that lives stops every thread for as long as it takes, a third of a second
on an old laptop, and an export makes enough objects to call for it.
"""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = (2_000, 10, 1_000)
"""Thresholds of gc: the young are looked through often and quickly, the old almost never."""


def settle() -> None:
    """Leave what lives now out of every later look: it stays as long as the pages do."""
    gc.freeze()
    gc.set_threshold(*YOUNG)


def sweep() -> None:
    """Look through everything once; the pages are gone, and with them what they showed."""
    gc.unfreeze()
    gc.collect()
