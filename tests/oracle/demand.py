"""A slow and plain oracle for the demand generation metrics of the scorecard.

An independent reading of "GoMo, Segment Metrics scorecard, section Demand Generation Metrics": leads, MQLs,
SQOs, the two conversion rates and the cost per SQO. It builds on `deals.py` and `segment_metrics.py`.

Decisions
---------
1.  A lead created after the cut-off is not there; a later MQL, SQO or rejection date is blank, and the
    rejection's stage with it. A month of costs is there if its first day is not after the cut-off.
2.  Leads are theirs whose account is a member on the date of the event (created, MQL, SQO, outcome), by name
    where the lead names a segment. All accounts has those without an account too.
3.  The linked opportunity is the one the lead names, else the earliest created one that names the lead (of
    two on one day the one whose id sorts first). One
    that is not there (or not yet) has no date, but leads that name it still share it.
4.  A blank sqo_on, also one blanked by the cut-off, is the linked opportunity's creation.
5.  Leads that share an opportunity are one SQO: on the earliest of their dates, with the source and the
    segment of that lead, of two on one day the one whose id sorts first (the order of rows says nothing).
6.  Conversion counts leads, not SQOs: two MQLs that end in one opportunity are two converted.
7.  The outcome of a lead in a month is found over all its rows first; then its segment on that day is asked.
    A converted lead that is rejected later in the month in another segment counts only there.
8.  MQL to SQO: converted, and rejected, only with an MQL date, whenever it is. Lead to MQL needs nothing.
9.  A blank rejected_from is "mql" if the lead had an MQL date by then, else "lead".
10. A quarter and a year are sums of months' outcomes.
11. Costs: a segment has those that name it; All accounts has all. Blank kind: acquisition. A segment without
    any cost row has cost 0, so its cost per SQO is 0.
12. Labor with a lead source is that source's. Labor without is spread month by month over the sources by the
    segment's leads with an outcome (of either conversion, each lead once) in that month; in a month without
    such leads it is unallocated. The total includes it.
13. The shares of labor are exact fractions, not rounded to cents: they are parts of an average.
14. Sources listed have an event, an acquisition cost (one without a rate too, which is 0), or labor other than 0, in
    one of the windows shown (month, bases, 12 months). A cost converts at the rate of its month.
15. Months of data: those of the leads' own dates (all four, as the table has them: an opportunity created
    later does not make the leads younger), for SQOs and their conversion also those as in 4; of costs theirs. A
    window outside is n/a, never 0. A number of two of them begins with the earlier first month and ends with the
    earlier last one. No leads table: all is n/a; no costs table: cost per SQO is n/a.
16. A date that no lead has is no measurement: without MQL dates MQLs and both conversions are n/a, without SQO
    dates and linked opportunities SQOs and what divides by them. Without rejections the rates are of none.
17. Cost per SQO has no sources where no lead names one, or where costs are acquisition and none names one.
18. Cost per SQO compares in percent, conversion in points.
19. A lead has no owner and no geo or sales team of its own: they are its account's. An SQO's are those of the lead
    whose date it has. A conversion lists an item if a lead of it has an outcome in one of the windows shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .deals import (
    ALL_ACCOUNTS,
    BLANK,
    Book,
    Figure,
    Frame,
    Opportunity,
    Row,
    Views,
    Window,
    World,
    converted,
    frame_of,
    is_after_cutoff,
    month_number,
    months_window,
    ratio,
    read,
    row_with,
    rows_of,
    segment_names,
    text,
    total,
    within,
)
from .segment_metrics import (
    UNKNOWN_RATIO,
    Measure,
    Span,
    common_span,
    comparisons,
    flow_missing,
    flow_row,
    membership_day,
    month_of_text,
    months_in_span,
    months_of,
    months_said,
    plain,
    row_belongs,
    span_of_days,
    trailing_12,
)

# ----------------------------------------------------------------------------------------------- leads


@dataclass(frozen=True)
class Lead:
    """A lead as it is known at the cut-off. `unit` is what is one SQO."""

    key: str
    account: str
    source: str
    segment: str
    created_on: date
    mql_on: date | None
    sqo_on: date | None
    rejected_on: date | None
    rejected_from: str
    unit: tuple[str, str]


def known_day(world: World, row: Row, column: str) -> date | None:
    day: date | None = row.get(column)
    return None if is_after_cutoff(world, day) else day


def named_opportunity(book: Book, row: Row) -> tuple[str, Opportunity | None]:
    """The key of the lead's opportunity ("" for none), and the opportunity if it is there."""
    named = text(row, "opportunity_id")
    if named:
        found = [o for o in book.opportunities if o.key == named]
        return named, (found[0] if found else None)
    naming = {r["opportunity_id"] for r in rows_of(book.world, "opportunities") if text(r, "lead_id") == row["lead_id"]}
    found = [o for o in book.opportunities if o.key in naming]
    if not found:
        return "", None
    first = min(found, key=lambda opportunity: (opportunity.created_on, opportunity.key))
    return first.key, first


