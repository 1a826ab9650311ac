"""A slow and plain oracle for the segment performance report.

It is a second, independent reading of "6sense, Segment performance reports" (sections Set up a Segment
Performance report, Summary statistics, Cohort performance, Cohort movement, Review activities by source), made
only to be compared with the real computation. It walks over every row for every number, keeps no state, and is
exact: counts are int, money is Decimal, percentages are Fraction.

A world is that of `deals`, with more tables (buying_stages, activities, timeframes) and more settings
(run_date, report, stage_map, buying_stages_kind). Options are {"type", "segments", "analysis", "baseline",
"cohort", "product_category", "exclude_zero", "exclude_irrelevant", "environment"}; see `report_worlds`.

Decisions
---------
Where the definitions leave a choice, this is what was chosen, and why. Decisions 5, 10 to 12 and 20 of
`deals` hold here too: memberships at the cut-off, rules, members outside the accounts table, cents.

Time and the cut-off

1.  Without `as_of` the cut-off is `run_date`, and without that today: rows of later days do not count.
2.  A stage or an activity dated after the cut-off, and an opportunity created after it, is not there; won or
    lost after it is open. Its amount is its column's, for no history is read here.
3.  A timeframe may end after the cut-off. A stage of the changes' shape is carried on to its end.
4.  A window from a Monday to the Sunday after it is a week, available on the next Monday; any other is
    available on the 3rd of the month after the month of its last day. Both timeframes must be available.
5.  The defaults step back in whole months: a range that is not yet available moves by one month. A week is
    always available, for it is the last complete one.
6.  Lengths are compared in months for whole months, else in days: February against March is no warning.

Segments and cohorts

7.  `today` is membership on the cut-off day. "On any day of that timeframe" is tried day by day.
8.  All accounts is every account of the accounts table. An account that only opportunities, stages or
    activities name is in no cohort; one that a segment lists as a member is in its cohort and its total.
9.  "Created before the timeframe starts" is strict: created on its first day is too late. It is checked for
    every chosen segment, on the date as it is written, even one after the cut-off: a segment that did not exist
    yet was not created before. Rules and named segments are checked as listed ones are; segments by a column
    have no date.
10. No segment at all is refused, and so is a timeframe that ends before it starts.

Opportunities

11. A known account is one in the accounts table. An opportunity of a listed member outside it is excluded.
12. "Left out and counted": every opportunity known at the cut-off without a known account, whatever its dates,
    amount and relevance, for nothing says whose it would be.
13. An opportunity that names its segment belongs to that one alone: it is excluded from a report on others. Of a
    report on its own one it is part only if its account is in the cohort, as all numbers are the cohort's.
    All accounts takes it in.
14. Irrelevant: the column `relevant` says no, or the rule `irrelevant` is met, or it is of another product
    category than the chosen one; one is enough. The rule describes what is irrelevant, as it is named, and an
    empty rule describes nothing. A blank `relevant` or a blank category says nothing: relevant.
15. Another category matters only with exclude_irrelevant: it makes them irrelevant, that setting excludes them.
16. exclude_zero excludes blank and 0, not negative amounts; from states and counts too, not only from sums.
17. Dynamics or HubSpot: "dynamics" or "hubspot" in the opportunity's own `crm`, else its account's, without
    regard to case, blanks and signs. No CRM stated: neither.
18. Won and lost without a closing date is rejected: not used, nor counted.

Money

19. New pipeline with the toggle convert_report_currency uses the rate of the creation's month, total won that of
    the closing's. Without a rate it is excluded as it is without the toggle.
20. The toggle holds in the whole report: activities take converted amounts too. What is undefined (a blank
    currency) stays outside of activities.
21. "Count and sum excluded": the cohort's opportunities that were created or won in the analysis timeframe and
    whose amount is excluded from new pipeline or total won by its currency; each once, at face value.

Product category

22. Category names are compared exactly. A table has the column if any of its rows has the key.
23. Blank ones counted: rows known at the cut-off, in the whole table; activities without retargeting.
24. Without a chosen category a blank one is a category of its own for carrying stages forward.

Environment

25. "Has rows" and "any row of it is in the data" are said of the whole table: before the cut-off, the category
    and retargeting are looked at. A row of any kind makes its source configured.
26. A set environment has exactly the flags that its text names: "predictive" has no CRM.
27. Opportunities Opened and Won need the CRM even in a predictive environment: they would else be shown as 0.
    Without it opportunities lift no account to a state, not even those that are in the table.
28. What ends in a month before a timeframe begins does not reach it: a line of activities of which all configured
    sources do is n/a there, so is a state of them; No Engagement where all its states are. Opportunities end with
    the last creation or closing: then they, and all money, are n/a. Webinars, trade shows and field events take
    place now and then: they end with the last activity of the table. A source that is named and has no row never
    ends. A movement of states needs No Engagement in both timeframes.
29. States depend on the environment only, and lines of activities on their sources only. A total is available
    if one of its sources is.
30. A buying-stage report without the predictive flag is not refused: the increase, performance and movement
    are greyed out, the rest stays.
31. Reasons are joined by "; " in "why". A line without CRM is available, its two amounts are not.

Stages and states

32. A word is looked up in stage_map first, then among the five without regard to case. A row with another word
    or none is rejected: it changes nothing, and takes no stage away.
33. The table's order tells the last row of a day.
34. Performance has "No stage" first, so that its counts add up to the cohort and its amounts to the summary.
35. Below a stage in the baseline are the opportunities of the baseline, of the accounts in it then.
36. An `anonymous_web` row counts as a visit whatever its kind.
37. Highest states, hence the increase in engaged accounts, do not see Dynamics and HubSpot opportunities: a state
    has one meaning, and the source includes them in the summary for new pipeline and total won only.
38. "Above No Engagement" is by the highest state: an account with an opportunity and no activity is above it,
    and is in No Engagement too. `net_engaged` is of the engagement report only, movement of the buying-stage one.
39. Without unstaged_can_increase, "up" in the movement still has those that come from No stage.

Activities

40. The change in percent is a fraction of the baseline; baseline 0, and 0 against 0, are "N/M".
41. Dynamics and HubSpot opportunities are in: only cohort performance excludes them.
42. Retargeting is told without regard to case. Counted: rows known at the cut-off in the whole table.
43. Accounts behind new pipeline and total won are those with an opportunity in the sum, a blank or 0 included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from .deals import (
    ALL_ACCOUNTS,
    NOT_MEANINGFUL,
    Row,
    Window,
    World,
    is_member,
    meets_rule,
    month_number,
    months_window,
    row_with,
    rows_of,
    segment_names,
    status_of,
    text,
    within,
)

Options = dict[str, Any]
Accounts = set[str]

NO_STAGE = "No stage"
STAGES = [NO_STAGE, "Target", "Awareness", "Consideration", "Decision", "Purchase"]

NO_ENGAGEMENT = "No Engagement"
OPENED = "Opportunities Opened"
WON = "Opportunities Won"
STATES = [NO_ENGAGEMENT, "Intent", "Anonymous Website Visit", "Known Engagement", OPENED, WON]

INTENT_SOURCES = ["6sense_keyword", "bombora_topic", "g2_intent", "trustradius_intent"]
CAMPAIGN_SOURCES = ["crm_map_campaign", "6sense_campaign", "external_campaign", "linkedin_campaign"]
WEB_AND_EVENT_SOURCES = ["anonymous_web", "known_web", "webinar", "trade_show", "field_event"]
KNOWN_SOURCES = ["crm_map_campaign", "webinar", "trade_show", "field_event", "crm_activity"]

NO_CRM = "no CRM"
NO_PREDICTIVE = "not predictive"
NOT_CONFIGURED = "source not configured"
OTHER_TYPE = "of the other type of report"

SUMMARY_LINE = "Summary"
DYNAMICS_LINE = "Microsoft Dynamics and HubSpot"
PERFORMANCE_LINE = "Cohort performance"


def settled(world: World) -> World:
    """The world with every default in its settings, as_of and run_date included."""
    settings = dict(world["settings"])
    settings["run_date"] = settings.get("run_date") or date.today()
    settings["as_of"] = settings.get("as_of") or settings["run_date"]
    settings["currency"] = settings.get("currency") or "USD"
    settings["won_stages"] = settings.get("won_stages") or ["Closed Won"]
    settings["lost_stages"] = settings.get("lost_stages") or ["Closed Lost"]
    for name in ("toggles", "report", "stage_map"):
        settings[name] = settings.get(name) or {}
    return {"settings": settings, "tables": world["tables"]}


def toggle(world: World, name: str, default: bool) -> bool:
    return bool(world["settings"]["toggles"].get(name, default))


def days_of(window: Window) -> list[date]:
    return [window[0] + timedelta(days=number) for number in range((window[1] - window[0]).days + 1)]


# ------------------------------------------------------------------------------------------- timeframes


def is_week(window: Window) -> bool:
    return window[0].weekday() == 0 and window[1] == window[0] + timedelta(days=6)


def available_on(window: Window) -> date:
    if is_week(window):
        return window[1] + timedelta(days=1)
    next_month = month_number(window[1]) + 1
    return date(next_month // 12, next_month % 12 + 1, 3)


def months_ago(run_date: date, oldest: int, newest: int) -> Window:
    """Whole calendar months: (3, 1) are the last three."""
    now = month_number(run_date)
    return months_window(now - oldest, now - newest)


def default_timeframes(run_date: date, kind: str) -> tuple[Window, Window]:
    """(baseline, analysis) for "month", "range" or "week"."""
    if kind == "week":
        monday = run_date - timedelta(days=run_date.weekday() + 7)
        sunday = monday + timedelta(days=6)
        week = timedelta(days=7)
        return (monday - week, sunday - week), (monday, sunday)
    length = {"month": 1, "range": 3}[kind]
    newest = 1
    while available_on(months_ago(run_date, newest, newest)) > run_date:
        newest += 1
    analysis = months_ago(run_date, newest + length - 1, newest)
    baseline = months_ago(run_date, newest + 2 * length - 1, newest + length)
    return baseline, analysis


def length_of(window: Window) -> tuple[str, int]:
    first, last = month_number(window[0]), month_number(window[1])
    if window == months_window(first, last):
        return "months", last - first + 1
    return "days", len(days_of(window))


# ------------------------------------------------------------------------------- what the source refuses


def created_on(world: World, segment: str) -> date | None:
    for named in world["settings"].get("segments_named") or []:
        if named["name"] == segment:
            named_day: date | None = named.get("created_on")
            return named_day
    row = row_with(world, "segments", "segment", segment)
    day: date | None = None if row is None else row.get("created_on")
    return day


def chosen_segments(options: Options) -> list[str]:
    return list(dict.fromkeys(options["segments"]))


def unknown_segments(world: World, options: Options) -> list[str]:
    if not options["segments"]:
        return ["no segment"]
    return [f"unknown segment: {name}" for name in chosen_segments(options) if name not in segment_names(world)]


def wrong_order(options: Options) -> list[str]:
    timeframes = ("baseline", "analysis")
    broken = [f"ends before it starts: {which}" for which in timeframes if options[which][1] < options[which][0]]
    if options["baseline"][1] >= options["analysis"][0]:
        broken.append("baseline not before analysis")
    return broken


def created_too_late(world: World, options: Options) -> list[str]:
    which = options["cohort"]
    if which == "today":
        return []
    broken = []
    for name in chosen_segments(options):
        created = created_on(world, name)
        if created is not None and created >= options[which][0]:
            broken.append(f"created too late for the {which} cohort: {name}")
    return broken


def not_available(world: World, options: Options) -> list[str]:
    settings = world["settings"]
    if settings.get("allow_partial") or options.get("allow_partial"):
        return []
    late = [which for which in ("baseline", "analysis") if available_on(options[which]) > settings["run_date"]]
    return [f"not available: {which}" for which in late]


def refusals(world: World, options: Options) -> list[str]:
    """The rules that are broken, each with what breaks it; empty when the report can be made."""
    world = settled(world)
    return (
        unknown_segments(world, options)
        + wrong_order(options)
        + created_too_late(world, options)
        + not_available(world, options)
    )


def warnings(world: World, options: Options) -> list[str]:
    """What is allowed and said."""
    world = settled(world)
    said = []
    if length_of(options["baseline"]) != length_of(options["analysis"]):
        said.append("unequal lengths")
    for name in chosen_segments(options):
        created = created_on(world, name)
        if name != ALL_ACCOUNTS and created is None and options["cohort"] != "today":
            said.append(f"creation not checked: {name}")
        if options["cohort"] == "today" and created is not None and created > options["analysis"][1]:
            said.append(f"created after the analysis: {name}")
    return said


# ------------------------------------------------------------------------------------ the book: read once


@dataclass(frozen=True)
class Deal:
    """An opportunity as it is known at the cut-off."""

    row: Row
    account: str
    created_on: date
    won_on: date | None
    amount: Decimal | None
    currency: str

    def day_of(self, event: str) -> date | None:
        return self.created_on if event == "created" else self.won_on


@dataclass(frozen=True)
class Book:
    """The settled world and the options with what every part needs. Deals are the cohort's, none without CRM."""

    world: World
    options: Options
    flags: set[str]
    cohort: Accounts
    deals: list[Deal]

    def window(self, which: str) -> Window:
        window: Window = self.options[which]
        return window

    @property
    def is_engagement(self) -> bool:
        return bool(self.options["type"] == "engagement")

    @property
    def has_crm(self) -> bool:
        return "crm" in self.flags

    @property
    def is_predictive(self) -> bool:
        return "predictive" in self.flags


