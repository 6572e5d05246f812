"""`siks desa`: proposals, the musyawarah, the prelist akhir."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import output
from siks_offline.errors import SiksError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping

    from siks_offline.desa.village import Village
    from siks_offline.meeting import AgendaLine, Meeting, ProposalLine, Sitting

_VERDICT = {
    "status": "status",
    "reason": "alasan",
    "twin": "ganda_dengan",
    "able": "mampu",
    "working": "bekerja",
    "standing": "kedudukan",
    "disabled": "disabilitas",
    "note": "catatan",
}
"""Members of a verdict, and their names in files and answers."""
_SITTING = {
    "id": "id",
    "place": "tempat",
    "date": "tanggal",
    "hour": "jam",
    "leader": "pemimpin",
    "leader_post": "jabatan",
}
_PERSON = {"name": "nama", "sex": "jk", "group": "unsur", "post": "jabatan"}


def register(command: Callable[..., Any]) -> None:
    """Add the commands; `command(name, run)` gives the parser of one, its DESA included."""
    parser = command("usulan", usulan)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--isi", metavar="USULAN.jsonl", type=Path, help=_say("usulan.isi"))
    choice.add_argument("--impor", metavar="FILE", type=Path, help=_say("usulan.impor"))
    choice.add_argument("--lihat", metavar="ID", help=_say("usulan.lihat"))
    choice.add_argument("--buang", metavar="ID", help=_say("usulan.buang"))
    choice.add_argument("--kriteria", metavar="FILE.toml", type=Path, help=_say("usulan.kriteria"))
    parser.add_argument("--pratinjau", action="store_true", help=texts.text("cli.desa.pratinjau"))
    parser = command("musyawarah", musyawarah)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--agenda", action="store_true", help=_say("musyawarah.agenda"))
    choice.add_argument(
        "--putusan", metavar="PUTUSAN.jsonl", type=Path, help=_say("musyawarah.putusan")
    )
    choice.add_argument("--sisa-ditemukan", action="store_true", help=_say("musyawarah.sisa"))
    choice.add_argument(
        "--sidang", metavar="SIDANG.json", type=Path, help=_say("musyawarah.sidang")
    )
    choice.add_argument("--tutup", action="store_true", help=_say("musyawarah.tutup"))
    choice.add_argument("--buka-kembali", metavar="ALASAN", help=_say("musyawarah.buka"))
    choice.add_argument("--lampirkan", metavar="FILE", type=Path, help=_say("musyawarah.lampirkan"))
    parser.add_argument("--sptjm", action="store_true", help=_say("musyawarah.sptjm"))
    parser.add_argument("--jenis", metavar="JENIS", default="", help=_say("musyawarah.jenis"))
    command("periode", periode).add_argument(
        "--buka", metavar="PERIODE", default="", help=_say("periode.buka")
    )
    parser = command("pindah", pindah)
    parser.add_argument("rumah_tangga", metavar="ID")
    parser.add_argument(
        "--anggota", metavar="ID", nargs="+", default=(), help=_say("pindah.anggota")
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--ke", metavar="ID", help=_say("pindah.ke"))
    choice.add_argument("--pecah", action="store_true", help=_say("pindah.pecah"))
    choice.add_argument("--gabung", metavar="ID", help=_say("pindah.gabung"))
    choice.add_argument("--tidak-layak", metavar="ALASAN", help=_say("pindah.tidak_layak"))
    parser.add_argument("--catatan", metavar="T", default="", help=_say("pindah.catatan"))
    parser = command("prelist-akhir", prelist_akhir)
    parser.add_argument("--petugas", metavar="RW/RT=NAMA", help=_say("prelist_akhir.petugas"))


def _say(name: str) -> str:
    return texts.text(f"cli.desa.{name}")


def _now() -> datetime:
    return datetime.now(UTC)


def _open(args: argparse.Namespace) -> Village:
    from siks_offline.desa import accounts
    from siks_offline.desa.village_folder import read_folder

    read_folder(args.desa)
    return accounts.open_village(args.desa, args.akun, output.passphrase())


# --- usulan ---


def usulan(args: argparse.Namespace) -> output.Answer:
    """List proposals, register them, bring a list in, show or throw one away."""
    with _open(args) as village:
        if args.isi is not None:
            return _register(village, args.isi)
        if args.impor is not None:
            return _bring(village, args.impor, preview_only=args.pratinjau)
        if args.kriteria is not None:
            return _criteria(village, args.kriteria)
        from siks_offline.desa import proposals

        if args.buang:
            proposals.discard(village, args.buang, _now())
        if args.lihat:
            one = proposals.read(village, args.lihat)
            value = _proposal(one.line) | {
                "jawaban": dict(one.answers),
                "kriteria": [
                    {"id": each.id, "teks": each.words, "karena": [list(b) for b in each.because]}
                    for each in one.criteria
                ],
                "lampiran": [list(each) for each in one.attachments],
            }
            lines = [texts.text("cli.desa.usulan.baris", **_proposal(one.line))]
            lines += [each.words for each in one.criteria]
            return output.Answer(value, "\n".join(lines))
        rows = [_proposal(line) for line in proposals.lines(village)]
    text = "\n".join(texts.text("cli.desa.usulan.baris", **row) for row in rows)
    return output.Answer({"usulan": rows}, text or texts.text("cli.desa.usulan.kosong"))


def _proposal(line: ProposalLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "rumah_tangga": line.household_id,
        "nomor": line.number,
        "keadaan": line.state,
        "pintu": line.door,
        "pendaftar": line.registrar,
        "nama_krt": line.nama_krt,
        "nik_krt": line.nik_krt,
        "no_kk": line.no_kk,
        "alamat": line.alamat,
        "rt": line.rt,
        "rw": line.rw,
        "anggota": line.anggota,
    }


def _register(village: Village, path: Path) -> output.Answer:
    """Register families of a file: one line {"jawaban", "konfirmasi"} each."""
    from siks_offline.desa import proposals
    from siks_offline.instrument import checks

    rows: list[dict[str, Any]] = []
    for number, line in _lines(path):
        now = _now()
        try:
            proposal_id, _ = proposals.begin(village, now)
            kept = proposals.Kept(line.get("jawaban", {}), ())
            proposals.keep(village, proposal_id, kept, None, now)
            state = proposals.open_proposal(village, proposal_id, now).state
            known = {(one.rule, one.path) for one in checks.issues(state)}
            for said in line.get("konfirmasi", ()):
                if (said.get("aturan"), said.get("jalur", "")) in known:
                    state.confirm(said.get("jalur", ""), said["aturan"], said.get("alasan", ""))
            done = proposals.register(village, proposal_id, state, now)
        except SiksError as error:
            rows.append({"baris": number, "id": "", "hasil": "ditolak", **output.fault(error)})
            continue
        rows.append(
            {
                "baris": number,
                "id": proposal_id,
                "hasil": "terdaftar" if done.done else "draf",
                "kriteria": [one.id for one in done.criteria],
                "masalah": [
                    {"jalur": one.path, "aturan": one.rule, "pesan": one.message}
                    for one in done.issues
                ],
            }
        )
    value = {
        "terdaftar": sum(row["hasil"] == "terdaftar" for row in rows),
        "draf": sum(row["hasil"] == "draf" for row in rows),
        "ditolak": sum(row["hasil"] == "ditolak" for row in rows),
        "baris": rows,
    }
    code = 0 if value["terdaftar"] == len(rows) else 1
    return output.Answer(value, texts.text("cli.desa.usulan.hasil", **value), code)


def _bring(village: Village, path: Path, *, preview_only: bool) -> output.Answer:
    from siks_offline.desa import proposals_book

    found = proposals_book.preview(village, path, _now())
    if not preview_only:
        proposals_book.load(village, found, _now())
    value: dict[str, Any] = {
        "pratinjau": preview_only,
        **{
            name: sum(line.result == name for line in found.lines)
            for name in ("terdaftar", "draf", "dilewati", "ditolak")
        },
        "masalah": [output.cell(one) for one in found.issues],
    }
    code = 1 if value["ditolak"] or value["masalah"] else 0
    lines = [texts.text("cli.desa.usulan.hasil_impor", **value)]
    lines += [texts.text("cli.masalah_sel", **one) for one in value["masalah"]]
    return output.Answer(value, "\n".join(lines), code)


def _criteria(village: Village, path: Path) -> output.Answer:
    from siks_offline.desa import proposals
    from siks_offline.export import files

    with files.errors(path, reading=True):
        text = path.read_text(encoding="utf-8", errors="replace")
    found = proposals.use_criteria(village, text, _now())
    value = {"daerah": found.name, "kode": found.code, "kriteria": [r.id for r in found.rules]}
    return output.Answer(value, texts.text("cli.desa.usulan.hasil_kriteria", **value))


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    from siks_offline.export import files

    with files.errors(path, reading=True):
        raw = path.read_text(encoding="utf-8-sig", errors="replace")
    for number, text in enumerate(raw.splitlines(), 1):
        if text.strip():
            yield number, _object(text, number)


def _object(text: str, number: int = 1) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise UsageError("E_LINE_FORMAT", baris=number)
    return value


# --- musyawarah ---


def musyawarah(args: argparse.Namespace) -> output.Answer:
    """Show where the musyawarah stands; decide, note a sitting, close, open again, attach."""
    from siks_offline.desa import closing, meeting

    with _open(args) as village:
        now = _now()
        if args.agenda:
            found = meeting.lines(village, meeting.agenda(village))
            rows = [_agenda(line) for line in found.values()]
            text = "\n".join(texts.text("cli.desa.musyawarah.baris", **row) for row in rows)
            return output.Answer({"agenda": rows}, text)
        if args.putusan is not None:
            return _decide(village, args.putusan)
        if args.sisa_ditemukan:
            meeting.decide_rest(village, now)
        elif args.sidang is not None:
            meeting.put_sitting(village, _sitting(args.sidang), now)
        elif args.tutup:
            closing.close(village, now, way="sptjm" if args.sptjm else "musyawarah")
        elif args.buka_kembali is not None:
            closing.reopen(village, args.buka_kembali, now)
        elif args.lampirkan is not None:
            closing.attach(village, args.lampirkan, now, kind=args.jenis)
        value = _meeting(meeting.read(village))
    return output.Answer(value, texts.text("cli.desa.musyawarah.hasil", **value))


def _decide(village: Village, path: Path) -> output.Answer:
    """Take verdicts from a file: one line {"rumah_tangga", "status", ...} each."""
    from siks_offline.desa import meeting
    from siks_offline.meeting import Verdict

    rows = []
    for number, line in _lines(path):
        said = {ours: str(line.get(theirs) or "") for ours, theirs in _VERDICT.items()}
        id_ = str(line.get("rumah_tangga") or "")
        row: dict[str, Any] = {"baris": number, "id": id_, "hasil": "disimpan", "kode": ""}
        try:
            meeting.decide(village, id_, Verdict(id_, village.period, **said), _now())
        except SiksError as error:
            row |= {"hasil": "ditolak", "kode": error.code, "pesan": error.message}
        rows.append(row)
    done = sum(row["hasil"] == "disimpan" for row in rows)
    value = {"disimpan": done, "ditolak": len(rows) - done, "baris": rows}
    text = texts.text("cli.desa.musyawarah.hasil_putusan", **value)
    return output.Answer(value, text, 0 if done == len(rows) else 1)


def _agenda(line: AgendaLine) -> dict[str, Any]:
    said = line.verdict
    return {
        "id": line.id,
        "asal": line.source,
        "idbdt": line.idbdt,
        "no_kk": line.no_kk,
        "nik_krt": line.nik_krt,
        "nama_krt": line.nama_krt,
        "alamat": line.alamat,
        "rt": line.rt,
        "rw": line.rw,
        "kolom": line.column,
        **{theirs: getattr(said, ours) if said else "" for ours, theirs in _VERDICT.items()},
    }


def _meeting(of: Meeting) -> dict[str, Any]:
    return {
        "periode": of.period,
        "ditutup": of.closed_at,
        "cara": of.way,
        "penutupan": of.closing,
        "bertanda_tangan": of.signed,
        "jumlah": dict(of.tally.columns),
        "prelist_awal": of.tally.prelist,
        "usulan": of.tally.proposals,
        "belum_diputuskan": of.tally.open,
        "prelist_akhir": of.tally.final,
        "sidang": [
            {theirs: getattr(one, ours) for ours, theirs in _SITTING.items()}
            | {
                "nomor": one.number,
                "pertanyaan": dict(one.audit),
                "hadir": [
                    {theirs: getattr(each, ours) for ours, theirs in _PERSON.items()}
                    for each in one.attendees
                ],
            }
            for one in of.sittings
        ],
        "surat": [
            {"jenis": one.kind, "sha256": one.sha256, "penutupan": one.closing}
            for one in of.documents
        ],
    }


def _sitting(path: Path) -> Sitting:
    from siks_offline.export import files
    from siks_offline.meeting import Attendee, Sitting

    with files.errors(path, reading=True):
        value = _object(path.read_text(encoding="utf-8-sig", errors="replace"))
    told = {ours: str(value.get(theirs) or "") for ours, theirs in _SITTING.items()}
    people = value.get("hadir") or ()
    audit: Mapping[str, Any] = value.get("pertanyaan") or {}
    return Sitting(
        period="",
        number=0,
        audit={str(name): str(answer) for name, answer in audit.items()},
        attendees=tuple(
            Attendee(**{ours: str(one.get(theirs) or "") for ours, theirs in _PERSON.items()})
            for one in people
        ),
        **told,
    )


# --- prelist akhir ---


def prelist_akhir(args: argparse.Namespace) -> output.Answer:
    """List what is left to visit, with the number on its papers and its officer."""
    from siks_offline.desa import final_list

    with _open(args) as village:
        if args.petugas:
            place, mark, name = args.petugas.partition("=")
            rw, slash, rt = place.partition("/")
            if not mark or not slash:
                raise UsageError("E_OFFICER_FORM", isi=args.petugas)
            final_list.assign(village, rw, rt, name, _now())
        found = final_list.rows(village)
    rows = [
        {
            "id": one.line.id,
            "nomor": one.barcode,
            "nama_krt": one.line.nama_krt,
            "nama_pasangan": one.nama_pasangan,
            "alamat": one.line.alamat,
            "rt": one.line.rt,
            "rw": one.line.rw,
            "asal": one.line.source,
            "petugas": one.officer,
        }
        for one in found
    ]
    text = "\n".join(texts.text("cli.desa.prelist_akhir.baris", **row) for row in rows)
    return output.Answer({"rumah_tangga": rows}, text or texts.text("cli.desa.daftar.kosong"))


# --- through time ---


def periode(args: argparse.Namespace) -> output.Answer:
    """Show the period, or open the next."""
    from siks_offline.desa import periods

    with _open(args) as village:
        if args.buka:
            periods.open_period(village, args.buka, _now())
        now_open, then = village.period, list(periods.following(village.period))
    text = texts.text("cli.desa.periode.hasil", periode=now_open, berikutnya=", ".join(then))
    return output.Answer({"periode": now_open, "berikutnya": then}, text)


def pindah(args: argparse.Namespace) -> output.Answer:
    """Move members, split, merge, note that a household is unfit; then tell its history."""
    from siks_offline.desa import moves

    with _open(args) as village:
        home, now = args.rumah_tangga, _now()
        if args.ke:
            moves.move_members(village, home, args.anggota, args.ke, now)
        elif args.pecah:
            home, _ = moves.split(village, home, args.anggota, now)
        elif args.gabung:
            moves.merge(village, home, args.gabung, now)
        elif args.tidak_layak:
            moves.mark_unfit(village, home, args.tidak_layak, args.catatan, now)
        found = moves.history(village, home)
    rows = [
        {
            "periode": one.period,
            "jenis": one.kind,
            "rumah_tangga": one.subject,
            "orang": one.person_id,
            "tujuan": one.other,
            "alasan": one.reason,
            "catatan": one.note,
            "oleh": one.by,
        }
        for one in found
    ]
    text = "\n".join(texts.text("cli.desa.pindah.baris", **row) for row in rows)
    value = {"rumah_tangga": home, "riwayat": rows}
    return output.Answer(value, text or texts.text("cli.desa.pindah.kosong"))
