"""Text files that are not UTF-8: the advice names the encodings that read them, and never calls one encoding two."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from segxl.errors import SegxlError
from segxl.sources.files.encodings import fitting
from segxl.sources.files.files import read_file
from segxl.sources.suggest.proposal import proposed_settings

WRITTEN = {
    "cp932": ("山田製作所", "ソフト能表", "ウェブ"),
    "shift_jis": ("株式会社さくら", "表計算", "東京"),
    "euc-jp": ("鈴木商店", "株式会社", "大阪"),
    "gbk": ("北京科技有限公司", "张三", "统一"),
    "gb18030": ("上海贸易", "李四", "网站"),
    "big5": ("台北科技公司", "許功蓋", "陳先生"),
    "euc-kr": ("서울전자", "주식회사", "책"),
    "cp949": ("한국무역", "똠방각하", "부산"),
    "windows-1251": ("ООО Ромашка", "Ні", "Иванов"),
    "koi8-r": ("Москва", "Иванов", "Ромашка"),
    "windows-1250": ("Łódź", "Kovács Őrség", "Žižkov"),
    "windows-1252": ("Müller", "Société Générale", "Núñez"),
    "windows-1253": ("Αθήνα", "Παπαδόπουλος", "Ελλάς"),
    "windows-1254": ("İstanbul", "Şirket", "Değer"),
    "windows-1257": ("Rīga", "Žemaitija", "Šiauliai"),
    "mac-roman": ("Müller", "Société Générale", "Núñez"),
}
"""What three companies are called that a program wrote in an encoding."""


def written(folder: Path, data: bytes, name: str = "konten.csv") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def table(names: tuple[str, ...]) -> str:
    return "account_id,name\n" + "".join(f"A{at},{name}\n" for at, name in enumerate(names, start=1))


@pytest.mark.parametrize("encoding", WRITTEN)
def test_the_advice_names_an_encoding_that_reads_the_file_as_it_was_written(tmp_path: Path, encoding: str) -> None:
    names = WRITTEN[encoding]
    path = written(tmp_path, table(names).encode(encoding))
    with pytest.raises(SegxlError, match=r"is not utf-8; set encoding = ") as refused:
        read_file(path)
    assert "mixed" not in str(refused.value)
    advised = re.findall(r'encoding = "([^"]+)"', str(refused.value))
    assert any(tuple(read_file(path, encoding=one).column("name")) == names for one in advised)
    assert tuple(read_file(path, encoding=encoding).column("name")) == names


@pytest.mark.parametrize("encoding", WRITTEN)
def test_a_file_with_one_word_in_it_is_never_called_a_mixture(tmp_path: Path, encoding: str) -> None:
    """Pairs of its few bytes may by chance be letters of UTF-8: 책 and Ні are."""
    for name in WRITTEN[encoding]:
        data = f"account_id,name\nA1,{name}\n".encode(encoding)
        try:
            data.decode()
        except UnicodeDecodeError:
            with pytest.raises(SegxlError) as refused:
                read_file(written(tmp_path, data))
            assert "mixed" not in str(refused.value)


def test_each_encoding_named_shows_a_word_as_it_reads_it(tmp_path: Path) -> None:
    path = written(tmp_path, table(("Иванов", "Петров")).encode("cp1251"))
    with pytest.raises(SegxlError, match="take the one in which the names are right") as refused:
        read_file(path)
    assert "encoding = \"windows-1251\" ('Иванов')" in str(refused.value)
    assert "encoding = \"windows-1252\" ('Èâàíîâ')" in str(refused.value)


def test_encodings_that_make_no_words_are_not_named() -> None:
    """In each of the others some letter has no place, or a sign is within a name."""
    assert [name for name, _ in fitting("Müller\nCafé Straße\n".encode("cp1252"))] == ["windows-1252"]
    assert [name for name, _ in fitting("Müller\nCafé Straße\n".encode("mac-roman"))] == ["mac-roman"]


@pytest.mark.parametrize(
    ("most", "other", "encoding"),
    [
        (("Köln", "Düsseldorf"), "Zürich", "cp1252"),
        (("Иванов", "Сидоров"), "Петров", "cp1251"),
        (("東京", "大阪市役所", "京都市"), "山田", "cp932"),
    ],
)
def test_two_encodings_in_one_file_are_still_told(
    tmp_path: Path, most: tuple[str, ...], other: str, encoding: str
) -> None:
    data = table(most).encode() + f"A9,{other}\n".encode(encoding)
    with pytest.raises(SegxlError, match=rf"row {len(most) + 2}: .* the file mixes two encodings: correct the text"):
        read_file(written(tmp_path, data))


def test_a_wrong_encoding_in_the_settings_gets_the_right_ones(tmp_path: Path) -> None:
    path = written(tmp_path, table(("山田", "表")).encode("cp932"))
    with pytest.raises(SegxlError, match='is not ascii; set encoding = "cp932"'):
        read_file(path, encoding="ascii")
    path = written(tmp_path, table(("Köln",)).encode())
    with pytest.raises(SegxlError, match='is not ascii, but UTF-8; set encoding = "utf-8"'):
        read_file(path, encoding="ascii")


def test_a_proposal_names_the_encoding_that_fits(tmp_path: Path) -> None:
    text = "Opportunity Name,Account Name,Stage,Close Date,Created Date\nA,山田製作所,Demo,2026-03-31,2026-02-15\n"
    written(tmp_path, text.encode("cp932"), "report.csv")
    proposed = proposed_settings(tmp_path)
    assert "# In cp932 it is Salesforce opportunity report; if the names look right, remove the #:\n" in proposed
    assert '# encoding = "cp932"\n' in proposed
