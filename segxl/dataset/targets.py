"""Targets and control totals, prepared: the segment, line of the scorecard and period of each.

What the rest relies on afterwards: ``metric`` is a metric's key and ``view`` the key of one of its lines (blank for an
item that names no cut); a target's ``segment`` is spelled as the segment is, ``All accounts`` where the row left it
blank, and no line has two targets for one month; a control total's ``period`` is the label of a month or of a fiscal
quarter, and ``tolerance`` is in the measure of its value. A row that cannot be made so is rejected with its reason.
The cut-off takes nothing away here: a plan is known before its month, and a total comes from another source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.line_names import find_line
from segxl.catalogue.metric import Metric
from segxl.catalogue.views import Cut
from segxl.dataset.segments import ALL_ACCOUNTS, Segments
from segxl.errors import SegxlError, UnsetError, nearest
from segxl.periods import Fiscal, month_period, parse_period
from segxl.settings.how_to_set import of_table
from segxl.settings.model import Settings
from segxl.sources.ledger import FileEntry, exclude, reject
from segxl.sources.values import readers as values
from segxl.tables.contracts import Table, Texts

Problem = tuple[str, str] | None
"""What is wrong with a value, and what to change; None if it is right."""


def prepare_targets(table: Table, segments: Segments, entries: list[FileEntry]) -> Table:
    """Targets by segment, line and month, each once.

    A blank segment is All accounts alone: a company's plan is no sum of segments' plans, nor they a part of it, for
    segments overlap and omit accounts. (The alternative, a blank one for each segment, would plan it as often.)
    An item that names a line of its metric (``new_logo``) is that line; another one belongs to a cut that
    :class:`segxl.scorecard.targets.Targets` finds.

    Rows that mean the same line, month, segment and item, however they write it: those with one value are one, those
    that differ are all rejected, as everywhere.
    """
    known = {name.casefold(): name for name in segments.names}
    names = np.array([known.get(_words(text), text) if text else ALL_ACCOUNTS for text in table["segment"]], object)
    table = _with(table, segment=names)
    table = _rejected(
        table, "segment", [_unknown_segment(name, known) for name in map(str, names)], entries, shown=names
    )
    table, lines = _without_huge_rates(*_named(table, "metric", entries), entries)
    views = [_target_line(line, str(item)) for line, item in zip(lines, table["item"], strict=True)]
    problems = [view if isinstance(view, tuple) else None for view in views]
    table = _with(
        table,
        metric=_texts([metric.key for metric, _ in lines]),
        view=_texts([view if isinstance(view, str) else "" for view in views]),
        item=_texts(
            [
                "" if isinstance(view, str) and not _has_items(metric, view) else str(item)
                for (metric, _), view, item in zip(lines, views, table["item"], strict=True)
            ]
        ),
    )
    table = _rejected(table, "item", problems, entries, shown=table["item"])
    return _once(table, entries)


def prepare_control_totals(settings: Settings, table: Table, entries: list[FileEntry]) -> Table:
    """Control totals with the line that each is of, its period, and its tolerance as a number.

    ``name``: a metric's key, alone or with a line (``mrr.closing``), or ``closing_mrr``; always of All accounts.
    ``period``: a month or a fiscal quarter. ``tolerance``: the accepted difference in the unit of the value, 0 if
    blank; with a percent sign it is that part of the value: of 2,515,900 a tolerance of 0.1% is 2,515.90. (The
    alternative, a default tolerance, would hide differences that are not rounding.)
    """
    table, found = _named(table, "name", entries)
    with_items: list[Problem] = [
        ("has one total per item, but no overall total", f"use another line than {metric.key}.{cut.key}")
        if cut.each
        else None
        for metric, cut in found
    ]
    table = _with(
        table,
        metric=_texts([metric.key for metric, _ in found]),
        view=_texts([cut.key for _, cut in found]),
    )
    table = _rejected(table, "name", with_items, entries, shown=table["name"])
    labels = [_label(str(text), settings.fiscal) for text in table["period"]]
    unread: list[Problem] = [
        None if label else ("is not a month or quarter", "write it like 2026-10 or 2026-Q3") for label in labels
    ]
    table = _rejected(_with(table, period=_texts(labels)), "period", unread, entries, shown=table["period"])
    tolerances, bad = _tolerances(settings, table)
    wrong: list[Problem] = [("must be a number, 0 or more", "write it like 25 or 0.5%") if one else None for one in bad]
    texts = table["tolerance"]
    table = _rejected(_with(table, tolerance=tolerances), "tolerance", wrong, entries, shown=texts)
    return _once_by(table, ("metric", "view", "period"), ("value", "tolerance"), "name", entries)


def _words(text: str) -> str:
    return " ".join(str(text).split()).casefold()


def _texts(found: Sequence[str]) -> Texts:
    return np.array(found, dtype=object) if found else np.empty(0, dtype=object)


def _with(table: Table, **columns: NDArray[Any]) -> Table:
    return replace(table, columns={**table.columns, **columns})


def _unknown_segment(name: str, known: Mapping[str, str]) -> Problem:
    if name.casefold() in known:
        return None
    hint = nearest(name, known.values()).removeprefix("; ")
    return "is not a segment", hint or f"use one of {', '.join(list(known.values())[:6])}"


def _line(name: str) -> tuple[Metric, Cut] | str:
    """The line, or what is wrong with its name."""
    try:
        return find_line(name)
    except SegxlError as error:
        return str(error)


def _named(table: Table, column: str, entries: list[FileEntry]) -> tuple[Table, list[tuple[Metric, Cut]]]:
    """The rows whose column names a line, and their lines; the others are rejected."""
    lines = [_line(str(name)) for name in table[column]]
    problems: list[Problem] = []
    for line in lines:
        reason, _, fix = line.partition("; ") if isinstance(line, str) else ("", "", "")
        problems.append((reason, fix) if reason else None)
    table = _rejected(table, column, problems, entries, shown=table[column])
    return table, [line for line in lines if not isinstance(line, str)]


def _without_huge_rates(
    table: Table, lines: list[tuple[Metric, Cut]], entries: list[FileEntry]
) -> tuple[Table, list[tuple[Metric, Cut]]]:
    """The rows without plans for rates such as 40, which would be 4,000%, and their lines; those are rejected."""
    rates = np.array([metric.unit.percent for metric, _ in lines], dtype=bool)
    huge = rates & (np.abs(table["value"]) >= _HUGE_RATE)
    shown = _texts([f"{value:g}" for value in table["value"].tolist()])
    problems: list[Problem] = [
        (f"is a rate of {100 * value:,.0f}%", f"write {value:g}% or {value / 100:g}") if bad else None
        for value, bad in zip(table["value"].tolist(), huge.tolist(), strict=True)
    ]
    table = _rejected(table, "value", problems, entries, shown=shown)
    return table, [line for line, bad in zip(lines, huge, strict=True) if not bad]


_HUGE_RATE = 5
"""500%: no rate is planned so high, but many are written without their percent sign."""


def _target_line(line: tuple[Metric, Cut], item: str) -> str | tuple[str, str]:
    """The key of a target's line; blank if its item names no cut; or what is wrong with the row."""
    metric, cut = line
    own = next((one for one in metric.cuts if not one.each and one.by and _words(item) in _spellings(one)), None)
    if not item:
        return (f"is blank, but {cut.key} needs an item", "name the item") if cut.each else cut.key
    if cut.each:
        return cut.key
    if cut is not metric.planned_cut:
        return f"is filled in, but {metric.key}.{cut.key} has no items", "leave the item blank"
    if own is not None:
        return own.key
    cuts = [one for one in metric.cuts if one.each]
    if not cuts:
        return f"is filled in, but {metric.key} has no items", "leave the item blank"
    return cuts[0].key if len(cuts) == 1 else ""


