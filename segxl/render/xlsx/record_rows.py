"""The rows of a long list as XML, some hundreds at a time, so that a list of any length takes little memory.

openpyxl's own rows take ten times as long. Here each column is written for a block of rows at once, and a value that
occurs again is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from openpyxl.utils import get_column_letter

from segxl.render.xlsx.excel_values import EXACT, CellKind, Texts, cell_value, cell_xml

_BLOCK = 1000
_MOST_TEXTS = 50_000
"""Values that a column remembers."""
_REPEATED = 4
"""How often a value of a column occurs, at least on average, if its texts are shared."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,:;()/-]{0,98}[A-Za-z0-9.)]")
"""Texts that are written as they are."""
_EMPTY: Mapping[Any, str] = {None: "", "": ""}
"""Values of cells that are not written."""
Styles = Mapping[CellKind, int]
"""The number of a style by the kind of value."""


class _RemarkableError(Exception):
    """A value of the block needs a note or is refused."""


@dataclass
class RecordColumn:
    """One column of a list.

    Attributes:
        values: Python's own values.
        styles: the styles of its units; ``which`` says which of them each value has, and is empty for one unit.
        formulas: each value's formula, blank for none; empty for a column of values.
        texts: where texts that occur often are kept; None keeps all of them in their cells.
    """

    values: Sequence[Any]
    styles: Sequence[Styles]
    which: Sequence[int] = ()
    formulas: Sequence[str] = ()
    texts: Texts | None = None
    _tails: list[dict[Any, str]] = field(init=False)
    _alike: bool = field(init=False)
    """Whether equal values have the same text, and can be looked up: 1, 1.0 and True do not."""
    _plain: bool = field(init=False)
    """Whether all values are numbers that Excel keeps."""

    def __post_init__(self) -> None:
        self._tails = [dict(_EMPTY) for _ in self.styles]
        kinds = set(map(type, self.values)) - {type(None)}
        self._alike = len(kinds) <= 1 and all(kind.__hash__ for kind in kinds)
        self._plain = kinds <= {int, float} and _all_exact([one for one in self.values if one is not None])
        if kinds != {str} or len(set(self.values)) * _REPEATED > len(self.values):
            self.texts = None

    def cells(self, letter: str, start: int, stop: int, row: int) -> list[str]:
        """The cells of some records in a column; the first of them is in ``row``.

        Raises:
            _RemarkableError: one of them needs a note or is refused.
        """
        if self._plain:
            cells = self._numbers(f'<c r="{letter}', start, stop, row)
        elif self._alike:
            cells = self._known(f'<c r="{letter}', start, stop, row)
        else:
            return [self.cell(f"{letter}{row + at - start}", at, _refuse, _Refused()) for at in range(start, stop)]
        for at, formula in enumerate(self.formulas[start:stop]):
            if formula:
                cells[at] = self.cell(f"{letter}{row + at}", start + at, _refuse, _Refused())
        return cells

    def _numbers(self, opening: str, start: int, stop: int, row: int) -> list[str]:
        looks = [f'" s="{styles["number"]}"><v>' for styles in self.styles]
        values = enumerate(self.values[start:stop], row)
        # + 0: Excel knows no negative zero.
        if not self.which:
            look = looks[0]
            return ["" if one is None else f"{opening}{at}{look}{one + 0}</v></c>" for at, one in values]
        return [
            "" if one is None else f"{opening}{at}{looks[which]}{one + 0}</v></c>"
            for (at, one), which in zip(values, self.which[start:stop], strict=True)
        ]

    def _known(self, opening: str, start: int, stop: int, row: int) -> list[str]:
        values = self.values[start:stop]
        if not self.which:
            known = self._tails_of(0, values)
            return [f"{opening}{at}{tail}" if (tail := known[one]) else "" for at, one in enumerate(values, row)]
        which = self.which[start:stop]
        known_by = [
            self._tails_of(at, [value for value, one in zip(values, which, strict=True) if one == at])
            for at in range(len(self.styles))
        ]
        found = [known_by[at][value] for at, value in zip(which, values, strict=True)]
        return [f"{opening}{number}{tail}" if tail else "" for number, tail in enumerate(found, row)]

    def _tails_of(self, which: int, values: Sequence[Any]) -> Mapping[Any, str]:
        """The XML after the address of cells with these values, by value; each value is looked at once."""
        known = self._tails[which]
        if len(known) > _MOST_TEXTS:
            known = self._tails[which] = dict(_EMPTY)
        for value in dict.fromkeys(values):
            if value not in known:
                known[value] = self._tail(value, self.styles[which])
        return known

    def _tail(self, value: object, styles: Styles) -> str:
        """A cell's XML after its address."""
        if self.texts is None and type(value) is str and _PLAIN.fullmatch(value):
            return f'" s="{styles["text"]}" t="inlineStr"><is><t>{value}</t></is></c>'
        kind, text = cell_value(value, _refuse, _Refused())
        return cell_xml("", styles[kind], kind, text, texts=self.texts)[len('<c r="') :]

    def cell(self, place: str, at: int, where: Callable[[], str], notes: list[str]) -> str:
        """One cell; blank for an empty one, which needs no look in a list."""
        value, formula = self.values[at], self.formulas[at] if self.formulas else ""
        if not formula and (
            value is None or (isinstance(value, str) and not value)
        ):  # pandas' NA compares with nothing
            return ""
        kind, text = cell_value(value, where, notes)
        return cell_xml(place, self.styles[self.which[at] if self.which else 0][kind], kind, text, formula, self.texts)


def _all_exact(numbers: Sequence[int | float]) -> bool:
    """Whether Excel keeps all digits of all numbers; NaN has none, and only the sum says that one is there."""
    return not numbers or (min(numbers) > -EXACT and max(numbers) < EXACT and isfinite(sum(numbers)))


class _Refused(list[str]):
    """Takes no note."""

    def append(self, note: str) -> None:
        raise _RemarkableError(note)


def _refuse() -> str:
    raise _RemarkableError


def record_rows(
    columns: Sequence[RecordColumn],
    top: int,
    where: Callable[[int, int], Callable[[], str]],
    notes: list[str],
) -> Iterator[bytes]:
    """The rows' XML.

    Args:
        columns: the list's columns, of one length.
        top: the number of the first record's row.
        where: names the cell in a row and a column, both from 1.
        notes: notes about values are added to it, row by row.

    Raises:
        SegxlError: a value that no cell holds.
    """
    letters = [get_column_letter(number) for number in range(1, len(columns) + 1)]
    count = len(columns[0].values) if columns else 0
    for start in range(0, count, _BLOCK):
        stop, row = min(start + _BLOCK, count), top + start
        numbers = range(row, row + stop - start)
        try:
            parts = [column.cells(letter, start, stop, row) for letter, column in zip(letters, columns, strict=True)]
        except _RemarkableError:  # rare; row by row, so that the notes come in the order of the rows
            parts = [
                [
                    column.cell(f"{letter}{number}", start + number - row, where(number, place), notes)
                    for place, (letter, column) in enumerate(zip(letters, columns, strict=True), 1)
                ]
                for number in numbers
            ]
            lines = map("".join, parts)
        else:
            lines = map("".join, zip(*parts, strict=True))
        yield "".join([f'<row r="{number}">{line}</row>' for number, line in zip(numbers, lines, strict=True)]).encode()
