"""Charts: native, labelled where there is room, never over something else."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from segxl.errors import SegxlError
from segxl.pages.model import (
    Cell,
    Chart,
    Field,
    Page,
    Range,
    Row,
    Series,
)
from segxl.render.html.charts_svg import svg_chart
from segxl.render.html.css import chart_colours
from segxl.render.shared.atomic_files import template_path
from segxl.render.shared.ranges import step_labels
from segxl.render.shared.theme import read_look
from segxl.render.xlsx.writer import write_xlsx
from segxl.units import COUNT, MONEY, MONEY_THOUSANDS, RATE, Unit
from tests.render_samples import (
    assert_sound,
    chart,
    listing,
    one,
    pack,
    page,
    parts,
    read,
    sample_pack,
    written,
)


def test_charts_are_native_and_say_what_they_show(tmp_path: Path) -> None:
    found = parts(written(sample_pack(), tmp_path))
    charts = [found[f"xl/charts/chart{n}.xml"].decode() for n in (1, 2, 3)]
    assert [re.search(r"<(bar|line)Chart>", xml)[1] for xml in charts] == ["bar", "line", "bar"]
    assert 'barDir val="col"' in charts[0] and 'barDir val="bar"' in charts[2]
    for xml in charts:
        assert xml.count('<delete val="0"') == (1 if 'barDir val="bar"' in xml else 2)  # labels in place of an axis
        assert "<a:t>USD</a:t>" in xml
        assert "<numFmt formatCode" in xml and 'numFmt formatCode="" ' not in xml
        assert all("sourceLinked" in each for each in re.findall(r"<numFmt [^>]*>", xml))
    assert "'Trend'!$B$2:$N$2" in charts[0] and "'Trend'!$B$1:$N$1" in charts[0]
    assert charts[0].count("<ser>") == 2 and "<legend>" in charts[0]
    assert "<legend>" not in charts[1]
    assert 'orientation val="maxMin"' in charts[2]
    drawing = found["xl/drawings/drawing1.xml"].decode()
    assert re.findall(r'descr="([^"]*)"', drawing) == []
    alts = [each.get("descr") for each in ElementTree.fromstring(drawing).iter() if each.tag.endswith("cNvPr")]
    assert alts == [f'What the "{kind}" shows & says' for kind in ("column", "line", "bar")]


def test_charts_hold_their_numbers_for_previews(tmp_path: Path) -> None:
    book = read(sample_pack(), tmp_path)
    series = book["Trend"]._charts[0].series[0]
    assert [point.v for point in series.val.numRef.numCache.pt][:2] == [1_200_000, 1_250_000]
    assert series.cat.numRef.numCache.formatCode == "mmm yy"
    assert len(book["Trend"]._charts[1].series[0].val.numRef.numCache.pt) == 12  # the gap stays a gap


def test_labels_only_where_they_fit(tmp_path: Path) -> None:
    charts = read(sample_pack(), tmp_path)["Trend"]._charts
    assert charts[0].series[0].dLbls is None  # 26 columns on 15 cm
    assert charts[2].series[0].dLbls is not None
    assert charts[2].y_axis.majorGridlines is None


@pytest.mark.parametrize(
    ("values", "unit", "axis", "label"),
    [
        ([0, 3], COUNT, '#,##0;"−"#,##0;0', COUNT.excel),
        ([12_345_678.0], MONEY, '#,##0,,"m";"−"#,##0,,"m";0', '#,##0.0,,"m";"−"#,##0.0,,"m";0'),
        ([250_000], MONEY, '#,##0,"k";"−"#,##0,"k";0', '#,##0,"k";"−"#,##0,"k";0'),
        ([0.5], RATE, '0%;"−"0%;0%', RATE.excel),
        ([0.01], RATE, '0.0%;"−"0.0%;0%', RATE.excel),
    ],
)
def test_chart_formats(tmp_path: Path, values: list[float], unit: Unit, axis: str, label: str) -> None:
    rows = [Row((Cell(f"n{n}"), Cell(value, "value", unit))) for n, value in enumerate(values)]
    end = len(rows)
    drawn = Chart(
        "column",
        "T",
        "",
        Range("a", 1, end, 1, 1),
        (Series("S", Range("a", 1, end, 2, 2)),),
        unit,
        row=end + 1,
        column=1,
        width=10,
        height=6,
        alt="",
    )
    back = read(pack(page(*rows, charts=(drawn,))), tmp_path).worksheets[0]._charts[0]
    assert back.y_axis.number_format.formatCode == axis
    assert back.series[0].dLbls.numFmt == label
    assert [point.v for point in back.series[0].cat.strRef.strCache.pt] == [f"n{n}" for n in range(end)]


def test_charts_of_a_list_and_of_nothing(tmp_path: Path) -> None:
    ranges = (Range("rows", 4, 5, 1, 1), Range("rows", 4, 5, 2, 2), Range("rows", 90, 91, 2, 2))
    charts = tuple(
        Chart("line", f"C{n}", "s", ranges[0], (Series("S", values),), COUNT, 10, 1 + 9 * n, 8, 6, "")
        for n, values in enumerate(ranges[1:])
    )
    fields = (Field("a", ["x", "y"]), Field("b", [1, None], COUNT))
    book = read(pack(listing(*fields, charts=charts)), tmp_path)
    counts = [len(each.series[0].val.numRef.numCache.pt) for each in book.worksheets[0]._charts]
    assert counts == [1, 0]
    assert_sound(tmp_path / "out.xlsx")


def test_words_among_plotted_numbers_leave_a_gap(tmp_path: Path) -> None:
    """Excel would plot them as zero."""
    base = sample_pack().pages[1]
    words = [*base.rows[:3], Row((Cell("Rate", "label"), Cell("n/a", "muted"), *base.rows[3].cells[2:]))]
    changed = Page("trend", "Trend", (*words, Row()), base.widths, charts=base.charts)
    sheet = read(pack(changed), tmp_path).worksheets[0]
    assert sheet["B4"].value is None
    assert sheet["B4"].comment.text == "n/a"
    assert sheet["B4"].style == "segxl muted"
    assert sheet["A4"].value == "Rate"


def test_odd_characters_in_charts(tmp_path: Path) -> None:
    ranges = (Range("a", 1, 1, 1, 1), Range("a", 1, 1, 2, 2))
    odd = Chart("bar", "T\x00", "\ud800", ranges[0], (Series("S\x01", ranges[1]),), COUNT, 3, 1, 9, 6, "\x02")
    path = written(pack(page(Row((Cell("c\x03"), Cell(1, "value", COUNT))), charts=(odd,))), tmp_path)
    assert_sound(path)


def test_bad_charts_are_refused(tmp_path: Path) -> None:
    uneven = Chart(
        "line",
        "T",
        "",
        Range("a", 1, 2, 1, 1),
        (Series("S", Range("a", 1, 1, 1, 1)),),
        COUNT,
        row=3,
        column=1,
        width=10,
        height=6,
        alt="",
    )
    with pytest.raises(SegxlError, match="page 'A': chart 'T': a series is not as long"):
        written(one("x", charts=(uneven,)), tmp_path)
    with pytest.raises(SegxlError, match="page 'trend', which the pack does not have"):
        written(one("x", charts=(chart("line", 1),)), tmp_path)


def test_charts_that_hide_something_are_named(tmp_path: Path) -> None:
    base = sample_pack().pages[1]
    close = (chart("column", 6), chart("line", 8, column=2), chart("bar", 4))
    crowded = Page("trend", "Trend", base.rows, base.widths, charts=close)
    notes = write_xlsx(pack(crowded), tmp_path / "out.xlsx")
    assert "page 'Trend': the charts 'A column' and 'A line' overlap" in notes
    assert "page 'Trend': the chart 'A bar' lies over cells with values" in notes
    assert write_xlsx(sample_pack(), tmp_path / "out.xlsx") == ()


def test_a_chart_beyond_the_cells_is_printed(tmp_path: Path) -> None:
    ranges = (Range("a", 1, 1, 1, 1), Range("a", 1, 1, 2, 2))
    drawn = Chart("bar", "T", "", ranges[0], (Series("S", ranges[1]),), COUNT, 2, 1, 11, 6, "")
    row = Row((Cell("c"), Cell(1, "value", COUNT)), height=20)
    sheet = read(pack(page(row, widths=(10, 10), charts=(drawn,))), tmp_path).worksheets[0]
    # Below the first row 6 cm of rows of the default height, in points; 11 cm of columns, a character 5 to 7 pixels.
    down = 6 / 2.54 * 72 / sheet.sheet_format.defaultRowHeight
    last = sheet[sheet.print_area.split(":")[1]]
    assert down - 1 < last.row - 1 < down + 1
    across = 11 / 2.54 * 96
    assert across / (10 * 7 + 5) - 1 < last.column < across / (9 * 5 + 5) + 1


def test_stacked_columns_stand_on_one_another_without_labels(tmp_path: Path) -> None:
    rows = [Row(tuple(Cell(number, "value", COUNT) for number in (None, 3, 4))) for _ in range(2)]
    places = [Range("p", n, n, 2, 3) for n in (1, 2)]
    series = tuple(Series(f"Step {n}", place, "step_1") for n, place in enumerate(places))
    stacked = Chart("column", "T", "number", places[0], series, COUNT, 4, 1, 30.0, 8.0, "Says", stacked=True)
    pack_of_one = pack(Page("p", "P", tuple(rows), (9.0, 9.0, 9.0), charts=(stacked,)))
    xml = parts(written(pack_of_one, tmp_path))["xl/charts/chart1.xml"].decode()
    assert '<grouping val="stacked"' in xml and '<overlap val="100"' in xml
    assert "showVal" not in xml and "majorGridlines" in xml


def test_stacked_columns_have_their_net_numbers_above_them(tmp_path: Path) -> None:
    """5 − 2 and 1 − 4, and the sum of the parts above zero is where they are; the legend does not name them."""
    lines = (("Nov", "Dec"), (5, 1), (-2, -4), (3, -3), (5, 1))
    rows = [Row(tuple(Cell(value, "value", COUNT) for value in line)) for line in lines]
    names, new, churn, net, top = (Range("p", n, n, 1, 2) for n in range(1, 6))
    series = (Series("New", new), Series("Churn", churn, "step_5"), Series("Net", top, "top", labels=net))
    drawn = Chart("column", "T", "number", names, series, COUNT, 6, 1, 14.0, 4.0, "Says", stacked=True)
    xml = parts(written(pack(Page("p", "P", tuple(rows), (9.0,) * 2, charts=(drawn,))), tmp_path))[
        "xl/charts/chart1.xml"
    ].decode()
    assert re.findall(r'formatCode="&quot;(.*?)&quot;"', xml) == ["+3", "−3"]
    line = xml.partition("<lineChart>")[2]
    assert [int(value) for value in re.findall(r"<v>(\d+)</v>", line.partition("<val>")[2])] == [5, 1]
    assert re.search(r'<legendEntry>\s*<idx val="2"\s*/>\s*<delete val="1"\s*/>', xml)
    svg = svg_chart(
        drawn,
        lambda place: (list(lines[place.first_row - 1]), "0"),
        chart_colours(read_look(template_path("scorecard.xlsx"))),
        "c",
    )
    assert re.findall(r'"middle"[^>]*>([+−]\d)</text>', svg) == ["+3", "−3"]
    assert re.findall(r">(New|Churn|Net)</text>", svg) == ["New", "Churn"]


def test_totals_above_narrow_columns_are_those_from_the_last_on_that_have_room(tmp_path: Path) -> None:
    """Five columns in 5 cm: room for three characters each, and five characters take two columns. Without their sign;
    none above a column without a number, or of nothing."""
    lines: list[tuple[str, ...] | tuple[int | None, ...]] = [
        ("Jun", "Jul", "Aug", "Sep", "Oct"),
        (1500, 1200, 0, 1300, 1900),
    ]
    names, won, total = (Range("p", n, n, 1, 5) for n in (1, 2, 2))
    series = (Series("Won", won), Series("Total", won, "top", labels=total, signed=False))
    for width, found in ((5.0, ["1,500", "1,900"]), (14.0, ["1,500", "1,200", "1,300", "1,900"])):
        drawn = Chart("column", "T", "", names, series, COUNT, 3, 1, width, 4.0, "Says", stacked=True)
        rows = [Row(tuple(Cell(value, "value", COUNT) for value in line)) for line in lines]
        made = parts(written(pack(Page("p", "P", tuple(rows), (9.0,) * 5, charts=(drawn,))), tmp_path))
        labels = re.findall(r"<dLbl>.*?</dLbl>", made["xl/charts/chart1.xml"].decode())
        shown = [label for label in labels if re.search(r'<showVal val="1"', label)]
        assert [re.findall(r'formatCode="&quot;([^&]*)&quot;"', label) for label in shown] == [[one] for one in found]
        assert len(labels) == 5  # a point without a label of its own would have that of the line


def test_a_net_that_rounds_to_nothing_has_no_sign() -> None:
    """In thousands: 1,400, 400 less than nothing, 400, and nothing at all."""
    amounts = [1_400, -400, 400, 0]
    names, place = Range("p", 1, 1, 1, 4), Range("p", 2, 2, 1, 4)
    series = (Series("New", place), Series("Net", place, "top", labels=place))
    drawn = Chart("column", "T", "", names, series, MONEY_THOUSANDS, 3, 1, 14.0, 4.0, "Says", stacked=True)
    assert step_labels(drawn, lambda _: (list(amounts), "0"), 9.0) == ["+1", "0", "0", "0"]


def test_bars_within_their_plans_have_both_numbers(tmp_path: Path) -> None:
    """On the outline where the bar stays within it, else on the bar; no label breaks."""
    rows = [Row(tuple(Cell(value) for value in ("Leads", "MQLs", "Won")))]
    rows += [Row(tuple(Cell(number, "value", COUNT) for number in line)) for line in ((157, 95, 22), (251, 90, None))]
    names, actual, plan = (Range("p", n, n, 1, 3) for n in (1, 2, 3))
    series = (Series("Oct", actual), Series("Plan", plan, "plan"))
    drawn = Chart("bar", "T", "number", names, series, COUNT, 5, 1, 14.0, 4.0, "Says", overlaid=True, captioned=True)
    xml = parts(written(pack(Page("p", "P", tuple(rows), (9.0,) * 3, charts=(drawn,))), tmp_path))[
        "xl/charts/chart1.xml"
    ].decode()
    on_bars, on_outlines = (
        [
            re.search(r'formatCode="&quot;(.*?)&quot;"', label)[1].replace("\u00a0", " ")
            for label in re.findall(r"<dLbl>.*?</dLbl>", one, re.DOTALL)
            if '<showVal val="1"' in label
        ]
        for one in xml.split("<ser>")[1:]
    )
    assert on_outlines == ["157 of 251"] and on_bars == ["95 of 90", "22, no plan"]
    labels = re.findall(r"<dLbl>.*?</dLbl>", xml, re.DOTALL)
    assert labels and all('wrap="none"' in label for label in labels)
