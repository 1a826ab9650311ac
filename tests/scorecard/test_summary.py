"""First pages: the headline, the measures, the sentences and their order; worked by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.errors import SegxlError
from segxl.facts.engine import Facts
from segxl.pages.cells import figure_cell
from segxl.pages.scorecard.scorecard import change_percent
from segxl.periods import Fiscal, parse_period
from segxl.scorecard.compute import compute
from segxl.scorecard.finding import Finding
from segxl.scorecard.findings import findings, fitting
from segxl.scorecard.headline import headline
from segxl.scorecard.lookup import Lookup
from segxl.scorecard.summary import executive_summary, segment_summary
from segxl.scorecard.summary_model import ExecutiveSummary, Summary
from segxl.scorecard.words import difference_text
from segxl.settings.comments import Comment, by_sentence, comments_on, read_comments, unknown_segments
from segxl.units import MONEY, money_scale
from tests.conftest import Folder

SETTINGS = """
run_date = 2026-06-05
[segments]
by = "region"
[types]
New = "new_logo"
Up = "upsell"
Renewal = "renewal"
"""
ACCOUNTS = "account_id,region\nA1,East\nA2,West\nA3,West\n"
# In thousands, won in May 2026: East 100 new and 900 renewed, West 200 and 100: 1,300, of which 300 are new.
# In May 2025: East 400 and 100, West 100 and 100: 700, of which 500 are new.
OPPORTUNITIES = """
opportunity_id,account_id,created_on,closed_on,stage,amount,type,expected_close_on
E1,A1,2026-05-10,2026-05-10,Closed Won,100000,New,
E2,A1,2026-05-11,2026-05-11,Closed Won,900000,Renewal,
W1,A2,2026-05-12,2026-05-12,Closed Won,200000,New,
W2,A2,2026-05-13,2026-05-13,Closed Won,100000,Renewal,
E3,A1,2025-05-10,2025-05-10,Closed Won,400000,New,
E4,A1,2025-05-11,2025-05-11,Closed Won,100000,Renewal,
W3,A2,2025-05-12,2025-05-12,Closed Won,100000,New,
W4,A2,2025-05-13,2025-05-13,Closed Won,100000,Renewal,
O1,A2,2026-04-01,,Proposal,50000,New,2026-05-10
"""
LEADS = """
lead_id,account_id,created_on,mql_on,sqo_on
L1,A1,2026-05-01,2026-05-02,2026-05-03
L2,A2,2026-05-01,2026-05-02,2026-05-03
L3,A2,2026-05-01,,
"""
TARGETS = """
metric,month,value,segment
won_revenue,2026-05,1200000,
won_revenue,2026-05,800000,East
won_revenue,2026-05,400000,West
sqos,2026-05,4,
sqos,2026-05,1,East
sqos,2026-05,3,West
leads,2026-05,3,
"""
# A year ago they paid 100, 200 and 100 a month; now 150, 100 and nothing.
_MONTHS = [f"{2025 + at // 12}-{at % 12 + 1:02}" for at in range(4, 17)]
REVENUE = "account_id,month,mrr\n" + "\n".join(
    f"{account},{month},{now if month == '2026-05' else then}"
    for account, then, now in (("A1", 100, 150), ("A2", 200, 100), ("A3", 100, 0))
    for month in _MONTHS
    if month != "2026-05" or now
)


@pytest.fixture
def company(folder: Folder) -> Dataset:
    tables = {"opportunities": OPPORTUNITIES, "leads": LEADS, "targets": TARGETS, "revenue": REVENUE}
    return folder(SETTINGS, accounts=ACCOUNTS, **tables)


def first_page(dataset: Dataset, period: str = "2026-05") -> ExecutiveSummary:
    facts = Facts(dataset)
    found = compute(facts, parse_period(period, dataset.settings.fiscal), list(dataset.segments.names))
    return executive_summary(facts, found)


def of_segment(dataset: Dataset, segment: str, period: str = "2026-05") -> Summary:
    facts = Facts(dataset)
    found = compute(facts, parse_period(period, dataset.settings.fiscal), list(dataset.segments.names))
    return segment_summary(facts, found, segment)


def texts(summary: Summary) -> list[str]:
    return [one.text for one in summary.findings]


def test_the_headline_is_the_result_and_then_what_is_wrong(company: Dataset) -> None:
    # 1,300 / 1,200 = 108.3%; after 700: +85.7%; renewals 1,000 after 200, new logos 300 after 500; SQOs 2 of 4;
    # NRR (150 + 100 + 0) / 400; renewals 1,000 of 1,300. What makes the total change is said
    # once, so the mix is not repeated.
    assert first_page(company).company.headline == (
        "Won revenue is 1,300k (77% renewal), 8% above plan and up 86% vs May 2025 (renewal +800k, new logo −200k). "
        "But West is 25% below plan, SQOs are 50% below plan and NRR is 62.5%."
    )


def test_plan_misses_come_first_then_the_mix_then_retention(company: Dataset) -> None:
    found = first_page(company).company
    assert texts(found) == [
        # West won 200 a year ago.
        "West: won revenue is 100k (25%) below plan: 300k of 400k, up 50% vs May 2025 (plan: up 100%).",
        "SQOs are 50% below plan (2 of 4); in 1 of 2 segments, most in West (1 of 3).",
        # The company won 1,300 after 700, 300 new after 500; East 1,000 after 500, of which 100 new after 400.
        "Won revenue rose 86% vs May 2025, but new-logo revenue fell 40% to 300k; most in East (−75% to 100k).",
        # Kept without expansion: 100 + 100 + 0 of 400. West 100 of 300. 150 less is 0.15 thousand.
        "12-month NRR is 62.5% (GRR 50.0%): customers of a year ago pay 0.2k a month less (net); lowest in West "
        "(33.3%).",
        "1 open deal (50k) is past its expected close date.",
        "Won revenue is 100k (8%) above plan: 1,300k of 1,200k.",
    ]
    assert [one.favourable for one in found.findings] == [False] * 5 + [True]
    assert [one.severity for one in found.findings] == [0, 1, 2, 3, 6, 8]


def test_good_news_takes_only_the_places_that_are_left(company: Dataset) -> None:
    facts = Facts(company)
    card = compute(facts, parse_period("2026-05", company.settings.fiscal), list(company.segments.names))
    all_of_them = findings(Lookup(facts, card, ("East", "West")), ALL_ACCOUNTS, ("East", "West"))
    assert [one.statement.text for one in fitting(all_of_them, 8)][5:] == [
        "Won revenue is 100k (8%) above plan: 1,300k of 1,200k.",
        "East won 500k more than in May 2025: 1,000k after 500k.",
    ]


def test_segments_are_worst_against_plan_first(company: Dataset) -> None:
    found = first_page(company)
    assert [line.segment for line in found.lines] == ["West", "East", ALL_ACCOUNTS]
    west = found.lines[0]
    assert west.won is not None and west.won.attainment.attainment == Fraction(3, 4)
    assert west.nrr is not None and west.grr is not None
    assert (west.nrr.value, west.grr.value) == (Fraction(1, 3), Fraction(1, 3))
    assert [(one.name, one.change) for one in found.contributions] == [("West", 100_000_00), ("East", 500_000_00)]


def test_the_measures_and_what_changed(company: Dataset) -> None:
    found = first_page(company).company
    assert [one.name for one in found.measures] == [
        *("Won revenue", "Won, new logo", "SQOs", "MRR (opening), all customers", "NRR 12 months, same customers"),
    ]
    values = [one.current.value if one.current else None for one in found.measures]
    assert values == [1_300_000_00, 300_000_00, 2, 400_00, Fraction(5, 8)]
    assert found.base == "May 2025"
    # New logos 300 after 500, renewals 1,000 after 200
    assert [(one.name, one.change) for one in found.changes] == [("New logo", -200_000_00), ("Renewal", 800_000_00)]


def test_a_miss_of_two_percent_is_none(folder: Folder) -> None:
    targets = "metric,month,value\nwon_revenue,2026-05,1326530\n"  # 1,300,000 is 98.0% of it
    dataset = folder(SETTINGS, accounts=ACCOUNTS, opportunities=OPPORTUNITIES, targets=targets)
    assert not [one for one in first_page(dataset).company.findings if one.rule == "plan"]
    targets = targets.replace("1326530", "1327000")  # 97.96%
    dataset = folder(SETTINGS, accounts=ACCOUNTS, opportunities=OPPORTUNITIES, targets=targets)
    (one,) = [one for one in first_page(dataset).company.findings if one.rule == "plan"]
    # The plan is 1,327 after 700; new logos fell from 500 to 300.
    assert one.text == (
        "Won revenue is 27k (2%) below plan: 1,300k of 1,327k, up 86% vs May 2025 (plan: up 90%; new logo: −200k)."
    )


def test_without_types_new_customers_are_new_business(folder: Folder) -> None:
    plain = SETTINGS.partition("[types]")[0]
    rows = [line.rsplit(",", 2)[0] for line in OPPORTUNITIES.strip().splitlines()]
    dataset = folder(plain, accounts=ACCOUNTS, opportunities="\n".join(rows))
    found = first_page(dataset).company
    assert not found.types and found.measures[1].name == "Won, new customers"
    assert set(found.won) == {"New customers", "Existing customers"}
    # No plan: the change on the year before. All that was won in May 2026 is from existing customers.
    assert found.headline == (
        "Won revenue is 1,300k, up 86% vs May 2025 (existing customers +1,100k, new customers −500k)."
    )
    (mix,) = [one for one in found.findings if one.rule == "mix"]
    assert "but revenue from new customers fell 100% to 0" in mix.text
    # Types are unknown, so is the pipeline that each creates.
    assert [(kind.name, kind.created, kind.rate) for kind in found.kinds] == [
        (name, (None, None), (None, None)) for name in ("New customers", "Existing customers", "All")
    ]


def test_lost_revenue_and_falls(folder: Folder) -> None:
    deals = """
