"""Sheets that openpyxl made, moved from their own workbook into another: parts renamed, styles and texts with them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from segxl.excel.file_engine.package import STYLES, WORKBOOK, Package, SheetPart, attribute

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STYLED = re.compile(rb'(<(?:c|row) [^>]*?\bs="|<col [^>]*?\bstyle=")(\d+)"')
_SHARED = re.compile(rb'(<c [^>]*?)\bt="s"([^>]*)><v>(\d+)</v></c>')
_TEXT = re.compile(rb"<si>(.*?)</si>|<si ?/>", re.DOTALL)
_TABLE = re.compile(rb'(<table\b[^>]*?\bid=")(\d+)(")')
_CODE_NAME = re.compile(rb'<(?:\w+:)?sheetPr\b[^>]*?\bcodeName="([^"]*)"')
_OWN_FORMATS = 164  # number formats below are Excel's own


class Graft:
    """Move sheets of ``made``, the parts written by openpyxl, into ``package``; parts that only the sheets in
    ``replaced`` use are removed first.

    ``styles`` is the number in the package of each of the made workbook's styles.
    """

    def __init__(self, package: Package, made: Package, replaced: Sequence[SheetPart]) -> None:
        self.package = package
        self.made = made
        self.code_names = {one.name: self._code_name(one.part) for one in replaced}
        self._take_away({one.relation for one in replaced})
        self.styles = _merged_styles(package, made.parts[STYLES])
        self.texts = [match[1] or b"<t/>" for match in _TEXT.finditer(made.parts.get("xl/sharedStrings.xml", b""))]
        self.names: dict[str, str] = {}
        self._tables = {int(match[2]) for match in self._table_parts()}

    def _code_name(self, part: str) -> bytes:
        """The name by which VBA knows a sheet; empty without VBA."""
        found = _CODE_NAME.search(self.package.parts[part][:4096])
        return found[1] if found else b""

    def _take_away(self, relations: set[str]) -> None:
        before, known = self.package.reachable(), self.package.relations(WORKBOOK)
        self.package.relate(WORKBOOK, [one for one in known if one.id not in relations])
        for name in before - self.package.reachable():
            del self.package.parts[name]
        self.package.relate(WORKBOOK, known)

    def _table_parts(self) -> list[re.Match[bytes]]:
        tables = (data for name, data in self.package.parts.items() if name.startswith("xl/tables/"))
        return [match for data in tables if (match := _TABLE.search(data))]

    def move(self, source: SheetPart, target: SheetPart | None, state: str) -> SheetPart:
        """Put a made sheet in the place of ``target``, or behind the others; it keeps its made name."""
        part = self._moved(source.part)
        if target is None:
            return self.package.add_sheet(source.name, part, state)
        code_name = self.code_names[target.name]
        if code_name:
            data = self.package.parts[part]
            self.package.parts[part] = data.replace(b"<sheetPr", b'<sheetPr codeName="%s"' % code_name, 1)
        relations = self.package.relations(WORKBOOK)
        moved = [replace(one, target=part) if one.id == target.relation else one for one in relations]
        self.package.relate(WORKBOOK, moved)
        target.part = part
        if state == "visible":
            self.package.unhide(target)
        return target

    def _moved(self, name: str) -> str:
        """Copy a part with all that it leads to; its new name."""
        if name in self.names:
            return self.names[name]
        new = self.names[name] = self._free(name)
        data = self.made.parts[name]
        if name.startswith("xl/worksheets/"):
            data = self._restyled(data)
        elif name.startswith("xl/tables/"):
            number = min(set(range(1, len(self._tables) + 2)) - self._tables)
            self._tables.add(number)
            data = _TABLE.sub(rb"\g<1>%d\g<3>" % number, data, count=1)
        self.package.parts[new] = data
        relations = self.made.relations(name)
        moved = [one if one.external else replace(one, target=self._moved(one.target)) for one in relations]
        if moved:
            self.package.relate(new, moved)
        return new

    def _free(self, name: str) -> str:
        folder, file = posixpath.split(name)
        stem, suffix = posixpath.splitext(file)
        plain = stem.rstrip("0123456789")
        number = 1
        while (new := posixpath.join(folder, f"{plain}Segxl{number}{suffix}")) in self.package.parts:
            number += 1
        return new

    def _restyled(self, data: bytes) -> bytes:
        data = _STYLED.sub(lambda match: b'%s%d"' % (match[1], self.styles[int(match[2])]), data)
        return _SHARED.sub(
            lambda match: b'%st="inlineStr"%s><is>%s</is></c>' % (match[1], match[2], self.texts[int(match[3])]), data
        )

    def finish(self) -> None:
        """Say the kinds of the new parts."""
        defaults, overrides = self.package.types()
        made_defaults, made_overrides = self.made.types()
        for old, new in self.names.items():
            extension = posixpath.splitext(new)[1].lstrip(".").casefold()
            if old in made_overrides:
                overrides[new] = made_overrides[old]
            elif (
                extension in made_defaults
                and defaults.setdefault(extension, made_defaults[extension]) != (made_defaults[extension])
            ):
                overrides[new] = made_defaults[extension]
        self.package.set_types(defaults, overrides)


def table_names(package: Package, sheets: set[str]) -> set[str]:
    """The names of the tables on all sheets but ``sheets``, and the defined names, in lower case: a new table needs
    another."""
    taken = set()
    for sheet in package.sheets:
        if sheet.name not in sheets:
            for relation in package.relations(sheet.part):
                if relation.type.endswith("/table"):
                    start = re.search(rb"<(?:\w+:)?table\b[^>]*>", package.parts.get(relation.target, b""))
                    taken.add(attribute(start[0], "displayName").casefold() if start else "")
    for match in re.finditer(rb"<(?:\w+:)?definedName\b[^>]*>", package.parts[WORKBOOK]):
        taken.add(attribute(match[0], "name").casefold())
    return taken


Canon = tuple[str, tuple[tuple[str, str], ...], tuple["Canon", ...]]


def _canon(element: ElementTree.Element) -> Canon:
    """An element as a value: two that mean the same are equal however they are written."""
    attributes = tuple(sorted((key, _plain(value)) for key, value in element.items()))
    return element.tag.rpartition("}")[2], attributes, tuple(_canon(child) for child in element)


def _plain(value: str) -> str:
    return {"true": "1", "false": "0"}.get(value, value)


class _Styles:
    """The lists of a styles part, to which new entries of another one are added."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.root = ElementTree.fromstring(data)
        self.known = {name: [_canon(child) for child in self._list(name)] for name in ("fonts", "fills", "borders")}
        self.cells = [_canon(child) for child in self._list("cellXfs")]
        self.formats = {one.get("formatCode", ""): int(one.get("numFmtId", "0")) for one in self._list("numFmts")}
        self.added: dict[str, list[str]] = {}

    def _list(self, name: str) -> list[ElementTree.Element]:
        return _children(self.root, name)

    def entry(self, name: str, element: ElementTree.Element) -> int:
        """The number of a font, fill or border."""
        value = _canon(element)
        if value not in self.known[name]:
            self.known[name].append(value)
            self.added.setdefault(name, []).append(_written(element))
        return self.known[name].index(value)

    def format(self, code: str) -> int:
        """The number of a number format."""
        if code not in self.formats:
            self.formats[code] = max([_OWN_FORMATS - 1, *self.formats.values()]) + 1
            element = ElementTree.Element("numFmt", numFmtId=str(self.formats[code]), formatCode=code)
            self.added.setdefault("numFmts", []).append(_written(element))
        return self.formats[code]

    def cell(self, element: ElementTree.Element) -> int:
        """The number of a cell's style."""
        value = _canon(element)
        if value not in self.cells:
            self.cells.append(value)
            self.added.setdefault("cellXfs", []).append(_written(element))
        return self.cells.index(value)

    def written(self) -> bytes:
        data = self.data
        prefixed = b"<styleSheet" not in data
        for name, entries in self.added.items():
            if prefixed:
                entries = [entry.replace(" ", f' xmlns="{_MAIN}" ', 1) for entry in entries]
            text = "".join(entries).encode()
            count = len(self._list(name)) + len(entries)
            found = re.search(rf"<((?:\w+:)?){name}\b[^>]*?(/?)>".encode(), data)
            if found is None or found[2]:
                whole = f'<{name} xmlns="{_MAIN}" count="{count}">'.encode() + text + f"</{name}>".encode()
                root = re.search(rb"<(?:\w+:)?styleSheet\b[^>]*>", data)
                start, end = (found.start(), found.end()) if found else (root.end(), root.end()) if root else (0, 0)
                data = data[:start] + whole + data[end:]
                continue
            start_tag = re.sub(rb'\bcount="\d+"', b'count="%d"' % count, found[0])
            data = data[: found.start()] + start_tag + data[found.end() :]
            close = data.index(b"</" + found[1] + name.encode() + b">")
            data = data[:close] + text + data[close:]
        return data


