"""The open workbook: the pages of a pack drawn as sheets of a workbook that is open in Excel, through xlwings.

The layout is the pack's own (:mod:`segxl.render.xlsx.layout`), so a page that packs have appears here without a line of
code. Values are written in blocks. What xlwings does not offer on every system goes through a
:class:`~segxl.excel.drawing.host.Host`, one for each. The sheets that segxl has drawn are listed on the hidden sheet
``_segxl``; only they are ever changed. A sheet is cleared and drawn again, never deleted, so that formulas and charts
of the user's that point at it go on working.

Cells get no Excel names, unlike those of a pack: the workbook is the user's, who may have a name such as ``leads``, and
a scorecard and the executive page in one workbook would need the same ones.

All that can be found out is found out before the workbook is touched; if drawing still fails, the sheets are
put back as they were.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from openpyxl.utils import get_column_letter

from segxl.errors import SegxlError
from segxl.excel.drawing.host import Area, Host, Value
from segxl.pages.cells import heading
from segxl.pages.model import Cell, Pack, Page, Records, Row
from segxl.render.shared.atomic_files import template_path
from segxl.render.shared.theme import read_look
from segxl.render.xlsx.excel_values import (
    MAX_TITLE,
    TEXT_KINDS,
    cell_value,
    cut_text,
    live_value,
    plain_list,
    sheet_titles,
)
from segxl.render.xlsx.layout import ColumnStyles, Drawn, Frame, Layout, StyleKey
from segxl.sources.workbook.settings import SETTINGS
from segxl.sources.workbook.sheets import OUTPUTS as LISTED
from segxl.sources.workbook.sheets import START

if TYPE_CHECKING:
    import xlwings as xw

_CHUNK = 10_000
"""Rows of a long list that are written at once."""


@dataclass(frozen=True)
class Listed:
    """A sheet that segxl has drawn: its name, its document (``scorecard``, ``report`` …), and the page's key."""

    sheet: str
    kind: str
    page: str


@dataclass(frozen=True)
class Result:
    """The outcome of drawing: the sheet of each page, and notes for users."""

    sheets: dict[str, str]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Plan:
    """A sheet ready to be drawn."""

    layout: Layout
    cells: tuple[Drawn, ...]
    block: list[list[Value]]
    looks: dict[StyleKey, list[Area]]
    heights: list[tuple[int, int, float]]
    header: tuple[Drawn, ...]
    list_styles: list[ColumnStyles]
    chunks: list[list[tuple[Value, ...]]]
    table: str


def listed_sheets(book: xw.Book) -> list[Listed]:
    """The sheets that segxl has drawn into a workbook and that are still there."""
    names = {sheet.name.casefold(): sheet.name for sheet in book.sheets}
    if LISTED not in names:
        return []
    rows = book.sheets[names[LISTED]].used_range.options(ndim=2).value
    found = [Listed(*(str(row[at]) if at < len(row) and row[at] else "" for at in range(3))) for row in rows]
    return [one for one in found if one.sheet.casefold() in names]


