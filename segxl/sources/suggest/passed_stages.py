"""The order of a pipeline's stages, as the opportunities of a history passed through them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np

from segxl.errors import SegxlError
from segxl.sources.files.raw import RawTable
from segxl.sources.formats import FORMATS, Reading, take
from segxl.sources.formats.model import in_time
from segxl.sources.records.not_records import blank_rows, not_records
from segxl.sources.suggest.suggestions import likely_columns
from segxl.sources.suggest.unnamed import UnnamedFile, likely

_ROWS = 200_000
"""Rows of a history that are read: enough to find the order."""
_TABLE = "opportunity_history"


def stages_passed(found: UnnamedFile) -> Iterator[tuple[str, ...]]:
    """The different orders in which opportunities of a history passed through their stages, each stage once; empty if
    the file is not a history."""
    with suppress(SegxlError):
        read = _history(found)
        if read is None:
            return
        raw, columns, reading = read
        if any(column not in raw.header for column in columns):
            return
        ids, stages, moments = (raw.column(column) for column in columns)
        ways: dict[str, dict[str, None]] = {}
        for row in in_time(ids, reading.moments(moments)).tolist():
            if ids[row] and stages[row]:
                ways.setdefault(ids[row], {}).setdefault(stages[row])
        yield from dict.fromkeys(tuple(way) for way in ways.values())


def _history(found: UnnamedFile) -> tuple[RawTable, tuple[str, str, str], Reading] | None:
    """A history's rows, the headers of its ids, stages and times, and how its times are read."""
    raw, reading = found.raw, Reading()
    if raw is None:
        return None
    raw = take(raw, np.arange(len(raw)) < _ROWS) if len(raw) > _ROWS else raw
    raw = take(raw, ~not_records(raw, blank_rows(raw)).rows)
    name = found.known.get(_TABLE)
    known = next((one for one in FORMATS if one.name == name), None)
    if known:
        raw = known.reshape(raw, reading).raw if known.reshape else raw
        columns = known.sources(raw.header)
    elif name:
        columns = {column: column for column in ("opportunity_id", "stage", "changed_at")}
    elif not found.known and likely(found)[0] == _TABLE:
        columns = dict(likely_columns(found.header, _TABLE, raw)[0])
    else:
        return None
    wanted = tuple(columns.get(column, "") for column in ("opportunity_id", "stage", "changed_at"))
    return (raw, (wanted[0], wanted[1], wanted[2]), reading) if all(wanted) else None


def in_their_order(ways: Sequence[Sequence[str]]) -> list[str]:
    """The stages in the order in which most opportunities passed them, pair by pair."""
    before: Counter[tuple[str, str]] = Counter()
    names = {stage.casefold(): stage for way in reversed(ways) for stage in reversed(way)}
    for way in ways:
        plain = list(dict.fromkeys(stage.casefold() for stage in way))
        before.update((plain[one], plain[two]) for one in range(len(plain)) for two in range(one + 1, len(plain)))
    ahead = {
        stage: sum(before[stage, other] > before[other, stage] for other in names)
        - sum(before[other, stage] > before[stage, other] for other in names)
        for stage in names
    }
    first = {stage: at for at, stage in enumerate(reversed(names))}
    return [names[stage] for stage in sorted(names, key=lambda stage: (-ahead[stage], first[stage]))]
