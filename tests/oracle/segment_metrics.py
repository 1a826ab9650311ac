"""A slow and plain oracle for the segment performance metrics of the scorecard and its MRR roll-forward.

An independent reading of "GoMo, Segment Metrics scorecard, section Segment Performance Metrics": accounts in
the market, targeted, engaged, customers, churn, MRR, retention and market share. It builds on the helpers and
the decisions of `deals.py` (its cut-off, membership, money and comparisons), and is exact as it is.

`segment_metrics(world, segment, period)` gives {metric: {view: row}}, `mrr_rollforward(...)` the components.

Decisions
---------
Membership and counting

1.  SOM of a segment: its members on the window's last day, listed ones outside the accounts table included.
    SOM of All accounts: the accounts table and whoever is a listed member of any segment on that day, so that
    no segment is larger than the company. An account that only rows name has not been called obtainable.
2.  Targeted and engaged are SOM accounts, so in All accounts a row of an account that is not SOM (1) counts
    for no one. Customers, churn and MRR of All accounts take in every account with revenue, as sums of money
    must be complete; its share of SOM may thus pass 1.
3.  The month's number of targeted and engaged accounts: member on the date of the event, whether or not it
    still is at the window's end. Running totals: member at the window's end, event on any day.
4.  An opportunity that names its segment counts in that one alone (and in All accounts), and its account
    counts there only if it is a member: these are numbers of SOM accounts.
5.  count_by = "parent" counts parents, it moves no money: each account qualifies for itself (new, lost, ...),
    then each topmost parent counts once. Its last loss decides the split; of two in one month, cancelled.
    Accounts of one domain are one family too; these worlds have no domains, so that this is tested by hand.
    A parent's geo and team are those of its own row, else of its first account in the table.
6.  With membership "period_end" every part of a figure uses membership on its window's last day: the opening
    MRR, NRR's members and each of the 12 openings too. Nothing enters or leaves.

Tables that are not there

7.  A table without rows is not there. No activities: targeted is n/a. No revenue: MRR, NRR, churn, market
    share and the roll-forward are n/a (only customers have another way). Engaged needs no table.
8.  Months of data are those of the rows that a metric reads, whatever the segment: activities that target;
    sales activities and opportunities, from the first of either to the end of the one that ends first;
    revenue, or opportunities where that is missing. Outside them a flow and a stock are n/a, as value and as
    base. SOM has no dates, so it is never missing; without a table of accounts (it may be empty) and
    without listed members it is n/a, and so is who of it was touched.
9.  Subscriptions and movements go on after the last row while anyone pays: then their months reach to the
    cut-off, else to the last start, end or movement. After them all is n/a. Before the first month a window is
    n/a; an opening in the first is a sum of nothing, 0, and missing as a base. A month table is n/a outside
    its months: a figure of a window needs the month before it and its last; the 12 months use those months of
    theirs that have both.

Targeted and engaged

10. Campaign sources: crm_map_campaign, 6sense_campaign, external_campaign, linkedin_campaign. Event sources:
    webinar, trade_show, field_event. The column `campaign` plays no part. kind = reach counts with every
    source but crm_activity. Retargeting is campaign_type = "retargeting", exactly, for engaged too.
11. An opportunity engages on every day on which it is open, and on its closing: the account has to be a
    member on one of these days within the window.
12. running_total_start cuts off days before it, for opportunities too: open or closed on or after it.

Revenue

13. All is judged at month ends: an account that comes and goes within a month is not seen, one that cancels
    and returns within it has not churned. The date of a movement is its month's last day; the segment is the
    one it is in on that day. A quarter's, and a year's, movements are those of its months.
14. A movement row's sign is its type's, whatever the sign of its amount. An `opening` row is no movement: it
    belongs to the end of the month before its own.
15. New or reactivation is told by month ends: reactivation had MRR at some earlier one. The word in a
    movement's row is not asked.
16. Each account's MRR is converted by currency and rounded to the cent. A movement is the MRR at the end
    minus that before, both at the rate of the month before: of each month, also in a quarter, so that a
    movement has one amount whatever the window. Exchange is the rest of the closing.
17. Without a rate money is 0, while customers and the direction of a change go by the plain numbers.
18. Roll-forward: one that enters brings its MRR of the month before (`entering`), and its movement of
    the month counts where it is at the end. One that leaves takes its MRR of the month before with it
    (`leaving`); what happened to it in the month is the other segment's. Hence a new customer that joins the
    segment in the same month is `new`, and movements of segments that share out the company add up to it.
19. New customers of a window: at the end of one of its months MRR is positive after 0, and it is positive at
    the window's end; members at the window's end. Those that come back are among them. The 12 months: the
    same of a window of 12 months.
20. No revenue table: the first win of the account, of whatever segment, lies in the window. A customer at
    a day has won, and has lost no renewal on a later day than its last win.
21. Churn of a window: losses at the end of each of its months, by those that are members then.
22. MRR: `total` is the opening. The average is over the openings that have data (from the first month of data
    on), and says how many.

Retention

23. The members of a window are those before its first month. They count until the first month end at which
    they are out of the segment, then flat, also if they return to it.
24. What was no customer at the start, or came back, is outside to the end of the window, its later movements
    too. With reactivation_in_nrr a member's reactivation counts, and all after it (that of one which was no
    customer at the start too). The toggle is for NRR alone.
25. A year: customers and members at the end of M-12; their MRR at the end of M at the rates of M-12, for a
    retention has no exchange in it. "Wherever they are now": also in no segment.
26. Logo churn: customers at the start that cancelled in the window / customers at the start (members, 23).
27. Retention and share compare as rates: in points.

Market share

28. The year is that of the window's last day. Of several rows for a segment and year the first counts. The
    outside share is not computed with.

Shape

29. Stocks and shares have no 12 months; nor have the companions of NRR. A flow says how many of its window's months
    have data, where not all have.
30. Bases of share of SOM are missing where the number above them is. A ratio that is unknown has those of its
    parts that are known: the SOM of any day, the MRR where no row has the market.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .deals import (
    ALL_ACCOUNTS,
    BLANK,
    NOT_AVAILABLE,
    NOT_MEANINGFUL,
    Book,
    Figure,
    Frame,
    Opportunity,
    Row,
    Views,
    Window,
    World,
    converted,
    fewer_months,
    frame_of,
    is_after_cutoff,
    is_listed_member,
    is_member,
    is_open,
    month_number,
    months_of_data,
    months_window,
    ratio,
    read,
    row_with,
    rows_of,
    said,
    segment_names,
    text,
    total,
    with_begun_month,
    within,
)

Span = tuple[int, int] | None
UNKNOWN_RATIO = Figure(None, None, None, is_ratio=True)

# ---------------------------------------------------------------------- rows of figures, for any metric


@dataclass(frozen=True)
class Measure:
    """What makes the figure of a window, and when a base window has no data behind it."""

    frame: Frame
    figure: Callable[[Window], Figure]
    is_missing: Callable[[Window], bool]
    months: Callable[[Window], int]
    is_rate: bool = False


def plain(measure: Measure) -> Views:
    return said(measure.figure(measure.frame.window)) | {"window": measure.frame.window}


def comparison(measure: Measure, base_window: Window) -> Views:
    value = measure.figure(measure.frame.window).value
    base = None if measure.is_missing(base_window) else measure.figure(base_window).value
    out: Views = {"value": value, "base": base, "change": None, "percent": None}
    if value is None or base is None:
        return out | {"why": NOT_AVAILABLE}
    out["change"] = value - base
    if measure.is_rate:
        return out | {"why": NOT_AVAILABLE}
    if base <= 0:
        return out | {"why": NOT_MEANINGFUL}
    out["percent"] = Fraction(value - base) / Fraction(base)
    return out


def comparisons(measure: Measure) -> Views:
    frame = measure.frame
    return {
        frame.step: comparison(measure, frame.previous),
        "yoy": comparison(measure, frame.year_before),
    }


def trailing_12(measure: Measure) -> Views:
    window = measure.frame.twelve
    return said(measure.figure(window)) | {"window": window, "months": measure.months(window)}


def stock_row(measure: Measure) -> Views:
    return plain(measure) | comparisons(measure)


def months_said(measure: Measure) -> Views:
    """How many months of the window have data, as every flow says where not all have."""
    return fewer_months(measure.months(measure.frame.window), measure.frame.window)


def flow_row(measure: Measure) -> Views:
    return stock_row(measure) | months_said(measure) | {"trailing_12": trailing_12(measure)}


def months_of(window: Window) -> list[int]:
    return list(range(month_number(window[0]), month_number(window[1]) + 1))


def last_day(month: int) -> date:
    return months_window(month, month)[1]


def span_of_days(world: World, days: Iterable[date | None]) -> Span:
    """The first and the last month of the dates that are known at the cut-off."""
    known = [day for day in days if day is not None and not is_after_cutoff(world, day)]
    return with_begun_month(world, known)


def common_span(one: Span, other: Span) -> Span:
    """Of a number that both feed: from the first row of either to the end of the one that ends first."""
    if one is None or other is None:
        return None
    first, last = min(one[0], other[0]), min(one[1], other[1])
    return (first, last) if first <= last else None


def flow_missing(span: Span, base: Window) -> bool:
    if span is None:
        return True
    first, last = months_window(*span)
    return base[1] < first or base[0] > last


def stock_missing(span: Span, base: Window) -> bool:
    if span is None:
        return True
    first, last = months_window(*span)
    return not first <= base[1] <= last


def months_in_span(span: Span, window: Window) -> int:
    return len([month for month in months_of(window) if span is not None and span[0] <= month <= span[1]])


# ------------------------------------------------------------------------------- accounts and segments


def toggle(world: World, name: str, default: Any) -> Any:
    return world["settings"]["toggles"].get(name, default)


def membership_day(world: World, window: Window, day: date) -> date:
    """The day on which membership is asked for something that happened on `day` of the window."""
    return window[1] if toggle(world, "membership", "event") == "period_end" else day


def row_may_count(segment: str, named: str) -> bool:
    """A row that names its segment belongs to that one alone (and to the company)."""
    return segment == ALL_ACCOUNTS or named in ("", segment)


def row_belongs(world: World, segment: str, account: str, named: str, day: date) -> bool:
    """Whether a row that may name its segment belongs to one on a day."""
    if segment == ALL_ACCOUNTS:
        return True
    if named:
        return named == segment
    return bool(account) and is_member(world, segment, account, day)


def is_som(world: World, segment: str, account: str, day: date) -> bool:
    if not account:
        return False
    if segment != ALL_ACCOUNTS:
        return is_member(world, segment, account, day)
    if row_with(world, "accounts", "account_id", account) is not None:
        return True
    listed = {row["segment"] for row in rows_of(world, "segment_members")}
    return any(is_listed_member(world, name, account, day) for name in listed)


def holds_revenue_of(world: World, segment: str, account: str, day: date) -> bool:
    """Membership for revenue: the company holds that of every account."""
    return segment == ALL_ACCOUNTS or is_member(world, segment, account, day)


def som_accounts_on(world: World, segment: str, day: date) -> list[str]:
    known = [row["account_id"] for row in rows_of(world, "accounts")]
    known += [row["account_id"] for row in rows_of(world, "segment_members")]
    return [account for account in dict.fromkeys(known) if is_som(world, segment, account, day)]


def unit_of(world: World, account: str) -> str:
    """What is counted: the account, or its topmost parent."""
    if world["settings"].get("count_by", "account") == "account":
        return account
    seen = [account]
    while True:
        parent = text(row_with(world, "accounts", "account_id", seen[-1]), "parent_id")
        if not parent or parent in seen:
            return seen[-1]
        seen.append(parent)


def units(world: World, accounts: Iterable[str]) -> set[str]:
    return {unit_of(world, account) for account in accounts}


def label_of(world: World, unit: str, column: str) -> str:
    row = row_with(world, "accounts", "account_id", unit)
    if row is None:
        of_unit = [row for row in rows_of(world, "accounts") if unit_of(world, row["account_id"]) == unit]
        row = of_unit[0] if of_unit else None
    return text(row, column) or BLANK


# ------------------------------------------------------------------------------------------------- SOM


def knows_market(world: World) -> bool:
    return world["tables"].get("accounts") is not None or bool(rows_of(world, "segment_members"))


def som_count(world: World, segment: str, window: Window) -> int | None:
    if not knows_market(world):
        return None
    return len(units(world, som_accounts_on(world, segment, window[1])))


def som_views(world: World, segment: str, frame: Frame) -> Views:
    def labelled(window: Window, column: str, name: str) -> int:
        found = units(world, som_accounts_on(world, segment, window[1]))
        return len([unit for unit in found if label_of(world, unit, column) == name])

    def measure(count: Callable[[Window], int | None]) -> Measure:
        return Measure(frame, lambda window: Figure(count(window)), lambda base: False, lambda window: 12)

    views = {"running_total": stock_row(measure(lambda window: som_count(world, segment, window)))}
    for view, column in (("by_geo", "geo"), ("by_sales_team", "sales_team")):
        names: set[str] = set()
        for window in (frame.window, frame.previous, frame.year_before) if knows_market(world) else ():
            found = units(world, som_accounts_on(world, segment, window[1]))
            names |= {label_of(world, unit, column) for unit in found}
        views[view] = {
            name: stock_row(measure(lambda window, c=column, n=name: labelled(window, c, n)))  # type: ignore[misc]
            for name in sorted(names)
        }
    return views


# ------------------------------------------------------------------------------------------ activities

CAMPAIGN_SOURCES = ("crm_map_campaign", "6sense_campaign", "external_campaign", "linkedin_campaign")
EVENT_SOURCES = ("webinar", "trade_show", "field_event")


def activities_of(world: World) -> list[Row]:
    """The activities that are known at the cut-off, without retargeting."""
    return [
        row
        for row in rows_of(world, "activities")
        if not is_after_cutoff(world, row["date"]) and text(row, "campaign_type") != "retargeting"
    ]


def is_targeting(row: Row) -> bool:
    if row["kind"] == "reach":
        return bool(row["source"] != "crm_activity")
    return row["kind"] == "engagement" and row["source"] in CAMPAIGN_SOURCES + EVENT_SOURCES


def is_sales_activity(row: Row) -> bool:
    return row["source"] == "crm_activity" and row["kind"] in ("reach", "engagement")


@dataclass(frozen=True)
class Touch:
    """A day on which an account was targeted or engaged; `named` is the segment its row names."""

    account: str
    day: date
    named: str = ""


def activity_touches(world: World, wanted: Callable[[Row], bool]) -> list[Touch]:
    return [Touch(row["account_id"], row["date"]) for row in activities_of(world) if wanted(row)]


def turning_points(world: World) -> list[date]:
    """The days on which a membership can begin or end."""
    days = [row.get(column) for row in rows_of(world, "segment_members") for column in ("start", "end")]
    days += [row.get("created_on") for row in rows_of(world, "segments")]
    return [day for day in days if day is not None]


def opportunity_touches(book: Book, opportunity: Opportunity, window: Window) -> list[Touch]:
    """Days of the window on which it is open, and its closing.

    Not every day: one of each stretch in which neither the opportunity nor a membership changes.
    """
    days = [window[0], opportunity.created_on, *turning_points(book.world)]
    days += [change.day for change in opportunity.history]
    if opportunity.closed_on is not None:
        days.append(opportunity.closed_on)
    touching = [
        day
        for day in days
        if within(day, window) and (is_open(book.world, opportunity, day) or day == opportunity.closed_on)
    ]
    return [Touch(opportunity.account, day, opportunity.segment) for day in touching]


Touches = Callable[[Window], list[Touch]]


def touched_in_window(world: World, segment: str, touches: Touches, window: Window) -> int:
    found = [
        touch.account
        for touch in touches(window)
        if within(touch.day, window)
        and row_may_count(segment, touch.named)
        and is_som(world, segment, touch.account, membership_day(world, window, touch.day))
    ]
    return len(units(world, found))


def touched_so_far(world: World, segment: str, touches: Touches, window: Window) -> int:
    so_far = (world["settings"].get("running_total_start") or date.min, window[1])
    found = [
        touch.account
        for touch in touches(so_far)
        if within(touch.day, so_far)
        and row_may_count(segment, touch.named)
        and is_som(world, segment, touch.account, window[1])
    ]
    return len(units(world, found))


def share_of_som(count: int | None, som: int | None) -> Figure:
    return Figure(None, count, som, is_ratio=True) if count is None or som is None else ratio(count, som)


def coverage_views(
    world: World,
    segment: str,
    frame: Frame,
    in_window: Callable[[Window], int | None],
    so_far: Callable[[Window], int | None],
    flow_is_missing: Callable[[Window], bool],
    stock_is_missing: Callable[[Window], bool],
    months: Callable[[Window], int],
) -> Views:
    """total, running_total and the two shares of SOM, for targeted, engaged and customers alike."""

    def share(count: Callable[[Window], int | None]) -> Callable[[Window], Figure]:
        return lambda window: share_of_som(count(window), som_count(world, segment, window))

    flow = Measure(frame, lambda window: Figure(in_window(window)), flow_is_missing, months)
    stock = Measure(frame, lambda window: Figure(so_far(window)), stock_is_missing, months)
    month_share = Measure(frame, share(in_window), flow_is_missing, months, is_rate=True)
    running_share = Measure(frame, share(so_far), stock_is_missing, months, is_rate=True)
    return {
        "total": flow_row(flow),
        "running_total": stock_row(stock),
        "percent_of_som": stock_row(running_share),
        "percent_of_som_month": stock_row(month_share),
    }


def touch_views(world: World, segment: str, frame: Frame, touches: Touches, span: Span) -> Views:
    if not knows_market(world):
        span = None
    return coverage_views(
        world,
        segment,
        frame,
        lambda window: None if flow_missing(span, window) else touched_in_window(world, segment, touches, window),
        lambda window: None if stock_missing(span, window) else touched_so_far(world, segment, touches, window),
        lambda base: flow_missing(span, base),
        lambda base: stock_missing(span, base),
        lambda window: months_in_span(span, window),
    )


def activity_span(world: World, wanted: Callable[[Row], bool]) -> Span:
    return span_of_days(world, [row["date"] for row in activities_of(world) if wanted(row)])


def targeted_views(world: World, segment: str, frame: Frame) -> Views:
    touches = activity_touches(world, is_targeting)
    return touch_views(world, segment, frame, lambda window: touches, activity_span(world, is_targeting))


def engaged_views(book: Book, segment: str, frame: Frame) -> Views:
    world = book.world

    def touches(window: Window) -> list[Touch]:
        found = activity_touches(world, is_sales_activity)
        for opportunity in book.opportunities:
            found += opportunity_touches(book, opportunity, window)
        return found

    span, by_sales = months_of_data(book), activity_span(world, is_sales_activity)
    span = span or by_sales if span is None or by_sales is None else common_span(span, by_sales)
    return touch_views(world, segment, frame, touches, span)


# --------------------------------------------------------------------------------------------- revenue

SIGNS = {"opening": 1, "new": 1, "expansion": 1, "reactivation": 1, "contraction": -1, "churn": -1}
Balance = dict[str, Decimal]


def month_of_text(name: str) -> int:
    return int(name[:4]) * 12 + int(name[5:7]) - 1


def revenue_shape(world: World) -> str:
    rows = rows_of(world, "revenue")
    if not rows:
        return "none"
    if "month" in rows[0]:
        return "months"
    return "subscriptions" if "start" in rows[0] else "movements"


def is_known(world: World, row: Row, shape: str) -> bool:
    if shape == "months":
        month = month_of_text(row["month"])
        return not is_after_cutoff(world, months_window(month, month)[0])
    return not is_after_cutoff(world, row["start"] if shape == "subscriptions" else row["date"])


def runs_on(world: World, row: Row, day: date) -> bool:
    """Whether a subscription recurs on a day."""
    end = None if is_after_cutoff(world, row.get("end")) else row.get("end")
    if row["start"] > day:
        return False
    if end is None:
        return True
    inclusive = toggle(world, "subscription_end", "exclusive") == "inclusive"
    return bool(day <= end) if inclusive else bool(day < end)


def signed_part(world: World, row: Row, shape: str, month: int) -> Decimal:
    """What a revenue row adds to its account's MRR at the end of a month."""
    nothing = Decimal(0)
    amount: Decimal
    if shape == "months":
        amount = row["mrr"]
        return amount if month_of_text(row["month"]) == month else nothing
    if shape == "subscriptions":
        amount = row["mrr"]
        return amount if runs_on(world, row, last_day(month)) else nothing
    counts_from = month_number(row["date"]) - (1 if row["type"] == "opening" else 0)
    amount = row["amount"]
    return SIGNS[row["type"]] * abs(amount) if counts_from <= month else nothing


