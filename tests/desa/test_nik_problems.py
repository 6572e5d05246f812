"""The fifteen work lists: every kind is found, and each row leads to its question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from siks_offline.db import households
from siks_offline.desa import entitlements, matching, nik_problems, prelist, visit
from siks_offline.export.outside_lists import ListRow, OutsideList
from siks_offline.instrument import promoted
from tests.desa import matched

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.village import Village

NOW = matched.NOW


def said(village: Village, *rows: dict[str, str]) -> None:
    """Dukcapil speaks of people."""
    listed = OutsideList("dukcapil", [ListRow("a", n, row) for n, row in enumerate(rows, 2)])
    matching.load(village, matching.judge(village, listed, "a"), NOW)


def determined(village: Village, kind: str, *rows: dict[str, str]) -> None:
    """The Dinsos sends a list."""
    of: list[ListRow] = [ListRow("a", n, row) for n, row in enumerate(rows, 2)]
    found = OutsideList("pengurus" if kind == "pengurus" else "penetapan", of)
    entitlements.load(village, entitlements.judge(village, found, kind), NOW)


def change_nik(village: Village, number: int, nik: str) -> None:
    """Let the head of a household have had another NIK in the prelist."""
    answers = matched.answers(number)
    people = [dict(one) for one in answers[promoted.MEMBERS]]
    people[0][promoted.NIK] = nik
    ids = [f"orang-{number}-{place}" for place in range(len(people))]
    changed = {**answers, promoted.MEMBERS: people}
    idbdt = answers[promoted.IDBDT]
    one = prelist.listed(matched.household_id(number), idbdt, changed, ids)
    with village.store.write() as session:
        households.upsert_many(session, [replace(one, source="prelist")])


def test_every_kind_of_trouble_is_found_and_leads_somewhere(tmp_path: Path) -> None:
    """Fifteen kinds, each with the people it is about and a question that the form has."""
    with matched.make(tmp_path / "desa", 8) as village:
        who = [matched.member(number) for number in range(8)]
        change_nik(village, 0, who[1]["nik"])
        change_nik(village, 2, "3509129999999999")
        said(
            village,
            {"nik": who[3]["nik"], "keadaan": "meninggal"},
            {"nik": who[4]["nik"], "duk_nama": "ORANG YANG LAIN SEKALI"},
            {"nik": who[5]["nik"], "duk_nama": f"{who[5]['nama']} I"},
            {"nik": who[6]["nik"], "keadaan": "tidak_ada"},
        )
        bad = {"nik": "350912", "nama": "A", "program": "SEMBAKO BST PKH"}
        absent = {"nik": who[6]["nik"], "nama": "B", "program": "SEMBAKO BST PKH"}
        determined(village, "penetapan", bad, absent)
        nik, other = who[7]["nik"], who[3]["nik"]
        determined(
            village,
            "pengurus",
            {"nik": nik, "nama": "SITI", "rekening": "1000000001"},
            {"nik": nik, "nama": "SITI", "rekening": "1000000002"},
            {"nik": other, "nama": "BUDI", "rekening": "2000000001"},
            {"nik": other, "nama": "AGUS", "rekening": "2000000002"},
            {"nik": "3509120101800099", "nama": "NUR", "rekening": "1000000001"},
        )
        found = nik_problems.found(village)
        assert len(nik_problems.KINDS) == len(found) == 15
        assert {kind: len(rows) for kind, rows in found.items()} == {
            "nik_ganda": 2, "nik_struktur": 1, "meninggal": 1, "nama_beda": 1, "nama_mirip": 1,
            "tidak_di_dukcapil": 1, "bpnt_struktur": 1, "bpnt_tidak_di_dukcapil": 1,
            "bst_struktur": 1, "bst_tidak_di_dukcapil": 1, "pkh_struktur": 1,
            "pkh_tidak_di_dukcapil": 1, "pengurus_rekening": 1, "pengurus_nama": 2,
            "rekening_bersama": 2,
        }  # fmt: skip
        for kind, rows in found.items():
            for row in rows:
                assert row.words, kind
                if row.household_id:
                    state = visit.open_visit(village, row.household_id, NOW).state
                    assert state.value(row.path) in {row.nik, row.nama}, (kind, row.path)


def test_a_village_without_trouble_has_empty_lists(tmp_path: Path) -> None:
    """Nothing is made up where nothing is wrong."""
    with matched.make(tmp_path / "desa", 5) as village:
        assert not any(nik_problems.found(village).values())
