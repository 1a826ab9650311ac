"""Packs as workbooks."""
