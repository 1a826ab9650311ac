"""The functions as Excel for Windows calls them, over the small company."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from segxl.excel.functions.datasets import DATASETS
from tests import fake_excel, small


@pytest.fixture(scope="module")
def excel() -> Iterator[fake_excel.Excel]:
    with fake_excel.running() as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, for the cache and the log."""
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company: its numbers are worked out by hand in tests/small.py."""
    return small.write_company(tmp_path_factory.mktemp("company") / "Acme")


@pytest.fixture(scope="module")
def handle(excel: fake_excel.Excel, company: Path) -> str:
    text: str = excel.call("DATASET", str(company))
    return text


@pytest.fixture
def sheet() -> fake_excel.Sheet:
    return fake_excel.Book().sheet("Board")


def restart() -> None:
    """What a new Python process knows of datasets: nothing."""
    DATASETS._kept.clear()
