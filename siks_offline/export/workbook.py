"""Excel workbooks, read within bounds and written inert.

Reading looks at the file first (sheet_scan), then a confined process parses it (sheet_child) while
this one takes its rows as they come: a workbook never lies whole in the program's memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from siks_offline.errors import WorkbookError
from siks_offline.export import files, sheet_child, sheet_scan
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from siks_offline.progress import Progress

PATIENCE = 180
"""Seconds after which a reading process is ended, whatever it does."""

_PIPE_BLOCK = 1 << 16
_MARKS = frozenset(
    (
        sheet_child.NUMBER,
        sheet_child.DAY,
        sheet_child.TRUTH,
        sheet_child.CLEANED,
        sheet_child.CUT,
    )
)
_RISKY = ("=", "+", "-", "@", "\t", "\r")


class Row(NamedTuple):
    """One row of a sheet: its 1-based number and its cells from column A on, trailing ones cut.

    A cell is its text; what was no text carries one mark in front (`mark`, `plain`).
    """

    sheet: str
    number: int
    cells: list[str]


def mark(cell: str) -> str:
    """Return a cell's mark (sheet_child.NUMBER, DAY, TRUTH, CLEANED, CUT), empty for plain text."""
    return cell[0] if cell and cell[0] in _MARKS else ""


def plain(cell: str) -> str:
    """Return a cell's text without its mark."""
    return cell[1:] if cell and cell[0] in _MARKS else cell


def read(path: Path, progress: Progress = silent) -> Iterator[Row]:
    """Yield the rows of all worksheets, in order of the workbook.

    Raises FileError when the file cannot be read, WorkbookError when it is refused before parsing
    (sheet_scan.check) or while it: E_XLSX_RUSAK, or E_XLSX_BESAR when the parser ran into its
    limits. Leaving the iteration early ends the reading process.
    """
    with files.errors(path, reading=True):
        file = path.open("rb")
    with file:
        sheet_scan.check(file, path.name)
        with _child(file) as out:
            yield from _parse(out, path.name, progress)


def _command() -> tuple[list[str], dict[str, str]]:
    if getattr(sys, "frozen", False):
        return [sys.executable, sheet_child.HIDDEN_ARGUMENT], dict(os.environ)
    home = str(Path(__file__).resolve().parents[2])
    known = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([home, known]) if known else home
    command = [sys.executable, "-m", sheet_child.__name__]
    return command, {**os.environ, "PYTHONPATH": path}


@contextmanager
def _child(file: BinaryIO) -> Iterator[BinaryIO]:
    command, environment = _command()
    # A buffered file that is small stands at its end for everybody else, whatever `tell` says.
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    process = subprocess.Popen(
        command,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    watch = threading.Timer(PATIENCE, process.kill)
    watch.daemon = True
    watch.start()
    assert process.stdout is not None
    try:
        with process.stdout as out:
            yield out  # type: ignore[misc]  # IO[bytes] is what BinaryIO means
    finally:
        watch.cancel()
        process.kill()
        process.wait()


def _parse(out: BinaryIO, name: str, progress: Progress) -> Iterator[Row]:
    sheet, number, pad = "", 0, 0
    rest = b""
    done = 0
    while block := out.read(_PIPE_BLOCK):
        lines = (rest + block).split(b"\x1e")
        rest = lines.pop()
        for line in lines:
            cells = line.decode().split(sheet_child.CELL)
            if cells[0].startswith(sheet_child.SHEET):
                sheet, number, pad = cells[0][1:], 0, int(cells[1])
                continue
            number += 1
            if len(cells) > 1 or cells[0]:
                yield Row(sheet, number, [""] * pad + cells if pad else cells)
        done += len(lines)
        progress(done, 0)
    if rest == sheet_child.END.encode():
        return
    failed = rest.decode(errors="replace")
    if failed.startswith(sheet_child.FAILURE) and failed[1:] != "memori":
        raise WorkbookError("E_XLSX_RUSAK", berkas=name)
    # The process was ended by its limits, or aborted.
    raise WorkbookError("E_XLSX_BESAR", berkas=name, batas=sheet_scan.MAX_FILE // 2**20)


def write(
    path: Path,
    sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[str]]]],
) -> None:
    """Write sheets of (name, header, rows) of texts, whole or not at all.

    Every cell is text, so that Excel neither computes it nor shortens a long number; a text that
    looks like a formula is marked as quoted besides. Raises FileError.
    """
    import openpyxl.cell
    import openpyxl.styles

    excel: Any = openpyxl  # it has no types
    book = excel.Workbook(write_only=True)
    bold = excel.styles.Font(bold=True)
    for name, header, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        head = [excel.cell.WriteOnlyCell(sheet, text) for text in header]
        for cell in head:
            cell.font = bold
        sheet.append(head)

        def inert(text: str, sheet: Any = sheet) -> Any:
            if not text.startswith(_RISKY) and not text.startswith("#"):
                return text or None
            cell = excel.cell.WriteOnlyCell(sheet, text)
            cell.data_type = "s"
            cell.quotePrefix = True
            return cell

        for row in rows:
            sheet.append([inert(text) for text in row])

    def save(out: files.Hashing) -> None:
        from tempfile import SpooledTemporaryFile

        # openpyxl wants a seekable file to write its archive to.
        with SpooledTemporaryFile(max_size=1 << 24) as whole:
            book.save(whole)
            whole.seek(0)
            while block := whole.read(files.BLOCK):
                out.write(block)

    files.write_whole(path, save)
