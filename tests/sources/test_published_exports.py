"""Exports that others published, read with as few settings as they need; expected is what their README says.

They lie next to the project, not in it; where they are not, these tests are skipped. The same shapes are proved by
small hand-made files in test_formats_crm.py, test_formats_marketing.py, test_formats_billing.py and test_dirt.py.

``as_of`` is where rows run into 2026, so that no figure depends on the day of the test; ``scorecard.metrics`` only
spares time.
"""

from __future__ import annotations

import csv
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import NEVER, month_label, parse_period, to_day
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import compute
from segxl.sources.ledger import FileEntry
from segxl.tables.contracts import NO_MONEY, Table
from tests.conftest import views_of
from tests.places import DATA

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


def metrics_of(facts: Facts, period: str) -> dict[str, Any]:
    """The views of the company's metrics as the JSON has them, by metric."""
    result = compute(facts, parse_period(period, facts.dataset.settings.fiscal), [ALL_ACCOUNTS])
    metrics = scorecard_document(result)["segments"][ALL_ACCOUNTS]["metrics"]
    return {key: metric["views"] for key, metric in metrics.items()}


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
    assert (deals.used, deals.excluded) == (
        1200,
        {"filtered out by your where rule on Pipeline": 25, "duplicate row": 6},
    )
    notes = "\n".join(deals.notes + history.notes)
    for said in (
        "2 pipelines in 'Pipeline': 1,206 × 'Sales Pipeline', 25 × 'Renewals Pipeline'",
        "8 rows of 'Amount' are not plain numbers, like '$21,000' and '58.8k'",
        "10 rows spell a stage differently: read 'closed won' as 'Closed Won'",
        "5 deals have no stage dates",
        "4 deals entered stages out of pipeline order",
        "40 rows have dates in 'changed_at' in a different format, like '1/18/2025'",
    ):
        assert said in notes
    assert any(str(one).count("3 rows are won with a blank amount") for one in deals.conditions)
    assert history.excluded["after the cut-off 2026-12-31"] == 2
    assert [(one.value, one.column, one.reason) for one in history.rejected] == [
        ("TBD", 'Date entered "Closed Lost (Sales Pipeline)"', "is not a date")
    ] * 3
    assert len(set(dataset.tables["opportunity_history"]["opportunity_id"])) == 1195


# ------------------------------------------------------------------------------------- one file of a spreadsheet


