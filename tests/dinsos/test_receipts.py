"""What the office answers: cumulative, the same for the same files, healing what was lost."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.dinsos import pairing, prelist, rebuild, receipts
from siks_offline.dinsos.prelist import Household
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import bundle, prelist_lines, receipt, return_file
from siks_offline.export.manifest import FROM_DINSOS, namespace
from siks_offline.export.records import inventory_attachment, inventory_visit, short_hash
from tests.dinsos.world import KODE, NOW, PNG, TestVillage, later, name, paired, take

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.dinsos.office import Office
    from siks_offline.export.bundle import KnownKey

PHOTO = hashlib.sha256(PNG).hexdigest()


@dataclass
class VillageGate:
    """A village's own gate, as far as the office's answers need one."""

    village: TestVillage

    namespaces = frozenset(namespace(kind) for kind in FROM_DINSOS)
    keyset_version = 0

    @property
    def identities(self) -> list[Any]:
        return [self.village.identity]

    @property
    def own_id(self) -> str:
        return f"desa:{self.village.kode}"

    @property
    def practice(self) -> bool:
        return self.village.practice

    @property
    def pinned_root(self) -> bytes:
        return self.village.keyset.root

    def key(self, public: bytes) -> KnownKey | None:
        return None

    def imported(self, manifest_sha256: str) -> bool:
        return False

    def bundle_hash(self, bundle_id: str) -> str | None:
        return None

    def instrument_known(self, instrument: Any) -> bool:
        return True


def read(
    village: TestVillage, path: Path, tmp_path: Path
) -> tuple[dict[str, Any], receipt.Receipt]:
    with bundle.open_bundle(path, VillageGate(village), tmp_path) as opened:
        found = receipt.read(opened)
        village.acks = {
            "manifest_sha256": opened.manifest_sha256,
            "seq": opened.manifest["chain"]["seq"],
        }
        return opened.manifest, found


def answer(made: Office, village: TestVillage, tmp_path: Path) -> receipt.Receipt:
    return read(village, receipts.issue(made, village.device, NOW).path, tmp_path)[1]


def test_receipt_tells_until_it_is_acknowledged(made: Office, tmp_path: Path) -> None:
    """Each receipt repeats what the village has not acknowledged, and no more."""
    village = paired(made, tmp_path / "desa")
    take(made, village.send([village.visit(1)]))
    first = answer(made, village, tmp_path)
    assert [one.seq for one in first.bundles] == [1, 2]
    village.acks = None
    take(made, village.send([village.visit(2)]))
    second = answer(made, village, tmp_path)
    assert [one.seq for one in second.bundles] == [1, 2, 3]
    take(made, village.send([village.visit(3)]))
    third = answer(made, village, tmp_path)
    assert [one.seq for one in third.bundles] == [4]


def test_same_bundle_gives_the_same_receipt(made: Office, tmp_path: Path) -> None:
    """A file that comes again is answered by the very receipt that answered it."""
    village = paired(made, tmp_path / "desa")
    path = village.send([village.visit(1)])
    told = receipts.deliver(made, [take(made, path)], tmp_path, NOW)
    again = take(made, path, later(days=2))
    repeated = receipts.deliver(made, [again], tmp_path, later(days=2))
    assert told == repeated
    read(village, told[again.manifest_sha256], tmp_path)
    take(made, village.send([village.visit(2)]))
    receipts.issue(made, village.device, later(days=3))
    late = receipts.deliver(made, [take(made, path)], tmp_path / "lagi", later(days=4))
    assert late[again.manifest_sha256].read_bytes() == told[again.manifest_sha256].read_bytes()


def test_part_of_a_bundle_is_told_line_by_line(made: Office, tmp_path: Path) -> None:
    """Where not all was taken, each line has its own result with a code and a place."""
    village = paired(made, tmp_path / "desa")
    good, bad = village.visit(1), village.visit(2) | {"completed_by": "lain"}
    take(made, village.send([good, bad]))
    found = answer(made, village, tmp_path)
    assert {one.result for one in found.bundles} == {"accepted", "partly"}
    rows = {one.visit_id: one for one in found.visits}
    assert rows[good["visit_id"]].result == "accepted"
    assert rows[bad["visit_id"]].result == "rejected"
    assert rows[bad["visit_id"]].code == "E_RECORD_SCHEMA"
    assert rows[bad["visit_id"]].path == "sha256"


def test_missing_numbers_and_lacking_visits_are_asked_for(made: Office, tmp_path: Path) -> None:
    """A lost file shows by its number, and what it held by the inventory of the next one."""
    village = paired(made, tmp_path / "desa")
    lost, here = village.visit(1), village.visit(2)
    village.send([lost])
    inventory = [inventory_visit(one["visit_id"], 1, one["sha256"]) for one in (lost, here)]
    take(made, village.send([here], inventory=[*inventory, inventory_attachment(PHOTO)]))
    found = answer(made, village, tmp_path)
    assert found.missing == ((village.stream, 2),)
    [lacked] = found.lacked_visits
    assert (lacked.visit_id, lacked.short) == (lost["visit_id"], short_hash(lost["sha256"]))
    assert found.lacked_attachments == (PHOTO,)


def test_no_village_speaks_for_another_s_stream(made: Office, tmp_path: Path) -> None:
    """A village that numbers its files in its neighbour's stream changes nothing of its needs."""
    here = paired(made, tmp_path / "a")
    there = paired(made, tmp_path / "b", "3509122004")
    lost = here.visit(1)
    take(made, here.send([], inventory=[inventory_visit(lost["visit_id"], 1, lost["sha256"])]))
    there.stream, there.seq = here.stream, here.seq + 7
    take(made, there.send([there.visit(1)], inventory=[inventory_attachment(PHOTO)]))
    [lacked] = answer(made, here, tmp_path).lacked_visits
    assert lacked.visit_id == lost["visit_id"]
    assert answer(made, there, tmp_path).lacked_attachments == (PHOTO,)


