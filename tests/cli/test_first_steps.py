"""What an analyst meets in the first five minutes: settings saved by other programs, missing files, a new folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from segxl.cli.commands import commands
from segxl.dataset.load import load
from segxl.errors import SegxlError, nearest
from segxl.settings.read import read_settings
from tests.conftest import write_folder

DEALS = "opportunity_id,created_on,stage,type\n1,2026-05-01,Discovery,New Business\n2,2026-05-02,Proposal,Upsell"


def test_python_runs_the_command() -> None:
    run = subprocess.run([sys.executable, "-m", "segxl", "--version"], capture_output=True, text=True, check=True)
    assert run.stdout.split(",")[0] == "segxl"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom"])
def test_settings_in_the_encodings_of_windows(tmp_path: Path, encoding: str) -> None:
    path, text = tmp_path / "segxl.toml", 'name = "Zürich"\n'
    bare = encoding.removesuffix("-bom")
    path.write_bytes((("\ufeff" if encoding.endswith("-bom") else "") + text).encode(bare))
    assert read_settings(path).name == "Zürich"


def test_settings_with_a_hidden_second_ending_are_named(tmp_path: Path) -> None:
    source = write_folder(tmp_path, {"opportunities": DEALS})
    (source / "segxl.toml").rename(source / "segxl.toml.txt")
    with pytest.raises(SegxlError, match=r"rename segxl\.toml\.txt to segxl\.toml"):
        load(source)
    with pytest.raises(SegxlError, match=r"rename segxl\.toml\.txt to segxl\.toml"):
        CliRunner().invoke(commands, ["check", str(source)], standalone_mode=False, catch_exceptions=False)


def test_the_ending_makes_no_two_file_names_alike() -> None:
    assert nearest("subscriptions.csv", ["users.csv", "accounts.csv"]) == ""
    assert nearest("opportunites.csv", ["users.csv", "opportunities.csv"]) == "; did you mean 'opportunities.csv'?"


def test_a_missing_workbook_is_not_taken_for_a_csv(tmp_path: Path) -> None:
    write_folder(tmp_path, {"opportunities": DEALS})
    with pytest.raises(SegxlError) as refused:
        load(tmp_path / "opportunities.xlsx")
    assert "opportunities.csv" not in str(refused.value)


def test_proposed_settings_offer_types_and_segments(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    accounts = "account_id,name,Industry,geo\n" + "".join(f"{n},N{n},{'AB'[n % 2]},{'XY'[n % 2]}\n" for n in range(6))
    (tmp_path / "accounts.csv").write_text(accounts, encoding="utf-8")
    run = CliRunner().invoke(commands, ["check", str(tmp_path)], standalone_mode=False)
    assert '# [types]\n# "New Business" = "new_logo"\n# "Upsell" = "upsell"\n' in run.output
    assert '# [segments]\n# by = "Industry"   # or geo\n' in run.output
    # they are settings once the # is gone
    lines = run.output.splitlines()
    kept = [line.removeprefix("# ") if line.startswith(("# [", '# "', "# by =")) else line for line in lines]
    (tmp_path / "segxl.toml").write_text("\n".join(kept), encoding="utf-8")
    assert read_settings(tmp_path / "segxl.toml").types == {"New Business": "new_logo", "Upsell": "upsell"}
