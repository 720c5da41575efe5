"""manage.py loaddata from standard input, without --format."""

from __future__ import annotations
