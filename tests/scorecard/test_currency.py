"""Foreign amounts: the event month's rate, cents exact, and what happens without a rate."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.errors import SegxlError
from segxl.facts.currency import round_half_away
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.scorecard.compute import compute
from tests.conftest import Folder, Views

RATES = """
month,currency,rate
2025-03,EUR,1.10
2025-04,eur,1.20
2025-05,EUR,1.25
2025-05,JPY,0.0065
"""

DEALS = """
opportunity_id,created_on,stage,closed_on,amount,currency
1,2025-04-01,Closed Won,2025-05-10,100,EUR
2,2025-05-02,Closed Won,2025-05-10,10,
3,2025-05-02,Closed Won,2025-05-10,1,usd
4,2025-05-02,Closed Won,2025-05-10,777,JPY
5,2025-04-01,Discovery,,1000,Eur
"""


def test_each_event_takes_the_rate_of_its_month(folder: Folder, views: Views) -> None:
    dataset = folder(opportunities=DEALS, fx_rates=RATES)
    # Won in May: 100 × 1.25 + 10 + 1 + 777 × 0.0065 = 5.0505, which is 5.05
    assert views(dataset, "won_revenue", "2025-05")["total"]["value"] == 141.05
    # Created in April at April's rate: 100 × 1.20 + 1,000 × 1.20 = 1,320; nothing lost
    assert views(dataset, "net_new_pipeline", "2025-04")["total"]["value"] == 1320
    # Created in May: 10 + 1 + 5.05
    assert views(dataset, "net_new_pipeline", "2025-05")["total"]["value"] == 16.05
    # Open at the end of April: 1 and 5 at 1.20; of May: 5 alone at 1.25. The rates move it as well as the deals.
    pipeline = views(dataset, "pipeline_by_stage", "2025-05")
    assert pipeline["total"]["value"] == 1250
    assert pipeline["mom"]["base"] == 1320
    assert all(
        check.passed
        for check in compute(Facts(dataset), parse_period("2025-05", dataset.settings.fiscal), [ALL_ACCOUNTS]).checks
    )


def test_without_a_rate_it_counts_in_numbers_and_not_in_amounts(folder: Folder, views: Views) -> None:
    deals = DEALS + "6,2025-05-02,Closed Won,2025-05-10,500,GBP\n7,2025-05-02,Closed Won,2025-05-10,,CHF\n"
    dataset = folder(opportunities=deals, fx_rates=RATES)
    assert views(dataset, "won_opportunities", "2025-05")["total"]["value"] == 6
    assert views(dataset, "won_revenue", "2025-05")["total"]["value"] == 141.05
    # it stays in the denominator: 141.05 / 6
    size = views(dataset, "average_deal_size", "2025-05")["total"]
    assert (size["numerator"], size["denominator"]) == (141.05, 6)
    result = compute(Facts(dataset), parse_period("2025-05", dataset.settings.fiscal), [ALL_ACCOUNTS])
    (check,) = [check for check in result.checks if not check.passed]
    assert check.name == "Every foreign amount has an exchange rate"
    assert (check.expected, check.actual) == (0, 1)  # 7 has no amount to convert
    assert check.detail == (
        "opportunities.csv: 1 row is in GBP, without an exchange rate for at least one month that counts "
        "(500.00 GBP; row 7). Add GBP to fx_rates, one row per month."
    )


def test_without_a_table_of_rates_its_columns_are_named(folder: Folder) -> None:
    dataset = folder(opportunities=DEALS)
    condition, *_ = [one for one in dataset.ledger.conditions if one.fails]
    assert condition.fix == "Add EUR to a table fx_rates (month, currency, rate), one row per month"


def test_a_rate_of_another_month_does_not_help(folder: Folder, views: Views) -> None:
    dataset = folder(opportunities=DEALS, fx_rates="month,currency,rate\n2025-04,EUR,1.20\n")
    # 1 was created in April (120) and won in May (no rate; JPY neither): 10 + 1
    assert views(dataset, "won_revenue", "2025-05")["total"]["value"] == 11
    assert views(dataset, "net_new_pipeline", "2025-04")["total"]["value"] == 1320


def test_another_reporting_currency(folder: Folder, views: Views) -> None:
    dataset = folder(
        'currency = "eur"\n',
        opportunities=DEALS,
        fx_rates="month,currency,rate\n2025-05,USD,0.8\n2025-05,JPY,0.005\n",
    )
    # 100 + 10 (blank is the reporting currency) + 1 × 0.8 + 777 × 0.005 = 3.885, which is 3.89
    assert views(dataset, "won_revenue", "2025-05")["total"]["value"] == 114.69


@pytest.mark.slow
def test_each_row_is_rounded_half_away_from_zero_before_it_is_added(folder: Folder, views: Views) -> None:
    deals = "opportunity_id,created_on,stage,closed_on,amount,currency\n" + "\n".join(
        f"{n},2025-05-01,Closed Won,2025-05-10,{amount},XYZ"
        for n, amount in enumerate(["0.01", "0.01", "-0.01", "0.03"])
    )
    dataset = folder(opportunities=deals, fx_rates="month,currency,rate\n2025-05,XYZ,0.5\n")
    # half a cent each: 0.01, 0.01, -0.01, and 1.5 cents: 0.02; together 0.03 (not the 0.02 of the unrounded sum)
    assert views(dataset, "won_revenue", "2025-05")["total"]["value"] == 0.03


def test_a_rate_is_the_decimal_that_the_file_shows(folder: Folder, views: Views) -> None:
    # 1.005 as a binary number is a little less, and 1.00 × it would be rounded down
    dataset = folder(
        opportunities="opportunity_id,created_on,stage,closed_on,amount,currency\n"
        "1,2025-05-01,Closed Won,2025-05-10,1,XYZ\n",
        fx_rates="month,currency,rate\n2025-05,XYZ,1.005\n2025-05,EUR,1.1\n",
    )
    assert views(dataset, "won_revenue", "2025-05")["total"]["value"] == 1.01


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("2025-05,EUR,0", "fx_rates: the rate of EUR in 2025-05 must be above zero"),
        ("2025-05,EUR,-1.1", "fx_rates: the rate of EUR in 2025-05 must be above zero"),
        ("2025-05,EUR,1.1\n2025-05,eur,1.2", "fx_rates: EUR has two rates in 2025-05; keep one of them"),
    ],
)
def test_rates_that_cannot_be_meant(folder: Folder, rows: str, message: str) -> None:
    dataset = folder(opportunities=DEALS, fx_rates=f"month,currency,rate\n{rows}\n")
    with pytest.raises(SegxlError, match=message):
        Facts(dataset)


def test_two_rates_of_one_currency_and_month_are_rejected(folder: Folder) -> None:
    dataset = folder(opportunities=DEALS, fx_rates="month,currency,rate\n2025-05,EUR,1.1\n2025-05,EUR,1.2\n")
    rejected = dataset.ledger.files[1].rejected
    assert [one.row for one in rejected] == [2, 3]


@pytest.mark.parametrize(("exact", "whole"), [("5/2", 3), ("-5/2", -3), ("7/3", 2), ("-7/3", -2), ("0", 0), ("1/2", 1)])
def test_half_away_from_zero(exact: str, whole: int) -> None:
    assert round_half_away(Fraction(exact)) == whole


@given(st.decimals(-(10**9), 10**9, places=4))
def test_rounding_is_that_of_decimal(value: Decimal) -> None:
    assert round_half_away(Fraction(value)) == int(value.quantize(Decimal(1), ROUND_HALF_UP))


def test_recurring_revenue_without_a_rate_fails_the_check(folder: Folder) -> None:
    dataset = folder(
        opportunities="opportunity_id,created_on,stage\nO1,2025-05-02,Discovery",
        revenue="account_id,start,mrr,currency\nA1,2025-01-01,100,USD\nA2,2025-01-01,80,EUR",
        fx_rates="month,currency,rate\n2025-05,EUR,1.1",
    )
    result = compute(Facts(dataset), parse_period("2025-05", dataset.settings.fiscal), ["All accounts"])
    check = next(one for one in result.checks if "exchange" in one.name)
    # the opening of May is at the rate of April, which is missing
    assert (check.passed, check.actual) == (False, 1)
    assert check.detail.endswith("(80.00 EUR; row 3). Add EUR to fx_rates, one row per month.")
    assert result.segments["All accounts"].metrics["mrr"].total.current.value == 100_00  # A2 counts 0 in the money