def read(world: World, options: Options) -> Book:
    world = settled(world)
    flags = environment(world, options)
    members = cohort(world, options)
    deals = cohorts_deals(world, options, members) if "crm" in flags else []
    return Book(world, options, flags, members, deals)


# ----------------------------------------------------------------------------------------------- cohort


def known_accounts(world: World) -> Accounts:
    return {row["account_id"] for row in rows_of(world, "accounts")}


def cohort_days(world: World, options: Options) -> list[date]:
    """The days of which one is enough to be in the cohort."""
    if options["cohort"] == "today":
        return [world["settings"]["as_of"]]
    return days_of(options[options["cohort"]])


def cohort(world: World, options: Options) -> Accounts:
    """The accounts in any of the segments, each once."""
    found: Accounts = set()
    candidates = known_accounts(world) | {row["account_id"] for row in rows_of(world, "segment_members")}
    for segment in chosen_segments(options):
        if segment == ALL_ACCOUNTS:
            found |= known_accounts(world)
            continue
        for account in candidates:
            if any(is_member(world, segment, account, day) for day in cohort_days(world, options)):
                found.add(account)
    return found


# ------------------------------------------------------------------------------------------ environment


def environment(world: World, options: Options) -> set[str]:
    """The flags that hold: "predictive", "crm", both or none."""
    chosen = options.get("environment") or world["settings"]["report"].get("environment") or "auto"
    if chosen != "auto":
        return set(re.findall("no_crm|predictive|crm", chosen)) - {"no_crm"}
    flags = set()
    if rows_of(world, "buying_stages"):
        flags.add("predictive")
    if rows_of(world, "opportunities"):
        flags.add("crm")
    return flags


