"""The page Verification: the numbers that segxl computed against what the pack's formulas give now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from segxl.messages import counted
from segxl.pages.cells import fitting, heading, short
from segxl.pages.model import Cell, ColumnOf, Field, Formula, NumberCell, Page, Range, Records, Row, Scalar
from segxl.pages.references import References
from segxl.units import COUNT, MONEY_EXACT, POINTS, RATE, TIMES, Unit, excel_format

KEY = "verification"
PURPOSE = "Numbers as segxl computed them, and as the formulas calculate them now"
"""The page's line in the contents."""

RESULT = "VerificationResult"
"""The name of the cell with the verdict on all formulas."""

_EXACT = frozenset({RATE.key, POINTS.key, TIMES.key})
"""Units of numbers that agree to a billionth; all others agree if they round to the same cent."""

_HOW = (
    "segxl: the number as computed. recalculated: the cell of the page, a formula. A difference means that a cell was "
    "changed, or that this program calculates otherwise. Each number is listed once. segxl verify checks every formula."
)
_HEADS = ("header", "header_right", "key_label")
_WIDTH = 6


@dataclass(frozen=True)
class _Number:
    """A formula cell of a page, with the words that name it there."""

    page: Page
    line: str
    column: str
    value: Scalar
    unit: Unit
    place: Range
    formula: Formula


def with_verification(pages: Sequence[Page], subtitle: str) -> tuple[Page, ...]:
    """The pages of a pack, with the page Verification behind the checks if a page has formulas."""
    numbers = tuple(_numbers(pages))
    if not numbers:
        return tuple(pages)
    at = 1 + max((at for at, page in enumerate(pages) if page.key == "checks"), default=len(pages) - 1)
    return (*pages[:at], _page(numbers, subtitle), *pages[at:])


def _page(numbers: Sequence[_Number], subtitle: str) -> Page:
    """The numbers of pages that are formulas: segxl's value as a constant, the cell itself, their difference; a
    PASS or FAIL for each page and one for all, in the cell named :data:`RESULT`."""
    groups = list(dict.fromkeys(number.page.title for number in numbers))
    rows = heading("Verification", subtitle, _WIDTH)
    rows[-1] = Row((Cell(_HOW, "note", span=_WIDTH),))
    first = len(rows) + 3
    rows.append(_totals(numbers, first, len(groups)))
    rows.append(Row(tuple(Cell(name, "header" if name in ("Page", "Result") else "header_right") for name in _GROUPS)))
    counts = Counter(one.page.title for one in numbers)
    rows += [_group(title, counts[title], at) for at, title in enumerate(groups, first)]
    rows.append(Row())
    top = len(rows) + 2
    spots = range(top, top + len(numbers))
    fields = (
        Field("page", [one.page.title for one in numbers], width=fitting(groups, 12, 24)),
        Field("line", [one.line for one in numbers], width=44),
        Field("column", [one.column for one in numbers], width=24),
        Field("segxl", [one.value for one in numbers], MONEY_EXACT, 18, [one.unit for one in numbers]),
        Field(
            "recalculated",
            [one.value for one in numbers],
            MONEY_EXACT,
            18,
            [one.unit for one in numbers],
            [Formula((one.place,)) for one in numbers],
        ),
        Field(
            "difference",
            [0] * len(numbers),
            COUNT,
            14,
            [_DIFFERENCE] * len(numbers),
            [_difference(one, row) for one, row in zip(numbers, spots, strict=True)],
        ),
    )
    return Page(
        KEY,
        "Verification",
        tuple(rows),
        tuple(field.width for field in fields),
        records=Records(fields, "Verification"),
        freeze=(top, 1),
        tab="working",
        on_web=False,
        printed=False,
    )


_GROUPS = ("Page", "Result", "Numbers", "Different")
_DIFFERENCE = Unit("difference", 1, excel_format("#,##0.00#######"))


