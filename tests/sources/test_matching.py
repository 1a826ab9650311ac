"""Whose row is it: accounts found by id, domain, name and country, and what a person is asked instead of guessed."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from segxl import publish
from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from segxl.render.ledger.text import review_text
from segxl.sources.matching.company_names import country_of, domain_of, name_of
from segxl.sources.matching.review import HEADER
from segxl.sources.matching.review_list import REVIEW_FILE, list_bytes, merged
from tests.conftest import Folder, Views, write_folder

ACCOUNTS = """account_id,name,domain,country
A1,Acme Inc.,acme.com,US
A2,Beta GmbH,,Germany
A3,Acme Ltd,,UK
A4,Delta One,delta.com,US
A5,Delta Two,www.delta.com,France
A6,Gamma SA,,
A7,Twin,,US
A8,The Twin Company,,USA"""
ONLY_NAME = "only the name matches"
DEALS = "opportunity_id,created_on,stage,account_id,account_name,account_domain,account_country\n"


def deals(*rows: str) -> str:
    """Opportunities of one day; a row is ``account_id,name,domain,country``."""
    return DEALS + "\n".join(f"{at},2026-05-01,Discovery,{row}" for at, row in enumerate(rows))


def accounts_of(dataset: Dataset, table: str = "opportunities") -> list[str]:
    return [str(one) for one in dataset.tables[table]["account_id"]]


def answered(*lines: str) -> str:
    """A list that was answered; a line is ``name,country,domain,candidate account_id,answer``."""
    return "name,country,domain,candidate account_id,answer\n" + "\n".join(lines) + "\n"


def with_list(tmp_path: Path, lines: str, *rows: str, settings: str = "", name: str = REVIEW_FILE) -> Dataset:
    source = write_folder(tmp_path / "source", {"accounts": ACCOUNTS, "opportunities": deals(*rows)}, settings)
    (source / name).write_text(lines, encoding="utf-8")
    return load(source)


# -- what is one company


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.com", "acme.com"),
        (" https://WWW.Acme.com/about?x=1 ", "acme.com"),
        ("//acme.com:443", "acme.com"),
        ("Ann.Lee@Acme.com", "acme.com"),
        ("acme.com.", "acme.com"),
        ("shop.acme.com", "shop.acme.com"),  # may be another company's
        ("müller.de", "xn--mller-kva.de"),
        ("xn--mller-kva.de", "xn--mller-kva.de"),
        ("linkedin.com", "linkedin.com"),
        ("https://www.linkedin.com/company/acme", ""),
        ("ann@gmail.com", ""),
        ("ann@yahoo.co.uk", ""),
        ("acme", ""),
        ("acme.com, beta.com", ""),
        ("10.0.0.1", ""),
        ("n/a", ""),
        ("", ""),
    ],
)
def test_domains(text: str, domain: str) -> None:
    assert domain_of(text) == domain


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ACME, Inc.", "acme"),
        ("Acme  incorporated", "acme"),
        ("Müller & Söhne GmbH & Co. KG", "muller and sohne"),
        ("Muller and Sohne", "muller and sohne"),
        ("Straße AG", "strasse"),
        ("Ørsted A/S", "orsted"),
        ("L'Oréal S.A.", "loreal"),
        ("The Boots Company PLC", "boots"),
        ("Acme Holding", "acme holding"),
        ("Acme Group Ltd", "acme group"),
        ("SE", "se"),  # nothing but a legal form is a name
        ("The", "the"),
        ("日立 株式会社", "日立 株式会社"),
        ("Unknown", ""),
        ("...", ""),
    ],
)
def test_names(text: str, name: str) -> None:
    assert name_of(text) == name


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("U.S.A.", "us"),
        ("United States", "us"),
        ("DE", "de"),
        ("Österreich", "at"),
        ("ARG", "ar"),
        ("Viet Nam", "vn"),
        ("Fiji", "fiji"),
        ("-", ""),
    ],
)
def test_countries(text: str, country: str) -> None:
    assert country_of(text) == country


# -- the ways


@pytest.mark.parametrize(
    ("row", "account", "why"),
    [
        ("A1,Beta,beta.com,Germany", "A1", ""),  # the id is enough
        (",Whoever,https://www.ACME.com/x,", "A1", ""),
        ("X9,,sales@acme.com,", "A1", ""),  # an id that no one knows
        (",Beta,,Deutschland", "A2", ""),
        (",acme limited,,Great Britain", "A3", ""),
        (",Acme,gmail.com,us", "A1", ""),  # no one's domain: by name and country
        (",Acme,acme.io,US", "A1", ""),
        (",Delta Two SAS,delta.com,FR", "A5", ""),  # two have the domain, one of them the name and the country
        (",Delta,delta.com,", "", "2 accounts have the domain delta.com"),
        (",Acme,delta.com,US", "", "the domain belongs to A4; A5, the name to A1; A3"),
        (",Acme,,", "", f"{ONLY_NAME}; the row has no country"),
        (",Gamma,,Spain", "", f"{ONLY_NAME}; the account has no country"),
        (",Beta,,FR", "", f"{ONLY_NAME}; the account's country differs: de"),
        (",Acme,a.de,DE", "", f"{ONLY_NAME}; the account's country differs: gb, us; "
            "the account's domain differs: acme.com"),
        (",Twin,,us", "", "2 accounts have this name and country"),
        (",Nobody,nobody.com,US", "", ""),
        (",,gmail.com,US", "", ""),
        (",,,", "", ""),
    ],
)  # fmt: skip
def test_each_way(folder: Folder, row: str, account: str, why: str) -> None:
    dataset = folder(accounts=ACCOUNTS, opportunities=deals(row))
    assert accounts_of(dataset) == [account]
    assert [one.why for one in dataset.review.questions] == ([why] if why else [])


@pytest.mark.parametrize(
    ("account", "row", "asked"),
    [
        ("Müller GmbH", "Mueller", True),
        ("Mueller", "MÜLLER", True),
        ("Mu\u0308ller", "Mueller AG", True),  # the dots as a sign of their own
        ("Ørsted", "Oersted", True),
        ("Müller", "Muller", False),  # found: an accent does not count
        ("Blue", "Blu", None),
    ],
)
def test_letters_spelled_out_are_asked(folder: Folder, account: str, row: str, asked: bool | None) -> None:
    """Also in the same country: Müller and Mueller may be two companies there."""
    dataset = folder(accounts=f"account_id,name,country\nA1,{account},DE", opportunities=deals(f",{row},,Germany"))
    assert [one.candidates for one in dataset.review.questions] == (["A1"] if asked else [])
    assert accounts_of(dataset) == (["A1"] if asked is False else [""])


def test_the_ledger_says_how_many_by_each_way(folder: Folder) -> None:
    dataset = folder(
        accounts=ACCOUNTS,
        opportunities=deals(
            "A1,,,", ",,acme.com,", ",Acme!,acme.com,", ",Beta,,DE", ",Acme,,", "X9,Acme,,", ",Gamma,,", ",Who,,"
        ),
    )
    assert dataset.ledger.files[0].notes == [
        "2 accounts share 1 domain (delta.com: A4, A5). If they are one company, set "
        'count_by = "parent" to count it once; if not, clear the domain of one of them'
    ]
    # 7 rows are without an account:, 3 of them got theirs: 2 + 1; X9 is one that no one knows
    assert dataset.ledger.files[1].notes == [
        "1 row matched to an account by ID",
        "2 rows matched to an account by domain, like 'acme.com' → 'A1'",
        "1 row matched to an account by name and country, like 'Beta' in 'DE' → 'A2'",
        "3 rows could not be matched to an account: answer 2 questions in account-review.csv, "
        "like 'Acme' (only the name matches; the row has no country)",
        "3 rows without an account: 3 used in All accounts",
    ]
    assert [one.remark for one in dataset.ledger.files[1].conditions] == [
        "1 row names an account that is not in the accounts table, like 'X9'; counted in All accounts only "
        "(row 7). Add the account to the accounts table, or correct its ID."
    ]
    (acme, gamma) = dataset.review.questions
    assert (acme.name, acme.rows, acme.candidates, acme.candidate_names) == ("Acme", 2, "A1; A3", "Acme Inc.; Acme Ltd")
    assert (gamma.name, gamma.rows, gamma.candidates, gamma.candidate_names) == ("Gamma", 1, "A6", "Gamma SA")
    assert dataset.ledger.balanced


def test_several_domains_in_one_cell_match_nothing_and_that_is_said(folder: Folder) -> None:
    """Of an account and of a row; private mail next to a domain is no single domain either."""
    dataset = folder(
        accounts="account_id,name,domain\nA1,Acme,acme.com\nA2,Beta,beta.com; beta.de\nA3,Ce,bob@gmail.com ce.com",
        opportunities=deals(
            ",,beta.com,", ",,acme.com|beta.com,", "A1,,acme.com|beta.com,", ",,www.acme.com/a;b,", ",,n/a; n/a,"
        ),
    )
    assert accounts_of(dataset) == ["", "", "A1", "A1", ""]
    said = "in one cell, like {} in row 3: segxl ignores them; keep one domain per cell"
    assert dataset.ledger.files[0].notes == ["2 rows have several domains " + said.format("'beta.com; beta.de'")]
    assert dataset.ledger.files[1].notes[0] == "1 row has several domains " + said.format("'acme.com|beta.com'")


def test_a_required_account_is_its_domain_or_name_until_it_is_found(folder: Folder) -> None:
    """Mapped columns say it; a row that says nothing of its account is rejected as before."""
    dataset = folder(
        '[tables.activities]\nfile = "activities.csv"\nconstants = { source = "webinar", kind = "engagement" }\n'
        'columns = { account_domain = "Mail", account_name = "Firm", date = "Day" }\n',
        accounts=ACCOUNTS,
        activities="Day,Mail,Firm\n2026-05-01,ann@acme.com,\n2026-05-02,bob@new.com,New\n2026-05-03,bob@gmail.com,New\n"
        "2026-05-04,bob@gmail.com,\n",
    )
    assert accounts_of(dataset, "activities") == ["A1", "new.com", "New"]
    entry = dataset.ledger.files[0]
    assert [(one.row, one.column) for one in entry.rejected] == [(5, "account_id")]
    assert entry.balanced


def test_known_exports_bring_their_hints(folder: Folder) -> None:
    """Bombora without ids, and LinkedIn, which has names alone: they are asked for."""
    dataset = folder(
        '[[tables.activities]]\nfile = "bombora.csv"\n[[tables.activities]]\nfile = "linkedin.csv"\n'
        '[tables.accounts]\nfile = "accounts.csv"\n',
        accounts=ACCOUNTS,
        bombora="Domain,Company Name,Topic Name,Composite Score,Report Date\nwww.acme.com,Acme,ERP,80,2026-05-03\n",
        linkedin="Company name,Paid impressions,Paid clicks,Date\nAcme,5,0,2026-05-04\n",
    )
    assert accounts_of(dataset, "activities") == ["A1", "Acme"]
    assert [one.files for one in dataset.review.questions] == [("linkedin.csv",)]


def test_without_an_accounts_table_nothing_is_matched(folder: Folder) -> None:
    dataset = folder(opportunities=deals(",Acme,acme.com,US", "A1,,,"))
    assert accounts_of(dataset) == ["", "A1"]
    assert dataset.review.questions == ()


def test_an_open_question_leaves_a_row_in_the_segment_that_it_names(folder: Folder, views: Views) -> None:
    text = (
        "opportunity_id,created_on,closed_on,stage,account_name,segment\n"
        "1,2026-04-01,2026-05-02,Closed Won,Acme,Banks\n2,2026-04-01,2026-05-02,Closed Won,Gamma,\n"
    )
    dataset = folder("run_date = 2026-06-05", accounts=ACCOUNTS, opportunities=text)
    assert [one.name for one in dataset.review.questions] == ["Acme", "Gamma"]
    names = ("All accounts", "Banks")
    assert [views(dataset, "won_opportunities", "2026-05", name)["total"]["value"] for name in names] == [2, 1]
    said = "Until then these rows count in All accounts, and in a segment only if the row names it."
    assert said in review_text(dataset.review)


def test_one_question_for_all_tables_that_ask_it(folder: Folder) -> None:
    dataset = folder(
        accounts=ACCOUNTS,
        opportunities=deals(",ACME corp,,", ",Acme,,"),
        leads="lead_id,created_on,account_name\n1,2026-05-01,acme\n",
    )
    (question,) = dataset.review.questions
    assert (question.name, question.rows) == ("ACME corp", 3)
    assert (question.tables, question.files) == (("opportunities", "leads"), ("opportunities.csv", "leads.csv"))


# -- answers


def test_answers(tmp_path: Path) -> None:
    """An account_id, yes for the one candidate, none, blank; also for a company that would be matched otherwise."""
    dataset = with_list(
        tmp_path,
        answered(
            "ACME,,,A1; A3,A3", "Gamma,,,A6,Yes", "Twin,us,,A7; A8,NONE", "Beta,,,A2,", "Nobody,,,,A7", ",,acme.com,,A3"
        ),
        ",Acme,,", ",Gamma SA,,", ",Twin,,US", ",Beta,,", ",nobody,,", ",,acme.com,", ",Some,acme.com,",
    )  # fmt: skip
    assert accounts_of(dataset) == ["A3", "A6", "", "", "A7", "A3", "A1"]
    assert [one.name for one in dataset.review.questions] == ["Beta"]
    assert dataset.review.new == ()
    opportunities, answers = dataset.ledger.files[1:]
    assert opportunities.notes[:2] == [
        "4 rows matched to an account by your answers, like 'Acme' → 'A3'",
        "1 row matched to an account by domain, like 'acme.com' → 'A1'",
    ]
    assert "1 row has no account, by your answers" in opportunities.notes
    assert (answers.file, answers.rows, answers.used, answers.excluded) == (REVIEW_FILE, 6, 5, {"not answered yet": 1})
    assert len(answers.sha256) == 64
    assert dataset.ledger.balanced


def test_wrong_answers_are_named_with_row_and_column(tmp_path: Path) -> None:
    dataset = with_list(
        tmp_path,
        answered(
            "Acme,,,A1; A3,A33", "Gamma,,,A6,a6", "Twin,us,,A7; A8,yes", ",,,,A1", "Beta,,,A2,A2", "beta,,,A2,none"
        ),
        ",Acme,,", ",Gamma,,", ",Twin,,US", ",Beta,,",
    )  # fmt: skip
    assert accounts_of(dataset) == ["", "", "", ""]
    entry = dataset.ledger.files[2]
    assert [(one.row, one.column, one.value, one.reason) for one in entry.rejected] == [
        (2, "answer", "A33", "is not in the accounts table; did you mean 'A3'?"),
        (3, "answer", "a6", "is not an account_id; write 'A6'"),
        (4, "answer", "yes", "is yes, but there is not exactly one candidate"),
        (5, "answer", "A1", "has no company: name and domain are blank"),
        (6, "answer", "A2", "contradicts another answer for 'Beta'"),
        (7, "answer", "none", "contradicts another answer for 'Beta'"),
    ]
    assert entry.rejected[0].fix == "write an account_id from the accounts table, yes for the one candidate, or none"
    assert (entry.used, entry.balanced) == (0, True)
    assert len(dataset.review.questions) == 4


@pytest.mark.parametrize(
    ("candidates", "answer", "reason"),
    [
        ("A9", "yes", "accepts 'A9', which is not in the accounts table"),  # deleted since
        ("A9; A6", "A9", "is not in the accounts table"),
        ("A9; A6", "A66", "is not in the accounts table; did you mean 'A6'?"),
        ("", "A66", "is not in the accounts table"),  # A6 looks like it, and is another
        ("A6", "1.01235E+11", "is a long number shortened by Excel"),
    ],
)
def test_an_account_that_is_none(tmp_path: Path, candidates: str, answer: str, reason: str) -> None:
    """What is proposed instead is a candidate; any other id would be a guess."""
    dataset = with_list(tmp_path, answered(f"Gamma,,,{candidates},{answer}"), ",Gamma,,")
    assert accounts_of(dataset) == [""]
    (rejected,) = dataset.ledger.files[2].rejected
    assert (rejected.value, rejected.reason) == (answer, reason)


SHORT, LONG = "001A000001LjAbc", "001A000001LjAbcIAF"
"""One Salesforce id: among A, L and A of its last five letters the first, and so on, are capitals."""


@pytest.mark.parametrize(
    ("account", "answer", "found"),
    [
        (LONG, SHORT, LONG),
        (SHORT, LONG, SHORT),
        ("0042", "42", "0042"),  # as Excel saves it
        ("000", "0", "000"),
        ("42", "0042", ""),
        ("0042", "042", ""),
    ],
)
def test_ids_as_people_and_excel_write_them(tmp_path: Path, account: str, answer: str, found: str) -> None:
    for name, candidates, said in (("by id", "", answer), ("by yes", answer, "yes")):
        tables = {"accounts": f"account_id,name\n{account},Acme", "opportunities": deals(",Acme,,")}
        source = write_folder(tmp_path / name, tables)
        (source / REVIEW_FILE).write_text(answered(f"Acme,,,{candidates},{said}"), encoding="utf-8")
        assert accounts_of(load(source)) == [found]


def test_42_is_no_answer_where_two_accounts_may_be_meant(tmp_path: Path) -> None:
    source = write_folder(
        tmp_path / "source", {"accounts": "account_id,name\n0042,Acme\n00042,Beta", "opportunities": deals(",Acme,,")}
    )
    (source / REVIEW_FILE).write_text(answered("Acme,,,0042,42"), encoding="utf-8")
    assert accounts_of(load(source)) == [""]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_as_spreadsheets_save_it(tmp_path: Path, encoding: str, mark: str) -> None:
    source = write_folder(
        tmp_path / "source", {"accounts": "account_id,name\nA1,Müller", "opportunities": deals(",Müller,,")}
    )
    (source / REVIEW_FILE).write_bytes(answered("Müller,,,A1,YES ").replace(",", mark).encode(encoding))
    assert accounts_of(load(source)) == ["A1"]


def test_a_list_that_is_no_utf8_says_how_to_save_it(tmp_path: Path) -> None:
    """No setting names its encoding, so none is proposed."""
    source = write_folder(tmp_path / "source", {"accounts": ACCOUNTS, "opportunities": deals(",Gamma,,")})
    (source / REVIEW_FILE).write_bytes(answered("Müller,,,,A6").encode("cp1252"))
    with pytest.raises(SegxlError, match=r'row 2: .* is not utf-8; save the list in Excel as "CSV UTF-8"$'):
        load(source)


def test_an_empty_list_is_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(
        SegxlError, match=r"account-review\.csv is empty: delete it and run `segxl check` to create the list"
    ):
        with_list(tmp_path, "\r\n", ",Gamma,,")


def test_a_stale_answer_is_said_and_kept(tmp_path: Path) -> None:
    dataset = with_list(tmp_path, answered("Old,,,A1,A1", "Gamma,,,A6,A6"), ",Gamma,,")
    entry = dataset.ledger.files[2]
    assert (entry.used, entry.excluded) == (1, {"answer not needed any more": 1})
    assert entry.notes == ["1 answer is not needed any more, like 'Old'; segxl keeps them on the list"]
    assert [(one["name"], one["rows"], one["answer"]) for one in lines(list_bytes(merged(dataset.review)))] == [
        ("Gamma", "1", "A6"),
        ("Old", "0", "A1"),
    ]


def test_the_settings_may_name_the_list(tmp_path: Path) -> None:
    dataset = with_list(
        tmp_path, answered("Gamma,,,A6,A6"), ",Gamma,,", settings='account_review = "mine.csv"\n', name="mine.csv"
    )
    assert accounts_of(dataset) == ["A6"]


@pytest.mark.parametrize(
    ("named", "content", "message"),
    [
        ("gone.csv", answered(), "no file 'gone.csv' in 'source'"),
        ("../mine.csv", answered(), "'../mine.csv' is outside the folder"),
        ("mine.xlsx", answered(), r"account_review: 'mine.xlsx' is not a \.csv file"),
        ("mine.csv", "name,domain\nAcme,\n", "mine.csv: not an account review list: the column 'answer'"),
    ],
)
def test_a_list_that_is_none(tmp_path: Path, named: str, content: str, message: str) -> None:
    with pytest.raises(SegxlError, match=message):
        with_list(tmp_path, content, ",Acme,,", settings=f'account_review = "{named}"\n', name="mine.csv")


def test_a_list_behind_a_link_is_not_read(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "source", {"accounts": ACCOUNTS, "opportunities": deals(",Gamma,,")})
    (tmp_path / "elsewhere.csv").write_text(answered("Gamma,,,A6,A6"), encoding="utf-8")
    (source / REVIEW_FILE).symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(SegxlError, match="is a link to outside the folder"):
        load(source)


def test_answers_in_an_input_workbook(tmp_path: Path) -> None:
    """The sheet that Excel makes of the list, copied into the workbook."""
    book = openpyxl.Workbook()
    for name, text in (("accounts", ACCOUNTS), ("opportunities", deals(",Gamma,,", ",Twin,,us"))):
        sheet = book.create_sheet(name)
        for row in csv.reader(io.StringIO(text)):
            sheet.append(row)
    del book["Sheet"]
    path = tmp_path / "book.xlsx"
    book.save(path)
    review = load(path).review
    assert [one.name for one in review.questions] == ["Gamma", "Twin"]
    written, _ = publish.account_review(review)
    assert written == tmp_path / REVIEW_FILE
    assert review_text(review).endswith("to the sheet 'account-review' of book.xlsx; segxl reads the answers there.")
    sheet = book.create_sheet("account-review")
    for row in csv.reader(io.StringIO(written.read_text(encoding="utf-8-sig"), newline="")):
        sheet.append([*row[:-1], "A6" if row[2] == "Gamma" else row[-1]])
    book.save(path)
    dataset = load(path)
    assert accounts_of(dataset) == ["A6", ""]
    assert [one.name for one in dataset.review.questions] == ["Twin"]
    assert dataset.ledger.files[-1].file == "book.xlsx, sheet 'account-review'"
    assert dataset.ledger.files[-1].rejected == []
    assert dataset.ledger.balanced
    assert publish.account_review(dataset.review)[1]  # the answer from the sheet joins the file
    sheet["J2"] = "A66"
    book.save(path)
    (rejected,) = load(path).ledger.files[-1].rejected
    assert rejected.cell == "J2"  # as the messages about all sheets name it


# -- the list as it is written


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_list_is_written_answered_and_read_back(tmp_path: Path) -> None:
    tables = {"accounts": f"{ACCOUNTS}\nA9,=Evil,,", "opportunities": deals(",Gamma,,", ",=Evil,,", ",=Evil,,")}
    source = write_folder(tmp_path / "source", tables)
    path, fresh = publish.account_review(load(source).review)
    assert (path, fresh) == (source / REVIEW_FILE, True)
    written = lines(path.read_bytes())
    assert tuple(written[0]) == HEADER
    assert [(one["name"], one["rows"], one["candidate account_id"], one["answer"]) for one in written] == [
        ("'=Evil", "2", "A9", ""),  # made safe: Excel would calculate it
        ("Gamma", "1", "A6", ""),
    ]
    path.write_bytes(path.read_bytes().replace(b"has no country,\r\n", b"has no country,yes\r\n"))
    again = load(source)
    assert accounts_of(again) == ["A6", "A9", "A9"]
    assert again.review.questions == ()
    assert publish.account_review(again.review)[1] is False


def test_new_questions_join_and_answers_stay(tmp_path: Path) -> None:
    dataset = with_list(
        tmp_path, answered("Gamma,,,A6,A6", "Beta,,,A2,", "Acme,,,A1,oops"), ",Gamma,,", ",Acme,,", ",Twin,,us"
    )
    assert [one.name for one in dataset.review.new] == ["Twin"]
    path, _ = publish.account_review(dataset.review)
    # Beta is asked no more and had no answer; a wrong answer stays for its writer to mend
    assert [(one["name"], one["answer"]) for one in lines(path.read_bytes())] == [
        ("Twin", ""),
        ("Acme", "oops"),
        ("Gamma", "A6"),
    ]


def test_the_columns_and_notes_of_people_stay(tmp_path: Path) -> None:
    list_ = "name,country,candidate account_id,answer,Who\nGamma,,A6,A6,Ann\nTwin,us,A7; A8,,Bob?\n"
    dataset = with_list(tmp_path, list_, ",Gamma,,", ",Twin,,us", ",Beta,,")
    path, _ = publish.account_review(dataset.review)
    found = [(one["name"], one["answer"], one["Who"]) for one in lines(path.read_bytes())]
    assert found == [("Beta", "", ""), ("Twin", "", "Bob?"), ("Gamma", "A6", "Ann")]


def test_a_list_with_a_row_that_cannot_be_read_is_not_written_anew(tmp_path: Path) -> None:
    dataset = with_list(tmp_path, answered("Acme,,,A1; A3,A1,oh,no", "Gamma,,,A6,A6"), ",Gamma,,", ",Twin,,us")
    path = tmp_path / "source" / REVIEW_FILE
    before = path.read_bytes()
    with pytest.raises(SegxlError, match="row 2: has 7 fields where the header has 5; fix the row"):
        publish.account_review(dataset.review)
    assert path.read_bytes() == before
    assert accounts_of(dataset) == ["A6", ""]


def test_what_excel_would_change_stays(tmp_path: Path) -> None:
    """An id with zeros before it, a long one, and a name like a day: each behind a ', written, read and matched."""
    names = {"0042": "3-4", "101234567890": "Dec 1", "12E5": "007"}
    tables = {
        "accounts": "account_id,name\n" + "\n".join(f"{one},{name}" for one, name in names.items()),
        "opportunities": deals(*(f",{name},," for name in names.values())),
    }
    source = write_folder(tmp_path / "source", tables)
    path, _ = publish.account_review(load(source).review)
    written = lines(path.read_bytes())
    assert {(one["name"], one["candidate account_id"]) for one in written} == {
        ("'3-4", "'0042"),
        ("'Dec 1", "'101234567890"),
        ("'007", "'12E5"),
    }
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows({**one, "answer": one["candidate account_id"]} for one in written)
    assert accounts_of(load(source)) == list(names)


