"""Broken exports: whatever happens to a file of any known format, it is read with a ledger that closes, or refused in
words. Every format's export is written, mutated by seeded dice and loaded; `SEGXL_FUZZ` says how often (default 25)."""

from __future__ import annotations

import csv
import io
import os
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from segxl.render.ledger.csv import ledger_csv, rejected_csv
from segxl.render.ledger.text import ledger_text
from segxl.sources.formats import FORMATS, Format
from tests.sources.test_formats import header_of

TURNS = int(os.environ.get("SEGXL_FUZZ", "25"))
ROWS = 12

Grid = list[list[str]]
Dice = random.Random

# What a good export has below a header, by the first pattern that its name contains. {} is the number of the row.
GOOD: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"activitytypeid", ("104",)),
    (r"attributes", ('{{"Old Status": "Invited", "New Status": "Attended", "Success": true}}',)),
    (r"movement_type", ("new_biz", "expansion", "contraction", "churn")),
    (r"reporting_month|^month$", ("2026-01", "2026-02")),
    (r"field / event|^name$", ("Stage", "Amount", "dealstage")),
    (r"old value|new value|^value$", ("Discovery", "Proposal", "100")),
    (r"converted account|account ?id|accountid|company ids|customer_id|external_id|customer id", ("A{}", "A1")),
    (r"parent", ("",)),
    (r"domain|website", ("acme{}.example", "https://www.bolt.example/")),
    (r"email", ("ann{}@acme.example",)),
    (r"country", ("Germany", "US")),
    (r"became|mql", ("2026-02-0{digit}", "")),
    (r"is ?converted|has responded|success|^task$", ("true", "false")),
    (r"date|_on\b|last_seen|last modified|created on|timestamp|fivetran_start|\bday\b|time period|edit"
     r"|(created|modified) time",
     ("2026-01-0{digit}", "2026-02-1{digit}")),
    (r"stage", ("Discovery", "Proposal", "Closed Won", "Decision")),
    (r"mrr_billing", ("1200.50", "3", "0")),
    (r"currency", ("USD", "EUR")),
    (r"probability", ("40", "80")),
    (r"composite|intent score", ("61", "88")),
    (r"activity_level", ("High",)),
    (r"^\d{4}-\d\d$", ("1200.50", "3", "0")),
    (r"amount|cost|spend|spent|mrr|revenue|impr|clicks|impressions", ("1200.50", "3", "0")),
    (r"status", ("Open", "Won", "Completed", "Responded")),
    (r"\bid\b|guid|leadid|deal_id|do not modify\) opportunity", ("X{}",)),
    (r"", ("Acme {}", "Bolt AG", "Web")),
)  # fmt: skip

EXTRAS = ('decimal = ","\n', 'encoding = "utf-16-le"\n', 'encoding = "cp037"\n', 'delimiter = "\\u00a6"\n')

NASTY = (
    *("", " ", "\u00a0", "TBD", "n/a", "--", "#N/A", "#REF!", "NULL", "None", "nan", "=1+1", "=cmd|' /C calc'!A0"),
    *("31/12/2026", "12/31/26", "05/06/2026", "2026-02-30", "0000-00-00", "1899-12-31", "9999-12-31", "46000.5"),
    *("15 Apr, 2021 00:02:00", "2026-03-29T02:30:00+02:00", "2031-01-01", "Feb 2026", "45k", "$342.09K", "(1,234)"),
    *("1.234,56", "1.005", "12,50 €", "1e400", "-1e308", "Infinity", "99999999999999999999", "0.1234567", "-0", "1/0"),
    *("१२३", "½", "100%", "Café", "\u202etxet", "\U0001f600", "line\nbreak", 'quote"d', "a,b;c\td", "x" * 40_000),
    *("\x07", "@x", "A1", "a1", "Closed Won ", "Grand Totals (5 records)", "Total", "[", '{"Success":', "true", "won"),
)  # fmt: skip


DATES = {"Salesforce campaign members": ("Member First Associated Date",)}
"""A header that an export may lack, and then has no rows to use."""


def good_export(one: Format) -> Grid:
    """An export of a format as it should be: a header and some rows."""
    header = [*header_of(one), *DATES.get(one.name, ())]
    rows = []
    for row in range(1, ROWS + 1):
        cells = []
        for name in header:
            choices = next(values for pattern, values in GOOD if re.search(pattern, name.casefold()))
            cells.append(choices[row % len(choices)].format(row, digit=row % 9 + 1))
        rows.append(cells)
    return [header, *rows]


# ------------------------------------------------------------------------------------------- what can happen to a grid


def _a_cell(grid: Grid, dice: Dice) -> None:
    for _ in range(dice.choice((1, 1, 3, 10))):
        row = dice.choice(grid)
        if row:
            row[dice.randrange(len(row))] = dice.choice(NASTY)


def _a_column(grid: Grid, dice: Dice) -> None:
    at, value = dice.randrange(len(grid[0])), dice.choice(NASTY)
    for row in grid[1:]:
        if at < len(row):
            row[at] = value


