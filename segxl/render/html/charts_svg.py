"""Charts as SVG: the page model's charts drawn for the web the way the workbook draws them.

Actual is solid, prior lighter; time runs across, structure down; the unit is in the second line of the title. A missing
value is a gap. A chart is drawn for the width it gets, so that its words have the same size on a phone as on a screen;
it needs no style sheet.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.sax.saxutils import escape

from segxl.pages.model import Chart, Series
from segxl.render.html.number_formats import show_number
from segxl.render.html.svg_parts import (
    EM,
    TITLE,
    WORDS,
    category_text,
    month_parts,
    nice_step,
    number_of,
    px,
    runs,
    shortened,
    svg_line,
    svg_picture,
    svg_text,
    text_width,
    wrapped,
)
from segxl.render.shared.ranges import COLOUR_OF, ReadRange, label_format, plan_labels, step_labels
from segxl.render.xlsx.excel_values import clean_text
from segxl.units import excel_format

_PIXELS_CM = 96 / 2.54
_LABEL = 11.0  # size of type, in pixels
_SLANT = 40  # degrees: names that do not fit below their columns are written upwards
_ABREAST = 480.0  # pixels: narrower waterfalls run down
_THICK = 64.0  # pixels: columns of few categories do not become walls
_GRID, _AXIS, _PLAN = "#d9d9d9", "#8c8c8c", "#404040"
_SCALES = ((1_000_000, 1_000_000.0, ',,"m"'), (100_000, 1_000.0, ',"k"'))
"""From which number on an axis counts in what, and how."""


def svg_chart(chart: Chart, read: ReadRange, colours: Mapping[str, str], name: str, width: float | None = None) -> str:
    """The chart as one ``<svg>`` element.

    Args:
        chart: the chart.
        read: gives the values of a range.
        colours: by role, and that of ``"text"``.
        name: an id for the element, unlike all others in the document.
        width: in pixels; that which the chart has in the workbook if None.

    Raises:
        ValueError: a series and the categories differ in length.
    """
    return _Painter(chart, read, colours, name, width or chart.width * _PIXELS_CM).draw()


class _Box(NamedTuple):
    """The plot area of bars and lines."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class _Scale:
    """Numbers to pixels, with the numbers that the axis names."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def place(self, number: float, start: float, end: float) -> float:
        return start + (number - self.low) / (self.high - self.low) * (end - start)


class _Painter:
    """One chart while it is drawn."""

    def __init__(self, chart: Chart, read: ReadRange, colours: Mapping[str, str], name: str, width: float) -> None:
        self.chart = chart
        self.read = read
        self.colours = colours
        self.name = name
        self.width = width
        self.height = chart.height * _PIXELS_CM
        categories, form = read(chart.categories)
        self.rows = [[number_of(value) for value in read(series.values)[0]] for series in chart.series]
        if any(len(row) != len(categories) for row in self.rows):
            raise ValueError(f"chart {chart.title!r}: a series is not as long as the categories")
        self.categories = [category_text(value, form) for value in categories]
        self.months = [month_parts(value) for value in self.categories]
        self.known = [number for row in self._heights() for number in row if number is not None]
        self.legend = self._legend_lines()
        self.scale = self._scale()

    def _heights(self) -> list[list[float | None]]:
        """The range of columns: a stack reaches up to the sum of its parts, and down to that of the parts below
        zero."""
        if not self.chart.stacked:
            return self.rows
        rows = [row for one, row in zip(self.chart.series, self.rows, strict=True) if one.role != "top"]
        parts = [[number for number in column if number is not None] for column in zip(*rows, strict=True)]
        high = [sum(max(number, 0.0) for number in known) if known else None for known in parts]
        low = [sum(min(number, 0.0) for number in known) if known else None for known in parts]
        return [high, low] if any(low) else [high]

    def draw(self) -> str:
        top = self._heading_height()
        parts = [*self._heading()]
        if any(one.role == "decrease" for one in self.chart.series):
            parts.append(self._hatch())
        if not self.known:
            parts.append(svg_text(0, top + 24, "No data", WORDS))
            self.height = top + 40
        elif self.chart.kind == "waterfall":
            parts += self._steps_across(top) if self.width >= _ABREAST else self._steps_down(top)
        elif self.chart.kind == "bar":
            parts += self._bars(top)
        else:
            parts += self._across(top)
        return self._element("".join(parts))

    def _element(self, inside: str) -> str:
        alt, size = self.chart.alt or self.chart.title, (self.width, self.height)
        return svg_picture(self.name, self.chart.title, alt, size, self.colours["text"], inside, "")

    def _heading_height(self) -> float:
        if self.chart.captioned:
            return 4.0
        return 12 + 18.0 * len(self._title_lines()) + (18 if self.chart.subtitle else 0)

    def _heading(self) -> Iterator[str]:
        if self.chart.captioned:
            return
        lines = self._title_lines()
        for at, line in enumerate(lines):
            yield svg_text(0, 15 + 18 * at, self._fit(line, self.width, TITLE), TITLE, weight=700)
        if self.chart.subtitle:
            yield svg_text(0, 15 + 18 * len(lines), self._fit(self.chart.subtitle, self.width, WORDS), WORDS)

    def _title_lines(self) -> list[str]:
        return wrapped(self.chart.title, self.width, TITLE, 2)

    # ------------------------------------------------------------------ time across

    def _across(self, top: float) -> Iterator[str]:
        labels = self._labels_fit((self.width - 4) / max(len(self.categories), 1))
        axis = [] if labels else [self._axis_text(tick) for tick in self.scale.ticks]
        left = max((text_width(text, _LABEL) + 8 for text in axis), default=0.0)
        right = self.width - (self._end_room() if self.chart.kind == "line" else 4)
        legend = self._legend_height()
        below, out = self._room_below(right - left)
        left = max(left, out)
        if labels:  # the labels show the values: no axis, and no room for its last step
            self.scale = _Scale(self.scale.low, max(self.known) or self.scale.high, ())
        box = _Box(left, top + (16 if labels else 6), right, self.height - legend - below)
        yield from self._grid(box, axis)
        if self.chart.kind == "line":
            yield from self._lines(box)
        else:
            yield from self._stacks(box, labels) if self.chart.stacked else self._columns(box, labels)
        yield from self._names_below(box)
        yield from self._legend()

    def _grid(self, box: _Box, axis: Sequence[str]) -> Iterator[str]:
        for tick, text in zip(self.scale.ticks, axis, strict=True):
            y = self._y(tick, box)
            if tick != self.scale.low:
                yield svg_line(box.left, y, box.right, y, _GRID)
            yield svg_text(box.left - 6, y + 4, text, _LABEL, anchor="end")
        base = self._y(max(self.scale.low, min(0.0, self.scale.high)), box)
        yield svg_line(box.left, base, box.right, base, _AXIS)

    def _columns(self, box: _Box, labels: bool) -> Iterator[str]:
        step = (box.right - box.left) / len(self.categories)
        many = 1 if self.chart.overlaid else len(self.rows)
        wide = min(step / (many + (0.6 if many > 1 else 0.45)), _THICK)
        zero = self._y(0, box)
        for series, (one, row) in enumerate(zip(self.chart.series, self.rows, strict=True)):
            for at, number in enumerate(row):
                if number is None:
                    continue
                x = box.left + step * at + (step - wide * many) / 2 + wide * (0 if self.chart.overlaid else series)
                y = self._y(number, box)
                thin = wide * 0.95 if many > 1 else wide
                yield self._bar(x, min(y, zero), thin, abs(y - zero), one, at, number)
                if labels and one.role != "plan":
                    yield svg_text(x + thin / 2, y - 4, self._label_text(number), _LABEL, anchor="middle")

    def _stacks(self, box: _Box, labels: bool) -> Iterator[str]:
        step = (box.right - box.left) / len(self.categories)
        wide = min(step / 1.3, _THICK)
        nets = self._step_labels(step) if any(one.role == "top" for one in self.chart.series) else []
        for at, total in enumerate(self._heights()[0]):
            x, ends = box.left + step * at + (step - wide) / 2, {True: 0.0, False: 0.0}
            for one, row in zip(self.chart.series, self.rows, strict=True):
                number = 0.0 if one.role == "top" else row[at] or 0.0
                before = ends[number > 0]
                top, foot = self._y(max(before, before + number), box), self._y(min(before, before + number), box)
                if number:
                    yield self._bar(x, top, wide, max(foot - top - 0.75, 0.5), one, at, number)  # a seam between parts
                    ends[number > 0] += number
            text = nets[at] if nets else self._label_text(total) if labels and total is not None else ""
            if text:
                yield svg_text(x + wide / 2, self._y(total or 0.0, box) - 4, text, _LABEL, anchor="middle")

    def _lines(self, box: _Box) -> Iterator[str]:
        step = (box.right - box.left) / len(self.categories)
        order = sorted(range(len(self.rows)), key=lambda at: self.chart.series[at].role == "actual")
        for series in order:  # the actual line lies on top
            one, row = self.chart.series[series], self.rows[series]
            colour, wide = self.colours[one.role], 2 if one.role == "prior" else 3
            points = [
                None if number is None else (box.left + step * (at + 0.5), self._y(number, box), number)
                for at, number in enumerate(row)
            ]
            for run in runs(points):
                path = " ".join(f"{px(x)},{px(y)}" for x, y, _ in run)
                if len(run) > 1:
                    yield (
                        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{wide}" '
                        'stroke-linecap="round" stroke-linejoin="round"/>'
                    )
            for at, point in enumerate(points):
                if point is not None and len(row) <= 24:
                    tip = self._tip(one, at, point[2])
                    yield f'<circle cx="{px(point[0])}" cy="{px(point[1])}" r="3.5" fill="{colour}">{tip}</circle>'
            last = next((point for point in reversed(points) if point is not None), None)
            if last is not None and one.role == "actual":
                yield svg_text(last[0] + 8, last[1] + 4, self._label_text(last[2]), _LABEL, weight=700)

    def _end_room(self) -> float:
        """At the right of a line, for its last value."""
        texts = [self._label_text(row[-1]) for row in self.rows if row and row[-1] is not None]
        return max((text_width(text, _LABEL) for text in texts), default=0.0)

    def _room_below(self, across: float) -> tuple[float, float]:
        """For the names below the columns, and to their left: the picture grows where they have to be slanted."""
        step = across / max(len(self.categories), 1)
        if any(self.months) or self._names_fit(step):
            return (34 if any(self.months) else 22), 0.0
        wide = [text_width(shortened(name), _LABEL) for name in self.categories]
        room = 16 + max(wide) * math.sin(math.radians(_SLANT))
        self.height += room - 22
        turned = [each * math.cos(math.radians(_SLANT)) for each in wide]
        return room, max(each - step * (at + 0.5) for at, each in enumerate(turned))

    def _names_fit(self, step: float) -> bool:
        """Numbers and dates are omitted where they do not fit, words are not."""
        numbers = all(re.match(r"\d", name) for name in self.categories if name)
        return numbers or all(text_width(name, _LABEL) <= step - 4 for name in self.categories)

    def _names_below(self, box: _Box) -> Iterator[str]:
        """Months in two lines, the year where it begins; of other names as many as fit."""
        step = (box.right - box.left) / len(self.categories)
        names = [month[1] if month else name for month, name in zip(self.months, self.categories, strict=True)]
        every = 1
        if any(self.months) or all(re.match(r"\d", name) for name in names if name):
            every = max(math.ceil((max(text_width(name, _LABEL) for name in names) + 3) / step), 1)
        elif not self._names_fit(step):
            for at, name in enumerate(names):
                x, y = box.left + step * (at + 0.5) + 4, box.bottom + 13
                turned = svg_text(x, y, shortened(name), _LABEL, anchor="end")
                yield turned.replace("<text ", f'<text transform="rotate(-{_SLANT} {px(x)} {px(y)})" ', 1)
            return
        year = ""
        for at, (name, month) in enumerate(zip(names, self.months, strict=True)):
            x = box.left + step * (at + 0.5)
            if at % every == 0:
                yield svg_text(x, box.bottom + 15, name, _LABEL, anchor="middle")
            if month and month[0] != year and (at % every == 0 or step * every < 40):
                if not year or x < self.width - 14:
                    yield svg_text(x, box.bottom + 29, month[0], _LABEL, anchor="middle")
                year = month[0]

    # ------------------------------------------------------------------ structure down

    def _bars(self, top: float) -> Iterator[str]:
        count, many = len(self.categories), 1 if self.chart.overlaid else len(self.rows)
        legend = self._legend_height()
        least = count * (many * 13 + 9)
        self.height = max(self.height, top + least + legend + 24)
        longest = max((text_width(name, WORDS) for name in self.categories), default=0.0)
        left = min(longest + 8, self.width * 0.39)
        labels = min(self.known) >= 0 or len(self.rows) == 1
        texts = [self._label_text(number) for number in self.known]
        plans: list[str] = []
        if self.chart.overlaid:
            rows = {one.role: row for one, row in zip(self.chart.series, self.rows, strict=True)}
            form = label_format(self.chart.unit, self._largest())
            plans = texts = plan_labels(rows["actual"], rows["plan"], form)
        right = self.width - ((max(text_width(text, _LABEL) for text in texts) + 8) if labels else 12)
        box = _Box(left, top, right, self.height - legend - (4 if labels else 22))
        if labels and self.scale.low < 0:  # room for the label of the longest bar on the left, next to the names
            low = self.scale.low - (self.scale.high - self.scale.low) * 0.15
            self.scale = _Scale(low, self.scale.high, ())
        if not labels:
            yield from self._grid_down(box)
        step = (box.bottom - box.top) / count
        thick = min(step / (many + 0.5), 26.0)
        zero = self._x(0, box)
        yield svg_line(zero, box.top, zero, box.bottom, _AXIS)
        for at, name in enumerate(self.categories):
            middle = box.top + step * (at + 0.5)
            yield self._name_beside(name, left - 8, middle, step)
            for series, (one, row) in enumerate(zip(self.chart.series, self.rows, strict=True)):
                number = row[at]
                if number is None:
                    continue
                y = middle - thick * many / 2 + thick * (0 if self.chart.overlaid else series)
                x = self._x(number, box)
                yield self._bar(min(x, zero), y, abs(x - zero), thick * 0.95 if many > 1 else thick, one, at, number)
                if labels and one.role != "plan":
                    text, middle_of = plans[at] if plans else self._label_text(number), y + thick / 2 + 4
                    if number < 0:
                        yield svg_text(x - 4, middle_of, text, _LABEL, anchor="end")
                    else:
                        yield svg_text(self._label_start(x, at, box), middle_of, text, _LABEL)
        yield from self._legend()

    def _label_start(self, end: float, at: int, box: _Box) -> float:
        """Behind a bar that ends at ``end``, and behind the plan around it."""
        plans = [row[at] for one, row in zip(self.chart.series, self.rows, strict=True) if one.role == "plan"]
        return 4 + max([end, *(self._x(number, box) for number in plans if number is not None)])

    def _grid_down(self, box: _Box) -> Iterator[str]:
        for tick in self.scale.ticks:
            x = self._x(tick, box)
            yield svg_line(x, box.top, x, box.bottom, _GRID)
            yield svg_text(x, box.bottom + 16, self._axis_text(tick), _LABEL, anchor="middle")

    def _name_beside(self, name: str, room: float, middle: float, step: float) -> str:
        most = max(int(step / (WORDS * 1.15)), 1)
        lines = wrapped(name, room, WORDS, most)
        first = middle + 4 - (len(lines) - 1) * WORDS * 0.58
        texts = [
            svg_text(room, first + at * WORDS * 1.16, self._fit(line, room, WORDS), WORDS, anchor="end")
            for at, line in enumerate(lines)
        ]
        return "".join(texts)

    # ------------------------------------------------------------------ step by step

    def _steps_across(self, top: float) -> Iterator[str]:
        """Stacked columns, each with its amount above it and its name below."""
        step = (self.width - 8) / len(self.categories)
        wide = min(step * 0.72, _THICK)
        names = [wrapped(name, step - 4, _LABEL, 3) for name in self.categories]
        bottom = self.height - 8 - 13 * max(map(len, names))
        box = _Box(4, top + 18, self.width - 4, bottom)
        for at, (stack, text) in enumerate(zip(self._step_parts(), self._step_labels(step), strict=True)):
            middle = box.left + step * (at + 0.5)
            for series, start, end in stack:
                high, low = self._y(max(start, end), box), self._y(min(start, end), box)
                yield self._part(series, middle - wide / 2, high, wide, low - high, at, text)
            upper = self._y(max(max(start, end) for _, start, end in stack), box)
            yield svg_text(middle, upper - 5, text, _LABEL, anchor="middle")
            for row, line in enumerate(names[at]):
                fitted = self._fit(line, step - 2, _LABEL)
                yield svg_text(middle, bottom + 15 + 13 * row, fitted, _LABEL, anchor="middle")
        zero = self._y(0, box)
        yield svg_line(box.left, zero, box.right, zero, _AXIS)

    def _steps_down(self, top: float) -> Iterator[str]:
        """The same with a row for each step, for narrow places."""
        room = self.width * 0.34
        names = [wrapped(name, room, WORDS, 2) for name in self.categories]
        step = 34.0
        self.height = top + step * len(names) + 8
        labels = self._step_labels(self.width)
        right = self.width - max(text_width(text, _LABEL) for text in labels) - 6
        box = _Box(room + 8, top, right, self.height - 8)
        for at, (stack, text) in enumerate(zip(self._step_parts(), labels, strict=True)):
            middle = box.top + step * (at + 0.5)
            yield self._name_beside(self.categories[at], room, middle, step)
            for series, start, end in stack:
                left, far = self._x(min(start, end), box), self._x(max(start, end), box)
                yield self._part(series, left, middle - 9, far - left, 18, at, text)
            outer = self._x(max(max(start, end) for _, start, end in stack), box)
            yield svg_text(outer + 4, middle + 4, text, _LABEL)
        zero = self._x(0, box)
        yield svg_line(zero, box.top, zero, box.bottom, _AXIS)

    def _step_parts(self) -> list[list[tuple[Series, float, float]]]:
        """The visible parts of each category, from and to; those below zero hang downwards."""
        stacks: list[list[tuple[Series, float, float]]] = []
        for at in range(len(self.categories)):
            up = down = 0.0
            parts = []
            for one, row in zip(self.chart.series, self.rows, strict=True):
                number = row[at]
                if number is None or one.role == "top":
                    continue
                start = up if number >= 0 else down
                if number >= 0:
                    up += number
                else:
                    down += number
                if one.role != "base":
                    parts.append((one, start, start + number))
            stacks.append(parts or [(self.chart.series[0], 0.0, 0.0)])
        ends = [end for stack in stacks for _, start, end in stack for end in (start, end)]
        low, high = min(0.0, *ends), max(0.0, *ends)
        self.scale = _Scale(low, high if high > low else low + 1, ())
        return stacks

    def _step_labels(self, room: float) -> list[str]:
        return step_labels(self.chart, self.read, room / (EM * _LABEL))

    def _hatch(self) -> str:
        colour = self.colours[COLOUR_OF["decrease"]]
        return (
            f'<defs><pattern id="{self.name}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><rect width="6" height="6" fill="#ffffff"/>'
            f'<rect width="2.5" height="6" fill="{colour}"/></pattern></defs>'
        )

    def _part(self, series: Series, x: float, y: float, wide: float, high: float, at: int, text: str) -> str:
        place = f'x="{px(x)}" y="{px(y)}" width="{px(max(wide, 1))}" height="{px(max(high, 1))}"'
        tip = escape(clean_text(f"{self.categories[at]}: {text}"))
        return f"<rect {place} {self._fill(series)}><title>{tip}</title></rect>"

    # ------------------------------------------------------------------ both

    def _bar(self, x: float, y: float, wide: float, high: float, series: Series, at: int, number: float) -> str:
        place = f'x="{px(x)}" y="{px(y)}" width="{px(wide)}" height="{px(high)}"'
        return f"<rect {place} {self._fill(series)}>{self._tip(series, at, number)}</rect>"

    def _fill(self, series: Series) -> str:
        """A plan is outlined, a fall hatched."""
        if series.role == "plan":
            return f'fill="none" stroke="{_PLAN}" stroke-width="1.5"'
        colour = self.colours.get(COLOUR_OF.get(series.role, series.role), _AXIS)
        if series.role == "decrease":
            return f'fill="url(#{self.name}-hatch)" stroke="{colour}"'
        return f'fill="{colour}"'

    def _tip(self, series: Series, at: int, number: float) -> str:
        value = show_number(number, self.chart.unit.excel).text
        return f"<title>{escape(clean_text(f'{series.name}, {self.categories[at]}: {value}'))}</title>"

    def _legend_lines(self) -> list[list[tuple[Series, str, float]]]:
        """The series with their names and places, on as many lines as they need."""
        lines: list[list[tuple[Series, str, float]]] = [[]]
        x = 0.0
        named = [series for series in self.chart.series if series.role != "top"]
        for series in named if len(named) > 1 and not self.chart.overlaid else ():
            text = self._fit(series.name, self.width - 26, WORDS)
            wide = 17 + text_width(text, WORDS) + 18
            if lines[-1] and x + wide - 18 > self.width:
                lines.append([])
                x = 0.0
            lines[-1].append((series, text, x))
            x += wide
        return lines

    def _legend_height(self) -> float:
        return 24.0 + 18.0 * (len(self.legend) - 1) if self.legend[0] else 0.0

    def _legend(self) -> Iterator[str]:
        for number, line in enumerate(reversed(self.legend)):
            y = self.height - 8 - 18 * number
            for series, text, x in line:
                box = f'x="{px(x)}" y="{px(y - 10)}" width="12" height="12"'
                yield f"<rect {box} {self._fill(series)}/>"
                yield svg_text(x + 17, y, text, WORDS)

    def _scale(self) -> _Scale:
        low, high = min(self.known, default=0.0), max(self.known, default=1.0)
        if not (self.chart.kind == "line" and 0 < high - low < high / 6):  # as Excel: a flat line is drawn close by
            low, high = min(low, 0.0), max(high, 0.0)
        if low == high:
            high = low + 1
        target = 4 if self.chart.kind != "bar" or self.width > 420 else 3
        step = nice_step((high - low) / target)
        if self.chart.unit.decimals == 0:
            step = max(step, 1.0)
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if self.chart.kind == "bar":  # only the numbers themselves need room
            return _Scale(low, high, tuple(n * step for n in range(first, last + 1) if low <= n * step <= high))
        return _Scale(first * step, last * step, tuple(n * step for n in range(first, last + 1)))

    def _x(self, number: float, box: _Box) -> float:
        return self.scale.place(number, box.left, box.right)

    def _y(self, number: float, box: _Box) -> float:
        return self.scale.place(number, box.bottom, box.top)

    def _largest(self) -> float:
        return max(map(abs, self.known), default=0.0)

    def _axis_text(self, number: float) -> str:
        """Short, with as many decimals as the steps need, and zero is 0, not a dash."""
        ticks, unit = self.scale.ticks, self.chart.unit
        step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
        scale, end = next(((scale, end) for least, scale, end in _SCALES if self._largest() >= least), (1.0, ""))
        if unit.percent:
            scale, end = 0.01, "%"
        decimals = max(-math.floor(math.log10(step / scale) + 1e-9), 0)
        digits = "0." + "0" * decimals if decimals else "0"
        if end:
            positive = f"#,##{digits}{end}"
        else:
            positive = re.sub(r"0(\.0+)?(?![0.])", digits, unit.excel.split(";")[0], count=1)
        return show_number(number, excel_format(positive, "0%" if unit.percent else "0")).text

    def _label_text(self, number: float) -> str:
        return show_number(number, label_format(self.chart.unit, self._largest())).text

    def _labels_fit(self, step: float) -> bool:
        """Whether every column's label fits: labels that touch are worse than none."""
        if self.chart.kind == "line" or self.chart.overlaid or min(self.known) < 0:
            return False
        many = 1 if self.chart.stacked else len(self.rows)
        room = step / (many + (0.3 if many > 1 else 0))
        return all(text_width(self._label_text(number), _LABEL) + 3 <= room for number in self.known)

    def _fit(self, text: str, room: float, size: float) -> str:
        """As much of the text as fits, with an ellipsis if it is cut."""
        text = " ".join(clean_text(text).split())
        if text_width(text, size) <= room:
            return text
        while text and text_width(text + "…", size) > room:
            text = text[:-1]
        return text.rstrip() + "…"
