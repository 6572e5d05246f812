"""Taking files in: verified, kept, loaded whole or not at all, the same in any order."""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING

import pytest

from siks_offline.crypto.sshsig import SigningKey
from siks_offline.db import office as store_office
from siks_offline.dinsos import held, pairing, rebuild, report
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import keyset
from siks_offline.export.bundle import AttachmentFile
from siks_offline.export.records import inventory_attachment, inventory_visit
from tests.dinsos.world import KODE, NOW, PNG, invited, later, make_office, paired, take

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.dinsos.office import Office

PHOTO = hashlib.sha256(PNG).hexdigest()


def test_visits_arrive_and_stand(made: Office, tmp_path: Path) -> None:
    """Completed households of a paired village are in the store after one command."""
    village = paired(made, tmp_path / "desa")
    visits = [village.visit(number) for number in range(1, 4)]
    arrival = take(made, village.send(visits))
    assert (arrival.hasil, arrival.accepted, arrival.rejected) == ("diterima", 3, 0)
    assert arrival.missing == ()
    listed = report.households(made)
    assert sorted(row["sha256"] for row in listed) == sorted(one["sha256"] for one in visits)
    assert {row["status"] for row in listed} == {"diterima"}
    assert report.villages(made)[0]["rumah_tangga"] == 3


def test_original_is_kept_before_it_is_told_of(made: Office, tmp_path: Path) -> None:
    """Every original that was taken in lies in the archive, byte for byte."""
    village = paired(made, tmp_path / "desa")
    path = village.send([village.visit()])
    take(made, path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert made.archived(sha256).read_bytes() == path.read_bytes()
    assert not list((made.folder / "arsip").glob(".*"))
    assert not list((made.folder / "staging").iterdir())


def test_same_file_again_changes_nothing(made: Office, tmp_path: Path) -> None:
    """A repeated file, also under another name, is known and leaves no trace."""
    village = paired(made, tmp_path / "desa")
    path = village.send([village.visit()])
    take(made, path)
    renamed = path.rename(path.with_name("DOC-2026 (1).bin"))
    with made.store.read() as session:
        before = store_office.audit_head(session)
    again = take(made, renamed, later(days=3))
    assert (again.hasil, again.kode) == ("sudah", "S_ALREADY_IMPORTED")
    with made.store.read() as session:
        assert store_office.audit_head(session) == before


def test_order_makes_no_difference(tmp_path: Path) -> None:
    """Corrections, a fork of two heads and a gap: every order of the files ends the same."""
    sources = make_office(tmp_path / "asal")
    village = paired(sources, tmp_path / "desa")
    first = village.visit()
    second = village.visit(revision=2, parents=[first["sha256"]], completed_by="budi")
    third = village.visit(revision=2, parents=[first["sha256"]], completed_by="sari")
    paths = [village.send([first]), village.send([second]), village.send([third, village.visit(2)])]
    results = set()
    for number, order in enumerate(itertools.permutations(paths)):
        copy = _twin(sources, tmp_path / f"kantor-{number}")
        for path in (*order, order[0]):
            take(copy, path)
        results.add(_state(copy))
        copy.close()
    assert len(results) == 1
    sources.close()
    statuses = [status for *_, status in next(iter(results))]
    assert sorted(statuses) == ["diterima", "konflik", "konflik"]


def _twin(sources: Office, folder: Path) -> Office:
    """Another store under the same keys and registry, before anything but the enrolment came."""
    import shutil

    from siks_offline.dinsos.office import open_office
    from tests.dinsos.world import PASSPHRASE

    shutil.copytree(sources.folder, folder)
    return open_office(folder, PASSPHRASE)


def _state(made: Office) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(str, row.values())) for row in report.households(made))


def test_gap_is_told_and_holds_nothing_back(made: Office, tmp_path: Path) -> None:
    """A file whose predecessor never came is taken in, and the missing number is named."""
    village = paired(made, tmp_path / "desa")
    lost = village.send([village.visit(1)])
    arrival = take(made, village.send([village.visit(2)]))
    assert arrival.hasil == "diterima"
    assert arrival.missing == (2,)
    assert arrival.warnings == ("W_GAP",)
    assert take(made, lost).missing == ()


def test_bad_line_is_set_aside_and_the_rest_goes_on(made: Office, tmp_path: Path) -> None:
    """A record of another village, one with a false hash and one without schema: 1 of 4 stays."""
    village = paired(made, tmp_path / "desa")
    foreign = village.visit(2, kode_desa="3509122004")
    altered = village.visit(3) | {"completed_by": "orang lain"}
    good = village.visit(1)
    arrival = take(made, village.send([good, foreign, altered, {"visit_id": good["visit_id"]}]))
    assert (arrival.hasil, arrival.accepted, arrival.rejected) == ("sebagian", 1, 3)
    assert [row["sha256"] for row in report.households(made)] == [good["sha256"]]


