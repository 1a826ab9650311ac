"""Reading files as text: every cell, every row number, and a plain refusal for whatever is not a table."""

from __future__ import annotations

import builtins
import contextlib
import csv
import datetime as dt
import hashlib
import io
import random
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from segxl.cache.fingerprint import noting
from segxl.errors import SegxlError
from segxl.sources.files import delimited, raw, sheets
from segxl.sources.files.files import NOT_CALCULATED, RawTable, cell_text, expand, read_file, sheet_names


def _written(folder: Path, data: str | bytes, name: str = "sales.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def _cells(table: RawTable) -> list[list[str]]:
    """The records, one list each."""
    return [list(record) for record in zip(*table.columns, strict=True)]


def _refusal(path: Path, **options: Any) -> str:
    with pytest.raises(SegxlError) as refused:
        read_file(path, **options)
    assert path.name in str(refused.value)
    return str(refused.value)


# --- text files


def test_a_csv_is_read_cell_by_cell(tmp_path: Path) -> None:
    data = 'id,name,amount\n1,"Nguyen, Smith",12.50\n2,NA,\n3,null,-\n'
    table = read_file(_written(tmp_path, data))
    assert table.file == "sales.csv"
    assert table.sha256 == hashlib.sha256(data.encode()).hexdigest()
    assert table.header == ("id", "name", "amount")
    assert _cells(table) == [["1", "Nguyen, Smith", "12.50"], ["2", "NA", ""], ["3", "null", "-"]]
    assert table.rows.tolist() == [2, 3, 4]
    assert table.broken == ()
    assert len(table) == 3
    assert table.column("name").tolist() == ["Nguyen, Smith", "NA", "null"]


def test_rows_keep_the_numbers_that_excel_shows(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, 'id,note\n1,"two\nlines"\n\n  \n2,x\n\n'))
    assert _cells(table) == [["1", "two\nlines"], ["", ""], ["", ""], ["2", "x"], ["", ""]]
    assert table.rows.tolist() == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_one(tmp_path: Path, end: str) -> None:
    table = read_file(_written(tmp_path, f"id,name{end}1,x{end}{end}2,y"))
    assert _cells(table) == [["1", "x"], ["", ""], ["2", "y"]]
    assert table.rows.tolist() == [2, 3, 4]


def test_short_records_are_filled_with_blanks(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, "a,b,c\n1,2,3\n\nTotal\n4,5\n"))
    assert _cells(table) == [["1", "2", "3"], ["", "", ""], ["Total", "", ""], ["4", "5", ""]]


def test_long_records_are_listed_and_left_out(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, 'a,b\n1,"x\ny"\n2,3,4\n5\n6,7,, 8\n9,10\n'))
    assert table.broken == (
        (3, "has 3 fields where the header has 2"),
        (5, "has 4 fields where the header has 2"),
    )
    assert _cells(table) == [["1", "x\ny"], ["5", ""], ["9", "10"]]
    assert table.rows.tolist() == [2, 4, 6]


def test_blank_fields_behind_the_last_column_break_nothing(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, "a,b\n1,2,\n3,4, ,\n"))
    assert _cells(table) == [["1", "2"], ["3", "4"]]
    assert table.broken == ()


def test_cells_and_headers_are_stripped_of_every_space(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, ' id ,Deal\u00a0 name\u00a0\n\u00a01 ,Closed\u00a0Won\u202f\n"\t2",x \n'))
    assert table.header == ("id", "Deal name")
    assert _cells(table) == [["1", "Closed Won"], ["2", "x"]]


def test_blank_and_repeated_headers_get_names(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, "Amount,,Amount,Amount (2),\n1,2,3,4,5\n"))
    assert table.header == ("Amount", "Column 2", "Amount (2)", "Amount (2) (2)", "Column 5")


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, "a,b\n"))
    assert table.header == ("a", "b")
    assert [len(column) for column in table.columns] == [0, 0]
    assert len(table) == 0


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(tmp_path: Path, mark: str) -> None:
    table = read_file(_written(tmp_path, f"Name{mark}Amount\nx{mark}y\n", "sales.txt"))
    assert _cells(table) == [["x", "y"]]


def test_a_tie_of_delimiters_goes_to_the_one_that_fits_the_rows(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, "Name;Amount, EUR\nAcme;12,50\nBeta;7\n"))
    assert table.header == ("Name", "Amount, EUR")
    assert _cells(table) == [["Acme", "12,50"], ["Beta", "7"]]


def test_a_given_delimiter_wins(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, "a,b;c,d\n1,2;3,4\n"), delimiter=";")
    assert table.header == ("a,b", "c,d")


def test_excels_separator_line_is_obeyed(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, "sep=;\na,x;b\n1;2\n"))
    assert (table.header, table.header_row, table.rows.tolist()) == (("a,x", "b"), 2, [3])


