"""A company small enough to work out by hand, and ways to write others."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from segxl.dataset.load import load
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.scorecard.compute import compute
from segxl.scorecard.model import Scorecard

SETTINGS = """\
name = "Acme"
run_date = 2026-06-05
stages = ["Discovery", "Proposal"]

[tables.opportunities]
file = "opportunities.csv"

[tables.accounts]
file = "accounts.csv"

[segments]
by = "tier"

[types]
"New Business" = "new_logo"
Upsell = "upsell"
Renewal = "renewal"
"""

ACCOUNT_HEADER = ("account_id", "name", "geo", "tier")
ACCOUNTS = (
    ("A1", "=Alpha & <Sons>", "East", "R&D / EU"),
    ("A2", "Beta", "West", "SMB"),
    ("A3", "Gamma", "West", "SMB"),
)

HEADER = (
    "opportunity_id",
    "account_id",
    "owner",
    "created_on",
    "closed_on",
    "stage",
    "amount",
    "type",
    "loss_reason",
)
WON, LOST, NEW = "Closed Won", "Closed Lost", "New Business"
OPPORTUNITIES = (
    # May 2026: won 10,000 + 2,500.50 + nothing + 100 = 12,600.50 in 30 + 0 + 40 + 1 days; lost 4,000 + 1,000
    ("W1", "A1", "Ann", "2026-05-01", "2026-05-31", WON, "10000", NEW, ""),
    ("W2", "A2", "Bob", "2026-05-09", "2026-05-09", WON, "2500.50", "Upsell", ""),
    ("W3", "A2", "Bob", "2026-04-01", "2026-05-11", WON, "0", "Renewal", ""),
    ("N1", "", "Ann", "2026-05-06", "2026-05-07", WON, "100", "", ""),
    ("L1", "A1", "Ann", "2026-03-01", "2026-05-20", LOST, "4000", NEW, "=Price"),
    ("L2", "A3", "Bob", "2026-05-02", "2026-05-28", LOST, "1000", "Upsell", ""),
    # April 2026
    ("W4", "A3", "Bob", "2026-03-15", "2026-04-10", WON, "5000", NEW, ""),
    ("L3", "A2", "Bob", "2026-02-01", "2026-04-15", LOST, "2000", NEW, "Timing"),
    # May 2025
    ("W5", "A1", "Ann", "2025-04-01", "2025-05-15", WON, "8000", NEW, ""),
    # open at the end of May 2026: 20,000 in Discovery, 7,000 in Proposal
    ("O1", "A1", "Ann", "2026-05-05", "", "Discovery", "20000", NEW, ""),
    ("O2", "A3", "Bob", "2026-04-20", "", "Proposal", "7000", "Upsell", ""),
)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def write_company(
    folder: Path,
    *,
    settings: str = SETTINGS,
    opportunities: Iterable[Sequence[object]] = OPPORTUNITIES,
    accounts: Iterable[Sequence[object]] = ACCOUNTS,
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "segxl.toml").write_text(settings, encoding="utf-8")
    write_csv(folder / "opportunities.csv", HEADER, opportunities)
    write_csv(folder / "accounts.csv", ACCOUNT_HEADER, accounts)
    return folder


def changed(opportunity: str, **values: str) -> list[tuple[str, ...]]:
    """The company's opportunities with one of them changed."""
    rows = [dict(zip(HEADER, row, strict=True)) for row in OPPORTUNITIES]
    for row in rows:
        if row["opportunity_id"] == opportunity:
            row.update(values)
    return [tuple(row.values()) for row in rows]


def facts_of(folder: Path) -> Facts:
    return Facts(load(folder))


def scorecard_of(facts: Facts, period: str = "2026-05", segments: Iterable[str] = ()) -> Scorecard:
    dataset = facts.dataset
    names = list(segments) or list(dataset.segments.names)
    return compute(facts, parse_period(period, dataset.settings.fiscal), names)


def listing(folder: Path) -> Mapping[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
