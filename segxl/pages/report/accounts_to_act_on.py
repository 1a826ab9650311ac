"""Who to call and who to save: the first accounts of two lists, with their owners and their open pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from segxl.messages import counted
from segxl.pages.cells import LINE, lines_of
from segxl.pages.drillthrough.report_accounts import TITLE, AccountLists, state_names
from segxl.pages.model import Cell, Link, Row
from segxl.pages.report.cells import PAGE_COLUMNS, PAGE_WIDTHS, RIGHT
from segxl.report.account_rows import AccountRows
from segxl.report.model import WHEN, Report, Selector
from segxl.report.states import DECISION, KNOWN
from segxl.report.working import Working
from segxl.tables.codes import Codes
from segxl.units import MONEY, short_text

MOST = 5
"""Accounts of each list."""

_WIDTH, _SECOND = PAGE_COLUMNS - RIGHT + 1, 2
"""Columns of the lists, and of their second column."""


def accounts_to_act_on(report: Report, working: Working, lists: AccountLists) -> Iterable[Row]:
    """Both lists, one below the other."""
    rows = AccountRows(working)
    goal = f"{DECISION} or Purchase" if working.by_stage else KNOWN
    number = report.summary.to_call
    unknown = not working.by_stage and KNOWN in working.unavailable
    why = number.why or (f"{KNOWN} is n/a, for the reason below" if unknown else "")
    yield from _table(
        "Who to call",
        f"rose to {goal}",
        why,
        "From → to" if working.by_stage else "Before",
        [*_lines(working, lists, rows, rows.to_call()[:MOST], _move)],
        (number.value or 0, "by stage, then pipeline" if working.by_stage else "by open pipeline"),
        lists.link(Selector("to_call")),
    )
    yield Row()
    number = report.summary.to_save
    quiet = "went quiet with open pipeline"
    nothing_to_see = not working.by_stage and not working.lines_of_doing
    yield from _table(
        "Who to save",
        "fell back or went quiet" if working.by_stage else quiet,
        number.why or ("no activities in the data" if nothing_to_see else ""),
        "What happened",
        [*_lines(working, lists, rows, rows.to_save()[:MOST], _risk)],
        (number.value or 0, f"by open pipeline ({_in_all(report, working, rows)} in all)"),
        lists.link(Selector("to_save")),
    )
    yield from _parts(working)


def _table(
    title: str,
    what: str,
    why: str,
    second: str,
    lines: Sequence[tuple[Cell, ...]],
    order: tuple[int, str],
    link: Link | None,
) -> Iterable[Row]:
    """A heading, the accounts and how they are ordered, or ``why`` they are unknown; a column that is the same in every
    row is one sentence."""
    count, words = order
    heading = f"{title}: {counted(count, 'account')} {what}" if count else title
    yield Row((Cell(heading, "heading", span=_WIDTH),))
    if not lines:
        nothing = f"Not available: {why}." if why else f"No account {what}."
        yield _note(nothing)
        return
    names = ("Account", second, "Owner", "Open pipeline")
    same = [at for at in (1, 2) if len(lines) > 1 and len({line[at].value for line in lines}) == 1]
    heads = tuple(Cell(name, "header_right" if name == names[-1] else "header") for name in names)
    for line in (heads, *lines):
        spans = [1 if at != 1 else _SECOND for at in range(len(line))]
        spans[0] += sum(spans[at] for at in same)
        wide = [(replace(cell, span=spans[at]), *[None] * (spans[at] - 1)) for at, cell in enumerate(line)]
        yield Row(tuple(cell for at, cells in enumerate(wide) if at not in same for cell in cells))
    said = f"First {MOST} of {count:,} {words}" if count > MOST else f"{words[:1].upper()}{words[1:]}"
    said += "".join(f"; all {lines[0][at].value or f'without {names[at].lower()}'}" for at in same)
    yield _note(f"{said}. All: page {TITLE}.", link)


def _in_all(report: Report, working: Working, rows: AccountRows) -> str:
    """The open pipeline of the accounts at risk: ``3.79m USD``."""
    return f"{short_text(int(sum(working.open_cents[rows.to_save()].tolist())))} {report.currency}"


def _note(text: str, link: Link | None = None) -> Row:
    """Words below a list, as high as their lines."""
    lines = lines_of(text, sum(PAGE_WIDTHS[RIGHT - 1 :]))
    return Row((Cell(text, "text", link=link, span=_WIDTH),), LINE + 13 * (lines - 1))


def _lines(
    working: Working, lists: AccountLists, rows: AccountRows, codes: Codes, say: Callable[[Working, int], str]
) -> Iterable[tuple[Cell, ...]]:
    columns = {column.header: column.values for column in rows.columns(codes)}
    for at, code in enumerate(codes.tolist()):
        amount, formula = columns["Open pipeline"][at], lists.value_formula(code, "Open pipeline")
        yield (
            Cell(columns["Account"][at], "label", link=lists.row_of(code)),
            Cell(say(working, code), "text"),
            Cell(columns["Owner"][at] or columns["Sales team"][at] or None, "text"),
            Cell(amount, "value", MONEY, formula=formula),
        )


def _move(working: Working, code: int) -> str:
    before, after = (state_names(working.states)[working.ranks[when][code]] for when in WHEN)
    if working.by_stage:
        return f"{before} → {after}"
    return before if working.ranks["baseline"][code] else "Not engaged"


def _risk(working: Working, code: int) -> str:
    """``Purchase → Awareness``, or ``quiet in Oct 2026``."""
    quiet = f"quiet in {working.choice.timeframes.analysis.name}"
    if not working.fell_far[code]:
        return quiet
    return f"{_move(working, code)}{', quiet' if working.quiet_with_pipeline[code] else ''}"


def _parts(working: Working) -> Iterable[Row]:
    """How many of the accounts at risk fell and how many went quiet, as some did both; they add up to the list."""
    fell, quiet = (working.cohort & one for one in (working.fell_far, working.quiet_with_pipeline))
    if fell.any() and quiet.any():
        both = int((fell & quiet).sum())
        said = (
            f"{int(fell.sum()):,} fell from {DECISION} or Purchase, {int(quiet.sum()):,} went quiet with "
            f"open pipeline{f', {both:,} did both' if both else ''}."
        )
        yield _note(said)
