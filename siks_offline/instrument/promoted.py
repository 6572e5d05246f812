"""The few question names that the program itself knows, in one place.

Everything else about a questionnaire is read from its workbook. A questionnaire that lacks one of
these simply leaves the promoted column empty.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from siks_offline import wilayah
from siks_offline.model import Person

MEMBERS = "anggota"
FAMILIES = "kk"
FAMILY_NO_KK = "kk_nokk"
FAMILY_NUMBER = "kk_nuk"

IDBDT = "idbdt"
NAMA_KRT = "nama_krt"
SEX_OF_HEAD = "jenis_kelamin_krt"
ALAMAT = "alamat"
DUSUN = "nama_sls"
RT = "rt"
RW = "rw"
NIK_PRELIST = "nomor_nik"
LATITUDE = "lat"
LONGITUDE = "long"
STATUS = "status_rumahtangga"
VILLAGE_CODE = "kode_wilayah_kemendagri"
BPS_PARTS = (("kdprop", 2), ("kdkab", 2), ("kdkec", 3), ("kddesa", 3))

PERSON_ID = "idartbdt"
NAMA = "nama"
NIK = "nik"
NO_KK = "nokk"
FAMILY_OF_MEMBER = "nuk"
AGE = "umur"
BIRTH_DATE = "tgllahir"
SEX = "jnskel"
RELATION = "hub_krt"
RELATION_IN_FAMILY = "hubkel"
HEAD = "1"
LIVES_HERE = "is_tinggal"
PRESENCE = "sta_keberadaan_art"
NEW_MEMBER = "4"

FOUND = "1"
NEW_PROPOSAL = "4"


def members(answers: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Members of a household in form order."""
    found = answers.get(MEMBERS) or ()
    return found if isinstance(found, Sequence) and not isinstance(found, str) else ()


def head(answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """The member who is head of the household, or of the family where that is what is visited.

    Empty when none says so.
    """
    people = members(answers)
    asked = RELATION if any(RELATION in one for one in people) else RELATION_IN_FAMILY
    return next((one for one in people if one.get(asked) == HEAD), {})


def columns(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the household's promoted columns, texts never None; ``anggota`` is a count."""
    krt = head(answers)
    families = answers.get(FAMILIES)
    listed = isinstance(families, Sequence) and not isinstance(families, str)
    family = families[0] if listed and families else {}
    return {
        "idbdt": said(answers, IDBDT),
        "no_kk": krt.get(NO_KK) or family.get(FAMILY_NO_KK, ""),
        "nik_krt": krt.get(NIK) or said(answers, NIK_PRELIST),
        "nama_krt": said(answers, NAMA_KRT) or krt.get(NAMA, ""),
        "alamat": said(answers, ALAMAT),
        "dusun": said(answers, DUSUN),
        "rt": said(answers, RT),
        "rw": said(answers, RW),
        "anggota": len(members(answers)),
    }


def said(answers: Mapping[str, Any], name: str) -> str:
    """The answer to a question; empty where a record of another hand has a repeat of that name."""
    found = answers.get(name, "")
    return found if isinstance(found, str) else ""


def persons(answers: Mapping[str, Any], ids: Sequence[str]) -> tuple[Person, ...]:
    """Return the members as the index of persons keeps them; `ids` are theirs, in form order."""
    return tuple(
        Person(
            id=id_,
            nik=one.get(NIK, ""),
            no_kk=one.get(NO_KK, ""),
            nama=one.get(NAMA, ""),
            tanggal_lahir=one.get(BIRTH_DATE, ""),
            jenis_kelamin=one.get(SEX, ""),
        )
        for id_, one in zip(ids, members(answers), strict=True)
    )


def of_village(questions: Container[str], kode_desa: str, bps: str) -> dict[str, str]:
    """Return the answers that are the same for every household of a village.

    `kode_desa` is ten Kemendagri digits; `bps` ten BPS digits, or empty where none is bound.
    """
    answers = {}
    if VILLAGE_CODE in questions:
        answers[VILLAGE_CODE] = wilayah.dotted(kode_desa)
    rest = bps
    for name, width in BPS_PARTS if rest else ():
        if name in questions:
            answers[name] = rest[:width]
        rest = rest[width:]
    return answers