def test_the_header_stands_below_blank_lines_and_titles(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, '\nReport\n"From 9/1, to 9/2",\n\nDay,Cost,Clicks\n9/1,5,2\n'))
    assert (table.header, table.header_row, table.rows.tolist()) == (("Day", "Cost", "Clicks"), 5, [6])


def test_a_title_that_excel_filled_up_with_commas_is_a_title(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, "Report,,\n,,\nDay,Cost,Clicks\n9/1,5,2\n"))
    assert (table.header, table.header_row, table.rows.tolist()) == (("Day", "Cost", "Clicks"), 3, [4])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("above", [("",), ("Title", ""), ("Title", "", ""), ("", "Title")])
def test_what_stands_above_the_header_costs_no_row(tmp_path: Path, above: tuple[str, ...], end: str) -> None:
    table = read_file(_written(tmp_path, end.join((*above, "a,b,c", "1,2,3", "", "4,5,6")) + end))
    first = len(above) + 2
    assert (table.header, table.rows.tolist()) == (("a", "b", "c"), [first, first + 1, first + 2])
    assert _cells(table) == [["1", "2", "3"], ["", "", ""], ["4", "5", "6"]]


def test_a_block_of_words_and_what_they_are_stands_above_a_blank_line(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, "Report:,Deals\nOf:,2026-05-31\n\nDay,Cost,Clicks\n9/1,5,2\n"))
    assert (table.header, table.header_row) == (("Day", "Cost", "Clicks"), 4)
    # two columns, a blank line, and a row that has too many fields: no block, as rows follow one another
    table = read_file(_written(tmp_path, "Day,Cost\n9/1,5\n9/2,6,\n\n9/3,7,8\n"))
    assert (table.header, table.header_row, [row for row, _ in table.broken]) == (("Day", "Cost"), 1, [5])


def test_rows_that_end_in_blank_fields_part_their_fields_as_the_header_does(tmp_path: Path) -> None:
    """A date and an amount with commas are no columns of their own."""
    rows = '"1";"Mon, Oct 14, 2024";"1,234";"p";"q";"";""\n"2";"x";"y";"p";"q";"";""\n'
    table = read_file(_written(tmp_path, f'"a";"b";"c";"d";"e"\n{rows}'))
    assert (table.header, table.header_row) == (("a", "b", "c", "d", "e"), 1)
    assert _cells(table) == [["1", "Mon, Oct 14, 2024", "1,234", "p", "q"], ["2", "x", "y", "p", "q"]]


def test_the_header_stands_where_the_hint_says(tmp_path: Path) -> None:
    path = _written(tmp_path, "my,own,title\nDay,Cost\n9/1,5\n")
    assert read_file(path, header_row_hint=2).header == ("Day", "Cost")
    assert "has no row 9" in _refusal(path, header_row_hint=9)


def test_short_headers_are_headers(tmp_path: Path) -> None:
    assert read_file(_written(tmp_path, "T1,Z2\n1,2\n")).header == ("T1", "Z2")


def test_one_column_of_free_text_has_no_title(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, "segment\nRetail\nMedical, small\n"))
    assert (table.header, table.header_row) == (("segment",), 1)


@pytest.mark.parametrize(
    ("encoding", "given"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", None),
        ("utf-32", None),
        ("utf-16-le", "utf-16-le"),
        ("cp1252", "windows-1252"),
        ("mac-roman", "mac-roman"),
        ("utf-8-sig", "windows-1252"),  # a byte order mark is a proof
    ],
)
def test_encodings(tmp_path: Path, encoding: str, given: str | None) -> None:
    table = read_file(_written(tmp_path, '"Straße",b\nMüller,é\n'.encode(encoding)), encoding=given)
    assert table.header == ("Straße", "b")
    assert _cells(table) == [["Müller", "é"]]


def test_two_encodings_in_one_file_are_told(tmp_path: Path) -> None:
    """Some tool wrote row 3 in UTF-8, the other rows are Latin-1; or the other way round."""
    mixed = b"a,b\nM\xfcller,1\n" + "Köln AG,2\n".encode()
    message = _refusal(_written(tmp_path, mixed))
    assert "row 2: byte 0xfc" in message
    assert "so the file mixes two encodings" in message
    assert "windows-1252" not in message  # all but one row would then be read wrong
    table = read_file(_written(tmp_path, mixed), encoding="latin-1")
    (note,) = table.notes
    assert (
        "1 letter may be UTF-8, but the file is read as latin-1; the first is in row 3: 'KÃ¶ln' may be 'Köln'" in note
    )
    assert read_file(_written(tmp_path, "a,b\nMüller é,1\n".encode("latin-1")), encoding="latin-1").notes == ()


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf_16_without_a_mark_is_named(tmp_path: Path, order: str) -> None:
    data = "a,b\nMüller,1\n".encode(f"utf-16-{order}")
    assert f'set encoding = "utf-16-{order}"' in _refusal(_written(tmp_path, data))
    assert _cells(read_file(_written(tmp_path, data), encoding=f"utf-16-{order}")) == [["Müller", "1"]]


