"""The site that runs every Fieldkit app together."""

from __future__ import annotations
