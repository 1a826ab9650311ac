"""Dates, signs, outcomes and amounts that contradict each other: who hears of which rows, and when no one does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from segxl.dataset.check import Check
from segxl.dataset.load import load
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.scorecard.compute import compute
from segxl.scorecard.model import Scorecard
from tests.small import write_csv

Rows = Iterable[Sequence[object]]
Month = Callable[..., Scorecard]
DEAL = ("opportunity_id", "account_id", "created_on", "closed_on", "stage", "amount")
CHANGE = ("opportunity_id", "changed_at", "stage", "amount")
SUBSCRIPTION, MOVEMENT = ("account_id", "start", "end", "mrr"), ("account_id", "date", "type", "amount")


@pytest.fixture
def month(tmp_path: Path) -> Month:
    """The scorecard of a month for a company with these tables, each a header and its rows."""

    def made(
        period: str, run_date: str = "2024-07-03", toggles: str = "", **tables: tuple[Sequence[str], Rows]
    ) -> Scorecard:
        names = "".join(f'[tables.{name}]\nfile = "{name}.csv"\n' for name in tables)
        settings = (
            f'name = "Kiosk"\ncurrency = "EUR"\nstages = ["Lead", "Offer"]\nrun_date = {run_date}\n{names}{toggles}'
        )
        (tmp_path / "segxl.toml").write_text(settings, encoding="utf-8")
        for name, (header, rows) in tables.items():
            write_csv(tmp_path / f"{name}.csv", header, rows)
        facts = Facts(load(tmp_path))
        return compute(facts, parse_period(period, facts.dataset.settings.fiscal), [ALL_ACCOUNTS])

    return made


def said(scorecard: Scorecard) -> list[str]:
    return [one.text for one in scorecard.warnings]


def closing(scorecard: Scorecard, outcome: str) -> Check:
    (check,) = [one for one in scorecard.checks if f"same {outcome} deals as in" in one.name]
    return check


def value(scorecard: Scorecard, metric: str, line: str = "total") -> object:
    result = scorecard.segments[ALL_ACCOUNTS].metrics[metric]
    return next(one.current.value for one in result.lines if one.cut.key == line)


# --- a deal's own dates and amounts


def test_deals_closed_on_a_day_to_come_count_as_open_and_are_reported(month: Month) -> None:
    deals = [
        ("K1", "A", "2024-02-01", "2024-06-10", "Closed Won", "100"),
        ("K2", "A", "2024-03-01", "2025-06-10", "Closed Won", "40.50"),  # a year mistyped
        ("K3", "B", "2024-03-01", "2024-08-09", "Closed Lost", "60"),
        ("K4", "B", "2024-03-01", "2024-09-30", "Offer", "7"),  # open: the day is the expected one
    ]
    scorecard = month("2024-06", opportunities=(DEAL, deals))
    (text,) = said(scorecard)
    assert text == (
        "opportunities.csv: 2 rows have a close date after 2024-07-03 and count as open (100.50 EUR; rows 3, 4). "
        "Correct the close date or the stage in the CRM."
    )
    assert value(scorecard, "pipeline_by_stage") == 40_50 + 60_00 + 7_00


def test_an_earlier_day_looked_back_at_has_no_future(month: Month) -> None:
    """With a run date in the past the data goes on after it: K2 was created later still."""
    deals = [
        ("K1", "A", "2024-02-01", "2024-08-10", "Closed Won", "100"),
        ("K2", "A", "2024-09-01", "2024-09-03", "Closed Won", "100"),
        ("K3", "A", "2024-06-05", "", "Offer", "5"),  # so that the deals reach June
    ]
    assert not said(month("2024-06", opportunities=(DEAL, deals)))


def test_deals_closed_before_they_were_created_are_reported(month: Month) -> None:
    deals = [
        ("K1", "A", "2024-06-11", "2024-06-10", "Closed Won", "30"),
        ("K2", "A", "2024-06-10", "2024-06-10", "Closed Won", "5"),
    ]
    scorecard = month("2024-06", opportunities=(DEAL, deals))
    (text,) = said(scorecard)
    assert text.startswith("opportunities.csv: 1 row closed before it was created")
    assert "(30.00 EUR; row 2)" in text
    assert closing(scorecard, "won").passed  # it was never open, so the bridge cannot have it


def test_negative_amounts_of_history_are_reported(month: Month) -> None:
    deals = [("K1", "A", "2024-05-01", "", "Offer", "30")]
    history = [("K1", "2024-05-01", "Lead", "20"), ("K1", "2024-06-01", "Offer", "-30")]
    (text,) = said(month("2024-06", opportunities=(DEAL, deals), opportunity_history=(CHANGE, history)))
    assert text.startswith("opportunity_history.csv: 1 row has a negative amount and reduces the pipeline")
    assert "(−30.00 EUR; row 3)" in text


def test_negative_amounts_are_reported(month: Month) -> None:
    deals = [("K1", "A", "2024-02-01", "2024-06-10", "Closed Won", "-30"), ("K2", "A", "2024-02-01", "", "Lead", "5")]
    (text,) = said(month("2024-06", opportunities=(DEAL, deals)))
    assert text.startswith("opportunities.csv: 1 row has a negative amount and reduces the totals")
    assert "(−30.00 EUR; row 2)" in text


@pytest.mark.parametrize("amount", ["0", ""])
def test_lost_deals_that_never_have_an_amount_are_reported(month: Month, amount: str) -> None:
    lost = [(f"L{at}", "A", "2024-02-01", "2024-06-10", "Closed Lost", amount) for at in range(3)]
    won = [("W", "A", "2024-02-01", "2024-06-11", "Closed Won", "80")]
    (text,) = said(month("2024-06", opportunities=(DEAL, lost + won)))
    assert text.startswith(
        "opportunities.csv: 3 rows are lost with amount 0 or blank, like every lost deal in the file: lost revenue is 0"
    )
    assert not said(month("2024-06", opportunities=(DEAL, [*lost, *won, ("L", *lost[0][1:5], "1")])))


def test_won_deals_with_a_blank_amount_are_reported_for_their_month(month: Month) -> None:
    """Won in June: 80, blank, a dash and an explicit 0, so 80 / 4 = 20 a deal; the blank of May is not June's."""
    deals = [
        ("W1", "A", "2024-02-01", "2024-06-10", "Closed Won", "80"),
        ("W2", "A", "2024-02-01", "2024-06-11", "Closed Won", ""),
        ("W3", "A", "2024-02-01", "2024-06-12", "Closed Won", "-"),
        ("W4", "A", "2024-02-01", "2024-06-13", "Closed Won", "0"),
        ("W5", "A", "2022-02-01", "2023-05-31", "Closed Won", ""),
        ("L1", "A", "2024-02-01", "2024-06-14", "Closed Lost", ""),
        ("L2", "A", "2024-02-01", "2024-06-14", "Closed Lost", "20"),
    ]
    scorecard = month("2024-06", opportunities=(DEAL, deals))
    (text,) = said(scorecard)
    assert text == (
        "opportunities.csv: 2 rows are won with a blank amount and count as 0 in won revenue, average deal size and "
        "the revenue win rate (rows 3, 4). Fill in the amount in the CRM; write 0 if the deal is worth nothing."
    )
    assert (value(scorecard, "won_revenue"), value(scorecard, "average_deal_size")) == (80_00, 20_00)
    (earlier,) = said(month("2023-05", opportunities=(DEAL, deals)))
    assert "1 row is won with a blank amount" in earlier
    assert "(row 6)" in earlier
    # without any amount there is no won revenue to be wrong
    assert not said(month("2024-06", opportunities=(DEAL, [(*deal[:-1], "") for deal in deals])))


