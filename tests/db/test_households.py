"""Households are found by any part of what is known of them, and loaded without loss."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from siks_offline.db import engine, households
from siks_offline.model import HouseholdLine
from tests.db.conftest import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

NAMES = (
    "SITI",
    "BUDI",
    "Slamet",
    "Nurul 'Aini",
    "100% Jaya",
    "a_b",
    "x\\y",
    "Sumiati",
    "Élisabeth",
)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[engine.Store, dict[str, str]]]:
    """A village of 20,000 households, and by id the text in which each may be found."""
    dice = random.Random(7)
    rows = []
    for number in range(20_000):
        nik = f"{dice.randrange(10**16):016}"
        facts = households.Facts(
            no_kk=f"{dice.randrange(10**16):016}",
            nik_krt=nik,
            nama_krt=f"{dice.choice(NAMES)} {dice.choice(NAMES)}",
            alamat=f"DUSUN {dice.choice(NAMES)} NO. {number % 90}",
            rt=f"{number % 12:03}",
            rw=f"{number % 3:03}",
            anggota=1,
        )
        rows.append(households.Listed(id=f"r{number:05}", facts=facts, idbdt=f"B{number}"))
    with engine.create_village(tmp_path_factory.mktemp("besar") / "app.db", KEY) as store:
        with store.write() as session:
            households.upsert_many(session, rows)
        texts = {
            row.id: "\n".join(
                households.normal(part)
                for part in (
                    *(row.facts.nama_krt, row.facts.nik_krt, row.facts.no_kk, row.facts.alamat),
                    *(row.facts.rt, row.facts.rw, row.idbdt or ""),
                )
            )
            for row in rows
        }
        yield store, texts


WORDS = st.one_of(
    st.sampled_from(
        ["siti", "BUDI", "100%", "%", "_", "a_b", "\\", "x\\y", "'", "''", "*", "?", "["]
    ),
    st.sampled_from(["élis", "elis", "1234", "rumah", "no.", "B12", "ti", "s", " ", "dusun  a_b"]),
    st.text(alphabet="%_\\'\"*?[]-^siu1 0", max_size=4),
)


@given(st.lists(WORDS, max_size=3))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_search_finds_exactly_what_holds_every_word(
    big: tuple[engine.Store, dict[str, str]], words: list[str]
) -> None:
    """Any part of name, NIK, No KK, IDBDT or address; what SQL takes for a wildcard is a letter."""
    store, texts = big
    wanted = [w for w in households.normal(" ".join(words)).split() if w]
    expected = {id_ for id_, held in texts.items() if all(word in held for word in wanted)}
    with store.read() as session:
        found = households.find(session, " ".join(words), order="seq")
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert found == sorted(found)


def test_a_hostile_word_harms_nothing(big: tuple[engine.Store, dict[str, str]]) -> None:
    """A search is text, never a command."""
    store, texts = big
    with store.read() as session:
        assert households.find(session, "'; DROP TABLE household; --") == []
        assert len(households.find(session)) == len(texts)


@pytest.mark.parametrize("order", households.ORDERS)
@pytest.mark.parametrize("descending", [False, True])
def test_every_order_is_total_and_the_same_each_time(
    big: tuple[engine.Store, dict[str, str]], order: str, descending: bool
) -> None:
    """Sorting by a column loses no row and never shuffles equal ones."""
    store, texts = big
    with store.read() as session:
        first = households.find(session, order=order, descending=descending)
        again = households.find(session, order=order, descending=descending)
        lines = households.lines(session, first[:200] + first[-200:])
    assert first == again
    assert set(first) == set(texts)
    if order in {"nama_krt", "alamat"}:
        values = [getattr(line, order) for line in lines.values()]
        folded = [v.translate({n: n + 32 for n in range(65, 91)}).encode() for v in values]
        assert folded == sorted(folded, reverse=descending)
    if order == "rt":
        values = [int(line.rt) for line in lines.values()]
        assert values == sorted(values, reverse=descending)


def test_members_are_found_too(village: engine.Store, listed) -> None:
    """A household is found by any of its members; a duplicate NIK shows every place."""
    twin = listed(2)
    twin = replace(
        twin, persons=(twin.persons[0], replace(twin.persons[1], nik=listed(1).persons[1].nik))
    )
    with village.write() as session:
        households.upsert_many(session, [listed(1), twin])
    with village.read() as session:
        assert households.find(session, "anggota-2") == ["rumah-2"]
        assert households.find(session, listed(1).persons[1].nik) == ["rumah-1", "rumah-2"]
        both = households.with_nik(session, listed(1).persons[1].nik)
        assert [(f.household_id, f.position) for f in both] == [("rumah-1", 2), ("rumah-2", 2)]
        assert len(households.with_no_kk(session, listed(1).facts.no_kk)) == 2
        assert households.persons(session, "rumah-1") == listed(1).persons


def test_a_line_shows_what_was_loaded(village: engine.Store, listed) -> None:
    """Nothing of a household's facts changes on its way in; texts are never None."""
    with village.write() as session:
        households.upsert_many(
            session, [listed(1), replace(listed(2), idbdt=None, source="usulan")]
        )
    with village.read() as session:
        lines = households.lines(session, ["rumah-2", "tiada", "rumah-1", "rumah-2"])
        assert list(lines) == ["rumah-2", "rumah-1"]
        facts = listed(1).facts
        assert lines["rumah-1"] == HouseholdLine(
            id="rumah-1",
            idbdt="IDBDT1",
            no_kk=facts.no_kk,
            nik_krt=facts.nik_krt,
            nama_krt="KEPALA-1",
            alamat="JALAN 1",
            dusun="",
            rt="001",
            rw="002",
            anggota=2,
            kerja="belum",
            kirim="belum",
            revisi=0,
        )
        assert lines["rumah-2"].idbdt == ""
        assert households.line(session, "tiada") is None
        assert households.prelist_answers(session, "rumah-1") == listed(1).answers
        assert households.prelist_answers(session, "rumah-2") == listed(2).answers
        assert households.source(session, "rumah-2") == "usulan"
        assert households.ids_by_idbdt(session) == {"IDBDT1": "rumah-1"}


