"""The status of a deal by the flags of its CRM: surer than the words of its stages."""

from __future__ import annotations

import numpy as np

from segxl.sources.files.files import RawTable
from segxl.sources.formats.model import Flag, Reading, RowsSeen, column
from segxl.tables.codes import Mask
from segxl.tables.contracts import Texts
from segxl.tables.text_column import TextColumn


def status_by_flags(
    raw: RawTable, reading: Reading, stage: str, closed: Flag, won: Flag, lost: Flag | None = None
) -> tuple[Texts, tuple[RowsSeen, ...]]:
    """The status of each row, blank if its stage has to decide, and contradictions of the flags.

    A won deal is won, regardless of the other flags. A closed deal is lost if a flag shows that it is not won; without
    flags its stage decides.
    """
    is_closed, is_won = closed.read(raw), won.read(raw)
    is_lost = lost.read(raw) if lost else np.full(len(raw), -1, dtype=np.int8)
    status = np.full(len(raw), "", dtype=object)
    status[(is_closed == 0) & (is_won != 1) & (is_lost != 1)] = "open"
    status[(is_closed == 1) & (is_won == 0)] = "lost"
    status[is_lost == 1] = "lost"
    status[is_won == 1] = "won"
    stages = column(raw, stage)
    by_stage = TextColumn.of(stages).which(lambda text: " ".join(text.split()).casefold() in reading.closed_stages)

    def seen(rows: Mask, one: str, many: str, fix: str) -> tuple[RowsSeen, ...]:
        return (RowsSeen(one, many, fix, raw.rows[rows], stages[rows], "status"),) if rows.any() else ()

    return status, (
        *seen(
            (is_won == 1) & ((is_closed == 0) | (is_lost == 1)),
            "has contradicting flags (won, but not closed or lost) and counts as won",
            "have contradicting flags (won, but not closed or lost) and count as won",
            "Correct them in the CRM",
        ),
        *seen(
            (is_lost == 1) & (is_closed == 0) & (is_won != 1),
            "has contradicting flags (lost, but not closed) and counts as lost",
            "have contradicting flags (lost, but not closed) and count as lost",
            "Correct them in the CRM",
        ),
        *seen(
            (is_closed == 1) & (status == "") & ~by_stage,
            "is flagged as closed, but neither flag nor stage shows won or lost: it counts as open",
            "are flagged as closed, but neither flag nor stage shows won or lost: they count as open",
            "Export the won flag, or add each stage to won_stages or lost_stages",
        ),
    )