def rejection_of(world: World, row: Row, mql_on: date | None) -> tuple[date | None, str]:
    rejected_on = known_day(world, row, "rejected_on")
    if rejected_on is None:
        return None, ""
    was_mql = mql_on is not None and mql_on <= rejected_on
    return rejected_on, text(row, "rejected_from") or ("mql" if was_mql else "lead")


def read_lead(book: Book, row: Row) -> Lead | None:
    world = book.world
    if is_after_cutoff(world, row["created_on"]):
        return None
    key, opportunity = named_opportunity(book, row)
    sqo_on = known_day(world, row, "sqo_on")
    if sqo_on is None and opportunity is not None:
        sqo_on = opportunity.created_on
    mql_on = known_day(world, row, "mql_on")
    rejected_on, rejected_from = rejection_of(world, row, mql_on)
    return Lead(
        key=row["lead_id"],
        account=text(row, "account_id"),
        source=text(row, "source") or BLANK,
        segment=text(row, "segment"),
        created_on=row["created_on"],
        mql_on=mql_on,
        sqo_on=sqo_on,
        rejected_on=rejected_on,
        rejected_from=rejected_from,
        unit=("opportunity", key) if key else ("lead", row["lead_id"]),
    )


def read_leads(book: Book) -> list[Lead]:
    found = [read_lead(book, row) for row in rows_of(book.world, "leads")]
    return [lead for lead in found if lead is not None]


def known_rows(book: Book) -> list[Row]:
    """Leads that are there at the cut-off."""
    return [row for row in rows_of(book.world, "leads") if not is_after_cutoff(book.world, row["created_on"])]


def lead_span(book: Book) -> Span:
    columns = ("created_on", "mql_on", "sqo_on", "rejected_on")
    days = [known_day(book.world, row, column) for row in known_rows(book) for column in columns]
    return span_of_days(book.world, days)


def is_dated(book: Book, column: str) -> bool:
    return any(known_day(book.world, row, column) is not None for row in known_rows(book))


def has_sqos(book: Book) -> bool:
    """Whether anything tells of an SQO: a date, or a link between a lead and an opportunity."""
    if is_dated(book, "sqo_on") or any(text(row, "opportunity_id") for row in known_rows(book)):
        return True
    known = {opportunity.key for opportunity in book.opportunities}
    return any(text(row, "lead_id") for row in rows_of(book.world, "opportunities") if row["opportunity_id"] in known)


def known_costs(world: World) -> list[Row]:
    return [
        row
        for row in rows_of(world, "costs")
        if not is_after_cutoff(world, months_window(month_of_text(row["month"]), month_of_text(row["month"]))[0])
    ]


def sources_tell(book: Book) -> bool:
    """Whether costs and SQOs can be put together by lead source."""
    costs = known_costs(book.world)
    if not any(text(row, "source") for row in known_rows(book)):
        return False
    return any(text(row, "lead_source") for row in costs) or all(text(row, "kind") == "labor" for row in costs)


