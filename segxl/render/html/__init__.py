"""Packs as web pages."""
