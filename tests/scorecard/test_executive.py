"""The executive view: the company against its segments, what is in none, and what stands out; worked by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segxl.catalogue.metrics import BY_KEY
from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS, IN_NO_SEGMENT
from segxl.errors import SegxlError
from segxl.facts.engine import Facts
from segxl.periods import Fiscal, Window, parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import compute
from segxl.scorecard.highlights import World, standing_out
from segxl.scorecard.model import Figure, Line, Scorecard, Selector, Statement
from tests.agreement import loaded, metrics_differences, metrics_of
from tests.conftest import Folder, views_of
from tests.oracle import deals, demand, sales_process, segment_metrics
from tests.oracle.all_tables_worlds import all_tables_worlds
from tests.oracle.worlds import periods, worlds

# A1 is in East and Large, A2 in East, A3 in Large, A4 in none, A5 in Pilot from 10 to 19 May and in none else.
SETTINGS = """
run_date = 2026-06-05
[[segments.named]]
name = "East"
where = { geo = ["East"] }
[[segments.named]]
name = "Large"
where = { employees = { min = 100 } }
"""
ACCOUNTS = """
account_id,geo,employees
A1,East,500
A2,East,10
A3,West,300
A4,West,5
A5,West,5
"""
MEMBERS = "segment,account_id,start,end\nPilot,A5,2026-05-10,2026-05-20"
OPPORTUNITIES = """
opportunity_id,account_id,created_on,closed_on,stage,amount,segment
W1,A1,2026-05-01,2026-05-10,Closed Won,10000,
W2,A2,2026-05-01,2026-05-12,Closed Won,2000,
W3,A3,2026-05-01,2026-05-13,Closed Won,5000,
W4,A4,2026-05-01,2026-05-14,Closed Won,700,
W5,A5,2026-05-01,2026-05-15,Closed Won,300,
W6,A5,2026-05-01,2026-05-25,Closed Won,90,
W7,,2026-05-01,2026-05-26,Closed Won,40,
W8,A4,2026-05-01,2026-05-27,Closed Won,8,Pilot
L1,A1,2026-05-01,2026-05-20,Closed Lost,1000,
P1,A1,2026-04-01,2026-04-10,Closed Won,4000,
O1,A4,2026-04-01,,Proposal,600,
O2,A1,2026-05-02,,Proposal,20000,
"""


@pytest.fixture
def company(folder: Folder) -> Dataset:
    return folder(SETTINGS, accounts=ACCOUNTS, segment_members=MEMBERS, opportunities=OPPORTUNITIES)


def made(dataset: Dataset, period: str = "2026-05") -> Scorecard:
    return compute(Facts(dataset), parse_period(period, dataset.settings.fiscal), list(dataset.segments.names))


def document(dataset: Dataset, period: str = "2026-05") -> dict[str, Any]:
    return scorecard_document(made(dataset, period))


def reconciled(found: dict[str, Any], metric: str, view: str = "total") -> tuple[Any, ...]:
    lines = found["executive"]["reconciliation"]["metrics"]
    line = next(line for line in lines if (line["metric"], line["view"]) == (metric, view))
    keys = ("segments", "repeated", "none", "company_only", "company", "passed")
    return tuple(line[key] for key in keys)


def texts(result: Scorecard, rule: str) -> list[str]:
    assert result.executive is not None
    return [one.text for one in result.executive.standing_out if one.rule == rule]


# -- in no segment


def test_in_no_segment_takes_what_no_segment_has(company: Dataset) -> None:
    # W4 of A4; W6 of A5 after it left; W7 without an account. Not W8, which names Pilot: 700 + 90 + 40.
    won = {name: views_of(company, "won_revenue", "2026-05", name)["total"]["value"] for name in company.segments.names}
    assert won == {ALL_ACCOUNTS: 18138, "East": 12000, "Large": 15000, "Pilot": 308}
    assert views_of(company, "won_revenue", "2026-05", IN_NO_SEGMENT)["total"]["value"] == 830
    assert company.segments["in no segment"].name == IN_NO_SEGMENT
    assert IN_NO_SEGMENT not in company.segments.names


def test_in_no_segment_counts_the_accounts_of_the_table_alone(folder: Folder) -> None:
    dataset = folder(
        SETTINGS,
        accounts=ACCOUNTS,
        segment_members=MEMBERS,
        opportunities=OPPORTUNITIES + "W9,Stranger,2026-05-01,2026-05-28,Closed Won,5,\n",
    )
    # A4 and A5; the stranger's 5 are the company's, and in no segment, but the stranger is no one's market.
    assert views_of(dataset, "som_accounts", "2026-05", IN_NO_SEGMENT)["running_total"]["value"] == 2
    assert views_of(dataset, "won_revenue", "2026-05", IN_NO_SEGMENT)["total"]["value"] == 835
    assert made(dataset).passed


@pytest.mark.parametrize(
    ("settings", "tables", "words"),
    [
        ('[[segments.named]]\nname = "in no Segment"\nwhere = { geo = ["East"] }\n', {}, "is a reserved name"),
        ('[segments]\nby = "geo"\n', {"accounts": "account_id,geo\nA1,In no segment"}, "this name is reserved"),
    ],
)
def test_its_name_is_taken(folder: Folder, settings: str, tables: Mapping[str, str], words: str) -> None:
    with pytest.raises(SegxlError, match=words):
        folder(settings, **({"accounts": ACCOUNTS, "opportunities": OPPORTUNITIES} | dict(tables)))


# -- the company against its segments


def test_the_segments_make_the_company(company: Dataset) -> None:
    found = document(company)
    # 12,000 + 15,000 + 308, less W1 that East and Large both count, and what is in none
    assert reconciled(found, "won_revenue") == (27308, 10000, 830, 0, 18138, True)
    # 2 + 2 + 2 (W5, W8) less W1, and W4, W6, W7
    assert reconciled(found, "won_opportunities") == (6, 1, 3, 0, 8, True)
    # O2 for East and for Large; O1 in none
    assert reconciled(found, "pipeline_by_stage") == (40000, 20000, 600, 0, 20600, True)
    # created less lost; L1 is both and comes to nothing. East: W1, W2, O2 = 32,000; Large: W1, W3, O2 = 35,000; Pilot:
    # W8 alone, for W5 was created before A5 joined. Twice: W1, O2 = 30,000. None: W4, W5, W6, W7 = 1,130.
    assert reconciled(found, "net_new_pipeline") == (67008, 30000, 1130, 0, 38138, True)
    assert all(check["passed"] for check in found["checks"])


def test_distinct_counts_never_fall_short(company: Dataset) -> None:
    found = document(company)
    # A1, A2; A1, A3; no one in Pilot any more: A1 twice; A4 and A5 in none
    assert reconciled(found, "som_accounts", "running_total") == (4, 1, 2, 0, 5, True)
    # also A5 in Pilot and, before and after, in none: twice, as A1
    assert reconciled(found, "engaged_accounts") == (5, 2, 2, 0, 5, True)
    # A4's last win names Pilot, of which A4 is no member: it is the company's customer alone
    assert reconciled(found, "customers", "running_total") == (4, 1, 1, 1, 5, True)


def test_overlaps_name_the_pairs(company: Dataset) -> None:
    overlaps = document(company)["executive"]["reconciliation"]["overlaps"]
    pair = {"segments": ["East", "Large"], "accounts": 1, "won": 1, "won_revenue": 10000}
    pair |= {"open": 1, "open_pipeline": 20000}
    assert overlaps == {
        "accounts": 5,
        "in_several_segments": 1,
        "in_no_segment": 2,
        "pairs": [pair],
        "further_pairs": 0,
    }


def test_a_company_that_its_parts_do_not_make_fails_a_check(company: Dataset) -> None:
    facts = Facts(company)
    period = parse_period("2026-05", company.settings.fiscal)
    # As if a rule of "In no segment" had forgotten the rows without an account.
    forgetful = company.segments.rest
    object.__setattr__(forgetful, "others", None)
    failed = [check for check in compute(facts, period, list(company.segments.names)).checks if not check.passed]
    assert "All accounts: Won revenue: segments reconcile to the company" in [check.name for check in failed]
    check = next(check for check in failed if ": Won revenue:" in check.name)
    assert (check.expected, check.actual) == (18138, 18098)


def test_one_segment_alone_has_no_executive_view(company: Dataset) -> None:
    result = compute(Facts(company), parse_period("2026-05", company.settings.fiscal), ["East"])
    assert result.executive is None
    assert "executive" not in scorecard_document(result)


def test_rows_are_the_segments_then_none_then_the_company(company: Dataset) -> None:
    rows = document(company)["executive"]["rows"]
    assert [row["segment"] for row in rows] == ["East", "Large", "Pilot", IN_NO_SEGMENT, ALL_ACCOUNTS]
    east = rows[0]["metrics"]["won_revenue"]
    assert (east["value"], east["mom"]["change"], east["mom"]["percent"]) == (12000, 8000, 2.0)
    assert east["trend"] == [{"month": "2026-04", "value": 4000}, {"month": "2026-05", "value": 12000}]


# -- the columns


def test_the_default_columns_are_those_that_the_data_can_tell(company: Dataset) -> None:
    keys = list(document(company)["executive"]["rows"][0]["metrics"])
    assert keys == [
        "won_revenue",
        "win_rate_count",
        "net_new_pipeline",
        "pipeline_by_stage",
        "customers.running_total",
        "won_opportunities",
        "average_deal_size",
    ]


def test_the_settings_choose_columns(folder: Folder) -> None:
    settings = SETTINGS + '[scorecard]\nexecutive = ["lost_revenue", "customers.running_total", "mrr"]\n'
    dataset = folder(settings, accounts=ACCOUNTS, opportunities=OPPORTUNITIES)
    east = document(dataset)["executive"]["rows"][0]["metrics"]
    assert list(east) == ["lost_revenue", "customers.running_total", "mrr"]
    assert east["lost_revenue"]["value"] == 1000
    assert (east["mrr"]["value"], east["mrr"]["why"]) == (None, "n/a")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("won_revenu", "no metric 'won_revenu'; did you mean 'won_revenue'?"),
        ("customers.runing_total", "customers has no line 'runing_total'; did you mean 'running_total'?"),
        ("phase_conversion", "has no total, only items"),
    ],
)
def test_a_column_that_is_not_there(folder: Folder, key: str, words: str) -> None:
    settings = SETTINGS + f'[scorecard]\nexecutive = ["{key}"]\n'
    with pytest.raises(SegxlError) as error:
        made(folder(settings, accounts=ACCOUNTS, opportunities=OPPORTUNITIES))
    assert words in str(error.value)


# -- what stands out


def test_what_stands_out_and_why(company: Dataset) -> None:
    result = made(company)
    assert texts(result, "company") == [
        "Won revenue of the company: 18,138; 14,138 (353.4%) more than in Apr 2026 (4,000)."
    ]
    # Large: 2 deals instead of 1, at 4,000 each 4,000 more; the rest is their size. East: 2 × 6,000 after 1 × 4,000.
    assert texts(result, "contribution") == [
        "Large gained 11,000 of won revenue vs Apr 2026: 15,000 after 4,000 (2 deals after 1: 4,000 more from the "
        "number of deals, 7,000 more from the average amount).",
        "East gained 8,000 of won revenue vs Apr 2026: 12,000 after 4,000 (2 deals after 1: 4,000 more from the number "
        "of deals, 4,000 more from the average amount); 2 further segments meet the same rule.",
    ]
    assert texts(result, "win_rate") == []
    assert texts(result, "too_few") == [
        "Win rate changed, but on fewer than 10 closed opportunities, so it may be chance: East, 66.7% (2 of 3) after "
        "100.0% (1 of 1); Large, 66.7% (2 of 3) after 100.0% (1 of 1)."
    ]
    assert texts(result, "concentration") == [
        "Large has 82.7% of the company's won revenue: 15,000 of 18,138.",
        "East has 66.2% of the company's won revenue: 12,000 of 18,138.",
        "East has 97.1% of the company's open pipeline: 20,000 of 20,600.",
        "Large has 97.1% of the company's open pipeline: 20,000 of 20,600.",
    ]
    assert texts(result, "pipeline") == [
        "Open pipeline of East rose by 20,000 vs Apr 2026 to 20,000.",
        "Open pipeline of Large rose by 20,000 vs Apr 2026 to 20,000.",
    ]


Numbers = tuple[int | Fraction | None, int | Fraction | None]
WINDOW = Window(date(2026, 5, 1), date(2026, 5, 31))


def said(figures: Mapping[tuple[str, str], Numbers], rule: str, **closed: tuple[int, int]) -> list[Statement]:
    """The sentences of a rule about a company of two segments, given its figures now and before."""

    def figure(segment: str, key: str, at: int) -> Figure:
        value = figures[segment, key][at]
        metric = BY_KEY[key.partition(".")[0]]
        return Figure(value, metric.unit, WINDOW, Selector((), None), denominator=closed.get(segment, (0, 0))[at])  # type: ignore[arg-type]

    def line(segment: str, metric: str, cut_key: str) -> Line | None:
        key = metric if cut_key == "total" else f"{metric}.{cut_key}"
        if (segment, key) not in figures:
            return None
        cut = BY_KEY[metric].cut(cut_key)
        assert cut is not None
        return Line(cut, "", figure(segment, key, 0), figure(segment, key, 1), None, None)

    period = parse_period("2026-05", Fiscal())
    return [one for one in standing_out(World(("A", "B"), period, line)) if one.rule == rule]


def test_a_contribution_counts_from_five_percent_on() -> None:
    company = {(ALL_ACCOUNTS, "won_revenue"): (100_00, 100_00)}
    small = {("A", "won_revenue"): (54_99, 50_00), ("B", "won_revenue"): (45_01, 50_00)}
    assert said(company | small, "contribution") == []
    large = {("A", "won_revenue"): (55_00, 50_00), ("B", "won_revenue"): (45_00, 50_00)}
    found = said(company | large, "contribution")
    assert [(one.segment, one.direction, one.favourable) for one in found] == [("A", 1, True), ("B", -1, False)]
    assert found[1].text == "B lost 5 of won revenue vs Apr 2026: 45 after 50."


def test_why_a_segment_contributed() -> None:
    # 3 × 9,000 after 2 × 10,000: 7,000 more; one deal more at 10,000, and three that are 1,000 smaller
    deals = {("A", "won_opportunities"): (3, 2), ("A", "won_revenue"): (27_000_00, 20_000_00)}
    found = said(deals | {(ALL_ACCOUNTS, "won_revenue"): (27_000_00, 20_000_00)}, "contribution")
    assert found[0].text.endswith(
        "(3 deals after 2: 10,000 more from the number of deals, 3,000 less from the average amount)."
    )
    none = {("A", "won_opportunities"): (0, 2), ("A", "won_revenue"): (0, 20_000_00)}
    found = said(none | {(ALL_ACCOUNTS, "won_revenue"): (0, 20_000_00)}, "contribution")
    assert found[0].text == "A lost 20,000 of won revenue vs Apr 2026: 0 after 20,000 (0 deals after 2)."


@pytest.mark.parametrize(
    ("now", "closed", "rules"),
    [
        (Fraction(12, 20), (20, 20), ["win_rate"]),  # 60% after 45%
        (Fraction(12, 20), (20, 10), ["win_rate"]),
        (Fraction(12, 20), (20, 9), ["too_few"]),
        (Fraction(11, 20), (20, 20), ["win_rate"]),  # just 10 points
        (Fraction(54, 100), (100, 20), []),  # 9 points
    ],
)
def test_a_win_rate_counts_from_ten_points_and_ten_closed_on(
    now: Fraction, closed: tuple[int, int], rules: list[str]
) -> None:
    figures: dict[tuple[str, str], Numbers] = {("A", "win_rate_count"): (now, Fraction(9, 20))}
    found = [rule for rule in ("win_rate", "too_few") if said(figures, rule, A=closed)]
    assert found == rules


def test_concentration_counts_from_forty_percent_on() -> None:
    company: dict[tuple[str, str], Numbers] = {(ALL_ACCOUNTS, "won_revenue"): (100_00, None)}
    assert not said(company | {("A", "won_revenue"): (39_99, None)}, "concentration")
    found = said(company | {("A", "won_revenue"): (40_00, None)}, "concentration")
    assert [one.text for one in found] == ["A has 40.0% of the company's won revenue: 40 of 100."]


def test_pipeline_counts_from_a_fifth_and_a_fiftieth_of_the_company_on() -> None:
    company = {(ALL_ACCOUNTS, "pipeline_by_stage"): (600_00, 600_00)}
    found = said(company | {("A", "pipeline_by_stage"): (130_00, 100_00)}, "pipeline")
    assert [one.text for one in found] == ["Open pipeline of A rose by 30 (30.0%) vs Apr 2026 to 130."]
    assert not said(company | {("A", "pipeline_by_stage"): (119_99, 100_00)}, "pipeline")
    # a third of the segment's, but 10 of 600 is under 2%
    assert not said(company | {("A", "pipeline_by_stage"): (40_00, 30_00)}, "pipeline")


def test_churn_counts_from_two_percent_of_the_opening_mrr_on() -> None:
    mrr: dict[tuple[str, str], Numbers] = {("A", "mrr"): (100_000_00, None), ("A", "churned_customers"): (4, None)}
    mrr |= {("A", "churned_customers.cancelled"): (3, None)}
    assert not said(mrr | {("A", "churned_customers.revenue"): (1_999_99, None)}, "churn")
    found = said(mrr | {("A", "churned_customers.revenue"): (3_000_00, None)}, "churn")
    assert [one.text for one in found] == [
        "A lost 3.0% of its opening MRR of 4 customers (3 cancelled, 1 downgraded): 3,000 of 100,000."
    ]
    assert found[0].favourable is False


def test_what_is_in_no_segment_counts_from_a_tenth_on() -> None:
    company = {(ALL_ACCOUNTS, "won_revenue"): (100_00, 100_00)}
    assert not said(company | {(IN_NO_SEGMENT, "won_revenue"): (9_99, 9_99)}, "outside")
    found = said(company | {(IN_NO_SEGMENT, "won_revenue"): (12_00, 12_00)}, "outside")
    assert [one.text for one in found] == ["12.0% of the company's won revenue is in no segment: 12 of 100."]


# -- on any data


few = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.ci
@few
@given(data=st.data())
def test_the_segments_make_the_company_in_any_world(data: st.DataObject) -> None:
    world = data.draw(all_tables_worlds(disputed=True))
    period = data.draw(periods(world))
    dataset = loaded(world)
    if len(dataset.segments.names) < 2:
        return
    result = made(dataset, period)
    # histories are drawn apart from the deals: they may disagree on what was won
    drawn = ("exchange", " deals as in ")
    failed = [check for check in result.checks if not check.passed and not any(word in check.name for word in drawn)]
    assert not failed


@contextmanager
def oracle_of_none(world: Any) -> Iterator[None]:
    """The oracles with one more segment: what none of the world's own has, and rows without an account."""
    names = deals.segment_names(world)
    original, costs = deals.is_member, demand.cost_rows

    def is_member(world: Any, segment: str, account: str, day: date) -> bool:
        if segment != IN_NO_SEGMENT:
            return original(world, segment, account, day)
        return not any(original(world, other, account, day) for other in names[1:])

    def row_belongs(world: Any, segment: str, account: str, named: str, day: date) -> bool:
        return named == segment if named else not account or is_member(world, segment, account, day)

    def belongs(world: Any, opportunity: Any, segment: str, day: date) -> bool:
        return row_belongs(world, segment, opportunity.account, opportunity.segment, day)

    def is_som(world: Any, segment: str, account: str, day: date) -> bool:
        known = deals.row_with(world, "accounts", "account_id", account) is not None
        return known and is_member(world, segment, account, day)

    def cost_rows(world: Any, segment: str, month: int) -> list[Any]:
        return [row for row in costs(world, ALL_ACCOUNTS, month) if row.get("segment") not in names]

    with ExitStack() as stack:
        for module, name, function in (
            (deals, "segment_names", lambda world: [*names, IN_NO_SEGMENT]),
            (segment_metrics, "segment_names", lambda world: [*names, IN_NO_SEGMENT]),
            (demand, "segment_names", lambda world: [*names, IN_NO_SEGMENT]),
            (sales_process, "segment_names", lambda world: [*names, IN_NO_SEGMENT]),
            (deals, "belongs", belongs),
            (sales_process, "belongs", belongs),
            (demand, "row_belongs", row_belongs),
            (demand, "cost_rows", cost_rows),
            (segment_metrics, "is_som", is_som),
            (segment_metrics, "is_member", is_member),
        ):
            stack.enter_context(patch.object(module, name, function))
        yield


def unlike_the_oracle(world: dict[str, Any], period: str) -> list[str]:
    dataset = loaded(world)
    result = compute(Facts(dataset), parse_period(period, dataset.settings.fiscal), [IN_NO_SEGMENT])
    with oracle_of_none(world):
        expected = metrics_of(world, IN_NO_SEGMENT, period)
    return metrics_differences(expected, scorecard_document(result)["segments"][IN_NO_SEGMENT]["metrics"])


@pytest.mark.ci
@few
@given(data=st.data())
def test_in_no_segment_agrees_with_the_oracle(data: st.DataObject) -> None:
    world = data.draw(worlds())
    assert not unlike_the_oracle(world, data.draw(periods(world)))


@pytest.mark.slow
@few
@given(data=st.data())
def test_in_no_segment_agrees_with_the_oracle_where_there_is_every_table(data: st.DataObject) -> None:
    world = data.draw(all_tables_worlds(disputed=True))
    assert not unlike_the_oracle(world, data.draw(periods(world)))
