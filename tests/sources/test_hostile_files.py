"""Files made to harm, or that harm by accident: read as what they hold, or refused in a sentence. Nothing else happens.

Other refusals are where files are read (test_files.py): workbooks that would fill the memory, stray cells in the last
corner, damaged and truncated files, patterns and links that lead out of the folder.
"""

from __future__ import annotations

import gzip
import io
import os
import socket
import struct
import subprocess
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

from segxl.dataset.load import load
from segxl.errors import SegxlError
from segxl.settings.read import read_settings
from segxl.sources.files.files import expand, read_file
from segxl.sources.suggest.proposal import proposed_settings
from tests.conftest import Folder, write_folder

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


def book(path: Path, change: Callable[[str, bytes], bytes] = lambda _, data: data) -> Path:
    """A workbook of one small table, each part passed through ``change``."""
    plain = openpyxl.Workbook()
    sheet = plain.worksheets[0]
    for cells in (["opportunity_id", "amount"], ["O1", 10], ["O2", 20]):
        sheet.append(cells)
    file = io.BytesIO()
    plain.save(file)
    with zipfile.ZipFile(io.BytesIO(file.getvalue())) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as to:
        for name in source.namelist():
            to.writestr(name, change(name, source.read(name)))
    return path


def sheet_of(path: Path, rows: str, before: str = "") -> Path:
    """The same with a sheet whose rows are written by hand."""
    header = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>opportunity_id</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>amount</t></is></c></row>'
    )
    data = f"{before}<sheetData>{header}{rows}</sheetData>"
    xml = f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">{data}</worksheet>'
    return book(path, lambda name, data: xml.encode() if name == SHEET else data)


def texts(path: Path) -> list[list[str]]:
    table = read_file(path)
    return [list(column) for column in table.columns]


def row(number: int, name: str, amount: str) -> str:
    return (
        f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>{name}</t></is></c>'
        f'<c r="B{number}">{amount}</c></row>'
    )


# -- sizes


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """The directory says 1,000 bytes, the part has 80 million: what is read ends where the directory says."""
    size = 80_000_000
    path = book(tmp_path / "lie.xlsx", lambda name, data: data.ljust(size) if name == SHEET else data)
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", 1000)))
    with zipfile.ZipFile(path) as parts:
        assert parts.getinfo(SHEET).file_size == 1000
    with pytest.raises(SegxlError, match=r"lie\.xlsx.* is damaged or incomplete"):
        read_file(path)


@pytest.mark.parametrize(
    "tag",
    [
        '<sst xmlns="{}" count="4000000000" uniqueCount="4000000000">',
        "<x:sst xmlns:x='{}' other='>' uniqueCount = '4000000000'>",
        "<!--" + " " * 70_000 + '--><sst xmlns="{}" uniqueCount="4000000000">',
        '<sst xmlns="{}" uniqueCount="' + "9" * 5_000 + '">',
    ],
    ids=["as usual", "otherwise", "far down", "without end"],
)
def test_texts_that_claim_to_be_billions_are_refused(tmp_path: Path, tag: str) -> None:
    """Room for all of them is asked for at once: the process would end without a word."""
    texts = f"{tag.format(MAIN)}<si><t>O1</t></si></sst>".replace("</sst", "</x:sst" if "<x:" in tag else "</sst")
    path = book(tmp_path / "texts.xlsx")
    with zipfile.ZipFile(path, "a") as more:
        more.writestr("xl/sharedStrings.xml", texts)
    with pytest.raises(SegxlError, match=r"texts\.xlsx is damaged: its text table is incomplete"):
        read_file(path)


def test_a_sheet_that_claims_a_million_rows_has_those_that_it_has(tmp_path: Path) -> None:
    path = sheet_of(tmp_path / "claims.xlsx", row(2, "O1", "<v>10</v>"), '<dimension ref="A1:XFD1048576"/>')
    assert texts(path) == [["O1"], ["10"]]


