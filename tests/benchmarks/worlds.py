"""Large generated companies: `python tests/benchmarks/worlds.py FOLDER 100000 --segments 20 --files parquet`.

A world has every table of the scorecard and the report. Its sizes follow the number of accounts: per account one
opportunity, four rows of history, two leads, `--activities` activities (10) and `--stages` rows of buying stages (0);
a subscription for every third. The same arguments give the same files.

Segments are of all four kinds, a quarter each: the values of a column, rules over the accounts' columns, lists of
members with dates (which overlap), and names that rows carry themselves next to a list.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FIRST, LAST = date(2024, 1, 1), date(2026, 10, 31)
DAYS = (LAST - FIRST).days + 1
PERIOD = "2026-10"
STAGES = ("Discovery", "Qualified", "Proposal", "Negotiation")
TOUCHES = (
    ("6sense_keyword", "intent"),
    ("bombora_topic", "intent"),
    ("anonymous_web", "engagement"),
    ("known_web", "engagement"),
    ("crm_activity", "reach"),
    ("crm_activity", "engagement"),
    ("linkedin_campaign", "reach"),
    ("crm_map_campaign", "engagement"),
    ("webinar", "engagement"),
)
BUYING_STAGES = ("Target", "Awareness", "Consideration", "Decision", "Purchase")
SOURCES = ("Web", "Event", "Outbound", "Partner", "")
GEOS, TEAMS = ("EMEA", "AMER", "APAC"), ("Team 1", "Team 2", "Team 3", "Team 4", "")
TYPES = ("New Business", "Upsell", "Cross", "Renewal", "")
SETTINGS = """\
name = "Benchmark"
run_date = 2026-11-05
stages = ["Discovery", "Qualified", "Proposal", "Negotiation"]

[types]
"New Business" = "new_logo"
Upsell = "upsell"
Cross = "cross_sell"
Renewal = "renewal"
"""

Columns = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How large a world is: accounts, segments without All accounts, and rows per account of the long tables."""

    accounts: int
    segments: int = 20
    activities: int = 10
    stages: int = 0


