"""`siks desa`: what an operator does, without a window."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import (
    desa_accounts,
    desa_keys,
    desa_matching,
    desa_meeting,
    desa_papers,
    desa_safety,
    desa_versions,
    output,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from siks_offline.desa.village import Village
    from siks_offline.model import CellIssue, Issue


def register(groups: Any) -> None:
    """Add the group and its commands."""
    group = groups.add_parser("desa", help=texts.text("cli.kelompok.desa"))
    commands = group.command()

    def command(name: str, run: Callable[[argparse.Namespace], output.Answer]) -> Any:
        parser = output.with_json(
            commands.add_parser(name, help=texts.text(f"cli.desa.{name.replace('-', '_')}.bantuan"))
        )
        parser.set_defaults(run=run)
        return parser

    def in_village(name: str, run: Callable[[argparse.Namespace], output.Answer]) -> Any:
        parser = command(name, run)
        parser.add_argument("desa", metavar="DESA", type=Path)
        parser.add_argument(
            "--akun", metavar="NAMA", default="", help=texts.text("cli.desa.masuk_sebagai")
        )
        return parser

    load = in_village("impor", impor)
    load.add_argument("berkas", metavar="FILE", type=Path)
    load.add_argument("--pratinjau", action="store_true", help=texts.text("cli.desa.pratinjau"))
    load.add_argument("--ikat-wilayah", action="store_true", help=texts.text("cli.desa.ikat"))
    in_village("daftar", daftar).add_argument("--cari", metavar="TEKS", default="")
    in_village("isi", isi).add_argument("jawaban", metavar="JAWABAN.jsonl", type=Path)
    in_village("lihat", lihat).add_argument("id", metavar="ID")
    in_village("periksa", periksa)
    desa_versions.register(in_village)
    desa_matching.register(in_village)
    send = in_village("ekspor", ekspor)
    send.add_argument("--ke", metavar="FOLDER", type=Path, required=True)
    send.add_argument("--semua", action="store_true", help=texts.text("cli.desa.semua"))
    send.add_argument(
        "--ukuran",
        metavar="UKURAN",
        choices=("surel", "wa", "usb"),
        default="usb",
        help=texts.text("cli.desa.ukuran"),
    )
    send.add_argument("--tanpa-hasil", action="store_true", help=texts.text("cli.desa.tanpa_hasil"))
    send.add_argument("--paspor", action="store_true", help=texts.text("cli.desa.paspor"))
    in_village("terima", terima).add_argument("berkas", metavar="FILE", type=Path)
    in_village("cadangkan", cadangkan).add_argument(
        "--ke", metavar="FILE", type=Path, required=True
    )
    book = in_village("excel", excel)
    book.add_argument("--ke", metavar="FILE.xlsx", type=Path, required=True)
    book.add_argument(
        "--tata-letak",
        choices=("instrumen", "udrt"),
        default="instrumen",
        help=texts.text("cli.desa.excel.tata_letak"),
    )
    in_village("excel-masuk", excel_masuk).add_argument("berkas", metavar="FILE.xlsx", type=Path)
    restore = command("pulihkan", pulihkan)
    restore.add_argument("berkas", metavar="FILE", type=Path)
    restore.add_argument("desa", metavar="DESA", type=Path)
    restore.add_argument(
        "--akun", metavar="NAMA", default="", help=texts.text("cli.desa.masuk_sebagai")
    )
    pair = in_village("pasangkan", pasangkan)
    pair.add_argument("undangan", metavar="UNDANGAN", type=Path)
    pair.add_argument("--kode-surat", metavar="KODE", required=True)
    pair.add_argument("--ke", metavar="FILE", type=Path, required=True)
    desa_keys.register(in_village)
    desa_safety.register(in_village)
    desa_meeting.register(in_village)
    desa_accounts.register(in_village)
    desa_papers.register(in_village)


def _now() -> datetime:
    return datetime.now(UTC)


def _open(args: argparse.Namespace) -> Village:
    from siks_offline.desa import accounts
    from siks_offline.desa.village_folder import read_folder

    read_folder(args.desa)  # a wrong folder is told before a passphrase is asked for
    return accounts.open_village(args.desa, args.akun, output.passphrase())


def impor(args: argparse.Namespace) -> output.Answer:
    """Show or load a prelist."""
    from siks_offline.desa import arrivals, prelist

    with _open(args) as village:
        if arrivals.is_bundle(args.berkas):
            found = arrivals.load_prelist(village, args.berkas, _now(), keep=not args.pratinjau)
        else:
            found = prelist.preview(village, args.berkas, bind=args.ikat_wilayah)
            if not args.pratinjau:
                prelist.load(village, found, _now())
        value = {
            "jenis": found.jenis,
            "pratinjau": args.pratinjau,
            "ditambah": found.added,
            "diperbarui": found.updated,
            "dilewati": found.skipped,
            "ditolak": found.refused,
            "masalah": [_cell(one) for one in found.issues],
        }
    lines = [texts.text("cli.desa.impor.hasil", **value), *_cells(found.issues)]
    return output.Answer(value, "\n".join(lines), 1 if found.issues else 0)


def daftar(args: argparse.Namespace) -> output.Answer:
    """List households, all or those that match a search."""
    from siks_offline.desa import households

    members = [
        "id",
        "idbdt",
        "no_kk",
        "nik_krt",
        "nama_krt",
        "alamat",
        "rt",
        "rw",
        "anggota",
        "kerja",
        "kirim",
        "revisi",
    ]
    with _open(args) as village:
        ids = households.find(village, args.cari)
        found = households.lines(village, ids)
    rows = [{name: getattr(found[id_], name) for name in members} for id_ in ids if id_ in found]
    text = "\n".join(texts.text("cli.desa.daftar.baris", **row) for row in rows)
    return output.Answer({"rumah_tangga": rows}, text or texts.text("cli.desa.daftar.kosong"))


def isi(args: argparse.Namespace) -> output.Answer:
    """Take answers from a file of lines, each one household."""
    from siks_offline.desa import filling

    with _open(args) as village:
        rows = filling.fill(village, args.jawaban, _now())
    value = {
        "disimpan": sum(row.result == "disimpan" for row in rows),
        "selesai": sum(row.result == "selesai" for row in rows),
        "ditolak": sum(row.result == "ditolak" for row in rows),
        "baris": [
            {
                "baris": row.number,
                "id": row.id,
                "hasil": row.result,
                "masalah": [_issue(one) for one in row.issues],
            }
            for row in rows
        ],
    }
    lines = [texts.text("cli.desa.isi.hasil", **value)]
    for row in rows:
        lines += [
            texts.text("cli.desa.isi.masalah", baris=row.number, **_issue(one))
            for one in row.issues
        ]
        if row.cleared:
            gone = {"jumlah": len(row.cleared), "daftar": ", ".join(row.cleared)}
            lines.append(texts.text("cli.desa.isi.dihapus", baris=row.number, **gone))
    return output.Answer(value, "\n".join(lines), 1 if any(row.issues for row in rows) else 0)


def lihat(args: argparse.Namespace) -> output.Answer:
    """Show one household's answers and what is wrong with them."""
    from siks_offline.desa import visit
    from siks_offline.instrument import checks

    with _open(args) as village:
        opened = visit.open_visit(village, args.id, _now())
        issues = checks.issues(opened.state)
        answers = opened.state.answers(final=opened.line.kerja == "selesai")
    value = {
        "id": args.id,
        "kerja": opened.line.kerja,
        "kirim": opened.line.kirim,
        "revisi": opened.revision,
        "jawaban": answers,
        "masalah": [_issue(one) for one in issues],
    }
    rows = [texts.text("cli.desa.lihat.kepala", nama=opened.line.nama_krt, **value)]
    rows += [f"{path} = {text}" for path, text in visit.flatten(answers).items()]
    rows += [texts.text("cli.desa.periksa.baris", id=args.id, **_issue(one)) for one in issues]
    return output.Answer(value, "\n".join(rows))


