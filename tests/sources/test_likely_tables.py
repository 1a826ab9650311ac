"""Which table a header that no one knows is proposed as: the one of which it has most, or none."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from segxl.dataset.load import load
from segxl.errors import SegxlErrors
from segxl.settings.read import settings_from
from segxl.sources.suggest.proposal import proposed_settings
from segxl.sources.suggest.unnamed import unnamed_files

BITRIX = (
    "ID;TITLE;STAGE_ID;OPPORTUNITY;CURRENCY_ID;COMPANY_ID;DATE_CREATE;CLOSEDATE;ASSIGNED_BY_ID;PROBABILITY\n"
    "1;A;NEW;100.00;EUR;7;2026-01-05T10:00:00+03:00;2026-02-05T10:00:00+03:00;4;10\n"
    "2;B;WON;200.00;EUR;8;2026-01-06T10:00:00+03:00;2026-02-06T10:00:00+03:00;4;100\n"
)
PIPEDRIVE = (
    "Deal - ID,Deal - Title,Deal - Value,Deal - Currency,Deal - Organization,Deal - Stage,Deal - Status,"
    "Deal - Deal created,Deal - Deal closed on,Deal - Expected close date,Deal - Lost reason,Deal - Owner\n"
    "1,A,100,EUR,Nord,Qualified,Open,2026-01-05 10:00:00,,2026-03-01,,Ann\n"
    "2,B,100,EUR,Nord,Offer,Won,2026-01-05 10:00:00,2026-02-05 10:00:00,2026-03-01,,Ann\n"
)
WITH_COMPANY = (
    "deal_id,name,created_at,stage_id,company_id,expected_amount,closed_at,lost_reason\n"
    "D1,A,2026-06-01T09:14:58+05:00,NEW,C1,150.00,,\n"
)
DEALS = {
    "Bitrix24": (
        BITRIX,
        {"opportunity_id": "ID", "created_on": "DATE_CREATE", "stage": "STAGE_ID", "amount": "OPPORTUNITY"},
    ),
    "Pipedrive": (
        PIPEDRIVE,
        {
            "opportunity_id": "Deal - ID",
            "created_on": "Deal - Deal created",
            "closed_on": "Deal - Deal closed on",
            "expected_close_on": "Deal - Expected close date",
            "stage": "Deal - Stage",
            "status": "Deal - Status",
            "amount": "Deal - Value",
            "owner": "Deal - Owner",
        },
    ),
    "with a company's id": (
        WITH_COMPANY,
        {
            "opportunity_id": "deal_id",
            "account_id": "company_id",
            "created_on": "created_at",
            "closed_on": "closed_at",
            "stage": "stage_id",
            "loss_reason": "lost_reason",
        },
    ),
}
OTHERS = {
    "refunds": (
        "id,charge,customer,amount,currency,status,reason,created_at,closed_at\nre1,c1,cu1,9,eur,done,x,2026-01-05,\n"
    ),
    "returned": ("refund_id,deal_id,stage,created_at,amount,closed_at,reason\nr1,d1,open,2026-01-05,10,2026-01-06,x\n"),
    "orders": (
        "order_id,order_date,status,customer_id,billing_email,order_total,currency\n"
        "1,2026-01-05,completed,5,a@b.example,9,EUR\n"
    ),
    "woocommerce": (
        "Order ID,Order Date,Order Status,Customer,Order Total,Source\n1,2026-01-05,completed,Nord,100,google\n"
    ),
    "fertigung": (
        "production_order_no,deal_id,created_at,due_date,status,amount,owner\nP1,D1,2026-01-05,2026-02-01,open,5,Ann\n"
    ),
    "Calls": ("CALLID,Subject,Call Owner,Created Time,LEADID,Lead Source\nc1,Intro,Ann,2026-01-05 10:00:00,l1,Web\n"),
    "Invoices": (
        "INVOICEID,Subject,Status,Account Name,Grand Total,Created Time,LEADID,Lead Source\n"
        "i1,A,Paid,N,9,2026-01-05 10:00:00,l1,Web\n"
    ),
    "transactions": (
        "customer_id,date,type,amount,currency\nC1,2026-01-05,debit,10,EUR\nC1,2026-01-06,credit,10,EUR\n"
    ),
    "sales": ("customer_id,segment,start_date,sales\nC1,Consumer,2026-01-05,10\nC1,Corporate,2026-01-06,10\n"),
    "superstore": (
        "Row ID,Order ID,Order Date,Customer ID,Customer Name,Segment,Region,Sales,Quantity\n"
        "1,C-1,2026-01-05,C1,N,Consumer,East,9,2\n"
    ),
    "tickets": ("id,account_id,stage,status,created_at,closed_at,owner\n1,A1,new,open,2026-01-05,,Ann\n"),
    "employees": ("employee_id,name,team,region,start_date,end_date\n1,Ann,Sales,East,2020-01-01,\n"),
}


def written(folder: Path, name: str, text: str) -> Path:
    (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def taken_over(proposed: str) -> dict[str, object]:
    """The settings that a proposal is once the # of its lines is taken away."""
    _, found, lines = proposed.partition("remove the # at the start:\n# [tables.")
    assert found, proposed
    block = "# [tables." + lines.partition("\n\n")[0]
    return tomllib.loads("\n".join(line.removeprefix("# ") for line in block.splitlines()))


