"""The district's Berita Acara as a part of a page to print."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from siks_offline import texts, wilayah
from siks_offline.dinsos.berita_acara import PLACES

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.dinsos.berita_acara import Line, Report, Village


def part(
    report: Report,
    table: Callable[[list[tuple[str, str]], list[list[tuple[str, str]]]], str],
) -> str:
    """Return the section of a page: the table per kecamatan, then what each village decided."""
    if not report.lines:
        return f'<p class="kosong">{_say("kosong")}</p>'
    names = [*PLACES[:6], "g", *PLACES[6:], "jumlah"]
    heads = [(_say("kolom.kecamatan"), ""), *((_say(f"kolom.{name}"), "n") for name in names)]
    rows = [_row(line) for line in report.lines]
    rows.append(_row(report.total, _say("total")))
    found = [
        f"<p>{_say('periode', periode=report.period)}</p>",
        table(heads, rows),
        f"<p>{_say('arti')}</p>",
        table(
            [(_say(f"desa.{name}"), kind) for name, kind in _VILLAGE],
            [_village(one) for one in report.villages],
        ),
    ]
    changed = [row for one in report.villages for row in _changes(one)]
    if changed:
        found.append(f"<p>{_say('perubahan.judul')}</p>")
        kinds = (("desa", ""), ("jenis", ""), ("jumlah", "n"))
        found.append(table([(_say(f"perubahan.{name}"), kind) for name, kind in kinds], changed))
    return "\n".join(found)


_VILLAGE = (
    ("nama", ""), ("cara", ""), ("ditutup", ""), ("prelist", "n"), ("usulan", "n"),
    ("akhir", "n"), ("surat", ""),
)  # fmt: skip


def _row(line: Line, title: str = "") -> list[tuple[str, str]]:
    name = title or escape(f"{wilayah.dotted(line.kode)} {line.nama}")
    numbers = [line.columns[place] for place in PLACES[:6]]
    rest = [line.columns[place] for place in PLACES[6:]]
    return [(name, ""), *((str(n), "n") for n in (*numbers, line.valid, *rest, line.total))]


def _village(one: Any) -> list[tuple[str, str]]:
    from siks_offline.meeting import FINAL, OF_PRELIST, OF_PROPOSALS

    def count(names: Any) -> str:
        return str(sum(one.counts.get(name, 0) for name in names)) if one.counts else "-"

    papers = ", ".join(
        f"{texts.text(f'musyawarah.surat.{kind}')} {sha256[:12]}"
        for kind, sha256 in one.papers
        if texts.has(f"musyawarah.surat.{kind}")
    )
    closed = one.closed_at[:10] if one.closed_at else _say("terbuka" if one.way else "belum")
    return [
        (escape(f"{wilayah.dotted(one.kode)} {one.nama}"), ""),
        (_say(f"cara.{one.way}") if one.way else "-", ""),
        (closed, ""),
        (count(OF_PRELIST), "n"),
        (count(OF_PROPOSALS), "n"),
        (count(FINAL), "n"),
        (escape(papers) or "-", ""),
    ]


def _changes(one: Village) -> list[list[tuple[str, str]]]:
    """Return a row a kind of change that became of households between visits."""
    rows = []
    for (kind, reason), count in sorted(one.changes.items()):
        words = texts.text(f"perubahan.jenis.{kind}")
        if reason:
            words = f"{words}: {texts.text(f'perubahan.alasan.{reason}')}"
        name = escape(f"{wilayah.dotted(one.kode)} {one.nama}")
        rows.append([(name, ""), (escape(words), ""), (str(count), "n")])
    return rows


def _say(name: str, **facts: Any) -> str:
    return escape(texts.text(f"berita_acara.{name}", **facts))
