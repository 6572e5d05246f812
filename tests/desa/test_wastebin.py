"""What was thrown away comes back as it was, and waits through days of work, not of a clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from siks_offline.db import attachments, audit, drafts, ledger
from siks_offline.desa import households, periods, photos, proposals, undo, visit, wastebin
from siks_offline.errors import SiksError
from siks_offline.instrument import checks
from siks_offline.model import Changes
from tests.desa.test_versions import LATER, NOW, OLD, drafted, finish, village
from tests.scenarios import hall
from tests.scenarios.test_photos import jpeg

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.village import Village

__all__ = ["village"]


def rows(village: Village, household_id: str) -> dict[str, str]:
    with village.store.read() as session:
        draft = drafts.read(session, household_id, *OLD)
    return dict(draft.rows) if draft else {}


def kinds(village: Village) -> list[str]:
    return [one.kind for one in wastebin.items(village)]


def save(village: Village, household_id: str, changed: visit.OpenVisit) -> None:
    visit.save_draft(village, household_id, changed.snapshot(), None, LATER)


def photo(village: Village, household_id: str, folder: Path) -> str:
    """Keep a photo for the household; the answer that names it is not yet given."""
    path = folder / "rumah.jpg"
    path.write_bytes(jpeg(b"-"))
    return photos.attach(village, household_id, question(village), path, NOW)


def question(village: Village) -> str:
    return next(q.name for q in village.instrument.questions_of() if q.type == "image")


def due(village: Village) -> list[str]:
    with village.store.read() as session:
        return ledger.attachments_due(session)


def test_a_discarded_draft_comes_back_whole(village: Village) -> None:
    """Draft, half-typed field and state of the household are as before; the bin is empty again."""
    household_id = drafted(village, 1)
    before = rows(village, household_id)
    opened = visit.open_visit(village, household_id, NOW)
    visit.save_draft(village, household_id, opened.snapshot(), ("alamat", "JL. SET"), NOW)
    visit.drop_draft(village, household_id, NOW)
    assert rows(village, household_id) == {}
    [thrown] = wastebin.items(village)
    assert (thrown.kind, thrown.household_id, thrown.days_left) == ("draf", household_id, 30)
    assert wastebin.newest_of(village, household_id) == thrown.number
    wastebin.restore(village, thrown.number, LATER)
    assert rows(village, household_id) == before
    again = visit.open_visit(village, household_id, LATER)
    assert again.typing == ("alamat", "JL. SET")
    assert again.line.kerja == "draf"
    assert kinds(village) == []


def test_a_restored_draft_never_replaces_another(village: Village) -> None:
    """Somebody who began anew keeps that; the old draft stays in the bin."""
    household_id = drafted(village, 1)
    visit.drop_draft(village, household_id, NOW)
    opened = visit.open_visit(village, household_id, NOW)
    opened.state.set("alamat", "JALAN LAIN")
    save(village, household_id, opened)
    [thrown] = wastebin.items(village)
    with pytest.raises(SiksError) as caught:
        wastebin.restore(village, thrown.number, LATER)
    assert caught.value.code == "E_BIN_DRAFT"
    assert kinds(village) == ["draf"]
    with pytest.raises(SiksError) as caught:
        wastebin.restore(village, 999, LATER)
    assert caught.value.code == "E_BIN_EMPTY"


def test_a_removed_member_comes_back_as_the_last(village: Village) -> None:
    """The one who was taken out is kept, not the one whose number fell."""
    household_id = drafted(village, 2)
    opened = visit.open_visit(village, household_id, NOW)
    members = opened.state.answers()["anggota"]
    assert len(members) > 1
    opened.state.remove("anggota[1]")
    opened.state.set("anggota[1].nama", "DIUBAH SEKALIGUS")
    save(village, household_id, opened)
    [thrown] = wastebin.items(village)
    assert thrown.kind == "anggota"
    assert thrown.label.startswith(members[0]["nama"])
    wastebin.restore(village, thrown.number, LATER)
    found = visit.open_visit(village, household_id, LATER).state.answers()["anggota"]
    assert found[-1] == members[0]
    assert found[0]["nama"] == "DIUBAH SEKALIGUS"
    assert len(found) == len(members)


def test_a_removed_photo_travels_no_more_and_comes_back(village: Village, tmp_path: Path) -> None:
    """Out of the answers it is out of the next file too; restored, it is as it was."""
    household_id = drafted(village, 3)
    named = photo(village, household_id, tmp_path)
    opened = visit.open_visit(village, household_id, NOW)
    opened.state.set(question(village), named)
    save(village, household_id, opened)
    assert due(village) == [named.partition(".")[0]]
    opened.state.set(question(village), "")
    save(village, household_id, opened)
    assert due(village) == []
    assert kinds(village) == ["foto"]
    wastebin.restore(village, wastebin.items(village)[0].number, LATER)
    assert due(village) == [named.partition(".")[0]]
    assert rows(village, household_id)[question(village)] == named
    # Taken out again and answered again, as undoing in the form does: the photo is there.
    opened = visit.open_visit(village, household_id, NOW)
    for answer in ("", named):
        opened.state.set(question(village), answer)
        save(village, household_id, opened)
    with village.store.read() as session:
        assert attachments.content(session, named.partition(".")[0])
    assert kinds(village) == []


def test_a_photo_that_was_completed_stays_where_it_is(village: Village, tmp_path: Path) -> None:
    """What a revision names is never moved, whatever the next draft says."""
    household_id = drafted(village, 3)
    named = photo(village, household_id, tmp_path)
    opened = visit.open_visit(village, household_id, NOW)
    opened.state.set(question(village), named)
    save(village, household_id, opened)
    assert finish(village, household_id, LATER).done
    opened = visit.open_visit(village, household_id, LATER)
    opened.state.set(question(village), "")
    save(village, household_id, opened)
    assert due(village) == [named.partition(".")[0]]


def test_a_household_found_in_the_field_comes_back(village: Village, tmp_path: Path) -> None:
    """With its draft, its members, its photo and its place in searches."""
    household_id = drafted(village, 4)
    named = photo(village, household_id, tmp_path)
    before = rows(village, household_id)
    line = households.lines(village, [household_id])[household_id]
    changes = wastebin.throw_household(village, household_id, NOW)
    assert changes == Changes(households=frozenset({household_id}), prelist=True)
    assert households.find(village) == []
    assert due(village) == []
    wastebin.restore(village, wastebin.items(village)[0].number, LATER)
    assert households.lines(village, [household_id])[household_id] == line
    assert rows(village, household_id) == before
    assert due(village) == [named.partition(".")[0]]


def test_what_was_completed_or_listed_is_not_thrown_away(village: Village) -> None:
    """Only a household that nobody else can know goes."""
    household_id = drafted(village, 5)
    assert finish(village, household_id, LATER).done
    with pytest.raises(SiksError) as caught:
        wastebin.throw_household(village, household_id, LATER)
    assert caught.value.code == "E_HOUSEHOLD_KEPT"


def test_the_bin_waits_thirty_days_of_work(village: Village) -> None:
    """A clock that jumps, goes back or swings between two days empties nothing."""
    household_id = drafted(village, 6)
    visit.drop_draft(village, household_id, NOW)
    for years in (10, -25, 10, -25):
        wastebin.tidy(village, NOW + timedelta(days=365 * years))
    assert wastebin.items(village)[0].days_left == 28
    for day in range(1, 28):
        wastebin.tidy(village, NOW + timedelta(days=day))
    assert wastebin.items(village)[0].days_left == 1
    assert wastebin.tidy(village, NOW + timedelta(days=28)) == 1
    assert kinds(village) == []


def test_a_completed_revision_is_taken_back_as_a_draft(village: Village) -> None:
    """The answers before open again; what was completed stays, and the trail tells both."""
    household_id = drafted(village, 7)
    finish(village, household_id, NOW)
    opened = visit.open_visit(village, household_id, NOW)
    first = opened.state.answers()
    opened.state.set("alamat", "JALAN BARU")
    save(village, household_id, opened)
    finish(village, household_id, LATER)
    assert undo.revisions(village, household_id) == [2, 1]
    undo.revert(village, household_id, LATER)
    opened = visit.open_visit(village, household_id, LATER)
    assert opened.state.answers()["alamat"] == first["alamat"]
    assert (opened.line.kerja, opened.revision) == ("draf", 2)
    assert finish(village, household_id, LATER).revision == 3
    with village.store.read() as session:
        actions = [one.action for one in audit.lines(session, subject=household_id)]
    assert actions[:2] == ["kunjungan.selesai", "kunjungan.mundur"]
    with pytest.raises(SiksError) as caught:
        undo.revert(village, household_id, LATER, to=9)
    assert caught.value.code == "E_NO_REVISION"


def test_the_trail_tells_what_was_before_and_after(village: Village) -> None:
    """A correction's line names each answer it changed; a NIK only by its end."""
    household_id = drafted(village, 8)
    finish(village, household_id, NOW)
    opened = visit.open_visit(village, household_id, NOW)
    before = opened.state.value("alamat"), opened.state.value("anggota[1].nik")
    opened.state.set("alamat", "JALAN BARU")
    opened.state.set("anggota[1].nik", before[1][:-1] + ("8" if before[1][-1] != "8" else "7"))
    save(village, household_id, opened)
    assert finish(village, household_id, LATER).done
    with village.store.read() as session:
        [line] = audit.lines(session, subject=household_id, newest=1)
    assert f'"alamat":["{before[0]}","JALAN BARU"]' in line.detail
    assert f'"anggota[1].nik":["NIK{before[1][-4:]}"' in line.detail
    assert before[1] not in line.detail


