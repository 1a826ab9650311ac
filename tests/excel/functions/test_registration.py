"""What xlwings keeps of the declarations, and what is generated from them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from segxl.errors import SegxlError
from segxl.excel import functions
from segxl.excel.functions import build
from segxl.excel.functions.registration import Argument, Function, functions_of, registered
from tests.places import ROOT

PROMISED = {
    "DATASET": "[source] [settings] [refresh]",
    "METRIC": "dataset metric [segment] [period] [view] [item]",
    "WHY": "cell",
    "METRICS": "[details]",
    "SEGMENTS": "dataset",
    "VIEWS": "metric [details]",
    "SCORECARD": "dataset [segment] [period] [headers]",
    **dict.fromkeys(
        ("SUMMARY", "PERFORMANCE", "MOVEMENT", "ACTIVITIES"),
        "dataset [segments] [analysis] [baseline] [cohort] [kind] [product_category] [exclude_zero] "
        "[exclude_irrelevant] [headers]",
    ),
    "ACCOUNTS": "dataset [segments] [analysis] [baseline] [cohort] [kind] [product_category] [exclude_zero] "
    "[exclude_irrelevant] [part] [cell] [headers]",
    "HIGHEST_STAGE": "stages",
    "STAGE_MOVEMENT": "baseline analysis",
    "ENGAGEMENT_STATE": "intent [anonymous] [known] [opened] [won]",
    "WIN_RATE": "won lost",
    "CONVERSION_RATE": "converted rejected",
    "AVERAGE_DEAL_SIZE": "revenue won",
    "COST_PER_SQO": "cost sqos",
    "NRR": "opening [expansion] [churn] [contraction]",
    "MARKET_SHARE": "mrr market",
    "CHANGE": "current base_value",
    "CHANGE_PERCENT": "current base_value",
}
"""Every function that segxl promises, with its arguments; those in brackets are optional."""


@pytest.fixture(scope="module")
def declared() -> dict[str, dict[str, object]]:
    module = registered()
    return {name: one.__xlfunc__ for name, one in vars(module).items() if hasattr(one, "__xlfunc__")}


def test_every_promised_function_is_registered(declared: dict[str, dict[str, Any]]) -> None:
    assert set(declared) == {f"SEGXL_{name}" for name in PROMISED} == set(functions.__all__)
    for function in functions_of(registered()):
        shown = " ".join(f"[{one.name}]" if one.optional else one.name for one in function.arguments)
        assert shown == PROMISED[function.name.removeprefix("SEGXL_")]


def test_how_they_are_registered(declared: dict[str, dict[str, Any]]) -> None:
    reading = {"SEGXL_DATASET", "SEGXL_SCORECARD", "SEGXL_SUMMARY", "SEGXL_PERFORMANCE", "SEGXL_MOVEMENT"}
    reading |= {"SEGXL_ACTIVITIES", "SEGXL_ACCOUNTS"}
    for name, info in declared.items():
        assert (info["category"], info["volatile"], info["async_mode"]) == ("segxl", False, None)
        assert info["call_in_wizard"] == (name not in reading)
        assert info["ret"]["options"] == {"convert": Any}
        arguments = {one["name"]: one for one in info["args"]}
        for one in arguments.values():
            if one["vba"] is None and (name, one["name"]) not in (("SEGXL_WHY", "cell"), ("SEGXL_DATASET", "caller")):
                assert one["options"] == {"convert": Any, "ndim": 2, "err_to_str": True}  # Any leaves values alone
                assert not one["doc"].startswith("Positional argument")
        assert name == "SEGXL_WHY" or arguments["formula_cell"]["vba"] == "SegxlFormulaCell()"
    assert "caller" in str(declared["SEGXL_DATASET"]["args"])


def test_the_committed_texts_are_what_the_declarations_say() -> None:
    for path, text in ((build.VBA, build.vba_text()), (build.REFERENCE, build.reference_text())):
        assert (ROOT / path).read_text("ascii") == text, "run python -m segxl.excel.functions.build and commit it"


def test_xlwings_leaves_no_trace() -> None:
    import sys

    import xlwings

    registered()
    assert "pythoncom" not in sys.modules
    assert not hasattr(functions.SEGXL_METRIC, "__xlfunc__")
    assert xlwings.func.__module__ == "xlwings"


def test_lines_that_vba_can_read() -> None:
    lines = (ROOT / build.VBA).read_text("ascii").splitlines()
    assert max(map(len, lines)) < 1023
    runs = re.findall(r"(?:^.* _\n)+", "\n".join(lines), flags=re.MULTILINE)
    assert max(run.count("\n") for run in runs) <= 24  # continued lines that VBA takes


@pytest.mark.parametrize("word", ["type", "Next", "loop", "base"])
def test_a_word_of_vba_is_no_argument(word: str) -> None:
    with pytest.raises(SegxlError, match=f"VBA keeps the word '{word}' for itself"):
        build._check(Function("SEGXL_X", "Help.", (Argument(word, "Help.", False),)))


@pytest.mark.parametrize("text", ["x" * 256, "café"])
def test_a_help_text_that_excel_would_cut_or_garble(text: str) -> None:
    with pytest.raises(SegxlError, match="Excel shows 255 plain characters"):
        build._check(Function("SEGXL_X", text, ()))