@dataclass(frozen=True)
class Ledger:
    """The MRR of every account at every month end, by currency; worked out when it is asked for."""

    world: World
    shape: str
    rows: tuple[Row, ...]
    accounts: tuple[str, ...]
    worked_out: dict[tuple[str, int], Balance] = field(default_factory=dict)

    def balance(self, account: str, month: int) -> Balance:
        if (account, month) not in self.worked_out:
            found: Balance = {}
            for row in self.rows:
                if row["account_id"] == account:
                    currency = text(row, "currency") or self.world["settings"]["currency"]
                    part = signed_part(self.world, row, self.shape, month)
                    found[currency] = found.get(currency, Decimal(0)) + part
            self.worked_out[account, month] = found
        return self.worked_out[account, month]

    def span(self) -> Span:
        """The table's months."""
        if self.shape == "months":
            months = [month_of_text(row["month"]) for row in self.rows]
        elif self.shape == "subscriptions":
            months = [month_number(row["start"]) for row in self.rows]
        else:
            months = [month_number(row["date"]) - (row["type"] == "opening") for row in self.rows]
        return (min(months), max(months)) if months else None

    def last_month(self) -> int:
        """The last month that the table reaches, of one that has rows."""
        world = self.world
        if self.shape == "months":
            return max(month_of_text(row["month"]) for row in self.rows)
        if self.shape == "subscriptions":
            ends = [None if is_after_cutoff(world, row.get("end")) else row.get("end") for row in self.rows]
            dates = [row["start"] for row in self.rows] + [end for end in ends if end is not None]
            goes_on = None in ends
        else:
            dates = [row["date"] for row in self.rows]
            left: dict[str, Decimal] = {}
            for row in self.rows:
                left[row["account_id"]] = left.get(row["account_id"], Decimal(0)) + SIGNS[row["type"]] * abs(
                    row["amount"]
                )
            goes_on = any(amount > 0 for amount in left.values())
        cutoff = world["settings"].get("as_of") or date.today()
        return max(map(month_number, [*dates, cutoff] if goes_on else dates))

    def has(self, month: int) -> bool:
        """Whether the MRR at the end of a month is known."""
        span = self.span()
        if self.shape == "none" or span is None or month > self.last_month():
            return False
        return self.shape != "months" or span[0] <= month

    def has_begun(self, window: Window) -> bool:
        """Whether a window ends in the first month of data or later."""
        span = self.span()
        return span is not None and span[0] <= months_of(window)[-1]

    def has_data(self, month: int) -> bool:
        """Whether there is data behind it, as against a 0 before the first row."""
        span = self.span()
        return self.has(month) and span is not None and span[0] <= month

    def has_window(self, window: Window) -> bool:
        months = months_of(window)
        return self.has(months[0] - 1) and self.has(months[-1])

    def is_flow_missing(self, base: Window) -> bool:
        return not (self.has_window(base) and self.has_data(months_of(base)[-1]))

    def known_months(self, window: Window) -> list[int]:
        return [month for month in months_of(window) if self.has(month - 1) and self.has(month)]

    def months_with_data(self, window: Window) -> int:
        return len([month for month in self.known_months(window) if self.has_data(month)])


