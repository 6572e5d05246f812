"""The papers of a musyawarah and of the lists before and after it, as pages to print and sign.

Headings, columns and legends follow the papers that offices know: the ministry's prelist of twelve
columns with its blank sheet for proposals, and one city's Berita Acara (the field has no other
template that is public). Each function gives `Pages`; whoever called draws and writes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from siks_offline import texts
from siks_offline.export.paper_pages import Column, Letterhead, Pages
from siks_offline.meeting import GONE, YES
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siks_offline.export.paper_form import Paper
    from siks_offline.meeting import (
        AgendaLine,
        Attendee,
        FinalLine,
        Meeting,
        ProposalLine,
        Sitting,
    )
    from siks_offline.model import HouseholdLine
    from siks_offline.progress import Progress

BLANK_SHARE: Final = 0.1
"""Blank rows for proposals beside the rows of a prelist, as the ministry prints them."""
_ROWS_TO_SIGN: Final = 20


@dataclass(frozen=True, slots=True)
class Office:
    """Which village prints; `bps` ten BPS digits or empty. `officer` signs beside the head."""

    head: Letterhead
    provinsi: str
    kode: str
    bps: str = ""
    leader: str = ""
    officer: str = ""
    practice: bool = False

    @property
    def is_kelurahan(self) -> bool:
        """Whether it is a kelurahan: the seventh digit of its Kemendagri code is 1."""
        return self.kode[6:7] == "1"

    @property
    def kind(self) -> str:
        """What this place is called: Desa or Kelurahan."""
        return texts.text("dokumen.kelurahan" if self.is_kelurahan else "dokumen.desa")

    @property
    def place(self) -> str:
        """Its name alone, as it stands beside `kind` or before a date."""
        return self.head.desa.removeprefix(f"{self.kind} ")

    @property
    def leader_post(self) -> str:
        """What its head is called."""
        return texts.text("dokumen.lurah" if self.is_kelurahan else "dokumen.kepala_desa")


@dataclass(frozen=True, slots=True)
class Printing:
    """How a paper is printed: its size, whether it is a draft, how numbers of people are shown."""

    paper: Paper = "a4"
    draft: bool = False
    show: Callable[[str], str] = str


def written(day: str) -> str:
    """Write an ISO date as papers have it: Minggu, 22 November 2026; a line for an unknown one."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return ""
    names = texts.text("dokumen.hari").split("|")
    months = texts.text("ui.umum.bulan").split("|")
    return f"{names[found.weekday()]}, {found.day} {months[found.month - 1]} {found.year}"


def _word(key: str, **facts: object) -> str:
    return texts.text(f"dokumen.{key}", **facts)


def _pages(office: Office, how: Printing, title: str, *, landscape: bool = False) -> Pages:
    mark = _word("latihan") if office.practice else _word("draf") if how.draft else ""
    head = office.head
    foot = f"{office.provinsi} / {head.kabupaten} / {head.kecamatan} / {head.desa} / {title}"
    return Pages(title, foot, paper=how.paper, landscape=landscape, mark=mark)


# --- prelist ---


def prelist(
    office: Office,
    rows: Sequence[FinalLine],
    how: Printing,
    *,
    final: bool,
    progress: Progress = silent,
) -> Pages:
    """The prelist for the field: twelve columns, its legends, and a blank sheet for proposals."""
    title = _word("prelist.akhir" if final else "prelist.awal")
    made = _pages(office, how, title, landscape=True)
    _prelist_head(made, office, title)
    made.roll(
        prelist_columns(),
        [_prelist_row(number, row, how) for number, row in enumerate(rows, 1)],
        progress=progress,
    )
    _legends(made)
    made.turn()
    _prelist_head(made, office, _word("prelist.usulan"))
    blank = max(round(len(rows) * BLANK_SHARE), 1)
    made.roll(prelist_columns(), [(str(n), *[""] * 11) for n in range(1, blank + 1)], least=9)
    _legends(made)
    return made