def is_configured(world: World, source: str) -> bool:
    named = world["settings"]["report"].get("sources") or []
    return source in named or any(row["source"] == source for row in rows_of(world, "activities"))


NOW_AND_THEN = ("webinar", "trade_show", "field_event")


def month_of(day: date) -> tuple[int, int]:
    return day.year, day.month


def ended_before(world: World, days: list[date], window: Window) -> bool:
    """Whether days lie in months before a window's first; the month of the cut-off has only begun."""
    as_of = world["settings"]["as_of"]
    last = max(days)
    tomorrow = as_of + timedelta(days=1)
    if month_of(tomorrow) == month_of(as_of) and month_of(as_of.replace(day=1) - timedelta(days=1)) == month_of(last):
        last = as_of
    return month_of(last) < month_of(window[0])


def has_ended(world: World, source: str, window: Window) -> bool:
    """Whether all activities of a source lie in months before a window's first."""
    as_of = world["settings"]["as_of"]
    rows = [row for row in rows_of(world, "activities") if row["date"] <= as_of]
    if not any(row["source"] == source for row in rows):
        return False
    days = [row["date"] for row in rows if source in NOW_AND_THEN or row["source"] == source]
    return ended_before(world, days, window)


def sources_ended(world: World, sources: list[str], window: Window) -> bool:
    configured = [source for source in sources if is_configured(world, source)]
    return bool(configured) and all(has_ended(world, source, window) for source in configured)


