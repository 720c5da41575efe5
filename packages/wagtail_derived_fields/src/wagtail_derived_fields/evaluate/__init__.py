"""Evaluate a resolved expression in Python, with the meaning that it has in SQL."""

from __future__ import annotations
