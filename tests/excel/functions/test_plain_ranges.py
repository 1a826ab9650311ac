"""The scorecard's arithmetic and the report's states over plain cells, worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fake_excel import NOT_AVAILABLE, WRONG, Excel, Sheet


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("WIN_RATE", [3.0, 5.0], 0.375),
        ("WIN_RATE", [3.0, None], 1),  # nothing lost
        ("WIN_RATE", [None, 3.0], 0),
        ("WIN_RATE", [0.0, 0.0], "#N/A"),
        ("WIN_RATE", [None, None], "#N/A"),
        ("CONVERSION_RATE", [60.0, 90.0], 0.4),
        ("CONVERSION_RATE", [0.0, 0.0], "#N/A"),
        ("AVERAGE_DEAL_SIZE", [15_000.0, 3.0], 5_000),
        ("AVERAGE_DEAL_SIZE", [0.0, 0.0], "#N/A"),
        ("COST_PER_SQO", [14_000.0, 14.0], 1_000),
        ("COST_PER_SQO", [14_000.0, 0.0], "#N/A"),
        ("NRR", [10_000.0, 500.0, 300.0, 200.0], 1),
        ("NRR", [10_000.0], 1),
        ("NRR", [0.0, 500.0, 0.0, 0.0], "#N/A"),
        ("MARKET_SHARE", [10_000.0, 2_400_000.0], 0.05),
        ("MARKET_SHARE", [10_000.0, 0.0], "#N/A"),
        ("CHANGE", [100.0, 80.0], 20),
        ("CHANGE", [0.3, 0.1], 0.2),  # in binary fractions 0.19999999999999998
        ("CHANGE", [5.0, 0.0], 5),
        ("CHANGE", [5.0, -3.0], 8),
        ("CHANGE", [5.0, None], "#N/A"),  # no base
        ("CHANGE", [None, 5.0], "#N/A"),
        ("CHANGE_PERCENT", [5_000.0, 4_000.0], 0.25),
        ("CHANGE_PERCENT", [0.0, 4_000.0], -1),
        ("CHANGE_PERCENT", [5.0, 0.0], "#N/A"),  # N/M
        ("CHANGE_PERCENT", [5.0, -1.0], "#N/A"),  # N/M
        ("CHANGE_PERCENT", [5.0, None], "#N/A"),
        ("WIN_RATE", [NOT_AVAILABLE, 3.0], "#N/A"),  # errors go on
        ("WIN_RATE", [WRONG, 3.0], "#VALUE!"),
        ("WIN_RATE", ["three", 3.0], "#VALUE!"),
        ("WIN_RATE", [True, 3.0], "#VALUE!"),
    ],
)
def test_arithmetic(excel: Excel, sheet: Sheet, name: str, arguments: list[Any], answer: Any) -> None:
    assert excel.call(name, *arguments) == answer
    cells = [sheet.put(f"{letter}1", [value]) for letter, value in zip("ABCD", arguments, strict=False)]
    assert excel.call(name, *cells) == answer


def test_arithmetic_over_ranges(excel: Excel, sheet: Sheet) -> None:
    won, lost = sheet.put("A1", [3.0, 0.0, None], [1.0, 1.0, 1.0]), sheet.put("A4", [5.0, 0.0, 1.0])
    assert excel.rows("WIN_RATE", won, lost) == [[0.375, "#N/A", 0], [1 / 6, 1, 0.5]]
    assert excel.call("WIN_RATE", won, sheet.put("A9", [1.0, 1.0])) == "#VALUE!"  # 3 columns and 2


@pytest.mark.parametrize(
    ("stages", "highest"),
    [
        (["Target", "Decision", "Awareness"], "Decision"),
        (["consideration", None, " PURCHASE "], "Purchase"),
        ([None, ""], "No stage"),
        (["No stage", "Target"], "Target"),
        (["Target", "Desision"], "#VALUE!"),
        (["Target", NOT_AVAILABLE], "#N/A"),
    ],
)
def test_the_highest_stage(excel: Excel, sheet: Sheet, stages: list[Any], highest: str) -> None:
    assert excel.call("HIGHEST_STAGE", sheet.put("A1", stages)) == highest
    assert excel.call("HIGHEST_STAGE", sheet.put("A3", *stages)) == highest


def test_the_movement_of_stages(excel: Excel, sheet: Sheet) -> None:
    before = sheet.put("A1", "Target", "Decision", None, "Purchase", "Targe")
    after = sheet.put("B1", "Decision", "Awareness", None, "purchase", "Target")
    assert excel.rows("STAGE_MOVEMENT", before, after) == [["Up"], ["Down"], ["Same"], ["Same"], ["#VALUE!"]]
    assert excel.call("STAGE_MOVEMENT", "", "Target") == "Up"  # No stage is the lowest


@pytest.mark.parametrize(
    ("had", "state"),
    [
        ([True], "Intent"),
        ([False, None, "no", 0.0, ""], "No Engagement"),
        ([3.0, 1.0], "Anonymous Website Visit"),
        ([True, False, "yes"], "Known Engagement"),
        ([None, None, None, 1.0], "Opportunities Opened"),
        ([None, None, None, None, "TRUE"], "Opportunities Won"),
        (["perhaps"], "#VALUE!"),
        ([-1.0], "#VALUE!"),
    ],
)
def test_the_engagement_state(excel: Excel, had: list[Any], state: str) -> None:
    assert excel.call("ENGAGEMENT_STATE", *had) == state
