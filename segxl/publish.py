"""From a computed scorecard, report or ledger to files on disk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segxl.dataset.model import Dataset
from segxl.errors import SegxlError, nearest
from segxl.facts.engine import Facts
from segxl.processes import Processes, uncollected
from segxl.render.formats import PAGES, TABLES, known_formats
from segxl.render.ledger.csv import domains_csv, ledger_csv, rejected_csv
from segxl.render.shared.atomic_files import (
    ELSEWHERE,
    OUT,
    Together,
    check_writable,
    contents,
    resolved,
    write_atomically,
)
from segxl.scorecard.model import Scorecard
from segxl.settings.comments import FILE as COMMENTS_FILE
from segxl.settings.comments import Comment, comments_on, read_comments, unknown_segments
from segxl.sources.ledger import DOMAINS_FILE, LEDGER_FILE, REJECTED_FILE
from segxl.sources.matching.review import Review
from segxl.sources.matching.review_list import lines_there, list_bytes, merged, renumber

if TYPE_CHECKING:
    from segxl.pages.model import Pack
    from segxl.report.model import Report
    from segxl.report.working import Working
    from segxl.scorecard.numbers_table import Row

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
    instead: str = ELSEWHERE,
    processes: int = 1,
) -> list[tuple[Path, bool]]:
    """Write a workbook or a web page for each segment and one over all of them; of JSON, CSV and Parquet one file for
    all. ``formats``: some of :data:`segxl.render.formats.FORMATS`.

    The pack over all segments is written if there are several. ``progress`` receives progress texts, ``remark`` notes
    about what a file could not show in full (texts, lists that were cut); ``instead`` is the advice if a file cannot be
    written. Packs are drawn by up to ``processes`` processes, with the same bytes, notes and errors.

    Returns each path, and whether it was written (False: the same bytes were there already).

    Raises:
        SegxlError: a file exists with other contents, is open in Excel, or cannot be written; the format is unknown, or
            it is Parquet and pyarrow is not installed.
    """
    formats = known_formats(formats)
    with _Out(folder, overwrite, remark, instead) as out:
        stem = f"scorecard-{result.period.label}"
        if "json" in formats:
            from segxl.render.json.scorecard import scorecard_json
            from segxl.scorecard.summary import summaries

            out.text(f"{stem}.json", scorecard_json(result, summaries(facts, result)))
        if any(kind in formats for kind in TABLES):
            from segxl.scorecard.numbers_table import scorecard_numbers

            out.numbers(stem, scorecard_numbers(result), formats)
        if pages := [kind for kind in PAGES if kind in formats]:
            names = file_names(tuple(result.segments), reserved=("executive",))
            comments = read_comments(folder, facts.dataset.settings.fiscal)
            for name in unknown_segments(comments, result.period.label, facts.dataset.segments.names):
                remark(f"{COMMENTS_FILE}: there is no segment {name!r}{nearest(name, facts.dataset.segments.names)}")
            packs = {segment: f"creating {segment} ({at} of {len(names)})" for at, segment in enumerate(names, start=1)}
            stems = {segment: f"{stem}-{name}" for segment, name in names.items()}
            if result.executive is not None:
                packs = {"": "creating the executive pack", **packs}
                stems[""] = f"{stem}-executive"
            places = {name: {kind: out.place(folder / f"{stems[name]}.{kind}") for kind in pages} for name in packs}
            tasks = [(name, comments_on(comments, result.period.label, name), places[name]) for name in packs]
            count = processes if _is_worth(facts.dataset, len(packs)) else 1
            with uncollected(), Processes(_Drawing(facts, result), tasks, count) as drawn:
                for at, name in enumerate(packs):
                    progress(packs[name])
                    out.moved(stems[name], places[name], partial(drawn.result, at))
    return out.written


def report(
    result: Report,
    working: Working,
    folder: Path,
    formats: Sequence[str],
    *,
    overwrite: bool = False,
    progress: Tell = lambda _: None,
    remark: Tell = lambda _: None,
    instead: str = ELSEWHERE,
) -> list[tuple[Path, bool]]:
    """Write the segment performance report as a workbook, a web page, JSON, CSV or Parquet; see :func:`scorecard`."""
    formats = known_formats(formats)
    choice = result.choice
    analysis, baseline = choice.timeframes.analysis.label, choice.timeframes.baseline.label
    names = _cut("-".join(file_names(choice.segment_names).values()))
    stem = f"report-{choice.type}-{analysis}-against-{baseline}-{names}".replace("..", "_")
    with _Out(folder, overwrite, remark, instead) as out:
        if "json" in formats:
            from segxl.render.json.report import report_json
            from segxl.report.findings import first_findings

            out.text(f"{stem}.json", report_json(result, first_findings(result, working)))
        if any(kind in formats for kind in TABLES):
            from segxl.report.numbers_table import report_numbers

            out.numbers(stem, report_numbers(result), formats)
        if any(kind in formats for kind in PAGES):
            from segxl.pages.report.report import report_pack

            progress("drawing")
            with uncollected():
                out.pack(stem, report_pack(result, working), formats)
    return out.written


def ledger(dataset: Dataset, folder: Path, *, overwrite: bool = False) -> list[tuple[Path, bool]]:
    """Write the ledger of rows as CSV: the outcome of each file's rows, each rejected row, accounts of one domain.

    Returns each path, and whether it was written (False: the same bytes were there already).

    Raises:
        SegxlError: a file exists with other contents, is open in Excel, or cannot be written.
    """
    with _Out(folder, overwrite, instead=OUT) as out:
        out.data(LEDGER_FILE, ledger_csv(dataset.ledger))
        out.data(REJECTED_FILE, rejected_csv(dataset.ledger))
        if "accounts" in dataset.tables:
            out.data(DOMAINS_FILE, domains_csv(dataset.tables["accounts"]))
    return out.written


def account_review(review: Review, to: Path | None = None) -> tuple[Path, bool]:
    """Write the list of accounts to review: new questions join those that are there, and answers are kept.

    Without ``to``, the list goes to where it is read from. A list that is there already is merged, never replaced.

    Returns the path, and whether it was written (False: it has all these questions already).

    Raises:
        SegxlError: the file is not such a list, or no .csv, has a row that cannot be read, or cannot be written.
    """
    path = to or review.path
    if path.suffix.casefold() != ".csv":
        raise SegxlError(f"{path.name}: the account review list is a CSV file: name a .csv file with --review")
    instead = "name another file with --review"
    read = review.read_from is not None and resolved(path, instead) == resolved(review.read_from)
    there = lines_there(path) if path.exists() else ()
    lines = merged(review, () if read else there)
    fresh = write_atomically(path, contents(list_bytes(lines)), overwrite=True, instead=instead)
    if read:
        renumber(review, lines)
    return path, fresh


def file_names(segments: Sequence[str], reserved: Sequence[str] = ()) -> dict[str, str]:
    """A file name for each segment, legal everywhere and unlike the others' and the reserved ones: "R&D / EU" gives
    r-d-eu."""
    names: dict[str, str] = {}
    taken: set[str] = set(reserved)
    for segment in segments:
        name = base = _cut(re.sub(r"[^\w]+", "-", segment.casefold()).strip("-")) or "segment"
        number = 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name)
        names[segment] = name
    return names


def _cut(name: str) -> str:
    """At most 80 characters, and as many bytes as leave room in the 255 that a file's name may have."""
    return name[:80].encode("utf-8")[:160].decode("utf-8", errors="ignore")