def read_ledger(world: World) -> Ledger:
    shape = revenue_shape(world)
    rows = tuple(row for row in rows_of(world, "revenue") if is_known(world, row, shape))
    return Ledger(world, shape, rows, tuple(dict.fromkeys(row["account_id"] for row in rows)))


def worth(ledger: Ledger, account: str, month: int, rates_of: int) -> Decimal:
    """MRR at the end of a month in the reporting currency, at the rates of another."""
    balance = ledger.balance(account, month)
    day = last_day(rates_of)
    return total(converted(ledger.world, amount, currency, day) for currency, amount in balance.items())


def plain_sum(ledger: Ledger, account: str, month: int) -> Decimal:
    return total(ledger.balance(account, month).values())


def pays(ledger: Ledger, account: str, month: int) -> bool:
    return plain_sum(ledger, account, month) > 0


def paid_before(ledger: Ledger, account: str, month: int) -> bool:
    """Whether it had MRR at a month end before this one."""
    span = ledger.span()
    return span is not None and any(pays(ledger, account, earlier) for earlier in range(span[0], month))


@dataclass(frozen=True)
class Movement:
    kind: str  # new, reactivation, expansion, contraction, churn, or "" for none
    amount: Decimal


def movement(ledger: Ledger, account: str, month: int) -> Movement:
    """What happened to an account's MRR in a month, at the rates of the month before."""
    before = worth(ledger, account, month - 1, month - 1)
    after = worth(ledger, account, month, month - 1)
    paid, pays_now = pays(ledger, account, month - 1), pays(ledger, account, month)
    if pays_now and not paid:
        came_back = paid_before(ledger, account, month - 1)
        return Movement("reactivation" if came_back else "new", after - before)
    if paid and not pays_now:
        return Movement("churn", before - after)
    plain_change = plain_sum(ledger, account, month) - plain_sum(ledger, account, month - 1)
    direction = (after - before) or plain_change
    if direction > 0:
        return Movement("expansion", after - before)
    if direction < 0:
        return Movement("contraction", before - after)
    return Movement("", Decimal(0))


