"""Facts: events and stocks as arrays, and the few questions that everything above asks of them.

This is the only room that knows how the numbers are computed; a second engine has to answer the questions of
:class:`segxl.facts.engine.Facts` and nothing else. The names below are light, so that the catalogue can use them
without loading the engine.
"""

from typing import Literal

Quantity = Literal["count", "cents", "days", "accounts"]
"""What is added up: events, their amounts, their days from creation; or distinct accounts."""

OPEN = "open"
"""The stock of open opportunities, where events have created, won, lost and timed."""
