"""Every formula of every pack, recalculated by programs of other authors, gives segxl's number."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from segxl.api import load
from segxl.cli.demo import exports
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.verify.compare import verify
from segxl.verify.engines import ENGINES
from segxl.verify.text import verification_text
from tests.cli.test_no_false_warnings import RAVENSTACK
from tests.conftest import write_folder
from tests.places import DATA
from tests.small import write_company

QUICK = ("formualizer", "ironcalc")


def packs(source: Path, out: Path, period: str, *segments: str) -> list[Path]:
    """The scorecards of a source's segments, and the executive one."""
    analysis = load(source)
    written = analysis.scorecard(period, segments, allow_partial=True).write(out)
    return [path for path, _ in written]


def recalculates(path: Path, *engines: str, share: float = 0.98) -> int:
    """Check a pack: each formula equal, no error value, 98% of the numbers formulas; how many formulas it has."""
    result = verify(path, engines)
    assert result.passed, verification_text(result)
    assert result.book.share >= share, (path.name, result.book.constants)
    assert {one.sheet for one in result.book.constants} <= {"Reconciliation"}  # rows counted once more, on purpose
    return len(result.book.cells)


@pytest.mark.ci
@pytest.mark.parametrize("period", ["2026-05", "2026-Q2"])
def test_a_small_company(tmp_path: Path, period: str) -> None:
    found = packs(write_company(tmp_path / "in"), tmp_path / "out", period)
    assert len(found) == 4  # all accounts, two segments, executive
    for path in found:
        # 10 of the executive pack's 482 numbers are those of Reconciliation: a small pack has few others
        assert recalculates(path, *QUICK, share=0.97) > 100


@pytest.mark.slow
def test_a_company_without_deals(tmp_path: Path) -> None:
    """Its first pages show movements of MRR, and nobody is new."""
    months = [f"2025-{month:02}" for month in range(4, 13)] + [f"2026-{month:02}" for month in range(1, 6)]
    at_most = 30  # so many that sums of floats end a trifle below the exact ones
    paid = [
        f"A{at},{month},{90 * at + step}.{at + 60}" for step, month in enumerate(months) for at in range(1, at_most)
    ]
    accounts = [f"A{at},{'East' if at % 2 else 'West'}" for at in range(1, at_most)]
    tables = {
        "accounts": "\n".join(["account_id,region", *accounts]),
        "revenue": "\n".join(["account_id,month,mrr", *paid]),
    }
    settings = 'run_date = 2026-06-05\n[segments]\nby = "region"\n'
    found = packs(write_folder(tmp_path / "in", tables, settings), tmp_path / "out", "2026-05")
    assert len(found) == 4  # all accounts, two segments, executive
    for path in found:
        assert recalculates(path, *QUICK, share=0.9) > 100


def _demo(folder: Path) -> None:
    folder.mkdir()
    for name, data in exports().items():
        (folder / name).write_bytes(data)


@pytest.mark.ci
@pytest.mark.parametrize("kind", ["buying-stage", "engagement"])
def test_reports(tmp_path: Path, kind: str) -> None:
    """The demo's: each count and amount of a state is a sum over the list of accounts."""
    _demo(tmp_path / "in")
    written = load(tmp_path / "in").report(type=kind, analysis="2026-10").write(tmp_path / "out", ["xlsx"])
    for path, _ in written:
        assert recalculates(path, *QUICK) > 1_000


def published(name: str, settings: str | None = None) -> Callable[[Path], None]:
    """What writes a published company's exports to a folder."""

    def make(folder: Path) -> None:
        if not DATA.is_dir():
            pytest.skip(f"the published exports are not at {DATA}")
        shutil.copytree(DATA / name, folder)
        if settings is not None:
            (folder / "segxl.toml").write_text(settings, encoding="utf-8")

    return make


@pytest.mark.ci
@pytest.mark.office
@pytest.mark.parametrize(
    ("make", "month", "quarter", "segment"),
    [
        pytest.param(_demo, "2026-10", "2026-Q2", "Strategic 50", id="demo"),
        pytest.param(published("maven_crm"), "2017-10", "2017-Q3", "retail", id="maven_crm"),
        pytest.param(published("ravenstack", RAVENSTACK), "2024-10", "2024-Q3", "FinTech", id="ravenstack"),
    ],
)
def test_published_companies(
    tmp_path: Path, make: Callable[[Path], None], month: str, quarter: str, segment: str
) -> None:
    """By all three programs, the segment's pack and the executive one; of all accounts by the quickest, which needs a
    second where the others need minutes."""
    make(tmp_path / "in")
    engines = [one.key for one in ENGINES if one.version() is not None]
    for period in (month, quarter):
        for path in packs(tmp_path / "in", tmp_path / period, period, ALL_ACCOUNTS, segment):
            assert recalculates(path, *(["formualizer"] if "all-accounts" in path.name else engines)) > 100
