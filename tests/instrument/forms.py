"""Small instruments for tests, written as rows; and one filled household of the DTKS form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook

from siks_offline.instrument import load
from siks_offline.instrument.engine import FormState

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.instrument.schema import Instrument

NOW = datetime(2026, 11, 20, 3, 10, tzinfo=UTC)
YES_NO = [("yn", "1", "Ya"), ("yn", "2", "Tidak")]


def write(
    path: Path,
    survey: list[dict[str, str]],
    choices: list[tuple[str, ...]] = YES_NO,
    settings: dict[str, str] | None = None,
    columns: tuple[str, ...] = (),
) -> Path:
    """Write a workbook; survey columns are those that the rows use, then `columns`."""
    book = Workbook()
    sheet = book.active
    sheet.title = "survey"
    heads = list(dict.fromkeys(("type", "name", *(k for row in survey for k in row), *columns)))
    heads.sort(key=lambda head: head not in ("type", "name", "label"))
    sheet.append(heads)
    for row in survey:
        sheet.append([row.get(head) for head in heads])
    listing = book.create_sheet("choices")
    listing.append(["list_name", "name", "label"])
    for choice in choices:
        listing.append(list(choice))
    setting = book.create_sheet("settings")
    found = (
        {"form_title": "Uji", "form_id": "uji", "version": "1"} if settings is None else settings
    )
    setting.append(list(found))
    setting.append(list(found.values()))
    book.save(path)
    return path


def row(type_: str, name: str = "", **cells: str) -> dict[str, str]:
    """One survey row; `label` is the name unless given."""
    found = {"type": type_, "name": name, **cells}
    if name:
        found.setdefault("label", name)
    return {k: v for k, v in found.items() if v}


def make(path: Path, *survey: dict[str, str], **more: Any) -> Instrument:
    """Write and load an instrument."""
    return load.load(write(path / "uji.xlsx", list(survey), **more))


def state(instrument: Instrument, answers: dict[str, Any] | None = None, **more: Any) -> FormState:
    return FormState(instrument, answers, now=NOW, **more)


def member(number: int) -> dict[str, str]:
    """A member of a synthetic household: the first is its head, the second the wife."""
    woman = number % 2
    relation = ("1", "2")[number] if number < 2 else "3"
    grown = {"ada_akta_nikah": "1"} if number < 2 else {}
    cards = "1 4" if number < 2 else "1"
    year = 1980 + number if number < 2 else 2005 + number
    found = {
        "nama": "BUDI SANTOSO" if not number else f"ANGGOTA {'ABCDEFGHIJKLMNOPQRSTU'[number]}",
        "nik": f"350912{12 + 40 * woman:02d}05{year % 100:02d}{number + 1:04d}",
        "nokk": "3509120505100001", "sta_keberadaan_art": "1", "flag_dokumen": "1",
        "jnskel": "2" if woman else "1", "tmplahir": "Jember", "tgllahir": f"{year}-05-12",
        "hub_krt": relation, "nuk": "1", "hubkel": relation,
        "sta_kawin": "2" if number < 2 else "1", **grown, "ada_dikk": "1",
        "ada_kartu_identitas": cards, "jenis_cacat": "0", "penyakit_kronis": "0",
        "ada_kks": "1", "ada_pbi": "1", "ada_kip": "2", "ada_pkh": "2", "ada_rastra": "1",
    }  # fmt: skip
    if number == 1:
        found["sta_hamil"] = "2"
    if 2026 - year >= 6:
        found |= {"partisipasi_sekolah": "2", "pendidikan_tertinggi": "1",
                  "kelas_tertinggi": "8", "ijazah_tertinggi": "1", "sta_bekerja": "2"}  # fmt: skip
    return found


def household(instrument: Instrument, members: int = 3) -> dict[str, Any]:
    """Answers of a household that has no hard issue."""
    found: dict[str, Any] = {
        "status_rumahtangga": "1", "apakah_mampu": "2", "ada_art_bekerja": "1",
        "status_pekerjaan_krt": "4", "ada_art_cacat": "2", "kdprop": "35", "kdkab": "09",
        "kdkec": "120", "kddesa": "003", "nama_sls": "RT 01 RW 02", "alamat": "Jalan Mawar 1",
        "nama_krt": "BUDI SANTOSO", "jenis_kelamin_krt": "1", "jumlah_art": str(members),
        "jumlah_keluarga": "1", "kk": [{"kk_nuk": "1", "kk_nokk": "3509120505100001"}],
        "tanggal_verivali": "2026-10-01", "petugas_verivali": "ANI", "hasil_verivali": "1",
        "nama_responden": "BUDI SANTOSO", "sta_bangunan": "1", "sta_lahan": "1",
        "luas_lantai": "36", "lantai": "6", "dinding": "1", "kondisi_dinding": "1", "atap": "4",
        "kondisi_atap": "1", "jumlah_kamar": "2", "sumber_airminum": "5",
        "cara_peroleh_airminum": "3", "sumber_penerangan": "1", "daya": "1",
        "nomor_pln": "512345678901", "bb_masak": "3", "fasbab": "1", "kloset": "1",
        "buang_tinja": "1", "anggota": [member(number) for number in range(members)],
        **{f"jumlah_{animal}": "0" for animal in ("sapi", "kerbau", "kuda", "babi", "kambing")},
    }  # fmt: skip
    no = {"ya_tidak": "2", "ya_tidak_34": "4"}
    for question in instrument.questions_of():
        if question.list_name in no:
            found.setdefault(question.name, no[question.list_name])
    return found
