"""Clean rows written with every kind of dirt, read back and compared with what was meant: the values, the rows that
were excluded, and where the rejected ones are. `SEGXL_FUZZ` says how often (default 25)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from segxl.periods import NEVER, to_date
from segxl.render.ledger.text import ledger_text
from segxl.tables.contracts import NO_MONEY
from tests.conftest import write_folder

TURNS = int(os.environ.get("SEGXL_FUZZ", "25"))
HEADER = ("opportunity_id", "account_id", "stage", "amount", "probability", "created_on", "closed_on", "note")
STAGES = ("Demo", "Zürich Prüfung", "Closed Won")

Dice = random.Random
Cells = list[str]


@dataclass(frozen=True)
class Deal:
    """What is meant. Amounts are cents, None for blank."""

    key: str
    account: str
    stage: str
    amount: int | None
    probability: int
    created: dt.date
    closed: dt.date | None
    note: str


@dataclass
class Written:
    """The records of a file, and what must become of them. Row numbers are Excel's."""

    records: list[Cells] = field(default_factory=list)
    used: dict[int, Deal] = field(default_factory=dict)
    duplicate: int = 0
    rejected: set[tuple[int, str]] = field(default_factory=set)


def _deal(number: int, dice: Dice) -> Deal:
    stage = dice.choice(STAGES)
    created = dt.date(2024, 1, 1) + dt.timedelta(days=dice.randrange(800))
    closed = created + dt.timedelta(days=dice.randrange(60)) if stage == "Closed Won" or dice.random() < 0.3 else None
    amount = dice.choice((None, 0, dice.randrange(-99_999, 10**5), dice.randrange(10**9), 100_000 * dice.randrange(99)))
    note = dice.choice(("", "a,b;c|d", 'say "hi"', "two\nlines", "Ünïcode", "'quoted'", "1,234"))
    return Deal(f"D{number:04}", f"A{dice.randrange(9)}", stage, amount, dice.randrange(101), created, closed, note)


# ----------------------------------------------------------------------------------------------- how values are written


def _grouped(whole: int, mark: str, dice: Dice) -> str:
    return dice.choice((f"{whole:,}".replace(",", mark), str(whole)))


MARKS = {"": ("{}",), "USD": ("${}", "$ {}", "USD {}", "{} USD"), "EUR": ("{} €", "€{}")}


def _money(cents: int | None, decimal: str, mark: str, dice: Dice) -> str:
    """An amount in one of many ways, ``mark`` its currency: rows of one deal that differ in it contradict."""
    if cents is None:
        return dice.choice(("", "", "TBD", "--", "n/a", "-"))
    whole, part = divmod(abs(cents), 100)
    groups = {".": (",", " ", "'", "\u00a0", "\u2019"), ",": (".", " ", "\u202f", "'")}[decimal]
    body = _grouped(whole, dice.choice(groups), dice) + (f"{decimal}{part:02}" if part or dice.random() < 0.5 else "")
    if cents % 100_000 == 0 and cents > 0 and dice.random() < 0.3:
        body = f"{whole // 1000}{dice.choice(('k', 'K', ' k'))}"
    text = dice.choice(MARKS[mark]).format(body)
    if cents >= 0:
        return text
    ways = ("-{}", "({})", "{}-", "\u2212{}")
    return f"$({body})" if mark == "USD" and dice.random() < 0.2 else dice.choice(ways).format(text)


def _date(day: dt.date, order: str, dice: Dice) -> str:
    ways = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%d %b, %Y 00:02:00", "serial"]
    ways += ["%Y-%m-%dT23:59:59Z", "%Y-%m-%d 10:00:00.123", "%A, %B %d, %Y", "%d-%b-%y"]
    own = {"day-first": ["%d/%m/%Y", "%d.%m.%Y 14:05"], "month-first": ["%m/%d/%Y", "%m/%d/%Y 2:05 PM"]}.get(order, [])
    way = dice.choice([*ways, *own, *own, *own])
    if way == "serial":
        return str((day - dt.date(1899, 12, 30)).days) + dice.choice(("", ".0", ".5"))
    return day.strftime(way)


def _percent(hundredths: int, decimal: str, dice: Dice) -> str:
    return dice.choice((f"{hundredths}%", f"{hundredths} %", f"{hundredths}{decimal}0%", f"{hundredths}{decimal}00 %"))


def _around(text: str, dice: Dice) -> str:
    """Spaces of all kinds around a value are no part of it."""
    if dice.random() < 0.85:
        return text
    marks = (" ", "\u00a0", "\u200b", "\u200e", "\u3000", "\u2009", "")
    return dice.choice(marks) + text + dice.choice(marks)


BAD: dict[str, Sequence[str]] = {
    "amount": ("abc", "1.2.3", "12,34,5", "5%", "#REF!", "1-2", "$"),
    "created_on": ("", "TBD", "2026-02-30", "00/00/0000", "31 Feb 2026", "2026-05-01 24:00", "soon", "5. März 2026"),
    "closed_on": ("2026-13-01", "never", "32-Mar-2026", "2026-05-01 25:00"),
    "probability": ("half", "5 %%"),
    "stage": ("",),
    "opportunity_id": ("",),
}


def _cells(deal: Deal, decimal: str, order: str, dice: Dice) -> Cells:
    closed = _date(deal.closed, order, dice) if deal.closed else dice.choice(("", "TBD"))
    spellings = (deal.stage, deal.stage.upper(), deal.stage.replace(" ", "  "))
    stage = spellings[int(deal.key[1:]) % 3]  # one spelling a deal: repeated rows are the same but for their writing
    cells = [
        deal.key,
        deal.account,
        stage,
        _money(deal.amount, decimal, ("", "USD", "", "EUR")[int(deal.key[1:]) % 4], dice),
        _percent(deal.probability, decimal, dice),
    ]
    return [_around(cell, dice) for cell in (*cells, _date(deal.created, order, dice), closed, deal.note)]


