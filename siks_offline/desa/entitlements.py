"""Cek status: the lists of who was determined to receive what, asked at the counter.

The village reads these lists and decides nothing of them. Numbers are shown masked; whoever may see
them whole says why, and the audit keeps it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from siks_offline import nik, texts
from siks_offline.desa import likeness
from siks_offline.desa.rights import action
from siks_offline.errors import StoreError, UsageError
from siks_offline.export import outside_lists
from siks_offline.export.outside_lists import PROGRAM
from siks_offline.model import Changes
from siks_offline.period import begins
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.db.entitlements import Entry, Found, Listing, Place
    from siks_offline.desa.village import Village
    from siks_offline.export.outside_lists import Kind, OutsideList
    from siks_offline.model import CellIssue
    from siks_offline.progress import Progress

LEAST_DIGITS: Final = 6
LEAST_REASON: Final = 3
MOST: Final = 60
_OF_COLLECTORS: Final = "SEMBAKO"
"""Programme of a list of collectors that names none: such lists are BPNT's."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What loading a determination list would do; nothing has been written."""

    kind: Kind
    file_name: str
    period: str
    entries: tuple[Entry, ...]
    refused: int
    issues: tuple[CellIssue, ...]
    sha256: str
    known: bool
    """Whether this very list was loaded before."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A person on the lists as the counter sees them; numbers are masked."""

    number: int
    nama: str
    nik: str
    no_kk: str
    place: str
    desil: str
    programs: tuple[str, ...]
    period: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a citizen is told: who was asked about, then sentences; numbers are masked or whole."""

    nama: str
    nik: str
    no_kk: str
    place: str
    sentences: tuple[str, ...]
    household_id: str
    """The household of this village that has the NIK; empty when none has."""
    whole: bool = False


@action
def preview(village: Village, path: Path, period: str = "", progress: Progress = silent) -> Preview:
    """Read a determination list and say what it holds; `period` is the village's unless named.

    Raises what outside_lists.read raises; faults of rows are issues.
    """
    found = outside_lists.read(path, outside_lists.DETERMINING, progress)
    return judge(village, found, path.name, period)


@action
def judge(village: Village, found: OutsideList, name: str, period: str = "") -> Preview:
    """Say of a list that was read what loading it would do."""
    from siks_offline.db import entitlements

    when = period.strip() or village.period
    usable = [row.values for row in found.rows if not row.refused]
    entries = sorted(
        (_entry(found.kind, values) for values in usable), key=lambda one: (one.nama, one.nik)
    )
    said = attrgetter(*entitlements.Entry.__dataclass_fields__)  # astuple() copies deeply
    text = json.dumps([found.kind, when, [said(one) for one in entries]], ensure_ascii=False)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    with village.store.read() as session:
        known = entitlements.known(session, sha256)
    return Preview(
        kind=found.kind,
        file_name=name,
        period=when,
        entries=tuple(entries),
        refused=len(found.rows) - len(usable),
        issues=tuple(found.issues),
        sha256=sha256,
        known=known,
    )


@action
def load(
    village: Village, found: Preview, now: datetime, *, within: Session | None = None
) -> tuple[int, Changes]:
    """Keep a list, in one transaction; return how many rows are new. The same again is nothing."""
    from siks_offline.db import audit, entitlements
    from siks_offline.export.canonical import stamp

    with village.store.write(within) as session:
        if entitlements.known(session, found.sha256):
            return 0, Changes()
        entitlements.store(
            session,
            kind=found.kind,
            name=found.file_name,
            period=found.period,
            sha256=found.sha256,
            at=stamp(now),
            by=village.account,
            entries=[(one, likeness.normal(one.nama).split()) for one in found.entries],
        )
        audit.append(
            session,
            account=village.account,
            action="penetapan.muat",
            at=stamp(now),
            subject=found.file_name,
            detail={"jenis": found.kind, "periode": found.period, "baris": len(found.entries)},
        )
    return len(found.entries), Changes(prelist=True)


@action
def forget(village: Village, number: int, now: datetime) -> Changes:
    """Delete a list, such as one that the Dinsos replaced. Raises StoreError E_DAFTAR_UNKNOWN."""
    from siks_offline.db import audit, entitlements
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        rows = entitlements.forget(session, number)
        if not rows:
            raise StoreError("E_DAFTAR_UNKNOWN", nomor=number)
        audit.append(
            session,
            account=village.account,
            action="penetapan.hapus",
            at=stamp(now),
            subject=str(number),
            detail={"baris": rows},
        )
    return Changes(prelist=True)


@action
def lists(village: Village) -> list[Listing]:
    """Return the lists that were loaded, newest period first."""
    from siks_offline.db import entitlements

    with village.store.read() as session:
        return entitlements.lists(session)


@action
def places(village: Village) -> list[Place]:
    """Return the regions that a search can be kept to: desa, then dusun, then RT."""
    from siks_offline.db import entitlements

    with village.store.read() as session:
        found = entitlements.places(session)
    wider = {replace(one, rt="", rw="", dusun="") for one in found if one.desa}
    wide = {replace(one, rt="", rw="") for one in found if one.dusun}
    exact = {one for one in found if one.rt}
    return sorted(wider | wide | exact, key=astuple)


@action
def find(village: Village, text: str, place: Place | None = None) -> list[Hit]:
    """Return the people whose names, NIK or No KK begin as typed, one line a person.

    A number needs six digits; a name is found however old papers spell it. Nothing typed finds
    nobody. At most 60 rows are looked at.
    """
    from siks_offline.db import entitlements

    digits = nik.clean(text)
    number = digits if digits.isdigit() and len(digits) >= LEAST_DIGITS else ""
    words = () if digits.isdigit() else tuple(likeness.normal(text).split())
    if not number and not words:
        return []
    with village.store.read() as session:
        rows = entitlements.find(session, words=words, place=place, digits=number, limit=MOST)
    people: dict[tuple[str, ...], list[Found]] = {}
    for one in rows:
        entry = one.entry
        people.setdefault((entry.nik or entry.no_kk, entry.nama), []).append(one)
    hits = [_hit(same) for same in people.values()]
    return sorted(hits, key=lambda hit: (hit.nama, hit.nik))


@action
def answer(village: Village, number: int) -> Answer:
    """Say what the lists say of a person, in sentences for the person; numbers are masked.

    Raises StoreError E_DAFTAR_UNKNOWN when the row is no more.
    """
    with village.store.read() as session:
        return _answer(session, number, whole=False)


@action
def reveal(village: Village, number: int, reason: str, now: datetime) -> Answer:
    """Say the same with whole numbers; who asked, and why, is kept.

    Raises UsageError E_CEK_REASON without a reason, StoreError E_DAFTAR_UNKNOWN.
    """
    from siks_offline.db import audit
    from siks_offline.export.canonical import stamp

    why = " ".join(reason.split())
    if len(why) < LEAST_REASON:
        raise UsageError("E_CEK_REASON")
    with village.store.write() as session:
        found = _answer(session, number, whole=True)
        audit.append(
            session,
            account=village.account,
            action="cek.buka_nomor",
            at=stamp(now),
            subject=str(number),
            detail={"alasan": why},
        )
    return found


@action
def slip(village: Village, found: Answer, path: Path, now: datetime) -> None:
    """Write what a citizen was told as PDF to take home. Raises FileError."""
    from siks_offline.export import slip as paper

    local = now.astimezone()
    paper.write(
        path,
        paper.Slip(
            village=village.nama_desa,
            nama=found.nama,
            nik=found.nik,
            place=found.place,
            sentences=found.sentences,
            printed=f"{local:%d-%m-%Y %H.%M}",
            practice=village.practice,
        ),
    )


# --- one row --------------------------------------------------------------------------------------


def _entry(kind: Kind, values: Mapping[str, str]) -> Entry:
    from siks_offline.db.entitlements import Entry

    codes = values.get("program", "").split()
    codes += [name.removeprefix(PROGRAM) for name in values if name.startswith(PROGRAM)]
    if kind == "pengurus" and not codes:
        codes = [_OF_COLLECTORS]
    known = Entry.__dataclass_fields__
    return Entry(
        **{name: value for name, value in values.items() if name in known}
        | {
            "nama": values.get("nama", "").upper(),
            "programs": " ".join(dict.fromkeys(codes)),
            "status": values.get("status", "") or values.get("periode", ""),
            "rekening": values.get("rekening", "") or values.get("kartu", ""),
            "rt": _number(values.get("rt", "")),
            "rw": _number(values.get("rw", "")),
        }
    )


def _number(text: str) -> str:
    return f"{int(text):03}" if text.isdigit() else text


def _hit(same: Sequence[Found]) -> Hit:
    newest = max(same, key=lambda one: (begins(one.period), one.number))
    entry = newest.entry
    codes = [code for one in same for code in one.entry.programs.split()]
    return Hit(
        number=newest.number,
        nama=entry.nama or texts.text("cek.tanpa_nama"),
        nik=nik.mask(entry.nik),
        no_kk=nik.mask(entry.no_kk),
        place=_place_words(entry, short=True),
        desil=next((one.entry.desil for one in same if one.entry.desil), ""),
        programs=tuple(dict.fromkeys(codes)),
        period=newest.period,
    )


def _place_words(entry: Entry, *, short: bool = False) -> str:
    if short:
        area = "/".join(part for part in (entry.rt, entry.rw) if part)
        return ", ".join(part for part in (area, entry.desa) if part)
    area = " ".join(
        f"{texts.text(f'cek.{name}')} {value}"
        for name, value in (("rt", entry.rt), ("rw", entry.rw))
        if value
    )
    return ", ".join(part for part in (area, entry.dusun, entry.desa, entry.kecamatan) if part)


# --- what is told ---------------------------------------------------------------------------------


def _answer(session: Session, number: int, *, whole: bool) -> Answer:
    from siks_offline.db import entitlements, households

    row = entitlements.row(session, number)
    if row is None:
        raise StoreError("E_DAFTAR_UNKNOWN", nomor=number)
    entry = row.entry
    home = households.with_nik(session, entry.nik)[:1] if entry.nik else []
    card = entry.no_kk or (home[0].person.no_kk if home else "")
    found = entitlements.of_person(session, entry.nik, card) or [row]
    shown = str if whole else nik.mask
    nama = entry.nama or (home[0].person.nama if home else "") or texts.text("cek.tanpa_nama")
    return Answer(
        nama=nama,
        nik=shown(entry.nik),
        no_kk=shown(card),
        place=_place_words(entry),
        sentences=tuple(_sentences(nama, found)),
        household_id=home[0].household_id if home else "",
        whole=whole,
    )


def _sentences(nama: str, found: Sequence[Found]) -> Iterator[str]:
    """Say desil, then programmes by their newest list; `found` is newest first."""
    ranked = next((one for one in found if one.entry.desil), None)
    if ranked is not None:
        desil = ranked.entry.desil
        yield texts.text("cek.desil", nama=nama, desil=desil, periode=ranked.period)
        yield texts.text(f"cek.arti_desil_{_class(int(desil))}")
    told: dict[str, Found] = {}
    for one in found:
        for code in one.entry.programs.split():
            told.setdefault(code, one)
    for code, one in told.items():
        key = f"cek.program.{code}"
        name = texts.text(key) if texts.has(key) else code
        status = f" ({one.entry.status})" if one.entry.status else ""
        yield texts.text("cek.mendapat", program=name, periode=one.period, keadaan=status)
    if not told:
        yield texts.text("cek.tanpa_bantuan", periode=found[0].period)
    yield texts.text("cek.sumber")


def absent(periods: Iterable[str]) -> tuple[str, ...]:
    """Return what a citizen is told who is on no list; `periods` are those of the lists."""
    newest = max(periods, key=begins, default="")
    if not newest:
        return (texts.text("cek.belum_ada_daftar"),)
    return (texts.text("cek.tidak_ada", periode=newest), texts.text("cek.tidak_ada_lalu"))


def _class(desil: int) -> str:
    return "rendah" if desil <= 4 else "tengah" if desil <= 7 else "tinggi"
