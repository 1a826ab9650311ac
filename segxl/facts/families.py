"""Several spellings of one account as one: who is counted under ``count_by``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segxl.dataset import Dataset
from segxl.facts.arrays import Codes


@dataclass(frozen=True)
class Families:
    """Over account codes: ``unit`` is what each account is counted as, itself or its topmost parent; ``face`` is, for
    each unit, the account whose geo and sales team stand for it: the unit's own row, else its first account's."""

    unit: Codes
    face: Codes

    @classmethod
    def of(cls, dataset: Dataset) -> Families:
        """By ``count_by`` and the accounts' ``parent_id``. A parent that no table has is stood for by the first account
        that names it; of parents that go round in a circle, the last one that is not met again is taken."""
        size = len(dataset.account_ids)
        unit, face = np.arange(size, dtype=np.int32), np.arange(size, dtype=np.int32)
        accounts = dataset.tables.get("accounts")
        if dataset.settings.count_by == "account" or accounts is None:
            return cls(unit, face)
        parent = dataset.account_codes(accounts["parent_id"])
        first: dict[str, int] = {}
        for account in np.flatnonzero((parent < 0) & (accounts["parent_id"] != "")).tolist():
            parent[account] = first.setdefault(str(accounts["parent_id"][account]), account)
        up = unit.copy()
        up[: len(accounts)] = np.where(parent >= 0, parent, unit[: len(accounts)])
        for account in range(size):
            seen, at = {account}, account
            while up[at] != at and up[at] not in seen:
                at = int(up[at])
                seen.add(at)
            unit[account] = at
        for account in range(len(accounts) - 1, -1, -1):
            if unit[account] >= len(accounts):
                face[unit[account]] = account
        return cls(unit, face)
