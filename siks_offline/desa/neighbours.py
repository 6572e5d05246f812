"""Which NIKs of one household other households of the village have, for the rules to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline import texts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from siks_offline.db.neighbours import Neighbour


class Neighbours:
    """A look-up that `checks` may call on any thread: it answers from what was learnt last.

    `learn` asks the village file; the thread of the database calls it when a visit is opened, kept
    or completed.
    """

    def __init__(self, household_id: str) -> None:
        self._household_id = household_id
        self._known: Mapping[str, str] = {}

    def __call__(self, niks: Collection[str]) -> Mapping[str, str]:
        """Return those of these NIKs that another household has, with words for it."""
        return {nik: self._known[nik] for nik in niks if nik in self._known}

    def learn(self, session: Session, niks: Collection[str]) -> None:
        """Ask the village file about these NIKs."""
        from siks_offline.db import neighbours

        self.hear(neighbours.holders(session, niks), niks)

    def hear(self, holders: Mapping[str, Sequence[Neighbour]], niks: Iterable[str]) -> None:
        """Take over who has these NIKs from what was asked for many households at once."""
        known: dict[str, str] = {}
        for nik in niks:
            others = (one for one in holders.get(nik, ()) if one.household_id != self._household_id)
            if (first := next(others, None)) is not None:
                rt, rw = first.rt or "-", first.rw or "-"
                known[nik] = texts.text("rumah_tangga.sebutan", nama=first.nama_krt, rt=rt, rw=rw)
        self._known = known
