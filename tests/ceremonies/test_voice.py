"""Ten digits by telephone stand for a receipt until one comes."""

from __future__ import annotations

from siks_offline.desa import voice
from siks_offline.dinsos import receive
from siks_offline.dinsos import voice as office_voice
from tests.ceremonies.road import KODE, Road, refused


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
