"""A number of the report opened to its accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from segxl.errors import SegxlError, nearest
from segxl.messages import counted
from segxl.report.account_rows import AccountRows, Column, Value
from segxl.report.definitions import DEFINITIONS, PANEL_DEFINITIONS
from segxl.report.model import OVER_TIME, WHEN, Number, Report, Selector
from segxl.report.states import LINES, ActivityLine
from segxl.report.working import Working
from segxl.units import DATE, MONEY_EXACT, Unit

PARTS = ("summary", "performance", "movement", "activities", *OVER_TIME)
_SUMMARY = ("total_accounts", "increased", "decreased", "net_engaged", "new_pipeline", "total_won")
_BASELINES = ("baseline_new_pipeline", "baseline_total_won")


@dataclass(frozen=True)
class _Opened:
    """A cell: its name, number, definition and accounts."""

    name: str
    number: Number
    definition: str
    accounts: Selector


def explain(report: Report, working: Working, part: str | None, cell: str | None) -> str:
    """The number in a cell with its definition, then a line for each account behind it.

    ``part`` and ``cell``: ``summary`` and one of its keys; ``performance`` and a state, ``Decision`` or
    ``Decision,baseline``; ``movement`` and two states, from and to; ``activities`` and a line, ``Bombora Topics`` or
    ``Reach: CRM/MAP Campaigns,baseline``; ``stages_over_time`` and a stage and a month or week, ``Decision,2026-03``;
    ``states_over_time`` and an engagement state in the same way. Without a timeframe: the analysis, the last month.

    Raises:
        SegxlError: no such part or cell, or it is not available; the message lists what there is.
    """
    opened = _open(report, working, part, cell)
    choice = report.choice
    lines = [
        f"{opened.name}: {opened.number.unit.text(opened.number.shown)}",
        f"  report      {choice.type}, {', '.join(choice.segment_names)}",
        f"  timeframes  baseline {choice.timeframes.baseline.label}, analysis {choice.timeframes.analysis.label}",
        f"  cohort      {choice.cohort}: {counted(report.summary.total_accounts.value or 0, 'account')}",
        f"  definition  {opened.definition}",
    ]
    return "\n".join([*lines, "", *_table(working, opened.accounts)])


def accounts_of(report: Report, working: Working, part: str | None, cell: str | None) -> tuple[Column, ...]:
    """The accounts behind the number in a cell, by name: a column for each known field.

    Raises:
        SegxlError: as :func:`explain`.
    """
    rows = AccountRows(working)
    return rows.columns(rows.sorted(working.accounts(_open(report, working, part, cell).accounts)))


def _open(report: Report, working: Working, part: str | None, cell: str | None) -> _Opened:
    if part is None or part.strip().casefold() not in PARTS:
        given = f"no part {part!r}" if part else "name a part"
        raise SegxlError(f"{given}: --part is one of {', '.join(PARTS)}")
    find: dict[str, Callable[[Report, Working, list[str]], _Opened]] = {
        "summary": _summary,
        "performance": _performance,
        "movement": _movement,
        "activities": _activities,
        "stages_over_time": partial(_over_time, "stages_over_time"),
        "states_over_time": partial(_over_time, "states_over_time"),
    }
    opened = find[part.strip().casefold()](report, working, [word.strip() for word in (cell or "").split(",")])
    if opened.number.value is None:
        raise SegxlError(f"{opened.name} is not available: {opened.number.why}")
    return opened


def _summary(report: Report, working: Working, words: list[str]) -> _Opened:
    key = _pick("cell", words[0], (*_SUMMARY, *_BASELINES))
    _no_more(words, 1)
    number: Number = getattr(report.summary, key)
    accounts = number.accounts or Selector("cohort")
    if key == "net_engaged":
        accounts = Selector("gained")
    definition = DEFINITIONS[key.removeprefix("baseline_")]
    name = definition.name if key in DEFINITIONS else f"{definition.name}, baseline"
    return _Opened(name, number, definition.text, accounts)


def _performance(report: Report, working: Working, words: list[str]) -> _Opened:
    state = _pick("state", words[0], working.states)
    when = _pick("timeframe", words[1], WHEN) if len(words) > 1 else "analysis"
    _no_more(words, 2)
    line = next(line for line in report.performance if line.state == state)
    number = line.baseline if when == "baseline" else line.analysis
    definition = DEFINITIONS["stage" if working.by_stage else state].text
    return _Opened(f"{state}, {when}", number, definition, Selector("state", state, when))


def _movement(report: Report, working: Working, words: list[str]) -> _Opened:
    if len(words) != 2:
        raise SegxlError(
            f"for movement, --cell takes two states, from and to, like --cell {working.states[1]},{working.states[2]}"
        )
    before, after = (_pick("state", word, working.states) for word in words)
    counts = report.movement.counts
    value = None if counts is None else counts[working.states.index(before)][working.states.index(after)]
    selector = Selector("movement", before, after)
    number = Number(value, selector, why=report.movement.why)
    return _Opened(f"{before} → {after}", number, DEFINITIONS["movement"].text, selector)


def _activities(report: Report, working: Working, words: list[str]) -> _Opened:
    line = find_line(words[0])
    when = _pick("timeframe", words[1], WHEN) if len(words) > 1 else "analysis"
    _no_more(words, 2)
    found = next(one for one in report.activities if one.line is line)
    number = found.baseline if when == "baseline" else found.analysis
    definition = f"{PANEL_DEFINITIONS[line.panel]} Rows: {line.kind} of {', '.join(line.sources)}."
    return _Opened(f"{line.label}, {when}", number, definition, Selector("line", line.key, when))


def _over_time(key: str, report: Report, working: Working, words: list[str]) -> _Opened:
    over_time = report.all_over_time[key]
    if not over_time.spans:
        raise SegxlError(f"{key.replace('_', ' ')} are not available: {over_time.why}")
    state = _pick("stage" if working.by_stage else "state", words[0], over_time.states)
    labels = [period.span.label for period in over_time.spans]
    label = _pick("month or week", words[1], labels) if len(words) > 1 else labels[-1]
    _no_more(words, 2)
    period = over_time.spans[labels.index(label)]
    selector = Selector("state_in", state, label)
    number = period.counts[over_time.states.index(state)] if period.counts else Number(None, selector, why=period.why)
    return _Opened(f"{state}, {label}", number, DEFINITIONS[key].text, selector)


def find_line(word: str) -> ActivityLine:
    """A line by its name, its source's wording, or panel and name ("Reach: CRM/MAP Campaigns").

    Raises:
        SegxlError: there is none, or there are several of that name.
    """
    wanted = word.strip().casefold()
    by_key = {name.casefold(): line for line in LINES for name in (line.label, line.key)}
    if wanted in by_key:
        return by_key[wanted]
    found = [line for line in LINES if line.name.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise SegxlError(f"several lines match {word!r}: use one of {', '.join(line.label for line in found)}")
    labels = [line.label for line in LINES]
    raise SegxlError(f"no line {word!r}{nearest(word, labels)}; lines: {', '.join(labels)}")


def _pick(what: str, word: str, words: Iterable[str]) -> str:
    known = {one.casefold(): one for one in words}
    if word.casefold() in known:
        return known[word.casefold()]
    given = f"no {what} {word!r}" if word else f"name a {what}"
    raise SegxlError(f"{given}{nearest(word, known.values())}: --cell takes one of {', '.join(known.values())}")


def _no_more(words: list[str], most: int) -> None:
    if len(words) > most:
        raise SegxlError(f"--cell has too many parts: {','.join(words)!r}; remove {','.join(words[most:])!r}")


def _cell(value: Value, unit: Unit) -> str:
    """A value of the account list as text; a missing date is blank."""
    if unit is MONEY_EXACT and (value is None or isinstance(value, int | float)):
        return MONEY_EXACT.text(value)
    return "" if unit is DATE and value is None else str(value)


def _table(working: Working, selector: Selector) -> Iterable[str]:
    accounts = working.accounts(selector)
    rows = AccountRows(working)
    fields = rows.columns(rows.sorted(accounts))
    header = [field.header for field in fields]
    columns = [[_cell(value, field.unit) for value in field.values] for field in fields]
    widths = [max([len(name), *map(len, column)]) for name, column in zip(header, columns, strict=True)]
    for row in (header, *zip(*columns, strict=True)):
        cells = (
            text.rjust(width) if field.unit is MONEY_EXACT else text.ljust(width)
            for text, width, field in zip(row, widths, fields, strict=True)
        )
        yield "  ".join(cells).rstrip()
    yield f"{counted(len(accounts), 'account')}"
