"""`siks desa instrumen`: the questionnaire a village uses, a newer one, the way back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import output
from siks_offline.errors import StoreError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from siks_offline.desa.versions import Need
    from siks_offline.desa.village import Village

ALL = "semua"


def register(in_village: Callable[..., Any]) -> None:
    """Add the command; `in_village(name, run)` gives its parser, DESA included."""
    form = in_village("instrumen", instrumen)
    form.add_argument("berkas", metavar="FILE.xlsx", type=Path, nargs="?")
    form.add_argument("--pratinjau", action="store_true", help=texts.text("cli.desa.pratinjau"))
    form.add_argument(
        "--kembali", action="store_true", help=texts.text("cli.desa.instrumen.kembali")
    )
    form.add_argument(
        "--perbarui", metavar="ID", nargs="+", help=texts.text("cli.desa.instrumen.perbarui")
    )


def instrumen(args: argparse.Namespace) -> output.Answer:
    """Show, install or take back a questionnaire, and say who needs answers more."""
    from siks_offline.desa import accounts, versions
    from siks_offline.desa.village_folder import read_folder

    differences: tuple[str, ...] = ()
    drafts = again = renewed = 0
    now = datetime.now(UTC)
    read_folder(args.desa)  # a wrong folder is told before a passphrase is asked for
    with accounts.open_village(args.desa, args.akun, output.passphrase()) as village:
        if args.kembali:
            drafts = len(versions.go_back(village, now).households)
        if args.berkas and not args.kembali:
            found = versions.preview(village, args.berkas, now)
            differences = tuple(one.sentence for one in found.differences)
            drafts, again, needs, shown = found.drafts, found.again, found.needs, found.instrument
            if not args.pratinjau:
                versions.install(village, found, now)
        else:
            needs, shown = versions.needing(village, now), village.instrument
        if args.perbarui and not args.pratinjau:
            for household_id in _wanted(args.perbarui, needs):
                renewed += _renewed(village, household_id, now, named=args.perbarui != [ALL])
            needs = versions.needing(village, now)
    words = versions.sentences(needs)
    value = {
        "id": shown.id,
        "versi": shown.version,
        "pratinjau": bool(args.berkas and args.pratinjau),
        "perbedaan": list(differences),
        "draf": drafts,
        "tanya_lagi": again,
        "diperbarui": renewed,
        "perlu": [{"id": one.household_id, "jalur": list(one.paths)} for one in needs],
        "kalimat": list(words),
    }
    lines = [texts.text("cli.desa.instrumen.hasil", **value), *differences]
    if args.perbarui:
        lines.append(texts.text("cli.desa.instrumen.hasil_perbarui", jumlah=renewed))
    return output.Answer(value, "\n".join([*lines, *words]))


def _renewed(village: Village, household_id: str, now: datetime, *, named: bool) -> bool:
    """Take one up anew; of all, what somebody else is typing is left to them."""
    from siks_offline.desa import versions

    try:
        return bool(versions.renew(village, household_id, now).households)
    except StoreError as fault:
        if named or fault.code != "E_DRAFT_OTHER":
            raise
        return False


def _wanted(given: Sequence[str], needs: Sequence[Need]) -> list[str]:
    """Return the households to take up anew: those named, or for the word `semua` all in need."""
    return [need.household_id for need in needs] if list(given) == [ALL] else list(given)
