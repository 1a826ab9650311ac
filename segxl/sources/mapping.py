"""The mapping from a file's headers to the columns of the contract: by the settings, by a known format, by name."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from segxl.errors import SegxlError, SegxlErrors, nearest
from segxl.settings.how_to_set import HowToSet
from segxl.settings.model import TableSettings, ValueMap
from segxl.sources import formats
from segxl.sources.fallbacks import is_filled
from segxl.sources.files.delimited import DELIMITERS
from segxl.sources.files.raw import LOOKAHEAD, RawTable
from segxl.sources.formats import HINTS, Format
from segxl.sources.formats.model import Header, fold
from segxl.sources.formats.month_columns import months_without_year
from segxl.sources.matching.company_names import domain_of
from segxl.sources.suggest.suggestions import SAME_IN_ALL_ROWS, columns_block, lines_to_add, nearest_formats
from segxl.sources.values.words import own_word
from segxl.tables.contracts import CONTRACTS, Contract
from segxl.tables.text_column import TextColumn

_NAME, _DOMAIN, _ = HINTS

CONNECTOR = re.compile(r"_fivetran_|_airbyte_|_sdc_|_dlt_|_?_hevo_|_portable_|_ab_cdc", re.IGNORECASE)
"""First letters of the columns that Fivetran, Airbyte, Stitch, dlt and Hevo add to every table."""

_NAMED = 50
"""Headers of a file that a message names."""
NO_FORMAT = "none"
"""``format = "none"``: the file is not read as a known export."""


def format_of(table: str, source: TableSettings, raw: RawTable) -> Format | None:
    """The format named by the settings, else the one that matches the header.

    Settings that map every required column need no change of shape.
    """
    if source.format and source.format.casefold() == NO_FORMAT:
        return None
    one = formats.by_key(source.format, table, raw.header) if source.format else formats.recognise(raw.header, table)
    made = {name for name, values in source.values.items() if values.makes}
    fed = source.columns.keys() | source.constants.keys() | made
    if one and one.reshape and any(fed >= set(contract.required) for contract in CONTRACTS[table]):
        return replace(one, reshape=None)
    return one


@dataclass(frozen=True)
class ColumnMapping:
    """The mapping of one file from headers to contract columns.

    ``fill`` has the values that a column has in every row; ``extras`` are the unmapped headers.
    """

    contract: Contract
    format: Format | None
    headers: Mapping[str, str]
    fill: Mapping[str, str]
    extras: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        to_set: HowToSet,
        raw: RawTable,
        format: Format | None,
        by_lead: Sequence[str] = (),
    ) -> ColumnMapping:
        """The mapping of a file, whose shape is already the contract's.

        ``by_lead`` are columns that another table fills for the rows that name their lead.

        Raises:
            SegxlErrors: the settings name headers or columns that are not there, or a required column is fed by none.
        """
        table, source = to_set.table, to_set.source
        known = {header.casefold(): header for header in reversed(raw.header)}
        in_own_sheet = raw.sheet.casefold() == table
        by_letters = {fold(header): header for header in reversed(raw.header)} if in_own_sheet else {}
        _refuse_second_header(raw, [one for one in source.columns.values() if one.casefold() not in known])
        problems: list[str] = []
        headers: dict[str, str] = {}
        for name, header in source.columns.items():
            if header.casefold() not in known:
                problems.append(
                    f"{raw.file}: no column {header!r} (in {to_set.name('columns', name)}){nearest(header, raw.header)}"
                )
            else:
                headers[name] = known[header.casefold()]
        fill = {name: text for name, text in source.constants.items() if name not in headers}
        from_format = format.sources(raw.header) if format else {}
        for name, header in from_format.items():
            if name not in fill:
                headers.setdefault(name, header)
        for name, text in (format.fill if format else {}).items():
            if name not in headers:
                fill.setdefault(name, text)
        contracts = CONTRACTS[table]
        for contract in contracts:
            for column in contract.columns:
                misleading = format is not None and format.columns.get(column.name) == ""
                own = by_letters.get(fold(column.name)) or known.get(column.name)
                if own and column.name not in fill and not misleading:
                    headers.setdefault(column.name, own)
        if table != "accounts" and "account_id" in contracts[0].names:
            for name in HINTS:
                if name in known and name not in fill:
                    headers.setdefault(name, known[name])
        fed = headers.keys() | fill.keys() | {name for name, value_map in source.values.items() if value_map.makes}
        if fed.intersection(HINTS):
            fed.add("account_id")  # hints about the account are used until the account is found
        if "lead_id" in fed:
            fed.update(by_lead)
        contract = next((one for one in contracts if fed.issuperset(one.required)), contracts[0])
        mapped = fed | source.columns.keys()  # a mapped header that is not there is reported already
        problems += _missing(contract, contracts, mapped, raw, source, format, headers)
        if in_own_sheet and not format and not problems:
            problems += _misspelt(contract, fed, set(headers.values()), raw)
        problems += _unknown_targets(to_set, contract, known, headers.keys() | fill.keys() | source.columns.keys())
        if problems:
            raise SegxlErrors(problems)
        used = set(headers.values())
        used |= {
            known[name] for header in used for part in header.split("|") if (name := part.strip().casefold()) in known
        }
        spare = tuple(header for header in raw.header if header not in used and not formats.is_made(header))
        hidden = {**{name: repr(header) for name, header in headers.items()}, **{n: repr(t) for n, t in fill.items()}}
        unsaid = {name: header for name, header in headers.items() if name not in source.columns}
        notes = [*format.notes_for(unsaid)] if format else []
        notes += [
            f"column {header!r} is not used: {hidden[header.casefold()]} is used instead"
            for header in spare
            if header.casefold() in hidden and not formats.is_made(headers.get(header.casefold(), ""))
        ]
        extras = tuple(header for header in spare if header.casefold() not in hidden)
        return cls(contract, format, headers, fill, extras, tuple(notes))

    def holds_days(self, name: str) -> bool:
        """Whether the format knows that a column has dates without a time."""
        return self.format is not None and bool(Header([self.headers.get(name, "")]).find(self.format.days))

    @property
    def from_connector(self) -> bool:
        """Whether a connector added columns of its own to the file."""
        return any(CONNECTOR.match(header) for header in (*self.headers.values(), *self.extras))

    def texts(self, raw: RawTable, source: TableSettings) -> tuple[dict[str, TextColumn], dict[str, TextColumn]]:
        """The mapped columns' texts and the extras', with the words of `values` put in their place; and for each column
        that `values` makes of another one, the words that it does not list, blank elsewhere."""
        texts = {name: raw.texts(header) for name, header in self.headers.items()}
        texts |= {name: TextColumn.filled(text, len(raw)) for name, text in self.fill.items()}
        # called like a column of the contract and feeding none, it means something else: HubSpot's amount of today
        texts |= {header: raw.texts(header) for header in self.extras if header not in self.contract.names}
        for name, words in (self.format.words if self.format else {}).items():
            if name in texts and name not in source.values and name not in source.columns:
                texts[name] = texts[name].changed(ValueMap.model_validate(words).meaning)
        by_fold = {name.casefold(): name for name in texts}
        unlisted: dict[str, TextColumn] = {}
        for name, value_map in source.values.items():
            target = by_fold.get(name.casefold(), name)
            if value_map.source:
                header = next(h for h in raw.header if h.casefold() == value_map.source.casefold())
                texts[target], unlisted[target] = self._made(target, raw.texts(header), value_map)
            elif target in texts:
                texts[target] = texts[target].changed(value_map.meaning)
            if value_map.filled:
                texts[target] = _by_filled(texts.get(target), raw, value_map)
                if target in unlisted:
                    filled = texts[target].cells != ""
                    unlisted[target] = TextColumn.of(np.where(filled, "", unlisted[target].cells))
        return texts, unlisted

    def _made(self, name: str, words: TextColumn, value_map: ValueMap) -> tuple[TextColumn, TextColumn]:
        """A column by the words of another one, and the words that neither the map nor the column's choices have."""
        column = self.contract[name] if name in self.contract.names else None

        def known(word: str) -> str | None:
            found = value_map.found(word)
            own = found is None and word and column is not None and own_word(self.contract.table, column, word)
            return word if own else found

        return words.changed(lambda word: known(word) or ""), words.changed(
            lambda word: word if known(word) is None else ""
        )

    def with_accounts(self, texts: Mapping[str, TextColumn], count: int) -> Mapping[str, TextColumn]:
        """If every row needs an account, rows without its ID use their domain, else their name, else their lead, whose
        account the leads table may have."""
        needed = "account_id" in self.contract.required
        says = (*HINTS, "lead_id") if needed else HINTS
        if "account_id" not in self.contract.names or not any(name in texts for name in says):
            return texts
        ids = texts.get("account_id", TextColumn.filled("", count))
        if needed:
            if _DOMAIN in texts:
                ids = ids.or_else(texts[_DOMAIN].changed(domain_of))
            for name in (_NAME, "lead_id"):
                if name in texts:
                    ids = ids.or_else(texts[name])
        return {**texts, "account_id": ids}


