"""Saving an openpyxl workbook so that the same workbook always makes the same bytes, with what openpyxl
lacks.

openpyxl stamps the clock on its files and knows neither alt texts nor ignored warnings nor sparklines, nor the results
of formulas, and its cells are slow. Its file is made in memory and copied part by part: fixed dates, one compression,
the cells of packs, and the parts below corrected on the way.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook
from openpyxl.comments.comment_sheet import CommentRecord
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.packaging.relationship import Relationship
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.related import Related
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.constants import REL_NS, SHARED_STRINGS

from segxl.render.xlsx.excel_values import CellKind, Texts, result_type

FIXED = datetime(1980, 1, 1)
"""The only date in a written file: the oldest that a zip can have."""

_TYPES, _RELATIONS, _TEXTS = "[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
_TEXTS_TYPE = f'<Override PartName="/{_TEXTS}" ContentType="{SHARED_STRINGS}"/>'.encode()
_TEXTS_RELATION = f'<Relationship Id="rIdTexts" Type="{REL_NS}/sharedStrings" Target="sharedStrings.xml"/>'.encode()
_BOOK = "xl/workbook.xml"
_LEVEL = 5
"""Two thirds of the time of zlib's own 6, and files 3% larger."""
_SHAPE = re.compile(rb"(<(?:\w+:)?cNvPr\b[^>]*?)( descr=\"[^\"]*\")?(\s*/?>)")
_UNLINKED = re.compile(rb'(<numFmt formatCode="[^"]*")( ?/>)')
_DRAWING_END = re.compile(rb"</wsDr>|( ?/>)$")
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"')
_CALCULATED = re.compile(rb'(<c r="([A-Z]+[0-9]+)"[^>]*)>(<f>[^<]*</f>)<v ?(?:/>|></v>)')
_AREA = re.compile(rb'<definedName name="_xlnm\.Print_Area"[^>]*>[^<]*</definedName>')
_AFTER_LINKS = re.compile(rb"<printOptions |<pageMargins ")
_AFTER_IGNORED = re.compile(rb"<drawing |<legacyDrawing |<tableParts |</worksheet>")


@dataclass(frozen=True)
class SheetRows:
    """The rows of a sheet that openpyxl does not draw: ``rows`` yields their XML, ``ref`` is the block they fill.
    ``links``, as XML, and ``tips`` are those of their cells."""

    ref: str
    rows: Callable[[], Iterator[bytes]]
    links: Sequence[str]
    tips: Sequence[CommentRecord]


def save_package(
    book: Workbook,
    to: Path | IO[bytes],
    alts: dict[str, list[str]],
    used: dict[str, str],
    extensions: dict[str, str],
    *,
    rows: Mapping[str, SheetRows] = MappingProxyType({}),
    texts: Texts | None = None,
    results: Mapping[str, dict[str, tuple[CellKind, str]]] = MappingProxyType({}),
    shapes: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Save ``book``.

    Args:
        book: the workbook; its properties are dated ``FIXED``.
        to: the file to write, which is replaced, or one that is open.
        alts: sheet title to the alternative texts of its charts and pictures, in the order they were added.
        used: sheet title to the block of cells in which numbers kept as text draw no warning.
        extensions: sheet title to the XML that ends the sheet (sparklines); blank for none.
        rows: sheet title to its rows, for sheets whose cells openpyxl does not have.
        texts: those that cells of ``rows`` share.
        results: sheet title to the results of openpyxl's formulas by cell, as ``cell_value`` gives them.
        shapes: sheet title to the XML of further anchors of its drawing.
    """
    book.properties.created = book.properties.modified = FIXED
    raw = io.BytesIO()
    archive = zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED)
    _Writer(book, archive, rows, shapes).save()  # openpyxl's save_workbook reads the clock
    edits = _edits(book, rows, alts, used, extensions, results, shapes)
    try:
        _copy(raw, to, edits, texts)
    except BaseException:
        if isinstance(to, Path):
            to.unlink(missing_ok=True)  # half a workbook looks complete until it is opened
        raise


class _Drawing(SpreadsheetDrawing):
    """A drawing that also exists for shapes alone."""

    __elements__ = SpreadsheetDrawing.__elements__
    has_shapes = False

    def __bool__(self) -> bool:
        return self.has_shapes or super().__bool__()


class _SheetWriter(WorksheetWriter):
    def write_drawings(self) -> None:
        """The reference to the sheet's drawing."""
        known: Any = self
        if known.ws._drawing:
            drawing: Any = Related()
            made: Any = Relationship
            relation = made(type="drawing", Target="")
            known._rels.append(relation)
            drawing.id = relation.id
            known.xf.send(drawing.to_tree("drawing"))


class _Writer(ExcelWriter):
    """openpyxl's own, but for its temporary file of each sheet: it needs a folder for these that can be written to,
    and leaves them there when it is stopped."""

    _archive: zipfile.ZipFile

    def __init__(
        self, book: Workbook, archive: zipfile.ZipFile, rows: Mapping[str, SheetRows], shapes: Mapping[str, str]
    ) -> None:
        super().__init__(book, archive)
        self._rows = rows
        self._shapes = shapes

    def write_worksheet(self, ws: Any) -> None:
        """Put a sheet's XML into the archive."""
        ws._drawing = _Drawing()
        ws._drawing.has_shapes = bool(self._shapes.get(ws.title))
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        part = io.BytesIO()
        writer: Any = _SheetWriter(ws, out=part)
        if ws.title in self._rows:
            ws._comments += self._rows[ws.title].tips
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], part.getvalue())
        self.manifest.append(ws)


