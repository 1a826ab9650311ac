"""Which account a row belongs to."""
