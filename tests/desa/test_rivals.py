"""A household of which the Dinsos holds several heads comes back, and its next revision names them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from siks_offline.db import households, visits
from siks_offline.desa import rivals, undo
from siks_offline.errors import BundleError
from siks_offline.export.receipt import Choice, Receipt, Rival
from siks_offline.export.records import MOST_PARENTS
from siks_offline.texts import text
from tests.desa.test_reviews import IDS, complete, village

if TYPE_CHECKING:
    from siks_offline.desa.village import Village

__all__ = ["village"]
OTHER = "00000000-0000-4000-8000-0000000000aa"
STREAM, NEW_STREAM = "s", "t"


def heads(village: Village, count: int = 1, **changes: object) -> list[Rival]:
    """What a receipt says: our own head, and those of another laptop."""
    with village.store.read() as session:
        mine = visits.current(session, IDS[0], village.period)
    assert mine is not None
    own = Rival(IDS[0], village.period, mine.visit_id, mine.revision, mine.sha256, "alamat rt")
    values = {"period": village.period, "revision": 4, "differs": "alamat rt"} | changes
    others = [
        Rival(IDS[0], visit_id=OTHER, sha256=f"{number:064x}", **values)  # type: ignore[arg-type]
        for number in range(count)
    ]
    return [own, *others]


def told(village: Village, found: list[Rival], seq: int, stream: str = STREAM) -> frozenset[str]:
    with village.store.write() as session:
        return rivals.note(session, found, stream, seq)


def state(village: Village) -> tuple[str, str, str]:
    with village.store.read() as session:
        line = households.lines(session, [IDS[0]])[IDS[0]]
        return line.kerja, line.komentar, households.comment_path(session, IDS[0])


def newest(village: Village) -> dict:
    with village.store.read() as session:
        mine = visits.current(session, IDS[0], village.period)
        assert mine is not None
        found = visits.revision(session, mine.sha256)
    assert found is not None
    return json.loads(found.line)


GIVEN_BACK = ("dikembalikan", text("serah.isian_ganda"), "alamat")


def test_the_next_revision_names_every_head(village: Village) -> None:
    """It stands alone afterwards, and an answer that still tells of the old heads changes nothing."""
    complete(village, IDS[0], 0)
    found = heads(village)
    assert told(village, found, 3) == {IDS[0]}
    assert state(village) == GIVEN_BACK
    complete(village, IDS[0], 0)
    line = newest(village)
    assert line["revision"] == 5
    assert line["parents"] == sorted(one.sha256 for one in found)
    assert undo.revisions(village, IDS[0]) == [5, 1]
    assert told(village, found, 4) == frozenset()
    assert state(village) == ("selesai", "", "")
    complete(village, IDS[0], 0)
    assert newest(village)["parents"] == [line["sha256"]]


def test_what_another_laptop_merged_comes_back_no_more(village: Village) -> None:
    """An answer without the heads takes the household back; an older one is not listened to."""
    complete(village, IDS[0], 0)
    told(village, heads(village), 3)
    told(village, [], 2)
    assert state(village) == GIVEN_BACK
    assert told(village, [], 4) == {IDS[0]}
    assert state(village) == ("selesai", "", "")
    told(village, heads(village), 3)
    assert state(village) == ("selesai", "", "")
    told(village, heads(village), 1, NEW_STREAM)  # a restored Dinsos begins to count anew
    assert state(village) == GIVEN_BACK


@pytest.mark.parametrize(
    "changes", [{"period": "2020-Q1"}, {"revision": 1_000_000}], ids=["period", "revision"]
)
def test_heads_that_no_revision_may_name(village: Village, changes: dict[str, object]) -> None:
    """Those of another period, or at the last number there is, leave the household as it is."""
    complete(village, IDS[0], 0)
    assert told(village, heads(village, **changes), 1) == frozenset()
    complete(village, IDS[0], 0)
    assert len(newest(village)["parents"]) == 1


def test_more_heads_than_parents(village: Village) -> None:
    """As many as a revision may name are merged; the rest is told again by the next answer."""
    complete(village, IDS[0], 0)
    told(village, heads(village, 12), 1)
    complete(village, IDS[0], 0)
    assert len(newest(village)["parents"]) == MOST_PARENTS
    assert told(village, heads(village, 12), 2) == {IDS[0]}


def test_a_line_that_names_no_head_is_refused() -> None:
    """What a receipt says of heads has one form; other kinds are passed over."""
    with pytest.raises(BundleError, match="E_RECORD_SCHEMA"):
        Receipt(choices=(Choice(IDS[0], "head", "2026-Q4 x"),)).rivals()
    assert Receipt(choices=(Choice(IDS[0], "lain", "x"),)).rivals() == ()
