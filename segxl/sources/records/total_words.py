"""Words of totals, counts and legal lines in the languages that Excel and other programs write."""

from __future__ import annotations

import re
from enum import IntEnum


class TotalWord(IntEnum):
    """The kinds of a row that a cell's text may show."""

    RECORD = 0
    AFFIX = 1
    """``Retail Total``, ``Total Retail``: a subtotal or a name."""
    TOTAL = 2
    """``Total``, ``Summe``: a total or, rarely, a name."""
    CERTAIN = 3
    """``Grand Total``, ``Subtotal``, ``Total: Account``: no name."""
    COUNT = 4
    """``(3 rows)``."""
    LEGAL = 5
    """``Confidential Information``, ``Copyright (c) 2026``."""


_TOTALS = """
    total; totals; totale; totaal; totalt; totali; totales; totaux; totais; toplam; total sum; sum; sums; suma;
    sumă; summe; summen; summa; somme; somma; som; soma; ergebnis; gesamt; insgesamt; gesamtwert; overall;
    ensemble; łącznie; ogółem; razem; celkem; celkom; spolu; součet; súčet; összesen; összeg; összeg:; итого;
    итог; всего; сумма; усього; всього; разом; підсумок; сума; общо; всичко; ukupno; zbroj; skupaj; vsota;
    укупно; збир; σύνολο; συνολο; άθροισμα; yekun; cəmi; kokku; kopā; summā; viso; iš viso; suma iš viso;
    yhteensä; i alt; samtals; jumlah; tổng; tổng cộng; tổng số; รวม; ผลรวม; รวมทั้งหมด; 合計; 合计; 総計; 总计; 總計;
    計; 汇总; 彙總; 集計; 总和; 總和; 합계; 총계; 총합; 요약; المجموع; الإجمالي; مجموع; جمع; סה"כ; סה״כ; סך הכל; סהכ;
    कुल; योग; guztira; iomlán; барлығы; ჯამი; average; averages; mean; durchschnitt; mittelwert; moyenne; promedio;
    gemiddelde; średnia; průměr; среднее; medelvärde; keskiarvo; gennemsnit; gjennomsnitt; ortalama; 平均; 평균
    """
_CERTAIN = """
    grand total; grand totals; grand sum; sub total; sub totals; sub-total; sub-totals; subtotal; subtotals;
    total general; total général; totaux généraux; sous-total; sous-totaux; sous total; somme totale; total
    geral; total xeral; subtotales; subtotais; total global; suma total; total parcial; suma parcial; totale
    complessivo; totale generale; totale parziale; subtotale; subtotali; somma totale; eindtotaal; subtotaal;
    subtotalen; algemeen totaal; gesamtsumme; gesamtergebnis; gesamttotal; endsumme; zwischensumme;
    zwischensummen; zwischenergebnis; teilergebnis; teilsumme; summe gesamt; gesamt summe; suma końcowa; suma
    całkowita; suma ogólna; suma częściowa; suma pośrednia; celkový součet; mezisoučet; celková suma; celkový
    súčet; medzisúčet; végösszeg; mindösszesen; részösszeg; общий итог; общая сумма; итого по всем; итого:;
    промежуточный итог; промежуточные итоги; подытог; загальний підсумок; проміжний підсумок; обща сума;
    междинна сума; sveukupno; ukupan zbroj; ukupni zbroj; podzbroj; međuzbroj; ukupna suma; skupna vsota; delna
    vsota; γενικό σύνολο; γενικό άθροισμα; μερικό σύνολο; genel toplam; ara toplam; kaikki yhteensä; loppusumma;
    välisumma; totalsumma; delsumma; slutsumma; totalsum; hovedtotal; delsum; mellomsum; kogusumma; vahesumma;
    kopsumma; pavisam kopā; starpsumma; bendra suma; tarpinė suma; total keseluruhan; jumlah total; jumlah
    besar; subjumlah; tổng phụ; รวมทั้งสิ้น; ผลรวมทั้งหมด; ผลรวมย่อย; 総合計; 小計; 小计; 総額; 총합계; 소계; 부분합; المجموع
    الكلي; الإجمالي الكلي; المجموع الفرعي; סכום כולל; סכום ביניים; कुल योग; उप-योग; जमा कुल; جمع کل; umumi yekun
    """
TOTALS = frozenset(" ".join(word.split()) for word in _TOTALS.split(";"))
CERTAIN = frozenset(" ".join(word.split()) for word in _CERTAIN.split(";"))
_EITHER = TOTALS | CERTAIN

_FIRST_WORDS = frozenset(phrase.split()[0].rstrip(":") for phrase in _EITHER)
_LAST_WORDS = frozenset(phrase.split()[-1].rstrip(":") for phrase in _EITHER)

