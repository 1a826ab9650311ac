"""Words of deals outside their sets: unnamed stages, unlisted types, and stages that contradict a status.

Nothing is changed here. Each becomes a condition of the rows that have it, so that every command that shows a number
reports it.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence, Set

import numpy as np

from segxl.dataset.deal_types import deal_type, looks_like_type
from segxl.periods import NEVER
from segxl.settings.how_to_set import add_to_map, setting_name
from segxl.settings.model import DEAL_TYPES, Settings
from segxl.sources.ledger import FileEntry, by_file
from segxl.sources.values.words import likely_deal_type
from segxl.tables.codes import Codes, Mask
from segxl.tables.contracts import Table, Texts
from segxl.tables.text_column import TextColumn


def unnamed_stages(settings: Settings, table: Table, by_stage: Texts, entries: Sequence[FileEntry]) -> None:
    """Record the stages that the settings do not name: their deals read as open, those of a mistyped won stage too.

    Where the settings name no open stages, only where no opportunity at all is won, or none is lost. Where a status is
    given, only open deals: the pipeline by stage has them under Other.
    """
    unnamed = ~_named(settings, table.texts("stage")) & (table["stage"] != "")
    found = set(np.where(table["status"] == "", by_stage, table["status"]))
    missing = {"won": settings.won_stages, "lost": settings.lost_stages}
    lacking = [
        f"; no deal is {status}, because no row has the stage {' or '.join(map(repr, names))} "
        f"({setting_name(settings, f'{status}_stages')})"
        for status, names in missing.items()
        if status not in found
    ]
    if settings.stages or lacking:
        _warn(
            table,
            unnamed & (table["status"] == ""),
            entries,
            "counts as open: its stage is not in the settings",
            "count as open: their stage is not in the settings",
            f"Add each stage to {_stage_settings(settings)}{_misspelt(settings, table, unnamed)}{''.join(lacking)}",
            table["stage"],
        )
    if settings.stages:
        _warn(
            table,
            unnamed & (table["status"] == "open"),
            entries,
            "is open in a stage that is not in the settings: Other in Pipeline by stage",
            "are open in a stage that is not in the settings: Other in Pipeline by stage",
            f"Add each stage to {setting_name(settings, 'stages')}, in the order of the pipeline",
            table["stage"],
        )


def unnamed_stages_of_history(
    settings: Settings,
    closed: Set[str],
    opportunities: Table,
    history: Table,
    code: Codes,
    entries: Sequence[FileEntry],
) -> None:
    """Record history stages that are missing from the settings' open stages. The last stage of a closed deal may be
    missing: the deal's own status gives its meaning.

    Args:
        settings: they name the stages.
        closed: the stages that mean won or lost, in lower case.
        opportunities: with their status.
        history: their history.
        code: the row in ``opportunities`` of each history row.
        entries: the ledger's files.
    """
    if not settings.stages:
        return
    stages = history.texts("stage")
    unnamed = ~_named(settings, stages) & ~stages.which(lambda word: word.casefold() in closed)
    closed_on = opportunities["closed_on"][code]
    last = (closed_on != NEVER) & (history["changed_at"] >= closed_on)
    last &= history["stage"] == opportunities["stage"][code]
    _warn(
        history,
        unnamed & ~last,
        entries,
        "has a stage that is not in the settings: Other in Pipeline by stage, not in Phase conversion",
        "have a stage that is not in the settings: Other in Pipeline by stage, not in Phase conversion",
        f"Add each stage to {_stage_settings(settings)}; open stages in the order of the pipeline",
        history["stage"],
    )


def contradicted_statuses(settings: Settings, table: Table, by_stage: Texts, entries: Sequence[FileEntry]) -> None:
    """Record deals whose status, mapped or by the CRM's flags, is not that of their stage. The status counts.

    Decision: an open stage contradicts a closed status only if flags give the status. Salesforce and HubSpot close a
    deal by its stage; in other CRMs a won or lost deal keeps its last stage.
    """
    flagged = np.isin(table.file, [at for at, entry in enumerate(entries) if entry.status_by_flags])
    open_stages = {stage.casefold() for stage in settings.stages}
    in_open_stage = flagged & table.texts("stage").which(lambda word: word.casefold() in open_stages)
    differs = (table["status"] != "") & (table["status"] != by_stage) & ((by_stage != "open") | in_open_stage)
    words = np.full(len(table), "", dtype=object)
    words[differs] = [
        f"{stage}, {status}" for stage, status in zip(table["stage"][differs], table["status"][differs], strict=True)
    ]
    _warn(
        table,
        differs,
        entries,
        "has a stage that contradicts its status; segxl uses the status",
        "have a stage that contradicts their status; segxl uses the status",
        f"Correct the stage or the status in the CRM, or fix {setting_name(settings, 'won_stages')}, "
        f"{setting_name(settings, 'lost_stages')} or "
        f"{setting_name(settings, 'tables', 'opportunities', 'values', 'status')}",
        words,
    )


def unlisted_types(settings: Settings, table: Table, entries: Sequence[FileEntry]) -> None:
    """Record the types that the settings do not list: their deals are neither new logo nor upsell.

    Where the settings list none, only where the words speak of new or existing business.
    """
    types = table.texts("type")
    unlisted = {word for word in types.distinct if deal_type(settings.types, word) is None}
    if unlisted and (settings.types or any(map(looks_like_type, unlisted))):
        how = add_to_map(settings, "types", min(unlisted), likely_deal_type(min(unlisted)))
        _warn(
            table,
            types.which(unlisted.__contains__),
            entries,
            "counts as type other: its type is not mapped",
            "count as type other: their type is not mapped",
            f"Add each type as {', '.join(DEAL_TYPES[:-1])} or {DEAL_TYPES[-1]}, for example: {how}",
            table["type"],
        )


def _stage_settings(settings: Settings) -> str:
    stages, won, lost = (setting_name(settings, key) for key in ("stages", "won_stages", "lost_stages"))
    return f"{stages}, {won} or {lost}"


def _misspelt(settings: Settings, table: Table, rows: Mask) -> str:
    """The first stage of some rows that is nearly one of the settings', and that one."""
    named = {stage.casefold(): stage for stage in (*settings.stages, *settings.won_stages, *settings.lost_stages)}
    for stage in dict.fromkeys(table.texts("stage").take(rows).distinct.tolist()):
        if near := difflib.get_close_matches(stage.casefold(), named, n=1, cutoff=0.85):
            return f", or correct {stage!r} if it means {named[near[0]]!r}"
    return ""


def _named(settings: Settings, stages: TextColumn) -> Mask:
    named = {*settings.stages, *settings.won_stages, *settings.lost_stages}
    return stages.which(named.__contains__)


def _warn(table: Table, rows: Mask, entries: Sequence[FileEntry], one: str, many: str, fix: str, words: Texts) -> None:
    """A condition for each file that has any of ``rows``, with the word of each."""
    for entry, mine in by_file(table, rows, entries):
        entry.warn("word", one, many, fix=fix, rows=table.row[mine], values=words[mine])
