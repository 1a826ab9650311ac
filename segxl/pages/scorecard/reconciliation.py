"""The company against its segments: rows counted more than once, rows in no segment, and overlapping segments."""

from __future__ import annotations

from collections.abc import Iterator

from segxl.catalogue.line_names import line_name
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.messages import counted
from segxl.pages.cells import heading, signed_formula
from segxl.pages.model import Cell, Formula, NumberCell, Page, Row
from segxl.scorecard.model import Executive, OverlapPair, Overlaps, Reconciled
from segxl.scorecard.numbers_table import number_key
from segxl.units import COUNT, MONEY, RATE

KEY = "reconciliation"


def reconciliation_page(executive: Executive, subtitle: str) -> Page:
    alone = any(one.company_only for one in executive.reconciliation)
    titles = ["Sum of segments", "Less: counted more than once", "Rows counted again", "Plus: in no segment"]
    titles += [*(["Plus: company only"] if alone else []), "Company", "Check"]
    width = 1 + len(titles) + 1
    rows = heading("Reconciliation", subtitle, width)
    words = "Company = sum of segments − counted more than once + in no segment"
    words += f"{' + company only' if alone else ''}. Segments may overlap. The company counts each account once. "
    words += "Rows without an account and costs without a segment are in no segment." + (
        " Company only: accounts counted in a segment by their row, but not members of it." if alone else ""
    )
    rows[-1] = Row((Cell(words, "note", span=width),))
    header = len(rows) + 1
    last = [Cell("Check", "header"), Cell("Adds up", "header")]
    rows.append(Row((Cell("Metric", "header"), *(Cell(title, "header_right") for title in titles[:-1]), *last)))
    rows += [_reconciled_row(one, alone) for one in executive.reconciliation]
    rows += [Row(), *_overlap_rows(executive.overlaps, width)]
    return Page(
        KEY,
        "Reconciliation",
        tuple(rows),
        (42, 20, 21, 18, 18, *([21] if alone else []), 17, 10, 30),
        freeze=(header + 1, 2),
        repeat_rows=(header, header),
    )


def _reconciled_row(one: Reconciled, alone: bool) -> Row:
    def number(name: str, style: str = "value", sign: int = 1) -> Cell:
        cell = NumberCell(number_key(ALL_ACCOUNTS, one.metric.key, f"reconciliation_{one.cut.key}_{name}"))
        value = one.unit.shown(sign * getattr(one, name))
        return Cell(value, style, one.unit, formula=signed_formula(cell, sign))

    verdict = Cell("PASS", "pass") if one.passed else Cell("FAIL", "fail")
    rows = Cell(one.repeated_rows, "value", COUNT)
    parts = [number("segments"), number("repeated", sign=-1), rows, number("none")]
    parts += [number("company_only")] if alone else []
    what = "distinct accounts" if one.distinct else "amounts" if one.unit is MONEY else "rows"
    return Row(
        (
            Cell(line_name(one.metric, one.cut), "label"),
            *parts,
            number("company", "total"),
            verdict,
            Cell(what, "text"),
        )
    )


def _overlap_rows(overlaps: Overlaps, width: int) -> Iterator[Row]:
    yield Row((Cell("Overlaps at the end of the period", "heading", span=width),))
    whole = overlaps.all_accounts
    share = f" ({RATE.text(overlaps.accounts / whole)})" if whole else ""
    words = f"{in_several(overlaps, share)} in more than one segment; {overlaps.none:,} in no segment."
    if overlaps.further:
        words += f" Shown: the {len(overlaps.pairs):,} largest pairs; {overlaps.further:,} more are not shown."
    if overlaps.pairs:
        words += " An account in three segments appears in three pairs."
    yield Row((Cell(words, "note", span=width),))
    if not overlaps.pairs:
        return
    titles = ("Accounts in both", "Won deals in both", "Won revenue in both", "Open deals in both", "Pipeline in both")
    yield Row((Cell("Segments", "header"), *(Cell(title, "header_right") for title in titles)))
    for pair in overlaps.pairs:
        money = (MONEY.shown(pair.won_cents), MONEY.shown(pair.open_cents))
        yield Row(
            (
                Cell(f"{pair.first} and {pair.second}", "label"),
                Cell(pair.accounts, "value", COUNT, formula=_of_pair(pair, "accounts")),
                Cell(pair.won, "value", COUNT, formula=_of_pair(pair, "won")),
                Cell(money[0], "value", MONEY, formula=_of_pair(pair, "won_revenue")),
                Cell(pair.open, "value", COUNT, formula=_of_pair(pair, "open")),
                Cell(money[1], "value", MONEY, formula=_of_pair(pair, "open_pipeline")),
            )
        )


def _of_pair(pair: OverlapPair, name: str) -> Formula:
    return Formula((NumberCell(number_key(pair.first, "overlaps", f"pair_{name}", pair.second)),))


def in_several(overlaps: Overlaps, share: str = "") -> str:
    """``12 of 200 accounts are``."""
    verb = "is" if overlaps.accounts == 1 else "are"
    return f"{overlaps.accounts:,} of {counted(overlaps.all_accounts, 'account')}{share} {verb}"
