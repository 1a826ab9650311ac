"""Runs the command that the arguments name, and turns every ending into an exit status and a message."""

from __future__ import annotations

import sys
from contextlib import suppress

import click

from segxl.cli.commands import commands
from segxl.cli.terminal import DONE, NOT_DONE, OutputLostError, output, tell, tell_fault
from segxl.errors import SegxlError
from segxl.render.shared.atomic_files import refusal


def main() -> None:
    """Run a command and turn every ending into its exit status: 0 done, 1 done with faults, 2 not done."""
    closed = sys.stdout is None
    with output():
        try:
            status = _ended() if not closed else _not_done("standard output is closed: send it to a file or a terminal")
            sys.stdout.flush()
        except OutputLostError as lost:
            status = NOT_DONE
            with suppress(OutputLostError):  # standard error may be as full
                if str(lost):
                    _not_done(str(lost))
    sys.exit(status)


def _ended() -> int:
    """Run the command that the arguments name; its exit status."""
    try:
        status = commands.main(standalone_mode=False)
        return status if isinstance(status, int) else DONE
    except OutputLostError:
        raise
    except SegxlError as error:
        return _not_done(str(error))
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _not_done("stopped; no file was left incomplete")
    except click.ClickException as error:
        error.show()
    except MemoryError:
        return _not_done("out of memory: close other programs, or export fewer rows")
    except OSError as error:  # the system refused it; not a bug in segxl
        if error.errno is not None:
            return _not_done(refusal(error))
        tell_fault(error)
    except Exception as error:  # a bug in segxl: Python itself would end with 1, which says that the work is done
        tell_fault(error)
    return NOT_DONE


def _not_done(why: str) -> int:
    tell(f"segxl: {why}", err=True, fold=True)
    return NOT_DONE
