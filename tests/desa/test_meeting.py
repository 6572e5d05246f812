"""What the musyawarah of a village keeps, refuses and closes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.db import audit
from siks_offline.desa import closing, final_list, households, meeting, proposals, visit
from siks_offline.errors import FileError, SecretError, SiksError, StoreError
from siks_offline.meeting import Attendee, Sitting, Verdict
from tests.scenarios import hall
from tests.ui import worlds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village

NOW = worlds.NOW


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    with worlds.make_village(tmp_path / "desa", households=8) as made:
        yield made


def first(village: Village, number: int = 0) -> str:
    return final_list.ids(village, "awal")[number]


def code_of(error: pytest.ExceptionInfo[SiksError]) -> str:
    return error.value.code


SENSELESS = (
    (Verdict("", "", "4"), "E_VERDICT_STATUS"),
    (Verdict("", "", "2"), "E_VERDICT_REASON"),
    (Verdict("", "", "1", reason="1"), "E_VERDICT_REASON"),
    (Verdict("", "", "3"), "E_VERDICT_TWIN"),
    (Verdict("", "", "3", twin="tidak-ada"), "E_VERDICT_TWIN"),
    (Verdict("", "", "2", reason="1", able="1"), "E_VERDICT_CODE"),
    (Verdict("", "", "1", standing="3"), "E_VERDICT_CODE"),
)


def test_a_word_that_makes_no_sense_is_refused(village: Village) -> None:
    """Nothing is stored of a verdict whose parts do not fit each other."""
    for said, code in SENSELESS:
        with pytest.raises(StoreError) as refused:
            meeting.decide(village, first(village), said, NOW)
        assert code_of(refused) == code
    assert meeting.tally(village).open == 8


def test_two_households_cannot_each_be_the_others_double(village: Village) -> None:
    """One of a pair stays: otherwise both would fall out of the list."""
    one, other = first(village), first(village, 1)
    hall.say(village, one, "3", NOW, twin=other)
    with pytest.raises(StoreError) as refused:
        hall.say(village, other, "3", NOW, twin=one)
    assert code_of(refused) == "E_VERDICT_TWIN"


def test_a_later_word_replaces_and_can_be_taken_back(village: Village) -> None:
    """The count follows; every word has its line in the audit."""
    home = first(village)
    hall.say(village, home, "2", NOW, reason="2")
    line, _ = meeting.decide(village, home, Verdict("", "", "1", able="1"), NOW)
    assert line.column == "mampu"
    line, _ = meeting.take_back(village, home, NOW)
    assert line.column == "belum"
    with village.store.read() as session:
        done = [one.action for one in audit.lines(session) if one.subject == home]
    assert done == ["musyawarah.tarik", "musyawarah.putusan", "musyawarah.putusan"]


def test_closing_wants_every_household_and_a_sitting(village: Village) -> None:
    """Undecided households and a missing sitting are named; SPTJM stands for a sitting."""
    with pytest.raises(StoreError) as refused:
        closing.close(village, NOW)
    assert (code_of(refused), refused.value.facts["jumlah"]) == ("E_MEETING_UNDECIDED", 8)
    meeting.decide_rest(village, NOW)
    with pytest.raises(StoreError) as refused:
        closing.close(village, NOW)
    assert code_of(refused) == "E_MEETING_NO_SITTING"
    closed, _ = closing.close(village, NOW, way="sptjm")
    assert (closed.paper, closed.signed) == ("sptjm", False)


def test_what_is_closed_stands_until_it_is_opened_again(village: Village) -> None:
    """No verdict, sitting or proposal after closing; opening wants a reason and keeps it."""
    meeting.decide_rest(village, NOW)
    hall.sit(village, NOW)
    closing.close(village, NOW)
    for act in (
        lambda: hall.say(village, first(village), "2", NOW, reason="1"),
        lambda: hall.sit(village, NOW),
        lambda: meeting.decide_rest(village, NOW),
        lambda: closing.close(village, NOW),
        lambda: hall.propose(village, hall.family(1, village.kode_desa), NOW),
    ):
        with pytest.raises(StoreError) as refused:
            act()
        assert code_of(refused) == "E_MEETING_CLOSED"
    with pytest.raises(StoreError) as refused:
        closing.reopen(village, " x ", NOW)
    assert code_of(refused) == "E_MEETING_REASON"
    opened, _ = closing.reopen(village, "Salah membaca daftar RT 3", NOW)
    assert (opened.closed, opened.reopened) == (False, "Salah membaca daftar RT 3")
    hall.say(village, first(village), "2", NOW, reason="1")


def test_only_an_admin_opens_a_closed_musyawarah(village: Village) -> None:
    """Reopening is a right of its own; an operator is refused before anything happens."""
    meeting.decide_rest(village, NOW)
    closing.close(village, NOW, way="sptjm")
    village.role = "operator"
    with pytest.raises(SecretError):
        closing.reopen(village, "Ada yang keliru", NOW)
    assert meeting.read(village).closed


def test_a_visit_shows_what_was_decided(village: Village) -> None:
    """After closing, the head of the visit is filled and cannot be changed; before, it can."""
    home, other = first(village), first(village, 1)
    assert visit.open_visit(village, home, NOW).status_editable
    hall.say(village, home, "1", NOW, able="2", working="1", standing="6", disabled="2")
    hall.say(village, other, "2", NOW, reason="1")
    meeting.decide_rest(village, NOW)
    closing.close(village, NOW, way="sptjm")
    opened = visit.open_visit(village, home, NOW)
    assert not opened.status_editable
    assert opened.state.value("status_rumahtangga") == "1"
    assert opened.state.value("status_pekerjaan_krt") == "6"
    assert other not in final_list.ids(village)
    later, _ = visit.add_household(village, NOW)
    assert visit.open_visit(village, later, NOW).status_editable


def test_work_goes_on_in_the_prelist_akhir_only(village: Village) -> None:
    """Households that were not found are no longer the next to visit."""
    all_of_them = final_list.ids(village, "awal")
    for home in all_of_them[:-1]:
        hall.say(village, home, "2", NOW, reason="2")
    hall.say(village, all_of_them[-1], "1", NOW)
    closing.close(village, NOW, way="sptjm")
    assert households.next_open(village) == all_of_them[-1]


def test_a_household_found_by_its_number(village: Village) -> None:
    """The number on the paper leads to the household, on every laptop alike."""
    rows = final_list.rows(village, "awal")
    assert len({one.barcode for one in rows}) == 8
    for one in rows:
        assert one.barcode == final_list.barcode(one.line.id)
        assert final_list.find_barcode(village, f" {one.barcode}\n") == one.line.id
    assert final_list.find_barcode(village, "000000000000") is None


def test_the_printed_list_knows_head_and_spouse_by_their_members(village: Village) -> None:
    """Where no list says sex and spouse, the members do (columns 3 and 4 of the prelist)."""
    hall.propose(village, hall.family(1, village.kode_desa), NOW)
    (row,) = final_list.rows(village, "usulan")
    told = hall.family(1, village.kode_desa)["anggota"]
    spouse = next((one["nama"] for one in told if one["hubkel"] == "2"), "")
    assert (row.jenis_kelamin, row.nama_pasangan) == (told[0]["jnskel"], spouse)


def test_officers_by_rt(village: Village) -> None:
    """An RT's households carry their officer, however many zeros the RT is written with."""
    line = final_list.rows(village, "awal")[0].line
    final_list.assign(village, str(int(line.rw)), line.rt, "  Sri   Wahyuni ", NOW)
    rows = final_list.rows(village, "awal")
    named = {one.line.id for one in rows if one.officer == "Sri Wahyuni"}
    assert named == {
        one.line.id for one in rows if (one.line.rw, one.line.rt) == (line.rw, line.rt)
    }


