"""Small packs, and what every workbook must be."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D

from segxl.pages.model import (
    Cell,
    Chart,
    ChartKind,
    Field,
    Link,
    Pack,
    Page,
    Range,
    Records,
    Row,
    Scalar,
    Series,
)
from segxl.render.shared.atomic_files import template_path
from segxl.render.shared.theme import Logo
from segxl.render.xlsx.writer import _Picture, write_xlsx
from segxl.units import COUNT, DATE, MONEY, MONEY_EXACT, MONTH, RATE, Unit

MONTHS = [date(2024 + (2 + n) // 12, (2 + n) % 12 + 1, 1) for n in range(13)]


def page(*rows: Row, key: str = "a", **more: Any) -> Page:
    more.setdefault("title", key.title())
    more.setdefault("widths", (20, 12))
    return Page(key=key, rows=rows, **more)


def pack(*pages: Page, **more: Any) -> Pack:
    return Pack("Title & <more>", "Subject", pages, **more)


def one(*values: Scalar, **more: Any) -> Pack:
    """A pack of one page with one row of text cells."""
    return pack(page(Row(tuple(Cell(value) for value in values)), **more))


def listing(*fields: Field, key: str = "rows", above: int = 2, **more: Any) -> Page:
    return page(*[Row((Cell("above"),)) for _ in range(above)], key=key, records=Records(fields), **more)


def sample_pack() -> Pack:
    """A little of everything."""
    won = [1_200_000 + 50_000 * n for n in range(13)]
    cover = page(
        Row((Cell("Scorecard", "title", span=3), None, None)),
        Row((Cell("Won revenue", "label", link=Link("won", 3, 22, 4), tip="Sum of amounts"),)),
        Row((Cell(1720500.25, "value", MONEY, link=Link("won", 3, 22, 4)), Cell(0.274, "value", RATE))),
        Row((Cell("part", "sublabel"), Cell(5, "subvalue", COUNT)), level=1),
        Row(),
        Row((Cell("=1+1 stays text", "note", span=2), None), height=33),
        key="cover",
        freeze=(3, 2),
        repeat_rows=(1, 2),
        orientation="portrait",
    )
    trend = page(
        Row((Cell("Month", "header"), *(Cell(month, "header_right", MONTH) for month in MONTHS))),
        Row((Cell("Won", "label"), *(Cell(value, "value", MONEY) for value in won))),
        Row((Cell("Prior", "label"), *(Cell(value // 2, "value", MONEY) for value in won))),
        Row((Cell("Rate", "label"), *(Cell(None if n == 3 else n / 20, "value", RATE) for n in range(13)))),
        Row(),
        key="trend",
        charts=(
            chart("column", row=6, prior=True),
            chart("line", row=6, column=9, values=4, unit=RATE),
            chart("bar", row=22),
        ),
        widths=(20, *[11] * 13),
    )
    fields = (
        Field("ID", [f"{n:05d}" for n in range(20)]),
        Field("Account", ["=A & <B>", "plain"] * 10, width=30),
        Field("Closed", [date(2025, 3, 1 + n) for n in range(20)], DATE),
        Field("Amount", [n * 1.25 - 3 for n in range(20)], MONEY_EXACT),
    )
    return pack(
        cover,
        trend,
        listing(*fields, key="won", tab="working", freeze=(4, 2)),
        footer="Mid-market & SMB",
        properties={"segxl fingerprint": "3f9a"},
    )


def chart(
    kind: ChartKind, row: int, column: int = 1, values: int = 2, unit: Unit = MONEY, prior: bool = False
) -> Chart:
    series = [Series("Actual", Range("trend", values, values, 2, 14))]
    if prior:
        series.append(Series("Prior", Range("trend", 3, 3, 2, 14), "prior"))
    return Chart(
        kind=kind,
        title=f"A {kind}",
        subtitle="USD",
        categories=Range("trend", 1, 1, 2, 14),
        series=tuple(series),
        unit=unit,
        row=row,
        column=column,
        width=15.0,
        height=8.0,
        alt=f'What the "{kind}" shows & says',
    )


def written(what: Pack, folder: Path, **more: Any) -> Path:
    path = folder / "out.xlsx"
    write_xlsx(what, path, **more)
    return path


def read(what: Pack, folder: Path) -> Any:
    return openpyxl.load_workbook(written(what, folder))


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def assert_sound(path: Path) -> None:
    """Every XML part parses, every relationship has its target, every part its content type, every formula a
    result."""
    found = parts(path)
    for name, data in found.items():
        if name.endswith((".xml", ".rels", ".vml")):
            ElementTree.fromstring(data)
        if name.startswith("xl/worksheets/sheet"):
            assert data.count(b"<f>") == data.count(b"</f><v>") and b"<f " not in data
        if name.endswith(".rels"):
            folder = posixpath.dirname(posixpath.dirname(name))
            for relation in ElementTree.fromstring(data):
                target = relation.get("Target", "")
                assert posixpath.normpath(posixpath.join("/", folder, target))[1:] in found, target
    types = ElementTree.fromstring(found["[Content_Types].xml"])
    overrides = {each.get("PartName", "")[1:] for each in types if each.tag.endswith("Override")}
    defaults = {each.get("Extension") for each in types if each.tag.endswith("Default")}
    assert overrides <= set(found)
    assert all(name in overrides or name.rsplit(".", 1)[-1] in defaults for name in found)


def changed_template(folder: Path, change: Any) -> Path:
    book = openpyxl.load_workbook(template_path("scorecard.xlsx"))
    change(book["Look"])
    path = folder / "template.xlsx"
    book.save(path)
    return path


def row_of(sheet: Any, name: str) -> int:
    return int(next(cell.row for cell in sheet["A"] if cell.value == name))


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x00\x72\xb2" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def with_logo(sheet: Any) -> None:
    sheet._images.append(_Picture(Logo(png(60, 20), "png", 2_160_000, 720_000, "x"), logo_anchor()))


def logo_anchor() -> Any:
    return OneCellAnchor(_from=AnchorMarker(col=4, row=1), ext=XDRPositiveSize2D(2_160_000, 720_000))


def rewritten(path: Path, changes: dict[str, tuple[bytes, bytes]]) -> None:
    """Replace bytes in parts of a workbook in place."""
    found = parts(path)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in found.items():
            old, new = changes.get(name, (b"", b""))
            assert old in data
            archive.writestr(name, data.replace(old, new, 1) if old else data)
