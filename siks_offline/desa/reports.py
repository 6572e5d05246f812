"""Reports of a village: recaps, the road from prelist awal to receipt, poverty indicators.

A report is a table of texts and numbers; screen, Excel and CSV show the same one. Which questions
are counted stands in resources/laporan.toml.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from siks_offline import texts, wilayah
from siks_offline.desa import moves, people_lists
from siks_offline.desa.rights import action
from siks_offline.errors import UsageError
from siks_offline.instrument import promoted
from siks_offline.instrument.numbering import split_label
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.db.reports import Fact
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress

Kind = Literal[
    "rt", "rw", "dusun", "petugas", "akun", "status", "tahap", "indikator", "daftar", "perbedaan",
    "masalah_nik",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
COUNTED: Final[tuple[Kind, ...]] = KINDS[:8]
"""Reports that count; the others are lists of people."""

_SENT: Final = frozenset({"dikirim", "diterima", "diterima_lisan", "ditahan", "ditolak"})
_RECEIVED: Final = frozenset({"diterima", "diterima_lisan"})
_UNKNOWN: Final = "-"


@dataclass(frozen=True, slots=True)
class Table:
    """A report. Cells are texts; `numbers` are the places of columns that hold counts or percents.

    `bars` are the places of the columns that a chart compares: a whole, then a part of it (or the
    whole alone). `total` is empty where a sum says nothing.
    """

    kind: Kind
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    total: tuple[str, ...] = ()
    bars: tuple[int, ...] = ()


@action
def table(village: Village, kind: Kind, progress: Progress = silent) -> Table:
    """Return one report of the present period. Raises UsageError E_LAPORAN for an unknown kind."""
    made: dict[str, Callable[[], Table]] = {
        "rt": lambda: _recap(village, kind, lambda one: people_lists.area(one.rt, one.rw)),
        "rw": lambda: _recap(village, kind, lambda one: wilayah.padded(one.rw)),
        "dusun": lambda: _recap(village, kind, lambda one: one.dusun),
        "petugas": lambda: _officers(village, progress),
        "akun": lambda: _accounts(village),
        "status": lambda: _states(village, progress),
        "tahap": lambda: _stages(village),
        "indikator": lambda: _indicators(village, progress),
        "daftar": lambda: _listed("daftar", *people_lists.results(village, progress)),
        "perbedaan": lambda: _listed("perbedaan", *people_lists.differing(village)),
        "masalah_nik": lambda: _listed("masalah_nik", *people_lists.troubled(village)),
    }
    if kind not in made:
        raise UsageError("E_LAPORAN", jenis=kind)
    return made[kind]()


@action
def book(
    village: Village,
    path: Path,
    kinds: Sequence[Kind],
    now: datetime,
    progress: Progress = silent,
) -> int:
    """Write reports as one workbook, a sheet each; return how many rows. Raises FileError."""
    from siks_offline.export import report_book

    found = []
    for number, kind in enumerate(kinds):
        progress(number, len(kinds))
        found.append(table(village, kind))
    report_book.write(path, [_sheet(one) for one in found], _words(village, now))
    _note(village, path, kinds, now)
    return sum(len(one.rows) for one in found)


@action
def write_csv(village: Village, path: Path, kind: Kind, now: datetime) -> int:
    """Write one report as CSV; return how many rows. Raises FileError."""
    from siks_offline.export import delimited

    found = table(village, kind)
    delimited.write(path, found.columns, [*found.rows, *([found.total] if found.total else [])])
    _note(village, path, [kind], now)
    return len(found.rows)


def _sheet(one: Table) -> tuple[str, Sequence[str], Sequence[Sequence[str]], frozenset[int]]:
    rows = [*one.rows, *([one.total] if one.total else [])]
    return one.title, one.columns, rows, one.numbers


def _words(village: Village, now: datetime) -> str:
    return texts.text(
        "laporan.kepala",
        desa=village.nama_desa,
        periode=village.period,
        saat=f"{now.astimezone():%d-%m-%Y %H.%M}",
    )


def _note(village: Village, path: Path, kinds: Sequence[Kind], now: datetime) -> None:
    """A file with names and numbers leaves the program: the audit knows who took it."""
    from siks_offline.db import audit
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        audit.append(
            session,
            account=village.account,
            action="laporan.tulis",
            at=stamp(now),
            subject=path.name,
            detail={"jenis": list(kinds)},
        )


# --- counting -------------------------------------------------------------------------------------


def _facts(village: Village) -> list[Fact]:
    from siks_offline.db import reports

    with village.store.read() as session:
        return reports.facts(session, village.period)


def _make(
    kind: Kind,
    names: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numbers: Iterable[int] = (),
    bars: Sequence[int] = (),
    summed: bool = True,
) -> Table:
    cells = tuple(tuple(str(cell) for cell in row) for row in rows)
    counted = frozenset(numbers)
    total: tuple[str, ...] = ()
    if summed and counted and len(cells) > 1:
        total = tuple(
            _sum(row[at] for row in cells) if at in counted else "" for at in range(len(names))
        )
        total = (texts.text("laporan.jumlah"), *total[1:])
    return Table(
        kind,
        texts.text(f"laporan.judul.{kind}"),
        tuple(texts.text(f"laporan.kolom.{name}") for name in names),
        cells,
        counted,
        total,
        tuple(bars),
    )


def _sum(cells: Iterable[str]) -> str:
    found = [int(cell) for cell in cells if cell.isdigit()]
    return str(sum(found)) if found else _UNKNOWN


def _recap(village: Village, kind: Kind, group: Callable[[Fact], str]) -> Table:
    names = (
        kind, "rumah_tangga", "anggota", "belum", "draf", "dikembalikan", "selesai", "dikirim",
        "diterima",
    )  # fmt: skip
    found: dict[str, list[Fact]] = {}
    for one in _facts(village):
        found.setdefault(group(one) or texts.text("laporan.tanpa"), []).append(one)
    rows = []
    for name, homes in found.items():
        work = Counter(one.kerja for one in homes)
        rows.append(
            (
                name, len(homes), sum(one.anggota for one in homes), work["belum"], work["draf"],
                work["dikembalikan"], work["selesai"], _count(homes, _SENT),
                _count(homes, _RECEIVED),
            )
        )  # fmt: skip
    if kind == "dusun":
        rows.sort(key=lambda row: str(row[0]))
    return _make(kind, names, rows, numbers=range(1, len(names)), bars=(1, 6))


def _count(homes: Iterable[Fact], states: frozenset[str]) -> int:
    return sum(one.kirim in states for one in homes)


def _stages(village: Village) -> Table:
    """Prelist awal, proposals, prelist akhir, visited, sent, received, by RT.

    The prelist akhir is what the musyawarah left (found, or proposed, and not able); before it has
    said anything of a period there is none.
    """
    from siks_offline.db import meeting
    from siks_offline.meeting import FINAL, OPEN

    facts = _facts(village)
    with village.store.read() as session:
        columns = meeting.columns(session, village.period)
    spoken = any(column not in OPEN for column in columns.values())
    found: dict[str, list[Fact]] = {}
    for one in facts:
        found.setdefault(
            people_lists.area(one.rt, one.rw) or texts.text("laporan.tanpa"), []
        ).append(one)
    names = ("rt", "awal", "usulan", "akhir", "dikunjungi", "dikirim", "diterima")
    rows = [
        (
            name,
            sum(one.source == "prelist" for one in homes),
            sum(one.source != "prelist" for one in homes),
            sum(columns.get(one.id) in FINAL for one in homes) if spoken else _UNKNOWN,
            sum(bool(one.by) for one in homes),
            _count(homes, _SENT),
            _count(homes, _RECEIVED),
        )
        for name, homes in found.items()
    ]
    return _make("tahap", names, rows, numbers=range(1, len(names)), bars=(1, 4))


def _accounts(village: Village) -> Table:
    work = Counter(one.by for one in _facts(village) if one.by)
    rows = work.most_common()
    return _make("akun", ("akun", "selesai"), rows, numbers=(1,), bars=(1,))


def _officers(village: Village, progress: Progress) -> Table:
    """Officers: how many households their RT hold, how many they visited by the answers."""
    from siks_offline.db import meeting

    question = people_lists.book()["petugas"]
    facts = {one.id: one for one in _facts(village)}
    with village.store.read() as session:
        given = meeting.officers(session)
        visited: Counter[str] = Counter()
        received: Counter[str] = Counter()
        for id_, answers in _visits(session, village, progress):
            name = str(answers.get(question, "")).strip().upper() or texts.text("laporan.tanpa")
            visited[name] += 1
            received[name] += facts[id_].kirim in _RECEIVED
    assigned: Counter[str] = Counter()
    for one in facts.values():
        if who := given.get((one.rw, one.rt), "").strip().upper():
            assigned[who] += 1
    names = ("petugas", "tugas", "dikunjungi", "diterima")
    everybody = sorted(assigned.keys() | visited.keys())
    rows = [(who, assigned[who], visited[who], received[who]) for who in everybody]
    return _make("petugas", names, rows, numbers=(1, 2, 3), bars=(2, 3))


def _states(village: Village, progress: Progress) -> Table:
    facts = _facts(village)
    whole = len(facts)
    rows: list[tuple[str, str, int, str]] = []
    for name, states in (("kerja", "ui.kerja"), ("kirim", "ui.kirim")):
        held = Counter(getattr(one, name) for one in facts)
        rows += [
            (texts.text(f"laporan.{name}"), texts.text(f"{states}.{state}"), many,
             _share(many, whole))
            for state, many in held.most_common()
        ]  # fmt: skip
    results: Counter[str] = Counter()
    presence: Counter[str] = Counter()
    book = people_lists.book()
    with village.store.read() as session:
        for _, answers in _visits(session, village, progress):
            _note_code(results, village, answers, book["hasil"])
            for member in promoted.members(answers):
                _note_code(presence, village, member, book["keberadaan"])
        changes = moves.counted(session, village.period)
    for name, found in (("hasil", results), ("keberadaan", presence), ("perubahan", changes)):
        rows += [
            (texts.text(f"laporan.{name}"), label, many, _share(many, found.total()))
            for label, many in found.most_common()
        ]
    names = ("golongan", "keadaan", "jumlah", "persen")
    return _make("status", names, rows, numbers=(2, 3), bars=(2,), summed=False)


def _note_code(
    into: Counter[str], village: Village, answers: Mapping[str, Any], questions: Iterable[str]
) -> None:
    """Count what the first of some questions that was answered says, in words."""
    for question in questions:
        if code := answers.get(question):
            into[people_lists.label(village.instrument, question, str(code))] += 1
            break


def _indicators(village: Village, progress: Progress) -> Table:
    """How the visited households answer the questions that tell of poverty."""
    instrument = village.instrument
    asked = [
        one for one in people_lists.book()["indikator"] if one["pertanyaan"] in instrument.questions
    ]
    held: dict[str, Counter[str]] = {one["pertanyaan"]: Counter() for one in asked}
    with village.store.read() as session:
        for _, answers in _visits(session, village, progress):
            for question, codes in held.items():
                if code := answers.get(question):
                    codes[str(code)] += 1
    rows = []
    for one in asked:
        question = one["pertanyaan"]
        whole = held[question].total()
        words = split_label(instrument.questions[question].label)[1]
        for choice in instrument.options(question):
            many = held[question][choice.code]
            poor = texts.text("laporan.kurang") if choice.code in one["kode"] else ""
            rows.append((words, choice.label, many, _share(many, whole), poor))
    names = ("penanda", "jawaban", "rumah_tangga", "persen", "tanda")
    return _make("indikator", names, rows, numbers=(2, 3), bars=(2,), summed=False)


def _visits(
    session: Session, village: Village, progress: Progress
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    from siks_offline.db import visits

    for number, one in enumerate(visits.completed(session, village.period), start=1):
        if number % 200 == 0:
            progress(number, 0)
        yield one.household_id, one.answers


def _listed(kind: Kind, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Table:
    return Table(kind, texts.text(f"laporan.judul.{kind}"), columns, rows)


def _share(many: int, whole: int) -> str:
    return f"{100 * many / whole:.1f}".replace(".", ",") if whole else _UNKNOWN
