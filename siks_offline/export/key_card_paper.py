"""The keys of the window on one sheet of paper, to lie beside the keyboard."""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.export import files

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = 2
_WIDTH = 515.0
_KEY = 118.0


def lines() -> list[tuple[str, str]]:
    """Return each key with what it does, in the order of the card."""
    found = [line.partition("|") for line in texts.text("ui.kartu.isi").splitlines() if line]
    return [(key.strip(), does.strip()) for key, _, does in found if key.strip()]


def write(path: Path) -> str:
    """Write the card as one A4 page, whole or not at all; return its SHA-256. Raises FileError."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate, Spacer, Table

    from siks_offline.export.paper_parts import Style

    style = Style()
    keys = lines()
    rows = -(-len(keys) // COLUMNS)
    cells = []
    for row in range(rows):
        line = []
        for key, does in keys[row::rows]:
            line += [style.paragraph(escape(key), "head"), style.paragraph(escape(does), "label")]
        cells.append([*line, *[""] * (2 * COLUMNS - len(line))])
    widths = [_KEY, _WIDTH / COLUMNS - _KEY] * COLUMNS
    looks = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.35, "#7A869A"),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 6),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    out = io.BytesIO()
    title = texts.text("ui.kartu.judul_kertas")
    made = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=40, rightMargin=40, topMargin=36, bottomMargin=36,
        title=title, author="", creator=texts.text("umum.aplikasi"), invariant=1,
    )  # fmt: skip
    story = [
        style.paragraph(escape(title), "title"),
        Spacer(1, 8),
        Table(cells, widths, style=looks),
    ]
    made.build(story)
    return files.write_whole(path, out.getvalue())
