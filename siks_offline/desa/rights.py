"""Who may do what: one table of the village's actions, asked at every call.

An action is a public function of `desa/` that takes an open Village first; its name in the table is
``module.function``. One database key means that these rights are kept by the program, not by
cryptography (docs/threat-model.md).
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

from siks_offline.errors import SecretError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from siks_offline.desa.village import Village

P = ParamSpec("P")
R = TypeVar("R")

EVERYONE: Final = frozenset({"operator", "pemeriksa", "admin"})
ENTERING: Final = frozenset({"operator", "admin"})
CHECKING: Final = frozenset({"pemeriksa", "admin"})
RULING: Final = frozenset({"admin"})

RIGHTS: Final[Mapping[str, frozenset[str]]] = {
    "answers_book.load": ENTERING,
    "answers_book.write": ENTERING,
    "arrivals.accept": ENTERING,
    "arrivals.load_prelist": ENTERING,
    "arrivals.look": ENTERING,
    "backup.keep_at": EVERYONE,
    "backup.last": EVERYONE,
    "backup.write": EVERYONE,
    "checking.check_all": EVERYONE,
    "checkup.check": EVERYONE,
    "checkup.look": EVERYONE,
    "closing.attach": ENTERING,
    "closing.close": ENTERING,
    "closing.reopen": RULING,
    "closing.scan": EVERYONE,
    "copies.exported_since": EVERYONE,
    "copies.keep": EVERYONE,
    "copies.keep_quietly": EVERYONE,
    "copies.standing": EVERYONE,
    "differences.accept": ENTERING,
    "differences.leave": ENTERING,
    "differences.listed": EVERYONE,
    "differences.refuse": ENTERING,
    "differences.take_back": ENTERING,
    "documents.put_stationery": RULING,
    "documents.stationery": EVERYONE,
    "documents.write": EVERYONE,
    "entitlements.answer": EVERYONE,
    "entitlements.find": EVERYONE,
    "entitlements.forget": RULING,
    "entitlements.judge": ENTERING,
    "entitlements.lists": EVERYONE,
    "entitlements.load": ENTERING,
    "entitlements.places": EVERYONE,
    "entitlements.preview": ENTERING,
    "entitlements.reveal": CHECKING,
    "entitlements.slip": EVERYONE,
    "filling.fill": ENTERING,
    "final_list.assign": ENTERING,
    "final_list.find_barcode": EVERYONE,
    "final_list.ids": EVERYONE,
    "final_list.officers": EVERYONE,
    "final_list.rows": EVERYONE,
    "first_run.keep_left": EVERYONE,
    "handover.due": EVERYONE,
    "handover.export": ENTERING,
    "handover.exports": EVERYONE,
    "handover.inventory_due": EVERYONE,
    "handover.results_due": EVERYONE,
    "handover.waiting": EVERYONE,
    "history.accounts": EVERYONE,
    "history.of_account": EVERYONE,
    "history.of_household": EVERYONE,
    "households.counts": EVERYONE,
    "households.find": EVERYONE,
    "households.lines": EVERYONE,
    "households.next_open": EVERYONE,
    "idle_time.keep": RULING,
    "incoming.sort": ENTERING,
    "instruments.active": EVERYONE,
    "keyring.seal": EVERYONE,
    "keyring.settle": EVERYONE,
    "likeness.homes": EVERYONE,
    "likeness.next_homes": EVERYONE,
    "matching.judge": ENTERING,
    "matching.load": ENTERING,
    "matching.preview": ENTERING,
    "meeting.agenda": EVERYONE,
    "meeting.decide": ENTERING,
    "meeting.decide_rest": ENTERING,
    "meeting.drop_sitting": ENTERING,
    "meeting.lines": EVERYONE,
    "meeting.put_sitting": ENTERING,
    "meeting.read": EVERYONE,
    "meeting.take_back": ENTERING,
    "meeting.tally": EVERYONE,
    "moves.history": EVERYONE,
    "moves.mark_unfit": ENTERING,
    "moves.merge": ENTERING,
    "moves.move_members": ENTERING,
    "moves.preview": EVERYONE,
    "moves.read": EVERYONE,
    "moves.split": ENTERING,
    "nik_problems.found": EVERYONE,
    "notes.add": EVERYONE,
    "notes.member_removed": ENTERING,
    "notes.of_household": EVERYONE,
    "notes.settle": EVERYONE,
    "outside_bundle.judge": ENTERING,
    "outside_bundle.preview": ENTERING,
    "outside_bundle.take": ENTERING,
    "pace.by_account": CHECKING,
    "pace.record": EVERYONE,
    "pace.today": EVERYONE,
    "pairing.answer": RULING,
    "pairing.read": RULING,
    "people_lists.differing": EVERYONE,
    "people_lists.results": EVERYONE,
    "people_lists.troubled": EVERYONE,
    "periods.carry_over": ENTERING,
    "periods.last": EVERYONE,
    "periods.open_period": RULING,
    "periods.outlook": EVERYONE,
    "photos.attach": ENTERING,
    "photos.content": EVERYONE,
    "place.check": EVERYONE,
    "place.heads": EVERYONE,
    "place.remember": EVERYONE,
    "preferences.keep": EVERYONE,
    "prelist.load": ENTERING,
    "prelist.preview": ENTERING,
    "prelist_bundle.nothing_new": ENTERING,
    "prelist_bundle.preview": ENTERING,
    "privacy.incident": EVERYONE,
    "privacy.reveal": EVERYONE,
    "privacy.subject": CHECKING,
    "proposals.begin": ENTERING,
    "proposals.criteria_here": EVERYONE,
    "proposals.discard": ENTERING,
    "proposals.keep": ENTERING,
    "proposals.lines": EVERYONE,
    "proposals.of_household": EVERYONE,
    "proposals.open_proposal": EVERYONE,
    "proposals.read": EVERYONE,
    "proposals.register": ENTERING,
    "proposals.sent_back": EVERYONE,
    "proposals.use_criteria": RULING,
    "proposals_book.load": ENTERING,
    "proposals_book.preview": ENTERING,
    "renewal.renew": RULING,
    "renewal.standing": EVERYONE,
    "reports.book": EVERYONE,
    "reports.table": EVERYONE,
    "reports.write_csv": EVERYONE,
    "resume.keep": ENTERING,
    "resume.leave": EVERYONE,
    "resume.left_open": EVERYONE,
    "retention.keep_for": RULING,
    "retention.kept_days": EVERYONE,
    "retention.sweep": EVERYONE,
    "returns.send_back": CHECKING,
    "reviews.approve": CHECKING,
    "reviews.waiting": EVERYONE,
    "reviews.want": RULING,
    "reviews.wanted": EVERYONE,
    "salvaging.save": EVERYONE,
    "second_keying.choose_fields": RULING,
    "second_keying.compare": EVERYONE,
    "second_keying.due": EVERYONE,
    "second_keying.paper": EVERYONE,
    "second_keying.rate": CHECKING,
    "second_keying.settle": EVERYONE,
    "second_keying.waiting": EVERYONE,
    "staff.add": RULING,
    "staff.change_passphrase": EVERYONE,
    "staff.every": EVERYONE,
    "staff.remove": RULING,
    "staff.renew_recovery": RULING,
    "staff.replace_keys": RULING,
    "staff.replace_recovery": RULING,
    "staff.reset": RULING,
    "stick.look": EVERYONE,
    "stick.passports": ENTERING,
    "surroundings.look": EVERYONE,
    "trust.accept": RULING,
    "undo.revert": ENTERING,
    "undo.revisions": EVERYONE,
    "versions.before": EVERYONE,
    "versions.go_back": RULING,
    "versions.install": RULING,
    "versions.needing": EVERYONE,
    "versions.preview": RULING,
    "versions.renew": ENTERING,
    "visit.add_household": ENTERING,
    "visit.complete": ENTERING,
    "visit.drop_draft": ENTERING,
    "visit.new_state": ENTERING,
    "visit.open_visit": EVERYONE,
    "visit.save_draft": ENTERING,
    "visit.take_over": ENTERING,
    "voice.confirm": ENTERING,
    "voice.tries_left": EVERYONE,
    "wastebin.items": EVERYONE,
    "wastebin.newest_of": EVERYONE,
    "wastebin.restore": ENTERING,
    "wastebin.throw_household": ENTERING,
    "wastebin.tidy": EVERYONE,
}


def may(role: str, name: str) -> bool:
    """Whether a role may call the action ``module.function``; one that the table lacks: nobody."""
    return role in RIGHTS.get(name, frozenset())


def check_other_eyes(account: str, entered_by: str) -> None:
    """Let nobody check or send back what they completed themselves (RELIABILITY: four eyes).

    Raises SecretError E_FOUR_EYES.
    """
    if account == entered_by:
        raise SecretError("E_FOUR_EYES", akun=account)


def action(
    function: Callable[Concatenate[Village, P], R],
) -> Callable[Concatenate[Village, P], R]:
    """Let only the roles of the table call a service; one that the table lacks is nobody's.

    The wrapped service raises SecretError E_NOT_ALLOWED before it does anything.
    """
    name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"

    @wraps(function)
    def asked(village: Village, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if not may(village.role, name):
            raise SecretError("E_NOT_ALLOWED", akun=village.account, peran=village.role)
        return function(village, *args, **kwargs)

    return asked