def test_an_outcome_that_the_probability_contradicts_is_reported(month: Month) -> None:
    header = (*DEAL, "probability")
    deals = [
        ("W1", "A", "2024-02-01", "2024-06-10", "Closed Won", "10", "100%"),
        ("W2", "A", "2024-02-01", "2024-06-10", "Closed Won", "20", "0%"),
        ("L1", "A", "2024-02-01", "2024-06-10", "Closed Lost", "30", "0%"),
        ("L2", "A", "2024-02-01", "2024-06-10", "Closed Lost", "40", "100%"),
    ]
    texts = said(month("2024-06", opportunities=(header, deals)))
    assert [text.partition(" (")[0] for text in texts] == [
        "opportunities.csv: 1 row is won with a probability of 0%",
        "opportunities.csv: 1 row is lost with a probability of 100%",
    ]
    # where no one fills the column in, or it keeps what the last stage had, it contradicts nothing
    unfilled = [(*deal[:-1], "0%") for deal in deals]
    assert not said(month("2024-06", opportunities=(header, unfilled)))


# --- history and deals


HISTORY = [
    ("H1", "2024-05-02", "Lead", "100"),
    ("H1", "2024-06-12", "Closed Won", "100"),
    ("H2", "2024-05-02", "Lead", "70"),
    ("H2", "2024-06-20", "Closed Lost", "70"),
    ("H3", "2024-05-02", "Lead", "30"),
    ("H3", "2024-06-28", "Offer", "30"),
    ("H4", "2024-05-02", "Lead", "8"),
]