opportunity_id,account_id,created_on,closed_on,stage,amount,type
W1,A1,2026-04-01,2026-05-10,Closed Won,60000,New
W2,A1,2025-04-01,2025-05-10,Closed Won,100000,New
L1,A1,2026-04-01,2026-05-10,Closed Lost,50000,New
L2,A1,2025-04-01,2025-05-10,Closed Lost,40000,New
O1,A2,2026-03-01,2026-05-20,Closed Lost,30000,New
"""
    found = of_segment(folder(SETTINGS, accounts=ACCOUNTS, opportunities=deals), ALL_ACCOUNTS)
    # Won 60 after 100. Lost 80 after 40. Open at the end of April: W1 60, L1 50, O1 30; at the end of May nothing.
    assert found.headline == (
        "Won revenue is 60,000, down 40% vs May 2025 (new logo −40,000). Open pipeline fell 100% vs Apr 2026."
    )
    assert texts(found) == [
        "Open pipeline fell 100% vs Apr 2026 to 0: won 60,000, lost 80,000.",
        "Won revenue fell 40% vs May 2025 to 60,000.",
        "Lost revenue rose 100% vs May 2025 to 80,000.",
    ]


def _missing_counts(folder: Folder, more: str = "") -> Finding:
    """East made 6 SQOs of a plan of 10, West none of 1: 5 are missing of 11, 4 of them East's. Leads 6 of 20 are worse
    still."""
    leads = "lead_id,account_id,created_on,mql_on,sqo_on\n"
    leads += "\n".join(f"L{at},A1,2026-05-01,2026-05-02,2026-05-03" for at in range(6))
    targets = "metric,month,value,segment\nsqos,2026-05,11,\nsqos,2026-05,10,East\nsqos,2026-05,1,West\n"
    targets += f"leads,2026-05,20,\n{more}"
    dataset = folder(SETTINGS, accounts=ACCOUNTS, leads=leads, targets=targets)
    facts = Facts(dataset)
    card = compute(facts, parse_period("2026-05", dataset.settings.fiscal), list(dataset.segments.names))
    found = findings(Lookup(facts, card, ("East", "West")), ALL_ACCOUNTS, ("East", "West"))
    (one,) = [one for one in found if one.statement.rule == "plan_counts"]
    return one


def test_missing_counts_name_the_largest_part_and_the_lowest_rate(folder: Folder) -> None:
    one = _missing_counts(folder)
    assert one.statement.text == (
        "SQOs are 45% below plan (6 of 11), leads 70% below (6 of 20); SQOs are below plan in both segments: East by "
        "4, West has 0 of 1."
    )
    assert one.clause == "SQOs are 45% below plan (leads 70% below)"


def test_missing_counts_name_the_segment_that_misses_most_of_the_earliest_step(folder: Folder) -> None:
    """East has 6 leads of a plan of 18, West none of 4: 12 of East's are missing."""
    one = _missing_counts(folder, "leads,2026-05,18,East\nleads,2026-05,4,West\n")
    assert one.statement.text == (
        "SQOs are 45% below plan (6 of 11), leads 70% below (6 of 20); East is 12 leads short (6 of 18)."
    )


