"""The output formats of scorecards and reports: ONE mapping, read by the command line, the API and the buttons.

To add one, write its module in this room and list it here. Writers are imported when they are used, so that
the command line starts fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segxl.errors import SegxlError, nearest

if TYPE_CHECKING:
    from segxl.pages.model import Pack
    from segxl.scorecard.numbers_table import Row


def _xlsx(pack: Pack, to: Path) -> Iterable[str]:
    from segxl.render.xlsx.writer import write_xlsx

    return write_xlsx(pack, to)


def _html(pack: Pack, to: Path) -> Iterable[str]:
    from segxl.render.html.writer import write_html

    return write_html(pack, to)


def _csv(rows: Sequence[Row]) -> bytes:
    from segxl.render.numbers.csv import numbers_csv

    return numbers_csv(rows)


def _parquet(rows: Sequence[Row]) -> bytes:
    from segxl.render.numbers.parquet import numbers_parquet

    return numbers_parquet(rows)


PAGES: Mapping[str, Callable[[Pack, Path], Iterable[str]]] = {"xlsx": _xlsx, "html": _html}
"""Formats that show a pack's pages. The writer returns notes on rows that the file could not show in full."""

TABLES: Mapping[str, Callable[[Sequence[Row]], bytes]] = {"csv": _csv, "parquet": _parquet}
"""Formats of the table Numbers."""

FORMATS = (*PAGES, "json", *TABLES)
"""Every format, as ``--format`` names it."""


def known_formats(formats: Sequence[str]) -> Sequence[str]:
    """The formats, if all can be written.

    Raises:
        SegxlError: the format is unknown, or a library is missing for it; the message says what to do.
    """
    formats = (formats,) if isinstance(formats, str) else formats
    for kind in formats:
        if kind not in FORMATS:
            hint = nearest(kind, FORMATS) or f"; use one of {', '.join(FORMATS)}"
            raise SegxlError(f"no format {kind!r}{hint}")
    if "parquet" in formats:
        from segxl.render.numbers.parquet import require_pyarrow

        require_pyarrow()
    return formats