_ROWS = (
    r"rows?|row\(s\)|records?|record\(s\)|lines?|line\(s\)|results?|items?|entries|zeilen?|datens[äa]tze?|eintr[äa]ge?|"
    r"lignes?|enregistrements?|r[ée]sultats?|filas?|registros?|resultados?|righe|riga|rijen|rij|linhas?|wiersz[ey]?|"
    r"rekord[óo]w|rekordy|řádků|řádky|riadkov|sor|rekord|rader|rad|rækker|poster|riviä|tietuetta|строк[аи]?|"
    r"запис[ьией]+|рядк[иів]+|satır|kayıt|行|件|条|條|笔|筆|행|건|개"
)
_COUNT = re.compile(
    rf"\(?\s*[\d.,'\s]+\s*(?:{_ROWS})(?!\w)(?:\s*[(,]?\s*(?:affected|in set|returned|selected|found|exported|fetched|"
    r"produced|retrieved|total|in total|gesamt|betroffen|au total|en total|in totale)\b.{0,60})?\)?\.?"
    rf"|(?:{_ROWS})\s+(?:returned|affected|selected|exported|found|fetched|retrieved|produced)\b.{{0,40}}"
    r"|(?:total|number of|no\. of|count of|anzahl(?: der)?|nombre (?:total )?d[e’']|"
    r"numero (?:di|de)|número (?:de|total de)|liczba|počet|antal|antall|aantal|количество|число|"
    r"кількість|total de|totale|gesamtzahl(?: der)?)\s*"
    rf"(?:{_ROWS})(?!\w).{{0,40}}"
    r"|(?:record|row|line) count\b.{0,40}|empty set\b.{0,40}",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"confidential information\b.*|(?:strictly |private and |proprietary and )?confidential\b.*(?:distribut|disclos).*"
    r"|vertrauliche informationen\b.*|informations? confidentielles?\b.*|información confidencial\b.*"
    r"|informazioni riservate\b.*|informações confidenciais\b.*|vertrouwelijke informatie\b.*"
    r"|copyright\b.*\d{4}.*|(?:©|\(c\)) ?(?:copyright )?\d{4}.*|.*\ball rights reserved\.?"
    r"|.*\balle rechte vorbehalten\.?"
    r"|.*\btous droits réservés\.?|.*\btodos los derechos reservados\.?",
    re.IGNORECASE,
)
_LEGAL_HEADS = ("co", "ve", "in", "©", "(c", "st", "pr")
_LEGAL_TAILS = ("ed", "d.", "en", "n.", "és", "s.", "os")
_COUNT_HEADS = (
    *("ro", "re", "li", "nu", "nú", "no", "co", "an", "za", "to", "po", "aa", "em", "ge", "ze", "da", "fi", "ri", "en"),
    *("st", "ко", "чи", "кі", "за", "件", "行"),
)
_HEADS = frozenset({*(word[:2] for word in _EITHER), *_LEGAL_HEADS, *_COUNT_HEADS})
_TAILS = frozenset({*(word[-2:] for word in _EITHER), *_LEGAL_TAILS})
_LONGEST = 300
_MARKS = re.compile(r"\s*[:：]\s*|\s*[(（]\s*|\s+[-–—]\s+")


def kind_of(text: str) -> TotalWord:
    """The kinds that a text may show. Most cells have neither the beginning nor the end of any word."""
    if not text:
        return TotalWord.RECORD
    if text[0] in "(0123456789":
        last = text[-1]
        if last.isdigit() or len(text) > 100:
            return TotalWord.RECORD
        key = text.casefold()
        return _looked_at(key) if not last.isdigit() and " " in key else TotalWord.RECORD
    key = text[:_LONGEST].casefold()
    if key[:2] not in _HEADS and key[-2:] not in _TAILS and key[:1] != "©":
        return TotalWord.RECORD
    return _looked_at(key)


def _looked_at(key: str) -> TotalWord:
    key = key.strip("*•-–— ")
    if key in CERTAIN:
        return TotalWord.CERTAIN
    if key.rstrip(":：. ") in TOTALS:
        return TotalWord.TOTAL
    if key.rstrip(":：. ") in CERTAIN:
        return TotalWord.CERTAIN
    if _COUNT.fullmatch(key):
        return TotalWord.COUNT
    if _LEGAL.fullmatch(key):
        return TotalWord.LEGAL
    if mark := _MARKS.search(key):
        head, sign, rest = key[: mark.start()], mark[0].strip(), key[mark.end() :]
        if head in CERTAIN or (head in TOTALS and (sign in ":：" or (sign in "(（" and rest[:1].isdigit()))):
            return TotalWord.CERTAIN
        if head in TOTALS:
            return TotalWord.AFFIX
    return TotalWord.AFFIX if group_of(key) else TotalWord.RECORD


_FUNCTIONS = """
    count counta anzahl nombre cuenta conteggio aantal contagem contar ilość liczba počet darab количество кол-во antal
    antall max maximum min minimum 個数 件数 数量 计数 計數 개수
    """


def is_function(text: str) -> bool:
    """Whether a cell names the numbers of a total's row: a count, a maximum, a total."""
    return text.casefold() in _FUNCTIONS.split() or kind_of(text) in (TotalWord.TOTAL, TotalWord.CERTAIN)


def group_of(label: str) -> str:
    """The group of a subtotal, by its label: ``Retail`` for ``Retail Total`` and for ``Total - Retail``.

    Blank if the label names no group.
    """
    words = label.split()
    if not words or (
        words[0].casefold().rstrip(":") not in _FIRST_WORDS and words[-1].casefold().rstrip(":") not in _LAST_WORDS
    ):
        return ""
    for size in (3, 2, 1):
        if len(words) > size:
            if " ".join(words[-size:]).casefold().rstrip(":") in _EITHER:
                return " ".join(words[:-size]).rstrip("-–— ")
            if " ".join(words[:size]).casefold().rstrip(":") in _EITHER:
                return " ".join(words[size:]).lstrip("-–— ")
    return ""
