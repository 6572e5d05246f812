"""The house rules that no linter keeps: sizes, words, codes, and what must never appear."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.errors import SiksError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "siks_offline"
MODULES = sorted(SOURCE.rglob("*.py"))
CODE = re.compile(r"[EHSIW]_[A-Z][A-Z0-9_]*")
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)+")
LONGEST = 600
MOST_WORDS = 20

AWAITED = {
    "W_ATTACHMENT_PENDING": "named by docs/spec/siks-bundle.md; no village takes photos yet",
}
"""Error texts that nothing raises, each with its reason."""


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def docstrings(path: Path) -> frozenset[int]:
    """Identities of the nodes that are statements of a lone string: docstrings, of attributes too."""
    return frozenset(
        id(node.value)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """String constants that are no docstrings, with their lines; parts of f-strings too."""
    for node in ast.walk(tree(path)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings(path)
        ):
            yield node.lineno, node.value


def patterns(path: Path) -> Iterator[tuple[int, str]]:
    """f-strings as regular expressions, with `.+` for what is filled in."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(
                    re.escape(part.value) if isinstance(part, ast.Constant) else ".+"
                    for part in node.values
                ),
            )


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last name of what is called."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            name = node.func
            yield (
                name.attr
                if isinstance(name, ast.Attribute)
                else (name.id if isinstance(name, ast.Name) else ""),
                node,
            )


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence of texts.toml under its dotted key."""

    def walk(node: Any, key: str) -> Iterator[tuple[str, str]]:
        if isinstance(node, dict):
            for name, inner in node.items():
                yield from walk(inner, f"{key}.{name}" if key else name)
        else:
            yield key, node

    table = tomllib.loads((ROOT / "resources" / "texts.toml").read_text(encoding="utf-8"))
    yield from walk(table, "")


def test_modules_can_be_read_in_one_sitting() -> None:
    """No module has more than 600 lines."""
    long = {
        relative(path): lines
        for path in MODULES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_first_line_of_a_docstring_is_one_sentence() -> None:
    """A module says what it is in one line that ends with a period, and so does all that speaks."""
    found = []
    for path in MODULES:
        if path.name == "__init__.py" and not path.read_text(encoding="utf-8").strip():
            continue
        migration = "versions" in path.parts
        for node in ast.walk(tree(path)):
            if not isinstance(
                node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            ):
                continue
            said = ast.get_docstring(node)
            if said is None:
                if isinstance(node, ast.Module) and not migration:
                    found.append(f"{relative(path)}: nothing said")
                continue
            first, _, rest = said.partition("\n")
            if not first.endswith(".") or (rest and not rest.startswith("\n")):
                found.append(f"{relative(path)}:{getattr(node, 'lineno', 1)}: {first}")
    assert found == []


def codes_in_source() -> tuple[dict[str, str], list[str]]:
    """Codes written out, with a place of each; and f-strings that put codes together."""
    written: dict[str, str] = {}
    for path in MODULES:
        for line, value in strings(path):
            for code in CODE.findall(value) if CODE.match(value) or "galat." in value else ():
                written.setdefault(code, f"{relative(path)}:{line}")
    made = [
        pattern
        for path in MODULES
        for _, pattern in patterns(path)
        if re.match(r"(galat\\\.)?[EHSIW]_", pattern)
    ]
    return written, made


def test_every_code_says_what_is_wrong_and_what_to_do() -> None:
    """Whatever code the source names has both sentences, for a person meets it some day."""
    written, _ = codes_in_source()
    silent = {
        code: place
        for code, place in written.items()
        if not code.endswith("_")
        and not (texts.has(f"galat.{code}.pesan") and texts.has(f"galat.{code}.tindakan"))
    }
    assert silent == {}


def test_errors_are_raised_with_a_code_that_is_written_out() -> None:
    """A code put together at run time would escape the test above."""
    found = []
    for path in MODULES:
        for name, call in calls(path):
            if (
                re.fullmatch(r"(Siks|Bundle|Secret|Store|File|Workbook|Answers|Usage)Error", name)
                and call.args
                and isinstance(call.args[0], ast.JoinedStr)
            ):
                found.append(f"{relative(path)}:{call.lineno}")
    assert found == []


def test_no_error_text_is_left_over() -> None:
    """A text that nothing refers to is dead, or its check was lost."""
    written, made = codes_in_source()
    left = [
        code
        for code in tomllib.loads((ROOT / "resources/texts.toml").read_text("utf-8"))["galat"]
        if code not in {**written, **AWAITED}
        and not any(re.fullmatch(pattern, code) for pattern in made)
    ]
    assert left == []


def test_sentences_are_short_and_calm() -> None:
    """At most 20 words a sentence, and none of the words that blame or grovel."""
    found = []
    for key, value in sentences():
        if re.search(r"\b(maaf|harap|error)\b|tidak valid", value, re.IGNORECASE):
            found.append((key, value))
        for sentence in re.split(r"[.!?](?:\s|$)|[;:|\n]\s*", value):
            words = [word for word in sentence.split() if re.search(r"\w", word)]
            if len(words) > MOST_WORDS:
                found.append((key, sentence))
    assert found == []


def test_an_error_gives_the_facts_its_words_ask_for() -> None:
    """Whoever raises an error fills its placeholders; a person never reads `{nama}`."""
    wanted: dict[str, set[str]] = {}
    for key, value in sentences():
        if key.startswith("galat."):
            facts = re.findall(r"{(\w+)}", value.replace("{{", "").replace("}}", ""))
            wanted.setdefault(key.split(".")[1], set()).update(facts)
    found = []
    for path in MODULES:
        for name, call in calls(path):
            code = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else 0
            if not name.endswith("Error") or code not in wanted:
                continue
            given = {keyword.arg for keyword in call.keywords}
            if None not in given and (lacking := wanted[str(code)] - given):
                found.append(f"{relative(path)}:{call.lineno}: {code} {sorted(lacking)}")
    assert found == []


def test_every_sentence_asked_for_exists() -> None:
    """`text("...")` with a key that is not there would be a bug on somebody's screen."""
    missing = []
    for path in MODULES:
        for name, call in calls(path):
            if name not in {"text", "has"} or not call.args:
                continue
            first = call.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                key = first.value
                if KEY.fullmatch(key) and not texts.has(key):
                    missing.append(f"{relative(path)}:{call.lineno}: {key}")
    assert missing == []


