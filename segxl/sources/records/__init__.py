"""Which rows of a file are records, and which are totals, duplicates, or parts of another record."""
