"""Invitation, enrolment, approval, revocation: who gets into the registry and who does not."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from siks_offline.crypto import codes
from siks_offline.crypto.sshsig import SigningKey, openssh
from siks_offline.db import office_registry
from siks_offline.dinsos import pairing, report
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import bundle, receipt
from tests.dinsos.test_receipts import VillageGate
from tests.dinsos.world import KODE, NOW, invited, later, paired, take

if TYPE_CHECKING:
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
