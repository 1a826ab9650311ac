"""The numbers that pages show, as their formulas name them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from segxl.catalogue.metric import in_words
from segxl.pages.model import Formula, NumberCell, Page
from segxl.scorecard.model import Figure


def figures_on(pages: Iterable[Page | None]) -> tuple[Figure, ...]:
    """The figures of the pages' formulas, each once, in the order of the pages."""
    found = {cell.key: cell.of for cell in _cells(pages) if isinstance(cell.of, Figure)}
    return tuple(found.values())


def named(figures: Iterable[Figure]) -> Iterator[tuple[str, str, Figure]]:
    """Figures with their segment and a name, for rows of the table Numbers."""
    for figure in figures:
        if figure.expression is not None:
            items = f" of {', '.join(figure.rows.items)}" if figure.rows.items else ""
            yield figure.rows.scope.segment, f"{in_words(figure.expression)}{items}", figure


def keys_on(pages: Iterable[Page | None]) -> frozenset[Hashable]:
    """The keys of the numbers in the pages' formulas."""
    return frozenset(cell.key for cell in _cells(pages))


def _cells(pages: Iterable[Page | None]) -> Iterator[NumberCell]:
    for page in pages:
        for row in page.rows if page is not None else ():
            for cell in row.cells:
                if cell is not None and cell.formula is not None:
                    yield from _numbers(cell.formula)


def _numbers(formula: Formula) -> Iterator[NumberCell]:
    return (part for part in formula.parts if isinstance(part, NumberCell))
