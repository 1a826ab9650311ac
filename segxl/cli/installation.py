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
    for all commands, --no-cache for one. The functions of Excel keep the tables of open workbooks.
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
    """Install or remove the Excel add-in.

    It adds the segxl tab and functions to every workbook.
    """


@addin.command()
@click.option("--overwrite", is_flag=True, help="Replace a file of another author, or the Python that Excel uses.")
def install(overwrite: bool) -> int:
    """Install or update the add-in, for your user account only.

    segxl writes the add-in to the folder that Excel opens at its start, the path of this Python to segxl.conf and, on a
    Mac, the script that lets Excel start Python. It needs no administrator. Quit Excel first.
    """
    from segxl.excel.addin.install import install as work

    for line in work(overwrite=overwrite).lines:
        tell(line)
    return DONE


@addin.command()
@click.option("--overwrite", is_flag=True, help="Also delete the add-in if its file was changed.")
def remove(overwrite: bool) -> int:
    """Remove the add-in.

    segxl restores the files that the add-in replaced and keeps the settings that you changed since. Quit Excel first.
    """
    from segxl.excel.addin.install import remove as work

    done = work(overwrite=overwrite)
    for line in done.lines:
        tell(line)
    return DONE_WITH_FAULTS if done.kept else DONE


@addin.command()
def status() -> int:
    """Check the Excel setup and show how to fix problems."""
    from segxl.excel.addin.status import report

    problems: list[str] = []
    for line in report(problems):
        tell(line.removeprefix("  "))
    for problem in problems:
        tell(f"problem: {problem}", fold=True)
    return DONE_WITH_FAULTS if problems else DONE
