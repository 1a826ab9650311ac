"""Opportunities in the segment performance report: the ones that count, and their amounts.

Each part of the report has its own rule, as the source defines it. The *summary* takes opportunities in the reporting
currency or in none; *cohort performance* the same without those of Microsoft Dynamics and HubSpot, its states included;
*activities by source* only those in the reporting currency, Dynamics and HubSpot included.

Source: 6sense, Segment performance reports, "6 – Opportunity reporting", "Summary statistics", "Cohort performance",
"Engagement or Marketing engaged panel metrics".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segxl.dataset.deal_types import deal_type
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.errors import SegxlError, nearest
from segxl.facts.account_names import account_owners
from segxl.facts.arrays import Cents, exact_sums
from segxl.facts.presence import Presence
from segxl.periods import NEVER, Days, Window, to_date
from segxl.report.choices import Choice
from segxl.settings.how_to_set import setting_name
from segxl.settings.model import DealType
from segxl.tables.codes import Codes, Mask, factorized
from segxl.tables.contracts import NO_MONEY, Table, Texts, Type
from segxl.units import MONEY

Event = Literal["created", "won"]
EVENTS: tuple[Event, ...] = ("created", "won")
AmountPart = Literal["summary", "performance", "activities"]

_REPORTING, _UNDEFINED, _FOREIGN = 0, 1, 2


@dataclass(frozen=True)
class LeftOut:
    """Opportunities of the analysis timeframe that a rule excludes: their number, and their amounts in cents."""

    count: int
    cents: int


class Deals:
    """The opportunities of a cohort under a choice. Without a CRM there are none, and every sum is 0.

    ``unit``: what each account counts as; masks and sums are by unit.
    """

    def __init__(self, presence: Presence, choice: Choice, cohort: Mask, unit: Codes) -> None:
        self._presence = presence
        self._choice = choice
        self._size = presence.size
        table = presence.opportunities if choice.environment.crm else None
        self._table = table
        account = np.empty(0, dtype=np.int32)
        if table is not None:
            account = presence.dataset.account_codes(table.texts("account_id"))
        known = np.append(presence.known, False)[account]
        self._own_account: Codes = account
        self.account: Codes = np.append(unit, np.int32(-1))[account]
        self._inside = np.append(cohort, False)[account] & known & self._own_segment()
        zero, irrelevant = self._is_zero(), self._is_irrelevant()
        self.zero = self._inside & zero
        self.irrelevant = self._inside & irrelevant
        wanted = np.ones(len(account), dtype=bool)
        if choice.exclude_zero:
            wanted &= ~zero
        if choice.exclude_irrelevant:
            wanted &= ~irrelevant
        self.kept: Mask = self._inside & wanted
        self._stray: Mask = wanted & ~known & self._own_segment() & self._named(np.append(cohort, False)[account])

    @property
    def without_account(self) -> int:
        """Opportunities of the whole data without a known account."""
        table = self._presence.opportunities
        if table is None:
            return 0
        account = self._presence.dataset.account_codes(table.texts("account_id"))
        return int((~np.append(self._presence.known, False)[account]).sum())

    def in_window(self, event: Event, window: Window) -> Mask:
        """Opportunities created, or won, in a window, of any account."""
        first, last = window.days
        days = self._days(event)
        result: Mask = (days >= first) & (days <= last)
        return result

    def rows(self, event: Event, window: Window, part: AmountPart) -> Mask:
        """Opportunities that count in a part of the report, in any currency."""
        rows = self.kept & self.in_window(event, window)
        return rows & ~self._dynamics_or_hubspot if part == "performance" else rows

    def accounts(self, event: Event, window: Window, part: AmountPart) -> Mask:
        """Accounts with such an opportunity, as a mask over account codes."""
        found = np.zeros(self._size, dtype=bool)
        found[self.account[self.rows(event, window, part)]] = True
        return found

    def paying(self, event: Event, window: Window, part: AmountPart) -> Mask:
        """Accounts with an opportunity in a part's sum, one of 0 included; as a mask over account codes."""
        found = np.zeros(self._size, dtype=bool)
        found[self.account[self.rows(event, window, part) & self._amounts(event, part)[0]]] = True
        return found

    def cents_by_account(self, event: Event, window: Window, part: AmountPart) -> Cents:
        """The amounts of each account: those of the part's currencies, blank ones as 0."""
        counted, cents = self._amounts(event, part)
        rows = self.rows(event, window, part) & counted
        sums = exact_sums(cents[rows], self.account[rows], self._size)
        return np.array(sums, dtype=np.int64)

    def largest_won(self, windows: Iterable[Window]) -> int:
        """The largest amount won in one of the windows by any account, of the cohort or not, as in the summary."""
        counted, cents = self._amounts("won", "summary")
        return max((_total(cents[self.in_window("won", window) & counted]) for window in windows), default=0)

    @cached_property
    def owners(self) -> Mapping[int, str]:
        """Who owns each account, by the opportunities of the cohort."""
        return {} if self._table is None else account_owners(self._table, self.account, self._inside)

    def foreign(self, window: Window, events: Sequence[Event] = EVENTS) -> dict[str, LeftOut]:
        """Opportunities excluded from the summary's amounts because of their currency, by currency, each once.

        Amounts are face values: euros are not added to dollars.
        """
        touched = np.zeros(len(self.account), dtype=bool)
        for event in events:
            counted, _ = self._amounts(event, "summary")
            touched |= self.rows(event, window, "summary") & ~counted
        return self._by_currency(touched)

    def of_crms(self, event: Event, window: Window) -> LeftOut:
        """Dynamics and HubSpot opportunities that count in the summary but not in cohort performance."""
        counted, cents = self._amounts(event, "summary")
        rows = self.rows(event, window, "summary") & self._dynamics_or_hubspot & counted
        return LeftOut(int(rows.sum()), _total(cents[rows]))

    def of_no_account(self, event: Event, window: Window) -> LeftOut:
        """Opportunities that would count in the summary if their account were known: with All accounts any of them,
        else those that name a chosen segment, or whose account a chosen segment lists."""
        counted, cents = self._amounts(event, "summary")
        rows = self._stray & self.in_window(event, window) & counted
        return LeftOut(int(rows.sum()), _total(cents[rows]))

    def of_type(self, kind: DealType, event: Event, window: Window) -> int:
        """The part of the summary's amount that a type of deal has, in cents."""
        counted, cents = self._amounts(event, "summary")
        rows = self.rows(event, window, "summary") & counted & (self._types == kind)
        return _total(cents[rows])

    @property
    def typed(self) -> bool:
        """Any opportunity of the cohort has a type."""
        return bool((self.kept & (self._types != "other")).any())

    def undefined(self, event: Event, window: Window) -> LeftOut:
        """Opportunities without a currency, which count in the summary but not in activities by source."""
        counted, cents = self._amounts(event, "summary")
        rows = self.rows(event, window, "summary") & (self._currency == _UNDEFINED) & counted
        return LeftOut(int(rows.sum()), _total(cents[rows]))

    def lacking_rates(self, window: Window) -> int:
        """With ``convert_report_currency``: foreign opportunities of a window without a rate for their month."""
        if not self._choice_converts or self._table is None:
            return 0
        found = np.zeros(len(self.account), dtype=bool)
        for event in EVENTS:
            found |= self.rows(event, window, "summary") & ~self._amounts(event, "summary")[0]
        return int((found & (self._table["amount"] != NO_MONEY)).sum())

    def blank_amounts(self, window: Window) -> int:
        """Opportunities created or won in a window whose amount is blank and counts as 0."""
        if self._table is None:
            return 0
        touched = self.rows("created", window, "summary") | self.rows("won", window, "summary")
        return int((touched & (self._table["amount"] == NO_MONEY)).sum())

    def touched(self, rows: Mask, window: Window, events: Sequence[Event] = EVENTS) -> int:
        """The number of some opportunities that were created or won in a window."""
        return int((rows & np.logical_or.reduce([self.in_window(event, window) for event in events])).sum())

    def open_cents(self, day: int) -> Cents:
        """The open pipeline of each account at the end of a day, at the amounts of the time, as in the summary."""
        stock = self._presence.open_at(day) if self._table is not None else None
        if stock is None:
            return np.zeros(self._size, dtype=np.int64)
        kept = self.kept[stock.row] & ~stock.without_rate
        if not self._choice_converts:
            kept &= self._currency[stock.row] != _FOREIGN
        sums = exact_sums(stock.cents[kept], self.account[stock.row[kept]], self._size)
        return np.array(sums, dtype=np.int64)

    @property
    def _choice_converts(self) -> bool:
        return bool(self._presence.dataset.settings.toggles.convert_report_currency)

    def _days(self, event: Event) -> Days:
        if self._table is None:
            return np.empty(0, dtype=np.int32)
        if event == "created":
            created: Days = self._table["created_on"]
            return created
        return np.where(self._table["status"] == "won", self._table["closed_on"], NEVER).astype(np.int32)

    def _amounts(self, event: Event, part: AmountPart) -> tuple[Mask, Cents]:
        """A mask of the opportunities whose amounts count in a part, and all amounts in the reporting currency."""
        if self._table is None:
            return np.empty(0, dtype=bool), np.empty(0, dtype=np.int64)
        cents = np.where(self._table["amount"] == NO_MONEY, 0, self._table["amount"])
        counted = self._currency == _REPORTING
        if part != "activities":
            counted = counted | (self._currency == _UNDEFINED)
        if self._choice_converts:
            converted, lacking = self._converted[event]
            counted = counted | ((self._currency == _FOREIGN) & ~lacking)
            cents = converted
        return counted, cents

    @cached_property
    def _converted(self) -> Mapping[Event, tuple[Cents, Mask]]:
        assert self._table is not None
        # A blank amount without a rate is excluded like any other, so that it is counted as excluded.
        rates, currency = self._presence.rates, self._table.texts("currency")
        amounts = np.where(self._table["amount"] == NO_MONEY, 0, self._table["amount"])
        return {event: rates.convert(amounts, currency, self._days(event)) for event in EVENTS}

    @cached_property
    def _currency(self) -> NDArray[np.int8]:
        """Reporting, undefined or foreign."""
        reporting = self._presence.dataset.settings.currency.casefold()
        codes = {"": _UNDEFINED, reporting: _REPORTING}
        return np.array([codes.get(word, _FOREIGN) for word in self._currency_words], dtype=np.int8)

    @cached_property
    def _currency_words(self) -> list[str]:
        return [] if self._table is None else [str(word).strip().casefold() for word in self._table["currency"]]

    @cached_property
    def _types(self) -> Texts:
        """The type of each opportunity by the settings' map of types."""
        if self._table is None:
            return np.empty(0, dtype=object)
        texts, words = self._table.texts("type"), self._presence.dataset.settings.types
        kinds = [deal_type(words, word) or "other" for word in texts.distinct]
        types: Texts = np.array([*kinds, "other"], dtype=object)[texts.codes]
        return types

    @cached_property
    def _dynamics_or_hubspot(self) -> Mask:
        """By the opportunity's own ``crm``, else its account's, as for geo and sales team; without either, neither.

        Case, blanks and signs make no difference: "Microsoft Dynamics 365", "ms-dynamics", "Hub Spot".
        """
        if self._table is None:
            return np.empty(0, dtype=bool)
        accounts = self._presence.dataset.tables.get("accounts")
        size = len(self._presence.dataset.account_ids)
        of_accounts = np.full(size + 1, "", dtype=object)
        if accounts is not None:
            of_accounts[: len(accounts)] = accounts["crm"]
        words = np.where(self._table["crm"] == "", of_accounts[self._own_account], self._table["crm"])
        codes, uniques = factorized(words)
        plain = ("".join(filter(str.isalnum, str(word).casefold())) for word in uniques)
        result: Mask = np.array([*("dynamics" in word or "hubspot" in word for word in plain), False])[codes]
        return result

    def _own_segment(self) -> Mask:
        """A mask of opportunities by segment: a row that names its segment counts only for that one and All
        accounts."""
        names = self._choice.segment_names
        if self._table is None or ALL_ACCOUNTS in names:
            return np.ones(len(self.account), dtype=bool)
        own = self._table["segment"]
        result: Mask = (own == "") | np.isin(own.astype(str), names)
        return result

    def _named(self, listed: Mask) -> Mask:
        """A mask of opportunities that a chosen segment takes by their own segment, or by account (``listed``)."""
        if self._table is None or ALL_ACCOUNTS in self._choice.segment_names:
            return np.ones(len(listed), dtype=bool)
        named: Mask = listed | (self._table["segment"] != "")
        return named | any(segment.others is not None for segment in self._choice.segments)

    def _is_zero(self) -> Mask:
        if self._table is None:
            return np.empty(0, dtype=bool)
        result: Mask = (self._table["amount"] == NO_MONEY) | (self._table["amount"] == 0)
        return result

    def _is_irrelevant(self) -> Mask:
        """By the ``relevant`` column, by the rule of ``report.irrelevant``, or of another product category.

        A blank ``relevant`` is relevant, and so is an opportunity without a product category.
        """
        table = self._table
        if table is None:
            return np.empty(0, dtype=bool)
        irrelevant: Mask = table["relevant"] == 0
        settings = self._presence.dataset.settings
        if rule := settings.report.irrelevant:
            decimal = settings.decimal_of("opportunities")
            from segxl.sources.rules import matches  # few need it, and it takes a while to import

            irrelevant = irrelevant | matches(rule, self._words, len(table), self._rule_on, decimal)
        categories = self._presence.opportunity_categories
        if self._choice.product_category is not None and categories is not None:
            wanted = categories.code(self._choice.product_category)
            irrelevant = irrelevant | ((categories.codes >= 0) & (categories.codes != wanted))
        return irrelevant

    def _rule_on(self, column: str) -> str:
        return setting_name(self._presence.dataset.settings, "report", "irrelevant", column)

    def _words(self, name: str) -> Texts:
        """A column of the opportunities as texts, by its name here or by its header in the export."""
        assert self._table is not None
        files = self._presence.dataset.ledger.files
        known = {column.casefold(): column for column in self._table.columns if not column.startswith("_")}
        headers = [entry.headers for entry in files if entry.table == "opportunities"]
        for one in headers:
            known |= {header.casefold(): column for column, header in one.items() if header.casefold() not in known}
        if name.casefold() not in known:
            raise SegxlError(
                f"{self._rule_on(name)}: opportunities have no column {name!r}{nearest(name, known.values())}"
            )
        return _as_texts(self._table, known[name.casefold()])

    def _by_currency(self, rows: Mask) -> dict[str, LeftOut]:
        if self._table is None:
            return {}
        found: dict[str, LeftOut] = {}
        for row in np.flatnonzero(rows).tolist():
            word = self._currency_words[row].upper()
            amount = int(self._table["amount"][row])
            before = found.get(word, LeftOut(0, 0))
            found[word] = LeftOut(before.count + 1, before.cents + (0 if amount == NO_MONEY else amount))
        return dict(sorted(found.items()))


def _total(cents: Cents) -> int:
    return int(exact_sums(cents, np.zeros(len(cents), dtype=np.int32), 1)[0])


def _as_texts(table: Table, column: str) -> Texts:
    """A typed column as its words, so that a rule can be asked of any column."""
    values = table[column]
    if values.dtype == object or column not in table.contract.names:
        return values
    write: dict[Type, Callable[[Any], str]] = {
        Type.MONEY: lambda cents: "" if cents == NO_MONEY else str(MONEY.shown(int(cents))),
        Type.DATE: lambda day: "" if day == NEVER else str(to_date(int(day))),
        Type.FLAG: lambda flag: {1: "yes", 0: "no"}.get(int(flag), ""),
    }
    plain = write.get(table.contract[column].type, lambda number: "" if np.isnan(number) else str(float(number)))
    return np.array([plain(value) for value in values], dtype=object)
