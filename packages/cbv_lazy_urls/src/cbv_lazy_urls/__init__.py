"""Class-based views named in urls.py, imported on first use.

conf        what a urls.py calls: path, include, lazy, lazy_urls, lazy_patterns
views       from a dotted name to a view          places     the line that names it
patterns    what stands in `urlpatterns`          tables     what reverse() reads
loading     load all of it: preload, stats, the deep check
analysis/   the static check: find a module, read its facts, judge a view
codemod/    from an eager urls.py to a lazy one, and back (a command of its own)
"""

from __future__ import annotations

from .conf import include, lazy, lazy_patterns, lazy_urls, path, re_path
from .loading import preload, stats
from .views import Load

__all__ = [
    "Load",
    "include",
    "lazy",
    "lazy_patterns",
    "lazy_urls",
    "path",
    "preload",
    "re_path",
    "stats",
]
