"""Every ceremony of the window walked through step by step, without a window."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from siks_offline.desa import accounts, arrivals, incoming, renewal
from siks_offline.desa import backup as village_backup
from siks_offline.desa.file_ceremonies import Export, LookAtStick, Taking, Voice
from siks_offline.desa.key_ceremonies import AnotherRoot, LostLaptop, PairingAgain, Renewal
from siks_offline.dinsos import pairing as office_pairing
from siks_offline.dinsos import prelist as lists
from siks_offline.dinsos import receipts, receive, rotation
from siks_offline.dinsos import voice as office_voice
from siks_offline.latihan import people, world
from siks_offline.model import Changes
from tests.ceremonies.road import BPS, FAMILIES, KODE, Road, completed, refused

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.ceremony import Ceremony


def walk(road: Road, ceremony: Ceremony, *answers: dict[str, str]) -> Ceremony:
    """Begin a ceremony and answer its steps to the end."""
    ceremony.begin(road.now)
    for number, typed in enumerate(answers, 1):
        assert ceremony.number == number
        ceremony.go_on(typed, road.now)
    assert ceremony.ended
    return ceremony


def tones(ceremony: Ceremony) -> list[str]:
    return [row.tone for row in ceremony.rows]


def invited(road: Road) -> tuple[Path, str]:
    file = road.stick / f"undangan-{road.now.timestamp():.0f}.siksundang"
    with road.office() as office:
        return file, office_pairing.invite(office, KODE, file, road.now).code


def test_a_step_without_its_answer_stays(road: Road) -> None:
    """Nothing is done while a field is empty, and nothing after the end; back leads one step."""
    with road.village() as village:
        again = PairingAgain(village)
        again.begin(road.now)
        again.go_on({}, road.now)
        assert (again.number, again.may_go_back) == (1, False)
        assert getattr(again.missing({"berkas": " "}), "name", "") == "berkas"
        file, _ = invited(road)
        again.go_on({"berkas": str(file)}, road.now)
        assert (again.number, again.may_go_back) == (2, True)
        again.go_back()
        assert again.number == 1


def test_export_then_a_look_at_the_stick(road: Road) -> None:
    """Choice of road, folder, files read back, passport beside them; put in again they are whole."""
    road.complete(0)
    with road.village() as village:
        done = walk(
            road,
            Export(village),
            {"ukuran": "surel", "paspor": "1", "semua": ""},
            {"folder": str(road.stick)},
        )
        assert tones(done) == ["done", "note"]
        assert done.changes.handover
        assert (done.facts["jumlah"], done.facts["berkas"]) == (1, 1)
        [file], [paper] = road.stick.glob("siks-*.siks"), road.stick.glob("*.paspor.pdf")
        assert paper.stem.startswith(file.stem)
        there = {"folder": str(road.stick)}
        assert tones(walk(road, LookAtStick(village), there)) == ["done"]
        file.write_bytes(file.read_bytes()[:-1] + b"\0")
        assert tones(walk(road, LookAtStick(village), there)) == ["fault"]
        file.unlink()
        looked = walk(road, LookAtStick(village), there)
        assert tones(looked) == ["confirm"]
        assert looked.facts == {"utuh": 0, "lain": 1}


def test_an_export_of_nothing_says_so(road: Road) -> None:
    """With nothing due the wizard stays where it stood and no file is written."""
    with road.village() as village:
        nothing = Export(village)
        nothing.begin(road.now)
        nothing.go_on({"ukuran": "usb", "paspor": "", "semua": ""}, road.now)
        with refused("E_NOTHING_DUE"):
            nothing.go_on({"folder": str(road.stick)}, road.now)
        assert nothing.number == 2
    assert not list(road.stick.glob("siks-*.siks"))


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "app.db").read_bytes()).hexdigest()


def test_taking_an_answer_shows_it_before_it_is_taken(road: Road) -> None:
    """The preview tells counts and news and changes nothing; the second step takes it in."""
    road.complete(0)
    sent = road.sent()
    balasan = road.stick / "balasan.siksbalas"
    with road.office() as office:
        receive.accept(office, sent, road.now)
        rotation.rotate(office, road.now)
        receipts.return_file(office, balasan, road.now)
    with road.village() as village:
        assert incoming.sort(village, balasan, road.now) == "jawaban"
        [seen] = arrivals.look(village, balasan, road.now)
        assert (seen.kind, dict(seen.counts)) == (
            "receipt",
            {"diterima": 1, "ditahan": 0, "ditolak": 0},
        )
        assert seen.news is not None
        assert (seen.news.version, seen.news.digits) == (2, "")
        taking = Taking(village, balasan)
        taking.begin(road.now)
        assert tones(taking) == ["note"]
        assert taking.changes == Changes()
    assert road.states() == {"dikirim", "belum"}
    with road.village() as village:
        taken = walk(road, Taking(village, balasan), {})
        assert tones(taken) == ["done", "confirm"], "accepted, and a newer key set"
        assert len(taken.changes.households) == 1
        [again] = arrivals.look(village, balasan, road.now)
        assert again.kind == "sudah"
    assert "diterima" in road.states()


def test_a_damaged_answer_never_opens_the_wizard(road: Road) -> None:
    """What is not whole is refused by name at the first step."""
    road.complete(0)
    sent = road.sent()
    with road.office() as office:
        arrival = receive.accept(office, sent, road.now)
        [answer] = receipts.deliver(office, [arrival], road.stick / "b", road.now).values()
    answer.write_bytes(answer.read_bytes()[:-5])
    with road.village() as village, refused("E_CORRUPT"):
        Taking(village, answer).begin(road.now)
    assert "diterima" not in road.states()


def test_a_changed_root_is_told_with_its_digits(road: Road) -> None:
    """A root that the old one vouched for is followed, and its thirty digits are shown."""
    balasan = road.stick / "balasan.siksbalas"
    with road.office() as office:
        rotation.change_root(office, road.now)
        receipts.return_file(office, balasan, road.now)
        digits = office.digits
    with road.village() as village:
        taken = walk(road, Taking(village, balasan), {})
    assert any(digits[:5] in row.words and digits[-5:] in row.words for row in taken.rows)


def test_each_sort_of_file_goes_to_its_own_preview(road: Road) -> None:
    """Told by content: a renamed prelist is a prelist, a workbook a workbook, noise is refused."""
    book = road.folder / "prelist.xlsx"
    file, _ = invited(road)
    prelist = road.stick / "DOC-2026.bin"
    more = people.household(40, 7, KODE, world.TODAY, BPS)
    people.write_prelist(road.folder / "baru.xlsx", [*FAMILIES, more])
    with road.office() as office:
        found = lists.read(road.folder / "baru.xlsx", KODE, bind=True)
        lists.make(office, KODE, found.households, prelist, road.now, bps=found.bps)
    noise = road.stick / "berkas.siks"
    noise.write_bytes(b"bukan bundel")
    with road.village() as village:
        assert incoming.sort(village, book, road.now) == "buku"
        assert incoming.sort(village, file, road.now) == "undangan"
        assert incoming.sort(village, prelist, road.now) == "prelist"
        with refused("E_NOT_BUNDLE"):
            incoming.sort(village, noise, road.now)
    assert incoming.is_invitation(file)
    assert not incoming.is_invitation(book)


def test_voice_step_by_step(road: Road) -> None:
    """The waiting files are listed, a wrong code costs a try, the right one sets the state."""
    road.complete(0)
    sent = road.sent()
    with road.office() as office:
        receive.accept(office, sent, road.now)
        [said] = office_voice.code(office, KODE, 2, road.now)
    with road.village() as village:
        voice = Voice(village)
        voice.begin(road.now)
        assert (voice.facts["sisa"], len(voice.rows)) == (5, 1)
        with refused("E_VOICE_WRONG"):
            voice.go_on({"kode": "0123456789"}, road.now)
        assert (voice.facts["sisa"], voice.number) == (4, 1)
        voice.go_on({"kode": said.code}, road.now)
        assert voice.ended
        assert (voice.facts["nomor"], voice.facts["jumlah"]) == (2, 1)
    assert "diterima_lisan" in road.states()


def test_renewal_step_by_step(road: Road) -> None:
    """Too early it says from when; in time it writes the request that the Dinsos approves."""
    with road.village() as village:
        early = Renewal(village)
        early.begin(road.now)
        with refused("E_RENEWAL_EARLY"):
            early.go_on({}, road.now)
    road.wait(days=650)
    target = road.stick / "perbarui.siks"
    with road.village() as village:
        walk(road, Renewal(village), {}, {"berkas": str(target)})
        assert renewal.standing(village, road.now).state == "diperbarui"
    road.approve(target)
    road.answered()
    with road.village() as village:
        assert renewal.standing(village, road.now).state == "aktif"


@pytest.mark.parametrize("lost", [False, True])
def test_pairing_again_in_an_open_village(road: Road, lost: bool) -> None:
    """New keys and a new stream under the same answers; the file goes out after approval."""
    file, code = invited(road)
    target = road.stick / "daftar-ulang.siks"
    steps = ({"berkas": str(file)}, {"kode": code}, {"berkas": str(target)})
    with road.village() as village:
        again: Ceremony = LostLaptop(village) if lost else PairingAgain(village, file)
        done = walk(road, again, *([{}] if lost else []), *steps)
        assert len(str(done.facts["angka"]).replace(" ", "").replace("-", "")) == 30
        assert renewal.standing(village, road.now).state == "menunggu"
        completed(village, 1, road.now)
        with refused("E_NOT_APPROVED"):
            walk(
                road,
                Export(village),
                {"ukuran": "usb", "paspor": "", "semua": ""},
                {"folder": str(road.stick)},
            )
        with refused("E_INVITE_USED"):
            PairingAgain(village).go_on({"berkas": str(file)}, road.now)
    receipt = road.approve(target)
    assert receipt is not None
    road.accept(receipt)
    assert road.sent().exists()


def test_a_wrong_letter_code_leaves_the_keys(road: Road) -> None:
    """Nothing is made before the last step; a wrong code stays at its step."""
    file, _ = invited(road)
    with road.village() as village:
        again = PairingAgain(village, file)
        again.go_on({"berkas": str(file)}, road.now)
        with refused("E_INVITE_CODE"):
            again.go_on({"kode": "0" * 16}, road.now)
        assert again.number == 2
        assert renewal.standing(village, road.now).state == "aktif"


def test_another_root_by_thirty_digits(road: Road) -> None:
    """Typed from the telephone; other digits change nothing."""
    with road.office() as office:
        rotation.change_root(office, road.now)
    file, _ = invited(road)
    with road.office() as office:
        digits = office.digits
    with road.village() as village:
        root = AnotherRoot(village)
        root.go_on({"berkas": str(file)}, road.now)
        with refused("E_INVITE_CODE"):
            root.go_on({"angka": "1" * 30}, road.now)
        root.go_on({"angka": digits}, road.now)
        assert root.ended
        assert str(root.facts["angka"]).replace(" ", "") == digits


def test_a_restored_village_goes_on_in_the_window(road: Road, tmp_path: Path) -> None:
    """After a restore the export wizard writes number 1 of a new stream without approval."""
    copy = tmp_path / "salinan.siksbak"
    with road.village() as village:
        village_backup.write(village, copy, road.now)
    road.complete(0)
    road.sent()
    restored = tmp_path / "desa-pulih"
    village_backup.restore(copy, restored, "operator", "latihan", road.now)
    with accounts.open_village(restored, "operator", "latihan") as village:
        completed(village, 2, road.now)
        walk(
            road,
            Export(village),
            {"ukuran": "usb", "paspor": "", "semua": ""},
            {"folder": str(tmp_path / "usb2")},
        )
    [file] = (tmp_path / "usb2").glob("siks-*.siks")
    assert "-000001-" in file.name
    with road.office() as office:
        assert receive.accept(office, file, road.now).hasil == "diterima"
