"""The form of a proposal at the counter: a visit's page with a region's criteria above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siks_offline.texts import text
from siks_offline.ui import dialogs, household_acts
from siks_offline.ui.draft_saver import DraftSaver
from siks_offline.ui.visit_page import VisitPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.desa.proposals import OpenProposal, Registered
    from siks_offline.desa.village import Village
    from siks_offline.desa.visit import OpenVisit, Written
    from siks_offline.instrument.engine import Effects
    from siks_offline.model import Changes
    from siks_offline.progress import Progress
    from siks_offline.ui.draft_saver import Work


class ProposalSaver(DraftSaver):
    """Keeps a proposal as a visit's draft is kept: within a second of the first unsaved key."""

    def __init__(self, page: ProposalPage, proposal: OpenProposal) -> None:
        super().__init__(page.desk, proposal, page)
        self._id = proposal.id

    def _keeping(self, written: Written, typing: tuple[str, str] | None) -> Work:
        id_, now = self._id, self._desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import proposals

            return proposals.keep(village, id_, proposals.Kept.of(written), typing, now)

        return work


class ProposalPage(VisitPage):
    """Opens one proposal at a time; F12 registers it and gives its number."""

    NAME = "usulan_isi"
    KEYS = "ui.usulan.tombol_isi"
    REMARKS = False

    @property
    def proposal(self) -> OpenProposal | None:
        """The proposal on the desk."""
        return self.visit  # type: ignore[return-value]  # what `reading` opens

    def leave(self) -> None:
        """Go back to the list of proposals."""
        self.wanted.emit("usulan", None)

    def print_papers(self) -> None:
        """Print the receipt that the citizen takes home."""
        if self.proposal is not None:
            self.save()
            household_acts.print_papers(self, ("tanda-usulan",), self.proposal.id)

    def reading(self, id_: str) -> Callable[[Village, Progress], OpenVisit]:
        """Return the work that opens a proposal."""
        now = self.desk.now()

        def work(village: Village, _progress: Progress) -> OpenVisit:
            from siks_offline.desa import proposals

            return proposals.open_proposal(village, id_, now)

        return work

    def completing(self, visit: OpenVisit) -> Callable[[Village, Progress], Any]:
        """Return the work that registers the proposal."""
        proposal, state, now = self.proposal, visit.state, self.desk.now()
        assert proposal is not None
        id_ = proposal.id

        def work(village: Village, _progress: Progress) -> Registered:
            from siks_offline.desa import proposals

            return proposals.register(village, id_, state, now)

        return work

    def completed(self, answer: Any) -> None:
        """Tell the number of the receipt and what the criteria say; the musyawarah decides."""
        done: Registered = answer
        self._busy = False
        self.setEnabled(True)
        self.changed.emit(done.changes)
        if not done.done:
            self._set_strict(strict=True)
            self.said.emit(text("ui.kunjungan.belum_selesai", jumlah=len(done.issues)))
            self.panel.enter_issues()
            return
        name = self.form.state.value("nama_krt") if self.form else ""
        self._close_form()
        met = "; ".join(one.words for one in done.criteria)
        detail = text("ui.usulan.kriteria_terpenuhi", kriteria=met) if met else ""
        dialogs.tell(
            self,
            text("ui.usulan.terdaftar", nama=name, nomor=done.number),
            detail or text("ui.usulan.diputuskan_musyawarah"),
        )
        self.wanted.emit("usulan", None)

    def saver_of(self, visit: OpenVisit) -> DraftSaver:
        """Return the keeper of what is typed."""
        proposal = self.proposal
        assert proposal is visit
        return ProposalSaver(self, proposal)

    def _show(self, visit: OpenVisit) -> None:
        if getattr(visit, "id", "") == self._opening:
            self._opening = visit.line.id
            super()._show(visit)

    def _build(self, visit: OpenVisit) -> None:
        super()._build(visit)
        self.header.back.setText(text("ui.halaman.usulan"))
        self.header.complete.setText(text("ui.usulan.daftarkan_f12"))
        self._show_criteria()

    def _show_whose(self, visit: OpenVisit) -> None:
        super()._show_whose(visit)
        if self.proposal is not None:
            self.header.facts.setText(text("ui.usulan.nomor", nomor=self.proposal.number))

    def _answered(self, effects: Effects) -> None:
        super()._answered(effects)
        self._show_criteria()

    def _show_criteria(self) -> None:
        """Say why the office sent it back, and which criteria the answers meet; they advise."""
        met = self.proposal.criteria() if self.proposal is not None else ()
        comment = self.proposal.comment if self.proposal is not None else ""
        back = [text("ui.kunjungan.catatan_dinsos", isi=comment)] if comment else []
        lines = [
            text(
                "ui.usulan.kriteria_baris",
                kriteria=one.words,
                karena="; ".join(f"{a}: {b}" for a, b in one.because),
            )
            for one in met
        ]
        shown = [*back, text("ui.usulan.kriteria"), *lines] if lines else back
        self.office.setText("\n".join(shown))
        self.office.setVisible(bool(shown))