def deals_ended(world: World, window: Window) -> bool:
    as_of = world["settings"]["as_of"]
    days = [deal.created_on for deal in all_deals(world)]
    for deal in all_deals(world):
        closed_on = deal.row.get("closed_on")
        if status_of(world, deal.row) != "open" and closed_on is not None and closed_on <= as_of:
            days.append(closed_on)
    return bool(days) and ended_before(world, days, window)


# ---------------------------------------------------------------------------------------- opportunities


def all_deals(world: World) -> list[Deal]:
    as_of = world["settings"]["as_of"]
    deals = []
    for row in rows_of(world, "opportunities"):
        status, closed_on = status_of(world, row), row.get("closed_on")
        if row["created_on"] > as_of:
            continue
        if status != "open" and closed_on is None:
            continue  # rejected
        won_on = closed_on if status == "won" and closed_on <= as_of else None
        deals.append(
            Deal(row, text(row, "account_id"), row["created_on"], won_on, row.get("amount"), text(row, "currency"))
        )
    return deals


def has_known_account(world: World, deal: Deal) -> bool:
    return deal.account in known_accounts(world)


def says_no(value: Any) -> bool:
    if isinstance(value, bool):
        return not value
    return str(value if value is not None else "").strip().lower() in ("no", "false", "0", "n", "f")


def as_texts(row: Row) -> Row:
    """For the rule language, to which a 0 is not a blank."""
    return {column: "" if value is None else str(value) for column, value in row.items()}


def is_irrelevant(world: World, options: Options, deal: Deal) -> bool:
    rule = world["settings"]["report"].get("irrelevant") or {}
    category, chosen = text(deal.row, "product_category"), options.get("product_category")
    return (
        says_no(deal.row.get("relevant"))
        or (bool(rule) and meets_rule(as_texts(deal.row), rule))
        or (bool(chosen) and bool(category) and category != chosen)
    )


def names_another_segment(options: Options, deal: Deal) -> bool:
    named = text(deal.row, "segment")
    return bool(named) and named not in options["segments"] and ALL_ACCOUNTS not in options["segments"]


def cohorts_deals(world: World, options: Options, members: Accounts) -> list[Deal]:
    """The opportunities that the report is about."""
    found = []
    for deal in all_deals(world):
        if not has_known_account(world, deal) or deal.account not in members:
            continue
        if names_another_segment(options, deal):
            continue
        if options["exclude_zero"] and not deal.amount:
            continue
        if options["exclude_irrelevant"] and is_irrelevant(world, options, deal):
            continue
        found.append(deal)
    return found


def is_dynamics_or_hubspot(world: World, deal: Deal) -> bool:
    account = row_with(world, "accounts", "account_id", deal.account)
    crm = text(deal.row, "crm") or text(account, "crm")
    letters = "".join(letter for letter in crm.lower() if letter.isalnum())
    return "dynamics" in letters or "hubspot" in letters


def performance_deals(book: Book) -> list[Deal]:
    """Cohort performance excludes Dynamics and HubSpot."""
    return [deal for deal in book.deals if not is_dynamics_or_hubspot(book.world, deal)]


def happened(deals: list[Deal], event: str, window: Window) -> list[Deal]:
    """Those created, or won, in the window."""
    found = []
    for deal in deals:
        day = deal.day_of(event)
        if day is not None and within(day, window):
            found.append(deal)
    return found


def of_accounts(deals: list[Deal], accounts: Accounts) -> list[Deal]:
    return [deal for deal in deals if deal.account in accounts]


# ------------------------------------------------------------------------------------------------ money


def rate(world: World, currency: str, day: date) -> Decimal | None:
    for row in rows_of(world, "fx_rates"):
        if row["month"] == f"{day.year:04d}-{day.month:02d}" and row["currency"] == currency:
            found: Decimal = row["rate"]
            return found
    return None


