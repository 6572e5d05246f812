"""A village to look at: invented households, as a prelist and a few visits would leave them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from siks_offline.crypto import codes
from siks_offline.desa import accounts, visit
from siks_offline.instrument import promoted

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.village import Village

NOW = datetime(2026, 11, 22, 3, 42, tzinfo=UTC)
PASSPHRASE = "latihan"
ACCOUNT = "operator"
HOSTILE = "<img src=x> <b>SITI</b> & A"

FIRST = (
    "SITI",
    "BUDI",
    "SRI",
    "AGUS",
    "DEWI",
    "JOKO",
    "NUR",
    "EKO",
    "RINI",
    "HADI",
    "WATI",
    "TONO",
)
LAST = ("AMINAH", "SANTOSO", "WAHYUNI", "PRASETYO", "LESTARI", "WIDODO", "HIDAYAH", "SAPUTRA")


def now() -> datetime:
    """The moment at which these tests happen."""
    return NOW


def name(number: int) -> str:
    """An invented name."""
    return f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}"


def answers(number: int, members: int = 0) -> dict[str, object]:
    """Prelist answers of an invented household."""
    rt = f"{number % 6 + 1:03}"
    found: dict[str, object] = {
        promoted.IDBDT: f"3509122003{number:013}",
        promoted.NAMA_KRT: name(number),
        promoted.ALAMAT: f"Dusun Krajan Gang {number % 9 + 1} No. {number % 40 + 1}",
        promoted.DUSUN: "Krajan",
        promoted.RT: rt,
        promoted.RW: f"{number % 3 + 1:03}",
        "kdprop": "35",
        "kdkab": "09",
        "kdkec": "120",
        "kddesa": "003",
        promoted.NIK_PRELIST: f"350912{number % 28 + 1:02}0778{number % 9999 + 1:04}",
    }
    if members:
        found[promoted.MEMBERS] = [
            {
                promoted.NAMA: name(number + 7 * one),
                promoted.NIK: f"350912{(number + one) % 28 + 1:02}07{60 + one:02}{one + 1:04}",
            }
            for one in range(members)
        ]
    return found


def make_village(folder: Path, households: int = 60, members: int = 4) -> Village:
    """Make a practice village with invented households, open."""
    from siks_offline.db import households as stored

    village = accounts.create_village(
        folder,
        kode_desa="3509122003",
        nama_desa="Desa Sukamaju",
        account=ACCOUNT,
        passphrase=PASSPHRASE,
        recovery_code=codes.recovery_code(),
        now=NOW,
        practice=True,
        bps="3509120003",
    )
    listed = []
    for number in range(households):
        found = answers(number, members if number % 3 else 0)
        listed.append(
            stored.Listed(
                id=f"00000000-0000-4000-8000-{number:012}",
                facts=stored.Facts(
                    **{k: v for k, v in promoted.columns(found).items() if k != "idbdt"}
                ),
                source="prelist",
                idbdt=str(found[promoted.IDBDT]),
                answers=found,
            )
        )
    with village.store.write() as session:
        stored.upsert_many(session, listed)
    return village


def begin(village: Village, household_id: str) -> None:
    """Leave a draft of a household behind."""
    opened = visit.open_visit(village, household_id, NOW)
    visit.save_draft(village, household_id, opened.snapshot(), None, NOW)
