"""Keys over the years, without internet and without Qt: renewed, lost, rotated, restored."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from siks_offline.crypto import codes
from siks_offline.db import office_registry
from siks_offline.desa import arrivals, backup, handover, pairing, renewal, revision, trust, voice
from siks_offline.desa.gate import VillageGate
from siks_offline.dinsos import accounts as office_accounts
from siks_offline.dinsos import backup as office_backup
from siks_offline.dinsos import held, receipts, receive, report, rotation
from siks_offline.dinsos import office as offices
from siks_offline.dinsos import pairing as office_pairing
from siks_offline.dinsos import voice as office_voice
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import keyset
from siks_offline.instrument import checks
from siks_offline.instrument.engine import FormState
from siks_offline.latihan import people, world
from tests.scenarios.scenario import PASSPHRASE, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.dinsos.office import Office

KODE = "3509122003"
BPS = world.practice_bps(KODE)
FAMILIES = [people.household(index, 7, KODE, world.TODAY, BPS) for index in range(6)]


class Road(Scenario):
    """A scenario that can be gone on with in a copy, and whose clock can be set forward."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kode_desa = KODE
        self.url = None
        self.stick = folder / "usb"
        self._now = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)

    @contextmanager
    def office(self) -> Iterator[Office]:
        folder = self.folder / "dinsos"
        with offices.open_office(folder, PASSPHRASE, account="dinsos") as office:
            yield office

    def wait(self, **amount: float) -> None:
        self._now += timedelta(**amount)

    def complete(self, number: int) -> str:
        """Complete a household of the prelist without typing; return its id."""
        with self.village() as village:
            return completed(village, number, self.now)

    def sent(self) -> Path:
        (path,) = self.pack()
        return path

    def answered(self) -> None:
        """Take to the village whatever the office has for it now."""
        target = self.stick / f"balasan-{self.now.timestamp():.0f}.siksbalas"
        with self.office() as office:
            receipts.return_file(office, target, self.now)
        self.accept(target)

    def invite(self, folder: str = "desa") -> tuple[Path, str, pairing.Paired]:
        """A new letter and file, and the enrolment that answers them."""
        undangan = self.stick / f"undangan-{self.now.timestamp():.0f}.siksundang"
        with self.office() as office:
            invited = office_pairing.invite(office, KODE, undangan, self.now)
        paired = pairing.pair(
            self.folder / folder,
            undangan,
            letter_code=invited.code,
            account="operator",
            passphrase=PASSPHRASE,
            target=self.stick / f"pendaftaran-{self.now.timestamp():.0f}.siks",
            now=self.now,
        )
        return undangan, invited.code, paired

    def approve(self, enrolment: Path, by: str = "dinsos") -> Path | None:
        with self.office() as office:
            receive.accept(office, enrolment, self.now)
            return office_pairing.approve(office, KODE, by, self.now)

    def states(self) -> set[str]:
        return {line.kirim for line in self.lines().values()}


def completed(village: Village, number: int, now: datetime) -> str:
    from siks_offline.export import identity

    family = FAMILIES[number]
    household_id = identity.household_id(KODE, family.idbdt)
    state = FormState(village.instrument, family.answers, now=now)
    for issue in checks.issues(state):
        if issue.level == "konfirmasi":
            state.confirm(issue.path, issue.rule, "sudah diperiksa di lapangan")
    with village.store.write() as session:
        revision.store(session, village, household_id, state, now, visit_id=identity.uuid7(now))
    return household_id


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("upacara") / "dunia"
    scenario = Scenario(folder, KODE)
    scenario.pair()
    people.write_prelist(folder / "prelist.xlsx", FAMILIES)
    scenario.load(folder / "prelist.xlsx", bind=True)
    return folder


@pytest.fixture
def road(template: Path, tmp_path: Path) -> Road:
    return Road(shutil.copytree(template, tmp_path / "dunia"))


def refused(code: str) -> pytest.RaisesExc[SiksError]:
    return pytest.raises(SiksError, check=lambda fault: fault.code == code)


# --- approval by two, accounts -------------------------------------------------------------------


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


# --- renewal -------------------------------------------------------------------------------------


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


# --- lost laptop, re-pairing ---------------------------------------------------------------------


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


# --- rotation ------------------------------------------------------------------------------------


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


# --- receipts by voice ---------------------------------------------------------------------------


