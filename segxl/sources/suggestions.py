"""What to paste into segxl.toml for a file whose header is known, nearly known, or not known at all."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from segxl.sources.formats import FORMATS, HINTS, Format, is_made
from segxl.sources.formats.model import Header, fold, spellings
from segxl.sources.names import domain_of
from segxl.sources.numbers import CURRENCY_CODES
from segxl.sources.raw import VALUE
from segxl.tables import CONTRACTS, Contract

_NEAREST = 3
_LOOKED_AT = 500
"""Columns of a header that are compared with names; the rest of a wider one would take minutes."""

_WORDS: Mapping[str, str] = {
    "account_id": "Customer ID | Client ID | Company ID | Account | Customer",
    "name": "Account Name | Company Name | Company | Account",
    "domain": "Website | Web Domain | URL",
    "parent_id": "Parent Account | Parent | Subsidiary Of",
    "geo": "Region | Regional Office | Territory | Office Location",
    "sales_team": "Team | Manager",
    "owner": "Sales Agent | Sales Rep | Rep | Rep ID | Deal Owner | Account Executive",
    "opportunity_id": "Opp ID | Deal ID | Opportunity",
    "lead_id": "Contact ID",
    "created_on": "Created At | Create Date | Created Date | Created | Date Created | Engage Date | Opened | Open Date",
    "closed_on": "Closed At | Close Date | Closed Date | Closed",
    "stage": "Deal Stage | Sales Stage | Stage Name | Pipeline Stage | Phase",
    "amount": "Close Value | Deal Value | Deal Size | Value | MRR Change | Cost | Spend | Price",
    "source": "Lead Source | Channel",
    "lead_source": "Sales Channel | Channel | Source",
    "loss_reason": "Lost Reason | Reason Lost | Closed Lost Reason",
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
"""Columns that an export may lack because all its rows have the same, which the settings can say; with an example."""

_FILES: Mapping[str, tuple[str, ...]] = {
    "opportunity_history": ("opportunity_history", "deal_history", "stage_history"),
    "opportunities": ("opportunit", "pipeline", "deal"),
    "leads": ("lead", "contact"),
    "teams": ("team",),
    "revenue": ("revenue", "subscription", "mrr"),
    "activities": ("activit",),
    "costs": ("cost", "spend"),
    "accounts": ("account", "compan", "customer"),
}
"""What a file's name tells of its table."""


def nearest_formats(header: Sequence[str], table: str | None = None) -> list[str]:
    """The names of the formats that a header has most of, and what it lacks of their signatures.

    A format is near that has more than half of its signature and more than a third of all its headers there.
    """
    found: list[tuple[float, str]] = []
    for one in FORMATS:
        if table not in (None, one.table):
            continue
        own, names = Header(header), (*one.signature, *_of_the_file(one))
        share = sum(1 for wanted in names if own.find(wanted)) / len(names)
        lacking = [spellings(wanted)[0] for wanted in one.signature if not own.find(wanted)]
        if share > 1 / 3 and 0 < 2 * len(lacking) < len(one.signature):
            found.append((share, f"{one.name} (without {', '.join(lacking)})"))
    return [name for _, name in sorted(found, key=lambda pair: -pair[0])[:_NEAREST]]


def likeliest_table(header: Sequence[str], file: str) -> str | None:
    """The table that a header nobody knows looks like, by its columns and the file's name; None where it is unclear.

    Either all required columns are there, among three columns, or two where the file's name says the same; or the name
    says it and four columns are there.
    """
    found: list[tuple[bool, bool, int, str]] = []
    by_name = next((table for table, words in _FILES.items() if any(word in file.casefold() for word in words)), None)
    for table in CONTRACTS:
        guess = _guess(header, table)
        whole, told, count = not guess.lacking, table == by_name, len(guess.columns)
        if (whole and count >= (2 if told else 3)) or (told and count >= 4):
            found.append((whole, told, count, table))
    return max(found)[3] if found else None


