"""The page with the numbers that the charts are drawn from; charts elsewhere refer to its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from segxl.pages.cells import heading, short
from segxl.pages.model import Cell, Formula, Page, Range, Row
from segxl.units import Unit

KEY = "chart_data"

Numbers = Sequence[int | float | None]
Formulas = Sequence[Formula | None]

_LONGEST_NAME = 40
_ABOVE = 3  # rows of the heading


class ChartData:
    """Collects the tables of charts: names across, a row a series."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def add(
        self,
        title: str,
        names: Sequence[str],
        series: Mapping[str, Numbers],
        unit: Unit,
        units: Sequence[Unit] = (),
        formulas: Mapping[str, Formulas] | None = None,
    ) -> tuple[Range, dict[str, Range]]:
        """Write a table; where its names are, and where each series is. ``units``: of each series, if they differ;
        ``formulas`` of the series that have some."""
        header = _ABOVE + len(self._rows) + 2
        last = 1 + len(names)
        self._rows.append(Row((Cell(title, "heading", span=last),)))
        shown = (Cell(short(name, _LONGEST_NAME), "header_right") for name in names)
        self._rows.append(Row((Cell(None, "header"), *shown)))
        for (name, values), one in zip(series.items(), units or [unit] * len(series), strict=True):
            live = (formulas or {}).get(name) or (None,) * len(values)
            pairs = zip(values, live, strict=True)
            cells = (Cell(value, "value", one, formula=None if value is None else made) for value, made in pairs)
            self._rows.append(Row((Cell(name, "label"), *cells)))
        self._rows.append(Row())
        places = [Range(KEY, row, row, 2, last) for row in range(header, header + len(series) + 1)]
        return places[0], dict(zip(series, places[1:], strict=True))

    def place(self, series: int, point: int) -> Range:
        """The place of a point of the next table, by its series and points, both from 0."""
        row = _ABOVE + len(self._rows) + 3 + series
        return Range(KEY, row, row, point + 2, point + 2)

    def page(self, subtitle: str) -> Page | None:
        """The page; None where no chart was drawn."""
        if not self._rows:
            return None
        width = max(len(row.cells) for row in self._rows)
        return Page(
            key=KEY,
            title="Chart data",
            rows=(*heading("Chart data", subtitle, width), *self._rows),
            widths=(26, *[13.0] * (width - 1)),
            tab="working",
            printed=False,
        )
