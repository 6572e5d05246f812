"""Nothing typed is lost when the window is killed, and it says what it kept."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt

from siks_offline.desa import households, resume, visit
from siks_offline.ui import dialogs
from tests.ui import kill_child, kills, worlds
from tests.ui.conftest import HOUSEHOLD, Key

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.conftest import Operator

THERE = HOUSEHOLD.format(4)
HALF = ("alamat", "Dusun Kraj")


@pytest.mark.long
def test_kills_of_the_window_lose_nothing_that_was_told(tmp_path: Path, long_form: bool) -> None:
    """Ten kills (500 in the long form) at random moments: each draft is one that was held.

    What was completed stays completed, and Lanjutkan leads to the right household, question, text.
    """
    ids = kill_child.build(tmp_path / "asal" / "desa")
    chance = random.Random(11)
    longest = kills.LONGEST if long_form else kills.LONGEST / 2
    for number in range(500 if long_form else 10):
        place = tmp_path / str(number)
        place.mkdir()
        verdict = kills.kill_once(tmp_path / "asal", ids, place, chance.uniform(0, longest))
        assert verdict.faults == []
        if long_form:
            assert verdict.lost <= kills.MOST_LOST


@pytest.fixture
def cut_off(operator: Operator, root: Path) -> Operator:
    """A person who signs in after the program ended while a household was open."""
    from siks_offline.desa import accounts

    with accounts.open_village(root / "sukamaju", worlds.ACCOUNT, worlds.PASSPHRASE) as village:
        opened = visit.open_visit(village, THERE, worlds.NOW)
        visit.save_draft(village, THERE, opened.snapshot(), None, worlds.NOW)
        opened.state.set("rt", "007")
        later = worlds.NOW + timedelta(minutes=1)
        resume.keep(village, THERE, opened.snapshot(), HALF, HALF[0], later)
    operator.sign_in()
    return operator


def test_going_on_leads_to_the_half_typed_question(cut_off: Operator) -> None:
    """The caret waits on Lanjutkan; Enter leads to the question with its half-typed text."""
    card: Any = cut_off.window.pages["beranda"].kept  # type: ignore[attr-defined]
    assert card.isVisible()
    assert HALF[1] in card.kept.text()
    cut_off.press(Key.Enter)
    cut_off.until(lambda: cut_off.visit.visit is not None and cut_off.form.current is not None)
    assert cut_off.visit.visit is not None
    assert (cut_off.visit.visit.line.id, cut_off.here) == (THERE, HALF[0])
    assert cut_off.form.current is not None
    assert cut_off.form.current.editor.text() == HALF[1]


def test_looking_tells_what_was_kept(cut_off: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lihat tells the answers kept last, and the offer stays."""
    told: list[str] = []
    monkeypatch.setattr(dialogs, "tell", lambda _parent, *words, **_: told.extend(words))
    card: Any = cut_off.window.pages["beranda"].kept  # type: ignore[attr-defined]
    cut_off.press(Key.Tab)
    cut_off.press(Key.Enter)
    assert "007" in told[1]
    assert card.isVisible()


def test_throwing_away_puts_the_draft_into_the_bin(
    cut_off: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Buang asks once; then the draft lies in Sampah and nothing is offered any more."""
    monkeypatch.setattr(dialogs, "ask", lambda *_: True)
    card: Any = cut_off.window.pages["beranda"].kept  # type: ignore[attr-defined]
    card.throw.setFocus()
    cut_off.press(Key.Space)
    cut_off.until(lambda: not card.isVisible())
    assert cut_off.window.desk is not None
    village = cut_off.window.desk.village
    assert households.lines(village, [THERE])[THERE].kerja == "belum"
    assert resume.left_open(village) is None


def test_a_household_left_in_order_is_not_offered(desk: Operator) -> None:
    """Only what was cut off is offered: whoever leaves a household has left it."""
    desk.open_household(4)
    desk.form.go("alamat")
    desk.type("Dusun")
    desk.visit.save()
    assert desk.window.desk is not None
    village = desk.window.desk.village
    desk.until(lambda: resume.left_open(village) is not None)
    desk.press(Qt.Key.Key_F3)
    desk.until(lambda: resume.left_open(village) is None)
