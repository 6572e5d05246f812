"""How long a village prelist takes to come in, against openpyxl reading the same cells.

    python tests/bench/bench_impor.py [--rumah-tangga 10000]

The workbook has the two sheets of the ministry (UDRT, UDART), 20 filled columns each, 4 members a
household. Promise: at most 1.0 times openpyxl read-only, at most 600 MB in the reading process and
250 MB in the program. Prints one JSON object; exit 1 when the promise is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
DESA, BPS = "3509122003", "3509120003"
UDRT = [
    "IDBDT",
    "KDPROP",
    "KDKAB",
    "KDKEC",
    "KDDESA",
    "Nama_SLS",
    "Alamat",
    "Nama_KRT",
    "Jumlah_ART",
    "Jumlah_Keluarga",
    "NOKK",
    "sta_bangunan",
    "luas_lantai",
    "lantai",
    "dinding",
    "atap",
    "ada_tv",
    "ada_motor",
    "sta_pkh",
    "sta_rastra",
]
UDART = [
    "IDARTBDT",
    "IDBDT",
    "Nama",
    "NIK",
    "NoKK",
    "TglLahir",
    "JnsKel",
    "Hub_KRT",
    "NUK",
    "Hubkel",
    "Sta_kawin",
    "Ada_diKK",
    "Ada_kartu_identitas",
    "Jenis_cacat",
    "Penyakit_kronis",
    "Partisipasi_sekolah",
    "Pendidikan_tertinggi",
    "Kelas_tertinggi",
    "Ijazah_tertinggi",
    "Sta_Bekerja",
]


def household(n: int) -> list[str]:
    """One row of the sheet UDRT."""
    return [
        f"{BPS}{n:013d}", "35", "09", "120", "003", f"DUSUN {n % 7 + 1} RT {n % 40 + 1:02d} RW 01",
        f"JL MELATI NO {n}", f"SLAMET {n}", "4", "1", f"350912010120{n % 9999 + 1:04d}",
        "1", str(30 + n % 70), str(n % 9 + 1), str(n % 7 + 1), str(n % 10 + 1), "3", "4", "1", "3",
    ]  # fmt: skip


def person(n: int) -> list[str]:
    """One row of the sheet UDART."""
    home, order = divmod(n, 4)
    return [
        f"{BPS}{home:013d}{order + 1:02d}", f"{BPS}{home:013d}", f"ANGGOTA {n}",
        f"3509120101{80 + order}{home % 9999 + 1:04d}", f"350912010120{home % 9999 + 1:04d}",
        f"{1960 + n % 60}-0{n % 9 + 1}-1{n % 9}", str(order % 2 + 1), str(min(order + 1, 3)), "1",
        str(min(order + 1, 3)), "2" if order < 2 else "1", "1", "5", "0", "0", "2", "7", "8", "3", "1",
    ]  # fmt: skip


READ = """
import sys, time
import openpyxl
begun = time.perf_counter()
book = openpyxl.load_workbook(sys.argv[1], read_only=True)
cells = 0
for sheet in book:
    for row in sheet.iter_rows(values_only=True):
        cells += len(row)
print(time.perf_counter() - begun)
"""

LOAD = """
import json, os, resource, sys, time
from datetime import UTC, datetime
from pathlib import Path
begun = time.perf_counter()
from siks_offline.db import engine
from siks_offline.desa import prelist
from siks_offline.desa.village import FolderLock, Village
from siks_offline.desa.village_folder import VillageFolder
folder = Path(sys.argv[2])
about = VillageFolder(folder, sys.argv[3], "Sumberejo", True, ("operator",))
store = engine.create_village(folder / "app.db", os.urandom(32))
village = Village(about, "operator", "admin", store, None, FolderLock(folder), {"bps": sys.argv[4]})
found = prelist.preview(village, Path(sys.argv[1]))
shown = time.perf_counter()
counts, _ = prelist.load(village, found, datetime.now(UTC))
done = time.perf_counter()
print(json.dumps({
    "ditambah": counts.ditambah,
    "masalah": len(found.issues),
    "pratinjau_s": round(shown - begun, 2),
    "muat_s": round(done - shown, 2),
    "impor_s": round(done - begun, 2),
    "memori_program_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    "memori_pembaca_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
}))
"""


def run(program: str, *arguments: str) -> str:
    """Run a program in a process of its own, so that its memory is its own."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": str(HOME)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def main() -> int:
    """Write the workbook, read it both ways, print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rumah-tangga", type=int, default=10_000, metavar="N")
    count = parser.parse_args().rumah_tangga
    sys.path.insert(0, str(HOME))
    from siks_offline.export import workbook

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prelist.xlsx"
        workbook.write(
            path,
            [
                ("UDRT", UDRT, map(household, range(count))),
                ("UDART", UDART, map(person, range(4 * count))),
            ],
        )
        (Path(folder) / "desa").mkdir()
        loaded = json.loads(run(LOAD, str(path), str(Path(folder) / "desa"), DESA, BPS))
        time.sleep(1)
        baseline = float(run(READ, str(path)))
        size = path.stat().st_size
    result = {
        "rumah_tangga": count,
        "anggota": 4 * count,
        "berkas_mb": round(size / 2**20, 1),
        **loaded,
        "openpyxl_s": round(baseline, 2),
        "rasio": round(loaded["impor_s"] / baseline, 3),
    }
    print(json.dumps(result, indent=1))
    kept = (
        result["rasio"] <= 1
        and loaded["memori_program_mb"] <= 250
        and loaded["memori_pembaca_mb"] <= 600
        and loaded["ditambah"] == count
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