def _lost_column(grid: Grid, dice: Dice) -> None:
    at = dice.randrange(len(grid[0]))
    for row in grid:
        del row[at : at + 1]


def _twice_column(grid: Grid, dice: Dice) -> None:
    at = dice.randrange(len(grid[0]))
    for row in grid:
        row.append(row[at] if at < len(row) else "")


def _renamed(grid: Grid, dice: Dice) -> None:
    at = dice.randrange(len(grid[0]))
    grid[0][at] = dice.choice((grid[0][at].upper(), grid[0][at] + " ", f"My {grid[0][at]}", dice.choice(NASTY)))


def _swapped(grid: Grid, dice: Dice) -> None:
    one, other = dice.randrange(len(grid[0])), dice.randrange(len(grid[0]))
    grid[0][one], grid[0][other] = grid[0][other], grid[0][one]


def _repeated_rows(grid: Grid, dice: Dice) -> None:
    for _ in range(dice.choice((1, 5))):
        grid.insert(dice.randrange(1, len(grid) + 1), list(dice.choice(grid)))


def _short_and_long_rows(grid: Grid, dice: Dice) -> None:
    row = dice.choice(grid)
    if dice.random() < 0.5:
        del row[dice.randrange(len(row) + 1) :]
    else:
        row += [dice.choice(NASTY)] * dice.choice((1, 3))


def _blank_rows(grid: Grid, dice: Dice) -> None:
    at = dice.choice((0, 1, len(grid) // 2, len(grid)))
    grid[at:at] = [dice.choice(([], [""] * 3)) for _ in range(dice.choice((1, 2, 500)))]


def _preamble_and_footer(grid: Grid, dice: Dice) -> None:
    grid[:0] = [[dice.choice(NASTY)] for _ in range(dice.randrange(3))]
    grid += [[], ["Total", "5"], ["Confidential Information - Do Not Distribute"]][: dice.randrange(4)]


def _shuffled(grid: Grid, dice: Dice) -> None:
    rest = grid[1:]
    dice.shuffle(rest)
    grid[1:] = rest


def _no_rows(grid: Grid, dice: Dice) -> None:
    del grid[dice.choice((0, 1, 2)) :]


GRIDS: Sequence[Callable[[Grid, Dice], None]] = (
    *(_a_cell, _a_cell, _a_cell, _a_column, _lost_column, _twice_column, _renamed, _swapped, _repeated_rows),
    *(_short_and_long_rows, _blank_rows, _preamble_and_footer, _shuffled, _no_rows),
)  # fmt: skip


# -------------------------------------------------------------------------------------------- what can happen to a file


def _csv(grid: Grid, dice: Dice) -> bytes:
    out = io.StringIO(newline="")
    mark, end = dice.choice(",,,;\t|"), dice.choice(("\n", "\r\n", "\r"))
    csv.writer(out, delimiter=mark, lineterminator=end, quoting=dice.choice((0, 0, 1))).writerows(grid)
    encoding = dice.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "windows-1252", "mac-roman"))
    return _damaged(out.getvalue().encode(encoding, errors="replace"), dice)


def _xlsx(grid: Grid, dice: Dice) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Export")
    for cells in grid:
        sheet.append([_typed(cell, dice) for cell in cells])
    out = io.BytesIO()
    book.save(out)
    return _damaged(_other_parts(out.getvalue(), dice), dice)


def _parquet(grid: Grid, dice: Dice) -> bytes:
    header, *rows = grid or [[]]
    columns = [[row[at] if at < len(row) else None for row in rows] for at in range(len(header))]
    typed = [pyarrow.array(column, pyarrow.string()) for column in columns]
    typed = [dice.choice(_AS_OTHERS)(column) if dice.random() < 0.1 else column for column in typed]
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_arrays(typed, header), out)
    return _damaged(out.getvalue(), dice)


_AS_OTHERS: Sequence[Callable[[pyarrow.Array], pyarrow.Array]] = (
    lambda column: column.cast(pyarrow.binary()),
    lambda column: pyarrow.array([[text] for text in column.to_pylist()]),
    lambda column: pyarrow.nulls(len(column)),
    lambda column: pyarrow.array([2**62] * len(column), pyarrow.timestamp("us", tz="UTC")),
    lambda column: pyarrow.array([float("nan")] * len(column)),
    lambda column: pyarrow.array([True] * len(column)),
)

