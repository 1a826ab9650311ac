"""What Python code calls: the names of the package."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

import segxl
from tests import small


def test_python_makes_and_writes_the_scorecard(tmp_path: Path) -> None:
    dataset = segxl.load(small.write_company(tmp_path / "source"))
    result = segxl.segment_scorecard(dataset, "2026-05", ["All accounts"])
    assert result.segments["All accounts"].metrics["won_revenue"].total.current.value == 12600_50  # by hand in small.py
    paths = segxl.write_scorecard(dataset, result, tmp_path / "out", ("xlsx", "html", "json"))
    stem = "scorecard-2026-05"
    assert {path.name for path in paths} == {f"{stem}.json", f"{stem}-all-accounts.xlsx", f"{stem}-all-accounts.html"}
    views = json.loads(paths[0].read_text(encoding="utf-8"))["segments"]["All accounts"]["metrics"]
    assert views["won_revenue"]["views"]["total"]["value"] == 12600.5
    (tmp_path / "out" / f"{stem}-all-accounts.html").write_text("somebody's own", encoding="utf-8")
    with pytest.raises(segxl.SegxlError, match="exists already"):
        segxl.write_scorecard(dataset, result, tmp_path / "out", ("html",))
    assert segxl.write_scorecard(dataset, result, tmp_path / "out", ("html",), overwrite=True)


def test_every_public_name_is_what_it_says_whatever_was_imported_before(tmp_path: Path) -> None:
    """A package of segxl must not take the place of a function: importing one binds its name."""
    segxl.load(small.write_company(tmp_path))
    assert all(not isinstance(getattr(segxl, name), ModuleType) for name in segxl.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = segxl.nothing
