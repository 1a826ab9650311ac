"""Unify IDs: Salesforce's two lengths of one ID, and the accounts of leads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segxl.messages import counted
from segxl.sources.ledger import FileEntry, by_file
from segxl.tables.contracts import Table, Type
from segxl.tables.text_column import TextColumn

_SHORT = re.compile(r"[A-Za-z0-9]{15}")
_LONG = re.compile(r"[A-Za-z0-9]{18}")
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def salesforce_suffix(short: str) -> str:
    """The three characters that make 18 of an id's 15: each encodes which of five letters are capitals."""
    return "".join(
        _DIGITS[sum(1 << at for at, letter in enumerate(short[first : first + 5]) if "A" <= letter <= "Z")]
        for first in (0, 5, 10)
    )


def other_length(one: str) -> str:
    """A Salesforce id in its other length; blank where it is none."""
    if _SHORT.fullmatch(one):
        return one + salesforce_suffix(one)
    return one[:15] if _LONG.fullmatch(one) and one[15:] == salesforce_suffix(one[:15]) else ""


def same_salesforce_ids(tables: Mapping[str, Table], entries: list[FileEntry]) -> dict[str, Table]:
    """The tables with each Salesforce ID in one length: 18 characters if any file has it so, else unchanged.

    The 15 characters are case-sensitive, so ``…a`` and ``…A`` are two IDs.
    """
    columns = [table.texts(name) for table in tables.values() for name in _id_columns(table)]
    shared = {texts.__array_interface__["data"]: texts for texts in (column.shared[1] for column in columns)}
    if not {15, 18} <= {length for texts in shared.values() for length in set(map(len, texts))}:
        return dict(tables)
    known = {one for column in columns for one in column.in_use[1]}
    long = (one for one in known if len(one) == 18 and _LONG.fullmatch(one))
    longer = {short: one for one in long if (short := other_length(one)) and short in known}
    if not longer:
        return dict(tables)
    return {name: _lengthened(table, longer, entries) for name, table in tables.items()}


def _id_columns(table: Table) -> list[str]:
    return [column.name for column in table.contract.columns if column.type is Type.ID]


def _lengthened(table: Table, longer: Mapping[str, str], entries: list[FileEntry]) -> Table:
    columns, changed = dict(table.columns), np.zeros(len(table), dtype=bool)
    for name in _id_columns(table):
        columns[name], hit = _replaced(table.texts(name), longer)
        changed |= hit
    for entry, mine in by_file(table, changed, entries):
        entry.notes.append(
            f"{counted(table.count(mine), 'row has a Salesforce ID', 'rows have Salesforce IDs')} of 15 characters, "
            "others have 18: read as the same"
        )
    return replace(table, columns=columns)


def _replaced(texts: TextColumn, by: Mapping[str, str]) -> tuple[TextColumn, NDArray[np.bool_]]:
    return texts.changed(lambda text: by.get(text, text)), texts.which(by.__contains__)


def accounts_of_leads(tables: Mapping[str, Table], entries: list[FileEntry]) -> dict[str, Table]:
    """The tables with the activities of leads under the leads' accounts, if the leads table has them.

    For files that name only the lead, whose ID is in the place of the account until now.
    """
    result = dict(tables)
    activities, leads = tables.get("activities"), tables.get("leads")
    if activities is None or leads is None or "lead_id" not in activities.columns:
        return result
    accounts = {lead: account for lead, account in zip(leads["lead_id"], leads["account_id"], strict=True) if account}
    only_lead = (activities["lead_id"] != "") & (activities["lead_id"] == activities["account_id"])
    found, hit = _replaced(activities.texts("lead_id"), accounts)
    hit &= only_lead
    account_id = np.where(hit, found.cells, activities["account_id"])
    for entry, mine in by_file(activities, only_lead, entries):
        entry.notes.append(
            f"{activities.count(mine & hit):,} of {counted(activities.count(mine), 'row')} with only a lead matched an "
            "account through the leads table"
        )
    columns = {**activities.columns, "account_id": TextColumn.of(account_id)}
    result["activities"] = replace(activities, columns=columns)
    return result
