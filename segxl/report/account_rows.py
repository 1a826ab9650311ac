"""Accounts as rows of a list, for sheets and terminals alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from segxl.facts.account_names import names_of
from segxl.facts.arrays import Cents
from segxl.periods import NEVER, to_date
from segxl.report.model import Selector
from segxl.report.working import Working
from segxl.tables.codes import Codes
from segxl.units import COUNT, DATE, MONEY_EXACT, TEXT, Unit

Value = str | int | float | date | None


@dataclass(frozen=True)
class Column:
    """A column of a list: one value for each account."""

    header: str
    values: Sequence[Value]
    unit: Unit = TEXT


class AccountRows:
    """Reads the fields of listed accounts: names, stages, amounts, last activity."""

    def __init__(self, working: Working) -> None:
        self._working = working
        dataset = working.presence.dataset
        self._ids = np.array(dataset.account_ids, dtype=object)
        accounts = dataset.tables.get("accounts")
        size = len(self._ids)

        def column(name: str) -> list[str]:
            known = [] if accounts is None else [str(text) for text in accounts[name]]
            return known + [""] * (size - len(known))

        self._names = names_of(dataset, np.arange(size, dtype=np.int32))
        faces = working.families.face.tolist()
        self._geos, self._teams = ([values[at] for at in faces] for values in (column("geo"), column("sales_team")))
        self._states = {"Baseline": working.states_of("baseline"), "Analysis": working.states_of("analysis")}
        order = sorted(range(size), key=lambda at: (self._names[at].casefold(), self._names[at], str(self._ids[at])))
        self.place = np.empty(size, dtype=np.int64)
        self.place[order] = np.arange(size)
        """Each account's place in the order of names."""

    def owner(self, code: int) -> str:
        """Whom to speak to about an account: the owner of its newest opportunity, else its sales team; blank without
        either."""
        return self._working.deals.owners.get(code, "") or self._teams[code]

    def record(self, code: int) -> str:
        """An account's ID."""
        return str(self._ids[code])

    def sorted(self, accounts: Codes) -> Codes:
        """By name."""
        ordered: Codes = accounts[np.argsort(self.place[accounts], kind="stable")]
        return ordered

    def to_call(self) -> Codes:
        """The accounts to call: those of the highest stage or state first, then the largest open pipeline, then by
        name."""
        working = self._working
        codes = working.accounts(Selector("to_call"))
        order = np.lexsort((self.place[codes], -working.open_cents[codes], -working.ranks["analysis"][codes]))
        ordered: Codes = codes[order]
        return ordered

    def to_save(self) -> Codes:
        """The accounts at risk: those with the largest open pipeline first, then those that fell from the highest, then
        by name."""
        working = self._working
        codes = working.accounts(Selector("to_save"))
        fell = np.where(working.fell_far, working.ranks["baseline"], 0)[codes]
        order = np.lexsort((self.place[codes], -fell, -working.open_cents[codes]))
        ordered: Codes = codes[order]
        return ordered

    def columns(self, accounts: Codes) -> tuple[Column, ...]:
        """The columns of a list of accounts, in the order given."""
        at = accounts.tolist()
        working = self._working
        word = "stage" if working.by_stage else "states"
        last = working.last_activity[accounts].tolist()

        def texts(values: Sequence[str]) -> list[Value]:
            return [values[one] for one in at]

        return (
            Column("Account", texts(self._names)),
            Column("Account ID", [str(self._ids[one]) for one in at]),
            *self._sizes(accounts),
            Column("Geo", texts(self._geos)),
            Column("Sales team", texts(self._teams)),
            Column("Owner", [working.deals.owners.get(one, "") for one in at]),
            Column(f"Baseline {word}", texts(self._states["Baseline"])),
            Column(f"Analysis {word}", texts(self._states["Analysis"])),
            Column("New pipeline", _money(working.cents("created", "analysis", "summary"), accounts), MONEY_EXACT),
            Column("Total won", _money(working.cents("won", "analysis", "summary"), accounts), MONEY_EXACT),
            Column("Open pipeline", _money(working.open_cents, accounts), MONEY_EXACT),
            Column("Last activity", [None if day == NEVER else to_date(day) for day in last], DATE),
        )

    def names(self, accounts: Codes) -> tuple[Column, ...]:
        """Only the columns that identify the accounts."""
        return self.columns(accounts)[: 5 + int(self._working.by_parent)]

    def _sizes(self, accounts: Codes) -> tuple[Column, ...]:
        """If parents are counted: the number of cohort accounts of each."""
        if not self._working.by_parent:
            return ()
        return (Column("Accounts", self._working.family_sizes[accounts].tolist(), COUNT),)


def _money(cents: Cents, accounts: Codes) -> list[Value]:
    return [MONEY_EXACT.shown(int(one)) for one in cents[accounts]]
