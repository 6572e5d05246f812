"""A household costs few keys, none of them the mouse's, and the caret follows the eye."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from siks_offline.desa import visit
from siks_offline.instrument import checks
from tests.ui import typist, worlds
from tests.ui.conftest import Key

if TYPE_CHECKING:
    from tests.ui.conftest import Operator

MOST = 1.15
"""Times the fewest keys that could answer the fields (the long form is bench_tombol.py)."""


@pytest.mark.parametrize("members", [1, 3])
def test_a_household_costs_few_keys(desk: Operator, members: int) -> None:
    """Typed from paper to its end: at most 1.15 times the least, no mouse, in the order of the eye.

    The least counts field lengths and one key for each answered field of varying length.
    """
    assert desk.window.desk is not None
    id_, _ = visit.add_household(desk.window.desk.village, worlds.NOW)
    watch = typist.watched()
    desk.window.show_page("kunjungan", id_)
    desk.until(lambda: desk.visit.visit is not None and desk.form.current is not None)
    form = desk.form
    known = {path: form.state.value(path) for path in typist.asked_paths(form)}
    person = typist.Typist(desk.window, typist.paper(members, seed=3))
    person.fill()
    person.keys += 1  # F12
    assert [one for one in checks.issues(form.state) if one.level != "konfirmasi"] == []
    assert person.keys <= MOST * typist.least(form, known).keys
    assert person.out_of_order == []
    assert watch.mouse == 0


def test_the_first_key_of_a_new_line_makes_the_line(desk: Operator) -> None:
    """On the key that adds a member a letter adds one and stands in its name already."""
    desk.open_household(4)
    desk.form.apply(desk.form.state.set("hasil_verivali", "1"))
    desk.form.show_roster()
    before = desk.form.state.count("anggota")
    grid = desk.form.front.grids["anggota"]
    grid.add.setFocus()
    desk.type("SITI")
    desk.press(Key.Enter)
    assert desk.form.state.count("anggota") == before + 1
    assert desk.form.state.value(f"anggota[{before + 1}].nama") == "SITI"
