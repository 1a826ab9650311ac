"""The segment performance report: a cohort of accounts, compared over two timeframes."""