def test_photo_may_come_later(made: Office, tmp_path: Path) -> None:
    """A household whose photo has not come is in, marked, until the photo comes."""
    village = paired(made, tmp_path / "desa")
    take(made, village.send([village.visit(attachments=[PHOTO])]))
    assert report.households(made)[0]["status"] == "foto_belum"
    photo = AttachmentFile(PHOTO, "png", lambda: PNG)
    take(made, village.send([], [photo]))
    assert report.households(made)[0]["status"] == "diterima"


def test_false_photo_is_refused_with_its_household(made: Office, tmp_path: Path) -> None:
    """A file that only calls itself a photo is not taken, nor the visit that names it."""
    village = paired(made, tmp_path / "desa")
    content = b"MZ this is a program"
    sha256 = hashlib.sha256(content).hexdigest()
    visits = [village.visit(1, attachments=[sha256]), village.visit(2)]
    arrival = take(made, village.send(visits, [AttachmentFile(sha256, "png", lambda: content)]))
    assert (arrival.hasil, arrival.accepted, arrival.rejected) == ("sebagian", 1, 1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda raw: raw[:-40], "E_TRUNCATED"),
        (lambda raw: raw[:600] + bytes([raw[600] ^ 1]) + raw[601:], "E_CORRUPT"),
        (lambda raw: b"bukan apa-apa", "E_NOT_BUNDLE"),
    ],
)
def test_damaged_file_is_refused_and_noted(tmp_path: Path, change, code: str) -> None:
    """A damaged file leaves one audit line and nothing else: no row, no copy."""
    with make_office(tmp_path / "dinsos") as made:
        village = paired(made, tmp_path / "desa")
        path = village.send([village.visit()])
        path.write_bytes(change(path.read_bytes()))
        archived = sorted((made.folder / "arsip").iterdir())
        with pytest.raises(BundleError) as refused:
            take(made, path)
        assert refused.value.code in {code, "E_CORRUPT", "E_TRUNCATED"}
        assert sorted((made.folder / "arsip").iterdir()) == archived
        assert report.households(made) == []
        with made.store.read() as session:
            lines = store_office.audit_lines(session)
        assert lines[-1]["action"] == "berkas.tolak"
        assert lines[-1]["subject"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert store_office.broken_audit(lines) is None


def test_stranger_is_refused(made: Office, tmp_path: Path) -> None:
    """Who knows whom to seal to cannot yet sign."""
    village = paired(made, tmp_path / "desa")
    village.key = SigningKey.generate()
    with pytest.raises(BundleError) as refused:
        take(made, village.send([village.visit()]))
    assert refused.value.code == "E_KEY_UNKNOWN"


def test_practice_and_real_do_not_mix(tmp_path: Path) -> None:
    """A practice bundle is refused by a real office, a real one by a practice office."""
    for practice in (True, False):
        with make_office(tmp_path / f"dinsos-{practice}", practice=practice) as made:
            village = paired(made, tmp_path / f"desa-{practice}")
            village.practice = not practice
            with pytest.raises(BundleError) as refused:
                take(made, village.send([village.visit()]))
            assert refused.value.code == "E_PRACTICE"


def test_revoked_key_is_held_until_a_person_decides(made: Office, tmp_path: Path) -> None:
    """What comes of a revoked laptop is kept sealed; released, it stands as if it had come in."""
    village = paired(made, tmp_path / "desa")
    path = village.send([village.visit()])
    assert pairing.revoke(made, KODE, "laptop hilang", later(hours=1)) == 1
    arrival = take(made, path, later(hours=2))
    assert (arrival.hasil, arrival.kode, arrival.held) == ("ditahan", "H_KEY_REVOKED", 1)
    assert report.households(made) == []
    assert take(made, path, later(hours=3)).hasil == "ditahan"
    waiting = held.listed(made)
    assert [(row["kode"], row["kunjungan"]) for row in waiting] == [("H_KEY_REVOKED", 1)]
    with pytest.raises(SiksError) as refused:
        held.release(made, waiting[0]["id"], later(hours=4), digits="1" * 30)
    assert refused.value.code == "E_DIGITS"
    with pytest.raises(SiksError) as refused:
        held.release(made, waiting[0]["id"], later(hours=4))
    assert refused.value.code == "E_DIGITS_MISSING", "a thief can make such files too"
    digits = keyset.manifest_digits(waiting[0]["id"])
    released = held.release(made, waiting[0]["id"][:12], later(hours=4), digits=digits)
    assert (released.hasil, released.accepted) == ("diterima", 1)
    assert held.listed(made) == []
    assert take(made, path, later(hours=5)).hasil == "sudah"


def test_rejected_held_file_stays_out(made: Office, tmp_path: Path) -> None:
    """A person's refusal is final for that file and survives a rebuild."""
    village = paired(made, tmp_path / "desa")
    path = village.send([village.visit()])
    pairing.revoke(made, KODE, "laptop hilang", later(hours=1))
    take(made, path, later(hours=2))
    held.reject(made, held.listed(made)[0]["id"], "tidak ada paspor data", later(hours=3))
    assert take(made, path, later(hours=4)).hasil == "sudah"
    rebuild.rebuild(made, later(hours=5))
    assert report.households(made) == []
    assert held.listed(made) == []


def test_clock_set_back_does_not_revive_a_key(made: Office, tmp_path: Path) -> None:
    """Validity is judged by the newest time seen, not by a clock that was set back."""
    village = paired(made, tmp_path / "desa")
    path = village.send([village.visit(1)])
    late = village.send([village.visit(2)])
    assert take(made, path, later(days=729)).hasil == "diterima"
    assert take(made, late, later(days=731)).kode == "H_KEY_EXPIRED"
    third = village.send([village.visit(3)])
    assert take(made, third, NOW).kode == "H_KEY_EXPIRED"


def test_rebuild_gives_the_same_store(made: Office, tmp_path: Path) -> None:
    """The store can be built anew from the archive; releases of people count again."""
    village = paired(made, tmp_path / "desa")
    first = village.visit()
    take(made, village.send([first, village.visit(2, attachments=[PHOTO])]))
    take(made, village.send([village.visit(revision=2, parents=[first["sha256"]])]))
    stopped = village.send([village.visit(3)])
    pairing.revoke(made, KODE, "laptop hilang", later(hours=1))
    take(made, stopped, later(hours=2))
    waiting = held.listed(made)[0]["id"]
    held.release(made, waiting, later(hours=3), digits=keyset.manifest_digits(waiting))
    before = (report.households(made), report.villages(made))
    done = rebuild.rebuild(made, later(days=1))
    assert (report.households(made), report.villages(made)) == before
    assert (done.refused, done.households) == (0, 3)
    assert done.files == 4


def test_inventory_of_the_highest_file_counts(made: Office, tmp_path: Path) -> None:
    """An older file that comes late does not bring an older inventory back."""
    from siks_offline.db import office_bundles

    village = paired(made, tmp_path / "desa")
    one, two = village.visit(1), village.visit(2)
    lines = [inventory_visit(v["visit_id"], 1, v["sha256"]) for v in (one, two)]
    older = village.send([one], inventory=lines[:1])
    newer = village.send([two], inventory=[*lines, inventory_attachment(PHOTO)])
    take(made, newer)
    take(made, older)
    with made.store.read() as session:
        [(_, body)] = office_bundles.inventories(session, village.device)
    assert len(body.splitlines()) == 3


def test_two_files_of_one_id_are_not_both_taken(made: Office, tmp_path: Path) -> None:
    """A second manifest under a known bundle id is refused."""
    village = paired(made, tmp_path / "desa")
    same = "0190f1c2-7d3a-7b10-9c55-0a1b2c3d4e5f"
    take(made, village.send([village.visit(1)], bundle_id=same))
    with pytest.raises(BundleError) as refused:
        take(made, village.send([village.visit(2)], bundle_id=same))
    assert refused.value.code == "E_ID_CONFLICT"


def test_unknown_instrument_waits(made: Office, tmp_path: Path) -> None:
    """Visits of an instrument that the office does not have are held, not lost."""
    village = paired(made, tmp_path / "desa")
    unknown = {"id": "dtks", "sha256": "0" * 64, "version": "2099.1"}
    arrival = take(made, village.send([village.visit()], instrument=unknown))
    assert (arrival.hasil, arrival.kode) == ("ditahan", "H_INSTRUMENT_UNKNOWN")
    assert held.retry(made, later(hours=1)) == 0
    assert len(held.listed(made)) == 1


def test_enrolment_waits_for_a_person(made: Office, tmp_path: Path) -> None:
    """An enrolment only enters the queue: until approval nothing of the device is taken."""
    village = invited(made, tmp_path / "desa")
    assert report.villages(made)[0]["status"] == "diundang"
    take(made, village.enrol())
    assert report.villages(made)[0]["status"] == "menunggu"
    with pytest.raises(BundleError) as refused:
        take(made, village.send([village.visit()]))
    assert refused.value.code == "E_KEY_UNKNOWN"
    pairing.approve(made, KODE, "dinsos", NOW)
    assert report.villages(made)[0]["status"] == "aktif"
