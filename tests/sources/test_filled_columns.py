"""A status by which date is filled, and a date of the first column that has one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from segxl.periods import NEVER, to_date
from tests.conftest import write_folder

DEALS = """
Deal,Opened,Won on,Lost on,Touched,Phase
1,2026-01-02,2026-02-03,,2026-02-05,In
2,2026-01-02,,2026-02-04,2026-02-05,In
3,2026-01-02,,,2026-02-05,In
4,2026-01-02,n/a,-,2026-02-05,In
5,2026-01-02,2026-03-01,2026-03-02,2026-03-03,In
"""
HEAD = '[tables.opportunities]\nfile = "opportunities.csv"\n'
COLUMNS = 'columns = { opportunity_id = "Deal", created_on = "Opened", stage = "Phase", closed_on = %s }\n'
STATUS = 'values.status = { "won on (filled)" = "won", "Lost on (filled)" = "lost" }\n'


def _load(folder: Path, *settings: str, deals: str = DEALS) -> Dataset:
    return load(write_folder(folder, {"opportunities": deals}, HEAD + "".join(settings)))


def _closed(dataset: Dataset, column: str = "closed_on") -> list[str]:
    days = dataset.tables["opportunities"][column].tolist()
    return ["" if day == NEVER else to_date(day).isoformat() for day in days]


def test_a_filled_date_is_a_status(tmp_path: Path) -> None:
    dataset = _load(tmp_path, COLUMNS % '["Won on", "Lost on"]', STATUS)
    assert dataset.tables["opportunities"]["status"].tolist() == ["won", "lost", "open", "open", "won"]
    assert _closed(dataset) == ["2026-02-03", "2026-02-04", "", "", "2026-03-01"]
    (condition,) = [one for one in dataset.ledger.files[0].conditions if "Won on" in one.one or "won on" in one.one]
    assert condition.rows.tolist() == [6]
    assert (
        "'won on' and 'Lost on', which contradict each other for status; the first one listed counts"
        in condition.remark
    )


def test_a_word_of_the_same_column_may_go_with_it(tmp_path: Path) -> None:
    status = 'values.status = { from = "Won on", "(filled)" = "won" }\n'
    dataset = _load(tmp_path, COLUMNS % '"Won on"', status)
    assert dataset.tables["opportunities"]["status"].tolist() == ["won", "open", "open", "open", "won"]


def test_without_a_header_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SegxlError, match=r"\(filled\) needs a header"):
        _load(tmp_path, COLUMNS % '"Won on"', 'values.status = { "(filled)" = "won" }\n')
    with pytest.raises(SegxlError, match="has no column 'Won at'; did you mean 'Won on'"):
        _load(tmp_path, COLUMNS % '"Won on"', 'values.status = { "Won at (filled)" = "won" }\n')


@pytest.mark.parametrize("written", ['["Lost on", "Won on", "Touched"]', '"Lost on | Won on | Touched"'])
def test_the_first_filled_column_counts(written: str, tmp_path: Path) -> None:
    dataset = _load(tmp_path, COLUMNS % written, 'constants.status = "won"\n')
    assert _closed(dataset) == ["2026-02-03", "2026-02-04", "2026-02-05", "2026-02-05", "2026-03-02"]
    notes = dataset.ledger.files[0].notes
    assert "1 row has no 'Lost on': closed_on is from 'Won on'" in notes
    assert "2 rows have no 'Lost on': closed_on is from 'Touched'" in notes
    assert not {"Won on", "Touched"} & set(dataset.ledger.files[0].ignored_columns)


def test_a_midnight_of_one_column_stays_a_date_beside_times_of_another(tmp_path: Path) -> None:
    header = "Deal,Opened,Won on,Touched,Phase\n"
    deals = header + "1,2026-01-02,2026-02-03T00:00:00Z,,In\n2,2026-01-02,,2026-02-05T09:00:00Z,In\n"
    said = COLUMNS % '["Won on", "Touched"]'
    folder = write_folder(
        tmp_path, {"opportunities": deals}, 'timezone = "America/Denver"\n' + HEAD + said + STATUS_WON
    )
    assert _closed(load(folder)) == ["2026-02-03", "2026-02-05"]


STATUS_WON = 'constants.status = "won"\n'


def test_a_rejection_names_the_column_that_counted(tmp_path: Path) -> None:
    dataset = _load(tmp_path, COLUMNS % '["Lost on", "Won on"]', STATUS, deals=DEALS.replace("2026-02-03", "soon"))
    (rejection,) = dataset.ledger.files[0].rejected
    assert (rejection.row, rejection.column, rejection.value) == (2, "Won on", "soon")


def test_a_missing_one_of_several_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SegxlError, match=r"no column 'Lots on' \(in tables\.opportunities\.columns\.closed_on\)"):
        _load(tmp_path, COLUMNS % '["Won on", "Lots on"]', STATUS)


def test_a_header_may_have_the_sign_itself(tmp_path: Path) -> None:
    deals = "Deal,Opened,Phase,Won | closed\n1,2026-01-02,Closed Won,2026-02-03\n"
    assert _closed(_load(tmp_path, COLUMNS % '"Won | closed"', deals=deals)) == ["2026-02-03"]


def test_a_workbook_says_both_on_maps(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    maps = book.active
    maps.title = "Maps"
    for row in (
        ["map", "from", "to"],
        ["tables.opportunities.columns", "Won on | Lost on", "closed_on"],
        ["tables.opportunities.values.status", "Won on (filled)", "won"],
        ["tables.opportunities.values.status", "Lost on (filled)", "lost"],
    ):
        maps.append(row)
    sheet = book.create_sheet("opportunities")
    for row in (
        ["opportunity_id", "created_on", "stage", "Won on", "Lost on"],
        [1, date(2026, 1, 2), "In", date(2026, 2, 3), None],
        [2, date(2026, 1, 2), "In", None, date(2026, 2, 4)],
        [3, date(2026, 1, 2), "In", None, None],
    ):
        sheet.append(row)
    book.save(tmp_path / "in.xlsx")
    dataset = load(tmp_path / "in.xlsx", run_date=date(2026, 5, 5))
    assert dataset.tables["opportunities"]["status"].tolist() == ["won", "lost", "open"]
    assert _closed(dataset) == ["2026-02-03", "2026-02-04", ""]