def test_an_answer_that_comes_back_into_use_says_so_no_more(tmp_path: Path) -> None:
    stale = f"{','.join(HEADER)}\nleads,l.csv,Gamma,,,0,A6,Gamma SA,not needed any more: no row asks for it,A6\n"
    dataset = with_list(tmp_path, stale, ",Gamma,,", ",Twin,,us")
    path, _ = publish.account_review(dataset.review)
    _, gamma = lines(path.read_bytes())
    assert (gamma["name"], gamma["rows"], gamma["reason"], gamma["answer"]) == ("Gamma", "1", "", "A6")


def test_candidates_are_those_of_today_but_not_below_a_yes(tmp_path: Path) -> None:
    """A yes was said to the candidate that stood there; it must not become one to another account."""
    dataset = with_list(tmp_path, answered("Gamma,,,A9,oops", "Beta,,,A9,yes"), ",Gamma,,", ",Beta,,", ",Twin,,us")
    path, _ = publish.account_review(dataset.review)
    found = {one["name"]: one["candidate account_id"] for one in lines(path.read_bytes())}
    assert found == {"Twin": "A7; A8", "Gamma": "A6", "Beta": "A9"}


def test_a_question_that_nobody_asks_now_is_told_as_that(tmp_path: Path) -> None:
    dataset = with_list(tmp_path, answered("Gamma,,,A6,", "Old,,,A1,"), ",Gamma,,")
    assert dataset.ledger.files[2].excluded == {"not answered yet": 1, "question not needed any more": 1}
    assert dataset.ledger.balanced