def test_deals_that_their_history_contradicts_are_named(month: Month) -> None:
    deals = [
        ("H1", "A", "2024-05-02", "", "Offer", "100"),  # open, history won
        ("H2", "A", "2024-05-02", "2024-06-20", "Closed Won", "70"),  # won, history lost
        ("H3", "A", "2024-05-02", "2024-06-25", "Closed Lost", "30"),  # lost, history open later
        ("H4", "A", "2024-05-02", "2024-06-25", "Closed Lost", "9"),  # history that merely ends earlier
    ]
    scorecard = month("2024-06", opportunities=(DEAL, deals), opportunity_history=(CHANGE, HISTORY))
    texts = said(scorecard)
    assert len(texts) == 3
    assert "1 row is open, but its history ends closed" in texts[0]
    assert "'Offer, history Closed Won' (1) (100.00 EUR; row 2)" in texts[0]
    assert "1 row has a different outcome (won or lost) in its history" in texts[1]
    assert "'Closed Won, history Closed Lost' (1) (70.00 EUR; row 3)" in texts[1]
    assert "1 row is closed, but its later history ends open" in texts[2]
    assert "'Closed Lost, history Offer' (1) (30.00 EUR; row 4)" in texts[2]
    # won revenue has H2 of June; the bridge has H1 as well
    won = closing(scorecard, "won")
    assert (won.passed, won.expected, won.actual) == (False, 1, 2)
    assert "in the bridge only: H1 (100.00)" in won.failure
    assert "in won revenue only" not in won.failure


def test_a_close_date_in_another_month_than_the_history_fails_the_check_of_both_months(month: Month) -> None:
    deals = [("H1", "A", "2024-05-02", "2024-06-03", "Closed Won", "100")]
    history = [("H1", "2024-05-02", "Lead", "100"), ("H1", "2024-05-30", "Closed Won", "100")]
    tables = {"opportunities": (DEAL, deals), "opportunity_history": (CHANGE, history)}
    assert "in the bridge only: H1 (100.00)" in closing(month("2024-05", **tables), "won").failure
    assert "in won revenue only: H1 (100.00)" in closing(month("2024-06", **tables), "won").failure