def _spellings(cut: Cut) -> tuple[str, str]:
    return cut.key, _words(cut.label)


def _has_items(metric: Metric, view: str) -> bool:
    """Whether a line has items; one that is still to be found has."""
    return view == "" or any(cut.key == view and cut.each for cut in metric.cuts)


def _once(table: Table, entries: list[FileEntry]) -> Table:
    folded = _with(table, folded=_texts([_words(item) for item in table["item"]]))
    kept = _once_by(folded, ("metric", "view", "month", "segment", "folded"), ("value",), "metric", entries)
    return Table(
        kept.contract,
        {name: column for name, column in kept.columns.items() if name != "folded"},
        kept.given,
        kept.file,
        kept.row,
    )


def _once_by(table: Table, key: tuple[str, ...], said: tuple[str, ...], column: str, entries: list[FileEntry]) -> Table:
    """One row per key: equal rows are duplicates of the first; rows that differ are all rejected."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for row, names in enumerate(zip(*(table[name].tolist() for name in key), strict=True)):
        groups.setdefault(names, []).append(row)
    repeats = np.zeros(len(table), dtype=bool)
    problems: list[Problem] = [None] * len(table)
    for rows in (rows for rows in groups.values() if len(rows) > 1):
        if len({tuple(table[name][row] for name in said) for row in rows}) == 1:
            repeats[rows[1:]] = True
            continue
        places = ", ".join(str(table.row[row]) for row in rows)
        for row in rows:
            problems[row] = f"rows {places} give different values for the same metric and period", "keep one of them"
    problems = [problem for problem, repeat in zip(problems, repeats, strict=True) if not repeat]
    table = exclude(table, repeats, "duplicate row", entries)
    return _rejected(table, column, problems, entries, shown=table[column])


def _rejected(
    table: Table, column: str, problems: Sequence[Problem], entries: list[FileEntry], *, shown: Texts
) -> Table:
    """The table without the rows that have a problem; each is written to its file's ledger."""
    groups: dict[tuple[str, str], list[int]] = {}
    for row, problem in enumerate(problems):
        if problem is not None:
            groups.setdefault(problem, []).append(row)
    bad = np.zeros(len(table), dtype=bool)
    for (reason, fix), rows in groups.items():
        mask = np.zeros(len(table), dtype=bool)
        mask[rows] = True
        bad |= mask
        reject(table, mask, column, reason, fix, entries, shown)
    return table.take(~bad)


def _label(text: str, fiscal: Fiscal) -> str:
    """A period's label: of a quarter, or of a month however it is written; blank where it is neither."""
    if re.search(r"[qQ]", text):
        try:
            return parse_period(text, fiscal).label
        except SegxlError:
            return ""
    try:
        months, bad = values.read_months(_texts([text]))
    except SegxlError:
        return ""
    return "" if bad[0] else month_period(int(months[0])).label


def _tolerances(settings: Settings, table: Table) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Each row's tolerance in the measure of its value; and which are unreadable or below zero."""
    sources = settings.tables.get("control_totals", ())
    decimal = next((source.decimal for source in sources if source.decimal), None)
    texts = table["tolerance"]
    try:
        numbers, bad = values.read_numbers(texts, decimal=decimal)
    except UnsetError as error:
        said = of_table(settings, "control_totals").solve(error)
        raise SegxlError(f"control_totals, column tolerance: {said}") from error
    numbers = np.where(np.isnan(numbers), 0.0, numbers)
    parts = np.array([str(text).rstrip().endswith("%") for text in texts], dtype=bool)
    return np.where(parts, numbers * np.abs(table["value"]), numbers), bad | (numbers < 0)