def test_what_was_known_of_a_household_comes_back_with_it(village: Village) -> None:
    """Its visit begins with the same answers as before it was thrown away."""
    household_id, _ = visit.add_household(village, NOW)
    before = visit.open_visit(village, household_id, NOW).state.answers()
    wastebin.throw_household(village, household_id, NOW)
    wastebin.restore(village, wastebin.items(village)[0].number, LATER)
    assert before["kddesa"]
    assert visit.open_visit(village, household_id, NOW).state.answers() == before


def test_a_draft_of_an_earlier_period_asks_of_the_visit_anew(village: Village) -> None:
    """The answers of the household come back; what was found on that day does not."""
    household_id = drafted(village, 1)
    before = rows(village, household_id)
    visit.drop_draft(village, household_id, NOW)
    periods.open_period(village, "2027-Q1", NOW)
    wastebin.restore(village, wastebin.items(village)[0].number, LATER)
    found = rows(village, household_id)
    assert before["tanggal_verivali"]
    assert found == {path: said for path, said in before.items() if path not in periods.HEAD}


def test_a_half_typed_field_outlives_what_comes_back(village: Village) -> None:
    """A member restored into a draft leaves what was being typed there."""
    household_id = drafted(village, 2)
    opened = visit.open_visit(village, household_id, NOW)
    opened.state.remove("anggota[1]")
    visit.save_draft(village, household_id, opened.snapshot(), ("alamat", "JL. SET"), LATER)
    wastebin.restore(village, wastebin.items(village)[0].number, LATER)
    assert visit.open_visit(village, household_id, LATER).typing == ("alamat", "JL. SET")