def _refuse_second_header(raw: RawTable, missing: Sequence[str]) -> None:
    """Refuse a file whose column names are in a row below its header, as below a row of merged titles.

    Raises:
        SegxlError: one of the first rows has all of two or more ``missing`` headers; the row is named.
    """
    if len(missing) < 2:
        return
    for at in range(min(LOOKAHEAD, len(raw))):
        cells = {column.at(at).casefold() for column in raw.columns}
        if cells.issuperset(header.casefold() for header in missing):
            row = int(raw.rows[at])
            raise SegxlError(
                f"{raw.file}: {', '.join(map(repr, missing[:3]))} are column names in row {row}, not in row "
                f"{raw.header_row}: put all column names into one row, and delete the rows above it"
            )


def _missing(
    contract: Contract,
    contracts: tuple[Contract, ...],
    fed: set[str],
    raw: RawTable,
    source: TableSettings,
    format: Format | None,
    headers: Mapping[str, str],
) -> list[str]:
    table = contract.table
    lacking = [name for name in contract.required if name not in fed]
    if not lacking:
        return []
    shapes = " or ".join(", ".join(one.required) for one in contracts)
    there = [header for header in raw.header if not formats.is_made(header)]
    others = f" and {len(there) - _NAMED:,} more" if len(there) > _NAMED else ""
    same = ", ".join(f'{name} = "{SAME_IN_ALL_ROWS[name]}"' for name in lacking if name in SAME_IN_ALL_ROWS)
    constants = f", or, if it is the same in all rows, set constants = {{ {same} }}" if same else ""
    problem = (
        f"{raw.file}: no column found for {', '.join(lacking)}; map it in columns of tables.{table}"
        f"{constants} ({table} needs {shapes}; {raw.header_place} has "
        f"{', '.join(there[:_NAMED])}{others})"
    )
    if len(raw.header) == 1 and any(mark in raw.header[0] for mark in DELIMITERS):
        problem += "; each row is in quotation marks as a whole: export it again without them"
    elif len(raw.header) == 1 and not raw.header[0].replace(" ", "").isidentifier():
        problem += '; if these are several columns, set delimiter = "…"'
    elif raw.broken or "Column 1" in raw.header:
        problem += "; if the column names are further down, delete the rows above them"
    if format and raw.sheet:
        return [
            f"{raw.file}: no column found for {', '.join(lacking)}; add a column with that header in row "
            f"{raw.header_row} and fill it in ({table} needs {shapes}); the sheet was read as {format.name}"
        ]
    if "month" in lacking and (named := months_without_year(raw.header)):
        problem += f"; {', '.join(map(repr, named[:3]))} have no year: write them like {named[0]} 2026"
    if format:
        return [f"{problem}; it was read as {format.name}"]
    if raw.sheet:
        return [_missing_in_sheet(lacking, fed, raw, table, shapes)]
    near = nearest_formats(raw.header, table)
    known = f"closest known exports: {', '.join(near)}\n" if near else ""
    if not source.columns:
        block = columns_block(raw.header, table, raw) if not fed else _block_of(lacking, raw, table, headers)
        return [f"{problem}\n{known}paste this into segxl.toml and complete it:\n{block}"]
    added = lines_to_add(raw.header, table, raw, lacking, headers.values())
    place = f" (the one with file = {json.dumps(source.file, ensure_ascii=False)})" if source.file else ""
    return [f"{problem}\n{known}add this to columns of tables.{table}{place} in segxl.toml and complete it:\n{added}"]