def sqo_span(book: Book, leads: list[Lead]) -> Span:
    own = lead_span(book)
    days = [lead.sqo_on for lead in leads if lead.sqo_on is not None]
    if own is None or not days:
        return own
    more = span_of_days(book.world, days)
    return own if more is None else (min(own[0], more[0]), max(own[1], more[1]))


# ---------------------------------------------------------------------------------------------- events


def any_lead(lead: Lead) -> bool:
    return True


@dataclass(frozen=True)
class Event:
    """Something of a lead on a day. `what`: created, mql, sqo."""

    what: str
    day: date
    lead: Lead


def sqo_events(leads: list[Lead]) -> list[Event]:
    """One for each unit: that of its earliest lead."""
    events = []
    for unit in dict.fromkeys(lead.unit for lead in leads):
        dated = [Event("sqo", lead.sqo_on, lead) for lead in leads if lead.unit == unit and lead.sqo_on]
        if dated:
            events.append(min(dated, key=lambda event: (event.day, event.lead.key)))
    return events


def events_of(leads: list[Lead]) -> list[Event]:
    created = [Event("created", lead.created_on, lead) for lead in leads]
    mqls = [Event("mql", lead.mql_on, lead) for lead in leads if lead.mql_on]
    return created + mqls + sqo_events(leads)


def belongs(world: World, segment: str, lead: Lead, window: Window, day: date) -> bool:
    return row_belongs(world, segment, lead.account, lead.segment, membership_day(world, window, day))


@dataclass(frozen=True)
class Outcome:
    """The last one of a lead in a month, for one conversion."""

    conversion: str  # lead_to_mql or mql_to_sqo
    day: date
    converted: bool
    lead: Lead


def candidates(lead: Lead) -> list[Outcome]:
    found = []
    if lead.mql_on is not None:
        found.append(Outcome("lead_to_mql", lead.mql_on, True, lead))
    if lead.rejected_on is not None and lead.rejected_from == "lead":
        found.append(Outcome("lead_to_mql", lead.rejected_on, False, lead))
    if lead.sqo_on is not None and lead.mql_on is not None:
        found.append(Outcome("mql_to_sqo", lead.sqo_on, True, lead))
    if lead.rejected_on is not None and lead.rejected_from == "mql" and lead.mql_on is not None:
        found.append(Outcome("mql_to_sqo", lead.rejected_on, False, lead))
    return found


def outcomes_of(leads: list[Lead]) -> list[Outcome]:
    """One for each lead, conversion and month: the last, and on the same day converted."""
    last: dict[tuple[str, str, int], Outcome] = {}
    for lead in leads:
        for outcome in candidates(lead):
            key = (lead.key, outcome.conversion, month_number(outcome.day))
            kept = last.get(key)
            if kept is None or (outcome.day, outcome.converted) > (kept.day, kept.converted):
                last[key] = outcome
    return list(last.values())


# ----------------------------------------------------------------------------------------------- costs


@dataclass(frozen=True)
class Spending:
    """The costs of a window: by source, and the labor that no source can take."""

    by_source: dict[str, Fraction]
    unallocated: Decimal
    total: Decimal


def cost_rows(world: World, segment: str, month: int) -> list[Row]:
    """A month's costs in the reporting currency, at the rate of the month."""
    first_day = months_window(month, month)[0]
    return [
        row | {"amount": converted(world, row["amount"], text(row, "currency"), first_day)}
        for row in rows_of(world, "costs")
        if month_of_text(row["month"]) == month
        and not is_after_cutoff(world, months_window(month, month)[0])
        and (segment == ALL_ACCOUNTS or text(row, "segment") == segment)
    ]


# --------------------------------------------------------------------------------------------- funnel