def test_history_that_agrees_or_knows_other_amounts_passes(month: Month) -> None:
    """The bridge has the amount of the time; a deal lost in May, reopened and won in June was lost in May's bridge."""
    deals = [
        ("H1", "A", "2024-05-02", "2024-06-12", "Closed Won", "140"),
        ("H2", "A", "2024-05-02", "2024-06-20", "Closed Won", "70"),
    ]
    history = [*HISTORY[:2], ("H2", "2024-05-02", "Lead", "70"), ("H2", "2024-05-10", "Closed Lost", "70")]
    history += [("H2", "2024-06-02", "Offer", "70"), ("H2", "2024-06-20", "Closed Won", "70")]
    for period in ("2024-05", "2024-06"):
        scorecard = month(period, opportunities=(DEAL, deals), opportunity_history=(CHANGE, history))
        assert not said(scorecard)
        assert closing(scorecard, "won").passed
        assert closing(scorecard, "lost").passed


def test_what_changed_after_the_cut_off_contradicts_nothing(month: Month) -> None:
    """In the table H2 is open again; its reopening of July is not known in June."""
    deals = [("H2", "A", "2024-05-02", "", "Offer", "70")]
    history = [*HISTORY[2:4], ("H2", "2024-07-09", "Offer", "70")]
    tables = {"opportunities": (DEAL, deals), "opportunity_history": (CHANGE, history)}
    assert not said(month("2024-06", run_date="2024-07-03", **tables))
    assert not said(month("2024-06", run_date="2024-08-03", **tables))


# --- renewals and memberships

INCLUSIVE = '[toggles]\nsubscription_end = "inclusive"\n'
TERMS = [
    ("A", "2023-07-01", "2024-06-30", "1000"),
    ("A", "2024-07-01", "2025-06-30", "1000"),
    ("B", "2024-01-16", "2024-05-15", "200"),
    ("B", "2024-05-16", "", "200"),
    ("C", "2024-01-01", "2024-06-30", "50"),
]


def test_ends_a_day_before_a_renewal_are_counted_until_the_setting_says_so(month: Month) -> None:
    before = month("2024-06", revenue=(SUBSCRIPTION, TERMS))
    (text,) = said(before)
    assert text.startswith("revenue.csv: 2 rows end one day before the account's renewal")
    assert "(1,200.00 EUR; rows 2, 4)" in text
    assert 'add a line [toggles], and below it subscription_end = "inclusive"' in text
    assert value(before, "mrr", "closing") == 200_00
    after = month("2024-06", toggles=INCLUSIVE, revenue=(SUBSCRIPTION, TERMS))
    assert not said(after)
    assert value(after, "mrr", "closing") == 1250_00


def test_a_renewal_that_starts_after_the_cut_off_is_known(month: Month) -> None:
    (text,) = said(month("2024-06", run_date="2024-06-30", revenue=(SUBSCRIPTION, TERMS[:2])))
    assert text.startswith("revenue.csv: 1 row ends one day before the account's renewal")


def test_right_ends_give_nothing_and_inclusive_ones_that_overlap_are_counted(month: Month) -> None:
    terms = [("A", "2023-06-30", "2024-06-30", "1000"), ("A", "2024-06-30", "", "1000"), ("B", "2024-02-01", "", "1")]
    assert not said(month("2024-06", revenue=(SUBSCRIPTION, terms)))
    twice = month("2024-06", toggles=INCLUSIVE, revenue=(SUBSCRIPTION, terms))
    (text,) = said(twice)
    assert text.startswith("revenue.csv: 1 row ends on the day the account's next subscription starts: both count")
    assert value(twice, "mrr", "closing") == 2001_00
    # in the middle of a month no MRR is taken
    middle = [("A", "2023-06-15", "2024-06-15", "1000"), ("A", "2024-06-15", "", "1000")]
    assert not said(month("2024-06", toggles=INCLUSIVE, revenue=(SUBSCRIPTION, middle)))


def test_dates_that_meet_by_chance_are_no_renewals(month: Month) -> None:
    """One account with a subscription that starts on each day of March and two that end in March, on any day."""
    starts = [("A", f"2024-03-{day:02}", "", "1") for day in range(1, 32)]
    ends = [("A", "2023-01-01", "2024-03-07", "1"), ("A", "2023-02-01", "2024-03-19", "1")]
    assert not said(month("2024-03", revenue=(SUBSCRIPTION, starts + ends)))


