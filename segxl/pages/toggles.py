"""The toggles: which reading of each choice is set, and what the other would make of the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from segxl.pages.cells import FindRows, figure_cell, heading
from segxl.pages.model import Cell, Page, Row
from segxl.pages.scorecard import line_label
from segxl.report.toggles import Change, Turned
from segxl.scorecard.model import Effect, SegmentScorecard, ToggleEffect
from segxl.settings import TOGGLES
from segxl.toggle import Toggle, value_word
from segxl.units import MONEY, POINTS, RATE

_WIDTHS = (62, 14, 22, 22, 18)
_NOTE = (
    "The sources leave some choices open. For each: the reading that is set, and what the other would make of the "
    "numbers, worked out again from the same rows. Change them in the settings (toggles)."
)


def toggles_page(result: SegmentScorecard, subtitle: str, find_rows: FindRows) -> Page:
    """Every toggle that touches the scorecard, with the numbers that differ under its other reading."""
    rows = heading("Toggles", subtitle, len(_WIDTHS))
    rows[-1] = Row((Cell(_NOTE, "note", span=len(_WIDTHS)),))
    for effect in result.toggle_effects:
        rows += _toggle(effect, find_rows)
        rows.append(Row())
    return Page("toggles", "Toggles", tuple(rows), _WIDTHS)


def _toggle(effect: ToggleEffect, find_rows: FindRows) -> Iterable[Row]:
    differing = [one for one in effect.effects if one.differs]
    yield from _head(TOGGLES[effect.name], effect.value, effect.why)
    if differing:
        yield _columns("Metric", "Window", effect.value, effect.other)
        yield from (_row(one, find_rows) for one in differing)
    if not effect.why:
        same = _unchanged(effect.effects)
        yield from _foot(f"No difference in: {same}." if same else "", bool(differing))


def _head(toggle: Toggle, value: object, why: str) -> Iterable[Row]:
    width = len(_WIDTHS)
    yield Row((Cell(f"{toggle.question} ({toggle.name})", "heading", span=width),))
    yield Row((Cell(f"Set: {toggle.words(value)}", "text", span=width),))
    yield Row((Cell(f"The other reading: {toggle.words(toggle.other(value))}", "text", span=width),))
    if why:
        yield Row((Cell(f"It cannot matter here: {why}.", "note", span=width),))


def _columns(first: str, second: str, value: object, other: object) -> Row:
    titles = (f"Set: {value_word(value)}", f"Other: {value_word(other)}", "Difference")
    numbers = (Cell(title, "header_right") for title in titles)
    return Row((Cell(first, "header"), Cell(second, "header"), *numbers))


def _foot(words: str, differs: bool) -> Iterable[Row]:
    words = words if differs else "It makes no difference to any number here."
    if words:
        yield Row((Cell(words, "note", span=len(_WIDTHS)),))


def report_toggles_page(found: Sequence[Turned], subtitle: str) -> Page:
    """Every toggle that touches the segment performance report, with the numbers that differ under its other
    reading."""
    rows = heading("Toggles", subtitle, len(_WIDTHS))
    rows[-1] = Row((Cell(_NOTE, "note", span=len(_WIDTHS)),))
    for one in found:
        rows += _head(one.toggle, one.value, one.why)
        if one.changes:
            rows.append(_columns("Number", "Unit", one.value, one.toggle.other(one.value)))
            rows += (_change(change) for change in one.changes)
        if not one.why:
            rows += _foot(
                "All other numbers of the summary, the states and the activities are the same.", bool(one.changes)
            )
        rows.append(Row())
    return Page("toggles", "Toggles", tuple(rows), _WIDTHS)


def _change(change: Change) -> Row:
    values, unit = (change.as_set.value, change.other.value), change.as_set.unit
    difference = None if values[0] is None or values[1] is None else values[1] - values[0]
    numbers = (
        Cell("n/a", "muted") if value is None else Cell(unit.shown(value), "value", unit)
        for value in (*values, difference)
    )
    return Row((Cell(change.name, "label"), Cell("money" if unit is MONEY else "accounts", "text"), *numbers))


def _row(effect: Effect, find_rows: FindRows) -> Row:
    difference, unit = effect.difference, effect.as_set.unit
    if difference is None:
        change = Cell("n/a", "muted")
    elif unit is RATE:
        points = float(100 * difference)
        change = Cell(points, "value", POINTS.written(points))
    else:
        shown = unit.shown(difference)
        change = Cell(shown, "value", unit.written(shown))
    window = "12 months" if effect.column == "trailing_12" else "period"
    return Row(
        (
            Cell(_name(effect), "label"),
            Cell(window, "text"),
            figure_cell(effect.as_set, "value", find_rows(effect.as_set)),
            figure_cell(effect.other, "value"),
            change,
        )
    )


def _name(effect: Effect) -> str:
    """``Churned customers: revenue lost``, ``Phase conversion: Discovery``."""
    cut, name = effect.cut, effect.metric.name
    if cut == effect.metric.cuts[0] and not cut.each:
        return name
    label = line_label(cut, effect.item)
    return f"{name}: {label if cut.each else label[:1].lower() + label[1:]}"


def _unchanged(effects: Sequence[Effect]) -> str:
    """The metrics of which no number differs."""
    touched = {one.metric.key for one in effects if one.differs}
    return ", ".join(dict.fromkeys(one.metric.name for one in effects if one.metric.key not in touched))