def periksa(args: argparse.Namespace) -> output.Answer:
    """Check every household that was begun against the instrument."""
    from siks_offline.desa import checking

    with _open(args) as village:
        checked, found = checking.check_all(village, _now())
    value = {
        "diperiksa": checked,
        "masalah": [{"id": id_, **_issue(one)} for id_, one in found],
    }
    lines = [texts.text("cli.desa.periksa.hasil", diperiksa=checked, jumlah=len(found))]
    lines += [texts.text("cli.desa.periksa.baris", id=id_, **_issue(one)) for id_, one in found]
    return output.Answer(value, "\n".join(lines), 1 if found else 0)


def ekspor(args: argparse.Namespace) -> output.Answer:
    """Write what no receipt confirms as signed and sealed files."""
    from siks_offline.desa import copies, handover, parts, stick

    papers: list[Path] = []
    with _open(args) as village:
        now = _now()
        target = parts.TARGETS[args.ukuran]
        sent = handover.export(
            village,
            args.ke,
            now,
            everything=args.semua,
            without_results=args.tanpa_hasil,
            target=target,
        )
        if args.paspor:
            papers = stick.passports(village, sent.parts, now)
        if sent.parts:
            copies.keep_quietly(village, "ekspor", now)
    value: dict[str, Any] = {
        "berkas": [str(part.path) for part in sent.parts],
        "bundle_id": [part.bundle_id for part in sent.parts],
        "seq": [part.seq for part in sent.parts],
        "manifest_sha256": [part.manifest_sha256 for part in sent.parts],
        "kunjungan": sent.visits,
        "lampiran": sent.attachments,
        "ukuran": [part.size for part in sent.parts],
        "paspor": [str(path) for path in papers],
    }
    key = "cli.desa.ekspor.hasil" if sent.parts else "cli.desa.ekspor.kosong"
    return output.Answer(value, "\n".join([texts.text(key, **value), *value["berkas"]]))


