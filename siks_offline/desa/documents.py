"""Papers that a village office prints: prelist, Berita Acara, SPTJM, forms, slips.

Numbers of people are masked unless the paper is for the field or a reason is given; the audit keeps
who printed what, and why whole numbers stand on it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Final, Literal

from siks_offline import nik, texts, wilayah
from siks_offline.desa import final_list, meeting, proposals, visit
from siks_offline.desa.proposals import note
from siks_offline.desa.rights import action
from siks_offline.errors import SiksError, StoreError
from siks_offline.export.paper_pages import Letterhead
from siks_offline.instrument.promoted import MEMBERS
from siks_offline.progress import silent

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.export.meeting_paper import Office, Printing
    from siks_offline.export.paper_form import Paper
    from siks_offline.export.paper_pages import Pages
    from siks_offline.meeting import AgendaLine
    from siks_offline.progress import Progress

Kind = Literal[
    "prelist-awal", "prelist-akhir", "undangan", "daftar-hadir", "berita-acara", "sptjm",
    "lampiran-akhir", "lampiran-usulan", "lampiran-tidak-ditemukan", "lampiran-mampu", "bnba",
    "isian", "tanda-usulan",
]  # fmt: skip
FOR_THE_FIELD: Final = frozenset({"prelist-awal", "prelist-akhir"})
"""An officer compares these with a card at the door, so their numbers are whole."""
OF_ONE: Final = frozenset({"isian", "tanda-usulan"})
"""These are of one household or proposal."""
_LETTERHEAD: Final = "kop"
_LEAST_REASON: Final = 5


@dataclass(frozen=True, slots=True)
class Stationery:
    """What the letterhead and the places to sign say; all may be empty."""

    address: str = ""
    phone: str = ""
    leader: str = ""
    officer: str = ""


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper that was written: its file, pages, and whether numbers are whole on it."""

    path: Path
    pages: int
    whole: bool
    draft: bool


@action
def stationery(village: Village) -> Stationery:
    """Return what the village's letterhead says."""
    from siks_offline.db import meta

    with village.store.read() as session:
        kept = meta.get(session, _LETTERHEAD) or "{}"
    known = {one.name for one in fields(Stationery)}
    return Stationery(**{k: v for k, v in json.loads(kept).items() if k in known})


@action
def put_stationery(village: Village, wanted: Stationery, now: datetime) -> Stationery:
    """Keep what the letterhead says, in one line each of at most 120 letters."""
    from siks_offline.db import meta
    from siks_offline.export import canonical

    clean = Stationery(**{
        name: " ".join(canonical.normalise_text(value)[0].split())[:120]
        for name, value in asdict(wanted).items()
    })  # fmt: skip
    with village.store.write() as session:
        meta.put(session, _LETTERHEAD, json.dumps(asdict(clean), sort_keys=True))
        note(session, village, now, "kop.ubah", "")
    return clean


@action
def write(
    village: Village,
    kind: Kind,
    path: Path,
    now: datetime,
    *,
    of: str = "",
    paper: Paper = "a4",
    reason: str = "",
    progress: Progress = silent,
) -> Printed:
    """Write one paper as PDF, whole or not at all.

    `of` names the household of `isian`, the proposal of `tanda-usulan`, or the number of the
    sitting of `undangan` and `daftar-hadir` (the last one when empty). With a `reason` the numbers
    of people are whole. What a musyawarah decided is marked as a draft until it is closed. Raises
    StoreError E_HOUSEHOLD_UNKNOWN, E_PAPER_REASON, E_MEETING_NO_SITTING; FileError; Cancelled.
    """
    from siks_offline.export import files
    from siks_offline.export.meeting_paper import Printing

    if reason and len(reason.strip()) < _LEAST_REASON:
        raise StoreError("E_PAPER_REASON")
    whole = kind in FOR_THE_FIELD or bool(reason)
    draft = kind not in OF_ONE and not meeting.read(village).closed
    draft = draft and kind not in {"prelist-awal", "undangan", "daftar-hadir"}
    how = Printing(paper, draft, str if whole else nik.mask)
    pages = _pages(village, kind, of, now, how, progress)
    files.write_whole(path, pages.pdf(progress), private=True)
    detail = {"jenis": kind, "halaman": pages.count, "utuh": whole, "alasan": reason[:200]}
    with village.store.write() as session:
        note(session, village, now, "cetak", of, detail)
    return Printed(path, pages.count, whole, draft)


