"""Lines to paste into segxl.toml for a file with a known, nearly known or unknown header."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from segxl.errors import SegxlError
from segxl.messages import counted
from segxl.sources.files.raw import VALUE, RawTable
from segxl.sources.formats import FORMATS, HINTS, Format, is_made
from segxl.sources.formats.model import Header, fold, spellings
from segxl.sources.formats.month_columns import VALUE_OF, months_of_header
from segxl.sources.matching.company_names import domain_of
from segxl.sources.suggest.plausible import can_be, looks_like_its_own, not_a_month, of_another_kind
from segxl.sources.values.numbers import CURRENCY_CODES
from segxl.tables.contracts import CONTRACTS, Contract

_NEAREST = 3
_LOOKED_AT = 500
"""Columns of a header that are compared with names; the rest of a wider one would take minutes."""

_WORDS: Mapping[str, str] = {
    "account_id": "Customer ID | Client ID | Company ID | Organization ID | Account | Customer | Organization | Client"
    " | Kunde | Kundennummer | Cliente",
    "name": "Account Name | Company Name | Company | Account",
    "domain": "Website | Web Domain | URL",
    "parent_id": "Parent Account | Parent | Subsidiary Of",
    "geo": "Region | Regional Office | Territory | Office Location",
    "sales_team": "Team | Manager",
    "owner": "Sales Agent | Sales Rep | Rep | Rep ID | Deal Owner | Account Executive | Manager ID | Assigned By ID"
    " | Responsible | Salesperson",
    "opportunity_id": "Opp ID | Deal ID | Opportunity",
    "lead_id": "Contact ID",
    "created_on": "Created At | Create Date | Created Date | Created | Date Created | Engage Date | Opened | Open Date"
    " | Date Create | Created Time | Creation Date | Add Time | Deal created | Date Added",
    "closed_on": "Closed At | Close Date | Closed Date | Closed | Deal closed on | Close Time | Date Closed | Won Time",
    "expected_close_on": "Expected Close Date | Expected Closing Date | Forecast Close Date | Target Close Date",
    "stage": "Deal Stage | Sales Stage | Stage Name | Pipeline Stage | Phase | Stage ID",
    "amount": "Close Value | Deal Value | Deal Size | Value | MRR Change | Cost | Spend | Price | Expected Amount"
    " | Deal Amount | Opportunity Amount | Opportunity Value | Opportunity",
    "currency": "Currency ID | Currency Code",
    "source": "Lead Source | Channel",
    "lead_source": "Sales Channel | Channel | Source | Source ID",
    "loss_reason": "Lost Reason | Reason Lost | Closed Lost Reason | Reason For Loss",
    "product_category": "Product",
    "start": "Start Date | Started On | Started At | Started",
    "end": "End Date | Ended On | Ended At | Ended",
    "mrr": "MRR Amount | Monthly Amount | Monthly Revenue",
    "date": "Event Date | Activity Date | Movement Date | Event Timestamp | Timestamp",
    "type": "Event Type | Movement Type | Deal Type",
    "month": "Date | Reporting Month",
}
"""Headers that people give the columns of tables they keep themselves; they only ever make a proposal."""

SAME_IN_ALL_ROWS: Mapping[str, str] = {
    "date": "2026-10-31",
    "month": "2026-10",
    "source": "external_campaign",
    "kind": "reach",
}
"""Columns that may be missing because all rows have the same value, which the settings can give; with an example."""

_FILES: Mapping[str, tuple[str, ...]] = {
    "opportunity_history": ("opportunity_history", "deal_history", "stage_history"),
    "opportunities": ("opportunit", "pipeline", "deal", "potential"),
    "leads": ("lead", "contact"),
    "teams": ("team",),
    "revenue": ("revenue", "subscription", "mrr"),
    "activities": ("activit",),
    "costs": ("cost", "spend"),
    "accounts": ("account", "compan", "customer"),
}
"""Words in a file's name that indicate its table."""


def nearest_formats(header: Sequence[str], table: str | None = None) -> list[str]:
    """The names of the formats closest to a header, and the headers missing from their signatures.

    A format is close if the file has more than half of its signature and more than a third of all its headers.
    """
    found: list[tuple[float, str]] = []
    for one in FORMATS:
        if table not in (None, one.table) or (one.pattern and not any(map(one.pattern.fullmatch, header))):
            continue
        own, names = Header(header), (*one.signature, *_of_the_file(one))
        share = sum(1 for wanted in names if own.find(wanted)) / len(names)
        lacking = [spellings(wanted)[0] for wanted in one.signature if not own.find(wanted)]
        if share > 1 / 3 and 0 < 2 * len(lacking) < len(one.signature):
            found.append((share, f"{one.name} (without {', '.join(lacking)})"))
    return [name for _, name in sorted(found, key=lambda pair: -pair[0])[:_NEAREST]]


