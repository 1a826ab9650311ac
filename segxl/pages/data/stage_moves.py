"""The data sheet Stage moves: each exit of an opportunity from a stage, once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segxl.catalogue import data_sheets as names
from segxl.catalogue.data_sheets import Dated, InPack
from segxl.catalogue.measure import Measure
from segxl.facts.arrays import Found, Scope
from segxl.facts.engine import Facts
from segxl.pages.data.sheet import DataSheet, Rows, words_of
from segxl.pages.data.wanted import Headers, Wanted
from segxl.units import TEXT

Move = tuple[int, int, int, str]
"""An exit: the row of the opportunity, the stage's code, the day and the outcome."""


class StageMoves(DataSheet):
    """The sheet; an opportunity may leave a stage several times, each in a row of its own."""

    def __init__(self, facts: Facts, moves: Sequence[Move]) -> None:
        super().__init__(facts, "stage_moves", "Stage moves", "StageMoves", np.arange(len(moves)), len(moves))
        self._places = {move: at for at, move in enumerate(moves)}

    def find(self, found: Found, measure: Measure) -> Rows:
        places = (self._places.get(move) for move in moves_of(found, word_of(measure.in_pack)))
        return np.sort(np.array([at for at in places if at is not None], dtype=np.int64))


def word_of(rows: InPack) -> str:
    """The outcome of the exits of a measure, as the sheet has it."""
    assert isinstance(rows, Dated)
    return dict(rows.where)[names.OUTCOME]


def moves_of(found: Found, word: str) -> list[Move]:
    """The found exits."""
    columns = (found.row.tolist(), found.stage.tolist(), found.day.tolist())
    return [(row, stage, day, word) for row, stage, day in zip(*columns, strict=True)]


def stage_moves_sheet(facts: Facts, now: Scope, need: Wanted, headers: Headers) -> DataSheet:
    """The exits that count in a window of the pack, the latest first."""
    table = facts.dataset.tables["opportunities"]
    keys = dict.fromkeys((measure.fact, word_of(dated)) for dated, measure, _ in need.dated)
    parts = {
        who: [move for fact, word in keys for move in moves_of(need.counted(facts, fact, who), word)]
        for who in need.memberships
    }
    moves = {move for found in parts.values() for move in found}
    listed = sorted(moves, key=lambda move: (-move[2], move[1], move[3], move[0]))
    deals = np.array([move[0] for move in listed], dtype=np.int64)
    stages = list(words_of(facts, "stage").values())
    sheet = StageMoves(facts, listed)
    sheet.add("Opportunity", list(table["opportunity_id"][deals]))
    sheet.add_account(table, deals)
    sheet.add("Owner", list(table["owner"][deals]))
    for by in ("geo", "sales_team"):
        sheet.add_dimension(by, names.HEADERS[by], "opportunities", deals)
    sheet.add(names.HEADERS["stage"], [stages[move[1]] for move in listed], TEXT, 18)
    sheet.add(names.OUTCOME, [move[3] for move in listed], TEXT, 18)
    sheet.add_dates(names.LEFT, np.array([move[2] for move in listed], dtype=np.int64))
    for who, found in parts.items():
        mine = set(found)
        places = np.flatnonzero([move in mine for move in listed])
        sheet.add_flags(headers.counts(names.COUNTS, who), places)
    sheet.add_place(table, deals)
    return sheet
