"""What buttons drew, held against the command line's JSON, and the file they are in."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import xlwings as xw
from click.testing import CliRunner

from segxl.catalogue.metrics import find_metric
from segxl.cli.commands import commands
from segxl.excel.file_engine.package import Package, inside

PERIODS = {"mom": ("Prior month", "Prior quarter"), "yoy": ("Prior year",)}
"""How the header of a view's base begins; its change and percentage follow."""


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        return {name: archive.read(name) for name in names}


def check_package(path: Path) -> None:
    """What Excel would repair or refuse: broken XML, relationships to nothing, parts of no kind, numbers twice."""
    found = parts(path)
    package = Package(path)
    defaults, overrides = package.types()
    for name, data in found.items():
        if name.endswith((".xml", ".rels", ".vml")):
            ElementTree.fromstring(data)
        assert name in overrides or name.rpartition(".")[2] in {*defaults, "Content_Types"} or "." not in name, name
        if name.endswith(".rels"):
            owner = name.replace("_rels/", "").removesuffix(".rels")
            for relation in ElementTree.fromstring(data):
                if relation.get("TargetMode") != "External":
                    assert inside(owner, relation.get("Target", "")) in found, (name, relation.get("Target"))
    assert set(overrides) <= set(found)
    tables = [re.search(rb'<table\b[^>]*?\bid="(\d+)"', data) for name, data in found.items() if "/tables/" in name]
    assert len({match[1] for match in tables if match}) == len(tables)
    styles = len(ElementTree.fromstring(found["xl/styles.xml"]).find("{*}cellXfs") or ())
    selected = 0
    for sheet in package.sheets:
        data = found[sheet.part]
        rows = re.findall(rb'<row [^>]*?\br="(\d+)"', data)
        assert rows == sorted(rows, key=int) and len(rows) == len(set(rows)), sheet.name
        assert all(int(number) < styles for number in re.findall(rb'<c [^>]*?\bs="(\d+)"', data))
        selected += b'tabSelected="1"' in data
    assert selected == 1


def run(*arguments: object) -> tuple[int, str]:
    """The command line: its exit status and what it says."""
    done = CliRunner().invoke(commands, [str(one) for one in arguments], standalone_mode=False)
    assert done.exception is None, done.exception
    return int(done.return_value), done.output


def document(path: Path, command: str, *options: str) -> dict[str, Any]:
    """The command line's JSON of a workbook."""
    _, text = run(command, path, "--format", "json", *options)
    found: dict[str, Any] = json.loads(text[text.index("{") : text.rindex("}") + 1])
    return found


def sheet_rows(book: xw.Book, sheet: str) -> dict[int, dict[str, Any]]:
    """A sheet's values by row and column letter."""
    rows = book.sheets[sheet].used_range.options(ndim=2).value
    return {at: dict(zip("ABCDEFGHIJKLMNOP", row, strict=False)) for at, row in enumerate(rows, start=1)}


def same(shown: Any, value: Any) -> bool:
    if value is None:
        return isinstance(shown, str) or shown is None
    return isinstance(shown, (int, float)) and shown == pytest.approx(value, rel=1e-12, abs=1e-12)


def lines_of(metric: Mapping[str, Any], key: str) -> dict[str, Mapping[str, Any]]:
    """What each line of a metric on the page shows: its label, and the views that the JSON has for it."""
    views = metric["views"]
    headline = views.get("total") or views[find_metric(key).cuts[0].key]
    found = {metric["name"]: {**views, **headline}}
    for cut in find_metric(key).cuts:
        one = views.get(cut.key, {})
        if cut.each and cut.key in ("by_stage", "by_reason"):
            for item, view in one.items():
                beside = {when: views.get(f"{cut.key}_{when}", {}).get(item) for when in PERIODS}
                found[item] = {**{when: view for when, view in beside.items() if view}, **view}
        elif not cut.each and "value" in one:
            found[cut.label] = one
    return found


def compare_scorecard(book: xw.Book, found: Mapping[str, Any], segment: str) -> int:
    """Hold the sheet against the JSON, metric by metric and view by view; how many numbers were compared."""
    rows = list(sheet_rows(book, "Scorecard").values())
    metrics = found["segments"][segment]["metrics"]
    names = {metric["name"]: key for key, metric in metrics.items()}
    (header,) = (row for row in rows if row["A"] == "Metric")
    places = {when: _places(header, *names) for when, names in PERIODS.items()}
    (last_12,) = (letter for letter, title in header.items() if " months\n" in str(title))
    compared, lines, metric = 0, {}, ""
    for row in rows:
        if row["A"] in names:
            metric = names[row["A"]]
            lines = lines_of(metrics[names[row["A"]]], names[row["A"]])
        line = lines.get(row["A"])
        if line is None or "value" not in line or (row["B"] == "n/a" and line["value"] is None):
            continue
        compared += 1
        if metric == "win_rate_revenue" and _lost_without_amounts(metrics, row["A"]):
            assert row["B"] == "n/a" and line["value"] == 1  # the definition's 100%, which means nothing on a page
            continue
        assert same(row["B"], line["value"]), (row["A"], row["B"], line["value"])
        points = find_metric(names.get(row["A"], "")).unit.percent if row["A"] in names else False
        for when, (base, change, percent) in places.items():
            view = line.get(when)
            if view:
                assert same(row[base], view["base"]), (row["A"], when)
                assert same(row[percent], view["percent"]), (row["A"], when)
                shown = row[change] / 100 if points and isinstance(row[change], (int, float)) else row[change]
                if row["A"] in names:
                    assert same(shown, view["change"]), (row["A"], when, shown, view)
                compared += 3
        if "trailing_12" in line:
            assert same(row[last_12], line["trailing_12"]["value"]), row["A"]
            compared += 1
    return compared


def _places(header: Mapping[str, Any], *titles: str) -> tuple[str, str, str]:
    """The columns of a base, the change on it and its percentage: plans, where there are any, move them."""
    (first,) = (letter for letter, title in header.items() if str(title).startswith(titles))
    return first, chr(ord(first) + 1), chr(ord(first) + 2)


def _lost_without_amounts(metrics: Mapping[str, Any], label: str) -> bool:
    """Whether opportunities of a line were lost, none of them with an amount."""

    def lost(key: str) -> Any:
        lines = lines_of(metrics[key], key)
        return lines.get(label, lines[metrics[key]["name"]])["value"]

    return bool(lost("lost_opportunities")) and lost("lost_revenue") == 0


def compare_report(book: xw.Book, found: Mapping[str, Any]) -> int:
    """The first page's states, a row each: counts of both timeframes, money and its change; how many numbers were
    compared."""
    states = {line["state"]: line for line in found["performance"]}
    rows = {row["A"]: row for row in sheet_rows(book, "Report").values() if row["A"] in states}
    assert set(rows) == set(states)
    compared = 0
    for state, line in states.items():
        numbers = {"B": line["baseline"], "C": line["analysis"]}
        for column, change, key in (("E", "F", "new_pipeline"), ("G", "H", "total_won")):
            now, before = line[key], line[f"baseline_{key}"]
            numbers |= {column: now, change: None if None in (now, before) else now - before}
        for column, number in numbers.items():
            if line["available"] and rows[state].get(column) is not None:
                assert same(rows[state][column], number), (state, column)
                compared += 1
    return compared


def row_of(book: xw.Book, sheet: str, label: str) -> int:
    return next(at for at, row in sheet_rows(book, sheet).items() if row["A"] == label)
