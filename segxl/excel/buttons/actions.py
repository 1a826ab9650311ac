"""The actions of the workbook's buttons, in Excel and without it: each takes an open book and returns its outcome.

Nothing here asks or shows anything; :mod:`segxl.excel.buttons.macros` and the command line do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.errors import SegxlError
from segxl.excel.buttons.buttons import RESULTS
from segxl.excel.buttons.reading import read_book
from segxl.excel.drawing.draw import Listed, Result, draw_packs, listed_sheets, refuse_protected, write_text_sheet
from segxl.excel.drawing.front_page import front_page
from segxl.excel.drawing.host import Host
from segxl.excel.drawing.hosts import host_of
from segxl.messages import counted
from segxl.render.formats import PAGES

if TYPE_CHECKING:
    import xlwings as xw

    from segxl.api import Analysis, ReportResult, ScorecardResult
    from segxl.dataset.model import Dataset
    from segxl.pages.model import Pack

FOLDER = "segxl packs"
"""The folder for published packs, next to the workbook."""


@dataclass(frozen=True)
class Press:
    """Options of a pressed button on the command line; in Excel the settings give them."""

    as_of: date | None = None
    run_date: date | None = None
    allow_partial: bool = False
    tell: Callable[[str], None] = lambda _: None


@dataclass(frozen=True)
class Outcome:
    """The outcome of a button: a line for the status bar, further lines, and whether rows were rejected or checks
    failed."""

    summary: str
    lines: tuple[str, ...] = ()
    faults: bool = False
    declined: bool = False


def build_scorecard(book: xw.Book, press: Press = Press()) -> Outcome:
    """Draw the scorecard of the period and the first segment in the settings: by default the latest available month,
    All accounts. With several segments the executive page is drawn too. Published packs have the other segments."""
    analysis = read_analysis(book, press)
    result, segment = _scorecard(analysis, press)
    pack, executive = result.pack(segment), result.executive_pack()
    # a run of one segment has no executive page: clear the one that an earlier press drew
    first = replace(pack, pages=()) if executive is None else front_page(executive)
    drawn = _draw({"executive": first, "scorecard": pack}, "scorecard", book, press, front="scorecard")
    dataset = analysis.dataset
    others = len(dataset.settings.scorecard.segments or dataset.segments.names) - 1
    more = f"; Publish packs writes {counted(others, 'other segment')} too" if others > 0 else ""
    words = f"Scorecard {result.result.period.name} for {segment} is ready{_faults(analysis, result)}{more}"
    return _outcome(words, analysis, (result,), drawn.notes)


def run_report(book: xw.Book, press: Press = Press()) -> Outcome:
    """Draw the segment performance report that the settings describe."""
    analysis = read_analysis(book, press)
    press.tell("computing")
    result = analysis.report(allow_partial=press.allow_partial)
    pack = result.pack()
    drawn = _draw({"report": pack}, "report", book, press, front=pack.pages[0].key)
    return _outcome(f"{pack.title} is ready{_faults(analysis, result)}", analysis, (result,), drawn.notes)


def check_data(book: xw.Book, press: Press = Press()) -> Outcome:
    """Read everything, compute nothing: draw the ledger of all rows on its own sheet."""
    from segxl.render.ledger.text import ledger_text

    dataset = read_analysis(book, press).dataset
    pack = _check_pack(dataset)
    drawn = _draw({"check": pack}, "check", book, press, front=pack.pages[0].key)
    files, rejected = dataset.ledger.files, dataset.ledger.rejected_rows
    rows, used = sum(entry.rows for entry in files), sum(entry.used for entry in files)
    where = f", see {drawn.sheets['rejected']!r}" if "rejected" in drawn.sheets else ""
    summary = f"{counted(rows, 'row')} read, {used:,} used, {rejected:,} rejected{where}"
    return Outcome(summary, tuple(ledger_text(dataset).splitlines()), bool(rejected))


def explain_number(book: xw.Book, press: Press = Press()) -> Outcome:
    """Draw the rows behind the selected number of a sheet that segxl drew."""
    from segxl.pages.drillthrough.explained import explained_page
    from segxl.pages.model import Pack

    selected = book.selection
    if selected is None:
        raise SegxlError(_SELECT)
    name, row, column = selected.sheet.name, selected.row, selected.column
    drawn = next((one for one in listed_sheets(book) if one.sheet.casefold() == name.casefold()), None)
    if drawn is None or drawn.kind not in ("scorecard", "report"):
        raise SegxlError(_SELECT)
    pack = _pack_of(drawn, read_analysis(book, press), press)
    page = explained_page(pack, drawn.page, row, column)
    shown = book.sheets[drawn.sheet].range((row, column)).value
    stands = book.sheets[drawn.sheet].range((2, 1)).value
    subtitle = next(one for one in pack.pages if one.key == drawn.page).rows[1].cells[0]
    number = page.rows[2].cells[1]
    assert number is not None and isinstance(number.value, (int, float))
    if (subtitle is not None and stands != subtitle.value) or not _same(shown, number.value):
        button = "Build scorecard" if drawn.kind == "scorecard" else "Run segment report"
        raise SegxlError(f"the data or settings have changed since {name!r} was created: press {button} first")
    explained = Pack("Explained", pack.subject, (page,), paper=pack.paper)
    _draw({"explain": explained}, "explain", book, press, front="explained")
    records = page.records
    return Outcome(
        f"{page.rows[1].cells[0].value if page.rows[1].cells[0] else ''}: {counted(len(records or ()), 'row')}"
    )


def publish_packs(book: xw.Book, press: Press = Press()) -> Outcome:
    """Write the packs of all segments and the report next to the workbook, in each format that shows pages and as
    JSON. If the data or settings allow no report, its reason is among the outcome's lines."""
    folder = _folder_of(book) / FOLDER
    analysis = read_analysis(book, press)
    press.tell("computing")
    settings = analysis.dataset.settings.scorecard
    results: list[ScorecardResult | ReportResult] = [
        analysis.scorecard(settings.period, settings.segments, allow_partial=press.allow_partial)
    ]
    notes: list[str] = []
    try:
        results.append(analysis.report(allow_partial=press.allow_partial))
    except SegxlError as error:
        notes.append(f"the segment performance report was not written: {error}")
    written = [
        one
        for result in results
        for one in result.write(
            folder,
            (*PAGES, "json"),
            overwrite=True,
            progress=press.tell,
            remark=notes.append,
            instead=_MOVE,
        )
    ]
    fresh = sum(is_fresh for _, is_fresh in written)
    same = f", {len(written) - fresh} unchanged" if fresh < len(written) else ""
    words = f"{counted(fresh, 'file')} saved in {folder}{same}{_faults(analysis, *results)}"
    return _outcome(words, analysis, results, (*(str(path) for path, _ in written), *notes))


