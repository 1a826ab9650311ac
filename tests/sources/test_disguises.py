"""Files that are not what their name says, and tables of kinds that are not read: the message says what they are."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from segxl.errors import SegxlError
from segxl.sources.files.files import read_file
from segxl.sources.suggest.proposal import proposed_settings

CSV = "account_id,name\nA1,Nordwind\n"
HTML = "<table><tr><td>account_id</td></tr></table>"


def book() -> bytes:
    made, out = openpyxl.Workbook(), io.BytesIO()
    made.worksheets[0].append(["account_id", "name"])
    made.worksheets[0].append(["A1", "Nordwind"])
    made.save(out)
    return out.getvalue()


def packed(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def old(name: str) -> bytes:
    """An OLE container that has a stream of some name."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + name.encode("utf-16-le") + bytes(400)


KINDS = [
    ("deals.xlsx", CSV.encode(), "is text, not a workbook: rename it to deals.csv"),
    ("deals.xlsm", ("\ufeff" + CSV).encode(), "is text, not a workbook: rename it to deals.csv"),
    ("deals.xls", CSV.replace(",", "\t").encode("utf-16"), "is text, not a workbook: rename it to deals.csv"),
    ("deals.parquet", CSV.encode(), "is text, not Parquet: rename it to deals.csv"),
    ("deals.csv", book(), "is an Excel workbook, not text: rename it to deals.xlsx"),
    ("deals.xls", book(), "is an Excel workbook, not an old one: rename it to deals.xlsx"),
    ("deals.parquet", book(), "is an Excel workbook, not Parquet: rename it to deals.xlsx"),
    ("deals.xls", old("Workbook"), r"is an old Excel workbook \(\.xls\): open it in Excel and save it as \.xlsx"),
    ("deals.xls", b"\x09\x08\x10\x00\x00\x05" + bytes(80), r"is an old Excel workbook \(\.xls\)"),
    ("deals.xlsx", old("EncryptedPackage"), "is protected by a password: open it in Excel and save it without"),
    ("deals.xls", HTML.encode(), r"is a web page, not a table \(HTML\): open it in Excel and save it as \.xlsx"),
    ("deals.csv", ("\ufeff<!DOCTYPE HTML>" + HTML).encode(), "is a web page, not a table"),
    ("deals.xlsx", ("<html>" + HTML).encode(), "is a web page, not a table"),
    (
        "deals.xls",
        b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook/>',
        "is an XML spreadsheet of Excel 2003",
    ),
    ("deals.xlsb", packed(**{"xl/workbook.bin": ""}), "is a binary Excel workbook"),
    (
        "deals.ods",
        packed(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
        r"is an OpenDocument spreadsheet \(\.ods\): open it and save it as \.xlsx",
    ),
    ("deals.numbers", packed(**{"Index/Document.iwa": ""}), "is an Apple Numbers document"),
    ("deals.xlsx", b"PAR1 ... PAR1", "is a Parquet file, not a workbook: rename it to deals.parquet"),
    ("deals.csv", b'[{"account_id": "A1"}]', "is JSON, not a table"),
    ("deals.docx", packed(**{"word/document.xml": ""}), "is a Word or PowerPoint document"),
]


@pytest.mark.parametrize(("name", "data", "said"), KINDS)
def test_a_file_is_called_what_it_is(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SegxlError, match=rf"^{name} {said}"):
        read_file(tmp_path / name)


def test_a_text_file_that_only_begins_strangely_is_read(tmp_path: Path) -> None:
    for text in ("ID;Phase\n1;Demo\n", "{id},name\n1,x\n", "[id],name\n1,x\n", "<id>,name\n1,x\n"):
        (tmp_path / "deals.csv").write_text(text, encoding="utf-8")
        assert len(read_file(tmp_path / "deals.csv")) == 1


def test_a_proposal_says_which_files_of_the_folder_are_not_read_and_why(tmp_path: Path) -> None:
    (tmp_path / "old.xls").write_bytes(old("Workbook"))
    (tmp_path / "page.xls").write_text(HTML, encoding="utf-8")
    (tmp_path / "text.xlsx").write_text(CSV, encoding="utf-8")
    proposed = proposed_settings(tmp_path)
    assert "# old.xls: not read: old.xls is an old Excel workbook (.xls): open it in Excel and save it" in proposed
    assert "# page.xls: not read: page.xls is a web page, not a table (HTML)" in proposed
    assert "# text.xlsx: not read: text.xlsx is text, not a workbook: rename it to text.csv" in proposed
