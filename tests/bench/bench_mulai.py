"""How long the window takes to its first page, and from Enter to Beranda.

    python tests/bench/bench_mulai.py [--rumah-tangga 10000] [--ulang 7] [--dunia DIR]

The first against a bare PySide6 window of one painted QWidget (at most 1.3 times); the second,
for a village of 10,000 households, against one scrypt 2^17 and one cold `import sqlalchemy.orm`
together (at most 1.5 times), each in a process of its own. `--dunia` names a practice world that
is there already.
"""

from __future__ import annotations

import argparse
import compileall
import sys
import tempfile
from pathlib import Path

import measure

import siks_offline

BARE = """
import os, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
class Bare(QWidget):
    def paintEvent(self, event):
        with open("/proc/self/stat") as file:
            ticks = int(file.read().rpartition(")")[2].split()[19])
        begun = ticks / os.sysconf("SC_CLK_TCK")
        print((time.clock_gettime(time.CLOCK_BOOTTIME) - begun) * 1000)
        QTimer.singleShot(0, app.quit)
app = QApplication([])
window = Bare()
window.resize(1366, 728)
window.show()
app.exec()
"""

START = "import sys; from siks_offline.__main__ import main; sys.exit(main())"
"""What the installed program `siks-offline` does."""

SCRYPT = """
import os, time
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
begun = time.perf_counter()
Scrypt(salt=os.urandom(16), length=32, n=2**17, r=8, p=1).derive(b"latihan")
print((time.perf_counter() - begun) * 1000)
"""

ORM = """
import time
begun = time.perf_counter()
import sqlalchemy.orm
print((time.perf_counter() - begun) * 1000)
"""


def window(data: Path, passphrase: str) -> dict:
    """Start the program, let it check itself, return its figures."""
    env = {**measure.environment(), "SIKS_KATA_SANDI": passphrase}
    command = (sys.executable, "-c", START, "--periksa-diri", "--data", str(data))
    return measure.run(*command, env=env).answer


def main() -> int:
    """Measure both by turns, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rumah-tangga", type=int, default=10_000, metavar="N")
    parser.add_argument("--ulang", type=int, default=7, metavar="N")
    parser.add_argument("--dunia", type=Path, metavar="DIR")
    options = parser.parse_args()
    # An installed program has its bytecode, as Qt's bindings have theirs.
    compileall.compile_dir(Path(siks_offline.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        world = options.dunia or Path(folder) / "dunia"
        if options.dunia is None:
            measure.practice(world, options.rumah_tangga, 0)
        window(world, measure.PASSPHRASE)  # the first run writes caches
        bare, painted, scrypt, orm, home, memory = [], [], [], [], [], []
        for _ in range(options.ulang):
            bare.append(float(measure.python(BARE).out))
            painted.append(window(world, "")["halaman_masuk_ms"])
            scrypt.append(float(measure.python(SCRYPT).out))
            orm.append(float(measure.python(ORM).out))
            found = window(world, measure.PASSPHRASE)
            home.append(found["masuk_ke_beranda_ms"])
            memory.append(found["memori_mb"])
    key, library = measure.median(scrypt), measure.median(orm)
    return measure.report(
        [
            measure.Line(
                "start to painted sign-in page", measure.median(painted), measure.median(bare),
                "bare window", 1.3, "ms",
            ),
            measure.Line(
                "Enter to painted Beranda", measure.median(home), key + library,
                "scrypt + sqlalchemy.orm", 1.5, "ms",
            ),
        ],
        scrypt_ms=round(key),
        sqlalchemy_orm_ms=round(library),
        memori_mb=measure.median(memory),
        ulang=options.ulang,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
