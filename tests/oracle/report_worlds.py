"""Random worlds and options for the oracle of the segment performance report, and writing a world to a folder.

A world is that of `worlds`, with the tables of the report; see `report_worlds()` for every key. Texts are never
None but "", dates are datetime.date or None, amounts Decimal or None. `cases()` draws a world and options that
fit it; with `valid=False` some of them break a rule (`report.refusals` says which).

What a generated world never has, because no two readers need agree on it: two segments of one name, two
snapshots of an account, day and product category, identical rows, an activity whose source and kind are in no
line, closed opportunities without a closing date, timeframes that are neither whole months nor an ISO week.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from .deals import ALL_ACCOUNTS, month_number, months_window, segment_names
from .report import LINES, STAGES, is_week, refusals
from .worlds import Row, World, attributes_used, toml, unique_rows, write_tables

Options = dict[str, Any]
Window = tuple[date, date]

# table: its columns, those that are required first
COLUMNS: dict[str, tuple[list[str], list[str]]] = {
    "accounts": (["account_id"], ["name", "geo", "sales_team", "crm"]),
    "segments": (["segment"], ["created_on", "product_category", "owner"]),
    "segment_members": (["segment", "account_id"], ["start", "end"]),
    "timeframes": (["timeframe"], ["kind", "baseline_start", "baseline_end", "analysis_start", "analysis_end"]),
    "buying_stages": (["account_id", "date", "stage"], ["product_category"]),
    "activities": (
        ["account_id", "date", "source", "kind"],
        ["campaign", "campaign_type", "product_category"],
    ),
    "opportunities": (
        ["opportunity_id", "created_on", "stage"],
        [
            "account_id",
            "closed_on",
            "status",
            "amount",
            "currency",
            "type",
            "product_category",
            "crm",
            "relevant",
            "segment",
        ],
    ),
    "fx_rates": (["month", "currency", "rate"], []),
}
TOP_SETTINGS = (
    "timezone",
    "currency",
    "fiscal_year_start",
    "stages",
    "won_stages",
    "lost_stages",
    "count_by",
    "as_of",
    "run_date",
)


# ---------------------------------------------------------------------------------------------- writing


def write_world(world: World, folder: Path | str) -> None:
    """One CSV for each table that has rows (accounts always), and a segxl.toml."""
    write_tables(world, folder, COLUMNS, ("accounts",), columns_of, settings_text)


def columns_of(world: World, table: str, rows: list[Row]) -> list[str]:
    """The required columns, then those that any row has, then those that the segments need."""
    required, optional = COLUMNS[table]
    used = list(dict.fromkeys(column for row in rows for column in row))
    if table == "accounts":
        used += attributes_used(world["settings"])
    known = [column for column in optional if column in used]
    return list(dict.fromkeys([*required, *known, *used]))


def settings_text(settings: dict[str, Any], tables: list[str]) -> str:
    lines = ['name = "Oracle world"']
    lines += [f"{key} = {toml(settings[key])}" for key in TOP_SETTINGS if settings.get(key) is not None]
    for table in tables:
        lines += ["", f"[tables.{table}]", f'file = "{table}.csv"', 'dates = "year-first"', 'decimal = "."']
        if table == "buying_stages":
            lines.append(f"kind = {toml(settings['buying_stages_kind'])}")
    if settings.get("segments_by"):
        lines += ["", "[segments]", f"by = {toml(settings['segments_by'])}"]
    for named in settings.get("segments_named") or []:
        lines += ["", "[[segments.named]]", f"name = {toml(named['name'])}"]
        if named.get("created_on") is not None:
            lines.append(f"created_on = {toml(named['created_on'])}")
        lines.append(f"where = {toml(named['where'])}")
    for section in ("report", "toggles", "stage_map"):
        if settings.get(section):
            lines += ["", f"[{section}]"]
            lines += [f"{toml(key)} = {toml(value)}" for key, value in settings[section].items()]
    return "\n".join(lines) + "\n"


def period_text(window: Window) -> str:
    """As the command line takes it: 2026-10, 2026-07..2026-09 or 2026-W41."""
    if is_week(window):
        year, week, _ = window[0].isocalendar()
        return f"{year:04d}-W{week:02d}"
    first, last = (f"{day.year:04d}-{day.month:02d}" for day in window)
    if window != months_window(month_number(window[0]), month_number(window[1])):
        raise ValueError(f"{window} is neither a week nor whole months")
    return first if first == last else f"{first}..{last}"


def arguments(options: Options) -> list[str]:
    """The options as command-line arguments; the environment has none, it is a setting."""
    out = ["--type", options["type"], "--cohort", options["cohort"]]
    for segment in options["segments"]:
        out += ["--segment", segment]
    out += ["--analysis", period_text(options["analysis"]), "--baseline", period_text(options["baseline"])]
    if options.get("product_category"):
        out += ["--product-category", options["product_category"]]
    for name, flag in (("exclude_zero", "--exclude-zero"), ("exclude_irrelevant", "--exclude-irrelevant")):
        if options.get(name):
            out.append(flag)
    return out


# -------------------------------------------------------------------------------------- what is drawn from

# The month of most analyses: an ordinary one, one after the turn of a year, one after a leap February
FOCUSES = [2017 * 12 + 8, 2017 * 12 + 8, 2018 * 12 + 0, 2016 * 12 + 2]
ACCOUNTS = ["A1", "A2", "A3", "A4", "A5", "A6"]
LISTED_STRANGER = "X8"  # in no accounts table, but a segment may list it
STRANGER = "X9"  # in neither
SECTORS = ["retail", "technology"]
LISTED_SEGMENTS = ["Key accounts", "Pilot"]
RULES: dict[str, list[dict[str, Any]]] = {
    "Large": [{"employees": {"min": 100}}, {"employees": {"max": 250}, "sector": ["retail"]}],
    "Not retail": [{"sector": {"not": ["retail"]}}],
}
UNDEFINED_SEGMENT = "Nowhere"
CATEGORIES = ["Core", "Add-on"]
UNUSED_CATEGORY = "Services"
CURRENCIES = ["", "", "USD", "USD", "USD", "EUR", "GBP"]
CRMS = [
    "",
    "",
    "Salesforce",
    "HubSpot",
    "hubspot",
    "HUBSPOT CRM",
    "Hub Spot",
    "Microsoft Dynamics",
    "Dynamics 365",
    "ms-dynamics",
]
TYPES = ["", "New Business", "Renewal"]
IRRELEVANT = [{}, {}, {"type": ["Renewal"]}, {"type": {"not": ["New Business"]}}, {"amount": {"max": 100}}]
RELEVANT = ["", "", "true", "yes", "false", "no"]
WON_STAGES, LOST_STAGES, OPEN_STAGES = ["Closed Won", "Signed"], ["Closed Lost"], ["Prospecting", "Engaging"]
STAGE_MAP = {"Cold": "Target", "Hot": "Decision"}
STAGE_WORDS = [*STAGES[1:], *STAGES[1:], *STAGE_MAP]
SOURCES_AND_KINDS = sorted({(source, line.kind) for line in LINES for source in line.sources})
STATE_SOURCES = [pair for pair in SOURCES_AND_KINDS if "campaign" not in pair[0] or pair[0] == "crm_map_campaign"]
CAMPAIGN_TYPES = ["", "", "", "email", "retargeting", "Retargeting"]


def day_in(month: int, day: int) -> date:
    year, number = month // 12, month % 12 + 1
    return date(year, number, min(day, calendar.monthrange(year, number)[1]))


def days_near(focus: int) -> list[date]:
    """Many days in the focus month and the one before; the edges of months and of weeks."""
    weights = {focus: 9, focus - 1: 5, focus - 2: 1, focus + 1: 1, focus - 3: 1, focus - 12: 1}
    return [day_in(month, day) for month, weight in weights.items() for day in DAYS_OF_MONTH for _ in range(weight)]


DAYS_OF_MONTH = [15, 1, 31, 2, 4, 3, 5, 6, 7, 10, 11, 20, 28, 30]


def months(focus: int, oldest: int, newest: int) -> Window:
    return months_window(focus - oldest, focus - newest)


def week_in(focus: int, number: int) -> Window:
    """The week of the focus month's first day, and those before (negative) and after it."""
    first = day_in(focus, 1)
    monday = first - timedelta(days=first.weekday()) + timedelta(weeks=number)
    return monday, monday + timedelta(days=6)


