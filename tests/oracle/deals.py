"""A slow and plain oracle for the eleven metrics of deals.

It is a second, independent reading of the definitions behind "GoMo, Segment Metrics scorecard, sections
Pipeline Metrics and Sales Performance Metrics", made only to be compared with the real computation. It
walks over every row for every number, keeps no state, and is exact: sums are int or Decimal, ratios and
percentages are Fraction.

Decisions
---------
Where the definitions leave a choice, this is what was chosen, and why.

Time and the cut-off

1.  An opportunity created after `as_of` is not used at all, nor is its history: its required creation date
    would read as blank.
2.  Won or lost after `as_of` is open, and its stage of today is not taken over (stage "unknown" where no
    history tells): the closing brought that stage. Nor do history rows of an earlier closing make it lost.
3.  History rows after `as_of` are not there. If there were any, the opportunity's stage of today is one that
    a later row brought: the stage on a day comes from the remaining rows or is "unknown".
4.  Amount known at `as_of`: the opportunity's own column. Only if a cut history row states an amount, the
    last amount stated in the remaining rows, blank where these state none: what a later row brought goes
    back.
5.  A membership or a subscription that starts after `as_of` is not there (it is not one without a start);
    one that ends after `as_of` has no end. A membership with a blank start is not there either if its
    segment was created after `as_of`.
6.  Windows may end after `as_of`: snapshots and memberships at such an end are those known at `as_of`.
7.  12 months with fewer months of data still give the figure, of those months; with none it is "n/a".

Segments

8.  With membership "period_end" every window, bases and the 12 months included, uses membership at its own
    last day: a base is then the number that was reported at the time.
9.  With membership "event" the date is the creation for created pipeline, and the closing for all that is
    won or lost (time to close too). A snapshot uses membership on the snapshot's day.
10. A segment made by a rule or a column does not look at `created_on`: attributes hold for all time. A
    listed member with its own start may start before the segment was created. A blank end has no end.
11. A rule needs all its columns. Bounds are inclusive; a blank or a text never meets a bound. A blank is in
    a list only if the list has "", hence it does meet `not`. Comparison is exact.
12. An account outside the accounts table can be a listed member, and never meets a rule or a column.
13. A segment that an opportunity names counts on every day, whether or not its account is a member, and
    keeps it out of all others, even when no such segment is defined.

New and existing, types

14. new_logo: new. upsell, cross_sell, renewal: existing. A word mapped to "other" says neither, so it is
    treated like an unmapped one. The map decides first, also for an opportunity without an account.
15. "Won before": another opportunity of the account, of whatever segment, won on an earlier day than this
    one's creation. Its own win, when it closed before it was created, does not make it existing.
16. "Had MRR before": on some day before the creation the account's subscriptions sum to more than 0. The MRR of a
    month runs on its days, a movement from its day on.
17. "No account" is a blank account. An account that no table knows still is one, new or existing.
18. A blank or unmapped type is "other" in by_type and in the four types.

Money

19. A blank currency is the reporting currency; the reporting currency needs no rate. The month of the rate
    is that of the creation, the closing, or the snapshot's day.
20. Each converted amount is rounded to the cent, half away from zero, before it is summed: money is exact
    to the cent.
21. An amount that cannot be converted is 0 in sums, as a blank one is; both stay in every count, in the
    denominator of the average deal size, and list their item in the cuts of money metrics too.
22. A negative denominator (of revenue) is computed with; only zero is "n/a".

Comparisons

23. N/M (base zero or negative) has a base and a difference, but no percent. A missing base, and a ratio
    without a value on either side, have neither difference nor percent: "n/a".
24. A rate's comparison always says "n/a" next to its missing percent.
25. A window that overlaps the months of data in part is said, as the period, as a base and as 12 months. One
    that does not is "n/a", never 0; so is a snapshot whose day lies in no month of data.

Pipeline snapshots

26. Closed stages are won_stages and lost_stages. Any other stage outside `stages` is "Other", and so is a
    closed stage's word on an opportunity without history whose status column says open.
27. The date of an open opportunity is its expected one, so it closes nothing.
28. A reopening is a history row in no closed stage right after a row in a closed one. It counts if it is
    strictly after closed_on: on the same day nothing says which came first.
29. With history, but none by the day: open by the dates alone and "unknown", even if it is still open (the
    stage of today belongs to a later day).
30. Amount on a day: the last one stated in history by that day (a row without an amount changes nothing);
    blank if the rows so far state none; before the first row, the first row's amount (the "first amount"
    of the bridge). Where no row of the opportunity states one: the amount known at `as_of`.
31. The cuts of the pipeline list an item if something of it is open on one of the three snapshot days: a
    stock has no 12 months.

Other

32. Average time to close does not use wins with negative days, so an item with none but these is not
    listed. Its N/M and its percentages are those of any number, only win rates are rates.
33. Geo and team are looked up one by one: an owner's row with a team and without a geo gives the team, and
    the geo comes from the account.
34. The stage view's number of what cannot be reconstructed is "not_reconstructed", at the window's end.
35. Where no opportunity has an amount (nor, for the pipeline, its history), money is "n/a" and has no items.
36. A number of a window says how many of its months have data, where not all have; a snapshot has none to
    say. What nothing measures (the dates of MQLs, where no lead has one) has data in no month.
37. A ratio that is unknown has those of its parts that are known.
38. An item of a cut counts what its metric counts and sums the amounts of that, as the total does.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
World = dict[str, Any]
Views = dict[str, Any]
Window = tuple[date, date]

ALL_ACCOUNTS = "All accounts"
BLANK = "(blank)"
OTHER_STAGE = "Other"
UNKNOWN_STAGE = "unknown"
NOT_AVAILABLE = "n/a"
NOT_MEANINGFUL = "N/M"


# ---------------------------------------------------------------------------------------------- periods


@dataclass(frozen=True)
class Frame:
    """The windows of one period. `step` is the key of the comparison with the previous window."""

    window: Window
    previous: Window
    year_before: Window
    twelve: Window
    step: str


def month_number(day: date) -> int:
    """Months counted from year 0, so that they can be added and subtracted."""
    return day.year * 12 + day.month - 1


def months_window(first: int, last: int) -> Window:
    last_year, last_month = last // 12, last % 12 + 1
    end = date(last_year, last_month, calendar.monthrange(last_year, last_month)[1])
    return date(first // 12, first % 12 + 1, 1), end


def frame_of(period: str, fiscal_year_start: int) -> Frame:
    year = int(period[:4])
    if "Q" in period:
        length, step = 3, "qoq"
        first_of_year = year * 12 + fiscal_year_start - 1
        if fiscal_year_start > 1:
            first_of_year -= 12  # named by the year it ends in
        first = first_of_year + 3 * (int(period[-1]) - 1)
    else:
        length, step = 1, "mom"
        first = year * 12 + int(period[5:7]) - 1
    last = first + length - 1
    return Frame(
        window=months_window(first, last),
        previous=months_window(first - length, last - length),
        year_before=months_window(first - 12, last - 12),
        twelve=months_window(last - 11, last),
        step=step,
    )


def within(day: date, window: Window) -> bool:
    return window[0] <= day <= window[1]


# ------------------------------------------------------------------------------- what is known at as_of


@dataclass(frozen=True)
class Change:
    """One row of an opportunity's history."""

    day: date
    stage: str
    amount: Decimal | None


