"""Explain: one number opened to the rows it was made of."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from segxl.catalogue.formulas import inputs, toggles
from segxl.catalogue.metric import Metric, in_words
from segxl.catalogue.metrics import CATALOGUE, find_metric
from segxl.catalogue.text import catalogue_text, metric_page, views_of
from segxl.catalogue.views import View
from segxl.errors import SegxlError
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.scorecard.explain import explain
from segxl.settings.model import Toggles
from segxl.settings.toggles import toggles_of
from segxl.tables.contracts import CONTRACTS
from tests import small
from tests.conftest import Folder


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return small.facts_of(small.write_company(tmp_path_factory.mktemp("company")))


def opened(
    facts: Facts,
    metric: str,
    view: str = "total",
    item: str | None = None,
    *,
    segment: str | None = None,
    period: str = "2026-05",
) -> str:
    return explain(facts, metric, parse_period(period, facts.dataset.settings.fiscal), segment, view, item)


def rows(text: str) -> list[tuple[str, str, str]]:
    """Outcome, opportunity and amount of each listed row."""
    lines = text.split("\n\n", 1)[1].splitlines()
    header, *listed, last = lines
    assert last == ("1 row" if len(listed) == 1 else f"{len(listed)} rows")
    at = {name: header.index(name) for name in ("what", "opportunity", "account", "closed", "amount")}
    found = []
    for line in listed:
        outcome = line[: at["opportunity"]].strip()
        name = line[at["opportunity"] : at["account"]].strip()
        amount = line[at["closed"] : at["amount"] + len("amount")].split()[-1]
        found.append((outcome, name, amount))
    return found


def test_won_revenue_of_a_month(facts: Facts) -> None:
    text = opened(facts, "won_revenue")
    assert text.splitlines()[0] == "Won revenue, total: 12,600.50"
    assert "  segment     All accounts" in text
    assert "  window      2026-05-01 to 2026-05-31" in text
    assert f"  definition  {find_metric('won_revenue').definition}" in text
    assert rows(text) == [
        ("won", "W1", "10,000.00"),
        ("won", "W2", "2,500.50"),
        ("won", "W3", "0.00"),
        ("won", "N1", "100.00"),
    ]


def test_each_row_names_its_file_and_line(facts: Facts) -> None:
    line = next(line for line in opened(facts, "won_revenue").splitlines() if " W2 " in line)
    assert line.split() == ["won", "W2", "A2", "Bob", "2026-05-09", "2026-05-09", "2,500.50", "opportunities.csv", "3"]


def test_a_ratio_shows_its_parts(facts: Facts) -> None:
    text = opened(facts, "win_rate_count")
    assert text.splitlines()[0] == "Win rate (count), total: 66.7%"
    assert "  parts       4 / 6" in text
    assert {name for _, name, _ in rows(text)} == {"W1", "W2", "W3", "N1", "L1", "L2"}


def test_what_is_taken_off_is_called_less(facts: Facts) -> None:
    text = opened(facts, "net_new_pipeline", period="2026-04")  # O2 7,000 and W3 created, L3 2,000 lost
    assert text.splitlines()[0] == "Net new pipeline, total: 5,000.00"
    assert rows(text) == [("created", "W3", "0.00"), ("created", "O2", "7,000.00"), ("less lost", "L3", "2,000.00")]


def test_a_stock_is_taken_at_the_end(facts: Facts) -> None:
    text = opened(facts, "pipeline_by_stage", "by_stage", "proposal")
    assert text.splitlines()[0] == "Pipeline by stage, by_stage, Proposal: 7,000.00"
    assert "  window      at the end of 2026-05-31" in text
    assert rows(text) == [("open", "O2", "7,000.00")]


@pytest.mark.parametrize(
    ("metric", "view", "item", "period", "names"),
    [
        ("won_revenue", "mom", None, "2026-05", ["W4"]),
        ("won_revenue", "yoy", None, "2026-05", ["W5"]),
        ("won_revenue", "trailing_12", None, "2026-05", ["W1", "W2", "W3", "N1", "W4"]),
        ("won_revenue", "unknown", None, "2026-05", ["N1"]),
        ("won_revenue", "by_geo", "west", "2026-05", ["W2", "W3"]),
        ("won_opportunities", "renewal", None, "2026-05", ["W3"]),
        ("won_opportunities", "revenue_trailing_12", None, "2026-04", ["W4", "W5"]),
        ("lost_by_reason", "by_reason", "=Price", "2026-05", ["L1"]),
        ("won_revenue", "qoq", None, "2026-Q2", []),
    ],
)
def test_views(facts: Facts, metric: str, view: str, item: str | None, period: str, names: list[str]) -> None:
    text = opened(facts, metric, view, item, period=period)
    assert [name for _, name, _ in rows(text)] == names


def test_a_segment(facts: Facts) -> None:
    text = opened(facts, "lost_revenue", segment="smb")
    assert "  segment     SMB" in text
    assert rows(text) == [("lost", "L2", "1,000.00")]


def test_a_zero_denominator_is_na(facts: Facts) -> None:
    text = opened(facts, "win_rate_count", "renewal", period="2026-04")
    assert text.splitlines()[0] == "Win rate (count), renewal: n/a"
    assert why(text) == "the denominator is zero in (# won) / (# won + # lost)"
    assert text.endswith("0 rows")


def why(text: str) -> str:
    """The reason that an explanation gives."""
    return next(line.removeprefix("  why").strip() for line in text.splitlines() if line.startswith("  why"))


DEALS = "opportunity_id,account_id,created_on,closed_on,stage\n1,A,2026-01-05,2026-03-05,Closed Won"
PAID = "account_id,month,mrr\nA,2026-02,10\nA,2026-03,12\nA,2026-04,12"


@pytest.mark.parametrize(
    ("metric", "period", "tables", "reason"),
    [
        ("leads", "2026-03", {"opportunities": DEALS}, "add the table leads"),
        ("won_revenue", "2026-03", {"opportunities": DEALS}, "add values in the column amount of opportunities"),
        (
            "mqls",
            "2026-03",
            {"leads": "lead_id,created_on\n1,2026-03-01"},
            "add values in the column mql_on of leads",
        ),
        ("won_opportunities", "2026-04", {"opportunities": DEALS, "revenue": PAID}, "opportunities end in 2026-03"),
        ("nrr", "2026-05", {"revenue": PAID}, "rows of revenue end in 2026-04"),
        (
            "nrr",
            "2026-02",
            {"revenue": PAID},
            "rows of revenue begin in 2026-02, and the MRR at the start needs 2026-01",
        ),
        (
            "market_share",
            "2026-04",
            {"revenue": PAID, "market": "segment,year,revenue,source\nAll accounts,2025,900,IDC"},
            "the table market has no row for All accounts in 2026",
        ),
    ],
)
def test_what_is_not_available_names_what_is_missing(
    folder: Folder, metric: str, period: str, tables: dict[str, str], reason: str
) -> None:
    assert why(opened(Facts(folder(**tables)), metric, period=period)) == reason


@pytest.mark.parametrize(
    ("metric", "view", "period", "words"),
    [
        ("won_revenue", "yoy", "2025-05", "no data for the base, 2024-05: opportunities begin in 2025-04"),
        ("pipeline_by_stage", "trailing_12", "2026-05", "it is a balance at a date"),
        ("won_revenue", "by_stage", "2026-05", "has no view 'by_stage'"),
        ("won_revenue", "totl", "2026-05", "did you mean 'total'?"),
        ("won_revenue", "by_sales_team", "2026-05", "by_sales_team has no items: no row has a sales team (the column"),
    ],
)
def test_what_cannot_be_opened_says_why(facts: Facts, metric: str, view: str, period: str, words: str) -> None:
    with pytest.raises(SegxlError, match=re.escape(words)):
        opened(facts, metric, view, period=period)


def test_the_number_is_the_scorecards_for_every_metric_and_view(facts: Facts) -> None:
    """What `segxl metrics` lists can be opened, and shows the very number of the scorecard."""
    scorecard = small.scorecard_of(facts)
    for metric in CATALOGUE:
        lines = scorecard.segments["SMB"].metrics[metric.key].lines
        for line in lines:
            for suffix, figure in (
                ("", line.current),
                ("mom", line.previous),
                ("yoy", line.year_ago),
                ("trailing_12", line.trailing_12),
            ):
                if figure is None:
                    continue
                key = line.cut.key
                view = suffix if key == "total" and suffix else f"{key}_{suffix}" if suffix else key
                text = opened(facts, metric.key, view, line.item or None, segment="SMB")
                shown = text.splitlines()[0].rsplit(": ")[-1]
                if figure.value is None:
                    assert shown == "n/a"
                    continue
                said = float(shown.strip("%").replace(",", "").replace("−", "-"))
                value = Fraction(figure.value) * (100 if "%" in shown else 1) / figure.unit.minor
                assert said == pytest.approx(float(value), abs=0.051), (metric.key, view, line.item)


def test_the_catalogue_names_every_metric_with_its_views() -> None:
    text = catalogue_text()
    for metric in CATALOGUE:
        assert f"\n{metric.key} " in text
        assert f"views: {', '.join(views_of(metric))}" in text
    assert max(len(line) for line in text.splitlines() if "views:" not in line) <= 100


def test_every_view_of_the_catalogue_is_one() -> None:
    for metric in CATALOGUE:
        for view in views_of(metric):
            assert metric.cut(View.parse(view).cut.key) is not None, (metric.key, view)


def test_a_metrics_page_is_worked() -> None:
    page = metric_page(find_metric("win_rate_count"))
    assert page.startswith("Win rate (count) (win_rate_count)\n=====")
    for word in ("Definition", "Formula", "Window", "Inputs", "Unit", "Example", "Views", "If unknown", "Toggles"):
        assert f"\n{word} " in page
    assert "37.5%" in page


def test_a_view_is_shown_with_what_it_is() -> None:
    page = metric_page(find_metric("phase_conversion"))
    assert (
        "\nViews       by_stage: By stage\n            by_stage_mom: By stage, change on the previous month\n" in page
    )
    assert "by_stage_trailing_12: By stage, 12 months to the end of the period" in page
    assert "trailing_12" not in metric_page(find_metric("pipeline_by_stage"))  # a balance has no 12 months
    assert all(views_of(metric).values() for metric in CATALOGUE)


def test_every_line_of_a_metric_has_its_formula_on_the_page() -> None:
    page = " ".join(metric_page(find_metric("nrr")).split())
    assert (
        "over 12 months: (MRR now of the customers of 12 months ago) / (MRR 12 months ago of the same customers)"
        in page
    )
    assert "Gross revenue retention: (opening − churn − contraction) / (opening)" in page
    assert "Logo churn: (# opening customers that cancelled) / (# opening customers)" in page
    for metric in CATALOGUE:
        shown = " ".join(metric_page(metric).split())
        assert all(in_words(expression) in shown for expression, _ in metric.own_lines.values()), metric.key


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: str(metric.key))
def test_what_a_metric_reads_is_what_the_engine_asks_for(metric: Metric, folder: Folder) -> None:
    """Each table and column of its page is one of the contracts; each table that the engine misses is on its page."""
    page = inputs(metric)
    tables = dict(re.findall(r"(?:^|; )(\w+) \(([^)]*)\)", page))
    for table, columns in tables.items():
        known = {column.name for contract in CONTRACTS[table] for column in contract.columns}
        shapes = {contract.shape for contract in CONTRACTS[table]}
        assert set(re.findall(r"\w+(?=[,;]|$)", columns)) <= known | shapes, (table, columns)
    facts = Facts(folder(accounts="account_id\nA1\n"))
    missing = {table for events in metric.fact_names if (table := facts.lacks(events))}
    assert missing <= set(tables)


def test_the_page_says_which_toggles_change_the_metric() -> None:
    """The first reading of each is the default of the settings."""
    defaults = Toggles().model_dump()
    assert all(next(iter(toggle.readings)) == defaults[toggle.name] for toggle in toggles_of("scorecard"))
    named = {metric.key: [line.partition(":")[0] for line in toggles(metric)] for metric in CATALOGUE}
    assert set(named["nrr"]) >= {"membership", "subscription_end", "reactivation_in_nrr"}
    assert set(named["phase_conversion"]) >= {"membership", "strict_stages"}
    assert "membership" in named["won_revenue"] and "strict_stages" not in named["won_revenue"]
    assert named["pipeline_by_stage"] == named["som_accounts"] == []  # stocks are taken at the end anyway


def test_a_row_of_many_months_is_named_once(folder: Folder) -> None:
    dataset = folder(accounts="account_id\nA", revenue="account_id,Mar 2026,Apr 2026,May 2026\nA,10,10,10")
    text = explain(Facts(dataset), "mrr", parse_period("2026-05", dataset.settings.fiscal), None, "total", None)
    assert text.splitlines()[-2].endswith("revenue.csv 2")


def test_amounts_of_accounts_name_the_rows_of_revenue_that_they_come_from(folder: Folder) -> None:
    dataset = folder(
        accounts="account_id,name\nB,Beta\nA,Alpha",
        revenue="account_id,month,mrr\nA,2026-03,10\nB,2026-03,20\nA,2026-04,10\nB,2026-04,20",
    )
    text = explain(Facts(dataset), "mrr", parse_period("2026-04", dataset.settings.fiscal), None, "total", None)
    (alpha,) = [line for line in text.splitlines() if "Alpha" in line]
    assert alpha.split("accounts.csv")[1].split() == ["3", "revenue.csv", "2,", "4"]
