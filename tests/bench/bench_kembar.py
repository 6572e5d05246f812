"""How fast a person is found again among 100,000 while a name or a number is being typed.

    python tests/bench/bench_kembar.py [--orang 100000]

Limit of the program (issue 4): one look-up at most 50 ms, the slowest of those tried. The baseline
is what rapidfuzz alone needs for one scan over all normal forms. Names are misspelt as papers do
it: old spellings, one letter off, day and month turned about.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from random import Random

import measure

KODE_DESA = "3509122003"
TRIES = 400
LIMIT_MS = 50.0
OLD = (("u", "oe"), ("j", "dj"), ("c", "tj"), ("y", "j"))


def misspelt(name: str, random: Random) -> str:
    """Return a name as another hand may have written it."""
    new, old = random.choice(OLD)
    name = name.lower().replace(new, old, 1)
    at = random.randrange(len(name))
    return name if random.random() < 0.5 else name[:at] + random.choice("aiueor") + name[at + 1 :]


def turned(born: str, random: Random) -> str:
    """Return a birth date, now and then with day and month turned about."""
    return born if random.random() < 0.7 else f"{born[:4]}-{born[8:]}-{born[5:7]}"


def percentile(values: list[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> int:
    """Make a village's people, find some again, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orang", type=int, default=100_000)
    wanted = parser.parse_args().orang
    sys.path.insert(0, str(measure.HOME))
    from rapidfuzz import fuzz, process

    from siks_offline.db.likeness import Home
    from siks_offline.desa import likeness
    from siks_offline.instrument import promoted
    from siks_offline.latihan import people

    rows, everybody = [], []
    while len(everybody) < wanted:
        made = people.household(len(rows), 7, KODE_DESA, date(2026, 11, 22)).answers
        ids = [str(n) for n in range(len(made[promoted.MEMBERS]))]
        persons = promoted.persons(made, ids)
        rows.append(Home(str(len(rows)), persons[0].nama, "01", "01", persons))
        everybody += persons
    begun = time.perf_counter()
    index = likeness.of_homes(rows)
    built = time.perf_counter() - begun
    forms = [likeness.normal(one.nama) for one in everybody]
    random = Random(3)
    times, scans, again, said = [], [], 0, []
    for one in random.sample(everybody, TRIES):
        asked = likeness.Asked(
            nama=misspelt(one.nama, random), tanggal_lahir=turned(one.tanggal_lahir, random)
        )
        begun = time.perf_counter()
        found = index.find(asked, "-")
        times.append((time.perf_counter() - begun) * 1000)
        again += any(alike.seat.nama == one.nama for alike in found)
        said.append(len(found))
    for one in random.sample(everybody, 20):
        form = likeness.normal(one.nama)
        begun = time.perf_counter()
        process.extract(form, forms, scorer=fuzz.token_sort_ratio, score_cutoff=80, limit=5)
        scans.append((time.perf_counter() - begun) * 1000)
    numbers = []
    for one in random.sample(everybody, TRIES):
        begun = time.perf_counter()
        index.find(likeness.Asked(nik=one.nik, no_kk=one.no_kk), "-")
        numbers.append((time.perf_counter() - begun) * 1000)
    scan = measure.median(scans)
    return measure.report(
        [
            measure.Line("name, median", measure.median(times), scan, "scan", unit="ms"),
            measure.Line("name, p95", percentile(times, 0.95), scan, "scan", unit="ms"),
            measure.Line("name, slowest", max(times), LIMIT_MS, "limit", 1.0, unit="ms"),
            measure.Line("number, slowest", max(numbers), LIMIT_MS, "limit", 1.0, unit="ms"),
        ],
        persons=len(everybody),
        households=len(rows),
        index_built_s=round(built, 2),
        found_again=f"{again}/{TRIES}",
        lines_shown=round(sum(said) / len(said), 2),
    )


if __name__ == "__main__":
    sys.exit(main())
