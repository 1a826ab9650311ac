"""Single numbers by metric, segment, period, view and item; the small company's are worked out in tests/small.py."""

from __future__ import annotations

from fractions import Fraction

import pytest

from segxl.errors import SegxlError
from segxl.periods import Fiscal, parse_period
from segxl.scorecard.numbers import Numbers
from segxl.units import COUNT, MONEY, RATE
from tests import small

MAY, QUARTER = (parse_period(text, Fiscal()) for text in ("2026-05", "2025-Q2"))


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Numbers:
    return Numbers(small.facts_of(small.write_company(tmp_path_factory.mktemp("numbers") / "Acme")))


def test_a_number_with_its_unit(numbers: Numbers) -> None:
    number = numbers.number("won_revenue", "All accounts", MAY)
    assert (number.value, number.unit, number.why, number.reason) == (12_600.5, MONEY, "", "")
    rate = numbers.number("win_rate_count", "All accounts", MAY, "mom")
    assert (rate.value, rate.unit) == (float(Fraction(4, 6) - Fraction(1, 2)), RATE)
    assert numbers.number("win_rate_count", "All accounts", MAY, "denominator").unit is COUNT


def test_no_number_and_the_reason(numbers: Numbers) -> None:
    number = numbers.number("leads", "All accounts", MAY)
    assert (number.value, number.why, number.reason) == (None, "n/a", "Leads is n/a in 2026-05: add the table leads")
    nothing = numbers.number("won_revenue", "SMB", QUARTER, "yoy_percent")
    assert (nothing.value, nothing.why) == (None, "n/a")
    assert nothing.reason == "Won revenue has no data for the base, 2024-04 to 2024-06: opportunities begin in 2025-04"
    zero = numbers.number("won_revenue", "R&D / EU", MAY, "mom_percent")
    assert (zero.value, zero.why) == (None, "N/M") and "the base, 2026-04, is 0" in zero.reason


def test_the_items_of_a_view(numbers: Numbers) -> None:
    assert numbers.items("won_revenue", "All accounts", MAY, "by_geo") == ("East", "West", "(blank)")
    assert numbers.items("won_revenue", "All accounts", MAY, "mom") == ()
    with pytest.raises(SegxlError, match="by_geo has no item 'Eastt'; did you mean 'East'"):
        numbers.number("won_revenue", "All accounts", MAY, "by_geo", "Eastt")


def test_a_line_is_computed_once_for_each_column(numbers: Numbers, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [numbers.number("lost_revenue", "SMB", MAY, view) for view in ("", "mom", "mom_base", "mom_percent")]
    monkeypatch.setattr("segxl.scorecard.numbers.line_of", None)
    again = [numbers.number("lost_revenue", "SMB", MAY, view) for view in ("total", "mom", "mom_base", "mom_percent")]
    assert again == expected


def test_several_segments_are_asked_together(numbers: Numbers, monkeypatch: pytest.MonkeyPatch) -> None:
    """One segment alone costs no more than itself; from the third on all are worked out at once, once."""
    said: list[tuple[str, ...]] = []
    one_by_one = Numbers(numbers._facts)
    monkeypatch.setattr(type(numbers._facts), "together", lambda _, names: said.append(tuple(names)))
    for segment, calls in (("SMB", 0), ("SMB", 0), ("R&D / EU", 0), ("All accounts", 1), ("SMB", 1)):
        one_by_one.number("won_revenue", segment, MAY, "mom")
        assert len(said) == calls
    assert said == [("All accounts", "R&D / EU", "SMB")]