def valid_timeframes(focus: int) -> list[tuple[Window, Window]]:
    """(baseline, analysis)"""
    weeks = [(week_in(focus, number - 1), week_in(focus, number)) for number in (-1, 0, 1, 2)]
    return [
        *[(months(focus, 1, 1), months(focus, 0, 0))] * 8,
        (months(focus, 12, 12), months(focus, 0, 0)),
        (months(focus, 2, 2), months(focus, 1, 1)),
        (months(focus, 3, 2), months(focus, 1, 0)),
        (months(focus, 5, 3), months(focus, 2, 0)),
        (months(focus, 3, 1), months(focus, 0, 0)),  # unequal
        *weeks,
        (week_in(focus, -3), week_in(focus, 1)),
        (months(focus, 1, 1), week_in(focus, 2)),  # a month against a week
    ]


def any_timeframes(focus: int) -> list[tuple[Window, Window]]:
    return [
        *valid_timeframes(focus),
        (months(focus, 0, 0), months(focus, 0, 0)),
        (months(focus, 0, 0), months(focus, 1, 1)),
        (months(focus, 2, 0), months(focus, 1, 0)),
        (week_in(focus, 0), months(focus, 0, 0)),
        (week_in(focus, 1), week_in(focus, 0)),
        (months(focus, 0, 0), months(focus, -1, -1)),
    ]