def money_in(world: World, deal: Deal, event: str, undefined: bool = True) -> Decimal | None:
    """What the deal adds to a sum; None when its currency excludes it. A blank amount is 0."""
    amount = deal.amount or Decimal(0)
    if deal.currency == "":
        return amount if undefined else None
    if deal.currency == world["settings"]["currency"]:
        return amount
    day = deal.day_of(event)
    if day is None or not toggle(world, "convert_report_currency", False):
        return None
    found = rate(world, deal.currency, day)
    return None if found is None else (amount * found).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def sum_of(world: World, deals: list[Deal], event: str, window: Window, undefined: bool = True) -> Decimal:
    """New pipeline for the event "created", total won for "won"."""
    total = Decimal(0)
    for deal in happened(deals, event, window):
        total += money_in(world, deal, event, undefined) or Decimal(0)
    return total


# --------------------------------------------------------------------------------------- buying stages


def has_column(world: World, table: str, column: str) -> bool:
    return any(column in row for row in rows_of(world, table))


def is_of_category(world: World, options: Options, table: str, row: Row) -> bool:
    chosen = options.get("product_category")
    if not chosen or not has_column(world, table, "product_category"):
        return True
    return bool(text(row, "product_category") == chosen)


def stage_rank(world: World, word: str) -> int | None:
    """1 to 5, None when it is no stage."""
    meant = str(world["settings"]["stage_map"].get(word, word)).strip().lower()
    ranks = {stage.lower(): rank for rank, stage in enumerate(STAGES) if rank > 0}
    return ranks.get(meant)


def stage_rows(book: Book, account: str) -> list[tuple[date, int, str]]:
    """(day, rank, product category) of the account's usable rows, in the table's order."""
    world = book.world
    found = []
    for row in rows_of(world, "buying_stages"):
        rank = stage_rank(world, text(row, "stage"))
        if row["account_id"] != account or row["date"] > world["settings"]["as_of"] or rank is None:
            continue
        if is_of_category(world, book.options, "buying_stages", row):
            found.append((row["date"], rank, text(row, "product_category")))
    return found


def rank_at_end_of(rows: list[tuple[date, int, str]], category: str, day: date) -> int:
    """The last row's by then, 0 when there is none; sorted() keeps the table's order within a day."""
    past = sorted((row for row in rows if row[2] == category and row[0] <= day), key=lambda row: row[0])
    return past[-1][1] if past else 0


def highest_stage(book: Book, account: str, window: Window) -> int:
    rows = stage_rows(book, account)
    if book.world["settings"].get("buying_stages_kind", "snapshots") == "snapshots":
        ranks = [rank for day, rank, _ in rows if within(day, window)]
    else:
        categories = {category for _, _, category in rows}
        ranks = [rank_at_end_of(rows, category, day) for category in categories for day in days_of(window)]
    return max(ranks, default=0)


def stages_in(book: Book, which: str) -> dict[str, int]:
    """{account: rank} of the cohort in the timeframe "baseline" or "analysis"."""
    return {account: highest_stage(book, account, book.window(which)) for account in sorted(book.cohort)}


def accounts_at(ranks: dict[str, int], stage: str) -> Accounts:
    return {account for account, rank in ranks.items() if STAGES[rank] == stage}


# ------------------------------------------------------------------------------------ activities, states


def is_retargeting(row: Row) -> bool:
    return text(row, "campaign_type").strip().lower() == "retargeting"


def activity_rows(book: Book, which: str) -> list[Row]:
    return [
        row
        for row in rows_of(book.world, "activities")
        if within(row["date"], book.window(which))
        and row["date"] <= book.world["settings"]["as_of"]
        and not is_retargeting(row)
        and is_of_category(book.world, book.options, "activities", row)
    ]


def accounts_with(rows: list[Row], kind: str, sources: list[str]) -> Accounts:
    return {row["account_id"] for row in rows if row["kind"] == kind and row["source"] in sources}


def sources_of_states(world: World) -> dict[str, list[str]]:
    g2 = ["g2_intent"] if toggle(world, "g2_in_intent_state", False) else []
    known_web = ["known_web"] if toggle(world, "known_web_is_known", True) else []
    return {
        "Intent": ["6sense_keyword", "bombora_topic", "trustradius_intent", *g2],
        "Anonymous Website Visit": ["anonymous_web"],
        "Known Engagement": KNOWN_SOURCES + known_web,
    }


def accounts_in_states(book: Book, which: str) -> dict[str, Accounts]:
    """{state: accounts of the cohort} in the timeframe "baseline" or "analysis"; not exclusive."""
    rows = activity_rows(book, which)
    deals = performance_deals(book)
    sources = sources_of_states(book.world)
    intent = book.cohort & accounts_with(rows, "intent", sources["Intent"])
    anonymous = book.cohort & {row["account_id"] for row in rows if row["source"] == "anonymous_web"}
    known = book.cohort & accounts_with(rows, "engagement", sources["Known Engagement"])
    return {
        NO_ENGAGEMENT: book.cohort - intent - anonymous - known,
        "Intent": intent,
        "Anonymous Website Visit": anonymous,
        "Known Engagement": known,
        OPENED: {deal.account for deal in happened(deals, "created", book.window(which))},
        WON: {deal.account for deal in happened(deals, "won", book.window(which))},
    }


def highest_states(book: Book, which: str) -> dict[str, int]:
    """{account: number of its highest state in STATES}"""
    highest: dict[str, int] = {}
    states = accounts_in_states(book, which)
    for number, state in enumerate(STATES):
        for account in states[state]:
            highest[account] = number
    return highest


# ---------------------------------------------------------------------------------------------- summary


