"""Declare a derived value as a field without a column."""

from __future__ import annotations
