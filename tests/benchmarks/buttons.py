"""What the button Build scorecard costs beyond reading: `python tests/benchmarks/buttons.py`.

A workbook with 100,000 opportunities (or as many as named), pressed through the engine without Excel. CPU seconds of
one process; run it twice, the first time fills caches of the system.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from segxl import publish
from segxl.dataset.load import load_sheets
from segxl.excel.buttons import actions, reading
from segxl.excel.file_engine.xlwings_engine import open_book
from segxl.facts.engine import Facts
from segxl.scorecard.compute import make
from segxl.sources.workbook.sheets import read_workbook

HEADER = (
    "opportunity_id", "account_id", "owner", "created_on", "closed_on", "stage", "amount", "type", "loss_reason",
    "lead_source", "geo", "product_category",
)  # fmt: skip
SETTINGS = (("key", "value"), ("run_date", "2026-06-05"), ("stages", "Discovery, Proposal"))


def write(path: Path, rows: int) -> None:
    """A year and a half of deals; a quarter of them open."""
    dice, start = random.Random(1), date(2025, 1, 1)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("Settings")
    for at, pair in enumerate(SETTINGS):
        sheet.write_row(at, 0, pair)
    sheet = book.add_worksheet("opportunities")
    sheet.write_row(0, 0, HEADER)
    for row in range(1, rows + 1):
        created = start + timedelta(days=dice.randrange(510))
        stage = dice.choice(("Closed Won", "Closed Won", "Closed Lost", "Discovery"))
        closed = created + timedelta(days=dice.randrange(60)) if stage.startswith("Closed") else None
        sheet.write_row(row, 0, (f"O{row}", f"A{dice.randrange(5000)}", f"Owner {dice.randrange(40)}"))
        sheet.write_datetime(row, 3, created)
        if closed is not None:
            sheet.write_datetime(row, 4, closed)
        rest = (stage, dice.randrange(1000, 90_000), "New", "Price", "Web", dice.choice(("East", "West")), "Core")
        sheet.write_row(row, 5, rest)
    book.close()


@contextmanager
def timed(costs: dict[str, float], name: str) -> Iterator[None]:
    """CPU seconds of a part."""
    start = time.process_time()
    yield
    costs[name] = time.process_time() - start


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        write(path, rows)
        line, button = dict[str, float](), dict[str, float]()
        with timed(line, "reading"):
            cells = read_workbook(path)
        with timed(line, "beyond reading"):
            facts = Facts(load_sheets(path.name, cells))
            result, _ = make(facts, None, ["All accounts"])
            publish.scorecard(facts, result, Path(folder) / "out", ("xlsx",))
        with timed(button, "reading"):
            book = open_book(path)
            read = [reading.sheet_cells(sheet, actions.host_of(book)) for sheet in book.sheets]
        again = reading.sheet_cells
        by_name = {one.name: one for one in read}
        reading.sheet_cells = lambda sheet, _: by_name[sheet.name]  # what is measured here is the rest
        with timed(button, "beyond reading"):
            actions.build_scorecard(book)
        reading.sheet_cells = again
        with timed(button, "saving the whole workbook"):
            book.save()
        for title, costs in (("command line", line), ("button", button)):
            print(f"{title}: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in costs.items()))
        print(f"the button beyond the command line: {button['beyond reading'] - line['beyond reading']:+.2f} s")


if __name__ == "__main__":
    main()
