"""Exports that others published, read with as few settings as they need; expected is what their README says.

They lie beside the project, not in it; where they are not, these tests are skipped. The same shapes are proved by small
hand-made files in test_formats_crm.py, test_formats_marketing.py and test_formats_billing.py.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from segxl.dataset import Dataset, load
from segxl.facts.engine import Facts, Scope
from segxl.periods import NEVER, Window, parse_period, to_day
from segxl.scorecard.compute import compute
from segxl.segments import ALL_ACCOUNTS
from segxl.sources.ledger import FileEntry
from segxl.tables import NO_MONEY, Table

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the published exports are not beside the project")

Published = Callable[..., Dataset]


@pytest.fixture
def published(tmp_path: Path) -> Published:
    """Load a folder of published exports under the settings of the test."""

    def made(name: str, settings: str) -> Dataset:
        folder = tmp_path / name
        shutil.copytree(DATA / name, folder, ignore=shutil.ignore_patterns("segxl.toml"))
        (folder / "segxl.toml").write_text(settings, encoding="utf-8")
        dataset = load(folder)
        assert dataset.ledger.balanced
        return dataset

    return made


def entry(dataset: Dataset, table: str, file: str = "") -> FileEntry:
    """The only ledger entry of a table, or that of one of its files."""
    (found,) = [one for one in dataset.ledger.files if one.table == table and one.file.startswith(file)]
    return found


def money(cents: int) -> float:
    """An amount as people write it."""
    return round(int(cents) / 100, 2)


# ------------------------------------------------------------------------------------------------------ leakfinder

LEAKFINDER = 'stages = ["Discovery", "Qualified", "Demo", "Proposal", "Negotiation"]\nas_of = 2026-12-31\n'
FILES = ("sample_hubspot_deals.csv", "sample_salesforce_history.csv")


def deals_and_history(file: str) -> str:
    """The settings of one file that holds both tables."""
    return f'{LEAKFINDER}[tables]\nopportunities.file = "{file}"\nopportunity_history.file = "{file}"\n'


@pytest.mark.parametrize("file", FILES)
def test_leakfinder_is_the_same_from_hubspot_and_from_salesforce(published: Published, file: str) -> None:
    deals = published("leakfinder", deals_and_history(file)).tables["opportunities"]
    assert Counter(deals["status"]) == {"won": 175, "lost": 1384, "open": 41}
    won, still_open = deals["status"] == "won", deals["status"] == "open"
    known = deals["amount"] != NO_MONEY
    assert deals["amount"][won & known].sum() == 6_493_000_00
    assert deals["amount"][still_open & known].sum() == 1_611_600_00
    assert median((deals["closed_on"] - deals["created_on"])[won].tolist()) == 54
    assert set(deals["crm"]) == {"HubSpot" if "hubspot" in file else "Salesforce"}


def stages_reached(history: Table) -> Counter[str]:
    """How many opportunities were ever in each stage."""
    return Counter(stage for _, stage in set(zip(history["opportunity_id"], history["stage"], strict=True)))


REACHED = {"Discovery": 1600, "Qualified": 1055 - 56, "Demo": 756, "Proposal": 356, "Negotiation": 206}
"""As published; of those that reached Qualified, 56 skipped through it."""


@pytest.mark.parametrize("file", FILES)
def test_leakfinder_stage_dates_become_a_history(published: Published, file: str) -> None:
    reached = stages_reached(published("leakfinder", deals_and_history(file)).tables["opportunity_history"])
    assert reached == {**REACHED, "Closed Won": 175, "Closed Lost": 1384}


def test_each_planted_fault_of_the_messy_file_is_in_the_ledger(published: Published) -> None:
    where = 'file = "test3_hubspot_messy.csv"\nwhere = { Pipeline = ["Sales Pipeline"] }\n'
    dataset = published(
        "leakfinder", f"{LEAKFINDER}[tables.opportunities]\n{where}[tables.opportunity_history]\n{where}"
    )
    deals, history = entry(dataset, "opportunities"), entry(dataset, "opportunity_history")
    assert (deals.used, deals.excluded) == (1200, {"where Pipeline": 25, "duplicate row": 6})
    notes = "\n".join(deals.notes + history.notes)
    for said in (
        "2 pipelines in 'Pipeline': 1,206 × 'Sales Pipeline', 25 × 'Renewals Pipeline'",
        "8 row(s) of 'Amount' are no plain numbers, like '$21,000' and '58.8k'",
        "3 won opportunities have no amount",
        "10 row(s) spell a stage in another way: read 'closed won' as 'Closed Won'",
        "5 deal(s) have no stage date at all",
        "4 deal(s) entered a stage before one that the pipeline has earlier",
        "40 row(s) write dates of 'changed_at' in another way than most, like '1/18/2025'",
    ):
        assert said in notes
    assert history.excluded["after the cut-off 2026-12-31"] == 2
    assert [(one.value, one.column, one.reason) for one in history.rejected] == [
        ("TBD", 'Date entered "Closed Lost (Sales Pipeline)"', "is no date")
    ] * 3
    assert len(set(dataset.tables["opportunity_history"]["opportunity_id"])) == 1195


# ------------------------------------------------------------------------------------- one file of a spreadsheet


def test_opportunity_csv(published: Published) -> None:
    dataset = published(
        "opportunity_csv",
        """