def test_a_file_in_utf_16_that_is_cut_off_is_not_asked_for_its_encoding(tmp_path: Path) -> None:
    message = _refusal(_written(tmp_path, "a,b\n1,2\n".encode("utf-16")[:-1]))
    assert "is not utf-16, although the file starts as utf-16: export it again" in message


_cell = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=8)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    records=st.lists(st.tuples(_cell, _cell, _cell), max_size=12),
    mark=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_csv_writer_wrote_is_read_back(
    tmp_path: Path, records: list[tuple[str, str, str]], mark: str, quoting: Any, end: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=mark, quoting=quoting, lineterminator=end)
    writer.writerows([("First", "Second", "Third"), *records])
    table = read_file(_written(tmp_path, out.getvalue()), delimiter=mark)
    assert _cells(table) == [[raw._cleaned(cell) for cell in record] for record in records]


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(body=st.text(st.sampled_from('xy,"\n\r '), max_size=40))
@pytest.mark.parametrize("arrow_from", [0, delimited.ARROW_FROM])
def test_the_fast_and_the_exact_way_agree_on_any_text(tmp_path: Path, body: str, arrow_from: int) -> None:
    data = b"a,b,c\n" + body.encode()

    def outcome(table: Any) -> Any:
        try:
            read = table()
        except SegxlError as refused:
            return str(refused)
        return _cells(read), read.rows.tolist(), read.broken

    path = _written(tmp_path, data)
    exact = outcome(lambda: delimited._read_records("sales.csv", data, data, ",", 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "ARROW_FROM", arrow_from)
        assert outcome(lambda: read_file(path, delimiter=",", header_row_hint=1)) == exact


@pytest.mark.ci
def test_a_large_file_is_the_same_with_and_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        f'{number:07},"line {number}\nof, two ""quoted""",\u00a0NA ,,{number % 7 / 4}\n' for number in range(200_000)
    ]
    path = _written(tmp_path, "id,text,na,blank,share\n" + "".join(lines) + "0200000,short\n")
    assert path.stat().st_size > delimited.ARROW_FROM
    with_arrow = read_file(path)
    monkeypatch.setattr(delimited, "ARROW_FROM", path.stat().st_size + 1)
    without = read_file(path)
    assert with_arrow.header == without.header == ("id", "text", "na", "blank", "share")
    for one, other in zip(with_arrow.columns, without.columns, strict=True):
        assert np.array_equal(one.cells, other.cells)
    assert with_arrow.column("id")[[0, 199_999, 200_000]].tolist() == ["0000000", "0199999", "0200000"]
    assert with_arrow.column("text")[[5, -1]].tolist() == ['line 5\nof, two "quoted"', "short"]
    assert set(with_arrow.column("na")[:-1]) == {"NA"}
    assert with_arrow.column("share")[[3, -1]].tolist() == ["0.75", ""]


# --- what is refused


def test_a_missing_file_is_named_with_its_neighbour(tmp_path: Path) -> None:
    _written(tmp_path, "a,b\n")
    message = _refusal(tmp_path / "sale.csv")
    assert message == "no file 'sale.csv'; did you mean 'sales.csv'?"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").mkdir()
    assert "is a folder, not a file" in _refusal(tmp_path / "sales.csv")


