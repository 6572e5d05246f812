"""A household's filled form in words, and the slip a citizen takes home after registering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.export.meeting_paper import Office, Printing, place_of, written
from siks_offline.export.paper_pages import Column, Pages
from siks_offline.instrument import fields
from siks_offline.instrument.numbering import split_label, unit_of
from siks_offline.instrument.schema import SELECTS, Group, Question, Repeat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from siks_offline.instrument.engine import FormState
    from siks_offline.instrument.schema import Element
    from siks_offline.meeting import Proposal, ProposalLine

_CUT = 2000
"""Letters of an answer that a page prints."""
Row = tuple[str, str, str]
"""Number on the form, question, answer in words."""


def filled(
    office: Office,
    state: FormState,
    title: str,
    facts: Sequence[tuple[str, str]],
    barcode: str,
    how: Printing,
) -> Pages:
    """Everything answered of one household, by section and member, with the form's numbers.

    Skipped and empty questions are left out; `barcode` is the number that opens the household.
    """
    made = Pages(title, f"{office.head.desa} · {title}", paper=how.paper, mark=_mark(office))
    if barcode:
        made.barcode(barcode)
        made.gap(9)
    made.say(title, "title")
    made.facts(facts)
    for heading, rows in sections(state):
        made.gap(3)
        made.need(22)
        made.say(heading, "head")
        made.gap(1)
        made.roll(_columns(), [_shown(row, how) for row in rows], least=5, numbered=False)
    made.gap(6)
    names = [_word("isian.petugas"), _word("isian.pemeriksa"), _word("isian.responden")]
    made.signatures([("", name, "") for name in names])
    return made


def receipt(office: Office, proposal: Proposal, how: Printing) -> Pages:
    """The slip a citizen takes home: that the proposal is registered, and what comes next."""
    line: ProposalLine = proposal.line
    title = _word("tanda_usulan.judul")
    made = Pages(title, f"{office.head.desa} · {title}", paper=how.paper, mark=_mark(office))
    made.letterhead(office.head)
    made.say(title, "centre_title")
    made.gap(4)
    made.facts([
        (_word("tanda_usulan.nomor"), f"{line.number} / {proposal.period}"),
        (_word("tanda_usulan.tanggal"), written(line.at[:10])),
        (_word("tanda_usulan.kepala"), line.nama_krt),
        (_word("nik"), how.show(line.nik_krt)),
        (_word("tanda_usulan.no_kk"), how.show(line.no_kk)),
        (_word("alamat"), place_of(line)),
        (_word("tanda_usulan.anggota"), str(line.anggota)),
    ])  # fmt: skip
    if line.registrar:
        made.facts([(_word("tanda_usulan.pendaftar"), line.registrar)])
    made.gap(4)
    for number in (1, 2, 3):
        made.say(_word(f"tanda_usulan.lalu_{number}"))
    made.gap(8)
    day = written(line.at[:10]).partition(", ")[2]
    place = _word("tempat_tanggal", tempat=office.place, tanggal=day)
    made.signatures([("", _word("tanda_usulan.warga"), ""), (place, _word("petugas"), line.by)])
    return made


def sections(state: FormState) -> Iterator[tuple[str, tuple[Row, ...]]]:
    """Yield the answered questions by heading; each member of a repeat has headings of its own."""
    yield from _within(state, state.instrument.children, "", state.instrument.title)


def _within(
    state: FormState, children: Sequence[Element], place: str, heading: str
) -> Iterator[tuple[str, tuple[Row, ...]]]:
    rows: list[Row] = []
    for element in children:
        if isinstance(element, Question):
            row = _row(state, element, f"{place}{element.name}")
            if row is not None:
                rows.append(row)
            continue
        if rows:
            yield heading, tuple(rows)
            rows = []
        own = element.label or heading
        if isinstance(element, Group):
            title = own if not place else f"{heading} · {own}"
            yield from _within(state, element.children, place, title)
        else:
            yield from _members(state, element, place, own)
    if rows:
        yield heading, tuple(rows)


def _members(
    state: FormState, repeat: Repeat, place: str, heading: str
) -> Iterator[tuple[str, tuple[Row, ...]]]:
    path = f"{place}{repeat.name}"
    for number in range(1, state.count(path) + 1):
        title = _word("isian.anggota", bagian=heading, n=number)
        yield from _within(state, repeat.children, f"{path}[{number}].", title)


def _row(state: FormState, question: Question, path: str) -> Row | None:
    if not question.answerable or not state.relevant(path):
        return None
    value = state.value(path)
    if not value:
        return None
    number, _ = split_label(question.label)
    words, unit = unit_of(question)
    if question.type in SELECTS:
        labels = {one.code: one.label for one in state.choices(path)}
        said = "; ".join(f"{code} {labels.get(code, '')}".strip() for code in value.split() if code)
    elif question.kind or question.type in ("image", "file"):
        said = _word("isian.terlampir")
    else:
        said = fields.FIELDS[question.type].format(value)
    return number, words, f"{said} {unit}".strip()[:_CUT]


def _shown(row: Row, how: Printing) -> Row:
    number, words, said = row
    return number, words, how.show(said)


def _columns() -> list[Column]:
    return [
        Column(_word("isian.kolom_nomor"), 12, "centre"),
        Column(_word("isian.kolom_tanya"), 92),
        Column(_word("isian.kolom_jawab"), 76),
    ]


def _mark(office: Office) -> str:
    return _word("latihan") if office.practice else ""


def _word(key: str, **facts: object) -> str:
    return texts.text(f"dokumen.{key}", **facts)