@dataclass(frozen=True)
class Opportunity:
    """An opportunity as it is known at as_of. `closed_on` is the actual closing, None while it is open."""

    key: str
    account: str
    created_on: date
    outcome: str
    closed_on: date | None
    amount: Decimal | None
    currency: str
    stage_today: str | None
    history: tuple[Change, ...]
    segment: str
    type: str
    reason: str
    labels: tuple[tuple[str, str], ...]

    def label(self, cut: str) -> str:
        return dict(self.labels)[cut]


@dataclass(frozen=True)
class Book:
    """The world and its opportunities, read once."""

    world: World
    opportunities: tuple[Opportunity, ...]


def rows_of(world: World, table: str) -> list[Row]:
    rows: list[Row] = world["tables"].get(table) or []
    return rows


def text(row: Row | None, column: str) -> str:
    return "" if row is None else str(row.get(column) or "")


def is_after_cutoff(world: World, day: date | None) -> bool:
    as_of = world["settings"].get("as_of")
    return day is not None and as_of is not None and day > as_of


def row_with(world: World, table: str, column: str, value: str) -> Row | None:
    for row in rows_of(world, table):
        if value and row[column] == value:
            return row
    return None


def status_of(world: World, row: Row) -> str:
    settings = world["settings"]
    if text(row, "status"):
        return text(row, "status")
    if row["stage"] in settings["won_stages"]:
        return "won"
    if row["stage"] in settings["lost_stages"]:
        return "lost"
    return "open"