@pytest.mark.parametrize("data", [b"", b" \n\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_refused(tmp_path: Path, data: bytes) -> None:
    assert _refusal(_written(tmp_path, data)) == "sales.csv is empty: export it again"


@pytest.mark.parametrize(
    ("first", "row"),
    [("1,2,3", 1), ("2026-01-05,$1.50", 1), ("12:30,5%", 1), ("2026-01-05T10:00:00Z,(5)", 1), (",,", 2)],
)
def test_a_file_without_a_header_is_refused(tmp_path: Path, first: str, row: int) -> None:
    message = _refusal(_written(tmp_path, f"{first}\n4,5,6\n"))
    assert f"has no header: row {row} should contain column names" in message
    assert "add a row of column names" in message


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_rows_that_a_stray_quotation_mark_swallows_are_said(tmp_path: Path, end: str, mark: str) -> None:
    """The mark before Acme opens a cell that ends where Bolt's begins: row 2 would hold three rows, and look whole."""
    lines = ("id,name,stage", '1,"Acme,Demo', "2,Beta,Demo", '3,"Bolt",Demo', '4,"Two\nlines, ""both"" good",Demo')
    path = _written(tmp_path, end.join(line.replace("\n", end).replace(",", mark) for line in lines) + end)
    table = read_file(path, delimiter=mark)
    assert _cells(table) == [["4", f'Two{end}lines{mark} "both" good', "Demo"]]
    assert table.rows.tolist() == [3]
    ((row, why),) = table.broken
    assert row == 2
    assert why.startswith(f"has a stray quotation mark before 'Acme{mark}Demo".replace("\t", "\\t"))
    assert why.endswith("and may include 2 rows below it")


def test_quotation_marks_within_a_line_lose_no_rows(tmp_path: Path) -> None:
    text = 'id,name\n1,"Acme" Inc\n2,19" rack\n3,"a\nb"\n4,"say ""hi""\n""you"""\n'
    table = read_file(_written(tmp_path, text))
    assert _cells(table) == [["1", "Acme Inc"], ["2", '19" rack'], ["3", "a\nb"], ["4", 'say "hi"\n"you"']]
    assert table.broken == ()


@pytest.mark.parametrize("before", ["", "1,2,3,4\n"])
def test_a_quotation_mark_that_is_never_closed_is_refused(tmp_path: Path, before: str) -> None:
    message = _refusal(_written(tmp_path, f'a,b,c\n{before}1,"x\ny",3\n4,"5,6\n7,8,9\n'))
    row = 4 if before else 3
    assert f"row {row}: a quotation mark is never closed" in message
    assert "export it again" in message


def test_a_cell_that_swallows_the_file_is_refused(tmp_path: Path) -> None:
    message = _refusal(_written(tmp_path, 'a,b\n1,2,3\n"' + "x" * 200_000))
    assert "row 3: a quotation mark is never closed" in message


@pytest.mark.parametrize("before", ["", "1,2,3,4\n"])
def test_a_file_that_ends_within_a_row_is_refused(tmp_path: Path, before: str) -> None:
    message = _refusal(_written(tmp_path, f"a,b,c\n{before}1,2,3\n4,5"))
    assert f"row {4 if before else 3}: the file ends in the middle of a row (2 of 3 fields)" in message


@pytest.mark.parametrize(
    "end",
    ["4,5\n", "4,5,", "4,5,6", '4,5,""', '4,5,"x\ny"', "\nTotal\nCopyright"],
)
def test_a_file_may_end_without_a_line_end(tmp_path: Path, end: str) -> None:
    assert len(read_file(_written(tmp_path, "a,b,c\n1,2,3\n" + end))) >= 2


def test_an_unknown_byte_is_named_with_its_row(tmp_path: Path) -> None:
    message = _refusal(_written(tmp_path, 'a,b\n1,"two\nlines"\n2,Zürich\n'.encode("cp1252")))
    assert message.startswith("sales.csv, row 3: byte 0xfc (byte 22 of the file) is not utf-8")
    assert 'set encoding = "windows-1252"' in message
    message = _refusal(tmp_path / "sales.csv", encoding="ascii")
    assert 'is not ascii; set encoding = "windows-1252"' in message


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    path = _written(tmp_path, "a,b\n1,é\n")
    assert "no encoding 'windoof'" in _refusal(path, encoding="windoof")


def test_utf_16_without_a_mark_is_refused(tmp_path: Path) -> None:
    message = _refusal(_written(tmp_path, "a,b\n1,2\n".encode("utf-16-le")))
    assert 'set encoding = "utf-16-le"' in message


def test_a_file_that_is_open_in_excel_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _written(tmp_path, "a,b\n")

    def locked(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", locked)
    message = _refusal(path)
    assert "if it is open in Excel, close it" in message
    assert "ask for read permission" in message


def test_a_failing_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _written(tmp_path, "a,b\n")

    def broken(self: Path) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", broken)
    assert _refusal(path) == "sales.csv cannot be read: Input/output error; check the disk, and try again"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("sales.csv", b"PK\x03\x04...[Content_Types].xml", "is an Excel workbook, not text: rename it to sales.xlsx"),
        ("sales.csv", b"PAR1...", "is a Parquet file, not text: rename it to sales.parquet"),
        ("sales.csv", b"\n<!DOCTYPE html><html>", "is a web page, not a table"),
        ("sales.xlsx", b"\xd0\xcf\x11\xe0...", "is an old .xls or protected by a password"),
        ("sales.pdf", b"%PDF", "is a PDF, not a table: export it again as .csv or .xlsx"),
    ],
)
def test_a_file_in_disguise_is_refused(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    assert message in _refusal(_written(tmp_path, data, name))


def test_options_of_another_kind_of_file_are_refused(tmp_path: Path) -> None:
    message = _refusal(_written(tmp_path, "a,b\n"), sheet="Opps")
    assert message == "sales.csv is a .csv file, which has no sheet: remove sheet = …"


def test_an_unknown_column_is_named_with_its_neighbour(tmp_path: Path) -> None:
    table = read_file(_written(tmp_path, "Amount,Stage\n1,2\n"))
    with pytest.raises(SegxlError, match=r"sales\.csv has no column 'amont'; did you mean 'Amount'\?"):
        table.column("amont")


# --- which files


def test_a_name_and_a_pattern_find_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    for name in ("b.csv", "a.csv", "~$a.csv", ".a.csv", "2026/c.csv", "odd [1].csv"):
        _written(tmp_path, "a,b\n", name)
    assert expand(tmp_path, "a.csv") == [tmp_path / "a.csv"]
    assert expand(tmp_path, "?.csv") == [tmp_path / "a.csv", tmp_path / "b.csv"]
    assert expand(tmp_path, "2026\\*.csv") == [tmp_path / "2026" / "c.csv"]
    assert expand(tmp_path, "**/c.csv") == [tmp_path / "2026" / "c.csv"]
    assert expand(tmp_path, "odd [1].csv") == [tmp_path / "odd [1].csv"]


@pytest.mark.parametrize("pattern", ["../sales.csv", "/etc/passwd", "C:\\sales.csv", "a/../../b.csv", "..\\b.csv"])
def test_a_pattern_that_leaves_the_folder_is_refused(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(SegxlError, match="is outside the folder"):
        expand(tmp_path, pattern)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.csv").symlink_to(_written(tmp_path, "a,b\n", "outside.csv"))
    with pytest.raises(SegxlError, match=r"'link\.csv' is a link to outside the folder"):
        expand(inside, "*.csv")


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("sale.csv", "no file 'sale.csv' in 'exports'; did you mean 'sales.csv'?"),
        ("2026/sale.csv", "no file '2026/sale.csv' in 'exports'; did you mean '2026/sales.csv'?"),
        ("*.parquet", "no file '*.parquet' in 'exports'"),
        (" ", "a file name is blank"),
        ("2026", "'2026' is a folder: write '2026/*.csv'"),
        ("**x.csv", "is not a valid file name pattern"),
    ],
)
def test_a_pattern_without_files_is_refused(tmp_path: Path, pattern: str, message: str) -> None:
    folder = tmp_path / "exports"
    (folder / "2026").mkdir(parents=True)
    _written(folder, "a,b\n")
    _written(folder / "2026", "a,b\n")
    with pytest.raises(SegxlError) as refused:
        expand(folder, pattern)
    assert message in str(refused.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SegxlError, match="no folder"):
        expand(tmp_path / "nowhere", "sales.csv")


# --- Excel workbooks


def _book(folder: Path, rows: Sequence[Sequence[Any]], *more_sheets: str) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Opps"
    for row in rows:
        sheet.append(row)
    for name in more_sheets:
        book.create_sheet(name).append(["a", "b"])
    book.save(folder / "book.xlsx")
    return folder / "book.xlsx"


def test_a_sheet_is_read_as_canonical_text(tmp_path: Path) -> None:
    rows = [
        ["Id", "When", None, "Won"],
        [17, dt.date(2026, 3, 5), " x\u00a0", True],
        [1.5, dt.datetime(2026, 3, 5, 14, 30), "007", False],
        [0.1, dt.datetime(2026, 3, 5), "=1+", None],
        [],
        [-1e-7, dt.time(12, 30), "#N/A", dt.timedelta(hours=30)],
    ]
    table = read_file(_book(tmp_path, rows))
    assert table.file == "book.xlsx, sheet 'Opps'"
    assert table.header == ("Id", "When", "Column 3", "Won")
    assert _cells(table)[:2] == [
        ["17", "2026-03-05", "x", "TRUE"],
        ["1.5", "2026-03-05 14:30:00", "007", "FALSE"],
    ]
    assert _cells(table)[3:] == [["", "", "", ""], ["-1e-07", "12:30:00", "#N/A", "30:00:00"]]
    assert table.rows.tolist() == [2, 3, 4, 5, 6]


def test_equal_values_of_several_types_are_written_as_what_they_are(tmp_path: Path) -> None:
    table = read_file(_book(tmp_path, [["Id", "Share"], [1, 0.5], [True, 1], ["1", 0.5], [0, None], [False, 1]]))
    assert table.column("Id").tolist() == ["1", "TRUE", "1", "0", "FALSE"]
    assert table.column("Share").tolist() == ["0.5", "1", "0.5", "", "1"]


def test_errors_and_formulas_without_a_result_are_not_blank(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Id", "Amount"])
    sheet.append(["x", "#DIV/0!"])  # openpyxl makes an error of it
    sheet.append(["y", "=1+1"])  # and writes no result for this one
    sheet["B4"] = "text"
    book.save(tmp_path / "book.xlsx")
    table = read_file(tmp_path / "book.xlsx")
    assert table.column("Amount").tolist() == ["#DIV/0!", NOT_CALCULATED, "text"]


def _sheet_xml(folder: Path, rows: str, *, prefix: str = "") -> Path:
    """A workbook of one sheet from bare XML, the way programs other than Excel write them."""
    colon = f"{prefix}:" if prefix else ""
    names = f"xmlns{':' + prefix if prefix else ''}="
    main = f'{names}"http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    for tag in ("row", "c", "v", "f", "is", "t"):
        rows = rows.replace(f"<{tag} ", f"<{colon}{tag} ").replace(f"<{tag}>", f"<{colon}{tag}>")
        rows = rows.replace(f"</{tag}>", f"</{colon}{tag}>")
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<{colon}workbook {main} xmlns:r="{office}">'
        f'<{colon}sheets><{colon}sheet name="Opps" sheetId="1" r:id="r7"/></{colon}sheets></{colon}workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r7" Type="{office}/worksheet" Target="/xl/worksheets/only.xml"/></Relationships>',
        "xl/worksheets/only.xml": f"<{colon}worksheet {main}><{colon}sheetData>{rows}</{colon}sheetData>"
        f"</{colon}worksheet>",
    }
    with zipfile.ZipFile(folder / "book.xlsx", "w") as book:
        for name, xml in parts.items():
            book.writestr(name.replace("workbook", "Workbook"), xml)  # calamine does not mind, nor do we
    return folder / "book.xlsx"


@pytest.mark.parametrize("prefix", ["", "x"])
def test_workbooks_of_other_programs(tmp_path: Path, prefix: str) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Id</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>N</t></is></c></row>'
        '<row r="3" spans="1:2"><c r="A3" t="str"><f>""</f><v></v></c>'
        '<c s="0" r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="4"><c r="A4"><f>1+1</f></c><c r="B4"><v>12345678901234567</v></c></row>'
    )
    table = read_file(_sheet_xml(tmp_path, rows, prefix=prefix))
    assert _cells(table) == [["", ""], ["", "#DIV/0!"], [NOT_CALCULATED, "12345678901234568"]]
    assert table.rows.tolist() == [2, 3, 4]


