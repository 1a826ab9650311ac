"""A slow and plain oracle for phase conversion, the pipeline bridge and what is next to the pipeline.

An independent reading of "GoMo, Segment Metrics scorecard, sections Pipeline Metrics and Sales Performance
Metrics". It builds on `deals.py`: its reading of histories, snapshots, money and membership.

Decisions
---------
Phases

1.  The path of an opportunity is its history in order of time, rows of one day in the table's order, all of
    them. Rows in the same stage are one visit (an amount change only). Rows in a stage that is neither listed
    nor closed are not on the path: the phase of before goes on, until a listed stage or a closing ends it.
2.  The closing is on the path on closed_on with the opportunity's outcome, after the rows of that day, in
    place of that day's rows in closed stages. Other rows in closed stages close it too. A second closing
    without a reopening between says nothing new.
3.  An opportunity without history rows (by the cut-off) is not used: from closing alone no phase is known.
    One whose first row is a closing has no phase either.
4.  Exits of a stage, each on the day of the row that ended it. To a later one: advanced, and so are the
    stages between. To an earlier one: regressed, that stage alone. Won: advanced, and so are all later ones.
    Lost: lost. With strict_stages nothing but the stage itself.
5.  After a reopening the path goes on from the stage it reopened in: an exit then counts in its own month,
    and within one month the last exit of the stage counts. The closing before stays what it was.
6.  An exit counts on its own date, also before the opportunity's creation.
7.  One exit for each opportunity, stage and month, found first; then membership on its date (or at the
    window's end). If it is a regression, the opportunity is in `regressed` and not in the rate.
8.  A quarter and a year are sums of months. A window without a month of the opportunities' data is n/a, as is
    all without a history. Every listed stage is shown, with n/a where nothing left it.

Bridge

9.  It is walked day by day: open on a day and not on the day before, or the other way round. Open, amounts
    and membership are those of the snapshots, so that its two ends are the snapshots.
10. created: on the day of creation, with the amount before the other rows of that day: the last stated
    earlier, else the first row's. Created and closed on one day: both, though no evening saw it open. Closed
    before it was created: never open, in no line.
11. reopened: open again on any other day, with that day's amount. Closed and reopened on one day is nothing.
    Lost and reopened in one window is in both lines.
12. won, lost: with the amount at the end of that day, a change on the day counted before. Which one: the
    outcome on closed_on, else that of the stage in history.
13. increased, decreased: of each opportunity the net change in the window, so that up and down again is
    neither, in a quarter as in a month.
14. Exchange has no line of its own, so it is in increased and decreased: on the first day of a month, before
    anything else, an open amount takes that month's rate. Each other event is at its own month's rate.
15. entering, leaving: on the day membership changes, before anything else of that day, with the amount of
    the day before. Leaving and won on one day is leaving. It may enter and leave in one window.
16. With membership "period_end" all days go by the window's last, so nothing enters or leaves, and the start
    is not the end of the month before.

Beside the pipeline

17. "This month" is the period's (a quarter's last), "this quarter" the fiscal one it is in: open at the
    window's end and expected within. Overdue ones are in neither.
18. The expected date is expected_close_on, else the closing date of one whose status is open; not cut off,
    as it lies in the future by its nature. History's close_date is not used.
19. Won quarter to date: as won revenue, from the quarter's first day to the window's end.
20. Weighted: open amount times probability (a fraction), not rounded; a blank probability is 0. Where none of
    the open ones has one it is n/a; nothing open is 0, unless no opportunity at all has one.
21. Where the snapshot at the window's end is n/a (see deals.py), so are the bridge and all of this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .deals import (
    NOT_AVAILABLE,
    Book,
    Figure,
    Frame,
    Metric,
    Opportunity,
    Views,
    Window,
    World,
    amount_on,
    belongs,
    changes_by,
    closed_stages,
    converted,
    events,
    fewer_months,
    figure_money,
    frame_of,
    is_missing,
    is_open,
    money,
    month_number,
    months_of_data,
    months_window,
    open_items,
    ratio,
    read,
    row_with,
    rows_of,
    said,
    segment_names,
    status_of,
    total,
    within,
)
from .segment_metrics import UNKNOWN_RATIO, flow_missing, membership_day, months_in_span, toggle

# ---------------------------------------------------------------------------------------------- phases

WON = "won"
LOST = "lost"


@dataclass(frozen=True)
class Step:
    """A station of the path: a listed stage, or won, or lost."""

    day: date
    at: str
    is_closing: bool


@dataclass(frozen=True)
class Exit:
    stage: str
    how: str  # advanced, lost, regressed
    day: date


def path_of(world: World, opportunity: Opportunity) -> list[Step]:
    settings = world["settings"]
    closed_on = opportunity.closed_on
    steps: list[Step] = []
    closing_is_due = closed_on is not None
    for change in opportunity.history:
        if closing_is_due and closed_on is not None and change.day > closed_on:
            steps.append(Step(closed_on, opportunity.outcome, True))
            closing_is_due = False
        if change.stage in closed_stages(world):
            if change.day != closed_on:
                steps.append(Step(change.day, WON if change.stage in settings["won_stages"] else LOST, True))
        elif change.stage in settings["stages"]:
            steps.append(Step(change.day, change.stage, False))
    if closing_is_due and closed_on is not None:
        steps.append(Step(closed_on, opportunity.outcome, True))
    return steps


def exits_at(world: World, here: Step, there: Step) -> list[Exit]:
    """The exits between two stations that follow each other."""
    stages: list[str] = world["settings"]["stages"]
    if here.is_closing or here.at == there.at:
        return []
    position = stages.index(here.at)
    if there.is_closing:
        if there.at == LOST:
            return [Exit(here.at, "lost", there.day)]
        passed = stages[position:]
    else:
        target = stages.index(there.at)
        if target < position:
            return [Exit(here.at, "regressed", there.day)]
        passed = stages[position:target]
    if toggle(world, "strict_stages", False):
        passed = passed[:1]
    return [Exit(stage, "advanced", there.day) for stage in passed]


def exits_of(world: World, opportunity: Opportunity) -> list[Exit]:
    if not opportunity.history:
        return []
    path = path_of(world, opportunity)
    found: list[Exit] = []
    for at in range(1, len(path)):
        found += exits_at(world, path[at - 1], path[at])
    return found


def last_exits(world: World, opportunity: Opportunity) -> list[Exit]:
    """The last one of each stage and month (the path is in order of time)."""
    last = {(gone.stage, month_number(gone.day)): gone for gone in exits_of(world, opportunity)}
    return list(last.values())


def exits_in(book: Book, segment: str, window: Window) -> list[Exit]:
    world = book.world
    return [
        gone
        for opportunity in book.opportunities
        for gone in last_exits(world, opportunity)
        if within(gone.day, window) and belongs(world, opportunity, segment, membership_day(world, window, gone.day))
    ]


def stage_figures(book: Book, segment: str, window: Window) -> Views:
    found = exits_in(book, segment, window)
    span = months_of_data(book) if rows_of(book.world, "opportunity_history") else None
    months = fewer_months(months_in_span(span, window), window)
    out: Views = {}
    if flow_missing(span, window):
        nothing = said(UNKNOWN_RATIO) | {"regressed": None, "window": window} | months
        return {stage: dict(nothing) for stage in book.world["settings"]["stages"]}
    for stage in book.world["settings"]["stages"]:
        hows = [gone.how for gone in found if gone.stage == stage]
        advanced, lost = hows.count("advanced"), hows.count("lost")
        figure: Figure = ratio(advanced, advanced + lost)
        out[stage] = said(figure) | {"regressed": hows.count("regressed"), "window": window} | months
    return out


def stage_comparisons(book: Book, segment: str, window: Window, base_window: Window) -> Views:
    """Of each stage's rate with that of another window: in points."""
    now, before = stage_figures(book, segment, window), stage_figures(book, segment, base_window)
    out: Views = {}
    for stage in now:
        value, base = now[stage]["value"], before[stage]["value"]
        change = None if value is None or base is None else value - base
        out[stage] = {"value": value, "base": base, "change": change, "percent": None, "why": NOT_AVAILABLE}
    return out


