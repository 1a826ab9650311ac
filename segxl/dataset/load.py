"""From a source to a dataset: read and prepare every table, and account for every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path, PurePath

import numpy as np

from segxl.dataset import contradictions
from segxl.dataset.buying_signals import prepare_activities, prepare_stages
from segxl.dataset.cutoff import CUTS
from segxl.dataset.foreign_amounts import report_missing_rates, report_other_currencies
from segxl.dataset.links import report_links
from segxl.dataset.model import Dataset
from segxl.dataset.months_of_data import Span, months_of_data
from segxl.dataset.no_segment import report_no_segment
from segxl.dataset.opportunities import Prepared, prepare
from segxl.dataset.rules_in_vain import report_unmet_words, rules_in_vain
from segxl.dataset.segment_names import one_spelling
from segxl.dataset.segments import build_segments
from segxl.dataset.targets import prepare_control_totals, prepare_targets
from segxl.errors import SegxlError, SegxlErrors
from segxl.periods import to_day, to_month
from segxl.settings.how_to_set import setting_name
from segxl.settings.model import Settings
from segxl.settings.read import read_settings
from segxl.sources.files.files import folder_opener
from segxl.sources.files.raw import plain_name
from segxl.sources.in_use import headers_in_use
from segxl.sources.lead_links import from_leads
from segxl.sources.ledger import FileEntry, Ledger
from segxl.sources.matching.accounts import match_accounts
from segxl.sources.matching.review import Review
from segxl.sources.matching.review_list import read_review, review_in_workbook
from segxl.sources.reader import Opener, TableReader
from segxl.sources.workbook.settings import with_changes
from segxl.sources.workbook.sheets import SheetCells, input_book, is_workbook, read_workbook
from segxl.tables.contracts import CONTRACTS, Table
from segxl.tables.text_column import one_in_memory

SETTINGS_FILE = "segxl.toml"


Changes = Mapping[str, object]
"""Settings by dotted key, as on the sheet Settings: ``{"toggles.membership": "period_end"}``."""
_NONE: Changes = {}


def load(
    source: str | Path, *, as_of: date | None = None, run_date: date | None = None, settings: Changes = _NONE
) -> Dataset:
    """Read a folder with a ``segxl.toml`` and the exports that it names, or an input workbook (.xlsx, .xlsm).

    ``settings`` override the source's settings, ``as_of`` and ``run_date`` both. Defaults: ``run_date`` is today,
    ``as_of`` is ``run_date``.

    Raises:
        SegxlError: the source or a file cannot be read, or is ambiguous. Lists all problems.
    """
    return read(source, as_of=as_of, run_date=run_date, settings=settings).dataset()


def load_sheets(
    name: str,
    sheets: Sequence[SheetCells],
    folder: Path = Path(),
    *,
    as_of: date | None = None,
    run_date: date | None = None,
    settings: Changes = _NONE,
) -> Dataset:
    """The same from the sheets of an input workbook, wherever they were read: ``name`` is the workbook's file name.

    ``folder`` is where a list of accounts to review would be written; nothing is read there.

    Raises:
        SegxlError: as :func:`load`; messages name the sheet and the cell.
    """
    return _read_sheets(name, sheets, folder, as_of, run_date, settings).dataset()


def build(settings: Settings, folder: Path) -> Dataset:
    """A dataset from settings and the folder that their file names are relative to."""
    return _read_folder(settings, folder).dataset()


@dataclass(frozen=True)
class TablesRead:
    """A source whose rows are read but not yet prepared: without cut-off and status.

    Attributes:
        settings: with the caller's overrides; ``name`` is the source's, where the settings give none.
        tables: mapped, filtered, one row per key, with accounts matched; ``entries`` is their ledger, without the rows
        used.
        review: as the dataset's; ``unread``: as the ledger's.
    """

    settings: Settings
    name: str
    tables: Mapping[str, Table]
    review: Review
    entries: list[FileEntry]
    unread: tuple[str, ...] = ()

    def dataset(self) -> Dataset:
        """The prepared dataset; it takes over the entries."""
        return _made(self.settings, dict(self.tables), self.review, self.entries, self.name, self.unread)


def read(
    source: str | Path, *, as_of: date | None = None, run_date: date | None = None, settings: Changes = _NONE
) -> TablesRead:
    """The first half of :func:`load`."""
    path = Path(source)
    if is_workbook(path):
        return _read_sheets(path.name, read_workbook(path), path.parent, as_of, run_date, settings)
    return _read_folder(_on(read_settings(_settings_path(path)), as_of, run_date, settings), path)


def _read_folder(settings: Settings, folder: Path) -> TablesRead:
    entries: list[FileEntry] = []
    with _opened(settings, folder) as opener:
        tables = _read_tables(TableReader(settings, opener, entries))
    review = read_review(folder, settings.account_review, partial(_known_accounts, tables))
    return _matched(settings, plain_name(folder.resolve()), tables, review, entries)


def _opened(settings: Settings, folder: Path) -> AbstractContextManager[Opener]:
    """What opens the tables of the settings: files, and tables of an engine if there are any."""
    files = folder_opener(folder, headers_in_use)
    if not any(source.in_engine for sources in settings.tables.values() for source in sources):
        return nullcontext(files)
    from segxl.sources.warehouse.opener import with_engine  # few need it, and it takes a while to import

    return with_engine(settings, folder, files)


def _read_sheets(
    name: str,
    sheets: Sequence[SheetCells],
    folder: Path,
    as_of: date | None,
    run_date: date | None,
    changes: Changes,
) -> TablesRead:
    book = input_book(name, sheets)
    settings = _on(book.settings, as_of, run_date, changes)
    if not settings.tables:
        raise SegxlError(book.nothing_to_read())
    entries: list[FileEntry] = []
    tables = TableReader(settings, book.open, entries).read()
    review = review_in_workbook(name, folder, book.review, partial(_known_accounts, tables))
    return _matched(settings, PurePath(name).stem, tables, review, entries, book.unread)


def _matched(
    settings: Settings,
    name: str,
    tables: Mapping[str, Table],
    review: Review,
    entries: list[FileEntry],
    unread: tuple[str, ...] = (),
) -> TablesRead:
    """Accounts matched, and each segment in one spelling."""
    tables, review = match_accounts(tables, review, entries)
    tables = from_leads(tables, entries)
    return TablesRead(settings, name, one_spelling(settings, tables, entries), review, entries, unread)


def _known_accounts(tables: Mapping[str, Table]) -> frozenset[str]:
    return frozenset(tables["accounts"].texts("account_id").distinct) if "accounts" in tables else frozenset()


def _on(settings: Settings, as_of: date | None, run_date: date | None, changes: Changes) -> Settings:
    if changes:
        settings = with_changes(settings, changes)
    days = {name: day for name, day in (("as_of", as_of), ("run_date", run_date)) if day is not None}
    return settings.model_copy(update=days)


def _made(
    settings: Settings,
    tables: dict[str, Table],
    review: Review,
    entries: list[FileEntry],
    name: str,
    unread: Sequence[str] = (),
) -> Dataset:
    """The prepared tables: status, cut-off, accounts, segments; ``name`` is the default for the company's name."""
    _refuse_unknown_metrics(settings)
    run_date = settings.run_date or datetime.now(UTC).date()
    as_of = settings.as_of or run_date

    tables = {name: table.without_unread() for name, table in tables.items()}
    prepared = _prepare(settings, tables, to_day(as_of), to_day(run_date), entries)
    if prepared is not None:
        tables["opportunities"] = prepared.opportunities
        if prepared.history is not None:
            tables["opportunity_history"] = prepared.history
    cut, connected = _prepare_signals(settings, tables, to_day(as_of), entries)
    cut |= prepared is not None and prepared.cut
    if "revenue" in tables:
        contradictions.of_revenue(settings, tables["revenue"], to_day(as_of), entries)
    if "segment_members" in tables:
        contradictions.of_members(tables["segment_members"], entries)
    for table, cut_table in CUTS.items():
        if table in tables:
            tables[table], later = cut_table(tables[table], to_day(as_of), entries)
            cut |= later
    account_ids = _account_ids(tables)
    report_links(tables, review.questions, entries)
    report_missing_rates(tables, settings.currency, to_day(as_of), entries)
    if prepared is not None and prepared.history is not None:
        deals, history = prepared.opportunities, prepared.history
        report_other_currencies(history, prepared.history_code, deals, settings.currency, entries)
    naming = [tables[name].texts("segment") for name in ("opportunities", "leads") if name in tables]
    segments = build_segments(
        settings,
        account_ids,
        tables.get("accounts"),
        tables.get("segments"),
        tables.get("segment_members"),
        (name for names in naming for name in names.distinct),
        to_day(as_of),
    )
    report_no_segment(settings, tables.get("accounts"), segments, to_day(as_of), entries)
    if "targets" in tables:
        tables["targets"] = prepare_targets(tables["targets"], segments, entries)
    if "control_totals" in tables:
        tables["control_totals"] = prepare_control_totals(settings, tables["control_totals"], entries)
    for index, entry in enumerate(entries):
        entry.used = tables[entry.table].count_of(index)
    if review.entry is not None:
        entries.append(review.entry)
    report_unmet_words(entries)
    in_vain = tuple(rules_in_vain(settings, tables, segments))
    return Dataset(
        name=settings.name or name,
        settings=settings,
        as_of=as_of,
        run_date=run_date,
        tables=tables,
        history_code=prepared.history_code if prepared is not None else np.empty(0, dtype=np.int32),
        account_ids=account_ids,
        segments=segments,
        ledger=Ledger(tuple(entries), tuple(unread), in_vain),
        cut=cut,
        source_months=connected,
        months=months_of_data(tables, to_month(as_of)),
        review=review,
    )


