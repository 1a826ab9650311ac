"""The Python API: load a source once, then compute and write scorecards and reports.

What computes and writes is imported when it is first needed: a command that needs half of it starts in half the time.

A result keeps the data it was computed from, so packs, row lists and explanations always match its numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segxl.dataset.kept import load as load_dataset
from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.dataset.warnings import DataWarning, scorecard_window, touching, unused_rows, warning_lines
from segxl.render.shared.atomic_files import ELSEWHERE

if TYPE_CHECKING:
    import pandas as pd

    from segxl.facts.engine import Facts
    from segxl.facts.presence import Presence
    from segxl.pages.model import Pack
    from segxl.report.account_rows import Column
    from segxl.report.model import Report
    from segxl.report.working import Working
    from segxl.scorecard.model import Scorecard
    from segxl.scorecard.numbers import Numbers

__all__ = ["Analysis", "ReportResult", "ScorecardResult", "load"]

Tell = Callable[[str], None]
Written = list[tuple[Path, bool]]
"""Paths, and whether each was written (False: the file already existed with the same contents)."""


def load(
    source: str | Path,
    *,
    as_of: date | None = None,
    run_date: date | None = None,
    settings: Mapping[str, object] | None = None,
    cache: bool = True,
) -> Analysis:
    """Load a folder with ``segxl.toml`` and its exports, or an input workbook (.xlsx, .xlsm).

    ``settings`` change the source's settings by dotted key: ``{"toggles.membership": "period_end"}``. ``as_of`` and
    ``run_date`` override both. Defaults: ``run_date`` is today, ``as_of`` is ``run_date``.

    With ``cache``, a source that has not changed since an earlier run is taken from the user's cache folder
    (:mod:`segxl.cache`), with the same results.

    Raises:
        SegxlError: the source or a file cannot be read, or is ambiguous. Lists all problems.
    """
    return Analysis(load_dataset(source, as_of=as_of, run_date=run_date, settings=settings or {}, cache=cache))


@dataclass(frozen=True)
class Analysis:
    """A loaded source."""

    dataset: Dataset

    @cached_property
    def facts(self) -> Facts:
        """Data for scorecards."""
        from segxl.facts.engine import Facts

        return Facts(self.dataset)

    @cached_property
    def presence(self) -> Presence:
        """Data for reports."""
        from segxl.facts.presence import Presence

        return Presence(self.dataset)

    @cached_property
    def numbers(self) -> Numbers:
        """Single numbers of the scorecard: each is computed when it is asked for, and kept."""
        from segxl.scorecard.numbers import Numbers

        return Numbers(self.facts)

    def scorecard(
        self, period: str | None = None, segments: Sequence[str] = (), *, allow_partial: bool = False
    ) -> ScorecardResult:
        """Compute the scorecard of a month ("2026-10") or fiscal quarter ("2026-Q3"), for some or all segments.

        Default period: the latest available month with data.

        Raises:
            SegxlError: the period is not available or has no data, or a segment does not exist.
        """
        from segxl.scorecard.compute import make

        result, period_note = make(self.facts, period, segments, allow_partial=allow_partial)
        return ScorecardResult(self, result, period_note)

    def report(self, **options: Any) -> ReportResult:
        """Compute the segment performance report; for options see :class:`segxl.report.choices.Options`.

        ``report(type="engagement", segments=("Priority",), analysis="2026-10", cohort="analysis")``

        Raises:
            SegxlError: an option, a setting or the data is wrong; the message says what to fix.
        """
        from segxl.report.choices import Options
        from segxl.report.compute import make

        result, working, period_note = make(self.presence, Options(**options))
        return ReportResult(self, result, working, period_note)

    def explain(
        self,
        metric: str,
        period: str | None = None,
        segment: str | None = None,
        view: str = "total",
        item: str | None = None,
        *,
        allow_partial: bool = False,
    ) -> tuple[str, tuple[DataWarning, ...]]:
        """Return a scorecard number with the rows behind it, and the warnings about them.

        Raises:
            SegxlError: no such metric, period, segment, view or item.
        """
        from segxl.scorecard.explain import explain
        from segxl.scorecard.period_choice import choose_period

        chosen = choose_period(self.dataset, period, allow_partial=allow_partial)[0]
        text = explain(self.facts, metric, chosen, segment, view, item)
        return text, touching(self.dataset, scorecard_window(chosen), [segment or ALL_ACCOUNTS])

    def messages(self, *results: ScorecardResult | ReportResult) -> tuple[str, ...]:
        """Rejected rows, failed checks and warnings for these results, one line each; none for clean data."""
        failed = [
            f"check failed: {check.failure}" for one in results for check in one.result.checks if not check.passed
        ]
        warnings = {warning.text: warning for one in results for warning in one.result.warnings}
        return (*unused_rows(self.dataset), *failed, *warning_lines(tuple(warnings.values())))

    def faulty(self, *results: ScorecardResult | ReportResult) -> bool:
        """Whether rows were rejected or a check failed."""
        return bool(self.dataset.ledger.rejected_rows) or not all(one.result.passed for one in results)


@dataclass(frozen=True)
class ScorecardResult:
    """A computed scorecard.

    Attributes:
        result: the numbers, exact, in minor units (cents).
        period_note: how the period was chosen; blank if the caller chose it.
    """

    analysis: Analysis
    result: Scorecard
    period_note: str

    @property
    def remarks(self) -> tuple[str, ...]:
        """Further notes; the pages show them too."""
        return ()

    def write(
        self,
        folder: str | Path,
        formats: Sequence[str] = ("xlsx",),
        *,
        overwrite: bool = False,
        progress: Tell = lambda _: None,
        remark: Tell = lambda _: None,
        instead: str = ELSEWHERE,
        processes: int = 1,
    ) -> Written:
        """Write a workbook ("xlsx") or web page ("html") per segment, plus an executive pack if there are several; or
        for all segments one JSON document ("json") or one table of all values ("csv", "parquet").

        ``processes``: how many may draw packs at the same time; the files are the same.

        Raises:
            SegxlError: a file exists with other contents, is open in Excel, or cannot be written; ``instead`` is what
                to do then.
        """
        from segxl import publish

        return publish.scorecard(
            self.analysis.facts,
            self.result,
            Path(folder),
            formats,
            overwrite=overwrite,
            progress=progress,
            remark=remark,
            instead=instead,
            processes=processes,
        )

    def numbers(self) -> pd.DataFrame:
        """Every value of the document as one table; columns: :data:`segxl.scorecard.numbers_table.COLUMNS`."""
        from segxl.scorecard.numbers_table import frame, scorecard_numbers

        return frame(scorecard_numbers(self.result))

    def json(self) -> str:
        """The document that ``--format json`` prints."""
        from segxl.render.json.scorecard import scorecard_json
        from segxl.scorecard.summary import summaries

        return scorecard_json(self.result, summaries(self.analysis.facts, self.result))

    def pack(self, segment: str) -> Pack:
        """The pages of one segment's pack."""
        from segxl.pages.scorecard.pack import scorecard_pack

        return scorecard_pack(self.analysis.facts, self.result, segment)

    def executive_pack(self) -> Pack | None:
        """The pages of the pack over all segments; None where there is one segment alone."""
        if self.result.executive is None:
            return None
        from segxl.pages.scorecard.executive import executive_pack
        from segxl.scorecard.summary import executive_summary

        facts = self.analysis.facts
        return executive_pack(facts, self.result, self.result.executive, executive_summary(facts, self.result))