def type_of(world: World, row: Row) -> str:
    mapped: str = world["settings"]["types"].get(text(row, "type"), "other")
    return mapped


def own_or_owners_or_accounts(world: World, row: Row, column: str) -> str:
    """A row's geo or sales team."""
    owner = row_with(world, "teams", "owner", text(row, "owner"))
    account = row_with(world, "accounts", "account_id", text(row, "account_id"))
    return text(row, column) or text(owner, column) or text(account, column) or BLANK


def amount_known(row: Row, kept: list[Change], cut: list[Change]) -> Decimal | None:
    if all(change.amount is None for change in cut):
        column: Decimal | None = row.get("amount")
        return column
    stated = [change.amount for change in kept if change.amount is not None]
    return stated[-1] if stated else None


def history_of(world: World, key: str) -> list[Change]:
    """In order of time; rows of one day stay in the table's order (sorted() is stable)."""
    changes = [
        Change(row["changed_at"], row["stage"], row.get("amount"))
        for row in rows_of(world, "opportunity_history")
        if row["opportunity_id"] == key
    ]
    return sorted(changes, key=lambda change: change.day)


def read_opportunity(world: World, row: Row) -> Opportunity | None:
    """The opportunity as known at as_of, or None when it was not yet created."""
    if is_after_cutoff(world, row["created_on"]):
        return None
    changes = history_of(world, row["opportunity_id"])
    kept = [change for change in changes if not is_after_cutoff(world, change.day)]
    cut = [change for change in changes if is_after_cutoff(world, change.day)]
    outcome = status_of(world, row)
    stage_today: str | None = None if cut else row["stage"]
    closed_on: date | None = None
    if outcome != "open":
        closed_on = row.get("closed_on")
        if closed_on is None:
            raise ValueError(f"not a valid world: {row['opportunity_id']} is {outcome} without closed_on")
        if is_after_cutoff(world, closed_on):
            outcome, closed_on, stage_today = "open", None, None
    kind = type_of(world, row)
    labels = {
        "by_geo": own_or_owners_or_accounts(world, row, "geo"),
        "by_sales_team": own_or_owners_or_accounts(world, row, "sales_team"),
        "by_lead_source": text(row, "lead_source") or BLANK,
        "by_product_category": text(row, "product_category") or BLANK,
        "by_type": kind,
    }
    return Opportunity(
        key=row["opportunity_id"],
        account=text(row, "account_id"),
        created_on=row["created_on"],
        outcome=outcome,
        closed_on=closed_on,
        amount=amount_known(row, kept, cut),
        currency=text(row, "currency"),
        stage_today=stage_today,
        history=tuple(kept),
        segment=text(row, "segment"),
        type=kind,
        reason=text(row, "loss_reason") or BLANK,
        labels=tuple(labels.items()),
    )


def read(world: World) -> Book:
    found = [read_opportunity(world, row) for row in rows_of(world, "opportunities")]
    return Book(world, tuple(opportunity for opportunity in found if opportunity is not None))


def months_of_data(book: Book) -> tuple[int, int] | None:
    """The first and the last month with data, over all opportunities whatever the segment."""
    days: list[date] = []
    for opportunity in book.opportunities:
        days.append(opportunity.created_on)
        if opportunity.closed_on is not None:
            days.append(opportunity.closed_on)
        days.extend(change.day for change in opportunity.history)
    return with_begun_month(book.world, days)


def with_begun_month(world: World, days: list[date]) -> tuple[int, int] | None:
    """First and last month of some days. The month of the cut-off has only begun, unless that is its last day: what
    reaches the month before reaches it."""
    if not days:
        return None
    first, last = month_number(min(days)), month_number(max(days))
    as_of = world["settings"].get("as_of") or date.today()
    month = month_number(as_of)
    if last == month - 1 and as_of != months_window(month, month)[1]:
        return first, month
    return first, last


