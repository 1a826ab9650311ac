"""The sheet Numbers of packs: an Excel table from which a PivotTable makes the other pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from segxl.api import Analysis, load
from segxl.catalogue.line_names import with_window
from segxl.catalogue.metrics import CATALOGUE
from segxl.pages.numbers import KEY, MOST, numbers_page
from segxl.render.xlsx.writer import write_xlsx
from segxl.scorecard.numbers_table import COLUMNS, Row, scorecard_numbers
from segxl.units import COUNT
from tests import small

pytestmark = pytest.mark.filterwarnings("ignore:Sparkline Group")
Sheet = list[tuple[Any, ...]]


def sheets(path: Path, *titles: str) -> dict[str, Sheet]:
    """The values of some of a workbook's sheets, by openpyxl."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    found = {title: list(book[title].values) for title in titles}
    book.close()
    return found


def numbers_of(rows: Sheet) -> pd.DataFrame:
    """The sheet Numbers as pandas reads it; blanks as texts, since a pivot leaves missing keys out."""
    header = rows.index(COLUMNS)
    found = pd.DataFrame(rows[header + 1 :], columns=list(COLUMNS))
    return found.fillna(dict.fromkeys(COLUMNS[:6], ""))


def pivot(numbers: pd.DataFrame, index: str, columns: str, **where: str) -> pd.DataFrame:
    """As a PivotTable: rows, columns and filters; the sum of value, blank where every value is blank."""
    for name, wanted in where.items():
        numbers = numbers[numbers[name] == wanted]
    return numbers.pivot_table(
        values="value", index=index, columns=columns, aggfunc=lambda values: values.sum(min_count=1)
    )


def written(pack: Any, path: Path, *titles: str) -> dict[str, Sheet]:
    write_xlsx(pack, path)
    return sheets(path, *titles)


@pytest.fixture(scope="module")
def demo(demo_exports: Path) -> Analysis:
    return load(demo_exports)


@pytest.fixture(scope="module")
def card(demo: Analysis, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sheet]:
    pack = demo.scorecard("2026-10", ["Strategic 50"]).pack("Strategic 50")
    return written(pack, tmp_path_factory.mktemp("card") / "card.xlsx", "Scorecard", "Bridges", "Numbers")


@pytest.mark.slow
def test_a_pivot_gives_the_page_scorecard(card: dict[str, Sheet]) -> None:
    found = pivot(numbers_of(card["Numbers"]), "metric", "view", item="", segment="Strategic 50")
    compared = 0
    for metric in CATALOGUE:
        if metric.cuts[0].each or metric.key == "cost_per_sqo":
            continue  # no cost names the segment: the page does not show its 0
        row = next(row for row in card["Scorecard"] if row[0] == with_window(metric.name, metric, "month"))
        views = (metric.cuts[0].key, "mom_base", "mom_change", "mom_percent", "yoy_base", "yoy_change", "yoy_percent")
        for view, cell in zip((*views, "trailing_12"), (row[1], *row[5:]), strict=False):  # behind the plan
            if isinstance(cell, (int, float)) and not isinstance(cell, bool):
                points = 100 if view.endswith("_change") and metric.unit.percent else 1
                assert found.at[metric.key, view] * points == pytest.approx(cell, abs=1e-9), (metric.key, view)
                compared += 1
            elif metric.key in found.index and view in found.columns:
                assert pd.isna(found.at[metric.key, view]), (metric.key, view)
    assert compared > 100


@pytest.mark.slow
def test_a_pivot_gives_the_page_bridges(card: dict[str, Sheet]) -> None:
    found = pivot(numbers_of(card["Numbers"]), "view", "metric", item="")
    rows = {row[0]: row[1] for row in reversed(card["Bridges"])}  # the pipeline's lines are above those of MRR
    names = {
        "Open at the start": "open_start",
        "Created": "created",
        "Won": "won",
        "Lost": "lost",
        "Decreased": "decreased",
        "Entering the segment": "entering",
        "Leaving the segment": "leaving",
        "Open at the end": "open_end",
    }
    taken_away = {"won", "lost", "decreased", "leaving"}
    for name, view in names.items():
        assert rows[name] == found.at[view, "bridge"] * (-1 if view in taken_away else 1), name


@pytest.mark.slow
def test_a_pivot_gives_the_page_report(demo: Analysis, tmp_path: Path) -> None:
    page = written(demo.report(analysis="2026-10").pack(), tmp_path / "report.xlsx", "Report", "Movement", "Numbers")
    numbers = numbers_of(page["Numbers"])
    rows = page["Movement"]
    start = next(at for at, row in enumerate(rows) if str(row[0]).startswith("From"))
    stages = rows[start][1:7]
    moved = pivot(numbers, "view", "item", area="Movement")
    for row in rows[start + 1 : start + 7]:
        assert tuple(moved.loc[row[0], list(stages)]) == row[1:7]
    by_stage = pivot(numbers, "view", "item", area="Performance")
    rows = page["Report"]
    found = {row[0]: row for row in rows if row[0] in stages and isinstance(row[1], int)}
    assert set(found) == set(stages)
    for stage, row in found.items():
        assert tuple(by_stage.loc[["baseline", "analysis"], stage]) == row[1:3]
        for at, amount in ((4, "new_pipeline"), (6, "total_won")):
            now, before = by_stage.loc[[amount, f"baseline_{amount}"], stage]
            assert (now, now - before) == row[at : at + 2]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return load(small.write_company(tmp_path_factory.mktemp("company")))


