"""The codebook of an instrument: every question with its codes, its range, its rules in words."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.instrument.lexer import REFERENCE
from siks_offline.instrument.numbering import split_label
from siks_offline.instrument.rule_words import in_words, limits
from siks_offline.instrument.schema import Group, Question, Repeat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siks_offline.instrument.schema import Choice, Element, Instrument

RULES = ("relevant", "required", "constraint", "choice_filter", "calculation", "read_only", "count")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|])")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it decides, in words where there are any, and as the workbook has it."""

    decides: str
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One question, group or repeat of the codebook."""

    name: str
    kind: str
    """Type of the question; `group` or `repeat`."""
    number: str
    label: str
    hint: str
    depth: int
    codes: tuple[Choice, ...] = ()
    limits: str = ""
    rules: tuple[Rule, ...] = ()
    message: str = ""


def entries(instrument: Instrument) -> Iterator[Entry]:
    """Yield everything of an instrument in the order of the form."""
    yield from _entries(instrument, instrument.children, 0)


def _entries(instrument: Instrument, children: tuple[Element, ...], depth: int) -> Iterator[Entry]:
    for element in children:
        number, label = split_label(REFERENCE.sub("…", element.label))
        question = element if isinstance(element, Question) else None
        rules = tuple(
            Rule(column, in_words(instrument, source, question), source)
            for column in RULES
            if (source := getattr(element, column, ""))
        )
        kind = (
            question.type if question is not None
            else "repeat" if isinstance(element, Repeat) else "group"
        )  # fmt: skip
        yield Entry(
            element.name, kind, number, label or element.name, REFERENCE.sub("…", element.hint),
            depth, instrument.options(element.name),
            limits(question.constraint) if question is not None else "", rules,
            REFERENCE.sub("…", question.constraint_message) if question is not None else "",
        )  # fmt: skip
        if isinstance(element, Group | Repeat):
            yield from _entries(instrument, element.children, depth + 1)


def _kind(entry: Entry) -> str:
    return texts.text(f"buku_kode.jenis_{entry.kind}")


def _title(entry: Entry) -> str:
    return f"{entry.number}. {entry.label}" if entry.number else entry.label


def _decides(rule: Rule) -> str:
    return texts.text(f"buku_kode.aturan_{rule.decides}")


def _about(instrument: Instrument) -> str:
    asked = sum(question.answerable for question in instrument.questions.values())
    return texts.text(
        "buku_kode.tentang", id=instrument.id, versi=instrument.version, jumlah=asked,
        sha256=instrument.sha256,
    )  # fmt: skip


# --- Markdown -------------------------------------------------------------------------------------


def markdown(instrument: Instrument) -> str:
    """Return the codebook as Markdown."""
    lines = [f"# {_plain(instrument.title)}", "", _plain(_about(instrument)), ""]
    for entry in entries(instrument):
        level = min(2 + entry.depth, 6)
        if entry.kind in ("group", "repeat"):
            lines += [f"{'#' * level} {_plain(_title(entry))}", ""]
            lines += [f"`{entry.name}` · {_kind(entry)}", ""]
        else:
            lines += [f"**{_plain(_title(entry))}**  ", f"`{entry.name}` · {_kind(entry)}", ""]
        lines += _details(entry)
    return "\n".join(lines).rstrip() + "\n"


def _details(entry: Entry) -> list[str]:
    lines = []
    if entry.hint:
        lines += [f"*{_plain(entry.hint)}*", ""]
    points = []
    if entry.limits:
        points.append(f"- {texts.text('buku_kode.rentang')}: {_plain(entry.limits)}")
    for rule in entry.rules:
        source = "" if rule.source == "yes" else _code(rule.source)
        said = " — ".join(part for part in (_plain(rule.words), source) if part)
        points.append(f"- {_decides(rule)}: {said}")
    if entry.message:
        points.append(f"- {texts.text('buku_kode.pesan')}: {_plain(entry.message)}")
    if points:
        lines += [*points, ""]
    if entry.codes:
        code, meaning = texts.text("buku_jawaban.kode"), texts.text("buku_jawaban.arti")
        lines += [f"| {code} | {meaning} |", "|---|---|"]
        lines += [f"| {_plain(one.code)} | {_plain(one.label)} |" for one in entry.codes]
        lines.append("")
    return lines


def _plain(text: str) -> str:
    """Return a text that Markdown takes as it stands, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _code(source: str) -> str:
    fence = "`" * (max((len(run) for run in re.findall(r"`+", source)), default=0) + 1)
    return f"{fence} {' '.join(source.split())} {fence}"


# --- HTML -----------------------------------------------------------------------------------------

_STYLE = (
    "body{font:11pt/1.45 Inter,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.6rem}h2,h3,h4,h5,h6{margin:1.6rem 0 .3rem;border-bottom:1px solid #888}"
    "section{margin:.9rem 0;break-inside:avoid}p{margin:.15rem 0}"
    "code{font-size:.9em;background:#f2f2f2;padding:0 .2em;overflow-wrap:anywhere}"
    ".hint{font-style:italic}ul{margin:.2rem 0;padding-left:1.2rem}"
    "table{border-collapse:collapse;margin:.3rem 0}td,th{border:1px solid #999;padding:.1rem .5rem;"
    "text-align:left;vertical-align:top}"
)


def html_page(instrument: Instrument) -> str:
    """Return the codebook as one HTML page that needs nothing else."""
    title = html.escape(instrument.title)
    parts = [
        '<!DOCTYPE html><html lang="id"><head><meta charset="utf-8">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{title}</h1><p>{html.escape(_about(instrument))}</p>",
    ]
    parts += [_section(entry) for entry in entries(instrument)]
    return "\n".join([*parts, "</body></html>", ""])


def _section(entry: Entry) -> str:
    text = html.escape
    tag = f"h{min(2 + entry.depth, 6)}" if entry.kind in ("group", "repeat") else ""
    title = text(_title(entry))
    head = f"<{tag}>{title}</{tag}>" if tag else f"<p><strong>{title}</strong></p>"
    said = [f'<section id="{text(entry.name)}">{head}']
    said.append(f"<p><code>{text(entry.name)}</code> · {text(_kind(entry))}</p>")
    if entry.hint:
        said.append(f'<p class="hint">{text(entry.hint)}</p>')
    points = []
    if entry.limits:
        points.append(f"{text(texts.text('buku_kode.rentang'))}: {text(entry.limits)}")
    for rule in entry.rules:
        source = "" if rule.source == "yes" else f"<code>{text(rule.source)}</code>"
        words = " — ".join(part for part in (text(rule.words), source) if part)
        points.append(f"{text(_decides(rule))}: {words}")
    if entry.message:
        points.append(f"{text(texts.text('buku_kode.pesan'))}: {text(entry.message)}")
    if points:
        said.append("<ul>" + "".join(f"<li>{one}</li>" for one in points) + "</ul>")
    if entry.codes:
        code, meaning = texts.text("buku_jawaban.kode"), texts.text("buku_jawaban.arti")
        rows = "".join(
            f"<tr><td>{text(one.code)}</td><td>{text(one.label)}</td></tr>" for one in entry.codes
        )
        said.append(f"<table><tr><th>{text(code)}</th><th>{text(meaning)}</th></tr>{rows}</table>")
    return "".join(said) + "</section>"
