"""The toggles: the value in use of each, and the numbers that the other value would change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from segxl.pages.cells import FindRows, figure_cell, heading, less_formula
from segxl.pages.model import Cell, Formula, NumberCell, Page, Row
from segxl.pages.scorecard.scorecard import line_label
from segxl.report.toggle_effects import NumberEffect
from segxl.scorecard.model import LineEffect, SegmentScorecard
from segxl.scorecard.numbers_table import toggle_key
from segxl.settings.toggles import Toggle, Turned, value_word
from segxl.units import MONEY, POINTS, RATE

_WIDTHS = (62, 14, 22, 22, 18)
_NOTE = (
    "Some definitions have two accepted versions. For each: the version in use, and the numbers under the other one, "
    "computed from the same rows. To switch, change toggles in the settings."
)


def toggles_page(result: SegmentScorecard, subtitle: str, find_rows: FindRows) -> Page:
    """Every toggle of the scorecard, with the numbers that differ with its other value."""
    return _page(subtitle, (_of_scorecard(turned, result.segment, find_rows) for turned in result.toggle_effects))


def report_toggles_page(found: Sequence[Turned[NumberEffect]], subtitle: str) -> Page:
    """Every toggle of the segment performance report, with the numbers that differ with its other value."""
    return _page(subtitle, (_of_report(turned) for turned in found))


def _page(subtitle: str, parts: Iterable[Iterable[Row]]) -> Page:
    rows = heading("Toggles", subtitle, len(_WIDTHS))
    rows[-1] = Row((Cell(_NOTE, "note", span=len(_WIDTHS)),))
    for part in parts:
        rows += part
        rows.append(Row())
    return Page("toggles", "Toggles", tuple(rows), _WIDTHS, orientation="portrait", tab="working")


def _of_scorecard(turned: Turned[LineEffect], segment: str, find_rows: FindRows) -> Iterable[Row]:
    differing = [one for one in turned.effects if one.differs]
    yield from _head(turned.toggle, turned.value, turned.why)
    if differing:
        yield _columns("Metric", "Window", turned)
        yield from (_row(one, turned.toggle, segment, find_rows) for one in differing)
    if not turned.why:
        same = _unchanged(turned.effects)
        yield from _foot(f"Unchanged: {same}." if same else "", bool(differing))


def _of_report(turned: Turned[NumberEffect]) -> Iterable[Row]:
    yield from _head(turned.toggle, turned.value, turned.why)
    if turned.effects:
        yield _columns("Number", "Unit", turned)
        yield from (_number_row(effect) for effect in turned.effects)
    if not turned.why:
        same = "All other numbers in the summary, states and activities are unchanged."
        yield from _foot(same, bool(turned.effects))


def _head(toggle: Toggle, value: object, why: str) -> Iterable[Row]:
    width = len(_WIDTHS)
    yield Row((Cell(f"{toggle.question} ({toggle.name})", "heading", span=width),))
    yield Row((Cell(f"In use: {toggle.words(value)}", "text", span=width),))
    yield Row((Cell(f"Alternative: {toggle.words(toggle.other(value))}", "text", span=width),))
    if why:
        yield Row((Cell(f"No effect here: {why}.", "note", span=width),))


def _columns(first: str, second: str, turned: Turned[Any]) -> Row:
    titles = (f"In use: {value_word(turned.value)}", f"Alternative: {value_word(turned.other)}", "Difference")
    numbers = (Cell(title, "header_right") for title in titles)
    return Row((Cell(first, "header"), Cell(second, "header"), *numbers))


def _foot(words: str, differs: bool) -> Iterable[Row]:
    words = words if differs else "The alternative changes no number here."
    if words:
        yield Row((Cell(words, "note", span=len(_WIDTHS)),))


def _number_row(effect: NumberEffect) -> Row:
    unit = effect.as_set.unit
    numbers = (
        Cell("n/a", "muted") if value is None else Cell(unit.shown(value), "value", unit)
        for value in (effect.as_set.value, effect.other.value, effect.difference)
    )
    return Row((Cell(effect.name, "label"), Cell("money" if unit is MONEY else "accounts", "text"), *numbers))


def _row(effect: LineEffect, toggle: Toggle, segment: str, find_rows: FindRows) -> Row:
    difference, unit = effect.difference, effect.as_set.unit
    # With the other value other rows count: its number is a value of the table Numbers.
    other = NumberCell(toggle_key(segment, toggle.name, effect, "_other"))
    formula = less_formula(other, NumberCell(effect.as_set.key), 100 if unit is RATE else 1)
    if difference is None:
        change = Cell("n/a", "muted")
    elif unit is RATE:
        points = float(100 * difference)
        change = Cell(points, "value", POINTS.written(points), formula=formula)
    else:
        shown = unit.shown(difference)
        change = Cell(shown, "value", unit.written(shown), formula=formula)
    window = "12 months" if effect.column == "trailing_12" else "period"
    return Row(
        (
            Cell(_name(effect), "label"),
            Cell(window, "text"),
            figure_cell(effect.as_set, "value", find_rows(effect.as_set)),
            replace(
                figure_cell(effect.other, "value"), formula=None if effect.other.value is None else Formula((other,))
            ),
            change,
        )
    )


def _name(effect: LineEffect) -> str:
    """``Churned or downgraded customers: revenue lost``, ``Phase conversion: Discovery``."""
    cut, name = effect.cut, effect.metric.name
    if cut == effect.metric.cuts[0] and not cut.each:
        return name
    label = line_label(cut, effect.item)
    return f"{name}: {label if cut.each else label[:1].lower() + label[1:]}"


def _unchanged(effects: Sequence[LineEffect]) -> str:
    """The metrics without any difference."""
    touched = {one.metric.key for one in effects if one.differs}
    return ", ".join(dict.fromkeys(one.metric.name for one in effects if one.metric.key not in touched))