stages = ["Identified", "Qualified", "Proposal", "Validated"]
won_stages = ["Won"]
lost_stages = ["Lost"]
as_of = 2015-12-31
[tables.opportunities]
file = "sales_pipeline.csv"
[tables.opportunities.columns]
opportunity_id = "Customer"
created_on = "Reporting Date"
stage = "Sales stage"
closed_on = "Close Date/Expected Close Date"
amount = "Deal size"
lead_source = "Sales Channel"
""",
    )
    deals = dataset.tables["opportunities"]
    assert Counter(deals["stage"]) == {
        "Identified": 355,
        "Validated": 226,
        "Qualified": 188,
        "Proposal": 145,
        "Won": 53,
        "Lost": 33,
    }
    channels = deals["lead_source"]
    by_channel = {name: money(deals["amount"][channels == name].sum()) for name in set(channels)}
    assert by_channel == {"F2F": 1_297_940, "Partners": 700_790, "Telesales": 536_760, "Website": 16_130}
    one = entry(dataset, "opportunities")
    assert (one.rows, one.used, one.excluded, one.rejected_rows) == (5841, 1000, {"empty row": 4840}, 1)
    assert deals["probability"][0] == 0.65  # written as 65.0%


# --------------------------------------------------------------------------------------------- advertising, Marketo


def test_ad_platforms(published: Published) -> None:
    """LinkedIn's and X's days alone leave open what is the month: two words of settings say it."""
    dataset = published(
        "ad_platforms",
        """
as_of = 2026-12-31
[[tables.costs]]
file = "google*.csv"
[[tables.costs]]
file = "linkedin*.csv"
dates = "month-first"
[[tables.costs]]
file = "x_ads*.csv"
dates = "day-first"
""",
    )
    costs = dataset.tables["costs"]
    assert set(costs["month"].tolist()) == {(2026 - 1970) * 12 + 8}
    spent = {one.file: money(costs["amount"][costs.file == at].sum()) for at, one in enumerate(dataset.ledger.files)}
    assert spent == {
        "google_ads_campaign_report_utf16.csv": 1_033.34 + 5,  # the campaign of the README, and someone else's
        "linkedin_campaign_performance_a.csv": 100.00,
        "linkedin_campaign_performance_b.csv": 1_344.75,
        "x_ads_es_semicolon_decimal_comma.csv": 40.00,
    }
    campaign = costs["Campaign ID"] == "21456789012"
    assert money(costs["amount"][campaign].sum()) == 1_033.34
    assert sum(int(text.replace(".", "")) for text in costs["Impresiones"] if text) == 13_000
    assert {one.format for one in dataset.ledger.files} == {
        "Google Ads campaign report",
        "LinkedIn campaign performance",
        "X ads",
    }


def test_marketo_counts_an_attendance_once(published: Published) -> None:
    dataset = published("marketo_bulk", '[tables.activities]\nfile = "bulk_activity_export_sample.csv"\n')
    activities = dataset.tables["activities"]
    attended = [
        (account, str(campaign))
        for account, kind, campaign in zip(
            activities["account_id"], activities["kind"], activities["campaign"], strict=True
        )
        if kind == "engagement"
    ]
    assert attended == [("5414094", "SuccessWebCPS")]
    assert set(activities["date"].tolist()) == {to_day(date(2022, 2, 13))}


# --------------------------------------------------------------------------------------------------- subscriptions


def test_complyflow(published: Published) -> None:
    dataset = published(
        "complyflow",
        """
