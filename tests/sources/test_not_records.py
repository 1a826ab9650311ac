"""Rows that are no records: totals, counts, legal lines, repeated headers, in every table, export and kind of file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from segxl.settings.model import Settings
from segxl.sources.files.files import RawTable, read_file
from segxl.sources.formats import FORMATS, Format
from segxl.sources.reader import TableReader
from segxl.sources.records.not_records import blank_rows, not_records
from segxl.sources.records.suspect_rows import FOOTER, HEADER, RULER, TOTAL
from segxl.sources.records.total_words import TotalWord, kind_of
from segxl.tables.contracts import CONTRACTS, Column, Contract, Type
from tests.conftest import Folder
from tests.sources.test_formats import header_of

ALL = [contract for contracts in CONTRACTS.values() for contract in contracts]
Row = Sequence[str]


def value(column: Column, turn: int) -> str:
    """A value of a column's type that differs from turn to turn."""
    match column.type:
        case Type.DATE | Type.TIMESTAMP:
            return f"2026-0{turn}-15"
        case Type.MONTH:
            return f"2026-0{turn}"
        case Type.MONEY | Type.NUMBER:
            return str(10 * turn)
        case Type.PERCENT:
            return f"{turn}%"
        case Type.FLAG:
            return "yes"
        case _ if column.choices:
            return column.choices[0]
    return "USD" if column.name == "currency" else f"{column.name} {turn}x"


def dirty(contract: Contract) -> list[Row]:
    """Three records of a table; a title, the header and a legal line among them, a total and a count below."""
    header = list(contract.names)
    records = [[value(column, turn) for column in contract.columns] for turn in (1, 2, 3)]
    total = ["60" if column.type in (Type.MONEY, Type.NUMBER) else "" for column in contract.columns]
    total[0] = "Gesamtergebnis"
    rest = [""] * (len(header) - 1)
    return [
        header,
        records[0],
        ["Confidential Information - Do Not Distribute", *rest],
        ["Report of May", *rest],
        header,
        *records[1:],
        total,
        ["(3 rows)", *rest],
    ]


def write(path: Path, rows: Sequence[Row]) -> Path:
    """The rows in a file of the kind that its name says."""
    if path.suffix == ".csv":
        out = io.StringIO(newline="")
        csv.writer(out).writerows(rows)
        path.write_text(out.getvalue(), encoding="utf-8")
    elif path.suffix == ".parquet":
        pd.DataFrame(rows[1:], columns=list(rows[0])).to_parquet(path)
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(list(row))
        book.save(path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
@pytest.mark.parametrize("contract", ALL, ids=lambda one: f"{one.table} {one.shape}".strip())
def test_every_table_excludes_them_from_every_kind_of_file(tmp_path: Path, contract: Contract, suffix: str) -> None:
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    raw = read_file(write(tmp_path / f"export{suffix}", dirty(contract)))
    settings = Settings.model_validate({"tables": {contract.table: {"file": raw.file}}})
    reader = TableReader(settings, lambda table, source: iter([raw]), [])
    tables = reader.read()
    (entry,) = reader.entries
    assert entry.excluded == {HEADER: 2, FOOTER: 2, TOTAL: 1}
    assert not entry.rejected
    assert tables[contract.table].row.tolist() == [2, 6, 7]
    assert not entry.conditions


@pytest.mark.parametrize("table", list(CONTRACTS))
def test_every_table_of_an_input_workbook_excludes_them(tmp_path: Path, table: str) -> None:
    if table in ("timeframes", "targets", "control_totals", "opportunity_history", "segment_members", "buying_stages"):
        pytest.skip("what is read is checked further, which is not what this test is about")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for row in dirty(CONTRACTS[table][0]):
        (book[table] if table in book.sheetnames else book.create_sheet(table)).append(list(row))
    book.save(tmp_path / "input.xlsx")
    dataset = load(tmp_path / "input.xlsx")
    entry = next(one for one in dataset.ledger.files if one.table == table)
    assert {HEADER: 2, FOOTER: 2, TOTAL: 1}.items() <= entry.excluded.items()


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: f"{one.name} {one.table}")
def test_every_known_export_excludes_them(tmp_path: Path, one: Format) -> None:
    header = header_of(one)
    records = [[f"{name} {turn}x" for name in header] for turn in (1, 2, 3)]
    rest = [""] * (len(header) - 1)
    rows = [header, *records[:2], header, records[2], ["Sous-total", *rest], ["Total général", *rest]]
    raw = read_file(write(tmp_path / "export.csv", rows))
    assert one.fits(raw.header)
    found = not_records(raw, blank_rows(raw))
    assert np.flatnonzero(found.rules[HEADER]).tolist() == [2]
    assert np.flatnonzero(found.rules[TOTAL]).tolist() == [4, 5]
    assert found.rows.sum() == 3


