"""Who may sign in to a village: let in, out, in again; and that a power cut shuts nobody out."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.crypto import _whole, age, attempts, codes, keystore
from siks_offline.db import copies, engine
from siks_offline.desa import accounts, households, staff, visit
from siks_offline.errors import SecretError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siks_offline.desa.village import Village

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
WORDS = "gunung teduh sambil menanam cabai"
OTHER = "pelita kapal bersama jembatan rumput"
CODE = codes.recovery_code()


@pytest.fixture(scope="module", autouse=True)
def quick_scrypt() -> Iterator[None]:
    """Half the work of the real thing, which readers accept; each stretch of copies done once."""
    patch = pytest.MonkeyPatch()
    real = age.encrypt_with_passphrase
    patch.setattr(age, "encrypt_with_passphrase", lambda text, secret, _=0: real(text, secret, 16))
    patch.setattr(age, "_stretched", cache(age._stretched))
    yield
    patch.undo()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A village with an admin and an operator who has signed in; the operator's passphrase."""
    folder = tmp_path_factory.mktemp("akun") / "desa"
    village = accounts.create_village(
        folder,
        kode_desa="3509122003",
        nama_desa="Sukamaju",
        account="ani",
        passphrase=WORDS,
        recovery_code=CODE,
        now=NOW,
    )
    with village:
        visit.add_household(village, NOW)
        first = staff.add(village, "Budi", "operator", NOW)
    accounts.first_sign_in(folder, "budi", first.code, OTHER, NOW).close()
    return folder, OTHER


@pytest.fixture
def folder(made: tuple[Path, str], tmp_path: Path) -> Path:
    """A copy of that village for one test."""
    return Path(shutil.copytree(made[0], tmp_path / "desa"))