def test_every_sentence_is_used() -> None:
    """A sentence that nothing shows is dead weight for whoever translates or corrects them."""
    written = {value for path in MODULES for _, value in strings(path)}
    made = {
        pattern
        for path in MODULES
        for _, pattern in patterns(path)
        if "\\." in pattern and not pattern.startswith(".+")
    }
    # "ui.serah" + "." + name: a table named as a whole gives all that is in it.
    whole = tuple(
        value if value.endswith(".") else f"{value}."
        for value in written
        if texts.has(value.rstrip(".")) and KEY.fullmatch(f"{value.rstrip('.')}.x")
    )
    unused = [
        key
        for key, _ in sentences()
        if not key.startswith("galat.")
        and key not in written
        and not key.startswith(whole)
        and not any(re.fullmatch(pattern, key) for pattern in made)
    ]
    assert unused == []


def test_nothing_evaluates_or_unpacks_strangers_objects() -> None:
    """No eval, exec, pickle, shelve, marshal, yaml.load or bare XML parser (RELIABILITY.md S11)."""
    found = []
    for path in MODULES:
        for node in ast.walk(tree(path)):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(f"{node.module}.{one.name}" for one in node.names)]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                names = [node.func.id] if node.func.id in {"eval", "exec", "compile"} else []
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in {
                "yaml.load", "os.system", "os.startfile", "os.popen",
            }:  # fmt: skip
                names = [ast.unparse(node.func)]
            found += [
                f"{relative(path)}:{node.lineno}: {name}"
                for name in names
                if re.match(
                    r"(eval|exec|compile|pickle|cPickle|shelve|marshal|dill|xml\.(etree|dom|sax)"
                    r"|yaml\.load|os\.(system|startfile|popen)|tarfile)\b",
                    name,
                )
            ]
    assert found == []


