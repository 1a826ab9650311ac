"""Broken links: rows whose account, lead or opportunity is not in the data.

A row whose account is not in the accounts table counts in All accounts, and in a segment only if the row itself or a
list of members names it. A few deals of deleted accounts, or without an account, are normal: the ledger counts them,
and the executive page shows them in "In no segment". More of them mean an incomplete accounts table or a column that
was not exported, and change every segment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from segxl.messages import counted
from segxl.sources.formats import HINTS
from segxl.sources.ledger import FileEntry, by_file
from segxl.sources.matching.review import Line
from segxl.sources.suggest.suggestions import likely_columns
from segxl.tables.codes import Mask
from segxl.tables.contracts import Table
from segxl.tables.text_column import one_in_memory, places_among

_STRANGERS_EXPECTED = ("activities", "buying_stages", "segment_members")
"""Intent tools and target lists include companies that are not accounts yet."""
_NAME_THEIR_SEGMENT = ("opportunities", "leads")
"""A row of theirs that names its segment needs no account to be in it."""
_SHARE = 0.5
"""A share of a file's rows: if fewer find their account, all that do not are reported."""
_A_FEW = 0.05
"""A share of the rows with an account: every CRM has deals of deleted or merged accounts."""


def report_links(tables: Mapping[str, Table], questions: Iterable[Line], entries: list[FileEntry]) -> None:
    """Record in each file's ledger entry how many rows have no account or one that no table knows, and a condition
    where that changes segments; and rows that name a lead or an opportunity that is not there.

    Rows about which ``questions`` are open are reported as such.
    """
    asked: Counter[str] = Counter()
    for one in questions:
        asked.update(dict.fromkeys(one.files, one.rows))
    accounts = tables.get("accounts")
    naming = {name: one for name, one in tables.items() if name != "accounts" and "account_id" in one.columns}
    unsure = [name for name, one in naming.items() if accounts is not None and not _has_all_of(accounts, one)]
    own = frozenset(accounts.texts("account_id").distinct) if accounts is not None and unsure else frozenset()
    of_list = (
        frozenset(tables["segment_members"].texts("account_id").distinct) - own if "segment_members" in unsure else ()
    )
    known = own.union(of_list) if of_list else own
    for name, table in naming.items():
        for index in table.files:
            entry, mine = entries[index], table.rows_of(index)
            _note_blanks(table, mine, entry)
            if accounts is not None and name in unsure:
                example = str(accounts["account_id"][0]) if len(accounts) else ""
                expected = own if name == "segment_members" else known
                _of_accounts(table, mine, expected, example, asked[entry.file], entry)
    for name, column, owner in (("leads", "opportunity_id", "opportunities"), ("opportunities", "lead_id", "leads")):
        if name in tables and owner in tables:
            _of_others(tables[name], column, tables[owner], entries)
    if "segment_members" in tables and "segments" in tables:
        _of_segments(tables["segment_members"], tables["segments"], entries)


def _has_all_of(accounts: Table, table: Table) -> bool:
    """Whether a table's account ids are seen to be those of the accounts without a look at each."""
    own, theirs = accounts.texts("account_id").in_use[1], table.texts("account_id").in_use[1]
    return len(theirs) <= len(own) and one_in_memory(theirs, own)


def _note_blanks(table: Table, mine: Mask, entry: FileEntry) -> None:
    if entry.without_account:
        used = table.count(mine & table.texts("account_id").is_text(""))
        said = f"{used:,} used in All accounts" if used else "not used"
        entry.notes.append(f"{counted(entry.without_account, 'row')} without an account: {said}")


def _name_the_account(entry: FileEntry, table: str, how: str) -> str:
    """The fix for a file without accounts: an unmapped column that may name them, else the account ID."""
    likely = likely_columns(entry.ignored_columns, table, None)[0]
    hint = next((name for name in ("account_id", *HINTS) if name in likely), "")
    if hint:
        return f"If {likely[hint]!r} names the account, map it: {entry.to_set.column(hint, likely[hint])}"
    return f"Name the account ID column: {how}"


