"""`siks desa`: the trail in words, a check of all data, the bin, a step back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import output

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from siks_offline.desa.village import Village


def register(command: Callable[..., Any]) -> None:
    """Add the commands; `command(name, run)` gives the parser of one, its DESA included."""
    parser = command("riwayat", riwayat)
    parser.add_argument("id", metavar="ID", nargs="?", default="")
    parser.add_argument(
        "--oleh", metavar="NAMA", default="", help=texts.text("cli.desa.riwayat.oleh")
    )
    parser.add_argument(
        "--sebelum", metavar="NOMOR", type=int, help=texts.text("cli.desa.riwayat.sebelum")
    )
    command("periksa-data", periksa_data)
    command("sampah", sampah).add_argument(
        "--pulihkan", metavar="NOMOR", type=int, help=texts.text("cli.desa.sampah.pulihkan")
    )
    parser = command("insiden", insiden)
    parser.add_argument("--ke", metavar="FILE.pdf", type=Path, required=True)
    for name in ("perangkat", "kapan", "bagaimana"):
        words = texts.text(f"cli.desa.insiden.{name}")
        parser.add_argument(f"--{name}", metavar="TEKS", default="", help=words)
    parser = command("data-diri", data_diri)
    parser.add_argument("nik", metavar="NIK")
    parser.add_argument("--ke", metavar="FILE.pdf", type=Path, required=True)
    parser.add_argument(
        "--alasan", metavar="TEKS", required=True, help=texts.text("cli.desa.data_diri.alasan")
    )
    parser = command("mundur", mundur)
    parser.add_argument("id", metavar="ID")
    parser.add_argument(
        "--ke", metavar="REVISI", type=int, default=0, help=texts.text("cli.desa.mundur.ke")
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _open(args: argparse.Namespace) -> Village:
    from siks_offline.desa import accounts
    from siks_offline.desa.village_folder import read_folder

    read_folder(args.desa)
    return accounts.open_village(args.desa, args.akun, output.passphrase())


def riwayat(args: argparse.Namespace) -> output.Answer:
    """Tell the trail in words."""
    from siks_offline.desa import history

    with _open(args) as village:
        if args.id:
            told = history.of_household(village, args.id, args.sebelum)
            told = [one for one in told if args.oleh in {"", one.account}]
        else:
            told = history.of_account(village, args.oleh, args.sebelum)
    rows: list[dict[str, Any]] = [
        {
            "nomor": one.seq,
            "saat": one.at,
            "akun": one.account,
            "isi": one.words,
            "id": one.household_id,
            "rumah_tangga": one.household,
            "perubahan": list(one.changes),
        }
        for one in told
    ]
    lines = []
    for row in rows:
        lines.append(texts.text("cli.desa.riwayat.baris", **row))
        lines += [f"    {change}" for change in row["perubahan"]]
    text = "\n".join(lines) or texts.text("cli.desa.riwayat.kosong")
    return output.Answer({"riwayat": rows}, text)


def periksa_data(args: argparse.Namespace) -> output.Answer:
    """Check file, trail, photos and copies; 1 when something is not as it was written."""
    from siks_offline.desa import checkup

    with _open(args) as village:
        found = checkup.check(village)
    checked = dict.fromkeys(("revisi", "rumah_tangga", "jejak", "cadangan"), 0) | found.checked
    value = {
        "utuh": not found.findings,
        "diperiksa": checked,
        "temuan": [
            {"jenis": one.kind, "tentang": one.subject, "pesan": one.words}
            for one in found.findings
        ],
    }
    if not found.findings:
        return output.Answer(value, texts.text("cli.desa.periksa_data.utuh", **checked))
    lines = [texts.text("cli.desa.periksa_data.temuan", jumlah=len(found.findings))]
    lines += [f"  {one.words}" for one in found.findings]
    return output.Answer(value, "\n".join(lines), 1)


def sampah(args: argparse.Namespace) -> output.Answer:
    """List the bin, or bring one thing back."""
    from siks_offline.desa import wastebin

    with _open(args) as village:
        if args.pulihkan is not None:
            changes = wastebin.restore(village, args.pulihkan, _now())
            value: dict[str, Any] = {
                "nomor": args.pulihkan,
                "rumah_tangga": sorted(changes.households),
            }
            return output.Answer(value, texts.text("cli.desa.sampah.kembali", **value))
        items = wastebin.items(village)
    rows = [
        {
            "nomor": one.number,
            "jenis": texts.text(f"ui.sampah.jenis.{one.kind}"),
            "isi": one.label,
            "id": one.household_id,
            "saat": one.at,
            "akun": one.by,
            "sisa": one.days_left,
        }
        for one in items
    ]
    text = "\n".join(texts.text("cli.desa.sampah.baris", **row) for row in rows)
    return output.Answer({"sampah": rows}, text or texts.text("cli.desa.sampah.kosong"))


def insiden(args: argparse.Namespace) -> output.Answer:
    """Write the report of a lost device."""
    from siks_offline.desa import privacy

    with _open(args) as village:
        count = privacy.incident(
            village,
            args.ke,
            _now(),
            device=args.perangkat,
            when=args.kapan,
            how=args.bagaimana,
        )
    value = {"berkas": str(args.ke), "rumah_tangga": count}
    return output.Answer(value, texts.text("cli.desa.insiden.hasil", **value))


def data_diri(args: argparse.Namespace) -> output.Answer:
    """Write what is kept of one person."""
    from siks_offline.desa import privacy

    with _open(args) as village:
        privacy.subject(village, args.nik, args.ke, args.alasan, _now())
    value = {"berkas": str(args.ke)}
    return output.Answer(value, texts.text("cli.desa.data_diri.hasil", **value))


def mundur(args: argparse.Namespace) -> output.Answer:
    """Open the revision before as a draft."""
    from siks_offline.desa import undo

    with _open(args) as village:
        undo.revert(village, args.id, _now(), args.ke)
    return output.Answer({"id": args.id}, texts.text("cli.desa.mundur.hasil"))
