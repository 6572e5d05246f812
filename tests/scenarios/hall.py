"""A village hall without Qt: families register, the musyawarah decides, papers are signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siks_offline.desa import closing, final_list, meeting, proposals
from siks_offline.instrument import checks, promoted
from siks_offline.latihan import people, world
from siks_offline.meeting import Attendee, Sitting, Verdict

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.desa.village import Village

PDF = b"%PDF-1.4\n% berita acara bertanda tangan\n%%EOF\n"
FIRST_FAMILY = 50_000
"""Families from here on are in no practice prelist."""
_SHARED = ("nama", "nik", "jnskel", "tgllahir", "hubkel", "sta_kawin", "sta_hamil")


def family(number: int, kode_desa: str) -> dict[str, Any]:
    """Answers of a family that registers, from the made-up people of practice worlds."""
    home = people.household(FIRST_FAMILY + number, 7, kode_desa, world.TODAY).answers
    members = [
        {name: one[name] for name in _SHARED if name in one} | {"jenis_cacat": "0"}
        for one in promoted.members(home)
        if one.get("nuk", "1") == "1" and one.get("tgllahir")
    ]
    for one in members:
        one["pekerjaan"] = "5" if one["hubkel"] == "1" else "1"
    card = next(one["nokk"] for one in promoted.members(home) if one.get("nokk"))
    return {
        "no_kk": card,
        "nama_krt": next(one["nama"] for one in members if one["hubkel"] == "1"),
        "alamat": home["alamat"],
        "rt": "2",
        "rw": "1",
        "ktp_wilayah": "1",
        "pendaftar": "2",
        "nama_pendaftar": "Ketua RT Dua",
        "anggota": members,
        **{f"t{question:02}": "1" for question in range(1, 11)},
    }


def propose(village: Village, answers: dict[str, Any], now: datetime) -> proposals.Registered:
    """Register a family as a person at the counter would, its soft checks confirmed."""
    proposal_id, _ = proposals.begin(village, now)
    opened = proposals.open_proposal(village, proposal_id, now)
    kept = proposals.Kept(answers, ())
    proposals.keep(village, proposal_id, kept, ("alamat", "Jl. Me"), now)
    opened = proposals.open_proposal(village, proposal_id, now)
    for issue in checks.issues(opened.state):
        if issue.level == "konfirmasi":
            opened.state.confirm(issue.path, issue.rule, "sudah dicocokkan dengan KK")
    return proposals.register(village, proposal_id, opened.state, now)


def sit(village: Village, now: datetime, place: str = "Balai desa") -> Sitting:
    """Hold a sitting with a few people present."""
    there = (
        Attendee("Sutrisno", "L", "rt", "RT 1"),
        Attendee("Lestari", "P", "tokoh_masyarakat"),
        Attendee("Wahyudi", "L", "babinsa"),
    )
    one = Sitting(
        "", "", 0, place, "2026-11-20", "09.30", "Suparman", "Kepala desa",
        {"mk14": "1", "mk15": "1"}, there,
    )  # fmt: skip
    return meeting.put_sitting(village, one, now)


def say(village: Village, household_id: str, status: str, now: datetime, **more: str) -> None:
    """Say something of a household."""
    meeting.decide(village, household_id, Verdict("", "", status, **more), now)


def decide_all(village: Village, now: datetime) -> dict[str, str]:
    """Say something of everybody, every kind of verdict among it; return column by household."""
    prelist = final_list.ids(village, "awal")
    for number, id_ in enumerate(prelist):
        kind = number % 10
        if kind == 1:
            say(village, id_, "2", now, reason="1")
        elif kind == 2:
            say(village, id_, "2", now, reason="2")
        elif kind == 3:
            say(village, id_, "3", now, twin=prelist[number - 3])
        elif kind == 4:
            say(village, id_, "1", now, able="1", note="punya mobil")
    meeting.decide_rest(village, now)
    for number, id_ in enumerate(final_list.ids(village, "usulan")):
        if number % 8 == 5:
            say(village, id_, "4", now, able="1")
        elif number % 8 == 6:
            say(village, id_, "2", now, reason="4")
        else:
            say(village, id_, "4", now, able="2", working="1", standing="6", disabled="2")
    lines = meeting.lines(village, meeting.agenda(village))
    return {id_: line.column for id_, line in lines.items()}


def sign(village: Village, folder: Path, now: datetime) -> None:
    """Attach the signed Berita Acara."""
    scan = folder / "berita-acara.pdf"
    scan.write_bytes(PDF + now.isoformat().encode())
    closing.attach(village, scan, now)
