"""The ledger of rows as text and CSV."""