# ---------------------------------------------------------------------------------------- roll-forward

ROLLFORWARD = (
    "opening",
    "new",
    "expansion",
    "contraction",
    "churn",
    "reactivation",
    "exchange",
    "entering",
    "leaving",
    "closing",
)


def month_rollforward(ledger: Ledger, segment: str, window: Window, month: int) -> dict[str, Decimal]:
    """One month of a window."""
    world = ledger.world
    out = {name: Decimal(0) for name in ROLLFORWARD}
    day_before = membership_day(world, window, last_day(month - 1))
    day_after = membership_day(world, window, last_day(month))
    for account in ledger.accounts:
        was_in = holds_revenue_of(world, segment, account, day_before)
        is_in = holds_revenue_of(world, segment, account, day_after)
        before = worth(ledger, account, month - 1, month - 1)
        after_at_old_rates = worth(ledger, account, month, month - 1)
        after = worth(ledger, account, month, month)
        if was_in:
            out["opening"] += before
        if was_in and not is_in:
            out["leaving"] += before
        if is_in:
            if not was_in:
                out["entering"] += before
            moved = movement(ledger, account, month)
            if moved.kind:
                out[moved.kind] += moved.amount
            out["exchange"] += after - after_at_old_rates
            out["closing"] += after
    return out


def rollforward_in(ledger: Ledger, segment: str, window: Window) -> dict[str, Decimal] | None:
    if not ledger.has_window(window) or not ledger.has_begun(window):
        return None
    by_month = [month_rollforward(ledger, segment, window, month) for month in months_of(window)]
    out = {name: total(month[name] for month in by_month) for name in ROLLFORWARD}
    out["opening"], out["closing"] = by_month[0]["opening"], by_month[-1]["closing"]
    return out


