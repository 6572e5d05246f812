"""`siks instrumen`: whether a questionnaire's workbook can be used, and what derives from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import output
from siks_offline.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from siks_offline.instrument.schema import Instrument
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
    for name, run in (("buku-kode", buku_kode), ("cetak", cetak), ("skema", skema)):
        help_ = texts.text(f"cli.instrumen.{name.replace('-', '_')}.bantuan")
        derive = output.with_json(commands.add_parser(name, help=help_))
        derive.add_argument("berkas", metavar="FILE.xlsx")
        derive.add_argument("--ke", metavar="FILE", type=Path, required=True)
        derive.set_defaults(run=run)
        if name == "cetak":
            help_ = texts.text("cli.instrumen.cetak.kertas")
            derive.add_argument("--kertas", choices=("a4", "f4"), default="a4", help=help_)


def periksa(args: argparse.Namespace) -> output.Answer:
    """Say what the workbook holds and what is wrong with it, cell by cell."""
    from siks_offline.instrument import load

    found = load.check(args.berkas)
    faults, warnings = [[_told(i) for i in them] for them in (found.issues, found.warnings)]
    value = {
        "id": found.id,
        "versi": found.version,
        "pertanyaan": found.questions,
        "masalah": faults,
        "peringatan": warnings,
    }
    lines = [texts.text("cli.instrumen.periksa.hasil", **value)]
    lines += [texts.text("cli.masalah_sel", **one) for one in faults]
    if found.warnings:
        lines.append(texts.text("cli.instrumen.periksa.peringatan"))
        lines += [texts.text("cli.masalah_sel", **one) for one in warnings]
    return output.Answer(value, "\n".join(lines), 1 if found.issues else 0)


def _instrument(name: str) -> Instrument:
    """Load a workbook, or an instrument that comes with the program by its id."""
    from siks_offline.instrument import load

    return load.load_shipped(name) if name in load.SHIPPED else load.load(Path(name))


def _require_suffix(path: Path, *suffixes: str) -> None:
    if path.suffix.lower() not in suffixes:
        raise UsageError("E_BOOK_SUFFIX", berkas=path.name, akhiran=", ".join(suffixes))


def _derived(
    args: argparse.Namespace, instrument: Instrument, key: str, **more: Any
) -> output.Answer:
    asked = sum(question.answerable for question in instrument.questions.values())
    value = {
        "berkas": str(args.ke),
        "id": instrument.id,
        "versi": instrument.version,
        "pertanyaan": asked,
        **more,
    }
    return output.Answer(value, texts.text(key, **value))


def buku_kode(args: argparse.Namespace) -> output.Answer:
    """Write the codebook, as Markdown or HTML by the name of the file."""
    from siks_offline.export import files
    from siks_offline.instrument import codebook

    _require_suffix(args.ke, ".md", ".html", ".htm")
    instrument = _instrument(args.berkas)
    plain = args.ke.suffix.lower() == ".md"
    book = codebook.markdown(instrument) if plain else codebook.html_page(instrument)
    files.write_whole(args.ke, book.encode())
    return _derived(args, instrument, "cli.instrumen.buku_kode.hasil")


def cetak(args: argparse.Namespace) -> output.Answer:
    """Write the paper form."""
    from siks_offline.export import paper_form

    _require_suffix(args.ke, ".pdf")
    instrument = _instrument(args.berkas)
    pages = paper_form.write(args.ke, instrument, args.kertas)
    return _derived(args, instrument, "cli.instrumen.cetak.hasil", halaman=pages)


def skema(args: argparse.Namespace) -> output.Answer:
    """Write the JSON Schema of a visit."""
    import json

    from siks_offline.export import files
    from siks_offline.instrument import json_schema

    _require_suffix(args.ke, ".json")
    instrument = _instrument(args.berkas)
    text = json.dumps(json_schema.schema(instrument), ensure_ascii=False, indent=2)
    files.write_whole(args.ke, f"{text}\n".encode())
    return _derived(args, instrument, "cli.instrumen.skema.hasil")


def _told(one: CellIssue) -> dict[str, Any]:
    return {
        "lembar": one.sheet,
        "baris": one.row,
        "kolom": one.column,
        "kode": one.code,
        "pesan": one.message,
        "tindakan": one.remedy,
    }
