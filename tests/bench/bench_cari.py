"""How fast the list follows what is typed into the search line, with 100,000 persons.

    python tests/bench/bench_cari.py [--orang 100000]

Each key of a word is one search, as in the window: ids of all households that match, then the
first screen of lines. Limit: 95 of 100 keys within 150 ms. The baseline is one reading of the same
words by a plain loop over texts in memory.
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
SCREEN = 20
LIMIT_MS = 150.0


def percentile(values: list[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> int:
    """Make the village, type words, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orang", type=int, default=100_000)
    wanted = parser.parse_args().orang
    sys.path.insert(0, str(measure.HOME))
    from siks_offline.crypto import codes
    from siks_offline.db import households as stored
    from siks_offline.desa import accounts, households
    from siks_offline.instrument import promoted
    from siks_offline.latihan import people

    with tempfile.TemporaryDirectory() as folder:
        village = accounts.create_village(
            Path(folder) / "desa",
            kode_desa=KODE_DESA,
            nama_desa="Sukamaju",
            account="operator",
            passphrase=measure.PASSPHRASE,
            recovery_code=codes.recovery_code(),
            now=datetime(2026, 11, 22, 3, tzinfo=UTC),
            practice=True,
        )
        listed, persons = [], 0
        while persons < wanted:
            made = people.household(len(listed), 7, KODE_DESA, date(2026, 11, 22)).answers
            members = promoted.persons(made, [str(n) for n in range(len(made[promoted.MEMBERS]))])
            persons += len(members)
            facts = {k: v for k, v in promoted.columns(made).items() if k != "idbdt"}
            listed.append(stored.Listed(f"h{len(listed)}", stored.Facts(**facts), persons=members))
        with village.store.write() as session:
            stored.upsert_many(session, listed)
        random = Random(5)
        words = []
        for one in random.sample(listed, 40):
            person = random.choice(one.persons)
            words += [person.nama.lower(), person.nik, one.facts.alamat, person.no_kk[4:]]
        times = []
        for word in words:
            for end in range(1, min(len(word), 12) + 1):
                begun = time.perf_counter()
                found = households.find(village, word[:end])
                households.lines(village, found[:SCREEN])
                times.append((time.perf_counter() - begun) * 1000)
        texts = [stored.words_of(each.facts, None, each.persons) for each in listed]
        scans = []
        for word in words[:40]:
            begun = time.perf_counter()
            sum(stored.normal(word) in text for text in texts)
            scans.append((time.perf_counter() - begun) * 1000)
        village.close()
    scan = measure.median(scans)
    return measure.report(
        [
            measure.Line("key, median", measure.median(times), scan, "loop", unit="ms"),
            measure.Line("key, p95", percentile(times, 0.95), LIMIT_MS, "limit", 1.0, unit="ms"),
            measure.Line("key, slowest", max(times), scan, "loop", unit="ms"),
        ],
        persons=persons,
        households=len(listed),
        keys=len(times),
    )


if __name__ == "__main__":
    sys.exit(main())
