"""Plausibility of a column: whether its values and the other headers fit the meaning of its header."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from segxl.errors import SegxlError
from segxl.messages import counted
from segxl.sources.files.raw import RawTable
from segxl.sources.formats.model import fold
from segxl.sources.formats.month_columns import VALUE_OF
from segxl.sources.values.dates import DateStyle, read_date_column
from segxl.sources.values.readers import read_months, read_numbers
from segxl.sources.values.words import own_word
from segxl.tables.contracts import CONTRACTS, PLACEHOLDERS, Column, Type
from segxl.tables.text_column import TextColumn

_LOOKED_AT = 300
"""Distinct values of a column that are looked at."""
_MOST_STAGES = 60
"""A column with more different texts does not have stages."""

_NEVER: Mapping[str, str] = {
    "created_on": r"clos|\bwon|\blost|\bend|\bdue|expect|plan|finish|modif|updat|\blast|cancel|convert|birth|hire",
    "start": r"trial|current|period|\bend|cancel|modif|updat|due",
    "end": r"trial|current|start|modif|updat|due",
    "closed_on": r"creat|open|start|expect|plan|target|\bdue|modif|updat|forecast",
    "expected_close_on": r"actual|creat|modif|updat",
    "mrr": r"annual|year|\barr\b|\bacv\b|\btcv\b|total|contract|prev",
    "amount": r"refund|\btax|discount|weighted|quantity",
    "opportunity_id": r"lead|account|company|contact|customer|order|invoice|owner|user|line",
    "lead_id": r"deal|opportunit|account|company|order|invoice|owner|user",
    "date": r"modif|updat",
}
"""Words of a header that exclude it, however similar its name is."""


def can_be(table: str, column: str, header: str, raw: RawTable | None) -> bool:
    """Whether a header and the values below it fit a column of a table."""
    words = re.sub(r"[\W_]+", " ", header.casefold())
    if column in _NEVER and "/" not in header and re.search(_NEVER[column], words):
        return False
    if raw is None or header not in raw.header:
        return True
    known = {one.name: one for contract in CONTRACTS[table] for one in contract.columns}
    return column not in known or _holds(table, known[column], raw.texts(header))


def _holds(table: str, column: Column, cells: TextColumn) -> bool:
    """Whether at least half of some values of a column are of its type."""
    some = [text for text in cells.distinct[:_LOOKED_AT] if text and text.casefold() not in PLACEHOLDERS]
    if not some:
        return True
    if column.name == "stage":
        return len(some) <= _MOST_STAGES
    if column.choices or column.type is Type.FLAG:
        return 2 * sum(own_word(table, column, text) for text in some) >= len(some)
    texts = np.array(some, dtype=object)
    try:
        match column.type:
            case Type.DATE | Type.TIMESTAMP:
                bad = read_date_column(texts, DateStyle()).bad
            case Type.MONTH:
                bad = read_months(texts, style=DateStyle())[1]
            case Type.MONEY | Type.NUMBER | Type.PERCENT:
                bad = read_numbers(np.array([text.rstrip("% ") for text in some], dtype=object), decimal=None)[1]
            case _:
                return True
    except SegxlError:  # it can be read in two ways
        return True
    return 2 * int(bad.sum()) <= len(some)


def looks_like_its_own(table: str, header: Sequence[str], file: str, columns: Mapping[str, str]) -> bool:
    """Whether a file has the columns that distinguish a table from others with accounts, days and amounts."""
    words = " ".join(re.sub(r"[\W_]+", " ", name.casefold()) for name in (*header, file))
    match table:
        case "opportunities":
            named = re.search(r"deal|opportunit|potential|\bopp\b", words)
            stage = re.search(r"stage|phase|pipeline", columns.get("stage", "").casefold())
            own = {"closed_on", "expected_close_on", "probability", "loss_reason", "lead_source", "owner"}
            return bool(named or stage) and bool(stage or (named and len(own & columns.keys()) > 1))
        case "leads":
            return bool(re.search(r"lead|mql|prospect|contact", words)) and not re.search(r"\bstage", words)
        case "costs":
            return bool(re.search(r"cost|spen[dt]|budget|expense|kosten|ausgaben", words))
        case "revenue":
            recurring = re.search(r"\bmrr|month|recurring|subscri|\babo", words)
            return bool("type" in columns or recurring or VALUE_OF[table] not in columns)
        case "buying_stages":
            return bool(re.search(r"buying|intent", words))
        case "segment_members" | "segments":
            money = re.search(r"amount|price|total|revenue|sales|quantity|profit|cost", words)
            return not money and 2 * len(set(columns.values())) >= len(header)
        case "control_totals" | "market" | "targets":
            return 2 * len(set(columns.values())) >= len(header)
        case _:
            return True


_GENERIC = ("", "record", "row", "object", "external", "unique", "crm", "first", "last", "full", "sys", "source", "hs")
_OWN: Mapping[str, tuple[str, ...]] = {
    "opportunities": ("opportunity", "opp", "deal", "potential", "pipeline"),
    "leads": ("lead", "contact", "mql", "prospect", "person", "individual"),
    "accounts": ("account", "customer", "client", "company", "organization", "organisation", "tenant", "business"),
    "teams": ("owner", "rep", "agent", "salesagent", "salesrep", "user", "team", "manager"),
}
"""Names of a table's records."""
_OF_OTHERS = re.compile(
    r"refund|invoice|order|payment|charge|ticket|\bcases?\b|\bcalls?\b|tasks?\b|product|items?\b|shipment|inventor|"
    r"transaction|quote|payout|dispute|coupon|checkout|\bcarts?\b|employee|salar|workshop|receipt|purchase|notes?\b"
)
"""Words for records of other kinds, which have accounts, days, amounts and statuses as well."""
_COUNTED = ("opportunities", "opportunity_history", "leads", "accounts", "teams", "segments", "segment_members")