def increased(book: Book) -> Accounts:
    """Accounts whose stage, or highest state, rose. No one's where stages are not available."""
    if book.is_engagement:
        before, after = highest_states(book, "baseline"), highest_states(book, "analysis")
        return {account for account in book.cohort if after[account] > before[account]}
    if not book.is_predictive:
        return set()
    before, after = stages_in(book, "baseline"), stages_in(book, "analysis")
    rose = {account for account in book.cohort if after[account] > before[account]}
    if not toggle(book.world, "unstaged_can_increase", True):
        rose = {account for account in rose if before[account] > 0}
    return rose


def decreased(book: Book) -> Accounts:
    """Accounts whose stage, or highest state, fell; to no stage too, unless only those staged in both count."""
    if not (book.is_engagement or book.is_predictive):
        return set()
    found = highest_states if book.is_engagement else stages_in
    before, after = found(book, "baseline"), found(book, "analysis")
    fell = {account for account in book.cohort if after[account] < before[account]}
    if not book.is_engagement and not toggle(book.world, "unstaged_can_increase", True):
        fell = {account for account in fell if after[account] > 0}
    return fell


def engaged(book: Book, which: str) -> Accounts:
    """Accounts above No Engagement."""
    return {account for account, highest in highest_states(book, which).items() if highest > 0}


def excluded_currency(book: Book) -> dict[str, Any]:
    left_out = []
    for deal in book.deals:
        events = [event for event in ("created", "won") if happened([deal], event, book.window("analysis"))]
        if any(money_in(book.world, deal, event) is None for event in events):
            left_out.append(deal)
    return {"count": len(left_out), "amount": sum((deal.amount or Decimal(0) for deal in left_out), Decimal(0))}


def excluded_no_account(world: World) -> int:
    return len([deal for deal in all_deals(world) if not has_known_account(world, deal)])


def excluded_retargeting(world: World) -> int:
    as_of = world["settings"]["as_of"]
    return len([row for row in rows_of(world, "activities") if is_retargeting(row) and row["date"] <= as_of])


def excluded_blank_category(world: World, options: Options) -> dict[str, int]:
    """Rows of each table that the product category excludes because theirs is blank."""

    def is_blank(table: str, row: Row) -> bool:
        asked = bool(options.get("product_category")) and has_column(world, table, "product_category")
        return asked and not text(row, "product_category") and row["date"] <= world["settings"]["as_of"]

    stages = [row for row in rows_of(world, "buying_stages") if is_blank("buying_stages", row)]
    active = [row for row in rows_of(world, "activities") if is_blank("activities", row)]
    return {
        "buying_stages": len([row for row in stages if stage_rank(world, text(row, "stage")) is not None]),
        "activities": len([row for row in active if not is_retargeting(row)]),
    }


def summary(book: Book) -> dict[str, Any]:
    window = book.window("analysis")
    net = len(engaged(book, "analysis")) - len(engaged(book, "baseline"))
    moves = not (book.is_engagement and any(NO_ENGAGEMENT in untold_states(book, which) for which in BOTH))
    paid = book.has_crm and not deals_ended(book.world, window)
    before = book.window("baseline")
    paid_before = book.has_crm and not deals_ended(book.world, before)
    return {
        "total_accounts": len(book.cohort),
        "increased": len(increased(book)) if moves and (book.is_engagement or book.is_predictive) else None,
        "decreased": len(decreased(book)) if moves and (book.is_engagement or book.is_predictive) else None,
        "net_engaged": net if book.is_engagement and moves else None,
        "new_pipeline": sum_of(book.world, book.deals, "created", window) if paid else None,
        "total_won": sum_of(book.world, book.deals, "won", window) if paid else None,
        "baseline_new_pipeline": sum_of(book.world, book.deals, "created", before) if paid_before else None,
        "baseline_total_won": sum_of(book.world, book.deals, "won", before) if paid_before else None,
        "excluded_currency": excluded_currency(book) if paid else None,
        "excluded_no_account": excluded_no_account(book.world),
        "excluded_retargeting": excluded_retargeting(book.world),
        "excluded_blank_category": excluded_blank_category(book.world, book.options),
    }


# ------------------------------------------------------------------------------------------ performance


def performance_row(state: str) -> dict[str, Any]:
    """A row with nothing in it yet."""
    return {
        "state": state,
        "baseline": None,
        "analysis": None,
        "new_pipeline": None,
        "total_won": None,
        "baseline_new_pipeline": None,
        "baseline_total_won": None,
        "available": True,
        "why": "",
    }


def stage_performance(book: Book) -> list[dict[str, Any]]:
    rows = [performance_row(stage) for stage in STAGES]
    if not book.is_predictive:
        return [row | {"available": False, "why": NO_PREDICTIVE} for row in rows]
    deals = performance_deals(book)
    for which, prefix in (("baseline", "baseline_"), ("analysis", "")):
        ranks = stages_in(book, which)
        for row in rows:
            accounts = accounts_at(ranks, row["state"])
            row[which] = len(accounts)
            if book.has_crm and deals_ended(book.world, book.window(which)):
                continue
            if book.has_crm:
                theirs = of_accounts(deals, accounts)
                row[prefix + "new_pipeline"] = sum_of(book.world, theirs, "created", book.window(which))
                row[prefix + "total_won"] = sum_of(book.world, theirs, "won", book.window(which))
            else:
                row["why"] = NO_CRM
    return rows