def test_a_workbook_may_count_its_days_from_1904(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in (["Id", "On"], ["x", dt.date(2026, 3, 5)], ["y", dt.datetime(2026, 3, 5, 10)]):
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    assert read_file(tmp_path / "book.xlsx").column("On").tolist() == ["2026-03-05", "2026-03-05 10:00:00"]


def test_a_title_above_the_table_is_skipped_in_a_sheet_too(tmp_path: Path) -> None:
    table = read_file(_book(tmp_path, [["Pipeline report"], [], [None, "Id", "Stage", "Amount"], [None, 1, "x", 2]]))
    assert (table.header_row, table.header) == (3, ("Column 1", "Id", "Stage", "Amount"))
    assert _cells(table) == [["", "1", "x", "2"]]


def test_the_sheet_is_found_by_name(tmp_path: Path) -> None:
    path = _book(tmp_path, [["a", "b"], ["x", "y"]], "Leads")
    assert read_file(path, sheet="opps").file == "book.xlsx, sheet 'Opps'"
    assert sheet_names(path) == ("Opps", "Leads")
    message = _refusal(path)
    assert message == "book.xlsx has 2 sheets: choose one: set sheet = \"…\"; it has 'Opps', 'Leads'"
    assert _refusal(path, sheet="Lead") == "book.xlsx has no sheet 'Lead'; did you mean 'Leads'?"
    assert _refusal(path, sheet="zzz") == "book.xlsx has no sheet 'zzz'; it has 'Opps', 'Leads'"


def test_hidden_sheets_do_not_make_a_choice_necessary(tmp_path: Path) -> None:
    path = _book(tmp_path, [["a", "b"]], "Lists")
    book = openpyxl.load_workbook(path)
    book["Lists"].sheet_state = "hidden"
    book.save(path)
    assert read_file(path).file == "book.xlsx, sheet 'Opps'"
    assert read_file(path, sheet="Lists").header == ("a", "b")


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    assert "sheet 'Opps' is empty" in _refusal(_book(tmp_path, []))


def test_a_sheet_without_a_header_is_refused(tmp_path: Path) -> None:
    path = _book(tmp_path, [[1, dt.date(2026, 1, 5)], [2, 3]])
    assert "sheet 'Opps' has no header: row 1" in _refusal(path)
    assert "has no row 7" in _refusal(path, header_row_hint=7)


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    whole = _book(tmp_path, [["a", "b"], ["x", "y"]]).read_bytes()
    for part in (0.2, 0.5, 0.99):
        message = _refusal(_written(tmp_path, whole[: int(len(whole) * part)], "cut.xlsx"))
        assert "cut.xlsx is damaged or incomplete" in message


def test_a_damaged_workbook_is_read_or_refused_but_never_crashes(tmp_path: Path) -> None:
    whole = _book(tmp_path, [["a", "b"], ["x", 5]]).read_bytes()
    dice = random.Random(7)
    for _ in range(100):
        data = bytearray(whole)
        for _ in range(dice.randrange(1, 20)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            read_file(_written(tmp_path, bytes(data), "bad.xlsx"))
        except SegxlError as refused:
            assert "bad.xlsx" in str(refused)


def test_a_panic_of_the_reader_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        pass

    def panics(_: Any) -> Any:
        raise Panic("index out of bounds")

    path = _book(tmp_path, [["a", "b"]])
    monkeypatch.setattr(sheets.python_calamine.CalamineWorkbook, "from_filelike", panics, raising=False)
    assert "is damaged or incomplete (index out of bounds)" in _refusal(path)


def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b" " * (80 << 20))
    message = _refusal(tmp_path / "bomb.xlsx")
    assert "to 83,886,080 bytes, too much for an export" in message
    assert "save the sheet you need as .csv" in message


def test_a_stray_cell_in_the_last_corner_is_refused(tmp_path: Path) -> None:
    path = _book(tmp_path, [["a", "b"]])
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"] = 1
    book.save(path)
    message = _refusal(path)
    assert "extends to XFD1048576 but has only 3 cells" in message
    assert "press Ctrl+End" in message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (" kept ", " kept "),
        (True, "TRUE"),
        (3, "3"),
        (3.0, "3"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        (1.234567890123457e17, "123456789012345700"),
        (float("nan"), ""),
        (Decimal("1200.00"), "1200.00"),
        (Decimal("1E+3"), "1000"),
        (b"caf\xc3\xa9", "café"),
        (dt.date(2026, 3, 5), "2026-03-05"),
        (dt.datetime(2026, 3, 5, 11, 59, 59, 999_500), "2026-03-05 12:00:00"),
        (dt.datetime(2026, 3, 5, 23, 59, 59, 999_000), "2026-03-05 23:59:59"),
        (dt.datetime(2026, 3, 5, 1, 2, 3, tzinfo=dt.UTC), "2026-03-05 01:02:03+00:00"),
        (dt.timedelta(hours=100, minutes=5), "100:05:00"),
    ],
)
def test_cell_texts(value: Any, text: str) -> None:
    assert cell_text(value) == text


