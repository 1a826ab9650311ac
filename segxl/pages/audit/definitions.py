"""The Definitions page: the meaning and arithmetic of each number of a scorecard or a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from segxl.catalogue.formulas import READING, formulas
from segxl.catalogue.metric import Metric
from segxl.pages.cells import heading
from segxl.pages.model import Cell, Page, Row
from segxl.report.definitions import BEYOND, DEFINITIONS, SOURCE
from segxl.report.model import Report

_SOURCES = (
    "Source document: the published guide whose definition the number follows, with its section and its name there; "
    "added by segxl: not in a guide."
)


def definitions_page(metrics: tuple[Metric, ...], subtitle: str) -> Page:
    """The page of a scorecard: each metric's definition, formula and example."""
    titles = ("Metric", "Definition", "Formula", "Example", "Unit", "Better", "Source document")
    lines = []
    for metric in metrics:
        formula = "; ".join(f"{label}: {words}" if label else words for label, words in formulas(metric))
        words = (metric.definition, formula, metric.example, metric.unit.key, metric.better)
        source = Cell(metric.source, "note")
        lines.append([Cell(metric.name, "label"), *(Cell(word, "text") for word in words), source])
    shared = [Row(), Row((Cell("Rules for all metrics", "heading", span=2 * len(titles) - 1),))]
    for name, definition, example in READING:
        cells = [Cell(name, "label"), Cell(definition, "text"), Cell(None, "text"), Cell(example, "text")]
        shared.append(_with_gaps(cells, Cell(None, "text")))
    return _page(titles, (42.0, 52.0, 36.0, 46.0, 10.0, 9.0, 36.0), subtitle, lines, shared)


def report_definitions_page(report: Report, subtitle: str) -> Page:
    """The page of a report: each number's definition and example."""
    of_states = {line.state for line in report.performance} | {"net_engaged"}
    by_stage = report.choice.type == "buying-stage"
    lines = []
    for key, one in DEFINITIONS.items():
        engagement_only = key in of_states or key[0].isupper()
        if (by_stage and engagement_only) or (not by_stage and key == "stage"):
            continue
        section = one.section if one.section == BEYOND else f"{SOURCE}, {one.section}"
        lines.append(
            [Cell(one.name, "label"), Cell(one.text, "text"), Cell(one.example, "text"), Cell(section, "note")]
        )
    titles = ("Number", "Definition", "Example", "Source document")
    return _page(titles, (28.0, 80.0, 52.0, 44.0), subtitle, lines)


def _with_gaps(cells: Sequence[Cell], gap: Cell) -> Row:
    """Cells with a gap column between each two, so that wrapped words do not touch."""
    return Row(tuple(one for cell in cells for one in (cell, gap))[:-1])


def _widths_with_gaps(widths: Sequence[float]) -> tuple[float, ...]:
    """The widths of the columns with the gap columns between them."""
    return tuple(one for width in widths for one in (width, 2.0))[:-1]


def _page(
    titles: Sequence[str],
    widths: Sequence[float],
    subtitle: str,
    lines: Iterable[Sequence[Cell]],
    more: Sequence[Row] = (),
) -> Page:
    """Columns of wrapped words with a gap between each two; ``more`` rows below."""
    rows = heading("Definitions", subtitle, 2 * len(titles) - 1)
    rows.insert(-1, Row((Cell(_SOURCES, "note", span=2 * len(titles) - 1),)))
    header = len(rows) + 1
    rows.append(_with_gaps([Cell(title, "header") for title in titles], Cell(None, "header")))
    rows += (_with_gaps(cells, Cell(None, "text")) for cells in lines)
    return Page(
        "definitions",
        "Definitions",
        (*rows, *more),
        _widths_with_gaps(widths),
        freeze=(header + 1, 2),
        repeat_rows=(header, header),
        tab="working",
    )