# ------------------------------------------------------------------------------------------- generating


def dates(focus: int) -> st.SearchStrategy[date]:
    return st.sampled_from(days_near(focus))


def maybe_dates(focus: int) -> st.SearchStrategy[date | None]:
    days = days_near(focus)
    return st.sampled_from([*days, *[None] * len(days)])


@st.composite
def creation_dates(draw: st.DrawFn, focus: int) -> date | None:
    """Mostly blank or long ago, so that most cohorts are allowed; else at the edges of the timeframes."""
    edges = [day_in(focus - 1, 1), day_in(focus - 1, 2), day_in(focus, 1), day_in(focus, 2), day_in(focus + 1, 1)]
    before = [None, day_in(focus - 30, 9), day_in(focus - 13, 31), day_in(focus - 2, 31)]
    return draw(st.sampled_from([*before, *before, *edges]))


@st.composite
def account_rows(draw: st.DrawFn) -> list[Row]:
    names = ACCOUNTS[: draw(st.sampled_from([6, 6, 6, 4, 1]))]
    with_crm = draw(st.booleans())
    rows = []
    for name in names:
        row = {
            "account_id": name,
            "name": f"Company {name}",
            "sector": draw(st.sampled_from(["", *SECTORS])),
            "employees": draw(st.sampled_from(["", "9", "100", "250", "1000"])),
        }
        rows.append(row | {"crm": draw(st.sampled_from(CRMS))} if with_crm else row)
    return rows


@st.composite
def segments_and_members(draw: st.DrawFn, focus: int) -> tuple[list[Row], list[Row]]:
    """Some members come and go within a timeframe, some come back, some never were one (the end is the start)."""
    names = draw(st.lists(st.sampled_from(LISTED_SEGMENTS), unique=True))
    segments = [{"segment": name, "created_on": draw(creation_dates(focus))} for name in names]
    members: list[Row] = []
    for name in names:
        for _ in range(draw(st.integers(1, 7))):
            start, end = draw(maybe_dates(focus)), draw(maybe_dates(focus))
            if start is not None and end is not None:
                end = start + timedelta(days=draw(st.sampled_from([1, 0, 7, 40])))
            account = draw(st.sampled_from([*ACCOUNTS, *ACCOUNTS, LISTED_STRANGER]))
            members.append({"segment": name, "account_id": account, "start": start, "end": end})
    return segments, unique_rows(members, "segment", "account_id", "start")


@st.composite
def named_segments(draw: st.DrawFn, focus: int) -> list[Row]:
    names = draw(st.lists(st.sampled_from(list(RULES)), unique=True))
    return [
        {"name": name, "created_on": draw(creation_dates(focus)), "where": draw(st.sampled_from(RULES[name]))}
        for name in names
    ]


@st.composite
def stage_rows(draw: st.DrawFn, focus: int, kind: str) -> list[Row]:
    """Changes may have several rows on a day: the last one wins. A blank stage is rejected."""
    with_category = draw(st.booleans())
    rows = []
    for _ in range(draw(st.sampled_from([30, 30, 30, 20, 20, 20, 8, 1, 0]))):
        row = {
            "account_id": draw(st.sampled_from([*ACCOUNTS, *ACCOUNTS, LISTED_STRANGER, STRANGER])),
            "date": draw(dates(focus)),
            "stage": draw(st.sampled_from([*STAGE_WORDS, *STAGE_WORDS, ""])),
        }
        rows.append(row | {"product_category": draw(st.sampled_from(["", *CATEGORIES]))} if with_category else row)
    if kind == "changes":
        return unique_rows(rows)
    category = ["product_category"] if with_category else []
    return unique_rows(rows, "account_id", "date", *category)