def _copy(
    raw: io.BytesIO, to: Path | IO[bytes], edits: dict[str, Callable[[bytes], Iterable[bytes]]], texts: Texts | None
) -> None:
    if texts is not None:
        edits |= {_TYPES: _with_last_child(_TEXTS_TYPE), _RELATIONS: _with_last_child(_TEXTS_RELATION)}
    packed = zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
    with zipfile.ZipFile(raw) as source, packed as target:
        names = sorted(
            source.namelist(), key=lambda name: name != _TYPES
        )  # the part that distinguishes an xlsx from a zip comes first
        for name in names:
            part = source.read(name)
            if name.startswith("xl/charts/"):
                part = _UNLINKED.sub(rb'\1 sourceLinked="0"\2', part)  # else labels take the cells' format
            _write_part(target, name, edits[name](part) if name in edits else [part])
        if texts is not None:  # last: the sheets fill them
            _write_part(target, _TEXTS, texts.part())


def _with_last_child(child: bytes) -> Callable[[bytes], Iterable[bytes]]:
    """Put an element at the end of a part's root."""

    def edit(part: bytes) -> Iterable[bytes]:
        head, end, rest = part.rpartition(b"</")
        return [head + child + end + rest]

    return edit


def _write_part(target: zipfile.ZipFile, name: str, chunks: Iterable[bytes]) -> None:
    with target.open(name, "w") as file:  # by name it is dated 1980, and not today
        for chunk in chunks:
            file.write(chunk)
    target.getinfo(name).create_system = 0  # else the system that made the file shows in it


def _edits(
    book: Workbook,
    rows: Mapping[str, SheetRows],
    alts: dict[str, list[str]],
    used: dict[str, str],
    extensions: dict[str, str],
    results: Mapping[str, dict[str, tuple[CellKind, str]]],
    shapes: Mapping[str, str],
) -> dict[str, Callable[[bytes], Iterable[bytes]]]:
    """The parts to correct, by name in the archive."""
    edits: dict[str, Callable[[bytes], Iterable[bytes]]] = {_BOOK: _areas_first}
    for sheet in book.worksheets:
        known: Any = sheet  # openpyxl keeps the parts' paths in private places
        edits[known.path.removeprefix("/")] = _sheet_edit(
            rows.get(sheet.title),
            used.get(sheet.title, ""),
            extensions.get(sheet.title, ""),
            results.get(sheet.title, {}),
        )
        if known._drawing:
            edit = _drawing_edit(alts.get(sheet.title, []), shapes.get(sheet.title, ""))
            edits[known._drawing.path.removeprefix("/")] = edit
        folder, name = known.path.removeprefix("/").rsplit("/", 1)
        edits[f"{folder}/_rels/{name}.rels"] = _relative_comments
    return edits


def _areas_first(part: bytes) -> Iterable[bytes]:
    """The areas of all sheets before the rows that are repeated, as Excel has them: at each of the latter LibreOffice
    breaks all sheets into pages, those without an area down to their last empty row."""
    head, start, names = _AREA.sub(b"", part).partition(b"<definedNames>")
    return [head, start, *_AREA.findall(part), names]


def _relative_comments(part: bytes) -> Iterable[bytes]:
    """Comments named as Excel names them, from the sheet's folder: IronCalc finds them by no other name."""
    return [part.replace(b'Target="/xl/comments/', b'Target="../comments/')]


def _drawing_edit(alts: list[str], shapes: str) -> Callable[[bytes], Iterable[bytes]]:
    def edit(part: bytes) -> Iterable[bytes]:
        texts = iter(alts)

        def described(match: re.Match[bytes]) -> bytes:
            text = quoteattr(next(texts)).encode()
            return match[1] + b" descr=" + text + match[3]

        part = _SHAPE.sub(described, part)
        return [_DRAWING_END.sub(lambda end: b">" * bool(end[1]) + shapes.encode() + b"</wsDr>", part, count=1)]

    return edit


def _sheet_edit(
    drawn: SheetRows | None, used: str, extension: str, results: dict[str, tuple[CellKind, str]]
) -> Callable[[bytes], Iterable[bytes]]:
    def calculated(match: re.Match[bytes]) -> bytes:
        kind, text = results.get(match[2].decode(), ("", ""))
        return match[1] + result_type(kind).encode() + b">" + match[3] + b"<v>" + escape(text).encode() + b"</v>"

    def edit(part: bytes) -> Iterable[bytes]:
        if results:
            part = _CALCULATED.sub(calculated, part)
        if used:
            ignored = f'<ignoredErrors><ignoredError sqref="{used}" numberStoredAsText="1"/></ignoredErrors>'
            part = _AFTER_IGNORED.sub(lambda match: ignored.encode() + match[0], part, count=1)
        if extension:
            head, end, rest = part.rpartition(b"</worksheet>")
            part = head + extension.encode() + end + rest
        if drawn is None:
            yield part
            return
        part = _DIMENSION.sub(f'<dimension ref="{drawn.ref}"'.encode(), part, count=1)
        head, end, rest = part.partition(b"</sheetData>")
        if drawn.links:
            links = f"<hyperlinks>{''.join(drawn.links)}</hyperlinks>".encode()
            rest = _AFTER_LINKS.sub(lambda match: links + match[0], rest, count=1)
        yield head
        yield from drawn.rows()
        yield end + rest

    return edit