def state_performance(book: Book) -> list[dict[str, Any]]:
    rows = {state: performance_row(state) for state in STATES}
    deals = performance_deals(book)
    for which, prefix in (("baseline", "baseline_"), ("analysis", "")):
        for state, accounts in accounts_in_states(book, which).items():
            rows[state][which] = len(accounts)
        window = book.window(which)
        rows[OPENED][prefix + "new_pipeline"] = sum_of(book.world, deals, "created", window)
        rows[WON][prefix + "total_won"] = sum_of(book.world, deals, "won", window)
    for which, prefix in (("baseline", "baseline_"), ("analysis", "")):
        for state in untold_states(book, which):
            rows[state][which] = rows[state][prefix + "new_pipeline"] = rows[state][prefix + "total_won"] = None
    if not book.has_crm:
        for state in (OPENED, WON):
            rows[state] = performance_row(state) | {"available": False, "why": NO_CRM}
    return list(rows.values())


BOTH = ("baseline", "analysis")


def untold_states(book: Book, which: str) -> set[str]:
    """The engagement states that the data do not reach in a timeframe."""
    world, window = book.world, book.window(which)
    found = {OPENED, WON} if book.has_crm and deals_ended(world, window) else set()
    configured = 0
    for state, sources in sources_of_states(world).items():
        configured += any(is_configured(world, source) for source in sources)
        if sources_ended(world, sources, window):
            found.add(state)
    if configured and len(found - {OPENED, WON}) == configured:
        found.add(NO_ENGAGEMENT)
    return found


def performance(book: Book) -> list[dict[str, Any]]:
    return state_performance(book) if book.is_engagement else stage_performance(book)


def reconciliation(book: Book) -> list[dict[str, Any]]:
    """From the summary to cohort performance, in the analysis timeframe; empty where one side is missing."""
    if not book.has_crm or not (book.is_engagement or book.is_predictive):
        return []
    if deals_ended(book.world, book.window("analysis")):
        return []
    theirs = [deal for deal in book.deals if is_dynamics_or_hubspot(book.world, deal)]
    lines: list[dict[str, Any]] = [{"line": SUMMARY_LINE}, {"line": DYNAMICS_LINE}, {"line": PERFORMANCE_LINE}]
    for key, event in (("new_pipeline", "created"), ("total_won", "won")):
        shown = [row[key] for row in performance(book) if row[key] is not None]
        lines[0][key] = sum_of(book.world, book.deals, event, book.window("analysis"))
        lines[1][key] = -sum_of(book.world, theirs, event, book.window("analysis"))
        lines[2][key] = sum(shown, Decimal(0))
    return lines


# --------------------------------------------------------------------------------------------- movement


def movement(book: Book) -> dict[str, Any]:
    """Rows are the baseline's stages, columns the analysis timeframe's."""
    out: dict[str, Any] = {"stages": list(STAGES), "counts": None, "up": None, "down": None, "same": None}
    if book.is_engagement:
        return out | {"available": False, "why": OTHER_TYPE}
    if not book.is_predictive:
        return out | {"available": False, "why": NO_PREDICTIVE}
    old, new = stages_in(book, "baseline"), stages_in(book, "analysis")
    counts = [[0] * len(STAGES) for _ in STAGES]
    for account in book.cohort:
        counts[old[account]][new[account]] += 1
    return out | {
        "counts": counts,
        "up": len([account for account in book.cohort if new[account] > old[account]]),
        "down": len([account for account in book.cohort if new[account] < old[account]]),
        "same": len([account for account in book.cohort if new[account] == old[account]]),
        "available": True,
        "why": "",
    }


# ------------------------------------------------------------------------------------------- activities


@dataclass(frozen=True)
class Line:
    panel: str
    team: str
    line: str
    kind: str
    sources: list[str]


def lines_of(panel: str, team: str, kind: str, lines: dict[str, list[str]]) -> list[Line]:
    return [Line(panel, team, name, kind, sources) for name, sources in lines.items()]


INTENT_LINES = {
    "Intent total": INTENT_SOURCES,
    "6sense Keyword Research": ["6sense_keyword"],
    "Bombora Topics": ["bombora_topic"],
    "G2 Intent": ["g2_intent"],
    "TrustRadius Intent": ["trustradius_intent"],
}
CAMPAIGN_LINES = {
    "CRM/MAP Campaigns": ["crm_map_campaign"],
    "6sense Campaigns": ["6sense_campaign"],
    "External Campaigns": ["external_campaign"],
    "LinkedIn Campaigns": ["linkedin_campaign"],
}
WEB_AND_EVENT_LINES = {
    "Anonymous Web": ["anonymous_web"],
    "Known Web": ["known_web"],
    "Webinars": ["webinar"],
    "Trade Shows": ["trade_show"],
    "Field Events": ["field_event"],
}
REACH_LINES = {"Reach total": CAMPAIGN_SOURCES} | CAMPAIGN_LINES
ENGAGEMENT_LINES = {"Engaged total": CAMPAIGN_SOURCES + WEB_AND_EVENT_SOURCES} | CAMPAIGN_LINES | WEB_AND_EVENT_LINES
LINES = [
    *lines_of("Intent", "Marketing", "intent", INTENT_LINES),
    *lines_of("Reach", "Marketing", "reach", REACH_LINES),
    *lines_of("Engagement", "Marketing", "engagement", ENGAGEMENT_LINES),
    *lines_of("Sales reached", "Sales", "reach", {"Sales Reached": ["crm_activity"]}),
    *lines_of("Sales engaged", "Sales", "engagement", {"Sales Engaged": ["crm_activity"]}),
]


