"""`siks desa padan|cek|laporan`: what other offices say of people, who gets what, reports."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import nik, texts
from siks_offline.cli import output
from siks_offline.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from siks_offline.db.matching import Difference
    from siks_offline.desa.village import Village

REPORTS = (
    "rt", "rw", "dusun", "petugas", "akun", "status", "tahap", "indikator", "daftar", "perbedaan",
    "masalah_nik",
)  # fmt: skip


def register(in_village: Callable[..., Any]) -> None:
    """Add the commands; `in_village(name, run)` gives the parser of one, its DESA included."""
    match = in_village("padan", padan)
    match.add_argument("berkas", metavar="FILE", type=Path, nargs="?")
    match.add_argument("--pratinjau", action="store_true", help=texts.text("cli.desa.pratinjau"))
    for name in ("terima", "tolak", "kunjungi", "kembalikan"):
        match.add_argument(
            f"--{name}",
            metavar="NOMOR",
            type=int,
            nargs="+",
            default=[],
            help=texts.text(f"cli.desa.padan.{name}"),
        )
    match.add_argument("--alasan", metavar="TEKS", default="")
    match.add_argument("--masalah", action="store_true", help=texts.text("cli.desa.padan.masalah"))
    ask = in_village("cek", cek)
    ask.add_argument("cari", metavar="NAMA_ATAU_NIK", nargs="?", default="")
    ask.add_argument("--muat", metavar="FILE", type=Path, help=texts.text("cli.desa.cek.muat"))
    ask.add_argument("--periode", metavar="PERIODE", default="")
    ask.add_argument("--pratinjau", action="store_true", help=texts.text("cli.desa.pratinjau"))
    ask.add_argument("--slip", metavar="FILE.pdf", type=Path, help=texts.text("cli.desa.cek.slip"))
    ask.add_argument("--hapus", metavar="NOMOR", type=int, help=texts.text("cli.desa.cek.hapus"))
    report = in_village("laporan", laporan)
    report.add_argument("jenis", choices=REPORTS, nargs="*")
    report.add_argument("--ke", metavar="FILE", type=Path, help=texts.text("cli.desa.laporan.ke"))


def _open(args: argparse.Namespace) -> Village:
    from siks_offline.desa import accounts
    from siks_offline.desa.village_folder import read_folder

    read_folder(args.desa)  # a wrong folder is told before a passphrase is asked for
    return accounts.open_village(args.desa, args.akun, output.passphrase())


def padan(args: argparse.Namespace) -> output.Answer:
    """Show or load results of matching, decide on differences, list trouble with NIK."""
    from siks_offline.desa import differences, matching

    now = datetime.now(UTC)
    with _open(args) as village:
        if args.masalah:
            return _problems(village)
        if args.berkas:
            found = matching.preview(village, args.berkas)
            new = 0 if args.pratinjau else matching.load(village, found, now)[0]
            return _loaded(args, found, new)
        differences.accept(village, args.terima, now)
        if args.tolak:
            differences.refuse(village, args.tolak, args.alasan, now)
        differences.leave(village, args.kunjungi, now)
        differences.take_back(village, args.kembalikan, now)
        rows = [_difference(one) for one in differences.listed(village)]
    lines = [texts.text("cli.desa.padan.baris", **row) for row in rows]
    waiting = sum(row["putusan"] == "belum" for row in rows)
    told = texts.text("cli.desa.padan.hasil", jumlah=len(rows), belum=waiting)
    return output.Answer({"perbedaan": rows, "belum": waiting}, "\n".join([told, *lines]))


def _loaded(args: argparse.Namespace, found: Any, new: int) -> output.Answer:
    counts = {name: found.counts[name] for name in ("beda", "cocok", "dilewati", "ditolak")}
    value = {
        "jenis": found.kind,
        "pratinjau": args.pratinjau,
        **counts,
        "perbedaan_baru": new,
        "masalah": [output.cell(one) for one in found.issues],
    }
    told = texts.text("cli.desa.padan.muat", **value)
    return output.Answer(value, told, 1 if found.issues or counts["ditolak"] else 0)


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "nomor": one.number,
        "sumber": one.kind,
        "rumah_tangga": one.household_id,
        "nama": one.nama,
        "nik": nik.mask(one.nik),
        "hal": one.field,
        "desa": nik.mask(one.ours),
        "mereka": nik.mask(one.theirs),
        "rinci": one.detail,
        "putusan": one.decision,
        "alasan": one.reason,
    }


def _problems(village: Village) -> output.Answer:
    from siks_offline.desa import nik_problems

    found = nik_problems.found(village)
    rows = {
        kind: [
            {
                "nama": one.nama,
                "nik": nik.mask(one.nik),
                "rumah_tangga": one.household_id,
                "jalur": one.path,
                "kata": nik.mask(one.words),
            }
            for one in of
        ]
        for kind, of in found.items()
    }
    counts = {kind: len(of) for kind, of in rows.items()}
    lines = [
        texts.text(
            "cli.desa.padan.jenis", jenis=texts.text(f"masalah_nik.jenis.{kind}"), jumlah=many
        )
        for kind, many in counts.items()
    ]
    return output.Answer({"jumlah": counts, "masalah": rows}, "\n".join(lines))


def cek(args: argparse.Namespace) -> output.Answer:
    """Load, list or delete determination lists; answer who is on them."""
    from siks_offline.desa import entitlements

    now = datetime.now(UTC)
    with _open(args) as village:
        if args.muat:
            found = entitlements.preview(village, args.muat, args.periode)
            added = 0 if args.pratinjau else entitlements.load(village, found, now)[0]
            value: dict[str, Any] = {
                "jenis": found.kind,
                "periode": found.period,
                "pratinjau": args.pratinjau,
                "baris": len(found.entries),
                "ditambah": added,
                "sudah": found.known,
                "ditolak": found.refused,
                "masalah": [output.cell(one) for one in found.issues],
            }
            told = texts.text("cli.desa.cek.hasil_muat", **value)
            return output.Answer(value, told, 1 if found.issues or found.refused else 0)
        if args.hapus is not None:
            entitlements.forget(village, args.hapus, now)
        if not args.cari:
            lists = [
                {"nomor": one.number, "jenis": one.kind, "periode": one.period, "baris": one.rows}
                for one in entitlements.lists(village)
            ]
            lines = [texts.text("cli.desa.cek.daftar", **one) for one in lists]
            return output.Answer({"daftar": lists}, "\n".join(lines))
        hits = entitlements.find(village, args.cari)
        answers = [entitlements.answer(village, hit.number) for hit in hits]
        sentences = entitlements.absent(one.period for one in entitlements.lists(village))
        if args.slip:
            if len(answers) != 1:
                raise UsageError("E_CEK_SATU", jumlah=len(answers))
            entitlements.slip(village, answers[0], args.slip, now)
    people: list[dict[str, Any]] = [
        {
            "nomor": hit.number,
            "nama": hit.nama,
            "nik": hit.nik,
            "tempat": hit.place,
            "desil": hit.desil,
            "program": list(hit.programs),
            "kalimat": list(told.sentences),
            "rumah_tangga": told.household_id,
        }
        for hit, told in zip(hits, answers, strict=True)
    ]
    blocks = [
        "\n".join([texts.text("cli.desa.cek.orang", **one), *one["kalimat"]]) for one in people
    ]
    return output.Answer({"orang": people}, "\n\n".join(blocks) or "\n".join(sentences))


def laporan(args: argparse.Namespace) -> output.Answer:
    """Show reports, or write them as Excel or CSV."""
    from siks_offline.desa import reports

    kinds = tuple(dict.fromkeys(args.jenis or reports.COUNTED))
    now = datetime.now(UTC)
    with _open(args) as village:
        if args.ke is not None:
            if args.ke.suffix.lower() == ".csv":
                if len(kinds) != 1:
                    raise UsageError("E_LAPORAN_CSV")
                written = reports.write_csv(village, args.ke, kinds[0], now)
            else:
                written = reports.book(village, args.ke, kinds, now)
            value = {"berkas": str(args.ke), "jenis": list(kinds), "baris": written}
            return output.Answer(value, texts.text("cli.desa.laporan.hasil", **value))
        tables = [reports.table(village, kind) for kind in kinds]
    found: list[dict[str, Any]] = [
        {
            "jenis": one.kind,
            "judul": one.title,
            "kolom": list(one.columns),
            "baris": [[nik.mask(cell) for cell in row] for row in one.rows],
            "jumlah": list(one.total),
        }
        for one in tables
    ]
    lines: list[str] = []
    for table in found:
        lines += [table["judul"], " | ".join(table["kolom"])]
        rows = [*table["baris"], *([table["jumlah"]] if table["jumlah"] else [])]
        lines += [" | ".join(row) for row in rows] + [""]
    return output.Answer({"laporan": found}, "\n".join(lines).rstrip())