def test_missing_leads_name_the_sources_that_fell_most(folder: Folder) -> None:
    """April: 9 leads of Trade Show, 7 of Webinar, 6 of Website, 9 without a source. May: none, 1, 2 and none: falls of
    9, 6, 4 (too few to name) and 9 (of no source). All of May's leads are MQLs, which miss their plan too: leads come
    before them."""
    counts = {"Trade Show": (9, 0), "Webinar": (7, 1), "Website": (6, 2), "": (9, 0)}
    days = [
        (source, day)
        for source, (april, may) in counts.items()
        for day in ["2026-04-02"] * april + ["2026-05-02"] * may
    ]
    leads = "lead_id,account_id,created_on,mql_on,source\n"
    leads += "\n".join(f"L{at},A1,{day},{day},{source}" for at, (source, day) in enumerate(days))
    targets = "metric,month,value\nleads,2026-05,6\nmqls,2026-05,12\n"
    dataset = folder(SETTINGS, accounts=ACCOUNTS, leads=leads, targets=targets)
    assert texts(of_segment(dataset, ALL_ACCOUNTS)) == [
        "MQLs are 75% below plan (3 of 12), leads 50% below (3 of 6); fewer leads vs Apr 2026 from Trade Show (0 after "
        "9: did the import stop?), Webinar (1 after 7)."
    ]


