"""How soon, and in how little memory, a hostile workbook is refused as an instrument.

    python tests/bench/bench_buku_kerja.py

Limits of the program: two seconds of processor time and 150 MB, Python's own start included. Each
workbook is tried in a process of its own; beside it stands the same process on the shipped one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import measure

SECONDS = 2.0


def main() -> int:
    """Try every kind; print the table."""
    sys.path.insert(0, str(measure.HOME))
    from tests.instrument.hostile_workbooks import HOSTILE, MEGABYTES, SHIPPED, tried

    _said, sound, _peak = tried(SHIPPED)
    lines = [measure.Line("the shipped workbook", sound, SECONDS, "limit", 1, "s")]
    with tempfile.TemporaryDirectory() as folder:
        for number, (make, code, _place) in enumerate(HOSTILE):
            _said, seconds, peak = tried(make(Path(folder) / f"jahat-{number}.xlsx"))
            name = f"{make.__name__} {code}"
            lines.append(measure.Line(name, seconds, SECONDS, "limit", 1, "s"))
            lines.append(measure.Line(f"{name}, memory", peak, MEGABYTES, "limit", 1, "MB"))
    return measure.report(lines, macam=len(HOSTILE))


if __name__ == "__main__":
    sys.exit(main())
