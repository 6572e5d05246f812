"""`siks desa instrumen` and `siks dinsos instrumen`: a newer questionnaire by the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from siks_offline.cli import dinsos
from siks_offline.dinsos import receive
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


def test_a_visit_of_a_newer_questionnaire_waits_for_it_and_nothing_else_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle holds visits of two questionnaires, the office has one: the other comes in later.

    The village reads *ditahan* with nothing to mend, then *diterima*, and sends nothing again.
    """
    monkeypatch.setenv("SIKS_KATA_SANDI", world.PASSPHRASE)
    folder = tmp_path / "dunia"
    world.build(folder, households=3, percent=100, now=datetime(2026, 11, 20, tzinfo=UTC))
    village, office, book = folder / "desa", folder / "dinsos", newer(tmp_path / "baru.xlsx")
    answers = tmp_path / "jawaban.jsonl"

    def handed_over(*words: object) -> tuple[int, dict[str, Any]]:
        """Give the office's answer to the village; return what the office said."""
        said = siks(capsys, *words)
        back = tmp_path / "balasan.siksbalas"
        back.unlink(missing_ok=True)
        assert siks(capsys, "dinsos", "balasan", office, "--ke", back)[0] == 0
        assert siks(capsys, "desa", "terima", village, back)[0] == said[0]
        return said

    def sent(household_id: str) -> list[str]:
        rows = siks(capsys, "desa", "daftar", village)[1]["rumah_tangga"]
        return [row[key] for row in rows if row["id"] == household_id for key in ("kerja", "kirim")]

    _, value = siks(capsys, "desa", "instrumen", village, book)
    one = value["perlu"][0]["id"]
    siks(capsys, "desa", "instrumen", village, "--perbarui", one)
    line = {"rumah_tangga": one, "jawaban": {"ada_wifi": "1"}, "selesai": True}
    answers.write_text(json.dumps(line), encoding="utf-8")
    assert siks(capsys, "desa", "isi", village, answers)[1]["selesai"] == 1
    siks(capsys, "desa", "instrumen", village, "--kembali")
    usb = tmp_path / "usb"
    usb.mkdir()
    assert siks(capsys, "desa", "ekspor", village, "--ke", usb)[0] == 0

    code, value = handed_over("dinsos", "terima", office, *usb.iterdir())
    [arrived] = value["berkas"]
    assert (code, arrived["hasil"], arrived["diterima"], arrived["ditahan"], arrived["ditolak"]) == (
        1, "sebagian", 3, 1, 0,
    )  # fmt: skip
    assert arrived["peringatan"] == ["H_INSTRUMENT_UNKNOWN"]
    assert sent(one) == ["selesai", "ditahan"]
    _, value = siks(capsys, "dinsos", "instrumen", office)
    assert value["ditunggu"] == [{"id": "dtks", "versi": "2020.2", "berkas": 1}]

    code, value = handed_over("dinsos", "instrumen", office, book)
    assert (code, value["dilepas"]) == (0, 1)
    assert sent(one) == ["selesai", "diterima"]
    assert siks(capsys, "dinsos", "instrumen", office)[1]["ditunggu"] == []
    listed = siks(capsys, "dinsos", "daftar", office, "--rumah-tangga")
    assert len(listed[1]["rumah_tangga"]) == 3
    assert siks(capsys, "dinsos", "bangun-ulang", office)[0] == 0
    assert siks(capsys, "dinsos", "daftar", office, "--rumah-tangga") == listed


def test_half_a_store_answers_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebuild that stopped is finished first; one that would lose something asks for the word."""
    monkeypatch.setenv("SIKS_KATA_SANDI", world.PASSPHRASE)
    folder = tmp_path / "dunia"
    world.build(folder, households=1, percent=0, now=datetime(2026, 11, 20, tzinfo=UTC))
    office = folder / "dinsos"
    originals = sorted((office / "arsip").iterdir())

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(receive, "accept_archived", stopped)
        code, value = siks(capsys, "dinsos", "bangun-ulang", office)
        assert (code, value["galat"]["kode"]) == (3, "E_REBUILDING")
    for words in (("daftar", office), ("balasan", office, "--ke", tmp_path / "b.siksbalas")):
        code, value = siks(capsys, "dinsos", *words)
        assert (code, value["galat"]["kode"]) == (3, "E_REBUILDING")
    assert siks(capsys, "dinsos", "instrumen", office)[0] == 0, "the way to mend a workbook"
    assert siks(capsys, "dinsos", "bangun-ulang", office)[0] == 0
    listed = siks(capsys, "dinsos", "daftar", office)
    assert listed[0] == 0
    originals[0].unlink()
    code, value = siks(capsys, "dinsos", "bangun-ulang", office)
    assert (code, value["galat"]["kode"]) == (3, "E_ARCHIVE_LACKS")
    assert siks(capsys, "dinsos", "daftar", office) == listed
    code, value = siks(capsys, "dinsos", "bangun-ulang", office, "--meski-kurang")
    assert (code, value["berkas"]) == (0, len(originals) - 1)


def test_a_clock_that_leapt_is_asked_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are not taken in more than a year later unless a person says that the date is right."""
    monkeypatch.setenv("SIKS_KATA_SANDI", world.PASSPHRASE)
    folder, then = tmp_path / "dunia", datetime(2026, 11, 20, tzinfo=UTC)
    world.build(folder, households=1, percent=100, now=then)
    usb = tmp_path / "usb"
    usb.mkdir()
    assert siks(capsys, "desa", "ekspor", folder / "desa", "--ke", usb)[0] == 0
    words = ("dinsos", "terima", folder / "dinsos", *usb.iterdir())
    monkeypatch.setattr(dinsos, "now", lambda: then + timedelta(days=500))
    code, value = siks(capsys, *words)
    assert (code, value["galat"]["kode"]) == (3, "E_CLOCK_LEAP")
    assert "03-04-2028" in value["galat"]["pesan"]
    code, value = siks(capsys, *words, "--jam-benar")
    assert (code, value["berkas"][0]["hasil"]) == (0, "diterima")
