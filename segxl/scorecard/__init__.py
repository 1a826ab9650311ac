"""The segment scorecard: measures, the metrics made of them, and the views in which they are shown."""