@dataclass(frozen=True)
class ReportResult:
    """A computed segment performance report.

    Attributes:
        result: the numbers, exact, in minor units (cents).
        working: the accounts behind them.
        period_note: how timeframes and report type were chosen; blank if the caller chose them.
    """

    analysis: Analysis
    result: Report
    working: Working
    period_note: str

    @property
    def remarks(self) -> tuple[str, ...]:
        """Further notes; the pages show them too."""
        return self.result.notes

    def write(
        self,
        folder: str | Path,
        formats: Sequence[str] = ("xlsx",),
        *,
        overwrite: bool = False,
        progress: Tell = lambda _: None,
        remark: Tell = lambda _: None,
        instead: str = ELSEWHERE,
    ) -> Written:
        """Write a workbook ("xlsx"), a web page ("html"), a document ("json") or a table ("csv", "parquet").

        Raises:
            SegxlError: a file exists with other contents, is open in Excel, or cannot be written; ``instead`` is what
                to do then.
        """
        from segxl import publish

        return publish.report(
            self.result,
            self.working,
            Path(folder),
            formats,
            overwrite=overwrite,
            progress=progress,
            remark=remark,
            instead=instead,
        )

    def numbers(self) -> pd.DataFrame:
        """Every value of the document as one table; columns: :data:`segxl.scorecard.numbers_table.COLUMNS`."""
        from segxl.report.numbers_table import report_numbers
        from segxl.scorecard.numbers_table import frame

        return frame(report_numbers(self.result))

    def json(self) -> str:
        """The document that ``--format json`` prints."""
        from segxl.render.json.report import report_json
        from segxl.report.findings import first_findings

        return report_json(self.result, first_findings(self.result, self.working))

    def pack(self) -> Pack:
        """The pages of the report's pack."""
        from segxl.pages.report.report import report_pack

        return report_pack(self.result, self.working)

    def explain(self, part: str | None, cell: str | None) -> tuple[str, tuple[DataWarning, ...]]:
        """Return a report number with the accounts behind it, and the warnings about them.

        Raises:
            SegxlError: no such part or cell; the message lists the valid ones.
        """
        from segxl.report.explain import explain

        return explain(self.result, self.working, part, cell), self.result.warnings

    def accounts(self, part: str | None, cell: str | None) -> tuple[Column, ...]:
        """Return the accounts behind a report number, by name, as columns of values.

        Raises:
            SegxlError: no such part or cell; the message lists the valid ones.
        """
        from segxl.report.explain import accounts_of

        return accounts_of(self.result, self.working, part, cell)