def test_the_order_of_rows_and_files_does_not_matter(tmp_path: Path) -> None:
    """Which account, which questions, and the list as it is written: rows, files and answers the other way round."""
    rows = ("A1,,,", ",,acme.com,", ",Beta,,DE", ",Acme,,", ",Gamma,,", ",Twin,,us", ",Gamma SA,,")
    told = []
    for name, turn in (("one", 1), ("other", -1)):
        first, second = deals(*rows[:3]), DEALS + "\n".join(f"9{row}" for row in deals(*rows[3:]).splitlines()[1:])
        settings = "".join(f'[[tables.opportunities]]\nfile = "{file}.csv"\n' for file in ("a", "b")[::turn])
        source = write_folder(
            tmp_path / name,
            {
                "accounts": "\n".join([ACCOUNTS.splitlines()[0], *ACCOUNTS.splitlines()[1:][::turn]]),
                **{
                    file: "\n".join([DEALS.strip(), *text.splitlines()[1:][::turn]])
                    for file, text in (("a", first), ("b", second))
                },
            },
            settings + '[tables.accounts]\nfile = "accounts.csv"\n',
        )
        head, *lines_ = answered("Gamma,,,A6,A6", "Old,,,A1,A1", "Beta,,,A2,").splitlines()
        (source / REVIEW_FILE).write_text("\n".join([head, *lines_[::turn]]) + "\n", encoding="utf-8")
        dataset = load(source)
        deals_ = dataset.tables["opportunities"]
        path, _ = publish.account_review(dataset.review)
        found = sorted(zip(deals_["opportunity_id"], deals_["account_id"], strict=True))
        keys = [(one["name"], one["rows"], set(one["candidate account_id"].split("; ")), one["answer"])
                for one in lines(path.read_bytes())]  # fmt: skip
        told.append((found, keys))
    assert told[0] == told[1]
    assert [account for _, account in told[0][0]] == ["A1", "A1", "A2", "", "A6", "", "A6"]