@given(
    st.lists(
        st.one_of(st.floats(), st.integers(-5, 5).map(float), st.sampled_from(["", "x", True, None, 1])), max_size=6
    )
)
def test_a_column_is_written_cell_by_cell(cells: list[Any]) -> None:
    assert sheets.column_texts(cells).tolist() == [cell_text(cell) for cell in cells]


@given(st.lists(st.one_of(st.floats(), st.integers(-5, 5).map(float), st.floats(-9, 9)), min_size=1, max_size=4))
def test_a_column_of_numbers_is_written_cell_by_cell(cells: list[float]) -> None:
    assert sheets.column_texts(cells).tolist() == [cell_text(cell) for cell in cells]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_float_reads_back_the_same(value: float) -> None:
    assert float(cell_text(value)) == value


# --- Parquet


def _parquet(folder: Path, columns: dict[str, Any]) -> Path:
    pyarrow.parquet.write_table(pyarrow.table(columns), folder / "sales.parquet")
    return folder / "sales.parquet"


def test_parquet_is_read_as_the_same_text(tmp_path: Path) -> None:
    noon = dt.datetime(2026, 3, 5, 12)
    columns = {
        "id": ["a", None, " b "],
        "whole": [1, None, -3],
        "number": [1.5, float("nan"), 2.0],
        "short": pyarrow.array([0.1, None, 2], pyarrow.float32()),
        "money": [Decimal("1200.00"), None, Decimal("0.05")],
        "day": [dt.date(2026, 3, 5), None, dt.date(2026, 3, 6)],
        "naive": pyarrow.array([noon, None, dt.datetime(2026, 3, 5, 23, 59, 59, 999_999)], pyarrow.timestamp("ns")),
        "aware": pyarrow.array([noon, None, noon], pyarrow.timestamp("us", tz="UTC")),
        "flag": [True, None, False],
        "word": pyarrow.array(["x", None, "x"]).dictionary_encode(),
        "list": [[1, 2], None, []],
        "nothing": pyarrow.nulls(3),
    }
    table = read_file(_parquet(tmp_path, columns))
    assert table.header == tuple(columns)
    assert table.rows.tolist() == [2, 3, 4]
    assert {name: table.column(name).tolist() for name in table.header} == {
        "id": ["a", "", "b"],
        "whole": ["1", "", "-3"],
        "number": ["1.5", "", "2"],
        "short": ["0.1", "", "2"],
        "money": ["1200.00", "", "0.05"],
        "day": ["2026-03-05", "", "2026-03-06"],
        "naive": ["2026-03-05 12:00:00", "", "2026-03-05 23:59:59.999999"],
        "aware": ["2026-03-05 12:00:00+00:00", "", "2026-03-05 12:00:00+00:00"],
        "flag": ["TRUE", "", "FALSE"],
        "word": ["x", "", "x"],
        "list": ["[1, 2]", "", "[]"],
        "nothing": ["", "", ""],
    }


