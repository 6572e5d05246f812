"""Sheets of paper beside the files: an invitation's letter, a data passport, a code for one person.

PDF with the fonts that every reader has; no name, NIK or answer of anybody stands on either.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from siks_offline import texts, wilayah
from siks_offline.crypto import codes
from siks_offline.export import files, keyset

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_QR = 130
"""Side of a QR code in points: 46 mm, which a telephone reads at arm's length."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What an invitation's letter says; `code` and `digits` ungrouped, times as people read them.

    It and the invitation file travel by different hands: either alone opens nothing.
    """

    office: str
    office_id: str
    kode_desa: str
    nama_desa: str
    invite_id: str
    code: str
    digits: str
    expires: str
    practice: bool = False

    @property
    def qr(self) -> str:
        """What its QR code says: office, village, invitation, code and digits, apart by spaces."""
        parts = (self.office_id, self.kode_desa, self.invite_id, self.code, self.digits)
        return " ".join(("SIKS-SURAT/1", *parts))


@dataclass(frozen=True, slots=True)
class Passport:
    """What identifies one exported file on paper, for the register and after a loss."""

    kode_desa: str
    nama_desa: str
    file_name: str
    seq: int
    part: int
    parts: int
    created: str
    sender: str
    key: str
    visits: int
    attachments: int
    size: int
    manifest_sha256: str
    practice: bool = False

    @property
    def check(self) -> str:
        """The 8 digits against mix-ups."""
        return keyset.check_code(self.manifest_sha256)

    @property
    def digits(self) -> str:
        """The 30 digits of the manifest."""
        return keyset.manifest_digits(self.manifest_sha256)

    @property
    def qr(self) -> str:
        """What its QR code says: village, number, check code, digits."""
        return f"SIKS-PASPOR/1 {self.kode_desa} {self.seq} {self.check} {self.digits}"


def write_letter(path: Path, letter: Letter) -> str:
    """Write an invitation's letter as PDF, whole or not at all; return its SHA-256."""
    facts = [
        ("desa", letter.nama_desa),
        ("kode", wilayah.dotted(letter.kode_desa)),
        ("dari", f"{letter.office} ({letter.office_id})"),
        ("undangan", letter.invite_id),
        ("sampai", letter.expires),
    ]
    secrets = [
        ("kode_surat", codes.grouped(letter.code)),
        ("sidik_jari", codes.grouped(letter.digits, 5, " ")),
    ]
    steps = [texts.text(f"kertas.surat.langkah_{number}") for number in range(1, 6)]
    sheet = _Sheet("surat", practice=letter.practice)
    sheet.title(texts.text("kertas.surat.untuk"))
    sheet.facts(facts, letter.qr)
    sheet.large(secrets)
    sheet.steps(steps)
    return files.write_whole(path, sheet.pdf(), private=True)


def write_passport(path: Path, passport: Passport) -> str:
    """Write a bundle's data passport as PDF, whole or not at all; return its SHA-256."""
    part = texts.text("kertas.paspor.bagian_isi", i=passport.part, n=passport.parts)
    facts = [
        ("desa", passport.nama_desa),
        ("kode", wilayah.dotted(passport.kode_desa)),
        ("berkas", passport.file_name),
        ("nomor", str(passport.seq)),
        ("bagian", part),
        ("dibuat", passport.created),
        ("pengirim", passport.sender),
        ("kunci", passport.key),
        ("kunjungan", str(passport.visits)),
        ("lampiran", str(passport.attachments)),
        ("ukuran", str(passport.size)),
    ]
    secrets = [
        ("kode_cek", codes.grouped(passport.check, 4, " ")),
        ("sidik_jari", codes.grouped(passport.digits, 5, " ")),
    ]
    sheet = _Sheet("paspor", practice=passport.practice)
    sheet.title(texts.text("kertas.paspor.pengantar"))
    sheet.facts(facts, passport.qr)
    sheet.large(secrets)
    sheet.steps([texts.text("kertas.paspor.simpan")])
    sheet.signatures(("serah", "terima"))
    return files.write_whole(path, sheet.pdf())


