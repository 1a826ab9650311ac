"""Charts: the page model's charts as native Excel charts, drawn the way finance reads them.

Actual is solid, prior lighter; time runs across, structure down; the unit is in the second line of the title. Charts
hold the shown numbers as a cache, so that previews and Excel's protected view draw them without calculating.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from openpyxl.chart import BarChart, LineChart
from openpyxl.chart.data_source import (
    AxDataSource,
    NumData,
    NumDataSource,
    NumRef,
    NumVal,
    StrData,
    StrRef,
    StrVal,
)
from openpyxl.chart.label import DataLabel, DataLabelList
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.legend import Legend, LegendEntry
from openpyxl.chart.series import Series as XlSeries
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.colors import ColorChoice, SchemeColor
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
)
from openpyxl.drawing.text import Font as DrawingFont
from openpyxl.styles.colors import Color
from openpyxl.styles.fonts import Font

from segxl.pages.model import Chart, Range, Scalar, Series
from segxl.render.shared.ranges import COLOUR_OF, ReadRange, label_format, plan_labels, step_labels
from segxl.render.shared.theme import Look
from segxl.render.xlsx.excel_values import clean_text, count_lines
from segxl.units import MONTH, excel_format

_GRID = "D9D9D9"
_AXIS = "8C8C8C"
_PLAN = "404040"
_LABEL_ROOM = 0.2
_AXES = ((10_000_000, '#,##0,,"m"'), (1_000_000, '0.0,,"m"'), (100_000, '#,##0,"k"'))
"""From which number on, formats of axes, which step by 1, 2 or 5 times a power of ten."""
_ONLY_VALUES: Mapping[str, bool] = {
    "showVal": True,
    "showLegendKey": False,
    "showCatName": False,
    "showSerName": False,
    "showPercent": False,
    "showBubbleSize": False,
}
_SCHEME = ("bg1", "tx1", "bg2", "tx2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")


def excel_chart(chart: Chart, read: ReadRange, address: Callable[[Range], str], look: Look) -> Any:
    """An openpyxl chart. ``address`` gives a range's reference, such as ``'Trend'!$B$5:$N$5``.

    Raises:
        ValueError: a series and the categories differ in length.
    """
    painter = _Painter(chart, read, address, look)
    return painter.draw()


class _Painter:
    """One chart while it is drawn."""

    def __init__(self, chart: Chart, read: ReadRange, address: Callable[[Range], str], look: Look) -> None:
        self.chart = chart
        self.read = read
        self.address = address
        self.look = look
        self.categories, self.category_format = read(chart.categories)
        self.values = [read(series.values)[0] for series in chart.series]
        if any(len(values) != len(self.categories) for values in self.values):
            raise ValueError(f"chart {chart.title!r}: a series is not as long as the categories")

    def draw(self) -> Any:
        drawn: Any = LineChart() if self.chart.kind == "line" else BarChart()
        drawn.width, drawn.height = self.chart.width, self.chart.height
        drawn.roundedCorners = False
        drawn.varyColors = False
        drawn.visible_cells_only = False  # rows that a user folds away stay in the chart
        drawn.graphical_properties = _area()
        write = drawn._write
        drawn._write = lambda: _mended(write(), titled=not self.chart.captioned)
        if not self.chart.captioned:
            drawn.title = self._title()
        drawn.series = [self._series(n, series) for n, series in enumerate(self.chart.series) if series.role != "top"]
        self._kind(drawn)
        self._axes(drawn)
        self._legend(drawn)
        drawn.layout = self._plot_area()
        if self._top():
            drawn += self._tops()
        return drawn

    def _top(self) -> bool:
        return any(series.role == "top" for series in self.chart.series)

    def _kind(self, drawn: Any) -> None:
        if self.chart.kind == "line":
            return
        drawn.type = "bar" if self.chart.kind == "bar" else "col"
        if self.chart.stacked or self.chart.kind == "waterfall":
            drawn.grouping, drawn.overlap, drawn.gapWidth = "stacked", 100, 35
            return
        drawn.grouping = "clustered"
        many = len(self.chart.series) > 1 and not self.chart.overlaid
        if self.chart.overlaid:
            drawn.overlap, drawn.gapWidth = 100, 45
            return
        drawn.overlap = -5 if many else 0
        drawn.gapWidth = 60 if many else 45

    def _title(self) -> Title:
        lines = [
            (clean_text(self.chart.title), 1100, True),
            (clean_text(self.chart.subtitle), 1000, False),
        ]
        left = ParagraphProperties(algn="l")
        paragraphs = [
            Paragraph(pPr=left, r=[RegularTextRun(rPr=self._characters(size, bold), t=line)])
            for line, size, bold in lines
            if line
        ]
        place = Layout(manualLayout=ManualLayout(xMode="edge", yMode="edge", x=self._x(0.2), y=self._y(0.12)))
        return Title(tx=Text(rich=RichText(p=paragraphs)), layout=place, overlay=True)

    def _series(self, index: int, series: Series) -> Any:
        drawn: Any = XlSeries(
            idx=index,
            order=index,
            tx=SeriesLabel(v=clean_text(series.name)),
            val=NumDataSource(numRef=self._numbers(series.values, self.values[index], self.chart.unit.excel)),
            cat=self._category_source(),
        )
        if series.role in ("base", "top"):
            unseen = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
            drawn.graphicalProperties, drawn.invertIfNegative = unseen, False
            return drawn
        if series.role == "plan":
            outline = LineProperties(solidFill=_rgb(_PLAN), w=15875)
            drawn.graphicalProperties, drawn.invertIfNegative = GraphicalProperties(noFill=True, ln=outline), False
            if self._labels_fit():
                drawn.dLbls = self._labels_of_plan(within=True)
            return drawn
        role = COLOUR_OF.get(series.role, series.role)
        colour = drawing_colour(self.look.colours[f"chart {role}".replace("_", " ")])
        if series.role == "decrease":
            hatch = PatternFillProperties(prst="wdUpDiag", fgClr=colour, bgClr=_rgb("FFFFFF"))
            drawn.graphicalProperties = GraphicalProperties(pattFill=hatch, ln=LineProperties(solidFill=colour, w=9525))
            drawn.invertIfNegative = False
        elif self.chart.kind == "line":
            width = 19050 if series.role == "prior" else 28575
            drawn.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=width, cap="rnd"))
            drawn.smooth = False
            self._marker(drawn.marker, colour)
        else:
            drawn.graphicalProperties = GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))
            drawn.invertIfNegative = False
            if self._labels_fit():
                drawn.dLbls = self._labels_of_plan(within=False) if self.chart.overlaid else self._labels()
        return drawn

    def _marker(self, marker: Any, colour: ColorChoice) -> None:
        """Dots while they are few: a single month would not show without one."""
        marker.symbol = "circle" if len(self.categories) <= 24 else "none"
        marker.size = 5
        marker.graphicalProperties = GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))

    def _labels(self) -> DataLabelList:
        return DataLabelList(numFmt=self._label_format(), txPr=self._text(1000), dLblPos="outEnd", **_ONLY_VALUES)

    def _labels_of_plan(self, *, within: bool) -> DataLabelList:
        """Labels of an overlaid chart: behind the outline where the bar is ``within`` it, which would run through them,
        else behind the bar. Number formats of nothing but words, as only those can say another number than the point's
        own in every Excel."""
        actual, plan = self._planned()
        said = plan_labels(actual, plan, self._label_format())
        here = [((of or -math.inf) >= (one or 0.0)) == within for one, of in zip(actual, plan, strict=True)]
        points = [
            DataLabel(
                idx=at,
                numFmt=f'"{text}"',
                txPr=self._text(1000),
                dLblPos="outEnd",
                **{**_ONLY_VALUES, "showVal": bool(text) and here[at]},
            )
            for at, text in enumerate(said)
        ]
        found = self._labels()
        found.dLbl = points
        return found

    def _planned(self) -> tuple[list[float | None], list[float | None]]:
        """The bars and the outlines of an overlaid chart."""
        rows = {one.role: values for one, values in zip(self.chart.series, self.values, strict=True)}
        found = [[_number(value) for value in rows[role]] for role in ("actual", "plan")]
        return found[0], found[1]

    def _tops(self) -> Any:
        """Above each column of a waterfall its amount, of a stack its net one: a line without a line, whose labels are
        number formats of nothing but words, as only those can say another number than the point's own in any Excel."""
        drawn: Any = LineChart()
        index, series = next((n, one) for n, one in enumerate(self.chart.series) if one.role == "top")
        line = self._series(index, series)
        line.smooth, line.marker.symbol = False, "none"
        said = step_labels(self.chart, self.read, (self.chart.width - 1.8) / len(self.categories) / 0.2)
        points = [
            DataLabel(
                idx=at,
                numFmt=f'"{text}"',
                txPr=self._text(1000),
                dLblPos="t",
                **{**_ONLY_VALUES, "showVal": bool(text)},
            )
            for at, text in enumerate(said)
        ]
        line.dLbls = DataLabelList(dLbl=points, dLblPos="t", **_ONLY_VALUES)
        drawn.series = [line]
        return drawn

    def _axes(self, drawn: Any) -> None:
        names, numbers = drawn.x_axis, drawn.y_axis
        names.delete = numbers.delete = False
        names.axPos, numbers.axPos = ("l", "b") if self.chart.kind == "bar" else ("b", "l")
        numbers.crossBetween = "between"
        names.tickLblPos = "low"  # below the plot, also where bars reach under zero
        names.majorTickMark = names.minorTickMark = numbers.majorTickMark = numbers.minorTickMark = "none"
        names.graphicalProperties = _line(_AXIS)
        names.txPr = self._text(1000)
        numbers.txPr = self._text(1000)
        names.auto = False  # months are labels; a date axis would leave gaps of its own
        names.noMultiLvlLbl = True
        if self.chart.kind == "bar":
            names.tickLblSkip = 1  # every bar has its name
        names.number_format = self._category_format() or "General"
        numbers.number_format = self._axis_format()
        numbers.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
        if self.chart.kind == "waterfall" and min(self._numbers_shown(), default=0.0) >= 0:
            numbers.scaling.min = 0  # Excel would cut the feet off columns that hardly differ
        if self.chart.kind == "waterfall" or (self.chart.kind != "line" and self._labels_fit()):
            numbers.majorGridlines = None  # the labels show the values, and lines would run through them
        else:
            numbers.majorGridlines.spPr = _line(_GRID)
        largest = max(self._numbers_shown(), default=0.0)
        if self.chart.unit.decimals == 0 and 0 < largest <= 5:
            numbers.majorUnit = 1  # else counts of 1 and 2 would have axis steps of 0.2
        if self._top() and not self.chart.series[-1].signed:
            numbers.delete, numbers.majorGridlines = True, None  # the sums above the columns show the values
        if self.chart.kind == "bar" and self._labels_fit():
            numbers.delete = True  # the labels show the values
            low = min(self._numbers_shown(), default=0.0)
            if low < 0:  # room for the label of the longest bar on the left, next to the names
                numbers.scaling.min = low - _LABEL_ROOM * (max(largest, 0.0) - low)
        if self.chart.kind == "bar":
            names.scaling.orientation = "maxMin"  # the first row on top, as in the table
            numbers.crosses = "max"  # ... which would put the numbers on top as well

    def _legend(self, drawn: Any) -> None:
        if not self._has_legend():
            drawn.legend = None
            return
        drawn.legend = Legend()
        drawn.legend.position = "b"
        drawn.legend.overlay = False
        drawn.legend.txPr = self._text(1000)
        if self._top():  # the subtitle names the numbers above the columns
            drawn.legend.legendEntry = [LegendEntry(idx=len(self.chart.series) - 1, delete=True)]

    def _has_legend(self) -> bool:
        """A waterfall needs no legend: its columns have names and signed numbers. Plans around bars are named in the
        subtitle."""
        return len(self.chart.series) > 1 and self.chart.kind != "waterfall" and not self.chart.overlaid

    def _plot_area(self) -> Layout:
        """Fixed, so that neither the title nor the legend ever covers the plot."""
        top = (1.3 if self.chart.subtitle else 0.9) + 0.45 * (self._title_lines() - 1)
        if self.chart.captioned:  # sums are above the highest column: LibreOffice shrinks a chart that they leave
            top = 0.4 if self._top() and self.chart.kind != "waterfall" else 0.1
        bottom = 0.95 if self._has_legend() else 0.2
        height = max(self.chart.height - top - bottom, 1.0)
        return Layout(
            manualLayout=ManualLayout(
                layoutTarget="outer",
                xMode="edge",
                yMode="edge",
                x=self._x(0.15),
                y=self._y(top),
                w=self._x(self.chart.width - 0.4 - self._room_for_labels()),
                h=self._y(height),
            )
        )

    def _room_for_labels(self) -> float:
        """Centimetres behind the bars for the words of plans; Excel's own axis leaves room for a number only."""
        if not self.chart.overlaid or self.chart.kind != "bar" or not self._labels_fit():
            return 0.0
        return 0.15 * max(map(len, plan_labels(*self._planned(), self._label_format())), default=0)

    def _title_lines(self) -> int:
        """Titles are wrapped at four fifths of the chart."""
        return count_lines(self.chart.title, 0.8 * self.chart.width * 72 / 2.54, 11, bold=True)

    def _numbers(self, place: Range, values: list[Scalar], number_format: str) -> NumRef:
        points = [NumVal(idx=n, v=number) for n, value in enumerate(values) if (number := _number(value)) is not None]
        return NumRef(f=self.address(place), numCache=NumData(formatCode=number_format, ptCount=len(values), pt=points))

    def _category_source(self) -> AxDataSource:
        place, number_format = self.chart.categories, self._category_format()
        if number_format:
            return AxDataSource(numRef=self._numbers(place, self.categories, number_format))
        points = [
            StrVal(idx=n, v=clean_text(str(value))) for n, value in enumerate(self.categories) if value is not None
        ]
        cache = StrData(ptCount=len(self.categories), pt=points)
        return AxDataSource(strRef=StrRef(f=self.address(place), strCache=cache))

    def _category_format(self) -> str:
        """The number format of categories that are dates, ``""`` for words."""
        if not self.categories or not all(isinstance(value, date) for value in self.categories):
            return ""
        # Where months are crowded, "Mar 25" breaks into two lines; "2025-03" would be turned on its side.
        return "mmm yy" if self.category_format == MONTH.excel else self.category_format

    def _numbers_shown(self) -> list[float]:
        """Of every point; of stacks, how high they reach."""
        found = [_number(value) for values in self.values for value in values]
        if self.chart.stacked:
            pairs = zip(self.chart.series, self.values, strict=True)
            parts = [values for series, values in pairs if series.role != "top"]
            found = [
                sum(sign * max(sign * (_number(value) or 0.0), 0.0) for value in column)
                for sign in (1, -1)
                for column in zip(*parts, strict=True)
            ]
        return [number for number in found if number is not None]

    def _axis_format(self) -> str:
        """Short, so that the axis leaves room for the plot; zero is 0, not a dash."""
        unit, largest = self.chart.unit, max(map(abs, self._numbers_shown()), default=0.0)
        if unit.scale > 1:  # the page's own unit
            return _positive_part(unit.excel, unit.decimals)
        if unit.percent:
            return excel_format("0%" if largest > 0.05 else "0.0%", "0%")
        for least, axis in _AXES:
            if largest >= least:
                return excel_format(axis, "0")
        return _positive_part(unit.excel, 0 if largest >= 10 else unit.decimals)

    def _label_format(self) -> str:
        return label_format(self.chart.unit, max(map(abs, self._numbers_shown()), default=0.0))

    def _labels_fit(self) -> bool:
        """Whether every point's label fits: labels that touch are worse than none.

        Under columns that reach below zero a label would run into the category's name.
        """
        numbers = self._numbers_shown()
        count = len(self.categories) * (1 if self.chart.overlaid else len(self.values))
        if not numbers or self.chart.stacked or self.chart.kind == "waterfall":
            return False
        if self.chart.overlaid and self.chart.kind == "column":
            return False  # the outline would run through them
        if min(numbers) < 0 and (self.chart.kind != "bar" or len(self.values) > 1):
            return False
        if self.chart.kind == "bar":
            return (self.chart.height - (0.3 if self.chart.captioned else 1.8)) / count >= 0.36
        characters = max(len(self._label_text(number)) for number in numbers)
        return (self.chart.width - 1.8) / count >= 0.2 * characters + 0.1

    def _label_text(self, number: float) -> str:
        shortened = self._label_format() != self.chart.unit.excel
        return "0.00m" if shortened else self.chart.unit.text(number)

    def _x(self, centimetres: float) -> float:
        return round(centimetres / self.chart.width, 4)

    def _y(self, centimetres: float) -> float:
        return round(centimetres / self.chart.height, 4)

    def _characters(self, size: int, bold: bool) -> CharacterProperties:
        font: Font = self.look.samples["heading"].font if bold else self.look.fonts["chart text"]
        colour = drawing_colour(font.color) if font.color is not None else _rgb("595959")
        return CharacterProperties(
            sz=size, b=bold, solidFill=colour, latin=DrawingFont(typeface=font.name or "Calibri")
        )

    def _text(self, size: int) -> RichText:
        properties = ParagraphProperties(defRPr=self._characters(size, bold=False))
        return RichText(p=[Paragraph(pPr=properties, endParaRPr=CharacterProperties())])


