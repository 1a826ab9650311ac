"""Figures that others published for the same exports; and a small export of the same kind, worked by hand.

"CRM Sales Opportunities" by Maven Analytics: 8,800 opportunities of 85 accounts and 35 agents. The files are not part
of the project;  the small export proves the same.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import month_label, month_period, parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import compute
from segxl.scorecard.period_choice import choose_period
from segxl.sources.suggest.proposal import proposed_settings
from tests.places import DATA

MAVEN = DATA / "maven_crm"
here = pytest.mark.skipif(not MAVEN.is_dir(), reason=f"the published exports are not at {MAVEN}")

SETTINGS = """
stages = ["Prospecting", "Engaging"]
won_stages = ["Won"]
lost_stages = ["Lost"]

[tables.opportunities]
file = "{file}"
{dates}
columns = {{ account_id = "account", owner = "sales_agent", created_on = "engage_date", closed_on = "close_date", \
stage = "deal_stage", amount = "close_value", product_category = "product" }}
values.product_category = {{ GTXPro = "GTX Pro" }}

[tables.accounts]
file = "accounts.csv"
columns = {{ account_id = "account", geo = "office_location" }}
values.sector = {{ technolgy = "technology" }}

[tables.teams]
file = "sales_teams.csv"
columns = {{ owner = "sales_agent", geo = "regional_office" }}

