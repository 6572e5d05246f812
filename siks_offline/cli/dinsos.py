"""`siks dinsos`: the work of the office."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import dinsos_instruments, dinsos_keys, output
from siks_offline.cli.dinsos_store import now, opened
from siks_offline.errors import SiksError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from siks_offline.dinsos.receive import Arrival


def register(groups: Any) -> None:
    """Add the group and its commands."""
    group = groups.add_parser("dinsos", help=texts.text("cli.kelompok.dinsos"))
    commands = group.command()

    def command(
        name: str, run: Callable[[argparse.Namespace], output.Answer], *, first: str = ""
    ) -> Any:
        words = texts.text(f"cli.dinsos.{name.replace('-', '_')}")
        parser = output.with_json(commands.add_parser(name, help=words, description=words))
        if first:
            parser.add_argument(first, metavar="FILE", type=Path)
        parser.add_argument("store", metavar="STORE", type=Path)
        parser.add_argument("--url", metavar="URL", help=texts.text("cli.dinsos.url"))
        parser.add_argument("--akun", metavar="NAMA", default="")
        parser.set_defaults(run=run)
        return parser

    parser = command("siapkan", siapkan)
    parser.add_argument("--kode", metavar="KODE_KAB", required=True)
    parser.add_argument("--latihan", action="store_true")
    parser = command("undang", undang)
    parser.add_argument("kode_desa", metavar="KODE_DESA")
    parser.add_argument("--ke", metavar="FILE", type=Path, required=True)
    parser.add_argument(
        "--surat", metavar="FILE.pdf", type=Path, help=texts.text("cli.dinsos.undang_surat")
    )
    parser = command("setujui", setujui)
    parser.add_argument("kode_desa", metavar="KODE_DESA")
    parser = command("cabut", cabut)
    parser.add_argument("kode_desa", metavar="KODE_DESA")
    parser.add_argument("--alasan", metavar="T", required=True)
    parser = command("prelist", prelist)
    parser.add_argument("berkas", metavar="FILE.xlsx", type=Path)
    parser.add_argument("--desa", metavar="KODE", required=True)
    parser.add_argument("--ikat-wilayah", action="store_true")
    parser.add_argument("--ke", metavar="FILE", type=Path, required=True)
    parser = command("kirim-daftar", kirim_daftar)
    parser.add_argument("berkas", metavar="FILE", type=Path)
    parser.add_argument("--desa", metavar="KODE", required=True)
    parser.add_argument("--periode", metavar="PERIODE", default="")
    parser.add_argument("--ke", metavar="FILE", type=Path, required=True)
    parser = command("terima", terima)
    parser.add_argument("berkas", metavar="FILE", type=Path, nargs="+")
    parser.add_argument("--tanda-terima", metavar="FOLDER", type=Path)
    parser.add_argument(
        "--jam-benar", action="store_true", help=texts.text("cli.dinsos.terima_jam")
    )
    parser = command("tahanan", tahanan)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--lepas", metavar="ID")
    choice.add_argument("--tolak", metavar="ID")
    parser.add_argument("--alasan", metavar="T", default="")
    parser.add_argument("--sidik-jari", metavar="ANGKA", default="")
    parser = command("balasan", balasan)
    parser.add_argument("--ke", metavar="FILE", type=Path, required=True)
    parser = command("daftar", daftar)
    parser.add_argument("--rumah-tangga", action="store_true")
    parser = command("laporan", laporan)
    parser.add_argument("--ke", metavar="FILE.html", type=Path, required=True)
    parser = command("berita-acara", berita_acara)
    parser.add_argument("--periode", metavar="PERIODE", default="")
    parser.add_argument("--ke", metavar="FILE.html", type=Path)
    command("penandatangan", penandatangan)
    parser = command("bangun-ulang", bangun_ulang)
    parser.add_argument(
        "--meski-kurang", action="store_true", help=texts.text("cli.dinsos.bangun_ulang_kurang")
    )
    dinsos_keys.register(command)
    dinsos_instruments.register(command)


def siapkan(args: argparse.Namespace) -> output.Answer:
    """Make an office with its keys and its store."""
    from siks_offline import wilayah
    from siks_offline.crypto.sshsig import fingerprint
    from siks_offline.dinsos import office

    kode = wilayah.parse(args.kode, "kabupaten")
    phrase = output.passphrase(twice=True, practice=args.latihan)
    made, recovery = office.create(
        args.store, kode, phrase, now(), practice=args.latihan, url=args.url,
        account=args.akun or office.ACCOUNT,
    )  # fmt: skip
    with made:
        value = {
            "id": made.id,
            "kunci": fingerprint(made.root),
            "sidik_jari": made.digits,
            "kode_pemulihan": recovery,
        }
    return output.Answer(value, texts.text("cli.dinsos.siapkan_hasil", **value))


def undang(args: argparse.Namespace) -> output.Answer:
    """Invite a village."""
    from siks_offline.dinsos import pairing
    from siks_offline.export import canonical

    with opened(args) as office:
        made = pairing.invite(office, args.kode_desa, args.ke, now(), letter=args.surat)
    value = {
        "berkas": str(made.path),
        "surat": None if args.surat is None else str(args.surat),
        "undangan": made.invite_id,
        "kode_surat": made.code,
        "sidik_jari": made.digits,
        "berlaku_sampai": canonical.stamp(made.expires_at),
    }
    return output.Answer(value, texts.text("cli.dinsos.undang_hasil", **value))


def setujui(args: argparse.Namespace) -> output.Answer:
    """Register the device of a village that waits for approval."""
    from siks_offline.dinsos import pairing

    with opened(args, whole=True) as office:
        kode = pairing.check_village(office, args.kode_desa)
        receipt = pairing.approve(office, kode, office.account, now())
    waiting = receipt is None
    value = {
        "kode": kode,
        "status": "menunggu" if waiting else "aktif",
        "tanda_terima": None if waiting else str(receipt),
    }
    key = "cli.dinsos.setujui_menunggu" if waiting else "cli.dinsos.setujui_hasil"
    return output.Answer(value, texts.text(key, **value))


def cabut(args: argparse.Namespace) -> output.Answer:
    """Put out the devices of a village."""
    from siks_offline.dinsos import pairing

    with opened(args) as office:
        kode = pairing.check_village(office, args.kode_desa)
        count = pairing.revoke(office, kode, args.alasan, now())
    value = {"kode": kode, "status": "dicabut", "perangkat": count}
    return output.Answer(value, texts.text("cli.dinsos.cabut_hasil", **value))


def prelist(args: argparse.Namespace) -> output.Answer:
    """Make a village's signed prelist from a workbook."""
    from siks_offline.dinsos import pairing
    from siks_offline.dinsos import prelist as lists

    with opened(args) as office:
        kode = pairing.check_village(office, args.desa)
        found = lists.read(args.berkas, kode, bind=args.ikat_wilayah)
        made = lists.make(office, kode, found.households, args.ke, now(), bps=found.bps)
    issues = [output.cell(one) for one in found.issues]
    value = {
        "berkas": str(made.path),
        "versi": made.version,
        "rumah_tangga": made.households,
        "ditolak": found.refused,
        "masalah": issues,
    }
    lines = [texts.text("cli.dinsos.prelist_hasil", **value)]
    lines += [texts.text("cli.masalah_sel", **one) for one in issues]
    return output.Answer(value, "\n".join(lines), 1 if found.refused else 0)


