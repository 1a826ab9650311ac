"""Texts as numbers, dates, flags."""
