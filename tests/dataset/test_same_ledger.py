"""One dirty table as CSV, Excel workbook and Parquet file and in each engine: the same rows, ledger and messages."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet
import pytest

from segxl.dataset.load import load
from segxl.render.ledger.csv import ledger_csv, rejected_csv
from segxl.render.ledger.text import ledger_text
from segxl.sources.files.arrow_values import arrow_texts
from segxl.sources.files.sheets import cell_text
from segxl.tables.text_column import TextColumn
from tests.warehouses import Typed, arrow, filled, new_name

TEXT, DAY, MOMENT, ZONED = "VARCHAR", "DATE", "TIMESTAMP", "TIMESTAMPTZ"
FLOAT, EXACT, WHOLE, FLAG = "DOUBLE PRECISION", "DECIMAL(24, 6)", "BIGINT", "BOOLEAN"

SEEN = {"account_id": TEXT, "date": DAY, "source": TEXT, "kind": TEXT}
STAGES = {"account_id": TEXT, "date": DAY, "stage": TEXT}
DEALS = {
    "opportunity_id": TEXT,
    "account_id": TEXT,
    "created_on": DAY,
    "closed_on": DAY,
    "stage": TEXT,
    "amount": EXACT,
}
SNAPSHOTS, CHANGES = 'kind = "snapshots"', 'kind = "changes"'

Row = Sequence[str | None]
Case = tuple[str, dict[str, str], Sequence[Row], str, dict[str, int]]

_PEOPLE = ("webinar", "engagement")
_MANY_BLANKS: Sequence[Row] = [
    ("A1", "2026-05-01", *_PEOPLE, "E1"),
    (None, None, None, None, None),
    ("", None, "", " ", ""),
    (" ", None, None, None, "\u00a0 \u200b"),
    (None, None, None, None, "E3"),
    (None, None, None, None, "E3"),
    ("  ", None, "\u00a0", None, "E4"),
    (None, None, None, None, "nan"),
    ("nan", None, None, None, "E5"),
]
_TOTALS: Sequence[Row] = [
    ("A1", "2026-05-01", *_PEOPLE, "one"),
    ("A2", "2026-05-01", *_PEOPLE, "two"),
    (None, None, None, None, "Total"),
    (None, None, None, None, "note"),
    ("Grand total", None, None, None, None),
]
_TIMES: Sequence[Row] = [
    ("A1", "2026-05-01 00:00:00", *_PEOPLE),
    ("A1", "2026-05-01 23:59:59", *_PEOPLE),
    ("A2", None, *_PEOPLE),
    ("A2", "2026-05-02 10:00:00", *_PEOPLE),
    ("A2", "2027-05-02 10:00:00", *_PEOPLE),
]
_MOVES: Sequence[Row] = [
    ("A1", "2026-05-01 10:00:00", "Target"),
    ("A1", "2026-05-01 11:00:00", "Decision"),
    ("A1", "2026-05-01 11:00:00.500", "Consideration"),
    ("A1", "2026-05-02 00:00:00", "Purchase"),
    ("A2", "2026-05-02 09:00:00", "Limbo"),
]
_STAGES_OF_BLANKS: Sequence[Row] = [
    ("A1", "2026-05-01", "Target", "1"),
    (None, None, None, None),
    (None, None, None, "3"),
    ("", None, " ", "4"),
    ("", "2026-05-02", "", None),
]

CASES: dict[str, Case] = {
    "blank in all columns, in those in use, in none": (
        "activities",
        SEEN | {"event_id": TEXT},
        _MANY_BLANKS,
        "",
        {"used": 1, "excluded": 3, "rejected": 5},
    ),
    "no number in all columns in use": (
        "activities",
        SEEN | {"account_id": FLOAT, "event_id": FLOAT},
        [("1", "2026-05-01", *_PEOPLE, "7"), ("NaN", None, None, None, "8"), ("NaN", None, None, None, "NaN")],
        "",
        {"used": 1, "excluded": 1, "rejected": 1},
    ),
    "totals in a column that is not in use": (
        "activities",
        SEEN | {"event_id": TEXT},
        _TOTALS,
        "",
        {"used": 2, "excluded": 2, "rejected": 1},
    ),
    "blank stages, snapshots": (
        "buying_stages",
        STAGES | {"snapshot_id": TEXT},
        _STAGES_OF_BLANKS,
        SNAPSHOTS,
        {"used": 1, "excluded": 1, "rejected": 3},
    ),
    "blank stages, changes": (
        "buying_stages",
        STAGES | {"change_id": TEXT},
        _STAGES_OF_BLANKS,
        CHANGES,
        {"used": 1, "excluded": 1, "rejected": 3},
    ),
    "several changes of a day at their times": (
        "buying_stages",
        STAGES | {"date": MOMENT},
        _MOVES,
        CHANGES,
        {"rows": 5, "used": 4},
    ),
    "several changes of a day at times of a zone": (
        "buying_stages",
        STAGES | {"date": ZONED},
        _MOVES,
        CHANGES,
        {"rows": 5, "used": 4},
    ),
    "changes at times that need a time zone": (
        "buying_stages",
        STAGES | {"date": MOMENT},
        _MOVES,
        f'{CHANGES}\ntimestamps = "America/New_York"',
        {"rows": 5, "used": 4},
    ),
    "a column of blanks": (
        "activities",
        SEEN | {"product_category": TEXT, "campaign_type": TEXT},
        [("A1", "2026-05-01", *_PEOPLE, None, ""), ("A2", "2026-05-01", *_PEOPLE, "", None)],
        "",
        {"used": 2},
    ),
    "rows that are alike but for a column that is not in use": (
        "activities",
        SEEN | {"event_id": TEXT},
        [
            *(("A1", "2026-05-01", *_PEOPLE, f"E{at}") for at in range(5)),
            *(("A1", "2026-05-02", "pigeon", "engagement", f"F{at}") for at in range(3)),
            *(("A1", "2026-05-02", "n/a", "engagement", f"G{at}") for at in range(3)),
        ],
        "",
        {"used": 5, "rejected": 6},
    ),
    "rows that are alike": ("activities", SEEN, [("A1", "2026-05-01", *_PEOPLE)] * 5, "", {"used": 5}),
    "spaces and capitals": (
        "activities",
        SEEN,
        [
            ("A1 ", "2026-05-01", "Webinar", "Engagement"),
            ("a1", "2026-05-01", " webinar", "engagement "),
            ("\tA1", "2026-05-01", "WEBINAR", "engagement"),
        ]
        * 3,
        "",
        {"used": 9},
    ),
    "times of day": ("activities", SEEN | {"date": MOMENT}, _TIMES, "", {"used": 3, "excluded": 1, "rejected": 1}),
    "times of day with a zone": (
        "activities",
        SEEN | {"date": ZONED},
        _TIMES,
        "",
        {"used": 3, "excluded": 1, "rejected": 1},
    ),
    "days as text": (
        "activities",
        SEEN | {"date": TEXT},
        [("A1", day, *_PEOPLE) for day in ("2026-05-01", "2026-05-01 10:00", "31.4.2026", "2026-04-31", "", "n/a")],
        "",
        {"used": 2, "rejected": 4},
    ),
    "IDs as whole numbers": (
        "activities",
        SEEN | {"account_id": WHOLE},
        [(one, "2026-05-01", *_PEOPLE) for one in ("1", "1", "123456789012345", None)],
        "",
        {"used": 3, "rejected": 1},
    ),
    "IDs as numbers": (
        "activities",
        SEEN | {"account_id": FLOAT},
        [(one, "2026-05-01", *_PEOPLE) for one in ("1", "1", "123456789012345", "NaN", "NaN", None)],
        "",
        {"used": 3, "rejected": 3},
    ),
    "booleans where words are wanted": (
        "activities",
        SEEN | {"campaign_type": FLAG},
        [("A1", "2026-05-01", *_PEOPLE, flag) for flag in ("true", None, "false")],
        "",
        {"used": 3},
    ),
    "repeated, differing and blank deals": (
        "opportunities",
        DEALS | {"relevant": FLAG, "note": TEXT},
        [
            ("O1", "A1", "2026-05-01", None, "Discovery", "10.005", "true", "x"),
            ("O2", "a1", "2026-05-01", "2026-05-05", "Closed Won", "10.5", "false", None),
            ("O3 ", "A1 ", "2026-05-01", "2026-05-05", "closed won", "0.1", None, ""),
            ("O3", "A1", "2026-05-01", "2026-05-05", "Closed Won", "0.1", None, ""),
            ("", "", "2026-05-01", None, "Discovery", None, None, None),
            (None, None, None, None, None, None, None, None),
            (None, None, None, None, None, None, None, "only a note"),
            ("O7", "A2", "2026-05-01", None, "Discovery", "-3", "true", None),
        ],
        "",
        {"rows": 8, "excluded": 1, "used": 3, "rejected": 4},
    ),
    "amounts that are no number": (
        "opportunities",
        DEALS | {"amount": FLOAT},
        [
            ("O1", "A1", "2026-05-01", None, "Discovery", "10.25"),
            ("O2", "A1", "2026-05-01", "2026-05-05", "Closed Won", "NaN"),
            ("O4", "A1", "2026-05-01", "2026-05-05", "Closed Won", "1e15"),
            ("O6", "A1", "2026-05-01", "2026-05-05", "Closed Won", "1e20"),
        ],
        "",
        {"used": 2, "rejected": 2},
    ),
    "amounts as text": (
        "opportunities",
        DEALS | {"amount": TEXT},
        [
            ("O1", "A1", "2026-05-01", None, "Discovery", "1,234.50"),
            ("O2", "A1", "2026-05-01", "2026-05-05", "Closed Won", "TBD"),
            ("O3", "A1", "2026-05-01", "2026-05-05", "Closed Won", "12 apples"),
            ("O4", "A1", "2026-05-01", "2026-05-05", "Closed Won", "1234.5678"),
            ("O4", "A1", "2026-05-01", "2026-05-05", "Closed Won", "1234.5678"),
            ("O6", "N/A", "2026-05-01", "2026-05-05", "Closed Won", " 7 "),
        ],
        "",
        {"used": 4, "excluded": 1, "rejected": 1},
    ),
    "leads at times": (
        "leads",
        {"lead_id": TEXT, "created_on": MOMENT, "email": TEXT, "account_id": TEXT},
        [
            ("L1", "2026-05-01 10:00:00", "a@x.example", None),
            ("L1 ", "2026-05-01 10:00:00", "A@x.example", None),
            ("L2", None, "", ""),
            (None, None, None, None),
            ("l1", "2026-05-01 10:00:00", "a@x.example", None),
        ],
        "",
        {"used": 2, "excluded": 2, "rejected": 1},
    ),
    "accounts with zeros before the number, and of several spellings": (
        "accounts",
        {"account_id": TEXT, "name": TEXT, "domain": TEXT, "employees": FLOAT, "active": FLAG},
        [
            ("A1", "Alpha", "alpha.example", "10", "true"),
            ("a1", "Alpha", "alpha.example", "10.5", "true"),
            ("A2 ", "Beta ", "", "NaN", None),
            ("A2", "Beta", None, None, None),
            (None, None, None, "NaN", None),
            ("", "Nobody", "", "1e6", "false"),
            ("0012", "Twelve", None, None, None),
            ("12", "Twelve", None, None, None),
        ],
        "",
        {"rows": 8, "used": 5, "rejected": 1},
    ),
}
"""A table, its columns with their types, its rows, further settings; and how many rows are used, excluded, rejected,
counted by hand."""  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize(
    "source",
    [
        "xlsx",
        "parquet",
        pytest.param("duckdb", marks=pytest.mark.slow),
        pytest.param("postgres", marks=pytest.mark.slow),
        pytest.param("spark", marks=pytest.mark.ci),
    ],
)
def test_the_ledger_is_that_of_a_csv_file(source: str, case: Case, tmp_path: Path) -> None:
    name, types, rows, more, counts = case
    table = Typed(tuple(types), tuple(types.values()), rows)
    texts = [arrow_texts(column).cells for column in arrow(table)]
    order = sorted(range(len(rows)), key=lambda at: [column[at] for column in texts])
    # in the order that a warehouse's rows get: an export has one, a table has none
    table = Typed(table.names, table.types, [rows[at] for at in order])
    expected = outcome(name, in_file("csv", name, table, more, tmp_path))
    for word, count in counts.items():
        assert expected[word] == count, word
    if source in ("xlsx", "parquet"):
        assert outcome(name, in_file(source, name, table, more, tmp_path)) == expected
        return
    turned = Typed(table.names, table.types, table.rows[::-1])
    found = outcome(name, in_engine(source, name, turned, more, tmp_path))
    for unused in ("event_id", "snapshot_id", "change_id"):
        expected["table"].pop(unused, None)
    assert found == expected


HEAD = 'run_date = 2026-06-30\nstages = ["Discovery", "Proposal"]\n'


def in_file(kind: str, name: str, table: Typed, more: str, place: Path) -> Path:
    """A folder with a table as a file."""
    folder = place / kind
    folder.mkdir()
    path, columns = folder / f"source.{kind}", arrow(table)
    values = list(zip(*(column.to_pylist() for column in columns), strict=True))
    if kind == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(table.names)
            csv.writer(file).writerows(
                [value if isinstance(value, str) else text for value, text in zip(row, texts, strict=True)]
                for row, *texts in zip(values, *(arrow_texts(column).cells for column in columns), strict=True)
            )
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        book.active.title = "source"
        for row in [table.names, *values]:
            book.active.append([_for_excel(value) for value in row])
        book.save(path)
    else:
        pyarrow.parquet.write_table(columns, path)
    (folder / "segxl.toml").write_text(f'{HEAD}[tables.{name}]\nfile = "{path.name}"\n{more}\n', encoding="utf-8")
    return folder


def _for_excel(value: Any) -> Any:
    """A value that a cell can have: no number that is none, no time with a zone."""
    return None if value != value else cell_text(value) if getattr(value, "tzinfo", None) else value


def in_engine(engine: str, name: str, table: Typed, more: str, place: Path) -> Path:
    """A folder whose settings name a table of an engine."""
    folder, called = place / engine, new_name("source")
    folder.mkdir()
    crm, connection = filled(engine, {called: table}, folder)
    lines = f'engine = "{crm}"\n{HEAD}[tables.{name}]\ntable = "{called}"\n{more}\n{connection}'
    (folder / "segxl.toml").write_text(lines, encoding="utf-8")
    return folder


def outcome(name: str, folder: Path) -> dict[str, Any]:
    """The table's columns and all that is said of its rows, without the names of the source."""
    data = load(folder)
    (entry,), table = data.ledger.files, data.tables[name].apart()
    columns = {one: table.columns[one] for one in table.columns}
    found: dict[str, Any] = {
        "rows": entry.rows,
        "used": entry.used,
        "excluded": sum(entry.excluded.values()),
        "rejected": entry.rejected_rows,
        "balanced": entry.balanced,
        "table": {
            one: list(column.cells) if isinstance(column, TextColumn) else [str(value) for value in table[one]]
            for one, column in columns.items()
        },
    }
    for about, text in (
        ("ledger", ledger_csv(data.ledger).decode()),
        ("rejections", rejected_csv(data.ledger).decode()),
        ("text", ledger_text(data)),
    ):
        text = re.sub(r"source\.csv|source\.parquet|\"?source\.xlsx, sheet 'source'\"?|w\d+_\d+_source", "SOURCE", text)
        found[about] = re.sub(rf"\b[0-9a-f]{{64}}\b|^{folder.name}:", "", text)
    assert found["balanced"]
    return found
