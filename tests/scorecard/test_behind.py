"""The deals and customers behind sentences, worked by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.scorecard.behind import behind, largest, largest_open
from segxl.scorecard.compute import compute
from segxl.scorecard.finding import Finding, said
from segxl.scorecard.lookup import Lookup
from segxl.scorecard.summary_model import Behind
from tests.conftest import Folder

SETTINGS = """
run_date = 2026-06-05
stages = ["Discovery", "Proposal"]
[segments]
by = "region"
[types]
New = "new_logo"
Renewal = "renewal"
"""
ACCOUNTS = "account_id,name,region\nA1,Alpha,East\nA2,Beta,East\nA3,,East\nA4,Delta,West\n"
# At the end of May 2026 East has open: D1 and D2, due in the next quarter (July to September), D3, due in June, D4,
# which was due on 20 May, and D5, undated. X1 is of West, X2 was created later.
DEALS = """
opportunity_id,account_id,owner,created_on,closed_on,stage,amount,type,expected_close_on,loss_reason
D1,A1,Ann,2026-03-01,,Proposal,300,New,2026-07-14,
D2,A2,,2026-03-02,,Discovery,400,New,2026-08-01,
D3,A1,Ann,2026-03-03,,Proposal,900,New,2026-06-10,
D4,A2,Bob,2026-03-04,,Proposal,50,New,2026-05-20,
D5,A3,Ann,2026-03-05,,Discovery,70,New,,
X1,A4,Dan,2026-03-06,,Proposal,5000,New,2026-07-15,
X2,A1,Ann,2026-06-01,,Proposal,7000,New,2026-07-16,
L1,A1,Ann,2026-04-01,2026-05-02,Closed Lost,600,Renewal,,Price
L2,A2,Bob,2026-04-02,2026-05-03,Closed Lost,500,New,,
L3,A2,Eve,2026-04-03,2026-05-04,Closed Lost,200,New,,Timing
L4,A2,Eve,2026-04-04,2026-04-30,Closed Lost,999,New,,Timing
W1,A1,Ann,2026-05-01,2026-05-05,Closed Won,100,New,,
"""
# In May 2025 they paid 100, 80, 60 and 500 a month; in May 2026 40, 90 and 0 and 0.
_MONTHS = [f"{2025 + at // 12}-{at % 12 + 1:02}" for at in range(4, 17)]
REVENUE = "account_id,month,mrr\n" + "\n".join(
    f"{account},{month},{now if month == '2026-05' else then}"
    for account, then, now in (("A1", 100, 40), ("A2", 80, 90), ("A3", 60, 0), ("A4", 500, 0))
    for month in _MONTHS
    if month != "2026-05" or now
)


@pytest.fixture
def company(folder: Folder) -> Dataset:
    return folder(SETTINGS, accounts=ACCOUNTS, opportunities=DEALS, revenue=REVENUE)


def looked_up(dataset: Dataset, period: str = "2026-05") -> Lookup:
    facts = Facts(dataset)
    found = compute(facts, parse_period(period, dataset.settings.fiscal), list(dataset.segments.names))
    return Lookup(facts, found, ("East",))


def of_rule(look: Lookup, rule: str, metric: str = "won_revenue", where: str = "") -> Behind | None:
    return behind(look, Finding(said(rule, "East", metric, "", -1, {}), 1, 0, Fraction(0), "", where))


def rows(found: Behind | None) -> list[tuple[str, str, str, str, int]]:
    assert found is not None
    return [(one.record, one.account, one.owner, one.what, one.cents // 100) for one in found.cases]


def test_deals_due_in_the_quarter_that_coverage_is_about(company: Dataset) -> None:
    """May's own quarter, April to June: D3, and D4, which is late."""
    found = of_rule(looked_up(company), "next_quarter")
    assert rows(found) == [
        ("D3", "Alpha", "Ann", "Proposal, 10 Jun", 900),
        ("D4", "Beta", "Bob", "Proposal, due 20 May", 50),
    ]
    assert found is not None and (found.count, found.cents) == (2, 950_00)
    assert found.title == "Due in 2026-Q2: 2 deals, 950"


def test_open_deals_without_an_amount_are_counted(folder: Folder) -> None:
    deals = DEALS.replace("Proposal,50,New,2026-05-20", "Proposal,,New,2026-05-20")
    found = of_rule(looked_up(folder(SETTINGS, accounts=ACCOUNTS, opportunities=deals)), "next_quarter")
    assert found is not None and found.title == "Due in 2026-Q2: 2 deals (1 without an amount), 900"


def test_on_a_quarters_last_month_they_are_those_of_the_next(company: Dataset) -> None:
    """At the end of June, with X2; D2 has no owner, so that of Beta's newest deal counts: Eve's L4."""
    assert rows(of_rule(looked_up(company, "2026-06"), "next_quarter")) == [
        ("X2", "Alpha", "Ann", "Proposal, 16 Jul", 7000),
        ("D2", "Beta", "Eve", "Discovery, 1 Aug", 400),
        ("D1", "Alpha", "Ann", "Proposal, 14 Jul", 300),
    ]


