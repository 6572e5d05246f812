"""Rules about a household as a whole: programmes, housing, photos; see `rules.TABLE`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.instrument import promoted
from siks_offline.instrument.case import Hit
from siks_offline.instrument.schema import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siks_offline.instrument.case import Case

_GAS_3_KG, _NO_ELECTRICITY, _METERED, _NOT_BOUGHT, _RETAIL = "3", "3", "3", "3", "1"
_BOTTLED = ("1", "2")
_LEAST_FLOOR, _MOST_FLOOR, _MOST_ROOMS = 2, 100, 10
"""Square metres a person and bedrooms beyond which the answer is looked at again (CR24)."""
_NOT_FOUND = "2"


def programme(of_home: str, of_member: str) -> Callable[[Case], Iterator[Hit]]:
    """CR21: a household takes part in a programme when, and only when, one of its members does.

    Said once every member is asked.
    """

    def differs(case: Case) -> Iterator[Hit]:
        given = [one[of_member] for one in case.living]
        if not case[of_home] or not given or not all(given):
            return
        taking = sum(case.yes(of_member, code) for code in given)
        if bool(taking) != case.yes(of_home, case[of_home]):
            yield Hit("", {"tanya": case.label(of_home), "jumlah": taking})

    return differs


def two_kinds_of_gas(case: Case) -> Iterator[Hit]:
    """CR22: cooks with the subsidised bottle and owns a large one."""
    if case["bb_masak"] == _GAS_3_KG and case.yes("ada_tabung_gas", case["ada_tabung_gas"]):
        yield Hit()


def devices_without_power(case: Case) -> Iterator[Hit]:
    """CR22: no electricity, but devices that need it."""
    if case["sumber_penerangan"] == _NO_ELECTRICITY:
        owned = [
            name for name in ("ada_ac", "ada_lemari_es", "ada_tv") if case.yes(name, case[name])
        ]
        if owned:
            yield Hit("", {"daftar": ", ".join(case.label(name) for name in owned)})


def metered_water_for_nothing(case: Case) -> Iterator[Hit]:
    """CR22: metered water that nobody pays for."""
    if case["sumber_airminum"] == _METERED and case["cara_peroleh_airminum"] == _NOT_BOUGHT:
        yield Hit()


def bottled_water_not_bought(case: Case) -> Iterator[Hit]:
    """CR22: bottled or refilled water is normally bought by the bottle."""
    how = case["cara_peroleh_airminum"]
    if case["sumber_airminum"] in _BOTTLED and how and how != _RETAIL:
        yield Hit()


def trustee_without_name(case: Case) -> Iterator[Hit]:
    """CR23: a trustee has a name, after which the workbook asks for the mother's maiden name."""
    if case["nik_pengurus"] and not case["nama_pengurus"]:
        yield Hit()


def floor_out_of_reason(case: Case) -> Iterator[Hit]:
    """CR24: less than 2 or more than 100 square metres of floor a person."""
    area = case["luas_per_kapita"]
    if area and not _LEAST_FLOOR <= float(area) <= _MOST_FLOOR:
        yield Hit("", {"luas": area.replace(".", ",")})


def many_rooms(case: Case) -> Iterator[Hit]:
    """CR24: more than ten bedrooms."""
    rooms = case["jumlah_kamar"]
    if rooms.isdecimal() and int(rooms) > _MOST_ROOMS:
        yield Hit("", {"jumlah": rooms})


def found_after_all(case: Case) -> Iterator[Hit]:
    """A household that the meeting did not find was visited and answered.

    Soft: the meeting's status may be fixed already, and the visit is the better witness.
    """
    if case[promoted.STATUS] == _NOT_FOUND and case["hasil_verivali"] == "1":
        yield Hit()


def photos_missing(case: Case) -> Iterator[Hit]:
    """A set of photos that was begun holds the nine that the ministry's own program demands.

    A village that enters from paper and attaches none is not asked at every household.
    """
    if case["selesai"] != "1":
        return
    photos = [
        element
        for element in case.instrument.elements.values()
        if isinstance(element, Question) and element.kind
    ]
    missing = [photo.kind for photo in photos if not case[photo.name]]
    if 0 < len(missing) < len(photos):
        yield Hit("", {"jumlah": len(missing), "daftar": ", ".join(missing)})
