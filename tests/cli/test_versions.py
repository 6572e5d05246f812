"""`siks desa instrumen` and `siks dinsos instrumen`: a newer questionnaire by the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from siks_offline.latihan import world
from tests.cli.test_derived import siks
from tests.desa.test_versions import newer

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_newer_questionnaire_comes_and_completed_visits_are_taken_up_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at, installed, every completed visit a draft of it, taken back; the office takes it."""
    monkeypatch.setenv("SIKS_KATA_SANDI", world.PASSPHRASE)
    folder = tmp_path / "dunia"
    world.build(folder, households=4, percent=100, now=datetime(2026, 11, 20, tzinfo=UTC))
    village, office, book = folder / "desa", folder / "dinsos", newer(tmp_path / "baru.xlsx")
    code, value = siks(capsys, "desa", "instrumen", village, book, "--pratinjau")
    assert (code, value["versi"], value["pratinjau"]) == (0, "2020.2", True)
    needed = [one["id"] for one in value["perlu"]]
    assert needed
    code, value = siks(capsys, "desa", "instrumen", village)
    assert (code, value["versi"]) == (0, "2020.1")
    code, value = siks(capsys, "desa", "instrumen", village, book)
    assert (code, value["versi"], value["diperbarui"]) == (0, "2020.2", 0)
    code, value = siks(capsys, "desa", "instrumen", village, "--perbarui", needed[0])
    assert (code, value["diperbarui"]) == (0, 1)
    code, value = siks(capsys, "desa", "instrumen", village, "--perbarui", "semua")
    assert (code, value["diperbarui"]) == (0, len(needed) - 1)
    code, value = siks(capsys, "desa", "instrumen", village, "--kembali")
    assert (code, value["versi"]) == (0, "2020.1")

    code, value = siks(capsys, "dinsos", "instrumen", office, book)
    assert (code, value["id"], value["versi"], value["baru"]) == (0, "dtks", "2020.2", True)
    code, value = siks(capsys, "dinsos", "instrumen", office)
    assert {"2020.2"} <= {one["version"] for one in value["instrumen"]}