def _prelist_head(made: Pages, office: Office, title: str) -> None:
    made.say(_word("prelist.kepala"), "centre")
    made.say(title, "centre_title")
    made.gap(2)
    bps = office.bps
    codes = (bps[:2], bps[2:4], bps[4:7], bps[7:10])
    names = (office.provinsi, office.head.kabupaten, office.head.kecamatan, office.place)
    kinds = (_word("provinsi"), _word("kabupaten"), _word("kecamatan"), office.kind)
    made.facts(
        (kind, f"{name} [{code}]" if code else name)
        for kind, name, code in zip(kinds, names, codes, strict=True)
    )
    made.gap(2)


def prelist_columns() -> list[Column]:
    """Return the twelve columns of a prelist."""
    shares = (11, 34, 13, 28, 39, 32, 16, 20, 15, 16, 20, 20)
    left = {2, 4, 5}
    return [
        Column(_word(f"prelist.kolom_{number}"), share, "left" if number in left else "centre")
        for number, share in enumerate(shares, 1)
    ]


def _prelist_row(number: int, row: FinalLine, how: Printing) -> tuple[str, ...]:
    line = row.line
    said = line.verdict
    place = place_of(line)
    verdict = (
        (said.status, said.reason, said.able, said.working, said.standing, said.disabled)
        if said
        else ("",) * 6
    )
    return (
        str(number), line.nama_krt, row.jenis_kelamin, row.nama_pasangan, place,
        how.show(line.nik_krt), *verdict,
    )  # fmt: skip


def _legends(made: Pages) -> None:
    made.gap(2)
    for number in (3, 7, 8, 9, 10, 11, 12):
        made.say(f"({number}) {_word(f'prelist.arti_{number}')}", "small")


# --- the meeting itself ---


def invitation(office: Office, sitting: Sitting, how: Printing) -> Pages:
    """The invitation to a sitting."""
    made = _pages(office, how, _word("undangan.judul"))
    made.letterhead(office.head)
    made.facts([
        (_word("undangan.nomor"), ""),
        (_word("undangan.sifat"), _word("undangan.penting")),
        (_word("undangan.hal"), _word("undangan.judul")),
    ])  # fmt: skip
    made.gap(4)
    made.say(_word("undangan.kepada"))
    made.gap(4)
    made.say(_word("undangan.isi", desa=office.head.desa, periode=sitting.period))
    made.gap(2)
    made.facts([
        (_word("hari_tanggal"), written(sitting.date)),
        (_word("pukul"), sitting.hour),
        (_word("tempat"), sitting.place),
        (_word("pimpinan"), f"{sitting.leader} ({sitting.leader_post})" if sitting.leader else ""),
    ])  # fmt: skip
    made.gap(3)
    made.say(_word("undangan.penutup"))
    made.gap(8)
    made.signatures([("", "", " "), (_at(office, ""), office.leader_post, office.leader)])
    return made


def attendance(office: Office, sitting: Sitting, how: Printing) -> Pages:
    """The attendance list: who is noted already, and rows to write and sign in."""
    made = _pages(office, how, _word("hadir.judul"))
    made.letterhead(office.head)
    made.say(_word("hadir.judul"), "centre_title")
    made.gap(3)
    made.facts([
        (_word("hari_tanggal"), written(sitting.date)),
        (_word("pukul"), sitting.hour),
        (_word("tempat"), sitting.place),
        (_word("sidang"), f"{sitting.number} ({sitting.period})"),
    ])  # fmt: skip
    made.gap(3)
    columns = [
        Column(_word("nomor"), 9, "centre"),
        Column(_word("nama"), 50),
        Column(_word("hadir.lp"), 10, "centre"),
        Column(_word("hadir.unsur"), 42),
        Column(_word("hadir.jabatan"), 38),
        Column(_word("hadir.tanda_tangan"), 36),
    ]
    known = [_present(number, one) for number, one in enumerate(sitting.attendees, 1)]
    empty = max(_ROWS_TO_SIGN - len(known), 5)
    rows = known + [(str(len(known) + n), *[""] * 5) for n in range(1, empty + 1)]
    made.roll(columns, rows, least=8, numbered=False)
    made.gap(6)
    made.signatures([("", "", " "), (_at(office, ""), sitting.leader_post, sitting.leader)])
    return made


def _present(number: int, one: Attendee) -> tuple[str, ...]:
    group = texts.text(f"musyawarah.unsur.{one.group}")
    return (str(number), one.name, one.sex, group, one.post, "")


def _at(office: Office, day: str) -> str:
    return _word("tempat_tanggal", tempat=office.place, tanggal=day or "." * 24)