def code_of(function: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises((SecretError, StoreError)) as refused:
        function(*arguments)
    assert refused.value.message != refused.value.code, "no sentence"
    assert "{" not in str(refused.value)
    return refused.value.code


def opens(folder: Path, account: str, secret: str) -> bool:
    try:
        with accounts.open_village(folder, account, secret) as village:
            return households.counts(village).total == 1
    except SecretError:
        return False


def trail(village: Village) -> list[tuple[str, str]]:
    from siks_offline.db import audit

    with village.store.read() as session:
        return [(line.action, line.subject) for line in audit.lines(session)]


def test_a_new_account_signs_in_by_its_printed_code_once(folder: Path) -> None:
    """The code opens nothing but the choice of a passphrase, in any grouping, and only once."""
    with accounts.open_village(folder, "ani", WORDS) as village:
        first = staff.add(village, "Citra", "pemeriksa", NOW)
        assert [(p.name, p.role, p.first_code) for p in staff.every(village)] == [
            ("ani", "admin", False),
            ("budi", "operator", False),
            ("citra", "pemeriksa", True),
        ]
        assert ("akun.tambah", "citra") in trail(village)
    assert len(first.code.replace("-", "")) == 16
    typed = first.code.replace("-", "").lower()
    assert code_of(accounts.open_village, folder, "citra", typed) == "E_FIRST_CODE"
    arguments = (folder, "citra", typed, "pendek", NOW)
    assert code_of(accounts.first_sign_in, *arguments) == "E_PASSPHRASE_WEAK"
    with accounts.first_sign_in(folder, "citra", typed, OTHER, NOW) as village:
        assert village.role == "pemeriksa"
        assert code_of(visit.add_household, village, NOW) == "E_NOT_ALLOWED"
        assert code_of(staff.add, village, "dewi", "admin", NOW) == "E_NOT_ALLOWED"
    assert opens(folder, "citra", OTHER)
    assert not opens(folder, "citra", first.code)


def test_changing_the_passphrase_wraps_anew_and_touches_nothing_else(folder: Path) -> None:
    """One file changes; the old passphrase is dead, and needed for the change."""
    before = {path: path.read_bytes() for path in folder.rglob("*.age")}
    with accounts.open_village(folder, "budi", OTHER) as village:
        arguments = (village, "bukan yang lama", "sawah luas menguning lagi", NOW)
        assert code_of(staff.change_passphrase, *arguments) == "E_PASSPHRASE"
        weak = (village, OTHER, "sukamaju budi 12", NOW)
        assert code_of(staff.change_passphrase, *weak) == "E_PASSPHRASE_WEAK"
        staff.change_passphrase(village, OTHER, "sawah luas menguning lagi", NOW)
    changed = [path.name for path in before if path.read_bytes() != before[path]]
    assert changed == ["budi.age"]
    assert opens(folder, "budi", "sawah luas menguning lagi")
    assert not opens(folder, "budi", OTHER)


def test_an_admin_resets_but_does_not_choose(folder: Path) -> None:
    """The old passphrase is dead at once; the new one is its owner's, drawn from a printed code."""
    with accounts.open_village(folder, "ani", WORDS) as village:
        first = staff.reset(village, "budi", NOW)
        assert code_of(staff.reset, village, "ani", NOW) == "E_ACCOUNT_SELF"
        assert code_of(staff.reset, village, "tak-ada", NOW) == "E_ACCOUNT_NONE"
    assert not opens(folder, "budi", OTHER)
    assert code_of(accounts.open_village, folder, "budi", first.code) == "E_FIRST_CODE"
    accounts.first_sign_in(folder, "budi", first.code, "sawah luas menguning lagi", NOW).close()
    assert opens(folder, "budi", "sawah luas menguning lagi")


def test_removing_an_account_gives_the_database_another_key(folder: Path) -> None:
    """Neither the account's file nor a copy of it, nor the old key, opens the village again."""
    kept = Path(shutil.copytree(folder / "akun", folder.parent / "salinan"))
    old = keystore.unlock(folder, "budi", OTHER)
    with accounts.open_village(folder, "ani", WORDS) as village:
        staff.remove(village, "budi", NOW)
        assert households.counts(village).total == 1
        visit.add_household(village, NOW)
        assert [one.name for one in staff.every(village)] == ["ani"]
    assert not (folder / "akun" / "budi.age").exists()
    assert [path.name for path in folder.glob("kunci-*.age")] == ["kunci-2.age"]
    shutil.copy(kept / "budi.age", folder / "akun" / "budi.age")
    assert code_of(accounts.open_village, folder, "budi", OTHER) == "E_ACCOUNT_CLOSED"
    assert code_of(engine.open_village, folder / "app.db", old.current) == "E_DB_KEY"
    with accounts.open_village(folder, "ani", WORDS) as village:
        assert households.counts(village).total == 2
        assert len(village.keys.keys) == 1
    assert keystore.unlock_with_recovery(folder, CODE).keys.keys() == {2}


def test_the_last_admin_stays(folder: Path) -> None:
    """A village without an admin could let nobody in; with two, one may remove the other."""
    with accounts.open_village(folder, "ani", WORDS) as village:
        assert code_of(staff.remove, village, "ani", NOW) == "E_LAST_ADMIN"
        first = staff.add(village, "citra", "admin", NOW)
        assert code_of(staff.remove, village, "ani", NOW) == "E_ACCOUNT_SELF"
        assert code_of(staff.add, village, "citra", "admin", NOW) == "E_ACCOUNT_EXISTS"
        assert code_of(staff.add, village, "dewi", "raja", NOW) == "E_ROLE_UNKNOWN"
    with accounts.first_sign_in(folder, "citra", first.code, OTHER, NOW) as village:
        staff.remove(village, "ani", NOW)
        assert code_of(staff.remove, village, "citra", NOW) == "E_LAST_ADMIN"
    assert not opens(folder, "ani", WORDS)


def test_the_recovery_code_serves_once(folder: Path) -> None:
    """It gives an admin a new passphrase and is replaced; for anybody else it does nothing."""
    new = codes.recovery_code()
    chosen = "sawah luas menguning lagi"
    assert code_of(accounts.recover, folder, CODE, "budi", chosen, new, NOW) == "E_RECOVERY_ADMIN"
    wrong = codes.recovery_code()
    assert code_of(accounts.recover, folder, wrong, "ani", chosen, new, NOW) == "E_RECOVERY_CODE"
    with accounts.recover(folder, CODE.lower(), "ani", chosen, new, NOW) as village:
        assert village.role == "admin"
        assert households.counts(village).total == 1
    assert opens(folder, "ani", chosen)
    assert not opens(folder, "ani", WORDS)
    assert opens(folder, "budi", OTHER)
    assert code_of(keystore.unlock_with_recovery, folder, CODE) == "E_RECOVERY_CODE"
    keystore.unlock_with_recovery(folder, new)
    with accounts.open_village(folder, "ani", chosen) as village:
        staff.renew_recovery(village, CODE, NOW)
    keystore.unlock_with_recovery(folder, CODE)
    assert code_of(keystore.unlock_with_recovery, folder, new) == "E_RECOVERY_CODE"


def test_lockout_at_the_sign_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sixth wrong try waits, the right passphrase too; an unknown account is told the same."""
    running = 1000.0
    monkeypatch.setattr(attempts.Attempts.__init__, "__defaults__", (lambda: running,))
    for name in ("ani", "tak-ada"):
        seen = []
        for _ in range(attempts.FREE + 1):
            with pytest.raises(SecretError) as refused:
                accounts.open_village(folder, name, "bukan kata sandinya")
            seen.append((refused.value.code, str(refused.value)))
        assert [code for code, _ in seen] == ["E_PASSPHRASE"] * 4 + ["E_SIGN_IN_WAIT"] * 2
        assert "Coba lagi dalam 1 detik" in seen[-1][1]
        if name == "ani":
            told = seen
    assert seen == told
    assert code_of(accounts.open_village, folder, "ani", WORDS) == "E_SIGN_IN_WAIT"
    running += 1.1
    assert opens(folder, "ani", WORDS)
    assert opens(folder, "budi", OTHER)


# --- power cuts ----------------------------------------------------------------------------------


class Cuts:
    """Keeps what the disk holds before and after every step that changes it."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self.states: list[Path] = []
        for module, name in (
            (_whole, "write"),
            (_whole, "remove"),
            (copies, "write"),
            (copies, "_give_key"),
            (copies, "verify"),
            (copies.os, "replace"),
            (engine.Store, "write"),
        ):
            self._watch(module, name, patch)

    def _watch(self, module: Any, name: str, patch: pytest.MonkeyPatch) -> None:
        real = getattr(module, name)

        def watched(*arguments: Any, **words: Any) -> Any:
            self.keep()
            try:
                return real(*arguments, **words)
            finally:
                self.keep()

        patch.setattr(module, name, watched)

    def keep(self) -> None:
        target = self._folder.parent / f"putus-{len(self.states)}"
        self.states.append(Path(shutil.copytree(self._folder, target)))


def add(village: Village) -> None:
    staff.add(village, "citra", "operator", NOW)


def reset(village: Village) -> None:
    staff.reset(village, "budi", NOW)


def remove(village: Village) -> None:
    staff.remove(village, "budi", NOW)


def change(village: Village) -> None:
    staff.change_passphrase(village, WORDS, "sawah luas menguning lagi", NOW)


RENEWED = codes.recovery_code()


def renew(village: Village) -> None:
    staff.renew_recovery(village, RENEWED, NOW)


@pytest.mark.parametrize("act", [add, reset, remove, change, renew])
def test_a_power_cut_leaves_a_village_that_opens(
    folder: Path, act: Callable[[Village], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut before or after any step: the admin gets in, nobody's access hangs between two states.

    The first sign-in afterwards finishes what was begun, and the recovery code opens the village.
    """
    with monkeypatch.context() as patch:
        village = accounts.open_village(folder, "ani", WORDS)
        cuts = Cuts(folder, patch)
        with village:
            act(village)
        cuts.keep()
    assert len(cuts.states) > 4
    removed = set()
    for state in cuts.states:
        assert opens(state, "ani", WORDS) or opens(state, "ani", "sawah luas menguning lagi")
        rescue = [code for code in (CODE, RENEWED) if _rescues(state, code)]
        assert rescue, state.name
        known = keystore.accounts(state)
        assert len(list(state.glob("kunci-*.age"))) == 1, state.name
        assert list(state.glob("*.part")) == [], state.name
        removed.add("budi" in known)
        if act is not reset:
            assert opens(state, "budi", OTHER) == ("budi" in known), state.name
        else:  # dead at the latest when the code was told
            assert state != cuts.states[-1] or not opens(state, "budi", OTHER)
    assert removed == ({True, False} if act is remove else {True})


def _rescues(folder: Path, code: str) -> bool:
    try:
        keys = keystore.unlock_with_recovery(folder, code)
        engine.open_village(folder / "app.db", keys.current).close()
    except SecretError:
        return False
    return True