def test_refused_visit_is_not_asked_for_again(made: Office, tmp_path: Path) -> None:
    """What was refused is told once as refused; asking for it again would never end."""
    village = paired(made, tmp_path / "desa")
    foreign = village.visit(1, kode_desa="3509122004")
    line = inventory_visit(foreign["visit_id"], 1, foreign["sha256"])
    take(made, village.send([foreign], inventory=[line]))
    assert answer(made, village, tmp_path).lacked_visits == ()


def test_held_file_is_told_and_told_again_when_released(made: Office, tmp_path: Path) -> None:
    """A village learns that its file is held, and later that it was released."""
    from siks_offline.dinsos import held

    village = paired(made, tmp_path / "desa")
    unknown = {"id": "dtks", "sha256": "0" * 64, "version": "2099.1"}
    take(made, village.send([village.visit()], instrument=unknown))
    found = answer(made, village, tmp_path)
    assert found.bundles[-1].result == "held"
    assert found.bundles[-1].code == "H_INSTRUMENT_UNKNOWN"
    held.reject(made, held.listed(made)[0]["id"], "salah berkas", NOW)
    found = answer(made, village, tmp_path)
    assert [(one.result, one.rejected) for one in found.bundles] == [
        ("accepted", 0),
        ("rejected", 1),
    ]


def test_restored_office_starts_new_receipts_and_tells_all(made: Office, tmp_path: Path) -> None:
    """After a rebuild receipts begin anew in a stream of their own and repeat every result."""
    village = paired(made, tmp_path / "desa")
    take(made, village.send([village.visit(1)]))
    before, _ = read(village, receipts.issue(made, village.device, NOW).path, tmp_path)
    take(made, village.send([village.visit(2)]))
    rebuild.rebuild(made, NOW)
    after, found = read(village, receipts.issue(made, village.device, NOW).path, tmp_path)
    assert after["chain"]["stream"] != before["chain"]["stream"]
    assert after["chain"]["seq"] == 1
    assert [one.seq for one in found.bundles] == [1, 2, 3]


