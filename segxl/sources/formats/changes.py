"""Files of single changes (a field, its old and its new value) become an opportunity's states."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from segxl.sources.files.files import RawTable
from segxl.sources.formats.model import Reading, Reshape, Shaped, column, fold, in_time, take, with_columns
from segxl.tables.contracts import Texts

_FIELDS = {
    **dict.fromkeys(("created", "opportunitycreated", "createdbyleadconvert", "opportunitycreatedfromlead"), "created"),
    **dict.fromkeys(("stage", "stagename", "dealstage"), "stage"),
    "amount": "amount",
    **dict.fromkeys(("closedate", "closingdate"), "close_date"),
}
"""The files' names of the fields that matter, folded."""

_STATED = ("stage", "amount", "close_date")


@dataclass(frozen=True)
class _Change:
    row: int
    field: str
    old: str
    new: str


def states_from_changes(*, ids: str, field: str, new: str, moment: str, old: str = "", now: str = "") -> Reshape:
    """A reshape of changes to states: a row for each change of stage, amount or close date, with all three.

    The arguments name the columns. What a field was before its first change is that change's old value; a stage that
    never changed is the one that the column ``now`` shows.
    """

    def reshape(raw: RawTable, reading: Reading) -> Shaped:
        names, fields = column(raw, ids), [_FIELDS.get(fold(text), "") for text in column(raw, field)]
        before, after, shown = column(raw, old) if old else None, column(raw, new), column(raw, now) if now else None
        groups: dict[str, list[_Change]] = {}
        for row in in_time(names, reading.moments(column(raw, moment))).tolist():
            change = _Change(row, fields[row], before[row] if before is not None else "", after[row])
            groups.setdefault(names[row], []).append(change)
        states: dict[int, Mapping[str, str]] = {}
        for changes in groups.values():
            states |= _states(changes, shown[changes[0].row] if shown is not None else "")
        unknown = sum(1 for row in range(len(raw)) if fields[row] and row not in states)
        excluded = {
            "change of another field": sum(1 for kind in fields if not kind),
            "change at a time with unknown stage": unknown,
        }
        rows = np.array(sorted(states), dtype=np.intp)
        made: dict[str, Texts] = {
            name: np.array([*(states[row][name] for row in rows.tolist()), ""], dtype=object)[:-1] for name in _STATED
        }
        shaped = with_columns(take(raw, rows), **made)
        return Shaped(shaped, {rule: count for rule, count in excluded.items() if count})

    return reshape


def _states(changes: list[_Change], stage_now: str) -> dict[int, Mapping[str, str]]:
    """The state after each change of one opportunity, by the change's row; none while its stage is not known."""
    state: dict[str, str] = {"stage": "", "amount": "", "close_date": ""}
    for name in _STATED:
        first = next((change for change in changes if change.field == name), None)
        if first is not None:
            state[name] = first.old
        elif name == "stage":
            state[name] = stage_now
    states: dict[int, Mapping[str, str]] = {}
    for change in changes:
        if change.field in _STATED:
            state = {**state, change.field: change.new}
        if change.field and (state["stage"] or change.field == "stage"):
            states[change.row] = state | {"close_date": _from_milliseconds(state["close_date"])}
    return states


def _from_milliseconds(text: str) -> str:
    """HubSpot's property history has moments as milliseconds since 1970."""
    return str(np.datetime64(int(text), "ms")) if re.fullmatch(r"\d{12,13}", text) else text