def _block_of(lacking: Sequence[str], raw: RawTable, table: str, headers: Mapping[str, str]) -> str:
    """The block for a file with some known columns, and without columns in the settings."""
    return f"[tables.{table}.columns]\n{lines_to_add(raw.header, table, raw, lacking, headers.values())}"


def _missing_in_sheet(lacking: list[str], fed: set[str], raw: RawTable, table: str, shapes: str) -> str:
    """The same for a sheet of an input workbook, where a header is renamed in its cell."""
    said = []
    for name in lacking:
        near = _nearest_header(name, [header for header in raw.header if header not in fed])
        said.append(f"{name} (perhaps {near!r} in {raw.letters[near]}{raw.header_row})" if near else name)
    return (
        f"{raw.file}: no column found for {', '.join(said)}; rename your header in row {raw.header_row}, or map it on "
        f"Maps: tables.{table}.columns, your header, segxl's column ({table} needs {shapes}; the sheet has "
        f"{', '.join(raw.header)})"
    )


def _misspelt(contract: Contract, fed: set[str], used: set[str], raw: RawTable) -> list[str]:
    """Headers of a table's own sheet that are nearly one of its columns, which would go missing without a word."""
    spare = [header for header in raw.header if header not in used]
    return [
        f"{raw.file}, cell {raw.letters[near]}{raw.header_row}: {contract.table} has no column {near!r}; did you mean "
        f"{column.name!r}? Correct it; if it is your own column, choose a different name"
        for column in contract.columns
        if column.name not in fed and len(column.name) >= _LONG_ENOUGH
        if (near := _nearest_header(column.name, spare))
    ]


