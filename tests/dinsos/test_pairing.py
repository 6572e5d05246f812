"""Invitation, enrolment, approval, revocation: who gets into the registry and who does not."""

from __future__ import annotations

import hashlib
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.crypto import bech32, codes
from siks_offline.crypto.sshsig import SigningKey, openssh
from siks_offline.db import office_registry
from siks_offline.dinsos import (
    backup,
    office,
    pairing,
    prelist,
    receipts,
    receive,
    report,
    voice,
)
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import bundle, enrolment, receipt, return_file
from siks_offline.export.bundle import AttachmentFile
from siks_offline.export.records import inventory_attachment
from tests.dinsos.test_receipts import VillageGate
from tests.dinsos.world import (
    KODE,
    NOW,
    PASSPHRASE,
    PNG,
    TestVillage,
    invited,
    later,
    name,
    paired,
    take,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.dinsos.office import Office


def test_approval_registers_the_key_and_gives_receipt_one(made: Office, tmp_path: Path) -> None:
    """A person's approval puts the device's key into the registry and answers with receipt 1."""
    village = invited(made, tmp_path / "desa")
    take(made, village.enrol())
    path = pairing.approve(made, KODE, "kepala", NOW)
    with bundle.open_bundle(path, VillageGate(village), tmp_path) as opened:
        assert opened.manifest["chain"]["seq"] == 1
        told = receipt.read(opened)
    assert [one.result for one in told.bundles] == ["accepted"]
    assert told.bundles[0].manifest_sha256 == village.prev
    [line] = pairing.allowed_signers(made)
    assert line.startswith(f'desa:{KODE} namespaces="siks.visits.v1,siks.enrolment.v1",')
    assert line.endswith(openssh(village.key.public))


def test_wrong_code_five_times_burns_the_invitation(made: Office, tmp_path: Path) -> None:
    """A guessed letter code is refused, and after five guesses the right one too."""
    village = invited(made, tmp_path / "desa")
    for _ in range(5):
        with pytest.raises(BundleError) as refused:
            take(made, village.enrol(code=codes.letter_code(), seq=1))
        assert refused.value.code == "E_ENROLMENT_MAC"
    with pytest.raises(BundleError) as refused:
        take(made, village.enrol())
    assert refused.value.code == "E_INVITE_BURNT"


def test_second_enrolment_of_one_letter_raises_an_alarm(made: Office, tmp_path: Path) -> None:
    """Who uses a letter that has served is refused, and the office keeps the alarm."""
    village = invited(made, tmp_path / "desa")
    take(made, village.enrol())
    thief = invited(made, tmp_path / "lain")
    thief.invite, thief.code = village.invite, village.code
    with pytest.raises(BundleError) as refused:
        take(made, thief.enrol())
    assert refused.value.code == "E_INVITE_USED"
    with made.store.read() as session:
        assert office_registry.alarms(session) == 1
        waiting = office_registry.enrolments(session, KODE, "waiting")
    assert [row["device"] for row in waiting] == [village.device]


def test_newer_invitation_withdraws_the_older(made: Office, tmp_path: Path) -> None:
    """Only the newest letter of a village opens the door."""
    first = invited(made, tmp_path / "satu")
    invited(made, tmp_path / "dua")
    with pytest.raises(BundleError) as refused:
        take(made, first.enrol())
    assert refused.value.code == "E_INVITE_UNKNOWN"


def test_invitation_runs_out(made: Office, tmp_path: Path) -> None:
    """After thirty days a letter is paper."""
    village = invited(made, tmp_path / "desa")
    with pytest.raises(BundleError) as refused:
        take(made, village.enrol(), later(days=31))
    assert refused.value.code == "E_INVITE_EXPIRED"


def test_key_is_registered_once(made: Office, tmp_path: Path) -> None:
    """A key that one village has cannot be enrolled by another to disown or claim data."""
    village = paired(made, tmp_path / "desa")
    other = invited(made, tmp_path / "lain", "3509122004")
    other.key = village.key
    with pytest.raises(BundleError) as refused:
        take(made, other.enrol())
    assert refused.value.code in {"E_KEY_REGISTERED", "E_SENDER_MISMATCH"}


def test_village_of_another_district_is_not_invited(made: Office, tmp_path: Path) -> None:
    """An office invites only villages of its own kabupaten."""
    with pytest.raises(SiksError) as refused:
        pairing.invite(made, "5206012001", tmp_path / "x.siksundang", NOW)
    assert refused.value.code == "E_WILAYAH_OTHER"
    assert not list(tmp_path.glob("x*"))


def test_nothing_is_approved_twice_or_unasked(made: Office, tmp_path: Path) -> None:
    """Approval needs an enrolment that waits."""
    with pytest.raises(SiksError) as refused:
        pairing.approve(made, KODE, "kepala", NOW)
    assert refused.value.code == "E_NO_ENROLMENT"
    paired(made, tmp_path / "desa")
    with pytest.raises(SiksError):
        pairing.approve(made, KODE, "kepala", NOW)


def test_revocation_shows_and_ends(made: Office, tmp_path: Path) -> None:
    """A revoked village is shown as such, gets no more answers, and can be paired again."""
    village = paired(made, tmp_path / "desa")
    pairing.revoke(made, KODE, "laptop hilang", later(hours=1))
    assert report.villages(made)[0]["status"] == "dicabut"
    with pytest.raises(SiksError):
        pairing.revoke(made, KODE, "sekali lagi", later(hours=2))
    again = invited(made, tmp_path / "baru")
    assert report.villages(made)[0]["status"] == "diundang"
    take(made, again.enrol(), later(hours=3))
    pairing.approve(made, KODE, "kepala", later(hours=3))
    assert report.villages(made)[0]["status"] == "aktif"
    assert take(made, again.send([again.visit()]), later(hours=4)).hasil == "diterima"
    assert take(made, village.send([village.visit(2)]), later(hours=4)).hasil == "ditahan"


def test_ssh_keygen_reads_the_registry(made: Office, tmp_path: Path) -> None:
    """An auditor verifies a signature against the exported registry with OpenSSH alone."""
    import shutil

    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not on this machine")
    village = paired(made, tmp_path / "desa")
    signers = tmp_path / "allowed_signers"
    signers.write_text("\n".join(pairing.allowed_signers(made)) + "\n")
    message = b"manifest"
    signature = tmp_path / "manifest.json.sig"
    signature.write_bytes(village.key.sign(message, "siks.visits.v1"))

    def verify(*options: str) -> int:
        words = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", f"desa:{KODE}"]
        words += ["-n", "siks.visits.v1", "-s", str(signature), *options]
        return subprocess.run(words, input=message, check=False, capture_output=True).returncode

    assert verify("-Overify-time=20261122020000Z") == 0
    assert verify("-Overify-time=20301122010348Z") != 0
    signature.write_bytes(SigningKey.generate().sign(message, "siks.visits.v1"))
    assert verify("-Overify-time=20261122020000Z") != 0


def test_a_copy_brings_the_registry_back(made: Office, tmp_path: Path) -> None:
    """Devices, keys and originals are in the copy; of data on a server all but those."""
    village = paired(made, tmp_path / "desa")
    take(made, village.send([village.visit()]))
    found = backup.write(made, tmp_path / "kantor.siksbak", later(hours=1))
    assert (found.devices, found.originals, found.left_out) == (1, 2, 0)
    url = None
    if made.store.path is None:
        url = made.store.engine.url.render_as_string(hide_password=False)
    done = backup.restore(
        tmp_path / "kantor.siksbak", tmp_path / "baru", PASSPHRASE, later(hours=2), url=url
    )
    assert (done.devices, done.originals, done.left_out) == (1, 2, 0)
    with office.open_office(tmp_path / "baru", PASSPHRASE, url=url) as again:
        assert again.keys.signing.public == made.keys.signing.public
        assert take(again, village.send([village.visit(2)]), later(hours=3)).hasil == "diterima"
        assert len(report.households(again)) == 2


def test_a_copy_without_originals_asks_for_photos_again(made: Office, tmp_path: Path) -> None:
    """Photos lie in the originals alone, so what a copy left out counts as never received."""
    village = paired(made, tmp_path / "desa")
    photo = hashlib.sha256(PNG).hexdigest()
    heads = [inventory_attachment(photo)]
    here = AttachmentFile(photo, "png", lambda: PNG)
    take(made, village.send([village.visit(attachments=[photo])], [here], inventory=heads))
    if made.store.path is None:
        pytest.skip("the same on both kinds of store")
    backup.write(made, tmp_path / "kantor.siksbak", NOW, archive=False)
    done = backup.restore(tmp_path / "kantor.siksbak", tmp_path / "baru", PASSPHRASE, NOW)
    assert (done.originals, done.left_out) == (0, 2)
    with office.open_office(tmp_path / "baru", PASSPHRASE) as again:
        path = receipts.issue(again, village.device, later(hours=1)).path
        with bundle.open_bundle(path, VillageGate(village), tmp_path) as opened:
            assert receipt.read(opened).lacked_attachments == (photo,)


def test_voice_needs_every_row_and_attachment(made: Office, tmp_path: Path) -> None:
    """A file taken in part, held, or with a photo that is none, has no digits."""
    village = paired(made, tmp_path / "desa")
    bad = hashlib.sha256(b"no picture").hexdigest()
    false = AttachmentFile(bad, "png", lambda: b"no picture")
    take(made, village.send([village.visit(1), village.visit(2) | {"completed_by": "lain"}]))
    take(made, village.send([village.visit(3)], [false]))
    take(made, village.send([village.visit(4)]))
    for seq in (2, 3):
        with pytest.raises(SiksError) as refused:
            voice.code(made, KODE, seq, NOW)
        assert refused.value.code == "E_VOICE_PART"
    [spoken] = voice.code(made, KODE, 4, NOW)
    assert village.prev is not None
    assert spoken.code == codes.voice_code(village.voice_key, village.prev)
    pairing.revoke(made, KODE, "laptop hilang", later(hours=1))
    with pytest.raises(SiksError) as refused:
        voice.code(made, KODE, 4, later(hours=2))
    assert refused.value.code == "E_VOICE_UNKNOWN"


def test_half_written_copies_are_swept_after_a_day(made: Office, tmp_path: Path) -> None:
    """What another command may still be writing stays."""
    old = made.folder / "arsip" / ".aaaa.part"
    young = made.folder / "arsip" / ".bbbb.part"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (NOW.timestamp() - 90_000,) * 2)
    os.utime(young, (NOW.timestamp() - 60,) * 2)
    assert receive.sweep(made, NOW) == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_weak_keys_never_reach_the_queue(made: Office, tmp_path: Path) -> None:
    """A signing key of low order in an enrolment is refused by name and nothing is queued."""
    village = invited(made, tmp_path / "desa")
    statement = enrolment.Enrolment(
        invite_id=village.invite.invite_id,
        kode_desa=village.kode,
        device=village.device,
        stream=village.stream,
        signing=village.key.public,
        encryption=village.identity.recipient,
        voice_key=village.voice_key,
        root="SHA256:" + "A" * 43,
    )
    line = enrolment.make(statement, village.code)
    weak = [
        {"signing": openssh(bytes([1]) + bytes(31))},
        {"signing": openssh(bytes.fromhex("ee" + "ff" * 30 + "7f"))},
        {"encryption": bech32.encode("age", bytes(32))},
    ]
    for change in weak:
        files = [bundle.RecordFile("enrolment", [line | change])]
        path = village.write("enrolment", files, seq=1).path
        with pytest.raises(BundleError) as refused:
            take(made, path)
        assert refused.value.code == "E_KEY_WEAK"
    with made.store.read() as session:
        assert office_registry.enrolments(session, KODE, "waiting") == []