def draw_packs(packs: Mapping[str, Pack], book: xw.Book, host: Host) -> dict[str, Result]:
    """Draw packs' pages as sheets of an open workbook, all of them or none.

    Args:
        packs: the pages, in order, by what they are of: sheets of this kind that were drawn before and have no page now
            are emptied. A pack without pages only does that.
        book: the open workbook.
        host: what the place where it is open offers beyond xlwings.

    Returns:
        The outcome by kind.

    Raises:
        SegxlError: a sheet or the workbook's structure is protected, or a pack cannot be drawn. The sheets are as
            they were.
    """
    look = read_look(template_path("scorecard.xlsx"))
    before = listed_sheets(book)
    there = {sheet.name.casefold() for sheet in book.sheets}
    titles, tables = set(there), host.table_names(book, {one.sheet for one in before if one.kind in packs})
    frames: dict[str, Frame] = {}
    for kind, pack in packs.items():
        whole = _with_emptied(pack, [one for one in before if one.kind == kind])
        if not whole.pages:
            continue
        frame = Frame(whole, look, _titles(whole, kind, titles, before))
        frame.name_tables(_table_names(whole, kind, tables))
        frames[kind] = frame
    plans = [_plan(Layout(frame, page)) for frame in frames.values() for page in frame.pack.pages]
    _refuse_locked(book, host)
    for plan in plans:
        if plan.layout.title.casefold() in there:
            refuse_protected(book.sheets[plan.layout.title], host)
    quiet = book.app.properties(screen_updating=False, display_alerts=False, enable_events=False)
    with quiet, _all_or_nothing(book, host) as sheet_of:
        for plan in plans:
            _draw(sheet_of(plan.layout.title, plan.layout.page.tab == "output"), plan, host)
        for plan in plans:
            for area, formulas in _formulas(plan):
                host.calculate(book.sheets[plan.layout.title], area, formulas)
        for plan in plans:
            host.charts(book.sheets[plan.layout.title], plan.layout)
        others = [one for one in before if one.kind not in packs]
        drawn = [Listed(title, kind, key) for kind, frame in frames.items() for key, title in frame.titles.items()]
        _write_list(sheet_of(LISTED), [*others, *drawn], host)
    return {kind: Result(dict(frame.titles), tuple(frame.notes)) for kind, frame in frames.items()}


def write_text_sheet(book: xw.Book, host: Host, title: str, rows: Sequence[Sequence[str]]) -> str:
    """Write unchanged texts to a new sheet; return its name."""
    _refuse_locked(book, host)
    name = _free_title(title, {sheet.name.casefold() for sheet in book.sheets})
    width = max(map(len, rows), default=0)
    sheet = book.sheets.add(name, after=book.sheets[len(book.sheets) - 1])
    if width:
        host.as_text(sheet, Area(1, 1, len(rows), width))
        for start in range(0, len(rows), _CHUNK):
            part = rows[start : start + _CHUNK]
            block = [[_as_text(text) for text in (*row, *[""] * (width - len(row)))] for row in part]
            host.put(_range(sheet, start + 1, 1, len(block), width), block)
    return name


def _as_text(text: str) -> str | None:
    value = live_value(*cell_value(text, str, []))
    return _texted(value) if isinstance(value, str) else None


def _texted(text: str) -> str:
    """The text for a cell formatted as text: only a leading apostrophe needs another one."""
    return f"'{text}" if text.startswith("'") else text


def _with_emptied(pack: Pack, before: Iterable[Listed]) -> Pack:
    """The pack with a notice page for each sheet that has no page this time, because formulas may refer to it."""
    keys = {page.key for page in pack.pages}
    gone = [one for one in before if one.page not in keys]
    pages = tuple(
        Page(
            one.page,
            one.sheet,
            (
                *heading(one.sheet, f"{pack.subject} · {pack.title}", 1)[:2],
                Row((Cell("No rows this time. You can delete this sheet if no formula refers to it.", "note"),)),
            ),
            (90,),
            tab="working",
        )
        for one in gone
    )
    return replace(pack, pages=(*pack.pages, *pages))


def _titles(pack: Pack, kind: str, taken: set[str], before: Sequence[Listed]) -> list[str]:
    """The sheet of each page: the one it had, else the page's title unless a sheet has that name already; ``taken``
    gains their names, in small letters."""
    had = {one.page: one.sheet for one in before if one.kind == kind}
    found = []
    for page, title in zip(pack.pages, sheet_titles([page.title for page in pack.pages]), strict=True):
        name = had.get(page.key) or title
        if page.key not in had and name.casefold() in taken:
            # "Checks (report)" next to the scorecard's own, "Accounts (scorecard)" next to the input's
            name = _free_title(f"{cut_text(title, MAX_TITLE - len(kind) - 3)} ({kind})", taken)
        taken.add(name.casefold())
        found.append(name)
    return found


