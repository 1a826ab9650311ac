"""A cost that covers several months counts in each of them by its days; where nothing tells how far it reaches, a
warning says so."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.dataset.warnings import touching
from segxl.periods import Window, month_label
from segxl.sources.files.report_range import report_range
from tests.conftest import write_folder

RUN = 'run_date = 2026-12-05\nstages = ["Discovery"]\n'


def _costs(dataset: Dataset) -> dict[str, int]:
    """Cents by month."""
    table, found = dataset.tables["costs"], Counter[str]()
    for month, cents in zip(table["month"].tolist(), table["amount"].tolist(), strict=True):
        found[month_label(month)] += cents
    assert dataset.ledger.balanced
    return dict(found)


def _read(folder: Path, text: str, settings: str = "") -> Dataset:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "costs.csv").write_text(text, encoding="utf-8")
    (folder / "segxl.toml").write_text(f'{RUN}[tables.costs]\nfile = "costs.csv"\n{settings}', encoding="utf-8")
    return load(folder)


def _told(dataset: Dataset) -> list[str]:
    return [condition.remark for condition in dataset.ledger.files[0].conditions]


def test_every_cent_of_a_range_is_in_one_month(tmp_path: Path) -> None:
    """100.00 over 30 November, 31 days of December and 9 of January: 41 days. Spent by the end of November 243.90
    cents, by the end of December 7,804.87: 2.43, then 78.04 - 2.43, then the rest."""
    dataset = _read(tmp_path / "a", "month,amount,last_day\n2025-11-30,100,2026-01-09\n2025-11-04,1,2025-11-30\n")
    assert _costs(dataset) == {"2025-11": 243 + 100, "2025-12": 7561, "2026-01": 2196}
    assert 243 + 7561 + 2196 == 100_00
    (told,) = _told(dataset)
    assert told.startswith("1 row covers several months; segxl spreads the cost by days (row 2).")
    refund = _read(tmp_path / "b", "month,amount,last_day\n2025-11-30,-100,2026-01-09\n")
    assert _costs(refund) == {"2025-11": -243, "2025-12": -7561, "2026-01": -2196}


def test_months_without_a_day_reach_from_their_first_to_their_last(tmp_path: Path) -> None:
    """90 days of January, February and March 2026: 31, 28, 31."""
    dataset = _read(tmp_path, "month,amount,last_day\n2026-01,90,2026-03\n")
    assert _costs(dataset) == {"2026-01": 3100, "2026-02": 2800, "2026-03": 3100}


def test_an_end_before_the_start_is_rejected(tmp_path: Path) -> None:
    (rejection,) = _read(tmp_path, "month,amount,last_day\n2026-03-05,9,2026-03-01\n").ledger.files[0].rejected
    reason = "costs.csv, row 2, column 'last_day': '2026-03-01' is before the first day, 2026-03-05"
    assert str(rejection).startswith(reason)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("2026-09-28 - 2026-10-04",), {"2026-09": 300, "2026-10": 400}),
        (("2026-09-28/2026-10-04",), {"2026-09": 300, "2026-10": 400}),
        (("28.09.2026 bis 04.10.2026",), {"2026-09": 300, "2026-10": 400}),
        (("Sep 28, 2026 – Oct 4, 2026",), {"2026-09": 300, "2026-10": 400}),
        (("2026-W40",), {"2026-09": 300, "2026-10": 400}),  # Monday 28 September
        (("2026-10-05 to 2026-10-11", "2026-09-28 to 2026-10-04"), {"2026-09": 300, "2026-10": 400 + 700}),
    ],
)
def test_a_cell_may_hold_the_range(cells: tuple[str, ...], expected: dict[str, int], tmp_path: Path) -> None:
    rows = "".join(f'"{cell}",7\n' for cell in cells)
    assert _costs(_read(tmp_path, f"month,amount\n{rows}", 'dates = "day-first"\n')) == expected


def test_a_column_of_weeks_is_of_weeks_under_any_format(tmp_path: Path) -> None:
    settings = 'columns = { month = "Week of", amount = "Spend" }\n'
    dataset = _read(tmp_path, "Week of,Spend\n2026-03-30,7\n2026-04-06,7\n", settings)
    assert _costs(dataset) == {"2026-03": 200, "2026-04": 500 + 700}


GOOGLE = "Campaign report\n{range}\n{period}Campaign,Cost,Impr.,Clicks\n{rows}"


def _google(folder: Path, range: str, period: str, rows: str) -> Dataset:
    return _read(folder, GOOGLE.format(range=f'"{range}"', period=period, rows=rows))


def test_google_ads_without_days_has_the_range_above_its_header(tmp_path: Path) -> None:
    rows = "Brand,61.00,5,1\n"  # 61 days
    two = _google(tmp_path / "a", "August 1, 2026 - September 30, 2026", "", rows)
    assert (_costs(two), len(_told(two))) == ({"2026-08": 3100, "2026-09": 3000}, 1)
    one = _google(tmp_path / "b", "September 1, 2026 - September 30, 2026", "", rows)
    assert (_costs(one), _told(one)) == ({"2026-09": 6100}, [])


def test_a_report_cuts_off_its_first_and_last_week(tmp_path: Path) -> None:
    """The week of 28 September has four days in a report of October, and that of 26 October six."""
    report = _google(
        tmp_path, "October 1, 2026 - October 31, 2026", "Week,", "2026-10-26,Brand,6,5,1\n2026-10-05,Brand,7,5,1\n"
    )
    assert (_costs(report), _told(report)) == ({"2026-10": 1300}, [])
    wider = _google(tmp_path / "b", "October 1, 2026 - November 30, 2026", "Week,", "2026-10-26,Brand,7,5,1\n")
    assert _costs(wider) == {"2026-10": 600, "2026-11": 100}


def test_days_and_months_of_google_ads_are_no_ranges(tmp_path: Path) -> None:
    for period, first in (("Day", "2026-08-31"), ("Month", "2026-08-01")):
        rows = "".join(f"{day},Brand,5,5,1\n" for day in (first, "2026-09-01"))
        dataset = _google(tmp_path / period, "August 1, 2026 - September 30, 2026", f"{period},", rows)
        assert (_costs(dataset), _told(dataset)) == ({"2026-08": 500, "2026-09": 500}, [])


LINKEDIN = "Start Date (in UTC),{end}Account Name,Campaign Name,Total Spent,Impressions\n{rows}"


def _linkedin(folder: Path, rows: str, above: str = "", end: str = "") -> Dataset:
    return _read(folder, above + LINKEDIN.format(end=end, rows=rows), 'dates = "month-first"\n')


def test_linkedin_without_a_breakdown_has_the_reports_range(tmp_path: Path) -> None:
    above = (
        "Campaign Performance Report (in UTC)\n"
        '"Report Start: July 1, 2026, 12:00 AM"\n"Report End: August 31, 2026, 11:59 PM"\n'
        '"Date Generated: September 2, 2026, 9:00 AM"\n'
    )
    whole = _linkedin(tmp_path / "a", "07/01/2026,Acme,One,62,5\n07/01/2026,Acme,Two,124,5\n", above)
    assert (_costs(whole), len(_told(whole))) == ({"2026-07": 9300, "2026-08": 9300}, 1)
    by_month = _linkedin(tmp_path / "b", "07/01/2026,Acme,One,62,5\n08/01/2026,Acme,Two,124,5\n", above)
    assert (_costs(by_month), _told(by_month)) == ({"2026-07": 6200, "2026-08": 12400}, [])


def test_linkedin_with_an_end_needs_no_lines_above(tmp_path: Path) -> None:
    dataset = _linkedin(tmp_path, "07/31/2026,08/01/2026,Acme,One,5,5\n", end="End Date (in UTC),")
    assert _costs(dataset) == {"2026-07": 250, "2026-08": 250}


def test_a_report_of_which_nothing_tells_the_range_is_warned_of(tmp_path: Path) -> None:
    (told,) = _told(_linkedin(tmp_path / "a", "07/01/2026,Acme,One,62,5\n07/01/2026,Acme,Two,124,5\n"))
    assert told.startswith("every row starts on 07/01/2026 and the report's end date is unknown; the whole cost")
    assert not _told(_linkedin(tmp_path / "b", "07/01/2026,Acme,One,62,5\n07/02/2026,Acme,Two,124,5\n"))


CAMPAIGNS = "Id,Name,StartDate,EndDate,ActualCost,NumberOfLeads\n"


def test_a_salesforce_campaign_is_spread_over_its_months(tmp_path: Path) -> None:
    """1 April to 30 June: 30, 31 and 30 of 91 days. A campaign of one month, and one without an end."""
    rows = "7,Spring,2026-04-01,2026-06-30,910,1\n8,May,2026-05-02,2026-05-20,50,1\n9,Open,2026-06-01,,4,1\n"
    dataset = _read(tmp_path, CAMPAIGNS + rows)
    assert _costs(dataset) == {"2026-04": 30000, "2026-05": 31000 + 5000, "2026-06": 30000 + 400}
    assert sorted(_told(dataset)) == [
        "1 row covers several months; segxl spreads the cost by days (row 2). For actual monthly costs, export "
        "by month.",
        "1 row has no end date; its whole cost counts in the first month (row 4). Fill in the end date if "
        "the cost covers several months.",
    ]


def test_an_input_workbook_spreads_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "costs"
    for row in (["month", "amount", "last_day"], [date(2026, 4, 30), 2, date(2026, 5, 1)], [date(2026, 4, 1), 3, None]):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    assert _costs(load(tmp_path / "in.xlsx")) == {"2026-04": 400, "2026-05": 100}


def test_a_sheet_has_lines_above_its_header_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows = [["Campaign report"], ["August 1, 2026 - September 30, 2026"], ["Campaign", "Cost", "Impr.", "Clicks"]]
    for row in [*rows, ["Brand", 61, 5, 1]]:
        book.active.append(row)
    book.save(tmp_path / "ads.xlsx")
    (tmp_path / "segxl.toml").write_text(f'{RUN}[tables.costs]\nfile = "ads.xlsx"\n')
    assert _costs(load(tmp_path)) == {"2026-08": 3100, "2026-09": 3000}
    book.active.title = "Google"
    opportunities = book.create_sheet("opportunities")
    for row in (["opportunity_id", "created_on", "stage"], [1, date(2026, 8, 1), "Discovery"]):
        opportunities.append(row)
    book.save(tmp_path / "in.xlsx")
    assert _costs(load(tmp_path / "in.xlsx")) == {"2026-08": 3100, "2026-09": 3000}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([["October 1, 2026 - October 31, 2026"]], ("October 1, 2026", "October 31, 2026")),
        ([["Report start", "2026-10-01"], ["Report end", "2026-10-31"]], ("2026-10-01", "2026-10-31")),
        ([["Von:", "01.10.2026"], ["Bis:", "31.10.2026"]], ("01.10.2026", "31.10.2026")),
        ([["Exported 2026-11-02 from 2026-01-01"], ["Total"]], None),
        ([["All time"]], None),
    ],
)
def test_ranges_above_a_header(lines: list[list[str]], expected: tuple[str, str] | None) -> None:
    assert report_range(lines) == expected


def test_the_pack_of_a_month_warns_only_of_what_touches_it(tmp_path: Path) -> None:
    costs = "month,amount,last_day\n2026-01-31,10,2026-02-01\n2026-05-01,20,\n"
    dataset = load(write_folder(tmp_path, {"costs": costs}))
    assert _costs(dataset) == {"2026-01": 500, "2026-02": 500, "2026-05": 2000}
    (warning,) = touching(dataset, Window(date(2026, 1, 1), date(2026, 1, 31)), ["All accounts"])
    assert (warning.rows, warning.amounts) == (1, {"USD": 500})
    assert not touching(dataset, Window(date(2026, 5, 1), date(2026, 5, 31)), ["All accounts"])


def test_an_end_that_nobody_mapped_is_warned_of_where_it_is_in_a_later_month(tmp_path: Path) -> None:
    ads = "Reporting starts,Reporting ends,Amount spent\n2026-03-01,2026-03-31,10\n2026-04-01,2026-05-31,61\n"
    columns = 'columns = { month = "Reporting starts", amount = "Amount spent"%s }\n'
    (told,) = _told(_read(tmp_path / "a", ads, columns % ""))
    assert told == (
        "1 row ends in a later month ('Reporting ends'); its whole cost counts in the first month (row 3). To spread "
        'the cost over its days, map it: to columns of [tables.costs] add last_day = "Reporting ends".'
    )
    mapped = _read(tmp_path / "b", ads, columns % ', last_day = "Reporting ends"')
    assert _costs(mapped) == {"2026-03": 1000, "2026-04": 3000, "2026-05": 3100}
    assert not _told(_read(tmp_path / "c", ads.replace("05-31", "04-30"), columns % ""))