def kirim_daftar(args: argparse.Namespace) -> output.Answer:
    """Sign and seal matching results or a determination list for a village."""
    from siks_offline.dinsos import lists, pairing

    with opened(args) as office:
        kode = pairing.check_village(office, args.desa)
        made = lists.make(office, args.berkas, kode, args.ke, now(), period=args.periode)
    issues = [output.cell(one) for one in made.issues]
    value = {
        "berkas": str(made.path),
        "jenis": made.kind,
        "baris": made.rows,
        "ditinggal": made.left_out,
        "masalah": issues,
    }
    lines = [texts.text("cli.dinsos.kirim_daftar_hasil", **value)]
    lines += [texts.text("cli.masalah_sel", **one) for one in issues]
    return output.Answer(value, "\n".join(lines), 1 if issues else 0)


def terima(args: argparse.Namespace) -> output.Answer:
    """Take in files; go on after one that is refused."""
    from siks_offline.dinsos import held, receipts, receive

    with opened(args, whole=True) as office:
        at = now()
        if not args.jam_benar:
            receive.check_clock(office, at)
        receive.sweep(office, at)
        held.retry(office, at)
        found: list[tuple[Path, Arrival | SiksError]] = []
        for path in args.berkas:
            try:
                found.append((path, receive.accept(office, path, at)))
            except SiksError as fault:
                found.append((path, fault))
        answers = {}
        if args.tanda_terima is not None:
            answers = receipts.deliver(
                office,
                [one for _, one in found if isinstance(one, receive.Arrival)],
                args.tanda_terima,
                at,
            )
    rows = [_file_row(path, one, answers) for path, one in found]
    code = max((_severity(row) for row in rows), default=0)
    return output.Answer({"berkas": rows}, "\n".join(_file_text(row) for row in rows), code)


