"""The Dinsos changes its keys and its root, planned or after a theft."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.crypto import codes
from siks_offline.db import office_registry, office_replies
from siks_offline.desa import arrivals, file_ceremonies, trust
from siks_offline.desa.gate import VillageGate
from siks_offline.dinsos import pairing as office_pairing
from siks_offline.dinsos import prelist, receipts, receive, rotation
from siks_offline.export import keyset, return_file
from tests.ceremonies.road import KODE, Road, refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siks_offline.crypto.age import Identity


def test_planned_rotation_reads_late_files_and_reaches_the_village(road: Road) -> None:
    """Files sealed to the old key open, the next receipt brings the new set, exports follow it."""
    road.complete(0)
    late = road.sent()
    with road.office() as office:
        old = office.keyset
        made = rotation.rotate(office, road.now)
        assert (made.version, office.keyset.version) == (2, 2)
        assert office.keyset.operational != old.operational
        assert office.keyset.escrow == old.escrow
    arrival, receipt = road.receive(late)
    assert arrival.hasil == "diterima"
    road.accept(receipt)
    with road.village() as village:
        gate = VillageGate(village)
        assert gate.keyset.version == 2
    road.complete(1)
    arrival, _ = road.receive(road.sent())
    assert arrival.hasil == "diterima"
    with road.office() as office:
        [*_, newest] = [one.recipient for one in office.keys.identities]
        assert office.keyset.operational == (newest,)


def test_a_stolen_signing_key_counts_no_more(road: Road) -> None:
    """After rotation with revocation the village refuses what the old key signs."""
    with road.office() as office:
        with office.store.read() as session:
            [device] = office_registry.devices(session, KODE, "active")
        road.complete(0)
        thief = office.keys, office.signed_keyset, office.keyset
        before = receipts.issue(office, device["device"], road.now)
        rotation.rotate(office, road.now, revoke=True)
        after = receipts.issue(office, device["device"], road.now)
        assert after.seq == before.seq + 1, "what the old key signed is made anew"
    road.accept(after.path)
    with road.office() as office:
        office.keys, office.signed_keyset, office.keyset = thief
        with office.store.write() as session:
            found, _ = receipts._content(session, device)
            last = {"seq": 90, "manifest_sha256": "0" * 64}
            forged = receipts._write(office, session, device, found, "x", last, road.now)
        with refused("E_KEY_UNKNOWN"):
            road.accept(office.sent(forged["file_sha256"]))


def test_a_planned_change_of_root_needs_no_letter(road: Road) -> None:
    """Signed by both roots, the key set moves the village on; older files still open after it."""
    with road.office() as office:
        with office.store.read() as session:
            [device] = office_registry.devices(session, KODE, "active")
        early = receipts.issue(office, device["device"], road.now)
        before = office.digits
        made = rotation.change_root(office, road.now)
        assert made.digits != before
        assert office.signed_keyset.second
        later = receipts.issue(office, device["device"], road.now)
    road.accept(later.path)
    with road.village() as village:
        gate = VillageGate(village)
        assert gate.pinned_root == gate.keyset.root
        assert keyset.root_digits(gate.keyset.id, gate.keyset.root) == made.digits
    with road.village() as village:
        arrivals.accept(village, early.path, road.now)  # of the time before
    road.complete(0)
    assert road.receive(road.sent())[0].hasil == "diterima"
    with road.office() as office:
        assert rotation.rotate(office, road.now).version == 3
        (road.folder / "dinsos" / "kunci" / "akar-1.age").rename(road.stick / "akar-1.age")
        with refused("E_ROOT_AWAY"):
            rotation.rotate(office, road.now)


def test_a_root_that_nobody_vouched_for_is_refused(road: Road) -> None:
    """A new root without the old one's signature counts only after its 30 digits were typed."""
    undangan, _, _ = road.invite()
    with road.office() as office:
        rotation.change_root(office, road.now)
        office.signed_keyset = keyset.SignedKeySet(
            office.signed_keyset.raw, office.signed_keyset.signature
        )
        with office.store.read() as session:
            [device] = office_registry.devices(session, KODE, "active")
        alone = receipts.issue(office, device["device"], road.now)
        with refused("E_KEY_UNKNOWN"):
            road.accept(alone.path)
        office_pairing.invite(office, KODE, undangan, road.now)
        digits = office.digits
    with road.village() as village:
        with refused("E_INVITE_CODE"):
            trust.accept(village, undangan, "1" * 30, road.now)
        trust.accept(village, undangan, codes.grouped(digits, 5, " "), road.now)
    assert road.accept(alone.path).kinds == ("receipt",)


def test_a_root_change_withdraws_open_letters(road: Road) -> None:
    """A letter that prints the old digits opens nothing any more."""
    _, _, paired = road.invite("lain")
    with road.office() as office:
        rotation.change_root(office, road.now)
        with refused("E_INVITE_UNKNOWN"):
            receive.accept(office, paired.path, road.now)
        with office.store.read() as session:
            assert office_registry.enrolments(session, KODE, "waiting") == []


@pytest.mark.parametrize("first", ["receipt", "prelist"])
def test_a_part_that_is_refused_keeps_no_other_away(
    road: Road, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """A prelist of the root that was stolen lies before or behind the receipt, which comes in."""
    with road.office() as office:
        found = prelist.read(road.folder / "prelist.xlsx", KODE, bind=True)
        prelist.make(office, KODE, found.households, road.stick / "p.siks", road.now)
        rotation.change_root(office, road.now)
        office_pairing.invite(office, KODE, road.stick / "u.siksundang", road.now)
        digits = office.digits
    with road.village() as village:
        trust.accept(village, road.stick / "u.siksundang", digits, road.now)
    household = road.complete(0)
    sent = road.sent()
    target = road.stick / "semua.siksbalas"
    with road.office() as office, monkeypatch.context() as patch:
        receive.accept(office, sent, road.now)
        patch.setattr(receipts, "standing_prelists", office_replies.newest_prelists)
        receipts.return_file(office, target, road.now)  # of an office that did not withdraw it
    old = hashlib.sha256((road.stick / "p.siks").read_bytes()).hexdigest()
    real = return_file.parts_for

    def ordered(*what: Any) -> list[return_file.Part]:
        return sorted(real(*what), key=lambda part: (part.sha256 == old) == (first == "receipt"))

    monkeypatch.setattr(return_file, "parts_for", ordered)
    with road.village() as village:
        taking = file_ceremonies.Taking(village, target)
        taking.begin(road.now)
        words = [row.words for row in taking.rows]
        assert sum("E_KEY_UNKNOWN" in one for one in words) == 1
        assert len(words) == 2
        taking.take_isi({}, road.now)
        assert "E_KEY_UNKNOWN" in taking.rows[-1].words
        again = arrivals.accept(village, target, road.now)
        assert sorted(again.kinds) == [arrivals.REFUSED, "sudah"]
        assert [fault.code for fault in again.refused] == ["E_KEY_UNKNOWN"]
    assert road.lines()[household].kirim == "diterima"
    alone = [part for part in ordered(target, _identities(road)) if part.sha256 == old]
    monkeypatch.setattr(return_file, "parts_for", lambda *_: alone)
    with refused("E_KEY_UNKNOWN"):
        road.accept(target)


def _identities(road: Road) -> Sequence[Identity]:
    with road.village() as village:
        return VillageGate(village).identities
