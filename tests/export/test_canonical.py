"""One JSON text for a value, and nothing else taken for it."""

from __future__ import annotations

import json
import shutil
import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siks_offline.errors import BundleError
from siks_offline.export import canonical

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15) + 1, 10**15 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def _escaped(text: str) -> str:
    """A string as RFC 8785 section 3.2.2.2 spells it, written from its words alone."""
    short = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
    out = []
    for character in text:
        code = ord(character)
        out.append(short.get(code) or (f"\\u{code:04x}" if code < 32 else character))
    return '"' + "".join(out) + '"'


def _reference(value: object) -> str:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_escaped(key)}:{_reference(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_reference, value)) + "]"
    if isinstance(value, str):
        return _escaped(value)
    return (
        {None: "null", True: "true", False: "false"}.get(value)
        if value is None or isinstance(value, bool)
        else str(value)
    )  # type: ignore[call-overload]


@given(VALUES)
def test_dumps_is_rfc_8785(value: object) -> None:
    """Escapes, key order by UTF-16 and numbers come out as the RFC words them."""
    assert canonical.dumps(value).decode() == _reference(value)


@given(VALUES)
def test_round_trip(value: object) -> None:
    """What is written reads back as the same value, and is its one text."""
    text = canonical.dumps(value)
    assert canonical.loads(text, canonical=True) == value


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not here")
def test_escapes_as_javascript_has_them() -> None:
    """RFC 8785 defines strings by JSON.stringify of ECMAScript: ask one."""
    text = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x10000)]))
    found = subprocess.run(
        [
            "node",
            "-e",
            "process.stdout.write(JSON.stringify(JSON.parse(require('fs').readFileSync(0,'utf8'))))",
        ],
        input=json.dumps(text).encode(),
        capture_output=True,
        check=True,
    ).stdout
    assert canonical.dumps(text) == found


def test_keys_above_the_basic_plane_sort_by_utf16() -> None:
    """The one place where code points and UTF-16 units order differently."""
    assert canonical.dumps({"\ue000": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ue000":1}'.encode()


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), 10**15, -(10**15), {1: 2}, {"a": {1, 2}}, "\ud800", {"a": [0.5]}, b"x"],
)
def test_dumps_refuses(value: object) -> None:
    """Fractions, long integers, odd keys, half characters and foreign types have no bundle text."""
    with pytest.raises(BundleError) as caught:
        canonical.dumps(value)
    assert caught.value.code == "E_JSON"


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}', b"NaN", b"Infinity", b"-Infinity", b"1e999", b"1.0", b"1E2", b"1" * 5000,
        b"1000000000000000", b"[" * 100_000, b"[" * 17 + b"]" * 17, b'"\\ud800"', b'"\xff"', b"\xef\xbb\xbf1",
        b"", b"1 2", b"'a'", b"[1,]", b'"\x01"', b"{1:2}", b"nul", b'{"a":{"b":1,"b":1}}', b'"\xed\xa0\x80"',
    ],
)  # fmt: skip
def test_loads_refuses(text: bytes) -> None:
    """Every leniency of Python's own parser is closed."""
    with pytest.raises(BundleError) as caught:
        canonical.loads(text)
    assert caught.value.code == "E_JSON"


@pytest.mark.parametrize(
    "text",
    [
        b' {"a":1}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'"\\u0061"',
        b'"\\/"',
        b"-0",
        b'"\\u001F"',
        b"1\n",
    ],
)
def test_only_one_text_is_canonical(text: bytes) -> None:
    """A second spelling of the same value is read, but not where the bytes are signed."""
    canonical.loads(text)
    with pytest.raises(BundleError):
        canonical.loads(text, canonical=True)


@given(st.binary(max_size=60))
def test_loads_never_breaks(data: bytes) -> None:
    """Any bytes are a value or a BundleError."""
    try:
        value = canonical.loads(data)
    except BundleError:
        return
    assert canonical.loads(canonical.dumps(value)) == value


