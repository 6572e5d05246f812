"""Periods follow each other, people move, and nothing is counted twice or carried over unasked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from siks_offline.db import households as stored
from siks_offline.db import meeting as meetings
from siks_offline.db import meta, records
from siks_offline.desa import (
    closing,
    final_list,
    households,
    meeting,
    moves,
    periods,
    prelist,
    proposals,
    revision,
    visit,
    wastebin,
)
from siks_offline.errors import SecretError, StoreError
from siks_offline.instrument import promoted
from siks_offline.instrument.engine import FormState
from siks_offline.latihan import people, world
from tests.scenarios import hall
from tests.scenarios.scenario import Scenario
from tests.ui import worlds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village

NOW = worlds.NOW


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    with worlds.make_village(tmp_path / "desa", households=4) as made:
        listed = [
            stored.Listed(
                id=f"00000000-0000-4000-8000-{number:012}",
                facts=stored.Facts(nama_krt=worlds.name(number), rt="001", rw="001", anggota=3),
                idbdt=f"3509122003{number:013}",
                answers=worlds.answers(number, 3),
                persons=promoted.persons(
                    worlds.answers(number, 3),
                    [f"00000000-0000-4000-9000-{number:06}{nth:06}" for nth in range(3)],
                ),
            )
            for number in range(4)
        ]
        with made.store.write() as session:
            stored.upsert_many(session, listed)
        yield made


def persons(village: Village, household_id: str) -> list[str]:
    with village.store.read() as session:
        return [one.id for one in stored.persons(session, household_id)]


def test_periods_follow_quarters_and_since_2021_months() -> None:
    """January, April, July, October; each month from May 2021."""
    assert periods.following("2020-Q4") == ("2021-Q1",)
    assert periods.following("2026-Q4") == ("2027-Q1", "2026-11")
    assert periods.following("2026-12") == ("2027-Q1", "2027-01")


def test_a_new_period_begins_with_nobody_visited(tmp_path: Path) -> None:
    """Answers of before are shown beside, and become a draft only when a person wishes."""
    made = Scenario(tmp_path / "d", world.KODE_DESA)
    made.stick.rmdir()
    (tmp_path / "d").rmdir()
    world.build(tmp_path / "d", households=4, percent=100, now=made.now)
    made.stick.mkdir()
    files = made.pack()
    with made.village() as village:
        home = households.find(village)[0]
        before = village.period
        periods.open_period(village, "2027-Q1", made.now)
        assert households.counts(village).kerja["belum"] == 4
    _, receipt = made.receive(files[0])
    made.accept(receipt)
    with made.village() as village:
        assert village.period == "2027-Q1"
        assert households.counts(village).kerja["belum"] == 4, "a late receipt is of before"
        last = periods.last(village, home)
        assert last is not None
        assert last.period == before
        opened = visit.open_visit(village, home, made.now)
        assert opened.state.value("nama_responden") == ""
        assert last.answers["anggota[1].sta_keberadaan_art"] == "1"
        periods.carry_over(village, home, made.now)
        opened = visit.open_visit(village, home, made.now)
        assert opened.state.value("nama_responden") == last.answers["nama_responden"] != ""
        assert opened.state.value("hasil_verivali") == ""
        with pytest.raises(StoreError, match="E_CARRY_BEGUN"):
            periods.carry_over(village, home, made.now)
        with pytest.raises(StoreError, match="E_PERIOD_DRAFTS"):
            periods.open_period(village, "2027-Q2", made.now)


def test_who_was_new_last_time_is_asked_again(village: Village) -> None:
    """ART status 4 is of its own period; who died or moved away stays so (statuses 1-6)."""
    home = households.find(village, order="seq")[0]
    bps = world.practice_bps(world.KODE_DESA)
    told = people.household(0, 1, world.KODE_DESA, world.TODAY, bps).answers
    codes = ["1", "2", "4", *["1"] * len(told["anggota"])]
    for member, code in zip(told["anggota"], codes, strict=False):
        member[promoted.PRESENCE] = code
    state = FormState(village.instrument, told, now=NOW)
    with village.store.write() as session:
        revision.store(session, village, home, state, NOW)
    periods.open_period(village, "2027-Q1", NOW)
    last = periods.last(village, home)
    assert last is not None
    assert last.again == (f"anggota[3].{promoted.PRESENCE}",)
    periods.carry_over(village, home, NOW)
    state = visit.open_visit(village, home, NOW).state
    carried = [state.value(f"anggota[{n}].{promoted.PRESENCE}") for n in (1, 2, 3)]
    assert carried == ["1", "2", ""]


def test_only_a_later_period_is_opened_and_by_an_admin(village: Village) -> None:
    """A period never goes back; the name is held to its form."""
    for period, code in (("2026-Q4", "ORDER"), ("2026-10", "ORDER"), ("2027", "FORM")):
        with pytest.raises(StoreError, match=f"E_PERIOD_{code}"):
            periods.open_period(village, period, NOW)
    village.role = "operator"
    with pytest.raises(SecretError):
        periods.open_period(village, "2027-Q1", NOW)


def test_a_proposal_of_before_is_of_the_next_list(village: Village, tmp_path: Path) -> None:
    """What the prelist akhir took in is prelist in the next period; who was refused is not."""
    for number in (1, 2):
        hall.propose(village, hall.family(number, village.kode_desa), NOW)
    taken, refused = final_list.ids(village, "usulan")
    hall.say(village, taken, "4", NOW, able="2")
    hall.say(village, refused, "4", NOW, able="1")
    meeting.decide_rest(village, NOW)
    closing.close(village, NOW, way="sptjm")
    with pytest.raises(StoreError, match="E_PERIOD_UNSIGNED"):
        periods.open_period(village, "2027-Q1", NOW)
    hall.sign(village, tmp_path, NOW)
    periods.open_period(village, "2027-Q1", NOW)
    with village.store.read() as session:
        stands = meetings.columns(session, village.period)
    assert (stands[taken], stands[refused]) == ("belum", "usulan_belum")
    assert not meeting.read(village).closed


def test_the_register_id_goes_with_the_person(village: Village) -> None:
    """A member who moves keeps the id, and both households show it; nobody is lost or doubled."""
    first, second, *_ = households.find(village, order="seq")
    going = persons(village, first)[1]
    everybody = sorted(persons(village, first) + persons(village, second))
    moves.move_members(village, first, [going], second, NOW)
    assert going in persons(village, second)
    assert sorted(persons(village, first) + persons(village, second)) == everybody
    lines = households.lines(village, [first, second])
    assert (lines[first].anggota, lines[second].anggota) == (2, 4)
    state = visit.open_visit(village, second, NOW).state
    assert state.count(promoted.MEMBERS) == 4
    (change,) = moves.history(village, second)
    assert (change.kind, change.person_id, change.subject) == ("pindah_anggota", going, first)


def test_a_household_splits_and_merges(village: Village) -> None:
    """The new one is a proposal with its members; merged, the old one is empty and still counted."""
    first, second, *_ = households.find(village, order="seq")
    going = persons(village, first)[1:]
    fresh, _ = moves.split(village, first, going, NOW)
    assert persons(village, fresh) == going
    assert meeting.tally(village).columns["usulan_belum"] == 1
    moves.merge(village, fresh, second, NOW)
    assert persons(village, fresh) == []
    assert set(going) <= set(persons(village, second))
    hall.say(village, fresh, "3", NOW, twin=second)
    tally = meeting.tally(village)
    assert (tally.prelist + tally.proposals, tally.columns["usulan_gugur"]) == (5, 1)


def listed_as(village: Village, home: str, members: list[dict[str, str]]) -> None:
    answers = {"nama_krt": members[0]["nama"], "anggota": members}
    ids = [f"00000000-0000-4000-9000-99999999{nth:04}" for nth in range(len(members))]
    with village.store.write() as session:
        stored.upsert_many(session, [prelist.listed(home, None, answers, ids)])


def visited(village: Village, home: str, members: list[dict[str, str]]) -> None:
    told = people.household(0, 1, world.KODE_DESA, NOW.date()).answers | {"anggota": members}
    with village.store.write() as session:
        revision.store(session, village, home, FormState(village.instrument, told, now=NOW), NOW)


def members(village: Village, home: str) -> list[tuple[str, str]]:
    state = visit.open_visit(village, home, NOW).state
    count = range(1, state.count("anggota") + 1)
    return [(state.value(f"anggota[{n}].nama"), state.value(f"anggota[{n}].nik")) for n in count]


@pytest.mark.parametrize("way", ["pecah", "pindah", "gabung"])
def test_members_whom_a_visit_found_keep_their_own_answers(village: Village, way: str) -> None:
    """The list told of A, B and C, the visit found A, C and D: C does not become B, nor D C."""
    home, other = households.find(village, order="seq")[:2]
    of_one = people.household(0, 1, world.KODE_DESA, NOW.date()).answers["anggota"][0]
    agus, bunga, cici, dewi = (
        {**of_one, "nama": name, "nik": f"350912150580009{n}", "idartbdt": "", "nuk": "1"}
        for n, name in enumerate(("AGUS", "BUNGA", "CICI", "DEWI"))
    )
    listed_as(village, home, [agus, bunga, cici])
    visited(village, home, [agus, cici, dewi])
    periods.open_period(village, "2027-Q1", NOW)
    named = [(one["nama"], one["nik"]) for one in (agus, cici, dewi)]
    going = persons(village, home)
    if way == "pecah":
        fresh, _ = moves.split(village, home, going[1:], NOW)
        assert members(village, fresh) == named[1:]
        assert members(village, home) == named[:1]
        [_, seen] = visit.open_visit(village, fresh, NOW).state.answers()["anggota"]
        assert (seen["tgllahir"], seen["nokk"]) == (dewi["tgllahir"], dewi["nokk"])
    elif way == "pindah":
        there = members(village, other)
        moves.move_members(village, home, going[2:], other, NOW)
        assert members(village, other) == [*there, named[2]]
        assert members(village, home) == named[:2]
    else:
        moves.merge(village, other, home, NOW)
        assert members(village, home)[:3] == named


def test_a_change_is_told_before_it_is_done_and_then_travels(village: Village) -> None:
    """A preview writes nothing; done, each person's change is one record of the next export."""
    first, second, *_ = households.find(village, order="seq")
    going = persons(village, first)
    seen = moves.preview(village, first, going[:1], second)
    assert (seen.source[1:], seen.target[1:], len(seen.names)) == ((3, 2), (3, 4), 1)
    assert moves.preview(village, first, going[1:], moves.NEW).target == ("", 0, 2)
    assert moves.read(village, first).told == ()
    assert persons(village, first) == going
    moves.move_members(village, first, going[:1], second, NOW)
    moves.mark_unfit(village, first, "lainnya", "pindah ke kota", NOW)
    with village.store.read() as session:
        due = [json.loads(one.line) for one in records.due(session, "moves")]
    assert [(one["kind"], one["household_id"], one["person_id"]) for one in due] == [
        ("pindah_anggota", first, going[0]),
        ("tidak_layak", first, ""),
    ]
    assert [one.reason for one in moves.read(village, first).told] == ["", "lainnya"]