# ------------------------------------------------------------------------------------------ memberships


def segment_names(world: World) -> list[str]:
    """All accounts first, then every segment that the world defines."""
    names = [ALL_ACCOUNTS]
    column = world["settings"].get("segments_by")
    if column:
        names += [text(row, column) for row in rows_of(world, "accounts") if text(row, column)]
    names += [named["name"] for named in world["settings"].get("segments_named") or []]
    names += [row["segment"] for row in rows_of(world, "segments")]
    names += [row["segment"] for row in rows_of(world, "segment_members")]
    return list(dict.fromkeys(names))


def meets_condition(value: str, condition: Any) -> bool:
    if isinstance(condition, list):
        return value in condition
    if "not" in condition and value in condition["not"]:
        return False
    if "min" in condition or "max" in condition:
        try:
            number = Decimal(value)
        except ArithmeticError:
            return False
        if "min" in condition and number < condition["min"]:
            return False
        if "max" in condition and number > condition["max"]:
            return False
    return True


def meets_rule(account: Row, where: dict[str, Any]) -> bool:
    return all(meets_condition(text(account, column), condition) for column, condition in where.items())


def is_listed_member(world: World, segment: str, account: str, day: date) -> bool:
    definition = row_with(world, "segments", "segment", segment)
    for row in rows_of(world, "segment_members"):
        if row["segment"] != segment or row["account_id"] != account:
            continue
        start = row.get("start") or (definition or {}).get("created_on")
        end = row.get("end")
        if is_after_cutoff(world, start):
            continue
        if is_after_cutoff(world, end):
            end = None
        if (start is None or start <= day) and (end is None or day < end):
            return True
    return False


def is_member(world: World, segment: str, account: str, day: date) -> bool:
    settings = world["settings"]
    attributes = row_with(world, "accounts", "account_id", account)
    if attributes is not None:
        column = settings.get("segments_by")
        if column and text(attributes, column) == segment:
            return True
        for named in settings.get("segments_named") or []:
            if named["name"] == segment and meets_rule(attributes, named["where"]):
                return True
    return is_listed_member(world, segment, account, day)


def belongs(world: World, opportunity: Opportunity, segment: str, day: date) -> bool:
    if segment == ALL_ACCOUNTS:
        return True
    if opportunity.segment:
        return opportunity.segment == segment
    return bool(opportunity.account) and is_member(world, segment, opportunity.account, day)


# ------------------------------------------------------------------------------------ new and existing


def running_amount(world: World, row: Row) -> tuple[date, date | None, Decimal]:
    """From when to when (exclusive) a row of any kind of revenue table adds what to its account's MRR."""
    if "month" in row:
        month = int(row["month"][:4]) * 12 + int(row["month"][5:7]) - 1
        return months_window(month, month)[0], months_window(month + 1, month + 1)[0], row["mrr"]
    if "type" in row:
        falls = row["type"] in ("contraction", "churn")
        return row["date"], None, -abs(row["amount"]) if falls else abs(row["amount"])
    return row["start"], None if is_after_cutoff(world, row.get("end")) else row.get("end"), row["mrr"]


def had_mrr_before(world: World, account: str, day: date) -> bool:
    rows = [running_amount(world, row) for row in rows_of(world, "revenue") if row["account_id"] == account]
    subscriptions = [row for row in rows if not is_after_cutoff(world, row[0])]
    turning_points = [start for start, _, _ in subscriptions] + [end for _, end, _ in subscriptions if end]
    for point in turning_points:
        running = [mrr for start, end, mrr in subscriptions if start <= point and not (end and end <= point)]
        if point < day and sum(running) > 0:
            return True
    return False


def won_before(book: Book, opportunity: Opportunity) -> bool:
    return any(
        other.key != opportunity.key
        and other.account == opportunity.account
        and other.outcome == "won"
        and other.closed_on is not None
        and other.closed_on < opportunity.created_on
        for other in book.opportunities
    )


