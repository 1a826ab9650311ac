"""The segment scorecard: figures of the catalogue's metrics for a period, with checks, plans and warnings."""