def test_receipt_by_voice(road: Road) -> None:
    """Ten digits set *diterima (lisan)*; still exported, and replaced by the signed receipt."""
    household = road.complete(0)
    file = road.sent()
    seq = int(file.name.split("-")[2])
    with road.office() as office:
        with refused("E_VOICE_UNKNOWN"):
            office_voice.code(office, KODE, seq, road.now)
        receive.accept(office, file, road.now)
        [spoken] = office_voice.code(office, KODE, seq, road.now)
    assert (len(spoken.code), spoken.visits) == (10, 1)
    with road.village() as village:
        heard = voice.confirm(village, f"{spoken.code[:5]} {spoken.code[5:]}", road.now)
        assert (heard.seq, heard.visits) == (seq, 1)
    assert road.lines()[household].kirim == "diterima_lisan"
    again = road.sent()
    assert road.lines()[household].kirim == "diterima_lisan", "shown apart, and sent once more"
    _, receipt = road.receive(again)
    road.accept(receipt)
    assert road.lines()[household].kirim == "diterima"


def test_five_wrong_codes_wait_for_a_file(road: Road) -> None:
    """Guessing ends after five; the right code is refused then too, until a receipt came as file."""
    household = road.complete(0)
    file = road.sent()
    arrival, receipt = road.receive(file)
    with road.office() as office:
        [spoken] = office_voice.code(office, KODE, arrival.seq, road.now)
    wrong = f"{(int(spoken.code) + 1) % 10**10:010}"
    with road.village() as village:
        with refused("E_VOICE_FORMAT"):
            voice.confirm(village, "12345", road.now)
        for left in (4, 3, 2, 1):
            with refused("E_VOICE_WRONG"):
                voice.confirm(village, wrong, road.now)
            assert voice.tries_left(village) == left
        for typed in (wrong, spoken.code):
            with refused("E_VOICE_LOCKED"):
                voice.confirm(village, typed, road.now)
    assert road.lines()[household].kirim == "dikirim"
    road.accept(receipt)
    assert road.lines()[household].kirim == "diterima"
    with road.village() as village:
        assert voice.tries_left(village) == 5
        with refused("E_VOICE_NOTHING"):
            voice.confirm(village, spoken.code, road.now)


# --- copies at either end ------------------------------------------------------------------------


def test_a_restored_village_needs_no_approval(road: Road) -> None:
    """The same key in a new stream is taken at once and shown as *cadangan dipulihkan*."""
    road.complete(0)
    copy = road.stick / "desa.siksbak"
    with road.village() as village:
        backup.write(village, copy, road.now)
    lost = road.sent()
    road.receive(lost)
    shutil.rmtree(road.folder / "desa")
    backup.restore(copy, road.folder / "desa", "operator", PASSPHRASE, road.now)
    road.complete(1)
    arrival, receipt = road.receive(road.sent())
    assert (arrival.hasil, arrival.accepted, arrival.seq) == ("diterima", 2, 1)
    assert "W_RESTORED" in arrival.warnings
    with road.office() as office:
        assert report.villages(office)[0]["peringatan"] == ["W_RESTORED"]
        report.write(office, road.stick / "laporan.html", road.now)
    assert "Cadangan dipulihkan" in (road.stick / "laporan.html").read_text("utf-8")
    road.accept(receipt)
    assert {line.kirim for line in road.lines().values() if line.kerja == "selesai"} == {"diterima"}


def test_an_older_copy_put_in_place_begins_a_new_stream(road: Road) -> None:
    """Numbers used once are never used again, though the old folder does not know of them."""
    desa = road.folder / "desa"
    road.complete(0)
    first = road.sent()
    kept = shutil.copytree(desa, road.folder / "lama")
    road.complete(1)
    second = road.sent()
    shutil.rmtree(desa)
    kept.rename(desa)
    road.complete(2)
    third = road.sent()
    with road.office() as office:
        found = [receive.accept(office, path, road.now) for path in (first, second, third)]
        [village] = report.villages(office)
    assert [one.hasil for one in found] == ["diterima"] * 3
    assert found[2].seq == 1
    assert "W_FORK" not in village["peringatan"]
    assert "W_RESTORED" in village["peringatan"]
    assert village["rumah_tangga"] == 3


def test_a_restored_office_asks_for_what_it_lost(road: Road) -> None:
    """Registry and keys are in the copy; a village with nothing to send is asked, and heals it."""
    road.complete(0)
    _, receipt = road.receive(road.sent())
    road.accept(receipt)
    copy = road.stick / "dinsos.siksbak"
    with road.office() as office:
        made = office_backup.write(office, copy, road.now)
        rotation_before = office.keyset.version
    assert (made.devices, made.originals, made.left_out) == (1, 2, 0)
    household = road.complete(1)
    _, receipt = road.receive(road.sent())
    road.accept(receipt)
    assert road.lines()[household].kirim == "diterima"
    shutil.rmtree(road.folder / "dinsos")
    done = office_backup.restore(copy, road.folder / "dinsos", PASSPHRASE, road.now)
    assert (done.devices, done.originals, done.left_out) == (1, 2, 0)
    with road.office() as office:
        assert office.keyset.version == rotation_before
        assert len(report.households(office)) == 1
    assert road.pack() == [], "nothing is due until the office is heard again"
    road.answered()
    (asked,) = road.pack()  # the inventory alone
    arrival, receipt = road.receive(asked)
    assert arrival.hasil == "diterima"
    road.accept(receipt)
    assert road.lines()[household].kirim == "belum"
    _, receipt = road.receive(road.sent())
    road.accept(receipt)
    assert road.lines()[household].kirim == "diterima"
    with road.office() as office:
        assert len(report.households(office)) == 2
    assert road.pack() == []


