"""Records that were merged into another one: a CRM drops them, its exports and connectors may still have them.

The record that is left lists the ids of those that went into it (HubSpot), or each of those names the one that is left
(Salesforce, Zendesk). Where both are in the table, the one that went counts no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from segxl.messages import listed
from segxl.sources.formats.model import fold
from segxl.sources.ledger import FileEntry, by_file
from segxl.tables.contracts import Table

_LISTS = re.compile(
    r"(property)?(hs)?(calculated)?merged(deal|opportunity|contact|lead|company|account|record|object)?(object)?v?ids?"
    r"(withtimestamps)?"
)
"""Headers, folded, of ids that were merged into the row's own: ``Merged Deal IDs``, ``property_hs_merged_object_ids``,
``hs_calculated_merged_vids`` with a time after each id."""

_INTO = re.compile(r"masterrecord(id)?|merged(in)?to(record|deal|opportunity|contact|lead|company|account)?(id)?")
"""Headers, folded, of the id into which the row's own was merged: ``MasterRecordId``, ``merged_into_id``."""

_WORDS = {"accounts": "account", "leads": "lead", "opportunities": "opportunity"}


def without_merged(tables: Mapping[str, Table], entries: list[FileEntry]) -> dict[str, Table]:
    """The tables without the accounts, leads and opportunities that were merged into another of their table.

    Rows of other tables that refer to one of them refer to the one that is left; its history does not become the
    other's. Records that name each other are kept and reported.
    """
    result = dict(tables)
    for name, word in _WORDS.items():
        table = result.get(name)
        went = _went(table, entries) if table is not None else {}
        if table is None or not went:
            continue
        gone = table.texts(table.contract.key[0]).which(went.__contains__)
        for entry, mine in by_file(table, gone, entries):
            entry.exclude(f"merged into another {word} (CRM merge)", int(mine.sum()), table.row[mine])
        result[name] = table.take(~gone)
        for other in result:
            if other != "opportunity_history":
                result[other] = _referring(result[other], name, went)
    return result


def _went(table: Table, entries: list[FileEntry]) -> dict[str, str]:
    """The id that is left of each id that was merged; both are in the table."""
    key = table.contract.key[0]
    pairs = dict(_pairs(table))
    went: dict[str, str] = {}
    circles: list[str] = []
    for one in pairs:
        seen, last = {one}, pairs[one]
        while last in pairs and last not in seen:
            seen.add(last)
            last = pairs[last]
        if last in seen:
            circles.append(one)
        else:
            went[one] = last
    if circles:
        ids = table.texts(key)
        rows = ids.which(set(circles).__contains__)
        for entry, mine in by_file(table, rows, entries):
            entry.warn(
                "duplicate",
                "is merged in a circle with another record: both count",
                "are merged in circles: all count",
                fix=f"Correct the merged IDs in the export ({listed(circles, 5)})",
                rows=table.row[mine],
            )
    return went


def _pairs(table: Table) -> Iterator[tuple[str, str]]:
    """Each merged id of the table with the id that it went into."""
    names = [name for name in table.columns if name not in table.contract.names]
    names = [name for name in names if _LISTS.fullmatch(fold(name)) or _INTO.fullmatch(fold(name))]
    ids = table[table.contract.key[0]]
    known = set(ids.tolist()) if names else set()
    for name in names:
        lists = _LISTS.fullmatch(fold(name))
        column = table.texts(name)
        for row in np.flatnonzero(~column.is_text("")).tolist():
            own = ids[row]
            for part in re.split(r"[;,|\s]+", column.at(row)):
                other = part.partition(":")[0]  # a time may follow
                if other and other != own and other in known:
                    yield (other, own) if lists else (own, other)


def _referring(table: Table, name: str, went: Mapping[str, str]) -> Table:
    columns = dict(table.columns)
    for column in table.contract.columns:
        if column.refers_to == name:
            columns[column.name] = table.texts(column.name).changed(lambda one: went.get(one, one))
    return replace(table, columns=columns)