def parts_of(made: Office, target: Path, village: TestVillage, now: datetime) -> int:
    """How many parts of a return file a village's key opens."""
    receipts.return_file(made, target, now)
    return len(list(return_file.parts_for(target, [village.identity])))


def test_nothing_sealed_to_a_stolen_laptop_goes_on_travelling(made: Office, tmp_path: Path) -> None:
    """Its prelist is withdrawn with it; the next laptop gets one of its own, and so do others."""
    stolen, other = paired(made, tmp_path / "a"), paired(made, tmp_path / "b", "3509122004")
    homes = [prelist.Household(name("rumah", 1), f"{1:014}", {"nama_krt": "SITI"}, ())]
    for kode in (KODE, "3509122004"):
        prelist.make(made, kode, homes, tmp_path / "p.siks", NOW)
    target = tmp_path / "semua.siksbalas"
    assert parts_of(made, target, stolen, NOW) == parts_of(made, target, other, NOW) == 2
    pairing.revoke(made, KODE, "dicuri", later(hours=1))
    fresh = paired(made, tmp_path / "c")
    assert parts_of(made, target, stolen, later(hours=2)) == 0
    assert parts_of(made, target, fresh, later(hours=2)) == 1
    assert parts_of(made, target, other, later(hours=2)) == 2
    again = prelist.make(made, KODE, homes, tmp_path / "p.siks", later(hours=3))
    assert again.version == 2
    assert parts_of(made, target, fresh, later(hours=4)) == 2
    assert parts_of(made, target, stolen, later(hours=4)) == 0