def test_one_odd_end_among_right_ones_matters_at_a_months_end_alone(month: Month) -> None:
    right = [(name, *dates, "10") for name in "DEF" for dates in (("2023-06-01", "2024-06-01"), ("2024-06-01", ""))]
    odd = [("A", "2023-06-01", "2024-05-31", "10"), ("A", "2024-06-01", "", "10")]
    (text,) = said(month("2024-06", revenue=(SUBSCRIPTION, right + odd)))
    assert "1 row ends one day before the account's renewal" in text
    assert "Correct the end date in the export" in text
    middle = [("A", "2023-06-11", "2024-05-11", "10"), ("A", "2024-05-12", "", "10")]
    assert not said(month("2024-06", revenue=(SUBSCRIPTION, right + middle)))


def test_subscriptions_backwards_or_below_zero_are_reported(month: Month) -> None:
    terms = [("A", "2024-06-05", "2024-05-05", "10"), ("B", "2024-01-01", "", "-4"), ("B", "2024-01-01", "", "9")]
    texts = said(month("2024-06", revenue=(SUBSCRIPTION, terms)))
    assert [text.partition(" (")[0] for text in texts] == [
        "revenue.csv: 1 row has a negative MRR and reduces the totals",
        "revenue.csv: 1 row ends before it starts and counts in no month",
    ]
    monthly = [("A", "2024-06", "-10"), ("A", "2024-05", "20")]
    (text,) = said(month("2024-06", revenue=(("account_id", "month", "mrr"), monthly)))
    assert "1 row has a negative MRR" in text


def test_memberships_a_day_apart_are_reported(month: Month) -> None:
    tables = {
        "accounts": (("account_id",), [("A",), ("B",)]),
        "segments": (("segment",), [("North",), ("South",)]),
        "revenue": (SUBSCRIPTION, [("A", "2024-01-01", "", "10")]),
    }
    header = ("segment", "account_id", "start", "end")
    apart = [("North", "A", "", "2024-05-31"), ("South", "A", "2024-06-01", ""), ("South", "B", "2024-01-01", "")]
    (text,) = said(month("2024-06", **tables, segment_members=(header, apart)))
    assert text.startswith("segment_members.csv: 1 row ends one day before the account's next membership")
    right = [("North", "A", "", "2024-06-01"), *apart[1:]]
    assert not said(month("2024-06", **tables, segment_members=(header, right)))


# --- movements


def test_a_sign_that_contradicts_the_type_is_reported(month: Month) -> None:
    moves = [
        ("A", "2024-01-01", "opening", "500"),
        ("A", "2024-06-03", "reactivation", "-30"),
        ("A", "2024-06-04", "contraction", "-10"),
        ("A", "2024-06-05", "contraction", "-20"),
        ("A", "2024-06-06", "contraction", "25"),
        ("A", "2024-06-07", "churn", "60"),
    ]
    texts = said(month("2024-06", revenue=(MOVEMENT, moves)))
    assert len(texts) == 2
    assert "1 row is a reactivation with a negative amount and counts as an increase (−30.00 EUR; row 3)" in texts[0]
    assert "1 row is a contraction with an unusual sign for that type and counts as a decrease" in texts[1]
    assert "(25.00 EUR; row 6)" in texts[1]


@pytest.mark.parametrize("sign", ["", "-"])
def test_falls_written_with_one_sign_throughout_are_usual(month: Month, sign: str) -> None:
    moves = [("A", "2024-05-01", "new", "500")]
    moves += [("A", f"2024-06-{day:02}", kind, f"{sign}10") for day in (3, 4) for kind in ("contraction", "churn")]
    assert not said(month("2024-06", revenue=(MOVEMENT, moves)))
