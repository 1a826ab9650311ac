"""The list of accounts to review: questions that a person answers once, and the answers read back.

The list is a CSV, ``account-review.csv`` next to ``segxl.toml``, or the file that the setting ``account_review`` names;
for an input workbook it is the sheet ``account-review``, the name that Excel gives to the sheet of such a CSV. Each
line is one company as the exports name it. Its ``answer`` is an account_id, ``yes`` for the one candidate, or ``none``
for no account of ours; blank is not answered yet. An answer applies to every row of every table that names the company
so (compared by :mod:`segxl.sources.matching.company_names`), whatever segxl would find by itself; lines and columns may
be added by hand. A line with the name ``*`` and the answer ``yes`` answers every question that has exactly one
candidate and no answer of its own.

People answer in Excel, which makes 42 of the account_id ``0042`` and 1.01235E+11 of a number of 12 digits, and saves
that. So such texts are prefixed with a ``'`` in the list, and an answer 42 is ``0042`` where no other account is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from segxl.cache.fingerprint import is_file
from segxl.errors import SegxlError, nearest
from segxl.messages import counted
from segxl.safe_csv import csv_bytes, kept, unguarded
from segxl.sources.files.delimited import UndecodableError
from segxl.sources.files.files import RawTable, expand, read_file
from segxl.sources.identity import other_length
from segxl.sources.ledger import REVIEW_TABLE, FileEntry, Rejection
from segxl.sources.matching.review import EVERY, HEADER, NONE, YES, Company, Line, Review

REVIEW_SHEET = "account-review"
REVIEW_FILE = f"{REVIEW_SHEET}.csv"
"""The default file, next to ``segxl.toml``, if the settings name no other."""

_NEEDED = ("name", "answer")
_NOT_ASKED = "not needed any more: no row asks for it"
_CANDIDATES = "candidate account_id"
_SHORTENED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
"""A long number as Excel shortens it."""
_FIX = f"write an account_id from the accounts table, {YES} for the one candidate, or {NONE}"


def read_review(folder: Path, named: str | None, accounts: Callable[[], Collection[str]]) -> Review:
    """The list of a folder; an answer that is impossible, or names none of ``accounts``, is rejected with its row, and
    counts as not given.

    Raises:
        SegxlError: the settings name a file that is not there, or the file is not such a list.
    """
    if named is not None and not named.strip().casefold().endswith(".csv"):
        raise SegxlError(f"account_review: {named!r} is not a .csv file; save the list as CSV and use that name")
    if named in (None, REVIEW_FILE) and not is_file(folder / REVIEW_FILE):
        return Review(folder / REVIEW_FILE)
    path = expand(folder, named or REVIEW_FILE)[0]
    return replace(_read(read_list(path), path, accounts()), read_from=path)


def read_list(path: Path) -> RawTable:
    """The file of a list.

    Raises:
        SegxlError: it cannot be read as a table; it has no setting for its encoding.
    """
    if path.is_file() and not path.read_bytes().strip():
        raise SegxlError(f"{path.name} is empty: delete it and run `segxl check` to create the list")
    try:
        return read_file(path)
    except UndecodableError as error:
        raise SegxlError(f'{error.where}; save the list in Excel as "CSV UTF-8"') from None


def is_list(header: Iterable[str]) -> bool:
    """Whether a header is that of a list written by segxl."""
    return {*_NEEDED, _CANDIDATES} <= {name.casefold() for name in header}


def review_in_workbook(
    name: str, folder: Path, sheet: RawTable | None, accounts: Callable[[], Collection[str]]
) -> Review:
    """The list on a sheet of an input workbook; a list to answer is written into the workbook's folder.

    Raises:
        SegxlError: the sheet is not such a list.
    """
    path = folder / REVIEW_FILE
    return replace(Review(path) if sheet is None else _read(sheet, path, accounts()), workbook=name)


def _read(raw: RawTable, path: Path, accounts: Collection[str]) -> Review:
    lines = lines_of(raw)
    entry = FileEntry(raw.file, REVIEW_TABLE, raw.sha256, rows=len(raw) + len(raw.broken))
    entry.format = "answers about accounts"
    entry.letters = {header.casefold(): letter for header, letter in raw.letters.items()}
    for row, why in raw.broken:
        entry.rejected.append(Rejection(raw.file, row, "", "", why, "fix the row"))
    return Review(path, lines, _answers(lines, accounts, entry), entry)


def lines_there(path: Path) -> tuple[Line, ...]:
    """The lines of a list that is about to be written again.

    Raises:
        SegxlError: it is not such a list, or has a row that cannot be read and would be lost.
    """
    raw = read_list(path)
    if raw.broken:
        row, why = raw.broken[0]
        raise SegxlError(f"{raw.file}, row {row}: {why}; fix the row, so that new questions can be added")
    return lines_of(raw)


def lines_of(raw: RawTable) -> tuple[Line, ...]:
    """The lines of a list.

    Raises:
        SegxlError: it has no column for the name or for the answer, so it is not such a list.
    """
    by_fold = {header.casefold(): header for header in reversed(raw.header)}
    if lacking := [name for name in _NEEDED if name not in by_fold]:
        raise SegxlError(
            f"{raw.file}: not an account review list: the column {lacking[0]!r} is missing; "
            "move the file away and run `segxl check` to create the list"
        )
    own = [name for name in raw.header if name.casefold() not in HEADER]
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
            text("reason", at),
            text("answer", at),
            int(raw.rows[at]),
            tuple((name, said) for name in own if (said := unguarded(str(raw.column(name)[at])))),
        )
        for at in range(len(raw))
    )


def _answers(lines: Sequence[Line], accounts: Collection[str], entry: FileEntry) -> dict[Company, str]:
    """The answer of each company's lines. Lines that contradict each other are all rejected."""
    found: dict[Company, list[tuple[int, str, str]]] = {}
    meant = _Ids.of(accounts)

    def refuse(row: int, value: str, reason: str, fix: str = _FIX) -> None:
        entry.reject(row, "answer", value, reason, fix)

    for line in lines:
        row, answer, yes = line.row, line.answer, line.answer.casefold() == YES
        if not answer or line.answers_every:
            continue
        if line.name == EVERY:
            refuse(row, answer, f"is not possible for {EVERY}; it allows only {YES}", f"write {YES}")
            continue
        account = meant.by(line.candidates if yes else answer)
        if not line.company:
            refuse(row, answer, "has no company: name and domain are blank", "fill in one of them")
        elif account is not None:
            found.setdefault(line.company, []).append((row, answer, account))
        elif answer.casefold() == NONE:
            found.setdefault(line.company, []).append((row, answer, ""))
        elif yes and line.candidates and ";" not in line.candidates:
            refuse(row, answer, f"accepts {line.candidates!r}, which is not in the accounts table")
        elif yes:
            refuse(row, answer, "is yes, but there is not exactly one candidate", "write the account_id")
        elif same := meant.in_other_letters(answer):
            refuse(row, answer, f"is not an account_id; write {same!r}")
        elif _SHORTENED.fullmatch(answer):
            fix = "put a ' before the account_id, so that Excel does not change it"
            refuse(row, answer, "is a long number shortened by Excel", fix)
        else:  # the nearest of all account_ids would be another account's, as often as not
            hint = nearest(answer, [one for one in line.candidates.split("; ") if one in accounts])
            refuse(row, answer, f"is not in the accounts table{hint}")
    answers: dict[Company, str] = {}
    for company, given in found.items():
        if len({account for _, _, account in given}) == 1:
            answers[company] = given[0][2]
            continue
        named = next(line.name or line.domain for line in lines if line.row == given[0][0])
        for row, answer, _ in given:
            refuse(row, answer, f"contradicts another answer for {named!r}", "keep one of them")
    return answers


