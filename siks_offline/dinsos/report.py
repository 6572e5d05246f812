"""What the office knows of its villages: for the command line, and as a page to print."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING, Any

from siks_offline import texts, wilayah
from siks_offline.db import office_bundles, office_registry, office_replies, office_visits
from siks_offline.dinsos import berita_acara, berita_acara_page, held, match
from siks_offline.export import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from siks_offline.dinsos.berita_acara import Report
    from siks_offline.dinsos.match import StreamState
    from siks_offline.dinsos.office import Office


def villages(office: Office) -> list[dict[str, Any]]:
    """Return a row a village, by code.

    Members: kode, nama, status, seq_terakhir (highest number that came), kurang_seq (numbers that
    never came), rumah_tangga (households that came), prelist (households awaited), belum (of them,
    not yet come), konflik, ditahan, peringatan (codes of flags), aliran (a row a stream).
    """
    with office.store.read() as session:
        states = office_registry.village_states(session)
        links = office_bundles.links(session)
        streams = match.stream_states(links)
        counts = office_visits.household_counts(session)
        absent = office_visits.awaited(session)
        prelists = {row["kode_desa"]: row for row in office_replies.newest_prelists(session)}
        heads = office_visits.heads(session)
        waiting = office_bundles.held(session)
    restored = {row["kode_desa"] for row in links if row["after"]}
    conflicts: dict[str, int] = defaultdict(int)
    for (kode, _, _), standing in match.standings(heads).items():
        conflicts[kode] += standing.in_conflict
    stopped: dict[str, int] = defaultdict(int)
    for row in waiting:
        stopped[row["kode_desa"]] += 1
    lines: dict[str, list[tuple[str, str, StreamState]]] = defaultdict(list)
    for (kode, device, stream), state in streams.items():
        lines[kode].append((device, stream, state))
    return [
        {
            "kode": kode,
            "nama": wilayah.name(kode),
            "status": states.get(kode, "dicabut"),
            "seq_terakhir": max((state.last for _, _, state in lines[kode]), default=0),
            "kurang_seq": sorted(
                {number for _, _, state in lines[kode] for number in state.missing_numbers()}
            ),
            "rumah_tangga": counts.get(kode, 0),
            "prelist": prelists[kode]["households"] if kode in prelists else 0,
            "belum": absent.get(kode, 0),
            "konflik": conflicts[kode],
            "ditahan": stopped[kode],
            "peringatan": sorted(
                {flag for _, _, state in lines[kode] for flag in state.flags}
                | ({"W_RESTORED"} if kode in restored else set())
            ),
            "aliran": [_stream_row(*line) for line in lines[kode]],
        }
        for kode in sorted({*states, *counts, *lines})
    ]


def _stream_row(device: str, stream: str, state: StreamState) -> dict[str, Any]:
    return {
        "perangkat": device,
        "aliran": stream,
        "seq_terakhir": state.last,
        "kurang_seq": state.missing_numbers(),
        "percabangan": list(state.forks),
        "putus": list(state.broken),
        "lompatan": list(state.jumps),
    }


def households(office: Office) -> list[dict[str, Any]]:
    """Return a row a head, sorted: id, visit_id, kode_desa, periode, revisi, sha256, status.

    `status` is `diterima`, `foto_belum` while attachments have not come, or `konflik` when several
    heads stand for one household and period. A function of the set of files, whatever their order.
    """
    with office.store.read() as session:
        heads = office_visits.heads(session)
        pending = office_visits.pending_photos(session)
    in_conflict = {
        place for place, standing in match.standings(heads).items() if standing.in_conflict
    }
    return [
        {
            "id": head["household_id"],
            "visit_id": head["visit_id"],
            "kode_desa": head["kode_desa"],
            "periode": head["period"],
            "revisi": head["revision"],
            "sha256": head["sha256"],
            "status": "konflik"
            if (head["kode_desa"], head["household_id"], head["period"]) in in_conflict
            else "foto_belum"
            if head["sha256"] in pending
            else "diterima",
        }
        for head in sorted(heads, key=_place)
    ]


def _place(head: dict[str, Any]) -> tuple[str, ...]:
    names = ("kode_desa", "household_id", "period", "visit_id", "sha256")
    return tuple(head[name] for name in names)


def duplicates(office: Office) -> list[dict[str, Any]]:
    """Return NIK that stand in several households: how many, and in which villages. No NIK.

    For the office's own eyes; a village is told only that its visit is one of them.
    """
    with office.store.read() as session:
        rows = office_visits.shared_niks(session)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["nik"]].append(row)
    return [
        {
            "rumah_tangga": [row["household_id"] for row in group],
            "desa": sorted({row["kode_desa"] for row in group}),
        }
        for _, group in sorted(found.items())
    ]


# The printed page ------------------------------------------------------------------------------

_STYLE = """
@page { size: A4 landscape; margin: 14mm }
body { font: 10.5pt/1.45 "Inter", "Segoe UI", "Liberation Sans", sans-serif; color: #1b1f24;
  margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 0 .2rem } h2 { font-size: 1.1rem; margin: 1.8rem 0 .5rem }
