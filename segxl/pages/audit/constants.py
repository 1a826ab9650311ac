"""The numbers of a pack that are values and not formulas, each with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from segxl.catalogue.data_sheets import NoRows
from segxl.catalogue.metric import Metric
from segxl.messages import counted
from segxl.pages.audit.verification import KEY as VERIFICATION
from segxl.pages.data.sheet import MOST_CELLS
from segxl.pages.model import Cell, Page, Row
from segxl.units import RATE

_INPUTS: Mapping[str, str] = {
    "checks": "Results of the checks when segxl wrote the pack.",
    "sources": "Rows of the input files.",
    "rejected": "Rows of the input files that could not be used.",
    "toggles": "Numbers under the other version of a definition: other rows count in it.",
    "reconciliation": "Rows that several segments count.",
}
"""Pages whose numbers do not come from the data sheets, each with the reason."""

_MOST = 40
_ENTERED = "Entered: another first day gives the flow metrics of that period."
_TOO_LONG = "An item's name is too long for a condition, or its data sheet would be too long."


@dataclass(frozen=True)
class Share:
    """How many numbers the pages show, and how many of them are formulas; ``others`` are the page and line of those
    that are not."""

    numbers: int
    live: int
    others: tuple[tuple[str, str], ...]


def share_of(pages: Sequence[Page]) -> Share:
    """The share of formulas among the numbers on the pages; the pages of :data:`_INPUTS` do not count."""
    numbers = live = 0
    others = []
    for page in pages:
        for row in page.rows if page.key not in (*_INPUTS, VERIFICATION) else ():
            for cell in row.cells:
                if cell is None or isinstance(cell.value, bool) or not isinstance(cell.value, (int, float)):
                    continue
                numbers += 1
                live += cell.formula is not None
                if cell.formula is None:
                    first = row.cells[0]
                    others.append((page.title, str(first.value) if first is not None else ""))
    return Share(numbers, live, tuple(others))


def with_constants(pages: Sequence[Page], metrics: Sequence[Metric], too_long: Sequence[str]) -> tuple[Page, ...]:
    """The pages; Definitions now ends with the numbers that are not formulas."""
    rows = tuple(_rows(pages, metrics, too_long))
    return tuple(replace(page, rows=(*page.rows, *rows)) if page.key == "definitions" else page for page in pages)


def _rows(pages: Sequence[Page], metrics: Sequence[Metric], too_long: Sequence[str]) -> Iterator[Row]:
    share = share_of(pages)
    part = f" ({RATE.text(share.live / share.numbers)})" if share.numbers else ""
    words = (
        f"{share.live:,} of {counted(share.numbers, 'number')} on the pages{part} are formulas over the data sheets."
    )
    yield Row()
    yield Row((Cell("Numbers that are not formulas", "heading", span=3),))
    yield Row((Cell(words, "text", span=3),))
    yield _line("First day of the period", _ENTERED)
    yield _line("Plans", "Inputs: the table targets.")
    for measure in dict.fromkeys(measure for metric in metrics for measure in metric.all_measures):
        if isinstance(measure.in_pack, NoRows):
            yield _line(measure.label, measure.in_pack.reason)
    shown = {page.key: page.title for page in pages}
    if "executive" in shown:
        yield _line(
            "Coverage of the next plan, by segment", "A value of the table Numbers; the segment's own pack has it."
        )
    for key, reason in _INPUTS.items():
        if key in shown:
            yield _line(shown[key], reason)
    for title in too_long:
        yield _line(title, f"This data sheet would have more than {MOST_CELLS:,} cells: its numbers are values.")
    others = dict.fromkeys(share.others)
    for title, line in list(others)[:_MOST]:
        yield _line(f"{title}: {line}", _TOO_LONG)
    if len(others) > _MOST:
        yield _line(f"{len(others) - _MOST:,} further lines", _TOO_LONG)


def _line(name: str, reason: str) -> Row:
    return Row((Cell(name, "text"), Cell(None, "text"), Cell(reason, "text")))
