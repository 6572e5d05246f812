"""The district's Berita Acara Hasil Verifikasi dan Validasi: every household counted once.

Columns of FIELD.md 3.5 per kecamatan: a done, b not found, c moved or building gone, d double or
part of another, e refused, f new proposals, g = a + f valid. Two more keep the sum whole: `mampu`
for those the musyawarah judged able, `belum` for those of whom nothing final was said.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from siks_offline import wilayah
from siks_offline.db import office_records, office_visits
from siks_offline.instrument import outcomes, promoted
from siks_offline.meeting import Column, Verdict, column_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from siks_offline.dinsos.office import Office

LETTERS: Final = ("a", "b", "c", "d", "e", "f")
REST: Final = ("mampu", "belum")
PLACES: Final = (*LETTERS, *REST)
_BY_VERDICT: Final[Mapping[Column, str]] = {
    "ditemukan": "belum",
    "mampu": "mampu",
    "pindah": "c",
    "tidak_ditemukan": "b",
    "ganda": "d",
    "belum": "belum",
    "usulan": "belum",
    "usulan_mampu": "mampu",
    "usulan_belum": "belum",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One kecamatan, or one village: its households by column."""

    kode: str
    nama: str
    columns: Mapping[str, int]

    @property
    def valid(self) -> int:
        """Column g: a + f."""
        return self.columns["a"] + self.columns["f"]

    @property
    def total(self) -> int:
        """All households, each once."""
        return sum(self.columns.values())


@dataclass(frozen=True, slots=True)
class Village:
    """What came of one village's musyawarah."""

    kode: str
    nama: str
    line: Line
    way: str
    """musyawarah, sptjm, or empty when none came."""
    closed_at: str
    counts: Mapping[str, int]
    papers: tuple[tuple[str, str], ...]
    """(Kind, SHA-256) of signed papers."""
    forks: int
    """Records that two devices of the village made differently; one of them stands."""
    changes: Mapping[tuple[str, str], int]
    """What became of households between visits: (kind, reason) to number."""


@dataclass(frozen=True, slots=True)
class Report:
    """A period's Berita Acara."""

    period: str
    kode: str
    nama: str
    lines: tuple[Line, ...]
    villages: tuple[Village, ...]

    @property
    def total(self) -> Line:
        """All kecamatan together."""
        found: Counter[str] = Counter()
        for line in self.lines:
            found.update(line.columns)
        return Line(self.kode, self.nama, {name: found[name] for name in PLACES})


def read(office: Office, period: str = "") -> Report:
    """Return the Berita Acara of a period, the newest of which anything came when empty.

    A function of the set of files, whatever their order.
    """
    with office.store.read() as session:
        known = office_records.periods(session)
        of = period or (known[-1] if known else "")
        placed = _placed(session, of)
        meetings = office_records.heads(session, "musdes", of)
        papers = _papers(session, of)
        changes = office_records.changes(session, of)
        forks = Counter(kode for kode, _ in office_records.forked(session, of))
    by_village: dict[str, Counter[str]] = defaultdict(Counter)
    for (kode, _), place in placed.items():
        by_village[kode][place] += 1
    bodies = {kode: json.loads(row["body"]) for (kode, _), row in meetings.items()}
    villages = tuple(
        _village(kode, by_village[kode], bodies.get(kode), papers[kode], forks[kode], changes[kode])
        for kode in sorted({*by_village, *bodies, *changes})
    )
    by_district: dict[str, Counter[str]] = defaultdict(Counter)
    for one in villages:
        by_district[one.kode[:6]].update(one.line.columns)
    lines = tuple(_line(kode, by_district[kode]) for kode in sorted(by_district))
    return Report(of, office.kode, wilayah.name(office.kode), lines, villages)


def _papers(session: Session, period: str) -> dict[str, list[tuple[str, str]]]:
    """Return the signed papers of a period by village, as (kind, hash).

    Each musyawarah names its own, whichever bundle brought them; a paper that none names is of the
    period of its manifest.
    """
    named = office_records.named_papers(session)
    found = {(kode, kind, sha) for (kode, sha), (kind, of) in named.items() if of == period}
    for row in office_records.documents(session, period):
        if (row["kode_desa"], row["sha256"]) not in named:
            found.add((row["kode_desa"], row["kind"], row["sha256"]))
    papers: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for kode, kind, sha in sorted(found):
        papers[kode].append((kind, sha))
    return papers


def _placed(session: Session, period: str) -> dict[tuple[str, str], str]:
    """Return the one column of every household: by its visit, else its verdict, else its list."""
    verdicts = {
        (kode, row["household_id"]): row
        for (kode, _), row in office_records.heads(session, "verdicts", period).items()
    }
    proposed = {
        (kode, row["household_id"])
        for (kode, _), row in office_records.heads(session, "proposals", period).items()
    }
    listed = set(office_records.awaited(session))
    found = dict.fromkeys((*listed, *proposed), "belum")
    for home, row in verdicts.items():
        said = Verdict(row["household_id"], period, row["status"], row["reason"], able=row["able"])
        column = column_of(row["source"], said)
        found[home] = _dropped(said) if column == "usulan_gugur" else _BY_VERDICT[column]
    for row in office_records.visits(session, period):
        home = (row["kode_desa"], row["household_id"])
        new = home in proposed or (
            home not in listed
            and (row["status_rumahtangga"] == promoted.NEW_PROPOSAL or not row["idbdt"])
        )
        found.setdefault(home, "belum")
        place = outcomes.COLUMN.get(_outcome(session, row))
        if place is not None:
            found[home] = "f" if new and place == "a" else place
    return found


def _dropped(said: Verdict) -> str:
    """Column of a proposal that was not found, or is part of another household."""
    column = column_of("prelist", said)
    return _BY_VERDICT[column]


def _outcome(session: Session, row: Mapping[str, Any]) -> str:
    """What a visit came to; read from its answers where it came before outcomes were noted."""
    if row["outcome"] is not None:
        return str(row["outcome"])
    line = json.loads(office_visits.body(session, row["sha256"]) or "{}")
    name = line["instrument"]
    return outcomes.of_visit((name["id"], name["version"]), line["answers"])


def _line(kode: str, columns: Mapping[str, int]) -> Line:
    return Line(kode, wilayah.name(kode), {name: columns.get(name, 0) for name in PLACES})


def _village(
    kode: str,
    columns: Mapping[str, int],
    body: Mapping[str, Any] | None,
    papers: Iterable[tuple[str, str]],
    forks: int,
    changes: Mapping[tuple[str, str], int],
) -> Village:
    line = _line(kode, columns)
    return Village(
        kode=kode,
        nama=line.nama,
        line=line,
        way=body["way"] if body else "",
        closed_at=body["closed_at"] if body else "",
        counts=body["counts"] if body else {},
        papers=tuple(papers),
        forks=forks,
        changes=changes,
    )
