"""The pages of the segment performance report."""
