"""Pemadanan, cek status and laporan: worked with keys, named, whole in both sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from siks_offline.desa import differences, entitlements, visit
from siks_offline.ui import dialogs
from siks_offline.ui.list_dialog import ListDialog
from tests.ui import worlds
from tests.ui.conftest import Key
from tests.ui.grab import SIZES
from tests.ui.screen_checks import cut, nameless

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.conftest import Operator

HOSTILE = worlds.HOSTILE


def nik(number: int) -> str:
    """NIK of the head of a household of the made village."""
    return str(worlds.answers(number)["nomor_nik"])


def page(desk: Operator, name: str, argument: object = None) -> Any:
    """A page, in front."""
    desk.window.show_page(name, argument)
    return desk.window.pages[name]


def agree(desk: Operator, over: Any) -> None:
    """Wait for the preview of a list, then agree to it with Enter."""
    desk.until(lambda: any(d.isVisible() and d.shown for d in over.findChildren(ListDialog)))
    dialog = next(d for d in over.findChildren(ListDialog) if d.isVisible())
    assert nameless(dialog) == []
    desk.until(dialog.agree.hasFocus)
    QTest.keyClick(dialog.agree, Key.Enter)
    desk.until(lambda: not dialog.isVisible())
    desk.window.activateWindow()
    desk.until(desk.window.isActiveWindow)


@pytest.fixture
def matched(desk: Operator, tmp_path: Path) -> Any:
    """The page of pemadanan with three differences, loaded through its dialog."""
    path = tmp_path / "padan.csv"
    rows = [f"'{nik(n)};{worlds.name(n)};'{nik(n)};{said}" for n, said in
            ((1, "NAMA LAIN"), (2, "ORANG KEDUA"), (3, "YANG KETIGA"))]  # fmt: skip
    path.write_text("\n".join(["NIK;NAMA;DUK_NIK;DUK_NAMA_LGKP", *rows]) + "\n")
    found = page(desk, "pemadanan")
    desk.until(lambda: found.problems)
    found.load(path)
    agree(desk, found)
    desk.until(lambda: len(found.differences) == 3)
    found.table.setFocus()
    return found


def decisions(desk: Operator) -> list[str]:
    village = desk.window.desk.village  # type: ignore[union-attr]
    return sorted(one.decision for one in differences.listed(village))


def test_letters_decide_on_differences(
    desk: Operator, matched: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T accepts into a draft, K refuses with a reason, U leaves it for a visit; B opens again."""
    monkeypatch.setattr(dialogs, "ask_reason", lambda *_: "KTP asli dilihat")
    first = matched.shown[0]
    assert f'data desa "{first.ours}"' in matched.told.text()  # both whole, whatever is cut above
    assert first.theirs in matched.told.text()
    desk.press(Qt.Key.Key_T)
    desk.until(lambda: decisions(desk) == ["belum", "belum", "diterima"])
    village = desk.window.desk.village  # type: ignore[union-attr]
    desk.until(lambda: len(matched.shown) == 2)
    opened = visit.open_visit(village, first.household_id, worlds.NOW)
    assert (opened.line.kerja, opened.state.value("nama_krt")) == ("draf", first.theirs)
    matched.table.setFocus()
    desk.press(Qt.Key.Key_K)
    desk.until(lambda: len(matched.shown) == 1)
    matched.table.setFocus()
    desk.press(Qt.Key.Key_U)
    desk.until(lambda: decisions(desk) == ["diterima", "ditolak", "kunjungan"])
    desk.until(lambda: not matched.shown)
    matched.view.setCurrentIndex(matched.view.findData("ditolak"))
    matched.table.setFocus()
    desk.press(Qt.Key.Key_B)
    desk.until(lambda: decisions(desk) == ["belum", "diterima", "kunjungan"])


def test_a_problem_leads_to_its_question(desk: Operator, matched: Any) -> None:
    """Enter on a row of a work list opens the household where the trouble is."""
    matched.view.setCurrentIndex(matched.view.findData("nama_beda"))
    desk.until(lambda: matched.table.rows.rowCount() > 0)
    wanted: list[Any] = []
    matched.wanted.connect(lambda name, argument: wanted.append((name, argument)))
    matched.table.setFocus()
    desk.press(Key.Enter)
    assert wanted[0][0] == "kunjungan"
    assert wanted[0][1][1] == "nama_krt"
    desk.until(lambda: desk.visit.visit is not None)


