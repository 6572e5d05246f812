"""What a second person does: notes, returns, a second keying, and the figures of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siks_offline.crypto import codes
from siks_offline.db import audit, households, keyings, meta, visits
from siks_offline.db import notes as kept
from siks_offline.desa import accounts, notes, pace, returns, second_keying, visit
from siks_offline.errors import SecretError, StoreError
from siks_offline.instrument import promoted
from siks_offline.latihan import people

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siks_offline.desa.village import Village
    from siks_offline.model import Issue

NOW = datetime(2026, 11, 22, 3, 42, tzinfo=UTC)
HOMES = 12


class Desa:
    """A village with completed households, and the people who sign in there."""

    def __init__(self, village: Village, ids: list[str]) -> None:
        self.village = village
        self.ids = ids

    def sit(self, account: str, role: str = "operator") -> Village:
        """Let another account sit down: the store is the same."""
        self.village.account, self.village.role = account, role
        return self.village


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desa]:
    made = accounts.create_village(
        tmp_path_factory.mktemp("desa") / "desa",
        kode_desa="3509122003",
        nama_desa="Sukamaju",
        account="ani",
        passphrase="latihan",
        recovery_code=codes.recovery_code(),
        now=NOW,
        practice=True,
    )
    ids = []
    for at in range(HOMES):
        answers = people.household(at, 3, "3509122003", NOW.date()).answers
        id_, _ = visit.add_household(made, NOW + timedelta(seconds=at))
        opened = visit.open_visit(made, id_, NOW)
        state = type(opened.state)(made.instrument, answers, now=NOW)
        for issue in [*_issues(state)]:
            state.confirm(issue.path, issue.rule, "sesuai kertas")
        done = visit.complete(made, id_, state, NOW)
        assert done.done, done.issues
        ids.append(id_)
    yield Desa(made, ids)
    made.close()


def _issues(state: object) -> list[Issue]:
    from siks_offline.instrument import checks

    return [one for one in checks.issues(state) if one.level == "konfirmasi"]  # type: ignore[arg-type]


@pytest.fixture
def desa(whole: Desa) -> Desa:
    whole.sit("ani", "admin")
    return whole


def test_a_note_stays_in_the_village_and_is_settled(desa: Desa) -> None:
    """Anybody notes, the trail names the question but not the words, and a note can be settled."""
    village, id_ = desa.sit("budi"), desa.ids[0]
    notes.add(village, id_, "anggota[1].nik", "  cek   KK asli ", NOW)
    notes.add(village, id_, "alamat", "", NOW, flag=True)
    found = notes.of_household(village, id_)
    assert [(one.kind, one.path, one.words, one.author) for one in found] == [
        ("catatan", "anggota[1].nik", "cek KK asli", "budi"),
        ("bendera", "alamat", "", "budi"),
    ]
    with village.store.read() as session:
        lines = list(audit.lines(session))
        assert "cek KK asli" not in "".join(one.detail for one in lines)
        assert "anggota[1].nik" in lines[1].detail
        line = visits.every_revision(session)
        assert all("cek KK asli" not in one.line for one in line)
    for one in found:
        notes.settle(village, id_, one.number, NOW)
    assert notes.of_household(village, id_) == ()


@pytest.mark.parametrize(("words", "code"), [("  ", "E_NOTE_EMPTY"), ("a" * 301, "E_NOTE_LONG")])
def test_a_note_has_words_but_not_too_many(desa: Desa, words: str, code: str) -> None:
    """An empty note and an endless one are refused by name."""
    with pytest.raises(StoreError) as refused:
        notes.add(desa.village, desa.ids[0], "", words, NOW)
    assert refused.value.code == code


def test_notes_follow_the_members(desa: Desa) -> None:
    """When a member goes, the notes on them go and those behind move up."""
    village, id_ = desa.village, desa.ids[1]
    for number in (1, 2, 3):
        notes.add(village, id_, f"anggota[{number}].nama", f"orang {number}", NOW)
    notes.member_removed(village, id_, "anggota[2]", NOW)
    found = {one.path: one.words for one in notes.of_household(village, id_)}
    assert found == {"anggota[1].nama": "orang 1", "anggota[2].nama": "orang 3"}


def test_a_supervisor_sends_back_what_another_completed(desa: Desa) -> None:
    """Not one's own work, only completed work, and the operator is led to the first question."""
    id_ = desa.ids[2]
    remarks = [("anggota[1].nik", "Angka ke-9 kabur."), ("luas_lantai", "Terlalu luas.")]
    with pytest.raises(SecretError) as own:
        returns.send_back(desa.sit("ani", "admin"), id_, remarks, NOW)
    assert own.value.code == "E_FOUR_EYES"
    with pytest.raises(SecretError):
        returns.send_back(desa.sit("budi", "operator"), id_, remarks, NOW)
    changes = returns.send_back(desa.sit("cici", "pemeriksa"), id_, remarks, NOW)
    assert changes.households == {id_}
    opened = visit.open_visit(desa.sit("ani", "admin"), id_, NOW)
    assert opened.line.kerja == "dikembalikan"
    assert (opened.comment_path, opened.comment) == remarks[0]
    assert [(one.path, one.words) for one in opened.remarks] == remarks
    with pytest.raises(StoreError) as again:
        returns.send_back(desa.sit("cici", "pemeriksa"), id_, remarks, NOW)
    assert again.value.code == "E_RETURN_OPEN"
    done = visit.complete(desa.sit("ani", "admin"), id_, opened.state, NOW)
    assert done.done
    assert visit.open_visit(desa.village, id_, NOW).remarks == ()
    with desa.village.store.read() as session:
        assert [one.settled_by for one in kept.history(session, id_)] == ["ani", "ani"]