_inner = st.recursive(
    st.sampled_from(["", "ya", "a b", "1, 2", '"', "\\", "é", "\u202e", "\t", "\n", "\x7f", "-0"])
    | st.integers(-5, 5)
    | st.sampled_from([True, None, 10**15, 1.5]),
    lambda one: (
        st.lists(one, max_size=3) | st.dictionaries(st.text("ab_A1", max_size=2), one, max_size=3)
    ),
    max_leaves=12,
)


@given(
    _inner,
    st.sampled_from([(",", ":"), (", ", ": "), (" ,", ":"), (",", " :")]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(
        [b"", b'{"a":1,"a":2}', b'{"a":{"b":1,"b":{}}}', b"[-0]", b'{"a":-0}', b"[" * 18]
    ),
)
def test_a_line_is_judged_the_same_the_quick_way(
    value: object, separators: tuple[str, str], sort: bool, narrow: bool, odd: bytes
) -> None:
    """What is plain to see is found as by the full look, and bytes called canonical are so."""
    raw = json.dumps(value, separators=separators, sort_keys=sort, ensure_ascii=narrow).encode()
    for data in (raw, odd or raw, b'{"z":' + raw + b',"a":' + (odd or b"1") + b"}"):
        try:
            wanted = canonical.loads(data)
            canonical.check_values(wanted)
        except BundleError:
            with pytest.raises(BundleError):
                canonical.line(data)
            continue
        found, kept = canonical.line(data)
        assert found == wanted
        assert kept == data
        if isinstance(kept, canonical.Canonical):
            assert canonical.dumps(found) == data


def test_honest_lines_are_known_to_be_canonical() -> None:
    """Lines as our writer makes them take the quick way: nothing is written again to be hashed."""
    value = {"a": "JL. MELATI, NO 3", "b": [{"c": "1 : 2", "d": "-0"}], "e": None, "f": -7}
    assert isinstance(canonical.line(canonical.dumps(value))[1], canonical.Canonical)


FORBIDDEN = [*range(10), *range(0xB, 0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000, 64), 0x61C, 0x200E, 0x200F,
             *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF]  # fmt: skip


def test_forbidden_characters() -> None:
    """Exactly the characters of the rule are refused, alone and inside a record."""
    refused = []
    for code in range(0x3000):
        try:
            canonical.check_text(chr(code))
        except BundleError:
            refused.append(code)
    assert refused == [code for code in FORBIDDEN if code < 0x3000]
    for code in FORBIDDEN:
        with pytest.raises(BundleError):
            canonical.check_values({"a": [{"b": "x"}, {"b": "x" + chr(code)}]})
    with pytest.raises(BundleError):
        canonical.check_text("a\nb", line_feed=False)
    canonical.check_text("a\nb")


@pytest.mark.parametrize("key", ["", "A", "a b", "é", "a-b", "\n"])
def test_keys_keep_their_grammar(key: str) -> None:
    """A member name outside [a-z0-9_]+ is refused however deep it stands."""
    with pytest.raises(BundleError):
        canonical.check_values({"a": [{"b": {key: "x"}}]})


@given(st.text())
def test_normalised_text_passes_the_check(text: str) -> None:
    """What enters the village file never makes a bundle that is refused, and enters it only once."""
    kept, changed = canonical.normalise_text(text)
    canonical.check_text(kept)
    assert canonical.check_values(kept)
    assert canonical.normalise_text(kept) == (kept, False)
    lost = [
        c for c in text.replace("\r\n", "\n") if ord(c) in FORBIDDEN or "\ud800" <= c <= "\udfff"
    ]
    assert changed == bool(lost)
    assert unicodedata.is_normalized("NFC", kept)


def test_not_nfc_is_only_told() -> None:
    """Text in another form of Unicode is a warning: the tables differ between versions."""
    assert canonical.check_values({"a": ["e\u0301"]}) is False
    assert canonical.check_values({"a": ["e", "\u0301"]}) is True


def test_times_have_one_text() -> None:
    """A moment is written in one way, and other ways are not read."""
    moment = canonical.moment("2026-11-22T01:03:48Z")
    assert canonical.stamp(moment) == "2026-11-22T01:03:48Z"
    for text in ("2026-11-22T1:03:48Z", "2026-02-30T00:00:00Z", "2026-11-22T01:03:48+00:00", ""):
        with pytest.raises(BundleError):
            canonical.moment(text)