def import_exports(book: xw.Book, files: Sequence[Path] | None = None) -> Outcome:
    """Copy export files as text onto new sheets, one each, unchanged.

    Without ``files`` a dialog asks for them.
    """
    from segxl.excel.buttons.dialogs import choose_files
    from segxl.sources.files.verbatim_rows import file_rows

    chosen = choose_files(book.app) if files is None else list(files)
    if not chosen:
        return Outcome("No file chosen; nothing changed", declined=True)
    read = [one for path in chosen for one in file_rows(path)]  # all of them, before the workbook is touched
    host, added = host_of(book), []
    try:
        for title, rows in read:
            added.append(write_text_sheet(book, host, title, rows))
    except BaseException:
        for name in added:
            book.sheets[name].delete()
        raise
    count = sum(map(len, (rows for _, rows in read)))
    names = ", ".join(map(repr, added))
    return Outcome(f"{counted(len(added), 'sheet')} added with {counted(count, 'row')}: {names}. Next: Check data")


def clear_examples(book: xw.Book) -> Outcome:
    """Empty the example rows of the table sheets: their first cell begins with ``example:``."""
    from segxl.excel.buttons.reading import sheet_cells
    from segxl.sources.files.raw import EXAMPLE
    from segxl.tables.contracts import CONTRACTS

    if not any(sheet.name.casefold() in CONTRACTS for sheet in book.sheets):
        raise SegxlError(f"{book.name} is not an input workbook: it has no sheet named after a table")
    host, cleared = host_of(book), 0
    found: list[tuple[xw.Sheet, int, int]] = []
    for sheet in book.sheets:
        if sheet.name.casefold() in CONTRACTS:
            cells = sheet_cells(sheet, host).cells
            width = max(map(len, cells), default=0)
            found += [
                (sheet, number, width)
                for number, row in enumerate(cells, start=1)
                if row and str(row[0] or "").strip().casefold().startswith(EXAMPLE)
            ]
    for sheet in {one.name: one for one, _, _ in found}.values():
        refuse_protected(sheet, host)
    for sheet, number, width in found:
        sheet.range((number, 1), (number, width)).clear_contents()
        cleared += 1
    return Outcome(f"{counted(cleared, 'example row')} removed" if cleared else "There are no example rows left")


_SELECT = "select a number on a segxl sheet, such as Scorecard, and press the button again"


def read_analysis(book: xw.Book, press: Press) -> Analysis:
    """The sheets of an open workbook, read."""
    from segxl.api import Analysis

    press.tell("reading the sheets")
    return Analysis(read_book(book, host_of(book), as_of=press.as_of, run_date=press.run_date))


def _scorecard(analysis: Analysis, press: Press) -> tuple[ScorecardResult, str]:
    """The scorecard that is drawn into the workbook, and its segment."""
    press.tell("computing")
    dataset = analysis.dataset
    settings = dataset.settings.scorecard
    segment = dataset.segments[settings.segments[0] if settings.segments else ALL_ACCOUNTS].name
    return analysis.scorecard(settings.period, settings.segments, allow_partial=press.allow_partial), segment


