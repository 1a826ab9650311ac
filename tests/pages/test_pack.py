"""The pack as a workbook: every number leads to the rows it was made of, text stays text, the bytes stay the same."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

import segxl
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.pages.scorecard.pack import scorecard_pack
from segxl.publish import file_names
from segxl.publish import scorecard as publish
from segxl.render.xlsx.writer import write_xlsx
from tests import office, small
from tests.places import ROOT

pytestmark = pytest.mark.slow

Sheets = dict[str, dict[tuple[int, int], Any]]


def build(folder: Path, out: Path, segment: str = ALL_ACCOUNTS, period: str = "2026-05") -> Path:
    facts = small.facts_of(folder)
    result = small.scorecard_of(facts, period)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{file_names([segment])[segment]}.xlsx"
    write_xlsx(scorecard_pack(facts, result, segment), path)
    return path


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.write_company(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="module")
def pack(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(company, tmp_path_factory.mktemp("out"))


def test_every_link_of_the_cover_leads_somewhere(pack: Path) -> None:
    book = openpyxl.load_workbook(pack)
    links = [cell.hyperlink.location for row in book["Cover"].iter_rows() for cell in row if cell.hyperlink]
    assert len(links) >= len(book.sheetnames) - 1
    for location in links:
        sheet = str(location).rsplit("!", 1)[0].strip("'").replace("''", "'")
        assert sheet in book.sheetnames


def test_the_contents_give_the_length_of_every_list(pack: Path) -> None:
    book = openpyxl.load_workbook(pack)
    lines = {str(name): str(words) for name, words in book["Cover"].iter_rows(max_col=2, values_only=True)}
    said = {name: match[1] for name, words in lines.items() if (match := re.search(r"\(([\d,]+) rows\)$", words))}
    lengths = {
        sheet.title: f"{last - first:,}"
        for sheet in book.worksheets
        for _, first, _, last in (range_boundaries(table.ref) for table in sheet.tables.values())
        if last - first > 1
    }
    assert said == lengths and {"Verification", "Numbers", "Deals"} <= set(lengths)


def test_headline_figures_are_one_click_from_their_rows(pack: Path) -> None:
    book = openpyxl.load_workbook(pack)
    results = openpyxl.load_workbook(pack, data_only=True)["Cover"]
    figures = [cell for row in results.iter_rows(max_row=6) for cell in row if isinstance(cell.value, int | float)]
    assert [cell.value for cell in figures[:3]] == [12600.5, 28600.5, 27000]
    assert all(book["Cover"][cell.coordinate].hyperlink for cell in figures)


def cells(path: Path) -> Iterator[Any]:
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            yield from row


def test_text_stays_text(pack: Path) -> None:
    found = [cell for cell in cells(pack) if isinstance(cell.value, str) and cell.value.startswith("=")]
    assert {cell.value for cell in found if cell.data_type == "s"} == {"=Alpha & <Sons>", "=Price"}
    assert {cell.data_type for cell in found} == {"s", "f"}


def test_no_error_values(pack: Path) -> None:
    assert not [cell.coordinate for cell in cells(pack) if cell.data_type == "e"]
    words = [cell.value for cell in cells(pack) if isinstance(cell.value, str)]
    assert not [text for text in words if re.search(r"#(DIV|REF|N/A|VALUE|NAME|NUM)|\bnan\b|\bNone\b|\binf\b", text)]


def test_sheet_titles_are_legal(pack: Path) -> None:
    titles = openpyxl.load_workbook(pack).sheetnames
    assert titles[:3] == ["Overview", "Cover", "Scorecard"]
    assert len({title.casefold() for title in titles}) == len(titles)
    for title in titles:
        assert 0 < len(title) <= 31
        assert not set(title) & set("[]:*?/\\")
        assert title[0] != "'" and title[-1] != "'"


def test_key_numbers_have_names_that_no_table_has(pack: Path) -> None:
    book = openpyxl.load_workbook(pack)
    tables = {name.casefold() for sheet in book for name in sheet.tables}
    names = {name.casefold(): one.attr_text for name, one in book.defined_names.items()}
    assert "deals" in tables and not tables & set(names)
    sheet, _, cell = names["won_revenue"].rpartition("!")
    assert sheet == "'Scorecard'"
    found = openpyxl.load_workbook(pack, data_only=True)["Scorecard"]
    assert found[cell.replace("$", "")].value == 12600.5


def test_the_title_of_each_sheet_leads_to_the_contents(pack: Path) -> None:
    for sheet in openpyxl.load_workbook(pack):
        link = sheet["A1"].hyperlink
        assert (link is None) == (sheet.title == "Cover")
        assert link is None or (link.location, link.tooltip) == ("'Cover'!A1:A1", "Back to the contents")


AGAIN = """
import sys
from pathlib import Path
from tests.pages.test_pack import build
print(build(Path(sys.argv[1]), Path(sys.argv[2])))
"""


@pytest.mark.ci
def test_the_same_bytes_again_and_in_another_process(company: Path, pack: Path, tmp_path: Path) -> None:
    expected = hashlib.sha256(pack.read_bytes()).hexdigest()
    assert hashlib.sha256(build(company, tmp_path / "same").read_bytes()).hexdigest() == expected
    for seed in ("1", "4242"):
        where = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Pacific/Auckland"}
        command = [sys.executable, "-c", AGAIN, str(company), str(tmp_path / seed)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=where, cwd=ROOT)
        assert hashlib.sha256(Path(done.stdout.strip()).read_bytes()).hexdigest() == expected


def test_the_wall_clock_is_not_in_it(pack: Path) -> None:
    properties = openpyxl.load_workbook(pack).properties
    assert properties.created == properties.modified


def test_a_pack_does_not_depend_on_the_segments_beside_it(company: Path, tmp_path: Path) -> None:
    facts = small.facts_of(company)
    alone = publish(facts, small.scorecard_of(facts, segments=["SMB"]), tmp_path / "alone", ["xlsx"])
    among = publish(facts, small.scorecard_of(facts), tmp_path / "among", ["xlsx"])
    assert alone[0][0].read_bytes() == among[-1][0].read_bytes()


@pytest.mark.ci
@pytest.mark.office
@pytest.mark.parametrize(("segment", "period"), [(ALL_ACCOUNTS, "2026-05"), ("R&D / EU", "2026-Q1")])
def test_libreoffice_opens_recalculates_and_prints_it(company: Path, tmp_path: Path, segment: str, period: str) -> None:
    path = build(company, tmp_path, segment, period)
    again = office.recalculated(path, tmp_path / "again")
    assert openpyxl.load_workbook(again).sheetnames == openpyxl.load_workbook(path).sheetnames
    assert not [cell.coordinate for cell in cells(again) if cell.data_type == "e"]
    text = office.pdf_text(office.pdf(path, tmp_path / "pdf"))
    assert "Segment scorecard" in text
    assert "##" not in text
    assert not re.search(r"#(DIV|REF|VALUE|NAME|NUM)", text)


@pytest.mark.ci
@pytest.mark.office
def test_the_demo_prints_its_pages_and_not_its_data(demo_exports: Path, tmp_path: Path) -> None:
    card = segxl.load(demo_exports).scorecard("2026-10", segments=["Enterprise"])
    for path, _ in card.write(tmp_path, ["xlsx"]):
        text = office.pdf_text(office.pdf(path, tmp_path / "pdf"))
        assert 1 < text.count("\f") <= 15, path.name
        assert not re.search(r"#(DIV|REF|VALUE|NAME|NUM|#)", text)


@pytest.mark.ci
@pytest.mark.office
def test_the_demos_first_pages_print_at_nine_points(demo_exports: Path, tmp_path: Path) -> None:
    analysis = segxl.load(demo_exports)
    made = [
        path
        for period in ("2026-10", "2027-Q3")
        for path, _ in analysis.scorecard(period).write(tmp_path / period, ["xlsx"])
        if path.stem.endswith(("executive", "strategic-50"))  # the fullest ones
    ]
    for kind in ("buying-stage", "engagement"):
        made += [path for path, _ in analysis.report(type=kind, analysis="2026-10").write(tmp_path / kind, ["xlsx"])]
    sizes = {path.stem: round(office.smallest_print(office.pdf(path, tmp_path / "pdf")), 2) for path in made}
    assert len(sizes) == 6
    assert min(sizes.values()) >= 8.8, (
        sizes
    )  # cells have 9.06 and more; LibreOffice makes a chart 4% lower than its rows


@pytest.mark.ci
def test_the_demos_web_pages_are_below_a_megabyte(demo_exports: Path, tmp_path: Path) -> None:
    analysis = segxl.load(demo_exports)
    card, report = analysis.scorecard("2026-10", segments=["Enterprise", "SMB"]), analysis.report(analysis="2026-10")
    sizes = {
        path.name: path.stat().st_size
        for path, _ in (*card.write(tmp_path, ["html"]), *report.write(tmp_path, ["html"]))
    }
    assert len(sizes) == 4 and max(sizes.values()) < 1_000_000, sizes
