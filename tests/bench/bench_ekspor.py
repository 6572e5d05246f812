"""Export of a filled village and its reception at the office, against plain tools.

    python tests/bench/bench_ekspor.py [--rumah-tangga 10000] [--dunia DIR]

The two commands run as a person runs them, sign-in included. Beside them stand `sha256sum` + `zip
-6` + `age` over the same bytes (the frozen lines of the visits; for the reception their way back),
and one executemany of all rows of the office into plain SQLite. Figures to report, without a limit.
`--dunia` names a practice world with completed households; it is copied, not changed.
"""

from __future__ import annotations

import argparse
import pickle
import shutil
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import measure

LINES = """
import sys
from pathlib import Path
from siks_offline.db import visits
from siks_offline.desa import accounts
with (
    accounts.open_village(Path(sys.argv[1]), "", "latihan") as village,
    village.store.read() as session,
    Path(sys.argv[2]).open("w", encoding="utf-8", newline="") as out,
):
    out.writelines(one.line + "\\n" for one in visits.unreceived(session))
"""

ROWS = """
import pickle, sys
from pathlib import Path
from siks_offline.dinsos import office
with office.open_office(Path(sys.argv[1]), "latihan") as opened, opened.store.read() as session:
    connection = session.connection()
    tables = connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'table'")
    found = {}
    for (name,) in tables.all():
        rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()
        if rows:
            found[name] = [tuple(row) for row in rows]
Path(sys.argv[2]).write_bytes(pickle.dumps(found))
"""


def tools(lines: Path, folder: Path) -> tuple[float, float]:
    """Seconds to hash, zip and encrypt the lines, and to decrypt, unzip and hash them again."""
    key, packed, sealed = folder / "kunci", folder / "isi.zip", folder / "isi.age"
    measure.run("age-keygen", "-o", str(key))
    recipient = measure.run("age-keygen", "-y", str(key)).out.strip()
    there = measure.run("sha256sum", str(lines)).wall
    there += measure.run("zip", "-6", "-q", "-j", str(packed), str(lines)).wall
    there += measure.run("age", "-r", recipient, "-o", str(sealed), str(packed)).wall
    packed.unlink()
    back = measure.run("age", "-d", "-i", str(key), "-o", str(packed), str(sealed)).wall
    back += measure.run("unzip", "-q", "-d", str(folder / "isi"), str(packed)).wall
    back += measure.run("sha256sum", str(next((folder / "isi").iterdir()))).wall
    return there, back


def raw(rows: dict[str, list[tuple]], path: Path) -> float:
    """Seconds that one transaction of executemany needs for the rows, in tables without indexes."""
    begun = time.perf_counter()
    with sqlite3.connect(path, isolation_level=None) as base:
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("PRAGMA synchronous=FULL")
        base.execute("BEGIN")
        for name, found in rows.items():
            columns = ", ".join(f"c{i}" for i in range(len(found[0])))
            marks = ", ".join("?" * len(found[0]))
            base.execute(f'CREATE TABLE "{name}" ({columns})')
            base.executemany(f'INSERT INTO "{name}" VALUES ({marks})', found)
        base.execute("COMMIT")
    base.close()
    return time.perf_counter() - begun


def main() -> int:
    """Export, receive, compare, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rumah-tangga", type=int, default=10_000, metavar="N")
    parser.add_argument("--dunia", type=Path, metavar="DIR")
    options = parser.parse_args()
    measure.need("age", "age-keygen", "sha256sum", "zip", "unzip")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world, usb, lines = folder / "dunia", folder / "usb", folder / "visits.ndjson"
        if options.dunia:
            shutil.copytree(options.dunia, world)
        else:
            measure.practice(world, options.rumah_tangga, 100)
        usb.mkdir()
        measure.python(LINES, str(world / "desa"), str(lines))
        sent = measure.siks("desa", "ekspor", world / "desa", "--ke", usb)
        files = sorted(usb.glob("*.siks"))
        count = sent.answer["kunjungan"]
        received = measure.siks(
            "dinsos", "terima", world / "dinsos", *files, "--tanda-terima", folder / "balasan"
        )
        accepted = sum(one["diterima"] for one in received.answer["berkas"])
        if not count or accepted != count:
            sys.exit(f"{count} households sent, {accepted} accepted")
        taken = measure.siks("desa", "terima", world / "desa", *(folder / "balasan").iterdir())
        there, back = tools(lines, folder)
        measure.python(ROWS, str(world / "dinsos"), str(folder / "rows"))
        rows = pickle.loads((folder / "rows").read_bytes())
        load = raw(rows, folder / "raw.db")
        size, bundle = lines.stat().st_size, sum(file.stat().st_size for file in files)
    return measure.report(
        [
            measure.Line(f"desa ekspor, {count}", sent.wall, there, "sha256sum + zip -6 + age"),
            measure.Line(f"desa ekspor, {count}", sent.wall, load, "raw executemany"),
            measure.Line(f"dinsos terima, {count}", received.wall, there, "sha256sum + zip -6 + age"),
            measure.Line(f"dinsos terima, {count}", received.wall, back, "age -d + unzip + sha256sum"),
            measure.Line(f"dinsos terima, {count}", received.wall, load, "raw executemany"),
        ],
        ekspor={
            "rumah_tangga_per_s": round(count / sent.wall),
            "cpu_s": round(sent.cpu, 1),
            "memori_mb": round(sent.memory, 1),
        },
        terima={
            "rumah_tangga_per_s": round(count / received.wall),
            "cpu_s": round(received.cpu, 1),
            "memori_mb": round(received.memory, 1),
        },
        tanda_terima={"s": round(taken.wall, 2), "memori_mb": round(taken.memory, 1)},
        isi_mb=round(size / 1e6, 1),
        berkas_mb=round(bundle / 1e6, 1),
        baris={name: len(found) for name, found in rows.items()},
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
