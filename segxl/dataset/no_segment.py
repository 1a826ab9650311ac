"""Accounts in no segment because the column that names their segment is blank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segxl.dataset.segments import Segments
from segxl.settings.model import Settings
from segxl.sources.ledger import FileEntry, by_file
from segxl.tables.contracts import Table
from segxl.tables.text_column import TextColumn


def report_no_segment(
    settings: Settings, accounts: Table | None, segments: Segments, as_of: int, entries: Sequence[FileEntry]
) -> None:
    """Record the accounts without a value in the column of ``segments.by`` that no other segment has on the day
    ``as_of``: the segments then do not add up to All accounts."""
    by = (settings.segments.by or "").casefold()
    own = next((name for name in accounts.columns if name.casefold() == by), "") if accounts is not None else ""
    if accounts is None or not own or not isinstance(accounts.columns[own], TextColumn):
        return
    blank = accounts.texts(own).is_text("")
    if not blank.any():
        return
    codes = np.arange(len(accounts), dtype=np.int32)  # the first account codes are the table's, in its order
    blank &= segments.rest.holds_between(codes, as_of, as_of)
    for entry, mine in by_file(accounts, blank, entries):
        header = entry.headers.get(own, own)
        entry.warn(
            "account",
            f"has no {header!r} and is in no segment",
            f"have no {header!r} and are in no segment",
            fix=f"Fill in {header} in the export; until then the segments do not add up to All accounts",
            rows=accounts.row[mine],
            any_segment=True,
        )