def mrr_rollforward(world: World, segment: str, period: str) -> dict[str, Decimal | None]:
    """opening + new + reactivation + expansion - contraction - churn + exchange + entering - leaving.

    Their sum is the closing. All None where the revenue table does not cover the period, or begins after it.
    """
    frame = frame_of(period, world["settings"].get("fiscal_year_start", 1))
    known = rollforward_in(read_ledger(world), segment, frame.window)
    return {name: None if known is None else known[name] for name in ROLLFORWARD}


# ------------------------------------------------------------------------------------------- customers


def new_customers_by_revenue(ledger: Ledger, segment: str, window: Window) -> int | None:
    months = ledger.known_months(window)
    if not months or not ledger.has(months_of(window)[-1]) or not ledger.has_begun(window):
        return None
    last = months_of(window)[-1]
    found = [
        account
        for account in ledger.accounts
        if holds_revenue_of(ledger.world, segment, account, window[1])
        and pays(ledger, account, last)
        and any(pays(ledger, account, month) and not pays(ledger, account, month - 1) for month in months)
    ]
    return len(units(ledger.world, found))


def customers_by_revenue(ledger: Ledger, segment: str, window: Window) -> int | None:
    last = months_of(window)[-1]
    if not ledger.has(last) or not ledger.has_begun(window):
        return None
    found = [
        account
        for account in ledger.accounts
        if holds_revenue_of(ledger.world, segment, account, window[1]) and pays(ledger, account, last)
    ]
    return len(units(ledger.world, found))