def _refuse_unknown_metrics(settings: Settings) -> None:
    if not settings.scorecard.metrics and not settings.scorecard.executive:
        return
    from segxl.catalogue.metrics import find_metric  # few settings name any

    problems = []
    for name in ("metrics", "executive"):
        for key in getattr(settings.scorecard, name) or ():
            try:
                find_metric(key.partition(".")[0])  # a column of the executive page may name a line of a metric
            except SegxlError as error:
                problems.append(f"{setting_name(settings, 'scorecard', name)}: {error}")
    if problems:
        raise SegxlErrors(problems)


def names_tables(folder: Path) -> bool:
    """Whether a folder has settings that name any table.

    Raises:
        SegxlError: it has settings that cannot be read.
    """
    path = folder / SETTINGS_FILE
    refuse_second_ending(folder)
    return path.exists() and bool(read_settings(path).tables)


def refuse_second_ending(folder: Path) -> None:
    """Refuse a ``segxl.toml.txt`` without a ``segxl.toml``: editors on Windows add the ending and hide it.

    Raises:
        SegxlError: the folder has one.
    """
    named = folder / f"{SETTINGS_FILE}.txt"
    if named.exists() and not (folder / SETTINGS_FILE).exists():
        raise SegxlError(f"{folder}: rename {named.name} to {SETTINGS_FILE}; Windows may hide the ending .txt")


