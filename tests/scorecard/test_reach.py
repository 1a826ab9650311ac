"""How far the data reach: 0 only where they do, n/a with the reason where they do not, and a warning for what ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from segxl.dataset.model import Dataset, months_text
from segxl.errors import SegxlError
from segxl.facts.engine import Facts
from segxl.facts.presence import Presence
from segxl.render.json.scorecard import scorecard_document
from segxl.report.choices import Options
from segxl.report.compute import make as make_report
from segxl.scorecard.compute import compute
from segxl.scorecard.period_choice import choose_period
from tests.conftest import Folder, Views

AUTUMN = "run_date = 2026-11-05\n"

DEALS = """
opportunity_id,account_id,created_on,closed_on,stage,amount
1,A,2026-06-01,2026-09-10,Closed Won,100
2,A,2026-10-02,,Discovery,50
"""
LEADS = """
lead_id,created_on,mql_on,sqo_on
1,2026-06-03,2026-06-10,2026-06-20
2,2026-08-03,2026-08-10,2026-08-20
"""


def warnings(dataset: Dataset, period: str) -> list[str]:
    """What the scorecard of a period warns of."""
    found, _ = choose_period(dataset, period)
    return [one.text for one in compute(Facts(dataset), found, ["All accounts"]).warnings if "end" in one.text]


def value(views: Views, folder: Dataset, metric: str, period: str) -> Any:
    return views(folder, metric, period)["total"]["value"]


def test_a_month_without_a_lead_between_leads_is_zero_and_one_after_the_last_is_unknown(
    folder: Folder, views: Views
) -> None:
    data = folder(AUTUMN, opportunities=DEALS, leads=LEADS)
    assert [value(views, data, "leads", f"2026-{month:02d}") for month in (6, 7, 8, 9, 10)] == [1, 0, 1, None, None]
    assert value(views, data, "won_revenue", "2026-10") == 0  # a deal was created in October: nothing was won
    assert views(data, "leads", "2026-09")["mom"]["base"] == 1


def test_a_table_that_ends_early_is_warned_of_once(folder: Folder) -> None:
    data = folder(AUTUMN, opportunities=DEALS, leads=LEADS)
    assert warnings(data, "2026-08") == []
    (said,) = warnings(data, "2026-10")
    assert said.startswith("leads.csv: leads end in 2026-08; 2026-10 is n/a for Leads, ")
    assert said.endswith("Export them again, up to 2026-10-31.")


def test_a_quarter_is_of_the_months_that_are_reached_and_says_so(folder: Folder, views: Views) -> None:
    data = folder(AUTUMN, opportunities=DEALS, leads=LEADS)
    assert value(views, data, "leads", "2026-Q3") == 1  # August
    (said,) = warnings(data, "2026-Q3")
    assert "2026-Q3 has only 2 of its 3 months for Leads" in said
    assert views(data, "leads", "2026-10")["trailing_12"] == {
        "value": 2, "window": ["2025-11-01", "2026-10-31"], "months": 3,
    }  # fmt: skip


def test_a_month_that_only_leads_reach_is_given(folder: Folder, views: Views) -> None:
    data = folder(AUTUMN, opportunities=DEALS.rsplit("2,", 1)[0], leads=LEADS.replace("2026-08", "2026-10"))
    dataset = data
    assert choose_period(dataset, "2026-10")[0].label == "2026-10"
    period, said = choose_period(dataset, None)
    assert period.label == "2026-09"
    assert "2026-10" in said
    with pytest.raises(SegxlError, match="all data is from 2026-06 to 2026-10"):
        choose_period(dataset, "2026-01")
    assert (value(views, data, "leads", "2026-10"), value(views, data, "won_revenue", "2026-10")) == (1, None)


def test_who_pays_goes_on_to_the_cut_off_and_ends_are_data(folder: Folder, views: Views) -> None:
    """Two pay from January; one leaves on 10 March. 120, then 100 to the day of the data."""
    data = folder(AUTUMN, revenue="account_id,start,end,mrr\nA,2026-01-01,,100\nB,2026-01-01,2026-03-10,20\n")
    assert months_text(data) == "from 2026-01 to 2026-11"
    assert [value(views, data, "mrr", month) for month in ("2026-03", "2026-04", "2026-10")] == [120, 100, 100]
    assert [value(views, data, "churned_customers", f"2026-{month:02d}") for month in (2, 3, 4)] == [0, 1, 0]
    ended = folder(AUTUMN, revenue="account_id,start,end,mrr\nB,2026-01-01,2026-03-10,20\n")
    assert [value(views, ended, "churned_customers", f"2026-{month:02d}") for month in (2, 3, 4)] == [0, 1, None]


def test_movements_go_on_and_are_warned_of(folder: Folder, views: Views) -> None:
    data = folder(AUTUMN, revenue="account_id,date,type,amount\nA,2026-07-05,new,90\nA,2026-08-05,expansion,10\n")
    assert value(views, data, "mrr", "2026-10") == 100
    assert warnings(data, "2026-08") == []
    (said,) = warnings(data, "2026-10")
    assert "MRR movements end in 2026-08; 2026-10 uses that MRR, without later movements" in said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("metric", "missing"),
    [
        ("mqls", "the column mql_on of leads"),
        ("lead_to_mql", "the column mql_on of leads"),
        ("sqos", "the column sqo_on of leads"),
        ("won_revenue", "the column amount of opportunities"),
        ("average_deal_size", "the column amount of opportunities"),
        ("pipeline_by_stage", "the column amount of opportunities"),
        ("som_accounts", "the table accounts"),
        ("engaged_accounts", "the table accounts"),
    ],
)
def test_what_no_row_fills_is_not_zero(folder: Folder, metric: str, missing: str) -> None:
    """A column that is missing, and one that is there and blank throughout."""
    deals = "opportunity_id,account_id,created_on,closed_on,stage{0}\n1,A,2026-10-01,2026-10-02,Closed Won{1}\n"
    leads = "lead_id,created_on{0}\n1,2026-10-01{1}\n"
    for deal_columns, lead_columns in ((("", ""), ("", "")), ((",amount", ","), (",mql_on,sqo_on", ",,"))):
        data = folder(AUTUMN, opportunities=deals.format(*deal_columns), leads=leads.format(*lead_columns))
        dataset = data
        result = compute(Facts(dataset), choose_period(dataset, "2026-10")[0], ["All accounts"])
        found = scorecard_document(result)["segments"]["All accounts"]["metrics"][metric]
        assert _values(found["views"]) == {None}
        assert missing in found["notes"][0]
    counted = scorecard_document(result)["segments"]["All accounts"]["metrics"]["won_opportunities"]["views"]
    assert (counted["total"]["value"], counted["revenue"]["value"]) == (1, None)


def _values(views: dict[str, Any]) -> set[Any]:
    rows: Iterable[dict[str, Any]] = [row for name, row in views.items() if not name.startswith("by_")]
    return {row["value"] for row in rows if "value" in row}


def test_a_pipeline_without_probabilities_has_no_weight(folder: Folder) -> None:
    for columns, cells, weight in (("", "", None), (",probability", ",", None), (",probability", ",40%", 20)):
        data = folder(
            AUTUMN, opportunities=f"opportunity_id,created_on,stage,amount{columns}\n1,2026-10-02,Discovery,50{cells}\n"
        )
        dataset = data
        result = compute(Facts(dataset), choose_period(dataset, "2026-10")[0], ["All accounts"])
        found = scorecard_document(result)["segments"]["All accounts"]["pipeline_status"]["weighted_pipeline"]
        assert found["value"] == weight


def test_buying_stages_alone_have_months(folder: Folder) -> None:
    stages = "account_id,date,stage\nA,2026-07-05,Target\nA,2026-09-05,Decision\n"
    assert months_text(folder(AUTUMN, accounts="account_id\nA\n", buying_stages=stages)) == "from 2026-07 to 2026-09"


def test_a_source_that_ends_before_the_analysis_is_not_zero(folder: Folder) -> None:
    """LinkedIn ends in July, the web goes on: its line has a baseline and no analysis, and one warning says so. Trade
    shows take place now and then: their export goes on, so there was none."""
    data = folder(
        AUTUMN,
        accounts="account_id\nA\nB\n",
        activities="account_id,date,source,kind\nA,2026-07-02,linkedin_campaign,reach\nA,2026-07-02,trade_show,engagement\n"
        "B,2026-08-02,known_web,engagement\n",
    )
    options = Options(type="engagement", analysis="2026-08", baseline="2026-07")
    report, _, _ = make_report(Presence(data), options)
    lines = {line.line.key: line for line in report.activities}
    linked = lines["Reach: LinkedIn Campaigns"]
    assert (linked.baseline.value, linked.analysis.value, linked.change_why) == (1, None, "n/a")
    assert linked.analysis.why == "linkedin_campaign ends in 2026-07"
    shows = lines["Engagement: Trade Shows"]
    assert (shows.baseline.value, shows.analysis.value) == (1, 0)
    (said,) = [one.text for one in report.warnings if "early" in one.text]
    assert "linkedin_campaign in 2026-07" in said
    assert "trade_show" not in said


def test_won_and_new_pipeline_of_a_timeframe_after_the_last_deal_are_not_zero(folder: Folder) -> None:
    data = folder(
        AUTUMN,
        accounts="account_id\nA\n",
        activities="account_id,date,source,kind\nA,2026-10-02,known_web,engagement\n",
        opportunities=DEALS.rsplit("2,", 1)[0],
    )
    options = Options(type="engagement", analysis="2026-10", baseline="2026-09")
    report, _, _ = make_report(Presence(data), options)
    assert (report.summary.total_won.value, report.summary.total_won.why) == (None, "opportunities end in 2026-09")
    assert any("opportunities end in 2026-09" in one.text for one in report.warnings)
    assert all(check.passed for check in report.checks)


LEAD_REPORT = """Lead ID,Lead Owner,Company / Account,Lead Source,Create Date,Converted,Converted Date,MQL Date
00Q1,Bo,Acme,Event,2026-10-05,1,2026-10-20,2026-10-08
00Q2,Bo,Brick,Event,2026-10-06,0,,
"""


def test_a_conversion_without_its_opportunity_is_asked_about(folder: Folder, views: Views) -> None:
    """A Salesforce lead can be converted without an opportunity: its day is no SQO until the settings say so."""
    data = folder(AUTUMN, leads=LEAD_REPORT)
    assert (value(views, data, "mqls", "2026-10"), value(views, data, "sqos", "2026-10")) == (1, None)
    result = compute(Facts(data), choose_period(data, "2026-10")[0], ["All accounts"])
    (said,) = [one.text for one in result.warnings if "Converted" in one.text]
    assert said.startswith("leads.csv: 1 row has a Converted Date that no number uses")
    mapped = '[tables.leads]\nfile = "leads.csv"\ncolumns = { sqo_on = "Converted Date" }\n'
    data = folder(AUTUMN + mapped, leads=LEAD_REPORT)
    assert value(views, data, "sqos", "2026-10") == 1
    result = compute(Facts(data), choose_period(data, "2026-10")[0], ["All accounts"])
    assert not [one for one in result.warnings if "Converted" in one.text]