def minutes(
    office: Office,
    meeting: Meeting,
    lines: Sequence[AgendaLine],
    how: Printing,
    *,
    annexes: bool = True,
    progress: Progress = silent,
) -> Pages:
    """The Berita Acara with its counts, signatures, and annexes of every household.

    Each household stands in exactly one column of the count and once on the last annex, BNBA; the
    annexes prelist akhir, tidak ditemukan and mampu share none.
    """
    title = _word("ba.judul")
    made = _pages(office, how, title)
    made.letterhead(office.head)
    made.say(_word("ba.kepala", tahun=meeting.period[:4]), "centre")
    made.say(title, "centre_title")
    made.say(_word("ba.nomor"), "centre")
    made.gap(4)
    last = meeting.sittings[-1] if meeting.sittings else None
    dates = "; ".join(
        f"{written(one.date)} {one.hour} · {one.place}".replace("  ", " ")
        for one in meeting.sittings
    )
    men, women = (sum(one.present()[n] for one in meeting.sittings) for n in (0, 1))
    made.facts([
        (_word("hari_tanggal"), dates),
        (_word("provinsi"), office.provinsi),
        (_word("kabupaten"), office.head.kabupaten),
        (_word("kecamatan"), office.head.kecamatan),
        (office.kind, f"{office.place} ({office.kode})"),
        (_word("periode"), meeting.period),
        (_word("pimpinan"), f"{last.leader} ({last.leader_post})" if last else ""),
        (_word("ba.hadir"), _word("ba.hadir_isi", l=men, p=women, jumlah=men + women)),
    ])  # fmt: skip
    made.gap(3)
    made.say(_word("ba.sepakat"))
    made.gap(2)
    _counts(made, meeting)
    made.gap(3)
    made.say(_word("ba.penutup"))
    if meeting.reopened:
        made.say(_word("ba.dibuka_lagi", alasan=meeting.reopened), "small")
    made.gap(3)
    day = last.date if last else meeting.closed_at[:10]
    made.signatures([
        ("", office.leader_post, office.leader),
        (_at(office, written(day).partition(", ")[2]), _word("petugas"), office.officer),
    ])  # fmt: skip
    made.signatures([("", _word("ba.saksi", n=n), "") for n in (1, 2, 3)])
    if annexes:
        _annexes(made, lines, how, progress)
    return made


def _counts(made: Pages, meeting: Meeting) -> None:
    count = meeting.tally.columns
    rows = [
        ("1.", _word("ba.satu"), ""),
        ("", _word("ba.a"), str(count["tidak_ditemukan"])),
        ("", _word("ba.b"), str(count["mampu"])),
        ("", _word("ba.c"), str(count["pindah"])),
        ("", _word("ba.d"), str(count["ganda"])),
        ("", _word("ba.e"), str(count["ditemukan"])),
    ]
    if count["belum"]:
        rows.append(("", _word("ba.belum"), str(count["belum"])))
    rows += [
        ("", _word("ba.jumlah_prelist"), str(meeting.tally.prelist)),
        ("2.", _word("ba.dua"), str(meeting.tally.proposals)),
        ("", _word("ba.usulan"), str(count["usulan"])),
        ("", _word("ba.usulan_mampu"), str(count["usulan_mampu"])),
        ("", _word("ba.usulan_gugur"), str(count["usulan_gugur"])),
    ]
    if count["usulan_belum"]:
        rows.append(("", _word("ba.belum"), str(count["usulan_belum"])))
    rows.append(("3.", _word("ba.akhir"), str(meeting.tally.final)))
    columns = [
        Column(_word("nomor"), 8, "centre"),
        Column(_word("ba.uraian"), 120),
        Column(_word("ba.rumah_tangga"), 28, "right"),
    ]
    made.roll(columns, rows, least=5.4, numbered=False)


def annex(
    office: Office,
    title: str,
    lines: Sequence[AgendaLine],
    how: Printing,
    *,
    progress: Progress = silent,
) -> Pages:
    """One list by name and address as a paper of its own."""
    made = _pages(office, how, title, landscape=True)
    made.letterhead(office.head)
    _annex(made, title, lines, how, progress)
    return made