def wins_of(book: Book, account: str) -> list[Opportunity]:
    return [o for o in book.opportunities if o.account == account and o.outcome == "won"]


def closing_of(opportunity: Opportunity) -> date:
    assert opportunity.closed_on is not None
    return opportunity.closed_on


def wins_count_for(book: Book, segment: str, wins: list[Opportunity], day: date) -> bool:
    """Whether one of an account's wins puts it into the segment."""
    return any(
        row_may_count(segment, win.segment) and holds_revenue_of(book.world, segment, win.account, day) for win in wins
    )


def winners(book: Book) -> list[str]:
    won = [o.account for o in book.opportunities if o.outcome == "won" and o.account]
    return list(dict.fromkeys(won))


def new_customers_by_wins(book: Book, segment: str, window: Window) -> int:
    found = []
    for account in winners(book):
        first = min(closing_of(win) for win in wins_of(book, account))
        first_wins = [win for win in wins_of(book, account) if win.closed_on == first]
        if within(first, window) and wins_count_for(book, segment, first_wins, window[1]):
            found.append(account)
    return len(units(book.world, found))


def customers_by_wins(book: Book, segment: str, window: Window) -> int:
    found = []
    for account in winners(book):
        wins = [win for win in wins_of(book, account) if closing_of(win) <= window[1]]
        if not wins:
            continue
        last = max(closing_of(win) for win in wins)
        last_wins = [win for win in wins if win.closed_on == last]
        lost_renewal_since = any(
            o.account == account and o.outcome == "lost" and o.type == "renewal" and last < closing_of(o) <= window[1]
            for o in book.opportunities
        )
        if not lost_renewal_since and wins_count_for(book, segment, last_wins, window[1]):
            found.append(account)
    return len(units(book.world, found))


def customer_views(book: Book, ledger: Ledger, segment: str, frame: Frame) -> Views:
    world = book.world
    if ledger.shape == "none":
        span = months_of_data(book)
        return coverage_views(
            world,
            segment,
            frame,
            lambda window: None if flow_missing(span, window) else new_customers_by_wins(book, segment, window),
            lambda window: None if stock_missing(span, window) else customers_by_wins(book, segment, window),
            lambda base: flow_missing(span, base),
            lambda base: stock_missing(span, base),
            lambda window: months_in_span(span, window),
        )

    def new_customers(window: Window) -> int | None:
        if window != frame.twelve and not ledger.has_window(window):
            return None
        return new_customers_by_revenue(ledger, segment, window)

    return coverage_views(
        world,
        segment,
        frame,
        new_customers,
        lambda window: customers_by_revenue(ledger, segment, window),
        ledger.is_flow_missing,
        lambda base: not ledger.has_data(months_of(base)[-1]),
        ledger.months_with_data,
    )


