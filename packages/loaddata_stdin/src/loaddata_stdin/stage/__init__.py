"""Staging tables, and how rows come into them."""
