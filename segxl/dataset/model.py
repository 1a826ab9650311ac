"""The dataset: the loaded tables with their settings, what every computation starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segxl.cache.shelf import Shelf
from segxl.dataset.months_of_data import span_text
from segxl.errors import SegxlError
from segxl.periods import Period
from segxl.periods import Span as Timeframe
from segxl.tables.text_column import AnyCodes, TextColumn, Texts, one_in_memory

if TYPE_CHECKING:
    from segxl.dataset.segments import Segments
    from segxl.settings.model import Settings
    from segxl.sources.ledger import Ledger
    from segxl.sources.matching.review import Review
    from segxl.tables.contracts import Table


@dataclass(frozen=True)
class Dataset:
    """The loaded tables with their settings: the input of every computation.

    Attributes:
        name: the company's name, or the folder's.
        settings: as read, with the command line's overrides.
        as_of: the data cut-off in force; ``run_date``: the day that decides which periods are available.
        tables: by name, as used: opportunities and their history, buying stages and activities are prepared
        (:mod:`segxl.dataset.opportunities`, :mod:`segxl.dataset.buying_signals`, :mod:`segxl.dataset.targets`), and
            each is cut off (:mod:`segxl.dataset.cutoff`).
        history_code: the row in opportunities of each row of the history.
        account_ids: ids by account code; those of the accounts table come first, in its order.
        segments: all segments.
        ledger: the outcome of every row: used, excluded or rejected.
        cut: whether the cut-off removed any row.
        source_months: the months that each source of activities covers, for sources with a row up to the cut-off,
        retargeting included.
        months: first and last month number that each table covers (:mod:`segxl.dataset.months_of_data`).
        review: the account review list with its questions.
        shelf: where results of this dataset alone are kept between runs.
    """

    name: str
    settings: Settings
    as_of: date
    run_date: date
    tables: Mapping[str, Table]
    history_code: NDArray[np.int32]
    account_ids: tuple[str, ...]
    segments: Segments
    ledger: Ledger
    cut: bool
    source_months: Mapping[str, tuple[int, int]]
    months: Mapping[str, tuple[int, int]]
    review: Review
    shelf: Shelf = field(default=Shelf(), compare=False, repr=False)

    @property
    def first_month(self) -> int | None:
        """The first month that any table covers; None without data."""
        return min((first for first, _ in self.months.values()), default=None)

    @property
    def last_month(self) -> int | None:
        """The last month that any table covers; None without data."""
        return max((last for _, last in self.months.values()), default=None)

    @property
    def latest_month(self) -> int | None:
        """The default month, once it is available: the last month of the opportunities, as most numbers come from them;
        without opportunities, of any table."""
        return self.months["opportunities"][1] if "opportunities" in self.months else self.last_month

    @property
    def connected_sources(self) -> frozenset[str]:
        """Sources with activities up to the cut-off, retargeting included."""
        return frozenset(self.source_months)

    @property
    def stage_kinds(self) -> frozenset[str]:
        """The kinds of the rows in buying-stage files: ``snapshots`` or ``changes``; blank if unknown."""
        return frozenset(entry.kind for entry in self.ledger.files if entry.table == "buying_stages")

    def account_codes(self, ids: Texts | TextColumn) -> NDArray[np.int32]:
        """The code of each account id; -1 where it is blank."""
        codes, place = self.account_places(TextColumn.of(ids))
        return place[codes]

    def account_places(self, ids: TextColumn) -> tuple[AnyCodes, NDArray[np.int32]]:
        """The same in two steps, for who needs some rows: codes of texts, and the account's code of each text."""
        codes, texts = ids.shared
        of_accounts = self._texts_of_accounts
        if of_accounts is not None and one_in_memory(texts, of_accounts):
            found = np.arange(len(texts), dtype=np.int32)
            found[len(of_accounts) :] = -1  # behind the ids of the accounts is a blank
            return codes, found
        places = map(self._code_of_account.get, texts, repeat(-1))
        return codes, np.fromiter(places, dtype=np.int32, count=len(texts))

    @cached_property
    def _texts_of_accounts(self) -> Texts | None:
        """The IDs of the accounts table in its column's form, if those are the first codes."""
        if "accounts" not in self.tables:
            return None
        texts = self.tables["accounts"].texts("account_id").in_use[1]
        return texts if tuple(texts) == self.account_ids[: len(texts)] else None

    @cached_property
    def _code_of_account(self) -> Mapping[str, int]:
        return dict(zip(self.account_ids, range(len(self.account_ids)), strict=True))


def months_text(dataset: Dataset) -> str:
    """The months of the data as text: ``from 2016-10 to 2017-12``, ``in 2022-02``, ``in no month``."""
    first, last = dataset.first_month, dataset.last_month
    return "in no month" if first is None or last is None else span_text((first, last))


def require_complete(dataset: Dataset, time: Period | Timeframe, latest: Period | Timeframe | None) -> None:
    """Refuse a period or timeframe that is not complete by the run date and the cut-off.

    ``latest`` is the latest available one of its kind; None if there is none.

    Raises:
        SegxlError: it is not complete; the message names the reason, the date from which it is available and the
            latest available one.
    """
    word = "period" if isinstance(time, Period) else "timeframe"
    available = f"the latest available {latest.kind} is {latest.dated}; " if latest else ""
    if dataset.run_date < time.available_on:
        when = "the Monday after" if time.kind == "week" else "the 3rd of the next month"
        raise SegxlError(
            f"{time.dated} is not available before {time.available_on}, {when}; {available}"
            f"choose an earlier {word}, or add --allow-partial for a partial {word}"
        )
    if dataset.as_of < time.window.end:
        raise SegxlError(
            f"the data cut-off is {dataset.as_of}, before the end of {time.dated}; {available}"
            f"choose an earlier {word} or a later cut-off, or add --allow-partial for a partial {word}"
        )
