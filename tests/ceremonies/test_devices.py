"""A device over the years: approved, renewed, lost, paired again."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from siks_offline.db import audit, ledger, meta, office_registry
from siks_offline.desa import handover, renewal
from siks_offline.desa.gate import VillageGate
from siks_offline.dinsos import accounts as office_accounts
from siks_offline.dinsos import held, receipts, receive, report
from siks_offline.dinsos import office as offices
from siks_offline.dinsos import pairing as office_pairing
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import files, keyset
from tests.ceremonies.road import KODE, Road, refused
from tests.scenarios.scenario import PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def raising(error: Exception) -> Callable[..., None]:
    """A function that does nothing but fail."""

    def fail(*_args: object) -> None:
        raise error

    return fail


def test_two_persons_approve_where_the_office_wants_it(road: Road) -> None:
    """The first word is kept, the same account twice is refused, another account completes it."""
    with road.office() as office:
        office_accounts.add(office, "kepala", "latihan", road.now)
        assert office_accounts.listed(office) == ["dinsos", "kepala"]
        assert office_pairing.require_approvals(office, 2, "dinsos", road.now)
        office_pairing.revoke(office, KODE, "laptop hilang", road.now)
    _, _, paired = road.invite()
    assert road.approve(paired.path) is None
    with offices.open_office(road.folder / "dinsos", PASSPHRASE, account="kepala") as office:
        with refused("E_SECOND_PERSON"):
            office_pairing.approve(office, KODE, "dinsos", road.now)
        assert report.villages(office)[0]["status"] == "menunggu"
        receipt = office_pairing.approve(office, KODE, office.account, road.now)
        assert receipt is not None
        assert report.villages(office)[0]["status"] == "aktif"
        with office.store.read() as session:
            [device] = office_registry.devices(session, KODE, "active")
        assert device["approved_by"] == "dinsos+kepala"


def test_one_person_cannot_do_away_with_the_second(road: Road) -> None:
    """Going back from two to one takes two persons itself."""
    with road.office() as office:
        assert office_pairing.require_approvals(office, 2, "dinsos", road.now)
        assert not office_pairing.require_approvals(office, 1, "dinsos", road.now)
        with refused("E_SECOND_PERSON"):
            office_pairing.require_approvals(office, 1, "dinsos", road.now)
        assert office.approvals == 2
        assert office_pairing.require_approvals(office, 1, "kepala", road.now)
        assert office.approvals == 1


def test_an_added_account_opens_everything(road: Road) -> None:
    """A second account signs, opens what villages send, and a stopped attempt is made good."""
    left = road.folder / "dinsos" / "akun" / "kepala.age"
    left.write_bytes(b"left by a command that was killed")
    with road.office() as office:
        office_accounts.add(office, "Kepala", "latihan", road.now)
        with refused("E_ACCOUNT_EXISTS"):
            office_accounts.add(office, "kepala", "latihan", road.now)
    road.complete(0)
    file = road.sent()
    with offices.open_office(road.folder / "dinsos", PASSPHRASE, account="kepala") as office:
        arrival = receive.accept(office, file, road.now)
        receipts.deliver(office, [arrival], road.stick, road.now)
    assert arrival.accepted == 1


def test_a_key_is_renewed_without_a_letter(road: Road) -> None:
    """Ninety days before its end both keys sign, one person approves, late files still count."""
    with road.village() as village:
        assert renewal.standing(village, road.now).state == "aktif"
        with refused("E_RENEWAL_EARLY"):
            renewal.renew(village, road.stick / "baru.siks", road.now)
    with road.office() as office:
        office_pairing.require_approvals(office, 2, "dinsos", road.now)
    road.wait(days=650)
    with road.village() as village:
        assert renewal.standing(village, road.now).state == "perlu_diperbarui"
        made = renewal.renew(village, road.stick / "baru.siks", road.now)
        before = VillageGate(village).stream
        again = renewal.renew(village, road.stick / "lagi.siks", road.now)
        assert renewal.standing(village, road.now).state == "diperbarui"
    assert made.key == again.key, "asked again, the same next key is asked for"
    road.complete(0)
    late = road.sent()  # still under the present key
    receipt = road.approve(again.path)
    assert receipt is not None, "a renewal needs one person"
    with road.office() as office:
        assert receive.accept(office, late, road.now).hasil == "diterima"
    road.accept(receipt)
    with road.village() as village:
        now = VillageGate(village).stream
        assert renewal.standing(village, road.now).state == "aktif"
    assert now.device != before.device
    assert now.signing_seed != before.signing_seed
    road.complete(1)
    arrival, receipt = road.receive(road.sent())
    assert (arrival.hasil, arrival.device) == ("diterima", now.device)
    road.accept(receipt)
    assert {line.kirim for line in road.lines().values() if line.kerja == "selesai"} == {"diterima"}


def test_every_signed_file_holds_the_trail(road: Road) -> None:
    """Enrolment, renewal and export each carry the head of the trail as it was."""
    road.complete(0)
    road.sent()
    road.wait(days=650)
    with road.village() as village:
        renewal.renew(village, road.stick / "baru.siks", road.now)
        with village.store.read() as session:
            sent = ledger.exports(session)
            heads = ledger.audit_heads(session)
            assert audit.verify(session, heads) is None
    assert {one.type for one in sent} == {"enrolment", "visits"}
    assert len(sent) == 3
    assert len({one.audit_seq for one in sent}) == 3, "each is of its own moment"
    assert all(one.audit_seq and heads[one.audit_seq] == one.audit_head for one in sent)


def test_a_renewal_whose_file_got_no_name_was_not_asked(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A medium that fails at the last step leaves the number, the next key and the state alone."""
    road.wait(days=650)
    with road.village() as village:
        before = VillageGate(village).stream
        with monkeypatch.context() as broken, refused("E_MEDIA_GONE"):
            broken.setattr(files, "_replace", raising(OSError(errno.EIO, "gone")))
            renewal.renew(village, road.stick / "baru.siks", road.now)
        with village.store.read() as session:
            assert meta.get(session, renewal.PENDING) is None
            assert ledger.reserved(session) == frozenset()
        assert VillageGate(village).stream == before
        assert renewal.standing(village, road.now).state == "perlu_diperbarui"
        assert not (road.stick / "baru.siks").exists()
        earlier = renewal.renew(village, road.stick / "baru.siks", road.now).path.read_bytes()
        with monkeypatch.context() as broken, refused("E_MEDIA_GONE"):
            broken.setattr(files, "_replace", raising(OSError(errno.EIO, "gone")))
            renewal.renew(village, road.stick / "baru.siks", road.now)
        assert (road.stick / "baru.siks").read_bytes() == earlier
        assert renewal.standing(village, road.now).state == "diperbarui"


