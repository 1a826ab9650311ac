"""Several spellings of one account as one: who is counted under ``count_by``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from segxl.dataset.model import Dataset
from segxl.sources.matching.company_names import shared_domains
from segxl.tables.codes import Codes


@dataclass(frozen=True)
class Families:
    """Over account codes: ``unit`` is the account or family that each account counts as; ``face`` is, for each unit,
    the account that gives its geo and sales team: the unit's own row, else its first account's."""

    unit: Codes
    face: Codes

    @cached_property
    def joined(self) -> bool:
        """Whether any account is counted as another one."""
        return bool((self.unit != np.arange(len(self.unit))).any())

    @classmethod
    def of(cls, dataset: Dataset) -> Families:
        """By ``count_by``, the accounts' ``parent_id`` and their domains.

        A family is an account's topmost parent and all accounts below it. If no table has a parent, the first account
        that names it takes its place; of parents that form a circle, the last new one on the way up does. Families with
        accounts of one domain are one family, counted as that of the first such account, because two spellings of a
        company rarely have a parent. Public mail domains (gmail.com) join no accounts. To join accounts by
        ``parent_id`` only, leave the domains of separate accounts blank. Example: A1 and A2 at acme.com, A3 with the
        parent A2: one family, counted as A1.
        """
        size = len(dataset.account_ids)
        unit, face = np.arange(size, dtype=np.int32), np.arange(size, dtype=np.int32)
        accounts = dataset.tables.get("accounts")
        if dataset.settings.count_by == "account" or accounts is None:
            return cls(unit, face)
        parent = dataset.account_codes(accounts.texts("parent_id"))
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
        _join(unit, shared_domains(accounts).values())
        for account in range(len(accounts) - 1, -1, -1):
            if unit[account] >= len(accounts):
                face[unit[account]] = account
        return cls(unit, face)


def _join(unit: Codes, groups: Iterable[Sequence[int]]) -> None:
    """Merge the units of each group's accounts in place, into the unit of its first account."""
    stands_for: dict[int, int] = {}

    def found(of: int) -> int:
        while of in stands_for:
            of = stands_for[of]
        return of

    for first, *others in groups:
        for account in others:
            to, one = found(int(unit[first])), found(int(unit[account]))
            if one != to:
                stands_for[one] = to
    for account in range(len(unit)) if stands_for else ():
        unit[account] = found(int(unit[account]))