# ----------------------------------------------------------------------------------------------- churn


@dataclass(frozen=True)
class Loss:
    unit: str
    month: int
    cancelled: bool
    amount: Decimal


def losses_in(ledger: Ledger, segment: str, window: Window) -> list[Loss]:
    world = ledger.world
    found = []
    for month in ledger.known_months(window):
        day = membership_day(world, window, last_day(month))
        for account in ledger.accounts:
            moved = movement(ledger, account, month)
            if moved.kind in ("churn", "contraction") and holds_revenue_of(world, segment, account, day):
                found.append(Loss(unit_of(world, account), month, moved.kind == "churn", moved.amount))
    return found


def last_losses(losses: list[Loss]) -> list[Loss]:
    """One for each customer: its last one, and of two in one month a cancellation."""
    last: dict[str, Loss] = {}
    for loss in losses:
        kept = last.get(loss.unit)
        if kept is None or (loss.month, loss.cancelled) > (kept.month, kept.cancelled):
            last[loss.unit] = loss
    return list(last.values())


def churn_views(ledger: Ledger, segment: str, frame: Frame) -> Views:
    def measure(number: Callable[[list[Loss]], Any]) -> Measure:
        def figure(window: Window) -> Figure:
            known = ledger.known_months(window) if window == frame.twelve else ledger.has_window(window)
            return Figure(number(losses_in(ledger, segment, window)) if known and ledger.has_begun(window) else None)

        return Measure(frame, figure, ledger.is_flow_missing, ledger.months_with_data)

    count = measure(lambda losses: len(last_losses(losses)))
    revenue = measure(lambda losses: total(loss.amount for loss in losses))
    cancelled = measure(lambda losses: len([loss for loss in last_losses(losses) if loss.cancelled]))
    downgraded = measure(lambda losses: len([loss for loss in last_losses(losses) if not loss.cancelled]))
    return {
        "total": stock_row(count) | months_said(count),
        "trailing_12": trailing_12(count),
        "revenue": flow_row(revenue),
        "revenue_trailing_12": trailing_12(revenue),
        "cancelled": flow_row(cancelled),
        "downgraded": flow_row(downgraded),
    }


# ------------------------------------------------------------------------------------------------- MRR


def mrr_at(ledger: Ledger, segment: str, month: int, day: date) -> Decimal | None:
    """MRR at the end of a month of those that are members on a day."""
    if not ledger.has(month):
        return None
    world = ledger.world
    return total(
        worth(ledger, account, month, month)
        for account in ledger.accounts
        if holds_revenue_of(world, segment, account, day)
    )


def opening_mrr(ledger: Ledger, segment: str, window: Window) -> Decimal | None:
    if not ledger.has_begun(window):
        return None
    month = months_of(window)[0] - 1
    return mrr_at(ledger, segment, month, membership_day(ledger.world, window, last_day(month)))


def opening_is_missing(ledger: Ledger, base: Window) -> bool:
    return not ledger.has_data(months_of(base)[0] - 1)


def average_opening(ledger: Ledger, segment: str, window: Window) -> Figure:
    openings = []
    for month in months_of(window):
        if ledger.has_data(month - 1):
            day = membership_day(ledger.world, window, last_day(month - 1))
            openings.append(mrr_at(ledger, segment, month - 1, day) or Decimal(0))
    return ratio(total(openings), len(openings))


def mrr_views(ledger: Ledger, segment: str, frame: Frame) -> Views:
    def closing(window: Window) -> Figure:
        if not ledger.has_begun(window):
            return Figure(None)
        return Figure(mrr_at(ledger, segment, months_of(window)[-1], window[1]))

    opening_measure = Measure(
        frame,
        lambda window: Figure(opening_mrr(ledger, segment, window)),
        lambda base: opening_is_missing(ledger, base),
        ledger.months_with_data,
    )
    closing_measure = Measure(
        frame,
        closing,
        lambda base: not ledger.has_data(months_of(base)[-1]),
        ledger.months_with_data,
    )
    with_data = [month for month in months_of(frame.twelve) if ledger.has_data(month - 1)]
    return {
        "total": stock_row(opening_measure),
        "closing": stock_row(closing_measure),
        "trailing_12": said(average_opening(ledger, segment, frame.twelve))
        | {"window": frame.twelve, "months": len(with_data)},
    }


# ------------------------------------------------------------------------------------------- retention


@dataclass(frozen=True)
class Retention:
    """What became of the members at the start of a window."""

    opening: Decimal
    expansion: Decimal
    contraction: Decimal
    churn: Decimal
    reactivation: Decimal
    customers: int
    cancelled: int


def counted_movements(ledger: Ledger, segment: str, window: Window, account: str, back: bool) -> list[Movement]:
    """Those of a member at the start, until it leaves; `back`: whether coming back counts."""
    world = ledger.world
    months = months_of(window)
    inside = pays(ledger, account, months[0] - 1)
    counted = []
    for month in months:
        if not holds_revenue_of(world, segment, account, membership_day(world, window, last_day(month))):
            break
        moved = movement(ledger, account, month)
        if moved.kind == "reactivation" and back:
            inside = True
        if inside and moved.kind:
            counted.append(moved)
        if moved.kind == "churn":
            inside = False
    return counted