def of_another_kind(table: str, header: Sequence[str], file: str, raw: RawTable | None, key: str) -> bool:
    """Whether the rows of a file are records of another kind than a table's: by its first column, by its name, or
    because its likely key repeats.

    Args:
        table: the table.
        header: the file's header.
        file: its name.
        raw: its rows, if they are known.
        key: the header that would be the table's key; blank where none is.
    """
    if table not in _COUNTED:
        return False
    name = " ".join(re.split(r"[\W_]+", file.casefold()))
    first = _entity(header[0]) if header else ""
    if _OF_OTHERS.search(name) or (first and _OF_OTHERS.search(first)):
        return True
    names = _OWN.get(table, ())
    if names and header and re.search(r"(id|key|guid|number)$", fold(header[0])) and first not in (*_GENERIC, *names):
        return True
    if table != "opportunities" and first in _OWN["opportunities"]:
        return table in ("leads", "accounts", "teams")
    return bool(key) and _KEY.get(table) is not None and raw is not None and _repeats(raw, key)


_KEY = {table: contracts[0].key[0] for table, contracts in CONTRACTS.items() if len(contracts[0].key) == 1}


def _entity(header: str) -> str:
    """The record that a header like ``order_id`` or ``Potential Name`` identifies or names."""
    match = re.fullmatch(r"(.*?)(?:id|key|guid|number|no|name)", fold(header))
    return match[1] if match else ""


def _repeats(raw: RawTable, header: str) -> bool:
    """Whether a column has the same texts again and again: more than a tenth of its rows repeat one."""
    cells = raw.texts(header)
    filled = int(cells.counts[cells.distinct != ""].sum())
    different = int((cells.distinct != "").sum())
    return filled > 3 and 10 * (filled - different) > filled


def not_a_month(header: str, raw: RawTable | None) -> list[str]:
    """The reason why an amount that looks like the MRR of a subscription may not be one, by other columns."""
    if re.search(r"mrr|month|recurring", header.casefold()):
        return []
    if raw is None:
        return []
    said = []
    for name in raw.header:
        cells = raw.texts(name)
        if fold(name) in _INTERVALS:
            longer = [text for text in cells.distinct if _LONGER.search(text.casefold())]
            if longer:
                rows = int(cells.which(set(longer).__contains__).sum())
                where = f"{name} says {longer[0]} in {rows:,} of {counted(len(raw), 'row')}"
                said.append(f"{where}, so {header} is not monthly there: divide it, or export the MRR")
        elif fold(name) in _QUANTITIES and any(text not in ("", "1", "1.0") for text in cells.distinct):
            said.append(f"{header} may be per unit of {name}")
    return said or ([] if fold(header) == "mrr" else [f"Check that {header} is a monthly amount"])


_INTERVALS = {
    *("interval", "billinginterval", "planinterval", "billingperiod", "billingcycle", "billingfrequency", "frequency"),
    *("period", "term", "recurrence", "billingterm", "priceinterval", "intervalunit", "paymentfrequency", "cycle"),
}
_QUANTITIES = {"quantity", "qty", "seats", "licenses", "licences", "units", "numberofseats"}
_LONGER = re.compile(
    r"year|annual|quarter|week|day|half|biennial|jahr|quartal|\ban\b|année|annuel|año|anual|anno|12|\b3\b|\b6\b"
)
