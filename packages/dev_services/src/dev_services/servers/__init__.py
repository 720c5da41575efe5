"""Servers that are found, fetched, started, kept and stopped."""
