"""Rows of a file that are not records: totals, lines below and above a report, repeated headers.

One mechanism for every table and every file, whether its columns are mapped or a known export's.

* **A repeated header**: every filled cell of the row is its own column's header. Lines of one cell right above it are
  the title of the export that begins there. A header whose columns are in another order is refused.
* **Lines of a report**: counts (``(3 rows)``), legal lines, lines of dashes, and at the end of the file rows of a
  single cell: after a legal line, a count or a total all of them, after a blank row alone those that are sentences.
* **Totals**, by the word of the row's label in the languages that Excel is used in
  (:mod:`segxl.sources.records.total_words`). An account may be called Total, so a row is excluded only where

  - the label is no name: ``Grand Total``, ``Subtotal``, ``Total: Account``;
  - or the row lacks what nearly all others fill, and has nothing but numbers next to its label;
  - or its numbers are the sums, or the count, of the rows that agree with it in their words and dates, or of the rows
    right above it. ``Retail Total`` needs that in any case.

  A row that is called a total without such evidence counts as a record, and a warning says so. A warning also says
  where a row is excluded whose numbers are not the sums of others.
"""

from __future__ import annotations

import numpy as np

from segxl.errors import SegxlError
from segxl.sources.files.files import RawTable
from segxl.sources.records.suspect_rows import (
    FOOTER,
    HEADER,
    LAST_LINES,
    RULER,
    TOTAL,
    Cells,
    NotRecords,
    is_blank,
    is_number,
)
from segxl.sources.records.total_words import TotalWord
from segxl.sources.records.totals import Totals
from segxl.sources.values.numbers import DecimalMark
from segxl.tables.codes import Mask


def not_records(raw: RawTable, blank: Mask, decimal: DecimalMark | None = None) -> NotRecords:
    """The rows of a file that are not records.

    Args:
        raw: the file.
        blank: rows that are excluded already, shape (rows,): empty ones, and a template's examples.
        decimal: the decimal mark of the file's numbers, where the settings give it.

    Raises:
        SegxlError: a header is repeated with its columns in another order.
    """
    cells = Cells(raw, blank)
    if not cells.suspects and not cells.single_at_end():
        return NotRecords(len(raw))
    found = NotRecords(len(raw), {rule: np.zeros(len(raw), dtype=bool) for rule in (HEADER, RULER, FOOTER, TOTAL)})
    if not cells.suspects:
        _lines_below(cells, found)
        return found
    _known_lines(cells, found)
    _repeated_headers(cells, found)
    _rulers(cells, found)
    Totals(cells, found, decimal).decide()
    _lines_below(cells, found)
    return found


def blank_rows(raw: RawTable) -> Mask:
    """The rows of a file without any cell."""
    blanks = list[Mask]()
    for column in sorted(raw.columns, key=lambda one: one.words_of_unread is not None):  # perhaps none need be read
        if not column.has_blank:
            break
        blanks.append(column.is_text(""))
    if len(blanks) < len(raw.columns) or not blanks:
        return np.zeros(len(raw), dtype=bool) if raw.columns else np.ones(len(raw), dtype=bool)
    found: Mask = np.logical_and.reduce(blanks)
    return found


def _repeated_headers(cells: Cells, found: NotRecords) -> None:
    raw = cells.raw
    for place, hits in cells.misplaced.items():
        filled = len(cells.filled(place))
        if filled >= 3 and hits >= 2 and hits + cells.headers.get(place, 0) == filled:
            raise SegxlError(
                f"{raw.file}, row {raw.rows[place]}: repeats the header with the columns in a different order; save "
                f"the rows "
                "from there on as a separate file"
            )
    for place, hits in sorted(cells.headers.items()):
        filled = len(cells.filled(place))
        if hits == filled and (filled > 1 or len(raw.columns) == 1):
            found.rules[HEADER][place] = True
            found.breaks.append(place)
            for above in range(place - 1, max(place - LAST_LINES, -1), -1):
                if cells.blank[above] or found.rules[HEADER][above] or found.rules[FOOTER][above]:
                    continue
                if not cells.is_single(above):
                    break
                if cells.blank[above - 1 : above].any() or " " in "".join(cells.row(above)):
                    found.rules[HEADER][above] = True


def _rulers(cells: Cells, found: NotRecords) -> None:
    for place, hits in cells.dashes.items():
        if hits == len(cells.filled(place)) and not found.rules[HEADER][place]:
            found.rules[RULER][place] = True


def _known_lines(cells: Cells, found: NotRecords) -> None:
    """A mask of counts and legal lines, at any place."""
    for place, labels in cells.labels.items():
        texts = cells.row(place)
        filled = [at for at, text in enumerate(texts) if not is_blank(text)]
        kind = labels.get(filled[0], TotalWord.RECORD) if filled else TotalWord.RECORD
        others = [texts[at] for at in filled[1:]]
        legal = kind is TotalWord.LEGAL and len(others) < 2
        counts = kind is TotalWord.COUNT and all(map(is_number, others))
        if (legal or counts) and (len(texts) == 1 or cells.lacks(texts)):
            found.rules[FOOTER][place] = True


def _lines_below(cells: Cells, found: NotRecords) -> None:
    """Lines of a single cell below the data; a title may be above a legal line, after a blank row."""
    if len(cells.raw.columns) < 2:
        return
    excluded, zone = found.rows, []
    last = int(np.flatnonzero(~cells.blank)[-1]) if not cells.blank.all() else -1
    for place in range(last, max(last - 2 * LAST_LINES, -1), -1):
        if not (cells.blank[place] or excluded[place] or cells.is_single(place)):
            break
        zone.append(place)
    known = any(excluded[place] for place in zone)
    anchored = False
    for place in reversed(zone):
        if cells.blank[place] or excluded[place]:
            anchored = True
        elif anchored and (known or _is_sentence("".join(cells.row(place)))):
            found.rules[FOOTER][place] = True


def _is_sentence(text: str) -> bool:
    return len(text.split()) > 2 or ":" in text
