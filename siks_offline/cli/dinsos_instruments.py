"""`siks dinsos instrumen`: the questionnaires an office can check, and a newer one for it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import output

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def register(command: Callable[..., Any]) -> None:
    """Add the command; `command(name, run)` gives its parser, STORE included."""
    parser = command("instrumen", instrumen)
    parser.add_argument("berkas", metavar="FILE.xlsx", type=Path, nargs="?")


def instrumen(args: argparse.Namespace) -> output.Answer:
    """List the instruments of an office, or take a workbook in and let in what waited for it."""
    from siks_offline.dinsos import instruments, office

    known = office.read_folder(args.store)
    phrase = output.passphrase(practice=known.practice)
    with office.open_office(args.store, phrase, account=args.akun, url=args.url) as opened:
        if args.berkas is None:
            rows = [asdict(one) for one in instruments.listed(opened)]
            lines = [texts.text("cli.dinsos.instrumen_baris", **row) for row in rows]
            return output.Answer({"instrumen": rows}, "\n".join(lines))
        made = instruments.install(opened, args.berkas, datetime.now(UTC))
    value = {
        "id": made.id,
        "versi": made.version,
        "sha256": made.sha256,
        "baru": made.new,
        "dilepas": made.released,
    }
    key = "instrumen_hasil" if made.new else "instrumen_sudah"
    return output.Answer(value, texts.text(f"cli.dinsos.{key}", **value))
