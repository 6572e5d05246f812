"""What sealing, verifying and receiving cost, against the plain tools and a plain load.

    python tests/bench/bench_bundle.py [--rumah-tangga 20000] [--foto 200] [--berkas 300] [--isi 100]

Export of 20,000 households and 200 MB of photos in one file at most 1.0 times `sha256sum`, `zip -6`
and `age` over the same bytes, verification at most 0.4 times, 100 MiB of memory at most; receiving
300 bundles of 100 households at most 3 times a plain load of the same rows (executemany into the
same SQLCipher file, COPY into PostgreSQL) and parsing their JSON, and the last bundles as fast as
the first. The first half is timed by the processor, the second by the clock, medians of bundles.
The plain load fills tables of the same keys, indexes and references, a commit a bundle, and both
wait for the disk at each: the server runs with fsync.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from siks_offline.db import engine, office_tables
from siks_offline.export import bundle, canonical
from siks_offline.export.bundle import AttachmentFile, RecordFile
from siks_offline.latihan import people
from siks_offline.latihan import world as practice
from tests.bench.measure import Line, median, need, report
from tests.dinsos.district import register, village_of
from tests.dinsos.world import KODE, NOW, make_office, name
from tests.export.hostile import OfficeGate, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siks_offline.dinsos.office import Office
    from tests.dinsos.world import TestVillage

MIB = 1 << 20


def visit(village: TestVillage, number: int) -> dict[str, Any]:
    """A revision of a made-up household of real length."""
    bps = practice.practice_bps(village.kode)
    found = people.household(number, 7, village.kode, practice.TODAY, bps)
    ids = [name("person", village.kode, number, n) for n in range(len(found.answers["anggota"]))]
    return village.visit(number, answers=found.answers, persons=ids)


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor, of this process and its children."""
    before = os.times()
    work()
    after = os.times()
    return sum(after[:4]) - sum(before[:4])