def test_a_family_goes_with_its_card(village: Village) -> None:
    """Who moves in with another family is counted as that household's next family, once."""
    first, second, *_ = households.find(village, order="seq")
    for home, cards in ((first, ("11", "22", "22")), (second, ("33", "33", "33"))):
        members = [
            {"nama": f"A{n}", "nokk": card * 8, "nuk": str(1 + (card == "22"))}
            for n, card in enumerate(cards)
        ]
        families = [
            {"kk_nuk": str(n), "kk_nokk": card * 8}
            for n, card in enumerate(dict.fromkeys(cards), 1)
        ]
        one = prelist.listed(
            home, None, {"anggota": members, "kk": families}, persons(village, home)
        )
        with village.store.write() as session:
            stored.upsert_many(session, [one])
    moves.move_members(village, first, persons(village, first)[1:], second, NOW)
    with village.store.read() as session:
        left, right = (stored.prelist_answers(session, home) for home in (first, second))
    assert [one["kk_nokk"] for one in left["kk"]] == ["11" * 8]
    assert [(one["kk_nuk"], one["kk_nokk"]) for one in right["kk"]] == [
        ("1", "33" * 8),
        ("2", "22" * 8),
    ]
    assert [one["nuk"] for one in right["anggota"]] == ["1", "1", "1", "2", "2"]