LACKING = (
    ({"date": "20 November"}, "E_SITTING_DATE"),
    ({"hour": "jam tujuh"}, "E_SITTING_HOUR"),
    ({"leader": " "}, "E_SITTING_LEADER"),
    ({"attendees": (Attendee("", "L", "rt"),)}, "E_SITTING_PRESENT"),
    ({"attendees": (Attendee("Budi", "X", "rt"),)}, "E_SITTING_PRESENT"),
)


def test_a_sitting_that_lacks_something(village: Village) -> None:
    """A sitting is kept whole or not at all."""
    whole = {"place": "Balai", "date": "2026-11-20", "hour": "9.30", "leader": "Suparman"}
    for change, code in LACKING:
        told: dict[str, Any] = {
            "id": "",
            "period": "",
            "number": 0,
            "leader_post": "",
            **whole,
            **change,
        }
        with pytest.raises(StoreError) as refused:
            meeting.put_sitting(village, Sitting(**told), NOW)
        assert code_of(refused) == code
    assert not meeting.read(village).sittings


def test_several_sittings_and_who_was_there(village: Village) -> None:
    """Sittings are numbered; those present are counted by sex and unsur."""
    one = hall.sit(village, NOW)
    hall.sit(village, NOW, "Balai RW 2")
    kept = meeting.read(village).sittings
    assert [each.number for each in kept] == [1, 2]
    assert kept[0].hour == "09:30"
    assert kept[0].present() == (2, 1)
    assert kept[0].present("babinsa") == (1, 0)
    assert meeting.drop_sitting(village, one.id, NOW)
    assert [each.number for each in meeting.read(village).sittings] == [2]


def test_only_scans_of_a_closed_musyawarah_are_attached(village: Village, tmp_path: Path) -> None:
    """A paper signed before closing would sign something else; a text file is no scan."""
    scan = tmp_path / "surat.pdf"
    scan.write_bytes(hall.PDF)
    with pytest.raises(StoreError) as refused:
        closing.attach(village, scan, NOW)
    assert code_of(refused) == "E_MEETING_OPEN"
    meeting.decide_rest(village, NOW)
    closing.close(village, NOW, way="sptjm")
    other = tmp_path / "surat.txt"
    other.write_bytes(b"hasil")
    with pytest.raises(FileError):
        closing.attach(village, other, NOW)
    kept = closing.attach(village, scan, NOW)
    assert closing.scan(village, kept.sha256) == hall.PDF
    assert meeting.read(village).signed
    closing.reopen(village, "Ada yang keliru", NOW)
    closing.close(village, NOW, way="sptjm")
    assert not meeting.read(village).signed, "the old paper signed the old results"


def test_a_proposal_that_was_only_begun_waits(village: Village) -> None:
    """Nothing can be decided of it, and it can be thrown away without a trace of the family."""
    proposal_id, _ = proposals.begin(village, NOW)
    home = proposals.lines(village)[0].household_id
    with pytest.raises(StoreError) as refused:
        hall.say(village, home, "4", NOW)
    assert code_of(refused) == "E_PROPOSAL_DRAFT"
    proposals.discard(village, proposal_id, NOW)
    assert meeting.tally(village).proposals == 0
    assert proposals.lines(village) == []