def sales_process(world: World, segment: str, period: str) -> dict[str, Views]:
    """{metric: {view: ...}} for one segment (or "All accounts") and one month or fiscal quarter."""
    book, frame = opened(world, segment, period)
    return {
        "phase_conversion": {
            "by_stage": stage_figures(book, segment, frame.window),
            f"by_stage_{frame.step}": stage_comparisons(book, segment, frame.window, frame.previous),
            "by_stage_yoy": stage_comparisons(book, segment, frame.window, frame.year_before),
            "by_stage_trailing_12": stage_figures(book, segment, frame.twelve),
        }
    }


def opened(world: World, segment: str, period: str) -> tuple[Book, Frame]:
    if segment not in segment_names(world):
        raise ValueError(f"no segment {segment!r} in this world")
    return read(world), frame_of(period, world["settings"].get("fiscal_year_start", 1))


# ---------------------------------------------------------------------------------------------- bridge

BRIDGE = (
    "open_start",
    "created",
    "reopened",
    "increased",
    "entering",
    "decreased",
    "won",
    "lost",
    "leaving",
    "open_end",
)
ONE_DAY = timedelta(days=1)


def outcome_on(book: Book, opportunity: Opportunity, day: date) -> str:
    """How an opportunity closed on a day, "" if it did not."""
    if opportunity.closed_on == day:
        return opportunity.outcome
    past = changes_by(opportunity, day)
    if past and past[-1].day == day and past[-1].stage in closed_stages(book.world):
        return WON if past[-1].stage in book.world["settings"]["won_stages"] else LOST
    return ""


