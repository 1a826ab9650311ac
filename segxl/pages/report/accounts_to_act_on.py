"""Who to call and who to save: the first accounts of two lists, with their owners and their open pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from segxl.messages import counted
from segxl.pages.cells import LINE, lines_of
from segxl.pages.drillthrough.report_accounts import TITLE, AccountLists, state_names
from segxl.pages.model import Cell, Link, Row
from segxl.pages.report.cells import PAGE_COLUMNS, PAGE_WIDTHS, RIGHT
from segxl.report.account_rows import AccountRows
from segxl.report.model import WHEN, Report, Selector
from segxl.report.states import DECISION, KNOWN
from segxl.report.working import Working
from segxl.tables.codes import Codes, Mask
from segxl.units import MINUS, Scale

_OWNERS = 4
"""Owners by name below a list."""

_A_LINE, _A_HEADING = 91, 78
"""Characters of a line below a list, and of its heading."""

_WITH_OPEN = "with open pipeline"

_WIDTH, _SECOND = PAGE_COLUMNS - RIGHT + 1, 3
"""Columns of the lists, and of their second column."""


def accounts_to_act_on(
    report: Report, working: Working, lists: AccountLists, rows: AccountRows, most: int
) -> Iterable[Row]:
    """Both lists, one below the other, with the first accounts of each, ``most`` of them."""
    goal = f"{DECISION} or Purchase" if working.by_stage else KNOWN
    number = report.summary.to_call
    unknown = not working.by_stage and KNOWN in working.unavailable
    why = number.why or (f"{KNOWN} is n/a, for the reason below" if unknown else "")
    yield from _table(
        "Who to call",
        f"rose to {goal}",
        why,
        "From → to" if working.by_stage else "Before",
        [*_lines(working, lists, rows, rows.to_call()[:most], _move, report.scale)],
        (number.value or 0, _with_open(report, working, rows.to_call())),
        "by stage, then pipeline" if working.by_stage else "by open pipeline",
        lists.link(Selector("to_call")),
    )
    yield from _owners(report, working, rows, rows.to_call(), most)
    yield Row()
    number = report.summary.to_save
    fell, quiet = (bool((working.cohort & one).any()) for one in (working.fell_far, working.quiet_with_pipeline))
    happened = "fell back" if fell else f"went quiet {_WITH_OPEN}"
    if working.by_stage and fell == quiet:
        happened = "fell back or went quiet"
    nothing_to_see = not working.by_stage and not working.lines_of_doing
    yield from _table(
        "Who to save",
        happened,
        number.why or ("no activities in the data" if nothing_to_see else ""),
        "What happened",
        [*_lines(working, lists, rows, rows.to_save()[:most], _risk, report.scale)],
        (number.value or 0, _with_open(report, working, rows.to_save())),
        "by open pipeline",
        lists.link(Selector("to_save")),
    )
    yield from _parts(report, working, rows)
    yield from _owners(report, working, rows, rows.to_save(), most)


def _table(
    title: str,
    what: str,
    why: str,
    second: str,
    lines: Sequence[tuple[Cell, ...]],
    whole: tuple[int, tuple[int, str]],
    order: str,
    link: Link | None,
) -> Iterable[Row]:
    """A heading with the accounts of the ``whole`` list, how many have open pipeline and how much, the first accounts
    and how they are ordered, or ``why`` they are unknown; a column that is the same in every row is one sentence."""
    count, (with_open, money) = whole
    told = ""
    if with_open == count:
        told = f"{'' if what.endswith(_WITH_OPEN) else f' {_WITH_OPEN}'} ({money})"
    elif with_open:
        told = f"; {with_open:,} {'has' if with_open == 1 else 'have'} open pipeline ({money})"
    heading = f"{title}: {counted(count, 'account')} {what}{told}" if count else title
    heading = heading if len(heading) <= _A_HEADING else f"{title}: {count:,} {what}{told}"
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
    said = f"First {len(lines)} of {count:,} {order}" if count > len(lines) else f"{order[:1].upper()}{order[1:]}"
    said += "".join(f"; all {lines[0][at].value or f'without {names[at].lower()}'}" for at in same)
    yield _note(f"{said}. All: page {TITLE}.", link)


def _open(report: Report, working: Working, accounts: Codes | Mask) -> str:
    """The open pipeline of some accounts."""
    return report.scale.text(int(sum(working.open_cents[accounts].tolist())))


def _with_open(report: Report, working: Working, codes: Codes) -> tuple[int, str]:
    """How many of some accounts have open pipeline, and how much."""
    return int(np.count_nonzero(working.open_cents[codes] > 0)), _open(report, working, codes)


def _owners(report: Report, working: Working, rows: AccountRows, codes: Codes, most: int) -> Iterable[Row]:
    """Whom to speak to about a list that is longer than what is shown of it: the owners with the most open pipeline,
    then with the most accounts, as many as fit in a line; they add up to the list."""
    if len(codes) <= most:
        return
    held, nobody = dict[str, list[int]](), "without owner"
    for code in codes.tolist():
        held.setdefault(rows.owner(code) or nobody, []).append(code)

    def said(name: str, of: Sequence[int]) -> str:
        accounts = np.array(of, dtype=np.int32)
        return f"{name} {len(of):,}{_in_brackets(_open(report, working, accounts))}"

    ranked = sorted(held, key=lambda name: (-int(sum(working.open_cents[held[name]].tolist())), -len(held[name]), name))
    for named in range(_OWNERS, 0, -1):
        words = [said(name, held[name]) for name in ranked[:named]]
        if others := ranked[named:]:
            owners = len(others) - (nobody in others)
            name = f"{counted(owners, 'other')} or none" if owners < len(others) else counted(owners, "other owner")
            rest = [code for name in others for code in held[name]]
            words.append(said(nobody if others == [nobody] else f"{name}:", rest))
        text = f"By owner: {', '.join(words)}."
        if len(text) <= _A_LINE:
            break
    yield Row((Cell(text, "text", span=_WIDTH),), LINE)


def _note(text: str, link: Link | None = None) -> Row:
    """Words below a list, as high as their lines."""
    lines = lines_of(text, sum(PAGE_WIDTHS[RIGHT - 1 :]))
    return Row((Cell(text, "text", link=link, span=_WIDTH),), LINE + 13 * (lines - 1))


def _lines(
    working: Working,
    lists: AccountLists,
    rows: AccountRows,
    codes: Codes,
    say: Callable[[Working, int], str],
    scale: Scale,
) -> Iterable[tuple[Cell, ...]]:
    columns = {column.header: column.values for column in rows.columns(codes)}
    for at, code in enumerate(codes.tolist()):
        amount, formula = columns["Open pipeline"][at], lists.value_formula(code, "Open pipeline")
        yield (
            Cell(columns["Account"][at], "label", link=lists.row_of(code)),
            Cell(say(working, code), "text"),
            Cell(rows.owner(code) or None, "text"),
            Cell(amount, "value", scale.unit(int(working.open_cents[code])), formula=formula),
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


def _in_brackets(money: str) -> str:
    """`` (514k)``; nothing of no open pipeline."""
    return "" if money == "0" else f" ({money})"


def _parts(report: Report, working: Working, rows: AccountRows) -> Iterable[Row]:
    """What the list of accounts at risk is made of, in accounts and open pipeline, as some did both: ``81 fell (1,679k)
    + 74 went quiet (2,662k) − 7 both (493k) = 148 accounts (3,849k).`` In the engagement report, who of those that are
    no longer engaged is not in it."""
    if not working.by_stage and report.summary.lost.value:
        yield from _no_longer_engaged(report, working)
    fell, quiet = (working.cohort & one for one in (working.fell_far, working.quiet_with_pipeline))
    if fell.any() and quiet.any():
        said = " + ".join(
            f"{int(one.sum()):,} {what} ({_open(report, working, one)})"
            for one, what in ((fell, "fell"), (quiet, "went quiet"))
        )
        if (both := fell & quiet).any():
            said += f" {MINUS} {int(both.sum()):,} both ({_open(report, working, both)})"
        codes = rows.to_save()
        yield _note(f"{said} = {counted(len(codes), 'account')} ({_open(report, working, codes)}).")


def _no_longer_engaged(report: Report, working: Working) -> Iterable[Row]:
    """How many of the accounts that are no longer engaged and have open pipeline are not in the list: before, only an
    opportunity made them engaged, or they still have an activity that counts toward no state."""
    lost = working.mask(Selector("lost")) & (working.open_cents > 0)
    others = lost & ~working.quiet_with_pipeline
    if count := int(others.sum()):
        is_here = "is" if count == 1 else "are"
        yield _note(
            f"{count:,} of the {int(lost.sum()):,} no longer engaged{_in_brackets(_open(report, working, others))} "
            f"{is_here} not here: no activity before, or some now."
        )