def test_a_copy_of_the_office_that_is_damaged_makes_nothing(road: Road, tmp_path: Path) -> None:
    """Half a copy, or another file, is refused and leaves no folder."""
    copy = road.stick / "dinsos.siksbak"
    with road.office() as office:
        assert office_backup.write(office, copy, road.now, archive=False).left_out == 1
    whole = copy.read_bytes()
    copy.write_bytes(whole[: len(whole) // 2])
    for source in (copy, road.folder / "prelist.xlsx"):
        with refused("E_BACKUP_DAMAGED"):
            office_backup.restore(source, tmp_path / "baru", PASSPHRASE, road.now)
        assert not (tmp_path / "baru").exists()


def test_what_a_killed_program_left_is_swept(road: Road) -> None:
    """Half-written exports go at the next start and the next export; nothing else does."""
    outbox = road.folder / "desa" / "ekspor"
    outbox.mkdir(exist_ok=True)
    mine = [
        outbox / f"siks-{KODE}-000009-00000000.siks.part",
        road.stick / f"siks-{KODE}-000009-00000000.siks.part",
    ]
    others = [road.stick / "siks-3509122004-000001-00000000.siks.part", road.stick / "x.part"]
    for path in (*mine, *others):
        path.write_bytes(b"half")
    with road.village():
        assert not mine[0].exists()
    road.complete(0)
    road.pack()
    assert [path.exists() for path in (*mine, *others)] == [False, False, True, True]


def test_an_outdated_prelist_does_not_keep_receipts_away(road: Road) -> None:
    """Of a return file the receipt is taken though the prelist beside it is past its time."""
    from siks_offline.dinsos import prelist as lists

    with road.office() as office:
        found = lists.read(road.folder / "prelist.xlsx", KODE, bind=True)
        made = lists.make(office, KODE, found.households, road.stick / "p.siks", road.now)
        assert made.version == 1
        target = road.stick / "semua.siksbalas"
        receipts.return_file(office, target, road.now)
    road.wait(days=200)
    with refused("E_PRELIST_EXPIRED"), road.village() as village:
        arrivals.accept(village, road.stick / "p.siks", road.now)
    assert sorted(road.accept(target).kinds) == ["prelist_lama", "receipt"]
    with road.office() as office:
        again = lists.make(office, KODE, found.households, road.stick / "q.siks", road.now)
    assert again.version == 2, "the same households, but their time had run out"
    with road.village() as village:
        arrivals.accept(village, road.stick / "q.siks", road.now)
        with refused("E_PRELIST_OLD"):
            arrivals.load_prelist(village, made.path, road.now - timedelta(days=199), keep=True)


def test_a_prelist_never_touches_what_was_begun(road: Road) -> None:
    """A draft, a half-typed answer and a completed visit outlive a newer prelist, which adds."""
    from siks_offline.desa import visit
    from siks_offline.dinsos import prelist as lists

    done = road.complete(0)
    other = next(id_ for id_, line in road.lines().items() if line.kerja == "belum")
    with road.village() as village:
        opened = visit.open_visit(village, other, road.now)
        opened.state.set("nama_krt", "NAMA YANG DIKETIK")
        visit.save_draft(village, other, opened.snapshot(), ("catatan", "separuh ka"), road.now)
    extra = people.household(40, 7, KODE, world.TODAY, BPS)
    people.write_prelist(road.folder / "baru.xlsx", [*FAMILIES, extra])
    with road.office() as office:
        found = lists.read(road.folder / "baru.xlsx", KODE, bind=True)
        homes = [
            type(one)(
                one.household_id,
                one.idbdt,
                {**one.answers, "nama_krt": "DARI PRELIST"},
                one.persons,
            )
            for one in found.households
        ]
        made = lists.make(office, KODE, homes, road.stick / "p.siks", road.now, bps=found.bps)
    before = road.lines()
    with road.village() as village:
        revision_before = visit.open_visit(village, done, road.now).state.answers()
        arrivals.accept(village, made.path, road.now)
        again = visit.open_visit(village, other, road.now)
        assert again.state.value("nama_krt") == "NAMA YANG DIKETIK"
        assert again.typing == ("catatan", "separuh ka")
        assert visit.open_visit(village, done, road.now).state.answers() == revision_before
    after = road.lines()
    assert len(after) == len(before) + 1
    assert (after[done].kerja, after[done].revisi) == ("selesai", 1)
    assert after[other].kerja == "draf"


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
