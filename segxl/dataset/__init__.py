"""A source as one dataset: its tables matched and linked, its segments, targets and cut-off."""
