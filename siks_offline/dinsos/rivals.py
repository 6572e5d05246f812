"""Households of which several heads stand: told to their village, where a person merges them."""

from __future__ import annotations

import itertools
import json
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from siks_offline.db import office_visits
from siks_offline.export.receipt import LONGEST_COMMENT, Choice, Rival

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session


def choices(session: Session, kode_desa: str) -> tuple[Choice, ...]:
    """Return a line for each head of a village's households that have several in one period."""
    found: list[Choice] = []
    home = itemgetter("household_id", "period")
    for (household_id, period), group in itertools.groupby(
        office_visits.rivals(session, kode_desa), home
    ):
        heads = list(group)
        where = _within(differing([json.loads(head["body"])["answers"] for head in heads]))
        found += [
            Rival(
                household_id, period, head["visit_id"], head["revision"], head["sha256"], where
            ).choice()
            for head in heads
        ]  # fmt: skip
    return tuple(found)


def _within(paths: Sequence[str]) -> str:
    """As many paths as a comment holds, none cut in two."""
    text = " ".join(paths)
    return text if len(text) <= LONGEST_COMMENT else text[: LONGEST_COMMENT + 1].rpartition(" ")[0]


def differing(answers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the paths whose answers are not the same in all of these, in their order."""
    rows = [dict(_flat(one)) for one in answers]
    paths = dict.fromkeys(path for one in rows for path in one)
    return [path for path in paths if len({one.get(path) for one in rows}) > 1]


def _flat(answers: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    for name, value in answers.items():
        if isinstance(value, str):
            yield f"{place}{name}", value
        else:
            for number, one in enumerate(value, 1):
                yield from _flat(one, f"{place}{name}[{number}].")
