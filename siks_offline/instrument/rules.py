"""The rules that no workbook can say, in one table (INSTRUMENT.md section 6).

A rule is a pure function of a `Case`: the answers as they would be completed, and which NIKs other
households have. It applies to every instrument that has the questions it needs; a note of the same
name in a workbook takes its place, so nothing is ever said twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.instrument import promoted, rules_home, rules_people
from siks_offline.instrument.case import Case
from siks_offline.model import Issue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from siks_offline.instrument.case import Hit
    from siks_offline.instrument.schema import Instrument
    from siks_offline.model import Answers, Level


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `id` (e_ forbids completion, w_ may be confirmed), where it comes from, its words.

    `questions` are what it points to, the first first; `needs` what an instrument must have for the
    rule to apply, its questions unless said.
    """

    id: str
    source: str
    level: Level
    questions: tuple[str, ...]
    find: Callable[[Case], Iterable[Hit]]
    needs: tuple[str, ...] = ()
    words: str = ""

    @property
    def message(self) -> str:
        """Key of its sentence in texts.toml."""
        return f"aturan.{self.words or self.id}"

    def applies(self, instrument: Instrument) -> bool:
        """Whether an instrument asks what the rule judges and does not say it itself."""
        known = instrument.elements
        return self.id not in known and all(name in known for name in self.needs or self.questions)


_HARD: Level = "keras"
_SOFT: Level = "konfirmasi"
_PEOPLE, _HOME = rules_people, rules_home
_PHOTOS = tuple(
    f"foto_{what}"
    for what in ("rumah", "krt", "ktp", "kk", "lantai", "dinding", "atap", "dapur", "jamban")
)

_RULES = (
    Rule("e_kepala_nuk", "CR02", _HARD, ("hubkel", "nuk"), _PEOPLE.one_head_per_family),
    Rule("e_nuk_ganda", "CR04", _HARD, ("kk_nuk",), _PEOPLE.family_listed_twice),
    Rule("w_nokk_beda", "CR04", _SOFT, ("nokk", "nuk", "kk_nuk", "kk_nokk"), _PEOPLE.other_card),
    Rule("e_nik_ganda", "CR05", _HARD, ("nik",), _PEOPLE.nik_twice),
    Rule("w_nik_desa", "CR05", _SOFT, ("nik",), _PEOPLE.nik_elsewhere),
    Rule("w_nik_tgl", "CR05", _SOFT, ("nik", "tgllahir", "jnskel"), _PEOPLE.nik_says_otherwise),
    Rule("w_krt_pertama", "CR06", _SOFT, ("hub_krt", "hubkel"), _PEOPLE.head_is_not_first,
         needs=("hubkel",)),
    Rule("w_nama_krt", "CR06", _SOFT, ("nama_krt", "nama"), _PEOPLE.other_name_of_head),
    Rule("w_jk_krt", "CR06", _SOFT, ("jenis_kelamin_krt", "jnskel"), _PEOPLE.other_sex_of_head),
    Rule("w_beda_umur", "CR17", _SOFT, ("tgllahir", "hub_krt", "hubkel"), _PEOPLE.too_close_in_age,
         needs=("tgllahir", "umur", "hubkel")),
    Rule("e_usaha_pemilik", "CR20", _HARD, ("usaha_no_urut_art", "sta_bekerja"),
         _PEOPLE.owner_does_not_work),
    Rule("w_usaha_status", "CR20", _SOFT, ("usaha_no_urut_art", "status_pekerjaan"),
         _PEOPLE.owner_works_for_others),
    *(
        Rule(f"w_program_{name}", "CR21", _SOFT, (of_home, of_member),
             _HOME.programme(of_home, of_member), words="w_program")
        for name, of_home, of_member in (
            ("kks", "sta_kks", "ada_kks"),
            ("pbi", "sta_kis", "ada_pbi"),
            ("kip", "sta_kip", "ada_kip"),
            ("pkh", "sta_pkh", "ada_pkh"),
            ("rastra", "sta_rastra", "ada_rastra"),
        )
    ),
    Rule("w_gas", "CR22", _SOFT, ("bb_masak", "ada_tabung_gas"), _HOME.two_kinds_of_gas),
    Rule("w_listrik", "CR22", _SOFT, ("sumber_penerangan", "ada_ac", "ada_lemari_es", "ada_tv"),
         _HOME.devices_without_power),
    Rule("w_leding", "CR22", _SOFT, ("cara_peroleh_airminum", "sumber_airminum"),
         _HOME.metered_water_for_nothing),
    Rule("w_air_beli", "CR22", _SOFT, ("cara_peroleh_airminum", "sumber_airminum"),
         _HOME.bottled_water_not_bought),
    Rule("e_pengurus_nik", "CR23", _HARD, ("nik_pengurus", "nik"), _PEOPLE.trustee_lives_elsewhere),
    Rule("e_pengurus_ibu", "CR23", _HARD, ("nama_pengurus", "nik_pengurus"),
         _HOME.trustee_without_name),
    Rule("w_luas", "CR24", _SOFT, ("luas_lantai", "rg_luas_lantai"), _HOME.floor_out_of_reason,
         needs=("luas_per_kapita",)),
    Rule("w_kamar", "CR24", _SOFT, ("jumlah_kamar",), _HOME.many_rooms),
    Rule("w_musyawarah", "musyawarah", _SOFT, ("hasil_verivali", "status_rumahtangga"),
         _HOME.found_after_all),
    Rule("w_nik_usulan", "usulan baru", _SOFT, ("nik",), _PEOPLE.proposed_without_nik,
         needs=("nik", "status_rumahtangga")),
    Rule("w_foto", "foto", _SOFT, _PHOTOS, _HOME.photos_missing, needs=("selesai",)),
)  # fmt: skip

TABLE: Mapping[str, Rule] = {rule.id: rule for rule in _RULES}
"""Every rule by id, in the order of the form."""


@lru_cache(maxsize=8)
def applicable(instrument: Instrument) -> tuple[Rule, ...]:
    """Return the rules that an instrument is judged by."""
    return tuple(rule for rule in _RULES if rule.applies(instrument))


def soft(instrument: Instrument, rule_id: str) -> bool:
    """Whether a rule of the table may be confirmed for an instrument."""
    rule = TABLE.get(rule_id)
    return rule is not None and rule.level == _SOFT and rule.applies(instrument)


def pointed(instrument: Instrument, rule_id: str) -> tuple[str, ...]:
    """Return the questions of an instrument that a rule points to; none for an unknown rule."""
    rule = TABLE.get(rule_id)
    found = rule.questions if rule is not None else ()
    return tuple(name for name in found if name in instrument.elements)


def found(
    instrument: Instrument, answers: Answers, elsewhere: Mapping[str, str]
) -> Iterator[Issue]:
    """Yield what the rules find in completed answers, at most one issue a rule and member.

    `elsewhere` has the NIKs of these answers that other households of the village have, with words
    for that household. The path of an issue is the member it speaks of, "" for the household.
    """
    case = Case(instrument, answers, elsewhere)
    for rule in applicable(instrument):
        told: set[str] = set()
        for hit in rule.find(case):
            if hit.path not in told:
                told.add(hit.path)
                words = texts.text(rule.message, **hit.facts)
                yield Issue(hit.path, rule.id, rule.level, words)


def niks(answers: Answers) -> tuple[str, ...]:
    """Return the NIKs that a village-wide look-up is asked for."""
    return tuple({nik: None for one in promoted.members(answers) if (nik := one.get(promoted.NIK))})
