"""How fast exports are read, as ratios to other readers in the same run: `python tests/benchmarks/reading.py`.

CPU seconds of this process, the better of two turns. What is compared is said next to each ratio; seconds alone depend
on the machine and say little.

The goal for CSV, no slower than pandas' default reader, is not reached: loading takes about 2.45 times as long (1.8 to
1.9 CPU seconds for 5,000,000 activities against 0.75, on 2026-11-30). Pandas' own parser, which segxl uses, takes 0.65
of it when it hands over texts; codes of five columns' texts 0.4, of the ids 0.15; the file's bytes 0.2, their sha256
0.16; checks, dates and the ledger 0.15; the rest is memory cleared by the system. Arrow's parser with categories
instead of texts takes 0.9 for the parser and the codes of all columns but the ids: loading would take 1.5, twice
pandas' time still, for a second parser that clean files alone may take, so that segxl leaves it. The file's bytes,
their sha256 and the codes of ids alone take 0.5. The goal would need a parser that codes short words while it looks
for the next delimiter.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import openpyxl
import pandas as pd
import xlsxwriter

from segxl.dataset.load import load
from segxl.sources.files.files import read_file

SOURCES = (
    ("6sense_keyword", "intent"),
    ("bombora_topic", "intent"),
    ("anonymous_web", "engagement"),
    ("known_web", "engagement"),
    ("crm_activity", "reach"),
    ("linkedin_campaign", "reach"),
)


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of the better of two turns."""
    turns = []
    for _ in range(2):
        start = time.process_time()
        work()
        turns.append(time.process_time() - start)
    return min(turns)


def write_activities(path: Path, rows: int) -> None:
    """Activities of 100,000 accounts over 600 days."""
    dice = np.random.default_rng(1)
    pick = dice.integers(0, len(SOURCES), rows)
    days = np.array([(date(2025, 1, 1) + timedelta(day)).isoformat() for day in range(600)])
    accounts = np.array([f"A{number:07}" for number in range(100_000)])
    columns = {
        "account_id": accounts[dice.integers(0, len(accounts), rows)],
        "date": days[dice.integers(0, len(days), rows)],
        "source": np.array([source for source, _ in SOURCES])[pick],
        "kind": np.array([kind for _, kind in SOURCES])[pick],
        "campaign": np.array(["Spring", "Summer", "", "Autumn launch"])[dice.integers(0, 4, rows)],
        "campaign_type": np.array(["", "display", "retargeting"])[dice.integers(0, 3, rows)],
    }
    pd.DataFrame(columns).to_csv(path, index=False)


FIRST = date(2025, 1, 1)


def write_sheet(path: Path, rows: int, width: int) -> None:
    """A sheet of texts, numbers and dates in turn, as openpyxl writes it: texts are in their cells."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Export")
    sheet.append([f"Column {number}" for number in range(1, width + 1)])
    for row in range(rows):
        cells = (f"Name {row}", row * 1.25, FIRST + timedelta(row % 600), f"Stage {row % 7}")
        sheet.append([cells[column % len(cells)] for column in range(width)])
    book.save(path)


def write_sheet_as_excel_does(path: Path, rows: int, width: int) -> None:
    """The same with each text once, in a part of its own. openpyxl reads that in half the time."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Export")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, [f"Column {number}" for number in range(1, width + 1)])
    for row in range(rows):
        cells = (f"Name {row}", row * 1.25, FIRST + timedelta(row % 600), f"Stage {row % 7}")
        for column in range(width):
            cell = cells[column % len(cells)]
            sheet.write(row + 1, column, cell, day if isinstance(cell, date) else None)
    book.close()


def read_with_openpyxl(path: Path) -> int:
    """Every cell's value in openpyxl's read-only mode."""
    book = openpyxl.load_workbook(path, read_only=True)
    return sum(len(row) for row in book.worksheets[0].iter_rows(values_only=True))


def csv_costs(rows: int) -> dict[str, float]:
    """CPU seconds for a CSV of activities: pandas' Python texts and its default, segxl's texts and its loaded table."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        path = folder / "activities.csv"
        write_activities(path, rows)
        (folder / "segxl.toml").write_text('run_date = 2026-11-01\n[tables.activities]\nfile = "activities.csv"\n')
        return {
            "pandas, dtype=object": cpu(lambda: pd.read_csv(path, engine="c", dtype=object, keep_default_na=False)),
            "pandas, default": cpu(lambda: pd.read_csv(path)),
            "read_file: columns of text": cpu(lambda: read_file(path)),
            "load: a table of dates, sources and kinds, checked, with its ledger": cpu(lambda: load(folder)),
        }


def parquet_costs(rows: int) -> dict[str, float]:
    """CPU seconds to load activities from Parquet, and what columns that are not in use add: an ID, an address, a
    number."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_activities(folder / "activities.csv", rows)
        seen, dice = pd.read_csv(folder / "activities.csv", parse_dates=["date"]), np.random.default_rng(2)
        seen["date"] = seen["date"].dt.date
        (folder / "segxl.toml").write_text('run_date = 2026-11-01\n[tables.activities]\nfile = "activities.parquet"\n')
        seen.to_parquet(folder / "activities.parquet", index=False)
        alone = cpu(lambda: load(folder))
        seen["event_id"] = [f"E{number:09}" for number in range(rows)]
        seen["url"] = [f"https://example.com/page/{number}" for number in dice.integers(0, 200_000, rows)]
        seen["score"] = dice.random(rows)
        seen.to_parquet(folder / "activities.parquet", index=False)
        return {"load": alone, "three columns that are not in use": cpu(lambda: load(folder)) - alone}


def main() -> None:
    """Print the ratios."""
    print("Parquet of 5,000,000 activities, CPU seconds")
    for said, seconds in parquet_costs(5_000_000).items():
        print(f"  {seconds:5.2f}   {said}")
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (texts_said, texts), (default_said, default), *ours = csv_costs(5_000_000).items()
        arrow = "with" if importlib.util.find_spec("pyarrow") else "without"
        print(f"CSV of 5,000,000 activities × 6 columns, {arrow} pyarrow, against {texts_said} | {default_said}")
        for said, seconds in ours:
            print(f"  {seconds / texts:5.2f} | {seconds / default:5.2f}   {said}")
        sheet = folder / "export.xlsx"
        print("xlsx of 200,000 × 12 cells, against openpyxl's read-only mode")
        for said, write in (
            ("texts in their cells, as openpyxl writes them", write_sheet),
            ("texts in a part of their own, as Excel writes them", write_sheet_as_excel_does),
        ):
            write(sheet, 200_000, 12)
            ratio = cpu(lambda: read_with_openpyxl(sheet)) / cpu(lambda: read_file(sheet))
            print(f"  {ratio:4.1f} times as fast; {said}")


if __name__ == "__main__":
    main()