def test_overdue_deals(company: Dataset) -> None:
    found = of_rule(looked_up(company), "overdue")
    assert rows(found) == [("D4", "Beta", "Bob", "Proposal, due 20 May", 50)]
    assert found is not None and found.title == "Past their close date: 1 deal, 50"


def test_lost_deals_have_their_type_and_reason(company: Dataset) -> None:
    found = of_rule(looked_up(company), "lost")
    assert rows(found) == [
        ("L1", "Alpha", "Ann", "Renewal, Price", 600),
        ("L2", "Beta", "Bob", "New logo", 500),
        ("L3", "Beta", "Eve", "New logo, Timing", 200),
    ]
    assert found is not None and found.title == "Lost in May 2026: 3 deals"


def test_a_mix_that_moved_has_the_lost_deals_of_new_logos(company: Dataset) -> None:
    found = of_rule(looked_up(company), "mix")
    assert rows(found) == [("L2", "Beta", "Bob", "lost", 500), ("L3", "Beta", "Eve", "Timing", 200)]
    assert found is not None and found.title == "New logo, lost in May 2026: 2 deals"


def test_a_missed_plan_has_what_was_lost(company: Dataset) -> None:
    assert [row[0] for row in rows(of_rule(looked_up(company), "plan"))] == ["L1", "L2", "L3"]
    assert of_rule(looked_up(company), "plan", "sqos") is None


def test_customers_that_pay_less_than_a_year_ago(company: Dataset) -> None:
    """A1 pays 60 less and A3, which has no name, left; A2 pays more, which is not set against it."""
    found = of_rule(looked_up(company), "retention")
    assert rows(found) == [("A1", "Alpha", "Ann", "40 after 100", -60), ("A3", "A3", "Ann", "left", -60)]
    assert found is not None and (found.count, found.cents) == (2, -120_00)
    assert found.title == "Left or pay less than in May 2025: 2 customers, −120 a month"


def test_another_segments_deals_where_the_sentence_is_about_it(company: Dataset) -> None:
    assert rows(of_rule(looked_up(company, "2026-06"), "next_quarter", where="West")) == [
        ("X1", "Delta", "Dan", "Proposal, 15 Jul", 5000)
    ]


def test_the_largest_in_words(company: Dataset) -> None:
    look = looked_up(company)
    lost, less = of_rule(look, "lost"), of_rule(look, "retention")
    assert lost is not None and less is not None
    assert largest(lost, look.scale, 2) == "Alpha (Ann) 600 lost; Beta (Bob) 500 lost"
    assert largest(less, look.scale, 1) == "Alpha (Ann) −60 a month"
    for where, whose in (
        ("West", "West: Delta (Dan) −500 a month"),
        (ALL_ACCOUNTS, "Company: Delta (Dan) −500 a month"),
    ):
        found = of_rule(look, "retention", where=where)
        assert found is not None and largest(found, look.scale, 1) == whose


def test_without_close_dates_the_largest_open_deals(folder: Folder) -> None:
    deals = DEALS.replace(",expected_close_on", "").replace("2026-07-14,", "").replace("2026-08-01,", "")
    deals = deals.replace("2026-06-10,", "").replace("2026-05-20,", "").replace("2026-07-15,", "")
    deals = deals.replace("2026-07-16,", "").replace("New,,", "New,").replace("Renewal,,", "Renewal,")
    look = looked_up(folder(SETTINGS, accounts=ACCOUNTS, opportunities=deals))
    found = largest_open(look, "East")
    assert [(row[0], row[3]) for row in rows(found)] == [
        ("D3", "Proposal"),
        ("D2", "Discovery"),
        ("D1", "Proposal"),
        ("D5", "Discovery"),
        ("D4", "Proposal"),
    ]
    assert found is not None and found.title == "Open: 5 deals, 1,720"


def test_lost_deals_without_amounts_are_no_list(folder: Folder) -> None:
    deals = DEALS.replace(",600,", ",,").replace(",500,", ",,").replace(",200,", ",,")
    look = looked_up(folder(SETTINGS, accounts=ACCOUNTS, opportunities=deals))
    assert of_rule(look, "lost") is None
    # A plan that is missed has the late deal then.
    assert [row[0] for row in rows(of_rule(look, "plan"))] == ["D4"]


def test_a_company_without_deals_has_customers_only(folder: Folder) -> None:
    look = looked_up(folder(SETTINGS, accounts=ACCOUNTS, revenue=REVENUE))
    assert largest_open(look, "East") is None
    assert [(row[0], row[2]) for row in rows(of_rule(look, "retention"))] == [("A1", ""), ("A3", "")]