def accounts_active(book: Book, line: Line, which: str) -> Accounts:
    return book.cohort & accounts_with(activity_rows(book, which), line.kind, line.sources)


def activity_line(book: Book, line: Line) -> dict[str, Any]:
    out: dict[str, Any] = {"panel": line.panel, "team": line.team, "line": line.line}
    out |= dict.fromkeys(("baseline", "analysis", "change", "new_pipeline", "total_won"))
    if not any(is_configured(book.world, source) for source in line.sources):
        return out | {"available": False, "why": NOT_CONFIGURED}
    reasons = []
    before, now = accounts_active(book, line, "baseline"), accounts_active(book, line, "analysis")
    untold = {which: sources_ended(book.world, line.sources, book.window(which)) for which in BOTH}
    out |= {
        "baseline": None if untold["baseline"] else len(before),
        "analysis": None if untold["analysis"] else len(now),
    }
    if all(untold.values()):
        return out | {"available": False, "why": "ended"}
    if any(untold.values()):
        reasons.append("ended")
    elif before:
        out["change"] = Fraction(len(now) - len(before), len(before))
    else:
        reasons.append(NOT_MEANINGFUL)
    paid = book.has_crm and not untold["analysis"] and not deals_ended(book.world, book.window("analysis"))
    if paid:
        theirs, window = of_accounts(book.deals, now), book.window("analysis")
        out["new_pipeline"] = sum_of(book.world, theirs, "created", window, undefined=False)
        out["total_won"] = sum_of(book.world, theirs, "won", window, undefined=False)
    else:
        reasons.append(NO_CRM)
    return out | {"available": True, "why": "; ".join(reasons)}


def activities(book: Book) -> list[dict[str, Any]]:
    return [activity_line(book, line) for line in LINES]


# --------------------------------------------------------------------------------------------- the whole


def environment_text(flags: set[str]) -> str:
    return "+".join(name for name in ("predictive", "crm") if name in flags) or "no_crm"


def report(world: World, options: Options) -> dict[str, Any]:
    """The report in the shape of its JSON, with exact values. Refused options raise ValueError."""
    broken = refusals(world, options)
    if broken:
        raise ValueError("; ".join(broken))
    book = read(world, options)
    return {
        "kind": "report",
        "version": 1,
        "type": options["type"],
        "segments": chosen_segments(options),
        "product_category": options.get("product_category"),
        "environment": environment_text(book.flags),
        "baseline": list(options["baseline"]),
        "analysis": list(options["analysis"]),
        "cohort": options["cohort"],
        "options": {name: options[name] for name in ("exclude_zero", "exclude_irrelevant")},
        "summary": summary(book),
        "performance": performance(book),
        "movement": movement(book),
        "activities": activities(book),
        "reconciliation": reconciliation(book),
        "warnings": warnings(world, options),
    }


# ---------------------------------------------------------------------------------- accounts behind counts


def accounts_behind_summary(book: Book, cell: str) -> Accounts:
    if cell == "total_accounts":
        return book.cohort
    if cell == "increased":
        return increased(book)
    event = {"new_pipeline": "created", "total_won": "won"}[cell]
    deals = happened(book.deals, event, book.window("analysis"))
    return {deal.account for deal in deals if money_in(book.world, deal, event) is not None}


def accounts_behind_performance(book: Book, state: str, which: str) -> Accounts:
    if book.is_engagement:
        return accounts_in_states(book, which)[state]
    if not book.is_predictive:
        return set()
    return accounts_at(stages_in(book, which), state)


def accounts_behind_movement(book: Book, before: str, after: str) -> Accounts:
    if book.is_engagement or not book.is_predictive:
        return set()
    return accounts_at(stages_in(book, "baseline"), before) & accounts_at(stages_in(book, "analysis"), after)


def line_named(names: tuple[str, ...]) -> Line:
    """By its name, or by panel and name, as Reach and Engagement have the same four campaigns."""
    found = [line for line in LINES if names in ((line.line,), (line.panel, line.line))]
    if len(found) != 1:
        raise ValueError(f"{len(found)} lines of activities are called {names}")
    return found[0]


def accounts_behind(world: World, options: Options, part: str, cell: Any) -> Accounts:
    """The accounts behind one number.

    summary: "total_accounts", "increased", "new_pipeline", "total_won". performance: (state, timeframe).
    movement: (baseline stage, analysis stage). activities: (line, timeframe) or (panel, line, timeframe).
    What is not available has no accounts.
    """
    book = read(world, options)
    if part == "summary":
        return accounts_behind_summary(book, cell)
    if part == "performance":
        return accounts_behind_performance(book, *cell)
    if part == "movement":
        return accounts_behind_movement(book, *cell)
    if part == "activities":
        *names, which = cell
        return accounts_active(book, line_named(tuple(names)), which)
    raise ValueError(f"no part {part!r}")
