"""The list of accounts to review: questions that a person answers once, and the answers read back.

The list is a CSV, ``account-review.csv`` beside ``segxl.toml``, or what ``account_review`` in the settings names; of an
input workbook it is the sheet ``account-review``, the name that Excel gives to the sheet of such a CSV. Each
line is one company as the exports name it. Its ``answer`` is an account_id, ``yes`` for the one candidate, or ``none``
for no account of ours; blank is not answered yet. An answer holds for every row of every table that names the company
so (compared as :mod:`segxl.sources.names` says), whatever segxl would find by itself; lines may be added by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from segxl.csv_files import csv_bytes, unguarded
from segxl.errors import SegxlError, nearest
from segxl.sources.files import RawTable, expand, read_file
from segxl.sources.ledger import FileEntry, Rejection
from segxl.sources.names import country_of, domain_of, name_of

REVIEW_SHEET = "account-review"
REVIEW_FILE = f"{REVIEW_SHEET}.csv"
"""Read where it stands beside ``segxl.toml`` and the settings name no other."""

HEADER = (
    "table",
    "file",
    "name",
    "country",
    "domain",
    "rows",
    "candidate account_id",
    "candidate name",
    "why it is asked",
    "answer",
)
_NEEDED = ("name", "answer")
NONE, YES = "none", "yes"
_NOT_ASKED = "no longer asked: no row needs it now"
_FIX = f"write an account_id of the accounts table, {YES} for the one candidate, or {NONE}"


@dataclass(frozen=True)
class Company:
    """A company as exports name it, made comparable."""

    name: str
    country: str
    domain: str

    @classmethod
    def of(cls, name: str, country: str, domain: str) -> Company:
        """From the texts of a row."""
        return cls(name_of(name), country_of(country), domain_of(domain))

    def __bool__(self) -> bool:
        return bool(self.name or self.domain)


@dataclass(frozen=True)
class Line:
    """One line of the list. Several tables, files and candidates are parted by semicolons."""

    name: str
    country: str
    domain: str
    tables: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    rows: int = 0
    candidates: str = ""
    candidate_names: str = ""
    why: str = ""
    answer: str = ""
    row: int = 0
    """Where it stands in the file that it was read from."""

    @property
    def company(self) -> Company:
        """What tells it from other lines."""
        return Company.of(self.name, self.country, self.domain)

    def cells(self) -> tuple[object, ...]:
        """As the columns of :data:`HEADER`."""
        return (
            "; ".join(self.tables),
            "; ".join(self.files),
            self.name,
            self.country,
            self.domain,
            self.rows,
            self.candidates,
            self.candidate_names,
            self.why,
            self.answer,
        )


@dataclass(frozen=True)
class Review:
    """The list as it was read, and what came of it.

    Attributes:
        path: where it stands, or would. read_from: the file that was read; None without one.
        workbook: the input workbook's name, where that is the source.
        lines: as read; none without a file.
        answers: the account_id of each company that is answered, ``""`` for none of ours.
        entry: the file in the ledger; None without a file.
        questions: what no answer settles, in the order of the tables; filled by the matching.
        asked: what the rows say of each company on the list that some row names; filled by the matching.
    """

    path: Path
    lines: tuple[Line, ...] = ()
    answers: Mapping[Company, str] = field(default_factory=dict)
    entry: FileEntry | None = None
    questions: tuple[Line, ...] = ()
    asked: Mapping[Company, Line] = field(default_factory=dict)
    read_from: Path | None = None
    workbook: str = ""

    @property
    def new(self) -> tuple[Line, ...]:
        """The questions that the list does not have yet."""
        listed = {line.company for line in self.lines}
        return tuple(one for one in self.questions if one.company not in listed)


def read_review(folder: Path, named: str | None, accounts: Collection[str]) -> Review:
    """The list of a folder; an answer that cannot be right is rejected with its row, and counts as not given.

    Raises:
        SegxlError: the settings name a file that is not there, or the file is no such list.
    """
    if named is not None and not named.strip().casefold().endswith(".csv"):
        raise SegxlError(f"account_review: {named!r} is no .csv file; save the list as CSV and name that")
    if named in (None, REVIEW_FILE) and not (folder / REVIEW_FILE).is_file():
        return Review(folder / REVIEW_FILE)
    path = expand(folder, named or REVIEW_FILE)[0]
    return replace(_read(read_file(path), path, accounts), read_from=path)


def review_in_workbook(name: str, folder: Path, sheet: RawTable | None, accounts: Collection[str]) -> Review:
    """The list that a sheet of an input workbook is; a list to answer is written into the workbook's folder.

    Raises:
        SegxlError: the sheet is no such list.
    """
    path = folder / REVIEW_FILE
    return replace(Review(path) if sheet is None else _read(sheet, path, accounts), workbook=name)


def _read(raw: RawTable, path: Path, accounts: Collection[str]) -> Review:
    lines = lines_of(raw)
    entry = FileEntry(raw.file, "account review", raw.sha256, rows=len(raw) + len(raw.broken))
    entry.format = "answers about accounts"
    for row, why in raw.broken:
        entry.rejected.append(Rejection(raw.file, row, "", "", why, "mend the row"))
    return Review(path, lines, _answers(lines, accounts, entry), entry)


def lines_of(raw: RawTable) -> tuple[Line, ...]:
    """The lines of a list.

    Raises:
        SegxlError: it has no column for the name or for the answer, so it is no such list.
    """
    by_fold = {header.casefold(): header for header in reversed(raw.header)}
    if lacking := [name for name in _NEEDED if name not in by_fold]:
        raise SegxlError(
            f"{raw.file}: is no list of accounts to review: it has no column {lacking[0]!r}; "
            "move it away, and `segxl check` writes the list"
        )
    cells = {name: raw.column(by_fold[name]) if name in by_fold else None for name in HEADER}

    def text(name: str, at: int) -> str:
        column = cells[name]
        return unguarded(str(column[at])) if column is not None else ""

    return tuple(
        Line(
            text("name", at),
            text("country", at),
            text("domain", at),
            tuple(part for part in text("table", at).split("; ") if part),
            tuple(part for part in text("file", at).split("; ") if part),
            int(text("rows", at)) if text("rows", at).isdecimal() else 0,
            text("candidate account_id", at),
            text("candidate name", at),
            text("why it is asked", at),
            text("answer", at),
            int(raw.rows[at]),
        )
        for at in range(len(raw))
    )


def _answers(lines: Sequence[Line], accounts: Collection[str], entry: FileEntry) -> dict[Company, str]:
    """What each company's lines answer. Lines that contradict each other are rejected, all of them."""
    found: dict[Company, list[tuple[int, str, str]]] = {}
    known = {one.casefold(): one for one in accounts}

    def refuse(row: int, value: str, reason: str, fix: str = _FIX) -> None:
        entry.rejected.append(Rejection(entry.file, row, "answer", value, reason, fix))

    for line in lines:
        row, answer = line.row, line.answer
        if not answer:
            continue
        if not line.company:
            refuse(row, answer, "answers for no company: name and domain are blank", "fill one of them in")
        elif answer in accounts:
            found.setdefault(line.company, []).append((row, answer, answer))
        elif answer.casefold() == NONE:
            found.setdefault(line.company, []).append((row, answer, ""))
        elif answer.casefold() == YES and line.candidates in accounts:
            found.setdefault(line.company, []).append((row, answer, line.candidates))
        elif answer.casefold() == YES:
            refuse(row, answer, "says yes where there is not exactly one candidate", "write its account_id")
        elif answer.casefold() in known:
            refuse(row, answer, f"is no account_id; write it as {known[answer.casefold()]!r}")
        else:
            refuse(row, answer, f"is no account_id of the accounts table{nearest(answer, accounts)}")
    answers: dict[Company, str] = {}
    for company, given in found.items():
        if len({account for _, _, account in given}) == 1:
            answers[company] = given[0][2]
            continue
        rows = ", ".join(str(row) for row, _, _ in given)
        for row, answer, _ in given:
            refuse(row, answer, f"rows {rows} answer for one company differently", "keep one of them")
    return answers


