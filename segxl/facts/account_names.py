"""What accounts are called, and who owns them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segxl.dataset.model import Dataset
from segxl.periods import ALWAYS, NEVER
from segxl.tables.codes import Codes, Mask
from segxl.tables.contracts import Table


def account_names(dataset: Dataset) -> dict[str, str]:
    """The names of accounts by ID, of those that have one."""
    accounts = dataset.tables.get("accounts")
    if accounts is None:
        return {}
    pairs = zip(accounts["account_id"], accounts["name"], strict=True)
    return {str(key): str(name) for key, name in pairs if name}


def names_of(dataset: Dataset, accounts: Codes) -> list[str]:
    """The name of each account, its ID if it has none."""
    table = dataset.tables.get("accounts")
    known = 0 if table is None else len(table)
    listed = accounts[accounts < known]
    names = iter([] if table is None else table.texts("name").take(listed).cells.tolist())
    # Accounts of the accounts table have the first codes.
    return [(code < known and str(next(names))) or dataset.account_ids[code] for code in accounts.tolist()]


def account_owners(opportunities: Table, account: Codes, rows: Mask) -> Mapping[int, str]:
    """The owner of each account's newest opportunity that names one, by account code; of those of one day, the later
    row's. ``account`` and ``rows``, those that count: shape (opportunities,)."""
    among = np.flatnonzero(rows)
    owners = opportunities.texts("owner").take(among).cells
    named = np.flatnonzero(owners != "")
    created = opportunities["created_on"][among[named]]
    newest = named[np.argsort(np.where(created == NEVER, ALWAYS, created), kind="stable")]
    return dict(zip(account[among[newest]].tolist(), map(str, owners[newest]), strict=True))
