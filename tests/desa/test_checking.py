"""Checking the whole village says of each household what opening it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.db import households, meeting
from siks_offline.desa import checking, versions, visit
from siks_offline.instrument import checks
from siks_offline.meeting import Verdict
from tests.desa.test_neighbours import prelisted
from tests.desa.test_versions import NOW, drafted, finish, newer, village

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.model import Issue

__all__ = ["village"]


def checked(village: Village) -> tuple[int, dict[str, list[Issue]]]:
    """How many were checked, and by household what was found, in one list order."""
    number, found = checking.check_all(village, NOW)
    by_id: dict[str, list[Issue]] = {}
    for household_id, issue in found:
        by_id.setdefault(household_id, []).append(issue)
    return number, by_id


def opened(village: Village, household_id: str) -> list[Issue]:
    return list(checks.issues(visit.open_visit(village, household_id, NOW).state))


def test_drafts_are_checked_as_they_open(village: Village, tmp_path: Path) -> None:
    """Under both questionnaires, with the word of the musyawarah, and of neighbours' NIKs."""
    nik = prelisted(village, 1)[0]
    old = drafted(village, 2, **{"anggota[1].nik": nik})
    found = versions.preview(village, newer(tmp_path / "baru.xlsx"), NOW)
    versions.install(village, found, NOW)
    mine = [old, drafted(village, 3, jumlah_art="9"), drafted(village, 4, status_rumahtangga="2")]
    with village.store.write() as session:
        closed = meeting.Standing(village.period, closed_at="2026-11-21T00:00:00Z")
        meeting.put_standing(session, closed)
        meeting.put_verdicts(session, [Verdict(mine[2], village.period, status="1", able="1")])
    number, by_id = checked(village)
    assert number == len(mine)
    for household_id in mine:
        assert by_id.get(household_id, []) == opened(village, household_id)
    assert {"w_nik_desa"} <= {issue.rule for issue in by_id[old]}
    assert by_id[mine[1]]


def test_completed_visits_are_checked_as_they_were_completed(village: Village) -> None:
    """A NIK that a neighbour's prelist brings later is asked about; what was confirmed is not."""
    first, second = drafted(village, 2), drafted(village, 3)
    assert finish(village, first, NOW).done
    assert finish(village, second, NOW).done
    assert checked(village) == (2, {})
    niks = prelisted(village, 2)
    number, by_id = checked(village)
    assert number == 2
    assert [issue.rule for issue in by_id.pop(first)] == ["w_nik_desa"] * len(niks)
    assert by_id == {}


def test_what_was_begun_without_an_answer_is_checked_too(village: Village) -> None:
    """A household given back without a visit here opens with what its prelist knew."""
    facts, states = households.Facts(nama_krt="SITI"), households.States(kerja="dikembalikan")
    listed = households.Listed(id="h1", facts=facts, answers={"nama_krt": "SITI"})
    with village.store.write() as session:
        households.upsert_many(session, [listed])
        households.set_states(session, {"h1": states})
    number, by_id = checked(village)
    assert (number, by_id["h1"]) == (1, opened(village, "h1"))
