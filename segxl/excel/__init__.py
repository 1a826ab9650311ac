"""Excel as a host: the input workbook, its buttons, and what they need on this computer."""