def test_the_outlook_says_what_a_new_period_does(village: Village) -> None:
    """How many are visited anew, which proposals join the list, what is still undecided."""
    hall.propose(village, hall.family(1, village.kode_desa), NOW)
    (taken,) = final_list.ids(village, "usulan")
    hall.say(village, taken, "4", NOW, able="2")
    found = periods.outlook(village)
    assert (found.households, found.taken, found.drafts) == (5, 1, 0)
    assert found.undecided
    assert found.following == ("2027-Q1", "2026-11")
    assert village.period == "2026-Q4"


def test_what_makes_no_sense_moves_nobody(village: Village) -> None:
    """Nobody, the same household, or one whose visit has begun."""
    first, second, third, _ = households.find(village, order="seq")
    everybody = persons(village, first)
    with pytest.raises(StoreError, match="E_MOVE_NOBODY"):
        moves.move_members(village, first, ["tidak-ada"], second, NOW)
    with pytest.raises(StoreError, match="E_MOVE_NOBODY"):
        moves.move_members(village, first, everybody, first, NOW)
    opened = visit.open_visit(village, third, NOW)
    visit.save_draft(village, third, opened.snapshot(), None, NOW)
    with pytest.raises(StoreError, match="E_MOVE_BEGUN"):
        moves.move_members(village, first, everybody, third, NOW)
    with pytest.raises(StoreError, match="E_UNFIT_REASON"):
        moves.mark_unfit(village, first, "malas", "", NOW)
    moves.mark_unfit(village, first, "sudah_mampu", "usaha maju", NOW)
    assert moves.history(village, first)[0].reason == "sudah_mampu"
    assert persons(village, first) == everybody


