"""Hostile workbooks, and the process of its own that each is tried in (issue 3).

`tests/instrument/test_hostile_workbooks.py` holds them to their refusal in little memory,
`tests/bench/bench_buku_kerja.py` measures how soon it comes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

from siks_offline import paths
from tests.instrument.forms import row, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MEGABYTES = 150
"""What the process may hold in memory."""
SHIPPED = paths.resources() / "instrumen" / "dtks-2020.xlsx"
CHILD = """
import json, resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[2]) << 20,) * 2)
from siks_offline.errors import SiksError
from siks_offline.instrument import load
try:
    report = load.check(Path(sys.argv[1]))
    said = [f"{i.code} {i.sheet}!{i.column}{i.row} {i.message}" for i in report.issues]
except SiksError as error:
    said = [f"{error.code} {error.message}"]
peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
print(json.dumps([said, time.process_time(), int(peak) / 1024]))
"""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def tried(path: Path) -> tuple[list[str], float, float]:
    """Return what a fresh process says of a workbook, its processor seconds and its megabytes.

    The system gives it no more memory than MEGABYTES: with more it would end in MemoryError.
    """
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), str(MEGABYTES)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    said, seconds, megabytes = json.loads(done.stdout)
    return said, seconds, megabytes


def _parts(path: Path, **parts: bytes) -> Path:
    """Copy the shipped workbook with other parts: name of the file, its dot an underscore."""
    wanted = {name.replace("_", "."): content for name, content in parts.items()}
    with zipfile.ZipFile(SHIPPED) as good, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bad:
        for member in good.infolist():
            last = member.filename.rpartition("/")[2]
            bad.writestr(member.filename, wanted.pop(last, b"") or good.read(member))
        for name, content in wanted.items():
            bad.writestr(f"xl/{name}", content)
    return path


def _sheet(rows: list[str], head: str = "") -> bytes:
    body = "".join(rows)
    return f'<?xml version="1.0"?>{head}<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'.encode()


def _cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def _row(number: int, *texts: str) -> str:
    cells = "".join(_cell(f"{chr(65 + i)}{number}", text) for i, text in enumerate(texts) if text)
    return f'<row r="{number}">{cells}</row>'


def bomb(path: Path) -> Path:
    return _parts(path, sheet1_xml=b"x" * 300_000_000)


def quiet_bomb(path: Path) -> Path:
    """The zip directory says that the part is small; it is not."""
    _parts(path, sheet1_xml=b"x" * 60_000_000)
    raw = bytearray(path.read_bytes())
    at = raw.find(b"PK\x01\x02")
    while at >= 0:
        if int.from_bytes(raw[at + 24 : at + 28], "little") == 60_000_000:
            raw[at + 24 : at + 28] = (1000).to_bytes(4, "little")
        at = raw.find(b"PK\x01\x02", at + 4)
    path.write_bytes(raw)
    return path


def entities(path: Path) -> Path:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE x [<!ENTITY e0 "ha">{levels}]>'
    return _parts(path, sheet1_xml=_sheet([_row(1, "&e9;")], head))


def far_cell(path: Path) -> Path:
    return _parts(path, sheet1_xml=_sheet([f'<row r="1048576">{_cell("XFD1048576", "x")}</row>']))


def sixteen_million(path: Path) -> Path:
    cells = "".join(_cell(f"ZZZZ{n}", "x") for n in range(1, 50))
    return _parts(path, sheet1_xml=_sheet([f'<row r="1">{cells}</row>']))


def nameless_cells(path: Path) -> Path:
    """Cells without a reference, so that none lies far out: a million in one row."""
    return _parts(
        path, sheet1_xml=_sheet(['<row r="1">' + "<c><v>1</v></c>" * 1_000_000 + "</row>"])
    )


def many_rows(path: Path) -> Path:
    rows = [_row(1, "type", "name", "label")]
    rows += [_row(n, "text", f"a{n}", "x") for n in range(2, 100_002)]
    return _parts(path, sheet1_xml=_sheet(rows))


def many_rows_unnumbered(path: Path) -> Path:
    rows = ["<row><c t='inlineStr'><is><t>text</t></is></c></row>"] * 100_000
    return _parts(path, sheet1_xml=_sheet(rows))


def full_sheet(path: Path) -> Path:
    """As many cells as are let through, each a row of its own kind."""
    rows = [_row(1, "type", "name", "label", "hint", "relevant")]
    rows += [_row(n, "text", f"a{n}", "x", "y", f"${{a{n - 1}}} = 1") for n in range(2, 10_001)]
    return _parts(path, sheet1_xml=_sheet(rows))


def shared_texts(path: Path) -> Path:
    texts = "".join(f"<si><t>t{n}</t></si>" for n in range(700_000))
    return _parts(path, sharedStrings_xml=f'<sst xmlns="{_MAIN}">{texts}</sst>'.encode())


def many_styles(path: Path) -> Path:
    return _parts(
        path, styles_xml=b"<styleSheet>" + b'<xf numFmtId="0"/>' * 1_000_000 + b"</styleSheet>"
    )


def long_expression(path: Path) -> Path:
    rows = [
        _row(1, "type", "name", "label", "relevant"),
        _row(2, "text", "a", "x", "1 + " * 262_144 + "1"),
    ]
    return _parts(path, sheet1_xml=_sheet(rows))


def longest_expressions(path: Path) -> Path:
    """None of them is too long, each is another; together they are."""
    rules = [f"{n}" + " | a" * 1990 for n in range(80)]
    return write(path, [row("text", f"a{n}", relevant=rule) for n, rule in enumerate(rules)])


def dense_expressions(path: Path) -> Path:
    """As many as are read, of the costliest kind; only the last names what is not there."""
    rules = [f"{n}" + " + a" * 1980 for n in range(12)] + ["${lain} = 1"]
    return write(path, [row("text", f"a{n}", relevant=rule) for n, rule in enumerate(rules)])


def deep_expression(path: Path) -> Path:
    return write(path, [row("text", "a", relevant="(" * 3900 + "1" + ")" * 3900)])


def ring(path: Path) -> Path:
    """As long a ring as so many questions can form."""
    rules = [f"${{a{n + 1}}} = 1" for n in range(3999)] + ["${a0} = 1"]
    rows = [_row(1, "type", "name", "label", "relevant")]
    rows += [_row(n, "text", f"a{n - 2}", "x", rule) for n, rule in enumerate(rules, 2)]
    return _parts(path, sheet1_xml=_sheet(rows))


def catastrophic(pattern: str) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        return write(path, [row("text", "a", constraint=f"regex(., '{pattern}')")])

    make.__name__ = "catastrophic"
    return make


def begins(path: Path) -> Path:
    rows = [_row(1, "type", "name", "label")]
    rows += [_row(n, "begin group", f"g{n}", "x") for n in range(2, 10_001)]
    return _parts(path, sheet1_xml=_sheet(rows))


def long_codes(path: Path) -> Path:
    rows = [_row(1, "list_name", "name", "label")]
    rows += [_row(n, "l", "1", "x" * 200) for n in range(2, 10_001)]
    return _parts(path, sheet2_xml=_sheet(rows))


HOSTILE: list[tuple[Callable[[Path], Path], str, str]] = [
    (bomb, "E_FORM_SIZE", ""),
    (quiet_bomb, "E_FORM_", ""),
    (entities, "E_FORM_DTD", ""),
    (far_cell, "E_FORM_EXTENT", "XFD1048576"),
    (sixteen_million, "E_FORM_EXTENT", "ZZZZ1"),
    (nameless_cells, "E_FORM_EXTENT", "sel"),
    (many_rows, "E_FORM_EXTENT", "A10001"),
    (many_rows_unnumbered, "E_FORM_EXTENT", "A10001"),
    (full_sheet, "E_FORM_MANY", "survey!B4002"),
    (shared_texts, "E_FORM_SIZE", ""),
    (many_styles, "E_FORM_SIZE", ""),
    (long_expression, "E_FORM_TEXT", "D2"),
    (longest_expressions, "E_FORM_LONG_ALL", "survey!D14"),
    (dense_expressions, "E_FORM_REFERENCE", "survey!D14"),
    (deep_expression, "E_FORM_EXPRESSION", "survey!D2"),
    (ring, "E_FORM_CYCLE", "survey!D2"),
    (catastrophic("(a+)+b"), "E_FORM_PATTERN", "survey!D2"),
    (catastrophic("(a|aa)+b"), "E_FORM_PATTERN", "survey!D2"),
    (catastrophic(".*.*.*.*.*x"), "E_FORM_PATTERN", "survey!D2"),
    (catastrophic("(" * 500 + "a" + ")" * 500), "E_FORM_PATTERN", "survey!D2"),
    (catastrophic("((a{1,1000}){1,1000}){1,1000}"), "E_FORM_PATTERN", "survey!D2"),
    (begins, "E_FORM_DEPTH", "survey!A"),
    (long_codes, "E_FORM_CODE_TWICE", "choices!B3"),
]
"""Maker, the code it is refused by, and what names the place."""