def walk(book: Book, opportunity: Opportunity, segment: str, window: Window) -> dict[str, Decimal]:
    """One opportunity's part of the bridge."""
    world = book.world
    out = {name: Decimal(0) for name in BRIDGE}
    changed = Decimal(0)

    def worth(amount_of: date, rates_of: date) -> Decimal:
        return converted(world, amount_on(opportunity, amount_of), opportunity.currency, rates_of)

    def is_in(day: date) -> bool:
        return belongs(world, opportunity, segment, membership_day(world, window, day))

    before = window[0] - ONE_DAY
    if is_open(world, opportunity, before) and is_in(before):
        out["open_start"] = worth(before, before)
    day = window[0]
    while day <= window[1]:
        before = day - ONE_DAY
        was_open, opens = is_open(world, opportunity, before), is_open(world, opportunity, day)
        was_in, stays = is_in(before), is_in(day)
        at_first, at_last = worth(before, day), worth(day, day)
        if was_open and was_in:
            changed += at_first - worth(before, before)  # exchange
        if was_open and was_in and not stays:
            out["leaving"] += at_first
        if was_open and stays and not was_in:
            out["entering"] += at_first
        closed = outcome_on(book, opportunity, day)
        created = opportunity.created_on == day and (opens or closed != "")
        if stays and created:
            out["created"] += at_first
        if stays and opens and not was_open and not created:
            out["reopened"] += at_last
        if stays and (was_open or created):
            changed += at_last - at_first
            if not opens:
                out[closed] += at_last
        day += ONE_DAY
    if is_open(world, opportunity, window[1]) and is_in(window[1]):
        out["open_end"] = worth(window[1], window[1])
    out["increased" if changed > 0 else "decreased"] = abs(changed)
    return out


def is_told(book: Book, frame: Frame) -> bool:
    """Whether the open pipeline at the window's end is known."""
    return not is_missing(Metric(book, frame, lambda _: [], figure_money, is_stock=True, is_money=True), frame.window)


