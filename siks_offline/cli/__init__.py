"""The `siks` command: everything the two offices can do, without a window.

Groups of commands are modules of this package, named in a table and imported only when their
name is typed, so that `siks --help` and a wrong word answer at once. Each offers
`register(groups)`, which adds its parser, and each of its commands sets `run(args) -> Answer`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.cli import output
from siks_offline.errors import SiksError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUPS = {
    "latihan": "siks_offline.cli.latihan",
    "desa": "siks_offline.cli.desa",
    "dinsos": "siks_offline.cli.dinsos",
    "berkas": "siks_offline.cli.berkas",
    "instrumen": "siks_offline.cli.instrumen",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0 done, 1 findings, 2 usage, 3 refused."""
    words = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in words
    output.speak_utf8()
    try:
        answer = _run(words)
    except UsageError as error:
        return output.refuse(error, as_json=as_json, code=2)
    except SiksError as error:
        return output.refuse(error, as_json=as_json, code=3)
    except KeyboardInterrupt:
        return output.refuse(SiksError("I_CANCELLED"), as_json=as_json, code=3)
    except BrokenPipeError:
        return output.hang_up()
    except Exception as error:  # noqa: BLE001 - the last line: a bug is told calmly and logged
        return output.confess(error, as_json=as_json)
    return answer


def _run(words: list[str]) -> int:
    parser = output.Parser(prog="siks", description=texts.text("cli.siks"))
    groups = parser.add_subparsers(dest="kelompok", metavar="KELOMPOK", required=True)
    typed = next((word for word in words if not word.startswith("-")), None)
    for name, module in GROUPS.items():
        if name == typed:
            import_module(module).register(groups)
        else:
            groups.add_parser(name, help=texts.text(f"cli.kelompok.{name}"))
    try:
        args = parser.parse_args(words)
    except SystemExit as done:  # --help and --version print and end
        return int(done.code or 0)
    return output.answer(args.run(args), as_json=getattr(args, "json", False))
