"""Opportunities made ready: status, dates, cut-off, and their history in order.

What the rest relies on afterwards: ``status`` is open, won or lost; ``closed_on`` is there exactly for won and lost
ones; ``expected_close_on`` holds an open one's date; stages are spelled as the settings spell them; nothing is dated
after the cut-off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.dataset import contradictions, deal_words
from segxl.dataset.cutoff import without_later
from segxl.messages import counted
from segxl.periods import NEVER
from segxl.settings.how_to_set import of_table
from segxl.settings.model import Settings
from segxl.sources.ledger import FileEntry, by_file, exclude, reject
from segxl.tables.codes import Codes, Mask
from segxl.tables.contracts import NO_MONEY, ORDER, Table
from segxl.tables.text_column import TextColumn, places_among

UNUSED = "its opportunity is not used"
"""The ledger's rule for excluded history."""


@dataclass(frozen=True)
class Prepared:
    """Opportunities and their history. ``cut``: whether the cut-off removed any row. ``history_code``: the row in
    opportunities of each history row; history is sorted by it, then by time.
    """

    opportunities: Table
    history: Table | None
    history_code: Codes
    cut: bool


def closed_stages(settings: Settings) -> tuple[set[str], set[str]]:
    """The stages that mean won and those that mean lost, in lower case: the settings' own, and those that they map to
    won or lost where the status is read from the stage's own column."""
    won = {stage.casefold() for stage in settings.won_stages}
    lost = {stage.casefold() for stage in settings.lost_stages}
    for source in settings.tables.get("opportunities", ()):
        status, stage = source.values.get("status"), source.columns.get("stage", "stage")
        if status and status.source and status.source.casefold() == stage.casefold():
            for word, meaning in status.words.items():
                if meaning in ("won", "lost"):
                    (won if meaning == "won" else lost).add(word.casefold())
    return won, lost


def prepare(
    settings: Settings,
    opportunities: Table,
    history: Table | None,
    as_of: int,
    run_day: int,
    entries: list[FileEntry],
) -> Prepared:
    """Apply the rules of status, closing and cut-off; every row that goes is written to the ledger."""
    known_until = _known_until(opportunities, history, max(as_of, run_day))
    spelled = _spelling(settings)
    opportunities = _with_known_stages(opportunities, spelled, entries)
    by_stage = _outcomes(settings, opportunities.texts("stage")).cells
    deal_words.unnamed_stages(settings, opportunities, by_stage, entries)
    deal_words.contradicted_statuses(settings, opportunities, by_stage, entries)
    deal_words.unlisted_types(settings, opportunities, entries)
    opportunities = _with(
        opportunities, status=np.where(opportunities["status"] == "", by_stage, opportunities["status"])
    )
    undated = (opportunities["status"] != "open") & (opportunities["closed_on"] == NEVER)
    without = [at for at, entry in enumerate(entries) if "closed_on" not in entry.headers]
    unfed = undated & np.isin(opportunities.file, without)
    opportunities = reject(
        opportunities,
        unfed,
        "closed_on",
        "has no column in the file, but the opportunity is won or lost",
        f"map the column with the close date: {of_table(settings, 'opportunities').column('closed_on')}",
        entries,
    )
    opportunities = reject(
        opportunities,
        undated[~unfed],
        "closed_on",
        "is blank, but the opportunity is won or lost",
        "fill in the close date, or set the opportunity to open",
        entries,
    )
    opportunities = _expected_dates(opportunities)

    later = opportunities["created_on"] > as_of
    opportunities, cut = without_later(opportunities, later, as_of, entries)
    code = cut_code = np.empty(0, dtype=np.int32)
    cut_history: Table | None = None
    if history is not None:
        history = _with_known_stages(history, spelled, entries)
        code = places_among(history.texts("opportunity_id"), opportunities.texts("opportunity_id"))
        unknown = code < 0
        _warn_of_strangers(history, unknown, entries)
        history, code = exclude(history, unknown, UNUSED, entries), code[~unknown]
        after = history["changed_at"] > as_of
        cut_history, cut_code = history.take(after), code[after]
        history, code = without_later(history, after, as_of, entries)[0], code[~after]
        order = np.lexsort((history[ORDER], code))  # rows of one moment stay in their order
        history, code = history.take(order), code[order]
        closed = frozenset[str]().union(*closed_stages(settings))
        deal_words.unnamed_stages_of_history(settings, closed, opportunities, history, code, entries)
    contradictions.closed_in_the_future(opportunities, opportunities["closed_on"], known_until, entries)
    closed_on = opportunities["closed_on"]
    opportunities, closed_later = _forget(opportunities, history, code, cut_history, cut_code, as_of)
    contradictions.amounts_of_deals(opportunities, entries)
    if history is not None:
        later = (closed_on > as_of) & (closed_on != NEVER)
        later[cut_code] = True
        contradictions.history_of_deals(settings, closed_stages(settings), opportunities, history, code, later, entries)
    return Prepared(opportunities, history, code, cut or bool(len(cut_code)) or closed_later)


