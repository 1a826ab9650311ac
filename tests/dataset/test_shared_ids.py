"""Ids of large files are one array in memory, and are not looked up one by one: what is said of them stays the same."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segxl.dataset.load import load
from segxl.render.ledger.text import ledger_text
from segxl.sources.files import arrow_codes

IDS = [f"A{number:07}" for number in range(1_500)]
ACTIVITIES: dict[str, list[str | None]] = {
    "all known": IDS[::-1],
    "some are not used": [*IDS[:1_000], *IDS[:500]],
    "some are blank": [None if at % 5 == 0 else one for at, one in enumerate(IDS)],
    "one is unknown": [*IDS[:-1], "A9999999"],
    "most are unknown": [*IDS[:100], *(f"B{number:07}" for number in range(1_400))],
    "of another length": [f"C{number:03}" for number in range(1_500)],
}


def _outcome(folder: Path) -> tuple[tuple[str, ...], str, list[str], list[int]]:
    dataset = load(folder)
    conditions = [str(one) for entry in dataset.ledger.files for one in entry.conditions]
    codes = dataset.account_codes(dataset.tables["activities"].texts("account_id"))
    return dataset.account_ids, ledger_text(dataset), conditions, codes.tolist()


@pytest.mark.parametrize("case", ACTIVITIES)
@pytest.mark.parametrize("accounts", [IDS, IDS[:1_200], [*IDS, "A8888888"]], ids=["same", "fewer", "more"])
def test_the_ledger_is_that_of_ids_looked_up_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str, accounts: list[str]
) -> None:
    ids = ACTIVITIES[case]
    tables = {
        "accounts": {"account_id": accounts},
        "activities": {
            "account_id": ids,
            "date": ["2026-05-01"] * len(ids),
            "source": ["webinar"] * len(ids),
            "kind": ["engagement"] * len(ids),
        },
    }
    settings = "run_date = 2026-06-05\n"
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet")
        settings += f'[tables.{name}]\nfile = "{name}.parquet"\n'
    (tmp_path / "segxl.toml").write_text(settings, encoding="utf-8")
    shared = _outcome(tmp_path)
    monkeypatch.setattr(arrow_codes, "_MANY_TEXTS", 10**9)
    assert shared == _outcome(tmp_path)
    wanted = set(accounts) | {one for one in ids if one}
    assert set(shared[0]) == wanted and len(shared[0]) == len(wanted)
    code = {one: at for at, one in enumerate(shared[0])}
    assert shared[3] == [code[one] for one in ids if one]  # rows without an account are rejected
