"""What Python code calls: the names of the package."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

import segxl
from segxl.facts.engine import Facts
from segxl.facts.presence import Presence
from segxl.report.working import Working
from tests import small


@pytest.mark.slow
def test_python_makes_and_writes_the_scorecard(tmp_path: Path) -> None:
    analysis = segxl.load(small.write_company(tmp_path / "source"))
    made = analysis.scorecard("2026-05", ["All accounts"])
    won = made.result.segments["All accounts"].metrics["won_revenue"].total.current
    assert won.value == 12600_50  # by hand in small.py
    written = made.write(tmp_path / "out", ("xlsx", "html", "json"))
    paths = [path for path, fresh in written if fresh]
    stem = "scorecard-2026-05"
    assert {path.name for path in paths} == {f"{stem}.json", f"{stem}-all-accounts.xlsx", f"{stem}-all-accounts.html"}
    text = paths[0].read_text(encoding="utf-8")
    views = json.loads(text)["segments"]["All accounts"]["metrics"]
    assert views["won_revenue"]["views"]["total"]["value"] == 12600.5
    assert made.json() == text
    (tmp_path / "out" / f"{stem}-all-accounts.html").write_text("somebody's own", encoding="utf-8")
    with pytest.raises(segxl.SegxlError, match="exists already"):
        made.write(tmp_path / "out", ("html",))
    assert made.write(tmp_path / "out", ("html",), overwrite=True)


@pytest.mark.slow
def test_nothing_is_computed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing and explaining work from what the numbers were computed from."""
    analysis = segxl.load(small.write_company(tmp_path / "source"))
    card = analysis.scorecard("2026-05")
    report = analysis.report(type="engagement", analysis="2026-05", baseline="2026-04")

    def refuse(*_: object) -> None:
        raise AssertionError("computed a second time")

    for room in (Facts, Presence, Working):
        monkeypatch.setattr(room, "__init__", refuse)
    assert card.write(tmp_path / "out", ("html",))
    assert report.write(tmp_path / "out", ("html",))
    assert "W1" in analysis.explain("won_revenue", "2026-05")[0]
    assert "cohort" in report.explain("summary", "total_accounts")[0]


def test_every_public_name_is_what_it_says_whatever_was_imported_before(tmp_path: Path) -> None:
    """A package of segxl must not take the place of a function: importing one binds its name."""
    segxl.load(small.write_company(tmp_path))
    assert all(not isinstance(getattr(segxl, name), ModuleType) for name in segxl.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = segxl.nothing
