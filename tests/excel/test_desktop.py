"""The hosts for Excel itself, without Excel: they may use only what xlwings offers on the desktop, and what they tell
Excel to do is looked at call by call."""

from __future__ import annotations

import ast
import functools
import inspect
from importlib import resources
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from xlwings import base_classes, main

from segxl.excel.drawing.desktop import DesktopHost, MacHost, WindowsHost, _addresses
from segxl.excel.drawing.draw import _draw, _formulas, _plan
from segxl.excel.drawing.host import Area
from segxl.pages.model import Cell, Field, Link, Pack, Page, Records, Row
from segxl.render.shared.atomic_files import template_path
from segxl.render.shared.theme import read_look
from segxl.render.xlsx.layout import Frame, Layout
from segxl.sources.files.sheets import MERGED
from segxl.units import COUNT, MONEY, TEXT
from tests.render_samples import sample_pack


class Native:
    """A COM or appscript object: takes every call and every attribute, and keeps a log of them."""

    def __init__(self, path: str, log: list[tuple[Any, ...]]) -> None:
        self.__dict__.update(_path=path, _log=log, _made={})

    def __getattr__(self, name: str) -> Any:
        made = self.__dict__["_made"]
        if name not in made:
            made[name] = Native(f"{self._path}.{name}", self._log)
        return made[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self._log.append(("set", f"{self._path}.{name}", value))
        self.__dict__["_made"][name] = value

    def __call__(self, *values: Any, **named: Any) -> Any:
        self._log.append(("call", self._path, values, named))
        return Native(f"{self._path}()", self._log)

    def __iter__(self) -> Any:
        return iter(())

    def __bool__(self) -> bool:
        return True


class Typed:
    """An xlwings object that has what xlwings' class of that name has on the desktop, and nothing else."""

    known: ClassVar[dict[str, type]] = dict(inspect.getmembers(main, inspect.isclass))

    def __init__(self, kind: str, log: list[tuple[Any, ...]], engine: str, path: str = "") -> None:
        self.__dict__.update(_kind=kind, _log=log, _engine=engine, _path=path or kind)

    def _is_offered(self, name: str) -> None:
        cls = self.known[self._kind]
        assert hasattr(cls, name), f"xlwings {self._kind} has no {name}"
        if hasattr(getattr(base_classes, self._kind, object), name):
            assert name in offered(self._engine, self._kind), f"{self._kind}.{name} is not there in {self._engine}"

    def __getattr__(self, name: str) -> Any:
        self._is_offered(name)
        found = inspect.getattr_static(self.known[self._kind], name)
        path = f"{self._path}.{name}"
        if name == "api":
            if self._kind == "Chart":
                return Native(f"{path}[0]", self._log), Native(f"{path}[1]", self._log)
            return Native(path, self._log)
        if name in ("row", "column", "left", "top"):
            return 1
        if isinstance(found, property):
            return self._given(inspect.signature(found.fget).return_annotation, path)  # type: ignore[arg-type]

        def call(*values: Any, **named: Any) -> Any:
            inspect.signature(found).bind(self, *values, **named)
            self._log.append(("call", path, values, named))
            return self._given(inspect.signature(found).return_annotation, f"{path}{values}")

        return call

    def _given(self, annotation: Any, path: str) -> Any:
        word = str(annotation).strip("'\"").removesuffix(" | None")
        return Typed(word, self._log, self._engine, path) if word in self.known else None

    def __setattr__(self, name: str, value: Any) -> None:
        self._is_offered(name)
        self._log.append(("set", f"{self._path}.{name}", value))

    def __getitem__(self, key: Any) -> Any:
        wrapped = {"Sheets": "Sheet", "Borders": "Border"}.get(self._kind, "Name")
        return Typed(wrapped, self._log, self._engine, f"{self._path}[{key!r}]")

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 1

    def __contains__(self, name: str) -> bool:
        return False


@functools.cache
def offered(engine: str, kind: str) -> frozenset[str]:
    """What xlwings' classes for Windows or Mac define, those they are made from included."""
    tree = ast.parse((resources.files("xlwings") / f"{engine}.py").read_text(encoding="utf-8"))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    names: set[str] = set()
    waiting = [kind]
    while waiting:
        node = classes.get(waiting.pop())
        if node is not None:
            names |= {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
            assigned = (part for one in node.body if isinstance(one, ast.Assign) for part in one.targets)
            names |= {part.id for part in assigned if isinstance(part, ast.Name)}
            waiting += [base.id for base in node.bases if isinstance(base, ast.Name)]
    return frozenset(names)


HOSTS = [(WindowsHost, "_xlwindows"), (MacHost, "_xlmac")]


def drawn(pack: Pack, host: DesktopHost, engine: str) -> list[tuple[Any, ...]]:
    """What a host tells xlwings and Excel while the first pages of a pack are drawn."""
    log: list[tuple[Any, ...]] = []
    frame = Frame(pack, read_look(template_path("scorecard.xlsx")))
    plans = [_plan(Layout(frame, page)) for page in pack.pages]
    for plan in plans:
        sheet: Any = Typed("Sheet", log, engine)
        host.wipe(sheet)
        _draw(sheet, plan, host)  # type: ignore[arg-type]
        for area, formulas in _formulas(plan):
            host.calculate(sheet, area, formulas)  # type: ignore[arg-type]
        host.charts(sheet, plan.layout)
    return log


@pytest.mark.ci
@pytest.mark.parametrize(("kind", "engine"), HOSTS)
def test_a_whole_pack_is_drawn_with_what_the_desktop_has(kind: type[DesktopHost], engine: str) -> None:
    log = drawn(sample_pack(), kind(), engine)
    values = [entry for entry in log if entry[0] == "set" and entry[1].endswith(".value")]
    assert values and all(isinstance(entry[2], list) for entry in values)


@pytest.mark.parametrize(("kind", "engine"), HOSTS)
def test_links_come_before_looks_and_looks_before_values(kind: type[DesktopHost], engine: str) -> None:
    rows = (Row((Cell("=1+1", "text"), Cell(5, "value", MONEY, Link("one", 1, 1)))),)
    log = drawn(Pack("T", "S", (Page("one", "One", rows, (9, 9)),)), kind(), engine)
    words = [str(entry[1]) for entry in log]
    link = next(at for at, word in enumerate(words) if word.endswith(("Hyperlinks.Add", "add_hyperlink")))
    look = next(at for at, word in enumerate(words) if word.endswith("number_format"))
    value = next(at for at, word in enumerate(words) if word.endswith(".value"))
    assert link < look < value
    assert log[value][2] == [["=1+1", 5]]  # the cell is formatted as text: Excel reads no formula
    formats = [entry[2] for entry in log if str(entry[1]).endswith("number_format")]
    assert formats == ["@", MONEY.excel]


@pytest.mark.parametrize(("kind", "engine"), HOSTS)
def test_what_is_kept_is_put_back_and_taken_away(kind: type[DesktopHost], engine: str) -> None:
    log: list[tuple[Any, ...]] = []
    sheet: Any = Typed("Sheet", log, engine)
    host = kind()
    kept = host.keep(sheet)
    host.restore(sheet, kept)
    host.forget(host.keep(sheet))
    copied = [entry for entry in log if entry[0] == "call" and entry[1].endswith((".copy", ".delete"))]
    assert [entry[1].rpartition(".")[2] for entry in copied] == ["copy", "copy", "delete", "copy", "delete"]
    assert copied[1][1].endswith("cells.copy")


def test_words_where_a_number_is_expected_are_marked_as_text() -> None:
    rows = (Row((Cell("n/a", "muted", COUNT), Cell("2026-05", "value", MONEY))),)
    log = drawn(Pack("T", "S", (Page("one", "One", rows, (9, 9)),)), WindowsHost(), "_xlwindows")
    assert [entry[2] for entry in log if str(entry[1]).endswith(".value")] == [[["'n/a", "'2026-05"]]]


def test_windows_says_what_xlwings_lacks() -> None:
    records = Records((Field("Name", ["a", "b"], TEXT), Field("N", [1, 2], COUNT)))
    page = Page("one", "One", (Row((Cell("x"),), level=1), Row()), (9, 9), records, freeze=(4, 2), folded=1)
    log = drawn(Pack("T", "S", (page,)), WindowsHost(), "_xlwindows")
    told = {entry[1]: entry[2] for entry in log if entry[0] == "set"}
    assert told["Sheet.api.Outline.SummaryRow"] == 0
    window = {name.rpartition(".")[2]: value for name, value in told.items() if "Windows()" in name}
    assert (window["SplitRow"], window["SplitColumn"], window["FreezePanes"]) == (3, 1, True)
    assert told["Sheet.api.PageSetup.PrintTitleRows"] == "$3:$3"
    grouped = [entry for entry in log if entry[:2] == ("call", "Sheet.api.Range")]
    assert grouped == [("call", "Sheet.api.Range", ("1:1",), {})]
    assert ("call", "Sheet.api.Outline.ShowLevels", (), {"RowLevels": 1}) in log
    # Rows that repeat need a print area: 2 rows, the header and 2 records, in 2 columns
    assert told["Sheet.api.PageSetup.PrintArea"] == "$A$1:$B$5"
    data = Page("two", "Two", (Row(),), (9, 9), records, printed=False)
    other = drawn(Pack("T", "S", (data,)), WindowsHost(), "_xlwindows")
    assert {entry[1]: entry[2] for entry in other if entry[0] == "set"}["Sheet.api.PageSetup.PrintArea"] == "$A$6"
    table = next(entry for entry in log if entry[0] == "call" and entry[1].endswith("tables.add"))
    assert table[3]["name"] == "tbl_one"


def test_addresses_are_as_long_as_excel_takes() -> None:
    areas = [Area(row, 1, row, 16_384) for row in range(1, 200)]
    addresses = list(_addresses(areas))
    assert max(map(len, addresses)) <= 255
    assert ",".join(addresses).split(",") == [area.address for area in areas]


class Merged:
    """A used range of which B2:B4 are merged, as COM shows it."""

    MergeCells = None
    Address = "$B$2"
    MergeArea = SimpleNamespace(Row=2, Column=2, Rows=SimpleNamespace(Count=3), Columns=SimpleNamespace(Count=1))

    def Find(self, **_: Any) -> Merged:  # noqa: N802  Excel's name
        return self


def test_merged_cells_are_marked_as_they_are_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[tuple[Any, ...]] = []
    sheet: Any = Native("sheet", log)
    sheet.used_range.api = Merged()
    cells = [["a", "b"], [1, "x"], [2], [3, None], [4, "y"]]
    assert WindowsHost().mark_merged(sheet, cells) == [["a", "b"], [1, "x"], [2, MERGED], [3, MERGED], [4, "y"]]


def test_a_list_keeps_its_table_where_its_header_stands_in_the_same_row() -> None:
    calls: list[str] = []

    class Table:
        name = "tbl_won"
        range = type("Range", (), {"row": 4})

        def resize(self, cells: Any) -> None:
            calls.append(cells)

    class Sheet:
        tables = (Table(),)

        def range(self, address: str) -> str:
            return address

    WindowsHost().table(Sheet(), Area(4, 1, 90, 3), "tbl_won", ["a", "b", "c"])  # type: ignore[arg-type]
    assert calls == ["A4:C90"]
