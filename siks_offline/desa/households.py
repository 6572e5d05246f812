"""Finding and listing a village's households."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.desa.rights import action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siks_offline.desa.village import Village
    from siks_offline.model import Counts, HouseholdLine, Kerja, Kirim


@action
def find(
    village: Village,
    words: str = "",
    *,
    kerja: Kerja | None = None,
    kirim: Kirim | None = None,
    order: str = "nama_krt",
    descending: bool = False,
) -> list[str]:
    """Ids of households that match every word in any part of name, NIK, KK or address."""
    from siks_offline.db import households

    with village.store.read() as session:
        return households.find(
            session, words, kerja=kerja, kirim=kirim, order=order, descending=descending
        )


@action
def lines(village: Village, ids: Sequence[str]) -> Mapping[str, HouseholdLine]:
    """Rows of a list for these households; unknown ids are left out."""
    from siks_offline.db import households

    with village.store.read() as session:
        return households.lines(session, ids)


@action
def counts(village: Village) -> Counts:
    """How many households stand in each state, and by RT."""
    from siks_offline.db import households

    with village.store.read() as session:
        return households.counts(session)


@action
def next_open(village: Village) -> str | None:
    """The household to go on with: one sent back, else a draft, else one not begun.

    Once the musyawarah is closed, only those of the prelist akhir and those it said nothing of.
    """
    from siks_offline.db import households
    from siks_offline.desa import final_list

    with village.store.read() as session:
        return households.next_open(session, final_list.dropped(session, village))
