"""`siks berkas`: what can be known of a file without keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import output

if TYPE_CHECKING:
    import argparse


def register(groups: Any) -> None:
    """Add the group and its commands."""
    group = groups.add_parser("berkas", help=texts.text("cli.kelompok.berkas"))
    commands = group.command()
    inspect = output.with_json(
        commands.add_parser("periksa", help=texts.text("cli.berkas.periksa"))
    )
    inspect.add_argument("berkas", metavar="FILE", type=Path)
    inspect.set_defaults(run=periksa)


def periksa(args: argparse.Namespace) -> output.Answer:
    """Say what kind of file it is, its size, how many keys open it, and its SHA-256."""
    from siks_offline.export import bundle

    found = bundle.outline(args.berkas)
    return output.Answer(found, texts.text("cli.berkas.periksa_hasil", **found))
