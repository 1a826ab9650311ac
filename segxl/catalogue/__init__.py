"""The catalogue of metrics: what each one is, its views, formulas and names. It knows no data."""
