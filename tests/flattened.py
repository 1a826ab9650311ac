"""A document of segxl as JSON, flattened without segxl: what the table Numbers must hold, by path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Address = tuple[str, str, str, str, str]
"""Segment, metric, view, item, period."""


class Value(NamedTuple):
    """What the JSON says at an address; ``window`` is None where it names none."""

    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    window: tuple[str, str] | None = None


NOT_VALUES = {"segxl", "version", "settings", "toggles", "options", "environment", "product_category"}
"""Top-level parts of a document that say how it was made."""
SENTENCES = {"findings", "largest_open"}
"""What a first page says of the values, and the deals behind it; the tests of findings look at their numbers."""


def numbers_in(part: Any) -> int:
    """How many numbers a part of a document has, at whatever depth, without those of sentences; true and false are
    none."""
    if isinstance(part, Mapping):
        return sum(numbers_in(value) for name, value in part.items() if name not in SENTENCES)
    if isinstance(part, list):
        return sum(map(numbers_in, part))
    return isinstance(part, (int, float)) and not isinstance(part, bool)


class Flat:
    """A document's values by address.

    ``repeated``: how many numbers the document says once more at an address that it has used already.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.values: dict[Address, Value] = {}
        self.repeated = 0
        self.period = document["period"]["label"] if "period" in document else document["timeframes"]["analysis"]
        of_scorecard = document["kind"] == "scorecard"
        self._segments = list(document["segments"]) if of_scorecard else []
        self._whole = "" if of_scorecard else ", ".join(document["segments"])
        if of_scorecard:
            self._scorecard(document)
        else:
            self._report(document)
        self._ends(document)

    def add(self, address: Address, value: Value, *, again: bool = False) -> None:
        """Keep a value. ``again``: the document may have said the same under this address before."""
        if again and address in self.values:
            assert self.values[address][:3] == value[:3], address
            self.repeated += sum(number is not None for number in value[:3])
            return
        while address in self.values:  # two of a name: the later ones are numbered
            item, _, end = address[3].rpartition(" (")
            number = int(end[:-1]) + 1 if item and end[:-1].isdigit() else 2
            address = (*address[:3], f"{item if number > 2 else address[3]} ({number})".strip(), address[4])
        self.values[address] = value

    def plain(self, segment: str, metric: str, view: str, number: Any, item: str = "", period: str = "") -> None:
        """Keep a bare number."""
        self.add((segment, metric, view, item, period or self.period), Value(number))

    # -- a scorecard

    def _scorecard(self, document: Mapping[str, Any]) -> None:
        for segment, parts in document["segments"].items():
            for metric, described in parts["metrics"].items():
                for view, body in described["views"].items():
                    alone = not body or not isinstance(next(iter(body.values())), dict)
                    for item, one in {"": body}.items() if alone and body else body.items():
                        self._view(segment, metric, view, item, one)
                if "not_reconstructed" in described:
                    self.plain(segment, metric, "not_reconstructed", described["not_reconstructed"])
            for name in ("bridge", "mrr_rollforward"):
                for view, number in self._lines(parts[name]):
                    self.plain(segment, name, view, number)
            status = parts["pipeline_status"]
            if "why" in status:
                self.plain(segment, "pipeline_status", "total", None)
                continue
            for view, body in status.items():
                if view in ("this_quarter", "next_quarter"):
                    self._view(segment, "pipeline_status", f"{view}_plan", "", body["plan"])
                    self._view(segment, "pipeline_status", f"{view}_coverage", "", body["coverage"])
                else:
                    self._view(segment, "pipeline_status", view, "", body)
        for toggle, entry in document["toggle_effects"].items():
            for segment, touched in entry["segments"].items():
                for one in touched["numbers"]:
                    view = f"{one['metric']}_{one['view']}"
                    for name, end in (("value", ""), ("other", "_other"), ("difference", "_difference")):
                        self.plain(segment, toggle, view + end, one[name], one.get("item", ""))
        if "executive" in document:
            self._executive(document["executive"])

    @staticmethod
    def _lines(bridge: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        yield from [("total", None)] if "why" in bridge else bridge.items()

    def _view(self, segment: str, metric: str, view: str, item: str, body: Mapping[str, Any]) -> None:
        """A figure, a comparison or a plan, with what is below it."""
        address = (segment, metric, view, item, self.period)
        if "base" in body:
            for name in ("value", "base", "change", "percent"):
                self.add((segment, metric, f"{view}_{name}", item, self.period), Value(body[name]), again=True)
            assert set(body) <= {"value", "base", "change", "percent", "why"}
            return
        window = tuple(body["window"]) if "window" in body else None
        value = Value(body["value"], body.get("numerator"), body.get("denominator"), window)  # type: ignore[arg-type]
        self.add(address, value, again=True)
        for name, further in body.items():
            if isinstance(further, dict):
                self._view(segment, metric, f"{view}_{name}", item, further)
            elif name not in ("value", "numerator", "denominator", "window", "why", "said"):
                self.add((segment, metric, f"{view}_{name}", item, self.period), Value(further), again=True)

    def _executive(self, executive: Mapping[str, Any]) -> None:
        for row in executive["rows"]:
            for column, body in row["metrics"].items():
                metric, _, line = column.partition(".")
                self._key_figure(row["segment"], metric, line, body)
        for one in executive["standing_out"]:
            for name, number in one["numbers"].items():
                self.plain(one["segment"], one["metric"], f"highlight_{one['rule']}_{name}", number)
        for one in executive["reconciliation"]["metrics"]:
            for name in ("segments", "repeated", "none", "company_only", "company"):
                self.plain("All accounts", one["metric"], f"reconciliation_{one['view']}_{name}", one[name])
        overlaps = executive["reconciliation"]["overlaps"]
        for name in ("accounts", "in_several_segments", "in_no_segment", "further_pairs"):
            self.plain("All accounts", "overlaps", name, overlaps[name])
        for pair in overlaps["pairs"]:
            first, second = pair["segments"]
            for name in ("accounts", "won", "won_revenue", "open", "open_pipeline"):
                self.plain(first, "overlaps", f"pair_{name}", pair[name], second)

    def _key_figure(self, segment: str, metric: str, line: str, body: Mapping[str, Any]) -> None:
        lead, own = (f"executive_{line}_", line) if line else ("executive_", "total")
        figure = {name: one for name, one in body.items() if not isinstance(one, (dict, list)) or name == "window"}
        self._view(segment, metric, f"executive_{own}", "", figure)
        for name, compared in body.items():
            if isinstance(compared, dict):
                self._view(segment, metric, f"{lead}{name}", "", compared)
        for month in body["trend"]:
            self.plain(segment, metric, f"{lead}trend", month["value"], period=month["month"])

    # -- a report

    def _report(self, document: Mapping[str, Any]) -> None:
        segment, before = self._whole, document["timeframes"]["baseline"]
        for name, value in document["summary"].items():
            if name == "excluded_currency" and value is not None:
                self.plain(segment, "summary", f"{name}_count", value["count"])
                self.plain(segment, "summary", f"{name}_amount", value["amount"])
                for word, both in value["by_currency"].items():
                    for part in ("count", "amount"):
                        self.plain(segment, "summary", f"{name}_by_currency_{part}", both[part], word)
            elif name == "excluded_blank_category":
                for table, count in value.items():
                    self.plain(segment, "summary", name, count, table)
            elif name != "why":
                self.plain(segment, "summary", name, value)
        for metric, key in (("performance", "state"), ("activities", "line")):
            for line in document[metric]:
                item = f"{line['panel']}: {line['line']}" if metric == "activities" else line[key]
                for name, number in line.items():
                    if name not in ("state", "panel", "team", "line", "available", "why", "change_why"):
                        period = before if name.startswith("baseline") else ""
                        self.plain(segment, metric, name, number, item, period)
        for metric in ("movement", "state_movement"):
            names, counts = document[metric]["stages"], document[metric]["counts"]
            if counts is None:
                self.plain(segment, metric, "total", None)
                continue
            for start, row in zip(names, counts, strict=True):
                for end, count in zip(names, row, strict=True):
                    self.plain(segment, metric, start, count, end)
        for name in ("stages_over_time", "states_over_time"):
            over_time = document[name]
            for one in over_time["periods"]:
                if one["counts"] is None:
                    self.plain(segment, name, "accounts", None, "", one["period"])
                    continue
                for state, count in zip(over_time[name.split("_")[0]], one["counts"], strict=True):
                    self.plain(segment, name, "accounts", count, state, one["period"])
        for step in document["reconciliation"]:
            for name in ("new_pipeline", "total_won"):
                self.plain(segment, "reconciliation", name, step[name], step["name"])
        for one in document["chance"]:
            for name in ("up", "down", "p"):
                self.plain(segment, "chance", name, one[name], one["name"])

    # -- both

    def _ends(self, document: Mapping[str, Any]) -> None:
        for check in document["checks"]:
            named = [one for one in self._segments if check["name"].startswith(f"{one}: ")]
            owner = max(named, key=len, default=self._whole)
            for name in ("expected", "actual", "difference"):
                if numbers_in(check.get(name)):
                    self.plain(owner, "checks", name, check[name], check["name"])
        for one in document["warnings"]:
            item = one["file"] or one["table"]
            self.plain("", one["kind"], "rows", one["rows"], item)
            self.plain("", one["kind"], "amount", one["amount"], item)
            for word, amount in one["amounts"].items():
                self.plain("", one["kind"], "amounts", amount, f"{item}: {word}")
        for file in document["inputs"]:
            for name in ("rows", "used", "excluded", "rejected"):
                self.plain("", file["table"], name, file[name], file["file"])
            for rule, count in file["excluded_by"].items():
                self.plain("", file["table"], "excluded_by", count, f"{file['file']}: {rule}")