def _known_until(opportunities: Table, history: Table | None, day: int) -> int:
    """The last day the data can know: ``day``, or a later day on which an opportunity was created or changed, as with a
    cut-off in the past."""
    days = [opportunities["created_on"], *([] if history is None else [history["changed_at"]])]
    known = np.concatenate([np.array([day], dtype=np.int32), *days])
    return int(known[known != NEVER].max())


def _with(table: Table, **columns: NDArray[Any] | TextColumn) -> Table:
    return replace(table, columns={**table.columns, **columns})


def _spelling(settings: Settings) -> dict[str, str]:
    return {stage.casefold(): stage for stage in (*settings.stages, *settings.won_stages, *settings.lost_stages)}


def _with_known_stages(table: Table, spelled: dict[str, str], entries: list[FileEntry]) -> Table:
    """Stages spelled as in the settings; the ledger notes exports that spell them differently."""

    def plainly(word: str) -> str:
        return spelled.get(" ".join(word.split()).casefold(), word)

    stages = table.texts("stage")
    for entry, mine in by_file(table, stages.which(lambda word: plainly(word) != word), entries):
        words = stages.take(mine).distinct
        shown = ", ".join(f"{str(word)!r} as {spelled[' '.join(word.split()).casefold()]!r}" for word in words[:3])
        entry.notes.append(f"{counted(int(mine.sum()), 'row spells', 'rows spell')} a stage differently: read {shown}")
    return _with(table, stage=stages.changed(plainly))


def _outcomes(settings: Settings, stages: TextColumn) -> TextColumn:
    """won, lost or open, by the won and lost stages."""
    known = dict.fromkeys((stage.casefold() for stage in settings.lost_stages), "lost")
    known |= dict.fromkeys((stage.casefold() for stage in settings.won_stages), "won")
    return stages.changed(lambda word: known.get(word.casefold(), "open"))


def _expected_dates(table: Table) -> Table:
    """An open opportunity's closing date is the day it is expected to close."""
    still_open = table["status"] == "open"
    expected = table["expected_close_on"]
    expected = np.where(still_open & (expected == NEVER), table["closed_on"], expected).astype(np.int32)
    closed_on = np.where(still_open, NEVER, table["closed_on"]).astype(np.int32)
    return _with(table, expected_close_on=expected, closed_on=closed_on)


def _warn_of_strangers(history: Table, unknown: Mask, entries: list[FileEntry]) -> None:
    """If no history row matches an opportunity, the IDs are of another kind; a few rows may not match because a rule
    filtered their deals out."""
    for file in np.unique(history.file[unknown]):
        mine = history.file == file
        if unknown[mine].all():
            like = str(history["opportunity_id"][mine][0])
            entries[file].warn(
                "reference",
                f"no row matches an opportunity: its IDs, like {like!r}, are not in opportunities",
                fix="Export the same IDs in both files, or name the right column: "
                + entries[file].to_set.column("opportunity_id"),
            )


def _forget(
    table: Table, history: Table | None, code: Codes, cut: Table | None, cut_code: Codes, as_of: int
) -> tuple[Table, bool]:
    """Undo what came after the cut-off: later closings with their reason, later stages and amounts.

    An opportunity closed later is open. Where history rows were cut, the stage is that of the last row left, and if a
    cut row stated an amount, the amount is the last one that the rows left state: the export's own may be the later
    one. Cut off between 100 in March and 120 in May, the amount is 100.
    """
    closed_later = (table["closed_on"] > as_of) & (table["closed_on"] != NEVER)
    stage, amount, expected = table["stage"].copy(), table["amount"].copy(), table["expected_close_on"].copy()
    status = np.where(closed_later, "open", table["status"])
    stage[closed_later] = ""
    if history is not None and cut is not None:
        changed_later = np.unique(cut_code)
        is_open = status == "open"
        stage[changed_later[is_open[changed_later]]] = ""
        last = _last_rows(code)
        back = last[is_open[code[last]] & np.isin(code[last], np.union1d(changed_later, np.flatnonzero(closed_later)))]
        stage[code[back]] = history["stage"][back]
        restated = np.unique(cut_code[cut["amount"] != NO_MONEY])
        amount[restated] = NO_MONEY
        stated = np.flatnonzero((history["amount"] != NO_MONEY) & np.isin(code, restated))
        amount[code[stated]] = history["amount"][stated]  # rows are in order of time: the last one stays
        redated = np.unique(cut_code[cut["close_date"] != NEVER])
        redated = redated[is_open[redated]]
        expected[redated] = NEVER
        dated = np.flatnonzero((history["close_date"] != NEVER) & np.isin(code, redated))
        expected[code[dated]] = history["close_date"][dated]
    columns = {
        "status": status,
        "stage": stage,
        "closed_on": np.where(closed_later, NEVER, table["closed_on"]).astype(np.int32),
        "expected_close_on": expected,
        "amount": amount,
        "loss_reason": np.where(closed_later, "", table["loss_reason"]),
    }
    return _with(table, **columns), bool(closed_later.any())


def _last_rows(code: Codes) -> NDArray[np.int64]:
    """The last row of each opportunity in a history sorted by opportunity."""
    return np.flatnonzero(np.append(code[1:] != code[:-1], True)) if len(code) else np.empty(0, dtype=np.int64)
