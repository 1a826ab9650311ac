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


def account_owners(opportunities: Table, account: Codes, rows: Mask) -> Mapping[int, str]:
    """The owner of each account's newest opportunity that names one, by account code; of those of one day, the later
    row's. ``account`` and ``rows``, those that count: shape (opportunities,)."""
    named = np.flatnonzero(rows & (opportunities["owner"] != ""))
    created = opportunities["created_on"][named]
    newest = named[np.argsort(np.where(created == NEVER, ALWAYS, created), kind="stable")]
    return dict(zip(account[newest].tolist(), map(str, opportunities["owner"][newest]), strict=True))
