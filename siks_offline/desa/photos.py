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
) -> str:
    """Keep a photo, a file or its bytes, and return the answer that names it: ``<sha256>.jpg``.

    What a camera writes beside the picture (place, time, device) is left out. Raises FileError,
    E_PHOTO_KIND for what is no JPEG or PNG, E_PHOTO_LARGE; AnswersError E_QUESTION_UNKNOWN.
    """
    from siks_offline.db import attachments, audit
    from siks_offline.export import files
    from siks_offline.export.canonical import stamp

    asked = (instrument or village.instrument).questions.get(question)
    if asked is None or asked.type != "image":
        raise AnswersError("E_QUESTION_UNKNOWN", nama=question)
    if isinstance(photo, bytes):
        name, content = question, photo
    else:
        name = photo.name
        with files.errors(photo, reading=True), photo.open("rb") as file:
            content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise FileError("E_PHOTO_LARGE", nama=name, mb=LARGEST >> 20)
    if content.startswith(b"\xff\xd8\xff"):
        extension, content = "jpg", _bare_jpeg(content)
    elif content.startswith(b"\x89PNG\r\n\x1a\n"):
        extension, content = "png", _bare_png(content)
    else:
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


def _bare_jpeg(data: bytes) -> bytes:
    """Drop comments and application segments but JFIF and colour (ISO/IEC 10918-1, annex B)."""
    kept = [data[:2]]
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xDA:  # the picture itself follows to the end
            return b"".join([*kept, data[at:]])
        size = 2 + int.from_bytes(data[at + 2 : at + 4])
        extra = (0xE1 <= marker <= 0xEF and marker not in {0xE2, 0xEE}) or marker == 0xFE
        if not extra:
            kept.append(data[at : at + size])
        at += size
    return data


_PNG_KEPT: Final = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP")


def _bare_png(data: bytes) -> bytes:
    """Drop texts, times and EXIF (PNG specification, section 11)."""
    kept = [data[:8]]
    at = 8
    while at + 12 <= len(data):
        size = 12 + int.from_bytes(data[at : at + 4])
        if data[at + 4 : at + 8] in _PNG_KEPT:
            kept.append(data[at : at + size])
        at += size
    return b"".join(kept)
