"""Several spellings of one account as one: who is counted under ``count_by``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from segxl.dataset.load import Dataset
from segxl.sources.matching.accounts import shared_domains
from segxl.tables.codes import Codes


@dataclass(frozen=True)
class Families:
    """Over account codes: ``unit`` is what each account is counted as, itself or its family; ``face`` is, for
    each unit, the account whose geo and sales team stand for it: the unit's own row, else its first account's."""

    unit: Codes
    face: Codes

    @cached_property
    def joined(self) -> bool:
        """Whether any account is counted as another one."""
        return bool((self.unit != np.arange(len(self.unit))).any())

    @classmethod
    def of(cls, dataset: Dataset) -> Families:
        """By ``count_by``, the accounts' ``parent_id`` and their domains.

        A family is an account's topmost parent and all below it. A parent that no table has is stood for by the first
        account that names it; of parents that go round in a circle, the last one that is not met again is taken.
        Families with accounts of one domain are one, counted as that of the first such account: two spellings of a
        company rarely have a parent. Domains of mailboxes for everyone (gmail.com) join nobody. Decision; the other
        reading, by ``parent_id`` alone, is had by leaving the domains of accounts that are apart blank. Example:
        A1 and A2 at acme.com, A3 with the parent A2: one family, counted as A1.
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
    """Make one unit of those of each group's accounts, in place: that of its first account."""
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
