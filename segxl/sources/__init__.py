"""From exports to tables: files read, columns mapped, values read, every row in the ledger."""
