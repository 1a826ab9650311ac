"""The files of billing and finance, and the two sheets of the segment that is kept by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from segxl.periods import month_label, to_month
from tests.demo_company import finance, strategic
from tests.demo_company.billing import Billing
from tests.demo_company.exports import account_id, plain_csv
from tests.demo_company.market import WON
from tests.demo_company.seasons import LAST_DAY, WORKDAYS
from tests.demo_company.world import ALL, World

CREATED = {"Enterprise": date(2023, 2, 1), "Mid-Market": date(2023, 2, 1), "SMB": date(2023, 2, 1)}
"""The segments that follow the number of employees."""


def files(world: World) -> dict[str, bytes]:
    """Content by file name."""
    return {
        "subscriptions.csv": _subscriptions(world.billing),
        "marketing_costs.csv": _costs(world.costs),
        "fx_rates.csv": _rates(world),
        "market_size.csv": _market(),
        "plan.csv": _plan(world.plan()),
        "control_totals.csv": _control_totals(world),
        "segments.csv": _segments(),
        "segment_members.csv": _members(world.strategic),
    }


def _subscriptions(billing: Billing) -> bytes:
    header = ("Subscription ID", "CRM Account ID", "Plan", "Status", "Currency", "MRR", "Start Date", "End Date")
    rows: list[tuple[date, tuple[str, ...]]] = []
    for account, book in billing.books.items():
        for line in book.lines:
            status = "Ended" if line.end <= LAST_DAY else "Active" if line.start <= LAST_DAY else "Future"
            cents = f"{line.cents // 100}.{line.cents % 100:02}"
            ends = line.typed_end or line.end
            rows.append(
                (line.start, (account_id(account), line.plan, status, book.currency, cents, f"{line.start}", f"{ends}"))
            )
    for account, start, currency, plan, status in billing.oddities:
        amount = "TBD" if status == "Active" else "1250.00"
        rows.append((start, (account_id(account), plan, status, currency, amount, f"{start}", "")))
    rows.sort(key=lambda row: row[0])
    return plain_csv(header, ((f"SUB-{number:05}", *row) for number, (_, row) in enumerate(rows, 1)))


def _costs(costs: list[finance.Cost]) -> bytes:
    header = ("Period", "Cost Type", "Channel", "Segment", "Spend")
    return plain_csv(
        header, ((month_label(one.month), one.kind, one.source, one.segment, f"${one.dollars:,}.00") for one in costs)
    )


def _rates(world: World) -> bytes:
    """With semicolons and decimal commas, as the bank in Europe sends them."""
    by_month = sorted(world.rates.items(), key=lambda item: (item[0][1], item[0][0]))
    rows = (
        (month_label(month), currency, f"{rate // 10_000},{rate % 10_000:04}") for (currency, month), rate in by_month
    )
    return plain_csv(("Month", "Currency", "USD per unit"), rows, ";")


def _market() -> bytes:
    header = ("Segment", "Year", "Market revenue", "Source", "Our share")
    rows = (
        (segment, str(year), f"${revenue:,}.00", "Analyst panel", share)
        for segment, year, revenue, share in finance.market()
    )
    return plain_csv(header, rows)


def _plan(plan: list[finance.Plan]) -> bytes:
    header = ("Metric", "Month", "Segment", "Plan")
    return plain_csv(header, ((one.metric, month_label(one.month), one.segment, str(one.value)) for one in plan))


def _control_totals(world: World) -> bytes:
    return plain_csv(("Name", "Period", "Value", "Tolerance"), _known_totals(world))


def _known_totals(world: World) -> Iterator[tuple[str, ...]]:
    for month in (finance.LAST_MONTH - 1, finance.LAST_MONTH):
        won = sum(
            deal.history[-1].amount or 0
            for deal in world.deals
            if deal.stage == WON and to_month(WORKDAYS[deal.closes]) == month
        )
        yield "won_revenue", month_label(month), f"{won}.00", "1"
        yield "closing_mrr", month_label(month), f"{float(world.mrr(ALL, month)):.2f}", "25"
        yield "customers", month_label(month), str(world.customers(ALL, month)), "0"


def _segments() -> bytes:
    rows = [(name, str(created), "Revenue Operations") for name, created in CREATED.items()]
    rows.append((strategic.NAME, str(strategic.CREATED), "Head of Sales"))
    return plain_csv(("Segment", "Created", "Owner"), rows)


def _members(memberships: list[strategic.Membership]) -> bytes:
    rows = ((strategic.NAME, account_id(one.account), str(one.start or ""), str(one.end or "")) for one in memberships)
    return plain_csv(("Segment", "Account ID", "Joined", "Left"), rows)