def likeliest_table(header: Sequence[str], file: str, raw: RawTable | None = None) -> str | None:
    """The table that an unknown header looks like, by its columns, their values and the file's name; None if it is
    unclear.

    It is the table with the most matches: each column that finds a header counts, each required one without a header
    counts against it. A file whose records are of another kind matches no table, even if it shares columns.
    """
    found = [(rank, table) for table in CONTRACTS if (rank := _rank(table, header, file, raw)) > 0]
    return max(found)[1] if found else None


def _rank(table: str, header: Sequence[str], file: str, raw: RawTable | None) -> float:
    """The score of a table for a file; 0 if it is unlikely."""
    guess = _guess(header, table, raw)
    count, lacking, named = guess.count, len(guess.lacking), table == _named_after(file)
    enough = (not lacking and count >= (2 if named else 3)) or (named and count >= 4) or (lacking == 1 and count >= 6)
    enough |= bool(guess.months) and (named or not lacking)
    if not enough or (not named and 5 * count < len(header)):
        return 0
    if not looks_like_its_own(table, header, file, guess.columns) and not (named and not lacking):
        return 0
    if of_another_kind(table, header, file, raw, guess.key):
        return 0
    return max(count - 1.5 * lacking + 1.5 * named + 0.5 * (not lacking), 0.1)


def may_be(table: str, header: Sequence[str], file: str, raw: RawTable | None) -> bool:
    """Whether a file that is nearly a known export of a table may be one."""
    guess = _guess(header, table, raw)
    if of_another_kind(table, header, file, raw, guess.key):
        return False
    return guess.count > 2 and looks_like_its_own(table, header, file, guess.columns)


def _named_after(file: str) -> str | None:
    """The table that a file's name names."""
    return next((table for table, words in _FILES.items() if any(word in file.casefold() for word in words)), None)


def looks_like_data(header: Sequence[str]) -> bool:
    """Whether the header's row has values: numbers, dates, web domains. Months are headers of a sheet with a column per
    month."""
    months = _months(header, "revenue")
    return sum(1 for cell in header if cell not in months and (VALUE.fullmatch(cell) or domain_of(cell))) > 1


def _months(header: Sequence[str], table: str) -> Collection[str]:
    """The headers that are months; none where there are fewer than two, or where they are in doubt."""
    with suppress(SegxlError):
        months = months_of_header(header, table) if table in VALUE_OF else {}
        return list(months) if len(months) > 1 else ()
    return ()


NO_HEADER = "its first row looks like data: if it is, add a row of column names at the top"


def columns_block(header: Sequence[str], table: str, raw: RawTable | None = None) -> str:
    """A ``[tables.….columns]`` block with the likeliest header of each column; required ones are there in any case."""
    guess = _guess(header, table, raw)
    lines = [f"[tables.{table}.columns]"]
    for name in (*guess.contract.names, *HINTS):
        if name in guess.columns and (name not in HINTS or name not in guess.contract.names):
            lines.append(_line(name, guess.columns[name]))
        elif name in guess.lacking:
            lines.append(_open_line(name, guess.remarks))
    return "\n".join(lines)


def remarks_on(header: Sequence[str], table: str, raw: RawTable | None) -> Sequence[str]:
    """Points to check before the likeliest columns of a file are used."""
    return _guess(header, table, raw).remarks


def lines_to_add(
    header: Sequence[str], table: str, raw: RawTable, lacking: Collection[str], used: Iterable[str]
) -> str:
    """A line for each column that a file still lacks, with the likeliest of the unmapped headers."""
    taken = set(used)
    guess = _guess([name for name in header if name not in taken], table, raw)
    lines = [_line(name, guess.columns[name]) if name in guess.columns else _open_line(name) for name in lacking]
    return "\n".join(lines)


def _line(name: str, header: str) -> str:
    return f"{name} = {json.dumps(header, ensure_ascii=False)}".replace("\x7f", "\\u007f")


def _open_line(name: str, remarks: Sequence[str] = ()) -> str:
    if name == "mrr" and remarks:
        return f'# {name} = "…"   required; the amount of a month'
    constant = f"; if the same in all rows: constants.{name}, above" if name in SAME_IN_ALL_ROWS else ""
    return f'# {name} = "…"   required; no similar header{constant}'


def likely_columns(
    header: Sequence[str], table: str, raw: RawTable | None = None
) -> tuple[Mapping[str, str], Sequence[str]]:
    """The likeliest header of each column, and the required columns that no header looks like."""
    guess = _guess(header, table, raw)
    return guess.columns, guess.lacking