def test_the_sample_is_one_in_twenty_and_nobody_chooses_it() -> None:
    """The draw is a fixed function of a secret and the id, and takes about five in a hundred."""
    ids = [f"rumah-{n}" for n in range(20_000)]
    first = {one for one in ids if second_keying.drawn(b"a" * 16, one)}
    assert first == {one for one in ids if second_keying.drawn(b"a" * 16, one)}
    assert first != {one for one in ids if second_keying.drawn(b"b" * 16, one)}
    assert 850 < len(first) < 1_150


@pytest.fixture
def all_drawn(desa: Desa, monkeypatch: pytest.MonkeyPatch) -> Desa:
    monkeypatch.setattr(second_keying, "SHARE", 1.0)
    return desa


def first_answers(village: Village, id_: str, paths: tuple[str, ...]) -> dict[str, str]:
    state = visit.open_visit(village, id_, NOW).state
    return {path: state.value(path) for path in paths}


def test_a_second_keying_is_blind_and_told_field_by_field(all_drawn: Desa) -> None:
    """Only paths are given; what differs waits for a person; the right answer is the next line."""
    village = all_drawn.sit("budi")
    with village.store.read() as session:
        seed = meta.get(session, second_keying.SEED)
    chosen = next(one for one in second_keying.due(village) if one.household_id == all_drawn.ids[3])
    assert seed is None or len(seed) == 32
    paper = second_keying.paper(village, chosen.household_id)
    sha256, paths = paper.sha256, paper.paths
    assert sha256 == chosen.sha256
    assert {"nik", "tgllahir"} <= {path.rpartition(".")[2] for path in paths}
    typed = first_answers(village, chosen.household_id, paths)
    wide, kamar = "luas_lantai", "anggota[1].tgllahir"
    typed[wide] = str(int(float(typed[wide])) + 3)
    typed[kamar] = "01-02-1959"
    found = second_keying.compare(village, sha256, chosen.reason, typed, NOW)
    assert {one.path for one in found} == {wide, kamar}
    assert chosen.household_id not in {one.household_id for one in second_keying.due(village)}
    [(_, _, waiting)] = second_keying.waiting(village)
    assert waiting == found
    first = {one.path: one.first for one in found}
    settled = second_keying.settle(village, sha256, kamar, first[kamar], NOW)
    assert (settled.left, settled.corrected) == (1, False)
    settled = second_keying.settle(village, sha256, wide, typed[wide], NOW)
    assert settled.corrected
    assert second_keying.waiting(village) == []
    with village.store.read() as session:
        now = visits.current(session, chosen.household_id, village.period)
        assert now is not None
        assert now.answers[wide] == typed[wide]
        assert now.revision == 2
        assert now.completed_by == "budi"
    village.role = "pemeriksa"
    rate = second_keying.rate(village)
    assert (rate.wrong, rate.waiting, rate.fields) == (1, 0, len(paths))


def test_what_the_checks_forbid_is_returned_instead(all_drawn: Desa) -> None:
    """A right answer that breaks a rule leads the operator to the question."""
    village, id_ = all_drawn.sit("budi"), all_drawn.ids[4]
    paper = second_keying.paper(village, id_)
    sha256, paths = paper.sha256, paper.paths
    typed = first_answers(village, id_, paths)
    wrong = next(path for path in paths if path.endswith(".nik"))
    typed[wrong] = "123"
    second_keying.compare(village, sha256, keyings.RANDOM, typed, NOW)
    settled = second_keying.settle(village, sha256, wrong, "123", NOW)
    assert settled.returned
    opened = visit.open_visit(village, id_, NOW)
    assert opened.line.kerja == "dikembalikan"
    assert opened.comment_path == wrong


def test_a_household_that_changed_is_not_compared(all_drawn: Desa) -> None:
    """Two people keying the same household: the second of them is told so."""
    village, id_ = all_drawn.sit("budi"), all_drawn.ids[5]
    paper = second_keying.paper(village, id_)
    sha256, paths = paper.sha256, paper.paths
    typed = first_answers(village, id_, paths)
    assert second_keying.compare(village, sha256, keyings.RANDOM, typed, NOW) == ()
    with pytest.raises(StoreError) as refused:
        second_keying.compare(village, sha256, keyings.RANDOM, typed, NOW)
    assert refused.value.code == "E_KEYING_STALE"