def test_parquet_in_several_pieces_is_one_table(tmp_path: Path) -> None:
    with pyarrow.parquet.ParquetWriter(tmp_path / "p.parquet", pyarrow.schema({"id": pyarrow.string()})) as writer:
        writer.write_table(pyarrow.table({"id": ["a", "b"]}))
        writer.write_table(pyarrow.table({"id": ["b", "c"]}))
    assert read_file(tmp_path / "p.parquet").column("id").tolist() == ["a", "b", "b", "c"]


def test_pieces_of_parquet_with_dictionaries_of_their_own_are_one_table(tmp_path: Path) -> None:
    pieces = [pyarrow.array(words).dictionary_encode() for words in (["a", "b"], ["b", None, "c"], ["a"])]
    schema = pyarrow.schema({"id": pieces[0].type})
    with pyarrow.parquet.ParquetWriter(tmp_path / "p.parquet", schema) as writer:
        for piece in pieces:
            writer.write_table(pyarrow.table([piece], schema=schema))
    (column,) = read_file(tmp_path / "p.parquet").columns
    assert list(column) == ["a", "b", "b", "", "c", "a"]
    assert column.distinct.tolist() == ["a", "b", "", "c"]


def test_texts_of_parquet_are_the_same_in_every_encoding_of_arrow(tmp_path: Path) -> None:
    words = ["b", None, " a ", "", "b", "a", None, "ü"]
    for kind in (pyarrow.string(), pyarrow.large_string(), pyarrow.dictionary(pyarrow.int8(), pyarrow.large_string())):
        for coded in (True, False):
            column = pyarrow.array(words).cast(kind) if not pyarrow.types.is_dictionary(kind) else None
            column = pyarrow.array(words).dictionary_encode().cast(kind) if column is None else column
            path = tmp_path / "p.parquet"
            pyarrow.parquet.write_table(pyarrow.table({"w": column}), path, use_dictionary=coded, row_group_size=3)
            (found,) = read_file(path).columns
            assert found.cells.tolist() == ["b", "", "a", "", "b", "a", "", "ü"]
            assert found.distinct.tolist() == ["b", "", "a", "ü"]


