"""Results of Dukcapil and Bapenda: shown first, decided one by one, never over a frozen answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siks_offline.db import audit, drafts, visits
from siks_offline.desa import differences, matching, revision, visit
from siks_offline.errors import SiksError, StoreError, UsageError, WorkbookError
from siks_offline.export import outside_lists
from siks_offline.export.outside_lists import ListRow, OutsideList
from siks_offline.instrument import checks
from siks_offline.instrument.engine import FormState
from tests.desa import matched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.db.matching import Difference
    from siks_offline.desa.village import Village

NOW = matched.NOW
HEADER = (
    "IDARTBDT", "NIK", "Nama", "DUK_NIK", "DUK_NAMA_LGKP", "DUK_TGL_LHR", "DUK_ALAMAT", "KETERANGAN",
)  # fmt: skip


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    with matched.make(tmp_path / "desa") as made:
        yield made


def duk(number: int, place: int = 1, **said: str) -> list[str]:
    """A row of Dukcapil about a member who is as the village knows them, but for `said`."""
    one = matched.member(number, place)
    row = {
        "IDARTBDT": one["idartbdt"], "NIK": one["nik"], "Nama": one["nama"], "DUK_NIK": one["nik"],
        "DUK_NAMA_LGKP": one["nama"], "DUK_TGL_LHR": one["tgllahir"], "DUK_ALAMAT": "",
        "KETERANGAN": "PADAN",
    } | said  # fmt: skip
    return [row[name] for name in HEADER]


def load(village: Village, path: Path) -> int:
    added, _ = matching.load(village, matching.preview(village, path), NOW)
    return added


def fields(village: Village) -> dict[str, tuple[str, str]]:
    return {one.field: (one.ours, one.theirs) for one in differences.listed(village, "belum")}


def only(village: Village, field: str) -> Difference:
    [one] = [d for d in differences.listed(village) if d.field == field]
    return one


def rows(village: Village, household_id: str) -> dict[str, str]:
    return dict(visit.open_visit(village, household_id, NOW).snapshot().rows)


def test_a_file_is_shown_row_by_row_before_it_is_kept(village: Village, tmp_path: Path) -> None:
    """Each row says whether it agrees, differs and in what, or is about nobody here."""
    path = matched.sheet(
        tmp_path / "padan.xlsx",
        HEADER,
        duk(0),
        duk(1, DUK_NAMA_LGKP="NAMA LAIN SEKALI", DUK_TGL_LHR="01-02-1970"),
        duk(2, DUK_NIK="", DUK_NAMA_LGKP="", DUK_TGL_LHR="", KETERANGAN="TIDAK DITEMUKAN"),
        duk(3, KETERANGAN="MENINGGAL"),
        ["", "3201010101800001", "ORANG LAIN", "", "", "", "", "MENINGGAL"],
    )
    found = matching.preview(village, path)
    assert found.kind == "dukcapil"
    assert [(one.result, set(one.fields)) for one in found.lines] == [
        ("cocok", set()),
        ("beda", {"nama", "tanggal_lahir"}),
        ("beda", {"dukcapil"}),
        ("beda", {"meninggal"}),
        ("dilewati", set()),
    ]
    assert found.lines[-1].reason == "I_PADAN_ASING"
    assert differences.listed(village) == []
    assert load(village, path) == 4
    assert len(differences.listed(village, "belum")) == 4


def test_the_same_file_again_changes_nothing(village: Village, tmp_path: Path) -> None:
    """Twice is once: no difference, no decision, no line of the audit comes of it."""
    path = matched.sheet(tmp_path / "a.xlsx", HEADER, duk(0, DUK_NAMA_LGKP="SITI"), duk(1))
    load(village, path)
    differences.refuse(village, [only(village, "nama").number], "KTP asli dilihat", NOW)
    before = differences.listed(village)
    with village.store.read() as session:
        head = audit.head(session)
    assert {one.result for one in matching.preview(village, path).lines} == {"dilewati"}
    assert load(village, path) == 0
    with village.store.read() as session:
        assert audit.head(session) == head
    assert differences.listed(village) == before


def test_accepting_writes_a_draft_and_the_completed_revision_stays(
    village: Village, tmp_path: Path
) -> None:
    """A completed household becomes a draft of its next revision; what was sent is as it was."""
    id_ = matched.household_id(0)
    done = complete(village, id_)
    path = matched.sheet(tmp_path / "a.xlsx", HEADER, duk(0, DUK_TGL_LHR="1970-02-01"))
    load(village, path)
    one = only(village, "tanggal_lahir")
    differences.accept(village, [one.number], NOW)
    opened = visit.open_visit(village, id_, NOW)
    assert opened.line.kerja == "draf"
    assert opened.line.kirim == "belum"
    assert opened.state.value("anggota[1].tgllahir") == "1970-02-01"
    with village.store.read() as session:
        kept = visits.current(session, id_, village.period)
        newest = audit.lines(session, newest=1)[0]
    assert kept is not None
    assert kept.sha256 == done
    assert kept.answers["anggota"][0]["tgllahir"] == one.ours
    assert newest.action == "padan.diterima"
    assert '"anggota[1].tgllahir"' in newest.detail
    assert only(village, "tanggal_lahir").decision == "diterima"


def complete(village: Village, household_id: str) -> str:
    """Complete a household as a visit would, every soft check confirmed."""
    opened = visit.open_visit(village, household_id, NOW)
    for issue in checks.issues(opened.state):
        assert issue.level == "konfirmasi", issue
        opened.state.confirm(issue.path, issue.rule, "sudah diperiksa")
    state = FormState(
        opened.state.instrument, opened.state.answers(), now=NOW,
        confirmations=opened.state.confirmations,
    )  # fmt: skip
    with village.store.write() as session:
        return revision.store(session, village, household_id, state, NOW).sha256


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    said=st.fixed_dictionaries(
        {},
        optional={
            "duk_nama": st.sampled_from(["SITI AMINAH", "BUDI", "SRI WAHYUNI"]),
            "duk_tanggal_lahir": st.sampled_from(["1971-03-04", "1999-12-31"]),
            "duk_jenis_kelamin": st.sampled_from(["1", "2"]),
            "duk_alamat": st.sampled_from(["JALAN BARU 17 BLOK C", "KAMPUNG LAMA"]),
            "keadaan": st.just("meninggal"),
        },
    ),
    taken=st.sets(
        st.sampled_from(["nama", "tanggal_lahir", "jenis_kelamin", "alamat", "meninggal"])
    ),
    number=st.integers(0, 5),
)
def test_accepting_writes_exactly_the_accepted_fields(
    village: Village, said: dict[str, str], taken: set[str], number: int
) -> None:
    """Whatever a source says and whatever is accepted, no other answer moves."""
    path_of = {
        "nama": {"anggota[1].nama", "nama_krt"}, "tanggal_lahir": {"anggota[1].tgllahir"},
        "jenis_kelamin": {"anggota[1].jnskel", "jenis_kelamin_krt"}, "alamat": {"alamat"},
        "meninggal": {"anggota[1].sta_keberadaan_art"},
    }  # fmt: skip
    id_ = matched.household_id(number)
    with village.store.write() as session:
        drafts.drop(session, id_)
    one = matched.member(number)
    row = ListRow("a", 2, {"nik": one["nik"], "nama": one["nama"], "duk_nik": one["nik"], **said})
    found = matching.judge(village, OutsideList("dukcapil", [row]), "a")
    matching.load(village, found, NOW)
    open_ = [
        d
        for d in differences.listed(village, "belum")
        if d.household_id == id_ and d.field in taken
    ]
    before = rows(village, id_)
    differences.accept(village, [d.number for d in open_], NOW)
    after = rows(village, id_)
    moved = {p for p in before.keys() | after.keys() if before.get(p) != after.get(p)}
    allowed = {path for d in open_ for path in path_of[d.field]}
    assert moved <= allowed
    for d in open_:
        value = after[min(path_of[d.field] - {"nama_krt", "jenis_kelamin_krt"})]
        assert value == ("2" if d.field == "meninggal" else d.theirs)


def test_somebody_elses_draft_is_not_written_into(village: Village, tmp_path: Path) -> None:
    """While another account writes, an acceptance is refused whole and stays undecided."""
    id_ = matched.household_id(0)
    load(village, matched.sheet(tmp_path / "a.xlsx", HEADER, duk(0, DUK_NAMA_LGKP="SITI")))
    visit.save_draft(village, id_, visit.open_visit(village, id_, NOW).snapshot(), None, NOW)
    before = rows(village, id_)
    village.account = "lain"
    with pytest.raises(StoreError) as caught:
        differences.accept(village, [only(village, "nama").number], NOW)
    assert caught.value.code == "E_DRAFT_OTHER"
    assert only(village, "nama").decision == "belum"
    assert rows(village, id_) == before


def test_vehicles_and_property_are_told_of_whom_the_tax_office_names(
    village: Village, tmp_path: Path
) -> None:
    """A car and land become differences of the household, with what is known of them."""
    one, other = matched.member(0), matched.member(1)
    cars = matched.sheet(
        tmp_path / "k.xlsx", ("NIK", "Nama Pemilik", "Jenis Kendaraan", "Merk", "Tahun"),
        (one["nik"], one["nama"], "MINIBUS", "AVANZA", "2019"),
        (one["nik"], one["nama"], "SEPEDA MOTOR", "BEAT", "2021"),
    )  # fmt: skip
    land = tmp_path / "pbb.csv"
    land.write_text(f"NOP;NIK;Nama WP;NJOP;Luas Tanah\n3509;'{other['nik']};X;1.250.000.000;450\n")
    load(village, cars)
    load(village, land)
    found = {(d.field, d.kind): d for d in differences.listed(village)}
    car = found["mobil", "kendaraan"]
    assert (car.ours, car.theirs, car.detail) == ("tidak", "ya", "AVANZA, 2019")
    assert "1.250.000.000" in found["properti", "pbb"].detail
    differences.accept(village, [car.number], NOW)
    assert rows(village, car.household_id)["ada_mobil"] == "1"


def test_refusing_needs_a_reason_and_leaving_keeps_it_in_sight(
    village: Village, tmp_path: Path
) -> None:
    """A refusal without words is none; what is left for a visit can still be accepted."""
    load(village, matched.sheet(tmp_path / "a.xlsx", HEADER, duk(0, DUK_NAMA_LGKP="SITI")))
    number = only(village, "nama").number
    with pytest.raises(UsageError):
        differences.refuse(village, [number], "  ", NOW)
    differences.leave(village, [number], NOW)
    assert only(village, "nama").decision == "kunjungan"
    differences.accept(village, [number], NOW)
    with pytest.raises(StoreError) as caught:
        differences.refuse(village, [number], "salah", NOW)
    assert caught.value.code == "E_PADAN_DECIDED"


def test_what_dukcapil_does_not_know_brings_no_value(village: Village, tmp_path: Path) -> None:
    """A person who is not found there cannot be accepted, only refused or visited."""
    load(village, matched.sheet(
        tmp_path / "a.xlsx", HEADER,
        duk(0, DUK_NIK="", DUK_NAMA_LGKP="", DUK_TGL_LHR="", KETERANGAN="tidak padan"),
    ))  # fmt: skip
    with pytest.raises(StoreError) as caught:
        differences.accept(village, [only(village, "dukcapil").number], NOW)
    assert caught.value.code == "E_PADAN_NO_VALUE"


def test_a_remark_is_understood_only_as_far_as_it_goes(village: Village, tmp_path: Path) -> None:
    """Long remarks are read by their words; one that says nothing known says nothing at all."""
    remarks = ("NIK tidak ditemukan di server", "sudah meninggal th 2020", "perlu dicek", "")
    lines = [f"'{matched.member(n)['nik']};{text}" for n, text in enumerate(remarks)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["NIK;KETERANGAN", *lines]) + "\n")
    found = matching.preview(village, path)
    assert [line.fields for line in found.lines] == [("dukcapil",), ("meninggal",), (), ()]
    path.write_text(f"NIK;DUK_NAMA_LGKP\n'{matched.member(4)['nik']};\n")
    assert matching.preview(village, path).lines[0].fields == ("dukcapil",)


def test_a_visit_that_settles_a_difference_takes_it_off_the_list(
    village: Village, tmp_path: Path
) -> None:
    """When a completed visit says what the source says, nothing is left to decide."""
    id_ = matched.household_id(0)
    load(village, matched.sheet(tmp_path / "a.xlsx", HEADER, duk(0, DUK_TGL_LHR="1970-02-01")))
    opened = visit.open_visit(village, id_, NOW)
    opened.state.set("anggota[1].tgllahir", "1970-02-01")
    visit.save_draft(village, id_, opened.snapshot(), None, NOW)
    assert set(fields(village)) == {"tanggal_lahir"}
    complete(village, id_)
    assert fields(village) == {}


def test_a_newer_word_replaces_an_undecided_one(village: Village, tmp_path: Path) -> None:
    """What a source said before goes from the list when it says something else of that field."""
    load(village, matched.sheet(tmp_path / "a.xlsx", HEADER, duk(0, DUK_NAMA_LGKP="SITI")))
    load(village, matched.sheet(tmp_path / "b.xlsx", HEADER, duk(0, DUK_NAMA_LGKP="SITI AMINAH")))
    assert fields(village)["nama"][1] == "SITI AMINAH"
    load(village, matched.sheet(tmp_path / "c.xlsx", HEADER, duk(0)))
    assert fields(village) == {}


def test_numbers_that_a_spreadsheet_rounded_refuse_their_row(
    village: Village, tmp_path: Path
) -> None:
    """Lost digits are said cell by cell; the row changes nothing."""
    path = matched.sheet(
        tmp_path / "a.xlsx", HEADER, ["", 3509125212800001, "X", "", "Y", "", "", ""]
    )
    found = matching.preview(village, path)
    assert [one.result for one in found.lines] == ["ditolak"]
    assert found.issues[0].code == "E_NIK_ROUNDED"
    assert found.pending == ()


def test_a_file_without_known_columns_is_refused(tmp_path: Path, village: Village) -> None:
    """A file that is something else is named as such, and no list of another kind slips in."""
    for name, text in (("a.csv", "satu;dua\n1;2\n"), ("b.csv", "NIK;DESIL\n1;2\n")):
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(WorkbookError) as caught:
            matching.preview(village, path)
        assert caught.value.code == "E_DAFTAR_KOSONG"
    (tmp_path / "c.csv").write_bytes(b"\x00\x01\x02")
    with pytest.raises(SiksError):
        outside_lists.read(tmp_path / "c.csv", outside_lists.MATCHING)
