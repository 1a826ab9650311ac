"""Match rows of other tools to accounts: by ID, else by domain, else by name and country.

Exports of other tools rarely carry the CRM's account_id; they name the company, its domain, its country
(:data:`~segxl.sources.formats.HINTS`). A row whose account_id is blank, or unknown to the accounts table, gets its
account by the first way that leads to exactly one:

1. an answer on the list of accounts to review (:mod:`segxl.sources.matching.review_list`);
2. the same domain, unless the row has exactly the name of another account. Where several accounts have the domain, the
   one among them with the same name and country;
3. the same name and the same country.

A domain of one account with the name of another is a question: evidence that contradicts itself is no match. The same
name alone is no match: it becomes a question on the list, as do several accounts with one domain or with one
name and country, and a name that differs in ü and ue alone. Until it is answered, such a row keeps the account that
it names: it counts in All accounts, and in a segment only where the row itself names that. How names are compared:
:mod:`segxl.sources.matching.company_names`.

Worked example, with the accounts A1 (Acme Inc., acme.com, US), A2 (Beta GmbH, no domain, Germany) and A3 (Acme Ltd, no
domain, UK): "ACME" of www.acme.com is A1; "Beta" of DE is A2; "Acme" of no domain and no country is a question with
two candidates, A1 and A3; "Gamma" is no account.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from segxl.messages import counted
from segxl.sources.formats import HINTS
from segxl.sources.ledger import FileEntry, by_file
from segxl.sources.matching.company_names import (
    country_of,
    domain_of,
    name_of,
    several_domains,
    shared_domains,
    spelled_out,
)
from segxl.sources.matching.review import Company, Line, Review
from segxl.sources.matching.review_list import settle
from segxl.tables.codes import Mask, factorized
from segxl.tables.contracts import Table
from segxl.tables.text_column import TextColumn, Texts

_NAME, _DOMAIN, _COUNTRY = HINTS
_SHOWN = 10
"""Candidates that a question lists; the others are counted."""
_EXAMPLES = 5
"""Shared domains that the ledger names; the others are counted."""

BY_ANSWER, BY_DOMAIN, BY_NAME_AND_COUNTRY = "your answers", "domain", "name and country"
WAYS = (BY_ANSWER, BY_DOMAIN, BY_NAME_AND_COUNTRY)


def match_accounts(
    tables: Mapping[str, Table], review: Review, entries: list[FileEntry]
) -> tuple[dict[str, Table], Review]:
    """The tables with each row under its account, and the open questions.

    Without an accounts table, nothing is matched. The ledger counts the matched rows by the way they were matched.
    """
    result, accounts = dict(tables), tables.get("accounts")
    if accounts is None:
        return result, settle(review, (), {})
    directory = Directory(accounts)
    _note_shared_domains(accounts, entries)
    _note_several_domains(accounts, accounts.texts("domain").which(several_domains), "domain", entries)
    asked: dict[Company, Line] = {}
    for name, table in tables.items():
        if name != "accounts" and "account_id" in table.columns and any(hint in table.columns for hint in HINTS):
            result[name] = _matched(table, directory, review, entries, asked)
    return result, settle(review, [line for line in asked.values() if line.why], asked)


@dataclass(frozen=True)
class Directory:
    """The accounts table as it is looked up in: places in it by domain, by name, and by name and country.

    Each is made when the first row asks for it: most companies' tables name no account that is unknown.
    """

    accounts: Table

    @cached_property
    def ids(self) -> Texts:
        """The account_id of each place."""
        return self.accounts["account_id"]

    @cached_property
    def known(self) -> frozenset[str]:
        """All account_ids."""
        return frozenset(self.accounts.texts("account_id").distinct.tolist())

    @cached_property
    def names(self) -> Texts:
        """The name of each place, as it is written."""
        return self.accounts["name"]

    @cached_property
    def domains(self) -> Texts:
        """The domain of each place."""
        return self.accounts.texts("domain").changed(domain_of).cells

    @cached_property
    def countries(self) -> Texts:
        """The country of each place."""
        return self.accounts.texts("country").changed(country_of).cells

    @cached_property
    def by_domain(self) -> Mapping[str, Sequence[int]]:
        """Places by domain."""
        return _places(self.domains)

    @cached_property
    def by_name(self) -> Mapping[str, Sequence[int]]:
        """Places by name without case, accents and legal form."""
        return _places(self.accounts.texts("name").changed(name_of).cells)

    @cached_property
    def by_spelling(self) -> Mapping[str, Sequence[int]]:
        """Places by the name with ü as ue, of names that have such letters."""
        return _places(self.accounts.texts("name").changed(spelled_out).cells)

    def found(self, company: Company) -> tuple[int, str] | None:
        """The one account of the company, and the way it was found; None if there is none, or a question."""
        same_domain = self.by_domain.get(company.domain, ())
        if self._contradicts(company, same_domain):
            return None
        if len(same_domain) == 1:
            return same_domain[0], BY_DOMAIN
        same = [at for at in self.by_name.get(company.name, ()) if self._is_in(at, company)]
        if same_domain:
            same = [at for at in same if at in same_domain]
        return (same[0], BY_NAME_AND_COUNTRY) if len(same) == 1 else None

    def _contradicts(self, company: Company, same_domain: Sequence[int]) -> bool:
        """Whether the domain is one account's and the name exactly another's: then the account is unclear, as for a
        subsidiary that writes from its parent's domain, or a domain that was sold."""
        same_name = self.by_name.get(company.name, ())
        return bool(same_domain and same_name) and not set(same_domain) & set(same_name)

    def question(self, company: Company, name: str) -> tuple[Sequence[int], str]:
        """The accounts that a company, which is not found, may be, and why that has to be asked; none: a stranger.

        ``name`` is its name as it is written: Müller may be an account Mueller, and the other way round.
        """
        if same_domain := self.by_domain.get(company.domain, ()):
            if self._contradicts(company, same_domain):
                same_name = self.by_name[company.name]
                whose, other = (_listed(self.ids[list(places)], 3) for places in (same_domain, same_name))
                return [*same_domain, *same_name], f"the domain belongs to {whose}, the name to {other}"
            return same_domain, f"{len(same_domain)} accounts have the domain {company.domain}"
        same = self.by_name.get(company.name, ())
        if not same:
            same = self.by_spelling.get(company.name) or self.by_name.get(spelled_out(name), ())
            return same, "the name differs only in spelling, like ü and ue" if same else ""
        inside = [at for at in same if self._is_in(at, company)]
        if inside:
            return inside, f"{len(inside)} accounts have this name and country"
        return same, self._only_the_name(same, company)

    def _is_in(self, at: int, company: Company) -> bool:
        return bool(company.country) and self.countries[at] == company.country

    def _only_the_name(self, same: Sequence[int], company: Company) -> str:
        if not company.country:
            why = "the row has no country"
        elif not any(self.countries[at] for at in same):
            why = "the account has no country"
        else:
            why = "the account's country differs: " + ", ".join(
                sorted({self.countries[at] or "(blank)" for at in same})[:_SHOWN]
            )
        others = sorted({self.domains[at] for at in same} - {""})
        if company.domain and others:
            why += f"; the account's domain differs: {', '.join(others[:_SHOWN])}"
        return f"only the name matches; {why}"


