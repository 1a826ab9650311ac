"""The page that reconciles the summary's amounts with the other parts, names exclusions, and gives the probability of
chance."""

from __future__ import annotations

from collections.abc import Sequence

from segxl.messages import counted
from segxl.pages.cells import heading
from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.model import Cell, Formula, Page, Row
from segxl.pages.report.cells import cell_difference
from segxl.report.amounts import EVENTS, AmountPart, Event, LeftOut
from segxl.report.model import Report, Selector
from segxl.report.working import Working
from segxl.units import COUNT, MONEY

KEY = "reconciliation"
_PARTS: tuple[AmountPart, ...] = ("summary", "performance", "activities")


def reconciliation_page(report: Report, working: Working, lists: AccountLists, subtitle: str) -> Page:
    """The steps from the summary to each other part, and the exclusions with their counts."""
    width = 4
    summary = report.summary
    rows = heading("Reconciliation", subtitle, width)
    header = [Cell("Amounts in the analysis timeframe", "header")]
    header += [Cell(name, "header_right") for name in ("New pipeline", "Total won")]
    rows.append(Row((*header, Cell("", "header"))))
    formulas = [_formulas(event, lists, len(rows) + 1, column) for column, event in enumerate(EVENTS, 2)]
    for at, step in enumerate(report.reconciliation):
        style = "total" if step.total else "value"
        numbers = zip((step.new_pipeline, step.total_won), formulas, strict=True)
        cells = (Cell(number.shown, style, MONEY, formula=each[at]) for number, each in numbers)
        rows.append(Row((Cell(step.name, "total" if step.total else "sublabel"), *cells)))
    if not report.reconciliation:
        why = summary.new_pipeline.why or summary.total_won.why
        rows.append(Row((Cell("n/a", "muted"), Cell(why, "note", span=width - 1))))
    rows += [Row(), Row((Cell("Excluded", "heading", span=width),))]
    names = ("Item", "Number", "Amount", "Reason")
    rows.append(Row(tuple(Cell(name, "header_right" if name in names[1:3] else "header") for name in names)))
    for word, (count, cents) in summary.foreign.items():
        why = f"opportunities in {word}, not converted; only {report.currency} and blank currencies count"
        rows.append(_left_out(f"In {word}", count, why, MONEY.shown(cents)))
    if not summary.foreign:
        rows.append(_left_out("In other currencies", 0, f"opportunities not in {report.currency}"))
    frame = report.choice.timeframes.analysis
    none = [working.deals.of_no_account(event, frame.window) for event in EVENTS]
    of_frame = "; ".join(event_words(none, f"in {frame.name}", report.currency))
    rows += [
        _left_out(
            "Without a known account",
            summary.without_account,
            f"opportunities, all dates{f': {of_frame}' if of_frame else ''}",
        ),
        _left_out("Retargeting", summary.retargeting, "activities, all dates; this report never includes them"),
    ]
    if report.choice.exclude_zero:
        rows.append(_left_out("$0 opportunities", summary.zero, "created or won in the analysis, amount 0 or blank"))
    if report.choice.exclude_irrelevant:
        rows.append(_left_out("Irrelevant", summary.irrelevant, "created or won in the analysis"))
    rows.append(_left_out("Blank amounts", summary.blank_amounts, "not excluded: these opportunities count as 0"))
    rows += [Row(), Row((Cell("Chance", "heading", span=width),))]
    rows += [Row((Cell(chance.text, "text", span=width),)) for chance in report.chances]
    return Page(KEY, "Reconciliation", tuple(rows), (66.0, 16.0, 16.0, 62.0), freeze=(5, 2), tab="working")


def _formulas(event: Event, lists: AccountLists, first: int, column: int) -> tuple[Formula | None, ...]:
    """The formulas of each step, from the row ``first`` on: totals are sums over the lists, other lines their
    differences."""
    cohort = Selector("cohort")
    summary, performance, own = (lists.sum_formula(event, "analysis", part, cohort) for part in _PARTS)

    def difference(total: int, base: int) -> Formula:
        return cell_difference(KEY, column, first + total, first + base)

    active = lists.active_formula(event)
    return summary, difference(2, 0), performance, difference(4, 0), own, difference(6, 4), active


def _left_out(what: str, count: int, why: str, amount: int | float | None = None) -> Row:
    return Row((Cell(what, "label"), Cell(count, "value", COUNT), Cell(amount, "value", MONEY), Cell(why, "note")))


def event_words(found: Sequence[LeftOut], why: str, currency: str) -> list[str]:
    """``1 won opportunity of 17,500 USD (account not in the accounts table)``."""
    said = [
        f"{counted(one.count, f'{event} opportunity', f'{event} opportunities')} of {exact(one.cents)} {currency}"
        for event, one in zip(EVENTS, found, strict=True)
        if one.count
    ]
    return [f"{' and '.join(said)} ({why})"] if said else []


def exact(cents: int) -> str:
    """Whole, as the reader compares it with other documents."""
    return MONEY.text(MONEY.shown(cents))