def write_code(
    path: Path,
    kind: Literal["pemulihan", "masuk"],
    *,
    nama_desa: str,
    kode_desa: str,
    account: str,
    code: str,
    practice: bool = False,
) -> str:
    """Write a recovery or first sign-in code as PDF for its owner alone; return its SHA-256.

    No QR code stands on it: a telephone's picture of it would be one more place where it lies.
    """
    sheet = _Sheet(kind, practice=practice)
    sheet.title(texts.text(f"kertas.{kind}.untuk", akun=account))
    sheet.large(
        [
            ("desa", f"{nama_desa} ({wilayah.dotted(kode_desa)})"),
            ("akun", account),
            ("kode", codes.grouped(codes.normalise_code(code))),
        ]
    )
    sheet.steps([texts.text(f"kertas.{kind}.langkah_{number}") for number in range(1, 4)])
    return files.write_whole(path, sheet.pdf(), private=True)


class _Sheet:
    """One A4 page, filled from the top; its words are those of `kertas.<kind>`."""

    def __init__(self, kind: str, *, practice: bool) -> None:
        from reportlab.lib.styles import ParagraphStyle

        self._kind = kind
        self._practice = practice
        self._plain = ParagraphStyle("plain", fontName="Helvetica", fontSize=10.5, leading=15)
        self._label = ParagraphStyle("label", parent=self._plain, textColor="#4a5560")
        self._bold = ParagraphStyle("bold", parent=self._plain, fontName="Helvetica-Bold")
        self._title = ParagraphStyle("title", parent=self._bold, fontSize=17, leading=24)
        self._large = ParagraphStyle(
            "large", parent=self._bold, fontName="Courier-Bold", fontSize=15, leading=22
        )
        self._story: list[Any] = []

    def title(self, below: str) -> None:
        if self._practice:
            self._say(texts.text("kertas.latihan"), self._bold)
        self._say(texts.text(f"kertas.{self._kind}.judul"), self._title)
        self._say(below, self._plain)
        self._gap()

    def facts(self, rows: Sequence[tuple[str, str]], qr: str) -> None:
        from reportlab.graphics.barcode.qr import QrCodeWidget
        from reportlab.graphics.shapes import Drawing
        from reportlab.platypus import Paragraph, Table

        widget = QrCodeWidget(qr, barLevel="M", barWidth=_QR, barHeight=_QR)
        drawing = Drawing(_QR, _QR)
        drawing.add(widget)
        words = Table(
            [
                [Paragraph(self._word(name), self._label), Paragraph(_escaped(value), self._bold)]
                for name, value in rows
            ],
            colWidths=(110, 230),
            style=[("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)],
        )
        self._story.append(
            Table(
                [[words, drawing]],
                colWidths=(345, _QR),
                style=[("VALIGN", (0, 0), (-1, -1), "TOP")],
            )
        )
        self._gap()

    def large(self, rows: Sequence[tuple[str, str]]) -> None:
        for name, value in rows:
            self._say(self._word(name), self._label)
            self._say(value, self._large)
        self._gap()

    def steps(self, lines: Sequence[str]) -> None:
        for number, line in enumerate(lines, 1):
            self._say(f"{number}. {line}" if len(lines) > 1 else line, self._plain)
        self._gap()

    def signatures(self, names: Sequence[str]) -> None:
        from reportlab.platypus import Paragraph, Table

        cells = [[Paragraph(self._word(name), self._label) for name in names]]
        lines = ["_" * 30 for _ in names]
        self._story.append(Table([*cells, [""] * len(names), lines], rowHeights=(18, 44, 18)))

    def pdf(self) -> bytes:
        from reportlab.lib.pagesizes import A4
        from reportlab.platypus import SimpleDocTemplate

        out = io.BytesIO()
        made = SimpleDocTemplate(
            out,
            pagesize=A4,
            margins=(56, 56, 56, 56),
            title=texts.text(f"kertas.{self._kind}.judul"),
            author="",
            creator=texts.text("umum.aplikasi"),
            invariant=1,
        )
        made.build(self._story)
        return out.getvalue()

    def _word(self, name: str) -> str:
        return texts.text(f"kertas.{self._kind}.{name}")

    def _say(self, line: str, style: Any) -> None:
        from reportlab.platypus import Paragraph

        self._story.append(Paragraph(_escaped(line), style))

    def _gap(self) -> None:
        from reportlab.platypus import Spacer

        self._story.append(Spacer(1, 14))


def _escaped(line: str) -> str:
    """A paragraph takes markup; a name may hold what looks like it."""
    from html import escape

    return escape(line, quote=False)