def _file_row(path: Path, one: Arrival | SiksError, answers: dict[str, Path]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "berkas": str(path),
        "hasil": "ditolak",
        "kode": "",
        "peringatan": [],
        "jenis": "",
        "pengirim": "",
        "seq": None,
        "manifest_sha256": "",
        "diterima": 0,
        "ditahan": 0,
        "ditolak": 0,
        "kurang_seq": [],
        "tanda_terima": None,
    }
    from siks_offline.export import keyset

    if isinstance(one, SiksError):
        fault = output.fault(one)
        return row | {"kode": one.code, "pesan": fault["pesan"], "tindakan": fault["tindakan"]}
    answer = answers.get(one.manifest_sha256)
    row |= {
        "hasil": one.hasil,
        "kode": one.kode,
        "peringatan": list(one.warnings),
        "jenis": one.jenis,
        "pengirim": one.pengirim,
        "seq": one.seq,
        "manifest_sha256": one.manifest_sha256,
        "kode_cek": keyset.check_code(one.manifest_sha256),
        "diterima": one.accepted,
        "ditahan": one.held,
        "ditolak": one.rejected,
        "kurang_seq": list(one.missing),
        "tanda_terima": None if answer is None else str(answer),
    }
    return row


def _severity(row: dict[str, Any]) -> int:
    if row["hasil"] == "ditolak":
        return 3 if row["seq"] is None else 1
    return 1 if row["hasil"] in {"ditahan", "sebagian"} else 0


def _file_text(row: dict[str, Any]) -> str:
    name = Path(row["berkas"]).name
    if row["seq"] is None:
        return f"{name}: {row['pesan']} {row['tindakan']} ({row['kode']})"
    lines = [texts.text(f"cli.dinsos.terima_{row['hasil']}", **{**row, "berkas": name})]
    codes = [row["kode"]] if row["hasil"] == "ditahan" else []
    for code in (*codes, *row["peringatan"]):
        if texts.has(f"galat.{code}.pesan"):
            facts = {"nomor": ", ".join(str(number) for number in row["kurang_seq"][:20])}
            lines.append("  " + texts.text(f"galat.{code}.pesan", **facts))
    if row["tanda_terima"]:
        lines.append("  " + texts.text("cli.dinsos.terima_balasan", berkas=row["tanda_terima"]))
    return "\n".join(lines)


def tahanan(args: argparse.Namespace) -> output.Answer:
    """List held files, let one through or refuse it."""
    from siks_offline.dinsos import held
    from siks_offline.errors import UsageError

    if args.tolak and not args.alasan:
        raise UsageError("E_REASON")
    with opened(args, whole=True) as office:
        if args.lepas:
            held.release(office, args.lepas, now(), reason=args.alasan, digits=args.sidik_jari)
        elif args.tolak:
            held.reject(office, args.tolak, args.alasan, now())
        rows = held.listed(office)
    lines = [texts.text("cli.dinsos.tahanan_baris", **row) for row in rows]
    text = "\n".join(lines) or texts.text("cli.dinsos.tahanan_kosong")
    return output.Answer({"ditahan": rows}, text)