@dataclass(frozen=True)
class _Guess:
    """The likely headers of a table's columns, in the shape that fits the header best.

    ``months`` are headers of months, which give the month and its value; ``remarks`` are points to check; ``doubted``
    is a header that resembles a column and is not proposed for it.
    """

    contract: Contract
    columns: Mapping[str, str]
    months: Collection[str] = ()
    remarks: Sequence[str] = ()
    doubted: str = ""

    @property
    def lacking(self) -> list[str]:
        fed = {*self.columns, "account_id"} if any(hint in self.columns for hint in HINTS) else {*self.columns}
        fed |= {"month", VALUE_OF[self.contract.table]} if self.months else set()
        return [name for name in self.contract.required if name not in fed]

    @property
    def key(self) -> str:
        """The header of the table's key; blank where none is."""
        return self.columns.get(self.contract.key[0], "") if len(self.contract.key) == 1 else ""

    @property
    def count(self) -> int:
        """The number of headers that match a column."""
        return len({*self.columns.values(), *self.months, self.doubted} - {""})


def _guess(header: Sequence[str], table: str, raw: RawTable | None = None) -> _Guess:
    guesses = []
    header = header[:_LOOKED_AT]
    months = _months(header, table)
    for contract in CONTRACTS[table]:
        across = months if months and "month" in contract.names else ()
        columns: dict[str, str] = {}
        for name in (*contract.required, *(name for name in contract.names if name not in contract.required)):
            if across and name in ("month", VALUE_OF[table]):
                continue
            free = [own for own in header if own not in columns.values() and own not in months]
            if guess := _likeliest([own for own in free if can_be(table, name, own, raw)], table, name):
                columns[name] = guess
        if table != "accounts" and "account_id" in contract.names:  # by them a row without the account's id finds it
            for hint in HINTS:
                names = [hint, *(names for one in FORMATS if hint in one.columns for names in _names(one, hint))]
                if found := _find(header, " | ".join(names)):
                    columns[hint] = found
        remarks: Sequence[str] = ()
        doubted = ""
        if across:
            remarks = [f"{counted(len(across), 'column is a month', 'columns are months')}: each is read as one"]
        elif table == "revenue" and "mrr" in columns:
            remarks = not_a_month(columns["mrr"], raw)
            if any("not monthly" in said for said in remarks):
                doubted = columns.pop("mrr")
        guesses.append(_Guess(contract, columns, across, remarks, doubted))
    return min(guesses, key=lambda guess: (len(guess.lacking), -guess.count))


def _of_the_file(one: Format) -> list[str]:
    return [names for names in one.columns.values() if names and not is_made(names)]


def _likeliest(header: Sequence[str], table: str, name: str) -> str:
    """The header that a column's name or the formats' names for it mean, or that looks most like one of them."""
    known = [names.partition("||") for one in FORMATS if one.table == table for names in _names(one, name)]
    words = [name, *(real for real, _, _ in known), _WORDS.get(name, ""), *(stand_in for _, _, stand_in in known)]
    wanted = " | ".join(words)
    if found := _find(header, wanted):
        return found
    halves = {fold(half): own for own in reversed(header) if "/" in own for half in reversed(own.split("/"))}
    if half := next((halves[fold(word)] for word in spellings(wanted) if fold(word) in halves), ""):
        return half  # "Close Date/Expected Close Date"
    others = _names_of_others(table, name)
    by_fold = {fold(own): own for own in reversed(header) if fold(own) not in others and not _YES_OR_NO.search(own)}
    for word in spellings(wanted):
        close = difflib.get_close_matches(fold(word), by_fold, n=1, cutoff=0.8)
        if close and close[0].endswith("id") == fold(word).endswith("id"):  # a price's ID is not a price
            return by_fold[close[0]]
    return ""


_YES_OR_NO = re.compile(r"^(is|has)[\s_]|closed[\s_]?(won|lost)$", re.IGNORECASE)
"""Headers of a yes or no: closed_won is nearly closed_on, and no day."""


def _names(one: Format, column: str) -> list[str]:
    return [one.columns[column]] if column in one.columns else []


@cache
def _names_of_others(table: str, name: str) -> frozenset[str]:
    """Names of a table's other columns: Opportunity Name is not a misspelt Opportunity Owner."""
    formats = [one for one in FORMATS if one.table == table]
    names = [*(names for one in formats for other, names in one.columns.items() if other != name)]
    return frozenset(fold(word) for text in names for word in spellings(text)) - {
        fold(word) for one in formats for text in _names(one, name) for word in spellings(text)
    }


_UNIT = re.compile(rf"[\s_]*\([^()]*\)$|[\s_]({'|'.join(CURRENCY_CODES.split())})$", re.IGNORECASE)
"""The unit behind a header: ``Spend (USD)``, ``mrr_usd``."""


_PREFIX = re.compile(r"^(?:deal|lead|organization|person|subscription) - (?:deal (?=created|closed))?", re.IGNORECASE)
"""Pipedrive's prefix of a header: ``Deal - Stage``."""


def _find(header: Sequence[str], names: str) -> str:
    """The header that has one of some names, as it is or without its unit."""
    if found := Header(header).find(names):
        return found
    plain = {_UNIT.sub("", _PREFIX.sub("", own)): own for own in reversed(header)}
    return plain.get(Header(plain).find(names), "")