def test_another_place_for_the_list(tmp_path: Path) -> None:
    """A list that is there already is merged; what is no list is left alone."""
    dataset = with_list(tmp_path, answered("Gamma,,,A6,A6"), ",Gamma,,", ",Twin,,us")
    elsewhere = tmp_path / "elsewhere.csv"
    elsewhere.write_text(answered("Twin,us,,A7; A8,A8"), encoding="utf-8")
    publish.account_review(dataset.review, elsewhere)
    assert [(one["name"], one["answer"]) for one in lines(elsewhere.read_bytes())] == [("Gamma", "A6"), ("Twin", "A8")]
    with pytest.raises(SegxlError, match=r"the account review list is a CSV file: name a \.csv file"):
        publish.account_review(dataset.review, tmp_path / "list.xlsx")
    notes = tmp_path / "notes.csv"
    notes.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SegxlError, match="not an account review list: the column"):
        publish.account_review(dataset.review, notes)
    assert notes.read_text(encoding="utf-8") == "a,b\n1,2\n"


# -- evidence that contradicts itself, and answers to many questions


@pytest.mark.parametrize(
    ("row", "account", "candidates"),
    [
        (",Delta One,acme.com,", "", "A1; A4"),  # the domain is A1's, the name exactly A4's
        (",Acme Ltd,beta.example,UK", "A3", ""),  # no one has the domain
        (",Gamma S.A.,it@acme.com,US", "", "A1; A6"),
        (",Beta,acme.com,Germany", "", "A1; A2"),  # name and country would do, the domain says another
        (",Acme,acme.com,", "A1", ""),  # two have the name, one of them the domain
        (",Somebody,acme.com,", "A1", ""),
        (",Gamma,delta.com,", "", "A4; A5; A6"),  # of two with the domain none has the name
    ],
)
def test_a_domain_and_the_name_of_another_account_are_a_question(
    folder: Folder, row: str, account: str, candidates: str
) -> None:
    dataset = folder(accounts=ACCOUNTS, opportunities=deals(row))
    assert accounts_of(dataset) == [account]
    assert [one.candidates for one in dataset.review.questions] == ([candidates] if candidates else [])


