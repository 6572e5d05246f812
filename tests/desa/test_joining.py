"""The steps of joining a village, without a window: each refuses before anything is made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from siks_offline.crypto.codes import GROUP
from siks_offline.desa import accounts
from siks_offline.desa.joining import Joining
from siks_offline.dinsos import office as offices
from siks_offline.dinsos import pairing as dinsos_pairing
from siks_offline.errors import BundleError, SecretError

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.dinsos.pairing import Invited

NOW = datetime(2026, 11, 22, 3, 42, tzinfo=UTC)
VILLAGE = "3509122003"
OFFICE_PASSPHRASE = "lima kata tidak berhubungan"
PASSPHRASE = "kopi sawah payung hujan sepeda"


@pytest.fixture
def invited(tmp_path: Path) -> tuple[Path, Invited]:
    """An invitation of a real office, with its letter's code."""
    file = tmp_path / "desa.siksundang"
    office, _ = offices.create(tmp_path / "dinsos", VILLAGE[:4], OFFICE_PASSPHRASE, NOW)
    with office:
        return file, dinsos_pairing.invite(office, VILLAGE, file, NOW)


def groups(joining: Joining) -> tuple[str, str]:
    """The two groups that are asked, as a person reads them from paper."""
    written = joining.recovery_code.split("-")
    first, second = joining.groups
    return written[first - 1], written[second - 1]


def test_a_village_is_made_only_at_the_end(invited: tuple[Path, Invited], tmp_path: Path) -> None:
    """All steps in order make a village that opens, with the recovery code that was shown."""
    file, letter = invited
    joining = Joining(tmp_path / "data")
    found = joining.take_invitation(file, NOW)
    assert (found.kode_desa, found.known, found.practice) == (VILLAGE, False, False)
    joining.take_code(letter.code.lower())
    joining.take_account("operator", PASSPHRASE, PASSPHRASE)
    assert len(joining.recovery_code.replace("-", "")) == 7 * GROUP
    first, second = groups(joining)
    joining.take_groups(first.lower(), f" {second} ")
    assert not (tmp_path / "data").exists()
    made = joining.pair(tmp_path / "daftar.siks", NOW)
    assert made.path.exists()
    assert made.recovery_code == joining.recovery_code
    accounts.open_village(joining.folder, "operator", PASSPHRASE).close()


def test_each_step_refuses_in_its_own_words(invited: tuple[Path, Invited], tmp_path: Path) -> None:
    """A wrong code, a weak or mistyped passphrase, a wrong group: the code names which."""
    file, letter = invited
    joining = Joining(tmp_path / "data")
    with pytest.raises(BundleError) as late:
        joining.take_invitation(file, NOW + timedelta(days=400))
    assert late.value.code == "E_INVITE_EXPIRED"
    joining.take_invitation(file, NOW)
    with pytest.raises(BundleError) as wrong:
        joining.take_code("0" * 16)
    assert wrong.value.code == "E_INVITE_CODE"
    joining.take_code(letter.code)
    for name, one, two, code in (
        ("operator", PASSPHRASE, PASSPHRASE + "x", "E_PASSPHRASE_TWICE"),
        ("operator", "pendek", "pendek", "E_PASSPHRASE_WEAK"),
        ("../akun", PASSPHRASE, PASSPHRASE, "E_ACCOUNT_NAME"),
    ):
        with pytest.raises(SecretError) as refused:
            joining.take_account(name, one, two)
        assert refused.value.code == code
    joining.take_account("operator", PASSPHRASE, PASSPHRASE)
    first, second = groups(joining)
    for typed in ((first, first + "0"), (second + "0", second), ("", second), ("!?", second)):
        with pytest.raises(SecretError) as other:
            joining.take_groups(*typed)
        assert other.value.code == "E_RECOVERY_GROUPS"
    assert not (tmp_path / "data").exists()


def test_going_back_keeps_the_code_that_was_written_down(
    invited: tuple[Path, Invited], tmp_path: Path
) -> None:
    """Whoever goes back and types another passphrase still holds the right paper."""
    file, letter = invited
    joining = Joining(tmp_path / "data")
    joining.take_invitation(file, NOW)
    joining.take_code(letter.code)
    joining.take_account("operator", PASSPHRASE, PASSPHRASE)
    written = joining.recovery_code
    joining.take_account("operator", PASSPHRASE + " lagi", PASSPHRASE + " lagi")
    assert joining.recovery_code == written


def test_a_village_that_is_here_is_not_made_twice(
    invited: tuple[Path, Invited], tmp_path: Path
) -> None:
    """The second invitation finds the folder of the first, whatever its name is."""
    file, letter = invited
    joining = Joining(tmp_path / "data")
    joining.take_invitation(file, NOW)
    joining.take_code(letter.code)
    joining.take_account("operator", PASSPHRASE, PASSPHRASE)
    joining.pair(tmp_path / "daftar.siks", NOW)
    folder = joining.folder.rename(tmp_path / "data" / "lama")
    again = Joining(tmp_path / "data")
    assert again.take_invitation(file, NOW).known
    assert again.folder == folder