_OTHER_XML: Sequence[tuple[bytes, bytes]] = (
    (rb"<v>([^<]*)</v>", rb"<f>1+1</f>"),
    (rb"<v>([^<]*)</v>", rb"<f>1+1</f><v>\1</v>"),
    (rb' t="\w+"', rb' t="e"'),
    (rb' t="\w+"', b""),
    (rb' r="([A-Z]+)\d+"', rb" r='\1 3'"),
    (rb' r="[A-Z]*\d+"', b""),
    (rb' r="[A-Z]+\d+"', b' r="XFD1048576"'),
    (rb"<t>", b"<t>&#55296;"),
    (rb"<t>", b"<t>_x0000_"),
    (rb"<row ", b'<row hidden="1" '),
    (rb"</row>", b"</row><!-- <row> -->"),
    (rb"</\w+>", b""),
    (rb"<(\w+)", rb"<x:\1"),
    (rb'"', b"'"),
)
"""What a part's XML may hold instead, once or everywhere."""


def _other_parts(book: bytes, dice: Dice) -> bytes:
    """Some workbooks have a part that no program should write, in an archive that is whole."""
    if dice.random() < 0.6:
        return book
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        chosen = "xl/worksheets/sheet1.xml" if dice.random() < 0.8 else dice.choice(names)
        for name in names:
            data = old.read(name)
            if name == chosen:
                pattern, other = dice.choice(_OTHER_XML)
                data = re.sub(pattern, other, data, count=dice.choice((0, 1, 1, 5)))
            new.writestr(name, data)
    return out.getvalue()


def _typed(cell: str, dice: Dice) -> str | float:
    """Numbers as numbers, most of the time; a sheet holds no control characters and no long texts."""
    if re.fullmatch(r"-?\d{1,9}(\.\d+)?", cell) and dice.random() < 0.8:
        return float(cell)
    return cell.replace("\x07", "")[:32_000]


def _damaged(data: bytes, dice: Dice) -> bytes:
    """Some files are cut off, or have bytes that no one wrote, zeros after a crash above all, or a piece twice."""
    if data and dice.random() < 0.1:
        return data[: dice.randrange(len(data))]
    if data and dice.random() < 0.1:
        broken = bytearray(data)
        for _ in range(dice.choice((1, 20))):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        return bytes(broken)
    if data and dice.random() < 0.15:
        start, end = sorted(dice.randrange(len(data) + 1) for _ in range(2))
        piece = dice.choice((b"\0", b"\0" * 600, b"\0\n", b'"', b"\r", b"\xff", b"\xc3", data[start:end]))
        return data[:start] + piece + data[dice.choice((start, end)) :]
    return data


# --------------------------------------------------------------------------------------------------------------- tests


def _folder(path: Path, one: Format, suffix: str, extra: str = "") -> Path:
    path.mkdir(exist_ok=True)
    head = 'run_date = 2026-06-30\nstages = ["Discovery", "Proposal"]\n'
    (path / "segxl.toml").write_text(f'{head}[tables.{one.table}]\nfile = "export.{suffix}"\n{extra}', encoding="utf-8")
    return path


def _outcome(source: Path) -> Dataset | None:
    """The dataset, whose ledger closes and can be told; None if the file is refused, in words that name something."""
    try:
        dataset = load(source)
    except SegxlError as refused:
        said = str(refused)
        assert re.search(r"export\.|tables\.|segxl\.toml|stage_map", said), said
        return None
    assert dataset.ledger.balanced, ledger_text(dataset)
    assert ledger_text(dataset)
    assert ledger_csv(dataset.ledger)
    assert rejected_csv(dataset.ledger)
    return dataset


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_the_export_that_is_mutated_is_a_good_one(one: Format, tmp_path: Path) -> None:
    grid = good_export(one)
    out = io.StringIO(newline="")
    csv.writer(out).writerows(grid)
    folder = _folder(tmp_path, one, "csv")
    (folder / "export.csv").write_text(out.getvalue(), encoding="utf-8")
    dataset = _outcome(folder)
    assert dataset is not None
    (entry,) = dataset.ledger.files
    assert entry.format == one.name
    assert entry.used > 0, ledger_text(dataset)


@pytest.mark.ci
@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_a_broken_export_is_read_or_refused(one: Format, tmp_path: Path) -> None:
    read, good = 0, good_export(one)
    for turn in range(TURNS):
        dice = random.Random(f"{one.name} {turn}")  # the seed that a failure is repeated with
        grid = [list(row) for row in good]
        for _ in range(dice.choice((0, 1, 1, 2, 4))):
            if grid and grid[0]:
                dice.choice(GRIDS)(grid, dice)
        suffix = dice.choice(("csv", "csv", "csv", "csv", "xlsx", "xlsx", "parquet"))
        extra = dice.choice(("", "", f'format = "{one.key}"\n', 'dates = "day-first"\n', *EXTRAS))
        folder = _folder(tmp_path / "source", one, suffix, extra)
        path = folder / f"export.{suffix}"
        path.write_bytes({"csv": _csv, "xlsx": _xlsx, "parquet": _parquet}[suffix](grid, dice))
        try:
            read += _outcome(path if suffix == "xlsx" and dice.random() < 0.3 else folder) is not None
        except Exception as error:
            raise AssertionError(f"{one.name}, turn {turn}, {path}") from error
    assert read > 0  # else the dice break every file beyond reading, and the test shows little
