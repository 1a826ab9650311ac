"""Random worlds as segxl reads them, and where its JSON says something else than the oracle."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import note
from hypothesis import strategies as st

from segxl.dataset.check import Check
from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.facts.engine import Facts
from segxl.facts.presence import Presence
from segxl.periods import parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.report.choices import Options
from segxl.scorecard.compute import compute
from tests.oracle import report as report_oracle
from tests.oracle.all_tables_worlds import write_all_tables_world
from tests.oracle.deals import scorecard, segment_names
from tests.oracle.demand import demand
from tests.oracle.report_worlds import period_text, write_world
from tests.oracle.sales_process import sales_process
from tests.oracle.segment_metrics import segment_metrics
from tests.oracle.worlds import World, periods
from tests.worked import WORKED

PARTS = frozenset({"numerator", "denominator"})
SHARED_LINES = ("mom", "qoq", "yoy", "trailing_12")


@dataclass(frozen=True)
class Case:
    """A segment and a period of a world, with what the JSON says of them and the scorecard's checks."""

    segment: str
    period: str
    document: dict[str, Any]
    checks: tuple[Check, ...]

    @property
    def failed(self) -> list[Check]:
        """Checks that do not hold; a world may lack exchange rates, which its check of them says rightly."""
        # amounts lack rates, and histories are drawn apart from the deals: they may disagree on what was won
        drawn = ("exchange", " deals as in ")
        return [check for check in self.checks if not check.passed and not any(word in check.name for word in drawn)]


def loaded(world: World) -> Dataset:
    """A world of either kind, written and read."""
    with TemporaryDirectory() as folder:
        write_all_tables_world(world, folder)
        return load(folder)


def case_of(data: st.DataObject, world: World) -> Case:
    """The scorecard of some segment and period of a world."""
    segment = data.draw(st.sampled_from(segment_names(world)))
    period = data.draw(periods(world))
    note(f"{period} {segment}")
    dataset = loaded(world)
    result = compute(Facts(dataset), parse_period(period, dataset.settings.fiscal), [segment])
    return Case(segment, period, scorecard_document(result)["segments"][segment], result.checks)


def metrics_of(world: World, segment: str, period: str) -> dict[str, Any]:
    """What the oracles say of every metric."""
    asked = (world, segment, period)
    return scorecard(*asked) | segment_metrics(*asked) | demand(*asked) | sales_process(*asked)


def plain(value: Any) -> Any:
    """The oracle's exact values as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return float(Fraction(value))


def differences(expected: Any, actual: Any, passed_over: frozenset[str] = frozenset(), path: str = "") -> list[str]:
    """Where a document and the oracle contradict each other, or one of them has what the other lacks.

    ``passed_over`` names what is not compared where the oracle lacks it, each by the end of its path: ``notes``,
    ``summary.excluded_zero``. All comparisons with oracles are this one: a number that the oracle does not know, and
    that is not named, is a difference.
    """
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        return [one for at, (e, a) in pairs for one in differences(e, a, passed_over, f"{path}[{at}]")]
    if not (isinstance(expected, dict) and isinstance(actual, dict)):
        return [] if expected == actual else [f"{path}: expected {expected}, found {actual}"]
    if expected.get("value", 0) is None:
        # of a ratio that is unknown the JSON need not have the parts, but those that it has are right
        actual = {key: value for key, value in actual.items() if key not in PARTS or value is not None}
        expected = {key: value for key, value in expected.items() if key not in PARTS or key in actual}
    lacking = [key for key in expected if key not in actual and not says_nothing(expected[key])]
    unknown = [
        key
        for key in actual
        if key not in expected and not says_nothing(actual[key]) and not named(passed_over, f"{path}.{key}")
    ]
    return [
        *(f"{path}.{key}: missing, expected {expected[key]}" for key in lacking),
        *(f"{path}.{key}: the oracle does not know it, found {actual[key]}" for key in unknown),
        *(
            one
            for key in expected
            if key in actual
            for one in differences(expected[key], actual[key], passed_over, f"{path}.{key}")
        ),
    ]


def says_nothing(item: Any) -> bool:
    """Whether a line of a breakdown has no number in any of its views: then it need not be listed."""
    if not (isinstance(item, dict) and "value" in item):
        return False
    numbers = [row.get(key) for row in (item, *item.values()) if isinstance(row, dict) for key in NUMBERS]
    return all(number is None for number in numbers)


NUMBERS = ("value", "numerator", "denominator", "base", "change", "percent")


def named(names: frozenset[str], path: str) -> bool:
    """Whether one of the names is the end of a path; places in lists do not count."""
    keys = re.sub(r"\[\d+\]", "", path).split(".")
    return any(".".join(keys[-length:]) in names for length in range(1, len(keys) + 1))


def whole(views: Any) -> Any:
    """The oracle's views without its counts of months where all of a window have data: the JSON says fewer only."""
    if not isinstance(views, dict):
        return views
    first, last = (date.fromisoformat(day) for day in views.get("window", ("0001-01-01", "0001-01-01")))
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    return {key: whole(row) for key, row in views.items() if not (key == "months" and row == months)}