def written(dice: Dice, decimal: str, order: str) -> Written:
    """A header and rows, some of them blank, some twice, some with a value that no one can read."""
    result = Written()
    titles = (["Deals report"], [], ["Deals report", "", ""], ["From 1/2/2024"])
    result.records = [list(dice.choice(titles)) for _ in range(dice.choice((0, 0, 1, 2)))]
    result.records.append([_around(name, dice) for name in HEADER])
    earlier: list[Deal] = []
    for number in range(dice.choice((1, 3, 12, 30))):
        kind, row = dice.random(), len(result.records) + 1
        deal = _deal(number, dice)
        if kind < 0.08:
            result.records.append(dice.choice(([], [""] * len(HEADER), [" ", "\u00a0", "", "\t"])))
        elif kind < 0.16 and earlier:
            result.records.append(_cells(dice.choice(earlier), decimal, order, dice))
            result.duplicate += 1
        elif kind < 0.3:
            column = dice.choice(list(BAD))
            cells = _cells(deal, decimal, order, dice)
            cells[HEADER.index(column)] = _around(dice.choice(BAD[column]), dice)
            result.records.append(cells)
            result.rejected.add((row, column))
        else:
            result.records.append(_cells(deal, decimal, order, dice))
            result.used[row] = deal
            earlier.append(deal)
    result.records += [[""] * len(HEADER)] * dice.choice((0, 0, 3))
    for record in result.records:
        while len(record) > 1 and not record[-1] and dice.random() < 0.3:  # a row may lack its last fields
            record.pop()
        record += [""] * dice.choice((0, 0, 0, 0, 2))  # or have blank ones more
    return result


# ------------------------------------------------------------------------------------------------ how files are written


def _csv(records: list[Cells], dice: Dice) -> tuple[bytes, str]:
    """The file, and the setting that its encoding needs."""
    out = io.StringIO(newline="")
    mark, end = dice.choice(",,;\t|"), dice.choice(("\n", "\r\n", "\r"))
    quoting = csv.QUOTE_ALL if end == "\r" else dice.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    csv.writer(out, delimiter=mark, lineterminator=end, quoting=quoting).writerows(records)
    text = out.getvalue()
    encoding, setting = dice.choice(
        (("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("windows-1252", "windows-1252"), ("mac-roman", "mac-roman"))
    )
    try:
        return text.encode(encoding), f'encoding = "{setting}"\n' if setting else ""
    except UnicodeEncodeError:  # it has no such space
        return text.encode(), ""


def _xlsx(records: list[Cells], dice: Dice) -> tuple[bytes, str]:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Deals")
    for record in records:
        sheet.append(record)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), ""


WRITERS: dict[str, Callable[[list[Cells], Dice], tuple[bytes, str]]] = {"csv": _csv, "xlsx": _xlsx}


def _read_back(dataset: Dataset) -> dict[int, Deal]:
    table = dataset.tables["opportunities"]

    def day(number: int) -> dt.date | None:
        return None if number == NEVER else to_date(int(number))

    return {
        int(table.row[at]): Deal(
            table["opportunity_id"][at],
            table["account_id"][at],
            table["stage"][at],
            None if table["amount"][at] == NO_MONEY else int(table["amount"][at]),
            round(table["probability"][at] * 100),
            day(table["created_on"][at]) or dt.date.min,
            day(table["expected_close_on"][at]) or day(table["closed_on"][at]),
            table["note"][at],
        )
        for at in range(len(table))
    }


@pytest.mark.slow
@pytest.mark.parametrize("suffix", WRITERS)
def test_what_was_meant_is_read_or_asked_for(suffix: str, tmp_path: Path) -> None:
    """Where the file leaves its decimal mark or the order of its dates open, the question names them; answered as they
    were written, all is as it was meant."""
    read_unasked = 0
    for turn in range(TURNS):
        dice = random.Random(f"{suffix} {turn}")
        decimal, order = dice.choice((".", ",")), dice.choice(("day-first", "month-first", "year-first"))
        meant = written(dice, decimal, order)
        data, setting = WRITERS[suffix](meant.records, dice)
        stages = 'run_date = 2027-01-01\nstages = ["Demo", "Zürich Prüfung"]\n'
        settings = f'{stages}[tables.opportunities]\nfile = "deals.{suffix}"\n{setting}'
        source = write_folder(tmp_path / f"{suffix}{turn}", {}, settings)
        (source / f"deals.{suffix}").write_bytes(data)
        try:
            dataset = load(source)
            read_unasked += 1
        except SegxlError as asked:
            assert "add dates = " in str(asked) or "add decimal = " in str(asked), f"{source}: {asked}"
            answers = f'dates = "{order}"\ndecimal = "{decimal}"\n'
            (source / "segxl.toml").write_text(settings + answers, encoding="utf-8")
            dataset = load(source)
        (entry,) = dataset.ledger.files
        told = f"{source}\n{ledger_text(dataset)}"
        assert _read_back(dataset) == meant.used, told
        assert {(one.row, one.column) for one in entry.rejected} == meant.rejected, told
        assert entry.rows == len(meant.used) + len(meant.rejected) + meant.duplicate + entry.excluded.get(
            "empty row", 0
        )
        assert entry.excluded.get("duplicate row", 0) == meant.duplicate, told
        assert entry.balanced, told
    assert read_unasked > TURNS / 4  # else most of what is tested is the question