def customer_kind(book: Book, opportunity: Opportunity) -> str:
    """new_customers, existing_customers or unknown."""
    if opportunity.type == "new_logo":
        return "new_customers"
    if opportunity.type in ("upsell", "cross_sell", "renewal"):
        return "existing_customers"
    if not opportunity.account:
        return "unknown"
    if won_before(book, opportunity):
        return "existing_customers"
    if had_mrr_before(book.world, opportunity.account, opportunity.created_on):
        return "existing_customers"
    return "new_customers"


# ------------------------------------------------------------------------------------------------ money


def converted(world: World, amount: Decimal | None, currency: str, day: date) -> Decimal:
    """In the reporting currency; 0 for a blank amount and for one without a rate."""
    if amount is None:
        return Decimal(0)
    if currency in ("", world["settings"]["currency"]):
        return amount
    month = f"{day.year:04d}-{day.month:02d}"
    for row in rows_of(world, "fx_rates"):
        if row["month"] == month and row["currency"] == currency:
            rate: Decimal = row["rate"]
            return (amount * rate).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return Decimal(0)


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


# --------------------------------------------------------------------------------------- events, stocks


@dataclass(frozen=True)
class Item:
    """Something that is counted: an event on its day, or an opportunity open on a snapshot's day."""

    what: str  # created, won, lost, or the stage of an open one
    day: date
    money: Decimal
    opportunity: Opportunity


Items = list[Item]
ItemsIn = Callable[[Window], Items]


def events_of(book: Book, opportunity: Opportunity) -> Items:
    days = [("created", opportunity.created_on)]
    if opportunity.closed_on is not None:
        days.append((opportunity.outcome, opportunity.closed_on))
    return [
        Item(what, day, converted(book.world, opportunity.amount, opportunity.currency, day), opportunity)
        for what, day in days
    ]


def events(book: Book, segment: str, window: Window, kinds: tuple[str, ...]) -> Items:
    at_end = book.world["settings"]["toggles"].get("membership", "event") == "period_end"
    found = []
    for opportunity in book.opportunities:
        for event in events_of(book, opportunity):
            if event.what not in kinds or not within(event.day, window):
                continue
            if belongs(book.world, opportunity, segment, window[1] if at_end else event.day):
                found.append(event)
    return found


def closed_stages(world: World) -> list[str]:
    return list(world["settings"]["won_stages"]) + list(world["settings"]["lost_stages"])


def reopenings(world: World, opportunity: Opportunity) -> list[date]:
    closed = closed_stages(world)
    history = opportunity.history
    return [
        history[at].day
        for at in range(1, len(history))
        if history[at - 1].stage in closed and history[at].stage not in closed
    ]


def changes_by(opportunity: Opportunity, day: date) -> list[Change]:
    return [change for change in opportunity.history if change.day <= day]


def is_open(world: World, opportunity: Opportunity, day: date) -> bool:
    if opportunity.created_on > day:
        return False
    past = changes_by(opportunity, day)
    if past and past[-1].stage in closed_stages(world):
        return False
    closed_on = opportunity.closed_on
    if closed_on is None or closed_on > day:
        return True
    return any(closed_on < reopened <= day for reopened in reopenings(world, opportunity))


def stage_on(world: World, opportunity: Opportunity, day: date) -> str:
    past = changes_by(opportunity, day)
    if past:
        stage: str | None = past[-1].stage
    elif opportunity.history or opportunity.outcome != "open":
        stage = None
    else:
        stage = opportunity.stage_today
    if stage is None:
        return UNKNOWN_STAGE
    return stage if stage in world["settings"]["stages"] else OTHER_STAGE


def amount_on(opportunity: Opportunity, day: date) -> Decimal | None:
    history = opportunity.history
    if all(change.amount is None for change in history):
        return opportunity.amount
    past = changes_by(opportunity, day)
    if not past:
        return history[0].amount
    stated = [change.amount for change in past if change.amount is not None]
    return stated[-1] if stated else None


def open_items(book: Book, segment: str, day: date) -> Items:
    world = book.world
    return [
        Item(
            stage_on(world, opportunity, day),
            day,
            converted(world, amount_on(opportunity, day), opportunity.currency, day),
            opportunity,
        )
        for opportunity in book.opportunities
        if is_open(world, opportunity, day) and belongs(world, opportunity, segment, day)
    ]


