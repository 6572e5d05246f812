"""How fast the DTKS instrument loads and answers, with 20 members.

    python tests/bench/bench_instrumen.py [--rumah-tangga 10000]

Limits of the program, in processor time of this thread: loading at most 1.0 s cold and 50 ms from
the cache, one answer with all its effects at most 2 ms in the middle and 10 ms at worst, a full
evaluation at most 25 ms; `siks desa periksa` checks at least 200 households a second. One rule at
most 20 microseconds; the longest rule that is read, the slowest pattern that is let through and
paths that walk as far as they may, two seconds each. Beside
loading stands what openpyxl and json need for the same bytes; beside the worst answer, which turns
the whole household, a full evaluation of the same run.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import measure

if TYPE_CHECKING:
    from collections.abc import Callable

MEMBERS = 20
PERSON_FACTS = ("", "0", "1", "2", "3", "")
CHECKED = 400
"""Completed households of the village that is checked, unless told."""
RATE = 200
"""Households a second, at least."""
ROUNDS = 7


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that one call costs this thread."""
    begun = time.thread_time()
    work()
    return (time.thread_time() - begun) * 1000


def checking(households: int) -> tuple[float, float]:
    """Return the milliseconds that checking one household of a whole village costs.

    First all of them completed, then all of them taken up again as drafts.
    """
    from siks_offline.db import households as stored
    from siks_offline.desa import accounts, checking, visit
    from siks_offline.latihan import world

    now = datetime(2026, 11, 20, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "dunia"
        world.build(home, households=households, percent=100, now=now)
        with accounts.open_village(home / "desa", "", world.PASSPHRASE) as village:
            checking.check_all(village, now)
            whole = [timed(lambda: checking.check_all(village, now)) for _ in range(3)]
            with village.store.read() as session:
                ids = stored.find(session, order="seq")
            for household_id in ids:
                opened = visit.open_visit(village, household_id, now)
                opened.state.set("nama_responden", "SRI")
                visit.save_draft(village, household_id, opened.snapshot(), None, now)
            drafts = [timed(lambda: checking.check_all(village, now)) for _ in range(3)]
    return measure.median(whole) / households, measure.median(drafts) / households


FLAT = ("1 + 1", "1 = 1", "a or a", "a/a", "a|a", "a//a", "a + a", "a * -a")
"""How the longest expressions go on; each is filled up to the limit of their length."""
PATTERNS = (".*a.*b.*", r"\d+\d+\d+x", "(a{0,2}b){3}c*", "(-?a*)b{0,2}c", ".*a.*a.*a.*b")
FAR = "count(//*[count(//*[count(//*[count(//*) > 0]) > 0]) > 0]) > 0"


def expressions() -> tuple[float, float, float, float]:
    """Return the milliseconds of one plain rule, and of the longest, wildest, farthest ones."""
    from siks_offline.instrument.expr import Context, EvaluationError, parse
    from siks_offline.instrument.lexer import MAX_LENGTH
    from siks_offline.instrument.nodes import Node
    from siks_offline.instrument.patterns import checked

    root = Node("data")
    (a,) = answers = [root.append(Node("a", "1"))]
    for _ in range(2000):
        root.append(Node("b", "1"))
    where = Context(root, datetime(2026, 11, 20, tzinfo=UTC), lambda _name, _node: answers)

    def whole(source: str) -> None:
        try:
            parse.__wrapped__(source).evaluate(where)
        except EvaluationError:
            return

    def filled(unit: str) -> str:
        begun = unit.removesuffix("a").removesuffix("1")
        more = begun[1:] + begun[0]
        return begun[0] + more * ((MAX_LENGTH - 1) // len(more))

    def wild(pattern: str) -> float:
        rule, longest = parse(f"regex(${{a}}, '{pattern}')"), checked(pattern).longest
        costs = []
        for unit in ("a", "1", "ab", "a-"):
            a.text = (unit * longest)[: longest - 1] + "!"
            costs.append(timed(lambda: rule.boolean(where)))
        return max(costs)

    plain = parse("${a} = '1'")
    many = [timed(lambda: [plain.boolean(where) for _ in range(2000)]) / 2000 for _ in range(5)]
    flat = [[timed(partial(whole, filled(unit))) for _ in range(3)] for unit in FLAT]
    return (
        measure.median(many),
        max(measure.median(costs) for costs in flat),
        max(wild(pattern) for pattern in PATTERNS),
        timed(lambda: whole(FAR)),
    )


def main() -> int:
    """Load, answer, evaluate, check; print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rumah-tangga", metavar="N", type=int, default=CHECKED)
    households = parser.parse_args().rumah_tangga
    sys.path.insert(0, str(measure.HOME))
    import openpyxl

    from siks_offline import paths
    from siks_offline.instrument import load, schema
    from siks_offline.instrument.engine import FormState
    from siks_offline.latihan import people, world

    book = paths.resources() / "instrumen" / "dtks-2020.xlsx"
    content = book.read_bytes()

    def cells() -> None:
        for sheet in openpyxl.load_workbook(io.BytesIO(content), read_only=True):
            for row in sheet.iter_rows(values_only=True):
                assert row is not None

    cold = [timed(lambda: load.load(book)) for _ in range(5)]
    plain = [timed(cells) for _ in range(5)]
    with tempfile.TemporaryDirectory() as folder:
        shelf = Path(folder)
        instrument = load.load(book, cache=shelf)
        cached = [timed(lambda: load.load(book, cache=shelf)) for _ in range(9)]
        text = next(shelf.glob("*.json")).read_bytes().partition(b"\n")[2]
        parsed = [timed(lambda: json.loads(text)) for _ in range(9)]

    now = datetime(2026, 3, 2, 2, tzinfo=UTC)
    homes = [people.household(n, 1, world.KODE_DESA, now.date()) for n in range(12)]
    answers = dict(homes[0].answers)
    people_of = [one for home in homes for one in home.answers["anggota"]]
    answers["anggota"] = (people_of * MEMBERS)[:MEMBERS]
    whole = [timed(lambda: FormState(instrument, answers, now=now).issues()) for _ in range(15)]
    state = FormState(instrument, answers, now=now)
    known = [n for n, e in instrument.elements.items() if isinstance(e, schema.Question)]
    outside = [n for n in known if isinstance(answers.get(n), str)]
    places = [(n, answers[n]) for n in outside]
    for number in (1, MEMBERS // 2, MEMBERS):
        person = answers["anggota"][number - 1]
        places += [(f"anggota[{number}].{n}", value) for n, value in person.items()]
    tries: dict[tuple[str, str, str], list[float]] = {}
    for _ in range(ROUNDS):
        for path, value in places:
            for other in (*PERSON_FACTS, value):
                before = state.value(path)
                if other != before:  # what changes nothing costs nothing
                    cost = timed(lambda path=path, other=other: state.set(path, other))
                    tries.setdefault((path, before, other), []).append(cost)
    # The middle of each change's runs: one of them may meet the garbage collector.
    single = {change: measure.median(costs) for change, costs in tries.items()}
    slowest = max(single, key=lambda change: single[change])
    rule, longest, wild, far = expressions()
    completed, drafted = checking(households)
    return measure.report(
        [
            measure.Line("load, cold", measure.median(cold), 1000, "limit", 1, "ms"),
            measure.Line("load, cold", measure.median(cold), measure.median(plain), "openpyxl alone", unit="ms"),
            measure.Line("load, cached", measure.median(cached), 50, "limit", 1, "ms"),
            measure.Line("load, cached", measure.median(cached), measure.median(parsed), "json.loads alone", unit="ms"),
            measure.Line("one answer, median", measure.median(list(single.values())), 2, "limit", 1, "ms"),
            measure.Line("one answer, worst", single[slowest], 10, "limit", 1, "ms"),
            measure.Line("one answer, worst", single[slowest], measure.median(whole), "full evaluation", unit="ms"),
            measure.Line(f"full evaluation, {MEMBERS} members", measure.median(whole), 25, "limit", 1, "ms"),
            measure.Line("one plain rule", rule * 1000, 20, "limit", 1, "us"),
            measure.Line("the longest rule", longest, 2000, "limit", 1, "ms"),
            measure.Line("a pattern on the longest text", wild, 2000, "limit", 1, "ms"),
            measure.Line("paths in paths", far, 2000, "limit", 1, "ms"),
            measure.Line("periksa, a completed household", completed, 1000 / RATE, "limit", 1, "ms"),
            measure.Line("periksa, a draft", drafted, 1000 / RATE, "limit", 1, "ms"),
        ],
        jawaban=len(single),
        terlama=slowest,
        anggota=MEMBERS,
        diperiksa=households,
        pertanyaan=len(instrument.questions),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
