"""The movement's heat map and flow picture, and the colours they are read by."""

from __future__ import annotations

import re
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

from segxl.facts.presence import Presence
from segxl.pages.model import Cell, Flow, Pack, Page, Row
from segxl.pages.report.report import report_pack
from segxl.render.html.flow_svg import svg_flow
from segxl.render.html.number_formats import shown
from segxl.render.html.writer import write_html
from segxl.render.shared.atomic_files import template_path
from segxl.render.xlsx.writer import write_xlsx
from segxl.report.choices import Options
from segxl.report.compute import make
from tests.conftest import Folder
from tests.report_tables import NOW, SNAPSHOTS, activities, deals, stages

_SVG = "{http://www.w3.org/2000/svg}"
COLOURS = {"up": "#56b4e9", "down": "#e69f00", "same": "#bdbdbd", "text": "#595959"}
STATES = ("No stage", "Target", "Awareness", "Consideration", "Decision", "Purchase")
PERIODS = {"baseline": "2025-09", "analysis": "2025-10"}


def moves(*pairs: tuple[str, str, int]) -> dict[str, str]:
    """Tables of accounts that moved from a stage to a stage, so many of each pair; blank: no stage."""
    accounts, rows = ["account_id"], []
    for before, after, count in pairs:
        for _ in range(count):
            name = f"A{len(accounts)}"
            accounts.append(name)
            rows += [f"{name},2025-09-15,{before}"] if before else []
            rows += [f"{name},2025-10-15,{after}"] if after else []
    return {"accounts": "\n".join(accounts), "buying_stages": stages(*rows)}


WORLD = moves(
    ("", "", 7), ("", "Target", 3), ("Target", "Target", 2), ("Target", "Decision", 5), ("Purchase", "Target", 1)
)


def pack_of(folder: Folder, tables: dict[str, str], **options: Any) -> Pack:
    result, working, _ = make(
        Presence(folder(NOW + (SNAPSHOTS if "buying_stages" in tables else ""), **tables)),
        Options(**PERIODS, **options),
    )
    return report_pack(result, working)


def movement(pack: Pack) -> Page:
    return next(page for page in pack.pages if page.key == "movement")


def grid(pack: Pack) -> dict[tuple[str, str], Cell]:
    rows = [row.cells[:8] for row in movement(pack).rows]
    start = next(at for at, cells in enumerate(rows) if cells and cells[0] and cells[0].value == "From / to")
    names = [cell.value for cell in rows[start] if cell][1:-1]
    found = {}
    for cells in rows[start + 1 : start + 1 + len(names)]:
        assert cells[0] is not None
        for name, cell in zip(names, cells[1:], strict=False):
            assert cell is not None
            found[str(cells[0].value), str(name)] = cell
    return found


def test_cells_are_up_down_or_same_and_paler_where_there_are_fewer(folder: Folder) -> None:
    cells = grid(pack_of(folder, WORLD))
    looks = {place: (cell.value, cell.style, cell.shade) for place, cell in cells.items() if cell.value}
    assert looks == {
        ("No stage", "No stage"): (
            7,
            "subvalue",
            1.0,
        ),  # most of the cohort: without a shade, so that the others have one
        ("Target", "Target"): (2, "same", 1.0),  # the most that stayed
        ("Target", "Decision"): (5, "up", 1.0),  # the most that moved
        ("No stage", "Target"): (3, "up", 0.6),
        ("Purchase", "Target"): (1, "down", 0.2),
    }
    assert {cell.style for cell in cells.values() if not cell.value} == {"subvalue"}
    signs = {
        cell.style: shown(cell.value, cell.unit).text.strip() for cell in cells.values() if cell.value in (1, 5, 7)
    }
    assert signs == {"up": "↑ 5", "down": "↓ 1", "subvalue": "= 7"}