def states(session: Session, id_: str) -> tuple[str, str, str, str]:
    line = households.line(session, id_)
    assert line is not None
    return line.nama_krt, line.kerja, line.kirim, line.komentar


def test_the_same_prelist_again_changes_nothing(village: engine.Store, listed) -> None:
    """An import is idempotent, and what it would change can be asked before."""
    prelist = [listed(n) for n in range(30)]
    with village.write() as session:
        first = households.upsert_many(session, prelist)
    assert (len(first.added), first.updated, first.unchanged) == (30, (), ())
    changed = listed(3, nama_krt="BARU")
    with village.write() as session:
        known = households.prelist_hashes(session)
        assert [r.id for r in prelist if known.get(r.id) != households.fingerprint(r)] == []
        assert known["rumah-3"] != households.fingerprint(changed)
        second = households.upsert_many(session, [*prelist[:3], changed, *prelist[4:]])
    assert (second.added, second.updated, len(second.unchanged)) == ((), ("rumah-3",), 29)
    with village.read() as session:
        assert households.find(session, "baru") == ["rumah-3"]
        assert households.find(session, "kepala-3") == []
        assert households.counts(session).total == 30


def test_a_prelist_never_writes_over_a_begun_visit(village: engine.Store, listed) -> None:
    """Once a visit has begun, a newer prelist changes neither what is shown nor its members."""
    with village.write() as session:
        households.upsert_many(session, [listed(1)])
        households.set_states(session, {"rumah-1": households.States(kerja="draf")})
        newer = replace(listed(1, nama_krt="LAIN"), answers={"alamat": "baru"}, persons=())
        assert households.upsert_many(session, [newer]).updated == ("rumah-1",)
        assert states(session, "rumah-1") == ("KEPALA-1", "draf", "belum", "")
        assert len(households.persons(session, "rumah-1")) == 2
        assert households.prelist_answers(session, "rumah-1") == {"alamat": "baru"}


def test_one_idbdt_never_stands_for_two_households(village: engine.Store, listed) -> None:
    """The store refuses, and the first household is still there."""
    with village.write() as session:
        households.upsert_many(session, [listed(1)])
    with pytest.raises(IntegrityError), village.write() as session:
        households.upsert_many(session, [replace(listed(2), idbdt="IDBDT1")])
    with village.read() as session:
        assert households.find(session) == ["rumah-1"]


def test_a_visit_refreshes_what_lists_show(village: engine.Store, listed) -> None:
    """After completion lists, searches and duplicates go by what was found in the field."""
    with village.write() as session:
        households.upsert_many(session, [listed(1)])
        facts = replace(listed(1).facts, nama_krt="GANTI NAMA", anggota=1)
        households.refresh(session, "rumah-1", facts, [listed(5).persons[0]])
        assert households.find(session, "ganti idbdt1") == ["rumah-1"]
        assert households.find(session, "kepala-1") == []
        assert households.persons(session, "rumah-1") == (listed(5).persons[0],)


def test_states_are_set_only_where_asked(village: engine.Store, listed) -> None:
    """Setting one column leaves the other; unknown households are not reported as touched."""
    with village.write() as session:
        households.upsert_many(session, [listed(1), listed(2)])
        back = households.States(
            kerja="dikembalikan", komentar="NIK salah", komentar_jalur="anggota[1].nik"
        )
        asked = {"rumah-1": back, "tiada": back, "rumah-2": households.States()}
        assert households.set_states(session, asked) == {"rumah-1"}
        assert states(session, "rumah-1") == ("KEPALA-1", "dikembalikan", "belum", "NIK salah")
        assert households.comment_path(session, "rumah-1") == "anggota[1].nik"
        assert states(session, "rumah-2") == ("KEPALA-2", "belum", "belum", "")
    with pytest.raises(IntegrityError), village.write() as session:
        households.set_states(session, {"rumah-1": households.States(kerja="entah")})  # type: ignore[arg-type]


def test_counts_and_the_next_household(village: engine.Store, listed) -> None:
    """Sent back before begun before untouched; a completed one is never next."""
    with village.write() as session:
        rows = [listed(1, rw="002"), listed(2, rw="001"), listed(3, rw="010", rt="010"), listed(4)]
        households.upsert_many(session, rows)
        assert households.next_open(session) == "rumah-2"
        households.set_states(
            session,
            {
                "rumah-1": households.States(kerja="draf"),
                "rumah-3": households.States(kerja="dikembalikan", kirim="ditolak"),
                "rumah-4": households.States(kerja="selesai", kirim="dikirim"),
            },
        )
        assert households.next_open(session) == "rumah-3"
        counts = households.counts(session)
        assert counts.total == 4
        assert counts.kerja == {"belum": 1, "draf": 1, "selesai": 1, "dikembalikan": 1}
        assert counts.kirim["dikirim"] == 1
        assert counts.kirim["diterima"] == 0
        assert counts.per_rt == (("001/001", 1, 0), ("001/002", 2, 1), ("010/010", 1, 0))
        assert households.find(session, kerja="draf") == ["rumah-1"]
        assert households.find(session, kirim="ditolak") == ["rumah-3"]
        every = {f"rumah-{n}": households.States(kerja="selesai") for n in range(1, 5)}
        households.set_states(session, every)
        assert households.next_open(session) is None
