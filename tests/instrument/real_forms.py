"""Try the loader on workbooks this project did not write: the fixtures of pyxform.

    python -m tests.instrument.real_forms [FOLDER]

The last source distribution that carries its fixtures is pyxform 1.2.0; it is fetched with pip
into a temporary folder unless FOLDER holds it unpacked. Every workbook in it, and every form
written as a table in its tests, is converted by the pyxform that is installed and read by our
loader. What both take is compared rule by rule. Prints the table of docs/instrumen.md.
"""

from __future__ import annotations

import ast
import collections
import contextlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from openpyxl import Workbook

from siks_offline.errors import SiksError
from siks_offline.instrument import load
from siks_offline.instrument.schema import Group, Question, Repeat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siks_offline.instrument.schema import Element, Instrument

VERSION = "1.2.0"
XF = "{http://www.w3.org/2002/xforms}"
JR = "{http://openrosa.org/javarosa}"
Sheets = dict[str, list[list[Any]]]


def fetch(folder: Path) -> Path:
    """Download the source distribution and unpack it."""
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-binary", ":all:", "--no-deps",
         f"pyxform=={VERSION}", "--dest", str(folder)],
        check=True,
    )  # fmt: skip
    with tarfile.open(next(folder.glob("pyxform-*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / f"pyxform-{VERSION}"


def workbooks(root: Path) -> Iterator[tuple[str, Sheets]]:
    """Yield every fixture workbook as rows by sheet; an old .xls is read with xlrd."""
    for path in sorted(root.rglob("*.xls*")):
        if path.suffix not in (".xls", ".xlsx", ".xlsm"):
            continue
        with contextlib.suppress(Exception):
            yield f"{path.parent.name}/{path.name}", _of_file(path)


def _of_file(path: Path) -> Sheets:
    if path.suffix == ".xls":
        import xlrd

        book = xlrd.open_workbook(path)
        return {s.name: [s.row_values(n) for n in range(s.nrows)] for s in book.sheets()}
    from openpyxl import load_workbook

    book = load_workbook(path, data_only=True)
    return {s.title: [list(r) for r in s.iter_rows(values_only=True)] for s in book.worksheets}


def tables(root: Path) -> Iterator[tuple[str, Sheets]]:
    """Yield every form that the tests write as a table between bars."""
    for path in sorted(root.rglob("test*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and re.search(r"^\s*\|\s*survey", text, re.MULTILINE):
                yield f"{path.name}:{node.lineno}", _of_table(text)


def _of_table(text: str) -> Sheets:
    sheets: Sheets = {}
    rows: list[list[Any]] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not any(cells):
            continue
        if cells[0]:
            rows = sheets.setdefault(cells[0], [])
        if len(cells) > 1 and any(cells[1:]):
            rows.append(cells[1:])
    return sheets


def completed(sheets: Sheets) -> tuple[Sheets, bool]:
    """Give a fragment the form_id and version that ours wants and pyxform makes up."""
    found = dict(sheets)
    name = next((n for n in found if n.strip().lower() == "settings"), "settings")
    rows = [list(row) for row in found.get(name, [])] or [[], []]
    if len(rows) == 1:
        rows.append([])
    heads = [str(h or "").strip().lower().replace(" ", "_") for h in rows[0]]
    added = False
    for names, value in ((("form_id", "id_string", "set_form_id"), "uji"), (("version",), "1")):
        place = next((i for i, head in enumerate(heads) if head in names), None)
        if place is None:
            rows[0].append(names[0])
            rows[1] += [""] * (len(rows[0]) - 1 - len(rows[1])) + [value]
            heads.append(names[0])
            added = True
        elif place >= len(rows[1]) or rows[1][place] in ("", None):
            rows[1] += [""] * (place + 1 - len(rows[1]))
            rows[1][place] = value
            added = True
    found[name] = rows
    return found, added


def write(sheets: Sheets, path: Path) -> None:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", title)[:31] or "x")
        for row in rows:
            sheet.append(["" if cell is None else cell for cell in row])
    book.save(path)


def binds_of_pyxform(path: Path) -> dict[str, dict[str, str]]:
    """Return the rules that pyxform writes, by the last word of the nodeset."""
    from pyxform.xls2xform import convert

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        tree = ET.fromstring(convert(str(path), validate=False).xform)
    found: dict[str, dict[str, str]] = {}
    for bind in tree.iter(f"{XF}bind"):
        path_ = bind.get("nodeset", "")
        name = path_.rpartition("/")[2]
        if "/meta/" not in path_:
            kept = {k.removeprefix(JR): _plain(v) for k, v in bind.attrib.items() if k in _RULES}
            found[name] = kept | {"/": str(path_.count("/") - 1)}
    for repeat in tree.iter(f"{XF}repeat"):
        name = repeat.get("nodeset", "").rpartition("/")[2]
        if not name:  # an element of the answers that is called so
            continue
        found.setdefault(name, {})["count"] = _plain(repeat.get(f"{JR}count") or "")
    return found


_RULES = ("relevant", "constraint", "required", "readonly", "calculate", "type")


def _plain(rule: str) -> str:
    """Return a rule with every path cut down to its last name, and no blanks."""
    rule = re.sub(r"\$\{\s*([\w.-]+)\s*\}", r"\1", rule)
    rule = re.sub(r"(?:current\(\)/)?(?:\.\./)+|(?<![\w)\]])/(?:[\w.-]+/)+", "", rule)
    rule = re.sub(r"(?:[\w.-]+/)+(?=[\w.-])", "", rule)
    return re.sub(r"\s+", "", rule)


_XFORM_TYPES = {
    "text": "string", "integer": "int", "decimal": "decimal", "date": "date", "note": "string",
    "select_one": "string", "select_multiple": "string", "calculate": "string",
    "image": "binary", "file": "binary", "geopoint": "geopoint",
}  # fmt: skip


def binds_of_ours(instrument: Instrument) -> dict[str, dict[str, str]]:
    """Return our rules in the same shape."""
    found: dict[str, dict[str, str]] = {}

    def walk(children: tuple[Element, ...], depth: int) -> None:
        for element in children:
            rules: dict[str, str] = {"/": str(depth)}
            if element.relevant:
                rules["relevant"] = _plain(element.relevant)
            if isinstance(element, Question):
                for ours, theirs in (("constraint", "constraint"), ("required", "required"),
                                     ("read_only", "readonly"), ("calculation", "calculate")):  # fmt: skip
                    rule = getattr(element, ours)
                    if rule:
                        rules[theirs] = "true()" if rule == "yes" else _plain(rule)
                if element.type == "note":
                    rules["readonly"] = "true()"
                rules["type"] = _XFORM_TYPES[element.type]
            if isinstance(element, Repeat) and element.count:
                rules["count"] = _plain(element.count)
            found[element.name] = rules
            if isinstance(element, Group | Repeat):
                walk(element.children, depth + 1)

    walk(instrument.children, 1)
    return found


_MADE = ("generated_table_list_label", "reserved_name_for_field_list_labels")
"""Rows that pyxform adds for the look of a table; nobody answers them."""


def differences(ours: dict[str, dict[str, str]], theirs: dict[str, dict[str, str]]) -> list[str]:
    """Say which rules are not the same."""
    found = []
    for name in sorted({*ours, *theirs}):
        mine, other = dict(ours.get(name, {})), dict(theirs.get(name, {}))
        if name in ours and name not in theirs:
            if set(mine) - {"/"}:
                found.append(f"{name}: only ours")
            continue
        if name not in ours:
            helper = name.endswith("_count") and name[:-6] in ours
            if not helper and not name.startswith(_MADE):
                found.append(f"{name}: only pyxform's")
            continue
        for rule in ("type", "/"):  # a repeat has no bind, so pyxform says neither of it
            if rule not in other:
                mine.pop(rule, None)
        if mine.get("count") and other.get("count") == f"{name}_count":
            other["count"] = _plain(theirs.get(f"{name}_count", {}).get("calculate", ""))
        for rule in sorted({*mine, *other}):
            one, two = mine.get(rule, ""), other.get(rule, "")
            if rule in ("required", "readonly") and two == "false()":
                two = ""
            if one != two:
                found.append(f"{name}.{rule}: {one!r}, pyxform {two!r}")
    return found


def tried(sheets: Sheets, folder: Path) -> tuple[str, list[str], bool]:
    """Return what came of one form: loaded, refused or wrong; with codes or differences."""
    path = folder / "uji.xlsx"
    sheets, added = completed(sheets)
    write(sheets, path)
    try:
        theirs: dict[str, dict[str, str]] | None = binds_of_pyxform(path)
    except Exception:  # noqa: BLE001 - whatever pyxform raises, it refuses the form
        theirs = None
    try:
        instrument = load.load(path)
    except load.InstrumentRefused as refused:
        why = sorted({f"{i.code} {i.sheet}!{i.column}{i.row}" for i in refused.issues})
        return ("both" if theirs is None else "refused"), why, added
    except SiksError as refused:
        return ("both" if theirs is None else "refused"), [refused.code], added
    if theirs is None:
        return "loose", [], added
    found = differences(binds_of_ours(instrument), theirs)
    return ("wrong" if found else "loaded"), found, added


def main() -> None:
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        root = Path(sys.argv[1]) if len(sys.argv) > 1 else fetch(folder)
        outcomes: dict[str, collections.Counter[str]] = {}
        codes: collections.Counter[str] = collections.Counter()
        kinds = (("workbooks", workbooks(root)), ("tables in tests", tables(root)))
        for kind, forms in kinds:
            count = outcomes.setdefault(kind, collections.Counter())
            for name, sheets in forms:
                outcome, why, added = tried(sheets, folder)
                count["all"] += 1
                count[outcome] += 1
                count["completed"] += added
                if outcome in ("refused", "both"):
                    codes.update({one.partition(" ")[0] for one in why})
                if outcome in ("wrong", "loose"):
                    print(f"{outcome}: {name}: {'; '.join(why)}", file=sys.stderr)
                elif "-v" in sys.argv:
                    print(f"{outcome}: {name}: {' '.join(why)}", file=sys.stderr)
    print("| Fixtures | Forms | Load | Refused | Refused, by pyxform too | Other rules | Loose |")
    print("|---|---|---|---|---|---|---|")
    for kind, count in outcomes.items():
        cells = (count[k] for k in ("all", "loaded", "refused", "both", "wrong", "loose"))
        print(f"| {kind} |", " | ".join(map(str, cells)), "|")
    print("\n| Forms refused | Reason |\n|---|---|")
    for code, number in codes.most_common():
        print(f"| {number} | {code} |")


if __name__ == "__main__":
    main()