@dataclass(frozen=True)
class Funnel:
    """The leads of a segment, as the metrics need them."""

    world: World
    segment: str
    leads: list[Lead]

    def events(self, what: str, window: Window) -> list[Event]:
        return [
            event
            for event in events_of(self.leads)
            if event.what == what
            and within(event.day, window)
            and belongs(self.world, self.segment, event.lead, window, event.day)
        ]

    def outcomes(self, window: Window) -> list[Outcome]:
        return [
            outcome
            for outcome in outcomes_of(self.leads)
            if within(outcome.day, window) and belongs(self.world, self.segment, outcome.lead, window, outcome.day)
        ]

    def worked_leads(self, window: Window, month: int) -> list[Lead]:
        """The leads with an outcome in a month of the window, each once."""
        found = {o.lead.key: o.lead for o in self.outcomes(window) if month_number(o.day) == month}
        return list(found.values())

    def spending(self, window: Window) -> Spending:
        by_source: dict[str, Fraction] = {}
        unallocated = spent = Decimal(0)
        for month in months_of(window):
            rows = cost_rows(self.world, self.segment, month)
            spent += total(row["amount"] for row in rows)
            loose = [row for row in rows if text(row, "kind") == "labor" and not text(row, "lead_source")]
            for row in rows:
                worthless = text(row, "kind") == "labor" and not row["amount"]  # labor without a rate
                if row not in loose and not worthless:
                    source = text(row, "lead_source") or BLANK
                    by_source[source] = by_source.get(source, Fraction(0)) + Fraction(row["amount"])
            labor = total(row["amount"] for row in loose)
            worked = self.worked_leads(window, month)
            for lead in worked if labor else []:
                share = Fraction(labor) / len(worked)
                by_source[lead.source] = by_source.get(lead.source, Fraction(0)) + share
            if not worked:
                unallocated += labor
        return Spending(by_source, unallocated, spent)

    def cost_per_sqo(self, window: Window) -> Figure:
        return ratio(self.spending(window).total, len(self.events("sqo", window)))

    def cost_per_sqo_of(self, source: str, window: Window) -> Figure:
        of_source = [event for event in self.events("sqo", window) if event.lead.source == source]
        return ratio(self.spending(window).by_source.get(source, Fraction(0)), len(of_source))

    def conversion(self, name: str, window: Window, pick: Callable[[Lead], bool]) -> Figure:
        found = [outcome for outcome in self.outcomes(window) if outcome.conversion == name and pick(outcome.lead)]
        return ratio(len([outcome for outcome in found if outcome.converted]), len(found))


# ----------------------------------------------------------------------------------------------- views


def whole_views(measure: Measure) -> Views:
    total = plain(measure) | months_said(measure)
    return {"total": total} | comparisons(measure) | {"trailing_12": trailing_12(measure)}


def label_of(world: World, lead: Lead, cut: str) -> str:
    if cut == "by_lead_source":
        return lead.source
    return text(row_with(world, "accounts", "account_id", lead.account), cut.removeprefix("by_")) or BLANK


LEAD_CUTS = ("by_geo", "by_sales_team", "by_lead_source")
Counted = Callable[[Window, Callable[[Lead], bool]], Figure]


def lead_cuts(
    world: World, leads: list[Lead], measured: Callable[[Callable[[Window], Figure]], Measure], figure: Counted
) -> Views:
    """The cuts of a number of leads; ``leads`` has every one of the windows shown."""
    out: Views = {}
    for cut in LEAD_CUTS:
        out[cut] = {}
        for label in sorted({label_of(world, lead, cut) for lead in leads}):

            def of_label(lead: Lead, cut: str = cut, label: str = label) -> bool:
                return label_of(world, lead, cut) == label

            row = measured(lambda window, pick=of_label: figure(window, pick))  # type: ignore[misc]
            out[cut][label] = flow_row(row)
    return out


def windows_listed(frame: Frame) -> list[Window]:
    return [frame.window, frame.previous, frame.year_before, frame.twelve]


