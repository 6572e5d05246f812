"""Photos and scans of a household: taken in, kept encrypted, shown again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from siks_offline.desa.rights import action
from siks_offline.errors import AnswersError, FileError
from siks_offline.model import Attachment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village
    from siks_offline.instrument.schema import Instrument

LARGEST: Final = 32 << 20
"""Bytes of one photo or scan (BUNDLE.md 1.3)."""
EXTENSIONS: Final = ("jpg", "jpeg", "png")
_NAME = re.compile(r"([0-9a-f]{64})\.(jpg|png|webp|pdf)")


@action
def attach(
    village: Village,
    household_id: str,
    question: str,
    photo: Path | bytes,
    now: datetime,
    *,
    instrument: Instrument | None = None,
    name: str = "",
) -> str:
    """Keep a photo, a file or its bytes, and return the answer that names it: ``<sha256>.jpg``.

    What a camera writes beside the picture (place, time, device) is left out; `picture.place` tells
    the place before. `name` is what bytes are called in words. Raises FileError, E_PHOTO_KIND for
    what is no JPEG or PNG, E_PHOTO_LARGE; AnswersError E_QUESTION_UNKNOWN.
    """
    from siks_offline.db import attachments, audit
    from siks_offline.export import picture
    from siks_offline.export.canonical import stamp

    asked = (instrument or village.instrument).questions.get(question)
    if asked is None or asked.type != "image":
        raise AnswersError("E_QUESTION_UNKNOWN", nama=question)
    if isinstance(photo, bytes):
        name, content = name or question, photo
    else:
        name, content = photo.name, read(photo)
    if len(content) > LARGEST:
        raise FileError("E_PHOTO_LARGE", nama=name, mb=LARGEST >> 20)
    extension, content = picture.kind(content), picture.bare(content)
    if not extension or not content:
        raise FileError("E_PHOTO_KIND", nama=name)
    with village.store.write() as session:
        sha256 = attachments.put(session, household_id, asked.kind, extension, content)
        audit.append(
            session,
            at=stamp(now),
            account=village.account,
            action="foto.lampirkan",
            subject=household_id,
            detail={"jenis": asked.kind, "sha256": sha256},
        )
    return f"{sha256}.{extension}"


def read(path: Path) -> bytes:
    """Return the bytes of a photo. Raises FileError E_PHOTO_LARGE, and those of any reading."""
    from siks_offline.export import files

    with files.errors(path, reading=True), path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise FileError("E_PHOTO_LARGE", nama=path.name, mb=LARGEST >> 20)
    return content


@action
def content(village: Village, name: str) -> bytes | None:
    """Return the bytes of a photo that an answer names, or None when it is not here."""
    from siks_offline.db import attachments

    named = _NAME.fullmatch(name)
    if named is None:
        return None
    with village.store.read() as session:
        return attachments.content(session, named[1])


def of_answers(
    session: Session, instrument: Instrument, answers: Mapping[str, Any]
) -> tuple[Attachment, ...]:
    """Return the attachments that a visit's answers name and this village holds, in form order."""
    from siks_offline.db import attachments

    found = []
    for question in instrument.questions_of():
        named = _NAME.fullmatch(answers.get(question.name, ""))
        if question.type == "image" and named and attachments.known(session, named[1]):
            found.append(Attachment(question.kind, "", named[1]))
    return tuple(found)
