"""The sheets Settings and Maps of the input workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from xlsxwriter.worksheet import Worksheet

from segxl.excel.input_workbook.content import Content
from segxl.excel.input_workbook.examples import MAP_EXAMPLES
from segxl.excel.input_workbook.keys import GROUPS, LABELS, default_text, help_of
from segxl.excel.input_workbook.styles import Styles
from segxl.excel.input_workbook.validation import listed, suggested
from segxl.sources.workbook.settings import MAPS, SETTINGS, kind_of, setting_path
from segxl.sources.workbook.sheets import START

_KEY = 4  # the column, from 0, of keys
_OWN_ROWS = 10
_MAP_ROWS = 40
_MAPS_HELP: Sequence[tuple[str, str, str, str]] = (
    ("types", "your deal type", "segxl's type", "new_logo, upsell, cross_sell, renewal or other"),
    (
        "stage_map",
        "your intent tool's stage",
        "segxl's buying stage",
        "Target, Awareness, Consideration, Decision, Purchase",
    ),
    (
        "tables.TABLE.columns",
        "your header",
        "segxl's column",
        "if your header differs; A | B: the first filled one",
    ),
    (
        "tables.TABLE.values.COLUMN",
        "your word",
        "segxl's word",
        "for columns with fixed words, such as status; HEADER (filled): any value",
    ),
    ("tables.TABLE.constants", "segxl's column", "a value", "one value for all rows"),
    ("tables.TABLE.where", "a column", "a value", "keep only these rows; also COLUMN.not, .min and .max"),
    (
        "segments.named.NAME.where",
        "an accounts column",
        "a value",
        "a segment by rule; rows of one NAME: accounts must meet all; at least 1000: Employees.min",
    ),
    ("report.irrelevant", "an opportunities column", "a value", "irrelevant deals, which the report can exclude"),
)


def draw_settings(sheet: Worksheet, styles: Styles, content: Content) -> None:
    """The sheet Settings: each setting in plain words, its value, default, help and key, in groups; own rows last."""
    sheet.hide_gridlines(2)
    sheet.set_tab_color(styles.tab_settings)
    for at, width in enumerate((44, 42, 26, 76, 30)):
        sheet.set_column(at, at, width)
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, "Settings", styles.title)
    sheet.write_url(1, 0, f"internal:'{START}'!A1", styles.link, f"← {START}")
    sheet.write_string(1, 1, "Fill in the blue cells you need; the next column shows the default.", styles.note)
    for at, header in enumerate(("setting", "value", "if left blank", "help", "key")):
        sheet.write_string(3, at, header, styles.header_indented if at == 2 else styles.header)
    row, left = 4, dict(content.settings)
    for group, keys in GROUPS.items():
        sheet.set_row(row, 22)
        sheet.write_string(row, 0, group, styles.heading)
        row += 1
        for key in keys:
            _draw_setting(sheet, styles, row, key, left.pop(key, None), content)
            row += 1
    sheet.set_row(row, 22)
    sheet.write_string(row, 0, "More settings", styles.heading)
    said = "Write the key on the right: tables.TABLE.dates, timestamps, decimal …; segments.named.NAME.created_on …"
    sheet.write_string(row, 3, said, styles.note)
    for key_name, value in (*left.items(), *[("", None)] * _OWN_ROWS):
        row += 1
        sheet.write_string(row, _KEY, key_name, styles.value)
        _write_value(sheet, styles, row, value)
    sheet.freeze_panes(4, 1)
    sheet.set_selection(5, 1, 5, 1)
    styles.set_up_print(sheet, SETTINGS, repeat=4)


def _draw_setting(sheet: Worksheet, styles: Styles, row: int, key: str, value: object, content: Content) -> None:
    sheet.write_string(row, 0, LABELS[key], styles.key)
    sheet.write_string(row, _KEY, key, styles.wrapped_note)
    _write_value(sheet, styles, row, value)
    sheet.write_string(row, 2, str(default_text(key)), styles.default)
    help_text = help_of(key)
    sheet.write_string(row, 3, help_text, styles.wrapped_note)
    if len(help_text) > 95:
        sheet.set_row(row, 26)
    kind, choices = kind_of(setting_path(key)) or ("text", ())
    prompt = {"input_title": key[:32], "input_message": help_text[:255]}
    if choices:
        options: dict[str, Any] = listed(choices, key)
    elif kind == "flag":
        options = listed(("yes", "no"), key)
    elif key == "fiscal_year_start":
        options = {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": 12}
        options |= {"error_title": "fiscal_year_start", "error_message": "Enter a month number, 1 to 12."}
    elif kind == "date":
        options = {"validate": "date", "criteria": ">", "value": date(1900, 3, 1)}
        options |= {"error_title": key[:32], "error_message": "Enter a date, like 2026-10-31."}
    elif key == "segments.by" and "accounts" in content.tables:
        options = suggested([*content.tables["accounts"].extras, "geo", "sales_team", "country"])
    elif key in ("scorecard.segments", "report.segments") and content.segments:
        options = suggested(content.segments)
    else:
        options = {"validate": "any"}
    sheet.data_validation(row, 1, row, 1, prompt | options)


def _write_value(sheet: Worksheet, styles: Styles, row: int, value: object) -> None:
    if value is None:
        sheet.write_blank(row, 1, None, styles.value)
    elif isinstance(value, date):
        sheet.write_datetime(row, 1, value, styles.date_value)
    elif isinstance(value, int | float):
        sheet.write_number(row, 1, value, styles.value)
    else:
        sheet.write_string(row, 1, str(value), styles.value)


def draw_maps(sheet: Worksheet, styles: Styles, content: Content) -> None:
    """The sheet Maps: map, from, to; the meaning of each map is on the right."""
    sheet.hide_gridlines(2)
    sheet.set_tab_color(styles.tab_settings)
    for at, width in enumerate((38, 28, 28, 3, 28, 24, 15, 52)):
        sheet.set_column(at, at, width)
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, "Maps", styles.title)
    sheet.write_url(1, 0, f"internal:'{START}'!A1", styles.link, f"← {START}")
    said = "Translate your words to segxl's, one per row. Words that are the same need no row."
    sheet.write_string(1, 1, said, styles.note)
    rows = list(_map_rows(content))
    for row, (texts, is_example) in enumerate(rows, start=4):
        for at, text in enumerate(texts):
            style = styles.map_example if is_example else styles.map_input
            if isinstance(text, int | float):
                sheet.write_number(row, at, text, style)
            elif text:
                sheet.write_string(row, at, str(text), style)
            else:
                sheet.write_blank(row, at, None, style)
    columns = [{"header": name, "header_format": styles.header} for name in ("map", "from", "to")]
    options = {"name": "maps", "style": "Table Style Light 1", "banded_rows": False, "columns": columns}
    sheet.add_table(3, 0, 3 + len(rows), 2, options)
    known = suggested([name for name, *_ in _MAPS_HELP if "TABLE" not in name and "NAME" not in name])
    prompt = {"input_title": "map", "input_message": "Choose a map; see the list on the right."}
    sheet.data_validation(4, 0, 9_999, 0, prompt | known)
    for at, header in enumerate(("map", "from", "to", "meaning"), start=4):
        sheet.write_string(3, at, header, styles.header)
    for row, texts in enumerate(_MAPS_HELP, start=4):
        for at, text in enumerate(texts, start=4):
            sheet.write_string(row, at, text, styles.listed if at == 4 else styles.note)
    for row in range(3, 4 + len(rows)):
        sheet.set_row(row, 15)
    sheet.freeze_panes(4, 0)
    sheet.set_selection(4, 0, 4, 0)
    styles.set_up_print(sheet, MAPS, repeat=4)


def _map_rows(content: Content) -> Iterator[tuple[tuple[object, ...], bool]]:
    yield from ((row, False) for row in content.maps)
    if not content.settings:
        yield from ((row, True) for row in MAP_EXAMPLES)
    yield from ((("", "", ""), False) for _ in range(_MAP_ROWS if not content.maps else 10))
