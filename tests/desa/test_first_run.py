"""A new village step by step; killed at any step, the next start goes on without a half-made one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from siks_offline.desa import accounts, staff
from siks_offline.desa.first_run import MEMORY, PRACTICE, FirstRun, Settling
from siks_offline.desa.village_folder import list_villages
from siks_offline.errors import SecretError, SiksError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
WORDS = "gunung teduh sambil menanam cabai"
KODE = "3509122003"


def typed_at(run: FirstRun) -> dict[str, str]:
    """What a person types at the step that is asked."""
    code = str(run.facts.get("kode", "")).split("-")
    groups = {n: code[int(run.facts[n]) - 1] for n in ("satu", "dua") if run.facts.get(n)}
    return {
        "asal": "cari",
        "nama": KODE,
        "nomor": "1",
        "akun": "ani",
        "baru": WORDS,
        "ulang": WORDS,
        **groups,
    }


def go(run: FirstRun, until: str = "selesai") -> None:
    while run.step.name != until:
        run.go_on(typed_at(run), NOW)


def test_every_step_leads_to_an_open_village(tmp_path: Path) -> None:
    """The admin's passphrase opens it, the code is the one that was shown, nothing else remains."""
    run = FirstRun(tmp_path)
    go(run)
    assert run.village is not None
    with run.village as village:
        assert (village.role, village.kode_desa) == ("admin", KODE)
        assert village.first_run == "operator"
        assert village.nama_desa
    assert not (tmp_path / MEMORY).exists()
    accounts.open_village(tmp_path / KODE, "ani", WORDS).close()
    again = FirstRun(tmp_path)
    with pytest.raises(SiksError) as refused:
        go(again)
    assert refused.value.code == "E_VILLAGE_HERE"


def test_what_is_wrong_stays_at_its_step(tmp_path: Path) -> None:
    """An unknown name, a number beyond the list, a weak passphrase, a wrong group: each is said."""
    run = FirstRun(tmp_path)
    go(run, "cari")
    for step, typed, code in (
        ("cari", {"nama": "tidak ada desa begini"}, "E_DESA_NOT_FOUND"),
        ("pilih", {"nomor": "12"}, "E_NUMBER_LIST"),
        ("admin", {"baru": WORDS, "ulang": "lain", "akun": "a"}, "E_PASSPHRASE_TWICE"),
        ("admin", {"baru": "desa 12345678", "ulang": "desa 12345678", "akun": "a"},
         "E_PASSPHRASE_WEAK"),
        ("ulang", {"satu": "0000", "dua": "1111"}, "E_RECOVERY_GROUPS"),
    ):  # fmt: skip
        go(run, step)
        with pytest.raises((UsageError, SecretError)) as refused:
            run.go_on(typed, NOW)
        assert (refused.value.code, run.step.name) == (code, step)
        assert "{" not in str(refused.value)
    assert list_villages(tmp_path) == []


@pytest.mark.parametrize(
    ("left", "again"),
    [("tujuan", "tujuan"), ("asal", "asal"), ("cari", "cari"), ("pilih", "cari"),
     ("admin", "admin"), ("pemulihan", "admin"), ("ulang", "admin")],
)  # fmt: skip
def test_killed_at_a_step_it_goes_on_there(tmp_path: Path, left: str, again: str) -> None:
    """A new start stands where the person stood; what was secret is asked again, nothing lies there."""
    script = textwrap.dedent(
        f"""
        import os, signal, sys
        from pathlib import Path
        from tests.desa.test_first_run import FirstRun, go
        go(FirstRun(Path(sys.argv[1])), {left!r})
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert list_villages(tmp_path) == []
    for path in tmp_path.rglob("*"):
        assert WORDS.encode() not in path.read_bytes()
    run = FirstRun(tmp_path)
    assert run.step.name == again
    go(run)
    assert run.village is not None
    run.village.close()


@pytest.mark.parametrize("nth", [1, 4, 9, 14, 19])
def test_killed_while_the_village_is_made(tmp_path: Path, nth: int) -> None:
    """Whatever file was being written: no half-made village is offered, and the next one is whole."""
    script = textwrap.dedent(
        f"""
        import os, signal, sys
        from pathlib import Path
        from tests.desa.test_first_run import FirstRun, go, typed_at, NOW
        run = FirstRun(Path(sys.argv[1]))
        go(run, "ulang")
        real, left = os.fsync, [{nth}]
        def fsync(handle):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            real(handle)
        os.fsync = fsync
        run.go_on(typed_at(run), NOW)
        """
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, env=os.environ)
    for village in list_villages(tmp_path):
        accounts.open_village(village.path, "ani", WORDS).close()
        return
    run = FirstRun(tmp_path)
    go(run)
    assert run.village is not None
    run.village.close()
    assert [village.kode_desa for village in list_villages(tmp_path)] == [KODE]


def test_the_rest_waits_in_the_village(tmp_path: Path) -> None:
    """Colleagues, a second copy, practice: each may be passed by, and is asked again after a cut."""
    first = FirstRun(tmp_path)
    go(first)
    village = first.village
    assert village is not None
    stick = tmp_path / "usb"
    stick.mkdir()
    with village:
        settling = Settling(village)
        settling.go_on({"nama": "budi", "peran": "operator"}, NOW)
        assert settling.step.name == "kode"
        settling.go_on({"lagi": "1", "kertas": str(stick / "budi.pdf")}, NOW)
        assert (stick / "budi.pdf").read_bytes().startswith(b"%PDF-")
        assert settling.step.name == "operator"
        settling.go_on({"nama": "", "peran": "operator"}, NOW)
        assert settling.step.name == "cadangan"
        assert [one.name for one in staff.every(village)] == ["ani", "budi"]
    with accounts.open_village(tmp_path / KODE, "ani", WORDS) as village:
        assert village.first_run == "cadangan"
        settling = Settling(village)
        assert settling.step.name == "cadangan"
        settling.go_on({"tempat": str(stick)}, NOW)
        assert len(list(stick.glob("*.siksbak"))) == 1
        settling.go_on({"lalu": PRACTICE}, NOW)
        assert settling.ended
        assert settling.wants_practice
        assert village.first_run == ""
    with accounts.open_village(tmp_path / KODE, "ani", WORDS) as village:
        assert village.first_run == ""
