"""The names of one company in two exports: domains, names and countries made comparable.

Decisions, each on the safe side: what these functions make equal is matched without a question, so they take away
only what never distinguishes two companies.

==============================================  ==================
domain                                          compared as
==============================================  ==================
``https://www.Acme.com/about``                  ``acme.com``
``ann@acme.com``                                ``acme.com``
``shop.acme.com``                               ``shop.acme.com``
``ann@gmail.com``, ``linkedin.com/company/x``   nothing: many companies share it
``acme.com; acme.de``                           nothing, and the ledger says so
==============================================  ==================

==============================================  ==================
name                                            compared as
==============================================  ==================
``ACME, Inc.``                                  ``acme``
``Müller & Söhne GmbH & Co. KG``                ``muller and sohne``
``The Boots Company PLC``                       ``boots``
``J.P. Morgan``                                 ``jp morgan``
``Acme Holding``, ``Acme Group``                ``acme holding``, ``acme group``: other companies than Acme
``Mueller``                                     ``mueller``: it may be Müller, which is asked (:func:`spelled_out`)
==============================================  ==================
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from segxl.tables.contracts import PLACEHOLDERS, Table

_PERSONAL = """
    gmail.com googlemail.com outlook.com live.com msn.com icloud.com me.com mac.com aol.com gmx.net gmx.de gmx.at gmx.ch
    gmx.com web.de t-online.de freenet.de proton.me protonmail.com pm.me mail.com mail.ru yandex.ru yandex.com qq.com
    163.com 126.com sina.com naver.com daum.net zoho.com fastmail.com hey.com comcast.net verizon.net att.net
    sbcglobal.net bellsouth.net cox.net orange.fr free.fr wanadoo.fr laposte.net sfr.fr libero.it virgilio.it bluewin.ch
    hispeed.ch btinternet.com bigpond.com rediffmail.com rocketmail.com ymail.com tutanota.com uol.com.br bol.com.br
    """
"""Private mail domains, in addition to Yahoo and Hotmail, which exist in every country."""
_PERSONAL_EVERYWHERE = re.compile(r"(yahoo|hotmail)\.[a-z]{2,3}(\.[a-z]{2})?")
_SHARED_SITES = "linkedin.com facebook.com instagram.com twitter.com x.com youtube.com sites.google.com github.com"
"""Sites where companies have a page each: with a path, such an address does not name the site's own company."""

_LEGAL_FORMS = """
    inc incorporated corp corporation co company ltd limited llc llp lp plc pllc gmbh mbh ag kg kgaa ohg gbr ug ev se sa
    sas sasu sarl srl spa sl slu bv nv vof ab as asa oy oyj aps pty pte pvt private kk kft zrt doo sro
    """
