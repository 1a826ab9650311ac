"""Waterfalls: the stacks by hand, also across zero; in the workbook and on the web; none where there is nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from segxl.pages.chart_data import ChartData
from segxl.pages.model import Chart, Pack, Page
from segxl.pages.scorecard.pack import scorecard_pack
from segxl.pages.scorecard.waterfalls import Step, stacked, steps_of, waterfall_page
from segxl.periods import month_period
from segxl.render.html.charts_svg import svg_chart
from segxl.render.html.writer import write_html
from segxl.render.shared.ranges import range_values, step_labels
from segxl.render.xlsx.writer import write_xlsx
from segxl.scorecard.model import SegmentScorecard
from tests import small
from tests.render_samples import assert_sound, parts

SIGNS = {"start": 1, "in": 1, "up": 1, "out": -1}
LABELS = {"start": "Start", "in": "In", "up": "Up", "out": "Out", "end": "End"}
MAY = month_period(0)
COLOURS = dict.fromkeys(("actual", "prior", "accent", "accent_2", "text"), "#123456")


def test_stacks_above_zero() -> None:
    # 10 at the start, 20 in, 25 out, 5 at the end: the fall hangs from 30 down to 5
    steps = [Step("Start", 10, True), Step("In", 20), Step("Out", -25), Step("End", 5, True)]
    assert stacked(steps) == {
        "Base": [None, 10, 5, None],
        "Start and end": [10, None, None, 5],
        "Increase": [None, 20, None, None],
        "Decrease": [None, None, 25, None],
        "Top": [10, 30, 30, 5],
        "Amount": [10, 20, -25, 5],
    }


def test_stacks_across_and_below_zero() -> None:
    # 10, then -30 to -20, -5 to -25, +15 to -10, +12 to 2: two steps cross zero, two stay below it
    steps = [Step("Start", 10, True), *(Step(str(n), n) for n in (-30, -5, 15, 12)), Step("End", 2, True)]
    assert stacked(steps) == {
        "Base": [None, None, -20, -10, None, None],
        "Start and end": [10, None, None, None, None, 2],
        "Increase": [None, None, None, None, 2, None],
        "Increase, below zero": [None, None, None, -15, -10, None],
        "Decrease": [None, 10, None, None, None, None],
        "Decrease, below zero": [None, -20, -5, None, None, None],
        "Top": [10, 10, -20, -10, 2, 2],
        "Amount": [10, -30, -5, 15, 12, 2],
    }
    below = stacked([Step("Start", -7, True), Step("Up", 7), Step("End", 0, True)])
    assert below["Start and end, below zero"] == [-7, None, None]
    assert below["Increase, below zero"] == [None, -7, None]


def test_steps_leave_out_what_did_not_move() -> None:
    lines = {"start": 100, "in": 40, "up": 0, "out": 30, "end": 110}
    assert steps_of(lines, SIGNS, LABELS) == [
        Step("Start", 100, True),
        Step("In", 40),
        Step("Out", -30),
        Step("End", 110, True),
    ]
    # exchange and corrections may turn a line round
    assert steps_of(lines | {"up": -2}, SIGNS, LABELS)[2] == Step("Up", -2)
    assert steps_of(dict.fromkeys(LABELS, 0), SIGNS, LABELS) == []
    assert steps_of({"start": 5, "in": 0, "up": 0, "out": 0, "end": 5}, SIGNS, LABELS) == []
    assert steps_of(None, SIGNS, LABELS) == []


def pack_of(folder: Path) -> Pack:
    facts = small.facts_of(small.write_company(folder))
    return scorecard_pack(facts, small.scorecard_of(facts), "All accounts")


def page_of(pack: Pack, key: str) -> Page:
    return next(page for page in pack.pages if page.key == key)


def test_a_company_by_hand(tmp_path: Path) -> None:
    pack = pack_of(tmp_path / "in")
    (chart,) = page_of(pack, "waterfalls").charts  # without a revenue table there is no roll-forward to draw
    data = page_of(pack, "chart_data")
    numbers = {one.name: range_values(data, one.values)[0] for one in chart.series}
    assert range_values(data, chart.categories)[0] == ["Open at the start", "Created", "Won", "Lost", "Open at the end"]
    # without a history: W3 without amount, L1 4,000, O2 7,000 open at the end of April; created W1 10,000,
    # W2 2,500.50, N1 100, L2 1,000, O1 20,000; won 12,600.50; lost 5,000
    assert numbers["Start and end"] == [11000, None, None, None, 27000]
    assert numbers["Increase"] == [None, 33600.5, None, None, None]
    assert numbers["Won"] == [None, None, 12600.5, None, None]
    assert numbers["Decrease"] == [None, None, None, 5000, None]
    assert numbers["Base"] == [None, 11000, 32000, 27000, None]
    assert chart.subtitle == "USD, pipeline bridge, 2026-05"
    assert chart.alt == (
        "Open pipeline rose 16k to 27k: created +34k, won −13k, USD, pipeline bridge, 2026-05. Open at the start: "
        "11,000; Created 33,600.50; Won −12,600.50; Lost −5,000; Open at the end: 27,000"
    )
    assert step_labels(chart, lambda place: range_values(data, place), 20) == [
        "11,000",
        "+33,601",
        "−12,601",
        "−5,000",
        "27,000",
    ]
    assert [one.role for one in chart.series] == ["base", "actual", "increase", "decrease", "step_2", "top"]


def test_the_workbook_tells_steps_apart_without_colour(tmp_path: Path) -> None:
    pack = pack_of(tmp_path / "in")
    write_xlsx(pack, tmp_path / "out.xlsx")
    assert_sound(tmp_path / "out.xlsx")
    found = [part.decode() for name, part in parts(tmp_path / "out.xlsx").items() if "/charts/chart" in name]
    (xml,) = [text for text in found if "Open pipeline rose 16k" in text and "pipeline bridge" in text]
    assert '<grouping val="stacked"' in xml and '<overlap val="100"' in xml
    ElementTree.fromstring(xml)
    assert xml.count("<ser>") == 6 and xml.count("<barChart>") == 1 and xml.count("<lineChart>") == 1
    assert 'pattFill prst="wdUpDiag"' in xml
    said = re.findall(r'formatCode="&quot;([^"]*?)&quot;"', xml)
    assert said == ["11,000", "+33,601", "−12,601", "−5,000", "27,000"]
    assert '<min val="0"' in xml
    assert "<legend>" not in xml
    assert len(set(re.findall(r"<idx val=\"(\d)\" ?/><order", xml))) == 6


@pytest.mark.slow
def test_the_web_page_tells_steps_apart_without_colour(tmp_path: Path) -> None:
    write_html(pack_of(tmp_path / "in"), tmp_path / "out.html")
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    section = text[text.index('<section id="waterfalls"') :].split("</section>")[0]
    assert section.count("<svg") == 2  # for a screen and for a phone
    assert section.count("-hatch)") == 2  # lost in both: won deals are no loss
    for words in ("+33,601", "−12,601", "<desc", "Show the numbers"):
        assert words in section


def shape(folder: Path, bridge: dict[str, int]) -> tuple[Chart, Page]:
    """The waterfall of a bridge that is given."""
    facts = small.facts_of(small.write_company(folder))
    result: SegmentScorecard = small.scorecard_of(facts).segments["All accounts"]
    data = ChartData()
    page = waterfall_page(replace(result, bridge=bridge), MAY, "", "USD", data)
    numbers = data.page("")
    assert page is not None and numbers is not None
    return page.charts[0], numbers


def heights(svg: str) -> list[float]:
    return [float(height) for height in re.findall(r'<rect x="[^"]*" y="[^"]*" width="[^"]*" height="([^"]*)"', svg)]


def test_pictures_are_true_to_scale_across_zero(tmp_path: Path) -> None:
    zeros = dict.fromkeys(("reopened", "increased", "entering", "decreased", "lost", "leaving"), 0)
    bridge = {"open_start": 10_000, "created": 10_000, **zeros, "won": 30_000, "open_end": -10_000}
    chart, numbers = shape(tmp_path, bridge)
    svg = svg_chart(chart, lambda place: range_values(numbers, place), COLOURS, "c", 700)
    ElementTree.fromstring(svg)
    start, created, above, below, end = heights(svg)
    # 100 up from zero, 100 more, then 200 of the fall above zero and 100 below, where the end hangs
    assert abs(created - start) < 0.2 and abs(above - 2 * start) < 0.2
    assert abs(below - start) < 0.2 and abs(end - start) < 0.2


def test_steps_that_would_be_hairlines_are_bars_without_the_totals(tmp_path: Path) -> None:
    zeros = dict.fromkeys(("reopened", "increased", "entering", "decreased", "lost", "leaving"), 0)
    bridge = {"open_start": 1_000_000_00, "created": 99_000_00, **zeros, "won": 50_000_00, "open_end": 1_049_000_00}
    chart, numbers = shape(tmp_path, bridge)
    assert chart.kind == "bar" and [one.role for one in chart.series] == ["actual"]
    assert range_values(numbers, chart.categories)[0] == ["Created", "Won"]
    assert range_values(numbers, chart.series[0].values)[0] == [99_000, -50_000]
    assert chart.title == "Open pipeline rose 49k to 1.05m: created +99k, won −50k"
    larger, _ = shape(tmp_path, bridge | {"created": 110_000_00, "open_end": 1_060_000_00})  # more than a tenth
    assert larger.kind == "waterfall"


def test_lines_of_a_bridge_without_an_amount_are_one_sentence_and_folded(tmp_path: Path) -> None:
    page = page_of(pack_of(tmp_path / "in"), "bridges")
    rows = [(row.cells[0].value if row.cells and row.cells[0] else None, row.level) for row in page.rows]
    at = rows.index(("Lost", 0))
    said = "No amount: reopened, increased, entering the segment, decreased, leaving the segment"
    assert rows[at + 1 : at + 7] == [
        (said, 0),
        *((name, 1) for name in ("Reopened", "Increased", "Entering the segment", "Decreased", "Leaving the segment")),
    ]
    assert rows[at + 7] == ("Open at the end", 0) and page.folded == 1


def test_nothing_to_show_gets_no_page(tmp_path: Path) -> None:
    facts = small.facts_of(small.write_company(tmp_path))
    result = small.scorecard_of(facts).segments["All accounts"]
    data = ChartData()
    nothing = replace(result, bridge=dict.fromkeys(result.bridge or {}, 0), mrr_rollforward=None)
    assert waterfall_page(nothing, month_period(0), "", "USD", data) is None
    assert waterfall_page(replace(nothing, bridge=None), month_period(0), "", "USD", data) is None
    assert data.page("") is None
