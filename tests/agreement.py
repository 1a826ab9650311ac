"""Random worlds as segxl reads them, and where its JSON says something else than the oracle."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import note
from hypothesis import strategies as st

from segxl.dataset.load import Dataset, load
from segxl.facts.engagement import Presence
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.report.choices import Options
from segxl.scorecard.compute import compute
from segxl.scorecard.model import Check
from tests.oracle import report as report_oracle
from tests.oracle.report_worlds import period_text, write_world
from tests.oracle.scorecard import segment_names
from tests.oracle.wide_worlds import write_wide_world
from tests.oracle.worlds import World, periods

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
        write_wide_world(world, folder)
        return load(folder)


def case_of(data: st.DataObject, world: World) -> Case:
    """The scorecard of some segment and period of a world."""
    segment = data.draw(st.sampled_from(segment_names(world)))
    period = data.draw(periods(world))
    note(f"{period} {segment}")
    dataset = loaded(world)
    result = compute(Facts(dataset), parse_period(period, dataset.settings.fiscal), [segment])
    return Case(segment, period, scorecard_document(result)["segments"][segment], result.checks)


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


def differences(expected: Any, actual: Any, path: str = "") -> list[str]:
    """Where ``actual`` lacks or contradicts what the oracle says; cuts must have the very same items."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return [f"{path}: expected {expected}, found {actual!r}"]
        items = path.split(".")[-1].startswith("by_")
        found = [f"{path}: also has {key}" for key in actual if items and key not in expected]
        for key, value in expected.items():
            if key == "months" and value == 12:
                continue  # said only where months are missing
            if key not in actual:
                found.append(f"{path}.{key}: missing, expected {value}")
            else:
                found += differences(value, actual[key], f"{path}.{key}")
        return found
    return [] if expected == actual else [f"{path}: expected {expected}, found {actual}"]


def told(views: Any) -> Any:
    """Without what stands behind a number that cannot be said: which of its parts is known is nobody's number."""
    if not isinstance(views, dict):
        return views
    unsaid = views.get("value", 0) is None
    return {
        key: told(row) for key, row in views.items() if not (unsaid and key in ("numerator", "denominator", "months"))
    }


def flat(views: dict[str, Any]) -> dict[str, Any]:
    """The oracle's headline row with its comparisons beside it, as in the JSON."""
    for row in views.get("by_stage_trailing_12", {}).values():
        row.pop("regressed", None)  # told for the period only
    headline = next((key for key in ("total", "running_total") if key in views), None)
    if headline is None:
        return views
    row = dict(views[headline])
    aside = {key: row.pop(key) for key in SHARED_LINES if key in row}
    return {**views, headline: row, **{key: value for key, value in aside.items() if key not in views}}


def as_known(world: World) -> World:
    """The world on the day of the cut-off; rows that nobody could use are not there either."""
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