def test_nobody_keys_their_own_twice_unless_they_are_alone(all_drawn: Desa) -> None:
    """With a second active account one's own households are left to it."""
    from siks_offline.db import accounts as stored

    village = all_drawn.sit("ani", "admin")
    mine = {one.household_id for one in second_keying.due(village) if one.completed_by == "ani"}
    assert mine
    with village.store.write() as session:
        stored.put(session, stored.Account("budi", "operator", "age1x"))
    assert all(one.completed_by != "ani" for one in second_keying.due(village))
    with village.store.write() as session:
        stored.put(session, stored.Account("budi", "operator", "age1x", active=False))


def test_fast_and_risky_households_are_drawn_too(
    desa: Desa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Far faster than the others, or flagged: keyed again, and told apart from the random ones."""
    monkeypatch.setattr(second_keying, "SHARE", 0.0)
    monkeypatch.setattr(second_keying, "MANY_CONFIRMED", 10**6)
    village = desa.village
    for id_ in desa.ids:
        pace.record(village, id_, 60 if id_ == desa.ids[6] else 600, 240, NOW)
    notes.add(village, desa.ids[7], "", "", NOW, flag=True)
    for one in notes.of_household(village, desa.ids[0]):
        notes.settle(village, desa.ids[0], one.number, NOW)
    found = {one.household_id: one.reason for one in second_keying.due(village)}
    assert found == {desa.ids[6]: "cepat", desa.ids[7]: "risiko"}


def test_the_pace_counts_without_knowing_what_was_typed(desa: Desa) -> None:
    """Seconds and keys by account; today's households; nothing else is kept."""
    village = desa.village
    today = pace.today(village, NOW)
    assert today.done >= 1
    assert today.seconds > 0
    worked = {one.account: one for one in pace.by_account(village)}
    assert worked["ani"].keys == 240 * HOMES
    assert pace.today(village, NOW + timedelta(days=2)).done == 0
    none = replace(today, done=0)
    assert (none.per_hour, none.hours_left) == (0.0, 0.0)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_bounds_hold_the_rate(wrong: int, more: int) -> None:
    """The share lies within its bounds, and more fields make them narrower."""
    low, high = second_keying.wilson(wrong, wrong + more)
    assert 0 <= low <= high <= 1
    if wrong + more:
        assert low <= wrong / (wrong + more) <= high
        wider = second_keying.wilson(10 * wrong, 10 * (wrong + more))
        assert wider[1] - wider[0] <= high - low + 1e-12


def test_the_bounds_are_wilsons() -> None:
    """Newcombe 1998, Stat. Med. 17:857, table I: 81 of 263, 15 of 148, 0 of 20."""
    for wrong, tried, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605),
                                    (0, 20, 0.0, 0.1611)):  # fmt: skip
        found = second_keying.wilson(wrong, tried)
        assert found == pytest.approx((low, high), abs=5e-5)


def test_every_usual_field_is_a_question(desa: Desa) -> None:
    """The list that is keyed twice names questions of the questionnaires shipped."""
    from siks_offline.instrument import load

    known = {name for id_ in ("dtks", "regsosek") for name in load.load_shipped(id_).questions}
    assert set(second_keying.usual_fields()) <= known
    assert promoted.NIK in second_keying.usual_fields()
    second_keying.choose_fields(desa.village, ["nik"], NOW)
    paths = second_keying.paper(desa.village, desa.ids[8]).paths
    assert {path.rpartition(".")[2] for path in paths} == {"nik"}
    second_keying.choose_fields(desa.village, [], NOW)


def test_households_list_knows_returned(desa: Desa) -> None:
    """A returned household is found under its state, before drafts."""
    with desa.village.store.read() as session:
        assert households.find(session, kerja="dikembalikan")


def test_a_second_keying_settles_nothing_that_was_sent_back(all_drawn: Desa) -> None:
    """What another wants put right stays open, and comes first; the right answer waits beside it."""
    village, id_ = all_drawn.sit("budi"), all_drawn.ids[8]
    paper = second_keying.paper(village, id_)
    typed = first_answers(village, id_, paper.paths)
    typed["luas_lantai"] = str(int(float(typed["luas_lantai"])) + 3)
    second_keying.compare(village, paper.sha256, keyings.RANDOM, typed, NOW)
    returns.send_back(all_drawn.sit("cici", "pemeriksa"), id_, [("alamat", "Tanya lagi.")], NOW)
    all_drawn.sit("budi")
    right = typed["luas_lantai"]
    settled = second_keying.settle(village, paper.sha256, "luas_lantai", right, NOW)
    assert settled.returned
    opened = visit.open_visit(village, id_, NOW)
    assert (opened.line.kerja, opened.comment_path, opened.revision) == (
        "dikembalikan",
        "alamat",
        1,
    )
    assert [one.path for one in opened.remarks] == ["alamat", "luas_lantai"]
