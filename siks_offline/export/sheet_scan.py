"""What is looked at in a workbook file before anything parses it.

Every check reads at most a few hundred kilobytes at a time, so a hostile file costs neither time
nor memory here (RELIABILITY.md A4). What is not found here is met by the limits of the process
that parses (sheet_child).
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, BinaryIO, NoReturn

from siks_offline.errors import WorkbookError

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_FILE = 32 * 2**20
MAX_ENTRIES = 200
MAX_UNPACKED = 192 * 2**20
MAX_RATIO = 100
MAX_ROWS = 99_999
MAX_COLUMNS = 300  # column KN

_BLOCK = 1 << 18
_SMALL = 1 << 20  # an entry below it may be packed as tightly as it likes
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XML = (".xml", ".rels")
# An attribute r of a row or cell that is not written r="..." with row 1 to 99999 and column A to
# KN. One pattern for what is wrong, so that a good sheet is passed over at the speed of a search.
_FAR = re.compile(rb"[\s\"']r(?=\s|=(?!\"(?:[A-Z]|[A-J][A-Z]|K[A-N])?[1-9][0-9]{0,4}\"))")
_TYPE_DEFINITION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
_OVERLAP = 4096
_AHEAD = 16  # bytes after an attribute's name that decide
_MAX_DOUBTS = 10_000


def check(file: BinaryIO, name: str) -> None:
    """Refuse a file that is no workbook, or none that may be parsed; leave it rewound.

    Raises WorkbookError: E_XLSX_BESAR, E_XLSX_LAMA, E_XLSX_BUKAN, E_XLSX_MAKRO, E_XLSX_RUSAK,
    E_XLSX_SANDI, E_XLSX_JAUH.
    """
    file.seek(0, 2)
    size = file.tell()
    if size > MAX_FILE:
        raise WorkbookError("E_XLSX_BESAR", berkas=name, batas=MAX_FILE // 2**20)
    file.seek(0)
    magic = file.read(8)
    file.seek(0)
    if magic == _OLD_OFFICE:
        raise WorkbookError("E_XLSX_LAMA", berkas=name)
    if not magic.startswith(b"PK\x03\x04"):
        raise WorkbookError("E_XLSX_BUKAN", berkas=name)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_directory(archive.infolist(), size, name)
            for entry in archive.infolist():
                if entry.filename.lower().endswith(_XML):
                    with archive.open(entry) as part:
                        _check_part(part, entry, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError):
        raise WorkbookError("E_XLSX_RUSAK", berkas=name) from None
    file.seek(0)


def _check_directory(entries: Iterable[zipfile.ZipInfo], size: int, name: str) -> None:
    entries = list(entries)
    names = [entry.filename.lower() for entry in entries]
    if len(names) > MAX_ENTRIES:
        raise WorkbookError("E_XLSX_BESAR", berkas=name, batas=MAX_FILE // 2**20)
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise WorkbookError("E_XLSX_SANDI", berkas=name)
    if len(set(names)) != len(names) or any(map(_is_odd, names)):
        raise WorkbookError("E_XLSX_RUSAK", berkas=name)
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise WorkbookError("E_XLSX_BUKAN", berkas=name)
    if any(one.endswith("vbaproject.bin") or one.startswith("xl/macrosheets/") for one in names):
        raise WorkbookError("E_XLSX_MAKRO", berkas=name)
    unpacked = 0
    for entry in entries:
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise WorkbookError("E_XLSX_RUSAK", berkas=name)
        unpacked += entry.file_size
        bomb = entry.file_size > _SMALL and entry.file_size > MAX_RATIO * entry.compress_size
        if bomb or unpacked > MAX_UNPACKED:
            raise WorkbookError("E_XLSX_BESAR", berkas=name, batas=MAX_FILE // 2**20)
    # Entries that share bytes unpack to more than their sizes say.
    if sum(entry.compress_size for entry in entries) > size:
        raise WorkbookError("E_XLSX_RUSAK", berkas=name)


def _is_odd(name: str) -> bool:
    return "\\" in name or "\0" in name or name.startswith("/") or ".." in name.split("/")


def _check_part(part: IO[bytes], entry: zipfile.ZipInfo, name: str) -> None:
    """Read one XML part to its end (which also verifies its checksum) and look for what kills."""
    sheet = entry.filename.lower().startswith("xl/worksheets/")
    before = b""
    doubts = 0
    while True:
        block = part.read(_BLOCK)
        window = before + block
        if not before and window.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise WorkbookError("E_XLSX_RUSAK", berkas=name)  # UTF-16 would hide from a byte scan
        if b"<!" in window and _TYPE_DEFINITION.search(window):
            raise WorkbookError("E_XLSX_RUSAK", berkas=name)
        if sheet:
            # The last bytes are looked at again at the head of the next window.
            end = len(window) - _AHEAD if block else len(window)
            for match in _FAR.finditer(window, max(0, len(before) - _AHEAD - 2)):
                if match.end() > end:
                    break
                doubts += 1
                if doubts > _MAX_DOUBTS or _in_tag(window, match.start()):
                    _refuse_far(name)
        if not block:
            return
        before = window[-_OVERLAP:]


def _in_tag(window: bytes, position: int) -> bool:
    """Whether a position lies inside a tag rather than in the text of a cell."""
    opened = window.rfind(b"<", max(0, position - _OVERLAP + _AHEAD), position + 1)
    return opened >= 0 and b">" not in _QUOTED.sub(b"", window[opened : position + 1])


def _refuse_far(name: str) -> NoReturn:
    raise WorkbookError("E_XLSX_JAUH", berkas=name, baris=MAX_ROWS, kolom=MAX_COLUMNS)