# ---------------------------------------------------------------------------------------------- figures


@dataclass(frozen=True)
class Figure:
    value: Any
    numerator: Any = None
    denominator: Any = None
    is_ratio: bool = False


def ratio(numerator: Any, denominator: Any) -> Figure:
    value = Fraction(numerator) / Fraction(denominator) if denominator != 0 else None
    return Figure(value, numerator, denominator, is_ratio=True)


def only(items: Items, what: str) -> Items:
    return [item for item in items if item.what == what]


def money(items: Items) -> Decimal:
    return total(item.money for item in items)


def days_to_close(item: Item) -> int:
    return (item.day - item.opportunity.created_on).days


def figure_money(items: Items) -> Figure:
    return Figure(money(items))


def figure_count(items: Items) -> Figure:
    return Figure(len(items))


def figure_net_new(items: Items) -> Figure:
    return Figure(money(only(items, "created")) - money(only(items, "lost")))


def figure_deal_size(items: Items) -> Figure:
    return ratio(money(items), len(items))


def figure_days(items: Items) -> Figure:
    return ratio(sum(days_to_close(item) for item in items), len(items))


def figure_win_rate_count(items: Items) -> Figure:
    won = len(only(items, "won"))
    return ratio(won, won + len(only(items, "lost")))


def figure_win_rate_revenue(items: Items) -> Figure:
    won = money(only(items, "won"))
    return ratio(won, won + money(only(items, "lost")))


@dataclass(frozen=True)
class Metric:
    """`items` gives what the metric uses in a window, `figure` makes the number of it."""

    book: Book
    frame: Frame
    items: ItemsIn
    figure: Callable[[Items], Figure]
    is_rate: bool = False
    is_stock: bool = False
    is_money: bool = False


Pick = Callable[[Item], bool]


def everything(item: Item) -> bool:
    return True


def figure_in(metric: Metric, window: Window, pick: Pick) -> Figure:
    figure = metric.figure([item for item in metric.items(window) if pick(item)])
    if not is_missing(metric, window):
        return figure
    counted = figure.denominator if type(figure.denominator) is int else None
    return Figure(None, None, counted, figure.is_ratio)


def lacks_amounts(metric: Metric) -> bool:
    """Whether it needs amounts, and no one states one."""
    if not metric.is_money:
        return False
    stated = [opportunity.amount for opportunity in metric.book.opportunities]
    if metric.is_stock:
        stated += [change.amount for opportunity in metric.book.opportunities for change in opportunity.history]
    return all(amount is None for amount in stated)


def is_missing(metric: Metric, window: Window) -> bool:
    """Whether a window has no data behind it, as against a zero."""
    span = months_of_data(metric.book)
    if span is None or lacks_amounts(metric):
        return True
    first, last = months_window(*span)
    if metric.is_stock:
        return not first <= window[1] <= last
    return window[1] < first or window[0] > last


# ------------------------------------------------------------------------------------------------ views


def said(figure: Figure) -> Views:
    out: Views = {"value": figure.value}
    if figure.is_ratio:
        out |= {"numerator": figure.numerator, "denominator": figure.denominator}
    if figure.value is None:
        out["why"] = NOT_AVAILABLE
    return out


def comparison(metric: Metric, base_window: Window, pick: Pick) -> Views:
    value = figure_in(metric, metric.frame.window, pick).value
    base = None if is_missing(metric, base_window) else figure_in(metric, base_window, pick).value
    out: Views = {"value": value, "base": base, "change": None, "percent": None}
    if value is None or base is None:
        return out | {"why": NOT_AVAILABLE}
    out["change"] = value - base
    if metric.is_rate:
        return out | {"why": NOT_AVAILABLE}
    if base <= 0:
        return out | {"why": NOT_MEANINGFUL}
    out["percent"] = Fraction(value - base) / Fraction(base)
    return out


def comparisons(metric: Metric, pick: Pick = everything) -> Views:
    frame = metric.frame
    return {
        frame.step: comparison(metric, frame.previous, pick),
        "yoy": comparison(metric, frame.year_before, pick),
    }


