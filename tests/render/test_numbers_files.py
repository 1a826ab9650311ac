"""The table Numbers as CSV and Parquet: the same values in both, safe texts, plain words without pyarrow."""

from __future__ import annotations

import csv
import io
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from segxl.api import load
from segxl.cli.commands import commands
from segxl.errors import SegxlError
from segxl.periods import Window
from segxl.render.formats import FORMATS, known_formats
from segxl.render.numbers.csv import numbers_csv
from segxl.render.numbers.parquet import numbers_parquet
from segxl.safe_csv import unguarded
from segxl.scorecard.numbers_table import COLUMNS, DATES, TEXTS, Row, frame
from segxl.units import COUNT, MONEY, RATE
from tests import small

MAY = Window(date(2026, 5, 1), date(2026, 5, 31))
DIRTY = (
    '=HYPERLINK("x")',
    "A, B; C",
    'say "hi"',
    "two\nlines",
    "Zürich 🚀",
    "-5% club",
    "@home",
    "NA",
    " padded ",
    "'quoted",
)


def dirty_rows() -> list[Row]:
    rows = [Row(name, "Pipeline", "won_revenue", "by_geo", name, "2026-05", 1.5, MONEY, "", MAY) for name in DIRTY]
    rows.append(Row("SMB", "Pipeline", "won_revenue", "mom_percent", "", "2026-05", None, RATE, "N/M", MAY))
    rows.append(Row("SMB", "Pipeline", "win_rate", "total", "", "2026-05", -1e-07, RATE, "", MAY, 1, 3, COUNT, COUNT))
    rows.append(Row("SMB", "Pipeline", "mrr", "change", "", "2026-Q2", -1_192_614.76, MONEY))
    return rows


def read_csv(data: bytes) -> pd.DataFrame:
    """The CSV as a careful reader takes it: blank texts stay texts, and the guard of texts is taken off."""
    found = pd.read_csv(io.BytesIO(data), keep_default_na=False, na_values={name: [""] for name in numbers()})
    for name in TEXTS:
        found[name] = found[name].astype(str).map(unguarded)
    for name in DATES:
        found[name] = pd.to_datetime(found[name]).astype("datetime64[s]")
    return found.astype(dict.fromkeys(numbers(), "float64"))


def numbers() -> list[str]:
    return [name for name in COLUMNS if name not in TEXTS | DATES]


def test_csv_and_parquet_are_equal() -> None:
    rows = dirty_rows()
    from_csv = read_csv(numbers_csv(rows))
    from_parquet = pd.read_parquet(io.BytesIO(numbers_parquet(rows)))
    for name in DATES:
        from_parquet[name] = pd.to_datetime(from_parquet[name]).astype("datetime64[s]")
    pd.testing.assert_frame_equal(from_csv, from_parquet, check_dtype=False)
    pd.testing.assert_frame_equal(frame(rows), from_parquet, check_dtype=False)
    assert list(from_csv["segment"][: len(DIRTY)]) == list(DIRTY)
    assert list(from_csv["value"][-3:].fillna(99)) == [99, -1e-07, -1_192_614.76]


def test_the_csv_is_what_excel_reads() -> None:
    data = numbers_csv(dirty_rows())
    assert data.startswith(b"\xef\xbb\xbfsegment,area,metric,view,item,period,value,unit,")
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert {len(line) for line in lines} == {len(COLUMNS)}
    texts = [cell for line in lines[1:] for name, cell in zip(COLUMNS, line, strict=True) if name in TEXTS]
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@"))]
    assert lines[1][0] == '\'=HYPERLINK("x")'
    assert lines[-2][6] == "-1e-07" and lines[-1][6] == "-1192614.76"  # numbers are not guarded
    assert lines[-3][6:] == ["", "rate", "", "", "2026-05-01", "2026-05-31", "N/M"]


def test_the_parquet_has_types() -> None:
    schema = pq.read_schema(io.BytesIO(numbers_parquet(dirty_rows())))
    kinds = {"string": TEXTS, "date32[day]": DATES, "double": set(numbers())}
    assert {name: str(schema.field(name).type) for name in schema.names} == {
        name: kind for kind, names in kinds.items() for name in names
    }
    assert tuple(schema.names) == COLUMNS


@pytest.mark.slow
def test_the_command_writes_one_file_for_all_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = small.write_company(tmp_path / "source")
    monkeypatch.chdir(tmp_path)
    arguments = ["scorecard", str(source), "--month", "2026-05", "--format"]
    CliRunner().invoke(commands, [*arguments, "csv", "--format", "parquet", "--out", "out"], standalone_mode=False)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "scorecard-2026-05.csv",
        "scorecard-2026-05.parquet",
    ]
    from_csv = read_csv((tmp_path / "out" / "scorecard-2026-05.csv").read_bytes())
    assert set(from_csv["segment"]) == {"", "All accounts", "R&D / EU", "SMB", "In no segment"}
    pd.testing.assert_frame_equal(from_csv, load(source).scorecard("2026-05").numbers(), check_dtype=False)
    # Alone and without --out: a file in the current folder, as of workbooks.
    again = CliRunner().invoke(commands, [*arguments, "csv"], standalone_mode=False)
    assert again.output.splitlines()[-1] == "scorecard-2026-05.csv"
    written = (tmp_path / "scorecard-2026-05.csv").read_bytes()
    assert written == (tmp_path / "out" / "scorecard-2026-05.csv").read_bytes()
    (tmp_path / "scorecard-2026-05.csv").write_text("mine")
    refused = CliRunner().invoke(commands, [*arguments, "csv"], standalone_mode=False)
    assert isinstance(refused.exception, SegxlError)
    assert (tmp_path / "scorecard-2026-05.csv").read_text() == "mine"


def test_without_pyarrow_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(SegxlError, match=r'pip install "segxl\[parquet\]"'):
        known_formats(["csv", "parquet"])
    assert known_formats("csv") == ("csv",)


def test_formats() -> None:
    with pytest.raises(SegxlError, match="no format 'jsno'; did you mean 'json'"):
        known_formats(["jsno"])
    for name in ("scorecard", "report"):
        option = next(one for one in commands.commands[name].params if one.name == "formats")
        assert set(option.type.choices) == set(FORMATS)  # type: ignore[attr-defined]