_NO_ACCENTS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that Unicode does not treat as a letter with an accent."""
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})

_COUNTRIES: dict[str, str] = {
    name: line.strip().partition("|")[0]
    for line in """
    us|usa|united states|united states of america
    gb|uk|united kingdom|great britain|united kingdom of great britain and northern ireland
    de|deu|germany|deutschland
    fr|fra|france
    nl|nld|netherlands|the netherlands|nederland|holland
    be|bel|belgium
    ch|che|switzerland|schweiz|suisse
    at|aut|austria|osterreich
    es|esp|spain|espana
    it|ita|italy|italia
    pt|prt|portugal
    ie|irl|ireland
    se|swe|sweden|sverige
    no|nor|norway|norge
    dk|dnk|denmark|danmark
    fi|fin|finland|suomi
    pl|pol|poland|polska
    cz|cze|czech republic|czechia
    ca|can|canada
    mx|mex|mexico
    br|bra|brazil|brasil
    au|aus|australia
    nz|nzl|new zealand
    jp|jpn|japan
    cn|chn|china|peoples republic of china
    hk|hkg|hong kong
    sg|sgp|singapore
    kr|kor|south korea|korea republic of|republic of korea
    in|ind|india
    il|isr|israel
    ae|are|united arab emirates|uae
    za|zaf|south africa
    tr|tur|turkey|turkiye
    lu|lux|luxembourg|luxemburg
    gr|grc|greece|hellas
    hu|hun|hungary|magyarorszag
    ro|rou|romania
    bg|bgr|bulgaria
    hr|hrv|croatia|hrvatska
    rs|srb|serbia
    si|svn|slovenia
    sk|svk|slovakia|slovak republic
    ee|est|estonia|eesti
    lv|lva|latvia
    lt|ltu|lithuania
    is|isl|iceland
    mt|mlt|malta
    cy|cyp|cyprus
    ua|ukr|ukraine
    ru|rus|russia|russian federation
    sa|sau|saudi arabia
    qa|qat|qatar
    kw|kwt|kuwait
    eg|egy|egypt
    ma|mar|morocco
    ng|nga|nigeria
    ke|ken|kenya
    ar|arg|argentina
    cl|chl|chile
    co|col|colombia
    pe|per|peru
    uy|ury|uruguay
    ec|ecu|ecuador
    cr|cri|costa rica
    tw|twn|taiwan|taiwan province of china
    th|tha|thailand
    my|mys|malaysia
    id|idn|indonesia
    ph|phl|philippines|the philippines
    vn|vnm|vietnam|viet nam
    pk|pak|pakistan
    bd|bgd|bangladesh
    lk|lka|sri lanka
    """.strip().split("\n")
    for name in line.strip().split("|")
}
"""Spellings of the countries that exports name most; every other country equals its own spelling only."""


def domain_of(text: str) -> str:
    """The company's domain in a domain, a web address or a mail address; blank if it has none."""
    found = text.strip().casefold()
    if found in PLACEHOLDERS or any(letter.isspace() for letter in found):
        return ""
    found = re.sub(r"^([a-z][a-z0-9+.-]*:)?//", "", found)
    host, *path = re.split(r"[/?#\\]", found, maxsplit=1)
    host = host.rpartition("@")[2].partition(":")[0].strip(".").removeprefix("www.")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]+", host):
        return ""
    if host in _words(_PERSONAL) or _PERSONAL_EVERYWHERE.fullmatch(host):
        return ""
    return "" if host in _words(_SHARED_SITES) and path and path[0] else host


_BETWEEN = re.compile(r"[;,|\s]+")


def several_domains(text: str) -> bool:
    """Whether a cell has a company's domain among several words, ``acme.com; acme.de``, which is not one domain."""
    parts = [part for part in _BETWEEN.split(text) if part]
    return len(parts) > 1 and not domain_of(text) and any(domain_of(part) for part in parts)


def name_of(text: str) -> str:
    """A company's name without case, accents, punctuation, a leading "the" and the legal forms at its end."""
    if text.strip().casefold() in PLACEHOLDERS:
        return ""
    return _plain_name(_without_accents(text))


def spelled_out(text: str) -> str:
    """The name as :func:`name_of` gives it, where ä, ö, ü, ø and å are written with two letters; blank without them."""
    letters = unicodedata.normalize("NFC", text).casefold()
    spelled = letters.translate(_SPELLED_OUT)
    return "" if spelled == letters else _plain_name(_without_accents(spelled))


def _plain_name(text: str) -> str:
    plain = text.replace("&", " and ").replace("a/s", "as")
    words = re.sub(r"[\W_]+", " ", re.sub(r"[.'’`]", "", plain)).split()
    full = " ".join(words)
    while words and (words[-1] in _words(_LEGAL_FORMS) or words[-1] == "and"):
        words.pop()
    if len(words) > 1 and words[0] == "the":
        del words[0]
    return " ".join(words) or full


def country_of(text: str) -> str:
    """A country: the two letters of its code where it is one that exports name most, else its plain spelling."""
    if text.strip().casefold() in PLACEHOLDERS:
        return ""
    plain = " ".join(re.sub(r"[\W_]+", " ", re.sub(r"[.'’]", "", _without_accents(text))).split())
    return _COUNTRIES.get(plain, plain)


def _without_accents(text: str) -> str:
    if text.isascii():
        return text.casefold()
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_NO_ACCENTS)
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def shared_domains(accounts: Table) -> dict[str, list[int]]:
    """The places of the accounts that share a domain, by domain: they may be one company in several spellings."""
    found: dict[str, list[int]] = {}
    for place, domain in enumerate(accounts.texts("domain").changed(domain_of).cells):
        if domain:
            found.setdefault(domain, []).append(place)
    return {domain: places for domain, places in found.items() if len(places) > 1}