.kapan { color: #4a5560; margin: 0 0 1.2rem } .latihan { background: #7a1f1f; color: #fff;
  padding: .3rem .7rem; display: inline-block; font-weight: 600 }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #9aa5b1; padding: .3rem .55rem; text-align: left;
  vertical-align: top } th { border-bottom: 2px solid #1b1f24; font-weight: 600 }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
tr { break-inside: avoid } thead { display: table-header-group }
code { font: .9em "Liberation Mono", monospace; overflow-wrap: anywhere }
p.kosong { color: #4a5560 } footer { margin-top: 2rem; color: #4a5560; font-size: .9em }
@media print { body { margin: 0; max-width: none; padding: 0 } }
"""


def write(office: Office, target: Path, now: datetime) -> int:
    """Write the printable page; return how many villages it lists. Raises FileError."""
    rows = villages(office)
    counted = berita_acara_page.part(berita_acara.read(office), _table)
    page = _page(office, rows, held.listed(office), len(duplicates(office)), counted, now)
    files.write_whole(target, page.encode())
    return len(rows)


def write_berita_acara(office: Office, target: Path, found: Report, now: datetime) -> None:
    """Write the Berita Acara alone as a page to print. Raises FileError."""
    title = escape(texts.text("berita_acara.judul"))
    where = escape(f"{wilayah.dotted(found.kode)} {found.nama}")
    when = escape(now.strftime("%d-%m-%Y %H:%M UTC"))
    sign = escape(texts.text("berita_acara.tanda_tangan"))
    mark = escape(texts.text("laporan_dinsos.latihan")) if office.practice else ""
    page = f"""<!doctype html>
<html lang="id"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>{_STYLE}</style></head><body>
{f'<p class="latihan">{mark}</p>' if mark else ""}<h1>{title}</h1>
<p class="kapan">{where}, {when}</p>
{berita_acara_page.part(found, _table)}
<footer>{sign}</footer></body></html>
"""
    files.write_whole(target, page.encode())


def _page(
    office: Office,
    rows: Sequence[dict[str, Any]],
    waiting: Sequence[dict[str, Any]],
    shared: int,
    counted: str,
    now: datetime,
) -> str:
    def say(name: str, **facts: Any) -> str:
        return escape(texts.text(f"laporan_dinsos.{name}", **facts))

    mark = f'<p class="latihan">{say("latihan")}</p>' if office.practice else ""
    totals = say(
        "jumlah",
        desa=len(rows),
        rumah_tangga=sum(row["rumah_tangga"] for row in rows),
        belum=sum(row["belum"] for row in rows),
        ditahan=len(waiting),
        konflik=sum(row["konflik"] for row in rows),
        ganda=shared,
    )
    return f"""<!doctype html>
<html lang="id"><head><meta charset="utf-8"><title>{say("judul", nama=office.keyset.name)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>{_STYLE}</style></head><body>
{mark}<h1>{say("judul", nama=office.keyset.name)}</h1>
<p class="kapan">{say("kapan", waktu=now.strftime("%d-%m-%Y %H:%M UTC"), id=office.id)}</p>
<p>{totals}</p>
<h2>{say("desa")}</h2>
{_village_table(rows, say)}
<h2>{say("tidak_ada")}</h2>
{_absent(rows, say)}
<h2>{say("tahanan")}</h2>
{_held_table(waiting, say)}
<h2>{escape(texts.text("berita_acara.judul"))}</h2>
{counted}
<footer>{say("kaki")}</footer></body></html>
"""


def _table(headers: Iterable[tuple[str, str]], body: Iterable[Iterable[tuple[str, str]]]) -> str:
    head = "".join(f'<th class="{kind}">{title}</th>' for title, kind in headers)
    lines = "\n".join(
        "<tr>" + "".join(f'<td class="{kind}">{cell}</td>' for cell, kind in row) + "</tr>"
        for row in body
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{lines}\n</tbody></table>"


def _village_table(rows: Sequence[dict[str, Any]], say: Any) -> str:
    if not rows:
        return f'<p class="kosong">{say("kosong")}</p>'
    names = ("kode", "nama", "status", "seq_terakhir", "rumah_tangga", "prelist", "belum")
    numbers = {"seq_terakhir", "rumah_tangga", "prelist", "belum", "konflik"}
    columns = [(name, "n" if name in numbers else "") for name in (*names, "konflik", "peringatan")]
    body = []
    for row in rows:
        shown = row | {
            "kode": wilayah.dotted(row["kode"]),
            "peringatan": ", ".join(
                texts.text(f"galat.{code}.pesan", nomor=_numbers(row["kurang_seq"]))
                for code in row["peringatan"]
            ),
        }
        body.append([(escape(str(shown[name])), kind) for name, kind in columns])
    return _table([(say(f"kolom.{name}"), kind) for name, kind in columns], body)


def _absent(rows: Sequence[dict[str, Any]], say: Any) -> str:
    items = [
        say("kurang", desa=f"{wilayah.dotted(row['kode'])} {row['nama']}", nomor=_numbers(missing))
        for row in rows
        if (missing := row["kurang_seq"])
    ]
    items += [
        say("belum", desa=f"{wilayah.dotted(row['kode'])} {row['nama']}", jumlah=row["belum"])
        for row in rows
        if row["belum"]
    ]
    if not items:
        return f'<p class="kosong">{say("lengkap")}</p>'
    return "<ul>\n" + "\n".join(f"<li>{item}</li>" for item in items) + "\n</ul>"


def _held_table(waiting: Sequence[dict[str, Any]], say: Any) -> str:
    if not waiting:
        return f'<p class="kosong">{say("tahanan_kosong")}</p>'
    body = [
        [
            (escape(row["pengirim"]), ""),
            (str(row["seq"]), "n"),
            (str(row["kunjungan"]), "n"),
            (escape(texts.text(f"galat.{row['kode']}.pesan")), ""),
            (f"<code>{escape(row['id'])}</code>", ""),
        ]
        for row in waiting
    ]
    names = (("pengirim", ""), ("seq", "n"), ("kunjungan", "n"), ("sebab", ""), ("id", ""))
    return _table([(say(f"kolom.{name}"), kind) for name, kind in names], body)


def _numbers(found: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in found[:20])
    return f"{shown} ..." if len(found) > 20 else shown
