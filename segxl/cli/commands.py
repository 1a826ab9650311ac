"""The command line. It parses, calls the same functions as every other host, and prints; it computes nothing.

Heavy libraries are imported inside the commands, so that `segxl --help` answers at once.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from segxl._version import __version__
from segxl.cli import installation, options
from segxl.cli.terminal import (
    DONE,
    DONE_WITH_FAULTS,
    Progress,
    tell,
)
from segxl.errors import SegxlError
from segxl.render.shared.atomic_files import OUT, check_writable

if TYPE_CHECKING:
    from segxl.api import Analysis, ReportResult, ScorecardResult


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="segxl")
def commands() -> None:
    """Segment scorecards from raw CRM exports, in workbooks where every number is traceable.

    SOURCE is a folder with segxl.toml and the export files it lists, or an input workbook (.xlsx, .xlsm).
    `segxl demo` creates an example folder.

    Exit status: 0 done; 1 done, but rows were rejected or a check failed; 2 not done.
    """


for _command in (installation.addin, installation.cache, installation.doctor):
    commands.add_command(_command)


@commands.command()
@options.source
@options.month
@options.quarter
@options.segment
@options.of_results
def scorecard(
    source: Path,
    month: str | None,
    quarter: str | None,
    segments: tuple[str, ...],
    out: Path | None,
    formats: tuple[str, ...],
    overwrite: bool,
    as_of: date | None,
    run_date: date | None,
    allow_partial: bool,
    cache: bool,
) -> int:
    """Create the segment scorecards.

    You get a workbook or web page per segment; JSON, CSV and Parquet are one file for all segments. With only
    `--format json` and no --out, print the JSON; the other formats always write files.
    """
    period = _period(month, quarter)
    with Progress() as progress:
        analysis = _load(source, as_of, run_date, cache, progress)
        progress.show("computing")
        result = analysis.scorecard(period, segments, allow_partial=allow_partial)
        return _shown(analysis, result, out, formats, overwrite, progress)


@commands.command()
@options.source
@options.segment
@options.of_report
@options.of_results
def report(
    source: Path,
    segments: tuple[str, ...],
    out: Path | None,
    formats: tuple[str, ...],
    overwrite: bool,
    as_of: date | None,
    run_date: date | None,
    allow_partial: bool,
    cache: bool,
    **chosen: Any,
) -> int:
    """Create the segment performance report.

    It compares one cohort of accounts in two timeframes, as a workbook, web page, JSON, CSV or Parquet. Several
    segments give one report on the accounts in any of them. With only `--format json` and no --out, print the JSON; the
    other formats always write files.
    """
    with Progress() as progress:
        analysis = _load(source, as_of, run_date, cache, progress)
        progress.show("computing")
        result = analysis.report(segments=segments, allow_partial=allow_partial, **chosen)
        return _shown(analysis, result, out, formats, overwrite, progress)


@commands.command()
@options.source
@click.option("--out", type=options.PATH, help="Also write the results as CSV to this folder.")
@options.overwrite
@click.option(
    "--review",
    type=options.PATH,
    help="The account review list (default: account-review.csv in SOURCE). New questions are added to it.",
)
@options.as_of
@options.run_date
@options.cache
def check(
    source: Path,
    out: Path | None,
    overwrite: bool,
    review: Path | None,
    as_of: date | None,
    run_date: date | None,
    cache: bool,
) -> int:
    """Show which rows count, and what to fix.

    For each file: rows used, excluded and rejected, with reasons. Rows that segxl cannot match to an account are
    written to a list for you to answer.
    If segxl.toml is missing or lists no table, print proposed settings.
    """
    from segxl import publish
    from segxl.render.ledger.text import ledger_text, review_text
    from segxl.sources.suggest.unnamed import unnamed_files

    with Progress() as progress:
        _propose_settings(source, progress)
        dataset = _load(source, as_of, run_date, cache, progress).dataset
        progress.clear()
        if out is not None:
            check_writable(out, OUT)
        try:  # first, so that the ledger names the rows of the updated list
            if dataset.review.new or (review is not None and dataset.review.questions):
                publish.account_review(dataset.review, review)
        finally:
            tell(ledger_text(dataset), fold=True)
        for said in unnamed_files(source, dataset.settings) if source.is_dir() else ():
            tell(f"\n{said}")
        if out is not None:
            click.echo("")
            progress.say_written(publish.ledger(dataset, out, overwrite=overwrite))
        if said := review_text(dataset.review, review):
            tell(f"\n{said}", fold=True)
    fails = any(condition.fails for condition in dataset.ledger.conditions)
    return DONE_WITH_FAULTS if dataset.ledger.rejected_rows or fails else DONE


@commands.command("help")
@click.argument("topic", required=False)
def help_(topic: str | None) -> None:
    """Show the help on a TOPIC, or list the topics."""
    from segxl.cli import help as texts

    tell(texts.topic(topic) if topic else texts.overview(), fold=True)


@commands.command()
@click.argument("key", required=False)
def metrics(key: str | None) -> None:
    """List the metrics, or show the page of one."""
    from segxl.catalogue.metrics import find_metric
    from segxl.catalogue.text import catalogue_text, metric_page

    click.echo(metric_page(find_metric(key)) if key else catalogue_text())


@commands.command()
@options.source
@click.argument("metric")
@options.month
@options.quarter
@click.option("--segment", "segments", multiple=True, metavar="NAME", help="Default: All accounts.")
@click.option("--view", metavar="VIEW", help="Key of a view (default: total); see segxl metrics KEY.")
@click.option("--item", metavar="ITEM", help="Item of the view, such as a geo.")
@click.option(
    "--part",
    metavar="summary|performance|movement|activities|stages_over_time|states_over_time",
    help="Part of the report.",
)
@click.option("--cell", metavar="A[,B]", help="Number in that part, such as Target,Decision.")
@options.of_report
@options.as_of
@options.run_date
@options.partial
@options.cache
def explain(
    source: Path,
    metric: str,
    month: str | None,
    quarter: str | None,
    segments: tuple[str, ...],
    view: str | None,
    item: str | None,
    part: str | None,
    cell: str | None,
    as_of: date | None,
    run_date: date | None,
    allow_partial: bool,
    cache: bool,
    **chosen: Any,
) -> int:
    """Show the rows behind a number.

    METRIC is a scorecard metric, or `report` with --part and --cell.
    """
    of_report = metric.strip().casefold() == "report"
    theirs = {"month": month, "quarter": quarter, "view": view, "item": item}
    ours = {"part": part, "cell": cell, **chosen}
    misplaced = [name for name, value in (theirs if of_report else ours).items() if value is not None]
    if misplaced:
        option = "--" + misplaced[0].replace("_", "-")
        raise click.UsageError(f"{option} works only with {'a metric' if of_report else 'report'}, not with {metric}")
    from segxl.dataset.warnings import lines_of, unused_rows

    if not of_report and len(segments) > 1:
        raise click.UsageError("name one --segment at a time to explain a metric")
    with Progress() as progress:
        analysis = _load(source, as_of, run_date, cache, progress)
        progress.show("computing")
        if of_report:
            result = analysis.report(segments=segments, allow_partial=allow_partial, **chosen)
            text, warnings = result.explain(part, cell)
        else:
            period, segment = _period(month, quarter), segments[0] if segments else None
            text, warnings = analysis.explain(
                metric, period, segment, view or "total", item, allow_partial=allow_partial
            )
        progress.clear()
        tell(text)
        for line in (*unused_rows(analysis.dataset), *lines_of(warnings)):
            tell(line, err=True, fold=True)
    return DONE_WITH_FAULTS if analysis.faulty() or any(one.fails for one in warnings) else DONE


@commands.command()
@click.argument("folder", default="segxl-demo", type=options.PATH)
@options.overwrite
def demo(folder: Path, overwrite: bool) -> int:
    """Create a demo of a fictional company.

    It has exports, an input workbook, scorecards and a segment performance report. Files go to FOLDER (default:
        segxl-demo), FOLDER/scorecards and FOLDER/report. Its exports have faults to try segxl on: they do not change
        the exit status.
    """
    from segxl.api import Analysis
    from segxl.cli.demo import write_exports
    from segxl.dataset.load import read
    from segxl.excel.input_workbook.write import demo_workbook
    from segxl.processes import cores

    with Progress() as progress:
        progress.show("unpacking the exports")
        exports = write_exports(folder, overwrite=overwrite)
        progress.say(f"{folder}: {', '.join(path.name for path in exports)}")
        progress.show(f"reading {folder}")
        found = read(folder)
        analysis = Analysis(found.dataset())
        progress.show("creating the input workbook")
        progress.say_written([demo_workbook(folder, found, analysis.dataset, overwrite=overwrite)])
        progress.show("computing")
        scorecard, report = analysis.scorecard(), analysis.report()
        for result, write, place in (
            (scorecard, partial(scorecard.write, processes=cores()), "scorecards"),
            (report, report.write, "report"),
        ):
            progress.say(result.period_note)
            progress.say_written(
                write(folder / place, overwrite=overwrite, progress=progress.show, remark=progress.say)
            )
        _tell_faults(analysis, scorecard, report)  # those of the demo are planted
        progress.say(f"The rejected rows are part of the demo. Next: segxl check {folder}")
    return DONE


@commands.command()
@click.argument("file", type=options.PATH)
@click.option("--from", "source", type=options.PATH, help="Fill it from this folder or workbook.")
@options.overwrite
def template(file: Path, source: Path | None, overwrite: bool) -> int:
    """Create an input workbook.

    FILE.xlsx, or FILE.xlsm with buttons for Excel. It has example rows, or the data of --from. Rejected and excluded
    rows are not copied; segxl shows how many. Use the workbook like a folder: `segxl check FILE`.
    """
    from segxl.excel.input_workbook.write import template as write_template

    with Progress() as progress:
        progress.show(f"reading {source}" if source else "creating the workbook")
        written, content = write_template(file, source, overwrite=overwrite)
        for said in content.left_out:
            progress.say(said)
        progress.say_written([(file, written)])
    return DONE_WITH_FAULTS if content.rejected else DONE


@commands.command()
@click.argument("workbook", type=options.PATH)
@click.argument("button", type=click.Choice(["scorecard", "report", "check", "publish"]))
@options.as_of
@options.run_date
@options.partial
def run(workbook: Path, button: str, as_of: date | None, run_date: date | None, allow_partial: bool) -> int:
    """Run a workbook's button without Excel.

    segxl saves the workbook. scorecard, report and check create their sheets. publish writes a pack per segment to
    the folder "segxl packs" next to the workbook. Your own sheets are not changed.
    """
    from segxl.excel.buttons import actions
    from segxl.excel.file_engine.xlwings_engine import open_book

    pressed = {
        "scorecard": actions.build_scorecard,
        "report": actions.run_report,
        "check": actions.check_data,
        "publish": actions.publish_packs,
    }[button]
    with Progress() as progress:
        press = actions.Press(as_of, run_date, allow_partial, tell=progress.show)
        book = open_book(workbook)
        outcome = pressed(book, press)
        if button != "publish":
            progress.show(f"saving {workbook}")
            book.save()
        for line in (outcome.summary, *outcome.lines):
            progress.say(line)
    return DONE_WITH_FAULTS if outcome.faults else DONE


@commands.command()
@click.argument("pack", type=options.PATH)
@click.option(
    "--engine",
    "engines",
    multiple=True,
    type=click.Choice(["formualizer", "ironcalc", "libreoffice"]),
    help="Recalculate with this program; repeatable (default: all that are installed).",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Default: text.")
def verify(pack: Path, engines: tuple[str, ...], form: str) -> int:
    """Recalculate a pack's formulas with independent programs.

    PACK is a workbook that segxl wrote. Its inputs are not needed, and segxl computes nothing: each program opens the
    workbook without the stored values, calculates every formula, and the results are compared with the stored ones.
    Needs `pip install "segxl[verify]"`; LibreOffice is used too if it is installed.
    """
    from segxl.verify.compare import verify as recalculate
    from segxl.verify.text import verification_json, verification_text

    with Progress() as progress:
        result = recalculate(pack, engines, progress.show)
        progress.clear()
        tell(verification_json(result) if form == "json" else verification_text(result))
    return DONE if result.passed else DONE_WITH_FAULTS


def _load(source: Path, as_of: date | None, run_date: date | None, cache: bool, progress: Progress) -> Analysis:
    from segxl.api import load

    progress.show(f"reading {source}")
    return load(source, as_of=as_of, run_date=run_date, cache=cache)


def _shown(
    analysis: Analysis,
    result: ScorecardResult | ReportResult,
    out: Path | None,
    formats: tuple[str, ...],
    overwrite: bool,
    progress: Progress,
) -> int:
    """Write the files, or print only the JSON; then the remarks on missing data. Return the exit status."""
    if formats == ("json",) and out is None:
        progress.clear()
        click.echo(result.json(), nl=False)
    else:
        from segxl.api import ScorecardResult
        from segxl.processes import cores

        for words in (result.period_note, *result.remarks):
            if words:
                progress.say(words)
        write = partial(result.write, processes=cores()) if isinstance(result, ScorecardResult) else result.write
        progress.say_written(
            write(
                out or Path(),
                formats or ("xlsx",),
                overwrite=overwrite,
                progress=progress.show,
                remark=progress.say,
                instead=OUT,
            )
        )
    return _tell_faults(analysis, result)


def _propose_settings(source: Path, progress: Progress) -> None:
    """For a folder of exports without settings: print proposed settings, and stop."""
    from segxl.dataset.load import SETTINGS_FILE, names_tables
    from segxl.sources.suggest.proposal import proposed_settings

    if not source.is_dir() or names_tables(source):
        return
    progress.show(f"scanning {source}")
    there = (source / SETTINGS_FILE).exists()
    proposed = proposed_settings(source)
    if not proposed and not there:
        raise SegxlError(
            f"{source}: no exports found. Put your exports (CSV, TSV, xlsx or Parquet) into this folder and run segxl "
            "check again; segxl demo creates an example"
        )
    if proposed:
        progress.clear()
        click.echo(proposed, nl=False)
        lacking = f"{SETTINGS_FILE} lists no table" if there else f"has no {SETTINGS_FILE}"
        if all(line.startswith("#") or not line for line in proposed.splitlines()):
            raise SegxlError(
                f"{source}: {lacking}, and no file is a known export. The lines above show what each file may be: "
                f"complete them, remove the # at the start, save them as {source / SETTINGS_FILE}, and run segxl check "
                "again"
            )
        raise SegxlError(
            f"{source}: {lacking}. Proposed settings are printed above: review them, save them as "
            f"{source / SETTINGS_FILE}, and run segxl check again"
        )


def _period(month: str | None, quarter: str | None) -> str | None:
    """The one of the two options that was given."""
    if month and quarter:
        raise click.UsageError("use --month or --quarter, not both")
    if month and "Q" in month.upper():
        raise click.UsageError(f"--month takes a month like 2026-10; for a quarter write --quarter {month}")
    if quarter and "Q" not in quarter.upper():
        raise click.UsageError(f"--quarter takes a quarter like 2026-Q3; for a month write --month {quarter}")
    return month or quarter


def _tell_faults(analysis: Analysis, *results: ScorecardResult | ReportResult) -> int:
    """Print problems on standard error, so that standard output has only the JSON. Return the exit status."""
    for line in analysis.messages(*results):
        tell(line, err=True, fold=True)
    return DONE_WITH_FAULTS if analysis.faulty(*results) else DONE