def looks_like_data(header: Sequence[str]) -> bool:
    """Whether what stands in the header's place holds values: numbers, dates, web domains."""
    return sum(1 for cell in header if VALUE.fullmatch(cell) or domain_of(cell)) > 1


NO_HEADER = "its first row looks like data: if it is, add a row of column names on top"


def columns_block(header: Sequence[str], table: str) -> str:
    """A ``[tables.….columns]`` block with the likeliest header of each column; required ones are there in any case."""
    guess = _guess(header, table)
    lines = [f"[tables.{table}.columns]"]
    for name in (*guess.contract.names, *HINTS):
        if name in guess.columns and (name not in HINTS or name not in guess.contract.names):
            lines.append(f"{name} = {json.dumps(guess.columns[name], ensure_ascii=False)}")
        elif name in guess.lacking:
            constant = f"; the same in all rows: constants.{name}, above" if name in SAME_IN_ALL_ROWS else ""
            lines.append(f'# {name} = "…"   needed; no header looks like it{constant}')
    return "\n".join(lines)


def likely_columns(header: Sequence[str], table: str) -> tuple[Mapping[str, str], Sequence[str]]:
    """The likeliest header of each column, and the required columns that no header looks like."""
    guess = _guess(header, table)
    return guess.columns, guess.lacking


@dataclass(frozen=True)
class _Guess:
    """Which header may feed which column of a table, in the shape that the header has most of."""

    contract: Contract
    columns: Mapping[str, str]

    @property
    def lacking(self) -> list[str]:
        fed = {*self.columns, "account_id"} if any(hint in self.columns for hint in HINTS) else self.columns
        return [name for name in self.contract.required if name not in fed]


def _guess(header: Sequence[str], table: str) -> _Guess:
    guesses = []
    header = header[:_LOOKED_AT]
    for contract in CONTRACTS[table]:
        columns: dict[str, str] = {}
        for name in (*contract.required, *(name for name in contract.names if name not in contract.required)):
            if guess := _likeliest([own for own in header if own not in columns.values()], table, name):
                columns[name] = guess
        if table != "accounts" and "account_id" in contract.names:  # by them a row without the account's id finds it
            for hint in HINTS:
                names = [hint, *(names for one in FORMATS if hint in one.columns for names in _names(one, hint))]
                if found := _find(header, " | ".join(names)):
                    columns[hint] = found
        guesses.append(_Guess(contract, columns))
    return min(guesses, key=lambda guess: (len(guess.lacking), -len(guess.columns)))


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
        if close and close[0].endswith("id") == fold(word).endswith("id"):  # a price's id is no price
            return by_fold[close[0]]
    return ""


_YES_OR_NO = re.compile(r"^(is|has)[\s_]|closed[\s_]?(won|lost)$", re.IGNORECASE)
"""Headers of a yes or no: closed_won is nearly closed_on, and no day."""


def _names(one: Format, column: str) -> list[str]:
    return [one.columns[column]] if column in one.columns else []


@cache
def _names_of_others(table: str, name: str) -> frozenset[str]:
    """What the other columns of a table are called: Opportunity Name is no misspelt Opportunity Owner."""
    formats = [one for one in FORMATS if one.table == table]
    names = [*(names for one in formats for other, names in one.columns.items() if other != name)]
    return frozenset(fold(word) for text in names for word in spellings(text)) - {
        fold(word) for one in formats for text in _names(one, name) for word in spellings(text)
    }


_UNIT = re.compile(rf"[\s_]*\([^()]*\)$|[\s_]({'|'.join(CURRENCY_CODES.split())})$", re.IGNORECASE)
"""The unit behind a header: ``Spend (USD)``, ``mrr_usd``."""


def _find(header: Sequence[str], names: str) -> str:
    """The header that has one of some names, as it is or without its unit."""
    if found := Header(header).find(names):
        return found
    plain = {_UNIT.sub("", own): own for own in reversed(header)}
    return plain.get(Header(plain).find(names), "")