def months_with_data(metric: Metric, window: Window) -> int:
    span = months_of_data(metric.book)
    months = range(month_number(window[0]), month_number(window[1]) + 1)
    return len([month for month in months if span is not None and span[0] <= month <= span[1]])


def trailing_12(metric: Metric, pick: Pick = everything) -> Views:
    window = metric.frame.twelve
    return said(figure_in(metric, window, pick)) | {"window": window, "months": months_with_data(metric, window)}


def fewer_months(months: int, window: Window) -> Views:
    """How many of a window's months have data, where not all have."""
    return {} if months == month_number(window[1]) - month_number(window[0]) + 1 else {"months": months}


def plain(metric: Metric, pick: Pick = everything) -> Views:
    window = metric.frame.window
    out = said(figure_in(metric, window, pick)) | {"window": window}
    return out if metric.is_stock else out | fewer_months(months_with_data(metric, window), window)


def full_row(metric: Metric, pick: Pick = everything) -> Views:
    out = plain(metric, pick) | comparisons(metric, pick)
    if not metric.is_stock:
        out["trailing_12"] = trailing_12(metric, pick)
    return out


def windows_listed(metric: Metric) -> list[Window]:
    frame = metric.frame
    bases = [frame.window, frame.previous, frame.year_before]
    return bases if metric.is_stock else [*bases, frame.twelve]


def cut(metric: Metric, label: Callable[[Item], str]) -> dict[str, Views]:
    found = {label(item) for window in windows_listed(metric) for item in metric.items(window)}
    if lacks_amounts(metric):
        return {}
    return {name: full_row(metric, lambda item, name=name: label(item) == name) for name in sorted(found)}  # type: ignore[misc]


CUTS = ("by_geo", "by_sales_team", "by_lead_source", "by_product_category", "by_type")


def cuts(metric: Metric) -> Views:
    return {name: cut(metric, lambda item, name=name: item.opportunity.label(name)) for name in CUTS}  # type: ignore[misc]


def with_each(views: Views, metric: Metric, beside: Metric, key: str) -> Views:
    """Views in which every item of a cut says what another metric has in it."""
    for name in CUTS:
        for label, row in views[name].items():

            def pick(item: Item, name: str = name, label: str = label) -> bool:
                return item.opportunity.label(name) == label

            row[key] = figure_in(beside, metric.frame.window, pick).value
    return views


def of_count(metric: Metric) -> Metric:
    """The number of what a metric sums."""
    return replace(metric, figure=figure_count, is_money=False)


def common_views(metric: Metric) -> Views:
    out = {"total": plain(metric)} | comparisons(metric)
    if not metric.is_stock:
        out["trailing_12"] = trailing_12(metric)
    return out | cuts(metric)


def customer_views(metric: Metric) -> Views:
    out: Views = {}
    for kind in ("new_customers", "existing_customers", "unknown"):
        out[kind] = full_row(
            metric,
            lambda item, kind=kind: customer_kind(metric.book, item.opportunity) == kind,  # type: ignore[misc]
        )
    return out


TYPE_VIEWS = {
    "new_logo": ("new_logo",),
    "upsell_cross_sell": ("upsell", "cross_sell"),
    "renewal": ("renewal",),
    "other": ("other",),
}


def type_views(metric: Metric, with_revenue: bool) -> Views:
    out: Views = {}
    for view, kinds in TYPE_VIEWS.items():

        def pick(item: Item, kinds: tuple[str, ...] = kinds) -> bool:
            return item.opportunity.type in kinds

        out[view] = full_row(metric, pick)
        if with_revenue:
            out[view]["revenue"] = figure_in(of_money(metric), metric.frame.window, pick).value
    return out


# ---------------------------------------------------------------------------------------------- metrics


def revenue_metric(metric: Metric) -> Views:
    return common_views(metric) | customer_views(metric)


def of_money(metric: Metric) -> Metric:
    """The amounts of what a metric counts."""
    return replace(metric, figure=figure_money, is_money=True)


def count_metric(metric: Metric) -> Views:
    revenue = {"revenue": full_row(of_money(metric))}
    views = with_each(common_views(metric), metric, of_money(metric), "revenue")
    return views | revenue | type_views(metric, with_revenue=True)