def _settings_path(folder: Path) -> Path:
    if not folder.exists():
        raise SegxlError(f"{folder}: no such folder or workbook; check the path")
    if not folder.is_dir():
        raise SegxlError(f"{folder}: this is a file; name the folder with {SETTINGS_FILE}, or an input workbook")
    path = folder / SETTINGS_FILE
    refuse_second_ending(folder)
    if not path.exists():
        raise SegxlError(
            f"{folder}: {SETTINGS_FILE} is missing; run `segxl check` for proposed settings, or `segxl demo` for an "
            "example"
        )
    return path


def _read_tables(reader: TableReader) -> dict[str, Table]:
    tables = reader.read()
    if not tables:
        raise SegxlError(f"the settings list no table; add [tables.opportunities] (tables: {', '.join(CONTRACTS)})")
    return tables


def _prepare(
    settings: Settings, tables: Mapping[str, Table], as_of: int, run_day: int, entries: list[FileEntry]
) -> Prepared | None:
    opportunities = tables.get("opportunities")
    if opportunities is None:
        return None
    return prepare(settings, opportunities, tables.get("opportunity_history"), as_of, run_day, entries)


def _prepare_signals(
    settings: Settings, tables: dict[str, Table], as_of: int, entries: list[FileEntry]
) -> tuple[bool, dict[str, Span]]:
    """Prepare buying stages and activities in place. Returns whether the cut-off removed any row, and the sources'
    months."""
    cut, connected = False, dict[str, Span]()
    if "buying_stages" in tables:
        tables["buying_stages"], later = prepare_stages(settings, tables["buying_stages"], as_of, entries)
        cut |= later
    if "activities" in tables:
        tables["activities"], later, connected = prepare_activities(tables["activities"], as_of, entries)
        cut |= later
    return cut, connected


def _account_ids(tables: Mapping[str, Table]) -> tuple[str, ...]:
    """Every account of any table, those of the accounts table first."""
    columns = {name: table.texts("account_id") for name, table in tables.items() if "account_id" in table.columns}
    own = columns.pop("accounts", None)
    others = [one for one in columns.values() if own is None or not one_in_memory(one.shared[1], own.in_use[1])]
    if own is not None and not others:
        return tuple(filter(None, own.distinct.tolist()))
    ids = dict.fromkeys(() if own is None else own.distinct)
    for column in others:
        if not all(map(ids.__contains__, column.in_use[1])):
            ids |= dict.fromkeys(column.distinct)
    ids.pop("", None)
    return tuple(ids)
