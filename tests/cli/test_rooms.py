"""The order of the rooms: nothing imports upward, and no circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.places import ROOT

ROOMS = (
    "cli",
    "verify",
    "excel",
    "api",
    "publish",
    "render",
    "pages",
    "report",
    "scorecard",
    "facts",
    "dataset",
    "catalogue",
    "sources",
    "settings",
    "cache",
    "tables",
)
"""From the top. What is in no room (calendar, units, errors, messages) lies below all of them."""
PACKAGE = ROOT / "segxl"


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in PACKAGE.rglob("*.py")}


def imports(module: str, *, types: bool = False) -> Iterator[str]:
    """The modules of segxl that a module imports when it runs; with ``types`` also those that only types need."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types and not types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                yield from (one for one in (full, node.module)[: 1 if full in MODULES else 2] if one in MODULES)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in MODULES)


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else ""


@pytest.mark.slow
def test_nothing_imports_upward() -> None:
    """Not even for types: a room that names the types of a higher one knows it."""
    height = {name: -at for at, name in enumerate(ROOMS)} | {"": -len(ROOMS)}
    up = [
        f"{module} imports {other}"
        for module in MODULES
        if module not in ("segxl", "segxl.__main__")  # the first hands on the names of api, the second the command
        for other in imports(module, types=True)
        if other != "segxl" and height[room(other)] > height[room(module)]
    ]
    assert not up


@pytest.mark.slow
def test_no_circle() -> None:
    """Modules that import one another, at whatever depth; the package itself hands on what is below it."""
    graph = {module: {one for one in imports(module) if one != "segxl"} for module in MODULES if module != "segxl"}
    while leaves := {module for module, others in graph.items() if not others & graph.keys()}:
        for module in leaves:
            del graph[module]
    assert not graph, {module: sorted(others & graph.keys()) for module, others in graph.items()}


def test_every_room_says_what_it_is() -> None:
    lacking = [path for path in PACKAGE.rglob("__init__.py") if not ast.get_docstring(ast.parse(path.read_text()))]
    assert not lacking
