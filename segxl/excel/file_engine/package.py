"""A workbook file as its parts, so that what segxl does not draw stays as it is, byte for byte.

openpyxl loses much of what people put into workbooks (sparklines, shapes, slicers, the ribbon, VBA's signature …). So a
workbook is never loaded and saved as a whole: sheets that segxl draws are made by openpyxl in a workbook of their own
and moved in here part by part; values on other sheets are changed in place; everything else is copied.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr, unescape

from segxl.errors import SegxlError
from segxl.render.shared.atomic_files import refusal
from segxl.sources.files.archives import ARCHIVE_ERRORS, refuse_unsafe

TYPES = "[Content_Types].xml"
WORKBOOK = "xl/workbook.xml"
STYLES = "xl/styles.xml"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES_SPACE = "http://schemas.openxmlformats.org/package/2006/content-types"
_END_OF_SHEETS = re.compile(rb"</(\w+:)?sheets>")
_BEFORE_NAMES = re.compile(rb"</(?:\w+:)?(?:sheets|functionGroups|externalReferences)>")
_NAMES = re.compile(rb"<(?:\w+:)?definedNames>.*?</(?:\w+:)?definedNames>|<(?:\w+:)?definedNames ?/>", re.DOTALL)
_NAME = re.compile(rb"<(?:\w+:)?definedName\b([^>]*)>.*?</(?:\w+:)?definedName>", re.DOTALL)
_CALC = re.compile(rb"<(?:\w+:)?calcPr\b[^>]*?(/?)>")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_PLACES = re.compile(rb'\b(localSheetId|activeTab|firstSheet)="(\d{1,9})"')
_STATE = re.compile(rb'\sstate="\w+"')
_VIEW = re.compile(rb"(<(?:\w+:)?workbookView\b[^>]*?)(\s*/?>)")
_SELECTED = re.compile(rb'\stabSelected="(?:1|true)"')
_SHEET_VIEW = re.compile(rb"(<(?:\w+:)?sheetView\b)")
_ACTIVE_CELL = re.compile(rb'<(?:\w+:)?selection\b[^>]*?\bactiveCell="([A-Z]+\d+)"')


_BROKEN = (*ARCHIVE_ERRORS, ElementTree.ParseError)
_DEEPEST = 100
"""Elements within elements; those of styles that a program wrote are a handful deep."""


@dataclass
class SheetPart:
    """A sheet of the workbook: its name, number, relationship, part, and whether it is shown."""

    name: str
    number: int
    relation: str
    part: str
    state: str = "visible"


@dataclass(frozen=True)
class Relation:
    """A relation of a part: ``target`` is a name in the archive, or an address outside of it."""

    id: str
    type: str
    target: str
    external: bool


class Package:
    """The parts of a workbook by name, and its sheets in order.

    Args:
        path: the file.
        made: what the file would hold, for a workbook that is not on a disk.

    Raises:
        SegxlError: the file is missing, open in Excel, no workbook, encrypted or signed.
    """

    def __init__(self, path: Path, made: BytesIO | None = None) -> None:
        held = made or BytesIO(_held(path))
        try:
            with zipfile.ZipFile(held) as archive:
                refuse_unsafe(str(path), archive, held.getbuffer().nbytes)
                self.parts = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
            self.sheets = list(self._sheets())
            self._refuse_broken()
        except _BROKEN as error:
            raise SegxlError(
                f"{path} is not a readable Excel workbook, or has a password: open it in Excel, remove the password "
                f"and save it as .xlsx or .xlsm ({error})"
            ) from None
        if any(name.startswith("_xmlsignatures/") for name in self.parts):
            raise SegxlError(f"{path} is digitally signed, so it cannot be changed: save an unsigned copy in Excel")

    def _refuse_broken(self) -> None:
        """Look at all that drawing needs before anything is drawn; raises one of ``_BROKEN``."""
        missing = [sheet.part for sheet in self.sheets if sheet.part not in self.parts]
        if missing or not self.sheets:
            raise KeyError(*missing[:1] or ["no sheet"])
        for name in self.parts:
            if name.endswith(".rels") or name == TYPES:
                ElementTree.fromstring(self.parts[name])
        level, depth = list(ElementTree.fromstring(self.parts[STYLES])), 0
        if not level:
            raise KeyError(STYLES)
        while level:
            level, depth = [child for element in level for child in element], depth + 1
            if depth > _DEEPEST:
                raise ValueError(f"{STYLES} is nested without end")

    def _sheets(self) -> Iterator[SheetPart]:
        targets = {relation.id: relation.target for relation in self.relations(WORKBOOK)}
        for element in ElementTree.fromstring(self.parts[WORKBOOK]).iter():
            if element.tag.rpartition("}")[2] == "sheet":
                relation = next((value for key, value in element.items() if key.endswith("}id")), "")
                yield SheetPart(
                    element.get("name", ""),
                    int(element.get("sheetId", "0")),
                    relation,
                    targets[relation],
                    element.get("state", "visible"),
                )

    def relations(self, part: str) -> list[Relation]:
        """The relations of a part."""
        data = self.parts.get(relations_of(part))
        if data is None:
            return []
        found = []
        for element in ElementTree.fromstring(data):
            external = element.get("TargetMode") == "External"
            target = element.get("Target", "")
            place = target if external else inside(part, target)
            found.append(Relation(element.get("Id", ""), element.get("Type", ""), place, external))
        return found

    def relate(self, part: str, relations: Iterable[Relation]) -> None:
        """Replace the relations of a part; without any, their part is removed."""
        lines = [_relationship(one) for one in relations]
        if lines:
            text = f'<Relationships xmlns="{_RELATIONS}">{"".join(lines)}</Relationships>'
            self.parts[relations_of(part)] = text.encode()
        else:
            self.parts.pop(relations_of(part), None)

    def reachable(self) -> set[str]:
        """Every part that something leads to, relationship parts included."""
        found: set[str] = {TYPES}
        waiting = [""]
        while waiting:
            part = waiting.pop()
            if relations_of(part) in self.parts:
                found.add(relations_of(part))
            for relation in self.relations(part):
                if not relation.external and relation.target in self.parts and relation.target not in found:
                    found.add(relation.target)
                    waiting.append(relation.target)
        return found

    def types(self) -> tuple[dict[str, str], dict[str, str]]:
        """The content types of parts: by extension, and by name for overrides."""
        defaults, overrides = {}, {}
        for element in ElementTree.fromstring(self.parts[TYPES]):
            kind = element.get("ContentType", "")
            if element.tag.endswith("}Default"):
                defaults[element.get("Extension", "").casefold()] = kind
            else:
                overrides[element.get("PartName", "").lstrip("/")] = kind
        return defaults, overrides

    def set_types(self, defaults: Mapping[str, str], overrides: Mapping[str, str]) -> None:
        """Rewrite the content types of all parts."""
        lines = [
            f"<Default Extension={quoteattr(name)} ContentType={quoteattr(kind)}/>" for name, kind in defaults.items()
        ]
        lines += [
            f"<Override PartName={quoteattr('/' + name)} ContentType={quoteattr(kind)}/>"
            for name, kind in overrides.items()
            if name in self.parts
        ]
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        self.parts[TYPES] = f'{head}<Types xmlns="{_TYPES_SPACE}">{"".join(lines)}</Types>'.encode()

    def add_sheet(self, name: str, part: str, state: str) -> SheetPart:
        """Register a sheet after the others; its part is put there by the caller."""
        relations = self.relations(WORKBOOK)
        taken = {relation.id for relation in relations}
        number = max([sheet.number for sheet in self.sheets], default=0) + 1
        identity = next(f"rIdSegxl{n}" for n in range(number, number + len(taken) + 1) if f"rIdSegxl{n}" not in taken)
        self.relate(WORKBOOK, [*relations, Relation(identity, f"{_OFFICE}/worksheet", part, False)])
        sheet = SheetPart(name, number, identity, part, state)
        self.sheets.append(sheet)
        shown = "" if state == "visible" else f' state="{state}"'

        def added(match: re.Match[bytes]) -> bytes:
            tag = f'<{(match[1] or b"").decode()}sheet xmlns:r="{_OFFICE}" name={quoteattr(name)} sheetId="{number}"'
            return f'{tag}{shown} r:id="{identity}"/>'.encode() + match[0]

        self.parts[WORKBOOK] = _END_OF_SHEETS.sub(added, self.parts[WORKBOOK], count=1)
        return sheet

    def order(self, names: Sequence[str]) -> None:
        """Put the sheets in an order; what names a sheet by its place, names of single sheets and the one in front,
        follows."""
        places = {one.name: at for at, one in enumerate(self.sheets)}
        wanted = [places[name] for name in names]
        if wanted == list(range(len(self.sheets))):
            return
        new = {old: at for at, old in enumerate(wanted)}
        self.sheets = [self.sheets[old] for old in wanted]
        book = self.parts[WORKBOOK]
        tags = [match[0] for match in _SHEET.finditer(book)]
        moved = iter([tags[old] for old in wanted])
        book = _SHEET.sub(lambda _: next(moved), book)

        def renumbered(match: re.Match[bytes]) -> bytes:
            return b'%s="%d"' % (match[1], new.get(int(match[2]), int(match[2])))

        self.parts[WORKBOOK] = _PLACES.sub(renumbered, book)

    def names(self) -> list[tuple[str, str]]:
        """The defined names of the workbook and their formulas, without those of single sheets."""
        elements = ElementTree.fromstring(self.parts[WORKBOOK]).iter()
        named = (one for one in elements if one.tag.rpartition("}")[2] == "definedName")
        return [(one.get("name", ""), one.text or "") for one in named if one.get("localSheetId") is None]

    def set_print_titles(self, titles: Mapping[int, str]) -> None:
        """Set the rows that repeat in print, by the sheet's position (from 0): ``'Won'!$4:$4``, or "" for none. Earlier
        ones of segxl's sheets are removed."""
        book = self.parts[WORKBOOK]
        found = _NAMES.search(book)
        kept = []
        for match in _NAME.finditer(found[0]) if found else ():
            place = re.search(rb'localSheetId="(\d+)"', match[1])
            if not (place and int(place[1]) in titles and b'name="_xlnm.' in match[1]):
                kept.append(match[0])
        kept += [
            f'<definedName name="_xlnm.Print_Titles" localSheetId="{place}">{_escaped(rows)}</definedName>'.encode()
            for place, rows in titles.items()
            if rows
        ]
        names = b"<definedNames>" + b"".join(kept) + b"</definedNames>" if kept else b""
        if found:
            self.parts[WORKBOOK] = book[: found.start()] + names + book[found.end() :]
        else:
            at = max(match.end() for match in _BEFORE_NAMES.finditer(book))
            self.parts[WORKBOOK] = book[:at] + names + book[at:]

    def calculate_on_load(self) -> None:
        """Let Excel recalculate the formulas when it opens the workbook, because their inputs have changed."""
        book = self.parts[WORKBOOK]
        found = _CALC.search(book)
        if found is None:
            spots = [*_BEFORE_NAMES.finditer(book), *_NAMES.finditer(book)]
            at = max(match.end() for match in spots)
            self.parts[WORKBOOK] = book[:at] + b'<calcPr fullCalcOnLoad="1"/>' + book[at:]
        elif b"fullCalcOnLoad" not in found[0]:
            at = found.start(1)
            self.parts[WORKBOOK] = book[:at] + b' fullCalcOnLoad="1"' + book[at:]

    def active(self) -> tuple[int, str]:
        """The place (from 0) of the sheet that is in front, and its selected cell."""
        view = _VIEW.search(self.parts[WORKBOOK])
        place = re.search(rb'activeTab="(\d{1,9})"', view[0]) if view else None
        at = min(int(place[1]) if place else 0, len(self.sheets) - 1)
        cell = _ACTIVE_CELL.search(self.parts[self.sheets[at].part])
        return at, cell[1].decode() if cell else "A1"

    def unhide(self, sheet: SheetPart) -> None:
        """Take away what hides a sheet."""
        own = f' sheetId="{sheet.number}"'.encode()

        def shown(match: re.Match[bytes]) -> bytes:
            return _STATE.sub(b"", match[0]) if own in match[0] else match[0]

        if sheet.state != "visible":
            self.parts[WORKBOOK] = _SHEET.sub(shown, self.parts[WORKBOOK])
            sheet.state = "visible"

    def activate(self, at: int) -> None:
        """Bring a sheet to the front and unselect the others: in a group of selected sheets, typing into one changes
        all."""

        def numbered(match: re.Match[bytes]) -> bytes:
            return re.sub(rb'\sactiveTab="\d+"', b"", match[1]) + f' activeTab="{at}"'.encode() + match[2]

        self.parts[WORKBOOK] = _VIEW.sub(numbered, self.parts[WORKBOOK], count=1)
        for place, sheet in enumerate(self.sheets):
            part = self.parts[sheet.part]
            if place != at and b"tabSelected" in part[:4096]:
                self.parts[sheet.part] = _SELECTED.sub(b"", part, count=1)
            elif place == at and b"tabSelected" not in part[:4096]:
                self.parts[sheet.part] = _SHEET_VIEW.sub(rb'\1 tabSelected="1"', part, count=1)

    def write(self, file: IO[bytes] | Path, tails: Mapping[str, Iterable[bytes]]) -> None:
        """Write the workbook; ``tails`` are rows below those that a sheet's part has, by the part's name."""
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(self.parts, key=lambda one: one != TYPES):  # stable: else in the order they came
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 0
                with archive.open(info, "w", force_zip64=name in tails) as part:
                    head, end, rest = self.parts[name], b"", b""
                    if name in tails:
                        head, end, rest = head.partition(b"</sheetData>")
                    part.write(head)
                    for chunk in tails.get(name, ()):
                        part.write(chunk)
                    part.write(end + rest)


