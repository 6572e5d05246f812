"""What the window says comes from one place, and every sentence asked for is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from siks_offline import texts

FOLDER = Path(__file__).parents[2] / "siks_offline"
FILES = [*sorted((FOLDER / "ui").glob("*.py")), FOLDER / "app.py"]
KEY = re.compile(r"ui(\.[a-z0-9_]+)+")


def literals(path: Path) -> list[tuple[int, str]]:
    """String literals of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in skipped
    ]


def test_every_sentence_asked_for_is_there() -> None:
    """A key that is written out names a sentence; a key that is put together names a table."""
    missing = []
    for path in FILES:
        for line, words in literals(path):
            if (FOLDER / f"{words.replace('.', '/')}.py").exists():
                continue  # a module that is imported by its name
            if (KEY.fullmatch(words) and not texts.has(words)) or (
                re.fullmatch(r"ui(\.[a-z0-9_]+)*\.", words) and not texts.has(words[:-1])
            ):
                missing.append(f"{path.name}:{line}: {words}")
    assert missing == []


def test_states_and_roles_all_have_words() -> None:
    """Every state of a household, a file and a section has words for people."""
    from typing import get_args

    from siks_offline.model import Kerja, Kirim
    from siks_offline.ui import home_page, household_table, prelist_page, sent_files

    for state in get_args(Kerja):
        assert texts.has(f"ui.kerja.{state}")
        assert state in household_table.WORK_ICONS
    for state in get_args(Kirim):
        assert texts.has(f"ui.kirim.{state}")
        assert state in household_table.SENT_ICONS
    for status in sent_files.STATE_ICONS:
        assert texts.has(f"ui.serah.keadaan.{status}")
    for name, *_ in home_page.FIGURES:
        assert texts.has(f"ui.beranda.hitung.{name}")
    for name, *_ in prelist_page.FILTERS:
        assert texts.has(f"ui.prelist.saringan.{name}")


def test_every_step_of_every_ceremony_has_words() -> None:
    """A wizard is drawn from texts alone: no step, field or choice of it is without its sentence."""
    from typing import get_args

    from siks_offline.desa import file_ceremonies, key_ceremonies, renewal
    from siks_offline.desa.ceremony import Ceremony
    from siks_offline.ui import handover_page

    for name in handover_page.KEY_CEREMONIES:
        assert texts.has(f"ui.serah.lain.{name}")
    for state in get_args(renewal.State):
        assert texts.has(f"ui.serah.perangkat.{state}")
    kinds = [
        one
        for module in (file_ceremonies, key_ceremonies)
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Ceremony) and one is not Ceremony
    ]
    assert len(kinds) == 8
    for kind in kinds:
        assert texts.has(f"ui.upacara.{kind.NAME}.judul")
        for step in kind.STEPS:
            under = f"ui.upacara.{kind.NAME}.{step.name}"
            wanted = ["judul", "isi", *(field.name for field in step.fields)]
            for field in step.fields:
                wanted += [f"{field.name}_{choice}" for choice in field.choices]
            assert [one for one in wanted if not texts.has(f"{under}.{one}")] == []


def test_sentences_keep_the_tone() -> None:
    """No banned word, no sentence longer than twenty words."""
    import tomllib

    from siks_offline import paths

    table = tomllib.loads((paths.resources() / "texts.toml").read_text(encoding="utf-8"))["ui"]

    def walk(node: object, key: str) -> list[tuple[str, str]]:
        if isinstance(node, dict):
            return [pair for name, one in node.items() for pair in walk(one, f"{key}.{name}")]
        return [(key, str(node))]

    for key, words in walk(table, "ui"):
        assert not re.search(r"\b(maaf|harap|tidak valid|error)\b", words.lower()), key
        for sentence in re.split(r"[.!?|]\s*", words):
            assert len(sentence.split()) <= 20, (key, sentence)
