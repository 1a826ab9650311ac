"""The datasets of this Python process by handle: loaded when first needed, kept while there is room.

A folder or a file is taken from what is kept between runs (:mod:`segxl.dataset.kept`), unless anything in it has
changed: 0.02 CPU seconds in place of 0.83 for the demo. The command line keeps in the same place, and `segxl cache
clear` empties it. A warehouse is read again each time; of an open workbook, the cells are kept
(:mod:`segxl.excel.functions.kept_sheets`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from segxl.api import Analysis, ReportResult, ScorecardResult, load
from segxl.dataset.load import load_sheets
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.errors import SegxlError
from segxl.excel.functions.arguments import Grid, is_blank, period_of, text_of
from segxl.excel.functions.handles import Handle, fingerprint_of, plain_settings
from segxl.excel.functions.kept_sheets import keep, kept
from segxl.excel.functions.problems import BadArgumentError, NoValueError
from segxl.periods import Period
from segxl.scorecard.period_choice import choose_period

if TYPE_CHECKING:
    import xlwings as xw

MOST = 8
"""Datasets that are kept; the one that was used longest ago goes first."""
_MOST_RESULTS = 32

_REFRESH = "Change its refresh cell, or press Ctrl+Alt+F9"
_T = TypeVar("_T")


class Loaded:
    """A loaded dataset and the results computed from it so far.

    Attributes:
        handle: its handle.
        analysis: the loaded source.
        answers: single numbers by their arguments (:mod:`segxl.excel.functions.metric`).
    """

    def __init__(self, handle: Handle, analysis: Analysis) -> None:
        self.handle = handle
        self.analysis = analysis
        self.answers: dict[tuple[Any, ...], Any] = {}
        self._periods: dict[Hashable, Period] = {}
        self._segments: dict[str, str] = {}
        self._results: OrderedDict[Hashable, Any] = OrderedDict()

    @property
    def is_of_today(self) -> bool:
        """Whether the day that decides the available months is still the day of loading."""
        dataset = self.analysis.dataset
        return dataset.settings.run_date is not None or dataset.run_date == _today()

    def period(self, value: object) -> Period:
        """The period that an argument names; blank is the latest available month.

        Raises:
            BadArgumentError: it names none.
            NoValueError: the period is not available yet, or has no data.
        """
        key: Hashable = value if isinstance(value, Hashable) else None
        found = self._periods.get(key)
        if found is None:
            asked = period_of(value, self.analysis.dataset.settings.fiscal)
            try:
                found, _ = choose_period(self.analysis.dataset, asked.label if asked else None)
            except SegxlError as error:
                raise NoValueError(str(error)) from None
            self._periods[key] = found
        return found

    def segment(self, value: object) -> str:
        """The name of the segment that an argument names, in any case; blank is All accounts.

        Raises:
            SegxlError: there is none.
        """
        word = text_of(value, "segment")
        if word not in self._segments:
            self._segments[word] = self.analysis.dataset.segments[word].name if word else ALL_ACCOUNTS
        return self._segments[word]

    def scorecard(self, segment: str, period: Period) -> ScorecardResult:
        """The scorecard of one segment, computed once."""
        return self._once(
            ("scorecard", segment, period.label), partial(self.analysis.scorecard, period.label, [segment])
        )

    def report(self, **options: Any) -> ReportResult:
        """The report with some options, computed once."""
        return self._once(("report", *sorted(options.items())), partial(self.analysis.report, **options))

    def _once(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        if key in self._results:
            self._results.move_to_end(key)
            found: _T = self._results[key]
            return found
        result = self._results[key] = compute()
        if len(self._results) > _MOST_RESULTS:
            self._results.popitem(last=False)
        return result


class Datasets:
    """Loaded datasets by the text of their handle."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Loaded] = OrderedDict()

    def open(self, source: Path | xw.Book, settings: Mapping[str, object]) -> Loaded:
        """Read a source now, whether it was read before or not.

        Raises:
            SegxlError: it cannot be read, or a setting is wrong.
        """
        if isinstance(source, Path):
            analysis = load(source, settings=settings)
            handle = Handle(fingerprint_of(analysis), str(source), plain_settings(settings))
            return self._add(Loaded(handle, analysis))
        from segxl.excel.functions.callers_book import callers_cells

        cells = callers_cells(source)
        analysis = Analysis(load_sheets(source.name, cells, settings=settings))
        handle = Handle(keep(source.name, cells), source.name, plain_settings(settings), book=True)
        return self._add(Loaded(handle, analysis))

    def find(self, text: object) -> Loaded:
        """The dataset of a handle; it is loaded again where this process does not have it.

        Raises:
            BadArgumentError: the text is not a handle, or the data are gone or have changed since.
        """
        word = text_of(text, "dataset")
        if not word:
            raise BadArgumentError("dataset is blank: point to a cell with SEGXL_DATASET")
        loaded = self._kept.get(word)
        if loaded is None or not loaded.is_of_today:
            return self._again(Handle.parse(word))
        self._kept.move_to_end(word)
        return loaded

    def _again(self, handle: Handle) -> Loaded:
        settings = dict(handle.settings)
        if handle.book:
            sheets = kept(handle.fingerprint)
            if sheets is None:
                said = f"segxl no longer has the tables of {handle.source}: recalculate the cell with SEGXL_DATASET"
                raise BadArgumentError(f"{said}. {_REFRESH}")
            return self._add(Loaded(handle, Analysis(load_sheets(*sheets, settings=settings))))
        analysis = load(handle.source, settings=settings)
        found = fingerprint_of(analysis)
        if found != handle.fingerprint:
            raise BadArgumentError(
                f"the data in {handle.source} have changed since SEGXL_DATASET read them. {_REFRESH}"
            )
        return self._add(Loaded(handle, analysis))

    def _add(self, loaded: Loaded) -> Loaded:
        text = str(loaded.handle)
        self._kept[text] = loaded
        self._kept.move_to_end(text)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return loaded