[segments]
by = "sector"
"""
"""As few as the figures need; the accounts' offices only show that they are not the agents' regions."""

OUTCOMES = ("won_opportunities", "lost_opportunities", "won_revenue")
"""Enough for totals, and quicker than all metrics."""

Views = dict[str, dict[str, Any]]


def opened(folder: Path, file: str = "sales_pipeline.csv", dates: str = "", metrics: tuple[str, ...] = ()) -> Facts:
    text = SETTINGS.format(file=file, dates=dates)
    text += f"[scorecard]\nmetrics = {list(metrics)}\n" if metrics else ""
    (folder / "segxl.toml").write_text(text, encoding="utf-8")
    return Facts(load(folder))


def copied(folder: Path, more: str = "") -> Path:
    """The exports in a folder of their own, with the settings and some more of them."""
    for file in MAVEN.glob("*.csv"):
        shutil.copy(file, folder)
    settings = SETTINGS.format(file="sales_pipeline.csv", dates="") + more
    (folder / "segxl.toml").write_text(settings, encoding="utf-8")
    return folder


def metrics(facts: Facts, period: str, segment: str = ALL_ACCOUNTS) -> dict[str, Any]:
    return all_metrics(facts, period, [segment])[segment]


def all_metrics(facts: Facts, period: str, segments: list[str]) -> Views:
    result = compute(facts, parse_period(period, facts.dataset.settings.fiscal), segments)
    assert result.passed, [check for check in result.checks if not check.passed]
    document = scorecard_document(result)["segments"]
    return {
        segment: {key: metric["views"] for key, metric in document[segment]["metrics"].items()} for segment in segments
    }


def months(dataset: Dataset) -> list[str]:
    assert dataset.first_month is not None
    assert dataset.last_month is not None
    return [month_label(month) for month in range(dataset.first_month, dataset.last_month + 1)]


def percent(views: dict[str, Any]) -> float:
    return round(100 * views["total"]["value"], 2)


def proposed_totals(folder: Path) -> tuple[float, float, float, dict[str, float]]:
    """Won and lost in 2017, what was won for, and that in two regions. The settings are those that ``segxl check``
    proposes: nothing is added to them, the signs before their lines are taken away."""
    settings = re.sub(r"(?m)^# (?=\[|\w+ = )", "", proposed_settings(folder))
    (folder / "segxl.toml").write_text(settings, encoding="utf-8")
    found = metrics(Facts(load(folder)), "2017-12")
    won, lost, revenue = (found[key]["trailing_12"]["value"] for key in OUTCOMES)
    regions = {name: item["trailing_12"]["value"] for name, item in found["won_revenue"]["by_geo"].items()}
    return won, lost, revenue, {name: value for name, value in regions.items() if name in ("Central", "West")}


# ------------------------------------------------------------------------------------------------ the published export


@pytest.fixture(scope="module")
def maven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("maven")
    for name in ("sales_pipeline.csv", "sales_pipeline_ddmmyy_variant.csv", "accounts.csv", "sales_teams.csv"):
        shutil.copy(MAVEN / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def facts(maven: Path) -> Facts:
    return opened(maven)


@pytest.fixture(scope="module")
def outcomes(maven: Path) -> Facts:
    return opened(maven, metrics=OUTCOMES)


@here
def test_the_ledger_of_the_published_export(facts: Facts) -> None:
    dataset = facts.dataset
    opportunities, accounts, teams = dataset.ledger.files
    # 500 in Prospecting were never engaged and have no date: rejected. 1,425 rows name no account, 337 of them are
    # among the 500: 1,088 are used.
    assert (opportunities.rows, opportunities.used, opportunities.rejected_rows) == (8800, 8300, 500)
    assert {(one.column, one.reason) for one in opportunities.rejected} == {("engage_date", "is blank, but required")}
    assert "1,425 rows without an account: 1,088 used in All accounts" in opportunities.notes
    assert (accounts.rows, accounts.used, teams.rows, teams.used) == (85, 85, 35, 35)
    assert dataset.ledger.balanced
    # GTXPro is GTX Pro, and every account is known
    assert not any("does not have" in note for note in opportunities.notes)


@here
def test_the_published_totals_over_all_months(outcomes: Facts) -> None:
    won = lost = revenue = 0
    regions: dict[str, float] = defaultdict(float)
    for month in months(outcomes.dataset):
        found = metrics(outcomes, month)
        won += found["won_opportunities"]["total"]["value"]
        lost += found["lost_opportunities"]["total"]["value"]
        revenue += found["won_revenue"]["total"]["value"]
        for region, item in found["won_revenue"]["by_geo"].items():
            regions[region] += item["value"]
    assert (won, lost, revenue) == (4238, 2473, 10_005_534)
    assert round(100 * won / (won + lost), 2) == 63.15
    assert (regions["Central"], regions["West"]) == (3_346_293, 3_568_647)
    assert sum(regions.values()) == revenue


@here
def test_what_is_lost_was_worth_nothing(facts: Facts) -> None:
    """The export writes 0 for what was lost; everything closed in 2017."""
    last = metrics(facts, "2017-Q4")
    assert (last["lost_revenue"]["trailing_12"]["value"], last["win_rate_revenue"]["trailing_12"]["value"]) == (0, 1)


@here
def test_the_published_rates_and_averages(facts: Facts) -> None:
    assert percent(metrics(facts, "2017-Q2")["win_rate_count"]) == 61.71
    last = metrics(facts, "2017-Q4")
    assert percent(last["win_rate_count"]) == 60.25
    # everything closed in 2017: the twelve months to December are all of it
    assert round(100 * last["win_rate_count"]["trailing_12"]["value"], 2) == 63.15
    assert round(last["average_time_to_close"]["trailing_12"]["value"], 1) == 51.8
    assert round(last["average_deal_size"]["trailing_12"]["value"]) == 2361
    deals = facts.dataset.tables["opportunities"]
    assert median((deals["closed_on"] - deals["created_on"])[deals["status"] == "won"].tolist()) == 57
    # 1,589 are engaging to this day, and nothing else is open
    pipeline = last["pipeline_by_stage"]["by_stage"]
    assert (pipeline["Engaging"]["count"], pipeline["Prospecting"]["count"]) == (1589, 0)


@pytest.mark.ci
@here
def test_the_settings_that_check_proposes_give_the_published_totals(tmp_path: Path) -> None:
    """Nothing is added to them: the signs before their lines are taken away. The variant is a copy; it stays out."""
    for name in ("sales_pipeline.csv", "accounts.csv", "sales_teams.csv", "products.csv", "data_dictionary.csv"):
        shutil.copy(MAVEN / name, tmp_path / name)
    assert proposed_totals(tmp_path) == (4238, 2473, 10_005_534, {"Central": 3_346_293, "West": 3_568_647})


@pytest.mark.ci
@here
def test_each_sectors_months(outcomes: Facts, maven: Path) -> None:
    with (maven / "accounts.csv").open(encoding="utf-8-sig") as file:
        sector = {row["account"]: row["sector"].replace("technolgy", "technology") for row in csv.DictReader(file)}
    expected: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    with (maven / "sales_pipeline.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["deal_stage"] in ("Won", "Lost") and row["account"]:
                cell = expected[sector[row["account"]], row["close_date"][:7]]
                cell[0] += row["deal_stage"] == "Won"
                cell[1] += row["deal_stage"] == "Lost"
                cell[2] += int(row["close_value"]) if row["deal_stage"] == "Won" else 0
    sectors = sorted(set(sector.values()))
    assert list(outcomes.dataset.segments.names) == [ALL_ACCOUNTS, *sectors]
    assert len(sectors) == 10
    seen = 0
    for month in months(outcomes.dataset):
        for name, found in all_metrics(outcomes, month, sectors).items():
            assert [found[key]["total"]["value"] for key in OUTCOMES] == expected[name, month]
            seen += sum(expected[name, month][:2])
    assert seen == 4238 + 2473  # each closed one has its account and sector: those without an account: are still open


@pytest.mark.ci
@here
def test_the_day_first_export_gives_the_same_numbers(facts: Facts, maven: Path) -> None:
    variant = opened(maven, "sales_pipeline_ddmmyy_variant.csv", 'dates = "day-first"')
    assert [entry.rejected_rows for entry in variant.dataset.ledger.files] == [500, 0, 0]
    segments = list(facts.dataset.segments.names)
    assert list(variant.dataset.segments.names) == segments
    for period, some in (("2017-12", segments), ("2017-Q2", segments[:2])):
        assert all_metrics(variant, period, some) == all_metrics(facts, period, some)


# -------------------------------------------------------------------------------------- the same kind, small, by hand

PIPELINE = """
opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
W1,Ann,GTXPro,Cancity,Won,2016-10-20,2017-03-01,1054
W2,Ann,GTX Pro,Isdom,Won,2017-03-11,2017-03-11,4514
W3,Bob,MG Special,,Won,2017-04-01,2017-04-11,50
W4,Bob,MG Special,Cancity,Won,2017-11-02,2017-12-12,600
L1,Ann,GTX Pro,Cancity,Lost,2017-01-02,2017-03-31,0
L2,Bob,MG Special,Isdom,Lost,2017-02-03,2017-05-06,0
L3,Bob,MG Special,,Lost,2017-02-03,2017-05-07,0
E1,Ann,GTX Pro,Isdom,Engaging,2017-12-01,,
E2,Cyd,GTX Pro,,Engaging,2017-03-12,,
P1,Ann,GTX Pro,Isdom,Prospecting,,,
P2,Bob,GTX Pro,,Prospecting,,,
"""
ACCOUNTS = "account,sector,office_location\nCancity,retail,Kenya\nIsdom,technolgy,Norway\n"
TEAMS = "sales_agent,manager,regional_office\nAnn,Dustin,Central\nBob,Celia,West\n"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    def day_first(day: str) -> str:
        year, month, date = day.split("-")
        return f"{date}-{month}-{year[2:]}"

    rows = [line.split(",") for line in PIPELINE.strip().splitlines()]
    turned = [[day_first(cell) if cell.startswith("201") else cell for cell in row] for row in rows]
    for name, text in (
        ("sales_pipeline.csv", PIPELINE.strip()),
        ("day_first.csv", "\n".join(",".join(row) for row in turned)),
        ("accounts.csv", ACCOUNTS),
        ("sales_teams.csv", TEAMS),
    ):
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    return tmp_path


def test_the_small_ledger(small: Path) -> None:
    dataset = opened(small).dataset
    opportunities = dataset.ledger.files[0]
    # P1 and P2 lack their date; W3, L3, E2 and P2 their account
    assert (opportunities.rows, opportunities.used, opportunities.rejected_rows) == (11, 9, 2)
    assert [one.row for one in opportunities.rejected] == [11, 12]
    assert "4 rows without an account: 3 used in All accounts" in opportunities.notes
    assert months(dataset)[0] == "2016-10"
    assert months(dataset)[-1] == "2017-12"
    assert choose_period(dataset, None)[0] == month_period(47 * 12 + 11)  # December 2017


@pytest.mark.slow
def test_the_small_totals_rates_and_averages(small: Path) -> None:
    facts = opened(small)
    by_month = {month: metrics(facts, month) for month in months(facts.dataset)}

    def over_all(metric: str) -> float:
        return sum(found[metric]["total"]["value"] for found in by_month.values())

    assert (over_all("won_opportunities"), over_all("lost_opportunities")) == (4, 3)
    assert over_all("won_revenue") == 1054 + 4514 + 50 + 600
    # the agent's region, not the account's country: Ann's Central in March, Bob's West in April and December
    regions = {
        month: {region: item["value"] for region, item in found["won_revenue"]["by_geo"].items() if item["value"]}
        for month, found in by_month.items()
    }
    assert regions["2017-03"] == {"Central": 5568}
    assert regions["2017-04"] == {"West": 50}
    assert regions["2017-12"] == {"West": 600}
    # March: 2 of 3. Second quarter: W3 against L2 and L3. Fourth quarter: W4 alone.
    assert percent(by_month["2017-03"]["win_rate_count"]) == 66.67
    assert percent(metrics(facts, "2017-Q2")["win_rate_count"]) == 33.33
    last = metrics(facts, "2017-Q4")
    assert percent(last["win_rate_count"]) == 100
    assert last["win_rate_count"]["trailing_12"]["value"] == 4 / 7
    # W1: 20 October to 1 March 132 days (11 + 30 + 31 + 31 + 28 + 1); W2 0; W3 10; W4 40. 182 / 4
    assert last["average_time_to_close"]["trailing_12"]["value"] == 45.5
    assert last["average_deal_size"]["trailing_12"]["value"] == 6218 / 4
    assert last["pipeline_by_stage"]["by_stage"]["Engaging"]["count"] == 2
    # E2's agent is in no team and it has no account; GTXPro is GTX Pro
    open_in = {region: item["count"] for region, item in last["pipeline_by_stage"]["by_geo"].items() if item["count"]}
    assert open_in == {"Central": 1, "(blank)": 1}
    assert set(by_month["2017-03"]["won_revenue"]["by_product_category"]) == {"GTX Pro"}


@pytest.mark.slow
def test_the_settings_that_check_proposes_give_the_small_totals(small: Path) -> None:
    (small / "day_first.csv").unlink()
    assert proposed_totals(small) == (4, 3, 6218, {"Central": 1054 + 4514, "West": 50 + 600})


def test_the_small_sectors(small: Path) -> None:
    facts = opened(small)
    assert facts.dataset.segments.names == (ALL_ACCOUNTS, "retail", "technology")
    march = all_metrics(facts, "2017-03", ["retail", "technology"])
    # Cancity: W1 and L1; Isdom: W2
    assert [march[name]["won_revenue"]["total"]["value"] for name in march] == [1054, 4514]
    assert [march[name]["win_rate_count"]["total"]["value"] for name in march] == [0.5, 1]


@pytest.mark.slow
def test_the_small_day_first_export_gives_the_same_numbers(small: Path) -> None:
    segments = [ALL_ACCOUNTS, "retail", "technology"]
    plain = opened(small)
    expected = [all_metrics(plain, period, segments) for period in ("2017-03", "2017-Q4")]
    turned = opened(small, "day_first.csv", 'dates = "day-first"')
    assert [all_metrics(turned, period, segments) for period in ("2017-03", "2017-Q4")] == expected
