"""Families at the counter, and those who registered elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from siks_offline.db import records
from siks_offline.desa import (
    closing,
    households,
    meeting,
    periods,
    proposals,
    proposals_book,
    visit,
    wastebin,
)
from siks_offline.errors import SiksError, StoreError
from siks_offline.instrument import criteria, promoted
from siks_offline.instrument.engine import FormState
from tests.scenarios import hall
from tests.ui import worlds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village

NOW = worlds.NOW
HEAD = "No;NIK;KK;Nama;Tanggal Lahir;Jenis Kelamin;Pekerjaan;Status Nikah;Alamat;RT;RW;Hubungan"
BUDI = "1;3509121505800001;3509120101100001;BUDI;15/05/1980;Laki-laki;PNS;Kawin;Jl. A;2;1;Kepala"
SITI = "2;3509125505850002;3509120101100001;SITI;1985-05-15;P;IRT;Nikah;Jl. A;2;1;Istri"


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    with worlds.make_village(tmp_path / "desa", households=3) as made:
        yield made


def test_a_registered_family_is_a_household_with_a_visit_to_come(village: Village) -> None:
    """What the counter learnt stands in list, search and the first visit; nothing is asked twice."""
    told = hall.family(1, village.kode_desa)
    done = hall.propose(village, told, NOW)
    assert (done.done, done.number) == (True, 1)
    (id_,) = households.find(village, told["no_kk"])
    line = households.lines(village, [id_])[id_]
    assert (line.nama_krt, line.anggota) == (told["nama_krt"], len(told["anggota"]))
    opened = visit.open_visit(village, id_, NOW)
    state = opened.state
    assert state.instrument.id == village.instrument.id
    assert state.value(promoted.STATUS) == promoted.NEW_PROPOSAL
    assert state.value(f"{promoted.MEMBERS}[1].{promoted.NIK}") == told["anggota"][0]["nik"]
    assert state.value("kk[1].kk_nokk") == told["no_kk"]


def test_what_lacks_something_stays_a_draft_with_its_half_typed_field(village: Village) -> None:
    """Nothing typed at the counter is lost, and nothing half is registered."""
    proposal_id, _ = proposals.begin(village, NOW)
    kept = proposals.Kept({"nama_krt": "Siti", "anggota": [{"nama": "Siti"}]}, ())
    proposals.keep(village, proposal_id, kept, ("alamat", "Jl. Ma"), NOW)
    opened = proposals.open_proposal(village, proposal_id, NOW)
    assert opened.typing == ("alamat", "Jl. Ma")
    done = proposals.register(village, proposal_id, opened.state, NOW)
    assert not done.done
    assert {"no_kk", "alamat", "t01"} <= {issue.path for issue in done.issues}
    assert proposals.lines(village)[0].state == "draf"
    assert proposals.lines(village)[0].nama_krt == "Siti"


def test_one_registrar_brings_several_families(village: Village) -> None:
    """The next family starts with who brought it and where; numbers go up."""
    hall.propose(village, hall.family(1, village.kode_desa), NOW)
    before = proposals.lines(village)[0]
    proposal_id, _ = proposals.begin(village, NOW, like=before.id)
    state = proposals.open_proposal(village, proposal_id, NOW).state
    assert state.value("nama_pendaftar") == "Ketua RT Dua"
    assert (state.value("rt"), state.value("nama_krt")) == ("2", "")
    assert [line.number for line in proposals.lines(village)] == [2, 1]


def test_criteria_say_what_showed_them_and_decide_nothing(village: Village) -> None:
    """DKI Jakarta's six criteria, each with its answer; the proposal is registered all the same."""
    told = hall.family(1, village.kode_desa) | {
        "ktp_wilayah": "4",
        "punya_mobil": "1",
        "njop_tinggi": "1",
        "air_kemasan": "1",
        "dinilai_mampu": "1",
    }
    told["anggota"][0]["pekerjaan"] = "10"
    state = FormState(proposals.form(), told, now=NOW)
    met = criteria.met(state, criteria.of_village("3171011001"))
    assert [one.id for one in met] == [
        "bukan_ktp", "pegawai_tetap", "mobil", "njop", "air_kemasan", "dinilai_mampu",
    ]  # fmt: skip
    why = dict(met[1].because)
    assert why == {"Pekerjaan": f"{told['anggota'][0]['nama']}: TNI"}
    assert hall.propose(village, told, NOW).done
    other = {**told, "ktp_wilayah": "1", "punya_mobil": "2", "njop_tinggi": "", "air_kemasan": "2"}
    other["dinilai_mampu"] = ""
    other["anggota"] = [{**one, "pekerjaan": "5"} for one in told["anggota"]]
    none = FormState(proposals.form(), other, now=NOW)
    assert criteria.met(none, criteria.of_village("3171011001")) == ()


def test_a_region_brings_its_own_criteria(village: Village) -> None:
    """A file of the region takes the place of the program's; one that is none is refused."""
    text = """[daerah.jember]
nama = "Jember"
kode = "3509"
mampu_dikunjungi = true
[[daerah.jember.kriteria]]
id = "rumah"
teks = "Tidak punya tempat tinggal tetap"
karena = ["t01"]
bila.usulan = "${t01} = '2'"
"""
    found = proposals.use_criteria(village, text, NOW)
    assert (found.name, found.visits_able) == ("Jember", True)
    done = hall.propose(village, hall.family(1, village.kode_desa) | {"t01": "2"}, NOW)
    assert [one.id for one in done.criteria] == ["rumah"]
    for wrong in ("[daerah", "[daerah.x]\nnama='a'", text.replace("${t01}", "${t01")):
        with pytest.raises(SiksError) as refused:
            proposals.use_criteria(village, wrong, NOW)
        assert refused.value.code == "E_CRITERIA"


