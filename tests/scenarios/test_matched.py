"""Lists of other offices on the real road: Dinsos signs them, the village decides, reports tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from siks_offline.desa import accounts, arrivals, differences, entitlements, households, reports
from siks_offline.desa import visit as visits
from siks_offline.dinsos import lists
from siks_offline.dinsos import office as offices
from siks_offline.errors import BundleError, SiksError
from siks_offline.latihan import world
from tests.desa.matched import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.village import Village


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice village and its Dinsos."""
    made = tmp_path_factory.mktemp("padan") / "latihan"
    world.build(made, households=4, percent=50, now=NOW)
    return made


def sent(folder: Path, name: str, text: str, kode: str = world.KODE_DESA) -> Path:
    """The Dinsos makes a signed list of a CSV."""
    source = folder / f"{name}.csv"
    source.write_text(text)
    target = folder / f"{name}.siks"
    with offices.open_office(folder / "dinsos", world.PASSPHRASE) as office:
        lists.make(office, source, kode, target, NOW, period="2026-Q4")
    return target


def test_signed_lists_reach_the_village_and_are_worked_off(folder: Path) -> None:
    """Seen first, taken once; a difference becomes a draft, a citizen an answer, all of it counted."""
    with accounts.open_village(folder / "desa", world.ACCOUNT, world.PASSPHRASE) as village:
        line, other = some(village)
    desa = line_desa(folder)
    matching = sent(
        folder,
        "padan",
        "NIK;NAMA;DUK_NIK;DUK_NAMA_LGKP;KETERANGAN\n"
        f"'{line[0]};{line[1]};'{line[0]};SITI MARFUAH;PADAN\n"
        f"'{other[0]};{other[1]};;;TIDAK DITEMUKAN\n",
    )
    listed = sent(
        folder,
        "penetapan",
        "NIK;NAMA;DESA;DESIL;PROGRAM\n"
        f"'{line[0]};{line[1]};{desa};2;PKH\n"
        "'3201010101800001;ORANG DESA LAIN;DESA YANG LAIN SEKALI;1;PKH\n",
    )
    with accounts.open_village(folder / "desa", world.ACCOUNT, world.PASSPHRASE) as village:
        [seen] = arrivals.look(village, matching, NOW)
        assert (seen.kind, seen.counts["beda"]) == ("matching", 2)
        assert differences.listed(village) == []
        assert arrivals.accept(village, matching, NOW).kinds == ("matching",)
        assert arrivals.accept(village, matching, NOW).kinds == ("sudah",)
        assert arrivals.accept(village, listed, NOW).kinds == ("determination",)
        found = {one.field: one for one in differences.listed(village, "belum")}
        assert set(found) == {"nama", "dukcapil"}
        name = found["nama"]
        before = visits.open_visit(village, name.household_id, NOW).revision
        differences.accept(village, [name.number], NOW)
        differences.leave(village, [found["dukcapil"].number], NOW)
        opened = visits.open_visit(village, name.household_id, NOW)
        assert (opened.line.kerja, opened.revision) == ("draf", before)
        assert "SITI MARFUAH" in opened.snapshot().rows.values()
        assert entitlements.find(village, "orang desa lain") == []
        [hit] = entitlements.find(village, line[0])
        told = entitlements.answer(village, hit.number)
        assert told.household_id == name.household_id
        assert any("PKH" in sentence for sentence in told.sentences)
        decided = reports.table(village, "perbedaan").rows
        assert sorted(row[8] for row in decided) == ["Diterima", "Untuk dikunjungi"]
        whole = reports.table(village, "tahap").total or reports.table(village, "tahap").rows[0]
        assert whole[1] == "4"
    other_village = "3509122004"
    with pytest.raises(SiksError) as caught:
        sent(folder, "asing", "NIK;DESIL\n'3509120101800001;1\n", other_village)
    assert caught.value.code == "E_NO_DEVICE"


def test_a_list_of_another_village_is_refused(folder: Path) -> None:
    """What was made for another village changes nothing here, even when it can be opened."""
    path = sent(folder, "salah", "NIK;KETERANGAN\n'3509120101800001;MENINGGAL\n")
    with accounts.open_village(folder / "desa", world.ACCOUNT, world.PASSPHRASE) as village:
        before = differences.listed(village)
        village.kode_desa = "3509122004"
        with pytest.raises(BundleError):
            arrivals.accept(village, path, NOW)
        assert differences.listed(village) == before


def some(village: Village) -> tuple[tuple[str, str], tuple[str, str]]:
    """NIK and name of the heads of a completed household and of one not begun."""
    found = []
    for kerja in ("selesai", "belum"):
        [id_, *_] = households.find(village, kerja=kerja)
        line = households.lines(village, [id_])[id_]
        found.append((line.nik_krt, line.nama_krt))
    return found[0], found[1]


def line_desa(folder: Path) -> str:
    """What the village is called in the register of regions."""
    from siks_offline import wilayah

    assert folder.is_dir()
    return wilayah.name(world.KODE_DESA)