@pytest.fixture(scope="module")
def packs(company: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs")
    company.scorecard("2026-05").write(folder, ("xlsx", "html"))
    return folder


@pytest.mark.slow
def test_a_pivot_gives_the_page_trend_data(packs: Path) -> None:
    pages = sheets(packs / "scorecard-2026-05-executive.xlsx", "Trend data", "Numbers")
    numbers = numbers_of(pages["Numbers"])
    trends = pages["Trend data"]
    months = trends[3][1:]
    assert len(months) == 13
    compared = 0
    for name, metric in (("Won revenue", "won_revenue"), ("Average deal size", "average_deal_size")):
        start = next(at for at, row in enumerate(trends) if row[0] == name)
        found = pivot(numbers, "segment", "period", metric=metric, view="executive_trend")
        for row in trends[start + 1 : start + 5]:
            for month, cell in zip(months, row[1:], strict=True):
                if cell is not None:
                    assert found.at[row[0], month] == cell
                    compared += 1
    assert compared > 20
    # By hand: won in May 2026 10,000 + 2,500.50 + 100, in April 5,000; R&D / EU is A1 alone.
    found = pivot(numbers, "segment", "period", metric="won_revenue", view="executive_trend")
    assert found.at["All accounts", "2026-05"] == 12_600.5 and found.at["SMB", "2026-04"] == 5_000
    assert found.at["R&D / EU", "2026-05"] == 10_000


@pytest.mark.slow
def test_it_is_an_excel_table(packs: Path) -> None:
    sheet = openpyxl.load_workbook(packs / "scorecard-2026-05-smb.xlsx", data_only=True)["Numbers"]
    assert list(sheet.tables) == ["Numbers"]
    table = sheet.tables["Numbers"]
    assert table.ref == f"A4:M{sheet.max_row}" == table.autoFilter.ref
    assert tuple(column.name for column in table.tableColumns) == COLUMNS
    assert sheet.freeze_panes == "A5"
    formats = {row[7].value: row[6].number_format for row in sheet.iter_rows(min_row=5) if row[6].value is not None}
    assert formats["money"].startswith("#,##0.00;") and "%" in formats["rate"]
    assert formats["count"].startswith("#,##0;") and formats["days"].startswith("#,##0.0;")
    assert {row[5].value for row in sheet.iter_rows(min_row=5) if row[3].value != "trend"} == {"2026-05"}
    blank = [row for row in sheet.iter_rows(min_row=5, values_only=True) if row[6] is None]
    assert blank and {row[12] for row in blank} == {"n/a", "N/M"}


def test_the_contents_name_it_and_the_web_page_leaves_it_to_the_workbook(packs: Path) -> None:
    cover = sheets(packs / "scorecard-2026-05-smb.xlsx", "Cover")["Cover"]
    assert next(row[1] for row in cover if row[0] == "Numbers").startswith("Values as one table")
    executive = sheets(packs / "scorecard-2026-05-executive.xlsx", "Segments")["Segments"]
    assert any(row[0] == "Numbers" for row in executive)
    web = (packs / "scorecard-2026-05-smb.html").read_text(encoding="utf-8")
    assert "Values as one table" not in web and "by_geo" not in web and 'href="#numbers' not in web


@pytest.mark.slow
def test_odd_names_stay_texts(company: Analysis, tmp_path: Path) -> None:
    odd = ('=HYPERLINK("x")', "A, B", "two\nlines", "Zürich 🚀", "2026-10", "TRUE")
    rows = [Row(name, "Pipeline", "won_revenue", "by_geo", name, "2026-05", at, COUNT) for at, name in enumerate(odd)]
    pack = company.scorecard("2026-05").pack("SMB")
    page = numbers_page(rows, "odd", "Numbers")
    pages = tuple(page if one.key == KEY else one for one in pack.pages)
    write_xlsx(type(pack)(pack.title, pack.subject, pages), tmp_path / "odd.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "odd.xlsx")["Numbers"]
    assert [(row[0].value, row[0].data_type) for row in sheet.iter_rows(min_row=5)] == [(name, "s") for name in odd]


def test_more_rows_than_a_workbook_should_hold(company: Analysis) -> None:
    """Without the rows of items; the page says so, and how to get all."""
    rows = scorecard_numbers(company.scorecard("2026-05").result)
    many = rows * (MOST // len(rows) + 1)
    page = numbers_page(many, "many", "Numbers")
    assert page.records is not None and 0 < len(page.records) <= MOST
    assert set(page.records.fields[4].values) == {""}
    told = page.rows[2].cells[0]
    assert told is not None and str(told.value).startswith(f"{len(page.records):,} of {len(many):,} values")
