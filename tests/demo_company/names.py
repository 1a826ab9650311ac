"""Invented names. Companies are called by made-up words; their websites end in the reserved ``.example``."""

from __future__ import annotations

from tests.demo_company.randomness import Dice

_STARTS = (
    "Alv Bex Brel Cald Cors Dask Dorn Drev Elsk Esk Farn Fenn Gald Gild Gorv Hask Hesk Isk Jarn Jesk Keld "
    "Korv Larn Lusk Marv Mesk Nald Nesk Norv Olsk Orv Pald Pesk Quald Quin Rask Rold Sald Selk Skav Sorn "
    "Tald Tesk Thorv Ulv Urn Vald Vesk Vorn Wald Wesk Yarl Yesk Zald Zorn Brask Dolv Fesk Hald Morv Tolv "
    "Velsk"
)
_ENDS = (
    "adon amere anto avik elane elio enby ento eray esta etta evane iago idane ilor imar indra iona "
    "istane ivo olane oleo omar onda onelle orane ossa otane ovia udane ulio unta urane usko"
)

INDUSTRIES = {
    "Manufacturing": ("Works", "Components", "Machines"),
    "Healthcare": ("Clinics", "Health", "Diagnostics"),
    "Financial Services": ("Capital", "Mutual", "Finance"),
    "Retail": ("Stores", "Outfitters", "Market"),
    "Logistics": ("Freight", "Logistics", "Shipping"),
    "Software": ("Systems", "Software", "Labs"),
    "Energy": ("Power", "Energy", "Renewables"),
}
"""Industries, and what companies of each call themselves."""

_FIRST = (
    "Amara Bram Cécile Dario Edda Farid Greta Hugo Imani Jonas Keiko Liam Maren Nils Odile Priya Quinn "
    "Rosa Sven Talia Uma Viktor Wren Xavi Yara Zeno Anouk Boris Chioma Daan"
)
_LAST = (
    "Aldercott Brennvik Castelmoor Dunhallow Eskerby Fairwold Grunnely Harrowmere Ilvesby Jorvane "
    "Kestermark Lindhallow Müllerbrook Norrwick Ostermayne Pellingford Quennby Rusholt Sandermoor "
    "Tarnfield Ulverdale Vossmere Wintermark Yarrowby Zellmark Ashgrave Birkholme Corvaine Dellamore "
    "Elmshaw"
)


def company_roots(dice: Dice) -> list[str]:
    """Every root once, in any order."""
    return dice.shuffled(start + end for start in _STARTS.split() for end in _ENDS.split())


def people(dice: Dice) -> list[str]:
    """Thirty full names."""
    pairs = zip(dice.shuffled(_FIRST.split()), dice.shuffled(_LAST.split()), strict=True)
    return [f"{first} {last}" for first, last in pairs]