@pytest.mark.slow
@pytest.mark.parametrize("kind", DEALS)
def test_deals_of_other_crms_are_proposed_as_opportunities(tmp_path: Path, kind: str) -> None:
    text, expected = DEALS[kind]
    settings = settings_from(taken_over(proposed_settings(written(tmp_path, "export", text))), "segxl.toml")
    assert list(settings.tables) == ["opportunities"]
    assert settings.tables["opportunities"][0].columns.items() >= expected.items()


@pytest.mark.slow
@pytest.mark.parametrize("kind", DEALS)
def test_what_is_proposed_works_once_it_is_taken_over(tmp_path: Path, kind: str) -> None:
    text, _ = DEALS[kind]
    proposed = proposed_settings(written(tmp_path, "deals", text))
    lines = [line.removeprefix("# ") for line in proposed.partition("[tables.")[2].splitlines()]
    stages = [line.removeprefix("# ") for line in proposed.splitlines() if "stages = [" in line]
    settings = "\n".join(["run_date = 2026-06-30", *stages, "[tables." + lines[0], *lines[1:]])
    (tmp_path / "segxl.toml").write_text(settings, encoding="utf-8")
    dataset = load(tmp_path)
    assert dataset.ledger.rejected_rows == 0
    assert len(dataset.tables["opportunities"]) == text.count("\n") - 1


@pytest.mark.ci
@pytest.mark.parametrize("name", OTHERS)
def test_records_of_other_kinds_are_proposed_as_nothing(tmp_path: Path, name: str) -> None:
    proposed = proposed_settings(written(tmp_path, name, OTHERS[name]))
    assert "looks like" not in proposed
    assert "nearest" not in proposed
    assert tomllib.loads(proposed) == {}
    assert f"# Its columns: {OTHERS[name].partition(chr(10))[0].replace(',', ', ')}" in proposed


@pytest.mark.slow
def test_production_orders_are_not_read_in_place_of_the_deals(tmp_path: Path) -> None:
    written(tmp_path, "fertigung", OTHERS["fertigung"])
    proposed = proposed_settings(written(tmp_path, "deals", WITH_COMPANY))
    assert proposed.count("It looks like") == 1
    assert '# stages = ["NEW"]' in proposed


def test_a_table_that_only_links_deals_and_companies_is_still_one(tmp_path: Path) -> None:
    proposed = proposed_settings(written(tmp_path, "x", "deal_id,company_id,type_id,category\n1,2,5,HUBSPOT_DEFINED\n"))
    assert "HubSpot deals' companies (connector); not a segxl table" in proposed


