"""`siks desa`: the device's keys over the years, digits heard by telephone, a look at the stick."""

from __future__ import annotations

from collections import Counter
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
    parser = command("perbarui", perbarui)
    parser.add_argument("--ke", metavar="FILE", type=Path, required=True)
    command("perangkat", perangkat)
    parser = command("akar", akar)
    parser.add_argument("undangan", metavar="UNDANGAN", type=Path)
    parser.add_argument("--sidik-jari", metavar="ANGKA", required=True)
    command("suara", suara).add_argument("kode", metavar="KODE")
    command("periksa-berkas", periksa_berkas).add_argument("folder", metavar="FOLDER", type=Path)


def _now() -> datetime:
    return datetime.now(UTC)


def _open(args: argparse.Namespace) -> Village:
    from siks_offline.desa import accounts
    from siks_offline.desa.village_folder import read_folder

    read_folder(args.desa)
    return accounts.open_village(args.desa, args.akun, output.passphrase())


def perbarui(args: argparse.Namespace) -> output.Answer:
    """Ask for this device's next key."""
    from siks_offline.desa import renewal

    with _open(args) as village:
        made = renewal.renew(village, args.ke, _now())
    value = {"berkas": str(made.path), "kunci": made.key, "berlaku_sampai": made.valid_until}
    return output.Answer(value, texts.text("cli.desa.perbarui.hasil", **value))


def perangkat(args: argparse.Namespace) -> output.Answer:
    """Show where this device stands."""
    from siks_offline.desa import renewal, voice

    with _open(args) as village:
        found = renewal.standing(village, _now())
        tries = voice.tries_left(village)
    value = {
        "keadaan": found.state,
        "berlaku_sampai": found.valid_until,
        "perbarui_mulai": found.renew_from,
        "suara_sisa": tries,
    }
    return output.Answer(value, texts.text("cli.desa.perangkat.hasil", **value))


def akar(args: argparse.Namespace) -> output.Answer:
    """Trust another root of the Dinsos by its 30 digits."""
    from siks_offline.crypto.sshsig import fingerprint
    from siks_offline.desa import trust
    from siks_offline.export.keyset import root_digits

    with _open(args) as village:
        found = trust.accept(village, args.undangan, args.sidik_jari, _now())
    value = {
        "akar": fingerprint(found.root),
        "sidik_jari": root_digits(found.id, found.root),
        "versi": found.version,
    }
    return output.Answer(value, texts.text("cli.desa.akar.hasil", **value))


def suara(args: argparse.Namespace) -> output.Answer:
    """Take ten digits as the receipt of a file."""
    from siks_offline.desa import voice

    with _open(args) as village:
        heard = voice.confirm(village, args.kode, _now())
    value = {"seq": heard.seq, "berkas": heard.file_name, "kunjungan": heard.visits}
    return output.Answer(value, texts.text("cli.desa.suara.hasil", **value))


def periksa_berkas(args: argparse.Namespace) -> output.Answer:
    """Compare the files of a folder with the exports that are recorded."""
    from siks_offline.desa import stick

    with _open(args) as village:
        found = stick.look(village, args.folder)
    counts = Counter(line.result for line in found)
    rows = [{"berkas": line.name, "seq": line.seq, "hasil": line.result} for line in found]
    value = {
        "utuh": counts["utuh"],
        "rusak": counts["rusak"],
        "tidak_ada": counts["tidak_ada"],
        "berkas": rows,
    }
    lines = [texts.text("cli.desa.periksa_berkas.hasil", **value)]
    lines += [texts.text("cli.desa.periksa_berkas.baris", **row) for row in rows]
    return output.Answer(value, "\n".join(lines), 1 if counts["rusak"] + counts["tidak_ada"] else 0)