def _pages(
    village: Village, kind: Kind, of: str, now: datetime, how: Printing, progress: Progress
) -> Pages:
    from siks_offline.export import meeting_paper as papers

    office = _office(village)
    if kind in FOR_THE_FIELD:
        final = kind == "prelist-akhir"
        rows = final_list.rows(village, "akhir" if final else "awal")
        return papers.prelist(office, rows, how, final=final, progress=progress)
    if kind == "isian":
        return _filled(village, office, of, now, how)
    if kind == "tanda-usulan":
        return _receipt(village, office, of, how)
    whole = meeting.read(village)
    if kind in ("undangan", "daftar-hadir"):
        chosen = [one for one in whole.sittings if not of or str(one.number) == of]
        if not chosen:
            raise StoreError("E_MEETING_NO_SITTING")
        make = papers.invitation if kind == "undangan" else papers.attendance
        return make(office, chosen[-1], how)
    if kind == "sptjm":
        return papers.statement(office, whole, how)
    lines = _lines(village)
    if kind == "berita-acara":
        return papers.minutes(office, whole, lines, how, progress=progress)
    name = kind.removeprefix("lampiran-").replace("-", "_")
    wanted = dict(papers.ANNEXES)[name]
    rows_of = [line for line in lines if not wanted or line.column in wanted]
    title = texts.text(f"dokumen.lampiran.{name}")
    return papers.annex(office, title, rows_of, how, progress=progress)


def _office(village: Village) -> Office:
    from siks_offline.export import meeting_paper as papers

    kept = stationery(village)
    try:
        place = wilayah.find(village.kode_desa)
    except SiksError:  # a village younger than the list of regions prints without the names above
        place = wilayah.Wilayah(village.kode_desa, "", "", "", village.nama_desa)
    head = Letterhead(place.kabupaten, place.kecamatan, village.nama_desa, kept.address, kept.phone)
    made = papers.Office(
        head, place.provinsi, village.kode_desa, village.bps, kept.leader, kept.officer,
        village.practice,
    )  # fmt: skip
    name = village.nama_desa
    if not name.casefold().startswith(f"{made.kind} ".casefold()):
        name = f"{made.kind} {name}"
    return replace(made, head=replace(head, desa=name))


def _lines(village: Village) -> list[AgendaLine]:
    return list(meeting.lines(village, meeting.agenda(village)).values())


def _filled(village: Village, office: Office, of: str, now: datetime, how: Printing) -> Pages:
    from siks_offline.export import filled_paper
    from siks_offline.export.meeting_paper import place_of

    opened = visit.open_visit(village, of, now)
    line = opened.line
    facts = [
        (texts.text("dokumen.isian.kepala"), line.nama_krt),
        (texts.text("dokumen.tanda_usulan.no_kk"), how.show(line.no_kk)),
        (texts.text("dokumen.alamat"), place_of(line)),
        (texts.text("dokumen.lampiran.bdt"), line.idbdt),
        (texts.text("dokumen.periode"), village.period),
        (texts.text("dokumen.isian.keadaan"), texts.text(f"ui.kerja.{line.kerja}")),
        (texts.text("dokumen.isian.anggota_jumlah"), str(opened.state.count(MEMBERS))),
    ]
    title = texts.text("dokumen.isian.judul")
    code = final_list.barcode(line.id)
    return filled_paper.filled(office, opened.state, title, facts, code, how)


def _receipt(village: Village, office: Office, of: str, how: Printing) -> Pages:
    from siks_offline.export import filled_paper

    return filled_paper.receipt(office, proposals.read(village, of), how)
