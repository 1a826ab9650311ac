"""The first sheet of the input workbook: five steps in plain words, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from segxl.excel.input_workbook.content import Content
from segxl.excel.input_workbook.examples import EXAMPLES, NEEDED_FOR
from segxl.excel.input_workbook.styles import Styles
from segxl.sources.files.raw import EXAMPLE
from segxl.sources.workbook.settings import SETTINGS
from segxl.sources.workbook.sheets import START
from segxl.tables.contracts import CONTRACTS

_STEPS = (
    (
        "Settings",
        "On the sheet Settings, enter your open deal stages in order, the won and lost stages, and the accounts column "
        "that defines your segments. Everything else has a default.",
        (),
        "",
    ),
    (
        "Your data",
        "Paste each export unchanged, with its header, into a new sheet. segxl recognises exports of known tools by "
        "their header; report footers can stay. For other data, use the sheets listed below.",
        ("ImportExports", "ClearExamples"),
        "paste, or type",
    ),
    (
        "Check",
        "See which rows are used, excluded or rejected, which sheets segxl does not recognise, and what to fix, with "
        "sheet and cell.",
        ("CheckData",),
        "segxl check WORKBOOK.xlsx",
    ),
    (
        "Scorecard and report",
        "Create the segment scorecard for the latest complete month (or the period on Settings), and the segment "
        "performance report.",
        ("BuildScorecard", "RunSegmentReport"),
        "segxl scorecard WORKBOOK.xlsx\nsegxl report WORKBOOK.xlsx",
    ),
    (
        "Publish",
        "Save a pack per segment and the report, to send or print. Every number drills through to its rows.",
        ("PublishPacks",),
        "segxl scorecard WORKBOOK.xlsx --out PACKS\nsegxl report WORKBOOK.xlsx --out PACKS",
    ),
)
_UNDERSTAND = (
    "Any time",
    "Select a number on a segxl sheet to see the rows behind it and its definition.",
    ("ExplainThisNumber", "ShowHelp"),
)
STATUS_CELL = "$B$5"
"""The place of the buttons' last message."""

RESULT_CELLS = "$C$6:$E$6"
"""The places of links to the results, once a button has drawn them."""

_FIRST_STEP = 6  # the row, from 0, of the first step
_SLOT = 172  # pixels: the last column has two buttons

_MARGIN, _NUMBER, _TITLE, _WORDS, _ACTION = range(5)


def draw_start(
    sheet: Worksheet, styles: Styles, content: Content, *, buttons: bool, header_row: int
) -> dict[str, tuple[int, int, int]]:
    """Draw the sheet.

    Returns:
        The place that is free for each button, by its macro: row and column (from 0) of a cell, and how many pixels
        from its left.
    """
    sheet.hide_gridlines(2)
    sheet.set_tab_color(styles.tab_front)
    for at, width in enumerate((2, 7, 24, 84, 50)):
        sheet.set_column(at, at, width)
    sheet.set_row(0, 30)
    sheet.write_string(0, _NUMBER, content_title(content), styles.title)
    said = "Five steps, from top to bottom. This workbook contains your inputs; no data leaves this computer."
    sheet.write_string(1, _NUMBER, said, styles.subtitle)
    sheet.set_row(3, 30)
    sheet.write_blank(STATUS_CELL.replace("$", ""), None, styles.status)
    for column in (_TITLE, _WORDS, _ACTION):
        sheet.write_blank(_FIRST_STEP - 1, column, None, styles.link)
    counts = {table: len(content.tables[table]) if table in content.tables else 0 for table in EXAMPLES}
    _draw_next(sheet, styles, counts, header_row, buttons=buttons)
    places: dict[str, tuple[int, int, int]] = {}
    for number, (title, words, macros, command) in enumerate(_STEPS, start=1):
        row = _FIRST_STEP + number - 1
        _draw_step(sheet, styles, row, title, words, macros if buttons else (), places)
        sheet.write_number(row, _NUMBER, number, styles.step)
        if number == 1:
            link = styles.link if buttons else styles.step_link
            sheet.write_url(row, _ACTION, f"internal:'{SETTINGS}'!B10", link, "Go to Settings")
        elif not buttons:
            sheet.write_string(row, _ACTION, command, styles.command)
    row = _FIRST_STEP + len(_STEPS)
    if buttons:
        _draw_step(sheet, styles, row, *_UNDERSTAND, places)
    else:
        sheet.write_string(row, _TITLE, "In a terminal", styles.strong)
        sheet.write_string(row, _WORDS, "Save this workbook first; the commands read the saved file.", styles.text)
    _draw_tables(sheet, styles, row + 2, counts, header_row)
    sheet.set_selection(3, _TITLE, 3, _TITLE)
    styles.set_up_print(sheet, START, high=1)
    return places


