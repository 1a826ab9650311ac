"""An xlwings engine without Excel: the macros run unchanged against a workbook file, on a server and in tests.

It knows what segxl's macros and its pen need, and no more. Sheets of the file are read as they are, and their values
can be changed in place; sheets that are drawn again are made by openpyxl and moved into the file when it is saved, so
that everything else in it stays byte for byte (:mod:`segxl.excel.file_engine.package`). Formulas are not calculated:
they keep the values that Excel gave them, and Excel calculates when it next opens the workbook, if they point at a
drawn sheet.

``open_book(path)`` gives an ``xlwings.Book``. Excel's rules for values hold: text that begins with ``=`` is a formula
except in cells formatted as text, a leading apostrophe marks text.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import xlwings as xw
from openpyxl import Workbook

from segxl.errors import SegxlError
from segxl.excel.file_engine.package import WORKBOOK, Package, refuse_open
from segxl.excel.file_engine.patch import Formula, patched
from segxl.excel.file_engine.sheet_transplant import Graft, table_names
from segxl.excel.file_engine.sheets import Range, Sheet, Sheets
from segxl.excel.file_engine.stored_sheets import CellError, is_book_locked, stored_sheets
from segxl.render.shared.atomic_files import write_atomically
from segxl.render.shared.theme import Look
from segxl.render.xlsx.excel_values import clean_text
from segxl.render.xlsx.package import save_package
from segxl.render.xlsx.writer import Styles
from segxl.sources.workbook.sheets import SheetCells

Value = Any
Rows = Sequence[Sequence[Value]]


_ADDRESS = re.compile(r"\$?[A-Z]{1,3}\$?\d+(:\$?[A-Z]{1,3}\$?\d+)?")


def open_book(path: Path) -> xw.Book:
    """A workbook file as an xlwings book.

    Raises:
        SegxlError: it is missing, open in Excel, or cannot be read.
    """
    return xw.Book(impl=engine.apps.add().books.open(str(path)))


class Engine:
    """The engine as xlwings knows it; ``xlwings.engines.add(xlwings.Engine(impl=engine))`` makes it choosable."""

    name = "segxl"
    type = "file"

    def __init__(self) -> None:
        self.apps = Apps()

    @staticmethod
    def prepare_xl_data_element(value: Value, options: object) -> Value:
        """Values are kept as they are."""
        return value

    @staticmethod
    def clean_value_data(
        data: Rows, dates: Callable[..., Value], empty_as: Value, numbers: Callable[[float], Value] | None, errors: bool
    ) -> list[list[Value]]:
        """Values as a reader wants them: blanks, numbers and errors in the reader's terms."""

        def clean(value: Value) -> Value:
            if isinstance(value, CellError):
                return str(value) if errors else empty_as
            if value is None or value == "":
                return empty_as
            if numbers is not None and isinstance(value, (int, float)) and not isinstance(value, bool):
                return numbers(value)
            return value

        return [[clean(value) for value in row] for row in data]


class Apps:
    """The running programs: one for each workbook that is open."""

    def __init__(self) -> None:
        self.running: list[App] = []

    def add(self, **_: object) -> App:
        app = App(self)
        self.running.append(app)
        return app

    def keys(self) -> list[int]:
        return [app.pid for app in self.running]

    def __iter__(self) -> Iterator[App]:
        return iter(self.running)

    def __len__(self) -> int:
        return len(self.running)

    def __getitem__(self, pid: int) -> App:
        return next(app for app in self.running if app.pid == pid)