def _held(path: Path) -> bytes:
    if not path.is_file():
        missing = "is a folder" if path.is_dir() else "no such workbook"
        raise SegxlError(f"{path}: {missing}; name an input workbook, .xlsx or .xlsm (segxl template creates one)")
    refuse_open(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise SegxlError(refusal(error)) from error


def refuse_open(path: Path) -> None:
    """Check that Excel does not have the workbook open, which it marks by a file next to it.

    Raises:
        SegxlError: it is open.
    """
    lock = path.with_name(f"~${path.name}")
    if lock.exists():
        raise SegxlError(
            f"{path} is open in Excel: press the button there, or close it first "
            f"(if nobody has it open, delete the hidden file {lock.name} next to it)"
        )


def relations_of(part: str) -> str:
    """The name of the part with a part's relations; of the whole package for ``""``."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def inside(part: str, target: str) -> str:
    """A relationship's target as a name in the archive."""
    if target.startswith("/"):
        return target[1:]
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def _relationship(one: Relation) -> str:
    target = quoteattr(one.target if one.external else "/" + one.target)
    mode = ' TargetMode="External"' if one.external else ""
    return f"<Relationship Id={quoteattr(one.id)} Type={quoteattr(one.type)} Target={target}{mode}/>"


def attribute(tag: bytes, name: str) -> str:
    """An attribute of a start tag as text, ``""`` without it."""
    found = re.search(rf'\b{name}="([^"]*)"'.encode(), tag)
    return unescape(found[1].decode(), {"&quot;": '"', "&apos;": "'"}) if found else ""


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