as_of = 2026-12-31
[tables]
accounts.file = "accounts.csv"
leads = { file = "leads.csv", columns = { created_on = "created_at", source = "lead_source" } }
revenue = { file = "subscriptions.csv", columns = { start = "start_date", end = "end_date" } }
[tables.opportunities]
file = "opportunities.csv"
columns = { opportunity_id = "opp_id", created_on = "created_date", closed_on = "close_date" }
[segments]
by = "segment"
""",
    )
    assert {one.table: one.used for one in dataset.ledger.files} == {
        "accounts": 1800,
        "leads": 6500,
        "opportunities": 2784,
        "revenue": 787,
    }
    assert int((dataset.tables["leads"]["source"] == "").sum()) == 191
    assert len(dataset.segments.names) == 1 + 3


def test_complyflow_movements(published: Published) -> None:
    settings = 'as_of = 2026-12-31\n[tables.revenue]\nfile = "revenue_events.csv"\ncolumns = { date = "event_date" }\n'
    dataset = published("complyflow", settings)
    assert dataset.tables["revenue"].contract.shape == "movements"
    assert entry(dataset, "revenue").used == 964


def running(revenue: Table, day: date) -> np.ndarray:
    """Which subscriptions run on a day; their end is the first day without."""
    at = to_day(day)
    return (revenue["start"] <= at) & ((revenue["end"] == NEVER) | (revenue["end"] > at))


def test_ravenstack(published: Published) -> None:
    """The settings give the dates' columns; that 23-12-2023 is day-first, the columns tell themselves."""
    dataset = published(
        "ravenstack",
        """
as_of = 2024-12-31
[tables]
accounts.file = "ravenstack_accounts.csv"
[tables.revenue]
file = "ravenstack_subscriptions.csv"
columns = { start = "start_date", end = "end_date", mrr = "mrr_amount" }
[segments]
by = "industry"
""",
    )
    assert [one.used for one in dataset.ledger.files] == [500, 5000]
    revenue = dataset.tables["revenue"]
    now, before = (
        money(revenue["mrr"][running(revenue, day)].sum()) for day in (date(2024, 12, 31), date(2024, 11, 30))
    )
    assert now == 10_159_608
    assert round(100 * (now / before - 1), 2) == 20.08
    accounts = dataset.tables["accounts"]
    industry = dict(zip(accounts["account_id"], accounts["industry"], strict=True))
    december = running(revenue, date(2024, 12, 31))
    shares: Counter[str] = Counter()
    for account, mrr in zip(revenue["account_id"][december], revenue["mrr"][december], strict=True):
        shares[industry[account]] += mrr / 100 / now
    assert {name: round(100 * share, 2) for name, share in shares.items()} == {
        "FinTech": 23.78,
        "DevTools": 21.31,
        "Cybersecurity": 19.43,
        "EdTech": 18.15,
        "HealthTech": 17.32,
    }
    # 12-month net revenue retention, with the end as the first day without: as the other figures need it
    assert round(100 * float(retention(dataset)), 2) == 292.27


def test_ravenstack_with_inclusive_ends(published: Published) -> None:
    """The published 293.21 % takes the end as the last day: 3,700,623 / 1,262,113."""
    dataset = published(
        "ravenstack",
        """
as_of = 2024-12-31
toggles.subscription_end = "inclusive"
[tables]
accounts.file = "ravenstack_accounts.csv"
[tables.revenue]
file = "ravenstack_subscriptions.csv"
columns = { start = "start_date", end = "end_date", mrr = "mrr_amount" }
""",
    )
    assert retention(dataset) == Fraction(3_700_623, 1_262_113)
    assert round(100 * float(retention(dataset)), 2) == 293.21


