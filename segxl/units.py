"""Units: the kind of a number, and its form in every output.

Numbers travel as exact integers or fractions in the unit's *minor* measure (cents for money, 1 for the others); a
unit turns them into what people read. In Excel as in text negatives have a true minus, percentages one decimal, and
zero is 0: a dash could mean that a number is missing, which is n/a.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)  # the largest float has 309 digits

MINUS = "−"
"""The sign of negative numbers, in every output."""


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
        return name or (Unit, (self.key, self.minor, self.excel, self.decimals, self.percent, self.scale))

    def shown(self, value: int | Fraction) -> int | float:
        """The number as people and JSON see it: an int where it is whole, else the nearest float."""
        if isinstance(value, int):
            if self.minor == 1:
                return value
            whole, rest = divmod(value, self.minor)
            return value / self.minor if rest else whole
        above, below = value.numerator, value.denominator * self.minor
        whole, rest = divmod(above, below)
        return above / below if rest else whole

    def text(self, value: int | float | None) -> str:
        """A shown number as plain text for terminals and prose, rounded as Excel does; ``None`` is ``n/a``."""
        if value is None:
            return "n/a"
        exact = abs(Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}"))
        scaled = _EXACT.divide(exact * (100 if self.percent else 1), Decimal(self.scale))
        body = f"{_EXACT.quantize(scaled, Decimal(1).scaleb(-self.decimals)):,f}" + ("%" if self.percent else "")
        return f"{MINUS}{body}" if value < 0 else body

    def vanishes(self, value: int | float) -> bool:
        """Whether a number other than zero is shown as zero: ``-0.0004`` of a rate reads 0.0%."""
        scaled = Decimal(f"{abs(value):.15g}") * (100 if self.percent else 1) / self.scale
        return 0 < scaled < Decimal(5).scaleb(-self.decimals - 1)

    @property
    def exact(self) -> Unit:
        """The unit with all decimals: money to the cent; other units are exact as they are."""
        return MONEY_EXACT if self == MONEY else self

    def written(self, value: int | float) -> Unit:
        """The unit to write a shown number in: one that rounds to zero has no sign, 0.0% and not −0.0%."""
        if value >= 0 or not self.vanishes(value):
            return self
        rise, _, zero = self.excel.split(";")
        return replace(self, excel=f"{rise};{rise};{zero}")

    def of_few(self, count: int) -> Unit:
        """The unit of a rate of a few: ``60.0% (n 5)``."""
        rise, fall, zero = self.excel.split(";")
        return replace(self, excel=";".join(_joined(part, f'" (n {count})"') for part in (rise, fall, zero)))

    @property
    def averaged(self) -> Unit:
        """The unit of an average in a column of sums: ``avg 281,640``."""
        return replace(self, excel=";".join(_joined('"avg "', part) for part in self.excel.split(";")))

    def change(self, favourable: bool | None) -> Unit:
        """The unit of a difference: a filled triangle where it is favourable, a hollow one where it is not.

        The triangle points in the direction of the change, so that direction and judgement are visible without colour.
        """
        if favourable is None:
            return self
        up, down = ("▲", "▼") if favourable else ("△", "▽")
        rise, fall, zero = self.excel.split(";")
        marked = _joined(f'"{up} "', rise), _joined(f'"{down} "', fall)
        return replace(self, excel=";".join((*marked, zero)))


def _joined(one: str, other: str) -> str:
    """Two parts of a format as one: words next to each other in the same quotes, as not every program reads two."""
    return f"{one}{other}".replace('""', "")


def excel_format(positive: str, zero: str = "") -> str:
    """Excel's format of numbers that read ``positive`` above zero: a true minus below it, and ``zero``, by default as
    ``positive`` reads it."""
    return f'{positive};"{MINUS}"{positive};{zero or positive}'


MONEY = Unit("money", 100, excel_format("#,##0"))
MONEY_EXACT = Unit("money", 100, excel_format("#,##0.00"), decimals=2)
MONEY_THOUSANDS = replace(MONEY, excel=excel_format("#,##0,"), scale=1_000)
MONEY_MILLIONS = replace(MONEY, excel=excel_format("#,##0.0,,"), decimals=1, scale=1_000_000)
COUNT = Unit("count", 1, excel_format("#,##0"))
DAYS = Unit("days", 1, excel_format("#,##0.0"), decimals=1)
RATE = Unit("rate", 1, excel_format("#,##0.0%"), decimals=1, percent=True)
ATTAINED = Unit("rate", 1, excel_format("#,##0%"), percent=True)
"""Actual as a part of plan: no decimals."""
TIMES = Unit("times", 1, excel_format('0.0"×"'), decimals=1)
POINTS = Unit("percentage points", 1, excel_format('0.0" pp"'), decimals=1)
"""Differences between rates; pages show the fraction 0.012 as 1.2 pp."""
DATE = Unit("date", 1, "yyyy-mm-dd")
MONTH = Unit("month", 1, "yyyy-mm")
TEXT = Unit("text", 1, "@")

_IN_MILLIONS = replace(MONEY, excel=excel_format('0.00,,"m"'), decimals=2, scale=1_000_000)
_IN_TENS_OF_MILLIONS = replace(_IN_MILLIONS, excel=excel_format('#,##0.0,,"m"'), decimals=1)
_IN_THOUSANDS = replace(MONEY, excel=excel_format('#,##0,"k"'), scale=1_000)
_IN_FEW_THOUSANDS = replace(_IN_THOUSANDS, excel=excel_format('0.0,"k"'), decimals=1)


@dataclass(frozen=True)
class Scale:
    """How a page writes amounts: one unit for all of them, which the page names once.

    ``word``: thousands or millions, blank for full amounts. ``cell``: below a header that names the unit; ``spoken``:
    with the unit's letter, for amounts on their own; ``few``: the same for amounts below ten of the unit.
    """

    word: str
    cell: Unit
    spoken: Unit
    few: Unit
    letter: str = ""

    def unit(self, cents: int | Fraction) -> Unit:
        """The unit of a single amount: 3,782k; below ten of the page's unit with a decimal, 9.5k; 0 without a
        letter."""
        if not cents:
            return MONEY
        return self.spoken if self.shows(cents) else self.few

    def shows(self, cents: int | Fraction) -> bool:
        """Whether an amount is at least ten of the page's thousands or millions; of full amounts any."""
        return bool(cents) and (not self.letter or abs(Fraction(cents)) >= 10 * self.spoken.scale * MONEY.minor)

    def text(self, cents: int | Fraction) -> str:
        """An amount for a sentence, without its sign: ``3,782k``, ``9.5k``, ``<0.1k``, ``0``."""
        unit = self.unit(cents)
        shown = unit.shown(abs(Fraction(cents)))
        if self.letter and unit.vanishes(shown):
            return f"<0.1{self.letter}"
        return unit.text(shown) + (self.letter if cents else "")

    def signed(self, cents: int | Fraction) -> str:
        """A change: ``+861k``, ``−175k``."""
        return f"{'+' if cents > 0 else MINUS if cents < 0 else ''}{self.text(cents)}"

    def of(self, currency: str) -> str:
        """The unit in words: ``USD thousands``."""
        return f"{currency} {self.word}".strip()


