"""The web page: one file that needs nothing else, every link with its target, every number as in the pack."""

from __future__ import annotations

import itertools
import re
from dataclasses import fields, is_dataclass, replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

from segxl import publish
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.errors import SegxlError
from segxl.facts.engine import Facts
from segxl.pages.model import STYLES, Cell, Field, Flow, KeyColumns, Link, Pack, Range, Row, SideBySide, Sparkline
from segxl.render.html.css import css_string
from segxl.render.html.document import LISTED
from segxl.render.html.number_formats import shown
from segxl.render.html.writer import write_html
from segxl.render.shared.atomic_files import template_path
from segxl.render.shared.colours import hex_colour, readable
from segxl.scorecard.compute import make
from segxl.units import COUNT, DATE, MONEY, RATE, TEXT
from tests.render_samples import changed_template, chart, listing, one, pack, page, row_of, sample_pack, with_logo

_VOID = {"meta", "input", "img", "br", "col", "link", "wbr"}
_SHAPES = {"rect", "line", "circle", "polyline"}  # of SVG: closed where they begin


class _Reader(HTMLParser):
    """What a browser would find; fails on tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.tables: list[list[list[str]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _SHAPES, tag
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
        if "td" in self.open or "th" in self.open:
            self.tables[-1][-1][-1] += data


def written(what: Pack, folder: Path, **more: Any) -> str:
    path = folder / "out.html"
    write_html(what, path, **more)
    return path.read_text(encoding="utf-8")


def parsed(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def draw(what: Pack, folder: Path) -> _Reader:
    return parsed(written(what, folder))


def find(reader: _Reader, tag: str) -> list[dict[str, str]]:
    return [attributes for name, attributes in reader.tags if name == tag]


def test_the_file_needs_nothing_else(tmp_path: Path) -> None:
    html = written(sample_pack(), tmp_path)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|url\(|@import|src=\"(?!data:)", html)
    reader = parsed(html)
    assert not {"script", "link", "iframe", "object", "img"} & {tag for tag, _ in reader.tags}
    assert "default-src 'none'" in html


def test_ids_are_unique_and_every_link_has_its_target(tmp_path: Path) -> None:
    reader = draw(sample_pack(), tmp_path)
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    hrefs = [attributes["href"] for attributes in find(reader, "a")]
    assert hrefs and all(href.startswith("#") and href[1:] in ids for href in hrefs)
    for _, attributes in reader.tags:
        assert set(attributes.get("aria-labelledby", "").split()) <= set(ids)


def test_pages_are_sections_with_headings_in_order(tmp_path: Path) -> None:
    what = sample_pack()
    reader = draw(what, tmp_path)
    assert [attributes["id"] for attributes in find(reader, "section")] == ["cover", "trend", "won"]
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert find(reader, "nav")[0]["aria-label"] and find(reader, "html")[0]["lang"] == "en"
    assert find(reader, "a")[0] == {"class": "skip", "href": "#pack-main"}


def test_tables_are_tables_with_captions_and_headers(tmp_path: Path) -> None:
    reader = draw(sample_pack(), tmp_path)
    assert len(find(reader, "caption")) == len(find(reader, "table"))
    assert all(attributes.get("scope") in ("col", "row", "rowgroup", "colgroup") for attributes in find(reader, "th"))
    boxes = [attributes for attributes in find(reader, "div") if attributes.get("role") == "region"]
    assert len(boxes) == len(find(reader, "table"))
    assert all(attributes["tabindex"] == "0" and attributes["aria-label"] for attributes in boxes)


def test_every_value_of_the_pack_is_in_its_place(tmp_path: Path) -> None:
    what = sample_pack()
    reader = draw(what, tmp_path)
    trend = reader.tables[1]
    expected = [[shown(cell.value, cell.unit).text for cell in row.cells if cell] for row in what.pages[1].rows[:4]]
    assert trend == expected
    won = what.pages[2].records
    assert won is not None
    assert reader.tables[-1][0] == [each.header for each in won.fields]
    assert reader.tables[-1][1:] == [
        [shown(each.values[row], each.unit).text for each in won.fields] for row in range(len(won))
    ]


def test_text_from_data_stays_text(tmp_path: Path) -> None:
    evil = "<script>alert(\"1\")</script> & 'x' \x00\x0b\ud800</style>"
    fields = (Field(evil, [evil]), Field("B", ["</table>"]))
    table = page(Row((Cell(evil, "header"),)), Row((Cell(evil, "label", tip=evil, link=Link("a", 1, 1)),)), title=evil)
    what = replace(pack(table, listing(*fields)), title=evil, footer=evil, subject=evil, properties={evil: evil})
    html = written(what, tmp_path)
    assert "<script" not in html and html.count("</style>") == 1
    reader = parsed(html)
    clean = evil.replace("\x00", "\ufffd").replace("\x0b", "\ufffd").replace("\ud800", "\ufffd")
    assert reader.tables[0] == [[clean], [f"{clean} {clean}"]]  # the name, and its definition behind it
    assert reader.tables[-1] == [[clean, "B"], [clean, "</table>"]]


_IDENTIFIERS = {"key", "page", "style", "role", "kind", "paper", "orientation", "tab", "unit"}
"""Fields of the page model that name something inside segxl; all other strings may come from data."""


def hostile(part: Any) -> Any:
    """A part of a pack with markup in every text of it, at any depth."""
    if isinstance(part, str):
        return f"{part} \"'><script>alert(1)</script></style><img src=x onerror=alert(1)>&amp;"
    if isinstance(part, tuple) and hasattr(part, "_replace"):
        named = {name: getattr(part, name) for name in part._fields if name not in _IDENTIFIERS}
        return part._replace(**{name: hostile(value) for name, value in named.items()})
    if isinstance(part, (tuple, list)):
        return type(part)(hostile(each) for each in part)
    if isinstance(part, dict):
        return {hostile(name): hostile(each) for name, each in part.items()}
    if is_dataclass(part) and not isinstance(part, type):
        return replace(
            part, **{one.name: hostile(getattr(part, one.name)) for one in fields(part) if one.name not in _IDENTIFIERS}
        )
    return part


def test_no_text_of_the_page_model_becomes_markup(tmp_path: Path) -> None:
    """Whatever field a text is in: cells, tips, captions, charts, flows, sparklines, lists, the frame of the page."""
    keys = (Row((Cell("Won", "key_label"),)), Row((Cell("none", "key_value"),)), Row())
    folded = (
        Row((Cell("Metric", "header"), Cell("Now", "header"))),
        Row((Cell("All", "label"), Cell(3, "value", COUNT))),
    )
    folded = (*folded, Row((Cell("Part", "sublabel"), Cell("x")), level=1))
    small = Row((Cell("Trend", "label"), Cell(sparkline=Sparkline(Range("trend", 2, 4, 2, 2), "rising"))))
    moved = Flow("Moved", "accounts", "Before", "After", ("low", "high"), ((3, 1), (2, 4)), "account", 1, "Seven moved")
    missing = Row((Cell("Gone", "label"), Cell("n/a", "muted", tip="no data")))
    more = replace(page(*keys, *folded, missing, small, key="more"), flows=(moved,))
    what = replace(sample_pack(), pages=(*sample_pack().pages, more), properties={"segment": "All accounts"})
    plain, changed = draw(what, tmp_path), written(hostile(what), tmp_path)
    reader = parsed(changed)
    assert {(tag, *sorted(names)) for tag, names in reader.tags} <= {(tag, *sorted(names)) for tag, names in plain.tags}
    assert changed.count("</style>") == 1 and "<script" not in changed
    assert reader.text.count("<script>alert(1)</script>") > 100


def test_the_same_pack_makes_the_same_bytes(tmp_path: Path) -> None:
    assert written(sample_pack(), tmp_path) == written(sample_pack(), tmp_path)


def test_links_lead_to_the_first_of_their_rows_and_colour_them_all(tmp_path: Path) -> None:
    html = written(sample_pack(), tmp_path)
    assert '<a href="#won-3-22" title="Won: 20 rows">1,720,500</a>' not in html  # the list begins in row 4
    cells = Row((Cell(5, "value", COUNT, Link("rows", 5, 7, 2)), Cell(6, "value", COUNT, Link("rows", 4, 4, 2))))
    what = pack(page(cells), listing(Field("N", list(range(9)), COUNT)))
    html = written(what, tmp_path)
    assert '<a href="#rows-5-7" title="Rows: 3 rows">5</a>' in html
    assert "tbody:has(#rows-5-7:target) > tr:nth-child(n+2):nth-child(-n+4)" in html
    assert '<th scope="row" class="s-cell-number n pin"><span class="at" id="rows-5-7"></span>1</th>' in html
    assert 'title="Rows: 1 row">6' in html


def test_links_to_words_lead_to_the_page(tmp_path: Path) -> None:
    contents = Row((Cell("Go", "label", link=Link("b", 1, 1)), Cell("x")))
    reader = draw(pack(page(contents), page(Row((Cell("B", "title"),)), key="b")), tmp_path)
    assert {"href": "#b"} in find(reader, "a")


def test_long_lists_end_with_a_sentence(tmp_path: Path) -> None:
    count = LISTED + 500
    far = Cell(1, "value", COUNT, Link("rows", LISTED + 100, LISTED + 120, 1))
    what = pack(page(Row((far,))), listing(Field("N", list(range(1, count + 1)), COUNT)))
    notes = write_html(what, tmp_path / "out.html")
    assert notes == ("Rows: the first 100 rows of each; the workbook and `segxl explain` have all",)
    reader = parsed((tmp_path / "out.html").read_text(encoding="utf-8"))
    assert len(reader.tables[-1]) == LISTED + 1 and reader.tables[-1][-1] == ["100"]
    assert "First 100 of 600 rows. The workbook has the other 500" in reader.text
    assert any(attributes.get("href") == "#rows-end" for attributes in find(reader, "a"))


def test_short_lists_are_whole_and_empty_ones_say_so(tmp_path: Path) -> None:
    assert write_html(pack(listing(Field("N", [0] * LISTED, COUNT))), tmp_path / "out.html") == ()
    assert draw(pack(listing(Field("N", [], COUNT))), tmp_path).tables[-1] == [["N"], ["No rows"]]


def test_every_style_has_its_class(tmp_path: Path) -> None:
    rows = [Row((Cell(name, name), Cell(1, name, COUNT), Cell("x"))) for name in STYLES]
    html = written(pack(page(*rows)), tmp_path)
    for name in STYLES:
        css = name.replace("_", "-")
        assert f".s-{css} {{ color: #" in html and f'class="s-{css}' in html


def test_negative_numbers_and_dates_are_aligned(tmp_path: Path) -> None:
    cells = (
        Cell("x", "label"),
        Cell(5, "value", MONEY),
        Cell(-5, "value", MONEY),
        Cell(date(2026, 1, 2), "value", DATE),
    )
    html = written(pack(page(Row(cells))), tmp_path)
    assert 'class="s-value n">5<' in html and 'class="s-value n">\u22125<' in html
    assert 'class="s-value d">2026-01-02<' in html
    total = written(pack(page(Row((Cell("x", "label"), Cell(5, "total", MONEY))))), tmp_path)
    assert 'class="s-total n r">5<' in total


def test_rows_that_are_part_of_another_fold_without_script(tmp_path: Path) -> None:
    rows = [
        Row((Cell("Name", "header"), Cell("N", "header_right"), Cell("M", "header_right"))),
        Row((Cell("All", "label"), Cell(3, "value", COUNT), Cell(3, "value", COUNT))),
        Row((Cell("Part", "sublabel"), Cell(2, "subvalue", COUNT)), level=1),
        Row((Cell("Part of it", "sublabel"), Cell(1, "subvalue", COUNT)), level=2),
        Row((Cell("Other", "label"), Cell(1, "value", COUNT))),
    ]
    html = written(pack(page(*rows)), tmp_path)
    assert '<tr class="fold-1"><th scope="row"' in html and '<tr class="fold-1 fold-2"><th scope="row"' in html
    assert "table:has(#fold-2:not(:checked)) .fold-2 { display: none; }" in html
    assert 'aria-label="Show the lines of All"' in html and html.count('type="checkbox"') == 2


def test_headings_group_the_rows_of_a_table_or_name_the_next(tmp_path: Path) -> None:
    header = Row((Cell("Name", "header"), Cell("N", "header_right")))
    value = Row((Cell("a", "label"), Cell(1, "value", COUNT)))
    rows = (
        header,
        Row((Cell("Area", "heading", span=2), None)),
        value,
        Row((Cell("Next", "heading", span=2),)),
        header,
        value,
    )
    reader = draw(pack(page(*rows)), tmp_path)
    assert reader.tables == [[["Name", "N"], ["Area"], ["a", "1"]], [["Name", "N"], ["a", "1"]]]
    assert [attributes.get("class") for attributes in find(reader, "h3")] == ["s-heading"]
    assert "A: Next" in reader.text


def test_headline_figures_stand_with_their_captions(tmp_path: Path) -> None:
    labels = Row((Cell("Won", "key_label"), Cell("Rate", "key_label")))
    values = Row((Cell(1200, "key_value", MONEY), Cell("n/a", "muted")))
    reader = draw(pack(page(labels, values)), tmp_path)
    assert reader.tables == [] and reader.text.index("Won") < reader.text.index("1,200") < reader.text.index("Rate")
    assert [attributes["class"] for attributes in find(reader, "dd")] == ["s-key-value", "s-muted"]


def test_charts_are_drawn_for_the_screen_and_for_the_phone(tmp_path: Path) -> None:
    html = written(sample_pack(), tmp_path)
    drawings = re.findall(r"<svg .*?</svg>", html, re.S)
    assert len(drawings) == 6
    for drawing in drawings:
        ElementTree.fromstring(drawing)
    assert html.count('class="wide-chart"') == html.count('class="narrow"') == 3


def test_the_look_is_the_template_s(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        with_logo(sheet)
        title = sheet.cell(row_of(sheet, "title"), 2)
        title.font = openpyxl.styles.Font(
            name="Arial", size=30, italic=True, color=openpyxl.styles.colors.Color(theme=4)
        )
        actual = sheet.cell(row_of(sheet, "chart actual"), 2)
        actual.fill = openpyxl.styles.PatternFill("solid", fgColor="FF112233")

    html = written(sample_pack(), tmp_path, template=changed_template(tmp_path, change))
    assert re.search(
        r"\.s-title \{ color: #[0-9a-f]{6}; font-size: 2.8125rem; font-weight: 400; font-style: italic;", html
    )
    assert 'fill="#112233"' in html and "#0072b2" in html
    assert '<img src="data:image/png;base64,' in html and 'alt="' in html
    parsed(html)


def test_paper_is_the_pack_s(tmp_path: Path) -> None:
    html = written(replace(sample_pack(), paper="Letter"), tmp_path)
    assert "size: Letter landscape" in html and "size: Letter portrait" in html
    assert '<section id="cover" class="portrait"' in html
    assert "table-header-group" in html and "break-inside: avoid" in html


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (one(float("nan")), "page 'A', row 1, column 1: a cell cannot contain nan"),
        (pack(page(Row((Cell(1, link=Link("gone", 1, 1)),)))), "a link leads to the page 'gone'"),
        (pack(page(), page()), "each with a key of its own"),
        (pack(), "a pack needs pages"),
        (pack(page(Row((Cell("x", "loud"),)))), "the style 'loud'"),
        (pack(listing(Field("A", [1]), Field("B", []))), "differ in length"),
        (pack(listing(Field("A", [float("inf")], COUNT))), "list row 1, 'A': a cell cannot contain inf"),
        (pack(page(Row((Cell("x", span=2), Cell("under"), Cell("y"))))), "lies under a cell"),
        (pack(page(charts=(chart("bar", 1),))), "a chart shows cells of the page 'trend'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(what: Pack, words: str, tmp_path: Path) -> None:
    with pytest.raises(SegxlError, match=re.escape(words)):
        write_html(what, tmp_path / "out.html")
    assert not (tmp_path / "out.html").exists()


def test_a_series_as_long_as_the_categories(tmp_path: Path) -> None:
    trend = sample_pack().pages[1]
    short = replace(trend.charts[0], categories=Range("trend", 1, 1, 2, 5))
    with pytest.raises(SegxlError, match="page 'Trend': chart 'A column'"):
        write_html(pack(replace(trend, charts=(short,))), tmp_path / "out.html")


def test_page_keys_that_look_alike_stay_apart(tmp_path: Path) -> None:
    reader = draw(pack(page(key="a-b"), page(key="a b"), page(key="1")), tmp_path)
    assert [attributes["id"] for attributes in find(reader, "section")] == ["a_b", "a_b_2", "p1"]


def test_colours_and_words_in_css() -> None:
    colour = openpyxl.styles.colors.Color
    theme = {"accent1": "#4472c4"}
    assert hex_colour(colour(theme=4), theme) == "#4472c4"
    assert hex_colour(colour(theme=4, tint=0.4), theme) == "#8faadc"
    assert hex_colour(colour(theme=4), {}) is None and hex_colour(None, theme) is None
    assert hex_colour(colour(indexed=10), theme) == "#ff0000"
    assert readable("#8c8c8c", "#ffffff") == "#757575" and readable("#17375e", "#ffffff") == "#17375e"
    assert css_string('a"</style>\n') == '"a\\22 \\3c \\2f style\\3e \\a "'


def test_units_of_lists_align_as_in_the_workbook(tmp_path: Path) -> None:
    fields = (Field("T", ["x"]), Field("D", [date(2026, 1, 2)], DATE), Field("R", [0.5], RATE), Field("G", [7], TEXT))
    html = written(pack(listing(*fields)), tmp_path)
    assert '<td class="s-cell d">2026-01-02</td>' in html and '<td class="s-cell-number n">50.0%</td>' in html
    assert template_path("pack.css").is_file()


def test_a_scorecard_is_published_as_a_web_page(folder: Any, tmp_path: Path) -> None:
    deals = "opportunity_id,created_on,stage,closed_on,amount\n" + "\n".join(
        f"o{n},2025-0{n}-01,Closed Won,2025-0{n}-20,{n}000" for n in range(1, 6)
    )
    dataset = folder(opportunities=deals)
    facts = Facts(dataset)
    result = make(facts, "2025-05", (ALL_ACCOUNTS,))[0]
    told: list[str] = []
    for fresh in (True, False):
        done = publish.scorecard(facts, result, tmp_path / "out", ("html", "json"), remark=told.append)
        assert [(path.name, new) for path, new in done] == [
            ("scorecard-2025-05.json", fresh),
            ("scorecard-2025-05-all-accounts.html", fresh),
        ]
    reader = parsed((tmp_path / "out" / "scorecard-2025-05-all-accounts.html").read_text(encoding="utf-8"))
    lines = [line for table in reader.tables for line in table if line[0].startswith("Won revenue")]
    assert "5,000" in [line[1] for line in lines]
    assert told == []


def test_long_file_names_break_between_their_words(tmp_path: Path) -> None:
    names = (
        "opportunity_history.csv",
        "book.xlsx, sheet 'opportunity_history'",
        "segment_members.csv",
        "website_visits.csv",
    )
    head = Row((Cell("File", "header"), Cell("As it is", "header"), Cell("More", "header")))
    rows = (Row((Cell(name, "label"), Cell(name, "text"))) for name in names)
    html = written(pack(page(head, *rows, widths=(20, 12, 12), repeat_rows=(1, 1))), tmp_path)
    assert ">opportunity_<wbr>history.csv</th>" in html and "opportunity_<wbr>history&#x27;</th>" in html
    assert ">segment_<wbr>members.csv</th>" in html
    assert html.count(">website_visits.csv<") == 2  # short ones stay on their line
    assert html.count("<wbr>") == 3  # only in the first column, which is narrow on a phone


def test_areas_next_to_each_other_are_tables_of_their_own(tmp_path: Path) -> None:
    rows = (
        Row((Cell("All", "heading"),)),
        Row((Cell("Left", "header"), Cell("N", "header_right"), None, Cell("Right", "header"))),
        Row((Cell("a", "label"), Cell(1, "value", COUNT), None, Cell("x", "label", link=Link("a", 3, 3)))),
        Row((Cell("b", "label"), Cell(2, "value", COUNT))),
        Row((Cell("below", "note"),)),
    )
    what = pack(replace(page(*rows), side_by_side=(SideBySide(2, 4, (1, 4)),)))
    reader = draw(what, tmp_path)
    assert reader.tables == [[["Left", "N"], ["a", "1"], ["b", "2"]], [["Right"], ["x"]]]
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids)) and "a-3-3" in ids
    assert reader.text.index("All") < reader.text.index("Left") < reader.text.index("below")


def test_wide_tables_of_areas_are_read_row_by_row_on_a_phone(tmp_path: Path) -> None:
    """Each number carries the name of its column; a heat map stays a grid, its names upright."""
    names = Row((Cell("", "header"), *(Cell(name, "header_right") for name in "ABCDE")))
    numbers = Row((Cell("Won", "label"), *(Cell(at, "value", COUNT) for at in range(1, 6))))
    shaded = replace(numbers, cells=(numbers.cells[0], *(Cell(at, "up", COUNT, shade=0.4) for at in range(1, 6))))
    rows = (names, numbers, Row(), names, shaded)
    written = pack(replace(page(*rows), side_by_side=(SideBySide(1, 5, (1, 8)),)))
    write_html(written, tmp_path / "p.html")
    html = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert re.findall(r'<table class="(\w+)"', html) == ["stack", "matrix"]
    assert re.findall(r'data-head="(\w)">(\d)</td>', html) == [
        ("A", "1"),
        ("B", "2"),
        ("C", "3"),
        ("D", "4"),
        ("E", "5"),
    ]
    alone = pack(page(*rows))
    write_html(alone, tmp_path / "q.html")
    assert "data-head" not in (tmp_path / "q.html").read_text(encoding="utf-8").partition("</style>")[2]


def test_a_phone_shows_the_key_columns_of_a_table_and_the_others_on_demand(tmp_path: Path) -> None:
    head = Row((Cell("Segment", "header"), *(Cell(name, "header_right") for name in "ABC")))
    body = [Row((Cell(name, "label"), *(Cell(at, "value", COUNT) for at in (1, 2, 3)))) for name in ("East", "West")]
    note = Row((Cell("Both.", "text", span=4),))
    written = pack(replace(page(head, *body, note), key_columns=(KeyColumns(1, (1, 3)),)))
    reader = draw(written, tmp_path)
    whole = [["Segment", "A", "B", "C"], ["East", "1", "2", "3"], ["West", "1", "2", "3"], ["Both."]]
    assert reader.tables == [whole, [["Segment", "A", "C"], ["East", "1", "3"], ["West", "1", "3"]]]
    html = (tmp_path / "out.html").read_text(encoding="utf-8").partition("</style>")[2]
    few, rest = html.split('<details class="rest">')
    assert len(re.findall(r'class="[^"]*\bmore\b', few)) == 3 * 2 and not re.search(r"\bmore\b", rest)
    assert "<summary>Other columns</summary>" in rest


def test_tables_next_to_each_other_have_their_own_key_columns_though_their_headers_share_a_row(tmp_path: Path) -> None:
    """The left one shows A of A and B, the right one D of D and E."""
    head = Row((Cell("Left", "header"), Cell("A", "header"), Cell("B", "header"), None,
                Cell("Right", "header"), Cell("D", "header"), Cell("E", "header")))  # fmt: skip
    body = Row((Cell("x", "label"), Cell(1, "value", COUNT), Cell(2, "value", COUNT), None,
                Cell("y", "label"), Cell(3, "value", COUNT), Cell(4, "value", COUNT)))  # fmt: skip
    keys = (KeyColumns(1, (1, 2)), KeyColumns(1, (5, 6)))
    both = replace(page(head, body), widths=(9.0,) * 7, key_columns=keys, side_by_side=(SideBySide(1, 2, (1, 5)),))
    reader = draw(pack(both), tmp_path)
    assert [table[0] for table in reader.tables] == [
        ["Left", "A", "B"],
        ["Left", "B"],
        ["Right", "D", "E"],
        ["Right", "E"],
    ]


def test_what_people_add_to_sentences_has_its_headers_once(tmp_path: Path) -> None:
    """On the web only where there is something; then as a table, with the heading among its headers."""
    heads = (Cell("What to look at", "heading"), Cell("Comment", "heading"))
    rows = (
        Row(heads),
        Row((Cell("Fell.", "text"), Cell("Late.", "text"))),
        Row((Cell("Rose.", "text"), Cell("", "box"))),
    )
    reader = draw(pack(page(*rows)), tmp_path)
    assert reader.tables == [[["What to look at", "Comment"], ["Fell.", "Late."], ["Rose.", ""]]]
    assert [attributes.get("scope") for attributes in find(reader, "th")][:2] == ["col", "col"]


def test_dates_do_not_break(tmp_path: Path) -> None:
    draw(pack(page(Row((Cell("Data as of 5 Nov 2026, plan of 2026-11-05; Nov 2026", "note"),)))), tmp_path)
    html = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert re.findall(r'<span class="d">(.*?)</span>', html) == ["5 Nov 2026", "2026-11-05"]
    assert re.search(r"\.n, \.d \{ white-space: nowrap; \}", html)


def test_a_headline_figure_has_its_comparison_below(tmp_path: Path) -> None:
    rows = [Row((Cell("Won", "key_label"), Cell("Lost", "key_label")))]
    rows += [Row((Cell(5, "key_value", COUNT), Cell(2, "key_value", COUNT))), Row((Cell("plan 4", "key_note"),))]
    reader = draw(pack(page(*rows, Row((Cell("after", "note"),)))), tmp_path)
    assert [attributes["class"] for attributes in find(reader, "dd")] == ["s-key-value", "s-key-note", "s-key-value"]
    assert reader.text.index("plan 4") < reader.text.index("Lost") < reader.text.index("after")


def test_definitions_are_behind_the_names_that_they_define(tmp_path: Path) -> None:
    head = Row((Cell("Metric", "header"), Cell("Now", "header_right"), Cell("Definition", "header")))
    rows = (
        Row((Cell("Won", "label"), Cell(5, "value", COUNT), Cell("Closed-won in the month.", "note"))),
        Row((Cell("Lost", "label", tip="All of them."), Cell(2, "value", COUNT), None)),
        Row((Cell("Open", "label"), Cell(1, "value", COUNT))),
    )
    html = written(pack(page(head, *rows)), tmp_path)
    reader = parsed(html)
    assert [line[1:] for line in reader.tables[0]] == [["Now"], ["5"], ["2"], ["1"]]  # no column of definitions
    behind = re.findall(r'<details class="what"><summary>(\w+)</summary><p>([^<]+)</p></details>', html)
    assert behind == [("Won", "Closed-won in the month."), ("Lost", "All of them.")]


def test_what_is_behind_the_numbers_opens_on_demand(tmp_path: Path) -> None:
    what = pack(page(Row((Cell("All", "title"),))), listing(Field("N", [1, 2], COUNT), tab="working"))
    html = written(what, tmp_path)
    folded = re.findall(r'<section id="(\w+)" class="folded"[^>]*>\s*<details><summary><h2[^>]*>([^<]+)</h2>', html)
    assert folded == [("rows", "Rows")] and "<details open" not in html
    nav = html[html.index("<nav") : html.index("</nav>")]
    assert re.findall(r'href="#([\w-]+)"', nav) == ["a", "pack-behind"]
    assert "section.folded:not(:has(> details[open])) { display: none; }" in html  # not printed unless it is open
