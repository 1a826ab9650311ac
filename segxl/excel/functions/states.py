"""The report's states over plain ranges: the highest buying stage, its movement, the engagement state."""

from __future__ import annotations

from typing import Any

from segxl.errors import nearest
from segxl.excel.functions.arguments import Grid, cells_of, flag_of, text_of
from segxl.excel.functions.arithmetic import elementwise
from segxl.excel.functions.problems import Answer, BadArgumentError, one
from segxl.report.states import ANONYMOUS, INTENT, KNOWN, NO_ENGAGEMENT, NO_STAGE, OPENED, STAGES, STATES, WON

UP, DOWN, SAME = "Up", "Down", "Same"


def highest_stage(stages: Grid) -> Answer:
    """The highest buying stage of a range; No stage where all cells are blank."""
    return one(STAGES[max((_rank(cell, "stages") for cell in cells_of(stages)), default=0)])


def stage_movement(baseline: Grid, analysis: Grid) -> Answer:
    """Up, Down or Same for each account of two ranges; a blank cell is No stage, the lowest."""

    def moved(baseline: Any, analysis: Any) -> str:
        before, after = _rank(baseline, "baseline"), _rank(analysis, "analysis")
        return UP if after > before else DOWN if after < before else SAME

    return elementwise(moved, baseline=baseline, analysis=analysis)


def engagement_state(**grids: Grid) -> Answer:
    """The highest engagement state of each account, from a yes or no, or a number, for each state above the lowest."""
    order = {"intent": INTENT, "anonymous": ANONYMOUS, "known": KNOWN, "opened": OPENED, "won": WON}
    assert [NO_ENGAGEMENT, *order.values()] == [*STATES]

    def highest(**had: Any) -> str:
        found = [state for name, state in order.items() if _had(had[name], name)]
        return found[-1] if found else NO_ENGAGEMENT

    return elementwise(highest, **grids)


def _rank(cell: Any, name: str) -> int:
    word = text_of(cell, name)
    known = {stage.casefold(): rank for rank, stage in enumerate(STAGES)}
    if (word or NO_STAGE).casefold() not in known:
        raise BadArgumentError(f"no buying stage {word!r}{nearest(word, STAGES)}; stages: {', '.join(STAGES)}")
    return known[(word or NO_STAGE).casefold()]


def _had(cell: Any, name: str) -> bool:
    """A number above zero is a yes: a count of activities."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if cell < 0:
            raise BadArgumentError(f"{name} is {cell}: it should be TRUE or FALSE, or a number of times")
        return cell > 0
    return bool(flag_of(cell, name))
