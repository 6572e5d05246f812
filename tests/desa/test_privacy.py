"""Duties of the law: numbers are whole only with a reason, a loss is reported, a person is told."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from siks_offline.db import audit
from siks_offline.desa import households, privacy, retention, visit
from siks_offline.errors import SiksError
from tests.desa.kept_village import folder, made, village
from tests.desa.test_versions import LATER

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.village import Village

__all__ = ["folder", "made", "village"]

pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")


def words(path: Path) -> str:
    done = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"],
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def told(village: Village) -> list[tuple[str, str]]:
    with village.store.read() as session:
        return [(one.action, one.detail) for one in audit.lines(session, newest=3)]


def niks(village: Village) -> list[str]:
    found = []
    for id_ in households.find(village):
        state = visit.open_visit(village, id_, LATER).state
        found += [one["nik"] for one in state.answers()["anggota"] if one.get("nik")]
    return found


def test_unmasking_leaves_its_reason_in_the_trail(village: Village) -> None:
    """No reason, no numbers; the reason is in the line."""
    with pytest.raises(SiksError) as caught:
        privacy.reveal(village, "  x ", LATER)
    assert caught.value.code == "E_REASON_SHORT"
    assert told(village)[0][0] != "pribadi.buka"
    privacy.reveal(village, "Mencocokkan kartu keluarga", LATER)
    action, detail = told(village)[0]
    assert action == "pribadi.buka"
    assert "Mencocokkan kartu keluarga" in detail


@pdftotext
def test_a_lost_device_is_reported_by_name_and_no_number(village: Village, tmp_path: Path) -> None:
    """Every household and every kind of data stands there; no NIK does."""
    path = tmp_path / "insiden.pdf"
    assert privacy.incident(village, path, LATER, device="Laptop kantor") == 3
    said = words(path)
    for one in households.lines(village, households.find(village, kerja="selesai")).values():
        assert one.nama_krt.split()[0] in said
    assert "Laptop kantor" in said
    assert "3 x 24 jam" in said
    assert "data keuangan" in " ".join(said.split())
    assert not any(number in said for number in niks(village))
    assert told(village)[0][0] == "pribadi.insiden"


@pdftotext
def test_a_person_is_told_all_that_is_kept_and_nobody_else_s(
    village: Village, tmp_path: Path
) -> None:
    """Own answers whole, other members' not; where from, who changed; the printing is noted."""
    done = households.find(village, kerja="selesai")[0]
    members = visit.open_visit(village, done, LATER).state.answers()["anggota"]
    wanted, others = members[0], members[1:]
    path = tmp_path / "diri.pdf"
    assert privacy.subject(village, wanted["nik"], path, "Diminta sendiri", LATER)
    said = words(path)
    assert wanted["nik"] in said
    assert wanted["nama"].split()[0] in said
    assert not any(one["nik"] in said for one in others if one.get("nik"))
    assert "Menyelesaikan kunjungan" in said
    assert told(village)[0][0] == "pribadi.cetak"
    assert wanted["nik"] not in told(village)[0][1]


def test_who_is_not_here_is_not_printed(village: Village, tmp_path: Path) -> None:
    """A NIK nobody has writes nothing; neither does one without a reason."""
    for number, reason, code in (
        ("3509120101019999", "Diminta sendiri", "E_PERSON_UNKNOWN"),
        ("", "Diminta sendiri", "E_PERSON_UNKNOWN"),
        (niks(village)[0], "", "E_REASON_SHORT"),
    ):
        with pytest.raises(SiksError) as caught:
            privacy.subject(village, number, tmp_path / "x.pdf", reason, LATER)
        assert caught.value.code == code
    assert not (tmp_path / "x.pdf").exists()


def test_files_done_with_go_after_their_time_of_work(village: Village) -> None:
    """Damaged files set aside go by counted days, the newest never; a clock that jumps takes none."""
    for number in (1, 2, 3):
        (village.folder / f"rusak-{number}").mkdir()
        (village.folder / f"rusak-{number}" / "app.db").write_bytes(b"x")
    assert retention.kept_days(village) == 0
    retention.sweep(village, LATER)
    with pytest.raises(SiksError) as caught:
        retention.keep_for(village, 7, LATER)
    assert caught.value.code == "E_RETENTION"
    retention.keep_for(village, 30, LATER)
    assert retention.sweep(village, LATER.replace(year=2060)) == 0
    for day in range(1, 29):
        assert retention.sweep(village, LATER + timedelta(days=day)) == 0
    assert retention.sweep(village, LATER + timedelta(days=29)) == 2
    left = [path.name for path in village.folder.glob("rusak-*")]
    assert left == ["rusak-3"]
    assert told(village)[0][0] == "pribadi.hapus"