def test_a_clock_that_was_ahead_once_does_not_end_pairing(made: Office, tmp_path: Path) -> None:
    """Invitations and keys are dated by the time that they are judged by."""
    village = paired(made, tmp_path / "a")
    take(made, village.send([village.visit(1)]), later(days=365 * 12))
    other = paired(made, tmp_path / "b", "3509122004")
    assert take(made, other.send([other.visit(1)]), later(days=1)).hasil == "diterima"
    pairing.revoke(made, "3509122004", "hilang", later(days=2))
    assert take(made, other.send([other.visit(2)]), later(days=3)).kode == "H_KEY_REVOKED"


def test_files_under_a_clock_that_leapt_are_not_taken_unasked(made: Office, tmp_path: Path) -> None:
    """One day in 2038 would make every key of the district an expired one."""
    receive.check_clock(made, later(days=4000))  # nothing came yet
    paired(made, tmp_path / "a")
    receive.check_clock(made, later(days=399))
    receive.check_clock(made, later(days=-399))
    with pytest.raises(SiksError) as leapt:
        receive.check_clock(made, later(days=401))
    assert leapt.value.code == "E_CLOCK_LEAP"


def test_two_enrolments_at_one_moment_are_one_and_an_alarm(
    made: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one was checked before the first was queued; it is kept, and nobody approves it."""
    village = invited(made, tmp_path / "a")
    (tmp_path / "b").mkdir()
    thief = TestVillage(village.keyset, village.invite, village.code, tmp_path / "b")
    late, early = village.enrol(), thief.enrol()
    real = receive._keep

    def slow(*words: Any) -> None:
        monkeypatch.setattr(receive, "_keep", real)
        take(made, early)
        real(*words)

    monkeypatch.setattr(receive, "_keep", slow)
    assert take(made, late).warnings[0] == "E_INVITE_USED"
    with made.store.read() as session:
        assert office_registry.alarms(session) == 1
        assert len(office_registry.enrolments(session, KODE, "waiting")) == 1