def _mended(space: Any, *, titled: bool) -> Any:
    """What openpyxl does not write: that labels do not break (some programs give them the width of a thin bar), and
    that a chart has no title, without which one of a single series has that series' name."""
    for labels in (part for part in space.iter() if _tag(part) == "dLbls"):
        for body in (part for part in labels.iter() if _tag(part) == "bodyPr"):
            body.set("wrap", "none")
    if titled:
        return space
    chart = next(part for part in space if _tag(part) == "chart")
    at = next(at for at, part in enumerate(chart) if _tag(part) == "plotArea")
    chart.insert(at, chart.makeelement(f"{chart.tag.removesuffix('chart')}autoTitleDeleted", {"val": "1"}))
    return space


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def drawing_colour(colour: Color) -> ColorChoice:
    """A cell's colour as a drawing's: the theme's colours stay the theme's, tints included."""
    if colour.type == "theme":
        tint = float(colour.tint or 0)
        kept: dict[str, Any] = {"lumMod": round((1 - abs(tint)) * 100_000)} if tint else {}
        if tint > 0:
            kept["lumOff"] = round(tint * 100_000)
        scheme: Any = _SCHEME[int(colour.theme)]
        known: Any = SchemeColor(val=scheme, **kept)
        return ColorChoice(schemeClr=known)
    return _rgb(str(colour.rgb)[-6:] if colour.type == "rgb" else "595959")


def _rgb(hexadecimal: str) -> ColorChoice:
    known: Any = hexadecimal  # openpyxl's stubs know the parsed form only
    return ColorChoice(srgbClr=known)


def _positive_part(number_format: str, decimals: int) -> str:
    """A unit's format for an axis: its own words, fewer decimals, zero as 0."""
    positive = re.sub(r"\.0+", "." + "0" * decimals if decimals else "", number_format.split(";")[0])
    return excel_format(positive, "0")


def _number(value: Scalar) -> float | None:
    if isinstance(value, date):
        return float((value - date(1899, 12, 30)).days)
    if isinstance(value, (int, float)) and math.isfinite(value):
        return float(value)
    return None


def _line(colour: str) -> GraphicalProperties:
    return GraphicalProperties(ln=LineProperties(solidFill=_rgb(colour), w=9525))


def _area() -> GraphicalProperties:
    return GraphicalProperties(solidFill=_rgb("FFFFFF"), ln=LineProperties(noFill=True))
