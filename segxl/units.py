"""Units: the kind of a number, and its form in every output.

Numbers travel as exact integers or fractions in the unit's *minor* measure (cents for money, 1 for the others); a
unit turns them into what people read. The Excel formats follow finance's habits: negatives in parentheses, zero as
a dash, one decimal for percent; `_)` keeps digits in line with those in parentheses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Unit:
    """A unit of measure.

    Attributes:
        key: the word in JSON and in the catalogue.
        minor: how many minor measures make one (100 cents make a dollar).
        excel: Excel's number format.
        decimals: decimals in plain text.
        percent: the number is a fraction that is read as a percentage.
        scale: what one shown step is worth: 1,000 for amounts that are written in thousands.
    """

    key: str
    minor: int
    excel: str
    decimals: int = 0
    percent: bool = False
    scale: int = 1

    def __reduce__(self) -> str | tuple[object, ...]:
        """A copy, also one in another process, of a unit that this module names is that unit itself."""
        name = next((name for name, value in globals().items() if value is self), "")
        return name or (Unit, (self.key, self.minor, self.excel, self.decimals, self.percent))

    def shown(self, value: int | Fraction) -> int | float:
        """The number as people and JSON see it: an int where it is whole, else the nearest float."""
        exact = Fraction(value) / self.minor
        return int(exact) if exact.denominator == 1 else exact.numerator / exact.denominator

    def text(self, value: int | float | None) -> str:
        """A shown number as plain text for terminals and prose; ``None`` is ``n/a``."""
        if value is None:
            return "n/a"
        scaled = value * 100 if self.percent else value / self.scale if self.scale > 1 else value
        body = f"{abs(scaled):,.{self.decimals}f}" + ("%" if self.percent else "")
        return f"({body})" if scaled < 0 else body

    def vanishes(self, value: int | float) -> bool:
        """Whether a number other than zero is shown as zero: ``-0.0004`` of a rate reads 0.0%."""
        scaled = Decimal(f"{abs(value):.15g}") * (100 if self.percent else 1) / self.scale
        return 0 < scaled < Decimal(5).scaleb(-self.decimals - 1)

    @property
    def exact(self) -> Unit:
        """The unit with all decimals: money to the cent; other units are exact as they are."""
        return MONEY_EXACT if self == MONEY else self

    def written(self, value: int | float) -> Unit:
        """The unit to write a shown number in: one that rounds to zero has no sign, 0.0% and not (0.0%)."""
        if value >= 0 or not self.vanishes(value):
            return self
        rise, _, zero = self.excel.split(";")
        return replace(self, excel=f"{rise};{rise};{zero}")

    def of_few(self, count: int) -> Unit:
        """The unit of a rate of a few: ``60.0% (n 5)``."""
        rise, fall, zero = (part.removesuffix("_)") for part in self.excel.split(";"))
        return replace(self, excel=f'{rise}" (n {count})";{fall}" (n {count})";{zero}" (n {count})"')

    def change(self, favourable: bool | None) -> Unit:
        """The unit of a difference: a filled triangle where it is favourable, a hollow one where it is not.

        The triangle points in the direction of the change, so that direction and judgement are visible without colour.
        """
        if favourable is None:
            return self
        up, down = ("▲", "▼") if favourable else ("△", "▽")
        rise, fall, zero = self.excel.split(";")
        return replace(self, excel=f'"{up} "{rise};"{down} "{fall};{zero}')


MONEY = Unit("money", 100, '#,##0_);(#,##0);"–"_)')
MONEY_EXACT = Unit("money", 100, '#,##0.00_);(#,##0.00);"–"_)', decimals=2)
MONEY_THOUSANDS = replace(MONEY, excel='#,##0,_);(#,##0,);"–"_)', scale=1_000)
MONEY_MILLIONS = replace(MONEY, excel='#,##0.0,,_);(#,##0.0,,);"–"_)', decimals=1, scale=1_000_000)
COUNT = Unit("count", 1, '#,##0_);(#,##0);"–"_)')
DAYS = Unit("days", 1, '#,##0.0_);(#,##0.0);"–"_)', decimals=1)
RATE = Unit("rate", 1, '#,##0.0%_);(#,##0.0%);"–"_)', decimals=1, percent=True)
ATTAINED = Unit("rate", 1, "#,##0%_);(#,##0%);0%_)", percent=True)
"""Actual as a part of plan: no decimals, and nothing of a plan is 0%, not a dash."""
TIMES = Unit("times", 1, '0.0"×"_);(0.0"×");"–"_)', decimals=1)
POINTS = Unit("percentage points", 1, '0.0" pp"_);(0.0" pp");"–"_)', decimals=1)
"""Differences between rates; pages show the fraction 0.012 as 1.2 pp."""
DATE = Unit("date", 1, "yyyy-mm-dd")
MONTH = Unit("month", 1, "yyyy-mm")
TEXT = Unit("text", 1, "@")

_IN_MILLIONS = replace(MONEY, excel='0.00,,"m";(0.00,,"m");"–"', decimals=2, scale=1_000_000)
_IN_TENS_OF_MILLIONS = replace(_IN_MILLIONS, excel='#,##0.0,,"m";(#,##0.0,,"m");"–"', decimals=1)
_IN_THOUSANDS = replace(MONEY, excel='#,##0,"k";(#,##0,"k");"–"', scale=1_000)


def money_scale(largest: int | Fraction) -> tuple[Unit, str]:
    """The unit for amounts up to ``largest`` cents at a glance, and its word: thousands, millions or, for small
    companies, none."""
    amount = abs(Fraction(largest)) / MONEY.minor
    if amount >= 1_000_000_000:
        return MONEY_MILLIONS, "millions"
    return (MONEY_THOUSANDS, "thousands") if amount >= 1_000_000 else (MONEY, "")


def short_money(cents: int | Fraction) -> Unit:
    """The unit of a single amount: 16.3m, 3.78m, 648k, 9,500."""
    amount = abs(Fraction(cents)) / MONEY.minor
    if amount >= 10_000_000:
        return _IN_TENS_OF_MILLIONS
    return _IN_MILLIONS if amount >= 1_000_000 else _IN_THOUSANDS if amount >= 10_000 else MONEY


def short_text(cents: int | Fraction) -> str:
    """An amount for a sentence, without its sign: ``3.78m``, ``648k``, ``9,500``."""
    unit = short_money(cents)
    return unit.text(unit.shown(abs(Fraction(cents)))) + {1_000_000: "m", 1_000: "k"}.get(unit.scale, "")
