"""The Checks page: every check of a pack, failures first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from segxl.dataset.check import Check
from segxl.pages.audit.verification import verdict, verdict_words
from segxl.pages.cells import fitting, heading
from segxl.pages.model import Cell, Link, Page, Row
from segxl.scorecard.checks import owners_of
from segxl.scorecard.model import Scorecard
from segxl.scorecard.reconcile import MAKE_THE_COMPANY
from segxl.units import COUNT, TEXT


def checks_of(scorecard: Scorecard, segment: str) -> list[Check]:
    """The checks that concern a segment's pack, those of the whole input included, failures first."""
    owners = owners_of(scorecard.checks, scorecard.segments)
    mine = [check for check, owner in zip(scorecard.checks, owners, strict=True) if owner in (segment, "")]
    return sorted(mine, key=lambda check: check.passed)


def summary_of_checks(scorecard: Scorecard) -> list[Check]:
    """The checks of a pack over all segments: what failed, those of the whole input and of the company against its
    segments, and one line for each segment's own."""
    failed = [check for check in scorecard.checks if not check.passed]
    whole, counts = [], []
    for segment in scorecard.segments:
        own = [check for check in checks_of(scorecard, segment) if check.name.startswith(f"{segment}: ")]
        made = [check for check in own if check.name.endswith(MAKE_THE_COMPANY)]
        whole += [check for check in made if check.passed]
        held = sum(check.passed for check in own) - sum(check.passed for check in made)
        count = len(own) - len(made)
        counts.append(
            Check(f"{segment}: all checks of its pack pass", held == count, count, held, "listed in the segment's pack")
        )
    names = [f"{segment}: " for segment in scorecard.segments]
    inputs = [one for one in scorecard.checks if one.passed and not any(map(one.name.startswith, names))]
    return [*failed, *inputs, *whole, *counts]


def checks_row(checks: Sequence[Check], width: int, prefix: str = "", more: str = "") -> Row:
    """The line of a first page: PASS or FAIL, and how many checks passed or the first that failed, without ``prefix``
    in its name, and ``more`` words; it leads to the checks."""
    failed = [check for check in checks if not check.passed]
    words = f"all {len(checks)} checks passed{more}"
    said = Cell(words, "text", link=Link("checks", 1, 1), span=width - 2, formula=verdict_words(words))
    if failed:
        first = failed[0].name.removeprefix(prefix)
        said = replace(said, value=f"{len(failed)} of {len(checks)} checks failed: {first}{more}", formula=None)
    return Row((Cell("Checks", "label"), verdict(not failed), said))


def checks_page(scorecard: Scorecard, segment: str, subtitle: str) -> Page:
    """Every check of the pack, failures first."""
    return checks_table(checks_of(scorecard, segment), subtitle, f"{segment}: ")


def checks_table(checks: Sequence[Check], subtitle: str, prefix: str = "") -> Page:
    """Checks in the order given; their names without ``prefix``."""
    rows = heading("Checks", subtitle, 5)
    header = len(rows) + 1
    columns = ("Check", "Result", "Expected", "Found", "What is compared")
    rows.append(Row(tuple(Cell(name, "header_right" if name in columns[2:4] else "header") for name in columns)))
    for check in checks:
        verdict = Cell("PASS", "pass") if check.passed else Cell("FAIL", "fail")
        numbers = [
            Cell(value, "value", TEXT if isinstance(value, str) else COUNT) for value in (check.expected, check.actual)
        ]
        rows.append(
            Row((Cell(check.name.removeprefix(prefix), "label"), verdict, *numbers, Cell(check.detail, "note")))
        )
    # Some compare a list of numbers, which would be cut at its beginning.
    texts = [value for check in checks for value in (check.expected, check.actual) if isinstance(value, str)]
    compared = fitting(texts, 16, 80)
    return Page(
        "checks",
        "Checks",
        tuple(rows),
        (62, 10, compared, compared, 70),
        freeze=(header + 1, 1),
        repeat_rows=(header, header),
        orientation="portrait",
        tab="working",
    )
