"""`siks desa`: papers to print, and the letterhead that stands on them."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from siks_offline import texts
from siks_offline.cli import output
from siks_offline.errors import UsageError
from siks_offline.export.paper_form import SIZES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from siks_offline.desa.village import Village

_NAMES = {"address": "alamat", "phone": "telepon", "leader": "kepala", "officer": "petugas"}
"""Parts of the letterhead, and their names on the command line."""


def register(command: Callable[..., Any]) -> None:
    """Add the commands; `command(name, run)` gives the parser of one, its DESA included."""
    parser = command("cetak", cetak)
    parser.add_argument("jenis", metavar="JENIS", help=_say("cetak.jenis"))
    parser.add_argument("--ke", metavar="FILE.pdf", type=Path, required=True)
    parser.add_argument("--untuk", metavar="ID", default="", help=_say("cetak.untuk"))
    parser.add_argument("--kertas", choices=sorted(SIZES), default="a4", help=_say("cetak.kertas"))
    parser.add_argument("--utuh", metavar="ALASAN", default="", help=_say("cetak.utuh"))
    parser = command("kop", kop)
    for name in _NAMES.values():
        parser.add_argument(f"--{name}", metavar="TEKS", help=_say(f"kop.{name}"))


def cetak(args: argparse.Namespace) -> output.Answer:
    """Write one paper as PDF."""
    from siks_offline.desa import documents

    if args.jenis not in get_args(documents.Kind):
        raise UsageError("E_PAPER_KIND", jenis=args.jenis, ada=", ".join(get_args(documents.Kind)))
    with _open(args) as village:
        made = documents.write(
            village, args.jenis, args.ke, datetime.now(UTC),
            of=args.untuk, paper=args.kertas, reason=args.utuh,
        )  # fmt: skip
    value = {
        "berkas": str(made.path),
        "halaman": made.pages,
        "utuh": made.whole,
        "draf": made.draft,
    }
    return output.Answer(value, texts.text("cli.desa.cetak.hasil", **value))


def kop(args: argparse.Namespace) -> output.Answer:
    """Show the letterhead, or change the parts that are named."""
    from siks_offline.desa import documents

    given = {one: getattr(args, word) for one, word in _NAMES.items()}
    changed = {one: words for one, words in given.items() if words is not None}
    with _open(args) as village:
        found = documents.stationery(village)
        if changed:
            wanted = replace(found, **changed)
            found = documents.put_stationery(village, wanted, datetime.now(UTC))
    value = {_NAMES[one.name]: asdict(found)[one.name] for one in fields(found)}
    return output.Answer(value, texts.text("cli.desa.kop.hasil", **value))


def _open(args: argparse.Namespace) -> Village:
    from siks_offline.desa import accounts
    from siks_offline.desa.village_folder import read_folder

    read_folder(args.desa)
    return accounts.open_village(args.desa, args.akun, output.passphrase())


def _say(key: str) -> str:
    return texts.text(f"cli.desa.{key}")
