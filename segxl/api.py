"""What Python code calls, and every host of segxl too: one object that reads a source once, computes and writes.

A result keeps what it was computed from. So a pack, a list of rows and an explanation always belong to the numbers
they are written for, and nothing is computed a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segxl import publish
from segxl.dataset import load as datasets
from segxl.dataset.load import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.dataset.warnings import DataWarning, scorecard_window, told, touching
from segxl.facts.engagement import Presence
from segxl.facts.engine import Facts
from segxl.render.shared.atomic_files import ELSEWHERE
from segxl.report.choices import Options
from segxl.report.compute import make as make_report
from segxl.report.model import Report
from segxl.report.working import Working
from segxl.scorecard.compute import make as make_scorecard
from segxl.scorecard.model import Scorecard
from segxl.scorecard.period_choice import choose_period

if TYPE_CHECKING:
    from segxl.pages.model import Pack

__all__ = ["Analysis", "ReportResult", "ScorecardResult", "load"]

Tell = Callable[[str], None]
Written = list[tuple[Path, bool]]
"""Paths, and whether each was written (False: the file already held the same bytes)."""


def load(source: str | Path, *, as_of: date | None = None, run_date: date | None = None) -> Analysis:
    """Read a folder with a ``segxl.toml`` and the exports that it names, or an input workbook (.xlsx, .xlsm).

    ``as_of`` and ``run_date`` win over the settings; ``run_date`` is today where neither gives it, ``as_of`` is
    ``run_date``.

    Raises:
        SegxlError: the source or a file cannot be read, or leaves a question open. All problems at once.
    """
    return Analysis(datasets.load(source, as_of=as_of, run_date=run_date))


@dataclass(frozen=True)
class Analysis:
    """A source that was read once, with everything that can be computed from it."""

    dataset: Dataset

    @cached_property
    def facts(self) -> Facts:
        """What every scorecard of this source is computed from."""
        return Facts(self.dataset)

    @cached_property
    def presence(self) -> Presence:
        """What every report of this source is computed from."""
        return Presence(self.dataset)

    def scorecard(
        self, period: str | None = None, segments: Sequence[str] = (), *, allow_partial: bool = False
    ) -> ScorecardResult:
        """The scorecard of a month ("2026-10") or a fiscal quarter ("2026-Q3"), for some segments or for all.

        Without a period, the latest available month that has data.

        Raises:
            SegxlError: the period is not available or has no data, or a segment does not exist.
        """
        result, said = make_scorecard(self.facts, period, segments, allow_partial=allow_partial)
        return ScorecardResult(self, result, said)

    def report(self, **options: Any) -> ReportResult:
        """The segment performance report; options as in :class:`segxl.report.choices.Options`, each with its default.

        ``report(type="engagement", segments=("Priority",), analysis="2026-10", cohort="analysis")``

        Raises:
            SegxlError: an option, a setting or the data does not allow it; the message says what to change.
        """
        result, working, said = make_report(self.presence, Options(**options))
        return ReportResult(self, result, working, said)

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
        """A number of the scorecard with the rows behind it, and the warnings that touch it.

        Raises:
            SegxlError: no such metric, period, segment, view or item.
        """
        from segxl.scorecard.explain import explain

        chosen = choose_period(self.dataset, period, allow_partial=allow_partial)[0]
        text = explain(self.facts, metric, chosen, segment, view, item)
        return text, touching(self.dataset, scorecard_window(chosen), [segment or ALL_ACCOUNTS])

    def told(self, *results: ScorecardResult | ReportResult) -> tuple[str, ...]:
        """What a reader of these results has to know about the data, a line each; nothing for clean data."""
        return told(self.dataset, *(one.result for one in results))

    def faulty(self, *results: ScorecardResult | ReportResult) -> bool:
        """Whether rows were rejected or a check failed."""
        return bool(self.dataset.ledger.rejected_rows) or not all(one.result.passed for one in results)


@dataclass(frozen=True)
class ScorecardResult:
    """A scorecard, and what it was computed from.

    Attributes:
        result: the numbers: exact, in minor units (cents).
        said: how the period was chosen; blank where the caller named it.
    """

    analysis: Analysis
    result: Scorecard
    said: str

    @property
    def remarks(self) -> tuple[str, ...]:
        """What else a reader has to know; the pages say it too."""
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
    ) -> Written:
        """Write a workbook ("xlsx") or a web page ("html") for each segment, over several of them the executive pack,
        and one document for all ("json").

        Raises:
            SegxlError: a file exists with other contents, is open in Excel, or cannot be written; ``instead`` is what
                to do then.
        """
        return publish.scorecard(
            self.analysis.facts,
            self.result,
            Path(folder),
            formats,
            overwrite=overwrite,
            progress=progress,
            remark=remark,
            instead=instead,
        )

    def json(self) -> str:
        """The document that ``--format json`` prints."""
        from segxl.render.json.scorecard import scorecard_json

        return scorecard_json(self.result)

    def pack(self, segment: str) -> Pack:
        """The pages of one segment's pack."""
        from segxl.pages.scorecard.pack import scorecard_pack

        return scorecard_pack(self.analysis.facts, self.result, segment)


@dataclass(frozen=True)
class ReportResult:
    """A segment performance report, and what it was computed from; attributes as of :class:`ScorecardResult`."""

    analysis: Analysis
    result: Report
    working: Working
    said: str

    @property
    def remarks(self) -> tuple[str, ...]:
        """What else a reader has to know; the pages say it too."""
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
        """Write a workbook ("xlsx"), a web page ("html") or a document ("json").

        Raises:
            SegxlError: a file exists with other contents, is open in Excel, or cannot be written; ``instead`` is what
                to do then.
        """
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

    def json(self) -> str:
        """The document that ``--format json`` prints."""
        from segxl.render.json.report import report_json

        return report_json(self.result)

    def pack(self) -> Pack:
        """The pages of the report's pack."""
        from segxl.pages.report.report import report_pack

        return report_pack(self.result, self.working)

    def explain(self, part: str | None, cell: str | None) -> tuple[str, tuple[DataWarning, ...]]:
        """A number of the report with the accounts behind it, and the warnings that touch it.

        Raises:
            SegxlError: no such part or cell; the message lists what there is.
        """
        from segxl.report.explain import explain

        return explain(self.result, self.working, part, cell), self.result.warnings
