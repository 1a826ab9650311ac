"""The pages of the scorecard and of the executive pack."""
