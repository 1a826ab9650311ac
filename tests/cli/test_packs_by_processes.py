"""Packs drawn by several processes: the same files, notes and errors as by one, all or none."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from segxl import api, publish
from segxl.catalogue import measures
from segxl.catalogue.measure import as_expression
from segxl.catalogue.metrics import CATALOGUE
from segxl.catalogue.sent import send_by_place
from segxl.errors import SegxlError
from segxl.units import MONEY, RATE
from tests.small import SETTINGS, listing, write_company


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> api.Analysis:
    """Three segments, and a text that a workbook can't show in full."""
    folder = tmp_path_factory.mktemp("packs") / "company"
    write_company(folder, settings=SETTINGS.replace('by = "tier"', 'by = "geo"'))
    (folder / "accounts.csv").write_text(
        (folder / "accounts.csv").read_text().replace("Gamma", "Gamma" + "x" * 33_000), encoding="utf-8"
    )
    return api.load(folder)


@pytest.fixture(autouse=True)
def worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """This company is too small for a second process, but for the tests."""
    monkeypatch.setattr(publish, "_WORTH", 0)


def written(analysis: api.Analysis, folder: Path, processes: int) -> tuple[list[str], list[str], list[str]]:
    shown: list[str] = []
    remarks: list[str] = []
    result = analysis.scorecard("2026-05")
    found = result.write(
        folder, ["xlsx"], processes=processes, overwrite=True, progress=shown.append, remark=remarks.append
    )
    return [f"{path.name} {fresh}" for path, fresh in found], shown, remarks


@pytest.mark.ci
def test_the_files_notes_and_messages_are_the_same(analysis: api.Analysis, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = written(analysis, tmp_path / "one", 1), written(analysis, tmp_path / "two", 2)
    assert one == two
    drawing = publish._Drawing(analysis.facts, analysis.scorecard("2026-05").result)
    assert pickle.dumps(drawing), "it could not be sent, so that one process drew it all"
    assert len(one[0]) == 4 and any("cut to Excel's limit" in remark for remark in one[2])
    assert listing(tmp_path / "one") == listing(tmp_path / "two")
    again = written(analysis, tmp_path / "two", 2)
    assert again[0] == [name.replace("True", "False") for name in two[0]]


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_one_that_may_not_be_replaced_leaves_all_as_they_were(
    analysis: api.Analysis, tmp_path: Path, processes: int
) -> None:
    (tmp_path / "scorecard-2026-05-east.xlsx").write_text("mine")
    with pytest.raises(SegxlError, match=r"scorecard-2026-05-east\.xlsx exists already"):
        analysis.scorecard("2026-05").write(tmp_path, processes=processes)
    assert listing(tmp_path) == {"scorecard-2026-05-east.xlsx": b"mine"}


@pytest.mark.slow
def test_an_interrupt_leaves_nothing(analysis: api.Analysis, tmp_path: Path) -> None:
    def interrupt(text: str) -> None:
        if "(2 of" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        analysis.scorecard("2026-05").write(tmp_path, processes=2, progress=interrupt)
    assert listing(tmp_path) == {}


def test_what_is_compared_by_identity_is_itself_in_another_process() -> None:
    send_by_place()
    arithmetic = [one for metric in CATALOGUE for one in (metric.expression, metric.trailing) if one is not None]
    lone = as_expression(measures.WON_AMOUNT)
    for one in (MONEY, RATE, lone, *CATALOGUE, *arithmetic, *(cut for metric in CATALOGUE for cut in metric.cuts)):
        assert pickle.loads(pickle.dumps(one)) is one
    with pytest.raises(pickle.PicklingError):
        pickle.dumps(measures.WON_AMOUNT + measures.WON_AMOUNT)
    own = MONEY.change(True)
    assert pickle.loads(pickle.dumps(own)) == own