def test_segments_that_miss_other_plans_have_a_clause_each(folder: Folder) -> None:
    """The company makes 6 SQOs of 8; of leads, which it has no plan for, East has 6 of 8 and of MQLs 6 of 10."""
    leads = "lead_id,account_id,created_on,mql_on,sqo_on\n"
    leads += "\n".join(f"L{at},A1,2026-05-01,2026-05-02,2026-05-03" for at in range(6))
    targets = "metric,month,value,segment\nsqos,2026-05,8,\nleads,2026-05,8,East\nmqls,2026-05,10,East\n"
    dataset = folder(SETTINGS, accounts=ACCOUNTS, leads=leads, targets=targets)
    assert texts(first_page(dataset).company) == [
        "SQOs are 25% below plan (6 of 8); East's MQLs are 40% below (6 of 10), leads 25% below (6 of 8)."
    ]


def test_a_quarters_opening_mrr_is_left_out_once_a_later_month_reached_its_plan(folder: Folder) -> None:
    """90 opens April, the quarter's first month, against a plan of 100; June opens with 120 of 120, then of 130."""
    revenue = "account_id,month,mrr\nA1,2026-03,90\nA1,2026-04,90\nA1,2026-05,120\nA1,2026-06,120\n"
    for plan, said in ((120, []), (130, ["MRR at 1 Apr is 10 (10%) below plan: 90 of 100."])):
        months = (("04", 100), ("05", 100), ("06", plan))
        targets = "metric,month,value\n" + "\n".join(f"mrr,2026-{month},{cents}" for month, cents in months)
        settings = SETTINGS.replace("2026-06-05", "2026-07-05")
        dataset = folder(settings, accounts=ACCOUNTS, revenue=revenue, targets=targets)
        found = of_segment(dataset, ALL_ACCOUNTS, "2026-Q2")
        assert [one.text for one in found.findings if one.rule == "plan"] == said


def _closed(won: int, lost: int, year: int, amount: int) -> str:
    """New-logo deals of A1 that were won and lost in May of a year."""
    stages = ["Closed Won"] * won + ["Closed Lost"] * lost
    return "\n".join(
        f"{year}-{at},A1,{year}-05-01,{year}-05-10,{stage},{amount},New" for at, stage in enumerate(stages)
    )


_DEALS = "opportunity_id,account_id,created_on,closed_on,stage,amount,type\n"


def test_a_win_rate_that_moved_on_enough_deals_is_a_finding(folder: Folder) -> None:
    """4 of 10 after 8 of 10: 40 points less; 9 of 10 after 8 of 10: 10 points more. 4 of 9 is too few."""
    found = {}
    for won, lost in ((4, 6), (9, 1), (4, 5)):
        deals = f"{_DEALS}{_closed(8, 2, 2025, 100)}\n{_closed(won, lost, 2026, 100)}\n"
        summary = of_segment(folder(SETTINGS, accounts=ACCOUNTS, opportunities=deals), ALL_ACCOUNTS)
        found[won, lost] = [(one.text, one.favourable) for one in summary.findings if one.rule == "win_rate"]
    assert found == {
        (4, 6): [("Win rate fell 40.0 pp vs May 2025 to 40.0% (4 of 10 deals).", False)],
        (9, 1): [("Win rate rose 10.0 pp vs May 2025 to 90.0% (9 of 10 deals).", True)],
        (4, 5): [],
    }


