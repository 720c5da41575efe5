"""manage.py loaddata from standard input, without --format."""

from __future__ import annotations

from loaddata_stdin.exceptions import LoaddataStdinError
from loaddata_stdin.limits import Limits
from loaddata_stdin.load import load
from loaddata_stdin.options import Options
from loaddata_stdin.report import Report
from loaddata_stdin.substitute import Substitution

__all__ = [
    "Limits",
    "LoaddataStdinError",
    "Options",
    "Report",
    "Substitution",
    "load",
]
