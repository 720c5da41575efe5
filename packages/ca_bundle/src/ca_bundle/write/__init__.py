"""Write the report of the doctor, and bundles, each replaced in one step."""

from __future__ import annotations