@st.composite
def activity_rows(draw: st.DrawFn, focus: int) -> list[Row]:
    with_category = draw(st.booleans())
    allowed = draw(st.sampled_from([SOURCES_AND_KINDS, SOURCES_AND_KINDS, STATE_SOURCES, STATE_SOURCES[:4]]))
    rows = []
    for _ in range(draw(st.sampled_from([40, 40, 25, 10, 0]))):
        source, kind = draw(st.sampled_from(allowed))
        row = {
            "account_id": draw(st.sampled_from([*ACCOUNTS, *ACCOUNTS, LISTED_STRANGER, STRANGER])),
            "date": draw(dates(focus)),
            "source": source,
            "kind": kind,
            "campaign": "",
            "campaign_type": draw(st.sampled_from(CAMPAIGN_TYPES)),
        }
        rows.append(row | {"product_category": draw(st.sampled_from(["", *CATEGORIES]))} if with_category else row)
    return unique_rows(rows)


@st.composite
def outcome_columns(draw: st.DrawFn, focus: int) -> Row:
    """The status column says it, or is blank and the stage does. An open one's date is the expected one."""
    outcome = draw(st.sampled_from(["won", "won", "won", "open", "open", "lost"]))
    stages = {"won": WON_STAGES, "lost": LOST_STAGES, "open": OPEN_STAGES}[outcome]
    said = draw(st.booleans())
    closed_on = draw(maybe_dates(focus) if outcome == "open" else dates(focus))
    return {"status": outcome if said else "", "stage": draw(st.sampled_from(stages)), "closed_on": closed_on}


def amounts() -> st.SearchStrategy[Decimal | None]:
    cents = st.integers(-5_000, 1_000_000).map(lambda number: Decimal(number).scaleb(-2))
    return st.one_of(cents, cents, cents, st.sampled_from([None, Decimal("0"), Decimal("0.00")]))


@st.composite
def opportunity_row(draw: st.DrawFn, focus: int, number: int, named: list[str]) -> Row:
    return {
        "opportunity_id": f"O{number + 1}",
        "created_on": draw(dates(focus)),
        **draw(outcome_columns(focus)),
        "account_id": draw(st.sampled_from([*ACCOUNTS, *ACCOUNTS, *ACCOUNTS, LISTED_STRANGER, STRANGER, ""])),
        "amount": draw(amounts()),
        "currency": draw(st.sampled_from(CURRENCIES)),
        "type": draw(st.sampled_from(TYPES)),
        "product_category": draw(st.sampled_from(["", *CATEGORIES])),
        "crm": draw(st.sampled_from(CRMS)),
        "relevant": draw(st.sampled_from(RELEVANT)),
        "segment": draw(st.sampled_from([*[""] * 14, *named])),
    }


@st.composite
def opportunity_rows(draw: st.DrawFn, focus: int, named: list[str]) -> list[Row]:
    count = draw(st.sampled_from([24, 24, 24, 24, 16, 16, 16, 16, 8, 1, 0]))
    return [draw(opportunity_row(focus, number, named)) for number in range(count)]


@st.composite
def fx_rows(draw: st.DrawFn, focus: int) -> list[Row]:
    """Most months have a rate for a currency that has any; some conversions give parts of a cent."""
    rows = []
    for currency in draw(st.lists(st.sampled_from(["EUR", "GBP", "USD"]), unique=True)):
        missing = draw(st.sampled_from([None, focus, focus - 1]))
        for month in range(focus - 6, focus + 3):
            if month != missing:
                rate = draw(st.sampled_from([Decimal(text) for text in ("1.1", "0.5", "1.2345", "0.005")]))
                rows.append({"month": f"{month // 12:04d}-{month % 12 + 1:02d}", "currency": currency, "rate": rate})
    return rows


@st.composite
def toggles(draw: st.DrawFn) -> dict[str, bool]:
    defaults = {
        "g2_in_intent_state": False,
        "known_web_is_known": True,
        "unstaged_can_increase": True,
        "convert_report_currency": False,
    }
    return {name: draw(st.sampled_from([default, default, not default])) for name, default in defaults.items()}


@st.composite
def settings_of(draw: st.DrawFn, focus: int, environments: list[str]) -> dict[str, Any]:
    late = [day_in(focus + 6, 5)] * 4
    edges = [day_in(focus + 1, 3), day_in(focus + 1, 2), day_in(focus, 20)]
    cutoffs = [day_in(focus, 31), day_in(focus, 15), day_in(focus - 1, 31), day_in(focus, 1), day_in(focus + 1, 4)]
    sources = sorted({source for source, _ in SOURCES_AND_KINDS})
    return {
        "timezone": "UTC",
        "currency": draw(st.sampled_from(["USD", "USD", "USD", "USD", "EUR"])),
        "fiscal_year_start": 1,
        "stages": OPEN_STAGES,
        "won_stages": WON_STAGES,
        "lost_stages": LOST_STAGES,
        "run_date": draw(st.sampled_from([*late, *late, *edges])),
        "as_of": draw(st.sampled_from([*[None] * 2 * len(cutoffs), *cutoffs])),
        "segments_by": draw(st.sampled_from([None, "sector"])),
        "segments_named": draw(named_segments(focus)),
        "buying_stages_kind": draw(st.sampled_from(["snapshots", "changes"])),
        "stage_map": STAGE_MAP,
        "toggles": draw(toggles()),
        "report": {
            "environment": draw(st.sampled_from(environments)),
            "irrelevant": draw(st.sampled_from(IRRELEVANT)),
            "sources": draw(st.lists(st.sampled_from(sources), unique=True, max_size=2)),
        },
    }