_LONG_ENOUGH = 5
"""The shortest name of a column that is recognised when misspelt: geo2 is not geo."""


def _nearest_header(name: str, headers: Sequence[str]) -> str:
    by_fold = {fold(header): header for header in reversed(headers)}
    found = difflib.get_close_matches(fold(name), by_fold, n=1, cutoff=0.8)
    return by_fold[found[0]] if found else ""


def _unknown_targets(to_set: HowToSet, contract: Contract, known: Mapping[str, str], fed: Set[str]) -> list[str]:
    """Columns in the settings that do not exist; ``fed`` are the columns that have a header."""
    table, source = to_set.table, to_set.source
    problems = []
    if table != "accounts":
        names = (*contract.names, *HINTS) if "account_id" in contract.names else contract.names
        made = [("columns", name) for name in source.columns]
        made += [("constants", name) for name in source.constants]
        made += [("values", name) for name, value_map in source.values.items() if value_map.makes]
        problems += [
            f"{to_set.name(key, name)}: {table} has no column {name!r}{nearest(name, names)}"
            for key, name in made
            if name not in names
        ]
    # a header called like a column of the contract may be unmapped: HubSpot's amount of today is not a stage date's
    there = {name.casefold() for name in fed} | (known.keys() - set(contract.names))
    for name, value_map in source.values.items():
        if value_map.source and value_map.source.casefold() not in known:
            problems.append(
                f"{to_set.name('values', name)}: the file has no column {value_map.source!r}"
                f"{nearest(value_map.source, known.values())}"
            )
        problems += [
            f"{to_set.name('values', name)}: the file has no column {header!r}{nearest(header, known.values())}"
            for header in value_map.filled
            if header.casefold() not in known and header != value_map.source
        ]
        if value_map.makes:
            continue
        if name.casefold() not in there:
            if name not in contract.names:
                known_names = (*contract.names, *known.values())
                problems.append(f"{to_set.name('values', name)}: no column {name!r}{nearest(name, known_names)}")
            else:
                where = to_set.name("values", name)
                problems.append(f"{where}: the export has no {name}; {to_set.words_from(name)}")
    return problems


def _by_filled(texts: TextColumn | None, raw: RawTable, value_map: ValueMap) -> TextColumn:
    """The word of the first header whose cell is filled; else unchanged."""
    cells = texts.cells if texts is not None else np.full(len(raw), "", dtype=object)
    by_fold = {header.casefold(): header for header in reversed(raw.header)}
    for header, meaning in reversed(value_map.filled.items()):
        cells = np.where(is_filled(raw.texts(by_fold[header.casefold()])), meaning, cells)
    return TextColumn.of(cells)


def column_of_rule(
    name: str, texts: Mapping[str, TextColumn], raw: RawTable, named: Callable[[str], str]
) -> TextColumn:
    """The texts that a rule asks for: a column of the table, or of the file by its header; ``named`` names the rule.

    Raises:
        SegxlError: there is neither.
    """
    by_fold = {key.casefold(): key for key in texts}
    if name.casefold() in by_fold:
        return texts[by_fold[name.casefold()]]
    for header in raw.header:
        if header.casefold() == name.casefold():
            return raw.texts(header)
    raise SegxlError(f"{named(name)}: {raw.file} has no column {name!r}{nearest(name, (*texts, *raw.header))}")