def test_a_list_of_another_door_is_shown_before_it_is_loaded(
    village: Village, tmp_path: Path
) -> None:
    """Families whole, lacking something, known already; loading twice adds nothing."""
    book = tmp_path / "daring.csv"
    book.write_text(f"{HEAD}\n{BUDI}\n{SITI}", encoding="utf-8")
    found = proposals_book.preview(village, book, NOW)
    (line,) = found.lines
    assert (line.result, line.nama_krt) == ("draf", "BUDI")
    assert [one["hubkel"] for one in line.answers["anggota"]] == ["1", "2"]
    assert [one["tgllahir"] for one in line.answers["anggota"]] == ["1980-05-15", "1985-05-15"]
    assert proposals.lines(village) == []
    proposals_book.load(village, found, NOW)
    again = proposals_book.preview(village, book, NOW)
    assert [one.result for one in again.lines] == ["dilewati"]


def test_a_rounded_nik_and_an_unknown_word_are_named(village: Village, tmp_path: Path) -> None:
    """Nothing is guessed: a NIK that Excel damaged refuses its family, a strange word is left out."""
    book = tmp_path / "daring.csv"
    strange = BUDI.replace("PNS", "Juragan kapal")
    broken = SITI.replace("3509125505850002", "3.50912E+15").replace("100001;SITI", "100009;SITI")
    book.write_text(f"{HEAD}\n{strange}\n{broken}", encoding="utf-8")
    found = proposals_book.preview(village, book, NOW)
    assert {one.column for one in found.issues} >= {"Pekerjaan"}
    assert "pekerjaan" not in found.lines[0].answers["anggota"][0]


def test_any_file_that_is_no_list_is_refused(village: Village, tmp_path: Path) -> None:
    """A file without the headings names what it wants."""
    book = tmp_path / "lain.csv"
    book.write_text("a;b;c\n1;2;3\n", encoding="utf-8")
    with pytest.raises(SiksError) as refused:
        proposals_book.preview(village, book, NOW)
    assert refused.value.code == "E_PROPOSAL_LIST"


def test_a_discarded_draft_lies_in_the_bin_and_comes_back(village: Village) -> None:
    """Answers, half-typed field and household return; the number is the next where it was taken."""
    proposal_id, _ = proposals.begin(village, NOW)
    kept = proposals.Kept({"nama_krt": "Siti", "alamat": "Jl. Mawar 1"}, ())
    proposals.keep(village, proposal_id, kept, ("alamat", "Jl. Ma"), NOW)
    proposals.discard(village, proposal_id, NOW)
    assert proposals.lines(village) == []
    (lying,) = wastebin.items(village)
    assert (lying.kind, lying.label) == ("usulan", "Siti, Jl. Mawar 1")
    other, _ = proposals.begin(village, NOW)
    wastebin.restore(village, lying.number, NOW)
    assert {(one.id, one.number) for one in proposals.lines(village)} == {
        (proposal_id, 2),
        (other, 1),
    }
    opened = proposals.open_proposal(village, proposal_id, NOW)
    assert opened.typing == ("alamat", "Jl. Ma")
    assert opened.line.nama_krt == "Siti"
    assert wastebin.items(village) == []


def test_one_that_was_sent_back_is_mended_and_goes_again(village: Village, tmp_path: Path) -> None:
    """The reason is shown, the musyawarah stays closed, the next revision is due."""
    told = hall.family(1, village.kode_desa)
    hall.propose(village, told, NOW)
    (line,) = proposals.lines(village)
    hall.say(village, line.household_id, "4", NOW, able="2")
    meeting.decide_rest(village, NOW)
    closing.close(village, NOW, way="sptjm")
    opened = proposals.open_proposal(village, line.id, NOW)
    with pytest.raises(StoreError, match="E_MEETING_CLOSED"):
        proposals.register(village, line.id, opened.state, NOW)
    with village.store.write() as session:
        head = records.head(session, line.id)
        assert head is not None
        said = records.Told("rejected", "E_ATTACHMENT_TYPE", "", "answers.alamat")
        records.told(session, {head.sha256: said})
    hall.sign(village, tmp_path, NOW)
    periods.open_period(village, "2027-Q1", NOW)
    (line,) = proposals.lines(village)
    assert line.sent_back
    opened = proposals.open_proposal(village, line.id, NOW)
    assert (opened.comment, opened.comment_path) == (
        "Salah satu fotonya bukan berkas gambar.",
        "alamat",
    )
    opened.state.set("alamat", "Jl. Melati 7")
    assert proposals.register(village, line.id, opened.state, NOW).revision == 2
    assert proposals.lines(village) == [], "no longer back, and of the period before"
    assert meeting.tally(village).prelist == 4, "what the prelist took in stays on it"
    with village.store.read() as session:
        assert [one.revision for one in records.due(session, "proposals")] == [2]


def test_a_registered_proposal_is_not_thrown_away(village: Village) -> None:
    """Once it has a number, the musyawarah decides."""
    hall.propose(village, hall.family(1, village.kode_desa), NOW)
    with pytest.raises(StoreError) as refused:
        proposals.discard(village, proposals.lines(village)[0].id, NOW)
    assert refused.value.code == "E_PROPOSAL_BEGUN"
