"""Merged records, a row for each product, deals that only a name identifies: each deal counts once, none is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.dataset.warnings import touching
from segxl.periods import Window, parse_period
from segxl.sources.ledger import FileEntry
from tests.small import write_csv

Rows = Iterable[Sequence[object]]
Company = Callable[..., Dataset]

HUBSPOT = (
    "deal_id",
    "property_dealname",
    "property_dealstage",
    "property_createdate",
    "property_closedate",
    "property_amount",
    "property_hs_merged_object_ids",
)
REPORT = ("Opportunity Name", "Account Name", "Stage", "Amount", "Close Date", "Created Date")
PRODUCTS = ("Opportunity ID", *REPORT, "Product Name", "Quantity", "Total Price")


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """What is loaded of these tables, each a header and its rows, with more settings."""

    def made(more: str = "", **tables: tuple[Sequence[str], Rows]) -> Dataset:
        names = "".join(f'[tables.{name}]\nfile = "{name}.csv"\n' for name in tables)
        start = 'name = "Quay"\ncurrency = "GBP"\nstages = ["Talk"]\nrun_date = 2023-04-05\n'
        (tmp_path / "segxl.toml").write_text(f"{start}{names}{more}", encoding="utf-8")
        for name, (header, rows) in tables.items():
            write_csv(tmp_path / f"{name}.csv", header, rows)
        return load(tmp_path)

    return made


def entry(dataset: Dataset, table: str = "opportunities") -> FileEntry:
    (found,) = [one for one in dataset.ledger.files if one.table == table]
    assert found.balanced
    return found


def ids(dataset: Dataset, table: str = "opportunities") -> list[str]:
    loaded = dataset.tables[table]
    return list(loaded[loaded.contract.key[0]])


def warnings(dataset: Dataset, month: str = "2023-03") -> list[str]:
    period = parse_period(month, dataset.settings.fiscal)
    return [one.text for one in touching(dataset, Window(period.window.start, period.window.end), [ALL_ACCOUNTS])]


def won(dataset: Dataset) -> int:
    deals = dataset.tables["opportunities"]
    return int(deals["amount"][deals["status"] == "won"].sum())


# --- merged


def deal(id: str, amount: str, merged: str = "") -> tuple[str, ...]:
    return (id, f"Deal {id}", "Closed Won", "2023-01-02", "2023-03-04", amount, merged)


def test_deals_that_a_connector_keeps_after_they_were_merged_count_no_more(company: Company) -> None:
    """7 went into 5, and 5 into 3; 99 is in no file; 3 lists itself as well."""
    deals = [deal("3", "100", "3;5;99"), deal("5", "60", "7"), deal("7", "40"), deal("8", "1")]
    dataset = company(opportunities=(HUBSPOT, deals))
    assert ids(dataset) == ["3", "8"]
    assert won(dataset) == 101_00
    assert entry(dataset).exclusions == ["2 × merged into another opportunity (CRM merge) (rows 3, 4)"]
    assert not warnings(dataset)


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("Merged Deal IDs", "5; 7"),
        ("Merged object IDs", "5,7"),
        ("merged_record_ids", "5|7"),
        ("hs_calculated_merged_vids", "5:1676550705108;7:1676550705109"),
    ],
)
def test_lists_of_merged_ids_are_known_by_their_headers(company: Company, header: str, cell: str) -> None:
    columns = ("opportunity_id", "created_on", "closed_on", "stage", "amount", header)
    rows = [(id, "2023-01-02", "2023-03-04", "Closed Won", "10", cell if id == "3" else "") for id in ("3", "5", "7")]
    assert ids(company(opportunities=(columns, rows))) == ["3"]


def test_a_column_that_only_sounds_like_it_excludes_nothing(company: Company) -> None:
    columns = ("opportunity_id", "created_on", "closed_on", "stage", "amount", "Merged?", "Merged PR ids")
    rows = [(id, "2023-01-02", "2023-03-04", "Closed Won", "10", "1", "1") for id in ("1", "2")]
    assert ids(company(opportunities=(columns, rows))) == ["1", "2"]


def test_merged_accounts_give_their_rows_to_the_one_that_is_left(company: Company) -> None:
    accounts = [("A1", "Pier", ""), ("A2", "Pier Ltd", "A1"), ("A3", "Dock", "A9")]
    deals = [("D1", "A2", "2023-01-02", "2023-03-04", "Closed Won", "10")]
    dataset = company(
        accounts=(("account_id", "name", "MasterRecordId"), accounts),
        opportunities=(("opportunity_id", "account_id", "created_on", "closed_on", "stage", "amount"), deals),
        leads=(("lead_id", "created_on", "opportunity_id", "merged_into_id"), [("L1", "2023-01-01", "D1", "L2")]),
    )
    # A3's master is in no file, L1's neither: they stay
    assert ids(dataset, "accounts") == ["A1", "A3"]
    assert list(dataset.tables["opportunities"]["account_id"]) == ["A1"]
    assert ids(dataset, "leads") == ["L1"]
    assert entry(dataset, "accounts").exclusions == ["1 × merged into another account (CRM merge) (row 3)"]


def test_a_merged_deals_history_does_not_become_the_others(company: Company) -> None:
    history = [("5", "2023-01-02", "Talk"), ("3", "2023-01-02", "Talk"), ("3", "2023-03-04", "Closed Won")]
    dataset = company(
        opportunities=(HUBSPOT, [deal("3", "100", "5"), deal("5", "60")]),
        opportunity_history=(("opportunity_id", "changed_at", "stage"), history),
    )
    assert list(dataset.tables["opportunity_history"]["opportunity_id"]) == ["3", "3"]


def test_deals_that_name_each_other_are_kept_and_reported(company: Company) -> None:
    dataset = company(opportunities=(HUBSPOT, [deal("3", "100", "5"), deal("5", "60", "3"), deal("6", "1", "9")]))
    assert ids(dataset) == ["3", "5", "6"]
    (text,) = warnings(dataset)
    assert "2 rows are merged in circles: all count" in text
    assert "(160.00 GBP; rows 2, 3)" in text


# --- products


def product(id: str, name: str, price: str, amount: str = "900") -> tuple[str, ...]:
    return (id, f"Deal {id}", "North", "Closed Won", amount, "2023-03-04", "2023-01-02", name, "1", price)


def test_a_report_with_a_row_for_each_product_has_each_deal_once(company: Company) -> None:
    rows = [product("006A", "Crane", "500"), product("006A", "Rope", "400"), product("006B", "Rope", "7", "7")]
    dataset = company(opportunities=(PRODUCTS, rows))
    assert won(dataset) == 907_00
    assert entry(dataset).exclusions == ["1 × product row of an opportunity already counted (row 3)"]
    assert not entry(dataset).rejected


ADVICE = "export opportunities without products, or map amount to the opportunity's total"


@pytest.mark.parametrize("prices", [("500", "400"), ("450", "450")])
@pytest.mark.parametrize("latest_by", ["", 'latest_by = "Quantity"\n'])
def test_an_amount_that_is_a_products_price_is_refused(
    company: Company, prices: tuple[str, str], latest_by: str
) -> None:
    """Nothing says that prices add up to the deal's amount, and one of them is not the deal's."""
    rows = [product("006A", "Crane", prices[0]), product("006A", "Rope", prices[1]), product("006B", "Rope", "7", "7")]
    columns = '[tables.opportunities.columns]\namount = "Total Price"\n'
    dataset = company(latest_by + columns, opportunities=(PRODUCTS, rows))
    assert ids(dataset) == ["006B"]
    rejected = entry(dataset).rejected
    assert [one.row for one in rejected] == [2, 3]
    assert rejected[0].why == "has a row per product, so its total amount is unknown (rows 2, 3)"
    assert rejected[0].fix == ADVICE


def test_products_in_another_language_whose_amounts_differ_are_refused(company: Company) -> None:
    header = ("Nummer", "Angelegt", "Abschluss", "Phase", "Betrag", "Artikel", "Menge")
    columns = '[tables.opportunities.columns]\nopportunity_id = "Nummer"\ncreated_on = "Angelegt"\n'
    columns += 'closed_on = "Abschluss"\nstage = "Phase"\namount = "Betrag"\n'
    rows = [("4711", "2023-01-02", "2023-03-04", "Closed Won", "80", "Seil", "1")]
    rows.append(("4711", "2023-01-02", "2023-03-04", "Closed Won", "20", "Haken", "5"))
    (first, _) = entry(company(columns, opportunities=(header, rows))).rejected
    assert first.fix == ADVICE
    # the same row twice is a repeated row, whatever it costs
    dataset = company(columns, opportunities=(header, [rows[0], rows[0]]))
    assert entry(dataset).excluded == {"duplicate row": 1}


# --- names


def named(name: str, account: str, amount: str) -> tuple[str, ...]:
    return (name, account, "Closed Won", amount, "2023-03-04", "2023-01-02")


def test_deals_of_one_name_are_told_to_bring_their_ids(company: Company) -> None:
    rows = [named("Renewal", "North", "10"), named("Renewal", "South", "20"), named("Pilot", "South", "5")]
    dataset = company(opportunities=(REPORT, rows))
    rejected = entry(dataset).rejected
    assert [one.row for one in rejected] == [2, 3]
    said = "add Opportunity ID to the report: 'Opportunity Name' cannot distinguish two deals"
    assert {one.fix for one in rejected} == {said}


def test_versions_of_a_deal_without_an_id_may_also_be_told_by_their_latest(company: Company) -> None:
    """They agree in account and creation: likely one deal, from two exports."""
    (first, _) = entry(
        company(opportunities=(REPORT, [named("Pilot", "South", "5"), named("Pilot", "South", "6")]))
    ).rejected
    assert first.fix == (
        "add Opportunity ID to the report: 'Opportunity Name' cannot distinguish two deals; if they "
        "are versions of one, name the column with the last change: below the line [tables.opportunities] add "
        'latest_by = "your header"'
    )


def test_a_mapped_name_gets_the_same_advice(company: Company) -> None:
    columns = '[tables.opportunities.columns]\nopportunity_id = "Dealname"\naccount_id = "Kunde"\n'
    header = ("Dealname", "Kunde", "created_on", "closed_on", "stage", "amount")
    rows = [("Wartung", who, "2023-01-02", "2023-03-04", "Closed Won", "10") for who in ("Nord", "Ost")]
    (first, _) = entry(company(columns, opportunities=(header, rows))).rejected
    assert (
        first.fix == "export the opportunity id too and map it to opportunity_id: 'Dealname' cannot distinguish two "
        "deals"
    )


def test_deals_of_one_name_that_agree_in_all_columns_are_reported(company: Company) -> None:
    """No one can tell a repeated row from a second deal of one name; with ids it is a repeated row."""
    rows = [named("Renewal", "North", "10"), named("Renewal", "North", "10"), named("Pilot", "South", "5")]
    dataset = company(opportunities=(REPORT, rows))
    (text,) = warnings(dataset)
    assert text == (
        "opportunities.csv: 1 row is an exact duplicate and counts once, but 'Opportunity Name' may not "
        "be unique (10.00 GBP; row 2). Add Opportunity ID to the report: 'Opportunity Name' cannot distinguish "
        "two deals."
    )
    by_id = [(f"006{at}", *row) for at, row in zip((1, 1, 2), rows, strict=True)]
    assert not warnings(company(opportunities=(("Opportunity ID", *REPORT), by_id)))


def test_a_tie_in_latest_by_asks_for_another_column(company: Company) -> None:
    header = ("opportunity_id", "created_on", "closed_on", "stage", "amount", "version")
    rows = [("1", "2023-01-02", "2023-03-04", "Closed Won", amount, "2") for amount in ("10", "20")]
    (first, _) = entry(company('latest_by = "version"\n', opportunities=(header, rows))).rejected
    assert first.fix == (
        "their 'version' is the same: name a column that differs, such as the last change: "
        'below the line [tables.opportunities] change latest_by to "your header"'
    )


def test_no_advice_says_to_delete_rows(company: Company) -> None:
    header = ("lead_id", "created_on", "source")
    rows = [("1", "2023-01-02", source) for source in ("Web", "Fair")]
    (first, _) = entry(company(leads=(header, rows)), "leads").rejected
    assert first.fix == (
        "correct them in the export, or name the column with the last change: "
        'below the line [tables.leads] add latest_by = "your header"'
    )