def test_the_workbook_and_the_web_page_are_as_pale(tmp_path: Path) -> None:
    cells = tuple(Cell(1, style, shade=shade) for style, shade in (("up", 1.0), ("up", 0.2), ("down", 0.4)))
    pack = Pack("t", "s", (Page("p", "P", (Row(cells),), (10.0, 10.0, 10.0)),))
    write_xlsx(pack, tmp_path / "p.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "p.xlsx")["P"]
    # 255 − (255 − 86) / 5 = 221.2, 255 − (255 − 180) / 5 = 240, 255 − (255 − 233) / 5 = 250.6; likewise at two fifths
    fills = [cell.fill.fgColor.rgb for cell in sheet[1]]
    assert fills == ["FF56B4E9", "FFDDF0FB", "FFF5D999"]
    write_html(pack, tmp_path / "p.html")
    html = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert re.findall(r'style="background: (#\w+)"', html) == ["#ddf0fb", "#f5d999"]
    assert re.search(r"\.s-up \{[^}]*background: #56b4e9", html)


# --- the palette -------------------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """WCAG 2.1's relative luminance."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def seen_by(colour: str, kind: str) -> tuple[float, ...]:
    """The colour as someone without red (protan) or green (deutan) cones sees it: the matrices of Viénot, Brettel and
    Mollon (1999), on linear light."""
    rows = {
        "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
        "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    }[kind]
    light = [(int(colour[at : at + 2], 16) / 255) ** 2.2 for at in (0, 2, 4)]
    return tuple(max(sum(a * b for a, b in zip(row, light, strict=True)), 0.0) ** (1 / 2.2) for row in rows)


def look() -> dict[str, Any]:
    sheet = openpyxl.load_workbook(template_path("scorecard.xlsx"))["Look"]
    return {str(row[0].value): row[1] for row in sheet.iter_rows() if row[0].value}


def colour_of(cell: Any) -> str:
    return str(cell.fill.fgColor.rgb)[-6:]


@pytest.mark.parametrize("style", ["up", "down", "same"])
def test_numbers_can_be_read_on_every_shade(style: str) -> None:
    cell = look()[style]
    ink, full = str(cell.font.color.rgb)[-6:], colour_of(cell)
    for fifths in range(6):
        parts = [int(full[at : at + 2], 16) for at in (0, 2, 4)]
        ground = "".join(f"{round(255 - (255 - part) * fifths / 5):02x}" for part in parts)
        assert ratio(ink, ground) >= 4.5


def test_up_and_down_differ_by_colour_for_everybody_and_by_more_than_colour() -> None:
    found = look()
    for kind in ("protan", "deutan"):
        one, other = (seen_by(colour_of(found[style]), kind) for style in ("up", "down"))
        assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.5  # of 0 to 1: blue against yellow
    assert [(found[name].font.b, found[name].font.i) for name in ("up", "down", "same")] == [
        (False, False),
        (False, True),
        (True, False),
    ]
    boxed = {name for name in ("up", "down", "same") if (side := found[name].border.left) and side.style}
    assert boxed == {"same"}


def test_the_steps_of_a_stacked_chart_grow_darker_also_in_grey() -> None:
    found = look()
    steps = ["ffffff", *(colour_of(found[f"chart step {n}"]) for n in range(1, 6))]
    assert all(ratio(one, other) >= 1.4 for one, other in pairwise(steps))
    assert [luminance(step) for step in steps] == sorted((luminance(step) for step in steps), reverse=True)


# --- the flow ----------------------------------------------------------------------------------------------------


def flow(*counts: tuple[int, ...], names: tuple[str, ...] = ("None", "Low", "High")) -> Flow:
    return Flow("Who moved", "number of accounts", "Before", "After", names, counts, "account", 1, "It <says> it")


def drawn(one: Flow, width: float | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(svg_flow(one, COLOURS, "f1", width))


def bands(svg: ElementTree.Element) -> dict[str, tuple[str, float, float, float, float]]:
    """By what they say: the class, both tops, and both heights."""
    found = {}
    for path in svg.iter(f"{_SVG}path"):
        numbers = [float(each) for each in re.findall(r"-?[\d.]+", path.get("d", ""))]
        # M x1 y1 C . . . . x2 y2 V y C . . . . x1 y Z
        start, end, end_foot, start_foot = numbers[1], numbers[7], numbers[8], numbers[14]
        title = path.find(f"{_SVG}title")
        assert title is not None and title.text
        found[title.text] = (path.get("class", ""), start, end, start_foot - start, end_foot - end)
    return found


@pytest.mark.parametrize("width", [None, 340.0])
def test_bands_are_as_wide_as_their_numbers_and_go_where_the_accounts_went(width: float | None) -> None:
    found = bands(drawn(flow((0, 4, 1), (2, 10, 0), (0, 3, 0)), width))
    assert {words: band[0] for words, band in found.items()} == {
        "None → Low: ↑ 4 accounts": "up",
        "None → High: ↑ 1 account": "up",
        "Low → None: ↓ 2 accounts": "down",
        "Low → Low: = 10 accounts": "same",
        "High → Low: ↓ 3 accounts": "down",
    }
    for words, (way, start, end, left, right) in found.items():
        count = int(re.findall(r"\d+", words)[0])
        assert left == pytest.approx(300 * count / 20, abs=0.11) and right == pytest.approx(left, abs=0.11)
        assert way == "same" or (end < start) is (way == "up")  # the highest state is on top


def test_a_flow_says_what_it_is_and_falls_in_hatches() -> None:
    svg = drawn(flow((0, 4, 1), (2, 10, 0), (0, 3, 0)))
    assert svg.get("role") == "img" and svg.get("aria-labelledby") == "f1-title f1-desc"
    assert [each.text for each in list(svg)[:2]] == ["Who moved", "It <says> it"]
    fills = {path.get("class"): path.get("fill") for path in svg.iter(f"{_SVG}path")}
    assert fills == {"up": "#56b4e9", "down": "url(#f1-hatch)", "same": "#bdbdbd"}
    words = [each.text for each in svg.iter(f"{_SVG}text")]
    assert words[2:] == [
        "Before", "After", "High", "3", "Low", "12", "None", "5", "High", "1", "Low", "17", "None", "2",
        "↑ up", "↓ down", "= same",
    ]  # fmt: skip


def test_nothing_leaves_the_picture() -> None:
    names = ("No Engagement", "Anonymous Website Visit", "Opportunities Opened")
    for width in (None, 340.0):
        svg = drawn(flow((0, 900, 1), (1, 1, 0), (0, 1, 1), names=names), width)
        wide, high = (float(each) for each in svg.get("viewBox", "").split()[2:])
        for text in svg.iter(f"{_SVG}text"):
            x, long = float(text.get("x", "")), len(text.text or "") * 12 * 0.56
            left = x - long if text.get("text-anchor") == "end" else x
            assert left >= -0.1 and left + long <= wide + 0.1
            assert 0 < float(text.get("y", "")) <= high
        ends = [
            float(each) for path in svg.iter(f"{_SVG}path") for each in re.findall(r"^M([\d.]+)", path.get("d", ""))
        ]
        assert ends and max(ends) < wide * 0.4  # between the names there is room for the bands
        tops = [start for _, start, _, _, _ in bands(svg).values()]
        assert min(tops) > 0 and max(tops) < high


def test_the_page_draws_the_flow_next_to_the_grid_and_says_what_it_excludes(folder: Folder, tmp_path: Path) -> None:
    pack = pack_of(folder, WORLD)
    one = movement(pack).flows[0]
    assert one.counts[0] == (0, 3, 0, 0, 0, 0)
    assert "7 in No stage in both timeframes" in one.subtitle
    assert one.alt.startswith(
        "Flow of 11 accounts from the baseline to the analysis: 8 up, 1 down, 2 the same; "
        "not shown: 7 in No stage in both timeframes"
    )
    assert "Target to Decision 5, No stage to Target 3, Purchase to Target 1." in one.alt
    write_html(pack, tmp_path / "p.html")
    html = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert html.index("Accounts by highest buying stage, Sep 2025 (rows) to Oct 2025 (columns)") < html.index(
        "Flow of 11 accounts"
    )
    assert len(re.findall(r"Target → Decision: ↑ 5 accounts", html)) == 2  # for the screen and for the phone


def test_the_workbook_draws_the_same_flow_as_shapes(folder: Folder, tmp_path: Path) -> None:
    """A band for each movement and for what stayed, as wide as its number; both renderers share one geometry."""
    pack = pack_of(folder, WORLD)
    write_xlsx(pack, tmp_path / "p.xlsx")
    with zipfile.ZipFile(tmp_path / "p.xlsx") as file:
        parts = [file.read(name) for name in file.namelist() if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)]
    (group,) = [each for part in parts for each in ElementTree.fromstring(part).iter() if each.tag.endswith("}grpSp")]
    named = [each for each in group.iter() if each.tag.endswith("}cNvPr")]
    assert str(named[0].get("descr")).startswith("Flow of 11 accounts")
    assert len({each.get("id") for each in named}) == len(named)
    heights = {}
    for shape in group:
        freeform = [each for each in shape.iter() if each.tag.endswith("}pt")]
        if freeform:
            name = next(str(each.get("name")) for each in shape.iter() if each.tag.endswith("}cNvPr"))
            heights[name] = int(str(freeform[-1].get("y"))) - int(str(freeform[0].get("y")))
    assert set(heights) == {
        "No stage → Target: ↑ 3 accounts",
        "Target → Target: = 2 accounts",
        "Target → Decision: ↑ 5 accounts",
        "Purchase → Target: ↓ 1 account",
    }
    one = heights["Purchase → Target: ↓ 1 account"]
    assert heights["Target → Decision: ↑ 5 accounts"] == pytest.approx(5 * one, rel=1e-4)
    assert openpyxl.load_workbook(tmp_path / "p.xlsx")["Movement"]._charts == []  # no activity, so no other drawing


def test_a_movement_of_nobody_has_no_flow(folder: Folder) -> None:
    nobody = moves(("", "", 3), ("Target", "Target", 0))
    assert movement(pack_of(folder, nobody, type="buying-stage")).flows == ()


def test_engagement_states_move_too(folder: Folder) -> None:
    tables = {
        "accounts": "account_id\nA\nB\nC",
        "activities": activities("A,2025-10-02,webinar,engagement", "B,2025-09-02,6sense_keyword,intent"),
        "opportunities": deals("1,B,2025-10-05,,Discovery,10"),
    }
    pack = pack_of(folder, tables, type="engagement")
    counts = {place: (cell.value, cell.style) for place, cell in grid(pack).items() if cell.value}
    assert counts == {
        ("Not engaged", "Not engaged"): (1, "subvalue"),
        ("Not engaged", "Known Engagement"): (1, "up"),
        ("Intent", "Opportunities Opened"): (1, "up"),
    }
    assert sum(map(sum, movement(pack).flows[0].counts)) == 2


def test_up_same_and_down_of_each_state_are_below_the_grid(folder: Folder) -> None:
    page = movement(pack_of(folder, WORLD))
    rows = [[cell.value for cell in row.cells if cell] for row in page.rows]
    start = rows.index(["Sep 2025", "↑ up", "= same", "↓ down"])
    assert rows[start + 1 : start + 8] == [
        ["No stage", 3, 7, None],
        ["Target", 5, 2, 0],
        ["Awareness", 0, 0, 0],
        ["Consideration", 0, 0, 0],
        ["Decision", 0, 0, 0],
        ["Purchase", None, 0, 1],
        ["All", 8, 9, 1],
    ]
