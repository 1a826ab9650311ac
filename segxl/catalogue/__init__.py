"""The catalogue of metrics: their definitions, views, formulas and names. It contains no data."""
