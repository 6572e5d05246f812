"""`siks latihan`: a village and its Dinsos to practise on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import output

if TYPE_CHECKING:
    import argparse


def register(groups: Any) -> None:
    """Add the command."""
    parser = output.with_json(groups.add_parser("latihan", help=texts.text("cli.kelompok.latihan")))
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--rumah-tangga", metavar="N", type=int, default=50)
    parser.add_argument("--terisi", metavar="PERSEN", type=int, default=0)
    parser.add_argument("--benih", metavar="S", type=int, default=1)
    parser.add_argument("--desa", metavar="KODE", default="")
    parser.add_argument("--tanpa-impor", action="store_true")
    parser.set_defaults(run=latihan)


def latihan(args: argparse.Namespace) -> output.Answer:
    """Make a practice world in a new folder."""
    from siks_offline.latihan import world

    made = world.build(
        args.folder,
        households=args.rumah_tangga,
        percent=args.terisi,
        seed=args.benih,
        kode_desa=args.desa or world.KODE_DESA,
        load=not args.tanpa_impor,
        now=datetime.now(UTC),
    )
    value = {
        "folder": str(args.folder),
        "benih": args.benih,
        "kode_kab": made.kode_kab,
        "kode_desa": made.kode_desa,
        "rumah_tangga": made.households,
        "anggota": made.persons,
        "selesai": made.completed,
        "akun": made.account,
        "prelist": str(made.prelist),
    }
    return output.Answer(value, texts.text("cli.latihan.hasil", **value))
