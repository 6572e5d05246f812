"""Another laptop's or a lost copy's isian of the same household, and the revision that merges them.

The Dinsos keeps every head and tells of them in receipts. The household is given back; the next
revision that a person completes names them all as parents, and stands alone (BUNDLE.md section 4).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from siks_offline.export.receipt import Rival
from siks_offline.export.records import HIGHEST_REVISION, MOST_PARENTS
from siks_offline.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from siks_offline.db.visits import Visit

KEPT: Final = "isian_ganda"
"""Meta key of what the newest receipt said: its stream, its number, the heads as JSON."""


def note(
    session: Session, told: Iterable[Rival], stream: str, seq: int, *, late: bool = False
) -> frozenset[str]:
    """Keep what a receipt says of heads; return the households given back, or back no more.

    A receipt older than the newest one, or `late` in a stream of its own, is not listened to.
    """
    from siks_offline.db import households, meta, notes

    before = json.loads(meta.get(session, KEPT) or "{}")
    heads = list(told)
    if before and (late or (before["stream"] == stream and before["seq"] > seq)):
        heads = [Rival(**one) for one in before["heads"]]
    else:
        kept = {"stream": stream, "seq": seq, "heads": [asdict(one) for one in heads]}
        meta.put(session, KEPT, json.dumps(kept))
    places = {one.household_id: one.differs.partition(" ")[0] for one in heads}
    waiting = {id_: path for id_, path in places.items() if _waiting(session, id_, heads)}
    former = {one["household_id"] for one in before.get("heads", ())} - waiting.keys()
    lines = households.lines(session, [*waiting, *former])
    comment = text("serah.isian_ganda")
    states = {
        id_: households.States(
            kerja=None if lines[id_].kerja == "draf" else "dikembalikan",
            komentar=comment,
            komentar_jalur=path,
        )
        for id_, path in waiting.items()
    }
    wanted = notes.returned(session, list(former))  # what a supervisor sent back stays so
    for id_ in former & lines.keys():
        if lines[id_].komentar == comment:
            path, words = wanted.get(id_, ("", ""))
            states[id_] = households.States(
                kerja=None if lines[id_].kerja == "draf" or id_ in wanted else "selesai",
                komentar=words,
                komentar_jalur=path,
            )
    return households.set_states(session, states)


def beside(session: Session, before: Visit) -> list[Rival]:
    """Return the heads that the revision after this one names as parents too."""
    from siks_offline.db import meta

    kept = json.loads(meta.get(session, KEPT) or "{}")
    heads = [Rival(**one) for one in kept.get("heads", ())]
    return _unnamed(session, before, heads)[: MOST_PARENTS - 1]


def _waiting(session: Session, household_id: str, heads: Iterable[Rival]) -> bool:
    """Whether this village has an isian of a household that another head stands beside."""
    from siks_offline.db import meta, visits

    mine = visits.current(session, household_id, meta.get(session, "period") or "")
    return mine is not None and bool(_unnamed(session, mine, heads))


def _unnamed(session: Session, mine: Visit, heads: Iterable[Rival]) -> list[Rival]:
    """Heads of the same household and period that no revision of ours is or names."""
    from siks_offline.db import visits

    found = [
        one
        for one in heads
        if (one.household_id, one.period) == (mine.household_id, mine.period)
        and one.revision < HIGHEST_REVISION
    ]
    if not found:
        return []
    ours = visits.revisions(session, mine.visit_id)
    known = {one.sha256 for one in ours}
    known |= {parent for one in ours for parent in json.loads(one.line)["parents"]}
    return [one for one in found if one.sha256 not in known]
