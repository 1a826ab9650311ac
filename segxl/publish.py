"""From a computed scorecard or report, or the demo, to files on disk."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from segxl.dataset import Dataset, Read
from segxl.errors import SegxlError
from segxl.facts.engine import Facts
from segxl.ledger_csv import DOMAINS_FILE, LEDGER_FILE, REJECTED_FILE, domains_csv, ledger_csv, rejected_csv
from segxl.render.files import check_writable, write_atomically
from segxl.scorecard.model import Scorecard
from segxl.sources.files import read_file
from segxl.sources.review import Line, Review, lines_of, merged

if TYPE_CHECKING:
    from segxl.excel.content import Content
    from segxl.pages.model import Pack
    from segxl.report.model import Report
    from segxl.report.working import Working

DEMO_WORKBOOK = "segxl-demo.xlsx"
"""The demo's input workbook, beside its exports."""

Tell = Callable[[str], None]


def scorecard(
    facts: Facts,
    result: Scorecard,
    folder: Path,
    formats: Sequence[str],
    *,
    overwrite: bool = False,
    progress: Tell = lambda _: None,
    remark: Tell = lambda _: None,
) -> list[tuple[Path, bool]]:
    """Write a workbook or a web page for each segment and one over all of them, if asked for also one JSON.

    The pack over all segments is there where the scorecard is of more than one.

    ``progress`` is told what is going on, ``remark`` what a file could not show in full (texts, lists that were cut).

    Returns each path, and whether it was written (False: the same bytes were there already).

    Raises:
        SegxlError: a file exists with other contents, is open in Excel, or cannot be written.
    """
    check_writable(folder)
    stem = f"scorecard-{result.period.label}"
    written: list[tuple[Path, bool]] = []
    if "json" in formats:
        from segxl.render.json import scorecard_json

        text = scorecard_json(result)
        path = folder / f"{stem}.json"
        fresh = write_atomically(path, lambda to: _write_text(to, text), overwrite=overwrite)
        written.append((path, fresh))
    kinds = [kind for kind in ("xlsx", "html") if kind in formats]
    if kinds:
        from segxl.pages.pack import scorecard_pack

        names = file_names(tuple(result.segments), reserved=("executive",))
        if result.executive is not None:
            from segxl.pages.executive import executive_pack

            progress("drawing the executive pack")
            overview = executive_pack(result, result.executive)
            for kind in kinds:
                path = folder / f"{stem}-executive.{kind}"
                written.append((path, _draw(overview, path, kind, overwrite, remark)))
        for at, segment in enumerate(result.segments, start=1):
            progress(f"drawing {segment} ({at} of {len(names)})")
            pack = scorecard_pack(facts, result, segment)
            for kind in kinds:
                path = folder / f"{stem}-{names[segment]}.{kind}"
                written.append((path, _draw(pack, path, kind, overwrite, remark)))
    return written


def report(
    result: Report,
    working: Working,
    folder: Path,
    formats: Sequence[str],
    *,
    overwrite: bool = False,
    progress: Tell = lambda _: None,
    remark: Tell = lambda _: None,
) -> list[tuple[Path, bool]]:
    """Write the segment performance report as a workbook, a web page, JSON; see :func:`scorecard`."""
    check_writable(folder)
    choice = result.choice
    analysis, baseline = choice.timeframes.analysis.label, choice.timeframes.baseline.label
    names = "-".join(file_names(choice.segment_names).values())[:80]
    stem = f"report-{choice.type}-{analysis}-against-{baseline}-{names}".replace("..", "_")
    written: list[tuple[Path, bool]] = []
    if "json" in formats:
        from segxl.render.report_json import report_json

        text = report_json(result)
        path = folder / f"{stem}.json"
        written.append((path, write_atomically(path, lambda to: _write_text(to, text), overwrite=overwrite)))
    kinds = [kind for kind in ("xlsx", "html") if kind in formats]
    if kinds:
        from segxl.pages.report import report_pack

        progress("drawing")
        pack = report_pack(result, working)
        for kind in kinds:
            path = folder / f"{stem}.{kind}"
            written.append((path, _draw(pack, path, kind, overwrite, remark)))
    return written