def _places(keys: Texts) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for at, key in enumerate(keys):
        if key:
            places[key].append(at)
    return dict(places)


@dataclass
class _Tally:
    """The findings for the rows of one file."""

    by_id: int = 0
    matched: Counter[str] = field(default_factory=Counter)
    like: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    companies: dict[Company, Line] = field(default_factory=dict)
    declined: int = 0

    def notes(self) -> Iterator[str]:
        """For the ledger."""
        if self.by_id:
            yield f"{counted(self.by_id, 'row')} matched to an account by ID"
        for way in WAYS:
            if self.matched[way]:
                rows = counted(self.matched[way], "row")
                yield f"{rows} matched to an account by {way}, like {self.like[way]}"
        if self.declined:
            yield f"{counted(self.declined, 'row has', 'rows have')} no account, by your answers"
        if self.asked:
            first = next(iter(self.companies.values()))
            yield (
                f"{counted(self.asked, 'row')} could not be matched to an account: answer "
                f"{counted(len(self.companies), 'question')} in account-review.csv, like "
                f"{first.name or first.domain!r} "
                f"({first.why})"
            )


def _matched(
    table: Table,
    directory: Directory,
    review: Review,
    entries: list[FileEntry],
    asked: dict[Company, Line],
) -> Table:
    """The table with its unknown rows looked up, one look for each company that a file names."""
    ids = table.texts("account_id").in_use[1]
    if ids is directory.accounts.texts("account_id").in_use[1] or directory.known.issuperset(ids):
        return table
    table = table.apart(~table.texts("account_id").which(directory.known.__contains__))
    unknown = ~table.texts("account_id").which(directory.known.__contains__)
    rows = np.flatnonzero(unknown)
    ids = table["account_id"] if len(rows) else np.empty(0, dtype=object)
    if _DOMAIN in table.columns:
        _note_several_domains(table, unknown & table.texts(_DOMAIN).which(several_domains), _DOMAIN, entries)
    hints = [
        table.texts(hint).take(rows) if hint in table.columns else TextColumn.filled("", len(rows)) for hint in HINTS
    ]
    groups = table.file[rows].astype(np.int64)
    for hint in hints:  # a number for each company that a file names; tuples of texts would take ten times as long
        groups = factorized(groups * (len(hint.distinct) + 1) + hint.codes)[0].astype(np.int64)
    order = np.argsort(groups, kind="stable")
    borders = np.flatnonzero(np.diff(groups[order])) + 1
    account_id = ids.copy()
    tallies: dict[int, _Tally] = defaultdict(_Tally)
    for members in np.split(order, borders) if len(rows) else ():
        name, domain, country = (hint.at(members[0]) for hint in hints)
        company = Company.of(name, country, domain)
        if not company:
            continue
        file = int(table.file[rows[members[0]]])
        tally, entry = tallies[file], entries[file]
        said = Line(name, country, domain, (entry.table,), (entry.file,), len(members))
        if company in review.answers:
            _add(asked, company, said)
            found, way = review.answers[company], BY_ANSWER
            tally.declined += 0 if found else len(members)
        elif place := directory.found(company):
            found, way = str(directory.ids[place[0]]), place[1]
        else:
            found, way = "", ""
            candidates, why = directory.question(company, name)
            if why and len(candidates) == 1 and review.yes_to_all:
                _add(asked, company, said)
                found, way = str(directory.ids[candidates[0]]), BY_ANSWER
            elif why:
                shown, names = (_listed(texts[list(candidates)], _SHOWN) for texts in (directory.ids, directory.names))
                said = replace(said, why=why, candidates=shown, candidate_names=names)
                _add(asked, company, said)
                tally.asked += len(members)
                tally.companies.setdefault(company, said)
        if found:
            mine = rows[members]
            entry.without_account -= int((ids[mine] == "").sum()) if entry.without_account else 0
            account_id[mine] = found
            tally.matched[way] += len(members)
            as_named = domain if way == BY_DOMAIN else name or domain
            in_country = f" in {country!r}" if way == BY_NAME_AND_COUNTRY else ""
            tally.like.setdefault(way, f"{as_named!r}{in_country} → {found!r}")
    for file, tally in sorted(tallies.items()):
        tally.by_id = table.count((table.file == file) & ~unknown)
        entries[file].notes += tally.notes()
    if not len(rows):
        return table
    columns = {**table.columns, "account_id": TextColumn.of(account_id)}
    return replace(table, columns=columns)


