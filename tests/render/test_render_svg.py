"""Charts as SVG: well-formed, true to the numbers, and readable when narrow."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

import pytest

from segxl.pages.model import Chart, Range, Scalar, Series
from segxl.render.html.charts_svg import svg_chart
from segxl.units import COUNT, DAYS, MONEY, POINTS, RATE, Unit

_SVG = "{http://www.w3.org/2000/svg}"
COLOURS = {"actual": "#0072b2", "prior": "#a6cde6", "accent": "#e69f00", "accent_2": "#009e73", "text": "#595959"}
COLOURS |= {"step_1": "#bbdaee", "step_2": "#82bce0"}
MONTHS = [f"{2025 + (9 + n) // 12}-{(9 + n) % 12 + 1:02d}" for n in range(13)]


def drawn(
    kind: str,
    *rows: list[Scalar],
    categories: list[Scalar] | None = None,
    unit: Unit = MONEY,
    width: float | None = None,
    height: float = 7.4,
    title: str = "A title",
    subtitle: str = "USD, by month",
) -> ElementTree.Element:
    names: list[Scalar] = categories if categories is not None else [*MONTHS[: len(rows[0])]]
    table = [names, *rows]
    series = [Series(f"Series {n}", _range(n), "prior" if n > 1 else "actual") for n in range(1, len(table))]
    chart = Chart(kind, title, subtitle, _range(0), tuple(series), unit, 1, 1, 16.4, height, "Says & <shows>")  # type: ignore[arg-type]
    return ElementTree.fromstring(svg_chart(chart, lambda place: (table[place.first_row], "@"), COLOURS, "c1", width))


def _range(row: int) -> Range:
    return Range("p", row, row, 1, 13)


def shapes(svg: ElementTree.Element, tag: str, colour: str = "#0072b2") -> list[dict[str, float]]:
    found = [
        each
        for each in svg.iter(f"{_SVG}{tag}")
        if each.get("fill") == colour and each.find(f"{_SVG}title") is not None
    ]
    return [{name: float(value) for name, value in each.items() if name != "fill"} for each in found]


def texts(svg: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in svg.iter(f"{_SVG}text")]


def test_a_chart_says_what_it_is() -> None:
    svg = drawn("column", [*range(1, 14)], title="Won & <lost>")
    assert svg.get("role") == "img" and svg.get("aria-labelledby") == "c1-title c1-desc"
    first, second = list(svg)[:2]
    assert (first.get("id"), first.text) == ("c1-title", "Won & <lost>")
    assert (second.get("id"), second.text) == ("c1-desc", "Says & <shows>")
    assert texts(svg)[:2] == ["Won & <lost>", "USD, by month"]


@pytest.mark.parametrize("width", [None, 340])
def test_columns_are_as_high_as_their_numbers(width: float | None) -> None:
    bars = shapes(drawn("column", [100, 200, None, 400, 0], width=width), "rect")
    assert len(bars) == 4
    assert bars[1]["height"] / bars[0]["height"] == pytest.approx(2, abs=0.05)
    assert bars[2]["height"] / bars[0]["height"] == pytest.approx(4, abs=0.1)
    assert bars[3]["height"] == 0
    assert len({round(bar["y"] + bar["height"]) for bar in bars}) == 1
    steps = [after["x"] - before["x"] for before, after in itertools.pairwise(bars)]
    assert steps[1] == pytest.approx(2 * steps[0], abs=0.2)  # the missing month keeps its place


def test_negative_numbers_reach_below_the_axis() -> None:
    up, down = shapes(drawn("column", [100, -100]), "rect")
    assert up["y"] + up["height"] == pytest.approx(down["y"], abs=0.2)
    assert down["height"] == pytest.approx(up["height"], abs=0.2)
    left, right = shapes(drawn("bar", [-50, 100], categories=["a", "b"]), "rect")
    assert left["x"] + left["width"] == pytest.approx(right["x"], abs=0.2)
    assert right["width"] == pytest.approx(2 * left["width"], abs=0.3)


def test_words_and_blanks_are_gaps_in_a_line() -> None:
    svg = drawn("line", [0.1, 0.2, None, 0.3, "n/a", 0.4, 0.5], unit=RATE)
    runs = [each.get("points", "").split() for each in svg.iter(f"{_SVG}polyline")]
    assert [len(run) for run in runs] == [2, 2]
    assert len(shapes(svg, "circle")) == 5  # the one between two gaps is a dot
    assert "50.0%" in texts(svg)  # the last value is at the line's end


def test_prior_is_lighter_and_below_the_actual_line() -> None:
    svg = drawn("line", [1, 2, 3], [3, 2, 1])
    assert [each.get("stroke") for each in svg.iter(f"{_SVG}polyline")] == ["#a6cde6", "#0072b2"]
    assert "Series 1" in texts(svg) and "Series 2" in texts(svg)
    bars = drawn("bar", [1, 2], [2, 3], categories=["a", "b"], unit=COUNT)
    assert len(shapes(bars, "rect")) == len(shapes(bars, "rect", "#a6cde6")) == 2


def test_labels_stand_where_they_fit_and_an_axis_where_they_do_not() -> None:
    values: list[Scalar] = [1_234_567 + 10_000 * n for n in range(13)]
    wide, narrow = texts(drawn("column", values)), texts(drawn("column", values, width=340))
    assert "1.23m" in wide and "0" not in wide
    assert "1.23m" not in narrow and {"0", "0.5m", "1.0m"} <= set(narrow)


def test_months_stand_in_two_lines() -> None:
    words = texts(drawn("column", [*range(13)], unit=COUNT, width=340))
    assert [word for word in words if re.fullmatch("[A-Z][a-z]{2}", word)][:4] == ["Oct", "Nov", "Dec", "Jan"]
    assert words.count("2025") == words.count("2026") == 1


@pytest.mark.parametrize(
    ("unit", "values", "ticks"),
    [
        (COUNT, [1, 2], ["0", "1", "2"]),
        (RATE, [0.3, -0.1], ["−10%", "0%", "10%", "20%", "30%"]),
        (RATE, [0.003, -0.001], ["−0.1%", "0%", "0.1%", "0.2%", "0.3%"]),
        (DAYS, [0.4, -0.2], ["−0.2", "0", "0.2", "0.4"]),
        (POINTS, [4.0, -2.0], ["−2 pp", "0", "2 pp", "4 pp"]),
        (MONEY, [150_000, -150_000], ["−200k", "−100k", "0", "100k", "200k"]),
        (MONEY, [12_000_000, -1], ["−5m", "0", "5m", "10m", "15m"]),
    ],
)
def test_the_axis_is_short_and_round(unit: Unit, values: list[Scalar], ticks: list[str]) -> None:
    found = texts(drawn("line", values, unit=unit, categories=["a", "b"]))
    assert [word for word in found if word in ticks][: len(ticks)] == ticks


def test_bars_make_room_for_many_rows_and_long_names() -> None:
    names: list[Scalar] = [f"A rather long name of a reason, number {n}" for n in range(30)]
    svg = drawn("bar", [*range(1, 31)], categories=names, unit=COUNT, width=340)
    width, height = (float(side) for side in svg.get("viewBox", "").split()[2:])
    bars = shapes(svg, "rect")
    assert width == 340 and height > 7.4 * 96 / 2.54
    assert all(bar["x"] >= 0 and bar["x"] + bar["width"] <= 340 for bar in bars)
    assert all(bar["y"] + bar["height"] <= height for bar in bars)
    assert bars[0]["x"] < 340 * 0.4


def test_nothing_leaves_the_picture() -> None:
    for kind in ("column", "line", "bar"):
        for width in (None, 340):
            svg = drawn(kind, [*range(-3, 10)], [*range(13)], width=width)
            wide, high = (float(side) for side in svg.get("viewBox", "").split()[2:])
            for each in svg.iter(f"{_SVG}text"):
                assert 0 <= float(each.get("x", "")) <= wide and 0 <= float(each.get("y", "")) <= high


def test_a_chart_without_numbers_says_so() -> None:
    svg = drawn("column", [None, "n/a", None])
    assert "No data" in texts(svg) and not list(svg.iter(f"{_SVG}rect"))


def test_all_zero_is_drawn() -> None:
    for kind in ("column", "line", "bar"):
        assert len(texts(drawn(kind, [0, 0, 0]))) > 3


def test_series_are_as_long_as_the_categories() -> None:
    with pytest.raises(ValueError, match="not as long as the categories"):
        drawn("column", [1, 2, 3], categories=["a"])


def test_stacks_are_as_high_as_the_sum_of_their_parts() -> None:
    table: list[list[Scalar]] = [["2025-10", "2025-11", "2025-12"], [30, None, 10], [20, None, 0]]
    series = (Series("Low", _range(1), "step_1"), Series("High", _range(2), "step_2"))
    chart = Chart("column", "T", "number", _range(0), series, COUNT, 1, 1, 16.4, 7.4, "Says", stacked=True)
    svg = ElementTree.fromstring(svg_chart(chart, lambda place: (table[place.first_row], "@"), COLOURS, "c1"))
    low, high = shapes(svg, "rect", "#bbdaee"), shapes(svg, "rect", "#82bce0")
    assert [len(low), len(high)] == [2, 1]  # nothing is drawn for nothing, nor for what is not known
    foot = low[0]["y"] + low[0]["height"]
    assert (foot - low[0]["y"]) / (foot - low[1]["y"]) == pytest.approx(3, abs=0.1)
    assert (foot - high[0]["y"]) / (foot - low[0]["y"]) == pytest.approx(50 / 30, abs=0.05)  # on top of the first
    assert high[0]["x"] == low[0]["x"]
    assert [word for word in texts(svg) if word.isdigit() and len(word) < 4] == ["50", "10"]  # the sums


def test_words_that_do_not_fit_below_their_columns_are_slanted_and_whole() -> None:
    names: list[Scalar] = ["No stage", "Target", "Awareness", "Consideration", "Decision", "Purchase"]
    svg = drawn("column", [1, 2, 3, 4, 5, 6], [2, 2, 3, 4, 5, 6], categories=names, unit=COUNT, width=340)
    turned = [each.text for each in svg.iter(f"{_SVG}text") if each.get("transform", "").startswith("rotate(-40")]
    assert turned == names
    assert not [each for each in drawn("column", [1, 2], categories=["A", "B"]).iter() if each.get("transform")]
    many = drawn("column", [4, 9, 1, 3], [1, 1, 1, 1], [2, 2, 2, 2], width=340, unit=COUNT, categories=["A"] * 4)
    lines = {each.get("y") for each in many.iter(f"{_SVG}text") if (each.text or "").startswith("Series")}
    assert len(lines) == 1  # a legend that fits is on one line


def test_a_long_legend_goes_on_on_the_next_line() -> None:
    table: list[list[Scalar]] = [["2025-10"], [1], [2], [3]]
    series = tuple(Series(f"A name of some length {n}", _range(n)) for n in (1, 2, 3))
    chart = Chart("column", "T", "", _range(0), series, COUNT, 1, 1, 16.4, 7.4, "Says")
    svg = ElementTree.fromstring(svg_chart(chart, lambda place: (table[place.first_row], "@"), COLOURS, "c1", 400))
    places = [float(each.get("y", "")) for each in svg.iter(f"{_SVG}text") if "length" in (each.text or "")]
    assert len(set(places)) == 2
    assert all(" length " in (each.text or "") for each in svg.iter(f"{_SVG}text") if "A name" in (each.text or ""))
