"""The list of accounts to review as it is in memory: companies, lines, and what the answers say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from segxl.safe_csv import kept
from segxl.sources.ledger import FileEntry
from segxl.sources.matching.company_names import country_of, domain_of, name_of

HEADER = (
    "table",
    "file",
    "name",
    "country",
    "domain",
    "rows",
    "candidate account_id",
    "candidate name",
    "reason",
    "answer",
)
NONE, YES = "none", "yes"
EVERY = "*"
"""The name of a line whose ``yes`` answers every question that has exactly one candidate."""


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
    """One line of the list. Several tables, files and candidates are separated by semicolons."""

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
    """Its row in the file that it was read from."""
    more: tuple[tuple[str, str], ...] = ()
    """The values of columns that a user has added, by header."""

    @property
    def company(self) -> Company:
        """The key that distinguishes it from other lines."""
        return Company.of(self.name, self.country, self.domain)

    @property
    def answers_every(self) -> bool:
        """Whether it is the line that answers all questions with one candidate by yes."""
        return self.name == EVERY and self.answer.casefold() == YES

    def cells(self) -> tuple[object, ...]:
        """As the columns of :data:`HEADER`."""
        return (
            "; ".join(self.tables),
            "; ".join(self.files),
            kept(self.name),
            self.country,
            self.domain,
            self.rows,
            kept(self.candidates),
            kept(self.candidate_names),
            self.why,
            kept(self.answer),
        )


@dataclass(frozen=True)
class Review:
    """The list as it was read, and its use.

    Attributes:
        path: of the file, or its future path. read_from: the file that was read; None without one.
        workbook: the input workbook's name, where that is the source.
        lines: as read; none without a file.
        answers: the account_id of each company that is answered, ``""`` for none of ours.
        entry: the file in the ledger; None without a file.
        questions: companies without an answer, in the order of the tables; filled by the matching.
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

    @property
    def yes_to_all(self) -> bool:
        """Whether a line answers every question with exactly one candidate by yes."""
        return any(line.answers_every for line in self.lines)
