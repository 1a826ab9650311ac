"""The files, as the CRM writes them: all fields quoted, US dates, and under a report its footer."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Literal

from segxl.periods import to_month
from tests.demo_company import seasons
from tests.demo_company.leads import ROWS_TWICE, Lead
from tests.demo_company.market import LOST, PROBABILITY, Account, Change, Deal

OPPORTUNITY_COLUMNS = (
    "Opportunity Owner",
    "Account Name",
    "Opportunity Name",
    "Stage",
    "Fiscal Period",
    "Amount",
    "Probability (%)",
    "Age",
    "Close Date",
    "Created Date",
    "Type",
    "Lead Source",
    "Opportunity ID",
    "Account ID",
    "Loss Reason",
    "Product Category",
)
"""The report's own columns, and the four that this company added to it."""
HISTORY_COLUMNS = (
    "Opportunity ID",
    "Opportunity Name",
    "From Stage",
    "To Stage",
    "Stage Duration",
    "Last Modified",
    "Amount",
    "Close Date",
    "Stage",
    "Created Date",
)
ACCOUNT_COLUMNS = (
    "Account ID",
    "Account Name",
    "Website",
    "Billing Country",
    "Region",
    "Industry",
    "Employees",
    "Segment",
    "Account Owner",
)
LEAD_COLUMNS = (
    "Lead ID",
    "Created Date",
    "Lead Source",
    "Lead Status",
    "Account ID",
    "MQL Date",
    "Converted Opportunity ID",
    "Converted Date",
    "Rejected Date",
    "Rejected From",
)
USER_COLUMNS = ("Full Name", "Sales Team", "Region")

_US_DATES = [f"{day.month}/{day.day}/{day.year}" for day in seasons.WORKDAYS]
_BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def opportunity_report(deals: Iterable[Deal]) -> bytes:
    """The opportunity report, a row for each deal in the order given."""
    return _report(OPPORTUNITY_COLUMNS, (_opportunity(deal) for deal in deals))


def history_report(deals: Iterable[Deal]) -> bytes:
    """The opportunity history report, newest first."""
    dated = [entry for deal in deals if not deal.carried_over for entry in _history(deal)]
    dated.sort(key=lambda entry: entry[0], reverse=True)
    return _report(HISTORY_COLUMNS, (row for _, row in dated))


def account_export(accounts: Iterable[Account]) -> bytes:
    """The accounts: a plain export, so without a footer."""
    rows = (
        (
            account_id(account),
            account.name,
            account.website,
            account.country,
            account.region,
            account.industry,
            str(account.employees),
            account.profile.name,
            account.seller,
        )
        for account in accounts
    )
    return quoted_csv(ACCOUNT_COLUMNS, rows)


def lead_export(leads: Sequence[Lead]) -> bytes:
    """The leads: a plain export too; its last rows stand twice."""
    return quoted_csv(LEAD_COLUMNS, (_lead(lead) for lead in [*leads, *leads[-ROWS_TWICE:]]))


def user_list(people: Iterable[tuple[str, str, str]]) -> bytes:
    """Who sells, in which team and region."""
    return quoted_csv(USER_COLUMNS, people)


def account_id(account: Account | None) -> str:
    """The id of an account; blank for none."""
    return crm_id("001", account.number) if account else ""


def us_date(day: int | None) -> str:
    """``10/5/2026``; blank for None."""
    return "" if day is None else _US_DATES[day]


@cache
def crm_id(prefix: str, number: int) -> str:
    """An id of 18 characters: 15, and three that tell upper from lower case where a tool ignores it."""
    rest, digits = 41_839 + 37 * number, ""
    for _ in range(10):
        rest, digit = divmod(rest, 62)
        digits = _BASE_62[digit] + digits
    short = f"{prefix}Kd{digits}"
    fives = (short[start : start + 5] for start in (0, 5, 10))
    capitals = (sum(1 << place for place, sign in enumerate(five) if sign.isupper()) for five in fives)
    return short + "".join(_CHECK[bits] for bits in capitals)


def quoted_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """All fields quoted, as the CRM writes them. Bytes, not text, so that no platform puts its own line ends in."""
    return _written(columns, rows, csv.QUOTE_ALL, ",")


def plain_csv(columns: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",") -> bytes:
    """Quoted only where it must be, as most tools write."""
    return _written(columns, rows, csv.QUOTE_MINIMAL, delimiter)


def _lead(lead: Lead) -> tuple[str, ...]:
    return (
        crm_id("00Q", lead.number),
        us_date(lead.created),
        lead.source,
        lead.status,
        account_id(lead.account),
        us_date(lead.qualified),
        crm_id("006", lead.deal.number) if lead.deal else "",
        "" if lead.undated else us_date(lead.converted),
        us_date(lead.rejected),
        lead.rejected_as,
    )


def _opportunity(deal: Deal) -> tuple[str, ...]:
    now, account = deal.history[-1], deal.account
    last_day = seasons.LAST_DAY if deal.is_open else seasons.WORKDAYS[now.day]
    return (
        deal.owner,
        deal.account_name,
        deal.name,
        deal.stage,
        _fiscal_period(now),
        _money(now.amount),
        str(PROBABILITY[deal.stage]),
        "" if deal.carried_over else str((last_day - seasons.WORKDAYS[deal.opened]).days),
        _US_DATES[now.close],
        "" if deal.carried_over else _US_DATES[deal.opened],
        deal.kind,
        deal.source,
        crm_id("006", deal.number),
        account_id(account),
        deal.loss_reason if deal.stage == LOST else "",
        deal.product,
    )


def _history(deal: Deal) -> Iterator[tuple[int, tuple[str, ...]]]:
    """A deal's rows, each with its day."""
    before = ""
    for place, change in enumerate(deal.history):
        yield (
            change.day,
            (
                crm_id("006", deal.number),
                deal.name,
                before,
                change.stage,
                "" if change.stage == before else _stage_duration(deal.history[place:]),
                _US_DATES[change.day],
                _money(change.amount),
                _US_DATES[change.close],
                deal.stage,
                _US_DATES[deal.opened],
            ),
        )
        before = change.stage


def _stage_duration(changes: Sequence[Change]) -> str:
    """Days from a move to the next one; blank while there is none."""
    entered = changes[0]
    left = next((later for later in changes if later.stage != entered.stage), None)
    return str((seasons.WORKDAYS[left.day] - seasons.WORKDAYS[entered.day]).days) if left else ""


def _fiscal_period(change: Change) -> str:
    """``Q3-2027``, the quarter of the close date."""
    year, quarter = seasons.FISCAL.quarter_of(to_month(seasons.WORKDAYS[change.close])).label.split("-")
    return f"{quarter}-{year}"


def _money(amount: int | None) -> str:
    return "" if amount is None else f"{amount}.00"


def _report(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table and the footer that the CRM puts under every report."""
    body = list(rows)
    footer = (
        "",
        f'"Grand Totals ({len(body)} records)"',
        '"Confidential Information - Do Not Distribute"',
        '"Copyright © 2000-2026 salesforce.com, inc. All rights reserved."',
    )
    return quoted_csv(columns, body) + "".join(f"{line}\n" for line in footer).encode()


def _written(columns: Sequence[str], rows: Iterable[Sequence[str]], quoting: Literal[0, 1], delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=quoting, lineterminator="\n", delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
