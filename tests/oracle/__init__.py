"""Oracles: slow, plain second versions of every number, written from the source documents and not from segxl's code.

``deals`` knows the metrics of deals, money, membership and the comparisons; ``sales_process`` phases, the pipeline
bridge and the expected closing; ``segment_metrics`` accounts, MRR and retention; ``demand`` leads and costs; ``report``
the segment performance report. Each lists its decisions where the documents leave a choice. ``worlds`` draws random
companies with deals, ``all_tables_worlds`` with all tables, ``report_worlds`` for the report.
``test_deals_by_hand``, ``test_all_tables_by_hand`` and ``test_report_oracle_by_hand`` prove the oracles by numbers
worked by hand. ``tests/agreement.py`` compares them with segxl's JSON, both ways.
"""
