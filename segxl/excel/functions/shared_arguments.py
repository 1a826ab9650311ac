"""The arguments that several worksheet functions share: their help in Excel's function wizard, and what they mean."""

from __future__ import annotations

from typing import Any

import xlwings as xw

from segxl.excel.functions.arguments import cells_of, flag_of, single, span_of, text_of
from segxl.excel.functions.datasets import DATASETS, Loaded
from segxl.excel.functions.edge import CELL

CATEGORY = "segxl"
"""The functions' category in Excel's wizard."""

CELLS: dict[str, Any] = {"ndim": 2, "err_to_str": True}
"""How each argument arrives: as rows of cells, errors as text."""


def in_cell(function: Any) -> Any:
    """Declare ``formula_cell``, which VBA fills in."""
    return xw.arg(CELL, vba="SegxlFormulaCell()")(function)


def dataset_argument(function: Any) -> Any:
    """Declare ``dataset``, and ``formula_cell``."""
    return xw.arg("dataset", doc="A cell with SEGXL_DATASET.", **CELLS)(in_cell(function))


def headers_argument(function: Any) -> Any:
    """Declare ``headers``."""
    return xw.arg("headers", doc="FALSE gives no header row. Blank: TRUE.", **CELLS)(function)


_REPORT_ARGUMENTS = {
    "segments": "One segment, or a range of them: accounts in any of them, each once. Blank: All accounts.",
    "analysis": "The later timeframe: 2026-10, Oct 2026, a date, 2026-Q3, 2026-07..2026-09 or 2026-W41; or the name of "
    "a timeframe, or month, range or week for the latest. Blank: the latest month.",
    "baseline": "The earlier timeframe. Blank: the one before the analysis, of the same length.",
    "cohort": "When accounts must be in the segments: today, baseline or analysis. Blank: as the settings say.",
    "kind": "buying-stage or engagement. Blank: as the settings say.",
    "product_category": "Only this product category. Blank: as the settings say.",
    "exclude_zero": "TRUE excludes opportunities without an amount. Blank: as the settings say.",
    "exclude_irrelevant": "TRUE excludes irrelevant opportunities. Blank: as the settings say.",
}


def report_arguments(function: Any) -> Any:
    """Declare the arguments of a function of the report."""
    for name, doc in _REPORT_ARGUMENTS.items():
        function = xw.arg(name, doc=doc, **CELLS)(function)
    return dataset_argument(headers_argument(function))


def loaded_of(dataset: Any) -> Loaded:
    """The data behind the argument ``dataset``."""
    return DATASETS.find(single(dataset, "dataset"))


def flag_argument(value: Any, name: str) -> bool | None:
    """A flag of one cell; None if it is blank."""
    return flag_of(single(value, name), name)


def report_of(
    dataset: Any,
    segments: Any,
    analysis: Any,
    baseline: Any,
    cohort: Any,
    kind: Any,
    product_category: Any,
    exclude_zero: Any,
    exclude_irrelevant: Any,
) -> Any:
    """The report that the arguments of a report's function describe."""
    loaded = loaded_of(dataset)
    fiscal = loaded.analysis.dataset.settings.fiscal

    def word(value: Any, name: str) -> str | None:
        return text_of(single(value, name), name) or None

    after = span_of(single(analysis, "analysis"), "analysis", fiscal)
    before = span_of(single(baseline, "baseline"), "baseline", fiscal)
    named = after is not None and before is None and not after[:1].isdigit()  # a timeframe's name
    return loaded.report(
        segments=tuple(loaded.segment(name) for name in cells_of(segments)),
        timeframe=after if named else None,
        analysis=None if named else after,
        baseline=before,
        cohort=word(cohort, "cohort"),
        type=word(kind, "kind"),
        product_category=word(product_category, "product_category"),
        exclude_zero=flag_argument(exclude_zero, "exclude_zero"),
        exclude_irrelevant=flag_argument(exclude_irrelevant, "exclude_irrelevant"),
    )