def _free_title(title: str, taken: set[str]) -> str:
    name, number = sheet_titles([title])[0], 2
    while name.casefold() in taken:
        end = f" ({number})"
        name, number = cut_text(title, MAX_TITLE - len(end)) + end, number + 1
    return name


def _refuse_locked(book: xw.Book, host: Host) -> None:
    if host.is_locked(book):
        raise SegxlError(
            "the workbook's structure is protected, so segxl cannot add sheets: "
            "unprotect it (Review, Protect Workbook) and press the button again"
        )


def refuse_protected(sheet: xw.Sheet, host: Host) -> None:
    """Stop before a sheet is touched whose cells cannot be changed.

    Raises:
        SegxlError: the sheet is protected.
    """
    if host.is_protected(sheet):
        raise SegxlError(
            f"the sheet {sheet.name!r} is protected: unprotect it (Review, Unprotect Sheet) and press the button again"
        )


@contextmanager
def _all_or_nothing(book: xw.Book, host: Host) -> Iterator[Any]:
    """Gives sheets by name, emptied or new; if what follows fails, they are put back or taken away."""
    kept: list[tuple[xw.Sheet, Any]] = []
    added: list[xw.Sheet] = []
    front, first = book.sheets.active, _first_input(book)

    def sheet_of(title: str, result: bool = False) -> xw.Sheet:
        if title in book.sheets:
            sheet = book.sheets[title]
            if title != LISTED:
                # Excel does not bring a hidden sheet to the front, and would freeze another one's panes
                host.unhide(sheet)
            kept.append((sheet, host.keep(sheet)))
            host.wipe(sheet)
            return sheet
        in_front = result and first is not None
        place = {"before": first} if in_front else {"after": book.sheets[len(book.sheets) - 1]}
        sheet = book.sheets.add(title, **place)
        added.append(sheet)
        return sheet

    try:
        yield sheet_of
    except BaseException:
        for sheet, state in reversed(kept):
            host.restore(sheet, state)
        for sheet in reversed(added):
            sheet.delete()
        host.show(front)
        raise
    for _, state in kept:
        host.forget(state)


def _first_input(book: xw.Book) -> xw.Sheet | None:
    """The first sheet of an input workbook behind the sheet Start and the results; None without a sheet Start."""
    drawn = {one.sheet for one in listed_sheets(book)}
    sheets = list(book.sheets)
    if not sheets or sheets[0].name != START:
        return None
    return next((sheet for sheet in sheets[1:] if sheet.name == SETTINGS or sheet.name not in drawn), None)


def _table_names(pack: Pack, kind: str, taken: set[str]) -> dict[str, str]:
    """The name of each page's table, by the page's key; ``taken`` gains them, in small letters."""
    found = {}
    for page in pack.pages:
        if page.records is not None:
            found[page.key] = _table_name(page.records.table or _made_name(page.key, kind), taken)
            taken.add(found[page.key].casefold())
    return found


def _formulas(plan: _Plan) -> Iterator[tuple[Area, list[list[str]]]]:
    """The formulas of a sheet in blocks: those of the page's rows along each row, those of a list down each column."""
    run: list[Drawn] = []
    for cell in (*plan.cells, None):
        last = run[-1] if run else None
        if last and (cell is None or not cell.formula or (cell.row, cell.column) != (last.row, last.column + 1)):
            yield Area(run[0].row, run[0].column, run[-1].row, run[-1].column), [[f"={one.formula}" for one in run]]
            run = []
        if cell is not None and cell.formula:
            run.append(cell)
    layout = plan.layout
    for column, formulas in enumerate(layout.record_formulas(layout.records) if layout.records else (), start=1):
        row = layout.top + 1
        for there, stretch in groupby(formulas, key=bool):
            texts = list(stretch)
            if there:
                yield Area(row, column, row + len(texts) - 1, column), [[f"={text}"] for text in texts]
            row += len(texts)


