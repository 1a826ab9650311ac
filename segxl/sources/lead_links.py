"""Deals take account, lead source and created date from their lead.

A deal that names its lead (``lead_id``) takes from it the values that it does not have itself. A deal that only its
leads name, by their ``opportunity_id``, takes the account and the source if its file has no column for them and all of
these leads agree. A deal's own values are never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from segxl.messages import counted
from segxl.sources.ledger import FileEntry, by_file
from segxl.tables.codes import factorized, positions
from segxl.tables.contracts import Table, Texts
from segxl.tables.text_column import TextColumn, places_among

TAKEN: Mapping[str, str] = {"account_id": "account_id", "lead_source": "source"}
"""Columns of opportunities, and the leads' that fill them."""


def created_by_lead(
    texts: Mapping[str, TextColumn], created: Callable[[], Mapping[str, str]], rows: int, entry: FileEntry
) -> dict[str, TextColumn]:
    """A file's columns of deals, with blank created dates filled from the lead; the ledger counts them.

    ``created`` gives each lead's, as text; it is asked only where a deal that names its lead needs it.
    """
    result = dict(texts)
    own = texts.get("created_on", TextColumn.filled("", rows))
    if "lead_id" not in texts:
        return result
    needed = own.is_text("") & ~texts["lead_id"].is_text("")
    if needed.any():
        days = created()
        found = texts["lead_id"].changed(lambda lead: days.get(lead, ""))
        if count := int((needed & ~found.is_text("")).sum()):
            entry.notes.append(f"{counted(count, 'row takes', 'rows take')} created_on from the lead")
        own = own.or_else(found)
    result["created_on"] = own
    return result


def from_leads(tables: Mapping[str, Table], entries: Sequence[FileEntry]) -> dict[str, Table]:
    """The tables with blanks of deals filled from their leads; each file's ledger counts them."""
    deals, leads = tables.get("opportunities"), tables.get("leads")
    if deals is None or leads is None or not len(leads):
        return dict(tables)
    columns = dict(deals.columns)
    place = places_among(deals.texts("lead_id"), leads.texts("lead_id"))
    by_lead = np.where(deals.texts("lead_id").is_text(""), -1, place)
    for name, source in TAKEN.items():
        blank = deals.texts(name).is_text("")
        if not blank.any():
            continue
        theirs = np.append(leads[source], "")[by_lead]
        unfed = [at for at, entry in enumerate(entries) if name not in entry.headers]
        named = np.where(np.isin(deals.file, unfed) & (theirs == ""), _by_opportunity(leads, source, deals), "")
        found = np.where(theirs == "", named, theirs)
        taken = blank & (found != "")
        if not taken.any():
            continue
        columns[name] = TextColumn.of(np.where(taken, found, deals[name]))
        for entry, mine in by_file(deals, taken, entries):
            count = int(mine.sum())
            entry.notes.append(f"{counted(count, 'row takes', 'rows take')} {name} from the lead")
            if name == "account_id" and entry.without_account:
                entry.without_account -= count
    given = deals.given | {name for name in TAKEN if columns[name] is not deals.columns[name]}
    return {**tables, "opportunities": replace(deals, columns=columns, given=given)}


def _by_opportunity(leads: Table, source: str, deals: Table) -> Texts:
    """The value that all leads of a deal agree on; blank if they differ or have none."""
    linked = (leads["opportunity_id"] != "") & (leads[source] != "")
    deal, ids = factorized(leads["opportunity_id"][linked])
    word, words = factorized(leads[source][linked])
    said = np.unique(deal * np.int64(max(len(words), 1)) + word)
    deal, word = said // max(len(words), 1), said % max(len(words), 1)
    agreed = np.full(len(ids) + 1, -1)  # the last one: no lead names the deal
    agreed[deal] = word
    agreed[:-1][np.bincount(deal, minlength=len(ids)) > 1] = -1
    result: Texts = np.append(words, "")[agreed[positions(deals["opportunity_id"], ids)]]
    return result