def test_opportunity_csv(published: Published) -> None:
    """Stages and channels as the scorecard has them when everything that closed has closed; one column holds both
    closing dates, and what tells the deals apart is the customer."""
    dataset = published(
        "opportunity_csv",
        """
stages = ["Identified", "Qualified", "Proposal", "Validated"]
won_stages = ["Won"]
lost_stages = ["Lost"]
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
    last = metrics_of(Facts(dataset), "2015-06")
    stages = {name: item["count"] for name, item in last["pipeline_by_stage"]["by_stage"].items() if item["count"]}
    assert stages == {"Identified": 355, "Validated": 226, "Qualified": 188, "Proposal": 145}
    counts = Counter(dataset.tables["opportunities"]["status"])
    assert counts == {"open": 355 + 226 + 188 + 145, "won": 53, "lost": 33}
    by_channel: Counter[str] = Counter()
    for name, item in last["pipeline_by_stage"]["by_lead_source"].items():
        by_channel[name] += item["value"]
    for metric in ("won_revenue", "lost_revenue"):
        for name, item in last[metric]["by_lead_source"].items():
            by_channel[name] += item["trailing_12"]["value"]
    assert by_channel == {"F2F": 1_297_940, "Partners": 700_790, "Telesales": 536_760, "Website": 16_130}
    one = entry(dataset, "opportunities")
    assert (one.rows, one.used, one.excluded, one.rejected_rows) == (5841, 1000, {"empty row": 4840}, 1)
    assert "Column 13" in one.ignored_columns  # the one without a name
    deals = dataset.tables["opportunities"]
    assert deals["probability"][0] == 0.65  # written as 65.0%
    assert deals["created_on"][0] == to_day(date(2015, 1, 1))  # written as 01-Jan-2015


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
    with (DATA / "complyflow" / "subscriptions.csv").open(encoding="utf-8") as file:
        ended = sum(bool(row["end_date"]) for row in csv.DictReader(file))
    assert int((dataset.tables["revenue"]["end"] != NEVER).sum()) == ended
    assert len(dataset.segments.names) == 1 + 3


def test_complyflow_movements(published: Published) -> None:
    settings = 'as_of = 2026-12-31\n[tables.revenue]\nfile = "revenue_events.csv"\ncolumns = { date = "event_date" }\n'
    dataset = published("complyflow", settings)
    assert dataset.tables["revenue"].contract.shape == "movements"
    assert entry(dataset, "revenue").used == 964


RAVENSTACK = """
scorecard.metrics = ["som_accounts", "mrr", "nrr"]
[tables]
accounts.file = "ravenstack_accounts.csv"
[tables.revenue]
file = "ravenstack_subscriptions.csv"
columns = { start = "start_date", end = "end_date", mrr = "mrr_amount" }
"""
"""The settings give the dates' columns; that 23-12-2023 is day-first, the columns tell themselves. The 600 churn events
of 352 accounts are no table of segxl's: what a customer loses is told by its subscriptions."""


def test_ravenstack(published: Published) -> None:
    """The month's closing MRR and its change, who has which part of it, and what a year has kept."""
    rule = '[[segments.named]]\nname = "Flagged as churned"\nwhere = { churn_flag = ["TRUE"] }\n'
    dataset = published("ravenstack", RAVENSTACK + '[segments]\nby = "industry"\n' + rule)
    assert [one.used for one in dataset.ledger.files] == [500, 5000]
    company = views_of(dataset, "mrr", "2024-12")["closing"]
    assert company["value"] == 10_159_608
    assert round(100 * company["mom"]["percent"], 2) == 20.08  # December's end against November's
    # the metric itself is what was due to recur: the opening, which is November's end
    assert views_of(dataset, "mrr", "2024-12")["total"]["value"] == company["mom"]["base"]
    shares = {"FinTech": 23.78, "DevTools": 21.31, "Cybersecurity": 19.43, "EdTech": 18.15, "HealthTech": 17.32}
    for industry, share in shares.items():
        part = views_of(dataset, "mrr", "2024-12", industry)["closing"]["value"]
        assert round(100 * part / company["value"], 2) == share, industry
    assert views_of(dataset, "som_accounts", "2024-12", "Flagged as churned")["running_total"]["value"] == 110
    # with the end as the first day without, as the figures above need it; published is the other reading, below
    kept = views_of(dataset, "nrr", "2024-12")["trailing_12"]
    assert round(100 * kept["value"], 2) == 292.27
    assert (kept["numerator"], kept["denominator"]) != (3_700_623, 1_262_113)


def test_ravenstack_with_inclusive_ends(published: Published) -> None:
    """The published 293.21 % takes the end as the last day: 3,700,623 / 1,262,113. Then the published MRR of December
    is no longer met: the two figures were worked out under different readings of one column."""
    dataset = published("ravenstack", RAVENSTACK + '[toggles]\nsubscription_end = "inclusive"\n')
    kept = views_of(dataset, "nrr", "2024-12")["trailing_12"]
    assert (kept["numerator"], kept["denominator"]) == (3_700_623, 1_262_113)
    assert round(100 * kept["value"], 2) == 293.21
    assert views_of(dataset, "mrr", "2024-12")["closing"]["value"] > 10_159_608


def months(dataset: Dataset) -> list[str]:
    """Every month of the data."""
    assert dataset.first_month is not None
    assert dataset.last_month is not None
    return [month_label(month) for month in range(dataset.first_month, dataset.last_month + 1)]


FUNNEL = ("phase_conversion", "won_opportunities", "lost_opportunities", "won_revenue")
MOVED = {"Discovery": 1055, "Qualified": 756, "Demo": 356, "Proposal": 206, "Negotiation": 175}
LOST = {"Discovery": 538, "Qualified": 289, "Demo": 390, "Proposal": 142, "Negotiation": 25}
PASSED = {"Discovery": 1600, "Qualified": 1055, "Demo": 756, "Proposal": 356, "Negotiation": 206}


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_leakfinder_reached_moved_and_lost_summed_over_all_months(published: Published, file: str) -> None:
    """From the scorecards of all months. Reached is whoever moved on, was lost or is there at the end."""
    metrics = f"scorecard.metrics = {[*FUNNEL, 'pipeline_by_stage']}\n"
    dataset = published("leakfinder", metrics + deals_and_history(file))
    facts = Facts(dataset)
    moved: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for month in months(dataset):
        found = metrics_of(facts, month)
        for stage, row in found["phase_conversion"]["by_stage"].items():
            moved[stage] += row["numerator"]
            lost[stage] += row["denominator"] - row["numerator"]
        totals.update({key: found[key]["total"]["value"] for key in FUNNEL[1:]})
    assert (dict(moved), dict(lost)) == (MOVED, LOST)
    pipeline = found["pipeline_by_stage"]
    standing = {stage: row["count"] for stage, row in pipeline["by_stage"].items() if row["count"]}
    assert {stage: MOVED[stage] + LOST[stage] + standing[stage] for stage in MOVED} == PASSED
    assert (sum(standing.values()), pipeline["total"]["value"]) == (41, 1_611_600)
    assert totals == {"won_opportunities": 175, "lost_opportunities": 1384, "won_revenue": 6_493_000}
    assert round(175 / (175 + 1384), 3) == 0.112


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_leakfinder_strictly_without_those_that_skipped_through(published: Published, file: str) -> None:
    """56 of the 756 that moved on from Qualified never were in it."""
    settings = "scorecard.metrics = ['phase_conversion']\ntoggles.strict_stages = true\n"
    facts = Facts(published("leakfinder", settings + deals_and_history(file)))
    moved = sum(
        metrics_of(facts, month)["phase_conversion"]["by_stage"]["Qualified"]["numerator"]
        for month in months(facts.dataset)
    )
    assert moved == 756 - 56


def paid_by_month(file: Path) -> dict[str, dict[int, int]]:
    """What each customer pays in each month (year × 12 + month), as the file says it: the end is the first without."""

    def month(day: str) -> int:
        year, number, first = map(int, day.split("-"))
        assert first == 1
        return year * 12 + number - 1

    paid: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    with file.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            for at in range(month(row["start_date"]), month(row["end_date"])):
                paid[row["customer_id"]][at] += int(row["monthly_amount"])
    return paid


def test_mrr_playbook(published: Published) -> None:
    """Every month's movements against a few lines of plain Python that go through the file month by month."""
    dataset = published(
        "mrr_playbook",
        """
scorecard.metrics = ["mrr", "churned_customers"]
[tables.revenue]
file = "subscription_periods.csv"
columns = { account_id = "customer_id", start = "start_date", end = "end_date", mrr = "monthly_amount" }
""",
    )
    assert entry(dataset, "revenue").used == 121
    assert len(dataset.account_ids) == 55
    paid = paid_by_month(DATA / "mrr_playbook" / "subscription_periods.csv")
    facts = Facts(dataset)
    whole: Counter[str] = Counter()
    for label in months(dataset):
        at = int(label[:4]) * 12 + int(label[5:]) - 1
        expected: Counter[str] = Counter()
        for amounts in paid.values():
            before, now = amounts.get(at - 1, 0), amounts.get(at, 0)
            earlier = any(amounts.get(past, 0) for past in range(min(amounts), at))
            rise = "expansion" if before else "reactivation" if earlier else "new"
            expected.update(opening=before, closing=now)
            expected[rise if now > before else "contraction" if now else "churn"] += abs(now - before)
        result = compute(facts, parse_period(label, dataset.settings.fiscal), [ALL_ACCOUNTS])
        lines = scorecard_document(result)["segments"][ALL_ACCOUNTS]["mrr_rollforward"]
        assert +Counter(lines) == +expected, label
        whole.update({name: value for name, value in lines.items() if name not in ("opening", "closing")})
    # whatever came in has gone again by the last month's end, or is what is left
    assert (
        whole["new"] + whole["expansion"] + whole["reactivation"] - whole["contraction"] - whole["churn"]
        == (lines["closing"])
    )


# ------------------------------------------------------------------------------------------------------- connectors


@pytest.mark.slow
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
        "leads": (22, 19, 0),  # the first lists three others as merged into it
    }
    assert {one.column for one in entry(dataset, "opportunities").rejected} == {"deal_pipeline_stage_id"}
    assert set(dataset.tables["accounts"]["country"]) == {"United States", "United Kingdom"}