@pytest.mark.ci
def test_every_column_of_a_wide_file_is_named_or_counted(tmp_path: Path) -> None:
    header = [f"frage{at}" for at in range(1, 30)]
    assert ", ".join(header) + "\n" in proposed_settings(
        written(tmp_path, "umfrage", f"{','.join(header)}\n{'x,' * 28}x\n")
    )
    header = [f"frage{at}" for at in range(1, 71)]
    proposed = proposed_settings(written(tmp_path, "umfrage", f"{','.join(header)}\n{'x,' * 69}x\n"))
    assert "frage60 and 10 more\n" in proposed


# ------------------------------------------------------------------------------------------------------------ revenue

SUBSCRIPTIONS = (
    "id,customer_id,start_date,end_date,{interval},{amount},{units}\n"
    "1,C1,2026-01-05,,{long},1200,{count}\n2,C2,2026-01-05,,month,50,1\n"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("interval", "amount", "units", "long", "count"),
    [
        ("Interval", "Amount", "Quantity", "year", "3"),
        ("billing_period", "amount", "seats", "Annual", "3"),
        ("Billing Cycle", "Amount", "Qty", "quarterly", "2"),
    ],
)
def test_an_amount_of_a_longer_time_is_not_proposed_as_the_mrr(
    tmp_path: Path, interval: str, amount: str, units: str, long: str, count: str
) -> None:
    text = SUBSCRIPTIONS.format(interval=interval, amount=amount, units=units, long=long, count=count)
    proposed = proposed_settings(written(tmp_path, "subscriptions", text))
    assert f"# {interval} says {long} in 1 of 2 rows, so {amount} is not monthly there" in proposed
    assert f"# {amount} may be per unit of {units}\n" in proposed
    assert '# mrr = "…"   # required; the amount of a month\n' in proposed
    assert taken_over(proposed)["tables"]


@pytest.mark.slow
def test_an_amount_of_months_is_proposed_and_one_that_may_be_has_a_remark(tmp_path: Path) -> None:
    text = SUBSCRIPTIONS.format(interval="Interval", amount="Amount", units="Quantity", long="month", count="1")
    proposed = proposed_settings(written(tmp_path, "subscriptions", text))
    assert "# Check that Amount is a monthly amount\n" in proposed
    assert '# mrr = "Amount"\n' in proposed
    named = proposed_settings(written(tmp_path, "subscriptions", text.replace("Amount", "mrr_amount")))
    assert "Check that" not in named
    assert '# mrr = "mrr_amount"\n' in named


def test_annual_amounts_are_never_the_mrr(tmp_path: Path) -> None:
    text = "customer_id,start_date,end_date,annual_revenue\nC1,2026-01-01,,1200\n"
    assert (
        "annual_revenue" not in proposed_settings(written(tmp_path, "subscriptions", text)).partition("looks like")[2]
    )


@pytest.mark.slow
@pytest.mark.parametrize("first", ["account", "Kunde", "Customer ID", "account_id"])
def test_a_sheet_with_a_column_for_each_month_is_proposed_as_revenue(tmp_path: Path, first: str) -> None:
    proposed = proposed_settings(written(tmp_path, "mrr", f"{first},2026-01,2026-02\nNord,100,150\n"))
    assert "# 2 columns are months: each is read as one\n" in proposed
    assert "looks like data" not in proposed
    (tmp_path / "segxl.toml").write_text(
        "run_date = 2026-06-30\n[tables."
        + "\n".join(line.removeprefix("# ") for line in proposed.partition("[tables.")[2].splitlines()),
        encoding="utf-8",
    )
    assert list(load(tmp_path).tables["revenue"]["account_id"]) == ["Nord", "Nord"]


# ------------------------------------------------------------------------------------------------------------- stages