def _plan(layout: Layout) -> _Plan:
    """Everything about a sheet, before one is touched."""
    cells = tuple(layout.cells())
    width = max((cell.column + cell.span - 1 for cell in cells), default=0)
    block: list[list[Value]] = [[None] * width for _ in layout.page.rows]
    for cell in cells:
        block[cell.row - 1][cell.column - 1] = _live(cell)
    heights = _runs([layout.height(number) for number in range(1, len(layout.page.rows) + 1)])
    records = layout.records
    if records is None:
        return _Plan(layout, cells, block, _looks(cells), heights, (), [], [], "")
    header = tuple(layout.header(records))
    heights.append((layout.top, layout.top, layout.height(layout.top)))
    name = layout.frame.tables[layout.page.key]
    chunks = list(_chunks(layout, records))
    styles = layout.record_styles(records)
    return _Plan(layout, cells, block, _looks((*cells, *header)), heights, header, styles, chunks, name)


def _live(cell: Drawn) -> Value:
    """A cell's value as it is written: what Excel would read into a text is kept from it."""
    value = live_value(cell.kind, cell.text)
    if isinstance(value, str) and cell.kind in TEXT_KINDS:
        return _texted(value) if cell.style.format == "@" else f"'{value}"
    return value


def _made_name(key: str, kind: str) -> str:
    """The table's name where the page gives none."""
    return f"tbl_{key}" if kind == "scorecard" else f"tbl_{kind}_{key}"


def _table_name(base: str, taken: set[str]) -> str:
    """The same each time, so that formulas that use it go on working; another where the user has one of that name."""
    name, number = base, 2
    while name.casefold() in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _looks(cells: Iterable[Drawn]) -> dict[StyleKey, list[Area]]:
    """The blocks of cells of each look: runs along rows, joined with equal ones below."""
    runs: dict[StyleKey, list[Area]] = {}
    row, last = 0, None
    for cell in cells:
        right = cell.column + cell.span - 1
        areas = runs.setdefault(cell.style, [])
        if last == cell.style and row == cell.row and areas and areas[-1].right == cell.column - 1:
            areas[-1] = areas[-1]._replace(right=right)
        else:
            areas.append(Area(cell.row, cell.column, cell.row, right))
        row, last = cell.row, cell.style
    return {style: _joined(areas) for style, areas in runs.items()}


def _joined(areas: Iterable[Area]) -> list[Area]:
    open_areas: dict[tuple[int, int], Area] = {}
    done: list[Area] = []
    for area in areas:
        sides = area.left, area.right
        above = open_areas.get(sides)
        if above is not None and above.bottom == area.top - 1:
            area = above._replace(bottom=area.bottom)
        elif above is not None:
            done.append(above)
        open_areas[sides] = area
    return sorted([*done, *open_areas.values()])


def _runs(heights: Sequence[float]) -> list[tuple[int, int, float]]:
    """Rows of equal height: first, last, height."""
    runs: list[tuple[int, int, float]] = []
    for number, height in enumerate(heights, start=1):
        if runs and runs[-1][2] == height:
            runs[-1] = (runs[-1][0], number, height)
        else:
            runs.append((number, number, height))
    return runs


def _chunks(layout: Layout, records: Records) -> Iterator[list[tuple[Value, ...]]]:
    """The rows of a long list, some thousands at a time."""
    formats = [styles.kinds[0]["text"].format for styles in layout.record_styles(records)]
    columns = [_column(layout, at, field.values, formats[at - 1]) for at, field in enumerate(records.fields, start=1)]
    for start in range(0, len(records), _CHUNK):
        yield list(zip(*(column[start : start + _CHUNK] for column in columns), strict=True))