def ledger(dataset: Dataset, folder: Path, *, overwrite: bool = False) -> list[tuple[Path, bool]]:
    """Write the ledger of rows as CSV: what became of each file's rows, each rejected row, accounts of one domain.

    Returns each path, and whether it was written (False: the same bytes were there already).

    Raises:
        SegxlError: a file exists with other contents, is open in Excel, or cannot be written.
    """
    check_writable(folder)
    files = {LEDGER_FILE: ledger_csv(dataset.ledger), REJECTED_FILE: rejected_csv(dataset.ledger)}
    if "accounts" in dataset.tables:
        files[DOMAINS_FILE] = domains_csv(dataset.tables["accounts"])
    return [
        (folder / name, write_atomically(folder / name, partial(_write_bytes, data=data), overwrite=overwrite))
        for name, data in files.items()
    ]


def account_review(review: Review, to: Path | None = None) -> tuple[Path, bool]:
    """Write the list of accounts to review: new questions join those that are there, and answers are kept.

    Without ``to``, the list goes to where it is read from. A list that is there already is merged, never replaced.

    Returns the path, and whether it was written (False: it has all these questions already).

    Raises:
        SegxlError: ``to`` exists and is no such list, or the file cannot be written.
    """
    path = to or review.path
    others: tuple[Line, ...] = ()
    if path.exists() and (review.read_from is None or path.resolve() != review.read_from.resolve()):
        others = lines_of(read_file(path))
    try:
        fresh = write_atomically(path, partial(_write_bytes, data=merged(review, others)), overwrite=True)
    except SegxlError as error:
        raise SegxlError(str(error).replace("another folder with --out", "another file with --review")) from error
    return path, fresh


def template(file: Path, source: Path | None, *, overwrite: bool) -> tuple[bool, Content]:
    """Write an input workbook, empty or with what a source holds; whether it was written, and its content.

    Raises:
        SegxlError: the file's name ends in something else than .xlsx or .xlsm (with buttons), the source cannot be
            read, a table has more rows than a sheet, or the file exists with other contents.
    """
    kind = file.suffix.casefold()
    if kind not in (".xlsx", ".xlsm"):
        name = file.stem or "inputs"
        raise SegxlError(f"{file}: name an input workbook {name}.xlsx, or with buttons {name}.xlsm")
    from segxl.excel.content import EMPTY, content_of
    from segxl.excel.macro_parts import macro_parts
    from segxl.excel.template import build

    content = content_of(source) if source else EMPTY
    macros = macro_parts() if kind == ".xlsm" else None
    return write_atomically(file, lambda to: build(to, content, macros), overwrite=overwrite), content


def demo_workbook(folder: Path, found: Read, dataset: Dataset, *, overwrite: bool) -> tuple[Path, bool]:
    """Write the demo's input workbook beside its exports: what they hold, as a workbook."""
    from segxl.excel.content import content_from
    from segxl.excel.template import build

    path, content = folder / DEMO_WORKBOOK, content_from(found, dataset)
    return path, write_atomically(path, lambda to: build(to, content), overwrite=overwrite)


def demo_exports(folder: Path, *, overwrite: bool) -> list[Path]:
    """Write the demo company's exports, each in one step like every other file."""
    from segxl.demo.company import write_exports

    check_writable(folder)
    with TemporaryDirectory() as scratch:
        made = {folder / source.name: source.read_bytes() for source in write_exports(Path(scratch))}
        for path, data in made.items():  # all or none: the demo's settings must not end up beside somebody's exports
            if not overwrite and path.is_file() and path.read_bytes() != data:
                raise SegxlError(f"{path} exists already; add --overwrite to replace it, or name another folder")
        for path, data in made.items():
            write_atomically(path, partial(_write_bytes, data=data), overwrite=overwrite)
    return list(made)


def file_names(segments: Sequence[str], reserved: Sequence[str] = ()) -> dict[str, str]:
    """A file name for each segment, legal everywhere and unlike the others' and the reserved ones: "R&D / EU" gives
    r-d-eu."""
    names: dict[str, str] = {}
    taken: set[str] = set(reserved)
    for segment in segments:
        name = base = re.sub(r"[^\w]+", "-", segment.casefold()).strip("-")[:80] or "segment"
        number = 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name)
        names[segment] = name
    return names


def _draw(pack: Pack, path: Path, kind: str, overwrite: bool, remark: Tell) -> bool:
    """Draw a pack with the renderer of a kind of file."""
    if kind == "html":
        from segxl.render.html import write_html as write
    else:
        from segxl.render.xlsx import write_xlsx as write
    notes: list[str] = []
    fresh = write_atomically(path, lambda to: notes.extend(write(pack, to)), overwrite=overwrite)
    for note in notes:
        remark(f"{path.name}: {note}")
    return fresh


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(data)
