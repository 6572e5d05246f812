"""A slip to take home: what the lists say of a person, in sentences, on half a sheet."""

from __future__ import annotations

import html
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.export import files, paper_parts
from siks_offline.export.paper_parts import MM, Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

WIDTH, HEIGHT, MARGIN = 148, 210, 14
"""A5, in millimetres: two on a sheet of A4."""
_PADDING = 4.3
"""What the frame keeps free on both sides together."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on it; the NIK masked or whole as the caller may show it."""

    village: str
    nama: str
    nik: str
    place: str
    sentences: Sequence[str]
    printed: str
    practice: bool = False


def write(path: Path, slip: Slip) -> None:
    """Write a slip as PDF, whole or not at all. Raises FileError."""
    from reportlab.platypus import SimpleDocTemplate

    style = Style()
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=(WIDTH * MM, HEIGHT * MM), leftMargin=MARGIN * MM, rightMargin=MARGIN * MM,
        topMargin=MARGIN * MM, bottomMargin=MARGIN * MM, invariant=1, lang="id",
        title=texts.text("cek.slip.judul"), author="", creator=texts.text("umum.aplikasi"),
        initialFontName=paper_parts.FONT,
    )  # fmt: skip
    document.build(list(_story(slip, style)))
    files.write_whole(path, out.getvalue())


def _story(slip: Slip, style: Style) -> Iterator[Any]:
    def say(text: str, look: str) -> Any:
        return style.paragraph(html.escape(text, quote=False), look)

    if slip.practice:
        yield say(texts.text("kertas.latihan"), "label")
    yield say(slip.village, "head")
    yield say(texts.text("cek.slip.judul"), "title")
    facts = (("nama", slip.nama), ("nik", slip.nik), ("tempat", slip.place))
    for name, value in facts:
        if value:
            cells = [say(texts.text(f"cek.slip.{name}"), "label"), say(value, "head")]
            yield paper_parts.question(cells, [26, WIDTH - 2 * MARGIN - _PADDING - 26])
    yield paper_parts.gap(4)
    for sentence in slip.sentences:
        yield say(sentence, "head")
        yield paper_parts.gap(2)
    yield paper_parts.gap(4)
    yield say(texts.text("cek.slip.dicetak", saat=slip.printed), "small")
    yield say(texts.text("cek.slip.catatan"), "small")
