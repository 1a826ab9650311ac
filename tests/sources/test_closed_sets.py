"""No word outside a closed set falls to a default: every column, map and format that has such a set is enumerated.

A column of a contract, a flag or a list of words of a format that is added later is in these tests by itself.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from segxl.cli.commands import commands
from segxl.dataset.load import build
from segxl.settings.model import Settings
from segxl.sources import formats
from segxl.sources.formats import FORMATS, Format
from segxl.sources.formats.model import Flag, FlagRule, Header, WordRule, spellings
from segxl.sources.records.kept import headers_of_words
from segxl.sources.values.flags import FLAG_WORDS, flag
from segxl.sources.values.words import SPELLINGS, choice
from segxl.tables.contracts import BUYING_STAGES, CONTRACTS, Column, Contract, Type
from tests.sources.test_formats import header_of

ODD = "Schnurzpiep"
"""A word that no program and no language has."""

_GOOD: Mapping[Type, str] = {
    Type.TEXT: "Basic",
    Type.ID: "A1",
    Type.DATE: "2026-05-04",
    Type.TIMESTAMP: "2026-05-04 09:30",
    Type.MONTH: "2026-05",
    Type.MONEY: "10.00",
    Type.NUMBER: "2026",
    Type.PERCENT: "50%",
    Type.FLAG: "yes",
}
_OF_COLUMN: Mapping[tuple[str, str], str] = {
    ("buying_stages", "stage"): BUYING_STAGES[0],
    ("targets", "metric"): "won_revenue",
    ("control_totals", "name"): "won_revenue",
    ("control_totals", "period"): "2026-05",
    ("fx_rates", "currency"): "EUR",
    ("opportunities", "closed_on"): "",
}
HEAD = 'currency = "USD"\nrun_date = 2026-06-20\nstages = ["Basic"]\n'
DEALS = '[tables.opportunities]\nfile = "deals.csv"\n'


def good(contract: Contract, column: Column) -> str:
    """A value that a column accepts."""
    return _OF_COLUMN.get((contract.table, column.name)) or (
        column.choices[0] if column.choices else _GOOD[column.type]
    )


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(commands, [str(one) for one in arguments], standalone_mode=False)
    assert result.exception is None, result.exception
    return result


def folder_of(
    folder: Path, contract: Contract, header: Sequence[str], rows: Sequence[Sequence[str]], maps: str
) -> Path:
    """A source with a table and, where that is another one, a deal."""
    deals = (
        ("opportunity_id", "created_on", "stage", "amount", "account_id"),
        [("D1", "2026-05-01", "Basic", "1", "A1")],
    )
    write(folder / "deals.csv", *deals)
    write(folder / "table.csv", header, rows)
    kind = 'kind = "snapshots"\n' if contract.table == "buying_stages" else ""
    mine = f'[tables.{contract.table}]\nfile = "table.csv"\n{kind}{maps}'
    (folder / "segxl.toml").write_text(HEAD + (mine if contract.table == "opportunities" else mine + DEALS))
    return folder


def told_by_every_command(source: Path) -> None:
    """The commands that show a number name the word and how often it occurs, in their lines and in their JSON."""
    for command in (("scorecard", "--month", "2026-05"), ("report", "--analysis", "2026-05", "--baseline", "2026-04")):
        result = run(command[0], source, *command[1:], "--format", "json")
        assert f"{ODD!r} (2)" in result.stderr, (command, result.stderr)
        warnings = json.loads(result.stdout)["warnings"]
        (one,) = [one for one in warnings if ODD in str(one)]
        assert one["rows"] == 2
    assert f"{ODD!r} (2)" in run("check", source).output


CLOSED = [
    pytest.param(contract, column, id=f"{contract.table}-{contract.shape}-{column.name}")
    for contracts in CONTRACTS.values()
    for contract in contracts
    for column in contract.columns
    if column.choices or column.type is Type.FLAG or (contract.table, column.name) == ("buying_stages", "stage")
]


@pytest.mark.slow
@pytest.mark.parametrize(("contract", "column"), CLOSED)
def test_a_word_outside_a_columns_set_is_reported_by_every_command(
    tmp_path: Path, contract: Contract, column: Column
) -> None:
    header = contract.names
    rows = [
        [
            ODD if one is column and at else f"K{at}" if one.name in contract.key else good(contract, one)
            for one in contract.columns
        ]
        for at in range(3)
    ]
    told_by_every_command(folder_of(tmp_path, contract, header, rows, ""))


MADE = [
    pytest.param(contract, column, id=f"{contract.table}-{contract.shape}-{column.name}")
    for contracts in CONTRACTS.values()
    for contract in contracts
    for column in contract.columns
    if column.name not in contract.key and column.name != "account_id"
]


@pytest.mark.ci
@pytest.mark.parametrize(("contract", "column"), MADE)
def test_a_word_that_a_map_does_not_list_is_reported_by_every_command(
    tmp_path: Path, contract: Contract, column: Column
) -> None:
    """Whatever column `values` makes of another one."""
    header = [*(name for name in contract.names if name != column.name), "Asked"]
    rows = [
        [
            *(
                f"K{at}" if one.name in contract.key else good(contract, one)
                for one in contract.columns
                if one is not column
            ),
            ODD if at else "Known",
        ]
        for at in range(3)
    ]
    maps = f'values.{column.name} = {{ from = "Asked", Known = "{good(contract, column)}" }}\n'
    told_by_every_command(folder_of(tmp_path, contract, header, rows, maps))


# ------------------------------------------------------------------------------------------------------ known exports


@dataclass(frozen=True)
class Asked:
    """A header below which a format knows a closed set of words."""

    format: Format
    headers: str


ASKED = [
    pytest.param(Asked(one, headers), id=f"{one.name}: {spellings(headers)[0]}")
    for one in FORMATS
    for headers in headers_of_words(one)
]


@pytest.mark.parametrize("asked", ASKED)
def test_a_word_that_a_format_does_not_know_is_reported(tmp_path: Path, asked: Asked) -> None:
    one = asked.format
    header = header_of(one)
    own = Header(header).find(asked.headers)
    if not own:
        own = spellings(asked.headers)[0]
        header.append(own)
    if one.table == "activities":  # what a reshape needs next to the signature
        header += [name for name in ("Member First Associated Date",) if not Header(header).find(name)]
    asked_of = {Header(header).find(names): names for names in headers_of_words(one)}
    flags = {Header(header).find(rule.headers) for rule in declared(one) if isinstance(rule, Flag)}
    words = {
        Header(header).find(rule.headers): rule.keeps[0] for rule in one.keep.values() if isinstance(rule, WordRule)
    }
    row = {name: "" if name in asked_of else "2026-05-04" if "dat" in name.casefold() else "7" for name in header}
    row |= {name: "TRUE" for name in flags if name and name not in ("",)} | {k: v for k, v in words.items() if k}
    row |= {name: "FALSE" for name in row if re.search("delete", name, re.IGNORECASE)}
    rows = [[row[name] if name != own else ODD for name in header] for _ in range(2)]
    write(tmp_path / "export.csv", header, rows)
    settings = Settings.model_validate({"tables": {one.table: {"file": "export.csv", "format": one.name}}})
    entry = build(settings, tmp_path).ledger.files[0]
    assert entry.format == one.name
    assert any(f"{ODD!r} (2)" in condition.remark for condition in entry.conditions), entry


def declared(one: Format) -> list[Flag | WordRule]:
    """What a format declares of flags and words."""
    rules = [rule.flag if isinstance(rule, FlagRule) else rule for rule in one.keep.values()]
    return [*one.flags, *(rule for rule in rules if isinstance(rule, Flag | WordRule))]


def _members(value: object) -> Iterable[object]:
    return [part for item in value for part in _members(item)] if isinstance(value, tuple | list) else [value]


def test_every_flag_of_a_formats_module_is_declared_by_a_format() -> None:
    modules = [
        getattr(formats, name) for name in ("ads", "billing", "dynamics", "hubspot", "intent", "marketo", "salesforce")
    ]
    assert {one.key for one in FORMATS} >= {"salesforce", "hubspot"}
    known = [flag for one in FORMATS for flag in declared(one)]
    for module in modules:
        for value in _members(list(vars(module).values())):
            if isinstance(value, Flag):
                assert value in known, (module.__name__, value.headers)


def test_no_format_compares_a_text_with_yes_itself() -> None:
    """There is one reader of flags."""
    folder = Path(formats.__file__).parent
    found = [
        (path.name, line)
        for path in sorted(folder.glob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"""==? *["'](true|yes|1|t|y)["']|["'](true|false)["']""", line, re.IGNORECASE)
    ]
    assert found == []


def test_every_closed_column_has_its_spellings_and_no_others() -> None:
    closed = {
        (contract.table, column.name): column
        for contracts in CONTRACTS.values()
        for contract in contracts
        for column in contract.columns
        if column.choices
    }
    assert SPELLINGS.keys() == closed.keys()
    for (table, name), column in closed.items():
        assert SPELLINGS[table, name].keys() == set(column.choices)
        words = [word for found in SPELLINGS[table, name].values() for word in found]
        assert all(choice(table, column, word) in column.choices for word in words)
        for meaning, further in SPELLINGS[table, name].items():
            assert {choice(table, column, word) for word in further} <= {meaning}


def test_no_word_says_both_yes_and_no() -> None:
    for yes, no in FLAG_WORDS:
        assert (flag(yes), flag(no)) == (1, 0)
        assert (flag(yes.upper()), flag(no.lower())) == (1, 0)
