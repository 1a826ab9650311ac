"""Buying stages and activities made ready: known stage names, cut-off, retargeting.

What the rest relies on afterwards: a buying stage is one of the contract's (``BUYING_STAGES``); nothing is dated after
the cut-off; no activity is retargeting. Source: 6sense, Segment performance reports, "Report contents" ("Retargeting
campaigns are not included") and "Buying stage".
"""

from __future__ import annotations

import re
from dataclasses import replace

from segxl.dataset.cutoff import without_later
from segxl.dataset.months_of_data import Span, source_months
from segxl.errors import SegxlError, nearest
from segxl.settings.how_to_set import add_to_map, closest, setting_name
from segxl.settings.model import Settings
from segxl.sources.ledger import FileEntry, by_file, exclude, reject
from segxl.tables.contracts import BUYING_STAGES, PLACEHOLDERS, Table

RETARGETING = "retargeting"
"""The ledger's rule for excluded retargeting."""


def prepare_stages(settings: Settings, table: Table, as_of: int, entries: list[FileEntry]) -> tuple[Table, bool]:
    """Buying stages with mapped names; rows with an unknown stage are rejected, rows after the cut-off excluded.
    Returns the table, and whether the cut-off removed any row.

    Raises:
        SegxlError: the stage map leads to a name that is not a buying stage.
    """
    known = _known_words(settings)
    table = table.apart(table.texts("stage").which(lambda word: " ".join(word.split()).casefold() not in known))
    stages = table.texts("stage").changed(lambda word: known.get(" ".join(word.split()).casefold(), ""))
    spelled = replace(table, columns={**table.columns, "stage": stages})
    hints = ", ".join(BUYING_STAGES)
    unknown = stages.is_text("")
    words = unknown & ~table.texts("stage").which(lambda word: word.casefold() in PLACEHOLDERS)
    for entry, mine in by_file(table, words, entries):
        word = str(table["stage"][mine][0])
        how = add_to_map(settings, "stage_map", word, closest(word, BUYING_STAGES))
        entry.warn(
            "word",
            f"is rejected: its stage is not a buying stage ({hints})",
            f"are rejected: their stages are not buying stages ({hints})",
            fix=f"Map each stage to a buying stage, for example: {how}",
            rows=table.row[mine],
            values=table["stage"][mine],
        )
    spelled = reject(
        spelled,
        unknown,
        "stage",
        f"is not a buying stage ({hints})",
        "map it to a buying stage in stage_map",
        entries,
        table.texts("stage"),
    )
    return without_later(spelled, spelled.days("date") > as_of, as_of, entries)


def prepare_activities(table: Table, as_of: int, entries: list[FileEntry]) -> tuple[Table, bool, dict[str, Span]]:
    """The activities without later rows and retargeting (``campaign_type``, in any case), wherever activities count.

    Returns the table, whether the cut-off took something away, and the months that each connected source reaches:
    those with any row up to the cut-off are connected. A row of retargeting shows that its source is connected, though
    it counts nowhere; a row after the cut-off shows nothing, so that a report made again is the report that was made on
    that day.
    """
    table, cut = without_later(table, table.days("date") > as_of, as_of, entries)
    sources = source_months(table, entries)
    table = table.apart(table.texts("campaign_type").which(_is_perhaps_retargeting))
    types = table.texts("campaign_type")
    is_retargeting = types.which(lambda word: _letters(word) == "retargeting")
    perhaps = types.which(_is_perhaps_retargeting)
    for entry, mine in by_file(table, perhaps, entries):
        entry.warn(
            "word",
            "counts as activity, but its campaign type may be retargeting",
            "count as activity, but their campaign types may be retargeting",
            fix="Map each type, to 'Retargeting' to filter it out or to another type to keep it, for example: "
            + entry.to_set.word("campaign_type", str(table["campaign_type"][mine][0]), "Retargeting"),
            rows=table.row[mine],
            values=table["campaign_type"][mine],
        )
    return exclude(table, is_retargeting, RETARGETING, entries), cut, sources


_RETARGETING = re.compile("retarget|remarket|reciblage|ретаргетинг|再营销|リターゲティング")


def _is_perhaps_retargeting(word: str) -> bool:
    return _letters(word) != "retargeting" and _RETARGETING.search(_letters(word)) is not None


def _letters(word: str) -> str:
    return "".join(filter(str.isalnum, word.casefold()))


def _known_words(settings: Settings) -> dict[str, str]:
    stage_map = settings.stage_map
    known = {stage.casefold(): stage for stage in BUYING_STAGES}
    for word, meaning in stage_map.items():
        if meaning.strip().casefold() not in known:
            raise SegxlError(
                f"{setting_name(settings, 'stage_map', word)}: {meaning!r} is not a buying stage"
                f"{nearest(meaning, BUYING_STAGES)}; "
                f"buying stages: {', '.join(BUYING_STAGES)}"
            )
    mapped = {" ".join(word.split()).casefold(): known[to.strip().casefold()] for word, to in stage_map.items()}
    return known | mapped