class App:
    """A substitute for Excel: the books, the shown messages, and switches without effect."""

    screen_updating = display_alerts = enable_events = visible = True
    calculation = "automatic"
    version = "16.0"

    def __init__(self, apps: Apps) -> None:
        self.apps = apps
        self.pid = id(self)
        self.books = Books(self)
        self.said: list[str] = []
        self.alerts: list[str] = []
        self.cell: Range | None = None

    @property
    def engine(self) -> Engine:
        return engine

    @property
    def status_bar(self) -> str | bool:
        return self.said[-1] if self.said else False

    @status_bar.setter
    def status_bar(self, text: str | bool) -> None:
        if isinstance(text, str):
            self.said.append(text)

    @property
    def selection(self) -> Range | None:
        return self.cell or (self.books.active.selected() if self.books.opened else None)

    def alert(self, prompt: str, *_: object) -> str:
        self.alerts.append(prompt)
        return "ok"

    def quit(self) -> None:
        if self in self.apps.running:
            self.apps.running.remove(self)


class Books:
    """The open books."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.opened: list[Book] = []

    @property
    def active(self) -> Book:
        return self.opened[-1]

    def open(self, fullname: str, *_: object, **__: object) -> Book:
        book = Book(self.app, Path(fullname))
        self.opened.append(book)
        return book

    def __call__(self, key: str | int) -> Book:
        for at, book in enumerate(self.opened, start=1):
            if key in (at, book.name):
                return book
        raise KeyError(key)

    def __len__(self) -> int:
        return len(self.opened)

    def __iter__(self) -> Iterator[Book]:
        return iter(self.opened)


class Book:
    """A workbook file while it is open. Nothing is written before ``save``."""

    def __init__(self, app: App, path: Path) -> None:
        self.app = app
        self._read(path)

    def _read(self, path: Path) -> None:
        """Start from the file's contents, with nothing drawn."""
        self.package = Package(path)  # first: a link that leads nowhere is then no workbook
        self.path = path.resolve()
        self.drawing: Any = Workbook()  # newly drawn sheets
        del self.drawing[self.drawing.sheetnames[0]]
        self.sheets = Sheets(self)
        self.front = self.package.active()[0]
        self._cells: dict[str, SheetCells] | None = None
        self._styles: Styles | None = None

    @property
    def cells(self) -> dict[str, SheetCells]:
        """The file's worksheets by name, read when the first of them is asked for."""
        if self._cells is None:
            self._cells = stored_sheets(self.path)
        return self._cells

    @property
    def locked(self) -> bool:
        """Whether sheets cannot be added."""
        return is_book_locked(self.package.parts[WORKBOOK])

    def styles(self, look: Look) -> Styles:
        """The looks of all sheets that are drawn, as openpyxl numbers them: one template for as long as it is open."""
        if self._styles is None:
            self._styles = Styles(self.drawing, look)
        return self._styles

    @property
    def api(self) -> Book:
        return self

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def fullname(self) -> str:
        return str(self.path)

    @property
    def names(self) -> Names:
        return Names(self)

    def selected(self) -> Range:
        """The selected cell of the sheet in front."""
        at, cell = self.package.active()
        return self.sheets.sheets[self.front].range(cell if at == self.front else "A1")

    def table_names(self, drawn: set[str]) -> set[str]:
        """Names that a new table cannot have: those in the file and on sheets drawn since it was read, those of tables
        on ``drawn`` sheets aside."""
        unsaved = [sheet.drawn for sheet in self.sheets.sheets if sheet.drawn is not None and sheet.title not in drawn]
        return table_names(self.package, drawn) | {name.casefold() for sheet in unsaved for name in sheet.tables}

    def close(self) -> None:
        self.app.books.opened.remove(self)
        self.app.quit()

    def save(self, path: str | None = None, password: str | None = None) -> None:
        """Write the workbook to a temporary file and replace the original in one step.

        Raises:
            SegxlError: it is open in Excel, marked as read-only, or cannot be written.
        """
        target = Path(path) if path else self.path
        refuse_open(target)
        if target.exists() and not target.stat().st_mode & stat.S_IWUSR:
            raise SegxlError(f"{target} is read-only: allow changes in its properties, or use a copy")
        write_atomically(target, self._write, overwrite=True, instead="use a copy in another folder")
        self._read(target)  # the drawn sheets are now part of the file

    def _write(self, path: Path) -> None:
        package = Package(self.path)
        for sheet in self.sheets.sheets:
            if sheet.edits and sheet.stored is not None:
                part = next(one.part for one in package.sheets if one.name == sheet.stored.name)
                package.parts[part] = patched(package.parts[part], sheet.edits)
                if any(isinstance(value, Formula) for value in sheet.edits.values()):
                    package.calculate_on_load()
        tails = self._move_drawn(package)
        package.activate(self.front)
        package.write(path, tails)

    def _move_drawn(self, package: Package) -> dict[str, Iterator[bytes]]:
        drawn = [sheet for sheet in self.sheets.sheets if sheet.drawn is not None]
        if not drawn:
            return {}
        made = self._made(drawn)
        targets = {one.name: one for one in package.sheets}
        replaced = [targets[sheet.stored.name] for sheet in drawn if sheet.stored is not None]
        graft = Graft(package, made, replaced)
        sources = {one.name: one for one in made.sheets}
        tails: dict[str, Iterator[bytes]] = {}
        titles: dict[str, str] = {}
        for sheet in drawn:
            old = targets.get(sheet.stored.name) if sheet.stored is not None else None
            new = graft.move(sources[sheet.title], old, sheet.state)
            titles[new.name] = _absolute(sheet.drawn.print_title_rows, sheet.title)
            if sheet.blocks:
                tails[new.part] = sheet.tail(graft.styles)
        package.order([sheet.title for sheet in self.sheets.sheets])
        places = {one.name: at for at, one in enumerate(package.sheets)}
        package.set_print_titles({places[name]: rows for name, rows in titles.items()})
        graft.finish()
        if self._pointed_at({sheet.title for sheet in drawn}, package):
            package.calculate_on_load()
        return tails

    def _made(self, drawn: list[Sheet]) -> Package:
        """The drawn sheets as openpyxl writes them; long blocks of rows are left to the end."""
        alts = {sheet.title: sheet.alts for sheet in drawn}
        used = {sheet.title: sheet.used for sheet in drawn if sheet.used}
        for sheet in drawn:
            sheet.reserve_styles()
        made = BytesIO()
        extensions = {sheet.title: sheet.extension for sheet in drawn}
        results = {sheet.title: sheet.results for sheet in drawn}
        save_package(self.drawing, made, alts, used, extensions, results=results)
        return Package(self.path, made)

    def _pointed_at(self, titles: set[str], package: Package) -> bool:
        """Whether a user's formula, chart or name refers to one of the sheets."""
        quoted = [clean_text(title).replace("'", "''").replace("&", "&amp;").encode() for title in titles]
        others = [package.parts[one.part] for one in package.sheets if one.name not in titles]
        return any(b"<f" in part and any(title in part for title in quoted) for part in others)


class Names:
    """The workbook's defined names of cell blocks."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def snapshot(self) -> list[tuple[str, Name]]:
        """Each name and its formula."""
        found, sheets = [], self.book.sheets
        for name, target in self.book.package.names():
            sheet, _, address = target.rpartition("!")
            plain = sheet.strip("'").replace("''", "'")
            if plain in sheets and _ADDRESS.fullmatch(address):
                found.append((name, Name(name, sheets(plain).range(address))))
        return found

    def contains(self, name: str) -> bool:
        return any(known.casefold() == name.casefold() for known, _ in self.snapshot())

    def __call__(self, name: str) -> Name:
        for known, found in self.snapshot():
            if known.casefold() == name.casefold():
                return found
        raise KeyError(name)


class Name:
    """A defined name."""

    def __init__(self, name: str, cells: Range) -> None:
        self.name = name
        self.refers_to_range = cells


def _absolute(rows: str | None, title: str) -> str:
    """``'Won'!$4:$4`` from openpyxl's ``$4:$4`` or ``'Won'!$4:$4``."""
    if not rows:
        return ""
    quoted = title.replace("'", "''")
    return f"'{quoted}'!{rows.rpartition('!')[2]}"


engine = Engine()
