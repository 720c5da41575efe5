"""Derived values of a model: one declaration for attribute, ORM and search.

declare/    DerivedField and the column that stands for it in a query
evaluate/   the value of an instance in Python, with the meaning that it has in SQL
search/     back ends of modelsearch that give the same answer everywhere, and rebuild
checks.py   system checks of every declaration
management/ check_derived_fields, refresh_derived_fields
"""

from __future__ import annotations

from wagtail_derived_fields.declare.fields import DerivedField
from wagtail_derived_fields.evaluate.months import MonthsBetween

__all__ = ["DerivedField", "MonthsBetween"]
