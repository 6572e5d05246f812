"""A NIK that another household of the village has: asked about, never a block, told in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.db import households, visits
from siks_offline.desa import checking, visit
from siks_offline.instrument import checks, promoted
from tests.desa.test_versions import LATER, NOW, OLD, answers_of, drafted, finish, village

if TYPE_CHECKING:
    from siks_offline.desa.village import Village

__all__ = ["village"]


def prelisted(village: Village, number: int) -> list[str]:
    """A practice household as a prelist lists it; the NIKs of its members."""
    answers = answers_of(number)
    members = promoted.members(answers)
    ids = [f"p{number}-{at}" for at in range(len(members))]
    listed = households.Listed(
        id=f"h{number}",
        facts=households.Facts(nama_krt=answers["nama_krt"], rt="001", rw="002"),
        answers=answers,
        persons=promoted.persons(answers, ids),
    )
    with village.store.write() as session:
        households.upsert_many(session, [listed])
    return [one["nik"] for one in members]


def rules_of(village: Village, household_id: str) -> dict[str, str]:
    state = visit.open_visit(village, household_id, NOW).state
    return {i.rule: i.message for i in checks.issues(state) if i.rule == "w_nik_desa"}


def test_a_nik_that_the_prelist_gives_another_household(village: Village) -> None:
    """Opening, checking and completing ask; a reason lets the visit be completed with it."""
    nik = prelisted(village, 1)[0]
    household_id = drafted(village, 2, **{"anggota[1].nik": nik})
    name = answers_of(1)["nama_krt"]
    assert name in rules_of(village, household_id)["w_nik_desa"]
    _, found = checking.check_all(village, NOW)
    assert (household_id, "w_nik_desa") in [(id_, issue.rule) for id_, issue in found]
    state = visit.open_visit(village, household_id, NOW).state
    state.lookup = None  # whoever calls, completing asks the village itself
    for issue in checks.issues(state):
        state.confirm(issue.path, issue.rule, "diperiksa")
    stopped = visit.complete(village, household_id, state, NOW)
    assert [issue.rule for issue in stopped.issues] == ["w_nik_desa"]
    assert finish(village, household_id, LATER).done
    with village.store.read() as session:
        current = visits.current(session, household_id, village.period)
    assert current is not None
    assert "w_nik_desa" in {one.rule for one in current.confirmations}


def test_its_own_nik_and_drafts_of_others_are_no_matter(village: Village) -> None:
    """A household does not meet itself, nor what somebody else has not completed."""
    household_id = drafted(village, 2)
    nik = answers_of(2)["anggota"][0]["nik"]
    other = drafted(village, 3, **{"anggota[1].nik": nik})
    assert rules_of(village, household_id) == {}
    assert finish(village, household_id, NOW).done
    assert rules_of(village, household_id) == {}
    assert rules_of(village, other) != {}


def test_keeping_a_draft_tells_the_open_form(village: Village) -> None:
    """The window asks no database: what was typed is looked up when the draft is kept."""
    nik = prelisted(village, 1)[0]
    household_id = drafted(village, 2)
    opened = visit.open_visit(village, household_id, NOW)
    opened.state.set("anggota[1].nik", nik)
    assert "w_nik_desa" not in [i.rule for i in checks.issues(opened.state)]
    visit.save_draft(village, household_id, opened.snapshot(), None, NOW)
    assert "w_nik_desa" in [i.rule for i in checks.issues(opened.state)]
    assert opened.snapshot().instrument == OLD