_FULL = Scale("", MONEY, MONEY, MONEY)
_THOUSANDS = Scale("thousands", MONEY_THOUSANDS, _IN_THOUSANDS, _IN_FEW_THOUSANDS, "k")
_MILLIONS = Scale("millions", MONEY_MILLIONS, _IN_TENS_OF_MILLIONS, _IN_TENS_OF_MILLIONS, "m")


def money_scale(largest: int | Fraction) -> Scale:
    """The scale of pages whose largest amount is ``largest`` cents: of small companies full amounts, from half a
    million on thousands, from a billion on millions."""
    amount = abs(Fraction(largest)) / MONEY.minor
    return _MILLIONS if amount >= 1_000_000_000 else _THOUSANDS if amount >= 500_000 else _FULL


def title_text(cents: int | Fraction) -> str:
    """An amount for the title of a chart, without its sign: ``16.3m``, ``3.78m``, ``648k``, ``9.5k``, ``950``."""
    amount = abs(Fraction(cents)) / MONEY.minor
    if amount < 10_000:
        return _THOUSANDS.text(cents) if amount >= 1_000 else MONEY.text(MONEY.shown(abs(Fraction(cents))))
    unit, letter = (_IN_THOUSANDS, "k") if amount < 1_000_000 else (_IN_MILLIONS, "m")
    unit = _IN_TENS_OF_MILLIONS if amount >= 10_000_000 else unit
    return unit.text(unit.shown(abs(Fraction(cents)))) + letter


def signed_money(cents: int) -> str:
    """``+861k``, ``−175k``, ``+3.2k``."""
    return f"{'+' if cents > 0 else MINUS}{title_text(cents)}"