def test_revoked_device_gets_no_answer(made: Office, tmp_path: Path) -> None:
    """Nothing is sealed to a key that may be stolen."""
    village = paired(made, tmp_path / "desa")
    pairing.revoke(made, KODE, "laptop hilang", later(hours=1))
    arrival = take(made, village.send([village.visit()]), later(hours=2))
    assert receipts.deliver(made, [arrival], tmp_path, NOW) == {}
    with pytest.raises(SiksError):
        receipts.return_file(made, tmp_path / "balasan.siksbalas", NOW)


def households(count: int) -> list[Household]:
    return [
        Household(name("household", number), f"{number:014}", {"nama_krt": f"SITI {number}"}, [])
        for number in range(count)
    ]


def test_prelist_goes_up_by_versions(made: Office, tmp_path: Path) -> None:
    """A prelist carries its version; the same one again is the same file, another the next."""
    village = paired(made, tmp_path / "desa")
    target = tmp_path / "prelist.siks"
    first = prelist.make(made, KODE, households(3), target, NOW, bps="3509120003")
    content = target.read_bytes()
    again = prelist.make(made, KODE, households(3), target, later(days=1), bps="3509120003")
    assert (again.version, target.read_bytes()) == (first.version, content)
    second = prelist.make(made, KODE, households(4), target, later(days=1))
    assert (first.version, second.version, second.households) == (1, 2, 4)
    with bundle.open_bundle(target, VillageGate(village), tmp_path) as opened:
        head = prelist_lines.read_head(opened)
        rows = list(prelist_lines.read(opened))
    assert (head.version, head.households, head.kode_desa) == (2, 4, KODE)
    assert rows[2].answers == {"nama_krt": "SITI 2"}
    assert answer(made, village, tmp_path).prelist == (2, opened.manifest_sha256)


def test_prelist_needs_a_paired_village(made: Office, tmp_path: Path) -> None:
    """Nothing can be sealed to a village that has no key here."""
    with pytest.raises(SiksError) as refused:
        prelist.make(made, KODE, households(1), tmp_path / "p.siks", NOW)
    assert refused.value.code == "E_NO_DEVICE"


def test_return_file_serves_each_village_its_own(made: Office, tmp_path: Path) -> None:
    """One file for all: each village opens its own parts and none of its neighbour's."""
    here = paired(made, tmp_path / "a")
    there = paired(made, tmp_path / "b", "3509122004")
    take(made, here.send([here.visit(1)]))
    prelist.make(made, KODE, households(2), tmp_path / "p.siks", NOW)
    target = tmp_path / "balasan.siksbalas"
    assert receipts.return_file(made, target, NOW) == 2
    own = return_file.parts_for(target, [here.identity])
    others = return_file.parts_for(target, [there.identity])
    assert (len(own), len(others)) == (2, 1)
    assert not {part.sha256 for part in own} & {part.sha256 for part in others}
    kinds = set()
    with target.open("rb") as file:
        for part in own:
            source = part.window(file)
            with bundle.open_source(source, part.size, VillageGate(here), tmp_path) as opened:
                kinds.add(opened.manifest["type"])
    assert kinds == {"receipt", "prelist"}


def test_sizes_of_answers_tell_nothing(made: Office, tmp_path: Path) -> None:
    """Every part of a return file is padded to a power of two, so its size shows no counts."""
    for number, kode in enumerate(("3509122003", "3509122004", "3509122005")):
        village = paired(made, tmp_path / kode, kode)
        take(made, village.send([village.visit(one) for one in range(number * 3)]))
    target = tmp_path / "balasan.siksbalas"
    receipts.return_file(made, target, NOW)
    sizes = {path.stat().st_size for path in (made.folder / "keluar").iterdir()}
    assert all(size >= 4096 and size & (size - 1) == 0 for size in sizes)


def test_other_village_cannot_read_an_answer(made: Office, tmp_path: Path) -> None:
    """An answer is sealed to the device it is for."""
    here = paired(made, tmp_path / "a")
    there = paired(made, tmp_path / "b", "3509122004")
    path = receipts.issue(made, here.device, NOW).path
    with pytest.raises(BundleError) as refused:
        bundle.open_bundle(path, VillageGate(there), tmp_path)
    assert refused.value.code == "E_NOT_FOR_US"
