"""Use a bundle at run time, for its hosts only: needs Requests and nothing else."""

from __future__ import annotations
