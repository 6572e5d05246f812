"""`siks desa usulan, musyawarah, prelist-akhir, periode, pindah`, `siks dinsos berita-acara`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from siks_offline import cli
from siks_offline.latihan import world
from tests.scenarios import hall

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SITTING = {
    "tempat": "Balai desa",
    "tanggal": "2026-11-20",
    "jam": "09:30",
    "pemimpin": "Suparman",
    "pertanyaan": {"mk14": "ya"},
    "hadir": [{"nama": "Lestari", "jk": "P", "unsur": "rt"}],
}


def test_the_road_of_a_musyawarah(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command prints one object with the members its help promises; a refusal is exit 3."""
    monkeypatch.setenv("SIKS_KATA_SANDI", "latihan")
    place = tmp_path / "latihan"
    world.build(place, households=6, now=datetime.now(UTC))
    desa, dinsos = place / "desa", place / "dinsos"

    def run(*words: object) -> tuple[int, Any]:
        capsys.readouterr()
        code = cli.main([*map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    told = tmp_path / "usulan.jsonl"
    doubt = {"aturan": "w_dokumen", "jalur": "", "alasan": "menyusul sebelum musyawarah"}
    line = {"jawaban": hall.family(1, world.KODE_DESA), "konfirmasi": [doubt]}
    told.write_text(json.dumps(line) + "\n", encoding="utf-8")
    code, got = run("desa", "usulan", desa, "--isi", told)
    assert (code, got["terdaftar"]) == (0, 1), got
    proposal = run("desa", "usulan", desa)[1]["usulan"][0]
    assert (proposal["nomor"], proposal["keadaan"]) == (1, "terdaftar")
    agenda = run("desa", "musyawarah", desa, "--agenda")[1]["agenda"]
    assert [row["asal"] for row in agenda].count("usulan") == 1
    said = tmp_path / "putusan.jsonl"
    words = [
        {"rumah_tangga": proposal["rumah_tangga"], "status": "4", "mampu": "2"},
        {"rumah_tangga": agenda[0]["id"], "status": "2", "alasan": "1"},
        {"rumah_tangga": agenda[1]["id"], "status": "2"},
    ]
    said.write_text("\n".join(map(json.dumps, words)), encoding="utf-8")
    code, got = run("desa", "musyawarah", desa, "--putusan", said)
    assert (code, got["disimpan"], got["baris"][2]["kode"]) == (1, 2, "E_VERDICT_REASON")
    code, got = run("desa", "musyawarah", desa, "--tutup")
    assert (code, got["galat"]["kode"]) == (3, "E_MEETING_UNDECIDED")
    run("desa", "musyawarah", desa, "--sisa-ditemukan")
    sitting = tmp_path / "sidang.json"
    sitting.write_text(json.dumps(SITTING), encoding="utf-8")
    run("desa", "musyawarah", desa, "--sidang", sitting)
    code, got = run("desa", "musyawarah", desa, "--tutup")
    assert (code, got["prelist_akhir"], got["bertanda_tangan"]) == (0, 6, False)
    assert got["sidang"][0]["hadir"][0]["nama"] == "Lestari"
    code, got = run("desa", "ekspor", desa, "--ke", tmp_path / "usb")
    assert (code, got["galat"]["kode"]) == (3, "E_SCAN_MISSING")
    scan = tmp_path / "ba.pdf"
    scan.write_bytes(hall.PDF)
    assert run("desa", "musyawarah", desa, "--lampirkan", scan)[1]["bertanda_tangan"]
    _, got = run("desa", "ekspor", desa, "--ke", tmp_path / "usb")
    code, _ = run("dinsos", "terima", dinsos, *got["berkas"])
    assert code == 0
    page = tmp_path / "ba.html"
    code, got = run("dinsos", "berita-acara", dinsos, "--ke", page)
    assert (code, got["jumlah"]["jumlah"], got["jumlah"]["c"]) == (0, 7, 1)
    assert got["jumlah"]["g"] == got["jumlah"]["a"] + got["jumlah"]["f"]
    assert got["desa"][0]["surat"][0]["jenis"] == "berita-acara"
    assert page.exists()
    final = run("desa", "prelist-akhir", desa, "--petugas", "1/1=Sri")[1]["rumah_tangga"]
    assert len(final) == 6
    assert all(len(row["nomor"]) == 12 for row in final)
    _, got = run("desa", "pindah", desa, final[0]["id"], "--tidak-layak", "menolak")
    assert got["riwayat"][0]["alasan"] == "menolak"
    now_open = run("desa", "periode", desa)[1]
    assert run("desa", "periode", desa, "--buka", now_open["berikutnya"][0])[0] == 0