@dataclass(frozen=True)
class _Ids:
    """The account_ids, looked up as people and Excel write them."""

    known: Collection[str]
    by_fold: Mapping[str, str]
    by_number: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, accounts: Collection[str]) -> _Ids:
        by_number: dict[str, list[str]] = {}
        for one in accounts:
            if one.startswith("0") and one.isdecimal():
                by_number.setdefault(one.lstrip("0") or "0", []).append(one)
        return cls(accounts, {one.casefold(): one for one in accounts}, by_number)

    def by(self, text: str) -> str | None:
        """The account that a text means: itself, a Salesforce id's other length, or with the zeros before it."""
        if text in self.known:
            return text
        if (other := other_length(text)) in self.known:
            return other
        same = self.by_number.get(text, ())
        return same[0] if len(same) == 1 else None

    def in_other_letters(self, text: str) -> str:
        """The account_id that differs only in small and capital letters; blank without one."""
        return self.by_fold.get(text.casefold(), "")


def settle(review: Review, questions: Sequence[Line], asked: Mapping[Company, Line]) -> Review:
    """The review after the matching; its entry accounts for every line of the list."""
    entry = review.entry
    if entry is not None:
        rejected = {rejection.row for rejection in entry.rejected}
        unanswered = [line.company for line in review.lines if not line.answer]
        open_ = {one.company for one in questions}
        entry.exclude("empty row", sum(not company for company in unanswered))
        entry.exclude("not answered yet", sum(company in open_ for company in unanswered if company))
        entry.exclude("question not needed any more", sum(company not in open_ for company in unanswered if company))
        answered = [line for line in review.lines if line.answer and line.row not in rejected]
        stale = [line for line in answered if line.company not in asked and not line.answers_every]
        entry.exclude("answer not needed any more", len(stale))
        entry.used = len(answered) - len(stale)
        if stale:
            entry.notes.append(
                f"{counted(len(stale), 'answer is', 'answers are')} not needed any more, like "
                f"{stale[0].name or stale[0].domain!r}; segxl keeps them on the list"
            )
    return replace(review, questions=tuple(questions), asked=asked)