_DAY_ZERO, _FIRST_DAY = date(1899, 12, 30).toordinal(), date(1900, 2, 28).toordinal()
_EXACT = 2**31
_HARMLESS_LENGTH = 255


def _column(layout: Layout, column: int, values: Sequence[Any], form: str) -> list[Value]:
    """A list's column as live values. Most columns have one plain kind, which needs no check of each value."""
    values = plain_list(values)
    kinds = set(map(type, values))
    kinds.discard(type(None))
    if kinds == {date} and all(value is None or value.toordinal() > _FIRST_DAY for value in values):
        return [None if value is None else value.toordinal() - _DAY_ZERO for value in values]
    if kinds == {int} and max(map(abs, filter(None, values)), default=0) < _EXACT:
        return list(values)
    if kinds == {float} and math.isfinite(math.fsum(map(abs, filter(None, values)))):
        return [value if value is None else value + 0.0 for value in values]
    if kinds == {str} and form == "@" and None not in values:
        joined = "".join(values)
        plain = joined.isprintable() and "_x" not in joined and max(map(len, values), default=0) <= _HARMLESS_LENGTH
        if plain and "'" not in joined:
            return [value or None for value in values]
    found: list[Value] = []
    notes = layout.frame.notes
    for at, value in enumerate(values):
        kind, text = cell_value(value, layout.where(layout.top + 1 + at, column), notes)
        live = live_value(kind, text)
        if isinstance(live, str) and kind in TEXT_KINDS:
            live = _texted(live) if form == "@" and kind != "long" else f"'{live}"
        found.append(live)
    return found


def _range(sheet: xw.Sheet, top: int, left: int, rows: int, columns: int) -> xw.Range:
    return sheet.range((top, left), (top + rows - 1, left + columns - 1))


def _draw(sheet: xw.Sheet, plan: _Plan, host: Host) -> None:
    """One sheet. Links come first, as Excel gives them a look and a text of its own; looks before values, so that
    nothing is read into texts."""
    layout = plan.layout
    for cell in plan.cells:
        if cell.link is not None:
            host.link(sheet, cell, layout.frame.link_target(cell.link), layout.frame.link_tip(cell.link))
    for first, last, width in _runs(layout.widths):
        columns = f"{get_column_letter(first)}:{get_column_letter(last)}"
        sheet.range(columns).column_width = width
    for key, areas in plan.looks.items():
        host.paint(sheet, layout.look, key, areas)
    if plan.block and plan.block[0]:
        _range(sheet, 1, 1, len(plan.block), len(plan.block[0])).value = plan.block
    for cell in plan.cells:
        if cell.span > 1:
            _range(sheet, cell.row, cell.column, 1, cell.span).merge()
    for first, last, height in plan.heights:
        sheet.range(f"{first}:{last}").row_height = height
    if layout.records is not None:
        _draw_list(sheet, plan, host)
    host.set_up(sheet, layout)
    for cell in plan.cells:
        if cell.tip:
            host.tip(sheet, cell)


def _draw_list(sheet: xw.Sheet, plan: _Plan, host: Host) -> None:
    layout, headers = plan.layout, [cell.text for cell in plan.header]
    _range(sheet, layout.top, 1, 1, len(headers)).value = [headers]
    host.table(sheet, Area(layout.top, 1, layout.last_row, len(headers)), plan.table, headers)
    host.paint_list(sheet, layout, plan.list_styles)
    row = layout.top + 1
    for chunk in plan.chunks:
        host.put(_range(sheet, row, 1, len(chunk), len(headers)), chunk)
        row += len(chunk)


def _write_list(sheet: xw.Sheet, listed: Sequence[Listed], host: Host) -> None:
    """Rewrite the hidden sheet that lists the sheets of segxl."""
    host.as_text(sheet, Area(1, 1, len(listed), 3))
    _range(sheet, 1, 1, len(listed), 3).value = [[one.sheet, one.kind, one.page] for one in listed]
    host.hide(sheet)
