"""`python -m redmine_analytics` is the command `redmine_report`."""

from __future__ import annotations

import sys

from redmine_analytics.report.cli import main

if __name__ == "__main__":
    sys.exit(main())