def _totals(numbers: Sequence[_Number], first: int, groups: int) -> Row:
    different = Range(KEY, first, first + groups - 1, 4, 4)
    formula = Formula(("IF(SUM(", different, ')=0,"PASS","FAIL")'))
    words = counted(len(numbers), "number")
    return Row((Cell(words, "label"), Cell("PASS", "pass", formula=formula, name=RESULT)))


def _group(title: str, count: int, row: int) -> Row:
    mine = Range(KEY, row, row, 1, 1)
    different = Formula(("COUNTIFS(", ColumnOf(KEY, "page"), ",", mine, ",", ColumnOf(KEY, "difference"), ',"<>0")'))
    verdict = Formula(("IF(", Range(KEY, row, row, 4, 4), '=0,"PASS","FAIL")'))
    return Row(
        (
            Cell(title, "label"),
            Cell("PASS", "pass", formula=verdict),
            Cell(count, "value", COUNT),
            Cell(0, "value", COUNT, formula=different),
        )
    )


def _difference(number: _Number, row: int) -> Formula:
    """Zero where the two agree: numbers to the cent or to a billionth, words letter by letter.

    ``+0`` makes 0 of −0, which formualizer's COUNTIFS takes for a difference.
    """
    mine, live = Range(KEY, row, row, 4, 4), Range(KEY, row, row, 5, 5)
    digits = 9 if number.unit.key in _EXACT else 2
    words = ("IFERROR(IF(", live, "=", mine, ',0,"changed"),"error")')
    return Formula(("IFERROR(ROUND(", live, "-", mine, f",{digits})+0,", *words, ")"))


def verdict(passed: bool) -> Cell:
    """The one PASS or FAIL of a first page: whether all checks passed and, if the pack has a page Verification, whether
    all its formulas agree."""
    if not passed:
        return Cell("FAIL", "fail")
    return Cell("PASS", "pass", formula=Formula(("IF(", NumberCell(RESULT), '="PASS","PASS","FAIL")')))


def verdict_words(passed: str) -> Formula:
    """The words next to the verdict: ``passed``, and what to look at once a formula disagrees."""
    differ = f"{passed}, but numbers differ from those that segxl wrote: see Verification"
    return Formula(("IF(", NumberCell(RESULT), f'="PASS","{passed}","{differ}")'))


def _numbers(pages: Sequence[Page]) -> Iterator[_Number]:
    """The formula cells of pages; those whose formula names a missing part of the pack show their value only."""
    references = References(pages)
    seen: set[Hashable] = set()
    for page in pages:
        for number in _of_page(page):
            parts = number.formula.parts
            follows = sum(isinstance(part, NumberCell) for part in parts) > 1
            same = tuple(map(_identity, parts))
            if not follows and same not in seen and all(map(references.has, parts)):
                seen.add(same)
                yield number


def _identity(part: str | Range | ColumnOf | NumberCell) -> Hashable:
    return (part.key, part.header, part.of is None) if isinstance(part, NumberCell) else part


def _of_page(page: Page) -> Iterator[_Number]:
    """The cells of a page that have a formula."""
    section, headers = "", dict[int, str]()
    for at, row in enumerate(page.rows, 1):
        line = next((cell.value for cell in row.cells if cell is not None and isinstance(cell.value, str)), "")
        for column, cell in enumerate(row.cells, 1):
            if cell is None:
                continue
            if cell.style == "heading":
                section = str(cell.value)
            if cell.style in _HEADS:
                headers |= {covered: str(cell.value or "") for covered in range(column, column + cell.span)}
            if cell.formula is not None and not isinstance(cell.value, date):
                words = [section, line] if column > 1 and line != cell.value else [section]
                yield _Number(
                    page=page,
                    line=short(_one_line(" · ".join(word for word in words if word)), 90),
                    column=short(_one_line(headers.get(column, "")), 40),
                    value=cell.value,
                    unit=cell.unit,
                    place=Range(page.key, at, at, column, column),
                    formula=cell.formula,
                )


def _one_line(text: str) -> str:
    return " ".join(text.split())
