"""Facts: events and stocks as arrays, and the questions that the rooms above ask of them.

The scorecard asks :class:`segxl.facts.engine.Facts`, and its parts ``accounts``, ``revenue`` and ``bridge``. The report
counts accounts on :class:`segxl.facts.presence.Presence`. What a number needs and when it is taken is declared with
its measure, in :mod:`segxl.catalogue.measures`.
"""