def test_days_of_parquet_are_the_same_text_as_their_dates(tmp_path: Path) -> None:
    for days in ([None, 20_000, 19_990, 20_000], [None, None], [], [0, 2_932_896], [-719_162, 5]):
        column = pyarrow.array(days, type=pyarrow.int32()).cast(pyarrow.date32())
        path = tmp_path / "p.parquet"
        pyarrow.parquet.write_table(pyarrow.table({"on": column}), path, row_group_size=2)
        texts = ["" if day is None else str(dt.date(1970, 1, 1) + dt.timedelta(day)) for day in days]
        assert read_file(path).column("on").tolist() == texts


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    whole = _parquet(tmp_path, {"id": ["a"]}).read_bytes()
    message = _refusal(_written(tmp_path, whole[:-20], "cut.parquet"))
    assert message.startswith("cut.parquet is damaged or incomplete")


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _parquet(tmp_path, {"id": ["a"]})
    original = builtins.__import__

    def without(name: str, *arguments: Any, **more: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return original(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert _refusal(path) == 'sales.parquet needs pyarrow to be read: run pip install "segxl[parquet]"'


@pytest.mark.parametrize("name", ["deals.csv", "deals.xlsx", "cut.csv"])
def test_the_cache_knows_the_bytes_of_a_file_that_was_read_or_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "deals.xlsx":
        book = openpyxl.Workbook()
        book.active.append(["id", "amount"])
        book.active.append(["A1", 5])
        book.save(path)
    else:
        path.write_text('id,amount\nA1,5\n"A2' if name == "cut.csv" else "id,amount\nA1,5\n", encoding="utf-8")
    with noting() as fingerprint, contextlib.suppress(SegxlError):
        read_file(path)
    assert fingerprint.files == {str(path): hashlib.sha256(path.read_bytes()).hexdigest()}