def settle(review: Review, questions: Iterable[Line], asked: Mapping[Company, Line]) -> Review:
    """The review after the matching; its entry accounts for every line of the list."""
    entry = review.entry
    if entry is not None:
        rejected = {rejection.row for rejection in entry.rejected}
        empty = sum(not line.answer and not line.company for line in review.lines)
        entry.exclude("empty row", empty)
        entry.exclude("not answered yet", sum(not line.answer for line in review.lines) - empty)
        answered = [line for line in review.lines if line.answer and line.row not in rejected]
        stale = [line for line in answered if line.company not in asked]
        entry.exclude("an answer that no row needs now", len(stale))
        entry.used = len(answered) - len(stale)
        if stale:
            entry.notes.append(
                f"{len(stale):,} answer(s) are no longer asked for, like "
                f"{stale[0].name or stale[0].domain!r}; they are kept on the list"
            )
    return replace(review, questions=tuple(questions), asked=asked)


def merged(review: Review, others: Sequence[Line] = ()) -> bytes:
    """The list to write: questions first, then what is answered; answers are never lost.

    ``others`` are the lines of a list that stands there already and is not the one that was read.
    """
    found: dict[Company, list[Line]] = {}
    for line in (*review.lines, *others):
        kept = found.setdefault(line.company, [])
        if not line.answer or line.answer in [one.answer for one in kept]:
            continue
        if now := review.asked.get(line.company):
            kept.append(replace(line, tables=now.tables, files=now.files, rows=now.rows))
        else:
            kept.append(replace(line, rows=0, why=_NOT_ASKED))
    for question in review.questions:
        kept = found.setdefault(question.company, [])
        if not kept:
            kept.append(question)
    lines = [line for kept in found.values() for line in kept]
    lines.sort(key=lambda line: (bool(line.answer), line.name.casefold(), line.country, line.domain, line.answer))
    return csv_bytes(HEADER, (line.cells() for line in lines))