def test_new_logos_that_fell_with_their_win_rate_say_so(folder: Folder) -> None:
    """New logos 2 x 100 of 5 closed after 4 x 100 of 5: 200 after 400, 40% after 80%. Renewals lift the total from 500
    to 1,200."""
    renewals = (
        "R1,A1,2025-05-01,2025-05-10,Closed Won,100,Renewal\nR2,A1,2026-05-01,2026-05-10,Closed Won,1000,Renewal\n"
    )
    deals = f"{_DEALS}{_closed(4, 1, 2025, 100)}\n{_closed(2, 3, 2026, 100)}\n{renewals}"
    dataset = folder(SETTINGS, accounts=ACCOUNTS, opportunities=deals)
    (one,) = [one for one in of_segment(dataset, "East").findings if one.rule == "mix"]
    assert one.text == (
        "Won revenue rose 140% vs May 2025, but new-logo revenue fell 50% to 200, 17% of the total; new-logo win rate "
        "is 40.0% (2 of 5 deals, 4 of 5 in May 2025: too few to judge)."
    )
    assert one.numbers["new_logo_win_rate"][0] == Fraction(2, 5)
    (one,) = [one for one in first_page(dataset).company.findings if one.rule == "mix"]
    assert one.text.endswith(
        "most in East (−50% to 200), whose new-logo win rate is 40.0% (2 of 5 deals, 4 of 5 in May 2025: too few to "
        "judge)."
    )


def test_retention_has_its_level_and_its_change(folder: Folder) -> None:
    """80 of 100 after 70 of 100 a year before: better, but still below 100%."""
    months = [f"{2024 + at // 12}-{at % 12 + 1:02}" for at in range(4, 29)]
    paid = {"2024-05": 1000, "2025-05": 700, "2026-05": 560}
    revenue = "account_id,month,mrr\n" + "\n".join(f"A1,{month},{paid.get(month, 700)}" for month in months)
    found = of_segment(folder(SETTINGS, accounts=ACCOUNTS, revenue=revenue), "East")
    (one,) = [one for one in found.findings if one.rule == "retention"]
    assert one.text == (
        "12-month NRR is 80.0% (+10.0 pp vs May 2025; GRR 80.0%): customers of a year ago pay 140 a month less (net)."
    )
    assert "NRR is still below 100% (80.0%, +10.0 pp vs May 2025)" in found.headline


def test_the_headline_says_nothing_that_what_to_look_at_has_no_place_for(company: Dataset) -> None:
    facts = Facts(company)
    card = compute(facts, parse_period("2026-05", company.settings.fiscal), list(company.segments.names))
    look = Lookup(facts, card, ("East", "West"))
    kept = fitting(findings(look, ALL_ACCOUNTS, ("East", "West")), 2)  # West's won revenue and the SQOs
    lead = look.measured(ALL_ACCOUNTS, "won_revenue", "", "Won revenue")
    assert headline(look, lead, (), kept).endswith("But West is 25% below plan and SQOs are 50% below plan.")


def test_falls_of_pipeline_have_one_threshold_and_say_how_few_deals(folder: Folder) -> None:
    """Open at the end of April: East 60 and 20, West 40 and 10; at the end of May East 60, West 40. Each fell by 20% or
    more, and by more than 1% of 130."""
    deals = """
opportunity_id,account_id,created_on,closed_on,stage,amount,type
O1,A1,2026-04-01,,Proposal,60000,New
O2,A1,2026-04-01,2026-05-10,Closed Lost,20000,New
O3,A2,2026-04-01,,Proposal,40000,New
O4,A2,2026-04-01,2026-05-10,Closed Lost,10000,New
"""
    dataset = folder(SETTINGS, accounts=ACCOUNTS, opportunities=deals)
    (one,) = [one for one in first_page(dataset).company.findings if one.rule == "fall_pipeline_by_stage"]
    assert one.text == (
        "Open pipeline fell 23% vs Apr 2026 to 100,000 (2 deals): lost 30,000; also in East (−25% to 60,000), West "
        "(−20% to 40,000)."
    )


def test_retention_above_100_percent_that_falls_is_said(folder: Folder) -> None:
    """130 a month from 100 a year before, until April 2026; in May 127 from 100, 3 points less. In April 2025 nobody
    paid yet, so May is compared with April."""
    months = [f"{2025 + at // 12}-{at % 12 + 1:02}" for at in range(3, 17)]
    paid = {"2026-04": 130, "2026-05": 127}
    revenue = "account_id,month,mrr\n" + "\n".join(f"A1,{month},{paid.get(month, 100)}" for month in months)
    found = of_segment(folder(SETTINGS, accounts=ACCOUNTS, revenue=revenue), "East")
    assert "12-month NRR fell 3.0 pp vs Apr 2026 to 127.0%." in texts(found)


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (815_400_00, 713_700_00, "101k"),  # 815k and 714k; exactly 101.7k
        (45_000_00, 60_000_00, "15k"),
        (12_400_00, 9_700_00, "2.7k"),  # too small for whole thousands: exact
        (3_240_00, 1_760_00, "1.4k"),  # 3.2k and 1.8k; exactly 1.48k
        (161_254_00, 169_745_00, "8.5k"),
    ],
)
def test_differences_are_those_of_the_numbers_shown(first: int, second: int, text: str) -> None:
    assert difference_text(first, second, MONEY, money_scale(1_000_000_00)) == text