def retention(dataset: Dataset) -> Fraction:
    """The 12-month NRR of December 2024, from the scorecard of a company that has revenue and no opportunities."""
    scorecard = compute(Facts(dataset), parse_period("2024-12", dataset.settings.fiscal), [ALL_ACCOUNTS])
    year = scorecard.segments[ALL_ACCOUNTS].metrics["nrr"].total.trailing_12
    assert year is not None
    return Fraction(year.value or 0)


@pytest.mark.parametrize("file", ["sample_hubspot_deals.csv", "sample_salesforce_history.csv"])
def test_leakfinder_phases(published: Published, file: str) -> None:
    """How many moved on from each stage and how many were lost from it, summed over all months."""
    dataset = published(
        "leakfinder",
        f"""
stages = ["Discovery", "Qualified", "Demo", "Proposal", "Negotiation"]
as_of = 2026-12-31
[tables]
opportunities.file = "{file}"
opportunity_history.file = "{file}"
""",
    )
    facts = Facts(dataset)
    ever = Scope(ALL_ACCOUNTS, Window(date(2020, 1, 1), date(2026, 12, 31)))
    for events, counts in (("advanced", [1055, 756, 356, 206, 175]), ("phase_lost", [538, 289, 390, 142, 25])):
        totals = facts.totals(events, "count", ever, "stage")
        assert totals is not None
        assert list(totals[:5]) == counts


def test_mrr_playbook(published: Published) -> None:
    dataset = published(
        "mrr_playbook",
        """
[tables.revenue]
file = "subscription_periods.csv"
columns = { account_id = "customer_id", start = "start_date", end = "end_date", mrr = "monthly_amount" }
""",
    )
    assert entry(dataset, "revenue").used == 121
    assert len(dataset.account_ids) == 55


# ------------------------------------------------------------------------------------------------------- connectors


def test_the_salesforce_connector_needs_no_columns(published: Published) -> None:
    """All its opportunities, and nine of ten accounts, are marked as deleted; they stay out, and the ledger says so."""
    dataset = published(
        "salesforce_connector",
        """
[tables]
accounts.file = "sf_account_data.csv"
opportunities.file = "sf_opportunity_data.csv"
opportunity_history.file = "sf_opportunity_history_data.csv"
leads.file = "sf_lead_data.csv"
activities = [
    { file = "sf_campaign_member_data.csv" },
    { file = "sf_event_data.csv" },
    { file = "sf_task_data.csv" },
]
costs.file = "sf_campaign_data.csv"
""",
    )
    assert all(one.format.startswith("Salesforce") for one in dataset.ledger.files)
    deleted = {one.table: one.excluded.get("deleted in the CRM", 0) for one in dataset.ledger.files}
    assert {table for table, count in deleted.items() if count} == {"accounts", "opportunities", "opportunity_history"}
    assert deleted["opportunities"] == 10
    activities = dataset.tables["activities"]
    assert Counter(zip(activities["source"], activities["kind"], strict=True)) == {
        ("crm_map_campaign", "reach"): 5,
        ("crm_map_campaign", "engagement"): 2,
        ("crm_activity", "engagement"): 10,
        ("crm_activity", "reach"): 9,  # the tenth task is of a lead that has no account
    }
    assert money(dataset.tables["costs"]["amount"].sum()) == 4_200 + 1_800 + 7_500


def test_the_hubspot_connector_needs_no_columns(published: Published) -> None:
    """None of its deals has a stage: each is rejected for it."""
    dataset = published(
        "hubspot_connector",
        """
[tables]
accounts.file = "company_data.csv"
opportunities.file = "deal_data.csv"
opportunity_history.file = "deal_property_history_data.csv"
leads.file = "contact_data.csv"
""",
    )
    assert all(one.format.startswith("HubSpot") for one in dataset.ledger.files)
    assert {one.table: (one.rows, one.used, one.rejected_rows) for one in dataset.ledger.files} == {
        "accounts": (24, 24, 0),
        "opportunities": (44, 0, 44),
        "opportunity_history": (100, 0, 0),
        "leads": (22, 22, 0),
    }
    assert {one.column for one in entry(dataset, "opportunities").rejected} == {"deal_pipeline_stage_id"}
    assert set(dataset.tables["accounts"]["country"]) == {"United States", "United Kingdom"}