DATASETS = Datasets()
"""Those of this process."""


def source_of(value: object, caller: Any) -> Path | xw.Book:
    """The source that an argument names; blank is the workbook of the calling cell.

    A path that is not complete starts at the workbook's folder.

    Raises:
        BadArgumentError: blank without a workbook, or a relative path in a workbook that was never saved.
    """
    word = text_of(value, "source").strip('"')
    if not word:
        if caller is None:
            raise BadArgumentError(
                "source is blank: that means the tables of this workbook, so it works only in a cell"
            )
        book: xw.Book = caller.sheet.book
        return book
    path = Path(word).expanduser()
    if path.is_absolute() or caller is None:
        return path.absolute()
    folder = Path(str(caller.sheet.book.fullname)).parent
    if not folder.is_absolute():
        raise BadArgumentError(
            f"source {word!r} has no full path, and the folder of this workbook is unknown: write a full path"
        )
    return folder / path


def settings_of(grid: Grid) -> dict[str, object]:
    """Settings from two columns, dotted keys and values; blank rows do not count.

    Raises:
        BadArgumentError: there are not two columns, or a value has no key.
    """
    found: dict[str, object] = {}
    for number, row in enumerate(grid, start=1):
        if all(is_blank(cell) for cell in row):
            continue
        if len(row) != 2:
            raise BadArgumentError("settings takes two columns: keys like toggles.membership, and values")
        key, value = text_of(row[0], "settings"), row[1]
        if not key:
            raise BadArgumentError(f"settings: row {number} has a value and no key")
        found[key] = value if isinstance(value, date) else text_of(value, f"the setting {key}")
    return {key: value.date().isoformat() if isinstance(value, datetime) else value for key, value in found.items()}


def _today() -> date:
    return datetime.now(UTC).date()
