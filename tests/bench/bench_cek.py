"""How long a question at the counter takes over a determination list of 100,000 persons.

    python tests/bench/bench_cek.py [--orang 100000]

Each question is asked as the page asks it: find the people, then the answer for the first. Limit:
95 of 100 within 50 ms. The baseline is raw SQL on the same encrypted file, without this program:
`nama LIKE '%word%'` for a name, `nik = ?` for a number.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import measure

KODE_DESA = "3509122003"
LIMIT_MS = 50.0
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> int:
    """Make the list, ask, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orang", type=int, default=100_000)
    wanted = parser.parse_args().orang
    sys.path.insert(0, str(measure.HOME))
    from siks_offline.desa import entitlements
    from siks_offline.export.outside_lists import ListRow, OutsideList
    from siks_offline.latihan import people
    from tests.desa import matched

    found = OutsideList("penetapan")
    number = 0
    while len(found.rows) < wanted:
        made = people.household(number, 7, KODE_DESA, date(2026, 11, 22)).answers
        number += 1
        for one in made["anggota"]:
            values = {
                "nik": one["nik"], "no_kk": one["nokk"], "nama": one["nama"], "rt": made["rt"],
                "rw": made["rw"], "dusun": made["nama_sls"].partition(" ")[0], "desa": "SUMBEREJO",
                "kecamatan": "AMBULU", "desil": str(1 + number % 10), "program:PKH": "ya",
            }  # fmt: skip
            found.rows.append(ListRow("a", len(found.rows) + 2, values))
    with tempfile.TemporaryDirectory() as folder:
        village = matched.make(Path(folder) / "desa", 0)
        begun = time.perf_counter()
        entitlements.load(village, entitlements.judge(village, found, "a"), NOW)
        loading = time.perf_counter() - begun
        places = entitlements.places(village)
        random = Random(5)
        asked = random.sample(found.rows, 60)
        names, numbers, narrowed, raw_names, raw_numbers, worked = [], [], [], [], [], []
        with village.store.read() as session:
            driver = session.connection().connection.driver_connection
            for row in asked:
                word = row.values["nama"].split()[0]
                begun = time.perf_counter()
                driver.execute(
                    "SELECT * FROM determined WHERE nama LIKE ? ORDER BY nama LIMIT 200",
                    (f"%{word}%",),
                ).fetchall()
                raw_names.append((time.perf_counter() - begun) * 1000)
                begun = time.perf_counter()
                driver.execute(
                    "SELECT * FROM determined WHERE nik = ?", (row.values["nik"],)
                ).fetchall()
                raw_numbers.append((time.perf_counter() - begun) * 1000)
        for row in asked:
            nama = row.values["nama"].lower()
            for times, text, place in (
                (numbers, row.values["nik"], None),
                *((names, nama[:end], None) for end in range(1, len(nama) + 1)),
                (narrowed, nama.split()[0], random.choice(places)),
            ):
                begun, busy = time.perf_counter(), time.process_time()
                hits = entitlements.find(village, text, place)
                if hits:
                    entitlements.answer(village, hits[0].number)
                times.append((time.perf_counter() - begun) * 1000)
                worked.append((time.process_time() - busy) * 1000)
        village.close()
    every = names + numbers + narrowed
    return measure.report(
        [
            measure.Line(
                "name, median", measure.median(names), measure.median(raw_names), "SQL", unit="ms"
            ),
            measure.Line(
                "in a region, median",
                measure.median(narrowed),
                measure.median(raw_names),
                "SQL",
                unit="ms",
            ),
            measure.Line(
                "NIK, median",
                measure.median(numbers),
                measure.median(raw_numbers),
                "SQL",
                unit="ms",
            ),
            measure.Line("all, p95", percentile(every, 0.95), LIMIT_MS, "limit", 1.0, unit="ms"),
            measure.Line(
                "processor, p95", percentile(worked, 0.95), LIMIT_MS, "limit", 1.0, unit="ms"
            ),
            measure.Line("slowest", max(every), LIMIT_MS, "limit", unit="ms"),
        ],
        persons=len(found.rows),
        questions=len(every),
        loading_s=round(loading, 1),
    )


if __name__ == "__main__":
    sys.exit(main())