def test_a_million_empty_rows_are_nothing(tmp_path: Path) -> None:
    """Rows without cells take a second to look at, and no memory."""
    empty = "".join(f'<row r="{number}"/>' for number in range(3, 300_000))
    for rows in (empty, '<row r="1048576"/>'):
        path = sheet_of(tmp_path / "empty.xlsx", row(2, "O1", "<v>10</v>") + rows)
        assert texts(path) == [["O1"], ["10"]]


# -- what XML can ask for


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "xl/_rels/workbook.xml.rels"])
def test_external_entities_are_not_fetched(tmp_path: Path, part: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret", encoding="utf-8")
    doctype = f'<!DOCTYPE x [<!ENTITY secret SYSTEM "{secret.as_uri()}">]>'.encode()

    def spoil(name: str, data: bytes) -> bytes:
        if name != part:
            return data
        start = data.index(b"?>") + 2 if data.startswith(b"<?xml") else 0
        spoilt = data[:start] + doctype + data[start:]
        return spoilt.replace(b"O1", b"&secret;").replace(b'name="Sheet"', b'name="&secret;"')

    path = book(tmp_path / "entity.xlsx", spoil)
    try:
        table = read_file(path)
    except SegxlError as refused:
        assert "the secret" not in str(refused)
    else:
        assert "the secret" not in f"{table.file} {[list(column) for column in table.columns]}"


def test_entities_that_grow_are_refused(tmp_path: Path) -> None:
    """A "billion laughs": ten levels of ten times the one before."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 11))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "ha">{levels}]>'.encode()

    def spoil(name: str, data: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return data
        start = data.index(b"?>") + 2 if data.startswith(b"<?xml") else 0
        return data[:start] + doctype + data[start:].replace(b'name="Sheet"', b'name="&e10;"')

    with pytest.raises(SegxlError, match=r"laughs\.xlsx"):
        read_file(book(tmp_path / "laughs.xlsx", spoil))


# -- what a workbook can ask for


def no_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("something was asked for")

    for place, name in ((socket, "socket"), (socket, "create_connection"), (subprocess, "Popen")):
        monkeypatch.setattr(place, name, refuse)


def test_formulas_give_the_results_that_were_saved_and_links_are_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_calls(monkeypatch)
    rows = (
        row(2, "O1", "<f>[1]Prices!A1</f><v>10</v>")
        + row(3, "O2", '<f>WEBSERVICE("http://example.invalid")</f><v>20</v>')
        + row(4, "O3", "<f>cmd|'/c calc'!A1</f><v>30</v>")
        + row(5, "O4", "<f>1+1</f>")
    )
    path = sheet_of(tmp_path / "links.xlsx", rows)
    with zipfile.ZipFile(path, "a") as more:
        more.writestr("xl/externalLinks/externalLink1.xml", b"<externalLink/>")
        target = b'<Relationships><Relationship Id="rId1" Target="//server/prices.xlsx" TargetMode="External"/>'
        more.writestr("xl/externalLinks/_rels/externalLink1.xml.rels", target + b"</Relationships>")
    assert texts(path) == [["O1", "O2", "O3", "O4"], ["10", "20", "30", "#NOT CALCULATED"]]


def test_a_formula_without_a_result_rejects_its_row_and_says_why(tmp_path: Path) -> None:
    """An amount, and a text that would pass for one."""
    source = write_folder(tmp_path / "source", {}, '[tables.opportunities]\nfile = "deals.xlsx"\n')
    deals = openpyxl.Workbook()
    sheet = deals.create_sheet("Deals", 0)
    del deals["Sheet"]
    sheet.append(["opportunity_id", "created_on", "stage", "amount"])
    sheet.append(["O1", "2026-05-01", "Discovery", 10])
    sheet.append(["O2", "2026-05-01", "Discovery", "=1+1"])
    sheet.append(["O3", "2026-05-01", '="Disco"&"very"', 10])
    deals.save(source / "deals.xlsx")
    (entry,) = load(source).ledger.files
    assert (entry.rows, entry.used, entry.balanced) == (3, 1, True)
    said = "is a formula without a saved result", "open the workbook in Excel, recalculate and save it"
    assert [(one.row, one.column, one.value, (one.reason, one.fix)) for one in entry.rejected] == [
        (3, "amount", "#NOT CALCULATED", said),
        (4, "stage", "#NOT CALCULATED", said),
    ]


def test_a_header_that_is_a_formula_without_a_result_is_told(tmp_path: Path) -> None:
    """What the column contains is unknown: here the amounts."""
    source = write_folder(tmp_path / "source", {}, '[tables.opportunities]\nfile = "deals.xlsx"\n')
    deals = openpyxl.Workbook()
    sheet = deals.worksheets[0]
    sheet.append(["opportunity_id", "created_on", "stage", '="amo"&"unt"'])
    sheet.append(["O1", "2026-05-01", "Discovery", 10])
    deals.save(source / "deals.xlsx")
    (entry,) = load(source).ledger.files
    assert (entry.rows, entry.used) == (1, 1)
    said = "the header of column D is a formula without a saved result; open the workbook in Excel"
    assert any(note.startswith(said) for note in entry.notes)


def test_macros_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project that no program could run: whoever opened it would fail."""
    no_calls(monkeypatch)
    path = book(tmp_path / "macro.xlsm")
    with zipfile.ZipFile(path, "a") as more:
        more.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 broken on purpose")
    assert texts(path) == [["O1", "O2"], ["10", "20"]]


# -- what the settings can ask for


@pytest.mark.parametrize(
    "setting",
    [
        '[tables.opportunities]\nfile = "../deals.csv"\n',
        '[tables.opportunities]\nfile = "/etc/passwd"\n',
        '[tables.opportunities]\nfile = "C:\\\\deals.csv"\n',
        '[tables.opportunities]\nfile = "\\\\\\\\server\\\\deals.csv"\n',
        '[[tables.opportunities]]\nfile = "sub/../../deals.csv"\n',
        'account_review = "../answers.csv"\n',
        'account_review = "/tmp/answers.csv"\n',
    ],
)
def test_paths_stay_within_the_folder(tmp_path: Path, setting: str) -> None:
    deals = {"opportunities": "opportunity_id,created_on,stage\n1,2026-05-01,Discovery\n"}
    source = write_folder(tmp_path / "source", deals, setting)
    for name in ("deals.csv", "answers.csv"):
        (tmp_path / name).write_text("name,answer\n", encoding="utf-8")
    with pytest.raises(SegxlError, match="is outside the folder: move the file into"):
        load(source)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("x = " + "[" * 100_000, "is not valid TOML: too many nested brackets"),
        ("x = " + "{a=" * 5_000 + "1" + "}" * 5_000, "is not valid TOML: too many nested brackets"),
        ("x = " + "9" * 100_000, "is not valid TOML: Exceeds the limit"),
    ],
    ids=["a list", "a table", "a number"],
)
def test_settings_without_end_are_refused(tmp_path: Path, setting: str, message: str) -> None:
    (tmp_path / "segxl.toml").write_text(setting, encoding="utf-8")
    with pytest.raises(SegxlError, match=rf"segxl\.toml: {message}"):
        read_settings(tmp_path / "segxl.toml")


