"""A rule of a questionnaire in plain Indonesian, as far as it can be said simply."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from siks_offline import texts
from siks_offline.instrument.fields import FIELDS
from siks_offline.instrument.lexer import REFERENCE, ExprError, tokens
from siks_offline.instrument.numbering import split_label
from siks_offline.instrument.schema import SELECTS, Question

if TYPE_CHECKING:
    from siks_offline.instrument.lexer import Token
    from siks_offline.instrument.schema import Instrument

_LONGEST = 60
_SIGNS = {
    "=": "sama", "!=": "beda", "<": "kurang", "<=": "paling_banyak", ">": "lebih",
    ">=": "paling_sedikit",
}  # fmt: skip
_DAYS = {"<": "sebelum", "<=": "paling_lambat", ">": "sesudah", ">=": "paling_awal"}
_SUMS = {"+": "tambah", "-": "kurang_hitung", "*": "kali", "div": "bagi", "mod": "sisa"}
_PLAIN = frozenset({"int", "round", "number", "string", "boolean", "floor", "normalize-space"})
_DIGITS = re.compile(r"\^?\[0-9\]\{(\d+)(?:,(\d+))?\}\$?")
_IF_ONE = re.compile(r"if\((.*),\s*1\s*,\s*0\s*\)", re.DOTALL)
_DEPTH = 3
_LIMIT = re.compile(r"""\.\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?|date\('[\d-]+'\)|today\(\))""")


class _UnsaidError(Exception):
    """A rule for which there are no simple words."""


def in_words(
    instrument: Instrument, source: str, question: Question | None = None, *, short: bool = False
) -> str:
    """Return a rule in words; "" where they would be harder to read than the rule.

    `question` is the one that `.` stands for. `short` calls questions by their number on paper and
    leaves out what codes mean.
    """
    if not source or source == "yes":
        return texts.text("kata_aturan.selalu") if source else ""
    try:
        return _Words(instrument, source, question, short).whole()
    except (_UnsaidError, ExprError, RecursionError):
        return ""


def limits(source: str) -> str:
    """Return the range that a constraint sets, such as "1 sampai 999"; "" where it sets none."""
    low = high = ""
    if re.search(r"\bor\b", source):
        return ""
    for sign, bound in _LIMIT.findall(source):
        said = _bound(bound)
        if sign in (">", ">="):
            low = said if sign == ">=" else texts.text("kata_aturan.di_atas", isi=said)
        else:
            high = said if sign == "<=" else texts.text("kata_aturan.di_bawah", isi=said)
    if low and high:
        return texts.text("kata_aturan.rentang", dari=low, sampai=high)
    if low or high:
        return texts.text(f"kata_aturan.{'mulai' if low else 'sampai'}", isi=low or high)
    return ""


def _bound(text: str) -> str:
    if text.startswith("today"):
        return texts.text("kata_aturan.hari_ini")
    if text.startswith("date"):
        return FIELDS["date"].format(text[6:-2])
    return FIELDS["decimal"].format(text)


class _Words:
    """Reads the tokens of a rule and says them one by one."""

    def __init__(
        self,
        instrument: Instrument,
        source: str,
        question: Question | None,
        short: bool,
        depth: int = 0,
    ) -> None:
        self.instrument = instrument
        self.short = short
        self.depth = depth
        self.question = question
        self.tokens: list[Token] = list(tokens(source))
        self.at = 0

    def whole(self) -> str:
        said = self._either()
        if self._token.kind != "end":
            raise _UnsaidError
        bare = said[1:-1]
        return bare if said[:1] == "(" and said[-1:] == ")" and not {*"()"} & {*bare} else said

    @property
    def _token(self) -> Token:
        return self.tokens[self.at]

    def _take(self, *wanted: str) -> str:
        token = self._token
        if token.kind in ("symbol", "name") and token.text in wanted:
            self.at += 1
            return token.text
        return ""

    def _expect(self, symbol: str) -> None:
        if not self._take(symbol):
            raise _UnsaidError

    def _either(self) -> str:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return self._joined(parts)

    @staticmethod
    def _joined(parts: list[str]) -> str:
        """Join choices; those of one question's codes name it once."""
        told = texts.text("kata_aturan.berkode", kiri="", kanan="")
        split = [part.partition(told) for part in parts]
        either = texts.text("kata_aturan.atau")
        if len(parts) > 1 and all(one[1] and one[0] == split[0][0] for one in split):
            return split[0][0] + told + either.join(one[2] for one in split)
        return either.join(parts)

    def _all(self) -> str:
        parts = [self._comparison()]
        while self._take("and"):
            parts.append(self._comparison())
        return texts.text("kata_aturan.dan").join(parts)

    def _comparison(self) -> str:
        start = self.at
        left = self._sum()
        sign = self._take(*_SIGNS)
        if not sign:
            return left
        asked = self._asked(start, self.at - 1)
        literal = self._literal()
        right = self._sum()
        if literal == "" and sign in ("=", "!="):
            return texts.text(f"kata_aturan.{'kosong' if sign == '=' else 'terisi'}", kiri=left)
        if asked is not None and asked.type in SELECTS and literal is not None:
            right = self._code(asked, literal)
            word = {"=": "berkode", "!=": "tak_berkode"}.get(sign, _SIGNS[sign])
        elif asked is not None and asked.type == "date" and sign in _DAYS:
            word = _DAYS[sign]
        elif sign == "=" and literal == "1" and asked is not None and asked.type == "calculate":
            return self._inside(asked, left)
        else:
            word = _SIGNS[sign]
        return texts.text(f"kata_aturan.{word}", kiri=left, kanan=right)

    def _inside(self, asked: Question, left: str) -> str:
        """A yes-or-no calculation says little to people; the condition inside it does."""
        inside = _IF_ONE.fullmatch(asked.calculation.strip())
        if inside and self.depth < _DEPTH:
            words = _Words(self.instrument, inside[1], asked, self.short, self.depth + 1)
            with suppress(_UnsaidError):
                said = words.whole()
                return f"({said})" if texts.text("kata_aturan.atau") in said else said
        return texts.text("kata_aturan.ya", kiri=left)

    def _asked(self, start: int, end: int) -> Question | None:
        """The question that a lone reference, or the dot, stands for."""
        if end - start != 1:
            return None
        return self._named(self.tokens[start])

    def _named(self, token: Token) -> Question | None:
        if token.kind == "symbol" and token.text == ".":
            return self.question
        if token.kind == "ref":
            name = token.text.strip("${} ")
            element = self.instrument.elements.get(name)
            return element if isinstance(element, Question) else None
        return None

    def _literal(self) -> str | None:
        token = self._token
        if token.kind in ("string", "number"):
            return token.text.strip("'\"") if token.kind == "string" else token.text
        return None

    def _code(self, question: Question, code: str) -> str:
        label = self.instrument.label_of(question.name, code) if not self.short else code
        return f"{code} ({label})" if label != code else code

    def _sum(self) -> str:
        said = self._operand()
        while sign := self._take(*_SUMS):
            said = texts.text(f"kata_aturan.{_SUMS[sign]}", kiri=said, kanan=self._operand())
        return said

    def _operand(self) -> str:
        token = self._token
        self.at += 1
        if token.kind == "string":
            return f"“{token.text.strip(chr(39) + chr(34))}”"
        if token.kind == "number":
            return FIELDS["decimal"].format(token.text)
        if token.kind == "ref":
            return self._called(token.text.strip("${} "))
        if token.kind == "symbol" and token.text == "(":
            said = self._either()
            self._expect(")")
            return f"({said})"
        if token.kind == "symbol" and token.text == "-":
            return f"-{self._operand()}"
        if token.kind == "symbol" and token.text == ".":
            return texts.text("kata_aturan.jawaban")
        if token.kind == "name" and self._take("("):
            return self._function(token.text)
        raise _UnsaidError

    def _called(self, name: str) -> str:
        element = self.instrument.elements.get(name)
        if element is None:
            raise _UnsaidError
        number, words = split_label(REFERENCE.sub("…", element.label or name))
        if self.short and any(map(str.isdigit, number)):
            key = "nomor_anggota" if self.instrument.owner[name] else "nomor"
            return texts.text(f"isian.{key}", nomor=number.removeprefix("R."))
        if len(words) > _LONGEST:
            words = words[:_LONGEST].rsplit(" ", 1)[0] + " …"
        return f"“{number}. {words}”" if number else f"“{words}”"

    def _function(self, name: str) -> str:
        start = self.at
        if name == "regex":
            return self._pattern()
        arguments: list[str] = []
        if not self._take(")"):
            if name in ("selected", "count-selected"):
                return self._selected(name)
            while True:
                arguments.append(self._either())
                if self._take(")"):
                    break
                self._expect(",")
        if name in _PLAIN and len(arguments) == 1:
            return arguments[0]
        if name == "date" and len(arguments) == 1:
            return FIELDS["date"].format(self.tokens[start].text.strip("'\""))
        known = {
            "today": 0, "now": 0, "not": 1, "count": 1, "sum": 1, "string-length": 1, "if": 3,
            "min": -1, "max": -1, "concat": -1, "coalesce": 2, "true": 0, "false": 0,
        }  # fmt: skip
        wanted = known.get(name)
        if wanted is None or (wanted >= 0 and len(arguments) != wanted):
            raise _UnsaidError
        a, b, c = [*arguments, "", "", ""][:3]
        key = name.replace("-", "_")
        said = ", ".join(arguments)
        return texts.text(f"kata_aturan.f_{key}", a=a, b=b, c=c, semua=said)

    def _selected(self, name: str) -> str:
        asked = self._named(self._token)
        left = self._operand()
        if name == "count-selected":
            self._expect(")")
            return texts.text("kata_aturan.f_count_selected", a=left)
        self._expect(",")
        literal = self._literal()
        self.at += 1
        self._expect(")")
        if literal is None or asked is None:
            raise _UnsaidError
        return texts.text("kata_aturan.memuat", kiri=left, kanan=self._code(asked, literal))

    def _pattern(self) -> str:
        left = self._operand()
        self._expect(",")
        literal = self._literal()
        self.at += 1
        self._expect(")")
        if literal is None:
            raise _UnsaidError
        digits = _DIGITS.fullmatch(literal)
        if digits and not digits[2]:
            return texts.text("kata_aturan.angka", kiri=left, jumlah=digits[1])
        if digits:
            return texts.text(
                "kata_aturan.angka_antara", kiri=left, dari=digits[1], sampai=digits[2]
            )
        return texts.text("kata_aturan.pola", kiri=left)
