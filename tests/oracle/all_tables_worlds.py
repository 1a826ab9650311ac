"""Random worlds with every table of the scorecard: also activities, leads, costs, revenue in all three
shapes, market and targets; and writing one to a folder.

They are the worlds of `worlds.py` with more tables and settings: count_by, running_total_start and three more
toggles. Months are texts ("2017-09"), a market year is an int, probabilities are fractions.

By default a world of all tables is tame where two careful readers may differ and nothing depends on it. `disputed`
lets these in: accounts that no table knows with revenue, activities and leads; rejections that do not say
from what; histories that contradict the closing, and rows before the creation; a parent of a parent; several
currencies in one account's revenue.

Never there: parents in a circle, negative MRR balances, two market rows for one segment and year, two rows of
a month table for one account and month.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from . import worlds as plain_worlds
from .worlds import (
    ACCOUNTS,
    ALWAYS_WRITTEN,
    COLUMNS,
    CURRENCIES,
    DAYS,
    FIRST_MONTH,
    FOCUS,
    LAST_MONTH,
    OPEN_STAGES,
    REQUIRED,
    STRANGERS,
    Row,
    World,
    attributes_used,
    day_in,
    oldest_first,
    unique_rows,
    write_tables,
)

WIDE_COLUMNS: dict[str, list[str]] = COLUMNS | {
    "activities": ["account_id", "date", "source", "kind", "campaign", "campaign_type", "product_category"],
    "leads": [
        "lead_id",
        "created_on",
        "account_id",
        "opportunity_id",
        "source",
        "mql_on",
        "sqo_on",
        "rejected_on",
        "rejected_from",
        "segment",
    ],
    "revenue": ["account_id", "month", "date", "type", "amount", "start", "end", "mrr", "currency"],
    "costs": ["month", "amount", "kind", "lead_source", "segment", "currency"],
    "market": ["segment", "year", "revenue", "source", "share"],
    "targets": ["metric", "month", "value", "segment", "item"],
}
WIDE_REQUIRED: dict[str, list[str]] = REQUIRED | {
    "activities": ["account_id", "date", "source", "kind"],
    "leads": ["lead_id", "created_on"],
    "revenue": ["account_id"],
    "costs": ["month", "amount"],
    "market": ["segment", "year", "revenue", "source"],
    "targets": ["metric", "month", "value"],
}
SHAPES = ["subscriptions", "months", "movements"]
MORE_SETTINGS = ("count_by", "running_total_start")


# ---------------------------------------------------------------------------------------------- writing


def write_all_tables_world(world: World, folder: Path | str) -> None:
    """One CSV for each table that has rows (accounts and opportunities always), and a segxl.toml."""
    write_tables(world, folder, WIDE_COLUMNS, ALWAYS_WRITTEN, columns_of_all_tables, settings_text_of_all_tables)


def columns_of_all_tables(world: World, table: str, rows: list[Row]) -> list[str]:
    used = [column for row in rows for column in row]
    if table == "accounts":
        used += attributes_used(world["settings"])
    extra = [column for column in dict.fromkeys(used) if column not in WIDE_COLUMNS[table]]
    required = WIDE_REQUIRED[table]
    return [column for column in WIDE_COLUMNS[table] if column in used or column in required] + extra


def settings_text_of_all_tables(settings: dict[str, Any], tables: list[str]) -> str:
    """Top-level keys come first in TOML."""
    more = [f"{key} = {plain_worlds.toml(settings[key])}" for key in MORE_SETTINGS if settings.get(key) is not None]
    return "\n".join([*more, plain_worlds.settings_text(settings, tables)])


# ------------------------------------------------------------------------------------------- generating


def month_text(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


NEAR_MONTHS = [FOCUS] * 6 + [FOCUS - 1] * 4 + [FOCUS - 2] * 2 + [FOCUS - 12] * 4 + [FOCUS - 13, FOCUS + 1]
MONTHS = NEAR_MONTHS + list(range(FIRST_MONTH, LAST_MONTH + 1))


def months() -> st.SearchStrategy[int]:
    return st.sampled_from(MONTHS)


def dates() -> st.SearchStrategy[date]:
    return st.sampled_from(DAYS)


def sizes(most: int) -> st.SearchStrategy[int]:
    """Mostly many, so that things meet."""
    return st.sampled_from([0, 1, 2, most // 2, *range(most - 3, most + 1), *[most] * 4])


@st.composite
def many(draw: st.DrawFn, one: st.SearchStrategy[Any], most: int) -> list[Any]:
    return [draw(one) for _ in range(draw(sizes(most)))]


def some_accounts(disputed: bool) -> st.SearchStrategy[str]:
    return st.sampled_from(ACCOUNTS * 3 + STRANGERS if disputed else ACCOUNTS)


ACTIVITY_KINDS = [
    ("6sense_campaign", "reach"),
    ("linkedin_campaign", "reach"),
    ("external_campaign", "engagement"),
    ("crm_map_campaign", "engagement"),
    ("webinar", "engagement"),
    ("trade_show", "engagement"),
    ("field_event", "engagement"),
    ("crm_activity", "reach"),
    ("crm_activity", "reach"),
    ("crm_activity", "engagement"),
    ("crm_activity", "engagement"),
    ("known_web", "engagement"),
    ("anonymous_web", "engagement"),
    ("bombora_topic", "intent"),
    ("6sense_keyword", "intent"),
]


@st.composite
def activity_rows(draw: st.DrawFn, disputed: bool) -> list[Row]:
    one = st.tuples(
        some_accounts(disputed),
        dates(),
        st.sampled_from(ACTIVITY_KINDS),
        st.sampled_from(["", "", "", "display", "retargeting"]),
    )
    return unique_rows(
        [
            {
                "account_id": account,
                "date": day,
                "source": source,
                "kind": kind,
                "campaign": "Autumn" if campaign_type else "",
                "campaign_type": campaign_type,
            }
            for account, day, (source, kind), campaign_type in draw(many(one, 18))
        ]
    )


DELAYS = [0, 0, 1, 5, 12, 25, 40, 330]


@st.composite
def lead_rows(draw: st.DrawFn, segments: list[str], opportunities: list[Row], disputed: bool) -> list[Row]:
    """Created, qualified, accepted, rejected: mostly in this order, some in one month or on one day."""
    keys = [row["opportunity_id"] for row in opportunities]
    names = [""] * 15 + segments + [plain_worlds.UNDEFINED_SEGMENT]
    links = [""] * 3 + keys[:4] + (["O99"] if disputed else [])
    rows: list[Row] = []
    for number in range(draw(sizes(14))):
        created = draw(dates())
        mql = None if draw(st.integers(0, 3)) == 0 else created + timedelta(days=draw(st.sampled_from(DELAYS)))
        end = (mql or created) + timedelta(days=draw(st.sampled_from(DELAYS)))
        fate = draw(st.sampled_from(["sqo", "sqo", "linked", "rejected", "rejected", "both", "nothing"]))
        rejected_from = ""
        if fate in ("rejected", "both"):
            stated = ["lead", "mql"] if mql else ["lead"]
            rejected_from = draw(st.sampled_from([*stated, ""] if disputed else stated))
        rejected_on = end if fate in ("rejected", "both") else None
        sqo_on = end if fate == "sqo" else None
        if fate == "both":
            sqo_on = end + timedelta(days=draw(st.sampled_from([-3, 0, 3])))
        account = "" if draw(st.integers(0, 5)) == 0 else draw(some_accounts(disputed))
        rows.append(
            {
                "lead_id": f"L{number + 1}",
                "created_on": created,
                "account_id": account,
                "opportunity_id": draw(st.sampled_from(links)) if fate in ("sqo", "linked", "both") else "",
                "source": draw(st.sampled_from(["", "Web", "Event"])),
                "mql_on": mql,
                "sqo_on": sqo_on,
                "rejected_on": rejected_on,
                "rejected_from": rejected_from,
                "segment": draw(st.sampled_from(names)),
            }
        )
    return rows


@st.composite
def cost_rows(draw: st.DrawFn, segments: list[str]) -> list[Row]:
    one = st.tuples(
        months(),
        st.integers(1, 40),
        st.sampled_from(["acquisition", "acquisition", "labor", "labor", ""]),
        st.sampled_from(["", "Web", "Event", "Print"]),
        st.sampled_from(["", "", *segments]),
        st.sampled_from(["", "", "USD", *CURRENCIES]),
    )
    return unique_rows(
        [
            {
                "month": month_text(month),
                "amount": Decimal(hundreds * 100),
                "kind": kind,
                "lead_source": source,
                "segment": segment,
                "currency": currency,
            }
            for month, hundreds, kind, source, segment, currency in draw(many(one, 12))
        ]
    )


def first_dates() -> st.SearchStrategy[date]:
    """Of revenue: early enough that there is a customer to lose near the focus."""
    days = [day_in(month, day) for month in range(FOCUS - 14, FOCUS + 1) for day in (1, 12, 31)]
    return st.sampled_from([*days, *days, *DAYS])


MRR = [Decimal("100"), Decimal("200"), Decimal("300"), Decimal("500")]


@st.composite
def currency_of(draw: st.DrawFn, disputed: bool) -> dict[str, list[str]]:
    """The currencies each account pays in: one, unless disputed."""
    one = st.sampled_from(["", "USD", "USD", *CURRENCIES])
    return {account: [draw(one), draw(one)] if disputed else [draw(one)] for account in [*ACCOUNTS, *STRANGERS]}


@st.composite
def subscription_rows(draw: st.DrawFn, disputed: bool) -> list[Row]:
    """Some are renewed on the day they end, some overlap, some end and come back, some never end."""
    currencies = draw(currency_of(disputed))
    rows: list[Row] = []
    for _ in range(max(1, draw(sizes(7)))):
        account = draw(some_accounts(disputed))
        start = draw(first_dates())
        for _ in range(draw(st.sampled_from([1, 2, 3, 3]))):
            days = draw(st.sampled_from([None, 10, 30, 61, 120, 365]))
            end = None if days is None else start + timedelta(days=days)
            currency = draw(st.sampled_from(currencies[account]))
            mrr = draw(st.sampled_from(MRR))
            rows.append({"account_id": account, "start": start, "end": end, "mrr": mrr, "currency": currency})
            start = (end or start) + timedelta(days=draw(st.sampled_from([0, 0, 5, 40])))
    return unique_rows(rows)


@st.composite
def several_accounts(draw: st.DrawFn, disputed: bool) -> list[str]:
    drawn = draw(many(some_accounts(disputed), 7))
    return list(dict.fromkeys(drawn)) or ACCOUNTS[:1]


@st.composite
def month_rows(draw: st.DrawFn, disputed: bool) -> list[Row]:
    """Stretches of months; between them an account has no row, or a row of 0."""
    currencies = draw(currency_of(disputed))
    first = draw(st.sampled_from([FIRST_MONTH, FIRST_MONTH, FOCUS - 12, FOCUS - 2]))
    rows: list[Row] = []
    for account in draw(several_accounts(disputed)):
        month = draw(st.sampled_from([first, first, first + 1, FOCUS - 1, FOCUS]))
        while month <= LAST_MONTH:
            mrr = draw(st.sampled_from([Decimal(0), *MRR]))
            currency = draw(st.sampled_from(currencies[account]))
            length = draw(st.sampled_from([1, 1, 2, 3, 11]))
            for at in range(month, min(month + length, LAST_MONTH + 1)):
                row = {"account_id": account, "month": month_text(at), "mrr": mrr, "currency": currency}
                rows.append(row)
            month += length + draw(st.sampled_from([0, 0, 0, 1, 3]))
    return rows


@st.composite
def movement_rows(draw: st.DrawFn, disputed: bool) -> list[Row]:
    """A walk for each account, whose balance never falls below 0; several moves may share a month."""
    currencies = draw(currency_of(disputed))
    rows: list[Row] = []
    for account in draw(several_accounts(disputed)):
        currency = currencies[account][0]
        day = draw(first_dates())
        balance = Decimal(0)
        ever = False
        for _ in range(draw(st.sampled_from([1, 4, 6, 8]))):
            amount = draw(st.sampled_from(MRR))
            if balance == 0:
                kind = "reactivation" if ever else draw(st.sampled_from(["opening", "new", "new"]))
            else:
                kind = draw(st.sampled_from(["expansion", "contraction", "churn"]))
                if kind == "churn" or (kind == "contraction" and amount >= balance):
                    kind, amount = "churn", balance
            balance += -amount if kind in ("contraction", "churn") else amount
            ever = True
            move = {"account_id": account, "date": day, "type": kind, "amount": amount, "currency": currency}
            rows.append(move)
            day += timedelta(days=draw(st.sampled_from([1, 10, 25, 30, 60])))
    return unique_rows(rows)


@st.composite
def market_rows(draw: st.DrawFn, segments: list[str]) -> list[Row]:
    one = st.tuples(
        st.sampled_from(["All accounts", *segments]),
        st.sampled_from([2016, 2017]),
        st.sampled_from([Decimal("100000"), Decimal("0"), Decimal("2500000")]),
        st.sampled_from([None, Decimal("0.25")]),
    )
    rows = [
        {"segment": segment, "year": year, "revenue": revenue, "source": "Analyst", "share": share}
        for segment, year, revenue, share in draw(many(one, 5))
    ]
    return unique_rows(rows, "segment", "year")


TARGET_METRICS = ["won_revenue", "leads", "mrr", "customers", "win_rate_count", "cost_per_sqo"]


@st.composite
def target_rows(draw: st.DrawFn, segments: list[str]) -> list[Row]:
    one = st.tuples(
        st.sampled_from(TARGET_METRICS),
        months(),
        st.sampled_from([Decimal("0"), Decimal("0.5"), Decimal("10"), Decimal("1000")]),
        st.sampled_from(["", *segments]),
    )
    rows = [
        {"metric": metric, "month": month_text(month), "value": value, "segment": segment}
        for metric, month, value, segment in draw(many(one, 4))
    ]
    return unique_rows(rows, "metric", "month", "segment")


@st.composite
def tame_history(draw: st.DrawFn, settings: dict[str, Any], opportunities: list[Row], sub_cent: bool) -> list[Row]:
    """Walks from the creation to the closing (or to today's stage), now and then with a closing and a
    reopening between; never contradicting status, stage and dates. No two rows of one day but amounts alike.
    """
    rows: list[Row] = []
    closed_stages = settings["won_stages"] + settings["lost_stages"]
    states_amounts = draw(st.booleans())
    for row in opportunities[:9]:
        outcome = row["status"] or (
            "won"
            if row["stage"] in settings["won_stages"]
            else "lost"
            if row["stage"] in settings["lost_stages"]
            else "open"
        )
        closing = row["closed_on"] if outcome != "open" else None
        agrees = (row["stage"] in closed_stages) == (outcome != "open")
        if not agrees or (closing is not None and closing < row["created_on"]):
            continue
        if draw(st.integers(0, 3)) == 0:
            continue
        day = row["created_on"]
        last = closing or day + timedelta(days=200)
        words = [*OPEN_STAGES, *OPEN_STAGES, settings["lost_stages"][0], plain_worlds.ODD_STAGES[0]]
        amount = row["amount"]
        path: list[Row] = []
        for _ in range(draw(st.integers(1, 5))):
            if day >= last:
                break
            stage = draw(st.sampled_from(words if path and path[-1]["stage"] not in closed_stages else OPEN_STAGES))
            if states_amounts and draw(st.integers(0, 2)) == 0:
                amount = draw(plain_worlds.amounts(sub_cent))
            path.append({"changed_at": day, "stage": stage, "amount": amount if states_amounts else None})
            day += timedelta(days=draw(st.sampled_from([1, 7, 20, 33])))
        while path and outcome == "open" and path[-1]["stage"] in closed_stages:
            path.pop()
        if closing is not None:
            path.append({"changed_at": closing, "stage": row["stage"], "amount": amount if states_amounts else None})
        elif path:
            row["stage"] = path[-1]["stage"]
        if states_amounts and path:
            row["amount"] = amount
        rows += [{"opportunity_id": row["opportunity_id"]} | step for step in path]
    return rows


@st.composite
def moving_rates(draw: st.DrawFn, rows: list[Row], sub_cent: bool) -> list[Row]:
    """Other rates in the focus month and the one before, so that there is exchange."""
    if not rows or draw(st.booleans()):
        return rows
    others = {month_text(month): draw(plain_worlds.rates(sub_cent)) for month in (FOCUS, FOCUS - 1, FOCUS - 12)}
    return [row | {"rate": others.get(row["month"], row["rate"])} for row in rows]


@st.composite
def parents(draw: st.DrawFn, accounts: list[Row], disputed: bool) -> None:
    """Parents come earlier in the table, so there is no circle."""
    for at, row in enumerate(accounts):
        tops = [a["account_id"] for a in accounts[:at] if disputed or not a["parent_id"]]
        row["parent_id"] = draw(st.sampled_from(["", "", *tops]))


@st.composite
def more_members(draw: st.DrawFn, tables: dict[str, list[Row]]) -> list[Row]:
    """Members that are there all along, and some that come or go in or around the focus month."""
    rows = list(tables["segment_members"])
    around = [day_in(month, day) for month in (FOCUS, FOCUS, FOCUS - 1) for day in (1, 9, 15, 30)]
    for segment in tables["segments"]:
        for account in ACCOUNTS[:4]:
            how = draw(st.sampled_from(["not", "stays", "comes", "goes"]))
            day = draw(st.sampled_from(around))
            start = day if how == "comes" else day_in(FIRST_MONTH - 12, 1)
            end = day if how == "goes" else None
            if how != "not":
                row = {"segment": segment["segment"], "account_id": account, "start": start, "end": end}
                rows.append(row)
    return unique_rows(rows, "segment", "account_id", "start")


@st.composite
def all_tables_worlds(
    draw: st.DrawFn, shape: str | None = None, sub_cent: bool = False, disputed: bool = False
) -> World:
    """A random world with all tables.

    shape: of revenue: "subscriptions", "months", "movements" or "none"; None draws one.
    sub_cent: whether conversions may give fractions of a cent.
    disputed: see the module.
    """
    world = draw(plain_worlds.worlds(sub_cent=sub_cent))
    settings, tables = world["settings"], world["tables"]
    segments = [row["segment"] for row in tables["segments"]]
    segments += [named["name"] for named in settings["segments_named"]]
    opportunities = tables["opportunities"]
    tables["segment_members"] = draw(more_members(tables))
    for row in opportunities:
        row["expected_close_on"] = draw(st.sampled_from([None, *DAYS[::5]]))
        row["probability"] = draw(st.sampled_from([None, Decimal("0.25"), Decimal("0.5"), Decimal("1")]))
    if not disputed:
        tables["opportunity_history"] = oldest_first(draw(tame_history(settings, opportunities, sub_cent)))
    draw(parents(tables["accounts"], disputed))
    tables["fx_rates"] = draw(moving_rates(tables["fx_rates"], sub_cent))
    tables["activities"] = draw(activity_rows(disputed))
    tables["leads"] = draw(lead_rows(segments, opportunities, disputed))
    tables["costs"] = draw(cost_rows(segments))
    tables["market"] = draw(market_rows(segments))
    tables["targets"] = draw(target_rows(segments))
    drawn_shape = shape or draw(st.sampled_from([*SHAPES, *SHAPES, "none"]))
    made = {"subscriptions": subscription_rows, "months": month_rows, "movements": movement_rows}
    tables["revenue"] = [] if drawn_shape == "none" else draw(made[drawn_shape](disputed))
    settings["count_by"] = draw(st.sampled_from(["account", "account", "parent"]))
    settings["running_total_start"] = draw(st.sampled_from([None, None, day_in(FOCUS - 2, 1), day_in(FOCUS, 10)]))
    settings["toggles"] |= {
        "subscription_end": draw(st.sampled_from(["exclusive", "exclusive", "inclusive"])),
        "reactivation_in_nrr": draw(st.booleans()),
        "strict_stages": draw(st.booleans()),
    }
    return world