def demand(world: World, segment: str, period: str) -> dict[str, Views]:
    """{metric: {view: ...}} for one segment (or "All accounts") and one month or fiscal quarter."""
    if segment not in segment_names(world):
        raise ValueError(f"no segment {segment!r} in this world")
    book = read(world)
    frame = frame_of(period, world["settings"].get("fiscal_year_start", 1))
    funnel = Funnel(world, segment, read_leads(book))
    has_leads = bool(rows_of(world, "leads"))
    has_costs = has_leads and bool(rows_of(world, "costs"))
    of_leads = lead_span(book)
    of_sqos = sqo_span(book, funnel.leads)
    mql, sqo = is_dated(book, "mql_on"), has_sqos(book)
    has_costs = has_costs and sqo
    cost_months = {month_of_text(row["month"]) for row in rows_of(world, "costs")}
    of_costs = span_of_days(world, [months_window(month, month)[0] for month in cost_months])

    def measure(figure: Callable[[Window], Figure], span: Span, is_rate: bool = False) -> Measure:
        return Measure(
            frame,
            figure,
            lambda base: flow_missing(span, base),
            lambda window: months_in_span(span, window),
            is_rate,
        )

    def counted(what: str, known: bool) -> Views:
        of_what = (of_sqos if what == "sqo" else of_leads) if known else None

        def count(window: Window, pick: Callable[[Lead], bool] = any_lead) -> Figure:
            number = len([event for event in funnel.events(what, window) if pick(event.lead)])
            return Figure(number if months_in_span(of_what, window) else None)

        leads = [event.lead for window in windows_listed(frame) for event in funnel.events(what, window) if known]
        return whole_views(measure(count, of_what)) | lead_cuts(world, leads, lambda of: measure(of, of_what), count)

    def converted(name: str, known: bool) -> Views:
        of_what = (common_span(of_leads, of_sqos) if name == "mql_to_sqo" else of_leads) if known else None

        def figure(window: Window, pick: Callable[[Lead], bool] = any_lead) -> Figure:
            return funnel.conversion(name, window, pick) if months_in_span(of_what, window) else UNKNOWN_RATIO

        outcomes = [outcome for window in windows_listed(frame) for outcome in funnel.outcomes(window) if known]
        leads = [outcome.lead for outcome in outcomes if outcome.conversion == name]

        def measured(of: Callable[[Window], Figure]) -> Measure:
            return measure(of, of_what, is_rate=True)

        return whole_views(measured(figure)) | lead_cuts(world, leads, measured, figure)

    def cost() -> Views:
        span = common_span(of_sqos, of_costs) if has_costs else None
        of_labor = common_span(of_sqos, of_costs) if has_leads and rows_of(world, "costs") else None  # without SQOs too

        def whole(window: Window) -> Figure:
            return funnel.cost_per_sqo(window) if months_in_span(span, window) else UNKNOWN_RATIO

        def of_source(source: str, window: Window) -> Figure:
            return funnel.cost_per_sqo_of(source, window) if months_in_span(span, window) else UNKNOWN_RATIO

        def loose(window: Window) -> Figure:
            known = has_leads and rows_of(world, "costs") and months_in_span(of_labor, window)
            return Figure(funnel.spending(window).unallocated if known else None)

        sources: set[str] = set()
        for window in windows_listed(frame) if has_costs and sources_tell(book) else []:
            sources |= set(funnel.spending(window).by_source)
            sources |= {event.lead.source for event in funnel.events("sqo", window)}
        by_source = {
            source: flow_row(measure(lambda window, s=source: of_source(s, window), span))  # type: ignore[misc]
            for source in sorted(sources)
        }
        return whole_views(measure(whole, span)) | {
            "by_lead_source": by_source,
            "unallocated": flow_row(measure(loose, of_labor)),
        }

    return {
        "leads": counted("created", has_leads),
        "mqls": counted("mql", mql),
        "sqos": counted("sqo", has_leads and sqo),
        "lead_to_mql": converted("lead_to_mql", mql),
        "mql_to_sqo": converted("mql_to_sqo", mql and sqo),
        "cost_per_sqo": cost(),
    }
