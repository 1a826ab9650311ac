"""Random worlds for the oracle: small, valid, and full of hard cases; and writing one to a folder.

A world is {"settings": {...}, "tables": {name: [row, ...]}}; see `worlds()` for every key. Texts are never
None but "", dates are datetime.date or None, amounts Decimal or None. Account attributes are texts.

What a generated world never has, because no two readers need agree on it: two segments of one name from
different sources, identical rows in a table without a key, a type that is already one of the five words but
is not mapped, a stage called "Other" or "unknown".
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

Row = dict[str, Any]
World = dict[str, Any]

COLUMNS: dict[str, list[str]] = {
    "accounts": ["account_id", "name", "domain", "country", "parent_id", "geo", "sales_team", "crm"],
    "segments": ["segment", "created_on", "product_category", "owner"],
    "segment_members": ["segment", "account_id", "start", "end"],
    "teams": ["owner", "sales_team", "geo"],
    "opportunities": [
        "opportunity_id",
        "created_on",
        "stage",
        "account_id",
        "lead_id",
        "closed_on",
        "expected_close_on",
        "status",
        "amount",
        "probability",
        "currency",
        "type",
        "lead_source",
        "loss_reason",
        "owner",
        "sales_team",
        "geo",
        "product_category",
        "crm",
        "relevant",
        "segment",
    ],
    "opportunity_history": ["opportunity_id", "changed_at", "stage", "amount", "close_date"],
    "fx_rates": ["month", "currency", "rate"],
    "revenue": ["account_id", "start", "end", "mrr"],
}
REQUIRED: dict[str, list[str]] = {
    "accounts": ["account_id"],
    "segments": ["segment"],
    "segment_members": ["segment", "account_id"],
    "teams": ["owner"],
    "opportunities": ["opportunity_id", "created_on", "stage"],
    "opportunity_history": ["opportunity_id", "changed_at", "stage"],
    "fx_rates": ["month", "currency", "rate"],
    "revenue": ["account_id", "start", "end", "mrr"],
}
ALWAYS_WRITTEN = ("accounts", "opportunities")


# ---------------------------------------------------------------------------------------------- writing


def write_world(world: World, folder: Path | str) -> None:
    """One CSV for each table that has rows (accounts and opportunities always), and a segxl.toml."""
    write_tables(world, folder, COLUMNS, ALWAYS_WRITTEN, columns_of, settings_text)


def write_tables(
    world: World,
    folder: Path | str,
    tables: Iterable[str],
    always: Collection[str],
    columns: Callable[[World, str, list[Row]], list[str]],
    settings: Callable[[dict[str, Any], list[str]], str],
) -> None:
    """One CSV for each table that has rows, or ``always``, with its columns, and a segxl.toml with the settings."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for table in tables:
        rows: list[Row] = world["tables"].get(table) or []
        if rows or table in always:
            write_table(target / f"{table}.csv", columns(world, table, rows), rows)
            written.append(table)
    (target / "segxl.toml").write_text(settings(world["settings"], written), encoding="utf-8")


def columns_of(world: World, table: str, rows: list[Row]) -> list[str]:
    """The contract's columns that occur or are required, in its order, then the extra ones."""
    used = [column for row in rows for column in row]
    if table == "accounts":
        used += attributes_used(world["settings"])
    extra = [column for column in dict.fromkeys(used) if column not in COLUMNS[table]]
    known = [column for column in COLUMNS[table] if column in used or column in REQUIRED[table]]
    return known + extra


def attributes_used(settings: dict[str, Any]) -> list[str]:
    """The account columns that the segments need, so that they exist even without an account."""
    columns = [settings["segments_by"]] if settings.get("segments_by") else []
    for named in settings.get("segments_named") or []:
        columns += list(named["where"])
    return columns


