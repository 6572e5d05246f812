"""`siks dinsos instrumen`: the questionnaires an office can check, and a newer one for it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import output
from siks_offline.cli.dinsos_store import now, opened

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def register(command: Callable[..., Any]) -> None:
    """Add the command; `command(name, run)` gives its parser, STORE included."""
    parser = command("instrumen", instrumen)
    parser.add_argument("berkas", metavar="FILE.xlsx", type=Path, nargs="?")


def instrumen(args: argparse.Namespace) -> output.Answer:
    """List the instruments of an office and those it lacks, or take one in with what waited."""
    from siks_offline.dinsos import held, instruments

    with opened(args) as office:
        if args.berkas is None:
            rows = [asdict(one) for one in instruments.listed(office)]
            awaited = held.awaited(office)
            lines = [texts.text("cli.dinsos.instrumen_baris", **row) for row in rows]
            lines += [texts.text("cli.dinsos.instrumen_ditunggu", **row) for row in awaited]
            return output.Answer({"instrumen": rows, "ditunggu": awaited}, "\n".join(lines))
        # Also while a rebuild stands still: a damaged workbook is mended by installing it again.
        made = instruments.install(office, args.berkas, now())
    value = {
        "id": made.id,
        "versi": made.version,
        "sha256": made.sha256,
        "baru": made.new,
        "dilepas": made.released,
    }
    key = "instrumen_hasil" if made.new else "instrumen_sudah"
    return output.Answer(value, texts.text(f"cli.dinsos.{key}", **value))