@pytest.mark.parametrize(
    ("cents", "thousands", "millions", "full"),
    [
        (3_782_400_00, "3,782k", "3.8m", "3,782,400"),
        (12_640_00, "13k", "<0.1m", "12,640"),
        (3_185_00, "3.2k", "<0.1m", "3,185"),
        (49_00, "<0.1k", "<0.1m", "49"),
        (0, "0", "0", "0"),
    ],
)
def test_amounts_below_ten_of_the_pages_unit_have_a_decimal(
    cents: int, thousands: str, millions: str, full: str
) -> None:
    scales = [money_scale(largest) for largest in (1_000_000_00, 1_000_000_000_00, 100_00)]
    assert [scale.text(cents) for scale in scales] == [thousands, millions, full]


def test_a_base_without_a_change_that_means_something_is_not_named(folder: Folder) -> None:
    """In May 2025 nothing was closed and 100 was open, of which 2,000,100 is more than 999%; in April it was 2,000,100
    too."""
    deals = f"""{_DEALS}
O1,A1,2025-05-01,,Proposal,100,New
O2,A1,2026-04-10,,Proposal,2000000,New
W1,A1,2026-05-01,2026-05-10,Closed Won,3000,New
"""
    found = of_segment(folder(SETTINGS, accounts=ACCOUNTS, opportunities=deals), ALL_ACCOUNTS)
    assert found.against == ("Apr 2026",)


def test_the_next_quarter_at_the_win_rate(folder: Folder) -> None:
    deals = """
opportunity_id,account_id,created_on,closed_on,stage,amount,type,expected_close_on
W1,A1,2026-04-01,2026-06-10,Closed Won,100000,New,
L1,A1,2026-04-01,2026-06-10,Closed Lost,100000,New,
O1,A1,2026-04-01,,Proposal,90000,New,2026-08-01
"""
    targets = "metric,month,value\n" + "\n".join(f"won_revenue,2026-{month:02},20000" for month in range(7, 10))
    dataset = folder(
        SETTINGS.replace("2026-06-05", "2026-07-05"), accounts=ACCOUNTS, opportunities=deals, targets=targets
    )
    (one,) = [one for one in of_segment(dataset, ALL_ACCOUNTS, "2026-06").findings if one.rule == "next_quarter"]
    # June ends its quarter. Due from July to September: 90 of a plan of 60; half of what closes is won: 45.
    assert one.text == (
        "Pipeline due in 2026-Q3 covers its plan 1.5× (90,000 of 60,000); at the 12-month win rate by revenue "
        "(50.0%, all deals) it gives 45,000; the missing 15,000 takes about 30,000 of new pipeline."
    )


def test_a_segment_whose_pipeline_does_not_cover_its_plan(folder: Folder) -> None:
    """East has 90 due of a plan of 20, West 30 of 40; all of the 10 closed were won, so no rate says anything."""
    deals = """
opportunity_id,account_id,created_on,closed_on,stage,amount,type,expected_close_on
W1,A1,2026-04-01,2026-06-10,Closed Won,10000,New,
O1,A1,2026-04-01,,Proposal,90000,New,2026-08-01
O2,A2,2026-04-01,,Proposal,30000,New,2026-08-01
"""
    plans = (("", 60000), ("East", 20000), ("West", 40000))
    targets = "metric,month,value,segment\n" + "\n".join(f"won_revenue,2026-07,{cents},{name}" for name, cents in plans)
    months = "\n".join(f"won_revenue,2026-{month},0,{name}" for month in ("08", "09") for name, _ in plans)
    dataset = folder(
        SETTINGS.replace("2026-06-05", "2026-07-05"),
        accounts=ACCOUNTS,
        opportunities=deals,
        targets=f"{targets}\n{months}",
    )
    (one,) = [one for one in first_page(dataset, "2026-06").company.findings if one.rule == "next_quarter"]
    assert one.text == "West: pipeline due in 2026-Q3 covers its plan only 0.8× (30,000 of 40,000)."  # 0.75
    assert one.segment == "West"
    (one,) = [one for one in of_segment(dataset, "West", "2026-06").findings if one.rule == "next_quarter"]
    assert one.text == "Pipeline due in 2026-Q3 covers its plan only 0.8× (30,000 of 40,000)."


