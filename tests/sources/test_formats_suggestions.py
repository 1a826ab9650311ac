"""What `segxl check` says of files that segxl.toml does not name, and what an unknown header gets."""

from __future__ import annotations

import tomllib
from pathlib import Path

import openpyxl
import pytest

from segxl.errors import SegxlErrors
from segxl.settings.read import settings_from
from segxl.sources.suggest.unnamed import unnamed_files
from tests.conftest import Folder

DEALS = 'Record ID,Deal Name,Pipeline,Deal Stage,Amount,Create Date,Close Date,"Date entered ""Demo (Sales)"""\n'
LEADS = "Lead Owner,Lead ID,Company / Account,Lead Source,Lead Status,Create Date\n"


def said(folder: Path, settings: str, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return list(unnamed_files(folder, settings_from(tomllib.loads(settings), "segxl.toml")))


def test_a_known_export_that_nobody_named_gets_lines_to_paste(tmp_path: Path) -> None:
    (paragraph,) = said(tmp_path, "", leads=LEADS)
    assert paragraph == (
        "leads.csv: recognised as Salesforce lead report, but not in segxl.toml: add\n"
        '[tables.leads]\nfile = "leads.csv"'
    )


def test_one_file_that_holds_two_tables_gets_lines_for_both_and_the_lines_are_settings(tmp_path: Path) -> None:
    (paragraph,) = said(tmp_path, "", deals=DEALS)
    first, _, lines = paragraph.partition("\n")
    assert "HubSpot deals and HubSpot deals, the dates they entered their stages" in first
    assert settings_from(tomllib.loads(lines), "segxl.toml").tables.keys() == {"opportunities", "opportunity_history"}


def test_a_list_of_stages_and_a_table_of_links_say_what_to_do_with_them(tmp_path: Path) -> None:
    deal = "deal_id,property_dealname,deal_pipeline_stage_id,property_createdate\n"
    stages = "stage_id,label,closed_won,display_order,pipeline_id\n9,Won,true,2,p\n4321,Demo,false,1,p\n"
    named = '[tables.opportunities]\nfile = "deal.csv"\n'
    links, lines = said(tmp_path, named, deal=deal, deal_company="deal_id,company_id\n", deal_pipeline_stage=stages)
    assert links.startswith("deal_company.csv: HubSpot deals' companies (connector); not a segxl table")
    assert "hs_primary_associated_company" in links
    assert '\n[tables.opportunities.values.stage]\n"4321" = "Demo"\nand the same under' in lines
    named += '[tables.opportunities.values.stage]\n"4321" = "Demo"\n"9" = "Won"\n'
    assert "values.stage" not in said(tmp_path, named)[1]


def test_a_named_file_that_holds_one_more_table_says_so_and_others_say_nothing(tmp_path: Path) -> None:
    named = '[tables.opportunities]\nfile = "deals.csv"\n[tables.leads]\nfile = "leads.csv"\n'
    (paragraph,) = said(tmp_path, named, deals=DEALS, leads=LEADS)
    assert paragraph.endswith('[tables.opportunity_history]\nfile = "deals.csv"')
    both = named + '[tables.opportunity_history]\nfile = "deals.csv"\n'
    assert said(tmp_path, both) == []


def test_several_files_of_one_table_become_a_list(tmp_path: Path) -> None:
    one, two = said(tmp_path, "", one=LEADS, two=LEADS)
    pasted = "\n".join(paragraph.partition("\n")[2] for paragraph in (one, two))
    assert [source.file for source in settings_from(tomllib.loads(pasted), "x").tables["leads"]] == [
        "one.csv",
        "two.csv",
    ]
    third = said(tmp_path, '[tables.leads]\nfile = "one.csv"\n')
    assert third[0].splitlines()[0] == (
        "two.csv: recognised as Salesforce lead report, but not in segxl.toml: add it, unless another file "
        "has the same data"
    )
    assert (
        third[0].splitlines()[1] == "[[tables.leads]]   # and the [tables.leads] that is there as [[tables.leads]] too"
    )


def test_an_unknown_header_gets_the_nearest_exports_and_a_block(tmp_path: Path) -> None:
    (paragraph,) = said(tmp_path, "", opportunities="Opp Name,Stage,Close Date,Created Date,Amount\n")
    assert "nearest: Salesforce opportunity report (without Opportunity Name)" in paragraph
    assert paragraph.endswith(
        '[tables.opportunities]\nfile = "opportunities.csv"\n'
        "[tables.opportunities.columns]\n"
        '# opportunity_id = "…"   required; no similar header\n'
        'created_on = "Created Date"\nstage = "Stage"\nclosed_on = "Close Date"\namount = "Amount"'
    )


def test_files_of_our_own_columns_and_files_of_nothing_known(tmp_path: Path) -> None:
    rates, strange = said(tmp_path, "", a_rates="month,currency,rate\n2026-01,EUR,1.1\n", b="x,y\n1,2\n")
    assert "recognised as a file with the columns of fx_rates" in rates
    assert strange == "b.csv: not in segxl.toml, and not a known export"


def test_a_table_of_ones_own_gets_the_columns_that_it_looks_like(tmp_path: Path) -> None:
    """Revenue has three shapes: the block is of the one that the header has most of."""
    (paragraph,) = said(tmp_path, "", periods="customer_id,start_date,end_date,monthly_amount\n")
    assert paragraph == (
        "periods.csv: not in segxl.toml, and not a known export; if it is revenue, add and complete\n"
        '[tables.revenue]\nfile = "periods.csv"\n[tables.revenue.columns]\n'
        'account_id = "customer_id"\nstart = "start_date"\nend = "end_date"\nmrr = "monthly_amount"'
    )


def test_a_history_is_no_second_list_of_the_deals(tmp_path: Path) -> None:
    """A connector's history has every column of the deals' own table, and both are there."""
    deals = "id,account_id,name,stage_name,amount,close_date,created_date,is_closed,is_won,is_deleted,forecast_category"
    paragraphs = said(
        tmp_path, "", deals=f"{deals}\n", history=f"{deals},_fivetran_start,_fivetran_end,_fivetran_active\n"
    )
    assert [paragraph.partition("\n")[2].partition("]")[0] for paragraph in paragraphs] == [
        "[tables.opportunities",
        "[tables.opportunity_history",
    ]


def test_a_second_list_of_deals_is_one_whatever_dates_it_has(tmp_path: Path) -> None:
    named = '[tables.opportunities]\nfile = "one.csv"\n[tables.opportunity_history]\nfile = "one.csv"\n'
    (paragraph,) = said(tmp_path, named, one=DEALS, two=DEALS)
    assert "recognised as HubSpot deals and HubSpot deals, the dates they entered their stages" in paragraph


def test_each_sheet_of_a_workbook_is_a_source(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Leads"
    book.worksheets[0].append(LEADS.strip().split(","))
    book.create_sheet("Rates").append(["month", "currency", "rate"])
    book.save(tmp_path / "book.xlsx")
    leads, rates = said(tmp_path, "")
    assert leads.endswith('[tables.leads]\nfile = "book.xlsx"\nsheet = "Leads"')
    assert rates.endswith('[tables.fx_rates]\nfile = "book.xlsx"\nsheet = "Rates"')


def test_hidden_files_and_other_files_are_left_alone(tmp_path: Path) -> None:
    for name in ("~$leads.csv", ".leads.csv", "notes.md"):
        (tmp_path / name).write_text(LEADS, encoding="utf-8")
    assert said(tmp_path, "") == []


def test_a_named_file_with_an_unknown_header_gets_a_block_too(folder: Folder) -> None:
    with pytest.raises(SegxlErrors) as refused:
        folder(opportunities="Opp Name,Stage,Close Date,Created Date,Amount\nA,B,2025-01-01,2025-01-01,1")
    message = str(refused.value)
    assert "opportunities.csv: no column found for opportunity_id" in message
    assert "closest known exports: Salesforce opportunity report (without Opportunity Name)" in message
    assert '[tables.opportunities.columns]\n# opportunity_id = "…"' in message
    assert 'created_on = "Created Date"' in message
