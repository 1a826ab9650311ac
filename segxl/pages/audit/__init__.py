"""The pages that prove the numbers: checks, sources, definitions, sensitivity."""
