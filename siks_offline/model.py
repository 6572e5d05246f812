"""Frozen values that cross between the layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Answers: TypeAlias = Mapping[str, Any]
"""Answers of one visit: question name to text, repeat name to a list of the same shape."""

Kerja = Literal["belum", "draf", "selesai", "dikembalikan"]
Kirim = Literal["belum", "dikirim", "diterima", "diterima_lisan", "ditahan", "ditolak"]
Level = Literal["keras", "konfirmasi"]


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong with an answer: where, which rule, how hard, in what words."""

    path: str
    rule: str
    level: Level
    message: str


@dataclass(frozen=True, slots=True)
class CellIssue:
    """Something wrong with a cell of a workbook: where, what, and what to do."""

    sheet: str
    row: int
    column: str
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A soft check that a person let stand, and why."""

    path: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class HouseholdLine:
    """A household as one row of a list. Texts are never None; numbers are counts."""

    id: str
    idbdt: str
    no_kk: str
    nik_krt: str
    nama_krt: str
    alamat: str
    dusun: str
    rt: str
    rw: str
    anggota: int
    kerja: Kerja
    kirim: Kirim
    revisi: int
    komentar: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the index of persons keeps them. Birth date is ISO or empty."""

    id: str
    nik: str
    no_kk: str
    nama: str
    tanggal_lahir: str
    jenis_kelamin: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo or scan that belongs to a visit, named by what it shows (F-RUMAH ...)."""

    kind: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What an action touched; views refresh from it."""

    households: frozenset[str] = frozenset()
    prelist: bool = False
    handover: bool = False
    accounts: bool = False

    def __or__(self, other: Changes) -> Changes:
        return Changes(
            self.households | other.households,
            self.prelist or other.prelist,
            self.handover or other.handover,
            self.accounts or other.accounts,
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many households stand in each state."""

    total: int = 0
    kerja: Mapping[str, int] = field(default_factory=dict)
    kirim: Mapping[str, int] = field(default_factory=dict)
    per_rt: Sequence[tuple[str, int, int]] = ()
    """(RT, households, of them completed), ascending by RT."""
