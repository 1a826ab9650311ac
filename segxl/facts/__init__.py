"""Facts: events and stocks as arrays, and the few questions that everything above asks of them.

This is the only room that knows how the numbers are computed; a second engine has to answer the questions of
:class:`segxl.facts.engine.Facts` and nothing else. What a number needs and when it is taken is declared with its
measure, in :mod:`segxl.catalogue.measures`.
"""
