"""What the tests of reading and of numbers share: a folder written and loaded, and the views of a scorecard."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import compute
from segxl.tables.contracts import CONTRACTS
from tests.demo_company.company import write_exports

os.environ["SEGXL_CACHE"] = "off"  # the tests of the cache name a folder of their own

# How long an example takes says something of the machine, not of segxl; speed is for benchmarks. Random examples are
# the same in each run, so that a test fails for a change and not by chance; the profile "search" draws new ones.
settings.register_profile("search", settings(), deadline=None, print_blob=True)
settings.register_profile("repeatable", settings.get_profile("search"), derandomize=True)
settings.load_profile("repeatable")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What only CI runs is slow too, so that ``-m "not slow"`` skips both."""
    for item in items:
        if item.get_closest_marker("ci"):
            item.add_marker("slow")


Folder = Callable[..., Dataset]
Views = Callable[..., dict[str, Any]]


def write_folder(path: Path, tables: Mapping[str, str], settings: str = "") -> Path:
    """Write each table as csv, next to a segxl.toml that names those that the settings exclude."""
    path.mkdir(parents=True, exist_ok=True)
    head = "" if "run_date" in settings else "run_date = 2026-06-30\n"
    if "stages =" not in settings:
        head += 'stages = ["Discovery", "Proposal"]\n'
    tail = ""
    for name, text in tables.items():
        (path / f"{name}.csv").write_text(text.strip() + "\n", encoding="utf-8")
        if name in CONTRACTS and f"tables.{name}]" not in settings:
            tail += f'\n[tables.{name}]\nfile = "{name}.csv"\n'
    (path / "segxl.toml").write_text(head + settings + tail, encoding="utf-8")
    return path


def views_of(dataset: Dataset, metric: str, period: str, segment: str = ALL_ACCOUNTS) -> dict[str, Any]:
    """A metric's views as the JSON has them."""
    result = compute(Facts(dataset), parse_period(period, dataset.settings.fiscal), [segment])
    views: dict[str, Any] = scorecard_document(result)["segments"][segment]["metrics"][metric]["views"]
    return views


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Write tables, given as csv text by name, and settings, and load them."""

    def made(settings: str = "", **tables: str) -> Dataset:
        return load(write_folder(tmp_path / "source", tables, settings))

    return made


@pytest.fixture
def views() -> Views:
    """The views of a metric: ``views(dataset, "won_revenue", "2025-05")``, of All accounts or of a segment."""
    return views_of


@pytest.fixture(scope="session")
def demo_exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company's exports, made once for all tests that only read them."""
    made = tmp_path_factory.mktemp("demo") / "new" / "folder"
    write_exports(made)
    return made
