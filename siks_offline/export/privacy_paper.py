"""Papers of the law on personal data (UU 27/2022): a lost device, what is kept of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.export.paper_pages import Column, Pages
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siks_offline.progress import Progress

DATA_CLASSES = (
    *("nama", "nik", "alamat", "lahir", "keluarga", "disabilitas", "anak"),
    *("pekerjaan", "keuangan", "bantuan", "foto"),
)
"""Kinds of data that a village holds, in the order of the paper; `anak` and what follows the
occupation are `spesifik` (Pasal 4 ayat 2)."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A device that was lost: whose, what it held, and whose data; numbers are masked."""

    village: str
    kode_desa: str
    account: str
    device: str
    when: str
    how: str
    encrypted_since: str
    last_copy: str
    last_export: str
    households: int
    people: int
    children: int
    photos: int
    rows: Sequence[tuple[str, str, str, str]]
    """RT, name, masked NIK, members of each household."""
    practice: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What is kept of one person; `answers` are (question, answer) pairs, `history` sentences."""

    village: str
    name: str
    nik: str
    asked_for: str
    printed: str
    households: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    history: Sequence[tuple[str, str, str]]
    sent: Sequence[str]
    practice: bool = False


def incident(told: Incident, progress: Progress = silent) -> Pages:
    """Lay out the report that the subjects and the authority are owed within 3 x 24 hours."""
    made = _pages("insiden", told.practice)
    made.say(texts.text("insiden.judul"), "centre_title")
    made.say(texts.text("insiden.dasar"), "centre")
    made.gap(3)
    names = ("desa", "kode", "akun", "perangkat", "kapan", "bagaimana")
    values = (told.village, told.kode_desa, told.account, told.device, told.when, told.how)
    made.facts([(texts.text(f"insiden.fakta.{n}"), v) for n, v in zip(names, values, strict=True)])
    made.gap(2)
    made.say(texts.text("insiden.data"), "head")
    counts = {
        "rumah_tangga": told.households,
        "orang": told.people,
        "anak": told.children,
        "foto": told.photos,
    }
    made.say(texts.text("insiden.jumlah", **counts))
    for kind in DATA_CLASSES:
        made.say("• " + texts.text(f"insiden.jenis.{kind}"), indent=4)
    made.gap(2)
    made.say(texts.text("insiden.pelindung"), "head")
    made.say(texts.text("insiden.sandi"))
    made.say(texts.text("insiden.cadangan", cadangan=told.last_copy, kiriman=told.last_export))
    made.gap(2)
    made.say(texts.text("insiden.langkah"), "head")
    for step in texts.text("insiden.langkah_isi").split("|"):
        made.say("• " + step, indent=4)
    made.gap(3)
    made.say(texts.text("insiden.siapa"), "head")
    columns = [
        Column(texts.text("insiden.kolom.rt"), 0.1),
        Column(texts.text("insiden.kolom.nama"), 0.45),
        Column(texts.text("insiden.kolom.nik"), 0.3),
        Column(texts.text("insiden.kolom.anggota"), 0.15),
    ]
    made.roll(columns, [list(row) for row in told.rows], progress=progress)
    made.gap(6)
    made.signatures([("", texts.text("insiden.pelapor"), "")])
    return made


def subject(told: Subject, progress: Progress = silent) -> Pages:
    """Lay out what is kept of a person, where it came from and who changed it."""
    made = _pages("data_diri", told.practice)
    made.say(texts.text("data_diri.judul"), "centre_title")
    made.say(texts.text("data_diri.dasar"), "centre")
    made.gap(3)
    names = ("nama", "nik", "desa", "alasan", "dicetak")
    values = (told.name, told.nik, told.village, told.asked_for, told.printed)
    made.facts(
        [(texts.text(f"data_diri.fakta.{n}"), v) for n, v in zip(names, values, strict=True)]
    )
    columns = [
        Column(texts.text("data_diri.kolom.tanya"), 0.5),
        Column(texts.text("data_diri.kolom.isi"), 0.5),
    ]
    for heading, answers in told.households:
        made.gap(3)
        made.say(heading, "head")
        made.roll(columns, [list(pair) for pair in answers], numbered=False, progress=progress)
    made.gap(3)
    made.say(texts.text("data_diri.dikirim"), "head")
    for one in told.sent or [texts.text("data_diri.belum_dikirim")]:
        made.say("• " + one, indent=4)
    made.gap(3)
    made.say(texts.text("data_diri.riwayat"), "head")
    columns = [
        Column(texts.text("data_diri.kolom.saat"), 0.2),
        Column(texts.text("data_diri.kolom.akun"), 0.2),
        Column(texts.text("data_diri.kolom.kerja"), 0.6),
    ]
    made.roll(columns, [list(row) for row in told.history], numbered=False, progress=progress)
    return made


def _pages(kind: str, practice: bool) -> Pages:
    mark = texts.text("kertas.latihan") if practice else ""
    return Pages(texts.text(f"{kind}.judul"), texts.text(f"{kind}.judul"), mark=mark)
