"""The report's lists of accounts read as a spreadsheet reads them: the rows that meet a count's conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.model import Page, Scalar
from segxl.report.model import Selector


def column(page: Page, header: str) -> Sequence[Scalar]:
    """The values of a list's column."""
    assert page.records is not None
    (found,) = [field for field in page.records.fields if field.header == header]
    return found.values


def listed(lists: AccountLists, selector: Selector) -> list[str]:
    """The ids of the rows that meet the conditions of a selector, in order; a row must meet one alternative at most."""
    key, alternatives = lists.conditions(selector)
    page = next((page for page in lists.pages if page.key == key), None)
    if page is None:
        return []
    ids = column(page, "Account ID")
    found = [str(ids[at]) for at in range(len(ids)) for one in alternatives if _meets(page, one, at)]
    assert len(set(found)) == len(found)
    return sorted(found)


def _meets(page: Page, conditions: Mapping[str, str], at: int) -> bool:
    return all(_is(column(page, header)[at], criterion) for header, criterion in conditions.items())


def _is(value: Scalar, criterion: str) -> bool:
    """COUNTIFS' reading of a criterion: ``<>`` is not blank, ``*`` any text, case does not matter."""
    if criterion == "<>":
        return value is not None
    return isinstance(value, str) and fnmatchcase(value.casefold(), criterion.casefold())
