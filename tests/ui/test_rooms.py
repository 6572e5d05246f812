"""Room is shared by what stands in it: the columns of lists, the lines of the rail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from siks_offline.ui.list_page import RowTable
from siks_offline.ui.section_rail import Entry
from siks_offline.ui.table_looks import share

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

WIDTHS = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 300)), min_size=1, max_size=8)
LONG = "ABIMANYU KARTIKANINGTYAS WIRYOATMODJO NATADININGRAT HADIKUSUMANINGRAT"


def test_what_is_wanting_is_taken_from_the_broadest_columns() -> None:
    """One long name does not cost the words beside it; a column to keep is cut last."""
    assert share([100, 500], [50, 50], 1_000) == [100, 500]
    assert share([100, 500, 900], [50, 50, 50], 1_000) == [100, 450, 450]
    assert share([100, 500], [100, 400], 300) == [100, 400]
    assert share([600, 500], [50, 50], 700, keep=0) == [600, 100]
    assert share([600, 500], [50, 50], 300, keep=0) == [250, 50]


@given(WIDTHS, st.integers(0, 3_000), st.integers(-1, 7))
def test_no_column_gets_more_than_it_wants_or_less_than_it_needs(
    columns: list[tuple[int, int]], room: int, keep: int
) -> None:
    """All of them fit, unless what they need is more than the room."""
    wanted, least = [wide for wide, _ in columns], [need for _, need in columns]
    widths = share(wanted, least, room, keep=keep if keep < len(columns) else -1)
    needed = [min(need, wide) for wide, need in columns]
    assert all(low <= one <= high for low, one, high in zip(needed, widths, wanted, strict=True))
    assert sum(widths) <= max(room, sum(needed))


def test_the_row_of_a_list_that_is_cut_is_told_whole(qtbot: QtBot) -> None:
    """What the columns show anyway is not told again."""
    table = RowTable("ui.sampah", (("jenis", 100), ("isi", 0)))
    qtbot.addWidget(table)
    table.resize(400, 300)
    table.show()
    table.show_rows([("Draf", LONG), ("Draf", "Budi")])
    assert table.cut(0) == LONG
    assert table.cut(1) == ""


def test_a_line_of_the_rail_is_as_high_as_its_words(qtbot: QtBot) -> None:
    """A short name in the line that a long one had leaves no hole."""
    used, fresh = (Entry(0, 1, words, indent=12) for words in (f"1  {LONG}", "1  Budi"))
    for entry in (used, fresh):
        qtbot.addWidget(entry)
        entry.show()
        entry.resize(180, entry.height())
    assert used.height() > fresh.height()
    used.set_words("1  Budi")
    assert used.height() == fresh.height()
