"""The pages of those who check, by keys alone: Beranda's figures, second keying, returning."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog

from siks_offline.desa import handover, notes, second_keying, surroundings, visit
from siks_offline.latihan import people
from siks_offline.ui import keying_dialog, remark_talk
from tests.ui import worlds
from tests.ui.conftest import HOUSEHOLD, Key, Operator

if TYPE_CHECKING:
    from siks_offline.desa.village import Village

ID = HOUSEHOLD.format(4)


@pytest.fixture
def done(desk: Operator) -> Operator:
    """A person in a village with one household that another account completed."""
    village: Village = desk.window.desk.village  # type: ignore[union-attr]
    account, village.account = village.account, "rekan"
    opened = visit.open_visit(village, ID, worlds.NOW)
    answers = people.household(3, 3, village.kode_desa, worlds.NOW.date()).answers
    answers["idbdt"] = opened.state.value("idbdt")
    state = type(opened.state)(village.instrument, answers, now=worlds.NOW)
    from siks_offline.instrument import checks

    for issue in checks.issues(state):
        state.confirm(issue.path, issue.rule, "sesuai kertas")
    completed = visit.complete(village, ID, state, worlds.NOW)
    assert completed.done, completed.issues
    village.account = account
    return desk


def test_beranda_tells_pace_and_what_is_wrong_around(
    done: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Today's households, what is left, the chart in figures; a wrong clock and a full disk."""
    home: Any = done.window.pages["beranda"]
    done.window.show_page("beranda")
    done.until(lambda: "1 selesai" in home.pace_words.text())
    assert "59" in home.pace_words.text()
    assert home._rts.accessibleName().count("\n") == 5
    assert home.warning.isHidden()
    monkeypatch.setattr(surroundings, "LEAST_FREE", 1 << 60)
    desk = done.window.desk
    assert desk is not None
    monkeypatch.setattr(desk, "now", lambda: worlds.NOW - timedelta(days=9000))
    home.read()
    done.until(lambda: not home.warning.isHidden())
    assert "Jam komputer" in home.warning.text()
    assert "MB" in home.warning.text()


def test_a_household_is_keyed_again_by_keys(
    done: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enter on the list, blind lines, then 2 for the second keying; the rate tells one error."""
    monkeypatch.setattr(second_keying, "SHARE", 1.0)
    village: Village = done.window.desk.village  # type: ignore[union-attr]
    page: Any = done.window.pages["pengawasan"]
    done.window.show_page("pengawasan")
    done.until(lambda: page.due.count() == 1)
    paths = second_keying.paper(village, ID).paths
    first = visit.open_visit(village, ID, worlds.NOW).state
    done.press(Key.Enter)
    done.until(lambda: page.findChildren(keying_dialog.KeyingDialog))
    [talk] = page.findChildren(keying_dialog.KeyingDialog)
    done.until(lambda: talk._lines)
    assert [path for path, _ in talk._lines] == list(paths)
    assert all(not editor.text() and not editor.suggestion for _, editor in talk._lines)
    asked: list[keying_dialog.RightTalk] = []

    def take_second(one: keying_dialog.RightTalk) -> int:
        asked.append(one)
        one.choices.setCurrentRow(1)
        return QDialog.DialogCode.Accepted.value

    monkeypatch.setattr(keying_dialog.RightTalk, "exec", take_second)
    monkeypatch.setattr(QApplication, "activeWindow", lambda: talk)
    for path, editor in talk._lines:
        words = first.value(path)
        if path == "luas_lantai":
            words = "77"
        editor.setText(words)
    talk.compare()
    done.until(lambda: second_keying.rate(village).wrong == 1)
    assert [one.question.name for one in asked] == ["luas_lantai"]
    assert visit.open_visit(village, ID, worlds.NOW).state.value("luas_lantai") == "77"
    done.until(lambda: "1 salah" in page.rate.text())
    assert page.due.count() == 0


def test_a_supervisor_returns_and_the_operator_is_led_there(
    done: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+R on a question, Ctrl+Enter; opened again, the caret stands at that question."""
    monkeypatch.setattr(remark_talk, "ask", lambda *_: "angka kabur")
    done.open_household(4)
    assert done.form.go("luas_lantai")
    done.press(Qt.Key.Key_R, Key.Control)
    assert "angka kabur" in done.form.front.rows["luas_lantai"].remark.text()
    done.press(Key.Enter, Key.Control)
    done.until(lambda: done.window.current is done.window.pages["prelist"])
    village: Village = done.window.desk.village  # type: ignore[union-attr]
    assert [one.path for one in notes.of_household(village, ID)] == ["luas_lantai"]
    done.open_household(4)
    assert done.here == "luas_lantai"
    assert "angka kabur" in done.form.front.rows["luas_lantai"].remark.text()
    assert done.visit.visit is not None
    assert done.visit.visit.line.kerja == "dikembalikan"


def test_a_second_person_lets_a_household_go_by_keys(done: Operator) -> None:
    """The admin asks for it with Space; Enter opens what waits; Ctrl+Y lets it go."""
    village: Village = done.window.desk.village  # type: ignore[union-attr]
    page: Any = done.window.pages["pengawasan"]
    done.window.show_page("pengawasan")
    done.until(lambda: page._found is not None)
    page.second.setFocus()
    done.press(Key.Space)
    done.until(lambda: page.review.count() == 1)
    assert handover.due(village) == 0
    page.review.setFocus()
    done.press(Key.Enter)
    done.until(lambda: done.visit.visit is not None and done.visit.visit.line.id == ID)
    done.until(lambda: done.form.current is not None)
    done.press(Qt.Key.Key_Y, Key.Control)
    done.until(lambda: done.window.current is page)
    done.until(lambda: page.review.count() == 0)
    assert handover.due(village) == 1