def _listed(texts: Texts, most: int) -> str:
    more = [f"and {len(texts) - most:,} more"] if len(texts) > most else []
    return "; ".join([*texts[:most], *more])


def _add(asked: dict[Company, Line], company: Company, said: Line) -> None:
    """One line a company: its first spelling, and all tables, files and rows that name it."""
    before = asked.get(company)
    if before is None:
        asked[company] = said
        return
    asked[company] = replace(
        before,
        tables=tuple(dict.fromkeys([*before.tables, *said.tables])),
        files=tuple(dict.fromkeys([*before.files, *said.files])),
        rows=before.rows + said.rows,
    )


def _note_shared_domains(accounts: Table, entries: list[FileEntry]) -> None:
    """The first few are named; ``segxl check --out`` lists all of them."""
    shared = shared_domains(accounts)
    if not shared:
        return
    ids = accounts["account_id"]
    shown = "; ".join(
        f"{domain}: {_listed(ids[places], 3).replace('; ', ', ')}"
        for domain, places in list(shared.items())[:_EXAMPLES]
    )
    more = f"; and {len(shared) - _EXAMPLES:,} more" if len(shared) > _EXAMPLES else ""
    count = sum(len(places) for places in shared.values())
    entries[accounts.file[next(iter(shared.values()))[0]]].notes.append(
        f"{count:,} accounts share {counted(len(shared), 'domain')} ({shown}{more}). If they are one company, set "
        'count_by = "parent" to count it once; if not, clear the domain of one of them'
    )


def _note_several_domains(table: Table, several: Mask, column: str, entries: list[FileEntry]) -> None:
    """Cells like ``acme.com; acme.de`` match nothing. Both could be taken, but then one such cell would make one
    company of all accounts that have either."""
    for entry, mine in by_file(table, several, entries):
        rows = np.flatnonzero(mine)
        entry.notes.append(
            f"{counted(len(rows), 'row has', 'rows have')} several domains in one cell, like "
            f"{table.texts(column).at(rows[0])!r} in row {table.row[rows[0]]}: segxl ignores them; keep one domain "
            "per cell"
        )
