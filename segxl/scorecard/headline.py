"""The headline of a first page: one or two sentences from its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from segxl.scorecard.finding import Finding
from segxl.scorecard.lookup import Lookup
from segxl.scorecard.summary_model import Change, Measured, base_of
from segxl.scorecard.words import amount_text, change_text, share_text


def headline(look: Lookup, lead: Measured | None, changes: Sequence[Change], found: Sequence[Finding]) -> str:
    """The first measure against its plan and a year before, with the ``changes`` that make it; then the worst findings.

    "Won revenue is 3,782k (79% renewal), 22% above plan and up 22% vs Oct 2025 (renewal +861k, new logo −175k). But
    SQOs are 16% below plan and NRR is 97.7% (−1.7 pp)."
    """
    worst = {one.statement.rule: one.clause for one in reversed(found) if one.clause}
    if lead is None or lead.current is None or lead.current.value is None:
        first = next(reversed(worst.values()), "")
        return f"{first[0].upper()}{first[1:]}." if first else f"No numbers for {look.period.name}."
    start, good, told = _lead(look, lead, changes)
    if told:
        worst.pop("mix", None)
    name = lead.name.partition(",")[0].lower()
    own = [clause for clause in reversed(worst.values()) if not clause.lower().startswith(f"{name} ")][:4]
    if not own:
        return f"{start}."
    told_of = _and(own)
    return f"{start}. But {told_of}." if good else f"{start}. {told_of[0].upper()}{told_of[1:]}."


def _and(clauses: Sequence[str]) -> str:
    """Clauses in one sentence; a comma parts the last from one that has an "and" of its own."""
    if len(clauses) == 1:
        return clauses[0]
    return f"{', '.join(clauses[:-1])}{',' if ' and ' in clauses[-2] else ''} and {clauses[-1]}"


def _lead(look: Lookup, lead: Measured, changes: Sequence[Change]) -> tuple[str, bool, bool]:
    """The first measure in words, whether it is good news, and whether the words say what made it change."""
    assert lead.current is not None
    unit = lead.current.unit
    name = lead.name.partition(",")[0]
    start = f"{name} {'are' if name.endswith('s') else 'is'} {amount_text(lead.current.value, unit, look.scale)}"
    renewed = next((one.now.value for one in changes if one.name == "Renewal" and lead.key == "won_revenue"), None)
    if renewed and lead.current.value:
        start += f" ({share_text(Fraction(renewed) / lead.current.value)} renewal)"
    attained = lead.attainment.attainment
    above = None if attained is None else lead.favourable(float(attained - 1))
    if attained is not None:
        side, size = "above" if attained > 1 else "below", share_text(abs(attained - 1))
        start += ", on plan" if size == "0%" else f", {size} {side} plan"
    at = base_of(lead)
    compared = lead.against(lead.points[at]) if at is not None else None
    if at is None or compared is None or compared.change is None:
        return start, above is not False, False
    base, up = look.long_names[at], lead.favourable(float(compared.change))
    link = "," if above is None else " but" if up is not None and up != above else " and"
    if not compared.change:
        return f"{start}{link} as in {base}", above is not False, False
    size = amount_text(abs(Fraction(compared.change)), unit, look.scale)
    size = size if compared.percent is None else change_text(abs(compared.percent))
    start += f"{link} {'up' if compared.change > 0 else 'down'} {size} vs {base}"
    parts = sorted((one for one in changes if look.scale.shows(one.change)), key=lambda one: -abs(one.change))
    said = ", ".join(f"{one.name.lower()} {look.scale.signed(one.change)}" for one in parts)
    return start + (f" ({said})" if said else ""), bool(up if above is None else above), bool(said)
