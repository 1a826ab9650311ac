"""The page of breakdowns: by hand, adding up, folding, and each number one click from its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from segxl.catalogue.views import DIMENSION_CUTS
from segxl.pages.model import Cell, NumberCell, Page, Row
from segxl.pages.scorecard.breakdowns import MOST_ITEMS
from segxl.pages.scorecard.pack import scorecard_pack
from segxl.render.html.writer import write_html
from segxl.render.json.scorecard import scorecard_document
from segxl.render.xlsx.writer import write_xlsx
from tests import small


def values(row: Row) -> list[Any]:
    return [cell.value if cell else None for cell in row.cells]


def cuts_of(folder: Path, period: str = "2026-05", segment: str = "All accounts") -> Page:
    facts = small.facts_of(folder)
    pack = scorecard_pack(facts, small.scorecard_of(facts, period), segment)
    return next(page for page in pack.pages if page.key == "breakdowns")


def table(page: Page) -> dict[str, dict[str, list[list[Any]]]]:
    """By dimension and metric: its rows, the total first."""
    found: dict[str, dict[str, list[list[Any]]]] = {}
    dimension = metric = ""
    for row in page.rows[4:]:
        if row.level == 0:
            dimension = values(row)[0]
            found[dimension] = {}
        elif row.level == 1:
            metric = values(row)[0]
            found[dimension][metric] = [values(row)]
        else:
            found[dimension][metric].append(values(row))
    return found


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return small.write_company(tmp_path / "company")


def test_items_by_hand(company: Path) -> None:
    found = table(cuts_of(company))
    # W1 of A1 in the East; W2 and W3 of A2 in the West; N1 has no account; W4 of A3 in April; W5 in the East in 2025
    total, east, west, blank = found["By geo"]["Won revenue"]
    assert total[:4] == ["Won revenue", 12600.5, 5000, 7600.5]
    assert east[:8] == ["East", 10000, 0, 10000, "N/M", 8000, 2000, 0.25]
    assert west[:7] == ["West", 2500.5, 5000, -2499.5, pytest.approx(-0.4999), 0, 2500.5]
    assert blank[:3] == ["(blank)", 100, 0]
    assert [row[8] for row in (total, east, west, blank)] == [17600.5, 10000, 7500.5, 100]
    assert [row[9] for row in (east, west, blank)] == [
        pytest.approx(10000 / 12600.5),
        pytest.approx(2500.5 / 12600.5),
        pytest.approx(100 / 12600.5),
    ]
    kinds = [row[:2] for row in found["By type"]["Won revenue"][1:]]
    assert kinds == [["New logo", 10000], ["Upsell", 2500.5], ["Renewal", 0], ["Other", 100]]
    # one of three accounts is in the East
    assert [row[:2] for row in found["By geo"]["SOM accounts (serviceable obtainable market)"][1:]] == [
        ["West", 2],
        ["East", 1],
    ]
    # open: O1 20,000 in the East, O2 7,000 in the West
    assert [[row[0], row[1], row[10]] for row in found["By geo"]["Open pipeline"]] == [
        ["Open pipeline", 27000, "2 opportunities"],
        ["East", 20000, "1 opportunity"],
        ["West", 7000, "1 opportunity"],
    ]


@pytest.mark.slow
def test_a_negative_item_leaves_no_shares(company: Path) -> None:
    """Created minus lost: 100 without an account, but 2,500.50 - 1,000 in the West and 30,000 - 4,000 in the East."""
    rows = table(cuts_of(company))["By geo"]["Net new pipeline"][1:]
    assert [row[:2] for row in rows] == [["East", 26000], ["West", 2500.5], ["(blank)", 100]]
    settled = small.changed("L2", amount="9000")  # created and lost in May: no change
    settled = [row for row in settled if row[0] != "W2"]
    folder = small.write_company(company, opportunities=[*settled, ("L9", "A3", "Bob", *LOST_IN_MAY)])
    rows = table(cuts_of(folder))["By geo"]["Net new pipeline"][1:]
    assert [row[:2] for row in rows] == [["East", 26000], ["West", -500], ["(blank)", 100]]
    assert {row[9] for row in rows} == {""}


LOST_IN_MAY = ("2026-04-01", "2026-05-20", small.LOST, "500", "", "")


@pytest.mark.slow
@pytest.mark.parametrize("segment", ["All accounts", "SMB"])
@pytest.mark.parametrize("period", ["2026-05", "2026-Q2"])
def test_items_add_up_to_the_total_in_every_column(company: Path, period: str, segment: str) -> None:
    found = table(cuts_of(company, period, segment))
    compared = 0
    for metrics in found.values():
        for total, *items in metrics.values():
            for column in (1, 2, 5, 8):
                numbers = [row[column] for row in items if isinstance(row[column], (int, float))]
                if numbers:
                    assert sum(numbers) == pytest.approx(total[column]), (total[0], column)
                    compared += 1
    assert compared > 20


def test_the_json_has_every_cut_with_its_comparisons(company: Path) -> None:
    facts = small.facts_of(company)
    metrics = scorecard_document(small.scorecard_of(facts))["segments"]["All accounts"]["metrics"]
    for key in ("won_revenue", "lost_revenue", "net_new_pipeline", "won_opportunities", "lost_opportunities"):
        views = metrics[key]["views"]
        assert {cut.key for cut in DIMENSION_CUTS} <= set(views)
        for cut in DIMENSION_CUTS:
            for item in views[cut.key].values():
                assert {"value", "mom", "yoy", "trailing_12"} <= set(item)
    assert metrics["won_revenue"]["views"]["by_geo"]["East"]["yoy"] == {
        "value": 10000,
        "base": 8000,
        "change": 2000,
        "percent": 0.25,
    }


def test_what_cannot_be_cut_is_said_and_not_drawn_blank(company: Path) -> None:
    page = cuts_of(company)
    words = [cell.value for row in page.rows for cell in row.cells if cell and isinstance(cell.value, str)]
    nothing = "Not available: none of these rows has a "
    assert f"{nothing}lead source (the column lead_source of opportunities, source of leads)" in words
    assert f"{nothing}product category (the column product_category of opportunities)" in words
    assert [row[0] for row in table(page)["By product category"].values() for row in row] == [
        f"{nothing}product category (the column product_category of opportunities)"
    ]


def test_many_items_stand_together_and_still_add_up(tmp_path: Path) -> None:
    accounts = [(f"X{n:03d}", "", f"Geo {n:03d}", "SMB") for n in range(MOST_ITEMS + 5)]
    rows = [
        (f"D{n:03d}", f"X{n:03d}", "Ann", "2026-05-01", "2026-05-02", small.WON, str(1000 - n), "", "")
        for n in range(MOST_ITEMS + 5)
    ]
    folder = small.write_company(tmp_path, opportunities=rows, accounts=accounts)
    total, *items = table(cuts_of(folder))["By geo"]["Won revenue"]
    assert [row[:2] for row in items[:2]] == [["Geo 000", 1000], ["Geo 001", 999]]
    # the five smallest are 960, 959, 958, 957 and 956
    assert items[-1][:2] == ["Other items (5)", 4790]
    assert len(items) == MOST_ITEMS + 1
    assert sum(row[1] for row in items) == total[1]


def test_each_number_leads_to_its_rows(company: Path) -> None:
    facts = small.facts_of(company)
    pack = scorecard_pack(facts, small.scorecard_of(facts), "All accounts")
    pages = {page.key: page for page in pack.pages}
    checked = 0
    for row in pages["breakdowns"].rows:
        if row.level != 2 or row.cells[0] is None or row.cells[0].value not in ("East", "West", "(blank)"):
            continue
        for cell in (row.cells[1], row.cells[2], row.cells[5]):
            assert isinstance(cell, Cell)
            if not cell.value or cell.value == "n/a":
                continue
            assert cell.link is not None and cell.formula is not None, values(row)
            records = pages[cell.link.page].records
            assert records is not None and records.behind is not None
            geo = next(field for field in records.fields if field.header == "Geo")
            (number,) = cell.formula.parts
            assert isinstance(number, NumberCell)
            assert {geo.values[at] for at in records.behind(number.key)} == {row.cells[0].value}
            checked += 1
    assert checked > 10


@pytest.mark.slow
def test_items_fold_in_excel_and_on_the_web(company: Path, tmp_path: Path) -> None:
    facts = small.facts_of(company)
    pack = scorecard_pack(facts, small.scorecard_of(facts), "All accounts")
    write_xlsx(pack, tmp_path / "pack.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "pack.xlsx")["Breakdowns"]
    assert sheet.sheet_properties.outlinePr.summaryBelow is False
    assert sheet.sheet_format.outlineLevelRow == 2
    levels = {sheet.cell(row, 1).value: sheet.row_dimensions[row].outlineLevel for row in range(5, sheet.max_row + 1)}
    assert (levels["By geo"], levels["Won revenue"], levels["East"]) == (0, 1, 2)
    folded = {row for row in range(1, sheet.max_row + 1) if sheet.row_dimensions[row].hidden}
    assert folded == {row for row in range(1, sheet.max_row + 1) if sheet.row_dimensions[row].outlineLevel == 2}
    write_html(pack, tmp_path / "pack.html")
    text = (tmp_path / "pack.html").read_text(encoding="utf-8")
    section = text[text.index('<section id="breakdowns"') :].split("</section>")[0]
    assert 'aria-label="Show the lines of By geo"' in section
    assert 'aria-label="Show the lines of Won revenue"' in section
    assert "checked" in section  # all shown until someone folds them


def test_a_scorecard_of_rates_has_no_such_page(tmp_path: Path) -> None:
    settings = small.SETTINGS + '\n[scorecard]\nmetrics = ["win_rate_count"]\n'
    facts = small.facts_of(small.write_company(tmp_path, settings=settings))
    pack = scorecard_pack(facts, small.scorecard_of(facts), "All accounts")
    assert "breakdowns" not in [page.key for page in pack.pages]
