"""The example rows of the template: how a row of each table looks. They never count as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from segxl.sources.files.raw import EXAMPLE

Row = Mapping[str, object]


def _first(text: str) -> str:
    return f"{EXAMPLE} {text}"


EXAMPLES: Mapping[str, tuple[Row, ...]] = {
    "opportunities": (
        {
            "opportunity_id": _first("D-2001"),
            "created_on": date(2026, 8, 3),
            "stage": "Proposal",
            "account_id": "A-1001",
            "expected_close_on": date(2026, 12, 15),
            "amount": 24000,
            "probability": 0.6,
            "currency": "USD",
            "type": "New Business",
            "lead_source": "Webinar",
            "owner": "Ann Lee",
        },
        {
            "opportunity_id": _first("D-2002"),
            "created_on": date(2026, 6, 12),
            "stage": "Closed Lost",
            "account_id": "A-1002",
            "closed_on": date(2026, 10, 9),
            "amount": 8500.5,
            "currency": "USD",
            "type": "Upsell",
            "loss_reason": "Price",
            "owner": "Bob Roy",
        },
    ),
    "accounts": (
        {"account_id": _first("A-1001"), "name": "Northwind Ltd", "domain": "northwind.example", "country": "GB"},
        {"account_id": _first("A-1002"), "name": "Contoso AG", "domain": "contoso.example", "country": "CH"},
    ),
    "opportunity_history": (
        {"opportunity_id": _first("D-2001"), "changed_at": date(2026, 8, 3), "stage": "Discovery", "amount": 20000},
        {"opportunity_id": _first("D-2001"), "changed_at": date(2026, 9, 14), "stage": "Proposal", "amount": 24000},
    ),
    "leads": (
        {
            "lead_id": _first("L-3001"),
            "created_on": date(2026, 7, 1),
            "account_id": "A-1001",
            "opportunity_id": "D-2001",
            "source": "Webinar",
            "mql_on": date(2026, 7, 9),
            "sqo_on": date(2026, 8, 3),
        },
    ),
    "activities": (
        {
            "account_id": _first("A-1001"),
            "date": date(2026, 10, 5),
            "source": "webinar",
            "kind": "engagement",
            "campaign": "October webinar",
        },
    ),
    "buying_stages": (
        {"account_id": _first("A-1001"), "date": date(2026, 9, 30), "stage": "Awareness"},
        {"account_id": _first("A-1001"), "date": date(2026, 10, 31), "stage": "Consideration"},
    ),
    "revenue": ({"account_id": _first("A-1001"), "month": date(2026, 10, 1), "mrr": 2000, "currency": "USD"},),
    "costs": (
        {"month": _first("2026-10"), "amount": 12000, "kind": "acquisition", "lead_source": "Webinar"},
        {"month": _first("2026-10"), "amount": 30000, "kind": "labor"},
    ),
    "market": (
        {
            "segment": _first("All accounts"),
            "year": 2026,
            "revenue": 250000000,
            "source": "Analyst report",
            "share": 0.02,
        },
    ),
    "targets": ({"metric": _first("won_revenue"), "month": date(2026, 10, 1), "value": 150000},),
    "teams": ({"owner": _first("Ann Lee"), "sales_team": "Enterprise", "geo": "EMEA"},),
    "fx_rates": ({"month": _first("2026-10"), "currency": "EUR", "rate": 1.08},),
    "segments": ({"segment": _first("Priority"), "created_on": date(2026, 1, 1), "owner": "Ann Lee"},),
    "segment_members": (
        {"segment": _first("Priority"), "account_id": "A-1001", "start": date(2026, 1, 1), "end": date(2026, 9, 1)},
    ),
    "timeframes": (
        {
            "timeframe": _first("Autumn push"),
            "kind": "range",
            "baseline_start": date(2026, 4, 1),
            "baseline_end": date(2026, 6, 30),
            "analysis_start": date(2026, 7, 1),
            "analysis_end": date(2026, 9, 30),
        },
    ),
    "control_totals": ({"name": _first("won_revenue"), "period": "2026-10", "value": 148250.5, "tolerance": 1},),
}
"""By table, in the order of the template's sheets: what everybody needs comes first."""

MAP_EXAMPLES = (
    (_first("types"), "New Business", "new_logo"),
    (_first("stage_map"), "Evaluating", "Consideration"),
    (_first("tables.accounts.columns"), "Billing Region", "geo"),
    (_first("segments.named.Large retail.where"), "sector", "retail"),
    (_first("segments.named.Large retail.where"), "employees.min", "1000"),
)
"""Rows of the sheet Maps."""

NEEDED_FOR: Mapping[str, str] = {
    "opportunities": "always needed: won, lost, open pipeline, win rates, deal size",
    "accounts": "always needed: segments, SOM accounts",
    "opportunity_history": "past pipeline, conversion from stage to stage",
    "leads": "leads, MQLs, SQOs and their conversion",
    "activities": "targeted and engaged accounts; the report",
    "buying_stages": "the report by buying stage",
    "revenue": "customers, churn, MRR, retention",
    "costs": "cost per SQO",
    "market": "market share",
    "targets": "plan, variance and attainment",
    "teams": "breakdowns by sales team and region",
    "fx_rates": "amounts in other currencies",
    "segments": "segments defined by member lists",
    "segment_members": "members of those segments, with dates",
    "timeframes": "named timeframes for the report",
    "control_totals": "totals to check the scorecard against",
}
"""The use of each table."""