def test_sql_is_never_put_together_from_text() -> None:
    """Values travel as parameters: no f-string, `%` or `.format` becomes a statement.

    SQLite takes no parameters in a PRAGMA, so those are left to reading.
    """
    found = []
    for path in [*(SOURCE / "db").rglob("*.py")]:
        for name, call in calls(path):
            if name in {"text", "execute", "scalar", "scalars", "executescript", "executemany"}:
                found += [
                    f"{relative(path)}:{call.lineno}"
                    for one in call.args[:1]
                    if (isinstance(one, ast.JoinedStr) and "'PRAGMA " not in ast.unparse(one))
                    or isinstance(one, ast.BinOp)
                    or (
                        isinstance(one, ast.Call)
                        and isinstance(one.func, ast.Attribute)
                        and one.func.attr == "format"
                    )
                ]
    assert found == []


def test_actions_never_ask_the_clock() -> None:
    """`now` is passed in: below cli, app and ui nothing reads the time of day."""
    found = []
    for folder in ("desa", "dinsos", "db", "export", "instrument", "crypto", "latihan"):
        for path in (SOURCE / folder).rglob("*.py"):
            for _, call in calls(path):
                said = ast.unparse(call.func)
                if re.search(
                    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime"
                    r"|gmtime|strftime)|uuid[17])$",
                    said,
                ) and not said.endswith("identity.uuid7"):
                    found.append(f"{relative(path)}:{call.lineno}: {said}")
    assert found == []


def test_the_glossary_explains_every_field_term() -> None:
    """Each Indonesian term that code keeps has its line."""
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    explained = {
        term.strip()
        for line in lines
        if line.startswith("|") and not line.startswith("|-")
        for term in line.split("|")[1].split(",")
    }
    terms = [
        "nik",
        "no_kk",
        "kk",
        "prelist",
        "musdes",
        "berita_acara",
        "desa",
        "kecamatan",
        "dinsos",
        "wilayah",
        "dusun",
        "rt",
        "rw",
        "desil",
        "dtks",
        "dtsen",
        "art",
        "krt",
        "idbdt",
        "kerja",
        "kirim",
        "siks",
        "nuk",
    ]
    assert [term for term in terms if term not in explained] == []


def test_no_machine_path_lies_in_the_project() -> None:
    """Nothing names a folder of the machine on which it was written."""
    pattern = re.compile(r"(?<![\w.)'])/(?:work/[a-z]|root/|home/(?!\w+\.\.\.)|tmp/(?:venv|plan))")
    found = []
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if any(part.startswith(".") and part != ".ci" for part in parts) or not path.is_file():
            continue
        if {"__pycache__", "build", "dist", "node_modules", "htmlcov"} & set(parts):
            continue
        if path == Path(__file__) or path.suffix not in {
            ".py", ".toml", ".md", ".txt", ".qss", ".spec", ".cfg", ".in", ".lock", "", ".sh",
        }:  # fmt: skip
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="ignore").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{relative(path)}:{number}: {line.strip()[:80]}")
    assert found == []


def test_the_window_holds_no_sentence_of_its_own() -> None:
    """Words for people are in texts.toml: in ui and app no literal reads like a sentence."""
    common = frozenset(
        (
            "dan yang tidak belum sudah rumah tangga desa akun kata sandi pilih isian simpan "
            "hapus tambah cari daftar baris berkas kunjungan anggota masuk keluar batal tutup "
            "selesai lanjut kirim terima ekspor cadangan pengaturan masalah kosong orang "
            "alamat dengan untuk dari ke atau lalu bila ini itu isi nama"
        ).split()
    )
    found = []
    for path in [*(SOURCE / "ui").rglob("*.py"), SOURCE / "app.py"]:
        for line, value in strings(path):
            spoken = re.findall(r"[A-Za-z]+", value)
            if len(spoken) > 1 and " " in value.strip() and common & {w.lower() for w in spoken}:
                found.append(f"{relative(path)}:{line}: {value}")
    assert found == []


def test_an_unknown_code_still_speaks() -> None:
    """Even a code without a text gives its own name rather than an exception in an exception."""
    assert "E_NO_SUCH" in str(SiksError("E_NO_SUCH"))
