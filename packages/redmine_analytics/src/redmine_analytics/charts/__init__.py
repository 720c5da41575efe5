"""Draw tables: imports nothing of ours, and matplotlib only when something is drawn."""

from __future__ import annotations

from redmine_analytics.charts.result import Result

__all__ = ["Result"]
