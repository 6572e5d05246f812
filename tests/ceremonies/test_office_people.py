"""Who may open an office, and where its root lies: taken away, left half-done, brought back."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from siks_offline.crypto import age, codes, keystore
from siks_offline.dinsos import accounts, escrow, keyring, receipts, receive, rotation
from siks_offline.dinsos import keys as office_keys
from siks_offline.dinsos import office as offices
from siks_offline.dinsos import pairing as office_pairing
from tests.ceremonies.road import Road, refused
from tests.scenarios.scenario import PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.dinsos.office import Office

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@contextmanager
def as_one(road: Road, account: str) -> Iterator[Office]:
    with offices.open_office(road.folder / "dinsos", PASSPHRASE, account=account) as office:
        yield office


def test_a_removed_account_opens_nothing(road: Road) -> None:
    """Its file is gone, every secret is sealed anew, the store has another key; the rest goes on."""
    road.complete(0)
    sent = road.sent()
    with road.office() as office:
        accounts.add(office, "kepala", PASSPHRASE, road.now)
        before = keystore.unlock(office.folder, "kepala", PASSPHRASE)
        old = office.store.key
        assert accounts.remove(office, "kepala", road.now) == "kepala"
        assert accounts.listed(office) == ["dinsos"]
        assert office.store.key != old
        with refused("E_ACCOUNT_CLOSED"):
            office_keys.load(office.folder, before)
    assert not (road.folder / "dinsos" / "akun" / "kepala.age").exists()
    assert [one.name for one in (road.folder / "dinsos").glob("kunci-*.age")] == ["kunci-2.age"]
    with refused("E_PASSPHRASE"), as_one(road, "kepala"):
        pass
    with road.office() as office:
        assert receive.accept(office, sent, road.now).hasil == "diterima"


def test_a_removal_that_was_cut_off_is_finished(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped at any of its steps: the person has no access, the next opening does the rest."""
    for number, step in enumerate(("discard_account", "seal_keys", "discard_older_keys")):
        name = f"orang{number}"
        with road.office() as office:
            accounts.add(office, name, PASSPHRASE, road.now)
            with monkeypatch.context() as cut:

                def stop(*_: object) -> None:
                    raise KeyboardInterrupt

                cut.setattr(keystore, step, stop)
                with pytest.raises(KeyboardInterrupt):
                    accounts.remove(office, name, road.now)
        with road.office() as office:
            assert accounts.listed(office) == ["dinsos"]
            assert len(keyring.opened_by(office).keys) == 1
            assert office.store.key == keyring.opened_by(office).current
        assert keystore.accounts(road.folder / "dinsos") == ["dinsos"]


def test_whom_nobody_removes(road: Road) -> None:
    """Not oneself, not who is not there, not the second of two who must approve."""
    with road.office() as office:
        with refused("E_ACCOUNT_SELF"):
            accounts.remove(office, "dinsos", road.now)
        for name in ("siapa", keystore.RECOVERY):
            with refused("E_ACCOUNT_NONE"):
                accounts.remove(office, name, road.now)
        accounts.add(office, "kepala", PASSPHRASE, road.now)
        assert office_pairing.require_approvals(office, 2, "dinsos", road.now)
        with refused("E_SECOND_NEEDED"):
            accounts.remove(office, "kepala", road.now)
        assert accounts.listed(office) == ["dinsos", "kepala"]


def test_the_root_is_kept_on_a_stick(road: Road) -> None:
    """Out of the folder it goes only as a key of its own; new keys then need the stick."""
    stick = road.folder / "brankas"
    with road.office() as office:
        with refused("E_ROOT_SIGNS"):
            rotation.take_root_away(office, stick, road.now)
        rotation.change_root(office, road.now)
        taken = rotation.take_root_away(office, stick, road.now)
        assert taken.parent == stick
        assert not list((office.folder / "kunci").glob("akar-*.age"))
        with refused("E_ROOT_AWAY"):
            rotation.rotate(office, road.now)
    with road.office() as office:
        with refused("E_ROOT_AWAY"):
            rotation.take_root_away(office, stick, road.now)
        with refused("E_ROOT_AWAY"):
            rotation.rotate(office, road.now, root_at=road.folder)
        done = rotation.rotate(office, road.now, root_at=stick)
        assert done.version == 3
        assert not list((office.folder / "kunci").glob("akar-*.age"))
        balasan = road.stick / "semua.siksbalas"
        receipts.return_file(office, balasan, road.now)
    taken_in = road.accept(balasan)
    assert taken_in.news is not None
    assert taken_in.news.version == 3


def test_a_second_root_finds_its_place_beside_the_first(road: Road) -> None:
    """Two roots on one stick bear two names, and the older still vouches for the newer."""
    stick = road.folder / "brankas"
    with road.office() as office:
        rotation.change_root(office, road.now)
        rotation.take_root_away(office, stick, road.now)
        rotation.change_root(office, road.now, root_at=stick)
        rotation.take_root_away(office, stick, road.now)
        assert sorted(one.name for one in stick.iterdir()) == ["akar-1.age", "akar-2.age"]
        rotation.rotate(office, road.now, root_at=stick)
        assert office.signed_keyset.second, "a village that slept through both still follows"


def test_the_escrow_key_opens_real_bundles(tmp_path: Path) -> None:
    """The quarterly drill: the envelope opens the archive, a wrong code and a foreign file do not."""
    made, recovery = offices.create(tmp_path / "d", "3509", PASSPHRASE, NOW, practice=True)
    with made:
        for number in range(3):
            sealed = age.encrypt(bytes(100_000), list(made.keyset.enc))
            (made.folder / "arsip" / f"{number:064x}.siks").write_bytes(sealed)
        assert escrow.drill(made, recovery, NOW) == escrow.Drilled(3, ())
        alien = age.encrypt(b"x", [age.Identity.generate().recipient])
        (made.folder / "arsip" / f"{9:064x}.siks").write_bytes(alien)
        assert escrow.drill(made, recovery, NOW) == escrow.Drilled(4, (f"{9:064x}.siks",))
        with refused("E_RECOVERY_CODE"):
            escrow.drill(made, codes.grouped(codes.recovery_code()), NOW)