def test_stages_come_in_the_order_in_which_the_deals_of_a_history_passed_them(tmp_path: Path) -> None:
    """Newest first, one deal skips a stage, and one stage only the history has."""
    written(
        tmp_path,
        "opportunities",
        "opportunity_id,created_on,stage,amount\n1,2026-01-01,Angebot,5\n2,2026-01-01,Closed Won,5\n",
    )
    written(
        tmp_path,
        "opportunity_history",
        "opportunity_id,changed_at,stage\n1,2026-03-05,Angebot\n2,2026-03-04,Closed Won\n2,2026-02-04,Angebot\n"
        "1,2026-02-03,Demo\n2,2026-01-02,Erstkontakt\n1,2026-01-01,Erstkontakt\n",
    )
    proposed = proposed_settings(tmp_path)
    assert "# Stages in the order in which deals entered them: check them and remove the # at the start:" in proposed
    assert '# stages = ["Erstkontakt", "Demo", "Angebot"]\n' in proposed


def test_the_dates_that_deals_entered_their_stages_are_a_history_too(tmp_path: Path) -> None:
    text = (
        'Record ID,Deal Name,Deal Stage,Create Date,"Date entered ""Offer (P)""","Date entered ""Call (P)"""\n'
        "1,A,Offer,2026-01-01,2026-02-01,2026-01-05\n"
    )
    assert '# stages = ["Call", "Offer"]\n' in proposed_settings(written(tmp_path, "deals", text))


# -------------------------------------------------------------------------------------------------------------- blocks

HEAD = 'run_date = 2026-06-30\n[tables.opportunities]\nfile = "closed.csv"\n'


def pasted(error: SegxlErrors) -> str:
    return str(error).partition("and complete it:\n")[2]


@pytest.mark.parametrize(
    ("mapped", "added"),
    [
        ('columns = { opportunity_id = "key", closed_on = "won_date" }\nconstants = { stage = "Closed Won" }\n', ""),
        (
            'constants = { stage = "Closed Won" }\n[tables.opportunities.columns]\nopportunity_id = "key"\n',
            'created_on = "opened"',
        ),
    ],
)
def test_only_what_is_missing_is_to_be_added_to_what_is_mapped(tmp_path: Path, mapped: str, added: str) -> None:
    header = "key,won_date,opened\na,2026-02-26,2026-01-01\n" if added else "key,won_date,revenue\na,2026-02-26,5\n"
    written(tmp_path, "closed", header)
    (tmp_path / "segxl.toml").write_text(HEAD + mapped, encoding="utf-8")
    with pytest.raises(SegxlErrors) as refused:
        load(tmp_path)
    assert "no column found for created_on;" in str(refused.value)
    assert 'add this to columns of tables.opportunities (the one with file = "closed.csv")' in str(refused.value)
    assert pasted(refused.value) == (added or '# created_on = "…"   required; no similar header')


def test_a_block_to_paste_is_settings_together_with_what_is_there(tmp_path: Path) -> None:
    written(tmp_path, "closed", "opp_id,opened,phase,won\na,2026-01-01,Demo,x\n")
    (tmp_path / "segxl.toml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(SegxlErrors) as refused:
        load(tmp_path)
    settings = settings_from(tomllib.loads(HEAD + pasted(refused.value)), "segxl.toml")
    assert settings.tables["opportunities"][0].columns == {
        "opportunity_id": "opp_id",
        "created_on": "opened",
        "stage": "phase",
    }


def test_a_files_odd_headers_are_settings_too(tmp_path: Path) -> None:
    text = 'Deal ID,Stage,"Create Date (\\ day)","Amount (""EUR"")",Close Date\n1,Demo,2026-01-01,5,2026-02-01\n'
    proposed = proposed_settings(written(tmp_path, "deals", text))
    assert taken_over(proposed)
    written(tmp_path, "deals", text)
    (said,) = unnamed_files(tmp_path, settings_from({}, "segxl.toml"))
    assert tomllib.loads(said.partition("\n")[2])


def test_one_header_is_not_proposed_for_two_dates(tmp_path: Path) -> None:
    text = "Deal ID,Stage,Amount,Won Date,Owner\n1,Demo,5,2026-02-01,Ann\n"
    proposed = proposed_settings(written(tmp_path, "deals", text))
    assert '# created_on = "…"   # required' in proposed
    assert 'created_on = "Won Date"' not in proposed
