"""From pages and models to files: workbooks, web pages, JSON, the ledger. Nothing here computes."""