def lasted(work: Callable[[], object]) -> float:
    """Seconds of the clock: a server works beside us, and its time counts."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak() -> float:
    """Highest memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_child(work: Callable[[], dict[str, float]]) -> dict[str, float]:
    """Do some work in a fork, so that its memory is its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            os.write(writing, json.dumps(work()).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as told:
        answer = json.load(told)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("the measured child failed")
    return answer


# One large file --------------------------------------------------------------------------------


def one_file(folder: Path, households: int, megabytes: int) -> list[Line]:
    """Export and verify one file; the same bytes through the plain tools."""
    need("sha256sum", "zip", "age")
    village = village_of(World().keyset, folder, KODE)
    plain = folder / "polos"
    plain.mkdir()
    noise = random.Random(1)
    sizes = [MIB // 4] * (megabytes * 4)
    photos = []
    for size in sizes:
        content = b"\xff\xd8\xff" + noise.randbytes(size)
        sha256 = hashlib.sha256(content).hexdigest()
        path = plain / f"{sha256}.jpg"
        path.write_bytes(content)
        photos.append(AttachmentFile(sha256, "jpg", path.read_bytes))
    lines = plain / "visits.ndjson"
    some = [canonical.dumps(visit(village, number)) for number in range(min(households, 2000))]
    with lines.open("wb") as file:
        for number in range(households):
            # Each line is another one: its id is written anew.
            file.write(some[number % len(some)].replace(b'"idbdt":"', b'"idbdt":"%07d' % number, 1))
            file.write(b"\n")

    def tools() -> None:
        names = [path.name for path in plain.iterdir()]
        subprocess.run(["sha256sum", *names], cwd=plain, check=True, stdout=subprocess.DEVNULL)
        target = folder / "polos.zip"
        subprocess.run(["zip", "-q", "-6", str(target), *names], cwd=plain, check=True)
        recipients = [word for one in World().keyset.enc for word in ("-r", one)]
        subprocess.run(
            ["age", *recipients, "-o", str(folder / "polos.age"), str(target)], check=True
        )
        target.unlink()
        (folder / "polos.age").unlink()

    def export() -> dict[str, float]:
        def raw() -> Any:
            with lines.open("rb") as file:
                for line in file:
                    yield line[:-1]

        world = World()
        base = peak()
        records = [RecordFile("visits", raw(), rows=households)]
        seconds = timed(
            lambda: bundle.write(
                folder, world.draft(), world.village, records, photos, name="x.siks"
            )
        )
        return {"seconds": seconds, "grown": peak() - base, "peak": peak()}

    def verify() -> dict[str, float]:
        gate = OfficeGate(World())
        base = peak()

        def look() -> None:
            with bundle.open_bundle(folder / "x.siks", gate, folder) as opened:
                if opened.outcome != "ok":
                    raise RuntimeError(opened.code)

        return {"seconds": timed(look), "grown": peak() - base, "peak": peak()}

    baseline = min(timed(tools) for _ in range(2))
    wrote = min((in_child(export) for _ in range(2)), key=lambda one: one["seconds"])
    read = min((in_child(verify) for _ in range(2)), key=lambda one: one["seconds"])
    name_ = "sha256sum+zip+age"
    return [
        Line("ekspor", wrote["seconds"], baseline, name_, 1.0),
        Line("periksa", read["seconds"], baseline, name_, 0.4),
        Line("memori ekspor", wrote["peak"], 100, "MiB", 1.0, "MiB"),
        Line("memori periksa", read["peak"], 100, "MiB", 1.0, "MiB"),
    ]


# Many small ones -------------------------------------------------------------------------------


def many(folder: Path, files: int, rows: int, url: Callable[[], str] | None) -> list[Line]:
    """Receive bundles of many villages; load the rows of each in the plain way beside it."""
    from siks_offline.dinsos import receive

    kind = "sqlite" if url is None else "postgresql"
    made = make_office(folder / kind, url=None if url is None else url())
    villages = [
        village_of(made.keyset, folder / kind / "desa" / str(n), f"350912{2001 + n:04}")
        for n in range(files)
    ]
    bodies: list[bytes] = []
    paths = []
    for village in villages:
        register(made, village)
        lines = [visit(village, number) for number in range(rows)]
        bodies += [canonical.dumps(one) for one in lines]
        paths.append(village.send(lines))
    random.Random(300).shuffle(paths)  # they come in no order
    with _executemany(folder) if url is None else _copy(url()) as load:

        def plain(number: int) -> tuple[float, float]:
            """Parse the lines of a bundle, then load the rows that they came to."""
            part = bodies[rows * number : rows * (number + 1)]
            tables = _stored(made, rows * number)
            return lasted(lambda: [json.loads(one) for one in part]), lasted(lambda: load(tables))

        receive.accept(made, paths[0], NOW)  # what is read once: instrument, statements
        plain(0)
        each, parsed, loaded = [], [], []
        for number, path in enumerate(paths[1:], 1):  # by turns: a busy machine moves all three
            each.append(lasted(lambda path=path: receive.accept(made, path, NOW)))
            for found, seconds in zip((parsed, loaded), plain(number), strict=True):
                found.append(seconds)
    made.close()
    baseline = median(parsed) + median(loaded)
    share = len(each) // 5
    first, last = median(each[:share]), median(each[-share:])
    return [
        Line(
            f"terima {kind}", median(each) * 1000, baseline * 1000, "json + muat polos", 3.0, "ms"
        ),
        Line(f"terima {kind}, akhir", last * 1000, first * 1000, "awal", 1.25, "ms"),
    ]


def _stored(made: Office, before: int) -> dict[Any, list[dict[str, Any]]]:
    """The rows by table that came into the store after so many revisions."""
    from sqlalchemy import select

    revisions, persons = office_tables.revisions, office_tables.persons
    with made.store.read() as session:
        return {
            table: [dict(row) for row in session.execute(select(table).where(new)).mappings()]
            for table, new in (
                (revisions, revisions.c.number > before),
                (persons, persons.c.revision > before),
            )
        }


@contextmanager
def _executemany(folder: Path) -> Iterator[Callable[[dict[Any, list[dict]]], None]]:
    """Load rows into a file of the same schema and cipher, one durable commit a bundle."""
    store = engine.create_office(folder / "polos.db", os.urandom(32))
    raw = store.engine.execution_options(siks_write=True).raw_connection()
    cursor = raw.cursor()
    cursor.execute("PRAGMA query_only=OFF")

    def load(tables: dict[Any, list[dict]]) -> None:
        cursor.execute("BEGIN IMMEDIATE")
        for table, part in tables.items():
            names = list(part[0])
            marks = ",".join("?" * len(names))
            statement = f"INSERT INTO {table.name} ({','.join(names)}) VALUES ({marks})"
            cursor.executemany(statement, [tuple(row.values()) for row in part])
        cursor.execute("COMMIT")

    yield load
    raw.close()
    store.close()


@contextmanager
def _copy(url: str) -> Iterator[Callable[[dict[Any, list[dict]]], None]]:
    """Load rows by COPY into the same schema, one durable commit a bundle."""
    store = engine.create_office(url)
    raw = store.engine.raw_connection()
    cursor = raw.cursor()

    def load(tables: dict[Any, list[dict]]) -> None:
        for table, part in tables.items():
            with cursor.copy(f"COPY {table.name} ({','.join(part[0])}) FROM STDIN") as copy:
                for row in part:
                    copy.write_row(tuple(row.values()))
        raw.commit()

    yield load
    raw.close()
    store.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rumah-tangga", type=int, default=20_000)
    parser.add_argument("--foto", type=int, default=200, help="MB of photos")
    parser.add_argument("--berkas", type=int, default=300)
    parser.add_argument("--isi", type=int, default=100, help="households a bundle")
    args = parser.parse_args()
    from tests.dinsos import server

    folder = Path(tempfile.mkdtemp(prefix="siks-bench-"))
    try:
        lines = one_file(folder, args.rumah_tangga, args.foto)
        lines += many(folder, args.berkas, args.isi, None)
        if server.programs() is not None:
            nothing: Any = None
            with server.started(nothing, durable=True) as url:
                lines += many(folder, args.berkas, args.isi, url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report(lines)


if __name__ == "__main__":
    sys.exit(main())