ENVIRONMENTS = ["auto"] * 10 + ["crm", "no_crm"]


@st.composite
def report_worlds(
    draw: st.DrawFn, focus: int = FOCUSES[0], environments: list[str] = ENVIRONMENTS, named: bool = True
) -> World:
    """A random world.

    focus: the month (counted from year 0) around which most happens.
    environments: what `report.environment` is drawn from; "predictive" alone is excluded, as it may be read in
        two ways where there are opportunities.
    named: whether some opportunities name their segment.
    """
    settings = draw(settings_of(focus, environments))
    accounts = draw(account_rows())
    segments, members = draw(segments_and_members(focus))
    made = {"settings": settings, "tables": {"accounts": accounts, "segments": segments}}
    names = [*[name for name in segment_names(made) if name != ALL_ACCOUNTS], UNDEFINED_SEGMENT] if named else []
    tables = {
        "accounts": accounts,
        "segments": segments,
        "segment_members": members,
        "timeframes": [],
        "buying_stages": draw(stage_rows(focus, settings["buying_stages_kind"])),
        "activities": draw(activity_rows(focus)),
        "opportunities": draw(opportunity_rows(focus, names)),
        "fx_rates": draw(fx_rows(focus)),
    }
    currency = settings["currency"]
    tables["fx_rates"] = [row for row in tables["fx_rates"] if row["currency"] != currency]
    return {"settings": settings, "tables": tables}


@st.composite
def report_options(draw: st.DrawFn, world: World, focus: int = FOCUSES[0], valid: bool = True) -> Options:
    """Options for the world; with `valid` none is refused (what is, is changed to what is allowed)."""
    names = segment_names(world)
    candidates = names if valid else [*names, *names, UNDEFINED_SEGMENT]
    pairs = valid_timeframes(focus) if valid else any_timeframes(focus)
    baseline, analysis = draw(st.sampled_from(pairs))
    options = {
        "type": draw(st.sampled_from(["buying-stage", "engagement"])),
        "segments": draw(st.lists(st.sampled_from(candidates), unique=True, min_size=1, max_size=3)),
        "analysis": analysis,
        "baseline": baseline,
        "cohort": draw(st.sampled_from(["analysis", "baseline", "today"])),
        "product_category": draw(st.sampled_from([None, None, None, *CATEGORIES, UNUSED_CATEGORY])),
        "exclude_zero": draw(st.sampled_from([False, False, True])),
        "exclude_irrelevant": draw(st.sampled_from([False, False, True])),
        "environment": world["settings"]["report"]["environment"],
    }
    if valid:
        for change in ({"cohort": "today"}, {"baseline": months(focus, 2, 2), "analysis": months(focus, 1, 1)}):
            if refusals(world, options):
                options |= change
    return options


def kind_of(baseline: Window, analysis: Window) -> str | None:
    """The kind of a pair in the timeframes table; None for a week against months."""
    if is_week(baseline) != is_week(analysis):
        return None
    if is_week(baseline):
        return "week"
    single = all(month_number(window[0]) == month_number(window[1]) for window in (baseline, analysis))
    return "month" if single else "range"


@st.composite
def cases(
    draw: st.DrawFn, valid: bool = True, environments: list[str] = ENVIRONMENTS, named: bool = True
) -> tuple[World, Options]:
    """A world and options. Its table of timeframes has theirs as "Chosen", where one of the three kinds fits."""
    focus = draw(st.sampled_from(FOCUSES))
    world = draw(report_worlds(focus, environments, named))
    options = draw(report_options(world, focus, valid))
    kind = kind_of(options["baseline"], options["analysis"])
    if valid and kind is not None:
        world["tables"]["timeframes"] = [
            {
                "timeframe": "Chosen",
                "kind": kind,
                "baseline_start": options["baseline"][0],
                "baseline_end": options["baseline"][1],
                "analysis_start": options["analysis"][0],
                "analysis_end": options["analysis"][1],
            }
        ]
    return world, options