def balasan(args: argparse.Namespace) -> output.Answer:
    """Write one return file for all villages."""
    from siks_offline.dinsos import receipts

    with opened(args, whole=True) as office:
        count = receipts.return_file(office, args.ke, now())
    value = {"berkas": str(args.ke), "desa": count}
    return output.Answer(value, texts.text("cli.dinsos.balasan_hasil", **value))


def daftar(args: argparse.Namespace) -> output.Answer:
    """List villages, or the households that stand."""
    from siks_offline.dinsos import report

    with opened(args, whole=True) as office:
        if args.rumah_tangga:
            homes = report.households(office)
            return output.Answer(
                {"rumah_tangga": homes}, _table("cli.dinsos.daftar_rumah_tangga", homes)
            )
        villages = report.villages(office)
    return output.Answer({"desa": villages}, _table("cli.dinsos.daftar_desa", villages))


def _table(key: str, rows: Sequence[dict[str, Any]]) -> str:
    lines = [texts.text(key, **row) for row in rows]
    return "\n".join(lines) or texts.text("cli.dinsos.daftar_kosong")


def laporan(args: argparse.Namespace) -> output.Answer:
    """Write the printable report."""
    from siks_offline.dinsos import report

    with opened(args, whole=True) as office:
        count = report.write(office, args.ke, now())
    value = {"berkas": str(args.ke), "desa": count}
    return output.Answer(value, texts.text("cli.dinsos.laporan_hasil", **value))


def berita_acara(args: argparse.Namespace) -> output.Answer:
    """Count every household of the district once, per kecamatan."""
    from siks_offline.dinsos import berita_acara as counts
    from siks_offline.dinsos import report

    with opened(args, whole=True) as office:
        found = counts.read(office, args.periode)
        if args.ke is not None:
            report.write_berita_acara(office, args.ke, found, now())
    value: dict[str, Any] = {
        "periode": found.period,
        "kecamatan": [_counted(line) for line in found.lines],
        "jumlah": _counted(found.total),
        "desa": [
            _counted(one.line)
            | {
                "cara": one.way,
                "ditutup": one.closed_at,
                "musyawarah": dict(one.counts),
                "surat": [{"jenis": kind, "sha256": sha256} for kind, sha256 in one.papers],
                "dua_isian": one.forks,
                "perubahan": [
                    {"jenis": kind, "alasan": reason, "jumlah": count}
                    for (kind, reason), count in sorted(one.changes.items())
                ],
            }
            for one in found.villages
        ],
        "berkas": None if args.ke is None else str(args.ke),
    }
    rows = [*value["kecamatan"], value["jumlah"]]
    lines = [texts.text("cli.dinsos.berita_acara_baris", **row) for row in rows]
    return output.Answer(value, "\n".join(lines))


def _counted(line: Any) -> dict[str, Any]:
    found = {"kode": line.kode, "nama": line.nama, **line.columns}
    return found | {"g": line.valid, "jumlah": line.total}


def penandatangan(args: argparse.Namespace) -> output.Answer:
    """Write the registry as OpenSSH reads it."""
    from siks_offline.dinsos import pairing

    with opened(args) as office:
        lines = list(pairing.allowed_signers(office))
    return output.Answer({"penandatangan": lines}, "\n".join(lines))


def bangun_ulang(args: argparse.Namespace) -> output.Answer:
    """Rebuild the store from the archive."""
    from siks_offline.dinsos import rebuild

    with opened(args) as office:
        try:
            made = rebuild.rebuild(office, now(), lossy=args.meski_kurang)
        except KeyboardInterrupt:  # of other commands nothing is left; this one has begun
            rebuild.require_whole(office)
            raise
    value = {"berkas": made.files, "rumah_tangga": made.households, "ditolak": made.refused}
    text = texts.text("cli.dinsos.bangun_ulang_hasil", **value)
    return output.Answer(value, text, 1 if made.refused else 0)
