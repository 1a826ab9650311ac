"""Opportunities made ready: status, dates, cut-off, and their history in order.

What the rest relies on afterwards: ``status`` is open, won or lost; ``closed_on`` is there exactly for won and lost
ones; ``expected_close_on`` holds an open one's date; stages are spelled as the settings spell them; nothing is dated
after the cut-off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segxl.periods import NEVER, to_date
from segxl.settings import Settings
from segxl.sources.ledger import FileEntry
from segxl.sources.reader import ORDER, exclude, reject
from segxl.tables import Table, Texts

Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Prepared:
    """Opportunities and their history. ``cut`` tells that the cut-off took something away.

    ``history_code`` gives each history row's opportunity as a row of the opportunities; rows are sorted by it and
    then by time, later rows of one moment last.
    """

    opportunities: Table
    history: Table | None
    history_code: Codes
    cut: bool


def prepare(
    settings: Settings, opportunities: Table, history: Table | None, as_of: int, entries: list[FileEntry]
) -> Prepared:
    """Apply the rules of status, closing and cut-off; every row that goes is written to the ledger."""
    spelled = _spelling(settings)
    opportunities = _with(opportunities, stage=_respell(opportunities["stage"], spelled))
    opportunities = _with_status(settings, opportunities)
    closed = opportunities["status"] != "open"
    opportunities = reject(
        opportunities,
        closed & (opportunities["closed_on"] == NEVER),
        "closed_on",
        "is blank though the opportunity is won or lost",
        "fill in the day it closed, or show it as open",
        entries,
    )
    opportunities = _expected_dates(opportunities)

    later = opportunities["created_on"] > as_of
    rule = f"after the cut-off {to_date(as_of)}"
    cut = bool(later.any())
    opportunities = exclude(opportunities, later, rule, entries)
    code = np.empty(0, dtype=np.int32)
    cut_rows = np.zeros(len(opportunities), dtype=bool)
    if history is not None:
        history = _with(history, stage=_respell(history["stage"], spelled))
        code = _codes_in(history["opportunity_id"], opportunities["opportunity_id"])
        unknown = code < 0
        history, code = exclude(history, unknown, "of an opportunity that is not used", entries), code[~unknown]
        after = history["changed_at"] > as_of
        cut_rows[code[after]] = True
        history, code = exclude(history, after, rule, entries), code[~after]
        order = np.lexsort((np.arange(len(history)), history[ORDER], code))
        history, code = history.take(order), code[order]
    opportunities, closed_later = _forget(settings, opportunities, history, code, cut_rows, as_of)
    return Prepared(opportunities, history, code, cut or bool(cut_rows.any()) or closed_later)


def _with(table: Table, **columns: NDArray[Any]) -> Table:
    return Table(table.contract, {**table.columns, **columns}, table.given, table.file, table.row)


def _spelling(settings: Settings) -> dict[str, str]:
    return {stage.casefold(): stage for stage in (*settings.stages, *settings.won_stages, *settings.lost_stages)}


def _respell(stages: Texts, spelled: dict[str, str]) -> Texts:
    codes, uniques = pd.factorize(stages)
    return np.array([*(spelled.get(" ".join(word.split()).casefold(), word) for word in uniques), ""], dtype=object)[codes]


def _outcomes(settings: Settings, stages: Texts) -> Texts:
    """won, lost or open, by the won and lost stages."""
    known = dict.fromkeys((stage.casefold() for stage in settings.lost_stages), "lost")
    known |= dict.fromkeys((stage.casefold() for stage in settings.won_stages), "won")
    codes, uniques = pd.factorize(stages)
    return np.array([*(known.get(word.casefold(), "open") for word in uniques), "open"], dtype=object)[codes]


def _with_status(settings: Settings, table: Table) -> Table:
    """Mapped, else by the won and lost stages, else open."""
    by_stage = _outcomes(settings, table["stage"])
    return _with(table, status=np.where(table["status"] == "", by_stage, table["status"]))


def _expected_dates(table: Table) -> Table:
    """An open opportunity's closing date is the day it is expected to close."""
    still_open = table["status"] == "open"
    expected = table["expected_close_on"]
    expected = np.where(still_open & (expected == NEVER), table["closed_on"], expected).astype(np.int32)
    closed_on = np.where(still_open, NEVER, table["closed_on"]).astype(np.int32)
    return _with(table, expected_close_on=expected, closed_on=closed_on)


def _codes_in(ids: Texts, known: Texts) -> Codes:
    """The row of each id among ``known``, -1 where it is not there."""
    return pd.Index(known).get_indexer(pd.Index(ids)).astype(np.int32)


def _forget(
    settings: Settings, table: Table, history: Table | None, code: Codes, cut_rows: Mask, as_of: int
) -> tuple[Table, bool]:
    """Undo what came after the cut-off: later closings with their reason, later stages, amounts and reopenings.

    An opportunity with history rows after the cut-off goes back to its last row before it, closed again if that row
    closed it. One that closed later without history is open in a stage that nobody recorded.
    """
    closed_later = (table["closed_on"] > as_of) & (table["closed_on"] != NEVER)
    back = closed_later | cut_rows
    if not back.any():
        return table, False
    status, stage = table["status"].copy(), table["stage"].copy()
    closed_on, expected = table["closed_on"].copy(), table["expected_close_on"].copy()
    amount, reason = table["amount"].copy(), table["loss_reason"].copy()
    status[closed_later], closed_on[closed_later], reason[closed_later] = "open", NEVER, ""
    stage[back & (status == "open")] = ""
    if history is not None and len(history):
        last = np.flatnonzero(np.append(code[1:] != code[:-1], True))
        last = last[back[code[last]] & (status[code[last]] == "open")]
        rows = code[last]
        stage[rows] = history["stage"][last]
        status[rows] = _outcomes(settings, history["stage"][last])
        closed_on[rows] = np.where(status[rows] == "open", NEVER, history["changed_at"][last])
        last = np.flatnonzero(np.append(code[1:] != code[:-1], True))
        last = last[cut_rows[code[last]]]
        if "amount" in history.given:
            amount[code[last]] = history["amount"][last]
        if "close_date" in history.given:
            dated = last[status[code[last]] == "open"]
            expected[code[dated]] = history["close_date"][dated]
    columns = {
        "status": status,
        "stage": stage,
        "closed_on": closed_on,
        "expected_close_on": expected,
        "amount": amount,
        "loss_reason": reason,
    }
    return _with(table, **columns), bool(closed_later.any())