def _of_accounts(
    table: Table, mine: Mask, known: frozenset[str], example: str, questioned: int, entry: FileEntry
) -> None:
    """Record one file's rows whose account is not ``known``. ``example``: an ID of the accounts table; ``questioned``:
    rows with an open question.
    """
    name = table.contract.table
    ids = table.texts("account_id")
    if known.issuperset(ids.in_use[1]):
        return
    blank = ids.is_text("") & mine
    strange = ~ids.which(known.__contains__) & ~ids.is_text("") & mine
    own = np.zeros(len(table), dtype=bool)
    if name in _NAME_THEIR_SEGMENT:
        own = ~table.texts("segment").is_text("")
    asked = mine & ~own
    lost = asked & (blank | strange)
    if not lost.any() or (table.count(lost) <= questioned and not strange.any()):
        return
    like = str(ids.at(int(np.argmax(strange)))) if strange.any() else ""
    how = entry.to_set.column("account_id")
    if lost.sum() == asked.sum():
        count = counted(table.count(lost), "row counts", "rows count")
        if like:
            said = f"no row matches an account: IDs here are like {like!r}, in the accounts table like {example!r}; "
            fix = f"Export the same IDs in both files, or name the right column: {how}"
            header = entry.headers.get("account_id", "")
            if header and header in (entry.headers.get(hint) for hint in HINTS):
                columns = entry.to_set.name("columns", "account_id")
                fix = f"If {header!r} has names, remove {columns}: names then find the accounts"
        else:
            by_name = [entry.headers[hint] for hint in HINTS if hint in entry.headers]
            said = (
                f"no row matches an account by {' and '.join(map(repr, by_name))}; "
                if by_name
                else "no row has an account; "
            )
            fix = _name_the_account(entry, name, how)
        entry.warn("account", f"{said}{count} in All accounts only", fix=fix)
    elif name not in _STRANGERS_EXPECTED and (~lost & asked).sum() < _SHARE * asked.sum():
        said = f"no account in the accounts table{f', like {like!r}' if like else ''}; counted in All accounts only"
        entry.warn(
            "account",
            f"has {said}",
            f"have {said}",
            fix="Add the accounts to the accounts table, or fill in the accounts in the export",
            rows=table.row[lost],
            any_segment=True,
        )
    elif strange.any():
        count = counted(table.count(strange), "row names", "rows name")
        said = f"an account that is not in the accounts table, like {like!r}"
        unknown = strange & asked
        if name in _STRANGERS_EXPECTED or unknown.sum() < _A_FEW * (asked & ~blank).sum():
            entry.notes.append(f"{count} {said}; used in All accounts")
            return
        entry.warn(
            "account",
            f"names {said}; counted in All accounts only",
            f"name {said}; counted in All accounts only",
            fix="Add the account to the accounts table, or correct its ID",
            rows=table.row[unknown],
            any_segment=True,
        )


def _of_others(table: Table, column: str, owner: Table, entries: list[FileEntry]) -> None:
    """Leads that name opportunities, and the other way round: some find theirs, unless the ids are others.

    A rule or the cut-off may have removed one, so a few missing ones are normal.
    """
    what = owner.contract.table
    ids = table.texts(column)
    named = ~ids.is_text("")
    lost = named & (places_among(ids, owner.texts(owner.contract.key[0])) < 0)
    for index in np.unique(table.file[lost]):
        mine = table.file == index
        missing, all_of = int((lost & mine).sum()), int((named & mine).sum())
        like, header = ids.at(int(np.argmax(lost & mine))), entries[index].headers.get(column, column)
        if missing == all_of:
            entries[index].warn(
                "reference",
                f"{counted(all_of, 'row names', 'rows name')} {what} like {like!r} in {header!r}, "
                "and none of them exists",
                fix=f"Export the same IDs in both files, or name the right column: "
                f"{entries[index].to_set.column(column)}",
            )
        else:
            said = counted(missing, "row names", "rows name")
            entries[index].notes.append(f"{said} in {header!r} an ID that is not in {what}, like {like!r}")


def _of_segments(members: Table, segments: Table, entries: list[FileEntry]) -> None:
    """Members of a segment that has no row: probably its name is another there."""
    known = frozenset(segments.texts("segment").distinct)
    lost = ~members.texts("segment").which(known.__contains__)
    for entry, mine in by_file(members, lost, entries):
        like = members.texts("segment").at(int(np.argmax(mine)))
        said = f"a segment that is not in the segments table, like {like!r}; it is added as a segment"
        entry.warn(
            "reference",
            f"names {said}",
            f"name {said}",
            fix="Add it to the segments table, or spell its name as there",
            rows=members.row[mine],
            any_segment=True,
        )