def _pack_of(drawn: Listed, analysis: Analysis, press: Press) -> Pack:
    if drawn.kind == "scorecard":
        result, segment = _scorecard(analysis, press)
        return result.pack(segment)
    return analysis.report(allow_partial=press.allow_partial).pack()


def _check_pack(dataset: Dataset) -> Pack:
    from segxl.pages.audit.sources import rejected_page, sources_page
    from segxl.pages.model import Cell, Pack, Row

    ledger = dataset.ledger
    subtitle = f"{dataset.name} · rows used, excluded and rejected"
    sources = replace(sources_page(ledger, subtitle), title="Data check")
    first = Row((Cell("Data check", "title", span=8),))
    step = Row((Cell(_next_step(ledger.rejected_rows, len(ledger.unread)), "note", span=8),))
    unread = tuple(Row((Cell(line, "note", span=8),)) for line in ledger.unread)
    sources = replace(sources, rows=(first, sources.rows[1], step, *sources.rows[3:], *unread))
    rejected = rejected_page(ledger, subtitle)
    pages = (sources, *((rejected,) if rejected else ()))
    return Pack("Data check", dataset.name, pages, paper=dataset.settings.paper)


def _next_step(rejected: int, unread: int) -> str:
    """The next step after a check of the data."""
    mend = [f"{counted(rejected, 'rejected row')} (see the sheet Rejected rows)"] if rejected else []
    mend += [f"{counted(unread, 'sheet')} that could not be read (listed below)"] if unread else []
    then = "Build scorecard, Run segment report (segxl scorecard, segxl report)"
    if not mend:
        return f"All rows were read. Next: {then}."
    return f"Next: fix {' and '.join(mend)} and check again. Or continue without them: {then}."


def _draw(packs: Mapping[str, Pack], kind: str, book: xw.Book, press: Press, front: str) -> Result:
    """Draw packs by their kinds and bring a page of ``kind`` to the front."""
    press.tell("creating the sheets")
    host = host_of(book)
    drawn = draw_packs(packs, book, host)[kind]
    _link_results(book, host)
    host.show(book.sheets[drawn.sheets[front]])
    return drawn


_FIRST_PAGES = (("executive", "executive"), ("scorecard", "scorecard"), ("report", "report"))
"""Kind and page of the results that the first sheet leads to, in order."""


def _link_results(book: xw.Book, host: Host) -> None:
    """Let the cells of the first sheet that are kept for it lead to the results that are drawn."""
    if RESULTS not in book.names:
        return
    cells = book.names[RESULTS].refers_to_range
    if host.is_protected(cells.sheet):
        return
    sheets = {(one.kind, one.page): one.sheet for one in listed_sheets(book)}
    found = [sheets[place] for place in _FIRST_PAGES if place in sheets]
    for at, name in enumerate(found):
        target, words = name.replace("'", "''").replace('"', '""'), name.replace('"', '""')
        cells[0, at].formula = f'=HYPERLINK("#\'{target}\'!A1","Go to {words}")'


def _outcome(
    words: str, analysis: Analysis, results: Sequence[ScorecardResult | ReportResult], notes: Sequence[str]
) -> Outcome:
    """The outcome of drawing or writing: the choice of period, missing data, remarks, then ``notes``."""
    notes_of_results = [line for one in results for line in (one.period_note, *one.remarks) if line]
    return Outcome(words, (*notes_of_results, *analysis.messages(*results), *notes), analysis.faulty(*results))


def _faults(analysis: Analysis, *results: ScorecardResult | ReportResult) -> str:
    """The problems in a few words, for the status bar."""
    rejected = analysis.dataset.ledger.rejected_rows
    found = [f"{counted(rejected, 'row')} rejected"] if rejected else []
    failed = sum(not check.passed for one in results for check in one.result.checks)
    found += [f"{counted(failed, 'check')} failed"] if failed else []
    warnings = {warning.text for one in results for warning in one.result.warnings if not warning.fails}
    found += [counted(len(warnings), "warning")] if warnings else []
    return f" ({', '.join(found)})" if found else ""


def _same(shown: object, number: int | float) -> bool:
    return isinstance(shown, (int, float)) and abs(shown - number) <= 1e-9 * max(abs(number), 1.0)


def _folder_of(book: xw.Book) -> Path:
    """The folder that the workbook is saved in.

    Raises:
        SegxlError: it has not been saved, or lies in a place that is no folder of this computer.
    """
    try:
        path = Path(book.fullname)
    except Exception as error:  # no synced cloud folder: XlwingsError, for SharePoint UnboundLocalError
        raise SegxlError(_NO_FOLDER) from error
    if not path.is_absolute() or not path.parent.is_dir():
        raise SegxlError(_NO_FOLDER)
    return path.parent


_MOVE = "move the workbook to another folder"
_NO_FOLDER = (
    "save the workbook to a folder on this computer first: the packs are saved next to it "
    "(a workbook in OneDrive or SharePoint needs a synced folder)"
)