def ratio_metric(metric: Metric) -> Views:
    return common_views(metric) | type_views(metric, with_revenue=False)


def share(part: Any, whole: Any) -> Fraction | None:
    return Fraction(part) / Fraction(whole) if whole != 0 else None


def reason_metric(metric: Metric) -> Views:
    window = metric.frame.window
    lost = metric.items(window)
    counted, paid = not is_missing(metric, window), not is_missing(of_money(metric), window)
    by_reason = cut(metric, lambda item: item.opportunity.reason)
    for reason, row in by_reason.items():
        of_reason = [item for item in lost if item.opportunity.reason == reason]
        row["count"] = len(of_reason) if counted else None
        row["count_percent"] = share(len(of_reason), len(lost)) if counted else None
        row["revenue"] = money(of_reason) if paid else None
        row["revenue_percent"] = share(money(of_reason), money(lost)) if paid else None
        if None in (row["count_percent"], row["revenue_percent"]):
            row["why"] = NOT_AVAILABLE
    return {"total": plain(metric)} | comparisons(metric) | {"trailing_12": trailing_12(metric), "by_reason": by_reason}


def stage_metric(metric: Metric) -> Views:
    frame = metric.frame
    stages = list(metric.book.world["settings"]["stages"])
    found = {item.what for window in windows_listed(metric) for item in metric.items(window)}
    stages += [extra for extra in (OTHER_STAGE, UNKNOWN_STAGE) if extra in found]
    now = metric.items(frame.window)
    views: Views = {"by_stage": {}, f"by_stage_{frame.step}": {}, "by_stage_yoy": {}}
    for stage in stages:

        def pick(item: Item, stage: str = stage) -> bool:
            return item.what == stage

        count = figure_in(of_count(metric), frame.window, pick).value
        views["by_stage"][stage] = plain(metric, pick) | {"count": count}
        views[f"by_stage_{frame.step}"][stage] = comparison(metric, frame.previous, pick)
        views["by_stage_yoy"][stage] = comparison(metric, frame.year_before, pick)
    views["not_reconstructed"] = None if is_missing(metric, frame.window) else len(only(now, UNKNOWN_STAGE))
    return with_each(common_views(metric), metric, of_count(metric), "count") | views


def scorecard(world: World, segment: str, period: str) -> dict[str, Views]:
    """{metric: {view: ...}} for one segment (or "All accounts") and one month or fiscal quarter."""
    if segment not in segment_names(world):
        raise ValueError(f"no segment {segment!r} in this world")
    book = read(world)
    frame = frame_of(period, world["settings"].get("fiscal_year_start", 1))

    def using(*kinds: str) -> ItemsIn:
        return lambda window: events(book, segment, window, kinds)

    def won_with_days(window: Window) -> Items:
        return [item for item in events(book, segment, window, ("won",)) if days_to_close(item) >= 0]

    def snapshot(window: Window) -> Items:
        return open_items(book, segment, window[1])

    def metric(items: ItemsIn, figure: Callable[[Items], Figure], rate: bool = False, paid: bool = False) -> Metric:
        return Metric(book, frame, items, figure, is_rate=rate, is_money=paid)

    closed = using("won", "lost")
    return {
        "won_revenue": revenue_metric(metric(using("won"), figure_money, paid=True)),
        "lost_revenue": revenue_metric(metric(using("lost"), figure_money, paid=True)),
        "net_new_pipeline": revenue_metric(metric(using("created", "lost"), figure_net_new, paid=True)),
        "pipeline_by_stage": stage_metric(Metric(book, frame, snapshot, figure_money, is_stock=True, is_money=True)),
        "won_opportunities": count_metric(metric(using("won"), figure_count)),
        "lost_opportunities": count_metric(metric(using("lost"), figure_count)),
        "lost_by_reason": reason_metric(metric(using("lost"), figure_count)),
        "average_deal_size": ratio_metric(metric(using("won"), figure_deal_size, paid=True)),
        "average_time_to_close": ratio_metric(metric(won_with_days, figure_days)),
        "win_rate_count": ratio_metric(metric(closed, figure_win_rate_count, rate=True)),
        "win_rate_revenue": ratio_metric(metric(closed, figure_win_rate_revenue, rate=True, paid=True)),
    }
