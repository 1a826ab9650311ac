"""The arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from segxl.cli.terminal import Day
from segxl.render.formats import FORMATS

PATH: click.Path[Path] = click.Path(path_type=Path, readable=False)  # the reader reports problems
source = click.argument("source", type=PATH)
as_of = click.option("--as-of", type=Day(), help="Data cut-off: ignore anything dated after this day.")
run_date = click.option("--run-date", type=Day(), help="Day to treat as today (default: today).")
cache = click.option("--no-cache", "cache", flag_value=False, default=True, help="Read the source again.")
partial = click.option("--allow-partial", is_flag=True, help="Allow a period that is not complete yet.")
out = click.option("--out", type=PATH, help="Output folder (default: the current folder).")
formats = click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="Repeatable (default: xlsx). csv and parquet: every value in one table.",
)
overwrite = click.option("--overwrite", is_flag=True, help="Replace existing files.")
month = click.option("--month", metavar="YYYY-MM", help="A month (default: the latest available one).")
quarter = click.option("--quarter", metavar="YYYY-Qn", help="A fiscal quarter.")
segment = click.option("--segment", "segments", multiple=True, metavar="NAME", help="Only this segment; repeatable.")


def of_results(command: Callable[..., int]) -> Callable[..., int]:
    """The options of a command that computes and writes results."""
    for option in (cache, partial, run_date, as_of, overwrite, formats, out):  # help lists the last one first
        command = option(command)
    return command


def of_report(command: Callable[..., int]) -> Callable[..., int]:
    """The options that a segment performance report takes, collected under their names in ``Options``."""
    for option in (
        click.option("--exclude-irrelevant/--keep-irrelevant", default=None, help="Exclude irrelevant opportunities."),
        click.option("--exclude-zero/--keep-zero", default=None, help="Exclude opportunities with amount 0 or blank."),
        click.option("--product-category", metavar="NAME", help="Only stages and activities of this category."),
        click.option("--cohort", metavar="today|baseline|analysis", help="When accounts must be in the segments."),
        click.option("--baseline", metavar="P", help="The earlier timeframe (default: just before, same length)."),
        click.option("--analysis", metavar="P", help="A timeframe: 2026-10, 2026-07..2026-09 or 2026-W41."),
        click.option("--timeframe", metavar="NAME", help="A named timeframe, or month, range, week (the latest)."),
        click.option("--type", metavar="buying-stage|engagement", help="How to group accounts."),
    ):
        command = option(command)
    return command