def write_world(folder: Path, size: Size, files: str = "parquet") -> Path:
    """Write a world as ``parquet`` or ``csv`` files with their settings; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = _tables(np.random.default_rng(1), size)
    for name, columns in tables.items():
        frame = pd.DataFrame(columns)
        if files == "csv":
            frame.to_csv(folder / f"{name}.csv", index=False)
        else:
            frame.to_parquet(folder / f"{name}.parquet", index=False)
    (folder / "segxl.toml").write_text(_settings(size, tables, files), encoding="utf-8")
    return folder


def _settings(size: Size, tables: Mapping[str, Columns], files: str) -> str:
    by_column, by_rule, _, _ = _kinds(size.segments)
    parts = [SETTINGS]
    for name in tables:
        kind = 'kind = "changes"\n' if name == "buying_stages" else ""
        parts.append(f'[tables.{name}]\nfile = "{name}.{files}"\n{kind}')
    if by_column:
        parts.append('[segments]\nby = "industry"\n')
    for at in range(by_rule):
        where = f'plan = ["P{at % 10}"], employees = {{ min = {50 + 20 * (at // 10)} }}'
        parts.append(f'[[segments.named]]\nname = "Rule {at}"\nwhere = {{ {where} }}\n')
    return "\n".join(parts)


def _kinds(segments: int) -> tuple[int, int, int, int]:
    """How many segments are values of a column, rules, lists of members, lists whose name rows carry."""
    quarter = segments // 4
    return segments - 3 * quarter, quarter, quarter, quarter


def _ids(letter: str, count: int) -> NDArray[Any]:
    return np.array([f"{letter}{number:07}" for number in range(count)], dtype=object)


def _words(dice: np.random.Generator, words: Sequence[str], count: int) -> NDArray[Any]:
    return np.array(words, dtype=object)[dice.integers(0, len(words), count)]


def _dates(days: NDArray[np.int64]) -> NDArray[Any]:
    """Days since FIRST as texts; blank where they lie outside of the world."""
    known = np.array([str(day) for day in np.datetime64(FIRST) + np.arange(DAYS)] + [""], dtype=object)
    return known[np.where((days >= 0) & (days < DAYS), days, DAYS)]


def _months() -> NDArray[Any]:
    return np.array([f"{at // 12}-{at % 12 + 1:02}" for at in range(2024 * 12, 2026 * 12 + 10)], dtype=object)


def _money(dice: np.random.Generator, low: int, high: int, count: int) -> NDArray[Any]:
    return dice.integers(low * 100, high * 100, count) / 100


def _tables(dice: np.random.Generator, size: Size) -> dict[str, Columns]:
    accounts = _ids("A", size.accounts)
    by_column, _, lists, named = _kinds(size.segments)
    members = [f"List {at}" for at in range(lists)] + [f"Named {at}" for at in range(named)]
    own = [f"Named {at}" for at in range(named)]
    tables = {
        "accounts": _accounts(dice, accounts, by_column),
        "opportunities": _opportunities(dice, accounts, own),
        "leads": _leads(dice, accounts, own),
        "activities": _activities(dice, accounts, size.activities),
        "revenue": _revenue(dice, accounts),
        "costs": _costs(dice, members),
        "market": _market(members, by_column),
        "targets": _targets(members),
    }
    tables["opportunity_history"] = _history(dice, tables["opportunities"])
    if members:
        tables["segments"] = {"segment": members, "created_on": ["2024-01-01"] * len(members)}
        tables["segment_members"] = _members(dice, accounts, members)
    if size.stages:
        tables["buying_stages"] = _buying_stages(dice, accounts, size.stages)
    return tables


def _accounts(dice: np.random.Generator, accounts: NDArray[Any], industries: int) -> Columns:
    count = len(accounts)
    columns = {
        "account_id": accounts,
        "name": np.array([f"Company {number}" for number in range(count)], dtype=object),
        "geo": _words(dice, GEOS, count),
        "sales_team": _words(dice, TEAMS, count),
        "plan": _words(dice, [f"P{at}" for at in range(10)], count),
        "employees": dice.integers(1, 1000, count),
    }
    if industries:
        columns["industry"] = _words(dice, [f"Industry {at}" for at in range(industries)], count)
    return columns


def _members(dice: np.random.Generator, accounts: NDArray[Any], segments: Sequence[str]) -> Columns:
    """Each list holds a tenth of the accounts, at least; a third of them leave, some come back."""
    count = max(len(accounts) // 10, 1)
    segment = np.repeat(np.array(segments, dtype=object), count)
    account = accounts[dice.integers(0, len(accounts), len(segment))]
    start = dice.integers(-DAYS // 3, DAYS, len(segment))
    length = dice.integers(30, DAYS * 2, len(segment))
    return {
        "segment": segment,
        "account_id": account,
        "start": _dates(start),
        "end": _dates(np.where(dice.random(len(segment)) < 1 / 3, np.maximum(start, 0) + length, DAYS)),
    }


def _opportunities(dice: np.random.Generator, accounts: NDArray[Any], own: Sequence[str]) -> Columns:
    count = len(accounts)
    created = dice.integers(0, DAYS, count)
    outcome = dice.choice(3, count, p=(0.35, 0.4, 0.25))  # won, lost, open
    closed = np.where(outcome == 2, DAYS, created + dice.integers(0, 200, count))
    outcome = np.where(closed >= DAYS, 2, outcome)
    stage = np.where(outcome == 0, "Closed Won", np.where(outcome == 1, "Closed Lost", _words(dice, STAGES, count)))
    blank = dice.random(count)
    return {
        "opportunity_id": _ids("O", count),
        "account_id": np.where(blank < 0.02, "", accounts[dice.integers(0, len(accounts), count)]),
        "created_on": _dates(created),
        "closed_on": _dates(closed),
        "expected_close_on": _dates(np.where(outcome == 2, created + dice.integers(0, 400, count), DAYS)),
        "stage": stage.astype(object),
        "amount": _money(dice, 500, 90_000, count),
        "probability": _words(dice, ("10", "25", "50", "75"), count),
        "type": _words(dice, TYPES, count),
        "lead_source": _words(dice, SOURCES, count),
        "loss_reason": np.where(outcome == 1, _words(dice, ("Price", "Timing", "Lost to rival", ""), count), ""),
        "product_category": _words(dice, ("Core", "Extra", ""), count),
        "segment": np.where(dice.random(count) < 0.05, _words(dice, own or ("",), count), ""),
    }


def _history(dice: np.random.Generator, deals: Columns) -> Columns:
    """A step through each stage until the closing or the last day, with the amount that was known then."""
    count = len(deals["opportunity_id"])
    created = pd.to_datetime(deals["created_on"]).to_numpy().astype("datetime64[D]")
    closed = pd.to_datetime(pd.Series(deals["closed_on"]).replace("", LAST.isoformat())).to_numpy()
    length = (closed.astype("datetime64[D]") - created).astype(np.int64)
    parts = []
    for at, stage in enumerate(STAGES):
        kept = dice.random(count) < (1.0, 0.8, 0.7, 0.6)[at]
        day = created + (length * at // len(STAGES)).astype("timedelta64[D]")
        part = pd.DataFrame({"opportunity_id": deals["opportunity_id"], "changed_at": day.astype(str), "stage": stage})
        part["amount"] = np.round(deals["amount"] * (1 - (len(STAGES) - at) * 0.05), 2)
        parts.append(part[kept])
    over = np.array([stage.startswith("Closed") for stage in deals["stage"]])
    end = pd.DataFrame({name: deals[name] for name in ("opportunity_id", "closed_on", "stage", "amount")})
    parts.append(end[over].rename(columns={"closed_on": "changed_at"}))
    return {name: column.to_numpy() for name, column in pd.concat(parts).items()}


def _leads(dice: np.random.Generator, accounts: NDArray[Any], own: Sequence[str]) -> Columns:
    count = 2 * len(accounts)
    created = dice.integers(0, DAYS, count)
    fate = dice.random(count)
    mql = np.where(fate < 0.5, created + dice.integers(0, 60, count), DAYS)
    sqo = np.where(fate < 0.2, mql + dice.integers(0, 60, count), DAYS)
    rejected = np.where(fate > 0.7, created + dice.integers(0, 90, count), DAYS)
    return {
        "lead_id": _ids("L", count),
        "created_on": _dates(created),
        "account_id": accounts[dice.integers(0, len(accounts), count)],
        "source": _words(dice, SOURCES, count),
        "mql_on": _dates(mql),
        "sqo_on": _dates(sqo),
        "rejected_on": _dates(rejected),
        "segment": np.where(dice.random(count) < 0.05, _words(dice, own or ("",), count), ""),
    }


def _activities(dice: np.random.Generator, accounts: NDArray[Any], each: int) -> Columns:
    count = each * len(accounts)
    pick = dice.integers(0, len(TOUCHES), count)
    return {
        "account_id": accounts[dice.integers(0, len(accounts), count)],
        "date": _dates(dice.integers(0, DAYS, count)),
        "source": np.array([source for source, _ in TOUCHES], dtype=object)[pick],
        "kind": np.array([kind for _, kind in TOUCHES], dtype=object)[pick],
        "campaign_type": _words(dice, ("", "display", "retargeting"), count),
    }


def _revenue(dice: np.random.Generator, accounts: NDArray[Any]) -> Columns:
    count = len(accounts) // 3
    start = dice.integers(0, DAYS, count)
    return {
        "account_id": accounts[dice.integers(0, len(accounts), count)],
        "start": _dates(start),
        "end": _dates(np.where(dice.random(count) < 0.5, start + dice.integers(30, 800, count), DAYS)),
        "mrr": _money(dice, 50, 5000, count),
    }


def _costs(dice: np.random.Generator, segments: Sequence[str]) -> Columns:
    rows = [
        (month, kind, source, segment)
        for month in _months()
        for kind in ("acquisition", "labor")
        for source in SOURCES
        for segment in ("", *segments)
    ]
    month, kind, source, segment = (list(column) for column in zip(*rows, strict=True))
    amount = _money(dice, 100, 9000, len(rows))
    return {"month": month, "amount": amount, "kind": kind, "lead_source": source, "segment": segment}


def _market(members: Sequence[str], industries: int) -> Columns:
    names = ["All accounts", *members, *(f"Industry {at}" for at in range(industries))]
    rows = [(name, year, 9_000_000 + 1000 * at) for at, name in enumerate(names) for year in (2024, 2025, 2026)]
    segment, year, revenue = (list(column) for column in zip(*rows, strict=True))
    return {"segment": segment, "year": year, "revenue": revenue, "source": ["Analyst"] * len(rows)}


def _targets(segments: Sequence[str]) -> Columns:
    rows = [
        (metric, month, value, segment)
        for segment in ("", *segments)
        for month in _months()[-12:]
        for metric, value in (("won_revenue", 500_000.0), ("win_rate_count", 0.4), ("leads", 900.0))
    ]
    metric, month, value, segment = (list(column) for column in zip(*rows, strict=True))
    return {"metric": metric, "month": month, "value": value, "segment": segment}


def _buying_stages(dice: np.random.Generator, accounts: NDArray[Any], each: int) -> Columns:
    count = each * len(accounts)
    return {
        "account_id": accounts[dice.integers(0, len(accounts), count)],
        "date": _dates(dice.integers(0, DAYS, count)),
        "stage": _words(dice, BUYING_STAGES, count),
    }


def main() -> None:
    """Write one world."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("accounts", type=int)
    parser.add_argument("--segments", type=int, default=20)
    parser.add_argument("--activities", type=int, default=10)
    parser.add_argument("--stages", type=int, default=0)
    parser.add_argument("--files", choices=("parquet", "csv"), default="parquet")
    given = parser.parse_args()
    write_world(given.folder, Size(given.accounts, given.segments, given.activities, given.stages), given.files)


if __name__ == "__main__":
    main()