def write_table(path: Path, columns: list[str], rows: list[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([cell_text(row.get(column)) for column in columns])


def cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def settings_text(settings: dict[str, Any], tables: list[str]) -> str:
    lines = ['name = "Oracle world"', 'timezone = "UTC"']
    keys = ("currency", "fiscal_year_start", "stages", "won_stages", "lost_stages", "as_of")
    lines += [f"{key} = {toml(settings[key])}" for key in keys if settings.get(key) is not None]
    for table in tables:
        lines += ["", f"[tables.{table}]", f'file = "{table}.csv"', 'dates = "year-first"', 'decimal = "."']
    if settings.get("segments_by"):
        lines += ["", "[segments]", f"by = {toml(settings['segments_by'])}"]
    for named in settings.get("segments_named") or []:
        lines += ["", "[[segments.named]]", f"name = {toml(named['name'])}"]
        if named.get("created_on") is not None:
            lines.append(f"created_on = {toml(named['created_on'])}")
        lines.append(f"where = {toml(named['where'])}")
    for section in ("toggles", "types"):
        if settings.get(section):
            lines += ["", f"[{section}]"]
            lines += [f"{toml(key)} = {toml(value)}" for key, value in settings[section].items()]
    return "\n".join(lines) + "\n"


def toml(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml(key)} = {toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


# ------------------------------------------------------------------------------------------- generating

FIRST_MONTH = 2016 * 12 + 6  # July 2016, months counted from year 0
LAST_MONTH = 2017 * 12 + 10  # November 2017
FOCUS = 2017 * 12 + 8  # September 2017: most dates fall near it, or near the same month a year before

OPEN_STAGES = ["Prospecting", "Engaging", "Proposal"]
WON_STAGES = ["Closed Won", "Signed"]
LOST_STAGES = ["Closed Lost", "Abandoned"]
ODD_STAGES = ["Parking lot", "Legal"]
ACCOUNTS = ["A1", "A2", "A3", "A4", "A5", "A6"]
STRANGERS = ["X8", "X9"]  # in no accounts table
OWNERS = ["Ann", "Bob", "Cem"]
GEOS = ["East", "West"]
TEAMS = ["North team", "South team"]
SECTORS = ["retail", "technology", "finance"]
TYPE_WORDS = {
    "New Business": "new_logo",
    "Upsell": "upsell",
    "Cross-sell": "cross_sell",
    "Renewal": "renewal",
    "Services": "other",
}
UNMAPPED_TYPE = "Odd one"
CURRENCIES = ["EUR", "GBP"]
LISTED_SEGMENTS = ["Key accounts", "Pilot"]
RULED_SEGMENTS = ["Large", "Retail or finance", "Not east"]
UNDEFINED_SEGMENT = "Nowhere"
SIZES = [0, 1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, *[22, 23, 24, 25] * 3]  # how many opportunities


def day_in(month: int, day: int) -> date:
    first = date(month // 12, month % 12 + 1, 1)
    last = date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return min(first + timedelta(days=day - 1), last)


def weighted_days() -> list[date]:
    """Many days in the focus month, the one before and the same a year before, and at the edges of months."""
    near = {FOCUS: 8, FOCUS - 1: 5, FOCUS - 12: 5, FOCUS - 2: 1, FOCUS - 13: 1, FOCUS + 1: 1}
    days = [
        day_in(month, day)
        for month, weight in near.items()
        for _ in range(weight)
        for day in (15, 1, 31, 2, 10, 20, 30)
    ]
    return days + [day_in(month, 14) for month in range(FIRST_MONTH, LAST_MONTH + 1)]


DAYS = weighted_days()


def dates() -> st.SearchStrategy[date]:
    return st.sampled_from(DAYS)


def maybe_dates() -> st.SearchStrategy[date | None]:
    return st.sampled_from([*DAYS, *[None] * len(DAYS)])


def cutoffs() -> st.SearchStrategy[date | None]:
    """Mostly None, else mostly in the months around the focus."""
    late = [day_in(month, day) for month in (FOCUS, FOCUS - 1, FOCUS + 1) for day in (31, 15, 30, 10, 1)]
    some = [*late, *late, *DAYS[::10]]
    return st.sampled_from([None] * 2 * len(some) + some)


def texts(words: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *words])


def amounts(sub_cent: bool) -> st.SearchStrategy[Decimal]:
    """Round ones, cents, zero and negative ones. Without `sub_cent` only whole hundreds, see rates()."""
    if not sub_cent:
        return st.integers(-3, 90).map(lambda hundreds: Decimal(hundreds * 100))
    return st.integers(-50_000, 1_000_000).map(lambda cents: Decimal(cents).scaleb(-2))


def rates(sub_cent: bool) -> st.SearchStrategy[Decimal]:
    places = ["1.1", "0.5", "1.2345", "0.005", "1.125"] if sub_cent else ["1.1", "0.5", "1.25", "2"]
    return st.sampled_from([Decimal(place) for place in places])


def unique_rows(rows: list[Row], *keys: str) -> list[Row]:
    """The first row of each key; all columns are the key when none is given."""
    kept: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        kept.setdefault(tuple(row[key] for key in (keys or tuple(row))), row)
    return list(kept.values())


@st.composite
def account_rows(draw: st.DrawFn) -> list[Row]:
    names = ACCOUNTS[: draw(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 6, 6]))]
    return [
        {
            "account_id": name,
            "name": f"Company {name}",
            "geo": draw(texts(GEOS)),
            "sales_team": draw(texts(TEAMS)),
            "sector": draw(texts(SECTORS)),
            "employees": draw(st.sampled_from(["", "9", "100", "250", "1000"])),
        }
        for name in names
    ]


@st.composite
def team_rows(draw: st.DrawFn) -> list[Row]:
    owners = draw(st.lists(st.sampled_from(OWNERS[:2]), unique=True))
    return [{"owner": owner, "sales_team": draw(texts(TEAMS)), "geo": draw(texts(GEOS))} for owner in owners]


RULES: dict[str, list[dict[str, Any]]] = {
    "Large": [
        {"employees": {"min": 100}},
        {"employees": {"min": 100, "max": 250}, "sector": ["retail"]},
        {"employees": {"max": 250}},
    ],
    "Retail or finance": [{"sector": ["retail", "finance"]}],
    "Not east": [{"geo": {"not": ["East"]}}, {"geo": {"not": ["East"]}, "sector": {"not": ["finance"]}}],
}


@st.composite
def named_segments(draw: st.DrawFn) -> list[Row]:
    names = draw(st.lists(st.sampled_from(RULED_SEGMENTS), unique=True, max_size=3))
    return [
        {"name": name, "created_on": draw(maybe_dates()), "where": draw(st.sampled_from(RULES[name]))} for name in names
    ]


@st.composite
def listed_segments(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    """Segments and their members: some come and go within a month, some come back."""
    names = draw(st.lists(st.sampled_from(LISTED_SEGMENTS), unique=True))
    segments = [{"segment": name, "created_on": draw(maybe_dates())} for name in names]
    members: list[Row] = []
    for name in names:
        for _ in range(draw(st.integers(0, 7))):
            start = draw(maybe_dates())
            end = draw(maybe_dates())
            if start is not None and end is not None:
                end = start + timedelta(days=draw(st.sampled_from([1, 7, 40, 300])))
            account = draw(st.sampled_from([*ACCOUNTS, *STRANGERS]))
            members.append({"segment": name, "account_id": account, "start": start, "end": end})
    return segments, unique_rows(members, "segment", "account_id", "start")


@st.composite
def subscription_rows(draw: st.DrawFn) -> list[Row]:
    rows: list[Row] = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(dates())
        days = draw(st.sampled_from([None, 1, 30, 365]))
        rows.append(
            {
                "account_id": draw(st.sampled_from([*ACCOUNTS, *STRANGERS])),
                "start": start,
                "end": None if days is None else start + timedelta(days=days),
                "mrr": draw(st.sampled_from([Decimal("0"), Decimal("99.99"), Decimal("500")])),
            }
        )
    return unique_rows(rows)


@st.composite
def fx_rows(draw: st.DrawFn, sub_cent: bool) -> list[Row]:
    """Most months have a rate for a currency that has any."""
    rows: list[Row] = []
    for currency in draw(st.lists(st.sampled_from(CURRENCIES), unique=True)):
        without = draw(st.sets(st.sampled_from([FOCUS, FOCUS - 1, FOCUS - 12]), max_size=2))
        rate = draw(rates(sub_cent))
        for month in range(FIRST_MONTH, LAST_MONTH + 1):
            if month not in without:
                name = f"{month // 12:04d}-{month % 12 + 1:02d}"
                rows.append({"month": name, "currency": currency, "rate": rate})
        last_differs = draw(st.booleans())
        if rows and last_differs:
            rows[-1] = {**rows[-1], "rate": draw(rates(sub_cent))}
    return rows


@st.composite
def outcome_columns(draw: st.DrawFn) -> Row:
    """Status, stage and closing date. The status column says it, or is blank and the stage does."""
    outcome = draw(st.sampled_from(["won", "won", "won", "lost", "lost", "open", "open"]))
    matching = {"won": WON_STAGES, "lost": LOST_STAGES, "open": OPEN_STAGES + ODD_STAGES}
    stage = draw(st.sampled_from(matching[outcome]))
    status = ""
    if draw(st.booleans()):
        status = outcome
        if draw(st.integers(0, 4)) == 4:  # the status wins over a stage that says something else
            stage = draw(st.sampled_from(OPEN_STAGES + WON_STAGES + LOST_STAGES))
    closed_on = draw(maybe_dates() if outcome == "open" else dates())
    return {"status": status, "stage": stage, "closed_on": closed_on}


@st.composite
def opportunity_rows(draw: st.DrawFn, segments: list[str], sub_cent: bool) -> list[Row]:
    rows: list[Row] = []
    for number in range(draw(st.sampled_from(SIZES))):
        outcome = draw(outcome_columns())
        created_on: date = draw(dates())
        if outcome["closed_on"] is not None and draw(st.integers(0, 3)) > 0:  # mostly in order
            created_on, outcome["closed_on"] = sorted([created_on, outcome["closed_on"]])
        rows.append(
            {
                "opportunity_id": f"O{number + 1}",
                "created_on": created_on,
                **outcome,
                "account_id": draw(st.sampled_from(["", *ACCOUNTS, *ACCOUNTS, *STRANGERS])),
                "amount": draw(amounts(sub_cent)) if draw(st.integers(0, 5)) else None,
                "currency": draw(st.sampled_from(["", "USD", "USD", *CURRENCIES])),
                "type": draw(texts([*TYPE_WORDS, UNMAPPED_TYPE])),
                "lead_source": draw(texts(["Web", "Event"])),
                "loss_reason": draw(texts(["Price", "Timing"])),
                "owner": draw(texts(OWNERS)),
                "sales_team": draw(st.sampled_from(["", "", *TEAMS])),
                "geo": draw(st.sampled_from(["", "", *GEOS])),
                "product_category": draw(texts(["Core", "Add-on"])),
                "segment": draw(st.sampled_from([""] * 12 + [*segments, UNDEFINED_SEGMENT])),
            }
        )
    return rows


def oldest_first(history: list[Row]) -> list[Row]:
    """The rows of a history, turned round if every opportunity's run newest first: such a file is read from its end,
    so that of two rows of one day the upper one is the later. Tests of exports prove that; the oracle reads down."""
    steps = [
        (later["changed_at"] - earlier["changed_at"]).days
        for key in {row["opportunity_id"] for row in history}
        for earlier, later in pairwise([row for row in history if row["opportunity_id"] == key])
    ]
    return history[::-1] if steps and max(steps) <= 0 > min(steps) else history


@st.composite
def history_rows(draw: st.DrawFn, opportunities: list[Row], amount_use: str, sub_cent: bool) -> list[Row]:
    """Up to 40 rows over up to 8 opportunities, in no order of time; some close and reopen."""
    rows: list[Row] = []
    if not opportunities:
        return rows
    keys = [row["opportunity_id"] for row in opportunities]
    created = {row["opportunity_id"]: row["created_on"] for row in opportunities}
    closed = {row["opportunity_id"]: row["closed_on"] for row in opportunities}
    chosen = draw(st.lists(st.sampled_from(keys), unique=True, max_size=8))
    for key in chosen:
        for _ in range(draw(st.integers(1, 5))):
            near = [day for day in (created[key], closed[key]) if day is not None]
            near += [day + timedelta(days=9) for day in near]
            changed_at = draw(st.sampled_from(near) if draw(st.booleans()) else dates())
            amount: Decimal | None = None
            if amount_use == "all" or (amount_use == "some" and draw(st.booleans())):
                amount = draw(amounts(sub_cent))
            stage = draw(st.sampled_from(OPEN_STAGES * 2 + WON_STAGES + LOST_STAGES * 2 + ODD_STAGES[:1]))
            rows.append({"opportunity_id": key, "changed_at": changed_at, "stage": stage, "amount": amount})
    rows = unique_rows(rows)
    newest_first = draw(st.booleans())
    return list(reversed(rows)) if newest_first else rows


@st.composite
def settings_of(draw: st.DrawFn) -> dict[str, Any]:
    some_words = st.lists(st.sampled_from(list(TYPE_WORDS)), unique=True)
    mapped = list(TYPE_WORDS) if draw(st.booleans()) else draw(some_words)
    return {
        "stages": OPEN_STAGES[: draw(st.sampled_from([2, 3, 3]))],
        "won_stages": list(WON_STAGES),
        "lost_stages": list(LOST_STAGES),
        "currency": "USD",
        "fiscal_year_start": draw(st.sampled_from([1, 1, 2, 4, 7, 11])),
        "as_of": draw(cutoffs()),
        "types": {word: TYPE_WORDS[word] for word in mapped},
        "toggles": {"membership": draw(st.sampled_from(["event", "event", "period_end"]))},
        "segments_by": draw(st.sampled_from([None, "sector"])),
        "segments_named": draw(named_segments()),
    }


@st.composite
def worlds(draw: st.DrawFn, sub_cent: bool = True, history_amounts: str | None = None) -> World:
    """A random world.

    sub_cent: whether conversions may give fractions of a cent.
    history_amounts: "all", "none" or "some" history rows state an amount; None draws one of the three.
    """
    settings = draw(settings_of())
    accounts = draw(account_rows())
    segments, members = draw(listed_segments())
    defined = [row["segment"] for row in segments] + [named["name"] for named in settings["segments_named"]]
    if settings["segments_by"]:
        defined += list(dict.fromkeys(row["sector"] for row in accounts if row["sector"]))
    opportunities = draw(opportunity_rows(defined, sub_cent))
    amount_use = history_amounts or draw(st.sampled_from(["all", "none", "some"]))
    return {
        "settings": settings,
        "tables": {
            "accounts": accounts,
            "segments": segments,
            "segment_members": members,
            "teams": draw(team_rows()),
            "opportunities": opportunities,
            "opportunity_history": oldest_first(draw(history_rows(opportunities, amount_use, sub_cent))),
            "fx_rates": draw(fx_rows(sub_cent)),
            "revenue": draw(subscription_rows()),
        },
    }


def months_in(world: World) -> list[int]:
    days = [
        row[column]
        for table, column in (
            ("opportunities", "created_on"),
            ("opportunities", "closed_on"),
            ("opportunity_history", "changed_at"),
        )
        for row in world["tables"].get(table) or []
        if row.get(column) is not None
    ]
    return sorted({day.year * 12 + day.month - 1 for day in days})


@st.composite
def periods(draw: st.DrawFn, world: World) -> str:
    """A month or a fiscal quarter: mostly one in which something happens, or next to one, or a year after."""
    months = months_in(world)
    near = [month + step for month in months for step in (0, 1, 12, -1)]
    month = draw(st.sampled_from([*[FOCUS] * (1 + 3 * len(months)), *near]))
    if draw(st.booleans()):
        return f"{month // 12:04d}-{month % 12 + 1:02d}"
    start = world["settings"]["fiscal_year_start"]
    into_year = (month % 12 - (start - 1)) % 12
    last_month_of_year = month - into_year + 11
    return f"{last_month_of_year // 12:04d}-Q{into_year // 3 + 1}"