def test_nobody_throws_away_what_another_is_writing(village: Village) -> None:
    """A draft is taken over first, as for writing on; then it goes to the bin."""
    household_id = drafted(village, 3)
    before = rows(village, household_id)
    village.account = "budi"
    for throw in (visit.drop_draft, wastebin.throw_household):
        with pytest.raises(SiksError) as caught:
            throw(village, household_id, LATER)
        assert caught.value.code == "E_DRAFT_OTHER"
    assert rows(village, household_id) == before
    visit.take_over(village, household_id, LATER)
    visit.drop_draft(village, household_id, LATER)
    assert kinds(village) == ["draf"]


@pytest.mark.parametrize("same", [True, False])
def test_a_photo_that_is_chosen_again_leaves_what_was_thrown_with_it(
    village: Village, tmp_path: Path, same: bool
) -> None:
    """The draft in the bin stays there, whole, whichever household has its photo now."""
    first, other = drafted(village, 1), drafted(village, 2)
    named = photo(village, first, tmp_path)
    opened = visit.open_visit(village, first, NOW)
    opened.state.set(question(village), named)
    save(village, first, opened)
    visit.drop_draft(village, first, NOW)
    home = first if same else other
    opened = visit.open_visit(village, home, NOW)
    photo(village, home, tmp_path)
    opened.state.set(question(village), named)
    save(village, home, opened)
    assert kinds(village) == ["draf"]
    assert photos.content(village, named) is not None


def proposed(village: Village, tmp_path: Path) -> tuple[str, str, str]:
    """A family that registered with a photo: its proposal, its household, the photo's name."""
    begun, _ = proposals.begin(village, NOW)
    home = proposals.open_proposal(village, begun, NOW).line.id
    path = tmp_path / "f.jpg"
    path.write_bytes(jpeg(b"-"))
    named = photos.attach(village, home, "foto_kk", path, NOW, instrument=proposals.form())
    answers = hall.family(1, village.kode_desa) | {"foto_kk": named}
    proposals.keep(village, begun, proposals.Kept(answers, ()), None, NOW)
    return begun, home, named


def test_the_photo_of_a_proposal_stays_when_its_visit_is_thrown_away(
    village: Village, tmp_path: Path
) -> None:
    """The visit begins with it; the registered proposal has not been sent yet."""
    begun, home, named = proposed(village, tmp_path)
    state = proposals.open_proposal(village, begun, NOW).state
    for issue in checks.issues(state):
        if issue.level == "konfirmasi":
            state.confirm(issue.path, issue.rule, "sudah dicocokkan dengan KK")
    assert proposals.register(village, begun, state, NOW).done
    visit.save_draft(village, home, visit.open_visit(village, home, NOW).snapshot(), None, NOW)
    visit.drop_draft(village, home, NOW)
    assert photos.content(village, named) is not None


def test_a_proposal_that_goes_leaves_a_photo_that_another_household_names(
    village: Village, tmp_path: Path
) -> None:
    """One picture of two households is kept once, under the one that had it first."""
    begun, _, named = proposed(village, tmp_path)
    other = drafted(village, 1)
    assert photos.attach(village, other, "foto_kk", tmp_path / "f.jpg", NOW) == named
    opened = visit.open_visit(village, other, NOW)
    opened.state.set("foto_kk", named)
    save(village, other, opened)
    proposals.discard(village, begun, NOW)
    assert photos.content(village, named) is not None