def merged(review: Review, others: Sequence[Line] = ()) -> list[Line]:
    """The list to write: questions first, then what is answered; answers are never lost.

    ``others`` are the lines of a list that already exists there and is not the one that was read.
    """
    found: dict[Company, list[Line]] = {}
    notes = {line.company: line.more for line in review.lines if line.more}
    for line in (*review.lines, *others):
        those = found.setdefault(line.company, [])
        if line.answer and line.answer not in [one.answer for one in those]:
            those.append(_as_asked_now(line, review.asked.get(line.company)))
    for question in review.questions:
        those = found.setdefault(question.company, [])
        if not those:
            those.append(replace(question, more=notes.get(question.company, ())))
    lines = [line for those in found.values() for line in those]
    lines.sort(
        key=lambda line: (
            not line.answers_every,
            bool(line.answer),
            line.name.casefold(),
            line.country,
            line.domain,
            line.answer,
        )
    )
    return lines


def _as_asked_now(line: Line, now: Line | None) -> Line:
    """An answered line with the current rows. A yes keeps its original candidate."""
    if line.answers_every:
        return line
    if now is None:
        return replace(line, rows=0, why=_NOT_ASKED)
    why = now.why or ("" if line.why == _NOT_ASKED else line.why)
    line = replace(line, tables=now.tables, files=now.files, rows=now.rows, why=why)
    if not now.why or line.answer.casefold() == YES:
        return line
    return replace(line, candidates=now.candidates, candidate_names=now.candidate_names)


def list_bytes(lines: Sequence[Line]) -> bytes:
    """The list as a CSV; columns that a user has added follow its own."""
    added = list(dict.fromkeys(header for line in lines for header, _ in line.more))
    cells = ((*line.cells(), *(kept(dict(line.more).get(header, "")) for header in added)) for line in lines)
    return csv_bytes((*HEADER, *added), cells)


def renumber(review: Review, lines: Sequence[Line]) -> None:
    """Rejected answers name their rows in the rewritten list."""
    if review.entry is None:
        return
    now = {(line.company, line.answer): row for row, line in enumerate(lines, start=2)}
    rows = {line.row: now.get((line.company, line.answer), line.row) for line in review.lines}
    review.entry.rejected[:] = [replace(one, row=rows.get(one.row, one.row)) for one in review.entry.rejected]
