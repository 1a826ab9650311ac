"""Every fix that quotes a setting works when it is pasted where it says; the problem is then gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from tests.conftest import write_folder
from tests.pasted import pasted_into

DEALS = "opportunity_id,created_on,closed_on,stage,status,type,amount\n"
ACCOUNTS = "account_id,name\nA,Alpha\nB,Beta"
STAGES = "account_id,date,stage\nA,2026-05-01,%s\n,2026-05-01,Target"
CASES = {
    "blank in a signal": {"accounts": ACCOUNTS, "buying_stages": STAGES % ""},
    "a word that is no choice": {"opportunities": f"{DEALS}1,2026-05-01,,Discovery,pending,,5"},
    "two such words": {
        "activities": "account_id,date,source,kind\nA,2026-05-01,webinr,reach\nA,2026-05-01,webinar,reached"
    },
    "a type": {"opportunities": f"{DEALS}1,2026-04-01,2026-05-01,Closed Won,won,Upsell deal,5"},
    "a buying stage": {"accounts": ACCOUNTS, "buying_stages": STAGES % "Researching"},
    "a flag": {
        "opportunities": "Id,AccountId,StageName,Amount,CloseDate,CreatedDate,IsClosed,IsWon,IsDeleted\n"
        "1,A,Closed Won,120,2026-05-04,2026-04-01,perhaps,TRUE,FALSE"
    },
    "a name like a total": {"revenue": "account_id,month,mrr\nA,2026-04,10\nTotal,2026-04,70\nB,2026-04,20"},
    "months without days": {"opportunities": f"{DEALS}1,2026-04,,Discovery,,,5"},
    "retargeting": {
        "activities": "account_id,date,source,kind,campaign_type\nA,2026-05-01,external_campaign,reach,Remarketing X"
    },
    "ends that are last days": {"revenue": "account_id,start,end,mrr\nA,2026-01-01,2026-03-31,10\nA,2026-04-01,,10"},
}
# Sections that follow take a line that is below the last of them; one table is there twice, or has other maps.
TAILS = ("", '\n[types]\nNew = "new_logo"\n\n[toggles]\nreactivation_in_nrr = true\n')


@pytest.mark.parametrize("tail", TAILS, ids=("alone", "other sections"))
@pytest.mark.parametrize("case", CASES)
def test_a_fix_works_as_it_is_pasted(tmp_path: Path, case: str, tail: str) -> None:
    source = write_folder(tmp_path, CASES[case])
    settings = source / "segxl.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + tail, encoding="utf-8")
    for _ in range(3):  # a word that is read as a date of Excel, say, may have a second question behind the first
        asked = _asked(load(source))
        if not pasted_into(settings, asked):
            break
    else:
        pytest.fail(f"still asked: {asked}")
    assert _ > 0, "no line to paste"
    assert " add " not in asked


def test_a_map_that_is_there_is_named_and_not_opened_again(tmp_path: Path) -> None:
    named = '[tables.opportunities]\nfile = "opportunities.csv"\nvalues.status = { Won = "won" }\n'
    source = write_folder(tmp_path, {"opportunities": f"{DEALS}1,2026-05-01,,Discovery,pending,,5"}, named)
    assert 'to values.status of [tables.opportunities] add "pending" = ' in _asked(load(source))


def _asked(dataset: Dataset) -> str:
    ledger = dataset.ledger
    return "\n".join([*map(str, ledger.rejections), *map(str, ledger.conditions)])