def _draw_step(
    sheet: Worksheet,
    styles: Styles,
    row: int,
    title: str,
    words: str,
    macros: Sequence[str],
    places: dict[str, tuple[int, int, int]],
) -> None:
    """One step, with its buttons in the last column."""
    sheet.set_row(row, 44)
    sheet.write_string(row, _TITLE, title, styles.strong)
    sheet.write_string(row, _WORDS, words, styles.text)
    places |= {macro: (row, _ACTION, 4 + at * _SLOT) for at, macro in enumerate(macros)}


def content_title(content: Content) -> str:
    """The headline with the company's name."""
    name = content.settings.get("name")
    return f"{name}: inputs for segment scorecards" if name else "Segment scorecards from your exports"


def _rows_of(table: str, header_row: int) -> str:
    cells = f"'{table}'!$A${header_row + 1}:$A$1048576"
    return f'COUNTA({cells})-COUNTIF({cells},"{EXAMPLE}*")'


def _draw_next(sheet: Worksheet, styles: Styles, counts: dict[str, int], header_row: int, *, buttons: bool) -> None:
    """The next step, by the tables that are there."""
    check = "press Check data" if buttons else "run segxl check"
    fill = (
        "Next: step 1, Settings; then step 2: your opportunities and accounts. "
        f"If you have already pasted exports into their own sheets: step 3, {check}."
    )
    ready = f"Next: step 3, {check}; then step 4."
    accounts = f"Next: step 2, accounts are missing. If they are in their own sheet: step 3, {check}."
    deals, companies = (_rows_of(table, header_row) for table in ("opportunities", "accounts"))
    formula = f'=IFERROR(IF({deals}=0,"{fill}",IF({companies}=0,"{accounts}","{ready}")),"{ready}")'
    shown = fill if not counts["opportunities"] else ready if counts["accounts"] else accounts
    sheet.merge_range(3, _NUMBER, 3, _ACTION, "", styles.next)
    sheet.write_formula(3, _NUMBER, formula, styles.next, shown)


def _draw_tables(sheet: Worksheet, styles: Styles, row: int, counts: dict[str, int], header_row: int) -> None:
    sheet.write_string(row, _NUMBER, "Sheets for your tables", styles.heading)
    row += 1
    sheet.write_string(row, _NUMBER, "Rows", styles.header_right)
    for at, header in ((_TITLE, "Sheet"), (_WORDS, "Content"), (_ACTION, "Needed for")):
        sheet.write_string(row, at, header, styles.header if at == _WORDS else styles.header_indented)
    for at, table in enumerate(EXAMPLES, start=row + 1):
        formula = f'=IFERROR({_rows_of(table, header_row)},"?")'
        sheet.write_formula(at, _NUMBER, formula, styles.count, counts[table])
        sheet.write_url(at, _TITLE, f"internal:'{table}'!A{header_row + 1}", styles.listed_link, table)
        sheet.write_string(at, _WORDS, CONTRACTS[table][0].help, styles.listed)
        sheet.write_string(at, _ACTION, NEEDED_FOR[table], styles.purpose)
    last = row + len(EXAMPLES) + 2
    sheet.write_string(
        last,
        _NUMBER,
        "Fill in the blue cells. Grey rows in italics are examples and never count. Hidden and filtered rows count.",
        styles.note,
    )