def determined(desk: Operator, tmp_path: Path) -> Any:
    """The page of cek status with a list of three people, one with a hostile name."""
    path = tmp_path / "penetapan.csv"
    path.write_text(
        "NIK;NAMA;KELURAHAN;RT;RW;DESIL;PKH\n"
        f"'{nik(1)};SITI AMINAH;SUKAMAJU;2;1;2;YA\n"
        f"'3509120101800009;{HOSTILE};SUKAMAJU;3;1;8;TIDAK\n"
        "'3509120101800010;BUDI SANTOSO;LAIN;1;1;5;TIDAK\n"
    )
    found = page(desk, "cek_status")
    desk.until(lambda: "Desa" in found.told.text())
    found.load(path)
    agree(desk, found)
    desk.until(lambda: found.region.count() > 2)
    return found


def test_the_counter_is_worked_with_keys(
    desk: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Type, Enter, read, Ctrl+P: the answer in words, masked, and the slip on paper."""
    found = determined(desk, tmp_path)
    found.open()
    desk.type("siti am")
    desk.until(lambda: len(found.hits) == 1 and found.answer is not None)
    assert "desil 2" in found.told.text()
    assert nik(1) not in found.facts.text()
    desk.press(Key.Enter)
    desk.until(found.table.hasFocus)
    slip = tmp_path / "slip.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(slip), ""))
    desk.press(Qt.Key.Key_P, Key.Control)
    desk.until(slip.exists)
    monkeypatch.setattr(dialogs, "ask_reason", lambda *_: "warga meminta")
    found.whole.click()
    desk.until(lambda: nik(1) in found.facts.text())
    found.words.setText("tidak ada orangnya")
    desk.until(lambda: not found.hits and found.answer is None)
    assert not found.slip.isVisible()
    assert "musyawarah" in found.told.text()


def test_a_hostile_name_stays_a_name(desk: Operator, tmp_path: Path) -> None:
    """Markup in a list is shown as it is."""
    found = determined(desk, tmp_path)
    found.words.setText("img")
    desk.until(lambda: found.hits and found.answer is not None)
    assert found.nama.text() == HOSTILE.upper()
    assert found.nama.textFormat() is Qt.TextFormat.PlainText


def test_reports_turn_to_bars_and_to_files(
    desk: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrows choose a report, the chart shows its numbers, Excel and CSV take it along."""
    found = page(desk, "laporan")
    desk.until(lambda: found.report is not None)
    found.kind.setFocus()
    desk.press(Key.Down)
    desk.until(lambda: found.report.kind == "rt")
    assert sum(int(row[1]) for row in found.report.rows) == 60
    found.chart.setFocus()
    desk.press(Key.Space)
    assert [bar.total for bar in found.bars.bars] == [int(row[1]) for row in found.report.rows]
    assert found.bars.isVisible()
    for ending, press in (("xlsx", found.excel), ("csv", found.csv)):
        target = tmp_path / f"laporan.{ending}"
        answer = (str(target), "")
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, a=answer: a)
        press.setFocus()
        desk.press(Key.Space)
        desk.until(target.exists)


@pytest.mark.parametrize("size", SIZES)
def test_pages_have_names_and_whole_words(
    desk: Operator, matched: Any, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Every control is named; no words of ours are cut, in either size."""
    desk.window.resize(*size)
    status = determined(desk, tmp_path)
    status.words.setText("siti")
    desk.until(lambda: status.answer is not None)
    assert (nameless(status), cut(status)) == ([], [])
    shown = page(desk, "pemadanan")
    desk.until(lambda: shown.shown)
    assert (nameless(shown), cut(shown)) == ([], [])
    report = page(desk, "laporan")
    desk.until(lambda: report.report is not None)
    assert (nameless(report), cut(report)) == ([], [])


def test_an_operator_sees_no_whole_numbers(desk: Operator, tmp_path: Path) -> None:
    """Who may not open numbers has no button for it."""
    found = determined(desk, tmp_path)
    village = desk.window.desk.village  # type: ignore[union-attr]
    found.words.setText("siti")
    desk.until(lambda: found.answer is not None)
    assert found.whole.isVisible()
    village.role = "operator"
    found.words.setText("budi")
    desk.until(lambda: found.answer is not None and found.answer.nama.startswith("BUDI"))
    assert not found.whole.isVisible()
    [hit] = entitlements.find(village, "siti am")
    assert nik(1) not in repr(hit)


def test_a_checker_looks_and_decides_nothing(desk: Operator, matched: Any) -> None:
    """Who only checks has neither the buttons nor the letters of a decision."""
    village = desk.window.desk.village  # type: ignore[union-attr]
    village.role = "pemeriksa"
    desk.window.restyle()
    shown = page(desk, "pemadanan")
    desk.until(lambda: len(shown.shown) == 3)
    assert not any(made.isVisible() for made in (shown.accept_, shown.refuse_, shown.leave_))
    shown.table.setFocus()
    desk.press(Qt.Key.Key_T)
    assert decisions(desk) == ["belum"] * 3
