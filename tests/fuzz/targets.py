"""Every parser of what a stranger made, as a function of bytes that may only raise SiksError.

`seeds` are whole, sound inputs to begin from; what a campaign found lies in `temuan/<target>/`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import tempfile
import traceback
import uuid
import zlib
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline.crypto import age, codes, sshsig
from siks_offline.errors import SiksError
from siks_offline.export import (
    archive,
    bundle,
    canonical,
    delimited,
    enrolment,
    invitation,
    keyset,
    lines,
    meeting_records,
    outside_lists,
    records,
    return_file,
)
from tests.export.hostile import INSTRUMENT, NOW, Forge, Member, OfficeGate, World, sha, visits
from tests.fuzz.from_dinsos import INVITE, answer, answer_seeds

if TYPE_CHECKING:
    from collections.abc import Callable

FOUND = Path(__file__).with_name("temuan")
LONGEST = 16_384
CODE = "0123456789ABCDEF"
TODAY = date(2026, 11, 22)


@dataclasses.dataclass(frozen=True)
class Target:
    """One parser: `run` takes any bytes; `allowed` is what it may raise."""

    name: str
    run: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]
    allowed: tuple[type[Exception], ...] = (SiksError,)

    def __call__(self, data: bytes) -> None:
        with contextlib.suppress(*self.allowed):
            self.run(data)

    def fault_of(self, data: bytes, allowed: tuple[type[Exception], ...]) -> str | None:
        """Return what the parser broke with on some bytes; None for a value or an allowed fault."""
        try:
            self.run(data)
        except allowed:
            return None
        except Exception as fault:  # noqa: BLE001 - whatever it is, the test names it
            return "".join(traceback.format_exception(fault)[-4:])
        return None


@lru_cache(maxsize=1)
def world() -> World:
    return World()


@lru_cache(maxsize=1)
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="siks-fuzz-"))


# Bundles: the first byte says who made which layer ---------------------------------------------


def _sealed(plain: bytes) -> bytes:
    return age.encrypt(plain, list(world().keyset.enc))


def _bundle(data: bytes) -> None:
    how, rest = data[:1], data[1:]
    if how == b"1":
        raw = _sealed(rest)
    elif how == b"2":
        raw = Forge(world(), members=[visits(_visit())], raw=lambda _: rest).bytes()
    elif how == b"3":
        raw = Forge(world(), members=[Member("records/visits.ndjson", rest)]).bytes()
    elif how == b"4":
        size = int.from_bytes(rest[:2], "big")
        packed = Member("records/visits.ndjson", b"{}\n", packed=rest[2:], size=size)
        entry = {"size": size}
        raw = Forge(
            world(), members=[packed], edit=lambda of: of["entries"][0].update(entry)
        ).bytes()
    else:
        raw = rest
    gate = OfficeGate(world())
    with bundle.open_source(io.BytesIO(raw), len(raw), gate, _folder()) as opened:
        for name in opened.records:
            for _, value, _ in opened.lines(name):
                _line(value)


def _bundle_seeds() -> list[bytes]:
    honest = Forge(world(), members=[visits(_visit())])
    return [
        b"0" + honest.bytes(),
        b"1" + honest.plaintext(),
        b"2" + canonical.dumps(honest.manifest()),
        b"3" + _visit() + b"\n",
        b"4\0\3" + zlib.compress(b"{}\n", wbits=-15),
    ]


def _age(data: bytes) -> None:
    age.stanza_types(io.BytesIO(data))
    age.decrypt(data, [world().operational])


def _sshsig(data: bytes) -> None:
    signature = sshsig.parse(data)
    sshsig.check_public(signature.public)
    sshsig.verify(signature, b"isi")


def _sshsig_seeds() -> list[bytes]:
    key = world().village
    return [key.sign(b"isi", "siks.visits.v1"), key.sign(b"isi", "git")]


def _canonical(data: bytes) -> None:
    value = canonical.loads(data)
    again = canonical.dumps(value)
    assert canonical.loads(again, canonical=True) == value, "the canonical form is another value"
    canonical.check_values(value)


def _archive(data: bytes) -> None:
    reader = archive.ArchiveReader(io.BytesIO(data))
    while (header := reader.next()) is not None:
        packed = reader.packed()
        if header.method == archive.DEFLATED:
            size = sum(map(len, archive.inflate(packed, min(header.size, 1 << 20), header.name)))
            assert size <= 1 << 20
        for _ in packed:
            pass


def _invitation(data: bytes) -> None:
    found = invitation._read(data)
    invitation.require_time(found, NOW)
    invitation.require_code(found, CODE)


@lru_cache(maxsize=1)
def _invitation_seed() -> bytes:
    path = _folder() / "undangan"
    value = invitation.Invitation(
        id="dinsos:3509", kode_desa="3509122003", nama_desa="Sumberejo", bps="3509120003",
        invite_id=INVITE, instrument=INSTRUMENT, created_at=NOW,
        expires_at=datetime(2026, 12, 22, tzinfo=UTC), practice=False,
    )  # fmt: skip
    invitation.write(path, value, CODE, world().root, world().signed)
    return path.read_bytes()


def _enrolment(data: bytes) -> None:
    enrolment.check(enrolment.parse(canonical.loads(data)), CODE, world().root.public)


def _enrolment_seeds() -> list[bytes]:
    here = world()
    statement = enrolment.Enrolment(
        invite_id=INVITE, kode_desa="3509122003", device=here.device, stream=here.stream,
        signing=here.village.public, encryption=here.village_identity.recipient,
        voice_key=b"s" * 32, root=sshsig.fingerprint(here.root.public),
    )  # fmt: skip
    return [canonical.dumps(enrolment.make(statement, CODE))]


def _keyset(data: bytes) -> None:
    keyset.parse(data)
    with contextlib.suppress(SiksError):
        keyset.verify(keyset.SignedKeySet(data, world().signed.signature), world().root.public)
    signed = keyset.SignedKeySet(data, world().root.sign(data, keyset.NAMESPACE))
    keyset.verify(signed, world().root.public)


def _return_file(data: bytes) -> None:
    path = _folder() / "balasan"
    path.write_bytes(data)
    return_file.parts_for(path, [world().village_identity])


@lru_cache(maxsize=1)
def _return_seed() -> bytes:
    part = _folder() / "bagian"
    part.write_bytes(age.encrypt(b"isi", [world().village_identity.recipient]))
    path = _folder() / "balasan-benih"
    return_file.write(path, [part])
    return path.read_bytes()


# Lines -----------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _visit() -> bytes:
    line = records.build(
        visit_id=str(uuid.UUID(int=7)), household_id=str(uuid.UUID(int=8)), idbdt="1",
        kode_desa="3509122003", period="2026-Q4", revision=1, parents=(),
        answers={"nama_krt": "SITI", "anggota": [{"nama": "SITI", "nik": "3509125507000001"}],
                 "kk": [{"kk_nokk": "3509120101200001"}]},
        persons=[str(uuid.UUID(int=9))], instrument=("dtks", "2020.1"), completed_at=NOW,
        completed_by="operator",
    )  # fmt: skip
    return canonical.dumps(line)


def _line(value: Any) -> None:
    """Judge a line as every receiver would; a sound revision goes as far as its rows."""
    from siks_offline.dinsos.load import _Chunk

    for judge in (
        records.check,
        records.parse_inventory,
        enrolment.parse,
        enrolment.parse_renewal,
    ):
        with contextlib.suppress(SiksError):
            judge(value)
    for kind in meeting_records.KINDS:
        with contextlib.suppress(SiksError):
            meeting_records.check(kind, value)
        if isinstance(value, dict):
            with contextlib.suppress(SiksError):
                meeting_records.seal(kind, {k: v for k, v in value.items() if k != "sha256"})
    if isinstance(value, dict):
        # A signer of bad will gives even nonsense its right hash.
        with contextlib.suppress(SiksError):
            value = canonical.loads(canonical.dumps(value | {"sha256": records.hash_of(value)}))
        sha256, body = records.received(value)
        quick = records.received(*canonical.line(canonical.dumps(value)))
        assert quick == (sha256, body), "two ways, two hashes"
        chunk = _Chunk()
        chunk.add(value, sha256, body.decode())
        for row in (*chunk.revisions.values(), *chunk.persons, *chunk.photos):
            assert all(type(one) in {str, int} for one in row.values()), row


def _records(data: bytes) -> None:
    machine = zlib.compressobj(1, zlib.DEFLATED, -15)
    packed = machine.compress(data) + machine.flush()
    for _, value, raw in lines.read(archive.inflate([packed[:100], packed[100:]], len(data))):
        assert len(raw) <= lines.LARGEST_LINE
        if isinstance(raw, canonical.Canonical):
            assert canonical.loads(raw, canonical=True) == value, "not canonical after all"
        if not isinstance(value, SiksError):
            with contextlib.suppress(SiksError):
                _line(value)


def _records_seeds() -> list[bytes]:
    short = records.short_hash(sha(b"x"))
    more = [["att", sha(b"x")], [str(uuid.UUID(int=7)), 1, short]]
    _, move = meeting_records.seal("moves", {
        "kode_desa": "3509122003", "period": "2026-Q4", "record_id": INVITE, "revision": 1,
        "at": "2026-11-22T01:03:48Z", "by": "operator", "household_id": INVITE, "kind": "gabung",
        "note": "", "other": INVITE, "person_id": "", "reason": "",
    })  # fmt: skip
    odd = [b'{"a":1,"a":2}', b"[1.5]", '{"a":"\u202e"}'.encode(), b'{"a":"\\ud800"}']
    return [
        _visit() + b"\n",
        b"\n".join([*map(canonical.dumps, more), *odd, move, _visit()]) + b"\n",
    ]


# What comes from spreadsheets and keyboards ----------------------------------------------------


def _list(data: bytes) -> None:
    if data[:4] in (delimited._ZIP, delimited._OLD_OFFICE):
        return  # a workbook: its parser is a process of its own, see the target xlsx
    path = _folder() / "daftar.csv"
    path.write_bytes(data)
    outside_lists.read(path, (*outside_lists.MATCHING, *outside_lists.DETERMINING))


def _list_seeds() -> list[bytes]:
    rows = "NIK;NAMA;DUK_NIK;DUK_NAMA_LGKP;KETERANGAN\n3509125507000001;SITI;3509125507000001;S;PADAN\n"
    return [rows.encode(), rows.replace(";", ",").encode("utf-16")]


def _xlsx(data: bytes) -> None:
    from siks_offline.export import sheet_scan

    sheet_scan.check(io.BytesIO(data), "x.xlsx")


def _book() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["IDBDT", "Nama_KRT"])
    book.active.append(["1", "SITI"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _xlsform(data: bytes) -> None:
    from siks_offline.instrument import load

    load.from_bytes(data, hashlib.sha256(data).hexdigest(), "x.xlsx")


def _form(rows: list[list[str]], choices: list[list[str]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "survey"
    for row in [["type", "name", "label", "relevant", "constraint", "calculation"], *rows]:
        sheet.append(row)
    for name, found in (("choices", [["list_name", "name", "label"], *choices]),
                        ("settings", [["form_id", "version"], ["uji", "1"]])):  # fmt: skip
        other = book.create_sheet(name)
        for row in found:
            other.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _xlsform_cells(data: bytes) -> None:
    """The cells of a form rather than its zip: fields are parted by a zero byte, rows by 1."""
    words = data.decode("utf-8", "replace")
    legal = "".join(one for one in words if one.isprintable() or one in "\0\1\n")
    table = [row.split("\0")[:6] for row in legal.split("\1")[:40]]
    half = max(1, len(table) - 2)
    _xlsform(_form(table[:half], table[half:]))


def _cells_seeds() -> list[bytes]:
    rows = [
        ["integer", "umur", "Umur", "", ". >= 0 and . < 150", ""],
        ["select_one ya", "kerja", "Kerja?", "${umur} > 15", "", ""],
        ["begin_repeat", "anggota", "Anggota", "", "", ""],
        ["text", "nik", "NIK", "", "regex(., '^[0-9]{16}$')", ""],
        ["end_repeat", "", "", "", "", ""],
        ["calculate", "jumlah", "", "", "", "count(${anggota}) + sum(${umur})"],
        ["ya", "1", "Ya"],
        ["ya", "2", "Tidak"],
    ]
    return ["\1".join("\0".join(row) for row in rows).encode()]


def _expression(data: bytes) -> None:
    from siks_offline.instrument import expr

    expr.parse(data.decode("utf-8", "replace"))


def _values(data: bytes) -> None:
    from siks_offline.instrument import fields
    from siks_offline.nik import Nik, NoKk, mask, mask_name

    text = data.decode("utf-8", "surrogateescape" if data[:1] == b"s" else "replace")
    mask(text)
    mask_name(text)
    with contextlib.suppress(SiksError):
        codes.normalise_code(text)
    canonical.normalise_text(text)
    for kind in (Nik, NoKk):
        with contextlib.suppress(SiksError):
            found = kind.parse(text)
            assert len(found.digits) == 16
    with contextlib.suppress(SiksError):
        Nik.parse(text).birth_date(TODAY)
    with contextlib.suppress(SiksError):
        assert canonical.stamp(canonical.moment(text)) == text
    for field in fields.FIELDS.values():
        with contextlib.suppress(SiksError):
            answer = field.parse(text)
            assert field.parse(answer) == answer, "an answer reads differently the second time"
            field.format(answer)
        with contextlib.suppress(SiksError):
            field.from_cell(text)


def _expression_errors() -> tuple[type[Exception], ...]:
    from siks_offline.instrument.expr import ExprError

    return (SiksError, ExprError)


TARGETS = {
    one.name: one
    for one in (
        Target("bundel", _bundle, _bundle_seeds),
        Target("age", _age, lambda: [_sealed(b"isi"), _sealed(b"x" * 70_000)]),
        Target("sshsig", _sshsig, _sshsig_seeds),
        Target("json", _canonical, lambda: [_visit(), b'{"a":[1,null,true,"\\u0041"]}']),
        Target("arsip", _archive, lambda: [Forge(world(), members=[visits(b"{}")]).plaintext()]),
        Target("undangan", _invitation, lambda: [_invitation_seed()]),
        Target("pendaftaran", _enrolment, _enrolment_seeds),
        Target("keyset", _keyset, lambda: [world().signed.raw]),
        Target("balasan", _return_file, lambda: [_return_seed()]),
        Target("catatan", _records, _records_seeds),
        Target("jawaban", answer, answer_seeds),
        Target("daftar", _list, _list_seeds),
        Target("xlsx", _xlsx, lambda: [_book()]),
        Target("xlsform", _xlsform, lambda: [_form([["text", "nama", "Nama"]], [])]),
        Target("xlsform-sel", _xlsform_cells, _cells_seeds),
        Target(
            "ekspresi",
            _expression,
            lambda: [
                b"${a} > 1 and count(${b}) = 2",
                b"if(selected(${a}, 'x'), concat('a', ' '), 3)",
            ],
            _expression_errors(),
        ),
        Target(
            "nilai",
            _values,
            lambda: [b"3509125507000001", b"2026-02-28", b"17/8/1945", b"1.500,25"],
        ),
    )
}