def terima(args: argparse.Namespace) -> output.Answer:
    """Take in a receipt, a prelist or a return file of the Dinsos."""
    from siks_offline.desa import arrivals

    with _open(args) as village:
        taken = arrivals.accept(village, args.berkas, _now())
    value: dict[str, Any] = {
        "seq": taken.seq,
        "diterima": taken.accepted,
        "ditahan": taken.held,
        "ditolak": taken.rejected,
        "kurang_seq": list(taken.missing),
        "baris": [
            {"id": row.id, "hasil": row.result, "kode": row.code, "komentar": row.comment}
            for row in taken.rows
        ],
        "jenis": list(taken.kinds),
        "bagian_ditolak": [fault.code for fault in taken.refused],
    }
    lines = [texts.text("cli.desa.terima.hasil", **value)]
    lines += [texts.text("cli.desa.terima.baris", **row) for row in value["baris"]]
    key = "cli.desa.terima.bagian_ditolak"
    lines += [texts.text(key, sebab=one.message, kode=one.code) for one in taken.refused]
    code = 1 if taken.held or taken.rejected or taken.missing or taken.refused else 0
    return output.Answer(value, "\n".join(lines), code)


def cadangkan(args: argparse.Namespace) -> output.Answer:
    """Write an encrypted copy of the whole village."""
    from siks_offline.desa import backup

    with _open(args) as village:
        count = backup.write(village, args.ke, _now())
    value = {"berkas": str(args.ke), "rumah_tangga": count}
    return output.Answer(value, texts.text("cli.desa.cadangkan.hasil", **value))


def excel(args: argparse.Namespace) -> output.Answer:
    """Write the village's answers as a workbook."""
    from siks_offline.desa import answers_book

    with _open(args) as village:
        written = answers_book.write(village, args.ke, _now(), args.tata_letak)
    value = {
        "berkas": str(args.ke),
        "tata_letak": args.tata_letak,
        "rumah_tangga": written.households,
        "tanpa_idbdt": written.unlisted,
    }
    lines = [texts.text("cli.desa.excel.hasil", **value)]
    if written.unlisted:
        lines.append(texts.text("cli.desa.excel.tanpa_idbdt", **value))
    return output.Answer(value, "\n".join(lines))


def excel_masuk(args: argparse.Namespace) -> output.Answer:
    """Take a workbook of answers in as drafts."""
    from siks_offline.desa import answers_book

    with _open(args) as village:
        taken, _ = answers_book.load(village, args.berkas, _now())
    value = {
        "disimpan": len(taken.saved),
        "tidak_berubah": taken.unchanged,
        "ditolak": taken.refused,
        "rumah_tangga": list(taken.saved),
        "masalah": [_cell(one) for one in taken.issues],
    }
    lines = [texts.text("cli.desa.excel_masuk.hasil", **value), *_cells(taken.issues)]
    return output.Answer(value, "\n".join(lines), 1 if taken.issues else 0)


def pulihkan(args: argparse.Namespace) -> output.Answer:
    """Restore a village from its copy into an empty folder."""
    from siks_offline.desa import backup

    count = backup.restore(args.berkas, args.desa, args.akun, output.passphrase(), _now())
    value = {"berkas": str(args.berkas), "rumah_tangga": count}
    return output.Answer(value, texts.text("cli.desa.pulihkan.hasil", **value))


def pasangkan(args: argparse.Namespace) -> output.Answer:
    """Make a village from its Dinsos' invitation and write its enrolment."""
    from siks_offline.desa import pairing

    made = pairing.pair(
        args.desa,
        args.undangan,
        letter_code=args.kode_surat,
        account=args.akun or "operator",
        passphrase=output.passphrase(twice=not args.desa.exists()),
        target=args.ke,
        now=_now(),
    )
    value = {
        "berkas": str(made.path),
        "stream": made.stream,
        "kunci": made.key,
        "sidik_jari": made.fingerprint,
        "kode_pemulihan": made.recovery_code,
    }
    return output.Answer(value, texts.text("cli.desa.pasangkan.hasil", **value))


def _issue(one: Issue) -> dict[str, str]:
    return {
        "jalur": one.path,
        "aturan": one.rule,
        "tingkat": one.level,
        "pesan": one.message,
    }


def _cell(one: CellIssue) -> dict[str, Any]:
    return {
        "lembar": one.sheet,
        "baris": one.row,
        "kolom": one.column,
        "kode": one.code,
        "pesan": one.message,
        "tindakan": one.remedy,
    }


def _cells(issues: Iterable[CellIssue]) -> list[str]:
    return [texts.text("cli.masalah_sel", **_cell(one)) for one in issues]