Notes = dict[str, tuple[str, ...]]
"""What the file of each format could not show in full."""


_WORTH = 100_000
"""Rows to draw, about, from which a further process saves more than its start costs."""


def _is_worth(dataset: Dataset, packs: int) -> bool:
    """Whether there is enough to draw for several processes."""
    return packs > 2 and packs * sum(map(len, dataset.tables.values())) > _WORTH


class _Drawing:
    """Draws the packs of a scorecard. It can be sent to another process, which computes the facts again."""

    def __init__(self, facts: Facts, result: Scorecard) -> None:
        self._facts, self._result = facts, result

    def __reduce__(self) -> tuple[Any, ...]:
        from segxl.catalogue.sent import send_by_place

        send_by_place()
        return _drawing, (self._facts.dataset, self._result)

    def __call__(self, segment: str, comments: Sequence[Comment], places: Mapping[str, Path]) -> Notes:
        """Draw the pack of a segment (blank: of all together) as the file of each format."""
        result = self._result
        if not segment and result.executive is not None:
            from segxl.pages.scorecard.executive import executive_pack
            from segxl.scorecard.summary import executive_summary

            summary = executive_summary(self._facts, result)
            pack = executive_pack(self._facts, result, result.executive, summary, comments)
        else:
            from segxl.pages.scorecard.pack import scorecard_pack

            pack = scorecard_pack(self._facts, result, segment, comments)
        return {kind: tuple(PAGES[kind](pack, place)) for kind, place in places.items()}


def _drawing(dataset: Dataset, result: Scorecard) -> _Drawing:
    return _Drawing(Facts(dataset), result)


class _Out(Together):
    """A folder to write into, all of its files together."""

    def __init__(self, folder: Path, overwrite: bool, remark: Tell = lambda _: None, instead: str = ELSEWHERE) -> None:
        check_writable(folder, instead)
        super().__init__(overwrite=overwrite, instead=instead)
        self._folder, self._remark = folder, remark

    def data(self, name: str, data: bytes) -> None:
        """Write bytes."""
        self.add(self._folder / name, contents(data))

    def text(self, name: str, text: str) -> None:
        """Write a text as UTF-8."""
        self.data(name, text.encode("utf-8"))

    def pack(self, stem: str, pack: Pack, formats: Sequence[str]) -> None:
        """Draw a pack in each of the formats that show pages; remark on rows that a file could not show in full."""
        for kind, write in PAGES.items():
            if kind in formats:
                self._draw(f"{stem}.{kind}", partial(write, pack))

    def moved(self, stem: str, places: Mapping[str, Path], draw: Callable[[], Notes]) -> None:
        """Take the files of a pack from where ``draw`` writes them."""
        notes: Notes = {}
        for kind, place in places.items():

            def produce(to: Path, place: Path = place) -> None:
                nonlocal notes
                notes = notes or draw()
                place.replace(to)

            self.add(self._folder / f"{stem}.{kind}", produce)
            for note in notes[kind]:
                self._remark(f"{stem}.{kind}: {note}")

    def numbers(self, stem: str, rows: Sequence[Row], formats: Sequence[str]) -> None:
        """Write the table Numbers in each of its formats."""
        for kind, encoded in TABLES.items():
            if kind in formats:
                self.data(f"{stem}.{kind}", encoded(rows))

    def _draw(self, name: str, write: Callable[[Path], Iterable[str]]) -> None:
        notes: list[str] = []
        self.add(self._folder / name, lambda to: notes.extend(write(to)))
        for note in notes:
            self._remark(f"{name}: {note}")
