"""The commands about segxl on this computer: ``doctor``, ``cache`` and ``addin``. They read no exports.

Heavy libraries are imported inside the commands, as in :mod:`segxl.cli.commands`.
"""

from __future__ import annotations

import click

from segxl.cli.terminal import DONE, DONE_WITH_FAULTS, tell


@click.command()
@click.option("--write-conf", is_flag=True, help="Connect the Excel buttons to this Python (once per computer).")
def doctor(write_conf: bool) -> int:
    """Check the installation and the Excel setup."""
    from segxl.cli.doctor import examine
    from segxl.excel.buttons import conf

    if write_conf:
        click.echo(f"written: {conf.write_conf()}")
    text, healthy = examine()
    click.echo(text)
    return DONE if healthy else DONE_WITH_FAULTS


@click.group(invoke_without_command=True)
@click.pass_context
def cache(context: click.Context) -> None:
    """Show what is kept between runs, where, and how much.

    segxl keeps what it read, so that the next run on an unchanged source is faster. SEGXL_CACHE=off switches this off
    for all commands, --no-cache for one.
    """
    if context.invoked_subcommand is None:
        from segxl.cli.cache import text

        tell(text())


@cache.command()
def clear() -> int:
    """Delete everything that is kept between runs."""
    from segxl.cli.cache import cleared

    tell(cleared())
    return DONE


@click.group()
def addin() -> None:
    """Install the Excel add-in: the segxl tab and functions in every workbook."""


@addin.command()
@click.option("--overwrite", is_flag=True, help="Replace a file of another author, or the Python that Excel uses.")
def install(overwrite: bool) -> int:
    """Install the add-in for you, or update it.

    segxl writes the add-in to the folder that Excel opens at its start, and the path of this Python to segxl.conf. It
    changes no other file and needs no administrator. Quit Excel first.
    """
    from segxl.excel.addin.install import install as work

    for line in work(overwrite=overwrite).lines:
        tell(line)
    return DONE


@addin.command()
@click.option("--overwrite", is_flag=True, help="Also delete an add-in file that was changed since.")
def remove(overwrite: bool) -> int:
    """Remove the add-in. Your own settings stay; all else is as it was before. Quit Excel first."""
    from segxl.excel.addin.install import remove as work

    done = work(overwrite=overwrite)
    for line in done.lines:
        tell(line)
    return DONE_WITH_FAULTS if done.kept else DONE


@addin.command()
def status() -> int:
    """Show what is installed for Excel and how to fix problems."""
    from segxl.excel.addin.status import report

    problems: list[str] = []
    for line in report(problems):
        tell(line.removeprefix("  "))
    for problem in problems:
        tell(f"problem: {problem}", fold=True)
    return DONE_WITH_FAULTS if problems else DONE