def test_a_household_that_others_moved_into_is_not_thrown_away(village: Village) -> None:
    """People of the list live there now; with it they would be gone from the village."""
    home, _ = households.find(village, order="seq")[:2]
    fresh, _ = moves.split(village, home, persons(village, home)[1:2], NOW)
    with pytest.raises(StoreError, match="E_HOUSEHOLD_KEPT"):
        wastebin.throw_household(village, fresh, NOW)
    proposal, _ = proposals.begin(village, NOW)
    [line] = proposals.lines(village)
    moves.move_members(village, fresh, persons(village, fresh), line.household_id, NOW)
    with pytest.raises(StoreError, match="E_PROPOSAL_BEGUN"):
        proposals.discard(village, proposal, NOW)


def test_proposals_under_way_go_on_in_the_next_period(village: Village) -> None:
    """One that was never registered stays in the list, under the number that is free there."""
    begun = [proposals.begin(village, NOW)[0] for _ in range(2)]
    periods.open_period(village, "2027-Q1", NOW)
    assert {one.id: one.number for one in proposals.lines(village)} == dict(
        zip(begun, (1, 2), strict=True)
    )
    assert proposals.lines(village, "2026-Q4") == []


def test_a_paper_of_the_last_period_is_still_taken(village: Village, tmp_path: Path) -> None:
    """An earlier program opened the next period without it: the results were stuck for good."""
    hall.propose(village, hall.family(1, village.kode_desa), NOW)
    hall.say(village, final_list.ids(village, "usulan")[0], "4", NOW, able="2")
    meeting.decide_rest(village, NOW)
    closing.close(village, NOW, way="sptjm")
    said = meeting.tally(village).columns
    with village.store.write() as session:
        meetings.begin_period(session, village.period)
        meta.put(session, "period", "2027-Q1")
    before, village.period = village.period, "2027-Q1"
    hall.sign(village, tmp_path, NOW)
    with village.store.read() as session:
        assert closing.unsigned(session) == []
        (head,) = records.heads(session, "musdes", before).values()
        line = json.loads(head.line)
    assert (line["period"], line["counts"], len(line["documents"])) == (before, dict(said), 1)
    with pytest.raises(StoreError, match="E_MEETING_OPEN"):
        hall.sign(village, tmp_path, NOW)


