"""The toggles: which reading of each choice is set, and what the other would make of the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from segxl.pages.cells import FindRows, figure_cell, heading
from segxl.pages.model import Cell, Page, Row
from segxl.pages.scorecard import line_label
from segxl.scorecard.model import Effect, SegmentScorecard, ToggleEffect
from segxl.scorecard.toggles import BY_NAME
from segxl.units import POINTS, RATE

_WIDTHS = (62, 14, 22, 22, 18)
_NOTE = (
    "The sources leave some choices open. For each: the reading that is set, and what the other would make of the "
    "numbers, worked out again from the same rows. Change them under [toggles] in the settings."
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
    toggle = BY_NAME[effect.name]
    width = len(_WIDTHS)
    yield Row((Cell(f"{toggle.question} ({toggle.name})", "heading", span=width),))
    yield Row((Cell(f"Set: {toggle.words(effect.value)}", "text", span=width),))
    yield Row((Cell(f"The other reading: {toggle.words(effect.other)}", "text", span=width),))
    if effect.why:
        yield Row((Cell(f"It cannot matter here: {effect.why}.", "note", span=width),))
        return
    differing = [one for one in effect.effects if one.differs]
    if differing:
        titles = (f"Set: {_word(effect.value)}", f"Other: {_word(effect.other)}", "Difference")
        numbers = (Cell(title, "header_right") for title in titles)
        yield Row((Cell("Metric", "header"), Cell("Window", "header"), *numbers))
        yield from (_row(one, find_rows) for one in differing)
    same = _unchanged(effect.effects)
    words = f"No difference in: {same}." if differing else "It makes no difference to any number here."
    if same:
        yield Row((Cell(words, "note", span=width),))


def _row(effect: Effect, find_rows: FindRows) -> Row:
    difference, unit = effect.difference, effect.as_set.unit
    if difference is None:
        change = Cell("n/a", "muted")
    elif unit is RATE:
        change = Cell(float(100 * difference), "value", POINTS)
    else:
        change = Cell(unit.shown(difference), "value", unit)
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


def _word(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value