def flat(views: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The oracle's views as the JSON places them: the columns of the headline next to it, and those of a line of its
    own both in it and next to it."""
    for row in views.get("by_stage_trailing_12", {}).values():
        row.pop("regressed", None)  # told for the period only
    headline = next((key for key in ("total", "running_total") if key in views), None)
    if headline is None:
        return views
    row = dict(views[headline])
    aside = {key: row.pop(key) for key in SHARED_LINES if key in row}
    beside = {f"{key}_{column}": row[column] for key, row in views.items() for column in SHARED_LINES if column in row}
    return {**views, headline: row, **aside, **{key: row for key, row in beside.items() if key in document}}


PLANS = ("plan", "variance", "attainment")  # tests/scorecard/test_targets.py and test_executive.py have them


def metrics_differences(oracles: dict[str, Any], metrics: dict[str, Any]) -> list[str]:
    """Where a segment's metrics in the JSON and those of the oracles differ: each metric, view, item and column. A
    metric that the oracles do not know says so in its worked row."""
    metrics = {key: metric for key, metric in metrics.items() if key in oracles or not by_hand_alone(key)}
    lines = {key for views in metrics.values() for key in views["views"]}
    plans = frozenset(PLANS) | {f"{line}_{plan}" for line in lines for plan in PLANS}
    expected = {}
    for key, views in plain(oracles).items():
        lost = views.pop("not_reconstructed", None)  # said where it is known
        expected[key] = {"views": whole(flat(views, metrics[key]["views"]))}
        expected[key] |= {} if lost is None else {"not_reconstructed": lost}
    return differences(expected, metrics, plans | NO_NUMBERS)


def by_hand_alone(key: str) -> bool:
    """Whether a metric's worked row says that the oracles do not know it."""
    return key in WORKED and bool(WORKED[key].unknown_to_oracles)


NO_NUMBERS = frozenset({"name", "unit", "better", "definition", "notes"})


def as_known(world: World) -> World:
    """The world on the day of the cut-off; rows that no one could use are not there either."""
    until = report_oracle.settled(world)["settings"]["as_of"]
    tables = dict(world["tables"])
    tables["buying_stages"] = [
        row
        for row in tables["buying_stages"]
        if row["date"] <= until and report_oracle.stage_rank(report_oracle.settled(world), row["stage"]) is not None
    ]
    tables["activities"] = [row for row in tables["activities"] if row["date"] <= until]
    tables["opportunities"] = [row for row in tables["opportunities"] if row["created_on"] <= until]
    return {"settings": world["settings"], "tables": tables}


def loaded_report(world: World) -> Dataset:
    """A world of the report, written and read."""
    with TemporaryDirectory() as folder:
        write_world(world, folder)
        return load(folder)


def options_of(chosen: dict[str, Any], *, allow_partial: bool) -> Options:
    return Options(
        type=chosen["type"],
        segments=tuple(chosen["segments"]),
        analysis=period_text(chosen["analysis"]),
        baseline=period_text(chosen["baseline"]),
        cohort=chosen["cohort"],
        product_category=chosen["product_category"],
        exclude_zero=chosen["exclude_zero"],
        exclude_irrelevant=chosen["exclude_irrelevant"],
        allow_partial=allow_partial,
    )


def unknown_category(presence: Presence, chosen: dict[str, Any]) -> bool:
    name = chosen["product_category"]
    return name is not None and presence.has_categories and name not in presence.categories
