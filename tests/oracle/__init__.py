"""Oracles: slow, plain second versions of every number, written from the source documents and not from segxl's code.

``scorecard`` knows deals, money, membership and the comparisons; ``sales_process`` phases, the pipeline bridge and what
is due; ``segment_metrics`` accounts, MRR and retention; ``demand`` leads and costs; ``report`` the segment performance
report. Each lists its decisions where the documents leave a choice. ``worlds``, ``wide_worlds`` and ``report_worlds``
draw random companies; ``test_…_by_hand`` prove the oracles by numbers worked by hand. ``tests/agreement.py`` compares
them with segxl's JSON, both ways.
"""
