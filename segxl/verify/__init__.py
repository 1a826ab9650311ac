"""The proof of a pack: independent programs recalculate its formulas from the pack alone, and the results are compared.

Nothing here computes a number of a pack. segxl only reads the formulas and the values that it stored with them.
"""
