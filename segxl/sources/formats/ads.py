"""Advertising: its cost, and for LinkedIn the companies it reached."""

from __future__ import annotations

import numpy as np

from segxl.messages import counted
from segxl.sources.files.files import RawTable
from segxl.sources.files.report_range import report_range
from segxl.sources.formats.model import Format, Header, Reading, Shaped, column, made, under, with_columns
from segxl.sources.values.readers import DECIMAL_MARKS, read_numbers

LINKEDIN_CAMPAIGNS = Format(
    key="linkedin",
    name="LinkedIn campaign performance",
    table="costs",
    signature=("Start Date (in UTC)", "Campaign Name", "Total Spent"),
    columns={"month": "Start Date (in UTC)", "amount": "Total Spent", "last_day": "End Date (in UTC) | End Date"},
    fill={"kind": "acquisition", "lead_source": "LinkedIn"},
    spans="report",
)

_PERIODS = "Day | Week | Month"


def _of_the_report(raw: RawTable, reading: Reading) -> Shaped:
    """Without a column of days, weeks or months every row has the report's range, which is above the header."""
    days = report_range(raw.above)
    if days is None or Header(raw.header).find(_PERIODS):
        return Shaped(raw)
    first, last = (np.full(len(raw), day, dtype=object) for day in days)
    return Shaped(with_columns(raw, month=first, last_day=last))


GOOGLE_ADS = Format(
    key="google-ads",
    name="Google Ads campaign report",
    table="costs",
    signature=("Campaign", "Cost", "Impr. | Clicks", f"{_PERIODS} | Impr."),
    columns={"month": f"{_PERIODS} | {made('month')}", "amount": "Cost", "last_day": made("last_day")},
    fill={"kind": "acquisition", "lead_source": "Google Ads"},
    words={"amount": {"--": "0"}},
    reshape=_of_the_report,
)

X_ADS = Format(
    key="x-ads",
    name="X ads",
    table="costs",
    signature=(
        "Campaign Name | Nombre de la campaña",
        "Spend | Importe gastado",
        "Time Period | Fecha",
        "Impressions | Impresiones",
    ),
    columns={
        "month": "Time Period | Fecha",
        "amount": "Spend | Importe gastado",
    },
    fill={"kind": "acquisition", "lead_source": "X"},
    spans="report",
)


def _reach_and_clicks(raw: RawTable, reading: Reading) -> Shaped:
    """A row of reach for each company with impressions, one of engagement for each with clicks or engagements."""

    def some(names: str) -> np.ndarray:
        texts = column(raw, names)
        found = np.zeros(len(raw), dtype=bool)
        for mark in DECIMAL_MARKS:  # 1,200 is more than nothing under either meaning of the comma
            found |= read_numbers(texts, decimal=mark)[0] > 0
        return found

    reached = some("Paid impressions")
    engaged = some("Paid clicks") | some("Paid engagements")
    quiet = int((~reached & ~engaged).sum())

    def part(rows: np.ndarray, kind: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        return rows, {"kind": np.full(len(rows), kind, dtype=object)}

    shaped, _ = under(raw, [part(np.flatnonzero(reached), "reach"), part(np.flatnonzero(engaged), "engagement")])
    note = (
        f"{counted(len(raw), 'company line')}: {int(reached.sum()):,} with impressions count as reach, "
        f"{int(engaged.sum()):,} with clicks or engagements as engagement"
    )
    return Shaped(shaped, {"no impressions and no clicks": quiet} if quiet else {}, notes=(note,))


LINKEDIN_COMPANIES = Format(
    key="linkedin",
    name="LinkedIn companies",
    table="activities",
    signature=("Company name", "Paid impressions", "Paid clicks | Paid engagements"),
    columns={
        "account_id": "Account ID || Company name",
        "account_name": "Company name",
        "date": "Date | Start Date (in UTC)",
        "kind": "kind (made by segxl)",
        "campaign": "Campaign Name",
    },
    fill={"source": "linkedin_campaign"},
    reshape=_reach_and_clicks,
)

FORMATS = (LINKEDIN_CAMPAIGNS, LINKEDIN_COMPANIES, GOOGLE_ADS, X_ADS)
