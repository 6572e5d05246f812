"""The trail is read in words: who did what to which household, and what it was before."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from siks_offline import desa, texts
from siks_offline.desa import history, households, undo, visit, wastebin
from siks_offline.errors import SiksError
from tests.desa.test_versions import LATER, NOW, Village, drafted, finish, village

__all__ = ["village"]


def corrected(village: Village) -> str:
    """A household completed twice, its floor and address other ones the second time."""
    household_id = drafted(village, 8)
    finish(village, household_id, NOW)
    opened = visit.open_visit(village, household_id, NOW)
    opened.state.set("alamat", "JALAN BARU")
    opened.state.set("anggota[1].nik", opened.state.value("anggota[1].nik")[:-1] + "9")
    visit.save_draft(village, household_id, opened.snapshot(), None, LATER)
    assert finish(village, household_id, LATER).done
    return household_id


def test_a_household_s_history_is_told_in_words(village: Village) -> None:
    """Newest first, each answer with the words of its question; of a NIK only the end."""
    household_id = corrected(village)
    told = history.of_household(village, household_id)
    assert [one.words for one in told] == [
        "Menyelesaikan kunjungan, revisi 2.",
        "Mulai mengisi kunjungan.",
        "Menyelesaikan kunjungan, revisi 1.",
        "Mulai mengisi kunjungan.",
        "Menambah rumah tangga baru.",
    ]
    assert any(one.endswith("→ JALAN BARU") for one in told[0].changes)
    nik = visit.open_visit(village, household_id, LATER).state.value("anggota[1].nik")
    assert any(f"→ …{nik[-4:]}" in one for one in told[0].changes)
    assert not any(nik in words for one in told for words in one.changes)
    assert told[0].household.startswith(
        households.lines(village, [household_id])[household_id].nama_krt
    )
    with pytest.raises(SiksError) as caught:
        history.of_household(village, "tidak-ada")
    assert caught.value.code == "E_HOUSEHOLD_UNKNOWN"


def test_an_operator_s_history_goes_back_page_by_page(village: Village) -> None:
    """Of one account or all, and on from the number of the last line shown."""
    corrected(village)
    every = history.of_account(village)
    assert every == history.of_account(village, "operator")
    assert history.of_account(village, "lain") == []
    assert history.of_account(village, below=every[1].seq) == every[2:]
    assert history.accounts(village) == ["operator"]


def test_every_action_has_its_sentence() -> None:
    """Whatever the village notes can be read: no code of an action is on anybody's screen."""
    actions = set()
    for path in Path(desa.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func).rpartition(".")[2]
            if called == "append" and "audit" in ast.unparse(node.func):
                wanted = [k.value for k in node.keywords if k.arg == "action"]
            elif called in {"note", "_note"}:
                wanted = node.args
            else:
                continue
            actions |= {
                value.value
                for one in wanted
                for value in ast.walk(one)
                if isinstance(value, ast.Constant)
                and isinstance(value.value, str)
                and re.fullmatch(r"[a-z_]+\.[a-z_-]+", value.value)
            }
    assert len(actions) > 30
    lacking = [one for one in actions if not texts.has(f"jejak.{one.replace('-', '_')}")]
    assert sorted(lacking) == []


def refuse_audit(village: Village) -> None:
    with village.store.write() as session:
        session.execute(
            text("CREATE TRIGGER penuh BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'x'); END")
        )


@pytest.mark.parametrize(
    "act",
    [
        lambda v, id_: visit.add_household(v, LATER),
        lambda v, id_: visit.drop_draft(v, id_, LATER),
        lambda v, id_: visit.take_over(v, id_, LATER),
        lambda v, id_: finish(v, id_, LATER),
        lambda v, id_: wastebin.throw_household(v, id_, LATER),
    ],
    ids=["tambah", "buang", "ambil-alih", "selesai", "hapus"],
)
def test_fail_closed_an_action_without_its_line_does_not_happen(village: Village, act) -> None:  # type: ignore[no-untyped-def]
    """S16: the line cannot be written, so nothing of the action stays."""
    household_id = drafted(village, 8)
    before = (households.find(village), households.lines(village, [household_id]))
    rows = visit.open_visit(village, household_id, NOW).state.answers()
    refuse_audit(village)
    with pytest.raises(SiksError) as caught:
        act(village, household_id)
    assert caught.value.code == "E_AUDIT"
    assert (households.find(village), households.lines(village, [household_id])) == before
    assert visit.open_visit(village, household_id, NOW).state.answers() == rows
    assert wastebin.items(village) == []


def test_fail_closed_holds_for_going_back(village: Village) -> None:
    """S16, for what needs two revisions first."""
    household_id = corrected(village)
    refuse_audit(village)
    with pytest.raises(SiksError):
        undo.revert(village, household_id, LATER)
    assert households.lines(village, [household_id])[household_id].kerja == "selesai"