ANNEXES: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("akhir", frozenset({"ditemukan", "usulan"})),
    ("usulan", frozenset({"usulan", "usulan_mampu", "usulan_gugur", "usulan_belum"})),
    ("tidak_ditemukan", frozenset(GONE | {"ganda"})),
    ("mampu", frozenset({"mampu", "usulan_mampu"})),
    ("bnba", frozenset()),
)
"""Name of each annex, and the columns of the count that stand on it (none: all of them)."""


def _annexes(made: Pages, lines: Sequence[AgendaLine], how: Printing, progress: Progress) -> None:
    parts = [
        (name, [line for line in lines if not wanted or line.column in wanted])
        for name, wanted in ANNEXES
    ]
    total = sum(len(rows) for _, rows in parts)
    before = 0
    for number, (name, rows) in enumerate(parts, 1):
        made.turn()
        done = before

        def told(i: int, _: int, done: int = done) -> None:
            progress(done + i, total)

        title = f"{_word('ba.lampiran', n=number)}: {_word(f'lampiran.{name}')}"
        _annex(made, title, rows, how, told)
        before += len(rows)


def _annex(
    made: Pages, title: str, lines: Sequence[AgendaLine], how: Printing, progress: Progress
) -> None:
    made.say(title, "head")
    made.say(_word("lampiran.jumlah", jumlah=len(lines)), "small")
    made.gap(2)
    rows = [
        (
            str(number),
            how.show(line.nik_krt),
            line.idbdt or _word("lampiran.belum_ada"),
            line.nama_krt,
            place_of(line),
            texts.text(f"musyawarah.kolom.{line.column}"),
            reason_of(line),
        )
        for number, line in enumerate(lines, 1)
    ]
    made.roll(annex_columns(), rows, numbered=False, progress=progress)


def annex_columns() -> list[Column]:
    """Return the columns of an annex: numbers to 99.999 and all digits stand on one line."""
    return [
        Column(_word("nomor"), 10.6, "centre"),
        Column(_word("nik"), 28.5),
        Column(_word("lampiran.bdt"), 39.5),
        Column(_word("nama"), 31),
        Column(_word("alamat"), 32.4),
        Column(_word("lampiran.status"), 19),
        Column(_word("lampiran.keterangan"), 21),
    ]


def place_of(line: AgendaLine | HouseholdLine | ProposalLine) -> str:
    """Say where a household lives: address, RT and RW as far as they are known."""
    parts = (line.alamat, f"RT {line.rt}" if line.rt else "", f"RW {line.rw}" if line.rw else "")
    return " ".join(part for part in parts if part)


def reason_of(line: AgendaLine) -> str:
    """Say in words what a verdict rests on: the reason, the other household, the note."""
    said = line.verdict
    if said is None:
        return ""
    words = []
    if said.reason:
        words.append(texts.text(f"musyawarah.alasan.{said.reason}"))
    if said.twin:
        words.append(_word("lampiran.sama_dengan", nama=line.twin_name))
    if said.able == YES:
        words.append(_word("lampiran.mampu_singkat"))
    if said.note:
        words.append(said.note)
    return "; ".join(words)


def statement(office: Office, meeting: Meeting, how: Printing) -> Pages:
    """The SPTJM of the village head where no musyawarah was held."""
    title = _word("sptjm.judul")
    made = _pages(office, how, title)
    made.letterhead(office.head)
    made.say(title, "centre_title")
    made.say(_word("ba.nomor"), "centre")
    made.gap(5)
    made.say(_word("sptjm.saya"))
    made.gap(2)
    made.facts([
        (_word("nama"), office.leader),
        (_word("hadir.jabatan"), f"{office.leader_post} {office.place}"),
        (_word("alamat"), office.head.address),
    ])  # fmt: skip
    made.gap(3)
    place = office.head.desa
    for number in (1, 2, 3, 4):
        facts = {"desa": place, "periode": meeting.period}
        made.say(f"{number}. {_word(f'sptjm.isi_{number}', **facts)}", indent=5)
        made.gap(1.5)
    made.gap(2)
    _counts(made, meeting)
    made.gap(3)
    made.say(_word("sptjm.penutup"))
    made.gap(8)
    made.signatures([("", "", " "), (_at(office, ""), office.leader_post, office.leader)])
    made.say(_word("sptjm.meterai"), "small")
    return made
