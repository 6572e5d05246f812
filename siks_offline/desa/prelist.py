"""A prelist comes in: what a workbook would change, then the change itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from siks_offline.desa.rights import action
from siks_offline.errors import WorkbookError
from siks_offline.export import prelist_book
from siks_offline.instrument import promoted
from siks_offline.model import Changes
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.db.households import Listed
    from siks_offline.desa.village import Village
    from siks_offline.export.layouts import Jenis
    from siks_offline.export.prelist_book import BookHousehold, Reading
    from siks_offline.model import CellIssue
    from siks_offline.progress import Progress

Result = Literal["ditambah", "diperbarui", "dilewati", "ditolak"]
CHUNK = 2_000
_PLAIN = "sederhana"


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What would become of one household of the file, and why when it is not simply added.

    `reason` is a code: of the issue that refuses it, I_SAMA (nothing new), I_SUDAH_DIMULAI (its
    visit has begun and keeps its answers) or I_SUDAH_ADA (another list knows this family).
    """

    id: str
    idbdt: str
    nama_krt: str
    sheet: str
    row: int
    result: Result
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PrelistCounts:
    """How many households a file adds, brings up to date, leaves alone and gets refused."""

    ditambah: int = 0
    diperbarui: int = 0
    dilewati: int = 0
    ditolak: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What loading a file would do; nothing has been written."""

    jenis: Jenis | Literal["siks"]
    file_name: str
    lines: tuple[PreviewLine, ...]
    issues: tuple[CellIssue, ...]
    bps: str
    """BPS code that the village has after loading; empty when none is known."""
    pending: tuple[tuple[str, str | None, str], ...]
    """Id, IDBDT and content (JSON text) of the households to be written."""
    version: int = 0
    """Version of a prelist that the Dinsos signed; 0 for a workbook."""

    @property
    def counts(self) -> PrelistCounts:
        """How many households of each result."""
        results = [line.result for line in self.lines]
        return PrelistCounts(
            results.count("ditambah"),
            results.count("diperbarui"),
            results.count("dilewati"),
            results.count("ditolak"),
        )

    @property
    def added(self) -> int:
        """Households that are new."""
        return self.counts.ditambah

    @property
    def updated(self) -> int:
        """Households of which the file says something else than the last one did."""
        return self.counts.diperbarui

    @property
    def skipped(self) -> int:
        """Households of which the file says nothing new."""
        return self.counts.dilewati

    @property
    def refused(self) -> int:
        """Households of which nothing may be loaded."""
        return self.counts.ditolak


@action
def preview(
    village: Village, path: Path, *, bind: bool = False, progress: Progress = silent
) -> Preview:
    """Read a prelist workbook and say, household by household, what loading it would do.

    `bind` takes the region code of the file for this village's although no names say so.
    Raises what prelist_book.read raises; faults of rows are issues.
    """
    reading = prelist_book.read(path, village.instrument, village.kode_desa, progress)
    bound = prelist_book.bound_code(reading, village.bps, bind=bind)
    with village.store.read() as session:
        desk = _Desk(village, session, reading, bound, bind=bind)
        lines = tuple(desk.lines())
    assert reading.jenis is not None
    return Preview(
        jenis=reading.jenis,
        file_name=path.name,
        lines=lines,
        issues=tuple(sorted(reading.issues, key=lambda issue: (issue.sheet, issue.row))),
        bps=bound,
        pending=tuple(desk.pending),
    )


@action
def load(
    village: Village,
    found: Preview,
    now: datetime,
    progress: Progress = silent,
    *,
    within: Session | None = None,
) -> tuple[PrelistCounts, Changes]:
    """Write what a preview found, in one transaction; return the counts and what it touched.

    `within` is a transaction of the caller's, who has kept a copy of the village before and sets
    its `bps` when all is written.

    Answers that were typed, and visits that have begun, stay as they are (BUNDLE.md section 3).
    A file that says nothing new writes nothing, not even a line of the audit. Raises StoreError.
    """
    counts = found.counts
    if not found.pending and found.bps == village.bps and not found.version:
        return counts, Changes()
    from siks_offline.db import audit, households, meta
    from siks_offline.desa import copies
    from siks_offline.export.canonical import stamp

    if within is None:
        copies.keep(village, "impor", now)
    touched: set[str] = set()
    total = len(found.pending)
    with village.store.write(within) as session:
        progress(0, total)
        for start in range(0, total, CHUNK):
            part = found.pending[start : start + CHUNK]
            loaded = households.upsert_many(session, map(_listed_again, part))
            touched.update(loaded.added, loaded.updated)
            progress(start + len(part), total)
        if found.bps != village.bps:
            meta.put(session, "bps", found.bps)
        if found.version:
            meta.put(session, "prelist.versi", str(found.version))
        audit.append(
            session,
            account=village.account,
            action="prelist.muat",
            at=stamp(now),
            subject=found.file_name,
            detail={
                "jenis": found.jenis,
                "ditambah": counts.ditambah,
                "diperbarui": counts.diperbarui,
                "bps": found.bps,
            },
        )
    if within is None:
        village.bps = found.bps
    return counts, Changes(households=frozenset(touched), prelist=True)


class _Desk:
    """Judges the households of one reading against what the village knows."""

    def __init__(
        self, village: Village, session: Session, reading: Reading, bound: str, *, bind: bool
    ) -> None:
        from siks_offline.db import households

        self._db = households
        self._village = village
        self._session = session
        self._reading = reading
        self._bound = bound
        self._bind = bind
        self._hashes = households.prelist_hashes(session)
        self._ids = households.ids_by_idbdt(session)
        self._known = set(self._hashes) | set(self._ids.values())
        self._untouched = set(households.find(session, kerja="belum")) if self._known else set()
        self._of_village = promoted.of_village(
            village.instrument.questions, village.kode_desa, bound
        )
        self.pending: list[tuple[str, str | None, str]] = []

    def lines(self) -> Iterator[PreviewLine]:
        """Yield the line of each household, in order of the file."""
        seen: set[str] = set()
        for household in self._reading.take():
            id_ = self._ids.get(household.idbdt, household.id) if household.idbdt else household.id
            result, reason = self._judged(id_, household, seen)
            seen.add(id_)
            yield PreviewLine(
                id_,
                household.idbdt,
                household.nama_krt,
                household.sheet,
                household.row,
                result,
                reason,
            )

    def _judged(self, id_: str, household: BookHousehold, seen: set[str]) -> tuple[Result, str]:
        if household.refused:
            return "ditolak", household.refused
        place = household.place
        code = self._village.kode_desa
        if not prelist_book.belongs(place, code, self._bound, bind=self._bind):
            where = place.kode or f"{place.desa}, {place.kecamatan}"
            error = WorkbookError("E_WILAYAH", wilayah=where, desa=self._village.nama_desa)
            self._reading.issue(error, household.sheet, household.row)
            return "ditolak", error.code
        if id_ not in self._known and self._is_listed_elsewhere(household):
            return "dilewati", "I_SUDAH_ADA"
        listed = self._listed(id_, household)
        if self._hashes.get(id_) == self._db.fingerprint(listed):
            return "dilewati", "I_SAMA"
        if id_ in seen:  # two keys of one file may lead to one household
            return "dilewati", "I_SUDAH_ADA"
        self.pending.append(packed(listed))
        if id_ not in self._known:
            return "ditambah", ""
        return "diperbarui", "" if id_ in self._untouched else "I_SUDAH_DIMULAI"

    def _is_listed_elsewhere(self, household: BookHousehold) -> bool:
        """Whether another household holds the family of a plain list, by its card or a NIK."""
        if self._reading.jenis != _PLAIN or household.idbdt or not self._known:
            return False
        people = promoted.members(household.answers)
        cards = {card for one in people if (card := one.get(promoted.NO_KK))}
        if any(self._db.with_no_kk(self._session, card) for card in cards):
            return True
        niks = {nik for one in people if (nik := one.get(promoted.NIK))}
        return not cards and any(self._db.with_nik(self._session, nik) for nik in niks)

    def _listed(self, id_: str, household: BookHousehold) -> Listed:
        answers = {**self._of_village, **household.answers}
        return listed(id_, household.idbdt or None, answers, household.persons)


def listed(id_: str, idbdt: str | None, answers: Mapping[str, Any], ids: Sequence[str]) -> Listed:
    """Return a household as the store takes it; `ids` are those of its members in order."""
    from siks_offline.db.households import Facts, Listed

    facts = {name: value for name, value in promoted.columns(answers).items() if name != "idbdt"}
    persons = promoted.persons(answers, ids)
    return Listed(id=id_, facts=Facts(**facts), idbdt=idbdt, answers=answers, persons=persons)


def show(session: Session, village: Village, households_: Sequence[str], now: datetime) -> None:
    """Let lists and searches show what the list tells of households that nobody visits any more."""
    from siks_offline.db import households
    from siks_offline.desa import revision

    for id_ in households_:
        answers = households.prelist_answers(session, id_)
        persons = revision.person_ids(session, village, id_, answers, None, now)
        one = listed(id_, None, answers, persons)
        households.refresh(session, id_, one.facts, one.persons)
    households.shown(session, households_)


# A preview of ten thousand households is kept as text: a tenth of the memory of its values.


def packed(one: Listed) -> tuple[str, str | None, str]:
    """Return a household as a preview keeps it: id, IDBDT and the rest as JSON text."""
    ids = [person.id for person in one.persons]
    content = json.dumps([one.answers, ids], ensure_ascii=False, separators=(",", ":"))
    return one.id, one.idbdt, content


def _listed_again(packed: tuple[str, str | None, str]) -> Listed:
    id_, idbdt, content = packed
    answers, ids = json.loads(content)
    return listed(id_, idbdt, answers, ids)