def test_one_line_says_yes_to_every_question_with_one_candidate(tmp_path: Path) -> None:
    rows = (",Gamma,,", ",Beta,,", ",Acme,,", ",Delta One,,FR")
    dataset = with_list(tmp_path, answered("*,,,,yes", "Delta One,,,,none"), *rows)
    # Delta One's own line is of another country than the row, so it answers nothing of it
    assert accounts_of(dataset) == ["A6", "A2", "", "A4"]
    assert [one.name for one in dataset.review.questions] == ["Acme"]
    assert dataset.ledger.rejected_rows == 0
    kept = merged(dataset.review)
    assert (kept[0].name, kept[0].answer) == ("*", "yes")
    assert dataset.ledger.balanced


def test_an_answer_of_its_own_goes_before_the_line_for_all(tmp_path: Path) -> None:
    dataset = with_list(tmp_path, answered("*,,,,Yes", "Gamma,,,,none"), ",Gamma,,", ",Beta,,")
    assert accounts_of(dataset) == ["", "A2"]


def test_the_line_for_all_takes_yes_alone(tmp_path: Path) -> None:
    dataset = with_list(tmp_path, answered("*,,,,none"), ",Gamma,,")
    assert accounts_of(dataset) == [""]
    (rejected,) = dataset.ledger.rejections
    assert "is not possible for" in rejected.reason
