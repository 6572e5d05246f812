"""The Dinsos changes its keys and its root, planned or after a theft."""

from __future__ import annotations

from siks_offline.crypto import codes
from siks_offline.db import office_registry
from siks_offline.desa import arrivals, trust
from siks_offline.desa.gate import VillageGate
from siks_offline.dinsos import pairing as office_pairing
from siks_offline.dinsos import receipts, receive, rotation
from siks_offline.export import keyset
from tests.ceremonies.road import KODE, Road, refused


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