def _children(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    found = root.find(f"{{{_MAIN}}}{name}")
    return [] if found is None else list(found)


def _written(element: ElementTree.Element) -> str:
    """An element's XML without prefixes; ElementTree's own depends on what else has been imported."""
    tag = element.tag.rpartition("}")[2]
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in element.items())
    return f"<{tag}{attributes}>{''.join(map(_written, element))}</{tag}>" if len(element) else f"<{tag}{attributes}/>"


def _merged_styles(package: Package, made: bytes) -> list[int]:
    """Add the made styles that the package lacks; the number of each of the made cell styles in the package."""
    target = _Styles(package.parts[STYLES])
    source = ElementTree.fromstring(made)
    lists = {
        name: list(source.find(f"{{{_MAIN}}}{name}") or [])
        for name in ("fonts", "fills", "borders", "cellXfs", "numFmts")
    }
    codes = {one.get("numFmtId"): one.get("formatCode", "") for one in lists["numFmts"]}
    numbers = []
    for style in lists["cellXfs"]:
        number = style.get("numFmtId", "0")
        kept = {key: value for key, value in style.items() if key in ("quotePrefix", "pivotButton")}
        moved = ElementTree.Element(
            style.tag,
            {
                "numFmtId": str(target.format(codes[number])) if number in codes else number,
                "fontId": str(target.entry("fonts", lists["fonts"][int(style.get("fontId", "0"))])),
                "fillId": str(target.entry("fills", lists["fills"][int(style.get("fillId", "0"))])),
                "borderId": str(target.entry("borders", lists["borders"][int(style.get("borderId", "0"))])),
                "xfId": "0",
                **{key: value for key, value in kept.items() if _plain(value) == "1"},
                "applyNumberFormat": "1",
                "applyFont": "1",
                "applyFill": "1",
                "applyBorder": "1",
                "applyAlignment": "1",
            },
        )
        moved.extend(child for child in style if child.tag.endswith("alignment"))
        numbers.append(target.cell(moved))
    package.parts[STYLES] = target.written()
    return numbers
