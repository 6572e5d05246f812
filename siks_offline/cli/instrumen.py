"""`siks instrumen`: whether a questionnaire's workbook can be used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import output

if TYPE_CHECKING:
    import argparse

    from siks_offline.model import CellIssue


def register(groups: Any) -> None:
    """Add the group and its commands."""
    group = groups.add_parser("instrumen", help=texts.text("cli.kelompok.instrumen"))
    commands = group.command()
    check = output.with_json(
        commands.add_parser("periksa", help=texts.text("cli.instrumen.periksa.bantuan"))
    )
    check.add_argument("berkas", metavar="FILE.xlsx", type=Path)
    check.set_defaults(run=periksa)


def periksa(args: argparse.Namespace) -> output.Answer:
    """Say what the workbook holds and what is wrong with it, cell by cell."""
    from siks_offline.instrument import load

    found = load.check(args.berkas)
    value = {
        "id": found.id,
        "versi": found.version,
        "pertanyaan": found.questions,
        "masalah": [_told(one) for one in found.issues],
        "peringatan": [_told(one) for one in found.warnings],
    }
    lines = [texts.text("cli.instrumen.periksa.hasil", **value)]
    lines += [texts.text("cli.masalah_sel", **one) for one in value["masalah"]]
    if found.warnings:
        lines.append(texts.text("cli.instrumen.periksa.peringatan"))
        lines += [texts.text("cli.masalah_sel", **one) for one in value["peringatan"]]
    return output.Answer(value, "\n".join(lines), 1 if found.issues else 0)


def _told(one: CellIssue) -> dict[str, Any]:
    return {
        "lembar": one.sheet,
        "baris": one.row,
        "kolom": one.column,
        "kode": one.code,
        "pesan": one.message,
        "tindakan": one.remedy,
    }