def retention(ledger: Ledger, segment: str, window: Window, back: bool) -> Retention:
    world = ledger.world
    start = months_of(window)[0] - 1
    day = membership_day(world, window, last_day(start))
    members = [a for a in ledger.accounts if holds_revenue_of(world, segment, a, day)]
    moves = {a: counted_movements(ledger, segment, window, a, back) for a in members}

    def amount(kind: str) -> Decimal:
        return total(moved.amount for found in moves.values() for moved in found if moved.kind == kind)

    return Retention(
        opening=total(worth(ledger, account, start, start) for account in members),
        expansion=amount("expansion"),
        contraction=amount("contraction"),
        churn=amount("churn"),
        reactivation=amount("reactivation"),
        customers=len(units(world, [a for a in members if pays(ledger, a, start)])),
        cancelled=len(units(world, [a for a in members if any(m.kind == "churn" for m in moves[a])])),
    )


def nrr_figure(ledger: Ledger, segment: str, window: Window) -> Figure:
    if not ledger.has_window(window):
        return UNKNOWN_RATIO
    back = bool(toggle(ledger.world, "reactivation_in_nrr", False))
    kept = retention(ledger, segment, window, back)
    left = kept.opening + kept.expansion - kept.churn - kept.contraction + kept.reactivation
    return ratio(left, kept.opening)


def gross_figure(ledger: Ledger, segment: str, window: Window) -> Figure:
    if not ledger.has_window(window):
        return UNKNOWN_RATIO
    kept = retention(ledger, segment, window, back=False)
    return ratio(kept.opening - kept.churn - kept.contraction, kept.opening)


def logo_churn_figure(ledger: Ledger, segment: str, window: Window) -> Figure:
    if not ledger.has_window(window):
        return UNKNOWN_RATIO
    kept = retention(ledger, segment, window, back=False)
    return ratio(kept.cancelled, kept.customers)


def nrr_of_a_year(ledger: Ledger, segment: str, window: Window) -> Figure:
    world = ledger.world
    months = months_of(window)
    then, now = months[0] - 1, months[-1]
    if not (ledger.has(then) and ledger.has(now)):
        return UNKNOWN_RATIO
    day = membership_day(world, window, last_day(then))
    cohort = [a for a in ledger.accounts if holds_revenue_of(world, segment, a, day) and pays(ledger, a, then)]
    return ratio(
        total(worth(ledger, account, now, then) for account in cohort),
        total(worth(ledger, account, then, then) for account in cohort),
    )


def nrr_views(ledger: Ledger, segment: str, frame: Frame) -> Views:
    def measure(figure: Callable[[Ledger, str, Window], Figure]) -> Measure:
        return Measure(
            frame,
            lambda window: figure(ledger, segment, window),
            lambda base: opening_is_missing(ledger, base),
            ledger.months_with_data,
            is_rate=True,
        )

    return {
        "total": stock_row(measure(nrr_figure)),
        "trailing_12": trailing_12(measure(nrr_of_a_year)),
        "gross_revenue_retention": stock_row(measure(gross_figure)),
        "logo_churn": stock_row(measure(logo_churn_figure)),
    }


# ---------------------------------------------------------------------------------------- market share


def market_revenue(world: World, segment: str, year: int) -> Decimal | None:
    for row in rows_of(world, "market"):
        if row["segment"] == segment and int(row["year"]) == year:
            revenue: Decimal = row["revenue"]
            return revenue
    return None


def share_figure(ledger: Ledger, segment: str, window: Window) -> Figure:
    market = market_revenue(ledger.world, segment, window[1].year)
    mrr = opening_mrr(ledger, segment, window)
    if market is None or mrr is None:
        return Figure(None, None if mrr is None else mrr * 12, market, is_ratio=True)
    return ratio(mrr * 12, market)


def market_views(ledger: Ledger, segment: str, frame: Frame) -> Views:
    measure = Measure(
        frame,
        lambda window: share_figure(ledger, segment, window),
        lambda base: opening_is_missing(ledger, base),
        ledger.months_with_data,
        is_rate=True,
    )
    return {"total": stock_row(measure)}


# --------------------------------------------------------------------------------------------- metrics


def segment_metrics(world: World, segment: str, period: str) -> dict[str, Views]:
    """{metric: {view: row}} for one segment (or "All accounts") and one month or fiscal quarter."""
    if segment not in segment_names(world):
        raise ValueError(f"no segment {segment!r} in this world")
    book = read(world)
    ledger = read_ledger(world)
    frame = frame_of(period, world["settings"].get("fiscal_year_start", 1))
    return {
        "som_accounts": som_views(world, segment, frame),
        "targeted_accounts": targeted_views(world, segment, frame),
        "engaged_accounts": engaged_views(book, segment, frame),
        "customers": customer_views(book, ledger, segment, frame),
        "churned_customers": churn_views(ledger, segment, frame),
        "mrr": mrr_views(ledger, segment, frame),
        "nrr": nrr_views(ledger, segment, frame),
        "market_share": market_views(ledger, segment, frame),
    }