def test_a_newer_list_neither_loses_nor_doubles_who_moved(village: Village) -> None:
    """Its addresses are taken; who lives where stays as the village was told."""
    first, second = households.find(village, order="seq")[:2]
    with village.store.read() as session:
        told = {id_: stored.prelist_answers(session, id_) for id_ in (first, second)}
        people_of = {id_: stored.persons(session, id_) for id_ in (first, second)}
    going = persons(village, first)[1]
    moves.move_members(village, first, [going], second, NOW)
    before = {id_: visit.open_visit(village, id_, NOW).state.count("anggota") for id_ in told}
    newer = [
        stored.Listed(
            id=id_,
            facts=stored.Facts(nama_krt="BARU", rt="009", rw="001", anggota=3),
            answers=told[id_] | {"alamat": "JALAN BARU"},
            persons=people_of[id_],
        )
        for id_ in told
    ]
    for _ in range(2):
        with village.store.write() as session:
            loaded = stored.upsert_many(session, newer)
    assert loaded.unchanged == (first, second)
    assert going not in persons(village, first)
    assert going in persons(village, second)
    lines = households.lines(village, [first, second])
    assert [(one.rt, one.anggota) for one in lines.values()] == [("009", 2), ("009", 4)]
    for id_ in told:
        state = visit.open_visit(village, id_, NOW).state
        assert (state.value("alamat"), state.count("anggota")) == ("JALAN BARU", before[id_])


def told_anew(village: Village, home: str, name: str) -> None:
    """A list names the head of a household anew, and whoever lives there."""
    told = worlds.answers(1, 2) | {"nama_krt": name, "alamat": f"JALAN {name}"}
    told["anggota"] = [{**one, "nama": f"{name} {n}"} for n, one in enumerate(told["anggota"])]
    with village.store.write() as session:
        stored.upsert_many(session, [prelist.listed(home, None, told, persons(village, home)[:2])])


def shown(village: Village, home: str) -> tuple[str, str, list[str]]:
    """What the list says of a household, and its form."""
    line = households.lines(village, [home])[home]
    with village.store.read() as session:
        index = [one.nama for one in stored.persons(session, home)]
    assert line.anggota == len(index)
    return line.nama_krt, visit.open_visit(village, home, NOW).state.value("nama_krt"), index


def test_a_newer_list_shows_once_the_draft_is_gone(village: Village) -> None:
    """Until then the list shows what was known as the draft began; then it says what the form does."""
    home = households.find(village, order="seq")[0]
    before = households.lines(village, [home])[home].nama_krt
    opened = visit.open_visit(village, home, NOW)
    visit.save_draft(village, home, opened.snapshot(), None, NOW)
    told_anew(village, home, "BARU")
    assert households.lines(village, [home])[home].nama_krt == before
    visit.drop_draft(village, home, NOW)
    assert shown(village, home) == ("BARU", "BARU", ["BARU 0", "BARU 1"])
    assert households.find(village, "jalan baru") == [home]
    with village.store.read() as session:
        assert stored.unshown(session) == []


def test_a_newer_list_shows_in_the_next_period(village: Village) -> None:
    """Where the last visit was completed before it came; a later one goes on being shown."""
    early, late = households.find(village, order="seq")[:2]
    of_one = people.household(0, 1, world.KODE_DESA, NOW.date()).answers["anggota"]
    for home in (early, late):
        visited(village, home, of_one)
        told_anew(village, home, "BARU")
    visited(village, late, of_one)
    found = households.lines(village, [late])[late].nama_krt
    periods.open_period(village, "2027-Q1", NOW)
    assert shown(village, early) == ("BARU", "BARU", ["BARU 0", "BARU 1"])
    assert households.find(village, "baru 1") == [early]
    assert households.lines(village, [late])[late].nama_krt == found
    with village.store.read() as session:
        assert stored.unshown(session) == []


def test_a_list_that_comes_during_a_visit_leaves_who_moved_in_place(village: Village) -> None:
    """It knows nothing of the move; with the draft gone they are neither lost nor doubled."""
    first, second = households.find(village, order="seq")[:2]
    with village.store.read() as session:
        told, there = stored.prelist_answers(session, first), stored.persons(session, first)
    moves.move_members(village, first, [there[1].id], second, NOW)
    staying = persons(village, first)
    opened = visit.open_visit(village, first, NOW)
    visit.save_draft(village, first, opened.snapshot(), None, NOW)
    newer = prelist.listed(first, None, told | {"alamat": "JALAN BARU"}, [one.id for one in there])
    with village.store.write() as session:
        stored.upsert_many(session, [newer])
    visit.drop_draft(village, first, NOW)
    assert persons(village, first) == staying
    assert len(members(village, first)) == len(staying)
    assert households.lines(village, [first])[first].alamat == "JALAN BARU"
