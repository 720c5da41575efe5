#!/usr/bin/env python
"""Run a management command of the site."""

from __future__ import annotations

from ixdjango.entry import main

if __name__ == "__main__":
    main("testproject.settings")
