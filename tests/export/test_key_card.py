"""The card of keys on paper holds what the window's card holds, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.export import key_card_paper

if TYPE_CHECKING:
    from pathlib import Path


def test_every_line_of_the_card_is_printed_on_one_page(tmp_path: Path) -> None:
    """One A4 page, the same bytes each time, and no key of the window left out."""
    path = tmp_path / "kartu.pdf"
    first = key_card_paper.write(path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"/Count 1" in content
    assert key_card_paper.write(path) == first
    lines = key_card_paper.lines()
    assert len(lines) == sum("|" in line for line in texts.text("ui.kartu.isi").splitlines())
    assert {"F1", "F11", "F12", "Ctrl+K"} <= {key for key, _ in lines}
    assert all(does for _, does in lines)
