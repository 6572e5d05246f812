"""The office that a command of `siks dinsos` names, opened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from siks_offline.cli import output

if TYPE_CHECKING:
    import argparse

    from siks_offline.dinsos.office import Office


def now() -> datetime:
    """Return the moment of a command."""
    return datetime.now(UTC)


def opened(args: argparse.Namespace, *, whole: bool = False) -> Office:
    """Open the office that was named; `whole` for commands that would not do with half its data.

    Raises what `office.open_office` raises; SiksError E_REBUILDING.
    """
    from siks_offline.dinsos import office, rebuild

    known = office.read_folder(args.store)
    phrase = output.passphrase(practice=known.practice)
    made = office.open_office(args.store, phrase, account=args.akun, url=args.url)
    if whole:
        try:
            rebuild.require_whole(made)
        except BaseException:
            made.close()
            raise
    return made