def bridge(world: World, segment: str, period: str) -> dict[str, Any]:
    """open_start + created + reopened + increased + entering - decreased - won - lost - leaving: open_end."""
    book, frame = opened(world, segment, period)
    if not is_told(book, frame):
        return {"value": None, "why": NOT_AVAILABLE}
    parts = [walk(book, opportunity, segment, frame.window) for opportunity in book.opportunities]
    return {name: total(part[name] for part in parts) for name in BRIDGE}


# ------------------------------------------------------------------------------- next to the pipeline


def quarter_around(month: int, fiscal_year_start: int) -> Window:
    first = month - (month % 12 - (fiscal_year_start - 1)) % 3
    return months_window(first, first + 2)


def expected_on(world: World, opportunity: Opportunity) -> date | None:
    row = row_with(world, "opportunities", "opportunity_id", opportunity.key)
    assert row is not None
    expected: date | None = row.get("expected_close_on")
    if expected is None and status_of(world, row) == "open":
        expected = row.get("closed_on")
    return expected


def probability_of(world: World, opportunity: Opportunity) -> Decimal | None:
    row = row_with(world, "opportunities", "opportunity_id", opportunity.key)
    assert row is not None
    found: Decimal | None = row.get("probability")
    return found


def pipeline_parts(world: World, segment: str, period: str) -> dict[str, Views]:
    """What is open at the window's end, by the day on which it is expected: its amount and its number."""
    book, frame = opened(world, segment, period)
    end = frame.window[1]
    last = month_number(end)
    quarter = quarter_around(last, world["settings"].get("fiscal_year_start", 1))
    next_quarter = quarter_around(last + 3, world["settings"].get("fiscal_year_start", 1))
    now_open = open_items(book, segment, end)

    def part(is_in: Callable[[date], bool]) -> Views:
        days = [(item, expected_on(world, item.opportunity)) for item in now_open]
        found = [item for item, day in days if day is not None and is_in(day)]
        return {"value": money(found), "count": len(found)}

    dated = [item for item in now_open if expected_on(world, item.opportunity) is not None]
    undated = [item for item in now_open if item not in dated]
    unweighted = [item for item in now_open if probability_of(world, item.opportunity) is None]
    return {
        "open": {"value": money(now_open), "count": len(now_open)},
        "due_this_month": part(lambda day: within(day, months_window(last, last))),
        "overdue": part(lambda day: day < end),
        "before_this_quarter": part(lambda day: day < quarter[0]),
        "due_this_quarter": part(lambda day: within(day, quarter)),
        "due_next_quarter": part(lambda day: within(day, next_quarter)),
        "due_later": part(lambda day: day > next_quarter[1]),
        "undated": {"value": money(undated), "count": len(undated)},
        "without_probability": {"value": money(unweighted), "count": len(unweighted)},
    }


def pipeline_status(world: World, segment: str, period: str) -> dict[str, Decimal | None] | None:
    """due_this_month, due_this_quarter, won_quarter_to_date and weighted_pipeline at the window's end."""
    book, frame = opened(world, segment, period)
    last = month_number(frame.window[1])
    quarter = quarter_around(last, world["settings"].get("fiscal_year_start", 1))
    if not is_told(book, frame):
        return None
    now_open = open_items(book, segment, frame.window[1])

    def due(window: Window) -> Decimal:
        expected = [(item, expected_on(world, item.opportunity)) for item in now_open]
        return money([item for item, day in expected if day is not None and within(day, window)])

    asked = [item.opportunity for item in now_open] or book.opportunities
    nobody_says = all(probability_of(world, opportunity) is None for opportunity in asked)
    return {
        "due_this_month": due(months_window(last, last)),
        "due_this_quarter": due(quarter),
        "won_quarter_to_date": money(events(book, segment, (quarter[0], frame.window[1]), ("won",))),
        "weighted_pipeline": None
        if nobody_says
        else total(item.money * (probability_of(world, item.opportunity) or 0) for item in now_open),
    }
