"""How long a filled practice world takes to make: at most five minutes for 10,000 households.

    python tests/bench/bench_latihan.py [--rumah-tangga 10000] [--terisi 100] [--ke DIR]

`--ke` keeps the world, for bench_ekspor.py and bench_mulai.py. With fewer households the limit
shrinks in proportion, but for the pairing of the two offices: that is a dozen scrypt 2^17, measured
in the same run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import measure
from bench_mulai import SCRYPT

LIMIT, HOUSEHOLDS = 300.0, 10_000
STRETCHES = 12


def main() -> int:
    """Make the world once, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rumah-tangga", type=int, default=HOUSEHOLDS, metavar="N")
    parser.add_argument("--terisi", type=int, default=100, metavar="PERSEN")
    parser.add_argument("--ke", type=Path, metavar="DIR")
    options = parser.parse_args()
    count = options.rumah_tangga
    pairing = STRETCHES * float(measure.python(SCRYPT).out) / 1000
    with tempfile.TemporaryDirectory() as folder:
        made = measure.practice(options.ke or Path(folder) / "dunia", count, options.terisi)
    limit = LIMIT if count == HOUSEHOLDS else pairing + LIMIT * count / HOUSEHOLDS
    return measure.report(
        [
            measure.Line(f"siks latihan, {count} households", made.wall, limit, "limit", 1),
            measure.Line("  processor time of it", made.cpu, limit, "limit"),
        ],
        selesai=made.answer["selesai"],
        anggota=made.answer["anggota"],
        rumah_tangga_per_s=round(count / made.wall, 1),
        memori_mb=round(made.memory, 1),
    )


if __name__ == "__main__":
    sys.exit(main())