def test_a_key_that_ran_out_or_was_put_out_renews_nothing(road: Road) -> None:
    """After its end a new letter is needed, and a thief renews no stolen key."""
    road.wait(days=650)
    with road.village() as village:
        made = renewal.renew(village, road.stick / "baru.siks", road.now)
    with road.office() as office:
        office_pairing.revoke(office, KODE, "laptop hilang", road.now)
        with refused("E_RENEWAL_KEY"):
            receive.accept(office, made.path, road.now)
    road.wait(days=90)
    with road.village() as village:
        assert renewal.standing(village, road.now).state == "habis"
        with refused("E_RENEWAL_LATE"):
            renewal.renew(village, road.stick / "lagi.siks", road.now)
    assert not (road.stick / "lagi.siks").exists()
    with road.office() as office, office.store.read() as session:
        assert office_registry.enrolments(session, KODE, "waiting") == []


def test_a_laptop_lost_while_its_renewal_waits(road: Road) -> None:
    """Revoking refuses the waiting key as well, and the old device of a renewed one."""
    road.wait(days=650)
    with road.village() as village:
        made = renewal.renew(village, road.stick / "baru.siks", road.now)
    with road.office() as office:
        receive.accept(office, made.path, road.now)
        office_pairing.revoke(office, KODE, "laptop hilang", road.now)
        with refused("E_NO_ENROLMENT"):
            office_pairing.approve(office, KODE, "dinsos", road.now)
        with office.store.read() as session:
            assert [one["status"] for one in office_registry.devices(session, KODE)] == ["revoked"]
            assert office_registry.enrolments(session, KODE, "waiting") == []
            assert len(office_registry.enrolments(session, KODE, "refused")) == 1


def test_pairing_again_after_a_loss(road: Road) -> None:
    """The old key's files are held, nothing goes out before the new key is approved, all arrives."""
    road.complete(0)
    stolen = road.sent()
    with road.office() as office:
        office_pairing.revoke(office, KODE, "laptop hilang", road.now)
        assert receive.accept(office, stolen, road.now).kode == "H_KEY_REVOKED"
        [waiting] = held.listed(office)
        with refused("E_DIGITS_MISSING"):
            held.release(office, waiting["id"], road.now)
    _, _, paired = road.invite()
    with refused("E_NOT_APPROVED"):
        road.pack()
    receipt = road.approve(paired.path)
    assert receipt is not None
    road.accept(receipt)
    arrival, receipt = road.receive(road.sent())
    assert (arrival.hasil, arrival.accepted, arrival.missing) == ("diterima", 1, ())
    road.accept(receipt)
    assert "diterima" in road.states()
    with road.office() as office:
        digits = keyset.manifest_digits(waiting["id"])
        spoken = " ".join(digits[at : at + 5] for at in range(0, 30, 5))
        assert held.release(office, waiting["id"], road.now, digits=spoken).hasil == "diterima"
        assert len(report.households(office)) == 1, "the same revision, however often it comes"


def test_low_order_keys_are_refused_at_enrolment(road: Road) -> None:
    """A key that signs anything, or that every secret opens, never reaches the approval queue."""
    from siks_offline.crypto import bech32
    from siks_offline.crypto.sshsig import SigningKey, openssh
    from siks_offline.export import canonical, enrolment

    good = enrolment.Enrolment(
        invite_id="0190f1c2-7d3a-7b10-9c55-0a1b2c3d4e5f",
        kode_desa=KODE,
        device="0190f1c2-7d3a-7b10-9c55-0a1b2c3d4e60",
        stream="0190f1c2-7d3a-7b10-9c55-0a1b2c3d4e61",
        signing=SigningKey.generate().public,
        encryption="age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
        voice_key=b"v" * 32,
        root="SHA256:" + "A" * 43,
    )
    line = enrolment.make(good, "0123456789ABCDEF")
    assert enrolment.parse(line) == enrolment.parse(dict(line))
    weak_points = [
        bytes([1]) + bytes(31),  # the identity
        bytes(32),  # order 4
        (2**255 - 19 + 1).to_bytes(32, "little"),  # the identity, not canonical
        bytes.fromhex("ec" + "ff" * 30 + "7f"),  # order 2
    ]
    for public in weak_points:
        with refused("E_KEY_WEAK"):
            enrolment.parse(line | {"signing": openssh(public)})
    for point in (bytes(32), bytes([1]) + bytes(31)):
        with refused("E_KEY_WEAK"):
            enrolment.parse(line | {"encryption": bech32.encode("age", point)})
    assert canonical.dumps(line)


def test_errors_of_a_bundle_are_errors_of_the_program() -> None:
    """What these tests catch is what a person is told."""
    assert issubclass(BundleError, SiksError)
    assert handover.OUTBOX == "ekspor"