WORDS = """
    Total; TOTALS; Gesamt; Summe; Ergebnis; Somme; Suma; Totale; Totaal; Totalt; Итого; Всего; 合計; 总计; 總計; 합계;
    Toplam; Yhteensä; Razem; Celkem; Spolu; Összesen; Ukupno; Skupaj; Σύνολο; Общо; Kokku; Kopā; Iš viso; Summa; Jumlah;
    Tổng cộng; รวม; المجموع; סה"כ; कुल
    """
NO_NAMES = """
    Grand Total; Grand Totals (5,700 records); Gesamtergebnis; Zwischensumme; Sous-total; Total général; Total general;
    Totale complessivo; Eindtotaal; Suma końcowa; Celkový součet; Végösszeg; Общий итог; Genel Toplam; Loppusumma;
    総計; 小計; 총합계; Gesamt: Konto; Total: Campaigns; Итого: 2026; Total (12); Subtotal
    """


def test_the_words_of_many_languages_are_known() -> None:
    assert {kind_of(word.strip()) for word in WORDS.replace("総計;", "").split(";")} == {TotalWord.TOTAL}
    kinds = {word.strip(): kind_of(word.strip()) for word in NO_NAMES.replace("総計;", "").split(";")}
    assert {word for word, kind in kinds.items() if kind is not TotalWord.CERTAIN} == set()


@pytest.mark.parametrize(
    "line",
    [
        *(
            "(3 rows)",
            "(1 row)",
            "3 rows in set (0.00 sec)",
            "3 rows selected.",
            "(3 rows affected)",
            "Rows returned: 3",
        ),
        *("3 Row(s) produced. Time Elapsed: 0.5s", "Record Count: 3", "Anzahl Datensätze: 3", "3 Zeilen", "3 lignes"),
        *("3 件", "Total records: 3", "3 record(s) exported"),
    ],
)
def test_counts_are_known(line: str) -> None:
    assert kind_of(line) is TotalWord.COUNT


def only(folder: Folder, table: str, text: str, settings: str = "") -> Dataset:
    return folder(f'{settings}[tables.{table}]\nfile = "{table}.csv"\n', **{table: text})


def excluded(dataset: Dataset) -> dict[str, int]:
    (entry,) = dataset.ledger.files
    assert entry.balanced
    return entry.excluded


def warnings(dataset: Dataset) -> list[str]:
    return [str(one) for one in dataset.ledger.conditions]


def test_totals_of_months_above_their_rows(folder: Folder) -> None:
    """Amounts as a German Excel writes them; the label is behind the month."""
    text = 'month;account_id;mrr\n2026-04;Summe;"1.234,50"\n2026-04;A;"1.000,50"\n2026-04;B;234\n'
    dataset = only(folder, "revenue", f"{text}2026-05;Summe;12,5\n2026-05;A;12,5\n")
    assert excluded(dataset) == {TOTAL: 2}
    assert not warnings(dataset)


def test_subtotals_of_groups_need_the_sum_of_their_group(folder: Folder) -> None:
    """東京 and 大阪 with Excel's subtotals; a company that begins with Total is one."""
    text = "account_id,month,mrr\n東京 A,2026-04,10\n東京 B,2026-04,20\n東京 集計,,30\n大阪 A,2026-04,5\n"
    dataset = only(folder, "revenue", f"{text}大阪 B,2026-04,7\n大阪 集計,,12\nTotal Energies,2026-04,3\n総計,,45\n")
    assert excluded(dataset) == {TOTAL: 3}
    assert dataset.tables["revenue"]["account_id"].tolist()[-1] == "Total Energies"
    assert not warnings(dataset)


def test_a_subtotal_below_its_group_in_another_column(folder: Folder) -> None:
    text = (
        "lead_source,month,amount\nWeb,2026-04,10\nWeb,2026-05,20\nWeb,Subtotal,30\nFair,2026-04,5\nFair,Subtotal,5\n"
    )
    assert excluded(only(folder, "costs", text)) == {TOTAL: 2}


def test_a_total_of_a_month_or_a_type_in_a_label(folder: Folder) -> None:
    text = "month,lead_source,amount\n2026-04,Web,10\n2026-04,Fair,20\n2026-04 Total,,30\n2026-05,Web,10\n"
    dataset = only(folder, "costs", f"{text}2026-05,Fair,25\n2026-05 Total,,35\nGrand Total,,65\n")
    assert excluded(dataset) == {TOTAL: 3} and not warnings(dataset)
    moves = "account_id,date,type,amount\nA,2026-04-02,new,10\nB,2026-04-03,new,5\nC,2026-04-03,churn,1\n"
    dataset = only(folder, "revenue", f"{moves}Summe new,2026-04-30,new,15\nTotal Media,2026-04-30,new,3\n")
    assert excluded(dataset) == {TOTAL: 1} and len(dataset.tables["revenue"]) == 4