def test_won_revenue_pipeline_and_win_rate_by_type(folder: Folder) -> None:
    deals = """
opportunity_id,account_id,created_on,closed_on,stage,amount,type
W1,A1,2026-05-01,2026-05-10,Closed Won,60000,New
L1,A1,2026-04-01,2026-05-10,Closed Lost,50000,New
W2,A1,2026-04-01,2026-05-11,Closed Won,30000,Renewal
O1,A2,2026-05-03,,Proposal,20000,Up
W3,A1,2025-05-01,2025-05-10,Closed Won,80000,New
"""
    found = of_segment(folder(SETTINGS, accounts=ACCOUNTS, opportunities=deals), ALL_ACCOUNTS)
    values = {
        kind.name: [None if one is None else one.value for one in (*kind.won, kind.created[0], kind.rate[0])]
        for kind in found.kinds
    }
    assert values == {
        "New logo": [60_000_00, 80_000_00, 60_000_00, Fraction(1, 2)],
        "Expansion": [0, 0, 20_000_00, None],  # created, not closed
        "Renewal": [30_000_00, 0, 0, 1],
        "All": [90_000_00, 80_000_00, 80_000_00, Fraction(2, 3)],
    }


def test_segments_that_overlap_add_up_to_more(folder: Folder) -> None:
    members = """
segment,account_id,start,end
East,A1,,
Large,A1,,
Large,A2,,
"""
    dataset = folder(
        SETTINGS.replace('[segments]\nby = "region"', "[segments]"),
        accounts=ACCOUNTS,
        opportunities=OPPORTUNITIES,
        segment_members=members,
    )
    facts = Facts(dataset)
    card = compute(facts, parse_period("2026-05", dataset.settings.fiscal), list(dataset.segments.names))
    overlap = executive_summary(facts, card).overlap
    # East and Large both have A1's 1,000k; Large has A2's 300k as well.
    assert overlap is not None
    assert (overlap.accounts, overlap.sum, overlap.company) == (1, 2_300_000_00, 1_300_000_00)
    assert overlap.parts == ("Large",)  # with A3, which is in no segment and won nothing


def test_quarters_have_quarters(company: Dataset) -> None:
    found = of_segment(company, ALL_ACCOUNTS, "2026-Q1")
    assert len(found.windows) == 9
    assert (found.names[0], found.names[-2:]) == ("2024-Q1", ("2025-Q4", "2026-Q1"))


def test_comments_are_read_for_their_period_and_segment(tmp_path: Path) -> None:
    assert read_comments(tmp_path, Fiscal()) == ()
    (tmp_path / "comments.toml").write_text(
        '[[comment]]\nperiod = "2026-05"\ntext = "All well."\n'
        '[[comment]]\nperiod = "2026-05"\nsegment = "west"\ntext = "Late."\nowner = "Ann"\ndate = 2026-06-02\n'
        '[[comment]]\nperiod = "2026-05"\nsegment = "Wset"\ntext = "Lost."\n',
        encoding="utf-8",
    )
    found = read_comments(tmp_path, Fiscal())
    late = Comment("2026-05", "west", "Late.", "Ann", date(2026, 6, 2))
    assert comments_on(found, "2026-05", "") == (Comment("2026-05", "", "All well."),)
    assert comments_on(found, "2026-05", "West") == (late,)
    assert comments_on(found, "2026-04", "West") == ()
    assert unknown_segments(found, "2026-05", ["West"]) == ("Wset",)
    _, both = by_sentence((late, Comment("2026-05", "West", "Mended.")), ())
    assert both is not None and both.text == "Late. (Ann, 2026-06-02)\nMended."


@pytest.mark.parametrize(("written", "label"), [("May 2026", "2026-05"), ("2026-5", "2026-05"), ("Q2 2026", "2026-Q2")])
def test_a_comment_takes_its_period_in_any_form(tmp_path: Path, written: str, label: str) -> None:
    """It would be on no page, and nothing would say so."""
    (tmp_path / "comments.toml").write_text(f'[[comment]]\nperiod = "{written}"\ntext = "A"\n', encoding="utf-8")
    assert [one.text for one in comments_on(read_comments(tmp_path, Fiscal()), label, "")] == ["A"]


