"""The prelist akhir: what is left to visit, who visits it, and the number on each paper form."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final, Literal

from siks_offline.desa.rights import action
from siks_offline.instrument import promoted
from siks_offline.meeting import (
    COLUMNS,
    FINAL,
    OF_PRELIST,
    OF_PROPOSALS,
    OPEN,
    FinalLine,
    is_barcode,
)
from siks_offline.model import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village
    from siks_offline.meeting import Column

Which = Literal["awal", "akhir", "usulan", "tidak_ditemukan", "semua"]
_SPOUSE: Final = "nama_pasangan_krt"
_SPOUSE_CODE: Final = "2"
"""Istri or suami among the relations (FIELD.md 5.4)."""
_COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    "awal": OF_PRELIST,
    "usulan": OF_PROPOSALS,
    "tidak_ditemukan": ("tidak_ditemukan", "pindah", "ganda"),
    "semua": COLUMNS,
}


def barcode(household_id: str) -> str:
    """Return the number on a household's papers: the same on every laptop, in every period."""
    digest = hashlib.sha256(b"siks-nomor/1\n" + household_id.encode()).digest()
    number = int.from_bytes(digest[:8]) % 10**10
    return f"{number:010}{98 - number * 100 % 97:02}"


def final_columns(*, visits_able: bool) -> frozenset[Column]:
    """Return the columns of the count that make the prelist akhir."""
    return FINAL | {"mampu"} if visits_able else FINAL


@action
def find_barcode(village: Village, text: str) -> str | None:
    """Return the household whose number was scanned, or None."""
    from siks_offline.db import households

    wanted = text.strip()
    if not is_barcode(wanted):
        return None
    with village.store.read() as session:
        known = households.find(session, order="seq")
    return next((id_ for id_ in known if barcode(id_) == wanted), None)


@action
def ids(village: Village, which: Which = "akhir") -> list[str]:
    """Return the households of a list by RW and RT, ties by name."""
    from siks_offline.db import meeting

    with village.store.read() as session:
        return meeting.agenda(session, village.period, wanted=_wanted(session, village, which))


@action
def rows(village: Village, which: Which = "akhir") -> list[FinalLine]:
    """Return a list as it is printed: the columns of the prelist, barcode and officer."""
    from siks_offline.db import households, meeting

    with village.store.read() as session:
        wanted = _wanted(session, village, which)
        chosen = meeting.agenda(session, village.period, wanted=wanted)
        found = meeting.agenda_lines(session, village.period, chosen)
        asked = (promoted.SEX_OF_HEAD, _SPOUSE, promoted.MEMBERS)
        said = households.heads_of(session, asked)
        officers = meeting.officers(session)
    made = []
    for id_, line in found.items():
        sex, spouse = _couple(*said.get(id_, ("", "", "")))
        officer = officers.get((_plain(line.rw), _plain(line.rt)), "")
        made.append(FinalLine(line, sex, spouse, barcode(id_), officer))
    return made


def _couple(sex: str, spouse: str, members: str) -> tuple[str, str]:
    """Return the sex of the head and the spouse's name; from the members where no list says it."""
    if (sex and spouse) or not members:
        return sex, spouse
    people = json.loads(members)
    krt = promoted.head({promoted.MEMBERS: people})
    of = (promoted.RELATION, promoted.RELATION_IN_FAMILY)
    partner: dict[str, str] = next(
        (one for one in people if _SPOUSE_CODE in (one.get(name) for name in of)), {}
    )
    return sex or krt.get(promoted.SEX, ""), spouse or partner.get(promoted.NAMA, "")


@action
def assign(village: Village, rw: str, rt: str, officer: str, now: datetime) -> Changes:
    """Give the households of an RT to an officer; an empty name takes them back."""
    from siks_offline.db import meeting
    from siks_offline.desa.proposals import note
    from siks_offline.export import canonical

    name = " ".join(canonical.normalise_text(officer)[0].split())[:100]
    with village.store.write() as session:
        meeting.assign(session, _plain(rw), _plain(rt), name)
        note(session, village, now, "petugas.tugaskan", f"{rt}/{rw}", {"petugas": name})
    return Changes(prelist=True)


@action
def officers(village: Village) -> list[tuple[str, str, str, int]]:
    """Return (RW, RT, officer, households of the prelist akhir) for every RT, in order."""
    from collections import Counter

    from siks_offline.db import meeting

    with village.store.read() as session:
        named = meeting.officers(session)
        chosen = meeting.agenda(session, village.period, wanted=_wanted(session, village, "akhir"))
        found = meeting.agenda_lines(session, village.period, chosen)
    count = Counter((_plain(line.rw), _plain(line.rt)) for line in found.values())
    places = dict.fromkeys([*count, *named])
    return [(rw, rt, named.get((rw, rt), ""), count[rw, rt]) for rw, rt in places]


def dropped(session: Session, village: Village) -> frozenset[str]:
    """Return the households that a closed musyawarah took from the work of visits."""
    from siks_offline.db import meeting

    if not meeting.standing(session, village.period).closed_at:
        return frozenset()
    kept = _wanted(session, village, "akhir") | OPEN
    stands = meeting.columns(session, village.period)
    return frozenset(id_ for id_, column in stands.items() if column not in kept)


def _plain(number: str) -> str:
    """Return an RT or RW without the zeros that some lists put before it."""
    return number.strip().lstrip("0") or number.strip()


def _wanted(session: Session, village: Village, which: Which) -> frozenset[Column]:
    from siks_offline.desa import proposals

    if which == "akhir":
        return final_columns(visits_able=proposals.region(session, village).visits_able)
    return frozenset(_COLUMNS[which])