REAL = "account_id,name,country,tier\nA,Alpha,Chile,1\nTotal,Total,France,2\nB,Beta,Peru,1\nC,Gamma,Peru,1\n"


def test_an_account_that_is_called_total_stays(folder: Folder) -> None:
    accounts = only(folder, "accounts", REAL)
    assert not excluded(accounts) and not warnings(accounts)
    revenue = "account_id,month,mrr\nA,2026-04,10\nTotal,2026-04,70\nB,2026-04,20\n"
    both = '[tables.accounts]\nfile = "accounts.csv"\n[tables.revenue]\nfile = "revenue.csv"\n'
    dataset = folder(both, accounts=REAL, revenue=revenue)
    assert len(dataset.tables["revenue"]) == 3 and not warnings(dataset)
    # without an account of that name, no one knows
    dataset = only(folder, "revenue", revenue)
    assert len(dataset.tables["revenue"]) == 3
    assert warnings(dataset) == [
        "revenue.csv: 1 row has a name like a total and counts as a record: 'Total' (1) (row 3). Delete totals from "
        'the export, or filter them out: below the line [tables.revenue] add where.account_id = { not = ["Total"] }.'
    ]
    where = '[tables.revenue]\nfile = "revenue.csv"\nwhere = { account_id = { not = ["Total"] } }\n'
    assert not warnings(folder(where, revenue=revenue))


def test_a_grand_total_that_is_no_sum_is_reported(folder: Folder) -> None:
    text = "month,amount,lead_source\n2026-04,10,Web\n2026-04,20,Fair\n2026-04,99,Grand total\n"
    dataset = only(folder, "costs", text)
    assert excluded(dataset) == {TOTAL: 1}
    (warning,) = warnings(dataset)
    assert "1 row is excluded as a total, but its numbers are not the sum of other rows: 'Grand total' (1)" in warning


def test_a_single_customer_each_month(folder: Folder) -> None:
    """Twice the same by chance is unlikely; once it may be."""
    text = "account_id,month,mrr\nA,2026-04,10\nSuma,2026-04,10\n"
    once = only(folder, "revenue", text)
    assert excluded(once) == {TOTAL: 1} and len(warnings(once)) == 1
    twice = only(folder, "revenue", f"{text}A,2026-05,20\nSuma,2026-05,20\n")
    assert excluded(twice) == {TOTAL: 2} and not warnings(twice)


def test_lines_below_the_data_of_a_mapped_table(folder: Folder) -> None:
    settings = 'columns = { account_id = "Konto", name = "Firma" }\n'
    text = "Konto,Firma,Branche\n1,Nord,Bau\n2,Süd,Handel\n\nStand: 31.10.2026\nErstellt von Anna\nEnde\n"
    dataset = folder(f'[tables.accounts]\nfile = "accounts.csv"\n{settings}', accounts=text)
    # the last one is a single word, which an id may be
    assert excluded(dataset) == {"empty row": 1, FOOTER: 2}
    assert dataset.tables["accounts"]["account_id"].tolist() == ["1", "2", "Ende"]


def test_a_line_of_dashes_is_no_record(folder: Folder) -> None:
    text = "account_id,name\n----------,-----\nA,Alpha\nB,Beta\n\n(2 rows affected)\n"
    assert excluded(only(folder, "accounts", text)) == {"empty row": 1, RULER: 1, FOOTER: 1}


def test_a_header_in_another_order_is_refused(folder: Folder) -> None:
    text = "account_id,name,geo\nA,Alpha,East\nname,account_id,geo\nBeta,B,West\n"
    with pytest.raises(SegxlError, match="row 3: repeats the header with the columns in a different order"):
        only(folder, "accounts", text)


def marks(tmp_path: Path, *lines: str) -> list[int]:
    (tmp_path / "file.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    raw: RawTable = read_file(tmp_path / "file.csv")
    return raw.rows[not_records(raw, blank_rows(raw)).rows].tolist()


def test_what_looks_like_a_total_and_is_none(tmp_path: Path) -> None:
    deal = "opportunity,owner,stage,amount"
    assert not marks(
        tmp_path, deal, "Total - Renewal,Ann,Open,5", "Sum Insurance,Bob,Open,7", "Grand Hotel,Bob,Open,12"
    )
    # an owner called Total, whose deals add up to nothing
    assert not marks(tmp_path, deal, "A,Total,Open,5", "B,Bob,Open,7", "C,Total,Open,9")
    assert not marks(tmp_path, "account_id,name", "3,(3 rows)", "4,Copyright 2026 Ltd")