def test_a_comment_is_on_the_sentence_that_has_its_words(tmp_path: Path) -> None:
    (tmp_path / "comments.toml").write_text(
        '[[comment]]\nperiod = "2026-05"\nfinding = "12-month nrr"\ntext = "Two left."\nowner = "Ann"\n'
        '[[comment]]\nperiod = "2026-05"\nfinding = "Lost revenue"\ntext = "Gone."\n',
        encoding="utf-8",
    )
    sentences = ("SQOs are 50% below plan.", "12-month NRR is 62.5%.")
    each, whole = by_sentence(comments_on(read_comments(tmp_path, Fiscal()), "2026-05", ""), sentences)
    assert each[0] is None
    assert each[1] is not None and (each[1].text, each[1].owner) == ("Two left.", "Ann")
    # Its sentence is not on this page: it is not lost.
    assert whole is not None and whole.text == "Lost revenue: Gone."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[comment]]\nperiod = 202605\n", "write period in quotes"),
        ('[[comment]]\nperiod = "2026-05"\n', "comment 1 has no text"),
        ('[[comment]]\nperiod = "2026-05"\ntxet = "A"\n', "unknown key 'txet'; did you mean 'text'"),
        ('[[comment]]\nperiod = "2026-05"\ntext = "A"\ndate = "soon"\n', "write the date as 2026-11-06"),
        ('text = "A"\n', "a block that starts with"),
        ("[[comment]\n", "is not valid TOML"),
        ('[[comment]]\nperiod = "2026-05"\ntext = "A\n', "line 3, text: a text needs the same quotes at both ends"),
        ('[[comment]]\nperiod = "2026-5O"\ntext = "A"\n', "comment 1: '2026-5O' is not a period"),
    ],
)
def test_comments_that_cannot_be_used_say_why(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "comments.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SegxlError) as error:
        read_comments(tmp_path, Fiscal())
    assert words in str(error.value)


# -- numbers that mean nothing


def test_a_win_rate_by_revenue_without_lost_amounts_means_nothing(folder: Folder) -> None:
    deals = """
opportunity_id,account_id,created_on,closed_on,stage,amount,type
W1,A1,2026-05-01,2026-05-10,Closed Won,60000,New
L1,A1,2026-05-01,2026-05-10,Closed Lost,0,New
L2,A2,2026-05-01,2026-05-10,Closed Lost,,New
W2,A2,2026-04-01,2026-04-10,Closed Won,10,New
"""
    facts = Facts(folder(SETTINGS, accounts=ACCOUNTS, opportunities=deals))
    period = parse_period("2026-05", facts.dataset.settings.fiscal)
    metrics = compute(facts, period, [ALL_ACCOUNTS]).segments[ALL_ACCOUNTS].metrics
    rate = metrics["win_rate_revenue"].total
    assert rate.current.value == 1  # the definition's number stays
    assert rate.current.meaningless == "none of 2 lost opportunities has an amount"
    assert rate.previous is not None and rate.previous.meaningless == ""  # nothing was lost in April
    cell = figure_cell(rate.current, "value")
    assert (cell.value, cell.style) == ("n/a", "muted") and "lost opportunities" in cell.tip
    assert metrics["win_rate_count"].total.current.small == 3


def test_cost_per_sqo_without_costs_means_nothing(folder: Folder) -> None:
    costs = "month,amount,kind,segment\n2026-05,900,acquisition,East\n"
    facts = Facts(folder(SETTINGS, accounts=ACCOUNTS, opportunities=OPPORTUNITIES, leads=LEADS, costs=costs))
    period = parse_period("2026-05", facts.dataset.settings.fiscal)
    cards = compute(facts, period, ["East", "West"]).segments
    east, west = (cards[name].metrics["cost_per_sqo"].total.current for name in ("East", "West"))
    assert (east.value, east.meaningless) == (900_00, "")
    assert (west.value, west.meaningless) == (0, "no cost is recorded for the segment")


def test_changes_beyond_999_percent_say_only_that() -> None:
    assert change_percent(Fraction(999, 100), True).value == 9.99
    for good in (True, False):  # neither is a judgement: the base was small
        cell = change_percent(Fraction(28950, 100), good)
        assert (cell.value, cell.style) == (">999%", "subvalue")


def test_a_month_says_what_its_quarter_won_so_far(folder: Folder) -> None:
    """April 60 and May 40 of the quarter's plan of 3 x 50: 100 of 150 is 67%. April is the quarter's first month."""
    deals = "opportunity_id,account_id,created_on,closed_on,stage,amount\n"
    deals += "D1,A1,2026-04-01,2026-04-10,Closed Won,60\nD2,A1,2026-04-01,2026-05-10,Closed Won,40\n"
    plans = "metric,month,value\n" + "\n".join(f"won_revenue,2026-0{month},50" for month in (4, 5, 6))
    dataset = folder(SETTINGS, accounts=ACCOUNTS, opportunities=deals, targets=plans)
    assert first_page(dataset).company.to_date == "2026-Q2 to date: 100 won, 67% of its plan"
    assert first_page(dataset, "2026-04").company.to_date == ""
    assert first_page(dataset, "2026-Q2").company.to_date == ""
    assert of_segment(dataset, "East").to_date == "2026-Q2 to date: 100 won"  # no plan of its own


def test_mrr_at_the_end_of_the_period(company: Dataset) -> None:
    """In May 2026 they pay 150, 100 and nothing."""
    assert first_page(company).company.closing_mrr == 250_00