@pytest.mark.parametrize("name", ["x" * 300, "x/" * 3_000 + "y"], ids=["long", "deep"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SegxlError, match=r"is not a valid file name|no file 'x"):  # Windows just finds none
        expand(tmp_path, name)


def test_a_file_name_that_is_no_text_is_shown_as_one(tmp_path: Path) -> None:
    """The ledger's CSV is UTF-8, and the name's byte is in no letter of it."""
    source = write_folder(tmp_path / "source", {}, '[tables.opportunities]\nfile = "*.csv"\n')
    try:
        path = source / os.fsdecode(b"caf\xe9.csv")
        path.write_text("opportunity_id,created_on,stage\n1,2026-05-01,Discovery\n", encoding="utf-8")
    except (OSError, UnicodeError):
        pytest.skip("the system takes no such name")
    (entry,) = load(source).ledger.files
    assert (entry.file, entry.used) == ("caf?.csv", 1)


def test_settings_hold_no_code(folder: Folder, tmp_path: Path) -> None:
    """Rules are data: what looks like code is a text that is compared."""
    marker = tmp_path / "ran"
    code = f"__import__('pathlib').Path({str(marker)!r}).touch()"
    dataset = folder(
        f'[tables.opportunities]\nfile = "opportunities.csv"\nwhere = {{ stage = ["{code}"] }}\n',
        opportunities="opportunity_id,created_on,stage\n1,2026-05-01,Discovery\n",
    )
    assert len(dataset.tables["opportunities"]) == 0
    assert not marker.exists()
    assert read_settings(tmp_path / "source" / "segxl.toml").tables["opportunities"][0].where["stage"].values == [code]


# -- what a text file can hold


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(b"opportunity_id,created_on,stage\n"), "is compressed, not text: unpack it"),
        (b"BZh91AY&SY", "is compressed, not text: unpack it"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF, not a table"),
        (b"\xef\xbb\xbf", "is empty"),
    ],
    ids=["gzip", "bzip2", "PDF", "a mark and nothing else"],
)
def test_what_is_no_text_is_called_what_it_is(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes(data)
    with pytest.raises(SegxlError, match=rf"deals\.csv {message}"):
        read_file(path)


def test_an_archive_of_a_table_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("deals.csv", "opportunity_id,created_on,stage\n")
    with pytest.raises(SegxlError, match=r"deals\.csv is a zip archive, not text: unpack it"):
        read_file(path)


def test_a_hundred_thousand_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{number}" for number in range(100_000)) + "\n1\n", encoding="utf-8")
    with pytest.raises(SegxlError, match=r"wide\.csv has more than 16,384 columns, Excel's limit: export fewer"):
        read_file(path)


@pytest.mark.slow
def test_thousands_of_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "same.csv"
    path.write_text(",".join(["x"] * 5_000) + "\n1\n", encoding="utf-8")
    header = read_file(path).header
    assert (header[0], header[1], header[-1]) == ("x", "x (2)", "x (5000)")
    assert len(set(header)) == 5_000


ROWS = "".join(f"O{number},2026-05-01,Discovery,10\n" for number in range(100))
HEADER = "opportunity_id,created_on,stage,amount\n"


@pytest.mark.parametrize("zeros", ["\0", "\0\0\0", "O100,2026-05-01,Discovery,1\0"])
def test_zero_bytes_end_no_file(folder: Folder, zeros: str) -> None:
    """What a crash leaves in a file, next to a row that makes it be read record by record: the rows below count."""
    dataset = folder(opportunities=f"{HEADER}{ROWS}O101,2026-05-01,Discovery,10,9,9\n{zeros}\n{ROWS.replace('O', 'P')}")
    (entry,) = dataset.ledger.files
    assert (entry.rows, entry.used, entry.rejected_rows, entry.balanced) == (202, 200, 2, True)
    assert {one.row for one in entry.rejected} == {102, 103}


@pytest.mark.parametrize("encoding", ["punycode", "undefined", "rot13", "utf-8\0", "no such"])
def test_an_encoding_that_is_none_is_refused(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    with pytest.raises(SegxlError, match=r"deals\.csv: no encoding"):
        read_file(path, encoding=encoding)


@pytest.mark.parametrize("mark", ["ab", "\\s", "\n", "\r", '"', "\0"])
def test_a_delimiter_that_is_none_is_refused(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    with pytest.raises(SegxlError, match=r"deals\.csv: .* cannot be a delimiter: write one character"):
        read_file(path, delimiter=mark)


@pytest.mark.parametrize("declared", ["", "sep=\u00a6\n"])
def test_a_delimiter_of_several_bytes_is_one(tmp_path: Path, declared: str, recwarn: pytest.WarningsRecorder) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(declared + (HEADER + ROWS).replace(",", "\u00a6"), encoding="utf-8")
    table = read_file(path, delimiter=None if declared else "\u00a6")
    assert (table.header, len(table)) == (("opportunity_id", "created_on", "stage", "amount"), 100)
    assert not recwarn.list


def test_a_delimiter_that_the_file_declares_may_be_none(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(f'sep="\n{HEADER}{ROWS}', encoding="utf-8")
    with pytest.raises(SegxlError, match="cannot be a delimiter"):
        read_file(path)


def test_lists_in_a_few_cells_make_no_columns(tmp_path: Path) -> None:
    """HubSpot joins the choices of one cell with semicolons: here more of them than the header has columns."""
    path = tmp_path / "deals.csv"
    path.write_text(f"{HEADER}{ROWS[:200]}O1,2026-05-01,Discovery;a;b;c;d;e,10\n{ROWS}", encoding="utf-8")
    assert read_file(path).header == ("opportunity_id", "created_on", "stage", "amount")


def test_a_header_of_megabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("q" * 2_000_000 + ",b\n1,2\n", encoding="utf-8")
    with pytest.raises(SegxlError, match=r"long\.csv has no header: .* more than 131,072 characters"):
        read_file(path)


@pytest.mark.slow
def test_a_cell_of_megabytes_is_a_cell_and_its_complaint_is_short(folder: Folder) -> None:
    """Ten million digits are neither an amount nor a date, and it does not take ten million steps to know."""
    digits = "9" * 10_000_000
    dataset = folder(
        opportunities="opportunity_id,created_on,stage,amount,note\n"
        f"O1,2026-05-01,Discovery,{digits},x\nO2,{digits},Discovery,5,x\nO3,2026-05-01,Discovery,5,{digits}\n"
    )
    (entry,) = dataset.ledger.files
    assert (entry.rows, entry.used, entry.balanced) == (3, 1, True)
    assert [(one.row, one.column, one.value) for one in entry.rejected] == [
        (2, "amount", "9" * 199 + "…"),
        (3, "created_on", "9" * 199 + "…"),
    ]


@pytest.mark.parametrize("attributes", ["[" * 100_000, '{"a":' * 100_000, '{"Success": ' + "1" * 10_000 + "}"])
def test_json_without_end_rejects_its_row(folder: Folder, attributes: str) -> None:
    """Nested so deep that reading it fails, or with a number of thousands of digits."""
    quoted = attributes.replace('"', '""')
    dataset = folder(
        activities="marketoGUID,leadId,activityDate,activityTypeId,campaignId,primaryAttributeValue,attributes\n"
        f'1,5,2026-05-01T00:00:00Z,104,1,Web,"{quoted}"\n2,5,2026-05-01T00:00:00Z,104,1,Web,"{{""Success"": true}}"\n'
    )
    (entry,) = dataset.ledger.files
    assert (entry.rows, entry.used, entry.rejected_rows) == (2, 1, 1)


# -- what a Parquet file can hold


def parquet(path: Path, **columns: pyarrow.Array) -> Path:
    rows = len(next(iter(columns.values())))
    plain = {"opportunity_id": [f"O{row}" for row in range(rows)], "created_on": ["2026-05-01"] * rows}
    pyarrow.parquet.write_table(pyarrow.table({**plain, **columns}), path)
    return path


def test_a_parquet_file_that_is_made_to_fill_the_memory_is_refused(tmp_path: Path) -> None:
    """A million rows that are alike take a few bytes."""
    nothing = pyarrow.nulls(1_000_000, pyarrow.string())
    path = tmp_path / "deals.parquet"
    pyarrow.parquet.write_table(pyarrow.table({f"c{number}": nothing for number in range(60)}), path)
    with pytest.raises(
        SegxlError, match=r"deals\.parquet unpacks from [\d,]+ bytes to 1,000,000 rows, too many for an export"
    ):
        read_file(path)


@pytest.mark.slow
def test_a_parquet_file_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.table({f"c{number}": [1] for number in range(16_385)}), tmp_path / "w.parquet")
    with pytest.raises(SegxlError, match=r"w\.parquet has more than 16,384 columns"):
        read_file(tmp_path / "w.parquet")


@pytest.mark.parametrize(
    "days",
    [
        pyarrow.array([2**31 - 1, 20_000], pyarrow.date32()),
        pyarrow.array([2**62, 20_000 * 86_400_000_000], pyarrow.timestamp("us")),
        pyarrow.array([2**62, 20_000 * 86_400_000_000], pyarrow.timestamp("us", tz="UTC")),
    ],
    ids=lambda days: str(days.type),
)
def test_a_day_without_end_rejects_its_row(tmp_path: Path, days: pyarrow.Array) -> None:
    """A database's "infinity"; day 20,000 is 2024-10-04."""
    source = write_folder(tmp_path / "source", {}, '[tables.opportunities]\nfile = "deals.parquet"\n')
    parquet(source / "deals.parquet", created_on=days, stage=pyarrow.array(["Discovery"] * 2))
    (entry,) = load(source).ledger.files
    assert (entry.rows, entry.used, entry.balanced) == (2, 1, True)
    assert [(one.row, one.column) for one in entry.rejected] == [(2, "created_on")]
    assert read_file(source / "deals.parquet").column("created_on")[1].startswith("2024-10-04")


def test_texts_that_are_no_text_are_told(tmp_path: Path) -> None:
    offsets = pyarrow.py_buffer(struct.pack("<3i", 0, 3, 6))
    broken = pyarrow.Array.from_buffers(pyarrow.string(), 2, [None, offsets, pyarrow.py_buffer(b"a\xffbc\xfed")])
    table = read_file(parquet(tmp_path / "deals.parquet", stage=broken))
    assert table.column("stage").tolist() == ["a\ufffdb", "c\ufffdd"]


def test_a_time_zone_that_is_none_is_refused(tmp_path: Path) -> None:
    times = pyarrow.array([0, 1], pyarrow.timestamp("us", tz="../../etc/passwd"))
    with pytest.raises(SegxlError, match=r"deals\.parquet is damaged or incomplete"):
        read_file(parquet(tmp_path / "deals.parquet", created_on=times))


# -- what a zip or a folder can hold


def test_a_workbook_with_a_sheet_twice_is_refused(tmp_path: Path) -> None:
    """One reader takes the first of two parts of one name, another the last."""
    path = book(tmp_path / "twice.xlsx")
    with zipfile.ZipFile(path, "a") as more, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        more.writestr(SHEET, "<worksheet/>")
    with pytest.raises(SegxlError, match=rf"twice\.xlsx is damaged: it contains '{SHEET}' twice"):
        read_file(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes among its files")
def test_pipes_and_devices_are_not_waited_for(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "source", {}, '[tables.opportunities]\nfile = "deals.csv"\n')
    os.mkfifo(source / "deals.csv")
    with pytest.raises(SegxlError, match=r"'deals\.csv' is a pipe or a device, not a file"):
        load(source)
    with pytest.raises(SegxlError, match=r"deals\.csv is a pipe or a device, not a file"):
        read_file(source / "deals.csv")
    assert proposed_settings(source) == ""
    (source / "deals.csv").unlink()
    (source / "deals.csv").symlink_to("/dev/zero")
    with pytest.raises(SegxlError, match=r"'deals\.csv' is a pipe or a device, not a file"):
        load(source)
    (source / "segxl.toml").unlink()
    os.mkfifo(source / "segxl.toml")
    with pytest.raises(SegxlError, match=r"segxl\.toml: cannot be read: it is not a file"):
        load(source)


def test_nothing_is_proposed_of_a_file_outside(tmp_path: Path) -> None:
    """Neither what it is, nor the words in it; nor does a link in a circle matter."""
    outside = tmp_path / "outside.csv"
    outside.write_text("opportunity_id,created_on,stage\n1,2026-05-01,Secret\n", encoding="utf-8")
    source = tmp_path / "source"
    source.mkdir()
    try:
        (source / "deals.csv").symlink_to(outside)
    except OSError:
        pytest.skip("the system lets nobody make links")
    (source / "circle.csv").symlink_to("circle.csv")
    assert proposed_settings(source) == ""
